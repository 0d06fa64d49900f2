"""Two stored runs: what is different, and effects of program, data, year and rules that add up."""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars
import pytest
import typer
from typer.testing import CliRunner, Result

from openfisca_stoffenbalans.cli import app as program
from openfisca_stoffenbalans.cli_reports import compare_receipts
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.report.receipts import sentences
from openfisca_stoffenbalans.scenario.receipt_effects import MAIN, STEPS, Effect, effects
from openfisca_stoffenbalans.scenario.receipts import ReceiptError, differences, stored

app = typer.Typer()
app.command("compare-receipts")(compare_receipts)
READING = "stocking_density_only_for_area"


def made(folder: Path, *options: str, data: str | Path = "example:germany", year: int = 2020) -> Path:
    """A comparison, unprotected unless `--protected` stands among the options."""
    chosen = [option for option in options if option != "--protected"]
    off = [] if len(chosen) < len(options) else ["--unprotected"]
    call = ["compare", str(data), "--scenario", "flat_limit_150", "--year", str(year), "--out", str(folder)]
    result = CliRunner().invoke(program, [*call, *chosen, *off])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def other_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example with half the land of one farm and no milk sold."""
    folder = tmp_path_factory.mktemp("other_data") / "farms"
    shutil.copytree(example("germany"), folder)
    with (folder / "farms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["farm_id"] == "emsland_dairy":
            row["utilised_area_ha"] = "31"
    polars.DataFrame(rows).write_csv(folder / "farms.csv")
    flows = folder / "flows.csv"
    lines = flows.read_text(encoding="utf-8").splitlines()
    flows.write_text(
        "\n".join([lines[0], *(line for line in lines[1:] if "kuhmilch" not in line)]) + "\n", encoding="utf-8"
    )
    return folder


def copied(run: Path, folder: Path, **changed: Any) -> Path:
    """A copy of a run whose receipt is changed: `source`, or an entry of `results`."""
    shutil.copytree(run, folder)
    path = folder / "receipt.json"
    content = json.loads(path.read_text())
    for name, value in changed.items():
        (content if name == "source" else content["results"])[name] = value
    path.write_text(json.dumps(content))
    return folder


def with_figure(run: Path, statistic: str, value: str) -> None:
    """Change a figure of all farms under the baseline in a stored summary."""
    path = run / "summary.csv"
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        if line.startswith(f"baseline,all,all,{statistic},"):
            cells = line.split(",")
            cells[4] = value
            lines[number] = ",".join(cells)
            break
    else:
        raise AssertionError(statistic)
    path.write_text("\n".join(lines) + "\n")


def older(versions: Mapping[str, str]) -> dict[str, str]:
    return {**versions, "openfisca-stoffenbalans": "0.0.9"}


def topics(first: Path, second: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in differences(stored(first), stored(second)):
        found.setdefault(one.topic, []).append(one.what)
    return found


def split(first: Path, second: Path) -> dict[tuple[str, str], Effect]:
    """The effects, after a look that each was split and adds up to the difference of the two files."""
    found = effects(stored(first), stored(second))
    files = [polars.read_csv(run / "summary.csv").filter(group_by="all") for run in (first, second)]
    for one in found:
        place = {"scenario": one.scenario, "statistic": one.statistic}
        before, after = (file.filter(**place)["value"][0] for file in files)
        assert (one.first, one.second) == (before, after)
        assert sum(one.parts.values()) == pytest.approx(after - before, abs=1e-6)
        assert list(one.parts) == list(STEPS), one.why
    assert {one.statistic for one in found} == set(MAIN)
    return {(one.scenario, one.statistic): one for one in found}


def moved(found: Mapping[Any, Effect]) -> set[str]:
    """The steps at which any figure moves."""
    return {step for one in found.values() for step, part in one.parts.items() if part}


def test_two_equal_runs_have_no_difference_and_no_effect(base: Path, tmp_path: Path) -> None:
    again = made(tmp_path / "again")
    assert topics(base, again) == {}
    assert moved(split(base, again)) == set()
    said = list(sentences(stored(base), stored(again), [], effects(stored(base), stored(again))))
    assert "Both runs are of the same data." in said
    assert "No main figure is different." in said


def test_other_data_are_an_effect_of_the_data_alone(base: Path, other_data: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", data=other_data)
    assert topics(base, second) == {"data": ["content (SHA-256)", "source"]}
    found = split(base, second)
    assert moved(found) == {"data"}
    # Without the milk sold the surplus is larger.
    assert found["baseline", "surplus_total_t"].parts["data"] > 0


def test_another_rule_is_an_effect_of_the_rules_alone(base: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", "--baseline", "annex_4_only")
    assert set(topics(base, second)) == {"rules"}
    found = split(base, second)
    assert moved(found) == {"rules"}
    assert found["baseline", "farms_exceeding"].parts["rules"] == 3


def test_another_reading_is_an_effect_of_the_rules_alone(base: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", "--baseline", READING)
    assert "baseline" in topics(base, second)["rules"]
    found = split(base, second)
    assert moved(found) == {"rules"}
    # rhoen_suckler_cows keeps 77.4 livestock units, above 50, on 92 ha, 0.84 per ha; of its three years one is known.
    for name in ("farms_obliged", "farms_undetermined"):
        assert found["baseline", name].parts["rules"] == 1


def test_another_year_is_an_effect_of_the_year_alone(base: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", year=2021)
    assert topics(base, second) == {"choices": ["year"]}
    found = split(base, second)
    assert moved(found) == {"year"}
    assert found["baseline", "farms_obliged"].parts["year"] == -1


def test_figures_of_an_older_program_are_an_effect_of_the_program(base: Path, tmp_path: Path) -> None:
    versions = stored(base).results["versions"]
    old = copied(base, tmp_path / "old", versions=older(versions))
    with_figure(old, "farms_obliged", "17.0")
    assert topics(old, base) == {"program": ["version of openfisca-stoffenbalans"]}
    # The stored run has 17 farms, the run made again 12.
    assert split(old, base)["baseline", "farms_obliged"].parts == {
        "program_first": -5, "data": 0, "year": 0, "rules": 0, "program_second": 0,
    }  # fmt: skip
    assert split(base, old)["baseline", "farms_obliged"].parts["program_second"] == 5
    assert moved(split(old, base)) == {"program_first"}


def test_all_at_once_is_split_step_by_step(base: Path, other_data: Path, tmp_path: Path) -> None:
    old = copied(base, tmp_path / "old", versions=older(stored(base).results["versions"]))
    with_figure(old, "excess_total_t", "5.0")
    second = made(tmp_path / "second", "--baseline", "annex_4_only", data=other_data, year=2021)
    found = split(old, second)
    # Each step by hand: one run more that differs in one thing only.
    runs = [
        old,
        base,
        made(tmp_path / "data", data=other_data),
        made(tmp_path / "year", data=other_data, year=2021),
        second,
        second,
    ]
    values = [stored(run).figures["baseline", "excess_total_t"] or 0 for run in runs]
    expected = [after - before for before, after in itertools.pairwise(values)]
    assert list(found["baseline", "excess_total_t"].parts.values()) == pytest.approx(expected, abs=1e-6)
    assert sum(part != 0 for part in expected) == 4


def test_data_without_the_first_year_change_year_and_data_in_one_step(base: Path, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    shutil.copytree(example("germany"), folder)
    for name in ("farms", "flows", "herds", "crops", "applications"):
        lines = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines[1:] if not re.search(r",20(18|19|20)-\d\d-\d\d,", line)]
        (folder / f"{name}.csv").write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")
    second = made(tmp_path / "second", data=folder, year=2021)
    found = split(base, second)
    assert moved(found) == {"data"}


def test_data_that_are_not_at_hand_give_the_difference_alone(base: Path, other_data: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", data=other_data)
    gone = copied(second, tmp_path / "gone", source="/nowhere/farms")
    found = effects(stored(base), stored(gone))
    assert all(one.parts == {} and "there are no data at /nowhere/farms" in one.why for one in found)
    by_name = {(one.scenario, one.statistic): one for one in found}
    assert by_name["baseline", "surplus_total_t"].whole > 0  # type: ignore[operator]
    said = " ".join(sentences(stored(base), stored(gone), [], found))
    assert "Not split: the data of" in said
    changed = copied(second, tmp_path / "changed", data_sha256="0" * 64)
    assert "have changed since the run" in effects(stored(base), stored(changed))[0].why


def test_data_known_by_their_hash_are_at_hand_from_either_source(base: Path, tmp_path: Path) -> None:
    moved_away = copied(base, tmp_path / "moved", source="/nowhere/farms")
    assert topics(base, moved_away) == {"data": ["source"]}
    assert moved(split(base, moved_away)) == set()
    said = sentences(stored(base), stored(moved_away), differences(stored(base), stored(moved_away)), [])
    assert "Both runs are of the same data, read from different places." in said


def test_what_is_not_published_is_not_compared(base: Path, tmp_path: Path) -> None:
    hidden = copied(base, tmp_path / "hidden")
    with_figure(hidden, "farms_exceeding", "")
    found = {(one.scenario, one.statistic): one for one in effects(stored(base), stored(hidden))}
    one = found["baseline", "farms_exceeding"]
    assert (one.second, one.whole, one.parts, one.why) == (None, None, {}, "not published")
    assert found["baseline", "farms_obliged"].whole == 0


def test_runs_in_between_are_protected_when_either_run_is(base: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", "--baseline", "annex_4_only")
    rule = {"threshold": 10, "dominance": 0.5}
    strict = copied(second, tmp_path / "strict", small_cell_protection=rule)
    found = {(one.scenario, one.statistic): one for one in effects(stored(base), stored(strict))}
    # One farm exceeds in the first run: nobody may learn so from a run in between.
    assert found["baseline", "farms_exceeding"].parts == {}
    assert found["baseline", "farms_exceeding"].why == "a figure in between may not be published"


def test_runs_of_balance_are_split_by_their_counts(tmp_path: Path) -> None:
    runs = []
    for name, options in (("one", ()), ("two", ("--reading", "assess_known_years"))):
        call = ["balance", "example:germany", "--year", "2018", "--out", str(tmp_path / name), *options]
        assert CliRunner().invoke(program, call).exit_code == 0
        runs.append(stored(tmp_path / name))
    found = {one.statistic: one for one in effects(*runs)}
    counts = [run.receipt["counts"]["verdicts"]["undetermined"] for run in runs]
    assert counts[0] > counts[1]
    assert found["undetermined"].parts["rules"] == counts[1] - counts[0]
    assert found["undetermined"].parts["data"] == found["undetermined"].parts["program_first"] == 0
    assert {one.what for one in differences(*runs)} >= {"readings"}


def test_a_reform_that_a_receipt_names_is_not_imported(tmp_path: Path) -> None:
    call = ["balance", "example:germany", "--year", "2020", "--out", str(tmp_path / "one")]
    assert CliRunner().invoke(program, call).exit_code == 0
    (tmp_path / "trap.py").write_text("raise SystemExit('imported')\n")
    two = copied(tmp_path / "one", tmp_path / "two", reforms=["trap.reform"])
    found = effects(stored(tmp_path / "one"), stored(two))
    assert found[0].parts == {}
    assert "trap.reform is no reform of this program" in found[0].why


def test_sweeps_are_compared_without_figures(tmp_path: Path) -> None:
    runs = []
    for name, last in (("one", "200"), ("two", "225")):
        call = ["sweep", "example:germany", "--parameter", "de.stoffbilv.section_06_assessment.flat_limit"]
        call += ["--from", "100", "--to", last, "--step", "25", "--year", "2020", "--out", str(tmp_path / name)]
        assert CliRunner().invoke(program, call).exit_code == 0
        runs.append(stored(tmp_path / name))
    assert [one.what for one in differences(*runs)] == ["norms"]
    assert effects(*runs) == []


def test_what_is_no_receipt_is_said(base: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for content, said in (
        (None, "has no receipt.json; allowed: an output folder of balance, compare, sweep or evaluation"),
        ("{", "can't be read as JSON"),
        ("[]", "is no receipt of a run: results has no versions, parameters_sha256"),
        ('{"results": {"versions": {}}}', "results has no parameters_sha256"),
    ):
        if content is not None:
            (tmp_path / "empty" / "receipt.json").write_text(content)
        with pytest.raises(ReceiptError, match=re.escape(said)):
            stored(tmp_path / "empty")
    with pytest.raises(ReceiptError, match="does not exist"):
        stored(tmp_path / "nothing")
    with pytest.raises(ReceiptError, match="kind 'guess'; allowed: balance, compare, sweep, evaluation"):
        stored(copied(base, tmp_path / "kind", kind="guess"))
    swept = stored(copied(base, tmp_path / "swept", kind="sweep"))
    with pytest.raises(ReceiptError, match=r"is a run of compare, .* one of sweep; only runs of one kind"):
        differences(stored(base), swept)
    (tmp_path / "swept" / "summary.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ReceiptError, match="has no column group_by, scenario, statistic, value"):
        stored(tmp_path / "swept")


def run(*call: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in call])


def test_the_command_says_and_writes_it(base: Path, tmp_path: Path) -> None:
    second = made(tmp_path / "second", "--baseline", "annex_4_only")
    result = run(base, second / "receipt.json", "--out", tmp_path / "found.csv")
    assert result.exit_code == 0, result.output
    assert "farms exceeding under baseline: 1 and 4, +3: rules +3." in result.output
    rows = polars.read_csv(tmp_path / "found.csv").filter(scenario="baseline", what="farms_exceeding")
    assert rows.select("topic", "difference", *STEPS).row(0) == ("figure", 3, 0, 0, 0, 3, 0)
    assert run(base, second, "--out", tmp_path / "found.html").exit_code == 0
    page = (tmp_path / "found.html").read_text()
    assert "Different in rules" in page
    assert "Own permitted balance only" in page


def test_a_wrong_call_is_one_clear_message(base: Path, tmp_path: Path) -> None:
    result = run(base, tmp_path)
    assert result.exit_code == 2
    assert "receipt.json" in result.output
    assert run(base, base, "--out", tmp_path / "found.txt").exit_code == 2
