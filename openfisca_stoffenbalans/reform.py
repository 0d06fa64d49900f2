"""Reforms that cannot change the law they start from."""

from __future__ import annotations

import contextlib
import copy
import difflib
import functools
import hashlib
import importlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openfisca_core import commons
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


class PathCopy:
    """A tree of parameters that shares with its original whatever was not asked for.

    `root`: the copy's root; what `own` gave may be edited, everything else is the original's.
    """

    def __init__(self, original: ParameterNode) -> None:
        """Start with a copy of the root alone."""
        self.root = flat_copy(original)
        # Kept by identity: a node that was copied once is edited again, not copied again.
        self.copied = {id(self.root): self.root}

    def own(self, path: str) -> Any:
        """The copy of the parameter or node at a dotted path, with all below it; KeyError when there is none."""
        found = functools.reduce(self.child, path.split("."), self.root)
        self.whole(found)
        return found

    def child(self, parent: Any, name: str) -> Any:
        """The copy of a copied node's child."""
        child = parent.children[name]
        if id(child) not in self.copied:
            child = flat_copy(child)
            self.copied[id(child)] = child
            parent.children[name] = child
            setattr(parent, name, child)
        return child

    def whole(self, node: Any) -> None:
        """Copy all below a copied node."""
        for name in getattr(node, "children", ()):
            self.whole(self.child(node, name))


def flat_copy(node: Any) -> Any:
    """A parameter with its values, or a node that still has its original's children."""
    if not isinstance(node, ParameterNode):
        return node.clone()
    made = commons.empty_clone(node)
    made.__dict__ = node.__dict__.copy()
    made.metadata = copy.deepcopy(node.metadata)
    made.children = dict(node.children)
    return made


class LawReform(Reform):
    """A reform on a copy of the law: whatever it edits, the system it starts from stays as it was.

    A subclass has `label` (one sentence), `reference` (the provision it reads or changes), `status` (of its formula:
    law, published, inferred), `source` (who proposed it), `excludes` (names of reforms of the same point) and `change`,
    which edits `self.parameters` in place or calls `update_variable` and the methods below. Only what `change` asks
    for by `self.parameter` is copied; one that takes `self.parameters` in its hands gets a copy of everything.
    """

    label = ""
    reference = ""
    status = "law"
    source = ""
    excludes: tuple[str, ...] = ()
    paths: PathCopy | None = None

    @property
    def parameters(self) -> Any:
        """The law; while `change` is at work a copy that may be edited anywhere."""
        if self.paths is not None:
            self.paths.whole(self.paths.root)
            return self.paths.root
        return self._law

    @parameters.setter
    def parameters(self, law: Any) -> None:
        self.paths, self._law = None, law

    def apply(self) -> None:
        """Let the reform change a copy of the law, and make sure that the original is untouched."""
        before = law_hash(self.baseline.parameters)
        with self.copied():
            self.change()
        unchanged(self.baseline, before, type(self).__name__)

    @contextlib.contextmanager
    def copied(self) -> Iterator[None]:
        """Copy what is asked for meanwhile; where nothing was, the law stays the baseline's own."""
        paths = self.paths = PathCopy(self.baseline.parameters)
        yield
        # `change` may have put a law of its own in place.
        if self.paths is paths:
            self.parameters = paths.root if len(paths.copied) > 1 else self.baseline.parameters

    def get_parameters_at_instant(self, instant: Any) -> Any:
        """The law on a day; the baseline's where the law is the same."""
        if self.parameters is self.baseline.parameters:
            return self.baseline.get_parameters_at_instant(instant)
        return super().get_parameters_at_instant(instant)

    def change(self) -> None:
        """Edit the copied law."""
        raise TypeError(f"{type(self).__name__} does not say what it changes")

    def load_variable(self, variable_class: type[Variable], update: bool = False) -> Any:
        """Add or update a variable; floats compute in float64."""
        return as_float64(super().load_variable(variable_class, update=update))

    def parameter(self, path: str) -> Any:
        """The parameter or node of the copied law at a dotted path."""
        return self.paths.own(path) if self.paths else at(self.parameters, path)

    def printed(self, path: str, day: str) -> Any:
        """The value of a parameter on a day (ISO)."""
        return at(self.paths.root if self.paths else self.parameters, path).get_at_instant(day)

    def outlive(self, path: str, last_day: str) -> None:
        """Let the parameters below `path` and the variables that end on `last_day` (ISO) go on unchanged."""
        for leaf in leaves(self.parameter(path)):
            leaf.values_list = [value for value in leaf.values_list if value.instant_str != next_day(last_day)]
        for name, variable in self.variables.items():
            if variable.end is not None and variable.end.isoformat() == last_day:
                longer = copy.copy(variable)
                longer.end = None
                self.variables[name] = longer


class ChangedParameters(LawReform):
    """The law with other values of some parameters; everything else is shared with the baseline."""

    def __init__(self, baseline: Any, values: Mapping[str, Sequence[Any]], key: str) -> None:
        """Take `values`, dotted path -> dated values with the latest first, and call the system `key`."""
        self.values = values
        super().__init__(baseline)
        self.key = key

    def apply(self) -> None:
        """Copy what changes; nothing here reaches into the original."""
        with self.copied():
            for path, values in self.values.items():
                self.parameter(path).values_list = list(values)


class UnknownReformError(LookupError):
    """No reform of that name; the message names those there are."""


@functools.cache
def available(folder: str) -> dict[str, type[LawReform]]:
    """Name -> reform, of all files in a dotted folder below `reforms`.

    A file holds the reform of its name, or several in a dict `REFORMS` from name to reform.
    """
    found: dict[str, type[LawReform]] = {}
    for path in sorted((REFORMS / Path(*folder.split("."))).glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"{reforms.__name__}.{folder}.{path.stem}")
            several = getattr(module, "REFORMS", None)
            found |= {path.stem: getattr(module, path.stem)} if several is None else several
    return found


def readings(regime: str = "de.stoffbilv") -> dict[str, type[LawReform]]:
    """Name -> alternative reading of a regime's law."""
    return available(regimes()[regime].readings)


def reading_errors(regime: str, names: Sequence[str]) -> Iterator[str]:
    """Why these readings of a regime can't be taken together: unknown, given twice, or of the same point."""
    there = readings(regime)
    for name in names:
        if name not in there:
            near = difflib.get_close_matches(name, there, 3) or sorted(there)
            yield f"no reading {name!r}; there are: {', '.join(near)}"
    yield from disagreements([there[name] for name in names if name in there])


def disagreements(chosen: Sequence[type[Reform]]) -> Iterator[str]:
    """Which of these reforms are given twice or exclude each other."""
    for one, other in itertools.combinations(chosen, 2):
        if one is other:
            yield f"{one.__name__} is given twice"
        elif exclude(one, other):
            yield f"{one.__name__} and {other.__name__} read the same point differently"


def exclude(one: type[Reform], other: type[Reform]) -> bool:
    """Whether one of two reforms says that it excludes the other."""
    return other.__name__ in getattr(one, "excludes", ()) or one.__name__ in getattr(other, "excludes", ())


def unchanged(system: Any, before: str, culprit: str) -> None:
    """Raise BaselineChangedError when the system's parameters no longer have the hash `before`."""
    if law_hash(system.parameters) != before:
        raise BaselineChangedError(f"{culprit} changed the parameters of its baseline")


def with_reforms(system: Any, chosen: Iterable[type[Reform]]) -> Any:
    """The system with each reform applied to the one before; the system itself when there are none.

    No reform changes the parameters of the system it is applied to: one of openfisca-core's own kind gets a copy to
    edit in place; any that still does raises BaselineChangedError.
    """
    chosen = list(chosen)
    if not chosen:
        return system
    before = law_hash(system.parameters)
    reformed = functools.reduce(applied, chosen, system)
    unchanged(system, before, ", ".join(str(getattr(reform, "__name__", reform)) for reform in chosen))
    return reformed


def applied(system: Any, reform: type[Reform]) -> Any:
    """The system with one reform."""
    if isinstance(reform, type) and issubclass(reform, LawReform):
        return reform(system)
    # A reform of another kind edits what it starts from, and its variables know nothing of float64.
    start = copy.copy(system)
    start.parameters = system.parameters.clone()
    reformed = reform(start)
    for variable in reformed.variables.values():
        as_float64(variable)
    return reformed
