"""Every real ED-269 and ED-318 file against a count made with plain json (tests/support/zone_walk.py)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.airspace.zone import Datum, Effect
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code
from tests.support.zone_walk import document, volumes

FILES = (
    "ed269/ed269-ch.json", "ed269/ed269-fi.json", "ed269/ed269-lu.json", "ed269/eurocontrol_swim_uas_zones.json",
    "ed269/interuss_test_eurocae_ed269.json", "ed318/ed318-ie.json", "ed318/ed318-se.json",
    "ed318/official_Example_Collection.json", "ed318/official_Example_GeoZone_2_Layers.json",
    "ed318/official_Example_GeoZone_Circle.json", "ed318/official_Example_GeoZone_with_extension.json",
    "ed318/official_InvalidExample_GeoZone_2_Layers.json", "ed318/official_PartialExample_featureGeoJSON.json",
    "other_json/eans-ee.json",
)  # fmt: skip
NO_ZONES = ("GeoZoneProperties", "TimePeriod", "ZoneAuthority")
MASKS = ("EEGZS9", "EERZout")  # hidden in viewers; the world with a hole for Estonia
EFFECT = {
    "PROHIBITED": Effect.FORBIDDEN,
    "REQ_AUTHORISATION": Effect.NEEDS_AUTHORISATION,
    "REQ_AUTHORIZATION": Effect.NEEDS_AUTHORISATION,
    "CONDITIONAL": Effect.CONDITIONAL,
    "NO_RESTRICTION": Effect.INFORMATION,
}


def _shown(limit):
    if limit.datum is Datum.UNL:
        return "none"
    return "unknown" if limit.datum is Datum.UNKNOWN else (round(limit.value_m, 3), str(limit.datum))


def listed(path):
    """List the properties of a file's features."""
    features = document(path)
    features = features.get("features") or features.get("uas_zones") or [features]
    return [feature.get("properties", feature) for feature in features]


def test_the_list_above_is_complete(shared):
    found = {
        f"{p.parent.name}/{p.name}" for folder in ("ed269", "ed318") for p in (shared / "airspace" / folder).iterdir()
    }
    partial = {name for name in found if any(part in name for part in NO_ZONES)}
    assert found - partial == {name for name in FILES if not name.startswith("other")}
    for name in partial:
        with pytest.raises(UnreadableInput):
            load_zones([shared / "airspace" / name])


@pytest.mark.parametrize("name", FILES)
def test_volumes_limits_boxes_and_issues(shared, name):
    path = shared / "airspace" / name
    expected, read = volumes(path), load_zones([path])
    assert len(read.zones) == len(expected)
    assert Counter((_shown(z.lower), _shown(z.upper)) for z in read.zones) == Counter(row[:2] for row in expected)
    for zone, (_, _, box) in zip(read.zones, expected, strict=True):
        np.testing.assert_allclose(zone.geometry.bounds, box, atol=2e-5)
    assert len({zone.id for zone in read.zones}) >= len(read.zones) - 1  # one file has an identifier twice
    unknown = sum(limit == "unknown" for row in expected for limit in row[:2])
    counts = Counter()
    for issue in read.issues:
        counts[issue.code] += issue.count
    assert counts.pop(Code.ZONE_LIMIT_UNKNOWN, 0) == unknown
    counts.pop(Code.ZONE_OUTLINE_DOUBTFUL, 0)  # long edges, tested by itself
    assert counts.pop(Code.ZONE_IS_MASK, 0) == sum(given["identifier"] in MASKS for given in listed(path))
    assert not counts


@pytest.mark.parametrize("name", FILES)
def test_effects_by_the_published_table(shared, name):
    path = shared / "airspace" / name
    read = {zone.id.split("#")[0]: zone for zone in load_zones([path]).zones}
    for given in listed(path):
        stated = given.get("restriction") or given["type"]
        if given["identifier"] != "Gantrisch Nature Park":  # twice, with two classes
            expected = Effect.INFORMATION if given["identifier"] in MASKS else EFFECT[stated]
            assert read[given["identifier"]].effect is expected


def test_the_holes_of_the_swim_sample_are_holes(shared):
    path = shared / "airspace/ed269/eurocontrol_swim_uas_zones.json"
    rings = document(path)["uas_zones"][0]["geometry"][0]["horizontalProjection"]["coordinates"]
    brussels = load_zones([path]).zones[0]
    assert len(brussels.geometry.interiors) == len(rings) - 1 == 4


def test_a_circle_stays_a_circle(shared):
    (zone,) = load_zones([shared / "airspace/ed318/official_Example_GeoZone_Circle.json"]).zones
    ((circle,),) = zone.shape.polygons
    assert (circle.centre_deg, circle.radius_m) == ((2.636866, 50.122901), 3500.0)


def test_the_world_with_estonia_cut_out(shared):
    outside = load_zones([shared / "airspace/other_json/eans-ee.json"]).zones[-1]
    assert outside.geometry.bounds == (-180.0, -90.0, 180.0, 90.0)
    assert outside.geometry.area == pytest.approx(360 * 180 - 6 * 2.2)


def test_texts(shared):
    swedish = load_zones([shared / "airspace/ed318/ed318-se.json"])
    assert [zone.name for zone in swedish.zones] == ["Example test range", "Example power plant", "Example heliport"]
    assert swedish.sources[0].edition == "issued 2026-08-13T00:00:00Z, valid from 2026-08-13T00:00:00Z"
    irish = load_zones([shared / "airspace/ed318/ed318-ie.json"]).zones[0]
    assert irish.name == "Example Control Zone - Red Zone"
    assert irish.authority == "AirNav Ireland, Example ATC: authorization (suaairspace@airnav.ie)"
    assert "Authorization required from ATC" in irish.remarks
