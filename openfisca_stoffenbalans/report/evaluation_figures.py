"""Figures of an evaluation as its chapters use them: by year, as numbers, as texts, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars

from openfisca_stoffenbalans.report.charts import by_group_bars
from openfisca_stoffenbalans.report.evaluation import Evaluation
from openfisca_stoffenbalans.report.model import Chart, Table
from openfisca_stoffenbalans.report.words import MISSING, SUPPRESSED, figure
from openfisca_stoffenbalans.scenario.groups import ALL
from openfisca_stoffenbalans.scenario.run import BASELINE

Group = tuple[str, str]
EVERYONE: Group = (ALL, ALL)
OBLIGED: Group = ("duty", "obliged")
NOT_OBLIGED: Group = ("duty", "not obliged")

TREND_WORDS = {
    "farms": "farms_total", "obliged": "farms_obliged", "assessed": "farms_assessed", "exceeding": "farms_exceeding",
    "share exceeding": "share_exceeding", "mean surplus gross, kg N/ha": "surplus_mean_kg_per_ha",
    "mean surplus net, kg N/ha": "net_surplus_mean_kg_per_ha", "surplus gross, t N": "surplus_total_t",
    "excess, t N": "excess_total_t", "nutrient use efficiency": "nutrient_use_efficiency",
}  # fmt: skip


class Figures:
    """The published figures of an evaluation by year, scenario, group and statistic."""

    def __init__(self, evaluation: Evaluation) -> None:
        """Take up the summary."""
        self.evaluation = evaluation
        self.rows: dict[tuple[Any, ...], Mapping[str, Any]] = {
            (row["year"], row["scenario"], row["group_by"], row["group"], row["statistic"]): row
            for row in evaluation.summary.iter_rows(named=True)
        }

    def row(self, statistic: str, group: Group, scenario: str, year: int | None) -> Mapping[str, Any] | None:
        """The row of a figure, of the year asked for unless another is given."""
        return self.rows.get((year or self.evaluation.year, scenario, *group, statistic))

    def text(self, statistic: str, group: Group = EVERYONE, scenario: str = BASELINE, year: int | None = None) -> str:
        """A figure for a table."""
        row = self.row(statistic, group, scenario, year)
        return MISSING if row is None else figure(row["value"], row["unit"], row["farms"])

    def said(self, statistic: str, group: Group = EVERYONE, scenario: str = BASELINE, year: int | None = None) -> str:
        """A figure for a sentence."""
        return spoken(self.text(statistic, group, scenario, year))

    def value(
        self, statistic: str, group: Group = EVERYONE, scenario: str = BASELINE, year: int | None = None
    ) -> float | None:
        """A figure as a number; None when it is not published or does not exist."""
        row = self.row(statistic, group, scenario, year)
        return None if row is None else row["value"]

    def share(self, above: str, below: str, group: Group = EVERYONE, of: Group = EVERYONE) -> str:
        """One figure as a share of another."""
        for statistic, place in ((above, group), (below, of)):
            if self.text(statistic, place) == SUPPRESSED:
                return SUPPRESSED
        one, all_ = self.value(above, group), self.value(below, of)
        return MISSING if one is None or not all_ else f"{one / all_:.1%}"

    def groups(self, group_by: str, year: int | None = None) -> list[Group]:
        """The groups of a column in the order of the summary, of a year or of all."""
        frame = self.evaluation.summary.filter(group_by=group_by)
        frame = frame if year is None else frame.filter(year=year)
        return [(group_by, name) for name in frame["group"].unique(maintain_order=True).to_list()]

    def known(self, statistic: str, group: Group = EVERYONE) -> list[tuple[int, float]]:
        """Year and value of the years in which a figure is published."""
        pairs = ((year, self.value(statistic, group, year=year)) for year in self.evaluation.years)
        return [(year, value) for year, value in pairs if value is not None]


def by_scenario(figures: Figures, title: str, labels: Sequence[str], columns: Mapping[str, str], *notes: str) -> Table:
    """A row per scenario; `columns`: head -> statistic."""
    body = tuple((label, *(figures.text(name, scenario=label) for name in columns.values())) for label in labels)
    return Table(title, ("scenario", *columns), body, notes, tuple(range(1, 1 + len(columns))))


def by_groups(figures: Figures, title: str, groups: Iterable[Group], columns: Mapping[str, str], *notes: str) -> Table:
    """A row per group in the baseline; `columns`: head -> statistic."""
    body = tuple((named(group), *(figures.text(name, group) for name in columns.values())) for group in groups)
    return Table(title, ("group", *columns), body, notes, tuple(range(1, 1 + len(columns))))


def by_year(figures: Figures, title: str, statistic: str, groups: Sequence[Group], *notes: str) -> Table:
    """A row per group, a column per year."""
    years = figures.evaluation.years
    body = tuple((named(group), *(figures.text(statistic, group, year=year) for year in years)) for group in groups)
    return Table(title, ("group", *(str(year) for year in years)), body, notes, tuple(range(1, 1 + len(years))))


def bars_by_year(figures: Figures, title: str, statistic: str, axis: str, groups: Sequence[Group]) -> Chart:
    """A bar per year and group; a share in percent."""
    rows = []
    for year in figures.evaluation.years:
        for group in groups:
            row = figures.row(statistic, group, BASELINE, year)
            if row is not None and (row["value"] is not None or row["farms"] is None):
                times = 100 if row["unit"].startswith("share") else 1
                value = None if row["value"] is None else times * row["value"]
                rows.append({"group": named(group), "scenario": str(year), "value": value})
    return bars(title, rows, axis, "A bar for each group and year; the numbers stand in the table above.")


def bars(title: str, rows: Sequence[Mapping[str, Any]], axis: str, alt: str) -> Chart:
    """Bars of group, scenario and value."""
    schema = {"group": polars.String, "scenario": polars.String, "value": polars.Float64}
    return Chart(title, by_group_bars(polars.DataFrame(rows, schema=schema), axis), alt)


def spoken(text: str) -> str:
    """A figure's text as a part of a sentence."""
    return f"({SUPPRESSED})" if text == SUPPRESSED else text


def named(group: Group) -> str:
    """A group in words."""
    return "all farms" if group == EVERYONE else group[1]
