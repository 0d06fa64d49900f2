"""Livestock units, milk corrected for fat and protein, and what of the forfaits is derived."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Animal
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import Law, gather
from openfisca_stoffenbalans.slots import has, lines, on, total
from openfisca_stoffenbalans.variables.balance.farm_gate import known
from openfisca_stoffenbalans.variables.nl.forfaits.excretion import of_herd
from openfisca_stoffenbalans.variables.nl.forfaits.tables import livestock_units
from openfisca_stoffenbalans.words import bits, phrases, sentences

PRODUCTS = "nl.products"
UNITS = "Meststoffenwet (2005-07-01) bijlage A"
NOTES = ("livestock units by the last MINAS text (2005)", "nitrogen of milk by the protein of the farm's milk")


class nl_herd_livestock_units(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "livestock units"
    label = "Grootvee-eenheden (livestock units) of a herd: declared, else by bijlage A of the MINAS (100, 101, 102)"
    reference = UNITS

    @on("herd")
    def formula(entry, period, parameters):
        per_animal = gather(entry, period, parameters, livestock_units, entry("herd_animal", period))
        return of_herd(entry, period, per_animal, entry("herd_livestock_units", period))


class nl_livestock_units(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "livestock units"
    label = "Grootvee-eenheden (livestock units) of all herds; missing where one is"
    reference = UNITS

    def formula(farm, period, parameters):
        return known(farm, period, total(farm, "herd", farm.members("nl_herd_livestock_units", period)))


class nl_fpcm_kg(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg"
    label = "Meetmelk (fat- and protein-corrected milk of cows); missing for milk of a farm without dairy cows"
    reference = "KringloopWijzer FPCM"

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        fat = law.value(f"{PRODUCTS}.fpcm_per_fat_pct") * farm("milk_fat_pct", period)
        protein = law.value(f"{PRODUCTS}.fpcm_per_protein_pct") * farm("milk_protein_pct", period)
        milk, herd = farm("milk_kg", period), lines(farm, "herd")
        cows = has(farm, "herd", herd("nl_herd_is_dairy_cows", period) & (herd("herd_count", period) != 0))
        return numpy.where(cows | (milk == 0), milk * (law.value(f"{PRODUCTS}.fpcm_base") + fat + protein), numpy.nan)


class nl_derived(Variable):
    value_type = str
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Which Dutch values were derived, or taken from a text that is not of the balance year"
    reference = [UNITS, "KringloopWijzer FPCM"]

    def formula(farm, period, parameters):
        herd, flow = lines(farm, "herd"), lines(farm, "flow")
        undeclared = numpy.isnan(herd("herd_livestock_units", period)) & (herd("herd_animal", period) != Animal.none)
        units = undeclared & (herd("nl_herd_livestock_units", period) > 0)
        undeclared = numpy.isnan(flow("flow_crude_protein_pct", period)) & numpy.isnan(flow("flow_n_content", period))
        of_milk = undeclared & ~numpy.isnan(flow("flow_protein_nitrogen", period))
        said = bits([has(farm, "herd", units), has(farm, "flow", of_milk)])
        return sentences(farm("farm_year_known", period), (said, phrases(NOTES, between="; ")))
