"""The system as OpenFisca sees it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy
import pytest
from openfisca_core.periods import period
from openfisca_core.simulations import SimulationBuilder

import openfisca_stoffenbalans
from openfisca_stoffenbalans.codes import ANIMALS, Product
from openfisca_stoffenbalans.entities import ROLES
from openfisca_stoffenbalans.lookup import Law, NotInForceError, gather, nearest_day
from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import excretion_nitrogen


def test_the_public_names_are_these_and_no_others() -> None:
    assert openfisca_stoffenbalans.__all__ == [
        "CountryTaxBenefitSystem",
        "DataError",
        "DataSet",
        "__version__",
        "balance",
        "read_dataset",
        "readings",
        "simulate",
        "with_reforms",
    ]
    for name in openfisca_stoffenbalans.__all__:
        assert getattr(openfisca_stoffenbalans, name) is not None
    assert dir(openfisca_stoffenbalans) == openfisca_stoffenbalans.__all__
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = openfisca_stoffenbalans.no_such_name


def test_importing_the_package_loads_neither_openfisca_nor_polars() -> None:
    code = "import sys, openfisca_stoffenbalans; print('openfisca_core' in sys.modules, 'polars' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "False False\n"
    )


def test_every_float_variable_computes_in_float64(system: Any) -> None:
    floats = [variable for variable in system.variables.values() if variable.value_type is float]
    assert len(floats) > 100
    assert {variable.dtype for variable in floats} == {numpy.float64}


def test_entities_and_roles_are_farms_their_fields_and_the_lines_of_their_books(system: Any) -> None:
    plurals = {"farm": "farms", "field": "fields", "entry": "entries"}
    assert {entity.key: entity.plural for entity in system.entities} == plurals
    farm = next(entity for entity in system.entities if entity.key == "farm")
    assert tuple(role.key for role in farm.roles) == ROLES


def herds(system: Any, animals: list[str], year: str = "2020", trace: bool = False) -> Any:
    """A simulation with one farm and a herd of each animal."""
    entries = {
        f"herd {k}": {"herd_animal": {year: animal}, "herd_count": {year: 10}} for k, animal in enumerate(animals)
    }
    situation = {"entries": entries, "farms": {"farm": {"herds": list(entries), "farm_year_known": {year: True}}}}
    simulation = SimulationBuilder().build_from_entities(system, situation)
    simulation.trace = trace
    return simulation


def test_a_gather_gives_what_openfiscas_own_enum_indexing_gives(system: Any) -> None:
    names = [code.code for code in ANIMALS.values() if code.table.startswith("de.")]
    simulation = herds(system, names)
    codes = simulation.calculate("herd_animal", "2020")
    table = system.get_parameters_at_instant("2020-01-01").de.duev.annex_1_excretion.table_1
    found = gather(
        simulation.populations["entry"], period("2020"), system.get_parameters_at_instant, excretion_nitrogen, codes
    )
    assert len(names) == 121
    assert (found == numpy.array(table[codes].n, dtype=float)).all()


def test_a_gather_is_traced_with_parameter_date_value_and_reference(system: Any) -> None:
    cows = "milcherzeugung_leichte_rassen_ackerfutterbau_5_000_ecm"
    simulation = herds(system, [cows], trace=True)
    simulation.calculate("herd_excretion_nitrogen", "2020")
    traced = simulation.tracer.trees[0].parameters
    assert [(node.name, node.period, node.value) for node in traced] == [
        (f"de.duev.annex_1_excretion.table_1.{cows}.n", "2020-01-01", 76)
    ]
    assert traced[0].reference[0].startswith("DüV Anlage 1 Tabelle 1, Zeile 25")
    flat = simulation.tracer.get_serialized_flat_trace()["herd_excretion_nitrogen<2020>"]
    assert list(flat["parameters"]) == [f"de.duev.annex_1_excretion.table_1.{cows}.n<2020-01-01>"]


def test_tables_are_read_at_the_nearest_day_in_force(system: Any) -> None:
    contents, roughage = "de.stoffbilv.annex_1_contents", "de.duev.annex_1_excretion.table_2"
    assert nearest_day(system.parameters, contents, "2017-12-31") == "2018-01-01"
    assert nearest_day(system.parameters, contents, "2018-01-01") == "2018-01-01"
    assert nearest_day(system.parameters, contents, "2025-07-07") == "2025-07-07"
    assert nearest_day(system.parameters, contents, "2025-07-08") == "2025-07-07"
    assert nearest_day(system.parameters, roughage, "2020-04-30") == "2020-04-30"
    assert nearest_day(system.parameters, roughage, "2021-01-01") == "2020-04-30"


def test_a_coefficient_the_law_has_no_value_for_at_all_is_an_error(system: Any) -> None:
    simulation = herds(system, ["eberhaltung_60_kg_je_platz_p_a"])
    codes = simulation.calculate("herd_animal", "2020")

    def nothing(law: Any, animal: str) -> float:
        return numpy.nan

    with pytest.raises(NotInForceError, match="nothing: the law has no value at all on 2020-01-01"):
        gather(simulation.populations["entry"], period("2020"), system.get_parameters_at_instant, nothing, codes)


@pytest.mark.parametrize(
    ("table", "row"), [("table_2_misspelt", "rinder"), ("table_2", "rinder_misspelt")], ids=["table", "row"]
)
def test_a_table_or_row_that_does_not_exist_is_no_empty_cell(system: Any, table: str, row: str) -> None:
    population = herds(system, ["eberhaltung_60_kg_je_platz_p_a"]).populations["farm"]
    law = Law(population, period("2020"), system.get_parameters_at_instant)
    with pytest.raises(KeyError, match="misspelt"):
        law.cell(f"de.stoffbilv.annex_4_permitted_balance.{table}", row, "slurry")


def test_products_animals_and_crops_carry_the_codes_of_the_contract() -> None:
    names = {member.name for member in Product}
    assert {"de_t1_weizen_rp12_korn", "de_t2_blumenkohl", "de_t3_gruenland_1_nutzung", "de_t4_ccm"} <= names
    assert {"de_t5_huehnerei_1000_stueck", "de_manure_schweinehaltung_eberhaltung_60_kg_je_platz_p_a_slurry"} <= names
    printed = {"de_t1_": 105, "de_t2_": 68, "de_t3_": 5, "de_t4_": 42, "de_t5_": 20}
    assert {prefix: sum(name.startswith(prefix) for name in names) for prefix in printed} == printed


def test_a_sum_keeps_the_last_farms_that_have_no_line(system: Any) -> None:
    situation: dict[str, Any] = {
        "entries": {"herd": {"herd_animal": {"2020": "eberhaltung_60_kg_je_platz_p_a"}, "herd_count": {"2020": 2}}},
        "farms": {"first": {"herds": ["herd"]}, "last": {}},
    }
    simulation = SimulationBuilder().build_from_entities(system, situation)
    # 2 boars x 22.1 kg N
    assert simulation.calculate("nitrogen_excretion", "2020").tolist() == [44.2, 0]


def test_dates_and_years_that_stand_in_the_formulas_are_the_parameters(system: Any) -> None:
    from openfisca_stoffenbalans.variables.de.stoffbilv import annex_3_three_years, section_01_scope

    law = system.get_parameters_at_instant("2020-01-01").de.stoffbilv
    assert law.in_force.last_day == section_01_scope.LAST_DAY
    assert law.section_03_principles.first_day == annex_3_three_years.FIRST_DAY
    ends = {variable.end.isoformat() for variable in system.variables.values() if variable.end}
    assert ends == {law.in_force.last_day, law.section_03_principles.exemption_own_manure_last_day}


def test_a_reform_of_one_cell_leaves_the_others_at_their_nearest_day(system: Any) -> None:
    from openfisca_core.periods import instant

    from openfisca_stoffenbalans.reform import LawReform

    wheat = "de.stoffbilv.annex_1_contents.table_1.weizen_rp12_korn.n"

    class wheat_for_ever(LawReform):
        label = "wheat with 2 kg N per dt, also after the repeal"

        def change(self) -> None:
            self.parameter(wheat).update(start=instant("2018-01-01"), value=2)

    reformed = wheat_for_ever(system)
    simulation = herds(reformed, ["eberhaltung_60_kg_je_platz_p_a"], "2026")
    law = Law(simulation.populations["entry"], period("2026"), reformed.get_parameters_at_instant)
    table = "de.stoffbilv.annex_1_contents.table_1"
    assert law.number(table, "weizen_rp12_korn", "n") == 2
    assert law.number(table, "roggen_rp11_korn", "n") == 1.51


def test_a_line_of_the_books_that_lacks_its_amount_is_missing_and_not_zero(system: Any) -> None:
    year = "2020"
    entries = {
        "feed": {"flow_direction": {year: "supply"}, "flow_category": {year: "feed"}, "flow_n_content": {year: 5}},
        "cows": {"herd_animal": {year: "eberhaltung_60_kg_je_platz_p_a"}, "herd_count": {year: 10}},
        "peas": {"crop_crop": {year: "de_t6_erbse_korn"}},
    }
    roles = {"feed": "flows", "cows": "herds", "peas": "crops"}
    farms = {
        name: {role: [name], "farm_year_known": {year: True}, "utilised_area_ha": {year: 1}}
        for name, role in roles.items()
    }
    simulation = SimulationBuilder().build_from_entities(system, {"entries": entries, "farms": farms})
    assert numpy.isnan(simulation.calculate("nitrogen_supply", year)).tolist() == [True, False, True]
    # The boars have no manure system: what is lost in storage is not known.
    assert numpy.isnan(simulation.calculate("stoffbilv_permitted_balance", year)).tolist() == [False, True, False]


def test_matter_of_no_kind_stands_with_other_matter_so_that_lines_add_up(system: Any) -> None:
    year = "2020"
    flow = {"flow_direction": {year: "supply"}, "flow_amount": {year: 10}, "flow_n_content": {year: 2}}
    farm = {"flows": ["flow"], "farm_year_known": {year: True}}
    simulation = SimulationBuilder().build_from_entities(system, {"entries": {"flow": flow}, "farms": {"farm": farm}})
    assert simulation.calculate("nitrogen_supply", year).tolist() == [20]
    assert simulation.calculate("stoffbilv_annex_2_supply_line_11", year).tolist() == [20]


def test_a_balance_year_of_which_nothing_is_known_has_no_balance(system: Any) -> None:
    simulation = herds(system, ["eberhaltung_60_kg_je_platz_p_a"], "2020")
    for asked in ("2021", "year:2020-07"):
        assert numpy.isnan(simulation.calculate("nitrogen_balance", asked)).all()
        assert numpy.isnan(simulation.calculate("livestock_units", asked)).all()
