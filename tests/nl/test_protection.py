"""What an outsider can work out of published figures of targets: no number of farms or amount left out of them."""

from __future__ import annotations

import functools
from typing import Any

import polars
import pytest

from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario
from tests.conftest import loaded_system
from tests.nl.random_dutch import random_dutch
from tests.nl.soil_balance_runs import checked

T = "nl.targets"
LEVY = {"instrument": "levy", "levy.bracket_1.rate": 2.0}
REWARD = {"instrument": "reward", "reward.step_1.share": 1, "reward.step_1.reward": 500}
# A figure of an amount -> the number of farms that stands beside it.
BESIDE = {
    "excess_total_t": "farms_exceeding",
    "excess_mean_kg_per_exceeding_farm": "farms_exceeding",
    "levy_total_euro": "farms_paying",
    "levy_mean_per_paying_farm": "farms_paying",
    "reward_total": "farms_rewarded",
    "reward_mean_per_rewarded_farm": "farms_rewarded",
    "distance_total_t": "farms_at_a_distance",
    "distance_mean_per_farm_at_a_distance": "farms_at_a_distance",
    "advantage_mean_kg": "farms_advantage",
    "disadvantage_mean_kg": "farms_disadvantage",
    "share_exceeding": "farms_assessed",
    "data_points_per_farm": "farms_total",
}
# Farms are at a distance, pay the levy of a target and exceed it for the same reason.
ALIKE = (("farms_exceeding", "farms_at_a_distance"), ("excess_total_t", "distance_total_t"))


def target(name: str, *options: str, **values: Any) -> Scenario:
    parameters = {f"{T}.{path}": {"2000-01-01": value} for path, value in values.items()}
    reforms = [f"nl.options.{option}" for option in options]
    return Scenario.from_spec({"name": name, "reforms": reforms, "parameters": parameters})


# Seed and farms of the data; indicator, basis, norm and instrument of the baseline; two scenarios.
CASES: dict[str, tuple[int, int, dict[str, Any], list[Scenario]]] = {
    "levy by hectare": (
        1, 150, {"indicator": "farm_nitrogen_surplus", "basis": "hectare", "norm": 80, **LEVY},
        [target("yields", "norm_yields"), target("stocks", "no_stock_changes", **REWARD)],
    ),
    "reward by farm": (
        0, 300, {"indicator": "soil_nitrogen_surplus", "basis": "farm", "norm": 2000, **REWARD},
        [target("contents", "forfait_contents", **LEVY), target("yields", "norm_yields")],
    ),
    "distance by farm": (
        3, 100, {"indicator": "farm_nitrogen_surplus", "basis": "farm", "norm": 8000},
        [target("yields", "norm_yields"), target("reward", **REWARD)],
    ),
}  # fmt: skip


@functools.cache
def published(case: str) -> polars.DataFrame:
    seed, farms, start, scenarios = CASES[case]
    data = checked(random_dutch(seed, farms, (2024,)))
    base, by = target("start", **start), ["farm_type"]
    found = compare(data, scenarios, 2024, baseline=base, regime=T, by=by, combine=False, system=loaded_system())
    return found.summary


Figures = dict[str, tuple[float | None, int | None, float | None]]


def places(table: polars.DataFrame) -> dict[tuple[str, ...], Figures]:
    """Scenario and group -> statistic -> value, farms and weight."""
    found: dict[tuple[str, ...], Figures] = {}
    for scenario, by, group, name, value, _, farms, weight in table.iter_rows():
        found.setdefault((scenario, by, group), {})[name] = value, farms, weight
    return found


@pytest.mark.parametrize("case", CASES)
def test_no_number_of_farms_left_out_stands_beside_a_figure(case: str) -> None:
    for place, figures in places(published(case)).items():
        for amount, number in BESIDE.items():
            if amount in figures and figures[amount][1]:
                assert figures[number][1] is not None, (place, amount)
        for one, other in ALIKE:
            assert (figures[one][1] is None) == (figures[other][1] is None), (place, one)


def test_the_cases_leave_out_some_and_publish_some() -> None:
    for case in CASES:
        dark = published(case)["farms"].null_count()
        assert 0 < dark < published(case).height
