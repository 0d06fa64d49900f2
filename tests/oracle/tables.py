"""The printed tables of the StoffBilV and the DüV: numbers as fractions, an empty cell as None."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "law_tables" / "de"
MANURE_ROWS = FOLDER / "manure_rows.csv"

Amount = Fraction | None

SYSTEM_ID = {"slurry": "guelle_gaerrueckstaende", "solid": "festmist_jauche"}
SUFFIXES = ("_bis_2020_04", "_ab_2020_05")


@dataclass(frozen=True)
class Product:
    """One row of annex 1: kg nutrient per `reference` units of `unit` (kg for mass, m3 or 1000_pieces)."""

    table: int
    id: str
    unit: str
    reference: Fraction
    n: Amount
    p: Amount
    p2o5: Amount
    group: str = ""
    dry_matter_pct: Amount = None
    live_weight: bool = False
    slaughter_pct: dict[str, Amount] = field(default_factory=dict)


@dataclass(frozen=True)
class Animal:
    """One row of DüV annex 1 table 1: kg per animal (place) and year, livestock units per animal."""

    id: str
    species: str
    n: Amount
    p2o5: Amount
    livestock_units: Amount
    roughage_n: Amount


@dataclass(frozen=True)
class Legume:
    """One row of annex 1 table 6: kg N."""

    per_ha: Fraction
    per_dt: Fraction


@dataclass(frozen=True)
class ManureVolume:
    """One row of DüV annex 9 table 1: volume per place in six months, m3 slurry and t solid manure."""

    id: str
    slurry_m3: Amount
    solid_t: Amount
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Factor:
    """One cell of annex 4: a percentage or kg N per ha, on the days it is in force."""

    id: str
    value: Amount
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Law:
    """Every printed number the computation reads."""

    products: dict[str, Product]
    legumes: dict[str, Legume]
    animals: dict[str, Animal]
    livestock_unit_key: dict[str, Fraction]
    manure_volumes: list[ManureVolume]
    loss_coefficients: dict[str, Amount]
    annex_4: list[Factor]
    annex_2_summed: set[tuple[str, int]]
    provisions: dict[str, Fraction]
    control_values: dict[str, Fraction]
    p_per_p2o5: Fraction
    first_day: date
    last_day: date
    first_day_of_1_3: date
    last_day_of_assessment: date
    last_day_of_duev_8: date

    def factor(self, prefix: str, day: date) -> Amount:
        """The annex 4 cell whose id starts with `prefix`, on `day` or the nearest day in force."""
        day = min(max(day, self.first_day), self.last_day)
        cells = [c for c in self.annex_4 if c.id.startswith(prefix) and c.valid_from <= day <= c.valid_to]
        if len(cells) != 1:
            raise KeyError(prefix)
        return cells[0].value


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> Amount:
    return Fraction(text) if text else None


def _known(text: str) -> Fraction:
    return Fraction(text)


def _last(text: str) -> date:
    return date.fromisoformat(text) if text else date.max


def _plants() -> dict[str, Product]:
    found = {}
    for row in _rows("stoffbilv_anlage1_tabelle1"):
        found[f"de_t1_{row['id']}"] = Product(
            1,
            row["id"],
            "kg",
            Fraction(100),
            _number(row["n_kg_per_dt_fm"]),
            _number(row["p_kg_per_dt_fm"]),
            _number(row["p2o5_kg_per_dt_fm"]),
            group=row["group"],
        )
    for row in _rows("stoffbilv_anlage1_tabelle2"):
        found[f"de_t2_{row['id']}"] = Product(
            2,
            row["id"],
            "kg",
            Fraction(100 * 100),
            _number(row["n_main_product_kg_per_100dt_fm"]),
            _number(row["p_main_product_kg_per_100dt_fm"]),
            _number(row["p2o5_main_product_kg_per_100dt_fm"]),
        )
    for row in _rows("stoffbilv_anlage1_tabelle3"):
        found[f"de_t3_{row['id']}"] = Product(
            3,
            row["id"],
            "kg",
            Fraction(100),
            _number(row["n_kg_per_dt_dm"]),
            _number(row["p_kg_per_dt_dm"]),
            _number(row["p2o5_kg_per_dt_dm"]),
        )
    for row in _rows("stoffbilv_anlage1_tabelle4"):
        found[f"de_t4_{row['id']}"] = Product(
            4,
            row["id"],
            "kg",
            Fraction(1000),
            _number(row["n_kg_per_t_dm"]),
            _number(row["p_kg_per_t_dm"]),
            _number(row["p2o5_kg_per_t_dm"]),
            dry_matter_pct=_number(row["dry_matter_pct"]),
        )
    return found


def _animal_products() -> dict[str, Product]:
    found = {}
    for row in _rows("stoffbilv_anlage1_tabelle5"):
        mass = row["reference_unit"] == "t"
        found[f"de_t5_{row['id']}"] = Product(
            5,
            row["id"],
            "kg" if mass else row["reference_unit"],
            Fraction(1000 if mass else 1),
            _number(row["n_kg_per_reference_unit"]),
            _number(row["p_kg_per_reference_unit"]),
            _number(row["p2o5_kg_per_reference_unit"]),
            live_weight=row["reference_basis"] == "live_weight",
            slaughter_pct={
                sex: _number(row[f"slaughter_weight_pct_of_live_{sex}"])
                for sex in ("all", "male", "female", "dairy_cow")
            },
        )
    return found


def _animals() -> dict[str, Animal]:
    rows = _rows("duev_anlage1_tabelle2_roughage_uptake")
    uptake = {row["id"]: row["n_uptake_kg_per_year"] for row in rows}
    categories = {row["id"]: row for row in _rows("herd_categories")}
    found = {}
    for row in _rows("duev_anlage1_tabelle1_excretion"):
        category = categories[row["id"]]
        roughage = category["roughage_uptake_id"]
        found[row["id"]] = Animal(
            row["id"],
            category["annex_4_species"],
            _number(row["n_kg_per_year"]),
            _number(row["p2o5_kg_per_year"]),
            _number(category["gv_per_animal"]),
            _number(uptake[roughage]) if roughage else None,
        )
    return found


def plain_id(annex_9_id: str) -> str:
    """The id of an annex 9 row without the suffix that tells its two versions apart."""
    for suffix in SUFFIXES:
        annex_9_id = annex_9_id.removesuffix(suffix)
    return annex_9_id


def _volumes() -> list[ManureVolume]:
    found = []
    for row in _rows("duev_anlage9_tabelle1_manure_volumes"):
        solid = _number(row["solid_manure_6_months"])
        if solid is not None and row["solid_manure_unit"] == "t/1 000 Tierplätze":
            solid /= 1000
        found.append(
            ManureVolume(
                plain_id(row["id"]),
                _number(row["slurry_6_months"]),
                solid,
                date.fromisoformat(row["valid_from"]),
                _last(row["valid_to"]),
            )
        )
    return found


@cache
def law() -> Law:
    """All tables, read once."""
    provisions = {row["id"]: row for row in _rows("stoffbilv_provisions")}
    return Law(
        products=_plants() | _animal_products(),
        legumes={
            f"de_t6_{row['id']}": Legume(_known(row["n_fixation_kg_per_ha"]), _known(row["n_fixation_kg_per_dt_fm"]))
            for row in _rows("stoffbilv_anlage1_tabelle6")
        },
        animals=_animals(),
        livestock_unit_key={row["id"]: _known(row["gv_per_animal"]) for row in _rows("gv_key")},
        manure_volumes=_volumes(),
        loss_coefficients={row["id"]: _number(row["value_pct"]) for row in _rows("duev_anlage2_loss_coefficients")},
        annex_4=[
            Factor(
                row["id"],
                _number(row["factor"]),
                date.fromisoformat(row["valid_from"]),
                _last(row["valid_to"]),
            )
            for row in _rows("stoffbilv_anlage4")
        ],
        annex_2_summed={
            ({"zufuhr": "supply", "abgabe": "removal"}[row["side"]], int(row["line"]))
            for row in _rows("stoffbilv_anlage2")
            if row["in_sum"] == "1"
        },
        provisions={key: _known(row["value"]) for key, row in provisions.items() if row["unit"] != "date"},
        control_values={row["id"]: _known(row["value"]) for row in _rows("duev_par9_control_values")},
        p_per_p2o5=next(_known(row["factor"]) for row in _rows("conversion") if row["id"] == "p2o5_to_p"),
        first_day=date.fromisoformat(provisions["scope_livestock_units"]["valid_from"]),
        last_day=date.fromisoformat(provisions["scope_livestock_units"]["valid_to"]),
        first_day_of_1_3=date.fromisoformat(provisions["scope_2023_area_ha"]["valid_from"]),
        last_day_of_assessment=date.fromisoformat(provisions["evaluation_duties_end"]["value"]),
        last_day_of_duev_8=max(
            date.fromisoformat(row["valid_to"]) for row in _rows("duev_anlage1_tabelle2_roughage_uptake")
        ),
    )


def default_manure_rows() -> dict[str, str]:
    """The published assignment of DüV annex 9 rows to annex 1 rows; empty while it is not published."""
    if not MANURE_ROWS.exists():
        return {}
    rows = _rows("manure_rows")
    return {plain_id(row["annex_9_id"]): row["annex_1_id"] for row in rows if row["annex_1_id"]}
