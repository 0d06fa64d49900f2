"""Targets and simplifications over a few farms: results, comparison and incentive, reckoned by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest

from openfisca_stoffenbalans import read_dataset
from openfisca_stoffenbalans.dataset.results import balances
from openfisca_stoffenbalans.regimes import Roles, roles_of
from openfisca_stoffenbalans.report.comparison import comparison_report
from openfisca_stoffenbalans.report.form import form
from openfisca_stoffenbalans.report.html import render
from openfisca_stoffenbalans.scenario.book import Book
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario
from openfisca_stoffenbalans.scenario.effort import accuracy
from openfisca_stoffenbalans.scenario.exact import weight_millionths
from openfisca_stoffenbalans.scenario.groups import Groups
from openfisca_stoffenbalans.scenario.incentive import write_incentive
from openfisca_stoffenbalans.scenario.run import BASELINE, Outcome, systems
from openfisca_stoffenbalans.scenario.statistics import Farms, write_scenario
from openfisca_stoffenbalans.scenario.summary import Rule, hidden, summary
from openfisca_stoffenbalans.scenario.sweep import norm, sweep
from tests.nl.targets.farms import REGIME, scenario

# 10 t of wheat each, with declared 20, 17.9, 15 and 25 kg N per t, and one without; bijlage J of 2021 has 17.9.
CONTENTS = ("20", "17.9", "15", "25", "")
GATE = scenario(indicator="farm_gate_nitrogen_surplus", basis="hectare", norm=18)


@pytest.fixture
def data(tmp_path: Path) -> Any:
    farms = ["farm_id,year_start,country,utilised_area_ha,weight"]
    flows = ["farm_id,year_start,direction,category,product,amount,unit,n_content,content_source"]
    for number, content in enumerate(CONTENTS):
        farms.append(f"f{number},2021-01-01,NL,10,1")
        source = "measurement" if content else ""
        flows.append(f"f{number},2021-01-01,supply,feed,nl_j_wheat,10,t,{content},{source}")
    (tmp_path / "farms.csv").write_text("\n".join(farms) + "\n")
    (tmp_path / "flows.csv").write_text("\n".join(flows) + "\n")
    return read_dataset(tmp_path)


def named(name: str, base: Scenario) -> Scenario:
    """A scenario under a name of its own."""
    return Scenario.from_spec({**base.spec(), "name": name})


def compared(data: Any, system: Any, **how: Any) -> Any:
    simple = load_scenario("forfait_contents", REGIME)
    return compare(data, [simple], 2021, baseline=GATE, regime=REGIME, system=system, **how)


def of_all(comparison: Any) -> dict[tuple[str, str], Any]:
    rows = comparison.summary.filter(group_by="all").iter_rows(named=True)
    return {(row["scenario"], row["statistic"]): row["value"] for row in rows}


def test_the_results_have_a_row_for_each_farm(system: Any, data: Any) -> None:
    results, _ = balances(data, build(system, [GATE]), REGIME)
    # 10 t x kg N per t against 18 kg/ha x 10 ha = 180 kg; without a declared content the table's 179 kg.
    assert results["nl_target_indicator"].to_list() == pytest.approx([200, 179, 150, 250, 179])
    assert results["nl_target_limit"].to_list() == [180] * 5
    assert results["nl_target_verdict"].to_list() == ["exceeds", "complies", "complies", "exceeds", "complies"]
    # Direction, product, amount, content, utilised area.
    assert results["nl_data_points"].to_list() == [5, 5, 5, 5, 4]


def test_an_advantage_is_what_a_simplification_lets_farms_seem_better(system: Any, data: Any) -> None:
    found = of_all(compared(data, system, rule=None))
    of = {name: value for (label, name), value in found.items() if label == "forfait_contents"}
    # By table all have 179 kg: 200 and 250 kg fall by 21 and 71, 150 rises by 29, two stay.
    counts = ("farms_advantage", "farms_disadvantage", "farms_no_advantage", "farms_advantage_not_known")
    assert [of[name] for name in counts] == [2, 1, 2, 0]
    assert of["share_advantage"] == 0.4
    assert of["advantage_mean_kg"] == pytest.approx(46)
    assert of["advantage_median_kg"] == pytest.approx(46)
    assert of["advantage_p90_kg"] == pytest.approx(71)
    # 21 / 200 = 10.5 %, 71 / 250 = 28.4 %
    assert of["advantage_mean_pct"] == pytest.approx(19.45)
    assert of["advantage_p90_pct"] == pytest.approx(28.4)
    assert of["disadvantage_mean_kg"] == pytest.approx(29)
    assert not any(label == BASELINE and "advantage" in name for label, name in found)


def test_accuracy_stands_beside_the_data_that_it_costs(system: Any, data: Any) -> None:
    found = of_all(compared(data, system, rule=None))
    # Four declared contents less on five farms; 2 no longer exceed; per ha the errors are -2.1, 0, 2.9, -7.1, 0.
    assert found["baseline", "data_points_per_farm"] == 4.8
    assert found["forfait_contents", "data_points_saved_per_farm"] == 0.8
    assert found["forfait_contents", "misses"] == 2
    assert found["forfait_contents", "error_bias_kg_per_ha"] == pytest.approx(-1.26)
    assert found["forfait_contents", "error_rmse_kg_per_ha"] == pytest.approx(((2.1**2 + 2.9**2 + 7.1**2) / 5) ** 0.5)
    assert found["baseline", "excess_total_t"] == pytest.approx(0.09)
    assert found["baseline", "distance_total_t"] == pytest.approx(0.09)


def test_a_levy_on_a_target_is_counted(system: Any, data: Any) -> None:
    levy = named("levy", scenario(instrument="levy", levy__bracket_1__rate=2.3))
    found = of_all(compare(data, [levy], 2021, baseline=GATE, regime=REGIME, system=system, rule=None))
    # 20 and 70 kg above at 2.30 euro
    assert found["levy", "farms_paying"] == 2
    assert found["levy", "levy_total_euro"] == pytest.approx(207)
    assert found["baseline", "farms_paying"] == 0


def test_a_norm_that_the_law_does_not_have_can_be_swept(system: Any, data: Any) -> None:
    gate = scenario(indicator="farm_gate_nitrogen_surplus", basis="hectare")
    found = sweep(
        data, [norm("nl.targets.norm", 15, 25, 5)], 2021, baseline=gate, regime=REGIME, rule=None, system=system
    )
    exceeding = {step[0]: one["farms_exceeding"] for step, one in found.exact.items()}
    # 15, 17.9, 17.9, 20 and 25 kg/ha
    assert exceeding == {15: 4, 20: 1, 25: 0}


def test_the_report_and_the_sheet_of_one_farm_can_be_made(system: Any, data: Any) -> None:
    comparison = compared(data, system, rule=None)
    page = render(comparison_report(comparison, systems(comparison.plan, system), {"regime": REGIME}))
    assert "kg of the indicator" in page
    assert "0.1 t of the indicator a year under the baseline" in page
    assert "Farms whose amount is lower than in the baseline" in page
    # The chart's axes have the unit of what is held; a target looks at one year and knows no methods.
    assert "weighted farms per kg of the indicator/unit of the basis" in page
    assert "weighted farms per kg N/ha" not in page
    assert "The balance year, of all farms, obliged or not; the outermost bars" in page
    sheet = form(data, build(system, [GATE]), "f0", 2021, regime=REGIME).sheets[0]
    assert "overschrijdt / exceeds" in [row.cells[1] for row in sheet.tables[0].rows]


def published(before: list[float], after: list[float]) -> dict[str, float | None]:
    """The protected figures of farms with these amounts in the baseline and under a scenario."""
    roles = Roles(verdict="verdict", advantage="held", unit="kg N")
    verdicts = numpy.ones(len(before), dtype=int)
    columns = {BASELINE: {"verdict": verdicts, "held": numpy.array(before)}, "less": {"held": numpy.array(after)}}
    outcome = Outcome(numpy.arange(len(before)), {BASELINE: None, "less": BASELINE}, columns)
    groups = Groups([("all", "all")], [numpy.zeros(len(before), dtype=numpy.int64)])
    book = Book(groups, weight_millionths(numpy.ones(len(before))))
    base = Farms(outcome, BASELINE, roles)
    for label in (BASELINE, "less"):
        write_scenario(book, Farms(outcome, label, roles), base)
        write_incentive(book, Farms(outcome, label, roles), base)
    table = summary(book, hidden(book, Rule()), Rule()).filter(scenario="less")
    return dict(table.select("statistic", "value").iter_rows())


def test_an_advantage_of_few_farms_is_not_published() -> None:
    many = published([100.0] * 60, [90.0] * 20 + [100.0] * 20 + [110.0] * 20)
    assert (many["farms_advantage"], many["advantage_mean_kg"]) == (20, 10)
    few = published([100.0] * 60, [90.0] * 5 + [100.0] * 35 + [110.0] * 20)
    for name in (
        "farms_advantage",
        "share_advantage",
        "advantage_mean_kg",
        "advantage_median_kg",
        "advantage_mean_pct",
    ):
        assert few[name] is None, name
    # With one more figure left out, so that the five can't be worked out as the rest.
    assert few["farms_disadvantage"] is None
    # One farm has more than half of it.
    one = published([1000.0] * 60, [100.0] + [999.0] * 19 + [1000.0] * 40)
    assert one["advantage_mean_kg"] is None


def tied(before: list[float], after: list[float], **roles: Any) -> Any:
    """The protected figures of farms of the first of two groups; `roles`: of the amount."""
    of = Roles(verdict="verdict", advantage="held", held="held", unit="kg N", **roles)
    amounts = {BASELINE: numpy.array(before), "less": numpy.array(after)}
    columns = {
        label: {"verdict": numpy.ones(len(before), dtype=int), "held": kg, "by farm": kg + 0}
        for label, kg in amounts.items()
    }
    outcome = Outcome(numpy.arange(len(before)), {BASELINE: None, "less": BASELINE}, columns)
    halves = numpy.where(numpy.arange(len(before)) < 60, 1, 2)
    names = [("all", "all"), ("half", "one"), ("half", "two")]
    groups = Groups(names, [numpy.zeros(len(before), dtype=numpy.int64), halves])
    book = Book(groups, weight_millionths(numpy.ones(len(before))))
    base = Farms(outcome, BASELINE, of)
    for label in (BASELINE, "less"):
        farms = Farms(outcome, label, of)
        write_scenario(book, farms, base)
        if label != BASELINE:
            accuracy(book, farms, base)
        write_incentive(book, farms, base)
    table = summary(book, hidden(book, Rule()), Rule()).filter(scenario="less", group="one")
    return dict(table.select("statistic", "farms").iter_rows())


# 40 farms win, 12 stay, 8 lose; of the other half some are known in one of the two only.
WIN = ([100.0] * 60 + [100.0] * 60, [90.0] * 40 + [100.0] * 12 + [107.0] * 8 + [90.0] * 30 + [numpy.nan] * 30)


def test_what_few_lose_does_not_follow_from_the_error_by_farm_and_what_others_win() -> None:
    # Mean error x 60 = 8 x 7 - 40 x 10
    figures = tied(*WIN, held_per_ha="by farm")
    assert figures["disadvantage_mean_kg"] is None
    assert None in (figures["advantage_mean_kg"], figures["error_bias_kg_per_ha"])


def test_what_few_lose_does_not_follow_from_the_change_of_a_balance_in_a_group() -> None:
    figures = tied(*WIN, balance={"nitrogen": "held"}, per_ha={"nitrogen": "by farm"})
    assert figures["disadvantage_mean_kg"] is None
    assert None in (figures["advantage_mean_kg"], figures["surplus_change_t"])


def test_an_amount_of_0_or_less_has_no_percent() -> None:
    found = published([0.0] * 20 + [100.0] * 20, [-10.0] * 20 + [50.0] * 20)
    assert found["farms_advantage"] == 40
    assert found["advantage_mean_pct"] == 50


def test_the_regime_of_targets_asks_for_it() -> None:
    assert roles_of(REGIME).advantage == "nl_target_indicator"
    assert roles_of("de.stoffbilv").advantage == ""
