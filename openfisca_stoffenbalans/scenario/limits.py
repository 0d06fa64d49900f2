"""A sweep over a limit per hectare, read from surpluses sorted once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from openfisca_stoffenbalans.lookup import day_in_force
from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.regimes import Limit, Roles
from openfisca_stoffenbalans.scenario.build import baseline
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.exact import Integers, Sheet, tally
from openfisca_stoffenbalans.scenario.excess import excess_kg
from openfisca_stoffenbalans.scenario.run import BASELINE, Outcome, Plan
from openfisca_stoffenbalans.scenario.statistics import COMPLIES, EXCEEDS, UNDETERMINED, Farms
from openfisca_stoffenbalans.scenario.steps import Counted, of_all, total_of_all
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
from openfisca_stoffenbalans.tables import at


def shortcut(plan: Plan, limit: Limit, days: Sequence[str], system: Any = None) -> float | None:
    """The tolerance on the limit, percent, when the law's own formulas decide in the plan's baseline; else None.

    `days`: the first days (ISO) of the balance years; None also when the tolerance is not the same on all of them.
    """
    law = system if system is not None else CountryTaxBenefitSystem()
    own = law
    while own.baseline is not None:
        own = own.baseline
    start = plan.baseline if isinstance(plan.baseline, str) else Scenario.from_spec(plan.baseline)
    first = baseline(start, law, plan.regime)
    if any(first.variables[name] is not own.variables[name] for name in limit.formulas):
        return None
    if not limit.tolerance:
        return 0.0
    values = at(first.parameters, limit.tolerance).values_list
    in_force = {day_in_force(values, day) for day in days}
    found = {next((value.value for value in values if value.instant_str <= day), None) for day in in_force}
    return found.pop() if len(found) == 1 else None


def counted_by_sorting(
    outcome: Outcome, roles: Roles, limit: Limit, steps: Sequence[tuple[float, ...]], weights: Integers, tolerance: Any
) -> dict[tuple[float, ...], Counted] | None:
    """The sheets of every step; None when the first and the last step, calculated in full, come out otherwise."""
    # A levy does not follow from the sorted amounts.
    if tolerance is None or roles.levy or not roles.headroom:
        return None
    base = Farms(outcome, BASELINE, roles)
    # Whose verdict the limit decides: by this method, and determined.
    chosen = base(limit.method) == limit.chosen if limit.method else numpy.ones(len(weights), dtype=numpy.bool_)
    decided = chosen & numpy.isin(base(roles.verdict), (COMPLIES, EXCEEDS))
    order = numpy.flatnonzero(decided)
    order = order[numpy.argsort(base(limit.held)[order], kind="stable")]
    held, area, weight = base(limit.held)[order], base(limit.area)[order], weights[order]
    sorted_grams = grams(held)

    def above(step: tuple[float, ...]) -> int:
        return int(numpy.searchsorted(sorted_grams, grams(step[0] * (1 + tolerance / 100)), side="right"))

    for step in (steps[0], steps[-1]):
        expected = base(roles.verdict).copy()
        expected[order] = COMPLIES
        expected[order[above(step) :]] = EXCEEDS
        if not numpy.array_equal(expected, outcome.of(str(step), roles.verdict)):
            return None
    before = base(roles.verdict)
    others = numpy.where(decided, UNDETERMINED, before) == EXCEEDS
    excess_of_others = numpy.where(others, excess_kg(base), numpy.nan)
    constant = {
        "farms_assessed": of_all(weights, base.assessed),
        "farms_undetermined": of_all(weights, before == UNDETERMINED),
    }
    if roles.obliged:
        constant["farms_obliged"] = of_all(weights, base(roles.obliged) != 0)
    if "nitrogen" in roles.balance:
        constant["surplus_total_t"] = total_of_all(weights, base(roles.balance["nitrogen"]))
    fixed, fixed_excess = of_all(weights, others), total_of_all(weights, excess_of_others)
    runs, was = Runs(weight), above_before(before[order])
    nobody, tail = numpy.zeros(len(order), dtype=numpy.int64), numpy.arange(len(order))
    found = {}
    for step in steps:
        first, value = above(step), step[0] * (1 + tolerance / 100)
        excess = grams(numpy.maximum(0, -((value - held[first:]) * area[first:]))).astype(numpy.int64)
        found[step] = {
            **constant,
            "farms_exceeding": runs.sheet(first, len(order)) + fixed,
            "newly_exceeding": runs.sheet(min(first, was), was),
            "newly_complying": runs.sheet(min(first, was), first),
            "excess_total_t": tally([nobody[first:]], 1, tail[first:] - first, weight[first:], excess) + fixed_excess,
        }
    return found


def above_before(verdicts: Any) -> int:
    """Where the farms that exceed in the baseline begin in the sorted order."""
    return int(len(verdicts) - (verdicts == EXCEEDS).sum())


class Runs:
    """Sheets of runs of sorted farms."""

    def __init__(self, weight: Integers) -> None:
        """Add the weights up once."""
        self.weight = weight
        self.reached = numpy.concatenate([[0], numpy.cumsum(weight)])

    def sheet(self, first: int, last: int) -> Sheet:
        """The farms from position `first` up to, not including, `last`."""
        total = int(self.reached[last] - self.reached[first])
        largest = self.weight[first:last].max() if last > first else 0
        return Sheet(
            [total], numpy.array([last - first]), [total], numpy.array([float(largest)]), numpy.array([float(total)])
        )
