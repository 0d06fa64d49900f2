"""The figures of a comparison over Dutch farms computed again, farm by farm in fractions, from results of every system.

Amounts per hectare, excess, distances and changes are divided and subtracted here; of a regime only its results count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.results import balance
from tests.scenario.summary_by_hand import (
    BASE,
    GAINS,
    SHARES,
    STATES,
    Amounts,
    Figure,
    Key,
    Weighted,
    bins,
    known,
    moved,
    per,
    quantile,
    spread,
    where,
)

Column = list[Any]


@dataclass(frozen=True)
class Names:
    """Which results of a regime are what; amounts of nutrients by the beginning of their figures' names."""

    verdict: str
    surpluses: Mapping[str, str]
    held: str
    headroom: str
    held_area: str
    area: str
    surplus_area: str = ""
    assessed: str = ""
    obliged: str = "nl_obliged"
    supply: str = ""
    removal: str = ""
    points: str = ""
    advantage: str = ""
    # (name of the amount, of the farms that have it, of one of them, end of totals, thousandths to one of a total)
    charges: Mapping[str, tuple[str, str, str, str, int]] = field(default_factory=dict)


LEVY = ("levy", "farms_paying", "paying_farm", "_euro", 1)
REWARD = ("reward", "farms_rewarded", "rewarded_farm", "", 1)
DISTANCE = ("distance", "farms_at_a_distance", "farm_at_a_distance", "_t", 1000)
OF_FARM = {"surplus": "nl_farm_surplus_nitrogen", "phosphate_surplus": "nl_farm_surplus_phosphate"}
OF_MINAS = {"surplus": "minas_surplus_nitrogen", "phosphate_surplus": "minas_surplus_phosphate"}
NAMES = {
    "nl.soil_balance": Names(
        verdict="nl_soil_verdict", surpluses={"surplus": "nl_soil_surplus"}, held="nl_soil_surplus",
        headroom="nl_soil_headroom", held_area="nl_soil_area_ha", area="nl_soil_area_ha", assessed="nl_obliged",
    ),
    "nl.farm_balance": Names(
        verdict="nl_animal_manure_verdict", surpluses=OF_FARM, held="nl_animal_manure_nitrogen",
        headroom="nl_animal_manure_headroom", held_area="utilised_area_ha", area="utilised_area_ha",
        supply="nl_farm_supply_nitrogen", removal="nl_farm_removal_nitrogen",
    ),
    "nl.minas": Names(
        verdict="minas_verdict", surpluses=OF_MINAS, held="minas_surplus_nitrogen", headroom="minas_headroom_nitrogen",
        held_area="minas_area_ha", area="utilised_area_ha", surplus_area="minas_area_ha", assessed="minas_obliged",
        obliged="minas_obliged",
        charges={"minas_levy_due": LEVY},
    ),
    "nl.targets": Names(
        verdict="nl_target_verdict", surpluses=OF_FARM, held="nl_target_indicator", headroom="nl_target_headroom",
        held_area="nl_target_basis", area="utilised_area_ha", assessed="nl_target_assessed", points="nl_data_points",
        advantage="nl_target_indicator",
        charges={"nl_target_levy": LEVY, "nl_target_reward": REWARD, "nl_target_distance": DISTANCE},
    ),
}  # fmt: skip


class Results:
    """The results of one system, of farms of one year."""

    def __init__(self, data: DataSet, system: Any, chosen: list[Key], names: Names) -> None:
        """Run all Dutch regimes over the data."""
        frame = balance(data, system, "nl", chosen[0][1].year)
        rows = {(row["farm_id"], row["year_start"]): row for row in frame.to_dicts()}
        farms = {(row["farm_id"], row["year_start"]): row for row in data.tables["farms"].to_dicts()}
        self.chosen, self.names = chosen, names
        self.rows = [farms[key] | rows[key] for key in chosen]

    def __getitem__(self, name: str) -> Column:
        return [row[name] for row in self.rows]

    @property
    def verdict(self) -> Column:
        return self[self.names.verdict]

    @property
    def assessed(self) -> list[bool]:
        return self[self.names.assessed] if self.names.assessed else [one != "not_assessed" for one in self.verdict]

    def by(self, amounts: Column, area: str) -> Column:
        """Amounts by an area, where there is one."""
        return [*map(per, amounts, self[area])]

    @property
    def held_per_ha(self) -> Column:
        return self.by(self[self.names.held], self.names.held_area)

    @property
    def excess(self) -> Column:
        """By how much what exceeds its limit is above it; a farm may exceed by something else."""
        pairs = zip(self.verdict, self[self.names.headroom], strict=True)
        return [-room if verdict == "exceeds" and room is not None and room < 0 else None for verdict, room in pairs]

    def above_0(self, name: str) -> Column:
        """An amount of the farms that have some of it, to a thousandth."""
        return [amount if some(amount) else None for amount in self[name]]


def some(amount: float | None) -> bool:
    """Whether there is at least a thousandth of an amount."""
    return amount is not None and known([amount])[0] > 0


def summary_by_hand(
    results: Mapping[str, Results], weights: list[Fraction], groups: Mapping[Any, set[int]]
) -> dict[tuple[str, str, str, str], Weighted]:
    """(scenario, group_by, group, statistic) -> value, farms, weight."""
    found = {}
    for label, after in results.items():
        everywhere, only_all = levels(after), dict(bins(after))  # type: ignore[arg-type]
        if label != BASE:
            everywhere |= changes(results[BASE], after)
            only_all |= positions(results[BASE], after, weights)
        for name, figure in everywhere.items():
            for (by, group), members in groups.items():
                found[label, by, group, name] = figure.of(members, weights)
        for name, figure in only_all.items():
            found[label, "all", "all", name] = figure.of(groups["all", "all"], weights)
    return found


def levels(one: Results) -> dict[str, Figure]:
    """What holds under one system."""
    names, everyone = one.names, where([True] * len(one.chosen))
    states = {state: where(found == state for found in one.verdict) for state in STATES}
    assessed, obliged = where(one.assessed), where(one[names.obliged])
    figures = {"farms_total": Figure(everyone), "farms_obliged": Figure(obliged), "farms_assessed": Figure(assessed)}
    figures |= {f"farms_{STATES[state]}": Figure(members) for state, members in states.items()}
    figures["share_obliged"] = Figure(obliged, "share", others=everyone)
    figures["share_exceeding"] = Figure(states["exceeds"], "share", others=assessed)
    figures["area_total_ha"] = Figure(known(one[names.area]))
    for name, column in names.surpluses.items():
        figures[f"{name}_total_t"] = Figure(known(one[column]), times=1000)
        figures |= spread(name, one.by(one[column], names.surplus_area or names.area))
    if names.supply:
        figures |= efficiency(one)
    if names.points:
        figures["data_points_per_farm"] = Figure(points(one), "mean")
    for column in names.charges:
        figures |= charge(one, column)
    return figures | exceeding(one)


def points(one: Results) -> Amounts:
    """The data points of a farm that is bound, 0 of any other."""
    pairs = zip(one[one.names.points], one[one.names.obliged], strict=True)
    return {farm: Fraction(number if bound else 0) for farm, (number, bound) in enumerate(pairs)}


def efficiency(one: Results) -> dict[str, Figure]:
    """Supply and removal of the farms with both."""
    supply, removal = known(one[one.names.supply]), known(one[one.names.removal])
    supply, removal = (
        {farm: kg for farm, kg in of.items() if farm in supply and farm in removal} for of in (supply, removal)
    )
    return {
        "supply_total_t": Figure(supply, times=1000),
        "removal_total_t": Figure(removal, times=1000),
        "nutrient_use_efficiency": Figure(removal, "share", others=supply),
    }


def exceeding(one: Results) -> dict[str, Figure]:
    """What the farms that exceed have to reduce."""
    above, held = one.excess, one[one.names.held]
    of_these = known([kg if over is not None else None for kg, over in zip(held, above, strict=True)])
    return {
        "excess_total_t": Figure(known(above), times=1000),
        "excess_mean_kg_per_exceeding_farm": Figure(known(above), "mean"),
        "reduction_needed_share": Figure(known(above), "share", others=of_these),
        **spread("excess", one.by(above, one.names.held_area), mean=False),
    }


def charge(one: Results, column: str) -> dict[str, Figure]:
    """A levy, reward or distance: who has it, and how much."""
    name, farms, each, ending, times = one.names.charges[column]
    amounts = one.above_0(column)
    exact = {farm: amount for farm, amount in enumerate(amounts) if amount is not None}
    return {
        farms: Figure(where(amount is not None for amount in amounts)),
        f"{name}_not_known": Figure(where(amount is None for amount in one[column])),
        f"{name}_total{ending}": Figure(known(amounts), times=times),
        f"{name}_mean_per_{each}": Figure(known(amounts), "mean"),
        f"{name}_median_per_{each}": Figure(exact, "quantile"),
    }


def changes(before: Results, after: Results) -> dict[str, Figure]:
    """What is another under a scenario."""
    names, pairs = after.names, list(zip(before.verdict, after.verdict, strict=True))
    duty = list(zip(before[names.obliged], after[names.obliged], strict=True))
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
    for name, column in names.surpluses.items():
        figures[f"{name}_change_t"] = Figure(moved(before[column], after[column]), times=1000)
    for column, (name, _, _, ending, times) in names.charges.items():
        change = moved(before.above_0(column), after.above_0(column))
        figures[f"{name}_change{ending}"] = Figure(change, times=times)
    if names.advantage:
        figures |= advantage(before, after)
    return {**figures, **bands(before, after), **accuracy(before, after)}


def advantage(before: Results, after: Results) -> dict[str, Figure]:
    """Whom a scenario lets seem better."""
    was, now = (known(one[one.names.advantage]) for one in (before, after))
    both = {farm: was[farm] - now[farm] for farm in was.keys() & now.keys()}
    better = {farm: kg for farm, kg in sorted(both.items()) if kg > 0}
    percent = {farm: round(100 * kg / was[farm], 3) for farm, kg in better.items() if was[farm] > 0}
    worse = {farm: -kg for farm, kg in sorted(both.items()) if kg < 0}
    sides = {
        "farms_advantage": where(farm in better for farm in range(len(after.chosen))),
        "farms_disadvantage": where(farm in worse for farm in range(len(after.chosen))),
        "farms_no_advantage": where(both.get(farm) == 0 for farm in range(len(after.chosen))),
        "farms_advantage_not_known": where(farm not in both for farm in range(len(after.chosen))),
    }
    figures = {name: Figure(farms) for name, farms in sides.items()}
    of_both = where(farm in both for farm in range(len(after.chosen)))
    figures["share_advantage"] = Figure(sides["farms_advantage"], "share", others=of_both)
    for ending, amounts in (("kg", better), ("pct", percent)):
        figures[f"advantage_mean_{ending}"] = Figure(amounts, "mean")
        for at in ("median", "p90"):
            figures[f"advantage_{at}_{ending}"] = Figure(amounts, "quantile", share=SHARES[at])
    figures["disadvantage_mean_kg"] = Figure(worse, "mean")
    return figures


def accuracy(before: Results, after: Results) -> dict[str, Figure]:
    """How far a scenario is from the baseline."""
    pairs = list(zip(before.verdict, after.verdict, strict=True))
    either = where(one or two for one, two in zip(before.assessed, after.assessed, strict=True))
    wrong = {
        "verdict_differs": where(was != now for was, now in pairs),
        "false_alarms": where(now == "exceeds" != was for was, now in pairs),
        "misses": where(was == "exceeds" != now for was, now in pairs),
    }
    figures = {name: Figure(farms) for name, farms in wrong.items()}
    figures |= {f"share_{name}": Figure(farms, "share", others=either) for name, farms in wrong.items()}
    one, two = known(before.held_per_ha), known(after.held_per_ha)
    error = {farm: two[farm] - one[farm] for farm in sorted(one.keys() & two.keys())}
    figures["error_bias_kg_per_ha"] = Figure(error, "mean")
    figures["error_rmse_kg_per_ha"] = Figure({farm: round(by * by, 3) for farm, by in error.items()}, "root")
    if after.names.points:
        was, now = points(before), points(after)
        figures["data_points_saved_per_farm"] = Figure({farm: was[farm] - now[farm] for farm in was}, "mean")
    return figures


def bands(before: Results, after: Results) -> dict[str, Figure]:
    """Gainers and losers of headroom per unit; an edge belongs to the band nearer to no change."""
    one, two = (known(of.by(of[of.names.headroom], of.names.held_area)) for of in (before, after))
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
    names = before.names
    surplus = before.by(before[names.surpluses["surplus"]], names.surplus_area or names.area)
    figures = {}
    for outcome, state in (("newly_exceeding", "exceeds"), ("newly_complying", "complies")):
        newly = [now == state != was for was, now in zip(before.verdict, after.verdict, strict=True)]
        for name, amounts in {"surplus": surplus, "size": before[before.names.area]}.items():
            pairs = [(amount, weights[farm]) for farm, amount in enumerate(amounts) if amount is not None]
            edges = [quantile(pairs, Fraction(fifth, 5)) for fifth in range(1, 5)]
            place = [
                None if amount is None else sum(amount > edge for edge in edges if edge is not None)
                for amount in amounts
            ]
            for fifth in (*range(5), None):
                at = "not_known" if fifth is None else f"fifth_{fifth + 1}"
                both = zip(newly, place, strict=True)
                figures[f"{outcome}_{name}_{at}"] = Figure(where(new and one == fifth for new, one in both))
    return figures
