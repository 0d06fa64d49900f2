"""The commands `report evaluation` and `compare-receipts`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

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
from openfisca_stoffenbalans.cli_scenarios import (
    Out,
    Partitions,
    Scheduler,
    Unprotected,
    Workers,
    Year,
    refused,
    spread_of,
    written,
)

report = typer.Typer(name="report", help="Reports over a data set.", no_args_is_help=True, rich_markup_mode=None)


@report.callback()
def reports() -> None:
    """Reports over a data set."""


@report.command()
def evaluation(
    data: Data,
    year: Year,
    out: Out,
    by: Annotated[
        str, typer.Option("--by", metavar="LIST", help="Further columns of farms or classes, separated by commas.")
    ] = "",
    regime: Regime = REGIME,
    partitions: Partitions = None,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    unprotected: Unprotected = False,
    errors: Errors = None,
) -> None:
    """Answer the four questions that the evaluation of the law was to answer, for the farms of a data set."""
    from openfisca_stoffenbalans.progress import progress
    from openfisca_stoffenbalans.report.evaluation import evaluate, questions
    from openfisca_stoffenbalans.report.evaluation_report import evaluation_receipt, evaluation_report
    from openfisca_stoffenbalans.report.html import render
    from openfisca_stoffenbalans.scenario.compare import DEFAULT_RULE
    from openfisca_stoffenbalans.scenario.run import systems
    from openfisca_stoffenbalans.scenario.write import write_receipt, write_table, write_text

    start = time.perf_counter()
    known_regime(regime)
    writable(out, "--out")
    if not unprotected and (out / "farms.parquet").exists():
        message = f"{out / 'farms.parquet'} of an earlier run shows single farms; take another folder or delete it"
        raise typer.BadParameter(message, param_hint="--out")
    with refused():
        questions(regime)
    read = checked(data, errors)
    if read.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    columns = [name.strip() for name in by.split(",") if name.strip()]
    with progress("Evaluation") as advance, refused():
        found = evaluate(
            read.data, year, by=columns, regime=regime, rule=None if unprotected else DEFAULT_RULE,
            spread=spread_of(partitions, workers, scheduler), progress=advance,
        )  # fmt: skip
        made = systems(found.comparison.plan)
    receipt = evaluation_receipt(read.data, found, made, sys.argv[1:], time.perf_counter() - start)
    whole = evaluation_report(found, made, receipt["results"])
    page = render(whole)
    with written(out):
        files = write_table(found.summary, "summary", out)
        files.append(write_text(page, out / "report.html"))
        files.append(write_receipt(receipt, out))
    for sentence in whole.lead:
        typer.echo(sentence)
    if found.rule is None:
        typer.echo("Small-cell protection is off: figures may show single farms.")
    typer.echo(f"Written: {', '.join(str(file) for file in files)}.")


def compare_receipts(
    first: Annotated[Path, typer.Argument(metavar="A", help="Output folder of a run, or its receipt.json.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="That of another run of the same kind.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Also write the comparison: .html or .csv.")
    ] = None,
) -> None:
    """Say what is different between two runs, and how much of it comes from program, data, year and rules."""
    from openfisca_stoffenbalans.report.receipts import WRITERS, sentences
    from openfisca_stoffenbalans.scenario.receipt_effects import effects
    from openfisca_stoffenbalans.scenario.receipts import ReceiptError, differences, stored

    if out is not None:
        if out.suffix.lower() not in WRITERS:
            raise typer.BadParameter(f"{out.name} is neither {' nor '.join(WRITERS)}", param_hint="--out")
        writable(out.parent, "--out")
    try:
        runs = stored(first), stored(second)
        found = differences(*runs)
    except ReceiptError as error:
        raise typer.BadParameter(str(error)) from error
    split = effects(*runs)
    for sentence in sentences(*runs, found, split):
        typer.echo(sentence)
    if out is not None:
        try:
            WRITERS[out.suffix.lower()](*runs, found, split, out)
        except OSError as error:
            raise typer.BadParameter(f"can't be written: {error}", param_hint="--out") from error
        typer.echo(f"Written: {out}.")
