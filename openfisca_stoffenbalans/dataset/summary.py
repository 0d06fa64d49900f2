"""What a run found, as counts and as sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars

from openfisca_stoffenbalans.regimes import Regime

VERDICTS = ("complies", "exceeds", "undetermined", "not_assessed")


def counts(results: polars.DataFrame, rules: Regime) -> dict[str, Any]:
    """Farms, balance years, obliged, and verdicts by the farm's method; how often each note and reason occurs.

    As far as the regime has them; `of`: the same of each regime that it consists of.
    """
    found = {"farms": results["farm_id"].n_unique(), "balance_years": len(results), **outcome(results, rules)}
    return found | ({"of": {part.name: outcome(results, part) for part in rules.of}} if rules.of else {})


def outcome(results: polars.DataFrame, rules: Regime) -> dict[str, Any]:
    """How many are obliged, the verdicts, the notes and reasons."""
    found: dict[str, Any] = {}
    if rules.obliged:
        found["obliged"] = int(results[rules.obliged].sum())
    if rules.verdict:
        verdicts = dict(results[rules.verdict].value_counts().iter_rows())
        found["verdicts"] = {verdict: verdicts.get(verdict, 0) for verdict in VERDICTS}
    if rules.because:
        open_ = polars.col(rules.verdict) == "undetermined" if rules.verdict else polars.lit(True)
        found["undetermined_because"] = occurrences(results.filter(open_)[rules.because])
    if "derived" in rules.columns:
        found["derived"] = occurrences(results["derived"])
    return found


def occurrences(texts: polars.Series) -> dict[str, int]:
    """How often each part of the texts occurs, the commonest first."""
    found: dict[str, int] = {}
    for text, number in texts.filter(texts != "").value_counts().iter_rows():
        for part in text.split("; "):
            found[part] = found.get(part, 0) + number
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def sentences(found: dict[str, Any], rules: Regime, files: list[Path]) -> list[str]:
    """The counts as sentences, and where the files are."""
    said = [f"{rules.title}: {plural(found['farms'], 'farm')}, {plural(found['balance_years'], 'balance year')}."]
    if rules.of:
        for part in rules.of:
            said.extend(
                [f"{part.name}: {part.title}", *(f"  {line}" for line in of_outcome(found["of"][part.name], part))]
            )
    else:
        said.extend(of_outcome(found, rules))
    said.append("Written: " + ", ".join(str(file) for file in files) + ".")
    return said


def of_outcome(found: dict[str, Any], rules: Regime) -> list[str]:
    """What `outcome` counted, as sentences."""
    said = []
    if "obliged" in found:
        said.append(f"{rules.bound}: {plural(found['obliged'], 'balance year')}.")
    if "verdicts" in found:
        verdicts, roles = found["verdicts"], rules.comparison
        by = "By the method each farm chose" if roles and roles.verdict_by_method else f"By {rules.verdict}"
        said.append(
            f"{by}, {verdicts['complies']:,} comply, {verdicts['exceeds']:,} exceed, "
            f"{verdicts['undetermined']:,} are undetermined and {verdicts['not_assessed']:,} are not assessed."
        )
        if verdicts["not_assessed"] and verdicts["not_assessed"] == sum(verdicts.values()):
            said.append(rules.unassessed)
    reasons = list(found.get("undetermined_because", {}).items())
    if reasons:
        said.append(f"The commonest reason for undetermined, in {reasons[0][1]} of them: {reasons[0][0]}.")
    if found.get("derived"):
        said.append("Taken from tables out of force or derived, in balance years:")
        said.extend(f"  {number:>7}  {note}" for note, number in found["derived"].items())
    return said


def plural(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
