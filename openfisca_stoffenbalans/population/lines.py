"""Rows of the tables put together from arrays of farms and years."""

from __future__ import annotations

import datetime
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import CONTENTS, TABLES

# What amounts, areas and counts are rounded to: kilograms of tonnes, ten square metres of hectares. Contents are finer.
DECIMALS = 3
DECIMALS_OF_CONTENTS = 6


class Lines:
    """Rows of one table, collected in groups and given back farm by farm, year by year, in the order of the groups."""

    def __init__(self, table: str) -> None:
        """Begin without rows."""
        self.schema = TABLES[table]
        # A column that takes any text, such as a crop without a code, keeps it.
        self._types = {column.name: pl.String() if column.fallback else column.dtype for column in self.schema.columns}
        self._groups: list[pl.DataFrame] = []

    def add(self, where: NDArray[numpy.bool_], **columns: Any) -> None:
        """A row for each farm and year where `where` holds, an array of shape (farms, years).

        A column is one value for all rows, or an array of shape (farms,) or (farms, years). NaN and None are empty.
        """
        rows = numpy.flatnonzero(where)
        if not len(rows):
            return
        content: dict[str, Any] = {"\0row": rows, "\0group": numpy.full(len(rows), len(self._groups))}
        content |= {name: self._cells(name, cells, rows, where.shape) for name, cells in columns.items()}
        self._groups.append(pl.DataFrame(content))

    def _cells(self, name: str, cells: Any, rows: NDArray[numpy.intp], shape: tuple[int, ...]) -> pl.Series:
        dtype = self._types.get(name)
        if isinstance(cells, numpy.ndarray):
            whole = numpy.broadcast_to(cells.reshape(len(cells), -1), shape).ravel()[rows]
            if whole.dtype.kind == "f":
                decimals = DECIMALS_OF_CONTENTS if name in CONTENTS else DECIMALS
                return pl.Series(name, whole.round(decimals)).fill_nan(None)
            return pl.Series(name, whole.tolist() if whole.dtype == object else whole).cast(
                dtype or pl.Series(whole).dtype
            )
        return pl.Series(name, [cells], dtype).new_from_index(0, len(rows))

    def frame(self, keys: pl.DataFrame) -> pl.DataFrame:
        """The table: `keys` has a row per farm and year, farm by farm, with farm_id and year_start."""
        if not self._groups:
            return self.schema.empty().select("farm_id", "year_start")
        rows = pl.concat(self._groups, how="diagonal").sort("\0row", "\0group")
        of_rows = keys[rows["\0row"]]
        order = [name for name in self.schema.names if name in rows.columns]
        return of_rows.select("farm_id", "year_start").hstack(rows.select(order).get_columns())


def keys(ids: pl.Series, years: tuple[int, ...], month: NDArray[numpy.int_]) -> pl.DataFrame:
    """farm_id and year_start of each farm and year, farm by farm; `month`: in which a farm's balance year begins."""
    count = len(years)
    starts = [datetime.date(year, first, 1) for first in range(1, 13) for year in years]
    place = numpy.repeat((month - 1) * count, count) + numpy.tile(numpy.arange(count), len(ids))
    return pl.DataFrame({
        "farm_id": ids.gather(numpy.repeat(numpy.arange(len(ids)), count)),
        "year_start": pl.Series(starts, dtype=pl.Date).gather(place),
    })  # fmt: skip
