"""Speed as ratios against a reference in the same run: `python -m benchmarks.run [FARMS]`.

Every measurement runs in a process of its own and prints medians of several repetitions; see README.md beside this file.
"""

from __future__ import annotations

import json
import math
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FARMS = 255_000
REPETITIONS = 5
GROWTH = (10_000, 30_000, 90_000, 255_000)


def seconds(work: Callable[[], Any], repetitions: int = REPETITIONS) -> float:
    """Median wall time."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def columns(farms: int, check: bool) -> dict[str, Any]:
    """All result columns by the engine against the hand-written NumPy kernel, from ready inputs to filled arrays."""
    import numpy

    from benchmarks import kernel
    from benchmarks.population import YEARS, make
    from openfisca_stoffenbalans.dataset.results import compute, empty_column
    from openfisca_stoffenbalans.dataset.simulation import Layout
    from openfisca_stoffenbalans.regimes import regimes
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    system, rules, data = CountryTaxBenefitSystem(), regimes()["de.stoffbilv"], make(farms)
    layout = Layout(data, system)
    arrays = {name: empty_column(farms * len(YEARS), system.variables[name]) for name in rules.columns}

    def engine() -> float:
        total = 0.0
        for number in range(layout.parts):
            part = layout.part(number)
            start = time.perf_counter()
            compute(part, part.rows, arrays, None)
            total += time.perf_counter() - start
            part.release()
        return total

    engine_seconds = statistics.median(engine() for _ in range(3))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    prepared, count = kernel.prepare(data, YEARS)
    kernel_seconds = seconds(lambda: kernel.run(prepared, count), 3)
    different = {}
    if check:
        exact = kernel.run(prepared, count)
        year_of_row = numpy.tile(YEARS, farms)
        for name in rules.columns:
            for year in YEARS:
                ours, theirs = arrays[name][year_of_row == year], exact[year][name]
                if name in ("stoffbilv_undetermined_because", "derived"):
                    same = (ours == "") == (theirs == "")
                elif ours.dtype.kind == "f":
                    close = numpy.abs(ours - theirs) <= 1e-9 * numpy.maximum(1, numpy.abs(theirs))
                    same = close | (numpy.isnan(ours) & numpy.isnan(theirs))
                else:
                    same = ours == theirs
                if not same.all():
                    different[f"{name} {year}"] = int((~same).sum())
    return {
        "engine_seconds": engine_seconds,
        "kernel_seconds": kernel_seconds,
        "peak_memory_gb": peak,
        "columns": len(rules.columns),
        "different": different,
    }


def lookup(rows: int) -> dict[str, Any]:
    """The table lookup against openfisca-core's own Enum indexing, on the excretion table."""
    import numpy
    from openfisca_core.indexed_enums import EnumArray
    from openfisca_core.periods import period
    from openfisca_core.simulations import Simulation

    from openfisca_stoffenbalans.codes import ANIMALS, Animal
    from openfisca_stoffenbalans.lookup import gather
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
    from openfisca_stoffenbalans.variables.de.duev.annex_1_excretion import excretion_nitrogen

    system = CountryTaxBenefitSystem()
    population = Simulation(system, system.instantiate_entities()).populations["entry"]
    random = numpy.random.default_rng(1)
    # openfisca-core looks rows up by name: only those of this table.
    there = [Animal[code].index for code, of in ANIMALS.items() if of.table.startswith("de.")]
    codes = EnumArray(random.choice(there, rows).astype(numpy.int16), Animal)
    law = system.get_parameters_at_instant

    def ours() -> Any:
        return gather(population, period("2020"), law, excretion_nitrogen, codes)

    def cores() -> Any:
        return law("2020-01-01").de.duev.annex_1_excretion.table_1[codes].n

    identical = bool((ours() == numpy.asarray(cores(), dtype=float)).all())
    return {"ours_seconds": seconds(ours), "core_seconds": seconds(cores, 3), "identical": identical}


def reading(farms: int) -> dict[str, Any]:
    """Parquet to ready simulations against polars reading the same files."""
    import polars

    from benchmarks.population import make, write
    from openfisca_stoffenbalans.dataset import TABLES, check, read_tables
    from openfisca_stoffenbalans.dataset.simulation import simulate
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    system = CountryTaxBenefitSystem()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(make(farms), folder)

        def ready() -> None:
            report = check(read_tables(folder))
            assert report.data is not None
            for part in simulate(report.data, system):
                part.release()

        def by_polars() -> None:
            for table in TABLES:
                polars.read_parquet(folder / f"{table}.parquet")

        by_polars()
        ready()
        return {"ready_seconds": seconds(ready, 3), "polars_seconds": seconds(by_polars)}


def loading() -> dict[str, Any]:
    """Loading the system and the command's help, each in a new process."""
    load = [sys.executable, "-c", "from openfisca_stoffenbalans import CountryTaxBenefitSystem as S; S()"]
    command = [str(Path(sys.executable).parent / "stoffenbalans"), "--help"]
    parts = json.loads(subprocess.run([sys.executable, "-c", PARTS], capture_output=True, text=True, check=True).stdout)
    return {
        "load_seconds": seconds(lambda: subprocess.run(load, check=True)),
        "help_seconds": seconds(lambda: subprocess.run(command, check=True, capture_output=True)),
        **parts,
    }


PARTS = """
import json, time
start = time.perf_counter()
import openfisca_core.taxbenefitsystems, openfisca_core.simulations
core = time.perf_counter()
from openfisca_stoffenbalans import tables
tables.parameter_files()
yaml = time.perf_counter()
tables.load_parameters()
nodes = time.perf_counter()
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem
list(__import__("openfisca_stoffenbalans.system").system.law_modules())
modules = time.perf_counter()
CountryTaxBenefitSystem()
end = time.perf_counter()
print(json.dumps({"import_core": core - start, "yaml": yaml - core, "parameter_tree": nodes - yaml,
    "formula_modules": modules - nodes, "system_again": end - modules}))
"""


def apart(what: str, *arguments: Any) -> dict[str, Any]:
    """Run one measurement in a new process."""
    call = [sys.executable, "-m", "benchmarks.run", "--one", what, json.dumps(arguments)]
    return json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def main() -> None:
    farms = int(sys.argv[1]) if len(sys.argv) > 1 else FARMS
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, {farms:,} farms x 3 x 20 lines"
    )
    found = apart("loading")
    print(f"load the system: {found['load_seconds']:.2f} s; stoffenbalans --help: {found['help_seconds']:.2f} s")
    print("  of which " + ", ".join(f"{name} {found[name]:.3f} s" for name in list(found)[2:]))
    found = apart("lookup", 1_000_000)
    ratio = found["core_seconds"] / found["ours_seconds"]
    print(
        f"lookup of a million rows: {found['ours_seconds'] * 1000:.1f} ms, openfisca-core {found['core_seconds']:.2f} s"
    )
    print(f"  {ratio:.0f} times faster, identical values: {found['identical']}")
    sizes = [size for size in GROWTH if size < farms] + [farms]
    times = {}
    for size in sizes:
        found = apart("columns", size, size == farms)
        times[size] = found["engine_seconds"]
        print(
            f"{found['columns']} columns, {size:>7,} farms: engine {found['engine_seconds']:.2f} s, NumPy kernel "
            f"{found['kernel_seconds']:.2f} s, ratio {found['engine_seconds'] / found['kernel_seconds']:.2f}, "
            f"peak memory {found['peak_memory_gb']:.2f} GB"
        )
    print(f"  columns that differ from the kernel: {found['different'] or 'none'}")
    if len(sizes) > 1:
        slope = math.log(times[sizes[-1]] / times[sizes[0]]) / math.log(sizes[-1] / sizes[0])
        print(f"  growth from {sizes[0]:,} to {sizes[-1]:,} farms: exponent {slope:.2f}")
    found = apart("reading", farms)
    print(
        f"Parquet to ready simulations: {found['ready_seconds']:.2f} s, polars reading the files "
        f"{found['polars_seconds']:.2f} s, ratio {found['ready_seconds'] / found['polars_seconds']:.2f}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(globals()[sys.argv[2]](*json.loads(sys.argv[3]))))
    else:
        main()
