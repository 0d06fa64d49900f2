"""Regimes that no law has, over fields that are easily reckoned by hand: what they leave out, and what they add."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_stoffenbalans import read_dataset
from openfisca_stoffenbalans.entities import Farm
from openfisca_stoffenbalans.reform import LawReform
from openfisca_stoffenbalans.regimes import Regime, together

SOIL, YARD, BOTH = "made.up.soil", "made.up.yard", "made.up"
TARGET = "nl.targets.ros_2023.arable_sand_dry.n"
FORM = {
    "common": "nl/form.yaml",
    "title": {"local": "Bodembalans", "en": "soil balance"},
    "sections": [
        {
            "title": {"local": "Aanvoer en balans", "en": "supply and balance"},
            "lines": [
                {
                    "variable": "nl_soil_area_ha",
                    "local": "Oppervlakte",
                    "en": "area",
                },
                {
                    "variable": "nl_soil_surplus",
                    "local": "Overschot",
                    "en": "surplus",
                    "sign": "=",
                    "per_ha": "nl_soil_balance",
                },
            ],
        }
    ],
    "fields": {
        "title": {"local": "Percelen", "en": "fields"},
        "columns": [{"variable": "nl_field_balance", "local": "Balans", "en": "balance"}],
    },
}
CONTENTS: list[dict[str, Any]] = [
    {
        "name": BOTH,
        "title": "Soil and yard",
        "country": "NL",
        "readings": "nl.readings",
        "of": [SOIL, YARD],
        "verdict_of": SOIL,
    },
    {
        "name": SOIL,
        "title": "A soil balance without duty, methods or years",
        "country": "NL",
        "readings": "nl.readings",
        "verdict": "nl_soil_verdict",
        "because": "nl_soil_undetermined_because",
        "columns": ["nl_soil_balance", "nl_soil_surplus", "nl_soil_verdict", "nl_soil_undetermined_because"],
        "field_columns": ["nl_field_balance", "nl_field_target"],
        "form": FORM,
        "not_found": [
            {"before": "2002-01-01", "words": "the norms of 1998 to 2001 are not known"},
            {"after": "2030-12-31", "words": "it ended"},
        ],
        "comparison": {
            "verdict": "nl_soil_verdict",
            "balance": {"nitrogen": "nl_soil_surplus"},
            "per_ha": {"nitrogen": "nl_soil_balance"},
            "held": "nl_soil_surplus",
            "held_per_ha": "nl_soil_balance",
            "held_area": "nl_soil_area_ha",
            "headroom": "nl_soil_headroom",
            "area": "nl_soil_area_ha",
            "levy": "made_up_levy",
            "reward": "made_up_points",
            "reward_unit": "points",
            "distance": "made_up_distance",
            "unit": "kg N",
            "basis": "ha",
        },
    },
    {
        "name": YARD,
        "title": "A regime with columns alone",
        "country": "NL",
        "readings": "nl.readings",
        "columns": ["nl_soil_area_ha", "nl_soil_balance"],
    },
]


def made_up() -> dict[str, Regime]:
    """The regimes by name."""
    return together(CONTENTS)


class made_up_levy(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "euro"

    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return numpy.maximum(0, -farm("nl_soil_headroom", period)) * 5


class made_up_points(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "points"

    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return numpy.maximum(0, farm("nl_soil_headroom", period)) / 10


class made_up_distance(Variable):
    value_type = float
    entity = Farm
    definition_period = DateUnit.YEAR
    unit = "kg N"

    def formula(farm: Any, period: Any, parameters: Any) -> Any:
        return numpy.maximum(0, -farm("nl_soil_headroom", period))


class with_made_up_variables(LawReform):
    def change(self) -> None:
        for variable in (made_up_levy, made_up_points, made_up_distance):
            self.add_variable(variable)


FARMS = "farm_id,year_start,country,utilised_area_ha,weight\n"
FIELDS = "farm_id,year_start,field_id,area_ha,soil_type,groundwater_class,deposition_n_kg_per_ha\n"


def write_farms(folder: Path, balances: Sequence[float | None], years: Sequence[int] = (2020,), ha: float = 10) -> Any:
    """Farms with two fields of dry sand, 6 and 4 tenths of their area, with their balance (kg N/ha) from the air."""
    farms, fields = [FARMS], [FIELDS]
    for year in years:
        for number, balance in enumerate(balances):
            farms.append(f"f{number:03},{year}-01-01,NL,{ha},1\n")
            air = "" if balance is None else balance
            for name, share in (("low", 0.6), ("high", 0.4)):
                fields.append(f"f{number:03},{year}-01-01,{name},{ha * share},dekzand,VII,{air}\n")
    folder.mkdir(exist_ok=True)
    (folder / "farms.csv").write_text("".join(farms))
    (folder / "fields.csv").write_text("".join(fields))
    return read_dataset(folder)
