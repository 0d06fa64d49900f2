"""Populations as a user makes them: fifty thousand farms of a country, and the samples that come with the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars
import pytest
from polars.testing import assert_frame_equal

from openfisca_stoffenbalans import read_dataset
from openfisca_stoffenbalans.dataset import check, read_tables
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.population.build import Made, build, plan
from openfisca_stoffenbalans.population.plan import BLOCK
from openfisca_stoffenbalans.population.possible import possible, read
from openfisca_stoffenbalans.population.quality import quality

YEAR = {"DE": 2020, "NL": 2023}
SAMPLES = {"DE": "germany_sample", "NL": "netherlands_sample"}
MANY = 50_000
SEED_OF_SAMPLES = 1


def made(country: str, farms: int, out: Path, workers: int = 1, **rest: Any) -> Made:
    return build(*plan(country, YEAR[country], farms, SEED_OF_SAMPLES), out, workers=workers, **rest)


@pytest.fixture(scope="module", params=YEAR)
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Made, Path]:
    out = tmp_path_factory.mktemp(request.param) / "population"
    return request.param, made(request.param, MANY, out, workers=2), out


def test_no_farm_of_fifty_thousand_is_impossible(many: tuple[str, Made, Path], system: Any) -> None:
    country, _, folder = many
    judged = possible(read(folder), system, country)
    assert judged.counts.filter(polars.col("judged") > 0).height > 20
    assert judged.breaches.group_by("rule").len().to_dicts() == []


def test_a_large_population_meets_every_margin_within_its_bounds(many: tuple[str, Made, Path]) -> None:
    _, result, _ = many
    assert result.raking.met.all(), result.raking.sentences(result.plan.targets)
    assert 0.2 <= result.raking.ratio.min() <= result.raking.ratio.max() <= 5
    # Areas and animals are held more closely than numbers of farms.
    tolerance = dict(result.plan.targets.select("statistic", "tolerance").iter_rows())
    assert tolerance["uaa_total"] == tolerance["dairy_cows"] == 0.5
    assert tolerance["farms_total"] == 1


@pytest.mark.parametrize("country", YEAR)
def test_two_processes_write_the_bytes_that_one_writes(country: str, tmp_path: Path) -> None:
    farms = BLOCK + 500
    one = made(country, farms, tmp_path / "one", workers=1)
    two = made(country, farms, tmp_path / "two", workers=2)
    assert [file.name for file in one.files] == [file.name for file in two.files]
    for first, second in zip(one.files, two.files, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name


@pytest.mark.parametrize("country", YEAR)
def test_the_shipped_sample_is_what_its_seed_makes(country: str, tmp_path: Path) -> None:
    made(country, 2_000, tmp_path / "again")
    folders = (example(SAMPLES[country]), tmp_path / "again")
    shipped, again = (read_dataset(folder).tables for folder in folders)
    for name, table in shipped.items():
        # Processors differ in the last digit of a float, which can turn the last digit of a rounded one.
        assert_frame_equal(table, again[name], check_exact=False, rel_tol=1e-6, abs_tol=0.0011)
    said = [json.loads((folder / "population.json").read_text(encoding="utf-8")) for folder in folders]
    for part in ("country", "year", "seed", "farms", "rows", "assumptions", "targets"):
        assert said[0][part] == said[1][part], part


@pytest.mark.parametrize("country", YEAR)
def test_the_shipped_sample_is_in_order_and_none_of_its_farms_is_impossible(country: str, system: Any) -> None:
    folder = example(SAMPLES[country])
    report = check(read_tables(folder))
    assert report.errors.height == 0
    assert all("is extra" in message for message in report.notices["message"])
    found = quality(folder, system)
    assert found.farms == 2_000
    assert found.judged.breaches.height == 0
    assert found.weights["max"].max() <= 5
