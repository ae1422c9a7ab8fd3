"""The data refuses what could not be true, and cannot be changed afterwards."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from dronecheck.errors import UsageError
from dronecheck.flight import Clock, ClockSource, Flight, Source, Track
from dronecheck.flight.user_clock import with_user_clock
from tests.conftest import make_flight


def test_columns_not_given_are_unknown_and_all_are_read_only():
    track = make_flight([1.0, 2.0], [3.0, 4.0]).track
    assert np.isnan(track.alt_agl_m).all()
    assert list(track.columns())[:3] == ["time_ns", "lat_deg", "lon_deg"]
    with pytest.raises(ValueError, match="read-only"):
        track.lat_deg[0] = 5.0
    with pytest.raises(AttributeError):
        track.lat_deg = track.lon_deg


@pytest.mark.parametrize(
    "change",
    [
        {"lat_deg": [91.0, 2.0]},
        {"lon_deg": [3.0, 181.0]},
        {"lat_deg": [np.nan, 2.0]},
        {"lon_deg": [np.inf, 2.0]},
        {"time_ns": [2, 1]},
        {"offset": [1]},
        {"alt_amsl_m": [1.0, 2.0, 3.0]},
        {"altitude": [1.0, 2.0]},
    ],
)
def test_impossible_tracks_are_refused(change):
    columns = {"time_ns": [1, 2], "lat_deg": [1.0, 2.0], "lon_deg": [3.0, 4.0], "offset": [0, 1], "message": "m"}
    with pytest.raises(ValueError, match=r"shape|descend|finite|no such"):
        Track.build(**{**columns, **change})


def test_building_copies_so_that_the_source_may_change():
    lat = np.array([1.0, 2.0])
    track = make_flight(lat, [3.0, 4.0]).track
    lat[0] = 50.0
    assert track.lat_deg[0] == 1.0


def test_the_primary_track_must_exist():
    flight = make_flight([1.0], [2.0])
    with pytest.raises(ValueError, match="primary"):
        Flight(flight.source, flight.tracks, "fused", flight.clock)
    empty = Flight(flight.source, {}, "", flight.clock)
    assert len(empty.track) == 0


def test_the_operator_never_stands_for_the_aircraft():
    flight = make_flight([1.0], [2.0])
    operator = {"operator": flight.track}
    assert len(Flight(flight.source, operator, "", flight.clock).track) == 0
    for tracks in (operator, {**flight.tracks, **operator}):
        with pytest.raises(ValueError, match="primary"):
            Flight(flight.source, tracks, "operator", flight.clock)
    with pytest.raises(ValueError, match="primary"):
        Flight(flight.source, {**flight.tracks, **operator}, "", flight.clock)


def test_pandas_gets_a_utc_index():
    frame = make_flight([1.0, 2.0], [3.0, 4.0], start_ns=1_600_000_000_500_000_000).track.to_pandas()
    assert str(frame.index.tz) == "UTC"
    assert frame.index[0].isoformat() == "2020-09-13T12:26:40.500000+00:00"
    assert frame["lat_deg"].tolist() == [1.0, 2.0]


def test_sources_and_clocks_are_plain_values():
    assert Clock(False, ClockSource.NONE, 1.0) == Clock(False, ClockSource.NONE, 1.0)
    assert isinstance(make_flight([1.0], [2.0]).source, Source)


def test_a_clock_given_by_the_user_moves_everything_alike():
    flight = make_flight([1.0, 2.0], [3.0, 4.0], utc=False, start_ns=5_000_000_000, events=[(1, "land")])
    local = dataclasses.replace(flight, clock=Clock(False, ClockSource.EXPORT, 1.0))
    start_ns = 1_700_000_000 * 10**9
    moved = with_user_clock(flight, start_ns, None)
    assert moved.track.time_ns.tolist() == [start_ns, start_ns + 200_000_000]
    assert moved.events[0].time_ns == start_ns + 200_000_000
    assert (moved.clock.utc_known, moved.clock.source) == (True, ClockSource.USER)
    assert with_user_clock(local, None, 9.0).track.time_ns[0] == 5_000_000_000 - 9 * 3600 * 10**9
    assert with_user_clock(flight, None, None) is flight


def test_a_clock_that_cannot_be_right_is_the_users_mistake():
    known, unknown = make_flight([1.0], [2.0]), make_flight([1.0], [2.0], utc=False)
    for flight, start_ns, offset_h in ((known, 1, None), (unknown, None, 8.0), (unknown, 1, 1.0)):
        with pytest.raises(UsageError):
            with_user_clock(flight, start_ns, offset_h)
    local = dataclasses.replace(unknown, clock=Clock(False, ClockSource.EXPORT, 1.0))
    with pytest.raises(UsageError, match="between"):
        with_user_clock(local, None, 25.0)
