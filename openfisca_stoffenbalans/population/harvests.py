"""German harvests by group of crops: what grew, what was sold of it, and the nitrogen that stayed on the farm."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.dataset.schema import unit_mass_kg
from openfisca_stoffenbalans.tables import load_yaml, tables

CROPS = Path(__file__).with_name("de_crop_groups.yaml")
DUTCH_CROPS = Path(__file__).with_name("nl_crops.yaml")
# Columns of annex 1 that hold by-products: straw, leaves, and both together with the main product.
BY_PRODUCTS = ("_stroh", "_blatt", "_kraut")


@functools.cache
def crop_groups() -> dict[str, dict[str, Any]]:
    """Group -> whether it is roughage, its crops with the product of their harvest, beginnings of its products."""
    groups: dict[str, dict[str, Any]] = load_yaml(CROPS)["groups"]
    return groups


@functools.cache
def crops_in_groups() -> pl.DataFrame:
    """crop_text, group, roughage, n_per_dt, p2o5_per_dt: kg in a dt as the product's table counts it."""
    rows = []
    for group, content in crop_groups().items():
        for crop, product in content["crops"].items():
            code = PRODUCTS[product]
            printed = tables()[code.table].rows[code.row]
            contents = (float(printed[name]) / code.per for name in ("n", "p2o5"))
            rows.append((crop, group, bool(content["roughage"]), *contents))
    schema = {
        "crop_text": pl.String,
        "group": pl.String,
        "roughage": pl.Boolean,
        "n_per_dt": pl.Float64,
        "p2o5_per_dt": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


@functools.cache
def groups_of_products() -> dict[str, str]:
    """Product -> group of the crops it is the main product of."""
    return {
        product: group
        for group, content in crop_groups().items()
        for product in PRODUCTS
        if product.startswith(tuple(content["products"])) and not product.endswith(BY_PRODUCTS)
    }


@functools.cache
def dutch_crops(*uses: str) -> list[str]:
    """Codes of the Dutch crops whose area counts as one of these uses (grass, fodder, …)."""
    groups = load_yaml(DUTCH_CROPS)["groups"].values()
    return [f"nl_{code}" for group in groups if group["use"] in uses for code in group["codes"]]


def grouped(crops: pl.DataFrame) -> pl.DataFrame:
    """The table crops with `crop_text`, and group, roughage and n_per_dt of German crops in a group."""
    text = crops["crop_text"] if "crop_text" in crops.columns else crops["crop"].cast(pl.String)
    return crops.with_columns(text.alias("crop_text")).join(
        crops_in_groups(), on="crop_text", how="left", maintain_order="left"
    )


def harvests(crops: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """A row per farm-year and group: area_ha, harvest_dt, sold_dt, home_n and home_p2o5 (kg harvested and not sold).

    `crops`: as `grouped`; `flows`: with `n` and `p2o5`. Harvests are null where a yield of the group is missing.
    Products sold count their mass; those that a table counts in dry matter by dry matter where it is declared.
    """
    dt = pl.col("dt")
    by_group = [*KEYS, "group"]
    grown = crops.filter(pl.col("group").is_not_null()).with_columns(dt=pl.col("area_ha") * pl.col("yield_dt_per_ha"))
    amounts = {"harvest_dt": dt, "harvest_n": dt * pl.col("n_per_dt"), "harvest_p2o5": dt * pl.col("p2o5_per_dt")}
    harvest = grown.group_by(by_group).agg(
        pl.col("area_ha").sum(),
        *(pl.when(dt.null_count() == 0).then(amount.sum()).alias(name) for name, amount in amounts.items()),
    )
    group = pl.col("product").cast(pl.String).replace_strict(groups_of_products(), default=None, return_dtype=pl.String)
    kg = pl.col("amount") * pl.col("unit").cast(pl.String).replace_strict(unit_mass_kg(), default=None)
    dry = pl.col("dry_matter_pct").fill_null(100) / 100
    main = flows.with_columns(group=group, dt=kg / unit_mass_kg()["dt"] * dry)
    main = main.filter(pl.col("group").is_not_null() & (pl.col("direction") == "removal"))
    sold = main.group_by(by_group).agg(
        dt.sum().alias("sold_dt"), pl.col("n").sum().alias("sold_n"), pl.col("p2o5").sum().alias("sold_p2o5")
    )
    both = harvest.join(sold, on=by_group, how="full", coalesce=True).with_columns(
        pl.col("area_ha").fill_null(0),
        # Sold without any crop of the group: nothing was harvested.
        *(pl.when(pl.col("area_ha").is_null()).then(0.0).otherwise(pl.col(name)).alias(name) for name in amounts),
        pl.col("sold_dt", "sold_n", "sold_p2o5").fill_null(0),
    )
    return both.with_columns(
        home_n=pl.col("harvest_n") - pl.col("sold_n"), home_p2o5=pl.col("harvest_p2o5") - pl.col("sold_p2o5")
    ).sort(by_group)
