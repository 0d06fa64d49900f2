"""Figures that no source gives, counted by hand on a handful of farms."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from openfisca_stoffenbalans.population.assumptions import assumptions
from openfisca_stoffenbalans.population.unpublished import quantiles, unpublished

DAY = datetime.date(2020, 1, 1)


def table(**columns: Any) -> pl.DataFrame:
    number = len(next(iter(columns.values())))
    keys = {"farm_id": [f"f{place}" for place in range(number)], "year_start": [DAY] * number}
    return pl.DataFrame(keys | columns)


def figures(rows: pl.DataFrame, crops: pl.DataFrame, country: str) -> dict[str, float]:
    looked_at: Any = SimpleNamespace(years=rows, crops=crops)
    return dict(unpublished(looked_at, country, 2020).select("words", "value").iter_rows())


def test_german_farms_are_counted_with_their_weights() -> None:
    rows = table(
        weight=[10.0, 20.0, 30.0, 40.0],
        # 0 / 50, 50 / 100 = 0.5, 51 / 100 = 0.51 and 30 / 0 livestock units per hectare.
        livestock_units=[0.0, 50.0, 51.0, 30.0],
        utilised_area_ha=[50.0, 100.0, 100.0, 0.0],
        has_biogas_plant=[True, False, True, False],
        linked_to_livestock_farm=[False, False, True, False],
        n_manure_in=[0.0, 5.0, None, 1.0],
        n_organic_in=[3.0, 0.0, 0.0, 0.0],
        nitrogen_balance=[1_000.0, 6_000.0, None, 900.0],
    )
    crops = pl.DataFrame({
        "farm_id": ["f0", "f1", "f1"], "year_start": [DAY] * 3, "area_ha": [2.0, 3.0, 5.0],
        "crop_text": ["de_t6_erbse", "de_t6_luzerne", "winter_wheat"],
    })  # fmt: skip
    found = figures(rows, crops, "DE")
    assert found["farms without animals"] == 10
    assert found["farms with animals and without land"] == 40
    assert found["farms with above 0, at most 0.5 livestock units per ha"] == 20
    assert found["farms with above 0.5, at most 1 livestock units per ha"] == 30
    assert found["farms with above 2.5 livestock units per ha"] == 0
    assert found["farms with a biogas plant"] == 10 + 30
    assert found["farms with a biogas plant that is linked to a farm in scope"] == 30
    # 2 ha x 10 + 3 ha x 20.
    assert found["area of legumes (crops of annex 1 table 6)"] == 80
    assert found["farms that take in manure of animals"] == 20 + 40
    assert found["farms that take in other organic fertiliser, digestate with it"] == 10
    # 1,000 / 50 = 20 kg N/ha of 10 farms, 6,000 / 100 = 60 of 20; the other two have no land or no balance.
    assert found["nitrogen surplus: 25 % quantile"] == 20
    assert found["nitrogen surplus: 50 % quantile"] == 60


def test_dutch_farms_are_counted_by_type_with_their_weights() -> None:
    rows = table(
        weight=[10.0, 30.0, 5.0],
        farm_type=["dairy", "dairy", "arable"],
        soil_type=["zeeklei", "rivierklei", "zeeklei"],
        derogation=[True, False, False],
        n_manure_in=[0.0, 0.0, 7.0],
        nl_farm_surplus_nitrogen=[1_500.0, 1_800.0, 0.0],
        utilised_area_ha=[10.0, 10.0, 10.0],
        nl_soil_balance=[137.5, 150.0, 140.0],
    )
    found = figures(rows, rows, "NL")
    assert found["farms of the type dairy"] == 40
    assert found["farms with a derogation"] == 10
    assert found["farms that take in manure of animals"] == 5
    assert found["nitrogen surplus of dairy farms, farm balance: 25 % quantile"] == 150
    assert found["nitrogen surplus of dairy farms, farm balance: 50 % quantile"] == 180


def test_a_quantile_of_nothing_is_empty() -> None:
    rows = pl.DataFrame({"value": [None, float("nan")], "weight": [1.0, 1.0]}, schema_overrides={"value": pl.Float64})
    assert [value for _, value, *_ in quantiles(rows, pl.col("value"), "surplus", "yields")] == [None] * 5


def test_another_year_is_not_counted() -> None:
    flags = {"has_biogas_plant": [True], "linked_to_livestock_farm": [False]}
    numbers = ("weight", "livestock_units", "utilised_area_ha", "n_manure_in", "n_organic_in", "nitrogen_balance")
    rows = table(**flags, **{name: [1.0] for name in numbers})
    crops = rows.select("farm_id", "year_start", area_ha=pl.lit(1.0), crop_text=pl.lit("de_t6_erbse"))
    assert figures(rows, crops, "DE")["farms with a biogas plant"] == 1
    later = rows.with_columns(year_start=datetime.date(2019, 1, 1))
    assert figures(later, crops.with_columns(year_start=datetime.date(2019, 1, 1)), "DE")[
        "farms with a biogas plant"
    ] == pytest.approx(0)


@pytest.mark.parametrize("country", ["DE", "NL"])
def test_every_figure_names_assumptions_that_there_are(country: str) -> None:
    numbers = ("weight", "livestock_units", "utilised_area_ha", "n_manure_in", "n_organic_in", "nitrogen_balance",
               "nl_farm_surplus_nitrogen", "nl_soil_balance", "area_ha")  # fmt: skip
    flags = {name: [True] for name in ("has_biogas_plant", "linked_to_livestock_farm", "derogation")}
    rows = table(**flags, **{name: [1.0] for name in numbers}, farm_type=["dairy"], crop_text=["wheat"])
    looked_at: Any = SimpleNamespace(years=rows, crops=rows)
    named = unpublished(looked_at, country, 2020)["assumptions"]
    assert named.len() >= 10
    for names in named:
        assert set(names.split(", ")) <= set(assumptions(country)), names
