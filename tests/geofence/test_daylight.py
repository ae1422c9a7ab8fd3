"""The light of a flight against the sun's elevation at every single fix, and against an almanac."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.flight import Clock, ClockSource
from dronecheck.geo.sun import sun_elevation_deg
from dronecheck.geofence.activation.daylight import Light, daylight
from dronecheck.geofence.engine import check
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from dronecheck.report.text.headline import daylight_line
from tests.conftest import make_flight
from tests.support.scale import examples

GNSS = Clock(True, ClockSource.GNSS, 0.1)
SUNSET_LONDON = round(datetime(2025, 6, 21, 20, 21, 31, tzinfo=UTC).timestamp())  # NREL algorithm, 51.5 N 0.12 W
DUSK_LONDON = round(datetime(2025, 6, 21, 21, 9, 16, tzinfo=UTC).timestamp())


def london(start_s, count=600, dt_s=1.0, **kwargs):
    return make_flight(np.full(count, 51.5), np.full(count, -0.12), dt_s=dt_s, start_ns=start_s * 10**9, **kwargs)


@given(st.floats(-75, 75), st.floats(-179, 179), st.integers(1_600_000_000, 1_900_000_000),
       st.lists(st.sampled_from([1.0, 5.0, 40.0, 900.0, 7000.0]), min_size=1, max_size=80))  # fmt: skip
@settings(max_examples=examples(60), deadline=None)
def test_every_fix_is_in_the_light_its_own_elevation_says(lat, lon, start, steps):
    count = len(steps) + 1
    flight = make_flight(lat + 1e-4 * np.arange(count), np.full(count, lon), dt_s=steps, start_ns=start * 10**9)
    found = daylight(flight.track, GNSS).of_fixes(count)
    track = flight.track
    for row in range(count):
        elevation = float(sun_elevation_deg(track.time_ns[row] / 1e9, track.lat_deg[row], track.lon_deg[row]))
        assert found[row] == (0 if elevation <= -6 else 1 if elevation <= -0.8333 else 2)


def test_long_flights_are_sampled_and_still_exact():
    flight = london(SUNSET_LONDON - 3000, count=80_000, dt_s=0.1)
    track = flight.track
    elevation = sun_elevation_deg(track.time_ns / 1e9, track.lat_deg, track.lon_deg)
    expected = np.searchsorted([-6.0, -0.8333], elevation)
    assert np.array_equal(daylight(track, GNSS).of_fixes(len(track)), expected)


def test_sunset_and_dusk_are_those_of_the_almanac():
    light = daylight(london(SUNSET_LONDON - 600, count=4200).track, GNSS)
    assert light.begin is Light.DAY
    assert [c.to for c in light.changes] == [Light.CIVIL_TWILIGHT, Light.NIGHT]
    for change, expected in zip(light.changes, (SUNSET_LONDON, DUSK_LONDON), strict=True):
        assert abs(change.time_ns / 1e9 - expected) < light.error_s


def document_of(flight):
    return result_document(redact(Case(flight, None, check(flight)), Disclosure()))


def test_words():
    for start, words in (
        (SUNSET_LONDON - 7200, "Flown in daylight."),
        (SUNSET_LONDON - 300, "Flown in daylight, from 20:21 UTC in civil twilight (sun times ±2 min)."),
        (SUNSET_LONDON + 600, "Flown in civil twilight."),
        (DUSK_LONDON + 600, "Flown at night."),
    ):
        flight = london(start)
        assert daylight_line(daylight(flight.track, flight.clock)) == words
        assert words in " ".join(summary(flight, check(flight)).split())


def test_without_utc_nothing_is_said():
    flight = london(0, utc=False)
    assert daylight(flight.track, flight.clock) is None
    assert "Flown" not in summary(flight, check(flight))
    assert document_of(flight).flight.daylight is None


def test_the_result_carries_it():
    flight = london(SUNSET_LONDON - 300)
    written = json.loads(encode(document_of(flight), indent=False))["flight"]["daylight"]
    assert (written["start"], written["end"]) == ("day", "civil_twilight")
    (change,) = written["changes"]
    assert change["to"] == "civil_twilight"
    assert abs(datetime.fromisoformat(change["time_utc"]).timestamp() - SUNSET_LONDON) < written["error_s"]
    assert written["error_s"] == pytest.approx(90.1)
