"""What the Dutch options that ask for less data leave out; expected values are calculated beside the tests."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans.reform import available, law_hash, with_reforms

OPTIONS = ("forfait_contents", "forfait_excretion", "farm_gate_only", "norm_yields", "no_stock_changes")
YEAR = "2021"

# Bijlage J of 2021: 17.9 kg N and 6.4 kg P2O5 per t of wheat.
WHEAT = {"flow_direction": "supply", "flow_product": "nl_j_wheat", "flow_amount": 10, "flow_unit": "t"}
STOCK = {
    "stock_category": "feed",
    "stock_product": "nl_j_wheat",
    "stock_opening": 5,
    "stock_closing": 10,
    "stock_unit": "t",
}
# Catalogue: 210 g N and ammonium N per kg, no nitrate, emission factor 0.113; declared 250 g and 0.05.
AMMONIUM_SULPHATE = {
    "application_product": "nl_f_baat071", "application_amount_kg": 100, "application_n_g_per_kg": 250,
    "application_ammonia_factor": 0.05,
}  # fmt: skip
# Catalogue: 4,900 kg dry matter per ha with 16.4 g N per kg; declared 15,000 kg with 12 g.
MAIZE = {
    "crop_crop": "nl_259", "crop_area_ha": 2, "crop_harvested": "harvested", "crop_dm_yield_kg_per_ha": 15_000,
    "crop_n_g_per_kg_dm": 12,
}  # fmt: skip


def farm(system: Any, options: tuple[str, ...] = (), year: str = YEAR, **entries: Any) -> Any:
    """A simulation of one Dutch farm of 2 ha, one field, with these lines; the first letters of a line say its role."""
    reformed = with_reforms(system, [available("nl.options")[name] for name in options])
    roles: dict[str, list[str]] = {}
    for name in entries:
        roles.setdefault(f"{name.partition('_')[0]}s", []).append(name)
    on_field = [name for name in entries if name.startswith(("crop", "application"))]
    dated = {name: {key: {year: cell} for key, cell in cells.items()} for name, cells in entries.items()}
    field = {"field_known": {year: True}, "field_area_ha": {year: 2}, "field_soil_type": {year: "zeeklei"}}
    fields = {"field": {"lines": on_field, **field}} if on_field else {}
    elsewhere = [name for name in entries if name not in on_field]
    situation = {
        "entries": dated,
        "fields": fields | ({"yard": {"lines": elsewhere}} if elsewhere else {}),
        "farms": {
            "farm": {
                **roles, "country": {year: "NL"}, "farm_year_known": {year: True}, "utilised_area_ha": {year: 2},
                "deposition_n_kg_per_ha": {year: 20},
            }
        },
    }  # fmt: skip
    return SimulationBuilder().build_from_entities(reformed, situation)


def amount(simulation: Any, name: str, year: str = YEAR) -> float:
    """A variable of the first farm or line that has one."""
    return float(simulation.calculate(name, year).max())


def test_every_option_says_what_it_is_and_leaves_the_law_as_it_was(system: Any) -> None:
    before = law_hash(system.parameters)
    for name in OPTIONS:
        option = available("nl.options")[name]
        assert option.label
        assert option.reference
        assert option.status == "inferred"
        assert option.source
        option(system)
    assert law_hash(system.parameters) == before


@pytest.mark.parametrize("declared", [{"flow_n_content": 20}, {"flow_crude_protein_pct": 12.5}])
def test_a_table_content_goes_before_the_declared_one(system: Any, declared: dict[str, float]) -> None:
    # Declared 10 t x 20 kg = 200; 10,000 kg x 12.5 % / 6.25 = 200. By table 10 x 17.9 = 179, and 10 x 6.4 = 64.
    flow = {**WHEAT, **declared, "flow_p2o5_content": 7}
    assert amount(farm(system, flow=flow), "nl_farm_flow_supply_nitrogen") == pytest.approx(200)
    assert amount(farm(system, flow=flow), "nl_farm_supply_phosphate") == pytest.approx(70)
    forfait = farm(system, ("forfait_contents",), flow=flow)
    assert amount(forfait, "nl_farm_flow_supply_nitrogen") == pytest.approx(179)
    assert amount(forfait, "nl_farm_supply_phosphate") == pytest.approx(64)


def test_a_content_that_no_table_of_the_year_has_stays_declared(system: Any) -> None:
    flow = {**WHEAT, "flow_n_content": 20}
    # The table has no text of 2019; another amount has no product; milk has no table and keeps its protein.
    assert amount(farm(system, ("forfait_contents",), "2019", flow=flow), "nl_farm_flow_supply_nitrogen", "2019") == 200
    other = {**flow, "flow_product": "none"}
    assert amount(farm(system, ("forfait_contents",), flow=other), "nl_farm_flow_supply_nitrogen") == 200
    milk = {**WHEAT, "flow_product": "nl_milk", "flow_crude_protein_pct": 3.19}
    # 10,000 kg x 3.19 % / 6.38 = 50
    assert amount(farm(system, ("forfait_contents",), flow=milk), "nl_farm_flow_supply_nitrogen") == pytest.approx(50)


def test_stocks_and_spreadings_go_by_table_too(system: Any) -> None:
    stock = {**STOCK, "stock_n_content": 20}
    # (10 - 5) t x 20 = 100; x 17.9 = 89.5
    assert amount(farm(system, stock=stock), "nl_farm_stock_increase_nitrogen") == pytest.approx(100)
    forfait = farm(system, ("forfait_contents",), stock=stock)
    assert amount(forfait, "nl_farm_stock_increase_nitrogen") == pytest.approx(89.5)
    # 100 kg x 250 g = 25 kg, of which 5 % are lost; by the catalogue 21 kg, of which 11.3 % are.
    plain = farm(system, application=AMMONIUM_SULPHATE)
    assert amount(plain, "nl_application_nitrogen") == pytest.approx(25)
    assert amount(plain, "nl_application_ammonia") == pytest.approx(1.25)
    forfait = farm(system, ("forfait_contents",), application=AMMONIUM_SULPHATE)
    assert amount(forfait, "nl_application_nitrogen") == pytest.approx(21)
    assert amount(forfait, "nl_application_ammonia") == pytest.approx(2.373)


def test_an_empty_line_stays_empty(system: Any) -> None:
    forfait = farm(system, ("forfait_contents", "norm_yields"), flow=WHEAT, crop={}, stock={}, application={}, herd={})
    for name in ("nl_application_nitrogen", "nl_crop_nitrogen_harvested", "nl_crop_yield", "stock_nitrogen_closing"):
        assert amount(forfait, name) == 0, name


def test_excretion_goes_by_the_table_of_the_year(system: Any) -> None:
    # Bijlage D table I from 4.3.2011: a rhea 5.5 kg N; in 2021 no table was found.
    herd = {"herd_animal": "nl_27_all", "herd_count": 10, "herd_n_excretion_kg": 40}
    assert amount(farm(system, (), "2013", herd=herd), "nl_nitrogen_excretion", "2013") == 40
    forfait = farm(system, ("forfait_excretion",), "2013", herd=herd)
    assert amount(forfait, "nl_nitrogen_excretion", "2013") == pytest.approx(55)
    later = farm(system, ("forfait_excretion",), herd=herd)
    assert amount(later, "nl_nitrogen_excretion") == 40


def test_standard_yields_go_before_declared_ones(system: Any) -> None:
    # 15,000 kg x 12 g = 180 kg N/ha; by norm 4,900 x 16.4 g = 80.36.
    assert amount(farm(system, crop=MAIZE), "nl_crop_nitrogen_harvested") == pytest.approx(180)
    assert amount(farm(system, ("norm_yields",), crop=MAIZE), "nl_crop_nitrogen_harvested") == pytest.approx(80.36)
    own = {**MAIZE, "crop_standard_dm_yield_kg_per_ha": 10_000, "crop_standard_n_g_per_kg_dm": 11}
    assert amount(farm(system, ("norm_yields",), crop=own), "nl_crop_nitrogen_harvested") == pytest.approx(110)
    # Of a crop without a code no norm is known; a line that is no harvest removes nothing.
    other = {**MAIZE, "crop_crop": "other"}
    assert amount(farm(system, ("norm_yields",), crop=other), "nl_crop_nitrogen_harvested") == pytest.approx(180)
    none = {**MAIZE, "crop_harvested": "no_harvested"}
    assert amount(farm(system, ("norm_yields",), crop=none), "nl_crop_nitrogen_harvested") == 0


def test_without_stock_changes_the_surplus_is_what_crossed_the_gate(system: Any) -> None:
    # 200 kg in, 5 t x 20 kg into store.
    lines = {"flow": {**WHEAT, "flow_n_content": 20}, "stock": {**STOCK, "stock_n_content": 20}}
    assert amount(farm(system, **lines), "nl_farm_gate_surplus_nitrogen") == pytest.approx(100)
    without = farm(system, ("no_stock_changes",), **lines)
    assert amount(without, "nl_farm_gate_surplus_nitrogen") == pytest.approx(200)
    unvalued = {**lines, "stock": {**STOCK, "stock_product": "none"}}
    assert numpy.isnan(amount(farm(system, **unvalued), "nl_farm_gate_surplus_nitrogen"))
    assert amount(farm(system, ("no_stock_changes",), **unvalued), "nl_farm_gate_surplus_nitrogen") == pytest.approx(
        200
    )


def test_the_farm_gate_alone_needs_nothing_of_the_fields(system: Any) -> None:
    lines = {"flow": {**WHEAT, "flow_n_content": 20}}
    gate = farm(system, ("farm_gate_only",), **lines)
    # Without fields deposition is missing for the farm surplus, not for that at the gate.
    assert numpy.isnan(amount(gate, "nl_farm_surplus_nitrogen"))
    assert amount(gate, "nl_target_indicator") == pytest.approx(200)


def test_data_points_are_what_the_indicator_reads(system: Any) -> None:
    lines = {
        "flow": {**WHEAT, "flow_n_content": 20, "flow_p2o5_content": 7, "flow_category": "feed"},
        "stock": {**STOCK, "stock_n_content": 20},
        "crop": MAIZE,
        "application": AMMONIUM_SULPHATE,
    }
    # The law's indicator is the soil surplus per hectare. Crop: crop, area, harvested, yield, content; spreading:
    # product, amount, content, factor; field: area, soil; farm: deposition, utilised area.
    assert amount(farm(system, **lines), "nl_data_points") == 5 + 4 + 2 + 2
    # At the gate. Flow: direction, product, amount, nitrogen; stock: category, product, two amounts, content; fixing:
    # crop, area and the field's area; utilised area.
    assert amount(farm(system, ("farm_gate_only",), **lines), "nl_data_points") == 4 + 5 + 3 + 1


@pytest.mark.parametrize(
    ("options", "points"),
    [
        # Two contents of the spreading, yield and content of the harvest less; at the gate flow and stock one each,
        # and all five of the stock.
        (("forfait_contents",), 11),
        (("norm_yields",), 11),
        (("forfait_contents", "norm_yields"), 9),
        (("no_stock_changes",), 13),
        (("farm_gate_only", "forfait_contents"), 11),
        (("farm_gate_only", "no_stock_changes"), 8),
        (("farm_gate_only", "no_stock_changes", "forfait_contents"), 7),
    ],
)
def test_what_an_option_ignores_is_no_data_point(system: Any, options: tuple[str, ...], points: int) -> None:
    lines = {
        "flow": {**WHEAT, "flow_n_content": 20, "flow_p2o5_content": 7},
        "stock": {**STOCK, "stock_n_content": 20},
        "crop": MAIZE,
        "application": AMMONIUM_SULPHATE,
    }
    assert amount(farm(system, options, **lines), "nl_data_points") == points
