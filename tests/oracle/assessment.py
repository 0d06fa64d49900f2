"""Sections 6(2), (3) and (6) with annex 3: the three-year mean and what it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .arithmetic import difference, grams, last_day, mean, more_than, ratio, total
from .scope import Scope, deadline
from .tables import Amount, Law


@dataclass(frozen=True)
class KnownYear:
    """One year of annex 3: ha, kg N balance, kg N permitted by annex 4, kg N of agreed losses."""

    area_ha: Fraction
    balance: Amount
    permitted: Amount
    losses: Fraction


@dataclass(frozen=True)
class ThreeYears:
    """Annex 3 table 2, line 4, and the room left under each limit, kg N per year."""

    mean_balance: Amount
    mean_permitted: Amount
    mean_balance_per_ha: Amount
    assessed: Amount
    limit: Amount
    assessed_per_ha: Amount
    limit_per_ha: Amount
    headroom_flat: Amount
    headroom_farm_specific: Amount

    @property
    def better_method(self) -> str | None:
        """The method that leaves more room; None when one of the two is missing."""
        if self.headroom_flat is None or self.headroom_farm_specific is None:
            return None
        flat, specific = grams(self.headroom_flat), grams(self.headroom_farm_specific)
        if flat == specific:
            return "equal"
        return "flat" if flat > specific else "farm_specific"


def three_years(years: list[KnownYear], law: Law, readings: frozenset[str]) -> ThreeYears:
    """The mean over the known years and the two limits of section 6(3)."""
    area = total(year.area_ha for year in years)
    mean_balance = mean(year.balance for year in years)
    mean_permitted = mean(year.permitted for year in years)
    if "mean_of_yearly_per_hectare" in readings:
        per_ha = mean(ratio(year.balance, year.area_ha) for year in years)
    else:
        per_ha = ratio(total(year.balance for year in years), area)

    losses = mean(year.losses for year in years)
    losses_per_ha = ratio(total(year.losses for year in years), area)
    flat = law.provisions["flat_balance_limit_n"]
    tolerance = 1 + law.provisions["farm_specific_tolerance_pct"] / 100
    if "supplements_raise_permitted_value" in readings:
        assessed, assessed_per_ha = mean_balance, per_ha
        base = None if mean_permitted is None or losses is None else mean_permitted + losses
        limit_per_ha = None if losses_per_ha is None else flat + losses_per_ha
    else:
        assessed, assessed_per_ha = difference(mean_balance, losses), difference(per_ha, losses_per_ha)
        base, limit_per_ha = mean_permitted, flat
    limit = None if base is None else base * tolerance

    room_per_ha = difference(limit_per_ha, assessed_per_ha)
    mean_area = mean(year.area_ha for year in years)
    return ThreeYears(
        mean_balance,
        mean_permitted,
        per_ha,
        assessed,
        limit,
        assessed_per_ha,
        limit_per_ha,
        None if room_per_ha is None or mean_area is None else room_per_ha * mean_area,
        difference(limit, assessed),
    )


def in_assessment_period(start: date, law: Law, readings: frozenset[str]) -> bool:
    """Section 6(6), for a balance year in the regulation's life."""
    if "assessment_continues" in readings:
        return True
    if "assessment_duty_by_deadline" in readings:
        return deadline(start, law) <= law.last_day_of_assessment
    return last_day(start) <= law.last_day_of_assessment


def _verdict(value: Amount, limit: Amount, enough_years: bool) -> str:
    if value is None or limit is None or not enough_years:
        return "undetermined"
    return "exceeds" if more_than(value, limit) else "complies"


def verdicts(
    means: ThreeYears,
    known_years: int,
    duty: Scope,
    start: date,
    law: Law,
    readings: frozenset[str],
) -> dict[str, str]:
    """Section 6(3): the verdict by each method."""
    if not in_assessment_period(start, law, readings) or not (duty.obliged or duty.open):
        return {"flat": "not_assessed", "farm_specific": "not_assessed"}
    if duty.open:
        return {"flat": "undetermined", "farm_specific": "undetermined"}
    enough = known_years == law.provisions["averaging_years"] or "assess_known_years" in readings
    return {
        "flat": _verdict(means.assessed_per_ha, means.limit_per_ha, enough),
        "farm_specific": _verdict(means.assessed, means.limit, enough),
    }
