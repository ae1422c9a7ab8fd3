"""A file of which parts are at hand: what is there is read as it is, all else is noted and brought in whole blocks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dronecheck.containers.partial import PartialBytes, missing_ranges

SIZE = 20_000
PLACES = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(PLACES, max_size=5), st.lists(PLACES, max_size=5))
def test_what_was_wanted_and_is_brought_is_then_read_without_a_want(tmp_path_factory, asked, held_first):
    whole = bytes(i * 31 % 251 + 1 for i in range(SIZE))
    path = tmp_path_factory.mktemp("p") / "film"
    held = missing_ranges(held_first, (), SIZE, SIZE * 2)
    for _ in range(2):
        there = bytearray(SIZE)
        for begin, end in held:
            there[begin:end] = whole[begin:end]
        path.write_bytes(there)
        data = PartialBytes(path, SIZE, held)
        got = [data[begin:end] for begin, end in asked]
        wanted = list(data.wanted)
        data.close()
        if not wanted:
            break
        more = missing_ranges(wanted, held, SIZE, SIZE * 2)
        assert all(begin % 4096 == 0 and (end % 4096 == 0 or end == SIZE) for begin, end in more)
        held = merged([*held, *more])
    assert not wanted
    assert got == [whole[begin:end] for begin, end in asked]


def merged(ranges):
    found = []
    for begin, end in sorted(ranges):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def test_no_more_is_wanted_than_may_be_brought():
    assert sum(end - begin for begin, end in missing_ranges([(0, 1 << 40)], (), 1 << 40, 32 << 20)) == 32 << 20
    assert missing_ranges([(0, 100)], [(0, 4096)], 1 << 40, 32 << 20) == []
    assert missing_ranges([(0, 100)], (), 1 << 40, 0) == []


def test_it_is_indexed_as_bytes_are(tmp_path):
    path = tmp_path / "film"
    path.write_bytes(bytes(range(200)))
    data = PartialBytes(path, 200, [(0, 200)])
    assert (data[0], data[-1], data[5:2], data[190:900], data[10:20:3]) == (
        0,
        199,
        b"",
        bytes(range(190, 200)),
        b"\n\r\x10\x13",
    )
    assert (len(data), data.find(b"\x64"), data.find(b"\x64", 101), data.wanted) == (200, 100, -1, [])
    data.close()
    data.close()
