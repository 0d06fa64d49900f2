"""A data set of German farms made in memory: three balance years, twenty lines a farm and year."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy
import polars

from openfisca_stoffenbalans import codes
from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.schema import TABLES

YEARS = (2018, 2019, 2020)
LINES = {"flows": 12, "herds": 4, "crops": 2, "applications": 2}


def members(enum: type) -> list[str]:
    return [member.name for member in enum]


def picked(random: numpy.random.Generator, enum: type, allowed: list[str], size: int) -> polars.Series:
    """Random codes as a polars Enum column."""
    names = members(enum)
    index = numpy.array([names.index(name) for name in allowed], dtype=numpy.uint16)
    dtype = polars.Enum(names)
    return polars.Series(names, dtype=dtype).gather(random.choice(index, size))


def some(random: numpy.random.Generator, values: numpy.ndarray, share: float) -> polars.Series:
    """Values with a share of them given and the rest null."""
    given = random.random(len(values)) < share
    return polars.Series(numpy.where(given, values, numpy.nan)).fill_nan(None)


def make(farms: int, seed: int = 1) -> DataSet:
    """Random farms with plausible magnitudes; about a tenth has something missing."""
    random = numpy.random.default_rng(seed)
    ids = polars.Series([f"DE{number:07}" for number in range(farms)])
    starts = [datetime.date(year, 1, 1) for year in YEARS]
    rows = farms * len(YEARS)
    farm_id = ids.gather(numpy.repeat(numpy.arange(farms), len(YEARS)))
    year_start = polars.Series(starts * farms, dtype=polars.Date)
    biogas = random.random(rows) < 0.05
    substrate = random.uniform(0, 5000, rows)
    tables = {
        "farms": {
            "farm_id": farm_id,
            "year_start": year_start,
            "country": polars.Series(["DE"], dtype=polars.Enum(members(codes.Country))).new_from_index(0, rows),
            "weight": numpy.ones(rows),
            "utilised_area_ha": numpy.where(random.random(rows) < 0.02, 0, random.gamma(1.2, 50, rows).round(2)),
            "has_biogas_plant": biogas,
            "linked_to_livestock_farm": biogas & (random.random(rows) < 0.7),
            "biogas_plant_substrate_n_kg": polars.Series(numpy.where(biogas, substrate, numpy.nan)).fill_nan(None),
            "biogas_substrate_n_kg": polars.Series(numpy.where(biogas, substrate * 2, numpy.nan)).fill_nan(None),
            "assessment_method": picked(random, codes.AssessmentMethod, ["flat", "farm_specific"], rows),
            "unavoidable_losses_n_kg": numpy.where(random.random(rows) < 0.05, 100.0, 0.0),
        }
    }
    makers = {"flows": flows, "herds": herds, "crops": crops, "applications": applications}
    for table, make_lines in makers.items():
        size = rows * LINES[table]
        of_row = numpy.repeat(numpy.arange(rows), LINES[table])
        tables[table] = {
            "farm_id": farm_id.gather(of_row),
            "year_start": year_start.gather(of_row),
            **make_lines(random, size),
        }
    made = {name: complete(name, columns) for name, columns in tables.items()}
    return DataSet({name: made.get(name, schema.empty()) for name, schema in TABLES.items()}, f"{farms} farms")


def complete(table: str, columns: dict) -> polars.DataFrame:
    """All columns of the contract, those not made as nulls or their default."""
    frame = polars.DataFrame(columns)
    schema = TABLES[table]
    for column in schema.columns:
        if column.name not in frame.columns:
            frame = frame.with_columns(polars.lit(column.default, dtype=column.dtype).alias(column.name))
    return frame.select(schema.names).cast({column.name: column.dtype for column in schema.columns})


def german(listed: dict[str, codes.Code]) -> list[str]:
    """The codes of the German tables, which alone these farms are held against."""
    return [name for name, code in listed.items() if code.table.startswith("de.")]


def flows(random: numpy.random.Generator, size: int) -> dict:
    mass = [code for code in german(codes.PRODUCTS) if codes.PRODUCTS[code].unit in ("t", "dt")]
    mass = [code for code in mass if not codes.PRODUCTS[code].form]
    supply = random.random(size) < 0.5
    categories = members(codes.Category)
    both = ["mineral_fertiliser", "animal_manure", "other_organic_fertiliser", "feed", "seed", "livestock", "other"]
    removal_only = ["plant_product", "animal_product"]
    supplied = numpy.array([categories.index(name) for name in both])
    removed = numpy.array([categories.index(name) for name in both + removal_only * 3])
    category = numpy.where(supply, random.choice(supplied, size), random.choice(removed, size))
    declared = random.random(size) < 0.4
    product = picked(random, codes.Product, mass, size)
    return {
        "direction": polars.Series(["removal", "supply"], dtype=polars.Enum(members(codes.Direction))).gather(
            supply.astype(numpy.uint32)
        ),
        "category": polars.Series(categories, dtype=polars.Enum(categories)).gather(category),
        "product": product.zip_with(
            polars.Series(random.random(size) < 0.99),
            polars.Series([None], dtype=product.dtype).new_from_index(0, size),
        ),
        "amount": random.gamma(1, 8, size).round(3),
        "unit": picked(random, codes.Unit, ["t", "dt", "kg"], size),
        "n_content": polars.Series(numpy.where(declared, random.uniform(0, 0.05, size), numpy.nan)).fill_nan(None),
        "p2o5_content": polars.Series(numpy.where(declared, random.uniform(0, 0.02, size), numpy.nan)).fill_nan(None),
        "content_source": polars.Series(["label", "table"], dtype=polars.Enum(members(codes.ContentSource))).gather(
            (~declared).astype(numpy.uint32)
        ),
        "dry_matter_pct": some(random, random.uniform(20, 90, size), 0.05),
        "weight_basis": picked(random, codes.WeightBasis, ["live"] * 9 + ["slaughter"], size),
        "animal_sex": picked(random, codes.AnimalSex, ["all"] * 7 + ["male", "female", "dairy_cow"], size),
        "farm_manure": category == categories.index("animal_manure"),
    }


def herds(random: numpy.random.Generator, size: int) -> dict:
    return {
        "animal": picked(random, codes.Animal, german(codes.ANIMALS), size),
        "count": random.gamma(1, 15, size).round(1),
        "manure_system": picked(random, codes.ManureSystem, ["slurry", "solid"], size),
        "grazing_days": numpy.where(random.random(size) < 0.2, 150.0, 0.0),
        "livestock_units": some(random, random.gamma(1, 15, size).round(1), 0.2),
        "n_excretion_kg": some(random, random.gamma(1, 500, size).round(1), 0.1),
    }


def crops(random: numpy.random.Generator, size: int) -> dict:
    return {
        "crop": picked(random, codes.Crop, [*german(codes.CROPS), *["other"] * len(german(codes.CROPS))], size),
        "area_ha": random.gamma(1, 5, size).round(2),
        "yield_dt_per_ha": some(random, random.uniform(20, 400, size).round(1), 0.3),
    }


def applications(random: numpy.random.Generator, size: int) -> dict:
    return {
        "material": picked(random, codes.Material, ["cattle", "pigs", "poultry", "other_animals"], size),
        "form": picked(random, codes.Form, ["slurry", "solid"], size),
        "origin": picked(random, codes.Origin, ["own", "received"], size),
        "n_kg": random.gamma(1, 500, size).round(1),
    }


def write(data: DataSet, folder: Path) -> None:
    """The data set as Parquet files with text codes, as a user would have them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in data.tables.items():
        frame.with_columns(polars.col(polars.Enum).cast(polars.String)).write_parquet(folder / f"{name}.parquet")
