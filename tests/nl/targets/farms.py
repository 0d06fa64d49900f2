"""Farms with amounts given, under a scenario: what a target makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
from openfisca_core.indexed_enums import EnumArray
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans.codes import Country
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario

REGIME = "nl.targets"
FIRST = "2000-01-01"


def scenario(**values: Any) -> Scenario:
    """A scenario that sets parameters of `nl.targets`; `__` in a name stands for a dot, a mapping for days."""
    parameters = {
        f"nl.targets.{name.replace('__', '.')}": value if isinstance(value, Mapping) else {FIRST: value}
        for name, value in values.items()
    }
    return Scenario.from_spec({"name": "tried", "parameters": parameters, "source": "a test", "regime": REGIME})


def simulated(system: Any, amounts: Mapping[str, Any], year: int = 2025, chosen: Any = None, **values: Any) -> Any:
    """A simulation of as many Dutch farms as the amounts have, known in a year, with variables given.

    An amount that is a mapping is given by year. `chosen`: the name of a shipped scenario, or a scenario, applied
    before the parameters of `nl.targets` in `values`.
    """
    applied = [load_scenario(chosen, REGIME) if isinstance(chosen, str) else chosen] if chosen else []
    if values:
        applied.append(scenario(**values))
    reformed = system
    for one in applied:
        reformed = build(reformed, [one])
    by_year = {
        name: dict(of) if isinstance(of, Mapping) else {year: of}
        for name, of in {"farm_year_known": True, **amounts}.items()
    }
    number = max(len(value) for of in by_year.values() for value in of.values() if isinstance(value, list))
    entries = {f"line_{farm}": {} for farm in range(number)}
    farms = {f"farm_{farm}": {"flows": [f"line_{farm}"]} for farm in range(number)}
    made = SimulationBuilder().build_from_entities(reformed, {"entries": entries, "farms": farms})
    years = {one for of in by_year.values() for one in of}
    for one in years:
        made.set_input("country", str(one), numpy.full(number, Country.NL.index))
    for name, of in by_year.items():
        for one, value in of.items():
            made.set_input(name, str(one), given(reformed, name, value, number))
    return made


def given(system: Any, name: str, value: Any, number: int) -> Any:
    """The array of an amount: a list of the farms', or one for all."""
    values = value if isinstance(value, list) else [value] * number
    kinds = getattr(system.variables[name], "possible_values", None)
    if kinds is not None:
        return numpy.array([kinds[one].index for one in values])
    return numpy.array([numpy.nan if one is None else one for one in values])


def result(simulation: Any, name: str, year: int = 2025) -> list[Any]:
    """A variable of the farms: codes and texts as they are, numbers rounded to a thousandth of a gram, missing None."""
    found = simulation.calculate(name, str(year))
    if isinstance(found, EnumArray):
        return list(found.decode_to_str())
    if found.dtype.kind == "f":
        return [None if numpy.isnan(one) else round(float(one), 6) for one in found]
    return list(found.tolist())
