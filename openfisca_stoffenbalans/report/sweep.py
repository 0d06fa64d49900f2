"""The report of a sweep: how the outcome moves with a norm, and which norm meets an aim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars

from openfisca_stoffenbalans.report import charts
from openfisca_stoffenbalans.report.comparison import of
from openfisca_stoffenbalans.report.model import Chart, Report, Section, Table
from openfisca_stoffenbalans.report.words import figure, plain, unit_words
from openfisca_stoffenbalans.scenario.aims import Answer
from openfisca_stoffenbalans.scenario.sweep import Sweep

DRAWN = ("share_exceeding", "farms_exceeding", "excess_total_t", "levy_total_euro")


def sweep_report(sweep: Sweep, answer: Answer | None, receipt: Mapping[str, Any]) -> Report:
    """The report of a sweep; `receipt`: the part of its receipt that two equal runs share."""
    names = " and ".join(plain(norm.parameter.rpartition(".")[2]) for norm in sweep.norms)
    paths = " and ".join(norm.parameter for norm in sweep.norms)
    pictures = tuple(picture(sweep, statistic) for statistic in DRAWN if statistic in sweep.units)
    off = "Small-cell protection was switched off: figures may show single farms."
    said = [off if sweep.rule is None else sweep.rule.in_words()]
    sections = (
        Section("How the outcome moves", "outcome", (sweep.how, *said), (steps(sweep),), pictures),
        Section("Receipt", "receipt", (), (of(receipt),)),
    )
    lead = answer.sentences if answer else (sweep.how,)
    return Report(f"Sweep of {names}", f"{paths}; balance years that start in {sweep.asked['year']}", lead, sections)


def picture(sweep: Sweep, statistic: str) -> Chart:
    """One statistic over the norm; over two norms a field."""
    frame = sweep.table.filter(polars.col("statistic") == statistic).select(
        "norm", "value", *(["norm_2"] if len(sweep.norms) > 1 else [])
    )
    share = sweep.units[statistic] == "share"
    frame = frame.with_columns(polars.col("value") * 100) if share else frame
    title, second = f"{plain(statistic)}, {'%' if share else sweep.units[statistic]}", None
    if len(sweep.norms) > 1:
        frame, second = frame.rename({"norm_2": "second_norm"}), unit_of(sweep, 1)
    svg = charts.sweep(frame, unit_of(sweep, 0), title, second)
    return Chart(
        plain(statistic), svg, f"{plain(statistic)} at each value of the norm; the numbers stand in the table."
    )


def unit_of(sweep: Sweep, number: int) -> str:
    """A norm with its unit, as the title of an axis."""
    name = sweep.norms[number].parameter.rpartition(".")[2]
    return f"{plain(name)}, {unit_words(sweep.asked['units'][number])}"


def steps(sweep: Sweep) -> Table:
    """A row per step."""
    names = ["norm", "norm_2"][: len(sweep.norms)]
    body = []
    for key, part in sweep.table.group_by(names, maintain_order=True):
        found = {row["statistic"]: row for row in part.iter_rows(named=True)}
        values = (figure(found[name]["value"], sweep.units[name], found[name]["farms"]) for name in sweep.units)
        body.append((*(f"{value:g}" for value in key), *values))
    heads = (f"{plain(name)} ({unit})" for name, unit in sweep.units.items())
    head = (*(norm.parameter.rpartition(".")[2] for norm in sweep.norms), *heads)
    return Table("All steps", head, tuple(body), (), tuple(range(len(names), len(head))))
