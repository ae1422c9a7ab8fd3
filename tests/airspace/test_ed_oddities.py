"""Odd ED-269 and ED-318 features: each is an Issue, the rest is read, nothing is guessed in silence."""

from __future__ import annotations

import copy
import json
import mmap

import pytest
import shapely
from pyproj import Geod

import dronecheck
from dronecheck.airspace import load_zones
from dronecheck.airspace.common import json_document as json_file
from dronecheck.airspace.zone import Datum, Effect
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.shape import Circle
from dronecheck.issues import Code
from dronecheck.safe.io import Input

SQUARE = [[[7.42, 46.93], [7.48, 46.93], [7.48, 46.97], [7.42, 46.97], [7.42, 46.93]]]
VOLUME = {
    "uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 120,
    "upperVerticalReference": "AGL", "horizontalProjection": {"type": "Polygon", "coordinates": SQUARE},
}  # fmt: skip
ZONE = {
    "identifier": "X1", "country": "CHE", "name": "One", "type": "COMMON", "restriction": "PROHIBITED",
    "applicability": [{"permanent": "YES"}], "geometry": [VOLUME],
}  # fmt: skip
LAYER = {"upper": 150, "upperReference": "AGL", "lower": 0, "lowerReference": "AGL", "uom": "m"}
FEATURE = {
    "type": "Feature",
    "properties": {
        "identifier": "Y1",
        "country": "CHE",
        "type": "PROHIBITED",
        "variant": "COMMON",
        "zoneAuthority": [],
    },
    "geometry": {"type": "Polygon", "coordinates": SQUARE, "layer": LAYER},
}


@pytest.fixture
def load(tmp_path):
    def make(*zones, **members):
        path = tmp_path / "zones.json"
        path.write_text(json.dumps({**members, "features": list(zones)}))
        return load_zones([path])

    return make


def volume(**changes):
    return {**ZONE, "geometry": [{**VOLUME, **changes}]}


def layered(layer, **changes):
    return {**FEATURE, "geometry": {**FEATURE["geometry"], "layer": layer, **changes}}


def codes(zones):
    return [issue.code for issue in zones.issues]


@pytest.mark.parametrize(
    "odd",
    [
        17,
        "zone",
        None,
        {**ZONE, "geometry": []},
        {**ZONE, "geometry": "none"},
        volume(horizontalProjection=None),
        volume(horizontalProjection={"type": "Circle", "center": [7, 46]}),
        volume(horizontalProjection={"type": "Circle", "center": [7, 46], "radius": -5}),
        volume(horizontalProjection={"type": "Circle", "center": [7, 96], "radius": 5}),
        volume(horizontalProjection={"type": "Circle", "center": "here", "radius": 5}),
        volume(horizontalProjection={"type": "Circle", "center": [7, 46], "radius": 1e300}),
        volume(horizontalProjection={"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
        volume(horizontalProjection={"type": "Polygon", "coordinates": [[[0, 10**400], [1, 1], [2, 1], [0, 0]]]}),
        volume(horizontalProjection={"type": "Polygon", "coordinates": [[[0, 0], {"x": 1}, [2, 1], [0, 0]]]}),
        volume(
            horizontalProjection={"type": "Polygon", "coordinates": [[["inf", 0], ["-inf", 1], [2, 1], ["inf", 0]]]}
        ),
        volume(horizontalProjection={"type": "Polygon", "coordinates": [[[1e308, 0], [-1e308, 1], [2, 1], [0, 0]]]}),
        volume(horizontalProjection={"type": "Polygon", "coordinates": [[]]}),
        volume(horizontalProjection={"type": "Polygon", "coordinates": []}),
        volume(horizontalProjection={"type": "Spline", "coordinates": SQUARE}),
    ],
)
def test_a_feature_that_is_no_zone_is_told_and_the_rest_is_read(load, odd):
    zones = load(odd, ZONE)
    assert [zone.id for zone in zones.zones] == ["X1"]
    assert codes(zones) == [Code.ZONE_SKIPPED]
    assert zones.issues[0].offset == 1


def test_one_bad_volume_does_not_cost_the_others(load):
    zones = load({**ZONE, "geometry": [VOLUME, {**VOLUME, "horizontalProjection": 5}, VOLUME]})
    assert [zone.id for zone in zones.zones] == ["X1#1", "X1#3"]
    assert codes(zones) == [Code.ZONE_SKIPPED]


@pytest.mark.parametrize(
    ("changes", "floor", "ceiling"),
    [
        ({}, (0.0, "AGL"), (120.0, "AGL")),
        ({"uomDimensions": "ft", "upperLimit": "400"}, (0.0, "AGL"), (121.92, "AGL")),
        ({"upperLimit": 99999}, (0.0, "AGL"), "UNL"),
        ({"upperLimit": None}, (0.0, "AGL"), "UNKNOWN"),
        ({"lowerLimit": ""}, "UNKNOWN", (120.0, "AGL")),
        ({"uomDimensions": "yd"}, "UNKNOWN", "UNKNOWN"),
        ({"uomDimensions": None}, "UNKNOWN", "UNKNOWN"),
        ({"upperVerticalReference": "WGS84"}, (0.0, "AGL"), "UNKNOWN"),  # ED-318 only
        ({"lowerVerticalReference": None}, "UNKNOWN", (120.0, "AGL")),
        ({"upperLimit": "NOTAM"}, (0.0, "AGL"), "UNKNOWN"),
        ({"upperLimit": True}, (0.0, "AGL"), "UNKNOWN"),
    ],
)
def test_limits(load, changes, floor, ceiling):
    zones = load(volume(**changes))
    (zone,) = zones.zones
    shown = [limit.datum if limit.value_m != limit.value_m else (limit.value_m, limit.datum)
             for limit in (zone.lower, zone.upper)]  # fmt: skip
    assert shown == [floor, ceiling]
    assert codes(zones).count(Code.ZONE_LIMIT_UNKNOWN) == shown.count("UNKNOWN")


def test_the_ellipsoid_is_a_reference_of_ed318(load):
    (zone,) = load(layered({**LAYER, "upperReference": "WGS84", "uom": "ft"})).zones
    assert (zone.upper.value_m, zone.upper.datum) == (pytest.approx(45.72), Datum.HAE)
    (zone,) = load(layered({k: v for k, v in LAYER.items() if k != "uom"})).zones
    assert zone.upper.value_m == 150


def test_a_floor_above_the_ceiling_is_a_doubt(load):
    zones = load(volume(lowerLimit=500))
    assert zones.zones[0].doubt
    assert codes(zones) == [Code.ZONE_DOUBTFUL]


@pytest.mark.parametrize("stated", [None, "FORBIDDEN", 5])
def test_an_unknown_class_is_a_doubt(load, stated):
    zones = load({**ZONE, "restriction": stated})
    assert zones.zones[0].doubt
    assert zones.zones[0].effect is Effect.NEEDS_AUTHORISATION
    assert codes(zones) == [Code.ZONE_DOUBTFUL]


def test_u_space_needs_authorisation(load):
    feature = copy.deepcopy(FEATURE)
    feature["properties"]["type"] = "USPACE"
    assert load(feature).zones[0].effect is Effect.NEEDS_AUTHORISATION


def test_a_radius_beside_feet_is_judged_in_both_units(load):
    zones = load(volume(uomDimensions="FT", horizontalProjection={"type": "Circle", "center": [7, 46], "radius": 1000}))
    (zone,) = zones.zones
    assert codes(zones) == [Code.ZONE_OUTLINE_DOUBTFUL]
    assert "1.00 km and 305 m are both judged" in zones.issues[0].message
    geod = Geod(ellps="WGS84")
    for distance_m, inside, uncertain in (
        (300, True, False),
        (310, True, True),
        (995, True, True),
        (1005, False, False),
    ):
        lon, lat, _ = geod.fwd(7, 46, 33, distance_m)
        point = shapely.Point(lon, lat)
        assert zone.geometry.contains(point) is inside, distance_m
        assert zone.shape.uncertain.contains(point) is uncertain, distance_m


def test_a_point_without_its_circle_is_no_small_zone(load):
    geometry = {"type": "Point", "coordinates": [7, 46], "layer": LAYER}
    zones = load({**FEATURE, "geometry": geometry}, FEATURE)
    assert len(zones.zones) == 1
    assert codes(zones) == [Code.ZONE_SKIPPED]


def test_latitude_first_is_found_by_the_country(load):
    turned = {"type": "Polygon", "coordinates": [[[lat, lon] for lon, lat in SQUARE[0]]]}
    zones = load(volume(horizontalProjection=turned))
    assert Code.ZONE_AXES in codes(zones)
    assert zones.zones[0].geometry.bounds == (7.42, 46.93, 7.48, 46.97)


def test_one_zone_the_right_way_round_keeps_the_file_as_it_is(load):
    turned = {"type": "Polygon", "coordinates": [[[lat, lon] for lon, lat in SQUARE[0]]]}
    zones = load(volume(horizontalProjection=turned), ZONE)
    assert Code.ZONE_AXES not in codes(zones)
    assert zones.zones[0].geometry.bounds == (46.93, 7.42, 46.97, 7.48)


def test_without_a_country_nothing_is_turned(load):
    turned = {"type": "Polygon", "coordinates": [[[lat, lon] for lon, lat in SQUARE[0]]]}
    zones = load({**volume(horizontalProjection=turned), "country": "XXX"})
    assert zones.zones[0].geometry.bounds == (46.93, 7.42, 46.97, 7.48)


def test_spanish_properties_stand_one_level_deeper(load):
    nested = {"identifier": "LEX", "type": "PROHIBITED", "variant": "COMMON", "reasons": ["NOISE"],
              "message": "<b>Zona</b> &amp; <a href='x'>m&aacute;s</a>",
              "limitedApplicability": [{"startDateTime": "", "endDateTime": ""}]}  # fmt: skip
    geometry = {"type": "Polygon", "coordinates": SQUARE}
    zones = load({"type": "Feature", "properties": {"UASZone": nested}, "geometry": geometry}, type="FeatureCollection")
    (zone,) = zones.zones
    assert (zone.id, zone.effect) == ("LEX", Effect.FORBIDDEN)
    assert "Zona & más" in zone.remarks
    assert sorted(codes(zones)) == [Code.ZONE_LIMIT_UNKNOWN] * 2 + [Code.ZONE_TIMES_UNKNOWN]
    assert zone.schedule.unknown


def test_alike_issues_are_counted_together(load):
    zones = load(*[layered({})] * 500)
    assert [(issue.code, issue.count) for issue in zones.issues] == [(Code.ZONE_LIMIT_UNKNOWN, 500)] * 2


def test_a_long_edge_is_told(load):
    long = {"type": "Polygon", "coordinates": [[[7, 46], [8, 46], [8, 47], [7, 46]]]}
    assert codes(load(volume(horizontalProjection=long))) == [Code.ZONE_OUTLINE_DOUBTFUL]


def test_marks_beyond_the_head_are_found(load):
    ring = [[7.42 + 0.01 * (i % 2), 46.0 + i / 1000] for i in range(4000)]
    large = {"type": "Polygon", "coordinates": [[*ring, [7.0, 46.0], ring[0]]]}
    feature = {"type": "Feature", "geometry": {**large, "layer": LAYER}, "properties": FEATURE["properties"]}
    assert load(feature, type="FeatureCollection").zones[0].upper.value_m == 150


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_deep_json_is_refused_quickly(tmp_path, opening):
    for text in (opening * 100_000, '{"type": "FeatureCollection", "features": [' + opening * 100_000):
        path = tmp_path / "deep.geojson"
        path.write_text(text)
        with pytest.raises(UnreadableInput):
            load_zones([path])


def test_a_file_of_300_mb_is_refused_by_its_size(tmp_path):
    path = tmp_path / "large.geojson"
    with path.open("wb") as handle:
        handle.write(b'{"type": "FeatureCollection", "features": [')
        handle.truncate(300 << 20)
    with (
        path.open("rb") as handle,
        mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data,
        pytest.raises(UnreadableInput, match="MiB"),
    ):
        json_file.parse(Input(path, data, ""))


def test_latin_1_is_read_and_told(tmp_path):
    path = tmp_path / "z.json"
    path.write_bytes(json.dumps({"features": [{**ZONE, "name": "Zürich"}]}, ensure_ascii=False).encode("latin-1"))
    zones = load_zones([path])
    assert zones.zones[0].name == "Zürich"
    assert codes(zones) == [Code.NOT_UTF8]


def test_the_same_zones_in_each_format_give_the_same_visits(tmp_path, repo):
    """The sample that flies through a zone twice and across a corridor, its zones put into ED-269 and ED-318."""
    given = json.loads((repo / "samples/restricted_zone.geojson").read_text())["features"]
    ed269, ed318 = [], []
    for feature in given:
        top = feature["properties"].get("upper_m", 99_999)
        limits = {"lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": top, "upperVerticalReference": "AMSL"}
        area = {**VOLUME, **limits, "horizontalProjection": feature["geometry"]}
        ed269.append({**ZONE, "country": "ARG", "restriction": "REQ_AUTHORISATION", "geometry": [area]})
        layer = {"lower": 0, "lowerReference": "AGL", "upper": top, "upperReference": "AMSL"}
        properties = {**FEATURE["properties"], "country": "ARG", "type": "REQ_AUTHORIZATION"}
        ed318.append({**FEATURE, "properties": properties, "geometry": {**feature["geometry"], "layer": layer}})
    flight = dronecheck.read(repo / "samples/restricted_zone.csv")
    seen = []
    for features in (given, ed269, ed318):
        path = tmp_path / "zones.json"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        findings = dronecheck.check(flight, load_zones([path])).findings
        seen.append([(f.verdict, f.enter_ns, f.exit_ns, f.depth_m) for f in findings if f.kind == "zone_entry"])
    assert len(seen[0]) == 3
    assert seen[0] == seen[1] == seen[2]


def test_what_would_cost_more_than_any_real_file_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "z.json"
    path.write_text(json.dumps({"features": [ZONE, {**ZONE, "message": "x" * 3_000}]}))
    monkeypatch.setattr(json_file, "_MOST_FEATURE_BYTES", 2_000)
    zones = load_zones([path])
    assert (len(zones.zones), codes(zones)) == (1, [Code.ZONE_SKIPPED])
    monkeypatch.setattr(json_file, "_MOST_COMMAS", 10)
    with pytest.raises(UnreadableInput, match="values"):
        load_zones([path])


def test_somebody_elses_variant_is_not_ed318(load):
    properties = {"name": "mine", "variant": "red"}
    geometry = {"type": "Polygon", "coordinates": SQUARE}
    zones = load({"type": "Feature", "properties": properties, "geometry": geometry}, type="FeatureCollection")
    assert codes(zones) == [Code.FOREIGN_PROPERTIES]


@pytest.mark.parametrize("centre", [[7.45], [], "45", None, {}, [None, 46.9], ["east", "north"], [[7.45, 46.95]], 7.45])
def test_a_circle_without_a_whole_centre_costs_its_zone_only(load, centre):
    """Found by fuzzing: a centre of one number lost the whole file."""
    circle = {"type": "Point", "coordinates": centre, "extent": {"subType": "Circle", "radius": 300.0}, "layer": LAYER}
    zones = load(FEATURE, {**FEATURE, "geometry": circle})
    assert [zone.id for zone in zones.zones] == ["Y1"]
    (issue,) = [issue for issue in zones.issues if issue.code is Code.ZONE_SKIPPED]
    assert "centre" in issue.message


@pytest.mark.parametrize("extent", [{"subType": "CIRCLE"}, {"subtype": "Circle"}, {"subType": "Circle"}])
def test_circles_as_they_were_spelled_until_2025(load, extent):
    circle = {"type": "Point", "coordinates": [7.45, 46.95], "extent": {**extent, "radius": 300.0}, "layer": LAYER}
    (zone,) = load({**FEATURE, "geometry": circle}).zones
    assert zone.shape.polygons == ((Circle((7.45, 46.95), 300.0),),)
