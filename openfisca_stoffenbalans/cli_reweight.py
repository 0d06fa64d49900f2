"""The command `population reweight`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openfisca_stoffenbalans.cli_inputs import DATA_ARE_WRONG, Data, Errors, checked, place, writable

CALL_IS_WRONG = 2


Targets = Annotated[
    Path,
    typer.Option(
        "--targets",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="CSV file of margins: statistic, breakdown, category, value; also tolerance (per cent), unit, source.",
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the data set with new weights is written.")]
Year = Annotated[
    int | None, typer.Option("--year", metavar="Y", help="Calendar year held to the margins; the last unless given.")
]
Low = Annotated[float, typer.Option("--low", metavar="N", help="Smallest new weight, as part of the old one.")]
High = Annotated[float, typer.Option("--high", metavar="N", help="Greatest new weight, as part of the old one.")]


def reweight(
    data: Data, targets: Targets, out: Out, year: Year = None, low: Low = 0.2, high: High = 5, errors: Errors = None
) -> None:
    """Give the farms of a data set new weights that meet margins."""
    from openfisca_stoffenbalans.dataset import read_tables
    from openfisca_stoffenbalans.population import reweight as made_in
    from openfisca_stoffenbalans.population.folder import FolderError, refuse_foreign
    from openfisca_stoffenbalans.population.margins_file import MarginsFileError
    from openfisca_stoffenbalans.population.raking import RakingError

    source = place(data)
    if errors is not None and errors.resolve() == targets.resolve():
        raise typer.BadParameter(f"{errors} is the file of margins; take another file", param_hint="--errors")
    writable(out, "--out")
    try:
        made_in.refuse_input(source, out)
        refuse_foreign(out)
    except FolderError as error:
        raise typer.BadParameter(str(error), param_hint="--out") from error
    report = checked(data, errors)
    if report.data is None:
        raise typer.Exit(DATA_ARE_WRONG)
    raw = read_tables(source)
    wrong = made_in.without_weights(raw)
    try:
        stood_on = {name: one["value"] for name, one in made_in.assumptions_of(source).items()}
        made = made_in.reweight(report.data, targets, year, low, high, stood_on)
    except MarginsFileError as error:
        wrong += error.messages
    except (made_in.ReweightError, RakingError, FolderError) as error:
        raise typer.BadParameter(str(error)) from error
    if wrong:
        for message in wrong:
            typer.echo(f"error: {message}", err=True)
        raise typer.Exit(CALL_IS_WRONG)
    try:
        files = made_in.write(made, report.data, raw, source, out)
    except OSError as error:
        raise typer.BadParameter(f"can't be written: {error}", param_hint="--out") from error
    for sentence in made.sentences():
        typer.echo(sentence)
    typer.echo(f"Written: {', '.join(map(str, files))}.")
