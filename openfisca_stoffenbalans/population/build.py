"""A population from a plan to files: the country's steps block by block, the weights, the tables."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import polars as pl
from numpy.typing import NDArray

from openfisca_stoffenbalans.dataset.schema import TABLES
from openfisca_stoffenbalans.population.assumptions import Assumption, varied
from openfisca_stoffenbalans.population.folder import SIDECAR, move_into, refuse_reweighted, side_car
from openfisca_stoffenbalans.population.margins import targets, years
from openfisca_stoffenbalans.population.measures import design
from openfisca_stoffenbalans.population.parts import columns_of, parts, write_part, write_table
from openfisca_stoffenbalans.population.plan import Plan
from openfisca_stoffenbalans.population.raking import Raking, rake
from openfisca_stoffenbalans.progress import Progress

FEWEST_FARMS = 200

Farms = dict[str, NDArray[Any]]


class PopulationError(ValueError):
    """A population that can't be made: the message says what was asked for and what is allowed."""


@dataclass(frozen=True)
class Made:
    """What was made: rows per table, and how the margins were met."""

    plan: Plan
    rows: Mapping[str, int]
    raking: Raking
    files: list[Path]


def plan(
    country: str, year: int, farms: int | None = None, seed: int = 1, assume: Mapping[str, object] | None = None
) -> tuple[Plan, dict[str, Assumption]]:
    """A plan, and the assumptions it stands on; PopulationError for a year without margins or too few farms."""
    if year not in years(country):
        found = ", ".join(map(str, years(country)))
        raise PopulationError(f"no margins of {year} for {country}; there are those of: {found}")
    wanted = targets(country, year)
    stood_on = varied(country, assume or {})
    made = Plan(country, year, 0, seed, wanted, {name: one.value for name, one in stood_on.items()})
    whole = round(made.target("farms_total"))
    number = whole if farms is None else farms
    if not FEWEST_FARMS <= number <= whole:
        raise PopulationError(f"{number} farms; allowed: {FEWEST_FARMS} to {whole}, all farms of {country} in {year}")
    return Plan(country, year, number, seed, wanted, made.assume), stood_on


def steps(country: str) -> Any:
    """The package of a country's steps, with `frame` and `lines`."""
    return importlib.import_module(f"openfisca_stoffenbalans.population.{country.lower()}")


def part_of(farms: Farms, start: int, end: int) -> Farms:
    """The farms of one block."""
    return {name: values[start:end] for name, values in farms.items()}


@dataclass(frozen=True)
class Task:
    """One block as another process takes it."""

    plan: Plan
    farms: Farms
    block: int
    folder: Path


def make_block(task: Task) -> tuple[NDArray[numpy.float64], dict[str, list[str]]]:
    """Make the tables of one block and put them aside; its farms' part in each target, and the tables' columns."""
    tables = steps(task.plan.country).lines(task.plan, task.farms, task.block)
    write_part(task.folder, task.block, tables)
    of_year = {name: table.filter(pl.col("year_start").dt.year() == task.plan.year) for name, table in tables.items()}
    used = {name: filled(table) for name, table in tables.items() if table.height}
    return design(of_year, task.plan.targets, task.plan.assume), used


def filled(table: pl.DataFrame) -> list[str]:
    """The columns in which some cell is not empty."""
    return [column.name for column in table.get_columns() if column.null_count() < len(column)]


def end_with_parent() -> None:
    """End this process when the one that started it ends: a pool that is killed leaves its processes waiting."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def blocks(tasks: Iterator[Task], number: int, workers: int) -> Iterator[Any]:
    """What `make_block` gives for each task, in their order, however many processes work."""
    if workers == 1:
        yield from map(make_block, tasks)
        return
    # A forked process can inherit a lock of a thread it does not have.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, number), context, initializer=end_with_parent) as pool:
        waiting: list[Future[Any]] = []
        for task in tasks:
            waiting.append(pool.submit(make_block, task))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def build(
    made: Plan, stood_on: Mapping[str, Assumption], out: Path, form: str = "parquet", workers: int = 1,
    progress: Progress | None = None,
) -> Made:  # fmt: skip
    """Make a population and write it into a folder: its tables, and `population.json`, which says what it is made from.

    The same plan gives the same bytes with any number of `workers`. `out` gets nothing before all is made.
    """
    refuse_reweighted(out)
    farms = steps(made.country).frame(made)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as temporary:
        aside, whole = Path(temporary, "parts"), Path(temporary, "whole")
        aside.mkdir()
        whole.mkdir()
        design_of_all, used = make_parts(made, farms, aside, workers, progress)
        raking = rake(farms["start_weight"], design_of_all, made.targets)
        rows = join_parts(aside, whole, used, raking.weights, form)
        content = side_car(made, stood_on, raking, rows)
        (whole / SIDECAR).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        files = move_into(whole, out)
    return Made(made, rows, raking, files)


def make_parts(
    made: Plan, farms: Farms, aside: Path, workers: int, progress: Progress | None
) -> tuple[NDArray[numpy.float64], dict[str, list[str]]]:
    """Make all blocks and put their tables aside; the farms' parts in the targets, and the columns of each table."""
    tasks = (Task(made, part_of(farms, start, end), block, aside) for block, (start, end) in enumerate(made.blocks))
    designs: list[NDArray[numpy.float64]] = []
    used: dict[str, dict[str, None]] = {}
    for done, (part, columns) in enumerate(blocks(tasks, len(made.blocks), workers), 1):
        designs.append(part)
        for table, names in columns.items():
            used.setdefault(table, {}).update(dict.fromkeys(names))
        if progress:
            progress(done, len(made.blocks))
    return numpy.concatenate(designs), {table: list(names) for table, names in used.items()}


def join_parts(
    aside: Path, whole: Path, used: Mapping[str, list[str]], weights: NDArray[numpy.float64], form: str
) -> dict[str, int]:
    """Write the tables from their parts, the farms with their weights; how many rows each has."""
    rows = {}
    for table in TABLES:
        if table in used:
            pieces, names = parts(aside, table), used[table]
            if table == "farms":
                pieces, names = with_weights(pieces, weights), [*names, "weight"]
            rows[table] = write_table(whole / f"{table}.{form}", table, pieces, columns_of(table, names))
    return rows


def with_weights(pieces: Iterator[pl.DataFrame], weights: NDArray[numpy.float64]) -> Iterator[pl.DataFrame]:
    """The farms with their weights, the same in all three years."""
    start = 0
    for piece in pieces:
        farms = piece["farm_id"].n_unique()
        repeated = numpy.repeat(weights[start : start + farms], piece.height // farms)
        yield piece.with_columns(pl.Series("weight", repeated))
        start += farms
