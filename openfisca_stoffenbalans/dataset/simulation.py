"""A data set as OpenFisca simulations, one for each part of the farms with the same start of the balance year.

A farm with two year starts is two series, each with simulations of its own. Within a simulation the lines stand role
by role, so that formulas work on one contiguous part of the arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
import polars
from numpy.typing import NDArray
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.periods import Period
from openfisca_core.periods import period as make_period
from openfisca_core.simulations import Simulation

from openfisca_stoffenbalans.dataset.runs import KEYS, find_runs
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet

Integers = NDArray[numpy.int64]

ROLE_TABLES = {"flow": "flows", "herd": "herds", "crop": "crops", "application": "applications"}
FARMS_PER_PART = 16_384


@dataclass(frozen=True)
class Part:
    """Some farms of one series as a simulation.

    `rows`: for each balance year the positions in the table `farms` of the farms known then, and where they stand in
    the simulation; in the order of the years.
    """

    simulation: Simulation
    rows: Mapping[Period, tuple[Integers, Integers]]

    def inputs(self) -> set[tuple[str, Period]]:
        """The variables and balance years whose values are given."""
        return {
            (name, period)
            for population in self.simulation.populations.values()
            for name, holder in population._holders.items()
            for period in holder.get_known_periods()
        }

    def release(self) -> None:
        """Give back the arrays of the simulation, which must not be used any more."""
        release(self.simulation)


def release(simulation: Simulation) -> None:
    """Give back the arrays of a simulation, which must not be used any more.

    A simulation and its populations refer to one another, so that without this their arrays would stay until the
    garbage collector happens to run.
    """
    for population in simulation.populations.values():
        population._holders.clear()
        population.__dict__.pop("_totals", None)


@dataclass(frozen=True)
class Lines:
    """The rows of one table, those of a farm-year together.

    `columns`: variable -> values of the rows; `first`, `count`: for each row of `farms`, where its rows start and how
    many there are.
    """

    columns: Mapping[str, NDArray[Any]]
    first: Integers
    count: Integers


def balance_year(year: int, month: int) -> Period:
    """The balance year that starts on the first day of a month."""
    return make_period(f"{year}" if month == 1 else f"year:{year}-{month:02}")


def variable_columns(
    frame: polars.DataFrame, table: str, prefix: str, variables: Mapping[str, Any]
) -> dict[str, NDArray[Any]]:
    """Variable -> values of a table's rows, for the contract's columns that are variables and not all empty.

    An extra column is never an input, also when it is named like a variable.
    """
    names = {
        name: f"{prefix}{name}"
        for name in TABLES[table].names
        if f"{prefix}{name}" in variables and name not in KEYS and frame[name].null_count() < frame.height
    }
    columns = frame.select(
        as_variable(name, frame.schema[name], variables[variable]).alias(variable) for name, variable in names.items()
    )
    return {column.name: column.to_numpy() for column in columns}


@functools.cache
def contract_variables() -> frozenset[str]:
    """The names of variables that take their values from a data set where a system has them."""
    prefixes = {"farms": "", **{table: f"{role}_" for role, table in ROLE_TABLES.items()}}
    return frozenset(
        f"{prefix}{name}" for table, prefix in prefixes.items() for name in TABLES[table].names if name not in KEYS
    )


def as_variable(name: str, dtype: polars.DataType, variable: Any) -> polars.Expr:
    """A column as the variable holds it: members of an Enum as their index, null as the default."""
    column = polars.col(name)
    if variable.value_type is not Enum:
        return column.fill_null(variable.default_value)
    if dtype == polars.Boolean:
        # A yes-or-no column whose empty cell is a third thing: the Enum has <column> and no_<column>.
        members = {True: variable.possible_values[name].index, False: variable.possible_values[f"no_{name}"].index}
        column = column.replace_strict(members, return_dtype=polars.Int16)
    return column.to_physical().cast(polars.Int16).fill_null(variable.default_value.index)


def position_in_group(group: Integers) -> Integers:
    """0, 1, … for the members of each group in their order."""
    order = numpy.argsort(group, kind="stable")
    counts = numpy.bincount(group)
    starts = numpy.cumsum(counts) - counts
    position = numpy.empty(len(group), dtype=numpy.int64)
    position[order] = numpy.arange(len(group)) - starts[group[order]]
    return position


class Layout:
    """Where each farm, year and line of a data set stands in its simulations."""

    def __init__(self, data: DataSet, system: Any, farms_per_part: int = FARMS_PER_PART) -> None:
        """Lay out a data set for a system in parts of at most `farms_per_part` farms of one year start."""
        self.system = system
        farms = data.tables["farms"]
        months = farms["year_start"].dt.month().cast(polars.Int64)
        self.years = farms["year_start"].dt.year().cast(polars.Int64).to_numpy()
        keys = polars.DataFrame({"month": months, "farm_id": farms["farm_id"]})
        series = keys.unique(maintain_order=True).with_row_index("series")
        self.months: Integers = series["month"].to_numpy()
        self.farm_ids = series["farm_id"]
        numbered = keys.join(series, on=["month", "farm_id"], how="left", maintain_order="left")
        self.series: Integers = numbered["series"].cast(polars.Int64).to_numpy()
        self.part_of_series = self.number_parts(farms_per_part)
        self.parts = int(self.part_of_series.max()) + 1 if len(self.series) else 0
        # The years that occur: one slip of a century does not make room for all years between.
        self.year_numbers, year = numpy.unique(self.years, return_inverse=True)
        # The row of `farms` of each series and year, -1 where it is not known.
        self.rows = numpy.full((len(self.months), len(self.year_numbers)), -1, dtype=numpy.int64)
        self.rows[self.series, year] = numpy.arange(len(self.series))
        self.farms = variable_columns(farms, "farms", "", system.variables)
        self.lines = {role: self.lay_lines(data, role, table) for role, table in ROLE_TABLES.items()}
        self.slots = {role: self.count_slots(lines) for role, lines in self.lines.items()}

    def number_parts(self, size: int) -> Integers:
        """The part of each series: runs of at most `size` series with the same start of the year."""
        position = position_in_group(self.months)
        runs = self.months * (len(self.months) + 1) + position // size
        part: Integers = numpy.unique(runs, return_inverse=True)[1]
        return part

    def lay_lines(self, data: DataSet, role: str, table: str) -> Lines:
        """The rows of one role's table, those of a farm-year together."""
        frame = data.tables[table]
        known, runs = data.runs.get(table, (None, None))
        if known is not frame or runs is None:
            farms = data.tables["farms"].select(KEYS).with_columns(farm=polars.int_range(polars.len()))
            runs = find_runs(frame, farms)
        lengths = numpy.diff(runs.first, append=frame.height)
        variables = self.system.variables
        if numpy.bincount(runs.farm, minlength=1).max() > 1:
            farm_of_row = numpy.repeat(runs.farm, lengths)
            frame = frame[numpy.argsort(farm_of_row, kind="stable")]
            count = numpy.bincount(farm_of_row, minlength=len(self.series))
            return Lines(variable_columns(frame, table, f"{role}_", variables), numpy.cumsum(count) - count, count)
        first, count = (numpy.zeros(len(self.series), dtype=numpy.int64) for _ in range(2))
        first[runs.farm], count[runs.farm] = runs.first, lengths
        return Lines(variable_columns(frame, table, f"{role}_", variables), first, count)

    def count_slots(self, lines: Lines) -> Integers:
        """Lines of each series: the most of any of its years."""
        slots = numpy.zeros(len(self.months), dtype=numpy.int64)
        numpy.maximum.at(slots, self.series, lines.count)
        return slots

    def part(self, part: int) -> Part:
        """The simulation of one part, with all its inputs."""
        members = numpy.flatnonzero(self.part_of_series == part)
        simulation = self.empty_simulation(members)
        month = int(self.months[members[0]])
        rows = {}
        for number, year in enumerate(self.year_numbers.tolist()):
            row = self.rows[members, number]
            index = numpy.flatnonzero(row >= 0)
            if not len(index):
                continue
            period = balance_year(year, month)
            rows[period] = (row[index], index)
            simulation.set_input("farm_year_known", period, row >= 0)
            set_inputs(simulation, "farm", period, self.farms, row, slice(0, len(members)))
            for role, lines in self.lines.items():
                source = self.source(lines, row, self.slots[role][members])
                set_inputs(
                    simulation, "entry", period, lines.columns, source, simulation.populations["entry"].layout[role]
                )
        return Part(simulation, rows)

    def source(self, lines: Lines, row: Integers, slots: Integers) -> Integers:
        """The row of the table behind each slot of these farms, -1 behind an empty one."""
        known = row >= 0
        first, count = (numpy.where(known, of_farm[row], 0) for of_farm in (lines.first, lines.count))
        slot = numpy.arange(int(slots.sum())) - numpy.repeat(numpy.cumsum(slots) - slots, slots)
        return numpy.where(slot < numpy.repeat(count, slots), slot + numpy.repeat(first, slots), -1)

    def empty_simulation(self, members: Integers) -> Simulation:
        """A simulation of these series without inputs."""
        simulation = Simulation(self.system, self.system.instantiate_entities())
        farm, entry = simulation.populations["farm"], simulation.populations["entry"]
        farm.count, farm.ids = len(members), self.farm_ids.gather(members).to_list()
        farm_of_line, roles, layout, first = [], [], {}, 0
        for number, role in enumerate(ROLE_TABLES):
            slots = self.slots[role][members]
            layout[role] = slice(first, first + int(slots.sum()))
            first = layout[role].stop
            farm_of_line.append(numpy.repeat(numpy.arange(len(members)), slots))
            roles.append(numpy.full(int(slots.sum()), number))
        entry.count, entry.ids = first, range(first)
        entry.layout = layout
        farm.members_entity_id = numpy.concatenate(farm_of_line)
        flattened = numpy.array(farm.entity.flattened_roles, dtype=object)
        farm._members_role = flattened[numpy.concatenate(roles)]
        return simulation


def set_inputs(
    simulation: Simulation,
    entity: str,
    period: Period,
    columns: Mapping[str, NDArray[Any]],
    source: Integers,
    within: slice,
) -> None:
    """Set a table's columns `within` an entity from the rows that `source` names; -1 and elsewhere: the default."""
    if not len(source):
        return
    empty = numpy.flatnonzero(source < 0)
    for name, column in columns.items():
        variable = simulation.tax_benefit_system.variables[name]
        default = variable.default_array(1).view(numpy.ndarray)
        values = numpy.empty(simulation.populations[entity].count, dtype=variable.dtype)
        values[: within.start] = default
        values[within.stop :] = default
        numpy.take(column, source, out=values[within], mode="clip")
        values[within][empty] = default
        if variable.value_type is Enum:
            values = EnumArray(values, variable.possible_values)
        simulation.set_input(name, period, values)


def simulate(data: DataSet, system: Any, farms_per_part: int = FARMS_PER_PART) -> Iterator[Part]:
    """The data set as ready simulations, part by part, each with all its balance years as inputs.

    `farms_per_part` bounds the memory of a part: no farm's result depends on another's.
    """
    layout = Layout(data, system, farms_per_part)
    for part in range(layout.parts):
        yield layout.part(part)
