"""The assumptions that stand where the statistics are silent: one file, each with its reason and range.

An assumption is a number, or a number for each of some classes. Whoever thinks otherwise makes the population again
with another value within the range.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openfisca_stoffenbalans.scenario.values import nearest
from openfisca_stoffenbalans.tables import load_yaml

FILE = Path(__file__).with_name("assumptions.yaml")
KEYS = {"value", "low", "high", "range_pct", "unit", "reason"}


class AssumptionError(ValueError):
    """An assumption that is not known or a value that is not allowed: the message says where, what and what is."""


@dataclass(frozen=True)
class Assumption:
    """A number (or class -> number) that no source gives.

    `low`, `high`: the range in which it may be varied, of each class where there are some.
    """

    name: str
    value: Any
    low: Any
    high: Any
    unit: str
    reason: str

    def with_value(self, value: object) -> Assumption:
        """The same with another value. Raises AssumptionError for a value that is no number or out of the range."""
        if isinstance(self.value, Mapping):
            if not isinstance(value, Mapping) or set(value) - set(self.value):
                raise AssumptionError(
                    f"{self.name}: {value!r} found; allowed: some of the classes {_listed(self.value)}"
                )
            for key, one in value.items():
                _within(f"{self.name}.{key}", one, self.low[key], self.high[key])
            return self._replaced({**self.value, **value})
        _within(self.name, value, self.low, self.high)
        return self._replaced(value)

    def _replaced(self, value: Any) -> Assumption:
        return Assumption(self.name, value, self.low, self.high, self.unit, self.reason)


def _within(name: str, value: object, low: float, high: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise AssumptionError(f"{name}: {value!r} found; allowed: a number from {low:g} to {high:g}")


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(map(str, values))


def _read(name: str, content: Mapping[str, Any]) -> Assumption:
    if unknown := set(content) - KEYS:
        raise AssumptionError(f"{FILE.name}: {name} has {_listed(dict.fromkeys(sorted(unknown)))}")
    value = content["value"]
    low: Any
    high: Any
    if isinstance(value, Mapping):
        ends = {key: _range(content, one, key) for key, one in value.items()}
        low, high = ({key: both[end] for key, both in ends.items()} for end in (0, 1))
    else:
        low, high = _range(content, value)
    if not all(math.isfinite(end) for part in (low, high) for end in _numbers(part)):
        raise AssumptionError(f"{FILE.name}: {name} has no range; needed: low and high, or range_pct")
    return Assumption(name, value, low, high, content["unit"], content["reason"]).with_value(value)


def _numbers(part: Any) -> list[float]:
    return list(part.values()) if isinstance(part, Mapping) else [part]


def _range(content: Mapping[str, Any], value: float, key: str | None = None) -> tuple[float, float]:
    """Lowest and highest value of a number, or of the class `key`: both ways of saying a range, the narrower holds."""
    given = (content.get("low", -math.inf), content.get("high", math.inf))
    free = (-math.inf, math.inf)
    low, high = (one.get(key, end) if isinstance(one, Mapping) else one for one, end in zip(given, free, strict=True))
    if "range_pct" in content:
        part = content["range_pct"] / 100
        return max(low, round(value * (1 - part), 10)), min(high, round(value * (1 + part), 10))
    return low, high


@functools.cache
def assumptions(country: str) -> dict[str, Assumption]:
    """Name -> assumption, of what both countries share and of the country (DE, NL)."""
    content = load_yaml(FILE)
    return {name: _read(name, one) for section in ("both", country.lower()) for name, one in content[section].items()}


def varied(country: str, other: Mapping[str, object]) -> dict[str, Assumption]:
    """All assumptions of a country, some with another value. A class is named as `name.class`.

    Raises AssumptionError for an unknown name or a value that is not allowed.
    """
    found = dict(assumptions(country))
    for name, value in other.items():
        whole, _, part = name.partition(".")
        if whole not in found:
            raise AssumptionError(f"{name} is no assumption{nearest(whole, list(found))}")
        found[whole] = found[whole].with_value({part: value} if part else value)
    return found
