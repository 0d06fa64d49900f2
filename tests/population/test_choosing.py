"""Farms chosen and amounts spread so that totals are met: by hand."""

from __future__ import annotations

import numpy
import pytest

from openfisca_stoffenbalans.population.de.choosing import pick, pick_evenly, rounded_table, spread
from openfisca_stoffenbalans.population.shares import fitted, whole_numbers


def test_a_table_is_rounded_to_its_own_row_and_column_sums() -> None:
    assert rounded_table(numpy.array([[1.1, 0.9], [0.9, 2.1]])).tolist() == [[1, 1], [1, 2]]
    # Largest remainders of the rows alone would give the columns 3 and 1.
    rounded = rounded_table(numpy.array([[0.6, 0.4], [0.6, 0.4], [0.8, 1.2]]))
    assert rounded.sum(axis=0).tolist() == [2, 2]
    assert rounded.sum(axis=1).tolist() == [1, 1, 2]


def test_shares_become_whole_numbers_by_largest_remainders() -> None:
    # 10 x (0.55, 0.26, 0.19) = 5.5, 2.6, 1.9: floors 5, 2, 1; the two left go to .9 and .6.
    assert whole_numbers(numpy.array([0.55, 0.26, 0.19]), 10).tolist() == [5, 3, 2]


def test_picking_takes_as_many_as_wanted_and_none_without_a_chance() -> None:
    group = numpy.repeat([0, 1], 50)
    propensity = numpy.where(numpy.arange(100) % 5 == 0, 0.0, 1.0)
    chosen = pick(numpy.random.default_rng(1), group, numpy.array([7.0, 60.0]), numpy.ones(100), propensity)
    assert chosen[:50].sum() == 7
    # Only 40 of the second 50 have a chance.
    assert chosen[50:].sum() == 40
    assert not chosen[::5].any()


def test_spreading_meets_a_total_within_bounds() -> None:
    # 1 : 2 : 4 with at most 10, sum 20: the last is capped at 10, the others share 10 as 1 : 2.
    amounts = spread(
        numpy.array([20.0]),
        numpy.zeros(3, int),
        numpy.ones(3),
        numpy.array([1.0, 2, 4]),
        numpy.zeros(3),
        numpy.full(3, 10.0),
    )
    assert amounts == pytest.approx([10 / 3, 20 / 3, 10])


def test_picking_evenly_takes_every_second_farm_by_size() -> None:
    # Ten farms of equal chance, five wanted: of each pair of neighbours in size exactly one.
    sizes = numpy.array([5.0, 3, 9, 1, 7, 2, 8, 4, 10, 6])
    ones = numpy.ones(10)
    chosen = pick_evenly(numpy.random.default_rng(3), numpy.zeros(10, int), numpy.array([5.0]), ones, ones, sizes)
    by_size = chosen[numpy.argsort(sizes)]
    assert by_size.reshape(5, 2).sum(axis=1).tolist() == [1, 1, 1, 1, 1]


def test_a_fitted_table_keeps_the_pattern_of_its_start_and_scales_columns_to_the_rows() -> None:
    # From 1 1 / 1 1 with rows 30 and 10 and columns 3 : 1 the table is the product of both, 40 in all.
    table = fitted(numpy.ones((2, 2)), numpy.array([30.0, 10.0]), numpy.array([3.0, 1.0]))
    assert table == pytest.approx(numpy.array([[22.5, 7.5], [7.5, 2.5]]))
    # The odds ratio of the start, 4 x 1 / (1 x 1), stays.
    skewed = fitted(numpy.array([[4.0, 1.0], [1.0, 1.0]]), numpy.array([30.0, 10.0]), numpy.array([25.0, 15.0]))
    assert skewed.sum(axis=1) == pytest.approx([30, 10])
    assert skewed.sum(axis=0) == pytest.approx([25, 15])
    assert skewed[0, 0] * skewed[1, 1] / (skewed[0, 1] * skewed[1, 0]) == pytest.approx(4)
