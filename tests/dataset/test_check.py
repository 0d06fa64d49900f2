"""Every error of the data contract at its exact place, and the nearest valid input."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openfisca_stoffenbalans.dataset import TABLES, check, read_tables
from tests.dataset.farm import COW, KEY, START, emsland, only, report_of, write_parquet, write_xlsx

HENS = "nl_d3_head_hens_white"
EGGS = "de_t5_huehnerei_1000_stueck"


def test_the_example_farm_has_no_error_and_no_notice(tmp_path: Path) -> None:
    report = report_of(tmp_path, emsland())
    assert report.messages() == []
    assert report.data is not None


# name, table, row, cells that are wrong, column, found, part of what is allowed, cells that are right
ERRORS: list[tuple[str, str, int, dict[str, str], str, str | None, str, dict[str, str]]] = [
    (
        "a required number is missing", "farms", 0, {"utilised_area_ha": ""}, "utilised_area_ha", None, "≥ 0",
        {"utilised_area_ha": "0"},
    ),
    ("a required text is missing", "farms", 0, {"farm_id": ""}, "farm_id", None, "a text", {"farm_id": "emsland"}),
    (
        "a required date is missing", "farms", 0, {"year_start": ""}, "year_start", None, "a date",
        {"year_start": START},
    ),
    ("a required country is missing", "farms", 0, {"country": ""}, "country", None, "DE, NL", {"country": "NL"}),
    (
        "a direction is missing", "flows", 1, {"direction": ""}, "direction", None, "supply, removal",
        {"direction": "supply"},
    ),
    (
        "a category is missing", "flows", 1, {"category": ""}, "category", None, "mineral_fertiliser",
        {"category": "other"},
    ),
    ("an amount is missing", "flows", 1, {"amount": ""}, "amount", None, "≥ 0", {"amount": "0"}),
    ("a unit is missing", "flows", 1, {"unit": ""}, "unit", None, "m3", {"unit": "kg", "n_content": "0.27"}),
    ("an animal is missing", "herds", 0, {"animal": ""}, "animal", None, "a code", {"animal": COW}),
    ("a count is missing", "herds", 0, {"count": ""}, "count", None, "≥ 0", {"count": "80"}),
    (
        "a manure system is missing", "herds", 0, {"manure_system": ""}, "manure_system", None, "slurry, solid",
        {"manure_system": "solid"},
    ),
    ("a crop is missing", "crops", 0, {"crop": ""}, "crop", None, "a code", {"crop": "anything"}),
    ("an area is missing", "crops", 0, {"area_ha": ""}, "area_ha", None, "≥ 0", {"area_ha": "0"}),
    (
        "a material is missing", "applications", 0, {"material": ""}, "material", None, "cattle",
        {"material": "cattle"},
    ),
    ("a form is missing", "applications", 0, {"form": ""}, "form", None, "slurry", {"form": "slurry"}),
    (
        "an origin is missing", "applications", 0, {"origin": ""}, "origin", None, "own, received",
        {"origin": "received"},
    ),
    ("a kg of nitrogen is missing", "applications", 0, {"n_kg": ""}, "n_kg", None, "≥ 0", {"n_kg": "0"}),
    (
        "the source of a declared content is missing", "flows", 1, {"content_source": ""}, "content_source", None,
        "label", {"content_source": "authority"},
    ),
    ("a code is unknown", "herds", 0, {"animal": COW + "x"}, "animal", COW + "x", f"nearest: {COW}", {"animal": COW}),
    (
        "a product is unknown", "flows", 0, {"product": "de_t5_kuhmilch_3_4"}, "product", "de_t5_kuhmilch_3_4",
        "de_t5_kuhmilch_3_4_rp", {"product": "de_t5_kuhmilch_3_6_rp"},
    ),
    (
        "a country in small letters is unknown", "farms", 0, {"country": "de"}, "country", "de", "nearest: DE",
        {"country": "DE"},
    ),
    (
        "the engine's own word none is no code", "flows", 0, {"product": "none"}, "product", "none", "a code",
        {"product": ""},
    ),
    (
        "none is no direction", "flows", 1, {"direction": "none"}, "direction", "none", "supply, removal",
        {"direction": "supply"},
    ),
    (
        "a farm type is unknown", "farms", 0, {"farm_type": "vineyard"}, "farm_type", "vineyard", "permanent_crops",
        {"farm_type": ""},
    ),
    (
        "a German crop code is unknown", "crops", 1, {"crop": "de_t6_klee"}, "crop", "de_t6_klee",
        "de_t6_klee_ganzpflanze", {"crop": "klee"},
    ),
    (
        "a Dutch crop code is unknown", "crops", 1, {"crop": "nl_gras"}, "crop", "nl_gras", "does not start with",
        {"crop": "gras_nl_"},
    ),
    ("a number is negative", "flows", 0, {"amount": "-0.001"}, "amount", "-0.001", "≥ 0", {"amount": "640.001"}),
    ("a number is infinite", "flows", 1, {"amount": "inf"}, "amount", "inf", "≥ 0", {"amount": "1e300"}),
    ("a number is too large to hold", "flows", 1, {"amount": "1e400"}, "amount", "1e400", "≥ 0", {"amount": "1e300"}),
    ("a number is NaN", "flows", 0, {"amount": "NaN"}, "amount", "NaN", "≥ 0", {"amount": "500"}),
    ("a number is text", "flows", 0, {"amount": "many"}, "amount", "many", "a number", {"amount": "6.4e2"}),
    (
        "a number has a decimal comma", "flows", 0, {"amount": "640,5"}, "amount", "640,5", "decimal point",
        {"amount": "640.5"},
    ),
    ("a number is boolean", "herds", 0, {"count": "true"}, "count", "true", "a number", {"count": "80"}),
    ("a weight of 0", "farms", 0, {"weight": "0"}, "weight", "0", "> 0", {"weight": "0.001"}),
    (
        "a dry matter above 100 percent", "flows", 0, {"dry_matter_pct": "100.1"}, "dry_matter_pct", "100.1",
        "0 to 100", {"dry_matter_pct": "100"},
    ),
    (
        "more than 365 grazing days", "herds", 0, {"grazing_days": "366"}, "grazing_days", "366", "0 to 365",
        {"grazing_days": "365"},
    ),
    (
        "neither true nor false", "farms", 0, {"linked_to_livestock_farm": "1"}, "linked_to_livestock_farm", "1",
        "true or false", {"linked_to_livestock_farm": "FALSE"},
    ),
    (
        "eggs in another unit", "flows", 0, {"product": EGGS, "unit": "t"}, "unit", "t", "1000_pieces",
        {"product": EGGS, "unit": "1000_pieces"},
    ),
    (
        "eggs in another unit with a content", "flows", 0,
        {"product": EGGS, "unit": "kg", "n_content": "0.02", "content_source": "label"}, "unit", "kg", "1000_pieces",
        {"product": EGGS, "unit": "1000_pieces", "n_content": "1.1", "content_source": "label"},
    ),
    (
        "milk in pieces", "flows", 0, {"unit": "1000_pieces"}, "unit", "1000_pieces", "t, dt, kg",
        {"unit": "dt", "amount": "6400"},
    ),
    (
        "animals counted per head in another unit", "flows", 0, {"product": HENS, "unit": "kg"}, "unit", "kg",
        "pieces for this product", {"product": HENS, "unit": "pieces"},
    ),
    (
        "milk per piece", "flows", 0, {"unit": "pieces", "n_content": "1", "content_source": "label"}, "unit",
        "pieces", "t, dt, kg", {"unit": "kg", "n_content": "0.01", "content_source": "label"},
    ),
    (
        "pieces of no product", "flows", 0,
        {"product": "", "unit": "pieces", "n_content": "1", "content_source": "label"}, "unit", "pieces",
        "t, dt, kg, 1000_pieces", {"product": "", "unit": "kg", "n_content": "0.01", "content_source": "label"},
    ),
    (
        "slurry by weight", "flows", 2, {"unit": "t"}, "unit", "t", "m3",
        {"unit": "t", "n_content": "4", "content_source": "measurement"},
    ),
    (
        "cubic metres of milk without a content", "flows", 0, {"unit": "m3"}, "unit", "m3", "declared content",
        {"unit": "m3", "p_content": "1", "content_source": "label"},
    ),
    (
        "cubic metres of no product without a content", "flows", 1,
        {"unit": "m3", "n_content": "", "content_source": ""}, "unit", "m3", "declared content",
        {"unit": "m3", "n_content": "3"},
    ),
    (
        "more than 1 kg of nitrogen per kg", "flows", 1, {"n_content": "100.1"}, "n_content", "100.1",
        "at most 100 kg per dt", {"n_content": "100"},
    ),
    (
        "more than 1 kg of phosphorus per kg", "flows", 1, {"p_content": "1.1", "unit": "kg", "n_content": ""},
        "p_content", "1.1", "at most 1 kg per kg", {"p_content": "1", "unit": "kg", "n_content": ""},
    ),
    (
        "more than 1 kg of phosphate per kg", "flows", 1, {"p2o5_content": "1001", "unit": "t"}, "p2o5_content",
        "1001", "at most 1000 kg per t", {"p2o5_content": "1001", "unit": "m3"},
    ),
    (
        "a date that is none", "farms", 0, {"year_start": "2019-02-30"}, "year_start", "2019-02-30", "a date",
        {"year_start": START},
    ),
    (
        "a date in German", "farms", 0, {"year_start": "01.01.2019"}, "year_start", "01.01.2019", "2018-01-01",
        {"year_start": START},
    ),
    (
        "a date without zeros", "farms", 0, {"year_start": "2019-1-1"}, "year_start", "2019-1-1", "2018-01-01",
        {"year_start": START},
    ),
    (
        "a farm-year that farms lacks", "flows", 1, {"year_start": "2020-01-01"}, "year_start", "2020-01-01",
        "farms has", {"year_start": START},
    ),
    (
        "a farm that farms lacks", "crops", 1, {"farm_id": "wesermarsch"}, "year_start", START, "farms has",
        {"farm_id": "emsland"},
    ),
    (
        "solid digestate", "applications", 0, {"form": "solid"}, "form", "solid", "slurry for digestate",
        {"form": "solid", "material": "cattle"},
    ),
    (
        "biogas substrates without a plant", "farms", 0, {"has_biogas_plant": "false"}, "biogas_substrate_n_kg",
        "12.5", "without a biogas plant", {"has_biogas_plant": "false", "biogas_substrate_n_kg": ""},
    ),
    (
        "plant substrates without a plant", "farms", 0,
        {"has_biogas_plant": "", "biogas_substrate_n_kg": "", "biogas_plant_substrate_n_kg": "7"},
        "biogas_plant_substrate_n_kg", "7", "without a biogas plant", {"has_biogas_plant": "TRUE"},
    ),
    (
        "an animal product supplied", "flows", 0, {"direction": "supply"}, "direction", "supply",
        "removal for the category animal_product", {"direction": "removal"},
    ),
    (
        "a plant product supplied", "flows", 1, {"category": "plant_product"}, "direction", "supply",
        "removal for the category plant_product", {"category": "feed"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row", "wrong", "column", "found", "allowed", "right"),
    [case[1:] for case in ERRORS],
    ids=[case[0] for case in ERRORS],
)
def test_an_error_names_its_place(
    tmp_path: Path, table: str, row: int, wrong: dict[str, str], column: str, found: str | None, allowed: str,
    right: dict[str, str],
) -> None:  # fmt: skip
    data = emsland()
    data[table][row] |= wrong
    if table == "farms":
        # What the other tables say of a farm that is not read is not the point here.
        data = {"farms": data["farms"]}
    report = report_of(tmp_path, data)
    error = only(report.errors)
    assert report.data is None
    assert (error["file"], error["row"], error["column"], error["found"]) == (f"{table}.csv", row + 2, column, found)
    assert error["farm_id"] == (data[table][row]["farm_id"] or None)
    assert error["year_start"] == (data[table][row]["year_start"] or None)
    assert allowed in error["allowed"]
    for part in (f"{table}.csv", f"line {row + 2}", column, found or "missing", error["allowed"]):
        assert part in error["message"]

    data[table][row] = emsland()[table][row] | right
    assert report_of(tmp_path, data).errors["message"].to_list() == []


def test_a_farm_year_stands_in_farms_once(tmp_path: Path) -> None:
    data = emsland()
    data["farms"].append(data["farms"][0])
    error = only(report_of(tmp_path, data).errors)
    assert (error["file"], error["row"], error["column"], error["found"]) == ("farms.csv", 3, "year_start", START)
    assert "once" in error["allowed"]
    data["farms"][1] = data["farms"][0] | {"year_start": "2020-01-01"}
    assert report_of(tmp_path, data).errors.height == 0


def test_a_balance_year_starts_on_the_first_of_a_month(tmp_path: Path) -> None:
    data = {"farms": emsland()["farms"]}
    data["farms"][0]["year_start"] = "2019-07-02"
    error = only(report_of(tmp_path, data).errors)
    assert (error["row"], error["column"], error["found"]) == (2, "year_start", "2019-07-02")
    assert error["allowed"] == "the first day of a month"
    data["farms"][0]["year_start"] = "2019-07-01"
    assert report_of(tmp_path, data).errors.height == 0


@pytest.mark.parametrize(
    ("table", "column"),
    [(name, column.name) for name, table in TABLES.items() for column in table.columns if column.required],
)
def test_a_required_column_is_missed(tmp_path: Path, table: str, column: str) -> None:
    data = emsland()
    for row in data[table]:
        del row[column]
    errors = report_of(tmp_path, data).errors
    error = only(errors)
    assert (error["file"], error["row"], error["column"], error["found"]) == (f"{table}.csv", None, column, None)
    assert f"the column {column} is missing" in error["message"]


def test_optional_columns_may_be_absent(tmp_path: Path) -> None:
    data = {"farms": [KEY | {"country": "NL", "utilised_area_ha": "3"}]}
    report = report_of(tmp_path, data)
    assert report.messages() == []


def test_farms_is_required(tmp_path: Path) -> None:
    data = emsland()
    del data["farms"]
    error = only(report_of(tmp_path, data).errors)
    assert "the table farms is missing" in error["message"]


def test_a_row_without_a_product_and_contents_is_missing_not_wrong(tmp_path: Path) -> None:
    data = emsland()
    data["flows"] = [KEY | {"direction": "supply", "category": "feed", "amount": "1", "unit": "t"}]
    assert report_of(tmp_path, data).messages() == []


def test_all_errors_are_reported_together_in_the_order_of_the_files(tmp_path: Path) -> None:
    data = emsland()
    data["farms"][0]["weight"] = "-1"
    data["flows"][2]["unit"] = "kg"
    data["flows"][0] |= {"amount": "x", "direction": "out"}
    data["crops"][1]["farm_id"] = "nobody"
    data["herds"][0]["grazing_days"] = "400"
    report = report_of(tmp_path, data)
    places = report.errors.select("file", "row", "column").rows()
    assert places == [
        ("farms.csv", 2, "weight"), ("flows.csv", 2, "direction"), ("flows.csv", 2, "amount"), ("flows.csv", 4, "unit"),
        ("herds.csv", 2, "grazing_days"), ("crops.csv", 3, "year_start"),
    ]  # fmt: skip


def test_a_wrong_cell_is_one_error_and_not_the_cause_of_others(tmp_path: Path) -> None:
    data = emsland()
    data["farms"][0]["year_start"] = "someday"
    only(report_of(tmp_path, data).errors)
    data = emsland()
    data["flows"][2] |= {"unit": "t", "n_content": "4,5", "content_source": "label"}
    assert only(report_of(tmp_path, data).errors)["column"] == "n_content"


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        ({"amount": ["640"]}, "640"),
        ({"amount": [True]}, "true"),
        ({"amount": [float("nan")]}, "NaN"),
        ({"amount": [float("inf")]}, "inf"),
        ({"amount": [datetime.date(2019, 1, 1)]}, "2019-01-01"),
        ({"amount": [[1.0]]}, "[1.0]"),
    ],
)
def test_the_types_of_parquet_are_checked(tmp_path: Path, frame: dict[str, Any], found: str) -> None:
    data = emsland()
    write_parquet(tmp_path, data)
    flows = pl.read_parquet(tmp_path / "flows.parquet")[:1]
    flows.with_columns(pl.DataFrame(frame)["amount"]).write_parquet(tmp_path / "flows.parquet")
    error = only(check(read_tables(tmp_path)).errors)
    assert (error["file"], error["row"], error["column"]) == ("flows.parquet", 1, "amount")
    assert error["found"] == found
    assert "row 1" in error["message"]
    flows.with_columns(amount=pl.lit(640, pl.Int16)).write_parquet(tmp_path / "flows.parquet")
    assert check(read_tables(tmp_path)).errors.height == 0


def test_texts_in_number_cells_of_a_workbook_are_errors(tmp_path: Path) -> None:
    data: dict[str, Any] = dict(emsland())
    flows = pl.DataFrame([{**KEY, "direction": "supply", "category": "feed", "amount": 1.5, "unit": "t"}] * 2)
    data["flows"] = flows.with_columns(pl.Series("amount", ["12", "13"]))
    errors = check(read_tables(write_xlsx(tmp_path / "book.xlsx", data))).errors
    assert errors.select("file", "row", "column", "found").rows() == [
        ("book.xlsx, sheet flows", 2, "amount", "'12"), ("book.xlsx, sheet flows", 3, "amount", "'13"),
    ]  # fmt: skip
    data["flows"] = flows
    assert check(read_tables(write_xlsx(tmp_path / "book.xlsx", data))).errors.height == 0
