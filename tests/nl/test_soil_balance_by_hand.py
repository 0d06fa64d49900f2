"""The Dutch soil balance against a second implementation, on random farms and on single fields reckoned by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset import DataSet
from tests.nl import independent_cases
from tests.nl import soil_balance_numbers as numbers
from tests.nl.random_fields import Row, Tables, random_farms
from tests.nl.soil_balance_arrays import arrays
from tests.nl.soil_balance_by_hand import NONE, PER_HA, Quirks, per_farm, per_field
from tests.nl.soil_balance_runs import VARIABLES, Columns, checked, computed

YEARS = (2023, 2024)
LIKE_FDM = Quirks(
    days_as_differences=True,
    residue_of_mean_cut=True,
    missing_yield_leaves_no_residue=True,
    zero_yield_is_missing=True,
)
CASES = Path(__file__).parent / "soil_balance"


def by_hand(data: DataSet, quirks: Quirks = NONE) -> dict[str, Columns]:
    """The same as `computed` by the second implementation."""
    found: dict[str, Columns] = {table: {} for table in VARIABLES}
    for year in YEARS:
        tables = arrays(data.tables, year)
        of_fields = per_field(year, tables, quirks)
        for table, columns in (("fields", of_fields), ("farms", per_farm(tables, of_fields))):
            rows = (data.tables[table]["year_start"].dt.year() == year).to_numpy()
            for name in VARIABLES[table][1]:
                found[table].setdefault(name, numpy.full(len(rows), numpy.inf))[rows] = columns[name]
    return found


def different(ours: NDArray[Any], theirs: NDArray[Any]) -> NDArray[numpy.bool_]:
    """Where two columns differ by more than 1e-9 of the value, or one of them is missing."""
    close = numpy.abs(ours - theirs) <= 1e-9 * numpy.maximum(numpy.abs(theirs), 1e-3)
    return ~(close | (numpy.isnan(ours) & numpy.isnan(theirs)))


def differences(data: DataSet, quirks: Quirks = NONE) -> dict[str, int]:
    """Column -> how many of its values differ."""
    ours, theirs = computed(data, quirks != NONE), by_hand(data, quirks)
    counts = {
        f"{table} {name}": int(different(values, theirs[table][name]).sum())
        for table, columns in ours.items()
        for name, values in columns.items()
    }
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("seed", range(4))
def test_random_farms_have_the_balance_of_the_second_implementation(seed: int) -> None:
    assert differences(checked(random_farms(seed, 250))) == {}


@pytest.mark.parametrize("seed", range(2))
def test_random_farms_that_count_as_fdm_have_the_balance_of_the_second_implementation(seed: int) -> None:
    assert differences(checked(random_farms(100 + seed, 200)), LIKE_FDM) == {}


def every_code() -> Tables:
    """A field for every crop, its residue taken off and left, every product, soil, class, technique and land use."""
    key = {"farm_id": "every", "year_start": "2024-01-01"}
    uses: list[list[Row]] = [[], [{"crop": "nl_265"}], [{"crop": "nl_233"}]]
    soils = [
        (crops, [{"product": "nl_f_baat028", "amount_kg": 1000}], {"soil_type": soil, "groundwater_class": level})
        for soil in numbers.SOIL_GROUPS
        for level in numbers.STEP_OF_CLASS
        for crops in uses
    ]
    crops = [([{"crop": code, "residue_left": left}], [], {}) for code in numbers.CROPS for left in (True, False)]
    slurry = {"product": "nl_f_9d855a14df2045c2", "amount_kg": 1000, "date": "2024-06-01"}
    spread = {"amount_kg": 1000, "date": "2024-06-01", "technique": "spraying"}
    techniques = [
        (crops, [{**slurry, "technique": technique}], {})
        for technique in numbers.AMMONIA_OF_TECHNIQUE
        for crops in uses
    ]
    products = [([], [{**spread, "product": code}], {}) for code in numbers.FERTILISERS]
    tables: Tables = {"farms": [{**key, "country": "NL", "utilised_area_ha": 1, "soil_type": "dekzand"}]}
    tables.update(fields=[], crops=[], applications=[])
    for number, (grown, applied, field) in enumerate([*soils, *crops, *techniques, *products]):
        of = {**key, "field_id": f"{number}"}
        rest = {"area_ha": 1, "groundwater_class": "V", "deposition_n_kg_per_ha": 20}
        tables["fields"].append({**of, **rest, **field})
        tables["crops"].extend({**of, "area_ha": 1, **row} for row in grown)
        tables["applications"].extend({**of, **row} for row in applied)
    return tables


def test_every_crop_product_soil_class_and_technique_has_the_balance_of_the_second_implementation() -> None:
    data = checked(every_code())
    assert data.tables["fields"].height == 9 * 31 * 3 + 2 * 532 + 3 * 10 + 122
    assert differences(data) == {}


def test_the_random_farms_have_known_positive_and_missing_values_in_every_column() -> None:
    data = checked(random_farms(0, 250))
    lacking = {
        f"{table} {name}": counts
        for table, columns in by_hand(data).items()
        for name, values in columns.items()
        if min(counts := (int((values > 0).sum()), int(numpy.isnan(values).sum()))) < 5
    }
    # Only an unknown index or content makes a residue missing, and only a crop without code has those; what is always
    # known: the area, the share of the year and fixation.
    assert set(lacking) == {"farms area_ha", "fields time_share", "fields supply_fixation"}
    assert (data.tables["fields"]["soil_type"].n_unique(), data.tables["fields"]["groundwater_class"].n_unique()) == (
        10,
        32,
    )


def test_the_second_implementation_has_the_values_of_every_case_of_fdm() -> None:
    paths = [CASES / f"nbalance_{name}.json" for name in ("cases", "farm_case")]
    known = independent_cases.cases_beside(paths)
    units = [unit for path in paths for unit in independent_cases.units_of(path, known)]
    data = checked(independent_cases.tables_of(units))
    found = by_hand(data, LIKE_FDM)
    off, compared = {}, 0
    for table, prefix in (("fields", False), ("farms", True)):
        of_row = [units[int(farm)] for farm in data.tables[table]["farm_id"]]
        for output, (name, sign) in independent_cases.OUTPUTS.items():
            sums: dict[str, float] = {}
            for unit, value in zip(of_row, found[table][name].tolist(), strict=True):
                if unit.of_farm == prefix:
                    sums[unit.name] = sums.get(unit.name, 0.0) + sign * value
            for unit in {unit.name: unit for unit in of_row if unit.of_farm == prefix}.values():
                expected = dict(independent_cases.flat(unit.expected))
                if output in expected:
                    compared += 1
                    if abs(sums[unit.name] - expected[output]) > independent_cases.MARGIN:
                        off[f"{unit.name} {output}"] = (sums[unit.name], expected[output])
    assert off == {}
    assert compared == 56 * len(independent_cases.OUTPUTS)


def field_of(tables: dict[str, list[Row]], year: int = 2024) -> dict[str, float]:
    """All columns of a single field of 4 ha by the engine; the second implementation agrees."""
    key = {"farm_id": "one", "year_start": f"{year}-01-01"}
    whole: Tables = {"farms": [{**key, "country": "NL", "utilised_area_ha": 4}]}
    field = {"field_id": "a", "area_ha": 4, "soil_type": "zeeklei", "groundwater_class": "VI"}
    whole["fields"] = [{**key, **field, "deposition_n_kg_per_ha": 20, **row} for row in tables.get("fields", [{}])]
    for name in ("crops", "applications"):
        whole[name] = [{**key, "field_id": "a", "area_ha": 4, **row} for row in tables.get(name, [])]
    for row in whole["applications"]:
        del row["area_ha"]
    data = checked(whole)
    assert differences(data) == {}
    return {name: float(values[0]) for name, values in computed(data)["fields"].items()}


WHEAT = {"crop": "nl_233", "sown": "2023-10-20", "end": "2024-08-05", "dm_yield_kg_per_ha": 8500, "n_g_per_kg_dm": 21}


def test_winter_wheat_on_clay_by_hand() -> None:
    # 25 t/ha pig slurry with 7.1 kg N and 3.6 kg ammonium N per t, narrowband in March on the growing crop: 36 percent
    # lost; straw taken off: 8500 / 0.44 x 0.56 x 5.3 / 1000.
    slurry = {"product": "nl_f_a68418f8d14e112b", "amount_kg": 100_000, "date": "2024-03-15", "technique": "narrowband"}
    found = field_of({"crops": [{**WHEAT, "residue_left": False}], "applications": [slurry]})
    straw = 8500 / 0.44 * 0.56 * 5.3 / 1000
    assert found["supply"] == pytest.approx(25 * 7.1 + 20, rel=1e-12)
    assert found["removal"] == pytest.approx(178.5 + straw, rel=1e-12)
    assert found["ammonia"] == pytest.approx(25 * 3.6 * 0.36, rel=1e-12)
    assert found["balance"] == pytest.approx(197.5 - 178.5 - straw - 32.4, rel=1e-12)
    assert (found["nitrate"], found["target"]) == (0, 125)


def test_half_a_year_of_grass_on_peat_by_hand() -> None:
    # 1.1. to 30.6.2023 are 181 of 365 days: 160 kg mineralised, 20 kg deposited, a target of 125 kg in a year;
    # 6 percent of the surplus leach under grass on peat.
    field = {"soil_type": "veen", "groundwater_class": "II", "end": "2023-06-30"}
    grass = {"crop": "nl_265", "harvested": False}
    found = field_of({"fields": [field], "crops": [grass]}, 2023)
    assert found["balance"] == pytest.approx(180 * 181 / 365, rel=1e-12)
    assert found["nitrate"] == pytest.approx(180 * 181 / 365 * 0.06, rel=1e-12)
    assert found["target"] == pytest.approx(125 * 181 / 365, rel=1e-12)


@pytest.mark.parametrize(
    ("days", "kg"),
    [
        ({"end": "2023-05-14"}, 20),
        ({"end": "2023-05-15"}, 160),
        ({"sown": "2023-07-15"}, 160),
        ({"sown": "2023-07-16"}, 20),
        ({}, 160),
    ],
)
def test_peat_releases_160_kg_under_grass_that_stands_between_15_may_and_15_july(days: Row, kg: float) -> None:
    field = {"soil_type": "veen", "groundwater_class": "II"}
    found = field_of({"fields": [field], "crops": [{"crop": "nl_265", "harvested": False, **days}]}, 2023)
    assert found["supply_mineralisation"] == pytest.approx(kg, rel=1e-12)


def test_urea_with_and_without_inhibitor_by_hand() -> None:
    # 460 g organic N per kg: 7.021e-5 x 460^2 = 14.856 percent, with inhibitor 3.166e-5 x 460^2 = 6.699 percent.
    urea = {"fertiliser_type": "mineral", "amount_kg": 400, "n_g_per_kg": 460, "nh4_n_g_per_kg": 0, "no3_n_g_per_kg": 0}
    plain, held = (field_of({"applications": [{**urea, "urease_inhibitor": with_}]}) for with_ in (False, True))
    assert plain["ammonia_mineral"] == pytest.approx(46 * 0.14856436, rel=1e-12)
    assert held["ammonia_mineral"] == pytest.approx(46 * 0.06699256, rel=1e-12)
    # Nitrate times sulphur takes off: 0.02498 x 100 percent of ammonium, less 4.308e-5 x 100 x 150 percent.
    sulphur = {"nh4_n_g_per_kg": 100, "no3_n_g_per_kg": 100, "n_g_per_kg": 200, "s_g_per_kg": 150}
    with_sulphur = field_of({"applications": [{**urea, **sulphur}]})
    assert with_sulphur["ammonia_mineral"] == pytest.approx(20 * (2.498 - 0.6462) / 100, rel=1e-12)


def test_an_unknown_sulphur_counts_only_beside_nitrate() -> None:
    without = {"fertiliser_type": "mineral", "amount_kg": 400, "n_g_per_kg": 100, "nh4_n_g_per_kg": 100}
    known = field_of({"applications": [{**without, "no3_n_g_per_kg": 0}]})
    assert known["ammonia_mineral"] == pytest.approx(10 * 0.02498, rel=1e-12)
    unknown = field_of({"applications": [{**without, "nh4_n_g_per_kg": 50, "no3_n_g_per_kg": 50}]})
    assert numpy.isnan(unknown["ammonia_mineral"])
    assert unknown["supply_mineral"] == 10


def test_a_crop_on_half_the_field_counts_half() -> None:
    whole, half = (field_of({"crops": [{**WHEAT, "area_ha": area}]}) for area in (4, 2))
    assert (whole["removal_harvests"], half["removal_harvests"]) == (178.5, 89.25)


def test_declared_nitrogen_of_a_spreading_comes_before_the_content_of_the_catalogue() -> None:
    # Cattle slurry of the catalogue holds 4.1 kg N per t: 100 t are 410 kg on 4 ha; the farm says 390 kg.
    spread = {"product": "nl_f_9d855a14df2045c2", "amount_kg": 100_000, "date": "2024-03-15", "technique": "injection"}
    said = {**spread, "material": "cattle", "form": "slurry", "origin": "own", "n_kg": 390}
    found = [field_of({"applications": [row]}) for row in (spread, said, {**said, "n_g_per_kg": 4})]
    assert [row["supply_manure"] for row in found] == pytest.approx([102.5, 97.5, 100], rel=1e-12)


def test_a_crop_whose_first_line_is_no_harvest_leaves_the_residue_of_its_later_cuts_only() -> None:
    first = {**WHEAT, "harvested": False, "residue_left": False, "cut": 1}
    second = {**first, "harvested": True, "cut": 2}
    alone, cut = (field_of({"crops": rows})["removal_residues"] for rows in ([first], [first, second]))
    # The standard yield of 7830 kg stands in for a crop that is never cut.
    assert alone == pytest.approx(7830 / 0.44 * 0.56 * 5.3 / 1000, rel=1e-12)
    assert cut == pytest.approx(8500 / 0.44 * 0.56 * 5.3 / 1000, rel=1e-12)


def test_a_field_held_on_no_day_of_the_year_gets_nothing_also_of_what_is_unknown() -> None:
    field = {"soil_type": None, "deposition_n_kg_per_ha": None, "start": "2025-03-01"}
    found = field_of({"fields": [field]})
    assert {name: found[name] for name in PER_HA} == dict.fromkeys(PER_HA, 0)


def test_land_with_a_crop_that_nobody_knows_has_an_unknown_land_use_unless_grass_stands_beside_it() -> None:
    unknown = {"crop": "some crop", "harvested": False}
    fertiliser = {"product": "nl_f_baat028", "amount_kg": 4000}
    alone, beside = (
        field_of({"crops": [unknown, *more], "applications": [fertiliser]})
        for more in ([], [{"crop": "nl_265", "harvested": False}])
    )
    assert numpy.isnan(alone["nitrate"])
    # 270 kg N and 20 kg from the air, 2.5 percent of the first lost; 11 percent of the rest leach under grass on clay.
    assert beside["nitrate"] == pytest.approx((270 * 0.975 + 20) * 0.11, rel=1e-12)


def test_the_published_cases_are_all_there() -> None:
    assert len(json.loads((CASES / "nbalance_cases.json").read_text(encoding="utf-8"))["cases"]) == 55
