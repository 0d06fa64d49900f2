"""Totals shared out: whole numbers by largest remainders, tables by iterative proportional fitting."""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

Floats = NDArray[numpy.float64]
Ints = NDArray[numpy.int64]


def whole_numbers(shares: Floats, total: int) -> Ints:
    """Shares (≥ 0) as whole numbers that sum to a total, by largest remainders."""
    exact = shares * (total / shares.sum())
    floors = numpy.floor(exact).astype(numpy.int64)
    rest = numpy.argsort(floors - exact, kind="stable")[: total - int(floors.sum())]
    floors[rest] += 1
    whole: Ints = floors
    return whole


def fitted(start: Floats, rows: Floats, columns: Floats, rounds: int = 200) -> Floats:
    """A table of the start's pattern with these row sums and, in proportion, column sums.

    Iterative proportional fitting; columns that do not sum to what the rows do are scaled to it.
    """
    table, columns = start * 1.0, columns * (rows.sum() / columns.sum())
    for _ in range(rounds):
        table *= (columns / numpy.maximum(table.sum(axis=0), 1e-300))[None, :]
        table *= (rows / numpy.maximum(table.sum(axis=1), 1e-300))[:, None]
    return table
