"""Manure and digestate: what a farm has, gives away above its limit, and takes in, cleared between farms of a Land."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.population.de.animals import of_herds, pasture_share
from openfisca_stoffenbalans.population.de.catalogue import CREDITING, KINDS, PIGS, POULTRY, Animals, content
from openfisca_stoffenbalans.population.de.choosing import Floats, Ints, lognormal, pick
from openfisca_stoffenbalans.population.de.structure import CLASSES, REGIONS, assumed, margin, of_regions
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.tables import tables

DT_PER_T = 10
MATERIALS = ("poultry", "digestate", "pig_slurry", "cattle_slurry", "straw_manure")
LIQUID = ("digestate", "pig_slurry", "cattle_slurry")
# What a farm takes in is told by these products of the law's tables; digestate by its own contents.
TAKEN = {
    "poultry": "de_manure_eiererzeugung_legehennenhaltung_17_6_kg_eimasse_je_tier_np_red_solid",
    "pig_slurry": "de_manure_schweinehaltung_schweinemast_von_28_bis_118_kg_lm_850_g_tageszunahme_np_red_slurry",
    "cattle_slurry": "de_manure_milchviehhaltung_milcherzeugung_ackerfutterbau_ohne_weidegang_mit_heu_8_000_ecm_slurry",
    "straw_manure": "de_manure_mutterkuhhaltung_6_monate_saeugezeit_700_kg_lm_solid",
}
NEIGHBOURS = {
    "DE1": "DE2 DE7 DEB", "DE2": "DE1 DE7 DEG DED", "DE3": "DE4", "DE4": "DE3 DE8 DED DEE DE9", "DE5": "DE9",
    "DE6": "DE9 DEF", "DE7": "DE1 DE2 DE9 DEA DEB DEG", "DE8": "DE4 DE9 DEF",
    "DE9": "DE4 DE5 DE6 DE7 DE8 DEA DEE DEF DEG", "DEA": "DE7 DE9 DEB", "DEB": "DE1 DE7 DEA DEC", "DEC": "DEB",
    "DED": "DE2 DE4 DEE DEG", "DEE": "DE4 DE9 DED DEG", "DEF": "DE6 DE8 DE9", "DEG": "DE2 DE7 DE9 DED DEE",
}  # fmt: skip


@dataclass(frozen=True)
class Stores:
    """Kg N after housing and storage and m3 or t, by material (farms, materials); kg N that falls on pasture."""

    n: Floats
    volume: Floats
    pasture_n: Floats


def groups() -> tuple[Ints, Ints]:
    """The material of each kind's slurry and of its straw manure."""
    slurry = [MATERIALS.index("pig_slurry" if kind in PIGS else "cattle_slurry") for kind in KINDS]
    straw = [MATERIALS.index("poultry" if kind in POULTRY else "straw_manure") for kind in KINDS]
    return numpy.array(slurry), numpy.array(straw)


def stores(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals, herd: Floats) -> Stores:
    """What the herds (farms, kinds) leave in a year, without digestate."""
    code, solid = farms["code"], farms["solid"]
    pasture = pasture_share(plan, farms["grazing"])
    excreted = herd * of_herds(facts.n, code)
    housed = 1 - pasture
    kept_solid = of_herds(facts.kept_solid, code)
    kept = numpy.where(solid, kept_solid, of_herds(facts.kept_slurry, code))
    volume = numpy.where(solid, of_herds(facts.solid, code), of_herds(facts.slurry, code) * plan.assume["dilution"])
    slurry_of, straw_of = groups()
    place = numpy.where(solid, straw_of, slurry_of)
    n, volumes = (numpy.zeros((len(herd), len(MATERIALS))) for _ in range(2))
    for number in range(len(MATERIALS)):
        there = place == number
        n[:, number] = (excreted * housed * kept * there).sum(axis=1)
        volumes[:, number] = (herd * housed * volume * there).sum(axis=1)
    return Stores(n, volumes, (excreted * pasture * kept_solid).sum(axis=1))


def plants(plan: Plan, farms: dict[str, numpy.ndarray], liquid: Floats) -> dict[str, numpy.ndarray]:
    """`biogas` and `substrate` (t of maize a year): plants so large that liquid manure comes near the published one.

    `liquid`: m3 of slurry of each farm's animals.
    """
    land, weight = farms["land"], farms["start_weight"]
    wanted = assumed(plan, "biogas_plants")
    propensity = assumed(plan, "biogas_class", CLASSES)[farms["size_class"]] * (farms["special"] == 0)
    biogas = pick(plan.random("plants"), land, wanted, weight, propensity)
    size = plan.assume["biogas_substrate"] * lognormal(plan.random("plant sizes"), plan.assume["biogas_sd"], len(land))
    size = numpy.where(biogas, size, 0.0)
    per_t = plan.assume["digestate_per_substrate"]
    raw = numpy.bincount(land, weight * size * per_t, len(REGIONS))
    slurry = numpy.bincount(land, weight * liquid, len(REGIONS))
    known = of_regions(plan, "liquid_manure_applied")
    total = margin(plan, "liquid_manure_applied", plan.assume["liquid_without_margin"])
    some = ~numpy.isnan(known)
    bounds = plan.assume["digestate_range"]
    rest = total - known[some].sum() - slurry[~some].sum()
    factor = numpy.where(some, (known - slurry) / numpy.maximum(raw, 1), rest / max(raw[~some].sum(), 1))
    linked = biogas & ~farms["livestock"]
    linked &= plan.random("linked plants").random(len(land)) < plan.assume["substrate_linked"]
    scaled = size * numpy.clip(factor, bounds["low"], bounds["high"])[land]
    return {"biogas": biogas, "linked": linked, "substrate": scaled}


def market(plan: Plan, farms: dict[str, numpy.ndarray], own: Stores) -> dict[str, numpy.ndarray]:
    """`given`, `taken` (farms, materials): kg N that leaves and enters each farm in a year."""
    given = _given(plan, farms, own)
    land, weight = farms["land"], farms["start_weight"]
    supply = numpy.stack([numpy.bincount(land, weight * given[:, m], len(REGIONS)) for m in range(len(MATERIALS))])
    supply *= 1 - plan.assume["leaves_country"]
    moved = supply * plan.assume["leaves_region"]
    arrives = supply - moved
    for place, region in enumerate(REGIONS):
        near = [REGIONS.index(one) for one in NEIGHBOURS[region].split()]
        arrives[:, near] += moved[:, place][:, None] / len(near)
    return {"given": given, "taken": _taken(plan, farms, own, given, arrives)}


def _given(plan: Plan, farms: dict[str, numpy.ndarray], own: Stores) -> Floats:
    random, rules = plan.random("manure given"), plan.assume["keeps_up_to"]
    number = len(own.pasture_n)
    keeps = (rules["least"] + (rules["most"] - rules["least"]) * random.random(number)) * farms["area"]
    excess = own.n.sum(axis=1) + own.pasture_n - keeps
    freely = (excess <= 0) & (random.random(number) < plan.assume["gives_freely"])
    excess = numpy.where(freely, plan.assume["gives_freely_part"] * own.n.sum(axis=1), numpy.maximum(excess, 0))
    # Nobody moves a few kilograms.
    excess = numpy.where(excess < plan.assume["least_moved"], 0, excess)
    given = numpy.zeros_like(own.n)
    for material in range(len(MATERIALS)):
        given[:, material] = numpy.minimum(excess, plan.assume["gives_at_most"] * own.n[:, material])
        excess = excess - given[:, material]
    return given


def _taken(plan: Plan, farms: dict[str, numpy.ndarray], own: Stores, given: Floats, arrives: Floats) -> Floats:
    """What farms take in: each one material, as much as there is in its Land, below the limit with its own."""
    random, rules, by_type = plan.random("manure taken"), plan.assume["takes"], plan.assume["takes_type"]
    land, weight, area = farms["land"], farms["start_weight"], farms["area"]
    conditions = [farms["linked"], farms["special"] > 0, farms["organic"], farms["pigs"] | farms["poultry"],
                  farms["dairy"] | farms["cattle"], farms["livestock"]]  # fmt: skip
    names = ("linked", "special", "organic", "pigs", "grazing", "mixed")
    propensity = numpy.select(conditions, [by_type[name] for name in names], by_type["arable"])
    propensity = propensity * area ** plan.assume["takes_area_exponent"]
    holds = own.n.sum(axis=1) + own.pasture_n - given.sum(axis=1)
    room = rules["total"] * area - holds
    wish = (rules["least"] + (rules["most"] - rules["least"]) * random.random(len(land))) * area
    wish = numpy.minimum(wish, room)
    free = (wish > plan.assume["least_moved"]) & (given.sum(axis=1) == 0) & (~farms["biogas"] | farms["linked"])
    taken = numpy.zeros_like(given)
    for material in range(len(MATERIALS)):
        there = pick(random, land, arrives[material], numpy.where(free, weight * wish, 0), propensity * free)
        sums = numpy.bincount(land, weight * wish * there, len(REGIONS))
        factor = numpy.minimum(arrives[material] / numpy.maximum(sums, 1e-9), plan.assume["takes_stretch"])
        amount = numpy.minimum(wish * factor[land], numpy.maximum(room, 0))
        taken[:, material] = numpy.where(there, amount, 0)
        free &= ~there
    return taken


def digestate_kept() -> float:
    """Share of the nitrogen of a plant's substrates that is left in its digestate as spread."""
    return float(tables()[CREDITING].rows["betrieb_einer_biogasanlage"]["column_2"]) / 100


def digestate_n(substrate: Floats) -> tuple[Floats, Floats]:
    """Kg N in the plant substrate (t of silage maize), and in its digestate as spread."""
    substrate_n = substrate * DT_PER_T * content("de_t1_silomais_ganzpflanze_tm35", "n")
    return substrate_n, substrate_n * digestate_kept()
