"""Tables that hold only for the days their versions cover."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import period

from openfisca_stoffenbalans import tables
from openfisca_stoffenbalans.lookup import Law, NotInForceError, build

COLUMNS = {"label": {"label": "Kultur"}, "n": {"label": "kg N", "unit": "kg_n"}}
HEAD = {"description": "printed", "reference": "Law annex 1", "href": "https://example.org", "valid_from": "2002-01-01"}


class Population:
    """As much of a population as the law needs: its system's parameters, untraced."""

    def __init__(self, tree: ParameterNode) -> None:
        self.tree = tree
        self.simulation = self.tax_benefit_system = self.tracer = self

    @property
    def parameters(self) -> ParameterNode:
        return self.tree


def law_on(day: str, table: dict[str, Any], **single: Any) -> Law:
    """The law of a tree with one printed table and one single parameter, read in a year that starts on `day`."""
    printed = tables.read_table("printed", tables.PARAMETERS, {"columns": COLUMNS, **HEAD, **table})
    tree = ParameterNode("", data={"printed": tables.expand(printed), "section": single})
    return Law(Population(tree), period(f"year:{day}"), tree.get_at_instant)


LIVED = {"rows": {"peas": ["Peas", 30]}, "valid_to": "2005-12-31"}
SEEN = {"rows": {"peas": ["Peas", {"2002-01-01": 30, "2003-01-01": None, "2004-01-01": 40, "2006-01-01": None}]}}
LIMIT = {
    "description": "limit",
    "values": {"2002-01-01": {"value": 30}, "2006-01-01": {"value": None}},
    "metadata": {"unit": "kg_n"},
}

DAYS = [("2001-12-31", None), ("2002-01-01", 30), ("2005-12-31", 30), ("2006-01-01", None)]


@pytest.mark.parametrize(("day", "expected"), DAYS)
def test_a_table_without_values_outside_its_days_has_none_the_day_before_and_after(
    day: str, expected: float | None
) -> None:
    law = law_on(day, {**LIVED, "outside": "not_found"})
    assert law.cell("printed", "peas", "n") == expected
    assert numpy.isnan(law.number("printed", "peas", "n")) == (expected is None)
    assert law.outside == (expected is None)


@pytest.mark.parametrize("day", [day for day, _ in DAYS])
def test_a_table_that_does_not_say_so_is_read_at_the_nearest_day(day: str) -> None:
    assert law_on(day, LIVED).cell("printed", "peas", "n") == 30


@pytest.mark.parametrize(
    ("day", "expected"), [("2002-12-31", 30), ("2003-01-01", None), ("2003-12-31", None), ("2004-01-01", 40)]
)
def test_between_two_versions_nothing_is_known(day: str, expected: float | None) -> None:
    assert law_on(day, {**SEEN, "outside": "not_found"}).cell("printed", "peas", "n") == expected


@pytest.mark.parametrize(("day", "expected"), DAYS)
@pytest.mark.parametrize("above", [False, True], ids=["on the parameter", "on its parent"])
def test_a_single_parameter_is_missing_outside_its_days_when_it_or_its_parent_says_so(
    day: str, expected: float | None, above: bool
) -> None:
    said = {"outside": "not_found"}
    metadata = LIMIT["metadata"] if above else {**LIMIT["metadata"], **said}
    law = law_on(day, LIVED, metadata=said if above else {}, limit={**LIMIT, "metadata": metadata})
    assert law.value("section.limit") == expected or (expected is None and numpy.isnan(law.value("section.limit")))


@pytest.mark.parametrize("day", [day for day, _ in DAYS])
def test_a_single_parameter_that_does_not_say_so_is_read_at_the_nearest_day(day: str) -> None:
    assert law_on(day, LIVED, limit=LIMIT).value("section.limit") == 30


def test_a_row_or_table_that_does_not_exist_is_no_day_outside() -> None:
    law = law_on("2001-01-01", {**LIVED, "outside": "not_found"})
    with pytest.raises(KeyError, match="beans"):
        law.cell("printed", "beans", "n")


def test_a_coefficient_without_any_value_is_missing_outside_and_an_error_elsewhere() -> None:
    def fixed(law: Law, crop: str) -> float:
        return law.number("printed", "peas", "n")

    def nothing(law: Law, crop: str) -> float:
        return float("nan")

    class Members(list[Any]):
        pass

    class Peas:
        name = "peas"

    enums: Any = (Members([Peas]),)
    assert numpy.isnan(build(law_on("2001-01-01", {**LIVED, "outside": "not_found"}), fixed, enums)).all()
    with pytest.raises(NotInForceError):
        build(law_on("2002-01-01", {**LIVED, "outside": "not_found"}), nothing, enums)


def test_the_reference_of_a_line_uses_the_word_of_its_table() -> None:
    def reference(**head: Any) -> str:
        table = tables.read_table("printed", tables.PARAMETERS, {"columns": COLUMNS, **HEAD, **LIVED, **head})
        return str(tables.expand(table)["peas"]["n"]["metadata"]["reference"][0])

    assert reference() == "Law annex 1, Zeile „Peas“"
    assert reference(line_word="regel") == "Law annex 1, regel „Peas“"
