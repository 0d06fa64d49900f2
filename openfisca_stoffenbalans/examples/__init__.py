"""Example data that comes with the package."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """The examples there are."""
    return sorted({path.parent.name for path in HERE.glob("*/farms.*")})


def example(name: str) -> Path:
    """The folder of an example's data set."""
    return HERE / name
