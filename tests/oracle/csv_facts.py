"""Facts of the real CSV logs, from the csv module alone: an oracle that shares no code with dronecheck.

    python tests/oracle/csv_facts.py        prints one line a file

For each file: the number of distinct fixes, the file's own clock at the first and last of them (seconds), and their
bounding box. A fix is a row with a valid position other than 0/0; rows with the time of the row before are one fix;
a row that repeats position and heights of the row before while the speed is above 0 is none.
"""

import csv
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"
CSV_LOGS = (
    "dji_csv/swardiantara__*.csv",
    "dji_csv/unhcfreg__*.csv",
    "dji_csv/ugcs__*.csv",
    "dji_csv/exiftool__*.csv",
    "dji_csv/dronedeploy__*.log",
    "malformed/dronedeploy__*.log",
)


@dataclass
class Facts:
    dialect: str
    fixes: int
    first_s: float
    last_s: float
    first_clock_s: float  # the printed wall clock of the first fix, its digits taken as UTC
    bbox: tuple  # west, south, east, north


def real_logs():
    return sorted(path for pattern in CSV_LOGS for path in LOGS.glob(pattern)) if LOGS.is_dir() else []


def facts(path):
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    if any(line.startswith("#DroneDeploy") for line in lines[:2]):
        start = next(i for i, line in enumerate(lines) if "Elapsed Time (sec)\tInfo" in line)
        header = lines[start].split("\t")
        cells = [line.split("\t") for line in lines[start + 1 :]]
        rows = [dict(zip(header, row, strict=True)) for row in cells if len(row) == len(header)]
        return _facts(
            "dronedeploy",
            rows,
            "Aircraft Latitude (Degrees)",
            "Aircraft Longitude (Degrees)",
            ["Aircraft Barometric Altitude (ft)"],
            "Aircraft Speed (mph)",
            lambda r: float(r["Elapsed Time (sec)"]),
            lambda r: _stamp(r[header[0]], "%m/%d/%Y %H:%M:%S"),
        )
    if lines[0].startswith("sep="):
        lines = lines[1:]
    rows = list(csv.DictReader(lines))
    if "CUSTOM.date [local]" in rows[0]:
        return _facts(
            "flight_reader",
            rows,
            "OSD.latitude",
            "OSD.longitude",
            ["OSD.height [ft]", "OSD.altitude [ft]"],
            "OSD.hSpeed [MPH]",
            lambda r: float(r["OSD.flyTime [s]"]),
            lambda r: _stamp(
                r["CUSTOM.date [local]"] + " " + r["CUSTOM.updateTime [local]"], "%m/%d/%Y %I:%M:%S.%f %p"
            ),
        )
    if "fc:latitude" in rows[0]:

        def stamp(row):
            return datetime.fromisoformat(row["Time"]).replace(tzinfo=UTC).timestamp()

        return _facts(
            "ugcs",
            rows,
            "fc:latitude",
            "fc:longitude",
            ["cs:altitude_agl", "cs:altitude_amsl", "fc:altitude_raw"],
            "fc:ground_speed",
            stamp,
            stamp,
        )
    if "Time(text)" in rows[0]:  # the date stands in the name: ..._2020-12-02_[07-50-31].csv
        start = _stamp(path.stem[-21:], "%Y-%m-%d_[%H-%M-%S]")
        return _facts(
            "phantom_subset",
            rows,
            "Latitude",
            "Longitude",
            [],
            None,
            lambda r: float(r["Time(seconds)"]),
            lambda r: start,
        )
    return _facts("healthydrones", rows, "latitude", "longitude", ["altitude(feet)", "ascent(feet)"], "speed(mph)",
                  lambda r: int(r["time(millisecond)"]) / 1000,
                  lambda r: _stamp(r["datetime(utc)"], "%Y-%m-%d %H:%M:%S"))  # fmt: skip


def _stamp(text, pattern):
    return datetime.strptime(text, pattern).replace(tzinfo=UTC).timestamp()


def _facts(dialect, rows, lat_name, lon_name, height_names, speed_name, clock, wall):
    kept, before = [], None
    for row in rows:
        try:
            lat, lon = float(row[lat_name]), float(row[lon_name])
        except ValueError:
            continue
        if not (-90 <= lat <= 90 and -180 <= lon <= 180) or (lat == 0 and lon == 0):
            continue
        place = (lat, lon, *(row[name] for name in height_names))
        seconds = clock(row)
        same_time = before is not None and seconds == before[0]
        speed = row[speed_name] if speed_name else ""
        filled = before is not None and place == before[1] and speed and float(speed) > 0
        if not same_time and not filled:
            kept.append((seconds, lat, lon, row))
        before = (seconds, place)
    lats, lons = [k[1] for k in kept], [k[2] for k in kept]
    return Facts(dialect, len(kept), kept[0][0], kept[-1][0], wall(kept[0][3]),
                 (min(lons), min(lats), max(lons), max(lats)))  # fmt: skip


if __name__ == "__main__":
    if not real_logs():
        sys.exit(f"no logs at {LOGS}")
    for log in real_logs():
        print(log.name, facts(log))
