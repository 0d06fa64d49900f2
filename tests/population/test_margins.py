"""The published figures and the targets of a year: as printed, with their sources, never from what is held out."""

from __future__ import annotations

import polars as pl
import pytest

from openfisca_stoffenbalans.population.assumptions import assumptions
from openfisca_stoffenbalans.population.held_out import entries
from openfisca_stoffenbalans.population.margins import COUNTRIES, MarginError, margins, start_values, targets, years
from openfisca_stoffenbalans.population.measures import STATISTICS, size_bounds
from openfisca_stoffenbalans.population.nl.year_effects import SHARES_MEETING
from openfisca_stoffenbalans.population.tallies import crop_groups
from openfisca_stoffenbalans.tables import tables

KEY = ["year", "statistic", "breakdown", "category"]


def figure(country: str, year: str, statistic: str, category: str = "total") -> float:
    rows = margins(country).filter(
        (pl.col("year") == year) & (pl.col("statistic") == statistic) & (pl.col("category") == category)
    )
    return rows["value"].item()


def target(country: str, year: int, statistic: str, category: str = "total") -> float:
    rows = targets(country, year).filter((pl.col("statistic") == statistic) & (pl.col("category") == category))
    return rows["target"].item()


def by(country: str, year: int, statistic: str, breakdown: str) -> pl.DataFrame:
    return targets(country, year).filter((pl.col("statistic") == statistic) & (pl.col("breakdown") == breakdown))


# National totals as the census prints them, and by how much the rounded Länder may add up otherwise.
LAENDER = [
    (2020, "farms_total", 262_776, 0), (2020, "uaa_total", 16_595_024, 8), (2020, "farms_organic", 26_133, 0),
    (2020, "farms_with_livestock", 168_833, 0), (2020, "livestock_units", 12_016_049, 8),
    (2016, "farms_total", 275_392, 0), (2016, "uaa_total", 16_658_928, 8), (2016, "farms_organic", 19_901, 0),
    (2016, "uaa_organic", 1_135_531, 8), (2016, "farms_with_livestock", 185_183, 0),
    (2016, "livestock_units", 12_954_359, 8),
]  # fmt: skip


@pytest.mark.parametrize(("year", "statistic", "printed", "rounding"), LAENDER)
def test_the_laender_sum_up_to_the_printed_total(year: int, statistic: str, printed: float, rounding: float) -> None:
    assert figure("DE", str(year), statistic) == printed
    laender = by("DE", year, statistic, "region")
    assert laender.height == 16
    assert laender["target"].sum() == pytest.approx(printed, abs=rounding)


# Cells of the printed tables, one of each kind and some twice.
CELLS = [
    ("DE", "2020", "farms_total", "DE1", 39_085), ("DE", "2020", "livestock_units", "DE9", 2_930_734),
    ("DE", "2020", "uaa_organic", "DEC", 13_356), ("DE", "2016", "farms_with_livestock", "DE2", 63_619),
    ("DE", "2016", "uaa_total", "DEA", 1_440_539), ("DE", "2016", "farms_total", "DEG", 3_607),
    ("DE", "2020", "farms_total", "DE5", 133), ("DE", "2020", "farms_organic", "DEF", 715),
    ("DE", "2020", "farms_total", "5-20", 97_200), ("DE", "2020", "farms_total", "1000+", 1_500),
    ("DE", "2022", "farms_total", "0-5", 19_800), ("DE", "2020", "dairy_farms", "total", 54_300),
    ("DE", "2010", "pigs", "total", 27_600_000), ("DE", "2023", "pigs", "total", 22_400_000),
    ("DE", "2020", "liquid_manure_applied", "total", 187_800_000),
    ("DE", "2020", "liquid_manure_applied", "DE2", 45_500_000), ("DE", "2020", "liquid_manure_per_ha", "DEF", 17.8),
    ("DE", "2019-2021", "n_surplus_gross_farm_gate", "lower_saxony_dairy_mean", 133),
    ("NL", "2023", "farms_total", "NL3", 12_563), ("NL", "2023", "uaa_total", "total", 1_803_003.96),
    ("NL", "2023", "horticulture_glass_area", "NL11", 70.03), ("NL", "2023", "cereals_area", "total", 187_514.09),
    ("NL", "2023", "grazing_livestock_farms", "NL22", 4_750), ("NL", "2023", "n_excretion_dairy", "total", 273_800_000),
    ("NL", "1990", "p2o5_excretion_poultry", "total", 33_000_000),
    ("NL", "2024", "dairy_cows_per_farm", "NL23", 157), ("NL", "2023", "milk_per_cow", "total", 9_095),
]  # fmt: skip


# A figure that an assumption is set from -> the assumption.
BEHIND_ASSUMPTIONS = [
    ("DE", "energy_crops_biogas_area", "biogas_substrate"), ("NL", "share_farms_grazing", "grazing_farms"),
    ("NL", "grazing_hours_on_grazing_farms", "pasture_share"), ("NL", "dairy_young_stock", "animals_per_first"),
    ("NL", "share_farms_meeting_max_soil_surplus", "yield_shock_sd"),
]  # fmt: skip


@pytest.mark.parametrize(("country", "statistic", "assumption"), BEHIND_ASSUMPTIONS)
def test_a_figure_behind_an_assumption_says_that_it_tests_nothing(
    country: str, statistic: str, assumption: str
) -> None:
    assert assumption in assumptions(country)
    rows = margins(country).filter(pl.col("statistic") == statistic)
    assert rows.height
    for note in rows["note"]:
        assert f"the assumption {assumption} is set from it: no test" in note
    for entry in entries(country):
        places = (entry.get(name, {}) for name in ("published", "swing_of"))
        if any(place.get("statistic") == statistic for place in places):
            assert not entry["independent"]


def test_assumptions_that_repeat_a_published_figure_are_that_figure() -> None:
    german = assumptions("DE")
    assert german["solid_without_margin"].value == figure("DE", "2020", "solid_manure_applied")
    assert german["liquid_without_margin"].value == figure("DE", "2020", "liquid_manure_applied")
    shares = german["class_share"].value
    assert sum(shares.values()) == pytest.approx(1)
    for category, share in shares.items():
        assert share == pytest.approx(figure("DE", "2020", "farms_total", category) / 263_500, abs=2e-4)
    organic = figure("DE", "2020", "farms_organic") / figure("DE", "2020", "farms_total")
    assert german["organic_share"].value == pytest.approx(organic, abs=1e-4)
    seen = margins("NL").filter(pl.col("statistic") == "share_farms_meeting_max_soil_surplus").sort("year")["value"]
    assert (seen / 100).to_list() == list(SHARES_MEETING)


def test_a_printed_range_stands_as_its_two_ends() -> None:
    ends = [figure("DE", "2014", "biogas_plants_organic", end) for end in ("minimum", "maximum")]
    assert ends == [180, 200]


@pytest.mark.parametrize(("country", "year", "statistic", "category", "printed"), CELLS)
def test_a_cell_is_the_printed_one(country: str, year: str, statistic: str, category: str, printed: float) -> None:
    assert figure(country, year, statistic, category) == printed


def test_dutch_regions_and_uses_sum_up_to_the_printed_totals() -> None:
    for statistic in ("farms_total", "uaa_total", "arable_area", "grass_and_fodder_area", "farms_with_glass"):
        regions = by("NL", 2023, statistic, "region").filter(pl.col("category").str.len_chars() == 3)
        assert regions.height == 4
        assert regions["target"].sum() == pytest.approx(target("NL", 2023, statistic), abs=0.02)
    # 80780ned: arable land, open horticulture, glass, grass and fodder are all of the agricultural area.
    uses = ("arable_area", "horticulture_open_area", "horticulture_glass_area", "grass_and_fodder_area")
    assert sum(target("NL", 2023, use) for use in uses) == pytest.approx(1_803_003.96, abs=0.01)
    arable = [name for name, group in crop_groups().items() if group["use"] == "arable"]
    assert sum(target("NL", 2023, f"{name}_area") for name in arable) == pytest.approx(547_422.93, abs=0.01)
    assert by("NL", 2023, "grazing_livestock_farms", "region")["target"].sum() == 24_412


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_figure_has_a_source_a_use_and_stands_once(country: str) -> None:
    frame = margins(country)
    assert frame.filter(pl.col("source").str.strip_chars().str.len_chars() < 8).is_empty()
    assert set(frame["use"]) == {"calibrate", "held_out", "context"}
    assert frame.filter(pl.struct(KEY).is_duplicated()).is_empty()
    assert frame["value"].is_finite().all()


@pytest.mark.parametrize("country", COUNTRIES)
def test_figures_are_calibrated_to_if_and_only_if_they_say_so(country: str) -> None:
    drawn = pl.concat([targets(country, year).select("margin_year", "category", "source") for year in years(country)])
    said = (
        margins(country)
        .filter(pl.col("use") == "calibrate")
        .select(pl.col("year").alias("margin_year"), "category", "source")
    )
    assert said.join(drawn, ["margin_year", "category", "source"], "anti").is_empty()
    assert drawn.join(said, ["margin_year", "category", "source"], "anti").is_empty()


def test_what_tests_the_population_is_never_a_target() -> None:
    held = {
        "DE": {"n_surplus_gross_farm_gate", "p2o5_surplus_farm_gate", "n_surplus_total_agricultural", "n_duengesaldo",
               "n_soil_surface_budget", "organic_n_per_ha"},
        "NL": {"n_surplus_farm_gate_mean", "n_surplus_soil_mean", "nh3_n_loss_mean", "nutrient_use_efficiency_n",
               "n_excretion_total", "p2o5_excretion_total", "share_farms_meeting_max_soil_surplus",
               "uaa_per_dairy_farm"},
    }  # fmt: skip
    for country, statistics in held.items():
        there = margins(country).filter(pl.col("use") == "held_out")
        assert statistics <= set(there["statistic"])
        for year in years(country):
            assert not statistics & set(targets(country, year)["statistic"])


@pytest.mark.parametrize(("country", "year"), [(country, year) for country in COUNTRIES for year in years(country)])
def test_targets_are_known_statistics_in_their_unit(country: str, year: int) -> None:
    for row in targets(country, year).iter_rows(named=True):
        assert row["unit"] == STATISTICS[row["statistic"]].unit, row
        assert row["target"] > 0
        assert 0 < row["tolerance"] <= 3
    once = targets(country, year).filter(pl.struct("statistic", "breakdown", "category").is_duplicated())
    assert once.is_empty()


def test_size_classes_are_scaled_to_the_census_total() -> None:
    # The classes sum to 263,500; 21,600 x 262,776 / 263,500 = 21,540.65.
    assert target("DE", 2020, "farms_total", "0-5") == pytest.approx(21_540.65, abs=0.01)
    classes = by("DE", 2020, "farms_total", "size_class")
    assert classes["target"].sum() == pytest.approx(262_776)
    bounds = sorted(size_bounds(category) for category in classes["category"])
    assert [high for _, high in bounds[:-1]] == [low for low, _ in bounds[1:]]


def test_figures_of_2020_are_carried_over_to_2023_only_where_a_total_is_printed() -> None:
    # 258,740 farms of 2022 with 64.1 ha each; of the classes only the one below 5 ha is printed for 2022.
    assert target("DE", 2023, "uaa_total") == pytest.approx(258_740 * 64.1)
    assert target("DE", 2023, "farms_total", "DE1") == pytest.approx(39_085 * 258_740 / 262_776)
    assert target("DE", 2023, "farms_total", "20-50") == pytest.approx(61_400 / 241_900 * (258_740 - 19_800))
    assert target("DE", 2023, "pigs") == 22_400_000
    assert not {"livestock_units", "farms_organic", "liquid_manure_applied"} & set(targets("DE", 2023)["statistic"])
    carried = by("DE", 2023, "farms_with_livestock", "region")
    assert carried["target"].sum() == pytest.approx(161_700)
    assert all("2020" in note for note in carried["note"])


def test_2016_has_no_animals_and_no_size_classes() -> None:
    assert not {"cattle", "pigs", "dairy_cows"} & set(targets("DE", 2016)["statistic"])
    assert by("DE", 2016, "farms_total", "size_class").is_empty()


def test_slurry_per_hectare_becomes_an_amount() -> None:
    # Schleswig-Holstein: 17.8 m3 on 98.4 % of 982,753 ha.
    assert target("DE", 2020, "liquid_manure_applied", "DEF") == pytest.approx(17.8 * 982_753 * 0.984)
    # Germany's own two figures: 187.8 Mio m3 at 11.5 m3/ha on 16,595,024 ha.
    share = 187.8e6 / 11.5 / 16_595_024
    assert share == pytest.approx(0.984, abs=0.0005)


def test_dutch_dairy_farms_follow_from_cows_and_cows_per_farm() -> None:
    assert target("NL", 2023, "dairy_farms") == 1_540_000 / 110


def test_first_guesses_come_from_the_nearest_year() -> None:
    assert start_values("DE", 2023, "farms_organic", "region")["DE1"] == 4_459
    assert start_values("DE", 2016, "cattle", "total") == {"total": 11_300_000}
    assert start_values("DE", 2014, "farms_organic", "total") == {"total": 19_901}
    assert start_values("NL", 2023, "livestock_units", "total") == {}


def test_a_year_without_margins_names_those_that_have_them() -> None:
    with pytest.raises(MarginError, match=r"no margins of 2019 for DE; there are those of: 2016, 2020, 2023"):
        targets("DE", 2019)
    with pytest.raises(MarginError, match=r"no margins of 'BE'; there are those of: DE, NL"):
        years("BE")


def test_each_code_of_the_dutch_crop_catalogue_stands_in_one_group() -> None:
    codes = [str(code) for group in crop_groups().values() for code in group["codes"]]
    assert sorted(codes) == sorted(tables()["nl.nmi.crops"].rows)
