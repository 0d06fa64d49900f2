"""The Dutch soil balance as ratios against NumPy by hand: `python -m benchmarks.soil_balance [FARMS]`.

Both start from the same data set in memory: the engine lays it out, makes the simulations and calculates every column
part by part; by hand the tables become plain arrays and the columns are computed a year at a time. The kernel is the
second implementation that the tests hold the formulas against; here all its values are compared again. Measured in
processes of their own, the best of three; see README.md beside this file.
"""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy
import polars

from benchmarks.kernel import grams, text
from benchmarks.population import complete, members, picked, some
from openfisca_stoffenbalans import codes
from openfisca_stoffenbalans.dataset import DataSet
from openfisca_stoffenbalans.dataset.results import empty_column
from openfisca_stoffenbalans.dataset.schema import TABLES
from openfisca_stoffenbalans.dataset.simulation import Layout
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
from tests.nl import independent_cases
from tests.nl import soil_balance_by_hand as by_hand
from tests.nl import soil_balance_numbers as numbers
from tests.nl.soil_balance_arrays import arrays

FARMS, FIELDS, YEARS = 50_000, 12, (2022, 2023, 2024)
REPETITIONS = 3
CROPS_OF_A_FIELD, SPREADINGS_OF_A_FIELD = (1, 1, 1, 1, 1, 1, 2, 2, 2, 3), (0, 1, 2, 3, 4)

REGIME = regimes()["nl.soil_balance"]
COLUMNS = {"farms": REGIME.columns, "fields": REGIME.field_columns}
LAND_USE = {
    "unknown": by_hand.UNKNOWN,
    "bare": by_hand.BARE,
    "cropland": by_hand.CROP,
    "grassland": by_hand.GRASS,
}
CASES = Path(__file__).parents[1] / "tests/nl/soil_balance"


def days(random: numpy.random.Generator, years: Any, first: int, last: int, share: float) -> polars.Series:
    """Days between two days of these years; a share of them given."""
    start = years.astype("datetime64[Y]").astype("datetime64[D]")
    values = start + random.integers(first - 1, last, len(years))
    return polars.Series(numpy.where(random.random(len(years)) < share, values, numpy.datetime64("NaT")))


def given(random: numpy.random.Generator, cells: polars.Series, share: float) -> polars.Series:
    """Cells with a share of them given and the rest null."""
    mask = polars.Series(random.random(len(cells)) < share)
    return cells.zip_with(mask, polars.Series([None], dtype=cells.dtype).new_from_index(0, len(cells)))


def make(farms: int, seed: int = 1) -> DataSet:
    """Random Dutch farms with plausible magnitudes; a few cells are missing."""
    random = numpy.random.default_rng(seed)
    ids = polars.Series([f"NL{number:07}" for number in range(farms)])
    rows = farms * len(YEARS)
    farm, year = numpy.repeat(numpy.arange(farms), len(YEARS)), numpy.tile(numpy.array(YEARS) - 1970, farms)
    starts = year.astype("datetime64[Y]").astype("datetime64[D]")
    country = polars.Series(["NL"], dtype=polars.Enum(members(codes.Country)))
    tables: dict[str, dict[str, Any]] = {
        "farms": {
            "farm_id": ids.gather(farm),
            "year_start": starts,
            "country": country.new_from_index(0, rows),
            "utilised_area_ha": random.gamma(2, 20, rows).round(2),
            "deposition_n_kg_per_ha": random.uniform(10, 35, rows).round(1),
        }
    }
    of_row = numpy.repeat(numpy.arange(rows), FIELDS)
    field_of = numpy.tile(numpy.arange(FIELDS), rows)
    fields = len(of_row)
    area = (random.gamma(2, 2, fields) + 0.05).round(2)

    def key(row: Any, field: Any) -> dict[str, Any]:
        names = polars.Series([f"field {number}" for number in range(FIELDS)])
        return {"farm_id": ids.gather(farm[row]), "year_start": starts[row], "field_id": names.gather(field)}

    tables["fields"] = {
        **key(of_row, field_of),
        "area_ha": area,
        "soil_type": given(random, picked(random, codes.SoilType, members(codes.SoilType)[1:], fields), 0.999),
        "groundwater_class": picked(random, codes.GroundwaterClass, members(codes.GroundwaterClass)[1:], fields),
        "buffer_strip": random.random(fields) < 0.04,
        "start": days(random, year[of_row], 1, 200, 0.03),
        "end": days(random, year[of_row], 200, 365, 0.03),
    }
    for table, counts, of_lines in (
        ("crops", CROPS_OF_A_FIELD, crops),
        ("applications", SPREADINGS_OF_A_FIELD, spread),
    ):
        count = random.choice(counts, fields)
        at = numpy.repeat(numpy.arange(fields), count)
        number = numpy.arange(len(at)) - numpy.repeat(numpy.cumsum(count) - count, count)
        lines = of_lines(random, year[of_row[at]], number, area[at])
        tables[table] = {**key(of_row[at], field_of[at]), **lines}
    rest = ("flows", "herds", "stocks")
    whole = {name: complete(name, columns) for name, columns in tables.items()}
    return DataSet({**whole, **{name: TABLES[name].empty() for name in rest}}, f"{farms} farms")


def crops(random: numpy.random.Generator, year: Any, number: Any, area: Any) -> dict[str, Any]:
    """Main crops and what follows them."""
    main = [
        "nl_265",
        "nl_266",
        "nl_259",
        "nl_233",
        "nl_256",
        "nl_2014",
        "nl_799",
        *(c for c in codes.CROPS if c[:3] == "nl_"),
    ]
    size = len(number)
    return {
        "crop": picked(random, codes.Crop, main, size),
        "area_ha": area,
        "sown": days(random, year - (number == 0), 60, 300, 0.9),
        "end": days(random, year, 300, 365, 0.7),
        "dm_yield_kg_per_ha": some(random, random.uniform(2000, 16000, size).round(0), 0.6),
        "n_g_per_kg_dm": some(random, random.uniform(8, 32, size).round(1), 0.5),
        "residue_left": given(random, polars.Series(random.random(size) < 0.7), 0.8),
    }


def spread(random: numpy.random.Generator, year: Any, number: Any, area: Any) -> dict[str, Any]:
    """Manure and mineral fertiliser of the catalogue."""
    # Those whose ammonia the catalogue tells.
    products = [
        code
        for code, row in numbers.FERTILISERS.items()
        if row["p_ef_nh3" if row["kind"] == "mineral" else "p_nh4_rt"] != ""
    ]
    size = len(number)
    return {
        "product": picked(random, codes.Product, products, size),
        "amount_kg": (area * random.gamma(2, 5000, size)).round(0),
        "date": days(random, year, 45, 260, 0.995),
        "technique": given(random, picked(random, codes.Technique, members(codes.Technique)[1:], size), 0.995),
        "n_g_per_kg": some(random, random.uniform(300, 400, size).round(2), 0.2),
        "nh4_n_g_per_kg": some(random, random.uniform(1, 4, size).round(2), 0.2),
        "urease_inhibitor": random.random(size) < 0.1,
    }


def by_engine(data: DataSet, system: Any) -> tuple[dict[str, Any], dict[str, float]]:
    """All columns of the engine, and the seconds of each step."""
    clock = time.perf_counter()
    found = {
        name: empty_column(data.tables[table].height, system.variables[name])
        for table, names in COLUMNS.items()
        for name in names
    }
    layout = Layout(data, system)
    took = {"layout": time.perf_counter() - clock, "simulations": 0.0, "columns": 0.0}
    for number in range(layout.parts):
        clock = time.perf_counter()
        part = layout.part(number)
        took["simulations"] += time.perf_counter() - clock
        clock = time.perf_counter()
        with numpy.errstate(all="ignore"):
            for table, places in (("farms", part.rows), ("fields", part.fields)):
                for period, (rows, index) in places.items():
                    for name in COLUMNS[table]:
                        found[name][rows] = numpy.asarray(part.simulation.calculate(name, period))[index]
        part.release()
        took["columns"] += time.perf_counter() - clock
    return found, took


def of_farms(year: int, tables: Any, columns: dict[str, Any]) -> dict[str, Any]:
    """All columns of the farms of a year by hand, also the verdict on the target and what is missing."""
    found: dict[str, Any] = by_hand.per_farm(tables, columns)
    balance, target = found["balance"], found["target"]
    unknown = numpy.isnan(balance + target)
    names = members(codes.Verdict)
    verdict = numpy.where(grams(balance) > grams(target), names.index("exceeds"), names.index("complies"))
    parts = [f"{total}_{part}" for total, kinds in by_hand.PARTS.items() for part in kinds]
    missing = [numpy.isnan(found[name]) & unknown for name in (*parts, "target")]
    return {
        **{f"nl_soil_{name}": values for name, values in found.items()},
        "nl_soil_verdict": numpy.where(unknown, names.index("undetermined"), verdict),
        "nl_soil_undetermined_because": text(missing, [*parts, "target"]),
        "nl_obliged": numpy.ones(len(balance), dtype=bool),
        "balance_year_end": numpy.datetime64(f"{year}-12-31"),
    }


def of_fields(year: int, tables: Any) -> dict[str, Any]:
    """All columns of the fields of a year by hand."""
    # A soil's position is that of the code, where none is the first.
    fields, soil = tables["fields"], numpy.maximum(tables["fields"]["soil"].at, 0)
    found = by_hand.per_field(year, tables)
    return {**found, "field_area_ha": fields["area_ha"], "nl_field_soil_type": soil}


def by_numpy(data: DataSet, found: dict[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    """All columns by hand, in arrays like `found`, and the seconds of each step."""
    took = {"arrays": 0.0, "columns": 0.0}
    ours = {name: numpy.empty(len(values), values.dtype) for name, values in found.items()}
    for year in YEARS:
        clock = time.perf_counter()
        tables = arrays(data.tables, year)
        rows = {
            name: numpy.flatnonzero((data.tables[name]["year_start"].dt.year() == year).to_numpy()) for name in COLUMNS
        }
        took["arrays"] += time.perf_counter() - clock
        clock = time.perf_counter()
        with numpy.errstate(all="ignore"):
            fields = of_fields(year, tables)
            farms = of_farms(year, tables, fields)
        for table, values in (("farms", farms), ("fields", fields)):
            for name in COLUMNS[table]:
                ours[name][rows[table]] = values[name] if name in values else values[name.removeprefix("nl_field_")]
        took["columns"] += time.perf_counter() - clock
    return ours, took


def different(engine: dict[str, Any], hand: dict[str, Any], system: Any) -> dict[str, int]:
    """Column -> how many values differ by more than 1e-9 of the value."""
    counts = {}
    for name, theirs in hand.items():
        ours = engine[name]
        if name == "nl_field_land_use":
            uses = [LAND_USE[member.name] for member in system.variables[name].possible_values]
            same = numpy.array(uses)[ours.astype(int)] == theirs
        elif name == "nl_soil_undetermined_because":
            same = (ours == "") == (theirs == "")
        elif theirs.dtype.kind == "f":
            close = numpy.abs(ours - theirs) <= 1e-9 * numpy.maximum(1e-3, numpy.abs(theirs))
            same = close | (numpy.isnan(ours) & numpy.isnan(theirs))
        else:
            same = ours == theirs
        if not same.all():
            counts[name] = int((~same).sum())
    return counts


def measured(farms: int) -> dict[str, Any]:
    """Both ways in turn in this process, the best of each step, and the peak of memory of the engine's first run."""
    system, data = CountryTaxBenefitSystem(), make(farms)
    made, peak, steps = peak_gb(), 0.0, []
    for number in range(REPETITIONS):
        engine, took = by_engine(data, system)
        peak = peak_gb() if number == 0 else peak
        hand, took_by_hand = by_numpy(data, engine)
        steps.append((took, took_by_hand))
    best = [{step: min(run[way][step] for run in steps) for step in steps[0][way]} for way in (0, 1)]
    return {
        "lines": {name: frame.height for name, frame in data.tables.items() if frame.height},
        "columns": sum(map(len, COLUMNS.values())),
        "engine": best[0],
        "hand": best[1],
        "data_gb": made,
        "peak_gb": peak,
        "known": float(numpy.mean(~numpy.isnan(hand["nl_soil_balance"]))),
        "different": different(engine, hand, system),
    }


def peak_gb() -> float:
    """The most memory that this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def cases() -> dict[str, Any]:
    """The published cases as one vectorised run, with the options that count as nmi-agro/fdm does."""
    paths = [CASES / f"nbalance_{name}.json" for name in ("cases", "farm_case")]
    known = independent_cases.cases_beside(paths)
    units = [unit for path in paths for unit in independent_cases.units_of(path, known)]
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        independent_cases.results_of(units)
        times.append(time.perf_counter() - start)
    return {"cases": len(units), "seconds": min(times)}


def apart(what: str, *arguments: Any) -> dict[str, Any]:
    """Run one measurement in a new process."""
    call = [sys.executable, "-m", "benchmarks.soil_balance", "--one", what, json.dumps(arguments)]
    return json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def main() -> None:
    farms = int(sys.argv[1]) if len(sys.argv) > 1 else FARMS
    found = apart("measured", farms)
    lines = ", ".join(f"{count:,} {name}" for name, count in found["lines"].items())
    print(f"{platform.machine()}, Python {platform.python_version()}, {farms:,} farms x {len(YEARS)} years: {lines}")
    engine, hand = found["engine"], found["hand"]
    for name, of in (("engine", engine), ("NumPy kernel", hand)):
        print(f"  {name}: " + ", ".join(f"{step} {seconds:.2f} s" for step, seconds in of.items()))
    whole, whole_by_hand = sum(engine.values()), sum(hand.values())
    print(
        f"{found['columns']} columns from the data set: engine {whole:.2f} s, NumPy kernel {whole_by_hand:.2f} s, ratio "
        f"{whole / whole_by_hand:.2f}; from ready arrays: ratio {engine['columns'] / hand['columns']:.2f}"
    )
    print(f"  peak memory {found['peak_gb']:.2f} GB, of which the data {found['data_gb']:.2f} GB")
    print(
        f"  columns that differ from the kernel: {found['different'] or 'none'}; balance known of {found['known']:.0%}"
    )
    found = apart("cases")
    print(f"{found['cases']} published cases in one run: {found['seconds']:.2f} s")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(globals()[sys.argv[2]](*json.loads(sys.argv[3]))))
    else:
        main()
