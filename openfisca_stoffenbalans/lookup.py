"""Numbers of the law for whole columns of codes: one gather per table, at the nearest day in force, traced."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.errors import ParameterNotFoundError
from openfisca_core.indexed_enums import EnumArray

from openfisca_stoffenbalans.tables import at, holds_only_while_covered, leaves

NONE = "none"


class NotInForceError(LookupError):
    """A table of the law was asked for at a day for which it has no value at all."""


class Law:
    """The parameters as one balance year reads them.

    Every table is read at the first day of the balance year or, when it was not in force then, at the nearest day on
    which it was. `nearest` tells that day; what was read so is marked as derived in the results. A table that says
    `outside: not_found` has no value on the days its versions do not cover; `outside` notes that one was asked so.
    """

    def __init__(self, population: Any, period: Any, parameters: Callable[[Any], Any]) -> None:
        """Read for `population` (its system's law) in `period` through the formula's `parameters`."""
        self.tree = population.simulation.tax_benefit_system.parameters
        self.start = str(period.start)
        self.parameters = parameters
        self.nodes: dict[Any, Any] = {}
        self.read: set[str] = set()
        self.covered: dict[str, bool] = {}
        self.outside = False
        self.tracer = population.simulation.tracer

    def noted(self, path: str) -> str:
        """The path, noted as read: in `read` and with a tracer that asks what a result depends on."""
        if path not in self.read:
            self.read.add(path)
            note(self.tracer, {path})
        return path

    def nearest(self, path: str) -> str:
        """The day (ISO) at which the table or value at `path` is read."""
        return nearest_day(self.tree, self.noted(path), self.start)

    def cell(self, path: str, row: str, column: str) -> Any:
        """The printed cell, or None when it is empty; KeyError for a table or row that does not exist."""
        leaf = self.table(path).children[row].children.get(column)
        if leaf is None or self.is_outside(path, leaf):
            return None
        day = day_in_force(leaf.values_list, self.start)
        if (path, day) not in self.nodes:
            self.nodes[path, day] = descend(self.parameters(day), path)
        try:
            return self.nodes[path, day][row][column]
        except ParameterNotFoundError:
            return None

    def is_outside(self, path: str, leaf: Any) -> bool:
        """Whether the parameter at or below `path` holds only on days that its values cover, and this is none."""
        if path not in self.covered:
            self.covered[path] = holds_only_while_covered(self.tree, path)
        absent = self.covered[path] and value_on(leaf.values_list, self.start) is None
        self.outside |= absent
        return absent

    def text(self, path: str, row: str, column: str) -> str | None:
        """The text that a row prints in a column, or None when it is empty or the table has no such column."""
        printed: str | None = self.table(path).children[row].metadata.get(column)
        return printed

    def table(self, path: str) -> Any:
        """The table at a path in the tree of all dates."""
        if path not in self.nodes:
            self.nodes[path] = at(self.tree, self.noted(path))
        return self.nodes[path]

    def number(self, path: str, row: str, column: str) -> float:
        """The printed number of a cell; NaN when it is empty."""
        value = self.cell(path, row, column)
        return numpy.nan if value is None else float(value)

    def value(self, path: str) -> Any:
        """The value of a single parameter; NaN on a day of which it says that nothing is known."""
        parent, name = path.rsplit(".", 1)
        if self.is_outside(path, self.table(path)):
            return numpy.nan
        if (path,) not in self.nodes:
            # The parent is kept, not the value, so that a traced law records each time it is read.
            self.nodes[path,] = descend(self.parameters(self.nearest(path)), parent)
        return self.nodes[path,][name]


def note(tracer: Any, paths: Iterable[str]) -> None:
    """Tell a tracer that asks for it which tables and values were read, whatever their day."""
    record = getattr(tracer, "record_law", None)
    if record is not None:
        record(paths)


def descend(node: Any, path: str) -> Any:
    """The descendant of a parameter node at a dotted path."""
    return functools.reduce(lambda parent, name: parent[name], path.split("."), node)


def nearest_day(tree: Any, path: str, day: str) -> str:
    """The day nearest to `day` (ISO) on which the parameters below `path` are in force."""
    return day_in_force(next(leaves(at(tree, path))).values_list, day)


def value_on(values: Any, day: str) -> Any:
    """The value on a day (ISO) of a parameter with these values, the latest first; None before the first."""
    return next((value.value for value in values if value.instant_str <= day), None)


def day_in_force(values: Any, day: str) -> str:
    """The day nearest to `day` (ISO) on which a parameter with these values, the latest first, is in force."""
    first, last = values[-1].instant_str, values[0]
    if day < first:
        return str(first)
    if last.value is None and day >= last.instant_str:
        return str(numpy.datetime64(last.instant_str) - numpy.timedelta64(1, "D"))
    return day


Coefficient = Callable[..., Any]
Vector = tuple[NDArray[numpy.float64], set[str]]
_vectors: weakref.WeakKeyDictionary[Any, dict[Any, Vector]] = weakref.WeakKeyDictionary()


def gather(
    population: Any, period: Any, parameters: Callable[[Any], Any], coefficient: Coefficient, *codes: EnumArray
) -> NDArray[numpy.float64]:
    """The coefficient of each line, float64, as long as `codes`.

    `coefficient(law, member, ...)` answers for one member of each Enum; it is asked once per member (or combination)
    and instant. In a traced simulation the cells behind the codes that occur are recorded with their references.
    """
    system, enums = population.simulation.tax_benefit_system, tuple(code.possible_values for code in codes)
    # Systems that only differ in formulas share their tree of parameters, and so the vectors.
    known = _vectors.setdefault(system.parameters, {})
    key = (str(period.start), coefficient, enums)
    if key not in known:
        source = Law(population, period, system.get_parameters_at_instant)
        known[key] = build(source, coefficient, enums), source.read
    vector, read = known[key]
    index: Any = codes[0].view(numpy.ndarray)
    for code in codes[1:]:
        index = index.astype(numpy.int32) * len(code.possible_values) + code.view(numpy.ndarray)
    note(population.simulation.tracer, read)
    if hasattr(population.simulation.tracer, "_current_node"):
        trace(population, Law(population, period, parameters), coefficient, enums, numpy.unique(index))
    gathered: NDArray[numpy.float64] = vector.take(index)
    return gathered


def build(law: Law, coefficient: Coefficient, enums: tuple[Any, ...]) -> NDArray[numpy.float64]:
    """The coefficient of every member, or of every combination of members in the order of the Enums."""
    members = [[]]  # type: list[list[str]]
    for possible in enums:
        members = [[*before, member.name] for before in members for member in possible]
    vector = numpy.array([coefficient(law, *names) for names in members], dtype=numpy.float64)
    if numpy.isnan(vector).all() and not law.outside:
        raise NotInForceError(f"{coefficient.__name__}: the law has no value at all on {law.start}")
    return vector


def trace(population: Any, law: Law, coefficient: Coefficient, enums: tuple[Any, ...], used: Any) -> None:
    """Record the cells read for the members that occur, each with its reference, in the simulation's tracer."""
    recorded = population.simulation.tracer._current_node.parameters
    before = len(recorded)
    sizes = [len(possible) for possible in enums]
    for position in used:
        indices = numpy.unravel_index(position, sizes)
        coefficient(law, *(list(possible)[i].name for possible, i in zip(enums, indices, strict=True)))
    for node in recorded[before:]:
        node.reference = at(law.tree, node.name).metadata.get("reference")
