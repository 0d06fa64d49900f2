"""No false reuse over Dutch farms with fields: what a scenario takes over is, bit for bit, what its own run gives."""

from __future__ import annotations

import functools
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.reform import available, readings
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError, law_tree, load_scenario, shipped
from openfisca_stoffenbalans.scenario.run import Plan
from openfisca_stoffenbalans.tables import at, leaves
from tests.conftest import loaded_system
from tests.nl.random_dutch import random_dutch
from tests.nl.soil_balance_runs import checked
from tests.nl.targets.farms import scenario
from tests.scenario.test_reuse import SEEDS, false_reuse

REGIMES = ("nl.soil_balance", "nl.farm_balance", "nl.minas", "nl.targets")
CHOICES = ("indicator", "basis", "norm_from", "instrument")
OPTIONS = sorted(available("nl.options"))
SHIPPED = sorted(shipped("nl.targets"))
# What scenarios that leave out a number need.
NEEDED = {"norm": 40, "path__first_year": 2020, "path__reduction": 0.3}


@functools.cache
def some_data() -> DataSet:
    """Three balance years of a dozen farms, and three under MINAS of as many."""
    new, old = random_dutch(5, 12, (2022, 2023, 2024)), random_dutch(6, 12, (2003, 2004, 2005))
    tables = {
        name: [*rows, *({**row, "farm_id": f"old {row['farm_id']}"} for row in old[name])] for name, rows in new.items()
    }
    return checked(tables)


@functools.cache
def numbers() -> dict[str, list[Any]]:
    """Part of the Dutch law -> its parameters with a number."""
    found: dict[str, list[Any]] = {}
    for leaf in leaves(at(law_tree(), "nl")):
        kinds = [type(one.value) for one in leaf.values_list if one.value is not None]
        if kinds and kinds[0] in (int, float) and leaf.metadata.get("unit") not in ("year", "share"):
            found.setdefault(".".join(leaf.name.split(".")[:3]), []).append(leaf)
    return found


def some_target(random: Random) -> dict[str, Any]:
    """Values of the parameters of a target."""
    values = {name: random.choice(at(law_tree(), f"nl.targets.{name}").metadata["choices"]) for name in CHOICES}
    values |= {"norm": random.choice((5, 40, 120)), "reference_year": random.choice((2003, 2022, 2023))}
    values |= {"zone_factors__natura_2000": random.choice((0.5, 1)), "levy__bracket_1__rate": 2.5}
    return values | {"reward__step_1__share": 0.8, "reward__step_1__reward": 100}


def random_scenario(random: Random, name: str) -> dict[str, Any]:
    """The spec of a scenario with some of all that can be changed and a system can be built with."""
    while True:
        content: dict[str, Any] = {"name": name, "source": "random", "parameters": {}}
        if random.random() < 0.6:
            content["parameters"] = scenario(**some_target(random)).parameters
        for _ in range(random.choice((0, 1, 3))):
            leaf = random.choice(numbers()[random.choice(sorted(numbers()))])
            change = {leaf.values_list[-1].instant_str: {"scale": random.choice((0.5, 0.9, 1.1))}}
            content["parameters"] = {**content["parameters"], leaf.name: change}
        if random.random() < 0.5:
            content["reforms"] = [f"nl.options.{one}" for one in random.sample(OPTIONS, random.choice((1, 2)))]
        if random.random() < 0.3:
            content["readings"] = [random.choice(sorted(readings("nl.targets")))]
        try:
            made = Scenario.from_spec({**content, "regime": "nl.targets"})
            build(loaded_system(), [made])
        except ScenarioError:
            continue
        return made.spec()


def plan_of(regime: str, scenarios: dict[str, list[dict[str, Any]]], year: int, start: Any = "law") -> Plan:
    rules = regimes()[regime]
    columns = tuple(dict.fromkeys([*rules.columns, *rules.comparison.columns]))
    return Plan(regime, start, scenarios, year, False, columns)


@pytest.mark.parametrize("regime", REGIMES)
@settings(SEEDS, max_examples=2)
@given(seed=st.integers(0, 2**32 - 1))
def test_random_scenarios_over_dutch_farms_come_out_as_in_a_full_run(regime: str, seed: int) -> None:
    random = Random(seed)
    data = checked(random_dutch(seed, 6, (2003, 2004) if regime == "nl.minas" else (2022, 2023, 2024)))
    scenarios = {name: [random_scenario(random, name)] for name in ("one", "two", "three")}
    start = random_scenario(random, "start") if random.random() < 0.5 else "law"
    year = 2004 if regime == "nl.minas" else random.choice((2023, 2024))
    assert false_reuse(data, plan_of(regime, scenarios, year, start)) == []


@pytest.mark.parametrize("regime", REGIMES)
def test_every_dutch_option_and_reading_comes_out_as_in_a_full_run(regime: str) -> None:
    chosen = [{"name": name, "reforms": [f"nl.options.{name}"]} for name in OPTIONS]
    chosen += [{"name": name, "readings": [name], "regime": regime} for name in sorted(readings(regime))]
    scenarios = {one["name"]: [Scenario.from_spec(one).spec()] for one in chosen}
    assert false_reuse(some_data(), plan_of(regime, scenarios, 2004 if regime == "nl.minas" else 2024)) == []


@pytest.mark.parametrize("start", ["law", "own"])
def test_every_shipped_scenario_comes_out_as_in_a_full_run(start: str) -> None:
    own = scenario(norm_from="reference_year", reference_year=2022, instrument="levy", levy__bracket_1__rate=1)
    with_numbers = [scenario(**NEEDED).spec()]
    scenarios = {name: [load_scenario(name, "nl.targets").spec(), *with_numbers] for name in SHIPPED}
    begin = "law" if start == "law" else own.spec()
    assert false_reuse(some_data(), plan_of("nl.targets", scenarios, 2024, begin)) == []
