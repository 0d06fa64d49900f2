"""What is counted and added up of a scenario against the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.numbers import added, grams
from openfisca_stoffenbalans.regimes import Roles
from openfisca_stoffenbalans.scenario.book import Book, Values, quantiles
from openfisca_stoffenbalans.scenario.exact import MILLIONTHS, Integers
from openfisca_stoffenbalans.scenario.run import BASELINE, ONE_YEAR, Outcome

VERDICTS = ("not_assessed", "complies", "exceeds", "undetermined")
NOT_ASSESSED, COMPLIES, EXCEEDS, UNDETERMINED = range(4)
VERDICT_NAMES = ("not_assessed", "complying", "exceeding", "undetermined")
PER_FARM = float(MILLIONTHS)
PER_TONNE = 1e6 * MILLIONTHS
PER_KG = 1e3 * MILLIONTHS
# Each of three amounts is rounded to half a gram.
GRAM = 2
# How many units of a sheet are one of a statistic's, by the end of its name.
PER_UNIT = {"_t": PER_TONNE, "_euro": PER_KG}
SHARES = {"p10": 0.10, "p25": 0.25, "median": 0.50, "p75": 0.75, "p90": 0.90}


def per_unit(statistic: str) -> float:
    """How many units of a sheet are one of a statistic's."""
    return next((number for ending, number in PER_UNIT.items() if statistic.endswith(ending)), PER_FARM)


@dataclass(frozen=True)
class Farms:
    """One scenario's values of the farms, by role."""

    outcome: Outcome
    label: str
    roles: Roles

    def __call__(self, column: str) -> NDArray[Any]:
        """A column of the scenario; the very array of the baseline where it is the same."""
        return self.outcome.of(self.label, column)

    @property
    def assessed(self) -> NDArray[numpy.bool_]:
        """Whether a verdict is due."""
        of = self.roles.assessed
        due: NDArray[numpy.bool_] = self(of) != 0 if of else self(self.roles.verdict) != NOT_ASSESSED
        return due

    def key(self, *columns: str) -> tuple[int, ...]:
        """The arrays behind columns: equal keys mean the same values."""
        return tuple(id(self(column)) for column in columns)


def write_scenario(book: Book, farms: Farms, base: Farms) -> None:
    """All figures of one scenario."""
    label = farms.label
    everyone = book.once("farms", lambda: book.count(numpy.ones(len(book.weights), dtype=bool)))
    book.publish_sum(label, "farms_total", "farms", everyone, PER_FARM)
    duty(book, farms, base, everyone)
    if label != BASELINE:
        transitions(book, farms, base)
    one_year(book, farms, everyone)
    better_method(book, farms, everyone)
    surplus(book, farms, base)


def duty(book: Book, farms: Farms, base: Farms, everyone: int) -> None:
    """Obliged, assessed, and each verdict."""
    roles, label = farms.roles, farms.label
    obliged = holding(book, farms, roles.obliged) if roles.obliged else None
    assessed = of_condition(book, roles.assessed or "assessed", farms.assessed)
    states = verdict_sheets(book, farms, roles.verdict)
    if label == BASELINE:
        not_few(book, roles.verdict, states, farms(roles.verdict))
    if obliged is not None:
        book.publish_sum(label, "farms_obliged", "farms", obliged, PER_FARM)
    book.publish_sum(label, "farms_assessed", "farms", assessed, PER_FARM)
    for state in (COMPLIES, EXCEEDS, UNDETERMINED, NOT_ASSESSED):
        book.publish_sum(label, f"farms_{VERDICT_NAMES[state]}", "farms", states[state], PER_FARM)
    if obliged is not None:
        book.publish_ratio(label, "share_obliged", "share", obliged, everyone)
    book.publish_ratio(label, "share_exceeding", "share", states[EXCEEDS], assessed)
    if book.partition(assessed, [states[state] for state in (COMPLIES, EXCEEDS, UNDETERMINED)]):
        book.partition(everyone, [assessed, states[NOT_ASSESSED]])
    else:
        book.partition(everyone, states)
    book.rules.implies([everyone], [assessed])
    if obliged is not None:
        duty_beside(book, farms, base, obliged, assessed)


def duty_beside(book: Book, farms: Farms, base: Farms, obliged: int, assessed: int) -> None:
    """Who is bound, beside who is assessed and who was bound in the baseline."""
    roles, label = farms.roles, farms.label
    if book.identity([(obliged, 1), (assessed, -1)]):
        book.rules.together([obliged, assessed])
    book.rules.implies([book.known["farms"]], [obliged])
    if label != BASELINE:
        before, after = base(roles.obliged) != 0, farms(roles.obliged) != 0
        newly, no_longer = book.count(after & ~before), book.count(before & ~after)
        was = holding(book, base, roles.obliged)
        book.identity([(obliged, 1), (was, -1), (newly, -1), (no_longer, 1)])
        changes_with(book, obliged, was, [newly, no_longer])
        book.publish_sum(label, "newly_obliged", "farms", newly, PER_FARM)
        book.publish_sum(label, "no_longer_obliged", "farms", no_longer, PER_FARM)


def changes_with(book: Book, after: int, before: int, changes: Sequence[int]) -> None:
    """What protects an amount of a scenario, that of the baseline, and the change from one to the other.

    Where the change would show single farms, the scenario's amount is left out, so that the two can't be subtracted.
    """
    if after != before:
        book.rules.together([after, *changes])
        book.rules.implies([before], [after, *changes])


def not_few(book: Book, name: str, sheets: Sequence[int], states: NDArray[Any]) -> None:
    """Leave out how many farms exceed or comply where few make the difference to an earlier scenario or the baseline.

    `name`: of what the states are of; those of every scenario are kept under it.
    """
    earlier = book.known.setdefault(("states", name), [])
    for others, was in earlier:
        for state in (COMPLIES, EXCEEDS):
            if others[state] != sheets[state]:
                moved = numpy.flatnonzero((was == state) != (states == state))
                book.rules.strict.append((book.tallied(moved, None, False), sheets[state]))
    earlier.append((sheets, states))


def holding(book: Book, farms: Farms, column: str) -> int:
    """The sheet of the farms for which a true-or-false column is true."""
    return of_condition(book, column, farms(column) != 0)


def of_condition(book: Book, name: str, condition: NDArray[numpy.bool_]) -> int:
    """The sheet of the farms for which a condition holds, one for all scenarios in which it is the same farms."""
    found: int = book.once((name, condition.tobytes()), lambda: book.count(condition))
    return found


def verdict_sheets(book: Book, farms: Farms, column: str) -> list[int]:
    """The sheets of the farms with each verdict."""
    return [of_condition(book, f"{column} {state}", farms(column) == state) for state in range(len(VERDICTS))]


def transitions(book: Book, farms: Farms, base: Farms) -> None:
    """From which verdict to which."""
    label, verdict, number = farms.label, farms.roles.verdict, len(VERDICTS)
    moves = book.counts(base(verdict).astype(numpy.int64) * number + farms(verdict), number * number)
    newly_exceeding = book.together([moves[was * number + EXCEEDS] for was in range(number) if was != EXCEEDS])
    newly_complying = book.together([moves[was * number + COMPLIES] for was in range(number) if was != COMPLIES])
    unchanged = book.together([moves[was * number + was] for was in range(number)])
    book.publish_sum(label, "newly_exceeding", "farms", newly_exceeding, PER_FARM)
    book.publish_sum(label, "newly_complying", "farms", newly_complying, PER_FARM)
    book.publish_sum(label, "unchanged", "farms", unchanged, PER_FARM)
    before, after = (verdict_sheets(book, one, verdict) for one in (base, farms))
    stayed_exceeding, stayed_complying = (moves[state * number + state] for state in (EXCEEDS, COMPLIES))
    block = [move for move in moves if move not in (stayed_exceeding, stayed_complying)]
    # With the margins published, who newly exceeds tells who exceeds as before, and so for complying.
    pairs = ([stayed_exceeding, newly_exceeding], [stayed_complying, newly_complying], [unchanged])
    book.rules.together(block)
    for pair in pairs:
        book.rules.together(pair)
        book.rules.implies(pair, block)
        book.rules.implies([*before, *after], [*pair, *block])
    book.known["moves", label] = moves
    book.known["newly", label] = newly_exceeding, newly_complying, unchanged
    not_few(book, verdict, after, farms(verdict))
    for state in range(number):
        book.identity([(before[state], 1), *((moves[state * number + to], -1) for to in range(number))])
        book.identity([(after[state], 1), *((moves[was * number + state], -1) for was in range(number))])
        for to in range(number):
            name = f"from_{VERDICT_NAMES[state]}_to_{VERDICT_NAMES[to]}"
            book.publish_sum(label, name, "farms", moves[state * number + to], PER_FARM)


def one_year(book: Book, farms: Farms, everyone: int) -> None:
    """The verdict by the balance year alone, beside that of all years."""
    label, verdict = farms.label, farms.roles.verdict
    if f"{label}{ONE_YEAR}" not in farms.outcome.starts:
        return
    alone = Farms(farms.outcome, f"{label}{ONE_YEAR}", farms.roles)
    states = verdict_sheets(book, alone, verdict)
    book.partition(everyone, states)
    not_few(book, f"{verdict} of one year", states, alone(verdict))
    for state in (COMPLIES, EXCEEDS, UNDETERMINED):
        book.publish_sum(label, f"one_year_farms_{VERDICT_NAMES[state]}", "farms", states[state], PER_FARM)
    for years, year in ((COMPLIES, EXCEEDS), (EXCEEDS, COMPLIES)):
        crossed = book.count((farms(verdict) == years) & (alone(verdict) == year))
        name = f"{VERDICT_NAMES[years]}_but_{VERDICT_NAMES[year]}_by_one_year"
        book.publish_sum(label, name, "farms", crossed, PER_FARM)


def better_method(book: Book, farms: Farms, everyone: int) -> None:
    """The method that leaves a farm more headroom."""
    column = farms.roles.better_method
    if not column:
        return
    names = ("not_known", "flat", "farm_specific", "equal")
    sheets = [of_condition(book, f"{column} {one}", farms(column) == one) for one in range(len(names))]
    book.partition(everyone, sheets)
    for name, sheet in zip(names, sheets, strict=True):
        book.publish_sum(farms.label, f"better_method_{name}", "farms", sheet, PER_FARM)


def amount(book: Book, farms: Farms, base: Farms, key: str, columns: Sequence[str], values: Any) -> int:
    """The sheet of an amount (thousandths, NaN where a farm has none), with its change against the baseline.

    The change is a sheet of its own: it may rest on few farms where the amount rests on many. So may the difference to
    any earlier scenario: where it does, the amount is left out.
    """
    sheet: int = book.once((key, farms.key(*columns)), lambda: book.total(values(farms)))
    made: dict[int, Farms] = book.known.setdefault(("made", key), {})
    if farms.label != BASELINE:
        made.setdefault(book.once((key, base.key(*columns)), lambda: book.total(values(base))), base)
    if sheet not in made:
        for other, one in made.items():
            change = difference(values(one), values(farms))
            book.rules.strict.append((book.sheet_of(change), sheet))
            if one.label == BASELINE:
                changed = book.total(change)
                book.known["change", key, farms.label] = changed
                book.identity([(sheet, 1), (other, -1), (changed, -1)])
                changes_with(book, sheet, other, [changed])
        made[sheet] = farms
    elif farms.label != BASELINE and ("change", key, made[sheet].label) in book.known:
        book.known["change", key, farms.label] = book.known["change", key, made[sheet].label]
    return sheet


def difference(before: Values, after: Values) -> Values:
    """What changes, farm by farm; NaN where nothing does."""
    one, other = numpy.nan_to_num(before), numpy.nan_to_num(after)
    return numpy.where((one != other) | (numpy.isnan(before) != numpy.isnan(after)), other - one, numpy.nan)


def no_amounts(book: Book) -> Values:
    """An amount that no farm has."""
    return numpy.full(len(book.weights), numpy.nan)


def net(roles: Roles, farms: Farms) -> Values:
    """Nitrogen balance less the losses that the law calls unavoidable, kg."""
    losses: Values = added(farms(line) for line in roles.unavoidable)
    return farms(roles.balance["nitrogen"]) - losses


def per_ha(roles: Roles, farms: Farms, kg: Values) -> Values:
    """Kilograms per hectare of the balance year; NaN without land."""
    return by_area(farms(roles.area), kg)


def by_area(area: Values, kg: Values) -> Values:
    """Kilograms per hectare; NaN without land."""
    return kg / numpy.where(area > 0, area, numpy.nan)


def surplus(book: Book, farms: Farms, base: Farms) -> None:
    """Surplus gross and net, in tonnes and per hectare, and nutrient use efficiency."""
    roles, label = farms.roles, farms.label
    if roles.area:
        area = amount(book, farms, base, "area", [roles.area], lambda one: grams(one(roles.area)))
        book.publish_sum(label, "area_total_ha", "ha", area, PER_KG)
    tied: list[int] = []
    units = {"nitrogen": "N", "phosphorus": "P", "phosphate": "P2O5"}
    for nutrient, column in roles.balance.items():
        name = "surplus" if nutrient == "nitrogen" else f"{nutrient}_surplus"
        sign, ha = units[nutrient], roles.per_ha[nutrient]
        kg = amount(book, farms, base, nutrient, [column], lambda one, column=column: grams(one(column)))
        mean = amount(book, farms, base, f"{nutrient} per ha", [ha], lambda one, ha=ha: grams(one(ha)))
        book.publish_mean(label, f"{name}_mean_kg_per_ha", f"kg {sign}/ha", mean, PER_KG / MILLIONTHS)
        publish_quantiles(book, farms, f"{name}_", f"kg {sign}/ha", [ha], lambda one, ha=ha: one(ha), mean)
        book.publish_sum(label, f"{name}_total_t", f"t {sign}", kg, PER_TONNE)
        # One tells the other up to the content of phosphorus in phosphate.
        if nutrient != "nitrogen":
            tied.extend([kg, mean])
        publish_change(book, farms, nutrient, f"{name}_change_t", f"t {sign}", PER_TONNE)
    book.rules.together(tied)
    if "nitrogen" in roles.balance:
        net_surplus(book, farms, base)
        efficiency(book, farms, base)


def publish_change(book: Book, farms: Farms, key: str, name: str, unit: str, per_unit: float) -> None:
    """Publish the change of an amount against the baseline."""
    if farms.label != BASELINE:
        changed = book.known.get(("change", key, farms.label))
        changed = book.once("nothing", lambda: book.total(no_amounts(book))) if changed is None else changed
        book.publish_sum(farms.label, name, unit, changed, per_unit)


def net_surplus(book: Book, farms: Farms, base: Farms) -> None:
    """Surplus of nitrogen net of the losses that the law calls unavoidable."""
    roles, label = farms.roles, farms.label
    if not (roles.unavoidable and roles.area):
        return
    columns = [roles.balance["nitrogen"], *roles.unavoidable]
    kg = amount(book, farms, base, "net", columns, lambda one: grams(net(roles, one)))
    columns = [*columns, roles.area]
    mean = amount(book, farms, base, "net per ha", columns, lambda one: grams(per_ha(roles, one, net(roles, one))))
    book.publish_mean(label, "net_surplus_mean_kg_per_ha", "kg N/ha", mean, PER_KG / MILLIONTHS)
    publish_quantiles(
        book, farms, "net_surplus_", "kg N/ha", columns, lambda one: per_ha(roles, one, net(roles, one)), mean
    )
    book.publish_sum(label, "net_surplus_total_t", "t N", kg, PER_TONNE)


def efficiency(book: Book, farms: Farms, base: Farms) -> None:
    """Supply, removal and nutrient use efficiency."""
    roles, label = farms.roles, farms.label
    if not (roles.supply and roles.removal):
        return
    used = both_sides(roles)
    supply, removal = (
        amount(book, farms, base, side, [roles.supply, roles.removal], lambda one, side=side: used(one, side))
        for side in (roles.supply, roles.removal)
    )
    balance = book.known["nitrogen", farms.key(roles.balance["nitrogen"])]
    book.identity([(balance, 1), (supply, -1), (removal, 1)], GRAM)
    book.rules.together([supply, removal])
    book.rules.implies([balance], [supply, removal])
    book.publish_sum(label, "supply_total_t", "t N", supply, PER_TONNE)
    book.publish_sum(label, "removal_total_t", "t N", removal, PER_TONNE)
    book.publish_ratio(label, "nutrient_use_efficiency", "share", removal, supply)


def both_sides(roles: Roles) -> Any:
    """Supply or removal in grams of the farms that have both."""

    def side_of(one: Farms, side: str) -> Values:
        known = ~numpy.isnan(one(roles.supply) + one(roles.removal))
        return numpy.where(known, grams(one(side)), numpy.nan)

    return side_of


def publish_quantiles(
    book: Book, farms: Farms, name: str, unit: str, columns: Sequence[str], values: Any, mean: int
) -> None:
    """Quantiles of an amount per hectare, protected as its mean is."""

    def make() -> tuple[Values, Integers]:
        return quantiles(values(farms), book.weights, book.groups.codes, len(book.groups.names), list(SHARES.values()))

    found, beyond = book.once(("quantiles", name, farms.key(*columns)), make)
    for share, row, farms_beyond in zip(SHARES, found, beyond, strict=True):
        book.publish(farms.label, f"{name}{share}_kg_per_ha", unit, row, mean, beyond=farms_beyond)
