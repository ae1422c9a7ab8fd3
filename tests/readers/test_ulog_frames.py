"""The walk in lanes equals the walk record by record: on real logs, on mutants of them, and however many lanes."""

import random
import struct
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.readers.ulog.frames import Grammar, definitions, walk
from tests.conftest import SHARED
from tests.support.scale import by_size, examples
from tests.support.ulog_walk import Plain
from tests.support.ulog_writer import flight, record
from tests.support.wounds import wounded

REAL = sorted(path for path in SHARED.glob("logs/*/*.ulg") if path.read_bytes()[:4] == b"ULog")
MUTANTS = 600


@cache
def known(data):
    """End of the definitions, sizes by id as they are logged most often, and some ids to keep."""
    _, first = definitions(data, 16, len(data))
    sizes = {}
    at = first
    while at + 5 <= len(data) and data[at + 2] and at + 3 + (data[at] | data[at + 1] << 8) <= len(data):
        size, kind, msg_id = struct.unpack_from("<HBH", data, at)
        if kind == ord("D"):
            sizes.setdefault(msg_id, size)
        at += 3 + size
    return first, sizes, frozenset(sorted(sizes)[::3])


def assert_same(data, lanes, first, sizes, wanted):
    grammar = Grammar(sizes, wanted)
    fast = walk(data, first, len(data), grammar, lanes)
    plain = Plain(data, len(data), sizes, wanted).walk(first)
    assert fast.offsets.tolist() == plain.kept
    assert fast.holes == plain.holes
    assert fast.odd == plain.odd
    assert fast.cut == plain.cut


@pytest.mark.skipif(not REAL, reason="../shared (real logs) is not here")
@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_lanes_equal_the_sequential_walk_on_real_logs(path):
    data = path.read_bytes()
    for lanes in (None, random.Random(path.name).randrange(1, 4000)):
        assert_same(data, lanes, *known(data))


@pytest.mark.skipif(not REAL, reason="../shared (real logs) is not here")
def test_lanes_equal_the_sequential_walk_on_mutants():
    rng = random.Random(20260101)
    pieces = []
    for path in REAL:
        data = path.read_bytes()
        if len(data) < 1000:
            continue
        first, sizes, wanted = known(data)
        start = rng.randrange(first, max(len(data) - 30_000, first + 1))
        pieces.append((data[:16] + data[start : start + 30_000], sizes, wanted))
    with_holes = 0
    for _ in range(MUTANTS):
        data, sizes, wanted = rng.choice(pieces)
        mutant = wounded(data, rng, 16)
        lanes = rng.choice((0, 1, 2, 3, 10, 37, 150, 1000))
        assert_same(mutant, lanes, 16, sizes, wanted)
        with_holes += bool(walk(mutant, 16, len(mutant), Grammar(sizes, wanted)).holes)
    assert with_holes > MUTANTS / 3


piece = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([4, 5]).map(lambda msg_id: record("D", struct.pack("<H", msg_id) + b"D\0" * msg_id)),
    st.sampled_from([b"\1\0", b"\xff\xff", b"\4\0"]).map(lambda msg_id: record("D", msg_id + b"xyz")),
    st.sampled_from("FIMPQARLCSOXZ").map(lambda kind: record(kind, b"12345678")),
    st.just(b"\0" * 9),
)


@settings(max_examples=examples(250), deadline=None)
@given(st.lists(piece, max_size=60), st.integers(0, 80))
def test_lanes_equal_the_sequential_walk_on_anything(pieces, lanes):
    assert_same(b"".join(pieces), lanes, 0, {4: 10, 5: 12}, frozenset([5]))


def walked(data, **more):
    first, sizes, _ = known(data)
    return first, walk(data, first, len(data), Grammar(sizes, sizes), **more)


def test_an_intact_log_is_whole():
    data = flight().bytes
    _, frames = walked(data)
    assert (len(frames.offsets), frames.holes, frames.odd, frames.cut) == (80, [], [], None)


def test_the_record_before_a_hole_is_given_up_and_all_others_are_kept():
    data = flight().bytes
    _, whole = walked(data)
    offsets = whole.offsets.tolist()
    # bytes vanish from within record 10: only where record 11 should begin does it show
    hurt = data[: offsets[10] + 20] + data[offsets[10] + 24 :]
    first, sizes, _ = known(data)
    frames = walk(hurt, first, len(hurt), Grammar(sizes, sizes))
    assert frames.holes == [(offsets[10], offsets[11] - 4)]
    assert frames.offsets.tolist() == offsets[:10] + [offset - 4 for offset in offsets[11:]]


def test_every_cut_off_a_border_is_seen_and_none_on_a_border():
    data = flight(12).bytes
    first, sizes, _ = known(data)
    borders = {*walked(data)[1].offsets.tolist(), len(data)}
    for end in range(first, len(data) + 1):
        frames = walk(data[:end], first, end, Grammar(sizes, sizes))
        assert (frames.cut is None) == (end in borders)
        assert frames.holes == []
        assert frames.cut is None or frames.cut in borders


def test_a_few_unknown_records_are_stepped_over_but_not_a_swarm():
    log = flight(10)
    known(log.bytes)
    for count, odd in ((16, 16), (17, 0)):
        head, tail = log.bytes, flight(10).bytes
        first, sizes, _ = known(tail)
        data = head + record("Z", b"new") * count + tail[first:]
        frames = walk(data, first, len(data), Grammar(sizes, sizes))
        assert len(frames.odd) == odd
        assert len(frames.holes) == (odd == 0)
