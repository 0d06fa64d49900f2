"""Sections 4 and 5 with annex 2: the lines of the yearly form, their sums and the difference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from .arithmetic import difference, ratio, total
from .contents import NOTHING, Nutrients, nutrients, supplied_seed_counts
from .inputs import FarmYear, Flow
from .tables import Amount, Law

NUTRIENTS = ("nitrogen", "phosphorus", "phosphate")
FERTILISERS = ("mineral_fertiliser", "animal_manure", "other_organic_fertiliser")
LEGUMES_LINE = 10

LINES: dict[str, dict[int, tuple[str, ...]]] = {
    "supply": {
        1: FERTILISERS,
        2: ("animal_manure",),
        3: ("other_organic_fertiliser",),
        4: ("soil_improver",),
        5: ("growing_medium",),
        6: ("plant_aid",),
        7: ("feed",),
        8: ("seed",),
        9: ("livestock",),
        10: (),
        11: ("other",),
    },
    "removal": {
        1: ("plant_product",),
        2: ("animal_product",),
        3: FERTILISERS,
        4: ("animal_manure",),
        5: ("other_organic_fertiliser",),
        6: ("soil_improver",),
        7: ("growing_medium",),
        8: ("plant_aid",),
        9: ("feed",),
        10: ("seed",),
        11: ("livestock",),
        12: ("other",),
    },
}


@dataclass(frozen=True)
class Balance:
    """Annex 2 for one nutrient, kg: lines by side and number."""

    lines: dict[tuple[str, int], Amount]
    supply: Amount
    removal: Amount
    difference: Amount
    difference_per_ha: Amount


def flow_nutrients(flow: Flow, law: Law, manure_rows: Mapping[str, str], day: date) -> Nutrients:
    """kg the flow brings into its line of annex 2."""
    if flow.direction == "supply" and flow.category == "seed" and not supplied_seed_counts(flow, law):
        return NOTHING
    return nutrients(flow, law, manure_rows, day)


def legume_nitrogen(farm: FarmYear, law: Law) -> Fraction:
    """Annex 1 table 6: kg N, by the declared yield where there is one."""
    fixed = Fraction(0)
    for crop in farm.crops:
        row = law.legumes.get(crop.crop or "")
        if row is None:
            continue
        per_ha = row.per_ha if crop.yield_dt_per_ha is None else crop.yield_dt_per_ha * row.per_dt
        fixed += crop.area_ha * per_ha
    return fixed


def balance(farm: FarmYear, law: Law, manure_rows: Mapping[str, str], nutrient: str) -> Balance:
    """Annex 2 table 2 for nitrogen, phosphorus or phosphate."""
    lines: dict[tuple[str, int], Amount] = {}
    for side, numbers in LINES.items():
        for number, categories in numbers.items():
            lines[side, number] = total(
                flow_nutrients(flow, law, manure_rows, farm.start).of(nutrient)
                for flow in farm.flows_of(side, *categories)
            )
    if nutrient == "nitrogen":
        lines["supply", LEGUMES_LINE] = legume_nitrogen(farm, law)

    def summed(side: str) -> Amount:
        return total(lines[side, number] for number in LINES[side] if (side, number) in law.annex_2_summed)

    supply, removal = summed("supply"), summed("removal")
    left = difference(supply, removal)
    return Balance(lines, supply, removal, left, ratio(left, farm.area_ha))
