"""What no possible farm does: rules over a data set, and the farms that break them.

A rule holds an amount of each farm and balance year (or line, or pair of years) between bounds. Where the amount or a
bound is missing, nothing is judged: a farm with missing contents breaks no rule by that. The thresholds stand in
possible.yaml, each with its reason.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.dataset import DataError, Report, read_tables
from openfisca_stoffenbalans.dataset import check as check_tables
from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.population.amounts import of_farms
from openfisca_stoffenbalans.population.assumptions import Assumption
from openfisca_stoffenbalans.population.assumptions import _read as read_assumption
from openfisca_stoffenbalans.population.facts import RESULTS, Facts, facts
from openfisca_stoffenbalans.tables import load_yaml

FILE = Path(__file__).with_name("possible.yaml")

# Float sums of rounded lines: a gram for each kilogram at a million.
NOISE = 1e-6
BREACHES = {
    "rule": pl.String, "farm_id": pl.String, "year_start": pl.Date, "found": pl.Float64, "least": pl.Float64,
    "most": pl.Float64, "unit": pl.String, "note": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """One rule. `found` must not be below `least` nor above `most` in the rows of `frame` that meet `where`.

    `frame`: the name of a frame of Facts; `words`: a sentence; the expressions are in `unit`.
    """

    id: str
    words: str
    unit: str
    found: pl.Expr
    least: pl.Expr | None = None
    most: pl.Expr | None = None
    where: pl.Expr | None = None
    frame: str = "years"


@dataclass(frozen=True)
class Judged:
    """What the rules found: `counts` (rule, words, unit, judged, broken, farms) and `breaches` (a row each)."""

    counts: pl.DataFrame
    breaches: pl.DataFrame

    @property
    def farms(self) -> int:
        """How many farms break some rule."""
        return self.breaches["farm_id"].n_unique()

    def sentences(self) -> list[str]:
        """What to say of it: how many rules and farms, then every broken rule with one example."""
        judged, broken = self.counts.filter(pl.col("judged") > 0), self.counts.filter(pl.col("broken") > 0)
        if broken.is_empty():
            return [f"Possible farms: no farm breaks one of the {judged.height} rules that could be judged."]
        breaking = "1 farm breaks" if self.farms == 1 else f"{self.farms:,} farms break"
        said = [f"Possible farms: {breaking} {broken.height} of the {judged.height} rules judged."]
        for row in broken.iter_rows(named=True):
            said.append(f"  {row['rule']}: {row['broken']:,} of {row['judged']:,}. {row['words']} {self.example(row)}")
        return said

    def example(self, row: Mapping[str, Any]) -> str:
        """The worst breach of a rule: farm, year, found, allowed."""
        rows = self.breaches.filter(pl.col("rule") == row["rule"])
        away = pl.max_horizontal(pl.col("least") - pl.col("found"), pl.col("found") - pl.col("most"))
        one = rows.sort(away, descending=True, nulls_last=True, maintain_order=True).row(0, named=True)
        if one["note"] is not None:
            return f"For instance: {one['note']}."
        bounds = [f"at least {one['least']:,.6g}"] if one["least"] is not None else []
        bounds += [f"at most {one['most']:,.6g}"] if one["most"] is not None else []
        year = f", {one['year_start']}" if one["year_start"] is not None else ""
        return (
            f"For instance farm {one['farm_id']}{year}: {one['found']:,.6g}; allowed: "
            f"{' and '.join(bounds)} {row['unit']}."
        )


def judge(rules: Sequence[Rule], looked_at: Facts) -> Judged:
    """Hold the rules against a data set's facts."""
    counts, breaches = [], []
    for rule in rules:
        judged, broken = _judge(rule, getattr(looked_at, rule.frame))
        counts.append((rule.id, rule.words, rule.unit, judged, broken.height, broken["farm_id"].n_unique()))
        breaches.append(broken)
    return Judged(_counts(counts), pl.concat(breaches) if breaches else pl.DataFrame(schema=BREACHES))


def _counts(rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
    kinds = {"rule": pl.String, "words": pl.String, "unit": pl.String}
    schema = kinds | dict.fromkeys(("judged", "broken", "farms"), pl.Int64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _judge(rule: Rule, frame: pl.DataFrame) -> tuple[int, pl.DataFrame]:
    """How many rows a rule could be held against, and those that break it."""
    chosen = frame if rule.where is None else frame.filter(rule.where)
    none = pl.lit(None, pl.Float64)
    rows = chosen.select(
        pl.lit(rule.id).alias("rule"),
        pl.col("farm_id"),
        pl.col("year_start").cast(pl.Date),
        rule.found.cast(pl.Float64).alias("found"),
        (none if rule.least is None else rule.least).cast(pl.Float64).alias("least"),
        (none if rule.most is None else rule.most).cast(pl.Float64).alias("most"),
        pl.lit(rule.unit).alias("unit"),
        pl.lit(None, pl.String).alias("note"),
    )
    bounds = [name for name, bound in (("least", rule.least), ("most", rule.most)) if bound is not None]
    known = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in ("found", *bounds)))
    slack = NOISE * pl.max_horizontal(1.0, pl.col("found").abs(), *(pl.col(name).abs() for name in bounds))
    below = pl.col("found") < pl.col("least") - slack
    above = pl.col("found") > pl.col("most") + slack
    not_a_number = pl.col("found").is_nan()
    return known.height, known.filter(below.fill_null(False) | above.fill_null(False) | not_a_number)


@dataclass(frozen=True)
class Read:
    """A data set as the check gave it: `report`, and `data` with the crops' own names in the extra column crop_text."""

    report: Report
    data: DataSet


def read(path: Path) -> Read:
    """Read and check a data set, keeping the names of crops that are no code. Raises DataError for wrong data."""
    raw = read_tables(path)
    report = check_tables(raw, str(path))
    if report.data is None:
        raise DataError(report)
    return Read(report, with_crop_texts(report.data, raw))


def with_crop_texts(data: DataSet, raw: Mapping[str, Any]) -> DataSet:
    """The data with an extra column crop_text in crops: the name as it stands in the file."""
    crops = data.tables["crops"]
    if crops.height:
        text = raw["crops"].frame["crop"].cast(pl.String).alias("crop_text")
        crops = crops.with_columns(text)
    return DataSet({**data.tables, "crops": crops}, data.source, data.runs)


def of_the_check(report: Report) -> Judged:
    """The notices of the data set's check as breaches, but for those on extra columns."""
    # A notice on a whole column is about an extra one, or one that is empty everywhere.
    notices = report.notices.filter(pl.col("farm_id").is_not_null())
    rule = "dataset_notice"
    words = "The check of the data set has nothing to notice but extra columns."
    breaches = notices.select(
        pl.lit(rule).alias("rule"), pl.col("farm_id"), pl.col("year_start").str.to_date(strict=False),
        pl.col("found").cast(pl.Float64, strict=False).alias("found"), pl.lit(None, pl.Float64).alias("least"),
        pl.lit(None, pl.Float64).alias("most"), pl.lit("notices").alias("unit"), pl.col("message").alias("note"),
    )  # fmt: skip
    rows = report.data.tables["farms"].height if report.data else 0
    counts = [(rule, words, "notices", rows, breaches.height, breaches["farm_id"].n_unique())]
    return Judged(_counts(counts), breaches)


@functools.cache
def thresholds(country: str) -> dict[str, Assumption]:
    """Name -> threshold with unit and reason, of what both countries share and of the country."""
    content = load_yaml(FILE)
    sections = ("both", country.lower())
    return {name: read_assumption(name, one) for section in sections for name, one in content[section].items()}


def possible(given: Read, system: Any, country: str, looked_at: Facts | None = None) -> Judged:
    """Hold all rules of a country against a data set.

    `looked_at`: its facts, where they are known; else they are added up here.
    """
    from openfisca_stoffenbalans.population.possible_rules import rules

    noticed = of_the_check(given.report)
    values = {name: one.value for name, one in thresholds(country).items()}
    if looked_at is None:
        results = of_farms(given.data, system, RESULTS) if country == "NL" else None
        looked_at = facts(given.data, system, results)
    judged = judge(rules(country, values), looked_at)
    return Judged(pl.concat([noticed.counts, judged.counts]), pl.concat([noticed.breaches, judged.breaches]))
