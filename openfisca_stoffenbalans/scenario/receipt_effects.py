"""How far the difference of two runs comes from the program, the data, the year and the rules: by runs in between."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.scenario.receipts import ALL, RULES, Run, counts_of
from openfisca_stoffenbalans.scenario.summary import Rule

MAIN = (
    "farms_obliged", "farms_assessed", "farms_exceeding", "farms_undetermined", "surplus_total_t", "excess_total_t",
)  # fmt: skip
COUNTS = ("balance_years", "obliged", "complies", "exceeds", "undetermined", "not_assessed")
STEPS = ("program_first", "data", "year", "rules", "program_second")
PLACES = 9

Figures = Mapping[tuple[str, str], float | None]
Rerun = Callable[[DataSet, Run, Run, Rule | None], Figures]


class NotAtHandError(LookupError):
    """Something that a run needs is not there; the message says what."""


@dataclass(frozen=True)
class Effect:
    """The difference of one figure and its parts, which add up to it.

    `parts`: by the names of `STEPS`, empty when it could not be split; `why` then says why not.
    """

    scenario: str
    statistic: str
    first: float | None
    second: float | None
    parts: Mapping[str, float]
    why: str = ""

    @property
    def whole(self) -> float | None:
        """The difference; None when a figure is not published."""
        return None if self.first is None or self.second is None else round(self.second - self.first, PLACES)


def effects(first: Run, second: Run) -> list[Effect]:
    """The main figures of both runs, split as far as the data are at hand and the figures published."""
    names = COUNTS if first.kind == "balance" else MAIN
    places = [place for place in first.figures if place in second.figures and place[1] in names]
    if first.kind not in RERUNS or not places:
        return []
    try:
        between, why = chain(first, second), ""
    except NotAtHandError as error:
        between, why = None, str(error)
    return [effect(place, first, second, between, why) for place in places]


def effect(place: tuple[str, str], first: Run, second: Run, between: list[Figures] | None, why: str) -> Effect:
    """The effect on one figure; `between`: the figures after each of the first four steps."""
    one, two = first.figures[place], second.figures[place]
    if one is None or two is None:
        return Effect(*place, one, two, {}, "not published")
    if between is None:
        return Effect(*place, one, two, {}, why)
    values = [one, *(figures.get(place) for figures in between), two]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return Effect(*place, one, two, {}, "a figure in between may not be published")
    moves = [round(after - before, PLACES) for before, after in itertools.pairwise(known)]
    return Effect(*place, one, two, dict(zip(STEPS, moves, strict=True)))


def chain(first: Run, second: Run) -> list[Figures]:
    """The first run again; with the second's data; with its year; with its rules. NotAtHandError says what is missing.

    Where the second's data have no balance year of the first's, data and year change in one step, that of the data.
    """
    rerun, rule = RERUNS[first.kind], strictest(first, second)
    old, new = at_hand(first, second)
    again = rerun(old, first, first, rule)
    moved = again
    same_data, same_year = first.results["data_sha256"] == second.results["data_sha256"], year(first) == year(second)
    if not same_data:
        moved = rerun(new, first, first if has_year(new, year(first)) else second, rule)
    in_year = moved if same_year else rerun(new, first, second, rule)
    same_rules = all(first.results.get(name) == second.results.get(name) for name in RULES)
    return [again, moved, in_year, in_year if same_rules else rerun(new, second, second, rule)]


def strictest(first: Run, second: Run) -> Rule | None:
    """The protection that holds for runs in between: what either of both asked for; None when neither did."""
    asked = [run.results.get("small_cell_protection", "off") for run in (first, second)]
    rules = [one for one in asked if one != "off"]
    if not rules:
        return None
    return Rule(max(one["threshold"] for one in rules), min(one["dominance"] for one in rules))


def year(run: Run) -> int | None:
    """The calendar year asked for; None for all."""
    found: int | None = run.results.get("year")
    return found


def has_year(data: DataSet, wanted: int | None) -> bool:
    """Whether a balance year of the data starts in a year."""
    return wanted is None or wanted in data.tables["farms"]["year_start"].dt.year()


def at_hand(first: Run, second: Run) -> tuple[DataSet, DataSet]:
    """The data of both runs, known by their hash; NotAtHandError when one is not there."""
    from openfisca_stoffenbalans.dataset import DataError, read_dataset
    from openfisca_stoffenbalans.examples import example, names

    found: dict[str, DataSet] = {}
    why = {}
    for run in (first, second):
        source = str(run.receipt.get("source", ""))
        prefix, _, name = source.partition(":")
        try:
            is_example = prefix == "example" and name in names()
            data = read_dataset(example(name) if is_example else source)
            found.setdefault(data.hash(), data)
            why[source] = f"the data at {source} have changed since the run"
        except (DataError, OSError, ValueError):
            why[source] = f"there are no data at {source or 'no source'}"
    for run in (first, second):
        if run.results["data_sha256"] not in found:
            raise NotAtHandError(f"the data of {run.place} are not at hand: {why[str(run.receipt.get('source', ''))]}")
    return found[first.results["data_sha256"]], found[second.results["data_sha256"]]


def compare_again(data: DataSet, of_rules: Run, of_year: Run, rule: Rule | None) -> Figures:
    """The figures of a comparison with the rules of one run and the year of another, by this program."""
    from openfisca_stoffenbalans.scenario.compare import ComparisonError, compare
    from openfisca_stoffenbalans.scenario.definition import Scenario, ScenarioError

    asked = of_rules.results
    try:
        single = [Scenario.from_spec(specs[0]) for specs in asked["scenarios"].values() if len(specs) == 1]
        start = asked["baseline"] if isinstance(asked["baseline"], str) else Scenario.from_spec(asked["baseline"])
        together = any(len(specs) > 1 for specs in asked["scenarios"].values())
        found = compare(
            data, single, int(year(of_year) or 0), baseline=start, regime=asked["regime"], rule=rule, combine=together,
            one_year=False,
        )  # fmt: skip
    except (ComparisonError, ScenarioError, KeyError) as error:
        raise NotAtHandError(f"the rules of {of_rules.place} can't be run by this program: {error}") from error
    rows = found.summary.filter(group_by=ALL).iter_rows(named=True)
    return {(row["scenario"], row["statistic"]): row["value"] for row in rows}


def balance_again(data: DataSet, of_rules: Run, of_year: Run, rule: Rule | None) -> Figures:
    """The counts of a `balance` run, which protects nothing, with the rules of one run and the year of another."""
    from openfisca_stoffenbalans.dataset.results import balance
    from openfisca_stoffenbalans.dataset.summary import counts
    from openfisca_stoffenbalans.regimes import regimes

    regime = str(of_rules.results["regime"])
    if regime not in regimes():
        raise NotAtHandError(f"the rules of {of_rules.place} can't be run by this program: no regime {regime!r}")
    results = balance(data, system_of(of_rules), regime, year(of_year))
    return counts_of({"counts": counts(results, regimes()[regime])})


def system_of(run: Run) -> Any:
    """The system of a `balance` run. A reform that is not shipped is not imported because a receipt names it."""
    from openfisca_stoffenbalans.reform import readings, with_reforms
    from openfisca_stoffenbalans.scenario.definition import all_reforms
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    shipped = {f"{one.__module__}.{one.__name__}": one for one in all_reforms().values()}
    known, chosen = readings(str(run.results["regime"])), []
    for name in run.results.get("readings") or ():
        if name not in known:
            raise NotAtHandError(f"the rules of {run.place} can't be run by this program: no reading {name!r}")
        chosen.append(known[name])
    for path in run.results.get("reforms") or ():
        if path not in shipped:
            raise NotAtHandError(f"the rules of {run.place} are not at hand: {path} is no reform of this program")
        chosen.append(shipped[path])
    return with_reforms(CountryTaxBenefitSystem(), chosen)


RERUNS: dict[str, Rerun] = {"compare": compare_again, "balance": balance_again}
