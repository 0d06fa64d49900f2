"""The command `stoffenbalans`."""

from __future__ import annotations

import datetime
import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openfisca_stoffenbalans import cli_population, cli_reports, cli_scenarios
from openfisca_stoffenbalans.cli_inputs import (
    DATA_ARE_WRONG,
    REGIME,
    Data,
    Errors,
    Readings,
    Reforms,
    Regime,
    checked,
    known_formats,
    known_regime,
    known_system,
    whole_path,
    writable,
)

app = typer.Typer(
    name="stoffenbalans",
    help="Farm nutrient balances by the law: check farm data, compute what the law says about every farm and year, and "
    "list the law's tables. Exit codes: 0 done, 1 the data are wrong, 2 the call is wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Kind(StrEnum):
    """What `list` can list."""

    products = "products"
    animals = "animals"
    regimes = "regimes"
    reforms = "reforms"
    variables = "variables"
    statistics = "statistics"


@app.command()
def check(data: Data, errors: Errors = None) -> None:
    """Check a data set: all errors and notices in one report."""
    from openfisca_stoffenbalans.dataset.summary import plural

    report = checked(data, errors)
    if report.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    rows = {name: len(table) for name, table in report.data.tables.items() if len(table)}
    found = ", ".join(f"{number:,} {name}" for name, number in rows.items())
    typer.echo(f"The data set is in order: {found}; {plural(len(report.notices), 'notice')}.")


@app.command()
def balance(
    data: Data,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where results and receipt are written.")],
    regime: Regime = REGIME,
    year: Annotated[
        int | None, typer.Option("--year", help="Only balance years that start in this calendar year.")
    ] = None,
    reading: Readings = None,
    reform: Reforms = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="csv, parquet, xlsx, separated by commas.")
    ] = "csv,parquet",
    errors: Errors = None,
) -> None:
    """Compute what a regime says about every farm and balance year of a data set."""
    import time

    from openfisca_stoffenbalans.dataset.receipt import receipt, write_receipt
    from openfisca_stoffenbalans.dataset.results import balances as compute
    from openfisca_stoffenbalans.dataset.results import left_over, write_results
    from openfisca_stoffenbalans.dataset.summary import counts, sentences
    from openfisca_stoffenbalans.progress import progress

    start = time.perf_counter()
    rules, kinds = known_regime(regime), known_formats(formats)
    system = known_system(regime, reading or [], reform or [])
    writable(out, "--out")
    report = checked(data, errors)
    if report.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    if year is not None and year not in report.data.tables["farms"]["year_start"].dt.year():
        raise typer.BadParameter(f"no balance year of the data starts in {year}", param_hint="--year")
    with progress("Balances") as advance, cli_scenarios.refused():
        results, fields = compute(report.data, system, regime, year, progress=advance)
    try:
        files = write_results(results, out, kinds)
        files += [] if fields is None else write_results(fields, out, kinds, "fields")
    except OSError as error:
        raise typer.BadParameter(f"can't be written: {error}", param_hint="--out") from error
    found = counts(results, rules) | ({} if fields is None else {"field_years": len(fields)})
    choices = {
        "regime": regime,
        "readings": reading or [],
        "reforms": [*map(whole_path, reform or [])],
        "year": year,
        "formats": kinds,
    }
    if fields is not None:
        choices["tables"] = ["results", "fields"]
    content = receipt(report.data, system, choices, found, sys.argv[1:], time.perf_counter() - start)
    files.append(write_receipt(content, out))
    for sentence in sentences(found, rules, files):
        typer.echo(sentence)
    old = left_over(out, files)
    if old:
        typer.echo(f"Of an earlier run, and not of this one: {', '.join(map(str, old))}.")


@app.command()
def form(
    data: Data,
    farm: Annotated[str, typer.Option("--farm", metavar="ID", help="The farm_id.")],
    year: Annotated[int, typer.Option("--year", help="Calendar year in which the balance year starts.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the forms are written: .html or .xlsx.")],
    year_start: Annotated[
        datetime.datetime | None,
        typer.Option(
            "--year-start", formats=["%Y-%m-%d"], help="First day, for a farm with two year starts in the year."
        ),
    ] = None,
    regime: Regime = REGIME,
    reading: Readings = None,
    reform: Reforms = None,
) -> None:
    """Fill the forms of one farm and balance year: those that a law prints, or a regime's balance sheet."""
    from openfisca_stoffenbalans.report.form import WRITERS, write_form
    from openfisca_stoffenbalans.report.form import form as fill
    from openfisca_stoffenbalans.report.form_model import FormError

    if out.suffix.lower() not in WRITERS:
        raise typer.BadParameter(f"{out.name} is neither {' nor '.join(WRITERS)}", param_hint="--out")
    known_regime(regime)
    system = known_system(regime, reading or [], reform or [])
    writable(out.parent, "--out")
    report = checked(data, None)
    if report.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    try:
        filled = fill(report.data, system, farm, year, year_start and year_start.date(), regime)
    except FormError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        write_form(filled, out)
    except OSError as error:
        raise typer.BadParameter(f"can't be written: {error}", param_hint="--out") from error
    typer.echo(f"{filled.farm_id}, balance year {filled.year_start} to {filled.year_end}: {out}")


app.command()(cli_scenarios.compare)
app.command()(cli_scenarios.sweep)
app.add_typer(cli_reports.report)
app.add_typer(cli_population.population)
app.command("compare-receipts")(cli_reports.compare_receipts)


@app.command("list")
def list_(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    search: Annotated[str, typer.Option("--search", metavar="TEXT", help="Only lines that contain this text.")] = "",
) -> None:
    """List codes, regimes, reforms, variables or statistics with label, content, unit and reference."""
    from openfisca_stoffenbalans import listings

    lines = [line for line in listings.LISTS[kind]() if search.casefold() in "\t".join(line).casefold()]
    if not lines:
        typer.echo(f"No {kind} contain {search!r}." if search else f"No {kind}.")
        return
    listings.show(kind, lines)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    """Answer `--version`."""
    # A terminal or file in another encoding than UTF-8 gets a question mark for what it can't show.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if version:
        from openfisca_stoffenbalans import __version__

        typer.echo(__version__)
        raise typer.Exit
