"""A report as one self-contained HTML file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

from openfisca_stoffenbalans.report.model import Chart, Report, ReportError
from openfisca_stoffenbalans.report.svg import SvgError, inlined

NAME_PART = re.compile(r"(?<=[a-z0-9])([_.])(?=[a-z0-9])", re.IGNORECASE)
TEMPLATES = Path(__file__).parent / "templates"


def render(report: Report) -> str:
    """The report as an HTML page: no scripts, nothing loaded from elsewhere, the same report gives the same bytes.

    Raises ReportError when a chart is no SVG picture or holds more than shapes and texts.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    numbers: Iterator[int] = itertools.count(1)

    def picture(chart: Chart) -> Markup:
        try:
            # No section id has an underscore: the ids of pictures never meet them.
            return Markup(inlined(chart.svg, f"chart_{next(numbers)}", chart.title, chart.alt))
        except SvgError as error:
            raise ReportError(f"chart {chart.title!r}: {error}") from error

    def breakable(text: str) -> Markup:
        # A long name in a narrow column breaks between its parts, not in the middle of one.
        return Markup(NAME_PART.sub(r"\1<wbr>", str(escape(text))))

    return environment.get_template("report.html.j2").render(report=report, picture=picture, breakable=breakable)
