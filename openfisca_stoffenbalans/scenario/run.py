"""Running scenarios beside a baseline: the baseline once, of each scenario only what it can change."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.results import empty_column
from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.dataset.simulation import FARMS_PER_PART, Layout, Part, release
from openfisca_stoffenbalans.progress import Progress
from openfisca_stoffenbalans.regimes import roles_of
from openfisca_stoffenbalans.scenario.build import baseline, build, lacking
from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError, law_tree
from openfisca_stoffenbalans.scenario.graph import Changed, Graph, Node, changes, record
from openfisca_stoffenbalans.scenario.reuse import kept, reuse, same_inputs
from openfisca_stoffenbalans.scenario.values import matching
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

BASELINE = "baseline"
ONE_YEAR = " by one year"

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Plan:
    """What is run: plain data that another process can take.

    `scenarios`: label -> specs of the scenarios it consists of, several for a combination; `one_year`: also the verdict
    of each by the balance year alone; `columns`: the variables asked for, None for all that a comparison needs.
    """

    regime: str
    baseline: dict[str, Any] | str
    scenarios: Mapping[str, Sequence[dict[str, Any]]]
    year: int
    one_year: bool = True
    columns: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Variant:
    """A system to run, what it changes against the one it starts from, and the columns asked of it."""

    label: str
    system: Any
    start: str | None
    changed: Changed | None
    columns: tuple[str, ...]


@dataclass
class Outcome:
    """Values by column of the farms asked for, of the baseline and of what each scenario changes.

    `columns`: label -> column -> array as long as `rows`; a column that a scenario can't change is not there: `of`
    takes it from what the scenario starts from. `reached`: labels of what reads something that its scenario changes;
    of any other no farm can change.
    """

    rows: NDArray[numpy.int64]
    starts: dict[str, str | None]
    columns: dict[str, Columns] = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)

    def of(self, label: str, column: str) -> NDArray[Any]:
        """A column of a scenario; the array is the start's own where the scenario can't change it."""
        at: str | None = label
        while at is not None:
            if column in self.columns.get(at, {}):
                return self.columns[at][column]
            at = self.starts[at]
        raise KeyError(column)

    def drop_unchanged(self) -> None:
        """Forget the columns that came out as they were: whatever is made of them then comes from one array."""
        for label, columns in self.columns.items():
            start = self.starts[label]
            if start is not None:
                for name in [name for name in columns if same(columns[name], self.of(start, name))]:
                    del columns[name]


def same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether two columns hold the same values, missing ones included."""
    return numpy.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def first_day(parameter: str) -> str:
    """The first day (ISO) for which the law has a parameter, or the first of the parameters of a path with `*`."""
    try:
        return str(matching(law_tree(), parameter)[0].values_list[-1].instant_str)
    except LookupError:
        # There is none: whatever the day, the check of the scenario names the nearest.
        return datetime.date.min.isoformat()


def one_year_scenario(regime: str) -> Scenario:
    """The assessment by the balance year alone."""
    years = roles_of(regime).averaging_years
    return Scenario.from_spec(
        {
            "name": "by_one_year",
            "regime": regime,
            "parameters": {years: {first_day(years): 1}},
            "status": "inferred",
            "source": "the verdict of one year beside that of the law's years",
        }
    )


def variants(plan: Plan, system: Any = None) -> list[Variant]:
    """The systems of a plan in the order in which they are run: what one starts from stands before it."""
    roles = roles_of(plan.regime)
    columns = roles.columns if plan.columns is None else plan.columns
    law = system if system is not None else CountryTaxBenefitSystem()
    start = plan.baseline if isinstance(plan.baseline, str) else Scenario.from_spec(plan.baseline)
    first = baseline(start, law, plan.regime)
    found = [Variant(BASELINE, first, None, None, columns)]
    for label, specs in plan.scenarios.items():
        scenarios = [Scenario.from_spec(spec) for spec in specs]
        reformed = build(first, scenarios)
        wrong = lacking(reformed, scenarios)
        if wrong:
            raise ScenarioError(wrong)
        found.append(Variant(label, reformed, BASELINE, changes(first, reformed), columns))
    if plan.one_year:
        single = one_year_scenario(plan.regime)
        for variant in list(found):
            shorter = build(variant.system, [single])
            changed = changes(variant.system, shorter)
            found.append(Variant(f"{variant.label}{ONE_YEAR}", shorter, variant.label, changed, (roles.verdict,)))
    return found


def systems(plan: Plan, system: Any = None) -> dict[str, Any]:
    """Label -> system of the baseline and each scenario."""
    return {one.label: one.system for one in variants(dataclasses.replace(plan, one_year=False), system)}


def starts(plan: Plan) -> dict[str, str | None]:
    """Label -> what it starts from, in the order in which they are run."""
    alone: dict[str, str | None] = {BASELINE: None, **dict.fromkeys(plan.scenarios, BASELINE)}
    return alone | ({f"{label}{ONE_YEAR}": label for label in alone} if plan.one_year else {})


def rows_of_year(data: DataSet, year: int) -> NDArray[numpy.int64]:
    """Each farm once: its row of `farms` for the balance year that starts in a calendar year.

    Of a farm that keeps two series while its balance year changes, the series with more years up to this one counts,
    of equal ones the earlier start.
    """
    farms = data.tables["farms"].select("farm_id", "year_start").with_row_index("row")
    month = polars.col("year_start").dt.month()
    known = polars.col("year_start").rank("ordinal").over("farm_id", month)
    chosen = farms.with_columns(known=known).filter(polars.col("year_start").dt.year() == year)
    chosen = chosen.sort(["known", "year_start"], descending=[True, False], maintain_order=True)
    rows: NDArray[numpy.int64] = chosen.unique("farm_id", keep="first")["row"].sort().cast(polars.Int64).to_numpy()
    return rows


def run(
    data: DataSet,
    plan: Plan,
    system: Any = None,
    farms_per_part: int = FARMS_PER_PART,
    progress: Progress | None = None,
    rows: NDArray[numpy.int64] | None = None,
) -> Outcome:
    """Run a plan over a data set in this process.

    `system`: the law, when it is loaded already; `rows`: the rows of `farms` asked for, by default `rows_of_year`.
    """
    planned = variants(plan, system)
    rows = rows_of_year(data, plan.year) if rows is None else rows
    outcome = Outcome(rows, starts(plan))
    place = numpy.full(len(data.tables["farms"]), -1, dtype=numpy.int64)
    place[rows] = numpy.arange(len(rows))
    layout = Layout(data, planned[0].system, farms_per_part)
    reach = Reach()
    for number in range(layout.parts):
        run_part(data, layout, number, planned, place, outcome, reach, farms_per_part)
        if progress:
            progress(number + 1, layout.parts)
    outcome.drop_unchanged()
    return outcome


class Reach:
    """What each variant can keep of what it starts from; found again only where the graph of a part is another."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.known: dict[str, tuple[Any, set[Node]]] = {}

    def kept(self, variant: Variant, graph: Graph, inputs: set[Node]) -> set[Node]:
        """The calculations and inputs that a variant takes over."""
        assert variant.changed is not None
        before = self.known.get(variant.label)
        same = before is not None and before[0] == (graph.uses, graph.reads, inputs)
        if before is None or not same:
            before = ((graph.uses, graph.reads, inputs), kept(graph, inputs, variant.changed))
            self.known[variant.label] = before
        return before[1]


Asked = list[tuple[Any, NDArray[numpy.int64], NDArray[numpy.int64]]]


def asked_of(part: Part, place: NDArray[numpy.int64]) -> Asked:
    """The balance years of a part with farms asked for: where their values go, and where they stand in the part."""
    found = []
    for period, (rows, index) in part.rows.items():
        wanted = numpy.flatnonzero(place[rows] >= 0)
        if len(wanted):
            found.append((period, place[rows[wanted]], index[wanted]))
    return found


def run_part(
    data: DataSet,
    layout: Layout,
    number: int,
    planned: Sequence[Variant],
    place: NDArray[numpy.int64],
    outcome: Outcome,
    reach: Reach,
    farms_per_part: int,
) -> None:
    """Run all variants over one part and put their values in place."""
    part = layout.part(number)
    asked = asked_of(part, place)
    simulations: dict[str, Any] = {planned[0].label: part.simulation}
    if asked:
        inputs = part.inputs()
        graphs = {planned[0].label: record(part.simulation)}
        started = {variant.start for variant in planned}
        # Missing amounts are NaN and go through every formula; that is no reason to warn.
        with numpy.errstate(all="ignore"):
            for variant in planned:
                columns = variant.columns
                if variant.changed is not None and same_inputs(layout.system, variant.system, inputs):
                    above = graphs[str(variant.start)]
                    nodes = reach.kept(variant, above, inputs)
                    source = simulations[str(variant.start)]
                    simulations[variant.label], own_graph = reuse(
                        variant.system, source, nodes, variant.label in started
                    )
                    # A column once changed in some part has an array of its own, to be filled in every part.
                    own = outcome.columns.get(variant.label, {})
                    columns = tuple(
                        name
                        for name in variant.columns
                        if name in own or any((name, period) not in nodes for period, _, _ in asked)
                    )
                elif variant.changed is not None:
                    whole = Layout(data, variant.system, farms_per_part).part(number)
                    simulations[variant.label], graphs[variant.label] = whole.simulation, record(whole.simulation)
                for name in columns:
                    array = column(outcome, variant, name)
                    for period, at, within in asked:
                        array[at] = numpy.asarray(simulations[variant.label].calculate(name, period))[within]
                if variant.label in started and variant.label not in graphs:
                    graphs[variant.label] = above.under(own_graph, nodes)
    for simulation in simulations.values():
        release(simulation)


def column(outcome: Outcome, variant: Variant, name: str) -> NDArray[Any]:
    """The array of a variant's column; when it is new, with the values of what the variant starts from."""
    found = outcome.columns.setdefault(variant.label, {})
    if name not in found:
        if variant.start is None:
            found[name] = empty_column(len(outcome.rows), variant.system.variables[name])
        else:
            dtype = empty_column(0, variant.system.variables[name]).dtype
            found[name] = outcome.of(variant.start, name).astype(dtype)
            outcome.reached.add(variant.label)
    return found[name]
