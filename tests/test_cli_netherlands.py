"""What the command says of Dutch farms."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from openfisca_stoffenbalans.cli import app


def said(*call: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in call])
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    ("regime", "why"),
    [
        ("nl.targets", "no official target is published"),
        ("nl", "no official target is published"),
        ("nl.minas", "norms of MINAS were found for 2002 to 2005 only"),
    ],
)
def test_a_run_in_which_no_farm_is_assessed_says_why(regime: str, why: str, tmp_path: Path) -> None:
    call = ("balance", "example:netherlands", "--regime", regime, "--out", tmp_path, "--format", "csv")
    assert why in said(*call, "--year", "2024")


def test_a_run_in_which_farms_are_assessed_gives_no_reason_for_the_others(tmp_path: Path) -> None:
    call = ("balance", "example:netherlands", "--regime", "nl.minas", "--out", tmp_path, "--format", "csv")
    assert "norms of MINAS were found" not in said(*call)


def test_farms_that_a_scenario_leaves_undetermined_are_counted_in_the_answer(tmp_path: Path) -> None:
    call = ("compare", "example:netherlands", "--regime", "nl.targets", "--year", "2024", "--unprotected")
    answer = said(*call, "--scenario", "stoffbilv_annex_4_nl", "--out", tmp_path)
    summary = (tmp_path / "summary.csv").read_text(encoding="utf-8").splitlines()
    (line,) = [row for row in summary if row.startswith("stoffbilv_annex_4_nl,all,all,farms_undetermined,")]
    undetermined = int(float(line.split(",")[4]))
    assert undetermined > 0
    assert (
        f"0 exceed under stoffbilv_annex_4_nl (0 newly, 0 newly comply; {undetermined} can't be determined)" in answer
    )


def test_a_surplus_that_no_farm_has_is_not_said_to_be_0(tmp_path: Path) -> None:
    # MINAS has no surplus of 2024: the law in force had ended.
    call = ("compare", "example:netherlands", "--regime", "nl.minas", "--year", "2024", "--unprotected")
    answer = said(*call, "--scenario", "minas_norms_today", "--out", tmp_path)
    assert "t under minas_norms_today." in answer
    assert "gross surplus" not in answer
