"""Speed, side by side in one run: ratios, never absolute times. `make bench`.

Cold: a whole `dronecheck check` process against the imports it cannot avoid. Reading: against pyulog and pandas.
Alternating runs, medians; real logs from ../shared when they are there, else the samples.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
SHARED = REPO.parent / "shared" / "logs"
ENV = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
BASELINE = "import numpy, shapely, pyproj, typer"


def process_s(*command: str) -> float:
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, *command], env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - begin


def peak_mib(*command: str) -> float:
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, sys.executable, *command], env=ENV, capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def paired(first: Callable[[], float], second: Callable[[], float], runs: int) -> tuple[float, float]:
    first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def timed(function: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        begin = time.perf_counter()
        function()
        return time.perf_counter() - begin

    return run


def report(what: str, ours: float, theirs: float, unit: str = "ms") -> None:
    print(f"{what:<78} {ours * 1000:8.1f} {theirs * 1000:8.1f} {unit}  ratio {ours / theirs:.3f}")


def cold(paths: list[Path]) -> None:
    for path in paths:
        ours, theirs = paired(
            lambda path=path: process_s("-m", "dronecheck", "check", str(path)), lambda: process_s("-c", BASELINE), 11
        )
        report(f"cold check of {path.name[:40]} / {BASELINE}", ours, theirs)
        print(f"{'':<78} peak {peak_mib('-m', 'dronecheck', 'check', str(path)):.0f} MiB")


def reading(ulogs: list[Path], tables: list[Path]) -> None:
    import pandas as pd
    from pyulog import ULog

    import dronecheck

    topics = ["vehicle_gps_position", "vehicle_global_position", "home_position"]
    for path in ulogs:
        theirs_run = timed(lambda path=path: ULog(str(path), message_name_filter_list=topics))
        ours, theirs = paired(timed(lambda path=path: dronecheck.read(path)), theirs_run, 7)
        report(f"read {path.name[:50]} / pyulog, filtered", ours, theirs)
    for path in tables:
        skip = 1 if path.read_bytes()[:8].lstrip(b"\xef\xbb\xbf").startswith(b"sep=") else 0
        theirs_run = timed(lambda path=path, skip=skip: pd.read_csv(path, skiprows=skip, low_memory=False))
        ours, theirs = paired(timed(lambda path=path: dronecheck.read(path)), theirs_run, 7)
        report(f"read {path.name[:50]} / pandas.read_csv, all columns", ours, theirs)


def main() -> None:
    """Run all benchmarks."""
    ulogs = sorted(SHARED.glob("ulog/PX4*px4_events.ulg")) + sorted(SHARED.glob("ulog/PX4*sample.ulg"))
    tables = sorted(SHARED.glob("dji_csv/unhcfreg*09-15*.csv")) + sorted(SHARED.glob("dji_csv/swardiantara*.csv"))
    if not ulogs:
        ulogs, tables = (
            sorted((REPO / "samples").glob("founding*.ulg")),
            sorted((REPO / "samples").glob("founding*.csv")),
        )
    print(f"{'':<78} {'ours':>8} {'theirs':>8}")
    cold([ulogs[0], tables[0], tables[-1]])
    reading(ulogs, tables)
    print(f"peak of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
