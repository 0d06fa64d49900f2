"""The command `population quality`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openfisca_stoffenbalans.cli_inputs import DATA_ARE_WRONG, place, writable

FOLDER = "quality"


def quality(
    data: Annotated[
        str, typer.Argument(metavar="DIR", help="Folder of a population, with its population.json, or example:NAME.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Folder for the report; DIR/quality when not given.")
    ] = None,
) -> None:
    """Say what a population is worth: margins, weights, held-out figures, assumptions, farms that can't be."""
    from openfisca_stoffenbalans.dataset import DataError, print_report
    from openfisca_stoffenbalans.population.folder import FolderError
    from openfisca_stoffenbalans.population.measures import MeasureError
    from openfisca_stoffenbalans.population.quality import quality as quality_of
    from openfisca_stoffenbalans.population.quality_report import write
    from openfisca_stoffenbalans.population.quality_text import printed
    from openfisca_stoffenbalans.system import CountryTaxBenefitSystem

    source = place(data)
    if not source.is_dir():
        raise typer.BadParameter(f"{data} is a file, not a folder", param_hint="DIR")
    if out is None and str(source) != str(Path(data)):
        raise typer.BadParameter(f"is missing; of {data} it must say where the report is written", param_hint="--out")
    folder = source / FOLDER if out is None else out
    writable(folder, "--out")
    try:
        found = quality_of(source, CountryTaxBenefitSystem())
    except (FolderError, MeasureError) as error:
        raise typer.BadParameter(str(error), param_hint="DIR") from error
    except DataError as error:
        print_report(error.report)
        typer.echo("The data are wrong.", err=True)
        raise typer.Exit(DATA_ARE_WRONG) from error
    for sentence in printed(found):
        typer.echo(sentence)
    typer.echo(f"Written: {', '.join(str(file) for file in write(found, folder))}.")
