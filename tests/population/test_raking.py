"""Raking: the weights that margins came from are found again, bounds hold always, contradictions are named."""

from __future__ import annotations

import numpy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.raking import HIGH, LOW, RakingError, achieved, rake

Numbers = NDArray[numpy.float64]

# A column of the design for each: farms, hectares, farms with cows, cows, farms of a region, hectares there.
SUMS = ["farms_total", "uaa_total", "dairy_farms", "dairy_cows", "cattle_farms", "cattle"]


def targets(values: list[float], names: list[str], tolerance: float = 1) -> pl.DataFrame:
    rows = [(name, "total", "total", float(value), tolerance) for name, value in zip(names, values, strict=True)]
    columns = ["statistic", "breakdown", "category", "target", "tolerance"]
    return pl.DataFrame(rows, columns, orient="row")


def population(seed: int, farms: int = 400) -> tuple[Numbers, Numbers]:
    """Start weights and the design of SUMS."""
    rng = numpy.random.default_rng(seed)
    area = rng.lognormal(3, 1, farms)
    cows = numpy.where(rng.random(farms) < 0.4, rng.lognormal(3.5, 0.8, farms), 0)
    north = rng.random(farms) < 0.3
    design = numpy.column_stack([numpy.ones(farms), area, cows > 0, cows, north, north * area])
    return rng.uniform(0.5, 40, farms), design


def logit(sums: Numbers, low: float = LOW, high: float = HIGH) -> Numbers:
    """The ratio of Deville and Särndal's case 6, as their article prints it."""
    slope = (high - low) / ((1 - low) * (high - 1))
    power = numpy.exp(slope * sums)
    return (low * (high - 1) + high * (1 - low) * power) / (high - 1 + (1 - low) * power)


@given(seed=st.integers(0, 10_000), duals=st.lists(st.floats(-0.6, 0.6), min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_weights_that_are_a_logit_function_of_the_margins_are_found_again(seed: int, duals: list[float]) -> None:
    # Of all weights with these margins those of that form are the nearest ones, and there is one set of them.
    start, design = population(seed)
    known = start * logit((design / design.max(axis=0)) @ numpy.array(duals))
    made = rake(start, design, targets(list(known @ design), SUMS))
    assert made.met.all()
    assert made.weights == pytest.approx(known, rel=1e-4)
    assert made.achieved == pytest.approx(known @ design, rel=1e-5)


@given(
    seed=st.integers(0, 10_000),
    factors=st.lists(st.one_of(st.just(0.0), st.floats(1e-6, 50)), min_size=6, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_bounds_hold_whatever_the_margins_are(seed: int, factors: list[float]) -> None:
    start, design = population(seed, 60)
    wanted = list(start @ design * numpy.array(factors))
    made = rake(start, design, targets(wanted, SUMS))
    assert (made.ratio >= LOW).all()
    assert (made.ratio <= HIGH).all()
    assert made.weights == pytest.approx(start * made.ratio)
    assert made.met.tolist() == (numpy.abs(made.deviation) <= 1).tolist()
    narrow = rake(start, design, targets(wanted, SUMS), 0.9, 1.2)
    assert (narrow.ratio >= 0.9).all()
    assert (narrow.ratio <= 1.2).all()


def test_margins_that_are_met_leave_the_weights_alone() -> None:
    start, design = population(1)
    made = rake(start, design, targets(list(start @ design), SUMS))
    assert made.weights == pytest.approx(start, rel=1e-9)
    assert made.deviation == pytest.approx(numpy.zeros(6), abs=1e-8)


def test_two_farms_meet_two_margins_as_by_hand() -> None:
    # 10 w1 + 20 w2 = 50 and w1 + w2 = 3: w1 = 1, w2 = 2.
    design = numpy.array([[1.0, 10.0], [1.0, 20.0]])
    made = rake(numpy.array([1.5, 1.5]), design, targets([3, 50], ["farms_total", "uaa_total"]))
    assert made.weights == pytest.approx([1, 2], rel=1e-5)
    assert made.before == pytest.approx([3, 45])


def test_weights_are_those_of_calmar() -> None:
    # calmar of openfisca-survey-manager 6.6.0, method logit, lo 0.2, up 5, run once over these six.
    start = numpy.array([40.0, 35, 30, 12, 8, 2])
    design = numpy.column_stack([numpy.ones(6), [5, 12, 30, 45, 80, 200], [0, 0, 20, 0, 60, 90]])
    made = rake(start, design, targets([130, 4_200, 1_500], ["farms_total", "uaa_total", "dairy_cows"]))
    assert made.weights == pytest.approx([34.355619, 34.571788, 25.522289, 22.329383, 6.677622, 6.543299], rel=1e-5)


def test_a_ratio_is_met_as_the_quotient_of_two_sums() -> None:
    start, design = population(2)
    cows, farms = design[:, 3], design[:, 2]
    asked = targets([400, float(cows @ start / (farms @ start)) * 1.1], ["farms_total", "dairy_cows_per_farm"])
    made = rake(start, numpy.column_stack([design[:, 0] * 400 / start.sum(), cows, farms]), asked)
    assert made.met.all()
    weighted = (made.weights @ cows) / (made.weights @ farms)
    assert weighted == pytest.approx(asked["target"][1], rel=1e-5)
    assert made.achieved[1] == pytest.approx(weighted)
    assert made.before[1] == pytest.approx((start @ cows) / (start @ farms))


def test_margins_that_contradict_each_other_are_named_and_missed_by_their_tolerance() -> None:
    start, design = population(3)
    twice = numpy.column_stack([design, design[:, 0]])
    wanted = [*(start @ design), start.sum() * 1.04]
    asked = targets(wanted, [*SUMS, "farms_organic"])
    made = rake(start, twice, asked)
    # One count of farms x is asked to be 1 and 1.04, each counted in 1 % of itself: (x - 1) / 1² = (1.04 - x) / 1.04²
    # makes x = 2.1216 / 2.0816 = 1.0192, which is 2.00 % below 1.04.
    assert made.deviation[0] == pytest.approx(1.92, abs=0.05)
    assert made.deviation[6] == pytest.approx(-2.00, abs=0.05)
    assert not made.met[0]
    assert not made.met[6]
    assert made.met[1:6].all()
    said = " ".join(made.sentences(asked))
    assert "5 of 7 margins are met within their tolerance." in said
    assert "farms_total by +" in said
    assert "farms_organic by -" in said
    # With ten times the tolerance the second one takes the miss: (x - 1) / 1² = (1.04 - x) / 10.4² makes x = 1.00037.
    asked = asked.with_columns(tolerance=pl.Series([1.0] * 6 + [10.0]))
    made = rake(start, twice, asked)
    assert made.deviation[0] == pytest.approx(0.037, abs=0.02)


def test_a_margin_that_no_farm_counts_towards_is_missed_and_the_others_are_met() -> None:
    start, design = population(4)
    none = numpy.column_stack([design, numpy.zeros(400)])
    asked = targets([*(start @ design * 1.02), 50], [*SUMS, "pigs"])
    made = rake(start, none, asked)
    assert made.met.tolist() == [True] * 6 + [False]
    assert made.deviation[:6] == pytest.approx(numpy.zeros(6), abs=1e-5)
    assert made.deviation[6] == -100
    assert "Missed: pigs (no farm counts towards it)." in made.sentences(asked)


def test_the_order_of_the_farms_and_of_the_margins_does_not_matter() -> None:
    start, design = population(5, 5_000)
    wanted = start @ design * numpy.array([1.05, 1.1, 0.9, 1.0, 1.2, 1.15])
    made = rake(start, design, targets(list(wanted), SUMS))
    order = numpy.random.default_rng(0).permutation(5_000)
    shuffled = rake(start[order], design[order], targets(list(wanted), SUMS))
    assert shuffled.weights == pytest.approx(made.weights[order], rel=1e-6)
    back = rake(start, design[:, ::-1], targets(list(wanted[::-1]), SUMS[::-1]))
    assert back.weights == pytest.approx(made.weights, rel=1e-6)


def test_a_country_ten_times_as_large_has_weights_ten_times_as_large() -> None:
    start, design = population(6)
    wanted = start @ design * numpy.array([1.05, 1.1, 0.9, 1.0, 1.2, 1.15])
    small = rake(start, design, targets(list(wanted), SUMS))
    large = rake(start * 10, design, targets(list(wanted * 10), SUMS))
    assert large.ratio == pytest.approx(small.ratio, rel=1e-6)


def test_the_same_farms_give_the_same_bytes() -> None:
    start, design = population(7, 3_000)
    asked = targets(list(start @ design * 1.1), SUMS)
    first, second = (rake(start.copy(), design.copy(order="F"), asked).weights.tobytes() for _ in range(2))
    assert first == second


def test_the_account_is_plain_and_counts_farms_at_the_bounds() -> None:
    start, design = numpy.ones(4), numpy.column_stack([numpy.ones(4), [1.0, 0, 0, 0]])
    # Half a farm of one with cattle is asked for twenty: it stands at the upper bound.
    made = rake(start, design, targets([23, 20], ["farms_total", "cattle_farms"]))
    account = made.account()
    assert account["at_high"] >= 1
    assert account["ratio"]["max"] == pytest.approx(HIGH, abs=0.01)
    assert account["targets"] == 2
    # Kish: (sum of weights)² / sum of squares.
    assert account["effective_sample"] == pytest.approx(made.weights.sum() ** 2 / (made.weights**2).sum())


def test_what_weights_make_of_a_ratio_without_its_base_is_missing() -> None:
    made = achieved(numpy.zeros((3, 2)), targets([9_000], ["milk_per_cow"]), numpy.ones(3))
    assert numpy.isnan(made).all()


@pytest.mark.parametrize(
    ("start", "cell", "low", "high", "words"),
    [
        (0.0, 1.0, 0.2, 5, "a start weight is not above 0"),
        (numpy.nan, 1.0, 0.2, 5, "a start weight is not above 0"),
        (1.0, numpy.nan, 0.2, 5, "no number"),
        (1.0, 1.0, 1.1, 5, "bounds 1.1 and 5; allowed: from 0 to below 1, and above 1"),
        (1.0, 1.0, 0.2, 1, "bounds 0.2 and 1"),
    ],
)
def test_what_can_not_be_raked_is_refused(start: float, cell: float, low: float, high: float, words: str) -> None:
    with pytest.raises(RakingError, match=words):
        rake(numpy.array([start, 1.0]), numpy.array([[cell], [1.0]]), targets([2], ["farms_total"]), low, high)


def test_margins_that_can_be_met_are_met_to_the_last_millionth_and_so_are_the_weights() -> None:
    # A hundred times as much on the margins can be some ten thousandths on weights where margins nearly follow from
    # one another.
    for seed in range(4):
        start, design = population(seed)
        known = start * logit((design / design.max(axis=0)) @ numpy.linspace(-1.5, 1.5, 6))
        made = rake(start, design, targets(list(known @ design), SUMS))
        assert made.achieved == pytest.approx(known @ design, rel=1e-7)
        assert made.weights == pytest.approx(known, rel=1e-6)


def test_margins_towards_which_no_farm_counts_leave_all_weights_alone() -> None:
    start = numpy.array([2.0, 3.0])
    made = rake(start, numpy.zeros((2, 2)), targets([10, 20], SUMS[:2]))
    assert made.weights.tolist() == [2.0, 3.0]
    assert made.met.tolist() == [False, False]


def test_a_single_farm_gets_the_weight_of_its_margin() -> None:
    # 8 ha, 40 farms' worth of 320 ha: from weight 20 to 40, twice the start.
    made = rake(numpy.array([20.0]), numpy.array([[8.0]]), targets([320], ["uaa_total"]))
    assert made.weights == pytest.approx([40.0], rel=1e-7)
