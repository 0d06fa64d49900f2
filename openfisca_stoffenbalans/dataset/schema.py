"""The data contract as one structure: the tables of a data set, their columns, and the typed data that meet it.

Reader, checks, messages and docs take names, kinds, ranges and codes from here only. A country that needs a column of
its own adds a line to its table; rows of other countries leave it empty.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy
import polars as pl
from openfisca_core.indexed_enums import Enum

from openfisca_stoffenbalans import codes
from openfisca_stoffenbalans.dataset.runs import Runs
from openfisca_stoffenbalans.tables import parameter_files

# Years in which OpenFisca can reckon two years back and seven on.
YEARS = (1002, 9990)

Kind = Literal["text", "date", "number", "bool", "choice", "code"]

# Members that only the engine uses: an empty slot, a crop without fixation.
INTERNAL = ("none",)
SLICE = 1 << 20

FarmType = codes.choices(
    "FarmType", "none", "arable", "horticulture", "permanent_crops", "dairy", "grazing_livestock", "pigs_poultry",
    "mixed",
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of the contract.

    `required`: no cell may be empty, `unless` one of that column stands beside it; `default`: what an empty cell means,
    None for *missing*; `low`, `high`: range of a number, with `low_excluded` for "greater than"; `enum`: the codes of a
    choice or code; `fallback`: the member for a text that is no code, unless it starts with one of `prefixes`; `unit`:
    unit of a number.
    """

    name: str
    kind: Kind
    required: bool = False
    default: float | bool | str | None = None
    low: float = 0
    high: float = math.inf
    low_excluded: bool = False
    enum: type[Enum] | None = None
    fallback: str | None = None
    prefixes: tuple[str, ...] = ()
    unit: str = ""
    unless: str = ""

    @functools.cached_property
    def members(self) -> list[str]:
        """Names of all Enum members, in the order of their index."""
        return [member.name for member in self.enum] if self.enum else []

    @functools.cached_property
    def codes(self) -> list[str]:
        """The codes that data may hold."""
        return [name for name in self.members if name not in INTERNAL and name != self.fallback]

    @functools.cached_property
    def dtype(self) -> pl.DataType:
        """The type of the column in a DataSet."""
        types = {"text": pl.String(), "date": pl.Date(), "number": pl.Float64(), "bool": pl.Boolean()}
        return types[self.kind] if self.kind in types else pl.Enum(self.members)

    @functools.cached_property
    def allowed(self) -> str:
        """What a cell may hold, in a few words, for messages and docs."""
        if self.kind == "choice":
            return ", ".join(self.codes)
        if self.kind == "code":
            known = f"a code of {self.name} such as {self.codes[0]}"
            free = f", or any text that does not start with {' or '.join(self.prefixes)}"
            return known + free if self.fallback else known
        if self.kind == "number":
            unit = f" {self.unit}" if self.unit else ""
            if self.high < math.inf:
                return f"a number from {self.low:g} to {self.high:g}"
            return f"a number {'>' if self.low_excluded else '≥'} {self.low:g}{unit}"
        return {
            "text": "a text",
            "date": f"a date such as 2018-01-01, in the years {YEARS[0]} to {YEARS[1]}"
            + ("" if self.required else f"; {codes.NO_DAY} is what programs write for no day: leave the cell empty"),
            "bool": "true or false",
        }[self.kind]


@dataclass(frozen=True)
class TableSchema:
    """A table of the contract: `columns` in contract order; `required`: the data set cannot do without it."""

    name: str
    columns: tuple[Column, ...]
    required: bool = False

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(column.name for column in self.columns)

    def empty(self) -> pl.DataFrame:
        """The table without rows, all columns typed."""
        return pl.DataFrame(schema={column.name: column.dtype for column in self.columns})


def number(name: str, unit: str = "", **rest: Any) -> Column:
    """A column of numbers ≥ 0."""
    return Column(name, "number", unit=unit, **rest)


def choice(name: str, enum: type[Enum], **rest: Any) -> Column:
    """A column of a few fixed words."""
    return Column(name, "choice", enum=enum, **rest)


ROW_KEYS = (Column("farm_id", "text", required=True), Column("year_start", "date", required=True))

TABLES: dict[str, TableSchema] = {
    table.name: table
    for table in (
        TableSchema("farms", (
            *ROW_KEYS,
            choice("country", codes.Country, required=True),
            number("weight", default=1.0, low_excluded=True),
            choice("farm_type", FarmType),
            Column("region", "text"),
            number("utilised_area_ha", "ha", required=True),
            Column("has_biogas_plant", "bool", default=False),
            Column("linked_to_livestock_farm", "bool", default=False),
            number("biogas_plant_substrate_n_kg", "kg N"),
            number("biogas_substrate_n_kg", "kg N"),
            number("roughage_n_removal_kg", "kg N"),
            number("manure_received_previous_year_n_kg", "kg N"),
            number("own_manure_previous_year_n_kg", "kg N"),
            choice("assessment_method", codes.AssessmentMethod, default="flat"),
            number("unavoidable_losses_n_kg", "kg N", default=0.0),
            choice("soil_type", codes.SoilType),
            number("deposition_n_kg_per_ha", "kg N per ha and year"),
            number("milk_kg", "kg"),
            number("milk_fat_pct", "%", high=100),
            number("milk_protein_pct", "%", high=100),
            number("milk_urea_mg_per_100g", "mg per 100 g"),
            Column("derogation", "bool", default=False),
            Column("natura_2000_zone", "bool"),
            Column("derogation_free_zone", "bool"),
            Column("groundwater_protection_zone", "bool"),
            Column("nutrient_polluted_zone", "bool"),
            number("phosphate_rights_kg", "kg P2O5"),
            number("housing_storage_n_loss_kg", "kg N"),
            choice("minas_assessment", codes.MinasAssessment, default="refined"),
        ), required=True),
        TableSchema("flows", (
            *ROW_KEYS,
            choice("direction", codes.Direction, required=True),
            choice("category", codes.Category, required=True),
            Column("product", "code", enum=codes.Product),
            number("amount", required=True),
            choice("unit", codes.Unit, required=True),
            number("n_content", "kg N per unit"),
            number("p_content", "kg P per unit"),
            number("p2o5_content", "kg P2O5 per unit"),
            choice("content_source", codes.ContentSource, default="table"),
            number("dry_matter_pct", "%", high=100),
            number("crude_protein_pct", "%", high=100),
            choice("weight_basis", codes.WeightBasis, default="live"),
            choice("animal_sex", codes.AnimalSex, default="all"),
            Column("farm_manure", "bool"),
        )),
        TableSchema("herds", (
            *ROW_KEYS,
            Column("animal", "code", required=True, enum=codes.Animal),
            number("count", required=True),
            choice("manure_system", codes.ManureSystem, required=True),
            number("grazing_days", "days", default=0.0, high=365),
            number("livestock_units"),
            number("n_excretion_kg", "kg N"),
            number("p2o5_excretion_kg", "kg P2O5"),
            Column("housing", "text"),
            number("milk_kg_per_animal", "kg"),
            number("milk_urea_mg_per_100g", "mg per 100 g"),
        )),
        TableSchema("stocks", (
            *ROW_KEYS,
            choice("category", codes.StockCategory, required=True),
            Column("product", "code", enum=codes.Product),
            number("opening", required=True),
            number("closing", required=True),
            choice("unit", codes.Unit, required=True),
            number("n_content", "kg N per unit"),
            number("p_content", "kg P per unit"),
            number("p2o5_content", "kg P2O5 per unit"),
            choice("content_source", codes.ContentSource, default="table"),
        )),
        TableSchema("fields", (
            *ROW_KEYS,
            Column("field_id", "text", required=True),
            number("area_ha", "ha", required=True, low_excluded=True),
            choice("soil_type", codes.SoilType),
            choice("groundwater_class", codes.GroundwaterClass),
            Column("buffer_strip", "bool", default=False),
            Column("leaching_sensitive", "bool"),
            Column("start", "date"),
            Column("end", "date"),
            number("deposition_n_kg_per_ha", "kg N per ha and year"),
        )),
        TableSchema("crops", (
            *ROW_KEYS,
            Column("crop", "code", required=True, enum=codes.Crop, fallback="other", prefixes=("de_", "nl_")),
            number("area_ha", "ha", required=True),
            number("yield_dt_per_ha", "dt per ha"),
            Column("field_id", "text"),
            Column("sown", "date"),
            Column("end", "date"),
            number("cut", default=1.0, low=1),
            Column("harvested", "bool"),
            number("dm_yield_kg_per_ha", "kg dry matter per ha"),
            number("n_g_per_kg_dm", "g N per kg dry matter"),
            number("p2o5_g_per_kg_dm", "g P2O5 per kg dry matter"),
            Column("residue_left", "bool"),
            choice("rotation", codes.Rotation),
            number("standard_dm_yield_kg_per_ha", "kg dry matter per ha"),
            number("standard_n_g_per_kg_dm", "g N per kg dry matter"),
            number("harvest_index", "", high=1),
            number("residue_n_g_per_kg_dm", "g N per kg dry matter"),
            number("n_fixation_kg_per_ha", "kg N per ha"),
        )),
        TableSchema("applications", (
            *ROW_KEYS,
            choice("material", codes.Material, required=True, unless="amount_kg"),
            choice("form", codes.Form, required=True, unless="amount_kg"),
            choice("origin", codes.Origin, required=True, unless="amount_kg"),
            number("n_kg", "kg N", required=True, unless="amount_kg"),
            Column("field_id", "text"),
            Column("product", "code", enum=codes.Product),
            number("amount_kg", "kg"),
            Column("date", "date"),
            choice("technique", codes.Technique),
            choice("fertiliser_type", codes.FertiliserType),
            number("n_g_per_kg", "g N per kg", high=1000),
            number("nh4_n_g_per_kg", "g N per kg", high=1000),
            number("no3_n_g_per_kg", "g N per kg", high=1000),
            number("s_g_per_kg", "g S per kg", high=1000),
            number("p2o5_g_per_kg", "g P2O5 per kg", high=1000),
            number("ammonia_factor", "", high=1),
            Column("urease_inhibitor", "bool", default=False),
        )),
    )
}  # fmt: skip

CONTENTS = ("n_content", "p_content", "p2o5_content")


def parameter(path: str, name: str) -> Any:
    """The latest value of a parameter of the machine, e.g. parameter("balance.units", "dt") is 100."""
    values = parameter_files()[path][1][name]["values"]
    return values[max(values)]["value"]


@functools.cache
def unit_mass_kg() -> dict[str, float]:
    """Unit of an amount -> kg, for the units of mass."""
    units = parameter_files()["balance.units"][1]
    return {unit: float(parameter("balance.units", unit)) for unit in codes.Unit.__members__ if unit in units}


@dataclass(frozen=True)
class DataSet:
    """Checked farm data.

    `tables` holds all tables of the contract, also those the source lacks (then without rows). Each has the contract's
    columns in the contract's order, typed (`Column.dtype`; physical values of Enum columns are the index of the
    OpenFisca Enum), defaults filled in and null for *missing*, then the extra columns as they came; rows in the order
    of the file. `source`: where the data came from. `runs`: for other tables, as far as known, the table and where
    the rows of each farm-year stand in it; of no use for any other table of that name.
    """

    tables: dict[str, pl.DataFrame]
    source: str
    runs: Mapping[str, tuple[pl.DataFrame, Runs]] = field(default_factory=dict, compare=False)

    def hash(self) -> str:
        """SHA-256 of the content as hexadecimal text; the same for every file format and order of columns.

        What the data do not say does not count: tables without rows, columns in which every cell is the default.
        """
        return self._hash

    @functools.cached_property
    def _hash(self) -> str:
        digest = hashlib.sha256()
        for name, schema in TABLES.items():
            frame = self.tables[name]
            if not frame.height:
                continue
            said = [column.name for column in schema.columns if not _is_default(column, frame[column.name])]
            extra = sorted(set(frame.columns) - set(schema.names))
            digest.update(f"{name}\0{frame.height}\0".encode())
            for column in (*said, *extra):
                digest.update(f"{column}\0".encode())
                for part in _canonical(frame[column] if column in schema.names else _plain(frame[column])):
                    digest.update(part)
        return digest.hexdigest()


def _is_default(column: Column, cells: pl.Series) -> bool:
    """Whether no cell of a column differs from an empty one."""
    if column.default is None:
        return cells.null_count() == len(cells)
    return bool((cells.cast(pl.String) if isinstance(cells.dtype, pl.Enum) else cells).eq(column.default).all())


def _plain(extra: pl.Series) -> pl.Series:
    """An extra column as text, numbers in one spelling: CSV has no types to tell 1 from 1.0."""
    text = cell_text(extra).replace("", None)
    numbers = text.cast(pl.Float64, strict=False)
    return pl.select(pl.when(numbers.is_not_null()).then((numbers + 0.0).cast(pl.String)).otherwise(text)).to_series()


def cell_text(cells: pl.Series) -> pl.Series:
    """Any column as text: as it stands in a file, whole numbers without a decimal point."""
    if cells.dtype == pl.String:
        return cells
    if cells.dtype.is_float():
        whole = (cells == cells.round(0)) & (cells.abs() < 1e15)
        text = pl.when(whole).then(cells.cast(pl.Int64, strict=False).cast(pl.String))
        return pl.select(text.otherwise(cells.cast(pl.String)).alias(cells.name)).to_series()
    if cells.dtype == pl.Datetime:
        return cells.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if cells.dtype.is_nested() or cells.dtype in (pl.Binary, pl.Object, pl.Duration):
        return pl.Series(cells.name, [None if cell is None else str(cell) for cell in cells.to_list()], pl.String)
    return cells.cast(pl.String)


def _canonical(cells: pl.Series) -> Iterator[bytes | memoryview]:
    """A typed column as bytes that do not depend on how it is held in memory."""
    yield numpy.packbits(cells.is_null().to_numpy()).data
    if cells.dtype == pl.String:
        text = cells.fill_null("")
        yield text.str.len_bytes().to_numpy().astype("<u4").data
        for start in range(0, len(text), SLICE):
            yield text.slice(start, SLICE).str.join("").item().encode()
    elif isinstance(cells.dtype, pl.Enum):
        # The index of a code moves when a table grows; its rank among the codes in use does not.
        physical = cells.to_physical().cast(pl.UInt16)
        names = cells.dtype.categories.to_list()
        used = physical.drop_nulls().unique().to_list()
        ranks = numpy.full(len(names) + 1, len(names), "<u2")
        for rank, index in enumerate(sorted(used, key=names.__getitem__)):
            ranks[index] = rank
            yield f"{names[index]}\0".encode()
        yield ranks[physical.fill_null(len(names)).to_numpy()].data
    elif cells.dtype == pl.Boolean:
        yield numpy.packbits(cells.fill_null(False).to_numpy()).data
    elif cells.dtype == pl.Date:
        yield cells.to_physical().fill_null(0).to_numpy().astype("<i4").data
    else:
        # -0 and 0 are one number.
        yield (cells.fill_null(0).to_numpy() + 0.0).astype("<f8").data
