"""Damage that only MAVLink knows. What holds for any damage of any format: tests/contract/test_damage.py."""

import random

import pytest

from dronecheck.issues import Code
from tests.conftest import SHARED
from tests.readers.test_tlog import codes, read
from tests.support.growth import assert_linear
from tests.support.tlog_writer import flight

LOG = SHARED / "logs" / "tlog" / "ArduPilot__UAVLogViewer__vtol.tlog"


@pytest.mark.skipif(not LOG.is_file(), reason="../shared (real logs) is not here")
def test_a_damaged_head_does_not_hide_the_rest():
    data = LOG.read_bytes()
    full = read(data)
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
