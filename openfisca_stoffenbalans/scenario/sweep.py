"""How the outcome moves with one norm or two."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.progress import Progress
from openfisca_stoffenbalans.regimes import Roles
from openfisca_stoffenbalans.scenario.build import baseline as first_system
from openfisca_stoffenbalans.scenario.compare import DEFAULT_RULE, ComparisonError, asked_of
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS, Sheet, weight_millionths
from openfisca_stoffenbalans.scenario.limits import counted_by_sorting, shortcut
from openfisca_stoffenbalans.scenario.run import Plan, first_day
from openfisca_stoffenbalans.scenario.spread import Spread, run_spread
from openfisca_stoffenbalans.scenario.statistics import PER_FARM, per_unit
from openfisca_stoffenbalans.scenario.steps import Counted, between, count
from openfisca_stoffenbalans.scenario.summary import Rule
from openfisca_stoffenbalans.scenario.values import matching
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

MOST_STEPS = 2000
UNITS = {
    "farms_obliged": "farms",
    "farms_assessed": "farms",
    "farms_exceeding": "farms",
    "farms_undetermined": "farms",
    "share_exceeding": "share",
    "newly_exceeding": "farms",
    "newly_complying": "farms",
    "excess_total_t": "t N",
    "surplus_total_t": "t N",
}
LEVY_UNITS = {"farms_paying": "farms", "levy_total_euro": "euro"}
# In this order: what exceeds and what is undetermined leave of the assessed farms those that comply.
COUNTS = (
    "farms_assessed",
    "farms_exceeding",
    "farms_undetermined",
    "farms_obliged",
    "newly_exceeding",
    "newly_complying",
    "surplus_total_t",
    "farms_paying",
    "levy_total_euro",
)
SHARE = ("share_exceeding", "farms_exceeding", "farms_assessed")

Step = tuple[float, ...]
Moved = Callable[[Step, Step], Sequence[Sheet]]


@dataclass(frozen=True)
class Norm:
    """A parameter and the values that it takes, from its first day in the law on."""

    parameter: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Sweep:
    """The outcome of every step.

    `table`: a row per step and statistic with `norm` (and `norm_2`), `statistic`, `value`, `unit`, `farms`,
    `weight`; a value that would show single farms is empty, as are its farms. `exact`: all values of each step;
    `published`: the steps whose figures are published; `how`: a sentence that says how the steps were found;
    `asked`: regime, year, baseline, scenario and the norms' units, as plain data; `system`: the baseline's rules;
    `units`: of the statistics, by name.
    """

    norms: tuple[Norm, ...]
    table: polars.DataFrame
    exact: Mapping[Step, Mapping[str, float]]
    how: str
    rule: Rule | None
    published: frozenset[Step]
    asked: Mapping[str, Any]
    system: Any
    units: Mapping[str, str] = field(default_factory=lambda: dict(UNITS))


def norm(parameter: str, first: float, last: float, step: float) -> Norm:
    """The values from `first` to `last`, the last included when the steps lead there; decimal steps are decimal.

    ComparisonError for a step that leads nowhere or a norm with too many of them.
    """
    if not all(math.isfinite(number) for number in (first, last, step)):
        raise ComparisonError(f"{parameter} can't go from {first:g} to {last:g} by {step:g}: these must be numbers")
    start, end, by = (Decimal(repr(number)) for number in (float(first), float(last), float(step)))
    if by <= 0 or start > end:
        raise ComparisonError(
            f"{parameter} can't go from {first:g} to {last:g} by {step:g}: the step must be more than 0, and the sweep "
            "starts with the smaller number"
        )
    number = int((end - start) / by) + 1
    if number > MOST_STEPS:
        raise ComparisonError(f"the sweep of {parameter} has {number} steps; at most {MOST_STEPS} are allowed")
    return Norm(parameter, tuple(float(start + by * position) for position in range(number)))


def units(roles: Roles) -> dict[str, str]:
    """The statistics of a sweep under a regime, with their units."""
    absent = {
        "farms_obliged": not roles.obliged,
        "excess_total_t": not roles.headroom,
        "surplus_total_t": "nitrogen" not in roles.balance,
    }
    found = {name: unit for name, unit in UNITS.items() if not absent.get(name)} | (LEVY_UNITS if roles.levy else {})
    return {name: roles.tonnes if name == "excess_total_t" else unit for name, unit in found.items()}


def step_scenario(norms: Sequence[Norm], step: Step, regime: str) -> Scenario:
    """The scenario of one step."""
    values = {norm.parameter: {first_day(norm.parameter): value} for norm, value in zip(norms, step, strict=True)}
    name = "step_" + "_".join(re.sub(r"\W", "_", f"{value:.15g}") for value in step)
    return Scenario.from_spec(
        {"name": name, "regime": regime, "parameters": values, "status": "inferred", "source": "a step of a sweep"}
    )


def sweep(
    data: DataSet,
    norms: Sequence[Norm],
    year: int,
    *,
    baseline: str | Scenario = "law",
    scenario: Scenario | None = None,
    regime: str = "de.stoffbilv",
    rule: Rule | None = DEFAULT_RULE,
    system: Any = None,
    spread: Spread | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """The outcome of every step of one norm, or of every pair of steps of two, against a baseline.

    `scenario`: what the norm is moved within, for a norm that only a reform of the law reads.
    """
    steps = list(itertools.product(*(norm.values for norm in norms)))
    if len(norms) == 2 and norms[0].parameter == norms[1].parameter:
        raise ComparisonError(f"{norms[0].parameter} is moved twice; a sweep moves two different norms")
    if not 1 <= len(norms) <= 2 or len(steps) > MOST_STEPS:
        raise ComparisonError(f"a sweep moves one norm or two, with at most {MOST_STEPS} steps in all")
    roles = asked_of(data, regime, year)
    within = [] if scenario is None else [scenario.spec()]
    specs = {str(step): [*within, step_scenario(norms, step, regime).spec()] for step in steps}
    start = baseline if isinstance(baseline, str) else baseline.spec()
    spread = spread or Spread()
    limit = None if scenario is not None or len(norms) > 1 else roles.limits.get(norms[0].parameter)
    columns = list(roles.of_steps)
    counted: dict[Step, Counted] | None = None
    moved: Moved | None = None
    if limit is not None:
        ends = {str(step): specs[str(step)] for step in (steps[0], steps[-1])}
        plan = Plan(regime, start, ends, year, False, (*columns, *limit.columns))
        outcome = run_spread(data, plan, spread, system, progress)
        weights = weight_millionths(data.tables["farms"][outcome.rows]["weight"].to_numpy())
        days = sorted({day.isoformat() for day in data.tables["farms"]["year_start"].gather(outcome.rows).to_list()})
        tolerance = shortcut(plan, limit, days, system)
        counted = counted_by_sorting(outcome, roles, limit, steps, weights, tolerance)
    if counted is not None:
        how = (
            f"The {len(steps)} steps were read from the sorted surpluses of one run, because the norm only moves the "
            "limit that they are held against; the first and the last step were also calculated in full and agree."
        )
    else:
        plan = Plan(regime, start, specs, year, False, tuple(columns))
        outcome = run_spread(data, plan, spread, system, progress)
        weights = weight_millionths(data.tables["farms"][outcome.rows]["weight"].to_numpy())
        known: dict[Any, Sheet] = {}
        counted = {step: count(outcome, str(step), roles, weights, known) for step in steps}
        found = outcome

        def moved(one: Step, other: Step) -> Sequence[Sheet]:
            return between(found, str(one), str(other), roles, weights)

        how = f"Each of the {len(steps)} steps was calculated, as far as the norm can change anything."
        if not outcome.reached:
            how += " No formula reads the norm in these balance years: no farm can change."
    exact = {step: values(one) for step, one in counted.items()}
    shown = frozenset(published(counted, rule, moved))
    first = first_system(baseline, system if system is not None else CountryTaxBenefitSystem(), regime)
    asked = {
        "regime": regime,
        "year": year,
        "baseline": start,
        "scenario": None if scenario is None else scenario.spec(),
        "units": [str(matching(first.parameters, one.parameter)[0].metadata.get("unit", "")) for one in norms],
    }
    return Sweep(
        tuple(norms),
        table(norms, counted, exact, rule, shown, units(roles)),
        exact,
        how,
        rule,
        shown,
        asked,
        first,
        units(roles),
    )


def values(counted: Counted) -> dict[str, float]:
    """The value of every statistic of a step."""
    found = {name: sheet.amount[0] / per_unit(name) for name, sheet in counted.items()}
    share, above, below = SHARE
    found[share] = found[above] / found[below] if found[below] else float("nan")
    return found


def published(counted: Mapping[Step, Counted], rule: Rule | None, moved: Moved | None = None) -> set[Step]:
    """The steps whose figures do not show single farms, neither alone nor by their difference to another step.

    In the order of the farms that exceed, a step is left out when any number of farms, also of those that comply, is
    small or differs by few from the published step before it. `moved`: the sheet of the farms whose amounts differ
    between two steps.
    """
    if rule is None:
        return set(counted)
    kept: set[Step] = set()
    before: NDArray[numpy.int64] | None = None
    last: Step | None = None
    for step in sorted(counted, key=lambda step: int(counted[step]["farms_exceeding"].farms[0])):
        there = [name for name in COUNTS if name in counted[step]]
        farms = numpy.array([int(counted[step][name].farms[0]) for name in there])
        complying = int(farms[0] - farms[1] - farms[2])
        behind = numpy.append(farms, [complying, *not_paying(counted[step])])
        # A total that is mostly one farm's is left out alone.
        dominated = any(shows_one(counted[step][name], rule) for name in there if per_unit(name) == PER_FARM)
        differences = behind if before is None else numpy.abs(behind - before)
        few = [(numbers > 0) & (numbers < rule.threshold) for numbers in (behind, differences)]
        if moved is not None and last is not None:
            between = moved(last, step)
            dominated = dominated or any(
                1 <= sheet.farms[0] < rule.threshold or shows_one(sheet, rule) for sheet in between if sheet.farms[0]
            )
        if not dominated and not numpy.any(few):
            kept.add(step)
            before, last = behind, step
    return kept


def not_paying(counted: Counted) -> list[int]:
    """By how many farms those that exceed and those that pay a levy differ; nothing without a levy."""
    there = [int(counted[name].farms[0]) for name in ("farms_exceeding", "farms_paying") if name in counted]
    return [abs(there[0] - there[1])] if len(there) > 1 else []


def shows_one(sheet: Sheet, rule: Rule) -> bool:
    """Whether one farm is most of an amount."""
    return bool(sheet.largest[0] > rule.dominance * sheet.absolute[0])


def table(
    norms: Sequence[Norm],
    counted: Mapping[Step, Counted],
    exact: Mapping[Step, Mapping[str, float]],
    rule: Rule | None,
    open_: frozenset[Step],
    of_regime: Mapping[str, str],
) -> polars.DataFrame:
    """The rows of a sweep."""
    share, _, below = SHARE
    names = ["norm", "norm_2"][: len(norms)]
    rows: list[dict[str, Any]] = []
    for step in counted:
        for name, unit in of_regime.items():
            sheet = counted[step][below if name == share else name]
            shown = step in open_ and (rule is None or not shows_one(sheet, rule))
            rows.append(
                {
                    **dict(zip(names, step, strict=True)),
                    "statistic": name,
                    "value": exact[step][name] + 0.0 if shown and exact[step][name] == exact[step][name] else None,
                    "unit": unit,
                    "farms": int(sheet.farms[0]) if shown else None,
                    "weight": sheet.weight[0] / MILLIONTHS if shown else None,
                }
            )
    numbers = dict.fromkeys((*names, "value", "weight"), polars.Float64)
    return polars.DataFrame(rows, schema_overrides={**numbers, "farms": polars.Int64})
