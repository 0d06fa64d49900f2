"""The report of an evaluation, and its receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.report.comparison import of
from openfisca_stoffenbalans.report.comparison_text import changes_table
from openfisca_stoffenbalans.report.evaluation import Evaluation, of_all
from openfisca_stoffenbalans.report.evaluation_chapters import alternatives, criteria, efficiency, load
from openfisca_stoffenbalans.report.evaluation_figures import TREND_WORDS, Figures, by_groups
from openfisca_stoffenbalans.report.model import Report, Section, Table
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.write import protection_in_receipt, run_receipt

CHAPTERS = (load, criteria, alternatives, efficiency)
OWN_GROUPS = (ALL, "duty", "farm_type", "methods")


def evaluation_report(evaluation: Evaluation, systems: Mapping[str, Any], receipt: Mapping[str, Any]) -> Report:
    """The report; `systems`: label -> system of the comparison; `receipt`: its part that two equal runs share."""
    figures = Figures(evaluation)
    regime = regimes()[evaluation.comparison.plan.regime]
    chapters = [chapter(figures) for chapter in CHAPTERS]
    return Report(
        title="Evaluation of the farm nutrient balance",
        subtitle=f"{regime.title}; balance years that start in {evaluation.year}",
        lead=tuple(chapter.paragraphs[0] for chapter in chapters),
        sections=(
            Section("What was asked", "asked", asked(evaluation)),
            *chapters,
            *further(figures),
            found_elsewhere(evaluation),
            Section(
                "What the options change in the law", "changes", (), (changes_table(evaluation.comparison, systems),)
            ),
            not_published(evaluation),
            Section(
                "Receipt", "receipt", ("Two runs with the same values here gave the same figures.",), (of(receipt),)
            ),
        ),
        footer=("Weighted figures; a farm is counted once a year. Definitions: docs/scenarios.md of the project.",),
    )


def asked(evaluation: Evaluation) -> tuple[str, ...]:
    """Who asked, and what the answers are made of."""
    content = evaluation.content
    years = f"{evaluation.years[0]} to {evaluation.years[-1]}" if len(evaluation.years) > 1 else str(evaluation.year)
    return (
        f"{content['asked_by']}. {content['questions_from']}.",
        "The answers are sentences around the figures of these data: verdicts and options for balance years that start "
        f"in {evaluation.year}, surplus and efficiency for {years}. Each chapter ends with what the data can't show. "
        "The figures stand in summary.csv and summary.xlsx beside this report.",
    )


def further(figures: Figures) -> list[Section]:
    """The figures by the groups that were asked for besides those of the chapters."""
    sections = []
    year = figures.evaluation.year
    names = figures.evaluation.summary["group_by"].unique(maintain_order=True).to_list()
    for number, name in enumerate((name for name in names if name not in OWN_GROUPS), 1):
        title = f"By {name.replace('_', ' ')}, {year}"
        table = by_groups(figures, title, figures.groups(name, year), TREND_WORDS)
        sections.append(Section(f"By {name.replace('_', ' ')}", f"by-{number}", (), (table,)))
    return sections


def found_elsewhere(evaluation: Evaluation) -> Section:
    """What published evaluations found."""
    body = tuple((one["finding"], one["value"], one["source"]) for one in evaluation.findings)
    words = (
        "Copied from the sources named, not computed here and not checked against these data; farms, years and methods "
        "differ."
    )
    table = Table("Findings of published evaluations", ("finding", "value", "source"), body)
    return Section("What published evaluations found", "findings", (words,), (table,))


def not_published(evaluation: Evaluation) -> Section:
    """Which figures are not published, counted."""
    if evaluation.rule is None:
        said = "Small-cell protection was switched off: figures may show single farms. Do not pass this report on."
        return Section("Figures not published", "not-published", (said,))
    dark = evaluation.summary.filter(polars.col("farms").is_null())
    counted = dark.group_by("year", "group_by", maintain_order=True).len().iter_rows()
    body = tuple((str(year), by, f"{number:,}") for year, by, number in counted)
    table = Table("Figures not published", ("year", "grouped by", "figures"), body, (), (2,))
    said = f"{evaluation.rule.in_words()} {len(dark):,} of {len(evaluation.summary):,} figures are not published."
    across = (
        "The rule holds within each year. Of other years than the one asked for nothing is published that stays the "
        "same from year to year, such as the area."
    )
    return Section("Figures not published", "not-published", (said, across), (table,) if len(dark) else ())


def evaluation_receipt(
    data: DataSet, evaluation: Evaluation, systems: Mapping[str, Any], command: Sequence[str], seconds: float
) -> dict[str, Any]:
    """The receipt of an evaluation."""
    plan, moved = evaluation.comparison.plan, evaluation.sweep
    groups = dict.fromkeys(name for name, _ in evaluation.comparison.groups.names)
    choices = {
        "kind": "evaluation",
        "regime": plan.regime,
        "baseline": plan.baseline,
        "scenarios": plan.scenarios,
        "year": plan.year,
        "years": evaluation.years,
        "by": [name for name in groups if name != ALL],
        "norms": {norm.parameter: [norm.values[0], norm.values[-1], len(norm.values)] for norm in moved.norms},
        "find": evaluation.content["sweep"]["aim"],
        "small_cell_protection": protection_in_receipt(evaluation.rule),
    }
    counts = {
        "farms": of_all(evaluation.comparison, BASELINE, "farms_total")["farms"],
        "figures": len(evaluation.summary),
        "figures_not_published": int(evaluation.summary["farms"].null_count()),
    }
    return run_receipt(data, systems, choices, counts, command, seconds)
