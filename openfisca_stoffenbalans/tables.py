"""The numbers of the law: parameter files and printed tables as one OpenFisca parameter tree.

A printed table is one YAML file with a row per line. It is expanded into ordinary OpenFisca parameters,
`<table>.<row>.<column>`, each with its dates, unit and reference.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openfisca_core.parameters import ParameterNode, helpers

from openfisca_stoffenbalans import parameters

PARAMETERS = Path(parameters.__path__[0])

HEAD_KEYS = ("reference", "href", "valid_from", "valid_to", "codes", "outside", "line_word")

# What `outside` of a table or parameter says when it holds only for the days that its versions cover.
NOT_FOUND = "not_found"


@dataclass(frozen=True)
class Table:
    """A printed table as it stands in its file.

    `path`: dotted parameter path; `columns`: name -> {label, unit?} in printed order (a column without a unit is
    text); `rows`: row id -> column name -> cell (number, text, None for an empty cell, or {date: number}).
    """

    path: str
    file: Path
    head: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, str]]
    rows: Mapping[str, Mapping[str, Any]]


class TableError(ValueError):
    """A parameter table that is not well formed: the message names file, row and column."""


def load_yaml(path: Path) -> dict[str, Any]:
    """The content of a YAML file, dates as ISO text, read with the C loader; UTF-8 on every machine."""
    # openfisca-core's loader also refuses duplicate keys and keeps dates as text.
    with path.open(encoding="utf-8") as stream:
        loaded: dict[str, Any] = yaml.load(stream, Loader=helpers.config.Loader)
    return loaded


@functools.cache
def parameter_files() -> dict[str, tuple[Path, dict[str, Any]]]:
    """Dotted parameter path -> (file, content) of every parameter file, in the order of their names."""
    found = {}
    for path in sorted(PARAMETERS.rglob("*.yaml")):
        dotted = ".".join(path.relative_to(PARAMETERS).with_suffix("").parts)
        found[dotted] = (path, load_yaml(path))
    return found


def read_table(path: str, file: Path, content: Mapping[str, Any]) -> Table:
    """Check one table's form and name its cells.

    Raises TableError for a row whose number of cells is not the number of columns, or a text cell in a column of
    numbers.
    """
    columns = content["columns"]
    rows = {}
    for row, cells in content["rows"].items():
        if len(cells) != len(columns):
            raise TableError(f"{file}: row {row} has {len(cells)} cells, the table has {len(columns)} columns")
        rows[row] = dict(zip(columns, cells, strict=True))
    head = {key: content[key] for key in ("description", "documentation", *HEAD_KEYS) if key in content}
    return Table(path, file, head, columns, rows)


@functools.cache
def tables() -> dict[str, Table]:
    """Dotted parameter path -> table, of all files that hold a printed table."""
    return {
        path: read_table(path, file, content)
        for path, (file, content) in parameter_files().items()
        if "rows" in content
    }


def next_day(day: str) -> str:
    """The ISO date of the day after an ISO date."""
    return (datetime.date.fromisoformat(day) + datetime.timedelta(days=1)).isoformat()


def cell_values(table: Table, cell: Any) -> dict[str, Any]:
    """Date -> value of one cell: from the table's first day, null after its last."""
    values = dict(cell) if isinstance(cell, Mapping) else {table.head["valid_from"]: cell}
    if "valid_to" in table.head:
        values[next_day(table.head["valid_to"])] = None
    return {date: {"value": value} for date, value in values.items()}


def citation(table: Table, cells: Mapping[str, Any]) -> str:
    """The place of a row: table and printed line, or the whole table where no lines are printed."""
    if "provision" in cells:
        return str(cells["provision"])
    if "label" not in cells:
        return str(table.head["reference"])
    word = table.head.get("line_word", "Zeile")
    line = f"{word} {cells['line']} " if "line" in cells else f"{word} "
    return f"{table.head['reference']}, {line}„{cells['label']}“"


def expand(table: Table) -> dict[str, Any]:
    """The table as OpenFisca parameter data: a node per row, a parameter per printed number."""
    head = table.head
    data: dict[str, Any] = {
        "description": head["description"],
        "documentation": head.get("documentation"),
        "metadata": {key: head[key] for key in HEAD_KEYS if key in head},
    }
    text = [name for name, column in table.columns.items() if "unit" not in column]
    numbers = [name for name, column in table.columns.items() if "unit" in column]
    for row, cells in table.rows.items():
        label = cells.get("label") or row
        reference = [citation(table, cells), head["href"]]
        node: dict[str, Any] = {
            "description": label,
            "metadata": {
                "reference": reference,
                **{name: cells[name] for name in text if cells[name] is not None},
            },
        }
        for name in numbers:
            if cells[name] is None:
                continue
            column = table.columns[name]
            node[name] = {
                "description": f"{label}: {column['label']}",
                "metadata": {"unit": column["unit"], "label": column["label"], "reference": reference},
                "values": cell_values(table, cells[name]),
            }
        data[row] = node
    return data


def load_parameters(source_root: str | None = None) -> ParameterNode:
    """The whole parameter tree.

    `source_root`: the folder that stands for the repository's root in the files' source links; the folder above
    `parameters` when not given.
    """
    root = ParameterNode("", data={})
    base = Path(source_root) if source_root else PARAMETERS.parent
    root.file_path = str(base / "parameters")
    for dotted, (file, content) in parameter_files().items():
        source = str(base / "parameters" / file.relative_to(PARAMETERS))
        data = expand(tables()[dotted]) if "rows" in content else content
        parent = root
        *folders, name = dotted.split(".")
        for depth, folder in enumerate(folders):
            if folder not in parent.children:
                node = ParameterNode(".".join(folders[: depth + 1]), data={})
                node.file_path = str(base / "parameters" / Path(*folders[: depth + 1]))
                parent.add_child(folder, node)
            parent = parent.children[folder]
        parent.add_child(name, helpers._parse_child(dotted, data, source))
    return root


def at(node: Any, path: str) -> Any:
    """The parameter or node at a dotted path below a node of the tree of all dates; KeyError when there is none."""
    return functools.reduce(lambda parent, name: parent.children[name], path.split("."), node)


def holds_only_while_covered(tree: Any, path: str) -> bool:
    """Whether the parameters at a dotted path, or a node above them, say that nothing is known outside their days."""
    names = path.split(".")
    nodes = (at(tree, ".".join(names[:depth])) for depth in range(1, len(names) + 1))
    return any(node.metadata.get("outside") == NOT_FOUND for node in nodes)


def leaves(node: Any) -> Iterator[Any]:
    """All parameters (values with dates) below a node, or the parameter itself."""
    if hasattr(node, "values_list"):
        yield node
        return
    for child in node.children.values():
        yield from leaves(child)
