"""The DataFlash reader on real logs, cut and damaged."""

import random
from functools import cache

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Severity
from dronecheck.readers import dataflash
from tests.conftest import SHARED
from tests.readers.test_dataflash import TEXT, px4_log, read
from tests.support.dataflash_writer import flight, raw_fmt
from tests.support.scale import loops
from tests.support.wounds import torn

REAL = sorted(
    path
    for folder in ("dataflash_bin", "dataflash_log")
    for path in SHARED.glob(f"logs/{folder}/*")
    if path.stat().st_size < 1_000_000
)
SMALL = SHARED / "logs" / "dataflash_bin" / "PyFlightCoach__FlightData__center_0003.bin"
needs_logs = pytest.mark.skipif(not SMALL.is_file(), reason="../shared (real logs) is not here")


@cache
def whole(path):
    data = path.read_bytes()
    return data, read(data)


@needs_logs
def test_a_cut_log_gives_the_exact_prefix_and_says_so():
    data, full = whole(SMALL)
    rng = random.Random(4)
    lengths = {"GPS": 51, "POS": 31}
    near = [at + 51 + d for at in full.tracks["gnss"].offset[::8].tolist() for d in (-51, -1, 0, 1, 2)]
    for cut in {*near, *(rng.randrange(60_000, len(data)) for _ in range(loops(120)))}:
        found = read(data[:cut])
        assert found.completeness in (Completeness.COMPLETE, Completeness.TRUNCATED)
        for name, track in full.tracks.items():
            complete = track.offset + lengths[track.message] <= cut
            have = found.tracks.get(name)
            for column in ("lat_deg", "lon_deg", "offset"):
                expected = getattr(track, column)[complete]
                assert np.array_equal(getattr(have, column) if have else np.zeros(0), expected)
        ends_at_a_record = bool(np.isin(cut, full.tracks["gnss"].offset))
        if ends_at_a_record:
            assert found.completeness is Completeness.COMPLETE
    assert read(data[: int(full.tracks["gnss"].offset[50]) + 20]).completeness is Completeness.TRUNCATED


@needs_logs
def test_any_bytes_give_a_flight_or_unreadable_input():
    rng = random.Random(20260101)
    sources = [path.read_bytes() for path in REAL] + [flight(60).bytes, TEXT.encode(), px4_log().bytes]
    flights = 0
    for _ in range(loops(400)):
        try:
            found = read(torn(rng.choice(sources), rng, 15_000))
        except UnreadableInput as error:
            assert "\n" not in str(error)
            continue
        flights += 1
        assert all(np.isfinite(track.lat_deg).all() for track in found.tracks.values())
    assert flights > loops(250)


@needs_logs
def test_lost_points_are_said():
    data, full = whole(SMALL)
    rng = random.Random(7)
    lost = silent = 0
    for _ in range(loops(300)):
        try:
            found = read(torn(data, rng, 15_000))
        except UnreadableInput:
            continue
        if sum(map(len, found.tracks.values())) < sum(map(len, full.tracks.values())):
            lost += 1
            silent += not {Severity.DAMAGE} & {issue.severity for issue in found.issues}
    assert lost > loops(100)
    assert silent <= 0.02 * lost


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
