"""Standards of 2025 and 2026 by nmi-agro/fdm@9bf23bb (MIT, (c) Nutriënten Management Instituut), reproduced."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.nl.farms import results

ZONES = ("groundwater_protection_zone", "derogation_free_zone", "nutrient_polluted_zone", "natura_2000_zone")
with (Path(__file__).parent / "norm_values.csv").open(encoding="utf-8") as file:
    CASES = list(csv.DictReader(file))


def test_there_are_cases_of_both_years() -> None:
    assert [sum(case["year"] == year for case in CASES) for year in ("2025", "2026")] == [7, 10]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_standard_of_a_field_is_that_of_the_other_implementation(system: Any, case: dict[str, str]) -> None:
    farm = {
        "utilised_area_ha": 2.5,
        "derogation": case["derogation"] == "true",
        **{zone: zone if case[zone] == "true" else f"no_{zone}" for zone in ZONES},
        "fields": [{"field_area_ha": 2.5, "field_buffer_strip": case["buffer_strip"] == "true"}],
    }
    limit = results(system, case["year"], [farm], "nl_animal_manure_limit")
    assert limit[0] / 2.5 == pytest.approx(float(case["kg_n_per_ha"]), abs=1e-6)
