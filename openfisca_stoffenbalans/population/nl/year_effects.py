"""What a year does to all farms of a region: one shock to their yields, the same in every block."""

from __future__ import annotations

from statistics import NormalDist

import numpy

from openfisca_stoffenbalans.population.nl.structure import REGIONS, Farms, Floats, normal
from openfisca_stoffenbalans.population.plan import Plan

# Shares of dairy farms on sand in the Achterhoek that met the highest soil surplus, 2013 to 2016 (Hilhorst and Plomp).
SHARES_MEETING = (0.27, 0.73, 0.28, 0.51)


def swing(shares: tuple[float, ...] = SHARES_MEETING) -> float:
    """Standard deviation of the probits of yearly shares, with n - 1.

    0.27, 0.73, 0.28, 0.51 -> -0.613, 0.613, -0.583, 0.025; mean -0.139; squares of the distances 0.224, 0.566, 0.197,
    0.027 sum to 1.014; divided by 3: 0.338; root: 0.581.
    """
    return float(numpy.std([NormalDist().inv_cdf(share) for share in shares], ddof=1))


def yield_shock_sd(spread_of_farms: float, harvested: float, shares: tuple[float, ...] = SHARES_MEETING) -> float:
    """Standard deviation of a shock to yields that makes one-year shares swing as seen.

    A shock d to all yields moves every farm's surplus by d x `harvested` (kg N per ha taken off the fields). With a
    normal law of (surplus - highest surplus) over farms of standard deviation `spread_of_farms` (kg N per ha), the
    probit of the share that meets moves by d x harvested / spread. So sd(d) = sd(probit) x spread / harvested.
    """
    return swing(shares) * spread_of_farms / harvested


def shocks(plan: Plan) -> Floats:
    """Share by which the yields of a region lie above those of a mean year (regions, years)."""
    drawn = normal(plan, plan.random("year effect"), (len(REGIONS), len(plan.years)))
    found: Floats = drawn * plan.assume["yield_shock_sd"]
    return found


def factors(plan: Plan, farms: Farms, block: int) -> Floats:
    """Yields of each farm and year by those of a mean year (farms, years): the region's shock and one of the farm."""
    region = numpy.array([REGIONS.index(one[:3]) for one in farms["region"]])
    own = normal(plan, plan.random("farm shock", block), (len(region), len(plan.years)))
    found: Floats = (1 + shocks(plan)[region]) * (1 + plan.assume["farm_shock_sd"] * own)
    return found
