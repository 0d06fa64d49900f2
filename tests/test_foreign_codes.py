"""Dutch codes in formulas that gather over all codes: the values of their own tables, or missing, never another's."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from openfisca_core.simulations import SimulationBuilder

COWS = "milcherzeugung_leichte_rassen_ackerfutterbau_5_000_ecm"


def farm(system: Any, year: str, role: str, **line: Any) -> Any:
    """A simulation of one farm with one line."""
    entry = {f"{role}_{name}": {year: value} for name, value in line.items()}
    one = {f"{role}s": ["line"], "farm_year_known": {year: True}, "utilised_area_ha": {year: 10}}
    return SimulationBuilder().build_from_entities(system, {"entries": {"line": entry}, "farms": {"farm": one}})


def bought(system: Any, year: str, product: str, amount: float, unit: str, **more: Any) -> list[float]:
    """N, P2O5 and P that a farm is supplied with."""
    line = {"direction": "supply", "category": "other", "product": product, "amount": amount, "unit": unit, **more}
    simulation = farm(system, year, "flow", **line)
    return [float(simulation.calculate(f"{name}_supply", year)[0]) for name in ("nitrogen", "phosphate", "phosphorus")]


@pytest.mark.parametrize(
    ("year", "product", "amount", "unit", "nitrogen", "phosphate"),
    [
        # Cattle slurry, table 11: 4.0 kg N and 1.5 kg P2O5 per t, 10 t.
        ("2026", "nl_m_14", 10, "t", 40, 15),
        # Annex I as seen on 2015-01-06 and as seen before it: 4.2 and 1.7.
        ("2014", "nl_m_14", 100, "dt", 42, 17),
        # Triple superphosphate of the catalogue, 450 kg P2O5 per t, in every year.
        ("2019", "nl_f_baat056", 200, "kg", 0, 90),
        # 100 white hens: 0.045 kg N and 0.021 kg P2O5 per head; by weight 0.0280 and 0.0128 per kg, 160 kg.
        ("2014", "nl_d3_head_hens_white", 100, "pieces", 4.5, 2.1),
        ("2014", "nl_d3_hens_white", 160, "kg", 4.48, 2.048),
        ("2014", "nl_d4_hen_eggs_table", 1, "t", 18.5, 3.9),
        ("2021", "nl_j_grass_silage", 10, "t", 124, 42),
    ],
)
def test_an_amount_of_a_dutch_product_has_the_contents_of_its_own_table(
    system: Any, year: str, product: str, amount: float, unit: str, nitrogen: float, phosphate: float
) -> None:
    # The Dutch tables print no P: P2O5 x 0.436.
    expected = [nitrogen, phosphate, phosphate * 0.436]
    assert bought(system, year, product, amount, unit) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("year", "product"),
    [("2018", "nl_m_14"), ("2027", "nl_m_14"), ("2016", "nl_d4_hen_eggs_table"), ("2022", "nl_j_grass_silage")],
)
def test_contents_are_missing_in_a_year_of_which_no_table_was_read(system: Any, year: str, product: str) -> None:
    assert numpy.isnan(bought(system, year, product, 10, "t")).all()


def test_the_live_weight_of_a_slaughtered_animal_is_missing_where_its_table_gives_no_share(system: Any) -> None:
    assert numpy.isnan(bought(system, "2014", "nl_d3_hens_white", 160, "kg", weight_basis="slaughter")).all()


def test_a_dutch_crop_fixes_by_area_whatever_its_yield(system: Any) -> None:
    # Lucerne, 300 kg N/ha; grassland none.
    for crop, kg in (("nl_258", 3000), ("nl_265", 0)):
        for more in ({}, {"yield_dt_per_ha": 400}):
            simulation = farm(system, "2020", "crop", crop=crop, area_ha=10, **more)
            assert simulation.calculate("legume_nitrogen_fixation", "2020").tolist() == [kg]


MISSING = (
    "nitrogen_excretion",
    "phosphate_excretion",
    "livestock_units",
    "roughage_nitrogen_uptake",
    "stoffbilv_permitted_balance",
)


@pytest.mark.parametrize("animal", ["nl_411_slurry_other", "nl_100_slurry"])
def test_a_dutch_animal_has_no_value_in_the_german_tables(system: Any, animal: str) -> None:
    dutch = farm(system, "2020", "herd", animal=animal, count=10, manure_system="slurry")
    german = farm(system, "2020", "herd", animal=COWS, count=10, manure_system="slurry")
    for name in MISSING:
        assert numpy.isnan(dutch.calculate(name, "2020")).all(), name
        assert not numpy.isnan(german.calculate(name, "2020")).any() or name == "roughage_nitrogen_uptake", name


def test_declared_excretion_and_livestock_units_of_a_dutch_animal_count(system: Any) -> None:
    line = {"animal": "nl_411_slurry_other", "count": 10, "n_excretion_kg": 120, "livestock_units": 1.5}
    simulation = farm(system, "2020", "herd", **line)
    assert simulation.calculate("nitrogen_excretion", "2020").tolist() == [120]
    assert simulation.calculate("livestock_units", "2020").tolist() == [1.5]
