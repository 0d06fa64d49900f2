"""The farm balance of whole farms: it closes where everything is told, and what is missing is named."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.nl.farms import nitrogen, results

KAS = "nl_f_1d2e4f0b600af921"

FERTILISER = {
    "flow_direction": "supply",
    "flow_category": "mineral_fertiliser",
    "flow_product": KAS,
    "flow_amount": 3,
    "flow_unit": "t",
}
WHEAT = {
    "crop_crop": "nl_233",
    "crop_area_ha": 10,
    "crop_sown": "2024-10-20",
    "crop_end": "2025-08-05",
    "crop_dm_yield_kg_per_ha": 8000,
    "crop_n_g_per_kg_dm": 20,
    "crop_p2o5_g_per_kg_dm": 8,
}
# 10 ha x 8,000 kg x 20 and 8 g/kg
GRAIN = nitrogen(1600, flow_direction="removal", flow_category="plant_product") | {"flow_p2o5_content": 0.4}
SPREAD = {
    "application_product": KAS,
    "application_amount_kg": 3000,
    "application_technique": "broadcasting",
    "application_date": "2025-04-01",
    "application_ammonia_factor": 0.025,
}
FIELD = {
    "field_area_ha": 10,
    "field_soil_type": "zeeklei",
    "field_groundwater_class": "VI",
    "field_deposition_n_kg_per_ha": 20,
    "crops": [WHEAT],
    "applications": [SPREAD],
}
ARABLE = {"utilised_area_ha": 10, "flows": [FERTILISER, GRAIN], "fields": [FIELD]}


@pytest.mark.law("KringloopWijzer bedrijfsbalans", "KringloopWijzer BEN", "KringloopWijzer BEP")
def test_an_arable_farm_that_sells_its_harvest_and_spreads_what_it_buys_closes(system: Any) -> None:
    names = ("surplus_nitrogen", "closure_nitrogen", "surplus_phosphate", "closure_phosphate", "undetermined_because")
    surplus, closure, phosphate, closure_p, because = results(
        system, "2025", [ARABLE], *(f"nl_farm_{name}" for name in names)
    )
    # 3 t x 270 + 10 ha x 20 of deposition - 1,600
    assert surplus == pytest.approx([-590], abs=1e-9)
    assert closure == pytest.approx([0], abs=1e-9)
    # no phosphate in the fertiliser, 10 x 8,000 x 0.008 in the grain
    assert phosphate == pytest.approx([-640], abs=1e-9)
    assert closure_p == pytest.approx([0], abs=1e-9)
    assert because == [""]


@pytest.mark.law("KringloopWijzer bedrijfsbalans")
def test_fertiliser_that_was_bought_and_neither_spread_nor_stored_shows_in_the_closure(system: Any) -> None:
    bought = ARABLE | {"flows": [FERTILISER | {"flow_amount": 4}, GRAIN]}
    kas = {"stock_category": "fertiliser", "stock_product": KAS, "stock_unit": "t"}
    stored = bought | {"stocks": [kas | {"stock_opening": 0, "stock_closing": 1}]}
    # 1 t x 270
    assert results(system, "2025", [bought, stored], "nl_farm_closure_nitrogen") == pytest.approx([270, 0], abs=1e-9)


@pytest.mark.law("KringloopWijzer BEA")
def test_the_ammonia_of_the_fields_is_a_gaseous_loss(system: Any) -> None:
    losses, ammonia = results(system, "2025", [ARABLE], "nl_gaseous_losses", "nl_soil_ammonia_kg")
    # 3 t x 270 x 0.025
    assert losses == pytest.approx([20.25], abs=1e-9)
    assert ammonia == losses


def test_a_farm_without_land_has_no_soil_and_no_amounts_per_hectare(system: Any) -> None:
    flows = [
        nitrogen(1000, flow_direction="supply", flow_category="feed"),
        nitrogen(600, flow_direction="removal", flow_category="animal_product"),
    ]
    farm = {"utilised_area_ha": 0, "flows": flows, "housing_storage_n_loss_kg": 390}
    names = ("nl_farm_surplus_nitrogen", "nl_farm_closure_nitrogen", "nl_farm_surplus_nitrogen_per_ha")
    surplus, closure, per_ha = results(system, "2025", [farm], *names)
    assert (surplus, closure) == ([400], [10])
    assert math.isnan(per_ha[0])
    assert results(system, "2025", [farm], "nl_soil_surplus_phosphate") == [0]


MISSING = [
    (ARABLE | {"flows": [FERTILISER | {"flow_product": "none"}]}, "nitrogen content of what is supplied"),
    (ARABLE | {"flows": [GRAIN | {"flow_n_content": math.nan}]}, "nitrogen content of what is removed"),
    (ARABLE | {"flows": [GRAIN | {"flow_p2o5_content": math.nan}]}, "phosphate content of what is removed"),
    (ARABLE | {"fields": [FIELD | {"field_deposition_n_kg_per_ha": math.nan}]}, "deposition on the fields"),
    (
        ARABLE | {"fields": [FIELD | {"crops": [WHEAT | {"crop_p2o5_g_per_kg_dm": math.nan}]}]},
        "amount or phosphate content of a spreading or harvest",
    ),
    (ARABLE | {"herds": [{"herd_animal": "nl_101_slurry", "herd_count": 3}]}, "losses of housing and storage"),
    (
        ARABLE | {"herds": [{"herd_animal": "nl_411_slurry_other", "herd_count": 3, "herd_n_excretion_kg": 30}]},
        "losses of housing and storage",
    ),
    (
        ARABLE | {"stocks": [{"stock_category": "feed", "stock_opening": 0, "stock_closing": 1, "stock_unit": "t"}]},
        "nitrogen content of a stock",
    ),
    ({key: value for key, value in ARABLE.items() if key != "utilised_area_ha"}, "utilised agricultural area"),
    ({"utilised_area_ha": 10, "flows": [GRAIN]}, "soil surplus of nitrogen"),
]


@pytest.mark.law("KringloopWijzer bedrijfsbalans")
@pytest.mark.parametrize(("farm", "words"), MISSING, ids=[words for _, words in MISSING])
def test_what_is_missing_is_named_and_leaves_the_closure_missing(system: Any, farm: Any, words: str) -> None:
    names = ("nl_farm_undetermined_because", "nl_farm_closure_nitrogen", "nl_farm_closure_phosphate")
    because, closure, closure_p = results(system, "2025", [farm | {"derogation": False}], *names)
    assert words in because[0]
    area_only = words == "utilised agricultural area"
    assert math.isnan(closure[0] + closure_p[0]) != area_only


@pytest.mark.parametrize("year", ["2015", "2023"])
def test_no_correction_of_cattle_is_known_before_2024(system: Any, year: str) -> None:
    cows = {"herd_animal": "nl_100_slurry", "herd_count": 1, "herd_n_excretion_kg": 100}
    bulls = {"herd_animal": "nl_104_all", "herd_count": 1, "herd_n_excretion_kg": 70, "herd_manure_system": "solid"}
    losses = results(system, year, [{"herds": [cows]}, {"herds": [bulls]}], "nl_housing_storage_loss")
    assert all(math.isnan(kg) for kg in losses)


def test_solid_manure_of_cattle_has_no_correction_before_2025(system: Any) -> None:
    bulls = {"herd_animal": "nl_104_all", "herd_count": 1, "herd_n_excretion_kg": 70, "herd_manure_system": "solid"}
    assert math.isnan(results(system, "2024", [{"herds": [bulls]}], "nl_housing_storage_loss")[0])


def test_fixation_without_fields_is_that_of_the_crops_area(system: Any) -> None:
    lucerne = {"crop_crop": "nl_258", "crop_area_ha": 3}
    farms = [{"utilised_area_ha": 3, "crops": [lucerne]}]
    fixed, gate, surplus = results(
        system,
        "2025",
        farms,
        "nl_farm_fixation_nitrogen",
        "nl_farm_gate_surplus_nitrogen",
        "nl_farm_surplus_nitrogen",
    )
    # 3 ha x 300
    assert fixed == [900]
    assert gate == [900]
    assert math.isnan(surplus[0])
