"""The regimes: named sets of rules with the result columns they write."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, fields

from openfisca_stoffenbalans.system import VARIABLES
from openfisca_stoffenbalans.tables import load_yaml


@dataclass(frozen=True)
class Limit:
    """A limit that a sweep can read from sorted amounts: an amount above norm x (1 + tolerance / 100) exceeds.

    `held`: the amount per ha held against it; `area`: what makes kg of the distance; `method`, `chosen`: the variable
    and its member (by position) of the farms that it decides; `tolerance`: a parameter, percent; `formulas`: the
    variables whose own formulas have to be the law's.
    """

    held: str
    area: str
    method: str
    chosen: int
    tolerance: str
    formulas: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables to run."""
        return self.held, self.area, self.method


@dataclass(frozen=True)
class Roles:
    """The variables of a regime that a comparison of scenarios asks for, by what they are.

    `assessed`: whether a verdict is due; `verdict_by_method`: the verdicts by the flat limit and by the farm's own;
    `balance`: nutrient -> kg a year; `per_ha`: nutrient -> kg/ha; `held`, `held_per_ha`: what is held against the
    limit; `held_area`: the area that makes it per ha; `deducted`: what is taken off the balance before; `limit`,
    `headroom`: kg a year by the farm's own method; `unavoidable`: losses the law calls unavoidable; `lines`: mean
    lines of the balance form -> 1 for supply, -1 for removal, 0 for a part of another line; `averaging_years`: the
    parameter with the years that a verdict rests on; `limits`: parameters that a sweep can read from sorted
    amounts; `livestock`: whether a farm keeps animals.
    """

    obliged: str
    assessed: str
    verdict: str
    verdict_by_method: tuple[str, ...]
    better_method: str
    known_years: str
    balance: Mapping[str, str]
    per_ha: Mapping[str, str]
    supply: str
    removal: str
    held: str
    held_per_ha: str
    held_area: str
    deducted: str
    limit: str
    headroom: str
    unavoidable: tuple[str, ...]
    lines: Mapping[str, int]
    area: str
    density: str
    livestock: str
    data_points: str
    averaging_years: str
    limits: Mapping[str, Limit]

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """All variables, each once."""
        found: list[str] = []
        for name in (one.name for one in fields(self) if one.name not in ("averaging_years", "limits")):
            value = getattr(self, name)
            if isinstance(value, str):
                found.append(value)
            elif isinstance(value, Mapping):
                found.extend(value if name == "lines" else value.values())
            else:
                found.extend(value)
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Regime:
    """A set of rules that a data set can be run under.

    `columns`: the variables written, in order; `empty`: variable -> member of its Enum that stands for an empty cell;
    `readings`: dotted folder of its alternative readings below `reforms`; `obliged`, `verdict`, `because`: the
    variables that say whether a farm is bound, with what outcome, and what was missing; `unassessed`: what
    to say when nobody is assessed; `comparison`: what a comparison of scenarios asks for.
    """

    name: str
    title: str
    country: str
    readings: str
    obliged: str
    verdict: str
    because: str
    columns: tuple[str, ...]
    empty: Mapping[str, str]
    unassessed: str
    comparison: Roles


@functools.cache
def regimes() -> dict[str, Regime]:
    """Name -> regime, of all regimes of the law folders."""
    found = {}
    for path in sorted(VARIABLES.rglob("regime.yaml")):
        content = load_yaml(path)
        content["columns"] = tuple(content["columns"])
        roles = content["comparison"]
        limits = {path: Limit(**{**of, "formulas": tuple(of["formulas"])}) for path, of in roles["limits"].items()}
        lists = {name: tuple(roles[name]) for name in ("unavoidable", "verdict_by_method")}
        content["comparison"] = Roles(**{**roles, **lists, "limits": limits})
        found[content["name"]] = Regime(**content)
    return found
