"""What the engine makes of single lines: nitrogen and phosphate of each flow, excretion of each herd.

The rules for possible farms and the quality figures read the law's tables only through here, so that they can't read
them in another way than a balance does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.results import column, compute, empty_column
from openfisca_stoffenbalans.dataset.runs import KEYS
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet
from openfisca_stoffenbalans.dataset.simulation import Layout

# Role of lines -> (table, column -> variable of the engine).
LINES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "flow": ("flows", {"n": "flow_nitrogen", "p2o5": "flow_phosphate"}),
    "herd": (
        "herds",
        {
            "n": "herd_excretion_nitrogen",
            "p2o5": "herd_excretion_phosphate",
            "nl_n": "nl_herd_nitrogen_excretion",
            "nl_p2o5": "nl_herd_phosphate_excretion",
        },
    ),
}


def known_variables(system: Any, columns: Mapping[str, str]) -> dict[str, str]:
    """The columns whose variable the system has."""
    return {name: variable for name, variable in columns.items() if variable in system.variables}


def together(data: DataSet, names: tuple[str, ...]) -> DataSet:
    """The data set with these tables only, the rows of a farm-year together; `place`: where each row stood."""
    order = data.tables["farms"].select(KEYS).with_row_index("farm")
    tables = {name: schema.empty() for name, schema in TABLES.items()} | {"farms": data.tables["farms"]}
    for name in names:
        rows = data.tables[name].with_row_index("place").join(order, on=KEYS, how="left", maintain_order="left")
        tables[name] = rows.sort("farm", maintain_order=True).drop("farm")
    return DataSet(tables, data.source)


def of_farms(data: DataSet, system: Any, names: Sequence[str]) -> pl.DataFrame:
    """Variables of farms for every row of `farms`: farm_id, year_start, then a column each, null where missing."""
    layout = Layout(data, system)
    arrays = {name: empty_column(len(layout.series), system.variables[name]) for name in names}
    for number in range(layout.parts):
        part = layout.part(number)
        compute(part, part.rows, arrays, None)
        part.release()
    columns = [column(name, values, system.variables[name], None) for name, values in arrays.items()]
    return data.tables["farms"].select(KEYS).hstack(columns)


def with_amounts(data: DataSet, system: Any) -> dict[str, pl.DataFrame]:
    """The tables flows and herds with what the engine computes for each row, in the data set's order of rows.

    Flows: `n` (kg N) and `p2o5` (kg P2O5) in the amount. Herds: `n`, `p2o5`: kg excreted in the year, declared, else
    by the tables of the herd's country. Null where something needed is missing.
    """
    sorted_ = together(data, tuple(table for table, _ in LINES.values()))
    layout = Layout(sorted_, system)
    found = {
        role: {name: numpy.full(sorted_.tables[table].height, numpy.nan) for name in known_variables(system, columns)}
        for role, (table, columns) in LINES.items()
    }
    for number in range(layout.parts):
        _of_part(layout, number, found)
    return {table: _joined(sorted_.tables[table], found[role]) for role, (table, _) in LINES.items()}


def _of_part(layout: Layout, number: int, found: Mapping[str, Mapping[str, NDArray[numpy.float64]]]) -> None:
    """Put the amounts of a part's lines at their rows."""
    part = layout.part(number)
    members = numpy.flatnonzero(layout.part_of_series == number)
    place_of_year = {int(year): place for place, year in enumerate(layout.year_numbers)}
    with numpy.errstate(all="ignore"):
        for period in part.rows:
            year = place_of_year[period.start.year]
            for role, arrays in found.items():
                lines, slots = layout.lines[role], layout.slots[role][members]
                source = layout.source(lines.first[members, year], lines.count[members, year], slots)
                there = source >= 0
                within = part.simulation.populations["entry"].layout[role]
                for name, array in arrays.items():
                    values = part.simulation.calculate(LINES[role][1][name], period)[within]
                    array[source[there]] = values[there]
    part.release()


def _joined(table: pl.DataFrame, arrays: Mapping[str, NDArray[numpy.float64]]) -> pl.DataFrame:
    """The table with its amounts, in the order in which its rows were given."""
    whole = table.with_columns(pl.Series(name, values).fill_nan(None) for name, values in arrays.items())
    for nutrient in ("n", "p2o5"):
        if f"nl_{nutrient}" in arrays:
            dutch = pl.col("animal").cast(pl.String).str.starts_with("nl_")
            whole = whole.with_columns(
                pl.when(dutch).then(pl.col(f"nl_{nutrient}")).otherwise(pl.col(nutrient)).alias(nutrient)
            ).drop(f"nl_{nutrient}")
    return whole.sort("place").drop("place")
