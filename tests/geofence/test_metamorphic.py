"""What must not change a verdict, and what may change it one way only."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.edges import Edge
from dronecheck.geo.outline.shape import Shape
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Topic, Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.distance_profile import trace
from dronecheck.geofence.trajectory.region_distance import RegionDistance
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import closest_approach, decide_visit, visits
from tests.conftest import make_flight
from tests.support.scale import examples

PLANE = LocalPlane(20.0, 45.0)
SETTINGS = settings(max_examples=examples(25), deadline=None)
ORDER = [Verdict.CLEAR, Verdict.INCONCLUSIVE, Verdict.VIOLATION]
SCENES = st.tuples(st.floats(-40, 40), st.floats(3, 60), st.floats(0, 6.2), st.floats(0.5, 6))


def exact(foot):
    return np.zeros(len(foot)), np.zeros(len(foot))


def scene(values):
    """A polygon about the origin, a straight track past it, and the sigma of its fixes."""
    offset, size, turn, sigma = values
    angle = np.arange(5) * 2 * np.pi / 5 + turn
    ring = size * np.column_stack([np.cos(angle), np.sin(angle)]) * np.array([1.5, 1.0])
    track = np.column_stack([np.linspace(-120, 120, 41), np.full(41, offset)])
    return ring, track, sigma


def verdict(rings, track, sigma, *, start_ns=1_750_000_000_000_000_000, dt_s=1.0):
    parts = [shapely.Polygon(PLANE.inverse(ring)) for ring in rings]
    zone = shapely.union_all(parts) if len(parts) > 1 else parts[0]
    lonlat = PLANE.inverse(track)
    flight = make_flight(lonlat[:, 1], lonlat[:, 0], dt_s=dt_s, sigma_m=sigma, start_ns=start_ns)
    path = Trajectory(flight.track, Thresholds())
    profile = trace(path, lambda *_: zone, Edge.PLANAR, 5_000)
    stays = visits(RegionDistance(profile, exact))
    if stays:
        return max((decide_visit(stay, path)[0] for stay in stays), key=ORDER.index)
    near = closest_approach(RegionDistance(profile, exact))
    return Verdict.CLEAR if near is None or near.within is None else Verdict.INCONCLUSIVE


@SETTINGS
@given(SCENES)
def test_start_vertex_direction_and_time_change_nothing(values):
    ring, track, sigma = scene(values)
    want = verdict([ring], track, sigma)
    assert verdict([np.roll(ring, 2, axis=0)], track, sigma) == want
    assert verdict([ring[::-1]], track, sigma) == want
    assert verdict([ring], track, sigma, start_ns=1_600_000_000_000_000_000) == want


@SETTINGS
@given(SCENES)
def test_two_touching_parts_are_the_whole(values):
    ring, track, sigma = scene(values)
    halves = [ring[:3], np.vstack([ring[0:1], ring[2:]])]
    assert verdict(halves, track, sigma) == verdict([ring], track, sigma)


@SETTINGS
@given(SCENES)
def test_a_larger_zone_is_entered_no_less(values):
    ring, track, sigma = scene(values)
    assert ORDER.index(verdict([ring * 1.3], track, sigma)) >= ORDER.index(verdict([ring], track, sigma))


@SETTINGS
@given(SCENES, st.floats(1.05, 8))
def test_a_larger_sigma_never_decides(values, factor):
    ring, track, sigma = scene(values)
    if verdict([ring], track, sigma) is Verdict.INCONCLUSIVE:
        assert verdict([ring], track, sigma * factor) is Verdict.INCONCLUSIVE


@SETTINGS
@given(SCENES)
def test_fixes_added_on_the_chords_lose_no_verdict(values):
    """Twice the fixes on the same line; the chord's own bend between fixes a second apart may only shrink."""
    ring, track, sigma = scene(values)
    fine = np.column_stack([np.linspace(-120, 120, 81), np.full(81, track[0, 1])])
    coarse, finer = verdict([ring], track, sigma), verdict([ring], fine, sigma, dt_s=0.5)
    assert finer == coarse or Verdict.INCONCLUSIVE in (coarse, finer)


@SETTINGS
@given(SCENES, st.sampled_from([-720.0, -360.0, 360.0]), st.sampled_from(list(Edge)[:3]))
def test_whole_turns_of_longitude_change_nothing(values, turn_deg, edge):
    """A zone whose longitudes are written a whole turn off is the same zone; judged as zone files are."""
    ring, track, sigma = scene(values)
    lonlat = PLANE.inverse(track)
    flight = make_flight(lonlat[:, 1], lonlat[:, 0], sigma_m=sigma)

    def judged(moved_deg):
        outline = shapely.Polygon(PLANE.inverse(ring) + np.array([moved_deg, 0.0]))
        zone = Zone("z", "z", ZoneKind.RESTRICTED, Shape(outline), ZoneSource("made", "0" * 64), edge=edge)
        result = check(flight, ZoneSet((zone,)))
        answer = next(c for c in result.checks if c.question is Topic.AIRSPACE)
        return answer.verdict, answer.reasons, [round(f.margin_m, 4) for f in result.findings if f.zone.id == "z"]

    assert judged(turn_deg) == judged(0.0)
