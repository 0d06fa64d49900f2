"""The commands of `population`: synthetic farms, what they are worth, and real ones with new weights."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from openfisca_stoffenbalans.cli_inputs import writable
from openfisca_stoffenbalans.cli_quality import quality
from openfisca_stoffenbalans.cli_reweight import reweight
from openfisca_stoffenbalans.cli_scenarios import Workers

population = typer.Typer(
    name="population",
    help="Synthetic farm populations from public statistics: make one, see what it is worth, give farms new weights.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

# What a shell adds to the number of the signal that ended a command.
SIGNALLED = 128

Farms = Annotated[
    int | None, typer.Option("--farms", metavar="N", help="How many farms are made; all of the country unless given.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Where the random numbers begin.")]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the tables and population.json are written.")]
Form = Annotated[str, typer.Option("--format", metavar="NAME", help="parquet or csv.")]
Assume = Annotated[
    list[str] | None,
    typer.Option("--assume", metavar="NAME=VALUE", help="Another value of an assumption, in its range; repeatable."),
]


@population.callback()
def populations() -> None:
    """Synthetic farm populations."""


@population.command("de")
def germany(
    out: Out,
    year: Annotated[int, typer.Option("--year", metavar="Y", help="The year whose margins are met.")] = 2020,
    farms: Farms = None,
    seed: Seed = 1,
    form: Form = "parquet",
    workers: Workers = 1,
    assume: Assume = None,
) -> None:
    """Make a German population: three balance years, the last of them Y."""
    make("DE", year, farms, seed, out, form, workers, assume or [])


@population.command("nl")
def netherlands(
    out: Out,
    year: Annotated[int, typer.Option("--year", metavar="Y", help="The year whose margins are met.")] = 2023,
    farms: Farms = None,
    seed: Seed = 1,
    form: Form = "parquet",
    workers: Workers = 1,
    assume: Assume = None,
) -> None:
    """Make a Dutch population: three balance years, the last of them Y."""
    make("NL", year, farms, seed, out, form, workers, assume or [])


def make(
    country: str, year: int, farms: int | None, seed: int, out: Path, form: str, workers: int, assume: list[str]
) -> None:
    """Make a population and say in sentences what it is."""
    from openfisca_stoffenbalans.population import build
    from openfisca_stoffenbalans.population.folder import refuse_foreign
    from openfisca_stoffenbalans.population.parts import FORMATS
    from openfisca_stoffenbalans.population.words import sentences
    from openfisca_stoffenbalans.progress import progress

    if form not in FORMATS:
        raise typer.BadParameter(f"{form} is no format; there are: {', '.join(FORMATS)}", param_hint="--format")
    writable(out, "--out")
    with refused():
        refuse_foreign(out)
        plan, stood_on = build.plan(country, year, farms, seed, values(assume))
    with progress("Population") as advance, refused(), cleared_when_ended():
        try:
            made = build.build(plan, stood_on, out, form, workers, advance)
        except OSError as error:
            raise typer.BadParameter(f"can't be written: {error}", param_hint="--out") from error
    for sentence in sentences(made, out):
        typer.echo(sentence)


def values(assume: list[str]) -> dict[str, Any]:
    """Name -> value of `NAME=VALUE` texts."""
    found: dict[str, Any] = {}
    for text in assume:
        name, equals, value = text.partition("=")
        try:
            found[name.strip()] = float(value) if equals else None
        except ValueError:
            found[name.strip()] = None
        if found[name.strip()] is None:
            raise typer.BadParameter(f"{text!r} found; allowed: NAME=NUMBER", param_hint="--assume")
    return found


@contextlib.contextmanager
def cleared_when_ended() -> Iterator[None]:
    """Let a run that is told to end (SIGTERM) clear what it put aside, as one that is interrupted does."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(SIGNALLED + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def refused() -> Iterator[None]:
    """What can't be made as it was asked for is a wrong call."""
    from openfisca_stoffenbalans.population.assumptions import AssumptionError
    from openfisca_stoffenbalans.population.build import PopulationError
    from openfisca_stoffenbalans.population.folder import FolderError

    try:
        yield
    except AssumptionError as error:
        raise typer.BadParameter(str(error), param_hint="--assume") from error
    except (PopulationError, FolderError) as error:
        raise typer.BadParameter(str(error)) from error


population.command()(quality)
population.command()(reweight)
