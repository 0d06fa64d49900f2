"""What a scenario may say about a parameter: paths, days, values and their checks."""

from __future__ import annotations

import datetime
import difflib
import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openfisca_core.parameters import ParameterNode

from openfisca_stoffenbalans.codes import PRODUCTS
from openfisca_stoffenbalans.tables import leaves

EVERY = "*"
KINDS = ("value", "scale", "add")
WHOLE = ("months", "weeks", "years", "year", "count")
MOST = {"percent": 100, "share": 1}


@dataclass(frozen=True)
class Change:
    """What holds from a day on: a `value`, or the law's values times `scale` or plus `add`."""

    kind: str
    amount: Any
    unit: str | None = None


def shown(value: Any) -> str:
    """A value as a message names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "keys and values"
    return repr(value)


def nearest(name: str, there: Sequence[str]) -> str:
    """The names most like a misspelt one, or all when none is like it and they are few."""
    near = difflib.get_close_matches(name, there, 3)
    if near:
        return f"; nearest: {', '.join(near)}"
    return f"; there are: {', '.join(sorted(there)) or 'none'}" if len(there) <= 20 else ""


def is_number(value: Any) -> bool:
    """Whether a value is a number of the kind YAML writes; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_day(text: Any) -> bool:
    """Whether a text is a date as 2018-01-01."""
    try:
        return bool(datetime.date.fromisoformat(text).isoformat() == text)
    except (TypeError, ValueError):
        return False


def parsed(raw: Any) -> Change:
    """The change that stands at a date; ValueError says what is wrong with its form."""
    if not isinstance(raw, Mapping):
        return Change("value", raw)
    for key in raw:
        if key not in (*KINDS, "unit"):
            raise ValueError(f"{key} is no key of a value{nearest(str(key), (*KINDS, 'unit'))}")
    said = [kind for kind in KINDS if kind in raw]
    if len(said) != 1 or ("unit" in raw and said != ["value"]):
        found = ", ".join(raw) or "nothing"
        raise ValueError(f"found {found}; allowed: a value, or value with unit, or scale, or add")
    kind, unit = said[0], raw.get("unit")
    if kind != "value" and not (is_number(raw[kind]) and math.isfinite(raw[kind])):
        raise ValueError(f"{kind} is {shown(raw[kind])}; allowed: a number")
    if kind == "scale" and raw[kind] < 0:
        raise ValueError(f"scale is {raw[kind]}; allowed: 0 or more")
    return Change(kind, raw[kind], None if unit is None else str(unit))


def matching(tree: ParameterNode, path: str) -> list[Any]:
    """The parameters at a dotted path, `*` standing for any one part; LookupError names what is near."""
    found: list[Any] = [tree]
    for name in path.split("."):
        inner = [node.children for node in found if hasattr(node, "children")]
        found = [child for children in inner for child in named(children, name)]
    single = [node for node in found if not hasattr(node, "children")]
    if single:
        return single
    if found:
        count = sum(1 for node in found for _ in leaves(node))
        raise LookupError(f"is a table of {count} parameters; name one or use {EVERY}{example(found[0], path)}")
    raise LookupError(f"no such parameter{nearest(path, [leaf.name for leaf in leaves(tree)])}")


def named(children: Mapping[str, Any], name: str) -> list[Any]:
    """The children of that name, or all of them for `*`."""
    if name == EVERY:
        return list(children.values())
    return [children[name]] if name in children else []


def example(node: Any, path: str) -> str:
    """A path with `*` for one column of a table whose rows have children."""
    for row in node.children.values():
        for column in getattr(row, "children", ()):
            return f", as in {path}.{EVERY}.{column}"
    return ""


def need_errors(tree: ParameterNode, needs: Any) -> Iterator[str]:
    """What is wrong with the parameters that a scenario needs a value of: `needs: what`."""
    for path in needs if isinstance(needs, list | tuple) else ():
        try:
            matching(tree, str(path))
        except LookupError as error:
            yield f"needs: {path}: {error}"


def parameter_errors(tree: ParameterNode, parameters: Any) -> Iterator[str]:
    """What is wrong with a scenario's `parameters` whatever it is applied to: `place: what`."""
    if not isinstance(parameters, Mapping):
        yield f"parameters: found {shown(parameters)}; allowed: path, date and value"
        return
    taken: dict[str, str] = {}
    for path, dated in parameters.items():
        try:
            found = matching(tree, str(path))
        except LookupError as error:
            yield f"parameters.{path}: {error}"
            continue
        for leaf in found:
            if taken.setdefault(leaf.name, path) != path:
                yield f"parameters.{path}: {leaf.name} is set by {taken[leaf.name]} as well; say it once"
                break
        yield from dated_errors(f"parameters.{path}", found, dated)


def dated_errors(place: str, found: Sequence[Any], dated: Any) -> Iterator[str]:
    """What is wrong with the dates and values of the parameters at one path."""
    first = found[0].values_list[-1].instant_str
    if not isinstance(dated, Mapping) or not dated or set(dated) <= {*KINDS, "unit"}:
        yield f"{place}: a date is missing; allowed: from which day on, as in {{{first}: …}}"
        return
    for day, raw in dated.items():
        where = f"{place}.{day}"
        if not is_day(day):
            yield f"{where}: {day} is no date; allowed: a day as {first}"
            continue
        try:
            change = parsed(raw)
        except ValueError as error:
            yield f"{where}: {error}"
            continue
        yield from together(where, found, functools.partial(change_error, day=day, change=change))


def together(where: str, found: Sequence[Any], error: Callable[[Any], str | None]) -> Iterator[str]:
    """The first error of several parameters at one place, with the number of others."""
    wrong = [(leaf, said) for leaf in found if (said := error(leaf)) is not None]
    if wrong:
        leaf, said = wrong[0]
        which = f"{leaf.name}: " if len(found) > 1 else ""
        more = f" (and {len(wrong) - 1} more of {len(found)} parameters)" if len(wrong) > 1 else ""
        yield f"{where}: {which}{said}{more}"


def change_error(leaf: Any, day: str, change: Change) -> str | None:
    """Why a parameter can't be changed so on that day, or None."""
    first, unit = leaf.values_list[-1].instant_str, leaf.metadata.get("unit")
    if day < first:
        return f"before the parameter's first day; allowed: {first} or later"
    if change.unit is not None and change.unit != unit:
        return f"found the unit {change.unit}; allowed: {unit}"
    if change.kind == "value":
        return value_error(leaf, change.amount)
    if not is_numeric(leaf):
        return f"{change.kind} is for numbers, this one is {unit}; allowed: a value"
    return None


def is_numeric(leaf: Any) -> bool:
    """Whether a parameter's values are numbers."""
    if leaf.metadata.get("unit") in CHECKS:
        return False
    return all(value.value is None or is_number(value.value) for value in leaf.values_list)


def value_error(leaf: Any, value: Any) -> str | None:
    """Why a parameter can't have that value, or None; null ends a parameter."""
    unit = leaf.metadata.get("unit")
    if value is None:
        return None
    if unit in CHECKS:
        return CHECKS[unit](value)
    if "choices" in leaf.metadata:
        return choice_error(value, leaf.metadata["choices"])
    if is_numeric(leaf):
        # A coefficient that the source prints below 0 may be any number below 0 too.
        signed = any(known.value is not None and known.value < 0 for known in leaf.values_list)
        return number_error(value, str(unit), signed)
    return text_error(value, next(known.value for known in leaf.values_list if known.value is not None))


def number_error(value: Any, unit: str, signed: bool = False) -> str | None:
    """Why a value is no possible number of that unit; `signed`: it may be below 0."""
    if not is_number(value) or not math.isfinite(value):
        return f"found {shown(value)}; allowed: a number ({unit})"
    most = MOST.get(unit, math.inf)
    if value > most or (value < 0 and not signed):
        allowed = "0 or more" if most == math.inf else f"{'at most' if signed else '0 to'} {most}"
        return f"found {shown(value)}; allowed: {allowed} ({unit})"
    if unit in WHOLE and value != int(value):
        return f"found {shown(value)}; allowed: a whole number ({unit})"
    return None


def day_error(value: Any) -> str | None:
    """Why a value is no date."""
    return None if is_day(value) else f"found {shown(value)}; allowed: a date as 2018-01-01"


def flag_error(value: Any) -> str | None:
    """Why a value is neither true nor false."""
    return None if isinstance(value, bool) else f"found {shown(value)}; allowed: true or false"


def products_error(value: Any) -> str | None:
    """Why a value is no list of product codes."""
    if not isinstance(value, list):
        return f"found {shown(value)}; allowed: a list of product codes"
    for code in value:
        if code not in PRODUCTS:
            return f"{code} is no product code{nearest(str(code), list(PRODUCTS))}"
    return None


def choice_error(value: Any, choices: Sequence[str]) -> str | None:
    """Why a value is none of those that a parameter can have."""
    return None if value in choices else f"found {shown(value)}; allowed: {', '.join(choices)}"


def text_error(value: Any, like: Any) -> str | None:
    """Why a value is no text, no list of texts, or not true or false, as the law's own value is."""
    if isinstance(like, bool):
        return None if isinstance(value, bool) else f"found {shown(value)}; allowed: true or false"
    if isinstance(like, list):
        right = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if right else f"found {shown(value)}; allowed: a list of texts"
    return None if isinstance(value, str) else f"found {shown(value)}; allowed: a text as {shown(like)}"


CHECKS: dict[str, Callable[[Any], str | None]] = {
    "date": day_error,
    "true_or_false": flag_error,
    "product_codes": products_error,
}


def as_counted(leaf: Any, value: Any) -> Any:
    """A checked value as the law would hold it: whole numbers of years are integers."""
    return int(value) if leaf.metadata.get("unit") in WHOLE and value is not None else value


def exactly(law: Any, change: Change) -> Any:
    """The law's number after a relative change, computed in decimals so that 0.1 steps stay round."""
    number, amount = Decimal(str(law)), Decimal(str(change.amount))
    result = number * amount if change.kind == "scale" else number + amount
    # A number of years stays one that a formula can count with.
    return int(result) if isinstance(law, int) and result == int(result) else float(result)
