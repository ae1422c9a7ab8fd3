"""Facts of the real ULog files, from pyulog alone: an oracle that shares no code with dronecheck.

    python tests/oracle/ulog_facts.py        prints one line a file and topic

For the GNSS topic (rows with a 3-D fix or better) and for vehicle_global_position (rows that are not marked invalid):
the number of distinct times, the first and last of them in UTC (the time stamp plus the median, over the fixes, of
satellite time less time stamp) or since boot, the bounding box, and the positions themselves.
"""

import contextlib
import io
import statistics
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pyulog import ULog
from pyulog.exceptions import ULogException

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"


@dataclass(frozen=True)
class Facts:
    topic: str
    time_us: list[int]  # UTC, or since boot when the log has no satellite time
    lat_deg: np.ndarray
    lon_deg: np.ndarray
    bbox: tuple[float, float, float, float]  # west, south, east, north
    stated_us: np.ndarray | None = None  # of fixes: the satellite time of each row's own, where all have one


@dataclass(frozen=True)
class LogFacts:
    utc_known: bool
    damaged: bool
    gnss: Facts | None
    fused: Facts | None
    dropouts: int


def real_logs() -> list[Path]:
    """All files named .ulg among the real logs."""
    return sorted(LOGS.glob("*/*.ulg"))


def facts(path: Path) -> LogFacts | None:
    """The facts of a file; None when pyulog cannot open it or finds no topic at all."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            log = ULog(str(path))
        except ULogException:
            return None
    if not log.data_list:
        return None
    gnss = fixes(log)
    offset_us = 0
    if gnss is not None:
        stamps, _, _, utc_us = gnss[1]
        pairs = [int(utc) - int(t) for utc, t in zip(utc_us, stamps, strict=True) if utc > 0]
        offset_us = statistics.median_low(pairs) if pairs else 0
    utc_known = gnss is not None and bool(np.any(gnss[1][3] > 0))
    return LogFacts(
        utc_known,
        log.file_corruption,
        None if gnss is None else replace(summary(gnss[0], *gnss[1][:3], offset_us), stated_us=stated(*gnss[1])),
        estimate(log, offset_us),
        len(log.dropouts),
    )


def degrees(data, *names):
    name = next(name for name in names if name in data)
    return data[name] / 1e7 if data[name].dtype.kind == "i" else data[name]


def fixes(log):
    """Topic and (time stamps, latitudes, longitudes, satellite times) of its rows with a fix, or None."""
    for topic in ("vehicle_gps_position", "sensor_gps"):
        for data in (d.data for d in log.data_list if d.name == topic):
            fix = data["fix_type"] >= 3
            if fix.any():
                lat, lon = degrees(data, "latitude_deg", "lat"), degrees(data, "longitude_deg", "lon")
                return topic, tuple(column[fix] for column in (data["timestamp"], lat, lon, data["time_utc_usec"]))
    return None


def stated(stamps, _lat, _lon, utc_us):
    return utc_us[np.argsort(stamps, kind="stable")] if np.all(utc_us > 0) else None


def estimate(log, offset_us):
    for data in (d.data for d in log.data_list if d.name == "vehicle_global_position"):
        valid = data["lat_lon_valid"] != 0 if "lat_lon_valid" in data else np.full(len(data["timestamp"]), True)
        columns = (data["timestamp"][valid], data["lat"][valid], data["lon"][valid])
        return summary("vehicle_global_position", *columns, offset_us)
    return None


def summary(topic, stamps, lat, lon, offset_us):
    order = np.argsort(stamps, kind="stable")
    stamps, lat, lon = stamps[order], lat[order], lon[order]
    assert len(set(stamps.tolist())) == len(stamps)
    times = [int(t) + offset_us for t in stamps]
    return Facts(topic, times, lat, lon, (lon.min(), lat.min(), lon.max(), lat.max()))


if __name__ == "__main__":
    for file in real_logs():
        found = facts(file)
        print(file.name, "unreadable" if found is None else f"utc {found.utc_known}, damaged {found.damaged}")
        for one in (found.gnss, found.fused) if found else ():
            if one:
                print("   ", one.topic, len(one.time_us), one.time_us[0], one.time_us[-1], [float(x) for x in one.bbox])
