"""The regimes: named sets of rules with the result columns they write."""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from openfisca_stoffenbalans.system import VARIABLES
from openfisca_stoffenbalans.tables import load_yaml

KG = "kg "


class RegimeError(ValueError):
    """Something that a regime can't do, or a regime file that does not fit; the message says what."""


@dataclass(frozen=True)
class Limit:
    """A limit that a sweep can read from sorted amounts: an amount above norm x (1 + tolerance / 100) exceeds.

    `held`: the amount per ha held against it; `area`: what makes kg of the distance; `method`, `chosen`: the variable
    and its member (by position) of the farms that it decides, "" where it decides all; `tolerance`: a parameter,
    percent, "" without; `formulas`: the variables whose own formulas have to be the law's.
    """

    held: str
    area: str
    formulas: tuple[str, ...]
    method: str = ""
    chosen: int = 0
    tolerance: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The variables to run."""
        return tuple(name for name in (self.held, self.area, self.method) if name)


@dataclass(frozen=True)
class Roles:
    """The variables of a regime that a comparison of scenarios asks for, by what they are.

    Only `verdict` must be there; "" or nothing stands for what a regime does not have, and no statistic is made of it.

    `obliged`: whether a farm is bound; `assessed`: whether a verdict is due (else: all but `not_assessed`);
    `verdict_by_method`: the verdicts by the flat limit and by the farm's own; `balance`: nutrient -> kg a year;
    `per_ha`: nutrient -> kg/ha; `held`, `held_per_ha`: what is held against the limit, on the farm and by the basis;
    `held_area`: the basis that makes it so, hectares or another; `deducted`: what is taken off the balance before;
    `limit`, `headroom`: on the farm, by its own method; `unit`: of these amounts, kg of something; `basis`: what
    `held_area` counts; `unavoidable`: losses the law calls unavoidable; `lines`: mean lines of the balance form -> 1
    for supply, -1 for removal, 0 for a part of another line; `averaging_years`: the parameter with the years that a
    verdict rests on; `limits`: parameters that a sweep can read from sorted amounts; `livestock`: whether a farm keeps
    animals, of a regime whose burden is known; `levy`: euro that a farm pays for the year; `reward`: what it gets, in
    `reward_unit`; `distance`: by how much it is above a target that binds nobody, in `unit`;
    `advantage`: the amount, in `unit`, that less data should not make lower.
    """

    verdict: str
    obliged: str = ""
    assessed: str = ""
    verdict_by_method: tuple[str, ...] = ()
    better_method: str = ""
    known_years: str = ""
    balance: Mapping[str, str] = field(default_factory=dict)
    per_ha: Mapping[str, str] = field(default_factory=dict)
    supply: str = ""
    removal: str = ""
    held: str = ""
    held_per_ha: str = ""
    held_area: str = ""
    deducted: str = ""
    limit: str = ""
    headroom: str = ""
    unavoidable: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    area: str = ""
    density: str = ""
    livestock: str = ""
    data_points: str = ""
    levy: str = ""
    reward: str = ""
    distance: str = ""
    advantage: str = ""
    averaging_years: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    unit: str = "kg N"
    basis: str = "ha"
    reward_unit: str = "euro"

    def __post_init__(self) -> None:
        """Hold the unit to what totals in tonnes can be made of, and the amounts per hectare to those of the farm."""
        if not self.unit.startswith(KG):
            raise RegimeError(f"comparison, unit: found {self.unit!r}; allowed: {KG}and of what, such as kg N")
        if set(self.balance) != set(self.per_ha):
            raise RegimeError("comparison: balance and per_ha must name the same nutrients")

    @property
    def unit_by_basis(self) -> str:
        """The unit of what is held against the limit by its basis, such as kg N/ha."""
        return f"{self.unit}/{self.basis}"

    @property
    def tonnes(self) -> str:
        """The unit of totals of what is held against the limit."""
        return f"t {self.unit.removeprefix(KG)}"

    @functools.cached_property
    def columns(self) -> tuple[str, ...]:
        """All variables, each once."""
        no_variables = ("averaging_years", "limits", "unit", "basis", "reward_unit")
        return self.of(*(one.name for one in fields(self) if one.name not in no_variables))

    @property
    def of_steps(self) -> tuple[str, ...]:
        """The variables that the steps of a sweep are counted from."""
        names = self.of("obliged", "assessed", "verdict", "headroom", "levy")
        return (*names, *(name for nutrient, name in self.balance.items() if nutrient == "nitrogen"))

    def of(self, *roles: str) -> tuple[str, ...]:
        """The variables of these roles, each once."""
        found: list[str] = []
        for role in roles:
            value = getattr(self, role)
            if isinstance(value, str):
                found.append(value)
            elif isinstance(value, Mapping):
                found.extend(value if role == "lines" else value.values())
            else:
                found.extend(value)
        return tuple(name for name in dict.fromkeys(found) if name)


@dataclass(frozen=True)
class Gap:
    """Balance years for which a regime has no numbers: with a day before `before` or one after `after`; and why."""

    words: str
    before: datetime.date | None = None
    after: datetime.date | None = None

    def holds(self, first: datetime.date) -> bool:
        """Whether the balance year that starts on a day lies in it."""
        early = self.before is not None and first < self.before
        return early or (self.after is not None and last_day(first) > self.after)


def last_day(first: datetime.date) -> datetime.date:
    """The last day of the balance year that starts on the first day of a month."""
    return first.replace(year=first.year + 1) - datetime.timedelta(days=1)


@dataclass(frozen=True)
class Regime:
    """A set of rules that a data set can be run under.

    `columns`: the variables of farms written, in order; `field_columns`: those of fields; `empty`: variable -> member
    of its Enum that stands for an empty cell; `readings`: dotted folder of its alternative readings below `reforms`;
    `obliged`, `verdict`, `because`: the variables that say whether a farm is bound, with what outcome, and what was
    missing, "" where there is none; `bound`: what to say before the number of balance years bound; `unassessed`: what
    to say when nobody is assessed; `comparison`: what a comparison of scenarios asks for; `not_found`: the balance
    years that it has no numbers for; `form`: the layout of its balance sheet; `of`: the regimes it consists of.
    """

    name: str
    title: str
    country: str
    readings: str
    columns: tuple[str, ...]
    obliged: str = ""
    verdict: str = ""
    because: str = ""
    field_columns: tuple[str, ...] = ()
    empty: Mapping[str, str] = field(default_factory=dict)
    bound: str = "The rules are for"
    unassessed: str = "No farm is assessed in these balance years."
    comparison: Roles | None = None
    not_found: tuple[Gap, ...] = ()
    form: Mapping[str, Any] | None = None
    of: tuple[Regime, ...] = ()

    def why_not(self, first: datetime.date) -> str:
        """Why the balance year that starts on a day can't be computed; "" for one that can, if only in part."""
        if self.of:
            found = [one.why_not(first) for one in self.of]
            return "; ".join(dict.fromkeys(found)) if all(found) else ""
        return next((gap.words for gap in self.not_found if gap.holds(first)), "")

    def check(self, starts: Iterable[datetime.date]) -> None:
        """RegimeError when none of the balance years that start on these days can be computed."""
        days = sorted(set(starts))
        reasons = [self.why_not(day) for day in days]
        if days and all(reasons):
            which = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
            raise RegimeError(
                f"{self.name}: none of the balance years can be computed (first days {which}): "
                f"{'; '.join(dict.fromkeys(reasons))}"
            )


def roles_of(name: str) -> Roles:
    """The roles of a regime; RegimeError for one that scenarios can't be compared under."""
    found = regimes()[name].comparison
    if found is None:
        there = [regime.name for regime in regimes().values() if regime.comparison is not None]
        raise RegimeError(f"scenarios can't be compared under {name}; they can under: {', '.join(there)}")
    return found


@functools.cache
def regimes() -> dict[str, Regime]:
    """Name -> regime, of all regimes of the law folders."""
    return together([load_yaml(path) for path in sorted(VARIABLES.rglob("regime.yaml"))])


def together(contents: Sequence[Mapping[str, Any]]) -> dict[str, Regime]:
    """Name -> regime of the contents of their files, in the order of the files."""
    single = {content["name"]: regime_of(content) for content in contents if "of" not in content}
    return {
        content["name"]: combined(content, single) if "of" in content else single[content["name"]]
        for content in contents
    }


def regime_of(content: Mapping[str, Any]) -> Regime:
    """A regime of the content of its file."""
    made = dict(content)
    for name in ("columns", "field_columns"):
        made[name] = tuple(made.get(name, ()))
    made["not_found"] = tuple(gap_of(gap) for gap in made.get("not_found", ()))
    if "comparison" in made:
        made["comparison"] = roles_from(made["comparison"])
    return Regime(**made)


def gap_of(content: Mapping[str, str]) -> Gap:
    """Balance years without numbers, from a regime's file."""
    days = {name: datetime.date.fromisoformat(content[name]) for name in ("before", "after") if name in content}
    return Gap(content["words"], **days)


def roles_from(content: Mapping[str, Any]) -> Roles:
    """The roles that a regime's file names."""
    limits = {
        path: Limit(**{**of, "formulas": tuple(of["formulas"])}) for path, of in content.get("limits", {}).items()
    }
    lists = {name: tuple(content.get(name, ())) for name in ("unavoidable", "verdict_by_method")}
    return Roles(**{**content, **lists, "limits": limits})


def combined(content: Mapping[str, Any], single: Mapping[str, Regime]) -> Regime:
    """A regime that consists of others: all their columns, each once; verdict and comparison of `verdict_of`."""
    missing = [name for name in (*content["of"], content["verdict_of"]) if name not in single]
    if missing:
        raise RegimeError(f"{content['name']}: no regime {', '.join(missing)}; there are: {', '.join(single)}")
    parts, lead = tuple(single[name] for name in content["of"]), single[content["verdict_of"]]
    made = {name: value for name, value in content.items() if name not in ("of", "verdict_of")}
    for name in ("columns", "field_columns"):
        made[name] = tuple(dict.fromkeys(column for part in parts for column in getattr(part, name)))
    made["empty"] = {name: member for part in parts for name, member in part.empty.items()}
    for name in ("obliged", "verdict", "because", "bound", "unassessed", "comparison"):
        made.setdefault(name, getattr(lead, name))
    return Regime(**made, of=parts)


def folder_of(regime: Regime) -> Path:
    """The folder of a regime's formulas."""
    return VARIABLES.joinpath(*regime.name.split("."))
