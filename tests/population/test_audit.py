"""Farms as made, looked at line by line with numbers copied by hand from the law's tables: is this a farm?"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import openfisca_stoffenbalans
from tests.population.test_germany import everybody, population

KEYS = ["farm_id", "year_start"]
MAIZE = "de_t1_silomais_ganzpflanze_tm35"
HAY = "de_t3_gruenland_3_nutzungen"
SOY, RAPE = "de_t4_sojaextraktionsschrot_48_rp", "de_t4_rapsextraktionsschrot"
P_OF_P2O5 = 0.436
# StoffBilV annex 1 table 1: kg N and kg P per dt.
GRAIN = {
    "winter_wheat": ("de_t1_weizen_rp12_korn", 1.81, 0.35),
    "winter_barley": ("de_t1_wintergerste_rp12_korn", 1.65, 0.35),
    "winter_rye": ("de_t1_roggen_rp11_korn", 1.51, 0.35),
    "winter_triticale": ("de_t1_wintertriticale_rp12_korn", 1.65, 0.35),
    "grain_maize": ("de_t1_koernermais_rp10_korn", 1.38, 0.35),
    "de_t6_erbse_korn": ("de_t1_erbse_rp26_korn", 3.60, 0.48),
}
FORAGE = {
    "silage_maize": (MAIZE, 0.47, 0.08),
    "arable_grass": ("de_t1_weidelgras_ganzpflanze", 0.53, 0.07),
    "de_t6_klee_gras_50_50_ganzpflanze": ("de_t1_kleegras_ganzpflanze", 0.58, 0.06),
    # Table 3, dry matter.
    "permanent_grassland": (HAY, 2.40, 0.31),
}


def table(name: str) -> pl.DataFrame:
    return population()[1][name].with_columns(pl.col(pl.Enum).cast(pl.String))


def lookup(column: str, numbers: dict[str, float]) -> pl.Expr:
    return pl.col(column).replace_strict(numbers, default=None, return_dtype=pl.Float64)


def dt() -> pl.Expr:
    return pl.col("amount") * pl.when(pl.col("unit") == "t").then(10).otherwise(1)


def kept(crops: dict[str, tuple[str, float, float]], place: int) -> pl.DataFrame:
    """Kg N (place 1) or P (2) of these crops that was harvested and not sold."""
    per_crop = {name: float(one[place]) for name, one in crops.items()}  # type: ignore[arg-type]
    per_product = {str(one[0]): per_crop[name] for name, one in crops.items()}
    grown = table("crops").with_columns(kg=pl.col("area_ha") * pl.col("yield_dt_per_ha") * lookup("crop", per_crop))
    sold = (
        table("flows").filter(pl.col("direction") == "removal").with_columns(kg=-dt() * lookup("product", per_product))
    )
    both = pl.concat([one.select(*KEYS, "kg") for one in (grown, sold)])
    return both.group_by(KEYS).agg(pl.col("kg").sum().alias("kept"))


def supplied(*products: str) -> pl.Expr:
    return (pl.col("direction") == "supply") & (pl.col("category") == "feed") & pl.col("product").is_in(products)


# DüV annex 1 table 1, kg P2O5 per animal and year.
HORSES = {
    "pferdehaltung_reitpferde_500_600_kg_lm_stall_weidehaltung": 23.4,
    "pferdehaltung_reitponys_300_kg_lm_leichte_arbeit_stall_weidehaltung": 15.3,
    "pferdehaltung_zuchtstuten_grosspferd_600_kg_lm": 28.0,
}


def test_horses_get_the_phosphorus_that_they_excrete() -> None:
    """Feed bought by label or table (kg P per t: hay 3.1, maize 0.8, rape meal 89 % x 12.1) and grown, not sold."""
    herds = table("herds").with_columns(p=pl.col("count") * lookup("animal", HORSES) * P_OF_P2O5)
    whole = herds.group_by(KEYS).agg(pl.col("p").sum(), pl.col("p").is_null().any().alias("others"))
    feed = table("flows").filter((pl.col("direction") == "supply") & (pl.col("category") == "feed"))
    per_t = lookup("product", {HAY: 3.1, MAIZE: 0.8, RAPE: 0.89 * 12.1})
    bought = feed.group_by(KEYS).agg((pl.col("amount") * pl.coalesce("p_content", per_t)).alias("lines"))
    bought = bought.filter(pl.col("lines").list.eval(pl.element().is_null().any()).list.first().not_())
    fed = (
        whole.filter(~pl.col("others"))
        .join(bought.select(*KEYS, bought=pl.col("lines").list.sum()), on=KEYS)
        .join(kept(GRAIN | FORAGE, 2), on=KEYS)
    )
    assert fed.height > 300
    ratio = (fed["bought"] + fed["kept"]) / fed["p"]
    assert ratio.min() >= 0.985  # type: ignore[operator]


def test_a_farm_sells_no_maize_that_its_cattle_lack() -> None:
    flows = table("flows")
    buys = flows.filter(supplied(MAIZE))
    sells = flows.filter((pl.col("direction") == "removal") & (pl.col("product") == MAIZE))
    assert buys.height > 1000
    assert sells.height > 1000
    assert buys.join(sells, on=KEYS, how="semi").is_empty()


def test_pigs_and_poultry_do_not_live_on_soy_meal() -> None:
    """With grain at least 30 % of a ration's nitrogen, 1 kg N in grain stands beside 7/3 kg N in soy."""
    soy = table("flows").filter(supplied(SOY)).select(*KEYS, n=pl.col("amount") * 0.88 * 87.2)
    beside = soy.join(kept(GRAIN, 1), on=KEYS, how="left").with_columns(pl.col("kept").fill_null(0))
    assert beside.height > 500
    assert (beside["n"] <= beside["kept"] * 7 / 3 + 5).all()


def test_dairy_farms_have_cows_and_farms_of_animals_have_animals() -> None:
    farms = everybody()
    kinds, herds = farms["farm_type"], farms["herd"]
    animals = herds.sum(axis=1) > 0
    for kind in ("dairy", "grazing_livestock", "pigs_poultry", "mixed"):
        assert animals[kinds == kind].all(), kind
    assert farms["dairy"][kinds == "dairy"].all()


# The shipped samples beside published figures, with nothing of the program between them.


def sample(country: str, name: str) -> pl.DataFrame:
    """A table of a shipped sample in the margins' year, with the farms' weights."""
    folder = Path(openfisca_stoffenbalans.__file__).parent / "examples" / f"{country}_sample"
    lines, farms = (pl.read_parquet(folder / f"{one}.parquet") for one in (name, "farms"))
    year = pl.col("year_start").dt.year() == farms["year_start"].dt.year().max()
    if name == "farms":
        return farms.filter(year)
    return lines.filter(year).join(farms.select(*KEYS, "weight", "region"), on=KEYS)


def weighted(lines: pl.DataFrame, amount: str | pl.Expr) -> float:
    each = pl.col(amount) if isinstance(amount, str) else amount
    return float(lines.select((each * pl.col("weight")).sum()).item())


def test_the_german_sample_adds_up_to_the_census_of_2020() -> None:
    farms, herds = sample("germany", "farms"), sample("germany", "herds")
    bavaria = pl.col("region") == "DE2"
    cows = herds.filter(pl.col("animal").cast(pl.String).str.starts_with("milcherzeugung_"))
    slurry = sample("germany", "applications").filter(pl.col("form").cast(pl.String) == "slurry")
    assert farms["weight"].sum() == pytest.approx(262_776, rel=0.01)
    assert weighted(farms, "utilised_area_ha") == pytest.approx(16_595_024, rel=0.005)
    assert farms.filter(bavaria)["weight"].sum() == pytest.approx(84_756, rel=0.01)
    assert cows.unique("farm_id")["weight"].sum() == pytest.approx(54_300, rel=0.01)
    assert weighted(cows, "count") == pytest.approx(3_900_000, rel=0.005)
    assert weighted(slurry, pl.col("amount_kg") / 1000) == pytest.approx(187_800_000, rel=0.01)
    lower_saxony = slurry.filter(pl.col("region") == "DE9")
    assert weighted(lower_saxony, pl.col("amount_kg") / 1000) == pytest.approx(43_000_000, rel=0.01)


def test_the_dutch_sample_adds_up_to_the_statistics_of_2023() -> None:
    farms, herds, crops = (sample("netherlands", name) for name in ("farms", "herds", "crops"))
    cows = herds.filter(pl.col("animal").cast(pl.String).str.starts_with("nl_100_"))
    beet = crops.filter((pl.col("crop").cast(pl.String) == "nl_256") & (pl.col("cut").fill_null(1) == 1))
    assert farms["weight"].sum() == pytest.approx(50_634, rel=0.01)
    assert weighted(beet, "area_ha") == pytest.approx(80_434.69, rel=0.005)
    milk = weighted(farms, pl.col("milk_kg").fill_null(0)) / weighted(cows, "count")
    assert milk == pytest.approx(9095, rel=0.01)
