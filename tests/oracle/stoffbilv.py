"""The Stoffstrombilanzverordnung, one farm and one balance year at a time, in fractions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .annex_4 import annex_4
from .arithmetic import ratio, years_earlier
from .assessment import KnownYear, three_years, verdicts
from .balance import LINES, NUTRIENTS, Balance, balance
from .inputs import FarmYear, Key, farm_years
from .scope import OUTSIDE, Scope, deadline, in_life, keep_until, livestock_units, scope
from .tables import Amount, Law, default_manure_rows, law

READINGS = frozenset(
    {
        "stocking_density_only_for_area",
        "only_animal_manure_counts",
        "fattening_cattle_as_young_stock",
        "exemption_same_year",
        "exemption_needs_nutrient_comparison",
        "mean_of_yearly_per_hectare",
        "assess_known_years",
        "supplements_raise_permitted_value",
        "control_value_60_until_2020",
        "control_value_40",
        "annex_4_line_5_on_excretion",
        "no_roughage_line_after_april_2020",
        "assessment_duty_by_deadline",
        "assessment_continues",
        "repeal_by_year_end",
        "repeal_did_not_happen",
    }
)


def _balance_columns(farm: FarmYear, balances: Mapping[str, Balance], alive: bool) -> dict[str, Amount]:
    columns: dict[str, Amount] = {}
    for nutrient, form in balances.items():
        columns[f"{nutrient}_supply"] = form.supply
        columns[f"{nutrient}_removal"] = form.removal
        columns[f"{nutrient}_balance"] = form.difference
        columns[f"{nutrient}_balance_per_ha"] = form.difference_per_ha
        ending = "" if nutrient == "nitrogen" else f"_{nutrient}"
        for side, numbers in LINES.items():
            for number in numbers:
                name = f"stoffbilv_annex_2_{side}_line_{number}{ending}"
                columns[name] = form.lines[side, number] if alive else None
    return columns


def _scope_columns(farm: FarmYear, duty: Scope, tables: Law, alive: bool) -> dict[str, Any]:
    return {
        "stoffbilv_scope": duty.ground,
        "stoffbilv_scope_livestock": duty.livestock,
        "stoffbilv_scope_manure_intake": duty.manure_intake,
        "stoffbilv_scope_biogas": duty.biogas,
        "stoffbilv_obliged": duty.obliged,
        "stoffbilv_balance_due": deadline(farm.start, tables) if alive else None,
        "stoffbilv_keep_records_until": keep_until(farm.start, tables) if alive else None,
    }


def _annex_4_columns(lines: Mapping[int, Amount]) -> dict[str, Amount]:
    columns = {f"stoffbilv_annex_4_line_{number}": lines.get(number) for number in range(1, 9)}
    return columns | {"stoffbilv_permitted_balance": lines.get(9)}


def _window(farm: FarmYear, years: Mapping[Key, FarmYear], tables: Law) -> list[Key]:
    """The known years among this one and the two before, from the regulation's first day on."""
    keys = [(farm.farm_id, years_earlier(farm.start, back)) for back in range(3)]
    return [key for key in keys if key in years and key[1] >= tables.first_day]


def _assessment_columns(
    farm: FarmYear,
    known: list[KnownYear],
    duty: Scope,
    tables: Law,
    readings: frozenset[str],
    alive: bool,
) -> dict[str, Any]:
    means = three_years(known if alive else [], tables, readings)
    if alive:
        verdict = verdicts(means, len(known), duty, farm.start, tables, readings)
    else:
        verdict = {"flat": "not_assessed", "farm_specific": "not_assessed"}
    return {
        "stoffbilv_known_years": len(known),
        "stoffbilv_mean_balance": means.mean_balance,
        "stoffbilv_mean_permitted_balance": means.mean_permitted,
        "stoffbilv_mean_balance_per_ha": means.mean_balance_per_ha,
        "stoffbilv_verdict_flat": verdict["flat"],
        "stoffbilv_verdict_farm_specific": verdict["farm_specific"],
        "stoffbilv_verdict": verdict[farm.method],
        "stoffbilv_headroom_flat": means.headroom_flat,
        "stoffbilv_headroom_farm_specific": means.headroom_farm_specific,
        "stoffbilv_better_method": means.better_method,
        "undetermined": "undetermined" in verdict.values(),
    }


def compute(
    tables: dict[str, list[dict[str, Any]]],
    readings: frozenset[str] = frozenset(),
    manure_rows: dict[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Every result column for every row of `tables["farms"]`, in its order; amounts in kg.

    Raises ValueError for a reading that does not exist.
    """
    if unknown := set(readings) - READINGS:
        raise ValueError(f"unknown readings: {sorted(unknown)}")
    numbers = law()
    rows = default_manure_rows() if manure_rows is None else manure_rows
    years = farm_years(tables)
    balances = {
        key: {nutrient: balance(farm, numbers, rows, nutrient) for nutrient in NUTRIENTS} for key, farm in years.items()
    }
    permitted = {
        key: annex_4(farm, numbers, rows, readings) if in_life(farm.start, numbers, readings) else {}
        for key, farm in years.items()
    }

    results = []
    for key, farm in years.items():
        alive = in_life(farm.start, numbers, readings)
        previous = years.get((farm.farm_id, years_earlier(farm.start, 1)))
        duty = scope(farm, previous, numbers, rows, readings) if alive else OUTSIDE
        known = [
            KnownYear(
                years[other].area_ha,
                balances[other]["nitrogen"].difference,
                permitted[other].get(9),
                years[other].losses,
            )
            for other in _window(farm, years, numbers)
        ]
        units = livestock_units(farm, numbers, readings)
        results.append(
            {
                "farm_id": farm.farm_id,
                "year_start": farm.start,
                "livestock_units": units,
                "stocking_density": ratio(units, farm.area_ha),
            }
            | _balance_columns(farm, balances[key], alive)
            | _scope_columns(farm, duty, numbers, alive)
            | _annex_4_columns(permitted[key])
            | _assessment_columns(farm, known, duty, numbers, readings, alive)
        )
    return results
