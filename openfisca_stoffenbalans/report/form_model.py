"""A filled form as plain data: sheets of tables, each amount with what it was made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

# A number, a text ("" where a cell does not apply), or None for what is missing.
Value = float | str | None

NO_BREAK = "\N{NO-BREAK SPACE}"


class FormError(ValueError):
    """A form that can't be made or written: the text says where, what was found and what is allowed."""


@dataclass(frozen=True)
class Column:
    """A column.

    `unit`: of its numbers, "" where rows have units of their own or none; `places`: decimals shown, without zeros at
    the end where `trim`.
    """

    label: str
    unit: str = ""
    text: bool = False
    places: int = 6
    trim: bool = True

    @property
    def head(self) -> str:
        """Label and unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


@dataclass(frozen=True)
class Content:
    """The content of one nutrient in an amount and where it comes from.

    `nutrient`: N, P or P2O5; `kind`: declared, converted (P from P2O5 or the reverse, N from protein), table, manure
    (section 5(2) no. 1), reform or missing; `value`: kg per unit of the amount; `where`: the source in words;
    `printed`: what the table prints, with its unit.
    """

    nutrient: str
    kind: str
    value: float | None
    where: str
    printed: str = ""


@dataclass(frozen=True)
class Row:
    """A row of a form.

    `id`: name of a printed line, unique in its table, "" for others; `level`: head (of the rows that follow), line,
    part (a „davon“ line), sum or detail; `details`: the amounts behind a line; `contents`: of a single amount.
    """

    id: str
    cells: tuple[Value, ...]
    level: str = "line"
    details: tuple[Row, ...] = ()
    contents: tuple[Content, ...] = ()


@dataclass(frozen=True)
class FormTable:
    """A table of a form; `walk` gives its rows with the details of each behind it."""

    caption: str
    reference: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def walk(self) -> Iterator[Row]:
        """All rows in printed order."""
        for row in self.rows:
            yield row
            yield from row.details

    def row(self, id: str) -> Row:
        """The row of that id; KeyError when there is none."""
        return {row.id: row for row in self.rows}[id]


@dataclass(frozen=True)
class Sheet:
    """One form: an annex, or the overview."""

    name: str
    title: str
    reference: str
    tables: tuple[FormTable, ...]


@dataclass(frozen=True)
class Heads:
    """The language of a form and the words of its head."""

    language: str
    farm: str
    balance_year: str
    computed_with: str
    contents: str


ANNEXES = Heads(
    "de",
    "Betrieb / farm",
    "Bezugsjahr / balance year",
    "Abweichend vom geltenden Recht gerechnet / computed with",
    "Inhalt / contents",
)


@dataclass(frozen=True)
class Form:
    """The filled forms of one farm and balance year.

    `missing`: the words for a cell without a known value; `reforms`: what the law was changed by, the last one last;
    `heads`: the words of its head.
    """

    title: str
    farm_id: str
    year_start: datetime.date
    year_end: datetime.date
    missing: str
    notes: tuple[str, ...]
    reforms: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    heads: Heads = ANNEXES

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name; KeyError when there is none."""
        return {sheet.name: sheet for sheet in self.sheets}[name]


def number_text(number: float, places: int = 6, trim: bool = True) -> str:
    """A number as German forms print it: decimal comma, spaces between thousands; `trim`: no zeros at the end."""
    text = f"{abs(number):,.{places}f}"
    # A negative number that is shown as 0 has no sign.
    sign = "\N{MINUS SIGN}" if number < 0 and text.strip("0.,") else ""
    text = text.rstrip("0").rstrip(".") if trim and "." in text else text
    return sign + text.replace(",", NO_BREAK).replace(".", ",")


def day_text(day: datetime.date) -> str:
    """A day as German forms print it."""
    return f"{day:%d.%m.%Y}"
