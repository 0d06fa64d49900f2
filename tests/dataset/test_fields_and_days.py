"""What data say of fields, crops on them and days: errors and notices at their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars
import pytest

from tests.dataset.farm import KEY, emsland, only, report_of, write_parquet

SLURRY = "nl_f_9d855a14df2045c2"
SPREAD: dict[str, Any] = {"material": "cattle", "form": "slurry", "origin": "own", "field_id": "north"}


def on_the_field(**cells: str) -> dict[str, Any]:
    """The example farm with a crop on its field of 30 ha."""
    data = emsland()
    data["crops"] = [KEY | {"crop": "wheat", "area_ha": "30", "field_id": "north"} | cells]
    return data


@pytest.mark.parametrize(
    ("table", "column"),
    [("fields", "start"), ("fields", "end"), ("crops", "sown"), ("crops", "end"), ("applications", "date")],
)
def test_the_day_that_stands_for_no_day_is_refused(tmp_path: Path, table: str, column: str) -> None:
    data = on_the_field()
    data[table][0][column] = "1970-01-01"
    error = only(report_of(tmp_path, data).errors)
    assert (error["file"], error["column"], error["found"]) == (f"{table}.csv", column, "1970-01-01")
    assert "leave the cell empty" in error["allowed"]
    data[table][0][column] = "2019-05-01"
    assert report_of(tmp_path, data).messages() == []


def test_the_day_that_stands_for_no_day_is_refused_in_a_column_of_dates(tmp_path: Path) -> None:
    data = on_the_field(sown="1970-01-01")
    folder = write_parquet(tmp_path / "typed", data)
    assert polars.read_parquet(folder / "crops.parquet").schema["sown"] == polars.Date
    from openfisca_stoffenbalans.dataset import check, read_tables

    error = only(check(read_tables(folder)).errors)
    assert (error["column"], error["found"]) == ("sown", "1970-01-01")


@pytest.mark.parametrize(
    ("table", "column", "day", "noticed"),
    [
        ("fields", "start", "2020-01-01", True),
        ("fields", "start", "2019-12-31", False),
        ("fields", "end", "2018-12-31", True),
        ("fields", "end", "2019-01-01", False),
        ("crops", "sown", "2020-01-01", True),
        ("crops", "sown", "2019-12-31", False),
        ("crops", "end", "2018-12-31", True),
        ("crops", "end", "2019-01-01", False),
    ],
)
def test_a_field_or_crop_wholly_outside_its_balance_year_is_noticed(
    tmp_path: Path, table: str, column: str, day: str, noticed: bool
) -> None:
    data = on_the_field()
    data[table][0][column] = day
    report = report_of(tmp_path, data)
    found = report.notices.select("file", "row", "column", "found").rows()
    assert found == ([(f"{table}.csv", 2, column, day)] if noticed else [])
    assert report.data is not None


def test_a_crop_larger_than_its_field_is_noticed(tmp_path: Path) -> None:
    notice = only(report_of(tmp_path, on_the_field(area_ha="30.01")).notices)
    assert (notice["file"], notice["row"], notice["column"], notice["found"]) == ("crops.csv", 2, "area_ha", "30.01")
    assert "30.0 ha" in notice["allowed"]
    assert report_of(tmp_path, on_the_field(area_ha="30.0004")).messages() == []


def test_a_further_cut_does_not_make_the_crops_larger_than_the_farm(tmp_path: Path) -> None:
    data = emsland()
    data["crops"][0]["area_ha"] = "30"
    data["crops"].append(data["crops"][0] | {"cut": "2"})
    assert report_of(tmp_path, data).messages() == []
    data["crops"][-1] = data["crops"][0] | {"cut": "1"}
    assert "110.0 ha" in only(report_of(tmp_path, data).notices)["allowed"]


# 20 t with 1.9 g ammonium N per kg are 38 kg N; the catalogue has 4.1 g N per kg of this slurry.
@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"n_kg": "37.9", "nh4_n_g_per_kg": "1.9"}, "n_kg"),
        ({"n_kg": "38", "nh4_n_g_per_kg": "1.9"}, None),
        ({"n_kg": "37.9", "nh4_n_g_per_kg": "1.9", "n_g_per_kg": "2"}, None),
        ({"nh4_n_g_per_kg": "4.2"}, "n_g_per_kg"),
        ({"nh4_n_g_per_kg": "4.1"}, None),
        ({"nh4_n_g_per_kg": "4.0", "no3_n_g_per_kg": "0.2"}, "n_g_per_kg"),
        ({"nh4_n_g_per_kg": "4.2", "n_g_per_kg": "5"}, None),
    ],
)
def test_more_ammonium_and_nitrate_than_nitrogen_is_noticed(
    tmp_path: Path, cells: dict[str, str], column: str | None
) -> None:
    data = emsland()
    data["applications"] = [KEY | SPREAD | {"product": SLURRY, "amount_kg": "20000"} | cells]
    report = report_of(tmp_path, data)
    assert report.notices["column"].to_list() == ([column] if column else [])
    assert report.data is not None


def test_a_spreading_without_amounts_is_told_that_either_is_enough(tmp_path: Path) -> None:
    data = emsland()
    data["applications"][0]["n_kg"] = ""
    assert "or amount_kg" in only(report_of(tmp_path, data).errors)["allowed"]
