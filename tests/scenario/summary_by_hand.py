"""The figures of a comparison computed again, farm by farm in fractions, from the results of every system."""

from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.dataset.simulation import simulate

BASE = "baseline"
STATES = {name: name for name in ("not_assessed", "undetermined")} | {"complies": "complying", "exceeds": "exceeding"}
SIDES = {"supply": 11, "removal": 12}
SHARES = {"p10": (1, 10), "p25": (1, 4), "median": (1, 2), "p75": (3, 4), "p90": (9, 10)}
PARTS = ("supply_line_2", "supply_line_3", "removal_line_4", "removal_line_5")
GAINS = {"under_5": 5, "5_to_20": 20, "20_to_50": 50, "over_50": math.inf}

Key = tuple[str, datetime.date]
Amounts = dict[int, Fraction]
Weighted = tuple[float | None, int, float]


def rounded(kg: float | None) -> Fraction | None:
    """Thousandths as a fraction, half of one away from zero."""
    if kg is None:
        return None
    return Fraction(Decimal(f"{kg:.9f}").quantize(Decimal("0.001"), ROUND_HALF_UP))


def less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def per(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other


def verdicts(data: DataSet, system: Any, chosen: list[Key]) -> list[str]:
    """The verdicts of farms in one year."""
    frame = balance(data, system, year=chosen[0][1].year)
    found = {
        (name, start): verdict for name, start, verdict in frame["farm_id", "year_start", "stoffbilv_verdict"].rows()
    }
    return [found[key] for key in chosen]


@dataclass(frozen=True)
class Figure:
    """A figure as amounts by farm: their weighted sum, their mean or its root, their share of others, or quantiles."""

    amounts: Mapping[int, Fraction | float]
    kind: str = "sum"
    times: int = 1
    others: Mapping[int, Fraction] | None = None
    share: tuple[int, int] = (1, 2)

    def of(self, group: set[int], weights: list[Fraction]) -> Weighted:
        """Value, farms behind it and their weights."""
        inside = [farm for farm in self.amounts if farm in group]
        # A share rests on all farms of which it is one.
        behind = inside if self.others is None else [farm for farm in self.others if farm in group]
        weight = sum((weights[farm] for farm in behind), Fraction(0))
        return self.value(inside, group, weights), len(behind), float(weight)

    def value(self, inside: list[int], group: set[int], weights: list[Fraction]) -> float | None:
        if self.kind == "quantile":
            return quantile([(self.amounts[farm], weights[farm]) for farm in inside], Fraction(*self.share))
        total = sum((Fraction(self.amounts[farm]) * weights[farm] for farm in inside), Fraction(0))
        if self.kind == "sum":
            return float(total / self.times)
        if self.kind in ("mean", "root"):
            below = sum((weights[farm] for farm in inside), Fraction(0))
        else:
            assert self.others is not None
            below = sum((self.others[farm] * weights[farm] for farm in self.others if farm in group), Fraction(0))
        found = float(total / below) if below else None
        return math.sqrt(found) if found is not None and self.kind == "root" else found


def quantile(pairs: list[tuple[Any, Fraction]], share: Fraction) -> float | None:
    """The smallest value that reaches the share of the weights; with the next one's mean when it meets it exactly."""
    pairs = sorted(pairs)
    wanted, reached = share * sum(weight for _, weight in pairs), Fraction(0)
    for position, (value, weight) in enumerate(pairs):
        reached += weight
        if reached > wanted or (reached == wanted and position + 1 == len(pairs)):
            return float(value)
        if reached == wanted:
            return (value + pairs[position + 1][0]) / 2
    return None


def farms_of_year(data: DataSet, year: int) -> list[Key]:
    """Each farm once: of two series that with more years up to this one, else the earlier start."""
    keys = list(data.tables["farms"].select("farm_id", "year_start").iter_rows())
    best: dict[str, tuple[int, int, Key]] = {}
    for name, start in keys:
        if start.year == year:
            known = sum(one == name and day.month == start.month and day <= start for one, day in keys)
            best[name] = min(best.get(name, (1, 13, (name, start))), (-known, start.month, (name, start)))
    return [key for key in keys if best.get(key[0], (0, 0, None))[2] == key]


class Results:
    """The results of one system by farm of the year asked for."""

    def __init__(self, data: DataSet, system: Any, chosen: list[Key], always_own: bool = False) -> None:
        """Run the whole system over the data; `always_own`: no farm may choose the flat limit."""
        year = chosen[0][1].year
        frames = [balance(data, system, year=one) for one in range(max(year - 2, 2018), year + 1)]
        self.rows = {(row["farm_id"], row["year_start"]): row for frame in frames for row in frame.to_dicts()}
        self.farms = {(row["farm_id"], row["year_start"]): row for row in data.tables["farms"].to_dicts()}
        self.chosen, self.always_own = chosen, always_own
        self.counted: dict[Key, float] = {}
        for part in simulate(data, system):
            for period, (_, index) in ((one, rows) for one, rows in part.rows.items() if one.start.year == year):
                found, start = part.simulation.calculate("stoffbilv_data_points", period), period.start.date
                names = part.simulation.populations["farm"].ids
                self.counted.update({(names[at], start): float(found[at]) for at in index.tolist()})

    def column(self, name: str) -> list[Any]:
        return [self.rows[key][name] for key in self.chosen]

    def mean(self, key: Key, value: Callable[[Key], float | None]) -> float | None:
        """The mean over this year and the two before it, as far as they are known and the law held."""
        name, start = key
        days = [start.replace(year=start.year - before) for before in range(3)]
        found = [value((name, day)) for day in days if (name, day) in self.rows]
        return None if None in found else sum(one for one in found if one is not None) / len(found)

    def line(self, name: str) -> list[float | None]:
        """The three-year mean of a line of the form."""
        return [self.mean(key, lambda one: self.rows[one][f"stoffbilv_annex_2_{name}"]) for key in self.chosen]

    @property
    def verdict(self) -> list[str]:
        return self.column("stoffbilv_verdict")

    @property
    def headroom(self) -> list[float | None]:
        return [
            self.rows[key][f"stoffbilv_headroom_{'farm_specific' if self.always_own else method}"]
            for key, method in ((key, self.farms[key]["assessment_method"]) for key in self.chosen)
        ]

    @property
    def held(self) -> list[float | None]:
        losses = [self.mean(key, lambda one: self.farms[one]["unavoidable_losses_n_kg"]) for key in self.chosen]
        return [less(mean, loss) for mean, loss in zip(self.column("stoffbilv_mean_balance"), losses, strict=True)]

    @property
    def held_per_ha(self) -> list[float | None]:
        found = []
        for key, mean in zip(self.chosen, self.column("stoffbilv_mean_balance_per_ha"), strict=True):
            loss = self.mean(key, lambda one: self.farms[one]["unavoidable_losses_n_kg"])
            found.append(less(mean, per(loss, self.mean(key, lambda one: self.farms[one]["utilised_area_ha"]))))
        return found

    @property
    def points(self) -> list[int]:
        """The data points of a farm that has to draw up a balance, 0 of any other."""
        obliged = self.column("stoffbilv_obliged")
        return [self.counted[key] if duty else 0 for key, duty in zip(self.chosen, obliged, strict=True)]

    @property
    def net(self) -> list[float | None]:
        found = []
        for key in self.chosen:
            row = self.rows[key]
            losses = [row[f"stoffbilv_annex_4_line_{number}"] for number in range(2, 9)]
            found.append(None if None in losses else less(row["nitrogen_balance"], sum(losses)))
        return found

    def per_ha(self, amounts: list[float | None]) -> list[float | None]:
        return [*map(per, amounts, (self.farms[key]["utilised_area_ha"] for key in self.chosen))]

    def per_mean_ha(self, amounts: list[float | None]) -> list[float | None]:
        areas = (self.mean(key, lambda one: self.farms[one]["utilised_area_ha"]) for key in self.chosen)
        return [*map(per, amounts, areas)]

    @property
    def excess(self) -> list[float | None]:
        pairs = zip(self.verdict, self.headroom, strict=True)
        return [max(0.0, -(room or 0.0)) if verdict == "exceeds" else None for verdict, room in pairs]


def known(amounts: list[float | None]) -> Amounts:
    """Thousandths of the farms that have an amount."""
    found = {farm: rounded(amount) for farm, amount in enumerate(amounts)}
    return {farm: amount for farm, amount in found.items() if amount is not None}


def where(conditions: Any) -> Amounts:
    return {farm: Fraction(1) for farm, holds in enumerate(conditions) if holds}


def moved(before: list[float | None], after: list[float | None]) -> Amounts:
    """The change of the farms whose amount is another, or known in one of the two only."""
    one, two = known(before), known(after)
    farms = sorted(farm for farm in one.keys() | two.keys() if one.get(farm) != two.get(farm))
    return {farm: two.get(farm, Fraction(0)) - one.get(farm, Fraction(0)) for farm in farms}


def summary_by_hand(
    results: Mapping[str, Results], alone: Mapping[str, list[str]], weights: list[Fraction], groups: dict[Any, set[int]]
) -> dict[tuple[str, str, str, str], Weighted]:
    """(scenario, group_by, group, statistic) -> value, farms, weight; `alone`: verdicts by the year alone."""
    found = {}
    for label, after in results.items():
        everywhere = {**levels(after), **drivers(after), **by_one_year(after, alone[label])}
        only_all = bins(after)
        if label != BASE:
            everywhere |= changes(results[BASE], after)
            only_all |= positions(results[BASE], after, weights)
        for name, figure in everywhere.items():
            for (by, group), members in groups.items():
                found[label, by, group, name] = figure.of(members, weights)
        for name, figure in only_all.items():
            found[label, "all", "all", name] = figure.of(groups["all", "all"], weights)
    return found


def bins(one: Results) -> dict[str, Figure]:
    """The farms by what is held against the limit; a farm on an edge is in the bin above it."""
    edges = ["", "minus_50", *map(str, range(0, 325, 25)), "400", ""]
    found = {"held_not_known": Figure(where(kg is None for kg in one.held_per_ha))}
    for low, high in itertools.pairwise(edges):
        name = f"from_{low}_to_{high}" if low and high else f"below_{high}" if high else f"from_{low}"
        least, most = (float((edge or end).replace("minus_", "-")) for edge, end in ((low, "-inf"), (high, "inf")))
        inside = [kg is not None and least <= kg < most for kg in one.held_per_ha]
        found[f"held_{name}_kg_per_ha"] = Figure(where(inside))
    return found


def levels(one: Results) -> dict[str, Figure]:
    """What holds under one system."""
    verdict, everyone = one.verdict, where([True] * len(one.chosen))
    states = {state: where(found == state for found in verdict) for state in STATES}
    obliged, assessed = where(one.column("stoffbilv_obliged")), where(found != "not_assessed" for found in verdict)
    figures = {"farms_total": Figure(everyone), "farms_obliged": Figure(obliged), "farms_assessed": Figure(assessed)}
    figures |= {f"farms_{STATES[state]}": Figure(members) for state, members in states.items()}
    figures["share_obliged"] = Figure(obliged, "share", others=everyone)
    figures["share_exceeding"] = Figure(states["exceeds"], "share", others=assessed)
    methods = one.column("stoffbilv_better_method")
    for name in ("flat", "farm_specific", "equal"):
        figures[f"better_method_{name}"] = Figure(where(method == name for method in methods))
    figures["better_method_not_known"] = Figure(where(method is None for method in methods))
    figures["area_total_ha"] = Figure(known([one.farms[key]["utilised_area_ha"] for key in one.chosen]))
    for nutrient in ("nitrogen", "phosphorus", "phosphate"):
        name = "surplus" if nutrient == "nitrogen" else f"{nutrient}_surplus"
        figures[f"{name}_total_t"] = Figure(known(one.column(f"{nutrient}_balance")), times=1000)
        figures |= spread(name, one.column(f"{nutrient}_balance_per_ha"))
    figures["net_surplus_total_t"] = Figure(known(one.net), times=1000)
    figures |= spread("net_surplus", one.per_ha(one.net))
    figures |= exceeding(one)
    points = {farm: Fraction(number) for farm, number in enumerate(one.points)}
    return figures | {"data_points_per_farm": Figure(points, "mean")}


def spread(name: str, amounts: list[float | None], mean: bool = True) -> dict[str, Figure]:
    """Mean and quantiles of an amount per ha."""
    exact = {farm: amount for farm, amount in enumerate(amounts) if amount is not None}
    figures = {f"{name}_{at}_kg_per_ha": Figure(exact, "quantile", share=share) for at, share in SHARES.items()}
    return figures | ({f"{name}_mean_kg_per_ha": Figure(known(amounts), "mean")} if mean else {})


def exceeding(one: Results) -> dict[str, Figure]:
    """Supply by removal, and the excess of the farms that exceed."""
    supply, removal = (known(one.column(f"nitrogen_{side}")) for side in SIDES)
    supply = {farm: amount for farm, amount in supply.items() if farm in removal}
    removal = {farm: removal[farm] for farm in supply}
    above, exceeds = known(one.excess), [state == "exceeds" for state in one.verdict]
    held = known([kg if yes else None for kg, yes in zip(one.held, exceeds, strict=True)])
    return {
        "supply_total_t": Figure(supply, times=1000),
        "removal_total_t": Figure(removal, times=1000),
        "nutrient_use_efficiency": Figure(removal, "share", others=supply),
        "excess_total_t": Figure(above, times=1000),
        "excess_mean_kg_per_exceeding_farm": Figure(above, "mean"),
        "reduction_needed_share": Figure(above, "share", others=held),
        **spread("excess", one.per_mean_ha(one.excess), mean=False),
    }


def drivers(one: Results) -> dict[str, Figure]:
    """The lines of the form of the farms that exceed."""
    figures = {}
    for side, last in SIDES.items():
        for number in range(1, last + 1):
            line = f"{side}_line_{number}"
            pairs = zip(one.line(line), one.verdict, strict=True)
            amounts = known([kg if verdict == "exceeds" else None for kg, verdict in pairs])
            figures[f"exceeding_farms_{line}_t"] = Figure(amounts, times=1000)
    return figures


def by_one_year(one: Results, alone: list[str]) -> dict[str, Figure]:
    """The verdict by the balance year alone beside that of three."""
    pairs = list(zip(one.verdict, alone, strict=True))
    figures = {
        f"one_year_farms_{name}": Figure(where(year == state for _, year in pairs))
        for state, name in STATES.items()
        if state != "not_assessed"
    }
    for years, year in (("complies", "exceeds"), ("exceeds", "complies")):
        name = f"{STATES[years]}_but_{STATES[year]}_by_one_year"
        figures[name] = Figure(where(pair == (years, year) for pair in pairs))
    return figures


def changes(before: Results, after: Results) -> dict[str, Figure]:
    """What is another under a scenario."""
    pairs = list(zip(before.verdict, after.verdict, strict=True))
    duty = list(zip(before.column("stoffbilv_obliged"), after.column("stoffbilv_obliged"), strict=True))
    figures = {
        "newly_obliged": Figure(where(now and not was for was, now in duty)),
        "no_longer_obliged": Figure(where(was and not now for was, now in duty)),
        "newly_exceeding": Figure(where(now == "exceeds" != was for was, now in pairs)),
        "newly_complying": Figure(where(now == "complies" != was for was, now in pairs)),
        "unchanged": Figure(where(was == now for was, now in pairs)),
    }
    for was in STATES:
        for now in STATES:
            figures[f"from_{STATES[was]}_to_{STATES[now]}"] = Figure(where(pair == (was, now) for pair in pairs))
    for nutrient, name in (("nitrogen", "surplus"), ("phosphorus", "phosphorus_surplus")):
        figures |= change(f"{name}_change_t", before, after, lambda one, of=nutrient: one.column(f"{of}_balance"))
    figures |= change("phosphate_surplus_change_t", before, after, lambda one: one.column("phosphate_balance"))
    for side, last in SIDES.items():
        for line in (f"{side}_line_{number}" for number in range(1, last + 1)):
            if line not in PARTS:
                figures |= change(f"change_{line}_t", before, after, lambda one, line=line: one.line(line))
    return {**figures, **bands(before, after), **accuracy(before, after)}


def change(name: str, before: Results, after: Results, amounts: Callable[[Results], Any]) -> dict[str, Figure]:
    """The figure of a change; of a line of the form only if there is one at all."""
    one, two = amounts(before), amounts(after)
    return {} if one == two and name.startswith("change") else {name: Figure(moved(one, two), times=1000)}


def accuracy(before: Results, after: Results) -> dict[str, Figure]:
    """How far a simpler rule is from the baseline."""
    pairs = list(zip(before.verdict, after.verdict, strict=True))
    either = where(pair != ("not_assessed", "not_assessed") for pair in pairs)
    wrong = {
        "verdict_differs": where(was != now for was, now in pairs),
        "false_alarms": where(now == "exceeds" != was for was, now in pairs),
        "misses": where(was == "exceeds" != now for was, now in pairs),
    }
    figures = {name: Figure(farms) for name, farms in wrong.items()}
    figures |= {f"share_{name}": Figure(farms, "share", others=either) for name, farms in wrong.items()}
    one, two = known(before.held_per_ha), known(after.held_per_ha)
    error = {farm: two[farm] - one[farm] for farm in one.keys() & two.keys()}
    figures["error_bias_kg_per_ha"] = Figure(error, "mean")
    figures["error_rmse_kg_per_ha"] = Figure({farm: round(by * by, 3) for farm, by in error.items()}, "root")
    fewer = {farm: Fraction(was - now) for farm, (was, now) in enumerate(zip(before.points, after.points, strict=True))}
    return {**figures, "data_points_saved_per_farm": Figure(fewer, "mean")}


def bands(before: Results, after: Results) -> dict[str, Figure]:
    """Gainers and losers of headroom per ha; an edge belongs to the band nearer to no change."""
    one, two = (known(results.per_mean_ha(results.headroom)) for results in (before, after))
    band = {}
    for farm in range(len(after.chosen)):
        if farm not in one or farm not in two:
            band[farm] = "not_known"
            continue
        change = two[farm] - one[farm]
        reach = next(name for name, edge in GAINS.items() if abs(change) <= edge)
        band[farm] = "unchanged" if not change else f"{'gains' if change > 0 else 'loses'}_{reach}"
    names = ["unchanged", "not_known", *(f"{way}_{reach}" for way in ("gains", "loses") for reach in GAINS)]
    return {f"headroom_{name}": Figure(where(band[farm] == name for farm in band)) for name in names}


def positions(before: Results, after: Results, weights: list[Fraction]) -> dict[str, Figure]:
    """In which fifth of all farms under the baseline those with another verdict are."""
    of = {
        "surplus": before.column("nitrogen_balance_per_ha"),
        "size": [before.farms[key]["utilised_area_ha"] for key in before.chosen],
        "density": before.column("stocking_density"),
    }
    figures = {}
    for outcome, state in (("newly_exceeding", "exceeds"), ("newly_complying", "complies")):
        newly = [now == state != was for was, now in zip(before.verdict, after.verdict, strict=True)]
        for name, amounts in of.items():
            pairs = [(amount, weights[farm]) for farm, amount in enumerate(amounts) if amount is not None]
            edges = [quantile(pairs, Fraction(fifth, 5)) for fifth in range(1, 5)]
            place = [None if amount is None else sum(amount > edge for edge in edges) for amount in amounts]
            for fifth in (*range(5), None):
                at = "not_known" if fifth is None else f"fifth_{fifth + 1}"
                both = zip(newly, place, strict=True)
                figures[f"{outcome}_{name}_{at}"] = Figure(where(new and one == fifth for new, one in both))
    return figures
