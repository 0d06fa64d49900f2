"""A progress bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

SECONDS_BETWEEN_LINES = 10

# Parts done, parts in all.
Progress = Callable[[int, int], None]


@contextlib.contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A function of (done, of all) that shows how far long work is, on the error stream."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=None)
            yield lambda done, parts: bar.update(task, completed=done, total=parts)
        return
    last = time.monotonic()

    def line(done: int, parts: int) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            print(f"{what}: part {done} of {parts}", file=sys.stderr)

    yield line
