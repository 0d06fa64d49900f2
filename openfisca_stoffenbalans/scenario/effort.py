"""What a rule costs farms in data and time, and what it gets wrong when it is given less."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.scenario.book import Book, Values
from openfisca_stoffenbalans.scenario.burden import Line, burden
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import (
    EXCEEDS,
    NOT_ASSESSED,
    PER_FARM,
    VERDICTS,
    Farms,
    amount,
    changes_with,
    holding,
)

# The lines of the burden in their order.
BURDEN = (
    "hours_by_days_per_farm",
    "hours_by_days_total",
    "hours_by_weeks_per_farm",
    "hours_by_weeks_total",
    "euro_by_hectares_per_farm",
    "euro_by_hectares_total",
    "euro_of_national_total",
)


def write_effort(book: Book, farms: Farms, base: Farms) -> None:
    """Data points, burden, and accuracy of one scenario."""
    roles = farms.roles
    if roles.obliged and roles.data_points:
        data_points(book, farms, base)
    if roles.obliged and roles.livestock and roles.area:
        write_burden(book, farms, base)
    if farms.label != BASELINE:
        accuracy(book, farms, base)


def data_points(book: Book, farms: Farms, base: Farms) -> None:
    """The given inputs that a verdict rests on, and how many fewer than in the baseline."""
    column, obliged = farms.roles.data_points, farms.roles.obliged

    def points(one: Farms) -> Values:
        return numpy.where(one(obliged) != 0, one(column), 0).astype(numpy.float64)

    sheet = amount(book, farms, base, column, [column, obliged], points)
    book.publish_mean(farms.label, "data_points_per_farm", "inputs", sheet, 1)
    if farms.label != BASELINE:
        saved = points(base) - points(farms)
        was = book.known[column, base.key(column, obliged)]
        if sheet == was:
            book.publish(
                farms.label, "data_points_saved_per_farm", "inputs", numpy.zeros(len(book.groups.names)), sheet
            )
            return
        fewer = book.total(saved)
        book.identity([(was, 1), (sheet, -1), (fewer, -1)])
        changes_with(book, sheet, was, [fewer])
        book.publish_mean(farms.label, "data_points_saved_per_farm", "inputs", fewer, 1)


def write_burden(book: Book, farms: Farms, base: Farms) -> None:
    """Hours and euro a year with both ends of every range; the national total by the share of obliged farms."""
    roles = farms.roles
    obliged = holding(book, farms, roles.obliged)

    def area(one: Farms) -> numpy.ndarray:
        keeping = (one(roles.obliged) != 0) & (one(roles.livestock) != 0)
        return numpy.where(keeping, grams(one(roles.area)), numpy.nan)

    columns = [roles.obliged, roles.livestock, roles.area]
    hectares = amount(book, farms, base, "obliged livestock area", columns, area)
    of_baseline = holding(book, base, roles.obliged)
    before = book.sheets[of_baseline].amount[0] / MILLIONTHS
    pairs = zip(book.sheets[obliged].amount, book.sheets[hectares].amount, strict=True)
    lines = [burden(number / MILLIONTHS, ha / MILLIONTHS / 1000, before) for number, ha in pairs]
    for position, name in enumerate(BURDEN):
        for end in ("low", "high"):
            values = [end_of(of_group[position], end) for of_group in lines]
            unit = lines[0][position].unit
            needs = ((of_baseline, 0),)
            book.publish(farms.label, f"burden_{name}_{end}", unit, values, obliged, hectares, needs=needs)


def end_of(line: Line, end: str) -> float:
    """An end of a range; NaN for one that was not found."""
    value = getattr(line, end)
    return numpy.nan if value is None else float(value)


def accuracy(book: Book, farms: Farms, base: Farms) -> None:
    """How far the verdicts and the amounts held against the limit are from those of the baseline.

    A false alarm exceeds though it does not in the baseline, a miss exceeds in the baseline only.
    """
    roles, label, number = farms.roles, farms.label, len(VERDICTS)
    moves, (alarms, _, unchanged) = book.known["moves", label], book.known["newly", label]
    misses = book.together([moves[EXCEEDS * number + to] for to in range(number) if to != EXCEEDS])
    differs = book.together([move for at, move in enumerate(moves) if at % (number + 1)])
    either = book.together([move for at, move in enumerate(moves) if at != NOT_ASSESSED * (number + 1)])
    book.identity([(book.known["farms"], 1), (unchanged, -1), (differs, -1)])
    book.rules.together([unchanged, differs])
    book.rules.together([alarms, misses])
    book.rules.together([moves[NOT_ASSESSED * (number + 1)], either])
    for name, sheet in (("verdict_differs", differs), ("false_alarms", alarms), ("misses", misses)):
        book.publish_sum(label, name, "farms", sheet, PER_FARM)
        book.publish_ratio(label, f"share_{name}", "share of the farms assessed in either", sheet, either)
    if roles.held_per_ha:
        write_error(book, farms, base)


def write_error(book: Book, farms: Farms, base: Farms) -> None:
    """Bias and root of the mean square of the amounts held against the limit."""
    roles, label, unit = farms.roles, farms.label, farms.roles.unit_by_basis
    error = (grams(farms(roles.held_per_ha)) - grams(base(roles.held_per_ha))) / 1000
    bias = book.total(numpy.rint(error * 1000))
    book.known["error", label] = bias
    # A square in thousandths of that unit squared.
    square = book.total(numpy.rint(error * error * 1000))
    book.publish_mean(label, "error_bias_kg_per_ha", unit, bias)
    pairs = zip(book.sheets[square].amount, book.sheets[square].weight, strict=True)
    rmse = [(total / weight / 1000) ** 0.5 if weight else numpy.nan for total, weight in pairs]
    book.publish(label, "error_rmse_kg_per_ha", unit, rmse, square, bias)
