"""The commands `compare` and `sweep`."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from openfisca_stoffenbalans.cli_inputs import (
    DATA_ARE_WRONG,
    REGIME,
    Data,
    Errors,
    Regime,
    checked,
    known_regime,
    writable,
)

Baseline = Annotated[
    str, typer.Option("--baseline", metavar="NAME", help="law, a reading such as repeal_did_not_happen, or a scenario.")
]
Partitions = Annotated[
    int | None,
    typer.Option("--partitions", min=1, metavar="K", help="Parts the farms are run in; by size unless given."),
]
Workers = Annotated[int, typer.Option("--workers", min=1, metavar="N", help="Processes that work at the same time.")]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Run on the workers of this dask scheduler.")
]
Unprotected = Annotated[
    bool, typer.Option("--unprotected", help="Publish figures that may show single farms; the receipt says so.")
]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files are written.")]
Year = Annotated[int, typer.Option("--year", help="Balance years that start in this calendar year.")]


def compare(
    data: Data,
    year: Year,
    out: Out,
    scenario: Annotated[
        list[str] | None,
        typer.Option(
            "--scenario", metavar="NAME|FILE", help="A shipped scenario, reform or reading, or a YAML file; repeatable."
        ),
    ] = None,
    baseline: Baseline = "law",
    by: Annotated[
        str, typer.Option("--by", metavar="LIST", help="Columns of farms or classes to group by, separated by commas.")
    ] = "",
    regime: Regime = REGIME,
    combination: Annotated[
        bool, typer.Option("--combination/--no-combination", help="Also run all scenarios together.")
    ] = True,
    partitions: Partitions = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    farm_results: Annotated[
        bool, typer.Option("--farm-results", help="Also write farms.parquet, which shows every single farm.")
    ] = False,
    unprotected: Unprotected = False,
    errors: Errors = None,
) -> None:
    """Run scenarios beside the law over a data set: who is hit, by how much, and what it does to the surplus."""
    from openfisca_stoffenbalans.progress import progress
    from openfisca_stoffenbalans.report.comparison import comparison_report
    from openfisca_stoffenbalans.report.html import render
    from openfisca_stoffenbalans.scenario.compare import DEFAULT_RULE
    from openfisca_stoffenbalans.scenario.compare import compare as run
    from openfisca_stoffenbalans.scenario.run import systems
    from openfisca_stoffenbalans.scenario.write import (
        comparison_receipt,
        write_farm_results,
        write_receipt,
        write_table,
        write_text,
    )  # fmt: skip
    from openfisca_stoffenbalans.scenario.write import (
        farm_results as rows_of_farms,
    )

    start = time.perf_counter()
    known_regime(regime)
    writable(out, "--out")
    if not (farm_results or unprotected) and (out / "farms.parquet").exists():
        message = f"{out / 'farms.parquet'} of an earlier run shows single farms; take another folder or delete it"
        raise typer.BadParameter(message, param_hint="--out")
    first, scenarios = loaded([baseline], regime, "--baseline"), loaded(scenario or [], regime, "--scenario")
    read = checked(data, errors)
    if read.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    columns = [name.strip() for name in by.split(",") if name.strip()]
    # The hash of large data takes seconds that another core can spend.
    hashing = threading.Thread(target=read.data.hash, daemon=True)
    hashing.start()
    with progress("Comparison") as advance, refused():
        found = run(
            read.data, scenarios, year, baseline=first[0] if first else "law", by=columns, regime=regime,
            rule=None if unprotected else DEFAULT_RULE, combine=combination,
            spread=spread_of(partitions, workers, scheduler), progress=advance,
        )  # fmt: skip
        made = systems(found.plan)
    hashing.join()
    receipt = comparison_receipt(read.data, found, made, farm_results, sys.argv[1:], time.perf_counter() - start)
    # All that is written is made first: a report that can't be drawn leaves no half of an output.
    page = render(comparison_report(found, made, receipt["results"]))
    rows = rows_of_farms(found, made["baseline"]) if farm_results else None
    with written(out):
        files = write_table(found.summary, "summary", out)
        if rows is not None:
            files.append(write_farm_results(rows, out))
        files.append(write_text(page, out / "report.html"))
        files.append(write_receipt(receipt, out))
    for sentence in said(found, made):
        typer.echo(sentence)
    typer.echo(f"Written: {', '.join(str(file) for file in files)}.")


def sweep(
    data: Data,
    parameter: Annotated[
        list[str], typer.Option("--parameter", metavar="PATH", help="The norm that is moved; at most two.")
    ],
    from_: Annotated[list[float], typer.Option("--from", help="The first value, once for each norm.")],
    to: Annotated[list[float], typer.Option("--to", help="The last value, once for each norm.")],
    step: Annotated[list[float], typer.Option("--step", help="From one value to the next, once for each norm.")],
    year: Year,
    out: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Where the files are written.")] = None,
    find: Annotated[
        str | None, typer.Option("--find", metavar="AIM", help='The norm that meets an aim: "share_exceeding <= 0.10".')
    ] = None,
    baseline: Baseline = "law",
    scenario: Annotated[
        str | None, typer.Option("--scenario", metavar="NAME|FILE", help="The scenario within which the norm is moved.")
    ] = None,
    regime: Regime = REGIME,
    partitions: Partitions = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    unprotected: Unprotected = False,
    errors: Errors = None,
) -> None:
    """Move one norm, or two, and show how the outcome moves with it."""
    from openfisca_stoffenbalans.progress import progress
    from openfisca_stoffenbalans.regimes import roles_of
    from openfisca_stoffenbalans.report.html import render
    from openfisca_stoffenbalans.report.sweep import sweep_report
    from openfisca_stoffenbalans.scenario.aims import aim
    from openfisca_stoffenbalans.scenario.aims import find as find_norm
    from openfisca_stoffenbalans.scenario.compare import DEFAULT_RULE
    from openfisca_stoffenbalans.scenario.sweep import norm, units
    from openfisca_stoffenbalans.scenario.sweep import sweep as run
    from openfisca_stoffenbalans.scenario.write import sweep_receipt, write_receipt, write_table, write_text

    start = time.perf_counter()
    known_regime(regime)
    if out is not None:
        writable(out, "--out")
    if len({len(parameter), len(from_), len(to), len(step)}) > 1:
        raise typer.BadParameter(
            "every --parameter needs one --from, one --to and one --step", param_hint="--parameter"
        )
    first = loaded([baseline], regime, "--baseline")
    within = loaded([scenario], regime, "--scenario") if scenario else []
    with refused():
        norms = [norm(*one) for one in zip(parameter, from_, to, step, strict=True)]
        wanted = None if find is None else aim(find, units(roles_of(regime)))
    read = checked(data, errors)
    if read.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    with progress("Sweep") as advance, refused():
        found = run(
            read.data, norms, year, baseline=first[0] if first else "law", scenario=within[0] if within else None,
            regime=regime, rule=None if unprotected else DEFAULT_RULE,
            spread=spread_of(partitions, workers, scheduler), progress=advance,
        )  # fmt: skip
    answer = None if wanted is None else find_norm(found, wanted)
    off = [] if found.rule is not None else ["Small-cell protection is off: figures may show single farms."]
    for sentence in (found.how, *off, *(answer.sentences if answer else ())):
        typer.echo(sentence)
    if out is None:
        typer.echo(found.table.write_csv(), nl=False)
        return
    receipt = sweep_receipt(read.data, found, answer, find, sys.argv[1:], time.perf_counter() - start)
    page = render(sweep_report(found, answer, receipt["results"]))
    with written(out):
        files = write_table(found.table, "sweep", out)
        files.append(write_text(page, out / "report.html"))
        files.append(write_receipt(receipt, out))
    typer.echo(f"Written: {', '.join(str(file) for file in files)}.")


def loaded(names: list[str], regime: str, option: str) -> list[Any]:
    """The scenarios of these names or files; the law itself is none."""
    from openfisca_stoffenbalans.scenario.build import LAW_NAMES
    from openfisca_stoffenbalans.scenario.definition import ScenarioError, load_scenario

    found: list[Any] = []
    wrong: list[str] = []
    for name in names:
        try:
            if name not in LAW_NAMES:
                found.append(load_scenario(name, regime))
        except ScenarioError as error:
            wrong.extend(error.messages)
    if wrong:
        raise typer.BadParameter("\n".join(wrong), param_hint=option)
    return found


class refused:
    """What can't be done with a call becomes one message about the call."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        """Say what was wrong."""
        from openfisca_stoffenbalans.lookup import NotInForceError
        from openfisca_stoffenbalans.regimes import RegimeError
        from openfisca_stoffenbalans.scenario.compare import ComparisonError
        from openfisca_stoffenbalans.scenario.definition import ScenarioError
        from openfisca_stoffenbalans.scenario.groups import UnknownGroupingError
        from openfisca_stoffenbalans.scenario.spread import ClusterError, WorkerLostError

        known = (
            ComparisonError, ScenarioError, UnknownGroupingError, WorkerLostError, ClusterError, NotInForceError,
            RegimeError,
        )  # fmt: skip
        if isinstance(error, known):
            raise typer.BadParameter(str(error)) from error


@contextlib.contextmanager
def written(out: Path) -> Iterator[None]:
    """A folder that can't be written to is a wrong call."""
    try:
        yield
    except OSError as error:
        raise typer.BadParameter(f"{out} can't be written to: {error}", param_hint="--out") from error


def spread_of(partitions: int | None, workers: int, scheduler: str | None) -> Any:
    """How the work is divided."""
    from openfisca_stoffenbalans.scenario.spread import Spread

    return Spread(partitions, workers, scheduler)


def said(comparison: Any, systems: Any) -> list[str]:
    """What a comparison found, and what a reader has to be warned of."""
    from openfisca_stoffenbalans.report.comparison_text import answer, by_place, remarks

    sentences = list(answer(comparison, by_place(comparison.summary)))
    sentences += remarks(comparison, by_place(comparison.summary))
    sentences += [f"Not combined: {note}." for note in comparison.notes]
    for parts in comparison.scenarios.values():
        if len(parts) == 1:
            sentences += [f"Warning: {text}" for text in parts[0].warnings(systems["baseline"])]
    dark = int(comparison.summary["farms"].null_count())
    if comparison.rule is None:
        sentences.append("Small-cell protection is off: figures may show single farms.")
    elif dark:
        sentences.append(
            f"{comparison.rule.in_words()} {dark:,} of {len(comparison.summary):,} figures are not published."
        )
    return sentences
