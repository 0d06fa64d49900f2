"""Charts of results as SVG texts that can be read in black and white.

Every function takes a table with one row per thing drawn. A null number is a suppressed one: it is left out or shown
as suppressed, never as zero. A table with nothing to draw gives a small picture that says so. Raises ChartError for
a table that can't be drawn. The same table gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from openfisca_stoffenbalans.dataset.summary import VERDICTS
from openfisca_stoffenbalans.report import drawing
from openfisca_stoffenbalans.report.comparisons import by_group_bars, frontier, gainers_losers
from openfisca_stoffenbalans.report.drawing import DASHES, INKS, LETTER, LINE, PLOT, ChartError, Limits, checked
from openfisca_stoffenbalans.report.svg import nothing

__all__ = [
    "by_group_bars",
    "distribution",
    "exceedance",
    "frontier",
    "gainers_losers",
    "sweep",
    "transitions",
]

# More lines than dashes can't be told apart.
LINES = len(DASHES)


def distribution(
    frame: pl.DataFrame, limits: Limits = (), quantity: str = "nitrogen surplus", unit: str = "kg N/ha"
) -> str:
    """How farms spread over a quantity: a panel per scenario, the first scenario's outline dashed in the others.

    `frame`: scenario, lower, upper (the edges of a bin in `unit`), farms (weighted). Bins may have unequal widths: the
    height is farms per unit, so that areas are farms. Open-ended bins (null or infinite edge) are named in a note.
    """
    import altair as alt

    table = checked(frame, "distribution", ["scenario"], ["lower", "upper", "farms"], ["scenario", "lower", "upper"])
    edges = pl.col("lower", "upper")
    table = table.with_columns(pl.when(edges.is_finite()).then(edges))
    for row in table.filter(pl.col("upper") <= pl.col("lower")).to_dicts():
        raise ChartError(f"distribution, column upper: {row['upper']:g}; allowed: above lower, {row['lower']:g}")
    drawn = table.drop_nulls().with_columns(density=pl.col("farms") / (pl.col("upper") - pl.col("lower")))
    if drawn.is_empty():
        return nothing("no bin with a number of farms.")
    scenarios = drawing.in_order(table["scenario"])
    domain = drawing.span([*drawn["lower"], *drawn["upper"]], limits)
    height = 160 if len(scenarios) > 1 else 240
    title = f"weighted farms per {unit}"
    y = alt.Y("density:Q", title=title, scale=alt.Scale(domain=[0, 1.1 * drawing.largest(drawn["density"]) or 1]))
    panels = []
    for name in scenarios:
        last = name == scenarios[-1]
        x = alt.X("lower:Q", title=f"{quantity}, {unit}" if last else None, scale=alt.Scale(domain=domain, nice=False))
        values = drawn.filter(pl.col("scenario") == name).to_dicts()
        bars = alt.Chart(alt.InlineData(values=values), width=PLOT, height=height)
        layers = [
            bars.mark_bar(color=drawing.shade(0.3), stroke="#000000", strokeWidth=0.5).encode(
                x=x, x2="upper:Q", y=y, y2=alt.datum(0)
            )
        ]
        if name != scenarios[0]:
            first = drawn.filter(pl.col("scenario") == scenarios[0]).to_dicts()
            outline = alt.Chart(alt.InlineData(values=first)).mark_rule(strokeDash=[4, 2], strokeWidth=2)
            layers.append(outline.encode(x=x, x2="upper:Q", y=y))
        labelled = name == scenarios[0]
        layers += drawing.rules(limits, domain, height, labelled)
        panels.append(alt.layer(*layers).properties(title=drawing.heading(name)))
    notes = [f"Dashed: {scenarios[0]}."] if len(scenarios) > 1 else []
    return drawing.stacked(panels, [*notes, *_bins_left_out(table, unit)])


def _bins_left_out(table: pl.DataFrame, unit: str) -> list[str]:
    """A note on the bins that have no bar, by scenario."""
    notes = []
    for row in table.filter(pl.any_horizontal(pl.all().is_null())).to_dicts():
        edges = [f"from {row['lower']:,g}"] if row["lower"] is not None else []
        edges += [f"below {row['upper']:,g}"] if row["upper"] is not None else []
        found = "suppressed" if row["farms"] is None else f"{drawing.written([row['farms']])[0]} farms, not drawn"
        notes.append(drawing.under(row["scenario"], f"{' and '.join(edges) or 'all'} {unit}: {found}"))
    return [f"{'; '.join(notes)}."] if notes else []


def exceedance(frame: pl.DataFrame, unit: str, limits: Limits = (), quantity: str = "norm") -> str:
    """Share of farms above each norm: a dashed or plain line per scenario.

    `frame`: norm (in `unit`), share (0 to 1), and scenario when there are several.
    """
    table = checked(frame, "exceedance", ["scenario"], ["norm", "share"], ["scenario", "norm"])
    table = drawing.shares(table, "exceedance", "share").rename({"share": "value"})
    return _lines(table, f"{quantity}, {unit}", "share of farms above the norm, %", limits, percent=True)


def sweep(frame: pl.DataFrame, norm: str, value: str, second: str | None = None) -> str:
    """A result over the values of a norm; over two norms a heat map.

    `frame`: norm, value, and scenario when there are several; with `second` also second_norm, and no scenario.
    `norm`, `value`, `second`: the titles, with units.
    """
    if second is None:
        table = checked(frame, "sweep", ["scenario"], ["norm", "value"], ["scenario", "norm"])
        return _lines(table, norm, value, (), percent=False)
    table = checked(frame, "sweep", [], ["norm", "second_norm", "value"], ["norm", "second_norm"])
    return _heat_map(table, norm, value, second)


def _lines(table: pl.DataFrame, x_title: str, y_title: str, limits: Limits, percent: bool) -> str:
    """A line per scenario over norm, with points; a panel for every few scenarios."""
    import altair as alt

    scenarios = drawing.in_order(table["scenario"])
    table = table.drop_nulls("norm").sort("norm", maintain_order=True)
    drawn = table.drop_nulls()
    if drawn.is_empty():
        return nothing("no norm with a number.")
    domain = drawing.span(drawn["norm"].to_list(), limits)
    points = len(drawn["norm"].unique()) <= 40
    axis = alt.Axis(format=".0%" if percent else ",")
    scale = alt.Scale(domain=[0, 1]) if percent else alt.Scale(zero=True)
    panels = []
    for start in range(0, len(scenarios), LINES):
        names = scenarios[start : start + LINES]
        # Suppressed ones stay in: the line has a gap there.
        values = table.filter(pl.col("scenario").is_in(names)).to_dicts()
        legend = None if names == [""] else alt.Legend(symbolType="stroke", symbolSize=900, symbolStrokeWidth=2)
        base = alt.Chart(alt.InlineData(values=values), width=PLOT, height=260).encode(
            x=alt.X("norm:Q", title=x_title, scale=alt.Scale(domain=domain, nice=False)),
            y=alt.Y("value:Q", title=y_title, axis=axis if percent else alt.Axis(), scale=scale),
            color=alt.Color("scenario:N", scale=alt.Scale(domain=names, range=INKS[: len(names)]), legend=legend),
        )
        dash = alt.StrokeDash(
            "scenario:N", scale=alt.Scale(domain=names, range=list(DASHES[: len(names)])), legend=legend
        )
        layers = [base.mark_line(strokeWidth=2).encode(strokeDash=dash)]
        if points:
            layers.append(base.mark_point(filled=True, size=22, opacity=1))
        panels.append(alt.layer(*layers, *drawing.rules(limits, domain, 260)))
    hidden = table.filter(pl.col("value").is_null()).to_dicts()
    places = "; ".join(drawing.under(row["scenario"], f"{row['norm']:,g}") for row in hidden)
    return drawing.stacked(panels, [f"Suppressed, no point: {places}."] if places else [])


def _heat_map(table: pl.DataFrame, norm: str, value: str, second: str) -> str:
    """A cell per pair of norms, darker for more, with its number when there are few."""
    import altair as alt

    known = table["value"].drop_nulls()
    if known.is_empty():
        return nothing("no pair of norms with a number.")
    low, high = drawing.span(known.to_list())
    parts = [None if number is None else (number - low) / (high - low) for number in table["value"]]
    words = [text if text != "suppressed" else "×" for text in drawing.written(table["value"].to_list())]
    numbered = table["norm"].n_unique() * LETTER * (max(map(len, words)) + 1) <= PLOT
    cells = table.with_columns(
        label=pl.Series([word if numbered or word == "×" else "" for word in words]),
        shade=pl.Series(["#ffffff" if part is None else drawing.shade(part) for part in parts]),
        ink=pl.Series(["#000000" if part is None else drawing.ink(part) for part in parts]),
    )
    base = alt.Chart(
        alt.InlineData(values=cells.to_dicts()), width=PLOT, height=LINE * 2 * table["second_norm"].n_unique()
    )
    base = base.encode(
        x=alt.X("norm:O", title=norm, axis=alt.Axis(format=",", labelOverlap=True)),
        y=alt.Y("second_norm:O", title=second, sort="descending", axis=alt.Axis(format=",", labelOverlap=True)),
    )
    fields = base.mark_rect(stroke="#ffffff").encode(color=alt.Color("shade:N", scale=None))
    labels = base.mark_text().encode(text="label:N", color=alt.Color("ink:N", scale=None))
    least, most = drawing.written([min(known), max(known)])
    notes = [f"Shown: {value}. Darker is more: {least} (lightest) to {most} (darkest)."]
    if len(known) < len(table):
        notes.append("×: suppressed.")
    return drawing.stacked([alt.layer(fields, labels)], notes)


def transitions(frame: pl.DataFrame, verdicts: Sequence[str] = VERDICTS) -> str:
    """Farms by verdict before and after: a matrix per scenario with the number in each cell, framed where unchanged.

    `frame`: scenario, before, after (verdicts), farms (weighted). A pair without a row has an empty cell.
    """
    import altair as alt

    table = checked(frame, "transitions", ["scenario", "before", "after"], ["farms"], ["scenario", "before", "after"])
    for column in ("before", "after"):
        for verdict in drawing.in_order(table[column]):
            if verdict not in verdicts:
                raise ChartError(f"transitions, column {column}: {verdict!r}; allowed: {', '.join(verdicts)}")
    if table.is_empty():
        return nothing("no farm with a verdict before and after.")
    words = [verdict.replace("_", " ") for verdict in verdicts]
    most = drawing.largest(table["farms"]) or 1
    parts = [(farms or 0) / most for farms in table["farms"]]
    cells = table.with_columns(
        pl.col("before", "after").str.replace_all("_", " "),
        label=pl.Series(drawing.written(table["farms"].to_list())),
        shade=pl.Series([drawing.shade(part) if part else "#ffffff" for part in parts]),
        ink=pl.Series([drawing.ink(part) for part in parts]),
    )
    panels = []
    for name in drawing.in_order(table["scenario"]):
        values = cells.filter(pl.col("scenario") == name).to_dicts()
        unchanged = [row for row in values if row["before"] == row["after"]]
        base = alt.Chart(
            alt.InlineData(values=values), width=drawing.beside(words) - LINE * 2, height=30 * len(words)
        ).encode(
            x=alt.X(
                "after:N", title="verdict after", sort=words, scale=alt.Scale(domain=words), axis=alt.Axis(orient="top")
            ),
            y=alt.Y("before:N", title="verdict before", sort=words, scale=alt.Scale(domain=words)),
        )
        layers = [
            base.mark_rect(stroke="#999999").encode(color=alt.Color("shade:N", scale=None)),
            base.mark_rect(filled=False, stroke="#000000", strokeWidth=2).properties(
                data=alt.InlineData(values=unchanged)
            ),
            base.mark_text().encode(text="label:N", color=alt.Color("ink:N", scale=None)),
        ]
        panels.append(alt.layer(*layers).properties(title=drawing.heading(name)))
    return drawing.stacked(panels, ["Weighted farms. Framed: the same verdict before and after."])
