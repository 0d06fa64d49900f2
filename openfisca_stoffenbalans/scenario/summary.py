"""The published figures of a comparison as one tidy table, with cells that would show single farms left empty."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.scenario.book import Book
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS
from openfisca_stoffenbalans.scenario.patterns import pattern
from openfisca_stoffenbalans.scenario.protection import Cells, Equation, group_equations, protect

# How much a figure would be missed, by the beginning of its name; figures of all farms together are missed more than
# any of a group. What is missed least is left out first to protect others.
MISSED = {
    "farms_exceeding": 6,
    "farms_total": 6,
    "farms_assessed": 5,
    "farms_obliged": 5,
    "surplus_": 5,
    "excess_total": 5,
    "newly_exceeding": 4,
    "newly_complying": 4,
    "farms_": 3,
    "net_surplus_": 3,
    "phosphate_": 3,
}
MISSED_OF_ALL = 10

SCHEMA = {
    "scenario": polars.String,
    "group_by": polars.String,
    "group": polars.String,
    "statistic": polars.String,
    "value": polars.Float64,
    "unit": polars.String,
    "farms": polars.Int64,
    "weight": polars.Float64,
}


@dataclass(frozen=True)
class Rule:
    """When a cell would show single farms: fewer than `threshold` farms, or one above the share `dominance` of it."""

    threshold: int = 10
    dominance: float = 0.5

    def in_words(self) -> str:
        """The rule as a sentence."""
        return (
            f"A figure that rests on fewer than {self.threshold} farms, or of which one farm is more than "
            f"{self.dominance:.0%}, is not published, nor is any figure from which it could be worked out."
        )


def hidden(book: Book, rule: Rule | None) -> NDArray[numpy.bool_]:
    """Which cells are not published, shape (sheets, groups); none without a rule."""
    shape = (len(book.sheets), len(book.groups.names))
    if rule is None or not book.sheets:
        return numpy.zeros(shape, dtype=numpy.bool_)
    stacked = [
        numpy.concatenate([getattr(sheet, name) for sheet in book.sheets]) for name in ("farms", "largest", "absolute")
    ]
    relations = group_equations(book.groups.memberships)
    # Beside any other figure of a group stands how many farms it has.
    others = set(range(len(book.sheets))) - {book.known.get("nothing")}
    book.rules.implies([book.known["farms"]], others)
    left_out = pattern(book.sheets, book.rules, relations, rule.threshold, rule.dominance, book.only_all)
    cells, tied, cost = Cells(*stacked), equations(book), missed(book).ravel()
    while True:
        found = protect(cells, tied, rule.threshold, rule.dominance, cost, left_out.ravel())
        left_out = found.suppressed.reshape(shape)
        if not (told := beside(book, left_out)).any():
            return left_out
        left_out = left_out | told


def beside(book: Book, left_out: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Published cells that would tell a number of farms that is left out: it stands beside them.

    In each group those behind which there are as many farms, of the same weight, as behind a number left out.
    """
    told = numpy.zeros_like(left_out)
    for group in range(left_out.shape[1]):
        size, counts = sizes(book, group)
        gone = {size[number] for number in counts if left_out[number, group]}
        for number, of in size.items():
            told[number, group] = of[0] > 0 and of in gone
    return told & ~left_out


def sizes(book: Book, group: int) -> tuple[dict[int, tuple[int, int]], list[int]]:
    """How many farms, and of which weight, stand beside the figures of a sheet; which sheets are numbers of farms."""
    shown = sorted({statistic.parts[0] for statistic in book.statistics})
    size = {number: (int(book.sheets[number].farms[group]), book.sheets[number].weight[group]) for number in shown}
    return size, [number for number in shown if book.sheets[number].amount == book.sheets[number].weight]


def missed(book: Book) -> NDArray[numpy.float64]:
    """How much each cell would be missed, shape (sheets, groups)."""
    cost = numpy.zeros((len(book.sheets), len(book.groups.names)))
    for statistic in book.statistics:
        worth = next((worth for start, worth in MISSED.items() if statistic.name.startswith(start)), 1)
        worth = 1 if "fifth" in statistic.name or "not_known" in statistic.name else worth
        for part in statistic.parts:
            numpy.maximum(cost[part], worth, out=cost[part])
    for group in range(cost.shape[1]):
        size, counts = sizes(book, group)
        # With a number of farms goes all that it stands beside.
        number_of = Counter(size.values())
        for number in counts:
            cost[number, group] += number_of[size[number]]
    cost[:, 0] += MISSED_OF_ALL
    return cost


def equations(book: Book) -> list[Equation]:
    """How the cells of a book hang together: groups add up within each sheet, sheets within each group."""
    length = len(book.groups.names)
    found: list[Equation] = []
    relations = group_equations(book.groups.memberships)
    for sheet in range(len(book.sheets)):
        if sheet not in book.only_all:
            found.extend((groups + sheet * length, times) for groups, times in relations)
    for terms in book.identities:
        sheets = numpy.array([sheet for sheet, _ in terms], dtype=numpy.int64)
        times = numpy.array([times for _, times in terms], dtype=numpy.int64)
        only_all = any(sheet in book.only_all for sheet, _ in terms)
        found.extend((sheets * length + group, times) for group in range(1 if only_all else length))
    return found


def summary(book: Book, not_published: NDArray[numpy.bool_], rule: Rule | None = None) -> polars.DataFrame:
    """One row per scenario, statistic and group; a quantile only where the rule's number of farms lies beyond it.

    `farms`: the farms behind the value, not weighted; `weight`: the farms they stand for. A value that is not published
    has neither; a value that does not exist, such as a mean over no farm, has 0 farms or farms without it.
    """
    groups = book.groups.names
    columns: dict[str, list[object]] = {name: [] for name in SCHEMA}
    for statistic in book.statistics:
        number = 1 if statistic.only_all else len(groups)
        first = book.sheets[statistic.parts[0]]
        hidden_ = numpy.any(not_published[list(statistic.parts), :number], axis=0)
        if rule is not None and statistic.beyond is not None:
            # A quantile with few farms beyond it is nearly the amount of one of them.
            few = statistic.beyond[:number] < rule.threshold
            hidden_ = hidden_ | (few & (first.farms[:number] > 0))
        hidden_ = hidden_ | any(not_published[sheet, group] for sheet, group in statistic.needs)
        dark = hidden_.tolist()
        columns["scenario"].extend([statistic.scenario] * number)
        columns["group_by"].extend(name for name, _ in groups[:number])
        columns["group"].extend(name for _, name in groups[:number])
        columns["statistic"].extend([statistic.name] * number)
        columns["unit"].extend([statistic.unit] * number)
        values = zip(statistic.values[:number].tolist(), dark, strict=True)
        columns["value"].extend(None if gone or math.isnan(value) else value + 0.0 for value, gone in values)
        rows = zip(first.farms[:number].tolist(), first.weight[:number], dark, strict=True)
        for farms, weight, gone in rows:
            columns["farms"].append(None if gone else farms)
            columns["weight"].append(None if gone else weight / MILLIONTHS)
    return polars.DataFrame(columns, schema=SCHEMA)
