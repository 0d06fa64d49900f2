"""Which norm meets an aim such as `share_exceeding <= 0.10`."""

from __future__ import annotations

import difflib
import itertools
import math
import operator
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openfisca_stoffenbalans.scenario.compare import ComparisonError
from openfisca_stoffenbalans.scenario.sweep import UNITS, Step, Sweep

OPERATORS: Mapping[str, Any] = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
FORM = re.compile(r"^\s*(\w+)\s*(<=|>=|<|>)\s*([-+]?\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True)
class Aim:
    """A bound on a statistic."""

    statistic: str
    sign: str
    bound: float

    def met(self, value: float) -> bool:
        """Whether a value meets it; a missing one does not."""
        return not math.isnan(value) and bool(OPERATORS[self.sign](value, self.bound))

    def __str__(self) -> str:
        """As it is written."""
        return f"{self.statistic} {self.sign} {digits(self.bound)}"


def digits(number: float) -> str:
    """A number with all its digits, a whole one without a point."""
    return f"{number:.15g}"


@dataclass(frozen=True)
class Answer:
    """The step that meets an aim and borders on steps that do not, if there is one, and the finding in sentences.

    For two norms the steps are one for each value of the first.
    """

    steps: tuple[Step, ...]
    sentences: tuple[str, ...]


def aim(text: str, units: Mapping[str, str] = UNITS) -> Aim:
    """Read an aim; ComparisonError for another form or a statistic that is not in `units`."""
    found = FORM.match(text)
    if found is None:
        raise ComparisonError(f"{text!r} is no aim; an aim looks like share_exceeding <= 0.10, with <=, >=, < or >")
    name, sign, bound = found.groups()
    if name not in units:
        near = difflib.get_close_matches(name, units, 3) or units
        raise ComparisonError(f"a sweep has no statistic {name!r}; there are: {', '.join(near)}")
    if units[name] == "share" and not 0 <= float(bound) <= 1:
        raise ComparisonError(f"{name} is a share from 0 to 1, the aim says {bound}; 10 percent is 0.10")
    return Aim(name, sign, float(bound))


def find(sweep: Sweep, wanted: Aim) -> Answer:
    """The norm that meets an aim: the step from which on, towards one end of the sweep, all steps meet it.

    When all steps meet it, it is the least strict one (`least_strict`), if one can be told. Of two norms the
    second is looked for, for every value of the first. Steps that are not published are passed over.
    """
    if len(sweep.norms) == 1:
        steps = [step for step in sweep.exact if step in sweep.published]
        return answer(sweep, wanted, steps, f"{sweep.norms[0].parameter}", lambda step: digits(step[-1]))
    found: list[Step] = []
    said: list[str] = []
    first, second = sweep.norms
    for value in first.values:
        steps = [step for step in sweep.exact if step[0] == value and step in sweep.published]
        part = answer(sweep, wanted, steps, second.parameter, lambda step: digits(step[-1]))
        found.extend(part.steps)
        said.extend(f"With {first.parameter} at {digits(value)}: {sentence}" for sentence in part.sentences)
    return Answer(tuple(found), tuple(said))


def answer(sweep: Sweep, wanted: Aim, steps: Sequence[Step], parameter: str, shown: Any) -> Answer:
    """The finding along one norm."""
    if not steps:
        return Answer((), (f"No step of {parameter} is published.",))
    outcome = [sweep.exact[step][wanted.statistic] for step in steps]
    meets = [wanted.met(value) for value in outcome]
    said = list(not_monotone(wanted, steps, outcome, shown))
    if not any(meets):
        return Answer((), (f"No step of {parameter} meets {wanted}.", *said))
    if all(meets):
        chosen = least_strict(sweep, steps)
        if chosen is None:
            return Answer((), (f"Every step of {parameter} meets {wanted}; as many farms exceed under each.", *said))
        return Answer(
            (chosen,), (f"Every step of {parameter} meets {wanted}; the least strict is {shown(chosen)}.", *said)
        )
    changes = [number for number in range(1, len(meets)) if meets[number] != meets[number - 1]]
    if len(changes) == 1:
        rising = meets[-1]
        chosen = steps[changes[0] if rising else changes[0] - 1]
        side, beyond = ("lowest", "above") if rising else ("highest", "below")
        sentence = (
            f"{shown(chosen)} is the {side} step of {parameter} that meets {wanted}; all steps {beyond} it do too."
        )
        return Answer((chosen,), (sentence, *said))
    met = ", ".join(shown(step) for step, good in zip(steps, meets, strict=True) if good)
    sentence = f"{wanted} is met and not met by turns along {parameter}: no one step is the bound. It is met at: {met}."
    tail = len(meets) - 1 - meets[::-1].index(False)
    if meets[-1] and not meets[0]:
        sentence += f" From {shown(steps[tail + 1])} on all steps meet it."
        return Answer((steps[tail + 1],), (sentence, *said))
    head = meets.index(False)
    if meets[0] and not meets[-1]:
        sentence += f" Up to {shown(steps[head - 1])} all steps meet it."
        return Answer((steps[head - 1],), (sentence, *said))
    return Answer((), (sentence, *said))


def least_strict(sweep: Sweep, steps: Sequence[Step]) -> Step | None:
    """The step under which the fewest farms exceed, of several the outermost; None where as many do under all."""
    exceeding = [sweep.exact[step]["farms_exceeding"] for step in steps]
    if len(steps) > 1 and len(set(exceeding)) == 1:
        return None
    fewest = [step for step, farms in zip(steps, exceeding, strict=True) if farms == min(exceeding)]
    return fewest[0] if fewest[0] == steps[0] else fewest[-1]


def not_monotone(wanted: Aim, steps: Sequence[Step], outcome: Sequence[float], shown: Any) -> list[str]:
    """A sentence that lists the steps at which the outcome turns, if it does."""
    moves = [
        (math.copysign(1, after - before), step)
        for before, after, step in zip(outcome, outcome[1:], steps[1:], strict=False)
        if after != before and not math.isnan(after - before)
    ]
    turns = [step for (one, _), (other, step) in itertools.pairwise(moves) if one != other]
    if not turns:
        return []
    return [
        f"{wanted.statistic} does not move in one direction: it turns at {', '.join(shown(step) for step in turns)}."
    ]
