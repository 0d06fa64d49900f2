"""What makes a run repeatable: versions, hashes, choices and counts, written beside its results."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import inspect
import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openfisca_stoffenbalans.dataset.files import replacing
from openfisca_stoffenbalans.dataset.schema import DataSet
from openfisca_stoffenbalans.reform import law_hash

PACKAGES = ("openfisca-stoffenbalans", "openfisca-core", "numpy", "polars")


def formulas_hash(system: Any) -> str:
    """SHA-256 over the files that the system's formulas stand in, those of reforms included."""
    formulas = [formula for variable in system.variables.values() for formula in variable.formulas.values()]
    files = {inspect.getsourcefile(inspect.unwrap(formula)) for formula in formulas}
    # A reform may make its formulas in a file that others share: its own file and name count, in their order.
    reforms = []
    while system.baseline is not None:
        reforms.append(f"{type(system).__module__}.{type(system).__name__}")
        files.add(inspect.getsourcefile(type(system)))
        system = system.baseline
    digests = sorted(hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files if file)
    return hashlib.sha256("\n".join([*digests, *reforms]).encode()).hexdigest()


def receipt(
    data: DataSet,
    system: Any,
    choices: Mapping[str, Any],
    counts: Mapping[str, Any],
    command: Sequence[str],
    seconds: float,
) -> dict[str, Any]:
    """The receipt of a run.

    `choices`: regime, readings, reforms, year, formats; `counts`: farms, balance years and verdicts; `seconds`: how
    long it took. Two runs with the same `results` part computed the same.
    """
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {
        "results": {
            "versions": {**versions, "python": platform.python_version()},
            "parameters_sha256": law_hash(system.parameters),
            "formulas_sha256": formulas_hash(system),
            "data_sha256": data.hash(),
            **choices,
        },
        "counts": dict(counts),
        "command": list(command),
        "source": data.source,
        "finished": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
    }


def write_receipt(content: Mapping[str, Any], folder: Path) -> Path:
    """Write `receipt.json` into the output folder."""
    path = folder / "receipt.json"
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
