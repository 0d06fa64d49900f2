"""Random Dutch farms as rows of the contract's tables: everything that decides about the soil balance of a field."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from numpy.random import Generator, default_rng

from openfisca_stoffenbalans import codes
from tests.nl import soil_balance_numbers as numbers

Row = dict[str, Any]
Tables = dict[str, list[Row]]

SOILS = [*numbers.SOIL_GROUPS, None]
CLASSES = [*numbers.STEP_OF_CLASS, None]
# Grass, clover, alfalfa, a legume, maize, a catch crop: more often than the others.
COMMON = ("nl_265", "nl_266", "nl_799", "nl_258", "nl_2650", "nl_259", "nl_427", "nl_233")
ROTATIONS = [name for name in codes.Rotation.__members__ if name != "none"]
# A crop that only just stands in the weeks between 15 May and 15 July, or only just does not.
BESIDE_THE_WINDOW = [
    *((f"07-{number}", None) for number in (14, 15, 16)),
    *((None, f"05-{number}") for number in (14, 15, 16)),
]
TECHNIQUES = list(numbers.AMMONIA_OF_TECHNIQUE)
# Manure by its number has no content in these years.
PRODUCTS = [*numbers.FERTILISERS, "nl_m_14", "nl_m_50"]
TYPES = ("mineral", "manure", "compost", "other")


def maybe(random: Generator, share: float, value: Any) -> Any:
    return value if random.random() < share else None


def one_of(random: Generator, values: Sequence[Any]) -> Any:
    return values[random.integers(len(values))]


def amount(random: Generator, high: float) -> float:
    return round(float(random.uniform(0, high)), 2)


def day(random: Generator, year: int, first: int = 1, last: int = 365) -> datetime.date:
    return datetime.date(year, 1, 1) + datetime.timedelta(days=int(random.integers(first - 1, last)))


def field_row(random: Generator, year: int) -> Row:
    held = random.random()
    start = end = None
    if held < 0.2:
        start, end = maybe(random, 0.6, day(random, year, last=180)), maybe(random, 0.6, day(random, year, 181))
    elif held < 0.23:
        start, end = one_of(random, [(day(random, year + 1), None), (None, day(random, year - 1))])
    elif held < 0.35:
        start, end = day(random, year - 2), day(random, year + 1)
    return {
        "area_ha": amount(random, 12) + 0.01,
        "soil_type": one_of(random, SOILS),
        "groundwater_class": one_of(random, CLASSES),
        "buffer_strip": maybe(random, 0.5, bool(random.random() < 0.15)),
        "start": start,
        "end": end,
        "deposition_n_kg_per_ha": maybe(random, 0.7, amount(random, 35)),
    }


def crop_rows(random: Generator, year: int, area: float) -> list[Row]:
    """A crop as the rows of its cuts."""
    draw = random.random()
    code = one_of(random, COMMON if draw < 0.5 else numbers.BARE_CODES if draw < 0.58 else list(numbers.CROPS))
    sown = maybe(random, 0.8, day(random, year - (random.random() < 0.3)))
    row: Row = {
        "crop": "something else" if draw > 0.95 else code,
        "area_ha": area if random.random() < 0.7 else round(area * float(random.random()), 2),
        "sown": sown,
        "end": maybe(random, 0.8, day(random, year + (random.random() < 0.2))),
        "residue_left": one_of(random, (True, False, None)),
        "rotation": maybe(random, 0.15, one_of(random, ROTATIONS)),
        "standard_dm_yield_kg_per_ha": maybe(random, 0.1, amount(random, 9000)),
        "standard_n_g_per_kg_dm": maybe(random, 0.1, amount(random, 30)),
        "harvest_index": maybe(random, 0.1, one_of(random, (0, 0.3, 1, amount(random, 1)))),
        "residue_n_g_per_kg_dm": maybe(random, 0.1, amount(random, 320)),
        "n_fixation_kg_per_ha": maybe(random, 0.1, amount(random, 250)),
    }
    if random.random() < 0.1:
        sown, row["end"] = (day and f"{year}-{day}" for day in one_of(random, BESIDE_THE_WINDOW))
        row["sown"] = sown
    elif sown and row["end"] and row["end"] < sown:
        row["end"] = None
    cuts = 1 if random.random() < 0.7 else int(random.integers(2, 5))
    return [
        {
            **row,
            "cut": number if cuts > 1 else maybe(random, 0.3, 1),
            "harvested": maybe(random, 0.4, bool(random.random() < 0.8)),
            "dm_yield_kg_per_ha": maybe(random, 0.6, one_of(random, (0, amount(random, 16000), amount(random, 9000)))),
            "n_g_per_kg_dm": maybe(random, 0.5, amount(random, 35)),
        }
        for number in range(1, cuts + 1)
    ]


def application_row(random: Generator, year: int, area: float) -> Row:
    def declared(name: str, share: float, high: float) -> Row:
        return {name: maybe(random, share, amount(random, high))}

    bound = {**declared("nh4_n_g_per_kg", 0.3, 150), **declared("no3_n_g_per_kg", 0.3, 150)}
    least = sum(content or 0 for content in bound.values())
    return {
        "product": maybe(random, 0.85, one_of(random, PRODUCTS)),
        "amount_kg": round(area * amount(random, 40000), 1),
        "date": maybe(random, 0.9, day(random, year)),
        "technique": maybe(random, 0.93, one_of(random, TECHNIQUES)),
        "fertiliser_type": maybe(random, 0.2, one_of(random, TYPES)),
        "n_g_per_kg": maybe(random, 0.3, round(least + amount(random, 300), 2)),
        **bound,
        **declared("s_g_per_kg", 0.3, 200),
        **declared("ammonia_factor", 0.1, 0.3),
        "urease_inhibitor": maybe(random, 0.3, bool(random.random() < 0.5)),
    }


def nitrogen_row(random: Generator) -> Row:
    """Nitrogen spread without an amount of product, or beside one."""
    return {
        "material": one_of(random, ("cattle", "pigs", "poultry", "other_animals", "digestate", "other_organic")),
        "form": "slurry",
        "origin": one_of(random, ("own", "received")),
        "n_kg": amount(random, 2000),
        "product": maybe(random, 0.3, one_of(random, list(numbers.FERTILISERS))),
        "amount_kg": maybe(random, 0.5, amount(random, 90000)),
        "date": maybe(random, 0.9, datetime.date(2024, 4, 4)),
        "technique": one_of(random, TECHNIQUES),
        "nh4_n_g_per_kg": maybe(random, 0.3, 2),
    }


def random_farms(seed: int, farms: int, years: Sequence[int] = (2023, 2024)) -> Tables:
    """The tables of so many farms in these calendar years."""
    random = default_rng(seed)
    tables: Tables = {name: [] for name in ("farms", "fields", "crops", "applications")}
    for number in range(farms):
        fields = int(random.integers(0, 7))
        for year in years:
            key = {"farm_id": f"farm {number}", "year_start": f"{year}-01-01"}
            if random.random() < 0.05:
                continue
            farm = {
                "country": "NL",
                "utilised_area_ha": 100,
                "soil_type": maybe(random, 0.6, one_of(random, SOILS[:-1])),
                "deposition_n_kg_per_ha": maybe(random, 0.8, amount(random, 30)),
            }
            tables["farms"].append({**key, **farm})
            for place in [None, *range(fields)]:
                if place is not None and random.random() < 0.1:
                    continue
                of = {**key, "field_id": None if place is None else f"field {place}"}
                area = 1.0
                if place is not None:
                    field = field_row(random, year)
                    area = field["area_ha"]
                    tables["fields"].append({**of, **field})
                if place is None and random.random() < 0.8:
                    continue
                for _ in range(int(random.integers(0, 4))):
                    tables["crops"].extend({**of, **row} for row in crop_rows(random, year, area))
                for _ in range(int(random.integers(0, 4))):
                    row = nitrogen_row(random) if random.random() < 0.1 else application_row(random, year, area)
                    tables["applications"].append({**of, **row})
    return tables
