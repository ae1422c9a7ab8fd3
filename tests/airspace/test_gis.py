"""GeoPackage, FlatGeobuf, Shapefile and GeoParquet, written by geopandas and compared with what it was given."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.geo.crs import ToWgs84
from dronecheck.geo.outline.edges import Edge
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.support.gis_maker import KINDS, written

geopandas = pytest.importorskip("geopandas")
pytest.importorskip("pyogrio")
GEOD = Geod(ellps="WGS84")
READERS = {"gpkg": "geopackage", "fgb": "flatgeobuf", "shp": "shapefile", "parquet": "geoparquet"}


def frame(crs=4326, **columns):
    shapes = [
        shapely.Polygon([(7, 47), (7.3, 47), (7.3, 47.2), (7, 47.2)], [[(7.1, 47.1), (7.2, 47.1), (7.1, 47.15)]]),
        shapely.MultiPolygon([shapely.box(8, 46, 8.1, 46.1), shapely.box(8.2, 46, 8.3, 46.1)]),
    ]
    given = {
        "name": ["Alder", "Birch"], "kind": ["prohibited", None],
        "lower_m": [None, 100.5], "lower_datum": ["GND", "AMSL"],
        "upper_m": [120.0, 300.0], "upper_datum": ["AGL", "AMSL"], "valid_from": ["2026-01-01", None],
        "schedule": [json.dumps([{"days": ["MON"]}]), "H24"], **columns,
    }  # fmt: skip
    return geopandas.GeoDataFrame(given, geometry=shapes, crs=4326).to_crs(crs)


def read(name, data):
    return read_input(Input(Path(name), data, "0" * 64))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return {kind: written(tmp_path_factory.mktemp(kind), frame(), kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_all_formats_say_the_same(files, kind):
    zones = read(*files[kind])
    alder, birch = sorted(zones.zones, key=lambda zone: zone.name)  # a FlatGeobuf is in the order of its index
    for zone, shape in zip((alder, birch), frame().geometry, strict=True):
        assert zone.geometry.equals(shape)
        assert (zone.edge, zone.accuracy_m) == (Edge.PLANAR, 0.0)
    assert (alder.kind, alder.effect) == (ZoneKind.PROHIBITED, Effect.FORBIDDEN)
    assert (alder.lower.datum, alder.upper.value_m, alder.upper.datum) == (Datum.GND, 120.0, Datum.AGL)
    assert (birch.lower.value_m, birch.lower.datum, birch.upper.value_m) == (100.5, Datum.AMSL, 300.0)
    assert alder.valid_from_ns == 1_767_225_600 * 10**9
    assert alder.schedule.spans[0].daily[0].days == frozenset({0})
    assert birch.schedule.is_always
    assert not zones.issues


@pytest.mark.parametrize("kind", KINDS)
def test_content_beats_the_name(files, kind):
    from dronecheck.airspace import choose

    for name in ("zones", "flight.csv", "x.json"):
        assert READERS[kind] == choose(files[kind][1][: 64 << 10], name).NAME


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("crs", [32632, 2056, 3035, 3857, 4258])
def test_other_coordinate_systems(tmp_path, kind, crs):
    """The vertices as geopandas transforms them; straight edges of a projection stay straight in it."""
    moved = frame(crs)
    zones = read(*written(tmp_path / "x", moved, kind))
    expected = {row["name"]: row.geometry for _, row in moved.to_crs(4326).iterrows()}
    for zone in zones.zones:
        for ring, theirs in zip(shapely.get_rings(zone.geometry), shapely.get_rings(expected[zone.name]), strict=True):
            points = shapely.points(shapely.get_coordinates(theirs))
            assert shapely.distance(points, ring).max() < 1e-8
        assert zone.accuracy_m <= 2.0


def test_an_edge_of_a_projection_is_not_a_straight_line_of_longitude_and_latitude():
    long_edge = shapely.box(2_500_000, 1_100_000, 2_800_000, 1_101_000)  # 300 km in Swiss coordinates
    to_wgs84 = ToWgs84.of("EPSG:2056", "x")
    outline, _ = to_wgs84.apply(long_edge)
    west, east = (to_wgs84.apply(shapely.Point(x, 1_100_000))[0] for x in (2_500_000, 2_800_000))
    middle, _ = to_wgs84.apply(shapely.Point(2_650_000, 1_100_000))
    plain = shapely.LineString([west, east])
    assert plain.distance(middle) > 0.002  # 200 m beside it
    assert outline.exterior.distance(middle) < 1e-6


def test_the_step_of_a_projection_in_feet():
    assert ToWgs84.of("EPSG:2263", "x").step == pytest.approx(1000 / 0.3048006096)


def test_where_the_grid_of_the_best_operation_is_missing_the_accuracy_says_so():
    moved = geopandas.GeoSeries([shapely.box(-1, 51, -0.9, 51.1)], crs=4326).to_crs(27700)
    _, accuracy_m = ToWgs84.of("EPSG:27700", "x").apply(moved.iloc[0])
    assert 0 < accuracy_m <= 21


@pytest.mark.parametrize("kind", KINDS)
def test_no_coordinate_system_is_refused(tmp_path, kind):
    bare = frame().set_crs(None, allow_override=True)
    name, data = written(tmp_path / "x", bare, kind)
    with pytest.raises(UnreadableInput) as caught:
        read(name, data)
    assert caught.value.code == "no_crs"


LOCAL = 'ENGCRS["site",EDATUM["here"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'


def test_a_coordinate_system_that_leads_nowhere_is_refused():
    ntv2 = "+proj=longlat +ellps=intl +nadgrids=/tmp/x.gsb +type=crs"
    files = (ntv2, CRS(ntv2).to_wkt(), CRS(ntv2).to_json_dict())
    for given in (*files, LOCAL, CRS(LOCAL).to_json_dict(), "nonsense", {"type": "?"}, "EPSG:99999999"):
        with pytest.raises(UnreadableInput) as caught:
            ToWgs84.of(given, "x")
        assert caught.value.code == "unknown_crs"


def test_points_outside_their_coordinate_system(tmp_path):
    far = geopandas.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(9e8, 9e8, 9.1e8, 9.1e8)], crs=2056)
    zones = read(*written(tmp_path / "x", far, "gpkg"))
    assert [issue.code for issue in zones.issues] == [Code.ZONE_SKIPPED]


def test_layers_tables_and_shapes_that_are_none(tmp_path):
    path = tmp_path / "many.gpkg"
    frame().to_file(path, layer="one")
    frame(32632).to_file(path, layer="two")
    mixed = geopandas.GeoDataFrame(
        {"name": ["point", "line", "none", "empty", "bow tie"]},
        geometry=[
            shapely.Point(7, 47), shapely.LineString([(7, 47), (8, 48)]), None, shapely.Polygon(),
            shapely.Polygon([(7, 47), (8, 48), (8, 47), (7, 48)]),
        ],
        crs=4326,
    )  # fmt: skip
    mixed.to_file(path, layer="three")
    import pyogrio

    pyogrio.write_dataframe(geopandas.pd.DataFrame({"a": [1]}), path, layer="table", append=True)
    zones = load_zones([path])
    assert [zone.id for zone in zones.zones] == ["Alder", "Birch", "Alder~2", "Birch~2", "bow tie"]
    found = [issue.code for issue in zones.issues for _ in range(issue.count)]
    assert found.count(Code.ZONE_SKIPPED) == 2  # no outline, an empty one
    assert found.count(Code.ZONE_REPAIRED) == 1
    assert found.count(Code.NO_AREA) == 3
    assert [i.offset for i in zones.issues if i.code is Code.ZONE_REPAIRED] == [9]


def test_other_peoples_columns_are_named(tmp_path):
    theirs = frame()[["geometry"]].assign(MSE="x", height=3)
    zones = read(*written(tmp_path / "x", theirs, "fgb"))
    *limits, foreign = zones.issues
    assert {issue.code for issue in limits} == {Code.ZONE_LIMIT_UNKNOWN}  # a height of 3 of what, above what
    assert foreign.code is Code.FOREIGN_PROPERTIES
    assert "MSE, height" in foreign.message


def test_a_facility_map_as_a_shapefile(tmp_path):
    cells = geopandas.GeoDataFrame(
        {"OBJECTID": [1, 2], "CEILING": [0, 200], "APT1_ICAO": ["KLGA"] * 2, "APT1_LAANC": [1, 1]},
        geometry=[shapely.box(-73.9, 40.76, -73.88, 40.78), shapely.box(-73.92, 40.76, -73.9, 40.78)],
        crs=4269,
    )
    zones = read(*written(tmp_path / "x", cells, "shp")).zones
    assert [zone.name.rpartition(": ")[2] for zone in zones] == [
        "LAANC ceiling 0 ft (0 m) above ground",
        "LAANC ceiling 200 ft (60.96 m) above ground",
    ]
    assert all(zone.effect is Effect.NEEDS_AUTHORISATION and zone.accuracy_m >= 1 for zone in zones)  # NAD 83


def test_three_dimensions(tmp_path):
    high = frame()
    high.geometry = shapely.force_3d(high.geometry, 500.0)
    for kind in KINDS:
        zones = read(*written(tmp_path / kind, high, kind)).zones
        assert {zone.name: zone.geometry for zone in zones}["Alder"].equals(frame().geometry[0])
        assert not any(zone.geometry.has_z for zone in zones)


# Shapefiles ------------------------------------------------------------------------------------------------------


def without(data, suffix):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if not name.endswith(suffix):
                new.writestr(name, old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(("suffix", "code"), [(".prj", "no_crs"), (".shx", "not_gis"), (".dbf", "not_gis")])
def test_a_shapefile_needs_its_parts(files, suffix, code):
    with pytest.raises(UnreadableInput) as caught:
        read("x.zip", without(files["shp"][1], suffix))
    assert caught.value.code == code
    assert suffix in caught.value.message


def test_a_shp_alone_says_what_to_do(files):
    with zipfile.ZipFile(io.BytesIO(files["shp"][1])) as archive, pytest.raises(UnreadableInput) as caught:
        read("zones.shp", archive.read("data/zones.shp"))
    assert "zip them together" in caught.value.message


# GeoParquet ------------------------------------------------------------------------------------------------------


def parquet(geo, table=None):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = table or pa.table({"geometry": [shapely.to_wkb(shapely.box(7, 47, 8, 48))], "name": ["x"]})
    out = io.BytesIO()
    metadata = {} if geo is None else {b"geo": geo if isinstance(geo, bytes) else json.dumps(geo).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), out)
    return out.getvalue()


def described(**column):
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB", **column}}}


def test_absent_is_wgs_84_and_null_is_refused():
    assert read("x", parquet(described())).zones[0].geometry.equals(shapely.box(7, 47, 8, 48))
    with pytest.raises(UnreadableInput) as caught:
        read("x", parquet(described(crs=None)))
    assert caught.value.code == "no_crs"


def test_edges():
    assert read("x", parquet(described(edges="spherical"))).zones[0].edge is Edge.GEODESIC
    assert read("x", parquet(described(edges="planar"))).zones[0].edge is Edge.PLANAR
    assert read("x", parquet(described(edges="other"))).zones[0].edge is Edge.AMBIGUOUS


def another(name):
    return {**described(), "primary_column": name, "columns": {name: {"encoding": "WKB"}}}


@pytest.mark.parametrize(
    "geo",
    [None, b"", b"{", b"[]", {}, {"primary_column": "x", "columns": {}}, described(encoding="polygon"),
     {**described(), "columns": {"geometry": 5}}, another("name"), another("absent")],
)  # fmt: skip
def test_parquet_that_is_no_geoparquet(geo):
    try:
        zones = read("x.parquet", parquet(geo))
    except UnreadableInput:
        return
    assert not zones.zones  # a text column as outlines: every row is told
    assert zones.issues[0].code is Code.ZONE_SKIPPED


# the libraries ---------------------------------------------------------------------------------------------------


def test_without_pyogrio_it_says_what_to_install(files, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    with pytest.raises(UsageError) as caught:
        read(*files["gpkg"])
    assert "dronecheck[gis]" in str(caught.value)
    assert read(*files["parquet"]).zones


def test_nothing_of_it_is_loaded_for_other_files(repo, clean_env):
    paths = [str(repo / "samples/zones" / name) for name in ("fictitious.kml", "fictitious.geojson")]
    code = (
        "import sys, dronecheck; from dronecheck.airspace import load_zones\n"
        f"load_zones({paths!r})\n"
        "print([m for m in ('pyogrio', 'pyarrow', 'geopandas', 'pandas', 'yaml', 'pyproj') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], env=clean_env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", KINDS)
def test_damage(files, kind):
    """Cut anywhere, or a byte changed anywhere: zones or UnreadableInput."""
    name, data = files[kind]
    source = np.random.default_rng(7)
    for _ in range(10):
        at = int(source.integers(len(data)))
        flipped = data[:at] + bytes([data[at] ^ int(source.integers(1, 256))]) + data[at + 1 :]
        for hostile in (data[:at], flipped):
            try:
                found = read(name, hostile)
            except UnreadableInput as refused:
                assert refused.code
            else:
                assert all(np.isfinite(zone.shape.bounds).all() for zone in found.zones)
