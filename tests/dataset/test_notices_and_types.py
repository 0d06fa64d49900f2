"""Every notice of the data contract at its exact place, and the typed data of a checked data set."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from openfisca_stoffenbalans import codes
from openfisca_stoffenbalans.dataset import TABLES, DataError, read_dataset
from tests.dataset.farm import KEY, MANURE, emsland, only, report_of, write_csv


def test_crops_larger_than_the_farm_are_noticed(tmp_path: Path) -> None:
    data = emsland()
    data["crops"][0]["area_ha"] = "30.01"
    report = report_of(tmp_path, data)
    notice = only(report.notices)
    assert (notice["file"], notice["row"], notice["column"], notice["found"]) == (
        "farms.csv",
        2,
        "utilised_area_ha",
        "80",
    )
    assert "80.01 ha" in notice["allowed"]
    assert report.data is not None


def test_a_count_of_0_with_declared_excretion_is_noticed(tmp_path: Path) -> None:
    data = emsland()
    data["herds"][0] |= {"count": "0", "n_excretion_kg": "100"}
    notice = only(report_of(tmp_path, data).notices)
    assert (notice["file"], notice["row"], notice["column"], notice["found"]) == ("herds.csv", 2, "count", "0")
    data["herds"][0] |= {"count": "1"}
    data["flows"][0]["amount"] = "8"
    assert report_of(tmp_path, data).messages() == []


def test_a_farm_with_two_year_starts_is_noticed(tmp_path: Path) -> None:
    data = emsland()
    data["farms"].append(data["farms"][0] | {"year_start": "2019-07-01"})
    data["farms"].append(data["farms"][0] | {"farm_id": "other", "year_start": "2019-07-01"})
    report = report_of(tmp_path, data)
    notice = only(report.notices)
    assert (notice["file"], notice["row"], notice["farm_id"], notice["found"]) == (
        "farms.csv",
        3,
        "emsland",
        "2019-07-01",
    )
    assert report.data is not None


@pytest.mark.parametrize(("amount", "noticed"), [("0.9", True), ("1", False), ("1500", False), ("1500.1", True)])
def test_an_unusual_yield_is_noticed(tmp_path: Path, amount: str, noticed: bool) -> None:
    data = emsland()
    data["crops"][0]["yield_dt_per_ha"] = amount
    notices = report_of(tmp_path, data).notices
    assert notices.select("file", "row", "column", "found").rows() == (
        [("crops.csv", 2, "yield_dt_per_ha", amount)] if noticed else []
    )


@pytest.mark.parametrize(("amount", "noticed"), [("159", True), ("160", False), ("1280", False), ("1281", True)])
def test_an_unusual_amount_of_milk_per_cow_is_noticed(tmp_path: Path, amount: str, noticed: bool) -> None:
    data = emsland()
    data["flows"][0]["amount"] = amount
    notices = report_of(tmp_path, data).notices
    assert notices.select("file", "row", "column").rows() == ([("flows.csv", 2, "amount")] if noticed else [])
    data["herds"][0]["count"] = "0"
    assert report_of(tmp_path, data).messages() == [], "milk without cows says nothing"


def test_extra_columns_are_noticed_and_passed_through(tmp_path: Path) -> None:
    data = emsland()
    data["farms"][0]["landkreis"] = "Emsland"
    report = report_of(tmp_path, data)
    notice = only(report.notices)
    assert (notice["file"], notice["column"], notice["found"]) == ("farms.csv", "landkreis", "landkreis")
    assert report.data is not None
    assert report.data.tables["farms"]["landkreis"].to_list() == ["Emsland"]


def test_checked_tables_have_the_columns_and_types_of_the_contract(tmp_path: Path) -> None:
    tables = read_dataset(write_csv(tmp_path, {"farms": emsland()["farms"], "flows": emsland()["flows"]})).tables
    assert list(tables) == list(TABLES)
    for name, table in TABLES.items():
        assert tables[name].schema == {column.name: column.dtype for column in table.columns}
    product = tables["flows"]["product"]
    assert product.to_physical().to_list() == [
        codes.Product["de_t5_kuhmilch_3_4_rp"].index,
        None,
        codes.Product[MANURE].index,
    ]
    assert tables["crops"].height == 0


def test_defaults_stand_where_a_cell_is_empty(tmp_path: Path) -> None:
    data = emsland()
    data["farms"] = [KEY | {"country": "DE", "utilised_area_ha": "80"}]
    tables = read_dataset(write_csv(tmp_path, data)).tables
    farm = tables["farms"].row(0, named=True)
    assert {name: value for name, value in farm.items() if value is not None} == {
        "farm_id": "emsland", "year_start": datetime.date(2019, 1, 1), "country": "DE", "utilised_area_ha": 80,
        "weight": 1, "has_biogas_plant": False, "linked_to_livestock_farm": False, "assessment_method": "flat",
        "unavoidable_losses_n_kg": 0, "derogation": False, "minas_assessment": "refined",
    }  # fmt: skip
    flows = tables["flows"]
    assert flows["farm_manure"].to_list() == [False, False, True]
    assert flows["content_source"].to_list() == ["table", "label", "table"]
    assert flows.select("weight_basis", "animal_sex").unique().rows() == [("live", "all")]
    assert tables["crops"]["crop"].to_list() == ["other", "de_t6_klee_ganzpflanze"]


def test_read_dataset_raises_with_the_first_errors(tmp_path: Path) -> None:
    data = emsland()
    data["flows"] = [data["flows"][0] | {"amount": "x"}] * 9
    with pytest.raises(DataError, match=r"9 errors\n.*flows.csv, line 2, .*amount is x(.|\n)*and 4 more") as raised:
        read_dataset(write_csv(tmp_path, data))
    assert raised.value.report.errors.height == 9


def test_a_cut_of_a_crop_that_stands_twice_on_a_field_gives_a_notice(tmp_path: Path) -> None:
    data = emsland()
    lucerne = KEY | {"crop": "nl_258", "area_ha": "30", "field_id": "north", "sown": "2018-09-01"}
    data["crops"] = [lucerne, lucerne | {"cut": "2"}]
    assert report_of(tmp_path, data).notices.height == 0
    data["crops"] = [lucerne, lucerne, lucerne | {"field_id": ""}, lucerne | {"sown": "2019-08-01"}]
    notice = only(report_of(tmp_path, data).notices)
    assert (notice["file"], notice["row"], notice["column"]) == ("crops.csv", 3, "cut")
    assert "each row of cut 1 counts as a crop of its own" in notice["allowed"]
