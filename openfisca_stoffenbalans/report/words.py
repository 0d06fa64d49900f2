"""Figures as readers see them."""

from __future__ import annotations

import math
from collections.abc import Iterable

SUPPRESSED = "not published"
MISSING = "–"


def figure(value: float | None, unit: str, farms: int | None = 0) -> str:
    """A figure with the digits that its unit deserves; `farms` is null where it is not published."""
    if farms is None:
        return SUPPRESSED
    if value is None or math.isnan(value):
        return MISSING
    if unit.startswith("share"):
        return f"{value:.1%}"
    if unit in ("farms", "hours", "euro") and (unit != "farms" or value == round(value)):
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def plain(name: str) -> str:
    """The name of a statistic in words."""
    for ending, unit in (("_kg_per_ha", ""), ("_total_t", " total"), ("_t", ""), ("_kg", "")):
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " ") + unit
    return name.replace("_", " ")


def unit_words(unit: str) -> str:
    """A unit of a parameter as readers write it."""
    words = {"n": "N", "p": "P", "p2o5": "P2O5", "gv": "GV"}
    return " ".join(words.get(part, part) for part in unit.split("_")).replace("ha year", "ha and year")


def counted(number: str, noun: str) -> str:
    """A number as text with its noun."""
    return f"{number} {noun}{'' if number == '1' else 's'}"


def listed(texts: Iterable[str]) -> str:
    """Texts as a list in a sentence."""
    found = list(texts)
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"
