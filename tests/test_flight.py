"""The data refuses what could not be true, and cannot be changed afterwards."""

from __future__ import annotations

import dataclasses
from pathlib import Path

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


def ten_fixes():
    columns = {name: np.arange(10.0) for name in ("lat_deg", "lon_deg", "alt_amsl_m", "speed_mps")}
    return Track.build(
        time_ns=np.arange(10) * 10**9, offset=np.arange(10) + 1, message="GPS", h_sigma_source="logged", **columns
    )


@pytest.mark.parametrize(
    ("made", "rows"),
    [
        (lambda track: track[2:5], [2, 3, 4]),
        (lambda track: track[::4], [0, 4, 8]),
        (lambda track: track[-2:], [8, 9]),
        (lambda track: track[20:], []),
        (lambda track: track.where(track.lat_deg > 6.5), [7, 8, 9]),
        (lambda track: track.where(np.array([1, 5])), [1, 5]),
    ],
)
def test_some_of_the_fixes_with_all_of_their_columns(made, rows):
    track = ten_fixes()
    some = made(track)
    assert (some.message, some.h_sigma_source) == ("GPS", "logged")
    for name, column in some.columns().items():
        np.testing.assert_array_equal(column, getattr(track, name)[rows])
        assert column.dtype == getattr(track, name).dtype
        assert not column.flags.writeable


@pytest.mark.parametrize("index", [3, np.array([True] * 10), "lat_deg", (1, 2)])
def test_a_track_is_sliced_only(index):
    with pytest.raises(TypeError, match="sliced"):
        ten_fixes()[index]


def test_fixes_do_not_go_back_in_time():
    with pytest.raises(ValueError, match="descend"):
        ten_fixes()[::-1]


def test_shifted_and_replaced_columns_leave_the_rest():
    track = ten_fixes()
    later = track.shifted(-5)
    assert later.time_ns.tolist() == (track.time_ns - 5).tolist()
    assert later.alt_amsl_m.tolist() == track.alt_amsl_m.tolist()
    assert track.shifted(0) is track
    moved = track.replace(lon_deg=track.lon_deg + 1, speed_mps=np.zeros(10))
    assert moved.lon_deg[3] == 4.0
    assert not moved.speed_mps.any()
    assert moved.lat_deg.tolist() == track.lat_deg.tolist()
    with pytest.raises(ValueError, match="shape"):
        track.replace(lat_deg=[1.0])
    with pytest.raises(ValueError, match="no such"):
        track.replace(altitude_m=np.zeros(10))


def test_a_track_and_a_flight_show_themselves_in_a_line():
    assert repr(ten_fixes()) == "Track(10 fixes of GPS in 9.0 s)"
    assert repr(Track.empty()) == "Track(no fixes)"
    flight = make_flight([1.0, 2.0], [3.0, 4.0])
    hostile = dataclasses.replace(flight, source=dataclasses.replace(flight.source, path=Path("a\x1b[2Jb.csv")))
    for one in (flight, hostile):
        text = repr(one)
        assert text.startswith("Flight(")
        assert text.isprintable()
        assert len(text) < 200
    assert flight == flight
    assert flight != hostile
