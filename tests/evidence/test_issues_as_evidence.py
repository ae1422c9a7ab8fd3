"""What the readers noted, told as evidence: framing, ends, sources that part, simulators."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import dronecheck
from dronecheck.evidence.consistency import TESTS
from dronecheck.flight.integrity import Weight
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers import read_input
from dronecheck.safe.io import Input
from tests.conftest import make_flight
from tests.support.dataflash_writer import Dataflash

RUN = {test.id: test.run for test in TESTS}
STEP = np.arange(60) * 1e-5


def read(log: Dataflash):
    return read_input(Input(Path("a.bin"), bytes(log.bytes), "0" * 64))


def two_receivers(north_deg: float) -> Dataflash:
    log = Dataflash()
    for row in range(40):
        log.gps(1 + row / 5, 47 + row * 1e-5, 8, I=0)
        log.gps(1 + row / 5, 47 + row * 1e-5 + north_deg, 8, I=1)
    return log


@pytest.mark.parametrize(("north_deg", "weight"), [(0.0, None), (0.001, Weight.NOTICE), (0.5, Weight.NOTICE)])
def test_receivers_that_part_are_a_notice_and_no_contradiction(north_deg, weight):
    flight = read(two_receivers(north_deg))
    said = RUN["SRC-1"](flight)
    assert [s.severity for s in said or ()] == ([weight] if weight else [])
    if weight:
        assert flight.primary in said[0].tracks
        assert said[0].records[0] in flight.track.offset


def test_one_source_alone_cannot_part(flight_of):
    assert RUN["SRC-1"](flight_of(47 + STEP, np.full(60, 8.0))) is None


def test_bytes_that_are_no_records_are_told_with_their_place():
    log = two_receivers(0.0)
    whole = read(log)
    assert RUN["STR-1"](whole) == ()
    at = log.add(b"\x55" * 40)
    for row in range(40):
        log.gps(9 + row / 5, 47 + row * 1e-5, 8, I=0)
    (said,) = RUN["STR-1"](read(log))
    assert said.severity is Weight.INFO
    assert at - 60 < said.records[0] <= at  # the record before is given up with them
    assert said.innocent


@pytest.mark.parametrize("first", [0, 20])
@pytest.mark.parametrize("last", [60, 40])
def test_a_cut_beginning_and_a_cut_end_are_told(flight_of, first, last):
    lat = 47 + np.cumsum(np.where((np.arange(60) > 5) & (np.arange(60) < 55), 1e-5, 0.0))
    height = np.interp(np.arange(60), [0, 5, 15, 45, 55, 59], [0, 0, 30, 30, 0, 0])
    whole = flight_of(lat, np.full(60, 8.0), alt_home_m=height)
    track = whole.track[first:last]
    cut = replace(whole, tracks={"gnss": track}, ends_airborne=last < 60)
    said = RUN["STR-3"](cut)
    assert {s.severity for s in said} <= {Weight.INFO}
    offsets = ([int(track.offset[0])] if first else []) + ([int(track.offset[-1])] if last < 60 else [])
    assert [s.records[0] for s in said] == offsets


def test_ends_need_a_track_and_films_have_none_of_their_own(flight_of):
    assert RUN["STR-3"](flight_of([], [])) is None
    applies = next(test.applies for test in TESTS if test.id == "STR-3")
    flight = flight_of(47 + STEP, np.full(60, 8.0))
    assert applies(flight)
    assert not applies(replace(flight, source=replace(flight.source, format="srt")))


def test_a_sample_says_that_it_is_simulated_and_that_is_no_anomaly(repo):
    flight = dronecheck.read(repo / "samples" / "founding_dandong_sinuiju.ulg")
    assert {s.severity for s in RUN["GNS-3"](flight)} == {Weight.INFO}
    assert RUN["GNS-3"](make_flight(47 + STEP, np.full(60, 8.0))) == ()


def test_records_that_nothing_announced_are_a_notice(flight_of):
    flight = flight_of(47 + STEP, np.full(60, 8.0))
    told = Issue(Code.UNKNOWN_RECORDS, Severity.DAMAGE, Message("1 record of an id without subscription"), 77)
    (said,) = RUN["STR-1"](replace(flight, issues=(told,)))
    assert (said.severity, said.records, said.observed) == (Weight.NOTICE, (77,), told.message)
