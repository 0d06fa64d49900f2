"""Making synthetic populations: time, memory and growth with the number of farms, each run in a process of its own.

python -m benchmarks.synthetic
"""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

COUNTRIES = {"de": (16_384, 65_536, None), "nl": (12_288, None)}
WORKERS = 2


def run(country: str, farms: int | None, workers: int, out: Path) -> tuple[float, float]:
    """Seconds and the most memory in GB that the process and its workers took together."""
    call = [str(Path(sys.executable).with_name("stoffenbalans")), "population", country]
    call += ["--out", str(out), "--workers", str(workers), *([] if farms is None else ["--farms", str(farms)])]
    start = time.perf_counter()
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        most = max(most, memory(watched))
        time.sleep(0.1)
    if process.returncode:
        raise SystemExit(f"{' '.join(call)} ended with {process.returncode}")
    return time.perf_counter() - start, most / 1e9


def memory(process: psutil.Process) -> int:
    """Bytes that a process and those it started hold."""
    found = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in (process, *process.children(recursive=True)):
            found += one.memory_info().rss
    return found


def main() -> None:
    for country, sizes in COUNTRIES.items():
        seconds = {}
        for farms in sizes:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder, "population")
                seconds[farms], most = run(country, farms, WORKERS, out)
                size = sum(file.stat().st_size for file in out.iterdir()) / 1e6
            number = f"{farms:,}" if farms else "all"
            print(f"{country}, {number} farms, {WORKERS} workers: {seconds[farms]:.1f} s, {most:.2f} GB, {size:.0f} MB")
        whole = {"de": 262_776, "nl": 50_634}[country]
        first, last = sizes[0], sizes[-1]
        growth = math.log(seconds[last] / seconds[first]) / math.log(whole / first)
        print(f"{country}: growth with the number of farms, exponent {growth:.2f}")


if __name__ == "__main__":
    main()
