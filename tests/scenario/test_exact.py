"""Sums of weighted whole grams are exact, whatever their size and however the farms are divided."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy
import pytest

from openfisca_stoffenbalans.scenario import exact
from openfisca_stoffenbalans.scenario.exact import Sheet, exact_sums, tally, weight_millionths

HIGH = 2**62 - 1


def sums_by_hand(products: list[int], codes: list[int], length: int) -> list[int]:
    """Python's integers have no end."""
    return [sum(value for value, code in zip(products, codes, strict=True) if code == one) for one in range(length)]


@pytest.mark.parametrize("rows_at_a_time", [1, 7, 1 << 21])
@pytest.mark.parametrize("high", [3, 2**31, 2**32 + 1, HIGH])
def test_sums_are_those_of_whole_numbers_without_end(
    high: int, rows_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "ROWS_AT_A_TIME", rows_at_a_time)
    random = Random(high)
    products = [random.choice((random.randint(-high, high), high, -high, 0, -1)) for _ in range(60)]
    codes = [random.choice((0, 1, 3)) for _ in products]
    found = exact_sums(numpy.array(products), numpy.array(codes), 5)
    assert found == sums_by_hand(products, codes, 5)
    assert all(type(one) is int for one in found)


def test_a_sum_may_be_larger_than_64_bits_and_than_the_integers_of_a_float() -> None:
    # 100 x (2^62 - 1) and one more; as floats the one would be lost, as 64 bits all of it.
    products = numpy.array([HIGH] * 100 + [1])
    assert exact_sums(products, numpy.zeros(101, dtype=int), 1) == [100 * HIGH + 1]
    assert exact_sums(-products, numpy.zeros(101, dtype=int), 1) == [-100 * HIGH - 1]


def test_amounts_that_cancel_in_the_end_do_so_in_whichever_block_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "ROWS_AT_A_TIME", 2)
    products = numpy.array([HIGH, 5, -HIGH, -2, 2**31 - 1, -(2**31)])
    assert exact_sums(products, numpy.zeros(6, dtype=int), 1) == [2]


def random_farms(random: Random, number: int) -> tuple[Any, Any, Any]:
    """Weights in millionths, amounts in grams, and two groupings whose groups are numbered through."""
    weights = numpy.array([random.choice((1, 500_000, 1_000_000, 33_333_333)) for _ in range(number)])
    amounts = numpy.array([random.randint(-(10**10), 10**10) for _ in range(number)])
    groupings = [numpy.zeros(number, dtype=int), numpy.array([random.randint(1, 3) for _ in range(number)])]
    return weights, amounts, groupings


@pytest.mark.parametrize("rows_at_a_time", [3, 1 << 21])
def test_a_sheet_has_sums_counts_and_the_largest_farm_of_every_group(
    rows_at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exact, "ROWS_AT_A_TIME", rows_at_a_time)
    random = Random(1)
    weights, amounts, groupings = random_farms(random, 40)
    where = numpy.array(sorted(random.sample(range(40), 25)))
    sheet = tally(groupings, 5, where, weights, amounts[where])
    for group in range(5):
        codes = groupings[0] if group == 0 else groupings[1]
        inside = [farm for farm in where.tolist() if codes[farm] == group]
        products = [int(amounts[farm]) * int(weights[farm]) for farm in inside]
        assert sheet.amount[group] == sum(products)
        assert sheet.weight[group] == sum(int(weights[farm]) for farm in inside)
        assert sheet.farms[group] == len(inside)
        assert sheet.largest[group] == max((abs(one) for one in products), default=0)
        assert sheet.absolute[group] == pytest.approx(sum(abs(one) for one in products), rel=1e-12)


def test_without_amounts_a_sheet_adds_up_weights() -> None:
    weights = numpy.array([2_500_000, 1_000_000, 7])
    sheet = tally([numpy.array([0, 0, 0]), numpy.array([1, 2, 2])], 3, numpy.array([0, 2]), weights)
    assert sheet.amount == sheet.weight == [2_500_007, 2_500_000, 7]
    assert sheet.farms.tolist() == [2, 1, 1]
    assert sheet.largest.tolist() == [2_500_000, 2_500_000, 7]


def contents(sheet: Sheet) -> Any:
    return sheet.amount, sheet.farms.tolist(), sheet.weight, sheet.largest.tolist()


def test_any_division_of_the_farms_gives_the_same_sheet() -> None:
    random = Random(2)
    weights, amounts, groupings = random_farms(random, 50)
    whole = tally(groupings, 4, numpy.arange(50), weights, amounts)
    for _ in range(20):
        order, cuts = random.sample(range(50), 50), sorted(random.sample(range(1, 50), 3))
        parts = [numpy.array(order[first:last]) for first, last in zip([0, *cuts], [*cuts, 50], strict=True)]
        first, *others = [tally(groupings, 4, part, weights, amounts[part]) for part in parts]
        for other in others:
            first = first + other
        assert contents(first) == contents(whole)


def test_a_weight_is_rounded_to_a_millionth() -> None:
    assert weight_millionths(numpy.array([1, 0.1, 2.5, 1e-6, 0.0000014])).tolist() == [
        1_000_000,
        100_000,
        2_500_000,
        1,
        1,
    ]


@pytest.mark.parametrize("weights", [[1, 0.0], [1, 4e-7], [-1.0], [numpy.nan], [4.6e9], [2.3e9, 2.3e9], [numpy.inf]])
def test_a_weight_below_a_millionth_and_too_many_farms_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"at least a millionth and add up to less than 4\.5 thousand million farms"):
        weight_millionths(numpy.array(weights))


def test_a_product_that_leaves_64_bits_is_added_up_as_exactly_as_any_other() -> None:
    # A farm for which ten thousand million millionths stand, with as many grams: 10^20 and more.
    weights, amounts = numpy.array([10**10, 3, 10**10 + 7, 1]), numpy.array([10**10 + 1, -5, -(10**10), 2**62])
    sheet = tally([numpy.zeros(4, dtype=int)], 1, numpy.arange(4), weights, amounts)
    assert sheet.amount == [(10**10 + 1) * 10**10 - 15 - 10**10 * (10**10 + 7) + 2**62]
    assert sheet.weight == [2 * 10**10 + 11]
    assert sheet.largest.tolist() == [pytest.approx(10**20, rel=1e-8)]
    # On both sides of the largest product that 64 bits are trusted with, and just beyond 64 bits.
    for amount in (2**31 - 1, 2**31, 2**31 + 1, 2**32, 2**33 + 1):
        found = tally(
            [numpy.zeros(2, dtype=int)], 1, numpy.arange(2), numpy.array([2**31, 2]), numpy.array([amount, -1])
        )
        assert found.amount == [amount * 2**31 - 2]
