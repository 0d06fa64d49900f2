"""No false reuse: what a scenario takes over from its baseline is, bit for bit, what a run of its own gives."""

from __future__ import annotations

import datetime
import functools
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import numpy
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openfisca_core.errors import ParameterNotFoundError
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.results import compute, empty_column
from openfisca_stoffenbalans.dataset.schema import FarmType
from openfisca_stoffenbalans.dataset.simulation import Layout
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.layers import layer
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.reform import LawReform, available, readings, with_reforms
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario import run as running
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.graph import Changed, Graph, Node
from openfisca_stoffenbalans.scenario.run import Outcome, Plan, Variant, rows_of_year, run
from openfisca_stoffenbalans.variables.de.stoffbilv.section_06_assessment import Verdict
from tests.conftest import loaded_system
from tests.random_farms import as_dataset, random_rows
from tests.scenario.random_reforms import (
    BASELINES,
    LIMIT,
    STRUCTURAL,
    VALUES,
    by_known_years,
    formula_of,
    neutralising,
    random_scenario,
    with_variables,
)

# A smaller seed is no simpler case, so that nothing is looked for after the first failure.
SEEDS = settings(deadline=None, derandomize=True, phases=(Phase.generate,))
REGIME = "de.stoffbilv"
RULES = regimes()[REGIME]
COLUMNS = tuple(
    dict.fromkeys([*RULES.columns, *RULES.comparison.columns, "stoffbilv_mean_agreed_losses", "stoffbilv_limit_flat"])
)


def random_data(seed: int, farms: int = 5) -> DataSet:
    with tempfile.TemporaryDirectory() as folder:
        return as_dataset(random_rows(Random(seed), farms), Path(folder))


@functools.cache
def some_data() -> DataSet:
    """26 farm-years, four farms with one that starts in 2020."""
    return random_data(8)


def built(system: Any, scenarios: Sequence[Scenario]) -> Any:
    """As `build`, and the structural reform for a scenario of that name."""
    for scenario in scenarios:
        reform = STRUCTURAL.get(scenario.name)
        system = build(system, [scenario]) if reform is None else with_reforms(system, [reform])
    return system


@contextmanager
def planned(plan: Plan, system: Any) -> Iterator[list[Variant]]:
    """The systems of a plan, which a run of the plan then takes as they are."""
    with mock.patch.object(running, "build", built):
        variants = running.variants(plan, system)
    with mock.patch.object(running, "variants", return_value=variants):
        yield variants


def full(data: DataSet, variant: Variant, year: int) -> dict[str, Any]:
    """The columns of a system's own run, which takes nothing over and has all farms in one part."""
    layout = Layout(data, variant.system)
    length = len(data.tables["farms"])
    arrays = {name: empty_column(length, variant.system.variables[name]) for name in variant.columns}
    for number in range(layout.parts):
        part = layout.part(number)
        compute(part, part.rows, arrays, year)
        part.release()
    rows = rows_of_year(data, year)
    return {name: array[rows] for name, array in arrays.items()}


def attempt(what: Any) -> tuple[Any, type[Exception] | None]:
    """What a function gives, or the kind of error it raises."""
    try:
        return what(), None
    except Exception as error:
        return None, type(error)


def bits(array: Any) -> tuple[Any, Any]:
    """An array's type and values: missing ones alike, and 0 not the same as -0."""
    if array.dtype.kind != "f":
        return array.dtype, array.tolist()
    return array.dtype, numpy.where(numpy.isnan(array), numpy.nan, array).view(numpy.int64).tolist()


def wrong_columns(outcome: Outcome, variants: Sequence[Variant], expected: Sequence[dict[str, Any]]) -> list[str]:
    """Label and column of what is not as a full run has it."""
    return [
        f"{variant.label}: {name}"
        for variant, columns in zip(variants, expected, strict=True)
        for name, array in columns.items()
        if bits(outcome.of(variant.label, name)) != bits(array)
    ]


def false_reuse(data: DataSet, plan: Plan, system: Any = None) -> list[str]:
    """Label and column of what a run of the plan gets wrong; an error has to be one in both ways."""
    with planned(plan, system or loaded_system()) as variants:
        attempts = [attempt(lambda variant=variant: full(data, variant, plan.year)) for variant in variants]
        outcome, error = attempt(lambda: run(data, plan, system, 3))
    errors = [kind for _, kind in attempts if kind is not None]
    if errors or error is not None:
        return [] if error in errors else [f"{error} instead of {errors}"]
    return wrong_columns(outcome, variants, [columns for columns, _ in attempts])


def plan_of(scenarios: dict[str, list[dict[str, Any]]], year: int = 2020, one_year: bool = True) -> Plan:
    return Plan(REGIME, "law", scenarios, year, one_year, COLUMNS)


def some_year(random: Random, data: DataSet) -> int:
    return random.choice(sorted(set(data.tables["farms"]["year_start"].dt.year())))


def named(name: str) -> dict[str, Any]:
    """The spec that `built` takes for the structural reform of that name."""
    return Scenario.from_spec({"name": name}).spec()


@settings(SEEDS, max_examples=8)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_scenarios_come_out_as_in_a_full_run(seed: int) -> None:
    random, data = Random(seed), random_data(seed)
    scenarios = {name: [random_scenario(random, name, loaded_system())] for name in ("one", "two", "three")}
    assert false_reuse(data, plan_of(scenarios, some_year(random, data))) == []


@pytest.mark.parametrize("start", ["law", *BASELINES])
@pytest.mark.filterwarnings("ignore:You cannot set a value for the variable:Warning")
@settings(SEEDS, max_examples=2)
@given(seed=st.integers(0, 2**32 - 1))
def test_structural_reforms_come_out_as_in_a_full_run(start: str, seed: int) -> None:
    random, data = Random(seed), random_data(seed)
    system = with_reforms(loaded_system(), [STRUCTURAL[start]] if start != "law" else [])
    names = random.sample(sorted(set(STRUCTURAL) - {start}), 3)
    scenarios = {name: [named(name)] for name in names}
    scenarios["more"] = [random_scenario(random, "more", system)]
    scenarios["upon"] = [named(names[0]), *scenarios["more"]]
    assert false_reuse(data, plan_of(scenarios, some_year(random, data)), system) == []


@pytest.mark.parametrize("option", sorted(available("de.options")))
def test_every_option_comes_out_as_in_a_full_run(option: str) -> None:
    values = {VALUES[option]: {"2019-01-01": 20}} if option in VALUES else {}
    content = {"name": "option", "reforms": [f"de.options.{option}"], "parameters": values}
    assert false_reuse(some_data(), plan_of({"option": [Scenario.from_spec(content).spec()]})) == []


@pytest.mark.parametrize("reading", sorted(readings()))
def test_every_reading_comes_out_as_in_a_full_run(reading: str) -> None:
    spec = Scenario.from_spec({"name": "reading", "readings": [reading]}).spec()
    assert false_reuse(some_data(), plan_of({"reading": [spec]})) == []


def everything(graph: Graph, inputs: set[Node], changed: Changed) -> set[Node]:
    return set(graph.uses) | inputs


def test_a_full_run_finds_other_values_than_a_wrongly_kept_one() -> None:
    # Were every calculation kept, a lower limit would change nothing.
    plan = plan_of({"lower": [Scenario.from_spec({"name": "lower", "parameters": {LIMIT: {"2018-01-01": 1}}}).spec()]})
    with mock.patch.object(running, "kept", everything):
        assert "lower: stoffbilv_headroom_flat" in false_reuse(some_data(), plan)


class farm_type(Variable):
    """Named like a column of the contract that the law does not read."""

    value_type = Enum
    possible_values = FarmType
    default_value = FarmType.none
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Kind of farm"


def by_farm_type(farm: Any, period: Any, parameters: Any) -> Any:
    return numpy.where(farm("farm_type", period) == FarmType.dairy, 170.0, 120.0)


def if_there_is_one(farm: Any, period: Any, parameters: Any) -> Any:
    return farm.filled_array(float(getattr(parameters(period).de.policy_options, "phosphate_limit", 175)))


def or_else(farm: Any, period: Any, parameters: Any) -> Any:
    try:
        limit = parameters(period).de.policy_options["phosphate_limit"]
    except ParameterNotFoundError:
        limit = 175
    return farm.filled_array(float(limit))


def half_a_year_more(farm: Any, period: Any, parameters: Any) -> Any:
    return farm("farm_year_known", period) + 0.5


BY_TYPE = with_variables("by_type", farm_type, formula_of("stoffbilv_limit_flat", by_farm_type))
HALF_YEARS = with_variables(
    "half_years", formula_of("stoffbilv_known_years", half_a_year_more, value_type=float, default_value=numpy.nan)
)
PHOSPHATE = {"name": "limit", "parameters": {VALUES["phosphate_limit"]: {"2018-01-01": 10}}}


def dairy_farm(*years: int) -> DataSet:
    """A dairy farm of 100 ha that has agreed losses of 30 kg N, in 2020 or some years."""
    farm = {"farm_id": "a", "country": "DE", "utilised_area_ha": 100, "farm_type": "dairy"}
    starts = [datetime.date(year, 1, 1) for year in years or (2020,)]
    rows = [{**farm, "year_start": start, "unavoidable_losses_n_kg": 30} for start in starts]
    with tempfile.TemporaryDirectory() as folder:
        return as_dataset({"farms": rows}, Path(folder))


def value(name: str, reform: type[LawReform], column: str, system: Any = None) -> Any:
    """A column of the dairy farm under a structural reform."""
    plan = plan_of({name: [named(name)]})
    with mock.patch.dict(STRUCTURAL, {name: reform}), planned(plan, system or loaded_system()):
        return run(dairy_farm(), plan).of(name, column).item()


def test_a_column_that_only_a_reform_reads_is_read() -> None:
    assert value("by_type", BY_TYPE, "stoffbilv_limit") == 170 * 100


@pytest.mark.filterwarnings("ignore:You cannot set a value for the variable:Warning")
def test_an_input_that_the_baseline_neutralises_is_read_where_a_reform_brings_it_back() -> None:
    system = with_reforms(loaded_system(), [neutralising("unavoidable_losses_n_kg")])

    def change(self: Any) -> None:
        self.variables["unavoidable_losses_n_kg"] = loaded_system().variables["unavoidable_losses_n_kg"]

    reform = type("back", (LawReform,), {"change": change})
    # No balance, so what is held against the permitted balance is missing; the mean of the losses is not.
    assert value("back", reform, "stoffbilv_mean_agreed_losses", system) == 30


def test_a_variable_of_another_type_keeps_its_digits() -> None:
    assert value("half_years", HALF_YEARS, "stoffbilv_known_years") == 1.5


@pytest.mark.parametrize("formula", [if_there_is_one, or_else])
def test_a_parameter_that_was_looked_for_in_vain_counts_as_read(formula: Any) -> None:
    looking = with_variables("looking", formula_of("stoffbilv_limit_flat", formula))
    system = with_reforms(loaded_system(), [looking])
    plan = plan_of({"limit": [Scenario.from_spec(PHOSPHATE).spec()]})
    assert run(dairy_farm(), plan, system).of("limit", "stoffbilv_limit_flat").tolist() == [10]


class carried_over(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "A tenth of the area, and half of what came from the year before"

    def formula_2018_01_01(farm: Any, period: Any, parameters: Any) -> Any:
        return farm("utilised_area_ha", period) / 10 + farm("carried_over", period.offset(-1)) / 2


def with_what_is_carried_over(farm: Any, period: Any, parameters: Any) -> Any:
    return Law(farm, period, parameters).value(LIMIT) + farm("carried_over", period)


def test_a_variable_that_looks_back_on_itself_comes_out_as_in_a_full_run() -> None:
    formula = formula_of("stoffbilv_limit_flat", with_what_is_carried_over)
    system = with_reforms(loaded_system(), [with_variables("carrying", carried_over, formula)])
    spec = Scenario.from_spec({"name": "lower", "parameters": {LIMIT: {"2018-01-01": 120}}}).spec()
    assert false_reuse(some_data(), plan_of({"lower": [spec]}), system) == []


def counting(calls: Counter[str], *names: str) -> type[LawReform]:
    """A reform that counts how often the formulas of variables run."""

    def count(before: Any, population: Any, period: Any, parameters: Any, name: str) -> Any:
        calls[name] += 1
        return before

    def change(self: Any) -> None:
        for name in names:
            layer(self, name, functools.partial(count, name=name))

    return type("counting", (LawReform,), {"change": change, "whole_tree": False})


def test_what_a_lower_limit_cannot_change_is_calculated_once() -> None:
    calls: Counter[str] = Counter()
    once = ("flow_nitrogen", "nitrogen_balance", "stoffbilv_mean_balance", "stoffbilv_mean_area")
    system = with_reforms(loaded_system(), [counting(calls, *once, "stoffbilv_limit_flat")])
    data, lower = some_data(), Scenario.from_spec({"name": "lower", "parameters": {LIMIT: {"2018-01-01": 120}}})
    run(data, plan_of({}, one_year=False), system)
    alone = dict(calls)
    calls.clear()
    run(data, plan_of({"lower": [lower.spec()]}, one_year=False), system)
    assert min(alone.values()) > 0
    assert {name: calls[name] for name in once} == {name: alone[name] for name in once}
    assert calls["stoffbilv_limit_flat"] == 2 * alone["stoffbilv_limit_flat"]


def test_the_verdict_by_one_year_takes_over_the_lines_of_its_scenario() -> None:
    calls: Counter[str] = Counter()
    system = with_reforms(loaded_system(), [counting(calls, "flow_nitrogen", "stoffbilv_mean_balance_per_ha")])
    data = some_data()
    run(data, plan_of({}, one_year=False), system)
    alone = dict(calls)
    calls.clear()
    run(data, plan_of({}), system)
    assert calls["flow_nitrogen"] == alone["flow_nitrogen"] > 0
    assert calls["stoffbilv_mean_balance_per_ha"] == 2 * alone["stoffbilv_mean_balance_per_ha"] > 0


def by_limit_alone(farm: Any, period: Any, parameters: Any) -> Any:
    above = farm("stoffbilv_limit_flat", period) > 100
    return numpy.where(above, Verdict.exceeds.index, Verdict.complies.index)


def test_the_verdict_by_one_year_starts_from_what_its_scenario_reads() -> None:
    # The scenario's limit is 60 kg for each known year: 180 for three, 60 for one. The law's does not ask for years.
    reform = with_variables(
        "by_years",
        *(
            formula_of(*of)
            for of in (
                ("stoffbilv_limit_flat", by_known_years),
                ("stoffbilv_verdict", by_limit_alone),
            )
        ),
    )
    data, plan = dairy_farm(2018, 2019, 2020), plan_of({"by_years": [named("by_years")]})
    with mock.patch.dict(STRUCTURAL, by_years=reform), planned(plan, loaded_system()):
        outcome = run(data, plan)
    assert outcome.of("by_years", "stoffbilv_verdict").tolist() == [Verdict.exceeds.index]
    assert outcome.of("by_years by one year", "stoffbilv_verdict").tolist() == [Verdict.complies.index]


def test_a_scenario_that_changes_nothing_that_is_read_reaches_no_farm() -> None:
    parameters = {"quality.plausibility.yield_most": {"2018-01-01": 100}}
    plan = plan_of({"nothing": [Scenario.from_spec({"name": "nothing", "parameters": parameters}).spec()]})
    outcome = run(some_data(), plan, loaded_system())
    assert "nothing" not in outcome.reached
    assert "nothing" not in outcome.columns
    assert outcome.of("nothing", "stoffbilv_limit") is outcome.of("baseline", "stoffbilv_limit")


def test_a_column_that_comes_out_as_it_was_is_the_start_s_own() -> None:
    # 175.0001 kg/ha turn no verdict: limits are compared in grams, and no balance lies between.
    parameters = {LIMIT: {"2018-01-01": 175.0001}}
    plan = plan_of({"hardly": [Scenario.from_spec({"name": "hardly", "parameters": parameters}).spec()]})
    outcome = run(dairy_farm(), plan, loaded_system())
    assert "hardly" in outcome.reached
    assert "stoffbilv_limit" in outcome.columns["hardly"]
    assert outcome.of("hardly", "stoffbilv_verdict") is outcome.of("baseline", "stoffbilv_verdict")
