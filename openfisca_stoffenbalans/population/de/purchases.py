"""What farms buy: feed to close what animals need, fertiliser for what manure does not give, seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.population.de.catalogue import (
    CROPS,
    GRAIN,
    MAIZE,
    P_OF_P2O5,
    content,
    harvest_content,
    phosphorus,
)
from openfisca_stoffenbalans.population.de.choosing import Floats, Ints, drawn, lognormal
from openfisca_stoffenbalans.population.de.manure import MATERIALS, Stores
from openfisca_stoffenbalans.population.de.production import Need, Roughage, Year
from openfisca_stoffenbalans.population.plan import Plan

MAIZE_BOUGHT, HAY_BOUGHT = "de_t1_silomais_ganzpflanze_tm35", "de_t3_gruenland_3_nutzungen"
GROUPS = ("cattle", "pigs", "poultry")
RAPE, SOY = "de_t4_rapsextraktionsschrot", "de_t4_sojaextraktionsschrot_48_rp"


@dataclass(frozen=True)
class Feed:
    """Kg N bought (farms, years) as `compound` and `meal` by group; dt of `grain` fed (farms, years, crops); t of
    mineral feed; `n_content`, `p_content`: kg per t of the compound feed by group (farms,)."""

    compound: dict[str, Floats]
    meal: dict[str, Floats]
    grain: Floats
    mineral: Floats
    n_content: dict[str, Floats]
    p_content: dict[str, Floats]


def meal_p(product: str) -> float:
    """Kg P per kg N in a feed of the law's tables."""
    return phosphorus(product) / content(product, "n")


def feed(plan: Plan, farms: dict[str, numpy.ndarray], year: Year, wanted: Need, grown: Roughage, block: int) -> Feed:
    """Feed bought so that animals get the nitrogen they need and enough phosphorus: own feed comes first."""
    random, number = plan.random("feed", block), len(farms["number"])
    mixes = {group: random.random(number) < plan.assume["own_grain"][group] for group in GROUPS}
    n = harvest_content(plan, "n")
    grain = numpy.zeros_like(year.harvest)
    left = year.harvest * plan.assume["own_grain_of_harvest"]
    fed_n = {group: numpy.zeros(year.area.shape) for group in GROUPS}
    for group in GROUPS:
        open_n = numpy.where(mixes[group][:, None], plan.assume["own_grain_part"][group] * wanted.n[group], 0)
        for crop in GRAIN:
            takes = numpy.minimum(open_n / n[crop], left[:, :, crop])
            grain[:, :, crop] += takes
            left[:, :, crop] -= takes
            open_n = open_n - takes * n[crop]
            fed_n[group] += takes * n[crop]
    names = {
        "cattle": numpy.full(number, "cattle", dtype=object),
        "poultry": numpy.full(number, "poultry", dtype=object),
        "pigs": numpy.array(["pigs", "pigs_np_red", "pigs_stark_np_red"], dtype=object)[farms["feed"]],
    }
    contents = {
        nutrient: {group: _of_names(plan.assume[name], labels) for group, labels in names.items()}
        for nutrient, name in (("n", "compound_feed"), ("p", "compound_feed_p"))
    }
    compound, meal = {}, {}
    p_in = grown.p + (grain * harvest_content(plan, "p")).sum(axis=2)
    for group in GROUPS:
        lack = numpy.maximum(wanted.n[group] - fed_n[group], 0)
        share = plan.assume["protein_feed"]["cattle"] if group == "cattle" else plan.assume["protein_feed"]["mixing"]
        uses = ~farms["organic"] & (mixes[group] | (group == "cattle"))
        meal[group] = numpy.where(uses[:, None], share * numpy.minimum(lack, _beside_grain(plan, group, fed_n)), 0)
        compound[group] = lack - meal[group]
        ratio = contents["p"][group] / contents["n"][group]
        p_in = p_in + compound[group] * ratio[:, None] + meal[group] * meal_p(RAPE if group == "cattle" else SOY)
    # Silage maize for cattle, hay for the rest, which holds less phosphorus for its nitrogen.
    in_roughage = numpy.where(farms["cattle"], meal_p(MAIZE_BOUGHT), meal_p(HAY_BOUGHT))
    p_in = p_in + grown.bought * in_roughage[:, None]
    mineral = numpy.maximum(wanted.p - p_in, 0) / plan.assume["mineral_feed_p"]
    return Feed(compound, meal, grain, mineral, contents["n"], contents["p"])


def _beside_grain(plan: Plan, group: str, fed_n: dict[str, Floats]) -> Floats | float:
    """Kg N of meal at most: what grain lacks for a ration, not a ration of meal alone; cattle have roughage to it."""
    part = plan.assume["own_grain_part"][group]
    return numpy.inf if group == "cattle" else fed_n[group] * (1 - part) / part


def _of_names(values: dict[str, float], names: numpy.ndarray) -> Floats:
    found = numpy.zeros(len(names))
    for name in numpy.unique(names.astype(str)):
        found[names == name] = values[name]
    return found


@dataclass(frozen=True)
class Fertiliser:
    """Dt bought (farms, years): of the farm's main nitrogen fertiliser (`kind`, place in the list) and of DAP."""

    main: Floats
    kind: Ints
    dap: Floats


def fertiliser(plan: Plan, farms: dict[str, numpy.ndarray], year: Year, own: Stores, block: int) -> Fertiliser:
    """Mineral fertiliser: what crops need in a usual year, less what manure and legumes give; none on organic farms.

    Bought before the year's weather is known: by expected, not by harvested yields.
    """
    random, number = plan.random("fertiliser", block), len(farms["number"])
    noise = plan.assume["n_noise_sd"]
    factor = lognormal(random, noise["farm"], number)[:, None] * lognormal(random, noise["year"], year.area.shape)
    expected = year.crops * farms["yields"][:, None, :]
    per_kg = numpy.array([plan.assume["n_need"].get(_need_name(crop.name, crop.yields), 0.0) for crop in CROPS])
    wanted = (expected * harvest_content(plan, "n") * per_kg).sum(axis=2)
    wanted_p = (expected * harvest_content(plan, "p")).sum(axis=2) * plan.assume["p_need"]
    credit = plan.assume["credit"]
    rates = numpy.array([credit[_form(material)] for material in MATERIALS]) + credit["later"]
    spread = own.n - farms["given"] + farms["taken"]
    credited = spread @ rates + own.pasture_n * credit["grazing"]
    lack = numpy.maximum(wanted - credited[:, None], 0) * factor
    lack = numpy.minimum(lack, plan.assume["most_mineral_n"] * year.area)
    manure_p = (spread.sum(axis=1) + own.pasture_n) * plan.assume["manure_p_per_n"]
    conventional = ~farms["organic"]
    shares, declared = plan.assume["fertiliser_choice"], plan.assume["fertilisers"]
    kind = drawn(random, numpy.array([shares[name] for name in ("can", "urea", "uan")]), number)
    buys_p = random.random(year.area.shape) < plan.assume["p_bought"]
    lack_p = numpy.maximum(wanted_p - manure_p[:, None], 0) * buys_p
    starter = (
        (random.random(number) < plan.assume["starter_used"])[:, None]
        * plan.assume["starter"]
        * year.crops[:, :, MAIZE]
    )
    p_per_dap = declared["dap_p2o5"] * P_OF_P2O5
    dap = numpy.maximum(lack_p / p_per_dap, starter)
    dap = numpy.where(conventional[:, None], numpy.minimum(dap, lack / declared["dap"]), 0)
    per_dt = numpy.array([declared[name] for name in ("can", "urea", "uan")])[kind][:, None]
    main = numpy.where(conventional[:, None], numpy.maximum(lack - dap * declared["dap"], 0) / per_dt, 0)
    return Fertiliser(main, kind, dap)


def _need_name(crop: str, yields: str) -> str:
    return yields or crop


def _form(material: str) -> str:
    return {"digestate": "digestate", "straw_manure": "solid", "poultry": "slurry"}.get(material, "slurry")


def seed(plan: Plan, year: Year) -> dict[str, Floats]:
    """Dt of seed bought (farms, years) by the crop's kind of seed."""
    per_ha, bought = plan.assume["seed"], plan.assume["seed_bought"]
    found = {}
    for kind in per_ha:
        places = [place for place, crop in enumerate(CROPS) if crop.seed == kind]
        found[kind] = year.crops[:, :, places].sum(axis=2) * per_ha[kind] * bought[kind]
    return found
