"""GeoJSON of other publishers, against counts made with plain json."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np
import pytest
import shapely

from dronecheck.airspace import load_zones
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.issues import Code
from tests.support.zone_walk import box_of_circle, box_of_rings, document

FINNISH = ("fi_2018_lentokentat", "fi_2018_rajoitukset", "fi_2018_sup", "fi_2018_valvottu")
FRENCH_DATA = {"ALT": "AMSL", "HEI": "AGL", "STD": "FL"}


def files(shared):
    return shared / "airspace" / "geojson"


def test_the_files_here_are_all_tested(shared):
    assert {p.stem for p in files(shared).iterdir()} == {*FINNISH, "fr_airspaces-all"}


@pytest.mark.parametrize("name", FINNISH)
def test_finnish(shared, name):
    path = files(shared) / f"{name}.geojson"
    features, read = document(path)["features"], load_zones([path])
    assert [zone.id for zone in read.zones] == [feature["id"] for feature in features]
    for zone, feature in zip(read.zones, features, strict=True):
        np.testing.assert_allclose(zone.shape.bounds, box_of_rings(feature["geometry"]["coordinates"]))
        begins = feature["properties"].get("timeBegin")
        assert zone.valid_from_ns == (int(datetime.fromisoformat(begins).timestamp()) * 10**9 if begins else None)
        assert (zone.lower.datum, zone.upper.datum, zone.effect) == (Datum.GND, Datum.UNL, Effect.NEEDS_AUTHORISATION)
    told = Counter()
    for issue in read.issues:
        told[issue.code] += issue.count
    assert told[Code.ZONE_CLASS_UNKNOWN] == len(features)  # R, R2 and L are in no table that is known


def test_french(shared):
    path = files(shared) / "fr_airspaces-all.geojson"
    features, read = document(path)["features"], load_zones([path])
    assert len(read.zones) == len(features)
    kinds = {"R": ZoneKind.RESTRICTED, "Q": ZoneKind.DANGER, "D": ZoneKind.CONTROL}
    for zone, feature in zip(read.zones, features, strict=True):
        given = feature["properties"]
        assert zone.id == given["id"]
        assert zone.kind is kinds.get(given["class"], zone.kind)
        for which, limit in (("lower", zone.lower), ("upper", zone.upper)):
            if which == "lower" and given["lowerValue"] == "0":
                assert limit.datum is Datum.GND
            else:  # lowerM and upperM are the publisher's own, in whole metres
                assert limit.datum == FRENCH_DATA[given[f"{which}Type"]]
                assert int(limit.value_m) == pytest.approx(given[f"{which}M"], abs=1)
        h24 = given["activationCode"] == "H24" and given.get("activationDesc", "H24") == "H24"
        assert bool(zone.schedule.unknown) is not h24
        if zone.shape.uncertain is None:
            np.testing.assert_allclose(zone.shape.bounds, box_of_rings(feature["geometry"]["coordinates"]))


def test_danish(shared):
    path = shared / "airspace/other_json/dronezoner-dk.json"
    features, read = document(path)["features"], load_zones([path])
    by_id = {zone.id: zone for zone in read.zones}
    areas = [f for f in features if "Polygon" in f["geometry"]["type"]]
    assert {str(f["properties"]["OBJECTID"]) for f in areas} <= by_id.keys()
    for feature in features:
        given = feature["properties"]
        if feature["geometry"]["type"] == "Point" and given["Lovkrav"]:
            radius_m = 1000 * given["Lovkrav"] / float(given["Enhed"])
            box = box_of_circle(feature["geometry"]["coordinates"][:2], radius_m)
            np.testing.assert_allclose(by_id[str(given["OBJECTID"])].geometry.bounds, box, atol=1e-4)
    assert by_id["4"].effect is Effect.CONDITIONAL  # a model airfield, "2 km"
    assert by_id["6"].valid_from_ns == 1_788_760_800 * 10**9  # Mon, 07 Sep 2026 06:00:00 GMT
    counts = Counter(issue.code for issue in read.issues)
    assert counts == {Code.ZONE_OUTLINE_DOUBTFUL: 2, Code.NO_AREA: 2}  # two buffers; two labels


def test_a_danish_buffer_is_as_wide_as_it_says(shared):
    zone = load_zones([shared / "airspace/other_json/dronezoner-dk.json"]).zones[0]
    west, _, _, north = zone.geometry.bounds
    rim = zone.shape.uncertain
    for distance_m, inside in ((10, True), (4_990, True), (5_010, False)):
        lat = north + distance_m / 111_370.0  # metres a degree of latitude at 55.6
        assert rim.contains(shapely.Point(west + 0.03, lat)) is inside


def test_unknown_properties_are_told(tmp_path):
    path = tmp_path / "z.geojson"
    path.write_text(
        '{"type": "Feature", "properties": {"title": "x", "floor": "100 ft"}, "geometry": '
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}}'
    )
    *limits, foreign = load_zones([path]).issues
    assert {one.code for one in limits} == {Code.ZONE_LIMIT_UNKNOWN}
    assert foreign.code is Code.FOREIGN_PROPERTIES
    assert "floor, title" in foreign.message
    assert "from the ground up" not in foreign.message  # a floor of 100 ft above nobody says what
