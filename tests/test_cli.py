"""The command `stoffenbalans`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars
import pytest
from typer.testing import CliRunner, Result

from openfisca_stoffenbalans import __version__
from openfisca_stoffenbalans.cli import app
from openfisca_stoffenbalans.dataset.summary import of_outcome
from openfisca_stoffenbalans.regimes import regimes

BALANCE = ("balance", "example:germany", "--out", "OUT")
HEAD = "farm_id,year_start,country,utilised_area_ha\n"


def run(*call: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in call])


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    folder = tmp_path / "wrong"
    folder.mkdir()
    (folder / "farms.csv").write_text(f"{HEAD}a,2020-01-01,DE,-4\nb,2020-13-01,DE,5\n")
    return folder


def test_help_names_every_command_and_the_exit_codes() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for word in ("check", "balance", "list", "1 the data are wrong", "2 the call is wrong"):
        assert word in " ".join(result.output.split())
    assert run("--version").output.strip() == __version__


def test_help_answers_without_loading_the_engine() -> None:
    heavy = "{'polars', 'numpy', 'openfisca_core', 'rich'}"
    code = f"import sys, openfisca_stoffenbalans.cli; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_balance_writes_results_receipt_and_says_what_it_did(tmp_path: Path) -> None:
    result = run(
        "balance", "example:germany", "--regime", "de.stoffbilv", "--out", tmp_path, "--format", "csv,parquet,xlsx"
    )
    assert result.exit_code == 0, result.output
    assert {path.name for path in tmp_path.iterdir()} == {
        "results.csv",
        "results.parquet",
        "results.xlsx",
        "receipt.json",
    }
    results = polars.read_parquet(tmp_path / "results.parquet")
    counts = json.loads((tmp_path / "receipt.json").read_text())["counts"]
    assert counts["balance_years"] == len(results)
    assert counts["verdicts"]["exceeds"] == (results["stoffbilv_verdict"] == "exceeds").sum()
    said = result.output
    for words in ("18 farms", "Obliged", f"{counts['verdicts']['complies']} comply", "commonest reason", "Written"):
        assert words in said
    assert f"{(results['derived'].str.contains('annex 4 line 5')).sum():>7}  annex 4 line 5" in said


def test_readings_and_years_are_applied_and_recorded(tmp_path: Path) -> None:
    call = ["balance", "example:germany", "--year", "2020", "--reading", "assess_known_years", "--format", "parquet"]
    assert run(*call, "--out", tmp_path / "reading").exit_code == 0
    assert run(*call[:4], "--format", "parquet", "--out", tmp_path / "default").exit_code == 0
    reading, default = (polars.read_parquet(tmp_path / name / "results.parquet") for name in ("reading", "default"))
    assert set(reading["year_start"].dt.year()) == {2020}
    assert (default["stoffbilv_verdict"] == "undetermined").sum() > (
        reading["stoffbilv_verdict"] == "undetermined"
    ).sum()
    receipt = json.loads((tmp_path / "reading" / "receipt.json").read_text())["results"]
    assert receipt["readings"] == ["assess_known_years"]
    assert receipt["year"] == 2020
    base = json.loads((tmp_path / "default" / "receipt.json").read_text())["results"]
    assert base["data_sha256"] == receipt["data_sha256"]


def test_a_reform_by_its_dotted_path_changes_the_law_and_its_hash(tmp_path: Path) -> None:
    path = "openfisca_stoffenbalans.reforms.de.readings.control_value_40.control_value_40"
    assert run("balance", "example:germany", "--out", tmp_path / "a", "--reform", path).exit_code == 0
    assert run("balance", "example:germany", "--out", tmp_path / "b").exit_code == 0
    a, b = (json.loads((tmp_path / name / "receipt.json").read_text())["results"] for name in "ab")
    assert a["reforms"] == [path]
    assert a["parameters_sha256"] != b["parameters_sha256"]


def test_wrong_data_exit_with_1_write_all_errors_and_no_results(wrong: Path, tmp_path: Path) -> None:
    out, errors = tmp_path / "out", tmp_path / "errors.csv"
    result = run("balance", wrong, "--out", out, "--errors", errors)
    assert result.exit_code == 1
    assert not out.exists()
    found = polars.read_csv(errors)
    assert found["column"].to_list() == ["utilised_area_ha", "year_start"]
    assert found["row"].to_list() == [2, 3]
    assert "farms.csv, line 2, farm a" in result.output
    assert "2 errors, 0 notices" in result.output
    assert run("check", wrong).exit_code == 1


def test_data_in_order_pass_the_check() -> None:
    result = run("check", "example:germany")
    assert result.exit_code == 0
    assert "in order: 87 farms" in result.output


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["check", "nowhere"], "nowhere does not exist"),
        (["check", "example:atlantis"], "no example 'atlantis'; there are: germany"),
        (["balance", "example:germany"], "--out"),
        (["balance", "example:germany", "--out", "OUT", "--regime", "fr"], "no regime 'fr'; there are: de.stoffbilv"),
        (
            ["balance", "example:germany", "--out", "OUT", "--format", "pdf"],
            "pdf is no format; there are: csv, parquet, xlsx",
        ),
        (["balance", "example:germany", "--out", "OUT", "--format", ","], "nothing is no format"),
        (["balance", "example:germany", "--out", "OUT", "--reading", "assess_know_years"], "assess_known_years"),
        (["balance", "example:germany", "--out", "OUT", "--reform", "nonsense"], "nonsense"),
        (
            ["balance", "example:germany", "--out", "OUT", "--reform", "openfisca_stoffenbalans.reforms.de"],
            "openfisca_stoffenbalans.reforms.de",
        ),
        ([*BALANCE, "--reading", "assess_known_years", "--reading", "assess_known_years"], "given twice"),
        ([*BALANCE, "--reading", "control_value_40", "--reading", "control_value_60_until_2020"], "same point"),
        (["balance", "example:germany", "--out", "OUT", "--year", "soon"], "valid integer"),
        (["balance", "example:germany", "--out", "OUT", "--reform", "os.path"], "os.path is no reform"),
        (["list", "cows"], "cows"),
        (["balanse"], "balanse"),
    ],
)
def test_a_wrong_call_exits_with_2_and_says_what_is_allowed(call: list[str], words: str, tmp_path: Path) -> None:
    result = run(*[str(tmp_path / "out") if word == "OUT" else word for word in call])
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_out_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    result = run("balance", "example:germany", "--out", tmp_path / "file")
    assert result.exit_code == 2
    assert "is a file, not a folder" in result.output
    inside = run("balance", "example:germany", "--out", tmp_path / "file" / "deeper")
    assert inside.exit_code == 2
    assert (tmp_path / "file").read_text() == "mine"


def test_lists_give_code_label_content_unit_and_reference() -> None:
    lines = run("list", "products", "--search", "weizen_rp12_korn").output.splitlines()
    assert lines[0] == "code\tlabel\tcontent\tunit\treference"
    assert lines[1].split("\t") == [
        "de_t1_weizen_rp12_korn",
        "Weizen, Korn (12 % RP)",
        "N 1.81, P2O5 0.8, P 0.35",
        "kg per dt",
        "StoffBilV Anlage 1 Tabelle 1",
    ]
    # German tables, manure, legumes; Dutch fertilisers, manure, feed, animals per kg and per head, eggs, crops.
    assert len(run("list", "products").output.splitlines()) == 1 + 439 + 16 + 22 + 122 + 65 + 22 + 2 * 53 + 5 + 532 + 1
    assert len(run("list", "animals").output.splitlines()) == 1 + 121 + 121
    (manure,) = run("list", "products", "--search", "nl_m_92").output.splitlines()[1:]
    assert manure.split("\t")[2].startswith(
        "N 5.1 from 2011-03-04, unknown from 2015-07-04, 4.4 from 2025-01-01, unknown from 2027-01-01, P2O5"
    )
    (rats,) = run("list", "products", "--search", "nl_d3_head_rats").output.splitlines()[1:]
    assert rats.split("\t")[3] == "kg per piece"
    assert "de.stoffbilv" in run("list", "regimes").output
    named = {tuple(line.split("\t")[:2]) for line in run("list", "reforms").output.splitlines()[1:]}
    assert sum(kind == "reading of de.stoffbilv" for _, kind in named) == 16
    options, scenarios = ("annex_4_only", "uba_120_120", "phosphate_limit"), ("uba_120_120", "one_year_assessment")
    assert {(name, "option of de.stoffbilv") for name in options} < named
    assert {(name, "scenario") for name in scenarios} < named
    assert "stoffbilv_permitted_balance\t" in run("list", "variables", "--search", "zulässiger Bilanzwert").output
    assert run("list", "products", "--search", "unicorn").output.strip() == "No products contain 'unicorn'."


def test_the_manure_contents_listed_are_those_of_section_5() -> None:
    line = run("list", "products", "--search", "ohne_weidegang_mit_heu_10_000_ecm_slurry").output.splitlines()[-1]
    # 133 kg N x 85 % / (2 x 10.5 m3) = 5.383; 47 kg P2O5 / 21 m3 = 2.238, the arable fodder farm's row
    assert "N 5.383" in line


def test_tables_that_are_not_there_and_files_with_other_names_are_said(tmp_path: Path) -> None:
    (tmp_path / "farms.csv").write_text(f"{HEAD}a,2020-01-01,DE,4\n")
    (tmp_path / "flow.csv").write_text("farm_id\n")
    said = run("check", tmp_path).output
    assert "No rows of: flows, herds, stocks, fields, crops, applications." in said
    assert "Not looked at: flow.csv." in said


def test_the_report_of_errors_never_takes_the_place_of_data(wrong: Path) -> None:
    before = (wrong / "farms.csv").read_text()
    for target in (wrong / "farms.csv", wrong / "errors.csv", wrong):
        result = run("check", wrong, "--errors", target)
        assert result.exit_code == 2
        assert "among the data" in result.output
    assert (wrong / "farms.csv").read_text() == before


def test_a_list_may_be_read_only_in_part() -> None:
    command = f"{Path(sys.executable).parent / 'stoffenbalans'} list products | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_table_on_a_narrow_terminal_cuts_nothing(wrong: Path) -> None:
    from rich.console import Console

    from openfisca_stoffenbalans.dataset import check, print_report, read_tables

    console = Console(force_terminal=True, width=80, record=True)
    print_report(check(read_tables(wrong)), console)
    shown = "".join(console.export_text().split())
    for words in ("utilised_area_ha", "is", "-4", "2020-13-01", "farms.csv"):
        assert words in shown
    assert "…" not in shown


def test_a_reform_may_be_named_as_in_a_scenario_file(tmp_path: Path) -> None:
    path = "de.readings.control_value_40"
    assert run("balance", "example:germany", "--out", tmp_path, "--reform", path).exit_code == 0
    assert json.loads((tmp_path / "receipt.json").read_text())["results"]["reforms"] == [
        f"openfisca_stoffenbalans.reforms.{path}.control_value_40"
    ]
    wrong = run("balance", "example:germany", "--out", tmp_path, "--reform", "nl.options.forfaits_of_2051")
    assert wrong.exit_code == 2
    assert "nl.options.forfaits_of_2015" in " ".join(wrong.output.split())


def test_large_counts_of_verdicts_are_written_as_those_of_farms() -> None:
    verdicts = {"complies": 1310, "exceeds": 37, "undetermined": 803, "not_assessed": 4850}
    said = of_outcome({"verdicts": verdicts}, regimes()["de.stoffbilv"])
    assert said[0].endswith("1,310 comply, 37 exceed, 803 are undetermined and 4,850 are not assessed.")
