"""OpenAir: records, limits, classes, times and outlines, each against what the format's descriptions say."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from dronecheck.airspace import choose, read_input
from dronecheck.airspace.common.drawn_outline import read_point
from dronecheck.airspace.common.limit_text import read_limit
from dronecheck.airspace.common.meanings import MEANINGS, meaning_of
from dronecheck.airspace.schedule import ALWAYS, Span
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.errors import UnreadableInput
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle
from dronecheck.issues import Code
from dronecheck.safe.io import Input

GEOD = Geod(ellps="WGS84")
SQUARE = "DP 47:00:00 N 008:00:00 E\nDP 47:00:00 N 008:10:00 E\nDP 47:10:00 N 008:10:00 E\nDP 47:10:00 N 008:00:00 E\n"
HEAD = "AC R\nAN Here\nAH 1000ft AMSL\nAL GND\n"


def read(text, name="x.txt"):
    data = text if isinstance(text, bytes) else text.encode()
    return read_input(Input(Path(name), data, hashlib.sha256(data).hexdigest()))


def codes(zones):
    return [issue.code for issue in zones.issues]


# limits -------------------------------------------------------------------------------------------------------

FOOT = Fraction(3048, 10000)


@pytest.mark.parametrize(
    ("text", "metres", "datum"),
    [
        ("FL95", 9500 * FOOT, Datum.FL),
        ("FL 95", 9500 * FOOT, Datum.FL),
        ("fl065", 6500 * FOOT, Datum.FL),
        ("3000ft STD", 3000 * FOOT, Datum.FL),
        ("5000 STD", 5000 * FOOT, Datum.FL),
        ("4500ft MSL", 4500 * FOOT, Datum.AMSL),
        ("4500 MSL", 4500 * FOOT, Datum.AMSL),
        ("4500MSL", 4500 * FOOT, Datum.AMSL),
        ("4500FT AMSL", 4500 * FOOT, Datum.AMSL),
        ("2900AMSL FT", 2900 * FOOT, Datum.AMSL),
        ("450m AMSL", 450, Datum.AMSL),
        ("450 m", 450, Datum.AMSL),
        ("8400 ft", 8400 * FOOT, Datum.AMSL),
        ("8400", 8400 * FOOT, Datum.AMSL),
        ("1000ft AGL", 1000 * FOOT, Datum.AGL),
        ("100 Agl", 100 * FOOT, Datum.AGL),
        ("500FT ASFC", 500 * FOOT, Datum.AGL),
        ("100m GND", 100, Datum.AGL),
        ("50 GND", 50 * FOOT, Datum.AGL),
        ("0ft AMSL", 0, Datum.AMSL),
    ],
)
def test_heights_are_exact(text, metres, datum):
    limit = read_limit(text).limit
    assert (limit.value_m, limit.datum) == (float(metres), datum)


@pytest.mark.parametrize(
    ("texts", "datum"),
    [
        (("GND", "SFC", "sfc", "0", "0 ft"), Datum.GND),
        (("UNL", "UNLIM", "UNLTD", "UNLIMITED", "UNL FT", "Unlimited"), Datum.UNL),
        (
            ("NOTAM", "BCTA FT", "Ask on 122.8", "", "100m AGL/423m AMSL", "FL95/FL100", "FL", "ft", "12,5", "1e5 ft",
             "nan", "inf", "10 ft m", "10 AMSL AGL", "9" * 5000, "FL95 " * 99, "١٢ ft"),
            Datum.UNKNOWN,
        ),
    ],
)  # fmt: skip
def test_limits_without_a_number_and_what_is_none(texts, datum):
    for text in texts:
        limit = read_limit(text).limit
        assert limit.datum is datum, text
        assert np.isnan(limit.value_m)


def test_a_bracket_is_a_condition_on_the_time_and_leaves_it_open():
    zones = read(HEAD.replace("1000ft AMSL", "UNLIM (Mon-Fri)") + SQUARE)
    (zone,) = zones.zones
    assert zone.upper.datum is Datum.UNL
    assert "Mon-Fri" in zone.schedule.unknown
    assert not zone.schedule.spans
    assert codes(zones) == [Code.ZONE_DOUBTFUL]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("AC R\nAN x\nAH NOTAM\nAL GND\n", Code.ZONE_LIMIT_UNKNOWN),
        ("AC R\nAN x\nAL GND\n", Code.ZONE_LIMIT_UNKNOWN),
        ("AC R\nAN x\nAL GND\nAH 100m AMSL\nAH 200m AMSL\n", Code.ZONE_LIMIT_UNKNOWN),
        ("AC R\nAN x\nAL GND\nAH 2000 ft\n", Code.ZONE_LIMIT_ASSUMED),
        ("AC R\nAN x\nAL 300m AMSL\nAH 200m AMSL\n", Code.ZONE_DOUBTFUL),
        ("AC R\nAN x\nAL GND\nAH GND\n", Code.ZONE_DOUBTFUL),
        ("AC R\nAN x\nAL UNL\nAH FL95\n", Code.ZONE_DOUBTFUL),
    ],
)
def test_odd_limits_are_told(head, code):
    zones = read(head + SQUARE)
    assert codes(zones) == [code]
    assert bool(zones.zones[0].doubt) == (code is Code.ZONE_DOUBTFUL)
    assert (zones.zones[0].upper.datum is Datum.UNKNOWN) == (code is Code.ZONE_LIMIT_UNKNOWN)


def test_the_same_limit_twice_is_one():
    assert not read(HEAD + "AL GND\nAH 1000 ft MSL\n" + SQUARE).issues


# coordinates ---------------------------------------------------------------------------------------------------


def exact(degrees, minutes=0, seconds=0):
    return float(Fraction(degrees) + Fraction(minutes) / 60 + Fraction(seconds) / 3600)


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("39:13:00 N 118:13:00 W", exact(39, 13), -exact(118, 13)),
        ("39:13:00N118:13:00W", exact(39, 13), -exact(118, 13)),
        ("14:55.333 S 33:59 E", -exact(14, "55.333"), exact(33, 59)),
        ("47:22:60 N 007:39:30 E", exact(47, 23), exact(7, 39, 30)),
        ("51:10:27.25 N,  002:41:01.5 E  *moved", exact(51, 10, "27.25"), exact(2, 41, "1.5")),
        ("39:36.8 n 119:46.1w", exact(39, "36.8"), -exact(119, "46.1")),
        ("45.25 N 14.5 E", 45.25, 14.5),
        ("36:41:00 N 115:56:10 W    c29", exact(36, 41), -exact(115, 56, 10)),
        ("90:00:00 S 180:00:00 E", -90.0, 180.0),
    ],
)
def test_coordinates(text, lat, lon):
    (point, _) = read_point(text)
    assert point == pytest.approx((lon, lat), abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["", "47:00:00 N", "47:00:00 008:00:00 E", "91:00:00 N 8:0:0 E", "47:61:00 N 8:0:0 E", "47:00:61 N 8:0:0 E",
     "47.5:00 N 8:0:0 E", "47:30.5:10 N 8:0:0 E", "47:00:00 N 181:00:00 E", "47:00:00 E 008:00:00 N", "8 N 4 EAST"],
)  # fmt: skip
def test_what_is_no_coordinate(text):
    assert read_point(text) is None
    if text:
        zones = read(HEAD + SQUARE + f"DP {text}\n" + HEAD.replace("Here", "There") + SQUARE)
        assert [z.name for z in zones.zones] == ["There"]
        assert codes(zones) == [Code.ZONE_SKIPPED]
        assert zones.issues[0].offset == 1
        assert "line 1, 9" in zones.issues[0].message


# classes -------------------------------------------------------------------------------------------------------


def test_the_published_table_is_the_one_in_use(repo):
    text = (repo / "docs/zone-formats.md").read_text()
    section = text.split("## OpenAir", 1)[1].split("\n## ", 1)[0]
    published = {}
    for tokens, kind, effect in re.findall(r"^\| (`[^|]+`) \| (\w+) \| ([a-z ]+) \|", section, re.MULTILINE):
        for token in re.findall(r"`(\w+)`", tokens):
            published[token] = (kind, None if effect == "by class" else effect.replace(" ", "_"))
    assert published == {token: (m.kind.value, m.effect and m.effect.value) for token, m in MEANINGS.items()}


@pytest.mark.parametrize(
    ("classed", "typed", "kind", "effect", "known"),
    [
        ("P", "", ZoneKind.PROHIBITED, Effect.FORBIDDEN, True),
        ("UNC", "P", ZoneKind.PROHIBITED, Effect.FORBIDDEN, True),
        ("G", "R", ZoneKind.RESTRICTED, Effect.NEEDS_AUTHORISATION, True),
        ("D", "CTR", ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION, True),
        ("E", "TMA", ZoneKind.CONTROL, Effect.INFORMATION, True),
        ("C", "TMA", ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION, True),
        ("UNC", "TMA", ZoneKind.CONTROL, Effect.NEEDS_AUTHORISATION, True),
        ("D", "Q", ZoneKind.DANGER, Effect.NEEDS_AUTHORISATION, True),  # class D stays controlled
        ("E", "NONE", ZoneKind.CONTROL, Effect.INFORMATION, True),
        ("tmz", "", ZoneKind.OTHER, Effect.INFORMATION, True),
        ("UNC", "", ZoneKind.OTHER, Effect.NEEDS_AUTHORISATION, False),
        ("FFVL", "", ZoneKind.OTHER, Effect.NEEDS_AUTHORISATION, False),
        ("G", "NEW", ZoneKind.OTHER, Effect.NEEDS_AUTHORISATION, False),
        ("P", "NEW", ZoneKind.PROHIBITED, Effect.FORBIDDEN, False),
    ],
)
def test_class_and_type_the_stronger_holds_and_the_unknown_is_cautious(classed, typed, kind, effect, known):
    meaning, is_known = meaning_of(classed, typed)
    assert (meaning.kind, meaning.effect, is_known) == (kind, effect, known)


def test_of_two_types_the_stronger_holds():
    (zone,) = read(HEAD.replace("AC R", "AC UNC\nAY TMZ\nAY P") + SQUARE).zones
    assert zone.effect is Effect.FORBIDDEN


def test_an_unknown_class_is_kept_for_people():
    zones = read(HEAD.replace("AC R", "AC FFVL") + SQUARE)
    assert zones.zones[0].remarks == "class FFVL"
    assert codes(zones) == [Code.ZONE_CLASS_UNKNOWN]


# times ---------------------------------------------------------------------------------------------------------


def ns(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 10**9


def test_activation_times_are_spans():
    times = "AA 2023-12-16T12:00Z/2023-12-16T13:00Z   ; one hour\nAA 2024-12-17T00:00Z/2024-12-17T24:00Z\n"
    times += "AA 2025-01-01T00:00:30.5Z/NONE\nAA NONE/20201218T0000Z\n"
    zones = read(HEAD + times + SQUARE)
    assert not zones.issues
    assert zones.zones[0].schedule.spans == (
        Span(ns(2023, 12, 16, 12), ns(2023, 12, 16, 13)),
        Span(ns(2024, 12, 17), ns(2024, 12, 18)),
        Span(ns(2025, 1, 1, 0, 0, 30) + 500_000_000, None),
        Span(None, ns(2020, 12, 18)),
    )
    assert read(HEAD + SQUARE).zones[0].schedule == ALWAYS


@pytest.mark.parametrize("times", ["AA NONE", "AA 2023-12-16T12:00Z/2023-12-16T13:00Z\nAA NONE"])
def test_by_notam_nobody_can_tell(times):
    schedule = read(HEAD + times + "\n" + SQUARE).zones[0].schedule
    assert not schedule.spans
    assert "NOTAM" in schedule.unknown


@pytest.mark.parametrize(
    "text", ["2023-12-16T12:00/2023-12-16T13:00", "2023-13-01T00:00Z/NONE", "2024-01-02T00:00Z/2024-01-01T00:00Z",
             "NONE/NONE", "MON-FRI", "2024-01-01T24:30Z/NONE", "1" * 500]
)  # fmt: skip
def test_a_time_that_cannot_be_read_leaves_others_open(text):
    zones = read(HEAD + f"AA 2023-12-16T12:00Z/2023-12-16T13:00Z\nAA {text}\n" + SQUARE)
    schedule = zones.zones[0].schedule
    assert len(schedule.spans) == 1
    assert schedule.unknown
    assert codes(zones) == [Code.ZONE_DOUBTFUL]


# outlines ------------------------------------------------------------------------------------------------------


def test_a_circle_is_exact():
    (zone,) = read(HEAD + "V X=47:00:00 N 008:00:00 E\nDC 2.5\n").zones
    assert zone.shape.polygons == ((Circle((8.0, 47.0), 4630.0),),)
    assert zone.edge is Edge.GEODESIC
    lon, lat = shapely.get_coordinates(zone.geometry).T
    _, _, away_m = GEOD.inv(np.full(len(lon), 8.0), np.full(len(lon), 47.0), lon, lat)
    assert away_m == pytest.approx(4630.0, abs=0.001)


def covers(zone, bearing_deg, reach_m, centre=(8.0, 47.0)):
    lon, lat, _ = GEOD.fwd(*centre, bearing_deg, reach_m)
    return bool(shapely.contains_xy(zone.geometry, lon, lat))


def test_bearings_run_clockwise_from_true_north_until_told_otherwise():
    sector = "V X=47:00:00 N 008:00:00 E\n{}DA 1,10,40\nDP 47:00:00 N 008:00:00 E\n"
    (zone,) = read(HEAD + sector.format("")).zones
    assert [covers(zone, b, 1800.0) for b in (5, 11, 25, 39, 45, 180)] == [False, True, True, True, False, False]
    (zone,) = read(HEAD + sector.format("V D=-\n")).zones
    assert [covers(zone, b, 1800.0) for b in (5, 11, 25, 39, 45, 180)] == [True, False, False, False, True, True]


def test_the_direction_begins_anew_in_each_zone_and_the_centre_stays():
    arc = "DB 47:10:00 N 008:00:00 E, 47:00:00 N 008:14:38 E\nDP 47:00:00 N 008:00:00 E\n"
    zones = read(HEAD + "V X=47:00:00 N 008:00:00 E\nV D=-\n" + arc + HEAD + arc)
    assert [covers(z, 45, 18_000.0) for z in zones.zones] == [False, True]
    assert [covers(z, 225, 18_000.0) for z in zones.zones] == [True, False]
    assert codes(zones) == [Code.ZONE_OUTLINE_DOUBTFUL]  # the second names no centre
    assert zones.issues[0].offset == 13


def test_an_arc_that_names_its_radius_twice_keeps_both_ends_and_is_told():
    arc = "V X=47:00:00 N 008:00:00 E\nDB 47:10:00 N 008:00:00 E, 47:00:00 N 008:20:00 E\nDP 47:00:00 N 008:00:00 E\n"
    zones = read(HEAD + arc)
    (zone,) = zones.zones
    radii_m = [GEOD.inv(8.0, 47.0, *end)[2] for end in ((8.0, 47 + 1 / 6), (8 + 1 / 3, 47.0))]
    difference_m = abs(radii_m[0] - radii_m[1])
    assert difference_m > 5_000
    assert zone.accuracy_m == pytest.approx(difference_m / 2, abs=0.01)
    assert codes(zones) == [Code.ZONE_OUTLINE_DOUBTFUL]
    away = shapely.distance(zone.geometry.exterior, shapely.points([[8.0, 47 + 1 / 6], [8 + 1 / 3, 47.0]]))
    assert away.max() < 1e-12
    middle_m = sum(radii_m) / 2
    assert covers(zone, 45, middle_m - 20)  # the arc's own middle is not exactly at 45 degrees
    assert not covers(zone, 45, middle_m + 20)


@pytest.mark.parametrize(
    ("outline", "line"),
    [
        ("", 1), ("DY 47:00:00 N 008:00:00 E\n", 5), ("DC 5\n", 5), ("V X=nowhere\nDC 5\n", 5),
        ("V X=47:00:00 N 008:00:00 E\nDC 0\n", 6), ("V X=47:00:00 N 008:00:00 E\nDC -1\n", 6),
        ("V X=47:00:00 N 008:00:00 E\nDC 9999\n", 6), ("V X=47:00:00 N 008:00:00 E\nDA 5,10\n", 6),
        ("V X=47:00:00 N 008:00:00 E\nDB 47:00:00 N 008:00:00 E, 47:10:00 N 008:00:00 E\n", 6),
        ("V D=left\n" + SQUARE, 5), ("V Q=1\n" + SQUARE, 5),
        ("DP 47:00:00 N 008:00:00 E\nDP 47:10:00 N 008:00:00 E\nDP 47:00:00 N 008:00:00 E\n", 1),
        ("DP 47:00:00 N 008:00:00 E 47:00:00 N 008:10:00 E\n" + SQUARE, 5),
    ],
)  # fmt: skip
def test_an_outline_that_cannot_be_read_is_never_a_smaller_zone(outline, line):
    zones = read(HEAD + outline)
    assert not zones.zones
    assert codes(zones) == [Code.ZONE_SKIPPED]
    assert zones.issues[0].offset == 1
    assert re.search(rf"\(line (1, )?{line}\)$", zones.issues[0].message)
    danger = read(HEAD.replace("AC R", "AC Q") + outline)
    assert codes(danger) == [Code.ZONE_ADVICE_SKIPPED]  # what is conditional never reaches the verdict


def test_a_parallel_around_the_pole_is_a_cap():
    around = ("000:00:00 E", "090:00:00 E", "180:00:00 E", "090:00:00 W")
    (zone,) = read(HEAD + "".join(f"DP 80:00:00 N {lon}\n" for lon in around)).zones
    assert zone.geometry.area == pytest.approx(360.0 * 10.0)


def test_an_open_line_is_no_area():
    zones = read(HEAD + "DP 47:00:00 N 008:00:00 E\nDP 47:10:00 N 008:00:00 E\n")
    assert codes(zones) == [Code.NO_AREA]


# lines ---------------------------------------------------------------------------------------------------------


def test_line_ends_marks_comments_and_spaces_make_no_difference():
    plain = HEAD + SQUARE
    (expected,) = read(plain).zones
    for other in (
        plain.replace("\n", "\r\n"),
        plain.replace("\n", "\r"),
        "\ufeff* a comment first\n" + plain,
        plain.replace("\n", "   \n"),
        plain.replace("\nD", "   * a note\n  D").replace(" E\n", " E *\n"),
        plain.replace(" N 0", " N   0"),
        plain.replace("AC R", "ac R").replace("AH ", "AH\t"),
        plain + "SP 0,1,0,0,255\nSB -1,-1,-1\nAT 47:05:00 N 008:05:00 E\n",
    ):
        zones = read(other)
        assert not zones.issues, other
        (zone,) = zones.zones
        assert (zone.name, zone.id, zone.upper, zone.box_deg()) == (
            expected.name, expected.id, expected.upper, expected.box_deg(),
        )  # fmt: skip


def test_windows_text_is_read_and_told():
    zones = read((HEAD.replace("Here", "Zürich – Süd") + SQUARE).encode("cp1252"))
    assert zones.zones[0].name == "Zürich – Süd"
    assert codes(zones) == [Code.NOT_UTF8]
    assert zones.issues[0].offset == 2


def test_identifiers():
    text = HEAD + "AI 62e10d61\n" + SQUARE + HEAD + SQUARE + HEAD + SQUARE
    own, hashed, again = (zone.id for zone in read(text).zones)
    assert own == "62e10d61"
    assert re.fullmatch(r"openair-[0-9a-f]{16}", hashed)
    assert again == hashed + "~2"
    assert read(HEAD + SQUARE + "* moved\n").zones[0].id == hashed
    assert read(HEAD.replace("1000", "1001") + SQUARE).zones[0].id != hashed


def test_stray_records_are_told_with_their_lines():
    text = "AH FL95\n" + HEAD + "TW 1\n" + SQUARE + "hello there\nAC P\nAC P\nAN Second\nAH UNL\nAL GND\n" + SQUARE
    zones = read(text)
    assert [z.name for z in zones.zones] == ["Here", "Second"]
    assert [(i.code, i.offset) for i in zones.issues] == [(Code.ZONE_RECORD_SKIPPED, n) for n in (1, 6, 11, 12)]


def test_terrain_ends_a_zone_and_is_none():
    zones = read(HEAD + SQUARE + "TO River\n" + SQUARE.replace("47", "48"))
    assert [z.name for z in zones.zones] == ["Here"]
    assert zones.zones[0].box_deg()[3] < 47.2
    assert codes(zones) == [Code.NO_AREA]


def test_a_name_before_its_class_and_a_class_forgotten():
    early = "AN One\nAC P\nAH UNL\nAL GND\n" + SQUARE + "AN Two\nAC Q\nAH UNL\nAL GND\n" + SQUARE
    zones = read(early)
    assert [(z.name, z.kind) for z in zones.zones] == [("One", ZoneKind.PROHIBITED), ("Two", ZoneKind.DANGER)]
    assert not zones.issues
    forgotten = read(HEAD + SQUARE + "AN Next\nAH UNL\nAL GND\n" + SQUARE.replace("47", "48"))
    assert [z.name for z in forgotten.zones] == ["Here", "Next"]
    assert forgotten.zones[1].doubt
    assert codes(forgotten) == [Code.ZONE_DOUBTFUL]


def test_station_frequency_and_code_are_for_people():
    (zone,) = read(HEAD + "AG Nordholz Radar\nAF 123.300\nAX 7000\n" + SQUARE).zones
    assert zone.authority == "Nordholz Radar"
    assert "123.300" in zone.remarks
    assert "7000" in zone.remarks


@pytest.mark.parametrize("text", ["AC R\n", "AC R\nhello\n" * 3, "DP 47:00:00 N 008:00:00 E\n"])
def test_a_file_without_a_zone_is_refused(text):
    with pytest.raises(UnreadableInput):
        read(text, "x.openair")


def test_a_comment_that_fills_the_head_leaves_the_name_to_tell():
    text = "* as published\n" * 6_000 + HEAD + SQUARE
    assert len(read(text, "x.openair").zones) == 1
    with pytest.raises(UnreadableInput):
        read(text, "x.txt")


def test_the_extension_changes_nothing():
    for name in ("x", "x.txt", "x.openair", "x.geojson"):
        assert choose((HEAD + SQUARE).encode(), name).NAME == "openair"
