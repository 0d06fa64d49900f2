"""The groups that a comparison looks at: all farms, and the farms by the columns asked for."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import cell_text
from openfisca_stoffenbalans.tables import load_yaml

ALL = "all"
NOT_STATED = "not stated"
CLASSES = Path(__file__).with_name("classes.yaml")
# Columns that are no property of a farm to group by.
NO_GROUPS = ("farm_id", "year_start", "weight")


@dataclass(frozen=True)
class Groups:
    """Groups numbered through: 0 is all farms, then those of each column.

    `names`: (group_by, group) by number; `codes`: for all farms and for each column the number of each farm's group.
    """

    names: list[tuple[str, str]]
    codes: list[NDArray[numpy.int64]]

    @property
    def memberships(self) -> NDArray[numpy.int64]:
        """For each column (the second axis) the position of each farm's group among the column's."""
        shifted = [codes - codes.min() for codes in self.codes[1:] if len(codes)]
        return numpy.stack(shifted, axis=1) if shifted else numpy.zeros((len(self.codes[0]), 0), dtype=numpy.int64)


class UnknownGroupingError(ValueError):
    """A column that the farms do not have; the message names those there are."""


def make_groups(
    farms: polars.DataFrame, by: Sequence[str], derived: Mapping[str, NDArray[Any]], absent: Sequence[str] = ()
) -> Groups:
    """The groups of farms (a row each) by columns of the data, or by classes of `derived` amounts.

    `derived`: the amounts that classes divide (area, density, surplus) by name; `absent`: those that there are not.
    Classes stand in their
    order, other groups in that of their names; a farm without a value is in the group `not stated`.
    """
    twice = sorted({column for column in by if list(by).count(column) > 1})
    if twice:
        raise UnknownGroupingError(f"grouped by {', '.join(twice)} twice; each may stand once")
    names, codes = [(ALL, ALL)], [numpy.zeros(len(farms), dtype=numpy.int64)]
    for column in by:
        labels, positions = classed(farms, column, derived, absent)
        used, code = numpy.unique(positions, return_inverse=True)
        codes.append(code.astype(numpy.int64) + len(names))
        names.extend((column, labels[position]) for position in used.tolist())
    return Groups(names, codes)


def classed(
    farms: polars.DataFrame, column: str, derived: Mapping[str, NDArray[Any]], absent: Sequence[str]
) -> tuple[list[str], Any]:
    """Labels of a column's groups in their order, and the position of each farm's."""
    table = {name: of for name, of in class_table().items() if of["of"] not in absent}
    if column in farms.columns and column not in NO_GROUPS:
        return of_texts(cell_text(farms[column].cast(polars.String) if is_codes(farms, column) else farms[column]))
    if column in table and "first" in table[column]:
        return of_texts(farms[table[column]["of"]].cast(polars.String).str.slice(0, table[column]["first"]))
    if column in table:
        labels, amounts = list(table[column]["labels"]), derived[table[column]["of"]]
        positions = numpy.searchsorted(numpy.array(table[column]["edges"], dtype=numpy.float64), amounts, side="right")
        return [*labels, NOT_STATED], numpy.where(numpy.isnan(amounts), len(labels), positions)
    there = [*(name for name in farms.columns if name not in NO_GROUPS), *table]
    near = difflib.get_close_matches(column, there, 3) or there
    raise UnknownGroupingError(f"the farms have no column {column!r} to group by; there are: {', '.join(near)}")


def of_texts(cells: polars.Series) -> tuple[list[str], Any]:
    """The texts that occur in their order, and the position of each cell's; an empty cell is not stated."""
    cells = cells.replace("", None)
    labels = sorted(cells.drop_nulls().unique().to_list())
    positions = cells.cast(polars.Enum(labels)).to_physical().cast(polars.Int64).fill_null(len(labels)).to_numpy()
    return [*labels, NOT_STATED], positions


def is_codes(farms: polars.DataFrame, column: str) -> bool:
    """Whether a column holds codes."""
    return isinstance(farms.schema[column], polars.Enum)


@functools.cache
def class_table() -> dict[str, Any]:
    """Name -> the amount it divides with inner edges and labels, or the column whose first letters it takes."""
    return load_yaml(CLASSES)
