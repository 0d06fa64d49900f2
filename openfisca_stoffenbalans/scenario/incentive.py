"""Whom a scenario that asks for less data makes look better: whether there is an incentive not to measure."""

from __future__ import annotations

import functools

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.scenario.book import Book, Values, quantiles
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import GRAM, PER_FARM, PER_KG, Farms, amount, difference, of_condition

SHARES = {"median": 0.50, "p90": 0.90}


def write_incentive(book: Book, farms: Farms, base: Farms) -> None:
    """Farms whose amount is lower under a scenario than in the baseline, and by how much."""
    if farms.roles.advantage and farms.label != BASELINE:
        incentive(book, farms, base)


def change(farms: Farms, base: Farms) -> Values:
    """By how many grams the amount is lower than in the baseline; NaN where either is missing."""
    column = farms.roles.advantage
    return grams(base(column)) - grams(farms(column))


def advantage(farms: Farms, base: Farms) -> Values:
    """The same of the farms for which it is lower."""
    less = change(farms, base)
    return numpy.where(less > 0, less, numpy.nan)


def disadvantage(farms: Farms, base: Farms) -> Values:
    """By how many grams it is higher, of the farms for which it is."""
    less = change(farms, base)
    return numpy.where(less < 0, -less, numpy.nan)


def percent(farms: Farms, base: Farms) -> Values:
    """The advantage in thousandths of a percent of the baseline's amount; NaN where that is 0 or less."""
    before = grams(base(farms.roles.advantage))
    return numpy.rint(100_000 * advantage(farms, base) / numpy.where(before > 0, before, numpy.nan))


def incentive(book: Book, farms: Farms, base: Farms) -> None:
    """The figures of one scenario."""
    label, roles, less = farms.label, farms.roles, change(farms, base)
    conditions = {"advantage": less > 0, "disadvantage": less < 0, "no_advantage": less == 0}
    sheets = {name: of_condition(book, f"{name} {roles.advantage}", where) for name, where in conditions.items()}
    known = of_condition(book, f"both known {roles.advantage}", ~numpy.isnan(less))
    unknown = of_condition(book, f"not both known {roles.advantage}", numpy.isnan(less))
    book.partition(book.known["farms"], [known, unknown])
    book.partition(known, list(sheets.values()))
    for name, sheet in sheets.items():
        few_moved(book, sheet, f"{name} {roles.advantage}", conditions[name])
        book.publish_sum(label, f"farms_{name}", "farms", sheet, PER_FARM)
    book.publish_sum(label, "farms_advantage_not_known", "farms", unknown, PER_FARM)
    book.publish_ratio(label, "share_advantage", "share of the farms with both amounts", sheets["advantage"], known)
    better, worse, relative = (
        amount(book, farms, base, made.__name__, [roles.advantage], functools.partial(made, base=base))
        for made in (advantage, disadvantage, percent)
    )
    book.rules.together([sheets["advantage"], better, relative])
    book.rules.together([sheets["disadvantage"], worse])
    without = numpy.where(numpy.isnan(percent(farms, base)), advantage(farms, base), numpy.nan)
    book.rules.strict.append((book.sheet_of(without), relative))
    tie_to_balance(book, farms, base, better, worse)
    publish(book, farms, base, better, relative)
    book.publish_mean(label, "disadvantage_mean_kg", roles.unit, worse, PER_KG / MILLIONTHS)


def few_moved(book: Book, sheet: int, name: str, where: NDArray[numpy.bool_]) -> None:
    """Leave out how many farms a condition holds for where few make the difference to an earlier scenario."""
    earlier = book.known.setdefault(("incentive", name), [])
    for other, was in earlier:
        if other != sheet:
            book.rules.strict.append((book.tallied(numpy.flatnonzero(was != where), None, False), sheet))
    earlier.append((sheet, where))


def tie_to_balance(book: Book, farms: Farms, base: Farms, better: int, worse: int) -> None:
    """Where the amount is a balance that is published too, its change is what some win less what others lose.

    In a group of which all are known in both that is all of the change, whatever holds for others. Where the amount
    is held by one for each farm, the same is the error.
    """
    both = ~numpy.isnan(change(farms, base))
    for nutrient, column in farms.roles.balance.items():
        changed = book.known.get(("change", nutrient, farms.label))
        if changed is not None:
            before, after = grams(base(column)), grams(farms(column))
            rest = book.total(numpy.where(both, numpy.nan, difference(before, after)))
            book.identity([(changed, 1), (rest, -1), (better, 1), (worse, -1)], GRAM)
    if ("error", farms.label) in book.known:
        book.identity([(book.known["error", farms.label], 1), (better, 1), (worse, -1)], GRAM)


def publish(book: Book, farms: Farms, base: Farms, better: int, relative: int) -> None:
    """Mean, median and ninetieth percentile of the advantage, kg and percent."""
    for sheet, unit, ending, of in (
        (better, farms.roles.unit, "kg", advantage),
        (relative, "percent", "pct", percent),
    ):
        book.publish_mean(farms.label, f"advantage_mean_{ending}", unit, sheet, PER_KG / MILLIONTHS)
        values = of(farms, base) / PER_KG * MILLIONTHS
        found, beyond = quantiles(
            values, book.weights, book.groups.codes, len(book.groups.names), list(SHARES.values())
        )
        for share, row, farms_beyond in zip(SHARES, found, beyond, strict=True):
            book.publish(farms.label, f"advantage_{share}_{ending}", unit, row, sheet, beyond=farms_beyond)
