"""Who farms where: province and farm type, land uses and soil of each farm, in the numbers published.

The published numbers are those of four regions and Groningen (cells), of specialists in grazing livestock those of the
provinces. How the others spread over the provinces of a region, and the types among them, are assumptions.
"""

from __future__ import annotations

from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.shares import whole_numbers
from openfisca_stoffenbalans.tables import tables

Farms = dict[str, NDArray[Any]]
Floats = NDArray[numpy.float64]
Bools = NDArray[numpy.bool_]
Ints = NDArray[numpy.int64]

TYPES = ("arable", "horticulture", "permanent_crops", "dairy", "grazing_livestock", "pigs_poultry", "mixed")
OTHER_TYPES = ("arable", "horticulture", "permanent_crops", "pigs_poultry", "mixed")
PROVINCES = tuple(tables()["nl.manure_act.provinces"].rows)
REGIONS = ("NL1", "NL2", "NL3", "NL4")
GRONINGEN = "NL11"
# Groningen, the rest of its region, the other regions: the finest parts of the country with published areas.
CELL_OF_PROVINCE = numpy.array([0 if one == GRONINGEN else int(one[2]) for one in PROVINCES])
CELLS = 5
SOILS = tuple(tables()["nl.soil.soil_types"].rows)
SAND = tuple(one for one in SOILS if tables()["nl.soil.soil_types"].rows[one]["leaching_group"] == "sand")
USES = ("arable", "open", "glass", "grass")
FARMS_WITH = {
    "arable": "farms_with_arable",
    "open": "farms_with_horticulture_open",
    "glass": "farms_with_glass",
    "grass": "farms_with_grass_or_fodder",
}
# Types that have a use by their name.
TYPES_WITH = {
    "arable": ("arable",),
    "open": ("horticulture", "permanent_crops"),
    "grass": ("dairy", "grazing_livestock"),
}
# Odds that outweigh all others: what a farm of the type has by its name.
CERTAIN = 1e9
# Keeps a quotient of nothing by nothing at 0.
TINY = 1e-9


def of_type(*names: str) -> Ints:
    """Places of farm types."""
    return numpy.array([TYPES.index(one) for one in names], dtype=numpy.int64)


def normal(plan: Plan, random: numpy.random.Generator, shape: int | tuple[int, ...]) -> Floats:
    """Standard normal numbers, cut where farms would be freaks."""
    cut = plan.assume["normal_cut"]
    return random.standard_normal(shape).clip(-cut, cut)


def of_cells(plan: Plan, statistic: str) -> Floats:
    """A published figure of regions for the cells: Groningen, the rest of Noord-Nederland, the other regions."""
    by_region = plan.by_category(statistic)
    north = by_region["NL1"] - by_region[GRONINGEN]
    return numpy.array([by_region[GRONINGEN], north, *(by_region[one] for one in REGIONS[1:])])


def by_name(values: Any, names: tuple[str, ...]) -> Floats:
    """The numbers of an assumption in the order of names; 0 for a name it lacks."""
    return numpy.array([float(values.get(name, 0)) for name in names])


def table_of(values: Any, rows: tuple[str, ...], columns: tuple[str, ...]) -> Floats:
    """An assumption with classes `row.column` as an array of rows and columns; 0 for what it lacks."""
    return numpy.array([[float(values.get(f"{row}.{column}", 0)) for column in columns] for row in rows])


def pick(shares: Floats, draw: Floats) -> Ints:
    """A column for each row of shares, by one uniform number for each row."""
    reached = numpy.cumsum(shares, axis=1)
    places: Ints = (reached < draw[:, None] * reached[:, -1:]).sum(axis=1)
    return places


def chosen(odds: Floats, cell: Ints, counts: Ints, random: numpy.random.Generator) -> Bools:
    """So many farms of each cell, drawn by odds without putting back; a farm with odds 0 only when no other is left."""
    keys = random.exponential(size=len(odds)) / numpy.maximum(odds, 1 / CERTAIN**2)
    found = numpy.zeros(len(odds), dtype=numpy.bool_)
    for one, count in enumerate(counts):
        places = numpy.flatnonzero(cell == one)
        found[places[numpy.argsort(keys[places], kind="stable")[:count]]] = True
    return found


def type_counts(plan: Plan) -> Ints:
    """Farms by province and type."""
    specialists = plan.by_category("grazing_livestock_farms")
    grazing = numpy.array([round(specialists[one]) for one in PROVINCES])
    counts = numpy.zeros((len(PROVINCES), len(TYPES)), dtype=numpy.int64)
    dairy_shares = by_name(plan.assume["dairy_share_of_grazing_specialists"], PROVINCES)
    dairy = whole_numbers(grazing * dairy_shares, round(plan.target("dairy_farms")))
    counts[:, TYPES.index("dairy")] = dairy
    counts[:, TYPES.index("grazing_livestock")] = grazing - dairy
    others = of_cells(plan, "farms_total") - numpy.bincount(CELL_OF_PROVINCE, grazing, CELLS)
    spread = by_name(plan.assume["other_farms_by_province"], PROVINCES)
    types = table_of(plan.assume["other_farm_types"], REGIONS, OTHER_TYPES)
    for cell, total in enumerate(others):
        provinces = numpy.flatnonzero(cell == CELL_OF_PROVINCE)
        for province, farms in zip(provinces, whole_numbers(spread[provinces], round(total)), strict=True):
            region = REGIONS.index(PROVINCES[province][:3])
            counts[province, of_type(*OTHER_TYPES)] = whole_numbers(types[region], int(farms))
    return counts


def farms(plan: Plan) -> Farms:
    """All farms of the country, in random order: `province`, `type`, `cell` and what follows from these."""
    random = plan.random("structure")
    counts = type_counts(plan)
    place = random.permutation(numpy.repeat(numpy.arange(counts.size), counts.ravel()))
    province, kind = place // len(TYPES), place % len(TYPES)
    found: Farms = {"number": numpy.arange(1, len(place) + 1), "province": province, "type": kind}
    found["cell"] = CELL_OF_PROVINCE[province]
    found["region"] = numpy.array(PROVINCES, dtype=object)[province]
    found["size"] = normal(plan, random, len(place))
    organic, grassy = (by_name(plan.assume[name], TYPES)[kind] for name in ("organic_share", "derogation_aim"))
    found["organic"] = random.random(len(place)) < organic
    found["aims_at_derogation"] = (random.random(len(place)) < grassy) & ~found["organic"]
    found |= uses(plan, found)
    found |= soils(plan, found)
    found |= zones(plan, found)
    found["organic"] &= ~found["has_glass"]
    return found


def uses(plan: Plan, farms: Farms) -> Farms:
    """Which farms have land, and which uses of it, in the numbers published for each cell."""
    random, kind, cell = plan.random("uses"), farms["type"], farms["cell"]

    def drawn(statistic: Floats, odds: Floats) -> Bools:
        return chosen(odds, cell, statistic.round().astype(numpy.int64), random)

    landless = of_cells(plan, "farms_total") - of_cells(plan, "farms_with_uaa")
    land = ~drawn(landless, by_name(plan.assume["landless_odds"], TYPES)[kind])
    found: Farms = {}
    none = land.copy()
    for use in ("glass", "open", "arable", "grass"):
        odds = by_name(plan.assume[f"{use}_odds"], TYPES)[kind] * land
        if use == "arable":
            odds = odds * numpy.where(farms["aims_at_derogation"], plan.assume["arable_under_derogation"], 1)
        found[use] = drawn(
            of_cells(plan, FARMS_WITH[use]), numpy.where(certain(use, kind, found, none) & land, CERTAIN, odds)
        )
        none &= ~found[use]
    return {f"has_{use}": has & land for use, has in found.items()}


def certain(use: str, kind: Ints, found: Farms, none: Bools) -> Bools:
    """Farms that have a use by their type: and grass where there is nothing else."""
    by_type: Bools = numpy.isin(kind, of_type(*TYPES_WITH.get(use, ())))
    if use == "open":
        return by_type & ~numpy.asarray(found["glass"], dtype=numpy.bool_)
    return by_type | none if use == "grass" else by_type


def soils(plan: Plan, farms: Farms) -> Farms:
    """Soil type of each farm, by province; crops of arable land are rare on peat."""
    shares = table_of(plan.assume["soil_by_province"], PROVINCES, SOILS)[farms["province"]]
    tilled = numpy.isin(farms["type"], of_type("arable", "horticulture", "permanent_crops"))
    shares[:, SOILS.index("veen")] *= numpy.where(tilled, plan.assume["peat_under_arable"], 1)
    return {"soil": pick(shares, plan.random("soil").random(len(shares)))}


def zones(plan: Plan, farms: Farms) -> Farms:
    """Protected zones, deposition and phosphate status of each farm."""
    random, number = plan.random("zones"), len(farms["type"])
    share = plan.assume["zone_share"]
    sandy = numpy.isin(farms["soil"], [SOILS.index(one) for one in (*SAND, "loess")])
    southern = numpy.isin(farms["cell"], [REGIONS.index("NL2") + 1, REGIONS.index("NL4") + 1])
    polluted = numpy.where(sandy & southern, share["polluted_sand_south"], share["polluted_elsewhere"])
    deposition = by_name(plan.assume["deposition"], PROVINCES)[farms["province"]]
    spread = plan.assume["deposition_spread"]
    statuses = plan.assume["phosphate_status"]
    status = pick(numpy.tile(by_name(statuses, tuple(statuses)), (number, 1)), random.random(number))
    return {
        "natura_2000_zone": random.random(number) < share["natura_2000"],
        "derogation_free_zone": random.random(number) < share["derogation_free"],
        "groundwater_protection_zone": random.random(number) < share["groundwater"],
        "nutrient_polluted_zone": random.random(number) < polluted,
        "deposition": (deposition * numpy.exp(spread * normal(plan, random, number))).round(1),
        "p_status": numpy.array(list(statuses), dtype=object)[status],
    }


def sample(plan: Plan, farms: Farms) -> Farms:
    """`plan.farms` of the farms with their `start_weight`.

    Drawn of each province and type (and with or without glass, a rare use, where the sample is large enough), equally
    spaced along land uses, livestock and size.
    """
    whole = len(farms["number"])
    if plan.farms >= whole:
        return farms | {"start_weight": numpy.ones(whole)}
    stratum = strata(plan, farms)
    counts = numpy.bincount(stratum)
    # Two farms of each stratum, so that one farm does not stand for all of a rare use; one where the sample is small.
    least = numpy.minimum(counts, min(2, plan.farms // (2 * int((counts > 0).sum()))))
    drawn = least + whole_numbers((counts - least).astype(float), plan.farms - int(least.sum()))
    uses = sum(farms[f"has_{use}"] * 2**place for place, use in enumerate(USES))
    size = farms["uaa"] + farms["n_gross"] / plan.assume["size_n_per_ha"]
    order = numpy.lexsort((size, farms["kind"], uses, farms["natural"], stratum))
    starts = numpy.cumsum(counts) - counts
    random = plan.random("sample").random(len(counts))
    places = [
        order[start + ((numpy.arange(number) + offset) * count // number).astype(numpy.int64)]
        for start, count, number, offset in zip(starts, counts, drawn, random, strict=True)
        if number
    ]
    picked = numpy.sort(numpy.concatenate(places))
    found = {name: values[picked] for name, values in farms.items()}
    weights = counts / numpy.maximum(drawn, 1)
    return found | {"number": numpy.arange(1, plan.farms + 1), "start_weight": weights[stratum[picked]]}


def strata(plan: Plan, farms: Farms) -> Ints:
    """The stratum of each farm: province and type, with or without glass as far as each can have some farms."""
    found: Ints = farms["province"] * len(TYPES) + farms["type"]
    finer: Ints = found * 2 + farms["has_glass"]
    per_stratum = plan.farms / len(numpy.unique(finer))
    return finer if per_stratum >= plan.assume["least_farms_per_stratum"] else found
