"""OpenFisca's web API answers for real requests, with strict JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("openfisca_web_api")


@pytest.fixture(scope="module")
def client() -> Any:
    # Imported first, as `openfisca serve` does; the system then makes the API write null for a missing amount.
    from openfisca_web_api import app

    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    return app.create_app(CountryTaxBenefitSystem()).test_client()


def strict(response: Any) -> Any:
    def no_constant(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(response.get_data(as_text=True), parse_constant=no_constant)


def situation(**asked: None) -> dict[str, Any]:
    year = "2020"
    entries = {
        "feed": {
            "flow_direction": {year: "supply"},
            "flow_category": {year: "feed"},
            "flow_product": {year: "de_t1_weizen_rp12_korn"},
            "flow_amount": {year: 400},
            "flow_unit": {year: "dt"},
        },
        "unknown": {
            "flow_direction": {year: "removal"},
            "flow_category": {year: "plant_product"},
            "flow_amount": {year: 3},
            "flow_unit": {year: "t"},
        },
    }
    known = {"farm_year_known": {year: True}, "utilised_area_ha": {year: 30}}
    farms = {
        "complete": {"flows": ["feed"], **known, **{name: {year: None} for name in asked}},
        "incomplete": {"flows": ["unknown"], **known, **{name: {year: None} for name in asked}},
    }
    return {"entries": entries, "farms": farms}


def test_calculate_answers_with_amounts_and_null_for_what_is_missing(client: Any) -> None:
    request = situation(nitrogen_balance=None, stoffbilv_balance_due=None, stoffbilv_scope=None)
    farms = strict(client.post("/calculate", json=request))["farms"]
    # 400 dt x 1.81 kg N/dt
    assert farms["complete"]["nitrogen_balance"] == {"2020": 724}
    assert farms["incomplete"]["nitrogen_balance"] == {"2020": None}
    assert farms["complete"]["stoffbilv_balance_due"] == {"2020": "2021-06-30"}
    assert farms["complete"]["stoffbilv_scope"] == {"2020": "none"}


def test_trace_names_the_cells_of_the_law_that_were_read(client: Any) -> None:
    trace = strict(client.post("/trace", json=situation(nitrogen_supply=None)))["trace"]
    cell = "de.stoffbilv.annex_1_contents.table_1.weizen_rp12_korn.n<2020-01-01>"
    assert trace["flow_nitrogen<2020>"]["parameters"][cell] == 1.81


def test_spec_has_an_example_of_the_country(client: Any) -> None:
    spec = strict(client.get("/spec"))
    example = spec["components"]["schemas"]["SituationOutput"]["example"]
    assert example["farms"]["farm"]["nitrogen_balance"] == {"2020": 724}
    # 90 cows are 90 livestock units: more than 50, and more than 2.5 x 30 ha
    assert example["farms"]["farm"]["stoffbilv_scope"] == {"2020": "livestock"}


def test_a_parameter_shows_values_dates_reference_and_its_file_in_the_repository(client: Any) -> None:
    answer = strict(client.get("/parameter/de/stoffbilv/section_06_assessment/flat_limit"))
    assert answer["values"] == {"2018-01-01": 175, "2023-01-01": None}
    assert answer["metadata"]["reference"][0] == "StoffBilV § 6 Abs. 2 Satz 2 Nr. 1"
    assert answer["source"].endswith("/parameters/de/stoffbilv/section_06_assessment.yaml")
    assert answer["source"].startswith("https://github.com/openfisca-stoffenbalans/openfisca-stoffenbalans/blob/")
    cell = strict(client.get("/parameter/de/stoffbilv/annex_1_contents/table_4/ccm/n"))
    assert cell["values"] == {"2018-01-01": 16.8, "2025-07-08": None}
    assert cell["source"].endswith("/parameters/de/stoffbilv/annex_1_contents/table_4.yaml")


def test_a_variable_shows_its_formula_and_its_place_in_the_repository(client: Any) -> None:
    answer = strict(client.get("/variable/stoffbilv_verdict_flat"))
    assert "/variables/de/stoffbilv/section_06_assessment.py#L" in answer["source"]
    assert "stoffbilv_limit_flat" in answer["formulas"]["2018-01-01"]["content"]
    assert answer["formulas"]["2025-07-08"] is None
    line = strict(client.get("/variable/stoffbilv_annex_2_supply_line_7"))
    assert "/variables/de/stoffbilv/annex_2_balance.py#L" in line["source"]
    assert "Futtermittel" in line["description"]


def test_all_parameters_and_variables_are_listed(client: Any) -> None:
    assert len(strict(client.get("/parameters"))) > 2000
    assert "stoffbilv_permitted_balance" in strict(client.get("/variables"))
    assert set(strict(client.get("/entities"))) == {"farm", "field", "entry"}


def test_a_wrong_variable_gives_a_clear_error(client: Any) -> None:
    request = {"entries": {"a": {"flow_amuont": {"2020": 1}}}, "farms": {"f": {"flows": ["a"]}}}
    response = client.post("/calculate", json=request)
    assert response.status_code == 404
    assert "flow_amuont" in response.get_data(as_text=True)


def with_a_field(lines: list[str], **yards: dict[str, Any]) -> dict[str, Any]:
    """A farm with a crop, feed and one field of 10 ha."""
    year = "2024"
    entries = {
        "grass": {"crop_crop": {year: "nl_265"}, "crop_area_ha": {year: 10}},
        "feed": {"flow_direction": {year: "supply"}, "flow_category": {year: "feed"}, "flow_amount": {year: 1}},
    }
    field = {"lines": lines, "field_known": {year: True}, "field_area_ha": {year: 10}}
    farm = {"flows": ["feed"], "crops": ["grass"], "farm_year_known": {year: True}, "utilised_area_ha": {year: 10}}
    farms = {"farm": farm | {"nl_soil_area_ha": {year: None}}}
    return {"entries": entries, "farms": farms, "fields": {"home": field, **yards}}


def test_a_line_on_no_field_is_refused_beside_fields_since_it_would_be_given_a_copy_of_one(client: Any) -> None:
    response = client.post("/calculate", json=with_a_field(["grass"]))
    assert response.status_code == 500
    assert "entry feed is on no field" in response.get_data(as_text=True)
    answer = strict(client.post("/calculate", json=with_a_field(["grass"], yard={"lines": ["feed"]})))
    assert answer["farms"]["farm"]["nl_soil_area_ha"] == {"2024": 10}
