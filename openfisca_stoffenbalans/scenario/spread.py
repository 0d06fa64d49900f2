"""A comparison's farms spread over partitions and processes: the same values for any number of either.

No farm's result depends on another's, so the farms are cut into partitions, each is run on its own, and the values are
put back in the order of the data before anything is counted.
"""

from __future__ import annotations

import functools
import multiprocessing
import pickle
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.runs import KEYS, find_runs
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet
from openfisca_stoffenbalans.dataset.simulation import FARMS_PER_PART
from openfisca_stoffenbalans.progress import Progress
from openfisca_stoffenbalans.scenario.run import Outcome, Plan, rows_of_year, run, starts
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

# A partition is tried again this often when the process that worked on it dies.
TRIES = 4
SECONDS_TO_CONNECT = 10

Integers = NDArray[numpy.int64]


class WorkerLostError(RuntimeError):
    """Processes died again and again while they worked on the same partitions."""


class ClusterError(RuntimeError):
    """No dask scheduler can be worked with; the message says what to do."""


@dataclass(frozen=True)
class Spread:
    """How the work is divided: `partitions` of the farms (None: by size), `workers` processes, a dask `scheduler`."""

    partitions: int | None = None
    workers: int = 1
    scheduler: str | None = None


@dataclass(frozen=True)
class Task:
    """One partition as another process takes it; `rows` are those of its own `farms`."""

    data: DataSet
    plan: Plan
    rows: Integers


def run_spread(
    data: DataSet, plan: Plan, spread: Spread, system: Any = None, progress: Progress | None = None
) -> Outcome:
    """Run a plan over a data set as the spread says; WorkerLostError when processes keep dying."""
    farms = data.tables["farms"]["farm_id"].n_unique()
    if spread.workers == 1 and spread.scheduler is None:
        size = FARMS_PER_PART if spread.partitions is None else -(-farms // spread.partitions)
        return run(data, plan, system, max(1, size), progress)
    number = spread.partitions or max(2 * spread.workers, -(-farms // FARMS_PER_PART))
    partitions = Partitions(data, plan, min(number, farms))
    finish = on_cluster if spread.scheduler is not None else in_processes
    done: list[Outcome | None] = [None] * len(partitions)
    for count, (position, outcome) in enumerate(finish(partitions, spread), 1):
        done[position] = outcome
        if progress:
            progress(count, len(partitions))
    return partitions.together([one for one in done if one is not None])


class Partitions:
    """The partitions of a data set: runs of its farms in their order."""

    def __init__(self, data: DataSet, plan: Plan, number: int) -> None:
        """Cut the farms into `number` runs of about the same length."""
        self.data, self.plan, self.number = data, plan, number
        farms = data.tables["farms"]
        # Farms are numbered in the order in which they first appear, so that a partition of sorted data is a slice.
        order = farms.select(KEYS[0]).unique(maintain_order=True).with_row_index("number")
        numbered = farms.select(KEYS[0]).join(order, on=KEYS[0], how="left", maintain_order="left")
        of_farm = numbered["number"].cast(polars.Int64).to_numpy()
        self.of_row: Integers = of_farm * number // max(1, len(order))
        self.rows = rows_of_year(data, plan.year)
        keyed = farms.select(KEYS).with_columns(farm=polars.int_range(polars.len()))
        self.of_line = {name: self.lines(data.tables[name], keyed) for name in TABLES if name != "farms"}

    def lines(self, table: polars.DataFrame, farms: polars.DataFrame) -> Integers:
        """The partition of each row of a table."""
        if not len(table):
            return numpy.zeros(0, dtype=numpy.int64)
        runs = find_runs(table, farms)
        return numpy.repeat(self.of_row[runs.farm], numpy.diff(runs.first, append=len(table)))

    def __len__(self) -> int:
        """How many there are."""
        return self.number

    def task(self, position: int) -> Task:
        """The data, plan and rows of one partition."""
        tables = {name: cut(self.data.tables[name], of, position) for name, of in self.of_line.items()}
        tables["farms"] = cut(self.data.tables["farms"], self.of_row, position)
        data = DataSet({name: tables[name] for name in TABLES}, self.data.source)
        own = numpy.flatnonzero(self.of_row == position)
        return Task(data, self.plan, numpy.searchsorted(own, self.rows[self.of_row[self.rows] == position]))

    def together(self, outcomes: Sequence[Outcome]) -> Outcome:
        """The outcomes of all partitions as one, in the order of the data."""
        whole = Outcome(self.rows, starts(self.plan))
        places = [numpy.flatnonzero(self.of_row[self.rows] == position) for position in range(self.number)]
        for label, start in whole.starts.items():
            for name in dict.fromkeys(name for one in outcomes for name in one.columns.get(label, {})):
                having = [(at, one.columns[label][name]) for at, one in zip(places, outcomes, strict=True)
                          if name in one.columns.get(label, {})]  # fmt: skip
                if start is None:
                    array = numpy.empty(len(self.rows), dtype=having[0][1].dtype)
                else:
                    array = whole.of(start, name).copy()
                for at, values in having:
                    array[at] = values
                whole.columns.setdefault(label, {})[name] = array
        whole.reached = set().union(*(one.reached for one in outcomes))
        return whole


def cut(table: polars.DataFrame, of: Integers, position: int) -> polars.DataFrame:
    """The rows of a partition: a slice where they stand together."""
    rows = numpy.flatnonzero(of == position)
    if len(rows) and rows[-1] - rows[0] + 1 == len(rows):
        return table.slice(int(rows[0]), len(rows))
    return table[rows]


@functools.cache
def law() -> CountryTaxBenefitSystem:
    """The law, loaded once in a process."""
    return CountryTaxBenefitSystem()


def work(task: Task) -> Outcome:
    """Run one partition."""
    return run(task.data, task.plan, law(), rows=task.rows)


def work_from(file: str) -> Outcome:
    """Run the partition in a file."""
    return work(pickle.loads(Path(file).read_bytes()))


def in_processes(partitions: Partitions, spread: Spread) -> Iterator[tuple[int, Outcome]]:
    """The outcome of each partition as it is ready; what a dead process worked on is given to another."""
    waiting, tries = list(range(len(partitions))), dict.fromkeys(range(len(partitions)), 0)
    with tempfile.TemporaryDirectory(prefix="stoffenbalans-") as folder:
        while waiting:
            lost: list[int] = []
            untried: list[int] = []
            # Processes are started anew: a copy of this one could hold a lock that nobody gives back.
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(spread.workers, mp_context=context) as pool:
                yield from served(pool, partitions, waiting, Path(folder), spread.workers, lost, untried)
            waiting = lost + untried
            for position in lost:
                tries[position] += 1
                if tries[position] >= TRIES:
                    raise WorkerLostError(
                        f"the process that worked on partition {position + 1} of {len(partitions)} died {TRIES} times; "
                        "it may need more memory than there is: try more partitions or fewer workers"
                    )


def served(
    pool: ProcessPoolExecutor,
    partitions: Partitions,
    waiting: Sequence[int],
    folder: Path,
    workers: int,
    lost: list[int],
    untried: list[int],
) -> Iterator[tuple[int, Outcome]]:
    """Give a pool one partition after the other, a few ahead.

    When a process dies, the partitions that the pool had are added to `lost`, those it had not yet to `untried`.
    """
    todo, running = list(reversed(waiting)), dict[Future[Outcome], int]()
    broken = False
    while todo or running:
        while todo and not broken and len(running) < workers + 1:
            position = todo.pop()
            file = folder / f"{position}.pickle"
            file.write_bytes(pickle.dumps(partitions.task(position), protocol=5))
            try:
                running[pool.submit(work_from, str(file))] = position
            except BrokenProcessPool:
                broken = True
                lost.append(position)
        if broken and not running:
            untried.extend(todo)
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            position = running.pop(future)
            try:
                outcome = future.result()
            except BrokenProcessPool:
                broken = True
                lost.append(position)
                continue
            (folder / f"{position}.pickle").unlink(missing_ok=True)
            yield position, outcome


def on_cluster(partitions: Partitions, spread: Spread) -> Iterator[tuple[int, Outcome]]:
    """The outcome of each partition from the workers of a dask scheduler, which tries a lost one again."""
    with cluster(spread.scheduler) as client:
        distributed = sys.modules["distributed"]
        futures = {
            client.submit(work, partitions.task(position), retries=TRIES, pure=False): position
            for position in range(len(partitions))
        }
        ready: Iterable[Any] = distributed.as_completed(futures, loop=client.loop)
        for future in ready:
            yield futures[future], future.result()
            future.release()


def cluster(scheduler: str | None) -> Any:
    """A client of a dask scheduler; ClusterError without one."""
    try:
        from distributed import Client
    except ImportError as error:
        message = "a scheduler needs dask: install openfisca-stoffenbalans with its extra `cluster`"
        raise ClusterError(message) from error
    try:
        client: Any = Client
        return client(scheduler, set_as_default=False, timeout=SECONDS_TO_CONNECT)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no dask scheduler answers at {scheduler}: {error}") from error
