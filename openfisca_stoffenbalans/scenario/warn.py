"""What in a scenario may be a mistake."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from openfisca_stoffenbalans.lookup import day_in_force
from openfisca_stoffenbalans.scenario.build import changes_of, in_order, made, value_at, with_layer
from openfisca_stoffenbalans.scenario.definition import LAW, NOT_STATED, Scenario
from openfisca_stoffenbalans.scenario.values import Change, is_number, matching, together
from openfisca_stoffenbalans.tables import at

FAR = 5


def warnings(scenario: Scenario, system: Any) -> list[str]:
    """One sentence for each thing that may be a mistake, against the law of `system`; ScenarioError as `build`."""
    in_order([scenario])
    found: list[str] = []
    start = system
    for layer in scenario.layers():
        reformed = with_layer(start, layer)
        found.extend(f"{layer.origin}: {sentence}" for sentence in layer_warnings(layer, start, system))
        start = reformed
    return found


def layer_warnings(layer: Scenario, start: Any, system: Any) -> Iterator[str]:
    """The warnings of what a scenario itself says, applied to `start`."""
    if layer.source.strip() in ("", NOT_STATED):
        yield "source is not stated"
    if not (layer.reforms or layer.readings or layer.parameters):
        yield "changes nothing" if layer.builds_on == LAW else f"changes nothing of {layer.builds_on}"
    tree = with_layer(start, layer.model_copy(update={"parameters": {}})).parameters
    for path, dated in layer.parameters.items():
        yield from together(
            f"parameters.{path}",
            matching(tree, path),
            functools.partial(far, law=system.parameters, changes=changes_of(dated)),
        )


def far(leaf: Any, law: Any, changes: Mapping[str, Change]) -> str | None:
    """The first value of a parameter far from what the tree `law` says, with its day, or None."""
    before = at(law, leaf.name)
    for _, values in made(leaf, changes):
        for day, value in values.items():
            known = value_at(before, day_in_force(before.values_list, day))
            away = distance(value, known)
            if away:
                return f"from {day} {value} is {away} the law's {known}"
    return None


def distance(value: Any, known: Any) -> str:
    """How far a number is from the law's; empty when it is not far or one of them is no number."""
    if not (is_number(value) and is_number(known)):
        return ""
    if value > FAR * known:
        return "more than five times"
    return "less than a fifth of" if value * FAR < known else ""
