"""Own manure, what is spread, given away and received: within the standard, over a market that clears by region."""

from __future__ import annotations

from typing import Any

import numpy

from openfisca_stoffenbalans.population.lines import Lines
from openfisca_stoffenbalans.population.nl.animals import KINDS
from openfisca_stoffenbalans.population.nl.contents import GRAMS, LEAST_KG, lower_on_sand, standard
from openfisca_stoffenbalans.population.nl.dates import of_years
from openfisca_stoffenbalans.population.nl.land_use import CODES, FIELDS, NO_CODE, is_grown
from openfisca_stoffenbalans.population.nl.structure import (
    REGIONS,
    SAND,
    SOILS,
    TINY,
    TYPES,
    Bools,
    Farms,
    Floats,
    Ints,
    by_name,
    normal,
)  # fmt: skip
from openfisca_stoffenbalans.population.plan import Plan

# Mestcode and material of the manure of each kind of livestock, as slurry and as solid manure.
PRODUCTS = {
    "dairy": ("nl_m_14", "nl_m_10", "cattle"),
    "veal": ("nl_m_19", "nl_m_19", "cattle"),
    "beef": ("nl_m_14", "nl_m_10", "cattle"),
    "sheep": ("nl_m_56", "nl_m_56", "other_animals"),
    "goats": ("nl_m_61", "nl_m_61", "other_animals"),
    "horses": ("nl_m_25", "nl_m_25", "other_animals"),
    "fatteners": ("nl_m_50", "nl_m_50", "pigs"),
    "sows": ("nl_m_46", "nl_m_46", "pigs"),
    "hens": ("nl_m_35", "nl_m_35", "poultry"),
    "broilers": ("nl_m_39", "nl_m_39", "poultry"),
}  # fmt: skip
# Kinds whose manure stands for what is on the market: cattle slurry, pig slurry, poultry manure.
TRADED = ("dairy", "fatteners", "hens")
TRADED_OF_KIND = {
    "dairy": 0,
    "veal": 0,
    "beef": 0,
    "sheep": 0,
    "goats": 0,
    "horses": 0,
    "fatteners": 1,
    "sows": 1,
    "hens": 2,
    "broilers": 2,
}
FIRST_STANDARD_OF_DEROGATION = 2022
ZONES_FROM = 2023
FREE_ZONE_FROM = 2024
GRASS_FIELDS = (FIELDS.index("grass_1"), FIELDS.index("grass_2"), FIELDS.index("natural"))


def limits(plan: Plan, farms: Farms, year: int) -> Floats:
    """Standard of animal manure of each farm in a year, kg N per ha.

    Of 2021 no text of the derogation was found: that of 2022 is taken to make the farms, and the engine finds none.
    """
    plain = standard("standard", year)
    general = standard("derogation", max(year, FIRST_STANDARD_OF_DEROGATION))
    found = numpy.full(len(farms["number"]), general)
    if year < ZONES_FROM:
        sandy = numpy.isin(farms["soil"], [SOILS.index(one) for one in (*SAND, "loess")])
        south = numpy.isin(farms["region"], list(lower_on_sand()))
        found[sandy & south] = standard("derogation_sand_loess", max(year, FIRST_STANDARD_OF_DEROGATION))
        return numpy.where(farms["derogation"], found, plain)
    found[farms["nutrient_polluted_zone"]] = standard("derogation_polluted_area", year)
    zone = farms["natura_2000_zone"] | farms["groundwater_protection_zone"]
    if year >= FREE_ZONE_FROM:
        zone = zone | farms["derogation_free_zone"]
    return numpy.where(farms["derogation"] & ~zone, found, plain)


def manured(farms: Farms) -> Floats:
    """Hectares on which manure may count: land without glass and buffer strips."""
    left_out = [FIELDS.index(one) for one in ("glass", "strip")]
    hectares: Floats = farms["area"].sum(axis=1) - farms["area"][:, left_out].sum(axis=1)
    return hectares


def weights(plan: Plan, farms: Farms, code: Ints) -> Floats:
    """How much of a farm's manure falls to each field: area x a weight of the crop (…, fields)."""
    by_code = by_name(plan.assume["manure_weight"], CODES)
    area = farms["area"] if code.ndim == 2 else farms["area"][:, None, :]
    found = numpy.where(code == NO_CODE, 0, by_code[code]) * area
    found[..., FIELDS.index("strip")] = 0
    return found


def pasture_share(plan: Plan, farms: Farms) -> Floats:
    """Share of the net manure that falls on grassland from grazing animals."""
    return by_name(plan.assume["pasture_share"], KINDS)[farms["kind"]] * farms["grazes"]


def market(plan: Plan, farms: Farms) -> Farms:
    """`fill` (use by standard), `received` (kg N in the plan's year) and `received_kind` (place in TRADED).

    What is given away and not exported or processed goes to farms of the region, what is left over to other regions.
    """
    random, number = plan.random("manure"), len(farms["number"])
    law, kind = plan.assume["manure_use"], farms["kind"]
    fill = law["fill"] + law["fill_sd"] * normal(plan, random, number)
    fill = numpy.where(
        random.random(number) < law["share_above"], 1 + law["above"] * random.random(number), numpy.minimum(fill, 1)
    )
    fill *= by_name(plan.assume["own_use_of_room"], KINDS)[kind]
    net = farms["n_gross"] * (1 - farms["loss_share"])
    able = weights(plan, farms, farms["code"]).sum(axis=1) > 0
    room = limits(plan, farms, plan.year) * manured(farms)
    pasture = net * pasture_share(plan, farms)
    own = numpy.minimum(net - pasture, numpy.maximum(room * fill - pasture, 0) * able)
    given = net - pasture - own
    kept = given * (1 - by_name(plan.assume["exported_share"], KINDS)[kind])
    accepts = (random.random(number) < by_name(plan.assume["accepts_manure"], TYPES)[farms["type"]]) | farms["organic"]
    plain = standard("standard", plan.year)
    demand = (
        numpy.maximum(plain * manured(farms) * law["fill_received"] - own - pasture, 0)
        * accepts
        * able
        * ~farms["derogation"]
    )
    demand[given > 0] = 0
    region = numpy.array([REGIONS.index(one[:3]) for one in farms["region"]])
    supply, wanted = (numpy.bincount(region, of, len(REGIONS)) for of in (kept, demand))
    within = numpy.minimum(supply, wanted)
    over = min((supply - within).sum(), (wanted - within).sum())
    placed = within + (wanted - within) * (over / max((wanted - within).sum(), 1))
    traded = numpy.array([TRADED_OF_KIND.get(one, 0) for one in KINDS])[kind]
    kinds = numpy.stack(
        [numpy.bincount(region, kept * (traded == one), len(REGIONS)) for one in range(len(TRADED))], axis=1
    )
    reached = numpy.cumsum(kinds, axis=1)[region]
    picked = (reached < random.random(number)[:, None] * reached[:, -1:]).sum(axis=1)
    return {"fill": fill, "received": demand * (placed / numpy.maximum(wanted, 1))[region], "received_kind": picked}


def years(plan: Plan, farms: Farms, herd: Farms, code: Ints, block: int) -> Farms:
    """Kg N of each year: on pasture and spread of own and received manure by field; given away, in store."""
    random = plan.random("manure years", block)
    limit = numpy.stack([limits(plan, farms, year) for year in plan.years], axis=1)
    by_field = weights(plan, farms, code)
    able = by_field.sum(axis=2) > 0
    net = herd["n_net"]
    pasture = net * pasture_share(plan, farms)[:, None]
    room = limit * manured(farms)[:, None] * farms["fill"][:, None]
    stored = net - pasture
    law = plan.assume["manure_use"]
    opening = stored[:, :1] * law["opening_stock"] * (1 + law["opening_spread"] * random.uniform(-1, 1, (len(net), 1)))
    change = opening * law["stock_change"] * random.uniform(-1, 1, net.shape)
    use = numpy.minimum(numpy.maximum(stored - change, 0), numpy.maximum(room - pasture, 0) * able)
    given = stored - change - use
    received = farms["received"][:, None] * (1 + law["received_spread"] * random.uniform(-1, 1, net.shape)) * able
    spare = limit * manured(farms)[:, None] - pasture - use
    received = numpy.where(given > LEAST_KG, 0, numpy.clip(received, 0, numpy.maximum(spare, 0)))
    share = by_field / numpy.maximum(by_field.sum(axis=2, keepdims=True), TINY)
    stock = numpy.concatenate([opening, opening + numpy.cumsum(change, axis=1)], axis=1)
    grazed = numpy.zeros_like(by_field)
    area = farms["area"][:, list(GRASS_FIELDS)] * numpy.array([1, 0, 1])
    area[:, 0] += (area.sum(axis=1) == 0) * TINY
    grazed[..., list(GRASS_FIELDS)] = pasture[..., None] * (area / area.sum(axis=1, keepdims=True))[:, None, :]
    return {
        "limit": limit,
        "pasture": grazed,
        "own": use[..., None] * share,
        "received": received[..., None] * share,
        "given": given,
        "received_total": received,
        "opening": stock[:, :-1],
        "closing": stock[:, 1:],
    }


def own_contents(plan: Plan, farms: Farms, herd: Farms, block: int) -> Farms:
    """Kg N, P2O5 and ammonium N per t of own manure, in all years the same: N by kind with a spread."""
    random = plan.random("manure contents", block)
    kind = farms["kind"]
    slurry, solid = (by_name(plan.assume[f"manure_n_{form}"], KINDS)[kind] for form in ("slurry", "solid"))
    nitrogen = numpy.where(farms["solid"], solid, slurry)
    # A farm without animals divides by it and spreads nothing.
    nitrogen = numpy.maximum(nitrogen, 1) * numpy.exp(
        plan.assume["manure_content_spread"] * normal(plan, random, len(kind))
    )
    ratio = herd["p_excreted"].sum(axis=1) / numpy.maximum(herd["n_net"].sum(axis=1), TINY)
    ammonium = by_name(plan.assume["ammonium_share"], KINDS)[kind] * numpy.where(
        farms["solid"], plan.assume["ammonium_share"]["solid"], 1
    )
    return {"n": nitrogen.round(3), "p": (nitrogen * ratio).round(3), "nh4": (nitrogen * ammonium).round(3)}


def received_contents(plan: Plan, farms: Farms) -> Farms:
    """The same of manure received, by its kind."""
    kinds = [KINDS.index(one) for one in TRADED]
    solid = numpy.array([one == "hens" for one in TRADED])
    nitrogen = numpy.where(
        solid,
        by_name(plan.assume["manure_n_solid"], KINDS)[kinds],
        by_name(plan.assume["manure_n_slurry"], KINDS)[kinds],
    )
    ratio = by_name(plan.assume["p2o5_per_n_traded"], TRADED)
    ammonium = by_name(plan.assume["ammonium_share"], KINDS)[kinds] * numpy.where(
        solid, plan.assume["ammonium_share"]["solid"], 1
    )
    of = farms["received_kind"]
    return {"n": nitrogen[of], "p": (nitrogen * ratio)[of].round(3), "nh4": (nitrogen * ammonium)[of].round(3)}


def rows(plan: Plan, farms: Farms, state: Farms, contents: dict[str, Farms], tables: dict[str, Lines]) -> None:
    """Flows, stocks and spreadings of manure."""
    own, bought = contents["own"], contents["received"]
    for kind, (slurry, solid, material) in PRODUCTS.items():
        for is_solid, product in ((False, slurry), (True, solid)):
            here = (farms["kind"] == KINDS.index(kind)) & (farms["solid"] == is_solid)
            if not here.any():
                continue
            declared = {"unit": "t", "n_content": own["n"], "p2o5_content": own["p"], "content_source": "measurement"}
            tables["flows"].add(
                here[:, None] & (state["given"] > LEAST_KG),
                direction="removal",
                category="animal_manure",
                product=product,
                amount=state["given"] / own["n"][:, None],
                **declared,
            )
            there = here & (state["opening"].sum(axis=1) > 1)
            tables["stocks"].add(
                numpy.broadcast_to(there[:, None], state["opening"].shape),
                category="manure",
                product=product,
                opening=state["opening"] / own["n"][:, None],
                closing=state["closing"] / own["n"][:, None],
                **declared,
            )
            spread(plan, here, state, "own", product, material, is_solid, own, tables["applications"])
            graze(plan, here, state, product, material, is_solid, own, tables["applications"])
    for place, kind in enumerate(TRADED):
        product, material = PRODUCTS[kind][0], PRODUCTS[kind][2]
        here = (farms["received_kind"] == place) & (farms["received"] > 0)
        tables["flows"].add(
            here[:, None] & (state["received_total"] > 0),
            direction="supply",
            category="animal_manure",
            product=product,
            amount=state["received_total"] / bought["n"][:, None],
            unit="t",
            n_content=bought["n"],
            p2o5_content=bought["p"],
            content_source="measurement",
        )
        spread(plan, here, state, "received", product, material, kind == "hens", bought, tables["applications"])


def spread(
    plan: Plan,
    here: Bools,
    state: Farms,
    origin: str,
    product: str,
    material: str,
    solid: bool,
    contents: Farms,
    table: Lines,
) -> None:
    """Spreadings of own or received manure on each field, on grass in two rounds."""
    code, days = state["code"], plan.assume["spreading_day"]
    whole: dict[str, Any] = {
        "material": material,
        "form": "solid" if solid else "slurry",
        "origin": origin,
        "product": product,
        "fertiliser_type": "manure",
    }
    whole |= {"n_g_per_kg": contents["n"], "nh4_n_g_per_kg": contents["nh4"], "p2o5_g_per_kg": contents["p"]}
    for place, field in enumerate(FIELDS):
        kg = state[origin][..., place]
        there = here[:, None] & (kg > LEAST_KG)
        if not there.any():
            continue
        grass = is_grown(code[..., place], "nl_265", "nl_331")
        winter = is_grown(code[..., place], "nl_233", "nl_235", "nl_6750")
        rounds = plan.assume["grass_rounds"]
        cases: list[tuple[Any, float, float, str]] = [
            (grass, rounds["first"], days["grass_first"], "broadcasting" if solid else "shallow_injection"),
            (grass, 1 - rounds["first"], days["grass_second"], "broadcasting" if solid else "shallow_injection"),
            (winter, 1, days["winter_crop"], "broadcasting" if solid else "narrowband"),
            (~grass & ~winter, 1, days["spring"], "incorporation" if solid else "injection"),
        ]
        for where, share, day, technique in cases:
            some = there & where
            kg_n = kg * share
            table.add(
                some,
                field_id=field,
                n_kg=kg_n,
                amount_kg=kg_n / contents["n"][:, None] * GRAMS,
                date=of_years(plan, day, kg.shape),
                technique=technique,
                **whole,
            )


def graze(
    plan: Plan, here: Bools, state: Farms, product: str, material: str, solid: bool, contents: Farms, table: Lines
) -> None:
    """Manure of grazing animals, as a spreading with little ammonium: the soil balance knows no grazing."""
    for place in GRASS_FIELDS:
        kg = state["pasture"][..., place]
        table.add(
            here[:, None] & (kg > LEAST_KG),
            material=material,
            form="solid" if solid else "slurry",
            origin="own",
            field_id=FIELDS[place],
            product=product,
            n_kg=kg,
            amount_kg=kg / contents["n"][:, None] * GRAMS,
            technique="broadcasting",
            fertiliser_type="manure",
            date=of_years(plan, plan.assume["spreading_day"]["pasture"], kg.shape),
            n_g_per_kg=contents["n"],
            nh4_n_g_per_kg=(contents["n"] * plan.assume["pasture_ammonium"]).round(3),
            p2o5_g_per_kg=contents["p"],
        )
