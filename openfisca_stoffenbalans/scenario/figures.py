"""The tables behind the charts of a comparison, made of published figures only."""

from __future__ import annotations

from collections.abc import Sequence

import polars

from openfisca_stoffenbalans.scenario.compare import Comparison
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.places import BANDS, BIN_EDGES, bin_names
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import VERDICT_NAMES

DISTRIBUTION = {
    "scenario": polars.String,
    "lower": polars.Float64,
    "upper": polars.Float64,
    "farms": polars.Float64,
}
VERDICT_WORDS = {"complying": "complies", "exceeding": "exceeds"}


def distribution(comparison: Comparison) -> polars.DataFrame:
    """scenario, lower, upper, farms: what is held against the limit, of the baseline and of what changes it.

    The outermost bins also hold the farms beyond them; farms are null where they are not published.
    """
    column, rows = comparison.roles.held_per_ha, of_all(comparison)
    if not column:
        return polars.DataFrame(schema=DISTRIBUTION)
    edges = [2 * BIN_EDGES[0] - BIN_EDGES[1], *BIN_EDGES, 2 * BIN_EDGES[-1] - BIN_EDGES[-2]]
    frames = []
    for label in (BASELINE, *comparison.scenarios):
        if label == BASELINE or comparison.of(label).key(column) != comparison.of(BASELINE).key(column):
            names = [f"held_{name}" for name in bin_names()[:-1]]
            of_label = rows.filter(polars.col("scenario") == label)
            found = dict(of_label.select("statistic", "value").iter_rows())
            farms = [found[name] for name in names]
            columns = {"scenario": [label] * len(names), "lower": edges[:-1], "upper": edges[1:], "farms": farms}
            frames.append(polars.DataFrame(columns, schema=DISTRIBUTION))
    return without_empty_ends(polars.concat(frames))


def without_empty_ends(spread: polars.DataFrame) -> polars.DataFrame:
    """A distribution without the outer bins in which no scenario has a farm."""
    filled = spread.filter(polars.col("farms").is_null() | (polars.col("farms") > 0))
    if not len(filled):
        return spread.head(0)
    low, high = filled["lower"].min(), filled["upper"].max()
    return spread.filter((polars.col("lower") >= low) & (polars.col("upper") <= high))


def exceedance(spread: polars.DataFrame) -> polars.DataFrame:
    """scenario, norm, share: the share of farms above each edge of a distribution; null where it is not published."""
    rows = []
    for name in spread["scenario"].unique(maintain_order=True):
        part = spread.filter(polars.col("scenario") == name)
        farms = part["farms"].to_list()
        for position, upper in enumerate(part["upper"].to_list()[:-1], 1):
            whole = None not in farms and sum(farms) > 0
            rows.append(
                {"scenario": name, "norm": upper, "share": sum(farms[position:]) / sum(farms) if whole else None}
            )
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
    if frame["statistic"].n_unique() < 2:
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
