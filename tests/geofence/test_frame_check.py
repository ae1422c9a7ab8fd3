"""A wrong frame shows by itself, and what is wrong decides nothing."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.geo.vertical.geoid import bundled_geoid
from dronecheck.geofence.altitude.datum_check import Agreement, check_datums
from dronecheck.geofence.engine import check
from dronecheck.issues import Code
from dronecheck.readers import read
from tests.conftest import make_flight

LAT, LON = 51.5, -0.12  # London: N = 45.95 m
N_M = 45.95


def track(hae_less_amsl, lat=LAT, lon=LON, **columns):
    count = 200
    amsl = np.linspace(50, 150, count)
    noise = np.random.default_rng(0).normal(0, 1.0, count)
    made = make_flight(
        np.full(count, lat), lon + np.arange(count) * 1e-5, alt_amsl_m=amsl, alt_hae_m=amsl + hae_less_amsl + noise,
        **columns,
    )  # fmt: skip
    return made.track


@pytest.mark.parametrize(
    ("difference_m", "agreement", "doubted"),
    [
        (N_M, Agreement.CONSISTENT, set()),
        (N_M + 2.5, Agreement.CONSISTENT, set()),
        (N_M - 2.5, Agreement.CONSISTENT, set()),
        (N_M + 3.6, Agreement.INCONSISTENT, {VerticalDatum.AMSL, VerticalDatum.HAE}),
        (0.0, Agreement.COPY, {VerticalDatum.HAE, VerticalDatum.AMSL}),
        (-N_M, Agreement.SIGN_FLIPPED, {VerticalDatum.HAE}),
        (15.0, Agreement.INCONSISTENT, {VerticalDatum.AMSL, VerticalDatum.HAE}),
    ],
)
def test_the_difference_tells_the_frame(difference_m, agreement, doubted):
    found = check_datums(track(difference_m), bundled_geoid)
    assert (found.agreement, found.doubted) == (agreement, doubted)
    assert found.undulation_m == pytest.approx(N_M, abs=0.05)
    assert (found.issue is None) == (not doubted)


def test_where_the_geoid_is_near_the_ellipsoid_a_copy_is_no_fault():
    count = 20
    flat = make_flight(np.full(count, -0.47), -37 + np.arange(count) * 1e-5, alt_amsl_m=[5.0] * count,
                       alt_hae_m=[5.0] * count)  # fmt: skip
    n_m = float(bundled_geoid().undulation_m([-37.0], [-0.47])[0])
    expected = Agreement.CONSISTENT if abs(n_m) <= 3 else Agreement.COPY
    assert check_datums(flat.track, bundled_geoid).agreement is expected


def test_the_geoid_is_asked_only_where_both_heights_are():
    def never():
        raise AssertionError("asked")

    for columns in ({}, {"alt_amsl_m": [1.0, np.nan]}, {"alt_amsl_m": [1.0, np.nan], "alt_hae_m": [np.nan, 50.0]}):
        made = make_flight([LAT, LAT], [LON, LON + 1e-5], **columns)
        assert check_datums(made.track, never).agreement is Agreement.NOT_TESTED
        assert check(made).geoid_sha256 is None


def test_the_issue_names_both_figures():
    made = make_flight([LAT] * 3, LON + np.arange(3) * 1e-5, alt_amsl_m=[10.0] * 3, alt_hae_m=[10.0] * 3)
    result = check(made)
    (issue,) = [i for i in result.issues if i.code is Code.HEIGHT_FRAME_INCONSISTENT]
    assert "0.0 m" in issue.message
    assert "46.0 m" in issue.message
    assert "simulators" in issue.message
    assert (issue.count, issue.offset) == (3, 0)
    assert result.geoid_sha256 == bundled_geoid().sha256


def test_real_logs(shared):
    small = read(shared / "logs/ulog/PX4__pyulog__sample_log_small.ulg")
    found = check_datums(small.track, bundled_geoid)
    assert found.agreement is Agreement.CONSISTENT
    assert found.difference_m == pytest.approx(39.95, abs=0.05)
    simulated = read(shared / "logs/ulog/PX4__pyulog__sample_px4_events.ulg")
    assert Code.SIMULATED in {issue.code for issue in simulated.issues}
    assert np.isnan(simulated.track.alt_hae_m).all()
    center = next((shared / "logs").rglob("PyFlightCoach__FlightData__center_0003.bin"))
    gnss = read(center).tracks["gnss"]
    found = check_datums(gnss, bundled_geoid)
    # GPA.Und is -48.53, N with its sign turned round: read as it is meant, it agrees to 1.5 m.
    assert found.agreement is Agreement.CONSISTENT
    assert found.difference_m == pytest.approx(48.53, abs=0.01)
    assert abs(found.difference_m - found.undulation_m) == pytest.approx(1.48, abs=0.05)
