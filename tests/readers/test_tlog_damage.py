"""The MAVLink reader on real logs, cut and damaged."""

import random
from functools import cache

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, Track
from dronecheck.issues import Code
from tests.conftest import SHARED
from tests.readers.test_tlog import codes, read
from tests.support.growth import assert_linear
from tests.support.tlog_writer import flight


@cache
def whole(path):
    return path.read_bytes(), read(path.read_bytes())


def real(*names):
    paths = [path for name in names for path in SHARED.glob(f"logs/tlog/*{name}*")]
    if not paths:
        pytest.skip("../shared (real logs) is not here")
    return paths


def test_a_cut_log_gives_the_exact_prefix_and_says_so():
    rng = random.Random(20260101)
    for path in real("vtol", "small", "3412"):
        data, full = whole(path)
        raw = path.suffix == ".bin"
        for _ in range(40):
            end = rng.randrange(2000, len(data))
            found = read(data[:end])
            assert found.completeness in (Completeness.TRUNCATED, Completeness.COMPLETE)
            assert Code.BAD_RECORD not in codes(found)
            assert Code.BYTES_SKIPPED not in codes(found)
            for name, track in found.tracks.items():
                rows = full.tracks[name].offset < track.offset.max() + 1
                assert sorted(track.offset) == sorted(full.tracks[name].offset[rows])
                assert set(track.lat_deg) <= set(full.tracks[name].lat_deg)
            assert raw or found.clock.utc_known


def mutate(data, rng):
    wounded = bytearray(data)
    at = rng.randrange(len(wounded))
    span = rng.choice((1, 3, 16, 200, 3000))
    match rng.randrange(7):
        case 0:
            wounded[at] ^= 1 << rng.randrange(8)
        case 1:
            wounded[at : at + span] = rng.randbytes(span)
        case 2:
            wounded[at : at + span] = bytes(len(wounded[at : at + span]))
        case 3:
            wounded[at : at + span] = b"\xff" * len(wounded[at : at + span])
        case 4:
            del wounded[at : at + span]
        case 5:
            wounded[at:at] = rng.randbytes(span)
        case 6:
            other = rng.randrange(len(wounded))
            wounded[at : at + span], wounded[other : other + span] = (
                wounded[other : other + span], wounded[at : at + span],
            )  # fmt: skip
    return bytes(wounded)


SAID = {Code.BAD_RECORD, Code.BYTES_SKIPPED, Code.TRUNCATED}


def test_any_bytes_give_a_flight_or_unreadable_input_and_lost_points_are_said():
    rng = random.Random(20260101)
    lost = silent = wrong = 0
    for path in real("vtol", "small", "3412", "GH-5", "test.tlog"):
        data = path.read_bytes()[:60_000]
        full = read(data)
        places = {name: set(zip(t.lat_deg, t.lon_deg, strict=True)) for name, t in full.tracks.items()}
        for _ in range(100):
            try:
                found = read(mutate(data, rng))
            except UnreadableInput:
                continue
            for name, track in full.tracks.items():
                now = found.tracks.get(name, Track.empty())
                fewer = len(now) < len(track)
                lost += fewer
                silent += fewer and not codes(found) & SAID
                wrong += not set(zip(now.lat_deg, now.lon_deg, strict=True)) <= places[name]
    assert lost > 40
    assert (silent, wrong) == (0, 0)


def test_a_damaged_head_does_not_hide_the_rest():
    (path,) = real("vtol")
    data, full = whole(path)
    for span in (100, 5_000, 30_000):
        found = read(random.Random(span).randbytes(span) + data[span:])
        assert 0 <= len(full.track) - len(found.track) < 60
        assert Code.BYTES_SKIPPED in codes(found)


@pytest.mark.parametrize(
    "content",
    [
        lambda n: b"\0\5\0\0\0\0\0\0\xfe\xff" * (n // 10),
        lambda n: b"\xfd\x04\0\0" * (n // 4),
        lambda n: bytes(n),
        lambda n: random.Random(1).randbytes(n),
        lambda n: b"\xfe\0" * (n // 2),
    ],
    ids=["false headers", "false frames", "zeros", "noise", "empty frames"],
)
def test_hostile_content_takes_linear_time(content):
    head = flight(20).bytes
    assert_linear(lambda data: read(head + data + head), content, 1 << 16, 1 << 19)
