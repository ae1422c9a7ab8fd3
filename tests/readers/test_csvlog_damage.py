"""Cut and damaged real CSV logs: the exact prefix, never a wrong last point, every loss said, no other exception."""

import random
from pathlib import Path

import numpy as np
import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from tests.readers.csv_samples import SAMPLES, read
from tests.support.growth import assert_linear
from tests.support.scale import loops

LOGS = Path(__file__).resolve().parents[2].parent / "shared" / "logs" / "dji_csv"
CUT = (
    "swardiantara__LogNexus__DJIFlightRecord_2025-06-27_[03-31-40].csv",
    "unhcfreg__DROP__2016-09-15_13-51-19_Standard.csv",
    "dronedeploy__flight-log-parser__pixel2-inspire2.log",
)
FIRST_SECOND_ROWS = 12  # within it, the change of second that anchors the clock has not come


def log(name):
    path = LOGS / name
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return path.read_bytes()


def cuts_of(data, rng):
    borders = [i + 1 for i, byte in enumerate(data) if byte == 10]
    near = [border for place in rng.sample(range(len(borders)), 5) for border in borders[place : place + 1]]
    return sorted(
        {rng.randrange(1, len(data)) for _ in range(loops(300))}
        | {n + d for n in near for d in (-2, -1, 0, 1) if n + d}
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", CUT)
def test_a_cut_log_gives_the_exact_prefix_and_says_so(name):
    data = log(name)
    whole = read(data, name).track
    first_row = int(whole.offset[0])
    for cut in cuts_of(data, random.Random(20260101)):
        piece = data[:cut]
        try:
            flight = read(piece, name)
        except UnreadableInput:
            assert piece.count(b"\n") < first_row, f"cut at {cut}"
            continue
        track, size = flight.track, len(flight.track)
        # Every whole line is read, and nothing of the line that was cut.
        assert size == int(np.sum(whole.offset <= piece.count(b"\n"))), f"cut at {cut}"
        for column in ("lat_deg", "lon_deg", "offset", "alt_home_m", "alt_amsl_m", "speed_mps", "h_sigma_m"):
            np.testing.assert_array_equal(getattr(track, column), getattr(whole, column)[:size], err_msg=str(cut))
        if size > FIRST_SECOND_ROWS:
            np.testing.assert_array_equal(track.time_ns, whole.time_ns[:size])
        elif size:
            assert np.abs(track.time_ns - whole.time_ns[:size]).max() < 10**9
        codes = {issue.code.value for issue in flight.issues}
        if not piece.endswith(b"\n"):
            assert "line_cut_short" in codes, f"cut at {cut}"
        if b"#Flight Recorder Session End" not in piece and name.startswith("dronedeploy"):
            assert flight.completeness is Completeness.TRUNCATED


def mutate(data, rng):
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(out))
        kind = rng.randrange(8)
        if kind == 0:
            out[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[at : at + rng.randint(1, 200)] = b""
        elif kind == 2:
            out[at:at] = rng.randbytes(rng.randint(1, 50))
        elif kind == 3:
            out[at : at + 20] = bytes(20)
        elif kind == 4:
            out[at : at + 20] = b"\xff" * 20
        elif kind == 5:
            out[at:at] = rng.choice([b",", b'"', b"\n", b";", b"\t", b"\r", b"-", b"e99", b"9" * 400, b"nan", b"1e308"])
        elif kind == 6:
            other = rng.randrange(len(out))
            out[at : at + 30], out[other : other + 30] = out[other : other + 30], out[at : at + 30]
        else:
            del out[at:]
        if not out:
            break
    return bytes(out)


@pytest.mark.parametrize("name", SAMPLES)
def test_mutants_of_the_samples_raise_nothing_else(name):
    rng = random.Random(f"20260101 {name}")
    data = SAMPLES[name].encode()
    for _ in range(loops(300)):
        try:
            flight = read(mutate(data, rng))
        except UnreadableInput:
            continue
        assert (np.diff(flight.track.time_ns) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", CUT)
def test_mutants_of_real_logs_raise_nothing_else(name):
    rng = random.Random(20260101)
    data = log(name)[:60_000]
    for _ in range(loops(100)):
        try:
            flight = read(mutate(data, rng), name)
        except UnreadableInput:
            continue
        assert (np.diff(flight.track.time_ns) > 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("line", [b",", b'"\n', b'a,"b""\n', b'a,"\n', b"1,2,3\n", b"\n", b'""\n', b"\0", b"9" * 50])
def test_time_is_linear_in_hostile_input(line):
    head = SAMPLES["healthydrones"].encode()
    assert_linear(lambda data: read(head + data), lambda size: line * (size // len(line)), 1 << 16, 1 << 19)
