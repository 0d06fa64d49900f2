"""The shipped scenarios of German policy options: each changes the farm it is about and leaves another as it was.

The pig farm: 1,000 places x 0.16 = 160 livestock units on 50 ha = 3.2 per ha, so it is obliged. Its own permitted
balance, each year: 50 ha x 50 = 2,500; 1,000 x 12.2 kg = 12,200 kg x 30 % (solid) = 3,660; (12,200 - 3,660) x 10 % =
854; sum 7,014 kg, with 10 % tolerance 7,715.4 kg. The flat limit is 175 x 50 = 8,750 kg.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy
import pytest
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans.lookup import NotInForceError
from openfisca_stoffenbalans.reform import available
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario, shipped
from openfisca_stoffenbalans.tables import at

PAGE = (Path(__file__).parents[2] / "docs" / "options.md").read_text(encoding="utf-8")
PIG = "schweinemast_mastschwein_von_28_bis_118_kg_lm_850_g_tageszunahme_universal"
YEARS = [str(year) for year in range(2018, 2026)]
AVERAGED = "de.stoffbilv.annex_3_three_years.averaging_years"
PHOSPHATE = "de.policy_options.phosphate_limit"


def every(value: Any) -> dict[str, Any]:
    """A value in all years, or a list of values from 2018 on."""
    return dict(zip(YEARS, value, strict=False)) if isinstance(value, list) else dict.fromkeys(YEARS, value)


def pig_farm(feed: Any = 0, method: str = "flat", area: Any = 50, known: Any = True, p2o5: Any = None) -> Any:
    """Lines and inputs of a pig farm that buys `feed` kg N a year with `p2o5` kg per kg."""
    phosphate = {} if p2o5 is None else {"flow_p2o5_content": every(p2o5)}
    flow = {"direction": "supply", "category": "feed", "unit": "kg", "n_content": 1, "amount": feed}
    herd = {"animal": PIG, "count": 1000, "manure_system": "solid"}
    farm = {"farm_year_known": known, "utilised_area_ha": area, "assessment_method": method}
    return (
        {f"herd_{name}": every(value) for name, value in herd.items()},
        {f"flow_{name}": every(value) for name, value in flow.items()} | phosphate,
        {name: every(value) for name, value in farm.items()},
    )


def results(system: Any, variable: str, year: int, *farms: Any) -> list[Any]:
    """A variable of pig farms in a year."""
    entries, made = {}, {}
    for number, (herd, flow, farm) in enumerate(farms):
        entries |= {f"herd_{number}": herd, f"flow_{number}": flow}
        made[f"farm_{number}"] = {**farm, "herds": [f"herd_{number}"], "flows": [f"flow_{number}"]}
    simulation = SimulationBuilder().build_from_entities(system, {"entries": entries, "farms": made})
    found = simulation.calculate(variable, str(year))
    return found.decode_to_str().tolist() if hasattr(found, "decode_to_str") else found.tolist()


def under(system: Any, name: str, **parameters: Any) -> Any:
    """The system with a shipped scenario and further parameters on top."""
    scenarios = [load_scenario(name)]
    if parameters:
        scenarios.append(Scenario.model_validate({"name": "more", "parameters": parameters}))
    return build(system, scenarios)


VERDICT, LIMIT, HEADROOM = "stoffbilv_verdict", "stoffbilv_limit", "stoffbilv_headroom"
COMPLIES, EXCEEDS = "complies", "exceeds"

# Scenario, year, farm that changes, farm that does not, limit in kg.
TIGHTER = [
    # 8,000 / 50 = 160 > 150; 7,400 / 50 = 148; 150 x 50
    ("flat_limit_150", 2020, pig_farm(8000), pig_farm(7400), 7500),
    # 6,500 / 50 = 130 > 120; 5,500 / 50 = 110; 120 x 50
    ("flat_limit_120", 2020, pig_farm(6500), pig_farm(5500), 6000),
    # 7,500 > 7,014 >= 7,000
    ("no_tolerance", 2020, pig_farm(7500, "farm_specific"), pig_farm(7000, "farm_specific"), 7014),
    # 8,000 / 50 = 160, but > 7,715.4 >= 7,700
    ("annex_4_only", 2020, pig_farm(8000), pig_farm(7700), 7715.4),
    # 7,700 > 7,014 >= 7,000
    ("annex_4_only_without_tolerance", 2020, pig_farm(7700), pig_farm(7000), 7014),
    # 8,540 kg stored / 50 ha = 170.8 > 120 -> 50 x 120 = 6,000
    ("uba_120_120", 2020, pig_farm(6100), pig_farm(5900), 6000),
    # 50 x 50 + 3,660 + 854
    ("net_balance_60_50", 2020, pig_farm(7100), pig_farm(7000), 7014),
    # 40 x 50 + 3,660 + 854 = 6,514
    ("net_balance_40", 2020, pig_farm(6600), pig_farm(6500), 6514),
    # from 2020: 150 x 50, from 2022: 120 x 50
    ("stepwise_tightening", 2020, pig_farm(8000), pig_farm(7400), 7500),
    ("stepwise_tightening", 2022, pig_farm(6500), pig_farm(5500), 6000),
    # balances 3,000, 3,000 and 9,000: mean 5,000 / 50 = 100, but 9,000 / 50 = 180 > 175
    ("one_year_assessment", 2020, pig_farm([3000, 3000, 9000]), pig_farm(8000), 8750),
]


@pytest.mark.parametrize(
    ("name", "year", "changes", "stays", "limit"), TIGHTER, ids=[f"{c[0]}-{c[1]}" for c in TIGHTER]
)
def test_a_tighter_option_lets_one_farm_exceed_and_another_comply(
    system: Any, name: str, year: int, changes: Any, stays: Any, limit: float
) -> None:
    reformed = under(system, name)
    assert results(system, VERDICT, year, changes, stays) == [COMPLIES, COMPLIES]
    assert results(reformed, VERDICT, year, changes, stays) == [EXCEEDS, COMPLIES]
    assert results(reformed, LIMIT, year, stays) == pytest.approx([limit], abs=1e-9)


def test_steps_before_their_day_leave_the_law_as_it_is(system: Any) -> None:
    reformed = under(system, "stepwise_tightening")
    assert results(reformed, LIMIT, 2019, pig_farm(8000)) == [8750]
    assert results(reformed, LIMIT, 2021, pig_farm(8000)) == [7500]


def test_one_year_is_assessed_by_itself_from_the_first_year_on(system: Any) -> None:
    farm = pig_farm([9000, 3000, 3000])
    reformed = under(system, "one_year_assessment")
    # 9,000 / 50 = 180 > 175; mean of three years 15,000 / 150 = 100
    assert [results(system, VERDICT, year, farm)[0] for year in (2018, 2020)] == ["undetermined", COMPLIES]
    assert [results(reformed, VERDICT, year, farm)[0] for year in (2018, 2020)] == [EXCEEDS, COMPLIES]
    assert results(reformed, "stoffbilv_known_years", 2020, farm) == [1]
    assert results(reformed, "stoffbilv_mean_balance", 2020, farm) == [3000]


def test_two_years_are_a_window_of_two_years(system: Any) -> None:
    scenario = Scenario.model_validate({"name": "two", "parameters": {AVERAGED: {"2018-01-01": 2}}})
    reformed = build(system, [scenario])
    farms = pig_farm([9000, 3000, 5000]), pig_farm(3000, known=[False, False, True])
    # (3,000 + 5,000) / 2
    assert results(reformed, "stoffbilv_mean_balance", 2020, *farms) == [4000, 3000]
    assert results(reformed, VERDICT, 2020, *farms) == [COMPLIES, "undetermined"]
    because = "only 1 of 2 balance years known"
    assert results(reformed, "stoffbilv_undetermined_because", 2020, *farms) == ["", because]


def test_from_15_ha_more_farms_are_in_scope_in_2024_only(system: Any) -> None:
    def field_farm(area: float, biogas: bool = False) -> Any:
        _, manure, farm = pig_farm(area=area)
        manure |= {"flow_category": every("animal_manure"), "flow_amount": every(1000 if biogas else 0)}
        return {}, manure, farm | {"has_biogas_plant": every(biogas), "linked_to_livestock_farm": every(biogas)}

    # No animals; more than 15 instead of more than 20 ha. The biogas farm takes up 1,000 kg N of manure.
    farms = field_farm(18), field_farm(15), field_farm(21), field_farm(10, biogas=True)
    reformed = under(system, "scope_from_15_ha")
    assert results(system, "stoffbilv_obliged", 2024, *farms) == [False, False, True, True]
    assert results(reformed, "stoffbilv_obliged", 2024, *farms) == [True, False, True, True]
    assert results(reformed, "stoffbilv_obliged", 2023, *farms) == [False, False, True, True]
    assert results(reformed, "stoffbilv_scope_biogas", 2024, *farms) == [False, False, False, True]
    # the balance of 2025 was due after the repeal
    assert results(reformed, "stoffbilv_scope_livestock", 2025, *farms)[0]
    assert not results(reformed, "stoffbilv_obliged", 2025, *farms)[0]


def test_a_phosphate_limit_without_a_value_says_that_none_is_published(system: Any) -> None:
    with pytest.raises(
        NotInForceError, match=r"no value is published for de\.policy_options\.phosphate_limit; give one"
    ):
        results(under(system, "phosphate_limit"), VERDICT, 2020, pig_farm(8000, p2o5=0.1))


def test_with_a_phosphate_limit_either_nutrient_lets_a_farm_exceed(system: Any) -> None:
    reformed = under(system, "phosphate_limit", **{PHOSPHATE: {"2018-01-01": 20}})
    farms = (
        pig_farm(8000, p2o5=0.125),  # 1,000 kg P2O5 / 50 ha = 20, on the limit
        pig_farm(8000, p2o5=0.126),  # 1,008 / 50 = 20.16
        pig_farm(9000, p2o5=0.1),  # 9,000 / 50 = 180 kg N > 175
        pig_farm(9000),  # the same without phosphorus content
        pig_farm(8000),
        pig_farm(7000, "farm_specific", area=0, p2o5=0.1),  # 7,000 > 4,514 x 1.10
        pig_farm(4900, "farm_specific", area=0, p2o5=0.1),  # 4,900 <= 4,965.4
        pig_farm(8000, p2o5=[0.1, None, 0.1]),
    )
    because = results(reformed, "stoffbilv_undetermined_because", 2020, *farms)
    found = results(reformed, VERDICT, 2020, *farms)
    assert found[:4] == [COMPLIES, EXCEEDS, EXCEEDS, EXCEEDS]
    assert found[4:] == ["undetermined", EXCEEDS, "undetermined", "undetermined"]
    content = "phosphorus or phosphate content of something supplied (annex 2)"
    missing = [f"missing in the balance year from {year}-01-01: {content}" for year in (2020, 2019, 2018)]
    assert because[:4] == ["", "", "", ""]
    assert because[4] == "; ".join(missing)
    assert because[6] == "no land: the flat limit is per hectare; no land: the phosphate limit is per hectare"
    assert because[7] == missing[1]
    # 8,750 - 8,000: limit and headroom stay those of nitrogen
    assert results(reformed, HEADROOM, 2020, *farms)[1] == 750


def test_before_its_first_day_a_phosphate_limit_does_not_count(system: Any) -> None:
    reformed = under(system, "phosphate_limit", **{PHOSPHATE: {"2021-01-01": 10}})
    farms = pig_farm(8000, p2o5=0.125), pig_farm(8000)
    assert results(reformed, VERDICT, 2020, *farms) == [COMPLIES, COMPLIES]
    assert results(reformed, "stoffbilv_undetermined_because", 2020, *farms) == ["", ""]
    assert results(reformed, VERDICT, 2021, *farms) == [EXCEEDS, "undetermined"]


@pytest.mark.parametrize("order", [("uba_120_120", "phosphate_limit"), ("phosphate_limit", "uba_120_120")])
def test_a_phosphate_limit_joins_another_option_in_either_order(system: Any, order: tuple[str, str]) -> None:
    value = Scenario.model_validate({"name": "value", "parameters": {PHOSPHATE: {"2018-01-01": 20}}})
    reformed = build(system, [*map(load_scenario, order), value])
    # 6,000 kg N, UBA's limit: 5,900 complies, 6,100 exceeds; 5,900 x 0.2 = 1,180 kg P2O5 / 50 ha = 23.6
    farms = pig_farm(5900, p2o5=0.1), pig_farm(6100, p2o5=0.1), pig_farm(5900, p2o5=0.2)
    assert results(reformed, VERDICT, 2020, *farms) == [COMPLIES, EXCEEDS, EXCEEDS]


def test_more_manure_given_away_than_storage_leaves_is_no_organic_fertiliser_brought_out(system: Any) -> None:
    herd, flow, farm = pig_farm(9000)
    flow |= {"flow_direction": every("removal"), "flow_category": every("animal_manure")}
    reformed = under(system, "uba_120_120")
    # 8,540 - 9,000 < 0; 50 ha x 50
    assert results(reformed, "own_organic_nitrogen", 2020, (herd, flow, farm)) == [0]
    assert results(reformed, "stoffbilv_permitted_balance", 2020, (herd, flow, farm)) == [2500]


def test_the_yearly_caps_lie_on_the_line_between_the_published_ones(system: Any) -> None:
    proposal = at(system.parameters, "de.uba.permitted_surplus")
    published = {value.instant_str: value.value for value in proposal.children["cap"].values_list}
    assert published == {"2021-01-01": 120, "2030-01-01": 90}
    yearly = {int(value.instant_str[:4]): value.value for value in proposal.children["cap_by_year"].values_list}
    steps = dict(zip(range(2021, 2031), numpy.linspace(120, 90, 10).round(3).tolist(), strict=True))
    assert yearly == steps


def test_the_net_surplus_is_that_of_the_control_values(system: Any) -> None:
    table = at(system.parameters, "de.duev.section_09_control_values")
    rows = ("kontrollwert_n_60", "kontrollwert_n_50")
    printed = [table.children[row].children["value"].get_at_instant("2018-01-01") for row in rows]
    net = at(system.parameters, "de.policy_options.net_balance")
    assert [net.get_at_instant(day) for day in ("2018-01-01", "2020-01-01")] == printed == [60, 50]


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_scenario_has_title_source_and_the_status_of_its_option_and_is_on_the_page(
    system: Any, name: str
) -> None:
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.title != name
    assert scenario.description
    assert scenario.source != "not stated"
    # No tolerance is less than a fifth of the law's 10 percent, and meant to be.
    assert [warning for warning in scenario.warnings(system) if "less than a fifth" not in warning] == []
    assert f"`{name}`" in PAGE
    options = available("de.options")
    if not scenario.parameters and len(scenario.reforms) == 1:
        option = options[scenario.reforms[0].rpartition(".")[2]]
        assert scenario.status == option.status


def test_every_option_says_what_it_changes_its_status_and_its_source() -> None:
    for name, option in available("de.options").items():
        assert option.label, name
        assert option.reference, name
        assert option.source, name
        assert option.status in ("law", "published", "inferred"), name
        assert f"`{re.sub(r'_line_[0-9]+$', '_line_', name)}" in PAGE, name
