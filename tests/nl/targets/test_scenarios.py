"""The shipped scenarios of targets; expected values are calculated beside the tests."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario, shipped
from openfisca_stoffenbalans.tables import leaves
from tests.nl.targets.farms import REGIME, result, simulated


def fields(system: Any, chosen: str, *of_farm: dict[str, Any]) -> Any:
    """A simulation of a farm of 10 ha with fields of 1 ha under a shipped scenario."""
    situation: dict[str, Any] = {"entries": {}, "fields": {}, "farms": {}}
    names = []
    for number, one in enumerate(of_farm):
        names.append(f"line_{number}")
        situation["entries"][names[-1]] = {"crop_crop": one.pop("crop", "nl_265"), "crop_area_ha": 1}
        field = {"field_known": True, "field_area_ha": 1, "field_soil_type": "dekzand", **one}
        situation["fields"][names[-1]] = {**field, "lines": [names[-1]]}
    farm = {"country": "NL", "farm_year_known": True, "utilised_area_ha": 10}
    situation["farms"]["farm"] = {**farm, "crops": names}
    dated = {
        kind: {
            name: {key: value if isinstance(value, list) else {"2025": value} for key, value in cells.items()}
            for name, cells in there.items()
        }
        for kind, there in situation.items()
    }
    reformed = build(system, [load_scenario(chosen, REGIME)])
    made = SimulationBuilder().build_from_entities(reformed, dated)
    made.set_input("nl_soil_surplus", "2025", numpy.array([100.0]))
    return made


@pytest.mark.parametrize(
    ("missing", "verdict"),
    [
        ({"field_groundwater_class": "VI"}, "complies"),
        ({"field_groundwater_class": "none"}, "undetermined"),
        ({"field_groundwater_class": "VI", "field_soil_type": "loess"}, "undetermined"),
        ({"field_groundwater_class": "VI", "field_soil_type": "none"}, "undetermined"),
        ({"field_groundwater_class": "VI", "crop": "other"}, "undetermined"),
    ],
)
def test_the_highest_soil_surplus_is_missing_where_no_class_is_known(
    system: Any, missing: dict[str, Any], verdict: str
) -> None:
    # 100 kg on two fields of 1 ha of grass on zand2: 2 x 105 = 210.
    found = fields(system, "klw_max_soil_surplus", {"field_groundwater_class": "V"}, dict(missing))
    assert result(found, "nl_target_verdict") == [verdict]
    assert result(found, "nl_target_limit") == [210 if verdict == "complies" else None]
    words = "highest soil surplus of the KringloopWijzer" if verdict == "undetermined" else ""
    assert result(found, "nl_target_undetermined_because") == [words]


def test_ros_2023_is_a_target_on_the_farm_and_any_basis_only_shows_it(system: Any) -> None:
    # Wet sand: 125 for grass and for maize; 250 kg on 2 ha of fields, 25 kg per ha of 10 ha utilised.
    wet = [{"field_groundwater_class": "II"}, {"field_groundwater_class": "II", "crop": "nl_259"}]
    found = fields(system, "ros_2023", *wet)
    assert result(found, "nl_target_limit") == [250]
    assert result(found, "nl_target_limit_per_basis") == [25]


def test_minas_norms_are_a_target_of_later_years(system: Any) -> None:
    # The scenario lets MINAS go on: 2025 has a permitted loss. What it comes to is given here.
    farms = {
        "nl_farm_gate_surplus_nitrogen": [10_100.0, 9_000.0, 9_000.0],
        "minas_permitted_nitrogen": [10_000.0, 10_000.0, None],
        "utilised_area_ha": [60, 60, 60],
    }
    found = simulated(system, farms, chosen="minas_norms_as_target")
    assert result(found, "nl_target_verdict") == ["exceeds", "complies", "undetermined"]
    assert result(found, "nl_target_undetermined_because")[2] == "permitted nitrogen loss of MINAS"
    # 100 kg at 2.30 euro.
    assert result(simulated(system, farms, chosen="levy_minas_rates"), "nl_target_levy") == [230, 0, None]


def test_minas_norms_for_phosphate_at_9_euro(system: Any) -> None:
    farms = {
        "nl_farm_surplus_phosphate": [1_300.0],
        "minas_permitted_phosphate": [1_200.0],
        "utilised_area_ha": [60],
    }
    found = simulated(system, farms, chosen="levy_minas_rates_phosphate")
    assert result(found, "nl_target_levy") == [900]


def test_the_german_flat_limit_is_175_kg_per_hectare_at_the_gate(system: Any) -> None:
    farms = {
        "nl_farm_gate_surplus_nitrogen": [1_749.999, 1_750.0, 1_750.001, 5.0],
        "nl_farm_surplus_nitrogen": 9_999,
        "utilised_area_ha": [10, 10, 10, 0],
    }
    found = simulated(system, farms, chosen="stoffbilv_175_nl")
    assert result(found, "nl_target_verdict") == ["complies", "complies", "exceeds", "not_assessed"]


def test_a_number_as_norm_holds_over_a_baseline_that_takes_it_from_elsewhere(system: Any) -> None:
    farms = {"nl_farm_gate_surplus_nitrogen": [1_000.0], "nl_soil_target_kg": [500.0], "utilised_area_ha": [10]}
    below = load_scenario("ros_2023", REGIME)
    for name, values in {"stoffbilv_175_nl": {}, "target_per_hectare": {"norm": 175}}.items():
        chosen = Scenario.from_spec({**load_scenario(name, REGIME).spec(), "builds_on": below.spec()})
        assert result(simulated(system, farms, chosen=chosen, **values), "nl_target_limit") == [1_750], name


def test_the_german_permitted_balance_needs_what_the_german_tables_have(system: Any) -> None:
    # 50 kg x 20 ha = 1,000 kg, with the tolerance of 10 percent 1,100; nothing else on a farm without animals.
    farms = {"nl_farm_gate_surplus_nitrogen": [1_100.0, 1_100.001], "utilised_area_ha": [20, 20]}
    found = simulated(system, farms, 2020, chosen="stoffbilv_annex_4_nl")
    assert result(found, "nl_target_limit", 2020) == [1_100, 1_100]
    assert result(found, "nl_target_verdict", 2020) == ["complies", "exceeds"]
    cows = {**farms, "stoffbilv_annex_4_line_2": [None, None]}
    found = simulated(system, cows, 2020, chosen="stoffbilv_annex_4_nl")
    assert result(found, "nl_target_undetermined_because", 2020) == ["permitted balance of StoffBilV annex 4"] * 2
    assert (
        result(simulated(system, farms, 2026, chosen="stoffbilv_annex_4_nl"), "nl_target_verdict", 2026)
        == ["undetermined"] * 2
    )


def test_the_same_total_on_two_bases_hits_different_farms(system: Any) -> None:
    # Two farms of 4,500 kg each: 40 ha with 400 t of milk, 60 ha with 200 t. A total of 8,000 kg is 80 kg/ha, or
    # 8,000 / 600 kg per tonne. By hectare 3,200 and 4,800 kg; by milk 5,333.3 and 2,666.7 kg.
    farms = {
        "nl_farm_surplus_nitrogen": [4_500.0, 4_500.0],
        "utilised_area_ha": [40, 60],
        "milk_kg": [400_000, 200_000],
        "nl_fpcm_kg": [400_000, 200_000],
    }
    set_for = {"indicator": "farm_nitrogen_surplus"}
    by_land = simulated(system, farms, chosen="target_per_hectare", norm=80, **set_for)
    by_milk = simulated(system, farms, chosen="target_per_tonne_of_milk", norm=8_000 / 600, **set_for)
    assert result(by_land, "nl_target_limit") == [3_200, 4_800]
    assert result(by_milk, "nl_target_limit") == [
        pytest.approx(16_000 / 3, abs=1e-6),
        pytest.approx(8_000 / 3, abs=1e-6),
    ]
    assert result(by_land, "nl_target_verdict") == ["exceeds", "complies"]
    assert result(by_milk, "nl_target_verdict") == ["complies", "exceeds"]


def test_every_shipped_scenario_says_its_status_and_source(system: Any) -> None:
    assert len(shipped(REGIME)) > 15
    for name in shipped(REGIME):
        scenario = load_scenario(name, REGIME)
        assert scenario.name == name
        assert scenario.status in ("published", "inferred")
        assert scenario.source != "not stated"
        assert scenario.warnings(system) == []


def test_what_no_source_prints_is_only_what_targets_are_made_of(system: Any) -> None:
    found = {
        leaf.name.rsplit(".", 1)[0] if leaf.name.count(".") > 2 else leaf.name
        for leaf in leaves(system.parameters)
        if leaf.name.startswith("nl.") and leaf.metadata.get("status") in ("inferred", "not_found")
    }
    assert found
    assert {name for name in found if not name.startswith("nl.targets.")} == set()
