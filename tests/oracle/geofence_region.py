"""Which points lie inside a polygon on WGS 84, and how far from its edges: brute force without a plane of its own.

Nothing of dronecheck is imported, and no shapely. Two answers for geodesic edges:

- `inside_by_azimuth` sums the turn of the azimuth from the point along every edge. Two geodesics meet at most once
  this near, so the turn along an edge is the difference of the azimuths of its ends; inside it adds up to a whole turn.
- `inside_by_horizon` cuts the edges into short geodesic pieces, takes those to earth-centred coordinates and looks at
  them from the point's own horizon plane, even-odd.

Planar edges are straight in longitude and latitude and rhumb lines in longitude and isometric latitude: there the
schoolbook even-odd test is exact.
"""

from __future__ import annotations

import itertools

import numpy as np
import pyproj

GEOD = pyproj.Geod(ellps="WGS84")
A, E2 = 6378137.0, 0.0066943799901413165
PIECE_M = 4_000.0


def inside_by_azimuth(points, rings):
    """Points (n, 2) as lon, lat within closed rings of geodesics (holes included): bool (n,)."""
    turns = np.zeros(len(points))
    for ring in rings:
        lon = np.repeat(points[:, 0], len(ring))
        lat = np.repeat(points[:, 1], len(ring))
        to = np.tile(ring, (len(points), 1))
        azimuth, _, _ = GEOD.inv(lon, lat, np.ascontiguousarray(to[:, 0]), np.ascontiguousarray(to[:, 1]))
        step = np.diff(np.asarray(azimuth).reshape(len(points), len(ring)), axis=1)
        turns += np.abs(np.round(((step + 180.0) % 360.0 - 180.0).sum(axis=1) / 360.0))
    return turns % 2 == 1


def inside_by_horizon(points, rings):
    """The same by even-odd in each point's horizon plane; rings must lie within a quarter of the globe."""
    inside = np.zeros(len(points), dtype=bool)
    for ring in rings:
        x, y, z = earth_centred(*geodesic_pieces(ring).T)
        for k, (lon, lat) in enumerate(points):
            px, py, pz = earth_centred(lon, lat)
            sin_lon, cos_lon = np.sin(np.radians(lon)), np.cos(np.radians(lon))
            sin_lat, cos_lat = np.sin(np.radians(lat)), np.cos(np.radians(lat))
            east = -sin_lon * (x - px) + cos_lon * (y - py)
            north = -sin_lat * (cos_lon * (x - px) + sin_lon * (y - py)) + cos_lat * (z - pz)
            inside[k] ^= _odd(east, north)
    return inside


def inside_in_degrees(points, rings, isometric):
    """Even-odd where edges are straight: in longitude and latitude, or in longitude and isometric latitude."""
    height = isometric_latitude if isometric else (lambda lat: lat)
    inside = np.zeros(len(points), dtype=bool)
    for ring in rings:
        up = height(ring[:, 1])
        for k, (lon, lat) in enumerate(points):
            near = lon - 360.0 * np.round((lon - ring[:, 0].mean()) / 360.0)
            inside[k] ^= _odd(ring[:, 0] - near, up - height(np.array([lat]))[0])
    return inside


def _odd(x, y):
    """Whether the origin lies inside a closed ring by the number of edges right of it."""
    spans = (y[:-1] > 0) != (y[1:] > 0)
    x0, y0, x1, y1 = x[:-1][spans], y[:-1][spans], x[1:][spans], y[1:][spans]
    return bool(np.count_nonzero(x0 - y0 / (y1 - y0) * (x1 - x0) > 0) % 2)


def edge_distance_m(point, rings, model):
    """Geodesic distance from a point to the nearest edge: dense samples, then golden-section search."""
    best = np.inf
    for ring in rings:
        for a, b in itertools.pairwise(ring):
            at = edge_curve(a, b, model)
            share = np.linspace(0.0, 1.0, 401)
            low = high = None
            for _ in range(4):  # each round narrows to two samples' width around the least
                distance = _from(point, at(share))
                k = int(np.argmin(distance))
                low, high = share[max(k - 1, 0)], share[min(k + 1, 400)]
                share = np.linspace(low, high, 401)
            golden = (np.sqrt(5.0) - 1.0) / 2.0
            for _ in range(8):
                left, right = high - golden * (high - low), low + golden * (high - low)
                d_left, d_right = _from(point, at(np.array([left, right])))
                low, high = (low, right) if d_left < d_right else (left, high)
            best = min(best, float(_from(point, at(np.array([(low + high) / 2])))[0]), float(distance.min()))
    return best


def edge_curve(a, b, model):
    """Shares (k,) of the edge from a to b to points (k, 2)."""
    if model == "geodesic":
        azimuth, _, length = GEOD.inv(a[0], a[1], b[0], b[1])

        def geodesic(share):
            n = len(share)
            lon, lat, _ = GEOD.fwd(np.full(n, a[0]), np.full(n, a[1]), np.full(n, azimuth), share * length)
            return np.column_stack([lon, lat])

        return geodesic
    if model == "planar" or abs(b[1] - a[1]) < 1e-9:
        return lambda share: a + share[:, np.newaxis] * (b - a)
    bottom, top = isometric_latitude(np.array([a[1], b[1]]))

    def rhumb(share):
        lat = a[1] + share * (b[1] - a[1])
        return np.column_stack([a[0] + (isometric_latitude(lat) - bottom) / (top - bottom) * (b[0] - a[0]), lat])

    return rhumb


def geodesic_pieces(ring):
    """A closed ring with geodesic edges, cut into pieces of a few kilometres."""
    out = []
    for a, b in itertools.pairwise(ring):
        _, _, length = GEOD.inv(a[0], a[1], b[0], b[1])
        out.append(edge_curve(a, b, "geodesic")(np.arange(int(length / PIECE_M) + 1) / (int(length / PIECE_M) + 1)))
    return np.vstack([*out, out[0][:1]])


def earth_centred(lon_deg, lat_deg):
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    n = A / np.sqrt(1 - E2 * np.sin(lat) ** 2)
    return n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon), n * (1 - E2) * np.sin(lat)


def isometric_latitude(lat_deg):
    e, sine = np.sqrt(E2), np.sin(np.radians(lat_deg))
    return np.degrees(np.arctanh(sine) - e * np.arctanh(e * sine))


def _from(point, others):
    n = len(others)
    lon, lat = np.ascontiguousarray(others[:, 0]), np.ascontiguousarray(others[:, 1])
    return np.asarray(GEOD.inv(np.full(n, point[0]), np.full(n, point[1]), lon, lat)[2])
