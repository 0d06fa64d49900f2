"""Lines and fields of farms: formulas on the lines of one role, sums of lines by farm or field, of fields by farm."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy
from numpy.typing import NDArray

Formula = Callable[..., Any]


class Lines:
    """The lines of one role: called like a population, it answers with their part of each array."""

    def __init__(self, entry: Any, part: slice) -> None:
        """See `entry` through `part`, its contiguous lines of a role."""
        self.entry, self.part, self.simulation = entry, part, entry.simulation

    def __call__(self, *args: Any) -> Any:
        """The role's part of a variable of the entries."""
        return self.entry(*args)[self.part]


def role_part(entry: Any, role: str) -> slice:
    """Where the lines of a role stand: their slice when a data set was laid out by role, else all lines."""
    layout: dict[str, slice] = getattr(entry, "layout", {})
    return layout.get(role, slice(None))


def lines(farm: Any, role: str) -> Lines:
    """The lines of a role of all farms."""
    return Lines(farm.members, role_part(farm.members, role))


def of_role(farm: Any, role: str, values: NDArray[Any]) -> NDArray[Any]:
    """Values of the lines of a role, whether they are given for those or for all lines."""
    return values if len(values) < farm.members.count else values[role_part(farm.members, role)]


def on(role: str) -> Callable[[Formula], Formula]:
    """Compute an entry formula on the lines of one role only; all other lines are 0."""

    def decorate(formula: Formula) -> Formula:
        @functools.wraps(formula)
        def on_lines(entry: Any, period: Any, parameters: Any) -> Any:
            part = role_part(entry, role)
            values = formula(Lines(entry, part), period, parameters)
            if part == slice(None):
                return values
            everywhere = numpy.zeros(entry.count, dtype=values.dtype)
            everywhere[part] = values
            return everywhere

        return on_lines

    return decorate


def farm_index(farm: Any, role: str) -> NDArray[numpy.intp]:
    """The farm's position of each line of a role."""
    index: NDArray[numpy.intp] = farm.members_entity_id[role_part(farm.members, role)]
    return index


def farm_of_field(field: Any) -> NDArray[numpy.intp]:
    """The farm's position of each field.

    OpenFisca knows it only through the lines of both; so a simulation that is not made from a data set needs a line in
    each field. Raises ValueError for a field without, and for a line on no field beside fields.
    """
    known: dict[str, Any] = field.__dict__
    if "farm_of_field" not in known:
        refuse_copied_fields(field)
        farms = numpy.full(field.count, -1)
        farms[field.members_entity_id] = field.simulation.populations["farm"].members_entity_id
        lost = [str(field.ids[number]) for number in numpy.flatnonzero(farms < 0)]
        if lost:
            raise ValueError(f"field {lost[0]} has no line, so its farm is unknown: give it a crop or an application")
        known["farm_of_field"] = farms
    index: NDArray[numpy.intp] = known["farm_of_field"]
    return index


def refuse_copied_fields(field: Any) -> None:
    """Raise ValueError for lines of a situation that are on no field while others are.

    OpenFisca makes a field of the line's name for each, and fills it with the values of the fields that were named.
    """
    if hasattr(field.members, "layout"):
        return
    of_lines = zip(field.members.ids, field.members_entity_id, strict=True)
    made = [line for line, number in of_lines if line == field.ids[number]]
    if made and len(made) < field.count:
        raise ValueError(
            f"entry {made[0]} is on no field: put it into the lines of one, or of a farmyard, "
            "a field of which nothing else is said"
        )


def of_farm(field: Any, values: NDArray[Any]) -> NDArray[Any]:
    """The value of its farm for each field."""
    gathered: NDArray[Any] = values[farm_of_field(field)]
    return gathered


def farm_of_lines(entry: Lines, name: str, period: Any) -> NDArray[Any]:
    """A variable of the farms for each of these lines of a role."""
    farm = entry.simulation.populations["farm"]
    gathered: NDArray[Any] = farm(name, period)[farm.members_entity_id[entry.part]]
    return gathered


def farm_of(field: Any) -> Any:
    """The farms' population beside the fields'."""
    return field.simulation.populations["farm"]


def field_of(farm: Any) -> Any:
    """The fields' population beside the farms' or the lines'."""
    return farm.simulation.populations["field"]


def of_field(field: Any, role: str, values: NDArray[Any]) -> NDArray[Any]:
    """The value of its field for each line of a role."""
    gathered: NDArray[Any] = values[field.members_entity_id[role_part(field.members, role)]]
    return gathered


def field_total(farm: Any, values: NDArray[Any]) -> NDArray[numpy.float64]:
    """The sum of the values over each farm's fields; 0 for a farm without."""
    index = farm_of_field(field_of(farm))
    sums: NDArray[Any] = numpy.bincount(index, weights=values, minlength=farm.count)
    return sums


def total(farm: Any, role: str, values: NDArray[Any]) -> NDArray[numpy.float64]:
    """The sum of the values over each farm's lines of a role; 0 for a farm without."""
    weights = of_role(farm, role, values)
    sums: NDArray[Any] = numpy.bincount(farm_index(farm, role), weights=weights, minlength=farm.count)
    return sums


def has(farm: Any, role: str, condition: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
    """Whether any of a farm's lines of a role meets the condition."""
    found = numpy.zeros(farm.count, dtype=numpy.bool_)
    found[farm_index(farm, role)[of_role(farm, role, condition)]] = True
    return found


def greatest(farm: Any, role: str, values: NDArray[numpy.int16]) -> NDArray[numpy.int16]:
    """The greatest of the values ≥ 0 of each farm's lines of a role; 0 for a farm without."""
    found = numpy.zeros(farm.count, dtype=numpy.int16)
    numpy.maximum.at(found, farm_index(farm, role), of_role(farm, role, values))
    return found


def totals_by_group(
    farm: Any, role: str, values: NDArray[numpy.float64], groups: NDArray[Any], count: int
) -> NDArray[numpy.float64]:
    """Sums by group and farm, shape (count, farms), in one pass.

    The result is kept on the farms for the same two arrays: the lines of a form ask for one row each.
    """
    memo: list[tuple[Any, Any, NDArray[numpy.float64]]] = farm.__dict__.setdefault("_totals", [])
    for known_values, known_groups, sums in memo:
        if known_values is values and known_groups is groups:
            return sums
    index = of_role(farm, role, groups) * numpy.intp(farm.count) + farm_index(farm, role)
    added: NDArray[Any] = numpy.bincount(index, weights=of_role(farm, role, values), minlength=count * farm.count)
    memo.append((values, groups, added.reshape(count, farm.count)))
    del memo[:-12]
    return memo[-1][2]
