"""Facts of the real subtitle files by plain splitting: an oracle that shares no code with dronecheck.

    python tests/oracle/srt_facts.py        prints one line a file

Blocks are separated by blank lines. A position is the pair after `latitude`/`longitude` (`longtitude`), or the pair in
`GPS(...)`; which of the latter comes first is written down here by file, from where the flights were (Australia,
Argentina, Washington, Spain, Switzerland, New Zealand, Beijing).
"""

import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs"
LATITUDE_FIRST = ("matrice_300", "avata2_clip")
NO_TELEMETRY = ("broken_empty.SRT", "broken_empty2.SRT")


@dataclass
class Facts:
    positions: list  # (latitude, longitude) of every block that has one other than 0, 0
    bbox: tuple  # west, south, east, north


def real_logs():
    if not LOGS.is_dir():
        return []
    files = [*(LOGS / "dji_srt").iterdir(), *(LOGS / "malformed").glob("*.SRT")]
    return sorted(path for path in files if not path.name.endswith(NO_TELEMETRY))


def facts(path):
    text = path.read_text(encoding="utf-8-sig").replace("\r", "")
    positions = []
    for block in text.split("\n\n"):
        place = _place(block, path.name)
        if place and place != (0.0, 0.0):
            positions.append(place)
    lat, lon = [p[0] for p in positions], [p[1] for p in positions]
    return Facts(positions, (min(lon), min(lat), max(lon), max(lat)) if positions else ())


def _place(block, name):
    if "latitude" in block:
        named = {}
        for cell in block.split("[")[1:]:
            if "]" in cell and ":" in cell:
                key, value = cell.split("]")[0].split(":", 1)
                named[key.strip()] = value.strip()
        longitude = named.get("longitude", named.get("longtitude"))
        return (float(named["latitude"]), float(longitude)) if longitude and "latitude" in named else None
    pair = re.search(r"GPS ?\(([^,]+),([^,]+),[^)]*\)", block)
    if not pair:
        return None
    if "N/A" in pair[0]:
        return None
    first, second = float(pair[1]), float(pair[2])
    return (first, second) if any(model in name for model in LATITUDE_FIRST) else (second, first)


def rows(path):
    """By the number of each cue's first line of content: printed clock (seconds as if UTC), film time, height."""
    return {line: (_clock_s(body), film_s, _height_m(body)) for line, film_s, body in _cues(path)}


def distances_m(path):
    """The distance from home that the camera wrote, by the number of the cue's first line of content."""
    return {line: float(body.split(", D ")[1].split("m")[0]) for line, _, body in _cues(path) if ", D " in body}


def _cues(path):
    line = 1
    for block in path.read_text(encoding="utf-8-sig").replace("\r", "").split("\n\n"):
        lines = block.split("\n")
        skipped = next((i for i, text in enumerate(lines) if text), 0)  # blank lines by the pair
        film_s, begins = None, skipped + 1
        if "-->" in "".join(lines[skipped : skipped + 2]):
            hours, minutes, seconds = lines[skipped + 1].split(" --> ")[0].replace(",", ".").split(":")
            film_s, begins = int(hours) * 3600 + int(minutes) * 60 + float(seconds), skipped + 2
        yield line + begins, film_s, "\n".join(lines[begins:])
        line += len(lines) + 1


def _clock_s(body):
    found = re.search(r"(20\d\d).(\d+).(\d+) (\d+):(\d+):(\d+)[.,]?(\d*),?(\d*)", body)
    if not found:
        return None
    fraction = float("0." + (found[7] + found[8] or "0"))
    return datetime(*map(int, found.groups()[:6]), tzinfo=UTC).timestamp() + fraction


def _height_m(body):
    for mark in ("rel_alt: ", "BAROMETER:", "BAROMETER(", "Hb:", ", H "):
        if mark in body:
            return float(re.match(r"[-\d.]+", body.split(mark)[1])[0])
    return None


if __name__ == "__main__":
    for log in real_logs():
        print(log.name, len((found := facts(log)).positions), found.bbox, file=sys.stdout)
