"""The way that a log's aircraft took, as a function of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import Flight
from dronecheck.geo.plane import local_offsets_m, unwrap_lon, wrap_lon

__all__ = ["INTERPOLATED_S", "SECOND_NS", "LogPath", "LogPlaces"]

SECOND_NS = 10**9
INTERPOLATED_S = 5.0  # from the nearest fix: beyond it the log does not say where the aircraft was
_TURN_MPS2 = 1.0  # what a drone's speed changes by between two fixes, one sigma
_SIGMA_UNKNOWN_M, _SIGMA_AT_LEAST_M, _SIGMA_ASSUMED_CLOCK_S = 5.0, 1.0, 0.2
_BARO_SIGMA_M, _BARO_SCALE = 2.0, 0.035


@dataclass(frozen=True, slots=True)
class LogPlaces:
    """Where the aircraft was at n times, all of shape (n,): `gap_s` is the time to the nearest fix."""

    lat_deg: Floats
    lon_deg: Floats
    sigma_m: Floats  # of each horizontal axis
    speed_mps: Floats
    home_m: Floats  # above take-off, NaN where unknown
    home_sigma_m: Floats
    gap_s: Floats
    is_inside: np.ndarray  # between the first fix and the last

    def miss_m(self, lat_deg: Floats, lon_deg: Floats) -> Floats:
        """Return how far other places, shape (n,), lie from these, metres."""
        return np.hypot(*local_offsets_m(self.lon_deg, self.lat_deg, lon_deg, lat_deg))


@dataclass(frozen=True)
class LogPath:
    """One aircraft's track, its fixes by time: seconds since `origin_ns`."""

    number: int  # of the flight among those given
    name: str
    serial: str
    origin_ns: int
    time_s: Floats
    lat_deg: Floats
    lon_deg: Floats  # unwrapped
    sigma_m: Floats
    speed_mps: Floats
    home_m: Floats
    event_s: Floats  # when the log says that a photo was taken
    clock_sigma_s: float
    is_utc_proven: bool

    @classmethod
    def of(cls, number: int, flight: Flight, origin_ns: int, event_ns: list[int]) -> LogPath | None:
        """Return the path of a flight; None where it has no fixes whose UTC is known."""
        track = flight.track
        track = track.where(track.is_timed)
        if not flight.clock.utc_known or not len(track):
            return None
        order = np.argsort(track.time_ns, kind="stable")
        order = order[np.append(True, np.diff(track.time_ns[order]) > 0)]
        time_s = (track.time_ns[order] - origin_ns) / SECOND_NS
        lat_deg, lon_deg = track.lat_deg[order], unwrap_lon(track.lon_deg[order], float(track.lon_deg[order[0]]))
        sigma_m = np.where(np.isfinite(track.h_sigma_m[order]), track.h_sigma_m[order], _SIGMA_UNKNOWN_M)
        clock_s = flight.clock.sigma_s
        return cls(
            number, flight.source.path.name, flight.vehicle.serial, origin_ns, time_s,
            lat_deg, lon_deg,
            np.maximum(sigma_m, _SIGMA_AT_LEAST_M), _speeds(time_s, lat_deg, lon_deg), track.alt_home_m[order],
            (np.array(sorted(event_ns), np.int64) - origin_ns) / SECOND_NS,
            clock_s if np.isfinite(clock_s) else _SIGMA_ASSUMED_CLOCK_S, not flight.clock.is_assumed,
        )  # fmt: skip

    @property
    def span_s(self) -> tuple[float, float]:
        """Return when its first fix is and its last."""
        return float(self.time_s[0]), float(self.time_s[-1])

    def at(self, time_s: Floats) -> LogPlaces:
        """Return where it was at times of shape (n,), on the straight way between two fixes; at the ends, the end."""
        after = np.clip(np.searchsorted(self.time_s, time_s), 1, max(len(self.time_s) - 1, 1))
        after = np.minimum(after, len(self.time_s) - 1)
        before = np.maximum(after - 1, 0)
        gap_s = np.minimum(np.abs(self.time_s[after] - time_s), np.abs(time_s - self.time_s[before]))
        sigma_m = np.interp(time_s, self.time_s, self.sigma_m)
        home_m = np.interp(time_s, self.time_s, self.home_m)
        return LogPlaces(
            np.interp(time_s, self.time_s, self.lat_deg),
            wrap_lon(np.interp(time_s, self.time_s, self.lon_deg)),
            np.hypot(sigma_m, 0.5 * _TURN_MPS2 * gap_s**2),
            np.maximum(self.speed_mps[after], self.speed_mps[before]),
            home_m,
            _BARO_SIGMA_M + _BARO_SCALE * np.abs(home_m),
            gap_s,
            (time_s >= self.time_s[0]) & (time_s <= self.time_s[-1]),
        )

    def outside_s(self, time_s: Floats) -> Floats:
        """Return by how much times, shape (n,), lie before its first fix or after its last; 0 between."""
        start, end = self.span_s
        return np.maximum(np.maximum(start - time_s, time_s - end), 0.0)

    def nearest_m(self, lat_deg: float, lon_deg: float) -> float:
        """Return how far a place lies from the nearest fix, metres."""
        east_m, north_m = local_offsets_m(self.lon_deg, self.lat_deg, lon_deg, lat_deg)
        return float(np.hypot(east_m, north_m).min())


def _speeds(time_s: Floats, lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Return the speed at each fix over the second around it: from fix to fix, noise would pass for speed."""
    earlier_s, later_s = np.maximum(time_s - 0.5, time_s[0]), np.minimum(time_s + 0.5, time_s[-1])
    lat = [np.interp(at, time_s, lat_deg) for at in (earlier_s, later_s)]
    lon = [np.interp(at, time_s, lon_deg) for at in (earlier_s, later_s)]
    way_m = np.hypot(*local_offsets_m(lon[0], lat[0], lon[1], lat[1]))
    return np.asarray(way_m / np.maximum(later_s - earlier_s, 1e-3))
