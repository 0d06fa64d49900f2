"""What grows where: area of each use, crop groups and fields of each farm, summing to the published areas.

A farm has up to eleven fields: two of grass, natural grassland, fodder, four of arable crops, open horticulture, glass,
a buffer strip. Arable crops move on by one field a year.
"""

from __future__ import annotations

from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.nl.structure import (
    CELLS,
    SOILS,
    TINY,
    TYPES,
    USES,
    Bools,
    Farms,
    Floats,
    Ints,
    by_name,
    chosen,
    normal,
    of_cells,
    pick,
    table_of,
)  # fmt: skip
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.shares import fitted
from openfisca_stoffenbalans.tables import tables

GROUPS = (
    "cereals", "potatoes", "sugar_beet", "pulses", "grass_seed", "arable_vegetables", "industrial_crops",
    "other_arable", "fallow",
)  # fmt: skip
ARABLE = ("arable_1", "arable_2", "arable_3", "arable_4")
FIELDS = ("grass_1", "grass_2", "natural", "fodder", *ARABLE, "open", "glass", "strip")
FIRST_ARABLE = FIELDS.index("arable_1")
GRASS_FIELDS = ("grass_1", "grass_2", "natural", "strip")
GRAZED = ("grass_1", "natural")
AREAS = {
    "arable": "arable_area",
    "open": "horticulture_open_area",
    "glass": "horticulture_glass_area",
    "grass": "grass_and_fodder_area",
}
# Crops by their code of the Basisregistratie Percelen that stand for a group; where there are several, by soil or type.
CODES = (
    "nl_233", "nl_236", "nl_235", "nl_2951", "nl_3730", "nl_3792", "nl_3732", "nl_256", "nl_308", "nl_6750", "nl_262",
    "nl_2785", "nl_2779", "nl_511", "nl_659", "nl_2300", "nl_672", "nl_1004", "nl_1070", "nl_1096", "nl_2729",
    "nl_265", "nl_331", "nl_259", "nl_257",
)  # fmt: skip
GROUP_OF_CODE = {
    "nl_233": "cereals", "nl_236": "cereals", "nl_235": "cereals", "nl_2951": "potatoes", "nl_3730": "potatoes",
    "nl_3792": "potatoes", "nl_3732": "potatoes", "nl_256": "sugar_beet", "nl_308": "pulses", "nl_6750": "grass_seed",
    "nl_262": "arable_vegetables", "nl_2785": "arable_vegetables", "nl_2779": "arable_vegetables",
    "nl_511": "industrial_crops", "nl_659": "other_arable", "nl_2300": "fallow", "nl_672": "vegetables",
    "nl_1004": "flowers_and_bulbs", "nl_1070": "nursery", "nl_1096": "fruit", "nl_2729": "glass",
    "nl_265": "permanent_grassland", "nl_331": "natural_grassland", "nl_259": "silage_maize", "nl_257": "other_fodder",
}  # fmt: skip
SANDY = [SOILS.index(one) for one in ("dekzand", "duinzand", "loess", "veen")]
RECLAIMED = SOILS.index("dalgrond")
NO_CODE = -1
HECTARE_DECIMALS = 2


def capped(weights: Floats, room: Floats, total: float) -> Floats:
    """`total` spread by weights, to no farm more than its room."""
    found = numpy.zeros_like(weights)
    for _ in range(30):
        rest = total - found.sum()
        free = weights * (found < room)
        if rest <= 0 or not free.sum():
            break
        found = numpy.minimum(found + rest * free / free.sum(), room)
    return found


def land(plan: Plan, farms: Farms) -> Farms:
    """`area`: hectares of each field (farms, fields); `code`: the crop of each in the plan's year; `uaa`."""
    by_use = {use: use_area(plan, farms, use) for use in USES}
    fodder, natural = grass_parts(plan, farms, by_use["grass"])
    arable, groups = arable_fields(plan, farms, by_use["arable"])
    area = numpy.zeros((len(fodder), len(FIELDS)))
    code = numpy.full(area.shape, NO_CODE)
    set_grass(plan, farms, area, by_use["grass"] - fodder - natural)
    area[:, FIELDS.index("natural")], area[:, FIELDS.index("fodder")] = natural, fodder
    area[:, FIRST_ARABLE : FIRST_ARABLE + len(ARABLE)] = arable
    area[:, FIELDS.index("open")], area[:, FIELDS.index("glass")] = by_use["open"], by_use["glass"]
    area = area.round(HECTARE_DECIMALS)
    random = plan.random("crops")
    for name, of in (
        ("grass_1", "nl_265"),
        ("grass_2", "nl_265"),
        ("strip", "nl_265"),
        ("natural", "nl_331"),
        ("glass", "nl_2729"),
    ):
        code[:, FIELDS.index(name)] = CODES.index(of)
    beet = random.random(len(area)) < plan.assume["fodder_beet_share"]
    code[:, FIELDS.index("fodder")] = numpy.where(beet, CODES.index("nl_257"), CODES.index("nl_259"))
    code[:, FIELDS.index("open")] = open_codes(plan, farms, random)
    code[:, FIRST_ARABLE : FIRST_ARABLE + len(ARABLE)] = arable_codes(plan, farms, groups, random)
    code[area == 0] = NO_CODE
    return {
        "area": area,
        "natural": area[:, FIELDS.index("natural")] > 0,
        "code": code,
        "uaa": area.sum(axis=1).round(HECTARE_DECIMALS),
        "groundwater": groundwater(plan, farms),
    }


def use_area(plan: Plan, farms: Farms, use: str) -> Floats:
    """Hectares of a use: a lognormal law by type around a mean, scaled to the published area of each cell."""
    means = by_name(plan.assume[f"mean_{use}_ha"], TYPES)[farms["type"]]
    spread, common = plan.assume["size_spread"], plan.assume["size_common"]
    own = normal(plan, plan.random(f"area {use}"), len(means))
    law = numpy.exp(spread * (common * farms["size"] + numpy.sqrt(1 - common**2) * own) - spread**2 / 2)
    weights = means * law * farms[f"has_{use}"]
    wanted = of_cells(plan, AREAS[use])
    hectares: Floats = weights * (wanted / numpy.bincount(farms["cell"], weights, CELLS))[farms["cell"]]
    return hectares


def grass_parts(plan: Plan, farms: Farms, area: Floats) -> tuple[Floats, Floats]:
    """Hectares of fodder crops and of natural grassland within grass and fodder."""
    random, kind, cell = plan.random("grass"), farms["type"], farms["cell"]
    rows = of_cells(plan, AREAS["grass"])
    prior = by_name(plan.assume["fodder_share_by_cell"], tuple(map(str, range(CELLS))))
    both = fitted(
        rows[:, None] * numpy.stack([1 - prior, prior], axis=1),
        rows,
        numpy.array([plan.target("grassland_area"), plan.target("fodder_area")]),
    )
    grows = random.random(len(area)) < by_name(plan.assume["fodder_farms"], TYPES)[kind]
    law = plan.assume["fodder_law"]
    weights = area * grows * random.uniform(law["least"], law["most"], len(area))
    most = by_name(plan.assume["fodder_most"], TYPES)[kind]
    most = numpy.where(farms["aims_at_derogation"], plan.assume["derogation"]["fodder_share"], most)
    room = area * grows * most
    fodder = numpy.zeros_like(area)
    for one in range(CELLS):
        here = cell == one
        fodder[here] = capped(weights[here], room[here], both[one, 1])
    odds = by_name(plan.assume["natural_odds"], TYPES)[kind] * (area - fodder > 1)
    with_nature = chosen(
        odds, numpy.zeros_like(cell), numpy.array([round(plan.target("farms_with_natural_grassland"))]), random
    )
    room = (area - fodder) * by_name(plan.assume["natural_most"], TYPES)[kind] * with_nature
    weights = numpy.sqrt(area) * with_nature * random.lognormal(0, plan.assume["size_spread"], len(area))
    return fodder, capped(weights, room, plan.target("natural_grassland_area"))


def set_grass(plan: Plan, farms: Farms, area: Floats, grass: Floats) -> None:
    """Put productive grassland on two fields, some of it on a buffer strip."""
    random = plan.random("grass fields")
    shares = plan.assume["field_shares"]
    least, most = shares["second_least"], shares["second_most"]
    strip = (
        grass
        * (random.random(len(grass)) < shares["farms_with_strip"])
        * shares["strip"]
        * (grass > shares["strip_from_ha"])
    )
    rest = grass - strip
    second = rest * (grass > shares["second_grass_from_ha"]) * random.uniform(least, most, len(grass))
    area[:, FIELDS.index("grass_1")], area[:, FIELDS.index("grass_2")] = rest - second, second
    area[:, FIELDS.index("strip")] = strip


def arable_fields(plan: Plan, farms: Farms, area: Floats) -> tuple[Floats, Ints]:
    """Hectares and crop group of each of the arable fields; -1 where there is none."""
    random = plan.random("arable fields")
    steps = numpy.array(list(plan.assume["arable_fields_from_ha"].values()))
    number = (area[:, None] > steps).sum(axis=1)
    there = numpy.arange(len(ARABLE)) < number[:, None]
    weights = random.lognormal(0, plan.assume["field_spread"], there.shape) * there
    fields = area[:, None] * weights / numpy.maximum(weights.sum(axis=1), TINY)[:, None]
    special = farms["type"] == TYPES.index("arable")
    row = numpy.repeat(farms["cell"] * 2 + special, len(ARABLE)).reshape(there.shape)
    sums: Floats = numpy.bincount(row.ravel(), fields.ravel(), CELLS * 2).astype(float)
    wanted = numpy.array([plan.target(f"{one}_area") for one in GROUPS])
    prior = table_of(
        plan.assume["crop_shares"], tuple(f"{cell}{kind}" for cell in range(CELLS) for kind in ("o", "s")), GROUPS
    )
    shares = fitted(sums[:, None] * prior, sums, wanted)
    groups = numpy.full(there.shape, -1)
    for one in range(CELLS * 2):
        places = random.permutation(numpy.flatnonzero(((row == one) & there).ravel()))
        middle = numpy.cumsum(fields.ravel()[places]) - fields.ravel()[places] / 2
        groups.ravel()[places] = numpy.searchsorted(numpy.cumsum(shares[one])[:-1], middle)
    return fields, groups


def arable_codes(plan: Plan, farms: Farms, groups: Ints, random: numpy.random.Generator) -> Ints:
    """Place in CODES of the crop on each arable field, by its group and the soil."""
    shares, draw = plan.assume["crops_in_group"], random.random(groups.shape)
    sandy, reclaimed = (numpy.isin(farms["soil"], of)[:, None] for of in (SANDY, [RECLAIMED]))

    def two(group: str, first: str, second: str, third: str) -> NDArray[Any]:
        """Of three crops of a group the one that the draw falls on."""
        edges = numpy.cumsum([shares[f"{group}.{one}"] for one in (first, second)])
        return numpy.array([CODES.index(one) for one in (first, second, third)])[numpy.searchsorted(edges, draw)]

    clay = numpy.where(draw < shares["potatoes.nl_3730"], CODES.index("nl_3730"), CODES.index("nl_2951"))
    potatoes = numpy.where(reclaimed, CODES.index("nl_3732"), numpy.where(sandy, CODES.index("nl_3792"), clay))
    single = {
        "sugar_beet": "nl_256", "pulses": "nl_308", "grass_seed": "nl_6750", "industrial_crops": "nl_511",
        "other_arable": "nl_659", "fallow": "nl_2300",
    }  # fmt: skip
    found = numpy.full(groups.shape, NO_CODE)
    by_group: dict[str, Any] = {name: CODES.index(code) for name, code in single.items()}
    by_group["cereals"] = two("cereals", "nl_233", "nl_236", "nl_235")
    by_group["arable_vegetables"] = two("arable_vegetables", "nl_262", "nl_2785", "nl_2779")
    by_group["potatoes"] = potatoes
    for place, name in enumerate(GROUPS):
        found = numpy.where(groups == place, by_group[name], found)
    return found


def open_codes(plan: Plan, farms: Farms, random: numpy.random.Generator) -> Ints:
    """Place in CODES of the crop in open horticulture, by farm type."""
    crops = ("nl_672", "nl_1004", "nl_1070", "nl_1096")
    shares = table_of(plan.assume["open_crops"], TYPES, crops)[farms["type"]]
    return numpy.array([CODES.index(one) for one in crops])[pick(shares, random.random(len(shares)))]


def groundwater(plan: Plan, farms: Farms) -> Ints:
    """Place in `groundwater_classes` of each field's groundwater class, by the soil."""
    shares = table_of(plan.assume["groundwater_by_soil"], SOILS, groundwater_classes())
    places = numpy.repeat(farms["soil"], len(FIELDS))
    draw = plan.random("groundwater").random(len(places))
    return pick(shares[places], draw).reshape(len(farms["soil"]), len(FIELDS))


def groundwater_classes() -> tuple[str, ...]:
    """The classes of the law's table, in its order."""
    return tuple(tables()["nl.soil.groundwater_classes"].rows)


def rotated(code: Ints, years: int) -> Ints:
    """The crop of each field in each year (farms, years, fields): arable crops move on by one field a year.

    `code`: those of the last year.
    """
    found = numpy.repeat(code[:, None, :], years, axis=1)
    arable = code[:, FIRST_ARABLE : FIRST_ARABLE + len(ARABLE)]
    number = numpy.maximum((arable != NO_CODE).sum(axis=1), 1)[:, None]
    place = numpy.arange(len(ARABLE))[None, :]
    for year in range(years):
        moved = numpy.where(place < number, (place + years - 1 - year) % number, place)
        found[:, year, FIRST_ARABLE : FIRST_ARABLE + len(ARABLE)] = numpy.take_along_axis(arable, moved, axis=1)
    return found


def grass_share(farms: Farms) -> Floats:
    """Share of grassland in the land of a farm; 0 without land."""
    grass = farms["area"][:, [FIELDS.index(one) for one in GRASS_FIELDS]].sum(axis=1)
    share: Floats = grass / numpy.maximum(farms["uaa"], 10.0**-HECTARE_DECIMALS)
    return share


def is_grown(code: Ints, *names: str) -> Bools:
    """Where one of these crops grows."""
    return numpy.isin(code, [CODES.index(one) for one in names])
