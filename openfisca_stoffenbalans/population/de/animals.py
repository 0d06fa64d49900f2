"""Which category of the DüV each herd is: breed, milk, feeding, grazing; and its manure system."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.de.catalogue import CATTLE, FIRST, KINDS, PIGS, PLACE, VARIANTS, Animals
from openfisca_stoffenbalans.population.de.choosing import Bools, Floats, Ints, drawn, pick
from openfisca_stoffenbalans.population.de.structure import assumed, margin
from openfisca_stoffenbalans.population.plan import Plan

YEAR_DAYS = 365
# Places of the first dairy code of each system, and how many milk classes it has.
SYSTEMS = {
    "grass_grazed": (0, 3),
    "grass_housed": (3, 3),
    "arable_grazed": (6, 4),
    "arable_housed": (10, 4),
    "light": (14, 3),
}
LEAST_CLASS, CLASS_WIDTH, LIGHT_LEAST = 6000, 2000, 5000


def variants(plan: Plan, farms: dict[str, numpy.ndarray], grass_share: Floats) -> dict[str, numpy.ndarray]:
    """`code` (farms, kinds): place of each herd's category in CODES; milk per cow; whether and how long it grazes."""
    random, number = plan.random("variants"), len(grass_share)
    graze = plan.assume["grazing"]
    share = numpy.array([graze[one] for one in graze])[farms["land"]]
    grassy = grass_share > plan.assume["grassland_dairy"]
    has_grass = grass_share * farms["area"] >= plan.assume["least_area"]["pasture"]
    grazed = (random.random(number) < numpy.where(farms["organic"], 1.0, share)) & has_grass
    code = numpy.tile(numpy.array([FIRST[kind] for kind in KINDS]), (number, 1))
    milk, chosen = _dairy(plan, farms, random, grassy, grazed)
    code[:, PLACE["dairy_cows"]] += chosen
    young = (random.random(number) < plan.assume["young_stock_grazed"]) | farms["organic"] | grazed
    young &= has_grass
    code[:, PLACE["young_stock"]] += numpy.where(grassy, numpy.where(farms["organic"], 1, 0), numpy.where(young, 2, 3))
    feed = drawn(random, numpy.array(list(plan.assume["feed_class"].values())), number)
    feed = numpy.where(farms["organic"], 0, feed)
    reduced = (random.random(number) < plan.assume["poultry_reduced"]) & ~farms["organic"]
    for kind in ("sows", "fattening_pigs", "piglets"):
        levels = len(VARIANTS[kind]) // len(plan.assume["feed_class"])
        level = numpy.where(farms["organic"], 0, random.integers(0, levels, number))
        code[:, PLACE[kind]] += level * len(plan.assume["feed_class"]) + feed
    code[:, PLACE["gilts"]] += numpy.minimum(feed, 1)
    for kind in ("laying_hens", "pullets", "broilers", "turkeys"):
        level = random.integers(0, len(VARIANTS[kind]) // 2, number)
        code[:, PLACE[kind]] += 2 * level + reduced
    for kind in ("bulls", "suckler_cows", "veal", "ducks_geese", "horses", "weaned_calves"):
        code[:, PLACE[kind]] += random.integers(0, len(VARIANTS[kind]), number)
    code[:, PLACE["sheep"]] += (random.random(number) < grass_share) * 1
    grazing = numpy.zeros((number, len(KINDS)))
    days = plan.assume["grazing_days"]
    for kind, where in (("dairy_cows", grazed), ("young_stock", young), ("suckler_cows", has_grass),
                        ("sheep", has_grass), ("horses", has_grass)):  # fmt: skip
        grazing[:, PLACE[kind]] = numpy.where(where, days[kind], 0)
    return {"code": code, "milk": milk, "grazing": grazing, "feed": feed, "reduced": reduced}


def _dairy(
    plan: Plan, farms: dict[str, numpy.ndarray], random: numpy.random.Generator, grassy: Bools, grazed: Bools
) -> tuple[Floats, Ints]:
    """Kg milk (ECM) per cow, and the place of the nearest category among the dairy codes."""
    number = len(grassy)
    mean = assumed(plan, "milk_per_cow")[farms["land"]] + plan.assume["milk_organic"] * farms["organic"]
    wish = mean + plan.assume["milk_sd"] * random.standard_normal(number)
    light = random.random(number) < plan.assume["light_breed"]
    conditions = [light, grassy & grazed, grassy, grazed]
    names = ("light", "grass_grazed", "grass_housed", "arable_grazed", "arable_housed")
    first = numpy.select(conditions, [SYSTEMS[name][0] for name in names[:4]], SYSTEMS[names[4]][0])
    classes = numpy.select(conditions, [SYSTEMS[name][1] for name in names[:4]], SYSTEMS[names[4]][1])
    least = numpy.where(light, LIGHT_LEAST, LEAST_CLASS)
    level = numpy.clip(numpy.rint((wish - least) / CLASS_WIDTH), 0, classes - 1)
    middle = least + CLASS_WIDTH * level
    # A herd's milk stays in the class whose excretion it has.
    half = CLASS_WIDTH / 2 - 1
    return numpy.clip(wish, middle - half, middle + half), (first + level).astype(numpy.int64)


def of_herds(values: Floats, code: Ints) -> Floats:
    """The value of each herd's category, (farms, kinds)."""
    found: Floats = values[code]
    return found


def pasture_share(plan: Plan, grazing: Floats) -> Floats:
    """Share of each herd's excretion that falls on pasture."""
    hours = plan.assume["grazing_hours"]
    per_day = numpy.array([hours.get(kind, 0.0) for kind in KINDS])
    shares: Floats = grazing / YEAR_DAYS * per_day
    return shares


def manure_systems(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals) -> dict[str, numpy.ndarray]:
    """`solid` (farms, kinds): whether a herd stands on straw.

    Poultry, sheep, horses and most suckler cows do; of the other cattle and the pigs so many, rather the small herds,
    that the manure of all comes to the published solid manure.
    """
    herd, code, weight = farms["herd"], farms["code"], farms["start_weight"]
    straw = of_herds(facts.solid, code) * herd * (1 - pasture_share(plan, farms["grazing"]))
    solid = of_herds(facts.slurry, code) == 0
    rules, random = plan.assume["solid_system"], plan.random("manure systems")
    suckler = PLACE["suckler_cows"]
    with_sucklers = herd[:, suckler] > 0
    on_straw = with_sucklers & (random.random(len(weight)) < rules["suckler_cows"])
    for kind in ("suckler_cows", "young_stock", "calves"):
        solid[:, PLACE[kind]] |= on_straw
    solid[:, [PLACE[kind] for kind in ("laying_hens", "pullets", "broilers", "turkeys", "ducks_geese")]] = True
    open_ = ~solid & (herd > 0)
    rest = margin(plan, "solid_manure_applied", plan.assume["solid_without_margin"]) - (
        weight @ numpy.where(solid, straw, 0).sum(axis=1)
    )
    group = numpy.zeros(len(weight), dtype=numpy.int64)
    cattle, pigs = [PLACE[kind] for kind in CATTLE], [PLACE[kind] for kind in PIGS]
    tonnes = {
        name: numpy.where(open_[:, of], straw[:, of], 0).sum(axis=1)
        for name, of in (("cattle", cattle), ("pigs", pigs))
    }
    propensity = sum(
        rules[name] * (part > 0) * numpy.maximum(part, 1) ** plan.assume["solid_herd_exponent"]
        for name, part in tonnes.items()
    )
    both = tonnes["cattle"] + tonnes["pigs"]
    chosen = pick(random, group, numpy.array([max(rest, 0.0)]), weight * both, numpy.asarray(propensity) * (both > 0))
    solid[chosen] |= herd[chosen] > 0
    return {"solid": solid}
