"""Reforms share what they do not change with their baseline, and never change it."""

from __future__ import annotations

from typing import Any

import pytest
from openfisca_core.periods import DateUnit, instant
from openfisca_core.reforms import Reform
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.reform import (
    BaselineChangedError,
    LawReform,
    law_hash,
    reading_errors,
    readings,
    with_reforms,
)
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
from openfisca_stoffenbalans.tables import at

LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
TABLE = "de.stoffbilv.annex_1_contents.table_1"
WHEAT = f"{TABLE}.weizen_rp12_korn.n"


def dates(system: Any, path: str) -> dict[str, Any]:
    """Day -> value, the earliest first."""
    return {known.instant_str: known.value for known in reversed(at(system.parameters, path).values_list)}


def test_a_reform_may_ask_for_single_paths_and_share_the_rest(system: Any) -> None:
    class sharing(LawReform):
        def change(self) -> None:
            leaf = self.parameter(WHEAT)
            self.parameter(TABLE)
            leaf.values_list[-1].value = 2

    before = law_hash(system.parameters)
    reformed = sharing(system)
    assert at(reformed.parameters, WHEAT).values_list[-1].value == 2
    assert law_hash(system.parameters) == before
    assert reformed.parameters.de.duev is system.parameters.de.duev
    assert at(reformed.parameters, TABLE) is not at(system.parameters, TABLE)


def test_a_reform_may_ask_for_a_whole_table_and_edit_its_rows(system: Any) -> None:
    class without_nitrogen(LawReform):
        def change(self) -> None:
            for row in self.parameter(TABLE).children.values():
                row.n.values_list[-1].value = 0

    reformed = without_nitrogen(system)
    assert (dates(system, WHEAT)["2018-01-01"], dates(reformed, WHEAT)["2018-01-01"]) == (1.81, 0)


def test_a_reform_upon_one_that_shares_does_not_edit_the_shared_one(system: Any) -> None:
    class lower(LawReform):
        def change(self) -> None:
            self.parameter(LIMIT).values_list[-1].value -= 5

    once = lower(system)
    twice = lower(once)
    found = [dates(one, LIMIT)["2018-01-01"] for one in (system, once, twice)]
    assert found == [175, 170, 165]


class in_place(Reform):
    """As openfisca-core's reforms must not be written."""

    def apply(self) -> None:
        self.parameters.de.stoffbilv.section_06_assessment.flat_limit.update(
            start=instant("2018-01-01"), stop=instant("2022-12-31"), value=100
        )


class half(Reform):
    """Adds a float variable as openfisca-core's reforms do."""

    def apply(self) -> None:
        class a_third(Variable):
            value_type = float
            entity = Farm
            definition_period = DateUnit.YEAR
            label = "a third"

            def formula(farm, period):
                return farm.filled_array(1) / 3

        self.add_variable(a_third)


def test_a_reform_of_another_kind_that_edits_in_place_leaves_the_baseline(system: Any) -> None:
    before = law_hash(system.parameters)
    reformed = with_reforms(system, [in_place])
    assert dates(reformed, LIMIT)["2018-01-01"] == 100
    assert law_hash(system.parameters) == before
    chained = with_reforms(system, [readings()["control_value_40"], in_place])
    assert dates(chained, LIMIT)["2018-01-01"] == 100
    assert at(chained.parameters, "de.stoffbilv.annex_4_permitted_balance.lines.line_1_surplus")("2020-01-01") == 40
    assert law_hash(system.parameters) == before


def test_a_reform_of_another_kind_computes_in_float64(system: Any) -> None:
    situation = {"entries": {"none": {}}, "farms": {"farm": {"flows": ["none"]}}}
    simulation = SimulationBuilder().build_from_entities(with_reforms(system, [half]), situation)
    assert simulation.calculate("a_third", "2020").tolist() == [1 / 3]


def test_a_reform_that_takes_the_whole_law_in_its_hands_gets_a_copy_of_everything(system: Any) -> None:
    class careless(LawReform):
        def change(self) -> None:
            self.parameter(LIMIT).values_list[0].value = 2
            at(self.parameters, LIMIT).values_list[-1].value = 1
            at(self.parameters, WHEAT).values_list[-1].value = 3

    before = law_hash(system.parameters)
    reformed = careless(system)
    assert [value.value for value in at(reformed.parameters, LIMIT).values_list] == [2, 1]
    assert at(reformed.parameters, WHEAT).values_list[-1].value == 3
    assert law_hash(system.parameters) == before


def test_a_reform_that_reaches_behind_its_baseline_is_stopped() -> None:
    law = CountryTaxBenefitSystem()

    class reaching(Reform):
        def apply(self) -> None:
            at(law.parameters, LIMIT).values_list[-1].value = 1

    with pytest.raises(BaselineChangedError, match="reaching changed the parameters of its baseline"):
        with_reforms(law, [reaching])


def test_no_reforms_leave_the_system_itself(system: Any) -> None:
    assert with_reforms(system, []) is system


def test_readings_that_can_not_be_taken_together_are_named() -> None:
    assert list(reading_errors("de.stoffbilv", ["repeal_did_not_happen", "control_value_40"])) == []
    assert list(reading_errors("de.stoffbilv", ["control_valeu_40", "control_value_40", "control_value_40"])) == [
        "no reading 'control_valeu_40'; there are: control_value_40, control_value_60_until_2020",
        "control_value_40 is given twice",
    ]
    assert list(reading_errors("de.stoffbilv", ["repeal_by_year_end", "repeal_did_not_happen"])) == [
        "repeal_by_year_end and repeal_did_not_happen read the same point differently"
    ]
