"""Grassland of farms with a derogation: its share, and what is said where it is too little."""

from __future__ import annotations

from typing import Any

import pytest

from tests.nl.farms import results

CLAY = {"soil_type": "zeeklei", "region": "NL423"}


def grass(area: float, of: float, **crop: Any) -> dict[str, Any]:
    return {"field_area_ha": of, "crops": [{"crop_crop": "nl_265", "crop_area_ha": area, **crop}]}


MAIZE = {"field_area_ha": 2, "crops": [{"crop_crop": "nl_259", "crop_area_ha": 2}]}


@pytest.mark.law("Uitvoeringsregeling Meststoffenwet art. 25 lid 5", "Uitvoeringsregeling Meststoffenwet art. 24 lid 3")
def test_too_little_grassland_is_said_of_a_farm_with_a_derogation_but_the_permit_decides(system: Any) -> None:
    strip = {"field_area_ha": 5, "field_buffer_strip": True}
    cuts = {
        "field_area_ha": 8,
        "crops": [{"crop_crop": "nl_265", "crop_area_ha": 8, "crop_cut": cut} for cut in (1, 2)],
    }
    farms = [
        {"utilised_area_ha": 15, "derogation": True, "fields": [cuts, MAIZE, strip], **CLAY},
        {"utilised_area_ha": 10, "derogation": True, "fields": [grass(7.999, of=8), MAIZE], **CLAY},
        {"utilised_area_ha": 10, "fields": [grass(7.999, of=8), MAIZE], **CLAY},
    ]
    names = ("nl_grassland_pct", "nl_derogation_notice", "nl_animal_manure_limit_per_ha")
    share, notice, limit = results(system, "2022", farms, *names)
    # 8 / 10; 7.999 / 10
    assert share == pytest.approx([80, 79.99, 79.99], abs=1e-9)
    assert notice == ["", "derogation with less than 80 % grassland; the permit decides", ""]
    assert limit == [250, 250, 170]
    # Of 2023 no text on the share of grassland was found.
    assert results(system, "2023", farms, "nl_derogation_notice") == ["", "", ""]


@pytest.mark.law("Uitvoeringsregeling Meststoffenwet art. 25 lid 5")
@pytest.mark.parametrize(
    ("year", "sown", "end", "share"),
    [
        ("2022", "2022-05-15", "2022-09-15", 80),
        ("2022", "2022-05-16", "2022-12-31", 0),
        ("2022", "2010-03-01", "2022-09-14", 0),
        ("2022", "2010-03-01", "2023-05-01", 80),
        # sown after the maize
        ("2022", "2022-10-01", "2023-12-31", 0),
        # From July: the end of one summer and the beginning of the next.
        ("year:2021-07", "2021-07-01", "2022-06-30", 80),
        ("year:2021-07", "2021-09-01", "2022-12-31", 0),
        ("year:2021-07", "2010-03-01", "2022-05-31", 0),
    ],
)
def test_grassland_is_what_stands_from_15_may_to_15_september(
    system: Any, year: str, sown: str, end: str, share: float
) -> None:
    fields = [grass(8, of=8, crop_sown=sown, crop_end=end), MAIZE]
    found = results(system, year, [{"utilised_area_ha": 10, "fields": fields}], "nl_grassland_pct")
    assert found == pytest.approx([share], abs=1e-9)


@pytest.mark.law("Uitvoeringsregeling Meststoffenwet art. 25 lid 5")
@pytest.mark.parametrize(("crop", "share"), [("nl_266", 80), ("nl_383", 0), ("nl_1921", 0), ("nl_516", 0)])
def test_grass_for_seed_sods_or_fibre_is_no_grass_for_fodder(system: Any, crop: str, share: float) -> None:
    farm = {"utilised_area_ha": 10, "fields": [grass(8, of=8, crop_crop=crop), MAIZE]}
    assert results(system, "2022", [farm], "nl_grassland_pct") == pytest.approx([share], abs=1e-9)
