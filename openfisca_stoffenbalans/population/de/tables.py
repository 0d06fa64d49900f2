"""The rows of a block: tables of the data contract from what the steps made."""

from __future__ import annotations

import numpy
import polars as pl

from openfisca_stoffenbalans.population.de.animals import of_herds
from openfisca_stoffenbalans.population.de.catalogue import (
    CATTLE,
    CODES,
    CROPS,
    KINDS,
    PIGS,
    Animals,
    animals,
)
from openfisca_stoffenbalans.population.de.choosing import Floats
from openfisca_stoffenbalans.population.de.contents import choices
from openfisca_stoffenbalans.population.de.flows import Block, flows, taken_content
from openfisca_stoffenbalans.population.de.manure import (
    LIQUID,
    MATERIALS,
    TAKEN,
    Stores,
    digestate_kept,
    digestate_n,
    stores,
)
from openfisca_stoffenbalans.population.de.production import need, production, roughage
from openfisca_stoffenbalans.population.de.purchases import feed, fertiliser, seed
from openfisca_stoffenbalans.population.lines import DECIMALS, Lines, keys
from openfisca_stoffenbalans.population.plan import Plan

Farms = dict[str, numpy.ndarray]
KG_PER_T = 1000
JANUARY, JULY = 1, 7
MATERIAL_OF = {"poultry": "poultry", "digestate": "digestate", "pig_slurry": "pigs", "cattle_slurry": "cattle"}


def lines(plan: Plan, farms: Farms, block: int) -> dict[str, pl.DataFrame]:
    """The tables of a block's farms, three years each: rows farm by farm, year by year.

    `farms`: the block's part of the frame. `farms` in the result has the extra columns organic and start_weight.
    """
    facts = animals(plan)
    made = _block(plan, farms, facts, block)
    ids = pl.Series("farm_id", [f"DE{number:07d}" for number in farms["number"]])
    of_rows = keys(ids, plan.years, numpy.where(farms["july"], JULY, JANUARY))
    return {
        "farms": _farms(made, of_rows),
        "flows": flows(made).frame(of_rows),
        "herds": _herds(made).frame(of_rows),
        "crops": _crops(made).frame(of_rows),
        "applications": _applications(made).frame(of_rows),
    }


def _block(plan: Plan, farms: Farms, facts: Animals, block: int) -> Block:
    year = production(plan, farms, facts, block)
    wanted = need(plan, farms, facts, year)
    grown = roughage(plan, farms, year, wanted.roughage)
    chosen = choices(plan, farms, block)
    digestate = MATERIALS.index("digestate")
    by_year = [stores(plan, farms, facts, year.herd[:, number]) for number in range(len(plan.years))]
    for own in by_year:
        own.n[:, digestate] = digestate_n(farms["substrate"])[1]
        own.volume[:, digestate] = farms["substrate"] * plan.assume["digestate_per_substrate"]
    n, volume = (numpy.stack([getattr(own, name) for own in by_year], axis=1) for name in ("n", "volume"))
    given = numpy.minimum(farms["given"][:, None, :], n)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        part = numpy.nan_to_num((n - given) / n)
    taken = numpy.broadcast_to(farms["taken"][:, None, :], n.shape)
    usual: Stores = by_year[-1]
    left, volume = n - given, volume * part
    # What a linked plant takes in leaves it as digestate.
    into_plant = taken.sum(axis=2) * farms["linked"][:, None]
    left[:, :, digestate] += digestate_kept() * into_plant
    volume[:, :, digestate] += into_plant / plan.assume["digestate"]["n"]
    return Block(
        plan,
        farms,
        facts,
        year,
        wanted,
        grown,
        feed(plan, farms, year, wanted, grown, block),
        fertiliser(plan, farms, year, usual, block),
        seed(plan, year),
        chosen,
        given,
        taken,
        left,
        volume,
    )


def _farms(made: Block, of_rows: pl.DataFrame) -> pl.DataFrame:
    farms, years = made.farms, len(made.plan.years)

    def repeated(values: numpy.ndarray) -> numpy.ndarray:
        return numpy.repeat(values, years)

    substrate_n = digestate_n(farms["substrate"])[0].round(DECIMALS)
    with_plant = numpy.where(farms["biogas"], substrate_n, numpy.nan)
    taken_n = (farms["taken"].sum(axis=1) * farms["linked"]).round(DECIMALS)
    losses = made.choices.losses[:, None] * made.year.area
    return of_rows.with_columns(
        pl.Series("country", ["DE"]).new_from_index(0, of_rows.height),
        pl.Series("farm_type", repeated(farms["farm_type"]).tolist()),
        pl.Series("region", repeated(farms["region"]).tolist()),
        pl.Series("utilised_area_ha", made.year.area.ravel().round(DECIMALS)),
        pl.Series("has_biogas_plant", repeated(farms["biogas"])),
        pl.Series("linked_to_livestock_farm", repeated(farms["linked"])),
        pl.Series("biogas_plant_substrate_n_kg", repeated(with_plant)).fill_nan(None),
        pl.Series("biogas_substrate_n_kg", repeated(with_plant + taken_n)).fill_nan(None),
        pl.Series(
            "assessment_method", numpy.where(repeated(made.choices.farm_specific), "farm_specific", "flat").tolist()
        ),
        pl.Series("unavoidable_losses_n_kg", losses.ravel().round(DECIMALS)),
        pl.Series(
            "milk_kg", numpy.where(made.year.milk > 0, made.year.milk * KG_PER_T, numpy.nan).ravel().round(0)
        ).fill_nan(None),
        pl.Series("organic", repeated(farms["organic"])),
        pl.Series("start_weight", repeated(farms["start_weight"])),
    )


def _herds(made: Block) -> Lines:
    rows, farms, facts = Lines("herds"), made.farms, made.facts
    declared, units = of_herds(facts.declared, farms["code"]), of_herds(facts.units, farms["code"])
    names = numpy.array(CODES, dtype=object)
    system = numpy.array(["slurry", "solid"], dtype=object)
    for place, _ in enumerate(KINDS):
        count = made.year.herd[:, :, place]
        own_key = count * units[:, [place]]
        rows.add(
            count.round(DECIMALS) > 0,
            animal=names[farms["code"][:, place]],
            count=count,
            manure_system=system[farms["solid"][:, place].astype(int)],
            grazing_days=farms["grazing"][:, place],
            livestock_units=numpy.where(declared[:, [place]], own_key, numpy.nan),
        )
    return rows


def _crops(made: Block) -> Lines:
    rows = Lines("crops")
    for place, crop in enumerate(CROPS):
        harvested = made.year.yields[:, :, place]
        rows.add(
            made.year.crops[:, :, place] > 0,
            crop=crop.name,
            area_ha=made.year.crops[:, :, place],
            yield_dt_per_ha=numpy.where(harvested > 0, harvested, numpy.nan),
        )
    return rows


def _applications(made: Block) -> Lines:
    """Manure and digestate spread: own less what was given away, then what came in; a m3 is a tonne."""
    rows, facts = Lines("applications"), made.facts
    straw = MATERIALS.index("straw_manure")
    for number, material in enumerate(MATERIALS):
        n, mass = made.left[:, :, number], made.volume[:, :, number] * KG_PER_T
        if number == straw:
            _straw(rows, made, n, mass)
            continue
        form = "slurry" if material in LIQUID else "solid"
        rows.add(
            (n.round(DECIMALS) > 0) & (mass.round(DECIMALS) > 0),
            material=MATERIAL_OF[material],
            form=form,
            origin="own",
            n_kg=n,
            amount_kg=mass,
        )
    for number, material in enumerate(MATERIALS):
        taken = made.taken[:, :, number]
        # A linked plant spreads none as it came: a row says so, without which the amount is missing.
        n = taken * ~made.farms["linked"][:, None]
        form = "slurry" if material in LIQUID else "solid"
        per = made.plan.assume["digestate"]["n"] if material == "digestate" else _taken_content(facts, material)
        thinned = made.plan.assume["dilution"] if material in ("pig_slurry", "cattle_slurry") else 1
        rows.add(
            taken.round(DECIMALS) > 0,
            material=MATERIAL_OF.get(material, "cattle"),
            form=form,
            origin="received",
            n_kg=n,
            amount_kg=n / per * thinned * KG_PER_T,
        )
    return rows


def _taken_content(facts: Animals, material: str) -> float:
    return taken_content(facts, TAKEN[material])


def _straw(rows: Lines, made: Block, n: Floats, mass: Floats) -> None:
    """Straw manure counts for the animals that leave most of it."""
    farms = made.farms
    excreted = farms["herd"] * of_herds(made.facts.n, farms["code"]) * farms["solid"]
    groups = {"cattle": CATTLE, "pigs": PIGS, "other_animals": ("sheep", "horses")}
    parts = numpy.stack([excreted[:, [KINDS.index(kind) for kind in kinds]].sum(axis=1) for kinds in groups.values()])
    material = numpy.array(list(groups), dtype=object)[parts.argmax(axis=0)]
    rows.add(
        (n.round(DECIMALS) > 0) & (mass.round(DECIMALS) > 0),
        material=material,
        form="solid",
        origin="own",
        n_kg=n,
        amount_kg=mass,
    )
