"""The tables of a population on their way to files: parts of blocks of farms, joined in their order.

Parts lie on disk, because a whole population in memory is what the blocks avoid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import polars as pl
import pyarrow
import pyarrow.parquet

from openfisca_stoffenbalans.dataset.schema import TABLES

FORMATS = ("parquet", "csv")


def write_part(folder: Path, block: int, tables: Mapping[str, pl.DataFrame]) -> None:
    """Put the tables of one block aside."""
    for name, table in tables.items():
        if table.height:
            table.write_ipc(folder / f"{name}.{block:06}.arrow", compression="lz4")


def parts(folder: Path, table: str) -> Iterator[pl.DataFrame]:
    """The parts of a table in the order of their blocks."""
    for file in sorted(folder.glob(f"{table}.*.arrow")):
        yield pl.read_ipc(file)


def write_table(path: Path, table: str, pieces: Iterable[pl.DataFrame], columns: Iterable[str]) -> int:
    """Write the pieces of a table one after the other into one file; how many rows it has.

    `columns`: those of the file, in its order; what a piece lacks is empty there.
    """
    names = list(columns)
    types = {column.name: column.dtype for column in TABLES[table].columns}
    rows = 0
    writer: pyarrow.parquet.ParquetWriter | None = None
    try:
        for piece in pieces:
            whole = piece.with_columns(
                pl.lit(None, types.get(name, pl.Float64)).alias(name) for name in names if name not in piece.columns
            ).select(names)
            whole = whole.with_columns(pl.col(pl.Enum).cast(pl.String))
            if path.suffix == ".csv":
                with path.open("ab") as stream:
                    whole.write_csv(stream, include_header=not rows)
            else:
                arrow = whole.to_arrow(compat_level=pl.CompatLevel.oldest())
                writer = writer or pyarrow.parquet.ParquetWriter(path, arrow.schema, compression="zstd")
                writer.write_table(arrow)
            rows += whole.height
    finally:
        if writer:
            writer.close()
    return rows


def columns_of(table: str, found: Iterable[str]) -> list[str]:
    """Columns in the order of the contract, then the extra ones by their names."""
    there = set(found)
    known = [name for name in TABLES[table].names if name in there]
    return known + sorted(there - set(known))
