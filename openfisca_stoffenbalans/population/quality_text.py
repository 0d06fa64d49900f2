"""What a population is worth, in sentences: made from the figures, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy
import polars as pl

from openfisca_stoffenbalans.population.held_out import HeldOut, summary, written
from openfisca_stoffenbalans.population.margins import COUNTRIES
from openfisca_stoffenbalans.population.quality import Quality
from openfisca_stoffenbalans.report.words import listed

SHOWN = 6
REAL_FARMS = "Rules name single farms of the data set, on the page and in breaches.csv: do not pass these on."


def lead(found: Quality) -> tuple[str, ...]:
    """Five sentences: what it is, margins, weights, held-out figures, possible farms."""
    return (what(found), margins(found), weights(found), held_out(found), possible(found))


def what(found: Quality) -> str:
    """How many farms stand for how many, made how."""
    stands_for = f"{found.weights.row(0, named=True)['stands_for']:,.0f}"
    if not found.synthetic:
        return f"{found.farms:,} {COUNTRIES[found.country]} farms of a data set stand for {stands_for} in {found.year}."
    seed = found.made.get("seed")
    varied = int(found.assumptions["varied"].sum())
    return (
        f"{found.farms:,} synthetic {COUNTRIES[found.country]} farms stand for {stands_for} in {found.year}"
        f"{'' if seed is None else f', seed {seed}'}; none of them exists, and what no published statistic says of "
        f"farms stands on assumptions ({found.assumptions.height:,} numbers, {varied} of them varied)."
    )


def target_name(row: Mapping[str, Any]) -> str:
    """A target in a few words."""
    words, label = str(row["words"]), str(row["label"])
    return words if row["breakdown"] == "total" else f"{words}, {label}"


def per_cent(value: float | None) -> str:
    """A deviation with its sign."""
    return "can't be computed" if value is None else f"{value:+z.2f} %".replace("-", "−")


def margins(found: Quality) -> str:
    """How many margins are met, and the farthest off."""
    table = found.margins
    missed = table.filter(~pl.col("met")).sort(pl.col("deviation_pct").abs(), descending=True, nulls_last=True)
    met = table.height - missed.height
    if missed.is_empty():
        far = float(numpy.abs(table["deviation_pct"].to_numpy()).max(initial=0))
        return f"All {met} margins are met within their tolerance; the farthest is off by {far:.2f} %."
    shown = [
        f"{target_name(row)} ({per_cent(row['deviation_pct'])})" for row in missed.head(SHOWN).iter_rows(named=True)
    ]
    more = f" and {missed.height - SHOWN} more" if missed.height > SHOWN else ""
    return f"{met} of {table.height} margins are met within their tolerance; missed: {'; '.join(shown)}{more}."


def weights(found: Quality) -> str:
    """How far the weights moved, and what sample they amount to."""
    row = found.weights.row(0, named=True)
    worth = f"the weighted farms are worth {row['effective_sample']:,.0f} unweighted ones"
    if row["median"] is None:
        return f"Weights before calibration are not in the data; {worth}."
    at = row["at_low"] + row["at_high"]
    return (
        f"Weights are {row['min']:.2f} to {row['max']:.2f} times the start weights (9 of 10 within {row['p5']:.2f} to "
        f"{row['p95']:.2f}; at the bounds {at:,} of {row['farms']:,} farms); {worth}."
    )


def held_out(found: Quality) -> str:
    """How many held-out figures agree, and which miss, by how much."""
    number, agree, miss = summary(found.figures)
    missing = _missing(found.figures, independent=True)
    following = _missing(found.figures, independent=False)
    also = f" Of those that are no test of their own miss: {'; '.join(following)}." if following else ""
    if not number:
        return f"No independent published figure could be held against it.{also}"
    said = f"Of {number} independent published figures that it was not calibrated to, {agree} agree and {miss} miss"
    return (f"{said}: {'; '.join(missing)}." if missing else f"{said}.") + also


def _missing(figures: Sequence[HeldOut], independent: bool) -> list[str]:
    """The figures that miss, in words."""
    return [
        f"{one.words} ({number_of(one)}, {one.said})"
        for one in figures
        if one.verdict == "misses" and one.independent == independent
    ]


def number_of(one: HeldOut) -> str:
    """The population's figure beside the published one."""
    return f"{population(one)} beside {published(one)} {one.unit}"


def population(one: HeldOut) -> str:
    """The population's figure or range."""
    return span(one.population, one.population_high)


def published(one: HeldOut) -> str:
    """The published figure or range."""
    return span(one.published, one.published_high)


def span(low: float | None, high: float | None) -> str:
    """A number, or two ends of a range."""
    return written(low) if low is None or high is None else f"{written(low)} to {written(high)}"


def possible(found: Quality) -> str:
    """Whether farms break rules."""
    judged = found.judged.counts.filter(pl.col("judged") > 0).height
    broken = found.judged.counts.filter(pl.col("broken") > 0)
    if broken.is_empty():
        return f"No farm breaks one of the {judged} rules for possible farms that could be judged."
    names = listed(broken["rule"])
    breaks = "breaks" if found.judged.farms == 1 else "break"
    return (
        f"{found.judged.farms:,} of {found.farms:,} farms {breaks} rules for possible farms: {names}, of {judged} "
        "judged."
    )


def printed(found: Quality) -> Iterator[str]:
    """What the command prints: the lead, then each held-out figure, then each broken rule."""
    yield from lead(found)
    yield "Held-out figures:"
    for one in found.figures:
        also = "" if one.independent else " (not independent)"
        yield f"  {one.words}: {number_of(one)}: {one.said}{also}."
    yield from found.judged.sentences()
    if not found.synthetic:
        yield REAL_FARMS
