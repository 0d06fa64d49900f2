"""Each indicator by each basis; expected values are calculated beside the tests."""

from __future__ import annotations

from typing import Any

import pytest

from openfisca_stoffenbalans.scenario.definition import law_tree
from openfisca_stoffenbalans.tables import at
from openfisca_stoffenbalans.variables.nl.targets.indicator import AMOUNTS
from openfisca_stoffenbalans.variables.nl.targets.scheme import BASES, FLAT, INDICATORS, NORMS, OWN_YEAR
from tests.nl.targets.farms import result, simulated

KG = {
    "soil_nitrogen_surplus": ("nl_soil_surplus", 4000),
    "farm_nitrogen_surplus": ("nl_farm_surplus_nitrogen", 9000),
    "farm_gate_nitrogen_surplus": ("nl_farm_gate_surplus_nitrogen", 8000),
    "farm_phosphate_surplus": ("nl_farm_surplus_phosphate", 600),
    "nitrate": ("nl_soil_nitrate_kg", 1200),
    "ammonia": ("nl_soil_ammonia_kg", 800),
}
# 50 ha; 125 livestock units; 800,000 kg of milk are 800 tonnes; one farm.
AMOUNT = {"hectare": 50, "livestock_unit": 125, "fpcm": 800, "farm": 1}
FARM = {
    "utilised_area_ha": [50],
    "has_herd": True,
    "nl_livestock_units": [125],
    "milk_kg": [780_000],
    "nl_fpcm_kg": [800_000],
}


def choices(name: str) -> set[str]:
    return set(at(law_tree(), f"nl.targets.{name}").metadata["choices"])


def test_the_parameters_offer_what_the_formulas_know() -> None:
    assert choices("indicator") == set(INDICATORS) == set(KG)
    assert choices("basis") == set(AMOUNTS) == set(BASES) == set(AMOUNT)
    assert choices("norm_from") == {FLAT, OWN_YEAR, *NORMS}
    assert choices("instrument") == {"advice", "reward", "norm", "levy"}


@pytest.mark.parametrize("basis", AMOUNT)
@pytest.mark.parametrize("indicator", KG)
def test_an_indicator_is_held_against_a_norm_by_a_basis(system: Any, indicator: str, basis: str) -> None:
    name, kg = KG[indicator]
    # A norm of three quarters of what the farm has by the basis: a quarter of it is above, a third of the target.
    norm = kg / AMOUNT[basis] * 3 / 4
    found = simulated(system, {**FARM, name: [kg]}, indicator=indicator, basis=basis, norm=norm)
    assert result(found, "nl_target_indicator") == [kg]
    assert result(found, "nl_target_basis") == [AMOUNT[basis]]
    assert result(found, "nl_target_indicator_per_basis") == [pytest.approx(kg / AMOUNT[basis])]
    assert result(found, "nl_target_limit") == [pytest.approx(kg * 3 / 4)]
    assert result(found, "nl_target_limit_per_basis") == [pytest.approx(norm, abs=1e-6)]
    assert result(found, "nl_target_headroom") == [pytest.approx(-kg / 4)]
    assert result(found, "nl_target_distance") == [pytest.approx(kg / 4)]
    assert result(found, "nl_target_distance_pct") == [33.333333]
    assert result(found, "nl_target_verdict") == ["exceeds"]


def test_a_farm_without_what_the_norm_counts_by_is_not_assessed(system: Any) -> None:
    farms = {
        "nl_farm_surplus_nitrogen": [100, 100, 100],
        "utilised_area_ha": [0, None, 10],
        "has_herd": [False, True, True],
        "nl_livestock_units": [0, None, 20],
        "milk_kg": [0, 1000, 1000],
        "nl_fpcm_kg": [None, None, 1000],
    }
    missing = {
        "hectare": ("no land", "utilised agricultural area"),
        "livestock_unit": ("no livestock", "livestock units"),
        "fpcm": ("no milk", "milk of dairy cows, its fat or its protein"),
    }
    for basis, words in missing.items():
        found = simulated(system, farms, indicator="farm_nitrogen_surplus", basis=basis, norm=1000)
        assert result(found, "nl_target_verdict") == ["not_assessed", "undetermined", "complies"], basis
        assert result(found, "nl_target_assessed") == [False, True, True]
        assert result(found, "nl_target_undetermined_because") == [*words, ""]
        assert result(found, "nl_target_limit")[:2] == [None, None]


def test_without_milk_declared_only_a_farm_with_dairy_cows_lacks_it(system: Any) -> None:
    farms = {"nl_farm_surplus_nitrogen": [100], "utilised_area_ha": [10]}
    found = simulated(system, farms, indicator="farm_nitrogen_surplus", basis="fpcm", norm=10)
    assert result(found, "nl_target_undetermined_because") == ["no milk"]
    # A herd of cows that none was kept of is no dairy cow.
    for cows, words in {1: "milk of dairy cows, its fat or its protein", 0: "no milk"}.items():
        herd = {**farms, "nl_herd_is_dairy_cows": [True], "herd_count": [cows]}
        found = simulated(system, herd, indicator="farm_nitrogen_surplus", basis="fpcm", norm=10)
        assert result(found, "nl_target_undetermined_because") == [words]


def test_a_farm_without_land_has_a_soil_surplus_of_0(system: Any) -> None:
    farms = {"nl_soil_surplus": [None, None], "utilised_area_ha": [0, 10]}
    found = simulated(system, farms, basis="farm", norm=10)
    assert result(found, "nl_target_indicator") == [0, None]
    assert result(found, "nl_target_verdict") == ["complies", "undetermined"]
    found = simulated(system, farms, norm_from="ros_2023")
    assert result(found, "nl_target_undetermined_because")[0] == "no land"


def test_a_farm_abroad_or_in_an_unknown_year_has_no_target(system: Any) -> None:
    farms = {"nl_soil_surplus": [100, 100], "utilised_area_ha": [10, 10], "farm_year_known": [True, False]}
    found = simulated(system, {**farms, "country": ["DE", "NL"]}, norm=1)
    assert result(found, "nl_target_verdict") == ["not_assessed", "not_assessed"]
    assert result(found, "nl_target_undetermined_because") == ["", ""]
    for name in ("indicator", "basis", "limit", "distance", "levy", "reward"):
        assert result(found, f"nl_target_{name}") == [None, None], name
