"""Regimes of other shapes: without roles, without years, of several others, with results of fields."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import polars
import pytest
from typer.testing import CliRunner

from openfisca_stoffenbalans import cli_inputs
from openfisca_stoffenbalans.cli import app
from openfisca_stoffenbalans.dataset.results import balances
from openfisca_stoffenbalans.reform import with_reforms
from openfisca_stoffenbalans.regimes import RegimeError, Roles, regimes, roles_of, together
from openfisca_stoffenbalans.report.comparison import comparison_report
from openfisca_stoffenbalans.report.form import form, write_form
from openfisca_stoffenbalans.report.form_model import FormError
from openfisca_stoffenbalans.report.html import render
from openfisca_stoffenbalans.report.sweep import sweep_report
from openfisca_stoffenbalans.scenario.aims import aim
from openfisca_stoffenbalans.scenario.book import Book
from openfisca_stoffenbalans.scenario.charges import write_charges
from openfisca_stoffenbalans.scenario.compare import ComparisonError, compare
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.exact import weight_millionths
from openfisca_stoffenbalans.scenario.excess import write_excess
from openfisca_stoffenbalans.scenario.groups import Groups, UnknownGroupingError
from openfisca_stoffenbalans.scenario.run import BASELINE, Outcome, systems
from openfisca_stoffenbalans.scenario.statistics import COMPLIES, EXCEEDS, Farms, write_scenario
from openfisca_stoffenbalans.scenario.summary import Rule, hidden, summary
from openfisca_stoffenbalans.scenario.sweep import norm, sweep, units
from openfisca_stoffenbalans.scenario.write import farm_results
from tests.made_up_regime import BOTH, CONTENTS, SOIL, TARGET, YARD, made_up, with_made_up_variables, write_farms

# On dry sand under arable land the target is 50 kg N/ha; each farm has 10 ha.
BALANCES = (40, 50, 60.5, None)


@pytest.fixture(scope="module")
def own(system: Any) -> Any:
    return with_reforms(system, [with_made_up_variables])


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch, own: Any) -> None:
    for name, regime in made_up().items():
        monkeypatch.setitem(regimes(), name, regime)
    monkeypatch.setattr(cli_inputs, "known_system", lambda *_: own)


@pytest.fixture
def farms(tmp_path: Path) -> Any:
    return write_farms(tmp_path / "farms", BALANCES)


def stricter(value: float = 45) -> Scenario:
    return Scenario.from_spec({"name": "stricter", "regime": SOIL, "parameters": {TARGET: {"2000-01-01": value}}})


def of_all(comparison: Any) -> dict[tuple[str, str], tuple[Any, str]]:
    rows = comparison.summary.filter(group_by="all").iter_rows(named=True)
    return {(row["scenario"], row["statistic"]): (row["value"], row["unit"]) for row in rows}


def test_only_the_verdict_is_a_role_that_must_be_there() -> None:
    roles = Roles(verdict="v")
    assert roles.columns == ("v",)
    assert roles.of_steps == ("v",)
    with pytest.raises(RegimeError, match="unit: found 'euro'; allowed: kg and of what"):
        Roles(verdict="v", unit="euro")
    with pytest.raises(RegimeError, match="the same nutrients"):
        Roles(verdict="v", balance={"nitrogen": "n"})


def test_a_regime_of_others_has_each_column_once_and_the_verdict_of_the_one_it_names() -> None:
    whole, soil = made_up()[BOTH], made_up()[SOIL]
    assert whole.columns == (*soil.columns, "nl_soil_area_ha")
    assert whole.field_columns == soil.field_columns
    assert (whole.verdict, whole.because, whole.comparison) == (soil.verdict, soil.because, soil.comparison)
    with pytest.raises(RegimeError, match=r"no regime lost; there are: made\.up\.soil"):
        together([{**CONTENTS[0], "of": [SOIL, "lost"]}, *CONTENTS[1:]])


def test_a_regime_without_roles_is_not_compared(own: Any, farms: Any) -> None:
    with pytest.raises(RegimeError, match=rf"can't be compared under {YARD}; they can under: .*{SOIL}"):
        roles_of(YARD)
    with pytest.raises(ComparisonError, match="can't be compared"):
        compare(farms, [], 2020, regime=YARD, system=own)


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("2001-12-01", "the norms of 1998 to 2001 are not known"),
        ("2002-01-01", ""),
        ("2030-01-01", ""),
        ("2030-02-01", "it ended"),
    ],
)
def test_a_balance_year_with_a_day_outside_has_no_numbers(first: str, words: str) -> None:
    day = datetime.date.fromisoformat(first)
    assert made_up()[SOIL].why_not(day) == words
    # The other part knows no such end.
    assert made_up()[BOTH].why_not(day) == ""


def test_data_of_no_year_with_numbers_are_refused_and_single_years_are_not(own: Any, tmp_path: Path) -> None:
    early = write_farms(tmp_path / "early", (40,), (2000, 2001))
    with pytest.raises(
        RegimeError, match=r"none of the balance years can be computed .*2000-01-01 to 2001-01-01.*1998 to"
    ):
        balances(early, own, SOIL)
    with pytest.raises(ComparisonError, match="none of the balance years"):
        compare(early, [], 2001, regime=SOIL, system=own)
    with pytest.raises(ComparisonError, match="none of the balance years"):
        sweep(early, [norm(TARGET, 40, 60, 10)], 2001, regime=SOIL, system=own)
    with pytest.raises(FormError, match=r"2001-01-01 can't be computed: the norms of 1998"):
        form(early, own, "f000", 2001, regime=SOIL)
    both = write_farms(tmp_path / "both", (40,), (2001, 2002))
    assert len(balances(both, own, SOIL)[0]) == 2
    with pytest.raises(RegimeError, match=r"first days 2001-01-01\)"):
        balances(both, own, SOIL, year=2001)
    assert len(balances(early, own, BOTH)[0]) == 2


def test_fields_have_results_in_the_order_of_their_table_whatever_the_parts(own: Any, tmp_path: Path) -> None:
    data = write_farms(tmp_path / "farms", BALANCES, (2020, 2021))
    _, once = balances(data, own, SOIL)
    assert once is not None
    assert once.columns == ["farm_id", "year_start", "field_id", "nl_field_balance", "nl_field_target"]
    assert once.select("farm_id", "year_start", "field_id").equals(
        data.tables["fields"].select("farm_id", "year_start", "field_id")
    )
    expected = [balance for _ in (2020, 2021) for balance in BALANCES for _ in ("low", "high")]
    assert once["nl_field_balance"].to_list() == expected
    assert once["nl_field_target"].to_list() == [50] * 16
    for size in (1, 3):
        assert once.equals(balances(data, own, SOIL, farms_per_part=size)[1])
    _, later = balances(data, own, SOIL, year=2021)
    assert once.filter(polars.col("year_start").dt.year() == 2021).equals(later)
    turned = write_farms(tmp_path / "turned", BALANCES)
    turned.tables["fields"] = turned.tables["fields"].reverse()
    assert balances(turned, own, SOIL)[1]["nl_field_balance"].to_list() == expected[:8][::-1]


def test_what_a_regime_does_not_have_is_no_statistic(own: Any, farms: Any) -> None:
    found = of_all(compare(farms, [stricter()], 2020, regime=SOIL, rule=None, system=own))
    names = {name for _, name in found}
    for start in (
        "farms_obliged", "share_obliged", "newly_obliged", "no_longer", "one_year", "better_method", "net_surplus",
        "supply_total", "removal_total", "nutrient_use", "phosph", "burden", "data_points", "exceeding_farms_",
        "newly_exceeding_density",
    ):  # fmt: skip
        assert not any(name.startswith(start) for name in names), start
    for name in ("surplus_total_t", "excess_total_t", "newly_exceeding_size_fifth_1", "farms_assessed"):
        assert name in names


def test_levy_reward_and_distance_are_those_reckoned_by_hand(own: Any, farms: Any) -> None:
    found = of_all(compare(farms, [stricter()], 2020, regime=SOIL, rule=None, system=own))
    # Target 50: only the third farm is above, by 10.5 kg/ha x 10 ha; 5 euro a kg. The first has room for 100 kg, a
    # point for each 10; the second lies on the target and has nothing.
    # Target 45: the second by 50 kg, the third by 155 kg; the first has room for 50 kg.
    hand = {
        "farms_paying": (1, 2, "farms"),
        "levy_total_euro": (525, 1025, "euro"),
        "levy_mean_per_paying_farm": (525, 512.5, "euro"),
        "levy_median_per_paying_farm": (525, 512.5, "euro"),
        "levy_change_euro": (None, 500, "euro"),
        "levy_not_known": (1, 1, "farms"),
        "farms_rewarded": (1, 1, "farms"),
        "reward_total": (10, 5, "points"),
        "reward_change": (None, -5, "points"),
        "farms_at_a_distance": (1, 2, "farms"),
        "distance_total_t": (0.105, 0.205, "t N"),
        "distance_mean_per_farm_at_a_distance": (105, 102.5, "kg N"),
        "excess_total_t": (0.105, 0.205, "t N"),
        "surplus_total_t": (1.505, 1.505, "t N"),
    }
    for name, (before, after, unit) in hand.items():
        if before is not None:
            assert found["baseline", name] == (pytest.approx(before), unit), name
        assert found["stricter", name] == (pytest.approx(after), unit), name


def test_the_units_are_those_of_the_roles(own: Any, farms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content = [dict(one) for one in CONTENTS]
    content[1]["comparison"] = {**content[1]["comparison"], "unit": "kg NH3", "basis": "livestock unit"}
    monkeypatch.setitem(regimes(), SOIL, together(content)[SOIL])
    found = of_all(compare(farms, [], 2020, regime=SOIL, rule=None, system=own))
    assert found["baseline", "excess_total_t"][1] == "t NH3"
    assert found["baseline", "excess_mean_kg_per_exceeding_farm"][1] == "kg NH3"
    assert found["baseline", "excess_p90_kg_per_ha"][1] == "kg NH3/livestock unit"
    assert found["baseline", "surplus_mean_kg_per_ha"][1] == "kg N/ha"
    assert units(roles_of(SOIL))["excess_total_t"] == "t NH3"


def test_a_levy_of_few_farms_is_not_published_nor_what_it_is_made_of(own: Any, tmp_path: Path) -> None:
    # Under the scenario 12 more farms pay beside 3 of the baseline: of 3 nothing is shown, nor of the change from them.
    data = write_farms(tmp_path / "farms", [60] * 3 + [48] * 12 + [30] * 20)
    comparison = compare(data, [stricter()], 2020, regime=SOIL, system=own)
    found = of_all(comparison)
    for name in ("farms_paying", "levy_total_euro", "levy_mean_per_paying_farm", "excess_total_t", "distance_total_t"):
        assert found["baseline", name][0] is None, name
    for label in ("baseline", "stricter"):
        hidden = {name for (scenario, name), (value, _) in found.items() if scenario == label and value is None}
        assert ("farms_paying" in hidden) == ("farms_exceeding" in hidden), label
    many = write_farms(tmp_path / "many", [60] * 15 + [48] * 15 + [30] * 20)
    open_ = of_all(compare(many, [stricter()], 2020, regime=SOIL, system=own))
    # 15 x 100 kg x 5 euro; then 15 x 150 kg and 15 x 30 kg
    assert open_["baseline", "levy_total_euro"][0] == 7500
    assert open_["stricter", "levy_total_euro"][0] == 13500


def published(levy: Sequence[float], headroom: Sequence[float]) -> dict[str, float | None]:
    """The figures of farms with these amounts; those below their limit exceed."""
    room = numpy.array(headroom, dtype=float)
    verdict = numpy.where(room < 0, EXCEEDS, COMPLIES)
    columns = {"verdict": verdict, "levy": numpy.array(levy, dtype=float), "headroom": room}
    roles = Roles(verdict="verdict", levy="levy", headroom="headroom")
    outcome = Outcome(numpy.arange(len(room)), {BASELINE: None}, {BASELINE: columns})
    farms = Farms(outcome, BASELINE, roles)
    book = Book(
        Groups([("all", "all")], [numpy.zeros(len(room), dtype=numpy.int64)]), weight_millionths(numpy.ones(len(room)))
    )
    for write in (write_scenario, write_excess, write_charges):
        write(book, farms, farms)
    table = summary(book, hidden(book, Rule()), Rule())
    return dict(table.select("statistic", "value").iter_rows())


def test_a_levy_is_left_out_with_the_excess_it_is_made_of() -> None:
    even = published([10] * 15 + [0] * 20, [-10] * 15 + [5] * 20)
    assert even["levy_total_euro"] == 150
    # The excess is mostly one farm's.
    assert published([10] * 15 + [0] * 20, [-900] + [-10] * 14 + [5] * 20)["levy_total_euro"] is None


def test_farms_that_pay_are_not_told_beside_nearly_as_many_that_exceed() -> None:
    few = published([10] * 27 + [0] * 23, [-10] * 30 + [5] * 20)
    # 30 exceed and 27 pay: the difference would show 3 farms.
    assert few["farms_paying"] is None
    assert published([10] * 15 + [0] * 35, [-10] * 30 + [5] * 20)["farms_paying"] == 15


def test_a_sweep_counts_levies_where_the_regime_has_them(own: Any, farms: Any) -> None:
    found = sweep(farms, [norm(TARGET, 40, 60, 10)], 2020, regime=SOIL, rule=None, system=own)
    assert set(found.units) == set(found.table["statistic"].unique()) == set(found.exact[40.0,])
    assert "farms_obliged" not in found.units
    levies = {
        step[0]: (one["farms_paying"], one["levy_total_euro"], one["excess_total_t"])
        for step, one in found.exact.items()
    }
    # Above 40: 100 and 205 kg; above 50: 105 kg; above 60: 5 kg.
    assert levies == {40: (2, 1525, 0.305), 50: (1, 525, 0.105), 60: (1, 25, 0.005)}
    assert aim("levy_total_euro <= 600", found.units).bound == 600
    with pytest.raises(ComparisonError, match="no statistic 'levy_total_euro'"):
        aim("levy_total_euro <= 600")
    assert "levy total euro" in render(sweep_report(found, None, {}))


def test_a_class_that_needs_a_role_the_regime_lacks_is_unknown(own: Any, farms: Any) -> None:
    for name in ("density_class", "duty", "methods"):
        with pytest.raises(UnknownGroupingError, match="there are"):
            compare(farms, [], 2020, by=[name], regime=SOIL, system=own)
    assert compare(farms, [], 2020, by=["size_class", "surplus_class"], regime=SOIL, system=own)


def test_the_report_and_the_farms_of_a_comparison_know_only_what_is_there(own: Any, farms: Any) -> None:
    comparison = compare(farms, [stricter()], 2020, by=["size_class"], regime=SOIL, rule=None, system=own)
    made = systems(comparison.plan, own)
    page = render(comparison_report(comparison, made, {"regime": SOIL}))
    for words in (
        "farms pay a levy of 525 euro",
        "Levy, reward and distance",
        "t of nitrogen a year under the baseline",
    ):
        assert words in page, words
    for words in ("Burden", "One year and all years", "annex 4", "own choice of method", "Judged by the year"):
        assert words not in page, words
    rows = farm_results(comparison, own)
    assert set(rows.columns) == {
        "farm_id", "year_start", "weight", "scenario", "verdict", "verdict_baseline", "held_kg", "gap_kg",
        "change_gap_kg", "levy_euro", "reward_points", "distance_kg",
    }  # fmt: skip
    assert rows.filter(scenario="stricter")["gap_kg"].to_list() == [-50, 50, 155, None]


def test_a_regime_of_others_is_compared_by_the_one_it_names(own: Any, farms: Any) -> None:
    one, other = (compare(farms, [stricter()], 2020, regime=name, system=own, rule=None) for name in (SOIL, BOTH))
    assert one.summary.equals(other.summary)


def test_the_balance_sheet_shows_amounts_fields_outcome_and_what_is_missing(
    own: Any, farms: Any, tmp_path: Path
) -> None:
    filled = form(farms, own, "f002", 2020, regime=SOIL)
    (sheet,) = filled.sheets
    outcome, lines, fields = sheet.tables
    assert [row.cells[1] for row in outcome.rows] == ["overschrijdt / exceeds", "geen / none"]
    surplus = lines.row("nl_soil_surplus")
    assert surplus.level == "sum"
    # 60.5 kg/ha on 10 ha
    assert surplus.cells[:5] == ("Overschot / surplus", "=", 605.0, "kg N", 60.5)
    assert [(row.cells[0], row.cells[1]) for row in fields.rows] == [("low", 60.5), ("high", 60.5)]
    unknown = form(farms, own, "f003", 2020, regime=SOIL)
    assert unknown.sheets[0].tables[0].rows[1].cells[1] == "deposition"
    assert unknown.sheets[0].tables[1].row("nl_soil_surplus").cells[2] is None
    write_form(unknown, tmp_path / "f.html")
    page = (tmp_path / "f.html").read_text()
    for words in ('<html lang="nl">', "Bedrijf / farm", "niet bekend / not known", "niet te bepalen / undetermined"):
        assert words in page, words
    write_form(filled, tmp_path / "f.xlsx")
    sheet_of_file = polars.read_excel(tmp_path / "f.xlsx", sheet_name="Bodembalans", has_header=False)
    assert "605" in str(sheet_of_file.rows())
    with pytest.raises(FormError, match=f"there is no form of {YARD}"):
        form(farms, own, "f002", 2020, regime=YARD)
    assert [one.name for one in form(farms, own, "f002", 2020, regime=BOTH).sheets] == ["Bodembalans"]


@pytest.fixture
def runner() -> Any:
    def run(*call: str | Path) -> Any:
        return CliRunner().invoke(app, [str(word) for word in call])

    return run


def test_the_commands_take_such_a_regime(
    runner: Any, farms: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: Any
) -> None:
    monkeypatch.setattr("openfisca_stoffenbalans.cli.known_system", lambda *_: own)
    out = tmp_path / "out"
    result = runner("balance", tmp_path / "farms", "--regime", SOIL, "--out", out, "--format", "csv,parquet,xlsx")
    assert result.exit_code == 0, result.output
    names = {f"{name}.{kind}" for name in ("results", "fields") for kind in ("csv", "parquet", "xlsx")}
    assert {path.name for path in out.iterdir()} == {*names, "receipt.json"}
    receipt = json.loads((out / "receipt.json").read_text())
    assert receipt["results"]["tables"] == ["results", "fields"]
    assert receipt["counts"]["field_years"] == 8
    assert receipt["counts"]["verdicts"] == {"complies": 2, "exceeds": 1, "undetermined": 1, "not_assessed": 0}
    assert "obliged" not in receipt["counts"]
    assert "By nl_soil_verdict, 2 comply, 1 exceed" in result.output
    page = tmp_path / "f.html"
    assert (
        runner(
            "form", tmp_path / "farms", "--regime", SOIL, "--farm", "f002", "--year", "2020", "--out", page
        ).exit_code
        == 0
    )
    write_farms(tmp_path / "early", (40,), (2001,))
    for call in (["balance"], ["form", "--farm", "f000", "--year", "2001"]):
        place = tmp_path / ("x.html" if call[0] == "form" else "nothing")
        refused = runner(call[0], tmp_path / "early", *call[1:], "--regime", SOIL, "--out", place)
        assert refused.exit_code == 2, call
        assert "1998 to 2001" in refused.output
        assert not place.exists()
