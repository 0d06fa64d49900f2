"""The gap of the farms that exceed to their limit, and the lines of the balance that make it up."""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from openfisca_stoffenbalans.numbers import added, grams
from openfisca_stoffenbalans.scenario.book import Book, Values
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import (
    EXCEEDS,
    GRAM,
    PER_KG,
    PER_TONNE,
    Farms,
    amount,
    by_area,
    of_condition,
    publish_quantiles,
)


def write_excess(book: Book, farms: Farms, base: Farms) -> None:
    """All figures of one scenario on what is too much."""
    if farms.roles.headroom:
        excess(book, farms, base)
    if farms.roles.lines:
        lines(book, farms, base)


def excess_kg(farms: Farms) -> Values:
    """By how much a farm that exceeds is above its limit, NaN for every other farm.

    A farm that exceeds by something else than what is held against it has none.
    """
    above = -farms(farms.roles.headroom)
    return numpy.where((farms(farms.roles.verdict) == EXCEEDS) & (above > 0), above, numpy.nan)


def excess_per_ha(farms: Farms) -> Values:
    """The same per hectare, or another basis, of the years that the verdict rests on."""
    return by_area(farms(farms.roles.held_area), excess_kg(farms))


def excess(book: Book, farms: Farms, base: Farms) -> None:
    """What the farms that exceed are above their limit, and have to reduce to comply."""
    roles, label = farms.roles, farms.label
    columns = [roles.headroom, roles.verdict]
    above = amount(book, farms, base, "excess", columns, lambda one: grams(excess_kg(one)))
    sheets = [above]
    if roles.held:
        sheets.append(amount(book, farms, base, "held", [*columns, roles.held], lambda one: held_of_exceeding(one)))
    book.publish_sum(label, "excess_total_t", roles.tonnes, above, PER_TONNE)
    book.publish_mean(label, "excess_mean_kg_per_exceeding_farm", roles.unit, above, PER_KG / MILLIONTHS)
    if roles.held_area:
        wide = [*columns, roles.held_area]
        sheets.append(amount(book, farms, base, "excess per ha", wide, lambda one: grams(excess_per_ha(one))))
        publish_quantiles(book, farms, "excess_", roles.unit_by_basis, wide, excess_per_ha, sheets[-1])
    # The farms that are given beside these amounts are those that exceed.
    exceeding = of_condition(book, f"{roles.verdict} {EXCEEDS}", farms(roles.verdict) == EXCEEDS)
    book.rules.implies([exceeding], sheets)
    if roles.held:
        words = "share of the balance held against the limit"
        book.publish_ratio(label, "reduction_needed_share", words, above, sheets[1])


def held_of_exceeding(farms: Farms) -> Values:
    """What is held against the limit, of the farms that exceed it, grams."""
    return numpy.where(numpy.isnan(excess_kg(farms)), numpy.nan, grams(farms(farms.roles.held)))


def lines(book: Book, farms: Farms, base: Farms) -> None:
    """What drives the gap to the limit: the lines of the form, of the farms that exceed, and how they change."""
    verdict = farms.roles.verdict
    sheets: dict[int, int] = {}
    for line, sign in farms.roles.lines.items():
        short = line.partition("annex_2_")[2] or line

        def of_exceeding(one: Farms, line: str = line) -> Values:
            return numpy.where(one(verdict) == EXCEEDS, grams(one(line)), numpy.nan)

        sheet = amount(book, farms, base, f"{line} of exceeding", [line, verdict], of_exceeding)
        exceeding = of_condition(book, f"{verdict} {EXCEEDS}", farms(verdict) == EXCEEDS)
        book.rules.implies([exceeding], [sheet])
        sheets[sheet] = sheets.get(sheet, 0) + sign
        book.publish_sum(farms.label, f"exceeding_farms_{short}_t", farms.roles.tonnes, sheet, PER_TONNE)
        if sign and farms.label != BASELINE and farms.key(line) != base.key(line):
            change = amount(book, farms, base, line, [line], lambda one, line=line: grams(one(line)))
            changed = book.known.get(("change", line, farms.label), change)
            book.publish_sum(farms.label, f"change_{short}_t", farms.roles.tonnes, changed, PER_TONNE)
    if farms.roles.headroom and farms.roles.held:
        tie_lines(book, farms, sheets)


def tie_lines(book: Book, farms: Farms, sheets: Mapping[int, int]) -> None:
    """The lines add up to what is held against the limit and what was taken off before."""
    roles = farms.roles

    def held_and_deducted(one: Farms) -> Values:
        whole = added(grams(one(name)) for name in roles.of("held", "deducted"))
        return numpy.where(one(roles.verdict) == EXCEEDS, whole, numpy.nan)

    columns = roles.of("held", "deducted", "verdict")
    whole = book.once(("held and deducted", farms.key(*columns)), lambda: book.total(held_and_deducted(farms)))
    book.identity([(whole, -1), *((sheet, sign) for sheet, sign in sheets.items() if sign)], len(sheets) + GRAM)
    # Nothing taken off: the sum of the lines is what excess and the share to reduce tell.
    held = book.known["held", farms.key(roles.headroom, roles.verdict, roles.held)]
    book.identity([(whole, 1), (held, -1)], GRAM)
