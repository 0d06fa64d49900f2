"""What scenarios do together beyond the sum of what each does alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy

from openfisca_stoffenbalans.numbers import added, grams
from openfisca_stoffenbalans.regimes import Roles
from openfisca_stoffenbalans.scenario.book import Book
from openfisca_stoffenbalans.scenario.charges import levy_paid
from openfisca_stoffenbalans.scenario.excess import excess_kg
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import (
    EXCEEDS,
    UNDETERMINED,
    Farms,
    net,
    per_unit,
)


def interactions(book: Book, farms: Farms, base: Farms, alone: Sequence[Farms]) -> None:
    """Publish `interaction_<statistic>` of a combination: its change less the changes of its scenarios alone.

    Where few farms make the interaction, the combination's own figure is left out, from which it would follow.
    """
    published = {(one.scenario, one.name): one for one in book.statistics}
    for name, of_farm in of_farms(farms.roles).items():
        together, before = published[farms.label, name], published[BASELINE, name]
        singles = [published[one.label, name] for one in alone]
        beyond = of_farm(farms) - of_farm(base) - added(of_farm(one) - of_farm(base) for one in alone)
        sheet = book.total(numpy.where(beyond == 0, numpy.nan, beyond))
        book.rules.together([sheet, together.parts[0]])
        terms = [(sheet, 1), (together.parts[0], -1), *((one.parts[0], 1) for one in singles)]
        book.identity([*terms, (before.parts[0], 1 - len(singles))])
        values = book.divided(sheet, per_unit(name))
        parts = [part for one in (together, before, *singles) for part in one.parts]
        book.publish(farms.label, f"interaction_{name}", together.unit, values, sheet, *parts)


def of_farms(roles: Roles) -> dict[str, Callable[[Farms], Any]]:
    """Statistic -> its contribution of each farm: 1 or 0, or grams."""

    def of_kg(values: Callable[[Farms], Any]) -> Callable[[Farms], Any]:
        return lambda one: numpy.nan_to_num(grams(values(one)))

    there = {
        "farms_obliged": bool(roles.obliged),
        "surplus_total_t": "nitrogen" in roles.balance,
        "net_surplus_total_t": bool("nitrogen" in roles.balance and roles.unavoidable and roles.area),
        "excess_total_t": bool(roles.headroom),
        "levy_total_euro": bool(roles.levy),
    }
    found: dict[str, Callable[[Farms], Any]] = {
        "farms_obliged": lambda one: (one(roles.obliged) != 0).astype(numpy.float64),
        "farms_assessed": lambda one: one.assessed.astype(numpy.float64),
        "farms_exceeding": lambda one: (one(roles.verdict) == EXCEEDS).astype(numpy.float64),
        "farms_undetermined": lambda one: (one(roles.verdict) == UNDETERMINED).astype(numpy.float64),
        "surplus_total_t": of_kg(lambda one: one(roles.balance["nitrogen"])),
        "net_surplus_total_t": of_kg(lambda one: net(roles, one)),
        "excess_total_t": of_kg(excess_kg),
        "levy_total_euro": of_kg(levy_paid),
    }
    return {name: of_farm for name, of_farm in found.items() if there.get(name, True)}
