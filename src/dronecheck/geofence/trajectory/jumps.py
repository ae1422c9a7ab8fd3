"""Positions behind a jump that nothing flies: which fixes belong together, and which something else carries.

Which side of a jump is wrong the fixes themselves do not tell, however many are on either. Not doubted are

    a way that the logged speed at both its ends carries    odometry: no jump
    a flight that goes on where it was                      the fixes between are an excursion: they are doubted
    what another source of positions has at the same place  if it made none of the jumps itself
    all others beside two fixes astray                      those part nothing
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints, repeat
from dronecheck.geo.plane import step_lengths_m
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["Jumps"]

_PARTS_AHEAD = 4  # how many jumps may lie between two parts of one flight
_ASTRAY_AT_MOST = 2  # fixes that part nothing
_ODOMETRY = 1.5  # logged speed times this may carry a way
_BESIDE_NS, _AROUND = 5_000_000_000, 3
_SAME_PLACE_M, _SAME_PLACE_SIGMAS = 50.0, 5.0


class Jumps:
    """The jumps of a path, and other paths of the same flight as witnesses."""

    def __init__(self, path: Trajectory, witnesses: list[Trajectory]) -> None:
        self._path, self._witnesses = path, witnesses

    def is_doubted(self, row: int) -> bool:
        """Tell whether other fixes cannot be of one flight with this one, and nothing but the fixes carries it."""
        mine = self._flight[row]
        here = np.flatnonzero(self._flight == mine)
        for other in np.unique(self._flight):
            rows = np.flatnonzero(self._flight == other)
            is_excursion = here[0] < rows[0] and rows[-1] < here[-1]
            if other != mine and len(rows) > _ASTRAY_AT_MOST and not is_excursion:
                return not any(self._agrees(witness, row) for witness in self._witnesses)
        return False

    @cached_property
    def _flight(self) -> Ints:
        """Return a number for each fix, shape (n,): those that could be of one flight have the same.

        A part between jumps goes on in one of the next few parts, where the aircraft can have flown from one to the
        other.
        """
        path, runs = self._path, self._path.runs()
        flight = list(range(len(runs)))  # of each run: the first run of its flight
        slack_m = 6 * float(path.h_sigma_m.max(initial=0.0)) + 20.0
        lat, lon, fastest = path.track.lat_deg, path.track.lon_deg, path.thresholds.implausible_speed_mps
        for ahead in range(1, _PARTS_AHEAD + 1):
            ends = np.array([last for _, last in runs[:-ahead]], dtype=np.int64)
            begins = np.array([first for first, _ in runs[ahead:]], dtype=np.int64)
            if len(ends):
                pairs = np.column_stack([ends, begins])
                way_m = step_lengths_m(lat[pairs].ravel(), lon[pairs].ravel())[::2]
                flown = way_m <= fastest * (path.time_s[begins] - path.time_s[ends]) + slack_m
                for run in np.flatnonzero(flown | self._by_odometry(ends, begins, way_m)).tolist():
                    if flight[run + ahead] == run + ahead:
                        flight[run + ahead] = run
        for run in range(len(runs)):
            flight[run] = flight[flight[run]]
        rows = np.array([last - first + 1 for first, last in runs], dtype=np.int64)
        return repeat(np.array(flight, dtype=np.int64), rows)

    def _by_odometry(self, ends: Ints, begins: Ints, way_m: Floats) -> Bools:
        """Tell which ways the logged speeds at their ends carry, shape (k,)."""
        speed_mps = np.minimum(self._path.track.speed_mps[ends], self._path.track.speed_mps[begins])
        step_s = self._path.time_s[begins] - self._path.time_s[ends]
        return np.asarray(_ODOMETRY * speed_mps * step_s >= way_m, dtype=np.bool_)

    def _agrees(self, witness: Trajectory, row: int) -> bool:
        """Tell whether a witness has a fix of the path at the same place, and flew on where that one jumps."""
        jumps = np.flatnonzero(self._path.is_jump)
        ends_ns = self._path.track.time_ns[np.concatenate([jumps, jumps + 1])]
        return self._is_near(witness, row) and all(_flies_on_at(witness, int(at)) for at in ends_ns)

    def _is_near(self, witness: Trajectory, row: int) -> bool:
        before = _beside(witness, int(self._path.track.time_ns[row]))
        if before is None:
            return False
        lat = np.array([self._path.track.lat_deg[row], witness.track.lat_deg[before]])
        lon = np.array([self._path.track.lon_deg[row], witness.track.lon_deg[before]])
        sigma_m = float(np.hypot(self._path.h_sigma_m[row], witness.h_sigma_m[before]))
        return float(step_lengths_m(lat, lon)[0]) <= _SAME_PLACE_M + _SAME_PLACE_SIGMAS * sigma_m


def _beside(witness: Trajectory, time_ns: int) -> int | None:
    """Return the fix before a time; None where none stands near on both sides."""
    times = witness.track.time_ns
    after = int(np.searchsorted(times, time_ns))
    if after < 1 or after >= len(times) or int(times[after] - times[after - 1]) > _BESIDE_NS:
        return None
    return after - 1


def _flies_on_at(witness: Trajectory, time_ns: int) -> bool:
    before = _beside(witness, time_ns)
    return before is not None and not bool(witness.is_cut[max(before - _AROUND, 0) : before + _AROUND + 1].any())
