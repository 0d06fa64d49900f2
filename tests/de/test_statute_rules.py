"""Rules that the printed tables of annex 1 follow among themselves, held against the system's parameters."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from openfisca_core.errors import ParameterNotFoundError

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
from openfisca_stoffenbalans.tables import load_yaml

CASES = Path(__file__).parent.parent / "cases"
ANNEX_1 = "de.stoffbilv.annex_1_contents"
BOTH = "_korn_stroh"

# Sums of two-digit decimals in float64; a rule that holds within 0.005 kg may be that far away and no further.
NOISE = 1e-9

# Of the rows of main product and by-product, those whose printed P is not main + ratio x by-product.
UNEVEN_P = {
    "sommerfuttergerste_rp12_korn_stroh",
    "sommerfuttergerste_rp13_korn_stroh",
    "kartoffel_knolle_kraut",
    "grassamenvermehrung_samen_stroh",
    "klee_luzernevermehrung_samen_stroh",
}

GRAIN_AND_STRAW = load_yaml(CASES / "de_statute_anlage1_t1_grain_straw_rows.yaml")
LEGUMES = load_yaml(CASES / "de_statute_anlage1_t6_legume_rows.yaml")
PROTEIN = load_yaml(CASES / "de_statute_protein_rule.yaml")


def rows(case: dict[str, Any]) -> list[Any]:
    """A case's rows as test parameters: row id and its cells by column."""
    return [
        pytest.param(row, dict(zip(case["columns"], cells, strict=True)), id=row) for row, cells in case["rows"].items()
    ]


def printed(system: CountryTaxBenefitSystem, table: int, row: str) -> Any:
    """A row of a table of annex 1 as the parameters have it in 2020."""
    return system.get_parameters_at_instant("2020-01-01").de.stoffbilv.annex_1_contents[f"table_{table}"][row]


def cell(system: CountryTaxBenefitSystem, table: int, row: str, column: str) -> float | None:
    """The number in a cell, or None where the law prints none."""
    try:
        return float(printed(system, table, row)[column])
    except ParameterNotFoundError:
        return None


def row_ids(system: CountryTaxBenefitSystem, table: int) -> list[str]:
    """The rows of a table of annex 1."""
    node: Any = system.parameters
    for name in (*ANNEX_1.split("."), f"table_{table}"):
        node = node.children[name]
    return list(node.children)


def main_and_byproduct(row: str) -> tuple[str, str]:
    """The rows of the main product and of the by-product of a row that holds both."""
    *crop, main, byproduct = row.split("_")
    return "_".join([*crop, main]), "_".join([*crop, byproduct])


@pytest.mark.parametrize(("row", "case"), rows(GRAIN_AND_STRAW))
def test_grain_and_straw_hold_what_grain_and_its_share_of_straw_hold(
    system: CountryTaxBenefitSystem, row: str, case: dict[str, float]
) -> None:
    crop = row.removesuffix(BOTH)
    both, grain, straw = (printed(system, 1, f"{crop}_{part}") for part in ("korn_stroh", "korn", "stroh"))
    assert both.byproduct_ratio == case["ratio"]
    for nutrient in ("n", "p2o5"):
        contents = [float(part[nutrient]) for part in (grain, straw, both)]
        assert contents == [case[f"{nutrient}_{part}"] for part in ("grain", "straw", "both")]
        assert abs(contents[2] - (contents[0] + case["ratio"] * contents[1])) <= GRAIN_AND_STRAW["tolerance"] + NOISE


def test_every_row_of_main_and_by_product_adds_up_but_for_the_named_phosphorus_cells(
    system: CountryTaxBenefitSystem,
) -> None:
    uneven = set()
    with_ratio = [row for row in row_ids(system, 1) if cell(system, 1, row, "byproduct_ratio") is not None]
    assert set(GRAIN_AND_STRAW["rows"]) == {row for row in with_ratio if row.endswith(BOTH)}
    for row in with_ratio:
        ratio = printed(system, 1, row).byproduct_ratio
        main, byproduct = (printed(system, 1, part) for part in main_and_byproduct(row))
        for nutrient in ("n", "p2o5", "p"):
            away = abs(printed(system, 1, row)[nutrient] - main[nutrient] - ratio * byproduct[nutrient])
            if away > GRAIN_AND_STRAW["tolerance"] + NOISE:
                uneven.add((row, nutrient))
    assert uneven == {(row, "p") for row in UNEVEN_P}


@pytest.mark.parametrize(("row", "case"), rows(LEGUMES))
def test_legumes_fix_per_hectare_what_they_fix_at_mean_yield(
    system: CountryTaxBenefitSystem, row: str, case: dict[str, float]
) -> None:
    legume = printed(system, 6, row)
    assert [float(legume[column]) for column in LEGUMES["columns"]] == list(case.values())
    assert math.floor(legume.mean_yield * legume.n_per_dt + 0.5 + NOISE) == legume.n_per_ha


def test_every_legume_of_table_6_is_a_case(system: CountryTaxBenefitSystem) -> None:
    assert set(LEGUMES["rows"]) == set(row_ids(system, 6))


@pytest.mark.parametrize(("row", "case"), rows(PROTEIN))
def test_nitrogen_follows_from_crude_protein(system: CountryTaxBenefitSystem, row: str, case: dict[str, float]) -> None:
    grain = printed(system, 1, row)
    for column in ("crude_protein_pct", "dry_matter_pct", "n"):
        assert float(grain[column]) == case[column]
    by_rule = grain.crude_protein_pct * grain.dry_matter_pct / 100 / case["factor"]
    assert abs(grain.n - by_rule) <= PROTEIN["tolerance"] + NOISE


@pytest.mark.parametrize(("row", "case"), PROTEIN["exceptions"].items())
def test_the_named_rows_are_taken_as_printed_and_not_by_the_protein_rule(
    system: CountryTaxBenefitSystem, row: str, case: dict[str, float]
) -> None:
    grain = printed(system, 1, row)
    by_rule = grain.crude_protein_pct * grain.dry_matter_pct / 100 / 6.25
    assert grain.n == case["printed"]
    assert abs(by_rule - case["rule"]) <= PROTEIN["tolerance"] + NOISE
    assert abs(grain.n - by_rule) > PROTEIN["tolerance"]


def test_every_row_with_a_crude_protein_is_a_case_or_a_named_exception(system: CountryTaxBenefitSystem) -> None:
    with_protein = {row for row in row_ids(system, 1) if cell(system, 1, row, "crude_protein_pct") is not None}
    assert with_protein == {*PROTEIN["rows"], *PROTEIN["exceptions"]}


@pytest.mark.parametrize(
    "product",
    [
        # annex 9 prints a volume of slurry, annex 2 no percentage for slurry of poultry or other species
        "de_manure_putenmast_haehne_22_1_kg_bis_21_wochen_mast_standard_slurry",
        "de_manure_kaninchenhaltung_kaninchenmast_0_6_bis_3_kg_lm_slurry",
        # annex 9 prints no volume
        "de_manure_pferdehaltung_reitpferde_500_600_kg_lm_stallhaltung_slurry",
        "de_manure_gehegewild_damtiere_fleischerzeugung_solid",
    ],
)
def test_manure_without_a_volume_or_a_percentage_is_no_product(product: str) -> None:
    assert product not in PRODUCTS
