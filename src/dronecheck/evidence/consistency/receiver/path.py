"""The path of a track in metres, with the steps in which its format can tell places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.flight import OPERATOR, Flight, Track
from dronecheck.geo.plane import metres_per_degree, unwrap_lon

__all__ = ["FINEST", "Path", "decimals_of", "on_grid", "paths", "step_m"]

FINEST = 12  # decimals of degrees beyond which no format prints: a column of doubles
PRINTED_AT_MOST = 10
COARSEST = 3
GRID_ERROR = 1e-3  # of a step: what a double of degrees is off a printed decimal by
OWN_RECORDS = ("ulog", "dataflash", "tlog", "dji_txt", "dji_dat", "film")  # written on board or heard from there
SINGLE_PRECISION_BITS = 24


@dataclass(frozen=True, slots=True)
class Path:
    """East and north of the first fix (m), shape (n,), and seconds since it.

    `decimals` is how many of a degree all figures have, FINEST for more than are printed; `grid_m` the steps of that
    to the east and to the north, 0 without a grid.
    """

    name: str
    track: Track
    is_receiver: bool
    is_own_record: bool  # no export, by an app or a spreadsheet
    east_m: Floats
    north_m: Floats
    time_s: Floats
    decimals: int
    grid_m: tuple[float, float]

    @classmethod
    def of(cls, name: str, track: Track, source_format: str) -> Path:
        """Return the path of a track, which has a fix."""
        lat, lon = track.lat_deg, unwrap_lon(track.lon_deg, float(track.lon_deg[0]))
        scale_east, scale_north = metres_per_degree(lat[:1])
        decimals = max(decimals_of(track.lat_deg), decimals_of(track.lon_deg))
        step = 10.0**-decimals if decimals < FINEST else 0.0
        is_own = source_format in OWN_RECORDS
        return cls(
            name,
            track,
            is_own and name.startswith("gnss"),
            is_own,
            (lon - lon[0]) * scale_east[0],
            (lat - lat[0]) * scale_north[0],
            (track.time_ns - track.time_ns[0]) / 1e9,
            decimals,
            (step * float(scale_east[0]), step * float(scale_north[0])),
        )

    @property
    def usual_step_s(self) -> float:
        """Return the usual time between two fixes, 0 where none is known."""
        steps_s = np.diff(self.time_s)
        steps_s = steps_s[steps_s > 0]
        return float(np.partition(steps_s, len(steps_s) // 2)[len(steps_s) // 2]) if len(steps_s) else 0.0


def paths(flight: Flight, at_least: int) -> list[Path]:
    """Return the paths of the aircraft's tracks that have so many fixes."""
    return [
        Path.of(name, track, flight.source.format)
        for name, track in flight.tracks.items()
        if name != OPERATOR and len(track) >= at_least
    ]


def on_grid(degrees: Floats, decimals: int) -> Bools:
    """Tell which figures (n,) have at most so many decimals."""
    steps = degrees * 10.0**decimals
    return np.asarray(np.abs(steps - np.round(steps)) < GRID_ERROR)


def decimals_of(degrees: Floats) -> int:
    """Return how many decimals all figures (n,) need, 3 at least; FINEST where it is more than are ever printed."""
    for decimals in range(COARSEST, PRINTED_AT_MOST + 1):
        if on_grid(degrees[:64], decimals).all() and on_grid(degrees, decimals).all():
            return decimals
    return FINEST


def step_m(lat_deg: float, decimals: int) -> tuple[float, float]:
    """Return the metres to the east and to the north of one step of the last decimal of a degree."""
    east, north = metres_per_degree(lat_deg)
    return float(east) * 10.0**-decimals, float(north) * 10.0**-decimals
