"""The filled forms of one farm: what stands on a line, what is below it, and where it comes from."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openfisca_core.variables import Variable

from openfisca_stoffenbalans import read_dataset
from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.examples import example
from openfisca_stoffenbalans.reform import LawReform, readings
from openfisca_stoffenbalans.report.form import form
from openfisca_stoffenbalans.report.form_model import Form, FormError, FormTable, Row
from openfisca_stoffenbalans.slots import on

HEAD = "farm_id,year_start,country,utilised_area_ha"
N, P, P2O5 = 7, 8, 9
BASE, FACTOR, LOSS = 4, 5, 7


@pytest.fixture(scope="module")
def data() -> Any:
    return read_dataset(example("germany"))


@pytest.fixture(scope="module")
def emsland(data: Any, system: Any) -> Form:
    return form(data, system, "emsland_dairy", 2020)


@pytest.fixture(scope="module")
def celle(data: Any, system: Any) -> Form:
    return form(data, system, "celle_mixed", 2019)


def annex_2(filled: Form) -> FormTable:
    return filled.sheet("Anlage 2").tables[1]


def annex_4(filled: Form) -> FormTable:
    return filled.sheet("Anlage 4").tables[0]


def result(filled: Form) -> FormTable:
    return filled.sheet("Übersicht").tables[0]


def amount(row: Row, column: int) -> float:
    value = row.cells[column]
    assert isinstance(value, float), row
    return value


def dataset(folder: Path, **tables: str) -> Any:
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_dataset(folder)


def filled_examples(data: Any, system: Any) -> list[Form]:
    """Each example farm in the balance year in the middle of its first series."""
    starts: dict[str, list[datetime.date]] = {}
    for farm, start in data.tables["farms"].select("farm_id", "year_start").rows():
        starts.setdefault(farm, []).append(start)
    middles = {farm: days[len(days) // 2] for farm, days in starts.items()}
    return [form(data, system, farm, start.year, start) for farm, start in middles.items()]


def together(rows: list[Row], column: int) -> float | None:
    """The sum of the cells of a column that hold amounts; None when one is missing."""
    values = [row.cells[column] for row in rows]
    return None if None in values else sum(value for value in values if isinstance(value, float))


@pytest.mark.law("StoffBilV Anlage 2 Tabelle 2", "StoffBilV Anlage 4 Tabelle 1 Zeile 9")
def test_the_form_of_the_dairy_farm_holds_what_was_calculated_apart(emsland: Form) -> None:
    table, permitted = annex_2(emsland), annex_4(emsland)
    # 240 dt x 27 + 33 dt x 18; 33 dt x 46; 164 t x 89 % x 61 + 92 t x 28.8; 6 dt x 1.38; 450 dt x 0.50
    expected = {
        "supply_line_1": 7074,
        "supply_line_7": 11553.16,
        "supply_line_8": 8.28,
        "supply_line_11": 225,
        "supply_line_13": 18860.44,
        # 980 m3 x 133 x 85 % / 21; 1094 t x 5.3; 10.1 t / 46 % x 25 + 2.8 t x 25
        "removal_line_3": 5275.666667,
        "removal_line_4": 5275.666667,
        "removal_line_2": 5798.2,
        "removal_line_11": 618.913043,
        "removal_line_13": 11692.779710,
        "difference_line_15": 7167.660290,
        # / 62.4 ha
        "difference_line_16": 114.866351,
    }
    for name, kg in expected.items():
        assert amount(table.row(name), N) == pytest.approx(kg, abs=1e-6), name
    assert amount(table.row("supply_line_1"), P2O5) == pytest.approx(1518)
    assert amount(table.row("supply_line_1"), P) == pytest.approx(1518 * 0.436)
    # 62.4 ha x 50; 2234.4 + 506.25 + 69.72; 13271.4 x 10 %
    assert [permitted.row(f"line_{line}").cells[LOSS] for line in (1, 2, 7)] == pytest.approx([3120, 2810.37, 1327.14])
    assert amount(permitted.row("line_9"), LOSS) == pytest.approx(8299.246, abs=5e-4)


@pytest.mark.law("StoffBilV § 6 Abs. 1", "StoffBilV § 7 Abs. 2", "StoffBilV § 6 Abs. 3")
def test_the_overview_says_duty_dates_verdict_limits_and_headroom_by_both_methods(emsland: Form) -> None:
    said = {row.id: row.cells[1] for row in result(emsland).rows}
    assert said["stoffbilv_obliged"] == "ja / yes"
    assert (said["stoffbilv_balance_due"], said["stoffbilv_keep_records_until"]) == ("30.06.2021", "31.12.2027")
    assert said["stoffbilv_verdict"] == "eingehalten / complies"
    assert said["stoffbilv_undetermined_because"] == said["stoffbilv_missing_inputs"] == "keine / none"
    assert "annex 4 line 5 from excretion, no own application declared" in str(said["derived"]).split("\n")
    both = emsland.sheet("Übersicht").tables[1]
    # 22753.08 kg on 186.4 ha; (175 - 122.0659) x 186.4 / 3 ha; 8561.89 x 1.10; 9418.08 - 7584.36
    assert both.row("flat").cells[1:5] == (
        pytest.approx(122.0659, abs=1e-4),
        175,
        "kg N/ha",
        pytest.approx(3288.97, abs=0.01),
    )
    own = both.row("farm_specific").cells
    assert own[1:5] == (
        pytest.approx(7584.36, abs=0.01),
        pytest.approx(9418.08, abs=0.01),
        "kg N",
        pytest.approx(1833.72, abs=0.01),
    )
    assert own[5] == "eingehalten / complies"


@pytest.mark.law("StoffBilV Anlage 2 Tabelle 2 Zeile 13", "StoffBilV Anlage 4 Tabelle 1")
def test_lines_add_up_to_the_sums_and_amounts_to_their_lines_on_every_example(data: Any, system: Any) -> None:
    forms = filled_examples(data, system)
    assert len(forms) == 18
    details = 0
    for filled in forms:
        for column in (N, P, P2O5):
            for side in ("supply", "removal"):
                rows = [row for row in annex_2(filled).rows if row.id.startswith(f"{side}_")]
                lines = [row for row in rows if row.level == "line"]
                assert together(lines, column) == pytest.approx(annex_2(filled).row(f"{side}_line_13").cells[column])
                groups: list[list[Row]] = []
                for row in rows:
                    groups.append([row]) if row.level == "line" else groups[-1].append(row)
                    if row.level == "part":
                        assert together(list(row.details), column) == pytest.approx(row.cells[column])
                for group in groups:
                    below = [detail for row in group for detail in row.details]
                    details += len(below)
                    if group[0].id != "supply_line_10" or column == N:
                        assert together(below, column) == pytest.approx(group[0].cells[column]), (filled.farm_id, group)
        for line in ("2", "5", "6"):
            row = annex_4(filled).row(f"line_{line}")
            assert not row.details or together(list(row.details), LOSS) == pytest.approx(row.cells[LOSS])
    assert details > 400


def test_every_content_times_its_amount_is_the_kilograms_and_has_a_source(data: Any, system: Any) -> None:
    kinds = Counter()
    for filled in filled_examples(data, system):
        for row in annex_2(filled).rows:
            for detail in row.details:
                by_column = {"N": N, "P": P, "P2O5": P2O5}
                for content in detail.contents:
                    kinds[content.kind] += 1
                    kg = detail.cells[by_column[content.nutrient]]
                    if isinstance(kg, float) and content.value is not None:
                        assert content.value * amount(detail, 2) == pytest.approx(kg)
                    else:
                        assert kg is None or isinstance(kg, str)
                    assert content.where in str(detail.cells[10])
    assert set(kinds) == {"declared", "converted", "table", "manure"}


@pytest.mark.law("StoffBilV § 4 Abs. 2 Satz 2", "StoffBilV § 5 Abs. 2 Satz 2 Nr. 1", "StoffBilV § 3 Abs. 3 Satz 2")
def test_the_source_of_a_content_is_named_with_provision_and_printed_value(emsland: Form) -> None:
    def sources(line: str, detail: int) -> tuple[list[str], str]:
        row = annex_2(emsland).row(line).details[detail]
        return [content.kind for content in row.contents], str(row.cells[10])

    kinds, words = sources("supply_line_1", 1)
    assert kinds == ["declared", "converted", "declared"]
    assert words.startswith("N, P2O5: declared, by the label (Kennzeichnung, StoffBilV § 4 Abs. 2 Satz 1 Nr. 1)")
    assert "P: converted, P = P2O5 × 0,436 (StoffBilV § 3 Abs. 3 Satz 2)" in words
    kinds, words = sources("supply_line_7", 0)
    assert kinds == ["table"] * 3
    # 164 t x 89 % dry matter; annex 1 table 4 prints 61.0, 12.1 and 27.5 kg per t of dry matter
    assert "StoffBilV Anlage 1 Tabelle 4, Zeile „Rapsextraktionsschrot“; counts 145,96 t Trockenmasse" in words
    assert "[N kg/t TM 61, P kg/t TM 12,1, P2O5 kg/t TM 27,5]" in words
    kinds, words = sources("removal_line_4", 0)
    assert kinds == ["manure"] * 3
    # DüV annex 1 table 1 line 23: 133 kg N, 47 kg P2O5; annex 2 line 5: 85 %; annex 9 table 1 line 19: 2 x 10.5 m3
    assert "133 kg N (DüV Anlage 1 Tabelle 1, Zeile 23) × 85 % (DüV Anlage 2, Zeile 5) / 21 m3 a year" in words
    assert "47 kg P2O5 (DüV Anlage 1 Tabelle 1, Zeile 23) / 21 m3 a year (DüV Anlage 9 Tabelle 1, Zeile 19)" in words


@pytest.mark.law("StoffBilV § 4 Abs. 1 Satz 2")
def test_seed_that_does_not_count_is_shown_without_kilograms(emsland: Form) -> None:
    maize, grass = annex_2(emsland).row("supply_line_8").details
    assert maize.cells[N] == pytest.approx(8.28)
    assert grass.cells[N : P2O5 + 1] == ("zählt nicht / not counted",) * 3
    assert "StoffBilV § 4 Abs. 1 Satz 2" in str(grass.cells[10])


@pytest.mark.law("StoffBilV Anlage 2 Tabelle 2 Zeile 10", "StoffBilV Anlage 1 Tabelle 6")
def test_legumes_stand_below_their_line_by_yield_or_by_area(data: Any, system: Any) -> None:
    peas, clover = annex_2(form(data, system, "rhoen_suckler_cows", 2023)).row("supply_line_10").details
    # 10 ha x 28 dt x 4.40 kg N/dt; 23 ha x 165 kg N/ha
    assert (*peas.cells[2:5], peas.cells[N]) == (280, "dt", pytest.approx(4.4), pytest.approx(1232))
    assert (*clover.cells[2:5], clover.cells[N]) == (23, "ha", 165, pytest.approx(3795))
    assert peas.cells[P] == ""
    assert "StoffBilV Anlage 1 Tabelle 6, Zeile „Erbse“" in str(peas.cells[10])


@pytest.mark.law("StoffBilV Anlage 3 Tabelle 2")
def test_the_three_year_form_has_the_years_of_the_window_and_their_mean(emsland: Form, data: Any, system: Any) -> None:
    table = emsland.sheet("Anlage 3").tables[1]
    first, second, third, mean = table.rows
    assert [row.cells[2] for row in table.rows] == ["01.01.2018", "01.01.2019", "01.01.2020", ""]
    # The balances of the three years as in the worked examples; 22753.08 / 3.
    balances = [amount(row, 7) for row in (first, second, third)]
    assert balances == pytest.approx([7982.215, 7603.2, 7167.66], abs=1e-3)
    assert amount(mean, 7) == pytest.approx(sum(balances) / 3)
    assert amount(mean, 3) == pytest.approx((62 + 62 + 62.4) / 3)
    head, early = form(data, system, "emsland_dairy", 2018).sheet("Anlage 3").tables
    assert head.row("line_2").cells[2] == "01.01.2018"
    assert "nicht im Zeitraum" in str(early.row("line_1").cells[2])
    assert set(early.row("line_1").cells[3:]) == {""}
    assert early.row("line_4").cells[7] == pytest.approx(7982.215, abs=1e-3)


def test_a_balance_year_of_the_window_that_is_not_known_is_missing(system: Any, tmp_path: Path) -> None:
    data = dataset(tmp_path, farms=f"{HEAD}\nf,2019-01-01,DE,10\nf,2021-01-01,DE,10\n")
    rows = form(data, system, "f", 2021).sheet("Anlage 3").tables[1].rows
    assert set(rows[1].cells[3:]) == {None}
    assert rows[0].cells[3] == rows[2].cells[3] == rows[3].cells[3] == 10


def test_what_is_missing_is_none_and_said_in_words_never_0(celle: Form) -> None:
    table = annex_2(celle)
    # The delivery notes of 2019 have no nitrogen content; P2O5 is declared: 620 m3 x 1.7.
    row = table.row("supply_line_3")
    assert (row.cells[N], row.details[0].cells[N], row.details[0].cells[4]) == (None, None, None)
    assert row.cells[P2O5] == pytest.approx(1054)
    assert [content.kind for content in row.details[0].contents] == ["missing", "converted", "declared"]
    for name in ("supply_line_1", "supply_line_13", "supply_line_14", "difference_line_15", "difference_line_16"):
        assert table.row(name).cells[N] is None, name
    said = {row.id: row.cells[1] for row in result(celle).rows}
    missing = "nitrogen content of what is supplied in line 1 of annex 2 (Düngemittel insgesamt)"
    assert said["stoffbilv_missing_inputs"] == missing
    assert f"missing in the balance year from 2019-01-01: {missing}" in str(said["stoffbilv_undetermined_because"])


@pytest.mark.law("StoffBilV Anlage 2 Tabelle 2 Fußnote 1")
def test_per_hectare_does_not_apply_to_a_farm_without_land(data: Any, system: Any) -> None:
    filled = form(data, system, "cloppenburg_landless_hens", 2020)
    for name in ("supply_line_14", "removal_line_14", "difference_line_16"):
        assert set(annex_2(filled).row(name).cells[N : P2O5 + 1]) == {
            "entfällt, keine Fläche / no land, not applicable"
        }


@pytest.mark.law("StoffBilV Anlage 4 Tabelle 2", "StoffBilV Anlage 4 Tabelle 3", "StoffBilV Anlage 4 Tabelle 1 Zeile 5")
def test_annex_4_shows_herds_excretion_percentages_and_what_is_given_away(emsland: Form) -> None:
    cows, _, calves = annex_4(emsland).row("line_2").details
    # 112 cows x 133 kg N x 15 % as slurry; 14 calves x 16.6 x 30 % as solid manure
    assert (cows.cells[2], cows.cells[3], cows.cells[BASE]) == (112, 133, pytest.approx(14896))
    assert (cows.cells[FACTOR], cows.cells[LOSS]) == (15, pytest.approx(2234.4))
    assert (calves.cells[FACTOR], calves.cells[LOSS]) == (30, pytest.approx(69.72))
    assert "DüV Anlage 1 Tabelle 1, Zeile 23; StoffBilV Anlage 4 Tabelle 2, Zeile „Rinder“" in str(cows.cells[8])
    *_, given = annex_4(emsland).row("line_5").details
    # (12661.6 + 2868.75 + 162.68) x 10 % x 5275.67 / 15693.03
    assert (given.cells[BASE], given.cells[LOSS]) == (pytest.approx(5275.666667), pytest.approx(-527.566667))


@pytest.mark.law("DüV Anlage 1 Tabelle 2 (Fassung bis 30.4.2020)")
def test_a_table_out_of_force_is_named_with_the_nearest_day(data: Any, system: Any) -> None:
    rows = annex_4(form(data, system, "celle_mixed", 2021)).row("line_7").details
    # Only the bulls eat roughage: 55 x 21.0 kg N.
    assert [row.cells[BASE] for row in rows] == [pytest.approx(1155)]
    assert "read as of 30.04.2020, the nearest day in force" in str(rows[0].cells[8])


def test_a_form_of_one_farm_says_what_the_results_of_all_farms_say(data: Any, system: Any) -> None:
    results = balance(data, system)
    for row in results.filter(results["farm_id"] == "heidekreis_pigs_potatoes").to_dicts():
        start = row["year_start"]
        filled = form(data, system, row["farm_id"], start.year, start)
        assert annex_2(filled).row("difference_line_15").cells[N] == row["nitrogen_balance"]
        assert annex_4(filled).row("line_9").cells[LOSS] == row["stoffbilv_permitted_balance"]
        assert filled.year_end == row["balance_year_end"]


class flow_nitrogen(Variable):
    @on("flow")
    def formula(entry, period, parameters):
        return entry("flow_amount", period) * 3


class three_kg_for_all(LawReform):
    label = "Every amount has 3 kg N per unit"

    def change(self) -> None:
        self.update_variable(flow_nitrogen)


def test_a_content_that_neither_data_nor_tables_give_is_said_to_be_a_reforms(data: Any, system: Any) -> None:
    filled = form(data, three_kg_for_all(system), "emsland_dairy", 2020)
    meal, _ = annex_2(filled).row("supply_line_7").details
    # 164 t x 3; P is still the table's
    assert (meal.cells[4], meal.cells[N]) == (pytest.approx(3), pytest.approx(492))
    assert [content.kind for content in meal.contents] == ["reform", "table", "table"]
    assert str(meal.cells[10]).startswith("N: by a reform of the law; P, P2O5: StoffBilV Anlage 1 Tabelle 4")
    assert filled.reforms == ("Every amount has 3 kg N per unit",)


def test_nitrogen_of_protein_is_said_to_be_converted(system: Any, tmp_path: Path) -> None:
    head = "farm_id,year_start,direction,category,amount,unit,p2o5_content,content_source,crude_protein_pct"
    flows = f"{head}\nf,2020-01-01,supply,feed,1000,kg,0,label,12.5\n"
    filled = form(dataset(tmp_path, farms=f"{HEAD}\nf,2020-01-01,DE,10\n", flows=flows), system, "f", 2020)
    (flow,) = [detail for row in annex_2(filled).rows for detail in row.details]
    nitrogen = flow.contents[0]
    # 0.125 / 6.25
    assert (nitrogen.kind, nitrogen.value) == ("converted", pytest.approx(0.02, abs=1e-12))
    assert "12,5 % crude protein" in nitrogen.where


def test_a_reformed_law_fills_the_form_with_its_own_numbers_and_is_named(data: Any, system: Any) -> None:
    reformed = readings()["control_value_40"](readings()["annex_4_line_5_on_excretion"](system))
    filled = form(data, reformed, "emsland_dairy", 2020)
    line = annex_4(filled).row("line_1")
    # 62.4 ha x 40
    assert (line.cells[FACTOR], line.cells[LOSS]) == (40, pytest.approx(2496))
    assert "× 40 kg N/ha" in str(line.cells[8])
    line_5 = annex_4(filled).row("line_5")
    # The base is all that is excreted in housing: 112 x 133.
    assert line_5.details[0].cells[BASE] == pytest.approx(14896)
    assert together(list(line_5.details), LOSS) == pytest.approx(line_5.cells[LOSS])
    assert len(filled.reforms) == 2
    assert filled.reforms[1] == readings()["control_value_40"].label


@pytest.mark.parametrize(
    ("farm", "year", "start", "message"),
    [
        ("emsland_diary", 2020, None, "no farm 'emsland_diary'; the nearest: emsland_dairy"),
        ("emsland_dairy", 2030, None, "no balance year starts in 2030; there are those from 2018-01-01, 2019"),
        ("heidekreis_pigs_potatoes", 2021, None, "start in 2021, 2021-01-01 and 2021-07-01; say which"),
        ("heidekreis_pigs_potatoes", 2021, "2021-03-01", "on 2021-03-01; in 2021 there are: 2021-01-01, 2021-07-01"),
        ("emsland_dairy", 2020, "2021-01-01", "no balance year starts on 2021-01-01; in 2020 there are: 2020-01-01"),
    ],
)  # fmt: skip
def test_a_form_that_is_not_there_is_an_error_that_names_what_is(
    data: Any, system: Any, farm: str, year: int, start: str | None, message: str
) -> None:
    with pytest.raises(FormError) as error:
        form(data, system, farm, year, start and datetime.date.fromisoformat(start))
    assert message in str(error.value)


@pytest.mark.law("StoffBilV § 3 Abs. 2 Satz 6")
def test_the_year_start_picks_one_of_two_series(data: Any, system: Any) -> None:
    filled = form(data, system, "heidekreis_pigs_potatoes", 2021, datetime.date(2021, 7, 1))
    assert filled.year_end == datetime.date(2022, 6, 30)
    assert filled.sheet("Anlage 3").tables[1].row("line_2").cells[3:] == (None,) * 13


@pytest.mark.law("StoffBilV Aufhebung")
def test_there_is_no_form_before_the_law_and_after_it(system: Any, tmp_path: Path) -> None:
    data = dataset(tmp_path, farms=f"{HEAD}\nf,2017-01-01,DE,10\nf,2026-01-01,DE,10\n")
    for year, nearest in ((2017, "2018-01-01"), (2026, "2025-07-07")):
        with pytest.raises(
            FormError, match=f"not in force on {year}-01-01; the nearest day on which it was: {nearest}"
        ):
            form(data, system, "f", year)


def test_herds_of_another_countrys_table_are_shown_without_a_row_of_this_one(system: Any) -> None:
    dutch = read_dataset(example("netherlands"))
    filled = form(dutch, system, "hengelo_pilot_dairy", 2024)
    rows = [row for line in annex_4(filled).rows for row in line.details if "Melk- en kalfkoeien" in str(row.cells[1])]
    assert rows
    assert all("no row in the table" in str(row.cells[8]) for row in rows)
    assert all(row.cells[FACTOR] in ("", None) for row in rows)
