"""ALT-2: the height above the sea at the take-off against the ground there.

Terrain is given only when a flight is checked, so this test is no part of `assess`: `with_terrain` adds it. A height
that is off by a constant all along shows here and nowhere else; so does a track that was carried elsewhere as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.flight import Concern, EventKind, Flight, Integrity, Statement, Track, Weight
from dronecheck.messages import Message

__all__ = ["GroundHeights", "with_terrain"]

ID = "ALT-2"
WITHIN_M, SIGMAS = 15.0, 3.0
UNKNOWN_SIGMA_M = 5.0
AT_REST_MPS, NEAR_NS = 1.5, 5 * 10**9


class GroundHeights(Protocol):
    """Heights of the ground above the sea."""

    def ground_amsl_m(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Return height above EGM96 and its sigma (m), both (n,), at places (n,); NaN where unknown."""
        ...


def with_terrain(flight: Flight, ground: GroundHeights, takeoff_row: int | None = None) -> Integrity:
    """Return what the tests found of a flight with ALT-2 among them.

    `takeoff_row` is the row of the primary track at which the aircraft stood on the ground, where the caller knows it;
    else it is the first at rest beside an arm or take-off event. Where there is none, no height above the sea or no
    ground, the test applies and did not run.
    """
    found = flight.integrity or Integrity()
    if ID in found.total:
        return found
    found = replace(found, total=(*found.total, ID))
    row = _takeoff_row(flight) if takeoff_row is None else takeoff_row
    told = _held(flight.track, ground, row) if row is not None and 0 <= row < len(flight.track) else None
    if told is None:
        return found
    statements = tuple(replace(statement, tracks=(flight.primary,)) for statement in told)
    return replace(found, run=(*found.run, ID), statements=(*found.statements, *statements))


def _takeoff_row(flight: Flight) -> int | None:
    """Return the first row at rest beside the first arm or take-off event; None where there is none."""
    track = flight.track
    event = next((event for event in flight.events if event.kind in (EventKind.ARM, EventKind.TAKEOFF)), None)
    if event is None or not len(track):
        return None
    row = int(np.argmin(np.abs(track.time_ns - event.time_ns)))
    moving = track.speed_mps[: row + 1] > AT_REST_MPS
    is_beside = bool(track.is_timed[row]) and abs(int(track.time_ns[row]) - event.time_ns) <= NEAR_NS
    return row if is_beside and not moving.any() else None


def _held(track: Track, ground: GroundHeights, row: int) -> tuple[Statement, ...] | None:
    """Hold the height of one fix against the ground below it; None where either is unknown."""
    height_m = float(track.alt_amsl_m[row])
    ground_m, ground_sigma_m = (float(v[0]) for v in ground.ground_amsl_m(track.lon_deg[[row]], track.lat_deg[[row]]))
    if not (np.isfinite(height_m) and np.isfinite(ground_m)):
        return None
    own_m = float(track.v_sigma_m[row])
    sigma_m = float(np.hypot(own_m if np.isfinite(own_m) else UNKNOWN_SIGMA_M, np.nan_to_num(ground_sigma_m)))
    limit_m = WITHIN_M + SIGMAS * sigma_m
    if abs(height_m - ground_m) <= limit_m:
        return ()
    observed = Message(
        "at the take-off the log's height is {height_m:,.0f} m above the sea, the ground there {ground_m:,.0f} m",
        height_m=height_m,
        ground_m=ground_m,
    )
    offset = int(track.offset[row])
    statement = Statement(
        ID, Weight.NOTICE, Concern.HEIGHT, observed,
        Message("an aircraft that stands on the ground when it takes off"),
        Message("{limit_m:.0f} m apart: 15 m and three standard deviations of both", limit_m=limit_m),
        (
            Message("a take-off from a roof, a tower or a ship"),
            Message("a height above the ellipsoid, or of a barometer, that was written as one above the sea"),
            Message("terrain data that are coarse, or of treetops and roofs"),
        ),
        records=(offset,),
        spans=((int(track.offset.min()), int(track.offset.max())),),
    )  # fmt: skip
    return (statement,)
