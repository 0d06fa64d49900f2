"""Held-out figures: where they stand, how they are compared, and when they agree."""

from __future__ import annotations

from typing import Any

import numpy
import polars as pl
import pytest
import typer

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
from openfisca_stoffenbalans.population.quality import calibrated_to

APP = typer.Typer()


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


def test_made_farms_with_new_weights_still_stand_on_the_margins_that_they_were_made_to() -> None:
    target = {"statistic": "dairy_cows", "breakdown": "total"}
    real = {"country": "NL", "targets": [target], "reweighted": {}, "assumptions": {}}
    assert calibrated_to(real) == {"dairy_cows by total"}
    synthetic = real | {"assumptions": {"one": {"value": 1}}}
    assert {"dairy_cows by total", "n_excretion_cattle by total"} < calibrated_to(synthetic)
    assert calibrated_to({name: part for name, part in synthetic.items() if name != "reweighted"}) == {
        "dairy_cows by total"
    }
