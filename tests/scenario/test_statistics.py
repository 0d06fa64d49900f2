"""The figures of a comparison, each computed again from the results of every system over all farms."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy
import pytest

from openfisca_stoffenbalans.dataset import DataSet, read_dataset
from openfisca_stoffenbalans.examples import __file__ as examples
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.book import quantiles
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import Comparison, compare
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario
from openfisca_stoffenbalans.scenario.places import fifths
from openfisca_stoffenbalans.scenario.statistics import VERDICTS
from tests.random_farms import as_dataset
from tests.scenario.summary_by_hand import BASE, Results, farms_of_year, quantile, summary_by_hand, verdicts
from tests.scenario.weighted_farms import WEIGHTS, joined, on_limit_rows, sample_rows, weigh, weighted_dataset

COLUMNS = ["scenario", "group_by", "group", "statistic", "value", "unit", "farms", "weight"]
SIZES = (5, 10, 20, 50, 100, 200, 500, 1000)
YEARS = "de.stoffbilv.annex_3_three_years.averaging_years"
TABLE = "de.stoffbilv.annex_1_contents"
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
BY = ["farm_type", "nuts1", "size_class"]


def changed(name: str, parameters: dict[str, Any]) -> Scenario:
    return Scenario.from_spec({"name": name, "parameters": parameters})


def scenario(name: str) -> Scenario:
    own = {
        "richer_grain": {f"{TABLE}.*.*.n": {"2018-01-01": {"scale": 1.25}}},
        "limit_100_to_2019": {LIMIT: {"2018-01-01": 100, "2020-01-01": 175}},
        "higher_limit": {LIMIT: {"2018-01-01": 260}},
        "fewer_animals": {"de.stoffbilv.section_01_scope.livestock_units": {"2018-01-01": 100}},
    }
    return changed(name, own[name]) if name in own else load_scenario(name)


def size_of(hectares: float) -> str:
    """The class that a census would put a farm in."""
    above = [edge for edge in SIZES if edge <= hectares]
    if not above:
        return "under 5 ha"
    return "1000 ha and more" if len(above) == len(SIZES) else f"{above[-1]} to {SIZES[len(above)]} ha"


def grouped(results: Results) -> dict[Any, set[int]]:
    """(column, group) -> farms, by position."""
    groups: dict[Any, set[int]] = {("all", "all"): set(range(len(results.chosen)))}
    for farm, key in enumerate(results.chosen):
        row = results.farms[key]
        region = row["region"][:3] if row["region"] else "not stated"
        of = (row["farm_type"] or "not stated", region, size_of(row["utilised_area_ha"]))
        for column, group in zip(BY, of, strict=True):
            groups.setdefault((column, group), set()).add(farm)
    return groups


def by_hand(data: DataSet, names: list[str], system: Any, year: int = 2020) -> Any:
    chosen, one_year = farms_of_year(data, year), changed("one_year", {YEARS: {"2018-01-01": 1}})
    systems = {BASE: system, **{name: build(system, [scenario(name)]) for name in names}}
    own = {name: name == "annex_4_only" for name in systems}
    results = {name: Results(data, one, chosen, own[name]) for name, one in systems.items()}
    alone = {name: verdicts(data, build(one, [one_year]), chosen) for name, one in systems.items()}
    weights = [Fraction(repr(results[BASE].farms[key]["weight"])) for key in chosen]
    return results, summary_by_hand(results, alone, weights, grouped(results[BASE]))


def compared(data: DataSet, names: list[str], system: Any, **how: Any) -> Comparison:
    chosen = [scenario(name) for name in names]
    return compare(data, chosen, how.pop("year", 2020), system=system, rule=None, combine=False, **how)


def differences(comparison: Comparison, expected: Any) -> list[str]:
    """Where a summary is not what was computed by hand, in words."""
    # What the duty costs is priced and tested by itself.
    rows = [row for row in comparison.summary.iter_rows() if not row[3].startswith("burden_")]
    found = {tuple(row[:4]): (row[4], row[6], row[7]) for row in rows}
    assert len(found) == len(rows)
    wrong = [f"only in one of the two: {key}" for key in sorted(found.keys() ^ expected.keys())]
    for key in sorted(found.keys() & expected.keys()):
        (value, farms, weight), (exact, behind, standing) = found[key], expected[key]
        same = value == exact or (None not in (value, exact) and value == pytest.approx(exact, rel=1e-12, abs=1e-12))
        if not same or farms != behind or weight != pytest.approx(standing, rel=1e-12):
            wrong.append(f"{key}: {found[key]} instead of {expected[key]}")
    return wrong[:20]


def example(seed: int) -> DataSet:
    """The shipped example with random weights."""
    data, random = read_dataset(Path(examples).parent / "germany"), Random(seed)
    farms = data.tables["farms"]
    weights = [random.choice(WEIGHTS) for _ in range(len(farms))]
    return DataSet({**data.tables, "farms": farms.with_columns(weight=numpy.array(weights))}, data.source)


@pytest.mark.parametrize("year", [2020, 2022])
def test_every_figure_of_the_example_is_the_one_computed_by_hand(year: int, system: Any) -> None:
    names = ["flat_limit_120", "annex_4_only", "richer_grain"]
    data = example(year)
    _, expected = by_hand(data, names, system, year)
    assert differences(compared(data, names, system, by=BY, year=year), expected) == []


@pytest.mark.parametrize(
    ("seed", "names"),
    [
        (1, ["flat_limit_120", "mean_of_yearly_per_hectare"]),
        (2, ["annex_4_only", "exemption_same_year"]),
        (3, ["richer_grain", "nitrogen_only"]),
        (4, ["table_contents_only", "limit_100_to_2019"]),
    ],
)
def test_every_figure_of_random_farms_is_the_one_computed_by_hand(
    seed: int, names: list[str], tmp_path: Path, system: Any
) -> None:
    data = weighted_dataset(seed, tmp_path)
    _, expected = by_hand(data, names, system)
    assert differences(compared(data, names, system, by=BY), expected) == []


ALWAYS = {
    "farms_exceeding",
    "farms_complying",
    "farms_undetermined",
    "farms_not_assessed",
    "unchanged",
    "excess_total_t",
}


@pytest.mark.parametrize(
    ("names", "moving"),
    [
        (["flat_limit_120", "annex_4_only"], {"newly_exceeding", "headroom_loses_over_50", "headroom_unchanged"}),
        (["fewer_animals", "richer_grain"], {"no_longer_obliged", "surplus_change_t", "change_removal_line_1_t"}),
        (["higher_limit"], {"newly_complying", "headroom_gains_over_50", "misses"}),
        (["assess_known_years"], {"from_undetermined_to_exceeding", "from_undetermined_to_complying"}),
    ],
)
def test_every_figure_of_a_sample_is_the_one_computed_by_hand(
    names: list[str], moving: set[str], tmp_path: Path, system: Any
) -> None:
    data = as_dataset(sample_rows(Random(7), 30), tmp_path)
    _, expected = by_hand(data, names, system)
    assert differences(compared(data, names, system, by=BY), expected) == []
    # The comparison is worth little where nothing moves.
    reached = {statistic for (_, _, _, statistic), (value, _, _) in expected.items() if value}
    assert reached >= {*ALWAYS, *moving, "complying_but_exceeding_by_one_year"}


def test_the_lines_of_the_form_add_up_to_the_mean_balance_of_each_farm(tmp_path: Path, system: Any) -> None:
    data = as_dataset(sample_rows(Random(5), 20), tmp_path)
    comparison = compared(data, ["richer_grain"], system)
    results, _ = by_hand(data, ["richer_grain"], system)
    for label, one in results.items():
        lines = comparison.roles.lines.items()
        sums = numpy.sum([sign * comparison.outcome.of(label, line) for line, sign in lines if sign], axis=0)
        mean = [numpy.nan if amount is None else amount for amount in one.column("stoffbilv_mean_balance")]
        numpy.testing.assert_allclose(sums, mean, rtol=1e-9, atol=1e-6)
    assert len({tuple(one.column("stoffbilv_mean_balance")) for one in results.values()}) == 2


def test_a_farm_with_two_series_counts_once_by_that_with_more_years(tmp_path: Path, system: Any) -> None:
    # Both start a year in 2020: the July series has three years up to then, the January one begins with it.
    rows = joined(on_limit_rows({"a": 100}, month=7), on_limit_rows({"b": 200}))
    short = {table: [row for row in lines if row["year_start"].year == 2020] for table, lines in
             on_limit_rows({"a": 999}).items()}  # fmt: skip
    data = as_dataset(weigh(Random(1), joined(rows, short), (1.0,)), tmp_path)
    found = compared(data, [], system)
    assert found.farms["farm_id"].to_list() == ["a", "b"]
    assert found.farms["year_start"].to_list() == [datetime.date(2020, 7, 1), datetime.date(2020, 1, 1)]
    everyone = found.summary.filter(
        (found.summary["group_by"] == "all") & (found.summary["statistic"] == "farms_total")
    )
    assert everyone["value"].to_list() == [2]


def test_the_mean_surplus_is_the_mean_over_farms_and_no_total_by_hectares(tmp_path: Path, system: Any) -> None:
    # 20 ha with 100 kg per ha and weight 3, 100 ha with 200 and weight 1: (3 x 100 + 200) / 4 = 125 kg per ha;
    # 3 x 20 x 100 kg + 100 x 200 kg = 26 t.
    small, large = on_limit_rows({"small": 100}, area=20), on_limit_rows({"large": 200}, area=100)
    rows = joined(weigh(Random(1), small, (3,)), weigh(Random(1), large, (1,)))
    summary = compared(as_dataset(rows, tmp_path), [], system).summary
    values = dict(zip(summary["statistic"], summary["value"], strict=True))
    assert values["surplus_mean_kg_per_ha"] == 125
    assert values["surplus_total_t"] == 26
    # 200 is 25 above the limit of 175: 2.5 t on 100 ha, of 20 t.
    assert (values["excess_total_t"], values["excess_median_kg_per_ha"]) == (2.5, 25)
    assert values["reduction_needed_share"] == 0.125
    assert (values["farms_exceeding"], values["share_exceeding"]) == (1, 0.25)


def test_the_columns_of_the_summary_are_these(tmp_path: Path, system: Any) -> None:
    summary = compared(
        as_dataset(on_limit_rows({"a": 1}), tmp_path), ["flat_limit_120"], system, by=["farm_type"]
    ).summary
    assert summary.columns == COLUMNS
    assert set(summary["scenario"]) == {BASE, "flat_limit_120"}
    assert set(summary.select("group_by", "group").iter_rows()) == {("all", "all"), ("farm_type", "not stated")}


def test_a_farm_on_the_edge_of_a_band_is_in_the_band_nearer_to_no_change(tmp_path: Path, system: Any) -> None:
    # The limit falls from 175 by 0.001, 5, 5.001, 20, 50 and 51, and rises by as much.
    edges = {0.001: "under_5", 5: "under_5", 5.001: "5_to_20", 20: "5_to_20", 50: "20_to_50", 51: "over_50"}
    limits = {f"{way}_{number}": sign * step for sign, way in ((-1, "loses"), (1, "gains"))
              for number, step in enumerate(edges)}  # fmt: skip
    scenarios = [changed(name, {LIMIT: {"2018-01-01": 175 + step}}) for name, step in limits.items()]
    data = as_dataset(on_limit_rows({"a": 100}), tmp_path)
    summary = compare(data, scenarios, 2020, system=system, rule=None, combine=False, one_year=False).summary
    of = {row[0]: row[3] for row in summary.iter_rows() if row[3].startswith("headroom_") and row[4] == 1}
    assert of == {name: f"headroom_{name.split('_')[0]}_{edges[abs(step)]}" for name, step in limits.items()}


def test_quantiles_are_those_of_the_weights_laid_end_to_end() -> None:
    random = Random(3)
    for _ in range(200):
        number = random.randint(1, 12)
        values = numpy.array([random.choice((numpy.nan, 1.0, 2.0, 2.0, 3.5, -4.0)) for _ in range(number)])
        weights = [random.choice((1, 2, 5)) for _ in range(number)]
        codes = numpy.array([random.randint(0, 2) for _ in range(number)])
        shares = [0.1, 0.2, 0.25, 0.5, 0.6, 0.75, 0.9]
        found, _ = quantiles(values, numpy.array(weights), [codes], 3, shares)
        for group in range(3):
            pairs = [(v, Fraction(w)) for v, w, code in zip(values, weights, codes, strict=True)
                     if code == group and v == v]  # fmt: skip
            exact = [quantile(pairs, Fraction(str(share))) for share in shares]
            assert [None if one != one else one for one in found[:, group].tolist()] == exact
    nobody = numpy.zeros(4, dtype=int)
    median, beyond = quantiles(numpy.array([4.0, 1.0, 3.0, 2.0]), numpy.ones(4, dtype=int), [nobody], 1, [0.5])
    assert (median.item(), beyond.item()) == (2.5, 2)


def test_a_farm_on_the_edge_of_a_fifth_is_in_the_lower_one() -> None:
    # Ten equal farms: the edges are the means of 2nd and 3rd, 4th and 5th ...; of five the edge of the first fifth
    # lies between the first two.
    assert fifths(numpy.arange(10.0), numpy.ones(10, dtype=int)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert fifths(numpy.array([1, 1, 1, 1, numpy.nan]), numpy.ones(5, dtype=int)).tolist() == [0, 0, 0, 0, 5]
    assert fifths(numpy.array([1.0, 2, 3]), numpy.array([60, 30, 10])).tolist() == [0, 3, 4]


def test_the_order_of_verdicts_and_methods_is_that_of_the_law(system: Any) -> None:
    roles = regimes()["de.stoffbilv"].comparison
    assert [state.name for state in system.variables[roles.verdict].possible_values] == list(VERDICTS)
    methods = [method.name for method in system.variables[roles.better_method].possible_values]
    assert methods == ["undetermined", "flat", "farm_specific", "equal"]
