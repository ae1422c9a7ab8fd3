"""Facts of the real MAVLink logs, from pymavlink alone: an oracle that shares no code with dronecheck.

    python tests/oracle/tlog_facts.py        prints the facts of every file

Frames are handed to pymavlink's parser (dialect "all") one by one; a frame that fails its checksum is handed in
again with zeros put back at the end of its payload, since a relay of two of the logs cut them off. The aircraft is
the autopilot (heartbeat) with most fixes. Times: since boot, in microseconds, as the messages state them.
"""

import struct
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pymavlink.dialects.v20 import all as dialect

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs" / "tlog"
COUNTED = (
    "HEARTBEAT", "SYSTEM_TIME", "GPS_RAW_INT", "GLOBAL_POSITION_INT", "GPS2_RAW", "AUTOPILOT_VERSION", "HOME_POSITION",
    "EXTENDED_SYS_STATE", "STATUSTEXT",
)  # fmt: skip


@dataclass
class Facts:
    counts: Counter = field(default_factory=Counter)  # intact messages by name
    failed: Counter = field(default_factory=Counter)  # ids of frames with a wrong checksum
    restored: int = 0
    trailing_bytes: int = 0
    aircraft: tuple = ()
    fixes: dict = field(default_factory=dict)  # time_usec -> lat, lon (1e-7 deg), alt (mm); the first of equal times
    fix_rows: int = 0
    estimates: dict = field(default_factory=dict)  # (session, time_boot_ms) -> lat, lon, alt, relative_alt
    dates: list = field(default_factory=list)  # session, time since boot, UTC (us)
    utc_offsets_us: list = field(default_factory=list)
    host_offsets_us: list = field(default_factory=list)
    bbox: tuple = ()  # of the fixes: west, south, east, north


def real_logs():
    return sorted([*LOGS.glob("*.tlog"), *LOGS.glob("*.bin")])


def frames(data, stamp_bytes):
    """Stamp and bytes of one frame after the other; the last item is the number of bytes left over."""
    at = 0
    if not stamp_bytes:
        at = min(data.index(b"\xfe"), data.index(b"\xfd"))  # a capture may begin inside a frame
    while at + stamp_bytes + 8 <= len(data):
        stamp = struct.unpack_from(">Q", data, at)[0] if stamp_bytes else 0
        begin = at + stamp_bytes
        magic, length, flags = data[begin : begin + 3]
        assert magic in (0xFE, 0xFD), at
        end = begin + length + (8 if magic == 0xFE else 12 + 13 * (flags & 1))
        if end > len(data):
            break
        yield stamp, data[begin:end]
        at = end
    yield None, len(data) - at


def decode(parser, frame):
    """A message, None when its checksum is wrong, and whether it had to be restored."""
    for more in range(256):
        if more and (frame[0] != 0xFD or frame[1] + more > 255):
            break
        tried = frame if not more else bytes([0xFD, frame[1] + more]) + frame[2:-2] + bytes(more) + frame[-2:]
        try:
            message = parser.decode(bytearray(tried))
        except dialect.MAVError:
            known = dialect.mavlink_map.get(frame[5] if frame[0] == 0xFE else int.from_bytes(frame[7:10], "little"))
            if known is None or frame[1] + more >= known.unpacker.size:
                break
            continue
        return (None if message.get_type().startswith("UNKNOWN") else message), more > 0
    return None, False


def facts(path):
    data = path.read_bytes()
    found = Facts()
    parser = dialect.MAVLink(None)
    messages = []
    for stamp, frame in frames(data, 0 if path.suffix == ".bin" else 8):
        if stamp is None:
            found.trailing_bytes = frame
            break
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            message, restored = decode(parser, frame)
        if message is None:
            found.failed[frame[5] if frame[0] == 0xFE else int.from_bytes(frame[7:10], "little")] += 1
            continue
        found.restored += restored
        found.counts[message.get_type()] += 1
        if message.get_type() in COUNTED:
            messages.append((stamp, message))
    summary(found, messages)
    return found


def summary(found, messages):
    autopilots = {
        (m.get_srcSystem(), m.get_srcComponent())
        for _, m in messages
        if m.get_type() == "HEARTBEAT" and m.autopilot != 8 and m.type not in (5, 6)
    }
    assert len(autopilots) <= 1
    found.aircraft = next(iter(autopilots), ())
    session, last_ms = 0, 0
    for stamp, m in messages:
        if (m.get_srcSystem(), m.get_srcComponent()) != found.aircraft:
            continue
        if m.get_type() in ("SYSTEM_TIME", "GLOBAL_POSITION_INT"):
            if m.time_boot_ms < last_ms - 5000:
                session += 1
            last_ms = m.time_boot_ms
            found.host_offsets_us.append(stamp - m.time_boot_ms * 1000)
        if m.get_type() == "SYSTEM_TIME" and m.time_unix_usec > 1_262_304_000_000_000:
            found.utc_offsets_us.append(m.time_unix_usec - m.time_boot_ms * 1000)
            found.dates.append((session, m.time_boot_ms * 1000, m.time_unix_usec))
        if m.get_type() == "GPS_RAW_INT" and m.fix_type >= 3:
            found.fix_rows += 1
            found.fixes.setdefault(m.time_usec, (m.lat, m.lon, m.alt))
        if m.get_type() == "GLOBAL_POSITION_INT" and (m.lat or m.lon):
            found.estimates.setdefault((session, m.time_boot_ms), (m.lat, m.lon, m.alt, m.relative_alt))
    if found.fixes:
        lats, lons = ([fix[i] / 1e7 for fix in found.fixes.values()] for i in (0, 1))
        found.bbox = min(lons), min(lats), max(lons), max(lats)


if __name__ == "__main__":
    for file in real_logs():
        one = facts(file)
        print(file.name, one.aircraft, {name: one.counts[name] for name in COUNTED if one.counts[name]})
        print("    failed", dict(one.failed), "restored", one.restored, "left over", one.trailing_bytes)
        print("    fixes", one.fix_rows, len(one.fixes), list(one.fixes)[:1], list(one.fixes)[-1:], one.bbox)
        print("    estimates", len(one.estimates), "dates", len(one.utc_offsets_us))
