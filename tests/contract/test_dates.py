"""Dates that cannot be: in every reader UTC is unknown then, it is said, and not one fix is lost."""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from dronecheck.dates import FIRST_YEAR, FIRST_YEARS, LAST_YEAR, RELEASE_YEAR, span_ns
from dronecheck.flight import ClockSource
from dronecheck.issues import Code, Severity
from dronecheck.readers import READERS, load, read_input
from dronecheck.safe.io import Input
from tests.readers.test_dji_txt_more import CUSTOM, Record
from tests.support import tlog_writer, ulog_writer
from tests.support.airdata import HEADER
from tests.support.dat_writer import DatFile
from tests.support.dataflash_writer import Dataflash
from tests.support.media_maker import djmd_clip, djmd_frame, film
from tests.support.tlog_writer import Tlog
from tests.support.ulog_writer import GPS, Ulog

FIXES = 30
GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
LEAP = timedelta(seconds=18)


def seconds(start):
    return [start + timedelta(seconds=row) for row in range(FIXES)]


def micros(moment):
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def csv_with_stopwatch(start):
    rows = [f"{row * 1000},{at:%Y-%m-%d %H:%M:%S},{47 + row * 1e-5},8,{row},1,15,5" for row, at in _numbered(start)]
    return "\n".join([HEADER, *rows, ""]).encode()


def csv_without_stopwatch(start):
    rows = [f"{at:%Y-%m-%dT%H:%M:%S},{47 + row * 1e-5},8,{row},1,15" for row, at in _numbered(start)]
    header = "Time,FC:Latitude,FC:Longitude,FC:Altitude_RAW (m),FC:Ground_Speed (m/s),FC:Satellite_Count"
    return "\n".join([header, *rows, ""]).encode()


def srt(start):
    cues = [
        f"{row + 1}\n00:00:{row:02d},000 --> 00:00:{row + 1:02d},000\n{at:%Y-%m-%d %H:%M:%S.000}\n"
        f"[latitude: {47 + row * 1e-5:.6f}] [longitude: 8.000000] [rel_alt: 6.000 abs_alt: 100.000]\n\n"
        for row, at in _numbered(start)
    ]
    return "".join(cues).encode()


def gpx(start):
    points = [
        f'<trkpt lat="{47 + row * 1e-5:.6f}" lon="8"><time>{at:%Y-%m-%dT%H:%M:%SZ}</time></trkpt>'
        for row, at in _numbered(start)
    ]
    body = "".join(points)
    return f'<?xml version="1.0"?><gpx version="1.1" creator="x"><trk><trkseg>{body}</trkseg></trk></gpx>'.encode()


def igc(start):
    fixes = [f"B{at:%H%M%S}47{row:05d}N00800000EA0050000547" for row, at in _numbered(start)]
    lines = ["AXXXABC FLIGHT:1", f"HFDTE{start:%d%m%y}", "HFDTM100GPSDATUM:WGS-1984", *fixes, ""]
    return "\r\n".join(lines).encode()


def zll(start):
    blocks = [
        f"--------- {at:%Y:%m:%d %H:%M:%S}.0  ---------\n飞机坐标:(Lat:{47 + row * 1e-5:.6f},Lon:8.000000）\n\n"
        for row, at in _numbered(start)
    ]
    return "".join(blocks).encode()


def dji_txt(start):
    record = Record()
    first = struct.unpack_from("<Q", record.of(CUSTOM)[0], 10)[0]
    record.shift(CUSTOM, 10, "<Q", micros(start) // 1000 - first)
    struct.pack_into("<Q", record.details, 91, micros(start) // 1000)
    return record.bytes()


def dji_dat(start):
    log = DatFile()
    for row, at in _numbered(start):
        log.gps(10 + row, 47 + row * 1e-5, 8.0, at=at)
        log.fused(10.1 + row, 47 + row * 1e-5, 8.0)
    return log.bytes


def dataflash(start):
    log = Dataflash()
    for row, at in _numbered(start):
        week, rest = divmod(at + LEAP - GPS_EPOCH, timedelta(weeks=1))
        values = (12, 1.0, 47 + row * 1e-5, 8, 100.0, 1.0, 0.0, 0.0, 0.0, 1)
        log.row("GPS", (10 + row) * 10**6, 0, 3, round(rest / timedelta(milliseconds=1)), week, *values)
        log.pos(10.1 + row, 47 + row * 1e-5, 8)
    return log.bytes


def ulog(start):
    log = Ulog()
    log.flags()
    log.topic("vehicle_gps_position", GPS, 1)
    for row, at in _numbered(start):
        log.gps(10 + row, 47 + row * 1e-5, 7.0, utc=micros(at))
    return log.bytes


def tlog(start):
    log = Tlog(stamped=False)
    log.beat(9.8)
    for row, at in _numbered(start):
        log.clock(10 + row, unix=micros(at))
        log.gps(10 + row, 47 + row * 1e-5, 7.0)
        log.fused(10.1 + row, 47 + row * 1e-5, 7.0)
    return log.bytes


def stamps_alone(start):
    """A ground station's clock: no message of the vehicle tells a time."""
    log = Tlog()
    shift_us = micros(start) - tlog_writer.UTC_US - tlog_writer.SKEW_US
    log.beat(0)
    for row in range(FIXES):
        log.gps(row, 47 + row * 1e-5, 7.0, own=0)
    data = bytearray(log.bytes)
    for at in log.offsets:
        struct.pack_into(">Q", data, at, struct.unpack_from(">Q", data, at)[0] + shift_us)
    return bytes(data)


def djmd_film(start):
    frames = [
        djmd_frame(47 + row * 1e-5, 8.0, unit=1, home_mm=7_000.0, stamp=f"{at:%Y-%m-%d %H-%M-%S}")
        for row, at in _numbered(start)
    ]
    samples = [djmd_clip("dvtm_wm261.proto") + frames[0], *frames[1:]]
    return film([(b"meta", b"djmd", samples)], delta=1_000)


def _numbered(start):
    return list(enumerate(seconds(start)))


# name of the reader, what writes a log of it, whether its clock says UTC
LOGS = {
    "csv with a stopwatch": ("csvlog", csv_with_stopwatch, True),
    "csv without": ("csvlog", csv_without_stopwatch, False),
    "srt": ("srt", srt, False), "gpx": ("gpx", gpx, True), "igc": ("igc", igc, True), "zll": ("zll", zll, False),
    "dji_txt": ("dji_txt", dji_txt, True), "dji_dat": ("dji_dat", dji_dat, True),
    "dataflash": ("dataflash", dataflash, True),
    "film": ("film", djmd_film, True), "ulog": ("ulog", ulog, True), "tlog": ("tlog", tlog, True),
    "tlog by its stamps": ("tlog", stamps_alone, True),
}  # fmt: skip
LATE = datetime(LAST_YEAR, 12, 31, 23, tzinfo=UTC)


def read(data):
    return read_input(Input(Path("log"), data, hashlib.sha256(data).hexdigest()))


def first_day(reader):
    name = load(reader).NAME
    return datetime(FIRST_YEARS.get(name, FIRST_YEAR), 1, 1, 0, 0, 30, tzinfo=UTC)


def told(flight):
    return {issue.code for issue in flight.issues if issue.severity is Severity.WARNING}


def test_every_reader_is_asked():
    assert {reader for reader, _, _ in LOGS.values()} == set(READERS)
    assert LAST_YEAR == RELEASE_YEAR + 5


@pytest.mark.parametrize("kind", LOGS)
def test_the_first_and_last_day_that_can_be_are_believed(kind):
    reader, write, says_utc = LOGS[kind]
    for start in (first_day(reader), LATE):
        flight = read(write(start))
        assert Code.CLOCK_DAMAGED not in told(flight)
        assert flight.clock.utc_known == says_utc
        assert abs(int(flight.track.time_ns[0]) // 1000 - micros(start)) <= 4_000_000  # leap seconds


@pytest.mark.parametrize("kind", LOGS)
@pytest.mark.parametrize("when", ["lost weeks", "unset", "before the first day", "the year after the last", "2070"])
def test_a_date_that_cannot_be_is_said_and_no_utc_comes_of_it(kind, when):
    reader, write, _ = LOGS[kind]
    start = {
        "lost weeks": datetime(RELEASE_YEAR, 5, 4, 10, tzinfo=UTC) - timedelta(weeks=1024),
        "unset": datetime(1980, 1, 20, 0, 1, tzinfo=UTC),
        "before the first day": first_day(reader) - timedelta(days=1),
        "the year after the last": datetime(LAST_YEAR + 1, 1, 1, 0, 1, tzinfo=UTC),
        "2070": datetime(2070, 1, 1, 0, 1, tzinfo=UTC),
    }[when]
    if kind == "igc" and when == "2070":
        start = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)  # two digits of the year are all it has
    flight, right = read(write(start)), read(write(datetime(RELEASE_YEAR, 5, 4, 10, tzinfo=UTC)))
    assert Code.CLOCK_DAMAGED in told(flight)
    assert not flight.clock.utc_known
    assert flight.clock.source in (ClockSource.NONE, ClockSource.FILE_NAME)
    assert Code.UTC_UNKNOWN in told(flight)
    assert set(flight.tracks) == set(right.tracks)
    for name, track in flight.tracks.items():
        assert len(track) == len(right.tracks[name])
        assert np.allclose(np.diff(track.time_ns), np.diff(right.tracks[name].time_ns), atol=2_000_000)
        assert 0 <= track.time_ns[0] < 86_400 * 10**9  # since the start, or of a day that is not known


def test_a_few_dates_that_cannot_be_do_not_undo_the_others():
    log = Dataflash()
    for row in range(FIXES):
        log.gps(10 + row, 47 + row * 1e-5, 8, week=4000 if row in (3, 4) else 2417)
    flight = read(log.bytes)
    assert flight.clock.utc_known
    assert Code.CLOCK_DAMAGED in told(flight)
    assert (np.diff(flight.track.time_ns) == 10**9).all()
    assert len(flight.track) == FIXES


def test_the_span_is_a_constant_of_the_release():
    first, end = span_ns("csv")
    assert (first, end) == (1_262_304_000 * 10**9, 1_956_528_000 * 10**9)  # 2010 and 2032, by `date -u -d ... +%s`
    assert span_ns("gpx")[0] == span_ns("igc")[0] == 1_199_145_600 * 10**9
    assert ulog_writer.UTC_US * 1000 in range(*span_ns("ulog"))
