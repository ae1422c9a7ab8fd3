"""Values that break other tools: never taken for a position, never in silence, and a log of them alone is not clear."""

from __future__ import annotations

import re
import struct
from bisect import bisect_right

import pytest

import dronecheck
from dronecheck.errors import UnreadableInput
from dronecheck.geofence.result import Verdict
from dronecheck.geofence.settings import Settings
from tests.fuzz.formats import FORMATS, borders, read, sample, shortened

# How a position is written in a line of each text format: what comes before, latitude, between, longitude.
_TEXT = {
    "csv airdata": rb"(\d:\d\d,)([-\d.]+)(,)([-\d.]+)",
    "csv flight reader": rb"(M,[^,]*,[^,]*,)([-\d.]+)(,)([-\d.]+)",
    "srt": rb"(latitude: )([-\d.]+)(\] \[longitude: )([-\d.]+)",
    "gpx": rb'(<trkpt lat=")([-\d.]+)(" lon=")([-\d.]+)',
    "zll": "(飞机坐标:\\(Lat:)([-\\d.]+)(,Lon:)([-\\d.]+)".encode(),
}
TEXTS = {
    "NaN": (b"nan", b"nan"),
    "infinite": (b"inf", b"-inf"),
    "off the globe, a little": (b"90.0001", b"124.39"),
    "off the globe": (b"-91", b"124.39"),
    "a turn too far": (b"40.11", b"540.0"),
    "scaled integers": (b"401176030", b"1243903940"),
    "zero": (b"0.0", b"0.0"),
    "minus zero": (b"-0.0", b"-0.0"),
    "swapped": (b"124.3903940", b"40.1176030"),
    "huge": (b"9" * 40, b"9" * 400),
    "empty": (b"", b""),
}
NUMBERS = {
    "off the globe, a little": (90.0001, 124.39),
    "off the globe": (-91.0, 124.39),
    "a turn too far": (40.11, 200.0),
    "zero": (0.0, 0.0),
    "swapped": (124.390394, 40.117603),
    "smallest integers": (-214.7483648, -214.7483648),
}
ROWS = 150


def _poisoned_text(format_: str, data: bytes, pair: tuple[bytes, bytes], only: int | None) -> bytes:
    places = [m.start() for m in re.finditer(_TEXT[format_], data)]
    keep = None if only is None else places[only]
    return re.sub(
        _TEXT[format_],
        lambda m: m[1] + pair[0] + m[3] + pair[1] if keep is None or m.start() == keep else m[0],
        data,
    )


def _poisoned_records(format_: str, data: bytes, pair: tuple[float, float], only: int | None) -> bytes:
    """The same in records that hold integers of 1e-7 degrees (or, in ULog, degrees as double)."""
    whole, out, edges = read(format_, data), bytearray(data), borders(format_)
    for track in whole.tracks.values():
        rows = range(len(track)) if only is None else [only]
        for row in rows:
            begin = int(track.offset[row])
            end = edges[bisect_right(edges, begin)]
            for value, poison in zip((track.lat_deg[row], track.lon_deg[row]), pair, strict=True):
                for kind, scale in (("<i", 1e7), ("<d", 1.0)):
                    old = struct.pack(kind, round(value * scale) if kind == "<i" else value)
                    at = out.find(old, begin, end)
                    if at >= 0:
                        new = max(round(poison * scale), -(2**31)) if kind == "<i" else poison
                        out[at : at + len(old)] = struct.pack(kind, new)
    return bytes(out)


def _cases():
    for format_ in _TEXT:
        for name, pair in TEXTS.items():
            yield pytest.param(format_, pair, id=f"{format_}, {name}")
    for format_ in ("ulog", "dataflash"):
        for name, numbers in NUMBERS.items():
            yield pytest.param(format_, numbers, id=f"{format_}, {name}")


CASES = list(_cases())


def _poisoned(format_, pair, only):
    data = shortened(format_, len(sample(format_)) // 4)
    poisoner = _poisoned_text if format_ in _TEXT else _poisoned_records
    damaged = poisoner(format_, data, pair, only)
    assert damaged != data
    return data, damaged


@pytest.mark.parametrize(("format_", "pair"), CASES)
def test_one_poisoned_row_is_never_a_fix_and_never_silent(format_, pair):
    data, damaged = _poisoned(format_, pair, ROWS)
    whole, flight = read(format_, data), read(format_, damaged)
    box = [whole.track.lat_deg.min(), whole.track.lat_deg.max(), whole.track.lon_deg.min(), whole.track.lon_deg.max()]
    inside = (flight.track.lat_deg >= box[0]) & (flight.track.lat_deg <= box[1])
    inside &= (flight.track.lon_deg >= box[2]) & (flight.track.lon_deg <= box[3])
    assert inside.all()
    assert len(whole.track) - 2 <= len(flight.track) < len(whole.track)
    told = {(issue.code, issue.message, issue.count) for issue in whole.issues}
    assert {(issue.code, issue.message, issue.count) for issue in flight.issues} - told


@pytest.mark.parametrize(("format_", "pair"), CASES)
def test_nothing_but_poison_is_never_clear(format_, pair):
    _, damaged = _poisoned(format_, pair, None)
    try:
        flight = read(format_, damaged)
    except UnreadableInput as refused:
        assert refused.code
        return
    assert flight.issues
    assert dronecheck.check(flight, None, Settings()).verdict is not Verdict.CLEAR


TIMES = [
    *("0000-00-00 00:00:00", "1970-01-01 00:00:00", "1980-01-06 00:00:00", "2038-01-19 03:14:08"),
    *("2106-02-07 06:28:16", "9999-12-31 23:59:59", "2025-09-20 25:61:61", "2025-02-30 06:42:13"),
    *("", "9223372036854775807", "NaN"),
]


@pytest.mark.parametrize("stamp", TIMES)
def test_a_poisoned_clock_of_an_export_is_said(stamp):
    data = shortened("csv airdata", len(sample("csv airdata")) // 4)
    damaged = re.sub(rb"2025-09-20 \d\d:\d\d:\d\d", stamp.encode(), data)
    try:
        flight = read("csv airdata", damaged)
    except UnreadableInput:
        return
    told = {issue.code for issue in read("csv airdata", data).issues}
    assert not flight.clock.utc_known or {issue.code for issue in flight.issues} - told
    assert (flight.track.time_ns[1:] >= flight.track.time_ns[:-1]).all()


def test_all_formats_of_the_samples_are_here_or_have_a_checksum():
    assert set(_TEXT) | {"ulog", "dataflash", "tlog", "dataflash text", "igc", "dji_txt", "dji_dat", "film"} == set(
        FORMATS
    )
