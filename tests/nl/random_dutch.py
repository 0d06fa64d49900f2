"""Random Dutch farms with all tables of the contract: land, flows, stocks, herds, milk and zones beside the fields."""

from __future__ import annotations

from typing import Any

from numpy.random import Generator, default_rng

from openfisca_stoffenbalans import codes
from tests.nl import soil_balance_numbers as numbers
from tests.nl.random_fields import Row, Tables, amount, application_row, crop_rows, field_row, maybe, one_of

COWS = ("nl_100_slurry", "nl_100_solid", "nl_101_slurry", "nl_102_slurry")
ANIMALS = [name for name in codes.ANIMALS if name.startswith("nl_")]
PRODUCTS = [name for name in codes.PRODUCTS if name.startswith(("nl_j_", "nl_m_", "nl_f_"))]
CATEGORIES = ("mineral_fertiliser", "animal_manure", "feed", "plant_product", "animal_product", "livestock", "other")
TYPES = ("dairy", "pigs_poultry", "arable", "mixed", "grazing_livestock")
REGIONS = ("NL225", "NL221", "NL413", "NL414", "NL310", "NL125")


def flow_row(random: Generator, whole: float) -> Row:
    direction = one_of(random, ("supply", "supply", "removal"))
    of = [name for name in CATEGORIES if direction == "removal" or not name.endswith("_product")]
    content = random.random() < whole
    return {
        "direction": direction,
        "category": one_of(random, of),
        "product": maybe(random, 0.7, one_of(random, PRODUCTS)) if content else one_of(random, PRODUCTS),
        "amount": amount(random, 250 if direction == "supply" else 120),
        "unit": "t",
        "n_content": amount(random, 40) if content else maybe(random, 0.2, amount(random, 40)),
        "p2o5_content": amount(random, 12) if content else maybe(random, 0.2, amount(random, 12)),
        "content_source": "measurement",
    }


def stock_row(random: Generator, whole: float) -> Row:
    content = random.random() < whole
    return {
        "category": one_of(random, ("feed", "fertiliser", "manure", "plant_product", "other")),
        "product": maybe(random, 0.8, one_of(random, PRODUCTS)),
        "opening": amount(random, 60),
        "closing": amount(random, 60),
        "unit": "t",
        "n_content": amount(random, 20) if content else None,
        "p2o5_content": amount(random, 9) if content else None,
        "content_source": "measurement",
    }


def herd_row(random: Generator, cows: bool, whole: float) -> Row:
    animal = one_of(random, COWS if cows else ANIMALS)
    full = random.random() < whole
    return {
        "animal": animal,
        "count": one_of(random, (0, amount(random, 20), amount(random, 300))),
        "manure_system": "solid" if "solid" in animal else "slurry",
        "grazing_days": maybe(random, 0.4, 150),
        "livestock_units": amount(random, 200) if full else maybe(random, 0.2, amount(random, 200)),
        "n_excretion_kg": amount(random, 12000) if full else maybe(random, 0.3, amount(random, 9000)),
        "p2o5_excretion_kg": amount(random, 4000) if full else maybe(random, 0.3, amount(random, 3000)),
    }


def zone(random: Generator) -> bool | None:
    return one_of(random, (True, False, False, False, None))


def farm_row(random: Generator, area: float, milk: bool, whole: float) -> Row:
    return {
        "country": "NL",
        "utilised_area_ha": area,
        "soil_type": maybe(random, 0.9, one_of(random, [one for one in numbers.SOIL_GROUPS if one])),
        "deposition_n_kg_per_ha": maybe(random, max(0.8, whole), amount(random, 35)),
        "milk_kg": one_of(random, (None, 0)) if not milk else maybe(random, max(0.8, whole), amount(random, 1_500_000)),
        "milk_fat_pct": maybe(random, max(0.8, whole), amount(random, 5)),
        "milk_protein_pct": maybe(random, max(0.8, whole), amount(random, 4)),
        "derogation": bool(random.random() < 0.3),
        **{f"{name}_zone": zone(random) for name in ("natura_2000", "groundwater_protection", "nutrient_polluted")},
        "derogation_free_zone": zone(random),
        "phosphate_rights_kg": maybe(random, 0.6, amount(random, 9000)),
        "housing_storage_n_loss_kg": maybe(random, max(0.4, whole), amount(random, 3000)),
        "minas_assessment": one_of(random, ("refined", "forfaitary")),
    }


def whole_fields(random: Generator, tables: Tables, key: Row, number: int, year: int) -> float:
    """A farm's fields with crops and spreadings of which nothing is missing; their area."""
    areas = [amount(random, 20) + 0.01 for _ in range(number)]
    for place, area in enumerate(areas):
        of = {**key, "field_id": f"field {place}"}
        soil = one_of(random, [one for one in numbers.SOIL_GROUPS if one])
        group = one_of(random, [one for one in numbers.STEP_OF_CLASS if one])
        tables["fields"].append({**of, "area_ha": area, "soil_type": soil, "groundwater_class": group})
        crop = {"crop": one_of(random, ("nl_265", "nl_259", "nl_233", "nl_266")), "area_ha": area, "harvested": True}
        yields = {"dm_yield_kg_per_ha": amount(random, 16000), "n_g_per_kg_dm": amount(random, 25)}
        p2o5 = {"p2o5_g_per_kg_dm": amount(random, 9)}
        tables["crops"].append({**of, **crop, **yields, **p2o5, "residue_left": bool(random.random() < 0.5)})
        spread = {"amount_kg": round(area * amount(random, 30000), 1), "technique": "shallow_injection"}
        contents = {"n_g_per_kg": 4 + amount(random, 3), "nh4_n_g_per_kg": 2, "p2o5_g_per_kg": amount(random, 2)}
        dated = {"date": f"{year}-04-0{1 + place % 9}", "fertiliser_type": "manure", "product": "nl_m_14"}
        tables["applications"].append({**of, **spread, **contents, **dated})
    return sum(areas)


def torn_fields(random: Generator, tables: Tables, key: Row, number: int, year: int) -> None:
    """Fields, crops and spreadings as they come."""
    for place in range(number):
        of = {**key, "field_id": f"field {place}"}
        field = field_row(random, year)
        tables["fields"].append({**of, **field})
        for _ in range(int(random.integers(0, 3))):
            tables["crops"].extend({**of, **row} for row in crop_rows(random, year, field["area_ha"]))
        for _ in range(int(random.integers(0, 3))):
            tables["applications"].append({**of, **application_row(random, year, field["area_ha"])})


def farm_year(random: Generator, tables: Tables, key: Row, year: int, whole: float, own: Row) -> None:
    """A farm in a balance year; `whole`: the share of its inputs that is there."""
    full = random.random() < whole
    if full:
        area: Any = round(whole_fields(random, tables, key, int(random.integers(1, 4)), year), 2)
    else:
        torn_fields(random, tables, key, int(random.integers(0, 4)), year)
        area = one_of(random, (0, 10, amount(random, 90), amount(random, 90)))
    cows = random.random() < 0.5
    milk = cows or random.random() < 0.1
    tables["farms"].append({**key, **farm_row(random, area, milk, float(full)), **own})
    share = 1.0 if full else 0.5
    for _ in range(int(random.integers(0, 5))):
        tables["flows"].append({**key, **flow_row(random, share)})
    for _ in range(int(random.integers(0, 3))):
        tables["stocks"].append({**key, **stock_row(random, share)})
    for _ in range(int(random.integers(1, 3)) if cows else int(random.integers(0, 2))):
        tables["herds"].append({**key, **herd_row(random, cows, share)})


def random_dutch(seed: int, farms: int, years: tuple[int, ...] = (2023, 2024), whole: float = 0.7) -> Tables:
    """The tables of so many farms, weighted, in these calendar years."""
    random = default_rng(seed)
    tables: Tables = {name: [] for name in ("farms", "fields", "crops", "applications", "flows", "stocks", "herds")}
    for number in range(farms):
        own = {
            "weight": one_of(random, (1, 1, 2.5, round(float(random.uniform(1, 40)), 3))),
            "farm_type": one_of(random, TYPES),
            "region": one_of(random, REGIONS),
        }
        for year in years:
            if random.random() < 0.05:
                continue
            key = {"farm_id": f"farm {number}", "year_start": f"{year}-01-01"}
            farm_year(random, tables, key, year, whole, own)
    return tables
