"""Speed of comparisons and sweeps as ratios against one run of the baseline: `python -m benchmarks.scenarios [FARMS]`.

Everything is measured in one process, one thing after the other, and the best of several repetitions counts: the
machine is noisy, and a ratio of two runs is only as steady as the worse of them.
"""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars

from benchmarks.population import make, write
from openfisca_stoffenbalans.dataset import check, read_tables
from openfisca_stoffenbalans.dataset.results import balance
from openfisca_stoffenbalans.regimes import regimes
from openfisca_stoffenbalans.scenario.compare import compare
from openfisca_stoffenbalans.scenario.definition import Scenario, load_scenario
from openfisca_stoffenbalans.scenario.run import Plan, run
from openfisca_stoffenbalans.scenario.sweep import norm, sweep
from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

FARMS = 255_000
MANY = 1_000_000
YEAR = 2020
LIMIT = "de.stoffbilv.section_06_assessment.flat_limit"
TABLE = "de.stoffbilv.annex_1_contents.table_1.*.n"
FIVE = ("flat_limit_150", "no_tolerance", "annex_4_only", "net_balance_40", "one_year_assessment")


def scenario(name: str, path: str, change: Any) -> dict[str, Any]:
    return Scenario.from_spec(
        {"name": name, "parameters": {path: {"2018-01-01": change}}, "source": "benchmark"}
    ).spec()


def best(work: Callable[[], Any], repetitions: int = 3) -> float:
    """The shortest wall time of several."""
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def with_types(data: Any) -> Any:
    """Farm types and regions, so that there is something to group by."""
    farms = data.tables["farms"]
    number = polars.int_range(polars.len()) // 3
    types = farms.schema["farm_type"].categories[1:]
    data.tables["farms"] = farms.with_columns(
        farm_type=polars.Series(types, dtype=farms.schema["farm_type"]).gather(farms.select(number % 7).to_series()),
        region=polars.format("DE{}", number % 38 // 10 * 10 + number % 10),
    )
    return data


def main() -> None:
    farms = int(sys.argv[1]) if len(sys.argv) > 1 else FARMS
    law = CountryTaxBenefitSystem()
    data = with_types(make(farms))
    print(f"{platform.machine()}, Python {platform.python_version()}, {farms:,} farms x 3 years x 20 lines")
    limit, table = scenario("limit", LIMIT, 150), scenario("table", TABLE, {"scale": 1.1})

    def running(*specs: dict[str, Any]) -> Callable[[], Any]:
        plan = Plan("de.stoffbilv", "law", {spec["name"]: [spec] for spec in specs}, YEAR, False)
        return lambda: run(data, plan, law)

    running(limit, table)()
    pairs = [(best(running(), 1), best(running(limit), 1), best(running(table), 1)) for _ in range(5)]
    base, one_limit, one_table = (min(times) for times in zip(*pairs, strict=True))
    print(f"baseline of a comparison, all it asks for: {base:.2f} s")
    print(
        f"  and a scenario that changes one limit:         +{(one_limit - base) / base:.1%} ({one_limit - base:.2f} s)"
    )
    print(
        f"  and a scenario that changes one content table: +{(one_table - base) / base:.1%} ({one_table - base:.2f} s)"
    )
    steps = norm(LIMIT, 101, 200, 1)
    roles = regimes()["de.stoffbilv"].comparison
    columns = (roles.obliged, roles.assessed, roles.verdict, roles.headroom, roles.balance["nitrogen"])
    own = Plan("de.stoffbilv", "law", {}, YEAR, False, (*columns, *roles.limits[LIMIT].columns))
    both = [
        (best(lambda: run(data, own, law), 1), best(lambda: sweep(data, [steps], YEAR, system=law), 1))
        for _ in range(5)
    ]
    alone, swept = (min(times) for times in zip(*both, strict=True))
    print(f"sweep of 100 limits: {swept:.2f} s, of which its own baseline {alone:.2f} s")
    print(f"  beyond that {swept - alone:.2f} s, {(swept - alone) / base:.1%} of the baseline above")
    whole = best(lambda: balance(data, law), 2)
    print(f"`balance` of all years and columns: {whole:.2f} s")
    chosen = [load_scenario(name) for name in FIVE]
    with tempfile.TemporaryDirectory() as folder:
        write(data, Path(folder))

        def read() -> Any:
            return check(read_tables(Path(folder))).data

        reading = best(read, 2)
        command = [str(Path(sys.executable).parent / "stoffenbalans")]
        options = [part for name in FIVE for part in ("--scenario", name)]
        out = ["--year", str(YEAR), "--by", "farm_type,region,size_class", "--no-combination", "--out", f"{folder}/out"]
        call = [*command, "compare", folder, *options, *out]
        all_in = best(lambda: subprocess.run(call, check=True, capture_output=True), 2)
        start = best(lambda: subprocess.run([*command, "--version"], check=True, capture_output=True))
        one = [*command, "balance", folder, "--out", f"{folder}/one"]
        once = best(lambda: subprocess.run(one, check=True, capture_output=True), 2)
    found = best(
        lambda: compare(data, chosen, YEAR, by=["farm_type", "region", "size_class"], combine=False, system=law), 2
    )
    run_once = reading + whole
    print(f"reading Parquet: {reading:.2f} s; one baseline run (reading, and `balance`): {run_once:.2f} s")
    print(f"compare, 5 scenarios, 3 groupings, all statistics, protected, in memory: {found:.2f} s")
    print(f"  the command, reading and writing included: {all_in - start:.2f} s; by one baseline run,")
    print(f"  the command `balance` with all that ({once - start:.2f} s): {(all_in - start) / (once - start):.2f}")
    print(f"  reading and computing alone: {(all_in - start) / run_once:.2f}")


def workers(farms: int) -> None:
    """What two processes gain over one."""
    with tempfile.TemporaryDirectory() as folder:
        write(make(farms), Path(folder))
        call = [str(Path(sys.executable).parent / "stoffenbalans"), "compare", folder, "--scenario", "flat_limit_150"]
        call += ["--year", str(YEAR), "--out", f"{folder}/out", "--workers"]
        times = {}
        for number in (1, 2):
            start = time.perf_counter()
            subprocess.run([*call, str(number)], check=True, capture_output=True)
            times[number] = time.perf_counter() - start
    print(
        f"{farms:,} farms: one worker {times[1]:.1f} s, two {times[2]:.1f} s, {times[1] / times[2]:.2f} times as fast"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--workers"]:
        workers(int(sys.argv[2]) if len(sys.argv) > 2 else MANY)
    else:
        main()
