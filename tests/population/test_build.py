"""A population on its way to files, made by steps of a country that holds four farms a block."""

from __future__ import annotations

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import polars
import pytest
from typer.testing import CliRunner

from openfisca_stoffenbalans.cli import app
from openfisca_stoffenbalans.dataset import read_dataset
from openfisca_stoffenbalans.population import build as module
from openfisca_stoffenbalans.population import plan as plans
from openfisca_stoffenbalans.population.build import Made, PopulationError, build, plan
from openfisca_stoffenbalans.population.folder import FolderError
from openfisca_stoffenbalans.population.lines import Lines, keys
from openfisca_stoffenbalans.population.plan import Plan

# 300 farms that stand for 262,776, in blocks of 128: two whole ones and a rest.
FARMS, BLOCK = 300, 128


class Steps:
    """Farms with an area each and nothing else: enough for a few margins."""

    @staticmethod
    def frame(made: Plan) -> dict[str, Any]:
        area = made.random("area").uniform(1, 120, made.farms)
        return {
            "number": numpy.arange(made.farms),
            "area": area,
            "start_weight": numpy.full(made.farms, made.target("farms_total") / made.farms),
        }

    @staticmethod
    def lines(made: Plan, farms: dict[str, Any], block: int) -> dict[str, polars.DataFrame]:
        ids = polars.Series([f"farm_{number:03}" for number in farms["number"]])
        index = keys(ids, made.years, numpy.ones(len(ids), dtype=int))
        where = numpy.ones((len(ids), 3), dtype=bool)
        table = Lines("farms")
        table.add(where, country="DE", utilised_area_ha=farms["area"], region="DE9")
        seed = made.random("seed", block).uniform(1, 2, where.shape)
        flows = Lines("flows")
        flows.add(where & (block != 1), direction="supply", category="seed", amount=seed, unit="t", n_content=20.0,
                  p_content=3.0, content_source="label")  # fmt: skip
        return {"farms": table.frame(index), "flows": flows.frame(index)}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Made]:
    monkeypatch.setattr(module, "steps", lambda country: Steps)
    monkeypatch.setattr(plans, "BLOCK", BLOCK)
    few = module.targets("DE", 2020).filter(
        polars.col("statistic").is_in(["farms_total", "uaa_total"]) & (polars.col("breakdown") == "total")
    )
    monkeypatch.setattr(module, "targets", lambda country, year: few)

    def make(name: str = "made", seed: int = 1, form: str = "parquet", farms: int = FARMS) -> Made:
        return build(*plan("DE", 2020, farms, seed), tmp_path / name, form)

    return make


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def test_tables_of_all_blocks_stand_in_the_order_of_the_farms_with_one_weight_over_the_years(
    made: Callable[..., Made], tmp_path: Path
) -> None:
    result = made()
    assert [file.name for file in result.files] == ["farms.parquet", "flows.parquet", "population.json"]
    data = read_dataset(tmp_path / "made").tables
    assert data["farms"]["farm_id"].to_list() == [f"farm_{number:03}" for number in range(FARMS) for _ in range(3)]
    assert data["farms"]["year_start"][:3].to_list() == [datetime.date(year, 1, 1) for year in (2018, 2019, 2020)]
    assert data["farms"].group_by("farm_id").agg(polars.col("weight").n_unique())["weight"].unique().to_list() == [1]
    # The second block has no flows.
    assert data["flows"].height == result.rows["flows"] == (FARMS - BLOCK) * 3


def test_the_weights_meet_the_printed_number_of_farms_and_their_area(made: Callable[..., Made], tmp_path: Path) -> None:
    made()
    farms = read_dataset(tmp_path / "made").tables["farms"].filter(polars.col("year_start").dt.year() == 2020)
    assert farms["weight"].sum() == pytest.approx(262_776, rel=1e-4)
    assert (farms["weight"] * farms["utilised_area_ha"]).sum() == pytest.approx(16_595_024, rel=1e-4)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(
    made: Callable[..., Made], tmp_path: Path
) -> None:
    made("one")
    made("two")
    made("three", seed=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert content(tmp_path / "one")["farms.parquet"] != content(tmp_path / "three")["farms.parquet"]


def test_csv_and_parquet_hold_the_same_data(made: Callable[..., Made], tmp_path: Path) -> None:
    made("binary")
    made("text", form="csv")
    assert read_dataset(tmp_path / "binary").hash() == read_dataset(tmp_path / "text").hash()


def test_what_it_was_made_from_stands_beside_the_tables(made: Callable[..., Made], tmp_path: Path) -> None:
    made(seed=7)
    said = json.loads((tmp_path / "made" / "population.json").read_text(encoding="utf-8"))
    assert (said["country"], said["year"], said["years"], said["seed"], said["farms"]) == (
        "DE", 2020, [2018, 2019, 2020], 7, FARMS,
    )  # fmt: skip
    assert said["rows"]["farms"] == FARMS * 3
    assert {target["statistic"]: target["target"] for target in said["targets"]} == {
        "farms_total": 262_776,
        "uaa_total": 16_595_024,
    }
    assert said["assumptions"]["yield_shock_sd"]["reason"]


def test_a_run_that_fails_leaves_the_earlier_population_whole_and_nothing_else(
    made: Callable[..., Made], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made()
    before = content(tmp_path / "made")

    def broken(*_: object) -> None:
        raise RuntimeError("no weights")

    monkeypatch.setattr(module, "rake", broken)
    with pytest.raises(RuntimeError):
        made(seed=2)
    assert content(tmp_path / "made") == before
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_population_takes_the_place_of_an_earlier_one_in_another_format(
    made: Callable[..., Made], tmp_path: Path
) -> None:
    made()
    made(form="csv")
    assert sorted(content(tmp_path / "made")) == ["farms.csv", "flows.csv", "population.json"]


def test_a_folder_with_tables_of_another_data_set_is_left_alone(made: Callable[..., Made], tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "farms.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match=r"holds farms\.csv of another data set"):
        made()
    assert (tmp_path / "made" / "farms.csv").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("car", "words"),
    [
        ("{}", "is not what this program writes: country: nothing found; allowed: DE or NL; nothing is written over"),
        ("{", "is not what this program writes: Expecting property name"),
    ],
)
def test_tables_beside_a_population_json_of_something_else_are_left_alone(
    made: Callable[..., Made], tmp_path: Path, car: str, words: str
) -> None:
    made()
    (tmp_path / "made" / "population.json").write_text(car, encoding="utf-8")
    before = content(tmp_path / "made")
    with pytest.raises(FolderError, match=words):
        made(seed=2)
    assert content(tmp_path / "made") == before


def test_farms_of_a_data_set_with_new_weights_are_not_replaced_by_made_ones(
    made: Callable[..., Made], tmp_path: Path
) -> None:
    made()
    car = tmp_path / "made" / "population.json"
    car.write_text(json.dumps(json.loads(car.read_text(encoding="utf-8")) | {"reweighted": {}}), encoding="utf-8")
    before = content(tmp_path / "made")
    with pytest.raises(FolderError, match="holds farms of a data set with new weights"):
        made(seed=2)
    assert content(tmp_path / "made") == before


def test_a_report_on_an_earlier_population_does_not_stay_beside_a_new_one(
    made: Callable[..., Made], tmp_path: Path
) -> None:
    made()
    (tmp_path / "made" / "quality").mkdir()
    for name in ("margins.csv", "quality/quality.html", "quality/breaches.csv", "quality/mine.txt", "mine.csv"):
        (tmp_path / "made" / name).write_text("of seed 1", encoding="utf-8")
    made(seed=2)
    left = {file.name for file in (tmp_path / "made").rglob("*") if file.is_file()}
    assert left == {"farms.parquet", "flows.parquet", "population.json", "mine.txt", "mine.csv"}


def run_of(tmp_path: Path, workers: int) -> tuple[subprocess.Popen[str], Path]:
    """A long run of its own, once it works on its blocks."""
    call = [sys.executable, "-c", "from openfisca_stoffenbalans.cli import app; app()", "population", "de",
            "--farms", "100000", "--workers", str(workers), "--out", str(tmp_path / "out")]  # fmt: skip
    run = subprocess.Popen(
        call, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    for _ in range(600):
        if list(tmp_path.glob(".out.*/parts/*")):
            return run, tmp_path / "out"
        time.sleep(0.1)
    raise AssertionError("no block was made in a minute")


def members(group: int) -> list[str]:
    """The processes of a group that still run."""
    found = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if line.split()[0] == str(group) and "Z" not in line]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_from_outside_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    run, out = run_of(tmp_path, 2)
    run.send_signal(number)
    run.wait(60)
    for _ in range(100):
        if not members(run.pid):
            break
        time.sleep(0.1)
    left = members(run.pid)
    if left:
        os.killpg(run.pid, signal.SIGKILL)
    assert not left
    assert not out.exists()
    if number == signal.SIGTERM:
        assert run.returncode == 128 + signal.SIGTERM
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("country", "year", "farms", "words"),
    [
        ("DE", 2019, 500, "no margins of 2019 for DE; there are those of: 2016, 2020, 2023"),
        ("NL", 2020, 500, "no margins of 2020 for NL; there are those of: 2023"),
        ("DE", 2020, 199, "199 farms; allowed: 200 to 262776"),
        ("NL", 2023, 50_635, "50635 farms; allowed: 200 to 50634"),
    ],
)
def test_what_can_not_be_made_is_refused_with_what_can(country: str, year: int, farms: int, words: str) -> None:
    with pytest.raises(PopulationError, match=words):
        plan(country, year, farms)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "xlsx"], "xlsx is no format; there are: parquet, csv"),
        (["--assume", "yield_shock_sd"], "'yield_shock_sd' found; allowed: NAME=NUMBER"),
        (["--assume", "yield_shock_sd=much"], "allowed: NAME=NUMBER"),
        (["--assume", "yield_shock_sd=0.5"], "yield_shock_sd: 0.5 found; allowed: a number from 0 to 0.2"),
        (["--assume", "yield=0.5"], "yield is no assumption"),
        (["--farms", "10"], "10 farms; allowed: 200 to 262776"),
        (["--year", "2019"], "no margins of 2019"),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_message(options: list[str], words: str, tmp_path: Path) -> None:
    call = ["population", "de", "--out", str(tmp_path / "out"), *options]
    result = CliRunner().invoke(app, call, env={"COLUMNS": "400", "TERM": "dumb"})
    assert result.exit_code == 2
    assert words in " ".join(result.output.replace("│", " ").split())
    assert not (tmp_path / "out").exists()
