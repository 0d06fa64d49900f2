"""Every German assumption, class by class, is asked for when farms of all years are made."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping, ValuesView
from typing import Any

from openfisca_stoffenbalans.population import de
from openfisca_stoffenbalans.population.assumptions import assumptions
from openfisca_stoffenbalans.population.margins import targets, years
from openfisca_stoffenbalans.population.plan import Plan


class Read(dict[str, Any]):
    """Assumptions that remember which of them, and which of their classes, were asked for."""

    def __init__(self, values: Mapping[str, Any], asked: set[str], start: str = "") -> None:
        super().__init__(values)
        self.asked, self.start = asked, start

    def __getitem__(self, name: str) -> Any:
        self.asked.add(self.start + name)
        found = super().__getitem__(name)
        return Read(found, self.asked, f"{self.start}{name}.") if isinstance(found, Mapping) else found

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]

    def items(self) -> ItemsView[str, Any]:
        self.asked |= {self.start + name for name in self}
        return super().items()

    def values(self) -> ValuesView[Any]:
        self.asked |= {self.start + name for name in self}
        return super().values()


def test_every_german_assumption_is_used_in_some_year() -> None:
    values = {name: one.value for name, one in assumptions("DE").items()}
    asked: set[str] = set()
    for year in years("DE"):
        made = Plan("DE", year, 2000, 1, targets("DE", year), Read(values, asked))
        de.lines(made, de.frame(made), 0)
    classes = {f"{name}.{key}" for name, one in values.items() if isinstance(one, Mapping) for key in one}
    assert (set(values) | classes) - asked == set()
