"""Zones as national services publish them: fictitious ones with the fields, units and datums that theirs have."""

from __future__ import annotations

import io
import json
import re
import zipfile
from math import isnan
from pathlib import Path

import pytest
import shapely

from dronecheck.airspace import read_input
from dronecheck.airspace.common.publishers import translated
from dronecheck.airspace.zone import Datum, Effect
from dronecheck.issues import Code
from dronecheck.safe.io import Input
from tests.support.gis_maker import written
from tests.support.publisher_zones import SQUARE, belgian, german, spanish, upper

SLOVENIA = Path(__file__).parents[1] / "data" / "zones" / "slovenia.kml"


def zone_of(properties):
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [SQUARE]}}
    data = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    zones = read_input(Input(Path("x.json"), data, "0" * 64))
    (zone,) = zones
    return zone, {issue.code for issue in zones.issues}, zones.format


def limits(zone):
    both = (zone.lower, zone.upper)
    return tuple((None if isnan(one.value_m) else round(one.value_m, 3), one.datum.value) for one in both)


GND, UNL, NOT = (None, "GND"), (None, "UNL"), (None, "UNKNOWN")


@pytest.mark.parametrize(("properties", "effect", "expected"), [
    (german(), "conditional", (GND, NOT)),
    (german("KONTROLLZONE", "§ 21h, Abs. 3 (9.) LuftVO", **upper(2500, "ft", "MSL")), "conditional",
     (GND, (762.0, "AMSL"))),
    (german("ED-R", "§ 17 LuftVG", **upper("100", "FL", "PA")), "needs_authorisation", (GND, (3048.0, "FL"))),
    (german("U_NFZ", "", **upper(120, "M", "AGL")), "forbidden", (GND, (120.0, "AGL"))),
    (german("NEUARTIG", "§ 99", **upper(9, "yd", "AGL")), "needs_authorisation", (GND, NOT)),
    (german(lower_limit_altitude=None, **upper(100, "FL", "AGL")), "conditional", (NOT, NOT)),
])  # fmt: skip
def test_german(properties, effect, expected):
    zone, codes, _ = zone_of(properties)
    assert (zone.id, zone.name, zone.effect.value, limits(zone)) == ("tfX", "Moor", effect, expected)
    assert (Code.ZONE_CLASS_UNKNOWN in codes) is (properties["type_code"] == "NEUARTIG")


def test_a_german_temporary_zone_ends():
    zone, _, _ = zone_of(german("U_NFZ", start_time="2026-05-01T10:00:00Z", end_time="2026-05-01T12:00:00Z"))
    assert zone.valid_to_ns - zone.valid_from_ns == 2 * 3_600 * 10**9


@pytest.mark.parametrize(("properties", "effect", "expected", "is_always"), [
    (belgian(), "needs_authorisation", (GND, (121.92, "AGL")), True),
    (belgian((2500, "F", "MSL"), (4500, "F", "MSL")), "needs_authorisation", ((762.0, "AMSL"), (1371.6, "AMSL")), True),
    (belgian((195, "FL", "STD"), (999, "FL", "STD")), "needs_authorisation", ((5943.6, "FL"), UNL), True),
    (belgian((55, "FL", "MSL"), (75, "FL", "GND")), "needs_authorisation", (NOT, NOT), True),
    (belgian((None,) * 3, (400, "M", "GND"), type_code="TEMPORARY-NO-FLY-ZONE", restriction="PROHIBITED"), "forbidden",
     (NOT, (400.0, "AGL")), False),
    (belgian(active_within_window=1), "needs_authorisation", (GND, (121.92, "AGL")), False),
    (belgian(type_code="TIME_ZONE", restriction=None), "information", (GND, (121.92, "AGL")), True),
])  # fmt: skip
def test_belgian(properties, effect, expected, is_always):
    zone, _, _ = zone_of(properties)
    assert (zone.name, zone.effect.value, limits(zone)) == ("EBXX CTR", effect, expected)
    assert zone.schedule.is_always is is_always


def test_a_belgian_circle_is_a_circle_and_the_polygon_of_it_is_in_doubt():
    centre = [5.05, 51.05]
    text = json.dumps({"type": "Circle", "radius": 2000.0, "properties": {"radius_units": "m"}, "coordinates": centre})
    zone, codes, _ = zone_of(belgian(original_geometry=text))
    assert zone.geometry.contains(shapely.Polygon(SQUARE))  # the larger of both, and what only one has is open
    assert zone.shape.uncertain.contains(shapely.Point(5.001, 51.001))
    assert not zone.shape.uncertain.contains(shapely.Point(centre))
    assert Code.ZONE_OUTLINE_DOUBTFUL in codes


@pytest.mark.parametrize(("more", "effect", "expected", "is_always"), [
    ({}, "needs_authorisation", ((45.0, "AGL"), (900.0, "AGL")), True),
    ({"lower": 0, "upper": 3000, "uom": "FT"}, "needs_authorisation", (GND, (914.4, "AGL")), True),
    ({"lower": "2896", "lowerReference": "AMSL", "type": "PROHIBITED"}, "forbidden",
     ((2896.0, "AMSL"), (900.0, "AGL")), True),
    ({"lower": "None", "upper": None, "type": "CONDITIONAL"}, "conditional", (NOT, NOT), True),
    ({"startEvent": "SR", "endEvent": "SS"}, "needs_authorisation", ((45.0, "AGL"), (900.0, "AGL")), False),
    ({"day": "SAT"}, "needs_authorisation", ((45.0, "AGL"), (900.0, "AGL")), False),
    ({"lowerReference": "QNE"}, "needs_authorisation", (NOT, (900.0, "AGL")), True),
])  # fmt: skip
def test_spanish(more, effect, expected, is_always):
    zone, _, kind = zone_of(spanish(**more))
    assert (zone.name, zone.effect.value, limits(zone), kind) == ("PUEBLO", effect, expected, "geojson")
    assert zone.schedule.is_always is is_always


def test_a_spanish_class_that_is_none_leaves_an_entry_open():
    _, codes, _ = zone_of(spanish(type="OTHER"))
    assert Code.ZONE_DOUBTFUL in codes


@pytest.mark.parametrize("properties", [german(), belgian(), spanish()], ids=["de", "be", "es"])
@pytest.mark.parametrize("kind", ["gpkg", "fgb"])
def test_the_same_out_of_a_gis_file(tmp_path, properties, kind):
    geopandas = pytest.importorskip("geopandas")
    values = {key: [value] for key, value in properties.items() if value is not None}
    frame = geopandas.GeoDataFrame(values, geometry=[shapely.Polygon(SQUARE)], crs=4326)
    name, data = written(tmp_path / "x", frame, kind)
    (zone,) = read_input(Input(Path(name), data, "0" * 64))
    expected, _, _ = zone_of(properties)
    assert (zone.name, zone.effect, limits(zone)) == (expected.name, expected.effect, limits(expected))


@pytest.mark.parametrize("classed", ["PROHIBITED", "REQ_AUTHORISATION", "CONDITIONAL", "NO_RESTRICTION"])
def test_classes_are_those_of_ed_269(classed):
    expected = {"PROHIBITED": "forbidden", "REQ_AUTHORISATION": "needs_authorisation", "CONDITIONAL": "conditional",
                "NO_RESTRICTION": "information"}  # fmt: skip
    for given in (belgian(restriction=classed), spanish(type=classed)):
        assert zone_of(given)[0].effect.value == expected[classed]


@pytest.mark.parametrize(("number", "classed", "kind", "effect"), [
    (3, 8, "prohibited", "forbidden"), (1, 8, "restricted", "needs_authorisation"), (2, 8, "danger", "conditional"),
    (4, 3, "control", "needs_authorisation"), (7, 4, "control", "information"),
    (36, 2, "control", "needs_authorisation"), (10, 6, "other", "information"),
    (19, 8, "other", "needs_authorisation"), (99, 8, "other", "needs_authorisation"),
    (7, 77, "control", "needs_authorisation"),
])  # fmt: skip
def test_openaips_numbers(number, classed, kind, effect):
    limit = {"value": 100, "unit": 0, "referenceDatum": 0}
    given = {"_id": "a", "name": "A", "type": number, "icaoClass": classed, "lowerLimit": limit, "upperLimit": limit}
    zone, codes, _ = zone_of(given)
    assert (zone.kind.value, zone.effect.value, zone.id) == (kind, effect, "a")
    assert (Code.ZONE_CLASS_UNKNOWN in codes) is (number in (19, 99) or classed == 77)
    assert zone.schedule.is_always


DAY = {"startTime": "00:00", "endTime": "00:00", "byNotam": False, "sunrise": False}


@pytest.mark.parametrize(("more", "is_always"), [
    ({"byNotam": True}, False), ({"onDemand": True, "onRequest": False}, False), ({"byNotam": False}, True),
    ({"hoursOfOperation": {"operatingHours": [{**DAY, "dayOfWeek": n} for n in range(7)]}}, True),
    ({"hoursOfOperation": {"operatingHours": [{**DAY, "dayOfWeek": n} for n in range(6)]}}, False),
    ({"hoursOfOperation": {"operatingHours": [{**DAY, "sunrise": True, "dayOfWeek": n} for n in range(7)]}}, False),
    ({"activeUntil": "2026-05-01T00:00:00Z"}, False),
])  # fmt: skip
def test_openaips_times_that_are_not_always_are_unknown(more, is_always):
    limit = {"value": 100, "unit": 0, "referenceDatum": 0}
    zone, _, _ = zone_of({"name": "A", "type": 1, "icaoClass": 8, "lowerLimit": limit, "upperLimit": limit, **more})
    assert zone.schedule.is_always is is_always


# Slovenia: a KMZ in a ZIP, with tables in HTML -------------------------------------------------------------------


def slovenian():
    out, inner = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("doc.kml", SLOVENIA.read_bytes())
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("zones.kmz", inner.getvalue())
    return read_input(Input(Path("zones.zip"), out.getvalue(), "0" * 64))


def test_slovenian():
    """Classes are read, names come from the table where there is none; a limit in prose is unknown, and is named."""
    zones = slovenian()
    found = {zone.name: (zone.effect, zone.lower.datum, zone.upper.datum) for zone in zones}
    assert found == {
        "Prison": (Effect.FORBIDDEN, Datum.UNKNOWN, Datum.UNKNOWN),
        "CTR Village": (Effect.NEEDS_AUTHORISATION, Datum.UNKNOWN, Datum.UNKNOWN),
        "Port of Village": (Effect.FORBIDDEN, Datum.GND, Datum.UNL),
        "Hospital": (Effect.FORBIDDEN, Datum.GND, Datum.UNL),
        "LJD9 - Danger area": (Effect.CONDITIONAL, Datum.GND, Datum.UNL),
    }
    told = [issue.message for issue in zones.issues if issue.code is Code.ZONE_LIMIT_UNKNOWN]
    assert any("Prison" in text and "150" in text for text in told)


def test_the_tables_of_publishers_are_documented(repo):
    """Every publisher that properties are told by stands in docs/zone-formats.md with where its fields were found."""
    section = (repo / "docs/zone-formats.md").read_text().split("## GeoJSON")[1].split("\n## ")[0]
    for country in ("Germany", "Belgium", "Spain", "Slovenia", "openAIP"):
        assert country in section
    assert len(re.findall(r"@[0-9a-f]{7}", section)) >= 5
    assert translated(german()).is_published
