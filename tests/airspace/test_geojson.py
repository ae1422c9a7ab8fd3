"""The GeoJSON profile: what is read, what is an issue, what is refused."""

from __future__ import annotations

import json

import pytest

from dronecheck.airspace import load_zones
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.issues import Code

SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


@pytest.fixture
def load(tmp_path):
    def make(document):
        path = tmp_path / "z.geojson"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return load_zones([path])

    return make


def feature(properties, ring=SQUARE, kind="Polygon"):
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features):
    return {"type": "FeatureCollection", "features": list(features)}


def test_all_properties_of_the_profile(load):
    properties = {
        "id": "R1", "name": "Range", "kind": "prohibited", "lower_m": 100, "lower_datum": "agl", "upper_m": 914.4,
        "upper_datum": "FL", "edge": "geodesic", "accuracy_m": 12.5, "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2026-12-31T12:00:00+02:00", "colour": "kept out",
    }  # fmt: skip
    zones = load({**collection(feature(properties, kind="MultiPolygon")), "edition": "2026-11", "licence": "CC0"})
    (zone,) = zones.zones
    assert (zone.id, zone.name, zone.kind, zone.edge) == ("R1", "Range", ZoneKind.PROHIBITED, Edge.GEODESIC)
    assert (zone.lower.value_m, zone.lower.datum) == (100, Datum.AGL)
    assert (zone.upper.value_m, zone.upper.datum) == (914.4, Datum.FL)
    assert zone.accuracy_m == 12.5
    assert zone.effect is Effect.FORBIDDEN
    assert zone.valid_from_ns == 1_767_225_600 * 10**9
    assert zone.valid_to_ns == 1_798_711_200 * 10**9
    assert zones.sources[0].edition == "2026-11"
    assert not zones.issues


def test_defaults_are_a_restricted_column_from_the_ground_up(load):
    (zone,) = load(feature({"name": "plain"})).zones
    assert (zone.kind, zone.edge, zone.accuracy_m) == (ZoneKind.RESTRICTED, Edge.PLANAR, 0.0)
    assert (zone.lower.datum, zone.upper.datum) == (Datum.GND, Datum.UNL)


@pytest.mark.parametrize(
    "limits",
    [
        {"lower_m": "NOTAM", "lower_datum": "AMSL"},
        {"lower_m": 100},
        {"lower_datum": "QNH", "lower_m": 1},
        {"lower_m": None, "lower_datum": "AMSL"},
        {"lower_m": "inf", "lower_datum": "AMSL"},
    ],
)
def test_a_limit_that_cannot_be_read_is_unknown_and_said(load, limits):
    zones = load(feature({"name": "x", **limits}))
    assert zones.zones[0].lower.datum is Datum.UNKNOWN
    assert [i.code for i in zones.issues] == [Code.ZONE_LIMIT_UNKNOWN]


@pytest.mark.parametrize(
    "odd",
    [
        {"type": "Feature", "properties": {"name": "p"}, "geometry": None},
        {"type": "Feature", "properties": {"name": "p"}, "geometry": {"type": "GeometryCollection", "geometries": []}},
        {"type": "Thing"},
        17,
        feature({"name": "short"}, ring=[[0, 0], [1, 1], [0, 0]]),
        feature({"name": "far"}, ring=[[0, 0], [1, 95], [1, 1], [0, 0]]),
        feature({"name": "text"}, ring=[["a", 0], [1, 5], [1, 1], [0, 0]]),
        feature({"name": "flat"}, ring=[[0, 0], [1, 1], [2, 2], [0, 0]]),
    ],
)
def test_an_odd_feature_is_an_issue_and_the_rest_is_read(load, odd):
    zones = load(collection(odd, feature({"name": "good"})))
    assert [z.name for z in zones.zones] == ["good"]
    assert [i.code for i in zones.issues] == [Code.ZONE_SKIPPED]
    assert zones.issues[0].offset == 1


@pytest.mark.parametrize(
    "properties",
    [
        {"kind": "border"},
        {"kind": "whatever"},
        {"kind": 7},
        {"edge": "spline"},
        {"accuracy_m": -5},
        {"accuracy_m": "wide"},
        {"valid_from": "yesterday"},
        {"valid_from": "2030-01-01", "valid_to": "2020-01-01"},
        {"lower_m": 500, "lower_datum": "AMSL", "upper_m": 300, "upper_datum": "AMSL"},
    ],
)
def test_a_property_that_cannot_be_right_leaves_the_zone_in_doubt(load, properties):
    zones = load(feature({"name": "odd", **properties}))
    assert zones.zones[0].doubt
    assert [i.code for i in zones.issues] == [Code.ZONE_DOUBTFUL]


def test_case_does_not_matter_and_a_label_is_no_loss(load):
    label = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [0, 0]}}
    zones = load(collection(label, feature({"name": "x", "kind": "PROHIBITED", "edge": "Geodesic"})))
    assert zones.zones[0].kind is ZoneKind.PROHIBITED
    assert zones.zones[0].edge is Edge.GEODESIC
    assert [i.code for i in zones.issues] == [Code.NO_AREA]


def test_a_bow_tie_keeps_both_lobes_and_says_so(load):
    zones = load(feature({"name": "tie"}, ring=[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]))
    assert zones.zones[0].geometry.area == pytest.approx(2.0)  # buffer(0) would leave 1.0
    assert [i.code for i in zones.issues] == [Code.ZONE_REPAIRED]


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[1, 2]", "17", '{"type": "Topology"}', '{"a": NaN}', "[" * 100_000, "\xff\xfe{"],
)
def test_what_is_no_geojson_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "z.geojson"
    path.write_text(text + " ", encoding="latin-1")
    with pytest.raises(UnreadableInput) as caught:
        load_zones([path])
    assert "\n" not in caught.value.message


def test_a_feature_with_data_of_its_own(load):
    assert len(load({**feature({"name": "x"}), "data": {"x": 1}}).zones) == 1
