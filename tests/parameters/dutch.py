"""Dutch tables held against copies: the value of every cell on the first and last day of every version."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openfisca_stoffenbalans.lookup import value_on
from openfisca_stoffenbalans.tables import at, leaves

COPIES = Path(__file__).parents[1] / "law_tables" / "nl"

# Row and column -> first day of a version -> number.
Cells = dict[tuple[str, str], dict[str, float]]
# First and last day of each version; the last may be OPEN.
Versions = Mapping[str, str]

OPEN = "2100-12-31"


def copy(name: str) -> list[dict[str, str]]:
    with (COPIES / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def number(text: str) -> float | None:
    """A printed number; None for an empty cell or a dash."""
    return None if text.strip() in ("", "-", "–") else float(text)


def day(text: str, days: int) -> str:
    return (datetime.date.fromisoformat(text) + datetime.timedelta(days=days)).isoformat()


def put(cells: Cells, row: str, column: str, version: str, value: float | None) -> None:
    """Note a printed number; a cell that is printed twice in a version would hide one of the two."""
    versions = cells.setdefault((row, column), {})
    assert version not in versions, (row, column, version)
    if value is not None:
        versions[version] = value


def loaded(system: Any, path: str) -> dict[tuple[str, str], Any]:
    """Row and column -> parameter of all parameters below a table's path."""
    found = {}
    for leaf in leaves(at(system.parameters, path)):
        row, column = leaf.name.removeprefix(f"{path}.").rsplit(".", 1)
        found[row, column] = leaf
    return found


def differences(system: Any, path: str, expected: Cells, versions: Versions) -> list[tuple[Any, ...]]:
    """Where a table says other than its copy, and values on days on which no version begins or ends."""
    parameters = loaded(system, path)
    known = {first: (first, last) for first, last in versions.items()}
    asked = [(version, at_day) for version, days in known.items() for at_day in days]
    outside = {day(first, -1) for first, _ in known.values()} | {
        day(last, 1) for _, last in known.values() if last != OPEN
    }
    gaps = [at_day for at_day in outside if not any(a <= at_day <= b for a, b in known.values())]
    found: list[tuple[Any, ...]] = []
    for cell in {**expected, **parameters}:
        values = parameters[cell].values_list if cell in parameters else []
        printed = expected.get(cell, {})
        for version, at_day in asked:
            if value_on(values, at_day) != printed.get(version):
                found.append((*cell, at_day, value_on(values, at_day), printed.get(version)))
        found += [(*cell, at_day, "a value") for at_day in gaps if value_on(values, at_day) is not None]
        changes = {value.instant_str for value in values}
        found += [(*cell, at_day, "a change") for at_day in changes - set(versions) - outside]
    return found


def compare(system: Any, path: str, expected: Cells, versions: Versions, numbers: int) -> None:
    """Hold a table against its copy; `numbers`: how many the copy prints, so that no copy is empty."""
    assert sum(len(printed) for printed in expected.values()) == numbers
    assert differences(system, path, expected, versions) == []


def until(starts: Iterable[str], last: str) -> dict[str, str]:
    """Versions that each hold to the day before the next, and the last to a day."""
    first = sorted(set(starts))
    return dict(zip(first, [*(day(start, -1) for start in first[1:]), last], strict=True))
