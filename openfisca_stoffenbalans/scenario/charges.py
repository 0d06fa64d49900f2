"""What a rule costs or brings farms: levies, rewards, and the distance to a target that binds nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.numbers import grams
from openfisca_stoffenbalans.regimes import Roles
from openfisca_stoffenbalans.scenario.book import Book, Values, quantiles
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS
from openfisca_stoffenbalans.scenario.statistics import (
    COMPLIES,
    EXCEEDS,
    PER_FARM,
    PER_KG,
    PER_TONNE,
    UNDETERMINED,
    Farms,
    amount,
    of_condition,
    publish_change,
)


@dataclass(frozen=True)
class Charge:
    """An amount of farms that have more than 0 of it.

    `farms`: the name of their number; `name`: of the amounts; `each`: one of these farms, in names; `ending`: of the
    names of totals; `unit`, `whole`: units of one farm's amount and of totals; `per_whole`: units of a sheet to one of
    a total; `state`: the verdict of the farms that mostly have it.
    """

    column: str
    farms: str
    name: str
    each: str
    ending: str
    unit: str
    whole: str
    per_whole: float
    state: int


def charges(roles: Roles) -> list[Charge]:
    """The amounts that a regime has."""
    points, kg = roles.reward_unit, roles.unit
    found = [
        Charge(roles.levy, "farms_paying", "levy", "paying_farm", "_euro", "euro", "euro", PER_KG, EXCEEDS),
        Charge(roles.reward, "farms_rewarded", "reward", "rewarded_farm", "", points, points, PER_KG, COMPLIES),
        Charge(
            roles.distance, "farms_at_a_distance", "distance", "farm_at_a_distance", "_t", kg, roles.tonnes, PER_TONNE,
            EXCEEDS,
        ),
    ]  # fmt: skip
    return [charge for charge in found if charge.column]


def write_charges(book: Book, farms: Farms, base: Farms) -> None:
    """Levy, reward and distance to the target of one scenario."""
    for charge in charges(farms.roles):
        write_charge(book, farms, base, charge)


def above_zero(farms: Farms, column: str) -> Values:
    """An amount of the farms that have more than 0 of it; NaN for every other farm."""
    values = farms(column)
    return numpy.where(grams(values) > 0, values, numpy.nan)


def levy_paid(farms: Farms) -> Values:
    """The levy of the farms that pay one, euro."""
    return above_zero(farms, farms.roles.levy)


def write_charge(book: Book, farms: Farms, base: Farms, charge: Charge) -> None:
    """How many farms have an amount, its sum, mean, median and change; how many farms have none that is known."""
    label, column = farms.label, charge.column
    sheet = amount(book, farms, base, charge.name, [column], lambda one: grams(above_zero(one, column)))
    having = of_condition(book, f"{column} above 0", grams(farms(column)) > 0)
    unknown = of_condition(book, f"{column} not known", numpy.isnan(farms(column)))
    nothing = of_condition(book, f"{column} 0", grams(farms(column)) <= 0)
    book.partition(book.known["farms"], [having, unknown, nothing])
    book.rules.together([having, sheet])
    tie_to_verdict(book, farms, having, f"{column} above 0", grams(farms(column)) > 0, charge.state)
    tie_to_verdict(book, farms, unknown, f"{column} not known", numpy.isnan(farms(column)), UNDETERMINED)
    tie_to_excess(book, farms, having, sheet, charge)
    book.publish_sum(label, charge.farms, "farms", having, PER_FARM)
    book.publish_sum(label, f"{charge.name}_not_known", "farms", unknown, PER_FARM)
    book.publish_sum(label, f"{charge.name}_total{charge.ending}", charge.whole, sheet, charge.per_whole)
    book.publish_mean(label, f"{charge.name}_mean_per_{charge.each}", charge.unit, sheet, PER_KG / MILLIONTHS)
    publish_median(book, farms, f"{charge.name}_median_per_{charge.each}", charge, sheet)
    publish_change(book, farms, charge.name, f"{charge.name}_change{charge.ending}", charge.whole, charge.per_whole)


def publish_median(book: Book, farms: Farms, name: str, charge: Charge, sheet: int) -> None:
    """The median of the farms that have an amount."""

    def make() -> tuple[Values, Any]:
        values = above_zero(farms, charge.column)
        return quantiles(values, book.weights, book.groups.codes, len(book.groups.names), [0.5])

    found, beyond = book.once((name, farms.key(charge.column)), make)
    book.publish(farms.label, name, charge.unit, found[0], sheet, beyond=beyond[0])


def tie_to_verdict(book: Book, farms: Farms, sheet: int, name: str, has: NDArray[numpy.bool_], state: int) -> None:
    """Farms of a sheet, beside those of a verdict: the few in which the two differ would be shown."""
    verdict = farms.roles.verdict
    of_state = farms(verdict) == state
    beside = of_condition(book, f"{verdict} {state}", of_state)
    only = of_condition(book, f"{name} without {state}", has & ~of_state)
    other = of_condition(book, f"{state} without {name}", of_state & ~has)
    book.identity([(sheet, 1), (only, -1), (other, 1), (beside, -1)])
    for difference in (only, other):
        book.rules.strict.append((book.sheets[difference], sheet))


def tie_to_excess(book: Book, farms: Farms, having: int, sheet: int, charge: Charge) -> None:
    """What is made of the excess is left out with it: one tells the other."""
    roles = farms.roles
    if charge.state == EXCEEDS and roles.headroom:
        above = book.known["excess", farms.key(roles.headroom, roles.verdict)]
        book.rules.together([above, sheet, having])
        book.identity([(above, 1), (sheet, -1)], 1)
