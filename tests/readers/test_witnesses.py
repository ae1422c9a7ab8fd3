"""What readers deliver beside positions, against pymavlink and pyulog: equal figures, offsets and times."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pymavlink import DFReader, mavutil
from pymavlink.dialects.v20 import all as dialect
from pyulog import ULog

from dronecheck.flight import Flight, Witness
from dronecheck.readers import choose
from dronecheck.readers.common.clock.one_axis import counted_on
from dronecheck.readers.tlog.messages import BESIDE, WITNESSES
from dronecheck.safe.io import open_input

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
DATAFLASH = (
    "ArduPilot__pymavlink__test.BIN",
    "PyFlightCoach__FlightData__center_0003.bin",
    "PyFlightCoach__FlightData__pilot_0004.BIN",
    "clydemcqueen__ardusub_log_tools__small.BIN",
    "diaven__ardupilot-LogAnalyzer__sample01.bin",
    "dronecrew__px4tools__01_07_59.px4log",
)

Rows = list[tuple[int, Any]]  # offset and message


def read(path: Path) -> Flight:
    source = open_input(path)
    return counted_on(choose(source.head, source.name).read(source))


def of_name(flight: Flight, name: str, message: str = "") -> Witness:
    return next(w for w in flight.witnesses if w.name == name and w.message.startswith(message))


def assert_same(witness: Witness, column: str, expected: list[float], **close: float) -> None:
    np.testing.assert_allclose(witness.column(column), expected, **{"rtol": 1e-12, "atol": 1e-9, **close})


# ---- DataFlash


def dataflash_messages(path: Path) -> dict[str, Rows]:
    log = DFReader.DFReader_binary(str(path), zero_time_base=True)
    found: dict[str, Rows] = {}
    while True:
        offset = log.offset
        message = log.recv_msg()
        if message is None:
            log.data_map.close()
            log.filehandle.close()
            return found
        found.setdefault(message.get_type(), []).append((offset, message))


@pytest.fixture(scope="module", params=DATAFLASH)
def dataflash(request: pytest.FixtureRequest, shared: Path) -> Iterator[tuple[Flight, dict[str, Rows]]]:
    path = shared / "logs" / "dataflash_bin" / request.param
    yield read(path), dataflash_messages(path)


EXPECTED: dict[str, tuple[tuple[str, ...], dict[str, tuple[str, ...]]]] = {
    "imu": (
        ("IMU",),
        {
            **{f"accel_{axis.lower()}_mps2": (f"Acc{axis}",) for axis in "XYZ"},
            **{f"gyro_{axis.lower()}_rads": (f"Gyr{axis}", f"Gyro{axis}") for axis in "XYZ"},
        },
    ),
    "velocity": (
        ("XKF1", "NKF1", "GPOS"),
        {"vel_north_mps": ("VN", "VelN"), "vel_east_mps": ("VE", "VelE"), "vel_down_mps": ("VD", "VelD")},
    ),
    "estimator": (
        ("XKF4", "NKF4"),
        {"vel_ratio": ("SV",), "pos_ratio": ("SP",), "hgt_ratio": ("SH",), "mag_ratio": ("SM",)},
    ),
    "battery": (
        ("BAT", "BATT"),
        {"voltage_v": ("Volt", "V"), "current_a": ("Curr", "C"), "used_mah": ("CurrTot", "Discharged")},
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_dataflash_records_are_those_of_pymavlink(dataflash: tuple[Flight, dict[str, Rows]], name: str) -> None:
    flight, messages = dataflash
    kinds, columns = EXPECTED[name]
    if not any(kind in messages for kind in kinds):
        assert not [w for w in flight.witnesses if w.name == name]
        return
    witness = of_name(flight, name)
    assert witness.message in kinds
    instance = "C" if "KF" in witness.message else "I" if name == "imu" else "Instance"
    rows = [row for row in messages[witness.message] if getattr(row[1], instance, 0) == 0]
    assert witness.offset.tolist() == [offset for offset, _ in rows]
    for column, fields in columns.items():
        field = next(f for f in fields if f in rows[0][1].get_fieldnames())
        assert_same(witness, column, [getattr(message, field) for _, message in rows])


def test_dataflash_attitude_is_in_degrees_from_north(dataflash: tuple[Flight, dict[str, Rows]]) -> None:
    flight, messages = dataflash
    if "ATT" not in messages:
        pytest.skip("this log has no attitude")
    witness, rows = of_name(flight, "attitude"), [message for _, message in messages["ATT"]]
    scale = np.degrees(1.0) if "qw" in rows[0].get_fieldnames() else 1.0
    assert_same(witness, "roll_deg", [message.Roll * scale for message in rows])
    assert_same(witness, "yaw_deg", [message.Yaw * scale % 360 for message in rows])
    # the gravity that the accelerometers feel stands where the attitude says that down is
    inertial = [w for w in flight.witnesses if w.name == "imu"]
    for imu in inertial:
        roll = np.radians(np.interp(imu.time_ns, witness.time_ns, witness.column("roll_deg")))
        lying = np.arctan2(-imu.column("accel_y_mps2"), -imu.column("accel_z_mps2"))
        assert np.median(np.abs(lying - roll)) < np.radians(5)


def test_dataflash_receivers_say_what_pymavlink_reads(dataflash: tuple[Flight, dict[str, Rows]]) -> None:
    flight, messages = dataflash
    if "GPS" not in messages:
        pytest.skip("this log has no receiver")
    rows = messages["GPS"]
    witness = of_name(flight, "gnss")
    assert witness.offset.tolist() == [offset for offset, _ in rows]
    fields = rows[0][1].get_fieldnames()
    pairs = {
        "Status": "fix_type",
        "NSats": "satellites",
        "Spd": "speed_mps",
        "VelN": "vel_north_mps",
        "VZ": "vel_down_mps",
    }
    for field, column in pairs.items():
        if field in fields:
            assert_same(witness, column, [getattr(message, field) for _, message in rows])
    if "GWk" in fields:  # satellite time of these years is ahead of UTC by 18 s
        stated = [315_964_800 + m.GWk * 604_800 + m.GMS / 1e3 - 18 if m.GWk else np.nan for _, m in rows]
        assert_same(witness, "gnss_utc_s", stated, atol=1e-6)
        clocks = of_name(flight, "clocks")
        boot = {offset: message.TimeUS / 1e6 for offset, message in rows if message.Status >= 3}
        assert dict(zip(clocks.offset.tolist(), clocks.column("boot_s").tolist(), strict=True)) == boot
    if "GPA" in messages:
        radius = {m.TimeUS: m.HAcc for _, m in messages["GPA"] if getattr(m, "I", 0) == 0}
        expected = [radius.get(m.TimeUS, np.nan) for _, m in rows]
        assert_same(witness, "eph_m", [metres if 0 < metres < 655 else np.nan for metres in expected])


def test_witnesses_have_the_times_of_the_tracks(dataflash: tuple[Flight, dict[str, Rows]]) -> None:
    flight, _ = dataflash
    if not len(flight.track):
        pytest.skip("this log has no position")
    for name, track in flight.tracks.items():
        for witness in flight.witnesses:
            if witness.message == track.message and name in ("gnss", "fused"):
                times = dict(zip(witness.offset.tolist(), witness.time_ns.tolist(), strict=True))
                assert [times[offset] for offset in track.offset.tolist()] == track.time_ns.tolist()
    first, last = (int(flight.track.time_ns[row]) for row in (0, -1))
    for witness in flight.witnesses:
        assert np.all(np.diff(witness.offset) > 0)
        assert witness.time_ns.max() >= first and witness.time_ns.min() <= last


TEXT_COLUMNS = {
    "attitude": ("ATT", {"roll_deg": "Roll", "pitch_deg": "Pitch"}),
    "imu": ("IMU", {"accel_z_mps2": "AccZ", "gyro_x_rads": "GyrX"}),
    "gnss": ("GPS", {"satellites": "NSats", "speed_mps": "Spd"}),
}


@pytest.mark.parametrize("log", ["mechanical_fail", "nan"])  # pymavlink cannot open those without a GPS week
@pytest.mark.parametrize("name", TEXT_COLUMNS)
def test_dataflash_text_is_read_as_pymavlink_reads_it(shared: Path, log: str, name: str) -> None:
    path = shared / "logs" / "dataflash_log" / f"erlerobot__ardupilot__{log}.log"
    flight = read(path)
    kind, columns = TEXT_COLUMNS[name]
    lines = path.read_bytes().split(b"\n")
    rows = [number for number, line in enumerate(lines, 1) if line.startswith(kind.encode() + b",")]
    if not rows:
        assert not [w for w in flight.witnesses if w.name == name]
        return
    witness = of_name(flight, name)
    assert witness.offset.tolist() == rows
    text = DFReader.DFReader_text(str(path), zero_time_base=True)
    try:
        messages = []
        while (message := text.recv_match(type=[kind])) is not None:
            messages.append(message)
    finally:
        text.data_map.close()
        text.filehandle.close()
    for column, field in columns.items():
        assert_same(witness, column, [getattr(message, field) for message in messages])


def test_dataflash_text_and_binary_say_the_same() -> None:
    binary, text = (read(SAMPLES / f"founding_dandong_sinuiju{suffix}") for suffix in (".bin", ".log"))
    assert [w.name for w in binary.witnesses] == [w.name for w in text.witnesses] == ["gnss", "clocks"]
    for one, other in zip(binary.witnesses, text.witnesses, strict=True):
        assert one.time_ns.tolist() == other.time_ns.tolist()
        for column, values in one.values.items():
            assert_same(other, column, values.tolist(), atol=1e-4)


# ---- ULog

ULOGS = (
    "PX4__pyulog__sample.ulg",
    "PX4__pyulog__sample_log_small.ulg",
    "PX4__pyulog__sample_px4_events.ulg",
    "PX4__px4-ulog-rs__esc_status_log.ulg",
    "PX4__px4-ulog-rs__quadrotor_local.ulg",
)
DEGREES = float(np.degrees(1.0))
ULOG_COLUMNS: dict[tuple[str, str], dict[str, tuple[str, float]]] = {
    ("velocity", "vehicle_local_position"): {"vel_down_mps": ("vz", 1.0)},
    ("imu", "sensor_combined"): {
        **{f"accel_{axis}_mps2": (f"accelerometer_m_s2[{n}]", 1.0) for n, axis in enumerate("xyz")},
        **{f"gyro_{axis}_rads": (f"gyro_rad[{n}]", 1.0) for n, axis in enumerate("xyz")},
    },
    ("barometer", "vehicle_air_data"): {
        "pressure_pa": ("baro_pressure_pa", 1.0),
        "pressure_alt_m": ("baro_alt_meter", 1.0),
    },
    ("estimator", "estimator_status"): {f"{kind}_ratio": (f"{kind}_test_ratio", 1.0) for kind in ("vel", "hgt")},
    ("battery", "battery_status"): {"voltage_v": ("voltage_v", 1.0), "remaining_percent": ("remaining", 100.0)},
    ("state", "vehicle_status"): {"mode": ("nav_state", 1.0)},
    ("gnss", "vehicle_gps_position"): {
        "speed_mps": ("vel_m_s", 1.0),
        "satellites": ("satellites_used", 1.0),
        "noise": ("noise_per_ms", 1.0),
        "eph_m": ("eph", 1.0),
    },
}


@pytest.mark.parametrize("log", ULOGS)
def test_ulog_topics_are_those_of_pyulog(shared: Path, log: str) -> None:
    path = shared / "logs" / "ulog" / log
    flight, peer, content = read(path), ULog(str(path)), path.read_bytes()
    seen = 0
    for (name, topic), columns in ULOG_COLUMNS.items():
        data = [one for one in peer.data_list if one.name == topic and one.multi_id == 0]
        if not data:
            continue
        witness = next(w for w in flight.witnesses if (w.name, w.message) == (name, topic))
        seen += 1
        theirs = data[0].data
        assert len(witness) == len(theirs["timestamp"])
        for column, (field, factor) in columns.items():
            stored = theirs[field].astype(np.float64)
            expected = np.where(np.isfinite(stored) & (stored != -1), stored, np.nan) * factor
            if topic == "vehicle_local_position":
                expected = np.where(theirs["v_z_valid"] != 0, expected, np.nan)
            assert_same(witness, column, expected.tolist())
        # at each offset stands a data record with that topic's time
        assert all(content[offset + 2] == ord("D") for offset in witness.offset.tolist())
        if data[0].field_data[0].field_name == "timestamp":
            stamps = [int.from_bytes(content[at + 5 : at + 13], "little") for at in witness.offset.tolist()]
            assert stamps == theirs["timestamp"].tolist()
    assert seen >= 4


@pytest.mark.parametrize("log", ULOGS)
def test_ulog_attitude_turns_gravity_down(shared: Path, log: str) -> None:
    flight = read(shared / "logs" / "ulog" / log)
    attitude, imu = of_name(flight, "attitude"), of_name(flight, "imu")
    roll, pitch = (
        np.radians(np.interp(imu.time_ns, attitude.time_ns, attitude.column(f"{angle}_deg")))
        for angle in ("roll", "pitch")
    )
    x, y, z = (imu.column(f"accel_{axis}_mps2") for axis in "xyz")
    down = -np.sin(pitch) * x + np.cos(pitch) * (np.sin(roll) * y + np.cos(roll) * z)
    assert abs(float(np.median(down)) + 9.81) < 1.5  # vibration of a flight, not a sign
    assert float(np.median(np.abs(down + 9.81))) < float(np.median(np.abs(down - 9.81)))


@pytest.mark.parametrize("log", ULOGS[1:4])
def test_ulog_witnesses_have_the_times_of_the_tracks(shared: Path, log: str) -> None:
    path = shared / "logs" / "ulog" / log
    flight, peer = read(path), ULog(str(path))
    gnss = of_name(flight, "gnss")
    fixes = peer.get_dataset("vehicle_gps_position").data
    stated = np.where(fixes["time_utc_usec"] > 0, fixes["time_utc_usec"] / 1e6, np.nan)
    assert_same(gnss, "gnss_utc_s", stated.tolist(), atol=0.3)  # less the age of the fix
    times = dict(zip(gnss.offset.tolist(), gnss.time_ns.tolist(), strict=True))
    track = flight.tracks["gnss"]
    assert [times[offset] for offset in track.offset.tolist()] == track.time_ns.tolist()
    # all else lies on the same axis, by the autopilot's clock
    boot_us = peer.get_dataset("sensor_combined").data["timestamp"].astype(np.int64)
    clocks, imu = of_name(flight, "clocks"), of_name(flight, "imu")
    expected_s = np.interp(boot_us / 1e6, clocks.column("boot_s"), clocks.time_ns / 1e9, np.nan, np.nan)
    known = np.isfinite(expected_s)
    assert known.sum() > 20
    np.testing.assert_allclose(imu.time_ns[known] / 1e9, expected_s[known], rtol=0, atol=0.01)


# ---- MAVLink

TLOGS = ("ArduPilot__UAVLogViewer__vtol.tlog", "dronekit__dronekit-python__flight.tlog")
STAMP_BYTES = 8
TLOG_COLUMNS: dict[tuple[str, str], dict[str, tuple[str, float]]] = {
    ("gnss", "GPS_RAW_INT"): {"speed_mps": ("vel", 0.01), "course_deg": ("cog", 0.01), "hdop": ("eph", 0.01)},
    ("clocks", "SYSTEM_TIME"): {"boot_s": ("time_boot_ms", 1e-3)},
    ("velocity", "GLOBAL_POSITION_INT"): {"vel_north_mps": ("vx", 0.01), "vel_east_mps": ("vy", 0.01)},
    ("velocity", "LOCAL_POSITION_NED"): {"vel_down_mps": ("vz", 1.0)},
    ("attitude", "ATTITUDE"): {"roll_deg": ("roll", DEGREES), "pitch_deg": ("pitch", DEGREES)},
    ("imu", "RAW_IMU"): {"accel_z_mps2": ("zacc", 9.80665e-3), "gyro_x_rads": ("xgyro", 1e-3)},
    ("barometer", "SCALED_PRESSURE"): {"pressure_pa": ("press_abs", 100.0), "temperature_c": ("temperature", 0.01)},
    ("estimator", "EKF_STATUS_REPORT"): {"vel_ratio": ("velocity_variance", 1.0)},
    ("state", "HEARTBEAT"): {"mode": ("custom_mode", 1.0)},
}


def mavlink_messages(path: Path) -> list[tuple[int, float, Any]]:
    """Return offset, host's stamp and message of all messages of the first system, as pymavlink reads them."""
    log = mavutil.mavlogfile(str(path))
    found = []
    try:
        while True:
            message = log.recv_msg()
            if message is None:
                return found
            if message.get_srcSystem() == 1 and message.get_type() != "BAD_DATA":
                size = len(message.get_msgbuf())
                found.append((log.f.tell() - size - STAMP_BYTES, message._timestamp, message))
    finally:
        log.f.close()


@pytest.mark.parametrize("log", TLOGS)
def test_mavlink_messages_are_those_of_pymavlink(shared: Path, log: str) -> None:
    path = shared / "logs" / "tlog" / log
    flight, messages = read(path), mavlink_messages(path)
    for (name, kind), columns in TLOG_COLUMNS.items():
        rows = [row for row in messages if row[2].get_type() == kind]
        witness = next(w for w in flight.witnesses if (w.name, w.message) == (name, kind))
        assert witness.offset.tolist() == [offset for offset, _, _ in rows], kind
        for column, (field, factor) in columns.items():
            assert_same(witness, column, [float(getattr(message, field)) * factor for _, _, message in rows])
    clocks = of_name(flight, "clocks", "SYSTEM_TIME")
    stamps = [stamp for _, stamp, message in messages if message.get_type() == "SYSTEM_TIME"]
    assert_same(clocks, "host_utc_s", stamps, atol=1e-3)
    sequence = of_name(flight, "sequence")
    assert sequence.offset.tolist() == [offset for offset, _, _ in messages]
    assert_same(sequence, "seq", [float(message.get_seq()) for _, _, message in messages])


@pytest.mark.parametrize("log", TLOGS)
def test_mavlink_down_is_where_the_height_falls(shared: Path, log: str) -> None:
    flight = read(shared / "logs" / "tlog" / log)
    estimate, local = (of_name(flight, "velocity", kind) for kind in ("GLOBAL", "LOCAL"))
    down = np.interp(estimate.time_ns, local.time_ns, local.column("vel_down_mps"))
    inside = (estimate.time_ns >= local.time_ns.min()) & (estimate.time_ns <= local.time_ns.max())
    assert np.corrcoef(down[inside], estimate.column("vel_down_mps")[inside])[0, 1] > 0.9


@pytest.mark.parametrize("log", TLOGS)
def test_mavlink_witnesses_have_the_times_of_the_tracks(shared: Path, log: str) -> None:
    flight = read(shared / "logs" / "tlog" / log)
    for track, name in ((flight.tracks["gnss"], "gnss"), (flight.tracks["fused"], "velocity")):
        witness = of_name(flight, name, track.message)
        times = dict(zip(witness.offset.tolist(), witness.time_ns.tolist(), strict=True))
        ours = np.array([times[offset] for offset in track.offset.tolist()])
        assert np.median(np.abs(ours - track.time_ns)) == 0
        assert np.max(np.abs(ours - track.time_ns)) < 1_000_000_000  # several of one time are spread


@pytest.mark.parametrize("kind", sorted(WITNESSES))
def test_mavlink_layouts_are_those_of_pymavlink(kind: str) -> None:
    number, _ = WITNESSES[kind]
    peer, (name, dtype) = dialect.mavlink_map[number], BESIDE[number]
    assert name == kind == peer.msgname
    sizes = {"float": 4} | {f"{sign}int{bits}_t": bits // 8 for sign in ("", "u") for bits in (8, 16, 32, 64)}
    types = dict(zip(peer.fieldnames, peer.fieldtypes, strict=True))
    place = 0
    for field, count in zip(peer.ordered_fieldnames, peer.array_lengths, strict=True):
        if field not in (dtype.names or ()):
            break
        assert (dtype.fields or {})[field][1] == place, field
        place += sizes[types[field]] * max(count, 1)
    assert place == dtype.itemsize


# ---- DJI flight records


@pytest.mark.parametrize("name", ["v13", "v14_small"])
def test_dji_records_hold_what_was_written(shared: Path, name: str) -> None:
    folder = shared / "dji13"
    written = json.loads(gzip.decompress((folder / f"{name}.records.json.gz").read_bytes()))
    payloads = [bytes.fromhex(record[1]) for record in written if record[0] == 1]
    source = open_input(folder / f"{name}.txt", keys=folder / f"{name}.keychains.json")
    flight = choose(source.head, source.name).read(source)
    velocity, attitude = of_name(flight, "velocity"), of_name(flight, "attitude")
    assert len(velocity) == len(payloads)
    speeds = [struct.unpack_from("<3h", payload, 18) for payload in payloads]
    angles = [struct.unpack_from("<3h", payload, 24) for payload in payloads]
    for number, column in enumerate(("vel_north_mps", "vel_east_mps", "vel_down_mps")):
        assert_same(velocity, column, [speed[number] / 10 for speed in speeds])
    for number, column in enumerate(("pitch_deg", "roll_deg")):
        assert_same(attitude, column, [angle[number] / 10 for angle in angles])
    assert_same(attitude, "yaw_deg", [angle[2] / 10 % 360 for angle in angles])
    assert_same(of_name(flight, "gnss"), "satellites", [float(payload[36]) for payload in payloads])
    times = dict(zip(velocity.offset.tolist(), velocity.time_ns.tolist(), strict=True))
    track = flight.track
    ours = np.array([times[offset] for offset in track.offset.tolist()])
    assert np.max(np.abs(ours - track.time_ns)) <= 200_000_000  # several of one tenth are spread


@pytest.mark.parametrize("day", ["2016-09-15", "2016-09-26"])
def test_dji_velocities_point_where_the_aircraft_flew(shared: Path, day: str) -> None:
    path = next((shared / "logs" / "dji_txt").glob(f"*{day}*.txt"))
    flight = read(path)
    velocity, track = of_name(flight, "velocity"), flight.track
    at_s = np.arange(5, int((track.time_ns[-1] - track.time_ns[0]) / 1e9) - 5, 1.0)
    own_s, its_s = (1e-9 * (times - track.time_ns[0]) for times in (track.time_ns, velocity.time_ns))
    north_m = (track.lat_deg - track.lat_deg[0]) * 111_200
    east_m = (track.lon_deg - track.lon_deg[0]) * 111_320 * np.cos(np.radians(track.lat_deg[0]))
    for metres, column in ((north_m, "vel_north_mps"), (east_m, "vel_east_mps"), (-track.alt_home_m, "vel_down_mps")):
        flown = np.interp(at_s + 1, own_s, metres) - np.interp(at_s - 1, own_s, metres)
        speed = np.interp(at_s, its_s, velocity.column(column))
        assert np.corrcoef(flown / 2, speed)[0, 1] > 0.8, column


def test_dji_controller_logs_tell_the_velocity_of_their_fixes() -> None:
    flight = read(SAMPLES / "founding_dandong_sinuiju_FLY001.DAT")
    gnss, track = of_name(flight, "gnss"), flight.tracks["gnss"]
    times = dict(zip(gnss.offset.tolist(), gnss.time_ns.tolist(), strict=True))
    assert [times[offset] for offset in track.offset.tolist()] == track.time_ns.tolist()
    clocks = of_name(flight, "clocks")
    assert np.abs(clocks.column("gnss_utc_s") - clocks.time_ns / 1e9).max() < 0.3
    north_m = (track.lat_deg - track.lat_deg[0]) * 111_200
    at_s = np.arange(5, (track.time_ns[-1] - track.time_ns[0]) / 1e9 - 5, 1.0)
    own_s, its_s = (1e-9 * (values - track.time_ns[0]) for values in (track.time_ns, gnss.time_ns))
    flown = np.interp(at_s + 1, own_s, north_m) - np.interp(at_s - 1, own_s, north_m)
    assert np.corrcoef(flown / 2, np.interp(at_s, its_s, gnss.column("vel_north_mps")))[0, 1] > 0.98
