"""Weights that meet margins and stay near the start weights: generalised raking with the bounded logit distance.

Deville and Särndal (1992), Calibration estimators in survey sampling, JASA 87:376-382, their case 6: a farm's ratio of
weight to start weight is a logistic function of a sum over its margins, which keeps it within bounds whatever the
margins are. Newton's method finds the sum's coefficients. A small penalty on the misses, each counted in its
tolerance, gives the nearest weights where margins contradict each other, instead of none.

Looked at and not used: R survey, sampling, laeken and icarus have this distance (icarus also penalised misses), but
need R; calmar of openfisca-survey-manager has it too (a test holds it to the same weights), but version 6.6.0 needs
openfisca-core below 45, pandas and scipy, and has no answer where margins contradict each other; ipfn and the rake of
balance take cells of categories only, no totals of hectares or animals, and no bounds; svy of samplics took `bounded`
and ignored it until 2026; microcalibrate needs torch and descends a gradient without bounds. What is needed is a page
of numpy, and no new dependency.

The same farms in the same order give the same weights: sums run in numpy's own loops in a fixed order, not in a
linear algebra library whose order depends on its threads, and ratios are rounded to `DECIMALS`, which hides what
processors differ in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.population.measures import is_ratio

Numbers = NDArray[numpy.float64]
Bools = NDArray[numpy.bool_]

LOW, HIGH = 0.2, 5.0
# Beyond these the squares of weights run out of numbers.
LEAST_WEIGHT, MOST_WEIGHT = 1e-12, 1e12
DECIMALS = 9
ITERATIONS = 60
# Largest miss, in tolerances, at which margins count as met exactly: at a hundred times as much, weights can be off by
# some ten thousandths where many margins nearly follow from others.
EXACT = 1e-6
# What a miss of one tolerance costs is 1 / penalty, per farm that the start weights stand for, so that the size of a
# country does not matter. Each starts from the weights of the one before: where weights run into their bounds, small
# strides take fewer steps than a large one.
PENALTIES = (1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1.0, 1e-2, 1e-4)
# Margins contradict each other where from this penalty on that part of the largest miss is left: smaller ones would
# buy little with weights at their bounds.
SMALL = 1e2
STUCK = 0.999
# A target counts as no smaller than this part of what the start weights make of it, or a target of 0 would count
# above all others.
SMALLEST = 1e-3
# Of Newton's method: where it ends, and how its steps are shortened (Armijo's rule).
LEAST_DECREASE = 1e-13
ENOUGH = 1e-4
SHORTEST = 1e-8
# Of Cholesky's method: margins that follow from others leave no more than rounding on the diagonal.
DIAGONAL = 1e-12
PIVOT = 1e-14
# Farms whose columns are added up together.
CHUNK = 2048
# A ratio nearer to a bound than this part of the room between the bounds stands at it.
AT_BOUND = 1e-3
SHOWN = 10


class RakingError(ValueError):
    """Margins that can't be raked to at all: the message says why."""


@dataclass(frozen=True)
class Raking:
    """Weights and how the targets came out.

    `weights`: per farm; `ratio`: weight over start weight; `before`, `achieved`: what start weights and weights make
    of each target; `deviation`: per cent of the target; `met`: within the tolerance; `low`, `high`: bounds of the
    ratio; `at_low`, `at_high`: how many farms stand at them; `iterations`: steps of Newton's method.
    """

    weights: Numbers
    ratio: Numbers
    before: Numbers
    achieved: Numbers
    deviation: Numbers
    met: Bools
    low: float
    high: float
    at_low: int
    at_high: int
    iterations: int

    def account(self) -> dict[str, Any]:
        """What `population.json` says of the raking, in plain numbers."""
        shares = {"p1": 1, "p5": 5, "median": 50, "p95": 95, "p99": 99}
        quantiles = dict(zip(shares, numpy.percentile(self.ratio, list(shares.values())).tolist(), strict=True))
        weights = self.weights
        return {
            "low": self.low, "high": self.high, "iterations": self.iterations,
            "at_low": self.at_low, "at_high": self.at_high,
            "ratio": {"min": float(self.ratio.min()), **quantiles, "max": float(self.ratio.max())},
            "effective_sample": float(weights.sum() ** 2 / (weights**2).sum()),
            "met": int(self.met.sum()), "targets": len(self.met),
            "before": _plain(self.before), "achieved": _plain(self.achieved), "deviation_pct": _plain(self.deviation),
        }  # fmt: skip

    def sentences(self, targets: pl.DataFrame) -> list[str]:
        """How many margins are met, which are not and by how much, and how far the weights moved."""
        met, number = int(self.met.sum()), len(self.met)
        said = [f"{met} of {number} margins are met within their tolerance."]
        missed = numpy.flatnonzero(~self.met)
        if len(missed):
            worst = missed[numpy.argsort(-numpy.abs(self.deviation[missed]), kind="stable")]
            names = "; ".join(f"{name_of(targets, int(row))} {self._by(int(row))}" for row in worst[:SHOWN])
            more = f"; and {len(worst) - SHOWN} more" if len(worst) > SHOWN else ""
            said.append(f"Missed: {names}{more}.")
        low, median, high = (self.ratio.min(), numpy.median(self.ratio), self.ratio.max())
        said.append(
            f"Weights are {low:.2f} to {high:.2f} times the start weights (median {median:.2f}; allowed "
            f"{self.low:g} to {self.high:g}; at the bounds {self.at_low + self.at_high:,} of "
            f"{len(self.ratio):,} farms)."
        )
        return said

    def _by(self, row: int) -> str:
        if numpy.isnan(self.deviation[row]) or self.before[row] == self.achieved[row] == 0:
            return "(no farm counts towards it)"
        return f"by {self.deviation[row]:+.2f} %"


def _plain(values: Numbers) -> list[float | None]:
    """Numbers as JSON has them, None for NaN."""
    return [None if numpy.isnan(value) else value for value in values.tolist()]


def name_of(targets: pl.DataFrame, row: int) -> str:
    """A target in a few words: its statistic, and the category where it is not the total."""
    statistic, breakdown, category = targets.select("statistic", "breakdown", "category").row(row)
    return str(statistic) if breakdown == "total" else f"{statistic} of {category}"


def rake(start: Numbers, design: Numbers, targets: pl.DataFrame, low: float = LOW, high: float = HIGH) -> Raking:
    """The weights nearest to `start` that meet the targets, within `low` to `high` times `start`.

    `start`: above 0, shape (farms,); `design`: as `measures.design` gives it; `targets`: a frame with statistic,
    target and tolerance (per cent). Of margins that contradict each other, or that the bounds do not allow, the
    misses are made small, each counted in its tolerance; a target towards which no farm counts is missed. Raises
    RakingError for start weights that are not above 0, bounds that do not hold 1, and cells that are no numbers.
    """
    wanted = targets["target"].to_numpy().astype(float)
    tolerance = targets["tolerance"].to_numpy().astype(float)
    _refuse(start, design, low, high)
    matrix, totals, miss = _linear(start, design, wanted, tolerance, is_ratio(targets))
    reachable = matrix.any(axis=0)
    cells, goal = matrix[:, reachable] / miss[reachable], totals[reachable] / miss[reachable]
    ratio, iterations = _solve(_Problem(start, _chunks(cells), goal, low, high))
    ratio = numpy.clip(ratio.round(DECIMALS), low, high)
    weights = start * ratio
    reached = achieved(design, targets, weights)
    deviation = off_by(reached, wanted)
    room = AT_BOUND * (high - low)
    return Raking(
        weights, ratio, achieved(design, targets, start), reached, deviation, numpy.abs(deviation) <= tolerance,
        low, high, int((ratio <= low + room).sum()), int((ratio >= high - room).sum()), iterations,
    )  # fmt: skip


def achieved(design: Numbers, targets: pl.DataFrame, weights: Numbers) -> Numbers:
    """What weights make of each target: a sum, or of a ratio the quotient of two sums (NaN without what it is per)."""
    sums: Numbers = numpy.einsum("fk,f->k", design, weights)
    made = sums[: targets.height].copy()
    ratios = is_ratio(targets)
    below = sums[targets.height :]
    made[ratios] = numpy.divide(made[ratios], below, out=numpy.full(len(below), numpy.nan), where=below > 0)
    return made


def off_by(reached: Numbers, wanted: Numbers) -> Numbers:
    """By how many per cent of the target it is missed; of a target of 0 by how much, in per cent of 1."""
    return (reached - wanted) / numpy.where(wanted == 0, 1, numpy.abs(wanted)) * 100


def _refuse(start: Numbers, design: Numbers, low: float, high: float) -> None:
    if not 0 <= low < 1 < high < numpy.inf:
        raise RakingError(f"bounds {low:g} and {high:g}; allowed: from 0 to below 1, and above 1")
    if not (numpy.isfinite(start).all() and (start > 0).all()):
        raise RakingError("a start weight is not above 0")
    if not (start.min() >= LEAST_WEIGHT and start.max() <= MOST_WEIGHT):
        found = f"start weights of {start.min():g} to {start.max():g} found"
        raise RakingError(f"{found}; allowed: weights from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}")
    if not numpy.isfinite(design).all():
        raise RakingError("a farm's part in a target is no number")


def _linear(
    start: Numbers, design: Numbers, wanted: Numbers, tolerance: Numbers, ratios: Bools
) -> tuple[Numbers, Numbers, Numbers]:
    """The design as linear margins, what each is to sum up to, and how far it may miss that.

    A ratio r of two sums a / b is met where a - r b is 0. It may miss that by its tolerance of r b.
    """
    matrix = design[:, : len(wanted)].copy()
    totals = wanted.copy()
    size = numpy.abs(wanted)
    below = design[:, len(wanted) :]
    matrix[:, ratios] -= wanted[ratios] * below
    totals[ratios] = 0
    size[ratios] = numpy.abs(wanted[ratios]) * numpy.einsum("fk,f->k", below, start)
    least = SMALLEST * numpy.einsum("fk,f->k", numpy.abs(design[:, : len(wanted)]), start)
    # A target towards which no farm counts has no size at all.
    size = numpy.where(numpy.maximum(size, least) > 0, numpy.maximum(size, least), 1)
    return matrix, totals, size * tolerance / 100


@dataclass(frozen=True)
class _Chunk:
    """Farms that few columns concern: `rows` of the design, the columns, and the cells in permitted misses."""

    rows: NDArray[numpy.intp]
    columns: NDArray[numpy.intp]
    cells: Numbers


def _chunks(matrix: Numbers) -> list[_Chunk]:
    """The farms in groups that few columns concern: sorted by the rarest column in which they are not 0."""
    there = matrix != 0
    if not there.shape[1]:
        return []
    order = numpy.argsort(there.sum(axis=0), kind="stable")
    rarest = numpy.argmax(there[:, order], axis=1)
    rows = numpy.argsort(rarest, kind="stable")
    made = []
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        columns = numpy.flatnonzero(there[part].any(axis=0))
        made.append(_Chunk(part, columns, matrix[numpy.ix_(part, columns)]))
    return made


@dataclass(frozen=True)
class _Problem:
    """The dual sum(start G(x lambda)) - goal lambda + penalty / 2 |lambda|^2, to be minimised over lambda.

    Its margins are counted in their permitted misses; a farm's ratio is the derivative of G. The shift and slope of
    the logistic function give a ratio of 1 and a slope of 1 where lambda is 0.
    """

    start: Numbers
    chunks: list[_Chunk]
    goal: Numbers
    low: float
    high: float

    @property
    def room(self) -> float:
        return self.high - self.low

    @property
    def slope(self) -> float:
        return self.room / ((self.high - 1) * (1 - self.low))

    def _powers(self, dual: Numbers) -> Iterator[tuple[_Chunk, Numbers, Numbers]]:
        """Each chunk with its farms' sums over the margins and the powers of the logistic function."""
        shift = float(numpy.log((1 - self.low) / (self.high - 1)))
        for chunk in self.chunks:
            sums = numpy.einsum("fk,k->f", chunk.cells, dual[chunk.columns])
            yield chunk, sums, self.slope * sums + shift

    def value(self, dual: Numbers, penalty: float) -> float:
        """The dual itself."""
        value = penalty / 2 * float((dual**2).sum()) - float((self.goal * dual).sum())
        rest = float(numpy.log((self.high - 1) / self.room))
        for chunk, sums, powers in self._powers(dual):
            bent = (numpy.logaddexp(0, powers) + rest) / self.slope
            value += float((self.start[chunk.rows] * (self.low * sums + self.room * bent)).sum())
        return value

    def derivatives(self, dual: Numbers, penalty: float) -> tuple[Numbers, Numbers, float]:
        """Gradient and curvature of the dual, and the largest miss."""
        made = numpy.zeros(len(self.goal))
        curvature = numpy.diag(numpy.full(len(self.goal), penalty))
        for chunk, _, powers in self._powers(dual):
            share = _share(powers)
            weight = self.start[chunk.rows]
            made[chunk.columns] += numpy.einsum("fk,f->k", chunk.cells, weight * (self.low + self.room * share))
            bend = weight * self.room * self.slope * share * (1 - share)
            pieces = numpy.einsum("fj,fk->jk", chunk.cells * bend[:, None], chunk.cells)
            curvature[numpy.ix_(chunk.columns, chunk.columns)] += pieces
        missed = made - self.goal
        return missed + penalty * dual, curvature, float(numpy.abs(missed).max(initial=0))

    def ratio(self, dual: Numbers) -> Numbers:
        """The ratio of each farm's weight to its start weight."""
        ratio = numpy.ones(len(self.start))
        for chunk, _, powers in self._powers(dual):
            ratio[chunk.rows] = self.low + self.room * _share(powers)
        return ratio


def _share(powers: Numbers) -> Numbers:
    """The logistic function; beyond the clip a float has no other value than 0 or 1."""
    return 1 / (1 + numpy.exp(-numpy.clip(powers, -700, 700)))


def _solve(problem: _Problem) -> tuple[Numbers, int]:
    """The ratios that meet the goal, and the steps that took."""
    dual = numpy.zeros(len(problem.goal))
    steps, before = 0, numpy.inf
    for penalty in PENALTIES:
        found, taken, worst = _newton(problem, dual, penalty / float(problem.start.sum()))
        steps += taken
        # Where weights stand at their bounds a smaller penalty may lead nowhere.
        if taken < ITERATIONS or worst < before:
            dual = found
        stuck = taken == ITERATIONS or (penalty <= SMALL and worst > max(1, STUCK * before))
        if worst < EXACT or stuck:
            break
        before = worst
    return problem.ratio(dual), steps


def _newton(problem: _Problem, dual: Numbers, penalty: float) -> tuple[Numbers, int, float]:
    """The dual that minimises under a penalty, the steps taken, and the largest miss left."""
    value = problem.value(dual, penalty)
    for step in range(ITERATIONS):
        gradient, curvature, missed = problem.derivatives(dual, penalty)
        change = _descent(curvature, gradient)
        decrease = float((gradient * change).sum())
        # The value can't fall by more than this, and a float can't show less.
        if decrease <= LEAST_DECREASE * max(1.0, abs(value)):
            return dual, step, missed
        length = 1.0
        tried = problem.value(dual - change, penalty)
        while tried > value - ENOUGH * length * decrease and length > SHORTEST:
            length /= 2
            tried = problem.value(dual - length * change, penalty)
        dual, value = dual - length * change, tried
    return dual, ITERATIONS, problem.derivatives(dual, penalty)[2]


def _descent(curvature: Numbers, gradient: Numbers) -> Numbers:
    """The Newton step: curvature^-1 gradient by Cholesky's method, in numpy's own loops."""
    size = len(gradient)
    scale = 1 / numpy.sqrt(numpy.diag(curvature))
    lower = curvature * scale[:, None] * scale[None, :]
    lower[numpy.diag_indices(size)] += DIAGONAL
    for place in range(size):
        done = lower[place:, :place]
        column = lower[place:, place] - (done * lower[place, :place]).sum(axis=1)
        lower[place:, place] = column / numpy.sqrt(max(column[0], PIVOT))
    step = gradient * scale
    for place in range(size):
        step[place] = (step[place] - (lower[place, :place] * step[:place]).sum()) / lower[place, place]
    for place in reversed(range(size)):
        step[place] = (step[place] - (lower[place + 1 :, place] * step[place + 1 :]).sum()) / lower[place, place]
    answer: Numbers = step * scale
    return answer
