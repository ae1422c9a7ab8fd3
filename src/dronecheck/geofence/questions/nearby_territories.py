"""The territories in reach of a path: which, where, and how well their outlines are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.borders.nearest import MOST_LAT_DEG, NearTerritory, nearest_territory
from dronecheck.borders.territories import Territory, TerritoryWindow, territories_near
from dronecheck.geo.types import Box
from dronecheck.geofence.trajectory.trajectory import PlaneTile, Trajectory, Window

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from dronecheck.geofence.trajectory.distance_profile import Outline
    from dronecheck.geofence.trajectory.region_distance import OutlineError

__all__ = ["NearbyTerritories", "nearest_beyond"]


_MARGIN_M = 1_000.0
_GAP_DEG = 0.01
_MOST_TILES = 20


class NearbyTerritories:
    """The territories in reach of a path, their outlines by window, and the error of those outlines."""

    def __init__(self, trajectory: Trajectory, pad_m: float) -> None:
        self.trajectory = trajectory
        self.pad_m = pad_m
        self._windows: dict[PlaneTile, TerritoryWindow] = {
            tile: territories_near(*tile.box(pad_m + _MARGIN_M)) for tile in trajectory.tiles
        }
        self._errors: dict[Territory, OutlineError] = {}

    @property
    def only(self) -> tuple[Territory | None, bool]:
        """Return the one territory that fills every window (None: open sea everywhere), and whether that is so."""
        if not all(w.is_uniform for w in self._windows.values()):
            return None, False
        found = {w.territories for w in self._windows.values()}
        one = next(iter(found)) if len(found) == 1 else ()
        return (one[0] if one else None), len(found) == 1

    @property
    def territories(self) -> list[Territory]:
        """Return all territories in reach, in a stable order."""
        return sorted({t for w in self._windows.values() for t in w.territories}, key=lambda t: t.claimants)

    @property
    def is_shared_by_two(self) -> bool:
        """Tell whether two territories share all there is in every window: what is not the one is the other."""
        windows = self._windows.values()
        return len(self.territories) == 2 and all(len(w.territories) == 2 and not w.has_gaps for w in windows)

    def outline(self, territory: Territory) -> Outline:
        """Return the territory's polygon in each window, as `trace` asks for it."""

        def of(window: Window, box: Box) -> BaseGeometry | None:
            regions = self._windows[window.tile].regions()
            return next((polygon for other, polygon in regions if other == territory), None)

        return of

    def at(self, row: int) -> Territory | None:
        """Return the territory under a fix."""
        window = next(w for w in self.trajectory.windows if w.first <= row <= w.last)
        lon, lat = window.lonlat_deg[row - window.first]
        return self._windows[window.tile].territory_at(float(lon), float(lat))

    def territories_of(self, window: Window) -> list[tuple[Territory | None, Bools]]:
        """Return which rows of a window lie in which territory, (n,) each; None: in none.

        A place in none that lies within a hundredth of a degree of one, in a gap between outlines, counts as its.
        """
        import shapely

        regions = self._windows[window.tile].regions()
        lon, lat = window.lonlat_deg.T
        inside: list[tuple[Territory | None, Bools]] = [
            (territory, np.asarray(shapely.contains_xy(polygon, lon, lat))) for territory, polygon in regions
        ]
        nowhere = ~np.any([np.zeros(len(lon), dtype=np.bool_), *(rows for _, rows in inside)], axis=0)
        left = np.flatnonzero(nowhere)
        if len(left) and inside:
            points = shapely.points(window.lonlat_deg[left])
            away_deg = np.array([shapely.distance(polygon, points) for _, polygon in regions])
            nearest, is_near = away_deg.argmin(axis=0), away_deg.min(axis=0) <= _GAP_DEG
            for number, (_, rows) in enumerate(inside):
                rows[left[is_near & (nearest == number)]] = True
            nowhere[left[is_near]] = False
        return [*inside, (None, nowhere)]

    def error_of(self, territory: Territory) -> OutlineError:
        """Return sigma and 95th percentile of the territory's outline (m), by stretch of border.

        Looked up once per hundredth of a degree: the accuracy is known by half-degree cell and by neighbour, and
        the neighbour may change within a cell.
        """
        if territory not in self._errors:
            self._errors[territory] = self._error_of(territory)
        return self._errors[territory]

    def _error_of(self, territory: Territory) -> OutlineError:
        known: dict[int, tuple[float, float]] = {}

        def error(boundary_deg: Floats) -> tuple[Floats, Floats]:
            out = np.zeros((len(boundary_deg), 2))
            # Without an outline in sight its error cannot matter: those stay zero.
            seen = np.flatnonzero(np.isfinite(boundary_deg).all(axis=1))
            cells = np.floor(boundary_deg[seen] * 100).astype(np.int64)
            keys, first, which = np.unique(cells[:, 0] * 100_000 + cells[:, 1], return_index=True, return_inverse=True)
            for key, index in zip(keys.tolist(), first.tolist(), strict=True):
                if key not in known:
                    known[key] = self._stretch(territory, boundary_deg[seen[index]])
            out[seen] = np.array([known[key] for key in keys.tolist()]).reshape(-1, 2)[which]
            return out[:, 0], out[:, 1]

        return error

    def _stretch(self, territory: Territory, boundary_deg: Floats) -> tuple[float, float]:
        lon, lat = boundary_deg.tolist()
        window = min(
            self._windows.items(), key=lambda item: abs(item[1].bbox[0] + item[1].bbox[2] - 2 * lon)
        )[1]  # fmt: skip
        across = {
            t
            for dx, dy in ((0, 3e-4), (0, -3e-4), (4e-4, 0), (-4e-4, 0))
            if (t := window.territory_at(lon + dx, lat + dy)) != territory
        }
        found = [window.accuracy(lon, lat, territory, other) for other in across or {None}]
        return max(a.sigma_m for a in found), max(a.p95_m for a in found)


def nearest_beyond(
    trajectory: Trajectory, within_m: float, is_other: Callable[[Territory], bool]
) -> tuple[NearTerritory | None, float]:
    """Find the territory nearest to a path that has no other in reach; its point is a row of the track.

    The other value is how far was looked (m): none at all near a pole, or where jumps put the path in too many places.
    """
    if len(trajectory.tiles) > _MOST_TILES or np.abs(trajectory.track.lat_deg).max() > MOST_LAT_DEG:
        return None, 0.0
    found: NearTerritory | None = None
    for window in trajectory.windows:
        near = nearest_territory(window.lonlat_deg, found.distance_m if found else within_m, is_other)
        if near is not None:
            found = replace(near, point=window.first + near.point)
    return found, within_m
