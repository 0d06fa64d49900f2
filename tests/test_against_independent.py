"""The engine against the independent implementation in exact fractions, on random data sets and every reading."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.reform import readings, with_reforms
from tests.conftest import loaded_system
from tests.oracle.stoffbilv import compute
from tests.random_farms import Rows, as_dataset, random_rows

# Relative to the exact fraction; float64 keeps sums of some dozens of products well within it.
PRECISION = Fraction(1, 10**9)

_systems: dict[str | None, Any] = {}


def system_with(reading: str | None) -> Any:
    if reading not in _systems:
        chosen = [readings()[reading]] if reading else []
        _systems[reading] = with_reforms(loaded_system(), chosen)
    return _systems[reading]


def same(found: Any, exact: Any) -> bool:
    if isinstance(exact, Fraction) and not isinstance(found, str | None):
        return abs(Fraction(found) - exact) <= PRECISION * max(1, abs(exact))
    return bool(found == exact)


def differences(rows: Rows, reading: str | None, farms_per_part: int) -> list[str]:
    """Where the engine and the independent implementation differ, in words."""
    with tempfile.TemporaryDirectory() as folder:
        data = as_dataset(rows, Path(folder))
    found = balance(data, system_with(reading), farms_per_part=farms_per_part).to_dicts()
    exact = compute(rows, frozenset([reading] if reading else []))
    assert len(found) == len(exact)
    wrong = []
    for ours, theirs in zip(found, exact, strict=True):
        theirs = dict(theirs)
        ours["undetermined"] = bool(ours["stoffbilv_undetermined_because"])
        for name, value in theirs.items():
            if not same(ours[name], value):
                wrong.append(f"{ours['farm_id']} {ours['year_start']} {name}: {ours[name]} instead of {value}")
    return wrong


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1), farms_per_part=st.sampled_from([1, 3, 1000]))
def test_every_result_column_is_the_exact_one(seed: int, farms_per_part: int) -> None:
    assert differences(random_rows(Random(seed)), None, farms_per_part) == []


@pytest.mark.parametrize("reading", sorted(readings()))
@settings(max_examples=6, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32 - 1))
def test_every_result_column_is_the_exact_one_under_each_reading(reading: str, seed: int) -> None:
    assert differences(random_rows(Random(seed)), reading, 1000) == []


def test_random_farms_reach_every_verdict_on_and_beside_the_limits() -> None:
    headrooms: set[Fraction] = set()
    verdicts: dict[str, int] = {}
    for seed in range(40):
        for row in compute(random_rows(Random(seed))):
            verdicts[row["stoffbilv_verdict"]] = verdicts.get(row["stoffbilv_verdict"], 0) + 1
            if row["stoffbilv_verdict_farm_specific"] in ("complies", "exceeds"):
                headrooms.add(round(row["stoffbilv_headroom_farm_specific"], 3))
    assert min(verdicts[name] for name in ("complies", "exceeds", "undetermined", "not_assessed")) >= 20
    assert {Fraction(-2, 1000), Fraction(0), Fraction(2, 1000)} <= headrooms
