"""AIXM 5.1 and 4.5: volumes in sequence, arcs, borders, axes, limits, times and slices of hand-written airspaces."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from dronecheck.airspace import read_input
from dronecheck.airspace.aixm.activation import Timesheet, schedule_of_sheets
from dronecheck.airspace.aixm.classes import CLASSES, LOCAL_TYPES, TYPES, meaning_of_type
from dronecheck.airspace.aixm.limits import read_vertical
from dronecheck.airspace.schedule import SunEvent
from dronecheck.airspace.zone import Datum, Effect, ZoneKind
from dronecheck.geo.outline.edges import Edge, points_between
from dronecheck.geo.outline.shape import Circle
from dronecheck.issues import Code
from dronecheck.safe.io import Input

GEOD = Geod(ellps="WGS84")
DAY_NS = 86_400 * 10**9
SRS = "urn:ogc:def:crs:EPSG::4326"


def read(text, name="x.xml"):
    return read_input(Input(Path(name), text.encode(), "0" * 64))


def message(*features):
    return (
        '<m:AIXMBasicMessage xmlns:m="http://www.aixm.aero/schema/5.1.1/message" xmlns:gml="g" xmlns:xlink="x"'
        f' xmlns:aixm="http://www.aixm.aero/schema/5.1.1">{"".join(features)}</m:AIXMBasicMessage>'
    )


def airspace(*slices, key="one"):
    inner = "".join(f"<timeSlice>{piece}</timeSlice>" for piece in slices)
    return f"<aixm:Airspace><gml:identifier>{key}</gml:identifier>{inner}</aixm:Airspace>"


def piece(body, kind="BASELINE", begin="", end="", number=1, correction=0):
    times = f"<gml:beginPosition>{begin}</gml:beginPosition><gml:endPosition>{end}</gml:endPosition>"
    return (
        f"<AirspaceTimeSlice><validTime>{times}</validTime><interpretation>{kind}</interpretation>"
        f"<sequenceNumber>{number}</sequenceNumber><correctionNumber>{correction}</correctionNumber>{body}"
        "</AirspaceTimeSlice>"
    )


def volume(legs="", operation="", sequence="", lower="GND", upper="UNL", uom="FT", reference="MSL", extra=""):
    limits = "".join(
        f'<{n}Limit uom="{uom}">{v}</{n}Limit><{n}LimitReference>{reference}</{n}LimitReference>'
        for n, v in (("lower", lower), ("upper", upper))
    )
    surface = (
        f'<horizontalProjection><Surface srsName="{SRS}"><patches><PolygonPatch><exterior><Ring>{legs}</Ring>'
        "</exterior></PolygonPatch></patches></Surface></horizontalProjection>"
        if legs
        else ""
    )
    return (
        f"<geometryComponent><AirspaceGeometryComponent><operation>{operation}</operation>"
        f"<operationSequence>{sequence}</operationSequence><theAirspaceVolume><AirspaceVolume>{limits}{surface}{extra}"
        "</AirspaceVolume></theAirspaceVolume></AirspaceGeometryComponent></geometryComponent>"
    )


def member(*segments):
    return f"<curveMember><Curve><segments>{''.join(segments)}</segments></Curve></curveMember>"


def line(*numbers, tag="GeodesicString"):
    return f"<{tag}><posList>{' '.join(map(str, numbers))}</posList></{tag}>"


def arc(lat, lon, radius, start, end, uom="NM"):
    return (
        f'<ArcByCenterPoint><pos>{lat} {lon}</pos><radius uom="{uom}">{radius}</radius><startAngle>{start}</startAngle>'
        f"<endAngle>{end}</endAngle></ArcByCenterPoint>"
    )


def box(south, west, north, east):
    return member(line(south, west, south, east, north, east, north, west, south, west))


def area_km2(geometry):
    parts = shapely.get_parts(geometry)
    return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in parts) / 1e6


def only(zones):
    (zone,) = zones.zones
    return zone


def codes(zones):
    return {issue.code for issue in zones.issues}


R = "<type>R</type>"
OUTER, INNER = box(50, 8, 51, 10), box(50.2, 8.5, 50.8, 9.5)


def test_volumes_are_put_together_by_their_sequence_not_their_order():
    taken = volume(INNER, "SUBTR", 2)
    zone = only(read(message(airspace(piece(R + taken + volume(OUTER, "BASE", 1))))))
    both = [area_km2(only(read(message(airspace(piece(R + volume(legs)))))).geometry) for legs in (OUTER, INNER)]
    assert area_km2(zone.geometry) == pytest.approx(both[0] - both[1], rel=1e-5)
    assert not zone.geometry.contains(shapely.Point(9, 50.5))
    cut = only(read(message(airspace(piece(R + volume(OUTER, "BASE", 1) + volume(box(50.5, 9, 52, 12), "INTERS", 2))))))
    assert cut.geometry.contains(shapely.Point(9.5, 50.75))
    assert not cut.geometry.contains(shapely.Point(8.5, 50.75))


def test_a_union_is_a_zone_for_each_volume_with_its_own_limits():
    body = R + volume(OUTER, "BASE", 1, upper="1000") + volume(box(51, 8, 52, 10), "UNION", 2, lower="500")
    first, second = read(message(airspace(piece(body)))).zones
    assert (first.id, second.id) == ("one#1", "one#2")
    assert (first.upper.value_m, second.lower.value_m) == (pytest.approx(304.8), pytest.approx(152.4))


@pytest.mark.parametrize(
    ("lower", "upper", "is_taken", "is_doubtful"),
    [("GND", "UNL", True, False), ("2000", "3000", False, False), ("500", "800", False, True)],
)
def test_what_is_taken_away_in_other_heights_is_left_in(lower, upper, is_taken, is_doubtful):
    body = R + volume(OUTER, "BASE", 1, "GND", "1000") + volume(INNER, "SUBTR", 2, lower, upper)
    zones = read(message(airspace(piece(body))))
    zone = only(zones)
    assert zone.geometry.contains(shapely.Point(9, 50.5)) is not is_taken
    assert bool(zone.doubt) is is_doubtful
    assert (Code.ZONE_DOUBTFUL in codes(zones)) is is_doubtful


def test_a_part_that_cannot_be_read_is_told_and_leaves_a_doubt_where_it_would_cut():
    missing = (
        "<contributorAirspace><AirspaceVolumeDependency><theAirspace xlink:href='#no'/></AirspaceVolumeDependency>"
    )
    missing += "</contributorAirspace>"
    body = R + volume(OUTER, "BASE", 1) + volume("", "SUBTR", 2, extra=missing)
    zones = read(message(airspace(piece(body))))
    assert "taken away" in only(zones).doubt
    assert Code.ZONE_SKIPPED in codes(zones)


@pytest.mark.parametrize(("dependency", "upper_m"), [("FULL_GEOMETRY", 304.8), ("HORZ_PROJECTION", 609.6)])
def test_an_airspace_lends_its_volumes_or_only_its_outline(dependency, upper_m):
    lent = (
        f"<contributorAirspace><AirspaceVolumeDependency><dependency>{dependency}</dependency>"
        "<theAirspace xlink:href='urn:uuid:two'/></AirspaceVolumeDependency></contributorAirspace>"
    )
    first = airspace(piece(R + volume(upper="2000", extra=lent)))
    second = airspace(piece(R + volume(OUTER, upper="1000")), key="two")
    one, two = read(message(first, second)).zones
    assert one.geometry.equals(two.geometry)
    assert one.upper.value_m == pytest.approx(upper_m)
    assert two.upper.value_m == pytest.approx(304.8)


@pytest.mark.parametrize(("uom", "metres"), [("NM", 1852), ("[nmi_i]", 1852), ("KM", 1000), ("M", 1), ("FT", 0.3048)])
def test_the_units_of_a_radius(uom, metres):
    circle = f'<CircleByCenterPoint><pos>50 8</pos><radius uom="{uom}">5</radius></CircleByCenterPoint>'
    (ring,) = only(read(message(airspace(piece(R + volume(member(circle))))))).shape.polygons[0]
    assert ring == Circle((8.0, 50.0), 5 * metres)


def test_a_radius_in_no_unit_is_not_read():
    circle = "<CircleByCenterPoint><pos>50 8</pos><radius>5</radius></CircleByCenterPoint>"
    zones = read(message(airspace(piece(R + volume(member(circle))))))
    assert not zones.zones
    assert Code.ZONE_SKIPPED in codes(zones)


@given(st.floats(0, 360), st.floats(10, 350), st.integers(-1, 2), st.booleans())
def test_an_arc_goes_the_way_its_angles_grow_however_many_turns_are_in_them(start, sweep, turns, is_falling):
    begin = start + 360 * turns
    angles = (begin + sweep, begin) if is_falling else (begin, begin + sweep)
    legs = member(line(50, 8), arc(50, 8, 10, *angles), line(50, 8))
    zone = only(read(message(airspace(piece(R + volume(legs))))))
    assert area_km2(zone.geometry) == pytest.approx(sweep / 360 * math.pi * 18.52**2, rel=1e-4)
    lon, lat, _ = GEOD.fwd(8, 50, start + sweep / 2, 9_000)
    assert zone.geometry.contains(shapely.Point(lon, lat))


@pytest.mark.parametrize(("start", "end"), [(0, 360), (90, -270), (0, 720), (10, 369.9999)])
def test_an_arc_all_the_way_around_is_a_circle(start, end):
    zone = only(read(message(airspace(piece(R + volume(member(arc(50, 8, 10, start, end))))))))
    assert area_km2(zone.geometry) == pytest.approx(math.pi * 18.52**2, rel=1e-4)


def test_an_inner_ring_is_a_hole():
    hole = f"</Ring></exterior><interior><Ring>{INNER}</Ring></interior><exterior><Ring>"
    text = message(airspace(piece(R + volume(OUTER)))).replace("</Ring></exterior>", hole[: hole.index("<exterior>")])
    zone = only(read(text))
    assert not zone.geometry.contains(shapely.Point(9, 50.5))
    assert zone.geometry.contains(shapely.Point(8.2, 50.5))


@pytest.mark.parametrize(
    ("srs", "is_latitude_first"),
    [
        ("urn:ogc:def:crs:EPSG::4326", True),
        ("http://www.opengis.net/def/crs/EPSG/0/4326", True),
        ("urn:ogc:def:crs:EPSG::4258", True),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", False),
        ("", True),
    ],
)
def test_which_coordinate_comes_first(srs, is_latitude_first):
    text = message(airspace(piece(R + volume(OUTER))))
    west, south, east, north = only(read(text.replace(SRS, srs))).geometry.bounds
    assert (west, south, east, north) == ((8, 50, 10, 51) if is_latitude_first else (50, 8, 51, 10))


def test_an_unknown_reference_system_is_not_guessed():
    zones = read(message(airspace(piece(R + volume(OUTER)))).replace(SRS, "urn:ogc:def:crs:EPSG::32632"))
    assert not zones.zones
    assert "32632" in zones.issues[0].message


def test_arcs_in_crs84_run_from_east_against_the_clock():
    legs = member(line(8, 50, tag="LineStringSegment"), arc(8, 50, 10, 0, 90), line(8, 50, tag="LineStringSegment"))
    text = message(airspace(piece(R + volume(legs)))).replace(SRS, "urn:ogc:def:crs:OGC:1.3:CRS84")
    zone = only(read(text))
    assert zone.geometry.contains(shapely.Point(8.05, 50.05))  # north-east
    assert area_km2(zone.geometry) == pytest.approx(math.pi * 18.52**2 / 4, rel=2e-3)


def border(*numbers, key="coast"):
    curve = f'<Curve srsName="{SRS}"><segments>{line(*numbers)}</segments></Curve>'
    return (
        f"<GeoBorder><identifier>{key}</identifier><timeSlice><s><border>{curve}</border></s></timeSlice></GeoBorder>"
    )


FOLLOW = "<curveMember xlink:href='urn:uuid:coast'/>"


@pytest.mark.parametrize("is_turned", [False, True])
def test_a_border_is_followed_between_its_neighbours_only(is_turned):
    zigzag = [(50 + i / 10, 8 + (i % 2) / 10) for i in range(11)]
    points = zigzag[::-1] if is_turned else zigzag
    side = member(line(50.75, 8.05, 50.75, 7, 50.15, 7, 50.15, 8.05))
    text = message(airspace(piece(R + volume(side + FOLLOW))), border(*np.array(points).ravel().tolist()))
    ring = only(read(text)).shape.polygons[0][0].vertices_deg.tolist()
    followed = [[lon, lat] for lat, lon in zigzag if 50.15 < lat < 50.75]
    start = ring.index(followed[0])
    assert ring[start : start + len(followed)] == followed
    assert len(ring) == len(followed) + 5


def test_a_closed_border_is_followed_the_shorter_way():
    circle = [(50 + math.sin(t / 20 * math.tau) / 10, 8 + math.cos(t / 20 * math.tau) / 10) for t in range(20)]
    side = member(line(49.95, 8.0866, 49.95, 8.3, 50.05, 8.3, 50.05, 8.0866))
    text = message(airspace(piece(R + volume(side + FOLLOW))), border(*np.array([*circle, circle[0]]).ravel().tolist()))
    zone = only(read(text))
    assert zone.geometry.bounds[0] > 8.05  # not around the west
    assert zone.geometry.contains(shapely.Point(8.15, 50.0))


def test_a_border_that_is_not_there_loses_the_zone():
    zones = read(message(airspace(piece(R + volume(member(line(50, 8, 51, 8, 51, 9)) + FOLLOW)))))
    assert not zones.zones
    assert "coast" in zones.issues[0].message


def test_edges_of_two_models_become_geodesics_that_follow_both():
    legs = member(line(50, 0, 50, 4, tag="LineStringSegment"), line(50, 4, 51, 4, 51, 0, 50, 0))
    zone = only(read(message(airspace(piece(R + volume(legs))))))
    assert zone.edge is Edge.GEODESIC
    ring = zone.shape.polygons[0][0].vertices_deg
    south = ring[ring[:, 1] < 50.5]
    assert np.abs(south[:, 1] - 50).max() < 1e-9
    middles = np.array([GEOD.npts(*a, *b, 1)[0] for a, b in pairwise(south[:-1])])
    assert np.abs((middles[:, 1] - 50) * 111_200).max() < 0.11
    planar = only(
        read(
            message(airspace(piece(R + volume(f"<LinearRing>{'<posList>50 0 50 4 51 4 50 0</posList>'}</LinearRing>"))))
        )
    )
    assert planar.edge is Edge.PLANAR


@given(st.floats(-80, 80), st.floats(-3, 3), st.floats(0.01, 5), st.sampled_from([Edge.PLANAR, Edge.RHUMB]))
def test_points_between_lie_so_close_that_the_models_agree(lat, north, east, edge):
    ends = np.array([[10.0, lat], [10.0 + east, lat + north]])
    (between,) = points_between(ends[:1], ends[1:], edge, 0.1)
    whole = np.vstack([ends[:1], between, ends[1:]])
    finer = np.vstack([ends[:1], points_between(ends[:1], ends[1:], edge, 0.025)[0], ends[1:]])
    for a, b in pairwise(whole):
        on_geodesic = np.array(GEOD.npts(*a, *b, 1)[0])
        x = finer[:, 0]
        model = np.interp(on_geodesic[0], x, finer[:, 1])
        assert abs(model - on_geodesic[1]) * 111_200 < 0.11


def state_of(zone):
    return zone.valid_from_ns, zone.valid_to_ns, zone.upper.value_m


def test_a_later_baseline_ends_an_open_one_and_corrections_replace():
    slices = [
        piece(R + volume(OUTER, upper="100", uom="M"), begin="1970-01-02T00:00:00Z", number=1),
        piece(R + volume(OUTER, upper="200", uom="M"), begin="1970-01-05T00:00:00Z", number=2),
        piece(R + volume(OUTER, upper="300", uom="M"), begin="1970-01-06T00:00:00Z", number=2, correction=1),
    ]
    zones = read(message(airspace(*slices))).zones
    assert [state_of(zone) for zone in zones] == [(DAY_NS, 5 * DAY_NS, 100), (5 * DAY_NS, None, 300)]
    assert len({zone.id for zone in zones}) == 2


def test_deltas_change_what_they_name_while_they_last():
    slices = [
        piece(R + volume(OUTER, upper="100", uom="M")),
        piece(volume(OUTER, upper="200", uom="M"), "TEMPDELTA", "1970-01-03T00:00:00Z", "1970-01-04T00:00:00Z"),
        piece("<type>P</type>", "PERMDELTA", "1970-01-06T00:00:00Z", number=2),
    ]
    for text in (message(airspace(*slices)), message(*(airspace(one) for one in slices))):
        zones = read(text).zones
        assert [state_of(zone) for zone in zones] == [
            (None, 2 * DAY_NS, 100),
            (2 * DAY_NS, 3 * DAY_NS, 200),
            (3 * DAY_NS, 5 * DAY_NS, 100),
            (5 * DAY_NS, None, 100),
        ]
        assert [zone.kind for zone in zones] == [ZoneKind.RESTRICTED] * 3 + [ZoneKind.PROHIBITED]


@pytest.mark.parametrize("begin", ["yesterday", "1970-01-09T00:00:00Z"])
def test_a_slice_without_a_time_that_can_be_read_is_told(begin):
    zones = read(message(airspace(piece(R + volume(OUTER), begin=begin, end="1970-01-05T00:00:00Z"))))
    assert not zones.zones
    assert Code.ZONE_SKIPPED in codes(zones)


def activation(status, *sheets):
    inner = "".join(f"<timeInterval><Timesheet>{sheet}</Timesheet></timeInterval>" for sheet in sheets)
    return f"<activation><AirspaceActivation>{inner}<status>{status}</status></AirspaceActivation></activation>"


@pytest.mark.parametrize(
    ("body", "is_always", "is_unknown"),
    [
        ("", True, False),
        (activation("ACTIVE"), True, False),
        (activation("INACTIVE"), False, True),
        (activation("AVBL_FOR_ACTIVATION"), False, True),
        (activation("ACTIVE", "<day>ANY</day><startTime>00:00</startTime><endTime>23:59</endTime>"), True, False),
        (activation("ACTIVE", "<day>HOL</day><startTime>00:00</startTime><endTime>24:00</endTime>"), False, True),
        (activation("ACTIVE", "<day>MON</day><startTime>08:00</startTime><excluded>YES</excluded>"), False, True),
    ],
)
def test_what_is_not_surely_active_is_unknown_never_off(body, is_always, is_unknown):
    schedule = only(read(message(airspace(piece(R + body + volume(OUTER)))))).schedule
    assert schedule.is_always is is_always
    assert bool(schedule.unknown) is is_unknown


def test_timesheets_by_clock_sun_and_summer_time():
    plainly = schedule_of_sheets([Timesheet("UTC", day="TUE", start="08:00", end="10:30")])
    (daily,) = plainly.spans[0].daily
    assert (daily.start.seconds, daily.end.seconds, daily.days) == (28_800, 37_800, {1})
    sun = schedule_of_sheets([Timesheet("UTC", day="ANY", start_event="SR", end_event="SS")])
    assert sun.spans[0].daily[0].end.event is SunEvent.SUNSET
    summer = schedule_of_sheets([Timesheet("UTCW", day="ANY", start="08:00", end="10:30")])
    (daily,) = summer.spans[0].daily  # 07:00 to 09:30 in summer: sure from 08:00 to 09:30
    assert (daily.start.seconds, daily.end.seconds) == (28_800, 34_200)
    assert summer.unknown
    for odd in (
        Timesheet("UTC-4", day="ANY", start="08:00", end="09:00"),
        Timesheet(first_date="01-05", day="ANY"),
        Timesheet(day="ANY", start_event="SR", end_event="SS", offsets="30"),
    ):
        assert schedule_of_sheets([odd]).unknown
        assert not schedule_of_sheets([odd]).spans


@pytest.mark.parametrize(
    ("value", "uom", "reference", "datum", "metres"),
    [
        ("95", "FL", "STD", Datum.FL, 2895.6),
        ("1000", "FT", "MSL", Datum.AMSL, 304.8),
        ("120", "M", "SFC", Datum.AGL, 120),
        ("120", "M", "HEI", Datum.AGL, 120),
        ("0", "FT", "SFC", Datum.GND, None),
        ("GND", "FT", "", Datum.GND, None),
        ("UNL", "FT", "", Datum.UNL, None),
        ("100", "M", "W84", Datum.HAE, 100),
        ("1000", "FT", "STD", Datum.FL, 304.8),
        ("1000", "FT", "", Datum.AMSL, 304.8),
        ("30", "FL", "SFC", Datum.UNKNOWN, None),
        ("", "", "", Datum.UNKNOWN, None),
        ("FLOOR", "", "", Datum.UNKNOWN, None),
        ("1e9", "FT", "MSL", Datum.UNKNOWN, None),
        ("5", "OTHER", "MSL", Datum.UNKNOWN, None),
        ("5", "FT", "OTHER:X", Datum.UNKNOWN, None),
        ("1500", "SM", "STD", Datum.FL, 1500),
    ],
)
def test_limits(value, uom, reference, datum, metres):
    limit, note, _ = read_vertical(value, uom, reference, "floor")
    assert limit.datum is datum
    assert metres is None or limit.value_m == pytest.approx(metres)
    assert bool(note) is (datum is Datum.UNKNOWN or (not reference and datum is Datum.AMSL))


def test_one_of_two_limits_is_unknown():
    limit, note, _ = read_vertical("1000", "FT", "MSL", "floor", "500")
    assert limit.datum is Datum.UNKNOWN
    assert "one of two" in note


def test_the_tables_of_types_and_classes_are_published(repo):
    section = (repo / "docs/zone-formats.md").read_text().split("## AIXM")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \| (\w+) \| ([\w ]+) \|$", section, re.MULTILINE)
    published = {
        name: (kind, effect.replace(" ", "_")) for names, kind, effect in rows for name in re.findall(r"`(\w+)`", names)
    }
    assert published == {
        name: (meaning.kind.value, meaning.effect.value if meaning.effect else "by_class")
        for name, meaning in TYPES.items()
    }
    assert all(f"`{name}`" in section for name in (*CLASSES, *LOCAL_TYPES))


@pytest.mark.parametrize(
    ("said", "effect", "is_known"),
    [
        (("P",), "forbidden", True),
        (("TMA_P", ("E",)), "information", True),
        (("CTA", ("E", "C")), "needs_authorisation", True),
        (("TMA",), "needs_authorisation", True),
        (("FIR",), "information", True),
        (("FIR", ("A", "D", "G")), "conditional", True),  # in layers, G near the ground
        (("FIR_P", ("A", "C")), "needs_authorisation", True),
        (("D-OTHER", (), "SIV"), "information", True),
        (("RAS", ("E",), "TMZ"), "information", True),
        (("R", (), "SIV"), "needs_authorisation", True),
        (("NEW",), "needs_authorisation", False),
        (("",), "needs_authorisation", False),
    ],
)
def test_type_and_class(said, effect, is_known):
    meaning, known = meaning_of_type(*said)
    assert (meaning.effect, known) == (Effect(effect), is_known)
