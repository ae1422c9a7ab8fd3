"""CSV logs: the marks of an end, hostile lines. What holds for any damage: tests/contract/test_damage.py."""

import random

import pytest

from dronecheck.flight import Completeness
from tests.conftest import SHARED
from tests.readers.csv_samples import SAMPLES, read
from tests.support.growth import assert_linear
from tests.support.scale import loops

LOG = SHARED / "logs" / "dji_csv" / "dronedeploy__flight-log-parser__pixel2-inspire2.log"
HEAD_LINES = 40


@pytest.mark.skipif(not LOG.is_file(), reason="../shared (real logs) is not here")
def test_a_dronedeploy_log_without_the_end_of_its_session_is_cut():
    data, rng = LOG.read_bytes(), random.Random(20260101)
    ends = [at + 1 for at, byte in enumerate(data) if byte == 10][HEAD_LINES:-HEAD_LINES]
    for end in rng.sample(ends, loops(100, 10)):
        for cut in (end - 1, end, end + 1):
            flight = read(data[:cut], LOG.name)
            expected = b"#Flight Recorder Session End" not in data[:cut]
            assert (flight.completeness is Completeness.TRUNCATED) == expected


@pytest.mark.slow
@pytest.mark.parametrize("line", [b",", b'"\n', b'a,"b""\n', b'a,"\n', b"1,2,3\n", b"\n", b'""\n', b"\0", b"9" * 50])
def test_time_is_linear_in_hostile_input(line):
    head = SAMPLES["healthydrones"].encode()
    assert_linear(lambda data: read(head + data), lambda size: line * (size // len(line)), 1 << 16, 1 << 19)
