"""What crossed the farm gate and what lay in store: nitrogen and phosphate of a farm."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import Direction
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.numbers import added
from openfisca_stoffenbalans.slots import total
from openfisca_stoffenbalans.variables.balance.farm_gate import known

BALANCE = "KringloopWijzer bedrijfsbalans"
SOIL_PARTS = ("fixation", "deposition", "mineralisation")


def through_gate(farm, period, nutrient, direction):
    """Kg of a nutrient in all flows of a direction."""
    of_direction = farm.members("flow_direction", period) == direction
    return known(
        farm, period, total(farm, "flow", numpy.where(of_direction, farm.members(f"flow_{nutrient}", period), 0))
    )


def stock_increase(farm, period, nutrient):
    """Kg of a nutrient in store at the end of the year less that at its beginning."""
    increase = farm.members(f"stock_{nutrient}_closing", period) - farm.members(f"stock_{nutrient}_opening", period)
    return known(farm, period, total(farm, "stock", increase))


def from_soil(farm, period, part, without_fields):
    """Kg N of a part of the soil balance; for a farm without fields 0 when it has no land, else `without_fields`."""
    area = farm("nl_soil_area_ha", period)
    no_land = numpy.where(farm("utilised_area_ha", period) == 0, 0, without_fields)
    kg = numpy.where(area > 0, farm(f"nl_soil_supply_{part}", period) * area, no_land)
    return known(farm, period, kg)


class nl_farm_flow_supply_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Aanvoer stikstof (nitrogen supplied through the farm gate)"
    reference = BALANCE

    def formula(farm, period, parameters):
        return through_gate(farm, period, "nitrogen", Direction.supply)


class nl_farm_fixation_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Stikstofbinding (nitrogen fixed by crops): of the fields, without fields of the crops by their area"
    reference = [BALANCE, "KringloopWijzer BEN"]

    def formula(farm, period, parameters):
        return from_soil(farm, period, "fixation", farm("legume_nitrogen_fixation", period))


class nl_farm_deposition_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Depositie (nitrogen from the air) on the farm's fields"
    reference = [BALANCE, "KringloopWijzer BEN"]

    def formula(farm, period, parameters):
        return from_soil(farm, period, "deposition", numpy.nan)


class nl_farm_mineralisation_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Mineralisatie (nitrogen released by the soil) of the farm's fields"
    reference = [BALANCE, "KringloopWijzer BEN"]

    def formula(farm, period, parameters):
        return from_soil(farm, period, "mineralisation", numpy.nan)


class nl_farm_supply_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Aanvoer stikstof (nitrogen supply): farm gate, fixation, deposition and mineralisation"
    reference = BALANCE

    def formula(farm, period, parameters):
        parts = [farm(f"nl_farm_{part}_nitrogen", period) for part in SOIL_PARTS]
        return added([farm("nl_farm_flow_supply_nitrogen", period), *parts])


class nl_farm_supply_phosphate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Aanvoer fosfaat (phosphate supplied through the farm gate)"
    reference = BALANCE

    def formula(farm, period, parameters):
        return through_gate(farm, period, "phosphate", Direction.supply)


class nl_farm_removal_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Afvoer stikstof (nitrogen removed through the farm gate)"
    reference = BALANCE

    def formula(farm, period, parameters):
        return through_gate(farm, period, "nitrogen", Direction.removal)


class nl_farm_removal_phosphate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Afvoer fosfaat (phosphate removed through the farm gate)"
    reference = BALANCE

    def formula(farm, period, parameters):
        return through_gate(farm, period, "phosphate", Direction.removal)


class nl_farm_stock_increase_nitrogen(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"
    label = "Voorraadtoename stikstof (nitrogen in store at the end of the year less that at its beginning)"
    reference = BALANCE

    def formula(farm, period, parameters):
        return stock_increase(farm, period, "nitrogen")


class nl_farm_stock_increase_phosphate(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg P2O5"
    label = "Voorraadtoename fosfaat (phosphate in store at the end of the year less that at its beginning)"
    reference = BALANCE

    def formula(farm, period, parameters):
        return stock_increase(farm, period, "phosphate")
