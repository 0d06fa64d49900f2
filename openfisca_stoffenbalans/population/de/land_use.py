"""What grows on each farm's land: grassland, forage, substrate for its plant, special and cash crops."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.de.animals import of_herds
from openfisca_stoffenbalans.population.de.catalogue import (
    ARABLE_GRASS,
    CASH,
    CLOVER,
    CROPS,
    FORAGE,
    GRASS,
    MAIZE,
    OF,
    Animals,
    harvest_content,
)
from openfisca_stoffenbalans.population.de.choosing import Bools, Floats, lognormal, pick, spread
from openfisca_stoffenbalans.population.de.structure import REGIONS, assumed
from openfisca_stoffenbalans.population.plan import Plan

DT_PER_T = 10


def grassland(plan: Plan, farms: dict[str, numpy.ndarray]) -> Floats:
    """Share of permanent grassland: more with ruminants; in a Land as assumed of all its area."""
    land, weight, area = farms["land"], farms["start_weight"], farms["area"]
    tilt = plan.assume["grassland_tilt"]
    conditions = [farms["special"] > 0, farms["dairy"], farms["cattle"], farms["livestock"]]
    factor = numpy.select(conditions, [tilt["special"], tilt["dairy"], tilt["cattle"], tilt["other"]], tilt["none"])
    random = plan.random("grassland")
    raw = factor * lognormal(random, plan.assume["grassland_sd"], len(land)) * assumed(plan, "grassland")[land]
    total = assumed(plan, "grassland") * numpy.bincount(land, weight * area, len(REGIONS))
    share = spread(total, land, weight * area, raw, 0 * raw, numpy.full(len(land), plan.assume["grassland_most"]))
    # A farm without animals has no use for a scrap of grassland.
    return numpy.where((share * area < plan.assume["least_area"]["any"]) & ~farms["livestock"], 0.0, share)


def roughage_need(farms: dict[str, numpy.ndarray], facts: Animals) -> Floats:
    """Kg N that the farm's animals take up from roughage in a year."""
    need: Floats = (farms["herd"] * of_herds(facts.roughage_n, farms["code"])).sum(axis=1)
    return need


def expected_yields(plan: Plan, farms: dict[str, numpy.ndarray]) -> Floats:
    """Dt per ha of each crop (farms, crops) in a mean year; permanent grassland comes later, from what is needed."""
    by_crop = numpy.array([plan.assume["yields"].get(crop.yields, 0.0) for crop in CROPS])
    organic = plan.assume["yield_organic"]
    less = numpy.array([organic["roughage"] if crop.roughage else organic["arable"] for crop in CROPS])
    place = farms["yield_level"] * assumed(plan, "yield_region")[farms["land"]]
    yields: Floats = by_crop * place[:, None] * numpy.where(farms["organic"][:, None], less, 1.0)
    return yields


def land_use(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals) -> dict[str, numpy.ndarray]:
    """`crops` (farms, crops): ha of each crop; `yields` (farms, crops): dt per ha expected in a mean year."""
    area = farms["area"]
    ha = numpy.zeros((len(area), len(CROPS)))
    ha[:, GRASS] = farms["grass_share"] * area
    open_land = area - ha[:, GRASS]
    yields, contents = expected_yields(plan, farms), harvest_content(plan, "n")
    special = _special(plan, farms, ha, open_land)
    arable = open_land - special
    _forage(plan, farms, facts, ha, arable, yields * contents)
    biogas = _biogas(plan, farms, ha, arable, yields)
    rest = numpy.maximum(arable - ha[:, [MAIZE, ARABLE_GRASS, CLOVER]].sum(axis=1) - biogas, 0)
    yields[:, GRASS] = _grass_yield(plan, farms, facts, ha, yields * contents)
    bought = _bought_maize(
        plan, farms, facts, (ha * yields * contents)[:, FORAGE].sum(axis=1), biogas * yields[:, MAIZE]
    )
    sold = _sold_maize(plan, farms, rest, bought, yields[:, MAIZE])
    ha[:, list(map(OF.__getitem__, CASH.values()))] += _cash(plan, farms, rest - sold)
    ha[:, MAIZE] += biogas + sold
    return {"crops": numpy.floor(ha * 100) / 100, "yields": yields, "biogas_area": biogas, "maize_sold_area": sold}


def _special(plan: Plan, farms: dict[str, numpy.ndarray], ha: Floats, open_land: Floats) -> Floats:
    """Wine, fruit and vegetables; gives the area they take."""
    part, random = plan.assume["special_crops_part"], plan.random("special crops")
    wine = random.random(len(open_land)) < assumed(plan, "permanent_crop")[farms["land"]]
    for where, crop, share in (
        ((farms["special"] == 1) & wine, "wine", part["permanent"]),
        ((farms["special"] == 1) & ~wine, "apples", part["permanent"]),
        (farms["special"] == 2, "carrots", part["horticulture"]),
    ):
        ha[:, OF[crop]] = numpy.where(where, share * open_land, 0)
    taken: Floats = ha[:, [OF[name] for name in ("wine", "apples", "carrots")]].sum(axis=1)
    return taken


def _forage(
    plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals, ha: Floats, arable: Floats, n_per_ha: Floats
) -> None:
    """Silage maize and grass on arable land for what the permanent grassland does not give."""
    rules = plan.assume["forage"]
    most_grass = plan.assume["grass_yield"]["most"] * numpy.where(
        farms["organic"], plan.assume["yield_organic"]["roughage"], 1.0
    )
    from_grass = ha[:, GRASS] * most_grass * farms["yield_level"] * harvest_content(plan, "n")[GRASS]
    need = roughage_need(farms, facts) * plan.assume["grass_reserve"] / plan.assume["roughage_kept"]
    usual = plan.assume["grass_yield"]["usual"] / plan.assume["grass_yield"]["most"]
    lack = numpy.maximum(need - from_grass * usual, 0)
    organic = farms["organic"]
    maize_part = numpy.where(organic, rules["maize_organic"], rules["maize"])
    ha[:, MAIZE] = numpy.minimum(lack * maize_part / n_per_ha[:, MAIZE], rules["most_maize"] * arable)
    grass = CLOVER * organic + ARABLE_GRASS * ~organic
    rows = numpy.arange(len(arable))
    lack = lack - ha[:, MAIZE] * n_per_ha[:, MAIZE]
    ha[rows, grass] = numpy.minimum(lack / n_per_ha[rows, grass], rules["most_grass"] * arable)
    small = ha[:, [MAIZE, ARABLE_GRASS, CLOVER]] < plan.assume["least_area"]["forage"]
    ha[:, [MAIZE, ARABLE_GRASS, CLOVER]] *= ~small


def _biogas(plan: Plan, farms: dict[str, numpy.ndarray], ha: Floats, arable: Floats, yields: Floats) -> Floats:
    """Ha of maize for the farm's own plant."""
    free = arable - ha[:, [MAIZE, ARABLE_GRASS, CLOVER]].sum(axis=1)
    wish = farms["substrate"] * DT_PER_T / numpy.maximum(yields[:, MAIZE], 1)
    held: Floats = numpy.maximum(numpy.minimum(wish, numpy.minimum(free, plan.assume["biogas_own_part"] * arable)), 0)
    return held


def _bought_maize(
    plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals, roughage_n: Floats, substrate: Floats
) -> Floats:
    """Dt of maize bought in a mean year, for the plant and for animals that own roughage does not feed."""
    for_plant = numpy.maximum(farms["substrate"] * DT_PER_T - substrate, 0)
    lack_n = numpy.maximum(roughage_need(farms, facts) - plan.assume["roughage_kept"] * roughage_n, 0)
    bought: Floats = for_plant + lack_n * farms["cattle"] / harvest_content(plan, "n")[MAIZE]
    return bought


def _sold_maize(plan: Plan, farms: dict[str, numpy.ndarray], rest: Floats, bought: Floats, maize: Floats) -> Floats:
    """Ha of maize for other farms: in a Land as much as they buy, as far as there is land."""
    rules, land, weight = plan.assume["substrate_sellers"], farms["land"], farms["start_weight"]
    wanted = numpy.bincount(land, weight * bought, len(REGIONS)).astype(numpy.float64)
    part = numpy.where(~farms["organic"] & (farms["special"] == 0), rules["part"] * rest, 0)
    can = (rest > rules["least"]) & (part > 0) & ~farms["biogas"] & (bought == 0)
    amount = numpy.asarray(weight * part * maize, dtype=numpy.float64)
    chosen = pick(plan.random("maize sold"), land, wanted, amount, numpy.where(can, rest, 0.0))
    return numpy.where(chosen, part, 0)


def _cash(plan: Plan, farms: dict[str, numpy.ndarray], rest: Floats) -> Floats:
    """Ha of the crops for sale (farms, crops of CASH): drawn crops share the land that is left."""
    random = plan.random("cash crops")
    grown, share = (numpy.array([plan.assume[name][one] for one in CASH]) for name in ("crop_grown", "crop_share"))
    organic = numpy.array([plan.assume["crop_organic"][one] for one in CASH])
    chance = grown * numpy.where(farms["organic"][:, None], organic, 1.0)
    there: Bools = random.random((len(rest), len(CASH))) < chance
    least = plan.assume["least_area"]
    names = list(CASH)
    there[:, names.index("sugar_beet")] &= rest > least["beet"]
    there[:, names.index("winter_oilseed_rape")] &= rest > least["rape"]
    # One crop alone on little land, and never none.
    alone = (rest <= least["any"]) | ~there[:, : names.index("fallow")].any(axis=1)
    single = numpy.where(farms["organic"], names.index("winter_rye"), names.index("winter_wheat"))
    there[alone] = False
    there[numpy.flatnonzero(alone), single[alone]] = True
    raw = there * share * lognormal(random, plan.assume["crop_share_sd"], there.shape)
    held: Floats = raw / raw.sum(axis=1, keepdims=True) * rest[:, None]
    return held


def _grass_yield(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals, ha: Floats, n_per_ha: Floats) -> Floats:
    """Dt dry matter per ha of permanent grassland: what is needed, between hardly used and five cuts."""
    level = plan.assume["grass_yield"]
    other = [MAIZE, ARABLE_GRASS, CLOVER]
    need = roughage_need(farms, facts) * plan.assume["grass_reserve"] / plan.assume["roughage_kept"]
    rest = need - (ha[:, other] * n_per_ha[:, other]).sum(axis=1)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        wish = rest / ha[:, GRASS] / harvest_content(plan, "n")[GRASS]
    most = level["most"] * farms["yield_level"] * numpy.where(
        farms["organic"], plan.assume["yield_organic"]["roughage"], 1.0
    )  # fmt: skip
    found = numpy.clip(numpy.nan_to_num(wish), level["least"], numpy.maximum(most, level["least"]))
    cut: Floats = numpy.where(roughage_need(farms, facts) > 0, found, level["hay"])
    return cut
