"""What the log says in its own words: counted, the gravest told, with time and place, and nothing private in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dronecheck import Case, Disclosure, check, read
from dronecheck.flight import Event, EventKind, Gravity
from dronecheck.flight.gravity import gravity_of
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page.write import page
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from tests.conftest import REPO

SAMPLE = REPO / "samples" / "clear_dandong.csv"
SERIAL = "0034005A 4E4E5005 20363553"
WARNING = "GEO: You are in a Warning Zone (Airport). Fly with caution."
FAILSAFE = "Battery Failsafe"


@pytest.fixture(scope="module")
def flight():
    plain = read(SAMPLE)
    start = int(plain.track.time_ns[0])
    said = (
        (1, f"omnibusf4pro {SERIAL}"),
        (2, WARNING),
        (30, f"error on {SERIAL} at 40.1234567, 124.3951234"),
        (40, FAILSAFE),
        (50, WARNING),
    )
    events = tuple(Event(start + s * 10**9, EventKind.MESSAGE, text, 100 + s) for s, text in said)
    return replace(plain, events=events, vehicle=replace(plain.vehicle, serial=SERIAL, firmware="ArduPlane V4.5.7"))


def told(flight, **how):
    return redact(Case(flight, None, check(flight)), Disclosure(**how))


def events_in(flight, **how):
    return json.loads(encode(result_document(told(flight, **how)), indent=False))["flight"]


@pytest.mark.parametrize(
    ("text", "gravity"),
    [
        (WARNING, Gravity.WARNING),
        ("EKF3 IMU0 initialised", Gravity.NOTICE),
        ("EKF3 IMU0 tilt alignment complete", Gravity.NOTICE),
        ("GPS 1: detected as u-blox at 230400 baud", Gravity.NOTICE),
        ("Return-to-Home Altitude:98FT", Gravity.NOTICE),
        ("RC Protocol: None", Gravity.NOTICE),
        ("EKF variance", Gravity.CRITICAL),
        ("EKF3 lane switch 1", Gravity.WARNING),
        ("[failsafe] Failsafe activated", Gravity.CRITICAL),
        ("RTK signal lost", Gravity.WARNING),
        ("Aircraft in No-Fly Zone", Gravity.CRITICAL),
        ("飞行器位于禁飞区", Gravity.CRITICAL),
        ("GPS 신호 약함, 주의", Gravity.WARNING),
        ("(20 more are not listed)", Gravity.WARNING),
    ],
)
def test_how_grave_a_message_is(text, gravity):
    assert gravity_of(text) is gravity


def test_a_stated_severity_counts_where_words_say_less():
    event = Event(0, EventKind.MESSAGE, "GPS 1 gone", None, Gravity.CRITICAL)
    assert event.gravity is Gravity.CRITICAL
    assert Event(0, EventKind.MODE, "failsafe").gravity is Gravity.NOTICE


def test_the_terminal_counts_them_and_tells_the_gravest(flight):
    seen = told(flight)
    text = " ".join(summary(seen.whole, seen.told, logged=seen.logged, width=100).split())
    assert "The log itself warns 4 times" in text
    assert text.index("4 times") < text.index(FAILSAFE)
    assert WARNING not in text
    assert SERIAL not in text


def test_json_has_each_with_time_and_place(flight):
    entries = events_in(flight)["events"]
    messages = [entry for entry in entries if entry["kind"] == "message"]
    assert [entry["at_s"] for entry in messages] == [2.0, 30.0, 40.0, 50.0]
    assert [entry["offset"] for entry in messages] == [102, 130, 140, 150]
    row = int(abs(flight.track.time_ns - flight.track.time_ns[0] - 40 * 10**9).argmin())
    assert messages[2]["place"]["lat"] == pytest.approx(flight.track.lat_deg[row], abs=1e-4)
    assert messages[2]["gravity"] == "critical"


def test_serials_and_banners_only_with_private_data(flight):
    public, private = events_in(flight), events_in(flight, private=True)
    assert SERIAL not in json.dumps(public)
    assert public["vehicle"] is None
    assert private["vehicle"]["firmware"] == "ArduPlane V4.5.7"
    assert private["vehicle"]["serial"] == SERIAL
    assert sum(entry["kind"] == "message" for entry in private["events"]) == 5


def test_what_is_hidden_around_the_take_off_is_hidden_in_messages(flight):
    hidden = events_in(flight, hide_home_m=200.0)["events"]
    assert "40.123" not in json.dumps(hidden)
    assert "124.395" not in json.dumps(hidden)
    assert hidden[0]["place"] is None  # at rest at the take-off


def test_the_page_lists_each_once(flight):
    seen = told(flight)
    text = page(seen)
    table = text[text.index("What the log itself warns of") : text.index('id="data-sources"')]
    assert table.count(FAILSAFE) == 1
    assert "(2 times)" in table
    assert "script" not in table
