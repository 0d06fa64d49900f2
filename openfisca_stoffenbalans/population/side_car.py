"""The content of a `population.json` as it is read: what it must say before anything is computed from it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from openfisca_stoffenbalans.population.margins import COUNTRIES, TARGETS
from openfisca_stoffenbalans.population.measures import STATISTICS

TEXTS = ("statistic", "breakdown", "category", "label", "unit")
NUMBERS = ("target", "tolerance")


def faults(content: object) -> Iterator[str]:
    """What is wrong with the content of a `population.json`: where, what was found and what is allowed."""
    if not isinstance(content, Mapping):
        yield f"{_short(content)} found; allowed: an object with country, year and targets"
        return
    if content.get("country") not in COUNTRIES:
        yield f"country: {_short(content.get('country'))} found; allowed: {' or '.join(COUNTRIES)}"
    if not _whole(content.get("year")):
        yield f"year: {_short(content.get('year'))} found; allowed: a year such as 2020"
    seed = content.get("seed")
    if seed is not None and (not _whole(seed) or seed < 0):
        yield f"seed: {_short(seed)} found; allowed: a whole number from 0, or null"
    for name in ("assumptions", "raking", "rows", "program"):
        if not isinstance(content.get(name, {}), Mapping):
            yield f"{name}: {_short(content[name])} found; allowed: an object"
    yield from _targets(content.get("targets"))
    yield from _assumptions(content.get("assumptions", {}))


def _targets(targets: object) -> Iterator[str]:
    if not isinstance(targets, list) or not targets:
        yield f"targets: {_short(targets)} found; allowed: a list of margins, at least one"
        return
    for number, one in enumerate(targets):
        where = f"targets, number {number + 1}"
        if not isinstance(one, Mapping):
            yield f"{where}: {_short(one)} found; allowed: an object with {', '.join(TARGETS)}"
            continue
        for name in TEXTS:
            if not isinstance(one.get(name), str):
                yield f"{where}, {name}: {_short(one.get(name))} found; allowed: a text"
        if isinstance(one.get("statistic"), str) and one["statistic"] not in STATISTICS:
            yield f"{where}, statistic: {_short(one['statistic'])} found; allowed: a name of `list statistics`"
        for name in NUMBERS:
            if not _number(one.get(name)):
                yield f"{where}, {name}: {_short(one.get(name))} found; allowed: a number"


def _assumptions(assumptions: object) -> Iterator[str]:
    for name, one in assumptions.items() if isinstance(assumptions, Mapping) else ():
        value = one.get("value") if isinstance(one, Mapping) else None
        whole = list(value.values()) if isinstance(value, Mapping) else [value]
        if not all(map(_number, whole)):
            yield f"assumptions, {name}, value: {_short(value)} found; allowed: a number, or one of each class"
        elif not (isinstance(one.get("unit"), str) and isinstance(one.get("reason"), str)):
            yield f"assumptions, {name}: no unit or no reason found; allowed: a text each"


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
