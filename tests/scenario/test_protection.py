"""Small-cell protection, by hand-made tables and by an attacker who solves the published equations in fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy
import pytest

from openfisca_stoffenbalans.scenario.protection import PRIME, Cells, group_equations, primary, protect


def counts(*farms: int) -> Cells:
    """Cells that count farms, each of which contributes 1."""
    numbers = numpy.array(farms, dtype=numpy.int64)
    return Cells(numbers, (numbers > 0).astype(numpy.float64), numbers.astype(numpy.float64))


def equation(*terms: tuple[int, int]):
    cells, coefficients = zip(*terms, strict=True)
    return numpy.array(cells), numpy.array(coefficients)


def adds_up(total: int, *parts: int):
    return equation((total, -1), *((part, 1) for part in parts))


def positions(chosen) -> list[int]:
    return numpy.flatnonzero(chosen).tolist()


def signed(coefficient: int) -> int:
    """A coefficient modulo the prime as the small number that it stands for."""
    return coefficient - PRIME if coefficient > PRIME // 2 else coefficient


def cleared(row: list[Fraction], column: int, pivot: list[Fraction]) -> list[Fraction]:
    """A row less what it has of the pivot's row."""
    if not row[column]:
        return row
    return [value - row[column] * head if head else value for value, head in zip(row, pivot, strict=True)]


def echelon(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The reduced echelon form in fractions; rows of zeros left out."""
    done: list[list[Fraction]] = []
    width = len(rows[0]) if rows else 0
    for column in range(width):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            continue
        rows = [row for row in rows if row is not pivot]
        pivot = [value / pivot[column] for value in pivot]
        rows, done = ([cleared(row, column, pivot) for row in part] for part in (rows, done))
        done.append(pivot)
    return done


def attack(equations, suppressed) -> list[int]:
    """The suppressed cells whose value the published cells give away."""
    unknown = positions(suppressed)
    place = {cell: index for index, cell in enumerate(unknown)}
    rows = []
    for cells, coefficients in equations:
        row = [Fraction(0)] * len(unknown)
        for cell, coefficient in zip(cells.tolist(), coefficients.tolist(), strict=True):
            if cell in place:
                row[place[cell]] += signed(coefficient)
        if any(row):
            rows.append(row)
    solved = [row for row in echelon(rows) if sum(value != 0 for value in row) == 1]
    return sorted(unknown[next(index for index, value in enumerate(row) if value)] for row in solved)


def known_sums(equations, suppressed) -> list[list[int]]:
    """The sums of suppressed cells that an equation states."""
    sums = []
    for cells, coefficients in equations:
        hidden = [(cell, signed(c)) for cell, c in zip(cells.tolist(), coefficients.tolist(), strict=True)]
        hidden = [(cell, c) for cell, c in hidden if suppressed[cell]]
        if hidden and len({c for _, c in hidden}) == 1:
            sums.append([cell for cell, _ in hidden])
    return sums


def test_a_cell_is_sensitive_below_ten_farms_but_not_without_any():
    assert positions(primary(counts(0, 1, 9, 10, 11))) == [1, 2]


def test_a_cell_is_sensitive_when_one_farm_is_more_than_half():
    # 51 of 100 is more than half, 50 of 100 is not; a total of nothing but zeros has no such farm.
    cells = Cells(numpy.array([20, 20, 20]), numpy.array([51.0, 50.0, 0.0]), numpy.array([100.0, 100.0, 0.0]))
    assert positions(primary(cells)) == [0]
    assert positions(primary(cells, dominance=0.6)) == []
    assert positions(primary(cells, threshold=21)) == [0, 1, 2]


def test_one_sensitive_cell_of_two_by_two_hides_the_other_three():
    # 3 20 | 23    A row and a column with one gap each give the gap away, so each needs a second gap, and these two
    # 30 40 | 70   need the fourth.
    # 33 60 | 93
    cells = counts(3, 20, 23, 30, 40, 70, 33, 60, 93)
    equations = [
        adds_up(2, 0, 1),
        adds_up(5, 3, 4),
        adds_up(8, 6, 7),
        adds_up(6, 0, 3),
        adds_up(7, 1, 4),
        adds_up(8, 2, 5),
    ]
    found = protect(cells, equations)
    assert positions(found.primary) == [0]
    assert positions(found.secondary) == [1, 3, 4]
    assert positions(found.suppressed) == [0, 1, 3, 4]
    assert found.exposed.tolist() == []


def test_in_one_row_the_cell_with_the_fewest_farms_is_hidden_too():
    found = protect(counts(4, 50, 12, 30, 96), [adds_up(4, 0, 1, 2, 3)])
    assert positions(found.suppressed) == [0, 2]


def test_a_cheap_cell_is_hidden_before_one_with_fewer_farms():
    cost = numpy.array([1.0, 0.0, 1.0, 1.0, 1.0])
    found = protect(counts(4, 50, 12, 30, 96), [adds_up(4, 0, 1, 2, 3)], cost=cost)
    assert positions(found.suppressed) == [0, 1]


def test_two_hidden_cells_that_hold_too_few_farms_together_take_a_third():
    # 4 + 3 = 7 farms would be known: 62 - 55.
    assert positions(protect(counts(4, 3, 55, 62), [adds_up(3, 0, 1, 2)]).suppressed) == [0, 1, 2]
    # 4 + 6 = 10 farms may be known.
    assert positions(protect(counts(4, 6, 55, 65), [adds_up(3, 0, 1, 2)]).suppressed) == [0, 1]


def test_two_hidden_cells_of_which_one_farm_is_most_take_a_third():
    # The farm with 90 is more than half of 90 + 20 + 15, and no longer more than half once 60 is hidden too.
    farms, largest = numpy.array([1, 11, 20, 30, 62]), numpy.array([90.0, 4.0, 3.0, 5.0, 90.0])
    cells = Cells(farms, largest, numpy.array([90.0, 35.0, 60.0, 200.0, 385.0]))
    found = protect(cells, [adds_up(4, 0, 1, 2, 3)])
    assert positions(found.primary) == [0]
    assert positions(found.suppressed) == [0, 1, 2]


def test_a_cell_without_farms_is_published_while_another_can_protect():
    assert positions(protect(counts(4, 0, 40, 44), [adds_up(3, 0, 1, 2)]).suppressed) == [0, 2]


def test_a_total_is_hidden_when_nothing_else_is_left():
    # The only group is the total itself; the cells without farms go last.
    assert positions(protect(counts(4, 0, 0, 4), [adds_up(3, 0, 1, 2)]).suppressed) == [0, 3]


def test_a_cell_that_the_equations_alone_give_is_reported():
    # x + y = z and x + y = z + w leave w = 0, whatever is hidden.
    equations = [adds_up(2, 0, 1), equation((0, 1), (1, 1), (2, -1), (3, -1))]
    found = protect(counts(20, 20, 40, 5), equations)
    assert found.exposed.tolist() == [3]
    assert found.suppressed[3]


def test_the_difference_of_two_scenarios_does_not_give_a_cell_away():
    # exceeding before + newly - no longer = exceeding after: 40 + 3 - 12 = 31.
    step = [equation((0, 1), (1, 1), (2, -1), (3, -1))]
    found = protect(counts(40, 3, 12, 31), step)
    assert positions(found.primary) == [1]
    assert positions(found.suppressed) == [1, 2]


def test_cells_the_caller_hides_are_protected_as_well():
    also = numpy.array([False, True, False, False])
    found = protect(counts(20, 30, 40, 90), [adds_up(3, 0, 1, 2)], also=also)
    assert positions(found.primary) == []
    assert positions(found.suppressed) == [0, 1]


def test_a_cell_hidden_for_one_table_may_stand_in_another():
    # Cells 0 and 1 follow from 0 + 1 = 4 and 0 - 1 = 5 together; hiding 4 unties them. It stands in 2 + 3 = 4 + 6, too.
    equations = [
        equation((0, 1), (1, 1), (4, -1)),
        equation((0, 1), (1, -1), (5, -1)),
        equation((2, 1), (3, 1), (4, -1), (6, -1)),
    ]
    also = numpy.array([True, True, True, True, False, False, False])
    found = protect(counts(60, 20, 55, 45, 80, 99, 20), equations, also=also)
    assert positions(found.suppressed) == [0, 1, 2, 3, 4]
    assert attack(equations, found.suppressed) == []


def test_nested_groups_of_two_columns_protect_each_other():
    # Regions 0, 1 (state 0) with 4 and 20 farms, regions 2, 3 (state 1) with 15 and 16. Region 0 needs region 1, as
    # their state is published; the other state stays.
    sizes = (4, 20, 15, 16)
    memberships = numpy.array([(region, region // 2) for region, size in enumerate(sizes) for _ in range(size)])
    found = protect(counts(55, 4, 20, 15, 16, 24, 31), group_equations(memberships))
    assert positions(found.suppressed) == [1, 2]


def test_groups_add_up_to_all_and_no_equation_is_one_too_many():
    memberships = numpy.array(list(itertools.product(range(3), range(2))))
    found = [(cells.tolist(), [signed(c) for c in values.tolist()]) for cells, values in group_equations(memberships)]
    assert found == [([0, 4, 5], [-1, 1, 1]), ([0, 1, 2, 3], [-1, 1, 1, 1])]


def test_a_region_that_is_exactly_one_farm_type_is_found():
    # Groups: 0 all, 1 and 2 regions, 3 to 5 types; region 0 is type 0, so type 1 and 2 make up region 1.
    memberships = numpy.array([(0, 0), (0, 0), (1, 1), (1, 2)])
    found = [dict(zip(c.tolist(), map(signed, v.tolist()), strict=True)) for c, v in group_equations(memberships)]
    assert len(found) == 3
    assert {1: 1, 3: -1} in found or {1: -1, 3: 1} in found


@pytest.mark.parametrize("seed", range(30))
def test_the_equations_between_groups_are_all_there_are(seed):
    random = numpy.random.default_rng(seed)
    memberships = numpy.stack([random.integers(0, size, 12) for size in random.integers(1, 5, 3)], axis=1)
    equations = group_equations(memberships)
    sizes = memberships.max(axis=0) + 1
    starts = numpy.cumsum([1, *sizes])
    indicators = numpy.zeros((12, starts[-1]), dtype=int)
    indicators[:, 0] = 1
    for farm, codes in enumerate(memberships):
        indicators[farm, starts[:-1] + codes] = 1
    relations = numpy.zeros((len(equations), starts[-1]), dtype=int)
    for row, (cells, coefficients) in zip(relations, equations, strict=True):
        row[cells] = [signed(c) for c in coefficients.tolist()]
    # The dimension of all relations is the number of groups less the rank of the indicators.
    missing = starts[-1] - numpy.linalg.matrix_rank(indicators)
    assert len(equations) == missing
    assert numpy.linalg.matrix_rank(relations) == missing
    assert not (indicators @ relations.T % PRIME).any()


def random_tables(seed: int):
    """Farms by two or three groupings, exceeding before and after a reform: the tables' cells and equations."""
    random = numpy.random.default_rng(seed)
    count = int(random.integers(20, 200))
    region, kind = random.integers(0, 5, count), random.integers(0, 3, count)
    columns = [region, region // 2, kind, region * 3 + kind]
    memberships = numpy.stack([numpy.unique(c, return_inverse=True)[1] for c in columns], axis=1)
    indicators = [numpy.ones(count, dtype=bool)]
    indicators += [column == code for column in memberships.T for code in range(column.max() + 1)]
    before, flip, weight = random.random(count) < 0.4, random.random(count) < 0.2, random.lognormal(0, 1, count)
    after = before ^ flip
    statistics = [before, after & ~before, before & ~after, after]
    size = len(indicators)
    contributions = [(group & statistic) * weight for statistic in statistics for group in indicators]
    cells = Cells(
        numpy.array([(group & statistic).sum() for statistic in statistics for group in indicators]),
        numpy.array([values.max() for values in contributions]),
        numpy.array([values.sum() for values in contributions]),
    )
    equations = [(c + block * size, v) for block in range(4) for c, v in group_equations(memberships)]
    for group in range(size):
        equations.append(equation(*((group + block * size, sign) for block, sign in enumerate((1, 1, -1, -1)))))
    return cells, equations


@pytest.mark.parametrize("seed", range(15))
def test_an_attacker_finds_no_suppressed_cell(seed):
    cells, equations = random_tables(seed)
    found = protect(cells, equations, threshold=4)
    given_away = attack(equations, found.suppressed)
    assert given_away == found.exposed.tolist() == []
    for members in known_sums(equations, found.suppressed):
        assert cells.farms[members].sum() >= 4
        assert cells.largest[members].max() <= 0.5 * cells.total[members].sum()


def test_the_attacker_finds_cells_when_only_sensitive_ones_are_suppressed():
    found = [len(attack(equations, primary(cells, 4))) for cells, equations in map(random_tables, range(15))]
    assert sum(number > 0 for number in found) > 7


def test_three_groupings_crossed_leave_cells_to_publish_and_none_to_the_attacker():
    # 4 x 4 x 4 with all margins: the tables in which every cell stands in three sums.
    random = numpy.random.default_rng(5)
    shape = (5, 5, 5)
    number = numpy.arange(125).reshape(shape)
    farms = numpy.zeros(shape, dtype=numpy.int64)
    farms[:4, :4, :4] = random.poisson(25, (4, 4, 4))
    farms[0, 1, 2] = 2
    equations = []
    for axis in range(3):
        numpy.moveaxis(farms, axis, -1)[..., 4] = numpy.moveaxis(farms, axis, -1)[..., :4].sum(axis=-1)
        equations += [adds_up(line[4], *line[:4]) for line in numpy.moveaxis(number, axis, -1).reshape(-1, 5).tolist()]
    found = protect(counts(*farms.ravel().tolist()), equations)
    assert positions(found.primary) == [number[0, 1, 2]]
    # A cell of a cube is hidden by a smaller cube of two by two by two at the least.
    assert 8 <= found.suppressed.sum() < 60
    assert attack(equations, found.suppressed) == []


def test_the_same_tables_give_the_same_result():
    cells, equations = random_tables(3)
    one, other = protect(cells, equations), protect(cells, equations)
    assert positions(one.suppressed) == positions(other.suppressed)


def test_no_farms_and_no_cells_are_no_error():
    assert [c.tolist() for c, _ in group_equations(numpy.zeros((0, 2), dtype=numpy.int64))] == [[0]]
    assert positions(protect(counts(), []).suppressed) == []


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"largest: cell 1 is nan; allowed are numbers from 0 up"):
        Cells(numpy.array([20, 20]), numpy.array([1.0, numpy.nan]), numpy.array([20.0, 20.0]))
    with pytest.raises(ValueError, match=r"total: shape \(1,\), but there are 2 cells"):
        Cells(numpy.array([20, 20]), numpy.array([1.0, 1.0]), numpy.array([20.0]))
    with pytest.raises(ValueError, match=r"equation 0: there is no cell 7; cells are 0 to 2"):
        protect(counts(20, 20, 40), [adds_up(7, 0, 1)])
    with pytest.raises(ValueError, match=r"equation 0: 2 cells, but 1 coefficients"):
        protect(counts(20, 20, 40), [(numpy.array([0, 1]), numpy.array([1]))])
    with pytest.raises(ValueError, match=r"also: shape \(1,\), but there are 3 cells"):
        protect(counts(20, 20, 40), [], also=numpy.array([True]))
    with pytest.raises(ValueError, match="memberships: a code is negative; codes count from 0"):
        group_equations(numpy.array([[0, -1]]))
    with pytest.raises(ValueError, match="memberships: 1 dimensions; allowed are 2"):
        group_equations(numpy.array([0, 1]))
