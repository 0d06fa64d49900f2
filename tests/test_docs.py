"""The documentation says what the program does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer.main

from openfisca_stoffenbalans import examples, read_dataset
from openfisca_stoffenbalans.cli import app
from openfisca_stoffenbalans.dataset.schema import TABLES
from openfisca_stoffenbalans.law.coverage import covered, gaps, page
from openfisca_stoffenbalans.reform import available, readings
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import load_scenario, shipped

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRACT = (ROOT / "docs" / "data-contract.md").read_text(encoding="utf-8")
SCENARIOS = (ROOT / "docs" / "scenarios.md").read_text(encoding="utf-8")
OPTIONS = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
NETHERLANDS = (ROOT / "docs" / "netherlands.md").read_text(encoding="utf-8")
READINGS = (ROOT / "docs" / "readings.md").read_text(encoding="utf-8")


def commands(group: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Every command by its whole name, those of groups too."""
    found = []
    for name, command in group.commands.items():
        whole = f"{prefix}{name}"
        found += commands(command, f"{whole} ") if hasattr(command, "commands") else [(whole, command)]
    return found


def test_every_command_and_option_stands_in_the_readme() -> None:
    for name, command in commands(typer.main.get_command(app)):
        assert f"`stoffenbalans {name} " in README or name in ("population de", "population nl"), name
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert option in README, f"{name} {option}"


def test_every_table_and_column_stands_in_the_data_contract() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert re.search(rf"\b{column.name}\b", CONTRACT), f"{table.name}.{column.name}"


def test_every_result_column_stands_in_the_data_contract() -> None:
    for column in regimes()["de.stoffbilv"].columns:
        stem = re.sub(r"_line_\d+(_phosphorus|_phosphate)?$", "_line_", column)
        # The contract names one nutrient and says "the same for" the others.
        stem = re.sub(r"^(phosphate|phosphorus)_(\w+_per_ha)", r"nitrogen_\2", stem)
        stem = re.sub(r"^phosphate_", "phosphorus_", stem)
        if not stem.startswith("stoffbilv_mean_phosph"):
            assert stem in CONTRACT, column


def test_every_reading_stands_in_the_page_of_readings_and_none_is_invented() -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", READINGS)) - {"derived"}
    there = {name for regime in regimes() for name in readings(regime)}
    assert there == named


def test_every_statistic_of_a_comparison_stands_in_the_page_of_scenarios(system: Any) -> None:
    data = read_dataset(Path(examples.__file__).parent / "germany")
    chosen = [load_scenario(name) for name in ("table_contents_only", "annex_4_only")]
    found = compare(data, chosen, 2020, rule=None, system=system).summary["statistic"].unique().to_list()
    assert len(found) > 150
    stems = {r"_\d+_t$": "_1_t", r"_to_.*$": "", r"_(low|high)$": ""}
    kinds = (
        "from_",
        "interaction_",
        "headroom_",
        "held_",
        "share_",
        "one_year_farms_",
        "better_method_",
        "net_surplus_",
        "phosphorus_surplus_",
        "phosphate_surplus_",
        "newly_",
        "change_",
        "exceeding_farms_",
        "surplus_",
        "excess_",
        "burden_hours_by_days_",
        "burden_hours_by_weeks_",
        "burden_euro_by_hectares_",
        "burden_euro_of_national_total",
    )
    for name in found:
        stem = name
        for ending, short in stems.items():
            stem = re.sub(ending, short, stem)
        kind = next((kind for kind in kinds if name.startswith(kind)), stem)
        assert f"`{kind}" in SCENARIOS, name


def test_every_option_and_shipped_scenario_stands_in_the_page_of_options() -> None:
    for name in (*available("de.options"), *available("nl.options"), *shipped(), *shipped("nl.targets")):
        line = re.sub(r"(without_annex_2_(?:supply|removal)_line_)\d+", r"\1", name)
        assert f"`{line}" in OPTIONS + NETHERLANDS, name


def test_every_provision_has_what_its_status_says() -> None:
    listed, astray = covered(ROOT / "tests")
    assert gaps(listed) == []
    assert astray == {}


def test_the_coverage_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == page(ROOT / "tests"), "run: make docs"


def test_links_between_the_pages_lead_somewhere() -> None:
    for source in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        *sorted((ROOT / "docs").glob("*.md")),
    ):
        for target in re.findall(r"\]\(([^)#]+)\)", source.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (source.parent / target).exists(), f"{source.name}: {target}"


def test_no_file_speaks_of_anything_but_the_project() -> None:
    forbidden = re.compile(r"/" + r"(work|tmp)/|\.\./" + r"shared|\bTO" + r"DO\b|\bFIX" + r"ME\b")
    for folder in (
        "openfisca_stoffenbalans",
        "parameters",
        "variables",
        "reforms",
        "tests",
        "docs",
        "benchmarks",
        "notebooks",
    ):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".yaml", ".md", ".ipynb", ".csv"):
                assert not forbidden.search(path.read_text(encoding="utf-8")), path
