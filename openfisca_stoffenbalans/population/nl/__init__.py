"""Dutch farms from public statistics, in steps: structure, land, animals, production, purchases, manure, years."""

from __future__ import annotations

from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.lines import Lines, keys
from openfisca_stoffenbalans.population.nl import (
    animals,
    land_use,
    manure,
    production,
    purchases,
    structure,
    year_effects,
)
from openfisca_stoffenbalans.population.nl.structure import SOILS, TYPES, Farms, normal
from openfisca_stoffenbalans.population.plan import Plan

__all__ = ["frame", "lines"]


def frame(plan: Plan) -> Farms:
    """All that is decided for the whole population, one row per farm: the country's, of which `plan.farms` are drawn.

    Arrays of one row per farm, some with fields or herds as columns. Random numbers: `plan.random` of each step.
    """
    farms = structure.farms(plan)
    farms |= land_use.land(plan, farms)
    farms |= animals.herds(plan, farms)
    farms |= manure.market(plan, farms)
    farms |= rights(plan, farms)
    return structure.sample(plan, farms)


def rights(plan: Plan, farms: Farms) -> Farms:
    """Phosphate rights of dairy farms: what their cattle excrete, a little more for most; none for the others."""
    law = plan.assume["phosphate_rights"]
    share = 1 + law["room"] + law["spread"] * normal(plan, plan.random("rights"), len(farms["kind"]))
    dairy = farms["kind"] == animals.KINDS.index("dairy")
    excreted = (farms["count"] * farms["p_per_animal"]).sum(axis=1)
    return {"rights": numpy.where(dairy, (excreted * share).round(), numpy.nan)}


def lines(plan: Plan, farms: Farms, block: int) -> dict[str, pl.DataFrame]:
    """The contract's tables of some farms in three years, farm by farm and year by year; `farms` without weight.

    `farms`: a slice of `frame`; random numbers come from `plan.random` of this block only.
    """
    code = land_use.rotated(farms["code"], len(plan.years))
    state: Farms = {"code": code, "year_factor": year_effects.factors(plan, farms, block)}
    state |= production.herd_years(plan, farms, block)
    contents = {
        "own": manure.own_contents(plan, farms, state, block),
        "received": manure.received_contents(plan, farms),
    }
    state |= manure.years(plan, farms, state, code, block)
    state |= purchases.fertiliser(plan, farms, state, contents, block)
    state |= production.harvest(plan, farms, state, block)
    state |= purchases.feed(plan, farms, state)
    tables = {name: Lines(name) for name in ("flows", "herds", "stocks", "fields", "crops", "applications")}
    purchases.fertiliser_rows(plan, farms, state, tables)
    purchases.feed_rows(plan, farms, state, tables)
    production.animal_rows(plan, farms, state, tables)
    production.sale_rows(plan, farms, state, tables["flows"])
    production.crop_rows(plan, farms, state, tables["crops"])
    manure.rows(plan, farms, state, contents, tables)
    field_rows(plan, farms, tables["fields"])
    ids = pl.Series("farm_id", [f"NL{number:07}" for number in farms["number"]])
    of_farms = keys(ids, plan.years, numpy.ones(len(ids), dtype=numpy.int64))
    return {"farms": farm_rows(plan, farms, state, of_farms)} | {
        name: table.frame(of_farms) for name, table in tables.items()
    }


def field_rows(plan: Plan, farms: Farms, table: Lines) -> None:
    """Fields: their area, groundwater class and whether they are a buffer strip."""
    classes = numpy.array(land_use.groundwater_classes(), dtype=object)
    sandy = numpy.isin(farms["soil"], [SOILS.index(one) for one in (*structure.SAND, "loess")])
    shape = len(farms["number"]), len(plan.years)
    for place, field in enumerate(land_use.FIELDS):
        table.add(
            numpy.broadcast_to((farms["area"][:, place] > 0)[:, None], shape),
            field_id=field,
            area_ha=farms["area"][:, place],
            groundwater_class=classes[farms["groundwater"][:, place]],
            buffer_strip=field == "strip",
            leaching_sensitive=sandy,
        )


def farm_rows(plan: Plan, farms: Farms, state: Farms, of_farms: pl.DataFrame) -> pl.DataFrame:
    """The table `farms`, with `organic`, `p_status` and `start_weight` as extra columns."""
    years = len(plan.years)
    dairy = farms["kind"] == animals.KINDS.index("dairy")

    def each(values: NDArray[Any]) -> NDArray[Any]:
        return numpy.repeat(values, years)

    def of_dairy(values: NDArray[Any]) -> pl.Series:
        return pl.Series(each(numpy.where(dairy, values, numpy.nan)).round(2)).fill_nan(None)

    columns: dict[str, Any] = {
        "country": pl.Series(["NL"]).new_from_index(0, of_farms.height),
        "farm_type": pl.Series(list(TYPES)).gather(each(farms["type"])),
        "region": pl.Series(list(each(farms["region"]))),
        "utilised_area_ha": each(farms["uaa"]),
        "soil_type": pl.Series(list(SOILS)).gather(each(farms["soil"])),
        "deposition_n_kg_per_ha": each(farms["deposition"]),
        "milk_kg": pl.Series(numpy.where(dairy[:, None], state["milk"], numpy.nan).ravel().round(0)).fill_nan(None),
        "milk_fat_pct": of_dairy(farms["fat"]),
        "milk_protein_pct": of_dairy(farms["protein"]),
        "milk_urea_mg_per_100g": of_dairy(farms["urea"]),
        "derogation": each(farms["derogation"]),
    }
    for zone in ("natura_2000_zone", "derogation_free_zone", "groundwater_protection_zone", "nutrient_polluted_zone"):
        columns[zone] = each(farms[zone])
    loss = numpy.where(state["n_gross"] > 0, state["n_loss"], numpy.nan).ravel().round(2)
    columns |= {
        "phosphate_rights_kg": pl.Series(each(farms["rights"])).fill_nan(None),
        "housing_storage_n_loss_kg": pl.Series(loss).fill_nan(None),
        "organic": each(farms["organic"]),
        "p_status": pl.Series(list(each(farms["p_status"]))),
        "start_weight": each(farms["start_weight"]),
    }
    return of_farms.hstack([pl.Series(name, values) for name, values in columns.items()])
