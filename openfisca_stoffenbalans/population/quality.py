"""What a population is worth: its margins, its weights, held-out figures, assumptions, and farms that can't be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.population import held_out_de, held_out_nl
from openfisca_stoffenbalans.population.amounts import of_farms
from openfisca_stoffenbalans.population.facts import Facts, facts
from openfisca_stoffenbalans.population.folder import read_side_car, refuse_other_data
from openfisca_stoffenbalans.population.held_out import HeldOut, World, held_out
from openfisca_stoffenbalans.population.margins import TARGETS, years
from openfisca_stoffenbalans.population.margins import targets as targets_of
from openfisca_stoffenbalans.population.measures import STATISTICS, design, is_ratio
from openfisca_stoffenbalans.population.possible import Judged, possible, read
from openfisca_stoffenbalans.population.raking import off_by
from openfisca_stoffenbalans.population.unpublished import unpublished

Floats = NDArray[numpy.float64]

VARIABLES = {"DE": held_out_de.VARIABLES, "NL": held_out_nl.VARIABLES}
BALANCE = {"DE": "nitrogen_balance", "NL": "nl_farm_gate_surplus_nitrogen"}
QUANTILES = {"p5": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}
RATIOS = {"min": 0.0, "p1": 0.01, "p5": 0.05, "median": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
# A ratio nearer to a bound than this part of it stands at it: the bound itself is never reached.
AT_BOUND = 0.005
BINS = 40


@dataclass(frozen=True)
class Quality:
    """The quality of one population.

    `made`: its population.json; `margins`: a row per target (target, start, calibrated, deviation_pct, met …);
    `weights`: a row for all farms and for each region; `bins`: the ratio of weight to start weight (lower, upper,
    farms); `balances`: kg N/ha by farm type; `assumptions`: a row each; `figures`: the held-out ones;
    `unpublished`: what no source says of the farms (words, value, unit, names of assumptions).
    """

    made: Mapping[str, Any]
    farms: int
    margins: pl.DataFrame
    weights: pl.DataFrame
    bins: pl.DataFrame
    balances: pl.DataFrame
    assumptions: pl.DataFrame
    figures: Sequence[HeldOut]
    judged: Judged
    unpublished: pl.DataFrame

    @property
    def synthetic(self) -> bool:
        """Whether the farms were made; those of a data set with new weights are real ones."""
        return not self.assumptions.is_empty()

    @property
    def country(self) -> str:
        """DE or NL."""
        return str(self.made["country"])

    @property
    def year(self) -> int:
        """The year whose margins the population is to meet."""
        return int(self.made["year"])


def quality(folder: Path, system: Any) -> Quality:
    """The quality of the population in a folder.

    Raises FolderError where the folder has no population.json or one of other data, DataError for data that break
    the contract.
    """
    made = read_side_car(folder)
    given = read(folder)
    refuse_other_data(folder, made, given.data.tables)
    country, year = str(made["country"]), int(made["year"])
    results = of_farms(given.data, system, list(dict.fromkeys((*VARIABLES[country], BALANCE[country]))))
    looked_at = facts(given.data, system, results)
    assume = {name: one["value"] for name, one in made.get("assumptions", {}).items()}
    seed = int(made.get("seed") or 0)
    world = World(country, year, seed, looked_at.years, looked_at.crops, assume, calibrated_to(made))
    farms = of_year(given.data, year)["farms"]
    weights = farms["weight"].to_numpy()
    start = start_weights(farms)
    return Quality(
        made,
        farms.height,
        margins_of(of_year(given.data, year), made, start, weights, assume or None),
        weights_of(farms, start, weights, made),
        ratio_bins(weights / start) if start is not None else pl.DataFrame(schema=BIN_COLUMNS),
        balances_of(looked_at, country, year),
        assumptions_of(made),
        held_out(world),
        possible(given, system, country, looked_at),
        unpublished(looked_at, country, year),
    )


def calibrated_to(made: Mapping[str, Any]) -> frozenset[str]:
    """The margins that stand behind the weights, as `farms_total by region`.

    Made farms with new weights started from weights that had met the country's margins: those are behind them too.
    """
    rows = list(made["targets"])
    if "reweighted" in made and made.get("assumptions"):
        country = str(made["country"])
        rows += [row for year in years(country) for row in targets_of(country, year).to_dicts()]
    return frozenset(f"{row['statistic']} by {row['breakdown']}" for row in rows)


def of_year(data: DataSet, year: int) -> dict[str, pl.DataFrame]:
    """The tables' rows of balance years that start in a year."""
    return {name: table.filter(pl.col("year_start").dt.year() == year) for name, table in data.tables.items()}


def start_weights(farms: pl.DataFrame) -> Floats | None:
    """The weights before calibration; None in data that do not say them."""
    if "start_weight" not in farms.columns:
        return None
    found = farms["start_weight"].cast(pl.Float64, strict=False)
    return found.to_numpy() if (found.is_finite() & (found > 0)).fill_null(False).all() else None


def margins_of(
    tables: Mapping[str, pl.DataFrame], made: Mapping[str, Any], start: Floats | None, weights: Floats,
    assume: Mapping[str, Any] | None,
) -> pl.DataFrame:  # fmt: skip
    """Each target beside what start weights and weights make of it."""
    targets = pl.DataFrame(made["targets"], schema=TARGETS)
    cells = design(tables, targets, assume)
    ratios = numpy.flatnonzero(is_ratio(targets))

    def totals(of: Floats) -> Floats:
        sums: Floats = (cells * of[:, None]).sum(axis=0)
        found = sums[: targets.height].copy()
        with numpy.errstate(all="ignore"):
            found[ratios] /= sums[targets.height :]
        return found

    told = numpy.array(made.get("raking", {}).get("before", [numpy.nan] * targets.height), dtype=float)
    before = told if start is None else totals(start)
    calibrated = totals(weights)
    wanted = targets["target"].to_numpy()
    deviation = off_by(calibrated, wanted)
    return targets.with_columns(
        pl.Series("words", [STATISTICS[name].words for name in targets["statistic"]]),
        pl.Series("start", before).fill_nan(None),
        pl.Series("start_deviation_pct", off_by(before, wanted)).fill_nan(None),
        pl.Series("calibrated", calibrated).fill_nan(None),
        pl.Series("deviation_pct", deviation).fill_nan(None),
        # NaN, of a ratio over nothing, is no margin met.
        pl.Series("met", numpy.abs(deviation) <= targets["tolerance"].to_numpy()),
    )


def quantile(values: Floats, weights: Floats, part: float) -> float:
    """The smallest value that `part` of the weight does not exceed."""
    order = numpy.argsort(values, kind="stable")
    reached = numpy.cumsum(weights[order])
    place = numpy.searchsorted(reached, part * reached[-1], side="left")
    return float(values[order][min(int(place), len(values) - 1)])


def weights_of(farms: pl.DataFrame, start: Floats | None, weights: Floats, made: Mapping[str, Any]) -> pl.DataFrame:
    """Of all and of each region: weight over start weight (quantiles over farms), effective sample."""
    region = farms["region"].cast(pl.String).fill_null("none")
    rows = [("all", numpy.ones(farms.height, bool))]
    rows += [(name, (region == name).to_numpy()) for name in region.unique().sort()]
    raking = made.get("raking", {})
    low, high = (float(raking.get(end, numpy.nan)) for end in ("low", "high"))
    found = [_of_weights(name, there, start, weights, (low, high)) for name, there in rows]
    if start is None and "ratio" in raking:
        # Data with weights of their own do not keep them; what was found when they were calibrated stands in the file.
        found[0] |= {**raking["ratio"], "at_low": raking["at_low"], "at_high": raking["at_high"]}
    return pl.DataFrame(found, infer_schema_length=None)


def _of_weights(
    name: str, there: NDArray[numpy.bool_], start: Floats | None, weights: Floats, bounds: tuple[float, float]
) -> dict[str, Any]:
    """One row of the weights' table."""
    own = weights[there]
    row: dict[str, Any] = {
        "region": name,
        "farms": int(there.sum()),
        "stands_for": float(own.sum()),
        "effective_sample": float(own.sum() ** 2 / (own**2).sum()),
    }
    if start is None:
        return row | dict.fromkeys((*RATIOS, "at_low", "at_high"))
    ratio = own / start[there]
    row |= {label: quantile(ratio, numpy.ones(len(ratio)), part) for label, part in RATIOS.items()}
    low, high = bounds
    return row | {
        "at_low": int((ratio <= low * (1 + AT_BOUND)).sum()),
        "at_high": int((ratio >= high * (1 - AT_BOUND)).sum()),
    }


BIN_COLUMNS = {"lower": pl.Float64, "upper": pl.Float64, "farms": pl.Int64}


def ratio_bins(ratio: Floats) -> pl.DataFrame:
    """Farms by the ratio of weight to start weight, in equal steps of its logarithm: lower, upper, farms."""
    least, most = float(ratio.min()), float(ratio.max())
    if most - least < 1e-9:
        least, most = least * 0.99, most * 1.01
    edges = numpy.geomspace(least, most, BINS + 1)
    counts = numpy.histogram(ratio, edges)[0]
    return pl.DataFrame({"lower": edges[:-1], "upper": edges[1:], "farms": counts}, schema=BIN_COLUMNS)


def balances_of(looked_at: Facts, country: str, year: int) -> pl.DataFrame:
    """Kg N/ha of farms with land by farm type, farm-gate balance of the year: farms, quantiles, weighted."""
    here = looked_at.years.filter((pl.col("year_start").dt.year() == year) & (pl.col("utilised_area_ha") > 0))
    per_ha = here.select(
        pl.col("farm_type").fill_null("none"),
        (pl.col(BALANCE[country]) / pl.col("utilised_area_ha")).alias("per_ha"),
        "weight",
    ).drop_nulls()
    rows = []
    for (name,), farms in sorted(per_ha.partition_by("farm_type", as_dict=True).items()):
        values, weights = farms["per_ha"].to_numpy(), farms["weight"].to_numpy()
        spread = {label: quantile(values, weights, part) for label, part in QUANTILES.items()}
        rows.append({"farm_type": name, "farms": float(weights.sum()), **spread})
    kinds = {"farm_type": pl.String, "farms": pl.Float64, **dict.fromkeys(QUANTILES, pl.Float64)}
    return pl.DataFrame(rows, schema=kinds)


def assumptions_of(made: Mapping[str, Any]) -> pl.DataFrame:
    """Each assumption, class by class: value, low, high, unit, reason, and whether it was varied."""
    rows = []
    for name, one in made.get("assumptions", {}).items():
        classes = list(one["value"]) if isinstance(one["value"], Mapping) else [None]
        for key in classes:
            value, low, high, shipped = (
                _of_class(one.get(field), key) for field in ("value", "low", "high", "default")
            )
            rows.append((
                name if key is None else f"{name}.{key}", value, low, high, one["unit"],
                value != (value if shipped is None else shipped), one["reason"],
            ))  # fmt: skip
    kinds = {"name": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64}
    return pl.DataFrame(rows, {**kinds, "unit": pl.String, "varied": pl.Boolean, "reason": pl.String}, orient="row")


def _of_class(value: Any, key: str | None) -> float | None:
    found = value.get(key) if isinstance(value, Mapping) else value
    return float(found) if isinstance(found, (int, float)) else None
