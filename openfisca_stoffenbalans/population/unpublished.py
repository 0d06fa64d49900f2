"""What no published statistic says of the farms of a country, and what a population makes of it by its assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.population.facts import Facts

# Bounds of the classes of livestock units per hectare that agricultural censuses use.
DENSITIES = (0.5, 1.0, 1.5, 2.0, 2.5)
LEGUMES = "de_t6_"

Row = tuple[str, float | None, str, str]
COLUMNS = {"words": pl.String, "value": pl.Float64, "unit": pl.String, "assumptions": pl.String}
# Assumptions that bear most on a figure.
DENSITY = "densest, densest_outright, herd_size_sd, herd_size_area_exponent, herd_least, herd_most, livestock_class"
PLANTS = "biogas_plants, biogas_class"
LEGUME_CROPS = "crop_grown, crop_share, crop_organic, crop_share_sd"
TAKERS = (
    "keeps_up_to, gives_freely, takes, takes_type, takes_area_exponent, takes_stretch, leaves_country, leaves_region"
)
DIGESTATE = "biogas_plants, biogas_substrate, digestate_range, takes, takes_type"
GERMAN_SURPLUS = "n_need, n_noise_sd, credit, yields, yield_farm_sd, yield_shock_sd, compound_feed, densest"
DUTCH_TYPES = "dairy_share_of_grazing_specialists, other_farms_by_province, other_farm_types"
DUTCH_TAKERS = "accepts_manure, manure_use, own_use_of_room, exported_share"
DUTCH_SURPLUS = "n_need, fertiliser, yield_law, dm_yield, n_in_dm, density_spread, housing_loss_share, yield_shock_sd"


@dataclass(frozen=True)
class Farms:
    """The farms of one year with their sums and weights, and their crops."""

    rows: pl.DataFrame
    crops: pl.DataFrame

    def number(self, condition: pl.Expr) -> float:
        """Farms of the country that meet a condition."""
        return float(self.rows.filter(condition)["weight"].sum())

    def hectares(self, condition: pl.Expr) -> float:
        """Hectares of crops that meet a condition."""
        weighted = self.crops.filter(condition).join(self.rows.select("farm_id", "year_start", "weight"), on=KEYS)
        return float((weighted["area_ha"] * weighted["weight"]).sum())


def unpublished(looked_at: Facts, country: str, year: int) -> pl.DataFrame:
    """Figures of the population that no source gives: words, value (null where the data do not say), unit, and the
    names of the assumptions that bear on it most.
    """
    of_year = pl.col("year_start").dt.year() == year
    farms = Farms(looked_at.years.filter(of_year), looked_at.crops.filter(of_year))
    rows = list(german(farms) if country == "DE" else dutch(farms))
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def german(farms: Farms) -> Iterator[Row]:
    """Farms by livestock units per hectare, biogas, legumes, manure taken in, spread of the surplus."""
    units, land = pl.col("livestock_units"), pl.col("utilised_area_ha")
    keeps = units > 0
    yield "farms without animals", farms.number(~keeps), "farms", "livestock_class, livestock_special"
    yield "farms with animals and without land", farms.number(keeps & (land == 0)), "farms", "class_least_area"
    low = 0.0
    for high in (*DENSITIES, None):
        density = units / land
        within = (density > low) if high is None else density.is_between(low, high, closed="right")
        words = f"above {low:g}" if high is None else f"above {low:g}, at most {high:g}"
        yield f"farms with {words} livestock units per ha", farms.number(keeps & (land > 0) & within), "farms", DENSITY
        low = high or low
    yield "farms with a biogas plant", farms.number(pl.col("has_biogas_plant")), "farms", PLANTS
    linked = pl.col("linked_to_livestock_farm")
    yield (
        "farms with a biogas plant that is linked to a farm in scope",
        farms.number(linked),
        "farms",
        "substrate_linked",
    )
    yield (
        "area of legumes (crops of annex 1 table 6)",
        farms.hectares(pl.col("crop_text").str.starts_with(LEGUMES)),
        "ha",
        LEGUME_CROPS,
    )
    yield "farms that take in manure of animals", farms.number(pl.col("n_manure_in") > 0), "farms", TAKERS
    yield (
        "farms that take in other organic fertiliser, digestate with it",
        farms.number(pl.col("n_organic_in") > 0),
        "farms",
        DIGESTATE,
    )
    yield (
        "farms whose balance year begins in July",
        farms.number(pl.col("year_start").dt.month() > 1),
        "farms",
        "july_farms, july_kind",
    )
    yield from quantiles(farms.rows, pl.col("nitrogen_balance") / land, "nitrogen surplus", GERMAN_SURPLUS)


def dutch(farms: Farms) -> Iterator[Row]:
    """Farm types, derogation, manure taken in, spread of the surplus of dairy farms."""
    for name in farms.rows["farm_type"].cast(pl.String).unique().drop_nulls().sort():
        yield (
            f"farms of the type {name.replace('_', ' ')}",
            farms.number(pl.col("farm_type") == name),
            "farms",
            DUTCH_TYPES,
        )
    yield "farms with a derogation", farms.number(pl.col("derogation")), "farms", "derogation_aim, derogation"
    yield "farms that take in manure of animals", farms.number(pl.col("n_manure_in") > 0), "farms", DUTCH_TAKERS
    dairy = farms.rows.filter(pl.col("farm_type") == "dairy")
    surplus = pl.col("nl_farm_surplus_nitrogen") / pl.col("utilised_area_ha")
    yield from quantiles(dairy, surplus, "nitrogen surplus of dairy farms, farm balance", DUTCH_SURPLUS)
    yield from quantiles(dairy, pl.col("nl_soil_balance"), "nitrogen surplus of the soil of dairy farms", DUTCH_SURPLUS)


def quantiles(rows: pl.DataFrame, value: pl.Expr, words: str, assumptions: str) -> Iterator[Row]:
    """Weighted quantiles: the least value that so many per cent of the farms do not exceed."""
    known = rows.select(value.alias("value"), "weight").filter(pl.col("value").is_finite()).sort("value")
    reached = pl.col("weight").cum_sum() / pl.col("weight").sum()
    for per_cent in (10, 25, 50, 75, 90):
        there = known.filter(reached >= per_cent / 100)
        yield f"{words}: {per_cent} % quantile", there["value"][0] if there.height else None, "kg N/ha", assumptions
