"""Outlines of any coordinate system as WGS 84, by PROJ: the best operation that is installed, never a ballpark one.

An edge is straight in the system of its file. Where that is a map projection, the edge is no straight line of longitude
and latitude: it gets a vertex every kilometre before it is transformed, which leaves 2 cm at 49 degrees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronecheck.arrays import Floats
from dronecheck.errors import UnreadableInput
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["NotThere", "ToWgs84", "mapping_of"]


_STEP_M = 1_000.0
_MOST_STEPS = 200_000
_FILES = re.compile(r"grids=(?!@null)|PARAMETERFILE|difference file", re.IGNORECASE)
_SAME = frozenset({"EPSG:4326", "OGC:CRS84", "URN:OGC:DEF:CRS:EPSG::4326", "URN:OGC:DEF:CRS:OGC:1.3:CRS84"})

_NO_GEOMETRY = (
    shapely.errors.GEOSException, shapely.errors.ShapelyError, ValueError, TypeError, IndexError, KeyError,
    AttributeError, OverflowError, RecursionError,
)  # fmt: skip


class NotThere(ValueError):
    """Why an outline cannot be brought to WGS 84: raised with a Message."""


@dataclass(frozen=True, slots=True)
class ToWgs84:
    """How outlines of one layer become longitude and latitude; `step` is the spacing of vertices in its own unit."""

    transformer: Any = None
    step: float = 0.0

    @classmethod
    def of(cls, given: object, layer: str) -> ToWgs84:
        """Return the transformation for a coordinate system as text (WKT, "EPSG:25832") or PROJJSON.

        Longitude or easting comes first. Raises UnreadableInput where none is given, none leads to WGS 84, or one names
        files, which are not opened.
        """
        shown = plain(layer, 60)
        if not given:
            raise UnreadableInput(
                "no_crs", f"layer {shown} does not say its coordinate system (a .prj file, a CRS); add it and try again"
            )
        if isinstance(given, str) and given.strip().upper() in _SAME:
            return cls()
        import pyproj
        from pyproj.exceptions import ProjError

        network: Any = import_module("pyproj.network")
        network.set_network_enabled(active=False)  # whatever the environment says: no grid is fetched
        try:
            if _FILES.search(str(given)):
                raise ValueError("it names a file of its own")
            crs = pyproj.CRS.from_user_input(given)
            if crs.equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True):
                return cls()
            flat = crs.to_2d() if len(crs.axis_info) == 3 else crs
            transformer = pyproj.Transformer.from_crs(flat, 4326, always_xy=True, allow_ballpark=False)
            unit = flat.axis_info[0].unit_conversion_factor if flat.axis_info else 0.0
        except (ProjError, RecursionError, ValueError) as error:
            why = plain(str(error).split("\n")[0], 100)
            raise UnreadableInput("unknown_crs", f"layer {shown}: no way to WGS 84 ({why})") from None
        return cls(transformer, _STEP_M / unit if flat.is_projected and unit > 0 else 0.0)

    def apply(self, geometry: BaseGeometry) -> tuple[BaseGeometry, float]:
        """Return the outline in WGS 84 and the accuracy in metres of the operation (NaN: not known).

        Raises NotThere.
        """
        if self.transformer is None:
            return geometry, 0.0
        if self.step:
            length = shapely.length(geometry)
            if not np.isfinite(length):
                raise NotThere(Message("its coordinates are no numbers"))
            geometry = shapely.segmentize(geometry, max(self.step, length / _MOST_STEPS))
        moved = shapely.transform(geometry, self._moved)
        if not np.isfinite(shapely.get_coordinates(moved)).all():
            raise NotThere(Message("its coordinates lie outside their coordinate system"))
        return moved, self._accuracy_m()

    def _accuracy_m(self) -> float:
        from pyproj.exceptions import ProjError

        try:  # of several operations the one that the last point took
            one = self.transformer
            accuracy_m = float(one.accuracy if one.accuracy >= 0 else one.get_last_used_operation().accuracy)
        except ProjError:
            return float("nan")
        return accuracy_m if accuracy_m >= 0 else float("nan")

    def _moved(self, points: Floats) -> Floats:
        lon, lat = self.transformer.transform(points[:, 0], points[:, 1])
        return np.column_stack([lon, lat])

    def apply_to_mapping(self, geometry: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """Return a GeoJSON geometry in WGS 84 and the accuracy in metres. Raises NotThere."""
        if self.transformer is None:
            return geometry, 0.0
        try:
            outline = shapely.force_2d(shapely.geometry.shape(geometry))
        except _NO_GEOMETRY as error:
            raise NotThere(Message("its coordinates cannot be read ({why})", why=plain(error, 80))) from None
        moved, accuracy_m = self.apply(outline)
        return mapping_of(moved), accuracy_m


def mapping_of(outline: BaseGeometry) -> dict[str, Any]:
    """Return an outline as GeoJSON has it, with arrays for rings: a million tuples would take ten times the memory."""
    if isinstance(outline, shapely.GeometryCollection) and outline.geom_type == "GeometryCollection":
        return {"type": "GeometryCollection", "geometries": [mapping_of(part) for part in outline.geoms]}
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        found: dict[str, Any] = shapely.geometry.mapping(outline)
        return found
    polygons = [
        [shapely.get_coordinates(ring) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(outline)
    ]
    return {"type": outline.geom_type, "coordinates": polygons[0] if outline.geom_type == "Polygon" else polygons}
