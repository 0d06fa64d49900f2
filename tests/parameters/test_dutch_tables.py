"""Every number of the Dutch tables against an independent copy, cell by cell, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from openfisca_stoffenbalans.codes import ANIMALS, CROPS, PRODUCTS
from openfisca_stoffenbalans.tables import tables
from tests.parameters.dutch import OPEN, Cells, compare, copy, number, put, until

LAST_SEEN = "2015-07-03"
REGULATION = "nl.manure_regulation"

HOUSING = {
    "drijfmest": "slurry",
    "drijfmest, emissie-arm": "slurry_low_emission",
    "drijfmest, overig": "slurry_other",
    "drijfmest, overige": "slurry_other",
    "vaste mest": "solid",
    "vaste mest, emissie-arm": "solid_low_emission",
    "vaste mest, overige": "solid_other",
    "emissie-arm": "low_emission",
    "overig": "other",
    "alle": "all",
    "alle mestbanden": "all_manure_belts",
    "deeppitstal": "deep_pit",
    "volièrestal": "aviary",
}


def animal(row: dict[str, str]) -> str:
    """Number and housing; a text without a number gives that of the species in brackets."""
    return f"{row['diernummer'] or row['diersoort'].split('[')[1].strip(' ]')}_{HOUSING[row['stalsysteem'].lower()]}"


def test_excretion_of_animals_is_the_printed_one_in_every_version(system: Any) -> None:
    rows = copy("excretie_bijlageD_tabelI")
    columns = {
        "A_m3_opslagperiode": "m3",
        "B_kgN_dier_jr": "n",
        "C_kgP2O5_dier_jr": "p2o5",
        "D_stikstofcorrectie_kgN_dier_jr": "n_correction",
    }
    expected: Cells = {}
    assert len(rows) == 813
    for row in rows:
        if row["diernummer"] == "100":
            assert [row[column] for column in columns] == ["Zie tabel II"] * 3 + ["–"]
            continue
        for theirs, ours in columns.items():
            text = row[theirs]
            if text.endswith("%"):
                put(expected, animal(row), "n_correction_pct", row["geldig_vanaf"], float(text[:-1]))
            elif theirs == "A_m3_opslagperiode" and "noot 6" in row["opmerking"]:
                # The printed 6 is the number of a note.
                assert text == "6"
            else:
                put(expected, animal(row), ours, row["geldig_vanaf"], number(text))
    versions = {row["geldig_vanaf"]: row["tekst_tm"] for row in rows} | {LAST_SEEN: LAST_SEEN}
    assert until(versions, LAST_SEEN) == versions
    compare(system, f"{REGULATION}.annex_d_table_1_excretion", expected, versions, 2413 - 3)
    assert set(tables()[f"{REGULATION}.annex_d_table_1_excretion"].rows) == {
        "100_slurry",
        "100_solid",
        *(row for row, _ in expected),
    }


def test_excretion_of_dairy_cows_is_the_printed_one_in_every_version(system: Any) -> None:
    rows = copy("excretie_melkkoe_bijlageD_tabelII")
    quantity = {"fosfaatexcretie": "p2o5", "mestproductie opslagperiode": "m3"}
    form = {"drijfmest": "slurry", "vaste mest": "solid"}
    words = {"<14": "below_14", ">40": "above_40"}
    expected: Cells = {}
    for row in rows:
        name = f"{form[row['mestsoort']]}_{row['melk_kg_min'] or 0}_{row['melk_kg_max'] or 'up'}"
        urea = row["ureum_mg_100g"]
        column = f"urea_{words.get(urea, urea)}" if urea else quantity[row["grootheid"]]
        put(expected, name, column, row["geldig_vanaf"], number(row["waarde"]))
        for bound, side in (("melk_kg_min", "milk_from"), ("melk_kg_max", "milk_to")):
            if row[bound] or side == "milk_from":
                expected.setdefault((name, side), {})[row["geldig_vanaf"]] = float(row[bound] or 0)
    versions = {row["geldig_vanaf"]: row["tekst_tm"] for row in rows} | {LAST_SEEN: LAST_SEEN}
    # 6,820 cells, and two bounds of 44 rows in 5 versions, the last of which is open.
    compare(system, f"{REGULATION}.annex_d_table_2_dairy_excretion", expected, versions, 6820 + 5 * (44 + 42))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("annex_d_table_3_animals", {"kgN_kg_lichaamsgewicht": "n", "kgP2O5_kg_lichaamsgewicht": "p2o5"}),
        ("annex_d_table_3_animals_per_head", {"kgN_dier": "n", "kgP2O5_dier": "p2o5"}),
    ],
)
def test_contents_of_animals_are_the_printed_ones(system: Any, table: str, columns: dict[str, str]) -> None:
    rows = copy("dieren_gehalten_bijlageD_tabelIII")

    def words(label: str) -> str:
        return label.lower().replace(" – kip", "")

    named = {words(row["label"]): name for name, row in tables()[f"{REGULATION}.{table}"].rows.items()}
    expected: Cells = {}
    for row in rows:
        for theirs, ours in columns.items():
            name = named[words(f"{row['diersoort']}: {row['categorie']}")]
            put(expected, name, ours, row["geldig_vanaf"], number(row[theirs]))
    assert len(named) == 53
    compare(system, f"{REGULATION}.{table}", expected, until((r["geldig_vanaf"] for r in rows), LAST_SEEN), 2 * 155)


def test_contents_of_eggs_are_the_printed_ones(system: Any) -> None:
    table = tables()[f"{REGULATION}.annex_d_table_4_eggs"]
    named = {row["label"]: name for name, row in table.rows.items()}
    expected: Cells = {}
    for row in copy("eieren_gehalten_bijlageD_tabelIV"):
        put(expected, named[row["product"]], "n", row["geldig_vanaf"], number(row["kgN_kg_ei"]))
        put(expected, named[row["product"]], "p2o5", row["geldig_vanaf"], number(row["kgP2O5_kg_ei"]))
    compare(system, table.path, expected, {"2011-03-04": LAST_SEEN}, 10)


def test_contents_of_manure_are_those_of_annex_i_and_of_table_11(system: Any) -> None:
    old, new = copy("mestgehalten_bijlageI"), copy("mestcodes_tabel11")
    expected: Cells = {}
    for row in old:
        # Code 25 stands in table I and again in table II.
        name = row["mestcode"] + ("_table_ii" if (row["mestcode"], row["tabel"]) == ("25", "II") else "")
        put(expected, name, "n", row["geldig_vanaf"], number(row["kgN_ton"]))
        put(expected, name, "p2o5", row["geldig_vanaf"], number(row["kgP2O5_ton"]))
    for row in new:
        first = f"{row['year']}-01-01"
        put(expected, row["mestcode"], "n", first, number(row["N_kg_per_ton"]))
        put(expected, row["mestcode"], "p2o5", first, number(row["P2O5_kg_per_ton"]))
        for theirs, ours in (("is_dierlijke_mest_nitraatrichtlijn", "animal_manure"), ("is_renure", "renure")):
            if row[theirs]:
                put(expected, row["mestcode"], ours, first, float(row[theirs] == "true"))
    versions = until((row["geldig_vanaf"] for row in old), LAST_SEEN)
    versions |= {f"{year}-01-01": f"{year}-12-31" for year in (2025, 2026)}
    printed = sum(bool(row["kgN_ton"]) + bool(row["kgP2O5_ton"]) for row in old)
    printed += sum(bool(row[c]) for row in new for c in list(row)[2:])
    compare(system, f"{REGULATION}.annex_i_manure", expected, versions, printed)


def test_contents_of_feed_are_those_of_annex_j_in_three_versions(system: Any) -> None:
    path = f"{REGULATION}.annex_j_feed"
    columns = {
        "opbrengst_tDS_ha": "dm_yield",
        "opbrengst_t_product_ha": "yield",
        "N_kg_tDS": "n_dm",
        "P2O5_kg_tDS": "p2o5_dm",
        "N_kg_t_product": "n",
        "P2O5_kg_t_product": "p2o5",
    }
    older, newer = copy("voer_gehalten_bijlageJ"), copy("bijlage_J_voer_gehalten")
    expected: Cells = {}
    # Names differ between the versions, the printed order does not.
    for rows in (older[:22], older[22:], newer):
        for name, row in zip(tables()[path].rows, rows, strict=True):
            for theirs, ours in columns.items():
                text = row[theirs] if theirs in row else row[theirs.replace("kg_t", "kg_per_t")]
                put(expected, name, ours, row["geldig_vanaf"], number(text))
    versions = {"2011-03-04": "2015-01-05", "2015-01-06": LAST_SEEN, "2021-01-01": "2021-12-31"}
    assert {row["geldig_vanaf"] for row in (*older, *newer)} == set(versions)
    words = {
        "wheat": ["Tarwe", "Tarwe", "Tarwe"],
        "rye_straw": ["Graanstro (rogge)", "Graanstro (rogge)", "Roggestro"],
        "whole_plant_silage": ["Gehele plant silage", "Gehele plant silage", "GPS"],
        "cheese_whey": ["Kaaswei", "kaaswei", "Kaaswei"],
    }
    for name, printed in words.items():
        place = list(tables()[path].rows).index(name)
        assert [older[place]["gewas"], older[22 + place]["gewas"], newer[place]["product"]] == printed
    # 66 rows, of which 7 per version print no yield.
    compare(system, path, expected, versions, 66 * 6 - 3 * 7 * 2)


CATALOGUES = [
    (
        "nl.nmi.crops",
        "crop_catalogue_brp_nmi",
        "b_lu_catalogue",
        {
            "b_lu_yield": "dm_yield",
            "b_lu_dm": "dm",
            "b_lu_hi": "harvest_index",
            "b_lu_n_harvestable": "n_harvest",
            "b_lu_n_residue": "n_residue",
            "b_n_fixation": "n_per_ha",
        },
        {
            "b_lu_name": "label",
            "b_lu_name_en": "name_en",
            "b_lu_croprotation": "rotation",
            "b_lu_harvestable": "harvestable",
            "b_lu_start_default": "start_default",
            "b_date_harvest_default": "harvest_default",
        },
        532,
    ),
    (
        "nl.nmi.fertilisers",
        "fertilizer_catalogue_nmi",
        "p_id_catalogue",
        {
            "p_n_rt": "n",
            "p_p_rt": "p2o5",
            "p_nh4_rt": "nh4",
            "p_no3_rt": "no3",
            "p_s_rt": "s",
            "p_ef_nh3": "nh3_ef",
        },
        {"p_name_nl": "label", "src": "source", "kind": "type", "p_type_rvo": "mestcode"},
        122,
    ),
]


@pytest.mark.parametrize(("path", "name", "key", "numbers", "texts", "size"), CATALOGUES, ids=["crops", "fertilisers"])
def test_catalogues_are_the_copied_ones(
    system: Any, path: str, name: str, key: str, numbers: dict[str, str], texts: dict[str, str], size: int
) -> None:
    first, rows = "2026-07-24", tables()[path].rows
    expected: Cells = {}
    printed = 0
    for row in copy(name):
        ours = row[key].removeprefix("nl_").lower()
        for theirs, column in numbers.items():
            put(expected, ours, column, first, number(row[theirs]))
            printed += row[theirs] != ""
        assert {theirs: row[theirs] or None for theirs in texts} == {t: rows[ours][c] for t, c in texts.items()}
        if "p_app_method_options" in row:
            methods = [method.replace(" ", "_") for method in row["p_app_method_options"].split("||")]
            assert rows[ours]["methods"].split(", ") == methods
    assert len(rows) == size
    compare(system, path, {c: v for c, v in expected.items() if v}, {first: OPEN}, printed)


def test_every_dutch_code_stands_for_a_row_of_its_table() -> None:
    prefixes = {"nl_f_": 122, "nl_m_": 65, "nl_j_": 22, "nl_d3_": 106, "nl_d3_head_": 53, "nl_d4_": 5}
    assert {p: sum(code.startswith(p) for code in PRODUCTS) for p in prefixes} == prefixes
    assert sum(code.startswith("nl_") for code in ANIMALS) == 121
    assert sum(code.startswith("nl_") for code in CROPS) == 532
    assert {code.unit for code in PRODUCTS.values() if code.code.startswith("nl_d3_head_")} == {"pieces"}
    assert (CROPS["nl_265"].label, PRODUCTS["nl_m_14"].unit) == ("grasland, blijvend", "t")
