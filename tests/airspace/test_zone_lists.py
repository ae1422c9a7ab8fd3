"""Zone files as makers, services and GIS programs serve them: the same zones whatever the wrapper, or it is said."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

import dronecheck
from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.zone import Datum, Effect
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.support.maker_zones import DJI

GEOD = Geod(ellps="WGS84")
SQUARE = [[8.0, 47.0], [8.1, 47.0], [8.1, 47.1], [8.0, 47.1], [8.0, 47.0]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'


def read(value, name="zones.json"):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return read_input(Input(Path(name), data, "0" * 64))


def feature(geometry=None, /, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry or POLYGON}


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features), **members}


def codes(zones):
    return {issue.code for issue in zones.issues}


def lines(values):
    return b"\n".join(json.dumps(value).encode() for value in values) + b"\n"


# wrappers --------------------------------------------------------------------------------------------------------

FEATURES = [feature(name=f"Z{n}", kind="prohibited", upper_m=100 + n, upper_datum="AMSL") for n in range(3)]


@pytest.mark.parametrize("data", [
    json.dumps(FEATURES).encode(), lines(FEATURES), lines([collection(*FEATURES[:1]), collection(*FEATURES[1:])]),
    b"\x1e" + b"\n\x1e".join(json.dumps(one).encode() for one in FEATURES),
    json.dumps(collection(*FEATURES)).encode("utf-16"), json.dumps(collection(*FEATURES)).encode("utf-16-be"),
    json.dumps({"status": 0, "data": collection(*FEATURES)}).encode(),
], ids=["list", "lines", "collections", "rfc8142", "utf16", "utf16be", "data"])  # fmt: skip
def test_the_same_features_in_any_wrapper(data):
    expected, found = read(collection(*FEATURES)), read(data)
    assert [zone.digest() for zone in found] == [zone.digest() for zone in expected]
    assert (found.skipped, found.format) == (0, "geojson")


@pytest.mark.parametrize("data", [DJI["areas"], {"data": DJI}, lines([DJI, {"areas": []}]), lines(DJI["areas"])])
def test_dji_areas_in_any_wrapper(data):
    found = read(data)
    assert [zone.id for zone in found] == ["dji 11", "dji 12#1", "dji 12#2"]
    assert (found.format, Code.NOT_LAW in codes(found)) == ("dji_geo", True)


def test_a_line_that_cannot_be_decoded_costs_a_zone_and_no_other():
    zones = read(lines(FEATURES).replace(b'"Z1"', b'"Z1'))
    assert ([zone.name for zone in zones], zones.skipped) == (["Z0", "Z2"], 1)


@given(st.integers(0, 400), st.sampled_from([b"", b"{", b"}", b"\n", b'"', b",", b"\x00"]))
def test_lines_that_are_cut_and_joined_lose_no_zone_without_a_word(at, what):
    whole = lines(FEATURES)
    try:
        zones = read(whole[:at] + what + whole[at:])
    except UnreadableInput:
        return
    assert len(zones) + zones.skipped >= 3 or {zone.name for zone in zones} >= {"Z0", "Z1", "Z2"}


@pytest.mark.parametrize(("members", "skipped"), [
    ({"exceededTransferLimit": True}, 1), ({"properties": {"exceededTransferLimit": True}}, 1),
    ({"totalFeatures": 4}, 1), ({"numberMatched": 9}, 1), ({"totalFeatures": "unknown"}, 0), ({"totalFeatures": 3}, 0),
])  # fmt: skip
def test_a_page_that_says_that_there_are_more_is_not_all(members, skipped):
    assert read(collection(*FEATURES, **members)).skipped == skipped


# areas that are no polygon ---------------------------------------------------------------------------------------

POINT = {"type": "Point", "coordinates": [8.0, 47.0]}
LINE = {"type": "LineString", "coordinates": SQUARE[:4]}
RING = {"type": "LineString", "coordinates": SQUARE}
PARTS_OF_A_RING = {"type": "MultiLineString", "coordinates": [SQUARE[3:], SQUARE[:2], SQUARE[3:0:-1]]}
OPEN_PARTS = {"type": "MultiLineString", "coordinates": [SQUARE[3:], SQUARE[1:3]]}


@pytest.mark.parametrize(("geometry", "properties"), [
    (POINT, {"radius": 500}), (POINT, {"Radius": "160"}), (POINT, {"Buffer_m": 20}), (POINT, {"rayon": "5 km"}),
    ({"type": "MultiPoint", "coordinates": [[8, 47]]}, {"radius": 500}), (LINE, {"width": 30}), (LINE, {"buffer": 9}),
    (RING, {}), (RING, {"stroke-width": 2}), (PARTS_OF_A_RING, {}), (POINT, {"kind": "prohibited"}),
    (LINE, {"lower_m": 0, "lower_datum": "AGL"}), (POINT, {"ceiling": "400 ft AGL"}),
    ({"type": "GeometryCollection", "geometries": [POINT, RING]}, {}),
    ({"type": "GeometryCollection", "geometries": [POLYGON, RING]}, {}),
    ({"type": "GeometryCollection", "geometries": []}, {}), (None, {"x": 1}),
    ({"type": "Curve", "coordinates": []}, {}),
])  # fmt: skip
def test_what_may_be_an_area_is_never_a_label(geometry, properties):
    outline = {"type": "Feature", "properties": {"name": "A", **properties}, "geometry": geometry}
    zones = read(collection(feature(name="B"), outline))
    assert ([zone.name for zone in zones], zones.skipped) == (["B"], 1)


@pytest.mark.parametrize(("geometry", "properties"), [
    (POINT, {}), (POINT, {"radius": 0}), (LINE, {"stroke-width": 3}), (POINT, {"stroke": "#f00", "icon-width": 3}),
    (POINT, {"title": "Tower"}), (LINE, {"radius": None}), (OPEN_PARTS, {}),
])  # fmt: skip
def test_a_label_costs_nothing(geometry, properties):
    zones = read(collection(feature(name="B"), feature(geometry, name="A", **properties)))
    assert (len(zones), zones.skipped, codes(zones) & {Code.ZONE_SKIPPED}) == (1, 0, set())


def test_a_point_with_radius_m_is_a_circle():
    (zone,) = read(collection(feature(POINT, name="A", kind="prohibited", radius_m=500)))
    points = shapely.get_coordinates(zone.geometry)
    _, _, metres = GEOD.inv(np.full(len(points), 8.0), np.full(len(points), 47.0), points[:, 0], points[:, 1])
    np.testing.assert_allclose(metres, 500, atol=0.05)


def test_a_collection_is_the_union_of_its_areas():
    shifted = {"type": "Polygon", "coordinates": [[[x + 0.05, y] for x, y in SQUARE]]}
    line = {"type": "LineString", "coordinates": [[1, 1], [2, 2]]}
    nested = {"type": "GeometryCollection", "geometries": [shifted, line, POINT]}
    (zone,) = read({"type": "GeometryCollection", "geometries": [POLYGON, nested]})
    expected = shapely.union(shapely.Polygon(SQUARE), shapely.geometry.shape(shifted))
    assert zone.geometry.equals(expected)


def test_a_fence_to_stay_within_is_no_zone():
    fence = {"Name": "x", "Type": "Inclusive", "Action": "RTH", "MinAlt": 0, "MaxAlt": 120, "IsAMSL": "false"}
    assert read(collection({**feature(), "properties": fence})).skipped == 1
    (zone,) = read(collection({**feature(), "properties": {**fence, "Type": "Exclusive"}}))
    assert (zone.name, zone.lower.datum, zone.upper.datum) == ("x", Datum.UNKNOWN, Datum.UNKNOWN)


@pytest.mark.parametrize("hidden", [
    feature({"type": "Point", "coordinates": [-61.48, -36.52]}, name="A", radius=900),
    feature({"type": "LineString", "coordinates": [[-61.5, -36.6], [-61.4, -36.6], [-61.4, -36.5], [-61.5, -36.6]]}),
])  # fmt: skip
def test_a_flight_near_what_was_not_read_is_not_clear(repo, tmp_path, hidden):
    path = tmp_path / "z.geojson"
    path.write_text(json.dumps(collection(feature(name="far"), hidden)))
    result = dronecheck.check(dronecheck.read(repo / "samples/restricted_zone.csv"), load_zones(path))
    assert result.verdict.name == "INCONCLUSIVE"


# coordinate systems ----------------------------------------------------------------------------------------------


def crs(name):
    return {"type": "name", "properties": {"name": name}}


PLACES = {"EPSG:2056": (0, 0), "urn:ogc:def:crs:EPSG::3857": (0, 0), "EPSG:4277": (-9, 4), "EPSG:25832": (0, 0)}


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("where", ["file", "feature", "geometry", "lines"])
def test_a_stated_coordinate_system_is_honoured(name, where):
    """Corners against pyproj's own transformation back: the outline is where a GIS program puts it."""
    there = Transformer.from_crs(4326, name.rpartition(":")[2], always_xy=True, allow_ballpark=False)
    corners_deg = [(x + PLACES[name][0], y + PLACES[name][1]) for x, y in SQUARE]
    ring = [list(there.transform(x, y)) for x, y in corners_deg]
    one = feature({"type": "Polygon", "coordinates": [ring]}, name="A")
    match where:
        case "file":
            zones = read(collection(one, crs=crs(name)))
        case "feature":
            zones = read(collection({**one, "crs": crs(name)}))
        case "geometry":
            one["geometry"]["crs"] = crs(name)
            zones = read(collection(one))
        case _:
            zones = read(lines([collection(one, crs=crs(name)), collection(one, crs=crs(name))]))
    corners = shapely.get_coordinates(zones.zones[0].geometry)
    for corner in corners_deg:
        assert np.abs(corners - corner).max(axis=1).min() < 1e-7  # 1 cm: a Helmert and back leaves 1 mm


@pytest.mark.parametrize("stated", [
    crs("EPSG:99999"), {"type": "link", "properties": {"href": "http://x"}}, {}, crs("+proj=longlat +nadgrids=a.gsb"),
])  # fmt: skip
def test_a_coordinate_system_that_is_not_known_is_refused(stated):
    with pytest.raises(UnreadableInput) as caught:
        read(collection(feature(), crs=stated))
    assert caught.value.code == "unknown_crs"
    assert read(collection({**feature(), "crs": stated})).skipped == 1


def test_lines_of_different_systems_are_refused():
    with pytest.raises(UnreadableInput, match="differ"):
        read(lines([collection(feature(), crs=crs("EPSG:4326")), collection(feature(), crs=crs("EPSG:4277"))]))


# ArcGIS ----------------------------------------------------------------------------------------------------------


def esri(geometry, **members):
    return {"features": [{"attributes": {"NAME": "Z"}, "geometry": geometry}], **members}


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 6)), min_size=1, max_size=4),
       st.booleans())  # fmt: skip
def test_rings_of_arcgis_are_the_areas_they_were_made_of(boxes, turned):
    """Squares with square holes, taken apart into rings as ArcGIS orders and turns them."""
    area = shapely.union_all([
        shapely.box(x, y, x + 3 * size, y + 3 * size) - shapely.box(x + size, y + size, x + 2 * size, y + 2 * size)
        for x, y, size in boxes
    ])  # fmt: skip
    parts = shapely.get_parts(area)
    rings = []
    for part in parts:
        part = shapely.Polygon(part.exterior, part.interiors).normalize()
        rings.append([list(point) for point in shapely.geometry.polygon.orient(part, -1).exterior.coords])
        rings += [[list(p) for p in ring.coords] for ring in shapely.geometry.polygon.orient(part, -1).interiors]
    rings = rings[::-1] if turned else rings
    (zone,) = read(esri({"rings": rings}, spatialReference={"wkid": 4326}))
    assert zone.geometry.symmetric_difference(area).area < 1e-9


def test_arcgis_says_its_coordinate_system_or_is_refused():
    there = Transformer.from_crs(4326, 3857, always_xy=True)
    ring = [list(there.transform(x, y)) for x, y in SQUARE][::-1]
    for reference in ({"wkid": 102100, "latestWkid": 3857}, {"wkid": 3857}):
        (zone,) = read(esri({"rings": [ring]}, spatialReference=reference))
        np.testing.assert_allclose(zone.geometry.bounds, (8, 47, 8.1, 47.1), atol=1e-7)
    with pytest.raises(UnreadableInput, match="spatialReference"):
        read(esri({"rings": [ring]}))
    assert read(esri({"curveRings": []}, spatialReference={"wkid": 4326})).skipped == 1


# limits of other people ------------------------------------------------------------------------------------------

WORDS = ("MinAlt", "max_altitude", "height", "Ceiling", "lowerLimit", "UPPER_VAL", "limite", "hoehe", "altitude_m",
         "Obergrenze", "top", "base", "限高", "maxHeightAgl", "dist_vert_lower_val")  # fmt: skip
QUIET = ("name", "alt_name", "type", "Shape__Area", "database", "topic", "stop", "maximum", "url", "lowland", "id")


@given(st.sampled_from(WORDS), st.one_of(st.integers(-9, 9_999), st.text(min_size=1, max_size=9)))
def test_a_property_that_speaks_of_heights_is_never_passed_over(key, value):
    (zone,) = read(collection(feature(name="A", other=1, **{key: value})))
    assert {zone.lower.datum, zone.upper.datum} != {Datum.GND, Datum.UNL}


@pytest.mark.parametrize("key", QUIET)
def test_other_properties_leave_the_zone_from_the_ground_up(key):
    (zone,) = read(collection(feature(**{"other": 1, key: 7})))
    assert (zone.lower.datum, zone.upper.datum) == (Datum.GND, Datum.UNL)


LIMITS = [
    ({"floor": "2000 ft AMSL", "ceiling": "FL100"}, (609.6, "AMSL"), (3048.0, "FL")),
    ({"floor": "SFC"}, (None, "GND"), (None, "UNKNOWN")),
    ({"description": "Up to 50 m AGL by agreement"}, (None, "UNKNOWN"), (None, "UNKNOWN")),
    ({"limite": "Hauteur maximale de vol de 50 m *", "remarque": ""}, (None, "UNKNOWN"), (None, "UNKNOWN")),
    ({"kind": "control", "floor": "500 ft AGL", "ceiling": "UNL"}, (152.4, "AGL"), (None, "UNL")),
    ({"lowerCeiling": {"value": 1000, "unit": "FT", "referenceDatum": "GND"}, "class": "D", "upperCeiling": {
        "value": 95, "unit": "FL", "referenceDatum": "STD"}}, (304.8, "AGL"), (2895.6, "FL")),
    ({"lowerLimit": {"value": 0, "unit": 1, "referenceDatum": 0}, "icaoClass": 3, "type": 4,
      "upperLimit": {"value": 900, "unit": 0, "referenceDatum": 1}}, (None, "GND"), (900.0, "AMSL")),
    ({"lowerLimit": {"value": 0, "unit": 2, "referenceDatum": 0}, "icaoClass": 3,
      "upperLimit": {"value": 95, "unit": 6, "referenceDatum": 1}}, (None, "UNKNOWN"), (None, "UNKNOWN")),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "lower", "upper"), LIMITS)
def test_limits_of_others_are_read_or_unknown(properties, lower, upper):
    (zone,) = read(collection(feature(name="A", **properties)))
    for limit, (metres, datum) in ((zone.lower, lower), (zone.upper, upper)):
        assert limit.datum == datum
        assert metres is None or limit.value_m == pytest.approx(metres)


# manufacturers ---------------------------------------------------------------------------------------------------

AREA = {"name": "Airport", "type": 10, "height": 60, "level": 2}


def placemark(properties):
    values = "".join(f'<Data name="{key}"><value>{value}</value></Data>' for key, value in properties.items())
    ring = " ".join(f"{x},{y}" for x, y in SQUARE)
    outline = f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
    mark = f"<Placemark><name>A</name><ExtendedData>{values}</ExtendedData><Polygon>{outline}</Polygon></Placemark>"
    return KML.format(mark).encode()


@pytest.mark.parametrize("data", [
    (json.dumps(collection(feature(**AREA))).encode(), "z.geojson"),
    (json.dumps([feature(**AREA)]).encode(), "z.json"),
    (json.dumps(esri({"rings": [SQUARE]}, spatialReference={"wkid": 4326})).replace('{"NAME": "Z"}', json.dumps(AREA))
     .encode(), "z.json"),
    (placemark(AREA), "z.kml"),
], ids=["geojson", "list", "arcgis", "kml"])  # fmt: skip
def test_a_manufacturers_zone_reaches_no_verdict_in_any_wrapper(data):
    zones = read(*data)
    (zone,) = zones
    assert zone.effect in (Effect.CONDITIONAL, Effect.INFORMATION)
    assert zone.lower.datum is Datum.UNKNOWN  # 60 m, and nobody says what of
    assert Code.NOT_LAW in codes(zones)


@pytest.mark.parametrize("more", [{"kind": "prohibited"}, {"restriction": "PROHIBITED"}, {"level": "high"}])
def test_what_is_not_wholly_djis_is_not_taken_for_its(more):
    (zone,) = read(collection(feature(**{**AREA, **more})))
    assert zone.effect in (Effect.FORBIDDEN, Effect.NEEDS_AUTHORISATION)


# archives and parts ----------------------------------------------------------------------------------------------


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return out.getvalue()


def test_an_archive_of_one_zone_file_is_that_file(repo):
    for path in (repo / "samples/zones/fictitious.aixm.xml", repo / "samples/zones/fictitious.geojson"):
        if not path.exists():
            (path,) = list(path.parent.glob(f"*{path.suffix}"))[:1]
        content = path.read_bytes()
        name = f"zones__{path.suffix[1:]}"
        found = read(zipped(**{name: content, "zones__sha256": "0"}), "x.zip")
        assert [zone.digest() for zone in found] == [zone.digest() for zone in load_zones(path)]
        assert dronecheck.recognise(zipped(**{name: content}), "x.zip").value == "zones"
        with pytest.raises(UnreadableInput) as caught:
            read(zipped(**{name: content, f"b{name}": content}), "x.zip")
        assert caught.value.code == "nested_archive"


@pytest.mark.parametrize(("head", "what"), [
    (b"\x08\x09\xfe\x02" + bytes(90), "MicroStation"), (b"  0\nSECTION\n  2\n", "DXF"), (b"%PDF-1.7", "PDF"),
    (b"<!doctype HTML><html>", "web page"), (b'<?xml version="1.0"?><OPENAIP VERSION="1">', "openAIP"),
])  # fmt: skip
def test_other_files_are_named(head, what):
    with pytest.raises(UnreadableInput) as caught:
        read(head)
    assert caught.value.code == "not_a_zone_file"
    assert what in caught.value.message


def test_topojson_is_named():
    with pytest.raises(UnreadableInput, match="TopoJSON"):
        read({"type": "Topology", "objects": {}, "arcs": []})


def test_a_shp_with_its_parts_beside_it(tmp_path):
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.GeoDataFrame(
        {"name": ["A"], "kind": ["prohibited"]}, geometry=[shapely.Polygon(SQUARE)], crs=4326
    )
    frame.to_file(tmp_path / "zones.shp")
    (tmp_path / "zonesmore.dbf").write_bytes(b"not its own")
    (zone,) = load_zones(tmp_path / "zones.shp")
    assert (zone.name, zone.kind.value) == ("A", "prohibited")
    hashes = {load_zones(tmp_path / "zones.shp").sources[0].sha256 for _ in range(2)}
    (tmp_path / "zones.dbf").write_bytes((tmp_path / "zones.dbf").read_bytes().replace(b"prohibited", b"restricted"))
    assert len(hashes | {load_zones(tmp_path / "zones.shp").sources[0].sha256}) == 2
    (tmp_path / "zones.prj").unlink()
    with pytest.raises(UnreadableInput) as caught:
        load_zones(tmp_path / "zones.shp")
    assert caught.value.code == "no_crs"
