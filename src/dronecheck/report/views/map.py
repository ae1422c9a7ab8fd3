"""What the map shows, as plain geometry in metres: the view, territories, error bands, zones, nearest points.

No matplotlib here: everything is laid out in one azimuthal-equidistant plane, x east and y north of its centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from dronecheck.airspace.zone import Zone, ZoneSet
from dronecheck.arrays import Floats, bincount
from dronecheck.borders.territories import Territory, territories_near
from dronecheck.flight import Track
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.outline.shape import turned
from dronecheck.geo.plane import LocalPlane, boxes_meeting, metres_per_degree, point_at, unwrap_lon
from dronecheck.geo.types import Box
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.questions.territory_relation import territory_reference
from dronecheck.geofence.result import OF_PLACES, Finding, Place, Reason, Result, ZoneRef
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.quantities import metres

__all__ = [
    "LandArea",
    "MapView",
    "NearestPoint",
    "Stretch",
    "ZoneArea",
    "is_zone",
    "land_areas",
    "nearest_points",
    "path_of_places",
    "shared_borders",
    "stretches",
    "ways_beside",
    "zones_in_view",
]


_LEAST_HALF_M = 100.0
_MARGIN_SHARE = 0.12
_TOGETHER_M = 100_000.0  # stretches beyond a jump that are farther off than this are not drawn
_NAMED_WITHIN_M = 5_000.0
_WIDEST_DEG = 40.0
_BEYOND_M = 3_000.0  # borders this far outside the frame still cast their error band into it
_MAX_NEAREST = 3
_MAX_ZONES = 40


@dataclass(frozen=True, slots=True, eq=False)
class LandArea:
    """A territory in the view: its area, its border lines and the band of the border data's error around them."""

    territory: Territory
    area: BaseGeometry
    lines: BaseGeometry
    band: BaseGeometry
    band_m: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class NearestPoint:
    """From the decisive instant of a finding or of a closest approach to the nearest point of the outline."""

    place_deg: Floats  # longitude, latitude
    boundary_deg: Floats
    distance_m: float
    is_inside: bool
    zone: ZoneRef


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """A part of the track inside something, in the order of the findings; `xy_m` has shape (k, 2)."""

    number: int
    finding: Finding
    xy_m: tuple[Floats, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ZoneArea:
    """A zone on the map: its outline, the part inside the frame, and whether a finding names it."""

    zone: Zone
    outline: BaseGeometry
    area: BaseGeometry
    is_named: bool


class MapView:
    """The plane and the rectangle that the map shows, in metres: x from `-half_m[0]` to `half_m[0]`, y likewise."""

    def __init__(self, path: Trajectory, also_deg: list[Floats], aspect: float, *, of_track: bool = True) -> None:
        """Fit the rows that lie together, and `also_deg` (longitude, latitude), into a frame of width / height.

        Without `of_track` the frame is about `also_deg` alone.
        """
        self.path = path
        lonlat, first_plane = _unwrapped(path)
        self.shown = _together(path, first_plane.forward(lonlat))
        fitted = [lonlat[self.shown]] if of_track else []
        points = np.concatenate([*fitted, *(p.reshape(-1, 2) for p in also_deg)])
        points[:, 0] = unwrap_lon(points[:, 0], first_plane.lon_deg)
        near = first_plane.forward(points)
        centre = first_plane.inverse((near.min(axis=0) + near.max(axis=0)) / 2)[0]
        self.plane = LocalPlane(float(centre[0]), float(centre[1]))
        extent = np.abs(self.plane.forward(points)).max(axis=0)
        half = np.maximum(extent + _MARGIN_SHARE * 2 * extent.max(), _LEAST_HALF_M)
        self.half_m: tuple[float, float] = (
            float(max(half[0], half[1] * aspect)),
            float(max(half[1], half[0] / aspect)),
        )
        self.xy_m: Floats = self.plane.forward(lonlat)

    @cached_property
    def frame(self) -> BaseGeometry:
        """Return the rectangle as a polygon."""
        return shapely.box(-self.half_m[0], -self.half_m[1], *self.half_m)

    @cached_property
    def frame_deg(self) -> Box:
        """Return west, south, east, north in degrees around the rectangle; longitudes about the plane's centre."""
        rim = shapely.get_coordinates(shapely.segmentize(self.frame, 2 * self.half_m[0] / 64))
        lonlat = self.plane.inverse(rim)
        (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
        for pole in (-90.0, 90.0):
            x, y = self.plane.forward([[self.plane.lon_deg, pole]])[0]
            if abs(x) <= self.half_m[0] and abs(y) <= self.half_m[1]:
                south, north = min(south, pole), max(north, pole)
                west, east = self.plane.lon_deg - 180.0, self.plane.lon_deg + 180.0
        return float(west), float(south), float(east), float(north)

    @cached_property
    def box(self) -> Box:
        """Return the frame with room for what is beyond: a border there casts its error band into the frame."""
        west, south, east, north = self.frame_deg
        east_m, north_m = metres_per_degree(min(89.0, abs(self.plane.lat_deg)))
        pad_x, pad_y = _BEYOND_M / float(east_m), _BEYOND_M / float(north_m)
        return west - pad_x, max(-90.0, south - pad_y), east + pad_x, min(90.0, north + pad_y)

    def holds(self, xy_m: Floats) -> bool:
        """Tell whether a point of the plane lies in the frame."""
        return bool((np.abs(xy_m) <= self.half_m).all())

    @property
    def is_too_wide(self) -> bool:
        """Tell whether territories and zones would be drawn at a scale that says nothing."""
        return self.box[2] - self.box[0] > _WIDEST_DEG or self.box[3] - self.box[1] > _WIDEST_DEG

    def region(self, polygon_deg: BaseGeometry, edge: Edge) -> PlanarRegion:
        """Return a polygon in degrees, cut to the view, in the plane."""
        return PlanarRegion(polygon_deg, edge, self.plane, self.box)

    def rows_xy_m(self, begin: float, end: float) -> Floats:
        """Return the track from one fractional row to another."""
        inner = np.arange(np.floor(begin) + 1, np.ceil(end))
        return point_at(self.xy_m, np.concatenate([[begin], inner, [end]]))

    def at(self, place: Place) -> Floats:
        """Return a place in the plane, shape (2,)."""
        return np.asarray(self.plane.forward([_lonlat(place)])[0], dtype=np.float64)


def _lonlat(place: Place) -> Floats:
    return np.array([place.lon_deg, place.lat_deg])


def _unwrapped(path: Trajectory) -> tuple[Floats, LocalPlane]:
    """Return all rows (longitude unwrapped, latitude), and a plane about their longest part without a jump."""
    track = path.track
    run = np.concatenate([[0], np.cumsum(path.is_cut)])
    longest = run == np.argmax(bincount(run))
    lon = np.unwrap(track.lon_deg[longest], period=360.0)
    lat = track.lat_deg[longest]
    plane = LocalPlane(float((lon.min() + lon.max()) / 2), float((lat.min() + lat.max()) / 2))
    return np.column_stack([unwrap_lon(track.lon_deg, plane.lon_deg), track.lat_deg]), plane


def _together(path: Trajectory, xy_m: Floats) -> NDArray[np.bool_]:
    """Tell which rows share the map: all without a jump, else those of parts not far from the longest one."""
    run = np.concatenate([[0], np.cumsum(path.is_cut)])
    distance_m = np.hypot(*xy_m.T)
    farthest_m = np.zeros(run[-1] + 1)
    np.maximum.at(farthest_m, run, distance_m)
    limit_m = farthest_m[np.argmax(bincount(run))] + _TOGETHER_M
    return np.asarray(farthest_m[run] <= limit_m, dtype=np.bool_)


def nearest_points(path: Trajectory, result: Result, zones: ZoneSet | None) -> list[NearestPoint]:
    """Return the decisive instant of findings, the closest one of what was not entered, each with its outline point."""
    asked: dict[tuple[ZoneRef, str, bool], tuple[Place, float]] = {}  # by what would be written
    for finding in result.findings:
        if finding.zone and finding.deepest and finding.margin_m is not None and np.isfinite(finding.margin_m):
            if -finding.margin_m < 0.9 * finding.depth_m:
                continue  # decided by its height, at another place than the deepest
            distance_m, is_inside = abs(finding.margin_m), finding.margin_m <= 0
            asked.setdefault((finding.zone, metres(distance_m), is_inside), (finding.deepest, distance_m))
    named = {zone for zone, *_ in asked}
    for near in result.nearest:
        if near.place and not near.vertical and near.zone not in named:
            asked[near.zone, metres(near.distance_m), False] = near.place, near.distance_m
    found = (
        _nearest_point(result, zones, zone, place, distance_m, is_inside)
        for (zone, _, is_inside), (place, distance_m) in asked.items()
        if distance_m <= _NAMED_WITHIN_M
    )
    return [a for a in found if a is not None][:_MAX_NEAREST]


def _nearest_point(
    result: Result, zones: ZoneSet | None, zone: ZoneRef, place: Place, distance_m: float, is_inside: bool
) -> NearestPoint | None:
    plane = LocalPlane(place.lon_deg, place.lat_deg)
    reach_m = distance_m * 1.2 + 100.0
    rim = plane.inverse([[-reach_m, -reach_m], [reach_m, reach_m], [-reach_m, reach_m], [reach_m, -reach_m]])
    (west, south), (east, north) = rim.min(axis=0).tolist(), rim.max(axis=0).tolist()
    box = (west, max(south, -90.0), east, min(north, 90.0))
    polygon, edge = _polygon_of(result, zones, zone, box)
    if polygon is None:
        return None
    _, foot = PlanarRegion(polygon, edge, plane, box).nearest_edge_point(np.zeros((1, 2)))
    if not np.isfinite(foot).all():
        return None
    return NearestPoint(_lonlat(place), plane.inverse(foot)[0], distance_m, is_inside, zone)


def _polygon_of(result: Result, zones: ZoneSet | None, wanted: ZoneRef, box: Box) -> tuple[BaseGeometry | None, Edge]:
    if wanted.is_border:
        regions = territories_near(*box).regions()
        return next(
            (p for t, p in regions if territory_reference(t, result.settings).id == wanted.id), None
        ), Edge.PLANAR
    for zone in zones.zones if zones else ():
        if is_zone(zone, wanted):
            return _turned(zone.geometry, box), _drawn(zone.edge)
    return None, Edge.PLANAR


def _drawn(edge: Edge) -> Edge:
    """Return the edge to draw: one that may be either of two curves is the straight one; both were judged."""
    return Edge.PLANAR if edge is Edge.AMBIGUOUS else edge


def is_zone(zone: Zone, wanted: ZoneRef) -> bool:
    """Tell whether a finding's reference means this zone."""
    return (zone.id, zone.name, zone.source.name) == (wanted.id, wanted.name, wanted.source)


def _turned(geometry: BaseGeometry, box: Box) -> BaseGeometry | None:
    """Return a zone moved by whole turns to where it meets a box with unwrapped longitudes; None when it does not."""
    west, south, east, north = geometry.bounds
    turns = [t for t in (-360.0, 0.0, 360.0) if west + t <= box[2] and east + t >= box[0]]
    if not turns or north < box[1] or south > box[3]:
        return None
    return shapely.union_all([turned(geometry, turn) for turn in turns])


def path_of_places(places_deg: Floats) -> Trajectory:
    """Return places (longitude, latitude; (n, 2)) as fixes that no way joins."""
    count = len(places_deg)
    track = Track.build(
        time_ns=np.arange(count, dtype=np.int64), lat_deg=places_deg[:, 1], lon_deg=places_deg[:, 0],
        offset=np.arange(count, dtype=np.int64), message="place", part=np.arange(count, dtype=np.int64),
    )  # fmt: skip
    return Trajectory(track, Thresholds())


def land_areas(view: MapView, thresholds: Thresholds) -> list[LandArea]:
    """Return the territories in the view with their border lines; none at a scale where they would say nothing."""
    if view.is_too_wide:
        return []
    land = NearbyTerritories(view.path, thresholds.border_search_m)
    found = []
    for territory, polygon in territories_near(*view.box).regions():
        parts = [view.region(part, Edge.PLANAR) for part in shapely.get_parts(polygon)]
        area = shapely.intersection(shapely.union_all([part.polygon for part in parts]), view.frame)
        if area.is_empty:
            continue
        edges = np.concatenate([np.stack(part.edges, axis=1) for part in parts])
        lines = np.asarray(shapely.linestrings(edges) if len(edges) else [], dtype=object)
        lines = lines[shapely.dwithin(lines, view.frame, _BEYOND_M)]
        bands = _bands(view, land, territory, lines, thresholds)
        found.append(
            LandArea(
                territory,
                area,
                shapely.MultiLineString(lines.tolist()),
                shapely.union_all([area for _, area in bands]),
                tuple(band_m for band_m, _ in bands),
            )
        )
    return found


def _bands(
    view: MapView, land: NearbyTerritories, territory: Territory, lines: NDArray[np.object_], thresholds: Thresholds
) -> list[tuple[float, BaseGeometry]]:
    """Return the border data's own guard band around the lines, by its width."""
    if not len(lines):
        return []
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    sigma_m, p95_m = land.error_of(territory)(view.plane.inverse(middle))
    band_m = np.maximum(thresholds.band_sigmas * sigma_m, p95_m)
    found = []
    for width in np.unique(band_m):
        band = shapely.intersection(shapely.buffer(shapely.union_all(lines[band_m == width]), width), view.frame)
        if not band.is_empty:
            found.append((float(width), band))
    return found


def shared_borders(lands: list[LandArea]) -> list[tuple[LandArea, LandArea, list[Floats]]]:
    """Return the lines that two territories of a view have in common, each of shape (k, 2), metres, with both."""
    segments = [_segments(ground.lines) for ground in lands]
    found = []
    for number, one in enumerate(lands):
        for other_number in range(number):
            _, rows, _ = np.intersect1d(segments[number], segments[other_number], return_indices=True)
            if len(rows):
                shared = shapely.multilinestrings(shapely.get_parts(one.lines)[np.sort(rows)].tolist())
                parts = [shapely.get_coordinates(line) for line in shapely.get_parts(shapely.line_merge(shared))]
                found.append((lands[other_number], one, parts))
    return found


def _segments(lines: BaseGeometry) -> NDArray[np.void]:
    """Return the two-point lines by their ends to the decimetre, so that those of both sides are equal."""
    ends = np.round(shapely.get_coordinates(lines).reshape(-1, 2, 2), 1) + 0.0
    (x0, y0), (x1, y1) = ends[:, 0].T, ends[:, 1].T
    runs_back = (x0 > x1) | ((x0 == x1) & (y0 > y1))
    ends[runs_back] = ends[runs_back, ::-1]
    return np.ascontiguousarray(ends.reshape(-1, 4)).view([("", np.float64)] * 4).ravel()


def zones_in_view(view: MapView, result: Result, zones: ZoneSet | None) -> tuple[list[ZoneArea], int]:
    """Return the zones in the view, most telling first, and how many more there are."""
    named = [f.zone for f in result.findings if f.zone]
    near = [n.zone for n in result.nearest]
    ranked: list[tuple[int, float, int, ZoneArea]] = []
    met = np.flatnonzero(boxes_meeting(zones.boxes_deg, view.box)).tolist() if zones and not view.is_too_wide else []
    for zone in (zones.zones[index] for index in met if zones):
        moved = _turned(zone.geometry, view.box)
        if moved is None:
            continue
        outline = view.region(moved, _drawn(zone.edge)).polygon
        area = shapely.intersection(outline, view.frame)
        if area.is_empty:
            continue
        is_named = any(is_zone(zone, r) for r in named)
        rank = 0 if is_named else 1 if any(is_zone(zone, r) for r in near) else 2
        off_middle_m = float(shapely.distance(area, shapely.Point(0, 0)))
        ranked.append((rank, off_middle_m, len(ranked), ZoneArea(zone, outline, area, is_named)))
    ranked.sort(key=lambda item: item[:3])
    return [item[3] for item in ranked[:_MAX_ZONES]], max(0, len(ranked) - _MAX_ZONES)


def stretches(view: MapView, result: Result) -> list[Stretch]:
    """Return the parts of the track inside territories and zones; an approach that was no entry is none of them."""
    return [
        Stretch(number, finding, tuple(view.rows_xy_m(begin, end) for begin, end in finding.rows))
        for number, finding in enumerate(result.findings, 1)
        if finding.kind in OF_PLACES and Reason.SAMPLING_GAP not in finding.reasons
    ]


def ways_beside(view: MapView, tracks: tuple[Track, ...]) -> list[Floats]:
    """Return the ways of other tracks as far as they lie near the frame, each of shape (n, 2), metres."""
    west, south, east, north = view.box
    ways = []
    for track in tracks:
        lonlat = np.column_stack([unwrap_lon(track.lon_deg, view.plane.lon_deg), track.lat_deg])
        is_near = np.all((lonlat >= (west, south)) & (lonlat <= (east, north)), axis=1)
        edges = np.flatnonzero((np.diff(track.part) != 0) | (np.diff(is_near.astype(np.int8)) != 0)) + 1
        runs = np.split(np.arange(len(track), dtype=np.int64), edges)
        ways += [view.plane.forward(lonlat[run]) for run in runs if len(run) > 1 and is_near[run[0]]]
    return ways
