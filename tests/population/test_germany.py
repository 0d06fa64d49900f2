"""The German generator: published numbers hit before any weighting, farms possible together, what goes with what."""

from __future__ import annotations

import functools
from types import MappingProxyType
from typing import Any

import numpy
import polars as pl
import pytest

from openfisca_stoffenbalans.population import de
from openfisca_stoffenbalans.population.assumptions import varied
from openfisca_stoffenbalans.population.de import structure, year_effects
from openfisca_stoffenbalans.population.margins import targets
from openfisca_stoffenbalans.population.plan import BLOCK, Plan

YEAR = 2020
ALL_FARMS = 262776
SAMPLE = 5000
KEYS = ["farm_id", "year_start"]


def plan(farms: int = SAMPLE, seed: int = 1, **assume: object) -> Plan:
    stood_on = {name: one.value for name, one in varied("DE", assume).items()}
    return Plan("DE", YEAR, farms, seed, targets("DE", YEAR), MappingProxyType(stood_on))


def block_of(farms: dict[str, numpy.ndarray], number: int) -> dict[str, numpy.ndarray]:
    return {name: values[number * BLOCK : (number + 1) * BLOCK] for name, values in farms.items()}


@functools.cache
def population(seed: int = 1) -> tuple[dict[str, numpy.ndarray], dict[str, pl.DataFrame]]:
    made = plan(seed=seed)
    farms = de.frame(made)
    parts = [de.lines(made, block_of(farms, number), number) for number in range(len(made.blocks))]
    return farms, {name: pl.concat([part[name] for part in parts], how="diagonal") for name in parts[0]}


@functools.cache
def everybody() -> dict[str, numpy.ndarray]:
    return de.frame(plan(ALL_FARMS))


def by_land(values: Any) -> numpy.ndarray:
    farms = everybody()
    return numpy.bincount(farms["land"], farms["start_weight"] * values, 16)


# Published figures, copied by hand from the agricultural census 2020 (Statistikportal, node 254; press of the offices).


def test_the_whole_population_has_the_farms_of_each_land_and_all_weigh_one() -> None:
    farms = everybody()
    assert len(farms["number"]) == 262776
    assert set(farms["start_weight"]) == {1.0}
    assert (farms["region"] == "DE2").sum() == 84756  # Bayern
    assert (farms["region"] == "DE9").sum() == 35348  # Niedersachsen
    assert (farms["region"] == "DE3").sum() == 47  # Berlin


def test_organic_farms_and_farms_with_livestock_of_each_land_are_hit_exactly() -> None:
    farms = everybody()
    bavaria, hesse = farms["region"] == "DE2", farms["region"] == "DE7"
    assert farms["organic"][bavaria].sum() == 9848
    assert farms["organic"][hesse].sum() == 2108
    assert (farms["herd"][bavaria].sum(axis=1) > 0).sum() == 56143
    assert (farms["herd"][hesse].sum(axis=1) > 0).sum() == 10221
    assert farms["organic"].sum() == 26133
    assert (farms["herd"].sum(axis=1) > 0).sum() == 168833


def test_size_classes_have_their_published_farms_scaled_to_all_farms() -> None:
    # Printed: 45,200 farms of 50 to 100 ha, of classes that sum to 263,500; x 262,776 / 263,500 = 45,075.8.
    area = everybody()["area"]
    assert abs(((area >= 50) & (area < 100)).sum() - 45075.8) < 1
    # 1,500 above 1,000 ha -> 1,495.9.
    assert abs((area >= 1000).sum() - 1495.9) < 1


def test_area_and_livestock_units_of_each_land_are_near_the_published_ones_before_weights() -> None:
    farms = everybody()
    uaa = by_land(farms["area"])
    assert uaa[structure.REGIONS.index("DE8")] == pytest.approx(1343521, rel=0.01)  # Mecklenburg-Vorpommern
    assert uaa[structure.REGIONS.index("DEB")] == pytest.approx(699150, rel=0.01)  # Rheinland-Pfalz
    assert uaa.sum() == pytest.approx(16595024, rel=0.005)


def test_area_of_organic_farms_is_near_the_published_one_before_weights() -> None:
    farms = everybody()
    area = by_land(farms["area"] * farms["organic"])
    # Baden-Wuerttemberg's organic farms have 38.9 ha, all farms 36.0; Lower Saxony's 69.3 and 72.7.
    assert area[structure.REGIONS.index("DE1")] == pytest.approx(173656, rel=0.02)
    assert area[structure.REGIONS.index("DE9")] == pytest.approx(122182, rel=0.02)


def test_heads_and_herds_of_germany_are_near_the_published_ones_before_weights() -> None:
    herd = everybody()["herd"]
    kinds = list(de.catalogue.KINDS)
    heads = {kind: herd[:, kinds.index(kind)] for kind in kinds}
    assert heads["dairy_cows"].sum() == pytest.approx(3.9e6, rel=0.02)
    assert (heads["dairy_cows"] > 0).sum() == 54300
    cattle = sum(heads[kind] for kind in de.catalogue.CATTLE)
    assert (cattle > 0).sum() == 108000
    # A suckler cow stands for herself and half a calf, a sow place for three pigs.
    assert (cattle + 0.5 * heads["suckler_cows"]).sum() == pytest.approx(11.3e6, rel=0.02)
    pigs = sum(heads[kind] for kind in de.catalogue.PIGS)
    assert (pigs > 0).sum() == 31900
    assert (pigs + 2 * heads["sows"]).sum() == pytest.approx(26.3e6, rel=0.02)


def test_a_sample_stands_for_all_farms_of_each_land_and_size_class() -> None:
    farms, _ = population()
    weights = numpy.bincount(farms["land"], farms["start_weight"], 16)
    assert weights[structure.REGIONS.index("DE2")] == pytest.approx(84756)
    assert weights.sum() == pytest.approx(262776)
    counts = numpy.bincount(farms["land"], minlength=16)
    # Every Land has at least about 25 farms in a sample of 5,000, also Berlin with 47.
    assert counts.min() >= 24
    assert counts.sum() == SAMPLE


# Farms possible together


def joined(table: str, *columns: str) -> pl.DataFrame:
    _, tables = population()
    return tables[table].join(tables["farms"].select(*KEYS, *columns), on=KEYS)


def test_crops_never_take_more_than_the_utilised_area() -> None:
    area = joined("crops", "utilised_area_ha").group_by(KEYS).agg(
        pl.col("area_ha").sum(), pl.col("utilised_area_ha").first()
    )  # fmt: skip
    assert area.height > 14000
    assert area.filter(pl.col("area_ha") > pl.col("utilised_area_ha") + 1e-6).is_empty()


def test_no_more_wheat_is_sold_than_was_harvested() -> None:
    _, tables = population()
    wheat = "de_t1_weizen_rp12_korn"
    sold = tables["flows"].filter(
        (pl.col("product").cast(pl.String) == wheat) & (pl.col("direction").cast(pl.String) == "removal")
    )
    harvested = tables["crops"].filter(pl.col("crop").cast(pl.String) == "winter_wheat")
    both = sold.join(harvested, on=KEYS, how="left")
    assert both.height > 3000
    over = both.filter(pl.col("amount") > pl.col("area_ha") * pl.col("yield_dt_per_ha") + 0.01)
    assert over.is_empty()


def test_milk_stays_in_the_class_of_the_cows_and_only_farms_with_cows_sell_it() -> None:
    _, tables = population()
    cows = tables["herds"].filter(pl.col("animal").cast(pl.String).str.contains("schwere_rassen"))
    cows = cows.with_columns(kg=pl.col("animal").cast(pl.String).str.extract(r"_(\d+)_000_ecm").cast(pl.Float64) * 1000)
    both = cows.join(tables["farms"].select(*KEYS, "milk_kg"), on=KEYS)
    per_cow = both["milk_kg"] / both["count"]
    # Half a class (1,000 kg), two per cent of the year and three per cent not sold.
    assert ((per_cow - both["kg"] * 0.97).abs() < 1000 + 0.03 * both["kg"]).all()
    without = tables["farms"].join(
        tables["herds"].filter(pl.col("animal").cast(pl.String).str.starts_with("milcherzeugung")), on=KEYS, how="anti"
    )
    assert without["milk_kg"].null_count() == without.height


def feed_of_bull_farms() -> pl.DataFrame:
    """Kg N in feed of farms that only fatten bulls of one category: bought feed and roughage, kg N needed per bull."""
    _, tables = population()
    one = "bullenmast_bis_675_kg_lm_ab_kalb_45_kg_lm"
    only = tables["herds"].group_by(KEYS).agg(
        pl.col("animal").cast(pl.String).first(), pl.len().alias("lines"), pl.col("count").sum()
    )  # fmt: skip
    return only.filter((pl.col("lines") == 1) & (pl.col("animal") == one))


def test_bulls_get_the_nitrogen_they_excrete_and_put_on() -> None:
    # A place excretes 36.6 kg N and puts on 398 kg at 27 g N: 10.746, together 47.346 kg; of it 19.6 from roughage
    # (annex 1 table 2). Feed beside roughage: 27.746 kg N, bought as compound (28.8 kg N/t) or rape meal
    # (61.0 x 0.89 = 54.29 kg N/t), or own grain.
    _, tables = population()
    bulls = feed_of_bull_farms()
    assert bulls.height > 30
    flows = tables["flows"].with_columns(pl.col("product", "direction", "category").cast(pl.String))
    bought = flows.filter((pl.col("direction") == "supply") & (pl.col("category") == "feed"))
    n = pl.coalesce(
        pl.col("n_content"),
        pl.when(pl.col("product") == "de_t4_rapsextraktionsschrot").then(54.29),
    )
    beside = bought.filter(~pl.col("product").str.contains("silomais|gruenland").fill_null(False)).with_columns(
        n=pl.col("amount") * n
    )
    sums = bulls.join(
        beside.group_by(KEYS).agg(pl.col("n").sum(), pl.col("n").null_count().alias("unknown")), on=KEYS
    ).filter(pl.col("unknown") == 0)
    assert sums.height > 20
    ratio = sums["n"] / sums["count"] / 27.746
    # Never more; less by own grain alone, at most 30 % of it.
    assert ratio.max() < 1.01
    assert ratio.min() > 0.69
    assert (ratio > 0.99).mean() > 0.4


@pytest.mark.parametrize(
    ("material", "kinds", "kept"),
    # Slurry of pigs keeps 80 %, manure of poultry 60 % of its nitrogen after housing and storage (DüV annex 2).
    [("pig_slurry", de.catalogue.PIGS, 0.8), ("poultry", de.catalogue.POULTRY, 0.6)],
)
def test_manure_given_away_is_no_more_than_95_per_cent_of_what_is_left(
    material: str, kinds: tuple[str, ...], kept: float
) -> None:
    farms = everybody()
    facts = de.catalogue.animals(plan())
    places = [de.catalogue.PLACE[kind] for kind in kinds]
    left = kept * (farms["herd"] * facts.n[farms["code"]])[:, places].sum(axis=1)
    given = farms["given"][:, de.manure.MATERIALS.index(material)]
    assert (given > 0).sum() > 1000
    assert (given <= 0.95 * left + 1e-6).all()
    # Dense farms give most of it.
    assert (given > 0.7 * left).sum() > 100


def test_what_is_taken_in_is_what_was_given_away_less_exports() -> None:
    farms = everybody()
    given, taken = farms["given"].sum(axis=0), farms["taken"].sum(axis=0)
    # Two per cent leave the country; a little finds no taker.
    assert (taken <= 0.98 * given * 1.001).all()
    assert (taken >= 0.93 * given).all()


def test_farms_that_take_manure_in_stay_below_170_kg_with_their_own() -> None:
    farms = everybody()
    facts = de.catalogue.animals(plan())
    slurry = ~farms["solid"].any(axis=1) | (farms["herd"] * farms["solid"] == 0).all(axis=1)
    housed = (farms["grazing"] * (farms["herd"] > 0)).sum(axis=1) == 0
    cows = farms["dairy"] & ~farms["pigs"] & ~farms["biogas"] & slurry & housed
    takes = cows & (farms["taken"].sum(axis=1) > 0)
    # Slurry of cattle keeps 85 % of the nitrogen (DüV annex 2).
    own = 0.85 * (farms["herd"] * facts.n[farms["code"]]).sum(axis=1)
    per_ha = (own + farms["taken"].sum(axis=1)) / farms["area"]
    assert takes.sum() > 200
    assert per_ha[takes].max() <= 165 + 1e-6
    assert per_ha[takes].max() > 160


def test_lightly_stocked_dairy_farms_buy_hardly_any_roughage() -> None:
    farms, tables = population()
    facts = de.catalogue.animals(plan())
    stocking = (farms["herd"] * facts.n[farms["code"]]).sum(axis=1) / farms["area"]
    # Grass and maize of a hectare feed 170 kg N or more in most years; such farms need less than 110.
    light = farms["dairy"] & (stocking < 110) & ~farms["organic"] & ~farms["biogas"]
    ids = [f"DE{number:07d}" for number in farms["number"][light]]
    maize = pl.col("product").cast(pl.String).str.contains("silomais").fill_null(False)
    feed = tables["flows"].filter((pl.col("category").cast(pl.String) == "feed") & pl.col("farm_id").is_in(ids))
    assert len(ids) > 200
    # 4.7 kg N in a t of silage maize; in bad years some is bought.
    bought_n = 4.7 * feed.filter(maize)["amount"].sum() / 3
    assert bought_n < 0.05 * (farms["herd"] * facts.n[farms["code"]]).sum(axis=1)[light].sum()


def test_organic_farms_buy_no_mineral_fertiliser_and_others_do() -> None:
    _, tables = population()
    bought = tables["flows"].filter(pl.col("category").cast(pl.String) == "mineral_fertiliser")
    kinds = bought.join(tables["farms"].select(*KEYS, "organic"), on=KEYS)["organic"]
    assert len(kinds) > 5000
    assert not kinds.any()


# What goes with what


def per_hectare(direction: str, category: str) -> pl.DataFrame:
    """Amount per ha of a category in the last year, with stocking by nitrogen excreted per ha."""
    farms, tables = population()
    flows = tables["flows"].filter(
        (pl.col("direction").cast(pl.String) == direction)
        & (pl.col("category").cast(pl.String) == category)
        & (pl.col("year_start").dt.year() == YEAR)
    )
    facts = de.catalogue.animals(plan())
    stocking = (farms["herd"] * facts.n[farms["code"]]).sum(axis=1) / farms["area"]
    of_farms = pl.DataFrame({
        "farm_id": [f"DE{number:07d}" for number in farms["number"]],
        "stocking": stocking, "area": farms["area"], "taken": farms["taken"].sum(axis=1) / farms["area"],
        "type": farms["farm_type"].astype(str), "organic": farms["organic"], "given": farms["given"].sum(axis=1),
    })  # fmt: skip
    amounts = flows.group_by("farm_id").agg((pl.col("amount") * pl.coalesce("n_content", pl.lit(1.0))).sum())
    return of_farms.join(amounts, on="farm_id", how="left").with_columns(
        per_ha=pl.col("amount").fill_null(0) / pl.col("area")
    )


def test_feed_bought_goes_with_stocking() -> None:
    dairy = per_hectare("supply", "feed").filter(pl.col("type") == "dairy")
    assert dairy.select(pl.corr("stocking", "per_ha", method="spearman")).item() > 0.5


def test_manure_is_given_away_by_densely_stocked_farms() -> None:
    farms = per_hectare("removal", "animal_manure").filter(pl.col("stocking") > 0)
    givers, others = farms.filter(pl.col("given") > 0), farms.filter(pl.col("given") == 0)
    assert givers["stocking"].median() > 2 * others["stocking"].median()
    # Above 300 kg N excreted a hectare (at most 85 % kept: 255) all have to, as nobody keeps more than 169.
    dense = farms.filter((pl.col("stocking") > 400) & (pl.col("area") > 5))
    assert dense.height > 20
    assert (dense["given"] > 0).mean() > 0.95


def test_arable_farms_that_take_manure_in_buy_less_nitrogen() -> None:
    arable = per_hectare("supply", "mineral_fertiliser").filter((pl.col("type") == "arable") & ~pl.col("organic"))
    takers, others = arable.filter(pl.col("taken") > 40), arable.filter(pl.col("taken") == 0)
    assert takers.height > 50
    # 40 kg taken in replace about 0.6 + 0.1 of it: at least 20 kg less.
    assert takers["per_ha"].median() < others["per_ha"].median() - 20


# Years, blocks, seeds


def test_a_block_made_alone_is_the_block_within_the_whole() -> None:
    made = plan()
    farms, tables = population()
    alone = de.lines(made, block_of(farms, 1), 1)
    ids = alone["farms"]["farm_id"].unique().implode()
    for name, table in alone.items():
        whole = tables[name].filter(pl.col("farm_id").is_in(ids)).select(table.columns)
        assert table.equals(whole.cast(dict(table.schema))), name


def test_the_same_seed_makes_the_same_farms_and_another_one_others() -> None:
    first, again, other = (de.frame(plan(300, seed)) for seed in (1, 1, 2))
    assert all((first[name] == again[name]).all() for name in first)
    assert not (first["area"] == other["area"]).all()


def test_a_good_or_bad_year_is_shared_by_the_farms_of_a_land() -> None:
    made = plan()
    farms, _ = population()
    part = block_of(farms, 0)
    shocks = year_effects.shocks(made)
    assert shocks.shape == (16, 3)
    wheat = de.catalogue.OF["winter_wheat"]
    ratio = year_effects.yields(made, part, 0)[:, :, wheat] / part["yields"][:, None, wheat]
    for land in (0, 1, 8):
        # The mean over some hundred farms of the Land leaves the Land's year, but for the cut of failures and records.
        mean = numpy.log(ratio[part["land"] == land]).mean(axis=0) if (part["land"] == land).any() else None
        if mean is not None:
            assert numpy.abs(mean - numpy.log(shocks[land])).max() < 0.03


def test_without_year_shocks_all_years_are_alike_but_for_the_farms_own_luck() -> None:
    assert (year_effects.shocks(plan(yield_shock_sd=0)) == 1).all()


def test_a_quarter_of_the_balance_years_begin_in_july_more_of_them_with_cattle() -> None:
    farms = everybody()
    assert farms["july"].mean() == pytest.approx(0.25, abs=0.005)
    # Twice as likely against 0.7 times: 2.86 times as often.
    ratio = farms["july"][farms["cattle"]].mean() / farms["july"][~farms["cattle"]].mean()
    assert ratio == pytest.approx(2 / 0.7, rel=0.05)
    made = plan(300, july_farms=1)
    months = de.lines(made, de.frame(made), 0)["farms"]["year_start"].dt.month().unique().to_list()
    assert months == [7]


def test_the_last_years_area_and_herds_are_those_of_the_census() -> None:
    farms, tables = population()
    last = tables["farms"].filter(pl.col("year_start").dt.year() == YEAR)
    assert last["utilised_area_ha"].to_numpy() == pytest.approx(farms["area"])
    counts = tables["herds"].filter(pl.col("year_start").dt.year() == YEAR)["count"].sum()
    assert counts == pytest.approx(farms["herd"].sum(), rel=1e-4)


def test_livestock_units_of_young_stock_are_declared_by_age() -> None:
    # 4 to 27 months: 8 of 23 months at 0.3, 12 at 0.7, 3 at 1.0 -> (2.4 + 8.4 + 3) / 23 = 0.6.
    _, tables = population()
    young = tables["herds"].filter(pl.col("animal").cast(pl.String).str.starts_with("jungrinderaufzucht"))
    assert (young["livestock_units"] / young["count"]).to_numpy() == pytest.approx(0.6, abs=0.001)
    cows = tables["herds"].filter(pl.col("animal").cast(pl.String).str.starts_with("milcherzeugung"))
    assert cows["livestock_units"].null_count() == cows.height


def test_contents_are_missing_for_a_small_share_of_farms_and_years_and_for_none_when_assumed_so() -> None:
    made = plan(300, contents_missing=0)
    tables = de.lines(made, de.frame(made), 0)
    unknown = pl.col("product").is_null() & pl.col("n_content").is_null()
    assert tables["flows"].filter(unknown).is_empty()
    _, usual = population()
    some = usual["flows"].filter(unknown).select(KEYS).unique().height / usual["farms"].height
    # One per cent of all farms and years, of those that buy feed or fertiliser at all.
    assert 0.005 < some < 0.012
