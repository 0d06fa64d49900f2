"""The evaluation's figures against the results of every farm, its chapters with their limits, and its protection."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import numpy
import polars
import pytest
import typer
from typer.testing import CliRunner, Result

from openfisca_stoffenbalans.cli_reports import report
from openfisca_stoffenbalans.dataset import DataSet, read_dataset
from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.report.evaluation import FINDINGS as FINDINGS_FILE
from openfisca_stoffenbalans.report.evaluation import Evaluation, contents, evaluate, questions, reasons, told_apart
from openfisca_stoffenbalans.report.evaluation_report import CHAPTERS, evaluation_receipt, evaluation_report
from openfisca_stoffenbalans.report.model import Report
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import ComparisonError
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario
from openfisca_stoffenbalans.scenario.run import systems
from openfisca_stoffenbalans.scenario.spread import Spread
from openfisca_stoffenbalans.scenario.summary import Rule
from tests.random_farms import as_dataset
from tests.scenario.weighted_farms import on_limit_rows, sample_rows

YEAR = 2020
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
app = typer.Typer()
app.add_typer(report)


@pytest.fixture(scope="module")
def germany() -> DataSet:
    """The shipped farms of 2020 with weights, so that counting a farm is not the same as adding up its weight."""
    data = read_dataset(example("germany"))
    weights = (1 + (polars.int_range(polars.len()) * 7) % 5).over("farm_id") * 0.5
    return DataSet(
        {**data.tables, "farms": data.tables["farms"].with_columns(weight=weights.cast(polars.Float64))}, "x"
    )


@pytest.fixture(scope="module")
def evaluation(germany: DataSet, system: Any) -> Evaluation:
    return evaluate(germany, YEAR, rule=None, system=system)


@pytest.fixture(scope="module")
def whole(germany: DataSet, evaluation: Evaluation) -> Report:
    return reported(germany, evaluation)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DataSet:
    """Farms enough that some figures are published and some not."""
    return as_dataset(sample_rows(Random(4), 400, (1, 1, 1)), tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def protected(sample: DataSet, system: Any) -> Evaluation:
    return evaluate(sample, YEAR, system=system)


def reported(data: DataSet, evaluation: Evaluation) -> Report:
    made = systems(evaluation.comparison.plan)
    return evaluation_report(evaluation, made, evaluation_receipt(data, evaluation, made, [], 0)["results"])


def figure(evaluation: Evaluation, statistic: str, **where: Any) -> Any:
    place = {"year": YEAR, "scenario": "baseline", "group_by": "all", "group": "all", **where}
    rows = evaluation.summary.filter(statistic=statistic, **place)
    assert len(rows) == 1, (statistic, place)
    return rows["value"][0]


def farms_of(data: DataSet, system: Any, year: int = YEAR) -> polars.DataFrame:
    """Results of a year beside area, type, weight and method of the farm; the example has no farm with two series."""
    columns = ["farm_id", "year_start", "utilised_area_ha", "farm_type", "weight", "assessment_method"]
    farms = data.tables["farms"].select(columns)
    kept = balance(data, system, "de.stoffbilv", year).select(*(name for name in RESULTS if name not in columns[2:]))
    found = kept.join(farms, on=["farm_id", "year_start"])
    assert found["farm_id"].is_unique().all()
    return found


RESULTS = (
    "farm_id", "year_start", "stoffbilv_obliged", "stoffbilv_verdict", "stoffbilv_verdict_flat",
    "stoffbilv_verdict_farm_specific", "nitrogen_balance", "nitrogen_balance_per_ha", "nitrogen_supply",
    "nitrogen_removal", "stoffbilv_headroom_flat", "stoffbilv_headroom_farm_specific",
    "stoffbilv_undetermined_because",
)  # fmt: skip
W = polars.col("weight")


def weighted(frame: polars.DataFrame) -> float:
    return float(frame["weight"].sum())


def total(frame: polars.DataFrame, column: str) -> float:
    return float(frame.select((polars.col(column) * W).sum()).item()) / 1000


def mean(frame: polars.DataFrame, column: str) -> float:
    known = frame.filter(polars.col(column).is_not_null())
    return float(known.select((polars.col(column) * W).sum() / W.sum()).item())


def test_obliged_and_other_farms_are_counted_and_summed_apart(
    germany: DataSet, evaluation: Evaluation, system: Any
) -> None:
    farms = farms_of(germany, system)
    for group, obliged in (("obliged", True), ("not obliged", False)):
        part = farms.filter(polars.col("stoffbilv_obliged") == obliged)
        assert len(part) > 1
        place = {"group_by": "duty", "group": group}
        assert figure(evaluation, "farms_total", **place) == pytest.approx(weighted(part))
        area = float(part.select((polars.col("utilised_area_ha") * W).sum()).item())
        assert figure(evaluation, "area_total_ha", **place) == pytest.approx(area)
        assert figure(evaluation, "surplus_total_t", **place) == pytest.approx(
            total(part, "nitrogen_balance"), abs=1e-4
        )
        expected = mean(part, "nitrogen_balance_per_ha")
        assert figure(evaluation, "surplus_mean_kg_per_ha", **place) == pytest.approx(expected, abs=1e-3)


def test_efficiency_is_removal_by_supply_of_farms_with_both_by_year_and_type(
    germany: DataSet, evaluation: Evaluation, system: Any
) -> None:
    seen = 0
    for year in evaluation.years:
        if balance(germany, system, "de.stoffbilv", year)["farm_id"].is_duplicated().any():
            continue
        farms = farms_of(germany, system, year).drop_nulls(["nitrogen_supply", "nitrogen_removal"])
        for kind, part in [("all", farms), *((key[0], one) for key, one in farms.group_by("farm_type"))]:
            place = {"group_by": "all" if kind == "all" else "farm_type", "group": kind, "year": year}
            expected = total(part, "nitrogen_removal") / total(part, "nitrogen_supply")
            assert figure(evaluation, "nutrient_use_efficiency", **place) == pytest.approx(expected, abs=1e-6)
            seen += 1
    assert seen > 20


def test_both_methods_stand_beside_each_other_whichever_a_farm_chose(
    germany: DataSet, evaluation: Evaluation, system: Any
) -> None:
    # By flat limit and own value: complies, exceeds or undetermined each.
    expected: dict[str, list[float]] = {}
    for row in farms_of(germany, system).iter_rows(named=True):
        flat, own = row["stoffbilv_verdict_flat"], row["stoffbilv_verdict_farm_specific"]
        if flat == own == "not_assessed":
            name = "not assessed"
        elif "undetermined" in (flat, own):
            name = "undetermined by one or both"
        else:
            met = (flat == "complies", own == "complies")
            name = {
                (True, True): "complies by both",
                (True, False): "complies by the flat limit only",
                (False, True): "complies by its own value only",
                (False, False): "exceeds by both",
            }[met]
        counts = expected.setdefault(name, [0.0, 0.0])
        counts[0] += row["weight"]
        counts[1] += row["weight"] * (row["stoffbilv_verdict"] == "complies")
    assert len(expected) == 6
    for name, (farms, complying) in expected.items():
        assert figure(evaluation, "farms_total", group_by="methods", group=name) == pytest.approx(farms)
        assert figure(evaluation, "farms_complying", group_by="methods", group=name) == pytest.approx(complying)


@pytest.mark.parametrize("value", [50, 125, 150, 175, 250])
def test_each_step_of_the_limit_is_the_verdict_under_that_limit(
    germany: DataSet, evaluation: Evaluation, system: Any, value: int
) -> None:
    moved = build(system, [Scenario.from_spec({"name": "moved", "parameters": {LIMIT: {"2018-01-01": value}}})])
    farms = farms_of(germany, moved).filter(polars.col("stoffbilv_verdict") == "exceeds")
    scenario = f"flat_limit at {value}"
    assert figure(evaluation, "farms_exceeding", scenario=scenario) == pytest.approx(weighted(farms))
    by_method = polars.when(polars.col("assessment_method").cast(polars.String) == "farm_specific")
    own, flat = polars.col("stoffbilv_headroom_farm_specific"), polars.col("stoffbilv_headroom_flat")
    excess = float(farms.select((-by_method.then(own).otherwise(flat) * W).sum()).item()) / 1000
    assert figure(evaluation, "excess_total_t", scenario=scenario) == pytest.approx(excess, abs=1e-4)


def test_options_exceed_as_their_own_run_says(germany: DataSet, evaluation: Evaluation, system: Any) -> None:
    asked = questions("de.stoffbilv")["scenarios"]
    assert list(evaluation.comparison.scenarios) == asked
    for name in ("annex_4_only", "uba_120_120", "no_tolerance"):
        farms = farms_of(germany, build(system, [load_scenario(name)]))
        exceeding = weighted(farms.filter(polars.col("stoffbilv_verdict") == "exceeds"))
        assert figure(evaluation, "farms_exceeding", scenario=name) == pytest.approx(exceeding)


def test_reasons_are_those_of_undetermined_farms(germany: DataSet, evaluation: Evaluation, system: Any) -> None:
    expected: dict[str, float] = {}
    for row in farms_of(germany, system).filter(polars.col("stoffbilv_verdict") == "undetermined").to_dicts():
        for reason in row["stoffbilv_undetermined_because"].split("; "):
            expected[reason] = expected.get(reason, 0) + row["weight"]
    rows = evaluation.summary.filter(polars.col("statistic").str.starts_with("undetermined because: "))
    found = {row["statistic"].partition(": ")[2]: row["value"] for row in rows.to_dicts()}
    assert found == pytest.approx(expected)
    assert len(expected) > 1


def test_reasons_of_few_farms_are_not_published(germany: DataSet, evaluation: Evaluation, system: Any) -> None:
    strict = dataclasses.replace(evaluation.comparison, rule=Rule())
    rows = reasons(germany, strict, system, Spread())
    assert rows.select("statistic", "value", "farms", "weight").rows() == [
        ("undetermined because: reasons of few farms", None, None, None)
    ]


def test_a_count_is_told_apart_when_it_and_the_rest_are_enough() -> None:
    even = numpy.ones(10, dtype=numpy.int64)
    assert told_apart(Rule(10, 0.5), even, 10)
    assert told_apart(Rule(10, 0.5), even, 20)
    assert not told_apart(Rule(10, 0.5), even, 19)
    assert not told_apart(Rule(11, 0.5), even, 30)
    assert not told_apart(Rule(10, 0.5), numpy.array([*even[1:], 10]), 20)


def test_the_report_has_four_chapters_with_answer_tables_charts_and_limits(
    whole: Report, evaluation: Evaluation
) -> None:
    chapters = [section for section in whole.sections if re.match(r"\d\. ", section.title)]
    assert [chapter.id for chapter in chapters] == ["load", "criteria", "alternatives", "efficiency"]
    assert len(CHAPTERS) == 4
    for number, chapter in enumerate(chapters, 1):
        assert chapter.title == f"{number}. {evaluation.content['questions'][chapter.id]}"
        assert len(chapter.paragraphs) == 3
        assert chapter.tables
        assert chapter.charts
        (limits,) = chapter.sections
        for text in (*evaluation.content["limits"][chapter.id], *evaluation.content["limits"]["all"]):
            assert text in limits.paragraphs
        assert whole.lead[number - 1] == chapter.paragraphs[0]
    assert "no counterfactual" in " ".join(chapters[0].sections[0].paragraphs)
    assert "static" in " ".join(chapters[2].sections[0].paragraphs)


def test_the_first_answer_states_the_obliged_farms(whole: Report, germany: DataSet, system: Any) -> None:
    farms = farms_of(germany, system)
    obliged, everyone = weighted(farms.filter(polars.col("stoffbilv_obliged"))), weighted(farms)
    assert f"{obliged:,g} of {everyone:,g} farms ({obliged / everyone:.1%}) are obliged" in whole.lead[0]


def test_every_option_stands_with_status_and_source(whole: Report) -> None:
    tables = {table.title: table for section in whole.walk() for table in section.tables}
    rows = {row[0]: row[1:] for row in tables["Options: status of the formula, and its source"].rows}
    for name in questions("de.stoffbilv")["scenarios"]:
        option = load_scenario(name)
        assert rows[name] == (option.title, option.status, option.source)


def test_every_finding_of_others_has_a_source_and_is_marked_as_not_computed(whole: Report) -> None:
    (section,) = (section for section in whole.sections if section.id == "findings")
    assert "not computed here" in section.paragraphs[0]
    found = contents(FINDINGS_FILE)["de.stoffbilv"]
    assert len(section.tables[0].rows) == len(found) > 10
    assert all(one["finding"] and one["value"] and one["source"] for one in found)


def test_a_protected_evaluation_publishes_no_figure_of_few_farms(protected: Evaluation) -> None:
    shown = protected.summary.drop_nulls("farms")
    assert not shown.filter(polars.col("farms").is_between(1, 9))["statistic"].to_list()
    hidden = protected.summary.filter(polars.col("farms").is_null())
    assert len(hidden) > 0
    assert hidden["value"].null_count() == hidden["weight"].null_count() == len(hidden)
    assert len(shown.drop_nulls("value")) > 1000


def test_steps_of_the_limit_and_scenarios_never_differ_by_few_farms(protected: Evaluation) -> None:
    frame = protected.summary.filter(year=YEAR, group_by="all", statistic="farms_exceeding")
    steps = frame.filter(
        polars.col("scenario").str.starts_with("flat_limit at ")
        | polars.col("scenario").is_in(["baseline", "flat_limit_150"])
    )
    known = steps.drop_nulls("farms")
    assert len(known) > 2
    for one, other in itertools.combinations(known["farms"].to_list(), 2):
        assert one == other or abs(one - other) >= 10
    of = {row["scenario"]: row["farms"] for row in frame.to_dicts()}
    for step, label in (("flat_limit at 175", "baseline"), ("flat_limit at 150", "flat_limit_150")):
        assert of[step] is None or of[step] == of[label]


def test_a_step_is_left_out_that_is_too_near_to_a_scenario(tmp_path: Path, system: Any) -> None:
    # 12 farms exceed 200 kg N/ha, 3 more 175: that 15 exceed under the law is published, so 12 may not be.
    per_ha = {f"a{number}": 210.0 for number in range(12)} | {f"b{number}": 185.0 for number in range(3)}
    per_ha |= {f"c{number}": 20.0 for number in range(30)}
    found = evaluate(as_dataset(on_limit_rows(per_ha), tmp_path), YEAR, system=system)
    rows = found.summary.filter(year=YEAR, group_by="all", statistic="farms_exceeding")
    farms = {row["scenario"]: row["farms"] for row in rows.to_dicts()}
    assert farms["baseline"] == farms["flat_limit at 150"] == 15
    assert farms["flat_limit at 200"] is None
    assert farms["flat_limit at 225"] == 0
    shares = found.summary.filter(year=YEAR, group_by="all", statistic="share_exceeding")
    value = {row["scenario"]: row["value"] for row in shares.to_dicts()}
    assert value["flat_limit at 200"] is None
    assert value["flat_limit at 175"] == value["baseline"] == pytest.approx(15 / 45)


def test_a_step_is_left_out_where_the_same_scenario_is_not_published(sample: DataSet, system: Any) -> None:
    # With a rule of 30 farms nearly all is too few.
    strict = evaluate(sample, YEAR, rule=Rule(30, 0.5), system=system)
    frame = strict.summary.filter(year=YEAR, group_by="all")
    dark = frame.filter(scenario="baseline", statistic="farms_exceeding")["farms"][0] is None
    step = frame.filter(scenario="flat_limit at 175")
    if dark:
        assert (
            step.filter(polars.col("statistic").is_in(["farms_exceeding", "share_exceeding"]))["value"].null_count()
            == 2
        )
    for row in frame.filter(polars.col("scenario").str.starts_with("flat_limit at ")).to_dicts():
        assert row["farms"] is None or row["farms"] == 0 or row["farms"] >= 30


def test_the_receipt_and_the_report_keep_what_the_summary_does_not_publish(sample: DataSet, system: Any) -> None:
    strict = evaluate(sample, YEAR, rule=Rule(1000, 0.5), system=system)
    made = systems(strict.comparison.plan)
    receipt = evaluation_receipt(sample, strict, made, [], 0)
    assert receipt["counts"]["farms"] is None
    text = " ".join(evaluation_report(strict, made, receipt["results"]).lead)
    assert "(not published) of (not published) farms" in text
    # The limits of the sweep and the years are the only numbers left.
    assert set(re.findall(r"\d+", text)) <= {str(YEAR)}


def test_a_year_without_assessment_is_said_first(germany: DataSet, system: Any) -> None:
    # StoffBilV section 6(6): the duty to assess ended on 31.12.2022.
    lead = reported(germany, evaluate(germany, 2023, rule=None, system=system)).lead
    for answer in lead[1:3]:
        assert answer == "In 2023 no balance of these farms has to be assessed: there is nothing to tell."


def test_other_years_publish_nothing_that_stays_from_year_to_year(evaluation: Evaluation) -> None:
    others = evaluation.summary.filter(polars.col("year") != YEAR)
    assert others["year"].n_unique() == 6
    assert "area_total_ha" not in others["statistic"].to_list()
    assert set(others["scenario"]) == {"baseline"}


def test_what_can_not_be_evaluated_is_said(germany: DataSet, system: Any) -> None:
    with pytest.raises(ComparisonError, match=r"no evaluation of nl\.minas; there is one of: de\.stoffbilv"):
        questions("nl.minas")
    with pytest.raises(ComparisonError, match="no balance year of the data starts in 1999"):
        evaluate(germany, 1999, system=system)


def run(*call: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in call])


def test_the_command_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = run(
            "report", "evaluation", "example:germany", "--year", "2020", "--out", tmp_path / name, "--unprotected"
        )
        assert result.exit_code == 0, result.output
        assert "Small-cell protection is off" in result.output
    files = {path.name for path in (tmp_path / "one").iterdir()}
    assert files == {"summary.csv", "summary.xlsx", "report.html", "receipt.json"}
    for name in files - {"receipt.json"}:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    head = (tmp_path / "one" / "summary.csv").read_text().partition("\n")[0]
    assert head == "year,scenario,group_by,group,statistic,value,unit,farms,weight"
    receipt = json.loads((tmp_path / "one" / "receipt.json").read_text())
    assert receipt["results"]["kind"] == "evaluation"
    assert receipt["results"]["small_cell_protection"] == "off"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("--year", "1999"), "no balance year of the data starts in 1999"),
        (("--year", "2020", "--by", "farm_typ"), "farm_type"),
        (("--year", "2020", "--regime", "de.nothing"), "no regime 'de.nothing'"),
    ],
)
def test_a_wrong_call_is_one_clear_message(tmp_path: Path, call: tuple[str, ...], said: str) -> None:
    result = run("report", "evaluation", "example:germany", *call, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert said in " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.output).split())
    assert not (tmp_path / "out").exists()
