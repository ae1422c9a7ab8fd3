"""A small writer of ULog bytes for tests."""

from __future__ import annotations

import struct

CODES = {
    "uint64_t": "Q", "int64_t": "q", "uint32_t": "I", "int32_t": "i", "uint16_t": "H", "uint8_t": "B", "bool": "?",
    "float": "f", "double": "d",
}  # fmt: skip
GPS = (
    "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;double altitude_msl_m;"
    "double altitude_ellipsoid_m;float eph;float epv;float hdop;float vel_m_s;uint8_t fix_type;uint8_t[7] _padding0;"
)
OLD_GPS = (
    "uint64_t timestamp;uint64_t time_utc_usec;int32_t lat;int32_t lon;int32_t alt;int32_t alt_ellipsoid;float eph;"
    "float epv;float hdop;float vel_n_m_s;float vel_e_m_s;uint8_t fix_type;"
)
GLOBAL = (
    "uint64_t timestamp;double lat;double lon;float alt;float alt_ellipsoid;float eph;float epv;bool lat_lon_valid;"
    "bool alt_valid;bool dead_reckoning;"
)
LOCAL = (
    "uint64_t timestamp;double ref_lat;double ref_lon;float ref_alt;float x;float y;float z;float vx;float vy;"
    "float dist_bottom;bool xy_valid;bool z_valid;bool v_xy_valid;bool xy_global;bool z_global;bool dist_bottom_valid;"
)
HOME = "uint64_t timestamp;double lat;double lon;float alt;bool valid_alt;bool valid_hpos;"
STATUS = "uint64_t timestamp;uint8_t arming_state;uint8_t nav_state;"
LANDED = "uint64_t timestamp;bool landed;"
UTC_US = 1_700_000_000_000_000  # UTC of boot


def record(kind: str, body: bytes) -> bytes:
    return struct.pack("<HB", len(body), ord(kind)) + body


class Ulog:
    """Bytes of a log, record by record."""

    def __init__(self, start_us: int = 0) -> None:
        self.bytes = b"ULog\x01\x12\x35\x01" + struct.pack("<Q", start_us)
        self.layouts: dict[int, struct.Struct] = {}

    def put(self, kind: str, body: bytes) -> int:
        """Append a record; gives its offset."""
        offset = len(self.bytes)
        self.bytes += record(kind, body)
        return offset

    def flags(self, incompatible: int = 0, appended: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.put("B", struct.pack("<8s8s3Q", b"", bytes([incompatible]), *appended))

    def info(self, key: str, text: str) -> None:
        name = f"char[{len(text)}] {key}".encode()
        self.put("I", bytes([len(name)]) + name + text.encode())

    def topic(self, name: str, fields: str, msg_id: int, instance: int = 0, define: bool = True) -> None:
        """A format (unless already given) and its subscription."""
        if define:
            self.put("F", f"{name}:{fields}".encode())
        self.put("A", struct.pack("<BH", instance, msg_id) + name.encode())
        kinds = [part.split(" ")[0] for part in fields.split(";") if part and "_padding" not in part]
        self.layouts[msg_id] = struct.Struct("<H" + "".join(CODES[kind] for kind in kinds))

    def data(self, msg_id: int, *values: float) -> int:
        return self.put("D", self.layouts[msg_id].pack(msg_id, *values))

    def gps(self, t_s: float, lat: float, lon: float, *, msg_id: int = 1, fix: int = 3, **more: float) -> int:
        """A row of GPS at `t_s` seconds since boot."""
        t = round(t_s * 1e6)
        return self.data(
            msg_id, t, int(more.get("utc", UTC_US + t)), lat, lon, more.get("alt", 100.0), more.get("hae", 120.0),
            more.get("eph", 2.0), more.get("epv", 3.0), more.get("hdop", 0.9), more.get("speed", 5.0), fix,
        )  # fmt: skip

    def fused(
        self, t_s: float, lat: float, lon: float, *, msg_id: int = 2, valid: bool = True, dead: bool = False
    ) -> int:
        return self.data(msg_id, round(t_s * 1e6), lat, lon, 100.5, 120.5, 2.0, 1.5, valid, valid, dead)


def flight(rows: int = 40) -> Ulog:
    """A flight of `rows` fixes, 0.2 s apart, north along 7 E, with estimates between them."""
    log = Ulog()
    log.flags()
    log.topic("vehicle_gps_position", GPS, 1)
    log.topic("vehicle_global_position", GLOBAL, 2)
    for row in range(rows):
        log.gps(10 + row / 5, 47 + row * 1e-5, 7.0)
        log.fused(10.1 + row / 5, 47 + (row + 0.5) * 1e-5, 7.0)
    return log
