"""A comparison's farms over partitions and processes: the same bytes for any number of either, whoever dies."""

from __future__ import annotations

import contextlib
import datetime
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy
import polars
import pytest

from openfisca_stoffenbalans import examples
from openfisca_stoffenbalans.dataset import DataSet, read_dataset
from openfisca_stoffenbalans.lookup import NotInForceError
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario import spread as spreading
from openfisca_stoffenbalans.scenario.definition import Scenario
from openfisca_stoffenbalans.scenario.run import Outcome, Plan, rows_of_year, run
from openfisca_stoffenbalans.scenario.spread import Spread, WorkerLostError, run_spread
from tests.conftest import loaded_system

REGIME = "de.stoffbilv"
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
YEAR = 2020


def spec(name: str, **content: Any) -> dict[str, Any]:
    return Scenario.from_spec({"name": name, **content, "source": "a test"}).spec()


PLAN = Plan(
    REGIME,
    "law",
    {
        "lower": [spec("lower", parameters={LIMIT: {"2018-01-01": 120}})],
        "mean": [spec("mean", readings=["mean_of_yearly_per_hectare"])],
        "storage": [
            spec("storage", parameters={"de.duev.annex_9_storage.table_1.*.solid": {"2017-06-02": {"scale": 2}}})
        ],
    },
    YEAR,
)
SMALL = Plan(REGIME, "law", {"lower": PLAN.scenarios["lower"]}, YEAR)


@pytest.fixture(scope="module")
def sorted_data() -> DataSet:
    return read_dataset(Path(examples.__path__[0]) / "germany")


@pytest.fixture(scope="module")
def shuffled(sorted_data: DataSet) -> DataSet:
    """The same rows of every table in no order at all."""
    tables = {name: table.sample(fraction=1, shuffle=True, seed=7) for name, table in sorted_data.tables.items()}
    return DataSet(tables, "shuffled")


def content(outcome: Outcome) -> dict[str, Any]:
    """All that an outcome holds, as bytes where it is an array of numbers."""
    return {
        "rows": (outcome.rows.dtype, outcome.rows.tobytes()),
        "starts": outcome.starts,
        "reached": outcome.reached,
        "columns": {
            (label, name): (array.dtype, array.tolist() if array.dtype == object else array.tobytes())
            for label, columns in outcome.columns.items()
            for name, array in columns.items()
        },
    }


def here(partitions: Any, spread: Spread) -> Iterator[tuple[int, Outcome]]:
    """The partitions one after the other in this process, the last one first, as if another process had sent them."""
    for position in reversed(range(len(partitions))):
        yield (
            position,
            pickle.loads(pickle.dumps(spreading.work(pickle.loads(pickle.dumps(partitions.task(position)))))),
        )


@pytest.fixture
def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "in_processes", here)
    monkeypatch.setattr(spreading, "law", loaded_system)


@pytest.mark.usefixtures("without_processes")
def test_any_number_of_partitions_gives_the_same_bytes(shuffled: DataSet) -> None:
    once = content(run(shuffled, PLAN, loaded_system()))
    assert len(once["columns"]) > len(regimes()[REGIME].comparison.columns)
    for partitions in (1, 7, 64):
        assert content(run_spread(shuffled, PLAN, Spread(partitions, workers=2), loaded_system())) == once


@pytest.mark.usefixtures("without_processes")
def test_partitions_in_one_process_are_parts_of_the_run(sorted_data: DataSet) -> None:
    once = content(run(sorted_data, PLAN, loaded_system()))
    assert content(run_spread(sorted_data, PLAN, Spread(7), loaded_system())) == once
    assert content(run_spread(sorted_data, PLAN, Spread(7, workers=2), loaded_system())) == once


@pytest.mark.usefixtures("without_processes")
def test_every_farm_is_in_one_partition_with_all_its_rows(shuffled: DataSet) -> None:
    partitions = spreading.Partitions(shuffled, PLAN, 7)
    tasks = [partitions.task(position) for position in range(7)]
    for name, table in shuffled.tables.items():
        assert sum(len(task.data.tables[name]) for task in tasks) == len(table)
    farms = [set(task.data.tables["farms"]["farm_id"]) for task in tasks]
    assert sum(len(some) for some in farms) == len(set().union(*farms))
    for task, some in zip(tasks, farms, strict=True):
        assert set(task.data.tables["flows"]["farm_id"]) <= some


def test_a_partition_without_a_farm_of_the_year_changes_nothing(sorted_data: DataSet, without_processes: None) -> None:
    # Every second farm has no balance year that starts in 2020.
    farms = sorted_data.tables["farms"]
    ids = farms["farm_id"].unique(maintain_order=True).gather_every(2)
    gone = polars.col("farm_id").is_in(ids.implode()) & (polars.col("year_start").dt.year() == YEAR)
    data = DataSet({name: table.filter(~gone) for name, table in sorted_data.tables.items()}, "holes")
    once = run(data, SMALL, loaded_system())
    assert 0 < len(once.rows) < farms["farm_id"].n_unique()
    assert content(run_spread(data, SMALL, Spread(64, workers=2), loaded_system())) == content(once)


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_processes_gives_the_same_bytes(workers: int, shuffled: DataSet) -> None:
    once = content(run(shuffled, PLAN, loaded_system()))
    calls: list[tuple[int, int]] = []
    outcome = run_spread(shuffled, PLAN, Spread(7, workers), progress=lambda *done: calls.append(done))
    assert content(outcome) == once
    assert calls == [(count, 7) for count in range(1, 8)]


def test_a_killed_process_costs_a_second_try_and_no_result(sorted_data: DataSet) -> None:
    seen: list[set[int | None]] = []

    def kill_one(done: int, partitions: int) -> None:
        children = multiprocessing.active_children()
        seen.append({child.pid for child in children})
        if done == 1:
            os.kill(children[0].pid, signal.SIGKILL)

    outcome = run_spread(sorted_data, SMALL, Spread(6, workers=2), progress=kill_one)
    assert content(outcome) == content(run(sorted_data, SMALL, loaded_system()))
    assert len(seen) == 6
    assert seen[-1].isdisjoint(seen[0]), "nobody was started in the place of the dead"


@contextlib.contextmanager
def killer() -> Iterator[list[int]]:
    """Kills every process that this one starts; gives the numbers of the dead."""
    dead: list[int] = []
    stop = threading.Event()

    def kill() -> None:
        while not stop.wait(0.05):
            for child in multiprocessing.active_children():
                if child.pid not in dead:
                    dead.append(child.pid)
                    os.kill(child.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield dead
    finally:
        stop.set()
        thread.join()


def test_processes_that_always_die_end_the_run_with_a_sentence(sorted_data: DataSet) -> None:
    sentence = (
        r"^the process that worked on partition [12] of 2 died 4 times; it may need more memory than there is: "
        r"try more partitions or fewer workers$"
    )
    with killer() as dead, pytest.raises(WorkerLostError, match=sentence):
        run_spread(sorted_data, SMALL, Spread(2, workers=2))
    # Four times one or two processes.
    assert 4 <= len(dead) <= 8


def test_an_error_in_another_process_is_the_error_of_the_run(sorted_data: DataSet) -> None:
    plan = Plan(REGIME, "law", {"p": [spec("p", reforms=["phosphate_limit"])]}, YEAR)
    with pytest.raises(NotInForceError, match="phosphate_limit: no value is published"):
        run_spread(sorted_data, plan, Spread(2, workers=2))


class Breaking:
    """A pool in this process that works on a few partitions and then dies."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.left = 3

    def __enter__(self) -> Breaking:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, work: Any, file: str) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self.left -= 1
        if self.left >= 0:
            future.set_result(work(file))
        else:
            future.set_exception(BrokenProcessPool())
        return future


def test_processes_that_get_further_each_time_finish(sorted_data: DataSet, monkeypatch: pytest.MonkeyPatch) -> None:
    # 3 partitions are done before each death and 3 more are lost by it, so 15 need 5 pools; none is lost 4 times
    # when those that no process had taken are not counted.
    monkeypatch.setattr(spreading, "ProcessPoolExecutor", Breaking)
    monkeypatch.setattr(spreading, "law", loaded_system)
    outcome = run_spread(sorted_data, SMALL, Spread(15, workers=2))
    assert content(outcome) == content(run(sorted_data, SMALL, loaded_system()))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster


def test_workers_of_a_scheduler_give_the_same_bytes(cluster: Any, shuffled: DataSet) -> None:
    once = content(run(shuffled, PLAN, loaded_system()))
    assert content(run_spread(shuffled, PLAN, Spread(7, scheduler=cluster.scheduler_address))) == once


def test_a_killed_worker_of_a_scheduler_costs_no_result(cluster: Any, sorted_data: DataSet) -> None:
    dead: list[int] = []

    def kill_one(done: int, partitions: int) -> None:
        if done == 1:
            dead.append(next(iter(cluster.workers.values())).pid)
            os.kill(dead[0], signal.SIGKILL)

    spread = Spread(6, scheduler=cluster.scheduler_address)
    outcome = run_spread(sorted_data, SMALL, spread, progress=kill_one)
    assert len(dead) == 1
    assert content(outcome) == content(run(sorted_data, SMALL, loaded_system()))


def farm_years(*keys: tuple[str, str]) -> DataSet:
    """A data set of nothing but these farm-years."""
    days = [datetime.date.fromisoformat(day) for _, day in keys]
    return DataSet({"farms": polars.DataFrame({"farm_id": [farm for farm, _ in keys], "year_start": days})}, "keys")


def counted(year: int, *keys: tuple[str, str]) -> list[tuple[str, str]]:
    """The farm-years among these that count for a calendar year."""
    return [keys[row] for row in rows_of_year(farm_years(*keys), year)]


def test_of_two_series_in_a_year_the_one_with_more_years_up_to_it_counts() -> None:
    # The balance year moved from July to January: in 2020 three years are known from July, one from January.
    july = [("a", f"{year}-07-01") for year in (2018, 2019, 2020)]
    january = [("a", f"{year}-01-01") for year in (2020, 2021, 2022, 2023)]
    assert counted(2020, *january, *july) == [("a", "2020-07-01")]
    # Years after the one asked for do not count; of 2021 there is only one.
    assert counted(2021, *january, *july) == [("a", "2021-01-01")]
    assert counted(2017, *january, *july) == []


def test_of_two_series_with_as_many_years_the_earlier_start_counts() -> None:
    later, earlier = ("a", "2020-07-01"), ("a", "2020-01-01")
    assert counted(2020, later, earlier) == [earlier]
    assert counted(2020, ("a", "2019-07-01"), later, ("a", "2018-01-01"), earlier) == [earlier]


def test_a_gap_between_years_is_no_year() -> None:
    # From January 2016 and 2020 are known, from July 2018, 2019 and 2020.
    keys = [("a", "2016-01-01"), ("a", "2020-01-01"), *(("a", f"{year}-07-01") for year in (2018, 2019, 2020))]
    assert counted(2020, *keys) == [("a", "2020-07-01")]


def test_rows_come_in_the_order_of_the_data_and_farms_do_not_mix() -> None:
    keys = [("b", "2020-07-01"), ("a", "2020-01-01"), ("b", "2019-07-01"), ("a", "2020-10-01"), ("b", "2020-01-01")]
    assert counted(2020, *keys) == [("b", "2020-07-01"), ("a", "2020-01-01")]
    rows = rows_of_year(farm_years(*keys), 2020)
    assert rows.dtype == numpy.int64
    assert rows.tolist() == [0, 1]
