"""The published figures a population is made from or held against, and the targets of a year that come from them.

`published/de.csv` and `published/nl.csv` hold every figure with its source and its use: `calibrate` (a target of some
year comes from it), `held_out` (never calibrated to: a test of the population), `context`. `targets.yaml` says how
each target of each year comes from the figures. What a year has no figure for is no target.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.tables import load_yaml

PUBLISHED = Path(__file__).with_name("published")
RULES = Path(__file__).with_name("targets.yaml")

# Code -> what its farms are called.
COUNTRIES = {"DE": "German", "NL": "Dutch"}

# Of the frame that `targets` gives.
TARGETS = {
    "statistic": pl.String(),
    "breakdown": pl.String(),
    "category": pl.String(),
    "label": pl.String(),
    "target": pl.Float64(),
    "unit": pl.String(),
    "tolerance": pl.Float64(),
    "margin_year": pl.String(),
    "source": pl.String(),
    "note": pl.String(),
}

Totals = dict[tuple[str, str, str], float]


class MarginError(ValueError):
    """A country or year without margins: the message names those that have them."""


@functools.cache
def margins(country: str) -> pl.DataFrame:
    """All published figures of a country (DE, NL), one per row.

    Columns year (text, as printed: also 2014/15), statistic, breakdown, category (NUTS code of a region, bounds of a
    size class in ha, total), label, value, unit, use, source, note. Raises MarginError for another country.
    """
    if country not in COUNTRIES:
        raise MarginError(f"no margins of {country!r}; there are those of: {', '.join(COUNTRIES)}")
    types = {"year": pl.String(), "category": pl.String(), "value": pl.Float64(), "note": pl.String()}
    frame = pl.read_csv(PUBLISHED / f"{country.lower()}.csv", schema_overrides=types)
    return frame.with_columns(pl.col("note").fill_null(""))


@functools.cache
def _rules() -> dict[str, Any]:
    return load_yaml(RULES)


def years(country: str) -> tuple[int, ...]:
    """The years whose margins a population of the country can be made for."""
    margins(country)
    return tuple(sorted(_rules()[country.lower()]))


@functools.cache
def targets(country: str, year: int) -> pl.DataFrame:
    """The targets of a year, one per row, with the columns of TARGETS.

    `target`: in `unit`; `tolerance`: per cent by which it may be missed; `margin_year`: of the published figure;
    `note`: how it was carried over. Raises MarginError for a year without margins.
    """
    if year not in years(country):
        found = ", ".join(map(str, years(country)))
        raise MarginError(f"no margins of {year} for {country}; there are those of: {found}")
    rows: list[dict[str, Any]] = []
    for rule in _rules()[country.lower()][year]:
        rows += _of_rule(country, rule, rows)
    return pl.DataFrame(rows, schema=TARGETS)


def start_values(country: str, year: int, statistic: str, breakdown: str) -> dict[str, float]:
    """Category -> published figure of the nearest year, the earlier of two; {} where none is printed.

    For first guesses of steps in a year that has no such target: what is made from it is not calibrated to it.
    """
    rows = margins(country).filter(
        (pl.col("statistic") == statistic)
        & (pl.col("breakdown") == breakdown)
        & pl.col("year").str.contains(r"^\d{4}$")
    )
    found = sorted({int(text) for text in rows["year"]}, key=lambda one: (abs(one - year), one))
    if not found:
        return {}
    return dict(rows.filter(pl.col("year") == str(found[0])).select("category", "value").iter_rows())


def _of_rule(country: str, rule: Mapping[str, Any], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The targets that one rule gives; `before`: those of the rules above it."""
    found = _figures(country, rule)
    known: Totals = {(row["statistic"], row["breakdown"], row["category"]): row["target"] for row in before}
    values = _carried(rule, {row["category"]: row["value"] for row in found}, known)
    parts = [rule["note"]] if "note" in rule else []
    return [
        {
            "statistic": rule["statistic"], "breakdown": rule["breakdown"], "category": row["category"],
            "label": row["label"], "target": values[row["category"]], "unit": rule.get("unit", row["unit"]),
            "tolerance": float(rule["tolerance"]), "margin_year": row["year"], "source": row["source"],
            "note": "; ".join([*parts, row["note"]] if row["note"] else parts),
        }
        for row in found
    ]  # fmt: skip


def _figures(country: str, rule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The published figures that a rule draws on."""
    origin = rule["from"]
    rows = margins(country).filter(
        (pl.col("year") == origin["year"])
        & (pl.col("statistic") == origin.get("statistic", rule["statistic"]))
        & (pl.col("breakdown") == origin.get("breakdown", rule["breakdown"]))
        & (pl.col("use") == "calibrate")
    )
    if "categories" in origin:
        rows = rows.filter(pl.col("category").is_in(origin["categories"]))
    if rows.is_empty():
        raise MarginError(f"{RULES.name}: {rule['statistic']} by {rule['breakdown']} draws on no figure")
    return rows.to_dicts()


def _carried(rule: Mapping[str, Any], values: dict[str, float], known: Totals) -> dict[str, float]:
    """The figures as targets of the year: as printed, scaled, multiplied or divided."""
    factor = rule.get("factor", 1)
    if name := rule.get("scale_to"):
        factor *= known[name, "total", "total"] / sum(values.values())
    if name := rule.get("rest_of"):
        same = (rule["statistic"], rule["breakdown"])
        others = sum(value for key, value in known.items() if key[:2] == same)
        factor *= (known[name, "total", "total"] - others) / sum(values.values())
    if name := rule.get("times"):
        return {one: value * factor * known[name, rule["breakdown"], one] for one, value in values.items()}
    if name := rule.get("over"):
        return {one: factor * known[name, rule["breakdown"], one] / value for one, value in values.items()}
    return {one: value * factor for one, value in values.items()}
