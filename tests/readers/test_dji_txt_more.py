"""DJI flight records taken apart and put together again: clocks, versions, headers that lie."""

from __future__ import annotations

import hashlib
import math
import struct
from pathlib import Path

import numpy as np
import pytest

from dronecheck.flight import ClockSource, Completeness, EventKind
from dronecheck.issues import Code, Severity
from dronecheck.readers import dji_txt
from dronecheck.readers.dji_txt.scramble import unscramble
from dronecheck.safe.io import Input
from tests.support.growth import assert_linear

SAMPLE = Path(__file__).parents[2] / "samples" / "founding_dandong_sinuiju_DJIFlightRecord.txt"
OSD, HOME, CUSTOM, TIP, RECOVER, APP_GPS = 1, 2, 5, 9, 13, 14
HALF = 1000  # a row in the middle of the flight


def read(data: bytes):
    return dji_txt.read(Input(Path("DJIFlightRecord.txt"), data, hashlib.sha256(data).hexdigest()))


def issue(flight, code):
    return next((issue for issue in flight.issues if issue.code is code), None)


class Record:
    """The sample as a list of [kind, plain payload], and how to write it."""

    def __init__(self) -> None:
        data = SAMPLE.read_bytes()
        end, self.parts, at = int.from_bytes(data[:8], "little"), [], 100
        self.details = bytearray(data[end:])
        self.checked = True
        while at < end:
            size = data[at + 1]
            self.parts.append([data[at], bytearray(unscramble(data[at], data[at + 2 : at + 2 + size])[:-1])])
            at += size + 3

    def of(self, kind):
        return [payload for a_kind, payload in self.parts if a_kind == kind]

    def shift(self, kind, at, code, by, first=0):
        """Add to a field of the records of a kind from the first so-and-so on."""
        for payload in self.of(kind)[first:]:
            struct.pack_into(code, payload, at, struct.unpack_from(code, payload, at)[0] + by)

    def bytes(self, version=8):
        body = b""
        for number, (kind, payload) in enumerate(self.parts):
            key = bytes([number * 11 % 256])
            check = bytes([(key[0] + kind) & 0xFF]) if self.checked else b"\0"
            stored = key + unscramble(kind, key + bytes(payload) + check) if version >= 7 else bytes(payload)
            body += bytes([kind, len(stored)]) + stored + b"\xff"
        front = 12 if version < 6 else 100
        details = bytes(self.details)
        if version == 12:
            details = details.ljust(436, b"\0")
            return struct.pack("<QHB", front + 436 + len(body), 436, 12).ljust(front, b"\0") + details + body
        return struct.pack("<QHB", front + len(body), len(details), version).ljust(front, b"\0") + body + details


@pytest.fixture
def record():
    return Record()


@pytest.fixture(scope="module")
def whole():
    return read(SAMPLE.read_bytes())


@pytest.mark.parametrize("version", [1, 5, 6, 7, 11, 12])
def test_every_version_that_is_not_encrypted_gives_the_same_flight(record, whole, version):
    if version == 1:  # without the aircraft's type
        record.parts = [[kind, payload[:48] if kind == OSD else payload] for kind, payload in record.parts]
    data = record.bytes(version)
    assert dji_txt.sniff(data[:65536], "") == 95
    flight = read(data)
    assert flight.source.dialect == f"version {version}"
    assert flight.completeness is Completeness.COMPLETE
    for name in ("time_ns", "lat_deg", "lon_deg", "alt_home_m", "speed_mps", "h_sigma_m"):
        assert np.array_equal(getattr(flight.track, name), getattr(whole.track, name)), name
    assert [event.text for event in flight.events] == [event.text for event in whole.events]
    assert flight.vehicle.model == ("" if version == 1 else "Mavic Pro")


@pytest.mark.parametrize("place", [1000, 100_000])
def test_a_header_that_points_too_early_hides_nothing(whole, place):
    data = SAMPLE.read_bytes()
    flight = read(place.to_bytes(8, "little") + data[8:])
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert flight.completeness is Completeness.DAMAGED
    assert issue(flight, Code.BAD_RECORD).offset == place


def test_bytes_behind_the_details_are_told(record):
    data = record.bytes()
    flight = read(data + b"more")
    assert flight.completeness is Completeness.DAMAGED
    assert issue(flight, Code.BYTES_SKIPPED).offset == len(data)


FIRMWARE, PICTURE = 15, b"\xff\xd8\xff\xda\x00\x02" + bytes(90) + b"\xff\xd9"


def scrambled(kind, content):
    """A record as the apps write it, after the published layout."""
    mixed = unscramble(kind, b"\x21" + content + bytes([(0x21 + kind) & 0xFF]))
    return bytes([kind, len(mixed) + 1, 0x21]) + mixed + b"\xff"


@pytest.mark.parametrize("front", [b"", PICTURE, PICTURE + PICTURE])
def test_what_the_apps_put_before_pictures_and_behind_the_details_is_no_damage(record, whole, front):
    data = record.bytes()
    end = int.from_bytes(data[:8], "little")
    front = struct.pack("<i", 12345) + front
    parts = (struct.pack("<Q", end + len(front)), data[8:end], front, data[end:], scrambled(FIRMWARE, bytes(67)))
    flight = read(b"".join(parts))
    assert flight.completeness is Completeness.COMPLETE
    assert {issue.severity for issue in flight.issues} <= {Severity.INFO}
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)


def test_a_wrong_check_byte_is_damage_of_its_record(record, whole):
    data = bytearray(record.bytes())
    at = int(whole.track.offset[HALF])
    size = data[at + 1]
    data[at + 1 + size] ^= 0x40
    flight = read(bytes(data))
    assert flight.completeness is Completeness.DAMAGED
    damaged = [issue for issue in flight.issues if issue.severity is Severity.DAMAGE]
    assert [(issue.code, issue.offset, issue.count) for issue in damaged] == [(Code.BAD_RECORD, at, 1)]
    assert len(flight.track) == len(whole.track) - 1


def test_a_key_byte_that_was_changed_costs_its_record_only(record, whole):
    """Every plain byte of the payload is another one then: a position that can be, at a place where nobody was."""
    for flip in range(1, 256, 17):
        data = bytearray(record.bytes())
        at = int(whole.track.offset[HALF])
        data[at + 2] ^= flip
        flight = read(bytes(data))
        assert issue(flight, Code.BAD_RECORD).offset == at
        assert np.array_equal(flight.track.lat_deg, np.delete(whole.track.lat_deg, HALF))


def test_a_file_without_any_right_check_byte_is_read_as_it_is(record, whole):
    record.checked = False
    flight = read(record.bytes())
    assert flight.completeness is Completeness.COMPLETE
    assert np.array_equal(flight.track.lat_deg, whole.track.lat_deg)


def test_dates_that_cannot_be_are_no_utc(record):
    for payload in record.of(CUSTOM):
        struct.pack_into("<Q", payload, 10, struct.unpack_from("<Q", payload, 10)[0] % 1_000_000_000_000 // 1000)
    struct.pack_into("<Q", record.details, 91, 86_400_000)
    flight = read(record.bytes())
    assert (flight.clock.utc_known, flight.clock.source) == (False, ClockSource.NONE)
    assert issue(flight, Code.CLOCK_DAMAGED).severity is Severity.WARNING
    assert issue(flight, Code.UTC_UNKNOWN)


def test_a_record_that_the_app_never_closed(record, whole):
    data = record.bytes()
    end = int.from_bytes(data[:8], "little")
    open_ended = bytes(10) + data[10:end]
    assert dji_txt.sniff(open_ended[:65536], "") == 95
    flight = read(open_ended)
    assert flight.completeness is Completeness.TRUNCATED
    assert np.array_equal(flight.track.time_ns, whole.track.time_ns)
    assert issue(flight, Code.ENDS_IN_FLIGHT) is None  # it had landed
    middle = flight.track.offset[HALF]
    assert issue(read(open_ended[:middle]), Code.ENDS_IN_FLIGHT).severity is Severity.WARNING


@pytest.mark.parametrize("version", [6, 12])
def test_a_cut_end_is_told_in_either_layout(record, version):
    data = record.bytes(version)
    flight = read(data[: len(data) // 2])
    assert flight.completeness is not Completeness.COMPLETE
    assert issue(flight, Code.TRUNCATED).offset == len(data) // 2


def test_pictures_without_an_end_take_linear_time(record):
    def hostile(count):
        return b"\xff\xd8\xff\xda\x00\x02" * count

    assert issue(read(SAMPLE.read_bytes() + hostile(40_000)), Code.BYTES_SKIPPED)
    for head in (SAMPLE.read_bytes(), bytes(10) + record.bytes()[10:]):
        assert_linear(lambda data, head=head: read(head + data), hostile, 5_000, 40_000)


def test_three_bytes_of_a_picture_hide_nothing(whole):
    data = bytearray(SAMPLE.read_bytes())
    at = int(whole.track.offset[HALF])
    data[at : at + 3] = b"\xff\xd8\xff"
    flight = read(bytes(data))
    assert len(flight.track) == len(whole.track) - 1
    assert issue(flight, Code.BYTES_SKIPPED).offset == at


def test_flight_time_that_begins_anew_is_set_by_the_phone(record, whole):
    before = struct.unpack_from("<H", record.of(OSD)[HALF], 42)[0]
    record.shift(OSD, 42, "<H", -before, HALF)
    flight = read(record.bytes())
    assert np.abs(flight.track.time_ns - whole.track.time_ns).max() < 0.2e9
    assert issue(flight, Code.CLOCK_SKEW).severity is Severity.INFO
    assert flight.clock.sigma_s == 1.0


def test_a_pause_with_the_motors_off(record, whole):
    record.shift(CUSTOM, 10, "<Q", 60_000, HALF)
    for payload in record.of(OSD)[HALF - 5 : HALF]:
        payload[32] &= ~0x08
    flight = read(record.bytes())
    moved = flight.track.time_ns - whole.track.time_ns
    first = np.searchsorted(whole.track.time_ns, whole.track.time_ns[HALF - 30])
    assert np.abs(moved[:first]).max() < 0.2e9
    assert np.abs(moved[HALF:] - 60e9).max() < 0.2e9
    assert {EventKind.ARM, EventKind.DISARM} <= {event.kind for event in flight.events}


def test_a_phone_clock_that_steps_in_the_air_moves_nothing_and_is_told(record, whole):
    record.shift(CUSTOM, 10, "<Q", 45_000, len(record.of(CUSTOM)) - 500)
    flight = read(record.bytes())
    assert np.abs(flight.track.time_ns - whole.track.time_ns).max() < 0.2e9
    assert issue(flight, Code.CLOCK_SKEW).severity is Severity.WARNING
    assert flight.clock.sigma_s == pytest.approx(45, abs=0.2)


def test_the_counter_goes_on_where_sixteen_bits_end(record, whole):
    for payload in record.of(OSD):
        struct.pack_into("<H", payload, 42, (struct.unpack_from("<H", payload, 42)[0] + 65_000) % 65_536)
    flight = read(record.bytes())
    assert np.array_equal(flight.track.time_ns, whole.track.time_ns)
    assert issue(flight, Code.CLOCK_SKEW) is None


def test_a_damaged_flight_time_costs_its_own_time_only(record, whole):
    struct.pack_into("<H", record.of(OSD)[HALF], 42, 60_000)
    flight = read(record.bytes())
    assert len(flight.track) == len(whole.track)
    assert int((~flight.track.is_timed).sum()) == 1
    assert set(flight.track.time_ns[flight.track.is_timed].tolist()) < set(whole.track.time_ns.tolist())
    assert flight.completeness is Completeness.DAMAGED


def test_a_damaged_phone_stamp_costs_nothing(record, whole):
    record.shift(CUSTOM, 10, "<Q", 9_999_999, HALF)
    record.shift(CUSTOM, 10, "<Q", -9_999_999, HALF + 1)
    flight = read(record.bytes())
    assert np.array_equal(flight.track.time_ns, whole.track.time_ns)
    assert flight.clock.sigma_s == 1.0


def test_without_stamps_the_start_in_the_details_is_the_clock(record, whole):
    record.parts = [part for part in record.parts if part[0] != CUSTOM]
    flight = read(record.bytes())
    assert flight.clock.source is ClockSource.HOST
    assert np.abs(flight.track.time_ns - whole.track.time_ns).max() < 0.2e9
    record.details[:] = bytes(len(record.details))
    flight = read(record.bytes())
    assert flight.clock.source is ClockSource.NONE
    assert issue(flight, Code.UTC_UNKNOWN)


@pytest.mark.parametrize("longitude_first", [False, True])
def test_the_phone_is_the_operator_in_either_order_of_its_coordinates(record, whole, longitude_first):
    lat, lon = float(whole.track.lat_deg[0]) + 0.0003, float(whole.track.lon_deg[0])
    place = (lon, lat) if longitude_first else (lat, lon)
    record.parts.insert(500, [APP_GPS, bytearray(struct.pack("<ddf", *place, 5.0))])
    operator = read(record.bytes()).tracks["operator"]
    assert (operator.lat_deg.tolist(), operator.lon_deg.tolist()) == ([lat], [lon])


def test_home_moved_recover_and_unknown_kinds(record):
    for payload in record.of(HOME)[20:]:
        struct.pack_into("<dd", payload, 0, math.radians(124.3), math.radians(40.2))
    record.parts.insert(
        0, [RECOVER, bytearray(b"\x0d\x02\x04\x01\x02" + b"SIM-RECOV\0" + b"Somebody".ljust(32, b"\0"))]
    )
    record.parts.insert(700, [100, bytearray(b"x")])
    record.details[:] = bytes(len(record.details))
    for payload in record.of(OSD):
        payload[48] = 0
    flight = read(record.bytes())
    moved = [event for event in flight.events if event.kind is EventKind.HOME]
    assert [event.text for event in moved] == ["40.2000000 124.3000000"]
    assert (flight.vehicle.model, flight.vehicle.serial) == ("Mavic Pro", "SIM-RECOV")
    assert issue(flight, Code.UNKNOWN_RECORDS).count == 1


def test_an_aircraft_that_reckons_on_without_satellites_is_kept_as_in_its_export(record, whole):
    for payload in record.of(OSD)[HALF : HALF + 20]:
        payload[34] &= 0xC3
        payload[36] = 3
    flight = read(record.bytes())
    assert len(flight.track) == len(whole.track)
    rows = flight.track.h_sigma_m == 25.0
    assert rows.sum() >= 18
