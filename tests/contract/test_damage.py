"""The three promises about damage, for every format, on its sample and on real logs.

Any bytes give a flight or a refusal in one line; a cut file gives the beginning of the track and says so; what is lost
or changed is said. What is special to a format's framing stands with its reader's tests. `make damage` does the same at
length.
"""

from __future__ import annotations

import random
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from dronecheck.errors import UnreadableInput
from dronecheck.readers import READERS, choose, load
from dronecheck.safe.io import Input
from tests.fuzz import damage, truncation
from tests.fuzz.formats import FORMATS, LOCKED, LOGS, REAL_LOGS, is_here, read, sample, shortened
from tests.readers import csv_samples, test_dataflash, test_gpx_more
from tests.support import dataflash_writer, tlog_writer, ulog_writer
from tests.support.scale import loops

SEED = 20261123
CHECKED = ("tlog", "real tlog", "real tlog of a submarine", "real mavlink")  # every record of these has a checksum
FRAMED = ("real ulog", "real dataflash", *CHECKED)
# Cuts have a test of their own: at a record's end and on the ground they cannot be seen.
ONE_WOUND = tuple(one for one in damage.MUTATORS if one is not damage.cut_short)
LARGEST_BYTES = 1_600_000  # of the real logs that are damaged at random

MADE = {
    "ulog": [ulog_writer.flight(60).bytes],
    "dataflash": [dataflash_writer.flight(60).bytes, test_dataflash.TEXT.encode(), test_dataflash.px4_log().bytes],
    "tlog": [tlog_writer.flight(60).bytes],
    "gpx": [test_gpx_more.WHOLE],
}


def needed(format_: str) -> None:
    """Skip where the real log is absent."""
    if not is_here(format_):
        pytest.skip("../shared (real logs) is not here")


def test_every_reader_is_damaged_here():
    read_by = {read(format_, shortened(format_, 8_000)).source.format for format_ in FORMATS}
    assert read_by == {load(name).NAME for name in READERS}


@pytest.mark.parametrize("format_", [*FORMATS, *LOCKED])
def test_damaged_files_say_what_they_lost(format_):
    files = loops(1_000, 80)
    data = shortened(format_, len(sample(format_)) // 5)
    found = damage.tally(format_, files, SEED, data, ONE_WOUND)
    assert not found.unsound
    assert found.changed > files / 4, "most damage must matter, or this proves nothing"
    assert found.refused <= 0.02 * files
    # What stays silent is one figure changed by less than any drone could fly.
    assert found.told >= (1.0 if format_ in CHECKED else 0.999 if format_ in LOCKED else 0.97), found.silent
    assert found.wrong_silent <= (0 if format_ in CHECKED else 0.001 * found.points)
    assert found.off_m < (2 if format_ == "dji_txt" else 30)
    assert found.lost_silent <= 2


@pytest.mark.parametrize("format_", REAL_LOGS)
def test_damaged_real_logs_say_what_they_lost(format_):
    needed(format_)
    files = loops(200, 20)
    found = damage.tally(format_, files, SEED, None, ONE_WOUND + (damage.scratch_once,) * len(ONE_WOUND))
    assert not found.unsound
    assert found.shorter > files / 12
    assert found.refused <= 0.02 * files
    assert found.told >= (1.0 if format_ in CHECKED else 0.97), found.silent
    assert found.wrong_silent <= (0 if format_ in CHECKED else 0.001 * found.points)
    assert found.off_m < 30
    assert found.lost_silent <= 2
    if format_ in CHECKED:
        assert (found.astray, found.shorter_light) == (0, 0)


@pytest.mark.parametrize("format_", REAL_LOGS)
def test_real_logs_with_many_wounds_say_that_points_are_lost(format_):
    """What cannot be told: a span cut out, or the end, so that two records of one kind fit together again."""
    needed(format_)
    files = loops(400, 50 if format_ == "real ulog" else 20)
    found = damage.tally(format_, files, SEED, None, (damage.tear,))
    assert not found.unsound
    assert found.shorter > 0.4 * files
    assert found.shorter_silent <= 0.005 * found.shorter
    if format_ in FRAMED:
        assert found.shorter_light <= 1 + 0.02 * found.shorter


@cache
def real_logs() -> dict[str, list[bytes]]:
    """The real logs by the name of their reader; none without ../shared."""
    found = defaultdict(list)
    for path in sorted(LOGS.glob("*/*")):
        if 100 < path.stat().st_size < LARGEST_BYTES:
            data = path.read_bytes()
            try:
                found[choose(data[: 1 << 16], path.name).__name__.rpartition(".")[2]].append(data)
            except UnreadableInput:
                continue
    return found


def readings(reader: str, mutants: list[bytes]) -> tuple[int, list[str]]:
    """How many of these files the reader itself, unasked whether it knows them, gives a flight of; what is odd."""
    flights, odd = 0, []
    for mutant in mutants:
        try:
            flight = load(reader).read(Input(Path("made"), mutant, "0"))
        except UnreadableInput as error:
            odd += [str(error)] if "\n" in str(error) or not error.code else []
            continue
        flights += 1
        odd += damage.oddities(flight)
    return flights, odd


@pytest.mark.parametrize("reader", READERS)
def test_any_bytes_give_a_flight_or_one_line(reader):
    rng, files = random.Random(f"{SEED} {reader}"), loops(400, 40)
    own = [one for one in FORMATS if read(one, shortened(one, 30_000)).source.format == load(reader).NAME]
    sources = real_logs()[reader] + MADE.get(reader, []) + [shortened(one, 30_000) for one in own]
    mutants = [damage.MANY[turn % 2](rng, rng.choice(sources)) for turn in range(files)]
    flights, odd = readings(reader, mutants)
    assert not odd
    assert flights > 0.75 * files


@pytest.mark.parametrize("dialect", csv_samples.SAMPLES)
def test_any_bytes_in_a_csv_dialect_give_a_flight_or_one_line(dialect):
    rng, data = random.Random(f"{SEED} {dialect}"), csv_samples.SAMPLES[dialect].encode()
    assert not readings("csvlog", [damage.scratch(rng, data) for _ in range(loops(300))])[1]


@pytest.mark.parametrize("format_", [*FORMATS, *LOCKED, *REAL_LOGS])
def test_a_cut_file_gives_the_beginning_of_the_track_and_says_so(format_):
    needed(format_)
    found = truncation.tally(format_, loops(60, 5), loops(120, 10), SEED)
    assert found.cuts >= loops(145, 25)
    assert not found.wrong
    assert not found.silent
    # Only cuts before the first fix may leave nothing to read; a short real log has its first late.
    assert found.refused <= (found.cuts / 5 if format_ in REAL_LOGS else 15)
    assert found.flying >= loops(15, 2) or format_ == "gpx" or format_ in REAL_LOGS
