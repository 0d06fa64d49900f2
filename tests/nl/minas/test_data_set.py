"""MINAS over a data set: results, years without norms, the form, the option for later years."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import polars
import pytest
from typer.testing import CliRunner, Result

from openfisca_stoffenbalans import read_dataset
from openfisca_stoffenbalans.cli import app
from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.regimes import RegimeError, regimes

CONTRACT = (Path(__file__).parents[3] / "docs" / "data-contract.md").read_text(encoding="utf-8")
NOT_FOUND = "the norms of 1998 to 2001 are not in the sources"
# 50 ha of grass and 10 ha of wheat; kg N bought by year.
FEED = {2000: 1000, 2001: 1000, 2002: 16000, 2003: 13100, 2004: 5700, 2005: 9000, 2006: 16000}


def run(*call: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in call])


def written(folder: Path, *years: int) -> Path:
    """The farm in some years, as a data set."""
    folder.mkdir()
    lines = {
        "farms": ["farm_id,year_start,country,utilised_area_ha"],
        "flows": ["farm_id,year_start,direction,category,amount,unit,n_content,p2o5_content,content_source"],
        "fields": ["farm_id,year_start,field_id,area_ha,soil_type,leaching_sensitive"],
        "crops": ["farm_id,year_start,crop,area_ha,field_id"],
    }
    for year in years:
        key = f"farm,{year}-01-01"
        lines["farms"].append(f"{key},NL,60")
        lines["flows"].append(f"{key},supply,feed,{FEED[year]},kg,1,0,label")
        lines["fields"] += [f"{key},meadow,50,,false", f"{key},plot,10,dekzand,false"]
        lines["crops"] += [f"{key},nl_265,50,meadow", f"{key},nl_233,10,plot"]
    for table, rows in lines.items():
        (folder / f"{table}.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_results_settle_over_the_years_and_are_empty_where_norms_were_not_found(system: Any, tmp_path: Path) -> None:
    results = balance(read_dataset(written(tmp_path / "data", *FEED)), system, "nl.minas")
    # permitted 12,100 kg in 2002 and 2003, 10,000 kg in 2004 and 2005; 2,400 x 1.15 + 1,500 x 2.30; 1,000 x 2.30
    assert results["minas_levy"].to_list() == pytest.approx([None, None, 6210, 2300, 0, 0, None])
    # 4,300 kg of room: 3,900 of 2002 and 400 x 2.30 of 2003; then 600 x 2.30
    assert results["minas_levy_refund"].to_list() == pytest.approx([None, None, 0, 0, 7130, 1380, None])
    assert results["minas_verdict"].to_list() == [
        *["not_assessed"] * 2, "exceeds", "exceeds", "complies", "complies", "not_assessed"
    ]  # fmt: skip
    assert results["minas_undetermined_because"].to_list() == [
        NOT_FOUND, NOT_FOUND, "", "", "", "", "MINAS ended on 31.12.2005"
    ]  # fmt: skip
    amounts = [name for name in results.columns if name.startswith("minas_") and results[name].dtype == polars.Float64]
    assert len(amounts) > 50
    outside = results.filter(~polars.col("year_start").dt.year().is_between(2002, 2005))
    assert outside.select(polars.all_horizontal(polars.col(amounts).is_null()).all()).item()


@pytest.mark.parametrize(
    ("years", "refunds", "carried"),
    [
        # 4,300 kg of room in 2004: 3,900 kg of 2002 with a levy of 6,210 euro; 400 left, and 1,000 of 2005
        ((2002, 2004, 2005), [0, 6210, 0], [0, 400, 1400]),
        # 1,000 kg of 2003 x 2.30; 3,300 left
        ((2003, 2004), [0, 2300], [0, 3300]),
    ],
)
def test_a_year_that_the_data_lack_of_one_farm_counts_nothing_there(
    system: Any, tmp_path: Path, years: tuple[int, ...], refunds: list[float], carried: list[float]
) -> None:
    data, other = written(tmp_path / "data", *FEED), written(tmp_path / "other", *years)
    for table in ("farms", "flows", "fields", "crops"):
        rows = (other / f"{table}.csv").read_text().replace("farm,", "other,").splitlines()[1:]
        with (data / f"{table}.csv").open("a") as file:
            file.write("\n".join(rows) + "\n")
    results = balance(read_dataset(data), system, "nl.minas").filter(polars.col("farm_id") == "other")
    assert results["minas_levy_refund"].to_list() == pytest.approx(refunds)
    assert results["minas_room_carried_forward_nitrogen"].to_list() == pytest.approx(carried)


def test_one_part_or_many_give_the_same_results(system: Any, tmp_path: Path) -> None:
    data = read_dataset(written(tmp_path / "data", *FEED))
    assert balance(data, system, "nl.minas", farms_per_part=1).equals(balance(data, system, "nl.minas"))


def test_a_data_set_of_1998_to_2001_alone_is_refused_with_one_sentence(system: Any, tmp_path: Path) -> None:
    data = written(tmp_path / "data", 2000, 2001)
    for call in (("balance",), ("compare", "--year", "2001", "--scenario", "minas_norms_today")):
        result = run(call[0], data, *call[1:], "--regime", "nl.minas", "--out", tmp_path / "out")
        assert result.exit_code == 2
        assert result.output.count(NOT_FOUND) == 1
        assert not (tmp_path / "out").exists()
    with pytest.raises(RegimeError, match=NOT_FOUND):
        balance(read_dataset(data), system, "nl.minas")


def test_results_of_fields_say_what_each_counts_as(tmp_path: Path) -> None:
    data = written(tmp_path / "data", 2001, 2002)
    assert run("balance", data, "--regime", "nl.minas", "--out", tmp_path / "out").exit_code == 0
    fields = polars.read_parquet(tmp_path / "out" / "fields.parquet")
    assert fields["minas_field_land_use"].to_list() == [None, None, "grassland", "arable"]
    assert fields["minas_field_norm_row"].to_list() == [None, None, "grassland_not_sensitive", "arable_other"]


def test_the_form_of_a_year_shows_both_declarations(tmp_path: Path) -> None:
    data = written(tmp_path / "data", 2001, 2002)
    call = ("form", data, "--regime", "nl.minas", "--farm", "farm", "--out", tmp_path / "form.html", "--year")
    assert run(*call, "2001").exit_code == 2
    assert run(*call, "2002").exit_code == 0
    page = (tmp_path / "form.html").read_text(encoding="utf-8")
    for words in ("Verfijnde aangifte stikstof", "Forfaitaire aangifte fosfaat", "Verrekening over de jaren"):
        assert words in page, words
    # the levy on nitrogen
    assert re.search(r">6\s210<", page)


def test_the_option_for_later_years_makes_a_farm_of_2006_pay(tmp_path: Path) -> None:
    data = written(tmp_path / "data", 2006)
    call = (
        "compare",
        data,
        "--regime",
        "nl.minas",
        "--year",
        "2006",
        "--scenario",
        "minas_norms_today",
        "--unprotected",
    )
    assert run(*call, "--out", tmp_path / "out").exit_code == 0
    figures = polars.read_csv(tmp_path / "out" / "summary.csv").filter(polars.col("statistic") == "levy_total_euro")
    # 16,000 - 50 x 180 - 10 x 100 = 6,000 x 2.30
    assert dict(figures.select("scenario", "value").iter_rows())["minas_norms_today"] == pytest.approx(13800)


def test_every_column_of_minas_stands_in_the_data_contract() -> None:
    for column in (*regimes()["nl.minas"].columns, *regimes()["nl.minas"].field_columns):
        # The contract names nitrogen and the refined declaration and says "the same" for phosphate and the other one.
        stem = re.sub("phosphate", "nitrogen", re.sub("forfaitary$", "refined", column))
        assert re.search(rf"\b{stem}\b", CONTRACT), column
