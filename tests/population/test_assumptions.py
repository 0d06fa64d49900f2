"""Assumptions stand where the statistics are silent: each has a value, a range and a reason, and can be varied."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from openfisca_stoffenbalans.population import assumptions as module
from openfisca_stoffenbalans.population.assumptions import AssumptionError, assumptions, varied


@pytest.mark.parametrize("country", ["DE", "NL"])
def test_every_assumption_has_a_reason_a_unit_and_a_range_around_its_value(country: str) -> None:
    assert len(assumptions(country)) > 20
    for name, one in assumptions(country).items():
        assert len(one.reason) > 10, name
        assert one.unit, name
        for value, low, high in zip(*(numbers(part) for part in (one.value, one.low, one.high)), strict=True):
            assert low <= value <= high, name


@pytest.mark.parametrize("country", ["DE", "NL"])
def test_a_share_of_farms_can_not_be_varied_above_all_of_them(country: str) -> None:
    wholes = ("share of farms", "share of dairy farms", "share of the excretion", "share within the region")
    for name, one in assumptions(country).items():
        if one.unit.startswith(wholes) and ";" not in one.unit:
            assert max(numbers(one.high)) <= 1, name


def test_herds_of_each_kind_have_a_range_of_their_own() -> None:
    for name in ("herd_least", "herd_most"):
        one = assumptions("DE")[name]
        for kind, value in one.value.items():
            assert one.high[kind] <= 10 * value, (name, kind)
    with pytest.raises(AssumptionError, match=r"herd_least\.dairy: 5000 found; allowed: a number from 1 to 20"):
        varied("DE", {"herd_least.dairy": 5000})


def test_an_assumption_without_a_range_is_refused() -> None:
    good = {"value": {"a": 0.9, "b": 10}, "unit": "t", "reason": "two numbers to try"}
    for bounds in ({}, {"low": 0}, {"low": 0, "high": {"a": 1}}):
        with pytest.raises(AssumptionError, match="x has no range; needed: low and high, or range_pct"):
            module._read("x", {**good, **bounds})


def test_of_two_ways_to_say_a_range_the_narrower_holds() -> None:
    of = {"value": {"a": 0.9, "b": 10}, "unit": "t", "reason": "two numbers to try"}
    found = module._read("x", {**of, "range_pct": 50, "high": {"a": 1}})
    assert (found.low, found.high) == ({"a": 0.45, "b": 5}, {"a": 1, "b": 15})
    own = module._read("x", {**of, "low": {"a": 0, "b": 8}, "high": {"a": 1, "b": 12}})
    assert (own.low, own.high) == ({"a": 0, "b": 8}, {"a": 1, "b": 12})


def numbers(value: object) -> list[float]:
    return list(value.values()) if isinstance(value, Mapping) else [value]  # type: ignore[list-item]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {
        "plain": {"value": 2, "low": 1, "high": 3, "unit": "t", "reason": "a number to try"},
        "of_classes": {"value": {"a": 10, "b": 20}, "range_pct": 10, "unit": "t", "reason": "two numbers to try"},
    }
    found = {name: module._read(name, one) for name, one in both.items()}
    monkeypatch.setattr(module, "assumptions", lambda country: found)


@pytest.mark.usefixtures("made_up")
def test_a_number_can_be_varied_within_its_range_and_the_rest_stays() -> None:
    found = varied("DE", {"plain": 3})
    assert found["plain"].value == 3
    assert found["plain"].low == 1
    assert found["of_classes"].value == {"a": 10, "b": 20}


@pytest.mark.usefixtures("made_up")
def test_one_class_can_be_varied_by_itself_within_ten_percent() -> None:
    assert varied("DE", {"of_classes.b": 22})["of_classes"].value == {"a": 10, "b": 22}
    assert varied("DE", {"of_classes": {"a": 9}})["of_classes"].value == {"a": 9, "b": 20}


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("plain", 3.1, "plain: 3.1 found; allowed: a number from 1 to 3"),
        ("plain", "2", "plain: '2' found"),
        ("plain", True, "plain: True found"),
        ("of_classes.b", 23, r"of_classes.b: 23 found; allowed: a number from 18 to 22"),
        ("of_classes.c", 1, "allowed: some of the classes a, b"),
        ("of_classes", 1, "allowed: some of the classes a, b"),
        ("nothing", 1, "nothing is no assumption; there are: of_classes, plain"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(name: str, value: object, words: str) -> None:
    with pytest.raises(AssumptionError, match=words):
        varied("DE", {name: value})


def test_a_misspelt_key_and_a_value_out_of_its_own_range_are_refused() -> None:
    good = {"value": 2, "low": 1, "high": 3, "unit": "t", "reason": "a number to try"}
    with pytest.raises(AssumptionError, match="rea_son"):
        module._read("one", {**good, "rea_son": "slip"})
    with pytest.raises(AssumptionError, match="one: 5 found"):
        module._read("one", {**good, "value": 5})
