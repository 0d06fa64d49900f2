"""Charts that compare groups and options; `charts` has their names too and says what holds for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from openfisca_stoffenbalans.report import drawing
from openfisca_stoffenbalans.report.drawing import LETTER, LINE, PLOT, ChartError, checked
from openfisca_stoffenbalans.report.svg import nothing

BAR = 12
ROOM_FOR_LETTER = 12
ROOM_FOR_NUMBER = 48
NEAR = 9
MARK = 5

Box = tuple[float, float, float, float]


def gainers_losers(frame: pl.DataFrame, bands: Sequence[str]) -> str:
    """How a change is spread over each group's farms: a bar of 100 % per group, a panel per scenario.

    `frame`: scenario, group, band, farms (weighted); `bands`: all bands, in the order of the bar. Each has a letter,
    which stands in the bar. Bars of groups with suppressed numbers are shares of the published ones; a note names them.
    """
    import altair as alt

    keys = ["scenario", "group", "band"]
    table = checked(frame, "gainers_losers", keys, ["farms"], keys)
    for band in drawing.in_order(table["band"]):
        if band not in bands:
            raise ChartError(f"gainers_losers, column band: {band!r}; allowed: {', '.join(bands)}")
    of_group = pl.col("farms").sum().over("scenario", "group")
    drawn = table.drop_nulls().filter(of_group > 0).with_columns(share=pl.col("farms") / of_group)
    if drawn.is_empty():
        return nothing("no group with a number of farms.")
    groups = drawing.in_order(table["group"])
    width = drawing.beside(groups)
    letter = dict(zip(bands, drawing.letters(len(bands)), strict=True))
    named = [f"{letter[band]}  {band}" for band in bands]
    panels = []
    for name in drawing.in_order(drawn["scenario"]):
        values = []
        of_one = drawn.filter(pl.col("scenario") == name)
        for group in drawing.in_order(of_one["group"]):
            at = 0.0
            found = {row["band"]: row["share"] for row in of_one.filter(pl.col("group") == group).to_dicts()}
            for place, band in enumerate(bands):
                share = found.get(band, 0.0)
                part = place / max(len(bands) - 1, 1)
                words = "" if share * width < ROOM_FOR_LETTER else letter[band]
                words += f" {share:.0%}" if share * width >= ROOM_FOR_NUMBER else ""
                row = {"group": group, "band": named[place], "from": at, "to": at + share, "label": words}
                values.append(row | {"middle": at + share / 2, "ink": drawing.ink(part)})
                at += share
        base = alt.Chart(alt.InlineData(values=values), width=width, height=alt.Step(20)).encode(
            y=alt.Y("group:N", title=None, sort=[group for group in groups if group in set(of_one["group"])])
        )
        fill = alt.Fill(
            "band:N",
            scale=alt.Scale(domain=named, range=drawing.shades(len(bands))),
            legend=alt.Legend(orient="top", symbolType="square", symbolSize=150, symbolStrokeWidth=0.5),
        )
        axis = alt.Axis(format=".0%")
        x = alt.X("from:Q", title="share of the group's farms (weighted), %", scale=alt.Scale(domain=[0, 1]), axis=axis)
        bars = base.mark_bar(stroke="#000000", strokeWidth=0.5).encode(x=x, x2="to:Q", fill=fill)
        labels = base.mark_text().encode(x="middle:Q", text="label:N", color=alt.Color("ink:N", scale=None))
        panels.append(alt.layer(bars, labels).properties(title=drawing.heading(name)))
    return drawing.stacked(panels, _suppressed_bands(table, bands))


def _suppressed_bands(table: pl.DataFrame, bands: Sequence[str]) -> list[str]:
    """A note that names the groups with suppressed numbers, by scenario."""
    hidden = table.filter(pl.col("farms").is_null())
    notes = []
    for name in drawing.in_order(hidden["scenario"]):
        of_one = hidden.filter(pl.col("scenario") == name)
        places = []
        for group in drawing.in_order(of_one["group"]):
            found = set(of_one.filter(pl.col("group") == group)["band"])
            places.append(f"{group} ({', '.join(band for band in bands if band in found)})")
        scenario = f", {name}" if name else ""
        notes.append(f"Suppressed{scenario}, bars are shares of the other bands: {'; '.join(places)}.")
    return notes


def by_group_bars(frame: pl.DataFrame, title: str) -> str:
    """A number per group and scenario: horizontal bars, each with its scenario's letter and its number.

    `frame`: group, scenario, value; `title`: the axis title, with the unit.
    """
    import altair as alt

    table = checked(frame, "by_group_bars", ["group", "scenario"], ["value"], ["group", "scenario"])
    known = table["value"].drop_nulls().to_list()
    if not known:
        return nothing("no group with a number.")
    groups, scenarios = drawing.in_order(table["group"]), drawing.in_order(table["scenario"])
    one = scenarios == [""]
    letter = dict(zip(scenarios, [""] if one else drawing.letters(len(scenarios)), strict=True))
    named = [f"{letter[name]}  {name}" for name in scenarios]
    words = drawing.written(table["value"].to_list())
    low, high = drawing.span([0, *known])
    room = (high - low) * 0.22
    domain = [low - room if low < 0 else low, high + room if high > 0 else high]
    drawn = table.with_columns(
        label=pl.Series(
            [f"{letter[row['scenario']]} {text}".strip() for row, text in zip(table.to_dicts(), words, strict=True)]
        ),
        scenario=pl.col("scenario").replace_strict(scenarios, named),
        end=pl.col("value").fill_null(0),
    )
    base = alt.Chart(
        alt.InlineData(values=drawn.to_dicts()),
        width=drawing.beside(groups),
        height=alt.Step(BAR, **{"for": "offset"}),
    ).encode(
        y=alt.Y("group:N", title=None, sort=groups, scale=alt.Scale(paddingInner=0.25)),
        yOffset=alt.YOffset("scenario:N", sort=named),
        x=alt.X("end:Q", title=title, scale=alt.Scale(domain=domain, nice=False)),
    )
    scale = alt.Scale(domain=named, range=drawing.shades(len(named)))
    bars = base.mark_bar(stroke="#000000", strokeWidth=0.5).encode(
        x2=alt.datum(0),
        fill=alt.Fill(
            "scenario:N",
            scale=scale,
            legend=None
            if one
            else alt.Legend(orient="top", symbolType="square", symbolSize=150, symbolStrokeWidth=0.5),
        ),
    )
    layers = [bars]
    sides: dict[str, dict[str, Any]] = {
        "datum.end >= 0": {"align": "left", "dx": 4},
        "datum.end < 0": {"align": "right", "dx": -4},
    }
    for sign, side in sides.items():
        layers.append(base.transform_filter(sign).mark_text(fontSize=10, **side).encode(text="label:N"))
    return drawing.stacked([alt.layer(*layers)])


def frontier(frame: pl.DataFrame) -> str:
    """What options save and what they cost: numbered points, with a table of the numbers below.

    `frame`: option, data_points_saved (per farm), share_wrong (0 to 1: farms with another verdict). Filled points on
    the line are options that no other one beats: none is better in one number and at least as good in the other.
    """
    import altair as alt

    numbers = ["data_points_saved", "share_wrong"]
    table = checked(frame, "frontier", ["option"], numbers, ["option"])
    known = drawing.shares(table, "frontier", "share_wrong").drop_nulls()
    if known.is_empty():
        return nothing("no option with both numbers.")
    known = known.sort("data_points_saved", "share_wrong", descending=[True, False], maintain_order=True)
    wrong, saved = pl.col("share_wrong"), pl.col("data_points_saved")
    # In this order only an earlier option can beat a later one.
    unbeaten = (wrong == wrong.cum_min()) & (saved == saved.max().over("share_wrong"))
    known = known.with_columns(best=unbeaten, number=pl.int_range(1, pl.len() + 1))
    height = 280
    x_domain = drawing.span([0, *known["data_points_saved"]])
    y_domain = [0.0, max(drawing.largest(known["share_wrong"]) * 1.1, 0.01)]
    x = alt.X("data_points_saved:Q", title="data points saved per farm", scale=alt.Scale(domain=x_domain, nice=False))
    axis = alt.Axis(format=".0%" if y_domain[1] > 0.05 else ".1%")
    y = alt.Y(
        "share_wrong:Q",
        title="share of farms with another verdict, %",
        scale=alt.Scale(domain=y_domain, nice=False),
        axis=axis,
    )
    points = alt.Chart(alt.InlineData(values=known.to_dicts()), width=PLOT, height=height).encode(x=x, y=y)
    fill = alt.condition("datum.best", alt.value("#000000"), alt.value("#ffffff"))
    layers = [
        points.transform_filter("datum.best").mark_line(color="#888888", strokeDash=[4, 2]),
        points.mark_point(filled=True, size=45, stroke="#000000", opacity=1).encode(fill=fill),
    ]
    names = alt.Chart(alt.InlineData(values=_numbered(known, x_domain, y_domain, height))).encode(
        x=x, y=y, text="label:N"
    )
    words: dict[str, Any] = {"align": "center", "baseline": "middle", "fontWeight": "bold"}
    layers += [names.mark_text(stroke="#ffffff", strokeWidth=3, **words), names.mark_text(color="#000000", **words)]
    notes = ["Filled, dashed line: no other option is better in one number and at least as good in the other."]
    left_out = [row["option"] for row in table.filter(pl.any_horizontal(pl.col(numbers).is_null())).to_dicts()]
    notes += [f"Suppressed: {', '.join(left_out)}."] if left_out else []
    return drawing.stacked([alt.layer(*layers), _legend_table(known)], notes)


def _numbered(
    known: pl.DataFrame, x_domain: Sequence[float], y_domain: Sequence[float], height: int
) -> list[dict[str, Any]]:
    """The points' numbers, each where it meets no other point or number; points in nearly one place share a label."""
    across, up = (x_domain[1] - x_domain[0]) / PLOT, (y_domain[1] - y_domain[0]) / height
    marks = [
        ((row["data_points_saved"] - x_domain[0]) / across, (row["share_wrong"] - y_domain[0]) / up, [row["number"]])
        for row in known.to_dicts()
    ]
    places: list[tuple[float, float, list[int]]] = []
    for x, y, numbers in marks:
        near = [shared for left, low, shared in places if abs(left - x) < NEAR and abs(low - y) < NEAR]
        if near:
            near[0] += numbers
        else:
            places.append((x, y, numbers))
    boxes: list[Box] = [(x, y, MARK, MARK) for x, y, _ in marks]
    labels = []
    for x, y, numbers in places:
        label = ", ".join(map(str, numbers))
        half = LETTER * len(label) / 2
        corners = [
            (x + side * (MARK + half), y + rise * (MARK + 2), half, LETTER) for rise in (1, -1) for side in (1, -1)
        ]
        box = next((corner for corner in corners if not any(_overlap(corner, other) for other in boxes)), corners[0])
        boxes.append(box)
        at = {"data_points_saved": x_domain[0] + box[0] * across, "share_wrong": y_domain[0] + box[1] * up}
        labels.append({**at, "label": label})
    return labels


def _overlap(one: Box, other: Box) -> bool:
    """Whether two boxes (middle across, middle up, half width, half height) meet."""
    return abs(one[0] - other[0]) < one[2] + other[2] and abs(one[1] - other[1]) < one[3] + other[3]


def _legend_table(known: pl.DataFrame) -> Any:
    """A table of the points as a chart: number, option, data points saved, share wrong."""
    import altair as alt

    head = ["no.", "option", "data points saved", "another verdict"]
    saved = drawing.written(known["data_points_saved"].to_list())
    rows = [
        [str(row["number"]), row["option"], text, f"{row['share_wrong']:.1%}"]
        for row, text in zip(known.to_dicts(), saved, strict=True)
    ]
    places = (0, 30, PLOT - 100, PLOT)
    values = [
        {"row": number, "column": column, "text": text}
        for number, row in enumerate([head, *rows])
        for column, text in enumerate(row)
    ]
    layers = []
    for column, place in enumerate(places):
        base = alt.Chart(alt.InlineData(values=[value for value in values if value["column"] == column]))
        place_in_column: dict[str, Any] = {"align": "left" if column < 2 else "right"}
        text = base.mark_text(limit=PLOT - 240 if column == 1 else PLOT, **place_in_column)
        y = alt.Y("row:O", axis=None)
        layers.append(text.encode(x=alt.value(place), y=y, text="text:N"))
    return alt.layer(*layers).properties(width=PLOT, height=alt.Step(LINE + 3))
