"""Farms of one field and one feed, for tests of MINAS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openfisca_core.simulations import SimulationBuilder


def minas_farms(system: Any, year: str, *farms: Mapping[str, Any]) -> Any:
    """A simulation of farms with a field of 1 ha, whose surplus is what they buy: `feed`, kg N, and `phosphate`, kg.

    Further keys are variables of the farm, the field, its crop or the feed.
    """
    entries: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    made: dict[str, Any] = {}
    for number, farm in enumerate(farms):
        given = {"feed": 0, "phosphate": 0} | dict(farm)
        n, p2o5 = given.pop("feed"), given.pop("phosphate")
        flow = {
            "direction": "supply",
            "category": "feed",
            "unit": "kg",
            "amount": 1,
            "n_content": n,
            "p2o5_content": p2o5,
        }
        crop = {"crop": "nl_265", "area_ha": 1}
        field = {"known": True, "area_ha": 1, "leaching_sensitive": "unknown", "soil_type": "none"}
        whole = {"farm_year_known": True, "country": "NL", "utilised_area_ha": 1, "minas_assessment": "refined"}
        parts: dict[str, dict[str, Any]] = {"flow": flow, "crop": crop, "field": field}
        inputs = {f"{part}_{name}": value for part, of in parts.items() for name, value in of.items()} | whole | given
        by_part = {
            part: {name: {year: inputs[name]} for name in inputs if name.startswith(f"{part}_")} for part in parts
        }
        rest = {name: {year: inputs[name]} for name in inputs if not name.startswith(("flow_", "crop_", "field_"))}
        entries |= {f"feed_{number}": by_part["flow"], f"crop_{number}": by_part["crop"]}
        fields[f"field_{number}"] = {"lines": [f"feed_{number}", f"crop_{number}"], **by_part["field"]}
        made[f"farm_{number}"] = {"flows": [f"feed_{number}"], "crops": [f"crop_{number}"], **rest}
    return SimulationBuilder().build_from_entities(system, {"entries": entries, "fields": fields, "farms": made})


def found(simulation: Any, variable: str, year: str) -> list[Any]:
    """The values of a variable, members of Enums by name."""
    values = simulation.calculate(variable, year)
    listed: list[Any] = (values.decode_to_str() if hasattr(values, "decode_to_str") else values).tolist()
    return listed
