"""The burden is never a number without its range and its source."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from openfisca_stoffenbalans.scenario.burden import Line, burden
from openfisca_stoffenbalans.tables import leaves


def ranges(lines: list[Line]) -> list[tuple[str, str, float | None, float | None]]:
    return [(line.unit, line.per, line.low, line.high) for line in lines]


def test_hours_and_euro_are_those_of_each_source_per_farm_and_for_all() -> None:
    assert ranges(burden(200, 12_000, 800)) == [
        # up to 3 days x 8 hours, x 200 farms; the lower end was not found
        ("hours", "farm", None, 24),
        ("hours", "total", None, 4800),
        # 4 to 5 hours x 52 weeks, x 200 farms
        ("hours", "farm", 208, 260),
        ("hours", "total", 41_600, 52_000),
        # up to 30 euro x 12,000 ha, / 200 farms
        ("euro", "farm", None, 1800),
        ("euro", "total", None, 360_000),
        # 18.1 million x 200 / 800
        ("euro", "total", 4_525_000, 4_525_000),
    ]


def test_the_baseline_itself_has_the_published_total() -> None:
    assert ranges(burden(800, 0, 800))[-1] == ("euro", "total", 18_100_000, 18_100_000)


def test_every_line_says_who_said_it_and_what_is_assumed_or_missing() -> None:
    days, all_days, weekly, _, per_farm, per_ha, national = burden(200, 12_000, 800)
    assert all(line.what and line.source for line in (days, all_days, weekly, per_farm, per_ha, national))
    assert [line.status for line in (days, weekly, per_ha, national)] == [
        "one_statement",
        "one_statement",
        "secondary",
        "published",
    ]
    assert "Landesanstalt für Landwirtschaft" in days.source
    assert days.note == all_days.note == "up to; 8 hours a day: assumption; lower end: not found"
    assert weekly.note == "all records of the farm, not the balance alone; 52 weeks a year: assumption"
    assert "NDR" in weekly.source
    assert per_farm.note == "up to; mean of all obliged farms; lower end: not found"
    assert per_ha.note == "up to; lower end: not found"
    assert "not checked" in per_ha.source
    assert national.note == "one number without a range; times obliged farms by those of the baseline: inferred"
    assert "Referentenentwurf" in national.source


def test_without_obliged_farms_the_totals_are_0_and_there_is_no_mean_farm() -> None:
    lines = burden(0, 0, 800)
    assert [(line.low, line.high) for line in lines if line.per == "total"] == [(None, 0), (0, 0), (None, 0), (0, 0)]
    assert (lines[4].low, lines[4].high) == (None, None)
    assert "no farm is obliged" in lines[4].note


def test_without_obliged_farms_in_the_baseline_the_national_total_is_not_scaled() -> None:
    national = burden(200, 12_000, 0)[-1]
    assert (national.low, national.high) == (None, None)
    assert national.note == "one number without a range; no farm of the baseline is obliged"


@pytest.mark.parametrize(
    ("farms", "ha", "baseline", "message"),
    [
        (-1, 0, 1, "obliged_farms: found -1; allowed is a number ≥ 0"),
        (1, math.nan, -2, "obliged_livestock_ha: found nan; baseline_obliged_farms: found -2; allowed is a number ≥ 0"),
        (1, 0, math.inf, "baseline_obliged_farms: found inf; allowed is a number ≥ 0"),
    ],
)
def test_a_negative_number_or_none_is_an_error(farms: float, ha: float, baseline: float, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        burden(farms, ha, baseline)


def test_an_end_of_a_range_is_there_or_said_to_be_not_found(system: Any) -> None:
    for name, figure in system.parameters.quality.burden.children.items():
        if hasattr(figure, "values_list"):
            assert figure.metadata["status"] == "assumption", name
            continue
        assert {"low", "high"} - set(figure.children) == set(figure.metadata["not_found"]), name
        assert figure.metadata["status"] in ("published", "secondary", "one_statement")
        assert {leaf.metadata["unit"] for leaf in leaves(figure)} == {figure.metadata["unit"]}
