"""The farm's type: what its special crops, or its livestock units against its land, make it."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.de.animals import of_herds
from openfisca_stoffenbalans.population.de.catalogue import CATTLE, PIGS, PLACE, POULTRY, Animals
from openfisca_stoffenbalans.population.plan import Plan


def farm_types(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals) -> numpy.ndarray:
    """Type code of each farm."""
    units = farms["herd"] * of_herds(facts.units, farms["code"])
    whole = units.sum(axis=1)
    rules, area = plan.assume["type_rules"], farms["area"]
    grazing = units[:, [PLACE[kind] for kind in (*CATTLE, "sheep", "horses")]].sum(axis=1)
    refined = units[:, [PLACE[kind] for kind in (*PIGS, *POULTRY)]].sum(axis=1)
    dairy = units[:, [PLACE[kind] for kind in ("dairy_cows", "young_stock", "calves")]].sum(axis=1) * farms["dairy"]
    forage = farms["grass_share"] > rules["grass"]
    few = whole < rules["few_units"] * area
    # Without animals none of them is the main branch: grass that is sold counts as a crop.
    main = numpy.where(whole > 0, rules["main"] * whole, numpy.inf)
    conditions = [
        (farms["special"] == 1) & few, (farms["special"] == 2) & few, few & ~forage,
        dairy >= main, grazing >= main, refined >= main, few & forage & (grazing > 0), few,
    ]  # fmt: skip
    names = ["permanent_crops", "horticulture", "arable", "dairy", "grazing_livestock", "pigs_poultry",
             "grazing_livestock", "arable"]  # fmt: skip
    return numpy.select(conditions, numpy.array(names, dtype=object), "mixed")
