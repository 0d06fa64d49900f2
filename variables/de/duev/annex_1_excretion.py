"""Excretion of animals and their uptake from roughage."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import ANIMALS, Animal
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import on, total

EXCRETION = "de.duev.annex_1_excretion.table_1"
ROUGHAGE = "de.duev.annex_1_excretion.table_2"
CATEGORIES = "de.duev.herd_categories"


def foreign(animal):
    """Whether an animal is no row of the DüV's tables, which then have no value for it."""
    return animal != NONE and ANIMALS[animal].table != EXCRETION


def excreted(law, animal, column):
    """Kg per animal or place and year; 0 for no animal, NaN for one of another country's tables."""
    if animal == NONE or foreign(animal):
        return 0 if animal == NONE else numpy.nan
    return law.number(EXCRETION, animal, column)


def excretion_nitrogen(law, animal):
    """Kg N per animal or place and year."""
    return excreted(law, animal, "n")


def excretion_phosphate(law, animal):
    """Kg P2O5 per animal or place and year."""
    return excreted(law, animal, "p2o5")


def roughage_nitrogen(law, animal):
    """Kg N taken up from roughage per animal or place and year; 0 for other animals than cattle without a row."""
    if animal == NONE or foreign(animal):
        return 0 if animal == NONE else numpy.nan
    row = law.cell(CATEGORIES, animal, "roughage_row")
    if row is None:
        return numpy.nan if law.cell(CATEGORIES, animal, "species") == "rinder" else 0
    return law.number(ROUGHAGE, row, "n")


class herd_excretion_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stickstoffausscheidung (nitrogen excretion) of a herd: declared, else count x table"
    reference = ["DüV Anlage 1 Tabelle 1", "StoffBilV Anlage 4 Tabelle 1 Zeile 2"]

    @on("herd")
    def formula(entry, period, parameters):
        per_animal = gather(entry, period, parameters, excretion_nitrogen, entry("herd_animal", period))
        declared = entry("herd_n_excretion_kg", period)
        kg = numpy.where(numpy.isnan(declared), entry("herd_count", period) * per_animal, declared)
        return numpy.where(entry("herd_animal", period) == Animal.none, 0, kg)


class herd_excretion_phosphate(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphatausscheidung (phosphate excretion) of a herd: declared, else count x table"
    reference = "DüV Anlage 1 Tabelle 1"

    @on("herd")
    def formula(entry, period, parameters):
        per_animal = gather(entry, period, parameters, excretion_phosphate, entry("herd_animal", period))
        declared = entry("herd_p2o5_excretion_kg", period)
        kg = numpy.where(numpy.isnan(declared), entry("herd_count", period) * per_animal, declared)
        return numpy.where(entry("herd_animal", period) == Animal.none, 0, kg)


class nitrogen_excretion(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen excretion of all herds"
    reference = ["DüV Anlage 1 Tabelle 1", "StoffBilV § 3 Abs. 4 Satz 2"]

    def formula(farm, period, parameters):
        return total(farm, "herd", farm.members("herd_excretion_nitrogen", period))


class phosphate_excretion(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate excretion of all herds"
    reference = "DüV Anlage 1 Tabelle 1"

    def formula(farm, period, parameters):
        return total(farm, "herd", farm.members("herd_excretion_phosphate", period))


class roughage_nitrogen_uptake(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen that all herds take up from roughage"
    reference = ["DüV Anlage 1 Tabelle 2 (Fassung bis 30.4.2020)", "StoffBilV Anlage 4 Tabelle 1 Zeile 7"]

    def formula(farm, period, parameters):
        return total(farm, "herd", farm.members("herd_roughage_nitrogen", period))


class herd_roughage_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Nitrogen a herd takes up from roughage; missing (NaN) for cattle without a row in the table"
    reference = [
        "DüV Anlage 1 Tabelle 2 (Fassung bis 30.4.2020)",
        "DüV § 8 Abs. 3 Satz 1 (Fassung bis 30.4.2020)",
        "StoffBilV Anlage 4 Tabelle 1 Zeile 7",
    ]

    @on("herd")
    def formula(entry, period, parameters):
        per_animal = gather(entry, period, parameters, roughage_nitrogen, entry("herd_animal", period))
        kg = entry("herd_count", period) * per_animal
        return numpy.where(entry("herd_animal", period) == Animal.none, 0, kg)
