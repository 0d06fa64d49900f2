"""What the commands share: their arguments, and the checks that say what is wrong with a call."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

DATA_ARE_WRONG = 1
REGIME = "de.stoffbilv"

Data = Annotated[
    str,
    typer.Argument(metavar="DATA", help="Folder of CSV or Parquet files, an XLSX workbook, or example:NAME."),
]
Regime = Annotated[str, typer.Option("--regime", help="The rules; see `stoffenbalans list regimes`.")]
Readings = Annotated[
    list[str] | None,
    typer.Option("--reading", metavar="NAME", help="An alternative reading of the law; repeatable."),
]
Reforms = Annotated[
    list[str] | None,
    typer.Option("--reform", metavar="PATH", help="A reform by its path, as nl.options.norm_yields; repeatable."),
]
Errors = Annotated[
    Path | None, typer.Option("--errors", metavar="FILE", help="Write all errors and notices to this CSV file.")
]


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
    from openfisca_stoffenbalans.reform import reading_errors, with_reforms
    from openfisca_stoffenbalans.reform import readings as readings_of
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    for message in reading_errors(regime, readings):
        raise typer.BadParameter(message, param_hint="--reading")
    chosen = [readings_of(regime)[name] for name in readings] + [reform_at(path) for path in reforms]
    return with_reforms(CountryTaxBenefitSystem(), chosen)


def reform_at(path: str) -> Any:
    """The reform class of a dotted path: below `reforms`, as in scenario files, or of any module."""
    import importlib

    from openfisca_core.reforms import Reform

    from openfisca_stoffenbalans.scenario.definition import all_reforms
    from openfisca_stoffenbalans.scenario.values import nearest

    if path in all_reforms():
        return all_reforms()[path]
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name, None)
    except (ImportError, ValueError):
        found = None
    if not (isinstance(found, type) and issubclass(found, Reform)):
        near = nearest(path, list(all_reforms()))
        words = f"{path} is no reform; a path looks like nl.options.norm_yields or package.module.name{near}"
        raise typer.BadParameter(words, param_hint="--reform")
    return found


def whole_path(path: str) -> str:
    """The path of a reform's class, by which a receipt names it."""
    reform = reform_at(path)
    return f"{reform.__module__}.{reform.__name__}"
