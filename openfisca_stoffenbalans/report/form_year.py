"""One farm in one balance year: what the variables say, as plain values and in words."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum, EnumArray

from openfisca_stoffenbalans.dataset.simulation import Part
from openfisca_stoffenbalans.lookup import NONE, Law
from openfisca_stoffenbalans.report.form_model import Value, day_text

# The variable of each role that says whether a slot holds a line in a year.
FILLED = {
    "flow": "flow_direction",
    "herd": "herd_animal",
    "crop": "crop_crop",
    "application": "application_material",
}


def plain(cell: Any) -> Any:
    """A cell of an array as a Python value; None for NaN and no day."""
    value = cell.item() if isinstance(cell, numpy.generic) else cell
    return None if isinstance(value, float) and numpy.isnan(value) else value


class FarmYear:
    """The only farm of a part in one of its balance years.

    `law`: the law as the year reads it; `layout`: content of the forms' file.
    """

    def __init__(self, part: Part, period: Any, layout: Mapping[str, Any]) -> None:
        """Look at `period` of a part with one farm."""
        self.simulation, self.part, self.period, self.layout = part.simulation, part, period, layout
        self.system = part.simulation.tax_benefit_system
        self.law = Law(self.simulation.populations["farm"], period, self.system.get_parameters_at_instant)

    def at(self, years: int) -> FarmYear:
        """The same farm so many balance years later."""
        return FarmYear(self.part, self.period.offset(years), self.layout)

    def array(self, variable: str) -> Any:
        """The values of a variable; Enum members by name."""
        # Missing amounts are NaN and go through every formula; that is no reason to warn.
        with numpy.errstate(all="ignore"):
            values = self.simulation.calculate(variable, self.period)
        return values.decode_to_str() if isinstance(values, EnumArray) else values

    def value(self, variable: str) -> Any:
        """A variable of the farm; None when it is missing."""
        return plain(self.array(variable)[0])

    def number(self, variable: str) -> float | None:
        """A number of the farm; None when it is missing."""
        value = self.value(variable)
        return None if value is None else float(value)

    def lines(self, role: str, *variables: str) -> list[dict[str, Any]]:
        """The farm's lines of a role in this year: variable without the role's name -> value."""
        part = self.simulation.populations["entry"].layout[role]
        filled = self.array(FILLED[role])[part] != NONE
        columns = {name: self.array(f"{role}_{name}")[part][filled] for name in variables}
        return [{name: plain(column[k]) for name, column in columns.items()} for k in range(int(filled.sum()))]

    def words(self, variable: str) -> Value:
        """A variable in the words of the forms; numbers as they are."""
        value = self.value(variable)
        if isinstance(value, datetime.date):
            return day_text(value)
        if isinstance(value, bool):
            return str(self.layout["words"][str(value).lower()])
        if self.system.variables[variable].value_type is Enum:
            return self.word(value)
        return value if value is None or isinstance(value, str) else float(value)

    def word(self, code: str) -> str:
        """A code in the words of the forms; itself when they have none."""
        return str(self.layout["words"].get(code, code))

    def land(self, line: Mapping[str, Any], value: Value, area: str = "area") -> Value:
        """A value of a line of the layout; one per hectare does not apply to a farm without land."""
        without = line.get("per_ha") and self.number(self.layout[area]) == 0
        return str(self.layout["no_land"]) if without else value

    def reference(self, variable: str) -> str:
        """The provisions that a variable rests on."""
        return "; ".join(self.system.variables[variable].reference or [])

    def row_reference(self, table: str, row: str) -> str:
        """The citation of a row of a table."""
        return str(self.law.table(table).children[row].metadata["reference"][0])

    def place(self, table: str, row: str) -> str:
        """The citation of a row, without its words where the table numbers its rows."""
        citation = self.row_reference(table, row)
        return citation.split(" „")[0] if "line" in self.law.table(table).children[row].metadata else citation

    def out_of_force(self, table: str) -> str:
        """What to say of a table that is read at another day than the first of the year; else nothing."""
        day = self.law.nearest(table)
        if day == self.law.start:
            return ""
        shown = day_text(datetime.date.fromisoformat(day))
        return f"; read as of {shown}, the nearest day in force"
