"""Dutch farms as they are made: in the numbers published, their entries possible together.

Published figures are those of Statistics Netherlands for 2023 and stand in the tests as printed; balances are added up
here from the tables' rows, by hand and without the engine.
"""

from __future__ import annotations

from typing import Any

import numpy
import polars as pl
import pytest

from openfisca_stoffenbalans.population import nl
from openfisca_stoffenbalans.population.amounts import of_farms
from openfisca_stoffenbalans.population.build import part_of
from openfisca_stoffenbalans.population.facts import facts
from openfisca_stoffenbalans.population.held_out_nl import VARIABLES
from openfisca_stoffenbalans.population.nl import animals, contents, land_use, structure
from openfisca_stoffenbalans.population.possible import Read, possible, read
from tests.population.dutch_farms import a_plan, written

KEYS = ["farm_id", "year_start"]
RUMINANTS = ["nl_100", "nl_101", "nl_102", "nl_120", "nl_122", "nl_550", "nl_600", "nl_943"]
ROUGHAGE = ["grass_1", "grass_2", "natural", "fodder"]
MADE = 2000


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """All farms of the country, before any is calibrated."""
    return nl.frame(a_plan(50634))


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    made = a_plan(MADE)
    return nl.lines(made, part_of(nl.frame(made), 0, MADE), 0)


@pytest.fixture(scope="module")
def data(tables: dict[str, pl.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read(written(tables, tmp_path_factory.mktemp("netherlands")))


def kg(table: pl.DataFrame, amount: pl.Expr, *where: pl.Expr) -> pl.DataFrame:
    """Sum of an amount by farm and year."""
    return table.filter(*where).group_by(KEYS).agg(amount.sum().alias("kg"))


def side_by_side(tables: dict[str, pl.DataFrame], **amounts: pl.DataFrame) -> pl.DataFrame:
    """A row per farm and year with each amount, 0 where there is none."""
    found = tables["farms"]
    for name, amount in amounts.items():
        found = found.join(amount.rename({"kg": name}), KEYS, "left").with_columns(pl.col(name).fill_null(0.0))
    return found


def flow(direction: str, *categories: str) -> pl.Expr:
    return (pl.col("direction").cast(pl.String) == direction) & pl.col("category").cast(pl.String).is_in(categories)


IN_FLOW = pl.col("amount") * pl.col("n_content")
CUT = pl.col("dm_yield_kg_per_ha") * pl.col("area_ha") * pl.col("n_g_per_kg_dm") / 1000


@pytest.mark.parametrize(
    ("where", "farms", "land", "arable", "open_air", "glass", "grass"),
    [
        ("NL1", 9135, 8958, 3938, 611, 116, 8222),
        ("NL2", 16566, 16063, 6674, 2680, 467, 14386),
        ("NL3", 12563, 12400, 4756, 3228, 1908, 8783),
        ("NL4", 12370, 11828, 7198, 3415, 839, 9917),
        ("NL11", 2427, 2392, 1506, 205, 36, 2081),
    ],
)
def test_farms_and_their_uses_are_as_many_as_published(
    whole: dict[str, Any], where: str, farms: int, land: int, arable: int, open_air: int, glass: int, grass: int
) -> None:
    here = numpy.array([one.startswith(where) for one in whole["region"]])
    assert here.sum() == farms
    assert (here & (whole["uaa"] > 0)).sum() == land
    counted = [(here & whole[f"has_{use}"]).sum() for use in ("arable", "open", "glass", "grass")]
    assert counted == [arable, open_air, glass, grass]


@pytest.mark.parametrize(("province", "farms"), [("NL12", 3356), ("NL21", 4382), ("NL22", 4750), ("NL42", 826)])
def test_specialists_in_grazing_livestock_are_as_many_as_published(
    whole: dict[str, Any], province: str, farms: int
) -> None:
    grazing = numpy.isin(whole["type"], structure.of_type("dairy", "grazing_livestock"))
    assert (grazing & (whole["region"] == province)).sum() == farms


@pytest.mark.parametrize(
    ("where", "uaa"),
    [("NL1", 530837.34), ("NL2", 508823.53), ("NL3", 432173.99), ("NL4", 331169.10), ("NL11", 158950.78)],
)
def test_land_of_the_regions_is_near_the_published_before_calibration(
    whole: dict[str, Any], where: str, uaa: float
) -> None:
    here = numpy.array([one.startswith(where) for one in whole["region"]])
    assert whole["uaa"][here].sum() == pytest.approx(uaa, rel=0.005)


@pytest.mark.parametrize(
    ("fields", "area"),
    [
        (("arable_1", "arable_2", "arable_3", "arable_4"), 547422.93),
        (("open",), 92408.65),
        (("glass",), 10151.79),
        (("fodder",), 195255.88),
        (("grass_1", "grass_2", "natural", "strip"), 957764.71),
        (("natural",), 89610.08),
    ],
)
def test_areas_of_the_uses_are_near_the_published_before_calibration(
    whole: dict[str, Any], fields: tuple[str, ...], area: float
) -> None:
    places = [land_use.FIELDS.index(one) for one in fields]
    assert whole["area"][:, places].sum() == pytest.approx(area, rel=0.01)


@pytest.mark.parametrize(
    ("group", "area"),
    [
        ("cereals", 187514.09),
        ("potatoes", 157731.58),
        ("sugar_beet", 80434.69),
        ("pulses", 7846.84),
        ("fallow", 12183.51),
    ],
)
def test_crops_of_the_margins_year_are_near_the_published(whole: dict[str, Any], group: str, area: float) -> None:
    codes = [place for place, code in enumerate(land_use.CODES) if land_use.GROUP_OF_CODE[code] == group]
    assert whole["area"][numpy.isin(whole["code"], codes)].sum() == pytest.approx(area, rel=0.01)


def test_cows_milk_and_gross_excretion_are_near_the_published_before_calibration(whole: dict[str, Any]) -> None:
    cows = whole["count"][:, 0]
    assert cows.sum() == pytest.approx(1_540_000, rel=0.005)
    assert (cows > 0).sum() == 14_000
    assert (cows * whole["milk_per_cow"]).sum() / cows.sum() == pytest.approx(9095, rel=0.001)
    by_kind = {name: whole["kind"] == place for place, name in enumerate(animals.KINDS)}
    nitrogen = (whole["count"] * whole["n_per_animal"]).sum(axis=1)
    phosphate = (whole["count"] * whole["p_per_animal"]).sum(axis=1)
    assert nitrogen[by_kind["dairy"]].sum() == pytest.approx(273.8e6, rel=0.005)
    assert nitrogen[by_kind["veal"] | by_kind["beef"]].sum() == pytest.approx((307.1 - 273.8) * 1e6, rel=0.01)
    assert nitrogen[by_kind["fatteners"] | by_kind["sows"]].sum() == pytest.approx(81.7e6, rel=0.005)
    assert phosphate[by_kind["hens"] | by_kind["broilers"]].sum() == pytest.approx(23.0e6, rel=0.005)
    flevoland = cows[whole["region"] == "NL23"]
    assert flevoland.sum() / (flevoland > 0).sum() == pytest.approx(157, rel=0.01)


def test_dairy_excretion_between_the_classes_is_that_printed_in_the_middle_of_one() -> None:
    # Table II: 8875 to 9124 kg of milk, urea 21: 122,0 kg N and 43,5 kg P2O5; 9125 to 9374: 124,0 and 44,2.
    nitrogen, phosphate = contents.dairy_excretion(numpy.array([9000.0, 9125.0]), numpy.array([21.0, 21.0]))
    assert nitrogen.tolist() == pytest.approx([122.0, 123.0])
    assert phosphate.tolist() == pytest.approx([43.5, 43.85])


@pytest.mark.parametrize("number", [200, 2000])
def test_a_sample_stands_for_all_farms_of_each_province_and_type(whole: dict[str, Any], number: int) -> None:
    drawn = nl.frame(a_plan(number))
    assert len(drawn["number"]) == number
    assert drawn["start_weight"].sum() == pytest.approx(50634)
    assert (drawn["start_weight"] >= 1).all()
    for one in ("NL34", "NL12"):
        for kind in (structure.TYPES.index("dairy"), structure.TYPES.index("arable")):
            all_there = ((whole["region"] == one) & (whole["type"] == kind)).sum()
            here = (drawn["region"] == one) & (drawn["type"] == kind)
            assert drawn["start_weight"][here].sum() == pytest.approx(all_there)


def test_fields_make_up_the_land_and_crops_fit_on_them(tables: dict[str, pl.DataFrame]) -> None:
    fields = kg(tables["fields"], pl.col("area_ha"))
    whole = side_by_side(tables, fields=fields)
    assert (whole["fields"] - whole["utilised_area_ha"]).abs().max() < 0.005  # type: ignore[operator]
    crops = tables["crops"].filter(pl.col("cut").is_null() | (pl.col("cut") == 1))
    on_field = crops.join(tables["fields"].select(*KEYS, "field_id", field="area_ha"), [*KEYS, "field_id"])
    assert on_field.height == crops.height
    assert (on_field["area_ha"] <= on_field["field"] + 1e-9).all()


SILAGE_SOLD = flow("removal", "plant_product") & pl.col("product").cast(pl.String).is_in(
    ["nl_j_grass_silage", "nl_j_silage_maize"]
)


def test_a_farm_without_animals_sells_its_maize_as_maize_and_its_grass_as_grass(
    tables: dict[str, pl.DataFrame],
) -> None:
    silage = pl.col("product").cast(pl.String)
    whole = side_by_side(
        tables,
        grass=kg(tables["crops"], CUT, pl.col("crop").cast(pl.String).is_in(["nl_265", "nl_331", "nl_257"])),
        maize=kg(tables["crops"], CUT, pl.col("crop").cast(pl.String) == "nl_259"),
        animals=kg(tables["herds"], pl.col("count")),
        as_grass=kg(tables["flows"], IN_FLOW, SILAGE_SOLD, silage == "nl_j_grass_silage"),
        as_maize=kg(tables["flows"], IN_FLOW, SILAGE_SOLD, silage == "nl_j_silage_maize"),
    ).filter(pl.col("animals") == 0)
    grows = whole.filter(pl.col("maize") > 0)
    assert grows.height > 50
    assert ((grows["as_maize"] / grows["maize"] - 1).abs() < 0.001).all()
    assert (whole.filter(pl.col("maize") == 0)["as_maize"] == 0).all()
    assert (whole["as_grass"] <= whole["grass"] * 1.001 + 1).all()


def test_animals_eat_what_they_excrete_and_give(tables: dict[str, pl.DataFrame]) -> None:
    flows, crops = tables["flows"], tables["crops"]
    milk = tables["farms"].select(*KEYS, kg=pl.col("milk_kg") * pl.col("milk_protein_pct") / 100 / 6.38).fill_null(0.0)
    whole = side_by_side(
        tables,
        bought=kg(flows, IN_FLOW, flow("supply", "feed")),
        grown=kg(crops, CUT, pl.col("field_id").is_in(ROUGHAGE)),
        sold=kg(flows, IN_FLOW, SILAGE_SOLD),
        stored=kg(
            tables["stocks"],
            (pl.col("closing") - pl.col("opening")) * pl.col("n_content"),
            pl.col("category").cast(pl.String) == "feed",
        ),
        excreted=kg(tables["herds"], pl.col("n_excretion_kg")),
        milk=milk,
        other=kg(flows, IN_FLOW.fill_null(0), flow("removal", "animal_product", "livestock")),
        animals=kg(flows, IN_FLOW, flow("supply", "livestock")),
    ).filter(pl.col("excreted") > 200)
    gross = whole["excreted"] + whole["housing_storage_n_loss_kg"]
    eaten = whole["bought"] + whole["grown"] - whole["sold"] - whole["stored"]
    need = gross + whole["milk"] + whole["other"] - whole["animals"]
    assert whole.height > 2000
    assert ((eaten - need) / need).abs().max() < 0.01  # type: ignore[operator]


def test_manure_that_is_made_or_received_is_spread_given_away_or_kept(tables: dict[str, pl.DataFrame]) -> None:
    flows = tables["flows"]
    whole = side_by_side(
        tables,
        made=kg(tables["herds"], pl.col("n_excretion_kg")),
        received=kg(flows, IN_FLOW, flow("supply", "animal_manure")),
        given=kg(flows, IN_FLOW, flow("removal", "animal_manure")),
        spread=kg(tables["applications"], pl.col("n_kg"), pl.col("material").is_not_null()),
        stored=kg(
            tables["stocks"],
            (pl.col("closing") - pl.col("opening")) * pl.col("n_content"),
            pl.col("category").cast(pl.String) == "manure",
        ),
    )
    left = whole["made"] + whole["received"] - whole["given"] - whole["spread"] - whole["stored"]
    assert (left.abs() <= 5 + 0.005 * (whole["made"] + whole["received"])).all()
    assert (whole["given"] <= whole["made"] - whole["stored"] + 5).all()
    assert whole.filter(pl.col("given") > 0)["received"].sum() == 0


def test_what_is_sold_was_harvested(tables: dict[str, pl.DataFrame]) -> None:
    whole = side_by_side(
        tables,
        harvested=kg(tables["crops"], CUT),
        sold=kg(tables["flows"], IN_FLOW, flow("removal", "plant_product")),
    )
    assert (whole["sold"] <= whole["harvested"] * 1.001 + 1).all()
    assert (whole["sold"] > 0).sum() > 2000


def test_derogations_stand_on_grass_and_phosphate_rights_on_dairy_cattle(tables: dict[str, pl.DataFrame]) -> None:
    grass = kg(
        tables["fields"], pl.col("area_ha"), pl.col("field_id").is_in(["grass_1", "grass_2", "natural", "strip"])
    )
    whole = side_by_side(tables, grass=grass)
    held = whole.filter(pl.col("derogation"))
    assert held.height > 300
    assert (held["grass"] >= 0.8 * held["utilised_area_ha"] - 0.02).all()
    assert (whole["phosphate_rights_kg"].is_not_null() == (whole["farm_type"] == "dairy")).all()


def test_no_farm_breaks_a_rule_of_possible_farms(data: Read, system: Any) -> None:
    results = of_farms(data.data, system, VARIABLES)
    found = possible(data, system, "NL", facts(data.data, system, results))
    assert found.breaches.height == 0, found.breaches


def test_the_balances_are_determined_for_nearly_all_farms(data: Read, system: Any) -> None:
    names = [
        "nl_soil_balance",
        "nl_farm_surplus_nitrogen",
        "nl_farm_surplus_phosphate",
        "nl_farm_soil_surplus_nitrogen",
    ]
    found = of_farms(data.data, system, names)
    assert found.height == 3 * MADE
    for name in names:
        assert found[name].is_not_null().mean() >= 0.95, name  # type: ignore[operator]


def test_the_farm_balance_closes(data: Read, system: Any) -> None:
    found = of_farms(data.data, system, ["nl_farm_closure_nitrogen", "nl_farm_surplus_nitrogen"]).drop_nulls()
    most = 10 + 0.01 * found["nl_farm_surplus_nitrogen"].abs()
    assert (found["nl_farm_closure_nitrogen"].abs() <= most).mean() > 0.97


def test_intensity_goes_with_feed_bought_and_manure_given_away(tables: dict[str, pl.DataFrame]) -> None:
    flows = tables["flows"]
    dairy = side_by_side(
        tables,
        made=kg(tables["herds"], pl.col("n_excretion_kg")),
        feed=kg(flows, IN_FLOW, flow("supply", "feed")),
        given=kg(flows, IN_FLOW, flow("removal", "animal_manure")),
    ).filter(pl.col("farm_type") == "dairy")
    per_ha = {name: dairy[name] / dairy["utilised_area_ha"] for name in ("made", "feed", "given")}
    assert ranked(per_ha["made"], per_ha["feed"]) > 0.6
    assert ranked(per_ha["made"], per_ha["given"]) > 0.5


def test_mineral_fertiliser_falls_where_manure_is_spread(tables: dict[str, pl.DataFrame]) -> None:
    spread = tables["applications"]
    mineral = pl.col("product").cast(pl.String) == "nl_f_baat028"
    arable = side_by_side(
        tables,
        manure=kg(spread, pl.col("n_kg"), pl.col("material").is_not_null()),
        # Calcium ammonium nitrate has 27 % nitrogen.
        mineral=kg(spread, pl.col("amount_kg") * 0.27, mineral),
    ).filter((pl.col("farm_type") == "arable") & ~pl.col("organic"))
    with_manure = arable.filter(pl.col("manure") > 100 * pl.col("utilised_area_ha"))
    without = arable.filter(pl.col("manure") == 0)
    assert min(with_manure.height, without.height) > 30
    means = [one["mineral"].sum() / one["utilised_area_ha"].sum() for one in (with_manure, without)]
    assert means[0] < means[1] - 20


def ranked(one: pl.Series, other: pl.Series) -> float:
    return float(numpy.corrcoef(one.rank(), other.rank())[0, 1])


def test_most_farms_keep_to_the_standard_of_manure(data: Read, system: Any) -> None:
    found = of_farms(data.data, system, ["nl_animal_manure_headroom", "nl_animal_manure_limit"]).drop_nulls()
    above = (found["nl_animal_manure_headroom"] < -0.5).mean()
    assert 0.003 < above < 0.06  # type: ignore[operator]
