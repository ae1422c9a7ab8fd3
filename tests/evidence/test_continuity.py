"""Heights that step, times that go back in flight, and sources that fall silent, on made flights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dronecheck.evidence.consistency.clock.back import leapt, went_back
from dronecheck.evidence.consistency.heights.climbs import climbs
from dronecheck.evidence.consistency.records.armed import flies_disarmed, never_armed
from dronecheck.evidence.consistency.records.silence import fell_silent, other_names, other_receivers
from dronecheck.flight import Event, EventKind, Flight, Track, Vehicle, Witness
from tests.conftest import make_flight

M_PER_DEG = 111_195.0


def flown(count: int = 600, speed_mps: float = 10.0, **columns: object) -> Flight:
    """Straight north at five fixes a second."""
    lat = 46.0 + np.arange(count) * 0.2 * speed_mps / M_PER_DEG
    return make_flight(lat, np.full(count, 7.0), **columns)


def with_track(flight: Flight, name: str, track: Track) -> Flight:
    return replace(flight, tracks={**flight.tracks, name: track})


def heights(count: int = 600) -> np.ndarray:
    return 500.0 + 40.0 * np.sin(np.arange(count) / 60.0)


def test_a_height_that_steps_and_stays_is_told_where_it_steps() -> None:
    up = heights()
    up[300:400] += 60.0
    flight = flown(alt_amsl_m=up)
    (told,) = climbs(flight) or ()
    assert (told.id, told.severity) == ("KIN-2", "NOTICE")
    assert told.records == (300 * 100, 400 * 100)
    assert str(told.observed).split(" steps by ")[1].startswith(("59 m", "60 m", "61 m"))


@pytest.mark.parametrize("odd", ["one height", "a fast climb", "the first fixes", "no numbers", "a gap"])
def test_honest_heights_are_left_alone(odd: str) -> None:
    up = heights()
    steps = np.full(599, 0.2)
    if odd == "one height":
        up[300] += 500.0
    elif odd == "a fast climb":
        up[300:] += np.minimum(np.arange(300) * 0.2 * 30.0, 400.0)
    elif odd == "the first fixes":
        up[:100] += 200.0
    elif odd == "no numbers":
        up[200:250] = np.nan
        up[260] = np.inf
    else:
        up[300:] += 60.0
        steps[299] = 20.0
    flight = flown(alt_amsl_m=up)
    flight = make_flight(flight.track.lat_deg, flight.track.lon_deg, dt_s=steps, alt_amsl_m=up)
    assert climbs(flight) == ()


def test_no_height_is_no_test() -> None:
    assert climbs(flown()) is None
    assert climbs(make_flight([], [])) is None


def _in_two_parts(flight: Flight, row: int, back_s: float, shift_m: float = 0.0) -> Flight:
    """The clock goes back at a row, and the place jumps north."""
    track = flight.track
    time_ns = track.time_ns.copy()
    time_ns[row:] -= int(back_s * 1e9)
    part = (np.arange(len(track)) >= row).astype(np.int64)
    lat = track.lat_deg + part * shift_m / M_PER_DEG
    return replace(flight, tracks={"gnss": track.replace(time_ns=time_ns, part=part, lat_deg=lat)})


def test_a_time_that_goes_back_in_flight_is_told() -> None:
    (told,) = went_back(_in_two_parts(flown(), 300, 7.2))
    assert (told.id, told.severity) == ("TIM-1", "NOTICE")
    assert told.records == (30_000,)
    assert "7.0 s" in str(told.observed)


@pytest.mark.parametrize(("speed_mps", "back_s", "shift_m"), [(0.1, 7.2, 0.0), (10.0, 3600.0, 0.0), (10.0, 7.2, 500.0)])
def test_a_recording_that_starts_again_is_left_alone(speed_mps: float, back_s: float, shift_m: float) -> None:
    """At rest, hours back, or at another place."""
    assert list(went_back(_in_two_parts(flown(speed_mps=speed_mps), 300, back_s, shift_m))) == []


def _two_sources(gone: slice) -> Flight:
    flight = flown()
    keep = np.ones(600, np.bool_)
    keep[gone] = False
    return with_track(with_track(flight, "fused", flight.track), "gnss", flight.track.where(keep))


def test_a_source_that_falls_silent_alone_is_told() -> None:
    (told,) = fell_silent(_two_sources(slice(200, 300)))
    assert (told.id, told.severity, told.tracks) == ("SRC-1", "NOTICE", ("gnss",))
    assert told.spans == ((199 * 100, 300 * 100),)


def test_a_receiver_that_says_that_it_has_no_fix_is_no_silence() -> None:
    flight = _two_sources(slice(200, 300))
    rows = np.arange(200, 300)
    time_ns = flight.tracks["fused"].time_ns[rows]
    witness = Witness("gnss", "fix", time_ns, rows * 100, {"fix_type": np.ones(100)})
    assert list(fell_silent(replace(flight, witnesses=(witness,)))) == []
    assert list(fell_silent(_two_sources(slice(200, 210)))) == []  # two seconds
    both = _two_sources(slice(200, 300)).tracks["gnss"]
    assert list(fell_silent(with_track(with_track(flight, "fused", both), "gnss", both))) == []


def test_positions_under_another_number_while_the_aircraft_has_none() -> None:
    flight = flown()
    keep = np.ones(600, np.bool_)
    keep[200:300] = False
    theirs = replace(flight, tracks={"gnss": flight.track[200:300]}, vehicle=Vehicle(system=2))
    ours = replace(flight, tracks={"gnss": flight.track.where(keep)}, others=(theirs,))
    (told,) = other_names(ours)
    assert (told.concern, told.spans) == ("identity", ((19_900, 30_000),))
    whole = replace(flight, others=(replace(flight, vehicle=Vehicle(system=2)),))
    assert list(other_names(whole)) == []


def _state(flight: Flight, armed: np.ndarray) -> Flight:
    rows = np.arange(0, 600, 5)
    time_ns = flight.track.time_ns[rows]
    return replace(flight, witnesses=(Witness("state", "status", time_ns, rows * 100, {"armed": armed[rows]}),))


def test_a_state_that_says_disarmed_in_flight_is_told() -> None:
    flight = flown(speed_mps=10.0)
    flight = replace(flight, tracks={"gnss": flight.track.replace(speed_mps=np.full(600, 10.0))})
    armed = np.ones(600)
    armed[200:300] = 0
    (told,) = flies_disarmed(_state(flight, armed))
    assert (told.id, told.severity, told.spans) == ("CHN-1", "NOTICE", ((20_000, 29_500),))
    armed[215:] = 1  # three seconds
    assert list(flies_disarmed(_state(flight, armed))) == []
    at_rest = replace(flight, tracks={"gnss": flight.track.replace(speed_mps=np.zeros(600))})
    assert list(flies_disarmed(_state(at_rest, np.zeros(600)))) == []


def test_a_state_is_held_against_the_aircrafts_own_word_and_across_recordings() -> None:
    """Slow and low: nothing in the track tells that it flies; and a clock that starts again halfway."""
    flight = flown(speed_mps=1.0)
    disarmed = _state(flight, np.zeros(600))
    rows = np.arange(0, 600, 5)
    says = Witness("state", "landed", flight.track.time_ns[rows], rows * 100, {"flying": np.ones(120)})
    heard = replace(disarmed, witnesses=(*disarmed.witnesses, says), source=replace(flight.source, format="ulog"))
    (told,) = flies_disarmed(heard)
    assert told.severity == "NOTICE"
    assert list(flies_disarmed(replace(heard, source=replace(flight.source, format="csv")))) == []
    quick = flown(speed_mps=10.0)
    quick = replace(quick, tracks={"gnss": quick.track.replace(speed_mps=np.full(600, 10.0))})
    twice = _in_two_parts(quick, 300, 3600.0)
    armed = np.ones(600)
    armed[400:500] = 0
    (told,) = flies_disarmed(_state(twice, armed))
    assert told.spans == ((40_000, 49_500),)


def _taking_off(**source: str) -> Flight:
    """From rest up to 60 m, with a mode in its events."""
    up = np.clip(np.arange(600) - 100, 0, 300) * 0.2
    flight = flown(speed_mps=0.0, alt_home_m=up)
    flight = replace(flight, tracks={"gnss": flight.track.replace(speed_mps=np.zeros(600))})
    mode = Event(int(flight.track.time_ns[0]), EventKind.MODE, "Stabilize", 0)
    return replace(
        flight, events=(mode,), source=replace(flight.source, **{"format": "dataflash", "dialect": "binary", **source})
    )


def test_a_flight_that_no_event_armed_for_is_told() -> None:
    flight = _taking_off()
    (told,) = never_armed(flight)
    assert (told.id, told.severity) == ("CHN-1", "NOTICE")
    assert "60 m" in str(told.observed)
    armed = Event(int(flight.track.time_ns[90]), EventKind.ARM, "armed", 9000)
    assert list(never_armed(replace(flight, events=(*flight.events, armed)))) == []
    assert list(never_armed(_taking_off(format="gpx", dialect="1.1"))) == []  # never tells events
    assert list(never_armed(_taking_off(dialect="px4"))) == []  # tells a state
    in_flight = replace(flight, tracks={"gnss": flight.track[200:]})
    assert list(never_armed(in_flight)) == []
    assert list(never_armed(replace(flight, tracks={"gnss": flight.track[:0]}))) == []


def _receivers(flight: Flight, first: np.ndarray, second: np.ndarray) -> Flight:
    """Two receivers of one record kind, by the rows of which each has records."""
    made = (
        Witness("gnss", "GPS", flight.track.time_ns[rows], rows * 100, {"satellites": np.full(len(rows), 9.0)})
        for rows in (first, second)
    )
    return replace(flight, witnesses=tuple(made))


def test_a_second_receiver_in_the_hole_of_the_first_is_told() -> None:
    rows = np.arange(600)
    hole = rows[200:300]
    (told,) = other_receivers(_receivers(flown(), np.delete(rows, hole), hole))
    assert (told.id, told.severity, told.concern) == ("SRC-1", "NOTICE", "identity")
    assert told.spans == ((19_900, 30_000),) and told.records == (20_000,)


@pytest.mark.parametrize("second", [slice(0, 600), slice(400, 600), slice(0, 300), slice(150, 350), slice(240, 260)])
def test_a_second_receiver_of_its_own_is_left_alone(second: slice) -> None:
    """All along, beginning late, breaking off, overlapping, or short within a long hole."""
    rows = np.arange(600)
    assert list(other_receivers(_receivers(flown(), np.delete(rows, rows[200:300]), rows[second]))) == []


def _late(flight: Flight, row: int, seconds: float) -> Flight:
    """The clock leaps forward at a row."""
    time_ns = flight.track.time_ns.copy()
    time_ns[row:] += int(seconds * 1e9)
    return replace(flight, tracks={"gnss": flight.track.replace(time_ns=time_ns)})


def test_a_time_that_leaps_forward_in_flight_is_told() -> None:
    (told,) = leapt(_late(flown(), 300, 7.2))
    assert (told.id, told.severity, told.records) == ("TIM-1", "NOTICE", (30_000,))
    assert told.spans == ((29_900, 30_000),)


@pytest.mark.parametrize("odd", ["slow", "short", "long", "flown on", "turned", "another recording"])
def test_honest_gaps_are_left_alone(odd: str) -> None:
    flight = _late(flown(speed_mps=1.0 if odd == "slow" else 10.0), 300, {"short": 1.0, "long": 300.0}.get(odd, 7.2))
    track = flight.track
    if odd == "flown on":
        track = track.replace(lat_deg=track.lat_deg + (np.arange(600) >= 300) * 72.0 / M_PER_DEG)
    elif odd == "turned":
        track = track.replace(lat_deg=46.0 + np.abs(track.lat_deg - track.lat_deg[300]))
    elif odd == "another recording":
        track = track.replace(part=(np.arange(600) >= 300).astype(np.int64))
    assert list(leapt(replace(flight, tracks={"gnss": track}))) == []


def test_a_source_of_a_log_of_two_recordings_falls_silent() -> None:
    flight = _two_sources(slice(400, 500))
    tracks = {}
    for name, track in flight.tracks.items():
        row = int(np.searchsorted(track.offset, 30_000))
        tracks[name] = _in_two_parts(replace(flight, tracks={"gnss": track}), row, 60.0).track
    (told,) = fell_silent(replace(flight, tracks=tracks))
    assert told.spans == ((399 * 100, 500 * 100),)
