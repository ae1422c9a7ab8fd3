"""The fast lane gives the very flight of the exact way, on regular tables and on any damage; or it steps aside."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.readers.csvlog import fast_table as csv_arrow
from dronecheck.readers.csvlog import table as csv_table
from tests.readers.csv_samples import DATCON, FLIGHT_READER, SAMPLES, UGCS, YUNEEC_REMOTE, read
from tests.support.scale import examples

CELLS = st.sampled_from(
    [
        "0",
        "1",
        "-0",
        "+1.5",
        ".5",
        "5.",
        "1e5",
        "1e400",
        "1E-320",
        "nan",
        "NaN",
        "nan(x)",
        "inf",
        "-Infinity",
        "0x10",
        "1_0",
        "47.123456789012345678",
        "124.3000001",
        " 12 ",
        "N/A",
        "null",
        "True",
        "false",
        "6/13/2025",
        "3:34:35.30 PM",
        "Low light",
        "Zürich",
        "a b",
        "",
        "",
        "",
        "1,5",
        '"Low, light"',
        '"1.5"',
        '"1,5"',
        '""',
        '"say ""no"""',
        '" 7"',
        'a"b',
        '"a"b',
        '"a" ',
        '"open',
    ]
)
LINE_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "\r", "\n,\n", '\n"\n', "\0\n", ""])
ODD_CELLS = ['"quoted"', '"a,b"', '"open', "a\0b", "a\rb", '"two\nlines"', "x,y"]


def lanes(text):
    """Reads a text by both lanes, compares, and says whether the fast one was taken."""
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_arrow, "FROM_BYTES", 1 << 62)
        exact = read(data)
        patch.setattr(csv_arrow, "FROM_BYTES", 1)
        same(read(data), exact)
        return csv_table.read_regular(data) is not None


def same(fast, exact):
    assert list(fast.tracks) == list(exact.tracks)
    for name, track in fast.tracks.items():
        for key, column in track.columns().items():
            np.testing.assert_array_equal(column, exact.tracks[name].columns()[key], err_msg=f"{name} {key}")
    for key in ("primary", "completeness", "home", "vehicle", "events", "issues"):
        assert repr(getattr(fast, key)) == repr(getattr(exact, key)), key
    assert repr(fast.clock) == repr(exact.clock)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_and_all_their_cuts(name):
    data = SAMPLES[name].encode()
    lanes(data)
    for cut in range(1, 40):
        lanes(data[: len(data) - cut])


@pytest.mark.parametrize("text", [FLIGHT_READER, DATCON, UGCS, YUNEEC_REMOTE, FLIGHT_READER.replace("\n", "\r\n")])
def test_regular_files_take_the_fast_lane(text):
    assert lanes(text)
    assert lanes(text.replace(",", "\t"))


@pytest.mark.parametrize("cell", ['"quoted"', '"a,b"', '""', '"say ""no"""'])
def test_cells_wholly_in_quotes_take_the_fast_lane(cell):
    assert lanes(FLIGHT_READER.replace("P-GPS", cell, 1))


@pytest.mark.parametrize("cell", ['"open', 'a"b', '"a"b', '"two\nlines"'])
def test_other_quotes_do_not(cell):
    assert not lanes(FLIGHT_READER.replace("P-GPS", cell, 1))


@pytest.mark.parametrize("cell", ODD_CELLS)
def test_what_is_not_regular_takes_the_exact_way(cell):
    lines = FLIGHT_READER.replace("P-GPS", cell, 1)
    lanes(lines)
    assert lanes(FLIGHT_READER.replace("P-GPS", "Zürich", 1))
    for damaged in (
        FLIGHT_READER.replace("P-GPS", "Zürich", 1),
        FLIGHT_READER.replace("APP.tip", "é"),
        FLIGHT_READER + "é",
    ):
        assert not lanes(damaged.encode("latin-1"))
    assert lanes("\ufeff" + FLIGHT_READER)


@settings(max_examples=examples(120), deadline=None)
@given(rows=st.lists(st.tuples(st.lists(CELLS, min_size=12, max_size=12), LINE_ENDS), max_size=6))
def test_random_tables(rows):
    lanes(UGCS + "".join(",".join(cells) + end for cells, end in rows))


def test_random_bytes_in_regular_files():
    source = random.Random(3)
    for _ in range(200):
        mutant = bytearray(FLIGHT_READER.encode())
        start = mutant.index(b"6/13")
        for _ in range(source.randrange(1, 4)):
            mutant[source.randrange(start, len(mutant))] = source.choice(b'0123456789.,"\n\r\0-eE \xff\xc3;')
        lanes(bytes(mutant))
