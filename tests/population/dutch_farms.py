"""What the tests of Dutch farms share: plans, and tables on their way to the engine."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from openfisca_stoffenbalans.population.build import plan
from openfisca_stoffenbalans.population.plan import Plan


def a_plan(farms: int, **other: float) -> Plan:
    """A plan of the Netherlands, some assumptions with another value."""
    return plan("NL", 2023, farms, 1, other)[0]


def written(tables: dict[str, pl.DataFrame], folder: Path) -> Path:
    """The tables as a data set."""
    for name, table in tables.items():
        table.with_columns(pl.col(pl.Enum).cast(pl.String)).write_parquet(folder / f"{name}.parquet")
    return folder
