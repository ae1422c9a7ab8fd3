"""Heights that are missing for a while leave that while open, and only that; the rest is judged as it stands."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit, ZoneSet
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.report.text.headline import headline
from tests.geofence.test_timed_zones import SOURCE, eastward, judged, second, zone
from tests.support.said import said
from tests.support.scale import examples

COUNT = 121  # of eastward(): in the zone's outline from second 40 to second 80


def flown(heights, missing=(), **options):
    """The flight through the zone at these heights above the sea, some of them not in the log."""
    column = np.broadcast_to(np.asarray(heights, dtype=float), COUNT).copy()
    column[list(missing)] = np.nan
    return eastward(alt_amsl_m=column, v_sigma_m=np.full(COUNT, 2.0), **options)


def above(metres, datum=Datum.AMSL):
    return zone(lower=Limit(metres, datum))


@pytest.mark.parametrize("datum", [Datum.AMSL, Datum.FL])
def test_a_second_without_height_leaves_that_second_open(datum):
    flight = flown(100.0, missing=[60])
    (finding,) = judged(flight, above(1_500.0, datum)).findings
    assert (finding.verdict, finding.reasons) == (Verdict.INCONCLUSIVE, (Reason.HEIGHT_UNKNOWN,))
    assert (second(finding.enter_ns), second(finding.exit_ns)) == pytest.approx((59, 61), abs=1e-6)
    # Nothing was crossed at these ends: they are instants of fixes, without a sigma.
    assert finding.enter_sigma_s is finding.exit_sigma_s is None
    assert "--qnh" not in said(finding)  # no air pressure would bring the height back


def test_heights_that_begin_late_leave_the_beginning_open_and_the_outline_its_sigma():
    (finding,) = judged(flown(100.0, missing=range(50)), above(1_500.0)).findings
    assert finding.reasons == (Reason.HEIGHT_UNKNOWN,)
    assert (second(finding.enter_ns), second(finding.exit_ns)) == pytest.approx((40, 50), abs=0.01)
    assert finding.enter_sigma_s == pytest.approx(0.14, abs=0.1)  # the outline was crossed: 1.5 m at 15 m/s, and clock
    assert finding.exit_sigma_s is None


def test_two_holes_are_two_open_parts_and_what_is_between_them_is_clear():
    findings = judged(flown(100.0, missing=[45, 75]), above(1_500.0)).findings
    assert [(round(second(f.enter_ns)), round(second(f.exit_ns))) for f in findings] == [(44, 46), (74, 76)]
    assert {f.verdict for f in findings} == {Verdict.INCONCLUSIVE}


def test_a_hole_outside_the_outline_is_nobodys_question():
    assert not judged(flown(100.0, missing=[5, 100]), above(1_500.0)).findings


def test_a_stay_with_no_height_at_all_stays_whole():
    (finding,) = judged(flown(100.0, missing=range(COUNT)), above(1_500.0)).findings
    assert (second(finding.enter_ns), second(finding.exit_ns)) == pytest.approx((40, 80), abs=0.01)
    assert finding.enter_sigma_s is not None and finding.exit_sigma_s is not None


def test_flight_levels_left_open_by_the_pressure_keep_their_reason():
    flight = flown(300.0, missing=[60])
    findings = judged(flight, above(400.0, Datum.FL)).findings  # 100 m above: within what the pressure may do
    reasons = {reason for finding in findings for reason in finding.reasons}
    assert reasons == {Reason.VERTICAL_FRAME_UNKNOWN, Reason.HEIGHT_UNKNOWN}
    at_hand = check(flight, ZoneSet((above(400.0, Datum.FL),), (SOURCE,)), Settings(qnh_hpa=1013.25)).findings
    assert {reason for finding in at_hand for reason in finding.reasons} == {Reason.HEIGHT_UNKNOWN}


@settings(max_examples=examples(60), deadline=None)
@given(st.sets(st.integers(0, COUNT - 1), max_size=40))
def test_what_is_open_is_what_is_missing(missing):
    """Far below the floor: open are the steps beside a missing height, within the outline, and nothing else."""
    findings = judged(flown(100.0, missing=missing), above(1_500.0)).findings
    at = np.linspace(40.05, 79.95, 800)
    step = np.floor(at).astype(int)
    expected = np.isin(step, list(missing)) | np.isin(step + 1, list(missing))
    found = np.zeros(len(at), dtype=bool)
    for finding in findings:
        found |= (at >= second(finding.enter_ns)) & (at <= second(finding.exit_ns))
    assert np.array_equal(found, expected)


def test_the_headline_names_what_was_entered_and_what_is_open():
    open_ = replace(above(1_500.0), id="lake", name="Lake")
    text = headline(judged(flown(100.0, missing=[60]), zone(), open_))
    assert text.startswith("ENTERED Reservoir (z). CANNOT TELL whether it entered Lake (lake).")


def test_no_instant_is_less_sure_than_the_flight_is_long():
    """A climb of a millimetre a second through a floor: sigma over rate would be hours."""
    climb = 1_000.0 + 0.001 * (np.arange(COUNT) - 60)
    findings = judged(flown(climb), above(1_000.0)).findings
    assert findings
    for finding in findings:
        for sigma_s in (finding.enter_sigma_s, finding.exit_sigma_s):
            assert sigma_s is None or sigma_s <= np.hypot(COUNT - 1, 0.1)
