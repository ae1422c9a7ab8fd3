"""Hand-made MAVLink logs, packed by pymavlink."""

from __future__ import annotations

import struct

from pymavlink.dialects.v20 import all as dialect

UTC_US = 1_750_000_000_000_000  # when the vehicle started
SKEW_US = 300_000  # of the ground station
COPTER, ARDUPILOT, GCS, NO_AUTOPILOT = 2, 3, 6, 8


class Tlog:
    """A stream under construction; times are seconds since the start of the autopilot."""

    def __init__(self, stamped: bool = True, first: bool = False, signed: bool = False) -> None:
        self.stamped, self.first = stamped, first
        self.bytes = b""
        self.offsets: list[int] = []
        self.links: dict[tuple[int, int], dialect.MAVLink] = {}
        self.signed = signed

    def add(self, t_s: float, message: dialect.MAVLink_message, system: int = 1, component: int = 1) -> int:
        """Append one message; gives its offset."""
        link = self.links.setdefault((system, component), dialect.MAVLink(None, system, component))
        if self.signed:
            link.signing.secret_key, link.signing.sign_outgoing = b"k" * 32, True
        frame = bytes(message.pack(link, force_mavlink1=self.first))
        link.seq = (link.seq + 1) % 256
        offset = len(self.bytes)
        stamp = struct.pack(">Q", UTC_US + SKEW_US + round(t_s * 1e6)) if self.stamped else b""
        self.bytes += stamp + frame
        self.offsets.append(offset)
        return offset

    def beat(self, t_s, *, armed=False, mode=0, kind=COPTER, autopilot=ARDUPILOT, hil=False, **sender):
        base = 128 * armed + 32 * hil + 1
        return self.add(t_s, dialect.MAVLink_heartbeat_message(kind, autopilot, base, mode, 4, 3), **sender)

    def clock(self, t_s, *, unix=True, **sender):
        unix_us = UTC_US + round(t_s * 1e6) if unix is True else unix
        return self.add(t_s, dialect.MAVLink_system_time_message(unix_us, round(t_s * 1e3)), **sender)

    def gps(self, t_s, lat, lon, *, fix=3, alt=100.0, hae=0.0, eph=100, h_acc=0, v_acc=0, vel=500, own=None, kind=None,
            **sender):  # fmt: skip
        own_us = round(t_s * 1e6) if own is None else own
        place = (round(lat * 1e7), round(lon * 1e7), round(alt * 1e3))
        tail = {"alt_ellipsoid": round(hae * 1e3), "h_acc": h_acc, "v_acc": v_acc}
        if kind == "GPS2_RAW":
            message = dialect.MAVLink_gps2_raw_message(own_us, fix, *place, eph, 65535, vel, 0, 12, 0, 0, **tail)
        else:
            message = dialect.MAVLink_gps_raw_int_message(own_us, fix, *place, eph, 65535, vel, 0, 12, **tail)
        return self.add(t_s, message, **sender)

    def fused(self, t_s, lat, lon, *, alt=100.5, rel=5.0, vx=300, vy=-400, **sender):
        place = (round(lat * 1e7), round(lon * 1e7), round(alt * 1e3), round(rel * 1e3))
        message = dialect.MAVLink_global_position_int_message(round(t_s * 1e3), *place, vx, vy, 0, 0)
        return self.add(t_s, message, **sender)

    def distance(self, t_s, metres, *, orientation=25, quality=0, **sender):
        message = dialect.MAVLink_distance_sensor_message(
            round(t_s * 1e3), 20, 5000, round(metres * 100), 1, 1, orientation, 255, signal_quality=quality
        )
        return self.add(t_s, message, **sender)

    def terrain(self, t_s, lat, lon, height, *, spacing=100, **sender):
        place = (round(lat * 1e7), round(lon * 1e7))
        return self.add(t_s, dialect.MAVLink_terrain_report_message(*place, spacing, 580.0, height, 0, 504), **sender)

    def home(self, t_s, lat, lon, alt=95.0, **sender):
        place = (round(lat * 1e7), round(lon * 1e7), round(alt * 1e3))
        message = dialect.MAVLink_home_position_message(*place, 0, 0, 0, [1, 0, 0, 0], 0, 0, 0)
        return self.add(t_s, message, **sender)

    def landed(self, t_s, state, **sender):
        return self.add(t_s, dialect.MAVLink_extended_sys_state_message(0, state), **sender)

    def text(self, t_s, text, chunk_id=0, chunk=0, **sender):
        return self.add(t_s, dialect.MAVLink_statustext_message(6, text.encode(), chunk_id, chunk), **sender)

    def attitude(self, t_s, **sender):
        message = dialect.MAVLink_attitude_message(round(t_s * 1e3), 0.1, 0.2, 0.3, 0.01, 0.02, 0.03)
        return self.add(t_s, message, **sender)


def flight(rows: int = 40, **options: bool) -> Tlog:
    """A flight of `rows` fixes, 0.2 s apart, north along 7 E, with estimates between them."""
    log = Tlog(**options)
    log.beat(9.8)
    log.clock(9.9)
    for row in range(rows):
        log.gps(10 + row / 5, 47 + row * 1e-5, 7.0)
        log.attitude(10.05 + row / 5)
        log.fused(10.1 + row / 5, 47 + (row + 0.5) * 1e-5, 7.0)
        if row % 5 == 4:
            log.beat(10.15 + row / 5, armed=True)
            log.clock(10.16 + row / 5)
    return log
