"""Bodemoverschot (soil surplus) of the farm: nitrogen by the soil balance, phosphate by what was spread and cut."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Crop
from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import NONE, gather
from openfisca_stoffenbalans.slots import has, lines, on, total
from openfisca_stoffenbalans.variables.balance.contents import declared_else, of_nothing
from openfisca_stoffenbalans.variables.balance.farm_gate import known
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import phosphate, units_of_table
from openfisca_stoffenbalans.variables.nl.farm_balance.flows import BALANCE
from openfisca_stoffenbalans.variables.nl.soil_balance.crops import GRAMS_PER_KG

BEP = "KringloopWijzer BEP"


def phosphate_per_kg(law, product):
    """Kg P2O5 per kg of a product by its table; NaN for a product without."""
    return numpy.nan if product == NONE else phosphate(law, product) * units_of_table(law, product, "kg")


class nl_application_phosphate(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate spread: amount x declared content, else the product's; 0 for an empty line"
    reference = BEP

    @on("application")
    def formula(entry, period, parameters):
        amount, declared = entry("application_amount_kg", period), entry("application_p2o5_g_per_kg", period)
        listed = gather(entry, period, parameters, phosphate_per_kg, entry("application_product", period))
        kg = of_nothing(amount, amount * declared_else(declared / GRAMS_PER_KG, listed))
        return numpy.where(entry("nl_application_is_empty", period), 0, kg)


class nl_crop_phosphate_removed(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Phosphate in a harvest: area x declared dry matter x declared content; 0 where the line is no harvest"
    reference = BEP

    @on("crop")
    def formula(entry, period, parameters):
        dry_matter = entry("crop_area_ha", period) * entry("crop_dm_yield_kg_per_ha", period)
        kg = of_nothing(dry_matter, dry_matter * entry("crop_p2o5_g_per_kg_dm", period) / GRAMS_PER_KG)
        harvest = entry("nl_crop_is_harvest", period) & (entry("crop_crop", period) != Crop.none)
        return numpy.where(harvest, kg, 0)


class nl_tells_of_its_land(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "The farm declares a crop or a spreading"
    reference = "Data contract, tables crops and applications"

    def formula(farm, period, parameters):
        crops = has(farm, "crop", lines(farm, "crop")("crop_crop", period) != Crop.none)
        return crops | has(farm, "application", ~lines(farm, "application")("nl_application_is_empty", period))


class nl_soil_surplus_phosphate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Bodemoverschot fosfaat (soil surplus): phosphate spread less phosphate in harvests"
    reference = [BALANCE, BEP]

    def formula(farm, period, parameters):
        spread = total(farm, "application", farm.members("nl_application_phosphate", period))
        removed = total(farm, "crop", farm.members("nl_crop_phosphate_removed", period))
        told = farm("nl_tells_of_its_land", period) | (farm("utilised_area_ha", period) == 0)
        return known(farm, period, numpy.where(told, spread - removed, numpy.nan))


class nl_farm_soil_surplus_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Bodemoverschot stikstof (soil surplus) of the whole farm; 0 for a farm without land"
    reference = [BALANCE, "KringloopWijzer BEN"]

    def formula(farm, period, parameters):
        kg = farm("nl_soil_surplus", period)
        return known(farm, period, numpy.where(farm("utilised_area_ha", period) == 0, 0, kg))
