"""Positions of unproven datum in mainland China: only what both readings say decides."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.flight import HorizontalDatum
from dronecheck.geo.gcj02 import gcj02_from_wgs84
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.issues import Code
from dronecheck.readers import read_input
from dronecheck.safe.io import open_input
from tests.conftest import make_flight
from tests.support.said import said

XIAN = LocalPlane(108.94, 34.34)  # far from every border; GCJ-02 lies some 500 m to the east there


def circling(plane, x, y, datum):
    """Sixty fixes on a circle of 20 m around a place."""
    turn = np.linspace(0, 6, 60)
    lonlat = plane.inverse(np.column_stack([x + 20 * np.cos(turn), y + 20 * np.sin(turn)]))
    return replace(make_flight(lonlat[:, 1], lonlat[:, 0]), datum=datum)


@pytest.fixture
def box_zone(tmp_path):
    def make(plane, west, south, east, north):
        ring = plane.inverse([[west, south], [east, south], [east, north], [west, north], [west, south]]).tolist()
        path = tmp_path / "zone.geojson"
        feature = {
            "type": "Feature",
            "properties": {"name": "Z"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        return load_zones([path])

    return make


def shift_m(plane):
    """Where GCJ-02 puts the plane's centre, metres."""
    return plane.forward(gcj02_from_wgs84(np.array([[plane.lon_deg, plane.lat_deg]])))[0]


def entry(result):
    return next(f for f in result.findings if f.zone and f.zone.name == "Z")


def test_inside_by_one_reading_only_is_inconclusive(box_zone):
    zones = box_zone(XIAN, -100, -100, 100, 100)
    seen = check(circling(XIAN, 0, 0, HorizontalDatum.UNPROVEN), zones)
    assert entry(seen).verdict is Verdict.INCONCLUSIVE
    assert Reason.DATUM_UNKNOWN in entry(seen).reasons
    assert seen.verdict is Verdict.INCONCLUSIVE
    assert [i.code for i in seen.issues].count(Code.DATUM_UNKNOWN) == 1
    proven = check(circling(XIAN, 0, 0, HorizontalDatum.WGS84), zones)
    assert entry(proven).verdict is Verdict.VIOLATION
    assert Code.DATUM_UNKNOWN not in [i.code for i in proven.issues]


def test_inside_by_the_other_reading_only_is_inconclusive_too(box_zone):
    zones = box_zone(XIAN, -100, -100, 100, 100)
    x, y = shift_m(XIAN)
    assert np.hypot(x, y) > 300
    result = check(circling(XIAN, x, y, HorizontalDatum.UNPROVEN), zones)
    assert (entry(result).verdict, result.verdict) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert Reason.DATUM_UNKNOWN in entry(result).reasons
    assert check(circling(XIAN, x, y, HorizontalDatum.WGS84), zones).verdict is Verdict.CLEAR


def test_inside_by_both_is_a_violation_and_outside_by_both_is_clear(box_zone):
    result = check(circling(XIAN, 0, 0, HorizontalDatum.UNPROVEN), box_zone(XIAN, -2000, -2000, 2000, 2000))
    assert result.verdict is entry(result).verdict is Verdict.VIOLATION
    assert "GCJ-02" in said(entry(result))
    away = check(circling(XIAN, 5000, 0, HorizontalDatum.UNPROVEN), box_zone(XIAN, -2000, -2000, 2000, 2000))
    assert away.verdict is Verdict.CLEAR


@pytest.mark.parametrize(("lon", "lat"), [(2.0, 47.0), (126.98, 37.56), (121.5, 25.0), (106.9, 47.9)])
def test_outside_mainland_china_there_is_one_reading(lon, lat, box_zone):
    plane = LocalPlane(lon, lat)
    result = check(circling(plane, 0, 0, HorizontalDatum.UNPROVEN), box_zone(plane, -100, -100, 100, 100))
    assert entry(result).verdict is Verdict.VIOLATION
    assert Code.DATUM_UNKNOWN not in [i.code for i in result.issues]


def test_exports_are_unproven_and_receivers_own_records_are_not(repo):
    def datum(name):
        return read_input(open_input(repo / "samples" / name)).datum

    assert datum("founding_dandong_sinuiju_airdata.csv") is HorizontalDatum.UNPROVEN
    assert datum("founding_dandong_sinuiju.ulg") is HorizontalDatum.WGS84
    assert datum("founding_dandong_sinuiju.bin") is HorizontalDatum.WGS84


def test_the_founding_flight_crossed_by_either_reading(repo):
    result = check(read_input(open_input(repo / "samples/founding_dandong_sinuiju_airdata.csv")))
    assert result.verdict is Verdict.VIOLATION
    assert any(i.code is Code.DATUM_UNKNOWN and "they agree" in i.message for i in result.issues)
