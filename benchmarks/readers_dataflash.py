"""DataFlash reading side by side with pymavlink in one run: ratios, never absolute times.

    python benchmarks/readers_dataflash.py [MB]

Real logs are grown to about 60 MB by repeating their records behind their definitions, with later time stamps, in a
temporary folder. pymavlink: DFReader_binary and one recv_match of the records that make a
track. dronecheck: a whole Flight, with clock, events and the account of damage. Alternating runs, medians.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from pymavlink import DFReader

from dronecheck.readers import dataflash
from dronecheck.readers.dataflash.formats import Definitions
from dronecheck.readers.dataflash.frames import head_definitions, walk
from dronecheck.safe.io import Input

LOGS = Path(__file__).resolve().parents[1].parent / "shared" / "logs" / "dataflash_bin"
TYPES = ["GPS", "POS", "AHR2", "ORGN"]
RUNS = 3


def records(data: bytes) -> tuple[bytes, bytes, np.ndarray]:
    """The definitions of a log, all its other records, and where in those the time stamps lie."""
    definitions = Definitions(data)
    definitions.take(head_definitions(data, {128: 89}))
    for _ in range(3):
        offsets = walk(data, definitions.lengths, set(definitions.lengths)).offsets
        definitions.take(int(at) for at in offsets if data[at + 2] == 128)
    timed = {kind for kind, one in definitions.used.items() if one.columns[:1] == ("TimeUS",)}
    head, body, stamps, place = [], [], [], 0
    for at in offsets.tolist():
        piece = data[at : at + definitions.lengths[data[at + 2]]]
        (head if piece[2] == 128 else body).append(piece)
        if piece[2] in timed:
            stamps.append(place + 3)
        place += len(piece) * (piece[2] != 128)
    return b"".join(head), b"".join(body), np.array(stamps)


def grow(path: Path, size_bytes: int, folder: Path) -> Path:
    head, body, stamps = records(path.read_bytes())
    grown = folder / f"grown_{path.name.replace('.BIN', '.bin')}"
    raw = np.frombuffer(bytearray(body), np.uint8)
    places = stamps[:, None] + np.arange(8)
    times = raw[places].view("<u8").ravel()
    span = int(times.max() - times.min()) + 100_000
    with grown.open("wb") as out:
        out.write(head)
        for copy in range(max((size_bytes - len(head)) // len(body), 1)):
            raw[places] = (times + np.uint64(copy * span)).astype("<u8").view(np.uint8).reshape(-1, 8)
            out.write(raw.tobytes())
    return grown


def theirs_s(path: Path) -> float:
    begin = time.perf_counter()
    with DFReader.DFReader_binary(str(path)) as reader:
        while reader.recv_match(type=TYPES) is not None:
            pass
    return time.perf_counter() - begin


def ours_s(path: Path) -> float:
    source = Input(path, path.read_bytes(), "")  # hashing and reading the file are the same for every format
    begin = time.perf_counter()
    dataflash.read(source)
    return time.perf_counter() - begin


def compare(path: Path, runs: int) -> None:
    ours_s(path)
    pairs = [(ours_s(path), theirs_s(path)) for _ in range(runs)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    size = path.stat().st_size / 1e6
    ratio = theirs / ours
    print(f"{path.name:<58} {size:6.1f} MB {ours * 1e3:8.1f} ms {theirs * 1e3:9.1f} ms  {ratio:6.1f} x", flush=True)


def main() -> None:
    size_bytes = int(float(sys.argv[1]) * 1e6) if len(sys.argv) > 1 else 60_000_000
    print(f"{'file':<58} {'size':>9} {'ours':>11} {'pymavlink':>12}  faster")
    for path in sorted(LOGS.iterdir()):
        compare(path, RUNS)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("center_0003", "sample02", "small.BIN"):  # fixes and estimates; two receivers; no GPS at all
            found = next(path for path in LOGS.iterdir() if name in path.name)
            compare(grow(found, size_bytes, Path(folder)), RUNS)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
