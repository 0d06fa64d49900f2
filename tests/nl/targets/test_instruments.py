"""Advice, reward, norm and levy; expected values are calculated beside the tests."""

from __future__ import annotations

from typing import Any

from tests.nl.targets.farms import result, simulated

# 100 kg/ha x 10 ha: a target of 1,000 kg.
FARMS = {"nl_soil_surplus": [700.0, 800.0, 800.001, 1000.0, 1500.0, None], "utilised_area_ha": [10] * 6}
STEPS = {
    "reward__step_1__share": 1, "reward__step_1__reward": 100, "reward__step_2__share": 0.8,
    "reward__step_2__reward": 250,
}  # fmt: skip
BRACKETS = {
    "levy__bracket_1__rate": 1.15, "levy__bracket_2__above": 40, "levy__bracket_2__rate": 2.3,
}  # fmt: skip


def test_advice_has_a_distance_and_costs_nothing(system: Any) -> None:
    found = simulated(system, FARMS, norm=100, **STEPS, **BRACKETS)
    assert result(found, "nl_target_distance") == [0, 0, 0, 0, 500, None]
    assert result(found, "nl_target_levy") == [0] * 6
    assert result(found, "nl_target_reward") == [0] * 6


def test_a_norm_has_a_verdict_and_costs_nothing(system: Any) -> None:
    found = simulated(system, FARMS, norm=100, instrument="norm", **STEPS, **BRACKETS)
    assert result(found, "nl_target_verdict") == [*["complies"] * 4, "exceeds", "undetermined"]
    assert result(found, "nl_target_levy") == result(found, "nl_target_reward") == [0] * 6


def test_the_highest_reward_of_the_steps_reached_counts(system: Any) -> None:
    # Up to 800 kg: 250; above it up to 1,000 kg: 100; above the target nothing.
    found = simulated(system, FARMS, norm=100, instrument="reward", **STEPS)
    assert result(found, "nl_target_reward") == [250, 250, 100, 100, 0, None]
    assert result(found, "nl_target_levy") == [0] * 6
    turned = {
        "reward__step_1__share": 0.8, "reward__step_1__reward": 250, "reward__step_2__share": 1,
        "reward__step_2__reward": 100,
    }  # fmt: skip
    found = simulated(system, FARMS, norm=100, instrument="reward", **turned)
    assert result(found, "nl_target_reward") == [250, 250, 100, 100, 0, None]


def test_a_share_of_a_target_below_0_is_stricter_too(system: Any) -> None:
    # The own surplus of 2024 is the target: -100 kg; 0.8 of it asks for 20 kg less, -120.
    farms = {
        "nl_soil_surplus": {2024: [-100.0, -100.0], 2025: [-100.0, -120.0]},
        "utilised_area_ha": {2024: [10, 10], 2025: [10, 10]},
        "farm_year_known": {2024: True, 2025: True},
    }
    own = {"norm_from": "reference_year", "reference_year": 2024}
    assert result(simulated(system, farms, instrument="reward", **own, **STEPS), "nl_target_reward") == [100, 250]


def test_a_levy_rises_by_brackets_per_unit_of_the_basis(system: Any) -> None:
    # 500 kg above: the first 40 kg/ha x 10 ha = 400 kg at 1.15 = 460, the other 100 at 2.30 = 230; 690 in all.
    found = simulated(system, FARMS, norm=100, instrument="levy", **BRACKETS)
    assert result(found, "nl_target_levy") == [0, 0, 0, 0, 690, None]
    # On the edge of the bracket 460, and a gram above it 0.0023 more.
    edge = {"nl_soil_surplus": [1400.0, 1400.001], "utilised_area_ha": [10, 10]}
    found = simulated(system, edge, norm=100, instrument="levy", **BRACKETS)
    assert result(found, "nl_target_levy") == [460, 460.0023]


def test_the_order_of_brackets_does_not_matter(system: Any) -> None:
    turned = {"levy__bracket_3__rate": 1.15, "levy__bracket_1__above": 40, "levy__bracket_1__rate": 2.3}
    found = simulated(system, FARMS, norm=100, instrument="levy", **turned)
    assert result(found, "nl_target_levy") == [0, 0, 0, 0, 690, None]


def test_a_levy_by_livestock_unit_has_its_brackets_by_livestock_unit(system: Any) -> None:
    # 20 units: target 50 x 20 = 1,000 kg; 1,500 kg are 500 above, of them 10 x 20 = 200 kg at 1.15, 300 at 2.30.
    farms = {"nl_soil_surplus": [1500.0], "has_herd": True, "nl_livestock_units": [20], "utilised_area_ha": [10]}
    values = {**BRACKETS, "levy__bracket_2__above": 10}
    found = simulated(system, farms, norm=50, basis="livestock_unit", instrument="levy", **values)
    assert result(found, "nl_target_levy") == [200 * 1.15 + 300 * 2.3]


def test_without_numbers_reward_and_levy_are_missing_not_0(system: Any) -> None:
    assert result(simulated(system, FARMS, norm=100, instrument="levy"), "nl_target_levy") == [None] * 6
    assert result(simulated(system, FARMS, norm=100, instrument="reward"), "nl_target_reward") == [None] * 6
    half = {"reward__step_1__share": 1}
    assert result(simulated(system, FARMS, norm=100, instrument="reward", **half), "nl_target_reward") == [None] * 6


def test_without_a_target_nothing_is_paid_or_known(system: Any) -> None:
    found = simulated(system, FARMS, instrument="levy", **BRACKETS)
    assert result(found, "nl_target_levy") == [None] * 6
