"""Bytes that are lost in an encrypted record cost the records that they hit, and hardly any behind them."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right

import pytest

from dronecheck.readers.dji_txt.header import read_header
from dronecheck.readers.dji_txt.records import scan
from tests.support.scale import loops


def places(data: bytes) -> list[int]:
    header = read_header(data)
    assert header is not None
    return scan(data, header, {}, len(data)).places


@pytest.mark.parametrize("count", [64, 700, 3000])
def test_noise_hides_hardly_a_record_behind_it(shared, count):
    data = (shared / "dji13" / "v13.txt").read_bytes()
    whole, chance = places(data), random.Random(count)
    assert len(whole) > 11_000
    misses = 0
    for _ in range(loops(60, 20)):
        at = chance.randrange(whole[0], len(data) - count - 10)
        found = places(data[:at] + chance.randbytes(count) + data[at + count :])
        untouched = {*whole[: bisect_right(whole, at) - 1], *whole[bisect_left(whole, at + count) + 1 :]}
        hidden = untouched - set(found)
        misses += bool(hidden)
        assert not hidden or max(hidden) - min(hidden) < 1024  # what a short false record can hide
    assert misses <= 2
