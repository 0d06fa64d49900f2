"""Random data sets with farms placed exactly on and beside every limit, as rows of the contract's tables."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import polars

from openfisca_stoffenbalans import codes
from openfisca_stoffenbalans.dataset import DataSet, read_dataset
from tests.oracle.stoffbilv import compute

Rows = dict[str, list[dict[str, Any]]]

TABLES = ("farms", "flows", "herds", "crops", "applications")
STARTS = ((1, 0.5), (7, 0.35), (10, 0.15))
BESIDE = (Fraction(-2, 1000), Fraction(0), Fraction(2, 1000))

SUPPLY = (
    "mineral_fertiliser",
    "animal_manure",
    "other_organic_fertiliser",
    "soil_improver",
    "growing_medium",
    "plant_aid",
    "feed",
    "seed",
    "livestock",
    "other",
)
REMOVAL = (*SUPPLY, "plant_product", "animal_product")
PRODUCTS = [code for code in codes.PRODUCTS.values() if code.table.startswith("de.")]
ANIMALS = [code.code for code in codes.ANIMALS.values() if code.table.startswith("de.")]
CROPS = [code.code for code in codes.CROPS.values() if code.table.startswith("de.")]
ROUGHAGE = [code.code for code in PRODUCTS if code.code.startswith(("de_t3_", "de_t1_silomais", "de_t4_getreide_gps"))]


def amount(random: Random, high: float) -> float:
    """A decimal amount with up to three digits."""
    return round(random.uniform(0, high), random.choice((0, 1, 3)))


def maybe(random: Random, share: float, value: Any) -> Any:
    return value if random.random() < share else None


def farm_row(random: Random, farm_id: str, start: datetime.date, area: float) -> dict[str, Any]:
    biogas = random.random() < 0.25
    return {
        "farm_id": farm_id,
        "year_start": start,
        "country": "DE",
        "utilised_area_ha": area,
        "has_biogas_plant": biogas,
        "linked_to_livestock_farm": random.random() < 0.6,
        "biogas_plant_substrate_n_kg": maybe(random, 0.8, amount(random, 3000)) if biogas else None,
        "biogas_substrate_n_kg": maybe(random, 0.8, amount(random, 5000)) if biogas else None,
        "roughage_n_removal_kg": maybe(random, 0.1, amount(random, 4000)),
        "manure_received_previous_year_n_kg": maybe(random, 0.1, random.choice((749.998, 750, 750.002, 400))),
        "own_manure_previous_year_n_kg": maybe(random, 0.1, random.choice((749.998, 750, 750.002, 400))),
        "assessment_method": random.choice(("flat", "farm_specific")),
        "unavoidable_losses_n_kg": random.choice((0, 0, 0, amount(random, 500))),
    }


def flow_row(random: Random) -> dict[str, Any]:
    direction = random.choice(("supply", "removal"))
    category = random.choice(SUPPLY if direction == "supply" else REMOVAL)
    code = random.choice(PRODUCTS)
    if category == "animal_manure":
        code = random.choice([code for code in PRODUCTS if code.form])
    if category in ("feed", "plant_product") and random.random() < 0.4:
        code = codes.PRODUCTS[random.choice(ROUGHAGE)]
    product = None if random.random() < 0.1 else code.code
    unit = code.unit if code.unit in ("m3", "1000_pieces") and product else random.choice(("t", "dt", "kg"))
    row: dict[str, Any] = {"direction": direction, "category": category, "product": product, "unit": unit}
    row["amount"] = amount(random, {"t": 80, "dt": 800, "kg": 80000, "m3": 500, "1000_pieces": 300}[unit])
    if random.random() < 0.02:
        row["amount"] = 0
    if random.random() < 0.45:
        high = {"t": 60, "dt": 6, "kg": 0.06, "m3": 6, "1000_pieces": 1.5}[unit]
        row["n_content"] = maybe(random, 0.9, round(random.uniform(0, high), 4))
        row["p_content"] = maybe(random, 0.4, round(random.uniform(0, high / 4), 4))
        row["p2o5_content"] = maybe(random, 0.4, round(random.uniform(0, high / 2), 4))
        row["content_source"] = random.choice(("label", "measurement", "authority"))
    row["dry_matter_pct"] = maybe(random, 0.15, round(random.uniform(5, 95), 1))
    row["weight_basis"] = maybe(random, 0.3, random.choice(("live", "slaughter")))
    row["animal_sex"] = maybe(random, 0.3, random.choice(("all", "male", "female", "dairy_cow")))
    row["farm_manure"] = maybe(random, 0.2, random.random() < 0.5)
    return row


def herd_row(random: Random) -> dict[str, Any]:
    return {
        "animal": random.choice(ANIMALS),
        "count": random.choice((0, amount(random, 5), amount(random, 60), amount(random, 3000))),
        "manure_system": random.choice(("slurry", "solid")),
        "grazing_days": maybe(random, 0.3, random.choice((0, 120, 180, 365))),
        "livestock_units": maybe(random, 0.5, amount(random, 60)),
        "n_excretion_kg": maybe(random, 0.2, amount(random, 5000)),
        "p2o5_excretion_kg": maybe(random, 0.2, amount(random, 2000)),
    }


def crop_row(random: Random) -> dict[str, Any]:
    return {
        "crop": random.choice((*CROPS, "winter wheat")),
        "area_ha": amount(random, 12),
        "yield_dt_per_ha": maybe(random, 0.4, amount(random, 400)),
    }


def application_row(random: Random) -> dict[str, Any]:
    material = random.choice(("cattle", "pigs", "poultry", "other_animals", "digestate", "other_organic"))
    return {
        "material": material,
        "form": "slurry" if material == "digestate" else random.choice(("slurry", "solid")),
        "origin": random.choice(("own", "received")),
        "n_kg": amount(random, 4000),
    }


def place_livestock_units(random: Random, rows: Rows, key: dict[str, Any], area: float) -> None:
    """One herd whose declared units lie on or 0.002 beside the 50 units or the 2.5 units per ha."""
    limit = random.choice((Fraction(50), Fraction(5, 2) * Fraction(repr(area))))
    herd = {**herd_row(random), "livestock_units": float(max(Fraction(0), limit + random.choice(BESIDE)))}
    rows["herds"].append({**key, **herd})


def place_received_manure(random: Random, rows: Rows, key: dict[str, Any]) -> None:
    """Received manure with its nitrogen on or 2 g beside 750 kg."""
    kg = float(750 + random.choice(BESIDE))
    flow = {"direction": "supply", "category": "animal_manure", "amount": kg, "unit": "kg", "n_content": 1}
    rows["flows"].append({**key, **flow, "content_source": "measurement", "p_content": 0})


def place_balance(random: Random, rows: Rows, farm_id: str, start: datetime.date) -> None:
    """Fertiliser in a year that puts its three-year mean on or 2 g beside one of the two limits."""
    result = next(row for row in compute(rows) if row["farm_id"] == farm_id and row["year_start"] == start)
    years, mean, per_ha = (
        result[f"stoffbilv_{name}"] for name in ("known_years", "mean_balance", "mean_balance_per_ha")
    )
    flat, own = result["stoffbilv_headroom_flat"], result["stoffbilv_headroom_farm_specific"]
    if not years or mean is None:
        return
    if flat is not None and random.random() < 0.5:
        hectares = mean / per_ha if per_ha else Fraction(0)
        lacking = (flat + random.choice(BESIDE) * hectares) * years
    elif own is not None:
        lacking = (own + random.choice(BESIDE)) * years
    else:
        return
    direction = "supply" if lacking >= 0 else "removal"
    flow = {"direction": direction, "category": "other", "amount": float(abs(lacking)), "unit": "kg", "n_content": 1}
    rows["flows"].append(
        {"farm_id": farm_id, "year_start": start, **flow, "content_source": "label", "p2o5_content": 0}
    )


def random_rows(random: Random, farms: int = 6) -> Rows:
    """A valid data set of a few farms, with empty cells, gaps between years and farms on the limits."""
    rows: Rows = {table: [] for table in TABLES}
    series = []
    for number in range(farms):
        farm_id = f"farm {number}"
        months = random.choices([month for month, _ in STARTS], [share for _, share in STARTS])
        if random.random() < 0.1:
            months.append(4)
        for month in months:
            first = random.choice((2016, 2017, 2018, 2018, 2019, 2020, 2022, 2023))
            area = random.choice((0, 20, 20.002, 30, 30.002, 12.5, amount(random, 80)))
            plain = random.random() < 0.5
            for year in range(first, first + random.choice((1, 3, 3, 4, 5))):
                if random.random() < 0.08 and not plain:
                    continue
                key = {"farm_id": farm_id, "year_start": datetime.date(year, month, 1)}
                if random.random() < 0.3:
                    area = random.choice((area, 20, 30, 29.998))
                rows["farms"].append(farm_row(random, farm_id, key["year_start"], area))
                fill(random, rows, key, area, plain)
                series.append((farm_id, key["year_start"]))
    for farm_id, start in series:
        if random.random() < 0.5:
            place_balance(random, rows, farm_id, start)
    random.shuffle(rows["flows"])
    return rows


def complete(random: Random, rows: Rows, key: dict[str, Any], area: float) -> None:
    """What a farm needs so that its balance is assessed: many animals, and no input left out."""
    farm = rows["farms"][-1]
    if farm["has_biogas_plant"]:
        farm.update(biogas_plant_substrate_n_kg=amount(random, 3000), biogas_substrate_n_kg=amount(random, 5000))
    animal = random.choice([animal for animal in ANIMALS if animal.startswith("mutterkuh")])
    herd = {"animal": animal, "count": amount(random, 60), "manure_system": random.choice(("slurry", "solid"))}
    rows["herds"].append({**key, **herd, "livestock_units": 3 * area + 51, "grazing_days": random.choice((0, 150))})
    rows["applications"].append({**key, **application_row(random), "origin": "received"})


def fill(random: Random, rows: Rows, key: dict[str, Any], area: float, plain: bool) -> None:
    """The lines of one farm-year; a plain one has fewer and declares more, so that verdicts are reached."""
    for _ in range(random.randint(0, 2 if plain else 6)):
        flow = flow_row(random)
        if plain and not flow.get("n_content"):
            flow.update(n_content=0.01, content_source="label", p_content=0.001)
        rows["flows"].append({**key, **flow})
    if plain:
        complete(random, rows, key, area)
    for _ in range(0 if plain else random.randint(0, 3)):
        rows["herds"].append({**key, **herd_row(random)})
    if random.random() < 0.4:
        place_livestock_units(random, rows, key, area)
    if random.random() < 0.3:
        place_received_manure(random, rows, key)
    for _ in range(random.choice((0, 0, 1, 3))):
        rows["crops"].append({**key, **crop_row(random)})
    for _ in range(random.choice((0, 0, 1, 3))):
        rows["applications"].append({**key, **application_row(random)})


def as_dataset(rows: Rows, folder: Path) -> DataSet:
    """The rows written as CSV and read as a user's data set."""
    for table, lines in rows.items():
        if lines:
            names = list(dict.fromkeys(name for line in lines for name in line))
            text = [{name: cell(line.get(name)) for name in names} for line in lines]
            polars.DataFrame(text, schema=dict.fromkeys(names, polars.String)).write_csv(folder / f"{table}.csv")
        else:
            (folder / f"{table}.csv").unlink(missing_ok=True)
    return read_dataset(folder)


def cell(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
