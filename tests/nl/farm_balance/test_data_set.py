"""The farm balance of a data set: the same as of its farms one by one, whatever the order of roles and fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openfisca_stoffenbalans import balance, read_dataset

TABLES = {
    "farms": """
farm_id,year_start,country,utilised_area_ha,region,soil_type,derogation,milk_kg,milk_protein_pct,milk_urea_mg_per_100g,phosphate_rights_kg,housing_storage_n_loss_kg,deposition_n_kg_per_ha
dairy,2015-01-01,NL,50,NL411,dekzand,true,820000,3.5,22,5000,2000,25
dairy,2025-01-01,NL,50,NL411,dekzand,,820000,3.5,22,5000,2000,25
arable,2025-01-01,NL,10,NL423,zeeklei,,,,,,,20
abroad,2025-01-01,DE,10,DE94,,,,,,,,
""",
    "herds": """
farm_id,year_start,animal,count,manure_system,n_excretion_kg,p2o5_excretion_kg
dairy,2015-01-01,nl_100_slurry,100,slurry,,
dairy,2015-01-01,nl_101_slurry,30,slurry,,
dairy,2025-01-01,nl_100_slurry,100,slurry,12000,4200
""",
    "flows": """
farm_id,year_start,direction,category,product,amount,unit,n_content,p2o5_content,content_source,crude_protein_pct
dairy,2015-01-01,removal,animal_product,nl_milk,820,t,,1,measurement,
dairy,2025-01-01,removal,animal_product,nl_milk,820,t,,1,measurement,3.19
dairy,2025-01-01,removal,animal_manure,nl_m_14,1000,t,,,,
arable,2025-01-01,supply,animal_manure,nl_m_50,250,t,,,,
""",
    "stocks": """
farm_id,year_start,category,product,opening,closing,unit
dairy,2025-01-01,manure,nl_m_14,300,500,t
arable,2025-01-01,feed,nl_m_14,0,0,t
""",
    "fields": """
farm_id,year_start,field_id,area_ha,soil_type,groundwater_class,buffer_strip
arable,2025-01-01,north,9,zeeklei,VI,false
arable,2025-01-01,ditch,1,zeeklei,VI,true
dairy,2025-01-01,home,50,dekzand,VI,false
""",
    "crops": """
farm_id,year_start,crop,area_ha,field_id,sown,dm_yield_kg_per_ha,n_g_per_kg_dm,p2o5_g_per_kg_dm
dairy,2025-01-01,nl_265,50,home,2018-03-01,10000,28,9
arable,2025-01-01,nl_233,9,north,2024-10-20,8000,20,8
""",
    "applications": """
farm_id,year_start,field_id,product,amount_kg,date,technique,nh4_n_g_per_kg
arable,2025-01-01,north,nl_m_50,250000,2025-03-20,injection,3
""",
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, system: Any) -> dict[tuple[str, int], dict[str, Any]]:
    """Result columns by farm and year."""
    folder: Path = tmp_path_factory.mktemp("farms")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text.strip() + "\n", encoding="utf-8")
    found = balance(read_dataset(folder), system, regime="nl.farm_balance").to_dicts()
    return {(row["farm_id"], row["year_start"].year): row for row in found}


def values(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


def test_the_dairy_farm_of_2015_takes_forfaits_and_the_derogation_of_its_sand(rows: Any) -> None:
    row = rows["dairy", 2015]
    # 100 cows of 8,200 kg and urea 22: 118.5 kg N, 44.1 kg P2O5; 30 calves: 36.8 and 10.2
    excreted = values(row, "nl_nitrogen_excretion", "nl_phosphate_excretion", "nl_dairy_phosphate_excretion")
    assert excreted == pytest.approx([12954, 4716, 4716], abs=1e-6)
    # 50 ha x 230 on sand in Noord-Brabant
    assert values(row, "nl_animal_manure_limit", "nl_animal_manure_verdict") == [11500, "exceeds"]
    # 820,000 x 0.035 / 6.38
    assert row["nl_farm_removal_nitrogen"] == pytest.approx(4498.432601880878, abs=1e-6)
    # 5,000 - 4,716; whether there were phosphate rights in 2015 is not known.
    assert values(row, "nl_phosphate_rights_headroom", "nl_phosphate_rights_verdict") == [
        pytest.approx(284, abs=1e-6),
        "undetermined",
    ]
    # 100 x 1.0 + 30 x 0.220
    assert row["nl_livestock_units"] == pytest.approx(106.6, abs=1e-9)


def test_the_dairy_farm_of_2025_takes_what_it_declares_and_its_stocks(rows: Any) -> None:
    row = rows["dairy", 2025]
    # 12,000 - 1,000 x 4 + (300 - 500) x 4
    assert values(row, "nl_animal_manure_nitrogen", "nl_animal_manure_limit") == [7200, 8500]
    # 820,000 x 0.0319 / 6.38 + 4,000; 200 x 4
    assert values(row, "nl_farm_removal_nitrogen", "nl_farm_stock_increase_nitrogen") == pytest.approx(
        [8100, 800], abs=1e-6
    )
    # Nothing supplied but 50 ha x 25 of deposition
    assert row["nl_farm_surplus_nitrogen"] == pytest.approx(1250 - 8100 - 800, abs=1e-6)
    # nothing spread, 50 ha x 10,000 kg x 9 g cut
    assert row["nl_soil_surplus_phosphate"] == pytest.approx(-4500, abs=1e-6)


def test_the_arable_farm_closes_and_loses_the_room_of_its_buffer_strip(rows: Any) -> None:
    row = rows["arable", 2025]
    # 250 t x 6.4; 9 ha x 170
    used = values(row, "nl_animal_manure_nitrogen", "nl_animal_manure_applied", "nl_animal_manure_limit")
    assert used == pytest.approx([1600, 1600, 1530], abs=1e-6)
    assert row["nl_animal_manure_verdict"] == "exceeds"
    # The grain is not sold and not in store: 9 ha x 160 kg are in the closure.
    assert row["nl_farm_closure_nitrogen"] == pytest.approx(1440, abs=1e-6)
    # 250 x 3.8 supplied, the same spread, 9 x 8,000 x 0.008 cut
    assert values(row, "nl_farm_surplus_phosphate", "nl_soil_surplus_phosphate") == pytest.approx([950, 374], abs=1e-6)


def test_a_farm_abroad_is_not_assessed_and_its_missing_amounts_are_not_named(rows: Any) -> None:
    row = rows["abroad", 2025]
    assert row["nl_animal_manure_verdict"] == "not_assessed"
    assert values(row, "nl_farm_undetermined_because", "nl_manure_act_undetermined_because") == ["", ""]
