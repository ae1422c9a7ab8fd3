"""Several tracks of one aircraft: which of them is judged, and which contradict it.

Receivers and the autopilot's estimate are held against each other at the same instants, after their own offset in time
is taken out: a receiver's fix is a little old when it is logged. Beyond the errors of both for longer than a second
they contradict each other, and whoever judges the one must hear the other (`Flight.rivals`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.flight import Track
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["SourceWitness", "Sources", "settled"]


BRIDGE_NS = 5_000_000_000
SIGMAS, APART_M, LASTS_NS = 5.0, 10.0, 1_000_000_000
GROSS_M, GROSS_ROWS = 200.0, 3  # so far apart, and for so many rows, that the estimate cannot be of these fixes
SIGMA_M = 5.0  # where none is known
MOVING_MPS, LAG_AT_MOST_S, LAG_ROWS = 3.0, 1.5, 10
LATE_START_NS, EARLY_END_NS, GAP_NS = 10_000_000_000, 2_000_000_000, 2_000_000_000
EARTH_M = 6_371_000.0

_APART = (
    "{one} and {other} are up to {far_m:,.0f} m apart for {seconds:,.0f} s, beyond the errors of both: each was judged"
)
_GROSSLY_APART = (
    "{one} and {other} are up to {far_m:,.0f} m apart in {count} of {rows} rows: records of one log contradict "
    "each other"
)
_FED_APART = (
    "{one} and {other} are up to {far_m:,.0f} m apart in {count} of {rows} rows: the latter gives no satellite time, "
    "a companion computer may feed it"
)


@dataclass(frozen=True, slots=True)
class SourceWitness:
    """A further receiver's track; `is_fed` where it gives no satellite time, so that anything may stand behind it."""

    track: Track
    is_fed: bool = False


@dataclass(frozen=True, slots=True)
class Sources:
    """The tracks of a flight by name, the one that is judged ("" for none), and those that contradict it."""

    tracks: dict[str, Track]
    primary: str
    rivals: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class _Conflict:
    """How far two tracks are apart beyond their errors, in which rows (of how many that could be compared)."""

    far_m: float
    count: int
    rows: int
    lasts_ns: int
    offset: int
    is_gross: bool

    def told(self, one: Track, other: Track, *, is_fed: bool = False) -> Issue:
        """Say it of these two."""
        text = Message(
            _FED_APART if is_fed else _GROSSLY_APART if self.is_gross else _APART,
            one=one.message,
            other=other.message,
            far_m=self.far_m,
            count=self.count,
            rows=self.rows,
            seconds=self.lasts_ns / 1e9,
        )
        return Issue(Code.POSITION_CONFLICT, Severity.WARNING, text, self.offset, self.count)


def settled(
    gnss: Track | None, fused: Track | None, witnesses: Iterable[SourceWitness] = (), *, is_usable: bool = True
) -> Sources:
    """Choose the track to judge, and note each source that contradicts another.

    `is_usable` is whether the estimate `fused` may be judged where it agrees with the fixes. Witnesses are kept, as
    gnss2 and so on, where they contradict; one that is fed is told and no more: it proves no place.
    """
    tracks = {name: track for name, track in (("gnss", gnss), ("fused", fused)) if track is not None}
    rivals, issues = {}, []
    for number, witness in enumerate(witnesses, start=2):
        for known in tracks.values():
            conflict = _conflict(known, witness.track)
            if conflict is not None:
                issues.append(conflict.told(known, witness.track, is_fed=witness.is_fed))
                if not witness.is_fed:  # else no receiver, but positions of somebody's making
                    rivals[f"gnss{number}"] = witness.track
                break
    conflict = None
    if gnss is not None and fused is not None:
        conflict = _conflict(gnss, fused)
        issues += [conflict.told(gnss, fused)] if conflict is not None else []
    primary = _choice(gnss, fused, agree=is_usable and not (conflict is not None and conflict.is_gross))
    contradicts = [name for name in tracks if conflict is not None and name != primary]
    return Sources({**tracks, **rivals}, primary, (*contradicts, *rivals), tuple(issues))


def _choice(gnss: Track | None, fused: Track | None, *, agree: bool) -> str:
    """Return the estimate where it agrees with the fixes and covers them, else the fixes; "" without positions."""
    if gnss is None or fused is None:
        return "gnss" if gnss is not None else "fused" if fused is not None else ""
    late_ns = fused.time_ns[0] - gnss.time_ns[0]
    early_ns = gnss.time_ns[-1] - fused.time_ns[-1]
    widest_ns = max(2 * int(np.diff(gnss.time_ns).max(initial=0)), GAP_NS)
    whole = int(np.diff(fused.time_ns).max(initial=0)) <= widest_ns
    return "fused" if agree and whole and late_ns <= LATE_START_NS and early_ns <= EARLY_END_NS else "gnss"


def _conflict(one: Track, other: Track) -> _Conflict | None:
    """Return where two tracks of one aircraft are apart beyond their errors; None where they are not."""
    found = [_Apart.of(one[first:end], other) for first, end in _parts(one)]
    apart_m = np.concatenate([part.apart_m for part in found])
    beyond_m = np.concatenate([part.beyond_m for part in found])
    offset = np.concatenate([part.offset for part in found])
    gross = beyond_m > GROSS_M
    is_gross = int(gross.sum()) >= GROSS_ROWS
    lasting = [_lasting(part.time_ns, part.beyond_m > APART_M) for part in found]
    rows = gross if is_gross else np.concatenate([rows for rows, _ in lasting])
    if not rows.any():
        return None
    longest_ns = max(ns for _, ns in lasting)
    first = int(offset[np.argmax(rows)])
    return _Conflict(float(apart_m[rows].max()), int(rows.sum()), len(rows), longest_ns, first, is_gross)


def _parts(track: Track) -> list[tuple[int, int]]:
    edges = np.concatenate([[0], np.flatnonzero(np.diff(track.part)) + 1, [len(track)]]).tolist()
    return list(pairwise(edges))


@dataclass(frozen=True, slots=True)
class _Apart:
    """How far another track is away at some rows of a part of one, and by how much that is beyond their errors."""

    time_ns: Ints
    offset: Ints
    apart_m: Floats
    beyond_m: Floats

    @classmethod
    def of(cls, one: Track, other: Track) -> _Apart:
        """Compare where both have fixes with times, of the same start of the clock by their place in the file."""
        other = _of_the_same_start(one, other)
        rows = np.flatnonzero(one.is_timed)
        after = np.searchsorted(other.time_ns, one.time_ns[rows], "left")
        inside = (after > 0) & (after < len(other))
        rows, after = rows[inside], after[inside]
        before = after - 1
        span = other.time_ns[after] - other.time_ns[before]
        near = (span < BRIDGE_NS) & (span > 0)
        rows, before, after, span = (a[near] for a in (rows, before, after, span))
        share = (one.time_ns[rows] - other.time_ns[before]) / span
        metres = np.radians(1.0) * EARTH_M
        east = metres * np.cos(np.radians(one.lat_deg[rows]))
        lat, lon = other.lat_deg[before], other.lon_deg[before]
        step = np.stack([(other.lat_deg[after] - lat) * metres, _turn(other.lon_deg[after] - lon) * east])
        away = np.stack([(lat - one.lat_deg[rows]) * metres, _turn(lon - one.lon_deg[rows]) * east])
        away += share * step
        velocity = step / (span / 1e9)
        away -= _lag_s(away, velocity) * velocity
        apart_m = np.hypot(*away)
        sigma_m = np.hypot(*(_known(track.h_sigma_m[at]) for track, at in ((one, rows), (other, after))))
        return cls(one.time_ns[rows], one.offset[rows], apart_m, apart_m - SIGMAS * sigma_m)


def _of_the_same_start(one: Track, other: Track) -> Track:
    """Return the timed fixes of the part of `other` that shares most of the file with `one`, a part of a track."""
    if other.part[0] == other.part[-1]:
        return other if other.is_timed.all() else other.where(other.is_timed)
    shared = (other.offset >= one.offset.min()) & (other.offset <= one.offset.max())
    parts, counts = np.unique(other.part[shared], return_counts=True)
    return other.where(other.is_timed & (other.part == (parts[np.argmax(counts)] if len(parts) else -1)))


def _known(sigma_m: Floats) -> Floats:
    return np.where(np.isfinite(sigma_m), sigma_m, SIGMA_M)


def _lag_s(away: Floats, velocity: Floats) -> float:
    """Return by how much the one lags behind the other (s), as the way ahead explains where moving; shapes (2, n).

    What would be a longer lag than receivers have is no lag.
    """
    speed2 = (velocity**2).sum(axis=0)
    moving = speed2 > MOVING_MPS**2
    if int(moving.sum()) < LAG_ROWS:
        return 0.0
    ahead_s = (away * velocity).sum(axis=0)[moving] / speed2[moving]
    middle = float(np.partition(ahead_s, len(ahead_s) // 2)[len(ahead_s) // 2])
    return middle if abs(middle) <= LAG_AT_MOST_S else 0.0


def _lasting(time_ns: Ints, is_apart: Bools) -> tuple[Bools, int]:
    """Return the rows of stretches apart for longer than LASTS_NS, shape (n,), and how long the longest lasts (ns)."""
    lasting, longest_ns = np.zeros(len(is_apart), dtype=np.bool_), 0
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_apart, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        lasts_ns = int(time_ns[end - 1] - time_ns[first])
        if lasts_ns > LASTS_NS:
            lasting[first:end] = True
            longest_ns = max(longest_ns, lasts_ns)
    return lasting, longest_ns


def _turn(degrees: Floats) -> Floats:
    return (degrees + 180.0) % 360.0 - 180.0
