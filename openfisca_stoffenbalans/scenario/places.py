"""Where farms sit: in the distribution of the balance, among gainers and losers, and those whose verdict changes."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.scenario.book import Book, Values, quantiles
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import COMPLIES, EXCEEDS, PER_FARM, Farms, by_area

# Edges of the bands of change in headroom, in the unit of what is held against the limit, mostly kg N/ha; not law.
BAND_EDGES = (-50.0, -20.0, -5.0, 0.0, 5.0, 20.0, 50.0)
BANDS = (
    "loses_over_50", "loses_20_to_50", "loses_5_to_20", "loses_under_5", "unchanged", "gains_under_5", "gains_5_to_20",
    "gains_20_to_50", "gains_over_50", "not_known",
)  # fmt: skip
UNCHANGED = BANDS.index("unchanged")
FIFTHS = 5
# Edges of the bins of the distribution, in the same unit.
BIN_EDGES = (-50.0, *(float(edge) for edge in range(0, 325, 25)), 400.0)


def write_places(book: Book, farms: Farms, base: Farms) -> None:
    """Distribution, gainers and losers, and positions of one scenario."""
    everyone: int = book.known["farms"]
    roles = farms.roles
    if roles.held_per_ha:
        distribution(book, farms, everyone)
    if farms.label != BASELINE:
        if roles.headroom and roles.held_area:
            headroom_bands(book, farms, base, everyone)
        positions(book, farms, base)


def distribution(book: Book, farms: Farms, everyone: int) -> None:
    """How farms spread over what is held against the limit by its basis, in bins; of all farms together.

    Where few farms move between bins of two scenarios, the later one's bins are left out.
    """
    values = farms(farms.roles.held_per_ha)
    bins = numpy.searchsorted(numpy.array(BIN_EDGES), values, side="right")
    bins = numpy.where(numpy.isnan(values), len(BIN_EDGES) + 1, bins)
    key = ("distribution", farms.key(farms.roles.held_per_ha))
    sheets = book.once(key, lambda: book.counts(bins, len(BIN_EDGES) + 2, only_all=True))
    earlier = book.known.setdefault("distributions", [])
    if all(sheets is not others for others, _ in earlier):
        whole = book.count(numpy.ones(len(values), dtype=bool), only_all=True)
        book.identity([(whole, 1), (everyone, -1)])
        book.rules.together([whole, everyone])
        book.partition(whole, sheets)
        for _, was in earlier:
            for one in range(len(sheets)):
                moved = numpy.flatnonzero((was == one) != (bins == one))
                if len(moved):
                    book.rules.strict.append((book.tallied(moved, None, True), sheets[one]))
        earlier.append((sheets, bins))
    for name, sheet in zip(bin_names(), sheets, strict=True):
        book.publish_sum(farms.label, f"held_{name}", "farms", sheet, PER_FARM)


def bin_names() -> list[str]:
    """The names of the bins of the distribution, the last one of the farms without a value."""
    edges = [f"{edge:g}".replace("-", "minus_") for edge in BIN_EDGES]
    inner = [f"from_{one}_to_{other}_kg_per_ha" for one, other in itertools.pairwise(edges)]
    return [f"below_{edges[0]}_kg_per_ha", *inner, f"from_{edges[-1]}_kg_per_ha", "not_known"]


def headroom_bands(book: Book, farms: Farms, base: Farms, everyone: int) -> None:
    """Gainers and losers: the change in headroom by the basis of the limit, in bands."""
    roles = farms.roles
    before, after = (grams(by_area(one(roles.held_area), one(roles.headroom))) for one in (base, farms))
    change = (after - before) / 1000
    # An edge belongs to the band nearer to no change.
    loses, gains = (numpy.searchsorted(numpy.array(BAND_EDGES), change, side=side) for side in ("right", "left"))
    band = numpy.where(change > 0, gains + 1, loses)
    band = numpy.where(change == 0, UNCHANGED, band)
    band = numpy.where(numpy.isnan(change), len(BANDS) - 1, band)
    sheets = book.counts(band, len(BANDS))
    book.partition(everyone, sheets)
    for name, sheet in zip(BANDS, sheets, strict=True):
        book.publish_sum(farms.label, f"headroom_{name}", "farms", sheet, PER_FARM)


def fifths(values: Values, weights: Any) -> NDArray[numpy.int64]:
    """The weighted fifth (0 to 4) of each value, 5 for one that is missing."""
    nobody = numpy.zeros(len(values), dtype=numpy.int64)
    edges = quantiles(values, weights, [nobody], 1, [one / FIFTHS for one in range(1, FIFTHS)])[0][:, 0]
    found: NDArray[numpy.int64] = numpy.searchsorted(edges, values, side="left")
    return numpy.where(numpy.isnan(values), FIFTHS, found)


def positions(book: Book, farms: Farms, base: Farms) -> None:
    """Where the farms whose verdict changes sit in the baseline's distribution of surplus, size and stocking."""
    roles, verdict = farms.roles, farms.roles.verdict
    of: Mapping[str, str] = {
        "surplus": roles.per_ha.get("nitrogen", ""),
        "size": roles.area,
        "density": roles.density,
    }
    of = {name: column for name, column in of.items() if column}
    for outcome, state in (("newly_exceeding", EXCEEDS), ("newly_complying", COMPLIES)):
        newly = (farms(verdict) == state) & (base(verdict) != state)
        whole = book.count(newly, only_all=True)
        of_groups = book.known["newly", farms.label][0 if state == EXCEEDS else 1]
        book.identity([(whole, 1), (of_groups, -1)])
        book.rules.together([whole, of_groups])
        for name, column in of.items():
            fifth = book.once(("fifths", base.key(column)), functools.partial(fifths, base(column), book.weights))
            sheets = [book.count(newly & (fifth == one), only_all=True) for one in range(FIFTHS + 1)]
            book.partition(whole, sheets)
            for one, sheet in enumerate(sheets):
                place = f"fifth_{one + 1}" if one < FIFTHS else "not_known"
                book.publish_sum(farms.label, f"{outcome}_{name}_{place}", "farms", sheet, PER_FARM)
