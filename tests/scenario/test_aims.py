"""Which norm meets an aim: rising and falling outcomes, all or none, turns on the way, and two norms."""

from __future__ import annotations

import math

import polars
import pytest

from openfisca_stoffenbalans.scenario.aims import Aim, Answer, aim, find
from openfisca_stoffenbalans.scenario.compare import ComparisonError
from openfisca_stoffenbalans.scenario.sweep import UNITS, Norm, Step, Sweep

NAN = math.nan
NORMS = (100.0, 120.0, 140.0, 160.0)


def made(exact: dict[Step, dict[str, float]], *norms: Norm) -> Sweep:
    return Sweep(norms, polars.DataFrame(), exact, "by hand", None, frozenset(exact), {}, None)


def sweep(shares: list[float], exceeding: list[float] | None = None, steps: tuple[float, ...] = NORMS) -> Sweep:
    """One norm with a share, and farms, of exceeding at each step."""
    farms = exceeding if exceeding is not None else shares
    pairs = zip(steps, shares, farms, strict=True)
    exact = {(step,): {"share_exceeding": share, "farms_exceeding": number} for step, share, number in pairs}
    return made(exact, Norm("limit", steps))


def answer(shares: list[float], text: str = "share_exceeding <= 0.10", exceeding: list[float] | None = None) -> Answer:
    return find(sweep(shares, exceeding), aim(text))


def test_an_outcome_that_falls_is_met_from_the_lowest_step_on() -> None:
    found = answer([0.5, 0.3, 0.1, 0.0])
    assert found.steps == ((140.0,),)
    assert found.sentences == (
        "140 is the lowest step of limit that meets share_exceeding <= 0.1; all steps above it do too.",
    )


def test_an_outcome_that_rises_is_met_up_to_the_highest_step() -> None:
    found = answer([0.0, 0.1, 0.2, 0.5])
    assert found.steps == ((120.0,),)
    assert found.sentences == (
        "120 is the highest step of limit that meets share_exceeding <= 0.1; all steps below it do too.",
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("share_exceeding <= 0.3", 120.0),
        ("share_exceeding < 0.3", 140.0),
        ("share_exceeding >= 0.3", 120.0),
        ("share_exceeding > 0.3", 100.0),
    ],
)
def test_a_bound_itself_is_met_by_the_signs_that_say_so(text: str, step: float) -> None:
    assert answer([0.5, 0.3, 0.1, 0.0], text).steps == ((step,),)


def test_when_no_step_meets_the_aim_there_is_none() -> None:
    assert answer([0.5, 0.3, 0.2, 0.2]) == Answer((), ("No step of limit meets share_exceeding <= 0.1.",))


@pytest.mark.parametrize(("farms", "step"), [([9, 8, 7, 3], 160.0), ([3, 7, 8, 9], 100.0)])
def test_when_all_steps_meet_the_aim_it_is_the_one_with_the_fewest_farms_above(farms: list[float], step: float) -> None:
    found = answer([0.1, 0.09, 0.08, 0.07], exceeding=farms)
    assert found.steps == ((step,),)
    assert found.sentences == (f"Every step of limit meets share_exceeding <= 0.1; the least strict is {step:g}.",)


def test_when_all_steps_meet_the_aim_the_fewest_farms_may_exceed_in_the_middle() -> None:
    assert answer([0.1, 0.05, 0.08, 0.09], exceeding=[10, 5, 8, 9]).steps == ((120.0,),)


def test_an_outcome_that_turns_and_still_has_one_bound_says_where_it_turns() -> None:
    # It rises at 120, which turns no aim: only the steps from 140 on meet it.
    found = answer([0.3, 0.5, 0.1, 0.0])
    assert found.steps == ((140.0,),)
    assert found.sentences[1] == "share_exceeding does not move in one direction: it turns at 140."


def test_an_aim_met_by_turns_is_bound_where_it_holds_to_the_end() -> None:
    found = answer([0.5, 0.1, 0.3, 0.0])
    assert found.steps == ((160.0,),)
    assert found.sentences == (
        "share_exceeding <= 0.1 is met and not met by turns along limit: no one step is the bound. It is met at: 120, "
        "160. From 160 on all steps meet it.",
        "share_exceeding does not move in one direction: it turns at 140, 160.",
    )
    found = answer([0.0, 0.1, 0.3, 0.05])
    assert found.steps == ()
    found = answer([0.0, 0.3, 0.1, 0.4])
    assert found.steps == ((100.0,),)
    assert found.sentences[0].endswith("It is met at: 100, 140. Up to 100 all steps meet it.")


def test_an_aim_met_in_the_middle_only_has_no_bound() -> None:
    found = answer([0.5, 0.1, 0.1, 0.3])
    assert found.steps == ()
    assert found.sentences[0].endswith("no one step is the bound. It is met at: 120, 140.")


def test_an_outcome_that_rests_does_not_turn() -> None:
    assert len(answer([0.5, 0.5, 0.1, 0.1]).sentences) == 1


@pytest.mark.parametrize(("farms", "step"), [([3, 0, 0, 0], 160.0), ([0, 0, 0, 3], 100.0), ([0, 0, 3, 9], 100.0)])
def test_of_steps_that_are_as_lax_it_is_the_outermost(farms: list[float], step: float) -> None:
    # A norm that is stricter the higher it is, such as a reduction, is least strict at its lowest step.
    assert answer([0.1, 0.09, 0.08, 0.07], exceeding=farms).steps == ((step,),)


def test_when_as_many_farms_exceed_under_every_step_none_is_called_the_least_strict() -> None:
    # As of a levy's rate, which moves no verdict.
    found = answer([0.1, 0.1, 0.1, 0.1], exceeding=[5, 5, 5, 5])
    assert found == Answer((), ("Every step of limit meets share_exceeding <= 0.1; as many farms exceed under each.",))


def test_a_missing_outcome_meets_no_aim() -> None:
    assert answer([NAN, NAN, NAN, NAN]).steps == ()
    assert answer([NAN, 0.0, 0.0, 0.0]).steps == ((120.0,),)
    assert answer([NAN, 0.5, 0.3, 0.2], "share_exceeding > 0.1").steps == ((120.0,),)


def test_one_step_meets_an_aim_or_does_not() -> None:
    assert find(sweep([0.1], steps=(7.0,)), aim("share_exceeding <= 0.1")).steps == ((7.0,),)
    assert find(sweep([0.2], steps=(7.0,)), aim("share_exceeding <= 0.1")).steps == ()


def test_of_two_norms_the_second_is_found_for_every_value_of_the_first() -> None:
    shares = {0.0: [0.5, 0.1, 0.0], 10.0: [0.1, 0.05, 0.0], 20.0: [0.5, 0.4, 0.3]}
    exact = {
        (first, second): {"share_exceeding": share, "farms_exceeding": 100 * share}
        for first, row in shares.items()
        for second, share in zip((100.0, 150.0, 200.0), row, strict=True)
    }
    norms = Norm("tolerance", tuple(shares)), Norm("limit", (100.0, 150.0, 200.0))
    found = find(made(exact, *norms), aim("share_exceeding <= 0.1"))
    # At 10 % all steps meet it: the least strict is 200; at 20 % none does.
    assert found.steps == ((0.0, 150.0), (10.0, 200.0))
    assert found.sentences == (
        "With tolerance at 0: 150 is the lowest step of limit that meets share_exceeding <= 0.1; all steps above it do "
        "too.",
        "With tolerance at 10: Every step of limit meets share_exceeding <= 0.1; the least strict is 200.",
        "With tolerance at 20: No step of limit meets share_exceeding <= 0.1.",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("share_exceeding <= 0.10", Aim("share_exceeding", "<=", 0.1)),
        ("  farms_exceeding<1500 ", Aim("farms_exceeding", "<", 1500)),
        ("surplus_total_t >= -2.5", Aim("surplus_total_t", ">=", -2.5)),
        ("newly_complying > +3", Aim("newly_complying", ">", 3)),
    ],
)
def test_an_aim_is_a_statistic_a_sign_and_a_number(text: str, expected: Aim) -> None:
    assert aim(text) == expected


@pytest.mark.parametrize(
    "text", ["", "share_exceeding", "share_exceeding = 0.1", "share_exceeding == 0.1", "0.1 >= share_exceeding",
             "share_exceeding <= 10 %", "share_exceeding <= 0,1", "share_exceeding <= 0.1 and more",
             "share_exceeding <= nan"]
)  # fmt: skip
def test_another_form_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ComparisonError, match="is no aim; an aim looks like share_exceeding <= 0") as error:
        aim(text)
    assert str(error.value).endswith("an aim looks like share_exceeding <= 0.10, with <=, >=, < or >")


def test_an_unknown_statistic_names_the_nearest_or_all() -> None:
    with pytest.raises(ComparisonError, match="no statistic 'share_exceding'; there are: share_exceeding"):
        aim("share_exceding <= 0.1")
    with pytest.raises(ComparisonError, match=f"there are: {', '.join(UNITS)}"):
        aim("qqqqqq <= 0.1")


def test_a_large_bound_is_written_with_all_its_digits() -> None:
    assert str(aim("surplus_total_t <= 1234567")) == "surplus_total_t <= 1234567"
