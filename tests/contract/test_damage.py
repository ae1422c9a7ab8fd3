"""Damaged and cut files of every format: what is lost or changed is said. `make damage` does the same at length."""

from __future__ import annotations

import pytest

from dronecheck.readers import READERS, load
from tests.fuzz import damage, truncation
from tests.fuzz.formats import FORMATS, read, sample, shortened
from tests.support.scale import loops

SEED = 20261123
CHECKED = ("tlog",)  # every record of these has a checksum


def test_every_reader_is_damaged_here():
    read_by = {read(format_, shortened(format_, 8_000)).source.format for format_ in FORMATS}
    assert read_by == {load(name).NAME for name in READERS}


@pytest.mark.parametrize("format_", FORMATS)
def test_damaged_files_say_what_they_lost(format_):
    files = loops(1_000, 150)
    data = shortened(format_, len(sample(format_)) // 5)
    # Cuts have a test of their own: at a record's end and on the ground they cannot be seen.
    mutators = tuple(one for one in damage.MUTATORS if one is not damage.cut_short)
    found = damage.tally(format_, files, SEED, data, mutators)
    assert found.changed > files / 4, "most damage must matter, or this proves nothing"
    assert found.refused <= 0.02 * files
    # What stays silent is one figure changed by less than any drone could fly.
    assert found.told >= (1.0 if format_ in CHECKED else 0.97), found.silent
    assert found.wrong_silent <= (0 if format_ in CHECKED else 0.001 * found.points)
    assert found.off_m < 30
    assert found.lost_silent <= 2


@pytest.mark.parametrize("format_", FORMATS)
def test_a_cut_file_gives_the_beginning_of_the_track_and_says_so(format_):
    found = truncation.tally(format_, loops(30, 10), loops(60, 15), SEED)
    assert found.cuts >= loops(145, 40)
    assert not found.wrong
    assert not found.silent
    assert found.refused <= 15, "only cuts before the first fix may leave nothing to read"
    assert found.flying >= loops(15, 4) or format_ == "gpx"
