"""The real DJI flight records that another service exported as CSV: the export is the oracle.

HealthyDrones (now Airdata) read the records on its own servers; the csv module reads its table here.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"
EXPORTS = {
    "DJIFlightRecord_2016-09-15_[13-51-18].txt": "2016-09-15_13-51-19_Standard.csv",
    "DJIFlightRecord_2016-09-26_[14-27-11].txt": "2016-09-26_14-27-12_Standard.csv",
}


def real_logs():
    if not LOGS.is_dir():
        return []
    return sorted(p for p in (LOGS / "dji_txt").iterdir() if any(p.name.endswith(name) for name in EXPORTS))


def export(path):
    """The CSV export of a record."""
    name = next(export for record, export in EXPORTS.items() if path.name.endswith(record))
    (export,) = (LOGS / "dji_csv").glob(f"*__{name}")
    return export


def rows(path):
    """The export's rows, one per time: texts of the position, and numbers."""
    found = {}
    with export(path).open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            found.setdefault(
                int(row["time(millisecond)"]),
                {
                    "lat": row["latitude"],
                    "lon": row["longitude"],
                    "height_m": float(row["ascent(feet)"]) * 0.3048,
                    "speed_mps": float(row["speed(mph)"]) * 0.44704,
                    "satellites": int(row["satellites"]),
                    "utc_s": datetime.fromisoformat(row["datetime(utc)"]).replace(tzinfo=UTC).timestamp(),
                },
            )
    return found


def messages(path):
    """The app's messages with their times, as the export has them."""
    return [(stamp, row["message"]) for stamp, row in _all(path) if row["message"]]


def modes(path):
    """The names of the flight modes with the times of their changes, the first mode left out."""
    found = []
    for stamp, row in _all(path):
        if not found or row["flycState"] != found[-1][1]:
            found.append((stamp, row["flycState"]))
    return found[1:]


def _all(path):
    with export(path).open(encoding="utf-8-sig", newline="") as lines:
        return [(int(row["time(millisecond)"]), row) for row in csv.DictReader(lines)]
