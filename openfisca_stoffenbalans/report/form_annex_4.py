"""The form of the permitted balance: its lines, below each the herds, amounts and spreadings behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from openfisca_stoffenbalans.codes import ANIMALS, PRODUCTS
from openfisca_stoffenbalans.report.form_annex_2 import columns
from openfisca_stoffenbalans.report.form_model import FormTable, Row, Value, number_text
from openfisca_stoffenbalans.report.form_year import FarmYear
from openfisca_stoffenbalans.tables import at
from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import roughage_nitrogen
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_4_permitted_balance import ROW_OF_MATERIAL

Layout = Mapping[str, Any]

PERCENT = "%"
NO_ROW = "no row in the table"


def permitted_table(year: FarmYear, layout: Layout) -> FormTable:
    """Table 1 of annex 4."""
    lines = layout["lines"]
    rows = tuple(line_row(year, layout, line) for line in lines["rows"])
    return FormTable(lines["caption"], layout["reference"], columns(lines), rows, tuple(lines["notes"]))


def line_row(year: FarmYear, layout: Layout, line: Layout) -> Row:
    """One line: its base, factor and value, and what they are made of."""
    applies = bool(year.value(line["only"])) if "only" in line else True
    base: Value = year.number(line["base"]) if "base" in line and applies else ""
    factor: Value = float(year.law.value(line["factor"])) if "factor" in line else ""
    words = line["words"].format(factor=number_text(factor) if isinstance(factor, float) else "")
    if not applies:
        words += f"; {line['otherwise']}"
    if "declared" in line and year.number(line["declared"]) is not None:
        words += "; declared by the farm"
    elif "factor" in line:
        path = line["factor"]
        words += f" ({at(year.law.tree, path).metadata['reference'][0]}{year.out_of_force(path)})"
    unit = line.get("factor_unit", PERCENT) if "factor" in line else ""
    details = tuple(row for spec in line.get("details", ()) for row in detail_rows(year, layout, line, spec))
    cells = (f"{line['line']}.", line["label"], "", "", base, factor, unit, year.number(line["variable"]), words)
    return Row(f"line_{line['line']}", cells, details=details)


def detail_rows(year: FarmYear, layout: Layout, line: Layout, spec: Layout) -> list[Row]:
    """The rows that one kind of detail gives."""
    if "only" in spec and not year.value(spec["only"]):
        return []
    if "unless" in spec and year.number(spec["unless"]) is not None:
        return []
    make = {"herd": herd_rows, "application": application_rows, "flow": flow_rows}[spec["role"]]
    rows = list(make(year, layout, spec))
    return [*rows, *rest_row(year, line, spec, rows)] if rows and "rest" in spec else rows


def bare(role: str, variable: str) -> str:
    """A variable without the name of its role."""
    return variable.removeprefix(f"{role}_")


def herd_rows(year: FarmYear, layout: Layout, spec: Layout) -> Iterator[Row]:
    """Herds: number, excretion per animal, base, percentage, loss."""
    names = [bare("herd", spec[key]) for key in ("base", "less", "value", "where") if key in spec]
    for herd in year.lines("herd", *FIXED, *names):
        if "where" in spec and herd[bare("herd", spec["where"])] == 0:
            continue
        base = herd[bare("herd", spec["base"])]
        if "less" in spec and base is not None:
            less = herd[bare("herd", spec["less"])]
            base = None if less is None else base - less
        value = herd[bare("herd", spec["value"])] if "value" in spec else ""
        printed = year.law.table(layout["herds"]["table"]).children.get(herd["animal"])
        per_head: Value = ""
        factor: Value = ""
        source, unit, of = "", "", NO_ROW
        if printed is not None:
            per_head, source = excretion(year, layout, spec, herd) if "per_head" in spec else ("", "")
            species = year.law.cell(layout["herds"]["categories"], herd["animal"], "species")
            factor, unit, of = loss(year, spec, species, herd["manure_system"])
        label = ANIMALS[herd["animal"]].label if printed is None else printed.description
        label = f"{label}; {year.word(herd['manure_system'])}"
        if herd["grazing_days"]:
            label += f"; {number_text(herd['grazing_days'])} Weidetage / grazing days"
        words = "; ".join(text for text in (spec.get("note", ""), source, of) if text)
        yield Row("", ("", label, herd["count"], per_head, base, factor, unit, value, words), "detail")


FIXED = ("animal", "count", "manure_system", "grazing_days", "n_excretion_kg")


def excretion(year: FarmYear, layout: Layout, spec: Layout, herd: Layout) -> tuple[Value, str]:
    """Kg per animal and year and its source; nothing per animal where the whole herd's is declared."""
    if "table" not in spec and herd["n_excretion_kg"] is not None:
        return "", f"excretion declared, {number_text(herd['n_excretion_kg'])} kg N"
    path, row = spec.get("table", layout["herds"]["table"]), herd["animal"]
    if "row" in spec:
        row = year.law.cell(layout["herds"]["categories"], herd["animal"], spec["row"])
    if row is None:
        return None if herd_without_row(year, herd) else "", NO_ROW
    printed = year.law.number(path, row, spec["per_head"])
    return printed, year.place(path, row) + year.out_of_force(path)


def herd_without_row(year: FarmYear, herd: Layout) -> bool:
    """Whether a herd's uptake is missing for want of a row, and not none at all."""
    return math.isnan(roughage_nitrogen(year.law, herd["animal"]))


def loss(year: FarmYear, spec: Layout, row: str, column: str) -> tuple[Value, str, str]:
    """The printed percentage, its unit and its place; an empty cell of the law is said to count as 0."""
    if "loss" not in spec:
        return "", "", ""
    cells = year.law.table(spec["loss"]).children[row]
    place = f"{year.place(spec['loss'], row)}, {year.word(column)}{year.out_of_force(spec['loss'])}"
    if column not in cells.children:
        return "", "", f"{place}: an empty cell, counted as 0"
    return year.law.number(spec["loss"], row, column), PERCENT, place


def application_rows(year: FarmYear, layout: Layout, spec: Layout) -> Iterator[Row]:
    """Spreadings of one origin: nitrogen brought out, percentage, loss."""
    base, value = bare("application", spec["base"]), bare("application", spec["value"])
    for spread in year.lines("application", "material", "form", "origin", base, value):
        if spread["origin"] == spec["origin"]:
            factor, unit, of = loss(year, spec, ROW_OF_MATERIAL[spread["material"]], spread["form"])
            label = f"{year.layout['materials'][spread['material']]}; {year.word(spread['form'])}"
            yield Row("", ("", label, "", "", spread[base], factor, unit, spread[value], of), "detail")


def flow_rows(year: FarmYear, layout: Layout, spec: Layout) -> Iterator[Row]:
    """Amounts that enter a base, with their sign."""
    base = bare("flow", spec["base"])
    for flow in year.lines("flow", "product", "amount", "unit", base):
        if flow[base] != 0:
            label, amount = f"{PRODUCTS[flow['product']].label}; {year.word(flow['unit'])}", flow["amount"]
            yield Row("", ("", label, amount, "", flow[base], "", "", "", spec["note"]), "detail")


def rest_row(year: FarmYear, line: Layout, spec: Layout, rows: list[Row]) -> list[Row]:
    """What the herds' losses are more than the line, as a row of its own; none when nothing is left over."""
    parts, whole = [row.cells[7] for row in rows], year.number(line["variable"])
    numbers = [part for part in parts if isinstance(part, float)]
    if whole is None or len(numbers) < len(parts) or math.isclose(sum(numbers), whole, rel_tol=1e-9, abs_tol=1e-9):
        return []
    rest, base = whole - sum(numbers), year.number(spec["rest"]["base"])
    return [Row("", ("", spec["rest"]["label"], "", "", base, "", "", rest, ""), "detail")]
