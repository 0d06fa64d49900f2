"""Conventions of the law's formulas, read from the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FORMULA_FILES = [*sorted((ROOT / "variables").rglob("*.py")), *sorted((ROOT / "reforms").rglob("*.py"))]
ALLOWED_NUMBERS = {0, 1, 100, 365}
# Offsets of periods and positions are no numbers of the law.
OFFSETS = {-1}
LONGEST = 14


def formulas(path: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("formula"):
            yield f"{path.relative_to(ROOT)}:{node.lineno}", node


ALL = [(place, node) for path in FORMULA_FILES for place, node in formulas(path)]


def test_there_are_formulas_to_look_at() -> None:
    assert len(ALL) > 70


@pytest.mark.parametrize(("place", "formula"), ALL, ids=[place for place, _ in ALL])
def test_a_formula_holds_no_number_no_branch_no_loop_over_farms_and_no_chance(
    place: str, formula: ast.FunctionDef
) -> None:
    for node in ast.walk(formula):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            assert node.value in ALLOWED_NUMBERS, f"{place} has the number {node.value}: numbers stand in parameters/"
        assert not isinstance(node, ast.If | ast.While | ast.For), f"{place} branches or loops: work on whole arrays"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("sum", "min", "max", "any", "all"), f"{place} uses built-in {node.func.id}"
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            assert name not in ("random", "get_known_periods", "now", "today", "last_year"), f"{place} uses {name}"
    assert (formula.end_lineno or 0) - formula.lineno < LONGEST, f"{place} is long: make a second variable"


def test_every_variable_has_label_unit_and_reference(system: Any) -> None:
    for variable in system.variables.values():
        assert variable.label, variable.name
        assert variable.reference, variable.name
        if variable.value_type is float and not variable.name.endswith("_share"):
            assert variable.unit, variable.name


def test_every_variable_is_yearly(system: Any) -> None:
    assert {variable.definition_period for variable in system.variables.values()} == {"year"}


def test_no_formula_file_imports_by_star() -> None:
    for path in FORMULA_FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert all(alias.name != "*" for alias in node.names), path


def provisions(tree: str) -> set[str]:
    """Sections and annexes of German law below a tree, files and folders alike."""
    found = set()
    for path in (ROOT / tree / "de").glob("*/*"):
        if path.stem.startswith(("section_", "annex_")):
            found.add(f"{path.parent.name}/{path.stem}")
    return found


def test_one_provision_has_one_name_in_parameters_variables_and_tests() -> None:
    parameters, variables, tests = (provisions(tree) for tree in ("parameters", "variables", "tests"))
    assert variables <= parameters, "a formula without numbers of its own has none of its provision's"
    assert variables <= tests
    # The crediting coefficients and control values are read by formulas of the law that refers to them.
    assert parameters - variables == {"duev/annex_2_crediting", "duev/section_09_control_values"}


@pytest.mark.parametrize("folder", ["de/readings", "de/options", "nl/readings"])
def test_every_reading_and_option_has_its_law_test(folder: str) -> None:
    reforms = {path.stem for path in (ROOT / "reforms" / folder).glob("*.py")} - {"__init__"}
    assert {path.stem for path in (ROOT / "tests" / folder).glob("*.yaml")} == reforms


def test_project_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for folder in ("openfisca_stoffenbalans", "reforms", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}
