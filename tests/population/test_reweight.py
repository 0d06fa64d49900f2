"""New weights for the farms of a data set: files, what is said, and everything that is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from typer.testing import Result

from openfisca_stoffenbalans import examples, read_dataset
from openfisca_stoffenbalans.dataset import read_tables
from openfisca_stoffenbalans.population.folder import FolderError
from openfisca_stoffenbalans.population.margins_file import MarginsFileError
from openfisca_stoffenbalans.population.reweight import ReweightError, reweight, write
from tests.test_cli import run

FARMS = """farm_id,year_start,country,weight,farm_type,region,utilised_area_ha,organic,note
a,2019-01-01,DE,9,arable,DE1,10,true,first
a,2020-01-01,DE,10,arable,DE1,10,true,
b,2020-01-01,DE,10,arable,DE2,30,false,"with, comma"
c,2020-07-01,DE,10,dairy,DE21,55,false,
c,2020-01-01,DE,10,dairy,DE21,50,false,
d,2019-01-01,DE,7,dairy,DE1,20,false,
"""
HERDS = """farm_id,year_start,animal,count,manure_system
c,2020-01-01,milcherzeugung_schwere_rassen_ackerfutterbau_ohne_weidegang_mit_heu_8_000_ecm,40,slurry
c,2020-07-01,milcherzeugung_schwere_rassen_ackerfutterbau_ohne_weidegang_mit_heu_8_000_ecm,40,slurry
"""
# 12 w for a, 9 for b, 14 for c: 35 farms, 12 x 10 + 9 x 30 + 14 x 50 = 1,090 ha, 14 x 40 = 560 cows.
MARGINS = """statistic,breakdown,category,value,tolerance,unit,source
farms_total,total,,35,,farms,by hand
uaa_total,total,,1090,0.5,ha,by hand
dairy_cows,region,DE2,560,,head,by hand
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "farms.csv").write_text(FARMS, encoding="utf-8")
    (folder / "herds.csv").write_text(HERDS, encoding="utf-8")
    return folder


def margins(tmp_path: Path, text: str = MARGINS) -> Path:
    file = tmp_path / "margins.csv"
    file.write_text(text, encoding="utf-8")
    return file


def call(data: Path, tmp_path: Path, *more: str, text: str = MARGINS, out: str = "out") -> Result:
    where = ("--targets", str(margins(tmp_path, text)), "--out", str(tmp_path / out))
    return run("population", "reweight", str(data), *where, *more)


def test_farms_get_the_weights_that_meet_the_margins_in_all_their_years(data: Path, tmp_path: Path) -> None:
    done = call(data, tmp_path)
    assert done.exit_code == 0, done.stderr
    farms = pl.read_csv(tmp_path / "out" / "farms.csv")
    weights = dict(farms.select("farm_id", "weight").iter_rows())
    assert weights["a"] == pytest.approx(12, rel=1e-4)
    assert weights["b"] == pytest.approx(9, rel=1e-4)
    assert weights["c"] == pytest.approx(14, rel=1e-4)
    assert farms.filter(pl.col("farm_id") == "a")["weight"].n_unique() == 1
    # d has no balance year 2020.
    assert weights["d"] == 7
    assert farms.drop("weight").equals(pl.read_csv(data / "farms.csv").drop("weight"))
    assert (tmp_path / "out" / "herds.csv").read_bytes() == (data / "herds.csv").read_bytes()
    for words in (
        "Farms with new weights in all their years, held to the margins in 2020: 3.",
        "Farms with two balance years in 2020, of which the first counts: 1.",
        "Farms without a balance year 2020, which keep their weights: 1.", "3 of 3 margins are met",
    ):  # fmt: skip
        assert words in done.stdout


def test_the_margins_stand_with_what_weights_made_of_them(data: Path, tmp_path: Path) -> None:
    assert call(data, tmp_path).exit_code == 0
    made = pl.read_csv(tmp_path / "out" / "margins.csv")
    assert made["before"].to_list() == [30, 900, 400]
    assert made["after"].to_list() == pytest.approx([35, 1_090, 560], rel=1e-4)
    assert made["met"].all()
    car = json.loads((tmp_path / "out" / "population.json").read_text(encoding="utf-8"))
    assert car["country"] == "DE"
    assert car["year"] == 2020
    assert [row["source"] for row in car["targets"]] == ["by hand"] * 3
    assert car["raking"]["met"] == 3
    assert car["reweighted"]["data"] == read_dataset(data).hash()


def test_the_new_data_set_reads_without_errors(data: Path, tmp_path: Path) -> None:
    assert call(data, tmp_path).exit_code == 0
    weights = read_dataset(tmp_path / "out").tables["farms"]["weight"]
    assert weights.sum() == pytest.approx(12 * 2 + 9 + 14 * 2 + 7, rel=1e-4)


def test_parquet_stays_parquet_and_a_workbook_becomes_csv(data: Path, tmp_path: Path) -> None:
    typed = tmp_path / "typed"
    typed.mkdir()
    pl.read_csv(data / "farms.csv", try_parse_dates=True).write_parquet(typed / "farms.parquet")
    shutil.copy(data / "herds.csv", typed)
    assert call(typed, tmp_path, out="of_parquet").exit_code == 0
    farms = pl.read_parquet(tmp_path / "of_parquet" / "farms.parquet")
    assert farms.schema["year_start"] == pl.Date
    assert farms["weight"][1] == pytest.approx(12, rel=1e-4)
    book = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(book) as workbook:
        for name in ("farms", "herds"):
            pl.read_csv(data / f"{name}.csv", try_parse_dates=True).write_excel(workbook, name)
    assert call(book, tmp_path, out="of_book").exit_code == 0
    assert pl.read_csv(tmp_path / "of_book" / "farms.csv")["weight"][2] == pytest.approx(9, rel=1e-4)
    assert pl.read_csv(tmp_path / "of_book" / "herds.csv")["count"].to_list() == [40, 40]


def test_the_year_before_can_be_the_one_that_is_held_to_the_margins(data: Path, tmp_path: Path) -> None:
    made = reweight(
        read_dataset(data), margins(tmp_path, "statistic,breakdown,category,value\nfarms_total,total,,20\n"), 2019
    )
    assert made.farms["farm_id"].to_list() == ["a", "d"]
    assert made.farms["before"].to_list() == [9, 7]
    # 16 farms become 20, each in the same proportion.
    assert made.farms["weight"].to_list() == pytest.approx([11.25, 8.75], rel=1e-4)
    assert made.without_year == 2


def test_a_margin_that_can_not_be_met_is_named_with_its_miss(data: Path, tmp_path: Path) -> None:
    # Farm c can stand for 50 at most.
    text = "statistic,breakdown,category,value\ndairy_cows,total,,4000\nfarms_total,total,,30\n"
    done = call(data, tmp_path, text=text)
    assert done.exit_code == 0
    assert "Missed: dairy_cows by -" in done.stdout


ALL_WRONG = """statistic,breakdown,category,value,tolerance,unit
cattel,total,,5,,
uaa_total,land,DE1,5,,
uaa_total,region,DE7,5,,
uaa_total,size_class,20-5,5,,
uaa_total,total,,-1,,
uaa_total,region,DE1,many,,
uaa_total,region,DE2,5,0,
uaa_total,farm_type,arable,5,,km2
pigs,total,,5,,
livestock_units,region,,5,,
farms_total,total,,5,,
farms_total,total,total,6,,
"""


def test_all_that_is_wrong_with_the_margins_is_said_at_once(data: Path, tmp_path: Path) -> None:
    done = call(data, tmp_path, text=ALL_WRONG)
    assert done.exit_code == 2
    said = done.stderr.splitlines()
    expected = [
        "line 2, statistic: 'cattel' found; allowed: a name of `stoffenbalans list statistics`; nearest: cattle",
        "line 3, breakdown: 'land' found; allowed: total, region, size_class or a column of farms",
        "line 4, category: 'DE7' found; allowed: a category of region that some farm of the year is in",
        "line 5, category: '20-5' found; allowed: ha as 5-20 (from 5, below 20) or 1000+",
        "line 6, value: '-1' found; allowed: a number ≥ 0",
        "line 7, value: 'many' found; allowed: a number ≥ 0",
        "line 8, tolerance: '0' found; allowed: a number ≥ 1e-06",
        "line 9, unit: 'km2' found; allowed: ha, the unit of uaa_total",
        "line 10, statistic: 'pigs' found; allowed: a statistic that some farm of the category counts towards",
        "line 11, category: is missing; allowed: a category of region",
        "line 13: farms_total total total stands in line 12 too; allowed: each margin once",
    ]
    for words in expected:
        assert any(words in line for line in said), words
    assert len([line for line in said if line.startswith("error: ")]) == len(expected)
    assert not (tmp_path / "out").exists()


def test_the_statistics_can_be_listed() -> None:
    listed = run("list", "statistics", "--search", "dairy_cows").stdout.splitlines()
    assert "dairy_cows_per_farm\tdairy cows per farm with dairy cows\thead/farm" in listed


def test_a_statistic_that_farms_do_not_say_is_refused(data: Path, tmp_path: Path) -> None:
    text = FARMS.replace("a,2020-01-01,DE,10,arable,DE1,10,true,", "a,2020-01-01,DE,10,arable,DE1,10,,")
    (data / "farms.csv").write_text(text, encoding="utf-8")
    with pytest.raises(MarginsFileError, match=r"farms_organic \(organic farms .* is missing for 1 of 3 farms"):
        reweight(read_dataset(data), margins(tmp_path, "statistic,breakdown,category,value\nfarms_organic,total,,9\n"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("statistic,breakdown,value\nuaa_total,total,5\n", "line 1: column 'category' is missing"),
        ("statistic,breakdown,category,value,colour\nuaa_total,total,,5,red\n", "column 'colour' is not known"),
        ("statistic,breakdown,category,value\nuaa_total,total,5\n", "line 2: 3 cells found; allowed: 4"),
        ("statistic,breakdown,category,value\n", "no margins found"),
    ],
)
def test_a_file_that_is_no_table_of_margins_is_refused(data: Path, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MarginsFileError, match=words):
        reweight(read_dataset(data), margins(tmp_path, text))


def test_farms_without_a_weight_to_start_from_are_refused(data: Path, tmp_path: Path) -> None:
    (data / "farms.csv").write_text(FARMS.replace("b,2020-01-01,DE,10", "b,2020-01-01,DE,"), encoding="utf-8")
    done = call(data, tmp_path, text="statistic,breakdown,category,value\ncattel,total,,5\n")
    assert done.exit_code == 2
    assert "farms.csv, line 4, weight: is missing, in 1 rows; allowed: a number > 0" in done.stderr
    assert "'cattel' found" in done.stderr
    pl.read_csv(data / "farms.csv").drop("weight").write_csv(data / "farms.csv")
    assert "farms.csv: the column weight is missing" in call(data, tmp_path).stderr


def test_another_year_and_two_countries_are_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(ReweightError, match="no balance year begins in 2023; those of the data begin in: 2019, 2020"):
        reweight(read_dataset(data), margins(tmp_path), 2023)
    (data / "farms.csv").write_text(FARMS.replace("b,2020-01-01,DE,", "b,2020-01-01,NL,"), encoding="utf-8")
    with pytest.raises(ReweightError, match="farms of DE and NL found; allowed: those of one country at a time"):
        reweight(read_dataset(data), margins(tmp_path))


def test_the_folder_of_the_data_is_never_written_to(data: Path, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in data.iterdir()}
    done = call(data, tmp_path, out="data")
    assert done.exit_code == 2
    assert "is where the data are; take another folder" in done.stderr
    assert {file.name: file.read_bytes() for file in data.iterdir()} == before
    made = reweight(read_dataset(data), margins(tmp_path))
    with pytest.raises(FolderError, match="is where the data are"):
        write(made, read_dataset(data), read_tables(data), data, data.parent / "out" / ".." / "data")
    assert {file.name: file.read_bytes() for file in data.iterdir()} == before


def test_a_folder_with_other_data_is_not_written_to(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "out"
    other.mkdir()
    (other / "farms.csv").write_text(FARMS, encoding="utf-8")
    done = call(data, tmp_path)
    assert done.exit_code == 2
    assert "of another data set; take another folder" in " ".join(done.stderr.split())
    assert (other / "farms.csv").read_text(encoding="utf-8") == FARMS


def test_data_that_break_the_contract_are_refused_with_their_errors(data: Path, tmp_path: Path) -> None:
    (data / "farms.csv").write_text(FARMS.replace("DE2,30,", "DE2,-30,"), encoding="utf-8")
    done = call(data, tmp_path)
    assert done.exit_code == 1
    assert "utilised_area_ha is -30" in done.stdout


def test_the_file_of_margins_is_never_written_over(data: Path, tmp_path: Path) -> None:
    done = call(data, tmp_path, "--errors", str(tmp_path / "margins.csv"))
    assert done.exit_code == 2
    assert "is the file of margins" in done.stderr
    assert (tmp_path / "margins.csv").read_text(encoding="utf-8") == MARGINS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (MARGINS.replace(",", ";"), "error: margins.csv, line 1: cells divided by ';' found; allowed: commas\n"),
        ("", "error: margins.csv: is empty; allowed: a header and a row per margin\n"),
        ("statistic,breakdown,category,value,tolerance\nfarms_total,total,,35,1e-300\n",
         "error: margins.csv, line 2, tolerance: '1e-300' found; allowed: a number ≥ 1e-06\n"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_csv_with_commas_is_one_message(data: Path, tmp_path: Path, text: str, words: str) -> None:
    done = call(data, tmp_path, text=text)
    assert done.exit_code == 2
    assert done.stderr.endswith(words)
    assert done.stderr.count("error:") == 1


def test_bounds_and_weights_without_end_are_refused(data: Path, tmp_path: Path) -> None:
    done = call(data, tmp_path, "--high", "inf")
    assert done.exit_code == 2
    assert "bounds 0.2 and inf; allowed: from 0 to below 1, and above 1" in done.stderr
    for weight in ("1e300", "1e-300"):
        (data / "farms.csv").write_text(FARMS.replace(",10,arable", f",{weight},arable"), encoding="utf-8")
        done = call(data, tmp_path)
        assert done.exit_code == 2, done.exception
        assert "allowed: weights from 1e-12 to 1e+12" in " ".join(done.stderr.split())


def test_each_example_is_named_once() -> None:
    assert examples.names() == ["germany", "germany_sample", "netherlands", "netherlands_sample"]


def test_the_examples_can_be_reweighted(tmp_path: Path) -> None:
    data = read_dataset(Path(examples.__file__).parent / "germany")
    farms = data.tables["farms"].filter(pl.col("year_start").dt.year() == 2020)["farm_id"].n_unique()
    made = reweight(
        data, margins(tmp_path, f"statistic,breakdown,category,value\nfarms_total,total,,{farms * 2}\n"), 2020
    )
    assert made.farms["weight"].to_list() == pytest.approx([2] * farms, rel=1e-4)
