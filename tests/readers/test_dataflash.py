"""The DataFlash reader on hand-made logs, one fact each."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness, EventKind, SigmaSource
from dronecheck.issues import Code, Severity
from dronecheck.readers import dataflash
from dronecheck.safe.io import Input
from tests.support.dataflash_writer import FIRST_MS, WEEK, Dataflash, flight, raw_fmt

UTC_BOOT_US = (315_964_800_000 + WEEK * 604_800_000 + FIRST_MS - 18_000) * 1000


def read(data):
    data = data.bytes if isinstance(data, Dataflash) else data
    return dataflash.read(Input(Path("made.bin"), data, hashlib.sha256(data).hexdigest()))


def codes(found):
    return {issue.code for issue in found.issues}


def issue(found, code):
    return next(issue for issue in found.issues if issue.code is code)


# ---- tracks


def test_the_whole_of_a_plain_flight():
    found = read(flight(40))
    assert {name: len(track) for name, track in found.tracks.items()} == {"gnss": 40, "fused": 40}
    assert (found.primary, found.completeness, found.issues) == ("fused", Completeness.COMPLETE, ())
    assert (found.clock.utc_known, found.clock.source, found.clock.sigma_s) == (True, ClockSource.GNSS, 0.1)
    gnss, fused = found.tracks["gnss"], found.tracks["fused"]
    assert (gnss.message, fused.message) == ("GPS", "POS")
    assert gnss.time_ns.tolist() == [(UTC_BOOT_US + 10_000_000 + 200_000 * row) * 1000 for row in range(40)]
    assert np.array_equal(gnss.lat_deg, np.round(47 + np.arange(40) * 1e-5, 7))
    assert (gnss.alt_amsl_m[0], gnss.v_sigma_m[0], gnss.speed_mps[0], gnss.alt_home_m[0]) == (100, 3, 5, 10)
    assert gnss.h_sigma_m[0] == fused.h_sigma_m[0] == pytest.approx(2 / np.sqrt(2))
    assert gnss.h_sigma_source is fused.h_sigma_source is SigmaSource.LOGGED
    assert (fused.alt_amsl_m[0], fused.alt_home_m[0]) == (101, 10)
    assert gnss.alt_hae_m[0] == 148.5  # GPA.Und is -48.5: so far the ellipsoid lies "above" the sea
    assert np.isnan(gnss.alt_agl_m).all()
    assert found.vehicle.kind == "copter"
    assert found.source.dialect == "binary"


def test_only_three_dimensional_fixes_count():
    log = Dataflash()
    for row, status in enumerate((0, 1, 2, 3, 4, 5, 6, 7, 255)):
        log.gps(1 + row, 50 + row * 1e-5, 8, status=status)
    found = read(log)
    assert [round((lat - 50) * 1e5) for lat in found.track.lat_deg] == [3, 4, 5, 6]
    assert issue(found, Code.NO_FIX_ROWS).count == 5


def test_accuracy_floors_the_sentinel_and_the_dop_in_its_place():
    log = Dataflash()
    rows = [(0.1, 3, 1), (0.1, 5, 1), (0.01, 6, 1), (655.35, 3, 0.9), (0, 3, 99.99), (None, 3, 2)]
    for row, (hacc, status, hdop) in enumerate(rows):
        log.gps(1 + row, 50, 8, status=status, hdop=hdop)
        if hacc is not None:
            log.gpa(1 + row, hacc, hacc)
    track = read(log).track
    expected = [1.0, 0.4, 0.05, 3.6 / np.sqrt(2), np.nan, 8 / np.sqrt(2)]
    assert track.h_sigma_m.tolist() == pytest.approx(expected, nan_ok=True)
    assert track.v_sigma_m.tolist() == pytest.approx([0.1, 0.1, 0.01, np.nan, np.nan, np.nan], nan_ok=True)
    assert track.h_sigma_source is SigmaSource.MIXED


def test_positions_that_cannot_be_are_masked():
    log = Dataflash()
    for row, place in enumerate(((50, 8), (0, 0), (91, 8), (50, 181), (0, 8), (-90, -180))):
        log.gps(1 + row, *place)
    found = read(log)
    assert list(zip(found.track.lat_deg, found.track.lon_deg, strict=True)) == [(50, 8), (0, 8), (-90, -180)]
    assert issue(found, Code.BAD_POSITION).count == 3


def test_equal_times_are_one_fix_and_disorder_is_sorted():
    log = Dataflash()
    for t in (1, 2, 2, 4, 3, 5):
        log.gps(t, 50 + t * 1e-5, 8)
    found = read(log)
    assert np.diff(found.track.time_ns).tolist() == [10**9] * 4
    assert issue(found, Code.OUT_OF_ORDER).count == 1


def test_a_row_with_a_damaged_time_is_kept_without_it_and_a_gap_is_a_gap():
    log = Dataflash()
    for t in (1, 2, 99999, 3, 5000, 5001):
        log.gps(t, 50, 8)
    found = read(log)
    assert found.track.is_timed.tolist() == [True, True, False, True, True, True]
    assert issue(found, Code.CLOCK_DAMAGED).count == 1


def test_the_receiver_with_satellite_time_and_most_fixes_is_used():
    log = Dataflash()
    for row in range(30):
        log.gps(1 + row / 5, 47 + row * 1e-5, 8, I=0, week=0)  # fed by a companion computer
        log.gps(1 + row / 5, 46 + row * 1e-5, 9, I=1)
        log.gpa(1 + row / 5, 9, 9, instance=0)
        log.gpa(1 + row / 5, 4, 4, instance=1)
        if row % 2:
            log.row("GPS2", 1_000_000 + row * 200_000, 3, FIRST_MS, WEEK, 9, 1.0, 46, 9, 100, 1.0, 0.0, 0.0, 1)
    found = read(log)
    assert (len(found.track), found.track.lat_deg[0], found.track.v_sigma_m[0]) == (30, 46, 4)
    assert issue(found, Code.OTHER_RECEIVERS).count == 2
    # without satellite time it is no receiver, and its positions no sign of an edit
    assert issue(found, Code.POSITION_CONFLICT).severity is Severity.WARNING
    assert found.tracks["gnss"].message == "GPS"


def test_two_receivers_far_apart_contradict_each_other():
    log = Dataflash()
    for row in range(30):
        log.gps(1 + row / 5, 47, 8, I=0)
        log.gps(1 + row / 5, 47.1, 8, I=1)
    assert issue(read(log), Code.POSITION_CONFLICT).severity is Severity.WARNING


def test_an_estimate_elsewhere_is_said_and_not_judged():
    log = Dataflash()
    for row in range(40):
        log.gps(10 + row / 5, 47, 8)
        log.pos(10.05 + row / 5, 47.5, 8)
    found = read(log)
    assert found.primary == "gnss"
    assert Code.POSITION_CONFLICT in codes(found)


def test_without_any_receiver_the_estimate_is_all_there_is():
    log = Dataflash()
    for row in range(10):
        log.pos(1 + row, 47, 8)
        log.row("AHR2", 1_000_000 + row, 0, 0, 0, 120.0, 48, 9)
    found = read(log)
    assert (found.primary, found.track.message, len(found.track)) == ("fused", "POS", 10)
    assert {Code.ESTIMATE_ONLY, Code.UTC_UNKNOWN} == codes(found)
    assert found.track.h_sigma_m.tolist() == [50.0] * 10  # no satellite's
    assert found.track.h_sigma_source is SigmaSource.ESTIMATE
    only = Dataflash()
    only.row("AHR2", 5_000_000, 0, 0, 0, 120.0, 48, 9)
    track = read(only).track
    assert (track.message, track.lat_deg[0], track.alt_amsl_m[0], track.time_ns[0]) == ("AHR2", 48, 120, 5_000_000_000)


def test_an_estimate_far_from_any_fix_has_no_satellites_accuracy():
    log = Dataflash()
    for row in range(10):
        log.gps(1 + row / 5, 47, 8)
        log.gpa(1 + row / 5)
    for row in range(20):
        log.pos(1 + row / 2, 47, 8)
    fused = read(log).tracks["fused"]
    near = fused.time_ns - fused.time_ns[0] <= 3.8e9  # the last fix is at 2.8 s since boot, the first row at 1 s
    assert (fused.h_sigma_m[~near] == 50.0).all()
    assert (fused.h_sigma_m[near] < 2.0).all()
    assert fused.h_sigma_source is SigmaSource.MIXED


VPOS = (150, "QLLefff", "TimeUS,Lat,Lng,Alt,VelX,VelY,VelZ")


def tracker(*, heard=True):
    log = Dataflash(VPOS=VPOS)
    log.row("MSG", 9_000_000, "AntennaTracker V4.5.7 (deadbeef)")
    log.row("ARM", 9_500_000, 1, 0, 0, 0)
    for row in range(40):
        log.gps(10 + row / 5, 47, 8)
        log.pos(10 + row / 5, 47, 8)
        if heard:
            log.row("VPOS", 10_000_000 + row * 200_000, 47.0 + row * 1e-4, 8.01, 450.0, 4.0, 3.0, 0.0)
    return log


def test_a_trackers_own_place_is_not_the_aircrafts():
    found = read(tracker())
    assert (found.primary, found.track.message, len(found.track)) == ("fused", "VPOS", 40)
    assert found.track.lat_deg[-1] == pytest.approx(47.0039)
    assert (found.track.alt_amsl_m[0], found.track.speed_mps[0], found.track.h_sigma_m[0]) == (450, 5, 50)
    assert set(found.tracks) == {"fused", "operator"}
    assert "VPOS" in issue(found, Code.OTHER_VEHICLES).message
    assert {event.kind for event in found.events} == {EventKind.MESSAGE}  # the tracker was armed, not the aircraft


def test_a_tracker_that_heard_nothing_says_nothing_of_an_aircraft():
    found = read(tracker(heard=False))
    assert (found.primary, set(found.tracks)) == ("", {"operator"})
    assert {Code.OTHER_VEHICLES, Code.NO_POSITION} <= codes(found)


def test_an_estimate_behind_a_receiver_without_a_fix_proves_no_place():
    log = Dataflash()
    for row in range(10):
        log.gps(1 + row, 47, 8, status=1)
        log.pos(1 + row, 47, 8)
        log.row("ORGN", 1_000_000 + row, 1, 47, 8, 100)
    found = read(log)
    assert found.tracks == {}
    assert {Code.ESTIMATE_ONLY, Code.NO_POSITION, Code.NO_FIX_ROWS} <= codes(found)
    assert found.home is not None


def test_heights_without_an_origin_and_heights_far_off_are_not_used():
    log = Dataflash()
    for row in range(10):
        log.gps(1 + row, 47, 8)
        log.pos(1.01 + row, 47, 8, alt=-0.3, home=-0.3, origin=float("nan") if row < 4 else 2.0)
    found = read(log)
    assert np.isnan(found.tracks["fused"].alt_amsl_m).all()
    assert np.isnan(found.tracks["fused"].alt_home_m).tolist() == [True] * 4 + [False] * 6
    assert [i.severity for i in found.issues if i.code is Code.HEIGHT_FRAME] == [Severity.INFO, Severity.WARNING]
    assert found.primary == "gnss"


def test_heights_of_a_known_datum_are_left_to_those_who_hold_them_against_each_other():
    """POS.Alt beside another POS.RelHomeAlt is the height above the sea, however far off the receiver's is."""
    log = Dataflash()
    for row in range(10):
        log.gps(1 + row, 47, 8)
        log.pos(1.01 + row, 47, 8, alt=30.0, home=-0.3)
    found = read(log)
    assert (found.tracks["fused"].alt_amsl_m == 30.0).all() and Code.HEIGHT_FRAME not in codes(found)


def test_height_above_ground_is_measured_or_modelled():
    log = Dataflash()
    for row in range(6):
        log.gps(1 + row, 47, 8)
        log.row("TERR", 1_000_000 * (1 + row), 2 if row else 1, 47, 8, 100, 400.0, 30.0 + row, 0, 0)
        log.row("RFND", 1_000_000 * (1 + row), 0, 5.0 + row, 4 if row == 3 else 2, 25)
    assert read(log).track.alt_agl_m.tolist() == pytest.approx([np.nan, 31, 32, 8, 34, 35], nan_ok=True)


# ---- older logs


def test_a_log_of_2014_in_leap_seconds_of_its_date():
    kinds = {"GPS": (130, "BIHBcLLeeEefI", "Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T")}
    log = Dataflash("GPS", "EV", **kinds, EV=(134, "B", "Id"))
    for row in range(5):
        ms = 109_206_800 + row * 200
        log.row("GPS", 3, ms, 1774, 9, 2.5, -39.49503, 176.7483511, 12.5, 46.82, 3.0, 0, 0, 66_937 + row * 200)
        if row == 2:
            log.row("EV", 10)
    found = read(log)
    utc_ms = 315_964_800_000 + 1774 * 604_800_000 + 109_206_800 - 16_000
    assert found.track.time_ns.tolist() == [(utc_ms + row * 200) * 10**6 for row in range(5)]
    assert (found.track.alt_home_m[0], found.track.alt_amsl_m[0]) == (12.5, 46.82)
    assert found.track.h_sigma_m[0] == pytest.approx(2.5 * 4 / np.sqrt(2))
    assert found.track.h_sigma_source is SigmaSource.DOP
    assert [(event.kind, event.time_ns) for event in found.events] == [(EventKind.ARM, (utc_ms + 400) * 10**6)]


def test_a_log_of_2013_counts_from_the_week_it_does_not_name():
    log = Dataflash("GPS", GPS=(130, "BIBcLLeeEe", "Status,Time,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs"))
    for ms in (604_799_600, 604_799_800, 0, 200):
        log.row("GPS", 3, ms, 8, 1.5, 44, -77, 3, 91, 1, 0)
    found = read(log)
    assert found.track.time_ns.tolist() == [ms * 10**6 for ms in (604_799_600, 604_799_800, 604_800_000, 604_800_200)]
    assert not found.clock.utc_known
    assert "week" in issue(found, Code.UTC_UNKNOWN).message


def px4_log(landed=(1, 1, 0, 0, 1)):
    log = Dataflash(
        "TIME", "GPS", "GPOS", "STAT", "VER",
        TIME=(129, "Q", "StartTime"),
        GPS=(8, "QBffLLfffff", "GPSTime,Fix,EPH,EPV,Lat,Lon,Alt,VelN,VelE,VelD,Cog"),
        GPOS=(16, "LLffff", "Lat,Lon,Alt,VelN,VelE,EPH"),
        STAT=(10, "BBB", "MainState,ArmS,Landed"),
        VER=(130, "NZ", "Arch,FwGit"),
    )  # fmt: skip
    log.row("VER", "PX4FMU_V2", "44d2c4a1e5c0a044")
    for row, state in enumerate(landed):
        log.row("TIME", 5_000_000 + row * 1_000_000)
        log.row("STAT", 0, 1 + (row > 0), state)
        log.row("GPOS", 40.5, -87, 201, 3, 4, 2)
        log.row("GPS", 1_433_984_879_000_000 + row * 1_000_000, 3, 1.5, 2.5, 40.5, -87, 200, 3, 4, 0, 0)
    return log


def test_px4_logs_in_the_same_framing():
    found = read(px4_log())
    assert (found.source.dialect, found.primary, found.vehicle.hardware) == ("px4", "fused", "PX4FMU_V2")
    gnss = found.tracks["gnss"]
    assert gnss.time_ns.tolist() == [(1_433_984_879 + row) * 10**9 for row in range(5)]
    assert (gnss.speed_mps[0], gnss.v_sigma_m[0], gnss.h_sigma_m[0]) == (5, 2.5, pytest.approx(1.5 / np.sqrt(2)))
    assert found.tracks["fused"].h_sigma_m[0] == pytest.approx(2 / np.sqrt(2))
    kinds = [(event.kind, event.time_ns // 10**9 - 1_433_984_879) for event in found.events]
    assert kinds == [(EventKind.ARM, 1), (EventKind.TAKEOFF, 2), (EventKind.LAND, 4)]


# ---- time


def test_weeks_unknown_before_the_lock_do_not_count():
    log = Dataflash()
    for row in range(6):
        log.gps(1 + row, 47, 8, week=0 if row < 4 else WEEK)
    found = read(log)
    assert found.clock.utc_known
    assert found.track.time_ns[0] == (UTC_BOOT_US + 1_000_000) * 1000


def test_no_week_at_all_is_no_utc():
    log = Dataflash()
    log.gps(1, 47, 8, week=0)
    found = read(log)
    assert (found.clock.utc_known, found.clock.source) == (False, ClockSource.NONE)
    assert found.track.time_ns.tolist() == [10**9]
    assert Code.UTC_UNKNOWN in codes(found)


def test_fixes_have_the_time_that_they_state_and_steps_are_said():
    log = Dataflash()
    lags_ms = (7000, 120, 100, 80, 90, 110, 100)
    for row, lag_ms in enumerate(lags_ms):
        log.gps(1 + row, 47, 8, lag_ms=lag_ms)
    found = read(log)
    stated_ns = [(UTC_BOOT_US + 1_000_000 * (1 + row) - 1000 * lag_ms) * 1000 for row, lag_ms in enumerate(lags_ms)]
    assert found.track.time_ns.tolist()[1:] == stated_ns[1:]
    assert found.track.time_ns[0] == stated_ns[1] - 10**9  # 7 s are out of line: by the autopilot's clock
    assert issue(found, Code.CLOCK_DAMAGED).count == 1


def test_a_rolled_over_week_is_no_date():
    log = Dataflash()
    for row in range(5):
        log.gps(1 + row, 47, 8, week=WEEK - 1024)
    found = read(log)
    assert not found.clock.utc_known
    assert {Code.CLOCK_DAMAGED, Code.UTC_UNKNOWN} <= codes(found)


# ---- events, home, aircraft


def kinds_of(found):
    return [event.kind for event in found.events]


def test_arming_by_its_own_record_or_else_by_event_numbers():
    log = Dataflash()
    for t, armed in ((5, 1), (9, 0)):
        log.row("ARM", t * 10**6, armed, 0, 0, 0)
        log.row("EV", t * 10**6 + 3, 10 if armed else 11)
    assert kinds_of(read(log)) == [EventKind.ARM, EventKind.DISARM]
    log = Dataflash()
    for t, number in enumerate((18, 17, 15, 10, 28, 18, 28, 18, 11, 18, 16, 25)):
        log.row("EV", t * 10**6, number)
    expected = [EventKind.ARM, EventKind.TAKEOFF, EventKind.LAND, EventKind.TAKEOFF, EventKind.LAND, EventKind.DISARM]
    assert kinds_of(read(log)) == expected


@pytest.mark.parametrize(
    ("numbers", "takeoffs"),
    [((10, 15, 16, 11, 10, 16, 18, 11), 2), ((10, 28, 16, 11), 1), ((11, 16), 0)],
)
def test_the_take_off_event_of_early_copters(numbers, takeoffs):
    log = Dataflash()
    for t, number in enumerate(numbers):
        log.row("EV", t * 10**6, number)
    assert kinds_of(read(log)).count(EventKind.TAKEOFF) == takeoffs


def test_a_plane_is_flying_when_its_autopilot_is_sure():
    log = Dataflash(STAT=(145, "QBfB", "TimeUS,isFlying,isFlyProb,Armed"))
    log.row("EV", 0, 25)
    carried = ((0, 0.0), (1, 0.2), (1, 0.6), (0, 0.09))
    for t, (flying, sure) in enumerate((*carried, (1, 0.2), (1, 0.95), (1, 0.3), (0, 0.05), *carried)):
        log.row("STAT", t * 10**6, flying, sure, 1)
    found = read(log)
    assert [(event.kind, event.time_ns // 10**9) for event in found.events] == [
        (EventKind.TAKEOFF, 4),
        (EventKind.LAND, 7),
    ]


def test_modes_have_the_names_of_their_firmware():
    log = flight(3)
    log.row("MODE", 10_100_000, 5, 5, 1)
    log.row("MODE", 10_200_000, 99, 99, 1)
    assert [event.text for event in read(log).events if event.kind is EventKind.MODE] == ["LOITER", "mode 99"]


def test_home_is_the_last_before_take_off_and_the_aircraft_states_itself():
    log = flight(5)
    for t, lat in ((1, 47), (2, 47.1), (12, 47.2)):
        log.row("ORGN", t * 10**6, 1, lat, 8, 300.5)
        log.row("ORGN", t * 10**6, 0, 1, 2, 3)
    log.row("EV", 10_500_000, 28)
    log.row("MSG", 11_000_000, "Pixracer 002A001A 3038510C 31353236")
    found = read(log)
    assert (found.home.lat_deg, found.home.alt_amsl_m) == (47.1, 300.5)
    assert [event.text for event in found.events if event.kind is EventKind.HOME] == ["home set"] + ["home moved"] * 2
    vehicle = found.vehicle
    assert vehicle.firmware == "ArduCopter V4.3.2 (deadbeef)"
    assert (vehicle.hardware, vehicle.serial) == ("Pixracer", "002A001A 3038510C 31353236")


def test_messages_are_capped_and_made_safe():
    log = Dataflash()
    for row in range(1500):
        log.row("MSG", row, "a\x1b[31mb")
    events = read(log).events
    assert len(events) == 1001
    assert events[0].text == "a\\x1b[31mb"
    assert events[-1].text == "(500 more are not listed)"


def test_a_simulator_is_named():
    log = flight(5)
    log.row("SIM", 10_000_000, 47, 8)
    assert Code.SIMULATED in codes(read(log))
    log = flight(5)
    log.row("MSG", 10_000_000, "SITL: started")
    assert Code.SIMULATED in codes(read(log))


def test_records_that_the_logger_lost_are_said():
    log = flight(5)
    offsets = [log.row("DSF", 10_000_000 + t, lost, 1) for t, lost in enumerate((0, 0, 7, 7, 9))]
    found = issue(read(log), Code.LOG_DROPOUT)
    assert (found.count, found.offset, found.severity) == (9, offsets[2], Severity.WARNING)


# ---- definitions


def test_late_definitions_are_used():
    names = ("GPS", "IMU")
    log = Dataflash(*names)
    for row in range(60):
        log.row("IMU", row, 0.0, 0.0, 0.0)
    log.gps(1, 47, 8)
    log.define("POS")
    log.pos(1.1, 47, 8)
    found = read(log)
    assert (set(found.tracks), found.issues) == ({"gnss", "fused"}, ())


def test_no_flipped_bit_of_a_definition_kills_the_file_or_passes_unseen():
    good = flight(40).bytes
    at = good.index(b"GPS\0") - 2
    for place in range(at, at + 87):
        for bit in range(0, 8, 3):
            hurt = bytearray(good)
            hurt[place] ^= 1 << bit
            found = read(bytes(hurt))
            assert len(found.tracks["fused"]) == 40
            gnss = found.tracks.get("gnss")
            assert gnss is None or np.array_equal(gnss.lat_deg, read(good).tracks["gnss"].lat_deg)
            if gnss is None:
                assert {Severity.DAMAGE} <= {issue.severity for issue in found.issues}


def test_a_wrong_length_is_corrected_by_the_records():
    log = Dataflash("POS")
    log.kinds["GPS"] = (130, *log.kinds["GPS"][1:])
    log.add(raw_fmt(130, 99, "GPS", *log.kinds["GPS"][1:]))
    for row in range(10):
        log.gps(1 + row, 47, 8)
        log.pos(1 + row, 47, 8)
    found = read(log)
    assert {name: len(track) for name, track in found.tracks.items()} == {"gnss": 10, "fused": 10}
    assert issue(found, Code.BAD_DEFINITION).severity is Severity.DAMAGE
    assert found.completeness is Completeness.DAMAGED


def test_a_flaw_that_no_record_suffers_from_is_no_damage():
    log = flight(5)
    log.add(raw_fmt(200, 19, "ENCD", "qfqf", "cnt0,vel0,cnt1,vel1"))
    found = read(log)
    assert issue(found, Code.BAD_DEFINITION).severity is Severity.INFO
    assert found.completeness is Completeness.COMPLETE


def test_records_of_unknown_types_are_stepped_over():
    log = flight(5)
    for row in range(5):
        log.add(b"\xa3\x95\xf0" + bytes(20))
        log.gps(20 + row, 47, 8)
    found = read(log)
    assert len(found.tracks["gnss"]) == 10
    assert issue(found, Code.UNKNOWN_RECORDS).count == 5
    assert found.completeness is Completeness.DAMAGED


def test_no_definitions_is_no_log():
    for data in (b"\xa3\x95\x82" + bytes(40), b"\xa3\x95\x80" + bytes(30), b"x"):
        with pytest.raises(UnreadableInput):
            read(data)


# ---- text

TEXT = """9

ArduCopter V3.1 (5c6503e2)
Free RAM: 1044
FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format
FMT, 130, 45, GPS, BIHBcLLeeEefI, Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T
FMT, 3, 6, MODE, Mh, Mode,ThrCrs
FMT, 132, 67, MSG, Z, Message
FMT, 7, 3, STRT, ,
GPS, 3, 109206800, 1774, 9, 2.42, -39.4950300, 176.7483511, 0.05, 46.82, 0.03, 202.77, 0.080000, 66937
MODE, STABILIZE, 352
MSG, one, two, three
GPS, 3, 109207000, 1774, 9, 2.42, -39.4950310, 176.7483504, 0.04, 46.82, 0.06, 202.77, 0.140000, 67137
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_logs_with_either_line_end(end):
    found = read(TEXT.replace("\n", end).encode())
    assert (found.source.dialect, found.completeness, found.issues) == ("text", Completeness.COMPLETE, ())
    assert found.track.lat_deg.tolist() == [-39.49503, -39.495031]
    assert found.track.offset.tolist() == [10, 13]
    assert [(event.kind, event.text, event.offset) for event in found.events] == [
        (EventKind.MODE, "STABILIZE", 11),
        (EventKind.MESSAGE, "one, two, three", 12),
    ]
    assert found.vehicle.firmware == "ArduCopter V3.1 (5c6503e2)"


def test_damaged_lines_are_counted_and_the_rest_is_read():
    lines = TEXT.splitlines()
    lines[9:9] = ["GPS, 3, 1092x, 1774, 9", "\x00\x01\x02", lines[9].replace("0.05", "O.05"), "", "GP"]
    found = read(("\n".join(lines) + "\n").encode())
    assert len(found.track) == 2
    assert (issue(found, Code.BAD_LINE).count, issue(found, Code.BAD_LINE).offset) == (4, 10)
    assert found.completeness is Completeness.DAMAGED


def test_every_cut_of_a_text_log_is_an_exact_prefix():
    data = TEXT.encode()
    whole = read(data).track
    lines = data.split(b"\n")
    first = data.index(b"GPS, 3")
    for cut in range(first, len(data)):
        found = read(data[:cut])
        complete = data[:cut].count(b"\n")
        assert found.track.offset.tolist() == [line for line in whole.offset.tolist() if line <= complete]
        assert (Code.LINE_CUT_SHORT in codes(found)) == (data[cut - 1 : cut] != b"\n")
    assert len(lines) == 14
