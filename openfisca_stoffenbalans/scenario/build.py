"""From scenarios to a reformed system."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from openfisca_core.parameters import ParameterNode
from openfisca_core.parameters.parameter_at_instant import ParameterAtInstant
from openfisca_core.reforms import Reform

from openfisca_stoffenbalans.reform import ChangedParameters, disagreements, exclude, law_hash, unchanged, with_reforms
from openfisca_stoffenbalans.scenario.definition import (
    LAW,
    Scenario,
    ScenarioError,
    errors,
    law_tree,
    load_scenario,
)
from openfisca_stoffenbalans.scenario.values import (
    Change,
    as_counted,
    exactly,
    matching,
    parsed,
    shown,
    together,
    value_error,
)

LAW_NAMES = (LAW, "law in force")

Course = dict[str, Any]


def build(system: Any, scenarios: Sequence[Scenario]) -> Any:
    """The system with each scenario applied to the one before; the system itself when nothing changes.

    What several build on in common, or the system was built with already, is applied once. ScenarioError when one of
    them is not in order or two can't be combined; the system itself never changes (BaselineChangedError).
    """
    wrong = conflicts(scenarios)
    if wrong:
        raise ScenarioError(wrong)
    before, reformed = law_hash(system.parameters), system
    for scenario in scenarios:
        for layer in scenario.layers():
            reformed = with_layer(reformed, layer)
    unchanged(system, before, ", ".join(scenario.name for scenario in scenarios))
    return reformed


def lacking(system: Any, scenarios: Sequence[Scenario]) -> list[str]:
    """What these scenarios need and the system they were built into has no value of, on any day."""
    layers = {key(layer): layer for scenario in scenarios for layer in scenario.layers()}
    return [
        f"{layer.origin}: no value is published for {path}; give one in a scenario that builds on it, or sweep it"
        for layer in layers.values()
        for path in layer.needs
        if all(known.value is None for leaf in matching(system.parameters, path) for known in leaf.values_list)
    ]


def baseline(name: str | Scenario, system: Any, regime: str = "de.stoffbilv") -> Any:
    """What scenarios are compared with: the law itself, or the system of a scenario or reading."""
    if name in LAW_NAMES:
        return system
    return build(system, [name if isinstance(name, Scenario) else load_scenario(name, regime)])


def with_layer(system: Any, layer: Scenario) -> Any:
    """The system with a scenario's own readings, reforms and parameters, as far as it does not have them yet."""
    before = list(lineage(system))
    if any(vars(there).get("layer") == key(layer) for there in before):
        return system
    there = [type(one) for one in before]
    chosen = [reform for reform in layer.classes() if reform not in there]
    wrong = [
        f"{layer.origin}: {message}"
        for reform in chosen
        for message in disagreements([reform, *(one for one in there if exclude(one, reform))])
    ]
    if wrong:
        raise ScenarioError(wrong)
    reformed = with_reforms(system, chosen)
    values, wrong = changed_values(reformed.parameters, layer)
    if wrong:
        raise ScenarioError(wrong)
    if values:
        reformed = ChangedParameters(reformed, values, layer.name)
        reformed.layer = key(layer)
    return reformed


def lineage(system: Any) -> Iterator[Any]:
    """The system and those it was made from."""
    while system is not None:
        yield system
        system = system.baseline


def key(layer: Scenario) -> str:
    """A text that is the same for scenarios that say the same."""
    return json.dumps(layer.spec(), sort_keys=True)


def changed_values(tree: ParameterNode, layer: Scenario) -> tuple[dict[str, list[ParameterAtInstant]], list[str]]:
    """Dotted path -> values, the latest first, of what a scenario changes in a tree; and what can't be changed."""
    found: dict[str, list[ParameterAtInstant]] = {}
    wrong: list[str] = []
    for path, dated in layer.parameters.items():
        place, touched, changes = f"{layer.origin}: parameters.{path}", matching(tree, path), changes_of(dated)
        for day in changes:
            missing = list(together(f"{place}.{day}", touched, functools.partial(no_value, day=day)))
            if missing and changes[day].kind != "value":
                wrong.extend(missing)
                break
        else:
            courses = {leaf.name: course(leaf, changes) for leaf in touched}
            wrong.extend(together(place, touched, functools.partial(impossible, courses=courses)))
            found.update({leaf.name: values_of(leaf, courses[leaf.name]) for leaf in touched})
    return found, wrong


def no_value(leaf: Any, day: str) -> str | None:
    """Why a parameter can't be scaled from a day on, or None."""
    if value_at(leaf, day) is not None:
        return None
    return "scale and add need a value of the law on that day, there is none; allowed: a value"


def impossible(leaf: Any, courses: Mapping[str, Course]) -> str | None:
    """The first impossible value that a parameter would get, with its day, or None."""
    for day, value in courses[leaf.name].items():
        error = value_error(leaf, value)
        if error:
            return f"from {day}: {error}"
    return None


def changes_of(dated: Mapping[str, Any]) -> dict[str, Change]:
    """Day -> change, in the order of days."""
    return {day: parsed(dated[day]) for day in sorted(dated)}


def value_at(leaf: Any, day: str) -> Any:
    """The value of a parameter on a day, None when it has none."""
    return next((known.value for known in leaf.values_list if known.instant_str <= day), None)


def spans(leaf: Any, changes: Mapping[str, Change]) -> Iterator[tuple[str, str | None, Change]]:
    """Each change with its first day and the day on which it no longer holds (None: it holds for ever)."""
    days = list(changes)
    for day, following in itertools.zip_longest(days, days[1:]):
        ends = [] if following is None else [following]
        if changes[day].amount is not None and value_at(leaf, day) is not None:
            ends += [known.instant_str for known in leaf.values_list if known.value is None and known.instant_str > day]
        yield day, min(ends, default=None), changes[day]


def made(leaf: Any, changes: Mapping[str, Change]) -> Iterator[tuple[Course, Course]]:
    """For each change what the law says in its span and what the scenario makes of it, by day."""
    for day, end, change in spans(leaf, changes):
        law = {
            known.instant_str: known.value
            for known in leaf.values_list
            if day < known.instant_str and (end is None or known.instant_str < end)
        }
        law[day] = value_at(leaf, day)
        if change.kind == "value":
            yield law, {day: as_counted(leaf, change.amount)}
        else:
            yield law, {day: exactly(value, change) for day, value in law.items()}


def course(leaf: Any, changes: Mapping[str, Change]) -> Course:
    """Day -> value of a changed parameter."""
    held = {known.instant_str: known.value for known in leaf.values_list}
    for law, values in made(leaf, changes):
        held = {day: value for day, value in held.items() if day not in law} | values
    return held


def values_of(leaf: Any, held: Course) -> list[ParameterAtInstant]:
    """The dated values of a parameter, the latest first."""
    return [
        ParameterAtInstant(f"{leaf.name}[{day}]", day, {"value": held[day]}, leaf.file_path, leaf.metadata)
        for day in sorted(held, reverse=True)
    ]


def conflicts(scenarios: Sequence[Scenario]) -> list[str]:
    """Why two of these can't be combined: reforms that exclude each other, one parameter with two values on a day.

    ScenarioError when one of them is not in order. What both build on is no conflict, nor the same value twice, nor two
    changes by `scale` or two by `add`, which come to the same in either order.
    """
    in_order(scenarios)
    return [sentence for one, other in itertools.combinations(scenarios, 2) for sentence in between(one, other)]


def in_order(scenarios: Sequence[Scenario]) -> None:
    """ScenarioError with all that is wrong with these, each for itself."""
    wrong = [
        f"{layer.origin}: {message}"
        for scenario in scenarios
        for layer in scenario.layers()
        for message in errors(layer.model_dump(), layer.regime)
    ]
    if wrong:
        raise ScenarioError(list(dict.fromkeys(wrong)))


def between(one: Scenario, other: Scenario) -> Iterator[str]:
    """Why two scenarios can't be combined."""
    common = {key(layer) for layer in one.layers()} & {key(layer) for layer in other.layers()}
    ours, theirs = ([layer for layer in each.layers() if key(layer) not in common] for each in (one, other))
    for mine, yours in itertools.product(classes(ours), classes(theirs)):
        if exclude(mine, yours):
            yield (
                f"{one.name} and {other.name} can't be combined: {mine.__name__} and {yours.__name__} read the same "
                "point differently"
            )
        elif issubclass(mine, yours) or issubclass(yours, mine):
            yield (
                f"{one.name} and {other.name} can't be combined: {mine.__name__} and {yours.__name__} change the same "
                "formulas"
            )
    first, second = changed(ours), changed(theirs)
    for name in first:
        for before, after in itertools.product(first[name], second.get(name, ())):
            if overlap(before, after) and not commute(before[2], after[2]):
                yield (
                    f"{one.name} and {other.name} can't be combined: both set {name}, {in_words(before[2])} from "
                    f"{before[0]} and {in_words(after[2])} from {after[0]}"
                )


Span = tuple[str, str | None, Change]


def commute(one: Change, other: Change) -> bool:
    """Whether two changes of a parameter come to the same in either order."""
    return one.kind == other.kind and (one.kind != "value" or one.amount == other.amount)


def in_words(change: Change) -> str:
    """A change as it stands in a sentence."""
    return f"to {shown(change.amount)}" if change.kind == "value" else f"by {change.kind} {shown(change.amount)}"


def classes(layers: Sequence[Scenario]) -> list[type[Reform]]:
    """The readings and reforms of several layers."""
    return [reform for layer in layers for reform in layer.classes()]


def changed(layers: Sequence[Scenario]) -> dict[str, list[Span]]:
    """Dotted path -> first day, day after the last and change, of the topmost layer that changes it."""
    found = {}
    for layer in layers:
        for path, dated in layer.parameters.items():
            for leaf in matching(law_tree(), path):
                found[leaf.name] = list(spans(leaf, changes_of(dated)))
    return found


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans have a day in common."""
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])
