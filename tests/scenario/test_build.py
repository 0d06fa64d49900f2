"""From scenarios to a reformed law: what holds on which day, in which order, and what stays untouched."""

from __future__ import annotations

from typing import Any

import pytest
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans.reform import law_hash
from openfisca_stoffenbalans.scenario.build import baseline, build, conflicts, lacking
from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError, load_scenario
from openfisca_stoffenbalans.tables import at

SECTION = "de.stoffbilv.section_06_assessment"
LIMIT = f"{SECTION}.flat_limit"
TOLERANCE = f"{SECTION}.farm_specific_tolerance"
AREA_2023 = "de.stoffbilv.section_01_scope.area_2023"
YEARS = "de.stoffbilv.annex_3_three_years.averaging_years"
TABLE = "de.stoffbilv.annex_1_contents.table_1"
WHEAT = f"{TABLE}.weizen_rp12_korn.n"
STORAGE = "de.duev.annex_9_storage.table_1"
SOLID = f"{STORAGE}.milchviehhaltung_milcherzeugung_ackerfutterbau_mit_weidegang_12_000_ecm.solid"
IN_FORCE = "de.stoffbilv.in_force.law"


def plan(name: str = "plan", **content: Any) -> Scenario:
    return Scenario.from_spec({"name": name, "source": "a test", **content})


def limits(name: str, **dated: Any) -> Scenario:
    """A scenario of the flat limit; y2018=150 stands for 150 from 1 January 2018."""
    return plan(name, parameters={LIMIT: {f"{year[1:]}-01-01": value for year, value in dated.items()}})


def dates(system: Any, path: str) -> dict[str, Any]:
    """Day -> value, the earliest first."""
    return {known.instant_str: known.value for known in reversed(at(system.parameters, path).values_list)}


# The law: 175 from 1.1.2018, no value from 1.1.2023.
@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        # Until the law lapses.
        ({"2018-01-01": 150}, {"2018-01-01": 150, "2023-01-01": None}),
        ({"2020-06-01": 150}, {"2018-01-01": 175, "2020-06-01": 150, "2023-01-01": None}),
        # Until the scenario's next date, in whatever order they are written.
        (
            {"2022-01-01": 120, "2018-01-01": 175, "2020-01-01": 150},
            {"2018-01-01": 175, "2020-01-01": 150, "2022-01-01": 120, "2023-01-01": None},
        ),
        # On the day of the lapse and after it: for ever.
        ({"2023-01-01": 120}, {"2018-01-01": 175, "2023-01-01": 120}),
        ({"2024-07-01": 120}, {"2018-01-01": 175, "2023-01-01": None, "2024-07-01": 120}),
        # Revived until the scenario's next date, which may be an end.
        (
            {"2024-01-01": 120, "2026-01-01": 100, "2030-01-01": None},
            {"2018-01-01": 175, "2023-01-01": None, "2024-01-01": 120, "2026-01-01": 100, "2030-01-01": None},
        ),
        # A value before the lapse and one after it: the gap between them stays.
        (
            {"2020-01-01": 150, "2024-01-01": 120},
            {"2018-01-01": 175, "2020-01-01": 150, "2023-01-01": None, "2024-01-01": 120},
        ),
        # Nothing at all from a day on.
        ({"2021-01-01": None}, {"2018-01-01": 175, "2021-01-01": None}),
        # 0.9 x 175 and 175 - 25 until the lapse; nothing is scaled after it.
        ({"2020-01-01": {"scale": 0.9}}, {"2018-01-01": 175, "2020-01-01": 157.5, "2023-01-01": None}),
        ({"2018-01-01": {"add": -25}}, {"2018-01-01": 150, "2023-01-01": None}),
        # Each relative change starts from the law, not from the change before it.
        (
            {"2018-01-01": {"scale": 0.8}, "2020-01-01": {"scale": 0.6}},
            {"2018-01-01": 140, "2020-01-01": 105, "2023-01-01": None},
        ),
        ({"2018-01-01": {"value": 150, "unit": "kg_n_per_ha_year"}}, {"2018-01-01": 150, "2023-01-01": None}),
    ],
)
def test_a_value_holds_until_the_next_one_or_the_laws_end(system: Any, dated: Any, expected: Any) -> None:
    reformed = build(system, [plan(parameters={LIMIT: dated})])
    assert dates(reformed, LIMIT) == expected


def test_later_numbers_of_the_law_are_superseded(system: Any) -> None:
    # In force from 1.1.2018, repealed on 8.7.2025: true from 1.1.2020 on leaves no repeal.
    reformed = build(system, [plan(parameters={IN_FORCE: {"2020-01-01": True}})])
    assert dates(reformed, IN_FORCE) == {"2018-01-01": True, "2020-01-01": True}


def test_a_relative_change_follows_the_laws_own_changes(system: Any) -> None:
    # DüV annex 9 table 1 line 16: 7.2 t of solid manure, 8.5 t from 1.5.2020.
    reformed = build(system, [plan(parameters={SOLID: {"2019-01-01": {"add": 1}}})])
    assert dates(reformed, SOLID) == {"2017-06-02": 7.2, "2019-01-01": 8.2, "2020-05-01": 9.5}


def test_the_order_in_which_dates_are_written_does_not_matter(system: Any) -> None:
    reformed = build(system, [plan(parameters={SOLID: {"2020-03-01": 7, "2019-01-01": {"add": 1}}})])
    assert dates(reformed, SOLID) == {"2017-06-02": 7.2, "2019-01-01": 8.2, "2020-03-01": 7}


def test_a_revived_value_holds_for_ever_whatever_came_later(system: Any) -> None:
    below = limits("below", y2024=120, y2026=None).spec()
    above = plan("above", builds_on=below, parameters={LIMIT: {"2023-06-01": 100}})
    assert dates(build(system, [above]), LIMIT) == {"2018-01-01": 175, "2023-01-01": None, "2023-06-01": 100}


def test_a_relative_change_keeps_decimals_round(system: Any) -> None:
    # 1.1 x 1.81 kg N/dt = 1.991, which floats make 1.9910000000000003.
    reformed = build(system, [plan(parameters={WHEAT: {"2018-01-01": {"scale": 1.1}}})])
    assert dates(reformed, WHEAT) == {"2018-01-01": 1.991, "2025-07-08": None}


def test_a_star_changes_every_row_of_a_table(system: Any) -> None:
    reformed = build(system, [plan(parameters={f"{TABLE}.*.n": {"2020-01-01": {"scale": 2}}})])
    for row, node in at(system.parameters, TABLE).children.items():
        printed = node.children["n"].values_list[-1].value
        assert dates(reformed, f"{TABLE}.{row}.n") == {
            "2018-01-01": printed,
            "2020-01-01": pytest.approx(2 * printed, rel=1e-15),
            "2025-07-08": None,
        }
        assert node.children["p"] is at(reformed.parameters, f"{TABLE}.{row}.p")


def test_whole_numbers_stay_integers(system: Any) -> None:
    for change in ({"value": 1.0}, 1, {"add": -2}):
        value = dates(build(system, [plan(parameters={YEARS: {"2018-01-01": change}})]), YEARS)["2018-01-01"]
        assert value == 1
        assert isinstance(value, int)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {LIMIT: {"2023-01-01": {"scale": 0.9}}},
            f"plan: parameters.{LIMIT}.2023-01-01: scale and add need a value of the law on that day, there is none; "
            "allowed: a value",
        ),
        ({LIMIT: {"2018-01-01": {"add": -176}}}, f"plan: parameters.{LIMIT}: from 2018-01-01: found -1; allowed: 0 "),
        ({TOLERANCE: {"2020-01-01": {"scale": 11}}}, "from 2020-01-01: found 110; allowed: 0 to 100 (percent)"),
        ({YEARS: {"2020-01-01": {"scale": 0.5}}}, "from 2020-01-01: found 1.5; allowed: a whole number (years)"),
    ],
)  # fmt: skip
def test_a_relative_change_that_leads_nowhere_is_refused(system: Any, parameters: Any, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        build(system, [plan(parameters=parameters)])
    (found,) = caught.value.messages
    assert message in found


def test_all_relative_changes_that_lead_nowhere_are_said_at_once(system: Any) -> None:
    wrong = {LIMIT: {"2023-01-01": {"scale": 0.9}}, TOLERANCE: {"2020-01-01": {"scale": 11}}}
    with pytest.raises(ScenarioError) as caught:
        build(system, [plan(parameters=wrong)])
    assert len(caught.value.messages) == 2


def test_a_scenario_made_without_its_file_is_checked_before_it_is_built(system: Any) -> None:
    with pytest.raises(ScenarioError, match=r"^plan: parameters\.nothing: no such parameter"):
        build(system, [Scenario(name="plan", parameters={"nothing": {"2018-01-01": 1}})])


def test_only_the_changed_path_is_copied(system: Any) -> None:
    reformed = build(system, [limits("plan", y2018=150)])
    law, other = system.parameters.children["de"], reformed.parameters.children["de"]
    assert other is not law
    assert reformed.parameters.de is other
    assert other.duev is law.duev
    assert other.stoffbilv is not law.stoffbilv
    assert other.stoffbilv.annex_1_contents is law.stoffbilv.annex_1_contents
    assert other.stoffbilv.section_06_assessment.flat_tolerance is law.stoffbilv.section_06_assessment.flat_tolerance
    assert other.stoffbilv.section_06_assessment.flat_limit is not law.stoffbilv.section_06_assessment.flat_limit
    assert reformed.parameters.quality is system.parameters.quality


@pytest.mark.parametrize("order", [("low", "lower"), ("lower", "low")])
def test_two_scenarios_in_one_process_do_not_meet_in_either_order(system: Any, order: tuple[str, str]) -> None:
    plans = {"low": limits("low", y2018=150), "lower": limits("lower", y2018=120)}
    before = law_hash(system.parameters)
    built = {name: build(system, [plans[name]]) for name in order}
    found = {
        name: reformed.get_parameters_at_instant("2020-01-01").de.stoffbilv.section_06_assessment.flat_limit
        for name, reformed in built.items()
    }
    assert found == {"low": 150, "lower": 120}
    assert system.get_parameters_at_instant("2020-01-01").de.stoffbilv.section_06_assessment.flat_limit == 175
    assert law_hash(system.parameters) == before


def test_scenarios_come_to_the_same_in_either_order_or_are_not_combined(system: Any) -> None:
    half, scaled = limits("half", y2018={"scale": 0.5}), limits("scaled", y2018={"scale": 0.8})
    # 175 x 0.5 x 0.8 = 70
    assert dates(build(system, [half, scaled]), LIMIT)["2018-01-01"] == 70
    assert dates(build(system, [scaled, half]), LIMIT)["2018-01-01"] == 70
    # 0.8 x 150 one way, 150 the other.
    for scenarios in ([limits("low", y2018=150), scaled], [scaled, limits("low", y2018=150)]):
        with pytest.raises(ScenarioError, match=r"(low and scaled|scaled and low) can't be combined"):
            build(system, scenarios)


def test_readings_come_before_reforms_and_both_before_parameters(system: Any) -> None:
    surplus = "de.stoffbilv.annex_4_permitted_balance.lines.line_1_surplus"
    scenario = plan(readings=["control_value_40"], parameters={surplus: {"2018-01-01": {"add": 5}}})
    assert dates(build(system, [scenario]), surplus)["2018-01-01"] == 45


def test_what_a_scenario_builds_on_comes_first(system: Any) -> None:
    # 150 replaces 175, then 0.8 x 150 = 120.
    below = limits("below", y2018=150).spec()
    above = plan("above", builds_on=below, parameters={LIMIT: {"2018-01-01": {"scale": 0.8}}})
    assert dates(build(system, [above]), LIMIT) == {"2018-01-01": 120, "2023-01-01": None}


def test_what_two_scenarios_build_on_is_applied_once(system: Any) -> None:
    below = limits("below", y2018={"scale": 0.8}).spec()
    one = plan("one", builds_on=below, parameters={TOLERANCE: {"2018-01-01": 5}})
    other = plan("other", builds_on=below, parameters={AREA_2023: {"2023-01-01": 15}})
    both = build(system, [one, other])
    assert dates(both, LIMIT)["2018-01-01"] == 140
    assert (dates(both, TOLERANCE)["2018-01-01"], dates(both, AREA_2023)["2023-01-01"]) == (5, 15)


def test_what_the_baseline_has_already_is_not_applied_again(system: Any) -> None:
    scaled = limits("scaled", y2018={"scale": 0.8})
    start = baseline(scaled, system)
    assert build(start, [scaled]) is start
    without_repeal = baseline("repeal_did_not_happen", system)
    assert build(without_repeal, [load_scenario("repeal_did_not_happen")]) is without_repeal


def test_a_scenario_that_excludes_a_reading_of_the_baseline_is_refused(system: Any) -> None:
    start = baseline("repeal_did_not_happen", system)
    with pytest.raises(ScenarioError, match="repeal_by_year_end and repeal_did_not_happen read the same point"):
        build(start, [load_scenario("repeal_by_year_end")])


@pytest.mark.parametrize("name", ["law", "law in force"])
def test_the_law_as_baseline_is_the_system_itself(system: Any, name: str) -> None:
    assert baseline(name, system) is system


def test_a_reading_or_scenario_is_a_baseline(system: Any) -> None:
    assert dates(baseline("repeal_did_not_happen", system), AREA_2023) == {"2023-01-01": 20}
    assert dates(baseline(limits("low", y2018=150), system), LIMIT)["2018-01-01"] == 150


def test_no_change_builds_the_system_itself(system: Any) -> None:
    assert build(system, []) is system
    assert build(system, [plan()]) is system


@pytest.mark.parametrize(
    ("one", "other", "sentences"),
    [
        (
            limits("low", y2018=150),
            limits("lower", y2020=120),
            [f"low and lower can't be combined: both set {LIMIT}, to 150 from 2018-01-01 and to 120 from 2020-01-01"],
        ),
        # The first ends where the law does, or where it says so.
        (limits("low", y2018=150), limits("later", y2023=120), []),
        (
            limits("low", y2018=150, y2020={"scale": 1}),
            limits("later", y2020=120),
            [
                f"low and later can't be combined: both set {LIMIT}, by scale 1 from 2020-01-01 and to 120 from "
                "2020-01-01"
            ],
        ),
        (limits("low", y2018=150), limits("same", y2020=150), []),
        (limits("half", y2018={"scale": 0.5}), limits("scaled", y2018={"scale": 0.9}), []),
        (
            limits("more", y2018={"add": 5}),
            limits("scaled", y2018={"scale": 0.9}),
            [
                f"more and scaled can't be combined: both set {LIMIT}, by add 5 from 2018-01-01 and by scale 0.9 from "
                "2018-01-01"
            ],
        ),
        (
            load_scenario("annex_4_only"),
            load_scenario("uba_120_120"),
            ["annex_4_only and uba_120_120 can't be combined: annex_4_only and uba_120_120 change the same formulas"],
        ),
        (limits("low", y2018=150), plan("other", parameters={TOLERANCE: {"2018-01-01": 5}}), []),
        (
            plan("rows", parameters={f"{TABLE}.*.n": {"2018-01-01": 1}}),
            plan("wheat", parameters={WHEAT: {"2018-01-01": 2}}),
            [f"rows and wheat can't be combined: both set {WHEAT}, to 1 from 2018-01-01 and to 2 from 2018-01-01"],
        ),
        (
            load_scenario("repeal_did_not_happen"),
            load_scenario("repeal_by_year_end"),
            [
                "repeal_did_not_happen and repeal_by_year_end can't be combined: repeal_did_not_happen and "
                "repeal_by_year_end read the same point differently"
            ],
        ),
    ],
)
def test_two_scenarios_conflict_where_they_say_different_things(
    system: Any, one: Scenario, other: Scenario, sentences: list[str]
) -> None:
    assert conflicts([one, other]) == sentences
    if sentences:
        with pytest.raises(ScenarioError) as caught:
            build(system, [one, other])
        assert list(caught.value.messages) == sentences
    else:
        build(system, [one, other])


def test_a_change_of_what_both_build_on_is_no_conflict(system: Any) -> None:
    below = limits("below", y2018=150).spec()
    one = plan("one", builds_on=below, parameters={LIMIT: {"2018-01-01": 120}})
    other = plan("other", builds_on=below, parameters={TOLERANCE: {"2018-01-01": 5}})
    assert conflicts([one, other]) == []
    assert dates(build(system, [one, other]), LIMIT)["2018-01-01"] == 120


def test_the_topmost_value_of_a_scenario_is_what_conflicts() -> None:
    below = limits("below", y2018=150).spec()
    above = plan("above", builds_on=below, parameters={LIMIT: {"2018-01-01": 120}})
    assert conflicts([above, limits("same", y2018=120)]) == []
    assert len(conflicts([above, limits("lower", y2018=100)])) == 1


def test_a_scenario_that_moves_a_limit_moves_a_verdict(system: Any) -> None:
    # 10 ha and 1,600 kg N supplied in each of three years: 160 kg N/ha, below 175 and above 150.
    years = ("2018", "2019", "2020")
    situation = {
        "entries": {"fertiliser": {}},
        "farms": {
            "farm": {
                "flows": ["fertiliser"],
                "utilised_area_ha": dict.fromkeys(years, 10),
                "nitrogen_balance": dict.fromkeys(years, 1600),
                "farm_year_known": dict.fromkeys(years, True),
                "stoffbilv_assessed": {"2020": True},
            }
        },
    }
    verdicts = [
        SimulationBuilder()
        .build_from_entities(each, situation)
        .calculate("stoffbilv_verdict_flat", "2020")
        .decode_to_str()
        .tolist()
        for each in (system, build(system, [limits("low", y2018=150)]))
    ]
    assert verdicts == [["complies"], ["exceeds"]]


NORM = "nl.targets.norm"


def test_a_scenario_without_the_number_it_needs_is_named(system: Any) -> None:
    asked = plan("asked", regime="nl.targets", needs=[NORM])
    said = "asked: no value is published for nl.targets.norm; give one in a scenario that builds on it, or sweep it"
    assert lacking(build(system, [asked]), [asked]) == [said]
    given = plan("given", regime="nl.targets", builds_on=asked.spec(), parameters={NORM: {"2024-01-01": 100}})
    assert lacking(build(system, [given]), [given]) == []
    # Another scenario beside it can give the number too.
    number = plan("number", regime="nl.targets", parameters={NORM: {"2024-01-01": 100}})
    assert lacking(build(system, [asked, number]), [asked, number]) == []


def test_what_a_scenario_needs_has_to_be_a_parameter() -> None:
    with pytest.raises(
        ScenarioError, match=r"^asked: needs: nl.targets.nrm: no such parameter; nearest: nl.targets.norm,"
    ):
        plan("asked", regime="nl.targets", needs=["nl.targets.nrm"])
