"""What the tables of one balance year say of each farm, added up line by line: the ground on which statistics stand."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.codes import ANIMALS
from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.dataset.schema import TABLES
from openfisca_stoffenbalans.population.assumptions import assumptions
from openfisca_stoffenbalans.tables import load_yaml, tables

Numbers = NDArray[numpy.float64]
Bools = NDArray[numpy.bool_]

CROPS = Path(__file__).with_name("nl_crops.yaml")

EXCRETION = "de.duev.annex_1_excretion.table_1"
CATEGORIES = "de.duev.herd_categories"
KEY = "de.duev.annex_9_storage.table_2"
GERMAN_SPECIES = {"rinder": "cattle", "schweine": "pigs", "gefluegel": "poultry"}

# Hundreds of the Dutch animal numbers; the rest are sheep, goats, horses, rabbits and others. 8 are ducks.
DUTCH_SPECIES = {1: "cattle", 2: "poultry", 3: "poultry", 4: "pigs", 8: "poultry"}
DUTCH_NUMBERS = range(100, 900)
# Meststoffenwet article 1 paragraph 1 kk: dairy cows, young stock below and above a year.
DUTCH_DAIRY = ("100", "101", "102")
DUTCH_COWS = "100"

# A tonne is a cubic metre of liquid manure: its density is not in the data.
KG_PER_TONNE = 1000


@functools.cache
def crop_groups() -> dict[str, dict[str, Any]]:
    """Name of a group of Dutch crops -> its `use`, `words` and `codes` (BRP numbers)."""
    groups: dict[str, dict[str, Any]] = load_yaml(CROPS)["groups"]
    return groups


@functools.cache
def main_crop_day() -> tuple[int, int]:
    """Month and day on which the census looks for the crop of a field."""
    month, day = load_yaml(CROPS)["main_crop_day"].split("-")
    return int(month), int(day)


@functools.cache
def _crops() -> pl.DataFrame:
    rows = [(f"nl_{code}", name, group["use"]) for name, group in crop_groups().items() for code in group["codes"]]
    return pl.DataFrame(rows, {"crop": pl.String, "group": pl.String, "use": pl.String}, orient="row")


def species_of(animal: str) -> str:
    """cattle, pigs, poultry or other: the species of an animal code of either country."""
    if not animal.startswith("nl_"):
        return GERMAN_SPECIES.get(tables()[CATEGORIES].rows[animal]["species"], "other")
    number = int(animal.split("_")[1])
    return DUTCH_SPECIES.get(number // 100, "other") if number in DUTCH_NUMBERS else "other"


def _animals(heads: Mapping[str, float]) -> pl.DataFrame:
    """Each animal code with its species, heads per animal or place, and what the law's tables give per animal."""
    rows = [
        _dutch(code) if code.startswith("nl_") else _german(code, heads) for code in ANIMALS
    ]  # fmt: skip
    names = {"animal": pl.String, "species": pl.String, "heads": pl.Float64, "dairy": pl.Boolean, "cows": pl.Boolean,
             "units": pl.Float64, "n": pl.Float64, "p2o5": pl.Float64}  # fmt: skip
    return pl.DataFrame(rows, names, orient="row")


def _dutch(code: str) -> tuple[Any, ...]:
    number = code.split("_")[1]
    return code, species_of(code), 1.0, number in DUTCH_DAIRY, number == DUTCH_COWS, None, None, None


def _german(code: str, heads: Mapping[str, float]) -> tuple[Any, ...]:
    category, excretion = tables()[CATEGORIES].rows[code], tables()[EXCRETION].rows[code]
    row = category["livestock_unit_row"]
    units = None if row is None else tables()[KEY].rows[row]["livestock_units"]
    cows = code.startswith("milcherzeugung_")
    per_place = next((number for name, number in heads.items() if code.startswith(name)), 1.0)
    return code, species_of(code), per_place, cows, cows, units, excretion["n"], excretion["p2o5"]


def _floats(cells: pl.Series) -> Numbers:
    """A column of numbers as an array, NaN where it is empty."""
    return cells.cast(pl.Float64).fill_null(numpy.nan).to_numpy()


class Tallies:
    """The tables of one balance year, with sums per row of `farms`.

    `tables`: as a DataSet holds them or as a country's steps make them, one row of `farms` per farm and balance year;
    `assume`: name -> value of the assumptions (those of Germany as shipped when not given).
    """

    def __init__(self, tables: Mapping[str, pl.DataFrame], assume: Mapping[str, Any] | None = None) -> None:
        """Nothing is added up before it is asked for."""
        self.tables = tables
        self.farms = tables["farms"]
        self.assume = assume

    def column(self, name: str) -> pl.Series:
        """A column of farms; all cells empty where it is not there."""
        if name in self.farms.columns:
            return self.farms[name]
        return pl.Series(name, [None] * self.farms.height, pl.Float64)

    def numbers(self, name: str) -> Numbers:
        """A column of numbers of farms, NaN where empty."""
        return _floats(self.column(name))

    def _lines(self, name: str) -> tuple[pl.DataFrame, NDArray[numpy.int64]]:
        """The rows of a table, all columns of the contract, and for each the place of its row in farms."""
        schema = TABLES[name]
        frame = self.tables.get(name)
        if frame is None:
            frame = schema.empty()
        places = self.farms.select(*KEYS, pl.int_range(pl.len(), dtype=pl.Int64).alias("\0place"))
        missing = [pl.lit(None, one.dtype).alias(one.name) for one in schema.columns if one.name not in frame.columns]
        lines = frame.with_columns(missing).join(places, KEYS, "inner", maintain_order="left")
        return lines, lines["\0place"].to_numpy()

    def _sum(self, places: NDArray[numpy.int64], values: Numbers) -> Numbers:
        return numpy.bincount(places, values, self.farms.height).astype(numpy.float64)

    # Herds

    @functools.cached_property
    def herds(self) -> tuple[pl.DataFrame, NDArray[numpy.int64]]:
        """The herds, with what their animal's code stands for."""
        lines, places = self._lines("herds")
        lines = lines.with_columns(pl.col("animal").cast(pl.String)).join(
            self._of_animals, "animal", "left", maintain_order="left"
        )
        return lines, places

    @functools.cached_property
    def _of_animals(self) -> pl.DataFrame:
        assume = self.assume if self.assume and "heads_per_place" in self.assume else None
        return _animals(assume["heads_per_place"] if assume else assumptions("DE")["heads_per_place"].value)

    def _of_herds(self, values: Numbers, where: Bools | None = None) -> Numbers:
        places = self.herds[1]
        return self._sum(places, values if where is None else numpy.where(where, values, 0))

    def is_species(self, species: str) -> Bools:
        """Whether each herd is of that species; `dairy`: dairy cattle, `cows`: dairy cows."""
        lines = self.herds[0]
        cells = lines[species] if species in ("dairy", "cows") else lines["species"] == species
        return cells.fill_null(False).to_numpy()

    def animals(self, species: str | None = None) -> Numbers:
        """Heads of a species, or of all."""
        lines = self.herds[0]
        heads = _floats(lines["count"]) * _floats(lines["heads"])
        return self._of_herds(heads, None if species is None else self.is_species(species))

    def livestock_units(self) -> Numbers:
        """Livestock units as the engine has them: declared, else count x key, NaN without either."""
        lines = self.herds[0]
        declared = _floats(lines["livestock_units"])
        return self._of_herds(
            numpy.where(numpy.isnan(declared), _floats(lines["count"]) * _floats(lines["units"]), declared)
        )

    def excretion(self, nutrient: str, species: str | None = None) -> Numbers:
        """Kg N or P2O5 that a species excretes: declared, else count x the German table; NaN without either.

        Dutch nitrogen excretion is declared net of what housing and storage lose to the air, statistics count it gross:
        the farm's declared loss is added, to each herd in proportion to its net excretion.
        """
        lines, places = self.herds
        declared = _floats(lines[f"{nutrient}_excretion_kg"])
        kg = numpy.where(numpy.isnan(declared), _floats(lines["count"]) * _floats(lines[nutrient]), declared)
        if nutrient == "n":
            whole = self._sum(places, kg)
            loss = numpy.nan_to_num(self.numbers("housing_storage_n_loss_kg"))
            share = numpy.divide(loss, whole, out=numpy.zeros_like(whole), where=whole > 0)
            kg = kg * (1 + share[places])
        return self._of_herds(kg, None if species is None else self.is_species(species))

    # Land

    @functools.cached_property
    def crops(self) -> tuple[pl.DataFrame, NDArray[numpy.int64]]:
        """The main crops with their group and use; of a crop's cuts the first stands for its area.

        Main crops of a field are those that stand on it on the day of the census, else those sown next.
        """
        lines, _ = self._lines("crops")
        day = pl.date(pl.col("year_start").dt.year(), *main_crop_day())
        stands = (pl.col("sown").is_null() | (pl.col("sown") <= day)) & (
            pl.col("end").is_null() | (pl.col("end") >= day)
        )
        wait = pl.when(stands).then(0).when(pl.col("sown") > day).then((pl.col("sown") - day).dt.total_days())
        lines = lines.filter(pl.col("cut").is_null() | (pl.col("cut") == 1)).with_columns(wait.alias("\0wait"))
        lines = lines.filter(pl.col("\0wait") == pl.col("\0wait").min().over("\0place", "field_id"))
        lines = lines.with_columns(pl.col("crop").cast(pl.String)).join(_crops(), "crop", "left", maintain_order="left")
        return lines, lines["\0place"].to_numpy()

    def area(self, column: str, *names: str) -> Numbers:
        """Ha of the crops whose `group` or `use` is one of the names."""
        lines, places = self.crops
        there = lines[column].is_in(names).fill_null(False).to_numpy()
        return self._sum(places, numpy.where(there, _floats(lines["area_ha"]), 0))

    # Manure spread

    @functools.cached_property
    def applications(self) -> tuple[pl.DataFrame, NDArray[numpy.int64]]:
        """What was spread."""
        lines, places = self._lines("applications")
        return lines.with_columns(pl.col("form").cast(pl.String)), places

    def applied(self, form: str) -> Numbers:
        """Tonnes of manure and digestate spread in that form (slurry, solid); NaN where a line has no amount."""
        lines, places = self.applications
        there = (lines["form"] == form).fill_null(False).to_numpy()
        return self._sum(places, numpy.where(there, _floats(lines["amount_kg"]) / KG_PER_TONNE, 0))

    def applies(self, form: str) -> Numbers:
        """1 for a farm that spreads manure in that form."""
        lines, places = self.applications
        some = lines.select((pl.col("amount_kg").fill_null(0) > 0) | (pl.col("n_kg").fill_null(0) > 0)).to_series()
        there = ((lines["form"] == form).fill_null(False) & some).to_numpy()
        return (self._sum(places, there.astype(float)) > 0).astype(float)
