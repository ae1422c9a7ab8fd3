"""The walk in lanes equals the walk record by record: on real logs, on mutants of them, and however many lanes."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import all as dialect
from pymavlink.generator.mavcrc import x25crc

from dronecheck.readers.tlog import messages as tlog_messages
from dronecheck.readers.tlog.crc import crc_of, definition_byte
from dronecheck.readers.tlog.frames import RAW, STAMPED, heads_of, looks_like, shortened, walk
from tests.conftest import SHARED
from tests.support.scale import by_size, examples, loops
from tests.support.tlog_walk import Plain
from tests.support.tlog_writer import Tlog, flight
from tests.support.wounds import wounded

REAL = sorted([*SHARED.glob("logs/tlog/*.tlog"), *SHARED.glob("logs/tlog/*.bin")])
MUTANTS = 400


def stamp_of(path):
    return RAW if path.suffix == ".bin" else STAMPED


def assert_same(data, stamp, lanes):
    fast, plain = walk(data, stamp, lanes), Plain(data, stamp).walk()
    assert fast.offsets.tolist() == plain.records
    assert fast.holes == plain.holes
    assert fast.cut == plain.cut
    return fast


@pytest.mark.skipif(not REAL, reason="../shared (real logs) is not here")
@pytest.mark.parametrize("path", by_size(REAL), ids=lambda path: path.name)
def test_lanes_equal_the_sequential_walk_on_real_logs(path):
    data = path.read_bytes()
    for lanes in (None, 1, random.Random(path.name).randrange(2, 4000)):
        assert_same(data, stamp_of(path), lanes)


@pytest.mark.skipif(not REAL, reason="../shared (real logs) is not here")
def test_lanes_equal_the_sequential_walk_on_mutants():
    rng = random.Random(20260101)
    with_holes = 0
    for _ in range(MUTANTS):
        path = rng.choice(REAL)
        data = path.read_bytes()
        start = rng.randrange(max(len(data) - 15_000, 1))
        mutant = wounded(data[start : start + 15_000], rng)
        frames = assert_same(mutant, stamp_of(path), rng.choice((0, 1, 2, 3, 10, 37, 150, 1000)))
        with_holes += bool(frames.holes)
    assert with_holes > MUTANTS / 3


WHOLE = flight(4).bytes
SPLIT = [WHOLE[at:end] for at, end in zip(flight(4).offsets, [*flight(4).offsets[1:], len(WHOLE)], strict=True)]
piece = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(SPLIT),
    st.sampled_from(SPLIT).map(lambda record: record[:-1] + b"\0"),
    st.sampled_from(SPLIT).map(lambda record: record[8:]),
    st.sampled_from([b"\0" * 8 + b"\xfe\xff", b"\0" * 8 + b"\xfd\x10\0\0\0\0\0\xff\xff\xff", b"\xfe" * 30, b"\0" * 9]),
)


@settings(max_examples=examples(250), deadline=None)
@given(st.lists(piece, max_size=60), st.integers(0, 80), st.sampled_from([STAMPED, RAW]))
def test_lanes_equal_the_sequential_walk_on_anything(pieces, lanes, stamp):
    assert_same(b"".join(pieces), stamp, lanes)


@pytest.mark.parametrize("options", [{}, {"first": True}, {"stamped": False}, {"signed": True}], ids=str)
def test_an_intact_log_is_whole(options):
    log = flight(**options)
    frames = walk(log.bytes, STAMPED if log.stamped else RAW)
    assert frames.offsets.tolist() == log.offsets
    assert (frames.holes, frames.cut) == ([], None)
    assert looks_like(log.bytes) == (STAMPED if log.stamped else RAW)


def test_bytes_that_vanish_from_a_record_cost_that_record_alone():
    log = flight()
    at = log.offsets[20]
    hurt = log.bytes[: at + 22] + log.bytes[at + 26 :]
    frames = walk(hurt, STAMPED)
    assert frames.holes == [(at, log.offsets[21] - 4)]
    assert frames.offsets.tolist() == log.offsets[:20] + [offset - 4 for offset in log.offsets[21:]]


def test_junk_between_records_costs_no_record():
    log = flight()
    at = log.offsets[20]
    hurt = log.bytes[:at] + b"\xffjunk\xff" * 50 + log.bytes[at:]
    frames = walk(hurt, STAMPED)
    assert frames.holes == [(at, at + 300)]
    assert len(frames.offsets) == len(log.offsets)


def test_every_cut_off_a_border_is_seen_and_none_on_a_border():
    log = flight(6)
    borders = {*log.offsets, len(log.bytes)}
    for end in range(len(log.bytes) + 1):
        frames = walk(log.bytes[:end], STAMPED)
        assert (frames.cut is None) == (end in borders)
        assert frames.holes == []
        assert frames.offsets.tolist() == [at for at in log.offsets if min(b for b in borders if b > at) <= end]


# ---- tables and checksums


def test_the_tables_are_those_of_pymavlink():
    known = dialect.mavlink_map
    extra = tlog_messages.CRC_EXTRA
    assert {i: int(extra[i]) for i in np.flatnonzero(extra != tlog_messages.UNKNOWN)} == {
        i: m.crc_extra for i, m in known.items()
    }
    assert all(tlog_messages.LONGEST[i] == m.unpacker.size for i, m in known.items())
    assert len(extra) == max(known) + 2


@pytest.mark.parametrize("msg_id", tlog_messages.USED)
def test_the_layouts_are_those_of_pymavlink(msg_id):
    name, dtype = tlog_messages.USED[msg_id]
    message = dialect.mavlink_map[msg_id]
    types = {"B": "u1", "H": "<u2", "I": "<u4", "Q": "<u8", "h": "<i2", "i": "<i4", "f": "<f4", "s": "S"}
    assert message.msgname == name
    assert list(dtype.names) == message.ordered_fieldnames
    assert dtype.itemsize == message.unpacker.size
    codes = "".join(c for c in message.unpacker.format[1:] if not c.isdigit())
    for field, code, count in zip(dtype.names, codes, message.array_lengths, strict=True):
        kind = dtype[field]
        assert kind.base == np.dtype(types[code] + ("50" if code == "s" else ""))
        assert kind.shape == ((count,) if count and code != "s" else ())


@given(st.lists(st.binary(min_size=1, max_size=263), min_size=1, max_size=20), st.integers(0, 255))
def test_checksums_are_those_of_pymavlink(stretches, extra):
    content = np.frombuffer(b"".join(stretches), np.uint8)
    lengths = np.array([len(stretch) for stretch in stretches])
    sums = crc_of(content, np.cumsum(lengths) - lengths, lengths)
    assert sums.tolist() == [x25crc(stretch).crc for stretch in stretches]
    received = np.array([x25crc(stretch + bytes([extra])).crc for stretch in stretches], np.uint16)
    assert definition_byte(sums, received).tolist() == [extra] * len(stretches)
    other = definition_byte(sums, received ^ np.uint16(0x0100))
    assert all(byte != extra for byte in other.tolist())


def _restored(frame: bytes) -> bool:
    """Whether a frame 2 is right once zeros are put back: tried one by one with pymavlink's checksum."""
    known = dialect.mavlink_map[int.from_bytes(frame[7:10], "little")]
    payload, received = frame[10:-2], int.from_bytes(frame[-2:], "little")
    tries = (
        bytes([length]) + frame[2:10] + payload.ljust(length, b"\0") + bytes([known.crc_extra])
        for length in range(len(payload) + 1, known.unpacker.size + 1)
    )
    return any(x25crc(whole).crc == received for whole in tries)


_relayed = st.tuples(st.sampled_from([0, 24, 33, 148, 233]), st.binary(max_size=180), st.integers(0, 60), st.booleans())


@given(st.lists(_relayed, min_size=1, max_size=12))
def test_zeros_that_a_relay_cut_off_are_found_as_by_trying(parts):
    frames = []
    for msg_id, payload, zeros, damaged in parts:
        known = dialect.mavlink_map[msg_id]
        payload = payload[: known.unpacker.size]
        length = min(len(payload) + zeros, known.unpacker.size)
        header = bytes([0, 0, 7, 1, 1]) + msg_id.to_bytes(3, "little")
        sent = x25crc(bytes([length]) + header + payload.ljust(length, b"\0") + bytes([known.crc_extra])).crc
        frames.append(bytes([0xFD, len(payload)]) + header + payload + (sent ^ damaged << 9).to_bytes(2, "little"))
    content = np.frombuffer(b"".join(frames), np.uint8)
    places = np.cumsum([0, *map(len, frames[:-1])])
    found = shortened(content, places, heads_of(content, places))
    assert found.tolist() == [_restored(frame) for frame in frames]


def test_text_and_other_formats_do_not_look_like_mavlink():
    rng = random.Random(20260101)
    for _ in range(loops(300)):
        assert looks_like(rng.randbytes(4096)) is None
    for head in (
        b"",
        b"\xff\xfe^\0C\0:\0\\\0s\0r\0c\0" * 50,
        b"\xa3\x95\x80\x80" * 99,
        b"\xfe" * 5000,
        b"\xfd\0" * 999,
    ):
        assert looks_like(head) is None
    assert looks_like(Tlog().bytes) is None
