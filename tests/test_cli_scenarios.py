"""The commands `compare`, `sweep` and `form`: what they write, and what they say of a wrong call."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import polars
import pytest

from openfisca_stoffenbalans import balance, examples, read_dataset
from openfisca_stoffenbalans.scenario.summary import SCHEMA
from tests.conftest import loaded_system
from tests.test_cli import run

GERMANY = Path(examples.__file__).parent / "germany"
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
COMPARE = ("compare", "example:germany", "--year", "2020", "--scenario", "flat_limit_150")
SWEEP = ("sweep", "example:germany", "--year", "2020", "--parameter", LIMIT, "--from", "50", "--to", "200")
FORM = ("form", "example:germany", "--farm", "emsland_dairy", "--year", "2020")

MINE = f"""
name: mine
title: Flat limit of 150 kg N/ha
parameters:
  {LIMIT}:
    2018-01-01: 150
status: inferred
source: a value to try
"""


def words(output: str) -> str:
    """Without the frame and the line breaks of a terminal."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", output).split())


def digests(folder: Path, *names: str) -> list[str]:
    return [hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names]


def test_compare_writes_summary_report_and_receipt(tmp_path: Path) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(MINE, encoding="utf-8")
    out = tmp_path / "out"
    result = run(*COMPARE[:4], "--scenario", scenario, "--by", "farm_type,size_class", "--out", out, "--unprotected")
    assert result.exit_code == 0, result.output
    assert {path.name for path in out.iterdir()} == {"summary.csv", "summary.xlsx", "report.html", "receipt.json"}
    summary = polars.read_csv(out / "summary.csv")
    assert summary.columns == list(SCHEMA)
    assert summary["scenario"].unique(maintain_order=True).to_list() == ["baseline", "mine"]
    assert summary.row(0, named=True)["group_by"] == "all"
    assert polars.read_excel(out / "summary.xlsx").height == summary.height
    # By the results of `balance`: each farm by its balance year that starts in 2020, limit 150 by hand.
    year = balance(read_dataset(GERMANY), loaded_system(), year=2020).unique(
        "farm_id", keep="first", maintain_order=True
    )
    flat = polars.col("stoffbilv_headroom_flat") - 25 * polars.col("stoffbilv_mean_area") < 0
    own = polars.col("stoffbilv_verdict") == "exceeds"
    chosen = read_dataset(GERMANY).tables["farms"].filter(polars.col("year_start").dt.year() == 2020)
    by_flat = chosen.filter(polars.col("assessment_method").cast(polars.String) == "flat")["farm_id"].to_list()
    assessed = year.filter(polars.col("stoffbilv_verdict").is_in(["complies", "exceeds"]))
    is_flat = polars.col("farm_id").is_in(by_flat)
    expected = assessed.filter((is_flat & flat) | (~is_flat & own)).height
    found = summary.filter(
        (polars.col("scenario") == "mine")
        & (polars.col("group_by") == "all")
        & (polars.col("statistic") == "farms_exceeding")
    )
    assert found["value"].to_list() == [expected]
    receipt = json.loads((out / "receipt.json").read_text())["results"]
    assert receipt["small_cell_protection"] == "off"
    assert receipt["by"] == ["farm_type", "size_class"]
    assert receipt["scenarios"]["mine"][0]["parameters"] == {LIMIT: {"2018-01-01": 150}}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Small-cell protection was switched off" in page
    assert not re.search(r"(src|href)=.https?:", page)


@pytest.mark.parametrize("division", [("--partitions", "7"), ("--partitions", "64"), ("--workers", "2")])
def test_files_are_the_same_bytes_however_the_farms_are_divided(
    tmp_path_factory: pytest.TempPathFactory, division: tuple[str, str]
) -> None:
    names = ("summary.csv", "summary.xlsx", "farms.parquet", "report.html")
    folders = [tmp_path_factory.mktemp("divided") for _ in range(2)]
    for folder, how in zip(folders, (("--partitions", "1"), division), strict=True):
        options = ("--scenario", "uba_120_120", "--by", "farm_type", "--farm-results", "--unprotected")
        result = run(*COMPARE, *options, "--out", folder, *how)
        assert result.exit_code == 0, result.output
    assert digests(folders[0], *names) == digests(folders[1], *names)


def test_single_farms_are_written_only_when_asked_for(tmp_path: Path) -> None:
    result = run(*COMPARE, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "farms.parquet").exists()
    summary = polars.read_csv(tmp_path / "summary.csv")
    assert summary.filter(polars.col("farms").is_between(1, 9)).is_empty()
    assert "is not published" in words(result.output)
    run(*COMPARE, "--out", tmp_path, "--farm-results")
    farms = polars.read_parquet(tmp_path / "farms.parquet")
    assert farms["scenario"].unique(maintain_order=True).to_list() == ["baseline", "flat_limit_150"]
    # The lines that make up the balance, less agreed losses and the limit, are the gap to it.
    lines = [name for name in farms.columns if re.fullmatch(r"(supply|removal)_line_\d+_kg", name)]
    gap = farms.select(
        gap=polars.sum_horizontal(lines) - polars.col("deducted_kg") - polars.col("limit_kg"), expected="gap_kg"
    ).drop_nulls()
    assert len(gap) > 10
    assert ((gap["gap"] - gap["expected"]).abs() < 1e-6).all()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--scenario", "flat_limit_15"), "flat_limit_15 is no scenario, reading or reform"),
        (("--baseline", "nonsense"), "nonsense is no scenario, reading or reform"),
        (("--by", "farmtype"), "the farms have no column 'farmtype' to group by; there are: farm_type"),
        (("--year", "1999"), "no balance year of the data starts in 1999"),
        (("--scenario", "phosphate_limit"), "no value is published for de.policy_options.phosphate_limit"),
        (("--scenario", "flat_limit_150"), "two scenarios are called 'flat_limit_150'"),
        (("--scheduler", "tcp://127.0.0.1:9"), "no dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_a_wrong_comparison_is_refused_in_one_message(tmp_path: Path, more: tuple[str, ...], message: str) -> None:
    result = run(*COMPARE, *more, "--out", tmp_path / "out")
    assert result.exit_code == 2, result.output
    assert message in words(result.output)
    assert not (tmp_path / "out").exists()


def test_a_scenario_that_no_formula_reads_is_reported(tmp_path: Path) -> None:
    result = run(*COMPARE[:4], "--scenario", "scope_from_15_ha", "--out", tmp_path)
    said = "can change under scope_from_15_ha: none of it reads what that changes in these balance years."
    assert said in result.output


def test_all_that_is_wrong_with_a_scenario_file_is_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: wrong\nparamters: {}\nreadings: [nonsense]\nstatus: guessed\n", encoding="utf-8")
    result = run(*COMPARE[:4], "--scenario", file, "--out", tmp_path / "out")
    assert result.exit_code == 2
    for message in ("paramters is no key of a scenario", "parameters", "no reading 'nonsense'", "found 'guessed'"):
        assert message in words(result.output), message


def test_sweep_prints_the_answer_and_writes_its_files(tmp_path: Path) -> None:
    result = run(*SWEEP, "--step", "50", "--find", "share_exceeding <= 0.3", "--out", tmp_path, "--unprotected")
    assert result.exit_code == 0, result.output
    assert "read from the sorted surpluses of one run" in words(result.output)
    assert "that meets share_exceeding <= 0.3" in words(result.output)
    assert {path.name for path in tmp_path.iterdir()} == {"sweep.csv", "sweep.xlsx", "report.html", "receipt.json"}
    table = polars.read_csv(tmp_path / "sweep.csv")
    assert table["norm"].unique(maintain_order=True).to_list() == [50, 100, 150, 200]
    assert json.loads((tmp_path / "receipt.json").read_text())["results"]["norms"] == {LIMIT: [50, 200, 4]}


def test_sweep_without_a_folder_prints_the_table() -> None:
    result = run(*SWEEP, "--step", "150", "--unprotected")
    assert "norm,statistic,value,unit,farms,weight" in result.output


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ((*SWEEP, "--step", "0"), "the step must be more than 0"),
        ((*SWEEP[:4], "--parameter", "de.nonsense", *SWEEP[6:], "--step", "50"), "de.nonsense"),
        ((*SWEEP, "--step", "50", "--to", "300"), "every --parameter needs one --from, one --to and one --step"),
        ((*SWEEP, "--step", "50", "--find", "share < x"), "an aim looks like share_exceeding <= 0.10"),
    ],
)
def test_a_wrong_sweep_is_refused_in_one_message(call: tuple[str, ...], message: str) -> None:
    result = run(*call)
    assert result.exit_code == 2, result.output
    assert message in words(result.output)


def test_form_fills_the_forms_of_one_farm(tmp_path: Path) -> None:
    for name in ("form.html", "form.xlsx"):
        result = run(*FORM, "--out", tmp_path / name)
        assert result.exit_code == 0, result.output
        assert (tmp_path / name).stat().st_size > 5000
    refused = run(*FORM[:3], "emsland", "--year", "2020", "--out", tmp_path / "form.html")
    assert refused.exit_code == 2
    assert "emsland_dairy" in words(refused.output)
