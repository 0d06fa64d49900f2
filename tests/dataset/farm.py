"""A dairy farm in Emsland as a small valid data set, and writing data sets in the three formats."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.dataset import TABLES, Report, check, read_tables

START = "2019-01-01"
COW = "milcherzeugung_schwere_rassen_gruenland_mit_weidegang_8_000_ecm"
MANURE = "de_manure_milchviehhaltung_milcherzeugung_gruenland_mit_weidegang_8_000_ecm_slurry"
KEY = {"farm_id": "emsland", "year_start": START}

Rows = dict[str, list[dict[str, Any]]]


def emsland() -> Rows:
    return {
        "farms": [KEY | {"country": "DE", "utilised_area_ha": "80", "farm_type": "dairy", "has_biogas_plant": "true",
                         "biogas_substrate_n_kg": "12.5", "weight": "2"}],
        "flows": [
            KEY | {"direction": "removal", "category": "animal_product", "product": "de_t5_kuhmilch_3_4_rp",
                   "amount": "640", "unit": "t"},
            KEY | {"direction": "supply", "category": "mineral_fertiliser", "amount": "200", "unit": "dt",
                   "n_content": "27", "content_source": "label"},
            KEY | {"direction": "supply", "category": "animal_manure", "product": MANURE, "amount": "100",
                   "unit": "m3"},
        ],
        "herds": [KEY | {"animal": COW, "count": "80", "manure_system": "slurry", "grazing_days": "120"}],
        "crops": [
            KEY | {"crop": "wheat", "area_ha": "30", "yield_dt_per_ha": "80"},
            KEY | {"crop": "de_t6_klee_ganzpflanze", "area_ha": "50"},
        ],
        "applications": [KEY | {"material": "digestate", "form": "slurry", "origin": "own", "n_kg": "4000"}],
        "stocks": [KEY | {"category": "feed", "product": "de_t1_weizen_rp12_korn", "opening": "4", "closing": "6",
                          "unit": "t"}],
        "fields": [KEY | {"field_id": "north", "area_ha": "30", "soil_type": "dekzand", "groundwater_class": "VI"}],
    }  # fmt: skip


def columns(rows: list[dict[str, Any]]) -> list[str]:
    """Every column that a row has."""
    return list(dict.fromkeys(name for row in rows for name in row))


def as_text(rows: list[dict[str, Any]]) -> pl.DataFrame:
    names = columns(rows)
    cells = {name: [row.get(name) for row in rows] for name in names}
    return pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String))


def as_typed(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells in the types a Parquet file would hold."""
    for column in TABLES[table].columns:
        if column.name not in frame.columns:
            continue
        if column.kind == "number":
            frame = frame.with_columns(frame[column.name].cast(pl.Float64))
        elif column.kind == "date":
            frame = frame.with_columns(frame[column.name].str.to_date("%Y-%m-%d"))
        elif column.kind == "bool":
            frame = frame.with_columns(pl.col(column.name) == "true")
    return frame


def write_csv(folder: Path, data: Mapping[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for table, rows in data.items():
        (as_text(rows) if isinstance(rows, list) else rows).write_csv(folder / f"{table}.csv")
    return folder


def write_parquet(folder: Path, data: Mapping[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    for table, rows in data.items():
        frame = as_typed(table, as_text(rows)) if isinstance(rows, list) else rows
        frame.write_parquet(folder / f"{table}.parquet")
    return folder


def write_xlsx(path: Path, data: Mapping[str, Any]) -> Path:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for table, rows in data.items():
        sheet = book.add_worksheet(table)
        frame = as_typed(table, as_text(rows)) if isinstance(rows, list) else rows
        sheet.write_row(0, 0, frame.columns)
        for place, row in enumerate(frame.iter_rows(), start=1):
            for across, cell in enumerate(row):
                if isinstance(cell, datetime.date):
                    moment = datetime.datetime.combine(cell, datetime.time())
                    sheet.write_datetime(place, across, moment, day)
                elif isinstance(cell, str):
                    sheet.write_string(place, across, cell)
                elif cell is not None:
                    sheet.write(place, across, cell)
    book.close()
    return path


def report_of(folder: Path, data: Mapping[str, Any]) -> Report:
    """What the check says about these tables as CSV."""
    return check(read_tables(write_csv(folder, data)), "emsland")


def only(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1, frame["message"].to_list()
    return frame.row(0, named=True)
