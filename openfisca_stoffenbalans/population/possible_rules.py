"""The rules for possible farms, built from their thresholds: land and crops, animals, feed, manure, contents, years."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from openfisca_stoffenbalans.dataset.schema import unit_mass_kg
from openfisca_stoffenbalans.population.facts import EXCRETING
from openfisca_stoffenbalans.population.possible import Rule

Assume = Mapping[str, Any]
KG_PER_T = 1000
YEARS = 3

col, zero = pl.col, pl.lit(0.0)
AREA = col("utilised_area_ha")


def of_class(column: str, values: Mapping[str, float]) -> pl.Expr:
    """The value of the class that a text column names; null for a class without one."""
    return col(column).cast(pl.String).replace_strict(dict(values), default=None, return_dtype=pl.Float64)


def rules(country: str, assume: Assume) -> list[Rule]:
    """All rules of a country (DE, NL). Raises KeyError for a threshold that the assumptions lack."""
    own: Callable[[Assume], list[Rule]] = {"DE": german, "NL": dutch}[country]
    parts = (of_years, of_land, of_animals, of_feed, of_contents, own)
    return [rule for part in parts for rule in part(assume)]


def of_years(assume: Assume) -> list[Rule]:
    """Weights (the check of the data holds them above 0), years, and what may change from one year to the next."""
    area, herd = assume["area_change_share"], assume["herd_change_share"]
    least_n, part, kg = assume["small_herd_n_kg"], assume["rounding_share"], assume["rounding_kg"]
    return [
        Rule("weight_same", "A farm has the same weight in all years.", "farms", col("weight_most"),
             least=col("weight_least"), most=col("weight_least"), frame="farms"),
        Rule("three_years", "A farm is there in at least three balance years.", "years", col("balance_years"),
             least=pl.lit(YEARS), frame="farms"),
        Rule("area_change", "The utilised area changes little from one year to the next.", "ha", AREA,
             least=col("utilised_area_ha_before") * (1 - area), most=col("utilised_area_ha_before") * (1 + area),
             frame="changes"),
        Rule("herd_change", "Herds (by their excretion) change little from one year to the next.", "kg N",
             col("n_excretion"), least=col("n_excretion_before") * (1 - herd),
             most=col("n_excretion_before") * (1 + herd),
             where=pl.max_horizontal("n_excretion", "n_excretion_before") > least_n, frame="changes"),
        Rule("stocks_go_on", "What lay in store when a year ended lies there when the next one begins.", "kg N",
             col("n_stock_opening"), least=col("n_stock_closing_before") * (1 - part) - kg,
             most=col("n_stock_closing_before") * (1 + part) + kg,
             where=(col("stock_lines") > 0) & (col("stock_lines_before") > 0), frame="changes"),
    ]  # fmt: skip


def of_land(assume: Assume) -> list[Rule]:
    """Crops and fields fit the farm, harvests are plausible and not sold twice."""
    part = assume["rounding_share"]
    has_fields = col("fields_area_ha") > 0
    return [
        Rule("crops_fit", "Crops take no more than the utilised area.", "ha", col("crops_area_ha"),
             most=AREA * (1 + part), where=~has_fields),
        Rule("fields_fit", "The fields make up the utilised area.", "ha", col("fields_area_ha"),
             least=AREA * (1 - part), most=AREA * (1 + part), where=has_fields),
        Rule("grazing_land", "Animals graze only where grass or roughage grows.", "ha", col("roughage_area_ha"),
             least=pl.lit(assume["least_grazing_ha"]), where=col("grazing_animals") > 0),
        Rule("mineral_n", "Mineral nitrogen bought stays below a ceiling per hectare.", "kg N", col("n_mineral_in"),
             most=(AREA - col("glass_area_ha")) * assume["mineral_n_per_ha"]
             + col("glass_area_ha") * assume["mineral_n_per_ha_under_glass"] + assume["rounding_kg"]),
        Rule("organic_mineral_n", "An organic farm buys no mineral nitrogen.", "kg N", col("n_mineral_in"), most=zero,
             where=col("organic")),
        Rule("mineral_n_without_land", "A farm without land buys no mineral fertiliser.", "kg N", col("n_mineral_in"),
             most=zero, where=AREA == 0),
    ]  # fmt: skip


def growth_n(assume: Assume) -> pl.Expr:
    """Kg N that the animals of a farm-year can put on: excretion by kind times a ratio."""
    ratios = assume["growth_n_per_excretion"]
    return pl.sum_horizontal((col(f"n_excretion_{kind}") * ratios[kind] for kind in EXCRETING), ignore_nulls=False)


def of_animals(assume: Assume) -> list[Rule]:
    """Milk and eggs come from cows and hens; animals sold were born, bought or kept before."""
    milk, part = assume["milk_per_cow_kg"], assume["rounding_share"]
    stock = assume["live_n_per_excretion"]
    before = pl.max_horizontal(col("n_excretion_before") - col("n_excretion"), zero) * stock
    cows, grown = col("dairy_cows"), growth_n(assume)
    # Fattened calves and dairy goats live in houses, also on farms of a grazing type.
    housed = col("n_excretion_calves") + col("n_excretion_dairy_goats")
    density = of_class("farm_type", assume["excretion_n_per_ha"])
    return [
        Rule("milk_needs_cows", "Milk is sold only by a farm with dairy cows or goats.", "kg", col("milk_out_kg"),
             most=zero, where=(cows == 0) & (col("dairy_goats") == 0)),
        Rule("milk_per_cow", "Milk sold per dairy cow is plausible.", "kg", col("milk_out_kg"),
             least=cows * milk["least"], most=cows * milk["most"],
             where=(cows > 0) & (col("dairy_goats") == 0) & (col("milk_out_kg") > 0)),
        Rule("eggs_need_hens", "Eggs are sold only by a farm with hens, and no more than they lay.", "1000 eggs",
             col("eggs_out_1000"), most=col("hens") * assume["eggs_per_hen"] / KG_PER_T),
        Rule("animals_sold", "Animals sold hold no more nitrogen than those bought, growth, and a smaller herd.",
             "kg N", col("n_livestock_out"), most=(col("n_livestock_in") + grown + before) * (1 + part)
             + assume["rounding_kg"], frame="changes"),
        Rule("animals_need_herds", "Animals are sold only by a farm that keeps or bought some.", "kg N",
             col("n_livestock_out"), most=col("n_livestock_in") * (1 + part), where=col("herd_lines") == 0),
        Rule("stocking", "Land-based farms keep no more animals than a ceiling per hectare (by their excretion).",
             "kg N", col("n_excretion") - housed, most=AREA * density + assume["small_herd_n_kg"]),
    ]  # fmt: skip


def feed_need(nutrient: str = "n") -> pl.Expr:
    """Kg that animals take in of a nutrient: excreted before losses, in milk and eggs, and put on."""
    # A Dutch excretion of nitrogen is net of what was lost to the air in housing and storage.
    lost = pl.when(col("country") == "NL").then(col("nl_housing_storage_loss")).otherwise(0)
    gross = col(f"{nutrient}_excretion") + (lost if nutrient == "n" else 0)
    grown = pl.max_horizontal(col(f"{nutrient}_livestock_out") - col(f"{nutrient}_livestock_in"), zero)
    return gross + col(f"{nutrient}_animal_products_out") + grown


def feed_there(nutrient: str = "n") -> pl.Expr:
    """Kg of a nutrient in feed at hand: bought less sold, grown and not sold, out of store; nitrogen less biogas."""
    dutch = col("country") == "NL"
    sold = col(f"{nutrient}_plants_out")
    grown = pl.when(dutch).then(col(f"{nutrient}_harvest") - sold).otherwise(col(f"{nutrient}_home"))
    bought = col(f"{nutrient}_feed_in") + col(f"{nutrient}_crops_in") - col(f"{nutrient}_feed_out")
    there = bought + grown - col(f"{nutrient}_feed_stock_increase")
    return there - col("biogas_plant_substrate_n_kg").fill_null(0) if nutrient == "n" else there


def of_feed(assume: Assume) -> list[Rule]:
    """Animals eat what they excrete and give, and nobody feeds far more."""
    short, over = assume["feed_short_share"], assume["feed_over_share"]
    kg = assume["rounding_kg"]
    kept = col("herd_lines") > 0
    grown = pl.when(col("country") == "NL").then(col("n_harvest")).otherwise(col("n_grown"))
    return [
        Rule("feed_enough", "Feed bought and grown holds what animals excrete, give and put on.", "kg N", feed_there(),
             least=feed_need() * (1 - short) - kg, where=kept),
        Rule("feed_p_enough", "Feed bought and grown holds the phosphate that animals excrete, give and put on.",
             "kg P2O5", feed_there("p2o5"), least=feed_need("p2o5") * (1 - assume["feed_p_short_share"]) - kg,
             where=kept),
        Rule("feed_not_far_above", "Feed bought and grown does not hold far more than what animals take in.", "kg N",
             feed_there() - col("n_home_mulched"), most=feed_need() * (1 + over)
             + grown * assume["harvest_kept_share"] + kg, where=kept),
        Rule("feed_needs_animals", "Feed is bought only by a farm with animals.", "kg N", col("n_feed_in"),
             most=col("n_feed_out") + kg, where=~kept),
    ]  # fmt: skip


def of_contents(assume: Assume) -> list[Rule]:
    """Contents are physically possible."""
    mass = col("unit").cast(pl.String).replace_strict(unit_mass_kg(), default=None)
    kg = col("amount") * mass
    most = of_class("category", assume["n_per_kg"])
    some = col("amount") > 0
    # A cubic metre of manure is taken for a tonne.
    tonnes, manure = col("amount") * mass.fill_null(KG_PER_T) / KG_PER_T, assume["manure_n_per_t"]
    return [
        Rule("n_content", "An amount holds no more nitrogen than matter of its kind can.", "kg N", col("n"),
             most=kg * most, where=some & mass.is_not_null(), frame="flows"),
        Rule("p2o5_content", "An amount holds no more phosphate than matter of its kind can.", "kg P2O5", col("p2o5"),
             most=kg * of_class("category", assume["p2o5_per_kg"]), where=some & mass.is_not_null(),
             frame="flows"),
        Rule("slurry_n_content", "A cubic metre (or tonne) of manure holds a plausible amount of nitrogen.", "kg N",
             col("n"), least=tonnes * manure["least"], most=tonnes * manure["most"],
             where=some & (col("category").cast(pl.String) == "animal_manure"), frame="flows"),
    ]  # fmt: skip


def manure_made(assume: Assume) -> pl.Expr:
    """Kg N of own manure and digestate after losses, and received."""
    kept = assume["manure_retained_share"]
    substrates = pl.when(col("has_biogas_plant")).then(col("biogas_substrate_n_kg")).otherwise(0)
    made: pl.Expr = col("n_excretion") * kept + substrates + col("n_manure_in") + col("n_organic_in")
    return made


def german(assume: Assume) -> list[Rule]:
    """Harvests by group, yields, manure by the DüV's excretion, biogas."""
    part, kg = assume["rounding_share"], assume["rounding_kg"]
    yields = assume["yield_least_dt"], assume["yield_most_dt"]
    volume = assume["slurry_m3_per_kg_n"]
    given = col("n_manure_out") + col("n_organic_out")
    spread = col("n_spread_own") + col("n_spread_received")
    received = col("n_manure_in") + col("n_organic_in")
    plain = ~col("has_biogas_plant")
    return [
        Rule("sold_of_harvest", "No more of a group of crops is sold than was harvested.", "dt", col("sold_dt"),
             most=col("harvest_dt") * (1 + part), frame="harvests"),
        Rule("yield", "A yield is plausible for its group of crops.", "dt/ha", col("yield_dt_per_ha"),
             least=of_class("group", yields[0]), most=of_class("group", yields[1]), frame="crops"),
        Rule("manure_given", "Manure given away was made on the farm or received.", "kg N", given,
             most=manure_made(assume) * (1 + part) + kg),
        Rule("manure_spread", "Organic nitrogen spread and given away was made on the farm or received.", "kg N",
             spread + given, most=manure_made(assume) * (1 + part) + kg),
        Rule("manure_received_spread", "No more received manure is spread than was received.", "kg N",
             col("n_spread_received"), most=received * (1 + part) + kg),
        Rule("slurry_volume", "Liquid manure of own animals has a plausible volume for what they excrete.", "m3",
             col("slurry_own_kg") / KG_PER_T, most=col("n_excretion") * volume["most"] + kg, where=plain),
        Rule("biogas_needs_plant", "Digestate is spread as own only by a farm with a biogas plant.", "kg N",
             col("n_digestate_own"), most=zero, where=plain),
        Rule("manure_spread_needs_land", "Manure is spread only by a farm with land.", "kg N", spread, most=zero,
             where=AREA == 0),
    ]  # fmt: skip


def dutch(assume: Assume) -> list[Rule]:
    """Manure by declared excretion, grassland of a derogation, phosphate rights, milk, cuts."""
    part, kg = assume["rounding_share"], assume["rounding_kg"]
    urea, rights = assume["milk_urea_mg"], col("phosphate_rights_kg").fill_null(0)
    cut = assume["cut_dm_kg"]
    dairy = col("n_excretion_dairy_cows") + col("n_excretion_cattle")
    made = col("n_excretion") + col("n_manure_in") - col("n_manure_stock_increase")
    from_store = pl.max_horizontal(-col("n_feed_stock_increase") - col("n_plant_product_stock_increase"), zero)
    return [
        Rule("sold_of_harvest", "Plant products sold hold no more nitrogen than was harvested or lay in store.", "kg N",
             col("n_plants_out"), most=col("n_harvest") * (1 + part) + from_store + kg),
        Rule("manure_given", "Manure given away was made on the farm, received, or in store.", "kg N",
             col("n_manure_out"), most=made * (1 + part) + kg),
        Rule("manure_spread", "Manure spread was made on the farm, received, or in store, and not given away.", "kg N",
             col("nl_animal_manure_applied"), most=(made - col("n_manure_out")) * (1 + part) + kg),
        Rule("spread_on_fields", "Fertiliser is spread on fields that the farm has.", "lines",
             col("spread_off_fields").cast(pl.Float64), most=zero, where=col("fields_area_ha") > 0),
        Rule("derogation_grass", "A derogation stands on a high share of grassland.", "ha", col("grass_area_ha"),
             least=AREA * assume["derogation_grass_share"] * (1 - part), where=col("derogation")),
        Rule("rights_need_dairy", "Phosphate rights are held only by a farm with dairy cattle.", "kg P2O5", rights,
             most=zero, where=dairy == 0),
        Rule("milk_urea", "Urea in milk is plausible.", "mg per 100 g", col("milk_urea_mg_per_100g"),
             least=pl.lit(urea["least"]), most=pl.lit(urea["most"])),
        Rule("milk_of_farm", "Milk delivered is the milk sold.", "kg", col("milk_out_kg"),
             least=col("milk_kg") * (1 - part), most=col("milk_kg") * (1 + part), where=col("milk_kg") > 0),
        Rule("cut_yield", "A cut or harvest has a plausible dry matter yield.", "kg dry matter/ha",
             col("dm_yield_kg_per_ha"), most=pl.lit(cut), frame="crops"),
        Rule("harvest_n_content", "Dry matter harvested holds a plausible amount of nitrogen.", "g N/kg dry matter",
             col("n_g_per_kg_dm"), least=pl.lit(assume["dm_n_g_per_kg"]["least"]),
             most=pl.lit(assume["dm_n_g_per_kg"]["most"]), frame="crops"),
    ]  # fmt: skip
