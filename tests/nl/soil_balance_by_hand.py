"""The Dutch soil nitrogen balance by hand in NumPy: whole arrays, one balance year at a time, no OpenFisca.

Written from the method and its sources without the formulas of `variables/`, to be held against them and to measure
their speed by. All amounts are positive; kg N per ha of the field over the time in which the farm has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
from numpy.typing import NDArray

from tests.nl import soil_balance_numbers as numbers
from tests.nl.soil_balance_arrays import Coded, Floats, Table
from tests.nl.soil_balance_numbers import NAN

TYPES = ("mineral", "manure", "compost", "other")
PARTS = {
    "supply": (*TYPES, "fixation", "deposition", "mineralisation"),
    "removal": ("harvests", "residues"),
    "ammonia": (*TYPES, "residues"),
}
PER_HA = (
    *(name for total, parts in PARTS.items() for name in (*(f"{total}_{part}" for part in parts), total)),
    *("balance", "nitrate", "target"),
)
ANIMALS = ("cattle", "pigs", "poultry", "other_animals")
YES, NO = 1, 0
# Land uses, the later before the former.
BARE, CROP, UNKNOWN, GRASS = USES = range(4)


@dataclass(frozen=True)
class Quirks:
    """Where nmi-agro/fdm counts otherwise than its method says."""

    days_as_differences: bool = False
    residue_of_mean_cut: bool = False
    missing_yield_leaves_no_residue: bool = False
    zero_yield_is_missing: bool = False


NONE = Quirks()


def per_field(year: int, tables: Mapping[str, Table], quirks: Quirks = NONE) -> dict[str, NDArray[Any]]:
    """All columns of the fields in the order of their table; also their land use and the share of the year."""
    fields = tables["fields"]
    first, last = numpy.datetime64(f"{year}-01-01"), numpy.datetime64(f"{year}-12-31")
    year_days = int((last - first).astype(int)) + 1
    began = numpy.where(numpy.isnat(fields["start"]), first, numpy.maximum(fields["start"], first))
    ended = numpy.where(numpy.isnat(fields["end"]), last, numpy.minimum(fields["end"], last))
    days = numpy.maximum((ended - began).astype(numpy.int64) + 1, 0)
    crops = in_order_of_fields(tables["crops"], len(days))
    grown = Grown(crops, fields["area_ha"], quirks)
    out = applied(tables["applications"], fields, crops, grown)
    out["supply_fixation"] = grown.per_ha(numpy.where(grown.leads, grown.fixation, 0))
    deposited = numpy.where(numpy.isnan(fields["deposition"]), fields["farm_deposition"], fields["deposition"])
    out["supply_deposition"] = times(deposited, days / year_days)
    soil = fields["soil"]
    mineralised = mineralisation(year, soil, crops, grown)
    # As a difference of days the last one is lost, in the year in which the time ends.
    lost = quirks.days_as_differences & ~(fields["end"] > last)
    out["supply_mineralisation"] = times(mineralised, numpy.maximum(days - lost, 0) / year_days)
    out["removal_harvests"] = grown.per_ha(grown.harvest)
    out["removal_residues"], out["ammonia_residues"] = grown.residues(quirks)
    for total, parts in PARTS.items():
        out[total] = sum(out[f"{total}_{part}"] for part in parts)
    out["balance"] = out["supply"] - out["removal"] - out["ammonia"]
    use = grown.land_use()
    out["leaching_share"] = by_soil(fields, use, len(USES), leaching_share)
    surplus = numpy.maximum(out["balance"], 0)
    out["nitrate"] = numpy.where(surplus == 0, 0, surplus * out["leaching_share"])
    whole = 365 if quirks.days_as_differences else year_days
    aim = days / whole
    if quirks.days_as_differences:
        aim[days == 1] = 0
    out["target"] = times(by_soil(fields, grown.any_of(grown.is_grass), 2, advised), aim)
    for name in PER_HA:
        out[name][fields["buffer_strip"]] = 0
    out["days"], out["time_share"] = days, days / year_days
    out["land_use"] = use
    return out


def per_farm(tables: Mapping[str, Table], columns: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    """All columns of the farms: means weighted by area over what is no buffer strip, and sums of kg.

    A farm without fields has no balance; one with a crop or spreading that names no field has an unknown one.
    """
    fields, farms = tables["fields"], tables["farms"]["count"]
    area = numpy.where(fields["buffer_strip"], 0, fields["area_ha"])
    hectares = numpy.bincount(fields["farm"], area, farms)
    divisor = numpy.where(hectares > 0, hectares, NAN)
    for name in ("crops", "applications"):
        table = tables[name]
        divisor[table["farm"][table["field"] < 0]] = NAN
    sums = {name: numpy.bincount(fields["farm"], area * columns[name], farms) for name in PER_HA}
    out = {name: kg / divisor for name, kg in sums.items()}
    for name, of in (("surplus", "balance"), ("ammonia_kg", "ammonia"), ("nitrate_kg", "nitrate")):
        out[name] = numpy.where(numpy.isnan(divisor), NAN, sums[of])
    out["area_ha"] = hectares
    out["target_kg"] = out["target"] * hectares
    out["headroom"] = (out["target"] - out["balance"]) * hectares
    return out


def in_order_of_fields(table: Table, fields: int) -> dict[str, Any]:
    """The rows that stand on a field, those of a field together; with `first` and `count` of each field."""
    where = table["field"]
    kept = numpy.flatnonzero(where >= 0)
    if len(kept) == len(where) and (numpy.diff(where) >= 0).all():
        rows = dict(table)
    else:
        kept = kept[numpy.argsort(where[kept], kind="stable")]
        rows = {
            name: Coded(cells.at[kept], cells.names) if isinstance(cells, Coded) else cells[kept]
            for name, cells in table.items()
        }
    rows["count"] = numpy.bincount(rows["field"], minlength=fields)
    rows["first"] = numpy.cumsum(rows["count"]) - rows["count"]
    return rows


def given_or(given: Floats, otherwise: Floats) -> Floats:
    """What is declared, else the other."""
    return numpy.where(numpy.isnan(given), otherwise, given)


def times(amount: Floats, share: Floats) -> Floats:
    """A share of an amount; nothing of it is nothing, also where the amount is unknown."""
    return numpy.where(share == 0, 0, amount * share)


class Grown:
    """The rows of crops on fields, one per cut, and what follows for their fields."""

    def __init__(self, rows: Mapping[str, Any], area: Floats, quirks: Quirks) -> None:
        """Read the rows; what a row does not declare is the catalogue's."""
        self.rows, self.fields, self.at = rows, len(area), rows["field"]
        self.share = rows["area"] / area[self.at]
        crop, rotation = rows["crop"], rows["rotation"]

        def or_catalogue(name: str, column: str) -> Floats:
            return given_or(rows[name], crop.look_up(numbers.column(numbers.CROPS, column)))

        by_catalogue = crop.look_up({code: row["b_lu_croprotation"] for code, row in numbers.CROPS.items()}, "")
        turn = numpy.where(rotation.at < 0, by_catalogue, rotation.look_up({n: n for n in rotation.names}, ""))
        bare = crop.among(numbers.BARE_CODES) | (turn == "bare")
        self.is_grass = turn == "grass"
        self.grassland = numpy.isin(turn, numbers.GRASSLAND_ROTATIONS) & ~bare
        self.cropland = ~self.grassland & ~bare & (turn != "")
        self.unknown = (turn == "") & ~bare
        never_cut = crop.among([code for code, row in numbers.CROPS.items() if row["b_lu_harvestable"] == "none"])
        self.cut = numpy.where(rows["harvested"] < 0, ~never_cut, rows["harvested"] == YES)
        self.standard = or_catalogue("standard_yield", "b_lu_yield")
        content = given_or(rows["n"], or_catalogue("standard_n", "b_lu_n_harvestable"))
        weighed = rows["yield"]
        if quirks.zero_yield_is_missing:
            weighed = numpy.where(weighed == 0, NAN, weighed)
            content = numpy.where(rows["n"] == 0, or_catalogue("standard_n", "b_lu_n_harvestable"), content)
        self.harvest = numpy.where(self.cut, given_or(weighed, self.standard) * content / 1000, 0)
        self.index = or_catalogue("harvest_index", "b_lu_hi")
        self.residue_n = or_catalogue("residue_n", "b_lu_n_residue")
        self.fixation = given_or(rows["fixation"], crop.look_up(numbers.column(numbers.CROPS, "b_n_fixation"), 0.0))
        self.leads = rows["cut"] == 1

    def per_ha(self, values: Floats) -> Floats:
        """Sums over the rows of each field of what there is per ha of crop, per ha of field."""
        return numpy.bincount(self.at, times(values, self.share), self.fields)

    def any_of(self, condition: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
        """Whether any row of each field meets the condition."""
        found = numpy.zeros(self.fields, dtype=bool)
        found[self.at[condition]] = True
        return found

    def land_use(self) -> NDArray[numpy.int64]:
        """Grass before crop before bare; unknown where a crop of unknown rotation could be more."""
        return ranked(self.any_of(self.grassland), self.any_of(self.unknown), self.any_of(self.cropland))

    def residues(self, quirks: Quirks) -> tuple[Floats, Floats]:
        """Nitrogen in residues that were taken off, and ammonia of those that were left, of each field."""
        fate, divisor = self.rows["residue_left"], 1
        cut_later = self.of_crop(self.cut & ~self.leads) > 0
        if quirks.residue_of_mean_cut:
            divisor = numpy.maximum(self.of_crop(self.cut), 1)
        standard = numpy.where(self.leads & ~cut_later, self.standard, 0)
        index = numpy.where(self.index == 0, 1, self.index)
        per_yield = (1 - index) / index * self.residue_n / 1000 / divisor
        share = (numbers.RESIDUE_SLOPE * self.residue_n + numbers.RESIDUE_OFFSET) / 100

        def residue(undeclared: Any) -> Floats:
            return numpy.where(self.cut, given_or(self.rows["yield"], undeclared), standard) * per_yield

        taken = residue(self.standard)
        left = residue(0.0) if quirks.missing_yield_leaves_no_residue else taken
        left = left * numpy.clip(share, 0, 1)
        return self.per_ha(numpy.where(fate == NO, taken, 0)), self.per_ha(numpy.where(fate == YES, left, 0))

    def of_crop(self, condition: NDArray[numpy.bool_]) -> Any:
        """How many rows of each row's crop meet the condition: rows of the same field, code and first day."""
        if not condition.any():
            return numpy.zeros(len(condition))
        crop, sown = self.rows["crop"].at, self.rows["sown"].astype(numpy.int64)
        order = numpy.lexsort((sown, crop, self.at))
        changes = numpy.zeros(len(order), dtype=bool)
        for key in (self.at, crop, sown):
            changes[1:] |= numpy.diff(key[order]) != 0
        of_row = numpy.empty(len(order), dtype=numpy.int64)
        of_row[order] = numpy.cumsum(changes)
        return numpy.bincount(of_row, condition)[of_row]


def ranked(grass: Any, unknown: Any, crop: Any) -> NDArray[numpy.int64]:
    """Land use where any of these is so."""
    return numpy.maximum(numpy.maximum(grass * GRASS, unknown * UNKNOWN), crop * CROP)


def mineralisation(year: int, soil: Coded, crops: Mapping[str, Any], grown: Grown) -> Floats:
    """Nitrogen that the soil sets free in a year."""
    opens, closes = (numpy.datetime64(f"{year}-{day}") for day in (numbers.GRASS_FROM, numbers.GRASS_TO))
    late = crops["sown"] > closes
    over = crops["end"] < opens
    grass = grown.any_of(grown.is_grass & ~late & ~over)
    yearly = soil.look_up({**dict.fromkeys(numbers.SOIL_GROUPS, 0.0), "dalgrond": numbers.MINERALISED_DALGROND})
    peat = numpy.where(grass, numbers.MINERALISED_PEAT_GRASS, numbers.MINERALISED_PEAT)
    return numpy.where(soil.among(["veen"]), peat, yearly)


def leaching_share(use: int, group: str, step: str) -> float:
    """The share of a surplus that leaches: on grassland, else on arable land and bare soil; NaN where it is unknown."""
    shares = numbers.LEACHING_ON_SAND.get(step) if group == numbers.SAND else numbers.LEACHING.get(group)
    return NAN if use == UNKNOWN or shares is None else shares[0 if use == GRASS else 1]


def by_soil(fields: Table, kind: NDArray[Any], kinds: int, value: Callable[[int, str, str], float]) -> Floats:
    """A number that depends on the soil, the groundwater class and a kind of each field."""
    soil, water = fields["soil"], fields["groundwater"]
    table = numpy.full((len(soil.names) + 1, len(water.names) + 1, kinds), NAN)
    for at, name in enumerate((*soil.names, "")):
        for level, class_ in enumerate((*water.names, "")):
            group, step = numbers.SOIL_GROUPS.get(name, ""), numbers.STEP_OF_CLASS.get(class_, "")
            table[at, level] = [value(one, group, step) for one in range(kinds)]
    return table[soil.at, water.at, kind.astype(numpy.int64)]


def advised(grass: int, group: str, step: str) -> float:
    """The target of a whole year; NaN for an unknown soil, or an unknown groundwater class except of grass on clay."""
    any_class = bool(grass) and group not in (numbers.SAND, numbers.LOESS)
    return numbers.target(bool(grass), group, step) if group and (step or any_class) else NAN


def applied(table: Table, fields: Table, crops: Mapping[str, Any], grown: Grown) -> dict[str, Floats]:
    """Nitrogen spread and the ammonia of it by type of fertiliser."""
    area = fields["area_ha"]
    rows = in_order_of_fields(table, len(area))
    product, where = rows["product"], rows["field"]
    manure, other = TYPES.index("manure"), TYPES.index("other")
    listed = {code: manure for code in product.names if "_m_" in code}
    listed.update({code: TYPES.index(row["kind"]) for code, row in numbers.FERTILISERS.items()})
    kind = rows["type"].look_up({name: TYPES.index(name) for name in TYPES}, -1)
    kind = numpy.where(kind < 0, product.look_up(listed, -1), kind)
    kind = numpy.where(kind < 0, numpy.where(rows["material"].among(ANIMALS), manure, other), kind)

    def content(name: str, column: str) -> Floats:
        return given_or(rows[name], product.look_up(numbers.column(numbers.FERTILISERS, column)))

    n, nh4, no3, s = (content(name, f"p_{name}_rt") for name in ("n", "nh4", "no3", "s"))
    # What is declared of the nitrogen comes before the content of a catalogue.
    by_content = rows["amount"] * rows["n"] / 1000
    kg = given_or(given_or(by_content, rows["nitrogen"]), rows["amount"] * n / 1000)
    squared = numpy.where(rows["inhibitor"], numbers.ORGANIC_SQUARED_INHIBITED, numbers.ORGANIC_SQUARED)
    percent = (
        squared * (n - no3 - nh4) ** 2
        + numbers.NITRATE_TIMES_SULPHUR * numpy.where(no3 == 0, 0, no3 * s)
        + numbers.AMMONIUM_SQUARED * nh4**2
    )
    factor = given_or(content("factor", "p_ef_nh3"), percent / 100)
    ammonium = rows["amount"] * nh4 / 1000
    lost = numpy.where(
        kind == TYPES.index("mineral"), kg * numpy.clip(factor, 0, 1), times(by_technique(rows, crops, grown), ammonium)
    )
    lost[(kg == 0) & ~(ammonium > 0)] = 0
    out = {}
    for number, name in enumerate(TYPES):
        here = kind == number
        out[f"supply_{name}"] = numpy.bincount(where[here], kg[here], len(area)) / area
        out[f"ammonia_{name}"] = numpy.bincount(where[here], lost[here], len(area)) / area
    return out


def by_technique(rows: Mapping[str, Any], crops: Mapping[str, Any], grown: Grown) -> Floats:
    """The share of ammonium lost: by the technique and what grew on the field that day."""
    where, day = rows["field"], rows["date"]
    pairs = crops["count"][where]
    of_row = numpy.repeat(numpy.arange(len(where)), pairs)
    starts = numpy.cumsum(pairs) - pairs
    crop = numpy.arange(len(of_row)) - numpy.repeat(starts, pairs) + crops["first"][where][of_row]
    stood = ~(crops["sown"][crop] > day[of_row]) & ~(crops["end"][crop] < day[of_row])

    def any_of(condition: NDArray[numpy.bool_]) -> NDArray[numpy.bool_]:
        found = numpy.zeros(len(where), dtype=bool)
        found[of_row[stood & condition[crop]]] = True
        return found

    use = ranked(any_of(grown.grassland), any_of(grown.unknown), any_of(grown.cropland))
    technique = rows["technique"]
    factors = numpy.full((len(technique.names) + 1, len(USES)), NAN)
    for at, name in enumerate(technique.names):
        if name in numbers.AMMONIA_OF_TECHNIQUE:
            factors[at, [GRASS, CROP, BARE]] = numbers.AMMONIA_OF_TECHNIQUE[name]
    return factors[technique.at, numpy.where(numpy.isnat(day), UNKNOWN, use)]
