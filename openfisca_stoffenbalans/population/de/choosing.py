"""Farms chosen and amounts spread so that published totals are met: what several steps do alike."""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.shares import whole_numbers

Floats = NDArray[numpy.float64]
Ints = NDArray[numpy.int64]
Bools = NDArray[numpy.bool_]

# Halvings of an interval: enough for the last digit of a float.
HALVINGS = 60


def pick(random: numpy.random.Generator, group: Ints, wanted: Floats, weight: Floats, propensity: Floats) -> Bools:
    """Choose farms at random until the weights of the chosen ones of each group come nearest to what is wanted.

    Arrays of shape (farms,) but `wanted` of shape (groups,). A farm's chance grows with its propensity; one with none
    is never chosen. With weights of 1 and whole numbers wanted, exactly so many are chosen, as far as there are any.
    """
    with numpy.errstate(divide="ignore"):
        keys = random.exponential(size=len(group)) / propensity
    possible = propensity > 0
    keys[~possible] = numpy.inf
    order = numpy.lexsort((keys, group))
    before = sums_before(group[order], weight[order])
    chosen = numpy.zeros(len(group), dtype=bool)
    chosen[order] = before + weight[order] / 2 < wanted[group[order]]
    return chosen & possible


def pick_evenly(
    random: numpy.random.Generator, group: Ints, wanted: Floats, weight: Floats, propensity: Floats, size: Floats
) -> Bools:
    """Like `pick`, but evenly over the farms' sizes: a systematic sample, whose area varies little."""
    chance = spread(wanted, group, weight, propensity, numpy.zeros(len(group)), numpy.ones(len(group)))
    order = numpy.lexsort((size, group))
    place = sums_before(group[order], chance[order]) + random.random(len(wanted))[group[order]]
    chosen = numpy.zeros(len(group), dtype=bool)
    chosen[order] = numpy.floor((place + chance[order]).round(6)) > numpy.floor(place.round(6))
    return chosen


def sums_before(group: Ints, weight: Floats) -> Floats:
    """Sum of the weights before each farm within its group, for farms sorted by group."""
    sums = numpy.cumsum(weight) - weight
    first = numpy.searchsorted(group, group)
    before: Floats = sums - sums[first]
    return before


def spread(total: Floats, group: Ints, weight: Floats, raw: Floats, low: Floats, high: Floats) -> Floats:
    """Amounts in proportion to `raw`, within `low` and `high`, whose weighted sums are the groups' totals.

    Arrays of shape (farms,) but `total` of shape (groups,). A group whose bounds do not allow its total gets the
    nearest that they allow.
    """
    least, most = numpy.full(len(total), -30.0), numpy.full(len(total), 30.0)
    for _ in range(HALVINGS):
        middle = (least + most) / 2
        amounts = numpy.clip(raw * numpy.exp(middle)[group], low, high)
        short = numpy.bincount(group, weight * amounts, len(total)) < total
        least, most = numpy.where(short, middle, least), numpy.where(short, most, middle)
    result: Floats = numpy.clip(raw * numpy.exp((least + most) / 2)[group], low, high)
    return result


def rounded_table(table: Floats) -> Ints:
    """A table as whole numbers whose row and column sums are those of the table, which are whole numbers themselves.

    Rows by largest remainders; then single farms move within a row from a column with too many to one with too few.
    """
    columns = numpy.rint(table.sum(axis=0)).astype(numpy.int64)
    counts = numpy.array([whole_numbers(row, round(row.sum())) for row in table])
    while (excess := counts.sum(axis=0) - columns).any():
        source, target = int(excess.argmax()), int(excess.argmin())
        gain = (counts - table)[:, source] - (counts - table)[:, target]
        counts[numpy.where(counts[:, source] > 0, gain, -numpy.inf).argmax()] += (
            numpy.eye(len(excess), dtype=int)[target] - numpy.eye(len(excess), dtype=int)[source]
        )
    return counts


def drawn(random: numpy.random.Generator, chances: Floats, farms: int) -> Ints:
    """The class of each farm, drawn with the classes' chances (shape (classes,), any sum)."""
    edges = numpy.cumsum(chances) / chances.sum()
    return numpy.searchsorted(edges[:-1], random.random(farms), side="right").astype(numpy.int64)


def lognormal(random: numpy.random.Generator, sd: float, shape: int | tuple[int, ...]) -> Floats:
    """Factors around 1 (their mean) with a standard deviation of their logarithm."""
    factors: Floats = numpy.exp(sd * random.standard_normal(shape) - sd**2 / 2)
    return factors
