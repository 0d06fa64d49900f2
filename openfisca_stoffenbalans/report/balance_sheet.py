"""The balance sheet of one farm and balance year, as the `form` part of a regime's file lays it out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import numpy
import polars
from openfisca_core.indexed_enums import Enum

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.dataset.simulation import Part
from openfisca_stoffenbalans.regimes import Regime
from openfisca_stoffenbalans.report.form_model import Column, FormError, FormTable, Heads, Row, Sheet, Value
from openfisca_stoffenbalans.report.form_year import FarmYear, plain
from openfisca_stoffenbalans.system import VARIABLES
from openfisca_stoffenbalans.tables import load_yaml

SIGNS = {"": "", "+": "+", "-": "\N{MINUS SIGN}", "=": "="}
LEVELS = {"": "line", "+": "line", "-": "line", "=": "sum"}
# What a workbook does not allow in the name of a sheet, and how long one may be.
NO_SHEET_NAME, SHEET_NAME = re.compile(r"[\[\]:*?/\\]"), 31

Layout = Mapping[str, Any]


def laid_out(regime: Regime) -> tuple[Regime, ...]:
    """The regimes whose balance sheets a regime's form consists of; FormError when there is none."""
    found = tuple(one for one in (regime, *regime.of) if one.form is not None)
    if not found:
        raise FormError(f"there is no form of {regime.name}")
    return found


def layout_of(regime: Regime) -> Layout:
    """A regime's layout, with the words that others share (`common`: a file in the formulas' folder)."""
    own: Layout = regime.form or {}
    return {**load_yaml(VARIABLES / own["common"]), **own} if "common" in own else own


def heads_of(layout: Layout) -> Heads:
    """The words of the form's head in the language of a layout, beside English."""
    return Heads(
        layout["language"], *(both(layout[name]) for name in ("farm", "balance_year", "computed_with", "contents"))
    )


def both(words: Layout) -> str:
    """A text in both languages."""
    return f"{words['local']} / {words['en']}"


def balance_sheet(regime: Regime, part: Part, period: Any, data: DataSet) -> Sheet:
    """The sheet of a regime for the only farm of a part: outcome, sections, fields."""
    layout = layout_of(regime)
    why = regime.why_not(period.start.date)
    if why:
        raise FormError(f"{regime.name}: the balance year from {period.start.date} can't be computed: {why}")
    year = FarmYear(part, period, layout)
    bound = not regime.obliged or bool(year.value(regime.obliged))
    # To a farm that the regime does not bind, sections without a single amount say nothing.
    said_of = [one for one in layout["sections"] if bound or any(is_known(year, line) for line in one["lines"])]
    tables = [outcome(regime, year, layout), *(section(year, layout, one) for one in said_of)]
    if "fields" in layout and len(part.fields[period][0]):
        tables.append(fields(year, layout, part, data))
    name = NO_SHEET_NAME.sub(" ", layout["title"]["local"])[:SHEET_NAME]
    return Sheet(name, both(layout["title"]), regime.title, tuple(tables))


def outcome(regime: Regime, year: FarmYear, layout: Layout) -> FormTable:
    """Verdict, duty, and what was missing, in words."""
    there = [name for name in (regime.obliged, regime.verdict, regime.because) if name]
    rows = tuple(
        Row(name, (year.system.variables[name].label, said(year, layout, name), year.reference(name))) for name in there
    )
    heads = (layout["columns"]["line"], layout["columns"]["result"], layout["columns"]["reference"])
    return FormTable(both(layout["outcome"]), "", tuple(Column(both(head), text=True) for head in heads), rows)


def section(year: FarmYear, layout: Layout, content: Layout) -> FormTable:
    """A section: each line with its sign, its amount, the same per hectare, and the unit."""
    with_ha = any("per_ha" in line for line in content["lines"])
    columns = layout["columns"]
    heads = [Column(both(columns["line"]), text=True), Column(both(columns["sign"]), text=True)]
    heads += [Column(both(columns["amount"]), places=2), Column(both(columns["unit"]), text=True)]
    heads += [Column(both(columns["per_ha"]), places=2)] if with_ha else []
    heads += [Column(both(columns["reference"]), text=True)]
    rows = tuple(line_row(year, layout, line, with_ha) for line in content["lines"])
    return FormTable(both(content["title"]), "", tuple(heads), rows, tuple(map(both, content.get("notes", ()))))


def is_known(year: FarmYear, line: Layout) -> bool:
    """Whether a line has an amount."""
    return isinstance(year.value(line["variable"]), float)


def line_row(year: FarmYear, layout: Layout, line: Layout, with_ha: bool) -> Row:
    """One line of a section."""
    sign, name = str(line.get("sign", "")), line["variable"]
    unit = line.get("unit", year.system.variables[name].unit or "")
    per_ha: list[Value] = [said(year, layout, line["per_ha"]) if "per_ha" in line else ""] if with_ha else []
    cells = (both(line), SIGNS[sign], said(year, layout, name), unit, *per_ha, year.reference(name))
    return Row(name, cells, LEVELS[sign])


def said(year: FarmYear, layout: Layout, name: str) -> Value:
    """A variable of the farm as a number or in words; None when it is missing."""
    return in_words(year.value(name), year.system.variables[name], layout)


def in_words(value: Any, variable: Any, layout: Layout) -> Value:
    """A value as a number or in words; None when it is missing."""
    if value is None or isinstance(value, bool) or variable.value_type is Enum:
        return None if value is None else str(layout["words"].get(str(value).lower(), value))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value.replace("; ", "\n") or both(layout["none"]) if isinstance(value, str) else float(value)


def fields(year: FarmYear, layout: Layout, part: Part, data: DataSet) -> FormTable:
    """A row per field of the year, in the order of the data."""
    rows, index = part.fields[year.period]
    ids = data.tables["fields"]["field_id"].cast(polars.String).gather(rows).to_list()
    content, variables = layout["fields"], year.system.variables
    columns = {one["variable"]: one for one in content["columns"]}
    values = {name: year.array(name)[index] for name in columns}
    heads = [Column(both(layout["columns"]["field"]), text=True)]
    for name, one in columns.items():
        unit = one.get("unit", variables[name].unit or "")
        heads.append(Column(both(one), unit, text=variables[name].value_type is not float, places=2))
    body = []
    for place in numpy.argsort(rows, kind="stable").tolist():
        cells = [in_words(plain(values[name][place]), variables[name], layout) for name in columns]
        body.append(Row(f"field_{ids[place]}", (ids[place], *cells)))
    return FormTable(both(content["title"]), "", tuple(heads), tuple(body))
