"""The regimes: named sets of rules with the result columns they write."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from openfisca_stoffenbalans.system import VARIABLES
from openfisca_stoffenbalans.tables import load_yaml


@dataclass(frozen=True)
class Regime:
    """A set of rules that a data set can be run under.

    `columns`: the variables written, in order; `empty`: variable -> member of its Enum that stands for an empty cell;
    `readings`: dotted folder of its alternative readings below `reforms`; `obliged`, `verdict`, `because`: the
    variables that say whether a farm is bound, with what outcome, and what was missing.
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


@functools.cache
def regimes() -> dict[str, Regime]:
    """Name -> regime, of all regimes of the law folders."""
    found = {}
    for path in sorted(VARIABLES.rglob("regime.yaml")):
        content = load_yaml(path)
        content["columns"] = tuple(content["columns"])
        found[content["name"]] = Regime(**content)
    return found
