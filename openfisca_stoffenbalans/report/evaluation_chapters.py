"""The four chapters of an evaluation: each its answer, made from published figures, tables, charts and limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars

from openfisca_stoffenbalans.report import charts
from openfisca_stoffenbalans.report.evaluation import REASON
from openfisca_stoffenbalans.report.evaluation_figures import (
    EVERYONE,
    NOT_OBLIGED,
    OBLIGED,
    Figures,
    bars,
    bars_by_year,
    by_groups,
    by_scenario,
    by_year,
    spoken,
)
from openfisca_stoffenbalans.report.model import Chart, Section, Table
from openfisca_stoffenbalans.report.words import SUPPRESSED, counted, figure, listed, plain, unit_words
from openfisca_stoffenbalans.scenario import figures as of_comparison
from openfisca_stoffenbalans.scenario.burden import burden
from openfisca_stoffenbalans.scenario.effort import BURDEN
from openfisca_stoffenbalans.scenario.run import BASELINE

MEAN, NET, EFFICIENCY = "surplus_mean_kg_per_ha", "net_surplus_mean_kg_per_ha", "nutrient_use_efficiency"
LOAD = {
    "farms": "farms_total", "utilised area, ha": "area_total_ha", "mean surplus gross, kg N/ha": MEAN,
    "mean surplus net, kg N/ha": NET, "surplus gross, t N": "surplus_total_t",
    "surplus net, t N": "net_surplus_total_t", "excess, t N": "excess_total_t",
}  # fmt: skip
VERDICTS = {
    "farms": "farms_total", "assessed": "farms_assessed", "complying": "farms_complying",
    "exceeding": "farms_exceeding", "undetermined": "farms_undetermined",
}  # fmt: skip
TOLERANCE = {
    "assessed": "farms_assessed", "exceeding": "farms_exceeding", "share exceeding": "share_exceeding",
    "newly exceeding": "newly_exceeding", "newly complying": "newly_complying", "excess, t N": "excess_total_t",
}  # fmt: skip
TYPES = {
    "assessed": "farms_assessed", "exceeding": "farms_exceeding", "share exceeding": "share_exceeding",
    "undetermined": "farms_undetermined", "flat limit better": "better_method_flat",
    "own value better": "better_method_farm_specific",
}  # fmt: skip
ACCURACY = {
    "another verdict": "share_verdict_differs", "false alarms": "false_alarms", "misses": "misses",
    "data points per farm": "data_points_per_farm", "saved": "data_points_saved_per_farm",
}  # fmt: skip
GROSS_AND_NET = (
    "Gross: the balance of the year as the law draws it up. Net: less the losses that the law calls unavoidable. The "
    "excess is that of the mean of the law's years."
)
WITHOUT = "In years without assessed farms there is no excess."


def limits(figures: Figures, name: str) -> Section:
    """What the figures of a chapter can't show."""
    evaluation = figures.evaluation
    content = evaluation.content["limits"]
    row = figures.row("farms_total", EVERYONE, BASELINE, evaluation.year) or {"farms": None}
    behind = "" if row["farms"] is None else f"In {evaluation.year} the data have {row['farms']:,} farms. "
    said = [
        f"{behind}Figures stand for {figures.said('farms_total')} farms; {figures.said('farms_undetermined')} of "
        f"{figures.said('farms_assessed')} assessed farms can't be determined."
    ]
    if not evaluation.same_farms and name in ("load", "efficiency"):
        said.append("Not every farm is in the data in every year: a change from year to year is also one of the farms.")
    return Section("Limits", f"limits-{name}", (*said, *content[name], *content["all"]))


def load(figures: Figures) -> Section:
    """Obliged and other farms: surplus, area, excess, and their course over the years."""
    year, said = figures.evaluation.year, figures.said
    answer = (
        f"In {year}, {said('farms_total', OBLIGED)} of {said('farms_total')} farms "
        f"({figures.share('farms_total', 'farms_total', OBLIGED)}) are obliged to draw up a balance; they work "
        f"{spoken(figures.share('area_total_ha', 'area_total_ha', OBLIGED))} of the area and have "
        f"{said('surplus_total_t', OBLIGED)} of {said('surplus_total_t')} t of the nitrogen surplus.",
        f"Their mean surplus is {said(MEAN, OBLIGED)} kg N/ha ({said(NET, OBLIGED)} net of unavoidable losses), that "
        f"of farms that are not obliged {said(MEAN, NOT_OBLIGED)} ({said(NET, NOT_OBLIGED)}).",
        f"If every farm that exceeds came down to its limit, {said('excess_total_t')} t of nitrogen would go, "
        f"{spoken(figures.share('excess_total_t', 'surplus_total_t'))} of the gross surplus: that is the most that the "
        "limits can take away in these data. "
        f"{course(figures, MEAN, OBLIGED, 'the mean surplus of obliged farms', ' kg N/ha')}",
    )
    groups = (OBLIGED, NOT_OBLIGED, EVERYONE)
    table = by_groups(figures, f"Obliged and other farms, {year}", groups, LOAD, GROSS_AND_NET)
    shares = Table(
        "Shares of obliged farms",
        ("what", "share"),
        tuple(
            (words, figures.share(above, below, group))
            for words, above, below, group in (
                ("of the farms", "farms_total", "farms_total", OBLIGED),
                ("of the utilised area", "area_total_ha", "area_total_ha", OBLIGED),
                ("of the gross surplus", "surplus_total_t", "surplus_total_t", OBLIGED),
                ("the excess, of the gross surplus of all farms", "excess_total_t", "surplus_total_t", EVERYONE),
            )
        ),
        (),
        (1,),
    )
    over_years = (
        by_year(figures, "Obliged farms by year", "farms_obliged", (EVERYONE,)),
        by_year(figures, "Mean surplus gross by year, kg N/ha", MEAN, groups),
        by_year(figures, "Mean surplus net by year, kg N/ha", NET, groups),
        by_year(figures, "Surplus gross by year, t N", "surplus_total_t", groups),
        by_year(figures, "Excess by year, t N", "excess_total_t", (EVERYONE,), WITHOUT),
    )
    chart = bars_by_year(figures, "Mean gross surplus, obliged and other farms", MEAN, "kg N/ha", groups[:2])
    return chapter(figures, "load", answer, (table, shares, *over_years), (chart,))


def criteria(figures: Figures) -> Section:
    """Both methods, tolerance, years, undetermined farms, and the course of the limit."""
    evaluation, said = figures.evaluation, figures.said
    flat, own = "complies by the flat limit only", "complies by its own value only"
    answer = (
        f"Of {counted(said('farms_assessed'), 'assessed farm')}, {said('farms_exceeding')} exceed their limit and "
        f"{said('farms_undetermined')} can't be determined. Of all farms, the flat limit is the better method for "
        f"{said('better_method_flat')}, the farm's own value for {said('better_method_farm_specific')}.",
        f"The choice decides where only one method is met: "
        f"{counted(said('farms_total', ('methods', flat)), 'farm')} would comply by the "
        f"flat limit only ({said('farms_complying', ('methods', flat))} chose it and comply), "
        f"{said('farms_total', ('methods', own))} by their own value only "
        f"({said('farms_complying', ('methods', own))} chose it and comply).",
        f"By the year {evaluation.year} alone, {counted(said('one_year_farms_exceeding'), 'farm')} would exceed. "
        f"{' '.join(evaluation.aim)}",
    )
    groups = figures.groups("methods")
    note = "Columns by the method that each farm chose. Complying by one method only: the choice decides."
    tolerance = (BASELINE, *(name for name in evaluation.content["tolerance"]))
    tables = (
        by_groups(
            figures, "Both methods beside each other, and the verdict by the farm's choice", groups, VERDICTS, note
        ),
        by_scenario(figures, "With and without the choice and the tolerance", tolerance, TOLERANCE),
        by_groups(
            figures, "Verdicts and better method by farm type", figures.groups("farm_type", evaluation.year), TYPES
        ),
        one_year(figures),
        undetermined(figures),
        steps(figures),
    )
    shares = evaluation.sweep.table.filter(statistic="share_exceeding").select("norm", "value")
    drawn = shares.with_columns(polars.col("value") * 100)
    title = "Share of assessed farms that exceed, by the flat limit"
    picture = charts.sweep(drawn, unit(figures), "share of assessed farms that exceed, %")
    return chapter(
        figures, "criteria", answer, tables, (Chart(title, picture, "A line over the steps of the table above."),)
    )


def one_year(figures: Figures) -> Table:
    """Verdicts by the balance year alone beside those of all years."""
    states = ("complying", "exceeding", "undetermined")
    body = [("by the law's years", *(figures.text(f"farms_{state}") for state in states))]
    body.append(("by the balance year alone", *(figures.text(f"one_year_farms_{state}") for state in states)))
    crossed = ("complying_but_exceeding_by_one_year", "exceeding_but_complying_by_one_year")
    notes = tuple(f"Farms {plain(name)}: {figures.text(name)}." for name in crossed)
    return Table("One year and all years", ("verdict", *states), tuple(body), notes, (1, 2, 3))


def undetermined(figures: Figures) -> Table:
    """Why farms are undetermined."""
    rows = figures.evaluation.summary.filter(polars.col("statistic").str.starts_with(REASON)).iter_rows(named=True)
    body = tuple(
        (row["statistic"].removeprefix(REASON), figure(row["value"], row["unit"], row["farms"])) for row in rows
    )
    notes = () if body else ("No farm is undetermined.",)
    return Table("Why farms are undetermined", ("reason", "farms"), body, (*notes, "A farm can have several."), (1,))


def steps(figures: Figures) -> Table:
    """The course of the limit."""
    table = figures.evaluation.sweep.table
    names = ("farms_exceeding", "share_exceeding", "excess_total_t")
    found = {(row["norm"], row["statistic"]): row for row in table.iter_rows(named=True)}
    body = []
    for value in table["norm"].unique(maintain_order=True).to_list():
        rows = [found[value, name] for name in names]
        body.append((f"{value:g}", *(figure(row["value"], row["unit"], row["farms"]) for row in rows)))
    note = "Farms that chose their own value are not touched by the flat limit."
    head = (unit(figures), "exceeding", "share exceeding", "excess, t N")
    return Table("The flat limit moved", head, tuple(body), (note,), (0, 1, 2, 3))


def unit(figures: Figures) -> str:
    """The norm of the sweep in words."""
    moved = figures.evaluation.sweep
    return f"{moved.norms[0].parameter.rpartition('.')[2].replace('_', ' ')}, {unit_words(moved.asked['units'][0])}"


def alternatives(figures: Figures) -> Section:
    """The options beside the law: who exceeds, how accurate, what burden, and what is known of their formula."""
    comparison, text = figures.evaluation.comparison, figures.said
    options = list(comparison.scenarios)
    shares = {name: figures.value("share_exceeding", scenario=name) for name in options}
    known = {name: share for name, share in shares.items() if share is not None}
    ends = [extreme(known, pick) for pick in (max, min)] if known else []
    spread_ = (
        f"Of the options whose share is published it is largest under {ends[0]} and smallest under {ends[1]}."
        if ends
        else "No share of farms that exceed is published for an option."
    )
    saved = {name: figures.value("data_points_saved_per_farm", scenario=name) for name in options}
    simpler = [name for name, value in saved.items() if value is not None and value > 0]
    said = [
        f"{name} saves {text('data_points_saved_per_farm', scenario=name)} data points per farm and gives "
        f"{text('share_verdict_differs', scenario=name)} of the farms another verdict"
        for name in simpler
    ]
    answer = (
        f"Under the law, {text('share_exceeding')} of assessed farms exceed their limit. {spread_}",
        f"Among the options, {listed(said)}." if said else "No option is shown to need fewer data.",
        "Which option is more efficient depends on what is counted: the tables show exceedance, accuracy and burden "
        "beside each other and weigh nothing.",
    )
    labels = (BASELINE, *options)
    chart = Chart(
        "Accuracy against data",
        charts.frontier(of_comparison.frontier(comparison)),
        "A point for each option: data points saved per farm, and the share of farms with another verdict than by law.",
    )
    rows = [
        {"group": name, "scenario": "", "value": None if value is None else 100 * value}
        for name, value in {BASELINE: figures.value("share_exceeding"), **shares}.items()
        if value is not None or figures.text("share_exceeding", scenario=name) == SUPPRESSED
    ]
    shown = bars(
        "Share of assessed farms that exceed", rows, "% of assessed farms", "A bar for the law and for each option."
    )
    note = (
        "False alarms and misses: against the verdict of the law. Another verdict: share of farms assessed in either."
    )
    tables = (
        by_scenario(figures, "Options beside the law", labels, TOLERANCE),
        by_scenario(figures, "Accuracy of the options, and the data they need", labels, ACCURACY, note),
        burdens(figures, labels),
        sources(),
        status(figures),
    )
    return chapter(figures, "alternatives", answer, tables, (shown, chart))


def extreme(values: Mapping[str, float], pick: Callable[..., float]) -> str:
    """The names with the largest or smallest share, and the share."""
    value = pick(values.values())
    return f"{listed(name for name, one in values.items() if one == value)} ({figure(value, 'share')})"


def burdens(figures: Figures, labels: tuple[str, ...]) -> Table:
    """Burden of all obliged farms with both ends of its range."""
    names = [name for name in BURDEN if name.endswith("total")]
    lines = dict(zip(BURDEN, burden(1, 1, 1), strict=True))
    body = []
    for label in labels:
        ends = [[figures.text(f"burden_{name}_{end}", scenario=label) for end in ("low", "high")] for name in names]
        body.append((label, *(low if low == high else f"{low} to {high}" for low, high in ends)))
    head = ("scenario", *(f"{plain(name)}, {lines[name].unit}" for name in names))
    notes = (
        "All obliged farms together, a year; an end of a range that no source gives is a dash.",
        "The national total is that of the country under the law, shared out by obliged farms: it fits these data as "
        "far as their weights stand for the country.",
    )
    return Table("Burden with its range", head, tuple(body), notes, tuple(range(1, len(head))))


def sources() -> Table:
    """Where the burden comes from."""
    body = [
        (plain(name), line.what, line.unit, line.status.replace("_", " "), line.source)
        for name, line in zip(BURDEN, burden(1, 1, 1), strict=True)
        if name.endswith("total")
    ]
    return Table("Sources of the burden", ("figure", "what", "unit", "status", "source"), tuple(body))


def status(figures: Figures) -> Table:
    """What is known of each option's formula."""
    body = tuple(
        (label, parts[0].title, parts[0].status, parts[0].source)
        for label, parts in figures.evaluation.comparison.scenarios.items()
    )
    return Table("Options: status of the formula, and its source", ("option", "title", "status", "source"), body)


def efficiency(figures: Figures) -> Section:
    """Nutrient use efficiency and surplus by year and farm type."""
    groups = [EVERYONE, *figures.groups("farm_type")]
    moves = [(group, figures.known(EFFICIENCY, group)) for group in groups[1:]]
    changes = {group[1]: known[-1][1] - known[0][1] for group, known in moves if len(known) > 1}
    best, worst = (pick(changes, key=changes.__getitem__) if changes else None for pick in (max, min))
    types = (
        f"By farm type, the change from the first to the last published year is most favourable for {best} "
        f"({points(changes[best])}) and least for {worst} ({points(changes[worst])})."
        if best and worst
        else "For no farm type the efficiency of two years is published."
    )
    answer = (
        f"In {figures.evaluation.year}, farms removed {figures.said(EFFICIENCY)} of the nitrogen supplied to them. "
        f"{course(figures, EFFICIENCY, EVERYONE, 'nutrient use efficiency', '')}",
        types,
        course(figures, MEAN, EVERYONE, "the mean gross surplus", " kg N/ha"),
    )
    tables = (
        by_year(figures, "Nutrient use efficiency (removal / supply of nitrogen)", EFFICIENCY, groups),
        by_year(figures, "Mean surplus gross, kg N/ha", MEAN, groups),
        by_year(figures, "Mean surplus net of unavoidable losses, kg N/ha", NET, groups),
    )
    pictures = (
        bars_by_year(
            figures, "Nutrient use efficiency by year and farm type", EFFICIENCY, "removal / supply, %", groups
        ),
        bars_by_year(figures, "Mean gross surplus by year and farm type", MEAN, "kg N/ha", groups),
    )
    return chapter(figures, "efficiency", answer, tables, pictures)


def points(change: float) -> str:
    """A change of a share in words."""
    return f"{100 * change:+.1f} points"


def course(figures: Figures, statistic: str, group: tuple[str, str], what: str, unit: str) -> str:
    """How a figure moved from the first to the last published year."""
    known = figures.known(statistic, group)
    if len(known) < 2:
        return f"Of two years {what} is not published: nothing can be said of its course."
    (first, _), (last, _) = known[0], known[-1]
    before, after = (figures.text(statistic, group, year=year) for year in (first, last))
    return f"From {first} to {last}, {what} went from {before}{unit} to {after}{unit}."


def chapter(
    figures: Figures, name: str, answer: Sequence[str], tables: Sequence[Table], pictures: Sequence[Chart]
) -> Section:
    """A question with its answer, tables, charts and limits."""
    numbers = {"load": 1, "criteria": 2, "alternatives": 3, "efficiency": 4}
    if figures.value("farms_assessed") == 0 and name in ("criteria", "alternatives"):
        nobody = f"In {figures.evaluation.year} no balance of these farms has to be assessed: there is nothing to tell."
        answer = (nobody, *answer)
    title = f"{numbers[name]}. {figures.evaluation.content['questions'][name]}"
    return Section(title, name, tuple(answer), tuple(tables), tuple(pictures), (limits(figures, name),))
