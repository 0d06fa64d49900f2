"""What is missing makes missing all that rests on it, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from openfisca_core.simulations import SimulationBuilder

GRASS = {"crop_crop": "nl_265", "crop_area_ha": 1}
SLURRY = {
    "application_product": "nl_f_9d855a14df2045c2",
    "application_amount_kg": 1000,
    "application_technique": "injection",
    "application_date": "2024-04-01",
}
SOIL = {
    "field_known": True,
    "field_area_ha": 1,
    "field_soil_type": "dekzand",
    "field_groundwater_class": "VI",
    "field_deposition_n_kg_per_ha": 20,
}


def field(system: Any, crop: Any = GRASS, spread: Any = SLURRY, soil: Any = SOIL) -> Any:
    """A function from a variable's name to its value in 2024 for a farm with one field."""

    def dated(values: Any) -> Any:
        return {name: {"2024": value} for name, value in values.items()}

    situation = {
        "entries": {"crop": dated(crop), "spread": dated(spread)},
        "fields": {"field": {"lines": ["crop", "spread"], **dated(soil)}},
        "farms": {
            "farm": {"crops": ["crop"], "applications": ["spread"], **dated({"country": "NL", "farm_year_known": True})}
        },
    }
    simulation = SimulationBuilder().build_from_entities(system, situation)
    return lambda name: simulation.calculate(name, "2024")


def without(values: Any, *names: str) -> Any:
    return {name: value for name, value in values.items() if name not in names}


def test_with_all_inputs_nothing_is_missing(system: Any) -> None:
    of = field(system)
    for name in ("nl_field_balance", "nl_field_nitrate", "nl_field_target", "nl_soil_balance"):
        assert numpy.isfinite(of(name)).all(), name


@pytest.mark.parametrize("name", ["application_product", "application_technique", "application_date"])
def test_manure_without_content_technique_or_day_has_no_known_ammonia(system: Any, name: str) -> None:
    of = field(system, spread=without(SLURRY, name) | {"application_fertiliser_type": "manure"})
    assert numpy.isnan(of("nl_field_ammonia_manure")).all()
    assert numpy.isnan(of("nl_field_balance")).all()
    assert of("nl_field_ammonia_mineral") == [0]
    assert numpy.isfinite(of("nl_field_supply_deposition")).all()


def test_manure_without_ammonium_loses_none_however_it_was_spread(system: Any) -> None:
    spread = {"application_amount_kg": 1000, "application_n_g_per_kg": 4, "application_nh4_n_g_per_kg": 0}
    of = field(system, spread=spread | {"application_fertiliser_type": "manure"})
    assert of("nl_field_ammonia_manure") == [0]


def test_mineral_fertiliser_needs_a_factor_or_all_contents(system: Any) -> None:
    spread = {"application_fertiliser_type": "mineral", "application_amount_kg": 100, "application_n_g_per_kg": 270}
    assert numpy.isnan(field(system, spread=spread)("nl_field_ammonia_mineral")).all()
    assert field(system, spread=spread | {"application_ammonia_factor": 0.1})("nl_field_ammonia_mineral") == [2.7]


def test_an_unknown_soil_has_no_known_mineralisation_leaching_or_target(system: Any) -> None:
    of = field(system, soil=without(SOIL, "field_soil_type"))
    for name in ("nl_field_supply_mineralisation", "nl_field_leaching_share", "nl_field_target"):
        assert numpy.isnan(of(name)).all(), name


def test_without_groundwater_class_the_balance_is_known_and_the_target_is_not(system: Any) -> None:
    of = field(system, soil=without(SOIL, "field_groundwater_class"))
    assert numpy.isfinite(of("nl_field_balance")).all()
    assert numpy.isnan(of("nl_field_target")).all()
    assert of("nl_soil_verdict").decode_to_str() == ["undetermined"]


def test_a_surplus_under_a_crop_of_no_known_rotation_leaches_an_unknown_amount(system: Any) -> None:
    crop = {"crop_crop": "other", "crop_area_ha": 1, "crop_harvested": "no_harvested"}
    spread = {"application_fertiliser_type": "mineral", "application_amount_kg": 100, "application_n_g_per_kg": 270}
    of = field(system, crop, spread | {"application_ammonia_factor": 0})
    assert of("nl_field_balance") == [47]
    assert numpy.isnan(of("nl_field_nitrate")).all()


def test_a_crop_of_no_known_yield_has_no_known_harvest(system: Any) -> None:
    of = field(system, {"crop_crop": "other", "crop_rotation": "cereal", "crop_area_ha": 1})
    assert numpy.isnan(of("nl_field_removal_harvests")).all()


def test_a_field_without_a_line_is_refused(system: Any) -> None:
    situation = {
        "entries": {"crop": {"crop_crop": {"2024": "nl_265"}}},
        "fields": {"field": {"lines": ["crop"]}, "lost": {}},
        "farms": {"farm": {"crops": ["crop"]}},
    }
    simulation = SimulationBuilder().build_from_entities(system, situation)
    with pytest.raises(ValueError, match="field lost has no line, so its farm is unknown: give it a crop"):
        simulation.calculate("nl_soil_area_ha", "2024")
