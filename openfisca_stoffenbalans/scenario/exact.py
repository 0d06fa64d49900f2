"""Sums that are the same on every machine and however farms are divided: whole grams x millionths of a weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

Integers = NDArray[numpy.int64]

MILLIONTHS = 1_000_000
# Two halves of a product are added up apart, so that no sum leaves the integers that float64 holds.
HALF_BITS = 31
ROWS_AT_A_TIME = 1 << 21
LARGEST_PRODUCT = 1 << 62


def weight_millionths(weights: NDArray[numpy.float64]) -> Integers:
    """Weights as whole millionths; ValueError when a weight is none of them or their sum leaves float64's integers."""
    whole = numpy.rint(weights * MILLIONTHS)
    if not (whole >= 1).all() or whole.sum() >= 1 << 52:
        raise ValueError("weights must be at least a millionth and add up to less than 4.5 thousand million farms")
    return whole.astype(numpy.int64)


def exact_sums(products: Integers, codes: NDArray[Any], length: int) -> list[int]:
    """The sum of whole numbers by code, exact."""
    sums = [0] * length
    for first in range(0, len(products), ROWS_AT_A_TIME):
        part, of = products[first : first + ROWS_AT_A_TIME], codes[first : first + ROWS_AT_A_TIME]
        high = numpy.bincount(of, weights=part >> HALF_BITS, minlength=length)
        low = numpy.bincount(of, weights=part & ((1 << HALF_BITS) - 1), minlength=length)
        for code in numpy.flatnonzero((high != 0) | (low != 0)).tolist():
            sums[code] += (int(high[code]) << HALF_BITS) + int(low[code])
    return sums


@dataclass(frozen=True)
class Sheet:
    """One amount for every group: exact sums, and what small-cell protection has to know.

    `amount`: sum of amount x weight, in units of a millionth (of a gram, of a farm); `farms`: farms behind it, not
    weighted; `weight`: their weights in millionths; `largest`, `absolute`: the largest contribution of one farm and the
    sum of the contributions, without their sign.
    """

    amount: list[int]
    farms: Integers
    weight: list[int]
    largest: NDArray[numpy.float64]
    absolute: NDArray[numpy.float64]

    def __add__(self, other: Sheet) -> Sheet:
        """The amounts of both, of different farms."""
        return Sheet(
            [one + two for one, two in zip(self.amount, other.amount, strict=True)],
            self.farms + other.farms,
            [one + two for one, two in zip(self.weight, other.weight, strict=True)],
            numpy.maximum(self.largest, other.largest),
            self.absolute + other.absolute,
        )


def tally(
    groupings: list[NDArray[Any]], length: int, where: Integers, weights: Integers, amounts: Integers | None = None
) -> Sheet:
    """The sheet of the farms at `where`: their weights, or their amounts times weights.

    `groupings`: for each grouping the group of each farm, groups numbered through all groupings; `amounts` stand in the
    order of `where`.
    """
    weight = weights[where]
    size = weight.astype(numpy.float64) if amounts is None else numpy.abs(amounts.astype(numpy.float64) * weight)
    # A product that leaves 64 bits is multiplied and added by Python, which has no largest integer.
    fits = size < LARGEST_PRODUCT
    products = weight if amounts is None else numpy.where(fits, amounts, 0) * weight
    large = numpy.flatnonzero(~fits)
    sums, counted = [0] * length, [0] * length
    farms = numpy.zeros(length, dtype=numpy.int64)
    largest, absolute = numpy.zeros(length), numpy.zeros(length)
    for codes in groupings:
        of = codes[where]
        farms += numpy.bincount(of, minlength=length)
        absolute += numpy.bincount(of, weights=size, minlength=length)
        numpy.maximum.at(largest, of, size)
        for code, value in enumerate(exact_sums(products, of, length)):
            sums[code] += value
        if amounts is not None:
            for row in large.tolist():
                sums[int(of[row])] += int(amounts[row]) * int(weight[row])
            for code, value in enumerate(exact_sums(weight, of, length)):
                counted[code] += value
    return Sheet(sums, farms, sums if amounts is None else counted, largest, absolute)
