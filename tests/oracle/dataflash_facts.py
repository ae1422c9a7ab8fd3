"""Facts of the real DataFlash files, from pymavlink alone: an oracle that shares no code with dronecheck.

    python tests/oracle/dataflash_facts.py        prints one line a file and track

The reader classes are used directly on files, never mavutil.mavlink_connection (it may run its "log"); every log is
read in one pass over all records, since recv_match keeps its first filter. For the GPS receiver that has fixes (Status
or Fix 3 to 6) with a week, and most of them, and for POS or GPOS: distinct times in microseconds (UTC: time stamp plus
the median, over the fixes, of satellite time less time stamp; else as logged), positions and heights as decoded.

pymavlink's own clock raises TypeError on logs of 2013 (no week), so the facts are read without it; where it works, its
time of the first and the last fix is given as well, less its error: it subtracts 18 leap seconds whatever the date.
"""

import contextlib
import gc
import io
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pymavlink import DFReader

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"
SINCE = (("2017-01-01", 18), ("2015-07-01", 17), ("2012-07-01", 16), ("2009-01-01", 15))


@dataclass(frozen=True)
class Facts:
    record: str
    time_us: list[int]
    lat_deg: list[float]
    lon_deg: list[float]
    alt_m: list[float]  # above sea
    home_m: list[float]  # POS.RelHomeAlt, GPS.RelAlt; NaN where there is none
    bbox: tuple[float, float, float, float]  # west, south, east, north


@dataclass(frozen=True)
class LogFacts:
    utc_known: bool
    gnss: Facts | None
    fused: Facts | None
    no_fix: int  # rows of the receiver without a 3-D fix
    between_s: tuple[float, float] | None  # pymavlink's time of the first and last fix, its leap seconds corrected


class NoClock:
    timestamp = 0

    def set_message_timestamp(self, message):
        message._timestamp = 0

    def message_arrived(self, message):
        pass

    def rewind_event(self):
        pass


class Binary(DFReader.DFReader_binary):
    def init_clock(self):
        self.clock = NoClock()


class Text(DFReader.DFReader_text):
    def init_clock(self):
        self.clock = NoClock()


def real_logs():
    """All DataFlash files among the real logs."""
    folders = ("dataflash_bin/*", "dataflash_log/*", "malformed/*.bin")
    return sorted(path for folder in folders for path in LOGS.glob(folder))


def messages(path, binary, text):
    """All messages of a file, in one pass."""
    opened = text if path.suffix == ".log" else binary
    quiet = io.StringIO()
    with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet), opened(str(path)) as reader:
        while (message := reader.recv_msg()) is not None:
            yield message


def leap_s(unix_s):
    date = datetime.fromtimestamp(unix_s, UTC).date().isoformat()
    return next(leap for since, leap in SINCE if date >= since)


def satellite_us(row):
    """UTC of a GPS row in microseconds, 0 when it does not say."""
    if "GPSTime" in row:
        return row["GPSTime"]
    week, ms = row.get("GWk", row.get("Week", 0)), row.get("GMS", row.get("TimeMS", 0))
    if not week:
        return 0
    unix_ms = 315_964_800_000 + week * 604_800_000 + ms
    return (unix_ms - 1000 * leap_s(unix_ms / 1000)) * 1000


def stamp_us(row, beat_us):
    if "TimeUS" in row:
        return row["TimeUS"]
    if beat_us is not None:
        return beat_us
    return row["T"] * 1000 if "T" in row else row["Time"] * 1000


def is_fix(row):
    return 3 <= row.get("Status", row.get("Fix", 0)) <= 6


def collect(path):
    """The rows of each receiver, and of the estimate, each with its time stamp."""
    receivers, estimate, beat_us = {}, [], None
    for message in messages(path, Binary, Text):
        kind = message.get_type()
        if kind == "TIME":
            beat_us = message.StartTime
        if kind in ("GPS", "GPS2", "POS", "GPOS"):
            row = message.to_dict()
            stamped = (stamp_us(row, beat_us), row)
            if kind in ("GPS", "GPS2"):
                receivers.setdefault((kind, row.get("I", 0)), []).append(stamped)
            else:
                estimate.append(stamped)
    return receivers, estimate


def facts(path):
    """The facts of a file; None when pymavlink cannot read it."""
    found = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a reader that raises leaves its file open
        with contextlib.suppress(Exception):  # pymavlink raises bare Exception on definitions it does not know
            found = collect(path)
        gc.collect()
    if found is None:
        return None
    receivers, estimate = found
    ranked = sorted(receivers, key=lambda key: rank(receivers[key]))
    rows = receivers[ranked[0]] if ranked else []
    fixes = [(stamp, row) for stamp, row in rows if is_fix(row)]
    pairs = sorted(satellite_us(row) - stamp for stamp, row in fixes if satellite_us(row))
    offset_us = pairs[(len(pairs) - 1) // 2] if pairs else 0
    return LogFacts(
        bool(pairs),
        summary(fixes, offset_us),
        summary([(stamp, row) for stamp, row in estimate if row["Lat"] or row.get("Lng", row.get("Lon"))], offset_us),
        len(rows) - len(fixes),
        between(path, ranked[0]) if pairs and ranked else None,
    )


def rank(rows):
    fixes = [row for _, row in rows if is_fix(row)]
    return (not fixes, not any(satellite_us(row) for row in fixes), -len(fixes))


def summary(stamped, offset_us):
    distinct = {}
    for stamp, row in stamped:
        distinct.setdefault(stamp, row)
    if not distinct:
        return None
    ordered = sorted(distinct.items())
    rows = [row for _, row in ordered]
    lat, lon = [row["Lat"] for row in rows], [row.get("Lng", row.get("Lon")) for row in rows]
    return Facts(
        rows[0]["mavpackettype"],
        [stamp + offset_us for stamp, _ in ordered],
        lat,
        lon,
        [row["Alt"] for row in rows],
        [row.get("RelHomeAlt", row.get("RelAlt", np.nan)) for row in rows],
        (min(lon), min(lat), max(lon), max(lat)),
    )


def between(path, receiver):
    """pymavlink's own time of the first and last fix, in the leap seconds of their date."""
    if path.suffix == ".px4log":
        return None  # its satellite time is UTC already, in whole seconds
    times = [
        message._timestamp
        for message in messages(path, DFReader.DFReader_binary, DFReader.DFReader_text)
        if message.get_type() == receiver[0] and is_fix(message.to_dict())
    ]
    return tuple(time + 18 - leap_s(time) for time in (times[0], times[-1]))


if __name__ == "__main__":
    for file in real_logs():
        found = facts(file)
        print(file.name, "unreadable" if found is None else f"utc {found.utc_known}, no fix {found.no_fix}")
        for one in (found.gnss, found.fused) if found else ():
            if one:
                print("   ", one.record, len(one.time_us), one.time_us[0], one.time_us[-1], one.bbox)
