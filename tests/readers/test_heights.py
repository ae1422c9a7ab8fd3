"""Heights of one flight held against each other: every reader's flights go through `with_sound_heights`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dronecheck.flight import Event, EventKind, Home, Track
from dronecheck.flight.heights import with_sound_heights
from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.geofence.altitude.datum_check import without_doubted
from dronecheck.issues import Code, Severity
from tests.conftest import make_flight

ROWS = 300
GROUND_M = 85.0
UP = np.concatenate([np.zeros(50), np.linspace(0, 60, 50), np.full(150, 60.0), np.linspace(60, 0, 50)])
T0 = 1_700_000_000 * 10**9


def track(message, amsl_m, home_m, step_s=0.2, **more):
    time_ns = T0 + (np.arange(len(amsl_m)) * step_s * 1e9).astype(np.int64)
    lat = 47.0 + np.zeros(len(amsl_m))
    return Track.build(
        time_ns=time_ns, lat_deg=lat, lon_deg=lat - 39.0, offset=np.arange(len(amsl_m)) * 10, message=message,
        alt_amsl_m=amsl_m, alt_home_m=home_m, **more,
    )  # fmt: skip


def flight(estimate_m, home_m=UP, receiver_m=UP + GROUND_M, **more):
    made = make_flight(np.full(2, 47.0), np.full(2, 8.0))
    tracks = {
        "fused": track("POS", estimate_m, home_m, speed_mps=np.zeros(len(UP))),
        "gnss": track("GPS", receiver_m, np.full(len(UP), np.nan), **more),
    }
    return replace(made, tracks=tracks, primary="fused")


def codes(made):
    return [issue.code for issue in made.issues]


def test_heights_that_agree_within_their_errors_stay():
    rng = np.random.default_rng(7)
    made = flight(UP + GROUND_M + rng.normal(0, 6, ROWS))
    assert with_sound_heights(made) is made


def test_a_height_above_take_off_sent_as_one_above_the_sea_is_replaced_by_the_receivers():
    estimate = np.where(np.arange(ROWS) < 200, UP, UP + GROUND_M)
    better = with_sound_heights(flight(estimate))
    assert better.tracks["fused"].alt_amsl_m == pytest.approx(UP + GROUND_M, abs=0.01)
    (issue,) = better.issues
    assert (issue.code, issue.severity, issue.count, issue.offset) == (Code.HEIGHT_FRAME, Severity.WARNING, 200, 0)
    assert "GPS are used instead" in issue.message


def test_a_start_at_sea_level_is_no_contradiction():
    assert not with_sound_heights(flight(UP, receiver_m=UP + 1.0)).issues


def test_an_estimate_that_parts_from_the_receiver_is_not_used_there():
    wrong = np.arange(ROWS) >= 150
    better = with_sound_heights(flight(UP + GROUND_M + np.where(wrong, 200.0, 0.0)))
    assert np.array_equal(np.isnan(better.tracks["fused"].alt_amsl_m), wrong)
    (issue,) = better.issues
    assert (issue.count, issue.offset) == (150, 1500)
    assert "200 m" in issue.message


def test_the_receivers_own_accuracy_counts():
    apart = UP + GROUND_M + 30.0
    assert not with_sound_heights(flight(apart)).issues  # nothing stated: 8 m
    assert with_sound_heights(flight(apart, v_sigma_m=np.full(ROWS, 1.5))).issues


def test_without_the_receiver_nothing_is_said():
    made = flight(UP)
    assert with_sound_heights(replace(made, tracks={"fused": made.tracks["fused"]})).issues == ()
    far = replace(made.tracks["gnss"], time_ns=made.tracks["gnss"].time_ns + 3600 * 10**9)
    assert with_sound_heights(replace(made, tracks={**made.tracks, "gnss": far})).issues == ()


# ---- zero at take-off


def armed(home_m, after_s=3.0, kind=EventKind.ARM, **more):
    made = flight(UP + GROUND_M, home_m)
    return replace(made, events=(Event(T0 + int(after_s * 1e9), kind, ""),), **more)


@pytest.mark.parametrize("kind", [EventKind.ARM, EventKind.TAKEOFF])
@pytest.mark.parametrize("offset_m", [-5.3, 6.0, -40.0])
def test_heights_that_are_not_zero_where_it_takes_off_are_set_right(kind, offset_m):
    better = with_sound_heights(armed(UP + offset_m, kind=kind))
    assert better.track.alt_home_m == pytest.approx(UP, abs=0.01)
    (issue,) = better.issues
    assert issue.code is Code.HEIGHT_OFFSET
    assert f"{offset_m:.1f} m" in issue.message


def test_a_home_far_above_or_below_the_take_off_gives_no_height_above_the_sea():
    home = Home(47.0, 8.0, 80.0)
    assert with_sound_heights(armed(UP - 5.3, home=home)).home == home
    assert np.isnan(with_sound_heights(armed(UP - 40.0, home=home)).home.alt_amsl_m)


def test_what_is_no_offset():
    assert with_sound_heights(armed(UP + 3.9)).issues == ()  # two sigma of a barometer
    assert with_sound_heights(flight(UP + GROUND_M, UP - 5.3)).issues == ()  # nothing says that it is on the ground
    assert with_sound_heights(armed(UP - 5.3, after_s=18.0)).issues == ()  # in the air by then
    set_anew = np.where(np.arange(ROWS) <= 15, 6.0, 0.0) + UP  # an autopilot sets its home where it is armed
    assert with_sound_heights(armed(set_anew)).issues == ()
    landed = armed(UP - 5.3)
    early = Event(T0 + 10**9, EventKind.DISARM, "")
    assert with_sound_heights(replace(landed, events=(early, *landed.events))).issues == ()


# ---- heights in doubt are no facts


def test_heights_that_contradict_the_geoid_stand_nowhere_but_as_rises():
    made = flight(UP + GROUND_M)
    both = frozenset({VerticalDatum.AMSL, VerticalDatum.HAE})
    left = without_doubted(made, both)
    assert np.isnan(left.track.alt_amsl_m).all()
    assert left.track.alt_unframed_m == pytest.approx(UP + GROUND_M)
    assert without_doubted(made, frozenset()) is made
    only = without_doubted(made, frozenset({VerticalDatum.HAE}))
    assert only.track.alt_amsl_m == pytest.approx(UP + GROUND_M)
