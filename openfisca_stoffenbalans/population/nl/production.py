"""What herds and fields bring in each year: animals, milk, eggs, harvests and what is sold of them."""

from __future__ import annotations

from typing import Any

import numpy

from openfisca_stoffenbalans.population.lines import Lines
from openfisca_stoffenbalans.population.nl.animals import HERDS, HOUSING, KINDS, SOLID_KINDS, of_kind
from openfisca_stoffenbalans.population.nl.contents import ANIMALS, EGGS, GRAMS, printed
from openfisca_stoffenbalans.population.nl.dates import of_years
from openfisca_stoffenbalans.population.nl.land_use import (
    ARABLE,
    CODES,
    FIELDS,
    FIRST_ARABLE,
    GROUP_OF_CODE,
    NO_CODE,
    is_grown,
)  # fmt: skip
from openfisca_stoffenbalans.population.nl.structure import SOILS, TINY, Farms, Floats, Ints, by_name, normal
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.tables import parameter_files

# Rows of the law's table of animals (kg per kg of live weight): of animals sold and bought.
ANIMAL_ROWS = {
    "nl_117": ("calves_veal_white", "calves_newborn"), "nl_411": ("pigs_fattening", "piglets_10_weeks"),
    "nl_401": ("piglets_10_weeks", "gilts_boars_7_months"), "nl_301": ("hens_brown", "pullets_18_weeks_brown"),
    "nl_312": ("broilers", "chicks_day_old"),
}  # fmt: skip
MILK_PROTEIN_PER_N = parameter_files()["nl.products"][1]["milk_protein_per_n"]["values"]["2000-01-01"]["value"]
HENS, GOATS = HERDS.index("nl_301"), HERDS.index("nl_600")
PRODUCT_OF_CODE = {
    "nl_233": "nl_j_wheat", "nl_236": "nl_j_barley", "nl_235": "nl_j_barley", "nl_2951": "nl_j_potatoes_fresh",
    "nl_3730": "nl_j_potatoes_fresh", "nl_3792": "nl_j_potatoes_fresh", "nl_3732": "nl_j_potatoes_fresh",
    "nl_308": "nl_j_peas", "nl_262": "nl_j_onions",
}  # fmt: skip
CUTS = ("first", "second", "third", "fourth")
ROUGHAGE = ("grass_1", "grass_2", "natural", "fodder")


def herd_years(plan: Plan, farms: Farms, block: int) -> Farms:
    """Animals, excretion, milk and animal products of each year; the last year is that of the margins."""
    random = plan.random("herd years", block)
    number, years = len(farms["number"]), len(plan.years)
    law = plan.assume["herd_years"]

    def drift(sd: float) -> Floats:
        steps = sd * normal(plan, random, (number, years))
        steps[:, -1] = 0
        return numpy.exp(numpy.cumsum(steps[:, ::-1], axis=1)[:, ::-1])

    count = (farms["count"][:, None, :] * drift(law["count_sd"])[..., None]).round()
    count = numpy.where(farms["count"][:, None, :] > 0, numpy.maximum(count, 1), 0)
    intake = drift(law["excretion_sd"])
    gross = (count * farms["n_per_animal"][:, None, :]) * intake[..., None]
    phosphate = (count * farms["p_per_animal"][:, None, :]) * intake[..., None]
    milk = count[..., 0] * farms["milk_per_cow"][:, None] * drift(law["milk_sd"])
    found: Farms = {
        "count": count,
        "herd_gross": gross,
        "herd_p": phosphate,
        "n_gross": gross.sum(axis=2),
        "milk": milk,
    }
    found["n_loss"] = found["n_gross"] * farms["loss_share"][:, None]
    found["n_net"] = found["n_gross"] - found["n_loss"]
    found["p_excreted"] = phosphate.sum(axis=2)
    return found | products(plan, farms, found)


def animal_contents(plan: Plan) -> Floats:
    """g per kg of live weight (herds, sold or bought, N or P2O5): of the law's table, else assumed."""
    assumed = plan.assume["animal_contents"]
    found = numpy.empty((len(HERDS), 2, 2))
    for place, herd in enumerate(HERDS):
        for side in range(2):
            if herd in ANIMAL_ROWS:
                row = ANIMAL_ROWS[herd][side]
                found[place, side] = [printed(ANIMALS, row, of) * GRAMS for of in ("n", "p2o5")]
            else:
                found[place, side] = assumed["n"], assumed["p2o5"]
    return found


def products(plan: Plan, farms: Farms, herd: Farms) -> Farms:
    """Kg of animals, eggs and goats' milk, and kg N and P2O5 in all products less animals bought."""
    count, contents = herd["count"], animal_contents(plan)
    sold = count * by_name(plan.assume["sold_kg_per_animal"], HERDS)
    bought = count * by_name(plan.assume["bought_kg_per_animal"], HERDS)
    eggs = count[..., HENS] * plan.assume["eggs_kg_per_hen"]
    goat_milk = count[..., GOATS] * plan.assume["goat_milk"]["kg"]
    found: Farms = {"sold": sold.sum(axis=2), "bought": bought.sum(axis=2), "eggs": eggs, "goat_milk": goat_milk}
    kinds = {"n": 0, "p": 1}
    for name, of in kinds.items():
        found[f"sold_{name}"] = (sold * contents[:, 0, of]).sum(axis=2) / GRAMS
        found[f"bought_{name}"] = (bought * contents[:, 1, of]).sum(axis=2) / GRAMS
    milk_n = herd["milk"] * farms["protein"][:, None] / 100 / MILK_PROTEIN_PER_N
    milk_p = herd["milk"] * plan.assume["milk"]["p2o5_g_per_kg"] / GRAMS
    goat = plan.assume["goat_milk"]
    other_n = (
        milk_n
        + goat_milk * goat["protein_pct"] / 100 / MILK_PROTEIN_PER_N
        + eggs * printed(EGGS, "hen_eggs_table", "n")
    )
    other_p = milk_p + goat_milk * goat["p2o5_g_per_kg"] / GRAMS + eggs * printed(EGGS, "hen_eggs_table", "p2o5")
    found["product_n"] = other_n + found["sold_n"] - found["bought_n"]
    found["product_p"] = other_p + found["sold_p"] - found["bought_p"]
    return found


def of_codes(values: Any, code: Ints) -> Floats:
    """A number of each crop on each field; 0 where there is none."""
    return numpy.append(by_name(values, CODES), 0.0)[numpy.where(code == NO_CODE, len(CODES), code)]


def harvest(plan: Plan, farms: Farms, state: Farms, block: int) -> Farms:
    """Dry matter harvested (kg per ha), its contents (g per kg) and kg N and P2O5 of each field (farms, years, fields).

    Net of what is lost in the field and in store. Yields rise with the nitrogen given, less than in proportion.
    """
    code, random = state["code"], plan.random("harvest", block)
    law = plan.assume["yield_law"]
    base = of_codes(plan.assume["dm_yield"], code) * numpy.exp(
        law["farm_spread"] * normal(plan, random, (len(code), 1, 1))
    )
    soil = by_name(plan.assume["yield_by_soil"], SOILS)[farms["soil"]][:, None, None]
    need = of_codes(plan.assume["n_need"], code)
    supply = (state["working_n"] + law["soil_supply"]) / (need + law["soil_supply"])
    grass = is_grown(code, "nl_265")
    response = numpy.where(grass, law["response_grass"], law["response_other"])
    own = numpy.where(farms["organic"][:, None, None] & ~grass, law["organic"], 1.0)
    mean = base * soil * own * numpy.clip(supply, law["least_supply"], law["most_supply"]) ** response
    most = of_codes(plan.assume["dm_yield"], code) * law["most"]
    dry = numpy.minimum(mean * state["year_factor"][..., None], most)
    strip = FIELDS.index("strip")
    dry[..., strip] = mean[..., strip] = 0
    n_content = of_codes(plan.assume["n_in_dm"], code) * numpy.where(
        grass, numpy.clip(supply, law["content_least"], law["content_most"]) ** law["content_response"], 1
    )
    n_content = (n_content * numpy.exp(law["content_spread"] * normal(plan, random, code.shape))).round(2)
    p_content = of_codes(plan.assume["p2o5_in_dm"], code).round(2)
    area = farms["area"][:, None, :]
    return {
        "dm": dry.round(),
        "n_g": n_content,
        "p_g": p_content,
        "harvest_n": dry.round() * area * n_content / GRAMS,
        "harvest_p": dry.round() * area * p_content / GRAMS,
        "mean_n": mean * area * n_content / GRAMS,
    }


def crop_rows(plan: Plan, farms: Farms, state: Farms, table: Lines) -> None:
    """Crops on their fields: grass in four cuts, others in one harvest; residues stay where they are ploughed in."""
    code = state["code"]
    # Whatever the cuts are varied to, all of them bring the year's yield.
    shares = plan.assume["grass_cuts"]
    cuts = {cut: shares[cut] / sum(shares.values()) for cut in CUTS}
    for place, field in enumerate(FIELDS):
        here = code[..., place]
        area = farms["area"][:, place]
        for crop in numpy.unique(here[here != NO_CODE]):
            name = CODES[crop]
            where = here == crop
            whole: dict[str, Any] = {"crop": name, "area_ha": area, "field_id": field}
            if field == "strip" or name == "nl_2300":
                table.add(where, harvested=False, **whole)
            elif name == "nl_265":
                fixed = numpy.where(farms["organic"], plan.assume["clover_fixation"], numpy.nan)
                for number, cut in enumerate(CUTS, 1):
                    first = {"n_fixation_kg_per_ha": fixed} if number == 1 else {}
                    table.add(
                        where,
                        cut=number,
                        dm_yield_kg_per_ha=(state["dm"][..., place] * cuts[cut]).round(1),
                        n_g_per_kg_dm=state["n_g"][..., place],
                        p2o5_g_per_kg_dm=state["p_g"][..., place],
                        **first,
                        **whole,
                    )
            else:
                table.add(where, **whole, **one_harvest(plan, state, place, name))


def one_harvest(plan: Plan, state: Farms, place: int, name: str) -> dict[str, Any]:
    """What a row of a crop with one harvest holds beside crop, area and field."""
    found: dict[str, Any] = {
        "dm_yield_kg_per_ha": state["dm"][..., place],
        "n_g_per_kg_dm": state["n_g"][..., place],
        "p2o5_g_per_kg_dm": state["p_g"][..., place],
    }
    shape = state["code"].shape[:2]
    days = plan.assume["crop_days"]
    if f"{name}.sown" in days:
        before = int(days[f"{name}.sown"] > days[f"{name}.end"])
        found["sown"] = of_years(plan, days[f"{name}.sown"], shape, before)
        found["end"] = of_years(plan, days[f"{name}.end"], shape)
        if GROUP_OF_CODE[name] != "grass_seed":
            found["residue_left"] = True
    return found


def sale_rows(plan: Plan, farms: Farms, state: Farms, table: Lines) -> None:
    """Harvests that are sold: all of arable and horticultural crops."""
    code, dry_matter = state["code"], plan.assume["dm_share"]
    sold = [*range(FIRST_ARABLE, FIRST_ARABLE + len(ARABLE)), FIELDS.index("open"), FIELDS.index("glass")]
    for place in sold:
        here = code[..., place]
        for crop in numpy.unique(here[here != NO_CODE]):
            name = CODES[crop]
            share = dry_matter.get(name)
            if share is None:
                continue
            dry = state["dm"][..., place] * farms["area"][:, place][:, None] / GRAMS
            table.add(
                (here == crop) & (dry > 0),
                direction="removal",
                category="plant_product",
                product=PRODUCT_OF_CODE.get(name),
                amount=dry / share,
                unit="t",
                n_content=state["n_g"][..., place] * share,
                p2o5_content=state["p_g"][..., place] * share,
                content_source="measurement",
            )


def animal_rows(plan: Plan, farms: Farms, state: Farms, tables: dict[str, Lines]) -> None:
    """Herds, and the flows of milk, eggs and animals."""
    flows = tables["flows"]
    flows.add(
        state["milk"] > 0,
        direction="removal",
        category="animal_product",
        product="nl_milk",
        amount=state["milk"] / GRAMS,
        unit="t",
        p2o5_content=plan.assume["milk"]["p2o5_g_per_kg"],
        content_source="label",
    )
    flows.add(
        state["eggs"] > 0,
        direction="removal",
        category="animal_product",
        product="nl_d4_hen_eggs_table",
        amount=state["eggs"] / GRAMS,
        unit="t",
        n_content=printed(EGGS, "hen_eggs_table", "n") * GRAMS,
        p2o5_content=printed(EGGS, "hen_eggs_table", "p2o5") * GRAMS,
        content_source="table",
    )
    goat = plan.assume["goat_milk"]
    flows.add(
        state["goat_milk"] > 0,
        direction="removal",
        category="animal_product",
        amount=state["goat_milk"] / GRAMS,
        unit="t",
        n_content=goat["protein_pct"] / 100 / MILK_PROTEIN_PER_N * GRAMS,
        p2o5_content=goat["p2o5_g_per_kg"],
        content_source="label",
    )
    for direction, name in (("removal", "sold"), ("supply", "bought")):
        kg = numpy.maximum(state[name], TINY)
        flows.add(
            state[name] > 1,
            direction=direction,
            category="livestock",
            amount=state[name] / GRAMS,
            unit="t",
            n_content=state[f"{name}_n"] / kg * GRAMS,
            p2o5_content=state[f"{name}_p"] / kg * GRAMS,
            content_source="authority",
        )
    herd_rows(plan, farms, state, tables["herds"])


def herd_rows(plan: Plan, farms: Farms, state: Farms, table: Lines) -> None:
    """One row for each herd: its code by housing, excretion net of losses in housing and storage."""
    days = by_name(plan.assume["grazing_days"], HERDS)
    solid_kind = numpy.isin(farms["kind"], of_kind(*SOLID_KINDS))
    for place, herd in enumerate(HERDS):
        rows = HOUSING[herd]
        count = state["count"][..., place]
        for variant, row in enumerate(rows):
            here = numpy.minimum(farms["housing"], len(rows) - 1) == variant
            for solid in (False, True):
                where = (here & ((farms["solid"] | solid_kind) == solid))[:, None] & (count > 0)
                table.add(
                    where,
                    animal=f"nl_{row}",
                    count=count,
                    manure_system="solid" if solid else "slurry",
                    grazing_days=numpy.where(farms["grazes"], days[place], 0.0),
                    n_excretion_kg=state["herd_gross"][..., place] * (1 - farms["loss_share"][:, None]),
                    p2o5_excretion_kg=state["herd_p"][..., place],
                    housing=row.split("_", 1)[1].replace("_", " "),
                )


def is_ruminant(farms: Farms) -> Any:
    """Farms whose animals eat grass and fodder crops."""
    return numpy.isin(farms["kind"], of_kind("dairy", "beef", "sheep", "goats", "horses"))


__all__ = ["KINDS", "ROUGHAGE", "animal_rows", "crop_rows", "harvest", "herd_years", "is_ruminant", "sale_rows"]
