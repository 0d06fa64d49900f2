"""Statistics of margins over five farms of each country, whose sums stand worked out beside them."""

from __future__ import annotations

import datetime
from typing import Any

import numpy
import polars as pl
import pytest

from openfisca_stoffenbalans import balance
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet
from openfisca_stoffenbalans.population.measures import (
    STATISTICS,
    MeasureError,
    belongs,
    design,
    measure,
)
from tests.conftest import loaded_system

DAY = datetime.date(2020, 1, 1)


def table(name: str, columns: list[str], rows: list[tuple[Any, ...]], day: datetime.date = DAY) -> pl.DataFrame:
    """A table of one balance year; `columns` begin with farm_id."""
    types = {column.name: column.dtype for column in TABLES[name].columns}
    frame = pl.DataFrame(rows, dict.fromkeys(columns), orient="row").with_columns(pl.lit(day).alias("year_start"))
    return frame.with_columns(pl.col(column).cast(types[column]) for column in columns if column in types)


COWS = "milcherzeugung_schwere_rassen_ackerfutterbau_ohne_weidegang_mit_heu_8_000_ecm"
SOWS = "ferkelerzeugung_ferkelaufzucht_bis_8_kg_lm_25_ferkel_239_kg_je_platz_p_a_universal"
FATTENERS = "schweinemast_mastschwein_von_28_bis_118_kg_lm_850_g_tageszunahme_universal"
SUCKLERS = "mutterkuhhaltung_6_monate_saeugezeit_500_kg_lm"
SHEEP = "lammfleischerzeugung_mutterschaf_mit_nachzucht_1_5_laemmer_schaf_konventionell"


@pytest.fixture
def germans() -> dict[str, pl.DataFrame]:
    farms = table("farms", ["farm_id", "country", "farm_type", "region", "utilised_area_ha", "organic"], [
        ("a", "DE", "dairy", "DE949", 80.0, False),
        ("b", "DE", "pigs_poultry", "DE94", 40.0, False),
        ("c", "DE", "grazing_livestock", "DE216", 20.0, True),
        ("d", "DE", "arable", "DE9", 300.0, True),
        ("e", "DE", "mixed", "DE2", 4.0, False),
    ])  # fmt: skip
    herds = table("herds", ["farm_id", "animal", "count", "manure_system", "livestock_units", "n_excretion_kg"], [
        ("a", COWS, 60.0, "slurry", None, None),
        ("a", "jungrinderaufzucht_ackerfutterbau_stallhaltung", 30.0, "slurry", None, None),
        ("b", SOWS, 100.0, "slurry", None, None),
        ("b", FATTENERS, 500.0, "slurry", None, None),
        ("c", SUCKLERS, 20.0, "solid", 22.0, 1_900.0),
        ("e", SHEEP, 10.0, "solid", None, None),
        ("d", FATTENERS, 0.0, "slurry", None, None),
    ])  # fmt: skip
    applications = table("applications", ["farm_id", "material", "form", "origin", "n_kg", "amount_kg"], [
        ("a", "cattle", "slurry", "own", 4_000.0, 1_500_000.0),
        ("b", "pigs", "slurry", "own", 3_000.0, 600_000.0),
        ("c", "cattle", "solid", "own", 1_000.0, 200_000.0),
        ("d", "digestate", "slurry", "received", 2_500.0, 500_000.0),
        ("d", "poultry", "solid", "received", 900.0, 30_000.0),
        ("e", "other_animals", "slurry", "own", 0.0, 0.0),
    ])  # fmt: skip
    return {"farms": farms, "herds": herds, "applications": applications}


# Per farm a to e.
GERMAN = {
    "farms_total": [1, 1, 1, 1, 1],
    "uaa_total": [80, 40, 20, 300, 4],
    "farms_organic": [0, 0, 1, 1, 0],
    "uaa_organic": [0, 0, 20, 300, 0],
    # d has a line of no animals.
    "farms_with_livestock": [1, 1, 1, 0, 1],
    # a: 60 cows x 1.0 + 30 heifers x 0.7 = 81; b: 100 sows x 0.3 + 500 fatteners x 0.16 = 110; c: declared 22;
    # e: 10 ewes x 0.1 = 1.
    "livestock_units": [81, 110, 22, 0, 1],
    # c: 20 cows with 0.5 calves each.
    "cattle": [90, 0, 30, 0, 0],
    "cattle_farms": [1, 0, 1, 0, 0],
    "dairy_cows": [60, 0, 0, 0, 0],
    "dairy_farms": [1, 0, 0, 0, 0],
    # b: 100 sows that stand for 3 heads each with their piglets, and 500.
    "pigs": [0, 800, 0, 0, 0],
    "pig_farms": [0, 1, 0, 0, 0],
    "grazing_livestock_farms": [1, 0, 1, 0, 0],
    # DüV annex 1 table 1: 115 kg N per cow of that class (line 22), 45 kg per heifer (line 8); c: declared.
    "n_excretion_cattle": [60 * 115 + 30 * 45, 0, 1_900, 0, 0],
    # m3 and t: 1,500,000 kg are 1,500.
    "liquid_manure_applied": [1_500, 600, 0, 500, 0],
    "solid_manure_applied": [0, 0, 200, 30, 0],
    "farms_applying_liquid_manure": [1, 1, 0, 1, 0],
}


@pytest.mark.parametrize("statistic", GERMAN)
def test_german_farms_count_as_worked_out_by_hand(germans: dict[str, pl.DataFrame], statistic: str) -> None:
    assert measure(germans, statistic).tolist() == pytest.approx(GERMAN[statistic])


def test_livestock_units_are_those_of_the_engine(germans: dict[str, pl.DataFrame]) -> None:
    whole = {}
    for name, schema in TABLES.items():
        given = germans.get(name, schema.empty())
        missing = [
            pl.lit(one.default, one.dtype).alias(one.name) for one in schema.columns if one.name not in given.columns
        ]
        whole[name] = given.with_columns(missing).select(*schema.names, pl.exclude(*schema.names))
    results = balance(DataSet(whole, "test"), loaded_system())
    assert measure(germans, "livestock_units").tolist() == pytest.approx(results["livestock_units"].to_list())


def test_a_herd_without_livestock_units_makes_them_missing(germans: dict[str, pl.DataFrame]) -> None:
    goats = table("herds", ["farm_id", "animal", "count", "manure_system"], [
        ("d", "ziegenmilcherzeugung_milchziege_mit_nachzucht_800_kg_milch_ziege_p_a", 50.0, "solid"),
    ])  # fmt: skip
    tables = {**germans, "herds": pl.concat([germans["herds"], goats], how="diagonal")}
    assert numpy.isnan(measure(tables, "livestock_units")).tolist() == [False, False, False, True, False]
    with pytest.raises(MeasureError, match="livestock_units is missing for 1 farm, first for d"):
        design(tables, asked([("livestock_units", "total", "total", 100)]))


def asked(rows: list[tuple[str, str, str, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(*row, 1.0) for row in rows], ["statistic", "breakdown", "category", "target", "tolerance"], orient="row"
    )


def test_a_design_holds_each_farm_to_the_margins_of_its_categories(germans: dict[str, pl.DataFrame]) -> None:
    made = design(germans, asked([
        ("uaa_total", "total", "total", 1),
        ("uaa_total", "region", "DE9", 1),
        ("farms_total", "size_class", "20-80", 1),
        ("dairy_cows_per_farm", "region", "DE9", 1),
        ("cattle", "farm_type", "dairy", 1),
        ("farms_total", "organic", "true", 1),
    ]))  # fmt: skip
    assert made[:, 0].tolist() == [80, 40, 20, 300, 4]
    # The NUTS code begins with the category.
    assert made[:, 1].tolist() == [80, 40, 0, 300, 0]
    # From 20 on and below 80 ha.
    assert made[:, 2].tolist() == [0, 1, 1, 0, 0]
    # Cows, and in the last column the farms they are divided by.
    assert made[:, 3].tolist() == [60, 0, 0, 0, 0]
    assert made[:, 6].tolist() == [1, 0, 0, 0, 0]
    assert made[:, 4].tolist() == [90, 0, 0, 0, 0]
    assert made[:, 5].tolist() == [0, 0, 1, 1, 0]
    assert made.shape == (5, 7)


def test_another_number_of_piglets_per_sow_place_counts_in_pigs(germans: dict[str, pl.DataFrame]) -> None:
    heads = {"ferkelerzeugung_ferkelaufzucht_bis_8_kg": 4, "mutterkuhhaltung": 1}
    assert measure(germans, "pigs", {"heads_per_place": heads})[1] == 100 * 4 + 500


def test_a_farm_without_region_is_in_none(germans: dict[str, pl.DataFrame]) -> None:
    farms = germans["farms"].with_columns(region=pl.lit(None, pl.String))
    assert not belongs(farms, "region", "DE").any()
    assert belongs(farms, "total", "total").all()


@pytest.fixture
def dutch() -> dict[str, pl.DataFrame]:
    day = datetime.date(2023, 1, 1)
    columns = ["farm_id", "country", "farm_type", "region", "utilised_area_ha", "milk_kg", "housing_storage_n_loss_kg"]
    farms = table("farms", columns, [
        ("a", "NL", "dairy", "NL21", 50.0, 900_000.0, 1_000.0),
        ("b", "NL", "arable", "NL23", 60.0, None, None),
        ("c", "NL", "pigs_poultry", "NL41", 0.0, None, 3_000.0),
        ("d", "NL", "horticulture", "NL33", 5.0, None, None),
        ("e", "NL", "grazing_livestock", "NL12", 30.0, None, None),
    ], day)  # fmt: skip
    columns = ["farm_id", "animal", "count", "manure_system", "n_excretion_kg", "p2o5_excretion_kg"]
    herds = table("herds", columns, [
        ("a", "nl_100_slurry", 100.0, "slurry", 9_000.0, 3_500.0),
        ("a", "nl_102_slurry", 20.0, "slurry", 1_000.0, 400.0),
        ("c", "nl_411_slurry_other", 1_000.0, "slurry", 6_000.0, 3_000.0),
        ("c", "nl_312_low_emission", 10_000.0, "solid", 3_000.0, 1_000.0),
        ("e", "nl_550_all", 200.0, "solid", 2_000.0, 600.0),
        ("e", "nl_120_solid", 10.0, "solid", 700.0, 250.0),
    ], day)  # fmt: skip
    columns = ["farm_id", "crop", "area_ha", "field_id", "sown", "end", "cut"]
    crops = table("crops", columns, [
        ("a", "nl_265", 30.0, "1", None, None, 1),
        ("a", "nl_265", 30.0, "1", None, None, 2),
        ("a", "nl_331", 5.0, "2", None, None, None),
        # Maize between two stands of rye: the census finds the maize.
        ("a", "nl_233", 15.0, "3", None, datetime.date(2023, 4, 20), 1),
        ("a", "nl_259", 15.0, "3", datetime.date(2023, 5, 20), datetime.date(2023, 9, 20), 1),
        ("a", "nl_233", 15.0, "3", datetime.date(2023, 10, 1), None, 1),
        ("b", "nl_2014", 20.0, "1", datetime.date(2023, 4, 1), datetime.date(2023, 9, 1), 1),
        ("b", "nl_256", 10.0, "2", datetime.date(2023, 4, 1), None, 1),
        ("b", "nl_233", 28.0, "3", None, datetime.date(2023, 8, 1), 1),
        ("b", "nl_427", 28.0, "3", datetime.date(2023, 8, 10), None, 1),
        ("b", "nl_335", 2.0, "4", None, None, 1),
        ("d", "nl_2749", 4.0, "1", datetime.date(2023, 5, 1), None, 1),
        ("d", "nl_2729", 1.0, "2", None, None, 1),
        ("e", "nl_266", 30.0, "1", None, None, 1),
    ], day)  # fmt: skip
    return {"farms": farms, "herds": herds, "crops": crops}


DUTCH = {
    "farms_with_uaa": [1, 1, 0, 1, 1],
    "arable_area": [0, 58, 0, 0, 0],
    "farms_with_arable": [0, 1, 0, 0, 0],
    "potatoes_area": [0, 20, 0, 0, 0],
    "sugar_beet_area": [0, 10, 0, 0, 0],
    "cereals_area": [0, 28, 0, 0, 0],
    "horticulture_open_area": [0, 0, 0, 4, 0],
    "horticulture_glass_area": [0, 0, 0, 1, 0],
    "farms_with_glass": [0, 0, 0, 1, 0],
    # a: 30 ha cut twice count once, and 5 ha natural.
    "grassland_area": [35, 0, 0, 0, 30],
    "natural_grassland_area": [5, 0, 0, 0, 0],
    "farms_with_natural_grassland": [1, 0, 0, 0, 0],
    "fodder_area": [15, 0, 0, 0, 0],
    "grass_and_fodder_area": [50, 0, 0, 0, 30],
    "farms_with_grass_or_fodder": [1, 0, 0, 0, 1],
    "grazing_livestock_farms": [1, 0, 0, 0, 1],
    "cattle": [120, 0, 0, 0, 10],
    "dairy_cows": [100, 0, 0, 0, 0],
    "milk": [900_000, 0, 0, 0, 0],
    # Net 9,000 + 1,000 kg and 1,000 kg lost to the air.
    "n_excretion_dairy": [11_000, 0, 0, 0, 0],
    # e: net 700 kg of suckler cows, no loss declared.
    "n_excretion_cattle": [11_000, 0, 0, 0, 700],
    # c: 3,000 kg lost in proportion to 6,000 and 3,000 kg.
    "n_excretion_pigs": [0, 0, 8_000, 0, 0],
    "n_excretion_poultry": [0, 0, 4_000, 0, 0],
    "n_excretion_other": [0, 0, 0, 0, 2_000],
    "p2o5_excretion_cattle": [3_900, 0, 0, 0, 250],
    "p2o5_excretion_pigs": [0, 0, 3_000, 0, 0],
    "p2o5_excretion_total": [3_900, 0, 4_000, 0, 850],
}


@pytest.mark.parametrize("statistic", DUTCH)
def test_dutch_farms_count_as_worked_out_by_hand(dutch: dict[str, pl.DataFrame], statistic: str) -> None:
    assert measure(dutch, statistic).tolist() == pytest.approx(DUTCH[statistic])


def test_every_ratio_divides_by_a_statistic() -> None:
    ratios = [one for one in STATISTICS.values() if one.per]
    assert {one.name for one in ratios} == {"uaa_per_farm", "dairy_cows_per_farm", "milk_per_cow"}
    assert all(one.per in STATISTICS and not STATISTICS[one.per].per for one in ratios)
