"""Which figures are left out together, so that few are and the important ones last.

A figure that would show single farms is left out with partners: what it adds up with in its group, and the same figure
of another group. Rules say which figures are partners; followed to the end, they leave a pattern in which every figure
left out has a partner to change with that no published figure sees. `protection.protect` then proves it.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.scenario.exact import Sheet
from openfisca_stoffenbalans.scenario.protection import Cells, Equation, primary, protect

Hidden = NDArray[numpy.bool_]


@dataclass
class Rules:
    """Rules between sheets, by number.

    `implied`: sheets that are left out wherever a sheet is; `strict`: unpublished amounts, such as a difference between
    two sheets, and the sheet that is left out wherever they would show single farms.
    """

    implied: dict[int, set[int]] = field(default_factory=dict)
    strict: list[tuple[Sheet, int]] = field(default_factory=list)

    def implies(self, ones: Iterable[int], others: Iterable[int]) -> None:
        """Leave the others out wherever one of the ones is."""
        others = list(others)
        for one in ones:
            self.implied.setdefault(one, set()).update(other for other in others if other != one)

    def together(self, sheets: Sequence[int]) -> None:
        """Leave all out wherever one is."""
        self.implies(sheets, sheets)

    def partition(self, whole: int, parts: Sequence[int], sheets: Sequence[Sheet]) -> None:
        """Parts that add up to a whole: the smallest needs the next one as a partner, a larger one all smaller ones.

        Parts without farms are known to be 0 and no partners.
        """
        there = sorted((part for part in parts if sheets[part].farms[0]), key=lambda part: int(sheets[part].farms[0]))
        if len(there) == 1:
            self.together([whole, there[0]])
        for smaller, larger in itertools.pairwise(there):
            self.implies([larger], [smaller])
        self.together(there[:2])
        self.implies([whole], parts)


def pattern(
    sheets: Sequence[Sheet],
    rules: Rules,
    relations: Sequence[Equation],
    threshold: int,
    dominance: float,
    only_all: Container[int] = (),
) -> Hidden:
    """Which cells to leave out, shape (sheets, groups).

    `relations`: how the groups add up; `only_all`: sheets of all farms together, without groups. Between groups, those
    with the fewest farms become partners, and all farms together last.
    """
    cells = [Cells(sheet.farms, sheet.largest, sheet.absolute) for sheet in sheets]
    found = numpy.array([primary(one, threshold, dominance) for one in cells])
    for difference, other in rules.strict:
        behind = Cells(difference.farms, difference.largest, difference.absolute)
        found[other] |= primary(behind, threshold, dominance)
    dear = numpy.zeros(found.shape[1])
    dear[0] = 1
    changed = [sheet for sheet in range(len(sheets)) if found[sheet].any()]
    closed: dict[int, bytes] = {}
    while changed:
        follow(found, rules, changed, only_all)
        before = found.copy()
        for sheet in numpy.flatnonzero(found.any(axis=1)).tolist():
            if sheet not in only_all and closed.get(sheet) != found[sheet].tobytes():
                found[sheet] = protect(cells[sheet], relations, threshold, dominance, dear, found[sheet]).suppressed
                closed[sheet] = found[sheet].tobytes()
        changed = numpy.flatnonzero((found != before).any(axis=1)).tolist()
    return found


def follow(found: Hidden, rules: Rules, changed: Iterable[int], only_all: Container[int]) -> None:
    """Leave out what the rules imply."""
    todo = list(changed)
    while todo:
        sheet = todo.pop()
        for other in rules.implied.get(sheet, ()):
            more = found[sheet] & ~found[other]
            more[1 if other in only_all else len(more) :] = False
            if more.any():
                found[other] |= more
                todo.append(other)
