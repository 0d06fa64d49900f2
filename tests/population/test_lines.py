"""Rows of the tables put together from arrays of farms and years."""

from __future__ import annotations

import datetime

import numpy
import polars

from openfisca_stoffenbalans.population.lines import Lines, keys

IDS = polars.Series(["a", "b"])
KEYS = keys(IDS, (2019, 2020), numpy.array([1, 7]))


def test_keys_stand_farm_by_farm_and_year_by_year() -> None:
    assert KEYS["farm_id"].to_list() == ["a", "a", "b", "b"]
    assert KEYS["year_start"].to_list() == [
        datetime.date(2019, 1, 1),
        datetime.date(2020, 1, 1),
        datetime.date(2019, 7, 1),
        datetime.date(2020, 7, 1),
    ]


def test_rows_stand_where_they_are_asked_for_in_the_order_of_farms_years_and_groups() -> None:
    lines = Lines("herds")
    lines.add(numpy.array([[True, False], [True, True]]), animal="nl_101_slurry", count=numpy.array([[1.0, 2], [3, 4]]))
    lines.add(numpy.array([[True, True], [False, False]]), animal="nl_100_slurry", count=numpy.array([7.0, 8]))
    frame = lines.frame(KEYS)
    assert frame["farm_id"].to_list() == ["a", "a", "a", "b", "b"]
    assert frame["year_start"].dt.year().to_list() == [2019, 2019, 2020, 2019, 2020]
    assert frame["animal"].cast(polars.String).to_list() == [
        "nl_101_slurry", "nl_100_slurry", "nl_100_slurry", "nl_101_slurry", "nl_101_slurry",
    ]  # fmt: skip
    # An array of farms counts for each of their years.
    assert frame["count"].to_list() == [1, 7, 7, 3, 4]


def test_what_is_not_a_number_is_empty_and_contents_keep_six_decimals() -> None:
    lines = Lines("flows")
    everywhere = numpy.ones((2, 2), dtype=bool)
    amount = numpy.array([[1.23456, numpy.nan], [2, 3]])
    lines.add(everywhere, amount=amount, n_content=numpy.array([0.0185, 0.0193]))
    frame = lines.frame(KEYS)
    assert frame["amount"].to_list() == [1.235, None, 2, 3]
    assert frame["n_content"].to_list() == [0.0185, 0.0185, 0.0193, 0.0193]


def test_a_column_that_a_group_lacks_is_empty_there_and_extra_columns_are_left_to_others() -> None:
    lines = Lines("crops")
    first = numpy.array([[True, False], [False, False]])
    lines.add(first, crop="winter_wheat", area_ha=1.0)
    lines.add(first, crop="wheat_of_the_farm", area_ha=2.0, yield_dt_per_ha=80.0)
    assert lines.frame(KEYS)["yield_dt_per_ha"].to_list() == [None, 80]


def test_a_table_without_rows_has_its_keys() -> None:
    lines = Lines("stocks")
    lines.add(numpy.zeros((2, 2), dtype=bool), opening=1.0)
    assert lines.frame(KEYS).height == 0
    assert lines.frame(KEYS).columns == ["farm_id", "year_start"]
