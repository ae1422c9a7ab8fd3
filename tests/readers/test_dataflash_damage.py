"""Damage that only DataFlash knows. What holds for any damage of any format: tests/contract/test_damage.py."""

import random

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.readers import dataflash
from tests.readers.test_dataflash import TEXT, read
from tests.support.dataflash_writer import flight, raw_fmt
from tests.support.scale import loops


def test_random_bytes_behind_the_first_header():
    rng = random.Random(1)
    for _ in range(loops(200)):
        data = b"\xa3\x95\x80" + rng.randbytes(rng.randrange(3000))
        try:
            assert not read(data).tracks
        except UnreadableInput as refused:
            assert refused.code


def test_sniff_needs_definitions():
    assert dataflash.sniff(flight(1).bytes[:100], "x.csv") == 100
    assert dataflash.sniff(TEXT.encode(), "x.txt") == 95
    assert dataflash.sniff(b"garbage" + flight(1).bytes, "x") == 85
    for head in (b"", b"\xa3\x95", b"\xa3\x95\x82" + bytes(50), b"latitude,longitude", b"FMT", b"GPS, 3, 4"):
        assert dataflash.sniff(head, "x.bin") == 0


def test_a_definition_of_definitions_with_names_too_many_is_not_used():
    """Found by fuzzing: the definition of a position record under the type and length of definitions."""
    data = flight(40).bytes
    broken = raw_fmt(128, 89, "FMT", "BBnNZ", "TimeUS,I,Status,GMS,GWk,NSats,HDop")
    found = read(broken + data[89:])
    assert len(found.track) == len(read(data).track)
    with pytest.raises(UnreadableInput):
        read(broken * 3)
