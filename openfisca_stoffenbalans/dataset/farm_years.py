"""What holds between the tables: every row belongs to a farm-year, and a farm's tables go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.codes import ANIMALS, PRODUCTS
from openfisca_stoffenbalans.dataset.checked import Checked
from openfisca_stoffenbalans.dataset.rules import PLAUSIBILITY, by_code
from openfisca_stoffenbalans.dataset.schema import KEYS, cell_text, parameter, unit_mass_kg

# Areas are compared after rounding to 0.001, as every limit of the engine is.
ROUNDING = 0.0005


@dataclass(frozen=True)
class Runs:
    """The farm-year of each row, kept per run of rows with the same keys.

    `first`: position of each run's first row; `farm`: row of `farms`, -1 for a farm-year that `farms` lacks.
    """

    first: NDArray[numpy.int64]
    farm: NDArray[numpy.int64]

    def farms_of(self, rows: NDArray[numpy.int64]) -> NDArray[numpy.int64]:
        """Row of `farms` for each of these row positions."""
        return self.farm[numpy.searchsorted(self.first, rows, side="right") - 1]

    def all_farms(self, rows: int) -> NDArray[numpy.int64]:
        """Row of `farms` for every row of the table."""
        return numpy.repeat(self.farm, numpy.diff(self.first, append=rows))


def _runs(table: pl.DataFrame, farms: pl.DataFrame) -> Runs:
    # Rows of a farm-year mostly stand together: looking up a row per run is many times faster than all of them.
    change = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in KEYS)
    starts = table.select(change | (pl.int_range(pl.len()) == 0)).to_series()
    runs = table.select(KEYS).filter(starts)
    # Tables mostly keep the order of `farms`: comparing in order is three times faster than a join.
    there = farms.select(_hash().is_in(runs.select(_hash()).to_series().implode())).to_series()
    farm = farms.filter(there)
    if not farm.select(KEYS).equals(runs):
        farm = runs.join(farms, on=KEYS, how="left", maintain_order="left")
    return Runs(starts.arg_true().cast(pl.Int64).to_numpy(), farm["farm"].fill_null(-1).to_numpy())


def _hash() -> pl.Expr:
    return pl.col("farm_id").hash() ^ pl.col("year_start").hash()


def farm_rows(table: pl.DataFrame, farms: pl.DataFrame) -> NDArray[numpy.int64]:
    """The row of `farms` that each row of a table belongs to, -1 for a farm-year that `farms` lacks."""
    if not table.height:
        return numpy.empty(0, dtype=numpy.int64)
    numbered = farms.select(KEYS).with_columns(farm=pl.int_range(pl.len(), dtype=pl.Int64))
    return _runs(table, numbered).all_farms(table.height)


def check_farm_years(checked: dict[str, Checked]) -> None:
    """Note rows whose farm-year `farms` lacks or has twice, and what is unusual about a farm as a whole."""
    farms = checked["farms"].typed.select(KEYS).with_columns(farm=pl.int_range(pl.len(), dtype=pl.Int64))
    # A farm whose year start can't be read has one error, not one for each of its rows.
    unread = farms.filter(pl.col("year_start").is_null())["farm_id"]
    # Different hashes mean different keys; only equal ones are worth the slower look.
    if farms.select(_hash().n_unique()).item() < farms.height:
        again = farms.select(~pl.struct(KEYS).is_first_distinct() & pl.all_horizontal(pl.col(KEYS).is_not_null()))
        checked["farms"].note(again.to_series().arg_true(), "year_start", "each farm_id and year_start once")
        farms = farms.unique(KEYS, keep="first", maintain_order=True)
    _note_two_starts(checked["farms"])
    runs = {}
    for name, table in checked.items():
        if name == "farms" or table.absent.intersection(KEYS) or not table.typed.height:
            continue
        runs[name] = _runs(table.typed, farms)
        table.farms = runs[name].all_farms(table.typed.height)
        if (runs[name].farm < 0).any():
            lost = pl.Series(runs[name].farms_of(numpy.arange(table.typed.height)) < 0)
            keys = table.typed.select(
                pl.all_horizontal(pl.col(KEYS).is_not_null()) & ~pl.col("farm_id").is_in(unread.implode())
            )
            table.note((lost & keys.to_series()).arg_true(), "year_start", "a farm_id and year_start that farms has")
    _note_crop_area(checked, runs)
    _note_milk(checked, runs)


def _note_two_starts(farms: Checked) -> None:
    months = farms.typed.select("farm_id", month=pl.col("year_start").dt.month()).with_row_index()
    if months["month"].n_unique() < 2:
        return
    other = months.drop_nulls().filter(pl.col("month") != pl.col("month").first().over("farm_id"))
    index = other.unique("farm_id", keep="first", maintain_order=True)["index"]
    farms.note(index, "year_start", "usually one day of the year on which a farm's balance years start", "notice")


def _sums(runs: Runs, rows: pl.Series, values: pl.Series, farms: int) -> NDArray[numpy.float64]:
    """Sum per row of `farms` of values at row positions; missing ones count as 0, unknown farm-years not."""
    farm = runs.farms_of(rows.cast(pl.Int64).to_numpy())
    known = farm >= 0
    sums: NDArray[numpy.float64] = numpy.bincount(
        farm[known], values.fill_null(0).to_numpy()[known], minlength=farms
    ).astype(numpy.float64)
    return sums


def _note_crop_area(checked: dict[str, Checked], runs: dict[str, Runs]) -> None:
    if "crops" not in runs:
        return
    crops, farms = checked["crops"], checked["farms"].typed
    rows = pl.int_range(crops.typed.height, eager=True)
    areas = pl.Series(_sums(runs["crops"], rows, crops.typed["area_ha"], farms.height))
    larger = areas.round(3) > farms["utilised_area_ha"] + ROUNDING
    index = larger.fill_null(False).arg_true()
    found = farms["utilised_area_ha"].gather(index)
    allowed = pl.select(pl.format("at least the area of its crops, {} ha", pl.lit(areas.gather(index).round(3))))
    checked["farms"].note(index, "utilised_area_ha", allowed.to_series(), "notice", cell_text(found))


def _note_milk(checked: dict[str, Checked], runs: dict[str, Runs]) -> None:
    if "flows" not in runs or "herds" not in runs:
        return
    flows, herds, farms = checked["flows"].typed, checked["herds"].typed, checked["farms"].typed.height
    milk, cow = (tuple(parameter(PLAUSIBILITY, name)) for name in ("cow_milk_products", "dairy_cows"))
    least, most = (parameter(PLAUSIBILITY, f"milk_per_cow_{end}") for end in ("least", "most"))
    mass = by_code("unit", "flows", {unit: kg / unit_mass_kg()["t"] for unit, kg in unit_mass_kg().items()}, 0.0)
    is_milk = by_code("product", "flows", {code: code.startswith(milk) for code in PRODUCTS}, False)
    sold = flows.select(rows=(is_milk & (pl.col("direction") == "removal")).arg_true()).to_series()
    cows = herds.select(
        rows=by_code("animal", "herds", {code: code.startswith(cow) for code in ANIMALS}, False).arg_true()
    ).to_series()
    amount = flows[sold].select(pl.col("amount") * mass).to_series()
    per_cow = _sums(runs["flows"], sold, amount, farms)
    count = _sums(runs["herds"], cows, herds["count"].gather(cows), farms)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        per_cow = per_cow / count
    unusual = (per_cow > 0) & (count > 0) & ((per_cow < least) | (per_cow > most))
    farm = runs["flows"].farms_of(sold.cast(pl.Int64).to_numpy())
    # One notice per farm-year, at its first sale of milk.
    _, first = numpy.unique(farm, return_index=True)
    place = numpy.sort(first[(farm[first] >= 0) & unusual[farm[first]]])
    tonnes = pl.Series(per_cow[farm[place]]).round(1)
    found = pl.select(pl.format("{} t of milk per dairy cow", pl.lit(tonnes))).to_series()
    allowed = f"usually {least:g} to {most:g} t of milk per dairy cow and year"
    checked["flows"].note(sold.gather(place), "amount", allowed, "notice", found)
