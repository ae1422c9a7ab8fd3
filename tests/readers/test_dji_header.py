"""Encrypted DJI flight records without their keys: what the header says, and what of it is not believed."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from pathlib import Path

import numpy as np
import pyproj
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness
from dronecheck.issues import Code
from dronecheck.readers import choose, dji_txt
from dronecheck.safe.io import Input
from tests.support.dji_header import MadeHeader

MADE = MadeHeader()


def read(data: bytes):
    return dji_txt.read(Input(Path("DJIFlightRecord.txt"), data, hashlib.sha256(data).hexdigest()))


def codes(flight):
    return [issue.code for issue in flight.issues]


def test_the_real_record_says_what_the_service_that_decrypts_it_says(shared):
    """Figures as that service's own export of the flight; the file is named 14-55-49 by a phone in Croatia."""
    (path,) = (shared / "logs/dji_txt").glob("rembish*")
    flight = read(path.read_bytes())
    header = flight.header
    assert flight.tracks == {} and flight.completeness is Completeness.COMPLETE
    assert (header.lat_deg, header.lon_deg) == pytest.approx((45.471866872, 16.385342470), abs=1e-9)
    assert header.start_ns == 1_725_195_349_477_000_000  # 2024-09-01 12:55:49.477 UTC
    assert header.duration_s == 108.0
    assert header.within_m == pytest.approx(269.007, abs=1e-3)
    assert header.below_m == 56.0
    assert header.pictures == ()
    assert flight.clock.source is ClockSource.HEADER and flight.clock.utc_known
    assert flight.vehicle.model == "Mini 4 Pro"
    assert codes(flight) == [Code.HEADER_ONLY]


@pytest.mark.parametrize("name", ["v13", "v14_small", "v14_pics", "v14_seg2"])
def test_made_records_of_a_real_flight_begin_where_it_did_and_stay_within(shared, name):
    """The truth beside each lists every position of what was encrypted; the header is the whole flight's."""
    folder = shared / "dji13"
    rows = json.loads((folder / f"{name}.truth.json").read_text())["positions"]
    header = read((folder / f"{name}.txt").read_bytes()).header
    assert header.within_m == pytest.approx(456.0856, abs=1e-3) and header.below_m == 52.0
    lat, lon, height_m = (np.array([row[column] for row in rows]) for column in range(3))
    assert (header.lat_deg, header.lon_deg) == pytest.approx((lat[0], lon[0]), abs=1e-9)
    start = np.full(len(lon), header.lon_deg), np.full(len(lat), header.lat_deg)
    _, _, away_m = pyproj.Geod(ellps="WGS84").inv(*start, lon, lat)
    assert 0 < away_m.max() <= header.within_m and height_m.max() < header.below_m
    assert len(header.pictures) == (3 if name == "v14_pics" else 0)
    for place in header.pictures:  # taken along the way
        assert np.hypot(lat - place[0], lon - place[1]).min() < 1e-9


@pytest.mark.parametrize("version", [13, 14])
def test_every_figure_comes_back(version):
    pictures = ((47.0501, 8.3002), (47.051, 8.301))
    flight = read(MADE.but(version=version, pictures=pictures).bytes())
    header = flight.header
    assert flight.source.dialect == f"version {version}"
    assert (header.lat_deg, header.lon_deg, header.duration_s) == (MADE.lat_deg, MADE.lon_deg, 108.0)
    assert header.start_ns == MADE.start_ms * 1_000_000
    assert header.within_m == pytest.approx(269.0, abs=1e-4) and header.below_m == 56.0
    assert header.pictures == tuple(pytest.approx(place, abs=1e-9) for place in pictures)
    assert flight.vehicle.serial == "1581F6Z9C23CP003"


def test_it_is_recognised_by_its_bytes():
    assert choose(MADE.bytes()[:65536], "x").NAME == "dji_txt"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (MADE.but(distance_m=0.0), Code.HEADER_DOUBTFUL),
        (MADE.but(distance_m=-3.0), Code.HEADER_DOUBTFUL),
        (MADE.but(distance_m=math.nan), Code.HEADER_DOUBTFUL),
        (MADE.but(distance_m=math.inf), Code.HEADER_DOUBTFUL),
        (MADE.but(distance_m=12.0 * 108.0 * 1.05 + 51.0), Code.HEADER_DOUBTFUL),  # more than the speed allows
        (MADE.but(speed_mps=math.nan), Code.HEADER_DOUBTFUL),
        (MADE.but(height_m=math.nan), Code.HEADER_DOUBTFUL),
        (MADE.but(height_m=-1.0), Code.HEADER_DOUBTFUL),
        (MADE.but(pictures=((47.06, 8.3),)), Code.HEADER_DOUBTFUL),  # 1.1 km from the start, which 269 m denies
        (MADE.but(is_closed=False), Code.TRUNCATED),
    ],
)
def test_figures_that_contradict_each_other_bound_nothing(made, code):
    flight = read(made.bytes())
    assert (flight.header.within_m, flight.header.below_m) == (None, None)
    assert flight.header.lat_deg == MADE.lat_deg
    assert code in codes(flight) and Code.HEADER_DOUBTFUL in codes(flight)


def test_a_distance_that_its_speed_just_allows_is_believed():
    assert read(MADE.but(distance_m=12.0 * 108.0 * 1.05 + 49.0).bytes()).header.within_m == pytest.approx(
        1409.8, abs=0.1
    )


@pytest.mark.parametrize("place", [(0.0, 0.0), (91.0, 8.0), (47.0, 181.0), (math.nan, 8.0), (47.0, math.inf)])
def test_a_start_that_is_no_place_is_unknown_and_bounds_nothing(place):
    header = read(MADE.but(lat_deg=place[0], lon_deg=place[1]).bytes()).header
    assert math.isnan(header.lat_deg) and math.isnan(header.lon_deg)
    assert (header.within_m, header.below_m) == (None, None)


@pytest.mark.parametrize("start_ms", [0, -5, 1 << 50, 86_400_000])
def test_a_date_that_cannot_be_is_no_utc(start_ms):
    flight = read(MADE.but(start_ms=start_ms).bytes())
    assert flight.header.start_ns is None and not flight.clock.utc_known


def test_pictures_that_are_no_places_are_left_out():
    header = read(MADE.but(pictures=((0.0, 0.0), (math.nan, 8.3), (47.0501, 8.3), (200.0, 8.3))).bytes()).header
    assert header.pictures == (pytest.approx((47.0501, 8.3)),)


def test_a_damaged_header_is_refused():
    """Any single byte of it that is changed shows by the check byte or by the number behind the count of records."""
    data = MADE.bytes()
    refused = 0
    for at in (103, 103 + 4 + 87, 103 + 698):  # the key byte, the number 12345, the check byte
        changed = bytearray(data)
        changed[at] ^= 0x20
        with pytest.raises(UnreadableInput) as caught:
            read(bytes(changed))
        refused += caught.value.code == "dji_txt_encrypted"
        assert "47.05" not in caught.value.message and "damaged" in caught.value.message
    assert refused == 3
    with pytest.raises(UnreadableInput):
        read(MADE.but(mark=12344).bytes())
    for end in (101, 103, 300, 801):
        with pytest.raises(UnreadableInput):
            read(data[:end])


def test_a_record_cut_off_behind_its_header_says_so():
    data = MADE.bytes()
    assert read(data).completeness is Completeness.COMPLETE
    assert read(data[:-40]).completeness is Completeness.TRUNCATED
    assert read(data[:-40]).header.within_m == pytest.approx(269.0)  # the header stands in front, whole
    assert read(data + b"\xff\xd8\xff\xd9").completeness is Completeness.COMPLETE  # pictures


def test_the_notes_of_a_caller_come_first():
    from dronecheck.issues import Issue, Severity
    from dronecheck.messages import Message
    from dronecheck.readers.dji_txt.envelope import header_flight
    from dronecheck.readers.dji_txt.header import read_header

    data = MADE.bytes()
    note = Issue(Code.UNKNOWN_RECORDS, Severity.WARNING, Message("these keys are not this record's"))
    source = Input(Path("x.txt"), data, "0")
    assert header_flight(source, read_header(data), data, [note]).issues[0] is note


def test_the_writer_of_these_tests_writes_the_published_layout(shared):
    """The block of the real record, unscrambled by the tests' own key and read at the published places."""
    from tests.support.dji_header import _key8

    (path,) = (shared / "logs/dji_txt").glob("rembish*")
    data = path.read_bytes()
    length = int.from_bytes(data[101:103], "little")
    stored = data[103 : 103 + length]
    key = _key8(0, stored[0])
    plain = bytes(byte ^ key[at % 8] for at, byte in enumerate(stored[1:]))
    assert plain[-1] == stored[0]  # the check byte: key byte and kind 0
    assert struct.unpack_from("<i", plain, 3 + 87) == (12345,)
