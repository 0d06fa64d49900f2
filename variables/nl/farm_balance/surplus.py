"""Bedrijfsoverschot (farm surplus), and whether losses and soil surplus make it up."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.variables.balance.farm_gate import per_hectare
from openfisca_stoffenbalans.variables.nl.farm_balance.flows import BALANCE


def surplus(farm, period, supply, nutrient):
    """Supply less what left the farm and what was put in store."""
    gone = farm(f"nl_farm_removal_{nutrient}", period) + farm(f"nl_farm_stock_increase_{nutrient}", period)
    return supply - gone


def share_of(part, whole):
    """Percent of an amount; missing where that is 0."""
    return 100 * part / numpy.where(whole == 0, numpy.nan, whole)


class nl_farm_surplus_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Bedrijfsoverschot stikstof (farm surplus): aanvoer - afvoer - voorraadtoename"
    reference = BALANCE

    def formula(farm, period, parameters):
        return surplus(farm, period, farm("nl_farm_supply_nitrogen", period), "nitrogen")


class nl_farm_gate_surplus_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Farm surplus of nitrogen without deposition and mineralisation: flows, fixation and stocks only"
    reference = BALANCE

    def formula(farm, period, parameters):
        supply = farm("nl_farm_flow_supply_nitrogen", period) + farm("nl_farm_fixation_nitrogen", period)
        return surplus(farm, period, supply, "nitrogen")


class nl_farm_surplus_phosphate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Bedrijfsoverschot fosfaat (farm surplus): aanvoer - afvoer - voorraadtoename"
    reference = BALANCE

    def formula(farm, period, parameters):
        return surplus(farm, period, farm("nl_farm_supply_phosphate", period), "phosphate")


class nl_farm_surplus_nitrogen_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Bedrijfsoverschot stikstof (farm surplus) per hectare; missing for a farm without land"
    reference = BALANCE

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nl_farm_surplus_nitrogen", period))


class nl_farm_gate_surplus_nitrogen_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N/ha"
    label = "Farm surplus of nitrogen without deposition and mineralisation, per hectare; missing without land"
    reference = BALANCE

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nl_farm_gate_surplus_nitrogen", period))


class nl_farm_surplus_phosphate_per_ha(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5/ha"
    label = "Bedrijfsoverschot fosfaat (farm surplus) per hectare; missing for a farm without land"
    reference = BALANCE

    def formula(farm, period, parameters):
        return per_hectare(farm, period, farm("nl_farm_surplus_phosphate", period))


class nl_farm_closure_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Sluitfout stikstof (closure): farm surplus less gaseous losses and soil surplus, never forced to 0"
    reference = BALANCE

    def formula(farm, period, parameters):
        explained = farm("nl_gaseous_losses", period) + farm("nl_farm_soil_surplus_nitrogen", period)
        return farm("nl_farm_surplus_nitrogen", period) - explained


class nl_farm_closure_nitrogen_pct(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Sluitfout stikstof (closure) in percent of the farm surplus"
    reference = BALANCE

    def formula(farm, period, parameters):
        return share_of(farm("nl_farm_closure_nitrogen", period), farm("nl_farm_surplus_nitrogen", period))


class nl_farm_closure_phosphate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Sluitfout fosfaat (closure): farm surplus less soil surplus, never forced to 0"
    reference = BALANCE

    def formula(farm, period, parameters):
        return farm("nl_farm_surplus_phosphate", period) - farm("nl_soil_surplus_phosphate", period)


class nl_farm_closure_phosphate_pct(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "Sluitfout fosfaat (closure) in percent of the farm surplus"
    reference = BALANCE

    def formula(farm, period, parameters):
        return share_of(farm("nl_farm_closure_phosphate", period), farm("nl_farm_surplus_phosphate", period))
