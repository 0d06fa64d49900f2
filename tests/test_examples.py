"""The shipped example farms: no errors, the results that farms.yaml calculates apart, and all they say they show."""

from __future__ import annotations

import csv
import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from openfisca_stoffenbalans import balance, examples
from openfisca_stoffenbalans.dataset import Report, check, read_tables
from tests.conftest import loaded_system
from tests.oracle.stoffbilv import compute

FOLDER = Path(examples.__file__).parent / "germany"
TABLES = ("farms", "flows", "herds", "crops", "applications")
FARM_TYPES = {"arable", "horticulture", "permanent_crops", "dairy", "grazing_livestock", "pigs_poultry", "mixed"}
REPEAL = datetime.date(2025, 7, 7)
START_OF_2023 = datetime.date(2023, 1, 1)

# farms.yaml has three digits.
ROUNDING = 0.000501

Row = dict[str, Any]


@dataclass(frozen=True)
class Farm:
    """A farm's rows as they stand in the files, and its results, year by year."""

    flows: list[Row]
    herds: list[Row]
    crops: list[Row]
    farms: list[Row]
    results: list[Row]

    def supplied_seed(self) -> set[str]:
        return {row["product"] for row in self.flows if row["direction"] == "supply" and row["category"] == "seed"}

    def months(self) -> set[int]:
        return {row["year_start"].month for row in self.results}

    def verdicts(self) -> set[tuple[str, str, str]]:
        """Flat, farm-specific, and by the farm's method."""
        names = ("stoffbilv_verdict_flat", "stoffbilv_verdict_farm_specific", "stoffbilv_verdict")
        return {tuple(row[name] for name in names) for row in self.results}


@cache
def stories() -> dict[str, Any]:
    return yaml.safe_load((FOLDER / "farms.yaml").read_text(encoding="utf-8"))


@cache
def rows() -> dict[str, list[Row]]:
    found = {}
    for table in TABLES:
        with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            found[table] = list(csv.DictReader(file))
    return found


@cache
def report() -> Report:
    return check(read_tables(FOLDER), "germany")


@cache
def results() -> list[Row]:
    assert report().data is not None
    return balance(report().data, loaded_system()).to_dicts()


@cache
def farm(farm_id: str) -> Farm:
    own = {table: [row for row in rows()[table] if row["farm_id"] == farm_id] for table in TABLES}
    return Farm(
        own["flows"],
        own["herds"],
        own["crops"],
        own["farms"],
        [row for row in results() if row["farm_id"] == farm_id],
    )


def tolerated(row: Row) -> bool:
    permitted = row["stoffbilv_mean_permitted_balance"]
    over = row["stoffbilv_verdict"] == "complies" and permitted < row["stoffbilv_mean_balance"] <= permitted * 1.1
    return bool(over and row["stoffbilv_verdict_flat"] == "exceeds")


def saved(row: Row) -> bool:
    above = row["stoffbilv_verdict_flat"] == "exceeds" and row["stoffbilv_verdict"] == "complies"
    return bool(above and row["stoffbilv_mean_balance"] <= row["stoffbilv_mean_permitted_balance"])


def landless(farm: Farm) -> bool:
    without = all(float(row["utilised_area_ha"]) == 0 for row in farm.farms)
    return without and ("undetermined", "complies", "complies") in farm.verdicts()


def biogas(row: Row) -> bool:
    lines = (row["stoffbilv_annex_4_line_3"], row["stoffbilv_annex_4_line_4"])
    return row["stoffbilv_scope"] == "biogas" and row["stoffbilv_obliged"] and min(lines) > 0


def exempt(row: Row) -> bool:
    return (
        row["stoffbilv_scope"] == "manure_intake"
        and not row["stoffbilv_obliged"]
        and row["stoffbilv_balance_due"] <= REPEAL
    )


def new_by_area(farm: Farm) -> bool:
    """Out of scope before 2023, then in scope with more than 20 ha and few animals per hectare."""
    return all(
        row["stoffbilv_scope"] == ("livestock" if row["year_start"] >= START_OF_2023 else "none")
        and row["stocking_density"] <= 2.5
        for row in farm.results
    ) and all(float(row["utilised_area_ha"]) > 20 for row in farm.farms)


def undetermined(row: Row) -> bool:
    return (
        row["stoffbilv_known_years"] == 3
        and row["stoffbilv_verdict"] == "undetermined"
        and "missing" in row["stoffbilv_undetermined_because"]
    )


def repealed(row: Row) -> bool:
    return (
        row["stoffbilv_scope"] == "livestock" and not row["stoffbilv_obliged"] and row["stoffbilv_balance_due"] > REPEAL
    )


def parallel(farm: Farm) -> bool:
    """Two series, and years of the old one that begin while the new one runs."""
    old = [row for row in farm.results if row["year_start"].month == 1]
    new = [row for row in farm.results if row["year_start"].month == 7]
    return len(new) >= 3 and sum(row["year_start"] > new[0]["year_start"] for row in old) >= 2


def legumes(farm: Farm) -> bool:
    ways = {bool(row["yield_dt_per_ha"]) for row in farm.crops if row["crop"].startswith("de_t6_")}
    return ways == {True, False} and all(row["stoffbilv_annex_2_supply_line_10"] > 0 for row in farm.results)


def given_away_by_table(farm: Farm) -> bool:
    lines = [row for row in farm.flows if row["direction"] == "removal" and row["product"].startswith("de_manure_")]
    return bool(lines) and not any(row["n_content"] for row in lines)


def goats(farm: Farm) -> bool:
    declared = [bool(row["livestock_units"]) for row in farm.herds if row["animal"].startswith("ziegen")]
    return set(declared) == {True} and all(row["livestock_units"] > 0 for row in farm.results)


COUNTING_SEED = {
    "weizen",
    "wintergerste",
    "wintertriticale",
    "roggen",
    "koernermais",
    "kartoffel",
    "erbse",
    "ackerbohne",
}

SHOWN: dict[str, Callable[[Farm], bool]] = {
    "complies by the flat limit": lambda farm: ("complies", "complies", "complies") in farm.verdicts(),
    "exceeds both limits": lambda farm: ("exceeds", "exceeds", "exceeds") in farm.verdicts(),
    "inside the 10 % tolerance": lambda farm: any(map(tolerated, farm.results)),
    "above 175 but saved by the farm-specific value": lambda farm: any(map(saved, farm.results)),
    "better by the flat limit": lambda farm: ("complies", "exceeds", "complies") in farm.verdicts(),
    "landless": landless,
    "biogas": lambda farm: any(map(biogas, farm.results)),
    "exempt by 750 kg": lambda farm: {exempt(row) for row in farm.results} == {True, False},
    "newly in scope in 2023 by area": new_by_area,
    "duty ended by the repeal": lambda farm: any(map(repealed, farm.results)),
    "undetermined": lambda farm: any(map(undetermined, farm.results)),
    "changes its balance year": parallel,
    "balance year from 1 July": lambda farm: 7 in farm.months(),
    "balance year from 1 October": lambda farm: farm.months() == {10},
    "grazing": lambda farm: all(row["stoffbilv_annex_4_line_8"] > 0 for row in farm.results),
    "legumes by area and by yield": legumes,
    "manure given away by table": given_away_by_table,
    "slaughter weights": lambda farm: any(row["weight_basis"] == "slaughter" for row in farm.flows),
    "eggs": lambda farm: any(row["unit"] == "1000_pieces" for row in farm.flows),
    "declared P or P2O5": lambda farm: any(
        float(row["p_content"] or 0) or float(row["p2o5_content"] or 0) for row in farm.flows
    ),
    "goats with declared livestock units": goats,
    "seed that counts and seed that does not": lambda farm: (
        {code.split("_")[2] in COUNTING_SEED for code in farm.supplied_seed()} == {True, False}
    ),
    "vegetables": lambda farm: any(
        row["category"] == "plant_product" and row["product"].startswith("de_t2_") for row in farm.flows
    ),
    "agreed losses": lambda farm: any(row["unavoidable_losses_n_kg"] for row in farm.farms),
}

FARM_YEARS = [(farm_id, start) for farm_id, story in stories().items() for start in story["expected"]]


def test_the_example_data_have_no_errors_and_one_intended_notice() -> None:
    assert report().errors["message"].to_list() == []
    notices = report().notices.to_dicts()
    assert [(row["farm_id"], row["column"]) for row in notices] == [("heidekreis_pigs_potatoes", "year_start")]


@pytest.mark.parametrize(("farm_id", "start"), FARM_YEARS)
def test_a_farm_year_comes_out_as_calculated_apart(farm_id: str, start: str) -> None:
    row = next(row for row in farm(farm_id).results if str(row["year_start"]) == start)
    expected = stories()[farm_id]["expected"][start]
    for name, value in expected.items():
        if name == "calculation":
            continue
        found = row[name if name in row else f"stoffbilv_{name}"]
        if isinstance(value, bool | str) or value is None:
            assert found == value, name
        else:
            assert found == pytest.approx(value, rel=0, abs=ROUNDING), name


@pytest.mark.parametrize(
    ("farm_id", "shown"), [(farm_id, shown) for farm_id in stories() for shown in stories()[farm_id]["shows"]]
)
def test_a_farm_shows_what_it_says(farm_id: str, shown: str) -> None:
    assert SHOWN[shown](farm(farm_id))


def test_everything_is_shown_by_some_farm() -> None:
    assert {shown for story in stories().values() for shown in story["shows"]} == set(SHOWN)


def test_the_stories_belong_to_the_farms() -> None:
    assert [(row["farm_id"], row["year_start"]) for row in rows()["farms"]] == FARM_YEARS
    for row in rows()["farms"]:
        story = stories()[row["farm_id"]]
        assert (row["region"], row["farm_type"]) == (story["region"], story["type"])
        assert {"name", "place", "story", "shows", "expected"} <= story.keys()
        assert story["expected"][row["year_start"]]["calculation"]


def test_all_farm_types_and_year_starts_are_there() -> None:
    assert len(stories()) >= 14
    assert {story["type"] for story in stories().values()} == FARM_TYPES
    assert 70 <= len(FARM_YEARS) <= 90
    series = Counter((farm_id, start[5:]) for farm_id, start in FARM_YEARS)
    assert all(3 <= years <= 7 for years in series.values())
    starts = Counter(start for _, start in series)
    assert starts.keys() == {"01-01", "07-01", "10-01"}
    assert starts["01-01"] > starts["07-01"] >= 3
    assert {start[:4] for _, start in FARM_YEARS} == {str(year) for year in range(2018, 2025)}


def test_the_balances_are_as_on_real_farms() -> None:
    per_ha = [row["nitrogen_balance_per_ha"] for row in results() if row["nitrogen_balance_per_ha"] is not None]
    assert min(per_ha) > 25
    assert max(per_ha) < 210


def test_the_independent_implementation_agrees_on_every_farm_year() -> None:
    for row, other in zip(results(), compute(rows()), strict=True):
        place = (row["farm_id"], row["year_start"])
        for name, value in other.items():
            if name not in row:
                continue
            found = row[name]
            if value is None or isinstance(value, bool | str | datetime.date):
                assert str(found) == str(value), (*place, name)
            else:
                assert found == pytest.approx(float(value), rel=1e-9, abs=1e-6), (*place, name)


def test_the_readme_lists_every_farm() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{farm_id}` |" in text for farm_id in stories())
