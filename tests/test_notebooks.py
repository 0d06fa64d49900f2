"""The notebooks run in any folder and leave nothing behind; their own assertions hold their figures."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
import nbclient
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))
SECONDS = 300
OUTPUT_BYTES = 100_000


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_anywhere_and_leaves_nothing_behind(path: Path, tmp_path: Path) -> None:
    notebook = jupytext.read(path)
    nbclient.NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert list(tmp_path.iterdir()) == []
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    assert 0 < len(json.dumps(outputs)) < OUTPUT_BYTES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_and_names_its_kernel(path: Path) -> None:
    notebook = jupytext.read(path)
    assert notebook.metadata.kernelspec["name"] == "python3"
    assert notebook.cells[0].cell_type == "markdown"
    assert any("assert " in cell.source for cell in notebook.cells if cell.cell_type == "code")
