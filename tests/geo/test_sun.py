"""The sun against the NREL algorithm's figures, and events against a search for the sign change of the elevation."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dronecheck.geo.sun import (
    CIVIL_TWILIGHT_DEG,
    EVENT_ERROR_S,
    SUNSET_DEG,
    sun_crossings,
    sun_elevation_deg,
    sun_position_deg,
)
from tests.support.scale import examples

DAY_S = 86_400.0


def seconds(text):
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture(scope="module")
def vectors(shared):
    return json.loads((shared / "vectors/domain_vectors.json").read_text())


def test_solar_position(vectors):
    group = vectors["solar_position"]
    for case in group["cases"]:
        elevation, azimuth = sun_position_deg(seconds(case["utc"]), case["lat"], case["lon"])
        assert elevation == pytest.approx(case["elevation_true_deg"], abs=group["tol_deg"])
        assert azimuth == pytest.approx(case["azimuth_deg"], abs=group["tol_deg"])
        assert elevation == pytest.approx(case["noaa_elev"], abs=2e-4)


EVENTS = (("sunrise", SUNSET_DEG, 1), ("sunset", SUNSET_DEG, -1), ("civil_dawn", CIVIL_TWILIGHT_DEG, 1),
          ("civil_dusk", CIVIL_TWILIGHT_DEG, -1))  # fmt: skip


def test_solar_events(vectors):
    group = vectors["solar_events"]
    for case in group["cases"]:
        for name, elevation_deg, wanted in EVENTS:
            expected = seconds(case[name])
            at, way, error = sun_crossings(case["lat"], case["lon"], expected - 6 * 3600, expected + 6 * 3600,
                                           elevation_deg)  # fmt: skip
            (found,) = at[way == wanted]
            assert abs(found - expected) <= group["tol_s"], (case["place"], name)
            assert error.max() == EVENT_ERROR_S  # none of these is at a slant


@pytest.mark.parametrize(
    ("lat", "lon"), [(51.5, -0.12), (40.12, 124.39), (-33.87, 151.21), (55.7, -45.0), (1.3, 103.8)]
)
def test_events_are_those_of_another_implementation(lat, lon):
    astral = pytest.importorskip("astral")
    from astral.sun import sun

    for day in (date(2024, 2, 29), date(2025, 6, 21), date(2026, 10, 1)):
        their = sun(astral.Observer(lat, lon), date=day, tzinfo=UTC)
        for name, elevation_deg, wanted in (
            ("sunrise", SUNSET_DEG, 1), ("sunset", SUNSET_DEG, -1), ("dawn", CIVIL_TWILIGHT_DEG, 1),
            ("dusk", CIVIL_TWILIGHT_DEG, -1),
        ):  # fmt: skip
            expected = their[name].timestamp()
            at, way, _ = sun_crossings(lat, lon, expected - 7200, expected + 7200, elevation_deg)
            assert at[way == wanted] == pytest.approx([expected], abs=60), (name, day)


PLACES = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(PLACES, st.integers(0, 20_000), st.sampled_from([SUNSET_DEG, CIVIL_TWILIGHT_DEG]))
@example((69.65, 18.96), 20_250, SUNSET_DEG)
@example((0.0, 180.0), 20_000, SUNSET_DEG)
@settings(max_examples=examples(60), deadline=None)
def test_events_are_where_the_elevation_changes_sides(place, day, elevation_deg):
    begin = day * DAY_S
    at, way, error = sun_crossings(*place, begin, begin + 2 * DAY_S, elevation_deg)
    step_s = 60.0
    grid = begin + np.arange(0, 2 * DAY_S + 1, step_s)
    above = sun_elevation_deg(grid, *place) > elevation_deg
    changes = np.flatnonzero(above[1:] != above[:-1])
    sharp = error < 600  # where the sun meets the level at a slant, a minute's grid may miss a pair
    for moment, climbs in zip(at[sharp], way[sharp], strict=True):
        assert sun_elevation_deg(moment, *place) == pytest.approx(elevation_deg, abs=0.003)
        assert np.any((np.abs(grid[changes] + step_s / 2 - moment) <= step_s) & (above[changes + 1] == (climbs > 0)))
    for change in changes:
        assert np.any(np.abs(at - grid[change] - step_s / 2) <= step_s)


def test_polar_day_and_night_have_no_event():
    for start in ("2025-06-10T00:00:00Z", "2025-12-10T00:00:00Z"):
        at, _, _ = sun_crossings(78.2, 15.6, seconds(start), seconds(start) + 5 * DAY_S, SUNSET_DEG)
        assert not len(at)


def test_at_a_slant_the_error_is_said_to_be_larger():
    """Tromso, where the sun hardly rises in late November and mid-January."""
    begin = datetime(2025, 11, 15, tzinfo=UTC)
    at, _, error = sun_crossings(69.65, 18.96, begin.timestamp(), (begin + timedelta(days=14)).timestamp(), SUNSET_DEG)
    assert error[0] < error[-1]
    assert error[-1] > 1.5 * EVENT_ERROR_S
    assert len(at) > 10
