"""DJI's controller log: against a real flight's truth, by logs of the tests' own writer, and against hostile bytes."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import ClockSource, Completeness
from dronecheck.issues import Code, Severity
from dronecheck.readers import dji_dat, read_input
from dronecheck.readers.dji_dat.frames import find_frames
from dronecheck.safe.io import Input
from tests.support import dat_writer
from tests.support.dat_writer import LAT, LON, START, DatFile, flight, framed
from tests.support.growth import assert_linear
from tests.support.scale import loops

MADE = "2016-09-26_14-27-05_FLY001"


def read(data: bytes, name: str = "FLY001.DAT"):
    return read_input(Input(Path(name), data, hashlib.sha256(data).hexdigest()))


def told(flight_, code: Code):
    return [issue for issue in flight_.issues if issue.code is code]


@pytest.fixture
def made(shared):
    folder = shared / "dji13"
    if not (folder / f"{MADE}.DAT").is_file():
        pytest.skip("../shared/dji13 is not here")
    return (folder / f"{MADE}.DAT").read_bytes(), json.loads((folder / f"{MADE}.truth.json").read_text())


def test_every_fix_is_the_truths(made):
    data, truth = made
    found = read(data)
    assert (found.source.format, found.source.dialect, found.primary) == ("dji_dat", "v3", "fused")
    gnss, fused = np.array(truth["gps_2096"]), np.array(truth["fused_2048"])
    assert (len(gnss), len(fused)) == (484, 887)
    for name, rows, heights in (("gnss", gnss, "alt_unframed_m"), ("fused", fused, "alt_home_m")):
        track = found.tracks[name]
        assert len(track) == len(rows)
        np.testing.assert_allclose(track.time_ns / 1e9, rows[:, 0], atol=0.001)
        np.testing.assert_allclose(track.lat_deg, rows[:, 1], atol=1e-12)
        np.testing.assert_allclose(track.lon_deg, rows[:, 2], atol=1e-12)
        np.testing.assert_allclose(getattr(track, heights), rows[:, 3], atol=1e-4)
    home = truth["home"]
    assert (found.home.lat_deg, found.home.lon_deg) == (home["lat_deg"], home["lon_deg"])
    assert found.vehicle.serial == "SYNTHETIC00000000001"


def test_what_was_lost_is_told_where_it_was(made):
    data, truth = made
    found = read(data)
    (lost,) = told(found, Code.BYTES_SKIPPED)
    assert (lost.severity, lost.count) == (Severity.DAMAGE, len(truth["lost_bytes"]))
    assert 0 <= truth["lost_bytes"][0]["at"] - lost.offset < 132  # the record that it broke begins before
    assert found.completeness is Completeness.DAMAGED


def test_each_fix_lies_where_its_offset_says(made):
    data, _ = made
    track = read(data).track
    for at, lat in zip(track.offset.tolist(), track.lat_deg.tolist(), strict=True):
        kind, tick = struct.unpack_from("<HI", data, at + 4)
        body = bytes(byte ^ (tick & 0xFF) for byte in data[at + 10 : at + 30])
        assert (data[at], kind) == (0x55, 2048)
        assert np.degrees(struct.unpack_from("<d", body, 8)[0]) == lat


def test_time_is_that_of_the_satellites_to_a_fraction_of_a_second():
    found = read(flight().bytes)
    assert found.clock.source is ClockSource.GNSS
    expected = [(START + timedelta(seconds=row / 10)).timestamp() for row in range(600)]
    np.testing.assert_allclose(found.track.time_ns / 1e9, expected, atol=0.002)
    assert found.completeness is Completeness.COMPLETE
    np.testing.assert_allclose(found.track.alt_home_m[[0, 50, 300]], [0, 25, 50], atol=0.01)


@pytest.mark.parametrize("hz", [600.0, 3_840_000 * (1 + 40e-6), 4_500_000.0])
def test_the_rate_of_the_ticks_is_what_the_seconds_say(hz):
    found = read(flight(hz=hz).bytes)
    expected = [(START + timedelta(seconds=row / 10)).timestamp() for row in range(600)]
    np.testing.assert_allclose(found.track.time_ns / 1e9, expected, atol=0.01)


def test_time_goes_on_where_the_counter_ends():
    turn_s = (1 << 32) / 3_840_000
    found, plain = (read(flight(begin_s=begin).bytes) for begin in (turn_s - 30, 100.3))
    np.testing.assert_allclose(found.track.time_ns, plain.track.time_ns, atol=2e6)
    assert not told(found, Code.CLOCK_RESTARTS)


def test_turns_of_the_counter_that_the_radio_lost_are_counted():
    log, turn_s = flight(30), (1 << 32) / 3_840_000
    for lost_s in (0.7 * turn_s, 2.2 * turn_s):
        later = flight(30, begin_s=100.3 + 30 + lost_s, start=START + timedelta(seconds=30 + lost_s))
        found = read(DatFile(parts=log.parts + later.parts).bytes)
        assert int(found.track.part[-1]) == 0
        np.testing.assert_allclose(
            found.track.time_ns[300] / 1e9, (START + timedelta(seconds=30 + lost_s)).timestamp(), atol=0.01
        )


def test_heights_are_above_the_last_home_point():
    log = DatFile()
    for row in range(100):
        log.home(10 + row, level_m=100.0 if row < 50 else 130.0)
        log.gps(10.01 + row, LAT + row * 1e-5, LON, at=START + timedelta(seconds=row))
        log.fused(10.1 + row, LAT + row * 1e-5, LON, 150.0)
    found = read(log.bytes)
    np.testing.assert_allclose(found.tracks["fused"].alt_home_m, [50.0] * 50 + [20.0] * 50, atol=1e-4)


def test_without_a_home_point_heights_have_no_frame():
    log = DatFile()
    for row in range(50):
        log.gps(10 + row, LAT + row * 1e-5, LON, at=START + timedelta(seconds=row))
        log.fused(10.1 + row, LAT + row * 1e-5, LON, 150.0)
    found = read(log.bytes)
    assert np.isnan(found.tracks["fused"].alt_home_m).all()
    assert told(found, Code.HEIGHT_FRAME)


def test_a_second_estimate_that_contradicts_is_judged_too():
    log = flight(60)
    moved = DatFile()
    for part in log.parts:
        if struct.unpack_from("<H", part, 4)[0] != 2049:
            moved.parts.append(part)
    for row in range(600):
        moved.fused(100.3 + row / 10, LAT + row * 5 / 1_112_000 + 0.01, LON, kind=2049)
    found = read(moved.bytes)
    assert found.rivals
    assert told(found, Code.POSITION_CONFLICT)


def test_records_at_128_are_read_where_the_header_has_no_version():
    head = dat_writer._dji_dat.header(16, version=b"")
    found = read(DatFile(head=head, parts=flight().parts).bytes)
    assert (len(found.track), found.vehicle.model, found.source.dialect) == (600, "Mavic Pro", "")


def test_a_lost_header_hides_nothing():
    data = flight().bytes
    damaged = random.Random(1).randbytes(256) + data[256:]
    found = read(damaged)
    assert len(found.track) == 600


@pytest.mark.parametrize("kind", [2096, 2048])
def test_encrypted_bodies_are_refused_by_name(kind):
    rng, log = random.Random(kind), DatFile(head=dat_writer._dji_dat.header(63))
    for row in range(3_000):
        log.record(kind, 10 + row / 10, rng.randbytes(60))
    with pytest.raises(UnreadableInput) as caught:
        read(log.bytes)
    assert caught.value.code == "dji_dat_encrypted"
    assert "Mini 2" in caught.value.message


def test_other_aircrafts_records_are_refused_by_name():
    rng, log = random.Random(5), DatFile(head=dat_writer._dji_dat.header(2, version=b""))
    for row in range(3_000):
        log.record(rng.choice((0x01CF, 5, 42)), 10 + row / 10, rng.randbytes(60))
    with pytest.raises(UnreadableInput) as caught:
        read(log.bytes)
    assert caught.value.code == "dji_dat_layout"
    assert "Phantom 3 Advanced" in caught.value.message
    assert "DJIFlightRecord" in caught.value.message


def test_a_record_too_short_for_its_type_is_told():
    log = flight(20)
    log.parts.insert(50, framed(2048, round(102 * log.hz), b"\1\2\3\4", length=16))
    (issue,) = told(read(log.bytes), Code.BAD_RECORD)
    assert (issue.severity, issue.count, issue.offset) == (Severity.DAMAGE, 1, log.offsets[50])


def test_cut_anywhere_it_is_said_and_what_came_before_stays():
    log = flight(4)
    data, whole = log.bytes, read(log.bytes)
    ends = np.array([*log.offsets[1:], len(data)])
    fix_ends = ends[np.searchsorted(log.offsets, whole.track.offset)]
    step = 5 if loops(2, 1) == 2 else 31
    for cut in range(len(log.head) + 700, len(data), step):
        found = read(data[:cut])
        assert len(found.track) == int((fix_ends <= cut).sum())
        assert (found.completeness is Completeness.TRUNCATED) == (cut not in ends)
        assert not told(found, Code.BYTES_SKIPPED)


def test_one_flipped_bit_anywhere_is_told():
    data, rng = flight(10).bytes, random.Random(7)
    for _ in range(loops(500, 60)):
        at, damaged = rng.randrange(256, len(data)), bytearray(data)
        damaged[at] ^= 1 << rng.randrange(8)
        found = read(bytes(damaged))
        assert told(found, Code.BYTES_SKIPPED) or told(found, Code.TRUNCATED)
        assert found.completeness is not Completeness.COMPLETE


def test_a_record_inside_another_is_no_record():
    log = flight(20)
    inner = framed(2048, round(101 * log.hz), b"\0" * 20)
    key = round(101.5 * log.hz) & 0xFF
    log.record(999, 101.5, bytes(byte ^ key for byte in inner))
    assert inner in log.bytes
    assert len(read(log.bytes).track) == 200


@pytest.mark.parametrize("length", [12, 88, 1023])
def test_headers_without_end_take_time_in_proportion(length):
    head = struct.pack("<BH", 0x55, length)
    head += bytes([dat_writer._dji_dat.crc(head, 0x77, 0x8C)])
    assert_linear(lambda data: find_frames(data, 256), lambda size: head * (size // 4), 400_000, 3_200_000)


def test_sniffing_never_fails():
    data, rng = flight(5).bytes, random.Random(3)
    for _ in range(loops(2_000, 200)):
        head = bytearray(data[: rng.randrange(1_000)])
        for _ in range(rng.randrange(5)):
            if head:
                head[rng.randrange(len(head))] = rng.randrange(256)
        assert dji_dat.sniff(bytes(head), "x") in (0, 85, 95)
    assert dji_dat.sniff(b"a table, a BUILD, of\n" * 20, "x.csv") == 0
