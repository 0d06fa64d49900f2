"""The report model and its page: whole, self-contained, and safe."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from openfisca_stoffenbalans.report.html import render
from openfisca_stoffenbalans.report.model import Chart, Report, ReportError, Section, Table
from openfisca_stoffenbalans.report.svg import nothing

ATTACK = "<script>alert('1')</script>"
# Two of these on a page share their ids.
CLIPPED = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
    '<defs><clipPath id="clip1"><rect width="4" height="4"/></clipPath><path id="dot" d="M0,0h1"/></defs>'
    '<g clip-path="url(#clip1)"><use xlink:href="#dot"/></g></svg>'
)


def table(title: str = "Farms") -> Table:
    rows = (("Emsland", "1,234", "yes"), (ATTACK, "7", "no"))
    return Table(title, ("region", "farms", ATTACK), rows, notes=("A note.",), numeric=(1,))


def report(*charts: Chart) -> Report:
    deep = Section("Deep & deeper", "deep", ("At the bottom.",))
    inner = Section("By region", "by-region", tables=(table(),), sections=(deep,))
    results = Section("Results", "results", (ATTACK,), (table(ATTACK),), charts, (inner,))
    return Report(ATTACK, "§ 6", (f"It is so. {ATTACK}", "See https://example.org."), (results,), ("Made today.",))


def page(*charts: Chart) -> Page:
    read = Page()
    read.feed(render(report(*charts)))
    read.close()
    return read


class Page(HTMLParser):
    """Elements with their attributes, in order, and the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.elements if "id" in attributes]


PICTURE = Chart("Surplus", CLIPPED, f"Most farms lie below the limit {ATTACK}.", ("Weighted.",))
OTHER = Chart(ATTACK, CLIPPED, "The same again.")


def test_the_page_holds_what_the_report_says() -> None:
    said = page(PICTURE, OTHER).texts
    for text in ("§ 6", "See https://example.org.", "Deep & deeper", "At the bottom.", "1,234", "A note.", "Weighted."):
        assert text in said
    assert said.count("Made today.") == 1


def test_texts_are_never_markup() -> None:
    found = page(PICTURE, OTHER)
    assert found.all("script") == []
    # Page title, heading, paragraph, table title, two heads and two row names, figure title and its text alternative.
    assert found.texts.count(ATTACK) == 10


def test_nothing_is_loaded_and_nothing_runs() -> None:
    found = page(PICTURE, OTHER)
    for tag, attributes in found.elements:
        assert tag not in ("script", "link", "iframe", "img", "object", "embed", "base")
        for name, value in attributes.items():
            assert not name.startswith("on")
            assert name not in ("src", "srcset", "data", "action")
            assert name != "href" or str(value).startswith("#")
            assert "url(" not in str(value) or str(value).startswith("url(#")
    assert "@import" not in render(report())
    assert not re.search(r"url\((?!#)", render(report(PICTURE)))


def test_ids_are_unique_and_every_reference_finds_its_own() -> None:
    found = page(*[PICTURE, OTHER] * 5)
    ids = found.ids()
    assert len(ids) == len(set(ids))
    for _, attributes in found.elements:
        references = str(attributes.get("aria-labelledby") or "").split()
        references += re.findall(r"url\(#(.*?)\)", str(attributes.get("clip-path")))
        references += [str(attributes["href"])[1:]] if "href" in attributes else []
        assert set(references) <= set(ids)
    clips = [attributes["clip-path"] for attributes in found.all("g")]
    assert len(set(clips)) == len(clips) == 10


def test_sections_can_not_take_the_ids_of_pictures() -> None:
    reserved = [name for name in page(PICTURE).ids() if "_" in name]
    assert reserved == ["page_contents", *[f"chart_1_{part}" for part in ("title", "desc", "part_1", "part_2")]]
    for name in reserved:
        with pytest.raises(ReportError, match="lower-case letters, digits and hyphens"):
            Section("Any", name)


def test_a_picture_has_a_text_alternative() -> None:
    found = page(PICTURE)
    (picture,) = found.all("svg")
    assert picture["role"] == "img"
    assert picture["aria-labelledby"] == "chart_1_title chart_1_desc"
    assert f"Most farms lie below the limit {ATTACK}." in found.texts


def test_tables_name_their_columns_and_rows_and_align_numbers_right() -> None:
    found = page()
    assert len(found.all("table")) == len(found.all("caption")) == 2
    assert [head["scope"] for head in found.all("th")] == [*["col"] * 3, *["row"] * 2] * 2
    assert [cell.get("class") for cell in found.all("td")] == ["number", None] * 4
    assert [cell.get("class") for cell in found.all("th")] == [None, "number", None, None, None] * 2


def test_the_contents_lead_to_all_sections_in_order() -> None:
    assert [link["href"] for link in page().all("a")] == ["#results", "#by-region", "#deep"]
    headings = [tag for tag, _ in page().elements if re.fullmatch(r"h\d", tag)]
    assert headings == ["h1", "h2", "h2", "h3", "h4"]


def test_every_element_that_is_opened_is_closed() -> None:
    text = render(report(PICTURE, OTHER))
    for tag in ("section", "nav", "ol", "li", "table", "tr", "th", "td", "figure", "p", "div", "main", "svg", "g"):
        opened = len(re.findall(rf"<{tag}[ >]", text))
        assert opened == text.count(f"</{tag}>"), tag
        assert opened


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render(report(PICTURE, OTHER)) == render(report(PICTURE, OTHER))


def test_an_empty_report_is_a_page() -> None:
    text = render(Report("Title", "", (), ()))
    assert "<h1>Title</h1>" in text
    assert "<nav" not in text


def test_a_picture_that_says_nothing_can_be_drawn_is_part_of_the_page() -> None:
    assert "nothing to draw: no farm < 1 ha." in page(Chart("Any", nothing("no farm < 1 ha."), "Nothing.")).texts


@pytest.mark.parametrize(
    ("svg", "message"),
    [
        ("no picture", "not well-formed XML: syntax error: line 1, column 0; allowed: an SVG picture"),
        ("<p>text</p>", "the outermost element is <p>; allowed: <svg>"),
        ("<svg><script>alert(1)</script></svg>", "element <script>; allowed: shapes and texts"),
        ("<svg><p>out of the picture</p></svg>", "element <p>; allowed: shapes and texts"),
        ('<svg><g><image href="#a"/></g></svg>', "element <image>; allowed: shapes and texts"),
        (
            '<svg onload="alert(1)"/>',
            "attribute onload='alert(1)' of <svg>; allowed: references within the picture",
        ),
        (
            '<svg><use href="http://example.org/a.svg#b"/></svg>',
            "attribute href='http://example.org/a.svg#b' of <use>; allowed: references within the picture",
        ),
        (
            '<svg xmlns:x="http://www.w3.org/1999/xlink"><use x:href="a.svg"/></svg>',
            "attribute href='a.svg' of <use>; allowed: references within the picture",
        ),
        (
            '<svg><g fill="URL( http://example.org/a )"/></svg>',
            "attribute fill='URL( http://example.org/a )' of <g>; allowed: references within the picture",
        ),
    ],
)
def test_a_chart_that_is_no_picture_at_rest_is_an_error(svg: str, message: str) -> None:
    with pytest.raises(ReportError) as error:
        render(report(Chart("Surplus", svg, "Any.")))
    assert str(error.value) == f"chart 'Surplus': {message}"


def test_a_row_has_as_many_cells_as_the_head() -> None:
    with pytest.raises(ReportError) as error:
        Table("Farms", ("region", "farms"), (("Emsland", "1"), ("Wesel",)))
    assert str(error.value) == "table 'Farms', row 2: 1 cells; allowed: 2, as the head"


def test_numeric_columns_exist() -> None:
    with pytest.raises(ReportError) as error:
        Table("Farms", ("region", "farms"), (), numeric=(2,))
    assert str(error.value) == "table 'Farms', numeric: 2; allowed: 0 to 1"


def test_two_sections_do_not_share_an_id() -> None:
    with pytest.raises(ReportError) as error:
        Report("Title", "", (), (Section("One", "a", sections=(Section("Two", "a"),)),))
    assert str(error.value) == "section 'Two', id: 'a'; allowed: an id of its own, section 'One' has it"
