"""The text of a subtitle file -> cues, and the telemetry in each cue. The layouts are in the docstring of `srt`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dronecheck.readers.common.text import split_lines

__all__ = ["Cue", "Fields", "cues", "read_fields"]

NAN = float("nan")

_NUMBER = r"[-+]?\d{1,4}(?:\.\d{1,12})?"
_TIMING = re.compile(r"\s*(\d{1,3}):(\d\d):(\d\d)[,.](\d{1,3})\s*-->")
_TIMING_OF_WEBVTT = re.compile(r"\s*(?:(\d{1,3}):)?(\d\d):(\d\d)[.,](\d{1,3})\s*-->", re.ASCII)
_NO_CUE_OF_WEBVTT = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)\b")  # up to the next blank line
_COUNTER = re.compile(r"\s*(\d{1,9})\s*", re.ASCII)
_WALL = re.compile(
    r"(\d{4})[-./](\d{1,2})[-./](\d{1,2}) (\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{3})(?:,(\d{3}))?)?(?!\d)", re.ASCII
)
_LATITUDE = re.compile(rf"\[\s*latitude\s*:\s*({_NUMBER})\s*\]", re.IGNORECASE)
_LONGITUDE = re.compile(rf"\[\s*longt?itude\s*:\s*({_NUMBER})\s*\]", re.IGNORECASE)
_RELATIVE = re.compile(rf"\[\s*rel_alt\s*:\s*({_NUMBER})(?:\s+abs_alt\s*:\s*{_NUMBER})?\s*\]", re.IGNORECASE)
_DOUBTFUL = re.compile(r"\babs_alt\s*:|\[\s*altitude\s*:", re.IGNORECASE)
_PAIR = rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*(?:,\s*({_NUMBER})\s*(m?)\s*)?\)"
_GPS = re.compile(rf"\bGPS ?{_PAIR}", re.IGNORECASE)
_HOME = re.compile(rf"\bHOME ?{_PAIR}", re.IGNORECASE)
_ABOVE_HOME = re.compile(
    rf"\bBAROMETER\s*[:(]\s*({_NUMBER})\s*m?\b|\bHb\s*:\s*({_NUMBER})|, H ({_NUMBER})m\b", re.IGNORECASE
)
_NO_VALUE = re.compile(r"\bGPS ?\(\s*n/a\b|\[\s*latitude\s*:\s*n/a\b", re.IGNORECASE)
_SPOKE_OF_PLACE = re.compile(r"\bGPS ?\(|\[\s*(?:lat|lon)", re.IGNORECASE)
_SPEED = re.compile(rf"\bH\.S ({_NUMBER})m/s", re.IGNORECASE)
_DISTANCE = re.compile(rf"\bD ({_NUMBER})m\b")
_TELEMETRY = re.compile(
    r"\b(?:GPS|HOME) ?\(\s*(?:[-+.\d]|n/a)|\[\s*(?:latitude|iso|shutter)\s*:|\b(?:Srt|Frame)Cnt\s*:|\bflightTime:\d|"
    r"\bBAROMETER\s*[:(]\s*[-+.\d]|\bSS \d+(?:\.\d+)?, ISO \d",
    re.IGNORECASE,
)
_SATELLITES_AT_MOST = 60  # more is a height without decimals

_YEARS = range(1900, 2200)  # nanoseconds since 1970 fit 64 bits; which dates can be, `clock` decides


@dataclass(slots=True)
class Cue:
    """One subtitle: its first content line (from 1), its start in the film (seconds, NaN when absent), text, number."""

    line: int
    start_s: float
    text: str
    number: int | None = None

    @property
    def is_telemetry(self) -> bool:
        """Tell whether the camera wrote the cue, not a translator."""
        return _TELEMETRY.search(self.text) is not None


@dataclass(slots=True)
class Fields:
    """What one cue says. A pair of unknown order is `gps`; named coordinates are `lat_deg`, `lon_deg`."""

    is_telemetry: bool = False
    is_broken: bool = False  # a position stood here and cannot be read, or what stands here is no camera's
    wall_ns: int | None = None
    wall_has_fraction: bool = False
    lat_deg: float = NAN
    lon_deg: float = NAN
    gps: tuple[float, float] | None = None
    third: str = ""  # of the GPS triple: "" none, "satellites", "metres" (12.0M), "decimal"
    satellites: float = NAN
    home: tuple[float, float] | None = None
    height_home_m: float = NAN
    has_doubtful_height: bool = False
    speed_mps: float = NAN
    distance_m: float = NAN
    decimals: int = 0


def cues(text: str) -> Iterator[Cue]:
    """Split a subtitle file. A cue begins at a timing line, or at a counter after a blank line.

    Text before the first cue is a cue without a time; cues without text are given, too. WebVTT (W3C) differs in its
    head, its comments, and hours that may be left out.
    """
    text = text.removeprefix("\ufeff")
    is_webvtt = text.lstrip().startswith("WEBVTT")
    timing_line = _TIMING_OF_WEBVTT if is_webvtt else _TIMING
    cue: Cue | None = None
    blank, counter, is_comment = True, None, False
    for number, line in enumerate(split_lines(text), 1):
        opens_comment = is_webvtt and blank and _NO_CUE_OF_WEBVTT.match(line) is not None
        is_comment = (is_comment or opens_comment) and bool(line.strip())
        timing = None if is_comment else timing_line.match(line)
        if timing:
            hours, minutes, seconds, fraction = timing.groups()
            start_s = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction) / 10 ** len(fraction)
            if cue is not None and (cue.text or not math.isnan(cue.start_s)):
                yield cue
            cue, counter = Cue(number + 1, start_s, "", counter), None
        elif blank and (counted := _COUNTER.fullmatch(line)):
            if cue is not None:
                yield cue
            counter = int(counted[1])
            cue = Cue(number + 1, NAN, "", counter)
        elif line.strip() and not is_comment:
            cue = cue or Cue(number, NAN, "")
            cue.text += line[:2000].rstrip("\r") + "\n" if len(cue.text) < 8000 else ""
        blank = not line.strip()
    if cue is not None:
        yield cue


def read_fields(text: str) -> Fields:
    """Return the telemetry of one cue."""
    found = Fields(is_telemetry=_TELEMETRY.search(text) is not None)
    _read_wall(text, found)
    latitude, longitude = _LATITUDE.search(text), _LONGITUDE.search(text)
    if latitude and longitude:
        found.lat_deg, found.lon_deg = float(latitude[1]), float(longitude[1])
        found.decimals = max(_decimals(latitude[1]), _decimals(longitude[1]))
    elif triple := _GPS.search(text):
        found.gps = float(triple[1]), float(triple[2])
        found.decimals = max(_decimals(triple[1]), _decimals(triple[2]))
        if triple[3]:
            counts = "." not in triple[3] and 0 <= int(triple[3]) <= _SATELLITES_AT_MOST
            found.third = "metres" if triple[4] else "satellites" if counts else "decimal"
            found.satellites = float(triple[3]) if found.third == "satellites" else NAN
    elif not _NO_VALUE.search(text):
        found.is_broken = not found.is_telemetry or _SPOKE_OF_PLACE.search(text) is not None
    if home := _HOME.search(text):
        found.home = float(home[1]), float(home[2])
    if relative := _RELATIVE.search(text):
        found.height_home_m = float(relative[1])
    elif above := _ABOVE_HOME.search(text):
        found.height_home_m = float(next(group for group in above.groups() if group))
    found.has_doubtful_height = found.third in ("metres", "decimal") or _DOUBTFUL.search(text) is not None
    if speed := _SPEED.search(text):
        found.speed_mps = abs(float(speed[1]))
    if distance := _DISTANCE.search(text):
        found.distance_m = float(distance[1])
    return found


def _decimals(number: str) -> int:
    return len(number.partition(".")[2])


def _read_wall(text: str, found: Fields) -> None:
    wall = _WALL.search(text)
    if not wall:
        return
    try:
        year, month, day, hour, minute, second = (int(part) for part in wall.groups()[:6])
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return
    if moment.year not in _YEARS:
        return
    micros = int(wall[7] or 0) * 1000 + int(wall[8] or 0)
    found.wall_ns = math.floor(moment.timestamp()) * 1_000_000_000 + micros * 1000
    found.wall_has_fraction = bool(wall[7])
