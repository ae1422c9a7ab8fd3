"""A flight from the ledger is the flight of the log: every field of it, and of what it holds, comes back."""

from __future__ import annotations

import os
from dataclasses import MISSING, fields, replace
from pathlib import Path

import pytest

import dronecheck
from dronecheck.audit.tables.tracks import Shard, facts_of, flight_of
from dronecheck.flight import (
    Clock,
    ClockMapping,
    ClockSource,
    Completeness,
    Event,
    EventKind,
    Flight,
    Home,
    HorizontalDatum,
    Integrity,
    RecordHeader,
    SigmaSource,
    Source,
    Track,
    Trust,
    Vehicle,
    Weight,
)
from dronecheck.issues import Code, Issue, Severity
from tests.support.stated import stated

TRACK = Track.build(
    time_ns=[1, 2], lat_deg=[40.0, 41.0], lon_deg=[124.0, 125.0], offset=[7, 9], message="GPS",
    h_sigma_source=SigmaSource.DOP, alt_amsl_m=[1.5, float("nan")],
)  # fmt: skip
MARKED = Track.build(
    time_ns=[1, 2, 1], lat_deg=[50.0, 51.0, 52.0], lon_deg=[4.0, 5.0, 6.0], offset=[8, 10, 12], message="POS",
    is_timed=[True, False, True], part=[0, 0, 1], is_idle=[True, False, False], speed_mps=[1.0, float("nan"), 2.0],
)  # fmt: skip
UNLIKE_ANY_DEFAULT = Flight(
    source=Source(Path("/logs/a.bin"), 12, "ab" * 32, "dataflash", "copter", "dataflash 0.1"),
    tracks={"gnss": TRACK, "fused": MARKED},
    primary="gnss",
    rivals=("fused",),
    clock=Clock(True, ClockSource.USER, 2.5, "given", True, 7, 39.9, ClockMapping(1.7e9, -20.5, 0.25)),
    completeness=Completeness.DAMAGED,
    home=Home(40.0, 124.0, 12.0),
    vehicle=Vehicle("multicopter", "m", "f", "h", "s", 3),
    events=(Event(1, EventKind.ARM, "armed", 3),),
    issues=(Issue(Code.POSITION_CONFLICT, Severity.TAMPER, "two places", 5, 2),),
    datum=HorizontalDatum.UNPROVEN,
    unread_s=12.5,
    trust=Trust(is_simulated=True, looks_simulated=True),
    ends_airborne=True,
    integrity=Integrity(
        run=("KIN-1",),
        total=("KIN-1", "TIM-1"),
        statements=(stated((3, 9), (12, 15), file=0, tracks=("gnss",)), stated(severity=Weight.NOTICE)),
    ),
    header=RecordHeader(40.0, 124.0, 5, 6.5, 270.0, None, ((41.0, 125.0),)),
    others=(Flight(Source(Path("/logs/a.bin"), 12, "ab" * 32, "tlog", "", "t"), {"fused": MARKED}, "fused",
                   Clock(False, ClockSource.NONE, 1.0), vehicle=Vehicle(system=4)),),
)  # fmt: skip


# of several files: an audit joins none; what an assessment has let go
JOINED = ("more_sources", "segments", "recording_keys", "witnesses")


def again(flight: Flight) -> Flight:
    shard = Shard()
    shard.add(flight.source.sha256, flight.track)
    content = shard.encode()
    columns = Shard.columns(content) if content else {}
    return flight_of(os.fsencode(flight.source.path), flight.source.sha256, facts_of(flight), columns)


def assert_same(track: Track, given: Track) -> None:
    for field in fields(Track):
        column, same = getattr(track, field.name), getattr(given, field.name)
        assert column.tobytes() == same.tobytes() if hasattr(same, "tobytes") else column == same, field.name


def is_default(holder: object, name: str) -> bool:
    field = next(f for f in fields(holder) if f.name == name)
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return getattr(holder, name) == default


@pytest.mark.parametrize("part", ["flight", "clock", "trust", "home", "vehicle"])
def test_the_flight_tried_here_has_no_field_at_its_default(part):
    holder = UNLIKE_ANY_DEFAULT if part == "flight" else getattr(UNLIKE_ANY_DEFAULT, part)
    assert not [field.name for field in fields(holder) if is_default(holder, field.name) and field.name not in JOINED]


@pytest.mark.parametrize(
    "name", [field.name for field in fields(Flight) if field.name not in ("tracks", "others", *JOINED)]
)
def test_each_field_comes_back(name):
    assert getattr(again(UNLIKE_ANY_DEFAULT), name) == getattr(UNLIKE_ANY_DEFAULT, name)


def test_the_other_vehicles_come_back_whole():
    (other,) = again(UNLIKE_ANY_DEFAULT).others
    (given,) = UNLIKE_ANY_DEFAULT.others
    assert (other.source, other.vehicle, other.primary) == (given.source, given.vehicle, given.primary)
    assert_same(other.track, given.track)


def test_the_track_that_contradicts_the_judged_one_comes_back():
    assert_same(again(UNLIKE_ANY_DEFAULT).tracks["fused"], MARKED)


def test_each_column_of_the_judged_track_comes_back():
    assert_same(again(UNLIKE_ANY_DEFAULT).track, TRACK)


def test_messages_and_modes_are_left_out():
    events = tuple(Event(k, kind, "x") for k, kind in enumerate(EventKind))
    kept = again(replace(UNLIKE_ANY_DEFAULT, events=events)).events
    assert {event.kind for event in kept} == set(EventKind) - {
        EventKind.MESSAGE,
        EventKind.MODE,
        EventKind.PHOTO,
        EventKind.VIDEO,
    }


def test_every_sample_comes_back(repo):
    logs = [p for p in sorted((repo / "samples").iterdir()) if p.suffix in (".ulg", ".bin", ".tlog", ".csv", ".gpx")]
    assert len(logs) > 5
    for path in logs:
        flight = dronecheck.read(path)
        stored = again(flight)
        for name in {field.name for field in fields(Flight)} - {"tracks", "events"}:
            assert repr(getattr(stored, name)) == repr(getattr(flight, name)), (path.name, name)
