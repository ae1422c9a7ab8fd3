"""Heights that step, times that go back in flight, and sources that fall silent, on made flights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dronecheck.evidence.consistency.clock.back import went_back
from dronecheck.evidence.consistency.heights.climbs import climbs
from dronecheck.evidence.consistency.records.armed import flies_disarmed
from dronecheck.evidence.consistency.records.silence import fell_silent, other_names
from dronecheck.flight import Flight, Track, Vehicle, Witness
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
    armed[230:] = 1  # six seconds
    assert list(flies_disarmed(_state(flight, armed))) == []
    at_rest = replace(flight, tracks={"gnss": flight.track.replace(speed_mps=np.zeros(600))})
    assert list(flies_disarmed(_state(at_rest, np.zeros(600)))) == []
