"""What is different between two runs, as sentences, tables and files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars

from openfisca_stoffenbalans.report.html import render
from openfisca_stoffenbalans.report.model import Report, Section, Table
from openfisca_stoffenbalans.report.words import MISSING, SUPPRESSED, plain
from openfisca_stoffenbalans.scenario.receipt_effects import STEPS, Effect
from openfisca_stoffenbalans.scenario.receipts import Difference, Run, in_words
from openfisca_stoffenbalans.scenario.write import write_text

HEADS = {
    "program_first": "program (first run again)",
    "data": "data",
    "year": "year",
    "rules": "rules",
    "program_second": "program (to the second run)",
}
TABLE_HEADS = ("program, before", "data", "year", "rules", "program, after")
SPLIT = (
    "Each part is the move from one run to the next: the first run as stored, made again by this program, with the "
    "second run's data, with its year, with its rules, and the second run as stored. The parts add up to the "
    "difference; in another order they could be others."
)


def sentences(first: Run, second: Run, found: Sequence[Difference], effects: Sequence[Effect]) -> Iterator[str]:
    """What is different, and what it did to the figures."""
    yield f"First: {first.place} ({first.kind}); second: {second.place}."
    yield from in_words(list(found))
    yield from of_figures(effects)


def of_figures(effects: Sequence[Effect]) -> Iterator[str]:
    """Which main figures are different, and why."""
    if not effects:
        yield "No figures are at hand to be held against each other."
        return
    moved = [effect for effect in effects if effect.whole]
    unknown = sum(effect.whole is None for effect in effects)
    if not moved:
        yield "No main figure is different." if not unknown else "No published main figure is different."
    for effect in moved:
        yield said(effect)
    if unknown:
        yield f"{unknown} of {len(effects)} main figures are not published in one of the runs and not compared."
    for why in dict.fromkeys(effect.why for effect in effects if effect.why and effect.whole is not None):
        yield f"Not split: {why}."


def said(effect: Effect) -> str:
    """The difference of one figure with its parts."""
    parts = [f"{HEADS[step]} {signed(effect.parts[step])}" for step in STEPS if effect.parts.get(step)]
    how = f": {', '.join(parts)}" if parts else ""
    return (
        f"{words(effect)} under {effect.scenario}: {number(effect.first)} and {number(effect.second)}, "
        f"{signed(effect.whole)}{how}."
    )


def words(effect: Effect) -> str:
    """The name of a figure with its unit, unless it counts."""
    return f"{plain(effect.statistic)} (t N)" if effect.statistic.endswith("_t") else plain(effect.statistic)


def receipts_report(first: Run, second: Run, found: Sequence[Difference], effects: Sequence[Effect]) -> Report:
    """The report of two runs."""
    body = tuple((one.topic, one.what, one.first, one.second) for one in found)
    differences = Table("What is different", ("topic", "what", "first", "second"), body)
    rows = tuple(
        (
            effect.scenario,
            words(effect),
            number(effect.first),
            number(effect.second),
            signed(effect.whole),
            *(signed(effect.parts.get(step)) for step in STEPS),
            effect.why,
        )
        for effect in effects
    )
    head = ("scenario", "figure", "first", "second", "difference", *TABLE_HEADS, "not split because")
    table = Table("Main figures of all farms", head, rows, (SPLIT,), tuple(range(2, 5 + len(STEPS))))
    return Report(
        title="Two runs beside each other",
        subtitle=f"{first.place} and {second.place}",
        lead=tuple(in_words(list(found))),
        sections=(
            Section("What is different", "different", (), (differences,)),
            Section("What it did to the figures", "figures", tuple(of_figures(effects)), (table,)),
        ),
    )


def frame(found: Sequence[Difference], effects: Sequence[Effect]) -> polars.DataFrame:
    """A row per difference and per figure; `topic` of a row with a figure is `figure`."""
    rows: list[dict[str, Any]] = [
        {"topic": one.topic, "what": one.what, "first": one.first, "second": one.second} for one in found
    ]
    rows += [
        {
            "topic": "figure",
            "scenario": effect.scenario,
            "what": effect.statistic,
            "first": None if effect.first is None else str(effect.first),
            "second": None if effect.second is None else str(effect.second),
            "difference": effect.whole,
            **{step: effect.parts.get(step) for step in STEPS},
            "not_split_because": effect.why or None,
        }
        for effect in effects
    ]
    texts = ("topic", "scenario", "what", "first", "second")
    numbers = dict.fromkeys(("difference", *STEPS), polars.Float64)
    schema = {**dict.fromkeys(texts, polars.String), **numbers, "not_split_because": polars.String}
    return polars.DataFrame(rows, schema=schema)


def write_html(first: Run, second: Run, found: Sequence[Difference], effects: Sequence[Effect], path: Path) -> None:
    """Write the report."""
    write_text(render(receipts_report(first, second, found, effects)), path)


def write_csv(first: Run, second: Run, found: Sequence[Difference], effects: Sequence[Effect], path: Path) -> None:
    """Write the rows of `frame`."""
    write_text(frame(found, effects).write_csv(), path)


WRITERS = {".html": write_html, ".csv": write_csv}


def number(value: float | None) -> str:
    """A figure of a run."""
    return SUPPRESSED if value is None else f"{value:,.10g}" if float(value).is_integer() else f"{value:,.3f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    if value is None:
        return MISSING
    return f"{value:+,.0f}" if float(value).is_integer() else f"{value:+,.3f}"
