"""A form as one self-contained page that prints well in black and white."""

from __future__ import annotations

from pathlib import Path

from openfisca_stoffenbalans.report.form_model import NO_BREAK, Column, Form, Value, day_text, number_text

TEMPLATES = Path(__file__).parent / "templates"


def render(form: Form) -> str:
    """The form as an HTML page: no scripts, nothing loaded from elsewhere, the same form gives the same bytes."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )

    def shown(column: Column, value: Value) -> str:
        """A cell as text."""
        if value is None:
            return form.missing
        return value if isinstance(value, str) else number_text(value, column.places, column.trim)

    def head(column: Column) -> str:
        """Label and unit of a column, without a line break between kg and its nutrient."""
        return column.head.replace("(kg ", f"(kg{NO_BREAK}")

    return environment.get_template("form.html.j2").render(form=form, shown=shown, head=head, day=day_text)
