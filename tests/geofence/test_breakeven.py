"""What would settle an open answer: the figures in the clauses, put back into the rule that left it open."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.answers import breakeven
from dronecheck.geofence.result import Place, Reason
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.geofence.trajectory.visits import DecisiveInstant, undecided_by
from dronecheck.report.text.words import TERMINAL, words
from tests.conftest import make_flight

K = 2.3263


def instant(margin_m, gnss_sigma_m, outline_sigma_m=0.0, p95_m=0.0, probability=0.5):
    sigma = float(np.hypot(gnss_sigma_m, outline_sigma_m))
    return DecisiveInstant(
        row=0.0, time_ns=0, place=Place(0.0, 0.0), margin_m=margin_m, sigma_m=sigma, gnss_band_m=K * gnss_sigma_m,
        outline_band_m=max(K * outline_sigma_m, p95_m), outline_sigma_m=outline_sigma_m,
        band_m=max(K * sigma, p95_m), band_sigmas=K, probability=probability,
    )  # fmt: skip


def worded(*clauses):
    return words("en", TERMINAL).clauses(clauses)


def metres_in(text):
    number, unit = re.findall(r"([\d.]+) (m|km)\b", text)[-1]
    return float(number) * {"m": 1, "km": 1000}[unit]


@given(st.floats(0, 20), st.floats(2, 40), st.floats(0.05, 0.95), st.sampled_from([-1, 1]))
def test_a_fix_as_good_as_the_clause_says_just_decides(outline, gnss, share, side):
    # A margin between the outline's band and the whole one: only there a better fix helps.
    least, most = K * outline, K * float(np.hypot(gnss, outline))
    margin = side * (least + share * (most - least))
    moment = instant(margin, gnss, outline)
    text = worded(breakeven.margin(moment))
    needed = metres_in(text)
    assert text.startswith("fixes with a standard error below")
    # The sigma is printed to 0.05 m below 10 m and 0.5 m above.
    slack = 0.051 if needed < 10 else 0.51
    assert K * np.hypot(max(0.0, needed - slack), outline) <= abs(margin) + 1e-9
    assert K * np.hypot(needed + slack, outline) >= abs(margin) - 1e-9


def test_an_outline_too_coarse_says_how_wrong_all_must_be():
    assert worded(breakeven.margin(instant(-12.0, 3.0, 1.0, p95_m=40.0))) == (
        "not entered only if fixes and outline together are wrong by more than 12 m"
    )
    assert worded(breakeven.margin(instant(12.0, 3.0, 1.0, p95_m=40.0))).startswith("entered only if")
    assert "shape leaves it open" in worded(breakeven.margin(instant(80.0, 3.0)))


@pytest.mark.parametrize(("margin", "gnss", "p95", "reasons"), [
    (-5.0, 4.0, 0.0, [Reason.MARGIN_WITHIN_ERROR]),
    (-20.0, 4.0, 30.0, [Reason.BORDER_DATA_TOO_COARSE]),
    (5.0, 4.0, 30.0, [Reason.MARGIN_WITHIN_ERROR, Reason.BORDER_DATA_TOO_COARSE]),
    (50.0, 4.0, 30.0, [Reason.BORDER_DATA_TOO_COARSE]),  # neither by itself: the larger one is named
    (50.0, 4.0, 5.0, [Reason.MARGIN_WITHIN_ERROR]),
])  # fmt: skip
def test_which_error_leaves_a_margin_open(margin, gnss, p95, reasons):
    assert list(undecided_by(instant(margin, gnss, p95_m=p95))) == reasons


@pytest.mark.parametrize("side", [-1, 1])
def test_both_the_margin_and_the_probability_must_decide(side):
    p_sure = 0.999 if side < 0 else 0.001

    def decided(moment):
        return (moment.is_inside, moment.is_outside)

    yes = (side < 0, side > 0)
    assert decided(instant(side * 20.0, 5.0, probability=p_sure)) == yes
    assert decided(instant(side * 11.0, 5.0, probability=p_sure)) == (False, False)  # 11.6 m is the band
    assert decided(instant(side * 20.0, 5.0, probability=0.5)) == (False, False)
    assert decided(instant(-side * 20.0, 5.0, probability=p_sure)) == (False, False)
    assert instant(20.0, 5.0, p95_m=46.526).sigma_eff_m == pytest.approx(20.0)


def path_of(heights, dt_s=1.0):
    lat = 47.0 + np.arange(len(heights)) * 1e-5
    return Trajectory(make_flight(lat, np.full(len(lat), 8.0), dt_s=dt_s, alt_home_m=heights).track, Thresholds())


def test_a_gap_says_its_reach_and_the_speed_that_enters():
    text = worded(*breakeven.gap(path_of([0.0, 0.0, 0.0], dt_s=[1.0, 30.0]), 1, 450.0))
    assert "no fix for 30 s" in text
    assert "450 m" in text
    assert "20 m/s (reach 600 m)" in text
    assert text.endswith("only above 15.0 m/s")
    assert worded(breakeven.unseen(path_of([0.0, 0.0, 0.0], dt_s=[1.0, 30.0]), 1.4)).endswith("no fix for 30 s")


def test_a_height_margin_needs_a_sigma_that_many_times_smaller():
    assert worded(breakeven.vertical_margin(-46.0, 25.0, 2.3)) == (
        "46 m from the limit in height; the standard error of the height is 25 m, and one below 20 m would settle it"
    )


def zone_like(lower, upper):
    class Limits:
        pass

    zone = Limits()
    zone.lower, zone.upper = lower, upper
    return zone


GROUND, ENDLESS = Limit(0.0, Datum.GND), Limit(float("inf"), Datum.UNL)


def ground_named(lower, upper, path, stretch, *, is_inside=False, **known):
    altitudes = Altitudes(path, Settings(**known))
    return worded(*breakeven.terrain(zone_like(lower, upper), altitudes, (stretch,), is_inside=is_inside))


@pytest.mark.parametrize(("lower", "upper", "text"), [
    # 80 m at most above take-off, floor 120 m above ground: inside only where the ground lies 40 m below take-off.
    (Limit(120.0, Datum.AGL), ENDLESS, "clear if the ground is nowhere more than 40 m below take-off"),
    (Limit(50.0, Datum.AGL), ENDLESS, "clear if the ground is nowhere less than 30 m above take-off"),
    # 60 m at least, ceiling 20 m above ground: inside only where the ground rises 40 m above take-off.
    (GROUND, Limit(20.0, Datum.AGL), "clear if the ground is nowhere more than 40 m above take-off"),
    (GROUND, Limit(90.0, Datum.AGL), "clear if the ground is nowhere less than 30 m below take-off"),
    (GROUND, Limit(90.0, Datum.AMSL), ""),
])  # fmt: skip
def test_the_ground_that_would_make_it_clear(lower, upper, text):
    path = path_of([200.0, 60.0, 70.0, 80.0, np.nan, 0.0])
    for stretch in ((1.0, 3.0), (1.2, 2.5)):  # the fixes around the stretch count
        assert ground_named(lower, upper, path, stretch) == text


def test_without_a_height_above_take_off_no_ground_can_be_named():
    for heights in ([60.0, 70.0, 80.0], [np.nan, np.nan, np.nan], [60.0, np.nan, 80.0]):
        text = ground_named(Limit(120.0, Datum.AGL), ENDLESS, path_of(heights), (0.0, 2.0))
        assert bool(text) == np.isfinite(heights).all()  # it may have been anywhere where none is known


@pytest.mark.parametrize(("lower", "upper", "takeoff_m", "is_named"), [
    (GROUND, Limit(500.0, Datum.AGL), 0.0, True),  # clear over ground 440 m below the take-off
    (GROUND, Limit(500.0, Datum.AGL), -20.0, False),  # which is 460 m below the sea
    (GROUND, Limit(9_350.0, Datum.AGL), None, True),
    (GROUND, Limit(9_370.0, Datum.AGL), None, False),  # deeper below a take-off on Everest than the Dead Sea
    (Limit(40.0, Datum.AGL), ENDLESS, 8_820.0, True),  # clear over ground 20 m above the take-off or more
    (Limit(40.0, Datum.AGL), ENDLESS, 8_840.0, False),
])  # fmt: skip
def test_ground_that_is_nowhere_on_earth_is_not_named(lower, upper, takeoff_m, is_named):
    text = ground_named(lower, upper, path_of([60.0, 60.0, 60.0]), (0.0, 2.0), takeoff_amsl_m=takeoff_m)
    assert text.startswith("clear if") == is_named


def test_the_relief_that_decides_an_entry_is_named_on_the_map_inside_alone():
    path = path_of([60.0, 70.0, 80.0])
    sigma_m = np.hypot(2.0, 0.035 * 60.0)
    relief_m = int(120 - 60 - path.thresholds.band_sigmas * sigma_m)
    told = ground_named(GROUND, Limit(120.0, Datum.AGL), path, (0.0, 2.0), is_inside=True)
    assert told.endswith(f"nowhere more than {relief_m} m below take-off: --relief {relief_m} says so")
    assert "entered" not in ground_named(GROUND, Limit(120.0, Datum.AGL), path, (0.0, 2.0))
    assert "entered" not in ground_named(
        Limit(30.0, Datum.AGL), Limit(120.0, Datum.AGL), path, (0.0, 2.0), is_inside=True
    )


def test_a_single_fix_names_the_thresholds_in_force():
    path = path_of([0.0])
    other = Trajectory(path.track, replace(path.thresholds, min_run_fixes=5, min_run_s=2.5))
    assert worded(breakeven.single_fix(other)) == "5 fixes or 2.5 s inside would settle it"
