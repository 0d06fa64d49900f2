"""Years and classes without a forfait: missing, never the nearest text."""

from __future__ import annotations

import math
from typing import Any

import pytest

from openfisca_stoffenbalans.codes import ANIMALS
from openfisca_stoffenbalans.tables import tables
from openfisca_stoffenbalans.variables.nl.forfaits.tables import CLASSES, DAIRY_TABLE, LEAST, MOST
from tests.nl.farms import results

UR = "Uitvoeringsregeling Meststoffenwet"
COW = {
    "herd_animal": "nl_100_slurry",
    "herd_count": 1,
    "herd_milk_kg_per_animal": 8200,
    "herd_milk_urea_mg_per_100g": 22,
}
CALF = {"herd_animal": "nl_101_slurry", "herd_count": 1}
GERMAN = next(code for code in ANIMALS if not code.startswith("nl_"))
NAMES = ("nl_nitrogen_excretion", "nl_phosphate_excretion")


def excreted(system: Any, year: str, *herds: dict[str, Any], **farm: Any) -> list[float]:
    """Kg N and P2O5 of a farm with these herds."""
    found = results(system, year, [{"herds": list(herds), **farm}], *NAMES)
    return [one[0] for one in found]


@pytest.mark.law(f"{UR} art. 73 lid 1", f"{UR} art. 74 lid 1")
@pytest.mark.parametrize("year", ["2005", "2010", "2011", "year:2011-03", "2016", "year:2015-08", "2021", "2025"])
@pytest.mark.parametrize("herd", [COW, CALF], ids=["cow", "calf"])
def test_a_year_whose_text_was_not_found_has_no_forfait(system: Any, year: str, herd: dict[str, Any]) -> None:
    assert all(math.isnan(kg) for kg in excreted(system, year, herd))


def test_the_last_text_was_seen_on_3_july_2015_and_a_year_that_starts_two_days_before_still_has_the_one_before(
    system: Any,
) -> None:
    # Calves: 32.3 kg N and 9.6 kg P2O5 from 6 January 2015 on.
    assert excreted(system, "year:2015-07", CALF) == [32.3, 9.6]
    assert all(math.isnan(kg) for kg in excreted(system, "year:2015-08", CALF))


@pytest.mark.parametrize(
    "herd",
    [
        COW | {"herd_milk_kg_per_animal": math.nan},
        COW | {"herd_count": math.nan},
        CALF | {"herd_count": math.nan},
        CALF | {"herd_animal": GERMAN},
    ],
    ids=["no milk", "no count", "no count of calves", "animal of another country"],
)
def test_what_is_not_known_leaves_the_excretion_of_the_farm_missing(system: Any, herd: dict[str, Any]) -> None:
    assert all(math.isnan(kg) for kg in excreted(system, "2015", herd, CALF))


def test_without_urea_only_the_nitrogen_of_cows_is_missing(system: Any) -> None:
    found = excreted(system, "2015", COW | {"herd_milk_urea_mg_per_100g": math.nan})
    assert math.isnan(found[0])
    assert found[1] == 44.1


def test_phosphate_is_not_printed_for_pigs_nor_a_correction_in_kg_for_rabbits_and_geese(system: Any) -> None:
    pigs = {"herd_animal": "nl_411_slurry_other", "herd_count": 100}
    nitrogen, phosphate = excreted(system, "2015", pigs)
    # 100 x 8.9
    assert nitrogen == pytest.approx(890, abs=1e-9)
    assert math.isnan(phosphate)
    geese = {"herd_animal": "nl_29_all", "herd_count": 100}
    correction = results(system, "2015", [{"herds": [pigs]}, {"herds": [geese]}], "nl_herd_nitrogen_correction")
    # 100 x 3.6; of geese 50 % is printed, and not of what
    assert correction[0] == pytest.approx(360, abs=1e-9)
    assert math.isnan(correction[1])


def test_a_category_that_a_text_no_longer_has_is_missing_from_then_on(system: Any) -> None:
    foxes = {"herd_animal": "nl_70_all", "herd_count": 10}
    assert excreted(system, "year:2011-04", foxes)[0] == pytest.approx(20.4, abs=1e-9)
    assert math.isnan(excreted(system, "2012", foxes)[0])


def test_livestock_units_are_missing_for_animals_that_the_minas_key_lacks_and_milk_without_fat(system: Any) -> None:
    sheep = {"herd_animal": "nl_550_all", "herd_count": 20}
    farms = [{"herds": [sheep], "milk_kg": 1, "milk_protein_pct": 3.5}, {"herds": [COW]}]
    units, milk = results(system, "2024", farms, "nl_livestock_units", "nl_fpcm_kg")
    assert math.isnan(units[0])
    assert units[1] == 1
    assert all(math.isnan(kg) for kg in milk)


def test_milk_of_a_farm_without_dairy_cows_is_no_milk_of_cows(system: Any) -> None:
    goats = {"herd_animal": "nl_600_all", "herd_count": 500}
    milk = {"milk_kg": 400_000, "milk_fat_pct": 4, "milk_protein_pct": 3.5}
    herds = [[goats], [{"herd_animal": "nl_101_slurry", "herd_count": 9}], [COW | {"herd_count": 0}], [goats, COW]]
    of_goats, of_calves, of_no_cow, of_cow = results(
        system, "2024", [{"herds": herd, **milk} for herd in herds], "nl_fpcm_kg"
    )
    assert math.isnan(of_goats)
    assert math.isnan(of_calves)
    assert math.isnan(of_no_cow)
    # 400,000 x (0.337 + 0.116 x 4 + 0.06 x 3.5)
    assert of_cow == pytest.approx(404_400, abs=1e-6)
    assert results(system, "2024", [{"herds": [goats], **milk, "milk_kg": 0}], "nl_fpcm_kg") == [0]


def test_both_halves_of_table_two_have_the_same_classes_without_gaps() -> None:
    rows = tables()[DAIRY_TABLE].rows
    halves = [
        [(row["milk_from"], row["milk_to"]) for name, row in rows.items() if name.startswith(system)]
        for system in ("slurry", "solid")
    ]
    assert halves[0] == halves[1]
    assert len(halves[0]) == CLASSES == 22
    assert list(rows)[:CLASSES] == [name for name in rows if name.startswith("slurry")]
    assert [after[0] for after in halves[0][1:]] == [before[1] + 1 for before in halves[0][:-1]]
    assert (LEAST, MOST) == (14, 40)
