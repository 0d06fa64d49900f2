"""What the rules for possible farms look at: amounts per farm and balance year, added up from lines."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from openfisca_stoffenbalans.codes import ANIMALS
from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.dataset.schema import DataSet, unit_mass_kg
from openfisca_stoffenbalans.population.amounts import with_amounts
from openfisca_stoffenbalans.population.harvests import dutch_crops, grouped, groups_of_products, harvests
from openfisca_stoffenbalans.population.tallies import species_of

THERE = "\0there"
GRAMS = 1000
# Group of German crops that also stay on the field.
MULCHED = "clover"
NUTRIENTS = ("n", "p2o5")
# Category of flows -> its name in the sums.
GATE = {
    "mineral_fertiliser": "mineral",
    "seed": "seed",
    "animal_manure": "manure",
    "other_organic_fertiliser": "organic",
    "feed": "feed",
    "livestock": "livestock",
    "plant_product": "plants",
    "animal_product": "animal_products",
    "other": "other",
}
EXCRETING = ("dairy_cows", "dairy_goats", "hens", "calves", "cattle", "pigs", "poultry", "other")
# Columns of nl.farm_balance that rules look at.
RESULTS = ("nl_animal_manure_applied", "nl_housing_storage_loss")
# Beginnings of German animal codes -> kind; of Dutch ones their number.
KINDS = {
    "milcherzeugung_": "dairy_cows",
    "100": "dairy_cows",
    "ziegenmilcherzeugung_": "dairy_goats",
    "600": "dairy_goats",
    "eiererzeugung_legehennenhaltung": "hens",
    "301": "hens",
    "311": "hens",
    "jungrindermast_": "calves",
    "112": "calves",
    "115": "calves",
    "116": "calves",
    "117": "calves",
    "121": "calves",
}
MILK = ("de_t5_kuhmilch_3_2_rp", "de_t5_kuhmilch_3_4_rp", "de_t5_kuhmilch_3_6_rp", "nl_milk")


@functools.cache
def species() -> dict[str, str]:
    """Animal code -> cattle, pigs, poultry or other, of both countries' tables."""
    return {code: species_of(code) for code in ANIMALS}


@functools.cache
def kinds() -> dict[str, str]:
    """Animal code -> dairy_cows, dairy_goats, hens, calves (fattened), or the species."""
    found = {}
    for code, named in species().items():
        own = code.removeprefix("nl_")
        found[code] = next((kind for start, kind in KINDS.items() if own.startswith(start)), named)
    return found


def _of(column: str, table: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).cast(pl.String).replace_strict(dict(table), default=None, return_dtype=pl.String)


def _sum(condition: pl.Expr, value: str, name: str) -> pl.Expr:
    """The sum of a column over the lines that meet a condition: null when one of them has none, 0 without lines."""
    chosen = pl.col(value).filter(condition)
    return pl.when(chosen.null_count() == 0).then(chosen.sum()).alias(name)


def herds(table: pl.DataFrame) -> pl.DataFrame:
    """Of each farm-year: animals, excretion and what may be grown, by kind of animal."""
    known = table.with_columns(kind=_of("animal", kinds()), species=_of("animal", species()))
    counts = [_sum(pl.col("kind") == kind, "count", kind) for kind in ("dairy_cows", "dairy_goats", "hens")]
    excreted = [_sum(pl.col("kind") == kind, "n", f"n_excretion_{kind}") for kind in EXCRETING]
    grazing = (pl.col("grazing_days") > 0) & (pl.col("species") != "pigs") & (pl.col("species") != "poultry")
    return known.group_by(KEYS, maintain_order=True).agg(
        *counts,
        *excreted,
        _sum(pl.lit(True), "n", "n_excretion"),
        _sum(pl.lit(True), "p2o5", "p2o5_excretion"),
        _sum(pl.col("species") == "cattle", "count", "cattle"),
        _sum(pl.col("manure_system") == "slurry", "n", "n_excretion_slurry"),
        _sum(grazing, "count", "grazing_animals"),
        pl.len().alias("herd_lines"),
    )


def flows(table: pl.DataFrame) -> pl.DataFrame:
    """Of each farm-year: kg N and P2O5 through the gate by direction and category, milk, eggs.

    Of plants without straw, leaves and haulm. Feed that leaves is without harvests of German crops, which count as
    sold there.
    """
    supply, category = pl.col("direction") == "supply", pl.col("category").cast(pl.String)
    product = pl.col("product").cast(pl.String)
    kg = pl.col("amount") * pl.col("unit").cast(pl.String).replace_strict(unit_mass_kg(), default=None)
    by_product = product.str.contains("straw|_stroh|_blatt|_kraut").fill_null(False) & (category == "plant_product")
    grown = product.is_in(list(groups_of_products())).fill_null(False)
    harvest = grown & (category == "feed") & ~supply
    known = table.with_columns(
        pl.when(by_product | harvest).then(0.0).otherwise(pl.col(name)).alias(name) for name in NUTRIENTS
    ).with_columns(kg=kg, milk=product.is_in(MILK).fill_null(False))
    sums = [
        _sum((supply if way == "in" else ~supply) & (category == code), nutrient, f"{nutrient}_{name}_{way}")
        for nutrient in NUTRIENTS
        for code, name in GATE.items()
        for way in ("in", "out")
    ]
    return known.group_by(KEYS, maintain_order=True).agg(
        *sums,
        # Maize for a biogas plant is no feed, and mostly entered as other matter.
        *(_sum(supply & (category == "other") & grown, nutrient, f"{nutrient}_crops_in") for nutrient in NUTRIENTS),
        _sum(~supply & pl.col("milk"), "kg", "milk_out_kg"),
        _sum(
            ~supply & (category == "animal_product") & (pl.col("unit").cast(pl.String) == "1000_pieces"),
            "amount", "eggs_out_1000",
        ),
    )  # fmt: skip


def crops(table: pl.DataFrame) -> pl.DataFrame:
    """Of each farm-year: area off fields, of roughage, grass and glass, nitrogen harvested where declared (kg N).

    `table`: as harvests.grouped. Harvests are null where a harvested line has no dry matter or no content.
    """
    first = pl.col("cut") == 1
    forage = pl.col("roughage").fill_null(False) | pl.col("crop_text").is_in(dutch_crops("grass", "fodder"))
    grass = pl.col("crop_text").is_in(dutch_crops("grass"))
    glass = pl.col("crop_text").is_in(dutch_crops("horticulture_glass"))
    dry = pl.col("dm_yield_kg_per_ha") * pl.col("area_ha") / GRAMS
    taken = pl.col("harvested").fill_null(True)
    return (
        table.with_columns(n_harvest=dry * pl.col("n_g_per_kg_dm"), p2o5_harvest=dry * pl.col("p2o5_g_per_kg_dm"))
        .group_by(KEYS, maintain_order=True)
        .agg(
            pl.col("area_ha").filter(first & pl.col("field_id").is_null()).sum().alias("crops_area_ha"),
            pl.col("area_ha").filter(first & forage).sum().alias("roughage_area_ha"),
            pl.col("area_ha").filter(first & grass).sum().alias("grass_area_ha"),
            pl.col("area_ha").filter(first & glass).sum().alias("glass_area_ha"),
            *(_sum(taken, f"{nutrient}_harvest", f"{nutrient}_harvest") for nutrient in NUTRIENTS),
        )
    )


def applications(table: pl.DataFrame) -> pl.DataFrame:
    """Of each farm-year: kg N of organic fertiliser spread by origin and kind, and kg of slurry and solid manure."""
    own, slurry = pl.col("origin") == "own", pl.col("form") == "slurry"
    digestate = pl.col("material") == "digestate"
    return table.group_by(KEYS, maintain_order=True).agg(
        _sum(own.fill_null(False), "n_kg", "n_spread_own"),
        _sum((pl.col("origin") == "received").fill_null(False), "n_kg", "n_spread_received"),
        _sum(digestate.fill_null(False), "n_kg", "n_spread_digestate"),
        _sum(~digestate.fill_null(False), "n_kg", "n_spread_manure"),
        _sum(pl.lit(True), "amount_kg", "spread_kg"),
        _sum(slurry.fill_null(False), "amount_kg", "slurry_kg"),
        *(
            _sum((slurry & (pl.col("material") == material)).fill_null(False), "amount_kg", f"slurry_{material}_kg")
            for material in ("cattle", "pigs", "digestate")
        ),
        _sum((own & digestate).fill_null(False), "n_kg", "n_digestate_own"),
        _sum((own & slurry & ~digestate).fill_null(False), "amount_kg", "slurry_own_kg"),
        _sum((own & (pl.col("form") == "solid")).fill_null(False), "amount_kg", "solid_own_kg"),
        (pl.col("field_id").is_null().sum() > 0).alias("spread_off_fields"),
    )


def stocks(table: pl.DataFrame) -> pl.DataFrame:
    """Of each farm-year: how much more of feed and manure lay in store at the end, and what lay there: kg declared."""
    category = pl.col("category").cast(pl.String)
    known = table.with_columns(
        (pl.col(end) * pl.col(f"{nutrient}_content")).alias(f"{nutrient}_{end}")
        for nutrient in NUTRIENTS
        for end in ("opening", "closing")
    ).with_columns((pl.col(f"{one}_closing") - pl.col(f"{one}_opening")).alias(f"{one}_more") for one in NUTRIENTS)
    return known.group_by(KEYS, maintain_order=True).agg(
        *(
            _sum(category == name, f"{nutrient}_more", f"{nutrient}_{name}_stock_increase")
            for nutrient in NUTRIENTS
            for name in ("feed", "manure", "plant_product")
        ),
        _sum(pl.lit(True), "n_opening", "n_stock_opening"),
        _sum(pl.lit(True), "n_closing", "n_stock_closing"),
        pl.len().alias("stock_lines"),
    )


def fields(table: pl.DataFrame) -> pl.DataFrame:
    """Of each farm-year: area of its fields."""
    return table.group_by(KEYS, maintain_order=True).agg(pl.col("area_ha").sum().alias("fields_area_ha"))


def of_farm_years(farms: pl.DataFrame, parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The farms with the sums of their lines: 0 (or false) where a farm has no line of a table."""
    whole = farms
    for part in parts:
        made = [name for name in part.columns if name not in KEYS]
        joined = part.with_columns(pl.lit(True).alias(THERE))
        whole = whole.join(joined, on=KEYS, how="left", maintain_order="left")
        none = pl.col(THERE).is_null()
        whole = whole.with_columns(
            pl.when(none)
            .then(pl.lit(False if part.schema[name] == pl.Boolean else 0))
            .otherwise(pl.col(name))
            .alias(name)
            for name in made
        ).drop(THERE)
    return whole


@dataclass(frozen=True)
class Facts:
    """What the rules look at, frame by frame, each with farm_id and year_start.

    `years`: a row per row of `farms` with all sums, and of German crops what grew (`n_grown`) and what
    stayed on the farm (`n_home`, `p2o5_home`), kg;
    `flows`, `crops`: the lines, with kg N and group; `harvests`: German crops by group; `changes`: two balance years
    of a farm that follow one another, the earlier one's sums with `_before`; `farms`: a row per farm.
    """

    years: pl.DataFrame
    flows: pl.DataFrame
    crops: pl.DataFrame
    harvests: pl.DataFrame
    changes: pl.DataFrame
    farms: pl.DataFrame


def facts(data: DataSet, system: Any, results: pl.DataFrame | None = None) -> Facts:
    """Add up a data set. `results`: columns of a regime by farm_id and year_start that rules look at too."""
    tables_ = data.tables
    amounts = with_amounts(data, system)
    crop = grouped(tables_["crops"])
    harvest = harvests(crop, amounts["flows"])
    home = harvest.group_by(KEYS).agg(
        *(_sum(pl.lit(True), f"home_{one}", f"{one}_home") for one in NUTRIENTS),
        _sum(pl.lit(True), "harvest_n", "n_grown"),
        _sum(pl.col("group") == MULCHED, "home_n", "n_home_mulched"),
    )
    parts = [
        flows(amounts["flows"]), herds(amounts["herds"]), crops(crop), home, applications(tables_["applications"]),
        stocks(tables_["stocks"]), fields(tables_["fields"]),
    ]  # fmt: skip
    years = of_farm_years(tables_["farms"], parts)
    if results is not None:
        added = [name for name in results.columns if name not in years.columns]
        years = years.join(results.select(*KEYS, *added), on=KEYS, how="left", maintain_order="left")
    years = years.with_columns(pl.lit(None, pl.Float64).alias(name) for name in RESULTS if name not in years.columns)
    # An extra column of the farms, text in CSV files; a data set without it has no farm known to be organic.
    organic = pl.col("organic").cast(pl.String).str.to_lowercase() == "true" if "organic" in years.columns else False
    years = years.with_columns(
        organic=organic, country=pl.col("country").cast(pl.String), farm_type=pl.col("farm_type").cast(pl.String)
    )
    return Facts(years, amounts["flows"], crop, harvest, changes(years), over_years(years))


COMPARED = ("utilised_area_ha", "n_excretion", "n_stock_closing", "stock_lines")


def changes(years: pl.DataFrame) -> pl.DataFrame:
    """Each balance year beside the one before it of the same farm, where both are known."""
    before = years.select(
        "farm_id",
        pl.col("year_start").dt.offset_by("1y"),
        *(pl.col(name).alias(f"{name}_before") for name in COMPARED),
    )
    return years.join(before, on=KEYS, how="inner", maintain_order="left")


def over_years(years: pl.DataFrame) -> pl.DataFrame:
    """A row per farm: its lowest and highest weight, how many balance years it has, the last one's start."""
    return years.group_by("farm_id", maintain_order=True).agg(
        pl.col("year_start").max(),
        pl.col("weight").min().alias("weight_least"),
        pl.col("weight").max().alias("weight_most"),
        pl.len().alias("balance_years"),
        pl.col("country").first(),
    )
