"""Every rule for possible farms, with a farm that breaks just it and the twin that does not.

Thresholds stand in possible.yaml; the farms below are far from them, so that another choice within the stated ranges
does not change the tests.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from openfisca_stoffenbalans.population.amounts import with_amounts
from openfisca_stoffenbalans.population.possible import Judged, possible, read, thresholds
from openfisca_stoffenbalans.population.possible_rules import rules
from tests.population.made_farms import (
    PIGS,
    YEARS,
    Farm,
    dutch_arable,
    dutch_dairy,
    flow,
    german_arable,
    german_dairy,
    german_landless,
    written,
)

Change = Callable[[Farm], None]


STORE = {"category": "feed", "unit": "t", "n_content": 10, "p2o5_content": 3, "content_source": "measurement"}


def put(table: str, row: int, years: tuple[int, ...] = YEARS, **cells: Any) -> Change:
    """Other cells in a row of a table, in some years."""

    def change(farm: Farm) -> None:
        only = {} if years == YEARS else {"\0years": years}
        if only:
            old = farm[table][row]
            rest = tuple(year for year in YEARS if year not in years)
            farm[table].insert(row + 1, {**copy.deepcopy(old), "\0years": rest})
        farm[table][row] = {**farm[table][row], **cells, **only}

    return change


def add(table: str, **cells: Any) -> Change:
    """One more row."""
    return lambda farm: farm.setdefault(table, []).append(cells)


def fed(n: float) -> Change:
    """Feed bought with this nitrogen (kg), and with phosphate enough for all."""
    amount = max(n / 30, 50)
    bought = flow("supply", "feed", n, amount=amount) | {"p2o5_content": 8000 / amount}
    return lambda farm: farm["flows"].__setitem__(1, bought)


def drop_year(farm: Farm) -> None:
    """Only two balance years."""
    farm["farms"][0]["\0years"] = YEARS[1:]
    for table, rows in farm.items():
        if table != "farms":
            for row in rows:
                row["\0years"] = YEARS[1:]


def all_of(*changes: Change) -> Change:
    """Several changes."""

    def change(farm: Farm) -> None:
        for one in changes:
            one(farm)

    return change


def only_wheat(farm: Farm) -> None:
    """No grass and no maize."""
    farm["crops"] = [{"crop": "winter_wheat", "area_ha": 60, "yield_dt_per_ha": 80}]


GERMAN: dict[str, tuple[Callable[[], Farm], Change, set[str]]] = {
    "dataset_notice": (german_dairy, add("herds", animal=PIGS, count=0, manure_system="slurry", n_excretion_kg=1),
                       set()),
    "weight_same": (german_dairy, put("farms", 0, (2023,), weight=11), set()),
    "three_years": (german_dairy, drop_year, set()),
    "area_change": (german_dairy, put("farms", 0, (2023,), utilised_area_ha=90), set()),
    # 100 cows: 13,620 kg N excreted, half as much again; feed 16,464 - 10,891.
    "herd_change": (german_dairy, all_of(put("herds", 0, (2023,), count=100), fed(5500)), set()),
    "crops_fit": (german_dairy, put("crops", 2, area_ha=20), {"dataset_notice"}),
    "fields_fit": (german_dairy, add("fields", field_id="one", area_ha=40), set()),
    "grazing_land": (german_dairy, all_of(only_wheat, fed(5000)), set()),
    "mineral_n": (german_dairy, put("flows", 0, n_content=300), set()),
    "mineral_n_without_land": (german_landless, add("flows", **flow("supply", "mineral_fertiliser", 5, amount=1)),
                               set()),
    "milk_needs_cows": (german_landless, add("flows", direction="removal", category="animal_product",
                                             product="de_t5_kuhmilch_3_4_rp", amount=10, unit="t"), set()),
    # 900 t / 60 cows; 2,226 kg N more in milk.
    "milk_per_cow": (german_dairy, all_of(put("flows", 4, amount=1200), fed(5000)), {"dataset_notice"}),
    "eggs_need_hens": (german_dairy, add("flows", direction="removal", category="animal_product",
                                         product="de_t5_huehnerei_1000_stueck", amount=5, unit="1000_pieces"), set()),
    # Cows and young stock can put on 7,020 x 0.15 + 1,920 x 0.6 = 2,205 kg N.
    "animals_sold": (german_dairy, all_of(put("flows", 2, amount=200, n_content=25), fed(6000)), set()),
    "animals_need_herds": (german_arable, add("flows", **flow("removal", "livestock", 25, amount=1)),
                           {"animals_sold"}),
    "stocking": (german_dairy, all_of(put("farms", 0, farm_type="permanent_crops"), put("herds", 0, count=150),
                                      put("herds", 1, count=100), fed(16_000)), set()),
    "feed_enough": (german_dairy, fed(0), set()),
    # Feed holds 4,517 of 6,000 + 620 + 1,104 = 7,724 kg P2O5.
    "feed_p_enough": (german_dairy, put("herds", 0, p2o5_excretion_kg=6000), set()),
    "organic_mineral_n": (german_arable, put("farms", 0, organic="true"), set()),
    "feed_not_far_above": (german_dairy, fed(20_000), set()),
    "feed_needs_animals": (german_arable, add("flows", **flow("supply", "feed", 50)), set()),
    "n_content": (german_dairy, add("flows", **flow("supply", "feed", 400, amount=1)), set()),
    "p2o5_content": (german_dairy, put("flows", 1, p2o5_content=900), set()),
    "slurry_n_content": (german_dairy, put("flows", 3, n_content=0.2), set()),
    "sold_of_harvest": (german_dairy, all_of(put("flows", 5, amount=900), fed(1300)), set()),
    "yield": (german_dairy, put("crops", 2, yield_dt_per_ha=220), set()),
    "manure_given": (german_dairy, put("flows", 3, amount=2500), {"manure_spread"}),
    "manure_spread": (german_dairy, put("applications", 0, n_kg=9500), set()),
    "manure_received_spread": (german_dairy, add("applications", material="pigs", form="slurry", origin="received",
                                                 n_kg=300, amount_kg=60_000), set()),
    "slurry_volume": (german_dairy, put("applications", 0, amount_kg=9_000_000), set()),
    "biogas_needs_plant": (german_dairy, add("applications", material="digestate", form="slurry", origin="own",
                                             n_kg=100, amount_kg=20_000), set()),
    "manure_spread_needs_land": (german_landless, add("applications", material="pigs", form="slurry", origin="own",
                                                      n_kg=100, amount_kg=20_000), set()),
}  # fmt: skip

DUTCH: dict[str, tuple[Callable[[], Farm], Change, set[str]]] = {
    # 13,450 kg N; without what is lost to the air the cows would need no more than 13,200.
    "feed_enough": (dutch_dairy, fed(600), set()),
    "sold_of_harvest": (dutch_arable, put("flows", 0, amount=450), set()),
    "stocks_go_on": (dutch_dairy, all_of(
        add("stocks", **STORE, opening=100, closing=100), put("stocks", 0, (2023,), opening=200, closing=200),
    ), set()),
    "manure_given": (dutch_dairy, add("flows", **flow("removal", "animal_manure", 12_000, amount=3000)),
                     {"manure_spread"}),
    "manure_spread": (dutch_dairy, put("applications", 0, amount_kg=2_500_000), set()),
    "spread_on_fields": (dutch_dairy, add("applications", amount_kg=1000, fertiliser_type="mineral", n_g_per_kg=270,
                                          material="other_organic", form="solid", origin="received", n_kg=270), set()),
    "derogation_grass": (dutch_dairy, all_of(put("fields", 0, area_ha=30), put("fields", 1, area_ha=20),
                                             put("crops", 0, area_ha=30), put("crops", 1, area_ha=20), fed(3000)),
                         set()),
    "rights_need_dairy": (dutch_arable, put("farms", 0, phosphate_rights_kg=100), set()),
    "milk_urea": (dutch_dairy, put("farms", 0, milk_urea_mg_per_100g=80), set()),
    "milk_of_farm": (dutch_dairy, put("farms", 0, milk_kg=600_000), set()),
    "cut_yield": (dutch_arable, put("crops", 0, dm_yield_kg_per_ha=40_000), set()),
    "harvest_n_content": (dutch_arable, put("crops", 0, n_g_per_kg_dm=95), set()),
    "fields_fit": (dutch_dairy, put("farms", 0, utilised_area_ha=49), {"dataset_notice"}),
}  # fmt: skip


def judged(
    folder: Path, system: Any, country: str, cases: dict[str, tuple[Callable[[], Farm], Change, set[str]]]
) -> Judged:
    """All farms of the cases, and the unchanged ones, judged together."""
    farms = {}
    for name, (make, change, _) in cases.items():
        farms[name], farms[f"good_{make.__name__}"] = make(), make()
        change(farms[name])
    return possible(read(written(folder, farms)), system, country)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, system: Any) -> dict[str, Judged]:
    """What the rules find, by country."""
    return {
        "DE": judged(tmp_path_factory.mktemp("de"), system, "DE", GERMAN),
        "NL": judged(tmp_path_factory.mktemp("nl"), system, "NL", DUTCH),
    }


def broken(found: Judged, farm: str) -> set[str]:
    """The rules that a farm breaks."""
    return set(found.breaches.filter(pl.col("farm_id") == farm)["rule"])


@pytest.mark.parametrize(("country", "rule"), [("DE", one) for one in GERMAN] + [("NL", one) for one in DUTCH])
def test_a_farm_breaks_just_the_rule_that_it_was_made_to_break(
    found: dict[str, Judged], country: str, rule: str
) -> None:
    expected = {"DE": GERMAN, "NL": DUTCH}[country][rule][2]
    assert broken(found[country], rule) == {rule} | expected


@pytest.mark.parametrize(("country", "farm"), [("DE", "good_german_dairy"), ("DE", "good_german_arable"),
                                               ("DE", "good_german_landless"), ("NL", "good_dutch_dairy"),
                                               ("NL", "good_dutch_arable")])  # fmt: skip
def test_the_twin_breaks_no_rule(found: dict[str, Judged], country: str, farm: str) -> None:
    assert broken(found[country], farm) == set()


def test_every_rule_is_judged_for_some_farm_and_broken_in_a_test(found: dict[str, Judged]) -> None:
    names, counts = set(), {}
    for country, cases in (("DE", GERMAN), ("NL", DUTCH)):
        values = {name: one.value for name, one in thresholds(country).items()}
        of_country = [rule.id for rule in rules(country, values)]
        assert len(of_country) == len(set(of_country))
        names |= set(of_country)
        for name, number in found[country].counts.select("rule", "judged").iter_rows():
            counts[name] = counts.get(name, 0) + number
        # Rules of both countries are the same ones: either's farms may break them.
        assert set(cases) - {"dataset_notice"} <= set(of_country)
    assert {name for name in names if not counts[name]} == set()
    assert names <= set(GERMAN) | set(DUTCH)


def test_the_worst_breach_is_told_with_farm_amount_and_bound(found: dict[str, Judged]) -> None:
    # 9,000 t of slurry; 0.5 m3 for each of 8,940 kg N, and 10 for rounding.
    said = [line for line in found["DE"].sentences() if "slurry_volume" in line]
    assert len(said) == 1
    assert "farm slurry_volume" in said[0]
    assert "9,000; allowed: at most 4,480 m3" in said[0]


def test_a_farm_with_missing_contents_breaks_no_rule_by_that(tmp_path: Path, system: Any) -> None:
    farm = german_dairy()
    farm["flows"][1] = {"direction": "supply", "category": "feed", "amount": 5, "unit": "t"}
    found = possible(read(written(tmp_path, {"open": farm})), system, "DE")
    assert broken(found, "open") == set()
    counts = dict(found.counts.select("rule", "judged").iter_rows())
    assert counts["feed_enough"] == 0
    assert counts["milk_per_cow"] == 3


def test_amounts_of_lines_are_those_of_the_engine_whatever_their_order(tmp_path: Path, system: Any) -> None:
    farms = {"b": german_dairy(), "a": german_landless()}
    given = read(written(tmp_path, farms)).data
    table = given.tables["flows"]
    shuffled = table.sample(fraction=1, shuffle=True, seed=3)
    mixed = type(given)({**given.tables, "flows": shuffled}, "mixed")
    one, other = (with_amounts(data, system)["flows"] for data in (given, mixed))
    key = ["farm_id", "year_start", "direction", "category", "amount"]
    assert one.sort(key).equals(other.sort(key))
    milk = one.filter(pl.col("product").cast(pl.String) == "de_t5_kuhmilch_3_4_rp")
    # 480 t x 5.3 kg N/t (StoffBilV annex 1 table 5).
    assert milk["n"].to_list() == pytest.approx([480 * 5.3] * 3)


def test_manure_put_into_store_can_not_be_spread_too(tmp_path: Path, system: Any) -> None:
    farm = dutch_dairy()
    # Of 9,000 kg N made 4,000 go into store; 6,000 are spread.
    farm["stocks"] = [
        {"category": "manure", "opening": 0, "closing": 1000, "unit": "t", "n_content": 4, "p2o5_content": 1.5,
         "content_source": "measurement"},
    ]  # fmt: skip
    found = possible(read(written(tmp_path, {"full": farm})), system, "NL")
    # Each year begins with an empty store.
    assert broken(found, "full") == {"manure_spread", "stocks_go_on"}
    row = found.breaches.filter(pl.col("rule") == "manure_spread").row(0, named=True)
    # Half a percent and 10 kg N of slack.
    assert (row["found"], row["most"]) == pytest.approx((6000, 5000 * 1.005 + 10))


def test_a_harvest_of_the_year_before_may_be_sold_out_of_store(tmp_path: Path, system: Any) -> None:
    farm = dutch_arable()
    # 9,000 kg N are sold of 8,000 harvested and 1,500 out of store; next year the store is full again.
    farm["flows"][0] |= {"amount": 450}
    farm["stocks"] = [{**STORE, "category": "plant_product", "opening": 200, "closing": 50}]
    found = possible(read(written(tmp_path, {"store": farm})), system, "NL")
    assert broken(found, "store") == {"stocks_go_on"}
