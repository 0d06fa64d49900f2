"""The files of a comparison and of a sweep."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.receipt import write_receipt as write_receipt
from openfisca_stoffenbalans.dataset.results import column
from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.dataset.workbook import write_workbook
from openfisca_stoffenbalans.scenario.aims import Answer
from openfisca_stoffenbalans.scenario.compare import Comparison
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.run import BASELINE
from openfisca_stoffenbalans.scenario.statistics import Farms
from openfisca_stoffenbalans.scenario.summary import Rule
from openfisca_stoffenbalans.scenario.sweep import Sweep


def write_table(table: polars.DataFrame, name: str, folder: Path) -> list[Path]:
    """Write a table as `<name>.csv` and `<name>.xlsx`; the same table gives the same bytes."""
    written = []
    for kind in ("csv", "xlsx"):
        path = folder / f"{name}.{kind}"
        with replacing(path) as temporary:
            if kind == "csv":
                table.write_csv(temporary)
            else:
                write_workbook(table, temporary, name)
        written.append(path)
    return written


def farm_results(comparison: Comparison, system: Any) -> polars.DataFrame:
    """A row per farm and scenario: the verdict, the gap to the limit, and the lines that make it up.

    `gap_kg` is what is held against the limit less the limit (above 0: too much), a year; the lines are means over the
    years of the verdict in kg N, supply positive and removal negative, so that they add up to the mean balance; less
    `deducted_kg` (losses agreed with the authority) it is held against the limit. `change_…` is the difference to the
    baseline. What a regime does not have is no column.
    """
    frames = []
    for label in (BASELINE, *comparison.scenarios):
        keys = comparison.farms.select("farm_id", "year_start", "weight").with_columns(
            polars.lit(label).alias("scenario")
        )
        frames.append(keys.with_columns(*verdicts_of(comparison, system, label), *amounts_of(comparison, label)))
    whole = polars.concat(frames, how="diagonal")
    return whole.with_columns(polars.col(polars.Float64).fill_nan(None))


def verdicts_of(comparison: Comparison, system: Any, label: str) -> list[polars.Series]:
    """Duty and verdict of each farm under a scenario."""
    roles, farms, base = comparison.roles, comparison.of(label), comparison.of(BASELINE)

    def named(farms: Farms, name: str) -> polars.Series:
        return column(name, farms(name), system.variables[name], None)

    found = [polars.Series("obliged", farms(roles.obliged) != 0)] if roles.obliged else []
    found.append(named(farms, roles.verdict).alias("verdict"))
    found.append(named(base, roles.verdict).alias("verdict_baseline"))
    return [*found, *(named(farms, name).alias("better_method") for name in roles.of("better_method"))]


def amounts_of(comparison: Comparison, label: str) -> list[polars.Series]:
    """What is held against the limit of each farm under a scenario, and the lines that make it up."""
    roles, farms, base = comparison.roles, comparison.of(label), comparison.of(BASELINE)
    found: list[polars.Series] = []
    for role in ("deducted", "held", "limit"):
        found.extend(polars.Series(f"{role}_kg", farms(name)) for name in roles.of(role))
    for name in roles.of("headroom"):
        found.append(polars.Series("gap_kg", -farms(name)))
        found.append(polars.Series("change_gap_kg", -farms(name) - -base(name)))
    for role, unit in (("levy", "euro"), ("reward", roles.reward_unit), ("distance", "kg")):
        found.extend(polars.Series(f"{role}_{unit}", farms(name)) for name in roles.of(role))
    lines = {line.partition("annex_2_")[2] or line: (line, sign) for line, sign in roles.lines.items() if sign}
    found.extend(polars.Series(f"{short}_kg", sign * farms(line)) for short, (line, sign) in lines.items())
    if label != BASELINE:
        for short, (line, sign) in lines.items():
            found.append(polars.Series(f"change_{short}_kg", sign * (farms(line) - base(line))))
    return found


def write_farm_results(results: polars.DataFrame, folder: Path) -> Path:
    """Write `farms.parquet`."""
    path = folder / "farms.parquet"
    with replacing(path) as temporary:
        results.write_parquet(temporary, compression="zstd", statistics=False)
    return path


def protection_in_receipt(rule: Rule | None) -> Mapping[str, Any] | str:
    """What the receipt says of small-cell protection."""
    return "off" if rule is None else {"threshold": rule.threshold, "dominance": rule.dominance}


def write_text(text: str, path: Path) -> Path:
    """Write a text file."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def run_receipt(
    data: DataSet,
    systems: Mapping[str, Any],
    choices: Mapping[str, Any],
    counts: Mapping[str, Any],
    command: Sequence[str],
    seconds: float,
) -> dict[str, Any]:
    """The receipt of a comparison or sweep: that of its baseline, and the hashes of every scenario's rules.

    `systems`: label -> system, the baseline first.
    """
    from openfisca_stoffenbalans.dataset.receipt import formulas_hash, receipt
    from openfisca_stoffenbalans.reform import law_hash

    content = receipt(data, next(iter(systems.values())), choices, counts, command, seconds)
    content["results"]["rules"] = {
        label: {"parameters_sha256": law_hash(system.parameters), "formulas_sha256": formulas_hash(system)}
        for label, system in systems.items()
    }
    content["machine"] = {"system": platform.system(), "machine": platform.machine()}
    return content


def comparison_receipt(
    data: DataSet,
    comparison: Comparison,
    systems: Mapping[str, Any],
    farms: bool,
    command: Sequence[str],
    seconds: float,
) -> dict[str, Any]:
    """The receipt of a comparison; `farms`: whether results of single farms were written."""
    plan = comparison.plan
    choices = {
        "regime": plan.regime,
        "baseline": plan.baseline,
        "scenarios": plan.scenarios,
        "year": plan.year,
        "by": [name for name in dict.fromkeys(name for name, _ in comparison.groups.names) if name != ALL],
        "small_cell_protection": protection_in_receipt(comparison.rule),
        "farm_results": farms,
    }
    counts = {
        "farms": None if comparison.not_published[comparison.book.known["farms"], 0] else len(comparison.farms),
        "figures": len(comparison.summary),
        "figures_not_published": int(comparison.summary["farms"].null_count()),
        "no_farm_can_change": list(comparison.unreachable),
        "not_combined": list(comparison.notes),
    }
    return run_receipt(data, systems, {"kind": "compare", **choices}, counts, command, seconds)


def sweep_receipt(
    data: DataSet, sweep: Sweep, answer: Answer | None, find: str | None, command: Sequence[str], seconds: float
) -> dict[str, Any]:
    """The receipt of a sweep."""
    choices = {
        "kind": "sweep",
        **sweep.asked,
        "norms": {norm.parameter: [norm.values[0], norm.values[-1], len(norm.values)] for norm in sweep.norms},
        "find": find,
        "small_cell_protection": protection_in_receipt(sweep.rule),
    }
    found = {"how": sweep.how, "answer": list(answer.sentences) if answer else None}
    return run_receipt(data, {BASELINE: sweep.system}, choices, found, command, seconds)
