"""The same damaged files through dronecheck, pyulog, pymavlink and pandas: who loses points in silence?

    python -m tests.fuzz.peers [FILES [SEED]]      make damage-peers

Each is held to what it gives itself for the undamaged sample. *Told* is anything a caller could notice: an exception,
a flag of its API (pyulog's file corruption and dropouts), or one byte on standard output or error.
"""

from __future__ import annotations

import io
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dronecheck.errors import UnreadableInput
from tests.fuzz.damage import MUTATORS, issues_of, like, points_of
from tests.fuzz.formats import read, sample

Points = set[tuple[int, int, int]]


@dataclass
class Answer:
    """Points (milliseconds, 1e-7 degrees), and what was said beside them."""

    points: Points
    told: object


@contextmanager
def _heard() -> Iterator[list[int]]:
    """How many bytes were written to standard output and error, also below Python."""
    heard, saved = [0], [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as file:
        sys.stdout.flush()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield heard
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for old, new in zip(saved, (1, 2), strict=True):
                os.dup2(old, new)
                os.close(old)
            heard[0] = file.seek(0, io.SEEK_END)


def by_dronecheck(format_: str, data: bytes) -> Answer:
    try:
        flight = read(format_, data)
    except UnreadableInput as refused:
        return Answer(set(), refused.code)
    return Answer(points_of(flight), (frozenset(issues_of(flight)), flight.completeness))


def by_pyulog(_: str, data: bytes) -> Answer:
    from pyulog import ULog

    log = ULog(io.BytesIO(data), ["vehicle_global_position"])
    points: Points = set()
    for one in log.data_list:
        columns = zip(one.data["timestamp"] // 1000, one.data["lat"], one.data["lon"], strict=True)
        points |= {(int(t), round(lat * 1e7), round(lon * 1e7)) for t, lat, lon in columns}
    return Answer(points, (log.file_corruption, len(log.dropouts)))


def _messages(suffix: str, kind: str, lat: str, lon: str) -> Callable[[str, bytes], Answer]:
    def answer(_: str, data: bytes) -> Answer:
        from pymavlink import mavutil

        points: Points = set()
        with tempfile.NamedTemporaryFile(suffix=suffix) as file:
            file.write(data)
            file.flush()
            log = mavutil.mavlink_connection(file.name)
            while (m := log.recv_match(type=kind)) is not None:
                at_ms = int(m.TimeUS // 1000) if suffix == ".bin" else int(m.time_boot_ms)
                scale = 1e7 if suffix == ".bin" else 1
                points.add((at_ms, round(getattr(m, lat) * scale), round(getattr(m, lon) * scale)))
            log.close()
        return Answer(points, None)

    return answer


def by_pandas(format_: str, data: bytes) -> Answer:
    import pandas as pd

    table = pd.read_csv(io.BytesIO(data))
    time, lat, lon = (table[c] for c in ("time(millisecond)", "latitude", "longitude"))
    rows = zip(time.astype(float), lat.astype(float), lon.astype(float), strict=True)
    return Answer(
        {(round(t), round(a * 1e7), round(b * 1e7)) for t, a, b in rows if t == t and a == a and b == b}, None
    )


PEERS: dict[str, tuple[str, Callable[[str, bytes], Answer]]] = {
    "ulog": ("pyulog", by_pyulog),
    "dataflash": ("pymavlink", _messages(".bin", "POS", "Lat", "Lng")),
    "tlog": ("pymavlink", _messages(".tlog", "GLOBAL_POSITION_INT", "lat", "lon")),
    "csv airdata": ("pandas", by_pandas),
}


def compare(format_: str, reader: Callable[[str, bytes], Answer], files: int, seed: int) -> dict[str, int]:
    """Counts over so many damaged files: changed, silent, points wrong in silence, exceptions."""
    data, source = sample(format_), random.Random(f"{seed} {format_}")
    with _heard() as heard:
        whole = reader(format_, data)
    usual = heard[0]
    out = {"changed": 0, "silent": 0, "wrong points": 0, "exceptions": 0}
    for number in range(files):
        damaged = MUTATORS[number % len(MUTATORS)](source, data)
        try:
            with _heard() as heard:
                answer = reader(format_, damaged)
        except Exception:
            out["exceptions"] += 1
            continue
        found = like(answer.points, whole.points)
        wrong, lost = found - whole.points, whole.points - found
        out["changed"] += bool(wrong or lost)
        if (wrong or lost) and answer.told == whole.told and heard[0] == usual:
            out["silent"] += 1
            out["wrong points"] += len(wrong)
    return out


def main() -> None:
    """Print the table."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261123
    print(f"seed {seed}, {files} damaged files a format")
    for format_, (name, reader) in PEERS.items():
        for who, how in (("dronecheck", by_dronecheck), (name, reader)):
            counts = compare(format_, how, files, seed)
            print(f"{format_:<12} {who:<11} " + ", ".join(f"{k} {v}" for k, v in counts.items()), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
