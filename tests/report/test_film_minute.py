"""Where in its film a finding stands, and what a log's format is called: held against the files themselves."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dronecheck import check, read
from dronecheck.flight import Source
from dronecheck.readers.csvlog.dialects import dialects
from dronecheck.report.terminal.check import summary
from dronecheck.report.text.log.formats import format_words
from dronecheck.report.text.words import words
from tests.conftest import REPO

SRT = REPO / "samples" / "founding_dandong_sinuiju.SRT"


def test_a_fix_stands_where_its_cue_begins():
    """By the time written in the line before the fix, read here by a pattern alone."""
    lines, track = SRT.read_text("utf-8").splitlines(), read(SRT).track
    for row in (0, 195, len(track) - 1):
        near = "\n".join(lines[int(track.offset[row]) - 3 : int(track.offset[row]) + 1])
        hours, minutes, seconds = re.findall(r"(\d\d):(\d\d):(\d\d,\d{3}) -->", near)[-1]
        at_s = 3600 * int(hours) + 60 * int(minutes) + float(seconds.replace(",", "."))
        assert track.film_s[row] == pytest.approx(at_s, abs=0.05)


def test_the_minute_of_the_film_is_told_and_that_of_no_other_log():
    flight = read(SRT)
    assert re.search(r"at 0:3\d of the film", summary(flight, check(flight), width=100))
    other = read(SRT.with_suffix(".ulg"))
    assert np.isnan(other.track.film_s).all()
    assert "of the film" not in summary(other, check(other), width=100)


@pytest.mark.parametrize("dialect", [each.id for each in dialects()])
def test_each_table_has_a_name_that_people_read(dialect):
    name = format_words(Source(SRT, 1, "0", "csv", dialect, "x"), words("en"))
    assert name.endswith(", CSV")
    assert dialect not in name or "_" not in dialect


def test_what_to_do_next_is_said_where_something_was_found_or_is_open():
    said = {}
    for name in ("founding_dandong_sinuiju.ulg", "bank_hugging_dandong.ulg", "clear_dandong.csv"):
        flight = read(REPO / "samples" / name)
        said[name] = "What now:" in summary(flight, check(flight), width=100)
    assert list(said.values()) == [True, True, False]
