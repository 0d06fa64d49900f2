"""The tables behind the charts of a comparison, made of published figures only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.scenario.book import Values
from openfisca_stoffenbalans.scenario.compare import Comparison
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import BANDS, VERDICT_NAMES
from openfisca_stoffenbalans.scenario.summary import Rule

# Edges of the bins of the distribution, kg N/ha.
EDGES = tuple(float(edge) for edge in range(-100, 425, 25))
VERDICT_WORDS = {"complying": "complies", "exceeding": "exceeds"}


@dataclass(frozen=True)
class Bins:
    """A distribution: `edges` with open ends, weighted and counted farms per bin."""

    edges: list[float]
    farms: list[float]


def bins(values: Values, weights: NDArray[numpy.int64], rule: Rule | None) -> Bins:
    """The farms by bin, bins put together until none would show single farms; none at all when that can't be."""
    known = ~numpy.isnan(values)
    inner = [edge for edge in EDGES if known.any() and values[known].min() < edge <= values[known].max()]
    edges = [-numpy.inf, *inner, numpy.inf]
    position = numpy.searchsorted(numpy.array(inner), values[known], side="right")
    number = numpy.bincount(position, minlength=len(inner) + 1)
    weight = numpy.bincount(position, weights=weights[known], minlength=len(inner) + 1)
    largest = numpy.zeros(len(inner) + 1)
    numpy.maximum.at(largest, position, weights[known])
    found: list[list[float]] = []
    start, farms, total, most = edges[0], 0, 0.0, 0.0
    for at in range(len(number)):
        farms, total, most = farms + int(number[at]), total + weight[at], max(most, largest[at])
        if rule is None or (farms >= rule.threshold and most <= rule.dominance * total):
            found.append([start, edges[at + 1], farms, total, most])
            start, farms, total, most = edges[at + 1], 0, 0.0, 0.0
    if farms and found:
        last = found.pop()
        found.append([last[0], edges[-1], last[2] + farms, last[3] + total, max(last[4], most)])
    if not found:
        return Bins([], [])
    found[-1][1] = edges[-1]
    return Bins([one[0] for one in found] + [found[-1][1]], [one[3] / MILLIONTHS for one in found])


def distribution(comparison: Comparison) -> polars.DataFrame:
    """scenario, lower, upper, farms: what is held against the limit, kg N/ha, of the baseline and what changes it."""
    column, frames = comparison.roles.held_per_ha, []
    before = comparison.of(BASELINE)(column)
    for label in (BASELINE, *comparison.scenarios):
        values = comparison.of(label)(column)
        moved = int((~((values == before) | (numpy.isnan(values) & numpy.isnan(before)))).sum())
        if label != BASELINE and (moved == 0 or (comparison.rule is not None and moved < comparison.rule.threshold)):
            continue
        found = bins(values, comparison.book.weights, comparison.rule)
        frames.append(
            polars.DataFrame(
                {
                    "scenario": [label] * len(found.farms),
                    "lower": found.edges[:-1],
                    "upper": found.edges[1:],
                    "farms": found.farms,
                },
                schema={
                    "scenario": polars.String,
                    "lower": polars.Float64,
                    "upper": polars.Float64,
                    "farms": polars.Float64,
                },
            )
        )
    return polars.concat(frames)


def exceedance(spread: polars.DataFrame) -> polars.DataFrame:
    """scenario, norm, share: the share of farms above each edge of a distribution."""
    rows = []
    for name in spread["scenario"].unique(maintain_order=True):
        part = spread.filter(polars.col("scenario") == name)
        total, below = part["farms"].sum(), 0.0
        for upper, farms in part.select("upper", "farms").iter_rows():
            below += farms
            if numpy.isfinite(upper):
                rows.append({"scenario": name, "norm": upper, "share": max(0.0, 1 - below / total)})
    return polars.DataFrame(rows, schema={"scenario": polars.String, "norm": polars.Float64, "share": polars.Float64})


def of_all(comparison: Comparison) -> polars.DataFrame:
    """The figures of all farms together."""
    return comparison.summary.filter(polars.col("group_by") == ALL)


def transitions(comparison: Comparison) -> polars.DataFrame:
    """scenario, before, after, farms: null where not published."""
    pattern = "^from_(" + "|".join(VERDICT_NAMES) + ")_to_(" + "|".join(VERDICT_NAMES) + ")$"
    name = polars.col("statistic")
    frame = of_all(comparison).filter(name.str.contains(pattern))
    return frame.select(
        "scenario",
        before=name.str.extract(pattern, 1).replace(VERDICT_WORDS),
        after=name.str.extract(pattern, 2).replace(VERDICT_WORDS),
        farms="value",
    )


def gainers_losers(comparison: Comparison, group_by: str) -> polars.DataFrame:
    """scenario, group, band, farms: the change in headroom in bands; null where not published."""
    names = {f"headroom_{band}": band.replace("_", " ") for band in BANDS}
    frame = comparison.summary.filter((polars.col("group_by") == group_by) & polars.col("statistic").is_in(list(names)))
    return frame.select("scenario", "group", band=polars.col("statistic").replace(names), farms="value")


def frontier(comparison: Comparison) -> polars.DataFrame:
    """option, data_points_saved, share_wrong: of every scenario whose accuracy is published."""
    frame = of_all(comparison).filter(
        polars.col("statistic").is_in(["data_points_saved_per_farm", "share_verdict_differs"])
    )
    if not len(frame):
        return polars.DataFrame(
            schema={"option": polars.String, "data_points_saved": polars.Float64, "share_wrong": polars.Float64}
        )
    wide = frame.pivot("statistic", index="scenario", values="value", maintain_order=True).drop_nulls()
    return wide.select(
        option="scenario", data_points_saved="data_points_saved_per_farm", share_wrong="share_verdict_differs"
    )


def percent_by_group(comparison: Comparison, group_by: str, statistic: str) -> polars.DataFrame:
    """group, scenario, value in percent of a share; a share of nothing is no row, one not published is null."""
    frame = comparison.summary.filter((polars.col("group_by") == group_by) & (polars.col("statistic") == statistic))
    there = frame.filter(polars.col("value").is_not_null() | polars.col("farms").is_null())
    return there.select("group", "scenario", polars.col("value") * 100)


def largest_groups(comparison: Comparison, group_by: str, most: int) -> list[str]:
    """The groups of a column with the most farms, in the order of groups; not published ones count as the smallest."""
    everyone = comparison.book.known["farms"]
    farms, dark = comparison.book.sheets[everyone].farms, comparison.not_published[everyone]
    numbers = [number for number, (name, _) in enumerate(comparison.groups.names) if name == group_by]
    kept = sorted(numbers, key=lambda number: (dark[number], -farms[number], number))[:most]
    return [comparison.groups.names[number][1] for number in sorted(kept)]


def groupings(comparison: Comparison) -> Sequence[str]:
    """The columns that the comparison groups by."""
    return [name for name in dict.fromkeys(name for name, _ in comparison.groups.names) if name != ALL]
