"""What a calculation is recorded to read, and what a change of the law can reach."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest
from openfisca_core.parameters import ParameterNode

from openfisca_stoffenbalans.dataset.simulation import Layout, balance_year
from openfisca_stoffenbalans.reform import ChangedParameters, LawReform, with_reforms
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.graph import Graph, Node, changes, record
from openfisca_stoffenbalans.tables import at
from tests.conftest import loaded_system
from tests.random_farms import as_dataset
from tests.scenario.random_reforms import LIMIT, YEARS, formula_of, with_variables

SECTION = "de.stoffbilv.section_06_assessment"
TABLE = "de.stoffbilv.annex_1_contents.table_1"
LEGUMES = "de.stoffbilv.annex_1_contents.table_6"
LINES = "de.stoffbilv.annex_4_permitted_balance.lines"
KG, DT = "balance.units.kg", "balance.units.dt"
Y2018, Y2019, Y2020, Y2021 = (balance_year(year, 1) for year in (2018, 2019, 2020, 2021))


def simulation(system: Any) -> Any:
    """A farm that sells wheat in the four years from 2018."""
    keys = [{"farm_id": "a", "year_start": datetime.date(year, 1, 1)} for year in range(2018, 2022)]
    farm = {"country": "DE", "utilised_area_ha": 50, "assessment_method": "flat"}
    wheat = {"category": "plant_product", "product": "de_t1_weizen_rp12_korn", "amount": 10, "unit": "t"}
    rows = {
        "farms": [{**key, **farm} for key in keys],
        "flows": [{**key, "direction": "removal", **wheat} for key in keys],
    }
    with tempfile.TemporaryDirectory() as folder:
        return Layout(as_dataset(rows, Path(folder)), system).part(0).simulation


def recorded(system: Any, *nodes: Node) -> Graph:
    """The graph of these calculations."""
    made = simulation(system)
    graph = record(made)
    with numpy.errstate(all="ignore"):
        for name, period in nodes:
            made.calculate(name, period)
    return graph


def with_limit(formula: Callable[..., Any]) -> Any:
    """The law with another formula for the flat limit."""
    return with_reforms(loaded_system(), [with_variables("other", formula_of("stoffbilv_limit_flat", formula))])


def reached(system: Any, graph: Graph, path: str, dated: Mapping[str, Any]) -> set[Node]:
    """What of a graph a scenario's change of a parameter can reach."""
    scenario = Scenario.from_spec({"name": "change", "parameters": {path: dated}})
    return graph.reached(changes(system, build(system, [scenario])))


def test_a_calculation_uses_the_variables_of_its_formula_in_their_years(system: Any) -> None:
    graph = recorded(system, ("stoffbilv_verdict", Y2020))
    # Section 6(2): the verdict by the method that counts.
    assert graph.uses["stoffbilv_verdict", Y2020] == {
        ("stoffbilv_verdict_flat", Y2020),
        ("stoffbilv_verdict_farm_specific", Y2020),
        ("stoffbilv_assessment_method", Y2020),
    }
    # Annex 3: this year and the two before it.
    years = (Y2018, Y2019, Y2020)
    assert graph.uses["stoffbilv_mean_area", Y2020] == {
        ("stoffbilv_known_years", Y2020),
        *(("farm_year_known", year) for year in years),
        *(("utilised_area_ha", year) for year in years),
    }
    assert graph.uses["utilised_area_ha", Y2020] == set()
    assert ("stoffbilv_verdict", Y2019) not in graph.uses


def test_lines_are_recorded_below_their_sums(system: Any) -> None:
    graph = recorded(system, ("nitrogen_removal", Y2020))
    inputs = ("flow_product", "flow_amount", "flow_n_content", "flow_direction")
    assert graph.uses["flow_nitrogen", Y2020] == {
        *((name, Y2020) for name in inputs),
        ("flow_table_amount", Y2020),
        ("flow_protein_nitrogen", Y2020),
    }
    below, todo = set(), [("nitrogen_removal", Y2020)]
    while todo:
        node = todo.pop()
        below.add(node)
        todo.extend(graph.uses[node] - below)
    assert ("flow_nitrogen", Y2020) in below


def test_a_scalar_is_read_for_a_day_and_what_the_law_looks_up_for_none(system: Any) -> None:
    graph = recorded(system, ("stoffbilv_verdict_flat", Y2020))
    assert graph.reads["stoffbilv_enough_years", Y2020] == {(YEARS, "2020-01-01")}
    assert graph.reads["stoffbilv_assessment_period", Y2020] == {(f"{SECTION}.assessment_last_day", "2020-01-01")}
    # Law.value reads on the nearest day in force, which follows from all dates.
    assert {(LIMIT, None), (f"{SECTION}.flat_tolerance", None)} <= graph.reads["stoffbilv_limit_flat", Y2020]
    assert (YEARS, None) in graph.reads["stoffbilv_known_years", Y2020]
    assert ("stoffbilv_verdict_flat", Y2020) not in graph.reads


def test_gathered_tables_are_read_by_every_simulation_that_gathers(system: Any) -> None:
    first, second = (recorded(system, ("flow_nitrogen", Y2020)) for _ in range(2))
    read = first.reads["flow_nitrogen", Y2020]
    assert (TABLE, None) in read
    assert not any(path.startswith(LEGUMES) for path, _ in read)
    # The second takes the coefficients that the first one has looked up.
    assert second.reads == first.reads
    assert second.uses == first.uses


def test_a_cell_of_a_gathered_table_reaches_what_rests_on_it_and_nothing_else(system: Any) -> None:
    graph = recorded(system, ("nitrogen_balance", Y2020), ("stocking_density", Y2020), ("stoffbilv_limit_flat", Y2020))
    found = reached(system, graph, f"{TABLE}.weizen_rp12_korn.n", {"2018-01-01": 3})
    assert {(name, Y2020) for name in ("flow_nitrogen", "nitrogen_removal", "nitrogen_balance")} <= found
    assert ("stocking_density", Y2020) not in found
    assert ("stoffbilv_limit_flat", Y2020) not in found
    assert ("flow_amount", Y2020) not in found


def test_a_change_from_a_later_day_does_not_reach_a_balance_year_before_it(system: Any) -> None:
    nodes = [("stoffbilv_assessment_period", year) for year in (Y2019, Y2020, Y2021)]
    graph = recorded(system, *nodes)
    path = f"{SECTION}.assessment_last_day"
    assert reached(system, graph, path, {"2021-01-01": "2030-12-31"}) == {nodes[2]}
    assert reached(system, graph, path, {"2020-01-02": "2030-12-31"}) == {nodes[2]}
    assert reached(system, graph, path, {"2020-01-01": "2030-12-31"}) == set(nodes[1:])
    between = {"2020-01-01": "2030-12-31", "2020-06-01": "2022-12-31"}
    assert reached(system, graph, path, between) == {nodes[1]}


def test_a_change_reaches_all_that_uses_what_it_reaches(system: Any) -> None:
    graph = recorded(system, ("stoffbilv_verdict", Y2020), ("nitrogen_balance_per_ha", Y2020))
    found = reached(system, graph, LIMIT, {"2018-01-01": 120})
    flat = ("stoffbilv_limit_flat", "stoffbilv_verdict_flat", "stoffbilv_verdict")
    assert found == {(name, Y2020) for name in flat}


def test_going_through_a_node_reads_all_below_it() -> None:
    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return farm.filled_array(sum(1.0 for name in parameters(period).balance.units))

    law = with_limit(formula)
    graph = recorded(law, ("stoffbilv_limit_flat", Y2020))
    assert graph.reads["stoffbilv_limit_flat", Y2020] == {("balance.units", None)}
    assert reached(law, graph, KG, {"2018-01-01": 2}) == {("stoffbilv_limit_flat", Y2020)}
    assert reached(law, graph, "balance.phosphorus.p_per_p2o5", {"2018-01-01": 2}) == set()


def test_asking_whether_a_node_has_a_child_reads_all_below_it() -> None:
    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return farm.filled_array(float("kg" in parameters(period).balance.units))

    assert recorded(with_limit(formula), ("stoffbilv_limit_flat", Y2020)).reads["stoffbilv_limit_flat", Y2020] == {
        ("balance.units", None)
    }


def test_choosing_among_children_by_an_array_reads_all_of_them() -> None:
    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return parameters(period).balance.units[numpy.full(farm.count, "dt")].astype(float)

    law = with_limit(formula)
    graph = recorded(law, ("stoffbilv_limit_flat", Y2020))
    for path in (KG, DT):
        assert reached(law, graph, path, {"2018-01-01": 2}) == {("stoffbilv_limit_flat", Y2020)}


def test_a_branch_that_was_not_taken_is_not_recorded_and_what_decided_it_is() -> None:
    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        units = parameters(period).balance.units
        return farm.filled_array(float(units.t if units.kg > 1 else units.dt))

    law = with_limit(formula)
    graph = recorded(law, ("stoffbilv_limit_flat", Y2020))
    assert graph.reads["stoffbilv_limit_flat", Y2020] == {(path, "2020-01-01") for path in (KG, DT)}


def test_a_parameter_is_read_for_the_day_a_formula_asks_for() -> None:
    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return farm.filled_array(float(parameters("2021-07-01").balance.units.kg))

    law = with_limit(formula)
    graph = recorded(law, ("stoffbilv_limit_flat", Y2020))
    assert reached(law, graph, KG, {"2021-07-01": 2}) == {("stoffbilv_limit_flat", Y2020)}
    assert reached(law, graph, KG, {"2021-07-02": 2}) == set()


class other_text(LawReform):
    """Another printed text of one row."""

    def change(self) -> None:
        at(self.parameters, f"{TABLE}.weizen_rp12_korn").metadata["label"] = "wheat"


class one_row_less(LawReform):
    """A table that has lost a row, and another one that has got one."""

    def change(self) -> None:
        del at(self.parameters, TABLE).children["weizen_rp12_korn"]
        at(self.parameters, LEGUMES).add_child("new", ParameterNode(f"{LEGUMES}.new", data={}))


def test_a_text_and_a_row_that_comes_or_goes_are_changes(system: Any) -> None:
    graph = recorded(
        system, ("flow_nitrogen", Y2020), ("crop_nitrogen_fixation", Y2020), ("stoffbilv_enough_years", Y2020)
    )
    text, rows = (changes(system, reform(system)) for reform in (other_text, one_row_less))
    assert text.paths == {f"{TABLE}.weizen_rp12_korn"}
    assert rows.paths == {f"{TABLE}.weizen_rp12_korn", f"{LEGUMES}.new"}
    assert ("flow_nitrogen", Y2020) in graph.reached(text)
    assert ("crop_nitrogen_fixation", Y2020) not in graph.reached(text)
    assert {("flow_nitrogen", Y2020), ("crop_nitrogen_fixation", Y2020)} <= graph.reached(rows)
    assert ("stoffbilv_enough_years", Y2020) not in graph.reached(rows)


def test_the_same_values_are_no_change(system: Any) -> None:
    again = ChangedParameters(system, {LIMIT: at(system.parameters, LIMIT).values_list}, "again")
    assert again.parameters is not system.parameters
    assert not changes(system, again)
    assert not changes(system, system)
    assert bool(changes(system, build(system, [Scenario.from_spec({"name": "x", "readings": ["control_value_40"]})])))


def test_a_path_is_not_touched_by_one_whose_name_only_starts_alike(system: Any) -> None:
    changed = changes(system, build(system, [Scenario.from_spec({"name": "x", "parameters": {KG: {"2018-01-01": 2}}})]))
    assert changed.touches("balance.units", None)
    assert changed.touches("balance", None)
    assert changed.touches("", None)
    assert not changed.touches("balance.unit", None)
    assert not changed.touches("balance.units.k", None)
    assert not changed.touches(DT, None)


@pytest.mark.parametrize("changed", ["a", "b", "c"])
def test_a_graph_on_top_of_another_replaces_what_was_calculated_anew(changed: str, system: Any) -> None:
    a, b, c, d, e = ((name, Y2020) for name in "abcde")
    # a uses b and b reads KG; of the scenario, a was calculated anew: it uses c, reads DT, and no longer b. Nothing
    # asked for e, which the scenario could change.
    start = Graph({a: {b}, b: set(), d: set(), e: {b}}, {b: {(KG, None)}, a: {(LIMIT, None)}})
    own = Graph({a: {c}, c: set()}, {a: {(DT, None)}, c: set()})
    both = start.under(own, {b, d})
    assert both.uses == {a: {c}, b: set(), c: set(), d: set()}
    assert {node: read for node, read in both.reads.items() if read} == {a: {(DT, None)}, b: {(KG, None)}}
    touched = changes(system, build(system, [Scenario.from_spec({"name": "x", "parameters": {KG: {"2018-01-01": 2}}})]))
    assert both.reached(touched) == {b}
    assert start.reached(touched) == {a, b, e}
    by_name = type(touched)(frozenset({changed}), frozenset(), {}, {})
    assert both.reached(by_name) == {"a": {a}, "b": {b}, "c": {a, c}}[changed]
