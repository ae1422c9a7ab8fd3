"""What decides a verdict is a field of the flight: wherever an issue tells it, the field says the same."""

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.issues import Code
from dronecheck.readers import read
from tests.fuzz.formats import FORMATS, SAMPLES
from tests.fuzz.formats import read as read_bytes
from tests.readers import csv_samples
from tests.support.scale import FULL, is_tried


def told(flight: Flight) -> tuple[bool, ...]:
    """Return the facts as the issues tell them."""
    codes = {issue.code for issue in flight.issues if "companion computer" not in issue.message}  # it proves no place
    return (
        Code.UTC_ASSUMED in codes,
        Code.POSITION_CONFLICT in codes,
        Code.SIMULATED in codes,
        Code.ENDS_IN_FLIGHT in codes,
    )


def known(flight: Flight) -> tuple[bool, ...]:
    """Return the facts as the fields have them."""
    is_simulated = flight.trust.is_simulated or flight.trust.looks_simulated
    return flight.clock.is_assumed, bool(flight.rivals), is_simulated, flight.ends_airborne


@pytest.mark.parametrize("label", FORMATS)
def test_the_fields_of_a_sample_and_of_its_first_part(label):
    data = (SAMPLES / FORMATS[label]).read_bytes()
    for part in (data, data[: len(data) // 2]):
        flight = read_bytes(label, part)
        assert known(flight) == told(flight)


def test_the_fields_of_every_real_log(shared):
    seen = [0, 0, 0, 0]
    for path in sorted(p for p in (shared / "logs").rglob("*") if p.is_file() and is_tried(p)):
        try:
            flight = read(path)
        except UnreadableInput:
            continue
        assert known(flight) == told(flight), path.name
        seen = [count + bool(fact) for count, fact in zip(seen, known(flight), strict=True)]
    assert all(seen[1:]) or not FULL, seen  # none of them assumes its zone


@pytest.mark.parametrize(("name", "text"), csv_samples.SAMPLES.items())
def test_the_fields_of_every_csv_dialect(name, text):
    flight = csv_samples.read(text)
    assert known(flight) == told(flight)


def test_what_the_user_says_of_the_clock_settles_what_was_assumed():
    flight = csv_samples.read(csv_samples.FLIGHT_READER.replace("6/13/", "6/12/"))
    assert flight.clock.is_assumed
    assert not with_user_clock(flight, 1_749_700_000 * 10**9, None).clock.is_assumed
    # hours that local time is ahead of UTC tell nothing of the order of day and month
    assert with_user_clock(flight, None, 8.0).clock.is_assumed
