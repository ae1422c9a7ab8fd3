"""Two tracks that contradict each other: each is judged alone, and what only one says decides nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Flight, Track
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight

SOURCE = ZoneSource("z.geojson", "0" * 64)
LAT, LON, DEG_M = 47.0, 2.0, 111_195.0
V, Q, C = Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR


def zones(*boxes_m: tuple[float, float, float, float], floor: Limit | None = None) -> ZoneSet:
    """Boxes of west, south, east, north in metres about the middle."""
    limits = {} if floor is None else {"lower": floor}
    made = tuple(
        Zone(f"Z{n}", f"Z{n}", ZoneKind.PROHIBITED,
             Shape(shapely.box(*(np.array(box) / DEG_M / np.array([0.682, 1, 0.682, 1]) + [LON, LAT, LON, LAT]))),
             SOURCE, **limits)
        for n, box in enumerate(boxes_m)
    )  # fmt: skip
    return ZoneSet(made, (SOURCE,))


def line(north_m: float, rows: int = 100, first: int = 0, **columns: np.ndarray) -> Track:
    """East at 10 m/s, 5 Hz, from 1,000 m west of the middle."""
    east_m = -1000 + 20 * np.arange(first, first + rows)
    flight = make_flight(
        np.full(rows, LAT + north_m / DEG_M), LON + east_m / DEG_M / 0.682, dt_s=2.0,
        start_ns=1_750_000_000_000_000_000 + first * 2_000_000_000, **columns,
    )  # fmt: skip
    return flight.track.replace(offset=np.arange(first, first + rows) * 100 + round(abs(north_m)) % 50)


def both(mine: Track, theirs: Track, primary: str = "gnss") -> Flight:
    flight = make_flight([LAT], [LON])
    rival = "fused" if primary == "gnss" else "gnss"
    return replace(flight, tracks={"gnss": mine, "fused": theirs}, primary=primary, rivals=(rival,))


def alone(flight: Flight, name: str, given: ZoneSet) -> Verdict:
    return check(replace(flight, primary=name, rivals=()), given).check_of(Topic.AIRSPACE).verdict


@given(
    north_m=st.tuples(st.integers(-300, 300), st.integers(-300, 300)),
    boxes=st.lists(
        st.tuples(st.integers(-900, 0), st.integers(-300, 200), st.integers(50, 800)), min_size=1, max_size=3
    ),
)
def test_two_sources_decide_only_together_and_either_way_round(north_m, boxes):
    given = zones(*((west, south, west + size, south + size / 4) for west, south, size in boxes))
    mine, theirs = (line(float(metres)) for metres in north_m)
    answers = []
    for primary in ("gnss", "fused"):
        flight = both(mine, theirs, primary)
        result = check(flight, given)
        verdict = result.check_of(Topic.AIRSPACE).verdict
        one, other = alone(flight, "gnss", given), alone(flight, "fused", given)
        if verdict is C:
            assert one is other is C
        if verdict is V:
            assert one is other is V
        if {one, other} == {V, C}:
            assert verdict is Q
            assert Reason.SOURCES_DISAGREE in result.check_of(Topic.AIRSPACE).reasons
        for finding in result.findings:
            assert [a.track for a in finding.alternatives] == [primary, *flight.rivals]
            assert finding.verdict is not V or all(a.verdict is V for a in finding.alternatives)
            assert all(0 <= begin <= end <= 99 for begin, end in finding.rows)
        answers.append((verdict, {finding.zone.id: finding.verdict for finding in result.findings}))
    assert answers[0] == answers[1]


def test_each_enters_another_zone_and_neither_is_decided():
    given = zones((-200, 80, 200, 120), (-200, -20, 200, 20))
    result = check(both(line(100.0), line(0.0)), given)
    assert [(f.zone.id, f.verdict) for f in result.findings] == [("Z0", Q), ("Z1", Q)]
    assert result.verdict is result.check_of(Topic.AIRSPACE).verdict is Q
    assert [flight.verdict for flight in result.flights] == [Q]


@pytest.mark.parametrize("theirs", [line(100.0, rows=30), line(100.0, first=70, rows=30)], ids=["before", "after"])
def test_a_source_says_nothing_of_a_time_that_it_does_not_cover(theirs):
    result = check(both(line(0.0), theirs), zones((-200, -50, 200, 50)))
    assert result.verdict is V
    assert result.findings[0].verdict is V


def test_a_source_without_heights_says_nothing_against_one_with_them():
    floor = Limit(50.0, Datum.AMSL)
    high = np.full(100, 200.0)
    given = zones((-200, -500, 200, 500), floor=floor)
    assert check(both(line(100.0, alt_amsl_m=high, v_sigma_m=np.full(100, 2.0)), line(0.0)), given).verdict is V
    # but where it alone is inside, and how high is unknown, nothing is clear
    beside = zones((-200, -50, 200, 50), floor=floor)
    assert check(both(line(100.0, alt_amsl_m=high), line(0.0)), beside).verdict is Q
    settings = Settings(max_height_m=120.0)
    low = both(line(100.0, alt_home_m=np.full(100, 50.0)), line(0.0))
    assert check(low, None, settings).check_of(Topic.HEIGHT).verdict is C


def test_a_border_that_one_source_crosses_is_open():
    """On the Swiss border south of Geneva's lake: 2 km apart, only one of the tracks is in France."""
    count = 100
    geneva, france = ((46.2044, 6.1432), (46.1100, 6.0900))
    tracks = [
        make_flight(np.full(count, lat), lon + np.arange(count) * 1e-5, dt_s=1.0).track for lat, lon in (geneva, france)
    ]
    flight = both(*tracks)
    result = check(flight, settings=Settings(home="CHE"))
    assert result.check_of(Topic.BORDER).verdict is Q
    assert [(a.track, a.verdict) for a in result.findings[0].alternatives] == [("gnss", C), ("fused", V)]
    assert check(replace(flight, primary="fused", rivals=()), settings=Settings(home="CHE")).verdict is V
