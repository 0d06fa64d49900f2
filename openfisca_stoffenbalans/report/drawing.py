"""What the charts share: checked frames, numbers in words, shades and dashes, rules for limits, SVG texts."""

from __future__ import annotations

import difflib
import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from openfisca_stoffenbalans.report.svg import settled

if TYPE_CHECKING:
    import altair as alt

WIDTH = 640
# The plot of a chart that has numbers on its left.
PLOT = WIDTH - 60
LINE = 14
LABEL = 300
NOTE_LETTERS = 115
# Wide enough for most letters of the 11 px labels.
LETTER = 6
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
DASHES = ((1, 0), (7, 3), (2, 2), (11, 3, 2, 3), (14, 4), (5, 2, 1, 2, 1, 2))
INKS = ("#000000", "#1f5fa8", "#a63a0a", "#2e6b30", "#6d3a8c", "#7a5c00")
LIGHT, DARK = (232, 240, 248), (24, 62, 105)
CONFIG: dict[str, Any] = {
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelAngle": 0,
        "labelLimit": LABEL,
        "labelFontSize": 11,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleLimit": WIDTH,
        "gridColor": "#dddddd",
    },
    "legend": {
        "title": None,
        "orient": "bottom",
        "direction": "vertical",
        "columns": 1,
        "labelFontSize": 11,
        "labelLimit": 560,
    },
    "text": {"fontSize": 11, "font": FONT},
    "concat": {"spacing": 14},
}

Limits = Sequence[tuple[str, float]]


class ChartError(ValueError):
    """A frame that can't be drawn: the text says which chart and column, what was found and what is allowed."""


def checked(
    frame: pl.DataFrame, chart: str, texts: Sequence[str], numbers: Sequence[str], keys: Sequence[str]
) -> pl.DataFrame:
    """The columns named, texts as String, numbers as Float64 with null for NaN.

    A column `scenario` may be missing and is empty then. Raises ChartError for other missing columns, numbers that are
    none, empty texts, and rows that say the same thing twice (`keys`).
    """
    if "scenario" in texts and "scenario" not in frame.columns:
        frame = frame.with_columns(scenario=pl.lit(""))
    for name in (*texts, *numbers):
        if name not in frame.columns:
            near = difflib.get_close_matches(name, frame.columns, 1)
            hint = f"; the nearest is {near[0]}" if near else ""
            raise ChartError(f"{chart}: no column {name}, found {', '.join(frame.columns)}{hint}")
    for name in numbers:
        if not (frame.schema[name].is_numeric() or frame.schema[name] == pl.Null()):
            raise ChartError(f"{chart}, column {name}: {frame.schema[name]}; allowed: numbers")
    typed = frame.select(
        *(pl.col(name).cast(pl.String) for name in texts),
        *(pl.col(name).cast(pl.Float64).fill_nan(None) for name in numbers),
    )
    for name in texts:
        if typed[name].null_count():
            raise ChartError(f"{chart}, column {name}: an empty cell; allowed: a text in every row")
    twice = typed.filter(typed.select(keys).is_duplicated())
    if len(twice):
        found = zip(keys, twice.select(keys).row(0), strict=True)
        row = ", ".join(f"{name} {value}" for name, value in found if value != "")
        raise ChartError(f"{chart}: two rows for {row}; allowed: one")
    return typed


def shares(frame: pl.DataFrame, chart: str, column: str) -> pl.DataFrame:
    """The frame when the column holds shares. Raises ChartError for a number outside of 0 to 1."""
    wrong = frame[column].drop_nulls().filter(~frame[column].drop_nulls().is_between(0, 1))
    if len(wrong):
        raise ChartError(f"{chart}, column {column}: {wrong[0]:g}; allowed: a share from 0 to 1")
    return frame


def in_order(series: pl.Series) -> list[str]:
    """The distinct texts in the order in which they come."""
    return series.unique(maintain_order=True).to_list()


def largest(numbers: pl.Series) -> float:
    """The largest known number, 0 when none is."""
    return max((float(number) for number in numbers if number is not None), default=0.0)


def written(values: Sequence[float | None]) -> list[str]:
    """Numbers with thousands separators and as many decimals as the largest of them needs; null is "suppressed"."""
    known = [abs(value) for value in values if value is not None]
    largest = max(known, default=0)
    whole = all(value == round(value) for value in known)
    decimals = 0 if whole or largest >= 100 else 1 if largest >= 10 else 2
    return ["suppressed" if value is None else f"{value:z,.{decimals}f}".replace("-", "−") for value in values]


def under(name: str, words: str) -> str:
    """Words after the name of the scenario they are about, if it has one."""
    return f"{name}: {words}" if name else words


def shade(part: float) -> str:
    """A blue between light (0) and dark (1), in steps that stay in order when printed grey."""
    return "#" + "".join(f"{round(light + (dark - light) * part):02x}" for light, dark in zip(LIGHT, DARK, strict=True))


def shades(count: int) -> list[str]:
    """Shades from light to dark."""
    return [shade(place / max(count - 1, 1)) for place in range(count)]


def ink(part: float) -> str:
    """A text colour that can be read on the shade: white where its contrast is the better one."""
    return "#ffffff" if part > 0.68 else "#000000"


def letters(count: int) -> list[str]:
    """A short name for each of `count` things: a to z, then aa to zz, and on."""
    return [chr(ord("a") + number % 26) * (number // 26 + 1) for number in range(count)]


def beside(labels: Sequence[str]) -> int:
    """The width left for a plot that has these labels on its left."""
    return WIDTH - min(LABEL, LETTER * max(map(len, labels), default=0)) - LETTER


def span(values: Sequence[float], limits: Limits = ()) -> list[float]:
    """The least and the greatest of values and limits, never the same number."""
    known = [*values, *(value for _, value in limits)]
    low, high = min(known), max(known)
    return [low, high] if low < high else [low - 1, high + 1]


def heading(name: str) -> Any:
    """A panel's title, nothing when the name is empty."""
    import altair as alt

    return alt.TitleParams(name, anchor="start", frame="group", fontSize=12, limit=WIDTH, offset=6)


def rules(limits: Limits, domain: Sequence[float], height: int, labelled: bool = True) -> list[alt.Chart]:
    """Vertical rules at the limits, each labelled in a line of its own above the plot."""
    import altair as alt

    layers = []
    for row, (label, value) in enumerate(sorted(limits, key=lambda limit: limit[1])):
        if not math.isfinite(value):
            raise ChartError(f"limit {label!r}: {value}; allowed: a finite number")
        at = (value - domain[0]) / (domain[1] - domain[0]) * PLOT
        needed = LETTER * len(label)
        right = at + needed > PLOT and at > PLOT / 2
        top = -LINE * (len(limits) - row) + 3 if labelled else 0
        base = alt.Chart(alt.InlineData(values=[{"value": value, "label": label}])).encode(
            x=alt.X("value:Q", scale=alt.Scale(domain=list(domain), nice=False))
        )
        layers.append(base.mark_rule(color="#000000", strokeWidth=1.5).encode(y=alt.value(top), y2=alt.value(height)))
        if labelled:
            side: dict[str, Any] = {"align": "right" if right else "left", "dx": -4 if right else 4}
            side |= {"baseline": "middle", "limit": at if right else PLOT - at}
            text = base.encode(y=alt.value(top + 4), text="label:N")
            # A rule of another limit may pass behind the label.
            layers.append(text.mark_text(stroke="#ffffff", strokeWidth=4, **side))
            layers.append(text.mark_text(color="#000000", **side))
    return layers


def stacked(panels: Sequence[Any], notes: Sequence[str] = ()) -> str:
    """Panels below each other, and notes below them, as an SVG text."""
    import altair as alt
    import vl_convert

    lines = [line for note in notes for line in textwrap.wrap(note, NOTE_LETTERS, break_on_hyphens=False)]
    chart = alt.vconcat(*panels).resolve_scale(color="independent", strokeDash="independent")
    if lines:
        title = alt.TitleParams(lines, orient="bottom", anchor="start", fontSize=11, fontWeight="normal", offset=8)
        chart = chart.properties(title=title)
    spec = chart.to_dict()
    spec["config"] = CONFIG
    return settled(vl_convert.vegalite_to_svg(spec))
