"""Times of the real DataFlash and MAVLink fixes against the satellite time of their own records.

    python -m tests.oracle.gps_times        prints one line a log and track

The truth is from pymavlink alone. A DataFlash fix has the GPS week and milliseconds of its own record, an estimate what
lies between those of the fixes before and behind it; a MAVLink row what lies between the SYSTEM_TIME messages of its
session. Rows without such a record within a second have no truth. A satellite time that repeats that of the record
before states nothing new (a receiver may give whole seconds at five fixes a second), and of a week that cannot be
nothing at all.
"""

from __future__ import annotations

import contextlib
import gc
import io
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dronecheck import readers
from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import open_input
from tests.oracle import dataflash_facts, tlog_facts

NEAR_US = 1_000_000
FIRST_US, END_US = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000 for year in (2010, 2032))


@dataclass(frozen=True)
class Times:
    """One track of a log: `away_s` is our time less the truth, NaN where there is none."""

    log: str
    track: str
    away_s: np.ndarray
    sigma_s: float

    @property
    def compared(self) -> np.ndarray:
        return self.away_s[np.isfinite(self.away_s)]

    @property
    def within(self) -> int:
        return int((np.abs(self.compared) <= 2 * self.sigma_s).sum())


def between(stamps, stated, wanted):
    """Truth at the wanted stamps, NaN where no stating record is within a second. All in microseconds."""
    good = [(a, b) for a, b in zip(stamps, stated, strict=True) if FIRST_US <= b < END_US]
    if len(good) > 1:
        first_is_new = good[0][1] != good[1][1]
        good = [pair for before, pair in zip([(0, 0), *good], good, strict=False) if pair[1] != before[1]]
        good = good if first_is_new else good[1:]
    if not good:
        return np.full(len(wanted), np.nan)
    known, utc = (np.array(column, np.float64) for column in zip(*sorted(good), strict=True))
    wanted = np.array(wanted, np.float64)
    after = np.clip(np.searchsorted(known, wanted), 0, len(known) - 1)
    nearest = np.minimum(np.abs(known[after] - wanted), np.abs(known[np.maximum(after - 1, 0)] - wanted))
    truth = np.interp(wanted, known, utc - utc[0]) + utc[0]
    edge = np.where(wanted < known[0], wanted - known[0], np.where(wanted > known[-1], wanted - known[-1], 0.0))
    return np.where(nearest <= NEAR_US, truth + edge, np.nan)


def dataflash_truth(path):
    """UTC in microseconds of the rows of each track, in the order of our reader: by stamp, of equal ones the first."""
    receivers, estimate = dataflash_facts.collect(path)
    if not receivers:
        return {}
    rows = receivers[min(receivers, key=lambda key: dataflash_facts.rank(receivers[key]))]
    fixes = [(stamp, row) for stamp, row in rows if dataflash_facts.is_fix(row)]
    stamps, stated = [stamp for stamp, _ in fixes], [dataflash_facts.satellite_us(row) for _, row in fixes]
    placed = [stamp for stamp, row in estimate if row["Lat"] or row.get("Lng", row.get("Lon"))]
    found = {}
    for name, wanted in (("gnss", sorted(set(stamps))), ("fused", sorted(set(placed)))):
        if wanted:
            found[name] = between(stamps, stated, wanted)
    return found


def tlog_truth(path):
    """UTC in microseconds of the rows of each track, as our reader has them: by session and time since boot."""
    found = tlog_facts.facts(path)
    sessions = sorted({session for session, _, _ in found.dates})
    truth = {"gnss": [], "fused": []}
    order = list(found.fixes)
    restart = next((i for i in range(1, len(order)) if order[i] < order[i - 1] - 5_000_000), len(order))
    parts = {0: sorted(order[:restart]), 1: sorted(order[restart:])}
    for session in sessions:
        stamps, stated = zip(*((boot, utc) for at, boot, utc in found.dates if at == session), strict=True)
        truth["gnss"].append(between(stamps, stated, parts.get(session, [])))
        boots = sorted(boot * 1000 for at, boot in found.estimates if at == session)
        truth["fused"].append(between(stamps, stated, boots))
    return {name: np.concatenate(parts) for name, parts in truth.items() if parts}


def real_logs():
    return [*dataflash_facts.real_logs(), *tlog_facts.real_logs()]


def truth_of(path: Path):
    """UTC of the rows of each track; nothing for a log that pymavlink cannot read."""
    truth = {}
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a reader that raises leaves its file open
        with contextlib.suppress(Exception):  # pymavlink raises bare Exception on what it does not know
            truth = tlog_truth(path) if path.parent.name == "tlog" else dataflash_truth(path)
        gc.collect()
    return truth


def times_of(path: Path) -> list[Times]:
    """The tracks of a log whose time is UTC; nothing for a log that pymavlink or dronecheck cannot read."""
    truth = truth_of(path)
    try:
        flight = readers.load("tlog" if path.parent.name == "tlog" else "dataflash").read(open_input(path))
    except UnreadableInput:
        return []
    found = []
    for name, track in flight.tracks.items():
        utc_us = truth.get(name, np.zeros(0))
        if flight.clock.utc_known and len(utc_us) == len(track):
            # the difference of whole microseconds: a double holds times since 1970 no finer than that
            away_s = (track.time_ns // 1000 - np.nan_to_num(utc_us).astype(np.int64)) / 1e6
            found.append(Times(path.name, name, np.where(np.isfinite(utc_us), away_s, np.nan), flight.clock.sigma_s))
    return found


def table(found: list[Times]) -> list[str]:
    lines = [f"{'log':<58} {'track':<6} {'fixes':>6} {'told':>6} {'in 2 s.':>8} {'sigma':>6} {'largest':>8}"]
    for one in found:
        largest = max(one.compared, key=abs, default=float("nan"))
        share = one.within / max(len(one.compared), 1)
        lines.append(
            f"{one.log:<58} {one.track:<6} {len(one.away_s):>6} {len(one.compared):>6} {share:>8.2%} "
            f"{one.sigma_s:>6.2f} {largest:>+8.3f}"
        )
    told = sum(len(one.compared) for one in found)
    within = sum(one.within for one in found)
    lines.append(f"{within} of {told} fixes within 2 sigma: {within / max(told, 1):.2%}")
    return lines


if __name__ == "__main__":
    print("\n".join(table([one for path in real_logs() for one in times_of(path)])))
