"""What of a flight tells where its pilot lives or stood: take-off, landing, home point, ends near the ground.

A log that begins or ends low, or at rest at a height that it does not know, may do so at home: that is hidden as well,
for what is hidden in vain costs little. One that begins and ends in the air tells nothing, and then nothing is hidden.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import OPERATOR, EventKind, Flight, Track
from dronecheck.geo.plane import local_offsets_m
from dronecheck.geofence.result import Place, Result

__all__ = ["PLACE_WORDS", "HomePlace", "Homes", "PlaceKind", "homes_of"]


class PlaceKind(StrEnum):
    """How a place tells home."""

    TAKEOFF = "takeoff"
    LANDING = "landing"
    HOME_POINT = "home_point"
    FIRST_LOW = "first_low"  # no take-off was recorded, but the log may begin on the ground
    LAST_LOW = "last_low"
    HEADER_START = "header_start"  # of a record whose track cannot be read
    OTHER_LOG = "other_log"


PLACE_WORDS = {
    PlaceKind.TAKEOFF: "the take-off",
    PlaceKind.LANDING: "the landing",
    PlaceKind.HOME_POINT: "the home point",
    PlaceKind.FIRST_LOW: "where the log begins near the ground",
    PlaceKind.LAST_LOW: "where the log ends near the ground",
    PlaceKind.HEADER_START: "the start that the header states",
    PlaceKind.OTHER_LOG: "what the other logs tell of them",
}
_LOW_M = 15.0  # above home: a landing that the film no longer shows
_RISE_M = 30.0  # what climbs so much has a lowest part
_AT_REST_MPS = 1.5
_REST_NS = 3 * 10**9
_NEAR_EVENT_NS = 5 * 10**9
_SAME_M = 1.0
_PREFIX = b"dronecheck/hide-home/track\0"
_EVENTS = {
    EventKind.ARM: PlaceKind.TAKEOFF,
    EventKind.TAKEOFF: PlaceKind.TAKEOFF,
    EventKind.LAND: PlaceKind.LANDING,
    EventKind.DISARM: PlaceKind.LANDING,
}


@dataclass(frozen=True, slots=True)
class HomePlace:
    """A place that tells home, and how."""

    kind: PlaceKind
    place: Place


@dataclass(frozen=True, slots=True)
class Homes:
    """The places to hide, and the digest (hex) by which what is hidden around them is moved: shown nowhere."""

    places: tuple[HomePlace, ...]
    digest: str = field(repr=False)

    def with_others(self, other: Homes) -> Homes:
        """Add the places of other logs; all are moved alike, or two circles around one home would tell it."""
        more = tuple(HomePlace(PlaceKind.OTHER_LOG, each.place) for each in other.places)
        return Homes(_each_once([*self.places, *more]), min(self.digest, other.digest))


def homes_of(flight: Flight, result: Result) -> Homes:
    """Return what a flight and all vehicles in its log tell of home."""
    found: list[HomePlace] = []
    for segment in flight.segments:
        if segment.home is not None:
            found.append(HomePlace(PlaceKind.HOME_POINT, Place(segment.home.lat_deg, segment.home.lon_deg)))
    for vehicle in (flight, *flight.others):
        if vehicle.home is not None:
            found.append(HomePlace(PlaceKind.HOME_POINT, Place(vehicle.home.lat_deg, vehicle.home.lon_deg)))
        if vehicle.header is not None and np.isfinite(vehicle.header.lat_deg):
            found.append(HomePlace(PlaceKind.HEADER_START, Place(vehicle.header.lat_deg, vehicle.header.lon_deg)))
        for name, track in vehicle.tracks.items():
            if name != OPERATOR:
                ends = _ends(vehicle, result) if name == vehicle.primary else []
                found += _of_track(vehicle, track, ends)
    takeoffs = [result.takeoff, *(answer.takeoff for answer in result.flights)]
    found = [*(HomePlace(PlaceKind.TAKEOFF, place) for place in takeoffs if place is not None), *found]
    return Homes(_each_once(found), flight.source.private_digest or _digest_of(flight.track))


def _digest_of(track: Track) -> str:
    """Return the digest of a flight that was not read from a file: by its fixes."""
    columns = (track.time_ns, track.lat_deg, track.lon_deg)
    return hashlib.sha256(_PREFIX + b"".join(column.tobytes() for column in columns)).hexdigest()


def _each_once(places: list[HomePlace]) -> tuple[HomePlace, ...]:
    """Leave out places beside one that is there already and of the same kind, or known better."""
    kept: list[HomePlace] = []
    for told in places:
        if not any(_apart_m(told.place, other.place) <= _SAME_M and _covers(other, told) for other in kept):
            kept.append(told)
    return tuple(kept)


def _covers(other: HomePlace, told: HomePlace) -> bool:
    return other.kind is told.kind or told.kind in (PlaceKind.FIRST_LOW, PlaceKind.LAST_LOW, PlaceKind.OTHER_LOG)


def _apart_m(one: Place, other: Place) -> float:
    return float(np.hypot(*local_offsets_m(one.lon_deg, one.lat_deg, other.lon_deg, other.lat_deg)))


def _ends(vehicle: Flight, result: Result) -> list[tuple[int, int]]:
    """Return the first and last rows of the flights that a vehicle's log was told apart into."""
    systems = (None, vehicle.vehicle.system)
    return [(answer.first, answer.last) for answer in result.flights if answer.system in systems]


def _of_track(vehicle: Flight, track: Track, ends: list[tuple[int, int]]) -> Iterator[HomePlace]:
    if not len(track):
        return
    for event in vehicle.events:
        kind = _EVENTS.get(event.kind)
        row = int(np.argmin(np.abs(track.time_ns - event.time_ns)))
        if kind is not None and abs(int(track.time_ns[row]) - event.time_ns) <= _NEAR_EVENT_NS:
            yield HomePlace(kind, _place(track, row))
    stood = np.flatnonzero(np.diff(np.concatenate([[False], track.is_idle, [False]]).astype(np.int8)))
    for first, end in zip(stood[::2].tolist(), stood[1::2].tolist(), strict=True):
        yield HomePlace(PlaceKind.LANDING if first else PlaceKind.TAKEOFF, _place(track, first))
        yield HomePlace(PlaceKind.LANDING if end == len(track) else PlaceKind.TAKEOFF, _place(track, end - 1))
    edges = [0, *(np.flatnonzero(np.diff(track.part)) + 1).tolist(), len(track)]
    for first, last in [*ends, *((a, b - 1) for a, b in pairwise(edges))]:
        if 0 <= first <= last < len(track):
            for kind, row in ((PlaceKind.FIRST_LOW, first), (PlaceKind.LAST_LOW, last)):
                if _may_stand(track, row, first, last):
                    yield HomePlace(kind, _place(track, row))


def _place(track: Track, row: int) -> Place:
    return Place(float(track.lat_deg[row]), float(track.lon_deg[row]))


def _may_stand(track: Track, row: int, first: int, last: int) -> bool:
    """Tell whether the aircraft may be on the ground, or all but, at the first or last row of a flight."""
    if track.is_idle[row] or track.alt_home_m[row] <= _LOW_M or track.alt_agl_m[row] <= _LOW_M:
        return True
    if np.isfinite(track.alt_home_m[row]):
        return False
    is_at_rest = _is_at_rest(track, row, first, last)
    for column in (track.alt_amsl_m, track.alt_hae_m, track.alt_unframed_m, track.pressure_alt_m):
        if np.isfinite(column[row]):
            return _is_low(column[first : last + 1], float(column[row]), is_at_rest)
    return is_at_rest


def _is_low(height_m: Floats, at_m: float, is_at_rest: bool) -> bool:
    lowest_m, highest_m = float(np.nanmin(height_m)), float(np.nanmax(height_m))
    return at_m - lowest_m <= _LOW_M and (is_at_rest or highest_m - lowest_m > _RISE_M)


def _is_at_rest(track: Track, row: int, first: int, last: int) -> bool:
    """Tell whether it hardly moves in the three seconds beside an end of a flight, as far as times and speeds tell."""
    if np.isfinite(track.speed_mps[row]):
        return bool(track.speed_mps[row] <= _AT_REST_MPS)
    rows = np.arange(first, last + 1, dtype=np.int64)
    beside = rows[np.abs(track.time_ns[rows] - track.time_ns[row]) <= _REST_NS]
    east_m, north_m = local_offsets_m(
        track.lon_deg[row], track.lat_deg[row], track.lon_deg[beside], track.lat_deg[beside]
    )
    since_s = np.abs(track.time_ns[beside] - track.time_ns[row]) / 1e9
    return bool((np.hypot(east_m, north_m) <= _AT_REST_MPS * since_s + _SAME_M).all())
