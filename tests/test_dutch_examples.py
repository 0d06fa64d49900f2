"""The shipped Dutch example farms: no messages, results worked out by hand from their files, reasons in words."""

from __future__ import annotations

import json
import math
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import polars
import pytest
from typer.testing import CliRunner

from openfisca_stoffenbalans import balance, examples
from openfisca_stoffenbalans.cli import app
from openfisca_stoffenbalans.dataset import DataSet, Report, check, read_tables
from openfisca_stoffenbalans.dataset.results import compute, empty_column
from openfisca_stoffenbalans.dataset.simulation import Layout
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.report.form import form
from tests.conftest import loaded_system

FOLDER = examples.example("netherlands")
DUTCH = [name for name in regimes() if name == "nl" or name.startswith("nl.")]
VERDICTS = {"not_assessed", "complies", "exceeds", "undetermined"}
# Amounts by hand are written to a tenth of a gram.
NEAR = 1e-4

# Kg, and kg per hectare where the name says so, of farms and years whose sums stand in the comments.
BY_HAND = {
    # Maize, 20 ha: slurry 500 t x 6.8 = 3400, NP 26-7 2300 x 0.26 = 598, deposition 20 x 33 = 660; harvest 15.6 x 11.8
    # x 20 = 3681.6; ammonia 500 x 4.2 x 0.02 (injected into bare soil) = 42 and 598 x 0.045 = 26.91; the residue with
    # 10 g N/kg loses nothing (0.41 x 10 - 5.42 < 0). Left: 907.49. Wheat, 12 ha: slurry 288 x 6.8 = 1958.4, KAS 2640 x
    # 0.27 = 712.8, deposition 396; harvest 7.6 x 22.5 x 12 = 2052; straw 7600 x 0.56 / 0.44 x 0.0053 x 12 =
    # 615.185454...; ammonia 288 x 4.2 x 0.36 = 435.456 and 712.8 x 0.025 = 17.82. Left: -53.261454... Together
    # 854.228545...
    ("peel_pigs", 2023): {
        "nl_soil_surplus": 907.49 + 396 + 1958.4 + 712.8 - 2052 - 7600 * 0.56 / 0.44 * 0.0053 * 12 - 435.456 - 17.82,
        # Supply 598 + 712.8 + feed 1889 x 24.6 + piglets 186 x 24.8 + deposition 1056 = 53449; removal pigs 882.8 x 25
        # + maize 891.429 x 4.1 + wheat 107.3 x 19.1 + straw 40 x 5.8 + slurry 2362 x 6.8 = 44067.8889; 50 t more in
        # store.
        "nl_farm_surplus_nitrogen": 53449 - 44067.8889 - 340,
        # Produced 21759, given away 16061.6, put in store 340; room 32 ha x 170.
        "nl_animal_manure_nitrogen": 5357.4,
        "nl_animal_manure_limit": 5440,
        "nl_animal_manure_verdict": "complies",
    },
    # The same land with 720 t (36 t/ha) and 408 t (34 t/ha) of slurry, 2147 t given away, 50 t out of store:
    # 21927 - 2147 x 6.8 + 340 = 7667.4.
    ("peel_pigs", 2024): {"nl_animal_manure_nitrogen": 7667.4, "nl_animal_manure_verdict": "exceeds"},
    # 49 ha of grass on peat. Slurry 2146.5 t x 4.1 = 8800.65, manure of grazing animals 278.04 x 4.1 = 1139.964, KAS
    # 14455 x 0.27 = 3902.85, deposition 49 x 22 = 1078, mineralisation 49 x 160 = 7840; five cuts with 94.86 + 79.5 +
    # 70.5 + 65.28 + 43.89 = 354.03 kg N/ha; ammonia 2146.5 x 1.9 x 0.17 = 693.3195, 278.04 x 0.12 x 0.68 = 22.688064,
    # 3902.85 x 0.025 = 97.57125.
    ("groene_hart_peat_dairy", 2025): {
        "nl_soil_surplus": 8800.65 + 1139.964 + 3902.85 + 1078 + 7840 - 17347.47 - 693.3195 - 22.688064 - 97.57125,
        "nl_soil_area_ha": 49,
        "nl_soil_target": 125,
        # Feed 150 t x 155 / 6.25 = 3720 and 90 x 4.3 = 387; milk 788500 x 0.0352 / 6.38; cattle 22.9 x 25.6 = 586.24;
        # slurry 931 x 4.1 = 3817.1; nothing in or out of store.
        "nl_farm_surplus_nitrogen": 3902.85 + 4107 + 1078 + 7840 - 788500 * 0.0352 / 6.38 - 586.24 - 3817.1,
        # 11661 + 756 + 1340 produced, 3817.1 given away; 1.4 ha of buffer strips have no room: 49 ha x 200.
        "nl_animal_manure_nitrogen": 9939.9,
        "nl_animal_manure_limit": 9800,
        "nl_animal_manure_verdict": "exceeds",
    },
    # 44.2 ha of grass and 10.8 ha of maize. Slurry 2968.6 t x 3.9 = 11577.54, KAS 22984 x 0.27 = 6205.68, deposition
    # 41.8 x 23 + 13.2 x 22 = 1251.8; grass 88.228 + 70.216 + 60.42 + 53.016 + 38.829 = 310.709 kg N/ha, maize 16.63 x
    # 11.1 = 184.593; ammonia 2563.6 x 1.95 x 0.17 = 849.8334 on grass, 405 x 1.95 x 0.02 = 15.795 on bare soil, 6205.68
    # x 0.025.
    ("hengelo_pilot_dairy", 2024): {
        "nl_soil_surplus": 11577.54 + 6205.68 + 1251.8 - 310.709 * 44.2 - 184.593 * 10.8 - 849.8334 - 15.795 - 155.142,
        # Feed 185 x 25.3 + 110 x 4.4 = 5164.5; milk 837000 x 0.0362 / 6.38; cattle 448; slurry 355 x 3.9 = 1384.5;
        # silage in store +80 x 11, slurry in store -80 x 3.9.
        "nl_farm_surplus_nitrogen": 6205.68 + 5164.5 + 1251.8 - 837000 * 0.0362 / 6.38 - 448 - 1384.5 - 880 + 312,
        # Measured in housing and storage 1692, and the ammonia of the fields.
        "nl_gaseous_losses": 1692 + 849.8334 + 15.795 + 155.142,
        "nl_animal_manure_nitrogen": 12650 - 1384.5 + 312,
        "nl_animal_manure_limit": 55 * 230,
        "nl_animal_manure_verdict": "complies",
        # 3790 + 185 + 318 kg P2O5 produced, rights of 4500.
        "nl_phosphate_rights_headroom": 207,
        "nl_phosphate_rights_verdict": "complies",
    },
    # The law's tables of 2014: 88 cows of 8600 kg with urea 23 x 122, 27 x 36.8, 26 x 70.2; 300 t of slurry with 4.2.
    # Used are 12294.8: below 50 ha x 250, above the 50 ha x 230 that hold on its sand since 1 May 2014.
    ("salland_forfait_dairy", 2014): {
        "nl_nitrogen_excretion": 10736 + 993.6 + 1825.2,
        "nl_animal_manure_nitrogen": 13554.8 - 1260,
        "nl_animal_manure_verdict": "undetermined",
    },
    # KAS 5940, feed 5130; milk 480 x 5.44 = 2611.2, cattle 409.6: surplus 8049.2. Free of levy 20 ha x 220 + 10 x 190 +
    # 10 x 100 = 7300. Phosphate: 2185 - 1008 - 272 = 905, free 30 x 25 + 10 x 30 = 1050.
    ("kempen_minas_dairy", 2003): {
        "minas_surplus_nitrogen": 8049.2,
        "minas_permitted_nitrogen": 7300,
        "minas_surplus_phosphate": 905,
        "minas_permitted_phosphate": 1050,
        "minas_levy": 749.2 * 2.3,
        "minas_verdict": "exceeds",
    },
    # 4320 + 4860 - 2638.4 - 384 = 6157.6; free 20 x 180 + 10 x 160 + 10 x 80 = 6000.
    ("kempen_minas_dairy", 2004): {"minas_levy": 157.6 * 2.3, "minas_verdict": "exceeds"},
    # 3240 + 4536 - 2665.6 - 384 = 4726.4; free 20 x 180 + 10 x 140 + 10 x 80 = 5800. Of the room of 1073.6 the
    # surpluses of 2003 and 2004 take 906.8.
    ("kempen_minas_dairy", 2005): {
        "minas_surplus_nitrogen": 4726.4,
        "minas_levy": 0,
        "minas_levy_refund": 906.8 * 2.3,
        "minas_room_carried_forward_nitrogen": 166.8,
        "minas_verdict": "complies",
    },
    # By forfaits: slurry 1000 t x 4.2 = 4200, taken up 50 ha x 50 = 2500, free 50 x 30 = 1500. Nitrogen: 6480 + 7200 -
    # 50 x 125 = 7430, free 50 x 150 = 7500. Refined, with 4252 kg N in the crops sold, less is left of both.
    ("walcheren_minas_arable", 2003): {
        "minas_surplus_phosphate": 1700,
        "minas_surplus_nitrogen": 7430,
        "minas_permitted_nitrogen": 7500,
        "minas_levy": 200 * 9,
        "minas_better_assessment": "refined",
    },
}

CASES = [(*farm, name) for farm, values in BY_HAND.items() for name in values]
LOSSES = "losses of housing and storage: neither declared nor a factor of the year for a herd"
EXCRETION = "excretion of {}: neither declared nor in a table of the year"
REASONS = {
    ("gelderse_vallei_hens", 2023, "nl_soil_undetermined_because"): "no fields",
    ("veenkolonien_starch", 2024, "nl_soil_undetermined_because"): "amount or nitrogen content of manure spread",
    (
        "veenkolonien_starch",
        2024,
        "nl_manure_act_undetermined_because",
    ): "nitrogen content of animal manure supplied, removed or in store",
    ("groene_hart_peat_dairy", 2024, "nl_manure_act_undetermined_because"): "phosphate rights",
    ("salland_forfait_dairy", 2014, "nl_manure_act_undetermined_because"): (
        "standard of animal manure: it changes within the balance year or was found for a part of it; "
        "phosphate rights: their first day was not found and no source before 2018 names them"
    ),
    ("salland_forfait_dairy", 2025, "nl_manure_act_undetermined_because"): (
        f"nitrogen {EXCRETION.format('a herd')}; phosphate {EXCRETION.format('dairy cattle')}"
    ),
    ("achterhoek_sand_dairy", 2023, "nl_farm_undetermined_because"): (
        f"{LOSSES}; amount or phosphate content of a spreading or harvest"
    ),
    ("hengelo_pilot_dairy", 2023, "nl_farm_undetermined_because"): "",
    ("flevoland_arable", 2023, "minas_undetermined_because"): "MINAS ended on 31.12.2005",
}
VERDICT_COLUMNS = ("nl_soil_verdict", "nl_animal_manure_verdict", "nl_phosphate_rights_verdict", "minas_verdict")


@cache
def report() -> Report:
    return check(read_tables(FOLDER), "netherlands")


def data() -> DataSet:
    assert report().data is not None
    return report().data


@cache
def results() -> dict[tuple[str, int], dict[str, Any]]:
    """Farm and year -> the variables that the tests ask for."""
    system = loaded_system()
    wanted = {name for _, _, name in (*CASES, *REASONS)} | {*VERDICT_COLUMNS, "nl_soil_balance"}
    layout = Layout(data(), system, 1000)
    arrays = {name: empty_column(len(layout.series), system.variables[name]) for name in sorted(wanted)}
    for number in range(layout.parts):
        part = layout.part(number)
        compute(part, part.rows, arrays, None)
    members = {name: getattr(system.variables[name], "possible_values", None) for name in arrays}
    words = {name: [kind.names[index] for index in arrays[name]] for name, kind in members.items() if kind}
    columns = {name: words.get(name, list(array)) for name, array in arrays.items()}
    farms = data().tables["farms"]
    keys = zip(farms["farm_id"], farms["year_start"].dt.year(), strict=True)
    return {key: {name: values[row] for name, values in columns.items()} for row, key in enumerate(keys)}


def test_the_farms_give_no_message() -> None:
    assert report().errors["message"].to_list() == []
    assert report().notices["message"].to_list() == []


def test_every_farm_has_three_years_and_the_forfaits_of_two_older_ones_are_shown() -> None:
    years: dict[str, set[int]] = {}
    for farm, year in results():
        years.setdefault(farm, set()).add(year)
    assert len(years) == 15
    spans = Counter(frozenset(of_farm) for of_farm in years.values())
    assert spans == {
        frozenset({2023, 2024, 2025}): 12,
        frozenset({2014, 2015, 2023, 2024, 2025}): 1,
        frozenset({2003, 2004, 2005}): 2,
    }


@pytest.mark.parametrize(("farm", "year", "name"), CASES)
def test_an_amount_or_verdict_is_the_one_worked_out_by_hand(farm: str, year: int, name: str) -> None:
    expected, found = BY_HAND[farm, year][name], results()[farm, year][name]
    if isinstance(expected, str):
        assert found == expected
    else:
        assert found == pytest.approx(expected, rel=0, abs=NEAR)


@pytest.mark.parametrize(("farm", "year", "name"), REASONS)
def test_what_is_missing_is_said(farm: str, year: int, name: str) -> None:
    assert results()[farm, year][name] == REASONS[farm, year, name]


@pytest.mark.parametrize("name", VERDICT_COLUMNS)
def test_every_verdict_occurs(name: str) -> None:
    found = {row[name] for row in results().values()}
    # A Dutch farm always has a soil balance to be held against the target; all data of MINAS are there.
    never = {"nl_soil_verdict": {"not_assessed"}, "minas_verdict": {"undetermined"}}
    assert found == VERDICTS - never.get(name, set())


def test_the_soil_balances_are_as_on_real_farms() -> None:
    per_ha = [row["nl_soil_balance"] for row in results().values() if not math.isnan(row["nl_soil_balance"])]
    assert len(per_ha) == 43
    assert min(per_ha) > 20
    assert max(per_ha) < 170


@pytest.mark.parametrize("name", DUTCH)
def test_german_farms_run_under_a_dutch_regime_and_are_not_assessed(name: str) -> None:
    german = check(read_tables(examples.example("germany")), "germany").data
    assert german is not None
    assert set(balance(german, loaded_system(), name)[regimes()[name].verdict]) == {"not_assessed"}


@pytest.mark.parametrize("name", DUTCH)
def test_the_farms_run_under_every_dutch_regime(name: str) -> None:
    assert balance(data(), loaded_system(), name).height == len(results())


def test_the_farms_run_under_the_german_rules_which_end_before_most_of_their_years() -> None:
    rows = balance(data(), loaded_system()).to_dicts()
    assert {row["stoffbilv_verdict"] for row in rows} == {"not_assessed"}
    pigs = next(row for row in rows if row["farm_id"] == "peel_pigs")
    # Supply 52393 and removal 44067.8889 as above, without deposition and stocks.
    assert pigs["nitrogen_balance"] == pytest.approx(8325.1111, rel=0, abs=NEAR)


def test_a_comparison_says_what_would_have_to_be_reduced(tmp_path: Path) -> None:
    call = ("compare", "example:netherlands", "--regime", "nl.targets", "--scenario", "ros_2023", "--year", "2023")
    result = CliRunner().invoke(app, [*call, "--out", str(tmp_path), "--unprotected"])
    assert result.exit_code == 0
    # Above the target: 8 kg on 74 ha, 24 on 49, 54 on 58, 45 on 50, 11 on 56: 7766 kg.
    assert "7.8 t under ros_2023" in result.output
    assert "t of the indicator a year" in result.output


def test_the_readme_tells_the_story_of_every_farm() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{farm}` |" in text for farm, _ in results())


def test_fields_crops_and_spreadings_belong_together() -> None:
    tables = data().tables
    fields = tables["fields"].group_by("farm_id", "year_start").agg(polars.col("area_ha").sum())
    farms = tables["farms"].join(fields, on=["farm_id", "year_start"], how="left")
    # The land exchanged in 2023 is among the fields and counts among the land of that year.
    assert (farms["utilised_area_ha"] - farms["area_ha"].fill_null(0)).abs().max() < 1e-9
    assert all(tables[table]["field_id"].null_count() == 0 for table in ("crops", "applications"))


def test_reasons_are_counted_each_by_itself() -> None:
    # Each farm with a verdict that lacks several things lacks each of them.
    from openfisca_stoffenbalans.dataset.summary import occurrences

    found = occurrences(polars.Series([results()["salland_forfait_dairy", 2024]["nl_manure_act_undetermined_because"]]))
    assert found == {
        "zone, soil type or region, on which the standard under derogation depends": 1,
        f"nitrogen {EXCRETION.format('a herd')}": 1,
        f"phosphate {EXCRETION.format('dairy cattle')}": 1,
    }


def test_the_command_says_how_each_part_of_the_dutch_rules_came_out(tmp_path: Path) -> None:
    said = (
        CliRunner()
        .invoke(app, ["balance", "example:netherlands", "--regime", "nl", "--out", str(tmp_path / "out")])
        .output
    )
    # Six balance years of 2003 to 2005 are MINAS's, of the other 41 it says nothing.
    assert "nl.minas: MINAS, Mineralenaangiftesysteem" in said
    assert "2 comply, 4 exceed, 0 are undetermined and 41 are not assessed." in said
    assert "nl.soil_balance: Bodembalans stikstof" in said
    counts = json.loads((tmp_path / "out" / "receipt.json").read_text(encoding="utf-8"))["counts"]
    assert list(counts["of"]) == ["nl.soil_balance", "nl.farm_balance", "nl.minas", "nl.targets"]
    assert counts["of"]["nl.minas"]["obliged"] == 6


def test_result_files_of_an_earlier_run_in_the_folder_are_named(tmp_path: Path) -> None:
    call = ["balance", "example:netherlands", "--out", str(tmp_path), "--format", "csv", "--regime"]
    assert "earlier run" not in CliRunner().invoke(app, [*call, "nl.soil_balance"]).output
    # The farm balance has no results of fields: those of the soil balance stay.
    said = CliRunner().invoke(app, [*call, "nl.farm_balance"]).output
    assert f"Of an earlier run, and not of this one: {tmp_path / 'fields.csv'}." in said


def test_a_form_leaves_out_what_does_not_bind_the_farm_and_says_why(tmp_path: Path) -> None:
    def sections(farm: str, year: int) -> list[str]:
        sheet = form(data(), loaded_system(), farm, year, regime="nl.minas").sheets[0]
        return [table.caption for table in sheet.tables if "aangifte" in table.caption.lower()]

    assert sections("hengelo_pilot_dairy", 2024) == []
    assert len(sections("kempen_minas_dairy", 2004)) == 5
    page = tmp_path / "pilot.html"
    call = ["form", "example:netherlands", "--regime", "nl.minas", "--farm", "hengelo_pilot_dairy", "--year", "2024"]
    CliRunner().invoke(app, [*call, "--out", str(page)])
    assert "MINAS ended on 31.12.2005" in page.read_text(encoding="utf-8")
