"""All farms at once: what needs to see every farm, from Land and size to the manure that farms hand on."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.de.animals import manure_systems, variants
from openfisca_stoffenbalans.population.de.catalogue import animals
from openfisca_stoffenbalans.population.de.choosing import Bools, lognormal, spread
from openfisca_stoffenbalans.population.de.herds import herds
from openfisca_stoffenbalans.population.de.land_use import grassland, land_use
from openfisca_stoffenbalans.population.de.manure import MATERIALS, digestate_n, market, plants, stores
from openfisca_stoffenbalans.population.de.structure import structure
from openfisca_stoffenbalans.population.de.types import farm_types
from openfisca_stoffenbalans.population.plan import Plan


def frame(plan: Plan) -> dict[str, numpy.ndarray]:
    """The whole population, an array per property with a row per farm: what the blocks are made from.

    Herds are those of the last year, manure that of a mean year. Grows linearly with the farms.
    """
    facts = animals(plan)
    farms = structure(plan)
    farms |= herds(plan, farms)
    farms["july"] = _july(plan, farms)
    farms["grass_share"] = grassland(plan, farms)
    farms |= variants(plan, farms, farms["grass_share"])
    farms["yield_level"] = lognormal(plan.random("yield level"), plan.assume["yield_farm_sd"], len(farms["number"]))
    farms |= manure_systems(plan, farms, facts)
    own = stores(plan, farms, facts, farms["herd"])
    liquid = own.volume[:, [MATERIALS.index(one) for one in ("pig_slurry", "cattle_slurry")]].sum(axis=1)
    farms |= plants(plan, farms, liquid)
    farms |= land_use(plan, farms, facts)
    digestate = MATERIALS.index("digestate")
    own.n[:, digestate] = digestate_n(farms["substrate"])[1]
    own.volume[:, digestate] = farms["substrate"] * plan.assume["digestate_per_substrate"]
    farms |= market(plan, farms, own)
    farms["farm_type"] = farm_types(plan, farms, facts)
    return farms


def _july(plan: Plan, farms: dict[str, numpy.ndarray]) -> Bools:
    """Farms whose balance year starts in July: the assumed share of all, more of those with cattle."""
    weight, kinds = farms["start_weight"], plan.assume["july_kind"]
    raw = numpy.where(farms["cattle"], kinds["grazing"], kinds["other"]).astype(float)
    total = numpy.array([plan.assume["july_farms"] * weight.sum()])
    one = numpy.zeros(len(weight), dtype=numpy.int64)
    chance = spread(total, one, weight, raw, numpy.zeros(len(weight)), numpy.ones(len(weight)))
    chosen: Bools = plan.random("july").random(len(weight)) < chance
    return chosen
