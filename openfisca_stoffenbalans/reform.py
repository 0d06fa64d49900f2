"""Reforms that cannot change the law they start from."""

from __future__ import annotations

import copy
import functools
import hashlib
import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from openfisca_core.parameters import ParameterNode
from openfisca_core.reforms import Reform
from openfisca_core.variables import Variable

from openfisca_stoffenbalans import reforms
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.system import as_float64
from openfisca_stoffenbalans.tables import at, leaves, next_day

REFORMS = Path(reforms.__path__[0])


def law_hash(parameters: ParameterNode) -> str:
    """SHA-256 over the name, dates and values of every parameter."""
    lines = sorted(
        f"{leaf.name}\t{value.instant_str}\t{value.value!r}"
        for leaf in leaves(parameters)
        for value in leaf.values_list
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class BaselineChangedError(RuntimeError):
    """A reform changed the parameters of the system it was applied to."""


class LawReform(Reform):
    """A reform on a copy of the law: whatever it edits, the system it starts from stays as it was.

    A subclass has `label` (one sentence), `reference` (the provision it reads or changes), `excludes` (names of
    readings of the same point) and `change`, which edits `self.parameters` in place or calls `update_variable` and the
    methods below.
    """

    label = ""
    reference = ""
    excludes: tuple[str, ...] = ()

    def apply(self) -> None:
        """Copy the law, change the copy, and make sure that the original is untouched."""
        before = law_hash(self.baseline.parameters)
        self.parameters = self.baseline.parameters.clone()
        self.change()
        if law_hash(self.baseline.parameters) != before:
            raise BaselineChangedError(f"{type(self).__name__} changed the parameters of its baseline")

    def change(self) -> None:
        """Edit the copied law."""
        raise TypeError(f"{type(self).__name__} does not say what it changes")

    def load_variable(self, variable_class: type[Variable], update: bool = False) -> Any:
        """Add or update a variable; floats compute in float64."""
        return as_float64(super().load_variable(variable_class, update=update))

    def parameter(self, path: str) -> Any:
        """The parameter or node of the copied law at a dotted path."""
        return at(self.parameters, path)

    def printed(self, path: str, day: str) -> Any:
        """The value of a parameter on a day (ISO)."""
        return self.parameter(path).get_at_instant(day)

    def outlive(self, path: str, last_day: str) -> None:
        """Let the parameters below `path` and the variables that end on `last_day` (ISO) go on unchanged."""
        for leaf in leaves(self.parameter(path)):
            leaf.values_list = [value for value in leaf.values_list if value.instant_str != next_day(last_day)]
        for name, variable in self.variables.items():
            if variable.end is not None and variable.end.isoformat() == last_day:
                longer = copy.copy(variable)
                longer.end = None
                self.variables[name] = longer


class UnknownReformError(LookupError):
    """No reform of that name; the message names those there are."""


@functools.cache
def available(folder: str) -> dict[str, type[LawReform]]:
    """Name -> reform, of all files in a dotted folder below `reforms`."""
    found = {}
    for path in sorted((REFORMS / Path(*folder.split("."))).glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"{reforms.__name__}.{folder}.{path.stem}")
            found[path.stem] = getattr(module, path.stem)
    return found


def readings(regime: str = "de.stoffbilv") -> dict[str, type[LawReform]]:
    """Name -> alternative reading of a regime's law."""
    return available(regimes()[regime].readings)


def with_reforms(system: Any, chosen: Iterable[type[Reform]]) -> Any:
    """The system with each reform applied to the one before; the system itself when there are none."""
    return functools.reduce(lambda before, reform: reform(before), chosen, system)
