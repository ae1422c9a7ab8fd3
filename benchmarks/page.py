"""What writing the page costs beyond the check, in this process: a ratio to reading and checking the same log.

Twelve minutes at 10 Hz (7,200 fixes) over the Yalu, and the founding sample. `make bench` runs it, too.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np

from dronecheck import check, read
from dronecheck.flight import Clock, ClockSource, Event, EventKind, Flight, Source, Track
from dronecheck.report.case import Case
from dronecheck.report.page import page
from dronecheck.report.privacy import redact

REPO = Path(__file__).resolve().parents[1]


def _twelve_minutes() -> Flight:
    rng = np.random.default_rng(7)
    count = 7_200
    turn = np.linspace(0, 6 * np.pi, count)
    lat, lon = 40.112 + 0.004 * np.sin(turn) + rng.normal(0, 3e-6, count), 124.392 + 0.008 * np.sin(turn / 2)
    time_ns = 1_750_000_000_000_000_000 + np.arange(count) * 100_000_000
    track = Track.build(
        time_ns=time_ns, lat_deg=lat, lon_deg=lon, offset=np.arange(count), message="made",
        h_sigma_m=np.full(count, 1.5), alt_home_m=60 + 20 * np.cos(turn), speed_mps=np.full(count, 9.0),
    )  # fmt: skip
    source = Source(Path("made.ulg"), count, "0" * 64, "ulog", "", "bench")
    events = (Event(int(time_ns[2]), EventKind.TAKEOFF, ""),)
    return Flight(source, {"gnss": track}, "gnss", Clock(True, ClockSource.GNSS, 0.1), events=events)


def main() -> None:
    """Medians of alternating runs."""
    path = REPO / "samples" / "founding_dandong_sinuiju.ulg"
    made = _twelve_minutes()
    for name, get in (
        ("founding sample, read and checked", lambda: read(path)),
        ("12 min at 10 Hz, checked", lambda: made),
    ):
        checked, written, size = [], [], 0
        for _ in range(8):
            begin = time.perf_counter()
            flight = get()
            result = check(flight)
            middle = time.perf_counter()
            size = len(page(redact(Case(flight, None, result))).encode())
            checked.append(middle - begin)
            written.append(time.perf_counter() - middle)
        ours, theirs = statistics.median(written[1:]), statistics.median(checked[1:])
        print(f"page / {name:<71} {ours * 1000:8.1f} {theirs * 1000:8.1f} ms  ratio {ours / theirs:.3f}  {size} bytes")


if __name__ == "__main__":
    main()
