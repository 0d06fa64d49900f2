"""What differs from year to year: weather by Land, herds and areas by farm."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.de.catalogue import CROPS, GRASS
from openfisca_stoffenbalans.population.de.choosing import Floats, lognormal
from openfisca_stoffenbalans.population.de.structure import REGIONS
from openfisca_stoffenbalans.population.plan import Plan


def shocks(plan: Plan) -> Floats:
    """Factor on all yields, (Länder, years): shared by the farms of a Land in a year, whatever block they are in."""
    return lognormal(plan.random("year effect"), plan.assume["yield_shock_sd"], (len(REGIONS), len(plan.years)))


def yields(plan: Plan, farms: dict[str, numpy.ndarray], block: int) -> Floats:
    """Dt per ha harvested, (farms, years, crops): expected x Land's year x the crop's own luck on the farm."""
    own = lognormal(
        plan.random("own yields", block),
        plan.assume["yield_own_sd"],
        (len(farms["number"]), len(plan.years), len(CROPS)),
    )
    harvested: Floats = farms["yields"][:, None, :] * shocks(plan)[farms["land"]][:, :, None] * own
    usual = numpy.array([plan.assume["yields"].get(crop.yields, 0.0) for crop in CROPS])
    ends = plan.assume["yield_range"]
    least, most = ends["least"] * usual, ends["most"] * usual
    least[GRASS] = plan.assume["grass_yield"]["least"]
    most[GRASS] = ends["most"] * plan.assume["grass_yield"]["usual"]
    return numpy.clip(harvested, least, most).round(1)


def areas(plan: Plan, farms: dict[str, numpy.ndarray], block: int) -> tuple[Floats, Floats]:
    """Utilised ha (farms, years) and ha by crop (farms, years, crops): in the last year those of the frame."""
    random, rules = plan.random("areas before", block), plan.assume["area_change"]
    number, years = len(farms["number"]), len(plan.years)
    moves = random.random(number) < rules["share"]
    step = rules["size"] * (2 * random.random(number) - 1) * moves
    back = numpy.arange(years - 1, -1, -1)
    # Before it changed, the farm had the same crops on a little less or more land; it changed between two of the years.
    when = random.integers(1, years, number)
    factor = 1 + step[:, None] * (back[None, :] >= when[:, None])
    area = numpy.ceil(farms["area"][:, None] * factor * 100 - 1e-6) / 100
    crops = numpy.floor(farms["crops"][:, None, :] * factor[:, :, None] * 100 + 1e-6) / 100
    return area, crops


def herds(plan: Plan, farms: dict[str, numpy.ndarray], block: int) -> Floats:
    """Animals (farms, years, kinds): in the last year those of the frame, before a little more or fewer."""
    random, years = plan.random("herds before", block), len(plan.years)
    steps = plan.assume["herd_year_sd"] * random.standard_normal((len(farms["number"]), years, 1))
    steps[:, -1] = 0
    counts = farms["herd"][:, None, :] * numpy.exp(numpy.cumsum(steps[:, ::-1], axis=1)[:, ::-1])
    found: Floats = numpy.where(farms["herd"][:, None, :] < 1, farms["herd"][:, None, :], counts.round())
    return numpy.where((farms["herd"][:, None, :] > 0) & (found == 0), 1.0, found)
