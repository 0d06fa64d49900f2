"""The report on the screen and as a file."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from openfisca_stoffenbalans.dataset import MESSAGE_SCHEMA, Message, Report, print_report, write_csv
from tests.dataset.farm import emsland, report_of


def report_with(tmp_path: Path, errors: int, found: str = "many") -> Report:
    data = emsland()
    data["flows"] = [data["flows"][0] | {"amount": found}] * errors
    return report_of(tmp_path, data)


def shown(report: Report, terminal: bool, limit: int = 50) -> str:
    stream = io.StringIO()
    print_report(report, Console(file=stream, force_terminal=terminal, width=240), limit)
    return stream.getvalue()


def test_a_message_is_a_line_when_the_output_is_no_terminal(tmp_path: Path) -> None:
    text = shown(report_with(tmp_path, 1), terminal=False)
    assert text == ("error: flows.csv, line 2, farm emsland, 2019-01-01: amount is many; allowed: a number ≥ 0\n")


def test_a_terminal_shows_a_table(tmp_path: Path) -> None:
    text = shown(report_with(tmp_path, 1), terminal=True)
    for part in ("flows.csv", "emsland", "amount", "many", "a number ≥ 0", "─"):
        assert part in text


@pytest.mark.parametrize("terminal", [True, False])
def test_the_screen_shows_fifty_messages_and_counts_the_rest(tmp_path: Path, terminal: bool) -> None:
    text = shown(report_with(tmp_path, 173), terminal)
    assert text.count("flows.csv") == 50
    assert "and 123 more, use --errors FILE" in text


@pytest.mark.parametrize("terminal", [True, False])
def test_found_values_neither_steer_the_terminal_nor_are_markup(tmp_path: Path, terminal: bool) -> None:
    text = shown(report_with(tmp_path, 1, "\x1b]0;x\x07[bold]1"), terminal)
    assert "\x1b]0" not in text
    assert "[bold]1" in text


def test_a_report_without_messages_shows_nothing(tmp_path: Path) -> None:
    assert shown(report_of(tmp_path, emsland()), terminal=True) == ""


def test_the_file_holds_every_message(tmp_path: Path) -> None:
    report = report_with(tmp_path / "data", 173)
    write_csv(report, tmp_path / "errors.csv")
    written = pl.read_csv(tmp_path / "errors.csv", schema=MESSAGE_SCHEMA)
    assert written.equals(report.errors)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["errors.csv"]


def test_messages_come_as_records_too(tmp_path: Path) -> None:
    assert report_with(tmp_path, 1).messages() == [
        Message(
            "error", "flows.csv", 2, "emsland", "2019-01-01", "amount", "many", "a number ≥ 0",
            "flows.csv, line 2, farm emsland, 2019-01-01: amount is many; allowed: a number ≥ 0",
        )
    ]  # fmt: skip
