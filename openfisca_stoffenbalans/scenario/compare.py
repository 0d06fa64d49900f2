"""Scenarios beside a baseline over a data set: run, counted, protected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.progress import Progress
from openfisca_stoffenbalans.regimes import RegimeError, Roles, regimes, roles_of
from openfisca_stoffenbalans.scenario.book import Book
from openfisca_stoffenbalans.scenario.build import conflicts
from openfisca_stoffenbalans.scenario.charges import write_charges
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.effort import write_effort
from openfisca_stoffenbalans.scenario.exact import weight_millionths
from openfisca_stoffenbalans.scenario.excess import write_excess
from openfisca_stoffenbalans.scenario.groups import Groups, make_groups
from openfisca_stoffenbalans.scenario.incentive import write_incentive
from openfisca_stoffenbalans.scenario.interaction import interactions
from openfisca_stoffenbalans.scenario.places import write_places
from openfisca_stoffenbalans.scenario.run import BASELINE, Outcome, Plan
from openfisca_stoffenbalans.scenario.spread import Spread, run_spread
from openfisca_stoffenbalans.scenario.statistics import COMPLIES, NOT_ASSESSED, UNDETERMINED, Farms, write_scenario
from openfisca_stoffenbalans.scenario.summary import Rule, hidden, summary

DEFAULT_RULE = Rule()
# The amounts that classes of farms divide.
DERIVED = ("area", "density", "surplus", "obliged", "methods")


class ComparisonError(ValueError):
    """A comparison that can't be made; the message says why."""


@dataclass(frozen=True)
class Comparison:
    """A comparison and all that its report is made of.

    `scenarios`: label -> the scenarios it consists of; `summary`: the published figures (docs/scenarios.md);
    `not_published`: which cells of the book are not; `unreachable`: labels under which no farm can change; `notes`:
    what a reader has to know, a sentence each; `rule`: None when single farms are not protected.
    """

    plan: Plan
    scenarios: dict[str, tuple[Scenario, ...]]
    farms: polars.DataFrame
    groups: Groups
    outcome: Outcome
    book: Book
    not_published: NDArray[numpy.bool_]
    summary: polars.DataFrame
    rule: Rule | None
    unreachable: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def roles(self) -> Roles:
        """The variables of the regime by role."""
        return roles_of(self.plan.regime)

    def of(self, label: str) -> Farms:
        """The farms' values under a scenario."""
        return Farms(self.outcome, label, self.roles)


def compare(
    data: DataSet,
    scenarios: Sequence[Scenario],
    year: int,
    *,
    baseline: str | Scenario = "law",
    by: Sequence[str] = (),
    regime: str = "de.stoffbilv",
    rule: Rule | None = DEFAULT_RULE,
    combine: bool = True,
    one_year: bool = True,
    system: Any = None,
    spread: Spread | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Compare scenarios with a baseline for the balance years that start in a calendar year.

    `by`: columns of `farms` or classes (size_class, density_class, surplus_class, duty, methods, nuts1, nuts2) to group
    by; `rule`: small-cell protection, None to publish all; `combine`: also all scenarios at once, when they can be
    combined.
    ComparisonError, ScenarioError and UnknownGroupingError say what is wrong with what was asked.
    """
    labels = named(scenarios, combine)
    roles = asked_of(data, regime, year)
    plan = planned(regime, baseline, labels, year, one_year and bool(roles.averaging_years))
    # Wrong columns are found before the long work.
    missing = [name for name in DERIVED if name not in classes(roles)]
    make_groups(data.tables["farms"].head(0), by, dict.fromkeys(DERIVED, numpy.zeros(0)), missing)
    outcome = run_spread(data, plan, spread or Spread(), system, progress)
    farms = data.tables["farms"][outcome.rows]
    base = Farms(outcome, BASELINE, roles)
    groups = make_groups(farms, by, derived(base))
    book = Book(groups, weight_millionths(farms["weight"].to_numpy()))
    for label in (BASELINE, *labels):
        write_scenario(book, Farms(outcome, label, roles), base)
        write_excess(book, Farms(outcome, label, roles), base)
        write_charges(book, Farms(outcome, label, roles), base)
        write_places(book, Farms(outcome, label, roles), base)
        write_effort(book, Farms(outcome, label, roles), base)
        write_incentive(book, Farms(outcome, label, roles), base)
    for label, parts in labels.items():
        if len(parts) > 1:
            alone = [Farms(outcome, part.name, roles) for part in parts]
            interactions(book, Farms(outcome, label, roles), base, alone)
    dark = hidden(book, rule)
    unreachable = tuple(label for label in labels if label not in outcome.reached)
    notes = tuple(why_not_combined(scenarios)) if combine else ()
    return Comparison(
        plan, labels, farms, groups, outcome, book, dark, summary(book, dark, rule), rule, unreachable, notes
    )


def asked_of(data: DataSet, regime: str, year: int) -> Roles:
    """The roles of a regime; ComparisonError when it can't be compared, or not in this year of the data."""
    starts = data.tables["farms"].filter(polars.col("year_start").dt.year() == year)["year_start"]
    if not len(starts):
        raise ComparisonError(no_year(data, year))
    try:
        regimes()[regime].check(starts.to_list())
        return roles_of(regime)
    except RegimeError as error:
        raise ComparisonError(str(error)) from error


def classes(roles: Roles) -> list[str]:
    """Those of `DERIVED` that a regime has."""
    there = {
        "area": roles.area,
        "density": roles.density,
        "surplus": roles.per_ha.get("nitrogen"),
        "obliged": roles.obliged,
        "methods": roles.verdict_by_method,
    }
    return [name for name, role in there.items() if role]


def derived(base: Farms) -> dict[str, NDArray[Any]]:
    """The amounts that classes of farms divide, in the baseline; `methods`: position among the labels of that class."""
    roles = base.roles
    columns = {"area": roles.area, "density": roles.density, "surplus": roles.per_ha.get("nitrogen", "")}
    found = {
        name: methods(base) if name == "methods" else base(columns.get(name, roles.obliged)) for name in classes(roles)
    }
    return {name: amount.astype(numpy.float64) for name, amount in found.items()}


def methods(base: Farms) -> NDArray[Any]:
    """By which method a farm complies: position among the labels of that class."""
    flat, own = (base(name) for name in base.roles.verdict_by_method)
    nowhere, unknown = (flat == NOT_ASSESSED) & (own == NOT_ASSESSED), (flat == UNDETERMINED) | (own == UNDETERMINED)
    by_flat, by_own = flat == COMPLIES, own == COMPLIES
    return numpy.select([nowhere, unknown, by_flat & by_own, by_flat, by_own], [0, 5, 1, 2, 3], 4)


def no_year(data: DataSet, year: int) -> str:
    """That no balance year starts in a year, and in which years some do."""
    there = sorted(set(data.tables["farms"]["year_start"].dt.year().to_list()))
    return f"no balance year of the data starts in {year}; there are: {', '.join(map(str, there)) or 'none'}"


def planned(
    regime: str, baseline: str | Scenario, labels: dict[str, tuple[Scenario, ...]], year: int, one_year: bool
) -> Plan:
    """The plan as plain data."""
    start = baseline if isinstance(baseline, str) else baseline.spec()
    return Plan(
        regime, start, {label: [part.spec() for part in parts] for label, parts in labels.items()}, year, one_year
    )


def named(scenarios: Sequence[Scenario], combine: bool) -> dict[str, tuple[Scenario, ...]]:
    """Label -> scenarios: each alone, then all of them together."""
    labels: dict[str, tuple[Scenario, ...]] = {}
    for scenario in scenarios:
        if scenario.name == BASELINE:
            raise ComparisonError(f"a scenario may not be called {BASELINE!r}")
        if scenario.name in labels:
            raise ComparisonError(f"two scenarios are called {scenario.name!r}; every name may stand once")
        labels[scenario.name] = (scenario,)
    if combine and len(scenarios) > 1 and not conflicts(scenarios):
        labels[" + ".join(labels)] = tuple(scenarios)
    return labels


def why_not_combined(scenarios: Sequence[Scenario]) -> list[str]:
    """Why the scenarios are not also run together."""
    return conflicts(scenarios) if len(scenarios) > 1 else []
