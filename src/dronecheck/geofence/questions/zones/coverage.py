"""Where the zones at hand speak for what was flown over, and where nothing is known of the airspace.

A source knows the territories that it covers (`airspace.covers`); a guessed cover holds no farther than 100 km from the
source's zones. A territory that the path only may have been in, by its errors, has to be known as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dronecheck.airspace.covers import covers_of, speaks_for
from dronecheck.airspace.zone import CoversFrom, ZoneSet
from dronecheck.arrays import Bools, Floats
from dronecheck.borders.territories import Territory
from dronecheck.geo.plane import boxes_meeting, metres_per_degree
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.trajectory.trajectory import PlaneTile, Trajectory

__all__ = ["GUESS_M", "Coverage", "coverage_of"]

GUESS_M = 100_000.0
_CELL_DEG = 0.01  # fixes of one cell are near the same zones
_QUICK_M = 20_000.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of a path the sources speak for. `share` is of its fixes; None among territories is the open sea.

    `known` and `unknown` are the territories that it was or may have been in; one may be in both. `is_guess` tells
    whether something is known by a guess alone.
    """

    share: float
    known: tuple[Territory | None, ...]
    unknown: tuple[Territory | None, ...]
    is_guess: bool

    @property
    def is_whole(self) -> bool:
        """Tell whether there is nothing that no source speaks for."""
        return not self.unknown

    @property
    def is_none(self) -> bool:
        """Tell whether no source speaks for any of it."""
        return not self.known


def coverage_of(zones: ZoneSet, trajectory: Trajectory, touched: Sequence[Territory]) -> Coverage:
    """Return what of a path the zones' sources speak for; `touched` are the territories it was or may have been in."""
    leaves = [_Leaf(leaf) for leaf in zones.parts or (zones,)]
    over = _territories_of(trajectory)
    is_stated, is_known = (np.zeros(len(trajectory), dtype=np.bool_) for _ in range(2))
    for leaf in leaves:
        rows = np.zeros(len(trajectory), dtype=np.bool_)
        for territory, there in over.items():
            if speaks_for(leaf.covers, territory):
                rows |= there
        if leaf.is_guess and rows.any():
            rows &= _near(leaf.boxes_deg, trajectory)
        is_known |= rows
        is_stated |= rows & (not leaf.is_guess)
    beside = [territory for territory in touched if territory not in over]
    beside_known = [t for t in beside if any(leaf.speaks_for_all(t, trajectory) for leaf in leaves)]
    return Coverage(
        share=float(is_known.mean()),
        known=tuple(t for t, there in over.items() if (is_known & there).any()),
        unknown=(
            *(t for t, there in over.items() if (~is_known & there).any()),
            *(t for t in beside if t not in beside_known),
        ),
        is_guess=bool((is_known & ~is_stated).any()),
    )


class _Leaf:
    """The zones of one file, and what it speaks for."""

    def __init__(self, zones: ZoneSet) -> None:
        self.covers, origin = covers_of(zones)
        self.is_guess = origin is CoversFrom.GUESS
        self.boxes_deg = zones.boxes_deg

    def speaks_for_all(self, territory: Territory, trajectory: Trajectory) -> bool:
        """Tell whether it knows a territory wherever the path may have been in it."""
        return speaks_for(self.covers, territory) and (
            not self.is_guess or bool(_near(self.boxes_deg, trajectory).all())
        )


def _territories_of(trajectory: Trajectory) -> dict[Territory | None, Bools]:
    """Return which fixes lie in which territory (None: at open sea), shape (n,) each, in the order flown."""
    land = NearbyTerritories(trajectory, 0.0)
    only, is_uniform = land.only
    if is_uniform:
        return {only: np.ones(len(trajectory), dtype=np.bool_)}
    found: dict[Territory | None, Bools] = {}
    for window in trajectory.windows:
        for territory, rows in land.territories_of(window):
            there = found.setdefault(territory, np.zeros(len(trajectory), dtype=np.bool_))
            there[window.first : window.last + 1] |= rows
    return {t: found[t] for t in sorted(found, key=lambda t: int(found[t].argmax())) if found[t].any()}


def _near(boxes_deg: Floats, trajectory: Trajectory) -> Bools:
    """Tell which fixes lie within GUESS_M of a box (n, 4), shape (n,)."""
    near = np.zeros(len(trajectory), dtype=np.bool_)
    for window in trajectory.windows:
        rows, boxes = (
            slice(window.first, window.last + 1),
            boxes_deg[boxes_meeting(boxes_deg, window.tile.box(GUESS_M))],
        )
        if _is_small(window.tile) and boxes_meeting(boxes, window.tile.box(_QUICK_M)).any():
            near[rows] = True
            continue
        cells, which = np.unique(np.floor(window.lonlat_deg / _CELL_DEG), axis=0, return_inverse=True)
        near[rows] = np.array([_is_near(cell, boxes) for cell in cells * _CELL_DEG], dtype=np.bool_)[which.ravel()]
    return near


def _is_small(tile: PlaneTile) -> bool:
    """Tell whether whatever lies within _QUICK_M of a tile's box lies within GUESS_M of all of the tile."""
    west, south, east, north = tile.extent_deg
    east_m, north_m = metres_per_degree(min(abs(south), abs(north)))
    wide_m, high_m = (east - west) * float(east_m) + _QUICK_M, (north - south) * float(north_m) + _QUICK_M
    return math.hypot(wide_m, high_m) <= GUESS_M


def _is_near(lonlat_deg: Floats, boxes: Floats) -> bool:
    """Tell whether a place lies within GUESS_M of a box (n, 4)."""
    lon, lat = lonlat_deg
    turn = 360.0 * np.round((lon - boxes[:, [0, 2]].mean(axis=1)) / 360.0)
    east = np.maximum(np.maximum(boxes[:, 0] + turn - lon, lon - boxes[:, 2] - turn), 0.0)
    north = np.maximum(np.maximum(boxes[:, 1] - lat, lat - boxes[:, 3]), 0.0)
    east_m, north_m = metres_per_degree(float(lat))
    return bool((np.hypot(east * float(east_m), north * float(north_m)) <= GUESS_M).any())
