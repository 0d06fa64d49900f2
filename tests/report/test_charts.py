"""Charts: what is drawn, in black and white, and what is said when nothing can be."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import polars as pl
import pytest

from openfisca_stoffenbalans.report import charts
from openfisca_stoffenbalans.report.drawing import ChartError
from openfisca_stoffenbalans.report.svg import settled

SVG = "{http://www.w3.org/2000/svg}"
ATTACK = "<script>alert('1')</script> & co"
SCENARIOS = [
    "law as of 2021",
    "permitted surplus of annex 4 for all, no tolerance",  # 50 characters
    ATTACK,
]
GROUPS = [f"DE{n:02d}A Landkreis Neustadt an der Waldnaab Nr. {n}" for n in range(30)]
LIMITS = [("flat limit 175 kg N/ha", 175.0), ("a first value to try", 150.0), ("a second value to try", 148.0)]
BANDS = ["loses over 10 kg N/ha", "loses up to 10 kg N/ha", "unchanged", "gains"]
VERDICTS = ["complies", "exceeds", "undetermined", "not_assessed"]


def frame(columns: str, rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=columns.split(), orient="row", infer_schema_length=None)


def number(*parts: int) -> int:
    """Any number: spread, and the same for the same parts."""
    return (37 * parts[0] + 101 * sum(parts[1:])) % 97


BINS = frame(
    "scenario lower upper farms",
    [(s, 25.0 * n, 25.0 * n + 25, 1.0 + number(n, k)) for k, s in enumerate(SCENARIOS) for n in range(-3, 14)],
)
CURVES = frame(
    "scenario norm share", [(s, 10.0 * n, (20 - n) / (20 + k)) for k, s in enumerate(SCENARIOS) for n in range(21)]
)
MATRIX = frame(
    "scenario before after farms",
    [(s, a, b, 1000 * number(len(a), len(b), k)) for k, s in enumerate(SCENARIOS) for a in VERDICTS for b in VERDICTS],
)
SHIFTS = frame(
    "scenario group band farms",
    [
        (s, g, b, 1.0 + number(i, j, k))
        for k, s in enumerate(SCENARIOS)
        for i, g in enumerate(GROUPS)
        for j, b in enumerate(BANDS)
    ],
)
MEANS = frame(
    "group scenario value",
    [(g, s, number(i, k) - 40.5) for i, g in enumerate(GROUPS) for k, s in enumerate(SCENARIOS)],
)
OPTIONS = frame(
    "option data_points_saved share_wrong",
    [(f"{(ATTACK, 'leave out a little')[n % 2]} {n}", number(n), number(2, n) / 400) for n in range(14)],
)
RUNS = CURVES.rename({"share": "value"})
PAIRS = frame("norm second_norm value", [(float(a), float(b), a * b) for a in range(100, 180, 10) for b in range(6)])

ALL: dict[str, tuple[Callable[[pl.DataFrame], str], pl.DataFrame]] = {
    "distribution": (lambda table: charts.distribution(table, LIMITS), BINS),
    "exceedance": (lambda table: charts.exceedance(table, "kg N/ha", LIMITS, "limit"), CURVES),
    "transitions": (charts.transitions, MATRIX),
    "gainers_losers": (lambda table: charts.gainers_losers(table, BANDS), SHIFTS),
    "by_group_bars": (lambda table: charts.by_group_bars(table, "mean surplus, kg N/ha"), MEANS),
    "frontier": (charts.frontier, OPTIONS),
    "sweep": (lambda table: charts.sweep(table, "limit, kg N/ha", "farms that exceed"), RUNS),
    "heat map": (lambda table: charts.sweep(table, "limit, kg N/ha", "farms", "limit, kg P2O5/ha"), PAIRS),
}
NUMBERS = {"farms", "share", "value", "share_wrong"}
TITLES = {
    "distribution": ["nitrogen surplus, kg N/ha", "weighted farms per kg N/ha"],
    "exceedance": ["limit, kg N/ha", "share of farms above the norm, %"],
    "transitions": ["verdict before", "verdict after", "Weighted farms. Framed: the same verdict before and after."],
    "gainers_losers": ["share of the group's farms (weighted), %"],
    "by_group_bars": ["mean surplus, kg N/ha"],
    "frontier": ["data points saved per farm", "share of farms with another verdict, %"],
    "sweep": ["limit, kg N/ha", "farms that exceed"],
    "heat map": ["limit, kg N/ha", "limit, kg P2O5/ha"],
}


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    return {name: draw(table) for name, (draw, table) in ALL.items()}


def texts(svg: str) -> list[str]:
    """The lines of text that can be seen."""
    found = []
    for element in ElementTree.fromstring(svg).iter(f"{SVG}text"):
        if element.get("opacity") != "0":
            found += list(element.itertext())
    return found


def placed(element: ElementTree.Element, x: float = 0, y: float = 0) -> Iterator[tuple[str, float, float, str, str]]:
    """Kind, place on the sheet, text and anchor of each mark and each line of text that can be seen."""
    moved = re.match(r"translate\((-?[\d.e-]+),(-?[\d.e-]+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    if element.get("opacity") == "0" or element.get("stroke") == "#ffffff" or "rotate" in element.get("transform", ""):
        return
    if element.tag == f"{SVG}text":
        for line in list(element) or [element]:
            y += float(line.get("dy", 0))
            yield "text", x, y, line.text or "", element.get("text-anchor", "start")
    elif element.get("d", "").count("A"):
        yield "point", x, y, "", ""
    for child in element:
        yield from placed(child, x, y)


def bars(svg: str) -> list[tuple[float, float]]:
    """Width and height of the rectangles that are data."""
    found = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if "mark-rect role-mark" in group.get("class", ""):
            for path in group:
                sizes = re.fullmatch(r"M[-\d.e]+,[-\d.e]+h([\d.]+)v([\d.]+)h-[\d.]+Z", path.get("d", ""))
                assert sizes, path.get("d")
                found.append((float(sizes[1]), float(sizes[2])))
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_chart_has_axis_titles_with_units(drawn: dict[str, str], name: str) -> None:
    assert set(TITLES[name]) <= set(texts(drawn[name]))


@pytest.mark.parametrize("name", ALL)
def test_texts_of_the_data_stay_texts(drawn: dict[str, str], name: str) -> None:
    assert "<script" not in drawn[name]
    if name != "heat map":
        assert any(ATTACK in text for text in texts(drawn[name]))


@pytest.mark.parametrize("name", ALL)
def test_a_chart_fits_a_page_and_only_titles_of_axes_are_turned(drawn: dict[str, str], name: str) -> None:
    root = ElementTree.fromstring(drawn[name])
    assert 560 <= float(root.attrib["width"]) <= 690
    turned = ["".join(e.itertext()) for e in root.iter(f"{SVG}text") if "rotate" in e.get("transform", "")]
    assert set(turned) <= set(TITLES[name])


def assert_no_text_lies_on_another(svg: str, points: bool = False) -> None:
    boxes = []
    for kind, x, y, text, anchor in placed(ElementTree.fromstring(svg)):
        # About the width of Arial at 11 px.
        width = 5 * len(text)
        left = x - {"start": 0, "middle": width / 2, "end": width, "": 0}[anchor]
        # A text stands on its y, a point around it.
        if text or (points and kind == "point"):
            boxes.append((left, left + width, y - (8 if text else 2), y + (0 if text else 2), text))
    assert len(boxes) > 10
    for one, other in itertools.combinations(boxes, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart or not (one[4] or other[4]), (one, other)


@pytest.mark.parametrize("name", ALL)
def test_no_text_lies_on_another(drawn: dict[str, str], name: str) -> None:
    assert_no_text_lies_on_another(drawn[name])


def test_numbers_of_near_points_lie_on_no_point_and_no_number() -> None:
    # On the sheet about 12 px apart, in a row that falls to the right and one that rises.
    rows = [(f"falls {n}", 50.0 + 2 * n, 0.5 - 0.03 * n) for n in range(5)]
    rows += [(f"rises {n}", 10.0 + 2 * n, 0.5 + 0.03 * n) for n in range(5)]
    rows += [("far", 100.0, 0.9)]
    assert_no_text_lies_on_another(charts.frontier(frame("option data_points_saved share_wrong", rows)), points=True)


@pytest.mark.parametrize("name", ALL)
def test_the_same_table_gives_the_same_bytes(drawn: dict[str, str], name: str) -> None:
    draw, table = ALL[name]
    assert draw(table) == drawn[name]


def test_other_processes_give_the_same_bytes(drawn: dict[str, str]) -> None:
    code = (
        "import sys; from tests.report.test_charts import ALL;"
        "sys.stdout.reconfigure(encoding='utf-8');"
        "print('\\n'.join(draw(table) for draw, table in reversed(ALL.values())))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8").stdout
    assert said == "\n".join(reversed(drawn.values())) + "\n"


def test_counters_of_the_drawing_program_do_not_show() -> None:
    first = '<svg xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#clip1)"/><clipPath id="clip1"/></svg>'
    assert settled(first) == settled(first.replace("clip1", "clip7"))
    assert 'clip-path="url(#part_1)"' in settled(first)


@pytest.mark.parametrize("name", ALL)
def test_a_table_without_rows_says_that_there_is_nothing_to_draw(name: str) -> None:
    draw, table = ALL[name]
    (said,) = texts(draw(table.clear()))
    assert said.startswith("nothing to draw: no ")
    assert said.endswith(".")


@pytest.mark.parametrize("name", [name for name in ALL if name != "transitions"])
@pytest.mark.parametrize("number", [None, float("nan")])
def test_numbers_that_are_all_suppressed_give_nothing_to_draw(name: str, number: float | None) -> None:
    draw, table = ALL[name]
    (said,) = texts(draw(table.with_columns(pl.col(NUMBERS & set(table.columns)).fill_null(1) * number)))
    assert said.startswith("nothing to draw: no ")


@pytest.mark.parametrize("draw", [lambda t: charts.exceedance(t, "kg N/ha"), lambda t: charts.sweep(t, "x", "y")])
def test_every_line_has_a_dash_of_its_own_and_more_lines_get_a_second_panel(
    draw: Callable[[pl.DataFrame], str],
) -> None:
    names = [f"scenario {n}" for n in range(8)]
    table = frame("scenario norm share", [(s, 10.0 * n, n / 10) for s in names for n in range(3)])
    svg = draw(table.with_columns(value="share"))
    panels = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if re.search(r"concat_\d+_group$", group.get("class", "")):
            lines = [g for g in group.iter(f"{SVG}g") if "mark-line role-mark" in g.get("class", "")]
            panels.append([path.get("stroke-dasharray") for line in lines for path in line])
    assert [len(dashes) for dashes in panels] == [6, 2]
    assert all(len(set(dashes)) == len(dashes) for dashes in panels)
    assert set(names) <= set(texts(svg))


def test_a_suppressed_point_leaves_a_gap_and_a_note() -> None:
    rows = [(0.0, 1.0), (10.0, 0.8), (20.0, None), (30.0, 0.2), (40.0, 0.1)]
    svg = charts.exceedance(frame("norm share", rows), "kg N/ha")
    (line,) = re.findall(r'mark-line[^>]*>\s*<path d="([^"]*)"', svg)
    assert line.count("M") == 2
    assert "Suppressed, no point: 20." in texts(svg)


def test_the_area_of_a_bar_is_its_farms() -> None:
    # 20 farms in 10 kg N/ha: 2 per kg; 40 farms in 40 kg N/ha: 1 per kg, a bar 4 times as wide and half as high.
    svg = charts.distribution(frame("lower upper farms", [(0.0, 10.0, 20.0), (10.0, 50.0, 40.0)]))
    (width, height), (wide, low) = bars(svg)
    assert wide / width == pytest.approx(4)
    assert low / height == pytest.approx(0.5)


def test_bins_without_a_bar_are_named() -> None:
    rows = [(None, 0.0, 1234.0), (0.0, 10.0, 7.0), (10.0, 20.0, None), (20.0, float("inf"), None)]
    said = " ".join(texts(charts.distribution(frame("lower upper farms", rows))))
    assert "below 0 kg N/ha: 1,234 farms, not drawn" in said
    assert "from 10 and below 20 kg N/ha: suppressed" in said
    assert "from 20 kg N/ha: suppressed." in said


def test_limits_outside_of_the_data_are_drawn_with_their_labels() -> None:
    table = frame("lower upper farms", [(0.0, 10.0, 7.0)])
    svg = charts.distribution(table, [("far away", 500.0), ("left of all", -20.0)])
    anchors = {text: anchor for _, _, _, text, anchor in placed(ElementTree.fromstring(svg))}
    # There is no room on the right of the one and none on the left of the other.
    assert (anchors["far away"], anchors["left of all"]) == ("end", "start")
    # The domain is -20 to 500: the bar takes 10 of 520 parts of the 580 px.
    assert bars(svg)[0][0] == pytest.approx(580 * 10 / 520)


def test_transitions_print_every_number_and_say_which_are_suppressed() -> None:
    rows = [
        ("new", "complies", "exceeds", 1234.0),
        ("new", "exceeds", "exceeds", None),
        ("new", "complies", "complies", 0.0),
    ]
    said = texts(charts.transitions(frame("scenario before after farms", rows)))
    assert {"1,234", "suppressed", "0", "not assessed", "new"} <= set(said)


def test_shares_of_a_group_come_from_its_published_numbers_and_the_others_are_named() -> None:
    # 30 of 40 and 10 of 40 farms; of North the third band is suppressed, South is suppressed as a whole.
    rows = [("North", BANDS[0], 30.0), ("North", BANDS[2], 10.0), ("North", BANDS[3], None), ("South", BANDS[0], None)]
    said = texts(charts.gainers_losers(frame("group band farms", rows), BANDS))
    assert {"a 75%", "c 25%"} <= set(said)
    assert "South" not in said
    assert "Suppressed, bars are shares of the other bands: North (gains); South (loses over 10 kg N/ha)." in " ".join(
        said
    )


def test_bars_carry_their_letter_and_number() -> None:
    rows = [("North", "law", 1234.0), ("North", "new", -99.6), ("South", "law", None), ("South", "new", -0.2)]
    said = texts(charts.by_group_bars(frame("group scenario value", rows), "kg N"))
    assert {"a 1,234", "b −100", "a suppressed", "b 0"} <= set(said)
    # SVG text runs spaces together.
    assert {"a law", "b new"} <= {" ".join(text.split()) for text in said}


def test_the_frontier_holds_the_options_that_no_other_one_beats() -> None:
    # B saves less than A and is wrong more often; D is as often wrong as C and saves less; E equals A.
    rows = [("B", 5, 0.2), ("A", 10, 0.1), ("C", 2, 0.05), ("D", 1, 0.05), ("E", 10, 0.1), ("F", 3, None)]
    svg = charts.frontier(frame("option data_points_saved share_wrong", rows))
    points = re.search(r'<g class="mark-symbol role-mark[^>]*>(.*?)</g>', svg)
    assert points
    filled = re.findall(r'fill="(#\w+)"', points[1])
    assert (filled.count("#000000"), filled.count("#ffffff")) == (3, 2)
    said = texts(svg)
    assert {"A", "10.0%", "20.0%", "Suppressed: F."} <= set(said)
    # A and E lie in one place and share a label.
    assert "1, 2" in said


def test_a_heat_map_prints_its_numbers_or_says_what_the_shades_are() -> None:
    few = texts(charts.sweep(frame("norm second_norm value", [(1.0, 1.0, 1000), (1.0, 2.0, None)]), "x", "farms", "y"))
    assert {"1,000", "×", "×: suppressed."} <= set(few)
    many = [(float(a), 1.0, 1000 + a) for a in range(40)]
    said = texts(charts.sweep(frame("norm second_norm value", many), "x", "farms", "y"))
    assert "1,020" not in said
    assert "Shown: farms. Darker is more: 1,000 (lightest) to 1,039 (darkest)." in said


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: charts.distribution(BINS.rename({"upper": "uper"})),
            "distribution: no column upper, found scenario, lower, uper, farms; the nearest is uper",
        ),
        (
            lambda: charts.distribution(frame("lower upper farms", [(5.0, 2.0, 1.0)])),
            "distribution, column upper: 2; allowed: above lower, 5",
        ),
        (
            lambda: charts.distribution(BINS, [("no number", float("nan"))]),
            "limit 'no number': nan; allowed: a finite number",
        ),
        (
            lambda: charts.exceedance(frame("norm share", [(1.0, 12.0)]), "kg N/ha"),
            "exceedance, column share: 12; allowed: a share from 0 to 1",
        ),
        (
            lambda: charts.sweep(frame("norm value", [(1.0, "a")]), "x", "y"),
            "sweep, column value: String; allowed: numbers",
        ),
        (
            lambda: charts.sweep(frame("norm value", [(1.0, 2.0), (1.0, 3.0)]), "x", "y"),
            "sweep: two rows for norm 1.0; allowed: one",
        ),
        (
            lambda: charts.transitions(frame("before after farms", [("exceeds", "fails", 3.0)])),
            "transitions, column after: 'fails'; allowed: complies, exceeds, undetermined, not_assessed",
        ),
        (
            lambda: charts.gainers_losers(frame("group band farms", [("North", "gain", 3.0)]), BANDS),
            f"gainers_losers, column band: 'gain'; allowed: {', '.join(BANDS)}",
        ),
        (
            lambda: charts.by_group_bars(frame("group value", [(None, 3.0)]), "kg"),
            "by_group_bars, column group: an empty cell; allowed: a text in every row",
        ),
    ],
)
def test_a_table_that_can_not_be_drawn_is_an_error_that_says_why(draw: Callable[[], str], message: str) -> None:
    with pytest.raises(ChartError) as error:
        draw()
    assert str(error.value) == message
