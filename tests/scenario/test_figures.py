"""What the charts of a comparison are made of shows no single farm."""

from __future__ import annotations

import math

import numpy
import polars
import pytest

from openfisca_stoffenbalans.scenario.exact import weight_millionths
from openfisca_stoffenbalans.scenario.figures import bins, exceedance
from openfisca_stoffenbalans.scenario.summary import Rule


def test_bins_are_put_together_until_each_has_enough_farms() -> None:
    # 12 farms from 0 to 24, 3 from 25 to 49, 9 from 50 to 74, 11 at 100 kg N/ha.
    values = numpy.array([*range(0, 24, 2), 25, 30, 40, *range(50, 68, 2), *[100] * 11], dtype=float)
    found = bins(values, weight_millionths(numpy.ones(len(values))), Rule())
    assert found.edges == [-math.inf, 25, 75, math.inf]
    assert found.farms == [12, 12, 11]


def test_a_rest_of_few_farms_joins_the_last_bin() -> None:
    values = numpy.array([*[10] * 12, 60, 60], dtype=float)
    found = bins(values, weight_millionths(numpy.ones(14)), Rule())
    assert found.edges == [-math.inf, math.inf]
    assert found.farms == [14]


def test_one_heavy_farm_makes_no_bin_of_its_own() -> None:
    values = numpy.array([*[10.0] * 12, *[60.0] * 12])
    weights = numpy.ones(24)
    weights[-1] = 100
    found = bins(values, weight_millionths(weights), Rule())
    assert found.edges == [-math.inf, math.inf]


@pytest.mark.parametrize("values", [numpy.full(5, numpy.nan), numpy.arange(9.0)])
def test_too_few_farms_make_no_distribution(values: numpy.ndarray) -> None:
    assert bins(values, weight_millionths(numpy.ones(len(values))), Rule()).farms == []


def test_the_share_above_a_norm_is_that_of_the_bins_above_it() -> None:
    spread = polars.DataFrame(
        {
            "scenario": ["a"] * 3,
            "lower": [-math.inf, 25.0, 75.0],
            "upper": [25.0, 75.0, math.inf],
            "farms": [10.0, 30.0, 60.0],
        }
    )
    assert exceedance(spread).rows() == [("a", 25, 0.9), ("a", 75, 0.6)]
