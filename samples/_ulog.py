"""Writes a PX4 log (ULog, the topics and fields of PX4 1.14 and 1.15) from simulated fixes.

File: magic, version, start time; definitions (B flags, I facts, F formats, P parameters); A subscriptions; then D data
and L messages by time. Each record is u16 size, u8 kind, payload. `timestamp` counts microseconds since boot.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from _kinematics import Truth
from _sensors import Fixes

BOOT_US = 37_204_000  # the log starts 37 s after power-on
FIX_LATENCY_US = 45_000  # a fix reaches the log some 45 ms after the epoch it is for
NO_FIX, FIX_3D = 1, 3
DISARMED, ARMED = 1, 2
MANUAL, MISSION, LANDING = 2, 3, 18
RELEASE_1_15_4 = 0x010F04FF

_C_TYPES = {"uint64_t": "Q", "double": "d", "uint32_t": "I", "int32_t": "i", "float": "f", "uint16_t": "H",
            "uint8_t": "B", "bool": "?"}  # fmt: skip

_GPS = """uint64_t timestamp;uint64_t timestamp_sample;double latitude_deg;double longitude_deg;double altitude_msl_m;\
double altitude_ellipsoid_m;uint64_t time_utc_usec;uint32_t device_id;float s_variance_m_s;float c_variance_rad;\
float eph;float epv;float hdop;float vdop;int32_t noise_per_ms;int32_t jamming_indicator;float vel_m_s;\
float vel_n_m_s;float vel_e_m_s;float vel_d_m_s;float cog_rad;int32_t timestamp_time_relative;float heading;\
float heading_offset;float heading_accuracy;float rtcm_injection_rate;uint16_t automatic_gain_control;\
uint8_t fix_type;uint8_t jamming_state;uint8_t spoofing_state;bool vel_ned_valid;uint8_t satellites_used;\
uint8_t selected_rtcm_instance;bool rtcm_crc_failed;uint8_t rtcm_msg_used;"""
FORMATS = {
    "sensor_gps": _GPS,
    "vehicle_gps_position": _GPS,
    "vehicle_global_position": """uint64_t timestamp;uint64_t timestamp_sample;double lat;double lon;float alt;\
float alt_ellipsoid;float delta_alt;float eph;float epv;float terrain_alt;uint8_t lat_lon_reset_counter;\
uint8_t alt_reset_counter;bool terrain_alt_valid;bool dead_reckoning;""",
    "vehicle_status": """uint64_t timestamp;uint64_t armed_time;uint64_t takeoff_time;uint8_t arming_state;\
uint8_t latest_arming_reason;uint8_t latest_disarming_reason;uint8_t nav_state;uint8_t hil_state;uint8_t vehicle_type;\
bool failsafe;uint8_t system_type;uint8_t system_id;uint8_t component_id;""",
    "vehicle_land_detected": """uint64_t timestamp;bool freefall;bool ground_contact;bool maybe_landed;bool landed;\
bool in_ground_effect;bool at_rest;""",
    "home_position": """uint64_t timestamp;double lat;double lon;float alt;float x;float y;float z;float yaw;\
uint32_t update_count;bool valid_alt;bool valid_hpos;bool valid_lpos;bool manual_home;""",
}  # fmt: skip


class _Topic:
    """One subscribed message: packs named values by its format; fields not given are 0."""

    def __init__(self, name: str, msg_id: int) -> None:
        self.name, self.msg_id = name, msg_id
        fields = [field.split(" ") for field in FORMATS[name].rstrip(";").split(";")]
        self.names = [name for _, name in fields]
        self.struct = struct.Struct("<H" + "".join(_C_TYPES[kind] for kind, _ in fields))

    def data(self, **values: float) -> bytes:
        assert set(values) <= set(self.names), set(values) - set(self.names)
        return _record("D", self.struct.pack(self.msg_id, *(values.get(name, 0) for name in self.names)))


@dataclass(frozen=True)
class UlogStyle:
    """What differs from log to log."""

    start_utc_us: int  # at the beginning of the recording
    gps_topic: str = "sensor_gps"
    serial: str = ""


def ulog_bytes(truth: Truth, gps: Fixes, fused: Fixes, style: UlogStyle) -> bytes:
    """The whole file. `gps` are the receiver's fixes, `fused` the autopilot's estimate."""
    names = [style.gps_topic, "vehicle_global_position", "vehicle_status", "vehicle_land_detected", "home_position"]
    topics = {name: _Topic(name, number) for number, name in enumerate(names)}
    records = _gps_records(truth, gps, topics[style.gps_topic], style)
    records += _fused_records(truth, fused, topics["vehicle_global_position"])
    records += _state_records(truth, gps, topics)
    records.sort(key=lambda record: record[0])  # stable: records of one instant stay in this order
    head = b"ULog\x01\x12\x35\x01" + struct.pack("<Q", BOOT_US)
    return head + _definitions(names, style.serial) + b"".join(data for _, data in records)


def _record(kind: str, payload: bytes) -> bytes:
    return struct.pack("<HB", len(payload), ord(kind)) + payload


def _definitions(names: list[str], serial: str) -> bytes:
    facts = [("char[3] sys_name", b"PX4"), ("char[8] ver_hw", b"PX4_SITL"),
             ("uint32_t ver_sw_release", struct.pack("<I", RELEASE_1_15_4)),
             ("int32_t time_ref_utc", struct.pack("<i", 0))]  # fmt: skip
    facts += [(f"char[{len(serial)}] sys_uuid", serial.encode())] if serial else []
    out = [_record("B", bytes(40))]
    out += [_record("I", bytes([len(key)]) + key.encode() + value) for key, value in facts]
    out += [_record("F", f"{name}:{FORMATS[name]}".encode()) for name in names]
    out += [_record("A", struct.pack("<BH", 0, number) + name.encode()) for number, name in enumerate(names)]
    return b"".join(out)


def _boot_us(seconds: float) -> int:
    return BOOT_US + round(seconds * 1e6)


def _gps_records(truth: Truth, gps: Fixes, topic: _Topic, style: UlogStyle) -> list[tuple[int, bytes]]:
    records = []
    last = 0
    for row in range(len(gps.step)):
        epoch_s, fixed = float(gps.time_s[row]), bool(gps.fix[row])
        last = row if fixed else last  # without a fix the receiver repeats its last position
        stamp = _boot_us(epoch_s) + FIX_LATENCY_US + (row * 2_377) % 9_000 - 4_500
        amsl_m = round(float(gps.amsl_m[last]), 3)
        north, east, up = (round(float(v[row]), 3) for v in (gps.north_mps, gps.east_mps, gps.up_mps))
        records.append((stamp, topic.data(
            timestamp=stamp, timestamp_sample=stamp - 1_000, time_utc_usec=style.start_utc_us + round(epoch_s * 1e6),
            latitude_deg=float(gps.lat_deg[last]), longitude_deg=float(gps.lon_deg[last]), altitude_msl_m=amsl_m,
            altitude_ellipsoid_m=round(amsl_m + truth.place.geoid_m, 3), device_id=11_075_109,
            eph=float(gps.h_accuracy_m[row]) if fixed else 99.0, epv=float(gps.v_accuracy_m[row]) if fixed else 99.0,
            hdop=float(gps.hdop[row]) if fixed else 99.99, vdop=round(1.4 * float(gps.hdop[row]), 2),
            s_variance_m_s=0.25, c_variance_rad=0.4, noise_per_ms=88, jamming_indicator=12,
            vel_m_s=round(float(np.sqrt(north * north + east * east)), 3), vel_n_m_s=north, vel_e_m_s=east,
            vel_d_m_s=-up, heading=float("nan"), heading_offset=float("nan"), automatic_gain_control=4_350,
            fix_type=FIX_3D if fixed else NO_FIX, jamming_state=1, spoofing_state=1, vel_ned_valid=fixed,
            satellites_used=int(gps.satellites[row]) if fixed else 3)))  # fmt: skip
    return records


def _fused_records(truth: Truth, fused: Fixes, topic: _Topic) -> list[tuple[int, bytes]]:
    records = []
    for row in range(len(fused.step)):
        stamp = _boot_us(float(fused.time_s[row]))
        amsl_m = round(float(fused.amsl_m[row]), 3)
        records.append((stamp, topic.data(
            timestamp=stamp, timestamp_sample=stamp - 4_000, lat=float(fused.lat_deg[row]),
            lon=float(fused.lon_deg[row]), alt=amsl_m, alt_ellipsoid=round(amsl_m + truth.place.geoid_m, 3),
            eph=float(fused.h_accuracy_m[row]), epv=float(fused.v_accuracy_m[row]),
            terrain_alt=float("nan"))))  # fmt: skip
    return records


def _state_records(truth: Truth, gps: Fixes, topics: dict[str, _Topic]) -> list[tuple[int, bytes]]:
    """Arming, modes, landed or not, home, and what the autopilot says: every 5 s and at every change."""
    changes = {truth.arm_s, truth.takeoff_s, truth.takeoff_s + 2, truth.land_s, truth.disarm_s}
    beats = sorted({*np.arange(0.1, truth.duration_s, 5.0).round(2).tolist(), *(round(s, 2) for s in changes)})
    records = []
    for at_s in beats:
        stamp = _boot_us(at_s) + 300
        armed, landed = truth.arm_s <= at_s < truth.disarm_s, not truth.takeoff_s <= at_s < truth.land_s
        mode = MANUAL if not armed else LANDING if at_s >= truth.land_s else MISSION
        records.append((stamp, topics["vehicle_status"].data(
            timestamp=stamp, armed_time=_boot_us(truth.arm_s) if armed else 0,
            takeoff_time=_boot_us(truth.takeoff_s) if armed and at_s >= truth.takeoff_s else 0,
            arming_state=ARMED if armed else DISARMED, nav_state=mode, vehicle_type=1, system_type=2, system_id=1,
            component_id=1)))  # fmt: skip
        records.append((stamp + 100, topics["vehicle_land_detected"].data(
            timestamp=stamp + 100, ground_contact=landed, maybe_landed=landed, landed=landed,
            at_rest=landed)))  # fmt: skip
    stamp = _boot_us(truth.arm_s) + 700
    at_arming = int(np.searchsorted(gps.time_s, truth.arm_s))
    records.append((stamp, topics["home_position"].data(
        timestamp=stamp, lat=float(gps.lat_deg[at_arming]), lon=float(gps.lon_deg[at_arming]),
        alt=round(float(gps.amsl_m[at_arming]), 3), update_count=1, valid_alt=True, valid_hpos=True,
        valid_lpos=True)))  # fmt: skip
    return records + _messages(truth)


def _messages(truth: Truth) -> list[tuple[int, bytes]]:
    texts = [
        (0.2, "[logger] simulated by dronecheck/samples: no real flight"),
        (truth.arm_s, "[commander] Armed by external command"),
        (truth.takeoff_s, "[commander] Takeoff detected"),
        (truth.land_s, "[commander] Landing detected"),
        (truth.disarm_s, "[commander] Disarmed by landing"),
    ]
    stamped = [(_boot_us(at_s) + 900, text.encode()) for at_s, text in texts]
    return [(stamp, _record("L", b"6" + struct.pack("<Q", stamp) + text)) for stamp, text in stamped]
