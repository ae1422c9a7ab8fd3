"""The ULog reader on real logs, cut and damaged."""

import mmap
import random
from functools import cache

import numpy as np
import pytest

import dronecheck
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Severity
from dronecheck.readers import ulog
from dronecheck.readers.ulog.topics import load
from dronecheck.safe.io import Input
from tests.conftest import SHARED
from tests.readers.test_ulog import codes, read
from tests.support.scale import loops
from tests.support.ulog_writer import flight
from tests.support.wounds import torn

SMALL = SHARED / "logs" / "ulog" / "PX4__px4-ulog-rs__esc_status_log.ulg"
REAL = sorted(path for path in SHARED.glob("logs/*/*.ulg") if 500 < path.stat().st_size < 2_000_000)
needs_logs = pytest.mark.skipif(not SMALL.is_file(), reason="../shared (real logs) is not here")


@cache
def whole(path):
    data = path.read_bytes()
    return data, read(data)


def record_end(data, offset):
    return offset + 3 + int.from_bytes(data[offset : offset + 2], "little")


@needs_logs
def test_a_cut_log_gives_the_exact_prefix_and_says_so():
    data, full = whole(SMALL)
    borders = {16}
    at = 16
    while at < len(data):
        at = record_end(data, at)
        borders.add(at)
    ordered = sorted(borders)
    rng = random.Random(4)
    near = [border + d for border in rng.sample(ordered[2:], 60) for d in (-1, 0, 1)]
    near += [record_end(data, int(at)) + d for at in full.tracks["gnss"].offset[::4] for d in (-1, 0, 1)]
    for cut in {*near, *(rng.randrange(20_000, len(data)) for _ in range(loops(300)))}:
        if cut > len(data):
            continue
        found = read(data[:cut])
        assert (found.completeness is Completeness.TRUNCATED) == (cut not in borders)
        assert (Code.TRUNCATED in codes(found)) == (cut not in borders)
        for name, track in full.tracks.items():
            complete = [record_end(data, int(offset)) <= cut for offset in track.offset]
            have = found.tracks.get(name)
            for column in ("lat_deg", "lon_deg", "offset", "alt_amsl_m"):
                expected = getattr(track, column)[complete]
                assert np.array_equal(getattr(have, column) if have else np.zeros(0), expected, equal_nan=True)


@needs_logs
def test_any_bytes_give_a_flight_or_unreadable_input():
    rng = random.Random(20260101)
    sources = [path.read_bytes() for path in REAL] + [flight(60).bytes]
    flights = 0
    for _ in range(loops(400)):
        mutant = torn(rng.choice(sources), rng, 60_000)
        try:
            found = read(mutant)
        except UnreadableInput as error:
            assert "\n" not in str(error)
            continue
        flights += 1
        assert all(np.isfinite(track.lat_deg).all() for track in found.tracks.values())
    assert flights > loops(300)


@needs_logs
def test_lost_points_are_said_in_995_of_1000_damaged_logs():
    """The rest cannot be told: a span cut out so that two records of one kind fit together again."""
    data, full = whole(SMALL)
    rng = random.Random(7)
    lost = silent = 0
    for _ in range(400):  # in either scale: fewer cannot show a rate of one in two hundred
        try:
            found = read(torn(data, rng, 60_000))
        except UnreadableInput:
            continue
        if sum(map(len, found.tracks.values())) < sum(map(len, full.tracks.values())):
            lost += 1
            silent += not found.issues
    assert lost > 200
    assert silent <= 0.005 * lost


def test_random_bytes_behind_the_magic():
    rng = random.Random(1)
    for _ in range(loops(200)):
        data = b"ULog\x01\x12\x35\x01" + rng.randbytes(rng.randrange(3000))
        try:
            assert not read(data).tracks
        except UnreadableInput as refused:
            assert refused.code


def test_a_mapped_file_reads_like_one_in_memory(tmp_path):
    path = tmp_path / "flight.ulg"
    path.write_bytes(flight(30).bytes)
    with path.open("rb") as handle:
        mapped = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
    found, expected = ulog.read(Input(path, mapped, "0")), read(flight(30))
    assert found.issues == expected.issues
    for name, track in expected.tracks.items():
        for column, values in track.columns().items():
            assert np.array_equal(found.tracks[name].columns()[column], values, equal_nan=True)


@needs_logs
def test_a_real_corrupt_log_whose_topics_contradict_each_other_is_never_clear():
    """A record of an id that nothing subscribed; by pyulog, too, latitudes of 41.9 and 51.9 at one time."""
    path = SHARED / "logs" / "malformed" / "PX4__px4-ulog-rs__corrupt_unregistered_msg_id.ulg"
    found = dronecheck.read(path)
    said = {issue.code: issue for issue in found.issues}
    assert {Code.UNKNOWN_RECORDS, Code.BYTES_SKIPPED, Code.POSITION_CONFLICT} <= set(said)
    assert said[Code.POSITION_CONFLICT].severity is Severity.TAMPER
    assert found.completeness is Completeness.DAMAGED
    fused, gnss = found.tracks["fused"], found.tracks["gnss"]
    apart_deg = np.abs(np.interp(gnss.time_ns, fused.time_ns, fused.lat_deg) - gnss.lat_deg).max()
    assert apart_deg > 1.0  # the tracks as read are not reconciled: both stand as the log has them
    result = dronecheck.check(found)
    assert result.verdict is dronecheck.Verdict.INCONCLUSIVE


def test_sniff_needs_the_magic():
    assert ulog.sniff(flight(1).bytes[:100], "x.csv") == 100
    assert ulog.sniff(b"", "x.ulg") == ulog.sniff(b"ULog", "x.ulg") == ulog.sniff(b"version https", "x.ulg") == 0


def test_only_the_topics_asked_for_are_kept():
    log = load(flight(3).bytes, frozenset(["vehicle_global_position"]))
    assert list(log.rows) == ["vehicle_global_position"]
