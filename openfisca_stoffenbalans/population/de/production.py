"""What farms harvest, milk and raise, and what leaves as products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from openfisca_stoffenbalans.population.de import year_effects
from openfisca_stoffenbalans.population.de.animals import of_herds
from openfisca_stoffenbalans.population.de.catalogue import (
    ARABLE_GRASS,
    CATTLE,
    CLOVER,
    FORAGE,
    GRASS,
    LIVE_PRODUCTS,
    MAIZE,
    PLACE,
    Animals,
    content,
    harvest_content,
)
from openfisca_stoffenbalans.population.de.choosing import Bools, Floats
from openfisca_stoffenbalans.population.plan import Plan

THOUSAND = 1000
DT_PER_T = 10
MILK = {False: "de_t5_kuhmilch_3_4_rp", True: "de_t5_kuhmilch_3_2_rp"}
EGGS = "de_t5_huehnerei_1000_stueck"


@dataclass(frozen=True)
class Year:
    """A block's three years; arrays of shape (farms, years), with crops, kinds or products as a third axis.

    area, crops: ha; yields, harvest: dt per ha, dt (grassland in dry matter); herd: animals; substrate_own: dt of maize
    for the farm's plant; maize_sold: dt grown to be sold; milk: t; eggs: 1000 pieces; live_in, live_out: t by
    LIVE_PRODUCTS.
    """

    area: Floats
    crops: Floats
    yields: Floats
    harvest: Floats
    herd: Floats
    substrate_own: Floats
    maize_sold: Floats
    milk: Floats
    eggs: Floats
    live_in: Floats
    live_out: Floats


def production(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals, block: int) -> Year:
    """Harvests, milk, eggs and animals of a block's farms."""
    area, crops = year_effects.areas(plan, farms, block)
    yields = year_effects.yields(plan, farms, block)
    herd = year_effects.herds(plan, farms, block)
    maize = yields[:, :, MAIZE]
    own = numpy.minimum(farms["biogas_area"][:, None], crops[:, :, MAIZE]) * maize
    own = numpy.minimum(own, farms["substrate"][:, None] * DT_PER_T)
    sold = numpy.minimum(farms["maize_sold_area"][:, None], crops[:, :, MAIZE]) * maize
    live_in, live_out = _live(farms, facts, herd)
    return Year(
        area,
        crops,
        yields,
        crops * yields,
        herd,
        own,
        sold,
        _milk(plan, farms, herd, block),
        herd[:, :, PLACE["laying_hens"]] * plan.assume["eggs_per_hen"] / THOUSAND,
        live_in,
        live_out,
    )


def _milk(plan: Plan, farms: dict[str, numpy.ndarray], herd: Floats, block: int) -> Floats:
    """T of milk sold; a good or bad year keeps within two per cent, so that herds stay in their class."""
    luck = plan.random("milk", block).uniform(-1, 1, herd.shape[:2]) * plan.assume["milk_year"]
    per_cow = farms["milk"][:, None] * (1 + luck) * (1 - plan.assume["milk_fed"]) / THOUSAND
    milk: Floats = herd[:, :, PLACE["dairy_cows"]] * per_cow
    return milk


def _live(farms: dict[str, numpy.ndarray], facts: Animals, herd: Floats) -> tuple[Floats, Floats]:
    """T of live weight bought and sold by product: own young animals come before bought ones."""
    code = farms["code"][:, None, :]
    gain = herd * of_herds(facts.gain, code)
    bought = herd * of_herds(facts.bought, code)
    own_calves = herd[:, :, PLACE["dairy_cows"]] > 0
    bought[:, :, PLACE["bulls"]] *= ~own_calves
    piglets, fattened = PLACE["piglets"], PLACE["fattening_pigs"]
    bought[:, :, piglets] = numpy.maximum(bought[:, :, piglets] - gain[:, :, PLACE["sows"]], 0)
    bought[:, :, fattened] = numpy.maximum(bought[:, :, fattened] - gain[:, :, piglets] - bought[:, :, piglets], 0)
    product = of_herds(facts.live, farms["code"])[:, None, :]
    shape = (*herd.shape[:2], len(LIVE_PRODUCTS))
    into, out = numpy.zeros(shape), numpy.zeros(shape)
    for number in range(len(LIVE_PRODUCTS)):
        there = product == number
        into[:, :, number] = (bought * there).sum(axis=2) / THOUSAND
        out[:, :, number] = ((gain + bought) * there).sum(axis=2) / THOUSAND
    # Calves of dairy cows that grow on as bulls leave with the bulls.
    return into, out


def live_content(nutrient: str) -> Floats:
    """Kg N or P per t of live weight, by LIVE_PRODUCTS."""
    return numpy.array([content(f"de_t5_{name}", nutrient) for name in LIVE_PRODUCTS])


@dataclass(frozen=True)
class Need:
    """Kg N and P that animals take in (farms, years): of the N, `roughage` by choice of the law's table; by group."""

    roughage: Floats
    n: dict[str, Floats]
    p: Floats


def need(plan: Plan, farms: dict[str, numpy.ndarray], facts: Animals, year: Year) -> Need:
    """What animals excrete, give and put on: from roughage, and beside it by group (cattle: all roughage eaters)."""
    code = farms["code"][:, None, :]
    milk = numpy.where(farms["organic"], content(MILK[True], "n"), content(MILK[False], "n"))[:, None] * year.milk
    excreted, roughage = (year.herd * of_herds(values, code) for values in (facts.n, facts.roughage_n))
    grown = _grown(year, live_content("n"))
    groups = {
        "cattle": (*CATTLE, "sheep", "horses"),
        "pigs": ("sows", "piglets", "gilts", "fattening_pigs"),
        "poultry": ("laying_hens", "pullets", "broilers", "turkeys", "ducks_geese"),
    }
    found = {name: excreted[:, :, [PLACE[kind] for kind in kinds]].sum(axis=2) for name, kinds in groups.items()}
    for name, products in {
        "cattle": ("rind_milchbetont", "rind_fleischbetont", "schafe", "pferde_5_36_monate"),
        "pigs": ("schweine",),
        "poultry": ("legehennen", "masthaehnchen", "puten", "enten"),
    }.items():
        found[name] = found[name] + grown[:, :, [LIVE_PRODUCTS.index(one) for one in products]].sum(axis=2)
    found["cattle"] = found["cattle"] + milk
    found["poultry"] = found["poultry"] + content(EGGS, "n") * year.eggs
    whole = roughage.sum(axis=2)
    found["cattle"] = numpy.maximum(found["cattle"] - whole, 0)
    p = (year.herd * of_herds(facts.p, code)).sum(axis=2) + _grown(year, live_content("p")).sum(axis=2)
    p = p + content(MILK[False], "p") * year.milk + content(EGGS, "p") * year.eggs
    return Need(whole, found, p)


def _grown(year: Year, contents: Floats) -> Floats:
    grown: Floats = (year.live_out - year.live_in) * contents
    return grown


@dataclass(frozen=True)
class Roughage:
    """Kg N (farms, years): `fed` from own land, `bought`; `p`: kg P in what is fed from own land; dt that is sold:
    `hay` (dry matter), `clover`, `grass`, `maize` (fresh)."""

    fed: Floats
    bought: Floats
    p: Floats
    hay: Floats
    clover: Floats
    grass: Floats
    maize: Floats


def roughage(plan: Plan, farms: dict[str, numpy.ndarray], year: Year, wanted: Floats) -> Roughage:
    """What own land gives of the roughage needed; the rest is bought, a surplus of grass is sold.

    Cattle come before buyers of maize: a farm does not sell what it would have to buy.
    """
    n, p = harvest_content(plan, "n"), harvest_content(plan, "p")
    forage = year.harvest[:, :, FORAGE].copy()
    forage[:, :, MAIZE] -= year.substrate_own + year.maize_sold
    kept = plan.assume["roughage_kept"]
    lack = numpy.maximum(wanted - (forage * n[list(FORAGE)]).sum(axis=2) * kept, 0) * farms["cattle"][:, None]
    held_back = numpy.minimum(lack / (n[MAIZE] * kept), year.maize_sold)
    forage[:, :, MAIZE] += held_back
    there = (forage * n[list(FORAGE)]).sum(axis=2) * kept
    fed = numpy.minimum(there, wanted)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        part = numpy.nan_to_num(fed / there)
    in_feed = (forage * p[list(FORAGE)]).sum(axis=2) * kept * part
    eats = wanted > 0
    surplus = numpy.maximum(there - plan.assume["roughage_surplus_kept"] * wanted, 0) / kept
    keeps: Bools = farms["livestock"][:, None] | eats
    part = numpy.where(keeps, 1.0, plan.assume["sold"]["hay"])
    sold = []
    for crop in (GRASS, CLOVER, ARABLE_GRASS, MAIZE):
        sold.append(numpy.minimum(surplus / n[crop], forage[:, :, crop]))
        surplus = surplus - sold[-1] * n[crop]
    hay, clover, grass, maize = (amount * part for amount in sold)
    return Roughage(fed, wanted - fed, in_feed, hay, clover, grass, maize + year.maize_sold - held_back)
