"""Forfaitaire aangifte (flat-rate declaration): production of animals and uptake of crops by forfaits."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import ANIMALS, Category, Direction
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, Law, gather
from openfisca_stoffenbalans.slots import lines, on, total
from openfisca_stoffenbalans.tables import tables
from openfisca_stoffenbalans.variables.nl.minas.scope import LAW, counted
from openfisca_stoffenbalans.variables.nl.minas.supply import sum_of

ARTICLES = f"{LAW} art. 14–17"
ANNEX_F = f"{LAW} bijlage F"
UPTAKE = f"{LAW} art. 18"

PRODUCTION = "nl.minas.animal_production"
CROP_UPTAKE = "nl.minas.crop_uptake"
HOUSED_ANIMALS = "nl.manure_regulation.annex_d_table_1_excretion"

# "Mest" is what is no "kunstmest": animal manure and other organic fertiliser.
MANURE = (Category.animal_manure, Category.other_organic_fertiliser)
FERTILISER = (Category.mineral_fertiliser, *MANURE)


def produced(law, animal, nutrient):
    """Kg per animal and year by diernummer, whatever the housing; missing for an animal without a forfait."""
    if animal == NONE:
        return 0
    code = ANIMALS[animal]
    number = code.row.split("_")[0] if code.table == HOUSED_ANIMALS else ""
    return law.number(PRODUCTION, number, nutrient) if number in tables()[PRODUCTION].rows else numpy.nan


def nitrogen_produced(law, animal):
    """Kg N per animal and year."""
    return produced(law, animal, "n")


def phosphate_produced(law, animal):
    """Kg P2O5 per animal and year."""
    return produced(law, animal, "p2o5")


def production(entry, period, parameters, coefficient):
    """Kilograms that a herd produces; none at all counts 0, also without a forfait."""
    count = entry("herd_count", period)
    per_animal = gather(entry, period, parameters, coefficient, entry("herd_animal", period))
    return numpy.where((per_animal == 0) | (count == 0), 0, count * per_animal)


def of_categories(farm, period, categories):
    """Whether each flow is of one of these categories."""
    category = lines(farm, "flow")("flow_category", period).view(numpy.ndarray)
    return numpy.isin(category, [one.index for one in categories])


def uptake(farm, period, law, nutrient):
    """Kilograms that crops take up by the forfaits of grassland and arable land; nature land has none."""
    grass, arable = (law.number(CROP_UPTAKE, use, nutrient) for use in ("grassland", "arable"))
    return farm("minas_grassland_ha", period) * grass + farm("minas_arable_ha", period) * arable


class minas_forfaitary_supply_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Forfaitaire aangifte: nitrogen in manure and fertiliser supplied"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "nitrogen", Direction.supply, of_categories(farm, period, FERTILISER))


class minas_forfaitary_supply_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Forfaitaire aangifte: phosphate in manure and fertiliser supplied"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "phosphate", Direction.supply, of_categories(farm, period, FERTILISER))


class minas_forfaitary_removal_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Forfaitaire aangifte: nitrogen in manure removed"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "nitrogen", Direction.removal, of_categories(farm, period, MANURE))


class minas_forfaitary_removal_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Forfaitaire aangifte: phosphate in manure removed"
    reference = ARTICLES

    def formula(farm, period, parameters):
        return sum_of(farm, period, "phosphate", Direction.removal, of_categories(farm, period, MANURE))


class minas_herd_production_nitrogen(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Forfaitaire productie of a herd: animals x kg N; missing for an animal without a forfait"
    reference = ANNEX_F

    @on("herd")
    def formula(entry, period, parameters):
        return production(entry, period, parameters, nitrogen_produced)


class minas_herd_production_phosphate(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Forfaitaire productie of a herd: animals x kg P2O5; missing for an animal without a forfait"
    reference = ANNEX_F

    @on("herd")
    def formula(entry, period, parameters):
        return production(entry, period, parameters, phosphate_produced)


class minas_production_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Forfaitaire productie (nitrogen by animals)"
    reference = [ARTICLES, ANNEX_F]

    def formula(farm, period, parameters):
        return counted(farm, period, total(farm, "herd", farm.members("minas_herd_production_nitrogen", period)))


class minas_production_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Forfaitaire productie (phosphate by animals)"
    reference = [ARTICLES, ANNEX_F]

    def formula(farm, period, parameters):
        return counted(farm, period, total(farm, "herd", farm.members("minas_herd_production_phosphate", period)))


class minas_crop_uptake_nitrogen(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Gewasopname (uptake of nitrogen by crops): hectares of grassland and arable land x forfait"
    reference = UPTAKE

    def formula(farm, period, parameters):
        return uptake(farm, period, Law(farm, period, parameters), "n")


class minas_crop_uptake_phosphate(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Gewasopname (uptake of phosphate by crops): hectares of grassland and arable land x forfait"
    reference = UPTAKE

    def formula(farm, period, parameters):
        return uptake(farm, period, Law(farm, period, parameters), "p2o5")


class minas_surplus_nitrogen_forfaitary(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Forfaitaire aangifte: nitrogen supplied, produced and fixed less manure removed and uptake of crops"
    reference = [ARTICLES, UPTAKE]

    def formula(farm, period, parameters):
        supplied, made = farm("minas_forfaitary_supply_nitrogen", period), farm("minas_production_nitrogen", period)
        removed, taken = farm("minas_forfaitary_removal_nitrogen", period), farm("minas_crop_uptake_nitrogen", period)
        return supplied + made + farm("minas_nitrogen_fixation", period) - removed - taken


class minas_surplus_phosphate_forfaitary(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Forfaitaire aangifte: phosphate supplied and produced less manure removed and uptake of crops"
    reference = [ARTICLES, UPTAKE]

    def formula(farm, period, parameters):
        supplied, made = farm("minas_forfaitary_supply_phosphate", period), farm("minas_production_phosphate", period)
        removed, taken = farm("minas_forfaitary_removal_phosphate", period), farm("minas_crop_uptake_phosphate", period)
        return supplied + made - removed - taken
