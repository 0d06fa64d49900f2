"""Days of the years of a plan."""

from __future__ import annotations

from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.plan import Plan


def of_years(plan: Plan, day: float, shape: tuple[int, ...], years_before: int = 0) -> NDArray[Any]:
    """The day of the year (1: 1 January) of each year of the plan, for all farms (farms, years)."""
    starts = numpy.array([f"{year - years_before}-01-01" for year in plan.years], dtype="datetime64[D]")
    return numpy.broadcast_to(starts + numpy.timedelta64(int(day) - 1, "D"), shape)
