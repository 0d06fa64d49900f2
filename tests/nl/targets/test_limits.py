"""Norm, path and zones, and what lies on the limit; expected values are calculated beside the tests."""

from __future__ import annotations

from typing import Any

import pytest

from openfisca_stoffenbalans.scenario.definition import ScenarioError
from tests.nl.targets.farms import result, scenario, simulated

FARM = {"nl_soil_surplus": [1000.0], "utilised_area_ha": [10]}


def one(system: Any, name: str, year: int = 2025, farm: Any = FARM, **values: Any) -> Any:
    return result(simulated(system, farm, year, **values), f"nl_target_{name}", year)[0]


def test_without_a_norm_nobody_is_assessed(system: Any) -> None:
    found = simulated(system, {"nl_soil_surplus": [1000.0, None], "utilised_area_ha": [10, 0]})
    assert result(found, "nl_target_verdict") == ["not_assessed"] * 2
    assert result(found, "nl_target_undetermined_because") == ["no norm is set"] * 2
    assert result(found, "nl_target_limit") == [None, None]
    assert result(found, "nl_target_indicator") == [1000, 0]


def test_a_norm_that_is_none_of_the_indicator_is_said(system: Any) -> None:
    said = one(system, "undetermined_because", norm_from="ros_2023", indicator="ammonia")
    assert said == "the norm ros_2023 is none of the ammonia of the fields"
    assert one(system, "verdict", norm_from="minas") == "not_assessed"


def test_a_gram_decides(system: Any) -> None:
    # 100 kg/ha x 10 ha = 1,000 kg on the farm.
    farms = {"nl_soil_surplus": [999.999, 1000, 1000.001, 1000.0004, 1000.0005], "utilised_area_ha": [10] * 5}
    found = simulated(system, farms, norm=100)
    assert result(found, "nl_target_verdict") == ["complies", "complies", "exceeds", "complies", "exceeds"]
    assert result(found, "nl_target_distance") == [0, 0, 0.001, 0, 0.0005]


def test_the_norm_of_the_balance_year_holds(system: Any) -> None:
    norm = {"2025-01-01": 120, "2030-01-01": 100, "2035-01-01": None}
    assert one(system, "limit", 2024, norm=norm) is None
    assert one(system, "undetermined_because", 2024, norm=norm) == "no norm is set"
    assert [one(system, "limit", year, norm=norm) for year in (2025, 2029, 2030, 2034, 2035)] == [
        1200, 1200, 1000, 1000, None,
    ]  # fmt: skip


PATH = {"path__first_year": 2025, "path__last_year": 2035, "path__reduction": 0.44}


def test_a_path_is_linear_from_its_first_to_its_last_year(system: Any) -> None:
    # 1,000 kg x (1 - 0.44 x years since 2025 / 10): 2030 0.22 less, 2035 0.44 less; not before, no more after.
    expected = {2024: 1000, 2025: 1000, 2026: 956, 2030: 780, 2035: 560, 2040: 560}
    assert {year: one(system, "limit", year, norm=100, **PATH) for year in expected} == expected


def test_the_ends_of_what_is_published_for_the_sector(system: Any) -> None:
    # -42 % in 2035: 580; in 2030 half of it: 790. -46 %: 540 and 770.
    start = {"norm": 100, "path__first_year": 2025}
    for name, expected in {
        "sector_42_2035": [790, 580],
        "sector_44_2035": [780, 560],
        "sector_46_2035": [770, 540],
    }.items():
        found = [one(system, "limit", year, chosen=name, **start) for year in (2030, 2035)]
        assert found == [pytest.approx(kg) for kg in expected], name


def test_a_path_without_its_years_is_no_target(system: Any) -> None:
    assert one(system, "undetermined_because", chosen="sector_44_2035", norm=100) == (
        "the path of the reduction has no years"
    )
    later = {**PATH, "path__first_year": 2035}
    assert one(system, "verdict", norm=100, **later) == "not_assessed"


def test_a_norm_below_0_is_not_tightened(system: Any) -> None:
    farm = {
        "nl_soil_surplus": {2025: [-50.0], 2035: [-20.0]},
        "utilised_area_ha": {2025: [10], 2035: [10]},
        "farm_year_known": {2025: True, 2035: True},
    }
    own = {"norm_from": "reference_year", "reference_year": 2025, **PATH}
    assert one(system, "limit", 2035, farm, **own) == -50
    assert one(system, "verdict", 2035, farm, **own) == "exceeds"


def test_the_own_reference_year_counts_by_the_basis(system: Any) -> None:
    # 2024: 1,200 kg on 10 ha = 120 kg/ha. 2030 on 12 ha: 120 x 12 = 1,440, less 22 % = 1,123.2.
    farm = {
        "nl_soil_surplus": {2024: [1200.0, 1200.0, None, 5.0], 2030: [1123.2, 1123.201, 5.0, 5.0]},
        "utilised_area_ha": {2024: [10] * 4, 2030: [12] * 4},
        "farm_year_known": {2024: [True, True, True, False], 2030: True},
    }
    own = {"norm_from": "reference_year", "reference_year": 2024, **PATH, "path__first_year": 2025}
    found = simulated(system, farm, 2030, **own)
    assert result(found, "nl_target_limit", 2030) == [1123.2, 1123.2, None, None]
    assert result(found, "nl_target_verdict", 2030) == ["complies", "exceeds", "undetermined", "undetermined"]
    assert result(found, "nl_target_undetermined_because", 2030)[2:] == ["the soil nitrogen surplus of 2024"] * 2


def test_what_is_chosen_later_than_the_reference_year_holds_for_it_too(system: Any) -> None:
    # Chosen from 2025 on: at the gate by livestock unit. 2023: 600 kg of 50 units = 12; 2025 on 40 units: 480 kg.
    # Not the law's choice of 2023, 2,000 kg of the soil on 10 ha.
    farm = {
        "nl_soil_surplus": {2023: [2000.0], 2025: [2000.0]},
        "nl_farm_gate_surplus_nitrogen": {2023: [600.0], 2025: [480.0]},
        "utilised_area_ha": {2023: [10], 2025: [10]},
        "has_herd": {2023: True, 2025: True},
        "nl_livestock_units": {2023: [50], 2025: [40]},
        "farm_year_known": {2023: True, 2025: True},
    }
    later = {
        "indicator": {"2025-01-01": "farm_gate_nitrogen_surplus"},
        "basis": {"2025-01-01": "livestock_unit"},
        "norm_from": {"2025-01-01": "reference_year"},
    }
    assert one(system, "limit", 2025, farm, reference_year=2023, **later) == 480
    assert one(system, "verdict", 2025, farm, reference_year=2023, **later) == "complies"


def test_a_reference_year_that_is_not_known_leaves_the_verdict_open(system: Any) -> None:
    own = {"norm_from": "reference_year", "reference_year": 2019}
    assert one(system, "verdict", **own) == "undetermined"
    assert one(system, "undetermined_because", **own) == "the soil nitrogen surplus of 2019"
    assert one(system, "undetermined_because", norm_from="reference_year") == "no reference year is set"


def test_the_strictest_zone_counts(system: Any) -> None:
    factors = {"zone_factors__natura_2000": 0.5, "zone_factors__groundwater_protection": 0.8}
    farms = {
        "nl_soil_surplus": [1000.0] * 6,
        "utilised_area_ha": [10] * 6,
        # In both; in one; in none; open where it decides, twice; open where a stricter one counts anyway.
        "natura_2000_zone": [
            "natura_2000_zone", "no_natura_2000_zone", "no_natura_2000_zone", "unknown", "no_natura_2000_zone",
            "natura_2000_zone",
        ],
        "groundwater_protection_zone": [
            "groundwater_protection_zone", "groundwater_protection_zone", "no_groundwater_protection_zone",
            "groundwater_protection_zone", "unknown", "unknown",
        ],
    }  # fmt: skip
    found = simulated(system, farms, norm=100, **factors)
    assert result(found, "nl_target_limit") == [500, 800, 1000, None, None, 500]
    assert result(found, "nl_target_verdict")[3:] == ["undetermined", "undetermined", "exceeds"]
    assert result(found, "nl_target_undetermined_because")[3] == "whether the farm lies in a zone with a factor"
    found = simulated(system, farms, norm=100, zone_factors__nutrient_polluted=0.9)
    assert result(found, "nl_target_verdict") == ["undetermined"] * 6
    found = simulated(system, farms, norm=100)
    assert result(found, "nl_target_limit") == [1000] * 6


def test_a_zone_that_is_not_known_decides_nothing_about_a_norm_of_0_or_less(system: Any) -> None:
    # Neither is tightened by any factor.
    farm = {
        "nl_soil_surplus": {2024: [0.0, -50.0], 2025: [5.0, -60.0]},
        "utilised_area_ha": {2024: [10] * 2, 2025: [10] * 2},
        "farm_year_known": {2024: True, 2025: True},
        "natura_2000_zone": {2025: ["unknown"] * 2},
    }
    own = {"norm_from": "reference_year", "reference_year": 2024, "zone_factors__natura_2000": 0.5}
    found = simulated(system, farm, 2025, **own)
    assert result(found, "nl_target_zone_factor") == [None, None]
    assert result(found, "nl_target_limit") == [0, -50]
    assert result(found, "nl_target_verdict") == ["exceeds", "complies"]


def test_path_and_zone_multiply(system: Any) -> None:
    # 1,000 x 0.78 x 0.5
    farm = {**FARM, "natura_2000_zone": ["natura_2000_zone"]}
    assert one(system, "limit", 2030, farm, norm=100, zone_factors__natura_2000=0.5, **PATH) == 390


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"indicator": "nitrat"}, "found 'nitrat'; allowed: soil_nitrogen_surplus"),
        ({"basis": 3}, "found 3; allowed: hectare, livestock_unit, fpcm, farm"),
        ({"zone_factors__natura_2000": 1.2}, "found 1.2; allowed: 0 to 1"),
        ({"reference_year": 2019.5}, "found 2019.5; allowed: a whole number"),
        ({"norm": -1}, "found -1; allowed: 0 or more"),
    ],
)
def test_a_choice_or_number_that_can_not_be_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        scenario(**values)


def test_what_an_indicator_lacks_is_named_and_nothing_else(system: Any) -> None:
    missing = ("flow_supply_nitrogen", "deposition_nitrogen", "supply_phosphate")
    farm = {f"nl_farm_{name}": [None] for name in missing} | {"nl_housing_storage_loss": [None]}
    farm |= {"nl_farm_fixation_nitrogen": [0], "nl_farm_mineralisation_nitrogen": [0], "utilised_area_ha": [10]}
    supplied, air = "nitrogen content of what is supplied", "deposition on the fields"
    expected = {
        "farm_gate_nitrogen_surplus": supplied,
        "farm_nitrogen_surplus": f"{supplied}; {air}",
        "farm_phosphate_surplus": "phosphate content of what is supplied",
    }
    for indicator, words in expected.items():
        assert one(system, "undetermined_because", farm=farm, indicator=indicator, norm=1) == words
    assert one(
        system, "undetermined_because", norm=1, farm={**FARM, "nl_soil_nitrate_kg": [None]}, indicator="nitrate"
    ) == ("nitrate leached is missing: no fields")
