"""What follows from a target: a reward for staying below it, a levy on what lies above."""

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.numbers import exceeds
from openfisca_stoffenbalans.variables.nl.targets.scheme import REFERENCE, TARGETS, chosen, number


def pairs(law, place, first, second):
    """The pairs of numbers of the steps or brackets at a place, in the order of their names; NaN for none."""
    parts = law.table(place).children
    return [tuple(number(law, f"{place}.{part}.{name}") for name in (first, second)) for part in parts]


def steps(law):
    """(share of the target, reward) of the steps of a reward; a step without one of them is none."""
    return [pair for pair in pairs(law, f"{TARGETS}.reward", "share", "reward") if not numpy.isnan(pair).any()]


def brackets(law):
    """(kg above the target per unit of the basis, euro per kg) of the brackets of a levy, the lowest first.

    A bracket without a rate is none; one that does not say where it begins does so at the target.
    """
    found = pairs(law, f"{TARGETS}.levy", "above", "rate")
    return sorted((numpy.nan_to_num(start), rate) for start, rate in found if not numpy.isnan(rate))


def reward(held, limit, of_steps):
    """The highest reward of the steps that an amount reaches, 0 for none; missing where amount or limit is."""
    best = numpy.zeros(len(held))
    for share, amount in of_steps:
        # So that a share of a target below 0 is stricter than the target too.
        step = limit - (1 - share) * numpy.abs(limit)
        best = numpy.where(exceeds(held, step), best, numpy.maximum(best, amount))
    return numpy.where(numpy.isnan(held + limit), numpy.nan, best)


def levy(above, basis, of_brackets):
    """Euro on kg above a target: each bracket's rate on the kg from its beginning to the next one's."""
    euro, before = numpy.zeros(len(above)), 0
    for start, rate in of_brackets:
        kg = numpy.maximum(above - start * basis, 0) if start else above
        euro, before = euro + (rate - before) * kg, rate
    return numpy.where(above == 0, 0, numpy.where(numpy.isnan(above), numpy.nan, euro))


def of_instrument(law, name, numbers, amount):
    """An amount where the instrument is chosen, 0 with another one; missing where no numbers are set."""
    if chosen(law, "instrument") != name:
        return 0
    return amount if numbers else numpy.nan


class nl_target_reward(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "euro or points"
    label = "Reward for staying below shares of the target; 0 with another instrument, missing without steps or target"
    reference = REFERENCE

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        held, limit = farm("nl_target_indicator", period), farm("nl_target_limit", period)
        amount = of_instrument(law, "reward", steps(law), reward(held, limit, steps(law)))
        return numpy.where(farm("nl_obliged", period), amount, numpy.nan)


class nl_target_levy(Variable):
    value_type = float
    default_value = numpy.nan
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "euro"
    label = "Levy on what lies above the target; 0 with another instrument, missing without rates or target"
    reference = REFERENCE

    def formula(farm, period, parameters):
        law = Law(farm, period, parameters)
        above, basis = farm("nl_target_distance", period), farm("nl_target_basis", period)
        amount = of_instrument(law, "levy", brackets(law), levy(above, basis, brackets(law)))
        return numpy.where(farm("nl_obliged", period), amount, numpy.nan)
