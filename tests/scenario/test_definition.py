"""A scenario's file is read whole or refused with all that is wrong with it."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from openfisca_stoffenbalans.reform import readings
from openfisca_stoffenbalans.scenario import definition
from openfisca_stoffenbalans.scenario.definition import (
    Scenario,
    ScenarioError,
    json_schema,
    law_tree,
    load_scenario,
    shipped,
)
from openfisca_stoffenbalans.scenario.values import value_error
from openfisca_stoffenbalans.tables import leaves

LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
TOLERANCE = "de.stoffbilv.section_06_assessment.flat_tolerance"
TABLE = "de.stoffbilv.annex_1_contents.table_1"
SCHEMA = Path(__file__).parents[2] / "docs" / "scenario.schema.json"

WHOLE = f"""
name: whole
title: Everything that can be said
description: Two lines
builds_on: repeal_did_not_happen
reforms: []
readings: [control_value_40]
parameters:
  {LIMIT}:
    2018-01-01: 150
    2020-01-01: {{value: 120, unit: kg_n_per_ha_year}}
    2022-01-01: {{scale: 0.9}}
  {TABLE}.*.n: {{2020-01-01: {{add: 0.01}}}}
  de.stoffbilv.in_force.law: {{2025-07-08: true}}
  de.stoffbilv.in_force.last_day: {{2025-07-08: 2030-12-31}}
  de.stoffbilv.section_04_supply.seed_kartoffeln: {{2018-01-01: [de_t1_weizen_rp12_korn]}}
  {TOLERANCE}: {{2020-01-01: ~}}
status: published
source: a test, 2020
"""


def written(folder: Path, text: str, name: str = "plan.yaml") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def messages(folder: Path, text: str) -> tuple[str, ...]:
    path = written(folder, text)
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    for message in caught.value.messages:
        assert message.startswith(f"{path}: ")
    return tuple(message.removeprefix(f"{path}: ") for message in caught.value.messages)


def parameter(text: str) -> str:
    return f"name: plan\nsource: a test\nparameters: {{{text}}}\n"


def test_a_file_says_all_that_makes_a_scenario(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, WHOLE))
    assert scenario.name == "whole"
    assert scenario.title == "Everything that can be said"
    assert scenario.readings == ("control_value_40",)
    assert scenario.parameters[LIMIT]["2022-01-01"] == {"scale": 0.9}
    assert scenario.status == "published"
    assert scenario.base is not None
    assert scenario.base.readings == ("repeal_did_not_happen",)


def test_what_a_file_leaves_out_has_a_default(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, "name: bare"))
    assert (scenario.title, scenario.builds_on, scenario.status) == ("bare", "law", "inferred")
    assert (scenario.source, scenario.base) == ("not stated", None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: no name", "name is missing"),
        ("name: a b", "name: found 'a b'; allowed: letters, digits and _"),
        ("name: 5", "name: found 5; allowed: text"),
        ("name: law", "name: law is the name of the law itself; allowed: any other"),
        ("name: x\nparametres: {}", "parametres is no key of a scenario; nearest: parameters"),
        ("name: x\nstatus: guessed", "status: found 'guessed'; allowed: law, published, inferred"),
        ("name: x\nsource:", "source: found nothing; allowed: text"),
        ("name: x\nreadings: control_value_40", "readings: found 'control_value_40'; allowed: a list of names"),
        ("- a list", "found ['a list']; allowed: keys and values, of them at least name"),
        ("", "found nothing; allowed: keys and values, of them at least name"),
        ("name: x\nname: y", "is no YAML: in "),
        ("name: [", "is no YAML: while parsing a flow node "),
        ("name: x\nreadings: [control_valeu_40]", "readings: no reading 'control_valeu_40'; there are: control_"),
        ("name: x\nreadings: [control_value_40, control_value_40]", "readings: control_value_40 is given twice"),
        (
            "name: x\nreadings: [repeal_did_not_happen, repeal_by_year_end]",
            "readings: repeal_did_not_happen and repeal_by_year_end read the same point differently",
        ),
        (
            "name: x\nreforms: [de.readings.control_value_40, control_value_60_until_2020]",
            "reforms: control_value_40 and control_value_60_until_2020 read the same point differently",
        ),
        (
            "name: x\nbuilds_on: repeal_did_not_happen\nreadings: [repeal_by_year_end]",
            "repeal_did_not_happen and repeal_by_year_end read the same point differently",
        ),
        ("name: x\nreforms: [de.readings.control_valeu_40]", "reforms: de.readings.control_valeu_40 is no reform; "),
        ("name: x\nbuilds_on: repeal_did_not_hapen", "builds_on: repeal_did_not_hapen is no scenario, "),
        ("name: x\nparameters: 5", "parameters: found 5; allowed: path, date and value"),
    ],
)  # fmt: skip
def test_a_file_of_the_wrong_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    found = messages(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "de.stoffbilv.section_06_assessment.flat_limt: {2018-01-01: 150}",
            f"section_06_assessment.flat_limt: no such parameter; nearest: {LIMIT}, ",
        ),
        # The independent copy in tests/law_tables: 74 dry matter + 31 ratio + 23 protein + 3 x 105 contents.
        (
            f"{TABLE}: {{2018-01-01: 1}}",
            f"parameters.{TABLE}: is a table of 443 parameters; name one or use *, as in {TABLE}.*.dry_matter_pct",
        ),
        ("de.stoffbilv: {2018-01-01: 1}", "parameters; name one or use *"),
        (f"{TABLE}.*.nn: {{2018-01-01: 1}}", f"parameters.{TABLE}.*.nn: no such parameter; nearest: "),
        (f"{LIMIT}: 150", "flat_limit: a date is missing; allowed: from which day on, as in {2018-01-01: …}"),
        (f"{LIMIT}: {{value: 150}}", "flat_limit: a date is missing; "),
        (f"{LIMIT}: {{scale: 2}}", "flat_limit: a date is missing; "),
        (f"{LIMIT}: {{}}", "flat_limit: a date is missing; "),
        (f"{LIMIT}: {{2018-02-30: 150}}", "flat_limit.2018-02-30: 2018-02-30 is no date; allowed: a day as 2018-01-01"),
        (f"{LIMIT}: {{2018: 150}}", "flat_limit.2018: 2018 is no date; allowed: a day as 2018-01-01"),
        (f"{LIMIT}: {{'20180101': 150}}", "flat_limit.20180101: 20180101 is no date; "),
        (
            f"{LIMIT}: {{2017-12-31: 150}}",
            "flat_limit.2017-12-31: before the parameter's first day; allowed: 2018-01-01 or later",
        ),
        (
            f"{LIMIT}: {{2018-01-01: {{value: 150, unit: kg}}}}",
            "flat_limit.2018-01-01: found the unit kg; allowed: kg_n_per_ha_year",
        ),
        (f"{LIMIT}: {{2018-01-01: {{valeu: 150}}}}", "2018-01-01: valeu is no key of a value; nearest: value"),
        (
            f"{LIMIT}: {{2018-01-01: {{scale: 2, add: 1}}}}",
            "found scale, add; allowed: a value, or value with unit, or scale, or add",
        ),
        (f"{LIMIT}: {{2018-01-01: {{scale: 2, unit: kg}}}}", "found scale, unit; allowed: a value, or value with "),
        (f"{LIMIT}: {{2018-01-01: {{scale: two}}}}", "scale is 'two'; allowed: a number"),
        (f"{LIMIT}: {{2018-01-01: {{add: .nan}}}}", "add is nan; allowed: a number"),
        (f"{LIMIT}: {{2018-01-01: {{scale: -1}}}}", "scale is -1; allowed: 0 or more"),
        (f"{LIMIT}: {{2018-01-01: many}}", "found 'many'; allowed: a number (kg_n_per_ha_year)"),
        (f"{LIMIT}: {{2018-01-01: true}}", "found true; allowed: a number (kg_n_per_ha_year)"),
        (f"{LIMIT}: {{2018-01-01: .nan}}", "found nan; allowed: a number (kg_n_per_ha_year)"),
        (f"{LIMIT}: {{2018-01-01: .inf}}", "found inf; allowed: a number (kg_n_per_ha_year)"),
        (f"{LIMIT}: {{2018-01-01: -1}}", "found -1; allowed: 0 or more (kg_n_per_ha_year)"),
        (f"{TOLERANCE}: {{2018-01-01: 101}}", "flat_tolerance.2018-01-01: found 101; allowed: 0 to 100 (percent)"),
        (f"{TOLERANCE}: {{2018-01-01: -1}}", "found -1; allowed: 0 to 100 (percent)"),
        (
            "de.stoffbilv.annex_3_three_years.averaging_years: {2018-01-01: 1.5}",
            "found 1.5; allowed: a whole number (years)",
        ),
        (
            "de.stoffbilv.section_06_assessment.advice_proof_deadline: {2018-01-01: 0.5}",
            "found 0.5; allowed: a whole number (weeks)",
        ),
        ("de.stoffbilv.in_force.law: {2018-01-01: 1}", "in_force.law.2018-01-01: found 1; allowed: true or false"),
        ("de.stoffbilv.in_force.last_day: {2018-01-01: 2030}", "found 2030; allowed: a date as 2018-01-01"),
        ("de.stoffbilv.in_force.last_day: {2018-01-01: {add: 1}}", "add is for numbers, this one is date; allowed: a "),
        (
            "de.stoffbilv.section_04_supply.seed_mais: {2018-01-01: de_t1_silomais_ganzpflanze_tm28}",
            "found 'de_t1_silomais_ganzpflanze_tm28'; allowed: a list of product codes",
        ),
        (
            "de.stoffbilv.section_04_supply.seed_mais: {2018-01-01: [de_t1_silomais_ganzpflanze_tm29]}",
            "de_t1_silomais_ganzpflanze_tm29 is no product code; nearest: de_t1_silomais_ganzpflanze_tm28, ",
        ),
        ("quality.plausibility.dairy_cows: {2018-01-01: milk}", "found 'milk'; allowed: a list of texts"),
        (
            "de.stoffbilv.annex_2_balance.supply_line_1.categories: {2018-01-01: 5}",
            "found 5; allowed: a text as 'mineral_fertiliser ",
        ),
        (
            f"{TABLE}.*.n: {{2018-01-01: -1}}",
            f".*.n.2018-01-01: {TABLE}.weizen_rp12_korn.n: found -1; allowed: 0 or more (kg_n_per_dt) "
            "(and 104 more of 105 parameters)",
        ),
        (
            f"{TABLE}.*.n: {{2018-01-01: 1}}, {TABLE}.weizen_rp12_korn.n: {{2018-01-01: 2}}",
            f"{TABLE}.weizen_rp12_korn.n is set by {TABLE}.*.n as well; say it once",
        ),
    ],
)  # fmt: skip
def test_a_change_that_can_not_be_is_refused(tmp_path: Path, text: str, message: str) -> None:
    found = messages(tmp_path, parameter(text))
    assert len(found) == 1
    assert message in found[0]


def test_a_share_lies_between_0_and_1() -> None:
    class Share:
        name, values_list, metadata = "share", [], {"unit": "share"}

    assert value_error(Share, 1) is None
    assert value_error(Share, 1.1) == "found 1.1; allowed: 0 to 1 (share)"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    found = messages(
        tmp_path,
        f"""
        nam: x
        builds_on: nothing_like_it
        readings: [unknown_one]
        parameters:
          {LIMIT}: {{2018-01-01: -1, 2017-01-01: 1}}
          {TOLERANCE}: 5
        """,
    )
    starts = [
        "name is missing",
        "nam is no key",
        "readings: no reading 'unknown_one'",
        f"parameters.{LIMIT}.2018-01-01: found -1",
        f"parameters.{LIMIT}.2017-01-01: before",
        f"parameters.{TOLERANCE}: a date is missing",
        "builds_on: nothing_like_it is no scenario",
    ]
    assert len(found) == len(starts)
    for message, start in zip(found, starts, strict=True):
        assert message.startswith(start)


def test_every_value_of_the_law_could_stand_in_a_scenario() -> None:
    wrong = {
        leaf.name: value_error(leaf, known.value)
        for leaf in leaves(law_tree())
        for known in leaf.values_list
        if value_error(leaf, known.value) is not None
    }
    assert wrong == {}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "gone.yaml")
    assert str(caught.value) == f"{tmp_path / 'gone.yaml'}: can't be read: No such file or directory"


def test_a_name_that_is_nothing_is_answered_with_near_ones() -> None:
    with pytest.raises(ScenarioError, match="hapen is no scenario, reading or reform; nearest: repeal_did_not_happen"):
        load_scenario("repeal_did_not_hapen")


def test_a_reading_is_a_scenario() -> None:
    scenario = load_scenario("control_value_40")
    assert scenario.readings == ("control_value_40",)
    assert scenario.title == "Annex 4 line 1 takes 40 kg N/ha, the control value of a Land regulation"
    assert (scenario.status, scenario.source) == ("law", "StoffBilV Anlage 4 Tabelle 1 Fußnote 5")


def test_a_reform_is_a_scenario_with_its_status_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    class proposed(readings()["control_value_40"]):  # type: ignore[misc]
        label, status, source = "A proposal", "published", "somebody, 2021"

    monkeypatch.setattr(definition, "all_reforms", lambda: {"xx.options.proposed": proposed})
    for name in ("proposed", "xx.options.proposed"):
        scenario = load_scenario(name)
        assert scenario.reforms == ("xx.options.proposed",)
        assert (scenario.title, scenario.status, scenario.source) == ("A proposal", "published", "somebody, 2021")


def test_a_short_name_of_two_reforms_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    reading = readings()["control_value_40"]
    monkeypatch.setattr(definition, "all_reforms", lambda: {"aa.options.same": reading, "bb.options.same": reading})
    found = messages(tmp_path, "name: x\nreforms: [same]")
    assert found == ("reforms: same is not the only one of its name; allowed: aa.options.same, bb.options.same",)


def test_a_short_name_and_a_path_name_the_same_reform(tmp_path: Path) -> None:
    short = load_scenario(written(tmp_path, "name: x\nreforms: [control_value_40]"))
    long = load_scenario(written(tmp_path, "name: x\nreforms: [de.readings.control_value_40]"))
    assert short.classes() == long.classes() == [readings()["control_value_40"]]
    assert short.spec() == long.spec()


def test_a_file_builds_on_another_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    written(tmp_path / "below", "name: lower\nreadings: [control_value_40]", "lower.yaml")
    upper = load_scenario(written(tmp_path, "name: upper\nbuilds_on: below/lower.yaml"))
    assert [layer.name for layer in upper.layers()] == ["lower", "upper"]


def test_files_that_build_on_one_another_in_a_circle_are_refused(tmp_path: Path) -> None:
    written(tmp_path, "name: one\nbuilds_on: two.yaml", "one.yaml")
    written(tmp_path, "name: two\nbuilds_on: one.yaml", "two.yaml")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(tmp_path / "one.yaml")
    assert caught.value.messages == (
        f"{tmp_path / 'two.yaml'}: builds_on: goes in a circle: one.yaml -> two.yaml -> one.yaml",
    )


def test_an_error_in_what_a_file_builds_on_names_that_file(tmp_path: Path) -> None:
    lower = written(tmp_path, "name: lower\nreadings: [unknown_one]", "lower.yaml")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(written(tmp_path, "name: upper\nbuilds_on: lower.yaml"))
    (message,) = caught.value.messages
    assert message.startswith(f"{lower}: readings: no reading 'unknown_one'")


def test_every_shipped_scenario_is_in_order_and_named_like_its_file() -> None:
    for name, path in shipped().items():
        scenario = load_scenario(name)
        assert scenario.name == name
        assert scenario.source != "not stated"
        jsonschema.validate(yaml.safe_load(json.dumps(definition.load_yaml(path))), json_schema())


def test_a_spec_goes_through_json_and_back(tmp_path: Path) -> None:
    scenario = load_scenario(written(tmp_path, WHOLE))
    again = Scenario.from_spec(json.loads(json.dumps(scenario.spec())))
    assert again.spec() == scenario.spec()
    assert again.regime == "de.stoffbilv"
    assert [layer.name for layer in again.layers()] == ["repeal_did_not_happen", "whole"]


def test_a_spec_names_no_place_on_the_machine(tmp_path: Path) -> None:
    assert str(tmp_path) not in json.dumps(load_scenario(written(tmp_path, WHOLE)).spec())


def test_a_spec_that_is_not_in_order_is_refused() -> None:
    with pytest.raises(ScenarioError, match=f"^plan: parameters.{LIMIT}.2018-01-01: found -1; allowed: 0 or more"):
        Scenario.from_spec({"name": "plan", "parameters": {LIMIT: {"2018-01-01": -1}}})


def test_the_published_schema_is_the_programs() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (WHOLE, True),
        ("name: bare", True),
        ("title: no name", False),
        ("name: a b", False),
        ("name: x\nparametres: {}", False),
        ("name: x\nstatus: guessed", False),
        (parameter(f"{LIMIT}: 150"), False),
        (parameter(f"{LIMIT}: {{'2018': 150}}"), False),
        (parameter(f"{LIMIT}: {{2018-01-01: {{scale: two}}}}"), False),
        (parameter(f"{LIMIT}: {{2018-01-01: {{valeu: 1}}}}"), False),
    ],
)
def test_the_schema_tells_a_right_form_from_a_wrong_one(tmp_path: Path, text: str, valid: bool) -> None:
    content: Any = definition.load_yaml(written(tmp_path, text))
    assert jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).is_valid(content) is valid


def test_a_scenario_of_another_regime_is_said_to_be_one() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario("ros_2023")
    assert "ros_2023 is no scenario or reading of de.stoffbilv; it is one of nl.farm_balance, nl.minas, nl, " in str(
        caught.value
    )
    with pytest.raises(ScenarioError, match=r"flat_limit_150 .* of nl.targets; it is one of de.stoffbilv"):
        load_scenario("flat_limit_150", "nl.targets")
