"""SRT, GPX and IGC taken apart: cues, points, and B records."""

from __future__ import annotations

import re

import numpy as np

from tests.edits.editable import ONLY, OTHER, Column, Editable, text_column, text_writer
from tests.edits.tables import read_stamp, write_stamp

_PLAIN = text_writer()


def _tables(
    records: list[bytes], patterns: list[tuple[str, str, str, re.Pattern[bytes]]]
) -> list[Column]:  # fmt: skip
    """A column for each (kind, source, name, pattern whose first group is the figure)."""
    columns = []
    for what, source, name, pattern in patterns:
        table = []
        for row, record in enumerate(records):
            for match in pattern.finditer(record):
                text = match[1].decode("utf-8", "replace")
                read = read_stamp(text) if what == "clock" else (float(text), None)
                if read is not None:
                    table.append((row, *match.span(1), read[0]))
        if table:
            columns.append(text_column(what, source, name, table, write_stamp if what == "clock" else _PLAIN))
    return columns


_CUE = re.compile(rb"(?<![^\n])[ \t]*\d+[ \t]*\r?\n(?=[ \t]*(?:\d\d:\d\d:\d\d[,.]\d+[ \t]*-->|\d{4}\.\d\d\.\d\d ))")
_NUMBER = re.compile(rb"[ \t]*-?\d+[ \t]*\r?\n")
_NUM = rb"(-?\d+(?:\.\d+)?)"
_SRT = [
    ("clock", "boot", "span", re.compile(rb"(?<![\d.-])(\d\d:\d\d:\d\d[,.]\d{1,3})(?!\d)")),
    ("clock", "host", "stamp", re.compile(rb"(\d{4}[-.]\d\d?[-.]\d\d? \d\d?:\d\d:\d\d(?:\.\d+)?)")),
    ("lat", ONLY, "cue", re.compile(rb"\[?latitude ?: ?" + _NUM)),
    ("lon", ONLY, "cue", re.compile(rb"\[?long?t?itude ?: ?" + _NUM)),
    ("lon", ONLY, "GPS", re.compile(rb"(?<![A-Z])GPS ?\( ?" + _NUM + rb"(?:W|E)? ?,")),
    ("lat", ONLY, "GPS", re.compile(rb"(?<![A-Z])GPS ?\( ?-?[\d.]+ ?, ?" + _NUM)),
    ("height", ONLY, "rel_alt", re.compile(rb"rel_alt ?: ?" + _NUM)),
    ("height", ONLY, "abs_alt", re.compile(rb"abs_alt ?: ?" + _NUM)),
    ("height", ONLY, "H", re.compile(rb"(?<![\w.])H ?:? ?" + _NUM + rb" ?m")),
    ("height", ONLY, "BAROMETER", re.compile(rb"BAROMETER ?: ?" + _NUM)),
    ("speed", ONLY, "H.S", re.compile(rb"H\.S ?:? ?" + _NUM + rb" ?m/s")),
    ("home_distance", OTHER, "D", re.compile(rb"(?<![\w.])D ?:? ?" + _NUM + rb" ?m")),
]


def parse_srt(data: bytes) -> Editable | None:
    """Take subtitles apart into cues; `finish` numbers them anew."""
    starts = [match.start() for match in _CUE.finditer(data)]
    if len(starts) < 2:
        return None
    head = [data[: starts[0]]] if starts[0] else []
    records = [*head, *(data[a:b] for a, b in zip(starts, [*starts[1:], len(data)], strict=True))]
    before = 0
    for row in range(len(head), len(records)):  # a number becomes the step from the one before
        number = int(records[row].split()[0])
        records[row] = _numbered(records[row], number - before)
        before = number
    columns = _tables(records, _SRT)
    cue = next((column for column in columns if column.message == "span"), None)
    if cue is None:
        for column in columns:
            column.is_axis = column.what == "clock"
    else:
        _, first = np.unique(cue.rows, return_index=True)
        columns = [column for column in columns if column is not cue]
        columns.append(_part(cue, first, is_axis=True))
        columns.append(_part(cue, np.setdiff1d(np.arange(len(cue.rows)), first), is_axis=False))
    fixed = np.arange(len(records)) < len(head)

    def finish(cues: list[bytes]) -> bytes:
        parts, number = [], 0
        for record in cues:
            if _NUMBER.match(record):
                number += int(record.split()[0])
                record = _numbered(record, number)
            parts.append(record)
        return b"".join(parts)

    return Editable("srt", records, fixed, columns, finish)


def _numbered(record: bytes, number: int) -> bytes:
    return re.sub(rb"-?\d+", str(number).encode(), record, count=1)


def _part(column: Column, keep: np.ndarray, *, is_axis: bool) -> Column:
    part = column.pick(keep, column.rows[keep])
    part.is_axis = is_axis
    return part


_POINT = re.compile(rb"[ \t]*<trkpt\b.*?</trkpt>\s*?\r?\n?", re.DOTALL)
_GPX = [
    ("lat", ONLY, "trkpt", re.compile(rb"\blat=[\"']" + _NUM)),
    ("lon", ONLY, "trkpt", re.compile(rb"\blon=[\"']" + _NUM)),
    ("height", ONLY, "trkpt", re.compile(rb"<ele>" + _NUM)),
    ("speed", ONLY, "trkpt", re.compile(rb"<speed>" + _NUM)),
    ("clock", "gnss", "time", re.compile(rb"<time>(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)")),
]


def parse_gpx(data: bytes) -> Editable | None:
    """Take a GPX file apart into its points and what stands around them."""
    records, fixed, at = [], [], 0
    for match in _POINT.finditer(data):
        if match.start() > at:
            records.append(data[at : match.start()])
            fixed.append(True)
        records.append(match[0])
        fixed.append(False)
        at = match.end()
    if not records:
        return None
    records.append(data[at:])
    fixed.append(True)
    columns = _tables(records, _GPX)
    for column in columns:
        column.is_axis = column.what == "clock"
    return Editable("gpx", records, np.array(fixed), columns)


_B = re.compile(rb"B(\d{6})(\d{7}[NS])(\d{8}[EW])([AV])([-\d]\d{4})([-\d]\d{4})")


def _read_igc(what: str, text: bytes) -> float:
    if what == "clock":
        return 3600 * int(text[:2]) + 60 * int(text[2:4]) + int(text[4:])
    if what in ("lat", "lon"):
        whole = len(text) - 6
        value = int(text[:whole]) + int(text[whole:-1]) / 60_000
        return -value if text[-1:] in (b"S", b"W") else value
    return float(text)


def _write_igc(what: str) -> object:
    def write(old: bytes, value: float) -> bytes:
        if what == "clock":
            seconds = round(value) % 86_400
            return f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}".encode()
        if what in ("lat", "lon"):
            minutes = round(abs(value) * 60_000)
            width = len(old) - 6
            side = (b"S" if value < 0 else b"N") if what == "lat" else (b"W" if value < 0 else b"E")
            return f"{minutes // 60_000:0{width}d}{minutes % 60_000:05d}".encode() + side
        return f"{round(value):05d}".encode()

    return write


def parse_igc(data: bytes) -> Editable | None:
    """Take an IGC file apart into lines; no G record is made right."""
    records = data.splitlines(keepends=True)
    matches = [(row, match) for row, record in enumerate(records) if (match := _B.match(record))]
    if not matches:
        return None
    columns = []
    kinds = (("clock", "gnss", 1), ("lat", ONLY, 2), ("lon", ONLY, 3), ("baro", OTHER, 5), ("height", ONLY, 6))
    for what, source, group in kinds:
        table = [(row, *match.span(group), _read_igc(what, match[group])) for row, match in matches]
        write = _write_igc(what)
        columns.append(text_column(what, source, "B", table, write, is_axis=what == "clock"))  # type: ignore[arg-type]
    fixed = np.array([not record.startswith(b"B") for record in records])
    return Editable("igc", records, fixed, columns)
