"""Sections 1, 3(4), 6(1) and 7(2): who has to balance, who is exempt, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from .arithmetic import balance_deadline, last_day, more_than, retention_end, total
from .contents import nutrients
from .inputs import FarmYear, Flow
from .tables import Amount, Law

FATTENING_BULLS = "bullenmast_"
YOUNG_STOCK_KEY = "jungrinder_1_bis_unter_2_jahre_alt"


@dataclass(frozen=True)
class Scope:
    """Grounds of section 1, the duty, and whether it hangs on missing livestock units."""

    livestock: bool
    manure_intake: bool
    biogas: bool
    obliged: bool
    open: bool

    @property
    def ground(self) -> str:
        """The first ground that holds."""
        if self.livestock:
            return "livestock"
        if self.manure_intake:
            return "manure_intake"
        return "biogas" if self.biogas else "none"


OUTSIDE = Scope(livestock=False, manure_intake=False, biogas=False, obliged=False, open=False)


def livestock_units(farm: FarmYear, law: Law, readings: frozenset[str]) -> Amount:
    """DüV annex 9 table 2; missing where neither the key nor the line has a value."""
    lines: list[Amount] = []
    for herd in farm.herds:
        per_animal = law.animals[herd.animal].livestock_units
        if "fattening_cattle_as_young_stock" in readings and herd.animal.startswith(FATTENING_BULLS):
            per_animal = law.livestock_unit_key[YOUNG_STOCK_KEY]
        if herd.livestock_units is not None:
            lines.append(herd.livestock_units)
        else:
            lines.append(None if per_animal is None else herd.count * per_animal)
    return total(lines)


def excretion(farm: FarmYear, law: Law) -> Amount:
    """kg N the farm's own animals excrete in the year."""
    return total(herd_excretion(farm, law))


def herd_excretion(farm: FarmYear, law: Law) -> list[Amount]:
    """kg N per herd and year, declared or by DüV annex 1 table 1."""
    found: list[Amount] = []
    for herd in farm.herds:
        per_animal = law.animals[herd.animal].n
        if herd.n_excretion_kg is not None:
            found.append(herd.n_excretion_kg)
        else:
            found.append(None if per_animal is None else herd.count * per_animal)
    return found


def in_life(start: date, law: Law, readings: frozenset[str]) -> bool:
    """Whether the balance year begins while the regulation is in force."""
    return start >= law.first_day and ("repeal_did_not_happen" in readings or start <= law.last_day)


def deadline(start: date, law: Law) -> date:
    """Section 6(1): the last day for the balance."""
    return balance_deadline(start, int(law.provisions["balance_deadline_months"]))


def keep_until(start: date, law: Law) -> date:
    """Section 7(2): the last day on which records have to be kept."""
    return retention_end(start, int(law.provisions["record_retention_years"]))


def duty_in_force(start: date, law: Law, readings: frozenset[str]) -> bool:
    """Whether the repeal left the duty to draw up this year's balance standing."""
    if "repeal_did_not_happen" in readings:
        return True
    if "repeal_by_year_end" in readings:
        return last_day(start) <= law.last_day
    return deadline(start, law) <= law.last_day


def above_thresholds(farm: FarmYear, law: Law, readings: frozenset[str]) -> bool | None:
    """Section 1(2) no. 1 and (3) no. 1; None when it hangs on missing livestock units."""
    limit = law.provisions
    later = farm.start >= law.first_day_of_1_3
    if later and more_than(farm.area_ha, limit["scope_2023_area_ha"]):
        return True
    units = livestock_units(farm, law, readings)
    if units is None:
        return None
    many = more_than(units, limit["scope_livestock_units"])
    large = more_than(farm.area_ha, limit["scope_area_ha"])
    dense = more_than(units, limit["scope_stocking_density"] * farm.area_ha)
    if later and more_than(units, limit["scope_2023_livestock_units"]):
        return True
    if "stocking_density_only_for_area" in readings:
        return many or (large and dense)
    return (many or large) and dense


def farm_manure_received(farm: FarmYear, readings: frozenset[str]) -> list[Flow]:
    """Farm manure from outside the farm."""
    return [
        flow
        for flow in farm.flows
        if flow.direction == "supply"
        and flow.farm_manure
        and flow.amount > 0
        and (flow.category == "animal_manure" or "only_animal_manure_counts" not in readings)
    ]


def received_nitrogen(farm: FarmYear, law: Law, manure_rows: Mapping[str, str], readings: frozenset[str]) -> Amount:
    """kg N in the farm manure received."""
    received = farm_manure_received(farm, readings)
    return total(nutrients(flow, law, manure_rows, farm.start).nitrogen for flow in received)


def _received_for_exemption(
    farm: FarmYear,
    previous: FarmYear | None,
    law: Law,
    manure_rows: Mapping[str, str],
    readings: frozenset[str],
) -> Amount:
    if "exemption_same_year" in readings:
        return received_nitrogen(farm, law, manure_rows, readings)
    if farm.manure_received_previous_year_n is not None:
        return farm.manure_received_previous_year_n
    return None if previous is None else received_nitrogen(previous, law, manure_rows, readings)


def _own_for_exemption(farm: FarmYear, previous: FarmYear | None, law: Law, readings: frozenset[str]) -> Amount:
    if "exemption_same_year" in readings:
        return excretion(farm, law)
    if farm.own_manure_previous_year_n is not None:
        return farm.own_manure_previous_year_n
    return None if previous is None else excretion(previous, law)


def scope(
    farm: FarmYear,
    previous: FarmYear | None,
    law: Law,
    manure_rows: Mapping[str, str],
    readings: frozenset[str],
) -> Scope:
    """Sections 1 and 3(4) for a balance year in the regulation's life; `previous`: the one before it."""
    decided = above_thresholds(farm, law, readings)
    above = bool(decided)
    receives = bool(farm_manure_received(farm, readings))
    keeps_animals = any(herd.count > 0 for herd in farm.herds)
    manure_intake = not above and receives and (keeps_animals or farm.start >= law.first_day_of_1_3)
    biogas = farm.has_biogas_plant and farm.linked_to_livestock_farm and receives

    received = _received_for_exemption(farm, previous, law, manure_rows, readings)
    by_sentence_1 = (
        not above
        and received is not None
        and not more_than(received, law.provisions["exemption_manure_received_n"])
        and not ("exemption_needs_nutrient_comparison" in readings and farm.start > law.last_day_of_duev_8)
    )
    own = _own_for_exemption(farm, previous, law, readings)
    by_sentence_2 = (
        last_day(farm.start) <= law.last_day_of_assessment
        and manure_intake
        and own is not None
        and not more_than(own, law.provisions["exemption_own_manure_n"])
    )
    in_force = duty_in_force(farm.start, law, readings)
    obliged = (above or manure_intake or biogas) and not by_sentence_1 and not by_sentence_2 and in_force
    return Scope(above, manure_intake, biogas, obliged, decided is None and in_force and not obliged)
