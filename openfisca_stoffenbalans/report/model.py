"""The report model: plain data that a rendering turns into a document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SECTION_ID = re.compile(r"[a-z][a-z0-9-]*")


class ReportError(ValueError):
    """A report that can't be rendered: the text says where, what was found and what is allowed."""


@dataclass(frozen=True)
class Table:
    """A table of texts. The first column names the row; `numeric` holds the positions of columns aligned right.

    Raises ReportError when a row has not as many cells as the head, or a position is no column.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    numeric: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Hold the rows to the head."""
        width = len(self.head)
        for number, row in enumerate(self.rows, start=1):
            if len(row) != width:
                raise ReportError(
                    f"table {self.title!r}, row {number}: {len(row)} cells; allowed: {width}, as the head"
                )
        for position in self.numeric:
            if position not in range(width):
                raise ReportError(f"table {self.title!r}, numeric: {position}; allowed: 0 to {width - 1}")


@dataclass(frozen=True)
class Chart:
    """A chart: an SVG text, and `alt`, which says in a sentence or two what the chart shows."""

    title: str
    svg: str
    alt: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a report: paragraphs, then tables, then charts, then its own sections.

    `id` is the section's name in addresses, unique in the report: lower-case letters, digits and hyphens.
    """

    title: str
    id: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    sections: tuple[Section, ...] = ()

    def __post_init__(self) -> None:
        """Hold the id to its form."""
        if not SECTION_ID.fullmatch(self.id):
            allowed = "lower-case letters, digits and hyphens, a letter first"
            raise ReportError(f"section {self.title!r}, id: {self.id!r}; allowed: {allowed}")

    def walk(self) -> Iterator[Section]:
        """The section and all below it, in reading order."""
        yield self
        for section in self.sections:
            yield from section.walk()


@dataclass(frozen=True)
class Report:
    """A whole report; `lead` is its answer in a few sentences, `footer` says how and from what it was made.

    Raises ReportError when two sections have the same id.
    """

    title: str
    subtitle: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Hold the ids to be unique."""
        seen: dict[str, str] = {}
        for section in self.walk():
            if section.id in seen:
                raise ReportError(
                    f"section {section.title!r}, id: {section.id!r}; allowed: an id of its own, "
                    f"section {seen[section.id]!r} has it"
                )
            seen[section.id] = section.title

    def walk(self) -> Iterator[Section]:
        """All sections, in reading order."""
        for section in self.sections:
            yield from section.walk()
