"""What `population quality` refuses, and what it makes of margins and weights at the edge."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from openfisca_stoffenbalans.population.quality import quality
from tests.population.test_quality import APP, population, row

OF_ALL = {"statistic": "farms_total", "breakdown": "total", "category": "total", "label": "total", "target": 47,
          "unit": "farms", "tolerance": 1}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"country": "FR"}, "country: 'FR' found; allowed: DE or NL"),
        ({"country": "NL"}, "is of country NL, the farms are of DE"),
        ({"year": None}, "year: nothing found"),
        ({"year": "abc"}, "year: 'abc' found"),
        ({"year": 1999}, "is of 1999, the farms' years are 2021, 2022, 2023"),
        ({"seed": -1}, "seed: -1 found"),
        ({"targets": 5}, "targets: 5 found; allowed: a list of margins"),
        ({"targets": []}, "targets: [] found; allowed: a list of margins, at least one"),
        ({"targets": [{**OF_ALL, "statistic": "x"}]}, "targets, number 1, statistic: 'x' found"),
        ({"targets": [OF_ALL, {**OF_ALL, "target": None}]}, "targets, number 2, target: nothing found"),
        ({"targets": [{**OF_ALL, "tolerance": "a"}]}, "targets, number 1, tolerance: 'a' found"),
        ({"assumptions": []}, "assumptions: [] found; allowed: an object"),
        ({"assumptions": {"one": {}}}, "assumptions, one, value: nothing found; allowed: a number"),
        ({"raking": None}, "raking: nothing found; allowed: an object"),
        ({"rows": {"farms": 12}}, "is of other data: it says 12 rows of farms, there are 9"),
    ],
)
def test_a_population_json_that_can_not_be_of_these_farms_is_one_clear_message(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    folder = population(tmp_path)
    car = folder / "population.json"
    car.write_text(json.dumps(json.loads(car.read_text(encoding="utf-8")) | change), encoding="utf-8")
    result = CliRunner().invoke(APP, [str(folder)], env={"COLUMNS": "400", "TERM": "dumb"})
    assert result.exit_code == 2, result.exception
    assert words in result.output.replace("\n", " ")
    assert not (folder / "quality").exists()


def test_a_margin_of_0_that_no_farm_counts_towards_is_met(tmp_path: Path, system: Any) -> None:
    folder = population(tmp_path)
    car = folder / "population.json"
    none = {**OF_ALL, "breakdown": "region", "category": "DE1", "label": "x", "target": 0}
    content = json.loads(car.read_text(encoding="utf-8")) | {"targets": [none, {**OF_ALL, "target": 0}]}
    car.write_text(json.dumps(content), encoding="utf-8")
    table = quality(folder, system).margins
    # 47 farms where there should be none are 47 too many, in per cent of 1.
    assert table["deviation_pct"].to_list() == [0, 4700]
    assert table["met"].to_list() == [True, False]


def test_start_weights_that_are_no_weights_count_as_none(tmp_path: Path, system: Any) -> None:
    folder = population(tmp_path)
    pl.read_csv(folder / "farms.csv").with_columns(start_weight=pl.lit(0)).write_csv(folder / "farms.csv")
    assert row(quality(folder, system).weights, region="all")["median"] is None


def test_an_example_needs_a_place_for_its_report(tmp_path: Path) -> None:
    env = {"COLUMNS": "400", "TERM": "dumb"}
    result = CliRunner().invoke(APP, ["example:netherlands_sample"], env=env)
    assert result.exit_code == 2
    assert "--out: is missing; of example:netherlands_sample" in result.output.replace("\n", " ")
    result = CliRunner().invoke(APP, ["example:netherlands_sample", "--out", str(tmp_path / "out")], env=env)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "quality.html").exists()
    result = CliRunner().invoke(APP, [__file__], env=env)
    assert result.exit_code == 2
    assert "is a file, not a folder" in result.output
