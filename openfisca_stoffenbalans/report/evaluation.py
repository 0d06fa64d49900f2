"""The figures of an evaluation: every year of a data set, the options beside the law, and the course of a limit."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.progress import Progress
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.aims import aim, find
from openfisca_stoffenbalans.scenario.compare import DEFAULT_RULE, Comparison, ComparisonError, compare
from openfisca_stoffenbalans.scenario.definition import load_scenario
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS, weight_millionths
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.run import BASELINE, Plan
from openfisca_stoffenbalans.scenario.spread import Spread, run_spread
from openfisca_stoffenbalans.scenario.statistics import UNDETERMINED
from openfisca_stoffenbalans.scenario.summary import SCHEMA, Rule
from openfisca_stoffenbalans.scenario.sweep import Sweep, norm, sweep
from openfisca_stoffenbalans.tables import at, load_yaml

CONTENT = Path(__file__).with_name("evaluation.yaml")
FINDINGS = Path(__file__).with_name("findings.yaml")
GROUPED = ("duty", "farm_type")
METHODS = "methods"
# What is published of years before and after the one asked for: nothing that stays the same from year to year, because
# the difference of two years would then show the farms that came or went.
TREND = (
    "farms_total", "farms_obliged", "farms_assessed", "farms_exceeding", "farms_undetermined", "share_obliged",
    "share_exceeding", "surplus_mean_kg_per_ha", "surplus_median_kg_per_ha", "surplus_total_t",
    "net_surplus_mean_kg_per_ha", "net_surplus_total_t", "supply_total_t", "removal_total_t",
    "nutrient_use_efficiency", "excess_total_t",
)  # fmt: skip
SWEPT = ("farms_assessed", "farms_exceeding", "share_exceeding", "excess_total_t")
SHOWN = ("value", "farms", "weight")
REASON = "undetermined because: "


@dataclass(frozen=True)
class Evaluation:
    """All that the report of an evaluation is made of.

    `comparison`: the options beside the law in the year asked for; `sweep`: the course of a limit, with published
    figures only; `aim`: sentences on the step that meets the aim; `summary`: all published figures, those of
    `comparison.summary` with the year in front, for other years those of `TREND`, then sweep and reasons; `content`:
    what the evaluation asks; `same_farms`: whether every farm has every year.
    """

    comparison: Comparison
    sweep: Sweep
    aim: tuple[str, ...]
    summary: polars.DataFrame
    content: Mapping[str, Any]
    findings: Sequence[Mapping[str, str]]
    same_farms: bool

    @property
    def year(self) -> int:
        """The year asked for."""
        return self.comparison.plan.year

    @property
    def years(self) -> list[int]:
        """All years of the data."""
        return sorted(self.summary["year"].unique().to_list())

    @property
    def rule(self) -> Rule | None:
        """Small-cell protection."""
        return self.comparison.rule


def evaluate(
    data: DataSet,
    year: int,
    *,
    by: Sequence[str] = (),
    regime: str = "de.stoffbilv",
    rule: Rule | None = DEFAULT_RULE,
    system: Any = None,
    spread: Spread | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Evaluate a regime over a data set; `by`: columns or classes to group by besides `duty`, `farm_type`, `methods`.

    ComparisonError when the regime has no questions to answer or no balance year of the data starts in `year`.
    """
    content = questions(regime)
    spread = spread or Spread()
    columns = list(dict.fromkeys([*GROUPED, *(name for name in by if name != METHODS)]))
    options = [load_scenario(name, regime) for name in content["scenarios"]]
    found = compare(
        data, options, year, by=[*columns, METHODS], regime=regime, rule=rule, combine=False, system=system,
        spread=spread, progress=progress,
    )  # fmt: skip
    asked = content["sweep"]
    steps = norm(asked["parameter"], asked["first"], asked["last"], asked["step"])
    moved = sweep(data, [steps], year, regime=regime, rule=rule, system=system, spread=spread)
    moved = dataclasses.replace(moved, table=beside(moved, found))
    starts = data.tables["farms"]["year_start"].dt.year()
    frames = [of_year(found.summary, year), of_sweep(moved, year), reasons(data, found, system, spread)]
    for other in sorted(starts.unique().to_list()):
        if other != year:
            trend = compare(
                data, [], other, by=columns, regime=regime, rule=rule, combine=False, one_year=False, system=system,
                spread=spread,
            )  # fmt: skip
            frames.append(of_year(trend.summary.filter(polars.col("statistic").is_in(TREND)), other))
    summary = polars.concat(frames).sort("year", maintain_order=True)
    years_of_farm = data.tables["farms"].group_by("farm_id").agg(polars.col("year_start").dt.year().n_unique())
    same = bool((years_of_farm["year_start"] == starts.n_unique()).all())
    return Evaluation(found, moved, met(moved, asked["aim"]), summary, content, findings(regime), same)


def questions(regime: str) -> Mapping[str, Any]:
    """What an evaluation of a regime asks; ComparisonError for a regime that has no evaluation."""
    content = contents(CONTENT)
    if regime not in content:
        raise ComparisonError(f"there is no evaluation of {regime}; there is one of: {', '.join(content)}")
    found: Mapping[str, Any] = content[regime]
    return found


def findings(regime: str) -> Sequence[Mapping[str, str]]:
    """What published evaluations found."""
    found: Sequence[Mapping[str, str]] = contents(FINDINGS).get(regime, ())
    return found


@functools.cache
def contents(path: Path) -> Any:
    """A file of the evaluation."""
    return load_yaml(path)


def of_year(summary: polars.DataFrame, year: int) -> polars.DataFrame:
    """Published figures with their year in front."""
    return summary.select(polars.lit(year, polars.Int64).alias("year"), *SCHEMA)


def of_sweep(moved: Sweep, year: int) -> polars.DataFrame:
    """The steps of a sweep as figures; each step is a scenario of its own."""
    name = moved.norms[0].parameter.rpartition(".")[2]
    texts = [f"{name} at {value:g}" for value in moved.table["norm"].to_list()]
    frame = moved.table.with_columns(
        polars.Series("scenario", texts, polars.String), group_by=polars.lit(ALL), group=polars.lit(ALL)
    )
    return of_year(frame, year)


def beside(moved: Sweep, found: Comparison) -> polars.DataFrame:
    """The sweep's figures that may stand beside those of the comparison.

    A step that is a scenario of the comparison, or the law, is published as it is there. Any other is left out when it
    counts nearly as many farms as one of these, or as many as one that is not published there.
    """
    table = moved.table.filter(polars.col("statistic").is_in(SWEPT))
    if found.rule is None:
        return table
    rows = found.summary.filter(group_by=ALL).iter_rows(named=True)
    published = {(row["scenario"], row["statistic"]): row for row in rows}
    same = {step: label for step in moved.exact if (label := label_of(moved, step[0], found)) is not None}
    kept, dark = [], set()
    for row in table.iter_rows(named=True):
        step, name = (row["norm"],), row["statistic"]
        if step in same:
            row |= {column: published[same[step], name][column] for column in SHOWN}
        elif name == "share_exceeding":
            row |= dict.fromkeys(SHOWN) if (step, "farms_exceeding") in dark else {}
        elif any(
            too_near(row["farms"], published[label, name]["farms"], found.rule)
            or (published[label, name]["farms"] is None and moved.exact[step][name] == moved.exact[other][name])
            for other, label in same.items()
        ):
            dark.add((step, name))
            row |= dict.fromkeys(SHOWN)
        kept.append(row)
    return polars.DataFrame(kept, schema=table.schema)


def too_near(farms: int | None, others: int | None, rule: Rule) -> bool:
    """Whether the difference of two published counts shows too few farms."""
    return farms is not None and others is not None and 0 < abs(farms - others) < rule.threshold


def label_of(moved: Sweep, value: float, found: Comparison) -> str | None:
    """The label of the comparison under which the norm of a sweep has a value and all else is law."""
    parameter = moved.norms[0].parameter
    if at(moved.system.parameters, parameter)(f"{found.plan.year}-01-01") == value:
        return BASELINE
    for label, parts in found.scenarios.items():
        spec = parts[0].spec()
        only = (
            len(parts) == 1 and not spec["reforms"] and not spec["readings"] and list(spec["parameters"]) == [parameter]
        )
        if only and list(spec["parameters"][parameter].values()) == [value]:
            return label
    return None


def met(moved: Sweep, wanted: str) -> tuple[str, ...]:
    """Which step meets an aim, by published figures."""
    goal = aim(wanted)
    shown = moved.table.filter((polars.col("statistic") == goal.statistic) & polars.col("value").is_not_null())["norm"]
    exact = {step: values for step, values in moved.exact.items() if step[0] in shown}
    if not exact:
        return (f"At no step the share is published, so that none can be named that meets {goal}.",)
    parameter = moved.norms[0].parameter
    words = (parameter, f"the {parameter.rpartition('.')[2].replace('_', ' ')}")
    said = tuple(text.replace(*words) for text in find(dataclasses.replace(moved, exact=exact), goal).sentences)
    if len(exact) == len(moved.exact):
        return said
    return (f"Of the {len(moved.exact)} steps, {len(exact)} have a published share; among these:", *said)


def reasons(data: DataSet, found: Comparison, system: Any, spread: Spread) -> polars.DataFrame:
    """Why farms are undetermined: each reason with its farms, as far as neither they nor the others are too few."""
    rules = regimes()[found.plan.regime]
    plan = Plan(rules.name, "law", {}, found.plan.year, False, (rules.verdict, rules.because))
    outcome = run_spread(data, plan, spread, system)
    weights = weight_millionths(data.tables["farms"][outcome.rows]["weight"].to_numpy())
    open_ = numpy.flatnonzero(outcome.of(BASELINE, rules.verdict) == UNDETERMINED)
    by_reason: dict[str, list[int]] = {}
    for farm in open_.tolist():
        for reason in filter(None, str(outcome.of(BASELINE, rules.because)[farm]).split("; ")):
            by_reason.setdefault(reason, []).append(farm)
    everyone = of_all(found, BASELINE, "farms_undetermined")["farms"]
    rows: list[tuple[Any, ...]] = []
    dark = False
    for reason, farms in sorted(by_reason.items(), key=lambda item: (-int(weights[item[1]].sum()), item[0])):
        if found.rule is not None and (everyone is None or not told_apart(found.rule, weights[farms], len(open_))):
            dark = True
            continue
        weight = int(weights[farms].sum()) / MILLIONTHS
        rows.append((BASELINE, ALL, ALL, REASON + reason, weight, "farms", len(farms), weight))
    if dark:
        rows.append((BASELINE, ALL, ALL, f"{REASON}reasons of few farms", None, "farms", None, None))
    return of_year(polars.DataFrame(rows, schema=SCHEMA, orient="row"), found.plan.year)


def of_all(found: Comparison, scenario: str, statistic: str) -> dict[str, Any]:
    """The row of a figure of all farms."""
    rows = found.summary.filter(scenario=scenario, statistic=statistic, group_by=ALL)
    return rows.row(0, named=True)


def told_apart(rule: Rule, weights: NDArray[numpy.int64], everyone: int) -> bool:
    """Whether a count of farms with these weights shows neither them nor the rest of all."""
    farms = len(weights)
    enough = farms >= rule.threshold and (farms == everyone or everyone - farms >= rule.threshold)
    return enough and int(weights.max()) <= rule.dominance * int(weights.sum())
