"""All that lies within a distance of a place, against one outline: inside, touched or free, on the ellipsoid.

Every edge of the outline counts with the error of its own stretch: the nearest one need not be the worst known. An
edge's nearest point is found in a plane and measured again by the geodesic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from dronecheck.arrays import Floats, repeat
from dronecheck.flight import Flight, RecordHeader, Track
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import geodesic_ahead, geodesic_m
from dronecheck.geo.types import Box
from dronecheck.geofence.result import Place
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import Outline, wider_pads_m
from dronecheck.geofence.trajectory.region_distance import OutlineError
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["LOOKED_M", "PAD_M", "Disc", "Meeting", "discs_of", "with_places"]

LOOKED_M = 50_000.0  # the plane is good to 0.4 m so far out
PAD_M = 5_000.0  # no border is worse known
_SLACK_M = 1.0  # of the plane, and of the header's own rounding
_STRETCH_M = 500.0  # an edge longer than this is taken in pieces: its accuracy may change along it


@dataclass(frozen=True, slots=True)
class Meeting:
    """How a disc lies to an outline: `signed_m` of its middle, negative inside; infinite where none is in reach.

    `band_m` holds the errors of the middle and of the outline's nearest point. `is_touched` tells whether some of the
    disc may be inside, `is_crossed` whether the outline itself may be in reach of it.
    """

    signed_m: float
    sigma_m: float
    band_m: float
    is_touched: bool
    is_crossed: bool

    @property
    def is_inside(self) -> bool:
        """Tell whether the middle is inside beyond the errors."""
        return self.signed_m <= -self.band_m

    @property
    def depth_m(self) -> float | None:
        """Return how deep inside the middle lies; None where it is deeper than any outline in reach."""
        return max(0.0, -self.signed_m) if isfinite(self.signed_m) else None

    def with_other(self, other: Meeting) -> Meeting:
        """Return what holds if either of two readings of an outline may be meant."""
        nearer = min(self, other, key=lambda one: abs(one.signed_m))
        inside = max(self, other, key=lambda one: one.signed_m + one.band_m)
        least = inside if self.is_inside and other.is_inside else nearer
        return Meeting(
            least.signed_m, least.sigma_m, least.band_m, self.is_touched or other.is_touched,
            self.is_crossed or other.is_crossed or self.is_inside != other.is_inside,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Disc:
    """A place with all that lies within `radius_m` of it; 0: the place alone. `number` is a picture's, from 1."""

    place: Place
    radius_m: float
    trajectory: Trajectory  # the place, at the first and the last instant of the flight
    number: int | None = None

    @property
    def is_too_wide(self) -> bool:
        """Tell whether some of it lies farther off than is looked."""
        return self.radius_m > LOOKED_M

    def pad_m(self, error_m: float = PAD_M) -> float:
        """Return how far around the place outlines are looked for whose error is below `error_m`."""
        return min(self.radius_m, LOOKED_M) + max(error_m, PAD_M)

    def box(self, error_m: float = PAD_M) -> Box:
        """Return the box in degrees in which outlines are looked for."""
        return self.trajectory.windows[0].tile.box(self.pad_m(error_m))

    def meets(self, outline: Outline, edge: Edge, error: OutlineError, error_m: float = PAD_M) -> Meeting | None:
        """Return how it lies to a region's outline, whose error is below `error_m`; None where it is not in reach."""
        pad_m = self.pad_m(error_m)
        meeting = self._meets(outline, edge, error, pad_m)
        for wider_m in wider_pads_m(pad_m):
            if meeting is None or isfinite(meeting.signed_m):
                break
            wider = self._meets(outline, edge, error, wider_m)
            meeting = wider if wider is not None else meeting
        return meeting

    def _meets(self, outline: Outline, edge: Edge, error: OutlineError, pad_m: float) -> Meeting | None:
        window = self.trajectory.windows[0]
        box = window.tile.box(pad_m)
        geometry = outline(window, box)
        if geometry is None or geometry.is_empty:
            return None
        region = PlanarRegion(geometry, edge, window.plane, box)
        if region.is_empty:
            return None
        middle = window.xy_m[:1]
        is_inside = bool(region.contains(middle)[0])
        sign = -1.0 if is_inside else 1.0
        feet = _feet(middle[0], *region.edges)
        off_m = np.hypot(*(feet - middle[0]).T)
        feet = feet[off_m <= max(float(off_m.min(initial=np.inf)), pad_m)]
        if not len(feet):
            return Meeting(sign * np.inf, 0.0, 0.0, is_inside, False)
        foot_deg = window.plane.inverse(feet)
        lon, lat = window.lonlat_deg[0]
        away_m = geodesic_m(foot_deg[:, 0], foot_deg[:, 1], float(lon), float(lat))
        outline_sigma_m, p95_m = error(foot_deg)
        k = self.trajectory.thresholds.band_sigmas
        sigma_m = np.hypot(float(self.trajectory.h_sigma_m[0]), outline_sigma_m)
        band_m = np.maximum(k * sigma_m, p95_m)
        crossed = bool((away_m - band_m - _SLACK_M <= self.radius_m).any())
        nearest = int(np.argmin(away_m))
        return Meeting(
            float(sign * away_m[nearest]),
            float(sigma_m[nearest]),
            float(band_m[nearest]),
            is_inside or crossed,
            crossed,
        )


def _feet(middle: Floats, start: Floats, end: Floats) -> Floats:
    """Return the point of each edge, or of each piece of a long one, that is nearest to a place; shape (n, 2)."""
    pieces = np.maximum(np.ceil(np.hypot(*(end - start).T) / _STRETCH_M).astype(np.int64), 1) if len(start) else None
    if pieces is None:
        return np.empty((0, 2))
    which = repeat(np.arange(len(start), dtype=np.int64), pieces)
    first = np.concatenate([[0], np.cumsum(pieces)[:-1]])
    step = (np.arange(len(which), dtype=np.int64) - first[which])[:, np.newaxis]
    share = 1.0 / pieces[which][:, np.newaxis]
    way = (end - start)[which] * share
    begin = start[which] + way * step
    length_sq = np.maximum((way * way).sum(axis=1), 1e-12)
    along = np.clip(((middle - begin) * way).sum(axis=1) / length_sq, 0.0, 1.0)
    return np.asarray(begin + along[:, np.newaxis] * way, dtype=np.float64)


def discs_of(header: RecordHeader, thresholds: Thresholds, clock_sigma_s: float) -> tuple[Disc | None, list[Disc]]:
    """Return the disc around the start (None where it is not known), and the places of the pictures."""
    start = None
    if isfinite(header.lat_deg):
        start = _disc(header, (header.lat_deg, header.lon_deg), header.within_m or 0.0, thresholds, clock_sigma_s)
    pictures = [
        _disc(header, place, 0.0, thresholds, clock_sigma_s, number) for number, place in enumerate(header.pictures, 1)
    ]
    return start, pictures


def _disc(
    header: RecordHeader,
    place: tuple[float, float],
    radius_m: float,
    thresholds: Thresholds,
    clock_sigma_s: float,
    number: int | None = None,
) -> Disc:
    lat, lon = place
    begin_ns = header.start_ns or 0
    end_ns = begin_ns + round((header.duration_s if isfinite(header.duration_s) else 0.0) * 1e9)
    # No higher than the header says: a floor above that is out of reach.
    height_m = float("nan") if header.below_m is None else header.below_m
    track = Track.build(
        time_ns=[begin_ns, end_ns], lat_deg=[lat, lat], lon_deg=[lon, lon], alt_home_m=[height_m, height_m],
        offset=[0, 0], message="header",
    )  # fmt: skip
    trajectory = Trajectory(track, thresholds, clock_sigma_s=clock_sigma_s)
    return Disc(Place(lat, lon), radius_m, trajectory, number)


def with_places(flight: Flight) -> Flight:
    """Return a flight with its header's places for a track: for what asks where and when it was.

    Unchanged where the header tells no place. Never to be judged: nothing of it was flown so.
    """
    header = flight.header
    if header is None:
        return flight
    places = [(lon, lat) for lat, lon in header.pictures]
    if isfinite(header.lat_deg):
        middle = np.tile([header.lon_deg, header.lat_deg], (4, 1))
        reach_m = min(header.within_m or 0.0, LOOKED_M)
        rim = geodesic_ahead(middle, np.arange(4, dtype=np.float64) * 90.0, np.full(4, reach_m))
        places += [(header.lon_deg, header.lat_deg), *map(tuple, rim.tolist())]
    if not places:
        return flight
    begin_ns = header.start_ns or 0
    end_ns = begin_ns + round((header.duration_s if isfinite(header.duration_s) else 0.0) * 1e9)
    lon_deg, lat_deg = np.array(places).T
    count = len(places)
    track = Track.build(
        time_ns=np.linspace(begin_ns, end_ns, count).astype(np.int64), lat_deg=lat_deg, lon_deg=lon_deg,
        offset=np.zeros(count, np.int64), message="header",
    )  # fmt: skip
    return replace(flight, tracks={"header": track}, primary="header")
