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
from openfisca_stoffenbalans.population import held_out_de, held_out_nl
from openfisca_stoffenbalans.population.held_out import (
    Measure,
    compared,
    entries,
    figure,
    free,
    published,
    samples,
    summary,
    swing,
    three_year_means,
)
from openfisca_stoffenbalans.population.margins import margins
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


def test_every_held_out_figure_is_published_and_has_a_function() -> None:
    for country, module in (("DE", held_out_de), ("NL", held_out_nl)):
        assert [entry["id"] for entry in entries(country)] == list(module.FUNCTIONS)
        for entry in entries(country):
            value, _, unit, source, _ = published(entry, country)
            assert unit
            assert value is None or source
            assert {"sample", "range", "tolerance", "nothing"} & set(entry)
            assert "tolerance" not in entry or entry["reason"]


@pytest.mark.parametrize("country", ["DE", "NL"])
def test_no_figure_that_is_compared_as_independent_is_calibrated_to(country: str) -> None:
    for entry in entries(country):
        if entry["independent"] and "published" in entry:
            assert figure(country, entry["published"])["use"] != "calibrate", entry["id"]


def test_a_misspelt_place_of_a_figure_is_an_error() -> None:
    with pytest.raises(LookupError, match="is 0 published figures"):
        figure("DE", {"year": "2020", "statistic": "farms_totl"})


def entry(**how: Any) -> dict[str, Any]:
    """The dairy sample's mean, 133 kg N/ha, compared in another way."""
    place = {"year": "2019-2021", "statistic": "n_surplus_gross_farm_gate", "category": "lower_saxony_dairy_mean"}
    return {"id": "x", "words": "x", "published": place, "independent": True, "boundary": "b", **how}


@pytest.mark.parametrize(
    ("how", "found", "verdict", "said"),
    [
        ({"sample": 23}, Measure(120, 110, 140), "agrees", "agrees"),
        ({"sample": 23}, Measure(150, 140, 160), "misses", "misses by +17 kg N/ha (+13%)"),
        ({"tolerance": 10, "reason": "r"}, Measure(146), "agrees", "agrees"),
        ({"tolerance": 10, "reason": "r"}, Measure(147), "misses", "misses by +14 kg N/ha (+11%)"),
        ({"tolerance": 10, "reason": "r"}, Measure(None), "can't be computed", "can't be computed"),
        ({"nothing": True}, Measure(147), "not compared", "not compared"),
    ],
)
def test_a_figure_agrees_within_what_is_stated_and_else_misses_by_so_much(
    how: dict[str, Any], found: Measure, verdict: str, said: str
) -> None:
    one = compared(entry(**how), "DE", found, 2020)
    assert (one.verdict, one.said) == (verdict, said)


def test_a_figure_of_one_year_is_not_held_against_a_population_of_another() -> None:
    only = entry(tolerance=10, reason="r", only=[2020])
    assert compared(only, "DE", Measure(147), 2020).verdict == "misses"
    other = compared(only, "DE", Measure(147), 2023)
    assert other.verdict == "not compared"
    assert other.why.startswith("Of another year than 2023")


def test_a_range_holds_a_figure_between_two_published_ones() -> None:
    place = {"year": "2019-2021", "statistic": "n_surplus_gross_farm_gate", "category": "lower_saxony_dairy_maximum"}
    ranged = entry(range=True, other=place)
    # 133 to 190 kg N/ha.
    assert compared(ranged, "DE", Measure(150), 2020).verdict == "agrees"
    assert compared(ranged, "DE", Measure(200), 2020).said == "misses by +10 kg N/ha (+5%)"
    assert compared(ranged, "DE", Measure(130), 2020).said == "misses by −3 kg N/ha (−2%)"


def test_figures_that_follow_from_margins_are_not_counted_as_tests() -> None:
    one, other = (
        compared({**entry(tolerance=10, reason="r"), "independent": yes}, "DE", Measure(133), 2020)
        for yes in (True, False)
    )
    assert summary([one, other]) == (1, 1, 0)
    assert other.why.startswith("Compared within 10 %: r. Not independent.")


def test_what_follows_from_margins_is_independent_where_they_were_not_calibrated_to() -> None:
    one = next(one for one in entries("DE") if one["id"] == "farms_above_20_ha")
    assert not free(one, frozenset({"farms_total by size_class"}))["independent"]
    other = free(one, frozenset({"farms_total by total"}))
    assert other["independent"]
    assert other["boundary"] == "Not calibrated to here: farms_total by size_class."


def test_the_swing_of_the_published_shares_is_0_58() -> None:
    # Probits -0.613, 0.613, -0.583, 0.025, mean -0.139; squared distances 0.224, 0.566, 0.197, 0.027; / 3; root.
    assert swing((0.27, 0.73, 0.28, 0.51)) == pytest.approx(0.581, abs=0.001)


def test_a_three_year_mean_is_kilograms_over_hectares_and_needs_all_years() -> None:
    farms = pl.DataFrame({
        "farm_id": ["a", "a", "b", "b"], "kg": [100.0, 1100.0, 10.0, None], "utilised_area_ha": [1.0, 5.0, 1.0, 1.0],
        "weight": [2.0, 2.0, 3.0, 3.0],
    })  # fmt: skip
    # 1,200 kg over 6 ha, not the mean of 100 and 220.
    assert three_year_means(farms, "kg").rows() == [(200.0, 2.0)]


def test_samples_are_drawn_by_weight_and_the_same_again_with_the_same_seed() -> None:
    values, weights = numpy.array([1.0, 2.0]), numpy.array([0.0, 5.0])
    assert samples(values, weights, 23, 1, lambda drawn: drawn.mean(axis=-1)) == (2.0, 2.0, 2.0)
    many, alike = numpy.arange(100.0), numpy.ones(100)
    first, again, other = (samples(many, alike, 23, seed, lambda drawn: drawn.min(axis=-1)) for seed in (1, 1, 2))
    assert first == again != other
    # The minimum of 23 of 0 to 99 is about 100 / 24 - 1; that of all of them is 0.
    assert first[0] == pytest.approx(100 / 24 - 0.5, abs=0.6)


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


def test_held_out_rows_of_the_margins_that_nobody_looks_at_are_few_and_known() -> None:
    """The published figures marked held_out are all compared, shown, or stand here with the reason why not."""
    looked_at = set()
    for country in ("DE", "NL"):
        for one in entries(country):
            for place in (one.get("published"), one.get("other"), one.get("swing_of"), one.get("extremes_of")):
                if place:
                    looked_at.add(place["statistic"])
    left = set()
    for country in ("DE", "NL"):
        left |= set(margins(country).filter(pl.col("use") == "held_out")["statistic"]) - looked_at
    assert left == {
        "sample_size",  # of samples, no figure of farms
        "n_duengesaldo", "organic_p2o5_per_ha", "n_above_170_limit",  # of the fertiliser law's accounts and districts
        "n_surplus_net_farm_gate",  # 71 farms of one district, after unknown deductions
        "share_cows_grazing", "grazing_hours_on_grazing_farms",  # hours are not in the data
        "bex_vs_forfait_n", "bex_vs_forfait_p2o5",  # the forfait is not computed beside what is declared
    }  # fmt: skip
