"""Where the contents of an amount come from: declared, a row of a table, or derived; each proved by its kilograms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from openfisca_stoffenbalans.codes import CROPS, PRODUCTS
from openfisca_stoffenbalans.lookup import NONE
from openfisca_stoffenbalans.report.form_model import Content, number_text
from openfisca_stoffenbalans.report.form_year import FarmYear
from openfisca_stoffenbalans.variables.de.stoffbilv import annex_1_contents as annex_1
from openfisca_stoffenbalans.variables.de.stoffbilv import section_05_removal as section_5

FLOW = (
    "direction", "category", "product", "amount", "unit", "n_content", "p_content", "p2o5_content", "content_source",
    "table_amount", "table_share", "weight_basis", "group", "nitrogen", "phosphorus", "phosphate",
    "crude_protein_pct", "protein_nitrogen",
)  # fmt: skip
CROP = ("crop", "area_ha", "yield_dt_per_ha", "nitrogen_fixation")
COLUMNS = {"N": "n", "P": "p", "P2O5": "p2o5"}
OTHER = {"P": "p2o5", "P2O5": "p"}
BY_TABLE = {"N": annex_1.nitrogen, "P": annex_1.phosphorus, "P2O5": annex_1.phosphate}
Flow = Mapping[str, Any]


def contents(year: FarmYear, flow: Flow) -> tuple[Content, ...]:
    """The content of each nutrient in a flow (its FLOW variables)."""
    nutrients = year.layout["nutrients"]
    return tuple(content(year, flow, nutrient["sign"], flow[nutrient["id"]]) for nutrient in nutrients)


def content(year: FarmYear, flow: Flow, sign: str, kg: float | None) -> Content:
    """The source of a nutrient: the one whose content makes the kilograms that the law's variable says."""
    if kg is None:
        return Content(sign, "missing", None, f"{year.layout['missing']}: neither declared nor in a table")
    for found in (declared(year, flow, sign), by_protein(flow, sign), by_table(year, flow, sign)):
        if found and math.isclose(kg, flow["amount"] * (found.value or 0), rel_tol=1e-9, abs_tol=1e-9):
            return found
    return Content(sign, "reform", kg / flow["amount"] if flow["amount"] else None, "by a reform of the law")


def declared(year: FarmYear, flow: Flow, sign: str) -> Content | None:
    """The declared content, of P and P2O5 also from the other; None without."""
    words = str(year.layout["sources"][flow["content_source"]])
    own = flow[f"{COLUMNS[sign]}_content"]
    if own is not None:
        return Content(sign, "declared", own, words)
    other = flow[f"{OTHER[sign]}_content"] if sign in OTHER else None
    if other is None:
        return None
    factor = year.law.value(annex_1.P_PER_P2O5)
    value = other * factor if sign == "P" else other / factor
    return Content(sign, "converted", value, conversion(factor))


def by_protein(flow: Flow, sign: str) -> Content | None:
    """The nitrogen in the crude protein of an amount; None for another nutrient or without protein."""
    kg, pct = flow["protein_nitrogen"], flow["crude_protein_pct"]
    if sign != "N" or kg is None or not flow["amount"]:
        return None
    words = "protein of the farm's milk" if pct is None else f"{number_text(pct)} % crude protein"
    return Content(sign, "converted", kg / flow["amount"], f"converted from {words}")


def conversion(factor: float) -> str:
    """The conversion of phosphorus and phosphate with its provision."""
    return f"converted, P = P2O5 × {number_text(factor)} (StoffBilV § 3 Abs. 3 Satz 2)"


def by_table(year: FarmYear, flow: Flow, sign: str) -> Content | None:
    """The content by the product's row of a table, per unit of the amount; None for no row or an empty cell."""
    product = flow["product"]
    if product == NONE:
        return None
    value = float(BY_TABLE[sign](year.law, product))
    value *= annex_1.units_of_table(year.law, product, flow["unit"]) * flow["table_share"]
    if math.isnan(value):
        return None
    if PRODUCTS[product].form:
        return Content(sign, "manure", value, manure(year, PRODUCTS[product], sign))
    code = PRODUCTS[product]
    cells = year.law.table(code.table).children[code.row].children
    column = COLUMNS[sign] if COLUMNS[sign] in cells else COLUMNS["P2O5"]
    printed = f"{cells[column].metadata['label']} {number_text(year.law.number(code.table, code.row, column))}"
    where = year.place(code.table, code.row) + as_counted(flow) + year.out_of_force(code.table)
    if column != COLUMNS[sign]:
        where += f"; {conversion(year.law.value(annex_1.P_PER_P2O5))}"
    return Content(sign, "table", value, where, printed)


def as_counted(flow: Flow) -> str:
    """The amount as its table counts it, where that is another number."""
    code = PRODUCTS[flow["product"]]
    if flow["table_amount"] == flow["amount"] or flow["table_amount"] is None:
        return ""
    what = " Trockenmasse / dry matter" if code.dry_matter else ""
    what = " Lebendgewicht / live weight" if flow["weight_basis"] == "slaughter" else what
    return f"; counts {number_text(flow['table_amount'])} {code.unit}{what}"


def manure(year: FarmYear, code: Any, sign: str) -> str:
    """How section 5(2) no. 1 makes the content of manure, with the rows it reads."""
    law = year.law
    if sign == "P":
        return conversion(law.value(annex_1.P_PER_P2O5))
    animal = law.cell(section_5.ROWS, code.row, "excretion_row")
    species, column = law.cell(section_5.SPECIES, animal, "species"), section_5.COLUMN[code.form]
    excreted = number_text(law.number(section_5.EXCRETION, animal, COLUMNS[sign]))
    words = f"StoffBilV § 5 Abs. 2 Satz 2 Nr. 1: {excreted} kg {sign} ({year.place(section_5.EXCRETION, animal)})"
    if sign == "N":
        credited = number_text(law.number(section_5.CREDITING, species, column))
        words += f" × {credited} % ({year.place(section_5.CREDITING, species)})"
    volume = number_text(section_5.yearly_volume(law, code))
    return f"{words} / {volume} {code.unit} a year ({year.place(section_5.VOLUME, code.row)})"


def fixation(year: FarmYear, crop: Flow) -> tuple[float | None, str, Content]:
    """Amount, unit and content of a legume (its CROP variables): by yield where one is declared, else by area."""
    code = CROPS[crop["crop"]]
    cells = year.law.table(code.table).children[code.row].children
    by_yield = crop["yield_dt_per_ha"] is not None and "n_per_dt" in cells
    column, unit = ("n_per_dt", "dt") if by_yield else ("n_per_ha", "ha")
    amount = crop["area_ha"] * crop["yield_dt_per_ha"] if by_yield else crop["area_ha"]
    value = year.law.number(code.table, code.row, column)
    where = year.place(code.table, code.row) + year.out_of_force(code.table)
    return amount, unit, Content("N", "table", value, where, f"{cells[column].metadata['label']} {number_text(value)}")


def source_words(found: Iterable[Content]) -> str:
    """The sources of some contents, nutrients of the same source together."""
    groups: dict[str, list[Content]] = {}
    for content in found:
        groups.setdefault(content.where, []).append(content)
    parts = []
    for where, same in groups.items():
        printed = ", ".join(content.printed for content in same if content.printed)
        parts.append(f"{', '.join(content.nutrient for content in same)}: {where}{f' [{printed}]' if printed else ''}")
    return "; ".join(parts)
