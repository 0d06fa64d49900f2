"""The statistics that margins are given in, computed from the contract's tables of one balance year.

A statistic is a number per farm, whose weighted sum is the margin, or the ratio of two such sums (cows per farm).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.tallies import Tallies, crop_groups

Numbers = NDArray[numpy.float64]

TOTAL, REGION, SIZE_CLASS = "total", "region", "size_class"
SIZE = re.compile(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?)|\+)")
GRAZING_TYPES = ("dairy", "grazing_livestock")
EXCRETION_OF = {
    "cattle": "cattle", "dairy": "dairy cattle", "pigs": "pigs", "poultry": "poultry", "other": "other animals",
}  # fmt: skip


class MeasureError(ValueError):
    """A statistic that can't be computed from these tables: the message says which, for how many farms and why."""


@dataclass(frozen=True)
class Statistic:
    """A statistic: `count` gives its number per row of farms; `per` names the statistic that a ratio divides by."""

    name: str
    unit: str
    words: str
    count: Callable[[Tallies], Numbers]
    per: str = ""


def _flag(values: Any) -> Numbers:
    return numpy.asarray(values, dtype=float)


def _some(count: Callable[[Tallies], Numbers]) -> Callable[[Tallies], Numbers]:
    """1 where an amount is above 0; NaN stays NaN."""

    def is_there(of: Tallies) -> Numbers:
        amount = count(of)
        return numpy.where(numpy.isnan(amount), numpy.nan, _flag(amount > 0))

    return is_there


def _ones(of: Tallies) -> Numbers:
    return numpy.ones(of.farms.height)


def _organic(of: Tallies) -> Numbers:
    cells = of.column("organic")
    if cells.dtype == pl.String:
        cells = cells.str.to_lowercase().replace_strict({"true": True, "false": False}, default=None)
    return cells.cast(pl.Float64).fill_null(numpy.nan).to_numpy()


def _area(of: Tallies) -> Numbers:
    return of.numbers("utilised_area_ha")


def _organic_area(of: Tallies) -> Numbers:
    return _organic(of) * _area(of)


def _milk(of: Tallies) -> Numbers:
    """Milk of farms with dairy cows; a farm without any delivers none."""
    return numpy.where(of.animals("cows") > 0, of.numbers("milk_kg"), 0)


def _grazing(of: Tallies) -> Numbers:
    return _flag(of.column("farm_type").cast(pl.String).is_in(GRAZING_TYPES).fill_null(False).to_numpy())


def _livestock(of: Tallies) -> Numbers:
    return of.animals()


def _species(species: str) -> Callable[[Tallies], Numbers]:
    return lambda of: of.animals(species)


def _use(*uses: str) -> Callable[[Tallies], Numbers]:
    return lambda of: of.area("use", *uses)


def _group(*groups: str) -> Callable[[Tallies], Numbers]:
    return lambda of: of.area("group", *groups)


def _excretion(nutrient: str, species: str | None) -> Callable[[Tallies], Numbers]:
    return lambda of: of.excretion(nutrient, species)


def _land() -> list[Statistic]:
    """Areas by use and by group of Dutch crops."""
    grass, fodder = _use("grass"), _use("fodder")
    open_air, glass = _use("horticulture_open"), _use("horticulture_glass")
    single = [
        Statistic(f"{name}_area", "ha", f"area of {group['words']}", _group(name))
        for name, group in crop_groups().items()
        if group["use"] != "none" and name != "glass"
    ]
    return [
        Statistic("arable_area", "ha", "area of arable crops", _use("arable")),
        Statistic("farms_with_arable", "farms", "farms with arable crops", _some(_use("arable"))),
        Statistic("horticulture_open_area", "ha", "area of horticulture in the open", open_air),
        Statistic("farms_with_horticulture_open", "farms", "farms with horticulture in the open", _some(open_air)),
        Statistic("horticulture_glass_area", "ha", "area under glass", glass),
        Statistic("farms_with_glass", "farms", "farms with an area under glass", _some(glass)),
        Statistic("grassland_area", "ha", "area of grassland, natural grassland with it", grass),
        Statistic("fodder_area", "ha", "area of fodder crops, silage maize with it", fodder),
        Statistic("grass_and_fodder_area", "ha", "area of grassland and fodder crops", _use("grass", "fodder")),
        Statistic(
            "farms_with_grass_or_fodder", "farms", "farms with grass or fodder crops", _some(_use("grass", "fodder"))
        ),
        Statistic(
            "farms_with_natural_grassland", "farms", "farms with natural grassland", _some(_group("natural_grassland"))
        ),
        *single,
    ]  # fmt: skip


def _livestock_statistics() -> list[Statistic]:
    cows = _species("cows")
    amounts = {"n": "kg N", "p2o5": "kg P2O5"}
    of_species = [
        Statistic(f"{nutrient}_excretion_{species}", unit, f"{unit} excreted by {words}", _excretion(nutrient, species))
        for nutrient, unit in amounts.items()
        for species, words in EXCRETION_OF.items()
    ]
    return [
        Statistic("farms_with_livestock", "farms", "farms that keep animals", _some(_livestock)),
        Statistic("livestock_units", "livestock units", "livestock units (GV)", Tallies.livestock_units),
        Statistic("cattle", "head", "cattle", _species("cattle")),
        Statistic("cattle_farms", "farms", "farms with cattle", _some(_species("cattle"))),
        Statistic("dairy_cows", "head", "dairy cows", cows),
        Statistic("dairy_farms", "farms", "farms with dairy cows", _some(cows)),
        Statistic("dairy_cows_per_farm", "head/farm", "dairy cows per farm with dairy cows", cows, "dairy_farms"),
        Statistic("milk", "kg", "milk delivered", _milk),
        Statistic("milk_per_cow", "kg per cow", "milk per dairy cow", _milk, "dairy_cows"),
        Statistic("pigs", "head", "pigs with piglets", _species("pigs")),
        Statistic("pig_farms", "farms", "farms with pigs", _some(_species("pigs"))),
        Statistic("grazing_livestock_farms", "farms", "farms of the types dairy and grazing livestock", _grazing),
        *of_species,
        *(
            Statistic(
                f"{nutrient}_excretion_total", unit, f"{unit} excreted by all animals", _excretion(nutrient, None)
            )
            for nutrient, unit in amounts.items()
        ),
    ]


def _all() -> list[Statistic]:
    return [
        Statistic("farms_total", "farms", "farms", _ones),
        Statistic("uaa_total", "ha", "utilised agricultural area", _area),
        Statistic("uaa_per_farm", "ha/farm", "utilised agricultural area per farm", _area, "farms_total"),
        Statistic("farms_with_uaa", "farms", "farms with agricultural area", _some(_area)),
        Statistic("farms_organic", "farms", "organic farms (column organic)", _organic),
        Statistic("uaa_organic", "ha", "agricultural area of organic farms (column organic)", _organic_area),
        *_livestock_statistics(),
        *_land(),
        Statistic("liquid_manure_applied", "m3", "liquid manure and digestate spread", lambda of: of.applied("slurry")),
        Statistic("solid_manure_applied", "t", "solid manure spread", lambda of: of.applied("solid")),
        Statistic("farms_applying_liquid_manure", "farms", "farms that spread liquid manure",
                  lambda of: of.applies("slurry")),
    ]  # fmt: skip


STATISTICS: dict[str, Statistic] = {one.name: one for one in _all()}


def measure(tables: Mapping[str, pl.DataFrame], statistic: str, assume: Mapping[str, Any] | None = None) -> Numbers:
    """A statistic's number for each row of tables["farms"]; of a ratio the number above the line.

    `tables`: those of one balance year; `assume`: name -> value of the assumptions. NaN where the data do not say.
    """
    return STATISTICS[statistic].count(Tallies(tables, assume))


def belongs(farms: pl.DataFrame, breakdown: str, category: str) -> NDArray[numpy.bool_]:
    """Whether each row of farms is in a category.

    total: all; region: the NUTS code begins with the category; size_class: ha from the first number of `5-20` or
    `1000+` and below the second; else a column of farms that holds the category.
    """
    if breakdown == TOTAL:
        return numpy.ones(farms.height, bool)
    if breakdown == SIZE_CLASS:
        low, high = size_bounds(category)
        area = farms["utilised_area_ha"].cast(pl.Float64).fill_null(numpy.nan).to_numpy()
        return (area >= low) & (area < high)
    if breakdown not in farms.columns:
        return numpy.zeros(farms.height, bool)
    cells = farms[breakdown].cast(pl.String)
    found = cells.str.starts_with(category) if breakdown == REGION else cells == category
    return found.fill_null(False).to_numpy()


def size_bounds(category: str) -> tuple[float, float]:
    """The bounds of a size class in ha; ValueError for a text that is none."""
    found = SIZE.fullmatch(category)
    if not found:
        raise ValueError(f"{category} is no size class")
    low, high = float(found[1]), float(found[2]) if found[2] else numpy.inf
    if high <= low:
        raise ValueError(f"{category} is no size class")
    return low, high


def is_ratio(targets: pl.DataFrame) -> NDArray[numpy.bool_]:
    """Whether each target is a ratio of two sums."""
    return numpy.array([bool(STATISTICS[name].per) for name in targets["statistic"]], bool)


def design(
    tables: Mapping[str, pl.DataFrame], targets: pl.DataFrame, assume: Mapping[str, Any] | None = None
) -> Numbers:  # fmt: skip
    """What each row of tables["farms"] adds to each target: an array of shape (farms, targets + ratios).

    A column per target, in their order, then for each target that is a ratio, in their order, what it is divided by.
    Designs of several parts of a population are joined along the first axis. Raises MeasureError for a farm whose
    number is missing.
    """
    of = Tallies(tables, assume)
    counted: dict[str, Numbers] = {}
    places: dict[tuple[str, str], NDArray[numpy.bool_]] = {}
    ratios = numpy.flatnonzero(is_ratio(targets))
    wanted = [(row, STATISTICS[name].name) for row, name in enumerate(targets["statistic"])]
    wanted += [(int(row), STATISTICS[targets["statistic"][int(row)]].per) for row in ratios]
    made = numpy.zeros((of.farms.height, len(wanted)))
    for column, (row, name) in enumerate(wanted):
        key = targets["breakdown"][row], targets["category"][row]
        if key not in places:
            places[key] = belongs(of.farms, *key)
        if name not in counted:
            counted[name] = _whole(of, name)
        made[:, column] = numpy.where(places[key], counted[name], 0)
    return made


def _whole(of: Tallies, name: str) -> Numbers:
    values = STATISTICS[name].count(of)
    missing = numpy.flatnonzero(numpy.isnan(values))
    if len(missing):
        first = of.farms["farm_id"][int(missing[0])]
        farms = "1 farm" if len(missing) == 1 else f"{len(missing)} farms"
        raise MeasureError(f"{name} is missing for {farms}, first for {first}: {STATISTICS[name].words}")
    return values
