"""What a result depends on, and what of it a reform can reach.

A calculation that read nothing a reform changes comes out the same under the reform, bit for bit: the branches it took
followed from what it read. What was never calculated is unknown and calculated when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openfisca_core.errors import ParameterNotFoundError
from openfisca_core.periods import Period
from openfisca_core.simulations import Simulation
from openfisca_core.tracers import SimpleTracer, TracingParameterNodeAtInstant

from openfisca_stoffenbalans.tables import leaves

Node = tuple[str, Period]
# A parameter path and the day it was read for; None when the day follows from the parameter's own dates.
Read = tuple[str, str | None]


@dataclass
class Graph:
    """The calculations of a simulation: for each the calculations and the parameters that it read."""

    uses: dict[Node, set[Node]] = field(default_factory=dict)
    reads: dict[Node, set[Read]] = field(default_factory=dict)

    def under(self, own: Graph, nodes: set[Node]) -> Graph:
        """This graph's part below `nodes` together with a graph that was recorded on top of them."""
        uses = {node: used for node, used in self.uses.items() if node in nodes}
        uses |= {node: used for node, used in own.uses.items() if node not in nodes}
        reads = {node: read for node, read in self.reads.items() if node in nodes}
        return Graph(uses, reads | own.reads)

    def reached(self, changed: Changed) -> set[Node]:
        """The calculations whose result a change can reach."""
        users: dict[Node, list[Node]] = {}
        for node, used in self.uses.items():
            for other in used:
                users.setdefault(other, []).append(node)
        touched = {read: changed.touches(*read) for read in set().union(*self.reads.values())} if self.reads else {}
        found = {node for node, reads in self.reads.items() if any(touched[read] for read in reads)}
        found |= {node for node in self.uses if node[0] in changed.variables}
        todo = list(found)
        while todo:
            for user in users.get(todo.pop(), ()):
                if user not in found:
                    found.add(user)
                    todo.append(user)
        return found


class DependencyTracer(SimpleTracer):
    """Records a simulation's graph as it calculates."""

    def __init__(self) -> None:
        """Start with nothing calculated."""
        super().__init__()
        self.graph = Graph()
        self.nodes: list[Node] = []

    def record_calculation_start(self, variable: Any, period: Any) -> None:
        """Note that the calculation under way, if any, uses this one."""
        super().record_calculation_start(variable, period)
        node = (variable, period)
        if self.nodes:
            self.graph.uses[self.nodes[-1]].add(node)
        self.graph.uses.setdefault(node, set())
        self.nodes.append(node)

    def record_calculation_end(self) -> None:
        """The calculation is done."""
        super().record_calculation_end()
        self.nodes.pop()

    def record_parameter_access(self, parameter: str, period: Any, value: Any) -> None:
        """Note a parameter read for a day."""
        if self.nodes:
            self.graph.reads.setdefault(self.nodes[-1], set()).add((parameter, str(period)))

    def record_law(self, paths: Iterable[str]) -> None:
        """Note tables and values read on a day that follows from their own dates."""
        if self.nodes:
            self.graph.reads.setdefault(self.nodes[-1], set()).update((path, None) for path in paths)


class RecordedNode(TracingParameterNodeAtInstant):
    """Parameters as a formula sees them; whatever it reads or looks through is recorded."""

    def get_traced_child(self, child: Any, key: Any) -> Any:
        """The child, recorded when it is a value."""
        node = self.parameter_node_at_instant
        if not isinstance(key, str):
            self.tracer.record_law({node._name})
            return child
        found = super().get_traced_child(child, key)
        if isinstance(found, TracingParameterNodeAtInstant):
            return RecordedNode(found.parameter_node_at_instant, self.tracer)
        self.tracer.record_parameter_access(f"{node._name}.{key}".removeprefix("."), node._instant_str, found)
        return found

    def __getattr__(self, key: str) -> Any:
        """The child; one that is not there on this day counts as read."""
        try:
            return super().__getattr__(key)
        except ParameterNotFoundError:
            self.looked_for(key)
            raise

    def __getitem__(self, key: Any) -> Any:
        """The child; one that is not there on this day counts as read."""
        try:
            return super().__getitem__(key)
        except ParameterNotFoundError:
            self.looked_for(key)
            raise

    def looked_for(self, key: Any) -> None:
        """Note a child that is not there: a change may bring it."""
        self.tracer.record_law({f"{self.parameter_node_at_instant._name}.{key}".removeprefix(".")})

    def __iter__(self) -> Iterator[Any]:
        """All names of the node: a change below it counts."""
        self.tracer.record_law({self.parameter_node_at_instant._name})
        return iter(self.parameter_node_at_instant)

    def __contains__(self, key: Any) -> bool:
        """Whether the node has a child; a change below it counts."""
        self.tracer.record_law({self.parameter_node_at_instant._name})
        return key in self.parameter_node_at_instant


def record(simulation: Simulation) -> Graph:
    """Let a simulation record from now on what its calculations use; the graph grows as it calculates."""
    tracer = DependencyTracer()
    at_instant = simulation.tax_benefit_system.get_parameters_at_instant
    simulation.trace_parameters_at_instant = lambda period: RecordedNode(at_instant(period), tracer)
    simulation.trace = True
    simulation.tracer = tracer
    return tracer.graph


@dataclass(frozen=True)
class Changed:
    """What a reformed system changes: variables by name, and parameter paths in the two trees."""

    variables: frozenset[str]
    paths: frozenset[str]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def touches(self, path: str, day: str | None) -> bool:
        """Whether what stands at a path, on a day (ISO) if one is given, is changed."""
        if day is not None and path in self.before and path in self.after:
            return bool(self.before[path].get_at_instant(day) != self.after[path].get_at_instant(day))
        above = any(path == changed or changed.startswith(f"{path}.") for changed in self.paths)
        return above or path == "" or any(path.startswith(f"{changed}.") for changed in self.paths)

    def __bool__(self) -> bool:
        """Whether anything is changed at all."""
        return bool(self.variables or self.paths)


def changes(before: Any, after: Any) -> Changed:
    """What the system `after` changes against the system `before`."""
    variables = {
        name
        for name in before.variables.keys() | after.variables.keys()
        if before.variables.get(name) is not after.variables.get(name)
    }
    paths = list(different(before.parameters, after.parameters))
    old, new = (
        {leaf.name: leaf for path in paths for leaf in below(system.parameters, path)} for system in (before, after)
    )
    return Changed(frozenset(variables), frozenset(paths), old, new)


def different(before: Any, after: Any) -> Iterator[str]:
    """Paths of the parameters and nodes that are not the same; what is shared is not looked at."""
    if before is after:
        return
    if hasattr(before, "values_list") or hasattr(after, "values_list"):
        if dated(before) != dated(after) or before.metadata != after.metadata:
            yield after.name
        return
    if before.metadata != after.metadata:
        yield after.name
    for name in [*before.children, *(name for name in after.children if name not in before.children)]:
        if name not in before.children or name not in after.children:
            yield f"{after.name}.{name}".removeprefix(".")
        else:
            yield from different(before.children[name], after.children[name])


def dated(parameter: Any) -> Any:
    """Days and values of a parameter; None for what is a node."""
    if not hasattr(parameter, "values_list"):
        return None
    return [(value.instant_str, type(value.value), value.value) for value in parameter.values_list]


def below(tree: Any, path: str) -> Iterator[Any]:
    """The parameters at or below a path, none when there is no such path."""
    node = tree
    for name in path.split(".") if path else ():
        node = getattr(node, "children", {}).get(name)
        if node is None:
            return
    yield from leaves(node)
