"""A scenario's simulation over the baseline's farms, with all that the scenario cannot change taken from it."""

from __future__ import annotations

from typing import Any

from openfisca_core.periods import Period
from openfisca_core.periods import period as make_period
from openfisca_core.simulations import Simulation

from openfisca_stoffenbalans.dataset.simulation import contract_variables
from openfisca_stoffenbalans.scenario.graph import Changed, Graph, Node, record

# What of an input must be as it was for its values to stand for the same under a reform.
INPUT_NATURE = ("value_type", "dtype", "possible_values", "default_value", "end", "is_neutralized", "entity")


class Reusing(Simulation):
    """A simulation on a reformed system that takes the values in `kept` from `source` and calculates the rest.

    `source` is left as it is. Formulas must not write into arrays they are given, which OpenFisca asks anyway.
    """

    def __init__(self, system: Any, source: Simulation, kept: set[Node]) -> None:
        """Stand on the farms and lines of `source`."""
        super().__init__(system, system.instantiate_entities())
        self.source, self.kept = source, kept
        for key, population in self.populations.items():
            theirs = source.populations[key]
            population.count, population.ids = theirs.count, theirs.ids
            for name in (
                "layout",
                "farm_of_field",
                "_members_entity_id",
                "_members_role",
                "_members_position",
                "_ordered_members_map",
            ):
                if name in theirs.__dict__:
                    setattr(population, name, theirs.__dict__[name])

    def calculate(self, variable_name: str, period: Any) -> Any:
        """The kept value, else the calculated one."""
        period = period if isinstance(period, Period) else make_period(period)
        if (variable_name, period) in self.kept and self.get_array(variable_name, period) is not None:
            self.tracer.record_calculation_start(variable_name, period)
            self.tracer.record_calculation_end()
            return self.get_array(variable_name, period)
        return super().calculate(variable_name, period)

    def get_array(self, variable_name: str, period: Any) -> Any:
        """The value if it is kept or was calculated, else None."""
        if (variable_name, period) in self.kept:
            # openfisca-core forgets what a variable that looks back on itself came to; that is calculated again.
            found = self.source.get_array(variable_name, period)
            if found is not None:
                return found
        return super().get_array(variable_name, period)


def same_inputs(before: Any, after: Any, inputs: set[Node]) -> bool:
    """Whether what data give means the same under both systems: `inputs`, and what only one of them takes."""
    for name in {name for name, _ in inputs} | contract_variables():
        old, new = before.variables.get(name), after.variables.get(name)
        if old is not new and (
            old is None or new is None or any(nature(old, of) != nature(new, of) for of in INPUT_NATURE)
        ):
            return False
    return True


def nature(variable: Any, name: str) -> Any:
    """A trait of a variable; entities by key, since every system has its own."""
    value = getattr(variable, name, None)
    return value.key if name == "entity" and value is not None else value


def kept(graph: Graph, inputs: set[Node], changed: Changed) -> set[Node]:
    """The calculations and inputs that a change cannot reach."""
    return (set(graph.uses) - graph.reached(changed)) | inputs


def reuse(system: Any, source: Simulation, nodes: set[Node], recorded: bool = False) -> tuple[Reusing, Graph]:
    """A reusing simulation, and its own part of the graph when it is recorded."""
    simulation = Reusing(system, source, nodes)
    return simulation, record(simulation) if recorded else Graph()
