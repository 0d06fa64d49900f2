"""What holds of every Dutch soil balance, on random farms: masses add up, more brings more, parts make the whole."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy
import pytest
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset import DataSet
from tests.nl import soil_balance_numbers as numbers
from tests.nl.random_fields import Row, Tables, random_farms
from tests.nl.soil_balance_by_hand import PARTS, PER_HA, TYPES
from tests.nl.soil_balance_runs import FARM_COLUMNS, FIELD_COLUMNS, Columns, checked, computed

GRAM = 1e-3
SEEDS = pytest.mark.parametrize("seed", [1000, 1001])
KEYS = ("farm_id", "year_start", "field_id")


def known(*columns: NDArray[numpy.float64]) -> NDArray[numpy.bool_]:
    """Where none of these is missing."""
    return ~numpy.isnan(numpy.sum(columns, axis=0))


def rows_by_key(data: DataSet, table: str, columns: Columns) -> dict[tuple[Any, ...], list[float]]:
    """The values of each row by its key, whatever the order of the rows."""
    keys = data.tables[table].select(key for key in KEYS if key in data.tables[table].columns).rows()
    return dict(zip(keys, zip(*(values.tolist() for values in columns.values()), strict=True), strict=True))


def same(ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> None:
    """Nothing but rounding between two sets of rows, missing values in the same places."""
    assert ours.keys() == theirs.keys()
    for key, values in ours.items():
        assert values == pytest.approx(theirs[key], rel=1e-9, abs=1e-9, nan_ok=True), key


def changed(tables: Tables, table: str, change: Callable[[Row], Row]) -> Tables:
    """The tables with every row of one of them changed."""
    return {**tables, table: [{**row, **change(row)} for row in tables[table]]}


@SEEDS
def test_masses_add_up_to_a_gram_per_field_and_per_farm(seed: int) -> None:
    data = checked(random_farms(seed, 200))
    found = computed(data)
    hectares = {"fields": data.tables["fields"]["area_ha"].to_numpy(), "farms": found["farms"]["area_ha"]}
    for table, of in found.items():
        for total, parts in PARTS.items():
            gap = of[total] - sum(of[f"{total}_{part}"] for part in parts)
            assert numpy.nanmax(numpy.abs(gap * hectares[table])) < GRAM
            # A total is known exactly where all its parts are.
            assert (numpy.isnan(of[total]) == ~known(*(of[f"{total}_{part}"] for part in parts))).all()
        gap = of["supply"] - of["removal"] - of["ammonia"] - of["balance"]
        assert numpy.nanmax(numpy.abs(gap * hectares[table])) < GRAM
        assert known(of["balance"]).sum() > 50


@SEEDS
def test_the_kg_of_a_farm_are_the_kg_of_its_fields(seed: int) -> None:
    data = checked(random_farms(seed, 200))
    found = computed(data)
    farm_of = {key: number for number, key in enumerate(data.tables["farms"].select(KEYS[:2]).rows())}
    farm = numpy.array([farm_of[key] for key in data.tables["fields"].select(KEYS[:2]).rows()])
    area = data.tables["fields"]["area_ha"].to_numpy()
    for total, part in (("surplus", "balance"), ("ammonia_kg", "ammonia"), ("nitrate_kg", "nitrate")):
        kg = numpy.bincount(farm, area * found["fields"][part], data.tables["farms"].height)
        both = known(found["farms"][total], kg)
        assert numpy.abs(kg - found["farms"][total])[both].max() < GRAM
        assert both.sum() > 50
        mean = found["farms"][part] * found["farms"]["area_ha"]
        assert numpy.abs(mean - found["farms"][total])[both].max() < GRAM


@SEEDS
def test_nitrate_is_part_of_the_surplus_and_no_part_is_negative(seed: int) -> None:
    found = computed(checked(random_farms(seed, 200)))["fields"]
    both = known(found["nitrate"], found["balance"])
    assert (found["nitrate"][both] <= numpy.maximum(found["balance"][both], 0)).all()
    for name in set(PER_HA) - {"balance"}:
        assert numpy.nanmin(found[name]) >= 0, name


@SEEDS
def test_more_fertiliser_never_lowers_supply_or_balance(seed: int) -> None:
    tables = random_farms(seed, 200)
    more = changed(
        tables,
        "applications",
        lambda row: {name: row[name] and row[name] * 1.3 for name in ("amount_kg", "n_kg") if name in row},
    )
    before, after = (computed(checked(of))["fields"] for of in (tables, more))
    spread, lost = (sum(before[f"{total}_{kind}"] for kind in TYPES) for total in ("supply", "ammonia"))
    # Less is lost as ammonia than was spread, unless more ammonium is declared than the product holds nitrogen.
    for name, of in (("supply", known(after["supply"])), ("balance", known(after["balance"]) & (lost < spread))):
        more_of_it = after[name][of] - before[name][of]
        assert (more_of_it >= -1e-9).all(), name
        assert (more_of_it > 1).sum() > 50


@SEEDS
def test_more_harvest_never_raises_the_balance(seed: int) -> None:
    tables = random_farms(seed, 200)
    more = changed(
        tables,
        "crops",
        lambda row: {name: row[name] and row[name] * 1.3 for name in ("dm_yield_kg_per_ha", "n_g_per_kg_dm")},
    )
    before, after = (computed(checked(of))["fields"] for of in (tables, more))
    both = known(before["balance"], after["balance"])
    assert (after["balance"][both] <= before["balance"][both] + 1e-9).all()
    assert (after["balance"][both] < before["balance"][both] - 1).sum() > 50


@SEEDS
def test_double_the_area_and_all_amounts_have_the_same_values_per_ha_and_double_kg(seed: int) -> None:
    tables = random_farms(seed, 150)
    double = tables
    for table, names in (("fields", ["area_ha"]), ("crops", ["area_ha"]), ("applications", ["amount_kg", "n_kg"])):
        double = changed(
            double, table, lambda row, names=names: {name: row[name] and 2 * row[name] for name in names if name in row}
        )
    data = checked(tables), checked(double)
    once, twice = (computed(of) for of in data)
    for table in ("fields", "farms"):
        factor = {
            name: 2 if name in ("area_ha", "surplus", "headroom") or name[-3:] == "_kg" else 1 for name in once[table]
        }
        scaled = {name: values * factor[name] for name, values in once[table].items()}
        same(rows_by_key(data[0], table, scaled), rows_by_key(data[1], table, twice[table]))


def test_nothing_in_is_nothing_out() -> None:
    # No crops, nothing spread, nothing from the air, a soil that releases nothing.
    key = {"farm_id": "empty", "year_start": "2024-01-01"}
    soils = [soil for soil in numbers.SOIL_GROUPS if soil not in ("veen", "dalgrond")]
    fields = [{**key, "field_id": soil, "area_ha": 3, "soil_type": soil} for soil in soils]
    farm = {**key, "country": "NL", "utilised_area_ha": 21, "deposition_n_kg_per_ha": 0}
    found = computed(checked({"farms": [farm], "fields": fields, "crops": [], "applications": []}))
    for table, columns in found.items():
        for name in set(PER_HA) - {"target"}:
            assert columns[name].tolist() == [0] * len(columns[name]), f"{table} {name}"


@SEEDS
def test_a_field_split_into_two_halves_leaves_the_farm_as_it_was(seed: int) -> None:
    tables = random_farms(seed, 150)
    halves: Tables = {"farms": tables["farms"]}
    for table, names in (("fields", ["area_ha"]), ("crops", ["area_ha"]), ("applications", ["amount_kg", "n_kg"])):
        halves[table] = []
        for row in tables[table]:
            half = {**row, **{name: row[name] and row[name] / 2 for name in names if name in row}}
            other = {"field_id": f"{row['field_id']} b"} if row["field_id"] else {}
            halves[table].extend([half, {**half, **other}])
    data = checked(tables), checked(halves)
    same(*(rows_by_key(of, "farms", computed(of)["farms"]) for of in data))


@SEEDS
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    tables, shuffled = random_farms(seed, 150), copy.deepcopy(random_farms(seed, 150))
    random = numpy.random.default_rng(seed)
    for rows in shuffled.values():
        random.shuffle(rows)
    data = checked(tables), checked(shuffled)
    for table in ("fields", "farms"):
        same(*(rows_by_key(of, table, computed(of)[table]) for of in data))


@SEEDS
def test_parts_of_any_size_give_the_same_bytes(seed: int) -> None:
    data = checked(random_farms(seed, 150))
    whole = computed(data)
    for size in (1, 7, 64):
        parts = computed(data, farms_per_part=size)
        for table, columns in whole.items():
            assert all(values.tobytes() == parts[table][name].tobytes() for name, values in columns.items()), size


@SEEDS
def test_a_field_that_is_not_there_in_a_year_counts_nothing_in_it(seed: int) -> None:
    # Without all fields of 2024 but one per farm, 2023 stays as it was and 2024 is that of the farm with this field.
    tables = random_farms(seed, 150)
    tables = {name: [row for row in rows if name == "farms" or row["field_id"]] for name, rows in tables.items()}

    def keep(row: Row) -> bool:
        return row.get("field_id") in (None, "field 0") or row["year_start"] < "2024"

    def of(rows: Tables, year: str) -> Tables:
        return {name: [row for row in of if row["year_start"].startswith(year)] for name, of in rows.items()}

    kept = {name: [row for row in rows if keep(row)] for name, rows in tables.items()}
    data = checked(kept)
    both = rows_by_key(data, "farms", computed(data)["farms"])
    for year, rows in (("2023", tables), ("2024", kept)):
        alone = checked(of(rows, year))
        only = rows_by_key(alone, "farms", computed(alone)["farms"])
        same({key: values for key, values in both.items() if str(key[1]).startswith(year)}, only)


def test_all_columns_are_compared() -> None:
    assert (len(FIELD_COLUMNS), len(FARM_COLUMNS)) == (len(PER_HA) + 2, len(PER_HA) + 5)
