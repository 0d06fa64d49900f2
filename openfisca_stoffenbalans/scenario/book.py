"""The book of a comparison: every amount by scenario and group, and how the amounts hang together."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.scenario.exact import Integers, Sheet, tally
from openfisca_stoffenbalans.scenario.groups import Groups
from openfisca_stoffenbalans.scenario.patterns import Rules

Term = tuple[int, int]
Values = NDArray[numpy.float64]


@dataclass(frozen=True)
class Statistic:
    """A published figure for every group.

    `values` are computed from the sheets in `parts`, the first of which says how many farms stand behind them;
    `only_all`: asked of all farms together and of no group; `beyond`: of a quantile, the farms on its nearer side, of
    which there must be enough; `needs`: cells (sheet, group) that the values of every group depend on.
    """

    scenario: str
    name: str
    unit: str
    values: Values
    parts: tuple[int, ...]
    only_all: bool = False
    beyond: Integers | None = None
    needs: tuple[Term, ...] = ()


@dataclass
class Book:
    """Sheets by number, statistics in the order in which they are published, and identities between sheets.

    `identities`: sums of coefficient x sheet that are 0 for every group; an attacker knows them. `rules`: which sheets
    are left out together to protect single farms.
    """

    groups: Groups
    weights: Integers
    sheets: list[Sheet] = field(default_factory=list)
    only_all: set[int] = field(default_factory=set)
    statistics: list[Statistic] = field(default_factory=list)
    identities: list[tuple[Term, ...]] = field(default_factory=list)
    known: dict[Hashable, Any] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What was made for a key, made when it is first asked for: a column that a scenario shares is counted once."""
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def add(self, sheet: Sheet, only_all: bool = False) -> int:
        """The number of a new sheet."""
        self.sheets.append(sheet)
        if only_all:
            self.only_all.add(len(self.sheets) - 1)
        return len(self.sheets) - 1

    def count(self, where: NDArray[numpy.bool_], only_all: bool = False) -> int:
        """The sheet of the farms for which a condition holds."""
        return self.add(self.tallied(numpy.flatnonzero(where), None, only_all), only_all)

    def total(self, amounts: Values, only_all: bool = False) -> int:
        """The sheet of an amount in thousandths (grams) of the farms that have one."""
        return self.add(self.sheet_of(amounts, only_all), only_all)

    def tallied(self, where: Integers, amounts: Integers | None, only_all: bool) -> Sheet:
        """A sheet over all groupings, or over all farms together only."""
        codes = self.groups.codes[:1] if only_all else self.groups.codes
        return tally(codes, len(self.groups.names), where, self.weights, amounts)

    def sheet_of(self, amounts: Values, only_all: bool = False) -> Sheet:
        """The sheet of an amount in thousandths of the farms that have one, not yet part of the book."""
        where = numpy.flatnonzero(~numpy.isnan(amounts))
        return self.tallied(where, amounts[where].astype(numpy.int64), only_all)

    def counts(self, categories: NDArray[Any], number: int, only_all: bool = False) -> list[int]:
        """The sheets of the farms of each category."""
        return [self.count(categories == category, only_all) for category in range(number)]

    def together(self, parts: Sequence[int]) -> int:
        """The sheet of the farms of several sheets without a farm in common, and the identity that says so."""
        sheet = self.sheets[parts[0]]
        for part in parts[1:]:
            sheet = sheet + self.sheets[part]
        whole = self.add(sheet, parts[0] in self.only_all)
        self.identity([(whole, 1), *((part, -1) for part in parts)])
        return whole

    def partition(self, whole: int, parts: Sequence[int]) -> bool:
        """Note that parts add up to a whole, if they do for every group, and what protects them; whether they do."""
        holds = self.identity([(whole, 1), *((part, -1) for part in parts)])
        if holds:
            self.rules.partition(whole, parts, self.sheets)
        return holds

    def identity(self, terms: Sequence[Term], rounding: int = 0) -> bool:
        """Note that a sum of sheets is 0, if it is so for every group; whether it is.

        `rounding`: by how many of their units a farm's amounts may miss it.
        """
        groups = range(1) if any(sheet in self.only_all for sheet, _ in terms) else range(len(self.groups.names))
        weights = self.sheets[terms[0][0]].weight
        if all(
            abs(sum(times * self.sheets[sheet].amount[group] for sheet, times in terms)) <= rounding * weights[group]
            for group in groups
        ):
            self.identities.append(tuple(terms))
            return True
        return False

    def publish(
        self,
        scenario: str,
        name: str,
        unit: str,
        values: Any,
        *parts: int,
        beyond: Integers | None = None,
        needs: tuple[Term, ...] = (),
    ) -> None:
        """Publish a figure for every group."""
        only_all = any(part in self.only_all for part in parts)
        values = numpy.asarray(values, dtype=float)
        self.statistics.append(Statistic(scenario, name, unit, values, parts, only_all, beyond, needs))

    def publish_sum(self, scenario: str, name: str, unit: str, sheet: int, per_unit: float) -> None:
        """Publish a sheet's amount, `per_unit` of its units to one of `unit`."""
        self.publish(scenario, name, unit, self.divided(sheet, per_unit), sheet)

    def publish_ratio(self, scenario: str, name: str, unit: str, above: int, below: int, times: float = 1) -> None:
        """Publish the amount of one sheet by that of another; nothing where there is none below."""
        pairs = zip(self.sheets[above].amount, self.sheets[below].amount, strict=True)
        ratios = [times * one / other if other else numpy.nan for one, other in pairs]
        self.publish(scenario, name, unit, ratios, below, above)

    def publish_mean(self, scenario: str, name: str, unit: str, sheet: int, per_unit: float = 1000) -> None:
        """Publish the weighted mean of a sheet's farms."""
        pairs = zip(self.sheets[sheet].amount, self.sheets[sheet].weight, strict=True)
        self.publish(scenario, name, unit, [a / b / per_unit if b else numpy.nan for a, b in pairs], sheet)

    def divided(self, sheet: int, per_unit: float) -> list[float]:
        """A sheet's amounts in another unit."""
        return [amount / per_unit for amount in self.sheets[sheet].amount]


def quantiles(
    values: Values, weights: Integers, codes: Sequence[Integers], length: int, shares: Sequence[float]
) -> tuple[Values, Integers]:
    """Weighted quantiles by group, shape (shares, length), NaN for a group without values; the farms beyond each.

    The smallest value at which the weights up to it reach the share of all; where they reach it exactly, the mean of it
    and the next one, so that the median of equal weights is the usual one. Beyond it are the farms on the side where
    fewer lie, itself included.
    """
    found = numpy.full((len(shares), length), numpy.nan)
    beyond = numpy.zeros((len(shares), length), dtype=numpy.int64)
    known = numpy.flatnonzero(~numpy.isnan(values))
    order = known[numpy.argsort(values[known], kind="stable")]
    for of in codes if len(known) else ():
        grouped = order[numpy.argsort(of[order], kind="stable")]
        groups, first = numpy.unique(of[grouped], return_index=True)
        for group, start, end in zip(groups, first, [*first[1:], len(grouped)], strict=True):
            rows = grouped[start:end]
            reached = numpy.cumsum(weights[rows])
            for number, share in enumerate(shares):
                # Shares are whole percents: comparing a hundred times the weights keeps to integers.
                wanted = round(share * 100) * int(reached[-1])
                position = int(numpy.searchsorted(reached * 100, wanted, side="left"))
                exact = int(reached[position]) * 100 == wanted and position + 1 < len(rows)
                pair = values[rows[position : position + 2]] if exact else values[rows[position]]
                found[number, group] = numpy.mean(pair)
                beyond[number, group] = min(position + 1, len(rows) - position)
    return found, beyond
