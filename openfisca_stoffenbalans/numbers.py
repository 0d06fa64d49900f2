"""The one way a number is held against a limit: both sides rounded to a gram."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from typing import Any

import numpy
from numpy.typing import NDArray

# A decimal tie such as 174.0005 kg is not exact in binary; a millionth of a gram puts it on the side it belongs.
TIE = 1e-6


def grams(kg: Any) -> NDArray[numpy.float64]:
    """Kilograms rounded to whole grams, half a gram away from zero; NaN (missing) stays NaN.

    Also used for other quantities that are compared in thousandths (livestock units, hectares).
    """
    kg = numpy.asarray(kg, dtype=numpy.float64)
    rounded: NDArray[numpy.float64] = numpy.sign(kg) * numpy.floor(numpy.abs(kg) * 1000 + 0.5 + TIE)
    return rounded


def whole(amounts: Any) -> NDArray[numpy.float64]:
    """Amounts ≥ 0 rounded to whole numbers, a half upwards; NaN (missing) stays NaN."""
    rounded: NDArray[numpy.float64] = numpy.floor(numpy.asarray(amounts, dtype=numpy.float64) + 0.5 + TIE)
    return rounded


def exceeds(value: Any, limit: Any) -> NDArray[numpy.bool_]:
    """Whether a value lies above a limit; a value on the limit does not. False where either is missing."""
    above: NDArray[numpy.bool_] = grams(value) > grams(limit)
    return above


def added(amounts: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """The sum of arrays, one after the other.

    numpy.sum adds in another order when there is a single farm, and so makes the last digit depend on how the farms are
    divided into parts.
    """
    total: NDArray[Any] = functools.reduce(operator.add, amounts)
    return total
