"""What a ZoneSet offers to Python: one path, a length, iteration, a short repr, a GeoDataFrame; what its file was."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.zone import Incomplete, ZoneSet, joined
from dronecheck.errors import UsageError
from dronecheck.report.json.zones_document import zones_document
from dronecheck.safe.io import Input


def test_one_path_is_the_same_as_a_list_of_one(repo):
    path = repo / "samples/restricted_zone.geojson"
    for given in (path, str(path), [path], (str(path),)):
        assert [zone.id for zone in load_zones(given)] == ["SIM-R1", "SIM-C1"]
    with pytest.raises(UsageError, match=r"nowhere\.geojson: no such file"):
        load_zones("nowhere.geojson")


def test_a_set_is_counted_iterated_and_true(repo):
    zones = load_zones(repo / "samples/restricted_zone.geojson")
    assert len(zones) == len(list(zones)) == len(zones.zones) == 2
    assert len(ZoneSet()) == 0 and ZoneSet()  # no zones are not the same as no zone file
    assert repr(zones) == "ZoneSet(2 zones of restricted_zone.geojson, 0 issues)"


def test_zones_become_a_geodataframe(repo):
    geopandas = pytest.importorskip("geopandas")
    zones = load_zones(sorted((repo / "samples/zones").glob("fictitious.ed*.json")))
    frame = zones.to_geopandas()
    assert isinstance(frame, geopandas.GeoDataFrame) and frame.crs == "EPSG:4326"
    assert list(frame["id"]) == [zone.id for zone in zones]
    assert list(frame["effect"]) == [zone.effect.value for zone in zones]
    assert frame.geometry.geom_equals(geopandas.GeoSeries([zone.geometry for zone in zones], crs=4326)).all()


def test_without_geopandas_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(UsageError, match="pip install geopandas"):
        ZoneSet().to_geopandas()


def test_the_format_is_what_the_features_are_not_what_the_head_looks_like():
    """Nothing of ED-318 stands in the head but what GeoJSON has, too: the features decide, and say so."""
    area = {"type": "Polygon", "coordinates": [[[7, 47], [8, 47], [8, 48], [7, 47]]]}
    properties = {"identifier": "A", "type": "PROHIBITED", "variant": "COMMON"}
    feature = {"type": "Feature", "geometry": area, "properties": properties}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    source = Input(Path("x.json"), data, "0" * 64)
    zones = read_input(source)
    assert zones.zones[0].kind.value == "prohibited"
    assert zones.format == zones_document(source, zones).format == "ed318"


def test_joined_sets_keep_what_is_missing():
    lost = ZoneSet(skipped=2, incomplete=(Incomplete.UNREADABLE,))
    late = ZoneSet(incomplete=(Incomplete.NO_EDITION,))
    whole = joined([late, lost, lost])
    assert (whole.skipped, whole.incomplete) == (4, (Incomplete.UNREADABLE, Incomplete.NO_EDITION))
