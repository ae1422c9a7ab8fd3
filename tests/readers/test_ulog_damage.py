"""Damage that only ULog knows. What holds for any damage of any format: tests/contract/test_damage.py."""

import mmap
import random

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
from tests.readers.test_ulog import read
from tests.support.scale import loops
from tests.support.ulog_writer import flight

CORRUPT = SHARED / "logs" / "malformed" / "PX4__px4-ulog-rs__corrupt_unregistered_msg_id.ulg"


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


@pytest.mark.skipif(not CORRUPT.is_file(), reason="../shared (real logs) is not here")
def test_a_real_corrupt_log_whose_topics_contradict_each_other_is_never_clear():
    """A record of an id that nothing subscribed; by pyulog, too, latitudes of 41.9 and 51.9 at one time."""
    found = dronecheck.read(CORRUPT)
    said = {issue.code: issue for issue in found.issues}
    assert {Code.UNKNOWN_RECORDS, Code.BYTES_SKIPPED, Code.POSITION_CONFLICT} <= set(said)
    assert said[Code.POSITION_CONFLICT].severity is Severity.WARNING
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
