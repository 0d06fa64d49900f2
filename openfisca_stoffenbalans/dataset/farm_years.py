"""What holds between the tables: every row belongs to a farm-year, and a farm's tables go together."""

from __future__ import annotations

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.codes import ANIMALS, PRODUCTS
from openfisca_stoffenbalans.dataset.checked import Checked
from openfisca_stoffenbalans.dataset.rules import PLAUSIBILITY, by_code
from openfisca_stoffenbalans.dataset.runs import KEYS, Runs, find_runs, key_hash
from openfisca_stoffenbalans.dataset.schema import cell_text, parameter, unit_mass_kg

# Areas are compared after rounding to 0.001, as every limit of the engine is.
ROUNDING = 0.0005


def check_farm_years(checked: dict[str, Checked]) -> None:
    """Note rows whose farm-year `farms` lacks or has twice, and what is unusual about a farm as a whole."""
    farms = checked["farms"].typed.select(KEYS).with_columns(farm=pl.int_range(pl.len(), dtype=pl.Int64))
    # A farm whose year start can't be read has one error, not one for each of its rows.
    unread = farms.filter(pl.col("year_start").is_null())["farm_id"]
    # Different hashes mean different keys; only equal ones are worth the slower look.
    if farms.select(key_hash().n_unique()).item() < farms.height:
        again = farms.select(~pl.struct(KEYS).is_first_distinct() & pl.all_horizontal(pl.col(KEYS).is_not_null()))
        checked["farms"].note(again.to_series().arg_true(), "year_start", "each farm_id and year_start once")
        farms = farms.unique(KEYS, keep="first", maintain_order=True)
    _note_two_starts(checked["farms"])
    runs = {}
    for name, table in checked.items():
        if not farms.height or name == "farms" or table.absent.intersection(KEYS) or not table.typed.height:
            continue
        runs[name] = table.runs = find_runs(table.typed, farms)
        if (runs[name].farm < 0).any():
            lost = pl.Series(runs[name].farms_of(numpy.arange(table.typed.height)) < 0)
            keys = table.typed.select(
                pl.all_horizontal(pl.col(KEYS).is_not_null()) & ~pl.col("farm_id").is_in(unread.implode())
            )
            table.note((lost & keys.to_series()).arg_true(), "year_start", "a farm_id and year_start that farms has")
    _check_fields(checked)
    if "crops" in checked and not checked["crops"].absent.intersection(KEYS):
        _note_cuts(checked["crops"])
    _note_area(checked, runs, "crops", _on_the_farmyard(checked["crops"].typed) if "crops" in runs else None)
    _note_area(checked, runs, "fields")
    _note_milk(checked, runs)


def _check_fields(checked: dict[str, Checked]) -> None:
    """Note a field that stands twice in a year, and rows that name a field which `fields` lacks."""
    keys = [*KEYS, "field_id"]
    fields = checked["fields"].typed.select(keys) if "fields" in checked else pl.DataFrame(schema=dict.fromkeys(keys))
    if fields.height:
        again = fields.select(~pl.struct(keys).is_first_distinct() & pl.all_horizontal(pl.col(keys).is_not_null()))
        checked["fields"].note(again.to_series().arg_true(), "field_id", "each field_id once per farm and balance year")
    for name in ("crops", "applications"):
        if name not in checked or checked[name].absent.intersection(keys):
            continue
        rows = checked[name].typed.select(keys).with_row_index()
        named = rows.filter(pl.all_horizontal(pl.col(keys).is_not_null()))
        lost = named.join(fields, on=keys, how="anti", maintain_order="left") if fields.height else named
        if lost.height:
            checked[name].note(lost["index"], "field_id", "a field_id that fields has for this farm and balance year")
        if name == "crops" and fields.height and "area_ha" not in checked["fields"].absent:
            _note_larger_crops(checked[name], checked["fields"].typed, keys)


def _on_the_farmyard(crops: pl.DataFrame) -> pl.Series:
    """Which rows stand for a crop without a field: a further cut is the same crop again."""
    return crops.select(pl.col("field_id").is_null() & ~(pl.col("cut") > 1).fill_null(False)).to_series()


def _note_larger_crops(crops: Checked, fields: pl.DataFrame, keys: list[str]) -> None:
    """Note a crop that is larger than its field."""
    named = crops.typed.select(*keys, "area_ha").with_row_index().filter(pl.col("field_id").is_not_null())
    its = fields.select(*keys, field_area="area_ha").unique(keys, keep="first", maintain_order=True)
    larger = named.join(its, on=keys, how="inner", maintain_order="left").filter(
        pl.col("area_ha").round(3) > pl.col("field_area") + ROUNDING
    )
    if larger.height:
        allowed = larger.select(pl.format("usually at most the area of its field, {} ha", pl.col("field_area")))
        crops.note(larger["index"], "area_ha", allowed.to_series(), "notice")


def _note_cuts(crops: Checked) -> None:
    """Note rows that a field, crop, first day and cut have in common: each counts as a crop of its own."""
    keys = [*KEYS, "field_id", "crop", "sown", "cut"]
    cuts = crops.typed.select(*keys[:-1], pl.col("cut").fill_null(1))
    if cuts["field_id"].null_count() != cuts.height:
        again = cuts.select(~pl.struct(keys).is_first_distinct() & pl.col("field_id").is_not_null()).to_series()
        allowed = "usually 1, 2, … for the cuts of a crop on a field; each row of cut 1 counts as a crop of its own"
        crops.note(again.arg_true(), "cut", allowed, "notice")


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


def _note_area(checked: dict[str, Checked], runs: dict[str, Runs], table: str, counts: pl.Series | None = None) -> None:
    """Note a farm that is smaller than its crops (those that `counts` names) or its fields."""
    if table not in runs:
        return
    rows, farms = checked[table].typed["area_ha"].fill_null(0), checked["farms"].typed
    area = (rows if counts is None else rows * counts).to_numpy()
    known = runs[table].farm >= 0
    by_run = numpy.add.reduceat(area, runs[table].first)[known]
    areas = pl.Series(numpy.bincount(runs[table].farm[known], by_run, minlength=farms.height))
    larger = areas.round(3) > farms["utilised_area_ha"] + ROUNDING
    index = larger.fill_null(False).arg_true()
    found = farms["utilised_area_ha"].gather(index)
    allowed = pl.select(pl.format(f"at least the area of its {table}, {{}} ha", pl.lit(areas.gather(index).round(3))))
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
