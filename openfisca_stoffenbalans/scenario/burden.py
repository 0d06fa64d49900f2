"""Administrative burden of a rule: hours and euro, as far as anything was published or said about them.

All numbers stand in the parameters `quality.burden`, each with status and source. Figures of different sources are
never put together: each gives lines of its own, with both ends of its range.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, Literal

from openfisca_stoffenbalans.dataset.schema import parameter
from openfisca_stoffenbalans.tables import parameter_files

BURDEN = "quality.burden"
ENDS = ("low", "high")

Bound = float | None


@dataclass(frozen=True)
class Line:
    """One figure per year and the range it lies in.

    `what`: in words; `unit`: hours or euro; `per`: for one obliged farm on average or for all of them; `low`, `high`:
    the range, None for an end that no source gives or that can not be reckoned; `status`: published, secondary or
    one_statement; `source`: who said it; `note`: what is assumed or missing, "" for nothing.
    """

    what: str
    unit: Literal["hours", "euro"]
    per: Literal["farm", "total"]
    low: Bound
    high: Bound
    status: str
    source: str
    note: str


@dataclass(frozen=True)
class Figure:
    """A figure of the parameters, with the latest value of both ends; None for one that was not found."""

    what: str
    low: Bound
    high: Bound
    status: str
    source: str
    note: str

    def times(self, factor: Bound) -> tuple[Bound, Bound]:
        """Both ends times a factor; None without one."""
        low, high = (None if end is None or factor is None else end * factor for end in (self.low, self.high))
        return low, high

    def line(self, unit: Literal["hours", "euro"], per: Literal["farm", "total"], factor: Bound, *notes: str) -> Line:
        """The figure times a factor as a line."""
        missing = [
            f"{'lower' if end == 'low' else 'upper'} end: not found" for end in ENDS if getattr(self, end) is None
        ]
        note = "; ".join(text for text in (self.note, *notes, *missing) if text)
        return Line(self.what, unit, per, *self.times(factor), self.status, self.source, note)


@functools.cache
def figure(name: str) -> Figure:
    """A figure by its name below `quality.burden`."""
    content: dict[str, Any] = parameter_files()[BURDEN][1][name]
    about = content["metadata"]
    low, high = (latest(content[end]) if end in content else None for end in ENDS)
    return Figure(content["description"], low, high, about["status"], about["source"], about["note"])


def latest(content: dict[str, Any]) -> float:
    """The latest value of a parameter as it stands in its file."""
    values = content["values"]
    return float(values[max(values)]["value"])


def burden(obliged_farms: float, obliged_livestock_ha: float, baseline_obliged_farms: float) -> list[Line]:
    """The yearly burden of a rule, first hours, then euro, one line per source and for one farm and all farms.

    `obliged_farms`: farms that have to draw up a balance; `obliged_livestock_ha`: hectares of those among them that
    keep livestock; `baseline_obliged_farms`: obliged farms under the law as it was, for which the national total was
    published. All weighted alike. ValueError for a negative number or none.
    """
    given = {
        "obliged_farms": obliged_farms,
        "obliged_livestock_ha": obliged_livestock_ha,
        "baseline_obliged_farms": baseline_obliged_farms,
    }
    wrong = [f"{name}: found {value}" for name, value in given.items() if not 0 <= value < math.inf]
    if wrong:
        raise ValueError(f"{'; '.join(wrong)}; allowed is a number ≥ 0")
    return [*hours(obliged_farms), *euro(obliged_farms, obliged_livestock_ha, baseline_obliged_farms)]


def hours(obliged_farms: float) -> list[Line]:
    """Hours a year by the statements on days a year and on hours a week."""
    day, weeks = (float(parameter(BURDEN, name)) for name in ("hours_per_working_day", "weeks_per_year"))
    days, weekly = figure("working_days"), figure("weekly_hours")
    of_a_day, of_a_year = f"{day:g} hours a day: assumption", f"{weeks:g} weeks a year: assumption"
    return [
        days.line("hours", "farm", day, of_a_day),
        days.line("hours", "total", day * obliged_farms, of_a_day),
        weekly.line("hours", "farm", weeks, of_a_year),
        weekly.line("hours", "total", weeks * obliged_farms, of_a_year),
    ]


def euro(obliged_farms: float, livestock_ha: float, baseline: float) -> list[Line]:
    """Euro a year by the statement on hectares of livestock farms and by the published national total."""
    per_ha, national = figure("livestock_farms"), figure("national_relief")
    mean = livestock_ha / obliged_farms if obliged_farms else None
    scale = obliged_farms / baseline if baseline else None
    average = "mean of all obliged farms" if obliged_farms else "no farm is obliged"
    scaled = (
        "times obliged farms by those of the baseline: inferred" if baseline else "no farm of the baseline is obliged"
    )
    return [
        per_ha.line("euro", "farm", mean, average),
        per_ha.line("euro", "total", livestock_ha),
        national.line("euro", "total", scale, scaled),
    ]
