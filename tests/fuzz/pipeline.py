"""Damaged samples through the whole pipeline: bytes, Flight, verdict, terminal text and JSON.

    python -m tests.fuzz.pipeline [SECONDS [SEED]]      make fuzz

The invariant: any bytes give a result or UnreadableInput, nothing else. Prints a count of verdicts and the slowest
file; exits 1 with the traceback of the first failure of each kind.
"""

from __future__ import annotations

import collections
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path

import dronecheck
from dronecheck.geofence.settings import Settings
from dronecheck.readers import read_input
from dronecheck.report.case import Case
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from dronecheck.safe.io import Input

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SUFFIXES = (".ulg", ".bin", ".log", ".tlog", ".csv", ".SRT", ".gpx", ".igc", ".txt")


def mutant(source: random.Random, data: bytes) -> bytes:
    """Cut, flipped, zeroed, shortened or lengthened at random."""
    out = bytearray(data)
    if source.random() < 0.4:
        out = out[: source.randrange(min(2_000, len(out)), len(out) + 1)]
    for _ in range(source.choice([1, 3, 20, 200])):
        place, length = source.randrange(len(out)), source.randrange(1, 300)
        match source.choice(["flip", "flip", "cut", "insert", "zero"]):
            case "flip":
                out[place] = source.randrange(256)
            case "cut" if len(out) > 10 * length:
                del out[place : place + length]
            case "insert":
                out[place:place] = source.randbytes(length // 5)
            case _:
                end = min(place + length, len(out))
                out[place:end] = bytes(end - place)
    return bytes(out)


def outcome(path: Path, data: bytes, zones: object) -> str:
    """The verdict of these bytes, or `unreadable`; any other exception passes through."""
    try:
        flight = read_input(Input(path, data, hashlib.sha256(data).hexdigest()))
    except dronecheck.UnreadableInput:
        return "unreadable"
    result = dronecheck.check(flight, zones, Settings(max_height_m=80))
    summary(flight, result)
    encode(result_document(redact(Case(flight, zones, result))), indent=False)
    return result.verdict.value


def samples() -> list[tuple[Path, bytes]]:
    """The logs to damage."""
    return [(path, path.read_bytes()) for path in sorted(SAMPLES.iterdir()) if path.suffix in SUFFIXES]


def main() -> int:
    """Damage and check until the time is over."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20260101
    source = random.Random(seed)
    zones = dronecheck.load_zones([SAMPLES / "restricted_zone.geojson"])
    logs = samples()
    verdicts: collections.Counter[str] = collections.Counter()
    failures: collections.Counter[str] = collections.Counter()
    slowest = (0.0, "")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        path, data = source.choice(logs)
        damaged = mutant(source, data)
        begin = time.monotonic()
        try:
            verdicts[outcome(path, damaged, zones)] += 1
        except Exception as error:
            kind = f"{type(error).__name__}: {error}"[:120]
            if kind not in failures:
                traceback.print_exc()
            failures[kind] += 1
        slowest = max(slowest, (time.monotonic() - begin, path.name))
    counts = ", ".join(f"{name} {count}" for name, count in sorted(verdicts.items()))
    failed = f"failures {sum(failures.values())}; slowest {slowest[0]:.2f} s ({slowest[1]})"
    print(f"seed {seed}, {seconds:g} s: {counts}; {failed}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
