"""CSV reading side by side with pandas in one run: ratios, never absolute times.

    python benchmarks/readers_csv.py [MB] [FOLDER]

Real logs of the widest dialects (from FOLDER; else the simulated samples) are grown to about 60 MB by repeating their
rows a day later each time, in a temporary folder. pandas: read_csv of all columns. dronecheck: a whole Flight, with
clock, events and the account of damage. Alternating runs, medians; memory is the growth of the peak in a fresh process.
"""

from __future__ import annotations

import csv
import io
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from dronecheck.errors import UnreadableInput
from dronecheck.readers import csvlog
from dronecheck.safe.io import Input, open_input

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
RUNS = 3
DAY_S = 86_400
# header cell -> how a cell is moved by so many days
STOPWATCHES = {"OSD.flyTime [s]": 1, "time(millisecond)": 1000}
DAYS = {"CUSTOM.date [local]": "%m/%d/%Y", "CUSTOM.date [UTC]": "%m/%d/%Y", "datetime(utc)": "%Y-%m-%d %H:%M:%S"}


def grow(path: Path, size_bytes: int, folder: Path) -> Path:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    skip = int(lines[0].startswith("sep="))
    header, *rows = csv.reader(lines[skip:])
    grown = folder / f"grown_{path.name}"
    with grown.open("w", newline="", encoding="utf-8") as out:
        out.write("\n".join(lines[: skip + 1]) + "\n")
        day = 0
        while out.tell() < size_bytes:
            text = io.StringIO()
            csv.writer(text, lineterminator="\n").writerows([moved(row, header, day) for row in rows])
            out.write(text.getvalue())
            day += 1
    return grown


def moved(row: list[str], header: list[str], day: int) -> list[str]:
    row = list(row)
    for index, name in enumerate(header[: len(row)]):
        if name in STOPWATCHES and row[index]:
            row[index] = f"{float(row[index]) + day * DAY_S * STOPWATCHES[name]:.10g}"
        elif name in DAYS and row[index]:
            row[index] = (datetime.strptime(row[index], DAYS[name]) + timedelta(day)).strftime(DAYS[name])  # noqa: DTZ007
    return row


def theirs_s(path: Path) -> float:
    import pandas as pd

    skip = path.open("rb").read(16).lstrip(b"\xef\xbb\xbf").startswith(b"sep=")
    begin = time.perf_counter()
    pd.read_csv(path, skiprows=int(skip), low_memory=False)
    return time.perf_counter() - begin


def ours_s(path: Path) -> float:
    source = Input(path, path.read_bytes(), "")  # hashing and reading the file are the same for every format
    begin = time.perf_counter()
    csvlog.read(source)
    return time.perf_counter() - begin


def memory_mb(path: Path) -> float:
    """Private memory at the peak of reading a mapped file, beyond what the imports take."""
    code = (
        "import sys, resource; sys.path[:0] = sys.argv[2].split(':'); import pathlib\n"
        "from dronecheck.readers import csvlog; from dronecheck.safe.io import open_input\n"
        "def private():\n"
        "    rows = dict(line.split(':', 1) for line in open('/proc/self/status') if ':' in line)\n"
        "    return int(rows['RssAnon'].split()[0])\n"
        "import threading, time\n"
        "before, peak, done = private(), [0], threading.Event()\n"
        "def watch():\n"
        "    while not done.wait(0.005): peak[0] = max(peak[0], private())\n"
        "t = threading.Thread(target=watch); t.start()\n"
        "csvlog.read(open_input(pathlib.Path(sys.argv[1])))\n"
        "done.set(); t.join(); print((peak[0] - before) / 1024)\n"
    )
    arguments = [sys.executable, "-c", code, str(path), os.environ.get("PYTHONPATH", "")]
    return float(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)


def compare(path: Path) -> None:
    ours_s(path)
    pairs = [(ours_s(path), theirs_s(path)) for _ in range(RUNS)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    size = path.stat().st_size / 1e6
    memory = memory_mb(path) / size
    times = f"{ours * 1e3:8.0f} ms {theirs * 1e3:8.0f} ms  {theirs / ours:5.2f} x"
    print(f"{path.name[:50]:<50} {size:6.1f} MB {times}  {memory:5.2f} x the file", flush=True)


def main() -> None:
    size_bytes = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 60_000_000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else SAMPLES
    print(f"{'file':<50} {'size':>9} {'ours':>11} {'pandas':>11}  faster  memory")
    with tempfile.TemporaryDirectory() as temporary:
        for path in sorted(folder.glob("*.csv")):
            try:
                dialect = csvlog.read(open_input(path)).source.dialect
            except UnreadableInput:
                continue
            if dialect in ("flight_reader", "airdata"):
                compare(grow(path, size_bytes, Path(temporary)))


if __name__ == "__main__":
    main()
