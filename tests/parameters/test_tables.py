"""Every number of the law against an independent copy of its printed table, cell by cell, both ways."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from openfisca_stoffenbalans.tables import leaves, next_day, tables

COPIES = Path(__file__).parents[1] / "law_tables" / "de"

Values = dict[str, float | str | None]
Cells = dict[str, Values]

SPECIES = {
    "Rinder": "rinder",
    "Schweine": "schweine",
    "Geflügel": "gefluegel",
    "Andere Tierarten": "andere_tierarten",
    "andere Tierarten (z. B. Pferde, Schafe)": "andere_tierarten",
    "Betrieb einer Biogasanlage": "betrieb_einer_biogasanlage",
    "Sonstige organische Düngemittel": "sonstige_organische_duengemittel",
}
SYSTEM = {"Gülle, Gärrückstände": "slurry", "Festmist, Jauche": "solid"}
LIFE = ("2018-01-01", "2025-07-07")
DUEV = ("2017-06-02", "")

# Copy, table, its life, how many rows are printed, and which column of the copy is which of the table.
PLAIN = [
    (
        "stoffbilv_anlage1_tabelle1",
        "de.stoffbilv.annex_1_contents.table_1",
        LIFE,
        105,
        {
            "dry_matter_pct_of_fm": "dry_matter_pct",
            "main_to_byproduct_ratio_1_to_x": "byproduct_ratio",
            "crude_protein_pct_of_dm": "crude_protein_pct",
            "n_kg_per_dt_fm": "n",
            "p2o5_kg_per_dt_fm": "p2o5",
            "p_kg_per_dt_fm": "p",
        },
    ),
    (
        "stoffbilv_anlage1_tabelle2",
        "de.stoffbilv.annex_1_contents.table_2",
        LIFE,
        68,
        {
            "n_whole_plant_kg_per_100dt_fm": "n_whole_plant",
            "n_main_product_kg_per_100dt_fm": "n",
            "p2o5_main_product_kg_per_100dt_fm": "p2o5",
            "p_main_product_kg_per_100dt_fm": "p",
        },
    ),
    (
        "stoffbilv_anlage1_tabelle3",
        "de.stoffbilv.annex_1_contents.table_3",
        LIFE,
        5,
        {
            "number_of_uses": "number_of_uses",
            "yield_dt_dm_per_ha": "yield",
            "n_kg_per_dt_dm": "n",
            "p2o5_kg_per_dt_dm": "p2o5",
            "p_kg_per_dt_dm": "p",
        },
    ),
    (
        "stoffbilv_anlage1_tabelle4",
        "de.stoffbilv.annex_1_contents.table_4",
        LIFE,
        42,
        {"dry_matter_pct": "dry_matter_pct", "n_kg_per_t_dm": "n", "p2o5_kg_per_t_dm": "p2o5", "p_kg_per_t_dm": "p"},
    ),
    (
        "stoffbilv_anlage1_tabelle5",
        "de.stoffbilv.annex_1_contents.table_5",
        LIFE,
        20,
        {
            "n_kg_per_reference_unit": "n",
            "p2o5_kg_per_reference_unit": "p2o5",
            "p_kg_per_reference_unit": "p",
            "slaughter_weight_pct_of_live_all": "slaughter_pct_all",
            "slaughter_weight_pct_of_live_male": "slaughter_pct_male",
            "slaughter_weight_pct_of_live_female": "slaughter_pct_female",
            "slaughter_weight_pct_of_live_dairy_cow": "slaughter_pct_dairy_cow",
        },
    ),
    (
        "stoffbilv_anlage1_tabelle6",
        "de.stoffbilv.annex_1_contents.table_6",
        LIFE,
        22,
        {
            "crude_protein_pct": "crude_protein_pct",
            "dry_matter_pct": "dry_matter_pct",
            "mean_yield_dt_fm_per_ha": "mean_yield",
            "n_fixation_kg_per_ha": "n_per_ha",
            "n_fixation_kg_per_dt_fm": "n_per_dt",
        },
    ),
    (
        "duev_anlage1_tabelle1_excretion",
        "de.duev.annex_1_excretion.table_1",
        DUEV,
        121,
        {"n_kg_per_year": "n", "p2o5_kg_per_year": "p2o5"},
    ),
    (
        "duev_anlage1_tabelle2_roughage_uptake",
        "de.duev.annex_1_excretion.table_2",
        ("2017-06-02", "2020-04-30"),
        38,
        {"n_uptake_kg_per_year": "n", "p2o5_uptake_kg_per_year": "p2o5"},
    ),
    ("gv_key", "de.duev.annex_9_storage.table_2", DUEV, 18, {"gv_per_animal": "livestock_units"}),
    (
        "duev_par9_control_values",
        "de.duev.section_09_control_values",
        ("2017-06-02", "2020-04-30"),
        10,
        {"value": "value", "averaging_years": "averaging_years"},
    ),
    (
        "herd_categories",
        "de.duev.herd_categories",
        DUEV,
        121,
        {"annex_4_species": "species", "gv_key_id": "livestock_unit_row", "roughage_uptake_id": "roughage_row"},
    ),
    ("manure_rows", "de.stoffbilv.section_05_removal", LIFE, 122, {"annex_1_id": "excretion_row"}),
]


def copy(name: str) -> list[dict[str, str]]:
    with (COPIES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def living(text: str, life: tuple[str, str]) -> Values:
    """Date -> value of a printed cell that holds for the whole life of its table."""
    first, last = life
    return {first: number(text)} | ({next_day(last): None} if last else {})


def expected_plain(name: str, life: tuple[str, str], columns: dict[str, str]) -> Cells:
    key = "annex_9_id" if name == "manure_rows" else "id"
    return {
        f"{row[key]}.{ours}": living(row[theirs], life)
        for row in copy(name)
        for theirs, ours in columns.items()
        if row[theirs] != ""
    }


def loaded(system: Any, path: str) -> Cells:
    """Row and column -> date -> value of all parameters below a path."""
    node = system.parameters
    for name in path.split("."):
        node = node.children[name]
    return {
        leaf.name.removeprefix(f"{path}."): {value.instant_str: value.value for value in leaf.values_list}
        for leaf in leaves(node)
    }


@pytest.mark.parametrize(("name", "path", "life", "rows", "columns"), PLAIN, ids=[case[1] for case in PLAIN])
def test_every_cell_of_a_table_is_the_printed_one_and_none_is_missing_or_invented(
    system: Any, name: str, path: str, life: tuple[str, str], rows: int, columns: dict[str, str]
) -> None:
    assert len(tables()[path].rows) == rows
    assert loaded(system, path) == expected_plain(name, life, columns)


@pytest.mark.parametrize(("name", "path", "life", "rows", "columns"), PLAIN, ids=[case[1] for case in PLAIN])
def test_rows_stand_in_the_printed_order(
    name: str, path: str, life: tuple[str, str], rows: int, columns: dict[str, str]
) -> None:
    key = "annex_9_id" if name == "manure_rows" else "id"
    assert list(tables()[path].rows) == [row[key] for row in copy(name)]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (name, path)
        for name, path, *_ in PLAIN
        if name not in ("herd_categories", "manure_rows", "duev_par9_control_values")
    ],
)
def test_labels_and_footnotes_of_rows_are_the_printed_ones(name: str, path: str) -> None:
    for row in copy(name):
        ours = tables()[path].rows[row["id"]]
        assert ours["label"] == row["label_de"]
        for theirs, column in (("group", "group"), ("footnotes", "footnotes"), ("line", "line")):
            if column in tables()[path].columns:
                assert str(ours[column] or "") == row[theirs]


def test_annex_4_tables_are_the_printed_ones_with_their_dated_and_empty_cells(system: Any) -> None:
    for table in "23":
        expected: Cells = {}
        empty = set()
        for row in copy("stoffbilv_anlage4"):
            if row["table"] == table:
                cell = f"{SPECIES[row['label_de']]}.{SYSTEM[row['manure_system']]}"
                if row["factor"] == "":
                    empty.add(cell)
                    continue
                values = expected.setdefault(cell, {next_day("2025-07-07"): None})
                values[row["valid_from"]] = number(row["factor"])
        path = f"de.stoffbilv.annex_4_permitted_balance.table_{table}"
        assert loaded(system, path) == expected
        printed_empty = {
            f"{row}.{column}"
            for row, cells in tables()[path].rows.items()
            for column in SYSTEM.values()
            if cells[column] is None
        }
        assert printed_empty == empty


def test_annex_4_lines_have_the_printed_factors(system: Any) -> None:
    expected = {
        f"line_{row['line']}": living(row["factor"], LIFE)
        for row in copy("stoffbilv_anlage4")
        if row["table"] == "1" and row["factor"]
    }
    lines = loaded(system, "de.stoffbilv.annex_4_permitted_balance.lines")
    assert {
        "_".join(name.split("_")[:2]): values for name, values in lines.items() if name != "line_7_roughage_products"
    } == expected


def test_annex_2_form_has_the_printed_lines_and_sums(system: Any) -> None:
    sides = {"zufuhr": "supply", "abgabe": "removal"}
    printed = [row for row in copy("stoffbilv_anlage2") if row["table"] == "2" and row["in_sum"]]
    rows = tables()["de.stoffbilv.annex_2_balance"].rows
    assert {f"{sides[row['side']]}_line_{row['line']}": (row["label_de"], int(row["in_sum"])) for row in printed} == {
        name: (row["label"], row["in_sum"]) for name, row in rows.items()
    }


def test_crediting_coefficients_are_the_printed_ones(system: Any) -> None:
    expected: Cells = {}
    for row in copy("duev_anlage2_loss_coefficients"):
        if row["value_pct"]:
            values = expected.setdefault(f"{SPECIES[row['label_de']]}.column_{row['column']}", {})
            values[row["valid_from"]] = number(row["value_pct"])
            if row["valid_to"] and next_day(row["valid_to"]) not in values:
                values[next_day(row["valid_to"])] = None
    for row in copy("duev_anlage2_loss_coefficients"):
        if row["value_pct"]:
            expected[f"{SPECIES[row['label_de']]}.column_{row['column']}"][row["valid_from"]] = number(row["value_pct"])
    assert len(copy("duev_anlage2_loss_coefficients")) == 27
    assert loaded(system, "de.duev.annex_2_crediting") == expected


def test_manure_volumes_are_the_printed_ones_with_the_change_of_may_2020(system: Any) -> None:
    columns = {
        "litter_value": "litter",
        "solid_manure_6_months": "solid",
        "slurry_6_months": "slurry",
        "liquid_manure_jauche_6_months": "liquid",
    }
    expected: Cells = {}
    for row in copy("duev_anlage9_tabelle1_manure_volumes"):
        name = row["id"].removesuffix("_bis_2020_04").removesuffix("_ab_2020_05")
        for theirs, ours in columns.items():
            if row[theirs]:
                values = expected.setdefault(f"{name}.{ours}", {})
                if number(row[theirs]) not in values.values():
                    values[row["valid_from"]] = number(row[theirs])
    assert len(copy("duev_anlage9_tabelle1_manure_volumes")) == 126
    assert loaded(system, "de.duev.annex_9_storage.table_1") == expected


def test_manure_products_exist_where_a_volume_and_a_coefficient_are_printed() -> None:
    volumes = tables()["de.duev.annex_9_storage.table_1"].rows
    coefficients = tables()["de.duev.annex_2_crediting"].rows
    species = tables()["de.duev.herd_categories"].rows
    for name, row in tables()["de.stoffbilv.section_05_removal"].rows.items():
        credited = coefficients[species[row["excretion_row"]]["species"]]
        forms = [
            form
            for form, column in (("slurry", "column_2"), ("solid", "column_3"))
            if volumes[name][form] is not None and credited[column] is not None
        ]
        assert (row["forms"] or "").split() == forms
        assert row["reason"]


PROVISIONS = {
    "scope_livestock_units": "section_01_scope.livestock_units",
    "scope_area_ha": "section_01_scope.area",
    "scope_stocking_density": "section_01_scope.stocking_density",
    "scope_2023_area_ha": "section_01_scope.area_2023",
    "scope_2023_livestock_units": "section_01_scope.livestock_units_2023",
    "exemption_manure_received_n": "section_03_principles.exemption_manure_received",
    "exemption_own_manure_n": "section_03_principles.exemption_own_manure",
    "balance_deadline_months": "section_06_assessment.balance_deadline",
    "averaging_years": "annex_3_three_years.averaging_years",
    "flat_balance_limit_n": "section_06_assessment.flat_limit",
    "farm_specific_tolerance_pct": "section_06_assessment.farm_specific_tolerance",
    "advice_order_deadline_months": "section_06_assessment.advice_order_deadline",
    "advice_proof_weeks": "section_06_assessment.advice_proof_deadline",
    "evaluation_duties_end": "section_06_assessment.assessment_last_day",
    "record_deadline_months": "section_07_records.record_deadline",
    "record_retention_years": "section_07_records.retention",
}


@pytest.mark.law(
    "StoffBilV § 6 Abs. 5 Satz 1",
    "StoffBilV § 6 Abs. 5 Satz 3",
    "StoffBilV § 7 Abs. 1 Nr. 1",
    "StoffBilV § 7 Abs. 1 Nr. 2",
)
def test_thresholds_deadlines_and_dates_of_the_sections_are_the_printed_ones(system: Any) -> None:
    printed = {row["id"]: row for row in copy("stoffbilv_provisions")}
    assert set(printed) == set(PROVISIONS)
    for name, path in PROVISIONS.items():
        row = printed[name]
        section = path.split(".")[0]
        values = loaded(system, f"de.stoffbilv.{section}")[path.split(".")[1]]
        assert values == living(row["value"], (row["valid_from"], row["valid_to"])), name


@pytest.mark.law("StoffBilV Aufhebung")
def test_the_law_is_in_force_from_2018_to_the_repeal(system: Any) -> None:
    assert loaded(system, "de.stoffbilv.in_force")["law"] == {"2018-01-01": True, "2025-07-08": False}
    assert loaded(system, "de.stoffbilv.in_force")["last_day"] == {"2018-01-01": "2025-07-07"}


@pytest.mark.law("StoffBilV § 3 Abs. 3 Satz 2")
def test_the_factor_from_phosphate_to_phosphorus_is_the_printed_one(system: Any) -> None:
    printed = next(row for row in copy("conversion") if row["id"] == "p2o5_to_p")
    assert list(loaded(system, "balance.phosphorus")["p_per_p2o5"].values()) == [float(printed["factor"])]


def test_seed_that_counts_is_cereals_maize_potatoes_and_grain_legumes(system: Any) -> None:
    printed = copy("stoffbilv_anlage1_tabelle1")
    kinds = {
        "seed_getreide": [r for r in printed if r["group"] == "Getreide, Körnermais" and r["crop_de"] != "Körnermais"],
        "seed_mais": [r for r in printed if r["crop_de"] in ("Körnermais", "Silomais")],
        "seed_kartoffeln": [r for r in printed if r["crop_de"] == "Kartoffel"],
        "seed_koernerleguminosen": [r for r in printed if r["group"] == "Einjährige Körnerleguminosen"],
    }
    for name, rows in kinds.items():
        values = loaded(system, "de.stoffbilv.section_04_supply")[name]
        assert values == {"2018-01-01": [f"de_t1_{row['id']}" for row in rows], "2025-07-08": None}


def test_every_parameter_has_dates_unit_and_reference_and_an_address(system: Any) -> None:
    for leaf in leaves(system.parameters):
        assert leaf.values_list, leaf.name
        assert leaf.metadata.get("unit"), leaf.name
        assert leaf.description, leaf.name
        if leaf.name.startswith("de."):
            citation, address = leaf.metadata["reference"]
            assert citation, leaf.name
            # What is proposed stands elsewhere than what is law.
            official = "https://www.gesetze-im-internet.de/" if "uba" not in leaf.name.split(".") else "https://"
            assert address.startswith(official), leaf.name
        # What no source prints has none to point to; its status says so.
        unpublished = leaf.metadata.get("status") in ("inferred", "not_found")
        if leaf.name.startswith("nl.") and not unpublished:
            citation, address = leaf.metadata["reference"]
            assert citation, leaf.name
            assert address.startswith("https://"), leaf.name


def test_a_parameter_out_of_force_is_not_its_last_value(system: Any) -> None:
    before, after = system.get_parameters_at_instant("2022-12-31"), system.get_parameters_at_instant("2023-01-01")
    assert before.de.stoffbilv.section_06_assessment.flat_limit == 175
    with pytest.raises(Exception, match="flat_limit"):
        _ = after.de.stoffbilv.section_06_assessment.flat_limit
    repealed = system.get_parameters_at_instant("2025-07-08").de.stoffbilv
    with pytest.raises(Exception, match="livestock_units"):
        _ = repealed.section_01_scope.livestock_units
    with pytest.raises(Exception, match="weizen_rp12_korn"):
        _ = repealed.annex_1_contents.table_1.weizen_rp12_korn.n
