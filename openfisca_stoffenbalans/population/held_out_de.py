"""What a German population gives for each held-out figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy
import polars as pl

from openfisca_stoffenbalans.population.held_out import (
    Floats,
    Function,
    Measure,
    World,
    entries,
    ratio,
    samples,
    three_year_means,
    weighted_mean,
)

# Engine variables that the figures are made of.
VARIABLES = (
    "nitrogen_supply", "nitrogen_removal", "nitrogen_balance", "phosphate_balance", "livestock_units",
    "legume_nitrogen_fixation", "stoffbilv_scope", "stoffbilv_obliged", "stoffbilv_verdict",
)  # fmt: skip
LOWER_SAXONY = "DE9"
LAND = 3
KG_PER_T = 1000


def in_lower_saxony() -> pl.Expr:
    """Farms of Lower Saxony."""
    return pl.col("region").str.starts_with(LOWER_SAXONY).fill_null(False)


def dairy_sample(
    amount: str, statistic: Callable[[Floats], Floats], of_all: Callable[[Floats, Floats], float | None]
) -> Function:
    """Three-year means per hectare of Lower Saxon dairy farms: a figure of samples of the published size."""

    def measure(world: World) -> Measure:
        farms = world.farms.filter(in_lower_saxony() & (pl.col("farm_type") == "dairy"))
        means = three_year_means(farms, amount)
        if means.is_empty():
            return Measure(None, detail="The population has no dairy farm in Lower Saxony whose balance is known.")
        values, weights = means["value"].to_numpy(), means["weight"].to_numpy()
        size = next(entry["sample"] for entry in entries("DE") if "sample" in entry)
        expected, low, high = samples(values, weights, size, world.seed, statistic)
        every = of_all(values, weights)
        detail = (
            f"Of {len(values):,} such farms of the population the figure is {every:,.1f}; samples show "
            f"{expected:,.1f} on average."
        )
        return Measure(expected, low, high, detail)

    return measure


def _mean(values: Floats) -> Floats:
    return numpy.asarray(values.mean(axis=-1))


def _least(values: Floats) -> Floats:
    return numpy.asarray(values.min(axis=-1))


def _most(values: Floats) -> Floats:
    return numpy.asarray(values.max(axis=-1))


def dairy(amount: str) -> dict[str, Function]:
    """Mean, minimum and maximum of the dairy sample for a nutrient's balance."""
    return {
        "mean": dairy_sample(amount, _mean, weighted_mean),
        "minimum": dairy_sample(amount, _least, lambda values, _: float(values.min())),
        "maximum": dairy_sample(amount, _most, lambda values, _: float(values.max())),
    }


def national_n_surplus(world: World) -> Measure:
    """Kg N per ha: sum of farm-gate balances over the agricultural area."""
    return Measure(ratio(world.of_year, "nitrogen_balance", "utilised_area_ha"))


def nitrogen_use_efficiency(world: World) -> Measure:
    """Per cent: nitrogen removed over nitrogen supplied."""
    found = ratio(world.of_year, "nitrogen_removal", "nitrogen_supply")
    return Measure(None if found is None else 100 * found)


def above(area: float, amount: str | None) -> Function:
    """Per cent of farms, or of an amount, on farms with more than an area (ha)."""

    def measure(world: World) -> Measure:
        large = (
            pl.when(pl.col("utilised_area_ha") > area)
            .then(pl.lit(1.0) if amount is None else pl.col(amount))
            .otherwise(0.0)
        )
        found = ratio(world.of_year, large, pl.lit(1.0) if amount is None else amount)
        return Measure(None if found is None else 100 * found)

    return measure


def farms_above_20_ha(world: World) -> Measure:
    """Farms with more than 20 ha."""
    return Measure(float(world.of_year.filter(pl.col("utilised_area_ha") > 20)["weight"].sum()))


def farms_with_livestock_share(world: World) -> Measure:
    """Per cent of farms with a herd."""
    kept = world.of_year.filter(pl.col("herd_lines") > 0)["weight"].sum()
    return Measure(100 * float(kept) / float(world.of_year["weight"].sum()))


def lower_saxony_organic_n(world: World) -> Measure:
    """Kg N per ha spread as organic fertiliser."""
    spread = pl.col("n_spread_own") + pl.col("n_spread_received")
    return Measure(ratio(world.of_year.filter(in_lower_saxony()), spread, "utilised_area_ha"))


def lower_saxony_manure_mass(world: World) -> Measure:
    """Tonnes of manure and digestate spread."""
    farms = world.of_year.filter(in_lower_saxony() & pl.col("spread_kg").is_not_null())
    return Measure(float((farms["spread_kg"] * farms["weight"]).sum()) / KG_PER_T)


def regions_n_surplus(world: World) -> Measure:
    """Kg N per ha of the lowest and of the highest Land."""
    lands = world.of_year.with_columns(land=pl.col("region").str.slice(0, LAND)).partition_by("land")
    found = [one for one in (ratio(land, "nitrogen_balance", "utilised_area_ha") for land in lands) if one is not None]
    whole = ratio(world.of_year, "nitrogen_balance", "utilised_area_ha")
    detail = "" if whole is None else f"All farms together: {whole:,.1f}."
    return Measure(min(found, default=None), top=max(found, default=None), detail=detail)


def per_ha(amount: str) -> Function:
    """Kg per ha: sum of an amount over the agricultural area."""
    return lambda world: Measure(ratio(world.of_year, amount, "utilised_area_ha"))


def slurry_share(amount: str) -> Function:
    """Per cent of the mass of all liquid manure spread."""

    def measure(world: World) -> Measure:
        found = ratio(world.of_year, amount, "slurry_kg")
        return Measure(None if found is None else 100 * found)

    return measure


def farms_in_scope(world: World) -> Measure:
    """Farms in scope, by ground in words."""
    grounds = world.of_year.group_by("stoffbilv_scope").agg(pl.col("weight").sum()).sort("stoffbilv_scope")
    named = dict(grounds.filter(pl.col("stoffbilv_scope") != "none").iter_rows())
    obliged = world.of_year.filter(pl.col("stoffbilv_obliged"))["weight"].sum()
    parts = ", ".join(f"{ground.replace('_', ' ')} {number:,.0f}" for ground, number in named.items()) or "none"
    return Measure(
        float(sum(named.values())), detail=f"Grounds: {parts}. Obliged after exemptions: {obliged:,.0f} farms."
    )


FUNCTIONS: dict[str, Function] = {
    **{f"dairy_n_{name}": function for name, function in dairy("nitrogen_balance").items()},
    **{f"dairy_p2o5_{name}": function for name, function in dairy("phosphate_balance").items()},
    "national_n_surplus": national_n_surplus,
    "nitrogen_use_efficiency": nitrogen_use_efficiency,
    "uaa_above_100_ha": above(100, "utilised_area_ha"),
    "farms_above_100_ha": above(100, None),
    "farms_above_20_ha": farms_above_20_ha,
    "farms_with_livestock_share": farms_with_livestock_share,
    "farms_with_livestock_share_2023": farms_with_livestock_share,
    "lower_saxony_organic_n": lower_saxony_organic_n,
    "lower_saxony_manure_mass": lower_saxony_manure_mass,
    "regions_n_surplus": regions_n_surplus,
    "budget_mineral": per_ha("n_mineral_in"),
    "budget_manure": per_ha("n_spread_manure"),
    "budget_digestate": per_ha("n_spread_digestate"),
    "budget_fixation": per_ha("legume_nitrogen_fixation"),
    "budget_seed": per_ha("n_seed_in"),
    "budget_harvest": per_ha("n_grown"),
    "slurry_of_cattle": slurry_share("slurry_cattle_kg"),
    "slurry_of_pigs": slurry_share("slurry_pigs_kg"),
    "slurry_of_plants": slurry_share("slurry_digestate_kg"),
    "farms_in_scope": farms_in_scope,
}
