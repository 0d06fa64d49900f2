"""What is counted of one step of a sweep, over all farms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.regimes import Roles
from openfisca_stoffenbalans.scenario.charges import levy_paid
from openfisca_stoffenbalans.scenario.exact import Integers, Sheet, tally
from openfisca_stoffenbalans.scenario.excess import excess_kg
from openfisca_stoffenbalans.scenario.run import BASELINE, Outcome
from openfisca_stoffenbalans.scenario.statistics import (
    COMPLIES,
    EXCEEDS,
    UNDETERMINED,
    Farms,
    difference,
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
    verdict, before = farms(roles.verdict), base(roles.verdict)

    def once(name: str, columns: Sequence[str], make: Callable[[], Sheet]) -> Sheet:
        key = (name, farms.key(*columns))
        if key not in known:
            known[key] = make()
        return known[key]

    found = {
        "farms_assessed": once(
            "assessed", roles.of("assessed") or [roles.verdict], lambda: of_all(weights, farms.assessed)
        ),
        "farms_exceeding": once("exceeds", [roles.verdict], lambda: of_all(weights, verdict == EXCEEDS)),
        "farms_undetermined": once("undetermined", [roles.verdict], lambda: of_all(weights, verdict == UNDETERMINED)),
        "newly_exceeding": of_all(weights, (verdict == EXCEEDS) & (before != EXCEEDS)),
        "newly_complying": of_all(weights, (verdict == COMPLIES) & (before != COMPLIES)),
    }
    if roles.obliged:
        found["farms_obliged"] = once("obliged", [roles.obliged], lambda: of_all(weights, farms(roles.obliged) != 0))
    if roles.levy:
        found["farms_paying"] = once("paying", [roles.levy], lambda: of_all(weights, levy_paid(farms) > 0))
    for name, columns, of in amounts(roles):
        found[name] = once(name, columns, lambda of=of: total_of_all(weights, of(farms)))  # type: ignore[misc]
    return found


def amounts(roles: Roles) -> list[tuple[str, Sequence[str], Callable[[Farms], Any]]]:
    """The amounts of a step, kg or euro: statistic, the columns it is made of, and how."""
    found: list[tuple[str, Sequence[str], Callable[[Farms], Any]]] = []
    if "nitrogen" in roles.balance:
        nitrogen = roles.balance["nitrogen"]
        found.append(("surplus_total_t", [nitrogen], lambda farms: farms(nitrogen)))
    if roles.headroom:
        found.append(("excess_total_t", roles.of("headroom", "verdict"), excess_kg))
    if roles.levy:
        found.append(("levy_total_euro", [roles.levy], levy_paid))
    return found


def between(outcome: Outcome, one: str, other: str, roles: Roles, weights: Integers) -> list[Sheet]:
    """The sheets of what differs between two steps: the surplus of farms, their excess, their levy."""
    steps = Farms(outcome, one, roles), Farms(outcome, other, roles)
    return [
        total_of_all(weights, difference(*(grams(of(step)) for step in steps)) / 1000) for _, _, of in amounts(roles)
    ]
