"""A table on its way through the checks, and the messages it collects."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from openfisca_stoffenbalans.dataset.messages import MESSAGE_SCHEMA, Severity, file_message, message_frame
from openfisca_stoffenbalans.dataset.read import RawTable
from openfisca_stoffenbalans.dataset.runs import KEYS, Runs
from openfisca_stoffenbalans.dataset.schema import TableSchema, cell_text


@dataclass
class Checked:
    """A table on its way: typed cells (null where not valid), where cells are not valid, and its messages.

    `runs`: where the rows of each farm-year stand, once that is known.
    """

    schema: TableSchema
    raw: RawTable
    typed: pl.DataFrame
    bad: dict[str, pl.Series] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    found: list[pl.DataFrame] = field(default_factory=list)
    runs: Runs | None = None

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

    def note_table(self, column: str | None, found: str | None, allowed: str, words: str, severity: Severity) -> None:
        """Add a message about a column as a whole."""
        message = file_message(self.raw.file, words, allowed)
        self.found.append(message_frame([message._replace(severity=severity, column=column, found=found)]))

    def cells(self, column: str, index: pl.Series) -> pl.Series:
        """The cells at these row positions as they stand in the file, null where empty."""
        if column not in self.raw.frame.columns:
            return pl.Series(column, [None] * len(index), pl.String)
        return cell_text(self.raw.frame[column].gather(index)).replace("", None)
