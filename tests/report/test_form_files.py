"""The files of a filled form: what a page and a workbook hold."""

from __future__ import annotations

import html.parser
from collections import Counter
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from openfisca_stoffenbalans import read_dataset
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.report.form import form, write_form
from openfisca_stoffenbalans.report.form_model import Form, FormError, number_text

# The words of the official text, lines 1 to 12 of either side, then 13 to 17 with their footnote marks.
SUPPLY = [
    "Düngemittel insgesamt", "davon Wirtschaftsdünger tierischer Herkunft", "davon sonstige organische Düngemittel",
    "Bodenhilfsstoffe", "Kultursubstrate", "Pflanzenhilfsmittel", "Futtermittel",
    "Saatgut einschließlich Pflanzgut und Vermehrungsmaterial", "Landwirtschaftliche Nutztiere",
    "Stickstoffzufuhr durch Leguminosen", "Sonstige Stoffe",
    "Summe der Nährstoffzufuhr je Betrieb in kg Nährstoff aus Zeilen 1 und 4 bis 11",
    "Summe der Nährstoffzufuhr je Betrieb in kg Nährstoff je Hektar¹",
]  # fmt: skip
REMOVAL = [
    "Pflanzliche Erzeugnisse", "Tierische Erzeugnisse", *SUPPLY[:9], "Sonstige Stoffe",
    "Summe der Nährstoffabgabe je Betrieb in kg Nährstoff aus Zeilen 1 bis 3 und 6 bis 12",
    "Summe der Nährstoffabgabe je Betrieb in kg Nährstoff je Hektar¹",
]  # fmt: skip
DIFFERENCE = [
    "Differenz zwischen Nährstoffzufuhr und Nährstoffabgabe in kg Nährstoff je Betrieb",
    "Differenz zwischen Nährstoffzufuhr und Nährstoffabgabe in kg Nährstoff je Hektar¹",
    "Stickstoffdeposition im Betrieb über den Luftpfad in kg N je Hektar²",
]


@pytest.fixture(scope="module")
def emsland(system: Any) -> Form:
    return form(read_dataset(example("germany")), system, "emsland_dairy", 2020)


@pytest.fixture(scope="module")
def celle(system: Any) -> Form:
    """A farm without the nitrogen content of a delivery."""
    return form(read_dataset(example("germany")), system, "celle_mixed", 2019)


def test_a_workbook_holds_the_cells_of_the_form_numbers_as_numbers(emsland: Form, celle: Form, tmp_path: Path) -> None:
    for filled in (emsland, celle):
        path = tmp_path / f"{filled.farm_id}.xlsx"
        write_form(filled, path)
        book = fastexcel.read_excel(path)
        assert book.sheet_names == [sheet.name for sheet in filled.sheets]
        for sheet in filled.sheets:
            texts, numbers, kinds = (grid(book, sheet.name, kind) for kind in ("string", "float", "boolean"))
            line = 3
            for table in sheet.tables:
                heads = [column.head for column in table.columns]
                assert [text or "" for text in texts[line + 1][: len(heads)]] == heads
                line += 2
                for row in table.walk():
                    for place, value in enumerate(row.cells):
                        # Read as true or false, a cell with a text is empty and a number is not.
                        if kinds[line][place] is not None:
                            assert numbers[line][place] == pytest.approx(value, rel=1e-12)
                        else:
                            words = filled.missing if value is None else value
                            assert (texts[line][place] or "") == words
                    line += 1
                line += len(table.notes) + 1


def grid(book: Any, sheet: str, kind: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=kind).to_polars().rows()
    return rows


class Page(html.parser.HTMLParser):
    """The labels of rows, tables with their captions, and addresses of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: list[str] = []
        self.missing: list[str] = []
        self.tags: Counter[str] = Counter()
        self.scopes: Counter[str | None] = Counter()
        self.addresses: list[str] = []
        self.into: list[str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.tags[tag] += 1
        self.into = None
        if tag == "th":
            self.scopes[named.get("scope")] += 1
            if named.get("scope") == "row":
                self.into = self.labels
        if named.get("class") == "missing":
            self.into = self.missing
        self.addresses += [named[name] or "" for name in ("src", "href") if name in named]

    def handle_data(self, data: str) -> None:
        if self.into is not None and data.strip():
            self.into.append(data)

    def handle_endtag(self, tag: str) -> None:
        self.into = None


def parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_a_page_has_each_printed_label_as_often_as_the_form(emsland: Form, tmp_path: Path) -> None:
    write_form(emsland, tmp_path / "form.html")
    found = Counter(parsed(tmp_path / "form.html").labels)
    printed = Counter([*SUPPLY, *REMOVAL, *DIFFERENCE])
    assert {label: found[label] for label in printed} == dict(printed)
    for row in emsland.sheet("Anlage 4").tables[0].rows:
        assert found[str(row.cells[1])] == 1


def test_a_page_stands_alone_and_its_tables_have_captions_and_scopes(emsland: Form, tmp_path: Path) -> None:
    write_form(emsland, tmp_path / "form.html")
    page = parsed(tmp_path / "form.html")
    tables = sum(len(sheet.tables) for sheet in emsland.sheets)
    assert page.tags["table"] == page.tags["caption"] == tables
    assert None not in page.scopes
    assert page.tags["script"] == page.tags["link"] == page.tags["img"] == 0
    assert all(address.startswith("#") for address in page.addresses)


def test_the_name_of_a_farm_cannot_add_to_the_page_or_be_a_formula(system: Any, tmp_path: Path) -> None:
    name = "=1+<script>alert(1)</script>"
    farms = f"farm_id,year_start,country,utilised_area_ha\n{name},2020-01-01,DE,10\n"
    (tmp_path / "farms.csv").write_text(farms, encoding="utf-8")
    filled = form(read_dataset(tmp_path), system, name, 2020)
    write_form(filled, tmp_path / "form.html")
    assert parsed(tmp_path / "form.html").tags["script"] == 0
    write_form(filled, tmp_path / "form.xlsx")
    texts = grid(fastexcel.read_excel(tmp_path / "form.xlsx"), "Anlage 2", "string")
    assert name in [row[2] for row in texts]


def test_the_same_form_gives_the_same_bytes(system: Any, tmp_path: Path) -> None:
    data = read_dataset(example("germany"))
    for ending in ("html", "xlsx"):
        once, again = tmp_path / f"once.{ending}", tmp_path / f"again.{ending}"
        for path in (once, again):
            write_form(form(data, system, "soest_biogas", 2021), path)
        assert once.read_bytes() == again.read_bytes()


def test_a_page_says_missing_wherever_the_form_is_missing_something(celle: Form, tmp_path: Path) -> None:
    write_form(celle, tmp_path / "form.html")
    rows = [row for sheet in celle.sheets for table in sheet.tables for row in table.walk()]
    count = [cell for row in rows for cell in row.cells].count(None)
    assert parsed(tmp_path / "form.html").missing == ["fehlt / missing"] * count
    assert count > 10


def test_a_form_is_written_as_page_or_workbook_and_nothing_else(emsland: Form, tmp_path: Path) -> None:
    with pytest.raises(FormError, match=r"form.pdf: .pdf is no format of a form; allowed: .html, .xlsx"):
        write_form(emsland, tmp_path / "form.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "places", "trim", "text"),
    [
        (1234567.891, 2, False, "1\xa0234\xa0567,89"),
        (-0.001, 2, False, "0,00"),
        (-12.5, 2, False, "\N{MINUS SIGN}12,50"),
        (100.0, 6, True, "100"),
        (0.436, 6, True, "0,436"),
        (0.0, 6, True, "0"),
    ],
)
def test_numbers_are_shown_as_german_forms_print_them(number: float, places: int, trim: bool, text: str) -> None:
    assert number_text(number, places, trim) == text
