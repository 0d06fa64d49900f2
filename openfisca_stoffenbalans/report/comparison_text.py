"""The words of a comparison's report: what was asked, the answer in five sentences, the assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars

from openfisca_stoffenbalans.dataset.summary import plural
from openfisca_stoffenbalans.regimes import Roles, regimes
from openfisca_stoffenbalans.report.model import Table
from openfisca_stoffenbalans.report.words import SUPPRESSED, counted, figure, listed, unit_words
from openfisca_stoffenbalans.scenario.compare import Comparison
from openfisca_stoffenbalans.scenario.graph import changes
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.run import BASELINE

NAMED = 4
Rows = Mapping[tuple[str, str, str, str], Mapping[str, Any]]


def baseline_title(comparison: Comparison) -> str:
    """The baseline in words."""
    start = comparison.plan.baseline
    if isinstance(start, str):
        return "the law in force" if start in ("law", "law in force") else f"the baseline {start}"
    return f"the baseline {start['name']}"


def asked(comparison: Comparison) -> tuple[str, ...]:
    """What was asked, in paragraphs."""
    regime, plan, roles = regimes()[comparison.plan.regime], comparison.plan, comparison.roles
    own = ", with its own choice of method" if roles.better_method else ""
    said = [
        f"{regime.title}, for balance years that start in {plan.year}{how_many(comparison)}. Each farm is counted "
        f"once, by the balance year that starts in {plan.year}{own}.",
        f"The baseline is {baseline_title(comparison)}.",
    ]
    for label, parts in comparison.scenarios.items():
        if len(parts) > 1:
            said.append(f"{label}: all of them together.")
            continue
        scenario = parts[0]
        words = f" {' '.join(scenario.description.split())}" if scenario.description else ""
        ending = "" if scenario.title.endswith((".", "!", "?")) else "."
        said.append(f"{label}: {scenario.title}{ending}{words} Status: {scenario.status}; source: {scenario.source}.")
    said.extend(remarks(comparison, by_place(comparison.summary)))
    return tuple(said)


def by_place(summary: polars.DataFrame) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """(scenario, group_by, group, statistic) -> row."""
    return {
        (row["scenario"], row["group_by"], row["group"], row["statistic"]): row for row in summary.iter_rows(named=True)
    }


def how_many(comparison: Comparison) -> str:
    """How many farms there are, where that is published."""
    if comparison.not_published[comparison.book.known["farms"], 0]:
        return ""
    weight = comparison.farms["weight"].sum()
    return f": {plural(len(comparison.farms), 'farm')} of the data, for {weight:,.0f} farms"


def remarks(comparison: Comparison, rows: Rows) -> list[str]:
    """What a reader has to know before the figures: nothing changes, or nobody is assessed."""
    said = [
        f"Nothing compared here can change under {label}: none of it reads what that changes in these balance years."
        for label in comparison.unreachable
    ]
    said += [
        f"Nothing changes under {label} for these farms and balance years."
        for label in comparison.scenarios
        if label not in comparison.unreachable and not comparison.outcome.columns.get(label)
    ]
    assessed = rows[BASELINE, ALL, ALL, "farms_assessed"]
    if assessed["farms"] == 0:
        said.append(regimes()[comparison.plan.regime].unassessed)
    return said


def value(rows: Rows, scenario: str, statistic: str, group_by: str = ALL, group: str = ALL) -> str:
    """A figure for a sentence."""
    row = rows.get((scenario, group_by, group, statistic))
    if row is None:
        return "–"
    text = figure(row["value"], row["unit"], row["farms"])
    return f"[{SUPPRESSED}]" if text == SUPPRESSED else text


def answer(comparison: Comparison, rows: Rows) -> Iterator[str]:
    """The answer in about five sentences, made from the published figures."""
    labels = [label for label, parts in comparison.scenarios.items() if len(parts) == 1]
    shown, more = labels[:NAMED], len(labels) - NAMED
    also = f", and {more} more in the tables" if more > 0 else ""
    yield (
        f"Under {baseline_title(comparison)}, {value(rows, BASELINE, 'farms_exceeding')} of "
        f"{value(rows, BASELINE, 'farms_assessed')} assessed farms exceed the limit in {comparison.plan.year} and "
        f"{value(rows, BASELINE, 'farms_undetermined')} can't be determined."
    )
    hit = [
        f"{value(rows, label, 'farms_exceeding')} exceed under {label} ({value(rows, label, 'newly_exceeding')} newly, "
        f"{value(rows, label, 'newly_complying')} newly comply; "
        f"{value(rows, label, 'farms_undetermined')} can't be determined)"
        for label in shown
    ]
    yield f"Of the scenarios, {listed(hit)}{also}." if hit else "No scenario was asked for."
    if comparison.roles.headroom:
        yield reduction(comparison, rows, shown)
    if comparison.roles.levy:
        paid = [f"{value(rows, label, 'levy_total_euro')} euro under {label}" for label in shown]
        yield (
            f"{value(rows, BASELINE, 'farms_paying')} farms pay a levy of "
            f"{value(rows, BASELINE, 'levy_total_euro')} euro a year in all under the "
            f"baseline{' and ' + listed(paid) if paid else ''}."
        )
    yield most_hit(comparison, rows, labels)
    if comparison.roles.averaging_years:
        yield (
            f"Judged by the year {comparison.plan.year} alone, "
            f"{counted(value(rows, BASELINE, 'one_year_farms_exceeding'), 'farm')} would exceed in the baseline, and "
            f"{value(rows, BASELINE, 'exceeding_but_complying_by_one_year')} of the farms that exceed by all years "
            "would comply."
        )


def reduction(comparison: Comparison, rows: Rows, labels: Sequence[str]) -> str:
    """What farms would have to reduce to comply, and of what."""
    roles = comparison.roles
    substance = {"kg N": "nitrogen"}.get(roles.unit, roles.unit.removeprefix("kg ").removeprefix("of "))
    reduced = [f"{value(rows, label, 'excess_total_t')} t under {label}" for label in labels]
    said = (
        f"To comply, farms would have to reduce {value(rows, BASELINE, 'excess_total_t')} t of {substance} a year "
        f"under the baseline{' and ' + listed(reduced) if reduced else ''}"
    )
    # A sum over no farm is 0, which is no surplus to speak of.
    if "nitrogen" not in roles.balance or rows[BASELINE, ALL, ALL, "surplus_total_t"]["farms"] == 0:
        return f"{said}."
    net = (
        f"; {value(rows, BASELINE, 'net_surplus_mean_kg_per_ha')} net of unavoidable losses"
        if roles.unavoidable
        else ""
    )
    of = ", of a gross surplus of" if roles.unit == "kg N" else "; their gross surplus of nitrogen is"
    return (
        f"{said}{of} {value(rows, BASELINE, 'surplus_total_t')} t "
        f"({value(rows, BASELINE, 'surplus_mean_kg_per_ha')} kg N/ha on average{net})."
    )


def most_hit(comparison: Comparison, rows: Rows, labels: Sequence[str]) -> str:
    """The groups in which the largest share of the assessed farms newly exceeds, scenario by scenario."""
    if len(comparison.groups.codes) == 1:
        return "No grouping was asked for, so that no group can be named as hit most."
    said = []
    for label in labels:
        shares: dict[float, list[str]] = {}
        for (scenario, group_by, group, statistic), row in rows.items():
            assessed = rows.get((scenario, group_by, group, "farms_assessed"), {}).get("value")
            if scenario == label and statistic == "newly_exceeding" and group_by != ALL and row["value"] and assessed:
                shares.setdefault(row["value"] / assessed, []).append(f"{group} ({group_by})")
        if shares:
            most = max(shares)
            said.append(f"under {label} in {listed(shares[most])}, {most:.1%}")
    if not said:
        return "In no group does a published number of farms newly exceed."
    return f"The largest share of assessed farms newly exceeds {'; '.join(said)}."


def changes_table(comparison: Comparison, systems: Mapping[str, Any]) -> Table:
    """Which numbers of the law each scenario changes, with their provision."""
    base, body = systems[BASELINE], []
    for label in comparison.scenarios:
        changed = changes(base, systems[label])
        many = len(changed.after) > NAMED * NAMED
        for path in sorted(changed.after)[: NAMED * NAMED]:
            old, new = changed.before.get(path), changed.after[path]
            reference = (new.metadata.get("reference") or [""])[0]
            body.append((label, path, dated(old), dated(new), unit_words(str(new.metadata.get("unit", ""))), reference))
        if many:
            body.append((label, f"and {len(changed.after) - NAMED * NAMED} more numbers", "", "", "", ""))
        if changed.variables:
            names = sorted(changed.variables)
            first = listed(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
            body.append((label, f"formulas of {first}", "as in the law", "changed", "", ""))
    head = ("scenario", "what", "baseline", "scenario's value", "unit", "provision")
    return Table("What the scenarios change in the law", head, tuple(body))


def dated(parameter: Any) -> str:
    """A parameter's values with their days."""
    if parameter is None:
        return "none"
    texts = [
        f"{'none' if one.value is None else one.value} from {one.instant_str}"
        for one in reversed(parameter.values_list)
    ]
    return "; ".join(texts)


def assumptions(comparison: Comparison, systems: Mapping[str, Any]) -> tuple[Table, ...]:
    """Each scenario with status and source, and the readings and reforms in use."""
    scenarios = [
        (label, part.title, part.status, part.source)
        for label, parts in comparison.scenarios.items()
        if len(parts) == 1
        for part in parts
    ]
    used = []
    for label in (BASELINE, *comparison.scenarios):
        system = systems[label]
        while getattr(system, "baseline", None) is not None:
            reform = type(system)
            if getattr(reform, "label", ""):
                used.append((label, reform.__name__, reform.label, getattr(reform, "reference", "")))
            system = system.baseline
    status = Table(
        "Scenarios: status of the formula, and its source", ("scenario", "title", "status", "source"), tuple(scenarios)
    )
    notes = ("All other points of law are read as docs/readings.md of the project says.",)
    readings = Table("Readings and reforms in use", ("scenario", "name", "in words", "reference"), tuple(used), notes)
    return status, readings


def whose_balance(roles: Roles) -> str:
    """Which balance of which farms the distribution is of."""
    year = "Mean over the years of the verdict" if roles.averaging_years else "The balance year"
    return f"{year}, of all farms, obliged or not{', whatever method they chose' if roles.verdict_by_method else ''}"
