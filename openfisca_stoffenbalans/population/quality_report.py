"""The report on a population's quality as a page, and its figures as JSON and CSV."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.population import quality_charts as charts
from openfisca_stoffenbalans.population.held_out import written
from openfisca_stoffenbalans.population.measures import SIZE_CLASS, size_bounds
from openfisca_stoffenbalans.population.possible import thresholds
from openfisca_stoffenbalans.population.quality import RATIOS, Quality
from openfisca_stoffenbalans.population.quality_text import (
    REAL_FARMS,
    lead,
    per_cent,
    population,
    published,
    target_name,
)
from openfisca_stoffenbalans.report.html import render
from openfisca_stoffenbalans.report.model import Chart, Report, Section, Table

QUANTITY = {"DE": "nitrogen balance of the farm gate", "NL": "nitrogen surplus of the farm gate, without deposition"}
PAGE, FIGURES, TABLE = "quality.html", "quality.json", "quality.csv"


def quality_report(found: Quality) -> Report:
    """The report; `found`: the quality of one population."""
    return Report(
        title="What this population is worth",
        subtitle=f"{'Synthetic farms of' if found.synthetic else 'Farms of a data set,'} "
        f"{'Germany' if found.country == 'DE' else 'the Netherlands'}, {found.year}",
        lead=lead(found),
        sections=(
            margins(found), weights(found), held_out(found), balances(found), unpublished(found), rules(found),
            assumptions(found), made(found),
        ),
        footer=("Synthetic farms show what a rule does to farms like these; they are no survey of farms.",)
        if found.synthetic
        else (),
    )  # fmt: skip


def margins(found: Quality) -> Section:
    """Every margin beside what the population makes of it; below, where the figures come from."""
    rows = tuple(
        (
            target_name(row), written(row["target"]), row["unit"], written(row["start"]),
            per_cent(row["start_deviation_pct"]), written(row["calibrated"]), per_cent(row["deviation_pct"]),
            f"{row['tolerance']:g} %", "yes" if row["met"] else "no",
        )
        for row in in_order(found.margins)
    )  # fmt: skip
    head = ("margin", "target", "unit", "by start weights", "off by", "calibrated", "off by", "tolerance", "met")
    words = (
        "A margin is a published figure that the weights are calibrated to. By start weights: what the farms as made "
        "give, before the weights were moved.",
    )
    chart = Chart(
        "Deviation from the margins", charts.deviations(found.margins),
        "A dot for each margin by how far it is off, in tolerances, by start weights and calibrated.",
    )  # fmt: skip
    table = Table("Margins and what the population gives", head, rows, (), (1, 3, 4, 5, 6, 7))
    below = (
        Section("Every margin", "every-margin", (), (table,)),
        Section("Sources", "sources", (), (sources(found),)),
    )
    return Section("Margins", "margins", words, (), (chart,), below)


def in_order(table: pl.DataFrame) -> list[dict[str, Any]]:
    """The margins as they stand, but size classes from the smallest to the largest."""
    rows = list(table.iter_rows(named=True))
    classes = [place for place, row in enumerate(rows) if row["breakdown"] == SIZE_CLASS]
    by_size = sorted((rows[place] for place in classes), key=lambda row: size_bounds(row["category"]))
    for place, row in zip(classes, by_size, strict=True):
        rows[place] = row
    return rows


def sources(found: Quality) -> Table:
    """Where the margins come from: a row for each statistic, year, carrying over and source."""
    columns = ["words", "breakdown", "margin_year", "note", "source"]
    groups = found.margins.group_by(columns, maintain_order=True).len()
    rows = tuple(
        (
            row["words"], row["breakdown"].replace("_", " "), str(row["len"]), row["margin_year"] or "",
            row["note"] or "as printed", row["source"] or "",
        )
        for row in groups.iter_rows(named=True)
    )  # fmt: skip
    head = ("statistic", "by", "margins", "figure of", "how it was carried over", "source")
    return Table("Where the margins come from", head, rows, (), (2,))


def weights(found: Quality) -> Section:
    """How far weights moved, over all and by region."""
    # The page has room for these; quality.csv has all.
    shown = [name for name in RATIOS if name not in ("p1", "p99")]
    head = ("region", "farms", "stand for", *shown, "at a bound", "effective sample")
    rows = tuple(
        (
            row["region"], f"{row['farms']:,}", f"{row['stands_for']:,.0f}",
            *("–" if row[name] is None else f"{row[name]:.3f}" for name in shown),
            "–" if row["at_low"] is None else f"{row['at_low'] + row['at_high']:,}", f"{row['effective_sample']:,.0f}",
        )
        for row in found.weights.iter_rows(named=True)
    )  # fmt: skip
    words = (
        "The ratio of a farm's weight to its start weight says how far calibration had to bend the farms as made. The "
        "effective sample is the number of farms of equal weight that would be as certain: (sum of weights)² over the "
        "sum of squared weights.",
    )
    chart = Chart(
        "Weight over start weight",
        charts.ratios(found.bins),
        "How many farms have which ratio of weight to start weight.",
    )
    table = Table("Weights over start weights", head, rows, (), tuple(range(1, len(head))))
    return Section("Weights", "weights", words, (table,), (chart,))


def held_out(found: Quality) -> Section:
    """Every held-out figure with its verdict; below, how each was compared, and its boundary."""
    rows = tuple(
        (
            one.words, published(one), population(one),
            "–" if one.low is None else f"{written(one.low)} to {written(one.high)}", one.unit, one.year or "–",
            one.said + ("" if one.independent else " (not independent)"),
        )
        for one in found.figures
    )  # fmt: skip
    head = ("figure", "published", "population", "9 of 10 samples", "unit", "of", "verdict")
    whys = tuple((one.words, one.why, one.source or "–") for one in found.figures)
    words = (
        "Published figures that the population was not calibrated to. Where it misses one, it says so: no figure is "
        "bent to fit. Figures that follow from the margins are shown and marked as not independent.",
    )
    chart = Chart(
        "Held-out figures", charts.intervals(found.figures),
        "Each held-out figure that could be compared: the population in per cent of the published figure.",
    )  # fmt: skip
    table = Table("Held-out figures", head, rows, (), (1, 2, 3))
    reasons = Table("How they were compared, and what they count", ("figure", "how and why", "source"), whys)
    below = (
        Section("Every figure", "every-figure", (), (table,)),
        Section("How they were compared", "how-compared", (), (reasons,)),
    )
    return Section("Held-out figures", "held-out", words, (), (chart,), below)


def balances(found: Quality) -> Section:
    """The nitrogen balance by farm type."""
    rows = tuple(
        (row["farm_type"].replace("_", " "), f"{row['farms']:,.0f}",
         *(written(row[name]) for name in ("p5", "p25", "median", "p75", "p95")))
        for row in found.balances.iter_rows(named=True)
    )  # fmt: skip
    head = ("farm type", "farms", "5 %", "25 %", "median", "75 %", "95 %")
    quantity = QUANTITY[found.country]
    table = Table(f"{quantity.capitalize()}, kg N/ha, {found.year}", head, rows, (), tuple(range(1, len(head))))
    chart = Chart("Nitrogen balance by farm type", charts.balances(found.balances, quantity),
                  "A box for each farm type: the spread of its nitrogen balance per hectare.")  # fmt: skip
    words = (
        "No published distribution by farm type was found to hold this against; it is shown so that it can be judged.",
    )
    return Section("Nitrogen balance by farm type", "balances", words, (table,), (chart,))


def unpublished(found: Quality) -> Section:
    """What no source gives: as the assumptions make it, or as the data have it."""
    rows = tuple((words, written(value), *others) for words, value, *others in found.unpublished.iter_rows())
    head: tuple[str, ...] = ("figure", "population", "unit", "assumptions")
    words = (
        "No published figure was found for these. They follow from the assumptions and the margins together, and say "
        "nothing about the country beyond them. The last column names the assumptions that bear on each most; their "
        "values, ranges and reasons stand below.",
    )
    if not found.synthetic:
        words = ("No published figure was found for these. So the farms of the data set have it, with their weights.",)
        head, rows = head[:-1], tuple(row[:-1] for row in rows)
    table = Table(f"What this population makes of it, {found.year}", head, rows, (), (1,))
    return Section("What no source says", "unpublished", words, (table,))


def rules(found: Quality) -> Section:
    """Rules for possible farms, and their thresholds."""
    rows = tuple(
        (row["rule"], row["words"], f"{row['judged']:,}", f"{row['broken']:,}", f"{row['farms']:,}",
         found.judged.example(row) if row["broken"] else "")
        for row in found.judged.counts.iter_rows(named=True)
    )  # fmt: skip
    table = Table(
        "Rules for possible farms",
        ("rule", "what it says", "judged", "broken", "farms", "for instance"),
        rows,
        (),
        (2, 3, 4),
    )
    values = tuple(
        (name, by_class(one.value), f"{by_class(one.low)} to {by_class(one.high)}", one.unit, one.reason)
        for name, one in thresholds(found.country).items()
    )
    bounds = Table("Thresholds of the rules", ("threshold", "value", "other choices", "unit", "reason"), values)
    words = (
        "What a farm enters must be possible together. A rule is judged where everything it needs is known; a farm "
        "with missing contents breaks no rule by that.",
        *(() if found.synthetic else (REAL_FARMS,)),
    )
    return Section("Possible farms", "possible", words, (table, bounds))


def by_class(value: Any) -> str:
    """A threshold, class by class where it has some."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {one:g}" for key, one in value.items())
    return f"{value:g}"


def assumptions(found: Quality) -> Section:
    """Every assumption with value, range and reason."""
    rows = tuple(
        (row["name"], "–" if row["value"] is None else f"{row['value']:g}",
         "–" if row["low"] is None else f"{row['low']:g} to {row['high']:g}", row["unit"],
         "yes" if row["varied"] else "no", row["reason"])
        for row in found.assumptions.iter_rows(named=True)
    )  # fmt: skip
    head = ("assumption", "value", "range", "unit", "varied", "reason")
    words = ("Numbers that no published statistic gives. Another value within the range makes another population.",)
    return Section("Assumptions", "assumptions", words, (Table("Assumptions", head, rows, (), (1,)),))


def made(found: Quality) -> Section:
    """What the population was made from."""
    parts = ("country", "year", "years", "seed", "farms", "farms_per_block")
    rows = [(name, str(found.made[name])) for name in parts if name in found.made]
    rows += [(name, str(version)) for name, version in dict(found.made.get("program", {})).items()]
    rows += [(f"rows of {name}", f"{number:,}") for name, number in dict(found.made.get("rows", {})).items()]
    return Section("How it was made", "made", (), (Table("What population.json says", ("what", "value"), tuple(rows)),))


def figures(found: Quality) -> dict[str, Any]:
    """All figures as plain data."""
    return {
        "country": found.country,
        "year": found.year,
        "farms": found.farms,
        "sentences": list(lead(found)),
        "margins": found.margins.to_dicts(),
        "weights": found.weights.to_dicts(),
        "held_out": [dataclasses.asdict(one) for one in found.figures],
        "balances": found.balances.to_dicts(),
        "unpublished": found.unpublished.to_dicts(),
        "rules": found.judged.counts.to_dicts(),
        "assumptions": found.assumptions.to_dicts(),
    }


def rows_of(found: Quality) -> Iterator[tuple[str, str, str, float | None, str]]:
    """All figures one by one: part, what, quantity, value, unit."""
    for row in found.margins.iter_rows(named=True):
        for name in ("target", "start", "calibrated"):
            yield "margins", target_name(row), name, row[name], row["unit"]
        yield "margins", target_name(row), "deviation", row["deviation_pct"], "%"
        yield "margins", target_name(row), "tolerance", row["tolerance"], "%"
    for row in found.weights.iter_rows(named=True):
        for name, value in row.items():
            if name != "region":
                yield "weights", row["region"], name, value, "ratio" if name in RATIOS else "farms"
    for one in found.figures:
        for name in ("published", "published_high", "population", "population_high", "low", "high"):
            yield "held_out", one.id, name, getattr(one, name), one.unit
    for row in found.balances.iter_rows(named=True):
        for name, value in row.items():
            if name != "farm_type":
                yield "balances", row["farm_type"], name, value, "farms" if name == "farms" else "kg N/ha"
    for words, value, unit, _ in found.unpublished.iter_rows():
        yield "unpublished", words, "value", value, unit
    for row in found.judged.counts.iter_rows(named=True):
        for name in ("judged", "broken", "farms"):
            yield "rules", row["rule"], name, row[name], "farms" if name == "farms" else "rows"
    for row in found.assumptions.iter_rows(named=True):
        for name in ("value", "low", "high"):
            yield "assumptions", row["name"], name, row[name], row["unit"]


def write(found: Quality, out: Path) -> list[Path]:
    """Write quality.html, quality.json, quality.csv and the breaches (breaches.csv); the files."""
    kinds = {"part": pl.String, "what": pl.String, "quantity": pl.String, "value": pl.Float64, "unit": pl.String}
    table = pl.DataFrame(list(rows_of(found)), schema=kinds, orient="row")
    plain = json.dumps(figures(found), indent=1, ensure_ascii=False, default=str) + "\n"
    written_files = []
    for name, text in ((PAGE, render(quality_report(found))), (FIGURES, plain)):
        with replacing(out / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
        written_files.append(out / name)
    for name, frame in ((TABLE, table), ("breaches.csv", found.judged.breaches)):
        with replacing(out / name) as temporary:
            frame.write_csv(temporary)
        written_files.append(out / name)
    return written_files
