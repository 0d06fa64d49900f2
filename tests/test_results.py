"""Results of a data set: columns, order, files and receipt."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import polars
import pytest

from openfisca_stoffenbalans import DataError, read_dataset
from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.results import balance, write_results
from openfisca_stoffenbalans.dataset.simulation import simulate
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.regimes import regimes

ROOT = Path(__file__).parents[1]

HEAD = "farm_id,year_start,country,utilised_area_ha"


def dataset(folder: Path, **tables: str) -> Any:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_dataset(folder)


@pytest.fixture(scope="module")
def examples(system: Any) -> polars.DataFrame:
    return balance(read_dataset(example("germany")), system)


def contract_columns() -> list[str]:
    """The result columns that the contract's table names, ranges of lines written out."""
    text = (ROOT / "docs" / "data-contract.md").read_text(encoding="utf-8")
    table = text.split("## Results")[1].split("### Columns of")[0]
    names: list[str] = []
    for row in re.findall(r"^\| ([a-z][^|]*?) \|", table, flags=re.MULTILINE):
        for part in row.split(", "):
            lines = re.fullmatch(r"(\w+_)1 … _(\d+)", part)
            names += [f"{lines[1]}{k}" for k in range(1, int(lines[2]) + 1)] if lines else [part]
    assert names[0] == "column"
    return names[1:]


def test_every_column_of_the_contract_is_written_for_every_nutrient(examples: polars.DataFrame) -> None:
    expected = contract_columns()
    assert len(expected) == 59
    for name in expected:
        assert name in examples.columns, name
        if name.startswith("stoffbilv_annex_2_"):
            assert f"{name}_phosphorus" in examples.columns
            assert f"{name}_phosphate" in examples.columns
        if name.startswith("phosphorus_"):
            assert name.replace("phosphorus", "phosphate") in examples.columns
    assert examples.columns[:2] == ["farm_id", "year_start"]


def test_columns_have_the_types_of_the_contract(examples: polars.DataFrame) -> None:
    schema = examples.schema
    assert schema["year_start"] == schema["stoffbilv_balance_due"] == polars.Date
    assert schema["stoffbilv_obliged"] == schema["stoffbilv_scope_biogas"] == polars.Boolean
    assert schema["stoffbilv_known_years"] == polars.Int64
    assert schema["nitrogen_balance"] == polars.Float64
    assert schema["stoffbilv_verdict"] == schema["derived"] == polars.String
    assert set(examples["stoffbilv_better_method"].drop_nulls().unique()) <= {"flat", "farm_specific", "equal"}


def test_rows_stand_in_the_order_of_farms_whatever_the_parts(system: Any, examples: polars.DataFrame) -> None:
    data = read_dataset(example("germany"))
    assert examples.select("farm_id", "year_start").equals(data.tables["farms"].select("farm_id", "year_start"))
    for farms_per_part in (1, 2, 7):
        assert balance(data, system, farms_per_part=farms_per_part).equals(examples)


def test_a_year_gives_the_rows_that_start_in_it_with_the_same_values(system: Any, examples: polars.DataFrame) -> None:
    only = balance(read_dataset(example("germany")), system, year=2020)
    assert only.equals(examples.filter(polars.col("year_start").dt.year() == 2020))
    assert len(only) > 0


def test_before_the_law_and_after_it_amounts_are_empty_and_the_balance_is_not(system: Any, tmp_path: Path) -> None:
    years = ("2017-01-01", "2017-12-01", "2018-01-01", "2025-07-01", "2025-08-01", "2026-01-01")
    farms = "\n".join([HEAD, *(f"f{number},{year},DE,40" for number, year in enumerate(years))])
    flows = "\n".join(
        ["farm_id,year_start,direction,category,product,amount,unit"]
        + [f"f{number},{year},supply,feed,de_t1_weizen_rp12_korn,100,dt" for number, year in enumerate(years)]
    )
    results = balance(dataset(tmp_path, farms=farms, flows=flows), system)
    inside = [False, False, True, True, False, False]
    # 100 dt x 1.81 kg N/dt
    assert results["nitrogen_balance"].to_list() == [181.0] * 6
    for name in ("stoffbilv_annex_2_supply_line_7", "stoffbilv_permitted_balance", "stoffbilv_headroom_flat"):
        assert results[name].is_not_null().to_list() == inside, name
    assert results["stoffbilv_balance_due"].is_not_null().to_list() == inside
    assert results["stoffbilv_known_years"].to_list() == [0, 0, 1, 1, 1, 1]
    outside = results.filter(~polars.Series(inside))
    assert set(outside["stoffbilv_scope"]) == {"none"}
    assert set(outside["stoffbilv_verdict"]) == {"not_assessed"}
    assert not outside["stoffbilv_obliged"].any()
    assert results["derived"].str.contains("contents of annex 1 read at").to_list() == [not kept for kept in inside]


@pytest.mark.law("StoffBilV § 3 Abs. 2 Satz 6")
def test_a_farm_with_two_year_starts_is_two_series_that_do_not_meet(system: Any, tmp_path: Path) -> None:
    starts = ["2019-01-01", "2020-01-01", "2020-07-01", "2021-01-01", "2021-07-01"]
    farms = "\n".join([HEAD, *(f"f,{start},DE,10" for start in starts)])
    results = balance(dataset(tmp_path, farms=farms), system)
    assert results["stoffbilv_known_years"].to_list() == [1, 2, 1, 3, 2]


def test_missing_is_empty_and_a_sum_over_nothing_is_0(system: Any, tmp_path: Path) -> None:
    farms = f"{HEAD}\nnothing,2020-01-01,DE,0\nmissing,2020-01-01,DE,5\n"
    flows = "farm_id,year_start,direction,category,amount,unit\nmissing,2020-01-01,supply,feed,1,t\n"
    results = balance(dataset(tmp_path, farms=farms, flows=flows), system)
    nothing, missing = results.to_dicts()
    assert nothing["nitrogen_supply"] == nothing["nitrogen_balance"] == nothing["livestock_units"] == 0
    assert nothing["nitrogen_balance_per_ha"] is None
    assert nothing["stocking_density"] is None
    assert missing["nitrogen_removal"] == 0
    for name in ("nitrogen_supply", "nitrogen_balance", "phosphate_supply", "stoffbilv_annex_2_supply_line_7"):
        assert missing[name] is None, name


def test_extra_columns_of_farms_are_passed_through(system: Any, tmp_path: Path) -> None:
    data = dataset(tmp_path, farms=f"{HEAD},adviser\nf,2020-01-01,DE,5,Meyer\n")
    assert balance(data, system)["adviser"].to_list() == ["Meyer"]


def test_the_same_results_give_the_same_bytes(examples: polars.DataFrame, tmp_path: Path) -> None:
    once, again = tmp_path / "once", tmp_path / "again"
    for folder in (once, again):
        write_results(examples, folder, ["csv", "parquet", "xlsx"])
    for kind in ("csv", "parquet", "xlsx"):
        assert (once / f"results.{kind}").read_bytes() == (again / f"results.{kind}").read_bytes()


def test_the_three_formats_hold_the_same_values(examples: polars.DataFrame, tmp_path: Path) -> None:
    write_results(examples, tmp_path, ["csv", "parquet", "xlsx"])
    assert polars.read_parquet(tmp_path / "results.parquet").equals(examples)
    read = polars.read_csv(tmp_path / "results.csv", schema=examples.schema)
    assert read.select(polars.exclude("derived", "stoffbilv_undetermined_because")).equals(
        examples.select(polars.exclude("derived", "stoffbilv_undetermined_because"))
    )
    sheet = polars.read_excel(tmp_path / "results.xlsx", schema_overrides={"nitrogen_balance": polars.Float64})
    both = polars.DataFrame({"sheet": sheet["nitrogen_balance"], "results": examples["nitrogen_balance"]}).drop_nulls()
    assert len(both) == len(examples.drop_nulls("nitrogen_balance"))
    assert both["sheet"].to_list() == pytest.approx(both["results"].to_list(), rel=1e-12)


def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_simulations_know_their_farms_years_and_lines(system: Any, tmp_path: Path) -> None:
    farms = f"{HEAD}\na,2019-01-01,DE,5\nb,2019-07-01,DE,5\na,2020-01-01,DE,6\n"
    herds = "farm_id,year_start,animal,count,manure_system\na,2020-01-01,eberhaltung_60_kg_je_platz_p_a,2,slurry\n"
    parts = list(simulate(dataset(tmp_path, farms=farms, herds=herds), system))
    assert [list(map(str, part.rows)) for part in parts] == [["2019", "2020"], ["year:2019-07"]]
    first = parts[0].simulation
    assert first.populations["farm"].ids == ["a"]
    assert [role.key for role in first.populations["farm"].members_role] == ["herd"]
    assert first.calculate("utilised_area_ha", "2020").tolist() == [6]
    # 2 boars x 22.1 kg N in 2020 only
    assert first.calculate("nitrogen_excretion", "2019").tolist() == [0]
    assert first.calculate("nitrogen_excretion", "2020").tolist() == [44.2]


def test_the_regime_names_variables_that_exist(system: Any) -> None:
    for regime in regimes().values():
        assert set(regime.columns) <= set(system.variables)
        assert {regime.obliged, regime.verdict, regime.because} - {""} <= set(regime.columns)
        of_fields = [system.variables[name] for name in regime.field_columns]
        assert {variable.entity.key for variable in of_fields} <= {"field"}
        roles = () if regime.comparison is None else regime.comparison.columns
        assert {system.variables[name].entity.key for name in (*regime.columns, *roles)} == {"farm"}


def test_a_receipt_says_what_makes_the_results(system: Any) -> None:
    from openfisca_stoffenbalans.dataset.receipt import receipt

    data = read_dataset(example("germany"))
    content = receipt(data, system, {"regime": "de.stoffbilv"}, {"farms": 18}, ["balance"], 1.23456)
    assert set(content["results"]["versions"]) == {
        "openfisca-stoffenbalans",
        "openfisca-core",
        "numpy",
        "polars",
        "python",
    }
    assert content["results"]["data_sha256"] == data.hash()
    assert len(content["results"]["parameters_sha256"]) == 64
    assert content["seconds"] == 1.235
    assert datetime.datetime.fromisoformat(content["finished"]).tzinfo
    json.dumps(content)


def test_extra_columns_named_like_variables_are_no_inputs(system: Any, tmp_path: Path) -> None:
    extra = ["nitrogen", "group", "table_amount", "counts", "nitrogen_supply", "flow_amount", "derived"]
    farms = f"{HEAD},{','.join(extra)}\nf,2020-01-01,DE,10,{','.join('7' * len(extra))}\n"
    head = "farm_id,year_start,direction,category,product,amount,unit"
    wheat = "f,2020-01-01,supply,feed,de_t1_weizen_rp12_korn,100,dt"
    flows = f"{head},{','.join(extra)}\n{wheat},{','.join('7' * len(extra))}\n"
    row = balance(dataset(tmp_path, farms=farms, flows=flows), system).to_dicts()[0]
    # 100 dt x 1.81 kg N/dt
    assert row["nitrogen_supply"] == 181
    assert row["nitrogen_supply_in_data"] == row["derived_in_data"] == row["nitrogen"] == "7"


def test_reordered_tables_of_a_data_set_give_the_same_results(system: Any, examples: polars.DataFrame) -> None:
    import dataclasses

    data = read_dataset(example("germany"))
    turned = {name: frame if name == "farms" else frame.reverse() for name, frame in data.tables.items()}
    found = balance(dataclasses.replace(data, tables=turned), system)
    for name in ("nitrogen_balance", "stoffbilv_permitted_balance"):
        pairs = zip(found[name].to_list(), examples[name].to_list(), strict=True)
        assert all(one == other or one == pytest.approx(other, rel=1e-12) for one, other in pairs), name
    assert found["stoffbilv_verdict"].equals(examples["stoffbilv_verdict"])


def test_years_far_apart_and_gaps_between_them_are_fine(system: Any, tmp_path: Path) -> None:
    years = ("1990", "2019", "2021", "2090")
    results = balance(dataset(tmp_path, farms="\n".join([HEAD, *(f"f,{year}-01-01,DE,1" for year in years)])), system)
    assert results["stoffbilv_known_years"].to_list() == [0, 1, 2, 1]
    assert results["balance_year_end"].to_list() == [datetime.date(int(year), 12, 31) for year in years]


@pytest.mark.law(
    "StoffBilV Anlage 2 Tabelle 1 Zeile 6",
    "StoffBilV Anlage 2 Tabelle 2 Zeile 14",
    "StoffBilV Anlage 2 Tabelle 2 Fußnote 1",
)
def test_sums_per_hectare_and_the_end_of_the_year_are_those_of_the_form(system: Any, tmp_path: Path) -> None:
    farms = f"{HEAD}\nland,2019-03-01,DE,20\nlandless,2019-03-01,DE,0\n"
    head = "farm_id,year_start,direction,category,amount,unit,n_content,p_content,p2o5_content,content_source\n"
    lines = [
        f"{farm},2019-03-01,{side},other,{amount},kg,0.5,0.1,0.2,label"
        for farm in ("land", "landless")
        for side, amount in (("supply", 400), ("removal", 100))
    ]
    land, landless = balance(dataset(tmp_path, farms=farms, flows=head + "\n".join(lines)), system).to_dicts()
    # 400 kg and 100 kg x 0.5 kg N, 0.1 kg P and 0.2 kg P2O5 per kg, by 20 ha
    found = [
        land[f"{n}_{side}_per_ha"] for n in ("nitrogen", "phosphorus", "phosphate") for side in ("supply", "removal")
    ]
    assert found == [10, 2.5, 2, 0.5, 4, 1]
    assert landless["nitrogen_supply"] == 200
    assert landless["nitrogen_supply_per_ha"] is None
    assert land["balance_year_end"] == datetime.date(2020, 2, 29)


@pytest.mark.parametrize(("year", "fine"), [("1001", False), ("1002", True), ("9990", True), ("9991", False)])
def test_a_year_that_can_not_be_reckoned_with_is_an_error_of_the_data(
    system: Any, tmp_path: Path, year: str, fine: bool
) -> None:
    farms = f"{HEAD}\nf,{year}-07-01,DE,1\n"
    if fine:
        assert len(balance(dataset(tmp_path, farms=farms), system)) == 1
    else:
        with pytest.raises(DataError, match=rf"year_start is {year}-07-01; allowed: a date"):
            dataset(tmp_path, farms=farms)


def test_extra_columns_of_any_type_reach_every_format_and_no_text_becomes_a_formula(
    system: Any, tmp_path: Path
) -> None:
    farms = polars.DataFrame(
        {
            "farm_id": ["=1+1"],
            "year_start": [datetime.date(2020, 1, 1)],
            "country": ["DE"],
            "utilised_area_ha": [1.0],
            "tags": [["organic", "hills"]],
            "seen": [datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)],
        }
    )
    farms.write_parquet(tmp_path / "farms.parquet")
    results = balance(read_dataset(tmp_path), system)
    write_results(results, tmp_path / "out", ["csv", "parquet", "xlsx"])
    sheet = polars.read_excel(tmp_path / "out" / "results.xlsx")
    assert sheet["farm_id"].to_list() == ["=1+1"]
    assert "organic" in results["tags"][0]
