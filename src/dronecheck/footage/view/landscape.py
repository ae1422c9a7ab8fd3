"""Territories and zones around a place, laid into one local plane that all pictures taken near each other share.

Pictures of one shoot see the same borders: laying these into a plane is what costs, so it is done once for a square of
a tenth of a degree and a reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import Zone
from dronecheck.arrays import Floats
from dronecheck.borders.territories import Territory
from dronecheck.flight import Track
from dronecheck.footage.view.seen import View
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane, unwrap_lon
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.zones.outline import outline_of, readings_of
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.region_distance import OutlineError
from dronecheck.geofence.trajectory.trajectory import Trajectory, Window

__all__ = ["Landscape", "SeenArea", "landscape_at"]

_SQUARE_DEG = 0.1
_REACHES_M = (15_000.0, 30_000.0, 60_000.0, 120_000.0, 250_000.0, 500_000.0, 1_000_000.0)
_SQUARE_M = 12_000.0  # from its middle to any place of a square, and more
_PROBES = 24
_P95_SIGMAS = 1.959964


@dataclass(frozen=True, eq=False)
class SeenArea:
    """One area in the plane of a landscape, and how well its outline is known there."""

    region: PlanarRegion
    plane: LocalPlane
    error: OutlineError

    @cached_property
    def polygon(self) -> BaseGeometry:
        """Return the area in the plane, valid and prepared."""
        laid = self.region.polygon
        if not laid.is_valid:  # two edges that nearly touch in degrees may cross in the plane
            laid = shapely.make_valid(laid, method="structure", keep_collapsed=False)
            shapely.prepare(laid)
        return laid

    def sigma_near_m(self, view: View) -> float:
        """Return the sigma (m) of the outline where it is nearest to the camera and to what it sees: the worst of it.

        Tails heavier than normal count, as in a guard band.
        """
        around = shapely.get_coordinates(view.hull)
        probes = np.vstack([view.at_m, around[:: max(1, len(around) // _PROBES)], around.mean(axis=0)])
        _, foot = self.region.nearest_edge_point(probes)
        foot = foot[np.isfinite(foot).all(axis=1)]
        if not len(foot):
            return 0.0
        sigma_m, p95_m = self.error(self.plane.inverse(foot))
        return float(np.maximum(sigma_m, p95_m / _P95_SIGMAS).max())


class Landscape:
    """The territories and zones within a reach of a square of a tenth of a degree."""

    def __init__(self, lon_deg: float, lat_deg: float, reach_m: float) -> None:
        """Take the square's middle in degrees and the reach in metres."""
        track = Track.build(time_ns=[0], lat_deg=[lat_deg], lon_deg=[lon_deg], offset=[0], message="square")
        self._trajectory = Trajectory(track, Thresholds())
        self._window: Window = self._trajectory.windows[0]
        self._land = NearbyTerritories(self._trajectory, reach_m)
        self.box_deg = self._window.tile.box(reach_m)
        self.plane = self._window.tile.plane
        self._zones: dict[str, list[SeenArea | None]] = {}

    @cached_property
    def territories(self) -> list[tuple[Territory, SeenArea]]:
        """Return every territory in reach, in a stable order, with its area."""
        return [
            (territory, area)
            for territory in self._land.territories
            if (area := self._laid(self._land.outline(territory), Edge.PLANAR, self._land.error_of(territory)))
        ]

    @property
    def only(self) -> tuple[Territory | None, bool]:
        """Return the one territory that is all there is in reach (None: open sea), and whether that is so."""
        return self._land.only

    def zone(self, zone: Zone) -> list[SeenArea | None]:
        """Return a zone's area by each reading of its outline; None where nothing of it is in reach."""
        digest = zone.digest()
        if digest not in self._zones:
            first, others = readings_of(zone)
            self._zones[digest] = [
                self._laid(outline_of(reading), reading.edge, _constant(zone.accuracy_m))
                for reading in (first, *(other for other, _ in others))
            ]
        return self._zones[digest]

    def _laid(
        self, outline: Callable[[Window, tuple[float, float, float, float]], BaseGeometry | None], edge: Edge,
        error: OutlineError,
    ) -> SeenArea | None:  # fmt: skip
        polygon = outline(self._window, self.box_deg)
        if polygon is None or polygon.is_empty:
            return None
        region = PlanarRegion(polygon, edge, self.plane, self.box_deg)
        return None if region.is_empty else SeenArea(region, self.plane, error)

    def placed(self, view: View, lon_deg: float, lat_deg: float) -> View:
        """Return a view of a camera at a place (degrees) of the square, moved to where that is in the plane.

        Within the square its north is the plane's to 0.05 degrees, at the poles, too.
        """
        lon = float(unwrap_lon(lon_deg, self.plane.lon_deg))
        return view.placed(self.plane.forward(np.array([[lon, lat_deg]]))[0])


def landscape_at(lon_deg: float, lat_deg: float, reach_m: float) -> Landscape:
    """Return the landscape around a place in degrees that shows all within `reach_m` of it."""
    reach_m = next((reach for reach in _REACHES_M if reach >= reach_m), reach_m) + _SQUARE_M
    square = [round(value / _SQUARE_DEG) * _SQUARE_DEG for value in (lon_deg, lat_deg)]
    return _kept(float(unwrap_lon(square[0], 0.0)), min(max(square[1], -90.0), 90.0), reach_m)


@lru_cache(maxsize=16)
def _kept(lon_deg: float, lat_deg: float, reach_m: float) -> Landscape:
    return Landscape(lon_deg, lat_deg, reach_m)


def _constant(sigma_m: float) -> OutlineError:
    def error(boundary_deg: Floats) -> tuple[Floats, Floats]:
        return np.full(len(boundary_deg), sigma_m), np.zeros(len(boundary_deg))

    return error
