"""Charts of a population's quality, as SVG texts that can be read in black and white."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from openfisca_stoffenbalans.population.held_out import HeldOut
from openfisca_stoffenbalans.report import drawing
from openfisca_stoffenbalans.report.svg import nothing

ROW = 16
FILL = "#1f5fa8"
TICKS = (0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.4, 2, 3, 5)


def _inline(values: Sequence[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.InlineData(values=list(values))


def _plot(names: Sequence[str]) -> tuple[int, int]:
    """Width beside the names, height for all of them."""
    return drawing.beside(names), ROW * len(dict.fromkeys(names))


def deviations(margins: pl.DataFrame) -> str:
    """A row per statistic: how far its margins are off, in tolerances, calibrated and by start weights.

    `margins`: of Quality. A dot is a margin; beyond two rules at ±1 a margin is missed. Dots farther off than four
    tolerances stand at four.
    """
    import altair as alt

    if margins.is_empty():
        return nothing("no margin.")
    most = 4.0
    dots = []
    for row in margins.iter_rows(named=True):
        for kind, name in (("start_deviation_pct", "start weights"), ("deviation_pct", "calibrated")):
            if row[kind] is not None:
                off = max(-most, min(most, row[kind] / row["tolerance"]))
                dots.append({"words": row["words"], "off": off, "kind": name})
    names = list(dict.fromkeys(margins["words"]))
    y = alt.Y("words:N", sort=names, title=None, axis=alt.Axis(labelLimit=drawing.LABEL))
    x = alt.X("off:Q", title="deviation, in tolerances", scale=alt.Scale(domain=[-most, most]))
    width, height = _plot(names)

    def points(kind: str) -> alt.Chart:
        chosen = [dot for dot in dots if dot["kind"] == kind]
        return alt.Chart(_inline(chosen), width=width, height=height).encode(x=x, y=y)

    layers = (
        points("start weights").mark_point(filled=False, color="#777777", size=26),
        points("calibrated").mark_point(filled=True, color=FILL, size=26, opacity=1),
    )
    rules = alt.Chart(_inline([{"at": -1}, {"at": 1}])).mark_rule(strokeDash=[4, 2]).encode(x=alt.X("at:Q"))
    notes = (
        "A dot is a margin: filled calibrated, hollow by start weights; those farther off than 4 tolerances stand at "
        "4. Between the dashed lines a margin is met.",
    )
    return drawing.stacked([alt.layer(*layers, rules)], notes)


def ratios(bins: pl.DataFrame) -> str:
    """How many farms have which ratio of weight to start weight. `bins`: lower, upper, farms."""
    import altair as alt

    if bins.is_empty():
        return nothing("the data do not say the weights before calibration.")
    low, high = float(bins["lower"].to_numpy().min()), float(bins["upper"].to_numpy().max())
    base = alt.Chart(_inline(bins.to_dicts()), width=drawing.PLOT, height=200)
    bars = base.mark_bar(color=drawing.shade(0.3), stroke="#000000", strokeWidth=0.5).encode(
        x=alt.X(
            "lower:Q", title="weight over start weight", scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=[tick for tick in TICKS if low <= tick <= high], format="~g", labelOverlap=True),
        ),
        x2="upper:Q",
        y=alt.Y("farms:Q", title="farms as made"),
        y2=alt.datum(0),
    )  # fmt: skip
    one = alt.Chart(_inline([{"at": 1}])).mark_rule(strokeDash=[4, 2]).encode(x=alt.X("at:Q"))
    return drawing.stacked(
        [alt.layer(bars, one) if low < 1 < high else bars], ["The steps are equal in the logarithm of the ratio."]
    )


def intervals(figures: Sequence[HeldOut]) -> str:
    """A row per held-out figure, in per cent of the published one: the population, and what samples show."""
    import altair as alt

    shown = [
        one for one in figures if one.published and one.population is not None and one.verdict in ("agrees", "misses")
    ]
    if not shown:
        return nothing("no held-out figure that could be compared.")
    rows: list[dict[str, Any]] = []
    for one in shown:
        whole = one.published or 1
        name = one.short if one.independent else f"({one.short})"
        rows.append({
            "words": name, "population": 100 * (one.population or 0) / whole,
            "low": 100 * (one.low if one.low is not None else one.population or 0) / whole,
            "high": 100 * (one.high if one.high is not None else one.population or 0) / whole,
            "top": 100 * (one.published_high or whole) / whole, "from": 100, "misses": one.verdict == "misses",
        })  # fmt: skip
    names = [row["words"] for row in rows]
    y = alt.Y("words:N", sort=names, title=None, axis=alt.Axis(labelLimit=drawing.LABEL))
    ends = [value for row in rows for value in (row["low"], row["high"], row["population"], row["top"], 100)]
    scale = alt.Scale(domain=drawing.span(ends), nice=True, zero=False)
    width, height = _plot(names)
    base = alt.Chart(_inline(rows), width=width, height=height)
    published = base.mark_bar(color="#cccccc", height=9).encode(x=alt.X("from:Q", scale=scale), x2="top:Q", y=y)
    spread = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", title="per cent of the published figure", scale=scale), x2="high:Q", y=y
    )
    dots = base.mark_point(filled=True, opacity=1, size=60, color=FILL).encode(
        x=alt.X("population:Q", scale=scale), y=y,
        shape=alt.Shape("misses:N", scale=alt.Scale(domain=[False, True], range=["circle", "cross"]), legend=None),
    )  # fmt: skip
    rule = alt.Chart(_inline([{"at": 100}])).mark_rule(strokeDash=[4, 2]).encode(x=alt.X("at:Q", scale=scale))
    notes = (
        "Dashed: the published figure (grey: up to the upper end of a range). Dot: the population, cross where it "
        "misses; line: 9 of 10 samples of the published size. In brackets: not independent of the margins.",
    )
    return drawing.stacked([alt.layer(published, spread, rule, dots)], notes)


def balances(table: pl.DataFrame, quantity: str) -> str:
    """A row per farm type: 5, 25, 50, 75 and 95 % of farms have a nitrogen balance below. `table`: of Quality."""
    import altair as alt

    if table.is_empty():
        return nothing("no farm whose balance is known.")
    rows = [{**row, "farm_type": row["farm_type"].replace("_", " ")} for row in table.iter_rows(named=True)]
    names = [row["farm_type"] for row in rows]
    y = alt.Y("farm_type:N", sort=names, title=None)
    base = alt.Chart(_inline(rows), width=drawing.beside(names), height=2 * ROW * len(names))
    title = f"{quantity}, kg N/ha"
    outer = base.mark_rule(strokeWidth=1.5).encode(x=alt.X("p5:Q", title=title), x2="p95:Q", y=y)
    inner = base.mark_bar(color=drawing.shade(0.3), stroke="#000000", height=12).encode(x="p25:Q", x2="p75:Q", y=y)
    middle = base.mark_tick(color="#000000", thickness=2, size=18).encode(x="median:Q", y=y)
    return drawing.stacked(
        [alt.layer(outer, inner, middle)], ["Line: 5 to 95 % of farms; box: 25 to 75 %; stroke: median. Weighted."]
    )
