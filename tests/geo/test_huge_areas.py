"""Areas of a hemisphere and of the whole Earth: how large they are, in which box, and what lies in them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.extent import EARTH_M2, area_m2, box_on_globe
from dronecheck.geo.outline.region import PlanarRegion
from dronecheck.geo.plane import LocalPlane
from tests.support.scale import loops

WHOLE = (-180.0, -90.0, 180.0, 90.0)
HOLE = (20.0, 50.0, 30.0, 60.0)


def closed_m2(west, south, east, north):
    """Return the area between meridians and parallels (Snyder, Map Projections, equation 3-12)."""
    a, e = 6378137.0, np.sqrt(0.0066943799901413165)

    def q(lat):
        s = np.sin(np.radians(lat))
        return (1 - e * e) * (s / (1 - e * e * s * s) - np.log((1 - e * s) / (1 + e * s)) / (2 * e))

    return a * a * np.radians(east - west) * (q(north) - q(south)) / 2


@pytest.mark.parametrize("hole", [None, HOLE])
@pytest.mark.parametrize(
    "box",
    [
        WHOLE, (0.0, -90.0, 180.0, 90.0), (-180.0, 0.0, 180.0, 90.0), (-180.0, -90.0, 180.0, 70.0),
        (-180.0, -20.0, 180.0, 85.0), (0.0, -90.0, 360.0, 90.0), (-100.0, -30.0, 170.0, 80.0), (15.0, 45.0, 35.0, 65.0),
    ],
)  # fmt: skip
def test_areas_of_boxes_are_those_of_the_closed_form(box, hole):
    area = shapely.box(*box) if hole is None else shapely.box(*box) - shapely.box(*hole)
    expected = closed_m2(*box) - (closed_m2(*hole) if hole else 0.0)
    fine = shapely.segmentize(area, 0.1)
    assert area_m2(fine) == pytest.approx(expected, rel=1e-5)
    assert area_m2(shapely.reverse(fine)) == pytest.approx(expected, rel=1e-5)
    assert closed_m2(*WHOLE) == pytest.approx(EARTH_M2, rel=1e-12)


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([(179, 0, 180, 1), (-180, 0, -179, 1)], (179, 0, -179, 1)),
        ([(179, 0, 181, 1)], (179, 0, -179, 1)),
        ([(-181, 0, -179, 1), (-175, 0, -170, 1)], (179, 0, -170, 1)),
        ([(170, 0, 180, 1)], (170, 0, 180, 1)),
        ([(-180, 0, -170, 1)], (-180, 0, -170, 1)),
        ([(-100, 0, -90, 1), (90, 0, 100, 1)], (-100, 0, 100, 1)),
        ([WHOLE], WHOLE),
        ([(0, -90, 360, 90)], WHOLE),
        ([(-180, 0, 0, 1), (0, 0, 180, 1)], (-180, 0, 180, 1)),
    ],
)
def test_boxes_across_180_degrees(boxes, expected):
    assert box_on_globe(shapely.MultiPolygon([shapely.box(*box) for box in boxes])) == pytest.approx(expected)


def along_parallels(box):
    """Return a box whose sides along parallels have so many vertices that all models agree."""
    return shapely.segmentize(shapely.box(*box), 0.05)


AREAS = {
    "world": shapely.box(*WHOLE),
    "world with holes": shapely.box(*WHOLE) - along_parallels(HOLE) - along_parallels((-70.0, -30.0, -60.0, -20.0)),
    "world from 0": shapely.box(0, -90, 360, 90) - along_parallels(HOLE),
    "north": shapely.box(-180, 0, 180, 90),
    "all but a cap": shapely.box(-180, -90, 180, 70),
    "band": shapely.box(-180, -20, 180, 20),
    "halves": shapely.MultiPolygon([shapely.box(0, -90, 180, 90), along_parallels((-180.0, 10.0, 0.0, 20.0))]),
    "two bands": shapely.MultiPolygon([shapely.box(-180, 30, 180, 90), shapely.box(-180, -80, 180, -10)]),
}


@pytest.mark.parametrize("edge", [Edge.GEODESIC, Edge.RHUMB, Edge.PLANAR])
@pytest.mark.parametrize("name", AREAS)
def test_what_lies_in_them_is_what_lies_in_them_on_a_map(name, edge):
    source, area = np.random.default_rng(7), AREAS[name]
    wrong = []
    for _ in range(loops(120, 25)):
        lat = float(np.degrees(np.arcsin(source.uniform(-0.998, 0.998))))
        lon = float(source.uniform(-180, 180))
        seen = [shapely.Point(lon + turn, lat) for turn in (0.0, 360.0)]
        if min(area.boundary.distance(point) for point in seen) < 0.2:
            continue
        window = (lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1)
        turn = 360.0 if edge is Edge.PLANAR and area.bounds[2] > 180 and lon < 0 else 0.0  # outline_of moves it
        moved = shapely.transform(area, lambda xy, turn=turn: xy - [turn, 0.0])
        region = PlanarRegion(moved, edge, LocalPlane(lon, lat), window)
        if bool(region.contains(np.zeros((1, 2)))[0]) != any(area.contains(point) for point in seen):
            wrong.append((round(lat, 2), round(lon, 2)))
    assert not wrong
