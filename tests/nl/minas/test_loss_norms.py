"""Loss norms of MINAS: a gram below, on and above each, by land use, soil and year."""

from __future__ import annotations

import math
from typing import Any

import pytest

from openfisca_stoffenbalans.tables import tables
from tests.nl.minas.farms import found, minas_farms

# Meststoffenwet as in force on 2005-07-01, art. 19 and 26: kg per ha in 2002, 2003, 2004, 2005.
YEARS = (2002, 2003, 2004, 2005)
SENSITIVE, FIRM = "leaching_sensitive", "no_leaching_sensitive"
GRASS, WHEAT, HEATH = "nl_265", "nl_233", "nl_335"
NITROGEN = [
    ((GRASS, FIRM, "none"), (220, 220, 180, 180)),
    ((GRASS, SENSITIVE, "none"), (190, 190, 160, 140)),
    ((GRASS, FIRM, "veen"), (220, 220, 180, 180)),
    ((WHEAT, FIRM, "zeeklei"), (150, 150, 135, 125)),
    ((WHEAT, FIRM, "rivierklei"), (150, 150, 135, 125)),
    ((WHEAT, FIRM, "maasklei"), (150, 150, 135, 125)),
    ((WHEAT, FIRM, "moerige_klei"), (150, 150, 135, 125)),
    ((WHEAT, FIRM, "veen"), (150, 150, 135, 125)),
    ((WHEAT, SENSITIVE, "dekzand"), (100, 100, 80, 80)),
    ((WHEAT, SENSITIVE, "none"), (100, 100, 80, 80)),
    ((WHEAT, FIRM, "dekzand"), (110, 110, 100, 100)),
    ((WHEAT, FIRM, "dalgrond"), (110, 110, 100, 100)),
    ((WHEAT, FIRM, "duinzand"), (110, 110, 100, 100)),
    ((WHEAT, FIRM, "loess"), (110, 110, 100, 100)),
    ((HEATH, "unknown", "none"), (50, 50, 50, 50)),
]
PHOSPHATE = [
    ((GRASS, FIRM, "none"), (25, 25, 20, 20)),
    ((WHEAT, FIRM, "dekzand"), (30, 30, 25, 20)),
    ((HEATH, "unknown", "none"), (10, 10, 10, 10)),
]
CASES = [
    (nutrient, land, year, norm)
    for nutrient, listed in (("feed", NITROGEN), ("phosphate", PHOSPHATE))
    for land, norms in listed
    for year, norm in zip(YEARS, norms, strict=True)
]


@pytest.mark.law(
    "Meststoffenwet (2005-07-01) art. 19",
    "Meststoffenwet (2005-07-01) art. 26",
)
@pytest.mark.parametrize(("nutrient", "land", "year", "norm"), CASES)
def test_a_gram_below_and_on_the_norm_is_free_of_levy_and_a_gram_above_is_not(
    system: Any, nutrient: str, land: tuple[str, str, str], year: int, norm: int
) -> None:
    crop, sensitivity, soil = land
    field = {"crop_crop": crop, "field_leaching_sensitive": sensitivity, "field_soil_type": soil}
    amounts = [norm - 0.001, norm, norm + 0.0004, norm + 0.001]
    simulation = minas_farms(system, str(year), *({**field, nutrient: kg} for kg in amounts))
    assert found(simulation, "minas_verdict", str(year)) == ["complies", "complies", "complies", "exceeds"]
    name = {"feed": "nitrogen", "phosphate": "phosphate"}[nutrient]
    assert found(simulation, f"minas_permitted_{name}", str(year)) == [norm] * 4
    assert found(simulation, f"minas_taxable_{name}", str(year)) == pytest.approx([0, 0, 0, 0.001], abs=1e-9)


def test_the_field_has_the_soil_type_of_its_farm_when_it_names_none(system: Any) -> None:
    farm = {"crop_crop": WHEAT, "field_leaching_sensitive": FIRM, "soil_type": "zeeklei"}
    simulation = minas_farms(system, "2002", farm, {**farm, "field_soil_type": "loess"})
    assert found(simulation, "minas_permitted_nitrogen", "2002") == [150, 110]


@pytest.mark.parametrize(
    ("crop", "use"),
    [
        ({"crop_crop": "nl_266"}, "grassland"),
        ({"crop_crop": "nl_799"}, "grassland"),
        ({"crop_crop": "nl_258"}, "arable"),
        ({"crop_crop": "nl_259"}, "arable"),
        ({"crop_crop": "other", "crop_rotation": "grass"}, "grassland"),
        ({"crop_crop": "nl_265", "crop_rotation": "maize"}, "arable"),
        ({"crop_crop": "other", "crop_rotation": "bare"}, "arable"),
        ({"crop_crop": "other", "crop_rotation": "nature"}, "nature"),
        ({"crop_crop": "other"}, "unknown"),
        ({"crop_crop": "none"}, "unknown"),
        ({"field_known": False}, "none"),
    ],
)
def test_the_land_use_of_a_field_is_what_grows_on_it(system: Any, crop: dict[str, Any], use: str) -> None:
    assert found(minas_farms(system, "2002", crop), "minas_field_land_use", "2002") == [use]


@pytest.mark.parametrize(
    ("crops", "use"),
    [
        ((GRASS, "nl_799"), "grassland"),
        ((GRASS, "nl_259"), "arable"),
        (("other", "nl_259"), "arable"),
        ((GRASS, "other"), "unknown"),
        ((GRASS, HEATH), "unknown"),
        ((HEATH, HEATH), "nature"),
    ],
)
def test_a_field_with_two_crops_is_grassland_or_nature_only_when_both_are(
    system: Any, crops: tuple[str, str], use: str
) -> None:
    from openfisca_core.simulations import SimulationBuilder

    entries = {f"crop_{number}": {"crop_crop": {"2002": crop}} for number, crop in enumerate(crops)}
    situation = {
        "entries": entries,
        "fields": {"field": {"lines": list(entries), "field_known": {"2002": True}, "field_area_ha": {"2002": 1}}},
        "farms": {"farm": {"crops": list(entries), "farm_year_known": {"2002": True}}},
    }
    simulation = SimulationBuilder().build_from_entities(system, situation)
    assert found(simulation, "minas_field_land_use", "2002") == [use]


def test_the_rows_of_the_norms_are_the_rows_of_the_table(system: Any) -> None:
    rows = {member.name for member in system.variables["minas_field_norm_row"].possible_values}
    assert set(tables()["nl.minas.loss_norms"].rows) - {"grassland", "arable"} == rows - {"none", "unknown"}


def test_every_crop_with_a_forfait_stands_in_the_catalogue_and_names_a_forfait() -> None:
    catalogue, forfaits = tables()["nl.nmi.crops"].rows, tables()["nl.minas.nitrogen_fixation"].rows
    for row, cells in tables()["nl.minas.fixation_crops"].rows.items():
        assert cells["label"] == catalogue[row]["label"], row
        assert cells["forfait"] in forfaits, row


def test_a_farm_with_land_and_no_fields_is_undetermined_and_one_without_land_is_permitted_nothing(system: Any) -> None:
    simulation = minas_farms(
        system, "2002", *({"field_known": False, "utilised_area_ha": ha} for ha in (1, math.nan, 0))
    )
    permitted = found(simulation, "minas_permitted_nitrogen", "2002")
    assert math.isnan(permitted[0])
    assert math.isnan(permitted[1])
    assert permitted[2] == 0
    assert found(simulation, "minas_verdict", "2002") == ["undetermined", "undetermined", "complies"]


# Grass for seed, sods and fibre, clover for seed: the names of the BRP say that they are no fodder.
NO_FODDER = ("nl_383", "nl_1914", "nl_1921", "nl_2653", "nl_6750", "nl_516", "nl_3805", "nl_804", "nl_1570", "nl_6765")
FODDER = ("nl_265", "nl_266", "nl_331", "nl_3506", "nl_799")


@pytest.mark.law("Meststoffenwet art. 1 lid 1 q", "Meststoffenwet art. 1 lid 1 r")
def test_grass_and_clover_that_are_not_grown_for_fodder_are_arable_land(system: Any) -> None:
    field = {"field_leaching_sensitive": FIRM, "field_soil_type": "dekzand"}
    crops = (*NO_FODDER, *FODDER)
    simulation = minas_farms(system, "2003", *({**field, "crop_crop": crop} for crop in crops))
    uses = found(simulation, "minas_field_land_use", "2003")
    assert dict(zip(crops, uses, strict=True)) == {
        **dict.fromkeys(NO_FODDER, "arable"),
        **dict.fromkeys(FODDER, "grassland"),
    }


def test_every_crop_named_for_seed_sods_or_fibre_among_grass_and_clover_is_listed(system: Any) -> None:
    words = ("zaad", "graszoden", "miscanthus", ", industriegras")
    rows = tables()["nl.nmi.crops"].rows
    named = {
        f"nl_{code}"
        for code, row in rows.items()
        if row["rotation"] in ("grass", "clover") and any(word in row["label"] for word in words)
    }
    (listed,) = (value.value for value in system.parameters.nl.soil.land_use.no_fodder_crops.values_list)
    assert set(listed) == named
    assert set(NO_FODDER) < named
