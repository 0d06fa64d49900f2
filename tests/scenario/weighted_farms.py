"""Random data sets with weights, farm types and regions, as a sample of farms has them."""

from __future__ import annotations

import datetime
from pathlib import Path
from random import Random
from typing import Any

from openfisca_stoffenbalans.dataset import DataSet
from tests.random_farms import TABLES, Rows, amount, as_dataset, complete, fill, random_rows

TYPES = ("arable", "dairy", "mixed", "pigs_poultry", None)
REGIONS = ("DE111", "DE112", "DE949", "DEA2", None)
WEIGHTS = (0.001, 0.5, 1, 1, 2.25, 7.125, 40)
STARTS = (1, 1, 1, 7, 7, 10)


def weigh(random: Random, rows: Rows, weights: tuple[float, ...] = WEIGHTS) -> Rows:
    """The rows with a weight, a farm type and a region for every farm-year."""
    of_farm: dict[str, dict[str, Any]] = {}
    for row in rows["farms"]:
        kind = {"farm_type": random.choice(TYPES), "region": random.choice(REGIONS)}
        row.update(of_farm.setdefault(row["farm_id"], kind), weight=random.choice(weights))
    return rows


def weighted_dataset(seed: int, folder: Path, farms: int = 8) -> DataSet:
    """Farms with empty cells, gaps between years and two balance years, on and beside the limits."""
    random = Random(seed)
    return as_dataset(weigh(random, random_rows(random, farms)), folder)


def moved(key: dict[str, Any], kg: float) -> dict[str, Any]:
    """So many kilograms of nitrogen bought as fertiliser, or sold with plants when there are fewer than none."""
    way = {"direction": "supply", "category": "mineral_fertiliser"}
    if kg < 0:
        way = {"direction": "removal", "category": "plant_product"}
    flow = {"amount": abs(kg), "unit": "kg", "n_content": 1, "content_source": "label"}
    return {**key, **way, **flow, "p_content": 0.01, "p2o5_content": 0.02}


def wheat(key: dict[str, Any], tonnes: float) -> dict[str, Any]:
    """Wheat sold, its contents by the law's table."""
    flow = {"direction": "removal", "category": "plant_product", "product": "de_t1_weizen_rp12_korn"}
    return {**key, **flow, "amount": tonnes, "unit": "t"}


def sample_rows(random: Random, farms: int, weights: tuple[float, ...] = WEIGHTS) -> Rows:
    """Many farms with what an assessment needs, the surpluses of 2018 to 2020 on both sides of the limits."""
    rows: Rows = {table: [] for table in TABLES}
    for number in range(farms):
        month, level = random.choice(STARTS), random.uniform(0, 300)
        area = random.choice((5, 20, 30, 75.5, amount(random, 120) + 1))
        inside, method = random.random() < 0.85, random.choice(("flat", "flat", "farm_specific"))
        for year in range(random.choice((2018, 2018, 2018, 2018, 2019)), 2021):
            key = {"farm_id": f"farm {number}", "year_start": datetime.date(year, month, 1)}
            losses = random.choice((0, 0, 0, amount(random, 500)))
            farm = {**key, "country": "DE", "utilised_area_ha": area, "has_biogas_plant": False}
            rows["farms"].append({**farm, "assessment_method": method, "unavoidable_losses_n_kg": losses})
            if inside:
                complete(random, rows, key, area)
            if random.random() < 0.2:
                fill(random, rows, key, area, True)
            if random.random() < 0.7:
                rows["flows"].append(wheat(key, amount(random, 5 * area)))
            rows["flows"].append(moved(key, round(level * area * random.uniform(0.8, 1.2), 1)))
    return weigh(random, rows, weights)


def on_limit_rows(per_ha: dict[str, float], method: str = "flat", month: int = 1, area: float = 50) -> Rows:
    """Farms whose balance is exactly so many kg N per ha in each of 2018 to 2020."""
    rows: Rows = {table: [] for table in TABLES}
    animal = "mutterkuhhaltung_6_monate_saeugezeit_500_kg_lm"
    herd = {"animal": animal, "count": 100, "manure_system": "slurry", "livestock_units": 300}
    for farm, surplus in per_ha.items():
        for year in range(2018, 2021):
            key = {"farm_id": farm, "year_start": datetime.date(year, month, 1)}
            rows["farms"].append({**key, "country": "DE", "utilised_area_ha": area, "assessment_method": method})
            rows["herds"].append({**key, **herd, "grazing_days": 0})
            rows["flows"].append(moved(key, surplus * area))
    return rows


def joined(*parts: Rows) -> Rows:
    """The rows of several sets of farms."""
    return {table: [row for rows in parts for row in rows[table]] for table in TABLES}
