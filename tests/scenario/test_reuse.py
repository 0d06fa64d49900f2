"""No false reuse: what a scenario takes over from its baseline is, bit for bit, what a run of its own gives."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.results import compute, empty_column
from openfisca_stoffenbalans.dataset.simulation import Layout
from openfisca_stoffenbalans.reform import with_reforms
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario import run as running
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.run import Outcome, Plan, Variant, rows_of_year, run
from tests.conftest import loaded_system
from tests.random_farms import as_dataset, random_rows
from tests.scenario.random_reforms import STRUCTURAL, random_scenario

REGIME = "de.stoffbilv"
RULES = regimes()[REGIME]
COLUMNS = tuple(dict.fromkeys([*RULES.columns, *RULES.comparison.columns]))


def random_data(seed: int, farms: int = 5) -> DataSet:
    with tempfile.TemporaryDirectory() as folder:
        return as_dataset(random_rows(Random(seed), farms), Path(folder))


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
    with mock.patch.object(running, "variants", lambda *_: variants):
        yield variants


def full(data: DataSet, variant: Variant, year: int) -> dict[str, Any]:
    """The columns of a system's own run, which takes nothing over and has all farms in one part."""
    layout = Layout(data, variant.system)
    length = len(data.tables["farms"])
    arrays = {name: empty_column(length, variant.system.variables[name]) for name in variant.columns}
    for number in range(layout.parts):
        part = layout.part(number)
        compute(part, variant.system, arrays, year)
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


@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_scenarios_are_what_a_full_run_gives(seed: int) -> None:
    random = Random(seed)
    scenarios = {name: [random_scenario(random, name, loaded_system())] for name in ("one", "two", "three")}
    assert false_reuse(random_data(seed), plan_of(scenarios, random.choice((2018, 2019, 2020, 2022)))) == []
