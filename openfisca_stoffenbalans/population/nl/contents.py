"""Numbers of the law's tables: excretion per animal, standards of manure, contents of animals and eggs."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_stoffenbalans.tables import parameter_files, tables

Floats = NDArray[numpy.float64]

EXCRETION = "nl.manure_regulation.annex_d_table_1_excretion"
DAIRY = "nl.manure_regulation.annex_d_table_2_dairy_excretion"
ANIMALS = "nl.manure_regulation.annex_d_table_3_animals"
EGGS = "nl.manure_regulation.annex_d_table_4_eggs"
LIMIT = "nl.manure_act.animal_manure_limit"
GRAMS = 1000
# Amounts below are not worth a row.
LEAST_KG = 1


def last(cell: Any) -> float:
    """The number of a cell in the last text that has one; NaN where none was printed."""
    values = [one for one in cell.values() if one is not None] if isinstance(cell, Mapping) else [cell]
    return float(values[-1]) if values and values[-1] is not None else numpy.nan


def printed(table: str, row: str, column: str) -> float:
    """A printed number, of the last text; NaN where none was printed."""
    return last(tables()[table].rows[row][column])


@functools.cache
def dairy_table() -> tuple[Floats, Floats, Floats, Floats]:
    """Milk per cow (middle of each class), urea, net nitrogen (milk, urea) and phosphate (milk) of cows on slurry.

    The last text of bijlage D table II, seen on 2015-07-03.
    """
    rows = [row for name, row in tables()[DAIRY].rows.items() if name.startswith("slurry_")]
    named = [
        name for name in tables()[DAIRY].columns if name.startswith("urea_") and name.removeprefix("urea_").isdigit()
    ]
    urea = numpy.array([float(name.removeprefix("urea_")) for name in named])
    starts = numpy.array([last(row["milk_from"]) for row in rows])
    width = numpy.diff(starts[1:]).mean()
    milk = starts + width / 2
    milk[0] = starts[1] - width / 2
    nitrogen = numpy.array([[last(row[name]) for name in named] for row in rows])
    return milk, urea, nitrogen, numpy.array([last(row["p2o5"]) for row in rows])


def dairy_excretion(milk: Floats, urea: Floats) -> tuple[Floats, Floats]:
    """Kg N (net of gaseous loss) and kg P2O5 per cow and year by milk (kg) and urea (mg/100 g), between the classes."""
    classes, ureas, nitrogen, phosphate = dairy_table()
    row = numpy.interp(milk, classes, numpy.arange(len(classes)))
    column = numpy.interp(urea, ureas, numpy.arange(len(ureas)))
    i, j = (numpy.minimum(place.astype(int), size - 2) for place, size in ((row, len(classes)), (column, len(ureas))))
    u, v = row - i, column - j
    upper = nitrogen[i, j] * (1 - v) + nitrogen[i, j + 1] * v
    lower = nitrogen[i + 1, j] * (1 - v) + nitrogen[i + 1, j + 1] * v
    return upper * (1 - u) + lower * u, numpy.interp(milk, classes, phosphate)


def standard(name: str, year: int) -> float:
    """A standard of animal manure, kg N per ha, on the first day of a year; NaN where no text was found."""
    values = parameter_files()[LIMIT][1][name]["values"]
    known = [content["value"] for day, content in sorted(values.items()) if day <= f"{year}-01-01"]
    return float(known[-1]) if known and known[-1] is not None else numpy.nan


@functools.cache
def lower_on_sand() -> frozenset[str]:
    """Provinces where sand and loess have a lower standard under derogation until 2022."""
    rows = tables()["nl.manure_act.provinces"].rows
    return frozenset(name for name, row in rows.items() if row["lower_on_sand_and_loess"])
