"""Which figures are left out together: partners in a group, between groups, and between scenarios."""

from __future__ import annotations

import numpy
import pytest

from openfisca_stoffenbalans.scenario.exact import Sheet
from openfisca_stoffenbalans.scenario.patterns import Rules, pattern
from openfisca_stoffenbalans.scenario.protection import group_equations

# 200 farms in two regions of 100: group 0 is all, 1 and 2 are the regions.
RELATIONS = group_equations(numpy.repeat([[0], [1]], 100, axis=0))


def sheet(*farms: int) -> Sheet:
    """All farms, then the two regions; every farm weighs 1."""
    counts = [sum(farms), *farms]
    here = numpy.array(counts)
    return Sheet(counts, here, counts, numpy.minimum(here, 1).astype(float), here.astype(float))


COMPLYING, EXCEEDING, WHOLE = sheet(95, 70), sheet(5, 30), sheet(100, 100)


def left_out(sheets: list[Sheet], rules: Rules) -> list[list[bool]]:
    return pattern(sheets, rules, RELATIONS, 10, 0.5).tolist()


def test_a_small_part_takes_its_partner_and_the_other_group_with_it() -> None:
    rules = Rules()
    rules.partition(2, [0, 1], [COMPLYING, EXCEEDING, WHOLE])
    # Five exceed in region 1: with all farms published, region 2 would give them away, as complying would.
    assert left_out([COMPLYING, EXCEEDING, WHOLE], rules) == [[False, True, True], [False, True, True], [False] * 3]


def test_nothing_is_left_out_where_no_figure_is_small() -> None:
    rules = Rules()
    sheets = [sheet(80, 70), sheet(20, 30), WHOLE]
    rules.partition(2, [0, 1], sheets)
    assert not numpy.any(left_out(sheets, rules))


def test_the_larger_parts_stay_when_two_smaller_ones_protect_one_another() -> None:
    sheets = [sheet(3, 40), sheet(20, 20), sheet(77, 40), WHOLE]
    rules = Rules()
    rules.partition(3, [0, 1, 2], sheets)
    found = left_out(sheets, rules)
    assert found[0] == found[1] == [False, True, True]
    assert found[2] == [False] * 3


def test_a_whole_that_is_small_takes_all_its_parts() -> None:
    sheets = [sheet(4, 60), sheet(0, 36), sheet(4, 96)]
    rules = Rules()
    rules.partition(2, [0, 1], sheets)
    found = left_out(sheets, rules)
    assert [row[1] for row in found] == [True] * 3


def test_a_single_part_is_its_whole() -> None:
    sheets = [sheet(100, 100), sheet(0, 0), WHOLE]
    rules = Rules()
    rules.partition(2, [0, 1], sheets)
    assert rules.implied[0] == {2}
    assert 0 in rules.implied[2]


def test_a_difference_of_few_farms_hides_the_later_of_two_figures() -> None:
    before, after, moved = sheet(40, 40), sheet(43, 60), sheet(3, 20)
    rules = Rules(strict=[(moved, 1)])
    assert left_out([before, after], rules) == [[False] * 3, [False, True, True]]


@pytest.mark.parametrize("first", [0, 1, 2])
def test_together_means_wherever_one_is(first: int) -> None:
    sheets = [sheet(50, 50) for _ in range(3)]
    sheets[first] = sheet(2, 98)
    rules = Rules()
    rules.together([0, 1, 2])
    assert all(row[1] for row in left_out(sheets, rules))
