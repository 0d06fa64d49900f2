"""The command `stoffenbalans`."""

from __future__ import annotations

import io
import itertools
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

DATA_ARE_WRONG = 1

app = typer.Typer(
    name="stoffenbalans",
    help="Farm nutrient balances by the law: check farm data, compute what the law says about every farm and year, and "
    "list the law's tables. Exit codes: 0 done, 1 the data are wrong, 2 the call is wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[
    str,
    typer.Argument(metavar="DATA", help="Folder of CSV or Parquet files, an XLSX workbook, or example:germany."),
]
Errors = Annotated[
    Path | None, typer.Option("--errors", metavar="FILE", help="Write all errors and notices to this CSV file.")
]


class Kind(StrEnum):
    """What `list` can list."""

    products = "products"
    animals = "animals"
    regimes = "regimes"
    reforms = "reforms"
    variables = "variables"


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
    regime: Annotated[
        str, typer.Option("--regime", help="The rules; see `stoffenbalans list regimes`.")
    ] = "de.stoffbilv",
    year: Annotated[
        int | None, typer.Option("--year", help="Only balance years that start in this calendar year.")
    ] = None,
    reading: Annotated[
        list[str] | None,
        typer.Option("--reading", metavar="NAME", help="An alternative reading of the law; repeatable."),
    ] = None,
    reform: Annotated[
        list[str] | None,
        typer.Option("--reform", metavar="PATH", help="A reform by its dotted path; repeatable."),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="LIST", help="csv, parquet, xlsx, separated by commas.")
    ] = "csv,parquet",
    errors: Errors = None,
) -> None:
    """Compute what a regime says about every farm and balance year of a data set."""
    import time

    from openfisca_stoffenbalans.dataset.receipt import receipt, write_receipt
    from openfisca_stoffenbalans.dataset.results import balance as compute
    from openfisca_stoffenbalans.dataset.results import write_results
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
    with progress("Balances") as advance:
        results = compute(report.data, system, regime, year, progress=advance)
    try:
        files = write_results(results, out, kinds)
    except OSError as error:
        raise typer.BadParameter(f"can't be written: {error}", param_hint="--out") from error
    found = counts(results, rules)
    choices = {"regime": regime, "readings": reading or [], "reforms": reform or [], "year": year, "formats": kinds}
    content = receipt(report.data, system, choices, found, sys.argv[1:], time.perf_counter() - start)
    files.append(write_receipt(content, out))
    for sentence in sentences(found, rules, files):
        typer.echo(sentence)


@app.command("list")
def list_(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    search: Annotated[str, typer.Option("--search", metavar="TEXT", help="Only lines that contain this text.")] = "",
) -> None:
    """List codes, regimes, reforms or variables with label, content, unit and reference."""
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


def place(data: str) -> Path:
    """The path that DATA names; the call is wrong when there is nothing."""
    from openfisca_stoffenbalans.examples import example, names

    prefix, _, name = data.partition(":")
    if prefix == "example" and name:
        if name not in names():
            raise typer.BadParameter(f"no example {name!r}; there are: {', '.join(names())}", param_hint="DATA")
        return example(name)
    path = Path(data)
    if not path.exists():
        raise typer.BadParameter(f"{data} does not exist", param_hint="DATA")
    return path


def writable(folder: Path, option: str) -> None:
    """The call is wrong when files can't be written into the folder, or where it would have to be made."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise typer.BadParameter(f"{there} is a file, not a folder", param_hint=option)
    if not os.access(there, os.W_OK | os.X_OK):
        raise typer.BadParameter(f"{there} may not be written to", param_hint=option)


def checked(data: str, errors: Path | None) -> Any:
    """The report of a data set's check, shown and, when asked, written."""
    from openfisca_stoffenbalans.dataset import DataError, print_report, read_tables, write_csv
    from openfisca_stoffenbalans.dataset import check as check_tables
    from openfisca_stoffenbalans.dataset.summary import plural

    path = place(data)
    if errors is not None:
        writable(errors.parent, "--errors")
        if errors.is_dir() or errors.resolve() == path.resolve() or errors.resolve().parent == path.resolve():
            raise typer.BadParameter(f"{errors} is a folder or among the data", param_hint="--errors")
    try:
        report = check_tables(read_tables(path), data)
    except DataError as error:
        report = error.report
    print_report(report)
    if errors is not None:
        try:
            write_csv(report, errors)
        except OSError as error:
            raise typer.BadParameter(f"can't be written: {error}", param_hint="--errors") from error
    say_what_was_read(path, report)
    if report.data is None:
        found = f"{plural(len(report.errors), 'error')}, {plural(len(report.notices), 'notice')}"
        typer.echo(f"The data are wrong: {found}.", err=True)
    return report


def say_what_was_read(path: Path, report: Any) -> None:
    """Which tables are not there, and which files were not looked at: a misspelt name is no table."""
    from openfisca_stoffenbalans.dataset import TABLES

    if report.data is None:
        return
    empty = [name for name in TABLES if not len(report.data.tables[name])]
    others = sorted(file.name for file in path.iterdir() if not is_table(file)) if path.is_dir() else []
    if empty:
        typer.echo(f"No rows of: {', '.join(empty)}.")
    if others:
        typer.echo(f"Not looked at: {', '.join(others)}.")


def is_table(file: Path) -> bool:
    """Whether a file of a data folder has the name of a table."""
    from openfisca_stoffenbalans.dataset import TABLES

    return file.is_file() and file.stem in TABLES and file.suffix in (".csv", ".parquet")


def known_regime(name: str) -> Any:
    """The regime of that name."""
    from openfisca_stoffenbalans.regimes import regimes

    if name not in regimes():
        raise typer.BadParameter(f"no regime {name!r}; there are: {', '.join(regimes())}", param_hint="--regime")
    return regimes()[name]


def known_formats(text: str) -> list[str]:
    """The formats of a list, each once, in its order."""
    from openfisca_stoffenbalans.dataset.results import WRITERS

    kinds = list(dict.fromkeys(kind.strip() for kind in text.split(",") if kind.strip()))
    unknown = [kind for kind in kinds if kind not in WRITERS]
    if unknown or not kinds:
        wrong = ", ".join(unknown) or "nothing"
        raise typer.BadParameter(f"{wrong} is no format; there are: {', '.join(WRITERS)}", param_hint="--format")
    return kinds


def known_system(regime: str, readings: list[str], reforms: list[str]) -> Any:
    """The system with the named readings and reforms applied in their order."""
    import difflib

    from openfisca_stoffenbalans.reform import readings as readings_of
    from openfisca_stoffenbalans.reform import with_reforms
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    there = readings_of(regime)
    for name in readings:
        if name not in there:
            near = difflib.get_close_matches(name, there, 3) or sorted(there)
            raise typer.BadParameter(f"no reading {name!r}; there are: {', '.join(near)}", param_hint="--reading")
    for name, other in itertools.combinations(readings, 2):
        if name == other:
            raise typer.BadParameter(f"{name} is given twice", param_hint="--reading")
        if other in there[name].excludes or name in there[other].excludes:
            raise typer.BadParameter(f"{name} and {other} read the same point differently", param_hint="--reading")
    system = with_reforms(CountryTaxBenefitSystem(), [there[name] for name in readings])
    for path in reforms:
        system = reform_at(path)(system)
    return system


def reform_at(path: str) -> Any:
    """The reform class at a dotted path."""
    import importlib

    from openfisca_core.reforms import Reform

    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except (ImportError, ValueError):
        found = None
    if not (isinstance(found, type) and issubclass(found, Reform)):
        raise typer.BadParameter(f"{path} is no reform; a path looks like package.module.name", param_hint="--reform")
    return found
