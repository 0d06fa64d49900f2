"""What a farm buys: fertiliser that crops need beside manure, feed that animals eat beside what the farm grows."""

from __future__ import annotations

import numpy

from openfisca_stoffenbalans.population.lines import DECIMALS, Lines
from openfisca_stoffenbalans.population.nl.animals import KINDS
from openfisca_stoffenbalans.population.nl.contents import GRAMS, LEAST_KG
from openfisca_stoffenbalans.population.nl.dates import of_years
from openfisca_stoffenbalans.population.nl.land_use import CODES, FIELDS
from openfisca_stoffenbalans.population.nl.production import ROUGHAGE, is_ruminant, of_codes
from openfisca_stoffenbalans.population.nl.structure import SOILS, TINY, Farms, Floats, by_name, normal
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.tables import tables as printed_tables

SILAGE_MAIZE = "nl_259"
FERTILISERS = "nl.nmi.fertilisers"
NITROGEN_FERTILISER, PHOSPHATE_FERTILISER = "baat028", "baat056"


def fertiliser(plan: Plan, farms: Farms, state: Farms, contents: dict[str, Farms], block: int) -> Farms:
    """Kg N and P2O5 of mineral fertiliser on each field, and the working nitrogen given to it, kg per ha.

    It follows the need of the crop less what works of the manure; it knows nothing of the year's yield.
    """
    random = plan.random("fertiliser", block)
    law, code, area = plan.assume["fertiliser"], state["code"], farms["area"][:, None, :]
    hectares = numpy.where(area > 0, area, 1)
    solid = farms["solid"][:, None, None]
    works = numpy.where(solid, law["works_solid"], law["works_slurry"])
    received = numpy.where(farms["received_kind"] == 2, law["works_poultry"], law["works_slurry"])[:, None, None]
    working = (state["own"] * works + state["received"] * received + state["pasture"] * law["works_pasture"]) / hectares
    need = of_codes(plan.assume["n_need"], code)
    peat = (farms["soil"] == SOILS.index("veen"))[:, None, None]
    wanted = numpy.maximum(need - law["less_on_peat"] * peat, 0) * law["share_of_need"]
    style = numpy.exp(law["spread"] * normal(plan, random, (len(code), 1, 1)))
    intensity = by_name(plan.assume["fertiliser_by_kind"], KINDS)[farms["kind"]][:, None, None]
    kg_ha = numpy.maximum(wanted * style * intensity - working, 0) * ~farms["organic"][:, None, None]
    most = numpy.full(len(FIELDS), law["most_kg_ha"])
    most[FIELDS.index("glass")] = law["most_under_glass"]
    kg_ha = numpy.where(kg_ha < law["least_kg_ha"], 0, numpy.minimum(kg_ha, most))
    kg_ha[..., FIELDS.index("strip")] = 0
    return {
        "mineral": kg_ha * area,
        "working_n": working + kg_ha,
        "mineral_p": phosphate(plan, farms, state, contents),
    }


def phosphate(plan: Plan, farms: Farms, state: Farms, contents: dict[str, Farms]) -> Floats:
    """Kg P2O5 of mineral fertiliser on each field: what manure leaves open of the need; none under a derogation."""
    ratios = {
        name: (contents[name]["p"] / numpy.maximum(contents[name]["n"], TINY))[:, None, None] for name in contents
    }
    given = (state["own"] + state["pasture"]) * ratios["own"] + state["received"] * ratios["received"]
    need = of_codes(plan.assume["p2o5_need"], state["code"]) * farms["area"][:, None, :]
    may = ~farms["organic"] & ~farms["derogation"]
    kg = numpy.maximum(need - given, 0) * may[:, None, None]
    return numpy.where(kg < plan.assume["fertiliser"]["least_kg_ha"] * farms["area"][:, None, :], 0, kg)


def fertiliser_rows(plan: Plan, farms: Farms, state: Farms, tables: dict[str, Lines]) -> None:
    """Purchases and spreadings of calcium ammonium nitrate and triple superphosphate: what is bought is spread."""
    rows = printed_tables()[FERTILISERS].rows
    for name, kg, column in (
        (NITROGEN_FERTILISER, state["mineral"], "n"),
        (PHOSPHATE_FERTILISER, state["mineral_p"], "p2o5"),
    ):
        per_t = float(rows[name][column])
        amount = numpy.where(kg >= LEAST_KG, kg / per_t * GRAMS, 0).round(1)
        total = amount.sum(axis=2)
        tables["flows"].add(
            total > 0,
            direction="supply",
            category="mineral_fertiliser",
            product=f"nl_f_{name}",
            amount=total / GRAMS,
            unit="t",
        )
        day = of_years(plan, plan.assume["spreading_day"]["mineral"], total.shape)
        for place, field in enumerate(FIELDS):
            tables["applications"].add(
                amount[..., place] > 0,
                field_id=field,
                product=f"nl_f_{name}",
                amount_kg=amount[..., place],
                date=day,
                technique="broadcasting",
            )


def feed(plan: Plan, farms: Farms, state: Farms) -> Farms:
    """Kg N and P2O5 of feed in each year: grown and fed, put in store, sold, and bought as concentrate and roughage.

    What animals eat is what they excrete (gross) and what leaves in products: bought feed makes up the difference.
    """
    need_n, need_p = state["n_gross"] + state["product_n"], state["p_excreted"] + state["product_p"]
    places = [FIELDS.index(one) for one in ROUGHAGE]
    eats = is_ruminant(farms)[:, None] & (need_n > 0)
    grown, grown_p = (state[name][..., places].sum(axis=2) for name in ("harvest_n", "harvest_p"))
    mean = state["mean_n"][..., places].sum(axis=2)
    law, kind = plan.assume["feed"], farms["kind"]
    least = by_name(plan.assume["least_bought_share"], KINDS)[kind][:, None]
    opening, closing = store(plan, grown, mean, eats)
    change = closing - opening
    fed = numpy.where(eats, numpy.minimum(grown - change, need_n * (1 - least)), 0)
    sold = numpy.maximum(grown - change - fed, 0)
    bought = numpy.maximum(need_n - fed, 0)
    most = numpy.maximum(by_name(plan.assume["most_concentrate_share"], KINDS)[kind][:, None], least)
    concentrate = numpy.where(eats, numpy.minimum(bought, need_n * most), bought)
    roughage = bought - concentrate
    per_n = grown_p / numpy.maximum(grown, TINY)
    store_p = change * law["stock_p2o5_g_per_kg"] / law["stock_n_g_per_kg"]
    sold_p = sold * per_n
    maize_part, maize_part_p = (_maize(state, name) / numpy.maximum(grown, TINY) for name in ("harvest_n", "harvest_p"))
    rough_p = roughage * law["roughage_p2o5"] / law["roughage_n"]
    open_p = need_p - (grown_p - store_p - sold_p) * eats - rough_p
    content_n = by_name(plan.assume["concentrate_n"], KINDS)[kind][:, None]
    tonnes = concentrate / numpy.maximum(content_n, TINY)
    content_p = numpy.clip(
        open_p / numpy.maximum(tonnes, TINY), law["concentrate_p2o5_least"], law["concentrate_p2o5_most"]
    )
    return {
        "concentrate": tonnes,
        "concentrate_n": numpy.broadcast_to(content_n, tonnes.shape),
        "concentrate_p": content_p,
        "roughage": roughage / law["roughage_n"],
        "sold_grass_n": sold * (1 - maize_part),
        "sold_grass_p": sold_p - sold * maize_part_p,
        "sold_maize_n": sold * maize_part,
        "sold_maize_p": sold * maize_part_p,
        "feed_opening": opening,
        "feed_closing": closing,
    }


def _maize(state: Farms, amount: str) -> Floats:
    """What the fodder field gives where silage maize grows on it (farms, years)."""
    place = FIELDS.index("fodder")
    there = state["code"][..., place] == CODES.index(SILAGE_MAIZE)
    kg: Floats = state[amount][..., place] * there
    return kg


def store(plan: Plan, grown: Floats, mean: Floats, eats: Floats) -> tuple[Floats, Floats]:
    """Kg N of roughage in store when each year begins and ends: a good year fills it, a bad one empties it in part."""
    law = plan.assume["feed"]
    level = numpy.where(eats[:, 0], mean[:, 0] * law["opening_stock"], 0)
    opening, closing = numpy.zeros_like(grown), numpy.zeros_like(grown)
    for year in range(grown.shape[1]):
        opening[:, year] = level
        change = numpy.where(eats[:, year], (grown[:, year] - mean[:, year]) * law["stored_share"], 0)
        level = numpy.clip(level + change, 0, law["most_stock"] * mean[:, 0])
        closing[:, year] = level
    return opening, closing


def feed_rows(plan: Plan, farms: Farms, state: Farms, tables: dict[str, Lines]) -> None:
    """Flows of feed bought and roughage sold, and the store of roughage."""
    law, flows = plan.assume["feed"], tables["flows"]
    flows.add(
        state["concentrate"] > 10.0**-DECIMALS,
        direction="supply",
        category="feed",
        amount=state["concentrate"],
        unit="t",
        n_content=state["concentrate_n"],
        p2o5_content=state["concentrate_p"],
        content_source="label",
    )
    flows.add(
        state["roughage"] > 10.0**-DECIMALS,
        direction="supply",
        category="feed",
        product="nl_j_silage_maize",
        amount=state["roughage"],
        unit="t",
        n_content=law["roughage_n"],
        p2o5_content=law["roughage_p2o5"],
        content_source="measurement",
    )
    for name, product, content in (
        ("grass", "nl_j_grass_silage", law["silage_n"]),
        ("maize", "nl_j_silage_maize", law["roughage_n"]),
    ):
        sold = state[f"sold_{name}_n"] / content
        flows.add(
            sold > 10.0**-DECIMALS,
            direction="removal",
            category="plant_product",
            product=product,
            amount=sold,
            unit="t",
            n_content=content,
            p2o5_content=state[f"sold_{name}_p"] / numpy.maximum(sold, TINY),
            content_source="measurement",
        )
    there = (state["feed_opening"] + state["feed_closing"]).sum(axis=1) > 1
    tables["stocks"].add(
        numpy.broadcast_to(there[:, None], state["feed_opening"].shape),
        category="feed",
        opening=state["feed_opening"] / law["stock_n_g_per_kg"],
        closing=state["feed_closing"] / law["stock_n_g_per_kg"],
        unit="t",
        n_content=law["stock_n_g_per_kg"],
        p2o5_content=law["stock_p2o5_g_per_kg"],
        content_source="measurement",
    )
