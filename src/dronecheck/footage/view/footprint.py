"""The ground that a picture shows, as an outline in degrees: where rays steeper than 2 degrees meet it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import atan2, ceil, floor, hypot
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.footage.view.draws import CameraDraws
from dronecheck.footage.view.rays import columns, corner_rays
from dronecheck.footage.view.seen import LEAST_TAN, GroundModel
from dronecheck.geo.outline.rings import unwrap_ring
from dronecheck.geo.outline.shape import turned
from dronecheck.geo.plane import geodesic_ahead, wrap_lon

__all__ = ["Footprint", "footprint_of"]

_COLUMNS = 96


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a picture shows of the ground, in WGS 84 degrees, longitude first.

    `geometry` is a Polygon or MultiPolygon cut at 180 degrees (RFC 7946, 3.1.9), None where no ray is steep enough;
    `centre_deg` where the ray through the middle meets the ground, however flat, None where it does not before the
    horizon, and `centre_range_m` how far that is. `is_cut` where the picture shows more than the outline: flatter rays.
    """

    geometry: BaseGeometry | None
    centre_deg: tuple[float, float] | None
    centre_range_m: float | None
    is_cut: bool

    @property
    def geojson(self) -> Mapping[str, Any] | None:
        """Return a GeoJSON Feature: the outline, and the place of the centre as its property."""
        if self.geometry is None:
            return None
        return {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(self.geometry),
            "properties": {"centre": list(self.centre_deg) if self.centre_deg else None, "is_cut": self.is_cut},
        }


def footprint_of(
    draws: CameraDraws, ground: Callable[[Floats], GroundModel], lon_deg: float, lat_deg: float
) -> Footprint | None:
    """Return the footprint of a camera at a place in degrees, by its draw without errors; None without pose or view.

    `ground` gives the ground along azimuths (rad).
    """
    if draws.turn is None or draws.h_deg is None or draws.v_deg is None:
        return None
    turn, height = draws.turn[:1], draws.height_m[:1, np.newaxis]
    rays = corner_rays(turn, draws.h_deg[:1], draws.v_deg[:1])
    seen, forward = columns(rays, _COLUMNS, LEAST_TAN), turn[0, :, 0]
    azimuth = np.array([atan2(forward[1], forward[0])])
    tangent = np.array([[forward[2] / max(hypot(forward[0], forward[1]), 1e-12)]])
    model = ground(np.append(seen.azimuth[0], azimuth))
    cap_m = float(model.cap_m(height[0])[0])
    range_m = float(model.range_m(azimuth[np.newaxis], tangent, height)[0, 0])
    centre = None
    if range_m <= cap_m:
        lon, lat = _ahead(lon_deg, lat_deg, azimuth, np.array([range_m]))[0]
        centre = (float(wrap_lon(lon)), float(lat))
    geometry = None
    if seen.is_any[0]:
        near, far = (np.minimum(model.range_m(seen.azimuth, t, height), cap_m)[0] for t in (seen.steep, seen.flat))
        around = seen.azimuth[0]
        if not seen.is_round[0]:
            around, far = np.append(around, around[::-1]), np.append(far, np.minimum(near, far)[::-1])
        geometry = _outline(lon_deg, lat_deg, around, far)
    is_cut = bool((columns(rays, _COLUMNS).flat[0] < LEAST_TAN).any())
    return Footprint(geometry, centre, range_m if centre else None, is_cut)


def _ahead(lon_deg: float, lat_deg: float, azimuth_rad: Floats, range_m: Floats) -> Floats:
    start = np.tile([lon_deg, lat_deg], (len(azimuth_rad), 1))
    return geodesic_ahead(start, np.degrees(azimuth_rad), range_m)


def _outline(lon_deg: float, lat_deg: float, azimuth_rad: Floats, range_m: Floats) -> BaseGeometry | None:
    """Return a ring around a camera, told by azimuth and range, as a valid geometry between -180 and 180 degrees."""
    ring = _ahead(lon_deg, lat_deg, azimuth_rad, range_m)
    whole = shapely.make_valid(shapely.Polygon(unwrap_ring(np.vstack([ring, ring[:1]]))))
    west, _, east, _ = whole.bounds
    parts = []
    for turn in range(floor((west + 180.0) / 360.0), ceil((east - 180.0) / 360.0) + 1):
        part = shapely.intersection(whole, shapely.box(360.0 * turn - 180.0, -90.0, 360.0 * turn + 180.0, 90.0))
        kept = [p for p in shapely.get_parts(part) if p.geom_type in ("Polygon", "MultiPolygon") and p.area > 0]
        parts += [turned(p, -360.0 * turn) for p in kept]
    polygons = [one for part in parts for one in shapely.get_parts(part) if one.geom_type == "Polygon"]
    if not polygons:
        return None
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)
