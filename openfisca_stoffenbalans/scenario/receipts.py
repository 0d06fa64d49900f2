"""Two stored runs held against each other by their receipts: what is different."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("balance", "compare", "sweep", "evaluation")
RECEIPT, SUMMARY = "receipt.json", "summary.csv"
NEEDED = ("versions", "parameters_sha256", "formulas_sha256", "data_sha256", "regime")
RULES = ("regime", "baseline", "scenarios", "readings", "reforms")
MACHINE = ("versions", "data_sha256", "parameters_sha256", "formulas_sha256", "rules", "kind")
ALL = "all"


class ReceiptError(ValueError):
    """A receipt that can't be read, or two that can't be compared; the message says where and why."""


@dataclass(frozen=True)
class Run:
    """A stored run: its receipt and, by scenario and statistic, the published figures of all farms together.

    `results` is the part of the receipt that two equal runs share; a figure is None when it is not published.
    """

    place: Path
    kind: str
    receipt: Mapping[str, Any]
    figures: Mapping[tuple[str, str], float | None]

    @property
    def results(self) -> Mapping[str, Any]:
        """What two equal runs share."""
        found: Mapping[str, Any] = self.receipt["results"]
        return found


@dataclass(frozen=True)
class Difference:
    """One thing that is different: `topic` is program, data, rules or choices."""

    topic: str
    what: str
    first: str
    second: str


def stored(place: Path) -> Run:
    """The run of an output folder or of a receipt; ReceiptError says what is wrong with it."""
    path = place / RECEIPT if place.is_dir() else place
    if not path.is_file():
        there = f"{place} has no {RECEIPT}" if place.is_dir() else f"{place} does not exist"
        raise ReceiptError(
            f"{there}; allowed: an output folder of {', '.join(KINDS[:-1])} or {KINDS[-1]}, or its {RECEIPT}"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise ReceiptError(f"{path} can't be read as JSON: {error}") from error
    results = content.get("results") if isinstance(content, dict) else None
    missing = [name for name in NEEDED if not isinstance(results, dict) or name not in results]
    if not isinstance(results, dict) or missing:
        raise ReceiptError(f"{path} is no receipt of a run: results has no {', '.join(missing)}")
    if not isinstance(results["versions"], dict):
        raise ReceiptError(f"{path}: versions is {results['versions']!r}; allowed: names with their versions")
    kind = results.get("kind", "balance")
    if kind not in KINDS:
        raise ReceiptError(f"{path}: kind {kind!r}; allowed: {', '.join(KINDS)}")
    figures = counts_of(content) if kind == "balance" else figures_of(path.parent / SUMMARY)
    return Run(path.parent, kind, content, figures)


def counts_of(content: Mapping[str, Any]) -> dict[tuple[str, str], float | None]:
    """The counts of a `balance` run as figures."""
    counts = content.get("counts", {})
    whole = {"balance_years": counts.get("balance_years"), "obliged": counts.get("obliged")}
    return {("law", name): value for name, value in {**whole, **counts.get("verdicts", {})}.items()}


def figures_of(path: Path) -> dict[tuple[str, str], float | None]:
    """The figures of all farms together in a summary; none without one, or with a column of years."""
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        columns = {"scenario", "group_by", "statistic", "value"} - set(rows.fieldnames or ())
        if columns:
            raise ReceiptError(f"{path} has no column {', '.join(sorted(columns))}: it is no summary of a run")
        if "year" in (rows.fieldnames or ()):
            return {}
        try:
            return {
                (row["scenario"], row["statistic"]): float(row["value"]) if row["value"] else None
                for row in rows
                if row["group_by"] == ALL
            }
        except ValueError as error:
            raise ReceiptError(f"{path}, line {rows.line_num}: {error}; allowed: numbers and empty cells") from error


def differences(first: Run, second: Run) -> list[Difference]:
    """What is different between two runs of one kind, by topic; ReceiptError for different kinds."""
    if first.kind != second.kind:
        raise ReceiptError(
            f"{first.place} is a run of {first.kind}, {second.place} one of {second.kind}; only runs of one kind can "
            "be compared"
        )
    return [*program(first, second), *data(first, second), *rules(first, second), *choices(first, second)]


def program(first: Run, second: Run) -> Iterator[Difference]:
    """Versions of the program and of what it stands on."""
    one, two = first.results["versions"], second.results["versions"]
    for name in dict.fromkeys((*one, *two)):
        yield from different("program", f"version of {name}", one.get(name), two.get(name))


def data(first: Run, second: Run) -> Iterator[Difference]:
    """The content of the data, and where they came from."""
    yield from different("data", "content (SHA-256)", first.results["data_sha256"], second.results["data_sha256"])
    yield from different("data", "source", first.receipt.get("source"), second.receipt.get("source"))


def rules(first: Run, second: Run) -> Iterator[Difference]:
    """The law with what was changed in it."""
    one, two = first.results, second.results
    for name, words in (("parameters_sha256", "parameters"), ("formulas_sha256", "formulas")):
        yield from different("rules", f"{words} (SHA-256)", one[name], two[name])
    for name in RULES:
        before, after = one.get(name), two.get(name)
        if isinstance(before, dict) and isinstance(after, dict) and name == "scenarios":
            for label in dict.fromkeys((*before, *after)):
                yield from different("rules", f"scenario {label}", before.get(label), after.get(label))
        else:
            yield from different("rules", name, before, after)
    hashes = one.get("rules", {}), two.get("rules", {})
    for label in dict.fromkeys((*hashes[0], *hashes[1])):
        for name, words in (("parameters_sha256", "parameters"), ("formulas_sha256", "formulas")):
            if label in hashes[0] and label in hashes[1] and label != "baseline":
                values = (of_label[label].get(name) for of_label in hashes)
                yield from different("rules", f"{words} under {label} (SHA-256)", *values)


def choices(first: Run, second: Run) -> Iterator[Difference]:
    """What else was asked for: year, groups, protection, files."""
    for name in dict.fromkeys((*first.results, *second.results)):
        if name not in (*MACHINE, *RULES):
            yield from different("choices", name.replace("_", " "), first.results.get(name), second.results.get(name))


def different(topic: str, what: str, first: Any, second: Any) -> Iterator[Difference]:
    """The difference, if there is one."""
    if first != second:
        yield Difference(topic, what, shown(first), shown(second))


def shown(value: Any) -> str:
    """A value of a receipt as text; a scenario by its title."""
    if value is None:
        return "none"
    specs = value if isinstance(value, list) else [value]
    if specs and all(isinstance(one, dict) and "title" in one for one in specs):
        return "; ".join(f"{one['title']} {short(one)}" for one in specs)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def short(spec: Mapping[str, Any]) -> str:
    """What a scenario changes."""
    parts = {name: spec[name] for name in ("builds_on", "reforms", "readings", "parameters") if spec.get(name)}
    return json.dumps(parts, ensure_ascii=False)


def in_words(found: list[Difference]) -> list[str]:
    """The differences as sentences, one for each topic."""
    said = []
    for topic, nothing in (
        ("program", "Both runs were made by the same versions of the program."),
        ("data", "Both runs are of the same data."),
        ("rules", "Both runs used the same rules."),
        ("choices", "Both runs asked for the same year, groups and protection."),
    ):
        names = [one.what for one in found if one.topic == topic]
        if topic == "data" and names == ["source"]:
            said.append("Both runs are of the same data, read from different places.")
        else:
            said.append(f"Different in {topic}: {', '.join(names)}." if names else nothing)
    return said
