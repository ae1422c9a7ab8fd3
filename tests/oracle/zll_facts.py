"""Facts of real HF-XL (ZLL) logs by one regular expression over the whole text; shares no code with dronecheck.

python tests/oracle/zll_facts.py        prints one line a file
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BLOCK = re.compile(r"-{9} (\S+ [\d:]+)\.(\d+)  -{9}\n(?:(?!-{9} \d).*\n)*?飞机坐标:\(Lat:(.+?),Lon:(.+?)）")


@dataclass
class Facts:
    fixes: int
    first_ns: int
    last_ns: int
    bbox: tuple  # west, south, east, north


def real_logs():
    return sorted(LOGS.glob("dji_csv/*ZLL_Raw.txt")) if LOGS.is_dir() else []


def facts(path):
    fixes = {}
    for stamp, ms, lat, lon in BLOCK.findall(path.read_text(encoding="utf-8")):
        if float(lat) or float(lon):
            when = datetime.strptime(stamp + " +0000", "%Y:%m:%d %H:%M:%S %z") + timedelta(milliseconds=int(ms))
            fixes.setdefault((when - EPOCH) // timedelta(microseconds=1) * 1000, (float(lat), float(lon)))
    lats, lons = zip(*fixes.values(), strict=True)
    return Facts(len(fixes), min(fixes), max(fixes), (min(lons), min(lats), max(lons), max(lats)))


if __name__ == "__main__":
    for log in real_logs():
        print(log.name, facts(log))
