"""The yearly balance form: its lines, below each the amounts that it adds up, and the sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openfisca_stoffenbalans.codes import CROPS, PRODUCTS
from openfisca_stoffenbalans.lookup import NONE
from openfisca_stoffenbalans.report.form_model import Column, FormTable, Row, Value
from openfisca_stoffenbalans.report.form_sources import CROP, FLOW, contents, fixation, source_words
from openfisca_stoffenbalans.report.form_year import FarmYear
from openfisca_stoffenbalans.variables.de.stoffbilv.annex_2_balance import LEGUMES

Layout = Mapping[str, Any]
OTHER = "other"


def columns(layout: Layout) -> tuple[Column, ...]:
    """The columns of a table of the forms; with `places`, all of them are shown unless it says `trim`."""
    return tuple(
        Column(
            column["label"],
            column.get("unit", ""),
            column.get("text", False),
            column.get("places", 6),
            column.get("trim", "places" not in column),
        )
        for column in layout["columns"]
    )


def balance_table(year: FarmYear, layout: Layout) -> FormTable:
    """Table 2 of annex 2."""
    rows: list[Row] = []
    for side in layout["sides"]:
        rows.append(head(side["label"]))
        rows.extend(lines_of(year, layout, side["id"]))
        rows.extend(sums(year, layout, side["id"]))
    rows.append(head(layout["difference"]))
    rows.extend(sums(year, layout, "difference"))
    reference = str(year.law.table(layout["table"]).metadata["reference"])
    return FormTable(layout["caption"], reference, columns(layout), tuple(rows), tuple(layout["notes"]))


def head(label: str) -> Row:
    """The heading of a side."""
    return Row("", ("", label, *[""] * 9), "head")


def line_cells(line: str, label: str, kg: list[Value]) -> tuple[Value, ...]:
    """The cells of a line without an amount of its own."""
    return (line, label, "", "", "", "", "", *kg, "")


def lines_of(year: FarmYear, layout: Layout, side: str) -> Iterator[Row]:
    """The lines of a side in the order of the law's table, as it is in the system."""
    table = year.law.table(layout["table"]).children
    names = [name for name in table if name.startswith(f"{side}_")]
    kinds = {name: str(year.law.cell(layout["table"], name, "categories")).split() for name in names}
    amounts: dict[str, list[Row]] = {name: [] for name in names}
    for flow in year.lines("flow", *FLOW):
        if flow["direction"] == side:
            amounts[narrowest(kinds, flow["category"])].append(flow_row(year, layout, flow))
    for name in names:
        nutrients = year.layout["nutrients"]
        kg: list[Value] = [
            year.number(layout["variable"].format(line=name, suffix=nutrient["suffix"])) for nutrient in nutrients
        ]
        details = legumes(year) if kinds[name] == [LEGUMES] else amounts[name]
        level = "line" if year.law.cell(layout["table"], name, "in_sum") else "part"
        cells = line_cells(f"{name.rpartition('_')[2]}.", table[name].description, kg)
        yield Row(name, cells, level, tuple(details))


def narrowest(kinds: Mapping[str, list[str]], category: str) -> str:
    """The line with the fewest kinds of matter that a category belongs to; that of other matter for none."""
    wanted = OTHER if category == NONE else category
    holding = [name for name, categories in kinds.items() if wanted in categories]
    holding = holding or [name for name, categories in kinds.items() if OTHER in categories]
    return min(holding, key=lambda name: len(kinds[name]))


def flow_row(year: FarmYear, layout: Layout, flow: Mapping[str, Any]) -> Row:
    """One amount with its contents and their sources."""
    found = contents(year, flow)
    product = flow["product"]
    label = year.layout["categories"].get(flow["category"], flow["category"])
    label = f"{label}, {layout['no_product']}" if product == NONE else PRODUCTS[product].label
    kg: list[Value] = [flow[nutrient["id"]] for nutrient in year.layout["nutrients"]]
    words = source_words(found)
    if not flow["group"]:
        kg = [layout["not_counted"]] * len(kg)
        words = f"{layout['not_counted']} ({year.reference('flow_counts')}); {words}"
    values: list[Value] = [content.value for content in found]
    cells = ("", label, flow["amount"], year.word(flow["unit"]), *values, *kg, words)
    return Row("", cells, "detail", contents=found)


def legumes(year: FarmYear) -> list[Row]:
    """The legumes behind the line of nitrogen fixation."""
    rows = []
    for crop in year.lines("crop", *CROP):
        if crop["crop"] in CROPS:
            amount, unit, content = fixation(year, crop)
            label, kg = CROPS[crop["crop"]].label, crop["nitrogen_fixation"]
            cells = ("", label, amount, unit, content.value, "", "", kg, "", "", source_words([content]))
            rows.append(Row("", cells, "detail", contents=(content,)))
    return rows


def sums(year: FarmYear, layout: Layout, side: str) -> Iterator[Row]:
    """Lines 13 to 17 of a side or of the difference."""
    for line in layout["sums"][side]:
        kg = [sum_cell(year, layout, line, nutrient["id"]) for nutrient in year.layout["nutrients"]]
        yield Row(f"{side}_line_{line['line']}", line_cells(f"{line['line']}.", line["label"], kg), "sum")


def sum_cell(year: FarmYear, layout: Layout, line: Layout, nutrient: str) -> Value:
    """A sum for one nutrient; per hectare it does not apply to a farm without land."""
    if line.get("only", nutrient) != nutrient:
        return ""
    return year.land(line, year.number(line["variable"].format(nutrient=nutrient)))
