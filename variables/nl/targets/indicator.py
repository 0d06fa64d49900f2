"""The indicator that a target is set for, and what it is counted by."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.slots import has, lines
from openfisca_stoffenbalans.variables.nl.targets.scheme import REFERENCE, chosen, indicator

KG_PER_TONNE = 1000


def of_indicator(farm, period, one):
    """Kg of an indicator; 0 of land that a farm does not have."""
    kg = farm(one.variable, period)
    return numpy.where((farm("utilised_area_ha", period) == 0) & numpy.isnan(kg), 0, kg) if one.of_land else kg


def hectares(farm, period):
    """Utilised area."""
    return farm("utilised_area_ha", period)


def livestock_units(farm, period):
    """Livestock units; 0 without a herd."""
    return numpy.where(farm("has_herd", period), farm("nl_livestock_units", period), 0)


def tonnes_of_milk(farm, period):
    """Tonnes of milk corrected for fat and protein; 0 where no milk is declared and no dairy cow is kept."""
    milk = farm("milk_kg", period)
    herds = lines(farm, "herd")
    cows = has(farm, "herd", herds("nl_herd_is_dairy_cows", period) & (herds("herd_count", period) > 0))
    none = (milk == 0) | (numpy.isnan(milk) & ~cows)
    return numpy.where(none, 0, farm("nl_fpcm_kg", period) / KG_PER_TONNE)


def one_farm(farm, period):
    """One."""
    return farm.filled_array(1.0)


AMOUNTS = {"hectare": hectares, "livestock_unit": livestock_units, "fpcm": tonnes_of_milk, "farm": one_farm}


class nl_target_indicator(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator"
    label = "The indicator that a target is set for, on the whole farm"
    reference = REFERENCE

    def formula(farm, period, parameters):
        kg = of_indicator(farm, period, indicator(Law(farm, period, parameters)))
        return numpy.where(farm("nl_obliged", period), kg, numpy.nan)


class nl_target_basis(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "hectares, livestock units, 1000 kg of milk, or farms"
    label = "What a target is counted by: utilised area, livestock units, tonnes of FPCM, or 1 for the farm"
    reference = REFERENCE

    def formula(farm, period, parameters):
        amount = AMOUNTS[chosen(Law(farm, period, parameters), "basis")](farm, period)
        return numpy.where(farm("nl_obliged", period), amount, numpy.nan)


class nl_target_indicator_per_basis(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator per unit of the basis"
    label = "The indicator by what a target is counted by; missing for a farm without it"
    reference = REFERENCE

    def formula(farm, period, parameters):
        basis = farm("nl_target_basis", period)
        return farm("nl_target_indicator", period) / numpy.where(basis > 0, basis, numpy.nan)
