"""Soil nitrogen balances of nmi-agro/fdm (MIT, (c) Nutriënten Management Instituut) reproduced, value by value."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.nl import independent_cases

CASES = Path(__file__).parent / "soil_balance"
FILES = [str(CASES / f"nbalance_{name}.json") for name in ("cases", "farm_case")]


def test_every_value_of_every_case_and_of_the_farm_is_reproduced(capsys: pytest.CaptureFixture[str]) -> None:
    assert independent_cases.main(FILES) == 0
    assert capsys.readouterr().out.endswith("56 cases: 1178 values matched, 0 not matched\n")


def test_a_value_that_is_off_is_named_and_the_exit_code_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(Path(FILES[0]).read_text(encoding="utf-8"))
    content["cases"] = content["cases"][:3]
    content["cases"][1]["expected"]["balance"] += 2e-6
    file = tmp_path / "off.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert independent_cases.main([str(file)]) == 1
    said = capsys.readouterr().out
    assert "balance                       2 matched      1 not matched" in said
    assert f"{content['cases'][1]['id']}: balance is " in said


def case(name: str) -> dict[str, Any]:
    content = json.loads(Path(FILES[0]).read_text(encoding="utf-8"))
    return copy.deepcopy(next(one for one in content["cases"] if one["id"] == name))


def ours(*cases: dict[str, Any]) -> list[dict[str, float]]:
    units = [independent_cases.Unit(one["id"], [one], {}, False) for one in cases]
    return independent_cases.results_of(units)


def test_cuts_are_summed_as_harvest_and_averaged_as_residue() -> None:
    # Wheat, index 0.44, residue 5.3 g N/kg taken off; cuts of 9000 and 5000 kg with 21 g N/kg:
    # harvest 14000 x 21 / 1000 = 294; residue 7000 / 0.44 x 0.56 x 5.3 / 1000 = 47.21818...
    cut = case("residue_nl_256_false_9000")
    crop = cut["input"]["crop_details"][0]
    crop.update(b_lu_catalogue="nl_233", b_lu_hi=0.44, b_lu_n_residue=5.3)
    cut["input"]["cultivations"][0]["code"] = "nl_233"
    one = cut["input"]["harvests"][0] | {"yield_kgDM_ha": 9000, "n_g_kgDM": 21}
    cut["input"]["harvests"] = [one, one | {"yield_kgDM_ha": 5000}]
    found = ours(cut)[0]
    assert found["removal_harvests"] == pytest.approx(-294, abs=1e-9)
    assert found["removal_residues"] == pytest.approx(-7000 / 0.44 * 0.56 * 5.3 / 1000, abs=1e-9)


def test_a_harvest_without_yield_removes_the_standard_yield_and_loses_no_ammonia_from_its_residue() -> None:
    # Potato 2014: standard 7000 kg with 15.7 g N/kg = 109.9 kg N.
    left = case("residue_nl_2014_true_null")
    left["input"]["harvests"] = [{"id": "h", "cultivation": "lu0", "yield_kgDM_ha": None, "n_g_kgDM": None}]
    found = ours(left)[0]
    assert found["removal_harvests"] == pytest.approx(-109.9, abs=1e-9)
    assert found["nh3_residues"] == 0


def test_a_harvest_of_nothing_removes_the_standard_yield() -> None:
    nothing = case("residue_nl_2014_false_9000")
    nothing["input"]["harvests"][0].update(yield_kgDM_ha=0, n_g_kgDM=0)
    # 7000 x 15.7 / 1000, while the residue belongs to the declared 0 kg.
    found = ours(nothing)[0]
    assert found["removal_harvests"] == pytest.approx(-109.9, abs=1e-9)
    assert found["removal_residues"] == 0


def test_a_time_of_half_a_year_counts_days_as_the_other_implementation_does() -> None:
    half = case("tf_2023_full")
    half["input"]["timeframe"] = {"start": "2023-01-01", "end": "2023-06-30"}
    # 180 days from 1.1. to 30.6. for mineralisation of 160 kg, 181 days with both ends for the target of 125 kg;
    # deposition is given for the time.
    found = ours(half)[0]
    assert found["supply_mineralisation"] == pytest.approx(160 * 180 / 365, abs=1e-9)
    assert found["target"] == pytest.approx(125 * 181 / 365, abs=1e-9)
    assert found["supply_deposition"] == pytest.approx(20, abs=1e-9)


def test_a_buffer_strip_is_nothing_at_all() -> None:
    strip = case("grass_dekzand_VII")
    strip["input"]["field"]["buffer_strip"] = True
    assert {output: value for output, value in ours(strip)[0].items() if value} == {"years": 1}
