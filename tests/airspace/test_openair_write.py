"""Zones written as OpenAir and read again; and the fictitious zones of the sample."""

from __future__ import annotations

import hashlib
import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace import load_zones, read_input
from dronecheck.airspace.openair.write import write
from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.airspace.zone import Datum, Effect, Limit, Zone, ZoneKind, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Arc, Circle, Ring, Shape
from dronecheck.geo.plane import geodesic_ahead
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import FindingKind, Verdict
from dronecheck.safe.io import Input
from tests.support.scale import examples

SOURCE = ZoneSource("made", "0" * 64)
SQUARE = Ring(np.array([[8.0, 47.0], [8.1, 47.0], [8.1, 47.1], [8.0, 47.1], [8.0, 47.0]]))
ZONE = Zone("id-1", "Name", ZoneKind.RESTRICTED, Shape.of([[SQUARE]]), SOURCE, edge=Edge.AMBIGUOUS)


def again(*zones):
    data = write(zones)
    return read_input(Input(Path("x.openair"), data, hashlib.sha256(data).hexdigest()))


def same(limit, other):
    return repr(limit) == repr(other) or (
        limit.datum is other.datum and math.isclose(limit.value_m, other.value_m, rel_tol=1e-12, abs_tol=1e-9)
    )


metres = st.one_of(
    st.floats(-500, 30_000).map(lambda v: round(v, 3)), st.integers(-400, 60_000).map(lambda ft: ft * 3048 / 10000)
)
levels = st.integers(0, 660).map(lambda n: Limit(n * 3048 / 100, Datum.FL))
limits = st.one_of(
    st.builds(Limit, metres, st.sampled_from([Datum.AMSL, Datum.AGL, Datum.FL])),
    levels,
    st.sampled_from([Limit(math.nan, d) for d in (Datum.GND, Datum.UNL, Datum.UNKNOWN)]),
)
centres = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
circles = st.builds(Circle, centres, st.floats(1, 500_000))


@st.composite
def rings(draw):
    """Star-shaped rings around a centre, some of whose edges are arcs around it, either way."""
    lon, lat = draw(centres)
    count = draw(st.integers(3, 12))
    reach_m = draw(st.floats(50, 200_000))
    share = np.array(draw(st.lists(st.floats(0.5, 1.0), min_size=count, max_size=count)))
    azimuth = np.arange(count) * 360.0 / count + draw(st.floats(0, 360))
    points = geodesic_ahead(np.tile([[lon, lat]], (count, 1)), azimuth, reach_m * share)
    after = sorted(draw(st.sets(st.integers(0, count - 1))))
    clockwise = draw(st.booleans())
    ring = np.vstack([points, points[:1]])
    return Ring(ring if clockwise else ring[::-1].copy(), tuple(Arc(n, (lon, lat), clockwise) for n in after))


@settings(deadline=None)
@given(st.one_of(circles, rings()), limits, limits)
def test_outlines_and_limits_come_back(ring, lower, upper):
    zone = replace(ZONE, shape=Shape.of([[ring]]), lower=lower, upper=upper)
    (read,) = again(zone).zones
    assert (read.id, read.name, read.kind, read.effect) == (zone.id, zone.name, zone.kind, zone.effect)
    assert same(read.lower, lower)
    assert same(read.upper, upper)
    ((back,),) = read.shape.polygons
    if isinstance(ring, Circle):
        assert back.centre_deg == pytest.approx(ring.centre_deg, abs=1e-10)
        assert back.radius_m == pytest.approx(ring.radius_m, rel=1e-12)
        return
    assert np.allclose(back.vertices_deg, ring.vertices_deg, atol=1e-10, rtol=0)
    assert [(t.after, t.clockwise) for t in back.arcs] == [(t.after, t.clockwise) for t in ring.arcs]
    for turn, expected in zip(back.arcs, ring.arcs, strict=True):
        assert turn.centre_deg == pytest.approx(expected.centre_deg, abs=1e-10)


@settings(max_examples=examples(40), deadline=None)
@given(st.text(max_size=100), st.text(max_size=100), st.sampled_from(ZoneKind), st.sampled_from(Effect))
def test_no_name_breaks_the_file_and_the_effect_is_kept(name, identifier, kind, effect):
    zone = replace(ZONE, name=name, id=identifier, kind=kind, stated_effect=effect)
    zones = again(zone, ZONE)
    assert [z.effect for z in zones.zones] == [effect, ZONE.effect]
    assert all(z.shape.bounds == pytest.approx(ZONE.shape.bounds) for z in zones.zones)


def test_every_real_zone_comes_back(shared):
    for path in sorted((shared / "airspace/openair").iterdir()):
        zones = load_zones([path]).zones
        for zone, read in zip(zones, again(*zones).zones, strict=True):
            assert (zone.id, zone.effect, zone.edge) == (read.id, read.effect, read.edge)
            assert zone.schedule.spans == read.schedule.spans
            assert bool(zone.schedule.unknown) == bool(read.schedule.unknown)  # the reason becomes a comment
            assert same(zone.lower, read.lower)
            assert same(zone.upper, read.upper)
            assert zone.box_deg() == pytest.approx(read.box_deg(), abs=1e-9)


# what the format cannot say ------------------------------------------------------------------------------------

MONDAY_NS = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * 10**9  # a Monday
HOUR_NS = 3600 * 10**9


def test_weekdays_become_intervals():
    weekdays = DailyPeriod(DayTime(6 * 3600.0), DayTime(18 * 3600.0), frozenset(range(5)))
    until = MONDAY_NS + 14 * 24 * HOUR_NS
    read = again(replace(ZONE, schedule=Schedule((Span(MONDAY_NS, until, (weekdays,)),)))).zones[0].schedule
    days = [datetime(2026, 1, 5, tzinfo=UTC) + timedelta(n) for n in range(14)]
    expected = [int(day.timestamp()) * 10**9 for day in days if day.weekday() < 5]
    assert [(s.from_ns, s.to_ns) for s in read.spans] == [(d + 6 * HOUR_NS, d + 18 * HOUR_NS) for d in expected]


def test_a_night_runs_into_the_next_day_and_is_cut_by_the_span():
    night = DailyPeriod(DayTime(22 * 3600.0), DayTime(4 * 3600.0))
    read = again(replace(ZONE, schedule=Schedule((Span(MONDAY_NS, MONDAY_NS + 24 * HOUR_NS, (night,)),)))).zones[0]
    assert [((s.from_ns - MONDAY_NS) / HOUR_NS, (s.to_ns - MONDAY_NS) / HOUR_NS) for s in read.schedule.spans] == [
        (0, 4), (22, 24),
    ]  # fmt: skip


def test_validity_becomes_an_interval():
    (read,) = again(replace(ZONE, valid_from_ns=MONDAY_NS, valid_to_ns=None)).zones
    assert read.schedule.spans == (Span(MONDAY_NS, None),)
    assert again(ZONE).zones[0].schedule == ALWAYS


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(unknown="by NOTAM"),
        Schedule((Span(MONDAY_NS, None, (DailyPeriod(end=DayTime(60.0)),)),)),  # every day for ever
        Schedule((Span(MONDAY_NS, MONDAY_NS + HOUR_NS, (DailyPeriod(DayTime(0.0, SunEvent.SUNRISE)),)),)),
    ],
)
def test_times_that_cannot_be_said_cannot_be_told(schedule):
    assert again(replace(ZONE, schedule=schedule)).zones[0].schedule.unknown


def test_a_zone_never_in_force_stays_so():
    (read,) = again(replace(ZONE, schedule=Schedule())).zones
    assert [span.to_ns for span in read.schedule.spans] == [60 * 10**9]  # a minute of 1970


def test_a_height_above_the_ellipsoid_is_unknown_never_another():
    (read,) = again(replace(ZONE, upper=Limit(120.0, Datum.HAE))).zones
    assert read.upper.datum is Datum.UNKNOWN


def test_parts_become_zones_and_a_hole_is_told():
    hole = Ring(np.array([[8.02, 47.02], [8.04, 47.02], [8.04, 47.04], [8.02, 47.02]]))
    zone = replace(ZONE, shape=Shape.of([[SQUARE, hole], [Circle((9.0, 47.0), 100.0)]]))
    zones = again(zone).zones
    assert [z.id for z in zones] == ["id-1#1", "id-1#2"]
    assert b"hole" in write([zone])
    assert zones[0].geometry.area == pytest.approx(0.01)  # larger, never smaller


def test_a_shape_of_vertices_is_written():
    (read,) = again(replace(ZONE, shape=Shape(shapely.box(8.0, 47.0, 8.1, 47.1)))).zones
    assert read.geometry.equals(shapely.box(8.0, 47.0, 8.1, 47.1))


# the sample ----------------------------------------------------------------------------------------------------


def test_the_sample_says_what_its_table_says(repo):
    alder, birch, cedar = load_zones([repo / "samples/zones/fictitious.openair.txt"]).zones
    (ring,) = alder.shape.polygons[0]
    assert np.allclose(
        ring.vertices_deg,
        [[124.30, 40.06], [124.36, 40.06], [124.36, 40.10], [124.30, 40.10], [124.30, 40.06]],
        atol=1e-12,
    )
    assert [(turn.after, turn.clockwise) for turn in ring.arcs] == [(2, False)]
    assert ring.arcs[0].centre_deg == pytest.approx((124.33, 40.10))
    assert alder.geometry.bounds[3] > 40.12  # over the north
    ((circle,),) = birch.shape.polygons
    assert circle.centre_deg == pytest.approx((124.45, 40.05))
    assert circle.radius_m == pytest.approx(3000.0, abs=0.001)
    assert cedar.box_deg()[::2] == pytest.approx((124.40, 124.48))
    assert shapely.get_coordinates(cedar.geometry)[:, 1].min() == pytest.approx(40.12)
    days = [datetime.fromtimestamp(span.from_ns / 1e9, UTC) for span in cedar.schedule.spans]
    every = [datetime(2026, 1, 1, 6, tzinfo=UTC) + timedelta(n) for n in range(365)]
    assert days == [day for day in every if day.weekday() < 5]
    assert {span.to_ns - span.from_ns for span in cedar.schedule.spans} == {12 * HOUR_NS}
    text = (repo / "samples/zones/fictitious.openair.txt").read_text()
    assert re.search("fictitious", text, re.IGNORECASE)


def test_a_flight_through_the_circle_is_found(repo, flight_of):
    """East through the middle of Birch, 3 km either side: 6 km inside, 3 km deep."""
    zones = load_zones([repo / "samples/zones/fictitious.openair.txt"])
    lon = np.linspace(124.45 - 0.05, 124.45 + 0.05, 800)
    flight = flight_of(np.full(800, 40.05), lon, dt_s=1.0, alt_amsl_m=np.full(800, 300.0))
    (finding,) = [f for f in check(flight, zones).findings if f.kind is FindingKind.ZONE_ENTRY]
    assert (finding.zone.name, finding.verdict) == ("Birch", Verdict.VIOLATION)
    assert finding.depth_m == pytest.approx(3000.0, abs=10.0)
    assert finding.path_m == pytest.approx(6000.0, abs=20.0)
    high = flight_of(np.full(800, 40.05), lon, dt_s=1.0, alt_amsl_m=np.full(800, 700.0))
    assert not [f for f in check(high, zones).findings if f.kind is FindingKind.ZONE_ENTRY]
