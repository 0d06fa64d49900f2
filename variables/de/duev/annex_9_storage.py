"""Livestock units and stocking density."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Animal
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import has, lines, on, total
from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import foreign

CATEGORIES = "de.duev.herd_categories"
KEY = "de.duev.annex_9_storage.table_2"


def livestock_units_per_animal(law, animal):
    """GV per animal by the key; NaN where the key has no value (goats, rabbits, game, animals of other tables)."""
    if animal == NONE or foreign(animal):
        return 0 if animal == NONE else numpy.nan
    row = law.cell(CATEGORIES, animal, "livestock_unit_row")
    return numpy.nan if row is None else law.number(KEY, row, "livestock_units")


class herd_livestock_units_total(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "livestock units"
    label = "Livestock units of a herd: declared, else count x key; missing (NaN) without either"
    reference = ["DüV Anlage 9 Tabelle 2", "DüV Anlage 9 Tabelle 2 Fußnote 1"]

    @on("herd")
    def formula(entry, period, parameters):
        key = gather(entry, period, parameters, livestock_units_per_animal, entry("herd_animal", period))
        declared = entry("herd_livestock_units", period)
        units = numpy.where(numpy.isnan(declared), entry("herd_count", period) * key, declared)
        return numpy.where(entry("herd_animal", period) == Animal.none, 0, units)


class livestock_units(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "livestock units"
    label = "Großvieheinheiten (livestock units) of the farm"
    reference = ["DüV Anlage 9 Tabelle 2", "StoffBilV Anlage 2 Tabelle 1 Zeile 3"]

    def formula(farm, period, parameters):
        units = total(farm, "herd", farm.members("herd_livestock_units_total", period))
        return numpy.where(farm("farm_year_known", period), units, numpy.nan)


class stocking_density(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "livestock units/ha"
    label = "Tierbesatzdichte (stocking density); missing for a farm without land"
    reference = ["StoffBilV § 1 Abs. 2 Nr. 1", "StoffBilV Anlage 2 Tabelle 1 Zeile 4"]

    def formula(farm, period, parameters):
        area = farm("utilised_area_ha", period)
        return farm("livestock_units", period) / numpy.where(area > 0, area, numpy.nan)


class keeps_livestock(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Viehhaltender Betrieb: a herd with more than no animals"
    reference = "StoffBilV § 1 Abs. 2 Nr. 2"

    def formula(farm, period, parameters):
        return has(farm, "herd", lines(farm, "herd")("herd_count", period) > 0)
