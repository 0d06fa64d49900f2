"""What in a scenario may be a mistake is said and computed all the same."""

from __future__ import annotations

from typing import Any

import pytest

from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError

LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"


def plan(**content: Any) -> Scenario:
    return Scenario.from_spec({"name": "plan", "source": "a test", **content})


@pytest.mark.parametrize(
    ("content", "sentences"),
    [
        ({"parameters": {LIMIT: {"2018-01-01": 150}}}, []),
        # 5 x 175 = 875 and 175 / 5 = 35 are not yet far.
        ({"parameters": {LIMIT: {"2018-01-01": 875}}}, []),
        ({"parameters": {LIMIT: {"2018-01-01": 35}}}, []),
        (
            {"parameters": {LIMIT: {"2018-01-01": 876}}},
            [f"plan: parameters.{LIMIT}: from 2018-01-01 876 is more than five times the law's 175"],
        ),
        (
            {"parameters": {LIMIT: {"2020-01-01": {"scale": 0.1}}}},
            [f"plan: parameters.{LIMIT}: from 2020-01-01 17.5 is less than a fifth of the law's 175"],
        ),
        # After the lapse the last value of the law is what a value is held against.
        (
            {"parameters": {LIMIT: {"2024-01-01": 1750}}},
            [f"plan: parameters.{LIMIT}: from 2024-01-01 1750 is more than five times the law's 175"],
        ),
        ({"source": "", "readings": ["control_value_40"]}, ["plan: source is not stated"]),
        ({"source": "not stated", "readings": ["control_value_40"]}, ["plan: source is not stated"]),
        ({}, ["plan: changes nothing"]),
        (
            {"builds_on": {"name": "below", "parameters": {LIMIT: {"2018-01-01": 1000}}}},
            [
                "below: source is not stated",
                f"below: parameters.{LIMIT}: from 2018-01-01 1000 is more than five times the law's 175",
                "plan: changes nothing of below",
            ],
        ),
    ],
)
def test_what_may_be_a_mistake_is_a_warning(system: Any, content: Any, sentences: list[str]) -> None:
    scenario = plan(**content)
    assert scenario.warnings(system) == sentences


def test_a_scenario_that_is_not_in_order_has_errors_and_no_warnings(system: Any) -> None:
    with pytest.raises(ScenarioError, match="no such parameter"):
        Scenario(name="plan", parameters={"nothing": {"2018-01-01": 1}}).warnings(system)
