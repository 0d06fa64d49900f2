"""The groups of farms: classes with edges, columns of the data, parts of a region, and what is not stated."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy
import polars
import pytest

from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.dataset.schema import TABLES
from openfisca_stoffenbalans.scenario.build import build
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.groups import Groups, UnknownGroupingError, make_groups
from tests.random_farms import as_dataset
from tests.scenario.weighted_farms import on_limit_rows

NOTHING: dict[str, Any] = {}


def farms(**columns: list[Any]) -> polars.DataFrame:
    """Farms with these columns, typed as a data set has them."""
    number = len(next(iter(columns.values())))
    types = {column.name: column.dtype for column in TABLES["farms"].columns}
    keys = {"farm_id": [str(row) for row in range(number)], "year_start": [datetime.date(2020, 1, 1)] * number}
    return polars.DataFrame({**keys, **columns}, schema_overrides=types)


def group_of(groups: Groups, column: str, position: int = 1) -> list[str]:
    """The group of each farm by a column."""
    names = [groups.names[code] for code in groups.codes[position]]
    assert {by for by, _ in names} == {column}
    return [group for _, group in names]


def classed(column: str, of: str, amounts: list[float]) -> list[str]:
    frame = farms(utilised_area_ha=[1.0] * len(amounts))
    return group_of(make_groups(frame, [column], {of: numpy.array(amounts)}), column)


def test_a_size_on_an_edge_is_in_the_class_above_it() -> None:
    assert classed("size_class", "area", [0, 4.999, 5, 49.999, 50, 999, 1000, numpy.nan]) == [
        *("under 5 ha", "under 5 ha", "5 to 10 ha", "20 to 50 ha"),
        *("50 to 100 ha", "500 to 1000 ha", "1000 ha and more", "not stated"),
    ]


def test_a_farm_without_animals_is_no_farm_of_low_density() -> None:
    assert classed("density_class", "density", [0, 0.001, 0.5, 2.5, 3, numpy.nan]) == [
        *("no livestock", "under 0.5 LU/ha", "0.5 to 1 LU/ha", "2.5 to 3 LU/ha", "3 LU/ha and more", "not stated"),
    ]


def test_a_surplus_may_be_negative() -> None:
    assert classed("surplus_class", "surplus", [-1, 0, 174.999, 175, 200]) == [
        *("under 0 kg N/ha", "0 to 50 kg N/ha", "150 to 175 kg N/ha", "175 to 200 kg N/ha", "200 kg N/ha and more"),
    ]


def test_classes_stand_in_their_order_and_only_those_with_farms() -> None:
    frame = farms(utilised_area_ha=[1.0] * 4)
    groups = make_groups(frame, ["size_class"], {"area": numpy.array([numpy.nan, 100, 7, 2000])})
    found = [("all", "all"), *(("size_class", name) for name in
             ("5 to 10 ha", "100 to 200 ha", "1000 ha and more", "not stated"))]  # fmt: skip
    assert groups.names == found
    assert groups.codes[0].tolist() == [0, 0, 0, 0]
    assert groups.codes[1].tolist() == [4, 2, 1, 3]


def test_groups_are_numbered_through_all_columns_and_memberships_by_column() -> None:
    frame = farms(farm_type=["dairy", "arable", None], region=["DE949", "DE111", "DE949"])
    groups = make_groups(frame, ["farm_type", "region"], NOTHING)
    assert groups.names == [
        *(("all", "all"), ("farm_type", "arable"), ("farm_type", "dairy"), ("farm_type", "not stated")),
        *(("region", "DE111"), ("region", "DE949")),
    ]
    assert [codes.tolist() for codes in groups.codes] == [[0, 0, 0], [2, 1, 3], [5, 4, 5]]
    assert groups.memberships.tolist() == [[1, 1], [0, 0], [2, 1]]


def test_a_region_is_grouped_by_its_first_letters() -> None:
    frame = farms(region=["DE949", "DEA23", "DE911", None, "DE"])
    groups = make_groups(frame, ["nuts1", "nuts2"], NOTHING)
    assert group_of(groups, "nuts1") == ["DE9", "DEA", "DE9", "not stated", "DE"]
    assert group_of(groups, "nuts2", 2) == ["DE94", "DEA2", "DE91", "not stated", "DE"]


def test_an_extra_column_of_the_data_makes_groups_whatever_it_holds() -> None:
    frame = farms(
        adviser=["Meyer", "", None, "Arndt"], stratum=[2.0, 10.0, 2.0, 1.5], organic=[True, False, True, None]
    )
    groups = make_groups(frame, ["adviser", "stratum", "organic"], NOTHING)
    assert group_of(groups, "adviser") == ["Meyer", "not stated", "not stated", "Arndt"]
    assert group_of(groups, "stratum", 2) == ["2", "10", "2", "1.5"]
    assert group_of(groups, "organic", 3) == ["true", "false", "true", "not stated"]


def test_a_column_of_the_data_goes_before_a_class_of_its_name() -> None:
    frame = farms(size_class=["small", "large"])
    assert group_of(make_groups(frame, ["size_class"], {"area": numpy.array([1.0, 2.0])}), "size_class") == [
        "small",
        "large",
    ]


def test_no_columns_leave_all_farms_together() -> None:
    groups = make_groups(farms(farm_type=["dairy", "arable"]), [], NOTHING)
    assert groups.names == [("all", "all")]
    assert groups.memberships.shape == (2, 0)


@pytest.mark.parametrize(
    ("column", "near"),
    [("farmtype", "farm_type"), ("nuts3", "nuts2"), ("sizeclass", "size_class"), ("Adviser", "adviser")],
)
def test_an_unknown_column_names_the_nearest(column: str, near: str) -> None:
    with pytest.raises(UnknownGroupingError, match=rf"no column '{column}' to group by; there are: .*\b{near}\b"):
        make_groups(farms(farm_type=["dairy"], adviser=["a"]), [column], NOTHING)


@pytest.mark.parametrize("column", ["farm_id", "year_start", "weight"])
def test_keys_and_weights_are_no_groups(column: str) -> None:
    with pytest.raises(UnknownGroupingError, match=f"no column '{column}' to group by"):
        make_groups(farms(weight=[1.0], farm_type=["dairy"]), [column], NOTHING)


def test_a_word_like_no_column_names_all_there_are() -> None:
    with pytest.raises(
        UnknownGroupingError, match=r"farm_type, size_class, .*surplus_class, duty, methods, nuts1, nuts2$"
    ):
        make_groups(farms(farm_type=["dairy"]), ["xxxxxxxx"], NOTHING)


def test_a_comparison_groups_by_the_baseline_and_by_columns_of_its_own_data(tmp_path: Path, system: Any) -> None:
    rows = on_limit_rows({"a": 174, "b": 176, "c": -10})
    for row in rows["farms"]:
        row["sample"] = {"a": "1", "b": "1", "c": "2"}[row["farm_id"]]
    data = as_dataset(rows, tmp_path)
    found = compare(data, [], 2020, by=["sample", "surplus_class", "size_class"], rule=None, system=system).summary
    totals = found.filter(polars.col("statistic") == "farms_total").select("group_by", "group", "value")
    assert totals.rows() == [
        *(("all", "all", 3), ("sample", "1", 2), ("sample", "2", 1)),
        *(("surplus_class", "under 0 kg N/ha", 1), ("surplus_class", "150 to 175 kg N/ha", 1)),
        *(("surplus_class", "175 to 200 kg N/ha", 1), ("size_class", "50 to 100 ha", 3)),
    ]


METHODS = {
    ("not_assessed", "not_assessed"): "not assessed",
    ("complies", "complies"): "complies by both",
    ("complies", "exceeds"): "complies by the flat limit only",
    ("exceeds", "complies"): "complies by its own value only",
    ("exceeds", "exceeds"): "exceeds by both",
    ("undetermined", "undetermined"): "undetermined by one or both",
}


@pytest.mark.parametrize("limit", [175, 90])
def test_farms_are_grouped_by_their_duty_and_by_both_methods(limit: int, tmp_path: Path, system: Any) -> None:
    rows = on_limit_rows({"a": 20, "b": 100, "c": 170, "d": 400, "free": 100, "short": 100})
    rows["herds"] = [row for row in rows["herds"] if row["farm_id"] != "free"]
    rows = {table: [row for row in lines if row["farm_id"] != "short" or row["year_start"].year > 2018]
            for table, lines in rows.items()}  # fmt: skip
    data = as_dataset(rows, tmp_path)
    path = "de.stoffbilv.section_06_assessment.flat_limit"
    start = Scenario.from_spec({"name": "start", "parameters": {path: {"2018-01-01": limit}}})
    found = compare(data, [], 2020, baseline=start, by=["methods", "duty"], rule=None, system=system)
    results = balance(data, build(system, [start]), year=2020)
    verdicts = results["stoffbilv_verdict_flat", "stoffbilv_verdict_farm_specific"].rows()
    assert group_of(found.groups, "methods") == [METHODS[pair] for pair in verdicts]
    assert len(set(verdicts)) == 5
    assert group_of(found.groups, "duty", 2) == ["obliged"] * 4 + ["not obliged", "obliged"]


def test_a_wrong_column_is_found_before_the_farms_are_run(tmp_path: Path, system: Any) -> None:
    def run(done: int, parts: int) -> None:
        raise AssertionError("the farms were run")

    with pytest.raises(UnknownGroupingError, match=r"'farm_typ'.*farm_type"):
        compare(as_dataset(on_limit_rows({"a": 1}), tmp_path), [], 2020, by=["farm_typ"], system=system, progress=run)
