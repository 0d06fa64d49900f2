"""One farm and balance year as given: the rows of the five tables with their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

from .tables import Amount


@dataclass(frozen=True)
class Flow:
    """What crossed the farm gate; contents in kg per `unit` as declared."""

    direction: str
    category: str
    product: str | None
    amount: Fraction
    unit: str
    n_content: Amount
    p_content: Amount
    p2o5_content: Amount
    dry_matter_pct: Amount
    weight_basis: str
    animal_sex: str
    farm_manure: bool


@dataclass(frozen=True)
class Herd:
    """Animals kept; excretion and livestock units declared for the whole line."""

    animal: str
    count: Fraction
    manure_system: str
    grazing_days: Fraction
    livestock_units: Amount
    n_excretion_kg: Amount


@dataclass(frozen=True)
class Crop:
    """A crop with its area (ha) and yield (dt per ha)."""

    crop: str | None
    area_ha: Fraction
    yield_dt_per_ha: Amount


@dataclass(frozen=True)
class Application:
    """Organic fertiliser spread, kg total N."""

    material: str
    form: str
    origin: str
    n_kg: Fraction


@dataclass
class FarmYear:
    """One row of the farms table with everything that belongs to it."""

    farm_id: Any
    start: date
    area_ha: Fraction
    has_biogas_plant: bool
    linked_to_livestock_farm: bool
    plant_substrate_n: Amount
    substrate_n: Amount
    roughage_n_removal: Amount
    manure_received_previous_year_n: Amount
    own_manure_previous_year_n: Amount
    method: str
    losses: Fraction
    flows: list[Flow] = field(default_factory=list)
    herds: list[Herd] = field(default_factory=list)
    crops: list[Crop] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)

    def flows_of(self, direction: str, *categories: str) -> list[Flow]:
        """The supplies or removals of the categories."""
        return [f for f in self.flows if f.direction == direction and f.category in categories]


Row = Mapping[str, Any]
Key = tuple[Any, date]


def _number(value: Any) -> Amount:
    if value is None or value == "":
        return None
    if isinstance(value, (Fraction, Decimal, str)):
        return Fraction(value)
    if isinstance(value, Integral):
        return Fraction(int(value))
    if isinstance(value, Real):
        # The decimal the data hold, not the binary number nearest to it.
        return Fraction(repr(float(value)))
    raise TypeError(f"{value!r} is no number")


def _needed(row: Row, column: str) -> Fraction:
    value = _number(row.get(column))
    if value is None:
        raise ValueError(f"{column} is required")
    return value


def _text(row: Row, column: str, default: str | None = None) -> Any:
    value = row.get(column)
    return default if value is None or value == "" else value


def _flag(row: Row, column: str, default: bool) -> bool:
    value = _text(row, column)
    if value is None:
        return default
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)


def _key(row: Row) -> Key:
    return row["farm_id"], _day(row["year_start"])


def _farm(row: Row) -> FarmYear:
    farm_id, start = _key(row)
    return FarmYear(
        farm_id,
        start,
        _needed(row, "utilised_area_ha"),
        _flag(row, "has_biogas_plant", False),
        _flag(row, "linked_to_livestock_farm", False),
        _number(row.get("biogas_plant_substrate_n_kg")),
        _number(row.get("biogas_substrate_n_kg")),
        _number(row.get("roughage_n_removal_kg")),
        _number(row.get("manure_received_previous_year_n_kg")),
        _number(row.get("own_manure_previous_year_n_kg")),
        _text(row, "assessment_method", "flat"),
        _number(row.get("unavoidable_losses_n_kg")) or Fraction(0),
    )


def _flow(row: Row) -> Flow:
    return Flow(
        row["direction"],
        row["category"],
        _text(row, "product"),
        _needed(row, "amount"),
        row["unit"],
        _number(row.get("n_content")),
        _number(row.get("p_content")),
        _number(row.get("p2o5_content")),
        _number(row.get("dry_matter_pct")),
        _text(row, "weight_basis", "live"),
        _text(row, "animal_sex", "all"),
        _flag(row, "farm_manure", row["category"] == "animal_manure"),
    )


def _herd(row: Row) -> Herd:
    return Herd(
        row["animal"],
        _needed(row, "count"),
        row["manure_system"],
        _number(row.get("grazing_days")) or Fraction(0),
        _number(row.get("livestock_units")),
        _number(row.get("n_excretion_kg")),
    )


def farm_years(tables: Mapping[str, list[dict[str, Any]]]) -> dict[Key, FarmYear]:
    """Every farm and balance year, in the order of the farms table."""
    found = {_key(row): _farm(row) for row in tables["farms"]}
    for row in tables.get("flows") or []:
        found[_key(row)].flows.append(_flow(row))
    for row in tables.get("herds") or []:
        found[_key(row)].herds.append(_herd(row))
    for row in tables.get("crops") or []:
        crop = Crop(_text(row, "crop"), _needed(row, "area_ha"), _number(row.get("yield_dt_per_ha")))
        found[_key(row)].crops.append(crop)
    for row in tables.get("applications") or []:
        spread = Application(row["material"], row["form"], row["origin"], _needed(row, "n_kg"))
        found[_key(row)].applications.append(spread)
    return found
