"""Small-cell protection: which cells of tables over farms stay unpublished so that no single farm shows.

A cell is sensitive when it rests on too few farms or one farm is most of it (`primary`). Published cells add up to one
another, so `protect` hides further cells until no hidden cell follows from published ones by adding and subtracting.
`group_equations` tells how groups of farms add up. All arithmetic is exact, modulo the prime `PRIME`.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy
from numpy.typing import NDArray

PRIME = 2**31 - 1

# Rounds after which every combination that tells too much loses a cell at once: more is hidden, but it comes to an end.
PATIENCE = 12

Equation = tuple[NDArray[numpy.int64], NDArray[numpy.int64]]
Row = dict[int, int]


@dataclass(frozen=True)
class Cells:
    """What stands behind each cell of the published tables; three arrays of one length, a cell is its position.

    `farms`: farms behind it, unweighted; `largest`: the largest absolute contribution of one farm; `total`: the sum of
    the absolute contributions. ValueError where the lengths differ or a number is negative or missing.
    """

    farms: NDArray[numpy.int64]
    largest: NDArray[numpy.float64]
    total: NDArray[numpy.float64]

    def __post_init__(self) -> None:
        """Refuse what would make a sensitive cell look harmless."""
        for field in fields(self):
            values = getattr(self, field.name)
            if values.shape != (len(self.farms),):
                raise ValueError(f"{field.name}: shape {values.shape}, but there are {len(self.farms)} cells")
            wrong = numpy.flatnonzero(~(values >= 0))
            if wrong.size:
                raise ValueError(f"{field.name}: cell {wrong[0]} is {values[wrong[0]]}; allowed are numbers from 0 up")


@dataclass(frozen=True)
class Protection:
    """Which cells stay unpublished; bool arrays as long as the cells.

    `primary`: sensitive by themselves; `secondary`: hidden besides, to protect others or because the caller hides them
    anyway; `exposed`: positions of hidden cells that the equations alone make zero, so that hiding cannot protect them.
    """

    primary: NDArray[numpy.bool_]
    secondary: NDArray[numpy.bool_]
    exposed: NDArray[numpy.int64]

    @property
    def suppressed(self) -> NDArray[numpy.bool_]:
        """All cells that stay unpublished."""
        return self.primary | self.secondary


def primary(cells: Cells, threshold: int = 10, dominance: float = 0.5) -> NDArray[numpy.bool_]:
    """Whether a cell rests on fewer farms than `threshold`, or one farm is more than the share `dominance` of it.

    A cell without farms is a known zero and not sensitive.
    """
    found: NDArray[numpy.bool_] = _sensitive(cells.farms, cells.largest, cells.total, threshold, dominance)
    return found


def _sensitive(farms: Any, largest: Any, total: Any, threshold: int, dominance: float) -> Any:
    return (farms >= 1) & ((farms < threshold) | (largest > dominance * total))


def group_equations(memberships: NDArray[numpy.int64]) -> list[Equation]:
    """All the ways in which groups of farms add up: a basis of the linear relations between the groups.

    `memberships` has a row per farm and a column per grouping, with the farm's code from 0 up. Group 0 is all farms,
    then come the groups of the first column, of the second, and so on. Each equation is (groups, coefficients modulo
    PRIME): whatever is summed over the farms of each group, the sums times the coefficients add up to 0. Short ones
    come first. A code below the highest that no farm has is a group that equals 0. ValueError for negative codes.
    """
    memberships = numpy.asarray(memberships, dtype=numpy.int64)
    if memberships.ndim != 2:
        raise ValueError(f"memberships: {memberships.ndim} dimensions; allowed are 2, farms and groupings")
    if (memberships < 0).any():
        raise ValueError("memberships: a code is negative; codes count from 0")
    sizes = [int(column.max()) + 1 if column.size else 0 for column in memberships.T]
    starts = numpy.cumsum([1, *sizes])
    everywhere = numpy.zeros((len(memberships), 1), dtype=numpy.int64)
    kinds = numpy.unique(numpy.hstack([everywhere, memberships + starts[:-1]]), axis=0)
    natural = [
        {0: PRIME - 1} | dict.fromkeys(range(start, start + size), 1)
        for start, size in zip(starts[:-1].tolist(), sizes, strict=True)
        if size
    ]
    relations = _relations(kinds, int(starts[-1]))
    # A relation is told apart by its coefficients on the groups that head one relation each.
    heads, chosen = set(relations), []
    independent: dict[int, Row] = {}
    for relation in sorted([*natural, *relations.values()], key=len):
        rest = {group: coefficient for group, coefficient in relation.items() if group in heads}
        while rest and (lead := min(rest)) in independent:
            _subtract(rest, independent[lead], rest[lead])
        if rest:
            inverse = pow(rest[lead], -1, PRIME)
            independent[lead] = {group: value * inverse % PRIME for group, value in rest.items()}
            chosen.append(relation)
    return [(numpy.array(sorted(r)), numpy.array([r[group] for group in sorted(r)])) for r in chosen]


def _relations(kinds: NDArray[numpy.int64], groups: int) -> dict[int, Row]:
    # Starts from every vector over the groups and, kind of farm by kind of farm, keeps those that add up to 0 on it.
    # Small groups leave first, so that a large group is told by the small ones it consists of.
    size = numpy.bincount(kinds.ravel(), minlength=groups)
    rank = numpy.argsort(numpy.lexsort((numpy.arange(groups), size)))
    basis, first = numpy.eye(groups, dtype=numpy.int64), 0
    scattered = numpy.array([_scattered(group) for group in range(groups)])
    # One vector of the kept space without chance cancellation: a kind on which it adds up to 0 takes nothing away.
    probe = scattered.copy()
    while (unequal := numpy.flatnonzero(probe[kinds[first:]].sum(axis=1) % PRIME)).size:
        first += int(unequal[0])
        sums = basis[kinds[first]].sum(axis=0) % PRIME
        found = numpy.flatnonzero(sums)
        pivot = found[numpy.argmin(rank[found])]
        factors = sums[found] * pow(int(sums[pivot]), -1, PRIME) % PRIME
        used = numpy.flatnonzero(basis[:, pivot])
        column, block = basis[used, pivot], numpy.ix_(used, found)
        basis[block] = (basis[block] - column[:, None] * factors) % PRIME
        probe[used] = (probe[used] - column * (int((factors * scattered[found] % PRIME).sum()) % PRIME)) % PRIME
    return {
        head: {int(group): int(basis[group, head]) for group in numpy.flatnonzero(basis[:, head])}
        for head in numpy.flatnonzero(basis.any(axis=0)).tolist()
    }


def _scattered(position: int) -> int:
    # Spread over all residues and always the same, with no relation between the values of different positions.
    return pow(position + 2, 65537, PRIME)


def _subtract(row: Row, other: Row, factor: int) -> None:
    for cell, coefficient in other.items():
        value = (row.get(cell, 0) - factor * coefficient) % PRIME
        if value:
            row[cell] = value
        else:
            row.pop(cell, None)


def protect(
    cells: Cells,
    equations: Sequence[Equation],
    threshold: int = 10,
    dominance: float = 0.5,
    cost: NDArray[numpy.float64] | None = None,
    also: NDArray[numpy.bool_] | None = None,
) -> Protection:
    """Which cells to leave out, so that no hidden cell follows from the published ones and the equations.

    `cost`: how much a cell would be missed, lower is hidden sooner; among equals, cells with few farms whose hiding
    opens no further equation go first. Cells without farms go last. `also`: cells that the caller hides anyway.

    Nor does a sum of hidden cells follow that is itself sensitive, its cells taken to have no farm in common, if one
    equation states the sum, or it is of two cells, or it is left over when large cells are eliminated. The same input
    gives the same result. Densely linked tables (three and more ways crossed) lose more cells than strictly needed.
    ValueError for arrays of another length and for equations with cells that do not exist.
    """
    sensitive = primary(cells, threshold, dominance)
    count = len(sensitive)
    cost = numpy.zeros(count) if cost is None else cost
    also = numpy.zeros(count, dtype=numpy.bool_) if also is None else also
    for name, values in (("cost", cost), ("also", also)):
        if values.shape != (count,):
            raise ValueError(f"{name}: shape {values.shape}, but there are {count} cells")
    for position, (terms, coefficients) in enumerate(equations):
        if terms.shape != coefficients.shape:
            raise ValueError(f"equation {position}: {terms.size} cells, but {coefficients.size} coefficients")
        if (wrong := terms[(terms < 0) | (terms >= count)]).size:
            raise ValueError(f"equation {position}: there is no cell {wrong[0]}; cells are 0 to {count - 1}")
    tables = _Tables(cells, equations, cost, threshold, dominance)
    for cell in numpy.flatnonzero(sensitive | also).tolist():
        tables.hide(cell)
    exposed: set[int] = set()
    changed = list(tables.order)
    for turn in itertools.count(1):
        tables.close()
        seen = len(tables.order)
        for touched in list(tables.parts(changed)):
            exposed.update(tables.untie(touched, turn))
        if not (changed := tables.order[seen:]):
            break
    hidden = numpy.array(tables.hidden, dtype=numpy.bool_)
    return Protection(sensitive, hidden & ~sensitive, numpy.array(sorted(exposed), dtype=numpy.int64))


class _Tables:
    """The cells with their equations, and which of them are hidden so far.

    `order`: the hidden cells in the order in which they were hidden; `unknowns`: the hidden cells of each equation.
    """

    def __init__(
        self, cells: Cells, equations: Sequence[Equation], cost: NDArray[Any], threshold: int, dominance: float
    ) -> None:
        self.farms, self.largest, self.total = cells.farms.tolist(), cells.largest.tolist(), cells.total.tolist()
        self.cost, self.threshold, self.dominance = cost.tolist(), threshold, dominance
        self.rows: list[Row] = []
        self.of_cell: list[list[int]] = [[] for _ in self.farms]
        for members, coefficients in equations:
            row: Row = {}
            for cell, coefficient in zip(members.tolist(), coefficients.tolist(), strict=True):
                row[cell] = (row.get(cell, 0) + coefficient) % PRIME
            row = {cell: coefficient for cell, coefficient in row.items() if coefficient}
            for cell in row:
                self.of_cell[cell].append(len(self.rows))
            self.rows.append(row)
        self.unknowns: list[list[int]] = [[] for _ in self.rows]
        self.hidden = [False] * len(self.farms)
        self.order: list[int] = []
        self.waiting: deque[int] = deque()

    def hide(self, cell: int) -> None:
        """Hide a cell that is published so far; its equations have to be looked at."""
        self.hidden[cell] = True
        self.order.append(cell)
        for equation in self.of_cell[cell]:
            self.unknowns[equation].append(cell)
            self.waiting.append(equation)

    def close(self) -> None:
        """Hide cells until no single equation tells a hidden cell or a sensitive sum."""
        while self.waiting:
            equation = self.waiting.popleft()
            row, unknowns = self.rows[equation], self.unknowns[equation]
            while self.telling({cell: row[cell] for cell in unknowns}) and self.hide_one_of(row):
                pass

    def telling(self, known: Row) -> bool:
        """Whether it must not be known: a hidden cell, or a sum of hidden cells that is sensitive."""
        if len(known) < 2 or len(set(known.values())) > 1:
            return len(known) == 1
        farms, total = sum(self.farms[cell] for cell in known), sum(self.total[cell] for cell in known)
        largest = max(self.largest[cell] for cell in known)
        return bool(_sensitive(farms, largest, total, self.threshold, self.dominance))

    def hide_one_of(self, candidates: Iterable[int]) -> bool:
        """Hide the published cell that is missed least; False if there is none."""
        published = [cell for cell in candidates if not self.hidden[cell]]
        if published:
            self.hide(min(published, key=self.loss))
        return bool(published)

    def loss(self, cell: int) -> tuple[bool, float, int, int]:
        """What hiding a cell loses; each equation that it would open takes a further cell about as large."""
        opened = sum(not self.unknowns[equation] for equation in self.of_cell[cell])
        return self.farms[cell] == 0, self.cost[cell], self.farms[cell] * (1 + opened), cell

    def parts(self, changed: Iterable[int]) -> Iterator[list[int]]:
        """The equations that hang together through hidden cells with the changed cells."""
        seen: set[int] = set()
        for start in changed:
            if start in seen:
                continue
            seen.add(start)
            members, touched = [start], set[int]()
            for cell in members:
                for equation in self.of_cell[cell]:
                    if equation in touched:
                        continue
                    touched.add(equation)
                    new = [other for other in self.unknowns[equation] if other not in seen]
                    seen.update(new)
                    members.extend(new)
            yield sorted(touched)

    def untie(self, touched: list[int], turn: int) -> list[int]:
        """Hide a cell each of combinations of equations that tell too much; returns cells that none can protect."""
        rows = {equation: {cell: self.rows[equation][cell] for cell in self.unknowns[equation]} for equation in touched}
        # Large cells leave first, so that what is left over are the relations between small ones.
        members = {cell for row in rows.values() for cell in row}
        solved = _Elimination(rows, sorted(members, key=lambda cell: (-self.farms[cell], cell)))
        told = [known for known in solved.known() if self.telling(known)]
        exposed: list[int] = []
        again, allowed = 0, len(told) * min(turn, PATIENCE) // PATIENCE
        for known in told:
            if (weights := solved.weights(known)) is None:
                continue  # looked known by chance
            combined: Row = {}
            for equation, weight in weights.items():
                _subtract(combined, self.rows[equation], PRIME - weight)
            others = combined.keys() - known.keys()
            # A cell hidden a moment ago may be enough for this one too, but looking again after each would take long.
            again += (hit := any(self.hidden[cell] for cell in others))
            if again > max(allowed, len(told) // 4):
                break
            if not hit or again <= allowed:
                self.hide_one_of(others)
            if not others:
                exposed.extend(known)
        return exposed


class _Elimination:
    """Equations between hidden cells brought to echelon form; each step is kept, so that combinations can be told."""

    def __init__(self, rows: dict[int, Row], order: list[int]) -> None:
        self.rows = rows
        self.values = {cell: _scattered(cell) for cell in order}
        self.pivots: list[tuple[int, int]] = []
        self.steps: list[list[tuple[int, int]]] = []
        holders: dict[int, set[int]] = {cell: set() for cell in order}
        for equation, row in rows.items():
            for cell in row:
                holders[cell].add(equation)
        for cell in order:
            if holders[cell]:
                self.eliminate(cell, holders)
        # One solution of the equations in which nothing cancels by chance: a cell that is told is 0 in it.
        for equation, pivot in reversed(self.pivots):
            row = rows[equation]
            rest = sum(row[cell] * self.values[cell] for cell in row if cell != pivot)
            self.values[pivot] = -rest * pow(row[pivot], -1, PRIME) % PRIME

    def eliminate(self, cell: int, holders: dict[int, set[int]]) -> None:
        """Clear a cell from all rows but the shortest that has it."""
        chosen = min(holders[cell], key=lambda equation: (len(self.rows[equation]), equation))
        pivot_row, step = self.rows[chosen], []
        for other in pivot_row:
            holders[other].discard(chosen)
        inverse = pow(pivot_row[cell], -1, PRIME)
        for equation in sorted(holders[cell]):
            row = self.rows[equation]
            factor = row[cell] * inverse % PRIME
            _subtract(row, pivot_row, factor)
            for other in pivot_row:
                if other in row:
                    holders[other].add(equation)
                else:
                    holders[other].discard(equation)
            step.append((equation, factor))
        self.pivots.append((chosen, cell))
        self.steps.append(step)

    def known(self) -> Iterator[Row]:
        """What follows from the equations: single cells, sums of two cells, and what the rows say."""
        by_value: dict[int, list[int]] = {}
        for cell in sorted(self.values):
            by_value.setdefault(self.values[cell], []).append(cell)
        yield from ({cell: 1} for cell in by_value.pop(0, ()))
        for value, cells in sorted(by_value.items()):
            if 2 * value < PRIME:
                pairs = itertools.product(cells, by_value.get(PRIME - value, ()))
                yield from ({one: 1, other: 1} for one, other in pairs)
        yield from (dict(self.rows[equation]) for equation, _ in self.pivots)

    def weights(self, known: Row) -> Row | None:
        """How often each equation is taken to tell something; None if it does not follow from them."""
        rest, weights = dict(known), Row()
        for equation, pivot in self.pivots:
            if pivot in rest:
                weights[equation] = rest[pivot] * pow(self.rows[equation][pivot], -1, PRIME) % PRIME
                _subtract(rest, self.rows[equation], weights[equation])
        if rest:
            return None
        for (equation, _), step in zip(reversed(self.pivots), reversed(self.steps), strict=True):
            taken = sum(factor * weights[target] for target, factor in step if target in weights)
            if taken:
                weights[equation] = (weights.get(equation, 0) - taken) % PRIME
        return weights
