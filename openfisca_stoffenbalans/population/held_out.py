"""Published figures that no population is calibrated to, beside what the population gives.

`held_out.yaml` says of each figure where it stands, how it is compared and what its boundary is; `held_out_de` and
`held_out_nl` have a function for each, by its id.
"""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.margins import margins
from openfisca_stoffenbalans.tables import load_yaml

FILE = Path(__file__).with_name("held_out.yaml")
# Draws of samples, and the part of them that the interval holds.
DRAWS = 1000
QUANTILES = (0.05, 0.95)
NOT_COMPARED, NOT_COMPUTED = "not compared", "can't be computed"

Floats = NDArray[numpy.float64]


@dataclass(frozen=True)
class Measure:
    """A figure of the population; `top`: the upper end of one that is a range, as lowest and highest of something.

    `low`, `high`: what 9 of 10 samples show; `detail`: in words.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    detail: str = ""
    top: float | None = None


@dataclass(frozen=True)
class HeldOut:
    """One published figure and what the population gives.

    `published`, `published_high`: the figure, or the ends of a range; `population`, `population_high`: the same of
    the population; `verdict`: agrees, misses, not compared or can't
    be computed; `short`: the words for a chart; `said`: the verdict in words; `why`: how it was compared, the boundary.
    """

    id: str
    words: str
    short: str
    unit: str
    published: float | None
    published_high: float | None
    source: str
    year: str
    population: float | None
    population_high: float | None
    low: float | None
    high: float | None
    verdict: str
    said: str
    why: str
    independent: bool


@dataclass(frozen=True)
class World:
    """What the functions look at.

    `farms`: a row per farm and balance year with sums, results and weight; `calibrated`: the margins that the weights
    were calibrated to, as `farms_total by region`.
    """

    country: str
    year: int
    seed: int
    farms: pl.DataFrame
    crops: pl.DataFrame
    assume: Mapping[str, Any]
    calibrated: frozenset[str] = frozenset()

    @functools.cached_property
    def of_year(self) -> pl.DataFrame:
        """The farms in the population's year."""
        return self.farms.filter(pl.col("year_start").dt.year() == self.year)


Function = Callable[[World], Measure]


@functools.cache
def entries(country: str) -> tuple[dict[str, Any], ...]:
    """The held-out figures of a country as their file has them."""
    return tuple(load_yaml(FILE)[country.lower()])


def held_out(world: World) -> list[HeldOut]:
    """All held-out figures of the world's country, in the order of the file."""
    from openfisca_stoffenbalans.population import held_out_de, held_out_nl

    functions: Mapping[str, Function] = {"DE": held_out_de, "NL": held_out_nl}[world.country].FUNCTIONS
    return [
        compared(free(entry, world.calibrated), world.country, functions[entry["id"]](world), world.year)
        for entry in entries(world.country)
    ]


def free(entry: Mapping[str, Any], calibrated: frozenset[str]) -> Mapping[str, Any]:
    """The entry; independent where the weights were not calibrated to the margins that it follows from."""
    follows = entry.get("follows_from", [])
    if set(follows) <= calibrated:
        return entry
    words = f"Not calibrated to here: {', '.join(name for name in follows if name not in calibrated)}."
    return {**entry, "independent": True, "boundary": words}


def figure(country: str, place: Mapping[str, str]) -> dict[str, Any]:
    """The row of a published figure. Raises LookupError unless there is just one."""
    rows = margins(country).filter(pl.all_horizontal(pl.col(name) == value for name, value in place.items()))
    if len(rows) != 1:
        raise LookupError(f"{FILE.name}: {dict(place)} is {len(rows)} published figures; allowed: one")
    return rows.row(0, named=True)


def of_years(country: str, place: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a statistic in several years."""
    return [figure(country, {"statistic": place["statistic"], "year": year}) for year in place["years"]]


def published(entry: Mapping[str, Any], country: str) -> tuple[float | None, float | None, str, str, str]:
    """Value, upper end of a range, unit, source and year of an entry's figure."""
    if place := entry.get("sum_of"):
        rows = [
            figure(country, {name: place[name] for name in ("year", "statistic", "breakdown")} | {"category": category})
            for category in place["categories"]
        ]
        return sum(row["value"] for row in rows), None, rows[0]["unit"], rows[0]["source"], place["year"]
    if place := entry.get("swing_of") or entry.get("extremes_of"):
        rows = of_years(country, place)
        values, years = [row["value"] for row in rows], f"{place['years'][0]}-{place['years'][-1]}"
        if "swing_of" in entry:
            return swing(value / 100 for value in values), None, entry["unit"], rows[0]["source"], years
        return min(values), max(values), rows[0]["unit"], rows[0]["source"], years
    if "published" not in entry:
        return None, None, entry["unit"], "", ""
    row = figure(country, entry["published"])
    if "other" not in entry:
        return row["value"], None, row["unit"], row["source"], row["year"]
    other = figure(country, entry["other"])
    low, high = sorted((row["value"], other["value"]))
    source = "; ".join(dict.fromkeys((row["source"], other["source"])))
    return low, high, row["unit"], source, row["year"]


def swing(shares: Any) -> float:
    """Standard deviation over years of the probit of shares (0 to 1)."""
    return statistics.stdev(statistics.NormalDist().inv_cdf(share) for share in shares)


def compared(entry: Mapping[str, Any], country: str, found: Measure, of_year: int) -> HeldOut:
    """An entry beside the figure of a population of some year."""
    value, high, unit, source, year = published(entry, country)
    if of_year in entry.get("only", [of_year]):
        verdict, said, how = _verdict(entry, value, high, found, unit)
    else:
        verdict, said, how = NOT_COMPARED, NOT_COMPARED, f"Of another year than {of_year}: shown, not compared."
    tested = "" if entry["independent"] else "Not independent. "
    why = " ".join(part for part in (how, found.detail, tested + entry["boundary"]) if part)
    return HeldOut(
        entry["id"], entry["words"], entry.get("short", entry["words"]), unit, value, high, source, year, found.value,
        found.top, found.low, found.high, verdict, said, why, entry["independent"],
    )  # fmt: skip


def _verdict(
    entry: Mapping[str, Any], value: float | None, high: float | None, found: Measure, unit: str
) -> tuple[str, str, str]:
    """Verdict, verdict in words, how it was compared."""
    if found.value is None:
        return NOT_COMPUTED, NOT_COMPUTED, ""
    if "nothing" in entry or value is None:
        return NOT_COMPARED, NOT_COMPARED, ""
    if "sample" in entry:
        how = f"Compared with samples of {entry['sample']} farms drawn from the population."
        low, top = found.low, found.high
        inside = low is not None and top is not None and low <= value <= top
    elif "range" in entry:
        how, inside = "Compared with the range of the published figures.", value <= found.value <= (high or value)
    else:
        how = f"Compared within {entry['tolerance']} %: {entry['reason']}."
        inside = abs(found.value - value) <= entry["tolerance"] / 100 * abs(value)
    if inside:
        return "agrees", "agrees", how
    nearest = value if high is None else min((value, high), key=lambda end: abs(found.value - end))  # type: ignore[operator]
    away = found.value - nearest
    in_points = unit == "%"
    part = f" ({away / nearest:+.0%})" if nearest and not in_points else ""
    named = "percentage points" if in_points else unit
    return "misses", f"misses by {'+' if away > 0 else ''}{written(away)} {named}{part}".replace("-", "−"), how


def written(value: float | None) -> str:
    """A number with as many digits as it deserves."""
    if value is None:
        return "–"
    size = abs(value)
    decimals = 0 if size >= 100 or value == round(value) else 1 if size >= 10 else 2
    return f"{value:z,.{decimals}f}".replace("-", "−")


def weighted_mean(values: Floats, weights: Floats) -> float | None:
    """The mean of known values; None without any."""
    known = ~numpy.isnan(values)
    total = float(weights[known].sum())
    return float((values[known] * weights[known]).sum()) / total if total else None


def ratio(frame: pl.DataFrame, above: str | pl.Expr, below: str | pl.Expr) -> float | None:
    """Weighted sum of one amount over that of another, of rows that know both."""
    columns = [pl.col(one) if isinstance(one, str) else one for one in (above, below)]
    known = frame.select(columns[0].alias("above"), columns[1].alias("below"), "weight").drop_nulls()
    total = (known["below"] * known["weight"]).sum()
    return float((known["above"] * known["weight"]).sum()) / float(total) if total else None


def samples(
    values: Floats, weights: Floats, size: int, seed: int, statistic: Callable[[Floats], Floats]
) -> tuple[float, float, float]:
    """Mean, 5 % and 95 % quantile of a statistic over samples of `size` farms, drawn with probability by weight.

    `statistic`: of an array (draws, size) along its last axis. The same seed gives the same draws.
    """
    random = numpy.random.default_rng([seed, size])
    bounds = numpy.cumsum(weights) / weights.sum()
    drawn = numpy.searchsorted(bounds, random.random((DRAWS, size)), side="right")
    found = statistic(values[numpy.minimum(drawn, len(values) - 1)])
    low, high = (float(numpy.quantile(found, part)) for part in QUANTILES)
    return float(found.mean()), low, high


def three_year_means(farms: pl.DataFrame, amount: str) -> pl.DataFrame:
    """Per farm known in several years: sum of kg over sum of hectares (`value`), and its weight.

    A farm with a year of which the amount is missing, or without land, is left out.
    """
    known = farms.group_by("farm_id", maintain_order=True).agg(
        pl.col(amount).sum() / pl.col("utilised_area_ha").sum(),
        pl.col(amount).null_count().alias("missing"),
        pl.col("utilised_area_ha").sum().alias("area"),
        pl.col("weight").last(),
    )
    kept = known.filter((pl.col("missing") == 0) & (pl.col("area") > 0))
    return kept.select(pl.col(amount).alias("value"), "weight")


def summary(figures: Sequence[HeldOut]) -> tuple[int, int, int]:
    """How many independent figures could be compared, how many of them agree, how many miss."""
    tested = [one for one in figures if one.independent and one.verdict in ("agrees", "misses")]
    agree = sum(one.verdict == "agrees" for one in tested)
    return len(tested), agree, len(tested) - agree
