"""What the charts of a comparison are made of shows no single farm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars

from openfisca_stoffenbalans.scenario.compare import DEFAULT_RULE, Comparison, compare
from openfisca_stoffenbalans.scenario.definition import load_scenario
from openfisca_stoffenbalans.scenario.figures import distribution, exceedance
from openfisca_stoffenbalans.scenario.summary import Rule
from tests.random_farms import as_dataset
from tests.scenario.weighted_farms import on_limit_rows

# Farms by their balance, kg N per ha: three in a bin of their own.
FARMS = {30: 20, 60: 3, 110: 20, 130: 15, 420: 12}


def compared(folder: Path, system: Any, rule: Rule | None) -> Comparison:
    per_ha = {f"farm {kg} {number}": float(kg) for kg, count in FARMS.items() for number in range(count)}
    data = as_dataset(on_limit_rows(per_ha), folder)
    return compare(data, [load_scenario("flat_limit_150")], 2020, system=system, rule=rule)


def test_all_farms_stand_in_the_distribution(tmp_path: Path, system: Any) -> None:
    found = distribution(compared(tmp_path, system, None))
    filled = found.filter(polars.col("farms") > 0).select("lower", "upper", "farms").rows()
    # 420 lies beyond the last edge, 400, and stands in the outermost bin.
    assert filled == [(25, 50, 20), (50, 75, 3), (100, 125, 20), (125, 150, 15), (400, 500, 12)]
    # The scenario does not change what is held against the limit.
    assert found["scenario"].unique().to_list() == ["baseline"]


def test_a_bin_of_few_farms_is_left_out_with_a_partner(tmp_path: Path, system: Any) -> None:
    found = distribution(compared(tmp_path, system, DEFAULT_RULE))
    dark = found.filter(polars.col("farms").is_null())["lower"].to_list()
    assert 50 in dark
    assert len(dark) > 1
    assert not found["farms"].is_between(1, 9).any()


def test_the_share_above_a_norm_is_that_of_the_bins_above_it() -> None:
    columns = {"scenario": ["a"] * 3, "lower": [0.0, 25.0, 75.0], "upper": [25.0, 75.0, 100.0]}
    spread = polars.DataFrame({**columns, "farms": [10.0, 30.0, 60.0]})
    assert exceedance(spread).rows() == [("a", 25, 0.9), ("a", 75, 0.6)]
    hidden = polars.DataFrame({**columns, "farms": [10.0, None, 60.0]})
    assert exceedance(hidden).rows() == [("a", 25, None), ("a", 75, None)]
