"""What the options that ask for less data leave out; expected values are calculated beside the tests."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from openfisca_core.periods import instant
from openfisca_core.simulations import SimulationBuilder

from openfisca_stoffenbalans import read_dataset, simulate
from openfisca_stoffenbalans.lookup import NotInForceError
from openfisca_stoffenbalans.reform import LawReform, available, law_hash, with_reforms

OPTIONS = "de.options"
PIGS = "schweinemast_mastschwein_von_28_bis_118_kg_lm_850_g_tageszunahme_universal"
GOATS = "ziegenmilcherzeugung_milchziege_mit_nachzucht_800_kg_milch_ziege_p_a"
WHEAT = "de_t1_weizen_rp12_korn"
OTHERS = ("table_contents_only", "excretion_by_table_only", "nitrogen_only", "scope_by_nitrogen")


def every_option() -> dict[str, type[LawReform]]:
    """The options that ask for less data."""
    found = available(OPTIONS)
    return {name: found[name] for name in found if name in OTHERS or name.startswith("without_annex_2_")}


def threshold(kg: float, first_day: str = "2018-01-01") -> type[LawReform]:
    """A reform that gives the threshold that no source publishes."""

    class given_threshold(LawReform):
        label = "a threshold to try"

        def change(self) -> None:
            values = self.parameter("de.simplification_options.scope_nitrogen")
            values.update(start=instant(first_day), value=kg)

    return given_threshold


def of_farm(system: Any, variable: str, entries: dict[str, Any], year: str = "2020", **roles: Any) -> Any:
    """A variable of one farm of 30 ha, known in a year, with these lines of its books."""
    lines = {name: {column: {year: cell} for column, cell in cells.items()} for name, cells in entries.items()}
    farm = {"farm_year_known": {year: True}, "utilised_area_ha": {year: 30}, **roles}
    situation = {"entries": lines or {"none": {}}, "farms": {"farm": farm if lines else {**farm, "flows": ["none"]}}}
    found = SimulationBuilder().build_from_entities(system, situation).calculate(variable, year)
    return found.decode_to_str()[0] if hasattr(found, "decode_to_str") else found[0]


def herd(animal: str, **cells: Any) -> dict[str, Any]:
    return {"herd": {"herd_animal": animal, "herd_manure_system": "solid", **cells}}


def test_there_is_an_option_for_each_line_of_annex_2_that_enters_the_sum() -> None:
    # Line 13 sums lines 1 and 4 to 11 of supply, 1 to 3 and 6 to 12 of removal.
    lines = [f"supply_line_{line}" for line in (1, *range(4, 12))]
    lines += [f"removal_line_{line}" for line in (1, 2, 3, *range(6, 13))]
    assert set(every_option()) == {*OTHERS, *(f"without_annex_2_{line}" for line in lines)}


def test_every_option_says_what_it_is_and_leaves_the_law_as_it_was(system: Any) -> None:
    before = law_hash(system.parameters)
    for name, option in every_option().items():
        assert option.__name__ == name
        assert option.label
        assert option.reference
        assert option.status == "inferred"
        assert option.source
        option(system)
    assert law_hash(system.parameters) == before


CATEGORIES = {
    "supply_line_1": ("supply", "animal_manure"),
    "supply_line_4": ("supply", "soil_improver"),
    "supply_line_5": ("supply", "growing_medium"),
    "supply_line_6": ("supply", "plant_aid"),
    "supply_line_7": ("supply", "feed"),
    "supply_line_8": ("supply", "seed"),
    "supply_line_9": ("supply", "livestock"),
    "supply_line_11": ("supply", "other"),
    "removal_line_1": ("removal", "plant_product"),
    "removal_line_2": ("removal", "animal_product"),
    "removal_line_3": ("removal", "mineral_fertiliser"),
    "removal_line_6": ("removal", "soil_improver"),
    "removal_line_7": ("removal", "growing_medium"),
    "removal_line_8": ("removal", "plant_aid"),
    "removal_line_9": ("removal", "feed"),
    "removal_line_10": ("removal", "seed"),
    "removal_line_11": ("removal", "livestock"),
    "removal_line_12": ("removal", "none"),
}


@pytest.mark.parametrize("line", CATEGORIES)
def test_an_option_drops_its_line_with_its_missing_contents_and_no_other(system: Any, line: str) -> None:
    flows = {
        name: {"flow_direction": direction, "flow_category": category, "flow_unit": "kg", "flow_amount": 10 + place}
        for place, (name, (direction, category)) in enumerate(CATEGORIES.items())
    }
    for name, cells in flows.items():
        cells |= {} if name == line else {"flow_n_content": 1}
    reformed = every_option()[f"without_annex_2_{line}"](system)
    kept = {name: cells["flow_amount"] for name, cells in flows.items() if name != line}
    expected = 0
    for name, kg in kept.items():
        expected += kg if name.startswith("supply") else -kg
    assert numpy.isnan(of_farm(system, "nitrogen_balance", flows, flows=list(flows)))
    assert of_farm(reformed, "nitrogen_balance", flows, flows=list(flows)) == expected
    # Each row: direction, category (but for the one of no kind), amount, content; the area. Manure received is asked
    # for by section 1, so its direction, category and amount stay.
    points = 1 + sum(4 for name in kept) - ("removal_line_12" in kept) + (3 if line == "supply_line_1" else 0)
    assert of_farm(reformed, "data_points", flows, flows=list(flows)) == points


def test_without_phosphorus_every_amount_of_it_is_missing_also_on_a_farm_without_any(system: Any) -> None:
    reformed = every_option()["nitrogen_only"](system)
    wheat = {"wheat": {"flow_direction": "removal", "flow_category": "plant_product", "flow_product": WHEAT}}
    wheat["wheat"] |= {"flow_unit": "dt", "flow_amount": 10, "flow_p_content": 0.3}
    names = [f"{of}_{what}" for of in ("phosphorus", "phosphate") for what in ("supply", "removal", "balance")]
    names += [*(f"{name}_per_ha" for name in names), *(f"stoffbilv_mean_{name}" for name in names)]
    names += ["stoffbilv_annex_2_removal_line_1_phosphate", "stoffbilv_annex_2_supply_line_10_phosphorus"]
    for name in (*names, "phosphate_excretion"):
        assert of_farm(system, name, wheat, flows=["wheat"]) == of_farm(system, name, wheat, flows=["wheat"]), name
        assert numpy.isnan(of_farm(reformed, name, wheat, flows=["wheat"])), name
        assert numpy.isnan(of_farm(reformed, name, {})), name
    # 10 dt x 1.81
    assert of_farm(reformed, "nitrogen_balance", wheat, flows=["wheat"]) == -18.1
    # Without phosphorus nothing is converted from phosphate.
    assert "0.436" in of_farm(system, "derived", wheat, flows=["wheat"])
    assert "0.436" not in of_farm(reformed, "derived", wheat, flows=["wheat"])


@pytest.mark.law("StoffBilV § 1 Abs. 2 Nr. 1")
@pytest.mark.parametrize(
    ("places", "kg", "scope"),
    # By law 160 livestock units on 30 ha are in scope, 16 are not. Excretion: places x 12.2 kg N.
    [(1000, 12199, "livestock"), (1000, 12200, "none"), (100, 1219, "livestock"), (100, 1220, "none")],
)
def test_more_nitrogen_than_the_threshold_is_in_scope_whatever_the_livestock_units(
    system: Any, places: int, kg: float, scope: str
) -> None:
    reformed = with_reforms(system, [threshold(kg), every_option()["scope_by_nitrogen"]])
    pigs = herd(PIGS, herd_count=places)
    assert of_farm(system, "stoffbilv_scope", pigs, herds=["herd"]) == ("livestock" if places == 1000 else "none")
    assert of_farm(reformed, "stoffbilv_scope", pigs, herds=["herd"]) == scope


@pytest.mark.law("StoffBilV § 1 Abs. 3 Nr. 1")
def test_from_2023_neither_area_nor_livestock_units_are_a_ground_beside_the_threshold(system: Any) -> None:
    reformed = with_reforms(system, [threshold(2000), every_option()["scope_by_nitrogen"]])
    pigs = herd(PIGS, herd_count=100)
    # 30 ha > 20 ha; 100 x 12.2 = 1,220 kg N
    assert of_farm(system, "stoffbilv_scope", pigs, "2023", herds=["herd"]) == "livestock"
    assert of_farm(reformed, "stoffbilv_scope", pigs, "2023", herds=["herd"]) == "none"


def test_missing_excretion_leaves_the_scope_open_and_missing_livestock_units_do_not(system: Any) -> None:
    reformed = with_reforms(system, [threshold(2000), every_option()["scope_by_nitrogen"]])
    uncounted, goats = herd(PIGS), herd(GOATS, herd_count=10)
    open_ = "stoffbilv_thresholds_undecided"
    assert of_farm(reformed, open_, uncounted, herds=["herd"])
    assert of_farm(system, open_, goats, herds=["herd"])
    assert not of_farm(reformed, open_, goats, herds=["herd"])


def test_before_the_first_day_of_the_threshold_section_1_holds_as_it_is(system: Any) -> None:
    reformed = with_reforms(system, [threshold(1520, "2021-01-01"), every_option()["scope_by_nitrogen"]])
    # 76 livestock units on 30 ha: 2.53 per ha; 100 x 15.2 = 1,520 kg N. Area, animal, count, manure system, and
    # livestock units while they decide
    goats = herd(GOATS, herd_count=100, herd_livestock_units=76)
    for year, scope, points in (("2020", "livestock", 5), ("2021", "none", 4)):
        assert of_farm(reformed, "stoffbilv_scope", goats, year, herds=["herd"]) == scope
        assert of_farm(reformed, "data_points", goats, year, herds=["herd"]) == points


def test_without_a_threshold_the_error_says_that_none_is_published_and_what_to_do(system: Any) -> None:
    reformed = every_option()["scope_by_nitrogen"](system)
    words = r"no value is published for de\.simplification_options\.scope_nitrogen; give one in the scenario's"
    with pytest.raises(NotInForceError, match=words):
        of_farm(reformed, "stoffbilv_scope", herd(PIGS, herd_count=100), herds=["herd"])


@pytest.mark.parametrize("order", [OTHERS[:3], OTHERS[2::-1]])
def test_options_applied_in_either_order_leave_out_the_same(system: Any, order: tuple[str, ...]) -> None:
    lines = {
        "wheat": {
            "flow_direction": "supply", "flow_category": "feed", "flow_product": WHEAT, "flow_unit": "dt",
            "flow_amount": 10, "flow_n_content": 2, "flow_p_content": 0.3,
        },
        "fertiliser": {
            "flow_direction": "supply", "flow_category": "mineral_fertiliser", "flow_unit": "kg", "flow_amount": 100,
            "flow_n_content": 0.2, "flow_p_content": 0.1,
        },
        **herd(PIGS, herd_count=10, herd_n_excretion_kg=100, herd_p2o5_excretion_kg=40),
    }  # fmt: skip
    reformed = with_reforms(system, [every_option()[name] for name in order])
    roles = {"flows": ["wheat", "fertiliser"], "herds": ["herd"]}
    # area; 6 + 5 of the flows; 5 of the herd. Left: area; wheat 4; fertiliser 4; herd 3
    assert of_farm(system, "data_points", lines, **roles) == 17
    assert of_farm(reformed, "data_points", lines, **roles) == 12
    # 10 x 1.81 + 100 x 0.2; 10 x 12.2
    assert of_farm(reformed, "nitrogen_balance", lines, **roles) == 38.1
    assert of_farm(reformed, "nitrogen_excretion", lines, **roles) == 122
    assert numpy.isnan(of_farm(reformed, "phosphorus_balance", lines, **roles))


def test_the_data_points_of_a_data_set_are_the_cells_of_its_files(system: Any, tmp_path: Any) -> None:
    (tmp_path / "farms.csv").write_text(
        "farm_id,year_start,country,weight,region,farm_type,utilised_area_ha,unavoidable_losses_n_kg\n"
        "one,2020-01-01,DE,3,DE9,dairy,40,\n"
        "two,2020-01-01,DE,1,DE9,dairy,40,25\n",
        encoding="utf-8",
    )
    (tmp_path / "flows.csv").write_text(
        "farm_id,year_start,direction,category,product,amount,unit,n_content,content_source,farm_manure\n"
        f"one,2020-01-01,removal,plant_product,{WHEAT},100,dt,,,\n"
        "one,2020-01-01,supply,feed,,100,kg,0.02,label,\n"
        "one,2020-01-01,supply,animal_manure,,100,m3,4,measurement,true\n"
        "one,2020-01-01,supply,other_organic_fertiliser,,100,m3,4,measurement,true\n",
        encoding="utf-8",
    )
    (tmp_path / "crops.csv").write_text(
        "farm_id,year_start,crop,area_ha,yield_dt_per_ha\ntwo,2020-01-01,de_t6_klee_ganzpflanze,3,\n", encoding="utf-8"
    )
    parts = list(simulate(read_dataset(tmp_path), system))
    # Area; wheat: direction, category, product, amount; feed: direction, category, amount, n; manure the same;
    # digestate one more, farm manure. Area, losses; crop, area
    assert [part.simulation.calculate("data_points", "2020").tolist() for part in parts] == [[18, 4]]
