"""What a population gives for held-out figures, by hand on a handful of farms."""

from __future__ import annotations

import datetime

import polars as pl
import pytest

from openfisca_stoffenbalans.population import held_out_de, held_out_nl
from openfisca_stoffenbalans.population.facts import applications
from openfisca_stoffenbalans.population.held_out import World, compared, entries
from openfisca_stoffenbalans.population.quality_text import number_of


def test_what_is_spread_is_told_by_kind_and_an_unknown_amount_stays_unknown() -> None:
    rows = [
        ("a", "cattle", "slurry", 10.0, 3000.0), ("a", "digestate", "slurry", 4.0, 1000.0),
        ("a", "pigs", "solid", 7.0, 500.0), ("b", "pigs", "slurry", 2.0, None),
    ]  # fmt: skip
    table = pl.DataFrame(rows, ["farm_id", "material", "form", "n_kg", "amount_kg"], orient="row").with_columns(
        year_start=pl.date(2020, 1, 1), origin=pl.lit("own"), field_id=pl.lit(None, pl.String)
    )
    mixed, unknown = applications(table).sort("farm_id").iter_rows(named=True)
    assert (mixed["n_spread_manure"], mixed["n_spread_digestate"]) == (17, 4)
    assert [mixed[f"slurry_{kind}kg"] for kind in ("", "cattle_", "pigs_", "digestate_")] == [4000, 3000, 0, 1000]
    assert (unknown["n_spread_manure"], unknown["slurry_pigs_kg"], unknown["slurry_kg"]) == (2, None, None)


def test_lowest_and_highest_are_given_as_such_not_their_mean() -> None:
    farms = pl.DataFrame({
        "region": ["DE9", "DE94", "DE1"], "nitrogen_balance": [1000.0, 3000.0, 400.0],
        "utilised_area_ha": [10.0, 10.0, 20.0], "weight": [1.0, 1.0, 2.0],
    }).with_columns(year_start=pl.date(2020, 1, 1))  # fmt: skip
    measured = held_out_de.regions_n_surplus(World("DE", 2020, 1, farms, pl.DataFrame(), {}))
    # 4,000 kg over 20 ha and 400 over 20; all: 4,800 over 60.
    assert (measured.value, measured.top) == (20, 200)
    assert measured.detail == "All farms together: 80.0."
    place = next(one for one in entries("DE") if one["id"] == "regions_n_surplus")
    assert number_of(compared(place, "DE", measured, 2020)) == "20 to 200 beside 26 to 162 kg N/ha UAA"


def test_dutch_shares_of_years_are_the_lowest_and_the_highest() -> None:
    farms = pl.DataFrame({
        "farm_type": ["dairy"] * 4, "soil_type": ["dekzand"] * 4, "nl_soil_area_ha": [10.0] * 4,
        "utilised_area_ha": [10.0] * 4, "nl_farm_soil_surplus_nitrogen": [1000.0, 1800.0, 1000.0, 1100.0],
        "nl_klw_max_soil_surplus": [120.0] * 4, "n_harvest": [2000.0] * 4, "weight": [1.0, 3.0, 1.0, 3.0],
        "year_start": [datetime.date(2022, 1, 1)] * 2 + [datetime.date(2023, 1, 1)] * 2,
    })  # fmt: skip
    # 1 of 4 farms, then all.
    found = held_out_nl.shares_meeting_maximum(World("NL", 2023, 1, farms, pl.DataFrame(), {}))
    assert (found.value, found.top, found.detail) == (25, 100, "Mean of the years: 62.5.")


def test_dairy_farms_on_clay_stand_beside_the_one_class_that_is_known() -> None:
    farms = pl.DataFrame({
        "weight": [10.0, 30.0, 5.0, 9.0, 7.0], "farm_type": ["dairy", "dairy", "arable", "dairy", "dairy"],
        "soil_type": ["zeeklei", "rivierklei", "zeeklei", "dekzand", "maasklei"],
        "nl_soil_balance": [137.5, 150.0, 140.0, 140.0, None],
    }).with_columns(year_start=pl.date(2023, 1, 1))  # fmt: skip
    # From 137.5 and below 150: the first of two dairy farms on clay that are known, 10 of 40.
    assert held_out_nl.clay_in_class(World("NL", 2023, 1, farms, pl.DataFrame(), {})).value == 25


def test_the_dutch_swing_is_the_shock_times_the_harvest_over_the_spread() -> None:
    farms = pl.DataFrame({
        "farm_type": ["dairy"] * 2, "soil_type": ["dekzand"] * 2, "nl_soil_area_ha": [10.0, 10.0],
        "utilised_area_ha": [10.0, 10.0], "nl_farm_soil_surplus_nitrogen": [1000.0, 1800.0],
        "nl_klw_max_soil_surplus": [120.0, 120.0], "n_harvest": [2000.0, 3000.0], "weight": [1.0, 1.0],
    }).with_columns(year_start=pl.date(2023, 1, 1))  # fmt: skip
    world = World("NL", 2023, 1, farms, pl.DataFrame(), {"yield_shock_sd": 0.08})
    # -20 and 60 kg N/ha above the highest: standard deviation 40; 250 kg N/ha harvested.
    assert held_out_nl.year_swing(world).value == pytest.approx(0.08 * 250 / 40)
    assert held_out_nl.shares_meeting(world) == [0.5]
