"""What an outsider can work out of a published summary: nothing that was left out of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy
import polars
import pytest

from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import Comparison, compare
from openfisca_stoffenbalans.scenario.definition import load_scenario
from openfisca_stoffenbalans.scenario.protection import Cells, primary
from openfisca_stoffenbalans.scenario.summary import Rule, summary
from tests.random_farms import as_dataset
from tests.scenario.summary_by_hand import Results, changes, farms_of_year, levels
from tests.scenario.weighted_farms import joined, on_limit_rows, sample_rows

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


def within() -> Iterator[dict[str, float]]:
    """What everyone knows of the statistics of one scenario and group."""
    yield total("farms_total", *(f"farms_{state}" for state in STATES))
    yield total("farms_assessed", *(f"farms_{state}" for state in STATES[1:]))
    yield total("farms_total", *METHODS)
    yield total("farms_total", *(f"headroom_{band}" for band in BANDS))
    for state in STATES:
        yield total(f"farms_{state}", *(f"from_{was}_to_{state}" for was in STATES))
    for state in ("exceeding", "complying"):
        yield total(f"newly_{state}", *(f"from_{was}_to_{state}" for was in STATES if was != state))
    yield total("unchanged", *(f"from_{state}_to_{state}" for state in STATES))


def fifths() -> Iterator[dict[str, float]]:
    for state in ("exceeding", "complying"):
        for amount in ("surplus", "size", "density"):
            yield total(f"newly_{state}", *(f"newly_{state}_{amount}_{fifth}" for fifth in FIFTHS))


# What the figures have in common besides, by what it is about.
FURTHER: dict[str, list[dict[str, float]]] = {
    "nothing": [],
    "fifths": list(fifths()),
    "verdict_differs": [total("farms_total", "unchanged", "verdict_differs")],
    "false_alarms": [total("newly_exceeding", "false_alarms")],
    "misses": [total("misses", *(f"from_exceeding_to_{state}" for state in STATES if state != "exceeding"))],
    "supply_and_removal": [total("surplus_total_t", "supply_total_t") | {"removal_total_t": 1.0}],
    "weights": [],
}
# Figures of all farms that exceed: the weight beside them is the number of those farms.
OF_EXCEEDING = ("excess_total_t", "excess_mean_kg_per_exceeding_farm", "exceeding_farms_supply_line_1_t")
OF_ALL = ("area_total_ha", "data_points_per_farm", "data_points_saved_per_farm")


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


def knowledge(table: polars.DataFrame, further: str = "nothing") -> tuple[dict[Cell, float], list[Equation]]:
    """The published cells, and the equations that hold between all of them."""
    rows = {tuple(row[:4]): row[4:] for row in table.iter_rows()}
    counts = {key for key, row in rows.items() if row[1] == "farms"}
    cells = {key for key in rows if key in counts or adds_up(key[3])}
    known: dict[Cell, float] = {}
    for key in cells:
        value, _, farms, weight = rows[key]
        if farms is not None:
            known[key] = 0.0 if value is None else value * (weight if key[3] in MEANS else 1)
        if further == "weights" and weight is not None and key[3] in (*OF_EXCEEDING, *OF_ALL):
            known[*key[:3], "farms_exceeding" if key[3] in OF_EXCEEDING else "farms_total"] = weight
    groups = sorted({key[1:3] for key in rows})
    found = list(over_groups(cells, groups))
    scenarios = sorted({key[0] for key in rows})
    for group in groups:
        for scenario in scenarios:
            of_one = [*within(), *FURTHER[further]]
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
        # What the equations leave open: a cell that none of it moves is told.
        sizes, ways = numpy.linalg.eigh(matrix.T @ matrix)
        free = ways[:, sizes < 1e-9]
        found.extend(cell for cell in unknown if not (abs(free[place[cell]]) > 1e-6).any())
    return found


_compared: dict[int, Comparison] = {}


def comparison(seed: int, folder: Path, system: Any) -> Comparison:
    if seed not in _compared:
        data = as_dataset(sample_rows(Random(seed), 130), folder)
        chosen = [load_scenario("flat_limit_120"), load_scenario("annex_4_only")]
        _compared[seed] = compare(data, chosen, 2020, by=BY, system=system, rule=Rule(), combine=False)
    return _compared[seed]


def left_out(table: polars.DataFrame) -> set[Cell]:
    return {tuple(row[:4]) for row in table.iter_rows() if row[6] is None}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_cell_that_is_left_out_can_be_worked_out(seed: int, tmp_path: Path, system: Any) -> None:
    table = comparison(seed, tmp_path, system).summary
    known, equations = knowledge(table)
    assert len({cell for one in equations for cell in one} - known.keys()) > 100
    assert determined(known, equations) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_without_further_suppression_small_cells_can_be_worked_out(seed: int, tmp_path: Path, system: Any) -> None:
    book = comparison(seed, tmp_path, system).book
    stacked = [
        numpy.concatenate([getattr(one, name) for one in book.sheets]) for name in ("farms", "largest", "absolute")
    ]
    small = primary(Cells(*stacked)).reshape(len(book.sheets), -1)
    assert len(determined(*knowledge(summary(book, small)))) > 10


@pytest.mark.parametrize(
    ("seed", "further"),
    [
        *((1, "fifths"), (1, "verdict_differs"), (4, "false_alarms"), (1, "misses")),
        *((1, "supply_and_removal"), (1, "weights")),
    ],
)
def test_figures_that_hang_together_in_other_ways_tell_no_more(
    seed: int, further: str, tmp_path: Path, system: Any
) -> None:
    table = comparison(seed, tmp_path, system).summary
    known, equations = knowledge(table, further)
    told = {*determined(known, equations), *(known.keys() & left_out(table))}
    assert sorted(told) == []


@pytest.mark.parametrize("further", list(FURTHER))
def test_the_equations_of_the_attack_hold(further: str, tmp_path: Path, system: Any) -> None:
    # Else the attack would show nothing: with all cells known, every equation adds up to 0.
    found = comparison(1, tmp_path, system)
    whole = summary(found.book, numpy.zeros_like(found.not_published))
    known, equations = knowledge(whole, further)
    assert len(equations) > 1000
    for one in equations:
        # Tonnes are rounded farm by farm to a gram.
        size = max(abs(known[cell]) for cell in one)
        assert abs(sum(times * known[cell] for cell, times in one.items())) <= 1e-9 * size + 1e-3, one
    for (*place, name), weight in known.items():
        if name in ("farms_exceeding", "farms_total"):
            assert weight == pytest.approx(value_of(whole, (*place, name)))


def value_of(table: polars.DataFrame, cell: Cell) -> float:
    rows = table.filter(*(polars.col(name) == at for name, at in zip(table.columns, cell, strict=False)))
    return float(rows["value"].item())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_published_row_rests_on_few_farms_and_one_left_out_tells_nothing(
    seed: int, tmp_path: Path, system: Any
) -> None:
    table = comparison(seed, tmp_path, system).summary
    assert not table["farms"].is_between(1, 9).any()
    dark = table.filter(polars.col("farms").is_null())
    assert 0 < len(dark) < len(table)
    assert dark["value"].null_count() == dark["weight"].null_count() == len(dark)
    # A value may be missing beside 0 farms or where there is nothing to divide by; a count is not.
    assert (
        not table.filter(polars.col("value").is_null() & (polars.col("unit") == "farms"))["farms"].is_not_null().any()
    )


def test_no_published_figure_is_for_the_most_part_that_of_one_farm(tmp_path: Path, system: Any) -> None:
    found = comparison(1, tmp_path, system)
    of_system, data = {}, as_dataset(sample_rows(Random(1), 130), tmp_path)
    chosen = farms_of_year(data, 2020)
    for name in (BASE, "flat_limit_120"):
        own = system if name == BASE else build(system, [load_scenario(name)])
        of_system[name] = Results(data, own, chosen)
    base, after = of_system[BASE], of_system["flat_limit_120"]
    figures = {BASE: levels(base), "flat_limit_120": {**levels(after), **changes(base, after)}}
    weights = [base.farms[key]["weight"] for key in chosen]
    dominated = published = 0
    for scenario, by, group, name, *_, farms, _ in found.summary.iter_rows():
        figure = figures.get(scenario, {}).get(name)
        if figure is None or figure.kind == "quantile":
            continue
        members = found.groups.codes[[("all"), *BY].index(by)] == found.groups.names.index((by, group))
        shares = [abs(float(amount)) * weights[farm] for farm, amount in figure.amounts.items() if members[farm]]
        if shares and max(shares) > 0.5 * sum(shares):
            dominated += 1
            assert farms is None, (scenario, by, group, name)
        published += farms is not None
    assert dominated > 20
    assert published > 100


def nested(threshold: int, tmp_path: Path, system: Any) -> polars.DataFrame:
    """41 farms at 100 kg N per ha, 3 at 150, 41 at 200, 12 falling from 300 to 50; the limit falls from 175 to 120."""
    per_ha = {f"farm {number}": 100 if number < 41 else 150 if number < 44 else 200 for number in range(85)}
    rows = joined(on_limit_rows(per_ha), on_limit_rows({f"falling {number}": 300 for number in range(12)}))
    for flow in rows["flows"]:
        if flow["farm_id"].startswith("falling") and flow["year_start"].year == 2020:
            flow["amount"] = 50 * 50
    data = as_dataset(rows, tmp_path)
    found = compare(data, [load_scenario("flat_limit_120")], 2020, system=system, rule=Rule(threshold))
    return found.summary


@pytest.mark.parametrize(
    "family",
    [
        *("farms_exceeding", "farms_complying", "one_year_farms_exceeding", "one_year_farms_complying"),
        *("excess_total_t", "excess_median_kg_per_ha"),
    ],
)
def test_a_figure_and_its_difference_to_the_baseline_show_no_few_farms(
    family: str, tmp_path: Path, system: Any
) -> None:
    # Three farms are what the scenario adds to or takes from each of these.
    for threshold, both in ((3, True), (10, False)):
        rows = nested(threshold, tmp_path, system).filter(polars.col("statistic") == family)
        assert len(rows) == 2
        farms = rows["farms"].drop_nulls().to_list()
        assert (len(farms) == 2) is both, (threshold, rows["farms"].to_list())
        assert not both or abs(farms[0] - farms[1]) == 3
