"""A norm moved step by step: the sorted shortcut against the full calculation, grids, protection, wrong calls."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from random import Random
from typing import Any

import polars
import pytest

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.scenario import sweep as module
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import ComparisonError
from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError, load_scenario
from openfisca_stoffenbalans.scenario.summary import Rule
from openfisca_stoffenbalans.scenario.sweep import UNITS, Norm, Sweep, norm, sweep
from tests.random_farms import Rows, as_dataset
from tests.scenario.weighted_farms import joined, on_limit_rows, sample_rows, weigh, weighted_dataset

SECTION = "de.stoffbilv.section_06_assessment"
LIMIT, OWN = f"{SECTION}.flat_limit", f"{SECTION}.farm_specific_tolerance"
STEPS = norm(LIMIT, 60, 240, 7.5)
SORTED, FULL = (
    "were read from the sorted surpluses of one run",
    "was calculated, as far as the norm can change anything",
)


def tolerance(day: str, percent: float) -> Scenario:
    """The law with a tolerance on the flat limit."""
    return Scenario.from_spec({"name": "tolerant", "parameters": {f"{SECTION}.flat_tolerance": {day: percent}}})


def ties(methods: tuple[str, ...] = ("flat", "farm_specific"), months: tuple[int, ...] = (1, 7)) -> Rows:
    """Farms on, a gram above and a gram below steps, of both methods and two starts of the year."""
    parts = []
    for method in methods:
        for month in months:
            surplus = {
                f"{method} {month} {kg}": kg for kg in (60, 90, 90.001, 89.999, 150, 150, 175, 240, 240.001, 300)
            }
            parts.append(weigh(Random(month), on_limit_rows(surplus, method, month)))
    return joined(*parts)


def both_ways(
    data: DataSet, monkeypatch: pytest.MonkeyPatch, system: Any, norms: Norm = STEPS, **how: Any
) -> tuple[Sweep, Sweep]:
    """A sweep by the shortcut and by calculating every step."""
    short = sweep(data, [norms], how.pop("year", 2020), system=system, **how)
    with monkeypatch.context() as patch:
        patch.setattr(module, "shortcut", lambda *_: None)
        whole = sweep(data, [norms], 2020, system=system, **how)
    assert FULL in whole.how
    return short, whole


@pytest.mark.parametrize("rule", [None, Rule()])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_sorted_shortcut_gives_what_the_full_calculation_gives(
    seed: int, rule: Rule | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    data = as_dataset(joined(sample_rows(Random(seed), 25), ties()), tmp_path)
    short, whole = both_ways(data, monkeypatch, system, rule=rule)
    assert SORTED in short.how
    assert short.exact == whole.exact
    assert short.table.equals(whole.table)
    found = [one["farms_exceeding"] for one in short.exact.values()]
    assert len(set(found)) > 5
    assert {one["farms_undetermined"] > 0 for one in short.exact.values()} == {True}


@pytest.mark.parametrize("seed", [3, 8])
def test_the_shortcut_holds_with_empty_cells_and_two_balance_years(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    data = weighted_dataset(seed, tmp_path)
    short, whole = both_ways(data, monkeypatch, system, rule=None)
    assert SORTED in short.how
    assert short.table.equals(whole.table)


@pytest.mark.parametrize("months", [(1,), (7,)])
def test_a_farm_on_the_limit_does_not_exceed_it(
    months: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    surplus = {str(kg): kg for kg in (89.999, 90, 90.001, 175)}
    data = as_dataset(on_limit_rows(surplus, month=months[0]), tmp_path)
    short, whole = both_ways(data, monkeypatch, system, norm(LIMIT, 80, 100, 10), rule=None)
    assert SORTED in short.how
    for one in (short, whole):
        assert [step["farms_exceeding"] for step in one.exact.values()] == [4, 2, 1]
        # 50 ha: (9.999 + 10 + 10.001 + 95) x 50 kg; (0.001 + 85) x 50 kg; 75 x 50 kg.
        assert [step["excess_total_t"] for step in one.exact.values()] == [6.25, 4.25005, 3.75]
        assert [step["newly_exceeding"] for step in one.exact.values()] == [4, 2, 1]


def test_newly_complying_farms_are_counted_above_the_limit_of_the_law(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    data = as_dataset(on_limit_rows({str(kg): kg for kg in (150, 180, 190, 210)}), tmp_path)
    for one in both_ways(data, monkeypatch, system, norm(LIMIT, 140, 200, 20), rule=None):
        found = [(step["newly_exceeding"], step["newly_complying"]) for step in one.exact.values()]
        assert found == [(1, 0), (0, 0), (0, 1), (0, 2)]


def test_every_step_is_the_law_with_that_limit(tmp_path: Path, system: Any) -> None:
    data = as_dataset(joined(sample_rows(Random(4), 20), ties()), tmp_path)
    found = sweep(data, [norm(LIMIT, 80, 180, 50)], 2020, rule=None, system=system)
    weights = data.tables["farms"].filter(polars.col("year_start").dt.year() == 2020)["weight"]
    before = balance(data, system, year=2020)["stoffbilv_verdict"]
    for (value,), step in found.exact.items():
        law = Scenario.from_spec({"name": "step", "parameters": {LIMIT: {"2018-01-01": value}}})
        results = balance(data, build(system, [law]), year=2020)
        after = results["stoffbilv_verdict"]
        expected = {
            "farms_exceeding": after == "exceeds",
            "farms_undetermined": after == "undetermined",
            "farms_assessed": after != "not_assessed",
            "farms_obliged": results["stoffbilv_obliged"],
            "newly_exceeding": (after == "exceeds") & (before != "exceeds"),
            "newly_complying": (after == "complies") & (before != "complies"),
        }
        for name, farms in expected.items():
            assert step[name] == pytest.approx(weights.filter(farms).sum(), rel=1e-12), (value, name)
        assert step["share_exceeding"] == pytest.approx(step["farms_exceeding"] / step["farms_assessed"], rel=1e-12)
        assert step["surplus_total_t"] == pytest.approx((results["nitrogen_balance"] * weights).sum() / 1000, rel=1e-6)
    assert set(found.exact[80.0,]) == set(UNITS)


def test_a_tolerance_in_the_baseline_widens_every_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    # 100 + 10 % = 110: 110 complies, 110.001 exceeds.
    data = as_dataset(on_limit_rows({"on": 110, "above": 110.001}), tmp_path)
    short, whole = both_ways(
        data, monkeypatch, system, norm(LIMIT, 90, 110, 10), rule=None, baseline=tolerance("2018-01-01", 10)
    )
    assert SORTED in short.how
    assert [one["farms_exceeding"] for one in short.exact.values()] == [2, 1, 0]
    assert short.exact == whole.exact


def test_a_tolerance_that_begins_in_the_year_counts_for_the_years_that_start_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: Any
) -> None:
    # The year starts on 1 July, when the tolerance of 10 % is in force: 105 complies with 100 + 10 % = 110.
    data = as_dataset(on_limit_rows({"a": 105}, month=7), tmp_path)
    short, whole = both_ways(
        data, monkeypatch, system, norm(LIMIT, 50, 200, 50), rule=None, baseline=tolerance("2020-07-01", 10)
    )
    assert [one["farms_exceeding"] for one in whole.exact.values()] == [1, 0, 0, 0]
    assert short.exact == whole.exact


WITH_PHOSPHATE = Scenario.from_spec(
    {
        "name": "with_phosphate",
        "reforms": ["de.options.phosphate_limit"],
        "parameters": {"de.policy_options.phosphate_limit": {"2018-01-01": 20}},
    }
)


@pytest.mark.parametrize("baseline", ["supplements_raise_permitted_value", "annex_4_only", WITH_PHOSPHATE])
def test_the_shortcut_is_not_taken_where_the_baseline_has_another_formula(
    baseline: str | Scenario, tmp_path: Path, system: Any
) -> None:
    data = as_dataset(ties(), tmp_path)
    assert FULL in sweep(data, [norm(LIMIT, 60, 240, 90)], 2020, baseline=baseline, rule=None, system=system).how


def test_agreed_losses_raise_every_limit_of_such_a_baseline(tmp_path: Path, system: Any) -> None:
    # 500 kg of losses on 50 ha are 10 kg per ha: 109 complies with 100 + 10, 111 does not.
    rows = on_limit_rows({"below": 109, "above": 111})
    for farm in rows["farms"]:
        farm["unavoidable_losses_n_kg"] = 500
    reading = "supplements_raise_permitted_value"
    found = sweep(
        as_dataset(rows, tmp_path), [norm(LIMIT, 90, 110, 10)], 2020, baseline=reading, rule=None, system=system
    )
    assert [one["farms_exceeding"] for one in found.exact.values()] == [2, 1, 0]


def test_another_parameter_is_calculated_in_full(tmp_path: Path, system: Any) -> None:
    data = as_dataset(ties(), tmp_path)
    found = sweep(data, [norm(OWN, 0, 100, 50)], 2020, rule=None, system=system)
    assert FULL in found.how
    exceeding = [one["farms_exceeding"] for one in found.exact.values()]
    assert exceeding == sorted(exceeding, reverse=True)
    assert exceeding[0] > exceeding[-1]


def test_a_limit_within_a_scenario_is_calculated_in_full(tmp_path: Path, system: Any) -> None:
    # 105 complies with 100 + 10 %; it exceeds 50 and complies with 200 whatever the tolerance.
    data = as_dataset(on_limit_rows({"a": 105}), tmp_path)
    within = tolerance("2018-01-01", 10)
    found = sweep(data, [norm(LIMIT, 50, 200, 50)], 2020, scenario=within, rule=None, system=system)
    assert FULL in found.how
    assert [one["farms_exceeding"] for one in found.exact.values()] == [1, 0, 0, 0]


def test_a_norm_that_no_formula_reads_changes_no_farm_and_says_so(tmp_path: Path, system: Any) -> None:
    data = as_dataset(on_limit_rows({"a": 200}), tmp_path)
    found = sweep(data, [norm(f"{SECTION}.advice_order_deadline", 1, 3, 1)], 2020, rule=None, system=system)
    assert found.how.endswith("No formula reads the norm in these balance years: no farm can change.")
    assert [one["farms_exceeding"] for one in found.exact.values()] == [1, 1, 1]


def test_two_norms_give_every_pair_of_steps(tmp_path: Path, system: Any) -> None:
    # The second farm is half above its own permitted balance: too much with 0 % of tolerance, allowed with 100 %.
    permitted = balance(as_dataset(on_limit_rows({"own": 0}), tmp_path), system, year=2020)[
        "stoffbilv_permitted_balance"
    ]
    own = on_limit_rows({"own": round(1.5 * permitted.item() / 50)}, "farm_specific")
    rows, norms = joined(on_limit_rows({"flat": 120}), own), (norm(LIMIT, 110, 130, 20), norm(OWN, 0, 100, 100))
    found = sweep(as_dataset(rows, tmp_path), norms, 2020, rule=None, system=system)
    exceeding = {step: one["farms_exceeding"] for step, one in found.exact.items()}
    assert exceeding == {(110, 0): 2, (110, 100): 1, (130, 0): 1, (130, 100): 0}
    of_table = found.table.filter(polars.col("statistic") == "farms_exceeding").select("norm", "norm_2", "value")
    assert of_table.rows() == [(110, 0, 2), (110, 100, 1), (130, 0, 1), (130, 100, 0)]
    assert found.table.columns == ["norm", "norm_2", "statistic", "value", "unit", "farms", "weight"]


def test_a_sweep_of_one_norm_has_a_row_for_each_step_and_statistic(tmp_path: Path, system: Any) -> None:
    data = as_dataset(weigh(Random(1), on_limit_rows({"a": 100, "b": 200}), (2.5,)), tmp_path)
    table = sweep(data, [norm(LIMIT, 150, 250, 100)], 2020, rule=None, system=system).table
    assert table.columns == ["norm", "statistic", "value", "unit", "farms", "weight"]
    assert table.select("norm", "statistic").rows() == [(step, name) for step in (150, 250) for name in UNITS]
    # 200 exceeds 150 by 50 kg on 50 ha, for 2.5 farms.
    above = table.filter(
        (polars.col("norm") == 150) & polars.col("statistic").is_in(["farms_exceeding", "excess_total_t"])
    )
    assert above.select("value", "farms", "weight").rows() == [(2.5, 1, 2.5), (6.25, 1, 2.5)]


def steps_of(table: polars.DataFrame, statistic: str) -> dict[float, int]:
    """Step -> farms, of the published steps."""
    rows = table.filter((polars.col("statistic") == statistic) & polars.col("farms").is_not_null())
    return dict(rows.select("norm", "farms").iter_rows())


@pytest.mark.parametrize("seed", [1, 2])
def test_published_steps_differ_by_no_farm_or_by_ten(seed: int, tmp_path: Path, system: Any) -> None:
    data = as_dataset(sample_rows(Random(seed), 120, (1.0, 1.5, 2.0)), tmp_path)
    table = sweep(data, [STEPS], 2020, system=system).table
    assert table["farms"].null_count() > 0
    for name in ("farms_exceeding", "newly_exceeding", "newly_complying", "excess_total_t"):
        found = sorted(set(steps_of(table, name).values()))
        assert len(found) >= 2, name
        assert all(other - one >= 10 for one, other in itertools.pairwise(found)), (name, found)
        assert not any(1 <= farms < 10 for farms in found)
    assert table.filter(polars.col("farms").is_null())["value"].null_count() == table["farms"].null_count()
    assert table.filter(polars.col("farms").is_null())["weight"].null_count() == table["farms"].null_count()


def test_a_step_whose_excess_is_mostly_that_of_one_farm_is_left_out(tmp_path: Path, system: Any) -> None:
    # Twelve farms are 1 kg per ha above 100, one is 200 above: 12 x 50 kg against 10 t.
    farms = {f"farm {number}": 101.0 for number in range(12)} | {"large": 300.0} | {f"low {n}": 20.0 for n in range(12)}
    table = sweep(as_dataset(on_limit_rows(farms), tmp_path), [norm(LIMIT, 100, 100, 1)], 2020, system=system).table
    shown = dict(table.select("statistic", "value").iter_rows())
    assert shown["farms_exceeding"] == 13
    assert shown["excess_total_t"] is None


def test_farms_that_comply_are_not_few_where_they_follow_from_the_others(tmp_path: Path, system: Any) -> None:
    # 30 farms exceed, 12 have two years only, 8 comply: 50 - 30 - 12.
    exceeding = on_limit_rows({f"high {number}": 300 for number in range(30)} | {f"low {n}": 20 for n in range(8)})
    short = on_limit_rows({f"short {number}": 100 for number in range(12)})
    later = {table: [row for row in lines if row["year_start"].year > 2018] for table, lines in short.items()}
    table = sweep(
        as_dataset(joined(exceeding, later), tmp_path), [norm(LIMIT, 175, 200, 25)], 2020, system=system
    ).table
    for step in (175, 200):
        shown = dict(table.filter(polars.col("norm") == step).select("statistic", "farms").iter_rows())
        parts = [shown[f"farms_{name}"] for name in ("assessed", "exceeding", "undetermined")]
        assert None in parts, f"{parts[0]} - {parts[1]} - {parts[2]} farms comply"


def test_a_step_that_is_left_out_does_not_follow_from_the_farms_that_newly_exceed(tmp_path: Path, system: Any) -> None:
    # By law 20 exceed. Steps: 15, 20, 25, 30, 40 farms; newly 0, 0, 5, 10, 20.
    surplus = [200.0] * 15 + [190.0] * 5 + [170.0] * 5 + [160.0] * 5 + [150.0] * 10 + [60.0] * 30
    data = as_dataset(on_limit_rows({f"farm {number}": kg for number, kg in enumerate(surplus)}), tmp_path)
    found = sweep(data, [norm(LIMIT, 145, 195, 10)], 2020, system=system)
    exceeding, newly = steps_of(found.table, "farms_exceeding"), steps_of(found.table, "newly_exceeding")
    # Below the law's limit nobody newly complies: farms that exceed = those under the law + newly exceeding.
    both = [step for step in exceeding if step in newly and step < 175]
    law = exceeding[both[0]] - newly[both[0]]
    told = sorted({*exceeding.values(), *(law + newly[step] for step in newly if step < 175)})
    assert all(other - one >= 10 for one, other in itertools.pairwise(told)), told


def test_steps_are_decimal_and_the_last_is_included_when_they_lead_there() -> None:
    assert norm("x", 0.1, 0.5, 0.1) == Norm("x", (0.1, 0.2, 0.3, 0.4, 0.5))
    assert norm("x", 0, 1, 0.3).values == (0, 0.3, 0.6, 0.9)
    assert norm("x", -1, 1, 0.5).values == (-1, -0.5, 0, 0.5, 1)
    assert norm("x", 5, 5, 1).values == (5,)
    assert len(norm("x", 1, 2000, 1).values) == 2000


@pytest.mark.parametrize(("first", "last", "step"), [(0, 1, 0), (0, 1, -1), (2, 1, 1)])
def test_a_norm_that_leads_nowhere_is_refused(first: float, last: float, step: float) -> None:
    with pytest.raises(
        ComparisonError, match=f"x can't go from {first} to {last} by {step}: the step must be more than 0"
    ):
        norm("x", first, last, step)


def test_a_norm_with_too_many_steps_is_refused() -> None:
    with pytest.raises(ComparisonError, match="the sweep of x has 2001 steps; at most 2000 are allowed"):
        norm("x", 0, 2000, 1)


@pytest.mark.parametrize("numbers", [(math.nan, 1, 1), (0, math.inf, 1), (0, 1, math.nan)])
def test_a_norm_of_what_is_no_number_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ComparisonError):
        norm("x", *numbers)


def test_wrong_calls_say_what_is_wrong(tmp_path: Path, system: Any) -> None:
    data = as_dataset(on_limit_rows({"a": 100}), tmp_path)
    one = norm(LIMIT, 1, 50, 1)
    for norms in ([], [one, one, one], [one, norm(OWN, 0, 50, 1)]):
        with pytest.raises(ComparisonError, match="a sweep moves one norm or two, with at most 2000 steps in all"):
            sweep(data, norms, 2020, system=system)
    with pytest.raises(ComparisonError, match="no balance year of the data starts in 2010"):
        sweep(data, [one], 2010, system=system)
    with pytest.raises(ScenarioError, match=r"flat_limt.*flat_limit"):
        sweep(data, [norm(f"{SECTION}.flat_limt", 1, 5, 1)], 2020, system=system)
    with pytest.raises(ScenarioError, match="no_such_reading"):
        sweep(data, [one], 2020, system=system, baseline=load_scenario("no_such_reading"))
