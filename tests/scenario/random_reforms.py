"""Random reforms of every kind: parameters, readings, options, and structural ones that no scenario file can say."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import numpy
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Entry, Farm
from openfisca_stoffenbalans.lookup import Law
from openfisca_stoffenbalans.reform import LawReform, available, disagreements, readings
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError, law_tree
from openfisca_stoffenbalans.scenario.values import MOST, WHOLE, is_numeric
from openfisca_stoffenbalans.slots import on, total
from openfisca_stoffenbalans.tables import at, leaves, tables

YEARS = "de.stoffbilv.annex_3_three_years.averaging_years"
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
DAYS = ("2018-01-01", "2018-07-01", "2019-01-01", "2019-10-01", "2020-01-01", "2020-07-01", "2021-01-01", "2023-01-01")
# Single numbers that every farm reads; a cell of a table is read by few.
OFTEN_READ = ("de.stoffbilv.section_0", "de.stoffbilv.annex_3", "de.stoffbilv.annex_4", "de.stoffbilv.in_force")
# What an option needs to be run at all.
VALUES = {
    "phosphate_limit": "de.policy_options.phosphate_limit",
    "scope_by_nitrogen": "de.simplification_options.scope_nitrogen",
}


@functools.cache
def parameters() -> tuple[list[Any], list[Any]]:
    """The law's parameters that many farms read, and all of them."""
    every = list(leaves(law_tree()))
    return [leaf for leaf in every if leaf.name.startswith(OFTEN_READ)], every


@functools.cache
def columns() -> list[str]:
    """Paths of whole columns of numbers."""
    found = [
        f"{path}.*.{name}" for path, table in tables().items() for name, of in table.columns.items() if "unit" in of
    ]
    return [path for path in found if (column := cells(path)) and all(map(is_numeric, column))]


def cells(path: str) -> list[Any]:
    """The parameters of a column."""
    table, _, name = path.partition(".*.")
    rows = at(law_tree(), table).children.values()
    return [row.children[name] for row in rows if name in row.children]


def other_value(random: Random, leaf: Any) -> Any:
    """A possible value of a parameter, mostly near its own."""
    value = next(known.value for known in leaf.values_list if known.value is not None)
    unit = leaf.metadata.get("unit")
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        return [item for item in value if random.random() < 0.7]
    if isinstance(value, str) and unit != "date":
        # Another cell of the same column, such as another row of a table that this one refers to.
        column = [other for other in leaves(law_tree()) if other.name.split(".")[2::2] == leaf.name.split(".")[2::2]]
        return random.choice(column).values_list[-1].value
    if unit == "date":
        return random.choice(("2018-12-31", "2020-06-30", "2021-12-31", "2022-12-31", "2030-12-31"))
    if unit in WHOLE:
        return random.randint(1, 4) if leaf.name == YEARS else random.randint(0, 20)
    return min(round(value * random.choice((0, 0.5, 0.9, 1, 1.001, 2)), 4), MOST.get(unit, 1e9))


def dated_change(random: Random, leaf: Any) -> dict[str, Any]:
    """Day -> value, relative change or end of a parameter, on one or two days."""
    first = leaf.values_list[-1].instant_str
    days = [first, *(day for day in DAYS if day > first)]
    days = random.sample(days, min(len(days), random.choice((1, 1, 2))))
    changes: dict[str, Any] = {}
    for day in days:
        kind = random.choice(("value", "value", "value", "scale", "add", "end"))
        if kind == "end":
            changes[day] = None
        elif kind != "value" and is_numeric(leaf) and leaf.metadata.get("unit") not in WHOLE:
            changes[day] = {kind: random.choice((0.5, 0.9, 1.1))}
        else:
            changes[day] = other_value(random, leaf)
    return changes


def random_parameters(random: Random) -> dict[str, Any]:
    """Path -> dated changes of a few parameters or columns."""
    often, every = parameters()
    found: dict[str, Any] = {}
    for _ in range(random.choice((1, 1, 2, 4))):
        kind = random.random()
        if kind < 0.15:
            found[YEARS] = {"2018-01-01": random.randint(1, 4)}
        elif kind < 0.4:
            column = random.choice(columns())
            found[column] = {cells(column)[0].values_list[-1].instant_str: {"scale": random.choice((0.8, 1.25))}}
        else:
            leaf = random.choice(often if kind < 0.8 else every)
            if any(known.value is not None for known in leaf.values_list):
                found[leaf.name] = dated_change(random, leaf)
    return found


def random_content(random: Random) -> dict[str, Any]:
    """What a scenario file could say; not all of it is possible."""
    kind, content = random.random(), {}  # type: float, dict[str, Any]
    if kind < 0.7:
        content["parameters"] = random_parameters(random)
    if kind > 0.55:
        chosen = random.sample(sorted(readings()), random.choice((1, 1, 2, 4)))
        while list(disagreements([readings()[name] for name in chosen])):
            chosen.pop()
        content["readings"] = chosen
    if kind > 0.8:
        name = random.choice(sorted(available("de.options")))
        content["reforms"] = [f"de.options.{name}"]
        if name in VALUES:
            value = {random.choice(DAYS[:5]): random.choice((10, 750, 3000))}
            content["parameters"] = content.get("parameters", {}) | {VALUES[name]: value}
    return content


def random_scenario(random: Random, name: str, system: Any) -> dict[str, Any]:
    """The spec of a scenario that a system can be built with."""
    while True:
        try:
            scenario = Scenario.from_spec({"name": name, **random_content(random), "source": "random"})
            build(system, [scenario])
        except ScenarioError:
            continue
        return scenario.spec()


class flow_square(Variable):
    value_type = float
    entity = Entry
    definition_period = DateUnit.YEAR
    label = "Something new of each line"

    @on("flow")
    def formula(entry, period, parameters):
        return numpy.nan_to_num(entry("flow_amount", period)) ** 2


class root_of_flows(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    label = "Something new of each farm, from its lines"

    def formula(farm, period, parameters):
        return numpy.sqrt(total(farm, "flow", farm.members("flow_square", period)))


def formula_of(name: str, formula: Callable[..., Any], **attributes: Any) -> type[Variable]:
    """A variable of the law with another formula from 2018 on."""
    return type(name, (Variable,), {"formula_2018_01_01": formula, **attributes})


def by_new_variables(farm: Any, period: Any, parameters: Any) -> Any:
    return Law(farm, period, parameters).value(LIMIT) - farm("root_of_flows", period) % 100


def by_branch_on_the_law(farm: Any, period: Any, parameters: Any) -> Any:
    limit = Law(farm, period, parameters).value(LIMIT)
    if limit < 170:
        return limit - farm("stoffbilv_mean_livestock_units", period.offset(-1)) % 100
    return farm.filled_array(float(limit))


def by_branch_on_the_data(farm: Any, period: Any, parameters: Any) -> Any:
    limit = Law(farm, period, parameters).value(LIMIT)
    above = farm("nitrogen_balance_per_ha", period) > limit
    if above.any():
        return limit + numpy.where(above, numpy.nan_to_num(farm("phosphate_balance", period.offset(-2))) % 50, 0)
    return farm.filled_array(float(limit))


def by_whole_nodes(farm: Any, period: Any, parameters: Any) -> Any:
    law = parameters(period)
    lines = law.de.stoffbilv.annex_4_permitted_balance.lines
    shares = law.balance.units[numpy.where(farm("has_biogas_plant", period), "kg", "dt")]
    return sum(1 for name in lines) + 10 * ("line_1_surplus" in lines) + shares


def by_known_years(farm: Any, period: Any, parameters: Any) -> Any:
    return farm("stoffbilv_known_years", period) * 60.0


def by_earlier_year(farm: Any, period: Any, parameters: Any) -> Any:
    return farm("nitrogen_balance", period) + numpy.nan_to_num(farm("nitrogen_balance", period.offset(-3)))


def from_area(farm: Any, period: Any, parameters: Any) -> Any:
    return farm("utilised_area_ha", period) / 3


def with_variables(name: str, *variables: type[Variable]) -> type[LawReform]:
    """A reform that adds or updates variables."""

    def change(self: Any) -> None:
        for variable in variables:
            (self.update_variable if variable.__name__ in self.variables else self.add_variable)(variable)

    return type(name, (LawReform,), {"change": change})


def neutralising(name: str) -> type[LawReform]:
    """A reform that leaves one variable at its default."""

    def change(self: Any) -> None:
        # As openfisca-core's neutralize_variable, which fails for a variable that a reform has updated.
        variable = copy.copy(self.variables[name])
        variable.is_neutralized = True
        self.variables[name] = variable

    return type(f"without_{name}", (LawReform,), {"change": change, "whole_tree": False})


class new_parameter(LawReform):
    """A limit that stands at a place of the law that there was not before."""

    def change(self) -> None:
        content = {"limit": {"values": {"2018-01-01": {"value": 130}, "2021-01-01": {"value": 110}}}}
        self.parameters.de.add_child("new", ParameterNode("de.new", data=content))

        def formula(farm, period, parameters):
            return farm.filled_array(float(parameters(period).de.new.limit))

        self.update_variable(formula_of("stoffbilv_limit_flat", formula))


def structural() -> Iterator[type[LawReform]]:
    """Reforms that change which variables there are and what they read."""
    flat = "stoffbilv_limit_flat"
    yield with_variables("new_variables", flow_square, root_of_flows, formula_of(flat, by_new_variables))
    yield with_variables("branch_on_the_law", formula_of(flat, by_branch_on_the_law))
    yield with_variables("branch_on_the_data", formula_of(flat, by_branch_on_the_data))
    yield with_variables("whole_nodes", formula_of(flat, by_whole_nodes))
    yield with_variables("known_years", formula_of(flat, by_known_years))
    yield with_variables("earlier_year", formula_of("stoffbilv_mean_balance", by_earlier_year))
    yield with_variables("formula_for_an_input", formula_of("unavoidable_losses_n_kg", from_area))
    yield with_variables("formula_for_an_input_often_empty", formula_of("roughage_n_removal_kg", from_area))
    yield with_variables("ends_earlier", formula_of("stoffbilv_permitted_balance", from_area, end="2019-12-31"))
    yield new_parameter
    yield neutralising("livestock_units")
    yield neutralising("stoffbilv_mean_area")
    yield neutralising("unavoidable_losses_n_kg")
    yield neutralising("flow_n_content")


STRUCTURAL: Mapping[str, type[LawReform]] = {reform.__name__: reform for reform in structural()}
# What scenarios may start from: whatever is an input under the law is one here.
BASELINES = tuple(name for name in STRUCTURAL if not name.startswith("without_"))
