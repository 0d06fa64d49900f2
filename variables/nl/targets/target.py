"""The target of a farm: norm, path and zone, and how far the farm is from it."""

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.codes import GroundwaterProtectionZone, Natura2000Zone, NutrientPollutedZone, Verdict
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.variables.nl.targets.indicator import AMOUNTS, of_indicator
from openfisca_stoffenbalans.variables.nl.targets.scheme import (
    FLAT,
    OWN_YEAR,
    REFERENCE,
    TARGETS,
    chosen,
    indicator,
    norm_of_variable,
    number,
    reduction,
    why_no_target,
)

ZONES = {
    "natura_2000": ("natura_2000_zone", Natura2000Zone),
    "groundwater_protection": ("groundwater_protection_zone", GroundwaterProtectionZone),
    "nutrient_polluted": ("nutrient_polluted_zone", NutrientPollutedZone),
}


def by_basis(law):
    """Whether the norm is counted by the basis, and not in kg on the farm."""
    return chosen(law, "norm_from") in (FLAT, OWN_YEAR)


def without_basis(farm, period, law):
    """Which farms have nothing that the norm could be counted by."""
    if by_basis(law):
        return farm("nl_target_basis", period) == 0
    norm = norm_of_variable(law)
    landless = farm("utilised_area_ha", period) == 0
    return landless if norm is not None and norm.of_land else numpy.zeros(farm.count, dtype=numpy.bool_)


def reference_period(period, law):
    """The balance year that begins in the reference year, with the same day; None where no year is given."""
    year = number(law, f"{TARGETS}.reference_year")
    return None if numpy.isnan(year) else period.offset(int(year) - period.start.year, DateUnit.YEAR)


def own_norm(farm, period, law):
    """The farm's own indicator by the basis in the reference year; missing where that year is not known."""
    year = reference_period(period, law)
    known = farm("nl_obliged", year) if year else numpy.zeros(farm.count, dtype=numpy.bool_)
    # Years before the data are not computed for nothing.
    if not known.any():
        return farm.filled_array(numpy.nan)
    # What the balance year chooses, whatever held in the reference year.
    kg = of_indicator(farm, year, indicator(law))
    basis = AMOUNTS[chosen(law, "basis")](farm, year)
    return kg / numpy.where(known & (basis > 0), basis, numpy.nan)


def norm_kg(farm, period, law):
    """The norm before path and zone, kg on the farm; missing without one."""
    if by_basis(law):
        flat = chosen(law, "norm_from") == FLAT
        per_basis = number(law, f"{TARGETS}.norm") if flat else own_norm(farm, period, law)
        return per_basis * farm("nl_target_basis", period)
    norm = norm_of_variable(law)
    return farm.filled_array(numpy.nan) if norm is None else farm(norm.variable, period)


def tightened(kg, share):
    """A share of a norm; a norm below 0 is not tightened, for a share of it would be more."""
    return numpy.where(kg > 0, kg * share, kg)


class nl_target_norm(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator"
    label = "Norm before path and zone, on the whole farm"
    reference = REFERENCE

    def formula(farm, period, parameters):
        kg = norm_kg(farm, period, Law(farm, period, parameters))
        return numpy.where(farm("nl_obliged", period), kg, numpy.nan)


class nl_target_path_share(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Share of the norm that the path to its last year leaves in the balance year"
    reference = REFERENCE

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        return farm.filled_array(1 - reduction(law, period.start.year))


class nl_target_zone_factor(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "share"
    label = "Share of the norm that the strictest zone of the farm leaves; missing where an unknown zone could be it"
    reference = REFERENCE

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        factors = {zone: law.value(f"{TARGETS}.zone_factors.{zone}") for zone in ZONES}
        inside, possible = (
            numpy.minimum.reduce([numpy.where(where[zone], factors[zone], 1) for zone in ZONES])
            for where in lies_in(farm, period)
        )
        return numpy.where(possible < inside, numpy.nan, inside)


def lies_in(farm, period):
    """Zone -> the farms that lie in it for certain; zone -> those that may."""
    answers = {zone: (farm(name, period), kind, name) for zone, (name, kind) in ZONES.items()}
    yield {zone: answer == kind[name] for zone, (answer, kind, name) in answers.items()}
    yield {zone: answer != kind[f"no_{name}"] for zone, (answer, kind, name) in answers.items()}


class nl_target_limit(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator"
    label = "Target on the whole farm: norm by path and zone; a norm below 0 stays as it is"
    reference = REFERENCE

    def formula(farm, period, parameters):
        path = farm("nl_target_path_share", period)
        kg = tightened(farm("nl_target_norm", period), path * farm("nl_target_zone_factor", period))
        none = without_basis(farm, period, Law(farm, period, parameters))
        return numpy.where(none | numpy.isnan(path), numpy.nan, kg)


class nl_target_limit_per_basis(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator per unit of the basis"
    label = "Target by what it is counted by; missing for a farm without it"
    reference = REFERENCE

    def formula(farm, period, parameters):
        basis = farm("nl_target_basis", period)
        return farm("nl_target_limit", period) / numpy.where(basis > 0, basis, numpy.nan)


class nl_target_headroom(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator"
    label = "Target less indicator on the whole farm; negative: above the target"
    reference = REFERENCE

    def formula(farm, period, parameters):
        return farm("nl_target_limit", period) - farm("nl_target_indicator", period)


class nl_target_distance(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg of the indicator"
    label = "By how much the farm is above its target; 0 on it and below, to a gram"
    reference = REFERENCE

    def formula(farm, period, parameters):
        above = -farm("nl_target_headroom", period)
        over = exceeds(farm("nl_target_indicator", period), farm("nl_target_limit", period))
        return numpy.where(numpy.isnan(above), numpy.nan, numpy.where(over, above, 0))


class nl_target_distance_pct(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "percent"
    label = "By how much the farm is above its target, in percent of it; missing for a target of 0 or less"
    reference = REFERENCE

    def formula(farm, period, parameters):
        limit = farm("nl_target_limit", period)
        return 100 * farm("nl_target_distance", period) / numpy.where(limit > 0, limit, numpy.nan)


class nl_target_assessed(Variable):
    value_type = bool
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "There is a target, and the farm has what it is counted by, or what is missing decides so"
    reference = REFERENCE

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        there = farm.filled_array(not why_no_target(law, period.start.year))
        return farm("nl_obliged", period) & there & ~without_basis(farm, period, law)


class nl_target_verdict(Variable):
    value_type = Enum
    possible_values = Verdict
    default_value = Verdict.not_assessed
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Whether the farm is above its target, whatever the instrument"
    reference = REFERENCE

    def formula(farm, period, parameters):
        held, limit = farm("nl_target_indicator", period), farm("nl_target_limit", period)
        cases = [~farm("nl_target_assessed", period), numpy.isnan(held + limit), exceeds(held, limit)]
        verdicts = [Verdict.not_assessed, Verdict.undetermined, Verdict.exceeds]
        return numpy.select(cases, [verdict.index for verdict in verdicts], Verdict.complies.index)
