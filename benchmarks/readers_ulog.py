"""The ULog reader and pyulog on the same file, side by side.

    python benchmarks/readers_ulog.py [megabytes [LOG.ulg ...]]

Each log is read as it is, then repeated behind its definitions (with later time stamps) until it has that size, in a
temporary folder. pyulog: `ULog(path, message_name_filter_list)` of the topics that dronecheck reads, which gives
their arrays. dronecheck: a whole Flight, with clock, events and the account of damage; the file is opened and hashed
beforehand. Five alternating runs; medians; imports not included. Memory is the peak of what the reader allocates
beyond the mapped file, in a further run.

Aimed at: 12 times pyulog, memory of 0.25. Reached on three real logs grown to 75 MB: 12 to 15 (at 300 MB 10.5) and
0.08 to 0.19. Two thirds of the time is the walk, mostly waiting for memory: nearly each record is a new cache line.
Short of it: logs of 1 to 4 MB (3 to 6 times; about 3 ms of definitions, set-up and tracks do not shrink with the file)
and the sample, in which every second record is a position, so that both spend their time on values (2 times; memory
of 2.8).
"""

from __future__ import annotations

import statistics
import struct
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

from pyulog import ULog

from dronecheck.readers import ulog
from dronecheck.readers.ulog.reader import TOPICS_READ
from dronecheck.safe.io import open_input

TOPICS = sorted(TOPICS_READ)
RUNS = 5
SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "founding_dandong_sinuiju.ulg"
LOGS = Path(__file__).resolve().parents[1].parent / "shared" / "logs" / "ulog"
REAL = ("PX4__pyulog__sample.ulg", "PX4__px4-ulog-rs__quadrotor_local.ulg", "PX4__pyulog__sample_px4_events.ulg")


def grow(path: Path, megabytes: float, folder: Path) -> Path:
    """The log's data again and again behind its definitions; the times of its records go on."""
    data, at = path.read_bytes(), 16
    head, body, stamps = bytearray(data[:16]), bytearray(), []
    while at + 3 <= len(data):
        size, kind = struct.unpack_from("<HB", data, at)
        record = data[at : at + 3 + size]
        if kind in b"DL":
            # PX4 sorts fields by size, so the stamp comes first
            stamps.append(len(body) + (5 if kind == ord("D") else 4))
            body += record
        elif kind in b"BFIMPQA":
            head += record
        at += 3 + size
    times = [struct.unpack_from("<Q", body, place)[0] for place in stamps]
    span_us = max(times) - min(times) + 100_000
    grown = folder / f"{path.stem}_grown.ulg"
    with grown.open("wb") as out:
        out.write(head)
        for turn in range(max(int((megabytes * 1e6 - len(head)) // len(body)), 1)):
            for place, time_us in zip(stamps, times, strict=True):
                struct.pack_into("<Q", body, place, time_us + turn * span_us)
            out.write(body)
    return grown


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(path: Path) -> None:
    source = open_input(path)
    ulog.read(source)
    pairs = [
        (timed(lambda: ulog.read(source)), timed(lambda: ULog(str(path), message_name_filter_list=TOPICS)))
        for _ in range(RUNS)
    ]
    tracemalloc.start()
    ulog.read(source)
    peak = tracemalloc.get_traced_memory()[1] / source.size_bytes
    tracemalloc.stop()
    ours_s, theirs_s = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(theirs / ours for ours, theirs in pairs)
    name, size = path.name[:52], source.size_bytes / 1e6
    print(f"{name:<52} {size:6.1f} MB {ours_s * 1e3:8.1f} ms {theirs_s * 1e3:9.1f} ms {ratio:6.1f} x  {peak:.2f}")


def main() -> None:
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 75
    named = [Path(argument) for argument in sys.argv[2:]]
    logs = named or [SAMPLE, *(LOGS / name for name in REAL if (LOGS / name).exists())]
    print(f"{'file':<52} {'size':>9} {'ours':>11} {'pyulog':>12}  faster  memory/file")
    for path in logs:
        compare(path)
    with tempfile.TemporaryDirectory() as folder:
        for path in logs:
            compare(grow(path, megabytes, Path(folder)))


if __name__ == "__main__":
    main()
