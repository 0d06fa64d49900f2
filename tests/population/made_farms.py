"""Farms made by hand whose entries are possible together, and their files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

YEARS = (2021, 2022, 2023)
Farm = dict[str, list[dict[str, Any]]]

COWS = "milcherzeugung_schwere_rassen_ackerfutterbau_mit_weidegang_8_000_ecm"
YOUNG = "jungrinderaufzucht_ackerfutterbau_mit_weide"
PIGS = "schweinemast_mastschwein_von_28_bis_118_kg_lm_850_g_tageszunahme_np_red"


def flow(direction: str, category: str, n: float, unit: str = "t", amount: float = 100, **more: Any) -> dict[str, Any]:
    """A flow whose amount holds `n` kg N."""
    # Feed holds as much phosphate as nitrogen, so that only nitrogen is scarce.
    p2o5 = n / amount if category == "feed" else 0
    contents = {"n_content": n / amount, "p2o5_content": p2o5, "content_source": "label"}
    return {"direction": direction, "category": category, "amount": amount, "unit": unit, **contents, **more}


def german_dairy() -> Farm:
    """Excretion 60 x 117 + 40 x 48 = 8,940 kg N; milk 480 t x 5.3 = 2,544; sold 300: the animals need 11,784 kg N.

    Grown: grass 30 ha x 90 dt x 2.40 = 6,480; maize 20 x 450 x 0.47 = 4,230; wheat 10 x 80 x 1.81 = 1,448, of which
    700 dt (1,267) are sold; with 900 of feed bought there are 11,791. Phosphate: 60 x 42 + 40 x 15.5 + 480 x 2.3 =
    4,244 kg; grown 2,700 dt x 0.71 + 9,000 x 0.18 + 100 x 0.80 = 3,617, bought 900.
    """
    return {
        "farms": [{"country": "DE", "farm_type": "dairy", "region": "DE9", "utilised_area_ha": 60, "weight": 10}],
        "herds": [
            {"animal": COWS, "count": 60, "manure_system": "slurry", "grazing_days": 120},
            {"animal": YOUNG, "count": 40, "manure_system": "slurry"},
        ],
        "crops": [
            {"crop": "permanent_grassland", "area_ha": 30, "yield_dt_per_ha": 90},
            {"crop": "silage_maize", "area_ha": 20, "yield_dt_per_ha": 450},
            {"crop": "winter_wheat", "area_ha": 10, "yield_dt_per_ha": 80},
        ],
        "flows": [
            flow("supply", "mineral_fertiliser", 6000),
            flow("supply", "feed", 900),
            flow("removal", "livestock", 300, amount=12),
            flow("removal", "animal_manure", 500, "m3", 125),
            {"direction": "removal", "category": "animal_product", "product": "de_t5_kuhmilch_3_4_rp", "amount": 480,
             "unit": "t"},
            {"direction": "removal", "category": "plant_product", "product": "de_t1_weizen_rp12_korn", "amount": 700,
             "unit": "dt"},
        ],
        "applications": [
            {"material": "cattle", "form": "slurry", "origin": "own", "n_kg": 6000, "amount_kg": 1_600_000},
        ],
    }  # fmt: skip


def german_arable() -> Farm:
    """Only wheat: 60 x 80 = 4,800 dt, of which 4,000 are sold."""
    return {
        "farms": [{"country": "DE", "farm_type": "arable", "region": "DE9", "utilised_area_ha": 60, "weight": 10}],
        "crops": [{"crop": "winter_wheat", "area_ha": 60, "yield_dt_per_ha": 80}],
        "flows": [
            flow("supply", "mineral_fertiliser", 6000),
            {"direction": "removal", "category": "plant_product", "product": "de_t1_weizen_rp12_korn", "amount": 4000,
             "unit": "dt"},
        ],
    }  # fmt: skip


def german_landless() -> Farm:
    """1,000 places x 11.7 = 11,700 kg N excreted, 8,800 sold less 2,000 bought: the pigs need 18,500."""
    return {
        "farms": [{"country": "DE", "farm_type": "pigs_poultry", "region": "DE9", "utilised_area_ha": 0, "weight": 10}],
        "herds": [{"animal": PIGS, "count": 1000, "manure_system": "slurry"}],
        "flows": [
            flow("supply", "feed", 18_800, amount=700),
            flow("supply", "livestock", 2000, amount=80),
            flow("removal", "livestock", 8800, amount=340),
            flow("removal", "animal_manure", 9000, "m3", 1800),
        ],
    }


def dutch_dairy() -> Farm:
    """Net 9,000 and lost 1,000 kg N; milk 720 t x 3.5 % / 6.38 = 3,950; sold 250: the cows need 14,200 kg N.

    Grown: 40 ha x 10,000 kg x 28 g = 11,200 and 10 ha x 15,000 kg x 11 g = 1,650; bought 1,500: together 14,350.
    """
    return {
        "farms": [
            {"country": "NL", "farm_type": "dairy", "region": "NL21", "utilised_area_ha": 50, "weight": 10,
             "soil_type": "dekzand", "deposition_n_kg_per_ha": 25, "milk_kg": 720_000, "milk_fat_pct": 4.4,
             "milk_protein_pct": 3.5, "milk_urea_mg_per_100g": 20, "derogation": "true", "phosphate_rights_kg": 3500,
             "housing_storage_n_loss_kg": 1000},
        ],
        "herds": [
            {"animal": "nl_100_slurry", "count": 80, "manure_system": "slurry", "grazing_days": 120,
             "n_excretion_kg": 9000, "p2o5_excretion_kg": 3000},
        ],
        "fields": [
            {"field_id": "home", "area_ha": 40, "groundwater_class": "VI"},
            {"field_id": "far", "area_ha": 10, "groundwater_class": "VI"},
        ],
        "crops": [
            {"crop": "nl_265", "field_id": "home", "area_ha": 40, "dm_yield_kg_per_ha": 10_000, "n_g_per_kg_dm": 28,
             "p2o5_g_per_kg_dm": 8},
            {"crop": "nl_259", "field_id": "far", "area_ha": 10, "dm_yield_kg_per_ha": 15_000, "n_g_per_kg_dm": 11,
             "p2o5_g_per_kg_dm": 4},
        ],
        "flows": [
            flow("supply", "mineral_fertiliser", 5000),
            flow("supply", "feed", 1500),
            flow("removal", "livestock", 250, amount=10),
            {"direction": "removal", "category": "animal_product", "product": "nl_milk", "amount": 720, "unit": "t",
             "p2o5_content": 2, "content_source": "label"},
        ],
        "applications": [
            {"field_id": "home", "amount_kg": 1_500_000, "fertiliser_type": "manure", "n_g_per_kg": 4,
             "nh4_n_g_per_kg": 2, "p2o5_g_per_kg": 1.5, "technique": "shallow_injection"},
        ],
    }  # fmt: skip


def dutch_arable() -> Farm:
    """Wheat: 50 ha x 8,000 kg x 20 g = 8,000 kg N, of which 7,000 are sold."""
    return {
        "farms": [{"country": "NL", "farm_type": "arable", "region": "NL23", "utilised_area_ha": 50, "weight": 10,
                   "soil_type": "zeeklei"}],
        "fields": [{"field_id": "one", "area_ha": 50}],
        "crops": [
            {"crop": "nl_233", "field_id": "one", "area_ha": 50, "dm_yield_kg_per_ha": 8000, "n_g_per_kg_dm": 20},
        ],
        "flows": [flow("removal", "plant_product", 7000, amount=350)],
    }  # fmt: skip


def written(folder: Path, farms: dict[str, Farm]) -> Path:
    """The farms as CSV files, every year the same where nothing else is said."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, farm in farms.items():
        for table, rows in farm.items():
            for row in rows:
                cells = {key: value for key, value in row.items() if key != "\0years"}
                for year in row.get("\0years", YEARS):
                    tables.setdefault(table, []).append({"farm_id": name, "year_start": f"{year}-01-01", **cells})
    for table, rows in tables.items():
        pl.DataFrame(rows, infer_schema_length=None).write_csv(folder / f"{table}.csv")
    return folder
