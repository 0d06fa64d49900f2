"""What can be looked up: the rows of the law's tables by code, regimes, reforms, variables and statistics."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy

from openfisca_stoffenbalans.codes import ANIMALS, CROPS, PRODUCTS, Code
from openfisca_stoffenbalans.reform import available, readings
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
from openfisca_stoffenbalans.tables import NOT_FOUND, Table, cell_values, tables

Line = tuple[str, ...]

HEADS: dict[str, Line] = {
    "products": ("code", "label", "content", "unit", "reference"),
    "animals": ("code", "label", "content", "unit", "reference"),
    "regimes": ("name", "title", "country"),
    "reforms": ("name", "kind", "label", "reference"),
    "variables": ("name", "label", "unit", "reference"),
    "statistics": ("name", "label", "unit"),
}
NUTRIENTS = {"n": "N", "p": "P", "p2o5": "P2O5", "n_per_ha": "N/ha", "n_per_dt": "N/dt"}


def cell(table: Table, value: Any) -> str:
    """A printed cell; its dated values when it has several, and their end where nothing is known outside of them."""
    outside = table.head.get("outside") == NOT_FOUND
    if outside:
        value = {day: dated["value"] for day, dated in cell_values(table, value).items()}
    if isinstance(value, dict):
        known = {day: number for day, number in value.items() if outside or number is not None}
        return ", ".join(
            f"{'unknown' if number is None else f'{number:g}'} from {day}" for day, number in known.items()
        )
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def contents(table: Table, code: Code) -> str:
    """The nutrient columns of a row."""
    row = table.rows[code.row]
    printed = [name for name in table.columns if name in NUTRIENTS and row[name] is not None]
    return ", ".join(f"{NUTRIENTS[name]} {cell(table, row[name])}" for name in printed)


def unit(table: Table, code: Code) -> str:
    """What the contents of a row are per."""
    if code.unit:
        one = "piece" if code.unit == "pieces" else code.unit
        counted = f"{code.per:g} {code.unit}" if code.per != 1 else one
        return f"kg per {counted}{' dry matter' if code.dry_matter else ''}"
    return str(table.rows[code.row].get("reference_unit") or "kg")


def line_of(code: Code) -> Line:
    """One code with label, content, unit and reference."""
    table = tables()[code.table]
    return code.code, code.label, contents(table, code), unit(table, code), str(table.head["reference"])


def products() -> list[Line]:
    """Product and crop codes; the contents of manure are derived, at the first day of 2021."""
    printed = [line_of(code) for code in (*PRODUCTS.values(), *CROPS.values()) if not code.form]
    return printed + manure()


def manure() -> list[Line]:
    """Manure products with the contents that section 5(2) no. 1 makes of the DüV's tables."""
    from openfisca_core.periods import period
    from openfisca_core.simulations import Simulation

    from openfisca_stoffenbalans.lookup import Law
    from openfisca_stoffenbalans.variables.de.stoffbilv.annex_1_contents import nitrogen, phosphate

    system = CountryTaxBenefitSystem()
    population = Simulation(system, system.instantiate_entities()).populations["farm"]
    law = Law(population, period("2021"), system.get_parameters_at_instant)
    lines: list[Line] = []
    for code in PRODUCTS.values():
        if code.form:
            n, p2o5 = numpy.round([nitrogen(law, code.code), phosphate(law, code.code)], 3)
            reference = str(tables()[code.table].head["reference"])
            lines.append((code.code, code.label, f"N {n:g}, P2O5 {p2o5:g} (derived)", f"kg per {code.unit}", reference))
    return lines


def animals() -> list[Line]:
    """Animal categories with their excretion."""
    return [line_of(code) for code in ANIMALS.values()]


def all_regimes() -> list[Line]:
    """The regimes."""
    return [(regime.name, regime.title, regime.country) for regime in regimes().values()]


def reforms() -> list[Line]:
    """The readings, options and shipped scenarios of every regime; a scenario with its title and source."""
    from openfisca_stoffenbalans.scenario.definition import load_scenario, shipped

    lines: list[Line] = []
    # Regimes with readings in common are listed once, by the one that consists of the others.
    whole = sorted(regimes().items(), key=lambda item: not item[1].of)
    listed = {regime.readings: name for name, regime in reversed(whole)}
    for name in (name for name in regimes() if name in listed.values()):
        regime = regimes()[name]
        options = available(f"{regime.readings.rpartition('.')[0]}.options")
        for kind, found in (("reading", readings(name)), ("option", options)):
            lines.extend((one, f"{kind} of {name}", reform.label, reform.reference) for one, reform in found.items())
        scenarios = [load_scenario(one, name) for one in shipped(name)]
        lines.extend((one.name, "scenario", one.title, one.source) for one in scenarios)
    return lines


def variables() -> list[Line]:
    """All variables of the system."""
    found = CountryTaxBenefitSystem().variables.values()
    return [
        (variable.name, variable.label, variable.unit or "", "; ".join(variable.reference or [])) for variable in found
    ]


def statistics() -> list[Line]:
    """The statistics that margins of a population may be given in."""
    from openfisca_stoffenbalans.population.measures import STATISTICS

    return [(one.name, one.words, one.unit) for one in STATISTICS.values()]


LISTS = {
    "products": products,
    "animals": animals,
    "regimes": all_regimes,
    "reforms": reforms,
    "variables": variables,
    "statistics": statistics,
}


def show(kind: str, lines: list[Line]) -> None:
    """Print lines: on a terminal one below the other, so that no code is cut; tab-separated with a head elsewhere."""
    if sys.stdout.isatty():
        text = "\n".join("\n    ".join(part for part in line if part) for line in lines)
    else:
        text = "\n".join("\t".join(line) for line in (HEADS[kind], *lines))
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read the list has seen enough; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
