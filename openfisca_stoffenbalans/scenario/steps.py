"""What is counted of one step of a sweep, over all farms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.regimes import Roles
from openfisca_stoffenbalans.scenario.exact import Integers, Sheet, tally
from openfisca_stoffenbalans.scenario.run import BASELINE, Outcome
from openfisca_stoffenbalans.scenario.statistics import (
    COMPLIES,
    EXCEEDS,
    UNDETERMINED,
    Farms,
    difference,
    excess_kg,
)

Counted = dict[str, Sheet]


def of_all(weights: Integers, condition: NDArray[numpy.bool_]) -> Sheet:
    """The sheet of the farms for which a condition holds."""
    everyone = [numpy.zeros(len(weights), dtype=numpy.int64)]
    return tally(everyone, 1, numpy.flatnonzero(condition), weights)


def total_of_all(weights: Integers, kg: NDArray[numpy.float64]) -> Sheet:
    """The sheet of an amount, kg, of the farms that have one."""
    where = numpy.flatnonzero(~numpy.isnan(kg))
    everyone = [numpy.zeros(len(weights), dtype=numpy.int64)]
    return tally(everyone, 1, where, weights, grams(kg[where]).astype(numpy.int64))


def count(outcome: Outcome, label: str, roles: Roles, weights: Integers, known: dict[Any, Sheet]) -> Counted:
    """The sheets of one step; `known` keeps those of columns that steps have in common."""
    farms, base = Farms(outcome, label, roles), Farms(outcome, BASELINE, roles)
    verdict, before, nitrogen = farms(roles.verdict), base(roles.verdict), roles.balance["nitrogen"]

    def once(name: str, columns: list[str], make: Callable[[], Sheet]) -> Sheet:
        key = (name, farms.key(*columns))
        if key not in known:
            known[key] = make()
        return known[key]

    return {
        "farms_obliged": once("obliged", [roles.obliged], lambda: of_all(weights, farms(roles.obliged) != 0)),
        "farms_assessed": once("assessed", [roles.assessed], lambda: of_all(weights, farms(roles.assessed) != 0)),
        "farms_exceeding": once("exceeds", [roles.verdict], lambda: of_all(weights, verdict == EXCEEDS)),
        "farms_undetermined": once("undetermined", [roles.verdict], lambda: of_all(weights, verdict == UNDETERMINED)),
        "newly_exceeding": of_all(weights, (verdict == EXCEEDS) & (before != EXCEEDS)),
        "newly_complying": of_all(weights, (verdict == COMPLIES) & (before != COMPLIES)),
        "excess_total_t": total_of_all(weights, excess_kg(farms)),
        "surplus_total_t": once("surplus", [nitrogen], lambda: total_of_all(weights, farms(nitrogen))),
    }


def between(outcome: Outcome, one: str, other: str, roles: Roles, weights: Integers) -> list[Sheet]:
    """The sheets of what differs between two steps: the surplus of farms, and their excess."""
    steps = Farms(outcome, one, roles), Farms(outcome, other, roles)
    amounts: list[Callable[[Farms], Any]] = [lambda farms: farms(roles.balance["nitrogen"]), excess_kg]
    return [total_of_all(weights, difference(*(grams(of(step)) for step in steps)) / 1000) for of in amounts]
