"""The folder of a population: its tables and `population.json`, which says what they were made from."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.dataset.schema import TABLES
from openfisca_stoffenbalans.population.assumptions import Assumption, assumptions
from openfisca_stoffenbalans.population.plan import BLOCK, Plan
from openfisca_stoffenbalans.population.raking import Raking
from openfisca_stoffenbalans.population.side_car import faults

SIDECAR = "population.json"
PACKAGES = ("openfisca-stoffenbalans", "numpy", "polars", "pyarrow")
# What other commands wrote beside an earlier population: about another one, it would be wrong.
STALE = (
    "margins.csv",
    *(f"quality/{name}" for name in ("quality.html", "quality.json", "quality.csv", "breaches.csv")),
)


class FolderError(ValueError):
    """A folder that can't be read as a population or written to: the message says what is there."""


def side_car(plan: Plan, stood_on: Mapping[str, Assumption], raking: Raking, rows: Mapping[str, int]) -> dict[str, Any]:
    """The content of `population.json`. It has neither time nor place: the same plan gives the same bytes."""
    shipped = assumptions(plan.country)
    return {
        "country": plan.country,
        "year": plan.year,
        "years": list(plan.years),
        "seed": plan.seed,
        "farms": plan.farms,
        "farms_per_block": BLOCK,
        "program": {name: importlib.metadata.version(name) for name in PACKAGES},
        "rows": dict(rows),
        "assumptions": {
            name: {
                "value": one.value, "default": shipped[name].value, "low": one.low, "high": one.high,
                "unit": one.unit, "reason": one.reason,
            }
            for name, one in stood_on.items()
        },
        "targets": plan.targets.to_dicts(),
        "raking": raking.account(),
    }  # fmt: skip


def refuse_foreign(out: Path) -> None:
    """FolderError where a population would stand among tables that no population brought."""
    if out.exists() and not out.is_dir():
        raise FolderError(f"{out} is a file, not a folder")
    there = tables_in(out)
    if there and not (out / SIDECAR).exists():
        names = ", ".join(file.name for file in there)
        raise FolderError(f"{out} holds {names} of another data set; take another folder")
    if (out / SIDECAR).exists():
        try:
            read_side_car(out)
        except FolderError as error:
            raise FolderError(f"{error}; nothing is written over it, take another folder") from None


def refuse_reweighted(out: Path) -> None:
    """FolderError where made farms would take the place of those of a data set, with new weights or without."""
    refuse_foreign(out)
    if (out / SIDECAR).is_file() and "reweighted" in read_side_car(out):
        raise FolderError(f"{out} holds farms of a data set with new weights; take another folder")


def tables_in(folder: Path) -> list[Path]:
    """The files of tables in a folder."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return [file for file in files if file.stem in TABLES and file.suffix in (".csv", ".parquet")]


def move_into(made: Path, out: Path) -> list[Path]:
    """Move a finished population into its folder, in the place of an earlier one; the files by name."""
    refuse_foreign(out)
    out.mkdir(parents=True, exist_ok=True)
    new = sorted(made.iterdir())
    stale = [out / name for name in STALE if (out / name).is_file()]
    for old in (*tables_in(out), *stale):
        if old.name not in {file.name for file in new}:
            old.unlink()
    return [file.replace(out / file.name) for file in new]


def read_side_car(folder: Path) -> dict[str, Any]:
    """What a population was made from; FolderError where the folder is none."""
    file = folder / SIDECAR
    if not file.is_file():
        raise FolderError(
            f"{folder} has no {SIDECAR}: it is no population that `stoffenbalans population` made or reweighted"
        )
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise FolderError(f"{file} is not what this program writes: {error}") from None
    wrong = next(faults(content), None)
    if wrong:
        raise FolderError(f"{file} is not what this program writes: {wrong}")
    found: dict[str, Any] = content
    return found


def refuse_other_data(folder: Path, made: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    """FolderError where the tables are not those that `population.json` was written with."""
    file, farms = folder / SIDECAR, tables["farms"]
    countries = farms["country"].cast(pl.String).unique().sort().to_list()
    if countries != [made["country"]]:
        raise FolderError(f"{file} is of country {made['country']}, the farms are of {' and '.join(countries)}")
    years = sorted(set(farms["year_start"].dt.year()))
    if made["year"] not in years:
        raise FolderError(f"{file} is of {made['year']}, the farms' years are {', '.join(map(str, years))}")
    for name, rows in made.get("rows", {}).items():
        if name in tables and tables[name].height != rows:
            raise FolderError(
                f"{file} is of other data: it says {rows} rows of {name}, there are {tables[name].height}"
            )
