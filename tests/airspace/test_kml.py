"""KML: footprints of drawn bodies, limits and class out of texts, and what is no zone."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace import kml, load_zones, read_input
from dronecheck.airspace.common.meanings import MEANINGS
from dronecheck.airspace.kml.properties import FOLDERS, plain_text
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.issues import Code, Severity
from dronecheck.safe.io import Input
from tests.support.kml_maker import SQUARE, body, document, kmz, placemark, polygon, walls
from tests.support.scale import examples

OGC = "{http://www.opengis.net/kml/2.2}"
RING = "<Polygon><outerBoundaryIs><LinearRing><coordinates>{}</coordinates></LinearRing></outerBoundaryIs></Polygon>"
LIMITS = "Upper limit: 1000 FT MSL<br/>Lower limit: SFC"


def read(data, name="x.kml"):
    return read_input(Input(Path(name), data, "0" * 64))


def only(*parts, folders=()):
    (zone,) = read(document(*parts, folders=folders)).zones
    return zone


def codes(zones):
    return [issue.code for issue in zones.issues]


# real files ------------------------------------------------------------------------------------------------------

# file: Placemarks, polygons, lines, points as ElementTree counts them
FILES = {"interuss_dcdemo.kml": (19, 13, 3, 3)}


def test_the_table_names_every_file(shared):
    assert {path.name for path in (shared / "airspace/kml").iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_placemark_is_a_zone_or_an_issue(shared, name):
    path = shared / "airspace/kml" / name
    marks = list(ElementTree.parse(path).getroot().iter(OGC + "Placemark"))
    counts = tuple(
        sum(m.find(f".//{OGC}{tag}") is not None for m in marks) for tag in ("Polygon", "LineString", "Point")
    )
    assert (len(marks), *counts) == FILES[name]
    zones = load_zones([path])
    drawn = [m for m in marks if m.find(f".//{OGC}Polygon") is not None]
    assert [zone.name for zone in zones.zones] == [m.findtext(OGC + "name") for m in drawn]
    for zone, mark in zip(zones.zones, drawn, strict=True):
        text = mark.findtext(f".//{OGC}coordinates")
        points = np.array([[float(v) for v in one.split(",")[:2]] for one in text.split()])
        assert shapely.Polygon(points).equals(zone.geometry)
        has_height = mark.findtext(f".//{OGC}altitudeMode") == "absolute"
        assert zone.lower.datum is (Datum.UNKNOWN if has_height else Datum.GND)
    told = Counter()
    for issue in zones.issues:
        told[issue.code] += issue.count
    assert told[Code.NO_AREA] == 3
    assert told[Code.ZONE_SKIPPED] == 3
    heights = sum(m.findtext(f".//{OGC}altitudeMode") == "absolute" for m in drawn)
    assert told[Code.ZONE_LIMIT_UNKNOWN] == 2 * heights


def test_fastkml_reads_the_same_outlines(repo):
    fastkml = pytest.importorskip("fastkml")
    data = (repo / "samples/zones/fictitious.kml").read_bytes()
    found = fastkml.utils.find_all(fastkml.KML.from_string(data), of_type=fastkml.Placemark)
    theirs = [shapely.Polygon([p[:2] for p in mark.geometry.exterior.coords]) for mark in found]
    assert [z.geometry.equals(t) for z, t in zip(read(data).zones, theirs, strict=True)] == [True] * 3


# bodies ----------------------------------------------------------------------------------------------------------


def test_a_body_of_faces_is_its_footprint_with_the_limits_of_its_text():
    description = (
        "<table><tr><td>Upper limit</td><td>1000 FT MSL</td></tr><tr><td>Lower limit</td><td>SFC</td></tr></table>"
    )
    zone = only(placemark(body(SQUARE, 0, 304.8), "EG D001 TREVOSE", description), folders=["Airspaces", "Danger"])
    assert zone.geometry.equals(shapely.box(-1.0, 51.0, -0.9, 51.1))
    assert (zone.upper.value_m, zone.upper.datum) == (pytest.approx(304.8), Datum.AMSL)
    assert zone.lower.datum is Datum.GND
    assert (zone.kind, zone.effect, zone.edge) == (ZoneKind.DANGER, Effect.CONDITIONAL, Edge.AMBIGUOUS)


@settings(max_examples=examples(40), deadline=None)
@given(
    st.lists(st.floats(0.01, 0.2), min_size=3, max_size=25),
    st.floats(-170, 170),
    st.floats(-70, 70),
    st.floats(0, 500),
    st.floats(1, 5000),
)
def test_the_footprint_of_any_body_is_its_ring(reaches, lon, lat, low, high):
    angles = np.arange(len(reaches)) * 2 * np.pi / len(reaches)
    points = [(lon + r * float(np.cos(a)), lat + r * float(np.sin(a))) for r, a in zip(reaches, angles, strict=True)]
    points.append(points[0])
    expected = shapely.Polygon(points)
    zone = only(placemark(body(points, low, low + high), description=LIMITS))
    assert zone.geometry.symmetric_difference(expected).area <= 1e-9 * expected.area


def test_faces_drawn_over_the_antimeridian_in_two_turns():
    east = polygon([(179, 1, 5), (180, 1, 5), (180, 2, 5), (179, 2, 5), (179, 1, 5)])
    west = polygon([(-180, 1, 5), (-179, 1, 5), (-179, 2, 5), (-180, 2, 5), (-180, 1, 5)])
    zone = only(placemark(f"<MultiGeometry>{east}{west}</MultiGeometry>"))
    assert zone.geometry.area == pytest.approx(2.0)
    assert zone.geometry.bounds == pytest.approx((179, 1, 181, 2))


def test_islands_and_holes():
    hole = [(-0.97, 51.02), (-0.93, 51.02), (-0.93, 51.06), (-0.97, 51.02)]
    other = [(x + 1, y) for x, y in SQUARE]
    zone = only(placemark(f"<MultiGeometry>{polygon(SQUARE, hole)}{polygon(other)}</MultiGeometry>"))
    assert zone.geometry.area == pytest.approx(2 * 0.01 - 0.0008)
    assert len(zone.geometry.geoms) == 2


def test_a_hole_through_a_body():
    hole = [(-0.97, 51.02), (-0.93, 51.02), (-0.93, 51.06), (-0.97, 51.02)]
    faces = "".join(polygon([(*p, z) for p in SQUARE], [(*p, z) for p in hole], mode="absolute") for z in (0, 300))
    shape = f"<MultiGeometry>{faces}{walls(SQUARE, 0, 300)}{walls(hole, 0, 300)}</MultiGeometry>"
    assert only(placemark(shape, description=LIMITS)).geometry.area == pytest.approx(0.01 - 0.0008)


def test_a_body_of_walls_alone_is_unreadable_not_small():
    wall = polygon([(-1, 51, 0), (-0.9, 51, 0), (-0.9, 51, 9), (-1, 51, 9), (-1, 51, 0)])
    zones = read(document(placemark(wall)))
    assert not zones.zones
    assert codes(zones) == [Code.ZONE_SKIPPED]


def test_one_face_that_cannot_be_read_leaves_the_zone_out_as_a_whole():
    bad = polygon(SQUARE).replace("51.1", "91.1")
    zones = read(
        document(placemark(f"<MultiGeometry>{polygon(SQUARE)}{bad}</MultiGeometry>"), placemark(polygon(SQUARE)))
    )
    assert len(zones.zones) == 1
    assert Code.ZONE_SKIPPED in codes(zones)


def test_coordinates_as_people_write_them():
    ways = ("-1,51 -0.9,51 -0.9,51.1 -1,51", "-1,51,0 -0.9,51 -0.9,51.1,7 -1,51", "-1, 51\n-0.9, 51 ,0 -0.9,51.1 -1,51")
    for text in ways:
        assert only(placemark(RING.format(text))).geometry.area == pytest.approx(0.005), text


# texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("description", "lower", "upper"),
    [
        (LIMITS, (Datum.GND, None), (Datum.AMSL, 304.8)),
        ("Upper limit: FL85<br>Lower limit: 2500 FT ALT<br>Class: D", (Datum.AMSL, 762.0), (Datum.FL, 2590.8)),
        ("Lower limit: SFC Upper limit: 2000 FT AGL Class: G", (Datum.GND, None), (Datum.AGL, 609.6)),
        ("UPPER LIMIT - UNL; lower limit = 100 m AGL", (Datum.AGL, 100.0), (Datum.UNL, None)),
        ("<b>Floor:</b> GND <b>Ceiling:</b> 400&nbsp;ft&nbsp;AGL", (Datum.GND, None), (Datum.AGL, 121.92)),
        ("Upper limit: 2000 ft (610 m) AMSL<p>Lower limit: SFC", (Datum.GND, None), (Datum.AMSL, 609.6)),
        ("Upper limit: 2000 FT<br>Lower limit: SFC", (Datum.GND, None), (Datum.UNKNOWN, None)),  # above what?
        ("Upper limit: as notified<br>Lower limit: SFC", (Datum.GND, None), (Datum.UNKNOWN, None)),
        ("Upper limit: FL85<br>Upper limit: FL95<br>Lower limit: SFC", (Datum.GND, None), (Datum.UNKNOWN, None)),
        ("Upper limit: FL85", (Datum.UNKNOWN, None), (Datum.FL, 2590.8)),
        ("Fly no lower than the tower; the upper deck is closed", (Datum.GND, None), (Datum.UNL, None)),
        ("", (Datum.GND, None), (Datum.UNL, None)),
    ],
)
def test_limits_of_texts(description, lower, upper):
    zone = only(placemark(polygon(SQUARE), description=description))
    for limit, (datum, value) in ((zone.lower, lower), (zone.upper, upper)):
        assert limit.datum is datum
        assert value is None or limit.value_m == pytest.approx(value)


def test_limits_in_extended_data():
    zone = only(placemark(polygon(SQUARE), data={"upperLimit": "FL100", "lower_limit": "1500 FT AMSL"}))
    assert (zone.lower.value_m, zone.lower.datum, zone.upper.datum) == (457.2, Datum.AMSL, Datum.FL)


def test_drawn_heights_are_no_limits():
    zone = only(placemark(polygon([(*p, 120) for p in SQUARE], mode="absolute")))
    assert zone.lower.datum is zone.upper.datum is Datum.UNKNOWN
    zone = only(placemark(polygon([(*p, 120) for p in SQUARE])))  # clamped to the ground: the heights mean nothing
    assert (zone.lower.datum, zone.upper.datum) == (Datum.GND, Datum.UNL)


@pytest.mark.parametrize(
    ("name", "folders", "text", "kind", "effect"),
    [
        ("EG D001", (), "", ZoneKind.DANGER, Effect.CONDITIONAL),
        ("EGR153 HINKLEY", (), "", ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION),
        ("EGRU001A RWY 09", (), "", ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION),
        ("LFP 23", (), "", ZoneKind.PROHIBITED, Effect.FORBIDDEN),
        ("Somewhere", ("Airspaces", "Prohibited"), "", ZoneKind.PROHIBITED, Effect.FORBIDDEN),
        ("Somewhere", ("Restricted Areas", "North"), "", ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION),
        ("LONDON", ("CTA",), "Class: A", ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION),
        ("LONDON", ("CTA",), "Class: E", ZoneKind.CONTROL, Effect.INFORMATION),
        ("BARRA ATZ", ("RAS",), "", ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION),
        ("SHOBDON FRZ", (), "", ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION),
        ("A", ("OTHER:TMZ",), "", ZoneKind.OTHER, Effect.INFORMATION),
    ],
)
def test_kind_and_effect(name, folders, text, kind, effect):
    zones = read(document(placemark(polygon(SQUARE), name, text), folders=folders))
    assert (zones.zones[0].kind, zones.zones[0].effect) == (kind, effect)
    assert Code.ZONE_CLASS_UNKNOWN not in codes(zones)


def test_what_says_nothing_needs_authorisation():
    zones = read(document(placemark(polygon(SQUARE), "My field")))
    assert zones.zones[0].effect is Effect.NEEDS_AUTHORISATION
    assert codes(zones) == [Code.ZONE_CLASS_UNKNOWN]


def test_the_table_of_folders_is_published_and_known(repo):
    section = (repo / "docs/zone-formats.md").read_text().split("## KML")[1].split("\n## ")[0]
    row = next(line for line in section.splitlines() if "`D_OTHER`" in line)
    assert set(re.findall(r"`([A-Z_:]+)`", row)) == set(FOLDERS)
    assert set(FOLDERS.values()) <= set(MEANINGS)


def test_a_time_span_is_a_time_to_show_it():
    zones = read(document(placemark(polygon(SQUARE), inside="<TimeSpan><begin>2026-01-01</begin></TimeSpan>")))
    assert "begin 2026-01-01" in zones.zones[0].schedule.unknown
    assert Code.ZONE_TIMES_UNKNOWN in codes(zones)


def test_properties_of_known_publishers_are_read_as_in_geojson():
    zone = only(placemark(polygon(SQUARE), data={"CEILING": "200", "APT1_ICAO": "KLGA", "APT1_LAANC": "1"}))
    assert (zone.kind, zone.effect) == (ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION)
    assert "200 ft (60.96 m)" in zone.name


@given(st.text("<>/=abr&;#x \n\"'", max_size=200))
@settings(max_examples=examples(200), deadline=None)
def test_plain_text_of_anything(text):
    assert "<br>" not in plain_text(text + "<br>")


# what is no zone -------------------------------------------------------------------------------------------------

LINE = "<LineString><coordinates>{}</coordinates></LineString>"
CLOSED = " ".join(f"{x},{y}" for x, y in SQUARE)


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ("<Point><coordinates>1,2</coordinates></Point>", Code.ZONE_SKIPPED),
        (LINE.format("1,2 3,4"), Code.NO_AREA),
        (LINE.format(CLOSED), Code.ZONE_SKIPPED),
        ("", Code.NO_AREA),
        ("<Model/>", Code.NO_AREA),
        ("<Polygon/>", Code.ZONE_SKIPPED),
        (
            "<Polygon><outerBoundaryIs><LinearRing><coordinates/></LinearRing></outerBoundaryIs></Polygon>",
            Code.ZONE_SKIPPED,
        ),
        (polygon(SQUARE).replace("-0.9", "x"), Code.ZONE_SKIPPED),
        (polygon([(181 * 5, 1), (1, 2), (3, 4), (181 * 5, 1)]), Code.ZONE_SKIPPED),
    ],
)
def test_what_is_no_zone(shape, code):
    zones = read(document(placemark(shape, "Other"), placemark(polygon(SQUARE))))
    assert len(zones.zones) == 1
    (issue,) = [i for i in zones.issues if i.code in (Code.NO_AREA, Code.ZONE_SKIPPED)]
    assert (issue.code, issue.offset) == (code, 1)


def test_the_point_of_a_label_beside_its_zone_costs_nothing():
    label = placemark("<Point><coordinates>1,2</coordinates></Point>", "Zone")
    assert Code.ZONE_SKIPPED not in codes(read(document(label, placemark(polygon(SQUARE), "Zone"))))


def test_links_are_never_followed():
    link = "<NetworkLink><Link><href>http://example.invalid/x.kml</href></Link></NetworkLink>"
    zones = read(document(placemark(polygon(SQUARE)), link))
    (issue,) = [i for i in zones.issues if i.code is Code.ZONE_SKIPPED]
    assert issue.offset == 2


def test_a_file_cut_short_keeps_what_came_before_and_says_so():
    whole = document(placemark(polygon(SQUARE), "A"), placemark(polygon(SQUARE), "B"))
    zones = read(whole[: whole.index(b"<name>B") + 20])
    assert [zone.name for zone in zones.zones] == ["A"]
    (issue,) = [i for i in zones.issues if i.code is Code.ZONE_SKIPPED]
    assert issue.severity is Severity.DAMAGE


def test_names_that_stand_twice_give_two_identifiers():
    zones = read(document(placemark(polygon(SQUARE), "A"), placemark(polygon(SQUARE), "A")))
    assert [zone.id for zone in zones.zones] == ["A", "A~2"]


def test_other_encodings():
    text = document(placemark(polygon(SQUARE), "Zöne")).decode()
    for encoding in ("utf-8", "iso-8859-1", "utf-16"):
        data = text.replace("UTF-8", encoding).encode(encoding)
        assert [zone.name for zone in read(data).zones] == ["Zöne"], encoding


# KMZ -------------------------------------------------------------------------------------------------------------


def test_kmz():
    whole = document(placemark(polygon(SQUARE), "A"))
    for files in ({"doc.kml": whole}, {"files/x.png": b"1", "any.kml": whole}):
        assert [zone.name for zone in read(kmz(files), "any").zones] == ["A"]


def test_further_documents_are_not_passed_over_in_silence():
    whole = document(placemark(polygon(SQUARE), "A", LIMITS, {"kind": "other"}))
    zones = read(kmz({"doc.kml": whole, "b.kml": whole, "c.kml": whole}))
    (issue,) = zones.issues
    assert (issue.code, issue.count, issue.message.split(":")[0]) == (Code.ZONE_SKIPPED, 2, "b.kml")


def test_a_kmz_whose_head_is_a_picture():
    data = kmz({"a.png": bytes(range(256)) * 600, "doc.kml": document(placemark(polygon(SQUARE)))}, zipfile.ZIP_STORED)
    for name in ("x.kmz", "original"):
        assert len(read(data, name).zones) == 1


def test_a_kmz_in_an_archive_is_read_as_authorities_pack_it():
    whole = document(placemark(polygon(SQUARE), "EG R1"))
    zones = read(kmz({"EG_AIP.kmz": kmz({"doc.kml": whole}), "EG_AIP.sha256": b"0" * 64}), "x.zip")
    assert ([zone.name for zone in zones.zones], zones.sources[0].name, zones.format) == (["EG R1"], "x.zip", "kml")


@pytest.mark.parametrize("members", [
    {"a.kmz": kmz({"doc.kml": document()}), "b.kmz": kmz({"doc.kml": document()})},
    {"a.kmz": kmz({"b.kmz": kmz({"doc.kml": document()})})},
])  # fmt: skip
def test_further_archives_in_archives_are_named_not_opened(members):
    with pytest.raises(UnreadableInput) as caught:
        read(kmz(members), "x.zip")
    assert caught.value.code == "nested_archive"
    assert ".kmz" in caught.value.message


@pytest.mark.parametrize("data", [kmz({"x.png": b"1"}), b"<kml>", b"<kml", b"<notkml/><!-- <kml -->"])
def test_what_is_no_kml(data):
    with pytest.raises(UnreadableInput):
        kml.read(Input(Path("x.kmz"), data, "0" * 64))
