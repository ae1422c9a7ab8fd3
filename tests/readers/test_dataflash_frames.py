"""The walk in lanes equals the walk record by record: on real logs, on mutants of them, and however many lanes."""

import random
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.readers.dataflash.formats import Definitions
from dronecheck.readers.dataflash.frames import head_definitions, walk
from tests.conftest import SHARED
from tests.support.dataflash_walk import Plain
from tests.support.dataflash_writer import flight
from tests.support.scale import by_size, examples
from tests.support.wounds import wounded

REAL = sorted([*SHARED.glob("logs/dataflash_bin/*"), *SHARED.glob("logs/malformed/*.bin")])
MUTANTS = 600
needs_logs = pytest.mark.skipif(not REAL, reason="../shared (real logs) is not here")


@cache
def known(data):
    """Lengths as the head of the file defines them, and some types to keep."""
    definitions = Definitions(data)
    definitions.take(head_definitions(data, {128: 89}))
    return definitions.lengths, {128, *sorted(definitions.lengths)[::3]}


def assert_same(data, lanes, lengths, wanted):
    fast = walk(data, lengths, wanted, lanes)
    plain = Plain(data, lengths, wanted).walk()
    assert fast.offsets.tolist() == plain.kept
    assert fast.holes == plain.holes
    assert fast.unknown == plain.unknown
    assert fast.cut == plain.cut
    return plain


@needs_logs
@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_lanes_equal_the_sequential_walk_on_real_logs(path):
    data = path.read_bytes()
    for lanes in (None, 0, random.Random(path.name).randrange(1, 4000)):
        assert_same(data, lanes, *known(data))


@needs_logs
def test_lanes_equal_the_sequential_walk_on_mutants():
    rng = random.Random(20260101)
    pieces = []
    for path in REAL:
        data = path.read_bytes()
        if len(data) < 10_000:
            continue
        start = rng.randrange(20_000, len(data) - 20_000)
        pieces.append((data[start : start + 30_000], *known(data)))
    with_holes = 0
    for _ in range(MUTANTS):
        data, lengths, wanted = rng.choice(pieces)
        with_holes += bool(
            assert_same(wounded(data, rng), rng.choice((None, 1, 2, 3, 10, 37, 150, 1000)), lengths, wanted).holes
        )
    assert with_holes > MUTANTS / 3


piece = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([(4, 10), (5, 12), (6, 3), (7, 255)]).map(
        lambda one: b"\xa3\x95" + bytes([one[0]]) + b"D" * (one[1] - 3)
    ),
    st.sampled_from([4, 5, 9]).map(lambda kind: b"\xa3\x95" + bytes([kind]) + b"\xa3\x95\x04\xa3"),
    st.sampled_from([b"\0" * 9, b"\xff" * 5, b"\xa3\x95", b"\xa3", b"\xa3\x95\x05"]),
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(piece, max_size=60), st.integers(0, 80))
def test_lanes_equal_the_sequential_walk_on_anything(pieces, lanes):
    assert_same(b"".join(pieces), lanes, {4: 10, 5: 12, 6: 3, 7: 255}, {5, 6})


def walked(data, **more):
    lengths, _ = known(flight(1).bytes)
    return walk(data, lengths, set(lengths), **more)


def test_an_intact_log_is_whole():
    frames = walked(flight().bytes)
    assert (len(frames.offsets), frames.holes, frames.unknown, frames.cut) == (16 + 1 + 160, [], [], None)


def test_the_record_before_a_hole_is_given_up_and_all_others_are_kept():
    data = flight().bytes
    offsets = walked(data).offsets.tolist()
    # bytes vanish from within record 30: only where record 31 should begin does it show
    frames = walked(data[: offsets[30] + 20] + data[offsets[30] + 24 :])
    assert frames.holes == [(offsets[30], offsets[31] - 4)]
    assert frames.offsets.tolist() == offsets[:30] + [offset - 4 for offset in offsets[31:]]


def test_every_cut_off_a_border_is_seen_and_none_on_a_border():
    data = flight(12).bytes
    borders = {*walked(data).offsets.tolist(), len(data)}
    for end in range(1, len(data) + 1):
        frames = walked(data[:end])
        # a cut record that ends in the zeros of its own fields is told from padding by its missing bytes
        assert (frames.cut is None) == (end in borders)
        assert frames.holes == []
        assert frames.cut is None or frames.cut in borders


def test_padding_is_no_damage_but_a_record_that_may_have_been_lost_in_it_is_cut():
    log = flight(3)
    last = log.row("EV", 11_000_000, 10)
    data = log.bytes
    for pad in (b"\0", b"\xff"):
        frames = walked(data + pad * 500)
        assert (frames.holes, frames.cut, frames.offsets.tolist()[-1]) == ([], None, last)
    frames = walked(data[:-1] + b"\0" * 500)
    assert (frames.holes, frames.cut) == ([], last)


def test_a_hole_of_a_megabyte_costs_little_and_is_one():
    data = flight(3).bytes
    frames = walked(data + random.Random(1).randbytes(1 << 20) + flight(3).bytes)
    assert len(frames.holes) == 1
    assert np.all(np.diff(frames.offsets) > 0)
