"""Builds the tables of one farm for the tests."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from .stoffbilv import compute

COW = "milcherzeugung_schwere_rassen_ackerfutterbau_ohne_weidegang_mit_heu_10_000_ecm"
HEIFER = "jungrinderaufzucht_ackerfutterbau_stallhaltung"
PIG = "schweinemast_mastschwein_von_28_bis_118_kg_lm_700_g_tageszunahme_universal"

Rows = list[dict[str, Any]]


class Farm:
    """Rows of the five tables for one farm; rows go to the year added last."""

    def __init__(self) -> None:
        self.tables: dict[str, Rows] = {t: [] for t in ("farms", "flows", "herds", "crops", "applications")}

    def year(self, start: date, area: Any, **columns: Any) -> Farm:
        row = {"farm_id": "A", "year_start": start, "country": "DE", "utilised_area_ha": area}
        self.tables["farms"].append(row | columns)
        return self

    def _add(self, table: str, columns: dict[str, Any]) -> Farm:
        last = self.tables["farms"][-1]
        self.tables[table].append({"farm_id": "A", "year_start": last["year_start"]} | columns)
        return self

    def supply(self, category: str, amount: Any, unit: str = "kg", **columns: Any) -> Farm:
        given = {"direction": "supply", "category": category, "amount": amount, "unit": unit}
        return self._add("flows", given | columns)

    def removal(self, category: str, amount: Any, unit: str = "kg", **columns: Any) -> Farm:
        given = {"direction": "removal", "category": category, "amount": amount, "unit": unit}
        return self._add("flows", given | columns)

    def herd(self, animal: str, count: Any, system: str = "slurry", **columns: Any) -> Farm:
        return self._add("herds", {"animal": animal, "count": count, "manure_system": system} | columns)

    def crop(self, crop: str, area: Any, **columns: Any) -> Farm:
        return self._add("crops", {"crop": crop, "area_ha": area} | columns)

    def spread(self, material: str, form: str, origin: str, n_kg: Any) -> Farm:
        return self._add("applications", {"material": material, "form": form, "origin": origin, "n_kg": n_kg})

    def results(self, *readings: str, manure_rows: dict[str, str] | None = None) -> Rows:
        return compute(self.tables, frozenset(readings), manure_rows)

    def last(self, *readings: str, manure_rows: dict[str, str] | None = None) -> dict[str, Any]:
        return self.results(*readings, manure_rows=manure_rows)[-1]


def one(area: Any = 10, start: date = date(2020, 1, 1), **columns: Any) -> Farm:
    return Farm().year(start, area, **columns)


def three(area: Any, n_kg: Any, first: int = 2018, **columns: Any) -> Farm:
    """Three calendar years of `n_kg` mineral nitrogen, obliged by received manure without nitrogen."""
    farm = Farm()
    for year in range(first, first + 3):
        farm.year(date(year, 1, 1), area, **columns)
        farm.supply("mineral_fertiliser", n_kg, n_content=1)
        farm.supply("animal_manure", 1, n_content=0).spread("pigs", "slurry", "received", 0).herd(PIG, 1)
        farm.tables["farms"][-1]["manure_received_previous_year_n_kg"] = 751
        farm.tables["farms"][-1]["own_manure_previous_year_n_kg"] = 751
    return farm


def dairy() -> Farm:
    """Dairy farm, 70 ha, 90 cows, 80 young cattle on slurry, 2019 to 2021."""
    farm = Farm()
    for year, kas, rape, wheat, milk, cows, calves, barley, slurry in (
        (2019, 300, 120, 400, 880, "17.55", "2.25", 600, 500),
        (2020, 280, 130, 500, 900, "18.2", "2.25", 650, 500),
        (2021, 260, 125, 450, 910, "16.9", "2.3", 580, 600),
    ):
        farm.year(date(year, 1, 1), 70).herd(COW, 90).herd(HEIFER, 80)
        farm.supply("mineral_fertiliser", kas, "dt", n_content=27, p2o5_content=0)
        farm.supply("feed", rape, "t", product="de_t4_rapsextraktionsschrot")
        farm.supply("feed", wheat, "dt", product="de_t1_weizen_rp12_korn")
        farm.crop("de_t6_kleegras_30_70_ganzpflanze", 5)
        farm.removal("animal_product", milk, "t", product="de_t5_kuhmilch_3_4_rp")
        farm.removal("livestock", Fraction(cows), "t", product="de_t5_rind_milchbetont")
        farm.removal("livestock", Fraction(calves), "t", product="de_t5_rind_milchbetont")
        farm.removal("plant_product", barley, "dt", product="de_t1_wintergerste_rp12_korn")
        farm.removal("animal_manure", slurry, "m3", n_content=3.8, p2o5_content=1.5)
    return farm
