"""What is wrong or unusual in a data set: messages, the report of a check, its table on the screen and its CSV file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import polars as pl

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.schema import DataSet

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Severity = Literal["error", "notice"]

SHOWN = 50
SHOWN_BY_ERROR = 5
CELL_WIDTH = 80
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

MESSAGE_SCHEMA = {
    "severity": pl.String(),
    "file": pl.String(),
    "row": pl.Int64(),
    "farm_id": pl.String(),
    "year_start": pl.String(),
    "column": pl.String(),
    "found": pl.String(),
    "allowed": pl.String(),
    "message": pl.String(),
}


class Message(NamedTuple):
    """One error or notice.

    `row`: line of a CSV file or sheet (the header is line 1), row of a Parquet file (from 1), None for the whole file;
    `farm_id`, `year_start`, `found`: as they stand in the file, None for an empty cell; `message`: all of it in words.
    """

    severity: str
    file: str
    row: int | None
    farm_id: str | None
    year_start: str | None
    column: str | None
    found: str | None
    allowed: str
    message: str


def file_message(file: str, message: str, allowed: str, row: int | None = None) -> Message:
    """An error about a file as a whole, or about a line that has no cells."""
    place = f"{file}, line {row}" if row else file
    return Message("error", file, row, None, None, None, None, allowed, f"{place}: {message}")


def message_frame(messages: Iterable[Message]) -> pl.DataFrame:
    """Messages as a table with the columns of MESSAGE_SCHEMA."""
    return pl.DataFrame(list(messages), schema=MESSAGE_SCHEMA, orient="row")


@dataclass(frozen=True)
class Report:
    """What the check of a data set found.

    `errors`, `notices`: tables with the columns of MESSAGE_SCHEMA, in the order of tables, rows and columns, all of
    them; `data`: the typed data, None when there are errors; `source`: where the data came from.
    """

    errors: pl.DataFrame
    notices: pl.DataFrame
    data: DataSet | None
    source: str

    def messages(self, limit: int | None = None) -> list[Message]:
        """Errors, then notices; the first `limit` of them."""
        shown = pl.concat([self.errors, self.notices]).head(self.count if limit is None else limit)
        return [Message(*row) for row in shown.iter_rows()]

    @property
    def count(self) -> int:
        """How many errors and notices there are."""
        return self.errors.height + self.notices.height


class DataError(ValueError):
    """Farm data that break the contract. `report` holds every error; the text names the first few."""

    def __init__(self, report: Report) -> None:
        """Raise for a report with errors."""
        self.report = report
        count = report.errors.height
        lines = [f"{report.source}: {count} error{'s' if count != 1 else ''}"]
        lines += [_shown(text) for text in report.errors["message"].head(SHOWN_BY_ERROR)]
        if count > SHOWN_BY_ERROR:
            lines.append(f"and {count - SHOWN_BY_ERROR} more")
        super().__init__("\n".join(lines))


def unreadable(file: str, message: str, allowed: str) -> DataError:
    """The DataError of a data set that can't be opened at all."""
    errors = message_frame([file_message(file, message, allowed)])
    return DataError(Report(errors, message_frame([]), None, file))


def print_report(report: Report, console: Console | None = None, limit: int = SHOWN) -> None:
    """Show errors, then notices: a table on a terminal, else a line each; at most `limit` of them."""
    from rich.console import Console
    from rich.table import Table

    console = console or Console()
    messages = report.messages(limit)
    if console.is_terminal and messages:
        table = Table(title=report.source)
        for head in ("", "file", "row", "farm, year start", "what is wrong and what is allowed"):
            table.add_column(head, overflow="fold")
        for message in messages[:limit]:
            farm = ", ".join(part for part in (message.farm_id, message.year_start) if part)
            row = "" if message.row is None else str(message.row)
            # The message's place stands in the other columns.
            words = message.message.partition(": ")[2] or message.message
            cells = [message.severity, message.file, row, _shown(farm), _shown(words)]
            table.add_row(*map(_plain_text, cells))
        console.print(table)
    else:
        for message in messages:
            _line(console, f"{message.severity}: {_shown(message.message, 4 * CELL_WIDTH)}")
    if report.count > limit:
        _line(console, f"and {report.count - limit} more, use --errors FILE")


def write_csv(report: Report, path: Path) -> None:
    """Write all errors and notices to a CSV file, which appears whole or not at all."""
    with replacing(path) as temporary:
        pl.concat([report.errors, report.notices]).write_csv(temporary)


def _plain_text(cell: str) -> Text:
    from rich.text import Text

    # A found value with square brackets must not be read as markup.
    return Text(cell)


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _shown(text: str, width: int = 4 * CELL_WIDTH) -> str:
    """Text for a screen: no control characters, which could steer a terminal, and not endless."""
    clean = CONTROL.sub("�", text)
    return clean if len(clean) <= width else clean[: width - 1] + "…"
