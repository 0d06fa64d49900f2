"""Limits are compared in whole grams."""

from __future__ import annotations

import datetime
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfisca_core.periods import period

from openfisca_stoffenbalans.calendar import deadline
from openfisca_stoffenbalans.numbers import exceeds, grams


@pytest.mark.parametrize(
    ("kg", "whole_grams"),
    [(174.998, 174998), (175, 175000), (175.0004, 175000), (175.0005, 175001), (-0.0005, -1), (-0.0004, 0), (0, 0)],
)
def test_kilograms_round_to_whole_grams_half_away_from_zero(kg: float, whole_grams: int) -> None:
    assert grams(kg) == whole_grams


def test_every_decimal_tie_up_to_a_thousand_kilograms_rounds_up() -> None:
    ties = numpy.arange(0, 1_000_000, 7) / 1000 + 0.0005
    assert (grams(ties) == numpy.arange(0, 1_000_000, 7) + 1).all()


@given(st.integers(-(10**12), 10**12))
def test_rounding_agrees_with_exact_fractions(tenth_of_a_milligram: int) -> None:
    exact = Fraction(tenth_of_a_milligram, 10**4)
    nearest = int(abs(exact) + Fraction(1, 2)) * (1 if exact >= 0 else -1)
    assert grams(tenth_of_a_milligram / 10**7) == nearest


def test_a_value_on_the_limit_does_not_exceed_it_nor_does_a_missing_one() -> None:
    assert exceeds([174.998, 175, 175.0004, 175.0006, 175.002, numpy.nan], 175).tolist() == [
        False,
        False,
        False,
        True,
        True,
        False,
    ]
    assert not exceeds(1.0, numpy.nan)


def test_sums_in_float64_stay_on_the_limit_where_float32_left_it() -> None:
    random = numpy.random.default_rng(7)
    area = random.integers(1, 200_000, 200_000) / 1000
    on_the_limit = area * 175
    assert not exceeds(on_the_limit / area, 175).any()
    in_float32 = on_the_limit.astype(numpy.float32) / area.astype(numpy.float32)
    assert (in_float32 > numpy.float32(175)).any()


@pytest.mark.parametrize(
    ("year", "months", "day"),
    [
        ("2018", 6, datetime.date(2019, 6, 30)),
        ("year:2018-07", 6, datetime.date(2019, 12, 31)),
        ("year:2019-03", 6, datetime.date(2020, 8, 31)),
        ("year:2019-09", 6, datetime.date(2021, 2, 28)),
        ("year:2019-03", 84, datetime.date(2027, 2, 28)),
        ("2018", 84, datetime.date(2025, 12, 31)),
    ],
)
def test_deadlines_are_the_last_day_of_a_month(year: str, months: int, day: datetime.date) -> None:
    assert deadline(period(year), months) == day
