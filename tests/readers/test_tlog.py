"""The MAVLink reader on hand-made logs, one fact each."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from pymavlink.dialects.v20 import all as dialect

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness, EventKind, SigmaSource
from dronecheck.flight.heights import with_sound_heights
from dronecheck.issues import Code, Severity
from dronecheck.readers import choose, tlog
from dronecheck.safe.io import Input
from tests.support.tlog_writer import GCS, NO_AUTOPILOT, UTC_US, Tlog, flight

START_NS = UTC_US * 1000


def read(data):
    data = data.bytes if isinstance(data, Tlog) else data
    return tlog.read(Input(Path("made.tlog"), data, hashlib.sha256(data).hexdigest()))


def codes(flight):
    return {issue.code for issue in flight.issues}


def issue(flight, code):
    return next(issue for issue in flight.issues if issue.code is code)


def begun(**options):
    log = Tlog(**options)
    log.beat(0.5)
    log.clock(0.6)
    return log


# ---- tracks


@pytest.mark.parametrize("options", [{}, {"first": True}, {"signed": True}], ids=["MAVLink 2", "MAVLink 1", "signed"])
def test_the_whole_of_a_plain_flight(options):
    found = read(flight(40, **options))
    assert {name: len(track) for name, track in found.tracks.items()} == {"gnss": 40, "fused": 40}
    assert (found.primary, found.source.format, found.source.dialect) == ("fused", "tlog", "")
    assert found.completeness is Completeness.COMPLETE
    assert found.issues == ()
    assert (found.clock.utc_known, found.clock.source, found.clock.sigma_s) == (True, ClockSource.VEHICLE, 0.5)
    gnss, fused = found.tracks["gnss"], found.tracks["fused"]
    assert (gnss.message, fused.message) == ("GPS_RAW_INT", "GLOBAL_POSITION_INT")
    assert gnss.time_ns.tolist() == [START_NS + 10**9 * 10 + 200_000_000 * row for row in range(40)]
    assert fused.time_ns.tolist() == [START_NS + 10_100_000_000 + 200_000_000 * row for row in range(40)]
    assert gnss.lat_deg.tolist() == [(470_000_000 + 100 * row) / 1e7 for row in range(40)]
    assert (gnss.alt_amsl_m[0], gnss.speed_mps[0]) == (100, 5)
    assert (fused.alt_amsl_m[0], fused.alt_home_m[0], fused.speed_mps[0]) == (100.5, 5, 5)
    assert gnss.h_sigma_m[0] == fused.h_sigma_m[0] == pytest.approx(4 / np.sqrt(2))
    assert gnss.h_sigma_source is SigmaSource.DOP
    for column in (gnss.alt_hae_m, gnss.alt_home_m, gnss.alt_agl_m, gnss.v_sigma_m, fused.alt_hae_m):
        assert np.isnan(column).all()


def test_a_raw_stream_has_times_since_boot():
    found = read(flight(40, stamped=False))
    assert {name: len(track) for name, track in found.tracks.items()} == {"gnss": 40, "fused": 40}
    assert found.clock.source is ClockSource.VEHICLE
    log = Tlog(stamped=False)
    log.beat(1)
    for row in range(5):
        log.fused(2 + row, 47, 8)
        log.gps(2.5 + row, 47, 8)
    found = read(log)
    assert (found.source.dialect, found.clock.utc_known, found.clock.source) == ("raw", False, ClockSource.NONE)
    assert found.tracks["gnss"].time_ns.tolist() == [2_500_000_000 + 10**9 * row for row in range(5)]
    assert issue(found, Code.UTC_UNKNOWN).severity is Severity.WARNING


def test_only_three_dimensional_fixes_count():
    log = begun()
    for row, fix in enumerate((0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255)):
        log.gps(1 + row, 50 + row * 1e-5, 8, fix=fix)
    found = read(log)
    assert [round((lat - 50) * 1e5) for lat in found.track.lat_deg] == [3, 4, 5, 6, 7, 8]
    assert issue(found, Code.NO_FIX_ROWS).count == 5


def test_accuracy_floors_sentinels_and_the_dop_in_its_place():
    log = begun()
    rows = [(100, 2000, 3), (100, 100, 3), (100, 100, 5), (100, 10, 6), (90, 0, 3), (65535, 0, 3), (0, 0, 3)]
    for row, (eph, h_acc, fix) in enumerate(rows):
        log.gps(1 + row, 50, 8, eph=eph, h_acc=h_acc, v_acc=h_acc, fix=fix)
    track = read(log).track
    expected = [2 / np.sqrt(2), 1.0, 0.4, 0.05, 3.6 / np.sqrt(2), np.nan, np.nan]
    assert track.h_sigma_m.tolist() == pytest.approx(expected, nan_ok=True)
    assert track.v_sigma_m.tolist() == pytest.approx([2, 0.1, 0.1, 0.01, *[np.nan] * 3], nan_ok=True)
    assert track.h_sigma_source is SigmaSource.MIXED


def test_heights():
    log = begun()
    log.home(0.7, 50, 8, alt=90)
    log.gps(1, 50, 8, alt=100, hae=140, vel=65535)
    log.gps(2, 50, 8, alt=100, hae=0)
    log.gps(3, 50, 8, alt=100, hae=90_000)
    found = read(log)
    assert found.track.alt_hae_m.tolist() == pytest.approx([140, np.nan, np.nan], nan_ok=True)
    assert found.track.alt_home_m.tolist() == [10, 10, 10]
    assert np.isnan(found.track.speed_mps[0])
    assert issue(found, Code.HEIGHT_FRAME).count == 1


def test_height_above_ground_is_measured_or_modelled():
    log = flight(40)
    for row in range(40):
        t_s, lat = 10.1 + row / 5, 47 + (row + 0.5) * 1e-5
        if row in range(5, 10) or row in range(25, 30):
            log.terrain(t_s, lat + (row >= 25), 7.0, 30.0)  # the latter answer a question about another place
        if row == 8:
            log.distance(t_s, 12.5)
        if row >= 20:
            log.distance(t_s, 9.0, orientation=0)
            log.distance(t_s, 9.0, quality=1)
            log.distance(t_s, 50.0)  # nothing within its range
        if row >= 35:
            log.terrain(t_s, lat, 7.0, -581.2)
            log.terrain(t_s, lat, 7.0, 30.0, spacing=0)
    agl_m = read(log.bytes).tracks["fused"].alt_agl_m
    assert agl_m[1:14].tolist() == [30.0] * 5 + [12.5] * 5 + [30.0] * 3
    assert np.isnan(agl_m[20:]).all()


def test_a_simulator_that_copies_the_height_has_no_ellipsoidal_one():
    log = begun()
    log.gps(1, 50, 8, alt=100, hae=100)
    log.beat(2, hil=True)
    found = read(log)
    assert np.isnan(found.track.alt_hae_m).all()
    assert issue(found, Code.SIMULATED).severity is Severity.INFO


def test_a_height_above_the_start_sent_as_one_above_sea_is_that_of_the_receiver():
    log = begun()
    for row in range(6):
        log.gps(1 + row, 50, 8, alt=580)
        log.fused(1.5 + row, 50, 8, alt=3 if row < 4 else 581, rel=3)
    found = with_sound_heights(read(log))
    assert found.tracks["fused"].alt_amsl_m.tolist() == pytest.approx([*[580] * 4, 581, 581])
    assert found.tracks["fused"].alt_home_m.tolist() == [3] * 6
    assert issue(found, Code.HEIGHT_FRAME).count == 4


def test_a_fix_sent_again_is_no_new_fix_and_hovering_keeps_its_rows():
    log = begun()
    for row in range(9):
        log.gps(1 + row, 50, 8, own=1_000_000 * (1 + row // 3))
    found = read(log)
    assert len(found.track) == 3
    assert issue(found, Code.REPEATED_POSITION).count == 6
    log = begun()
    for row in range(9):
        log.gps(1 + row, 50, 8)
    assert len(read(log).track) == 9


def test_messages_that_overtook_one_another_are_sorted():
    log = begun()
    for t in (1, 40, 38.6, 41):
        log.gps(t, 50, 8)
    found = read(log)
    assert (np.diff(found.track.time_ns) > 0).all()
    assert issue(found, Code.OUT_OF_ORDER).severity is Severity.INFO


def test_a_message_far_out_of_order_stays_in_its_place_at_no_known_instant():
    log = begun()
    for row, t in enumerate((1, 40, 20.1, 41)):
        log.gps(t, 50 + row * 1e-5, 8)
    found = read(log)
    assert found.track.is_timed.tolist() == [True, True, False, True]
    assert np.all(np.diff(found.track.lat_deg) > 0)
    assert issue(found, Code.CLOCK_DAMAGED).count == 1


def test_positions_at_zero_or_off_the_globe_are_dropped():
    log = begun()
    for row, place in enumerate(((50, 8), (0, 0), (91, 8), (50, 181), (0, 8))):
        log.gps(1 + row, *place)
    log.fused(2, 0, 0)
    found = read(log)
    assert list(zip(found.track.lat_deg, found.track.lon_deg, strict=True)) == [(50, 8), (0, 8)]
    assert sum(i.count for i in found.issues if i.code is Code.BAD_POSITION) == 4
    assert found.primary == "gnss"


def test_an_estimate_without_a_fix_behind_it_is_no_place():
    log = begun()
    for row in range(9):
        log.gps(1 + row, 63, -90, fix=1)
        log.fused(1 + row, 63, -90)
    found = read(log)
    assert found.tracks == {}
    assert {Code.NO_POSITION, Code.ESTIMATE_ONLY, Code.NO_FIX_ROWS} <= codes(found)


def test_a_log_of_estimates_only_is_used_and_says_so():
    log = begun()
    for row in range(9):
        log.fused(1 + row, 47, 8)
    found = read(log)
    assert (found.primary, len(found.track), found.track.h_sigma_source) == ("fused", 9, SigmaSource.ESTIMATE)
    assert found.track.h_sigma_m.tolist() == [50.0] * 9
    assert issue(found, Code.ESTIMATE_ONLY).severity is Severity.WARNING


def test_the_second_receiver_stands_in_for_the_first():
    log = begun()
    for row in range(9):
        log.gps(1 + row, 50, 8, fix=3)
        log.gps(1.1 + row, 50, 8, kind="GPS2_RAW")
    found = read(log)
    assert found.track.message == "GPS_RAW_INT"
    assert issue(found, Code.OTHER_RECEIVERS).severity is Severity.INFO
    log = begun()
    for row in range(9):
        log.gps(1 + row, 0, 0, fix=1)
        log.gps(1.1 + row, 50, 8, kind="GPS2_RAW")
    assert read(log).track.message == "GPS2_RAW"


@pytest.mark.parametrize(("shifted", "conflict"), [(0, False), (2, False), (3, True)])
def test_messages_that_contradict_each_other_are_a_sign_of_tampering(shifted, conflict):
    log = begun()
    for row in range(40):
        log.gps(10 + row / 5, 47 + row * 1e-5 + (0.01 if 10 <= row < 10 + shifted else 0), 7.0)
        log.fused(10.1 + row / 5, 47 + (row + 0.5) * 1e-5, 7.0)
    found = read(log)
    assert (Code.POSITION_CONFLICT in codes(found)) == conflict
    assert found.primary == ("gnss" if conflict else "fused")


def test_an_estimate_that_does_not_cover_the_fixes_is_not_the_primary_track():
    log = begun()
    for row in range(40):
        log.gps(10 + row * 2, 47, 7)
        if row > 20:
            log.fused(10.1 + row * 2, 47, 7)
    assert read(log).primary == "gnss"


# ---- several systems


def test_ground_station_companion_and_tracker_are_no_aircraft():
    log = begun()
    others = (
        (255, 190, GCS, NO_AUTOPILOT), (1, 191, 18, NO_AUTOPILOT), (2, 1, 5, 3), (51, 68, 0, NO_AUTOPILOT),
    )  # fmt: skip
    for row in range(9):
        log.fused(1 + row, 50, 8)
        log.gps(1.5 + row, 50, 8)
        for system, component, kind, autopilot in others:
            log.beat(1 + row, kind=kind, autopilot=autopilot, armed=row > 3, system=system, component=component)
            log.gps(1 + row, 10, 20, system=system, component=component)
            log.fused(1 + row, 10, 20, system=system, component=component)
            log.clock(1 + row, unix=1_600_000_000_000_000, system=system, component=component)
            log.text(1 + row, "noise", system=system, component=component)
    found = read(log)
    assert {len(track) for track in found.tracks.values()} == {9}
    assert set(found.track.lat_deg.tolist()) == {50}
    assert found.events == ()
    assert issue(found, Code.OTHER_VEHICLES).severity is Severity.INFO
    assert found.track.time_ns[0] == START_NS + 10**9


def test_of_several_aircraft_the_one_with_most_fixes_is_judged_and_the_other_said():
    log = begun()
    log.beat(0.5, system=7)
    for row in range(9):
        log.gps(1 + row, 50, 8, system=7)
        log.fused(1 + row, 50, 8, system=7)
        if row < 5:
            log.gps(1 + row, 10, 20)
            log.fused(1 + row, 10, 20)
    found = read(log)
    assert set(found.track.lat_deg.tolist()) == {50}
    said = issue(found, Code.OTHER_VEHICLES)
    assert (said.severity, said.count) == (Severity.WARNING, 10)
    assert "1/1 (10); the aircraft is 7/1" in said.message


def test_other_traffic_is_not_the_aircraft():
    log = begun()
    for row in range(5):
        traffic = dialect.MAVLink_adsb_vehicle_message(
            1, 100_000_000, 200_000_000, 0, 0, 0, 0, 0, b"ABC", 0, 0, 1, 0
        )  # fmt: skip
        log.add(1 + row, traffic)
    assert read(log).tracks == {}


def test_without_any_heartbeat_the_autopilot_component_is_taken():
    log = Tlog()
    for row in range(5):
        log.gps(1 + row, 50, 8)
        log.gps(1 + row, 10, 8, system=255, component=190)
    found = read(log)
    assert set(found.track.lat_deg.tolist()) == {50}
    assert "no heartbeat" in issue(found, Code.OTHER_VEHICLES).message


# ---- events, home, aircraft


def test_events_are_changes_and_home_is_the_last_before_take_off():
    log = begun()
    log.home(1, 50, 8, alt=90)
    log.home(2, 50.001, 8, alt=91)
    log.landed(2.5, 0)
    log.landed(3, 1)
    log.beat(4, armed=True)
    log.landed(5, 3)
    log.landed(6, 2)
    log.beat(7, armed=True, mode=6)
    log.home(8, 51, 8)
    log.landed(8.5, 4)
    log.landed(9, 1)
    log.beat(10, mode=6)
    log.text(11, "Disarming motors")
    found = read(log)
    names = [(event.kind, event.text) for event in found.events]
    assert names == [
        (EventKind.HOME, "home set"), (EventKind.HOME, "home moved"), (EventKind.ARM, ""), (EventKind.TAKEOFF, ""),
        (EventKind.MODE, "return to launch"), (EventKind.HOME, "home moved"), (EventKind.LAND, ""),
        (EventKind.DISARM, ""), (EventKind.MESSAGE, "Disarming motors"),
    ]  # fmt: skip
    takeoff = next(event for event in found.events if event.kind is EventKind.TAKEOFF)
    assert abs(takeoff.time_ns - START_NS - 5 * 10**9) < 10**6
    assert takeoff.offset in log.offsets
    assert (found.home.lat_deg, found.home.alt_amsl_m) == (50.001, 91)


def test_a_state_that_is_on_from_the_start_is_no_event():
    log = Tlog()
    for row in range(5):
        log.beat(1 + row, armed=True, mode=3)
        log.landed(1 + row, 2)
    assert read(log).events == ()


def test_texts_in_chunks_are_joined_and_their_number_is_bounded():
    log = begun()
    log.text(1, "a" * 50, 5, 0)
    log.text(1, "bc", 5, 1)
    log.text(2, "second")
    assert [event.text for event in read(log).events] == ["a" * 50 + "bc", "second"]
    log = begun()
    for row in range(1500):
        log.text(1 + row, f"text {row}")
    events = read(log).events
    assert len(events) == 1001
    assert "500 more" in events[-1].text


def test_hostile_text_is_made_plain():
    log = begun()
    log.text(1, "\x1b[31mred\u202e")
    assert read(log).events[0].text == "\\x1b[31mred\\u202e"


def test_the_aircraft():
    log = begun()
    custom = [0] * 8
    version = (4 << 24) | (5 << 16) | (7 << 8) | 255
    log.add(1, dialect.MAVLink_autopilot_version_message(0, version, 0, 0, 140, custom, custom, custom, 0, 0, 0x1234))
    found = read(log).vehicle
    assert (found.kind, found.firmware, found.hardware) == ("quadrotor", "ArduPilot v4.5.7", "board 140")
    assert found.serial == "0000000000001234"
    log.text(2, "ArduCopter V4.5.7 (2a3dc4b7)")
    assert read(log).vehicle.firmware == "ArduCopter V4.5.7 (2a3dc4b7)"


# ---- damage


def test_a_wrong_checksum_is_counted_and_the_message_not_used():
    log = flight()
    at = next(offset for offset in log.offsets if log.bytes[offset + 15] == 33)
    hurt = bytearray(log.bytes)
    hurt[at + 18 + 5] ^= 1  # a bit of the latitude
    found = read(bytes(hurt))
    assert len(found.tracks["fused"]) == 39
    said = issue(found, Code.BAD_RECORD)
    assert (said.severity, said.count, said.offset) == (Severity.DAMAGE, 1, at)
    assert found.completeness is Completeness.DAMAGED


def test_a_changed_id_hides_no_fix():
    log = flight()
    at = next(offset for offset in log.offsets if log.bytes[offset + 15] == 33)
    hurt = bytearray(log.bytes)
    hurt[at + 15] = 30  # now an attitude, which nobody reads
    assert issue(read(bytes(hurt)), Code.BAD_RECORD).offset == at


def test_frames_that_a_relay_shortened_are_used():
    log = begun()
    log.fused(1, 47, 8, vx=0, vy=0)
    at = log.fused(2, 47, 8, vx=0, vy=0)
    # the sender kept its zeros, so that the checksum is that of the whole payload; then a relay cut them off
    link = dialect.MAVLink(None, 1, 1)
    message = dialect.MAVLink_global_position_int_message(3000, 470_000_000, 80_000_000, 0, 0, 0, 0, 0, 0)
    short = bytes(message.pack(link))
    whole = bytes([0xFD, 28]) + short[2:-2] + bytes(28 - short[1])
    sent = dialect.x25crc(whole[1:] + bytes([104])).crc
    log.bytes += log.bytes[at : at + 8] + short[:-2] + struct.pack("<H", sent)
    found = read(log)
    assert len(found.track) == 3
    assert found.completeness is Completeness.COMPLETE
    assert "shortened by a relay" in issue(found, Code.UNKNOWN_RECORDS).message


def test_any_number_of_frames_that_a_relay_shortened_is_used():
    log = begun()
    log.fused(1, 47, 8, vx=0, vy=0)
    body = bytes([0, 0, 1, 1, 1, 33, 0, 0]) + struct.pack("<Iii", 3000, 470_000_000, 80_000_000)
    sent = dialect.x25crc(bytes([28]) + body + bytes(16) + bytes([104])).crc
    short = bytes([0xFD, 12]) + body + struct.pack("<H", sent)
    log.bytes += (log.bytes[log.offsets[-1] : log.offsets[-1] + 8] + short) * 10_000
    found = read(log)
    assert issue(found, Code.UNKNOWN_RECORDS).count == 10_000
    assert found.completeness is Completeness.COMPLETE


def test_messages_of_a_private_dialect_are_no_damage():
    log = flight()
    frame = bytearray(log.bytes[8 : log.offsets[1]])
    body = bytes([frame[1]]) + bytes(frame[2:7]) + (13_000).to_bytes(3, "little") + bytes(frame[10:-2])
    crc = dialect.x25crc(body + bytes([77])).crc
    data = log.bytes + log.bytes[:8] + b"\xfd" + body + struct.pack("<H", crc)
    found = read(data)
    assert found.completeness is Completeness.COMPLETE
    assert issue(found, Code.UNKNOWN_RECORDS).severity is Severity.INFO
    assert "ids 13000" in issue(found, Code.UNKNOWN_RECORDS).message


@pytest.mark.parametrize("data", [b"", b"x" * 40, b"\0" * 4000, b"\xfe" * 4000, bytes(8) + b"\xfe\x09" + bytes(15)])
def test_what_is_no_mavlink_is_unreadable(data):
    with pytest.raises(UnreadableInput) as error:
        read(data)
    assert "\n" not in error.value.message


def test_sniffing():
    log = flight()
    assert tlog.sniff(log.bytes, "x.csv") == 95
    assert tlog.sniff(b"junk" + log.bytes, "") == 95
    assert tlog.sniff(log.bytes[: log.offsets[1]], "") == 95
    assert choose(log.bytes, "Project.tlog").NAME == "tlog"
    for head in ("C:\\src\\main.cpp\r\n".encode("utf-16"), b"ULog\x01\x12\x35" + bytes(99), b"\xa3\x95\x80\x80" * 50):
        assert tlog.sniff(head, "x.tlog") == 0
