"""Every figure of a comparison over weighted Dutch farms, beside the one computed by hand from the farms' results."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario
from tests.nl.random_dutch import random_dutch
from tests.nl.soil_balance_runs import checked
from tests.nl.summary_by_hand import NAMES, Results, summary_by_hand
from tests.scenario.summary_by_hand import BASE, farms_of_year
from tests.scenario.test_statistics import differences, size_of

BY = ["farm_type", "nuts1", "size_class"]
T = "nl.targets"


def option(name: str, **parameters: Any) -> Scenario:
    """An option that asks for less data, or numbers of targets."""
    values = {path.replace("__", "."): {"2000-01-01": value} for path, value in parameters.items()}
    return Scenario.from_spec({"name": name, "reforms": [f"nl.options.{name}"], "parameters": values})


def target(name: str, **values: Any) -> Scenario:
    """Numbers of a target."""
    parameters = {f"{T}.{path.replace('__', '.')}": {"2000-01-01": value} for path, value in values.items()}
    return Scenario.from_spec({"name": name, "parameters": parameters})


GATE = target("gate", indicator="farm_gate_nitrogen_surplus", norm=120, zone_factors__natura_2000=0.8)
ROS = target("ros", norm_from="ros_2023")
LEVY = target("levy", instrument="levy", levy__bracket_1__rate=1.15, levy__bracket_2__above=40,
              levy__bracket_2__rate=2.3)  # fmt: skip
REWARD = target("reward", instrument="reward", norm=150, reward__step_1__share=1, reward__step_1__reward=500,
                reward__step_2__share=0.5, reward__step_2__reward=1250.5)  # fmt: skip
MILK = target("milk", basis="fpcm", norm=12)
RATES = Scenario.from_spec({"name": "rates", "parameters": {"nl.minas.loss_norms.*.n": {"2002-01-01": {"scale": 0.5}}}})
CASES = [
    ("nl.soil_balance", None, [option("norm_yields"), option("fdm_mean_yield_of_cuts")], 2024),
    ("nl.farm_balance", None, [option("no_stock_changes"), option("forfait_contents")], 2024),
    ("nl.targets", GATE, [LEVY, REWARD, option("forfait_contents"), option("no_stock_changes")], 2024),
    ("nl.targets", GATE, [MILK, target("livestock", basis="livestock_unit", norm=90), option("farm_gate_only")], 2023),
    ("nl.targets", ROS, [LEVY, option("norm_yields"), option("forfait_contents")], 2023),
    ("nl.minas", None, [RATES, option("forfait_contents")], 2004),
]


def grouped(results: Results, area: str) -> dict[Any, set[int]]:
    """(column, group) -> farms, by position."""
    groups: dict[Any, set[int]] = {("all", "all"): set(range(len(results.chosen)))}
    for farm, row in enumerate(results.rows):
        for column, group in zip(BY, (row["farm_type"], row["region"][:3], size_of(row[area])), strict=True):
            groups.setdefault((column, group), set()).add(farm)
    return groups


def wrong(data: DataSet, regime: str, start: Scenario | None, scenarios: list[Scenario], year: int, system: Any) -> Any:
    """Where a summary is not what is computed by hand."""
    names, first = NAMES[regime], build(system, [start]) if start else system
    chosen = farms_of_year(data, year)
    systems = {BASE: first, **{one.name: build(first, [one]) for one in scenarios}}
    results = {label: Results(data, one, chosen, names) for label, one in systems.items()}
    weights = [Fraction(repr(row["weight"])) for row in results[BASE].rows]
    expected = summary_by_hand(results, weights, grouped(results[BASE], names.area))
    found = compare(
        data, scenarios, year, baseline=start or "law", regime=regime, by=BY, rule=None, combine=False, system=system
    )
    assert len(expected) > 500
    return differences(found, expected)


@pytest.mark.parametrize("case", range(len(CASES)))
def test_every_figure_is_the_one_computed_by_hand(case: int, system: Any) -> None:
    regime, start, scenarios, year = CASES[case]
    years = (2003, 2004) if regime == "nl.minas" else (2023, 2024)
    data = checked(random_dutch(case, 45, years))
    assert wrong(data, regime, start, scenarios, year, system) == []
