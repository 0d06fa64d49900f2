"""Reforms that change what a variable comes to, whatever an earlier reform made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray
from openfisca_core.reforms import Reform
from openfisca_core.variables import Variable

from openfisca_stoffenbalans.slots import Lines, role_part

Change = Callable[..., NDArray[Any]]


def layer(reform: Reform, name: str, change: Change, **attributes: Any) -> None:
    """Let a variable of a reform be `change(before, population, period, parameters)`.

    `before` is the array that the variable's formulas gave until now. A formula that replaced them would undo the
    layers of reforms applied earlier. `attributes`: of the variable, such as a new `label`.
    """
    formulas = {
        f"formula_{day.replace('-', '_')}": on_top(formula, change)
        for day, formula in reform.variables[name].formulas.items()
    }
    reform.update_variable(type(name, (Variable,), {**attributes, **formulas}))


def on_top(formula: Callable[..., Any], change: Change) -> Callable[..., NDArray[Any]]:
    """A formula that changes what another one gives."""

    def layered(population: Any, period: Any, parameters: Any) -> NDArray[Any]:
        return change(formula(population, period, parameters), population, period, parameters)

    return layered


def on_lines(role: str, change: Change) -> Change:
    """A change of the lines of a role, as one of all lines."""

    def everywhere(before: NDArray[Any], entry: Any, period: Any, parameters: Any) -> NDArray[Any]:
        of_role, changed = Lines(entry, role_part(entry, role)), before.copy()
        changed[of_role.part] = change(before[of_role.part], of_role, period, parameters)
        return changed

    return everywhere
