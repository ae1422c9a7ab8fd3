"""The ULog reader on hand-made logs, one fact each."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness, EventKind, SigmaSource
from dronecheck.issues import Code, Severity
from dronecheck.readers import ulog
from dronecheck.safe.io import Input
from tests.support.ulog_writer import GLOBAL, GPS, HOME, LANDED, LOCAL, OLD_GPS, STATUS, UTC_US, Ulog, flight, record


def read(data):
    data = data.bytes if isinstance(data, Ulog) else data
    return ulog.read(Input(Path("made.ulg"), data, hashlib.sha256(data).hexdigest()))


def codes(flight):
    return {issue.code for issue in flight.issues}


def issue(flight, code):
    return next(issue for issue in flight.issues if issue.code is code)


def gps_log(fields=GPS):
    log = Ulog()
    log.flags()
    log.topic("vehicle_gps_position", fields, 1)
    return log


# ---- tracks


def test_the_whole_of_a_plain_flight():
    found = read(flight(40))
    assert {name: len(track) for name, track in found.tracks.items()} == {"gnss": 40, "fused": 40}
    assert found.primary == "fused"
    assert found.completeness is Completeness.COMPLETE
    assert found.issues == ()
    assert (found.clock.utc_known, found.clock.source, found.clock.sigma_s) == (True, ClockSource.GNSS, 0.1)
    gnss = found.tracks["gnss"]
    assert gnss.message == "vehicle_gps_position"
    assert gnss.time_ns.tolist() == [(UTC_US + 10_000_000 + 200_000 * row) * 1000 for row in range(40)]
    assert np.array_equal(gnss.lat_deg, 47 + np.arange(40) * 1e-5)
    assert (gnss.alt_amsl_m[0], gnss.alt_hae_m[0], gnss.v_sigma_m[0], gnss.speed_mps[0]) == (100, 120, 3, 5)
    assert gnss.h_sigma_m[0] == pytest.approx(2 / np.sqrt(2))
    assert np.isnan(gnss.alt_home_m).all()
    assert np.isnan(gnss.alt_agl_m).all()


def test_old_integer_fields_are_scaled():
    log = gps_log(OLD_GPS)
    log.data(1, 5_000_000, 0, 474_000_001, -1_790_000_002, 12_345, 60_345, 1.0, 1.0, 1.0, 3.0, 4.0, 3)
    track = read(log).track
    assert (track.lat_deg[0], track.lon_deg[0]) == (47.4000001, -179.0000002)
    assert (track.alt_amsl_m[0], track.alt_hae_m[0], track.speed_mps[0]) == (12.345, 60.345, 5.0)


def test_only_three_dimensional_fixes_count():
    log = gps_log()
    for row, fix in enumerate((0, 1, 2, 3, 4, 5, 6, 7, 8, 255)):
        log.gps(1 + row, 50 + row * 1e-5, 8, fix=fix)
    found = read(log)
    assert [round((lat - 50) * 1e5) for lat in found.track.lat_deg] == [3, 4, 5, 6]
    assert issue(found, Code.NO_FIX_ROWS).count == 6


def test_accuracy_floors_sentinels_and_the_dop_in_its_place():
    log = gps_log()
    rows = [(0.1, 1, 3), (0.1, 1, 5), (0.01, 1, 6), (4.2e6, 0.9, 3), (0, 99.99, 3), (float("nan"), 0, 3)]
    for row, (eph, hdop, fix) in enumerate(rows):
        log.gps(1 + row, 50, 8, eph=eph, hdop=hdop, fix=fix, epv=eph)
    track = read(log).track
    expected = [1.0, 0.4, 0.05, 3.6 / np.sqrt(2), np.nan, np.nan]
    assert track.h_sigma_m.tolist() == pytest.approx(expected, nan_ok=True)
    assert track.v_sigma_m.tolist() == pytest.approx([0.1, 0.1, 0.01, np.nan, np.nan, np.nan], nan_ok=True)
    assert track.h_sigma_source is SigmaSource.MIXED


def test_positions_that_cannot_be_are_masked():
    log = gps_log()
    for row, place in enumerate(((50, 8), (0, 0), (91, 8), (50, 181), (float("nan"), 8), (0, 8), (50, float("inf")))):
        log.gps(1 + row, *place)
    found = read(log)
    assert list(zip(found.track.lat_deg, found.track.lon_deg, strict=True)) == [(50, 8), (0, 8)]
    assert issue(found, Code.BAD_POSITION).count == 5


def test_equal_times_are_one_fix_and_disorder_is_sorted():
    log = gps_log()
    for t in (1, 2, 2, 4, 3, 5):
        log.gps(t, 50 + t * 1e-5, 8)
    found = read(log)
    assert np.diff(found.track.time_ns).tolist() == [10**9] * 4
    assert issue(found, Code.OUT_OF_ORDER).count == 1


def test_a_row_with_a_damaged_time_is_kept_without_it_and_a_gap_is_a_gap():
    log = gps_log()
    for t in (1, 2, 9999, 3, 5000, 5001):
        log.gps(t, 50, 8)
    found = read(log)
    assert found.track.is_timed.tolist() == [True, True, False, True, True, True]
    assert issue(found, Code.CLOCK_DAMAGED).count == 1


def test_hovering_keeps_its_rows():
    log = gps_log()
    for row in range(9):
        log.gps(1 + row, 50, 8)
    assert len(read(log).track) == 9


def test_without_vehicle_gps_position_the_receiver_with_most_fixes_is_used():
    log = Ulog()
    log.topic("sensor_gps", GPS, 1)
    log.topic("sensor_gps", GPS, 2, instance=1, define=False)
    for row in range(9):
        log.gps(1 + row, 50, 8, msg_id=1, fix=3 if row < 3 else 0)
        log.gps(1.1 + row, 50, 8, msg_id=2)
    found = read(log)
    assert (len(found.track), found.track.message) == (9, "sensor_gps")
    assert issue(found, Code.OTHER_RECEIVERS).severity is Severity.INFO


def test_an_estimate_without_a_fix_behind_it_is_no_place():
    log = flight(0)
    for row in range(9):
        log.gps(1 + row, 0, 0, fix=0)
        log.fused(1 + row, 47, 8)
    found = read(log)
    assert found.tracks == {}
    assert {Code.NO_POSITION, Code.ESTIMATE_ONLY, Code.NO_FIX_ROWS} <= codes(found)


def test_a_log_of_estimates_only_is_used_and_says_so():
    log = Ulog()
    log.topic("vehicle_global_position", GLOBAL, 2)
    for row in range(9):
        log.fused(1 + row, 47, 8, dead=row > 5, valid=row > 0)
    found = read(log)
    assert (found.primary, len(found.track)) == ("fused", 8)
    assert issue(found, Code.ESTIMATE_ONLY).severity is Severity.WARNING
    assert "3 of them dead reckoning" in issue(found, Code.ESTIMATE_ONLY).message
    assert Code.UTC_UNKNOWN in codes(found)
    assert found.track.time_ns[0] == 2_000_000_000


def test_a_local_estimate_is_put_back_on_the_globe():
    log = Ulog()
    log.topic("vehicle_local_position", LOCAL, 3)
    for row in range(5):
        flags = (True, True, True, row > 0, True, True)
        log.data(3, 1_000_000 * (1 + row), 60.0, 10.0, 50.0, 1000.0, 2000.0, -30.0, 3.0, 4.0, 12.0, *flags)
    found = read(log)
    assert (found.primary, len(found.track), found.track.message) == ("fused", 4, "vehicle_local_position")
    metres = np.radians(1) * 6_371_000
    assert found.track.lat_deg[0] == pytest.approx(60 + 1000 / metres, abs=1e-4)
    assert found.track.lon_deg[0] == pytest.approx(10 + 2000 / metres / np.cos(np.radians(60.009)), abs=1e-4)
    assert (found.track.alt_amsl_m[0], found.track.alt_agl_m[0], found.track.speed_mps[0]) == (80, 12, 5)
    assert found.track.h_sigma_m.tolist() == [50.0] * 4  # the topic states none, and no satellite stands behind it


@pytest.mark.parametrize(("shifted", "conflict"), [(0, False), (2, False), (3, True), (40, True)])
def test_topics_that_contradict_each_other_are_a_sign_of_tampering(shifted, conflict):
    log = flight(0)
    first = None
    for row in range(40):
        away = 0.01 if 10 <= row < 10 + shifted or shifted == 40 else 0
        offset = log.gps(10 + row / 5, 47 + row * 1e-5 + away, 7.0)
        first = offset if away and first is None and row else first
        log.fused(10.1 + row / 5, 47 + (row + 0.5) * 1e-5, 7.0)
    found = read(log)
    assert (Code.POSITION_CONFLICT in codes(found)) == conflict
    assert found.primary == ("gnss" if conflict else "fused")
    if conflict:
        said = issue(found, Code.POSITION_CONFLICT)
        assert said.severity is Severity.WARNING
        assert "1,112 m apart" in said.message
        assert said.offset == first


def test_a_second_receiver_elsewhere_is_a_conflict_too():
    log = flight(20)
    log.topic("sensor_gps", GPS, 9)
    for row in range(20):
        log.gps(10 + row / 5, 57, 7, msg_id=9)
    assert issue(read(log), Code.POSITION_CONFLICT).severity is Severity.WARNING


@pytest.mark.parametrize("rows", [range(10), range(30, 40), range(15, 30)])
def test_an_estimate_that_does_not_cover_the_fixes_is_not_the_primary_track(rows):
    log = flight(0)
    for row in range(40):
        log.gps(10 + row * 2, 47 + row * 1e-5, 7.0)
        if row in rows:
            log.fused(10.1 + row * 2, 47 + row * 1e-5, 7.0)
    assert read(log).primary == "gnss"


def test_heights_a_simulator_writes_are_no_ellipsoidal_heights():
    log = gps_log()
    log.gps(1, 50, 8, alt=100, hae=100)
    found = read(log)
    assert np.isnan(found.track.alt_hae_m).all()
    assert issue(found, Code.SIMULATED).severity is Severity.INFO


def test_a_height_frame_beyond_any_geoid_is_not_used():
    log = gps_log()
    log.gps(1, 50, 8, alt=100, hae=100_000)
    log.gps(2, 50, 8, alt=100, hae=140)
    found = read(log)
    assert found.track.alt_hae_m.tolist() == pytest.approx([np.nan, 140], nan_ok=True)
    assert Code.HEIGHT_FRAME in codes(found)


# ---- time


def test_without_satellite_time_times_count_from_boot():
    log = gps_log()
    log.gps(7, 50, 8, utc=0)
    found = read(log)
    assert (found.clock.utc_known, found.clock.source) == (False, ClockSource.NONE)
    assert np.isnan(found.clock.sigma_s)
    assert found.track.time_ns.tolist() == [7_000_000_000]
    assert issue(found, Code.UTC_UNKNOWN).severity is Severity.WARNING


def test_a_date_before_ulog_existed_is_no_date():
    log = gps_log()
    log.gps(7, 50, 8, utc=1_080_000_000_000_000)  # 2004: a week roll-over
    found = read(log)
    assert not found.clock.utc_known
    assert {Code.CLOCK_DAMAGED, Code.UTC_UNKNOWN} <= codes(found)


def test_fixes_have_the_time_that_they_state_and_a_step_is_said():
    log = gps_log()
    for row in range(11):
        log.gps(1 + row, 50, 8, utc=UTC_US + 1_000_000 * (1 + row) + (5_000_000 if row < 3 else 1000 * row))
    found = read(log)
    late_ms = [3, 3, 3, *range(3, 11)]  # three that are 5 s off go by the autopilot's clock, from the first that is not
    expected = [(UTC_US + 1_000_000 * (1 + row) + 1000 * late) * 1000 for row, late in enumerate(late_ms)]
    assert found.track.time_ns.tolist() == expected
    assert issue(found, Code.CLOCK_DAMAGED).count == 3


# ---- events, home, aircraft


def test_events_are_changes_and_home_is_the_last_before_take_off():
    log = flight(0)
    log.info("sys_name", "PX4")
    log.info("ver_hw", "PX4_FMU_V5")
    log.info("sys_uuid", "secret")
    log.topic("vehicle_status", STATUS, 4)
    log.topic("vehicle_land_detected", LANDED, 5)
    log.topic("home_position", HOME, 6)
    log.data(6, 1_000_000, 0, 0, 0, False, False)
    log.data(6, 2_000_000, 47.1, 8, 400, True, True)
    log.data(6, 3_000_000, 47.2, 8, 90, True, True)
    for t, state, mode, landed in (
        (1, 1, 4, 1),
        (4, 2, 4, 1),
        (5, 2, 17, 0),
        (8, 2, 18, 0),
        (9, 2, 18, 1),
        (10, 1, 4, 1),
    ):
        log.data(4, t * 1_000_000, state, mode)
        log.data(5, t * 1_000_000 + 1, landed)
    log.data(6, 7_000_000, 47.3, 8, 90, True, True)
    log.put("L", b"6" + struct.pack("<Q", 4_500_000) + b"Takeoff \x1b[0m")
    log.put("C", b"6" + struct.pack("<HQ", 1, 4_600_000) + b"tagged")
    log.gps(1, 50, 8)
    found = read(log)
    kinds = [(round((e.time_ns - UTC_US * 1000) / 1e9), e.kind, e.text) for e in found.events]
    assert kinds == [
        (2, EventKind.HOME, "home set"),
        (3, EventKind.HOME, "home moved"),
        (4, EventKind.ARM, ""),
        (4, EventKind.MESSAGE, "Takeoff \\x1b[0m"),
        (5, EventKind.MESSAGE, "tagged"),
        (5, EventKind.MODE, "take-off"),
        (5, EventKind.TAKEOFF, ""),
        (7, EventKind.HOME, "home moved"),
        (8, EventKind.MODE, "land"),
        (9, EventKind.LAND, ""),
        (10, EventKind.DISARM, ""),
        (10, EventKind.MODE, "hold"),
    ]
    assert (found.home.lat_deg, found.home.alt_amsl_m) == (47.2, 90)
    assert found.track.alt_home_m.tolist() == [10]
    assert (found.vehicle.hardware, found.vehicle.serial) == ("PX4_FMU_V5", "secret")
    assert found.vehicle.firmware == "PX4"


def test_a_state_that_is_on_from_the_start_is_no_event():
    log = flight(3)
    log.topic("vehicle_status", STATUS, 4)
    log.topic("vehicle_land_detected", LANDED, 5)
    for t in range(3):
        log.data(4, t * 1_000_000 + 1, 2, 3)
        log.data(5, t * 1_000_000 + 1, False)
    assert read(log).events == ()


@pytest.mark.parametrize(
    ("armed", "landed", "said"), [(2, 1, "armed"), (1, 0, "airborne"), (2, 0, "airborne"), (1, 1, "")]
)
def test_a_log_that_ends_in_flight_says_so(armed, landed, said):
    log = flight(3)
    log.topic("vehicle_status", STATUS, 4)
    log.topic("vehicle_land_detected", LANDED, 5)
    log.data(4, 1_000_000, armed, 3)
    log.data(5, 1_000_000, landed)
    found = [one.message for one in read(log).issues if one.code is Code.ENDS_IN_FLIGHT]
    assert len(found) == bool(said)
    assert said in "".join(found)


def test_actuator_armed_stands_in_for_vehicle_status():
    log = flight(3)
    log.topic("actuator_armed", "uint64_t timestamp;bool armed;", 7)
    for t, armed in enumerate((False, True, False)):
        log.data(7, 1_000_000 * (t + 1), armed)
    assert [event.kind for event in read(log).events] == [EventKind.ARM, EventKind.DISARM]


# ---- definitions and damage


def test_a_nested_format_with_arrays_has_its_size():
    log = Ulog()
    log.put("F", b"inner:uint8_t[3] a;float b;uint8_t _padding0;")
    log.put("F", b"vehicle_gps_position:" + b"inner[2] x;" + GPS.encode())
    log.topic("vehicle_gps_position", GPS, 1, define=False)
    plain = Ulog()
    plain.topic("vehicle_gps_position", GPS, 1)
    row = plain.gps(3, 50, 8)
    body = plain.bytes[row + 3 :]
    log.put("D", body[:2] + bytes(16) + body[2:])
    assert read(log).track.lat_deg.tolist() == [50]


@pytest.mark.parametrize(
    "fields",
    [
        "vehicle_gps_position again;",
        "float[99999] big;",
        "float[x] odd;",
        "float[4294967296] huge;",
        "unheard_of what;",
        ";;;",
        "",
    ],
)
def test_a_format_that_cannot_be_used_is_an_issue(fields):
    log = Ulog()
    log.topic("vehicle_global_position", GLOBAL, 2)
    log.put("F", b"vehicle_gps_position:" + fields.encode())
    log.topic("vehicle_gps_position", GPS, 1, define=False)
    log.gps(1, 50, 8)
    log.fused(1, 50, 8)
    found = read(log)
    assert issue(found, Code.BAD_DEFINITION).severity is Severity.DAMAGE
    assert found.completeness is Completeness.DAMAGED
    assert len(found.tracks["fused"]) == 1


def test_nesting_and_field_counts_are_bounded():
    log = Ulog()
    for depth in range(4000):
        log.put("F", f"f{depth}:f{depth + 1} a;f{depth + 1} b;".encode())
    log.put("F", b"vehicle_gps_position:f0 x;" + GPS.encode())
    log.put("F", b"wide:" + b"bool;" * 10_001)
    log.topic("vehicle_gps_position", GPS, 1, define=False)
    log.gps(1, 50, 8)
    assert Code.BAD_DEFINITION in codes(read(log))


def test_definitions_that_are_no_text_are_an_issue():
    log = flight(3)
    log.put("F", b"bad\xff\xfe:float x;")
    at = log.put("A", b"\0\x09\0bad\xff")
    log.gps(50, 48, 8)
    found = read(log)
    assert len(found.tracks["gnss"]) == 4
    assert issue(found, Code.BAD_DEFINITION).count == 2
    assert issue(found, Code.BAD_DEFINITION).offset < at


def test_late_definitions_are_used():
    log = flight(3)
    log.topic("home_position", HOME, 6)
    log.data(6, 2_000_000, 47.1, 8, 400, True, True)
    found = read(log)
    assert found.home.lat_deg == 47.1
    assert found.completeness is Completeness.COMPLETE


def test_records_of_unknown_ids_kinds_and_sizes_are_counted():
    log = flight(20)
    unknown = log.put("D", b"\xff\x7f1234")
    short = log.put("D", b"\1\0" + bytes(9))
    log.gps(60, 47, 7)
    log.put("z", b"from the future")
    log.gps(61, 47, 7)
    found = read(log)
    assert len(found.tracks["gnss"]) == 22
    assert (issue(found, Code.UNKNOWN_RECORDS).offset, issue(found, Code.BAD_RECORD).offset) == (unknown, short)
    assert found.completeness is Completeness.DAMAGED


def test_a_new_kind_of_record_alone_is_no_damage():
    log = flight(3)
    log.put("z", b"from the future")
    log.gps(60, 47, 7)
    found = read(log)
    assert issue(found, Code.UNKNOWN_RECORDS).severity is Severity.WARNING
    assert found.completeness is Completeness.COMPLETE


def test_an_id_given_to_another_topic_later():
    log = flight(5)
    log.topic("home_position", HOME, 1)
    log.data(1, 2_000_000, 47.1, 8, 400, True, True)
    log.fused(60, 47, 7)
    found = read(log)
    assert len(found.tracks["gnss"]) == 5
    assert found.home.lat_deg == 47.1


def test_dropouts_are_added_up():
    log = flight(3)
    first = log.put("O", struct.pack("<H", 100))
    log.put("O", struct.pack("<H", 23))
    said = issue(read(log), Code.LOG_DROPOUT)
    assert (said.offset, said.count, "123 ms" in said.message) == (first, 2, True)


def test_appended_data_loses_no_record():
    body = flight(20).bytes[16 + 43 :]  # without the flags
    size = len(record("D", b"")) + struct.calcsize("<HQQddddffffB")
    more, made = Ulog(), Ulog()
    made.bytes = b""
    more.topic("vehicle_gps_position", GPS, 1)
    made.layouts = more.layouts
    made.gps(50, 47.01, 7)
    made.gps(51, 47.01, 7)
    log = Ulog()
    log.flags(1, (16 + 43 + len(body) + 17, 16 + 43 + len(body) + 17 + size, 0))
    log.bytes += body + made.bytes[:17] + made.bytes  # the crash cut a record short
    found = read(log)
    assert len(found.tracks["gnss"]) == 22
    assert issue(found, Code.APPENDED_DATA).count == 2
    assert issue(found, Code.BYTES_SKIPPED).message.startswith("17 bytes")
    cut = read(log.bytes[: -size - 1])
    assert cut.completeness is not Completeness.COMPLETE
    assert Code.TRUNCATED in codes(cut)


def test_unknown_incompatible_features_are_refused():
    log = Ulog()
    log.flags(2)
    log.bytes += flight(3).bytes[16 + 43 :]
    with pytest.raises(UnreadableInput) as error:
        read(log)
    assert error.value.code == "ulog_incompatible"


@pytest.mark.parametrize("data", [b"", b"ULog", b"ULog\x01\x12\x35\x01" + bytes(7), b"ULog\x01\x12\x35\x01" + bytes(8)])
def test_nothing_recorded_is_unreadable(data):
    with pytest.raises(UnreadableInput) as error:
        read(data)
    assert "\n" not in str(error.value)


def test_a_log_without_positions_is_a_flight_without_tracks():
    log = Ulog()
    log.topic("cpuload", "uint64_t timestamp;float load;", 1)
    log.data(1, 1, 0.5)
    found = read(log)
    assert (found.tracks, found.primary, len(found.track)) == ({}, "", 0)
    assert issue(found, Code.NO_POSITION).severity is Severity.WARNING


def test_many_messages_are_capped():
    log = flight(3)
    log.bytes += record("L", b"6" + struct.pack("<Q", 1) + b"x") * 1500
    events = read(log).events
    assert len(events) == 1001
    assert any(event.text == "(500 more messages are not listed)" for event in events)
