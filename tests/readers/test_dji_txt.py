"""The reader of DJI flight records on the simulated one: damage, clocks, refusal."""

from __future__ import annotations

import contextlib
import hashlib
import random
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness, EventKind
from dronecheck.issues import Code
from dronecheck.readers import dji_txt
from dronecheck.readers.dji_txt.scramble import unscramble
from dronecheck.safe.io import Input
from tests.support.growth import assert_linear
from tests.support.scale import loops

NAME = "founding_dandong_sinuiju_DJIFlightRecord.txt"


@pytest.fixture
def sample(repo) -> bytes:
    return (repo / "samples" / NAME).read_bytes()


def read(data: bytes):
    return dji_txt.read(Input(Path("DJIFlightRecord.txt"), data, hashlib.sha256(data).hexdigest()))


def codes(flight):
    return {issue.code for issue in flight.issues}


def test_events_home_and_vehicle(sample):
    flight = read(sample)
    kinds = [event.kind for event in flight.events]
    assert (kinds.count(EventKind.TAKEOFF), kinds.count(EventKind.LAND)) == (1, 1)
    assert any("Taking off" in event.text for event in flight.events)
    assert flight.vehicle.model == "Mavic Pro"
    assert flight.vehicle.serial == "SIMULATED"
    assert flight.home is not None
    assert Code.NO_FIX_ROWS in codes(flight)


def test_scrambling_is_its_own_inverse():
    source = random.Random(3)
    for _ in range(loops(200)):
        kind, plain = source.randrange(128), source.randbytes(source.randrange(60))
        first = source.randbytes(1)
        mixed = unscramble(kind, first + plain)
        assert unscramble(kind, first + mixed) == plain


def test_cut_anywhere_it_is_read_as_far_as_it_goes(sample):
    whole = read(sample)
    for share in (0.2, 0.5, 0.9):
        cut = read(sample[: int(len(sample) * share)])
        assert cut.completeness is not Completeness.COMPLETE
        assert Code.TRUNCATED in codes(cut)
        count = len(cut.track)
        assert count == pytest.approx(share * len(whole.track), rel=0.05)
        assert np.array_equal(cut.track.lat_deg, whole.track.lat_deg[:count])


def test_a_hole_is_passed_over_and_told_with_its_place(sample):
    whole = read(sample)
    data = bytearray(sample)
    data[50_000:50_400] = random.Random(1).randbytes(400)
    flight = read(bytes(data))
    assert flight.completeness is Completeness.DAMAGED
    lost = next(issue for issue in flight.issues if issue.code is Code.BYTES_SKIPPED)
    assert 49_900 <= (lost.offset or 0) <= 50_400
    kept = set(flight.track.offset.tolist())
    expected = {o for o in whole.track.offset.tolist() if o < 49_900 or o > 50_500}
    assert expected <= kept


def test_pictures_between_records_are_no_loss(sample):
    at = read(sample).track.offset[500]
    thumbnail = b"\xff\xd8\xff\xd9\x01\x00\xff"  # an end and a record that are neither
    picture = b"\xff\xd8\xff\xe0\x00\x09" + thumbnail + b"\xff\xda\x00\x02" + bytes(1000) + b"\xff\xd9"
    end = int.from_bytes(sample[:8], "little") + len(picture)
    data = end.to_bytes(8, "little") + sample[8:at] + picture + sample[at:]
    flight = read(data)
    assert flight.completeness is Completeness.COMPLETE
    assert len(flight.track) == len(read(sample).track)


def test_hostile_records_take_linear_time(sample):
    def work(data):
        with contextlib.suppress(UnreadableInput):
            read(data)

    assert_linear(work, lambda size: sample[:100] + b"\x01\x00" * size, 50_000, 400_000)
