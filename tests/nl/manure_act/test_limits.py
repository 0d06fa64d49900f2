"""The standard of animal manure: each year of the derogation, each zone, a gram below, on and above it."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.nl.farms import manure, results

OUTSIDE = {
    "natura_2000_zone": "no_natura_2000_zone",
    "groundwater_protection_zone": "no_groundwater_protection_zone",
    "derogation_free_zone": "no_derogation_free_zone",
    "nutrient_polluted_zone": "no_nutrient_polluted_zone",
}


def inside(*zones: str) -> dict[str, str]:
    return OUTSIDE | {zone: zone for zone in zones}


NATURA, WATER = inside("natura_2000_zone"), inside("groundwater_protection_zone")
FREE, POLLUTED = inside("derogation_free_zone"), inside("nutrient_polluted_zone")
CLAY = {"soil_type": "zeeklei", "region": "NL423"}
SAND_IN_BRABANT = {"soil_type": "dekzand", "region": "NL411"}
LOESS_IN_LIMBURG = {"soil_type": "loess", "region": "NL42"}
SAND_IN_DRENTHE = {"soil_type": "dekzand", "region": "NL131"}
PEAT_IN_UTRECHT = {"soil_type": "veen", "region": "NL31"}

# Balance year, what is said of a farm with a derogation, kg N/ha.
DEROGATION = [
    ("2012", CLAY, 250),
    ("2012", SAND_IN_BRABANT, 250),
    ("2013", SAND_IN_BRABANT, 250),
    ("2014", CLAY, 250),
    ("2014", SAND_IN_DRENTHE, 250),
    # The rule for sand and loess was first seen on 1 May 2014.
    ("year:2014-05", SAND_IN_BRABANT, 230),
    ("year:2012-07", CLAY, 250),
    ("2015", SAND_IN_BRABANT, 230),
    ("2015", LOESS_IN_LIMBURG, 230),
    ("2015", SAND_IN_DRENTHE, 250),
    ("2015", PEAT_IN_UTRECHT, 250),
    ("2015", CLAY, 250),
    ("2022", SAND_IN_BRABANT, 230),
    ("2022", SAND_IN_DRENTHE, 250),
    ("2022", CLAY | NATURA, 250),
    ("2023", OUTSIDE, 240),
    ("2023", POLLUTED, 220),
    ("2023", SAND_IN_BRABANT | OUTSIDE, 240),
    ("2023", NATURA, 170),
    ("2023", WATER, 170),
    ("2023", FREE, 240),
    ("2024", OUTSIDE, 230),
    ("2024", POLLUTED, 210),
    ("2024", NATURA, 170),
    ("2024", WATER, 170),
    ("2024", FREE, 170),
    ("2025", OUTSIDE, 200),
    ("2025", POLLUTED, 190),
    ("2025", inside(*OUTSIDE), 170),
    ("2025", NATURA, 170),
    ("2025", WATER, 170),
    ("2025", FREE, 170),
    ("2026", OUTSIDE, 170),
    ("2026", POLLUTED, 170),
    ("2026", {}, 170),
]
WITHOUT = [(year, {}, 170) for year in ("2006", "2010", "2014", "2018", "2022", "2023", "2025", "2026")]
LIMITS = [(year, said | {"derogation": True}, limit) for year, said, limit in DEROGATION] + WITHOUT


@pytest.mark.law(
    "Meststoffenwet art. 7",
    "Meststoffenwet art. 8 a",
    "Meststoffenwet art. 9 lid 1",
    "Meststoffenwet art. 9 lid 2",
    "Uitvoeringsregeling Meststoffenwet art. 24 lid 1",
    "Uitvoeringsregeling Meststoffenwet art. 24 lid 2",
)
@pytest.mark.parametrize(("year", "said", "limit"), LIMITS)
def test_a_gram_below_and_on_the_standard_complies_a_gram_above_exceeds(
    system: Any, year: str, said: dict[str, Any], limit: float
) -> None:
    used = (10 * limit - 0.001, 10 * limit, 10 * limit + 0.001)
    farms = [{"utilised_area_ha": 10, "flows": [manure(kg)], **said} for kg in used]
    names = ("limit_per_ha", "limit", "nitrogen", "verdict", "headroom")
    per_ha, kg, nitrogen, verdicts, headroom = results(
        system, year, farms, *(f"nl_animal_manure_{name}" for name in names)
    )
    assert per_ha == [limit] * 3
    assert kg == [10 * limit] * 3
    assert nitrogen == pytest.approx(used, abs=1e-9)
    assert verdicts == ["complies", "complies", "exceeds"]
    assert headroom == pytest.approx([0.001, 0, -0.001], abs=1e-9)


NOT_KNOWN = [
    # No text was found of the days before 4 March 2011, nor between July 2015 and 2022.
    ("2010", CLAY),
    ("2011", CLAY),
    ("2016", CLAY),
    ("2021", CLAY),
    # Whether the lower standard for sand and loess holds is not known.
    ("2015", {"soil_type": "dekzand"}),
    ("2015", {"region": "NL41"}),
    ("2022", {"soil_type": "dekzand", "region": "NL35"}),
    # One zone that is not known is enough, where it makes a difference.
    *(("2025", {key: value for key, value in OUTSIDE.items() if key != zone}) for zone in OUTSIDE),
    ("2023", {key: value for key, value in OUTSIDE.items() if key != "nutrient_polluted_zone"}),
]


@pytest.mark.law("Uitvoeringsregeling Meststoffenwet art. 24 lid 2")
@pytest.mark.parametrize(("year", "said"), NOT_KNOWN)
def test_a_derogation_whose_standard_cannot_be_told_leaves_the_verdict_undetermined(
    system: Any, year: str, said: dict[str, Any]
) -> None:
    farms = [{"utilised_area_ha": 10, "flows": [manure(1)], "derogation": True, **said}]
    per_ha, verdict, because = results(
        system,
        year,
        farms,
        "nl_animal_manure_limit_per_ha",
        "nl_animal_manure_verdict",
        "nl_manure_act_undetermined_because",
    )
    assert math.isnan(per_ha[0])
    assert verdict == ["undetermined"]
    no_text = year in ("2010", "2011", "2016", "2021")
    assert ("no text of the balance year" in because[0]) == no_text
    assert ("zone, soil type or region" in because[0]) != no_text


@pytest.mark.parametrize(
    ("year", "said", "limit"),
    [
        ("2015", {"soil_type": "zeeklei"}, 250),
        ("2015", {"region": "NL131"}, 250),
        ("2025", {"natura_2000_zone": "natura_2000_zone"}, 170),
        ("2025", {"derogation_free_zone": "derogation_free_zone"}, 170),
        ("2023", {key: value for key, value in OUTSIDE.items() if key != "derogation_free_zone"}, 240),
    ],
)
def test_what_is_not_known_does_not_matter_where_the_standard_is_the_same(
    system: Any, year: str, said: dict[str, Any], limit: float
) -> None:
    farms = [{"utilised_area_ha": 10, "derogation": True, **said}]
    assert results(system, year, farms, "nl_animal_manure_limit_per_ha") == [limit]


# Balance year, what is said of a farm, whether it holds a derogation: its standard is another on some of the days.
CHANGING = [
    # 250 and from 1 May 2014, when the rule was first seen, 230.
    ("2014", SAND_IN_BRABANT, True),
    ("2014", {}, True),
    ("year:2013-07", LOESS_IN_LIMBURG, True),
    # 250 and 240, 200 and none.
    ("year:2022-07", CLAY | OUTSIDE, True),
    ("year:2025-07", OUTSIDE, True),
    # Of 2016 and of 2027 nothing was read.
    ("year:2015-07", CLAY, True),
    ("year:2026-07", {}, False),
]


@pytest.mark.law(
    "Meststoffenwet art. 7", "Meststoffenwet art. 9 lid 1", "Uitvoeringsregeling Meststoffenwet art. 24 lid 2"
)
@pytest.mark.parametrize(("year", "said", "derogation"), CHANGING)
def test_a_standard_that_changes_or_ends_within_the_balance_year_leaves_the_verdict_undetermined(
    system: Any, year: str, said: dict[str, Any], derogation: bool
) -> None:
    farms = [{"utilised_area_ha": 10, "flows": [manure(1)], "derogation": derogation, **said}]
    names = ("nl_animal_manure_limit_per_ha", "nl_animal_manure_verdict", "nl_manure_act_undetermined_because")
    per_ha, verdict, because = results(system, year, farms, *names)
    assert math.isnan(per_ha[0])
    assert verdict == ["undetermined"]
    assert because == ["standard of animal manure: it changes within the balance year or was found for a part of it"]


@pytest.mark.parametrize(("year", "limit"), [("year:2025-07", 1700), ("year:2022-07", 1700)])
def test_a_standard_that_is_the_same_all_year_holds_for_a_year_from_july(system: Any, year: str, limit: float) -> None:
    assert results(system, year, [{"utilised_area_ha": 10}], "nl_animal_manure_limit") == [limit]


def test_the_room_is_missing_where_buffer_strips_lose_theirs_within_the_balance_year(system: Any) -> None:
    strip = {"field_area_ha": 1, "field_buffer_strip": True}
    farms = [{"utilised_area_ha": 10, "fields": [{"field_area_ha": 9}, *strips]} for strips in ([strip], [])]
    names = ("nl_animal_manure_limit", "nl_manure_act_undetermined_because")
    limit, because = results(system, "year:2024-07", farms, *names)
    assert math.isnan(limit[0])
    assert because[0] == "standard of animal manure: it changes within the balance year or was found for a part of it"
    assert limit[1] == 1700


def test_farms_abroad_unknown_years_and_years_before_2006_are_not_assessed(system: Any) -> None:
    farm = {"utilised_area_ha": 10, "flows": [manure(5000)]}
    farms = [farm | {"country": "DE"}, farm | {"farm_year_known": False}, farm]
    assert results(system, "2020", farms, "nl_animal_manure_verdict") == ["not_assessed", "not_assessed", "exceeds"]
    assert results(system, "2005", [farm], "nl_animal_manure_verdict") == ["not_assessed"]


def test_beyond_the_last_year_that_was_read_the_standard_is_missing(system: Any) -> None:
    farm = {"utilised_area_ha": 10, "flows": [manure(1)]}
    assert results(system, "2027", [farm], "nl_animal_manure_verdict") == ["undetermined"]


def stock(category: str, opening: float, closing: float, content: float) -> dict[str, Any]:
    amounts = {"stock_opening": opening, "stock_closing": closing, "stock_unit": "t", "stock_n_content": content}
    return {"stock_category": category, **amounts}


@pytest.mark.law("Meststoffenwet art. 12 lid 1", "Uitvoeringsbesluit Meststoffenwet art. 68 lid 2")
def test_manure_used_is_produced_supplied_and_out_of_store_less_removed(system: Any) -> None:
    farm = {
        "utilised_area_ha": 20,
        "herds": [{"herd_animal": "nl_100_slurry", "herd_count": 30, "herd_n_excretion_kg": 3600}],
        "flows": [manure(500), manure(900, "removal"), manure(40) | {"flow_category": "feed"}],
        "stocks": [stock("manure", 200, 100, 4), stock("feed", 0, 50, 10)],
    }
    # 3,600 + 500 - 900 + (800 - 400)
    assert results(system, "2025", [farm], "nl_animal_manure_nitrogen") == [3600]
    assert results(system, "2025", [farm], "nl_animal_manure_verdict") == ["exceeds"]


@pytest.mark.law("Meststoffenwet art. 1 lid 1 c")
def test_a_mestcode_says_whether_a_product_is_animal_manure_where_the_table_of_the_year_does(system: Any) -> None:
    def flow(product: str, category: str) -> dict[str, Any]:
        return manure(100) | {"flow_product": product, "flow_category": category}

    farms = [
        {"utilised_area_ha": 1, "flows": [flow("nl_m_110", "other_organic_fertiliser")]},  # champost: animal manure
        {"utilised_area_ha": 1, "flows": [flow("nl_m_111", "animal_manure")]},  # compost: none
        {"utilised_area_ha": 1, "flows": [flow("nl_m_130", "mineral_fertiliser")]},
    ]
    assert results(system, "2025", farms, "nl_animal_manure_nitrogen") == [100, 0, 100]
    assert results(system, "2012", farms, "nl_animal_manure_nitrogen") == [0, 100, 0]


def test_buffer_strips_take_no_manure_from_2025(system: Any) -> None:
    fields = [{"field_area_ha": 9}, {"field_area_ha": 1, "field_buffer_strip": True}]
    farm = {"utilised_area_ha": 10, "fields": fields}
    assert results(system, "2024", [farm], "nl_animal_manure_limit") == [1700]
    assert results(system, "2025", [farm], "nl_animal_manure_limit") == [1530]
    assert results(system, "2026", [farm], "nl_animal_manure_limit") == [1530]


def renure(kg: float) -> dict[str, Any]:
    return manure(kg) | {"flow_product": "nl_m_130", "flow_category": "other_organic_fertiliser"}


def test_renure_has_80_kg_per_hectare_of_its_own_in_2026(system: Any) -> None:
    # 10 ha: 1,700 of manure and 800 of Renure; what is above 800 counts as manure.
    amounts = [(1700, 799.999), (1700, 800), (1700, 800.001), (900, 1600), (900, 1600.001), (1700.001, 0)]
    farms = [{"utilised_area_ha": 10, "flows": [manure(one), renure(other)]} for one, other in amounts]
    verdicts = results(system, "2026", farms, "nl_animal_manure_verdict")
    assert verdicts == ["complies", "complies", "exceeds", "complies", "exceeds", "exceeds"]
    room = results(system, "2026", farms, "nl_renure_room")
    assert room == pytest.approx([799.999, 800, 800, 800, 800, 0], abs=1e-9)
    # In 2025 mestcode 130 counts as animal manure.
    assert results(system, "2025", farms[:1], "nl_animal_manure_verdict") == ["exceeds"]
    assert results(system, "2025", farms[:1], "nl_animal_manure_limit") == [1700]


@pytest.mark.law("Meststoffenwet art. 9 lid 1")
def test_a_farm_without_land_has_no_room(system: Any) -> None:
    farms = [{"utilised_area_ha": 0, "flows": [manure(kg)]} for kg in (0, 0.001)]
    assert results(system, "2025", farms, "nl_animal_manure_verdict") == ["complies", "exceeds"]


@pytest.mark.law("Meststoffenwet art. 12 lid 1")
def test_missing_amounts_leave_the_verdict_undetermined_and_are_named(system: Any) -> None:
    unknown = manure(1) | {"flow_n_content": math.nan, "flow_product": "none"}
    farms = [
        {"utilised_area_ha": 10, "flows": [unknown]},
        {"utilised_area_ha": 10, "herds": [{"herd_animal": "nl_101_slurry", "herd_count": 5}]},
        {"flows": [manure(1)]},
    ]
    verdicts, because = results(system, "2025", farms, "nl_animal_manure_verdict", "nl_manure_act_undetermined_because")
    assert verdicts == ["undetermined"] * 3
    rights = "phosphate rights; phosphate excretion of dairy cattle: neither declared nor in a table of the year"
    assert because == [
        "nitrogen content of animal manure supplied, removed or in store",
        f"nitrogen excretion of a herd: neither declared nor in a table of the year; {rights}",
        "utilised agricultural area",
    ]


def dairy_farm(p2o5: float, **farm: Any) -> dict[str, Any]:
    cows = {"herd_animal": "nl_100_slurry", "herd_count": 50, "herd_n_excretion_kg": 0, "herd_p2o5_excretion_kg": p2o5}
    bulls = {"herd_animal": "nl_104_all", "herd_count": 9, "herd_n_excretion_kg": 0, "herd_p2o5_excretion_kg": 230}
    return {"utilised_area_ha": 10, "herds": [cows, bulls], **farm}


@pytest.mark.law("Meststoffenwet art. 1 lid 1 kk")
def test_phosphate_of_dairy_cattle_is_held_against_the_rights_to_the_gram(system: Any) -> None:
    farms = [dairy_farm(kg, phosphate_rights_kg=2100) for kg in (2099.999, 2100, 2100.001)]
    verdicts, headroom = results(system, "2024", farms, "nl_phosphate_rights_verdict", "nl_phosphate_rights_headroom")
    assert verdicts == ["complies", "complies", "exceeds"]
    assert headroom == pytest.approx([0.001, 0, -0.001], abs=1e-9)


@pytest.mark.law("Meststoffenwet art. 1 lid 1 kk")
def test_without_rights_the_verdict_is_undetermined_without_dairy_cattle_there_is_none(system: Any) -> None:
    without_dairy = {"utilised_area_ha": 10, "flows": [manure(1)], "phosphate_rights_kg": 0}
    farms = [dairy_farm(2100), without_dairy, dairy_farm(2100, phosphate_rights_kg=1, country="DE")]
    verdicts, because = results(
        system, "2024", farms, "nl_phosphate_rights_verdict", "nl_manure_act_undetermined_because"
    )
    assert verdicts == ["undetermined", "not_assessed", "not_assessed"]
    assert because == ["phosphate rights", "", ""]


NO_RIGHTS_READ = "phosphate rights: their first day was not found and no source before 2018 names them"


@pytest.mark.parametrize("year", ["2012", "2015", "2017", "year:2017-12"])
def test_before_a_source_names_phosphate_rights_their_verdict_is_undetermined_and_says_so(
    system: Any, year: str
) -> None:
    farms = [dairy_farm(2100), dairy_farm(2100, phosphate_rights_kg=2100), dairy_farm(2100, phosphate_rights_kg=1)]
    verdicts, because = results(
        system, year, farms, "nl_phosphate_rights_verdict", "nl_manure_act_undetermined_because"
    )
    assert verdicts == ["undetermined"] * 3
    assert because == [NO_RIGHTS_READ] * 3


def test_from_the_year_of_the_first_source_phosphate_rights_are_held_against_dairy_cattle(system: Any) -> None:
    farms = [dairy_farm(2100, phosphate_rights_kg=kg) for kg in (2100, 2099)]
    assert results(system, "2018", farms, "nl_phosphate_rights_verdict") == ["complies", "exceeds"]


def test_manure_spread_on_the_fields_stands_beside_what_was_used(system: Any) -> None:
    spread = {"application_product": "nl_m_14", "application_amount_kg": 40000, "application_technique": "injection"}
    crops = [{"crop_crop": "nl_265", "crop_area_ha": 10}]
    field = {"field_area_ha": 10, "crops": crops} | {"field_soil_type": "zeeklei", "applications": [spread]}
    farm = {"utilised_area_ha": 10, "fields": [field], "flows": [manure(170)]}
    # 40 t x 4 kg
    found = results(system, "2025", [farm], "nl_animal_manure_applied", "nl_animal_manure_nitrogen")
    assert [one[0] for one in found] == pytest.approx([160, 170], abs=1e-9)
