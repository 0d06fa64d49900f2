"""A form as a workbook: one sheet per form, numbers as numbers, units in the heads."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from openfisca_stoffenbalans.report.form_model import Form, FormTable, Row, Sheet, Value

# Widths in characters.
NUMBER, WIDEST = 14, 70
LOOKS: dict[str, dict[str, Any]] = {
    "head": {"bold": True, "bg_color": "#D9D9D9"},
    "line": {"bold": True},
    "part": {"bold": True, "italic": True},
    "sum": {"bold": True, "top": 1},
    "detail": {},
}


def write(form: Form, path: Path) -> None:
    """Write the workbook; the same form gives the same bytes."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        # A fixed creation date keeps the bytes the same from run to run.
        book.set_properties({"title": form.title, "created": datetime.datetime(2018, 1, 1)})
        formats = Formats(book)
        for sheet in form.sheets:
            write_sheet(form, sheet, book.add_worksheet(sheet.name), formats)


class Formats:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        """Make formats of this workbook."""
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def get(self, **properties: Any) -> Any:
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({"valign": "top", **properties})
        return self.made[key]


def write_sheet(form: Form, sheet: Sheet, page: Any, formats: Formats) -> None:
    """Title, farm and balance year, then the tables one below the other."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.write_string(0, 0, sheet.title, formats.get(bold=True, font_size=14))
    page.write_string(1, 0, f"{form.farm_id}, {form.year_start} – {form.year_end}; {sheet.reference}")
    for number, width in enumerate(widths(sheet)):
        page.set_column(number, number, width)
    line = 3
    for table in sheet.tables:
        line = write_table(form, table, page, formats, line)
    for note in (*form.notes, *form.reforms):
        page.write_string(line, 0, note)
        line += 1


def widths(sheet: Sheet) -> list[int]:
    """How wide the columns of a sheet are: numbers alike, texts as their longest line up to a limit."""
    found = [0] * max(len(table.columns) for table in sheet.tables)
    for table in sheet.tables:
        for row in table.walk():
            for number, cell in enumerate(row.cells):
                need = max(map(len, cell.split("\n"))) + 1 if isinstance(cell, str) else NUMBER
                found[number] = max(found[number], min(need, WIDEST))
    return found


def write_table(form: Form, table: FormTable, page: Any, formats: Formats, line: int) -> int:
    """A table with its head and notes; the first line after it."""
    reference = f" ({table.reference})" if table.reference else ""
    page.write_string(line, 0, f"{table.caption}{reference}", formats.get(bold=True))
    for number, column in enumerate(table.columns):
        page.write_string(line + 1, number, column.head, formats.get(bold=True, text_wrap=True, bottom=1))
    line += 2
    for row in table.walk():
        write_row(form, table, row, page, formats, line)
        line += 1
    for note in table.notes:
        page.write_string(line, 0, note)
        line += 1
    return line + 1


def write_row(form: Form, table: FormTable, row: Row, page: Any, formats: Formats, line: int) -> None:
    """The cells of a row: numbers as numbers, missing in words, nothing where a cell does not apply."""
    for number, (column, value) in enumerate(zip(table.columns, row.cells, strict=True)):
        look = dict(LOOKS[row.level])
        if column.text:
            look["text_wrap"] = True
        elif not column.trim:
            look["num_format"] = f"#,##0.{'0' * column.places}"
        write_cell(page, line, number, form.missing if value is None else value, formats.get(**look))


def write_cell(page: Any, line: int, column: int, value: Value, look: Any) -> None:
    """One cell."""
    if isinstance(value, str):
        page.write_string(line, column, value, look) if value else page.write_blank(line, column, None, look)
    else:
        page.write_number(line, column, value, look)
