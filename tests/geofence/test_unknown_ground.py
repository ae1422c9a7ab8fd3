"""Heights above ground without terrain: the Earth's bounds, the ground of the take-off, a stated relief."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Event, EventKind
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.altitude.limits import vertical_of
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.support.said import said
from tests.support.scale import examples

LAT, LON = 47.05, 8.05
AREA = shapely.box(8.0, 47.0, 8.1, 47.1)
SOURCE = ZoneSource("made", "0" * 64)
GND, UNL = Limit(float("nan"), Datum.GND), Limit(float("nan"), Datum.UNL)
K = Thresholds().band_sigmas


def zone(lower=GND, upper=UNL, area=AREA):
    return Zone("z", "z", ZoneKind.PROHIBITED, Shape(area), SOURCE, lower=lower, upper=upper)


def judged(flight, made, asked=None):
    return check(flight, ZoneSet((made,), (SOURCE,)), asked)


def flown(**heights):
    """Forty seconds to the east at 7.6 m/s; the take-off is no part of it."""
    columns = {name: np.broadcast_to(np.asarray(value, dtype=float), 40) for name, value in heights.items()}
    return make_flight(np.full(40, LAT), LON + np.arange(40) * 1e-4, speed_mps=np.full(40, 7.6), **columns)


# ---- the Earth


@settings(max_examples=examples(200), deadline=None)
@given(
    st.floats(-400, 9_500), st.floats(1, 10_500), st.booleans(), st.sampled_from(["alt_amsl_m", "alt_home_m"]),
    st.none() | st.floats(0, 9_000),
)  # fmt: skip
def test_a_limit_above_ground_decides_where_every_ground_on_earth_says_the_same(
    height, limit_m, is_floor, name, relief
):
    track = flown(**{name: height}).track
    limits = {"lower": Limit(limit_m, Datum.AGL)} if is_floor else {"upper": Limit(limit_m, Datum.AGL)}
    vertical = vertical_of(zone(**limits), Altitudes(Trajectory(track, Thresholds()), Settings(relief_m=relief)))
    if name == "alt_amsl_m":  # a relief about a take-off whose height nobody knows says nothing
        above_m, sigma_m = height - np.linspace(-450.0, 8_850.0, 301), 8.0
    else:
        most_m = 9_300.0 if relief is None else relief
        above_m, sigma_m = height - np.linspace(-most_m, most_m, 301), np.hypot(2.0, 0.035 * abs(height))
    beyond = (limit_m - above_m if is_floor else above_m - limit_m) / (K * sigma_m)
    ratio = vertical.ratio_at(np.array([3.0, 3.5]))
    if np.abs(np.abs(beyond).min() - 1) < 1e-6:
        return
    if (beyond >= 1).all() or (beyond <= -1).all():
        assert (np.sign(ratio) == np.sign(beyond[0])).all()
        assert (np.abs(ratio) >= 1).all()
    else:
        assert (np.abs(ratio) < 1).all()


@pytest.mark.parametrize(("limits", "verdict"), [
    ({"upper": Limit(1_000.0, Datum.AGL)}, Verdict.VIOLATION),  # 910 m at most
    ({"upper": Limit(920.0, Datum.AGL)}, Verdict.INCONCLUSIVE),  # and 19 m for the receiver's height
    ({"lower": Limit(1_000.0, Datum.AGL)}, Verdict.CLEAR),
    ({"lower": Limit(500.0, Datum.AGL)}, Verdict.INCONCLUSIVE),
])  # fmt: skip
def test_460_m_above_the_sea_is_nowhere_more_than_910_m_above_ground(limits, verdict):
    result = judged(flown(alt_amsl_m=460.0), zone(**limits))
    assert result.verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert Reason.NO_TERRAIN in result.findings[0].reasons
    if verdict is Verdict.CLEAR:
        (near,) = (near for near in result.nearest if not near.zone.is_border)
        assert near.vertical
        assert near.distance_m == pytest.approx(1_000 - 910)


@pytest.mark.parametrize(("limit_m", "verdict"), [(1_000.0, Verdict.CLEAR), (900.0, Verdict.INCONCLUSIVE)])
def test_a_limit_of_ones_own_above_ground_is_kept_on_any_ground(limit_m, verdict):
    answer = check(flown(alt_amsl_m=460.0), None, Settings(max_agl_m=limit_m)).check_of(Topic.HEIGHT)
    assert (answer.status, answer.verdict) == (Status.CHECKED, verdict)
    codes = {clause.code for clause in answer.clauses}
    assert (ClauseCode.BELOW_ON_ANY_GROUND in codes) == (verdict is Verdict.CLEAR)
    assert ClauseCode.HIGHEST not in codes  # no height above ground is made up


@pytest.mark.parametrize("asked", [Settings(max_height_m=120.0), Settings(max_agl_m=1_000.0)])
def test_no_position_keeps_no_limit(asked):
    flight = flown(alt_amsl_m=460.0)
    nothing = replace(flight, tracks={flight.primary: flight.track.where(np.empty(0, dtype=np.int64))})
    assert check(nothing, None, asked).check_of(Topic.HEIGHT).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("limit_m", [1_000.0, 900.0])
def test_where_neither_height_nor_bound_is_known_the_limit_stays_open(limit_m):
    heights = np.where(np.arange(40) < 30, 460.0, np.nan)
    answer = check(flown(alt_amsl_m=heights), None, Settings(max_agl_m=limit_m)).check_of(Topic.HEIGHT)
    assert answer.verdict is Verdict.INCONCLUSIVE


# ---- the take-off


def climbed_and_left(**changes):
    """At rest for 5 s, straight up to 60 m in 20 s, then 300 m to the east at that height."""
    rise = np.concatenate([np.zeros(5), np.linspace(0, 60, 20), np.full(20, 60.0)])
    east = np.concatenate([np.zeros(25), np.arange(1.0, 21.0) * 2e-4])
    flight = make_flight(np.full(45, LAT), LON + east, alt_home_m=rise, speed_mps=np.clip(east * 1e5, 0, 15), **changes)
    return replace(flight, events=(Event(int(flight.track.time_ns[0]), EventKind.TAKEOFF, ""),))


def test_over_the_take_off_the_ground_is_the_take_offs():
    result = judged(climbed_and_left(), zone(upper=Limit(120.0, Datum.AGL)))
    (finding,) = result.findings
    assert finding.verdict is Verdict.VIOLATION
    assert finding.rows[-1][1] <= 25.0  # it ends where nobody knows the ground
    assert "not known well enough during other parts" in said(finding)
    beside = zone(upper=Limit(120.0, Datum.AGL), area=shapely.box(LON + 3e-4, 47.0, 8.1, 47.1))
    assert judged(climbed_and_left(), beside).verdict is Verdict.INCONCLUSIVE
    wandering = climbed_and_left(sigma_m=20.0)  # nobody knows whether that is over the take-off
    assert judged(wandering, zone(upper=Limit(120.0, Datum.AGL))).verdict is Verdict.INCONCLUSIVE


def test_the_relief_that_a_sentence_asks_for_decides_and_a_metre_more_does_not():
    made = zone(upper=Limit(120.0, Datum.AGL), area=shapely.box(LON + 3e-4, 47.0, 8.1, 47.1))
    flight = climbed_and_left()
    text = said(judged(flight, made).findings[0])
    relief_m = int(text.split("--relief ")[1].split()[0])
    assert judged(flight, made, Settings(relief_m=relief_m)).verdict is Verdict.VIOLATION
    assert judged(flight, made, Settings(relief_m=relief_m + 1)).verdict is Verdict.INCONCLUSIVE
