"""A data set as OpenFisca simulations, one for each part of the farms with the same start of the balance year.

A farm with two year starts is two series, each with simulations of its own. Within a simulation the lines stand role
by role, so that formulas work on one contiguous part of the arrays.
"""

from __future__ import annotations

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

from openfisca_stoffenbalans.dataset.farm_years import farm_rows
from openfisca_stoffenbalans.dataset.schema import KEYS, DataSet

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

    def release(self) -> None:
        """Give back the arrays of the simulation, which must not be used any more.

        A simulation and its populations refer to one another, so that without this their arrays would stay until the
        garbage collector happens to run.
        """
        for population in self.simulation.populations.values():
            population._holders.clear()
            population.__dict__.pop("_totals", None)


@dataclass(frozen=True)
class Lines:
    """The rows of one role's table, put in the order of parts and years.

    `order`: positions in the table by block (part, year); `ends`: end of each block in `order`; `slot`: the line of the
    farm (0, 1, …) of each row of the table; `farm`: the row of `farms` that each row of the table belongs to.
    """

    columns: dict[str, NDArray[Any]]
    order: Integers
    ends: Integers
    slot: Integers
    farm: Integers


def balance_year(year: int, month: int) -> Period:
    """The balance year that starts on the first day of a month."""
    return make_period(f"{year}" if month == 1 else f"year:{year}-{month:02}")


def column_values(column: polars.Series, variable: Any) -> NDArray[Any] | None:
    """A column as the variable holds it, null as its default, and once more the default at its end.

    None when every row is null. The default at the end is what a slot without a row takes.
    """
    if column.null_count() == len(column):
        return None
    default = variable.default_array(1)
    values = numpy.empty(len(column) + 1, dtype=variable.dtype)
    values[-1] = default.view(numpy.ndarray)[0]
    plain = column.to_physical() if variable.value_type is Enum else column
    if variable.value_type is Enum and column.dtype == polars.Boolean:
        # A yes-or-no column whose empty cell is a third thing: the Enum has <column> and no_<column>.
        yes, no = (variable.possible_values[f"{prefix}{column.name}"].index for prefix in ("", "no_"))
        plain = column.replace_strict({True: yes, False: no}, return_dtype=polars.Int16)
    values[:-1] = plain.fill_null(values[-1].item()).to_numpy()
    return values


def table_columns(data: DataSet, table: str, prefix: str, variables: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Variable -> values of the rows of a table, for the columns that are variables and say something."""
    columns = {}
    for name in data.tables[table].columns:
        if f"{prefix}{name}" in variables and name not in KEYS:
            values = column_values(data.tables[table][name], variables[f"{prefix}{name}"])
            if values is not None:
                columns[f"{prefix}{name}"] = values
    return columns


def position_in_group(group: Integers, groups: int) -> Integers:
    """0, 1, … for the members of each group in their order."""
    counts = numpy.bincount(group, minlength=groups)
    starts = numpy.cumsum(counts) - counts
    if (group[1:] >= group[:-1]).all():
        return numpy.arange(len(group)) - starts[group]
    order = numpy.argsort(group, kind="stable")
    position = numpy.empty(len(group), dtype=numpy.int64)
    position[order] = numpy.arange(len(group)) - starts[group[order]]
    return position


def in_blocks(block: Integers, blocks: int) -> tuple[Integers, Integers]:
    """Positions ordered by block, and the end of each block."""
    # Below 2**16 blocks numpy sorts by radix, in linear time.
    narrow = block.astype(numpy.uint16) if blocks < 2**16 else block
    return numpy.argsort(narrow, kind="stable"), numpy.cumsum(numpy.bincount(block, minlength=blocks))


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
        self.first_year = int(self.years.min()) if len(self.series) else 0
        self.year_count = int(self.years.max()) - self.first_year + 1 if len(self.series) else 0
        self.block_of_row = self.part_of_series[self.series] * self.year_count + self.years - self.first_year
        self.farm_order, self.farm_ends = in_blocks(self.block_of_row, self.parts * self.year_count)
        self.farm_columns = table_columns(data, "farms", "", system.variables)
        self.lines = {role: self.lay_lines(data, role, table) for role, table in ROLE_TABLES.items()}
        self.slots = {role: self.count_slots(lines) for role, lines in self.lines.items()}

    def number_parts(self, size: int) -> Integers:
        """The part of each series: runs of at most `size` series with the same start of the year."""
        position = position_in_group(self.months, 13)
        runs = self.months * (len(self.months) + 1) + position // size
        part: Integers = numpy.unique(runs, return_inverse=True)[1]
        return part

    def lay_lines(self, data: DataSet, role: str, table: str) -> Lines:
        """Order the rows of one role's table by part and year."""
        farm = data.farm_rows.get(table)
        if farm is None:
            farm = farm_rows(data.tables[table], data.tables["farms"])
        order, ends = in_blocks(self.block_of_row[farm], self.parts * self.year_count)
        columns = table_columns(data, table, f"{role}_", self.system.variables)
        return Lines(columns, order, ends, position_in_group(farm, len(self.series)), farm)

    def count_slots(self, lines: Lines) -> Integers:
        """Lines of each series: the most of any of its years."""
        slots = numpy.zeros(len(self.months), dtype=numpy.int64)
        counts = numpy.bincount(lines.farm, minlength=len(self.series))
        numpy.maximum.at(slots, self.series, counts)
        return slots

    def block(self, order: Integers, ends: Integers, part: int, year: int) -> Integers:
        """Positions of a part's rows in one year."""
        number = part * self.year_count + year
        return order[(ends[number - 1] if number else 0) : ends[number]]

    def part(self, part: int) -> Part:
        """The simulation of one part, with all its inputs."""
        members = numpy.flatnonzero(self.part_of_series == part)
        place = numpy.zeros(len(self.months), dtype=numpy.int64)
        place[members] = numpy.arange(len(members))
        simulation, starts = self.empty_simulation(members)
        rows = {}
        for year in range(self.year_count):
            known = self.block(self.farm_order, self.farm_ends, part, year)
            if not len(known):
                continue
            period = balance_year(self.first_year + year, int(self.months[members[0]]))
            index = place[self.series[known]]
            rows[period] = (known, index)
            self.set_farms(simulation, period, known, index)
            for role, lines in self.lines.items():
                chosen = self.block(lines.order, lines.ends, part, year)
                slot = starts[role][place[self.series[lines.farm[chosen]]]] + lines.slot[chosen]
                part_of_role = simulation.populations["entry"].layout[role]
                set_inputs(simulation, "entry", period, lines.columns, chosen, slot, part_of_role)
        return Part(simulation, rows)

    def set_farms(self, simulation: Simulation, period: Period, known: Integers, index: Integers) -> None:
        """Give the farms their inputs of one year, and that they are known."""
        count = simulation.populations["farm"].count
        set_inputs(simulation, "farm", period, self.farm_columns, known, index, slice(0, count))
        is_known = numpy.zeros(count, dtype=numpy.bool_)
        is_known[index] = True
        simulation.set_input("farm_year_known", period, is_known)

    def empty_simulation(self, members: Integers) -> tuple[Simulation, dict[str, Integers]]:
        """A simulation of these series without inputs, and the first line of each role of each."""
        simulation = Simulation(self.system, self.system.instantiate_entities())
        farm, entry = simulation.populations["farm"], simulation.populations["entry"]
        farm.count, farm.ids = len(members), self.farm_ids.gather(members).to_list()
        farm_of_line, roles, starts, layout, first = [], [], {}, {}, 0
        for number, role in enumerate(ROLE_TABLES):
            slots = self.slots[role][members]
            starts[role] = first + numpy.cumsum(slots) - slots
            layout[role] = slice(first, first + int(slots.sum()))
            first = layout[role].stop
            farm_of_line.append(numpy.repeat(numpy.arange(len(members)), slots))
            roles.append(numpy.full(int(slots.sum()), number))
        entry.count, entry.ids = first, range(first)
        entry.layout = layout
        farm.members_entity_id = numpy.concatenate(farm_of_line)
        flattened = numpy.array(farm.entity.flattened_roles, dtype=object)
        farm._members_role = flattened[numpy.concatenate(roles)]
        return simulation, starts


def set_inputs(
    simulation: Simulation,
    entity: str,
    period: Period,
    columns: Mapping[str, NDArray[Any]],
    chosen: Integers,
    places: Integers,
    within: slice,
) -> None:
    """Set the chosen rows of each column at their places `within` the entity; elsewhere stands the default."""
    if not len(chosen):
        return
    population = simulation.populations[entity]
    source = numpy.full(within.stop - within.start, -1, dtype=numpy.int64)
    source[places - within.start] = chosen
    for name, values in columns.items():
        variable = simulation.tax_benefit_system.variables[name]
        array = numpy.empty(population.count, dtype=variable.dtype)
        array[: within.start] = values[-1]
        array[within.stop :] = values[-1]
        numpy.take(values, source, out=array[within], mode="wrap")
        if variable.value_type is Enum:
            array = EnumArray(array, variable.possible_values)
        simulation.set_input(name, period, array)


def simulate(data: DataSet, system: Any, farms_per_part: int = FARMS_PER_PART) -> Iterator[Part]:
    """The data set as ready simulations, part by part, each with all its balance years as inputs.

    `farms_per_part` bounds the memory of a part: no farm's result depends on another's.
    """
    layout = Layout(data, system, farms_per_part)
    for part in range(layout.parts):
        yield layout.part(part)
