"""Choices of a farm: what is known of its contents and by whom, how it is assessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.population.de.choosing import Bools, Floats, Ints, drawn, lognormal
from openfisca_stoffenbalans.population.plan import Plan

SOURCES = ("table", "measurement", "authority")


@dataclass(frozen=True)
class Choices:
    """`missing` (farms, years): a delivery without known contents; `source` (farms,): place in SOURCES of the contents
    of manure given away; `deviation` (farms, years): declared over table contents; `farm_specific` (farms,);
    `losses` (farms,): kg N per ha agreed as unavoidable, 0 for none; `straw` (farms,): buys straw."""

    missing: Bools
    source: Ints
    deviation: Floats
    farm_specific: Bools
    losses: Floats
    straw: Bools


def choices(plan: Plan, farms: dict[str, numpy.ndarray], block: int) -> Choices:
    """The choices of a block's farms."""
    random, number = plan.random("contents", block), len(farms["number"])
    shape = (number, len(plan.years))
    measured, losses = plan.assume["manure_measured"], plan.assume["unavoidable_losses"]
    shares = numpy.array([1 - sum(measured.values()), measured["measurement"], measured["authority"]])
    source = drawn(random, shares, number)
    deviation = lognormal(random, plan.assume["manure_measured_sd"], shape)
    return Choices(
        missing=random.random(shape) < plan.assume["contents_missing"],
        source=source,
        deviation=numpy.where((source > 0)[:, None], deviation, 1.0),
        farm_specific=random.random(number) < plan.assume["farm_specific"],
        losses=numpy.where(random.random(number) < losses["share"], losses["amount"], 0.0),
        straw=random.random(number) < plan.assume["straw_bought"]["share"],
    )
