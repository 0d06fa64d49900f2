"""What the steps of Dutch farms do: the manure market, standards by year and zone, blocks, years that swing as seen."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy
import polars as pl
import pytest

from openfisca_stoffenbalans.population import nl
from openfisca_stoffenbalans.population.amounts import of_farms
from openfisca_stoffenbalans.population.build import part_of
from openfisca_stoffenbalans.population.nl import animals, land_use, manure, structure, year_effects
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.possible import read
from tests.population.dutch_farms import a_plan, written


def test_manure_received_is_what_the_market_has() -> None:
    made = a_plan(50634)
    whole = nl.frame(made)
    net = whole["n_gross"] * (1 - whole["loss_share"])
    room = manure.limits(made, whole, 2023) * manure.manured(whole)
    assert 0 < whole["received"].sum() < (net - numpy.minimum(net, room)).sum()
    takes = whole["received"] > 0
    assert (whole["received"][takes] <= 170 * manure.manured(whole)[takes]).all()


@pytest.mark.parametrize(
    ("year", "zone", "region", "soil", "limit"),
    [
        (2022, "", "NL22", "dekzand", 230),
        (2022, "", "NL12", "dekzand", 250),
        (2021, "", "NL22", "dekzand", 230),
        (2023, "", "NL22", "dekzand", 240),
        (2023, "nutrient_polluted_zone", "NL22", "dekzand", 220),
        (2023, "natura_2000_zone", "NL22", "dekzand", 170),
        (2023, "derogation_free_zone", "NL22", "zeeklei", 240),
        (2024, "derogation_free_zone", "NL22", "zeeklei", 170),
    ],
)
def test_the_standard_of_a_derogation_is_that_of_year_zone_and_soil(
    year: int, zone: str, region: str, soil: str, limit: float
) -> None:
    names = ("natura_2000_zone", "groundwater_protection_zone", "nutrient_polluted_zone", "derogation_free_zone")
    farm: dict[str, Any] = {name: numpy.array([name == zone]) for name in names}
    farm |= {
        "number": numpy.array([1]),
        "derogation": numpy.array([True]),
        "region": numpy.array([region], dtype=object),
    }
    farm["soil"] = numpy.array([structure.SOILS.index(soil)])
    assert manure.limits(a_plan(200), farm, year).tolist() == [limit]
    assert manure.limits(a_plan(200), farm | {"derogation": numpy.array([False])}, year).tolist() == [170]


def test_no_animal_grazes_where_fodder_crops_leave_no_grass() -> None:
    made = a_plan(50634)
    most = dict.fromkeys(made.assume["fodder_most"], 1.0)
    whole = nl.frame(dataclasses.replace(made, assume={**made.assume, "fodder_most": most}))
    grass = whole["area"][:, land_use.FIELDS.index("grass_1")] + whole["area"][:, land_use.FIELDS.index("natural")]
    without = whole["has_grass"] & (grass == 0)
    assert without.any()
    assert not (whole["grazes"] & without).any()


def test_a_block_alone_is_the_block_within_the_whole() -> None:
    made = a_plan(5000)
    first, second = (part_of(nl.frame(made), start, end) for start, end in made.blocks)
    alone = nl.lines(made, second, 1)
    nl.lines(made, first, 0)
    after = nl.lines(made, part_of(nl.frame(a_plan(5000)), *made.blocks[1]), 1)
    assert all(alone[name].equals(after[name]) for name in after)
    assert set(alone["farms"]["farm_id"]) == {f"NL{number:07}" for number in range(4097, 5001)}


class Spy(Plan):
    """A plan that remembers what random numbers were drawn for."""

    def random(self, step: str, block: int = 0) -> numpy.random.Generator:
        DRAWN.append((step, block))
        return super().random(step, block)


DRAWN: list[tuple[str, int]] = []


def test_each_step_draws_numbers_of_its_own_for_each_block() -> None:
    made = a_plan(200)
    spy = Spy(**{name: getattr(made, name) for name in made.__dataclass_fields__})
    DRAWN.clear()
    nl.lines(spy, nl.frame(made), 7)
    of_the_country = {("year effect", 0)}
    assert set(DRAWN) >= of_the_country
    assert {block for _, block in set(DRAWN) - of_the_country} == {7}
    steps = [step for step, _ in DRAWN]
    assert len(steps) == len(set(steps)) > 5


def test_a_year_does_the_same_to_all_farms_of_a_region() -> None:
    made = a_plan(5000, farm_shock_sd=0)
    farms = nl.frame(made)
    found = {}
    for block, (start, end) in enumerate(made.blocks):
        here = part_of(farms, start, end)
        factors = year_effects.factors(made, here, block)
        for region in structure.REGIONS:
            of_region = factors[[one.startswith(region) for one in here["region"]]]
            assert (of_region == of_region[0]).all()
            found.setdefault(region, []).append(of_region[0].tolist())
    assert all(blocks[0] == blocks[1] for blocks in found.values())
    assert len({tuple(blocks[0]) for blocks in found.values()}) == 4
    assert all(len(set(blocks[0])) == 3 for blocks in found.values())


def test_the_swing_of_the_shares_seen_is_that_reckoned_by_hand() -> None:
    # Probits of 0.27, 0.73, 0.28, 0.51: -0.6128, 0.6128, -0.5828, 0.0251. Mean -0.1394. Squares of the distances
    # 0.2241, 0.5659, 0.1966, 0.0271, together 1.0137, by three 0.3379, root 0.5813.
    assert year_effects.swing() == pytest.approx(0.5813, abs=2e-4)
    # 0.5813 x 36 kg / 240 kg.
    assert year_effects.yield_shock_sd(36, 240) == pytest.approx(0.0872, abs=1e-4)


def test_one_year_verdicts_on_dairy_farms_on_sand_swing_as_seen(tmp_path: Path, system: Any) -> None:
    made = a_plan(50634, yield_shock_sd=0)
    farms = nl.frame(made)
    sand = numpy.isin(farms["soil"], [structure.SOILS.index(one) for one in structure.SAND])
    dairy = numpy.flatnonzero(sand & (farms["kind"] == animals.KINDS.index("dairy")))[:1500]
    given = read(written(nl.lines(made, {name: values[dairy] for name, values in farms.items()}, 0), tmp_path))
    names = ["nl_soil_balance", "nl_klw_max_soil_surplus", "nl_soil_removal_harvests"]
    found = of_farms(given.data, system, names).drop_nulls().filter(pl.col("year_start").dt.year() == 2023)
    assert found.height > 1400
    gap = (found["nl_soil_balance"] - found["nl_klw_max_soil_surplus"]).to_numpy()
    harvested = found["nl_soil_removal_harvests"].to_numpy()
    # What a shock of the assumed size to the yields of all these farms does to the share of them that meets.
    shocks = a_plan(200).assume["yield_shock_sd"] * numpy.random.default_rng(2).standard_normal(400)
    shares = [(gap - shock * harvested <= 0).mean() for shock in shocks]
    probits = [NormalDist().inv_cdf(min(max(share, 1e-3), 1 - 1e-3)) for share in shares]
    assert numpy.std(probits, ddof=1) == pytest.approx(0.58, abs=0.08)


def test_another_assumption_makes_other_farms() -> None:
    more = nl.frame(a_plan(2000, **{"grazing_farms.dairy": 0.95}))
    less = nl.frame(a_plan(2000, **{"grazing_farms.dairy": 0.5}))
    share = [one["grazes"][one["kind"] == animals.KINDS.index("dairy")].mean() for one in (more, less)]
    assert share[0] == pytest.approx(0.95, abs=0.05)
    assert share[1] == pytest.approx(0.5, abs=0.08)


class Read(dict[str, Any]):
    """Assumptions that remember which were asked for."""

    def __getitem__(self, name: str) -> Any:
        ASKED.add(name)
        return super().__getitem__(name)


ASKED: set[str] = set()


def test_every_dutch_assumption_is_used() -> None:
    made = a_plan(1000)
    ASKED.clear()
    asked = dataclasses.replace(made, assume=Read(made.assume))
    nl.lines(asked, nl.frame(asked), 0)
    assert set(made.assume) - ASKED == set()


def test_cows_per_farm_are_assumed_only_where_no_figure_is_published() -> None:
    made = a_plan(1000)
    assumed, published = set(made.assume["cows_per_farm"]), set(made.by_category("dairy_cows_per_farm"))
    assert not assumed & published
    assert assumed | published == set(structure.PROVINCES)
