"""Section 6(2) no. 2 with annex 4: the balance value permitted to the farm, kg N."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from .arithmetic import total
from .contents import nutrients
from .inputs import Application, FarmYear, Flow
from .scope import herd_excretion
from .tables import SYSTEM_ID, Amount, Law

MATERIAL_ID = {
    "cattle": "rinder",
    "pigs": "schweine",
    "poultry": "gefluegel",
    "other_animals": "andere_tierarten",
    "digestate": "betrieb_einer_biogasanlage",
    "other_organic": "sonstige_organische_duengemittel",
}
ROUGHAGE = (
    "de_t3_",
    "de_t1_gehaltsruebe_",
    "de_t1_massenruebe_",
)
ROUGHAGE_ROWS = {
    "de_t1_getreide_ganzpflanze",
    "de_t1_silomais_ganzpflanze_tm28",
    "de_t1_silomais_ganzpflanze_tm35",
    "de_t1_zuckerruebe_blatt",
    "de_t1_rotklee_ganzpflanze",
    "de_t1_luzerne_ganzpflanze",
    "de_t1_kleegras_ganzpflanze",
    "de_t1_luzernegras_ganzpflanze",
    "de_t1_weidelgras_ganzpflanze",
    "de_t1_futterzwischenfruechte_ganzpflanze",
    "de_t4_getreide_gps",
    "de_t4_sonnenblumen_gps",
}


def _factor(law: Law, table: int, species: str, system: str, day: date) -> Fraction:
    """A percentage of table 2 or 3; a cell left empty in print counts as 0."""
    return law.factor(f"t{table}_{species}_{SYSTEM_ID[system]}", day) or Fraction(0)


def _line(law: Law, line: str, day: date) -> Fraction:
    value = law.factor(f"t1_{line}", day)
    if value is None:
        raise KeyError(line)
    return value


def line_1(farm: FarmYear, law: Law, readings: frozenset[str]) -> Fraction:
    """Control value times area."""
    per_ha = _line(law, "z1_", farm.start)
    if "control_value_60_until_2020" in readings and farm.start < date(2020, 1, 1):
        per_ha = law.control_values["kontrollwert_n_60"]
    if "control_value_40" in readings:
        per_ha = law.control_values["kontrollwert_n_land_40"]
    return farm.area_ha * per_ha


def _housed(farm: FarmYear, law: Law) -> list[Amount]:
    """kg N excreted in the house, per herd."""
    return [
        None if excreted is None else excreted * (365 - herd.grazing_days) / 365
        for herd, excreted in zip(farm.herds, herd_excretion(farm, law), strict=True)
    ]


def line_2(farm: FarmYear, law: Law) -> Amount:
    """Losses in house and storage."""
    return total(
        None
        if housed is None
        else housed * _factor(law, 2, law.animals[herd.animal].species, herd.manure_system, farm.start) / 100
        for herd, housed in zip(farm.herds, _housed(farm, law), strict=True)
    )


def line_3(farm: FarmYear, law: Law) -> Amount:
    """Losses from stored plant substrate of a biogas plant."""
    if not farm.has_biogas_plant:
        return Fraction(0)
    if farm.plant_substrate_n is None:
        return None
    return farm.plant_substrate_n * _line(law, "z3_", farm.start) / 100


def line_4(farm: FarmYear, law: Law) -> Amount:
    """Losses from stored digestate of a biogas plant."""
    if not farm.has_biogas_plant:
        return Fraction(0)
    if farm.substrate_n is None:
        return None
    return farm.substrate_n * _factor(law, 2, "betrieb_einer_biogasanlage", "slurry", farm.start) / 100


def _spreading(rows: list[Application], law: Law, day: date) -> Fraction:
    lost = Fraction(0)
    for row in rows:
        lost += row.n_kg * _factor(law, 3, MATERIAL_ID[row.material], row.form, day) / 100
    return lost


def line_5(farm: FarmYear, law: Law, manure_rows: Mapping[str, str], readings: frozenset[str]) -> Amount:
    """Losses when own organic fertiliser is spread; derived from the herds when no spreading is given."""
    own = [row for row in farm.applications if row.origin == "own"]
    if own:
        return _spreading(own, law, farm.start)
    if not farm.herds:
        return Fraction(0)

    given_away = total(
        nutrients(flow, law, manure_rows, farm.start).nitrogen for flow in farm.flows_of("removal", "animal_manure")
    )
    if given_away is None:
        return None
    stored_total = Fraction(0)
    lost = Fraction(0)
    for herd, housed in zip(farm.herds, _housed(farm, law), strict=True):
        if housed is None:
            return None
        species = law.animals[herd.animal].species
        in_store = _factor(law, 2, species, herd.manure_system, farm.start)
        in_spreading = _factor(law, 3, species, herd.manure_system, farm.start)
        stored = housed * (1 - in_store / 100)
        stored_total += stored
        base = housed if "annex_4_line_5_on_excretion" in readings else stored
        lost += base * in_spreading / 100
    if stored_total == 0:
        return Fraction(0)
    return lost * max(Fraction(0), 1 - given_away / stored_total)


def line_6(farm: FarmYear, law: Law) -> Amount:
    """Losses when received organic fertiliser is spread."""
    received = [row for row in farm.applications if row.origin == "received"]
    if received:
        return _spreading(received, law, farm.start)
    taken_up = farm.flows_of("supply", "animal_manure", "other_organic_fertiliser")
    return None if any(flow.amount > 0 for flow in taken_up) else Fraction(0)


def _is_roughage(flow: Flow) -> bool:
    return flow.product is not None and (flow.product in ROUGHAGE_ROWS or flow.product.startswith(ROUGHAGE))


def roughage_removal(farm: FarmYear, law: Law, manure_rows: Mapping[str, str]) -> Amount:
    """DüV section 8(3) sentence 1: kg N taken from roughage land, declared or by the animals' uptake."""
    if farm.roughage_n_removal is not None:
        return farm.roughage_n_removal
    terms: list[Amount] = []
    for herd in farm.herds:
        animal = law.animals[herd.animal]
        if animal.roughage_n is not None:
            terms.append(herd.count * animal.roughage_n)
        elif animal.species == "rinder":
            terms.append(None)
    for flow in farm.flows_of("removal", "feed", "plant_product"):
        if _is_roughage(flow):
            terms.append(nutrients(flow, law, manure_rows, farm.start).nitrogen)
    for flow in farm.flows_of("supply", "feed"):
        if _is_roughage(flow):
            bought = nutrients(flow, law, manure_rows, farm.start).nitrogen
            terms.append(None if bought is None else -bought)
    removed = total(terms)
    return None if removed is None else max(Fraction(0), removed)


def line_7(farm: FarmYear, law: Law, manure_rows: Mapping[str, str], readings: frozenset[str]) -> Amount:
    """Losses from stored roughage."""
    if "no_roughage_line_after_april_2020" in readings and farm.start > law.last_day_of_duev_8:
        return Fraction(0)
    removed = roughage_removal(farm, law, manure_rows)
    return None if removed is None else removed * _line(law, "z7_", farm.start) / 100


def line_8(farm: FarmYear, law: Law) -> Amount:
    """Losses on pasture; the print leaves out the division of the grazing days by 365."""
    return total(
        None if excreted is None else excreted * herd.grazing_days / 365 * _line(law, "z8_", farm.start) / 100
        for herd, excreted in zip(farm.herds, herd_excretion(farm, law), strict=True)
    )


def annex_4(farm: FarmYear, law: Law, manure_rows: Mapping[str, str], readings: frozenset[str]) -> dict[int, Amount]:
    """Lines 1 to 8 and their sum, line 9."""
    lines: dict[int, Amount] = {
        1: line_1(farm, law, readings),
        2: line_2(farm, law),
        3: line_3(farm, law),
        4: line_4(farm, law),
        5: line_5(farm, law, manure_rows, readings),
        6: line_6(farm, law),
        7: line_7(farm, law, manure_rows, readings),
        8: line_8(farm, law),
    }
    return lines | {9: total(lines.values())}
