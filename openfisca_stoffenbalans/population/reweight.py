"""Farms of a data set with new weights that meet margins: for real microdata, and for populations in another year."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from openfisca_stoffenbalans.dataset.read import RawTable
from openfisca_stoffenbalans.dataset.schema import TABLES, DataSet
from openfisca_stoffenbalans.population.folder import PACKAGES, SIDECAR, FolderError, move_into, read_side_car
from openfisca_stoffenbalans.population.margins_file import read_margins
from openfisca_stoffenbalans.population.measures import design
from openfisca_stoffenbalans.population.raking import HIGH, LOW, Raking, rake
from openfisca_stoffenbalans.population.tallies import Tallies

MARGINS = "margins.csv"


class ReweightError(ValueError):
    """Data that can't be given new weights: the message says what was found and what is allowed."""


@dataclass(frozen=True)
class Reweighted:
    """New weights and how they came about.

    `farms`: farm_id, weight before, weight after, one row per farm of the calibration year; `without_year`: farms that
    lack that year and keep their weight; `more_starts`: farms with two balance years in it, of which the first counts.
    """

    country: str
    year: int
    targets: pl.DataFrame
    raking: Raking
    farms: pl.DataFrame
    without_year: int
    more_starts: int

    def margins(self) -> pl.DataFrame:
        """Each margin with what the weights make of it before and after, and by how many per cent it is missed."""
        return self.targets.with_columns(
            before=pl.Series(self.raking.before), after=pl.Series(self.raking.achieved),
            deviation_pct=pl.Series(self.raking.deviation), met=pl.Series(self.raking.met),
        )  # fmt: skip

    def sentences(self) -> list[str]:
        """What was done, how the margins came out, and which farms were left alone."""
        said = [
            f"Farms with new weights in all their years, held to the margins in {self.year}: {self.farms.height:,}."
        ]
        if self.more_starts:
            said.append(
                f"Farms with two balance years in {self.year}, of which the first counts: {self.more_starts:,}."
            )
        if self.without_year:
            said.append(f"Farms without a balance year {self.year}, which keep their weights: {self.without_year:,}.")
        return said + self.raking.sentences(self.targets)


def reweight(
    data: DataSet, targets: Path, year: int | None = None, low: float = LOW, high: float = HIGH,
    assume: dict[str, Any] | None = None,
) -> Reweighted:  # fmt: skip
    """Weights near those of a data set that meet the margins of a CSV file in one calendar year.

    `year`: in which the balance years begin that are held to the margins, the last one of the data when not given;
    `low`, `high`: bounds of new over old weight; `assume`: name -> value of assumptions that statistics need. Raises
    ReweightError for another year than the data have or farms of two countries, MarginsFileError for the margins.
    """
    farms = data.tables["farms"]
    there = sorted(set(farms["year_start"].dt.year()))
    chosen = there[-1] if year is None else year
    if chosen not in there:
        found = ", ".join(map(str, there))
        raise ReweightError(f"no balance year begins in {chosen}; those of the data begin in: {found}")
    countries = farms["country"].cast(pl.String).unique().sort().to_list()
    if len(countries) > 1:
        raise ReweightError(f"farms of {' and '.join(countries)} found; allowed: those of one country at a time")
    of_year = farms.filter(pl.col("year_start").dt.year() == chosen)
    first = of_year.sort("year_start", maintain_order=True).unique("farm_id", keep="first", maintain_order=True)
    tables = {**data.tables, "farms": first}
    wanted = read_margins(targets, Tallies(tables, assume))
    start = first["weight"].to_numpy()
    raking = rake(start, design(tables, wanted, assume), wanted, low, high)
    weights = pl.DataFrame({"farm_id": first["farm_id"], "before": start, "weight": raking.weights})
    return Reweighted(
        countries[0], chosen, wanted, raking, weights,
        farms["farm_id"].n_unique() - first.height, of_year.height - first.height,
    )  # fmt: skip


def without_weights(raw: Mapping[str, RawTable]) -> list[str]:
    """What is wrong where a farm has no weight to start from: an empty cell would say that it stands for itself."""
    frame, file = raw["farms"].frame, raw["farms"].file
    if "weight" not in frame.columns:
        allowed = "the weight that each farm starts from (1 for all where they are alike)"
        return [f"{file}: the column weight is missing; allowed: {allowed}"]
    empty = frame["weight"].is_null()
    if frame["weight"].dtype == pl.String:
        empty |= (frame["weight"] == "").fill_null(True)
    if not empty.any():
        return []
    line = raw["farms"].rows(empty.arg_true())[0]
    return [f"{file}, line {line}, weight: is missing, in {int(empty.sum())} rows; allowed: a number > 0"]


def assumptions_of(source: Path) -> dict[str, Any]:
    """What the `population.json` of a data set says that it stands on; {} for data without one."""
    if not source.is_dir() or not (source / SIDECAR).is_file():
        return {}
    found: dict[str, Any] = read_side_car(source).get("assumptions", {})
    return found


def refuse_input(source: Path, out: Path) -> None:
    """FolderError where the output would take the place of the input."""
    folder = source if source.is_dir() else source.parent
    if out.resolve() == folder.resolve():
        raise FolderError(f"{out} is where the data are; take another folder")


def write(made: Reweighted, data: DataSet, raw: Mapping[str, RawTable], source: Path, out: Path) -> list[Path]:
    """Write the data set with its new weights: its tables as they are but for the weights, the margins, a side-car.

    Files of a folder stay in their format; the sheets of a workbook become CSV files. Raises FolderError for the
    folder of the data and one with tables of other data.
    """
    refuse_input(source, out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as temporary:
        whole = Path(temporary)
        for name, table in raw.items():
            if name == "farms":
                _write_farms(made, table, whole)
            elif source.is_dir():
                shutil.copyfile(source / table.file, whole / table.file)
            else:
                table.frame.write_csv(whole / f"{name}.csv")
        made.margins().write_csv(whole / MARGINS)
        content = _side_car(made, data, assumptions_of(source))
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (whole / SIDECAR).write_text(text, encoding="utf-8")
        return move_into(whole, out)


def _write_farms(made: Reweighted, table: RawTable, folder: Path) -> None:
    frame = table.frame
    given = frame["weight"].cast(pl.Float64)
    new = frame.select(pl.col("farm_id").cast(pl.String)).join(
        made.farms, "farm_id", "left", maintain_order="left"
    )["weight"]  # fmt: skip
    frame = frame.with_columns(pl.select(pl.coalesce(new, given)).to_series().alias("weight"))
    if table.file.endswith(".parquet"):
        frame.write_parquet(folder / table.file)
    else:
        frame.write_csv(folder / "farms.csv")


def _side_car(made: Reweighted, data: DataSet, assumptions: dict[str, Any]) -> dict[str, Any]:
    """The content of `population.json`. It has neither time nor place."""
    farms = data.tables["farms"]
    return {
        "country": made.country,
        "year": made.year,
        "years": sorted(set(farms["year_start"].dt.year())),
        "seed": None,
        "farms": farms["farm_id"].n_unique(),
        "program": {name: importlib.metadata.version(name) for name in PACKAGES},
        "rows": {name: data.tables[name].height for name in TABLES if data.tables[name].height},
        "reweighted": {
            "data": data.hash(), "farms": made.farms.height, "farms_without_year": made.without_year,
            "farms_with_two_balance_years": made.more_starts,
        },
        "assumptions": assumptions,
        "targets": made.targets.to_dicts(),
        "raking": made.raking.account(),
    }  # fmt: skip
