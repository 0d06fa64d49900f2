"""The second reading of the StoffBilV against a worked farm and cases worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from .arithmetic import grams, more_than
from .farms import COW, PIG, Farm, dairy, one, three
from .stoffbilv import READINGS

COW_WITHOUT_UPTAKE = "milcherzeugung_schwere_rassen_gruenland_ohne_weidegang_mit_heu_12_000_ecm"
BULL = "bullenmast_bis_750_kg_lm_ab_80_kg_lm"
GOAT = "ziegenmilcherzeugung_milchziege_mit_nachzucht_800_kg_milch_ziege_p_a"


def near(value: Any, expected: float) -> bool:
    return bool(abs(value - Fraction(str(expected))) <= Fraction(1, 10**6))


# 2019: 300 dt × 27 + 120 t × 61.0 × 0.89 + 400 dt × 1.81 + 5 ha × 90 = 8100 + 6514.8 + 724 + 450 = 15788.8;
# 880 t × 5.3 + 17.55 t × 25 + 2.25 t × 25 + 600 dt × 1.65 + 500 m3 × 3.8 = 4664 + 495 + 990 + 1900 = 8049.
# P2O5: 120 × 27.5 × 0.89 + 400 × 0.8 = 3257; 880 × 2.3 + 19.8 × 13.7 + 600 × 0.8 + 500 × 1.5 = 3525.26.
# Line 2: (90 × 133 + 80 × 45 = 15570) × 15 %; line 7: (90 × 89 + 80 × 43 = 11450) × 10 %.
# Line 5: (15570 × 0.85 - 1900) × 15 % = 1700.175; on excretion 15570 × 15 % × (1 - 1900 / 13234.5).
DAIRY = {
    2019: (15788.8, 8049.0, 7739.8, 110.568571, 3257.0, 3525.26, -268.26, -3.832286,
           1700.175, 2000.205882, 8680.675, 8980.705882),
    2020: (15972.7, 8253.75, 7718.95, 110.270714, 3581.75, 3620.165, -38.415, -0.548786,
           1133.45, 1333.470588, 8113.95, 8313.970588),
    2021: (15070.75, 8540.0, 6530.75, 93.296429, 3419.375, 3720.04, -300.665, -4.295214,
           1095.45, 1288.764706, 8075.95, 8269.264706),
}  # fmt: skip


@pytest.mark.parametrize("year", DAIRY)
def test_the_worked_dairy_farm_year_by_year(year: int) -> None:
    row = dairy().results()[year - 2019]
    other = dairy().results("annex_4_line_5_on_excretion")[year - 2019]
    figures = ("supply", "removal", "balance", "balance_per_ha")
    names = [f"{nutrient}_{figure}" for nutrient in ("nitrogen", "phosphate") for figure in figures]
    expected = DAIRY[year]
    for name, value in zip(names, expected, strict=False):
        assert near(row[name], value), name
    for line, value in {1: 3500, 2: 2335.5, 3: 0, 4: 0, 6: 0, 7: 1145, 8: 0}.items():
        assert near(row[f"stoffbilv_annex_4_line_{line}"], value), line
    assert near(row["stoffbilv_annex_4_line_5"], expected[8])
    assert near(other["stoffbilv_annex_4_line_5"], expected[9])
    assert near(row["stoffbilv_permitted_balance"], expected[10])
    assert near(other["stoffbilv_permitted_balance"], expected[11])


def test_the_worked_dairy_farm_over_three_years() -> None:
    rows = dairy().results()
    last = rows[-1]
    assert near(last["stoffbilv_mean_balance"], 7329.833333)
    assert near(last["stoffbilv_mean_balance_per_ha"], 104.711905)
    assert near(sum(row["phosphate_balance"] for row in rows) / 3, -202.446667)
    assert near(last["stoffbilv_mean_permitted_balance"], 8290.191667)
    on_excretion = dairy().last("annex_4_line_5_on_excretion")
    assert near(on_excretion["stoffbilv_mean_permitted_balance"], 8521.313725)
    # 12250 - 7329.83 and 8290.19 × 1.1 - 7329.83
    assert near(last["stoffbilv_headroom_flat"], 4920.166667)
    assert near(last["stoffbilv_headroom_farm_specific"], 1789.3775)
    assert last["stoffbilv_better_method"] == "flat"


def test_the_worked_dairy_farm_is_in_scope_only_where_density_is_asked_of_large_farms_alone() -> None:
    # 90 × 1.00 + 80 × 0.70 = 146 units are fewer than 2.5 × 70 = 175.
    row = dairy().last()
    assert row["livestock_units"] == 146
    assert (row["stoffbilv_scope"], row["stoffbilv_verdict"]) == ("none", "not_assessed")
    row = dairy().last("stocking_density_only_for_area")
    assert row["stoffbilv_scope"] == "livestock"
    assert row["stoffbilv_verdict_flat"] == row["stoffbilv_verdict_farm_specific"] == "complies"


def test_fifty_units_and_a_density_of_two_and_a_half_are_not_above_the_thresholds() -> None:
    scope = "stoffbilv_scope"
    assert one(10).herd(COW, 50).last()[scope] == "none"
    assert one(10).herd(COW, "50.0004").last()[scope] == "none"
    assert one(10).herd(COW, "50.0005").last()[scope] == "livestock"
    assert one(40).herd(COW, 100).last()[scope] == "none"
    assert one(40).herd(COW, 101).last()[scope] == "livestock"
    assert one(0).herd(COW, 51).last()[scope] == "livestock"
    assert one(0).herd(COW, 51).last()["stocking_density"] is None


def test_from_2023_area_or_units_alone_suffice() -> None:
    first, before = date(2023, 1, 1), date(2022, 12, 1)
    assert one(21, first).last()["stoffbilv_scope"] == "livestock"
    assert one(21, before).last()["stoffbilv_scope"] == "none"
    assert one(20, first).herd(COW, 50).last()["stoffbilv_scope"] == "none"
    assert one(20, first).herd(COW, 51).last()["stoffbilv_scope"] == "livestock"


def test_manure_intake_needs_animals_before_2023_only() -> None:
    def take(start: date) -> Farm:
        return one(10, start).supply("animal_manure", 1, "t", n_content=5)

    assert take(date(2022, 1, 1)).last()["stoffbilv_scope"] == "none"
    assert take(date(2022, 1, 1)).herd(COW, 1).last()["stoffbilv_scope"] == "manure_intake"
    assert take(date(2023, 1, 1)).last()["stoffbilv_scope"] == "manure_intake"


def test_a_linked_biogas_plant_with_farm_manure_is_in_scope_by_that_ground() -> None:
    farm = one(10, has_biogas_plant=True, linked_to_livestock_farm=True)
    farm.supply("other_organic_fertiliser", 1, "t", n_content=5, farm_manure=True)
    assert farm.last()["stoffbilv_scope"] == "biogas"
    assert farm.last("only_animal_manure_counts")["stoffbilv_scope"] == "none"


def test_fattening_bulls_count_as_young_stock_under_that_reading() -> None:
    farm = one(20).herd(BULL, 60)
    assert farm.last()["livestock_units"] == 60
    assert farm.last("fattening_cattle_as_young_stock")["livestock_units"] == 42


def test_the_750_kg_exemption_looks_at_the_year_before() -> None:
    def farm(before: Any, now: Any) -> Farm:
        built = one(10, date(2019, 1, 1)).supply("animal_manure", before, n_content=1).herd(COW, 10)
        return built.year(date(2020, 1, 1), 10).supply("animal_manure", now, n_content=1).herd(COW, 10)

    assert farm(750, 900).results()[0]["stoffbilv_obliged"]
    assert not farm(750, 900).last()["stoffbilv_obliged"]
    assert not farm("750.0004", 900).last()["stoffbilv_obliged"]
    assert farm("750.0005", 100).last()["stoffbilv_obliged"]
    assert farm(750, 900).last("exemption_same_year")["stoffbilv_obliged"]
    assert not farm(900, 750).last("exemption_same_year")["stoffbilv_obliged"]
    # 10 cows × 133 kg = 1330 kg; sentence 2 helps only up to 750 kg, 5 cows × 133 kg = 665 kg.
    few = one(10, date(2019, 1, 1)).supply("animal_manure", 900, n_content=1).herd(COW, 5)
    few.year(date(2020, 1, 1), 10).supply("animal_manure", 900, n_content=1).herd(COW, 5)
    assert not few.last()["stoffbilv_obliged"]


def test_without_the_nutrient_comparison_sentence_1_ends_in_april_2020() -> None:
    reading = "exemption_needs_nutrient_comparison"
    for start, obliged in ((date(2020, 4, 1), False), (date(2020, 5, 1), True)):
        farm = one(10, start, manure_received_previous_year_n_kg=1)
        farm.supply("animal_manure", 900, n_content=1).herd(COW, 10)
        assert not farm.last()["stoffbilv_obliged"]
        assert farm.last(reading)["stoffbilv_obliged"] == obliged


def test_goats_without_declared_units_leave_the_duty_open() -> None:
    farm = three(10, 1000)
    farm.tables["flows"] = [row for row in farm.tables["flows"] if row["category"] != "animal_manure"]
    farm.herd(GOAT, 40)
    row = farm.last()
    assert row["livestock_units"] is None
    assert not row["stoffbilv_obliged"]
    assert row["undetermined"]
    assert row["stoffbilv_verdict"] == "undetermined"
    farm.tables["herds"][-1]["livestock_units"] = 4
    assert farm.last()["stoffbilv_verdict"] == "not_assessed"


def test_contents_of_eggs_slaughter_weight_and_dry_matter() -> None:
    def n(product: str, amount: Any, unit: str, **columns: Any) -> Any:
        farm = one().removal("livestock", amount, unit, product=product, **columns)
        return farm.last()["nitrogen_removal"]

    assert n("de_t5_huehnerei_1000_stueck", 100, "1000_pieces") == 119
    # 7.9 t slaughter weight ÷ 79 % = 10 t live; sheep have no column of their own for males: 4.8 ÷ 48 %.
    assert n("de_t5_schweine", 7.9, "t", weight_basis="slaughter") == 256
    assert n("de_t5_schafe", 4.8, "t", weight_basis="slaughter", animal_sex="male") == 260
    assert n("de_t5_rind_milchbetont", 4.6, "t", weight_basis="slaughter", animal_sex="dairy_cow") == 250
    assert n("de_t5_rind_milchbetont", 4.6, "t", weight_basis="slaughter") is None
    assert n("de_t5_kuhmilch_3_4_rp", 10, "t", weight_basis="slaughter") == 53
    # 5 t at 40 % are 20 dt dry matter × 1.38; without a percentage the 50 dt are dry matter.
    assert n("de_t3_gruenland_1_nutzung", 5, "t", dry_matter_pct=40) == Fraction("27.6")
    assert n("de_t3_gruenland_1_nutzung", 5, "t") == 69
    # 10 t at 25 % (or 20 %) dry matter × 40 kg.
    assert n("de_t4_biertreber_siliert", 10, "t") == 100
    assert n("de_t4_biertreber_siliert", 10, "t", dry_matter_pct=20) == 80
    assert n("de_t2_blumenkohl", 5, "t") == 14
    assert n("de_t1_kartoffel_knolle", 3, "m3") is None


def test_phosphorus_and_phosphate_stand_in_for_each_other_only_when_declared() -> None:
    row = one().supply("feed", 10, "t", p_content="4.36").last()
    assert (row["phosphorus_supply"], row["phosphate_supply"]) == (Fraction("43.6"), 100)
    assert row["nitrogen_supply"] is None
    row = one().removal("animal_product", 10, "t", product="de_t5_kuhmilch_3_4_rp").last()
    assert (row["phosphorus_removal"], row["phosphate_removal"]) == (10, 23)


def test_manure_by_table_is_excretion_times_coefficient_by_yearly_volume() -> None:
    row_id = "milchviehhaltung_milcherzeugung_ackerfutterbau_mit_weidegang_12_000_ecm"
    animal = "milcherzeugung_schwere_rassen_ackerfutterbau_mit_weidegang_12_000_ecm"

    def n(start: date, form: str, unit: str, suffix: str = "") -> Any:
        product = f"de_manure_{row_id}{suffix}_{form}"
        farm = one(10, start).removal("animal_manure", 100, unit, product=product).herd(animal, 1)
        return farm.last(manure_rows={row_id: animal})

    def excretion(row: dict[str, Any]) -> Any:
        return row["stoffbilv_annex_4_line_2"] / Fraction(15, 100)

    before, after = n(date(2020, 4, 1), "solid", "t"), n(date(2020, 5, 1), "solid", "t")
    per_cow = excretion(before)
    assert before["nitrogen_removal"] == 100 * per_cow * Fraction(70, 100) / Fraction("14.4")
    assert after["nitrogen_removal"] == 100 * per_cow * Fraction(70, 100) / 17
    assert n(date(2020, 5, 1), "solid", "t", "_bis_2020_04")["nitrogen_removal"] == after["nitrogen_removal"]
    slurry = n(date(2020, 1, 1), "slurry", "m3")["nitrogen_removal"]
    assert slurry == 100 * per_cow * Fraction(85, 100) / 22
    assert n(date(2020, 1, 1), "slurry", "t")["nitrogen_removal"] is None


def test_supplied_seed_counts_for_four_crop_groups_and_removed_seed_always() -> None:
    def seed(**columns: Any) -> Any:
        return one().supply("seed", 10, "dt", **columns).last()["stoffbilv_annex_2_supply_line_8"]

    assert seed(product="de_t1_weizen_rp12_korn") == Fraction("18.1")
    assert seed(product="de_t1_kartoffel_knolle") == Fraction("3.5")
    assert seed(product="de_t1_erbse_rp26_korn") == 36
    assert seed(product="de_t1_raps_rp23_korn") == 0
    assert seed(product="de_t1_raps_rp23_korn", n_content=4) == 0
    assert seed(n_content=2) == 20
    assert seed() is None
    farm = one().removal("seed", 10, "dt", product="de_t1_raps_rp23_korn")
    assert farm.last()["stoffbilv_annex_2_removal_line_10"] == Fraction("33.5")


def test_fertiliser_parts_are_inside_line_1_and_a_yield_sets_the_legume_nitrogen() -> None:
    farm = one().supply("mineral_fertiliser", 5, n_content=1).supply("animal_manure", 7, n_content=1)
    farm.crop("de_t6_erbse_korn", 2, yield_dt_per_ha=40).crop("de_t6_erbse_korn", 1).crop("wheat", 9)
    row = farm.last()
    assert row["stoffbilv_annex_2_supply_line_1"] == 12
    assert row["stoffbilv_annex_2_supply_line_2"] == 7
    # 2 ha × 40 dt × 4.40 + 1 ha × 154
    assert row["stoffbilv_annex_2_supply_line_10"] == 506
    assert row["stoffbilv_annex_2_supply_line_10_phosphorus"] == 0
    assert row["nitrogen_supply"] == 518
    assert row["nitrogen_balance_per_ha"] == Fraction("51.8")


def test_a_landless_farm_is_held_against_the_farm_specific_value_only() -> None:
    # Permitted per year: 1 pig's loss in store and spreading; 0 kg balance complies.
    row = three(0, 0).last()
    assert row["nitrogen_balance_per_ha"] is None
    assert row["stoffbilv_verdict_flat"] == "undetermined"
    assert row["stoffbilv_verdict_farm_specific"] == "complies"
    assert row["undetermined"]
    assert row["stoffbilv_better_method"] is None
    assert three(0, 500).last()["stoffbilv_verdict_farm_specific"] == "exceeds"


def test_biogas_lines_are_5_percent_and_missing_without_the_amounts() -> None:
    row = one(has_biogas_plant=True, biogas_plant_substrate_n_kg=1000, biogas_substrate_n_kg=1600).last()
    assert (row["stoffbilv_annex_4_line_3"], row["stoffbilv_annex_4_line_4"]) == (50, 80)
    row = one(has_biogas_plant=True, biogas_plant_substrate_n_kg=1000).last()
    assert (row["stoffbilv_annex_4_line_3"], row["stoffbilv_annex_4_line_4"]) == (50, None)
    assert row["stoffbilv_permitted_balance"] is None
    assert one().last()["stoffbilv_annex_4_line_4"] == 0


def test_received_fertiliser_without_a_spreading_leaves_line_6_missing() -> None:
    farm = one().supply("other_organic_fertiliser", 1, n_content=5)
    assert farm.last()["stoffbilv_annex_4_line_6"] is None
    # 200 kg × 5 % for pig slurry from 2020, solid compost has no printed percentage.
    farm.spread("pigs", "slurry", "received", 200).spread("other_organic", "solid", "received", 100)
    assert farm.last()["stoffbilv_annex_4_line_6"] == 10
    assert one().supply("animal_manure", 0, n_content=5).last()["stoffbilv_annex_4_line_6"] == 0


def test_a_spreading_of_its_own_replaces_the_derived_line_5() -> None:
    farm = one().herd(COW, 10).spread("cattle", "solid", "own", 500)
    assert farm.last()["stoffbilv_annex_4_line_5"] == 50
    # 10 × 133 × 85 % = 1130.5 kg stored, all of it given away.
    farm = one().herd(COW, 10).removal("animal_manure", 2000, n_content=1)
    assert farm.last()["stoffbilv_annex_4_line_5"] == 0
    assert one().herd(COW, 10).removal("animal_manure", 1).last()["stoffbilv_annex_4_line_5"] is None


def test_roughage_line_counts_uptake_and_trade_and_is_missing_without_an_uptake_row() -> None:
    line = "stoffbilv_annex_4_line_7"
    farm = one().herd(COW, 10).herd(PIG, 10)
    farm.removal("feed", 100, "dt", product="de_t1_silomais_ganzpflanze_tm35")
    farm.supply("feed", 50, "dt", product="de_t1_zuckerruebe_blatt")
    farm.supply("feed", 50, "dt", product="de_t1_weizen_rp12_korn")
    # (10 × 89 + 100 × 0.47 - 50 × 0.40) × 10 %
    assert farm.last()[line] == Fraction("91.7")
    assert one().supply("feed", 50, "dt", product="de_t1_zuckerruebe_blatt").last()[line] == 0
    assert one().herd(COW_WITHOUT_UPTAKE, 0).last()[line] is None
    assert one(roughage_n_removal_kg=300).herd(COW_WITHOUT_UPTAKE, 9).last()[line] == 30
    late = one(10, date(2020, 5, 1)).herd(COW_WITHOUT_UPTAKE, 9)
    assert late.last("no_roughage_line_after_april_2020")[line] == 0


def test_grazing_moves_excretion_from_the_house_to_the_pasture() -> None:
    row = one().herd(COW, 10, grazing_days=73).last()
    # 1330 kg: 292/365 in the house × 15 %, 73/365 on pasture × 75 %.
    assert row["stoffbilv_annex_4_line_2"] == Fraction("159.6")
    assert row["stoffbilv_annex_4_line_8"] == Fraction("199.5")


def test_rounding_goes_to_the_gram_with_ties_away_from_zero() -> None:
    assert [grams(Fraction(text)) for text in ("0.0005", "-0.0005", "0.00049", "1.2345")] == [1, -1, 0, 1235]
    assert not more_than(Fraction("175.0004"), Fraction(175))
    assert three(10, "1750.004").last()["stoffbilv_verdict"] == "complies"
    assert three(10, "1750.005").last()["stoffbilv_verdict"] == "exceeds"


def test_agreed_losses_lower_the_balance_or_raise_the_permitted_value() -> None:
    plain, agreed = three(10, 1800).last(), three(10, 1800, unavoidable_losses_n_kg=60).last()
    raised = three(10, 1800, unavoidable_losses_n_kg=60).last("supplements_raise_permitted_value")
    assert plain["stoffbilv_verdict_flat"] == "exceeds"
    assert agreed["stoffbilv_verdict_flat"] == raised["stoffbilv_verdict_flat"] == "complies"
    assert agreed["stoffbilv_mean_balance_per_ha"] == 180
    # 1750 - (1800 - 60)
    assert agreed["stoffbilv_headroom_flat"] == raised["stoffbilv_headroom_flat"] == 10
    room = "stoffbilv_headroom_farm_specific"
    assert (agreed[room] - plain[room], raised[room] - plain[room]) == (60, 66)


def test_fewer_than_three_years_are_undetermined_unless_read_otherwise() -> None:
    second = three(10, 1800).results()[1]
    assert (second["stoffbilv_known_years"], second["stoffbilv_verdict"]) == (2, "undetermined")
    assert second["stoffbilv_mean_balance_per_ha"] == 180
    assert three(10, 1800).results("assess_known_years")[1]["stoffbilv_verdict"] == "exceeds"


def test_the_mean_per_hectare_weighs_years_by_area_or_alike() -> None:
    farm = three(10, 1800)
    farm.tables["farms"][0]["utilised_area_ha"] = 20
    assert farm.last()["stoffbilv_mean_balance_per_ha"] == 135
    assert farm.last("mean_of_yearly_per_hectare")["stoffbilv_mean_balance_per_ha"] == 150
    farm.tables["farms"][0]["utilised_area_ha"] = 0
    assert farm.last()["stoffbilv_mean_balance_per_ha"] == 270
    assert farm.last("mean_of_yearly_per_hectare")["stoffbilv_mean_balance_per_ha"] is None


def test_control_values_of_line_1() -> None:
    for year, value in ((2019, 600), (2020, 500)):
        farm = one(10, date(year, 1, 1))
        assert farm.last()["stoffbilv_annex_4_line_1"] == 500
        assert farm.last("control_value_60_until_2020")["stoffbilv_annex_4_line_1"] == value
        assert farm.last("control_value_40")["stoffbilv_annex_4_line_1"] == 400


def test_deadlines_lie_on_the_last_day_of_the_month() -> None:
    row = one(10, date(2019, 3, 1)).last()
    assert row["stoffbilv_balance_due"] == date(2020, 8, 31)
    assert row["stoffbilv_keep_records_until"] == date(2027, 2, 28)
    row = one(10, date(2020, 3, 1)).last()
    assert row["stoffbilv_keep_records_until"] == date(2028, 2, 29)
    assert one(10, date(2017, 12, 1)).last()["stoffbilv_balance_due"] is None


def test_the_duty_falls_with_the_deadline_the_year_end_or_never() -> None:
    def obliged(start: date, *readings: str) -> bool:
        return bool(one(30, start).last(*readings)["stoffbilv_obliged"])

    assert obliged(date(2024, 1, 1))
    assert not obliged(date(2024, 2, 1))
    assert obliged(date(2024, 7, 1), "repeal_by_year_end")
    assert not obliged(date(2024, 8, 1), "repeal_by_year_end")
    assert obliged(date(2025, 8, 1), "repeal_did_not_happen")
    after = one(30, date(2025, 8, 1)).supply("mineral_fertiliser", 9, n_content=1).last()
    assert after["nitrogen_balance"] == 9
    assert after["stoffbilv_known_years"] == 1
    assert after["stoffbilv_permitted_balance"] is after["stoffbilv_annex_2_supply_line_1"] is None


def test_the_assessment_ends_with_2022_with_its_deadline_or_never() -> None:
    by_year_end = [row["stoffbilv_verdict"] for row in three(10, 1000, 2020).results()]
    assert by_year_end == ["undetermined", "undetermined", "complies"]
    assert three(10, 1000, 2020).last("assessment_duty_by_deadline")["stoffbilv_verdict"] == "not_assessed"
    assert three(10, 1000, 2021).last()["stoffbilv_verdict"] == "not_assessed"
    assert three(10, 1000, 2021).last("assessment_continues")["stoffbilv_verdict"] == "complies"
    assert three(10, 1000, 2021).last()["stoffbilv_headroom_flat"] == 750


def test_years_before_2018_are_not_known() -> None:
    rows = three(10, 1000, 2016).results()
    assert [row["stoffbilv_known_years"] for row in rows] == [0, 0, 1]
    assert rows[0]["stoffbilv_scope"] == "none"
    assert rows[0]["nitrogen_balance"] == 1000


@pytest.mark.parametrize("reading", sorted(READINGS))
def test_every_reading_computes(reading: str) -> None:
    assert len(dairy().results(reading)) == 3


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_reading"):
        dairy().results("no_such_reading")
