"""What a population is worth: figures by hand on tiny populations, sentences, the page."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import numpy
import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from openfisca_stoffenbalans.cli_quality import quality as command
from openfisca_stoffenbalans.population.quality import Quality, quality, quantile
from openfisca_stoffenbalans.population.quality_report import quality_report, write
from openfisca_stoffenbalans.population.quality_text import lead, printed
from openfisca_stoffenbalans.report.html import render
from tests.population.made_farms import Farm, german_arable, german_dairy, german_landless, written

APP = typer.Typer()
APP.command()(command)


def target(statistic: str, value: float, breakdown: str = "total", category: str = "total") -> dict[str, Any]:
    """A target of 2023 with a tolerance of 1 %."""
    return {
        "statistic": statistic, "breakdown": breakdown, "category": category, "label": f"label of {category}",
        "target": value, "unit": "x", "tolerance": 1.0, "margin_year": "2023", "source": f"source of {statistic}",
        "note": "",
    }  # fmt: skip


def weighted(farm: Farm, weight: float, start: float) -> Farm:
    """The farm with a weight, and the one it had before."""
    farm["farms"][0] |= {"weight": weight, "start_weight": start}
    return farm


def population(folder: Path) -> Path:
    """Three farms: dairy 60 ha (weight 12, before 10), arable 60 ha (30, before 20), landless pigs (5, before 10).

    Farms: 47 (before 40). Area: 60 x 12 + 60 x 30 = 2,520 ha (before 60 x 10 + 60 x 20 = 1,800).
    """
    written(folder, {
        "dairy": weighted(german_dairy(), 12, 10), "arable": weighted(german_arable(), 30, 20),
        "pigs": weighted(german_landless(), 5, 10),
    })  # fmt: skip
    content = {
        "country": "DE", "year": 2023, "years": [2021, 2022, 2023], "seed": 7, "farms": 3,
        "assumptions": {
            "one": {"value": 2, "default": 1, "low": 0, "high": 3, "unit": "kg", "reason": "why one"},
            "two": {"value": {"a": 1, "b": 2}, "default": {"a": 1, "b": 2}, "low": {"a": 0, "b": 0},
                    "high": {"a": 5, "b": 5}, "unit": "ha", "reason": "why two"},
        },
        # 47 of 47.2 is -0.42 %; 2,520 of 2,400 is +5 %; 12 + 5 = 17 of 17.
        "targets": [target("farms_total", 47.2), target("uaa_total", 2400, "region", "DE9"),
                    target("farms_with_livestock", 17), target("uaa_per_farm", 50)],
        "raking": {"low": 0.2, "high": 5},
    }  # fmt: skip
    (folder / "population.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, system: Any) -> Quality:
    return quality(population(tmp_path_factory.mktemp("population")), system)


def row(table: pl.DataFrame, **where: str) -> dict[str, Any]:
    """The one row with these cells."""
    rows = table.filter(pl.all_horizontal(pl.col(name) == value for name, value in where.items()))
    assert len(rows) == 1
    return rows.row(0, named=True)


def test_a_margin_stands_beside_start_weights_and_weights(found: Quality) -> None:
    farms, area = row(found.margins, statistic="farms_total"), row(found.margins, statistic="uaa_total")
    assert (farms["start"], farms["calibrated"]) == (40, 47)
    assert farms["deviation_pct"] == pytest.approx(100 * (47 - 47.2) / 47.2)
    assert farms["met"]
    assert (area["start"], area["calibrated"]) == (1800, 2520)
    assert area["deviation_pct"] == pytest.approx(5)
    assert area["start_deviation_pct"] == pytest.approx(-25)
    assert not area["met"]
    # 2,520 ha of 47 farms, before 1,800 of 40.
    ratio = row(found.margins, statistic="uaa_per_farm")
    assert (ratio["start"], ratio["calibrated"]) == pytest.approx((45, 2520 / 47))


def test_the_spread_of_weights_is_that_of_their_ratio(found: Quality) -> None:
    every = row(found.weights, region="all")
    # Ratios 1.2, 1.5 and 0.5; (12 + 30 + 5)² / (144 + 900 + 25).
    assert (every["min"], every["median"], every["max"]) == pytest.approx((0.5, 1.2, 1.5))
    assert every["effective_sample"] == pytest.approx(47**2 / 1069)
    assert (every["at_low"], every["at_high"]) == (0, 0)


def test_assumptions_are_listed_class_by_class_and_say_which_were_varied(found: Quality) -> None:
    rows = dict(found.assumptions.select("name", "varied").iter_rows())
    assert rows == {"one": True, "two.a": False, "two.b": False}


def test_the_balance_by_farm_type_is_supply_less_removal_per_hectare(found: Quality) -> None:
    # Arable: 6,000 kg N bought, 4,000 dt x 1.81 kg sold, 60 ha. Without land there is no amount per hectare.
    assert row(found.balances, farm_type="arable")["median"] == pytest.approx((6000 - 4000 * 1.81) / 60)
    assert "pigs_poultry" not in found.balances["farm_type"]


def test_national_surplus_is_the_sum_of_balances_over_the_sum_of_hectares(found: Quality) -> None:
    dairy = 6000 + 900 - 300 - 500 - 480 * 5.3 - 700 * 1.81
    arable = 6000 - 4000 * 1.81
    pigs = 18_800 + 2000 - 8800 - 9000
    expected = (12 * dairy + 30 * arable + 5 * pigs) / 2520
    one = next(one for one in found.figures if one.id == "national_n_surplus")
    assert one.population == pytest.approx(expected)
    # It lies below the 58 to 77 of the two published figures.
    assert expected < 58
    assert one.verdict == "misses"
    assert one.said.startswith(f"misses by −{58 - expected:.1f} kg N/ha")


def test_the_lead_names_margins_and_figures_that_are_missed(found: Quality) -> None:
    said = lead(found)
    assert len(said) == 5
    assert "3 synthetic German farms stand for 47 in 2023, seed 7" in said[0]
    assert "3 numbers, 1 of them varied" in said[0]
    assert "2 of 4 margins are met" in said[1]
    assert "label of DE9 (+5.00 %)" in said[1]
    for one in found.figures:
        if one.verdict == "misses" and one.independent:
            assert one.words in said[3]
    assert "No farm breaks" in said[4]


def test_the_lead_counts_and_lists_tests_apart_from_what_follows_from_margins(found: Quality) -> None:
    one = next(one for one in found.figures if one.verdict == "misses")
    test = dataclasses.replace(one, words="a test", independent=True)
    no_test = dataclasses.replace(one, words="no test", independent=False)
    said = lead(dataclasses.replace(found, figures=(test, no_test)))[3]
    assert said.startswith(
        "Of 1 independent published figures that it was not calibrated to, 0 agree and 1 miss: a test ("
    )
    first, _, second = said.partition("Of those that are no test of their own miss: ")
    assert "no test (" not in first
    assert second.startswith("no test (")


def test_the_page_has_every_margin_figure_rule_and_assumption(found: Quality) -> None:
    page = render(quality_report(found))
    text = re.sub(r"<[^>]*>", "", page)
    for one in found.margins.iter_rows(named=True):
        assert one["words"] in text
        assert one["source"] in text
    for one in found.figures:
        assert one.words in text.replace("&gt;", ">")
        assert one.said in text
    for rule in found.judged.counts["words"]:
        assert rule in text.replace("&#39;", "'")
    assert "why one" in text
    assert "biogas_plants, biogas_class" in text
    assert "two.b" in text
    assert page.count("<svg") == 4


def test_all_figures_are_written_as_json_and_csv(found: Quality, tmp_path: Path) -> None:
    files = write(found, tmp_path)
    assert [file.name for file in files] == ["quality.html", "quality.json", "quality.csv", "breaches.csv"]
    plain = json.loads((tmp_path / "quality.json").read_text(encoding="utf-8"))
    assert [one["calibrated"] for one in plain["margins"]] == pytest.approx([47, 2520, 17, 2520 / 47])
    table = pl.read_csv(tmp_path / "quality.csv")
    assert set(table["part"]) == {"margins", "weights", "held_out", "balances", "unpublished", "rules", "assumptions"}
    assert (
        row(table, part="margins", what="utilised agricultural area, label of DE9", quantity="target")["value"] == 2400
    )


def test_a_weighted_quantile_is_the_value_at_which_the_weight_is_reached() -> None:
    values, weights = numpy.array([30.0, 10.0, 20.0]), numpy.array([1.0, 1.0, 8.0])
    assert [quantile(values, weights, part) for part in (0.05, 0.1, 0.11, 0.9, 0.95)] == [10, 10, 20, 20, 30]


def test_organic_nitrogen_per_hectare_is_what_farms_of_lower_saxony_spread(found: Quality) -> None:
    # 6,000 kg x 12 farms over 2,520 ha.
    one = next(one for one in found.figures if one.id == "lower_saxony_organic_n")
    assert one.population == pytest.approx(6000 * 12 / 2520)


def test_the_soil_budget_stands_beside_what_farms_buy_spread_and_harvest(found: Quality) -> None:
    by_id = {one.id: one for one in found.figures}
    # Dairy (12 farms) and arable (30) buy 6,000 kg N each; 2,520 ha.
    assert by_id["budget_mineral"].population == pytest.approx(42 * 6000 / 2520)
    assert by_id["budget_manure"].population == pytest.approx(12 * 6000 / 2520)
    assert by_id["budget_digestate"].population == 0
    # Grass 30 ha x 90 dt x 2.40, maize 20 x 450 x 0.47, wheat 10 x 80 x 1.81; wheat 60 x 80 x 1.81.
    dairy, arable = 6480 + 4230 + 1448, 4800 * 1.81
    assert by_id["budget_harvest"].population == pytest.approx((12 * dairy + 30 * arable) / 2520)
    assert by_id["slurry_of_cattle"].population == pytest.approx(100)
    for one in found.figures:
        if one.id.startswith(("budget_", "slurry_of_")):
            assert one.verdict == "not compared"
            assert "Of 20" in one.why


def test_the_command_writes_beside_the_data_and_prints_what_misses(tmp_path: Path) -> None:
    folder = population(tmp_path)
    result = CliRunner().invoke(APP, [str(folder)])
    assert result.exit_code == 0, result.output
    assert (folder / "quality" / "quality.html").exists()
    assert "2 of 4 margins are met" in result.output
    assert "misses by" in result.output


def test_a_folder_without_population_json_is_one_clear_message(tmp_path: Path) -> None:
    folder = population(tmp_path)
    (folder / "population.json").unlink()
    result = CliRunner().invoke(APP, [str(folder)])
    assert result.exit_code == 2
    assert "population.json" in result.output
    assert not (folder / "quality").exists()


def test_farms_without_a_seed_are_not_said_to_have_one(found: Quality) -> None:
    assert "in 2023, seed 7; none" in lead(found)[0]
    told = dataclasses.replace(found, made={**found.made, "seed": None})
    assert "in 2023; none" in lead(told)[0]


def test_wrong_data_are_told_as_the_check_tells_them(tmp_path: Path) -> None:
    folder = population(tmp_path)
    table = pl.read_csv(folder / "herds.csv").with_columns(pl.lit(-1).alias("count"))
    table.write_csv(folder / "herds.csv")
    result = CliRunner().invoke(APP, [str(folder)])
    assert result.exit_code == 1
    assert "count" in result.output


def test_data_of_a_survey_are_not_called_synthetic(tmp_path: Path, system: Any) -> None:
    folder = population(tmp_path)
    content = json.loads((folder / "population.json").read_text(encoding="utf-8"))
    content |= {
        "assumptions": {}, "seed": None,
        "raking": {"low": 0.2, "high": 5, "before": [40, 1800, 20, 45], "at_low": 0, "at_high": 0,
                   "ratio": {"min": 0.5, "p1": 0.5, "p5": 0.5, "median": 1.2, "p95": 1.5, "p99": 1.5, "max": 1.5}},
    }  # fmt: skip
    (folder / "population.json").write_text(json.dumps(content), encoding="utf-8")
    farms = pl.read_csv(folder / "farms.csv").drop("start_weight")
    farms.write_csv(folder / "farms.csv")
    found = quality(folder, system)
    assert lead(found)[0] == "3 German farms of a data set stand for 47 in 2023."
    assert row(found.margins, statistic="uaa_total")["start"] == 1800
    assert row(found.weights, region="all")["median"] == 1.2
    assert any("Held-out figures" in line for line in printed(found))
    assert list(printed(found))[-1].endswith("do not pass these on.")
    page = render(quality_report(found))
    assert "ynthetic" not in page
    assert "follow from the assumptions" not in page
    assert "biogas_plants" not in page
    assert "do not pass these on" in page
