"""The table flows of a block: what crosses the farm gate in its three years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.population.de.animals import of_herds
from openfisca_stoffenbalans.population.de.catalogue import CROPS, LIVE_PRODUCTS, MAIZE, OF, Animals, content
from openfisca_stoffenbalans.population.de.choosing import Bools, Floats
from openfisca_stoffenbalans.population.de.contents import SOURCES, Choices
from openfisca_stoffenbalans.population.de.manure import MATERIALS, TAKEN, groups
from openfisca_stoffenbalans.population.de.production import DT_PER_T, EGGS, MILK, Need, Roughage, Year
from openfisca_stoffenbalans.population.de.purchases import (
    HAY_BOUGHT,
    MAIZE_BOUGHT,
    RAPE,
    SOY,
    Feed,
    Fertiliser,
)
from openfisca_stoffenbalans.population.lines import DECIMALS, Lines
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.tables import tables

SEEDS = {
    "cereals": "de_t1_weizen_rp12_korn",
    "maize": "de_t1_koernermais_rp10_korn",
    "potatoes": "de_t1_kartoffel_knolle",
    "peas": "de_t1_erbse_rp26_korn",
}
STRAW = "de_t1_weizen_rp12_stroh"
CLOVER, GRASS = "de_t1_kleegras_ganzpflanze", "de_t1_weidelgras_ganzpflanze"


@dataclass(frozen=True)
class Block:
    """What the steps made of a block; `given`, `taken`, `left`: kg N of manure (farms, years, materials)."""

    plan: Plan
    farms: dict[str, numpy.ndarray]
    facts: Animals
    year: Year
    need: Need
    roughage: Roughage
    feed: Feed
    fertiliser: Fertiliser
    seed: dict[str, Floats]
    choices: Choices
    given: Floats
    taken: Floats
    left: Floats
    volume: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """Farms and years."""
        farms, years = self.year.area.shape
        return farms, years


def flows(block: Block) -> Lines:
    """All rows of flows of a block."""
    lines = Lines("flows")
    _sold_products(lines, block)
    _sold_crops(lines, block)
    _given(lines, block)
    _fertiliser(lines, block)
    _feed(lines, block)
    _live_animals(lines, block.year.live_in, "supply")
    for kind, amount in block.seed.items():
        add(lines, amount, direction="supply", category="seed", product=SEEDS[kind], unit="dt")
    _taken(lines, block)
    _other(lines, block)
    return lines


def add(lines: Lines, amount: Floats, where: Bools | None = None, **columns: Any) -> None:
    """Rows for all amounts that are not rounded to nothing."""
    some = amount.round(DECIMALS) > 0
    lines.add(some if where is None else some & where, amount=amount, **columns)


def _sold_products(lines: Lines, block: Block) -> None:
    organic = block.farms["organic"]
    for kind, product in MILK.items():
        where = numpy.broadcast_to((organic == kind)[:, None], block.shape)
        add(lines, block.year.milk, where, direction="removal", category="animal_product", product=product, unit="t")
    add(lines, block.year.eggs, direction="removal", category="animal_product", product=EGGS, unit="1000_pieces")
    _live_animals(lines, block.year.live_out, "removal")


def _sold_crops(lines: Lines, block: Block) -> None:
    values = block.plan.assume["contents_without_table"]
    sold = block.year.harvest - block.feed.grain
    for place, crop in enumerate(CROPS):
        if crop.roughage or not crop.yields:
            continue
        declared = (
            {"product": crop.product}
            if crop.product
            else {"n_content": values[crop.name], "p_content": values[f"{crop.name}_p"], "content_source": "authority"}
        )
        add(lines, sold[:, :, place], direction="removal", category="plant_product", unit="dt", **declared)
    add(
        lines,
        block.roughage.maize,
        direction="removal",
        category="plant_product",
        product=CROPS[MAIZE].product,
        unit="dt",
    )
    for amount, product in (
        (block.roughage.hay, HAY_BOUGHT),
        (block.roughage.clover, CLOVER),
        (block.roughage.grass, GRASS),
    ):
        add(lines, amount, direction="removal", category="plant_product", product=product, unit="dt")


def main_product(block: Block, material: int) -> tuple[numpy.ndarray, Floats, Floats]:
    """Product of the herd that leaves most of a material, with its kg N and P2O5 per m3 or t; (farms,)."""
    slurry_of, straw_of = groups()
    farms, facts = block.farms, block.facts
    there = numpy.where(farms["solid"], straw_of, slurry_of) == material
    n = farms["herd"] * of_herds(facts.n, farms["code"]) * there
    kind = n.argmax(axis=1)
    rows = numpy.arange(len(kind))
    code, solid = farms["code"][rows, kind], farms["solid"][rows, kind]
    volume = numpy.where(solid, facts.solid[code], facts.slurry[code])
    kept = numpy.where(solid, facts.kept_solid[code], facts.kept_slurry[code])
    product = numpy.where(solid, facts.solid_code[code], facts.slurry_code[code])
    with numpy.errstate(divide="ignore", invalid="ignore"):
        contents = [
            numpy.nan_to_num(values[code] * per / volume)
            for values, per in ((facts.n, kept), (facts.p2o5, numpy.ones(len(kept))))
        ]
    return product, contents[0], contents[1]


def _given(lines: Lines, block: Block) -> None:
    source = numpy.array(SOURCES, dtype=object)[block.choices.source]
    table = numpy.broadcast_to((block.choices.source == 0)[:, None], block.shape)
    for number, material in enumerate(MATERIALS):
        n = block.given[:, :, number]
        if material == "digestate":
            _digestate(lines, n, block, "removal")
            continue
        product, per_n, per_p2o5 = main_product(block, number)
        with numpy.errstate(divide="ignore", invalid="ignore"):
            amount = numpy.nan_to_num(n / (per_n[:, None] * block.choices.deviation))
        unit = numpy.where(numpy.char.endswith(product.astype(str), "_slurry"), "m3", "t").astype(object)
        common: dict[str, Any] = {"direction": "removal", "category": "animal_manure", "product": product, "unit": unit}
        add(lines, amount, table, **common)
        # An analysis that finds more nitrogen finds more phosphate.
        add(
            lines,
            amount,
            ~table,
            **common,
            n_content=per_n[:, None] * block.choices.deviation,
            p2o5_content=per_p2o5[:, None] * block.choices.deviation,
            content_source=source,
        )


def _digestate(lines: Lines, n: Floats, block: Block, direction: str) -> None:
    declared = block.plan.assume["digestate"]
    add(
        lines,
        n / declared["n"],
        direction=direction,
        category="other_organic_fertiliser",
        unit="m3",
        n_content=declared["n"],
        p2o5_content=declared["p2o5"],
        content_source="measurement",
        farm_manure=True,
    )


def _fertiliser(lines: Lines, block: Block) -> None:
    bought, declared = block.fertiliser, block.plan.assume["fertilisers"]
    kinds = numpy.array([declared[name] for name in ("can", "urea", "uan")])[bought.kind]
    known = ~block.choices.missing
    common: dict[str, Any] = {"direction": "supply", "category": "mineral_fertiliser", "unit": "dt"}
    add(lines, bought.main, known, **common, n_content=kinds, p2o5_content=0.0, content_source="label")
    add(lines, bought.main, ~known, **common)
    add(
        lines,
        bought.dap,
        **common,
        n_content=declared["dap"],
        p2o5_content=declared["dap_p2o5"],
        content_source="label",
    )


def _feed(lines: Lines, block: Block) -> None:
    bought, known = block.feed, ~block.choices.missing
    common: dict[str, Any] = {"direction": "supply", "category": "feed", "unit": "t"}
    for group, n in bought.compound.items():
        contents = bought.n_content[group], bought.p_content[group]
        amount = n / contents[0][:, None]
        add(lines, amount, known, **common, n_content=contents[0], p_content=contents[1], content_source="label")
        add(lines, amount, ~known, **common)
    fresh, zeros = {product: fresh_content(product) for product in (RAPE, SOY)}, numpy.zeros(block.shape)
    for product in (RAPE, SOY):
        n = sum((part for group, part in bought.meal.items() if (group == "cattle") == (product == RAPE)), zeros)
        add(lines, n / fresh[product], **common, product=product)
    add(
        lines,
        bought.mineral,
        **common,
        n_content=0.0,
        p_content=block.plan.assume["mineral_feed_p"],
        content_source="label",
    )
    maize = numpy.broadcast_to(block.farms["cattle"][:, None], block.shape)
    add(lines, block.roughage.bought / content(MAIZE_BOUGHT, "n") / DT_PER_T, maize, **common, product=MAIZE_BOUGHT)
    add(lines, block.roughage.bought / content(HAY_BOUGHT, "n") / DT_PER_T, ~maize, **common, product=HAY_BOUGHT)


def fresh_content(product: str) -> float:
    """Kg N per t of a feed of annex 1 table 4 as it is delivered, which the table counts per t of dry matter."""
    code = PRODUCTS[product]
    return content(product, "n") * float(tables()[code.table].rows[code.row]["dry_matter_pct"]) / 100


def _live_animals(lines: Lines, tonnes: Floats, direction: str) -> None:
    for number, name in enumerate(LIVE_PRODUCTS):
        add(lines, tonnes[:, :, number], direction=direction, category="livestock", product=f"de_t5_{name}", unit="t")


def _taken(lines: Lines, block: Block) -> None:
    for number, material in enumerate(MATERIALS):
        n = block.taken[:, :, number]
        if material == "digestate":
            _digestate(lines, n, block, "supply")
            continue
        product = TAKEN[material]
        unit = "m3" if product.endswith("_slurry") else "t"
        add(
            lines,
            n / taken_content(block.facts, product),
            direction="supply",
            category="animal_manure",
            product=product,
            unit=unit,
        )


def taken_content(facts: Animals, product: str) -> float:
    """Kg N per m3 or t of a manure product, as the law's tables give it."""
    slurry = product.endswith("_slurry")
    place = list(facts.slurry_code if slurry else facts.solid_code).index(product)
    kept, volume = (facts.kept_slurry, facts.slurry) if slurry else (facts.kept_solid, facts.solid)
    return float(facts.n[place] * kept[place] / volume[place])


def _other(lines: Lines, block: Block) -> None:
    farms = block.farms
    bought = numpy.maximum(farms["substrate"][:, None] - block.year.substrate_own / DT_PER_T, 0)
    add(lines, bought, direction="supply", category="other", product=MAIZE_BOUGHT, unit="t")
    cereals = block.year.crops[:, :, OF["winter_wheat"]] + block.year.crops[:, :, OF["winter_barley"]]
    units = (farms["herd"] * of_herds(block.facts.units, farms["code"]) * farms["solid"]).sum(axis=1)
    amount = numpy.where(block.choices.straw & (units > 1), units * block.plan.assume["straw_bought"]["amount"], 0)
    add(
        lines,
        numpy.broadcast_to(amount[:, None], block.shape),
        cereals == 0,
        direction="supply",
        category="other",
        product=STRAW,
        unit="dt",
    )
