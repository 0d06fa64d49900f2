"""Checks of farm data against the contract, and the typed data they yield.

One pass of a few polars expressions per table tells whether anything is wrong at all; messages are made only for the
columns and rules that are hit.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import polars as pl

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.dataset.messages import MESSAGE_SCHEMA, DataError, Report, Severity, message_frame
from openfisca_stoffenbalans.dataset.messages import file_message as about_file
from openfisca_stoffenbalans.dataset.read import RawTable, read_tables
from openfisca_stoffenbalans.dataset.schema import (
    CONTENTS, INTERNAL, KEYS, TABLES, Column, DataSet, TableSchema, cell_text, parameter, unit_mass_kg,
)  # fmt: skip

PLAUSIBILITY = "quality.plausibility"
# Comparing texts is slow: a column with more different unknown codes than this is not a matter of slips.
MOST_NEAREST = 500
# Areas are compared after rounding to 0.001, as every limit of the engine is.
ROUNDING = 0.0005


@dataclass(frozen=True)
class Rule:
    """What holds between the cells of a row: `bad` is true where it does not, null counts as fine."""

    column: str
    bad: pl.Expr
    allowed: str | pl.Expr
    severity: Severity = "error"

    @functools.cached_property
    def needs(self) -> set[str]:
        """Columns the rule reads; a row with an error in one of them is not judged."""
        return set(self.bad.meta.root_names())


@dataclass
class Checked:
    """A table on its way: typed cells (null where not valid), where cells are not valid, and its messages."""

    schema: TableSchema
    raw: RawTable
    typed: pl.DataFrame
    bad: dict[str, pl.Series] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    found: list[pl.DataFrame] = field(default_factory=list)

    def note(
        self, index: pl.Series, column: str, allowed: str | pl.Series, severity: Severity = "error",
        found: pl.Series | None = None,
    ) -> None:  # fmt: skip
        """Add a message for each row position of `index`."""
        if not len(index):
            return
        if found is None:
            found = self.cells(column, index)
        row = pl.format("row {}" if not self.raw.text else "line {}", "row")
        is_found = pl.when(pl.col("found").is_null()).then(pl.lit("is missing")).otherwise(pl.format("is {}", "found"))
        frame = pl.DataFrame({
            "row": self.raw.rows(index), "farm_id": self.cells("farm_id", index),
            "year_start": self.cells("year_start", index), "found": found, "allowed": allowed,
        }, schema_overrides={"found": pl.String, "farm_id": pl.String, "year_start": pl.String})  # fmt: skip
        farm, start = (pl.col(key).fill_null("?") for key in KEYS)
        self.found.append(frame.with_columns(
            severity=pl.lit(severity), file=pl.lit(self.raw.file), column=pl.lit(column),
            message=pl.format(
                "{}, {}, farm {}, {}: {} {}; allowed: {}",
                pl.lit(self.raw.file), row, farm, start, pl.lit(column), is_found, "allowed",
            ),
        ).select(pl.col(name).cast(dtype) for name, dtype in MESSAGE_SCHEMA.items()))  # fmt: skip

    def note_table(self, column: str, found: str | None, allowed: str, words: str, severity: Severity) -> None:
        """Add a message about a column as a whole."""
        message = about_file(self.raw.file, words, allowed)
        self.found.append(message_frame([message._replace(severity=severity, column=column, found=found)]))

    def cells(self, column: str, index: pl.Series) -> pl.Series:
        """The cells at these row positions as they stand in the file, null where empty."""
        if column not in self.raw.frame.columns:
            return pl.Series(column, [None] * len(index), pl.String)
        return cell_text(self.raw.frame[column].gather(index)).replace("", None)


def read_dataset(path: Path) -> DataSet:
    """Read and check a data set. Raises DataError, whose report holds every error, for data that break the contract."""
    report = check(read_tables(path), str(path))
    if report.data is None:
        raise DataError(report)
    return report.data


def check(raw: Mapping[str, RawTable], source: str = "data set") -> Report:
    """Check tables against the contract: all errors, all notices, and the typed data when there are no errors."""
    checked: dict[str, Checked] = {}
    found: dict[str, list[pl.DataFrame]] = {name: [] for name in TABLES}
    for name, schema in TABLES.items():
        if name in raw and not raw[name].problems:
            checked[name] = _check_cells(schema, raw[name])
            _apply(checked[name], _rules().get(name, ()))
            found[name] = checked[name].found
        elif name in raw:
            found[name] = [message_frame(raw[name].problems)]
        elif schema.required:
            missing = about_file(source, f"the table {name} is missing", f"{name}.csv, {name}.parquet or a sheet {name}")
            found[name] = [message_frame([missing])]
    if "farms" in checked and not checked["farms"].absent.intersection(KEYS):
        _check_farm_years(checked)
    everything = [
        pl.concat(frames).sort("row", nulls_last=False, maintain_order=True) for frames in found.values() if frames
    ]
    messages = pl.concat([message_frame([]), *everything])
    errors = messages.filter(pl.col("severity") == "error")
    notices = messages.filter(pl.col("severity") == "notice")
    data = None
    if not errors.height:
        tables = {
            name: _finish(checked[name]) if name in checked else schema.empty() for name, schema in TABLES.items()
        }
        data = DataSet(tables, source)
    return Report(errors, notices, data, source)


# Cells


def _check_cells(schema: TableSchema, raw: RawTable) -> Checked:
    frame = _plain_types(schema, raw.frame)
    missing = [column for column in schema.columns if column.name not in frame.columns]
    if frame.width:
        typed = frame.with_columns(
            pl.lit(None, column.dtype).alias(column.name)
            if column in missing
            else _converted(column, frame[column.name].dtype, raw.text)
            for column in schema.columns
        ).select(schema.names)
    else:
        typed = schema.empty()
    table = Checked(schema, raw, typed, absent={column.name for column in missing})
    present = [column for column in schema.columns if column not in missing]
    wrong = typed.select((~_valid(column)).any().alias(column.name) for column in present)
    fixed = []
    for column in present:
        cells, values = frame[column.name], typed[column.name]
        if wrong[column.name][0] or values.null_count() > cells.null_count():
            blank = cells.is_null() | (cells == "") if cells.dtype == pl.String else cells.is_null()
            values = typed.select(pl.when(_valid(column)).then(column.name)).to_series().alias(column.name)
            bad = values.is_null() & ~blank
            fixed.append(values)
            if bad.any():
                table.bad[column.name] = bad
                index = bad.arg_true()
                table.note(index, column.name, _allowed(column, table.cells(column.name, index)))
        if column.required and values.null_count():
            index = (values.is_null() & ~table.bad.get(column.name, pl.lit(False))).arg_true() if (
                column.name not in table.bad) else (values.is_null() & ~table.bad[column.name]).arg_true()
            table.note(index, column.name, column.allowed)
    table.typed = typed.with_columns(fixed)
    for column in missing:
        if column.required and (frame.width or schema.required):
            words = f"the column {column.name} is missing"
            table.note_table(column.name, None, column.allowed, words, "error")
    for name in frame.columns:
        if name not in schema.names:
            allowed = "the columns of the contract; this one is kept and passed through"
            table.note_table(name, name, allowed, f"the column {name} is extra and passed through", "notice")
    return table
