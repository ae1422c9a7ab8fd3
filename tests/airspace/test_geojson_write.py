"""Zones written in our own profile read back as the same zones."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from dronecheck.airspace.json import FORMATS
from dronecheck.airspace.json.write import write
from dronecheck.airspace.schedule import ALWAYS, DailyPeriod, DayTime, Schedule, Span, SunEvent
from dronecheck.airspace.zone import GROUND, UNLIMITED, Datum, Effect, Limit, Zone, ZoneKind, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Circle, Shape
from dronecheck.safe.io import Input
from tests.support.scale import examples

ORIGIN = ZoneSource("made", "0" * 64)
METRES = st.floats(-500, 30_000, allow_nan=False)
TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=30)
LIMITS = st.builds(Limit, METRES, st.sampled_from([Datum.AMSL, Datum.AGL, Datum.HAE, Datum.FL]))
FLOORS = st.one_of(st.just(GROUND), st.just(Limit(math.nan, Datum.UNKNOWN)), LIMITS)
CEILINGS = st.one_of(st.just(UNLIMITED), st.just(Limit(math.nan, Datum.UNKNOWN)), LIMITS)
TIMES_NS = st.none() | st.integers(0, 6 * 10**15).map(lambda micro: micro * 1000)
DAY_TIMES = st.one_of(
    st.builds(DayTime, st.integers(0, 86_400_000_000).map(lambda micro: micro / 1e6)),
    st.builds(DayTime, st.just(0.0), st.sampled_from(SunEvent)),
)
DAILY = st.builds(DailyPeriod, DAY_TIMES, DAY_TIMES, st.frozensets(st.integers(0, 6), max_size=7))


@st.composite
def spans(draw):
    begin, end = draw(TIMES_NS), draw(TIMES_NS)
    if begin is not None and end is not None and begin >= end:
        begin, end = end, begin + 10**9
    return Span(begin, end, tuple(draw(st.lists(DAILY, max_size=1))))  # of several, each is read as its own span


@st.composite
def schedules(draw):
    made = Schedule(tuple(draw(st.lists(spans(), max_size=3))), draw(st.just("") | TEXTS))
    return ALWAYS if made == Schedule() else made  # never has no word of its own: tested below


@st.composite
def polygons(draw):
    west, south = draw(st.floats(-179, 175)), draw(st.floats(-80, 80))
    wide, high = draw(st.floats(0.001, 3)), draw(st.floats(0.001, 3))
    shell = shapely.box(west, south, west + wide, south + high)
    hole = shapely.box(west + wide / 4, south + high / 4, west + wide / 2, south + high / 2)
    other = shapely.box(west + wide + 0.5, south, west + wide + 1, south + high)
    area = shapely.Polygon(shell.exterior.coords, [hole.exterior.coords]) if draw(st.booleans()) else shell
    return shapely.MultiPolygon([area, other]) if draw(st.booleans()) else area


@st.composite
def zones(draw):
    begin, end = draw(TIMES_NS), draw(TIMES_NS)
    lower, upper = draw(FLOORS), draw(CEILINGS)
    if begin is not None and end is not None and begin > end:
        begin, end = end, begin
    if lower.datum is upper.datum and lower.value_m > upper.value_m:
        lower, upper = upper, lower
    kind = draw(st.sampled_from([k for k in ZoneKind if k not in (ZoneKind.BORDER, ZoneKind.RULE)]))  # of no file
    return Zone(
        id=draw(TEXTS), name=draw(TEXTS), kind=kind, shape=Shape(draw(polygons())), source=ORIGIN,
        edge=draw(st.sampled_from(Edge)), lower=lower, upper=upper, accuracy_m=draw(st.floats(0, 1000)),
        authority=draw(st.just("") | TEXTS), valid_from_ns=begin, valid_to_ns=end, schedule=draw(schedules()),
        stated_effect=draw(st.none() | st.sampled_from(Effect)), remarks=draw(st.just("") | TEXTS),
        doubt=draw(st.just("") | TEXTS),
    )  # fmt: skip


def read_back(data):
    return FORMATS["geojson"].read(Input(Path("made.geojson"), data, "0" * 64))


def facts(zone):
    limits = [(limit.datum, None if math.isnan(limit.value_m) else limit.value_m) for limit in (zone.lower, zone.upper)]
    return [
        zone.id, zone.name, zone.kind, zone.edge, *limits, zone.accuracy_m, zone.authority, zone.valid_from_ns,
        zone.valid_to_ns, zone.schedule, zone.stated_effect, zone.remarks, zone.doubt,
    ]  # fmt: skip


@settings(max_examples=examples(30), deadline=None)
@given(st.lists(zones(), max_size=3))
def test_zones_read_back_as_they_were(made):
    data = write(made)
    json.loads(data)  # by another reader, too
    read = read_back(data).zones
    assert [facts(zone) for zone in read] == [facts(zone) for zone in made]
    for before, after in zip(made, read, strict=True):
        assert shapely.equals_exact(before.geometry, after.geometry, 1e-9)


def test_circles_become_vertices_within_a_centimetre():
    circle = Shape.of([[Circle((124.45, 40.05), 3000.0)]])
    (zone,) = read_back(write([Zone("c", "c", ZoneKind.OTHER, circle, ORIGIN)])).zones
    ring = np.array(zone.geometry.exterior.coords)
    lon, lat = ((ring[:-1] + ring[1:]) / 2).T
    centre = np.full((2, len(lon)), [[124.45], [40.05]])
    _, _, reach_m = Geod(ellps="WGS84").inv(*centre, lon, lat)
    assert np.abs(reach_m - 3000.0).max() < 0.0101


def test_a_zone_never_in_force_stays_so_and_an_open_outline_is_a_doubt():
    area = shapely.box(0, 0, 1, 1)
    never = Zone("n", "n", ZoneKind.OTHER, Shape(area), ORIGIN, schedule=Schedule())
    unsure = replace(never, schedule=ALWAYS, shape=Shape(area, shapely.box(1, 0, 2, 1)))
    read = read_back(write([never, unsure]))
    (span,) = read.zones[0].schedule.spans
    assert span.to_ns < 0  # before any drone
    assert not read.zones[0].schedule.unknown
    assert read.zones[1].doubt


def test_each_daily_period_of_a_span_is_kept():
    daily = (DailyPeriod(DayTime(0.0), DayTime(60.0)), DailyPeriod(DayTime(3600.0), DayTime(7200.0)))
    made = Zone(
        "d", "d", ZoneKind.OTHER, Shape(shapely.box(0, 0, 1, 1)), ORIGIN, schedule=Schedule((Span(0, None, daily),))
    )
    (zone,) = read_back(write([made])).zones
    assert [(span.from_ns, span.daily) for span in zone.schedule.spans] == [(0, (period,)) for period in daily]
