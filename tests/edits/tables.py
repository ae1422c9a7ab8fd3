"""CSV taken apart: lines, the header's columns by name and unit, cells that hold numbers or times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from tests.edits.editable import ONLY, OTHER, Column, Editable, Write, text_column, text_writer

_NAMES = {
    "lat": ("latitude", "osd.latitude", "aircraft latitude", "fc:latitude", "lat", "gps:lat", "gps(0):lat"),
    "lon": (
        "longitude", "osd.longitude", "aircraft longitude", "fc:longitude", "lng", "lon", "gps:long", "gps(0):long",
    ),
    "height": (
        "osd.height", "osd.altitude", "height_above_takeoff", "ascent", "altitude", "altitude_above_sealevel",
        "height_above_ground_at_drone_location", "osd.vpsheight_no", "aircraft barometric altitude",
        "fc:altitude_raw", "cs:altitude_amsl", "cs:altitude_agl", "height_sonar_no",
    ),
    "v_north": ("osd.xspeed", "velocityx", "xspeed"),
    "v_east": ("osd.yspeed", "velocityy", "yspeed"),
    "v_down": ("osd.zspeed", "velocityz", "zspeed"),
    "speed": ("osd.hspeed", "speed", "aircraft speed", "fc:ground_speed"),
    "home_distance": ("distance", "calc.distance2d", "home.distance_no"),
    "stopwatch": (
        "time(millisecond)", "time(seconds)", "osd.flytime", "elapsed time", "time[millisecond]", "offsettime",
        "clock:offsettime", "osd.flytime [s]",
    ),
    "stamp": (
        "datetime(utc)", "datetime(local)", "datetime", "custom.datetime", "custom.updatetime", "custom.date",
        "date/time", "time(text)", "time", "datetime[utc]",
    ),
    "armed": ("osd.ismotoron", "osd.ismotorup", "ismotorson", "fc:is_armed", "aircraft motors on"),
}  # fmt: skip
_UNITS = {"ft": 1 / 0.3048, "feet": 1 / 0.3048, "mph": 1 / 0.44704, "millisecond": 1e3, "ms": 1e3, "km/h": 3.6}
_UNIT = re.compile(r"\s*[\[(]([^\])]*)[\])]\s*$")
_NUMBER = re.compile(rb"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_CLOCK = re.compile(r"(\d\d?):(\d\d):(\d\d)(?:([.,])(\d+))?( [AP]M)?")
_ISO = re.compile(r"(\d{4})([-/.])(\d\d?)[-/.](\d\d?)([ T]?)")
_US = re.compile(r"(\d\d?)/(\d\d?)/(\d{4})( ?)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_stamp(text: str) -> tuple[float, Callable[[float], str]] | None:
    """Seconds that a text of date, clock or both says, and how it is written for others; None where it is none."""
    day, rest, write_day = EPOCH, text, None
    if match := _ISO.match(text):
        year, mark, month, date, gap = match.groups()
        wide = len(month) == 2
        day, rest = datetime(int(year), int(month), int(date), tzinfo=UTC), text[match.end() :]

        def write_day(t: datetime) -> str:
            return (
                f"{t.year}{mark}{t.month:02d}{mark}{t.day:02d}{gap}"
                if wide
                else f"{t.year}{mark}{t.month}{mark}{t.day}{gap}"
            )
    elif match := _US.match(text):
        month, date, year, gap = match.groups()
        day, rest = datetime(int(year), int(month), int(date), tzinfo=UTC), text[match.end() :]

        def write_day(t: datetime) -> str:
            return f"{t.month}/{t.day}/{t.year}{gap}"

    clock = _CLOCK.match(rest)
    if not clock:
        if write_day is None or rest.strip():
            return None
        return (day - EPOCH).total_seconds(), lambda s: write_day(EPOCH + timedelta(seconds=s))
    hour, minute, second, point, part, half = clock.groups()
    hours = int(hour) % 12 + 12 * (half == " PM") if half else int(hour)
    value = (
        (day - EPOCH).total_seconds()
        + 3600 * hours
        + 60 * int(minute)
        + int(second)
        + (float("0." + part) if part else 0.0)
    )
    tail = rest[clock.end() :]

    def write(seconds: float) -> str:
        digits = len(part or "")
        at = EPOCH + timedelta(microseconds=round(round(seconds, digits) * 1e6))
        shown = (at.hour % 12 or 12) if half else at.hour
        text = f"{shown:02d}" if len(hour) == 2 else str(shown)
        text += at.strftime(":%M:%S") + (f"{point}{at.microsecond:06d}"[: digits + 1] if part else "")
        return (write_day(at) if write_day else "") + text + ((" AM" if at.hour < 12 else " PM") if half else "") + tail

    return value, write


def write_stamp(old: bytes, value: float) -> bytes:
    """Writes a time as the one that stood there."""
    read = read_stamp(old.decode("utf-8", "replace"))
    assert read is not None
    return read[1](value).encode()


def _cells(line: bytes, mark: bytes) -> list[tuple[int, int]]:
    """Where the cells of a line stand, without quotes around them and spaces."""
    spans, at, end = [], 0, len(line.rstrip(b"\r\n"))
    while at <= end:
        if line[at : at + 1] == b'"':
            stop = line.find(b'"', at + 1)
            while stop >= 0 and line[stop + 1 : stop + 2] == b'"':
                stop = line.find(b'"', stop + 2)
            if stop < 0:
                return spans
            spans.append((at + 1, stop))
            after = line.find(mark, stop, end)
        else:
            after = line.find(mark, at, end)
            stop = after if after >= 0 else end
            text = line[at:stop]
            begin = at + len(text) - len(text.lstrip())
            spans.append((begin, max(begin, at + len(text.rstrip()))))
        if after < 0:
            return spans
        at = after + 1
    return spans


def parse(data: bytes) -> Editable | None:
    """Take a table apart; None where no line names a latitude and a longitude."""
    records = data.splitlines(keepends=True)
    header = next(
        (i for i, line in enumerate(records[:60]) if b"atitude" in line.lower() or b",lat" in line.lower()), None
    )
    if header is None:
        return None
    line = records[header]
    mark = max((b",", b"\t", b";"), key=line.count)
    names = []
    for begin, end in _cells(line, mark):
        text = line[begin:end].decode("utf-8-sig", "replace").strip().lower()
        unit = _UNIT.search(text)
        names.append((text, _UNIT.sub("", text), unit[1] if unit else ""))
    wanted = {}
    for place, (whole, bare, unit) in enumerate(names):
        for name in (bare, whole):  # the whole name tells more
            for what, texts in _NAMES.items():
                if name in texts:
                    wanted[place] = what, bare, _UNITS.get(unit, 1.0)
    if not {"lat", "lon"} <= {what for what, *_ in wanted.values()}:
        return None
    found: dict[int, list[tuple[int, int, int, float]]] = {place: [] for place in wanted}
    for row in range(header + 1, len(records)):
        spans = _cells(records[row], mark)
        for place, (what, _, scale) in wanted.items():
            if place < len(spans):
                value = _value(records[row][slice(*spans[place])], what, scale)
                if value is not None:
                    found[place].append((row, *spans[place], value))
    columns = [_column(*wanted[place], table) for place, table in found.items() if table]
    axis = next((c for what in ("stopwatch", "stamp") for c in columns if c.message.startswith(what)), None)
    for column in columns:
        column.is_axis = column is axis
    fixed = np.arange(len(records)) <= header
    return Editable("csv", records, fixed, columns)


def _value(cell: bytes, what: str, scale: float) -> float | None:
    if what == "stamp" or (what == "stopwatch" and b":" in cell):
        read = read_stamp(cell.decode("utf-8", "replace"))
        return read[0] if read else None
    if what == "armed":
        return {b"true": 1.0, b"1": 1.0, b"false": 0.0, b"0": 0.0}.get(cell.lower())
    return float(cell) / scale if _NUMBER.fullmatch(cell) else None


def _column(what: str, name: str, scale: float, table: list[tuple[int, int, int, float]]) -> Column:
    if what == "stamp":
        return text_column("clock", "host", f"stamp {name}", table, write_stamp)
    if what == "stopwatch":
        return text_column("clock", "boot", f"stopwatch {name}", table, _write_elapsed(scale))
    if what == "armed":
        return text_column("armed", OTHER, name, table, _write_flag)
    return text_column(what, OTHER if what == "home_distance" else ONLY, "row", table, text_writer(scale))


def _write_elapsed(scale: float) -> Write:
    numbers = text_writer(scale)
    return lambda old, value: write_stamp(old, value) if b":" in old else numbers(old, value)


def _write_flag(old: bytes, value: float) -> bytes:
    if old in (b"0", b"1"):
        return b"1" if value else b"0"
    text = b"true" if value else b"false"
    return text.upper() if old.isupper() else text.title() if old.istitle() else text
