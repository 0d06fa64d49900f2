"""The overview, the forms' heads, and the three-year form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openfisca_stoffenbalans.report.form_annex_2 import columns
from openfisca_stoffenbalans.report.form_model import Column, FormTable, Row, Value, day_text
from openfisca_stoffenbalans.report.form_year import FarmYear
from openfisca_stoffenbalans.variables.de.stoffbilv.missing import INPUTS
from openfisca_stoffenbalans.words import phrases

Layout = Mapping[str, Any]


def result_table(year: FarmYear, layout: Layout) -> FormTable:
    """Duty, dates, verdict, what is missing and what was derived."""
    rows = []
    for line in layout["rows"]:
        value = said(year, line)
        rows.append(Row(line["variable"], (line["label"], value, year.reference(line["variable"]))))
    return FormTable(layout["caption"], "", tuple(Column(name, text=True) for name in layout["columns"]), tuple(rows))


def said(year: FarmYear, line: Layout) -> Value:
    """A variable of the overview in words; sentences on lines of their own."""
    kind = line.get("words")
    if kind == "bits":
        return phrases(list(INPUTS.values()), between="\n")(year.value(line["variable"])) or str(year.layout["none"])
    value = year.words(line["variable"])
    return (str(value).replace("; ", "\n") or str(year.layout["none"])) if kind == "list" else value


def assessment_table(year: FarmYear, layout: Layout) -> FormTable:
    """Both methods: difference, limit, headroom, verdict."""
    rows = []
    for line in layout["rows"]:
        balance, limit, headroom, verdict = (year.words(name) for name in line["variables"])
        balance, headroom = (year.land(line, value, "mean_area") for value in (balance, headroom))
        rows.append(Row(line["id"], (year.word(line["id"]), balance, limit, line["unit"], headroom, verdict)))
    return FormTable(layout["caption"], layout["reference"], columns(layout), tuple(rows))


def background_table(year: FarmYear, layout: Layout, reference: str, texts: Mapping[str, str]) -> FormTable:
    """Table 1 of annexes 2 and 3; `texts`: what is no variable."""
    rows = []
    for number, line in enumerate(layout["rows"], start=1):
        value = texts[line["text"]] if "text" in line else year.land(line, year.words(line["variable"]))
        rows.append(Row(f"line_{number}", (f"{number}.", line["label"], value)))
    heads = tuple(Column(name, text=True, places=2) for name in year.layout["background_columns"])
    return FormTable(layout["caption"], reference, heads, tuple(rows))


def window(year: FarmYear, layout: Layout) -> list[FarmYear]:
    """The balance years of the three-year form, the first one first."""
    number = int(year.law.value(layout["years"]))
    return [year.at(-back) for back in reversed(range(number))]


def means_table(year: FarmYear, layout: Layout) -> FormTable:
    """Table 2 of annex 3: a line per balance year, then the mean over the known ones."""
    means, rows = layout["means"], []
    for number, other in enumerate(window(year, layout), start=1):
        label = means["year"].format(number=number)
        rows.append(Row(f"line_{number}", (f"{number}.", label, *year_cells(other, layout))))
    filled = [column for column in means["columns"] if "mean" in column]
    mean = [year.land(column, year.number(column["mean"]), "mean_area") for column in filled]
    cells = (f"{len(rows) + 1}.", means["mean"], "", *mean)
    rows.append(Row(f"line_{len(rows) + 1}", cells, "sum"))
    return FormTable(means["caption"], layout["reference"], columns(means), tuple(rows), tuple(means["notes"]))


def year_cells(year: FarmYear, layout: Layout) -> list[Value]:
    """A balance year's cells; all missing when it is not known, none when it lies before the law."""
    first = day_text(year.period.start.date)
    filled = [column for column in layout["means"]["columns"] if "variable" in column]
    if not year.value(year.layout["in_force"]):
        return [f"{first}: {year.layout['before']}", *[""] * len(filled)]
    known = year.value(layout["known"])
    return [first, *(year.land(column, year.number(column["variable"])) if known else None for column in filled)]
