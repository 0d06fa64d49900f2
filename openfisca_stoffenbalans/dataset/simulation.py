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

ROLE_TABLES = {"flow": "flows", "herd": "herds", "crop": "crops", "application": "applications", "stock": "stocks"}
FARMS_PER_PART = 16_384


@dataclass(frozen=True)
class Part:
    """Some farms of one series as a simulation.

    `rows`: for each balance year the positions in the table `farms` of the farms known then, and where they stand in
    the simulation; in the order of the years. `fields`: the same for the table `fields`.
    """

    simulation: Simulation
    rows: Mapping[Period, tuple[Integers, Integers]]
    fields: Mapping[Period, tuple[Integers, Integers]]

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
    """The rows of one table, those of a farm-year, or of a field in a year, together.

    `columns`: variable -> values of the rows; `first`, `count`: shape (places, years), where the rows of a place and
    year start and how many there are; `by_field`: the places are fields, else series of a farm's balance years.
    """

    columns: Mapping[str, NDArray[Any]]
    first: Integers
    count: Integers
    by_field: bool


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
    prefixes = {"farms": "", "fields": "field_", **{table: f"{role}_" for role, table in ROLE_TABLES.items()}}
    return frozenset(
        f"{prefix}{name}" for table, prefix in prefixes.items() for name in TABLES[table].names if name not in KEYS
    )


def as_variable(name: str, dtype: polars.DataType, variable: Any) -> polars.Expr:
    """A column as the variable holds it: members of an Enum as their index, null as the default."""
    column = polars.col(name)
    if variable.value_type is not Enum:
        return column.fill_null(polars.lit(variable.default_value))
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
        self.year_of_row: Integers = year
        # The row of `farms` of each series and year, -1 where it is not known.
        self.rows = numpy.full((len(self.months), len(self.year_numbers)), -1, dtype=numpy.int64)
        self.rows[self.series, year] = numpy.arange(len(self.series))
        self.farms = variable_columns(farms, "farms", "", system.variables)
        self.fields = Fields(data, self, system)
        self.lines = {role: self.lay_lines(data, role, table) for role, table in ROLE_TABLES.items()}
        # Lines of each place: the most of any of its years.
        self.slots = {role: lines.count.max(axis=1, initial=0) for role, lines in self.lines.items()}

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
        if "field_id" in frame.columns and frame["field_id"].null_count() < frame.height:
            cell = self.fields.cells(frame["field_id"], numpy.repeat(runs.farm, lengths))
            order = numpy.argsort(cell, kind="stable")
            shape = (self.fields.count, len(self.year_numbers))
            count = numpy.bincount(cell, minlength=shape[0] * shape[1])
            columns = variable_columns(frame[order], table, f"{role}_", variables)
            return Lines(columns, (numpy.cumsum(count) - count).reshape(shape), count.reshape(shape), True)
        if numpy.bincount(runs.farm, minlength=1).max() > 1:
            farm_of_row = numpy.repeat(runs.farm, lengths)
            frame = frame[numpy.argsort(farm_of_row, kind="stable")]
            count = numpy.bincount(farm_of_row, minlength=len(self.series))
            first = numpy.cumsum(count) - count
        else:
            first, count = (numpy.zeros(len(self.series), dtype=numpy.int64) for _ in range(2))
            first[runs.farm], count[runs.farm] = runs.first, lengths
        there = self.rows >= 0
        first, count = (numpy.where(there, of_farm[self.rows], 0) for of_farm in (first, count))
        return Lines(variable_columns(frame, table, f"{role}_", variables), first, count, False)

    def part(self, part: int) -> Part:
        """The simulation of one part, with all its inputs."""
        members = numpy.flatnonzero(self.part_of_series == part)
        places = self.fields.of_series(members)
        simulation = self.empty_simulation(members, places)
        month = int(self.months[members[0]])
        rows, fields = {}, {}
        for number, year in enumerate(self.year_numbers.tolist()):
            row, field = self.rows[members, number], self.fields.rows[places, number]
            index = numpy.flatnonzero(row >= 0)
            if not len(index):
                continue
            period = balance_year(year, month)
            rows[period] = (row[index], index)
            simulation.set_input("farm_year_known", period, row >= 0)
            set_inputs(simulation, "farm", period, self.farms, row, slice(0, len(members)))
            known = numpy.flatnonzero(field >= 0)
            fields[period] = (field[known], known)
            if len(known):
                simulation.set_input("field_known", period, field >= 0)
                set_inputs(simulation, "field", period, self.fields.columns, field, slice(0, len(places)))
            for role, lines in self.lines.items():
                of = places if lines.by_field else members
                source = self.source(lines.first[of, number], lines.count[of, number], self.slots[role][of])
                set_inputs(
                    simulation, "entry", period, lines.columns, source, simulation.populations["entry"].layout[role]
                )
        return Part(simulation, rows, fields)

    def source(self, first: Integers, count: Integers, slots: Integers) -> Integers:
        """The row of the table behind each slot of these places, -1 behind an empty one."""
        slot = numpy.arange(int(slots.sum())) - numpy.repeat(numpy.cumsum(slots) - slots, slots)
        return numpy.where(slot < numpy.repeat(count, slots), slot + numpy.repeat(first, slots), -1)

    def empty_simulation(self, members: Integers, places: Integers) -> Simulation:
        """A simulation of these series and their fields without inputs."""
        simulation = Simulation(self.system, self.system.instantiate_entities())
        farm, field, entry = (simulation.populations[key] for key in ("farm", "field", "entry"))
        farm.count, farm.ids = len(members), self.farm_ids.gather(members).to_list()
        field.count, field.ids = len(places), range(len(places))
        local = numpy.full(len(self.months), -1)
        local[members] = numpy.arange(len(members))
        field.farm_of_field = local[self.fields.series[places]]
        yards = numpy.flatnonzero(numpy.diff(field.farm_of_field, prepend=-1))
        field_of_line, roles, layout, first = [], [], {}, 0
        for number, (role, lines) in enumerate(self.lines.items()):
            slots = self.slots[role][places if lines.by_field else members]
            layout[role] = slice(first, first + int(slots.sum()))
            first = layout[role].stop
            field_of_line.append(numpy.repeat(numpy.arange(len(places)) if lines.by_field else yards, slots))
            roles.append(numpy.full(int(slots.sum()), number))
        entry.count, entry.ids = first, range(first)
        entry.layout = layout
        field.members_entity_id = numpy.concatenate(field_of_line)
        farm.members_entity_id = field.farm_of_field[field.members_entity_id]
        flattened = numpy.array(farm.entity.flattened_roles, dtype=object)
        farm._members_role = flattened[numpy.concatenate(roles)]
        return simulation


class Fields:
    """The fields of each series, its farmyard first, as places: numbers in the order of the series.

    `count`: how many places; `series`: the series of each; `rows`: shape (places, years), the row of the table
    `fields`, -1 for a farmyard or a field that is not there in a year; `columns`: variable -> values of the rows.
    """

    def __init__(self, data: DataSet, layout: Layout, system: Any) -> None:
        """Number the fields of all years of a data set's series."""
        frame, years = data.tables["fields"], len(layout.year_numbers)
        self.columns = variable_columns(frame, "fields", "field_", system.variables)
        farms = data.tables["farms"].select(KEYS).with_columns(farm=polars.int_range(polars.len()))
        farm = frame.select(KEYS).join(farms, on=KEYS, how="left", maintain_order="left")["farm"].to_numpy()
        self.layout, numbers = layout, numpy.arange(len(layout.months))
        named = polars.DataFrame({"series": layout.series[farm], "field_id": frame["field_id"]})
        found = named.unique(maintain_order=True).sort("series", maintain_order=True)
        own = found["series"].to_numpy()
        # A field stands behind the farmyards of its own and all former series.
        found = found.with_columns(place=polars.Series(numpy.arange(len(own)) + own + 1, dtype=polars.Int64))
        self.count = len(numbers) + len(found)
        self.yards: Integers = numpy.searchsorted(own, numbers, side="left") + numbers
        self.series: Integers = numpy.empty(self.count, dtype=numpy.int64)
        self.series[self.yards], self.series[found["place"].to_numpy()] = numbers, own
        self.known = found
        place = named.join(found, on=["series", "field_id"], how="left", maintain_order="left")["place"].to_numpy()
        self.rows = numpy.full((self.count, years), -1, dtype=numpy.int64)
        self.rows[place, layout.year_of_row[farm]] = numpy.arange(len(frame))

    def of_series(self, members: Integers) -> Integers:
        """The places of these series, in order."""
        chosen = numpy.zeros(len(self.yards), dtype=numpy.bool_)
        chosen[members] = True
        return numpy.flatnonzero(chosen[self.series])

    def cells(self, field_id: polars.Series, farm: Integers) -> Integers:
        """Place and year of rows, as place x years + year; a row without field_id stands in the farmyard."""
        series = self.layout.series[farm]
        rows = polars.DataFrame({"series": series, "field_id": field_id})
        place = rows.join(self.known, on=["series", "field_id"], how="left", maintain_order="left")["place"]
        yard = polars.Series(self.yards[series])
        cell: Integers = (
            place.fill_null(yard).to_numpy() * len(self.layout.year_numbers) + self.layout.year_of_row[farm]
        )
        return cell


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
