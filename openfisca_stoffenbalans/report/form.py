"""The filled forms of one farm and balance year: line by line as printed, below each line what it is made of."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import polars
from openfisca_core.reforms import Reform

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.dataset.simulation import Part, balance_year, simulate
from openfisca_stoffenbalans.regimes import Regime, folder_of, regimes
from openfisca_stoffenbalans.report.balance_sheet import balance_sheet, both, heads_of, laid_out, layout_of
from openfisca_stoffenbalans.report.form_annex_2 import balance_table
from openfisca_stoffenbalans.report.form_annex_4 import permitted_table
from openfisca_stoffenbalans.report.form_model import Form, FormError, FormTable, Sheet, day_text
from openfisca_stoffenbalans.report.form_year import FarmYear
from openfisca_stoffenbalans.report.form_years import (
    assessment_table,
    background_table,
    means_table,
    result_table,
    window,
)
from openfisca_stoffenbalans.system import VARIABLES
from openfisca_stoffenbalans.tables import load_yaml

LAYOUT = VARIABLES / "de" / "stoffbilv" / "forms.yaml"
SHEETS = ("overview", "annex_2", "annex_3", "annex_4")
MOST_NAMED = 10


@functools.cache
def layout() -> Mapping[str, Any]:
    """The layout of the forms: printed labels, and the variables behind the lines."""
    return load_yaml(LAYOUT)


def form(
    data: DataSet,
    system: Any,
    farm_id: str,
    year: int,
    year_start: datetime.date | None = None,
    regime: str = "de.stoffbilv",
) -> Form:
    """The filled forms of a farm for its balance year that starts in the calendar year `year`.

    `year_start` picks one of two that start in it. Raises FormError for a farm or balance year that the data have not,
    for two year starts of which none was picked, and for a balance year that the regime has no numbers for.
    """
    rules = regimes()[regime]
    start = chosen_start(data, farm_id, year, year_start)
    series = of_series(data, farm_id, start.month)
    period = balance_year(start.year, start.month)
    fill = annexes if (folder_of(rules) / LAYOUT.name).exists() else balance_sheets
    part = next(simulate(series, system))
    filled = fill(rules, part, period, series)
    part.release()
    return dataclasses.replace(filled, reforms=reforms_of(system))


def balance_sheets(rules: Regime, part: Part, period: Any, data: DataSet) -> Form:
    """A form that regimes lay out: a sheet for each that has a year like this."""
    parts = laid_out(rules)
    first = layout_of(parts[0])
    able = [one for one in parts if not one.why_not(period.start.date)] or list(parts)
    sheets = tuple(balance_sheet(one, part, period, data) for one in able)
    notes = dict.fromkeys(both(note) for one in able for note in layout_of(one).get("notes", ()))
    head = (rules.title, data.tables["farms"]["farm_id"][0], period.start.date, period.stop.date)
    return Form(*head, both(first["missing"]), tuple(notes), (), sheets, heads_of(first))


def annexes(rules: Regime, part: Part, period: Any, data: DataSet) -> Form:
    """The forms that the law prints; FormError for a balance year outside the law's life."""
    found = FarmYear(part, period, layout())
    farm_id, start = data.tables["farms"]["farm_id"][0], period.start.date
    if not found.value(layout()["in_force"]):
        nearest = found.law.nearest(layout()["annex_2"]["balance"]["table"])
        raise FormError(
            f"farm {farm_id}: the law of these forms was not in force on {start}; "
            f"the nearest day on which it was: {nearest}"
        )
    tables = {"overview": overview, "annex_2": annex_2, "annex_3": annex_3, "annex_4": annex_4}
    sheets = tuple(sheet(found, name, tables[name]) for name in SHEETS)
    head = (layout()["title"], farm_id, start, period.stop.date, layout()["missing"], tuple(layout()["notes"]))
    return Form(*head, (), sheets)


def reforms_of(system: Any) -> tuple[str, ...]:
    """The reforms of a system in the order they were applied, in words."""
    found = []
    while isinstance(system, Reform):
        found.append(getattr(system, "label", "") or type(system).__name__)
        system = system.baseline
    return tuple(reversed(found))


def chosen_start(data: DataSet, farm_id: str, year: int, year_start: datetime.date | None) -> datetime.date:
    """The first day of the balance year asked for."""
    farms = data.tables["farms"]
    starts = sorted(farms.filter(polars.col("farm_id") == farm_id)["year_start"].to_list())
    if not starts:
        ids = farms["farm_id"].unique(maintain_order=True).to_list()
        near = difflib.get_close_matches(farm_id, ids, 3) or ids[:MOST_NAMED]
        raise FormError(f"no farm {farm_id!r}; the nearest: {', '.join(near)}")
    there = [start for start in starts if start.year == year]
    if not there:
        named = ", ".join(map(str, starts))
        raise FormError(f"farm {farm_id}: no balance year starts in {year}; there are those from {named}")
    if year_start is not None and year_start not in there:
        named = ", ".join(map(str, there))
        raise FormError(f"farm {farm_id}: no balance year starts on {year_start}; in {year} there are: {named}")
    if year_start is None and len(there) > 1:
        named = " and ".join(map(str, there))
        raise FormError(f"farm {farm_id}: two balance years start in {year}, {named}; say which with the year start")
    return year_start or there[0]


def of_series(data: DataSet, farm_id: str, month: int) -> DataSet:
    """The rows of one farm's balance years that start in a month of the year."""
    series = (polars.col("farm_id") == farm_id) & (polars.col("year_start").dt.month() == month)
    return dataclasses.replace(
        data, tables={name: table.filter(series) for name, table in data.tables.items()}, runs={}
    )


def sheet(year: FarmYear, name: str, tables: Callable[[FarmYear, Mapping[str, Any]], tuple[FormTable, ...]]) -> Sheet:
    """One sheet with its tables."""
    content = year.layout[name]
    return Sheet(content["name"], content["title"], content["reference"], tables(year, content))


def overview(year: FarmYear, content: Mapping[str, Any]) -> tuple[FormTable, ...]:
    """Duty, dates and result, then both methods."""
    return result_table(year, content["result"]), assessment_table(year, content["assessment"])


def texts(year: FarmYear) -> dict[str, str]:
    """What stands in the forms' heads and is no variable."""
    years = window(year, year.layout["annex_3"])
    first = next(other for other in years if other.value(year.layout["in_force"]))
    return {
        "farm": year.simulation.populations["farm"].ids[0],
        "first_day": day_text(year.period.start.date),
        "first_day_of_window": day_text(first.period.start.date),
        "by_hand": year.layout["by_hand"],
    }


def annex_2(year: FarmYear, content: Mapping[str, Any]) -> tuple[FormTable, ...]:
    """Both tables of the yearly form."""
    background = background_table(year, content["background"], content["reference"], texts(year))
    return background, balance_table(year, content["balance"])


def annex_3(year: FarmYear, content: Mapping[str, Any]) -> tuple[FormTable, ...]:
    """Both tables of the three-year form."""
    background = background_table(year, content["background"], content["reference"], texts(year))
    return background, means_table(year, content)


def annex_4(year: FarmYear, content: Mapping[str, Any]) -> tuple[FormTable, ...]:
    """The table of the permitted balance."""
    return (permitted_table(year, content),)


def write_html(filled: Form, path: Path) -> None:
    """One self-contained page."""
    from openfisca_stoffenbalans.report.form_html import render

    path.write_text(render(filled), encoding="utf-8", newline="\n")


def write_xlsx(filled: Form, path: Path) -> None:
    """One sheet per form."""
    from openfisca_stoffenbalans.report.form_xlsx import write

    write(filled, path)


WRITERS = {".html": write_html, ".xlsx": write_xlsx}


def write_form(filled: Form, path: Path) -> None:
    """Write a form as .html or .xlsx, by the file's name; the same form gives the same bytes.

    The file appears whole or not at all. Raises FormError for another ending.
    """
    path = Path(path)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise FormError(
            f"{path.name}: {path.suffix or 'no ending'} is no format of a form; allowed: {', '.join(WRITERS)}"
        )
    with replacing(path) as temporary:
        writer(filled, temporary)
