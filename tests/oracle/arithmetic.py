"""Sums and means that stay missing, rounding to the gram, and calendar days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from .tables import Amount


def total(values: Iterable[Amount]) -> Amount:
    """The sum; missing when a term is missing, 0 over nothing."""
    result = Fraction(0)
    for value in values:
        if value is None:
            return None
        result += value
    return result


def mean(values: Iterable[Amount]) -> Amount:
    """The mean; missing when a term is missing or there is none."""
    terms = list(values)
    return ratio(total(terms), Fraction(len(terms)))


def ratio(value: Amount, divisor: Amount) -> Amount:
    """`value` per `divisor`; missing when either is missing or the divisor is 0."""
    return None if value is None or not divisor else value / divisor


def difference(value: Amount, other: Amount) -> Amount:
    """`value` minus `other`; missing when either is missing."""
    return None if value is None or other is None else value - other


def grams(value: Fraction) -> int:
    """Thousandths, ties away from zero: kg in grams, ha and livestock units likewise."""
    size = floor(abs(value) * 1000 + Fraction(1, 2))
    return size if value >= 0 else -size


def more_than(value: Fraction, limit: Fraction) -> bool:
    """Above the limit, both rounded to 0.001."""
    return grams(value) > grams(limit)


def _months_later(first_of_month: date, months: int) -> date:
    count = first_of_month.year * 12 + first_of_month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def years_earlier(start: date, years: int) -> date:
    """The first day of the balance year so many years before."""
    return _months_later(start, -12 * years)


def last_day(start: date) -> date:
    """The last day of the balance year."""
    return _months_later(start, 12) - timedelta(days=1)


def balance_deadline(start: date, months: int) -> date:
    """The last day of the month that lies `months` after the end of the balance year."""
    return _months_later(start, 12 + months) - timedelta(days=1)


def retention_end(start: date, years: int) -> date:
    """The last day of the year's last month, so many years after the end of the balance year."""
    return _months_later(start, 12 + 12 * years) - timedelta(days=1)
