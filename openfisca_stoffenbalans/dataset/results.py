"""Results of a data set under a regime: computed part by part, as a polars frame and as files."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import polars
from numpy.typing import NDArray
from openfisca_core.indexed_enums import Enum

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet, cell_text
from openfisca_stoffenbalans.dataset.simulation import FARMS_PER_PART, Layout, Part
from openfisca_stoffenbalans.dataset.workbook import SHEET_ROWS, write_workbook
from openfisca_stoffenbalans.regimes import Regime, regimes

Progress = Callable[[int, int], None]

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
    rules = regimes()[regime]
    layout = Layout(data, system, farms_per_part)
    arrays = {name: empty_column(len(layout.series), system.variables[name]) for name in rules.columns}
    for number in range(layout.parts):
        part = layout.part(number)
        compute(part, system, arrays, year)
        part.release()
        if progress:
            progress(number + 1, layout.parts)
    return frame(data, system, rules, arrays, year)


def empty_column(length: int, variable: Any) -> NDArray[Any]:
    """An array for a variable's values of all farm-years."""
    if variable.value_type is str:
        return numpy.full(length, "", dtype=object)
    return numpy.zeros(length, dtype=DTYPES[variable.value_type])


def compute(part: Part, system: Any, arrays: dict[str, NDArray[Any]], year: int | None) -> None:
    """Put a part's results at their rows."""
    # Missing amounts are NaN and go through every formula; that is no reason to warn.
    with numpy.errstate(all="ignore"):
        for period, (rows, index) in part.rows.items():
            if year is None or period.start.year == year:
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


def write_results(results: polars.DataFrame, folder: Path, formats: list[str]) -> list[Path]:
    """Write `results.<format>` for each format (csv, parquet, xlsx) into the folder.

    The same frame gives the same bytes. A file is written beside its place and renamed, so that an interrupted run
    leaves the old one whole.
    """
    written = []
    for kind in formats:
        path = folder / f"results.{kind}"
        with replacing(path) as temporary:
            WRITERS[kind](results, temporary)
        written.append(path)
    return written


def write_csv(results: polars.DataFrame, path: Path) -> None:
    """Comma-separated UTF-8; booleans true and false, an empty cell where a value is missing."""
    results.write_csv(path)


def write_parquet(results: polars.DataFrame, path: Path) -> None:
    """Parquet with zstd."""
    results.write_parquet(path, compression="zstd", statistics=False)


def write_xlsx(results: polars.DataFrame, path: Path) -> None:
    """One sheet `results`; refuses more rows than a sheet holds."""
    if len(results) > SHEET_ROWS:
        raise ValueError(f"{len(results)} rows do not fit a sheet of {SHEET_ROWS}; write csv or parquet instead")
    write_workbook(results, path, "results")


WRITERS: dict[str, Callable[[polars.DataFrame, Path], None]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "xlsx": write_xlsx,
}
