"""A file of margins that microdata are reweighted to: read, and checked against the farms before anything is done."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.margins import TARGETS
from openfisca_stoffenbalans.population.measures import (
    REGION,
    SIZE_CLASS,
    STATISTICS,
    TOTAL,
    belongs,
    size_bounds,
)
from openfisca_stoffenbalans.population.tallies import Tallies
from openfisca_stoffenbalans.scenario.values import nearest

REQUIRED = ("statistic", "breakdown", "category", "value")
OPTIONAL = ("tolerance", "unit", "source", "label", "year", "note")
# Per cent by which a margin may be missed where the file does not say.
TOLERANCE = 1.0
# A smaller one is below what weights are rounded to.
LEAST_TOLERANCE = 1e-6

Numbers = NDArray[numpy.float64]


class MarginsFileError(ValueError):
    """A file of margins that can't be used: `messages` holds all that is wrong, each with its place."""

    def __init__(self, messages: list[str]) -> None:
        """Raise for what is wrong, one message each."""
        self.messages = messages
        super().__init__("\n".join(messages))


@dataclass
class _File:
    """A file on its way: its name, its rows with their lines, and what is wrong."""

    name: str
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def note(self, line: int, column: str, found: str, allowed: str) -> None:
        what = f"{found!r} found" if found else "is missing"
        self.wrong.append(f"{self.name}, line {line}, {column}: {what}; allowed: {allowed}")


def read_margins(path: Path, farms: Tallies) -> pl.DataFrame:
    """The margins of a CSV file as targets, with the columns of `margins.TARGETS`.

    Columns statistic, breakdown, category, value; optional tolerance (per cent, else 1), unit, source, label, year,
    note. `farms`: the tables of the balance year that is calibrated, to which each margin is held. Raises
    MarginsFileError with all that is wrong.
    """
    file = _File(path.name)
    _read(path, file)
    if file.wrong:
        raise MarginsFileError(file.wrong)
    counted: dict[str, Numbers] = {}
    targets = [_target(file, line, cells, farms, counted) for line, cells in file.rows]
    _note_twice(file, targets)
    if file.wrong:
        raise MarginsFileError(file.wrong)
    return pl.DataFrame(targets, schema=TARGETS)


def _read(path: Path, file: _File) -> None:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        file.wrong.append(f"{path.name}: can't be read: {error.strerror}")
        return
    except UnicodeDecodeError:
        file.wrong.append(f"{path.name}: is not UTF-8 text; allowed: a CSV file with commas, in UTF-8")
        return
    if not text.strip():
        file.wrong.append(f"{path.name}: is empty; allowed: a header and a row per margin")
        return
    records = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(records, [])]
        if len(header) == 1 and header[0] not in REQUIRED and (other := re.search("[;\t|]", header[0])):
            file.wrong.append(f"{path.name}, line 1: cells divided by {other[0]!r} found; allowed: commas")
            return
        missing = [name for name in REQUIRED if name not in header]
        unknown = [name for name in header if name not in (*REQUIRED, *OPTIONAL)]
        twice = sorted({name for name in header if header.count(name) > 1})
        for names, words in ((missing, "is missing"), (unknown, "is not known"), (twice, "is there twice")):
            allowed = f"{', '.join(REQUIRED)}, and {', '.join(OPTIONAL)}"
            file.wrong.extend(f"{path.name}, line 1: column {name!r} {words}; allowed: {allowed}" for name in names)
        for cells in records:
            if len(cells) not in (0, len(header)):
                found = f"{len(cells)} cells found; allowed: {len(header)}, as in the header"
                file.wrong.append(f"{path.name}, line {records.line_num}: {found}")
            elif any(cells):
                stripped = (cell.strip() for cell in cells)
                file.rows.append((records.line_num, dict(zip(header, stripped, strict=True))))
    except csv.Error as error:
        file.wrong.append(f"{path.name}, line {records.line_num}: {error}; allowed: a CSV file with commas")
    if not file.rows and not file.wrong:
        file.wrong.append(f"{path.name}: no margins found; allowed: a row per margin")


def _target(
    file: _File, line: int, cells: Mapping[str, str], farms: Tallies, counted: dict[str, Numbers]
) -> dict[str, Any]:  # fmt: skip
    value = _number(file, line, "value", cells["value"], 0)
    tolerance = _number(file, line, "tolerance", cells.get("tolerance") or str(TOLERANCE), LEAST_TOLERANCE)
    statistic = cells["statistic"]
    known = statistic in STATISTICS
    if not known:
        file.note(
            line,
            "statistic",
            statistic,
            f"a name of `stoffenbalans list statistics`{nearest(statistic, list(STATISTICS))}",
        )
    elif cells.get("unit") and cells["unit"] != STATISTICS[statistic].unit:
        file.note(line, "unit", cells["unit"], f"{STATISTICS[statistic].unit}, the unit of {statistic}")
    where = _place(file, line, cells, farms)
    category = cells["category"] if cells["breakdown"] != TOTAL else TOTAL
    if known and where is not None:
        _note_farms(file, line, statistic, where, value, farms, counted)
    return {
        "statistic": statistic, "breakdown": cells["breakdown"], "category": category,
        "label": cells.get("label") or category, "target": value, "unit": cells.get("unit")
        or (STATISTICS[statistic].unit if known else ""), "tolerance": tolerance,
        "margin_year": cells.get("year") or "", "source": cells.get("source") or "", "note": cells.get("note") or "",
    }  # fmt: skip


def _number(file: _File, line: int, column: str, text: str, low: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < low:
        file.note(line, column, text, f"a number ≥ {low:g}")
    return value


def _place(file: _File, line: int, cells: Mapping[str, str], farms: Tallies) -> NDArray[numpy.bool_] | None:
    """The farms of a margin's category; None, and a note, where there are none or it is not known."""
    breakdown, category = cells["breakdown"], cells["category"]
    there = [TOTAL, SIZE_CLASS, *(name for name in farms.farms.columns if not name.startswith("\0"))]
    if breakdown not in there:
        near = nearest(breakdown, there)
        file.note(line, "breakdown", breakdown, f"{TOTAL}, {REGION}, {SIZE_CLASS} or a column of farms{near}")
        return None
    if breakdown == SIZE_CLASS:
        try:
            size_bounds(category)
        except ValueError:
            file.note(line, "category", category, "ha as 5-20 (from 5, below 20) or 1000+")
            return None
    if breakdown != TOTAL and not category:
        file.note(line, "category", category, f"a category of {breakdown}")
        return None
    found = belongs(farms.farms, breakdown, category)
    if not found.any():
        file.note(line, "category", category, f"a category of {breakdown} that some farm of the year is in")
        return None
    return found


def _note_farms(
    file: _File, line: int, statistic: str, where: NDArray[numpy.bool_], value: float, farms: Tallies,
    counted: dict[str, Numbers],
) -> None:  # fmt: skip
    """Note farms that do not say what a margin counts, and a margin that no farm counts towards."""
    names = [name for name in (statistic, STATISTICS[statistic].per) if name]
    for name in names:
        if name not in counted:
            counted[name] = STATISTICS[name].count(farms)
        missing = int(numpy.isnan(counted[name][where]).sum())
        if missing:
            words = STATISTICS[name].words
            file.wrong.append(
                f"{file.name}, line {line}, statistic: {name} ({words}) is missing for {missing} of "
                f"{int(where.sum())} farms; allowed: a statistic for which each farm's data are there"
            )
        elif value > 0 and not counted[name][where].any():
            file.note(line, "statistic", name, "a statistic that some farm of the category counts towards")


def _note_twice(file: _File, targets: list[dict[str, Any]]) -> None:
    first: dict[tuple[str, str, str], int] = {}
    for (line, _), target in zip(file.rows, targets, strict=True):
        key = target["statistic"], target["breakdown"], target["category"]
        if key in first:
            found = f"{' '.join(key)} stands in line {first[key]} too; allowed: each margin once"
            file.wrong.append(f"{file.name}, line {line}: {found}")
        first.setdefault(key, line)
