"""DJI GEO and Autel: marked as no law, circles and polygons, the question of the datum in China; and the FAA's grid."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import shapely
from pyproj import Geod

from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.maker.autel import RADII
from dronecheck.airspace.maker.dji_geo import LEVELS
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.errors import UnreadableInput
from dronecheck.geo.gcj02 import gcj02_from_wgs84
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.support.maker_zones import AUTEL, DJI, autel, dji

GEOD = Geod(ellps="WGS84")


def read(value, name="zones.json"):
    return read_input(Input(Path(name), json.dumps(value).encode(), "0" * 64))


def told(zones):
    return {issue.code: issue.count for issue in zones.issues}


# DJI -------------------------------------------------------------------------------------------------------------


def test_areas_and_their_sub_areas():
    zones = read(DJI)
    assert [zone.id for zone in zones.zones] == ["dji 11", "dji 12#1", "dji 12#2"]
    circle, polygon, small = zones.zones
    ((ring,),) = circle.shape.polygons
    assert (ring.centre_deg, ring.radius_m) == ((24.027778, 49.775278), 500.0)
    assert polygon.geometry.equals(shapely.box(22.0, 48.0, 22.1, 48.1))
    assert (small.lower.datum, small.upper.datum) == (Datum.UNKNOWN, Datum.UNL)
    assert "flight limited to 60 m" in small.remarks


def test_it_is_no_law_and_reaches_no_verdict():
    for zones in (read(DJI), read(AUTEL)):
        assert Code.NOT_LAW in told(zones)
        assert all(zone.effect in (Effect.CONDITIONAL, Effect.INFORMATION) for zone in zones.zones)
        assert all("manufacturer data, not law" in zone.remarks for zone in zones.zones)
        assert "manufacturer data, not law" in zones.sources[0].edition


def test_levels_and_radii_are_published(repo):
    section = (repo / "docs/zone-formats.md").read_text().split("## DJI GEO and Autel")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\d|`\w+`) \| ([^|]+) \| (\w+) \|$", section, re.MULTILINE)
    published = {key.strip("`"): (what, effect) for key, what, effect in rows}
    expected = {str(level): (what, effect.value) for level, (what, effect) in LEVELS.items()}
    expected |= {key: (what, effect.value) for key, (what, effect) in RADII.items()}
    assert published == expected


def test_an_unknown_level_is_a_doubt():
    zones = read({"areas": [dji(level=99)]})
    assert Code.ZONE_DOUBTFUL in told(zones)


def test_times():
    (zone,) = read({"areas": [dji(begin_at=1_700_000_000, end_at=1_700_086_400)]}).zones
    assert (zone.valid_from_ns, zone.valid_to_ns) == (1_700_000_000 * 10**9, 1_700_086_400 * 10**9)
    (zone,) = read({"areas": [dji()]}).zones
    assert (zone.valid_from_ns, zone.valid_to_ns) == (None, None)


def test_in_china_both_data_are_judged():
    """Where only one reading is inside, the outline is in doubt; the other reading is the circle moved back."""
    (zone,) = read({"areas": [dji(lat=40.025536, lng=124.285065, radius=6000, country="CN")]}).zones
    assert zone.shape.uncertain is not None
    ((lon, lat),) = gcj02_from_wgs84(shapely.get_coordinates(shapely.Point(124.285065, 40.025536)))
    shift_m = GEOD.inv(124.285065, 40.025536, lon, lat)[2]
    assert 300 < shift_m < 800
    plane = shapely.transform(zone.shape.uncertain, lambda xy: xy * [85_000.0, 111_000.0])
    assert plane.area == pytest.approx(4 * 6000 * shift_m, rel=0.05)  # of two circles a little apart
    (elsewhere,) = read({"areas": [dji()]}).zones
    assert elsewhere.shape.polygons
    (unnamed,) = read({"areas": [dji(lat=30.0, lng=110.0, country="")]}).zones
    assert unnamed.shape.uncertain is not None


@pytest.mark.parametrize("bad", [dji(radius=0), dji(lat=None), dji(lat=95), dji(polygon_points=[[[1, 2]]]),
                                 dji(polygon_points=7), dji(sub_areas=[dji(radius=-1)])])  # fmt: skip
def test_what_cannot_be_read_is_said(bad):
    zones = read({"areas": [bad, dji()]})
    assert len(zones.zones) == 1
    assert told(zones)[Code.ZONE_ADVICE_SKIPPED] == 1


def test_the_answer_of_the_service_in_its_envelope():
    assert len(read({"code": 0, "data": DJI}).zones) == 3
    assert len(read({"status": 1, "data": {"noflyzones": AUTEL}}).zones) == len(read(AUTEL).zones)


# Autel -----------------------------------------------------------------------------------------------------------


def test_autel_radii():
    zones = read(AUTEL).zones
    assert [(zone.name, zone.effect) for zone in zones] == [
        ("Somewhere Airport (no take-off)", Effect.CONDITIONAL),
        ("Somewhere Airport (warning)", Effect.INFORMATION),
        ("南苑机场 (no take-off)", Effect.CONDITIONAL),
        ("南苑机场 (height limited)", Effect.CONDITIONAL),
        ("南苑机场 (warning)", Effect.INFORMATION),
    ]
    ((ring,),) = zones[0].shape.polygons
    assert (ring.centre_deg, ring.radius_m) == ((-105.22752, 40.03884), 1000.0)
    assert zones[3].lower.datum is Datum.UNKNOWN
    assert zones[2].shape.uncertain is not None


@pytest.mark.parametrize(
    ("longitude", "letter", "expected"),
    [(-105.0, "W", -105.0), (105.0, "W", -105.0), (105.0, "E", 105.0), (-105.0, "E", None)],
)  # fmt: skip
def test_signs_and_letters(longitude, letter, expected):
    zones = read([autel(longitude=longitude, longitude_type=letter, warning_radius=0)])
    if expected is None:
        assert not zones.zones
        assert told(zones) == {Code.ZONE_ADVICE_SKIPPED: 1}
    else:
        assert zones.zones[0].shape.polygons[0][0].centre_deg[0] == expected


def test_shapes_that_nobody_knows_are_said():
    strange = autel()
    strange["nfz_dots"][0]["dot_type"] = 2
    assert told(read([strange])) == {Code.ZONE_ADVICE_SKIPPED: 1}


@pytest.mark.parametrize("value", [[1, 2], {"areas": [1]}, {"areas": []}, {"data": 5}, [], {"data": {"x": 1}}])
def test_json_that_is_none_of_it(value):
    with pytest.raises(UnreadableInput):
        read(value)


# FAA UAS Facility Map --------------------------------------------------------------------------------------------


def test_the_faa_sample(shared):
    path = shared / "airspace/faa/faa-uasfm.json"
    cells = json.loads(path.read_text())["features"]
    zones = load_zones([path])
    assert len(zones.zones) == len(cells) == 2
    for zone, cell in zip(zones.zones, cells, strict=True):
        assert (zone.kind, zone.effect) == (ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION)  # no prohibition
        assert (zone.lower.datum, zone.upper.datum) == (Datum.GND, Datum.UNL)
        assert f"LAANC ceiling {cell['properties']['CEILING']} ft" in zone.name
        assert zone.geometry.equals(shapely.geometry.shape(cell["geometry"]))
    assert "only by further coordination" in zones.zones[0].remarks
    assert not zones.issues


@pytest.mark.parametrize(("ceiling", "shown"), [(0, "0 ft (0 m)"), ("400", "400 ft (121.92 m)"), (None, "unknown")])
def test_ceilings(ceiling, shown):
    feature = {
        "type": "Feature",
        "properties": {"CEILING": ceiling, "APT1_FAAID": "FLX", "APT1_LAANC": 0},
        "geometry": shapely.geometry.mapping(shapely.box(0, 0, 1, 1)),
    }
    (zone,) = read({"type": "FeatureCollection", "features": [feature]}).zones
    assert shown in zone.name
    assert "no LAANC here" in zone.remarks
