"""What two scenarios do together beyond what each does alone, on three farms worked out by hand."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.compare import Comparison, compare
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.interaction import of_farms
from openfisca_stoffenbalans.scenario.summary import summary
from tests.random_farms import as_dataset
from tests.scenario.weighted_farms import joined, on_limit_rows, weigh

ADDITIVE = tuple(of_farms(regimes()["de.stoffbilv"].comparison))
SECTION = "de.stoffbilv.section_06_assessment"


def scenario(name: str, parameter: str, value: float) -> Scenario:
    return Scenario.from_spec({"name": name, "parameters": {f"{SECTION}.{parameter}": {"2018-01-01": value}}})


LOWER = scenario("lower", "flat_limit", 120)
TOLERANT = scenario("tolerant", "flat_tolerance", 20)
OWN = scenario("own", "farm_specific_tolerance", 0)


def compared(folder: Path, system: Any, scenarios: list[Scenario]) -> Comparison:
    """Farms of 50 ha with 130 (weight 2), 150 (weight 1) and 200 kg N per ha (weight 5)."""
    farms = {130: 2.0, 150: 1.0, 200: 5.0}
    rows = joined(*(weigh(Random(1), on_limit_rows({str(kg): kg}), (weight,)) for kg, weight in farms.items()))
    return compare(as_dataset(rows, folder), scenarios, 2020, system=system, rule=None, one_year=False)


def values(comparison: Comparison, label: str) -> dict[str, float]:
    rows = comparison.summary.filter(comparison.summary["scenario"] == label)
    return dict(zip(rows["statistic"], rows["value"], strict=True))


def test_an_interaction_is_what_both_do_less_what_each_does(tmp_path: Path, system: Any) -> None:
    # The limit is 175, 120, 175 x 1.2 = 210, and 120 x 1.2 = 144 with both.
    #            exceeds under               excess, kg
    #            law lower tolerant both     law   lower  tolerant  both
    # 130 (x 2)   -    x     -       -         0     500      0       0
    # 150 (x 1)   -    x     -       x         0    1500      0     300
    # 200 (x 5)   x    x     -       x      1250    4000      0    2800
    # farms: 2 (0 - 0 - 1 - 0) + 1 (1 - 0 - 1 - 0) + 5 (1 - 1 - 0 + 1) = 3
    # kg: 2 (-500) + (300 - 1500) + 5 (2800 - 1250 - 2750 + 1250) = -1950
    found = values(compared(tmp_path, system, [LOWER, TOLERANT]), "lower + tolerant")
    assert found["farms_exceeding"] == 6
    assert found["interaction_farms_exceeding"] == 3
    assert found["interaction_excess_total_t"] == pytest.approx(-1.95, abs=1e-9)
    others = {f"interaction_{name}" for name in ADDITIVE} - {
        "interaction_farms_exceeding",
        "interaction_excess_total_t",
    }
    assert {name: found[name] for name in others} == dict.fromkeys(others, 0)


def test_three_scenarios_interact_as_all_less_each_alone(tmp_path: Path, system: Any) -> None:
    # The third changes nothing for farms on the flat limit: the figures are those of the two.
    comparison = compared(tmp_path, system, [LOWER, TOLERANT, OWN])
    found = values(comparison, "lower + tolerant + own")
    assert found["interaction_farms_exceeding"] == 3
    assert found["interaction_excess_total_t"] == pytest.approx(-1.95, abs=1e-9)
    assert not any(name.startswith("interaction") for name in values(comparison, "lower"))


def test_scenarios_that_do_not_touch_each_other_do_not_interact(tmp_path: Path, system: Any) -> None:
    found = values(compared(tmp_path, system, [LOWER, OWN]), "lower + own")
    assert {value for name, value in found.items() if name.startswith("interaction")} == {0}


@pytest.mark.parametrize("label", ["baseline", "lower", "tolerant", "lower + tolerant"])
def test_an_interaction_is_left_out_where_one_of_its_parts_is(label: str, tmp_path: Path, system: Any) -> None:
    comparison = compared(tmp_path, system, [LOWER, TOLERANT])
    part = next(one for one in comparison.book.statistics if (one.scenario, one.name) == (label, "farms_exceeding"))
    dark = comparison.not_published.copy()
    assert not dark.any()
    dark[part.parts[0]] = True
    table = summary(comparison.book, dark)
    rows = table.filter(table["statistic"] == "interaction_farms_exceeding")
    assert rows.select("value", "farms", "weight").rows() == [(None, None, None)]


def test_scenarios_that_can_not_be_combined_have_no_interaction_but_a_note(tmp_path: Path, system: Any) -> None:
    comparison = compared(tmp_path, system, [LOWER, scenario("lowest", "flat_limit", 100)])
    assert set(comparison.summary["scenario"]) == {"baseline", "lower", "lowest"}
    assert len(comparison.notes) == 1
    assert "lower and lowest can't be combined" in comparison.notes[0]
