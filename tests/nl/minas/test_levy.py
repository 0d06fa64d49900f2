"""The levy at the edge of the first bracket, what is missing, and the years that MINAS is computed for."""

from __future__ import annotations

import math
from typing import Any

import pytest

from openfisca_stoffenbalans.tables import load_parameters, tables
from tests.nl.minas.farms import found, minas_farms

GRASS = {"crop_crop": "nl_265", "field_leaching_sensitive": "no_leaching_sensitive"}
WHEAT = {"crop_crop": "nl_233", "field_leaching_sensitive": "no_leaching_sensitive", "field_soil_type": "dekzand"}


@pytest.mark.law(
    "Meststoffenwet (2005-07-01) art. 20",
    "Meststoffenwet (2005-07-01) art. 27",
)
def test_the_first_bracket_of_2002_ends_at_40_kg_per_hectare_and_later_years_have_none(system: Any) -> None:
    # 1 ha of grass: 220 kg free; 39.999, 40, 40.001, 41 kg are taxable
    farms = [{**GRASS, "feed": 220 + kg} for kg in (39.999, 40, 40.001, 41)]
    levy = found(minas_farms(system, "2002", *farms), "minas_levy_nitrogen", "2002")
    # 39.999 x 1.15; 40 x 1.15; 40 x 1.15 + 0.001 x 2.30; 40 x 1.15 + 1 x 2.30
    assert levy == pytest.approx([45.99885, 46, 46.0023, 48.3], abs=1e-9)
    later = found(minas_farms(system, "2003", *farms), "minas_levy_nitrogen", "2003")
    assert later == pytest.approx([91.9977, 92, 92.0023, 94.3], abs=1e-9)


def test_what_is_missing_is_said_in_words_and_only_where_it_counts(system: Any) -> None:
    nan = math.nan
    cases: list[tuple[dict[str, Any], str, str]] = [
        (GRASS, "complies", ""),
        ({**GRASS, "feed": nan}, "undetermined", "nitrogen content of what is supplied"),
        # one nutrient above the norm is enough to exceed
        ({**GRASS, "feed": nan, "phosphate": 26}, "exceeds", ""),
        ({**GRASS, "phosphate": nan}, "undetermined", "phosphate content of what is supplied"),
        (
            {**GRASS, "phosphate": nan, "flow_direction": "removal"},
            "undetermined",
            "phosphate content of what is removed",
        ),
        # feed does not count in the other declaration
        ({**GRASS, "feed": nan, "minas_assessment": "forfaitary"}, "complies", ""),
        (
            {**GRASS, "feed": nan, "minas_assessment": "forfaitary", "flow_category": "animal_manure"},
            "undetermined",
            "nitrogen content of manure or fertiliser supplied",
        ),
        (
            {**GRASS, "field_leaching_sensitive": "unknown"},
            "undetermined",
            "whether the soil of a field is sensitive to leaching (uitspoelingsgevoelig)",
        ),
        # nature land has one norm for all soils
        ({"crop_crop": "nl_335"}, "complies", ""),
        ({**WHEAT, "field_soil_type": "none"}, "undetermined", "soil type of an arable field"),
        # clay is not taken for firm where nobody says so
        (
            {**WHEAT, "field_soil_type": "zeeklei", "field_leaching_sensitive": "unknown"},
            "undetermined",
            "whether the soil of a field is sensitive to leaching (uitspoelingsgevoelig)",
        ),
        # sensitive arable land has one norm for all soils
        ({"crop_crop": "nl_233", "field_leaching_sensitive": "leaching_sensitive"}, "complies", ""),
        (
            {**GRASS, "crop_crop": "other"},
            "undetermined",
            "what grows on a field (grassland, arable land or nature land)",
        ),
        ({**GRASS, "field_known": False}, "undetermined", "fields of a farm with land"),
        (
            {**GRASS, "crop_crop": "nl_258", "crop_area_ha": nan, "soil_type": "veen"},
            "undetermined",
            "area of a legume",
        ),
    ]
    simulation = minas_farms(system, "2003", *(farm for farm, _, _ in cases))
    assert found(simulation, "minas_verdict", "2003") == [verdict for _, verdict, _ in cases]
    assert found(simulation, "minas_undetermined_because", "2003") == [words for _, _, words in cases]


@pytest.mark.law("Meststoffenwet (2005-07-01) bijlage F")
@pytest.mark.parametrize(
    ("animal", "count", "nitrogen"),
    [
        # the forfait is of the number, not of the housing
        ("nl_411_slurry_other", 100, 1170),
        ("nl_411_solid_low_emission", 100, 1170),
        ("nl_301_aviary", 1000, 676),
        # no forfait was read for category 120, nor does a German category have one
        ("nl_120_slurry", 10, math.nan),
        ("nl_120_slurry", 0, 0),
        ("schweinemast_mastschwein_von_28_bis_118_kg_lm_850_g_tageszunahme_universal", 10, math.nan),
        ("nl_411_slurry_other", math.nan, math.nan),
    ],
)
def test_production_is_animals_times_the_forfait_of_their_number(
    system: Any, animal: str, count: float, nitrogen: float
) -> None:
    from openfisca_core.simulations import SimulationBuilder

    situation = {
        "entries": {"herd": {"herd_animal": {"2004": animal}, "herd_count": {"2004": count}}},
        "farms": {
            "farm": {
                "herds": ["herd"],
                "farm_year_known": {"2004": True},
                "country": {"2004": "NL"},
                "utilised_area_ha": {"2004": 0},
                "minas_assessment": {"2004": "forfaitary"},
            }
        },
    }
    simulation = SimulationBuilder().build_from_entities(system, situation)
    made = simulation.calculate("minas_production_nitrogen", "2004")[0]
    assert made == pytest.approx(nitrogen, nan_ok=True)
    words = "number of animals, or a forfait of an animal category in annex F" if math.isnan(nitrogen) else ""
    assert found(simulation, "minas_undetermined_because", "2004") == [words]


@pytest.mark.parametrize(
    ("period", "verdict", "words"),
    [
        ("1997", "not_assessed", "MINAS began on 1.1.1998"),
        ("1998", "not_assessed", "the norms of 1998 to 2001 are not in the sources"),
        ("2001", "not_assessed", "the norms of 1998 to 2001 are not in the sources"),
        ("year:2001-12", "not_assessed", "the norms of 1998 to 2001 are not in the sources"),
        ("2002", "exceeds", ""),
        ("year:2002-02", "exceeds", ""),
        ("year:2004-12", "exceeds", ""),
        ("2005", "exceeds", ""),
        ("year:2005-02", "not_assessed", "MINAS ended on 31.12.2005"),
        ("2006", "not_assessed", "MINAS ended on 31.12.2005"),
        ("2024", "not_assessed", "MINAS ended on 31.12.2005"),
    ],
)
def test_nothing_is_computed_of_a_year_with_a_day_outside_2002_to_2005(
    system: Any, period: str, verdict: str, words: str
) -> None:
    simulation = minas_farms(system, period, {**GRASS, "feed": 500, "phosphate": 500})
    assert found(simulation, "minas_verdict", period) == [verdict]
    assert found(simulation, "minas_undetermined_because", period) == [words]
    assert found(simulation, "minas_obliged", period) == [verdict == "exceeds"]
    names = [
        name
        for name, variable in system.variables.items()
        if name.startswith("minas_") and variable.entity.key == "farm" and variable.value_type is float
    ]
    assert len(names) > 50
    for name in names:
        missing = math.isnan(simulation.calculate(name, period)[0])
        assert missing == (verdict == "not_assessed"), name


def test_only_farms_in_the_netherlands_that_the_data_know_are_assessed(system: Any) -> None:
    farms = [GRASS | {"country": "NL"}, GRASS | {"country": "DE"}, GRASS | {"farm_year_known": False}]
    for year, verdict, words in (
        ("2005", "complies", ""),
        ("2006", "not_assessed", "MINAS ended on 31.12.2005"),
    ):
        simulation = minas_farms(system, year, *farms)
        assert found(simulation, "minas_verdict", year) == [verdict, "not_assessed", "not_assessed"]
        assert found(simulation, "minas_undetermined_because", year) == [words, "", ""]


@pytest.mark.law("Meststoffenwet (2005-07-01) art. 33")
def test_intermediaries_are_taxed_at_9_euro_per_kg_of_phosphate() -> None:
    value = load_parameters().children["nl"].children["minas"].children["levies"].children["intermediary_p2o5"]
    assert [value.get_at_instant(day) for day in ("2001-12-31", "2002-01-01", "2005-12-31", "2006-01-01")] == [
        None,
        9,
        9,
        None,
    ]


@pytest.mark.law("Meststoffenwet (2005-07-01) bijlage D art. D5 lid 2")
def test_land_with_several_field_vegetables_has_an_exception_of_205_kg_in_2004_and_2005() -> None:
    value = load_parameters().children["nl"].children["minas"].children["vegetables"].children["n"]
    assert [value.get_at_instant(day) for day in ("2003-12-31", "2004-01-01", "2005-12-31", "2006-01-01")] == [
        None,
        205,
        205,
        None,
    ]


@pytest.mark.law("Meststoffenwet (2005-07-01) bijlage A")
def test_three_categories_of_cattle_have_livestock_units() -> None:
    rows = tables()["nl.minas.livestock_units"].rows
    assert {row: cells["livestock_units"] for row, cells in rows.items()} == {"100": 1.0, "101": 0.22, "102": 0.439}
