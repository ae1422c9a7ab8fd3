"""Overlapping country polygons -> planar faces, each with its sorted set of claimants.

All rings are taken apart into arcs (union, line_merge). An arc that touches two or more territories is
*inner* and simplified by 10 m; the others are sea limits and simplified by 100 m. Simplified arcs are
noded on an exact lattice, so that everything after this module is integer geometry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from source import Source

LATTICE_DEG = 2.0**-18  # a power of two: lattice points are exact in floating point, half-degree lines are on it
METRES_PER_DEGREE = 111_320.0
INNER_TOLERANCE_M = 10.0
OUTER_TOLERANCE_M = 100.0
SLIVER_WIDTH_M = 5.0
TOUCH_DEG = 1e-7  # the source's own rounding
CUT_DEG = 180 - 5e-5  # the source's cut through Antarctica wavers by 2e-5 degrees (20 cm there)


@dataclass(frozen=True)
class Faces:
    """The world as disjoint polygons on the lattice; `claimants[i]` is empty for a dropped or unowned face."""

    lines: np.ndarray  # noded linework on the lattice, without the world's outline
    polygons: np.ndarray
    claimants: list[tuple[str, ...]]
    width_m: np.ndarray
    counts: dict[str, int]


def build_faces(source: Source) -> Faces:
    """Take the rings apart, simplify, put together again, and ask the source who owns each face."""
    arcs = shared_arcs(source.polygons)
    inner = np.array([len(owners) >= 2 for owners in owners_at(source, midpoints(arcs), TOUCH_DEG)])
    tolerance_deg = np.where(inner, INNER_TOLERANCE_M, OUTER_TOLERANCE_M) / METRES_PER_DEGREE
    simple = shapely.simplify(arcs, tolerance_deg, preserve_topology=True)
    noded = shapely.union_all(simple, grid_size=LATTICE_DEG)
    outline = shapely.box(-180, -90, 180, 90).exterior
    with_outline = shapely.union_all([noded, outline], grid_size=LATTICE_DEG)
    polygons = shapely.get_parts(shapely.polygonize(shapely.get_parts(with_outline)))
    claimants = owners_at(source, shapely.point_on_surface(polygons))
    width_m = widths_m(polygons)
    slivers = [len(c) > 1 and w < SLIVER_WIDTH_M for c, w in zip(claimants, width_m, strict=True)]
    counts = {
        "source_polygons": len(source.polygons),
        "arcs_inner": int(inner.sum()),
        "arcs_outer": int((~inner).sum()),
        "vertices_source_arcs": int(shapely.get_num_coordinates(arcs).sum()),
        "vertices_simplified": int(shapely.get_num_coordinates(noded)),
        "faces": int(sum(bool(c) for c in claimants) - sum(slivers)),
        "slivers_dropped": int(sum(slivers)),
        "faces_unowned": sum(not c for c in claimants),
    }
    kept = [() if sliver else owners for owners, sliver in zip(claimants, slivers, strict=True)]
    return Faces(shapely.get_parts(noded), polygons, kept, width_m, counts)


def shared_arcs(polygons: np.ndarray) -> np.ndarray:
    """Every stretch of boundary once, from junction to junction; the cuts at 180 degrees and the poles left out."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    start, end = xy[:-1], xy[1:]
    same_ring = np.diff(ring) == 0
    on_cut = (np.abs(start[:, 0]) > CUT_DEG) & (np.abs(end[:, 0]) > CUT_DEG)
    on_pole = (np.abs(start[:, 1]) == 90) & (np.abs(end[:, 1]) == 90)
    keep = same_ring & ~on_cut & ~on_pole
    segments = shapely.linestrings(np.stack([start[keep], end[keep]], axis=1))
    return shapely.get_parts(shapely.line_merge(shapely.union_all(segments)))


def midpoints(arcs: np.ndarray) -> np.ndarray:
    """A point halfway along each line."""
    return shapely.line_interpolate_point(arcs, 0.5, normalized=True)


def owners_at(source: Source, points: np.ndarray, reach_deg: float = 0.0) -> list[tuple[str, ...]]:
    """The sorted territories whose source polygons hold (or come within `reach_deg` of) each point."""
    predicate = {"predicate": "dwithin", "distance": reach_deg} if reach_deg else {"predicate": "contains"}
    shapely.prepare(source.polygons)
    polygon, point = shapely.STRtree(points).query(source.polygons, **predicate)
    owners: list[set[str]] = [set() for _ in points]
    for p, i in zip(polygon, point, strict=True):
        owners[i].add(str(source.codes[p]))
    return [tuple(sorted(names)) for names in owners]


def widths_m(polygons: np.ndarray) -> np.ndarray:
    """Mean width of each face, in metres: twice the area over the perimeter, on its own sinusoidal plane."""
    xy, owner = shapely.get_coordinates(polygons, return_index=True)
    centre_lon = shapely.get_coordinates(shapely.point_on_surface(polygons))[owner, 0]
    flat = np.column_stack([(xy[:, 0] - centre_lon) * np.cos(np.radians(xy[:, 1])), xy[:, 1]]) * METRES_PER_DEGREE
    plane = shapely.set_coordinates(polygons.copy(), flat)
    return 2 * shapely.area(plane) / shapely.length(plane)


def areas_km2(polygons: np.ndarray) -> np.ndarray:
    """Area on the sphere of the Earth's authalic radius (good to 0.5 %; for the build log only)."""
    lon, lat = shapely.get_coordinates(polygons).T
    cylinder = np.column_stack([np.radians(lon), np.sin(np.radians(lat))]) * 6371.007
    return shapely.area(shapely.set_coordinates(polygons.copy(), cylinder))
