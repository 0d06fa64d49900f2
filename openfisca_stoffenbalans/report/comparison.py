"""The report of a comparison: what was asked, the answer in five sentences, tables and charts, and how to rerun it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars

from openfisca_stoffenbalans.dataset.summary import plural
from openfisca_stoffenbalans.report import charts
from openfisca_stoffenbalans.report.comparison_text import (
    answer,
    asked,
    assumptions,
    baseline_title,
    by_place,
    changes_table,
    whose_balance,
)
from openfisca_stoffenbalans.report.model import Chart, Report, Section, Table
from openfisca_stoffenbalans.report.words import figure, listed, plain
from openfisca_stoffenbalans.scenario import figures
from openfisca_stoffenbalans.scenario.burden import burden
from openfisca_stoffenbalans.scenario.compare import Comparison
from openfisca_stoffenbalans.scenario.effort import BURDEN
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.places import BANDS
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import VERDICT_NAMES
from openfisca_stoffenbalans.tables import at

DUTY = (
    "farms_total", "farms_obliged", "farms_assessed", "farms_complying", "farms_exceeding", "farms_undetermined",
    "share_exceeding", "newly_exceeding", "newly_complying", "unchanged", "newly_obliged", "no_longer_obliged",
)  # fmt: skip
SURPLUS = (
    "surplus_mean_kg_per_ha", "surplus_p10_kg_per_ha", "surplus_p25_kg_per_ha", "surplus_median_kg_per_ha",
    "surplus_p75_kg_per_ha", "surplus_p90_kg_per_ha", "surplus_total_t", "net_surplus_mean_kg_per_ha",
    "net_surplus_p10_kg_per_ha", "net_surplus_median_kg_per_ha", "net_surplus_p90_kg_per_ha", "net_surplus_total_t",
    "phosphate_surplus_mean_kg_per_ha", "phosphate_surplus_median_kg_per_ha", "phosphate_surplus_total_t",
    "phosphorus_surplus_mean_kg_per_ha", "phosphorus_surplus_total_t", "nutrient_use_efficiency",
)  # fmt: skip
EXCESS = (
    "excess_total_t", "excess_mean_kg_per_exceeding_farm", "excess_p10_kg_per_ha", "excess_p25_kg_per_ha",
    "excess_median_kg_per_ha", "excess_p75_kg_per_ha", "excess_p90_kg_per_ha", "reduction_needed_share",
)  # fmt: skip
ONE_YEAR = (
    "farms_complying", "farms_exceeding", "farms_undetermined", "one_year_farms_complying",
    "one_year_farms_exceeding", "one_year_farms_undetermined", "complying_but_exceeding_by_one_year",
    "exceeding_but_complying_by_one_year",
)  # fmt: skip
METHOD = ("better_method_flat", "better_method_farm_specific", "better_method_equal", "better_method_not_known")
ACCURACY = (
    "verdict_differs", "share_verdict_differs", "false_alarms", "share_false_alarms", "misses", "share_misses",
    "error_bias_kg_per_ha", "error_rmse_kg_per_ha", "data_points_per_farm", "data_points_saved_per_farm",
)  # fmt: skip
CHARGES = (
    "farms_paying", "levy_total_euro", "levy_mean_per_paying_farm", "levy_median_per_paying_farm", "levy_change_euro",
    "levy_not_known", "farms_rewarded", "reward_total", "reward_mean_per_rewarded_farm",
    "reward_median_per_rewarded_farm", "reward_change", "reward_not_known", "farms_at_a_distance", "distance_total_t",
    "distance_mean_per_farm_at_a_distance", "distance_median_per_farm_at_a_distance", "distance_change_t",
    "distance_not_known",
)  # fmt: skip
INCENTIVE = (
    "farms_advantage", "share_advantage", "advantage_mean_kg", "advantage_median_kg", "advantage_p90_kg",
    "advantage_mean_pct", "advantage_median_pct", "advantage_p90_pct", "farms_disadvantage", "disadvantage_mean_kg",
    "farms_no_advantage", "farms_advantage_not_known",
)  # fmt: skip
FIFTHS = ("fifth_1", "fifth_2", "fifth_3", "fifth_4", "fifth_5", "not_known")

# More groups than these make a chart that nobody reads.
MOST_GROUPS = 20

Lookup = Mapping[tuple[str, str, str, str], Mapping[str, Any]]


def comparison_report(comparison: Comparison, systems: Mapping[str, Any], receipt: Mapping[str, Any]) -> Report:
    """The report of a comparison; `systems`: label -> system; `receipt`: its part that two equal runs share."""
    rows = by_place(comparison.summary)
    sections = (
        Section("What was asked", "asked", asked(comparison), (changes_table(comparison, systems),)),
        who_is_hit(comparison, rows),
        by_groups(comparison, rows),
        surplus(comparison, rows, systems),
        *needed(comparison, rows, systems),
        *charged(comparison, rows),
        *years(comparison, rows),
        *effort(comparison, rows),
        *together(comparison, rows),
        Section("Assumptions, readings and their status", "assumptions", (), assumptions(comparison, systems)),
        not_published(comparison),
        Section("Receipt", "receipt", ("Two runs with the same values here gave the same figures.",), (of(receipt),)),
    )
    single = [label for label, parts in comparison.scenarios.items() if len(parts) == 1]
    labels = f"{listed(single) or 'no scenario'} against {baseline_title(comparison)}"
    combined = " and their combination" if len(single) < len(comparison.scenarios) else ""
    return Report(
        title=f"Comparison of {plural(len(single), 'scenario')}{combined}",
        subtitle=f"{labels}; balance years that start in {comparison.plan.year}",
        lead=tuple(answer(comparison, rows)),
        sections=sections,
        footer=("Weighted figures; a farm is counted once. Definitions: docs/scenarios.md of the project.",),
    )


def cell(rows: Lookup, scenario: str, statistic: str, group_by: str = ALL, group: str = ALL) -> str:
    """A figure as text."""
    row = rows.get((scenario, group_by, group, statistic))
    return "" if row is None else figure(row["value"], row["unit"], row["farms"])


def across(comparison: Comparison, rows: Lookup, title: str, statistics: Sequence[str], *notes: str) -> Table:
    """Statistics of all farms, a column per scenario."""
    return of_labels(rows, [BASELINE, *comparison.scenarios], title, statistics, *notes)


def of_labels(rows: Lookup, labels: Sequence[str], title: str, statistics: Sequence[str], *notes: str) -> Table:
    """Statistics of all farms, a column for each of some scenarios."""
    body = []
    for name in statistics:
        units = [rows[label, ALL, ALL, name]["unit"] for label in labels if (label, ALL, ALL, name) in rows]
        if units:
            body.append((plain(name), units[0], *(cell(rows, label, name) for label in labels)))
    numeric = tuple(range(2, 2 + len(labels)))
    return Table(title, ("figure", "unit", *labels), tuple(body), notes, numeric)


def who_is_hit(comparison: Comparison, rows: Lookup) -> Section:
    """Verdicts, transitions, and where the farms that change sit."""
    moves = []
    for label in comparison.scenarios:
        for before in VERDICT_NAMES:
            names = [f"from_{before}_to_{after}" for after in VERDICT_NAMES]
            moves.append((label, before.replace("_", " "), *(cell(rows, label, name) for name in names)))
    heads = tuple(f"to {name.replace('_', ' ')}" for name in VERDICT_NAMES)
    tables = [across(comparison, rows, "Farms by duty and verdict", DUTY)]
    tables.append(
        Table("From which verdict to which, farms", ("scenario", "from", *heads), tuple(moves), (), (2, 3, 4, 5))
    )
    places = []
    for label in comparison.scenarios:
        for outcome in ("newly_exceeding", "newly_complying"):
            for of_what in ("surplus", "size", "density"):
                found = tuple(cell(rows, label, f"{outcome}_{of_what}_{fifth}") for fifth in FIFTHS)
                if any(found):
                    places.append((label, outcome.replace("_", " "), of_what, *found))
    heads = ("lowest fifth", "second", "third", "fourth", "highest fifth", "not known")
    note = "Fifths of all farms in the baseline: by surplus per ha, utilised area, and livestock units per ha."
    tables.append(
        Table(
            "Where farms that change sit",
            ("scenario", "outcome", "by", *heads),
            tuple(places),
            (note,),
            (3, 4, 5, 6, 7, 8),
        )
    )
    svg = charts.transitions(figures.transitions(comparison))
    alt = "A field for each pair of verdicts, before and under the scenario, with the number of farms; table above."
    return Section("Who is hit", "hit", (), tuple(tables), (Chart("Transitions between verdicts", svg, alt),))


BY_GROUP = {
    "farms_total": "farms", "farms_assessed": "assessed", "farms_exceeding": "exceeding",
    "share_exceeding": "share exceeding", "newly_exceeding": "newly exceeding", "newly_complying": "newly complying",
    "surplus_mean_kg_per_ha": "mean surplus kg N/ha", "surplus_total_t": "surplus t N",
    "excess_total_t": "excess {tonnes}", "levy_total_euro": "levy euro",
}  # fmt: skip


def by_groups(comparison: Comparison, rows: Lookup) -> Section:
    """Exceedance and gainers and losers by each grouping column."""
    sections = []
    there, unit = {name for _, _, _, name in rows}, comparison.roles.unit_by_basis
    # Columns of changes stand in the table also where no scenario was asked for.
    names = [name for name in BY_GROUP if name in there or name.startswith("newly_")]
    for number, group_by in enumerate(figures.groupings(comparison)):
        groups = [group for name, group in comparison.groups.names if name == group_by]
        drawn = figures.largest_groups(comparison, group_by, MOST_GROUPS)
        note = (f"Drawn: the {MOST_GROUPS} groups with most farms.",) if len(drawn) < len(groups) else ()
        body = []
        for group in groups:
            for label in (BASELINE, *comparison.scenarios):
                body.append((group, label, *(cell(rows, label, name, group_by, group) for name in names)))
        head = (group_by, "scenario", *(BY_GROUP[name].format(tonnes=comparison.roles.tonnes) for name in names))
        table = Table(f"By {group_by}", head, tuple(body), (), tuple(range(2, len(head))))
        shown = [
            Chart(
                f"Share of assessed farms that exceed, by {group_by}",
                charts.by_group_bars(
                    figures.percent_by_group(comparison, group_by, "share_exceeding").filter(of_drawn(drawn)),
                    "share of assessed farms, %",
                ),
                f"A bar for each group of {group_by} and scenario; the numbers stand in the table above.",
                note,
            ),
            Chart(
                f"Gainers and losers in headroom, by {group_by}",
                charts.gainers_losers(
                    figures.gainers_losers(comparison, group_by).filter(of_drawn(drawn)),
                    [band.replace("_", " ") for band in BANDS],
                ),
                f"Bars of 100 percent: how the change in distance to the limit ({unit}) is spread over farms.",
                note,
            ),
        ]
        shown = shown if f"headroom_{BANDS[0]}" in there else shown[:1]
        sections.append(Section(f"By {group_by.replace('_', ' ')}", f"by-{number + 1}", (), (table,), tuple(shown)))
    words = () if sections else ("No grouping was asked for.",)
    return Section("Groups", "groups", words, (), (), tuple(sections))


def of_drawn(groups: Sequence[str]) -> polars.Expr:
    """Whether a row is of one of these groups."""
    return polars.col("group").is_in(list(groups))


def limits(comparison: Comparison, systems: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The limits per hectare in force on the first day of the year: of the baseline, and of scenarios with another."""
    day, found = f"{comparison.plan.year}-01-01", dict[float, str]()
    for path, limit in comparison.roles.limits.items():
        for label, system in systems.items():
            law = systems[BASELINE].variables
            if all(system.variables[name] is law[name] for name in limit.formulas):
                values = at(system.parameters, path).values_list
                value = next((value.value for value in values if value.instant_str <= day), None)
                if value is not None:
                    found.setdefault(float(value), label)
    return [(f"{label}: {value:g}", value) for value, label in found.items()]


def surplus(comparison: Comparison, rows: Lookup, systems: Mapping[str, Any]) -> Section:
    """Surplus gross and net, its distribution, and the share above each norm."""
    spread, unit = figures.distribution(comparison), comparison.roles.unit_by_basis
    drawn = limits(comparison, systems)
    pictures = (
        Chart(
            "Distribution of what is held against the limit",
            charts.distribution(spread, drawn, "balance held against the limit", unit),
            f"Bars of weighted farms by what is held against the limit, {unit}, with the limits drawn in.",
            (
                f"{whose_balance(comparison.roles)}; the outermost bars also hold the farms beyond them. Only "
                "scenarios that change it have a panel.",
            ),
        ),
        Chart(
            "Share of farms above a norm",
            charts.exceedance(figures.exceedance(spread), unit, drawn),
            f"A falling line: the share of farms whose balance, {unit}, lies above each value of a norm.",
        ),
    )
    notes: tuple[str, ...] = (
        "Gross: the balance of the year as the law draws it up. Net: less the losses that the law calls unavoidable "
        "(annex 4 lines 2 to 8). Total nitrogen and phosphorus of all farms, obliged or not.",
    )
    notes = notes if comparison.roles.unavoidable else ()
    table = across(comparison, rows, "Surplus of the balance year, gross and net", SURPLUS, *notes)
    return Section(
        "Surplus", "surplus", (), (table,) if table.rows else (), pictures if comparison.roles.held_per_ha else ()
    )


def needed(comparison: Comparison, rows: Lookup, systems: Mapping[str, Any]) -> list[Section]:
    """Excess, reduction needed, the better method, and the lines that drive it."""
    lines = []
    for line in comparison.roles.lines:
        short = line.partition("annex_2_")[2] or line
        name = f"exceeding_farms_{short}_t"
        found = [cell(rows, label, name) for label in (BASELINE, *comparison.scenarios)]
        if any(text not in ("0.0", "") for text in found):
            named = systems[BASELINE].variables[line].label.rpartition(": ")[2]
            lines.append((f"{short.replace('_', ' ')}: {named}", *found))
    drivers = Table(
        "What drives the farms that exceed: lines of the balance, t N a year",
        ("line of annex 2", BASELINE, *comparison.scenarios),
        tuple(lines),
        ("Means over the years of the verdict. Lines without an amount are left out.",),
        tuple(range(1, 2 + len(comparison.scenarios))),
    )
    tables = [across(comparison, rows, "What farms that exceed have to reduce", EXCESS)]
    tables += [drivers] if comparison.roles.lines else []
    tables += [across(comparison, rows, "The method that is better for the farm, farms", METHOD)]
    there = tuple(table for table in tables if table.rows or table is drivers)
    return [Section("Excess and what drives it", "excess", (), there)] if there else []


def charged(comparison: Comparison, rows: Lookup) -> list[Section]:
    """Levy, reward and distance to a target, and whom a scenario lets seem better."""
    table = across(comparison, rows, "Levy, reward and distance to the target, a year", CHARGES)
    found = [Section("Levy, reward and distance", "charges", (), (table,))] if table.rows else []
    seem = across(comparison, rows, "Farms whose amount is lower than in the baseline, and by how much", INCENTIVE)
    return [*found, Section("Incentive", "incentive", (), (seem,))] if seem.rows else found


def years(comparison: Comparison, rows: Lookup) -> list[Section]:
    """One-year beside three-year verdicts."""
    words = (
        "A verdict by the balance year alone mostly shows the weather of that year; it stands here beside that of "
        "the law's years so that both can be seen.",
    )
    if not comparison.roles.averaging_years:
        return []
    table = across(comparison, rows, "Verdicts by one year", ONE_YEAR)
    return [Section("One year and all years", "years", words, (table,))]


def effort(comparison: Comparison, rows: Lookup) -> list[Section]:
    """Burden with its range, and accuracy against data."""
    if "data_points_per_farm" not in {name for _, _, _, name in rows}:
        return []
    tables = [burdens(comparison, rows)] if comparison.roles.livestock else []
    pictures = []
    fewer = [label for label in comparison.scenarios if saves_data(rows, label)]
    if fewer:
        tables.append(of_labels(rows, fewer, "Accuracy against data", ACCURACY, "Against the verdict of the baseline."))
        drawn = figures.frontier(comparison).filter(polars.col("option").is_in(fewer))
        pictures.append(
            Chart(
                "Accuracy against data",
                charts.frontier(drawn),
                "A point for each scenario: data points saved per farm, and the share of farms with another verdict.",
            )
        )
    said = (
        () if fewer else ("No scenario asks for fewer or more data than the baseline, so that none is less accurate.",)
    )
    return [Section("Burden, and accuracy against data", "effort", said, tuple(tables), tuple(pictures))]


def burdens(comparison: Comparison, rows: Lookup) -> Table:
    """Hours and euro with their published range."""
    labels = [BASELINE, *comparison.scenarios]
    body = []
    for name, line in zip(BURDEN, burden(1, 1, 1), strict=True):
        per = "obliged farm, on average" if line.per == "farm" else "all obliged farms"
        ranges = (span(rows, label, f"burden_{name}") for label in labels)
        body.append((line.what, per, line.unit, *ranges, line.status.replace("_", " "), line.source))
    head = ("what", "per", "unit", *labels, "status", "source")
    notes = (
        "From the lower to the upper end; an end that no source gives is not filled in.",
        "The national total is that of Germany, whatever farms the data hold; a scenario has it by its obliged farms "
        "against those of the baseline.",
    )
    return Table("Burden a year, with its published range", head, tuple(body), notes, tuple(range(3, 3 + len(labels))))


def span(rows: Lookup, label: str, name: str) -> str:
    """Both ends of a range as text."""
    low, high = (cell(rows, label, f"{name}_{end}") for end in ("low", "high"))
    return high if low == high else f"{low} to {high}"


def saves_data(rows: Lookup, label: str) -> bool:
    """Whether a scenario asks for other data than the baseline, as far as that is published."""
    return bool(rows[label, ALL, ALL, "data_points_saved_per_farm"]["value"] != 0)


def together(comparison: Comparison, rows: Lookup) -> list[Section]:
    """What scenarios do together, when they were combined."""
    combined = [label for label, parts in comparison.scenarios.items() if len(parts) > 1]
    words = tuple(f"Not combined: {note}." for note in comparison.notes)
    if not combined:
        return [Section("Together", "together", words)] if words else []
    names = [name for _, group_by, _, name in rows if name.startswith("interaction_") and group_by == ALL]
    body = tuple((plain(name), *(cell(rows, label, name) for label in combined)) for name in dict.fromkeys(names))
    table = Table("Interaction", ("figure", *combined), body, (), tuple(range(1, 1 + len(combined))))
    said = ("Interaction is what the combination changes beyond the sum of what each scenario changes alone.", *words)
    return [Section("Together", "together", said, (table,))]


def not_published(comparison: Comparison) -> Section:
    """Which figures are not published, counted."""
    if comparison.rule is None:
        said = "Small-cell protection was switched off: figures may show single farms. Do not pass this report on."
        return Section("Figures not published", "not-published", (said,))
    dark = comparison.summary.filter(polars.col("farms").is_null())
    counted = dark.group_by("scenario", "group_by", maintain_order=True).len().iter_rows()
    table = Table(
        "Figures not published", ("scenario", "grouped by", "figures"),
        tuple((scenario, by, f"{number:,}") for scenario, by, number in counted), (), (2,),
    )  # fmt: skip
    said = f"{comparison.rule.in_words()} {len(dark):,} of {len(comparison.summary):,} figures are not published."
    return Section("Figures not published", "not-published", (said,), (table,) if len(dark) else ())


def of(receipt: Mapping[str, Any]) -> Table:
    """A receipt as a table."""
    body = tuple(
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in receipt.items()
    )
    return Table("What makes the run repeatable", ("what", "value"), body)
