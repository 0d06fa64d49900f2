"""What an outsider can work out of a published summary: nothing that was left out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy
import polars
import pytest

from openfisca_stoffenbalans.scenario.compare import Comparison, compare
from openfisca_stoffenbalans.scenario.definition import load_scenario
from openfisca_stoffenbalans.scenario.protection import Cells, primary
from openfisca_stoffenbalans.scenario.summary import Rule, summary
from tests.random_farms import as_dataset
from tests.scenario.weighted_farms import sample_rows

BASE = "baseline"
STATES = ("not_assessed", "complying", "exceeding", "undetermined")
BY = ["farm_type", "nuts1", "nuts2"]
FIFTHS = [f"fifth_{number}" for number in range(1, 6)] + ["not_known"]
METHODS = [f"better_method_{name}" for name in ("not_known", "flat", "farm_specific", "equal")]
BANDS = ["unchanged", "not_known", *(f"{way}_{reach}" for way in ("gains", "loses") for reach in
         ("under_5", "5_to_20", "20_to_50", "over_50"))]  # fmt: skip
# Sums, and means whose sum follows from the weight that is published beside them.
MEANS = (
    *("surplus_mean_kg_per_ha", "net_surplus_mean_kg_per_ha", "excess_mean_kg_per_exceeding_farm"),
    *("data_points_per_farm", "data_points_saved_per_farm", "error_bias_kg_per_ha"),
)

Cell = tuple[str, str, str, str]
Equation = dict[Cell, float]


def total(whole: str, *parts: str) -> dict[str, float]:
    return {whole: 1.0, **dict.fromkeys(parts, -1.0)}


def within(statistics: set[str]) -> Iterator[dict[str, float]]:
    """What everyone knows of the statistics of one scenario and group."""
    yield total("farms_total", *(f"farms_{state}" for state in STATES))
    yield total("farms_assessed", *(f"farms_{state}" for state in STATES[1:]))
    yield total("farms_total", *METHODS)
    yield total("farms_total", *(f"headroom_{band}" for band in BANDS))
    for state in STATES:
        yield total(f"farms_{state}", *(f"from_{was}_to_{state}" for was in STATES))
    for state in ("exceeding", "complying"):
        yield total(f"newly_{state}", *(f"from_{was}_to_{state}" for was in STATES if was != state))
        for amount in ("surplus", "size", "density"):
            yield total(f"newly_{state}", *(f"newly_{state}_{amount}_{fifth}" for fifth in FIFTHS))
    yield total("unchanged", *(f"from_{state}_to_{state}" for state in STATES))
    yield total("farms_total", "unchanged", "verdict_differs")
    yield total("false_alarms", "newly_exceeding")
    yield total("misses", *(f"from_exceeding_to_{state}" for state in STATES if state != "exceeding"))


def between() -> Iterator[tuple[dict[str, float], dict[str, float]]]:
    """What everyone knows of the statistics of the baseline and of a scenario."""
    for state in STATES:
        yield total(f"farms_{state}"), dict.fromkeys((f"from_{state}_to_{now}" for now in STATES), -1.0)
    yield total("farms_obliged"), {"newly_obliged": 1.0, "no_longer_obliged": -1.0, "farms_obliged": -1.0}
    yield total("farms_total"), total("farms_total") | {"farms_total": -1.0}
    for name in ("surplus", "phosphorus_surplus", "phosphate_surplus"):
        yield total(f"{name}_total_t"), {f"{name}_change_t": 1.0, f"{name}_total_t": -1.0}
    yield total("data_points_per_farm"), {"data_points_saved_per_farm": -1.0, "data_points_per_farm": -1.0}


def adds_up(statistic: str) -> bool:
    """Whether the sum of a statistic over groups is that of all."""
    return statistic.endswith("_t") or statistic in MEANS


def knowledge(table: polars.DataFrame) -> tuple[dict[Cell, float], list[Equation]]:
    """The published cells, and the equations that hold between all of them."""
    rows = {tuple(row[:4]): row[4:] for row in table.iter_rows()}
    counts = {key for key, row in rows.items() if row[1] == "farms"}
    cells = {key for key in rows if key in counts or adds_up(key[3])}
    known: dict[Cell, float] = {}
    for key in cells:
        value, _, farms, weight = rows[key]
        if farms is not None:
            known[key] = 0.0 if value is None else value * (weight if key[3] in MEANS else 1)
    groups = sorted({key[1:3] for key in rows})
    found = list(over_groups(cells, groups))
    scenarios = sorted({key[0] for key in rows})
    for group in groups:
        for scenario in scenarios:
            of_one = within({key[3] for key in cells})
            found.extend({(scenario, *group, name): times for name, times in one.items()} for one in of_one)
            if scenario != BASE:
                for before, after in between():
                    one = {(BASE, *group, name): times for name, times in before.items()}
                    found.append(one | {(scenario, *group, name): times for name, times in after.items()})
    return known, [equation for equation in found if equation.keys() <= cells]


def over_groups(cells: set[Cell], groups: list[tuple[str, str]]) -> Iterator[Equation]:
    """The groups of a column add up to all farms, small regions to the large one."""
    for scenario, name in sorted({(key[0], key[3]) for key in cells}):
        sums = {("all", "all", by): [one for one in groups if one[0] == by] for by in BY}
        for by, region in groups:
            if by == "nuts1":
                inside = [one for one in groups if one[0] == "nuts2" and one[1].startswith(region)]
                sums[by, region, "nuts2"] = inside
        for (by, group, _), parts in sums.items():
            yield {(scenario, by, group, name): 1.0, **{(scenario, *part, name): -1.0 for part in parts}}


def determined(known: Iterable[Cell], equations: list[Equation]) -> list[Cell]:
    """The unknown cells that the equations leave no choice."""
    known = set(known)
    open_ = [{cell: times for cell, times in one.items() if cell not in known} for one in equations]
    parts: dict[Cell, list[Equation]] = {}
    part_of: dict[Cell, Cell] = {}
    for one in (one for one in open_ if one):
        heads = sorted({part_of.setdefault(cell, cell) for cell in one})
        merged = [equation for head in heads for equation in parts.pop(head, [])] + [one]
        parts[heads[0]] = merged
        part_of.update({cell: heads[0] for cell, head in part_of.items() if head in heads})
    found: list[Cell] = []
    for together in parts.values():
        unknown = sorted({cell for one in together for cell in one})
        place = {cell: number for number, cell in enumerate(unknown)}
        matrix = numpy.zeros((len(together), len(unknown)))
        for number, one in enumerate(together):
            for cell, times in one.items():
                matrix[number, place[cell]] = times
        _, sizes, right = numpy.linalg.svd(matrix)
        free = right[int((sizes > 1e-9).sum()) :]
        found.extend(cell for cell in unknown if not (abs(free[:, place[cell]]) > 1e-7).any())
    return found


def comparison(seed: int, folder: Path, system: Any, rule: Rule | None = None) -> Comparison:
    data = as_dataset(sample_rows(Random(seed), 130), folder)
    chosen = [load_scenario("flat_limit_120"), load_scenario("annex_4_only")]
    return compare(data, chosen, 2020, by=BY, system=system, rule=rule or Rule(), combine=False)


@pytest.fixture(scope="module", params=[1, 2, 3])
def protected(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, system: Any) -> Comparison:
    return comparison(request.param, tmp_path_factory.mktemp("farms"), system)


def test_no_cell_that_is_left_out_can_be_worked_out(protected: Comparison) -> None:
    known, equations = knowledge(protected.summary)
    hidden = {cell for one in equations for cell in one} - known.keys()
    assert len(hidden) > 100
    assert determined(known, equations) == []


def test_without_further_suppression_small_cells_can_be_worked_out(protected: Comparison) -> None:
    sheets = protected.book.sheets
    stacked = [numpy.concatenate([getattr(one, name) for one in sheets]) for name in ("farms", "largest", "absolute")]
    small = primary(Cells(*stacked)).reshape(len(sheets), -1)
    known, equations = knowledge(summary(protected.book, small))
    assert len(determined(known, equations)) > 10


def test_the_equations_of_the_attack_hold(protected: Comparison) -> None:
    # Else the attack would show nothing: with all cells known, every equation adds up to 0.
    known, equations = knowledge(summary(protected.book, numpy.zeros_like(protected.not_published)))
    scale = max(abs(value) for value in known.values())
    assert len(equations) > 1000
    for one in equations:
        assert abs(sum(times * known[cell] for cell, times in one.items())) < 1e-9 * scale, one
