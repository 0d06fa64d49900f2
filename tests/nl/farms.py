"""Farms of a few lines for tests of Dutch rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openfisca_core.indexed_enums import EnumArray
from openfisca_core.simulations import SimulationBuilder

Line = Mapping[str, Any]


def dated(values: Line, year: str) -> dict[str, Any]:
    """Inputs as OpenFisca takes them, each of one balance year."""
    return {name: {year: value} for name, value in values.items()}


def simulation(system: Any, year: str, farms: Sequence[Mapping[str, Any]]) -> Any:
    """A simulation of farms in one balance year.

    Each farm has inputs, and lists of lines under the plurals of their roles; `fields` is a list of inputs of fields,
    whose crops and applications stand under `crops` and `applications` of the field.
    """
    roles = ("flows", "herds", "crops", "applications", "stocks")
    entries: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    made: dict[str, Any] = {}
    for number, farm in enumerate(farms):
        inputs = {name: value for name, value in farm.items() if name not in (*roles, "fields")}
        books: dict[str, list[str]] = {role: [] for role in roles}
        yard = f"yard {number}"
        fields[yard] = {"lines": []}
        places = [(farm, yard)]
        for count, field in enumerate(farm.get("fields", [])):
            name = f"field {number} {count}"
            own = {key: value for key, value in field.items() if key not in roles}
            fields[name] = {"lines": [], **dated({"field_known": True, **own}, year)}
            places.append((field, name))
        for place, name in places:
            lines = [(role, line) for role in roles for line in place.get(role, [])]
            for role, line in lines or [("stocks", {})]:
                entry = f"entry {len(entries)}"
                entries[entry] = dated(line, year)
                books[role].append(entry)
                fields[name]["lines"].append(entry)
        made[f"farm {number}"] = {**books, **dated({"farm_year_known": True, "country": "NL", **inputs}, year)}
    situation = {"entries": entries, "fields": fields, "farms": made}
    return SimulationBuilder().build_from_entities(system, situation)


def results(system: Any, year: str, farms: Sequence[Mapping[str, Any]], *names: str) -> Any:
    """The values of variables for these farms: a list per variable, the only one without a list around it."""
    built = simulation(system, year, farms)
    found = [built.calculate(name, year) for name in names]
    texts = [one.decode_to_str() if isinstance(one, EnumArray) else one for one in found]
    return texts[0].tolist() if len(names) == 1 else [one.tolist() for one in texts]


def nitrogen(kg: float, **line: Any) -> dict[str, Any]:
    """A flow that holds so much nitrogen, and no phosphate."""
    return {"flow_amount": kg, "flow_unit": "kg", "flow_n_content": 1, "flow_p2o5_content": 0, **line}


def manure(kg: float, direction: str = "supply") -> dict[str, Any]:
    """A flow of animal manure that holds so much nitrogen."""
    return nitrogen(kg, flow_direction=direction, flow_category="animal_manure")
