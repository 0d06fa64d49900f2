"""Results of a data set under a regime: computed part by part, as a polars frame and as files."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy
import polars
from numpy.typing import NDArray
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import Period

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet, cell_text
from openfisca_stoffenbalans.dataset.simulation import FARMS_PER_PART, Layout, Part
from openfisca_stoffenbalans.dataset.workbook import SHEET_ROWS, write_workbook
from openfisca_stoffenbalans.regimes import Regime, regimes

Progress = Callable[[int, int], None]
Places = Mapping[Period, tuple[NDArray[numpy.int64], NDArray[numpy.int64]]]

DTYPES: dict[Any, Any] = {
    float: numpy.float64,
    int: numpy.int64,
    bool: numpy.bool_,
    str: object,
    Enum: numpy.int16,
    datetime.date: "datetime64[D]",
}


def balance(
    data: DataSet,
    system: Any,
    regime: str = "de.stoffbilv",
    year: int | None = None,
    farms_per_part: int = FARMS_PER_PART,
    progress: Progress | None = None,
) -> polars.DataFrame:
    """The result columns of a regime: one row per farm and balance year, in the order of `farms`.

    `year`: only balance years that start in this calendar year; the years before them still count in three-year means.
    An amount is null when something it needs is missing. Amounts are kg per balance year unless the column's name says
    otherwise (docs/data-contract.md). Extra columns of `farms` stand last. `progress(done, parts)` is called after each
    part.
    """
    return balances(data, system, regime, year, farms_per_part, progress)[0]


def balances(
    data: DataSet,
    system: Any,
    regime: str = "de.stoffbilv",
    year: int | None = None,
    farms_per_part: int = FARMS_PER_PART,
    progress: Progress | None = None,
) -> tuple[polars.DataFrame, polars.DataFrame | None]:
    """The results of farms as `balance` gives them, and those of fields: a row per row of `fields`, in its order.

    None for a regime without results of fields. RegimeError when the regime has no numbers for any year asked for.
    """
    rules = regimes()[regime]
    starts = data.tables["farms"]["year_start"]
    rules.check(starts.filter(starts.dt.year() == year if year is not None else starts.is_not_null()).to_list())
    layout = Layout(data, system, farms_per_part)
    variables = system.variables
    arrays = {name: empty_column(len(layout.series), variables[name]) for name in rules.columns}
    fields = {name: empty_column(len(data.tables["fields"]), variables[name]) for name in rules.field_columns}
    for number in range(layout.parts):
        part = layout.part(number)
        compute(part, part.rows, arrays, year)
        compute(part, part.fields, fields, year)
        part.release()
        if progress:
            progress(number + 1, layout.parts)
    of_fields = field_frame(data, system, rules, fields, year) if rules.field_columns else None
    return frame(data, system, rules, arrays, year), of_fields


def empty_column(length: int, variable: Any) -> NDArray[Any]:
    """An array for a variable's values of all farm-years."""
    if variable.value_type is str:
        return numpy.full(length, "", dtype=object)
    return numpy.zeros(length, dtype=DTYPES[variable.value_type])


def compute(part: Part, places: Places, arrays: dict[str, NDArray[Any]], year: int | None) -> None:
    """Put a part's results at their rows, those of its farms or of its fields."""
    # Missing amounts are NaN and go through every formula; that is no reason to warn.
    with numpy.errstate(all="ignore"):
        for period, (rows, index) in places.items():
            if len(rows) and (year is None or period.start.year == year):
                for name, array in arrays.items():
                    array[rows] = numpy.asarray(part.simulation.calculate(name, period))[index]


def frame(
    data: DataSet, system: Any, rules: Regime, arrays: dict[str, NDArray[Any]], year: int | None
) -> polars.DataFrame:
    """The arrays as a frame behind the keys of `farms`."""
    farms = data.tables["farms"]
    columns = [farms[key] for key in KEYS]
    for name, values in arrays.items():
        columns.append(column(name, values, system.variables[name], rules.empty.get(name)))
    extra = [as_written(farms[name]) for name in farms.columns if name not in TABLES["farms"].names]
    columns.extend(column.rename(f"{column.name}_in_data") if column.name in arrays else column for column in extra)
    whole = polars.DataFrame(columns)
    return whole if year is None else whole.filter(polars.col("year_start").dt.year() == year)


def field_frame(
    data: DataSet, system: Any, rules: Regime, arrays: dict[str, NDArray[Any]], year: int | None
) -> polars.DataFrame:
    """The arrays as a frame behind the keys of `fields`."""
    fields = data.tables["fields"]
    columns = [fields[key] for key in (*KEYS, "field_id")]
    columns += [column(name, values, system.variables[name], rules.empty.get(name)) for name, values in arrays.items()]
    whole = polars.DataFrame(columns)
    return whole if year is None else whole.filter(polars.col("year_start").dt.year() == year)


def column(name: str, values: NDArray[Any], variable: Any, empty: str | None) -> polars.Series:
    """One result column: NaN and no day as null, Enum members by name, no text as an empty text."""
    if variable.value_type is Enum:
        names = [None if member.name == empty else member.name for member in variable.possible_values]
        return polars.Series(name, names, dtype=polars.String).gather(values)
    if variable.value_type is str:
        return polars.Series(name, values.tolist(), dtype=polars.String)
    series = polars.Series(name, values)
    return series.fill_nan(None) if variable.value_type is float else series


def as_written(extra: polars.Series) -> polars.Series:
    """An extra column; as text when it is of a type that not every format can hold."""
    plain = extra.dtype.is_numeric() or extra.dtype in (polars.String, polars.Boolean, polars.Date)
    return extra if plain else cell_text(extra)


def write_results(results: polars.DataFrame, folder: Path, formats: list[str], name: str = "results") -> list[Path]:
    """Write `<name>.<format>` for each format (csv, parquet, xlsx) into the folder.

    The same frame gives the same bytes. A file is written beside its place and renamed, so that an interrupted run
    leaves the old one whole.
    """
    written = []
    for kind in formats:
        path = folder / f"{name}.{kind}"
        with replacing(path) as temporary:
            WRITERS[kind](results, temporary, name)
        written.append(path)
    return written


def left_over(folder: Path, written: list[Path]) -> list[Path]:
    """Result files of an earlier run in the folder that this run did not write."""
    there = [folder / f"{table}.{kind}" for table in ("results", "fields") for kind in WRITERS]
    return [path for path in there if path.exists() and path not in written]


def write_csv(results: polars.DataFrame, path: Path, name: str) -> None:
    """Comma-separated UTF-8; booleans true and false, an empty cell where a value is missing."""
    results.write_csv(path)


def write_parquet(results: polars.DataFrame, path: Path, name: str) -> None:
    """Parquet with zstd."""
    results.write_parquet(path, compression="zstd", statistics=False)


def write_xlsx(results: polars.DataFrame, path: Path, name: str) -> None:
    """One sheet of that name; refuses more rows than a sheet holds."""
    if len(results) > SHEET_ROWS:
        raise ValueError(f"{len(results)} rows do not fit a sheet of {SHEET_ROWS}; write csv or parquet instead")
    write_workbook(results, path, name)


WRITERS: dict[str, Callable[[polars.DataFrame, Path, str], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}
