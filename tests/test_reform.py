"""Reforms never change the law they start from."""

from __future__ import annotations

from typing import Any

import pytest
from openfisca_core.periods import instant
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans.reform import BaselineChangedError, LawReform, law_hash, readings, with_reforms

LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"


class naive_limit(LawReform):
    """Edits the parameters in place, as reforms of openfisca-core must not."""

    label = "120 kg"

    def change(self) -> None:
        limit = self.parameters.de.stoffbilv.section_06_assessment.flat_limit
        limit.update(start=instant("2018-01-01"), stop=instant("2022-12-31"), value=120)


class other_limit(LawReform):
    label = "90 kg"

    def change(self) -> None:
        for value in self.parameter(LIMIT).values_list:
            if value.value is not None:
                value.value = 90


class vandal(LawReform):
    label = "changes what it starts from"

    def change(self) -> None:
        self.baseline.parameters.de.stoffbilv.section_06_assessment.flat_limit.values_list[-1].value = 1


class idle(LawReform):
    label = "forgot its change"


def limit_of(system: Any, day: str = "2020-01-01") -> float:
    return system.get_parameters_at_instant(day).de.stoffbilv.section_06_assessment.flat_limit


def test_a_naive_reform_in_place_leaves_the_baseline_as_it_was(system: Any) -> None:
    before = law_hash(system.parameters)
    reformed = naive_limit(system)
    assert limit_of(reformed) == 120
    assert limit_of(system) == 175
    assert law_hash(system.parameters) == before
    assert law_hash(reformed.parameters) != before


@pytest.mark.parametrize("order", [(naive_limit, other_limit), (other_limit, naive_limit)])
def test_two_reforms_in_one_process_do_not_meet_in_either_order(system: Any, order: tuple[Any, Any]) -> None:
    limits = {reform: limit_of(reform(system)) for reform in order}
    assert limits == {naive_limit: 120, other_limit: 90}
    assert limit_of(system) == 175


def test_reforms_applied_one_after_the_other_both_count(system: Any) -> None:
    both = with_reforms(system, [readings()["control_value_40"], naive_limit])
    law = both.get_parameters_at_instant("2020-01-01").de.stoffbilv
    assert law.section_06_assessment.flat_limit == 120
    assert law.annex_4_permitted_balance.lines.line_1_surplus == 40


def test_a_reform_that_changes_its_baseline_is_stopped() -> None:
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    with pytest.raises(BaselineChangedError, match="vandal"):
        vandal(CountryTaxBenefitSystem())


def test_a_reform_that_changes_nothing_says_so(system: Any) -> None:
    with pytest.raises(TypeError, match="idle does not say what it changes"):
        idle(system)


def test_every_reading_leaves_the_law_and_its_variables_as_they_were(system: Any) -> None:
    before = law_hash(system.parameters)
    ends = {name: (variable.end, tuple(variable.formulas)) for name, variable in system.variables.items()}
    assert len(readings()) == 16
    for name, reading in readings().items():
        assert reading.__name__ == name
        assert reading.label
        assert reading.reference
        reading(system)
        assert law_hash(system.parameters) == before, name
    assert {name: (variable.end, tuple(variable.formulas)) for name, variable in system.variables.items()} == ends


def test_without_the_repeal_contents_limits_and_deadlines_go_on(system: Any) -> None:
    reformed = readings()["repeal_did_not_happen"](system)
    law = reformed.get_parameters_at_instant("2027-01-01").de.stoffbilv
    assert law.in_force.law is True
    assert law.section_01_scope.area_2023 == 20
    assert law.annex_1_contents.table_1.weizen_rp12_korn.n == 1.81
    situation = {"entries": {"none": {}}, "farms": {"farm": {"flows": ["none"], "utilised_area_ha": {"2027": 21}}}}
    obliged = [
        SimulationBuilder().build_from_entities(law_system, situation).calculate("stoffbilv_obliged", "2027").tolist()
        for law_system in (system, reformed)
    ]
    assert obliged == [[False], [True]]
