"""What a Dutch population gives for each held-out figure."""

from __future__ import annotations

import polars as pl

from openfisca_stoffenbalans.population.held_out import Function, Measure, World, ratio, swing, weighted_mean

# Engine variables that the figures, and the rules for possible farms, are made of.
VARIABLES = (
    "nl_nitrogen_excretion", "nl_phosphate_excretion", "nl_farm_flow_supply_nitrogen", "nl_farm_supply_phosphate",
    "nl_farm_removal_nitrogen", "nl_farm_removal_phosphate", "nl_farm_surplus_nitrogen",
    "nl_farm_soil_surplus_nitrogen", "nl_gaseous_losses", "nl_housing_storage_loss", "nl_animal_manure_nitrogen",
    "nl_animal_manure_applied",
    "nl_animal_manure_verdict", "nl_soil_balance", "nl_soil_area_ha", "nl_klw_max_soil_surplus",
)  # fmt: skip
SAND = ("dekzand", "dalgrond", "duinzand")
CLAY = ("zeeklei", "rivierklei", "maasklei")
# Kg N/ha, from and below: the class of soil surplus whose share of farms is published.
KLW_CLASS = (137.5, 150.0)
MAIZE = "nl_259"


def dairy() -> pl.Expr:
    """Dairy farms."""
    return pl.col("farm_type") == "dairy"


def on_sand() -> pl.Expr:
    """Farms whose soil is sand."""
    return pl.col("soil_type").cast(pl.String).is_in(SAND).fill_null(False)


def sand_dairy_mean(amount: str) -> Function:
    """Kg N per ha, the mean over dairy farms on sand with land."""

    def measure(world: World) -> Measure:
        farms = world.of_year.filter(dairy() & on_sand() & (pl.col("utilised_area_ha") > 0))
        values = (farms[amount] / farms["utilised_area_ha"]).fill_null(float("nan")).to_numpy()
        known = int((values == values).sum())
        return Measure(weighted_mean(values, farms["weight"].to_numpy()), detail=f"Of {known:,} such farms.")

    return measure


def use_efficiency(removed: str, supplied: str, manure: str) -> Function:
    """Per cent of what was supplied that dairy farms removed otherwise than as manure."""

    def measure(world: World) -> Measure:
        products = pl.col(removed) - pl.col(manure)
        found = ratio(world.of_year.filter(dairy()), products, supplied)
        return Measure(None if found is None else 100 * found)

    return measure


def total(amount: str | pl.Expr) -> Function:
    """The weighted sum of an amount over all farms."""

    def measure(world: World) -> Measure:
        whole = pl.col(amount) if isinstance(amount, str) else amount
        known = world.of_year.select(whole.alias("amount"), "weight").drop_nulls()
        return Measure(float((known["amount"] * known["weight"]).sum()))

    return measure


def per_dairy_farm(amount: str) -> Function:
    """The mean of an amount over dairy farms."""

    def measure(world: World) -> Measure:
        return Measure(ratio(world.of_year.filter(dairy()), amount, pl.lit(1.0)))

    return measure


def maize_per_dairy_farm(world: World) -> Measure:
    """Hectares of silage maize per dairy farm."""
    of_year = (pl.col("year_start").dt.year() == world.year) & (pl.col("cut") == 1) & (pl.col("crop_text") == MAIZE)
    maize = world.crops.filter(of_year).group_by("farm_id").agg(pl.col("area_ha").sum().alias("maize_ha"))
    farms = (
        world.of_year.filter(dairy())
        .join(maize, on="farm_id", how="left")
        .with_columns(pl.col("maize_ha").fill_null(0))
    )
    return Measure(ratio(farms, "maize_ha", pl.lit(1.0)))


def share_grassland(world: World) -> Measure:
    """Per cent of the agricultural area."""
    found = ratio(world.of_year, "grass_area_ha", "utilised_area_ha")
    return Measure(None if found is None else 100 * found)


def dairy_farms_grazing(world: World) -> Measure:
    """Per cent of dairy farms with grazing animals."""
    grazes = (pl.col("grazing_animals") > 0).cast(pl.Float64)
    found = ratio(world.of_year.filter(dairy()), grazes, pl.lit(1.0))
    return Measure(None if found is None else 100 * found)


def to_the_maximum(world: World) -> pl.DataFrame:
    """Dairy farms on sand of all years: soil surplus less the highest (kg N/ha), harvest (kg N/ha), weight."""
    farms = world.farms.filter(dairy() & on_sand() & (pl.col("nl_soil_area_ha") > 0))
    return farms.select(
        pl.col("year_start").dt.year().alias("year"),
        (pl.col("nl_farm_soil_surplus_nitrogen") / pl.col("nl_soil_area_ha") - pl.col("nl_klw_max_soil_surplus")).alias(
            "over"
        ),
        (pl.col("n_harvest") / pl.col("utilised_area_ha")).alias("harvest"),
        "weight",
    ).drop_nulls()


def shares_meeting(world: World) -> list[float]:
    """Share of dairy farms on sand that meet the highest soil surplus, year by year."""
    by_year = to_the_maximum(world).sort("year", maintain_order=True).partition_by("year", maintain_order=True)
    shares = (ratio(one, (pl.col("over") <= 0).cast(pl.Float64), pl.lit(1.0)) for one in by_year)
    return [share for share in shares if share is not None]


def year_swing(world: World) -> Measure:
    """Standard deviations: of the yield shock in kg N/ha over the spread between farms of a year."""
    farms = to_the_maximum(world)
    if farms.is_empty():
        return Measure(None, detail="No dairy farm on sand whose soil surplus is known.")
    # Each year's own mean goes off: what is left is between farms.
    between = farms["over"] - farms.select(pl.col("over").mean().over("year")).to_series()
    weights = farms["weight"].to_numpy()
    spread = (weighted_mean((between**2).to_numpy(), weights) or 0) ** 0.5
    harvest = weighted_mean(farms["harvest"].to_numpy(), weights) or 0
    if not spread:
        return Measure(None, detail="All farms have the same surplus.")
    shares = [share for share in shares_meeting(world) if 0 < share < 1]
    drawn = f" The years drawn swing by {swing(shares):.2f}." if len(shares) > 1 else ""
    detail = f"{world.assume['yield_shock_sd']:g} x {harvest:,.0f} kg N/ha harvested over {spread:,.0f} kg N/ha.{drawn}"
    return Measure(world.assume["yield_shock_sd"] * harvest / spread, detail=detail)


def shares_meeting_maximum(world: World) -> Measure:
    """Per cent: of the lowest and of the highest year."""
    shares = [100 * share for share in shares_meeting(world)]
    if not shares:
        return Measure(None)
    return Measure(min(shares), top=max(shares), detail=f"Mean of the years: {sum(shares) / len(shares):.1f}.")


def clay_in_class(world: World) -> Measure:
    """Per cent of dairy farms on clay: those with a soil surplus in the class of which a figure is published."""
    known = pl.col("nl_soil_balance").is_not_nan() & pl.col("nl_soil_balance").is_not_null()
    on_clay = pl.col("soil_type").cast(pl.String).is_in(CLAY).fill_null(False)
    within = pl.col("nl_soil_balance").is_between(*KLW_CLASS, closed="left").cast(pl.Float64)
    found = ratio(world.of_year.filter(dairy() & on_clay & known), within, pl.lit(1.0))
    return Measure(None if found is None else 100 * found)


FUNCTIONS: dict[str, Function] = {
    "sand_dairy_farm_surplus": sand_dairy_mean("nl_farm_surplus_nitrogen"),
    "sand_dairy_soil_surplus": sand_dairy_mean("nl_farm_soil_surplus_nitrogen"),
    "sand_dairy_ammonia": sand_dairy_mean("nl_gaseous_losses"),
    "dairy_n_use_efficiency": use_efficiency(
        "nl_farm_removal_nitrogen", "nl_farm_flow_supply_nitrogen", "n_manure_out"
    ),
    "dairy_p2o5_use_efficiency": use_efficiency(
        "nl_farm_removal_phosphate", "nl_farm_supply_phosphate", "p2o5_manure_out"
    ),
    "n_excretion_total": total(pl.col("nl_nitrogen_excretion") + pl.col("nl_housing_storage_loss")),
    "p2o5_excretion_total": total("nl_phosphate_excretion"),
    "uaa_per_dairy_farm": per_dairy_farm("utilised_area_ha"),
    "maize_per_dairy_farm": maize_per_dairy_farm,
    "grass_and_fodder_per_dairy_farm": per_dairy_farm("roughage_area_ha"),
    "share_grassland": share_grassland,
    "dairy_farms_grazing": dairy_farms_grazing,
    "year_swing": year_swing,
    "shares_meeting_maximum": shares_meeting_maximum,
    "clay_in_class": clay_in_class,
}
