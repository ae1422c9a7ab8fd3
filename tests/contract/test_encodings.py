"""Text logs in UTF-16, and subtitles as WebVTT, give what the same text gives in its usual form: every text format."""

from __future__ import annotations

import re

import numpy as np
import pytest

from dronecheck.readers import offset_unit
from dronecheck.recognition import Kind, recognise
from tests.fuzz.formats import FORMATS, read, shortened

BINARY = {"ulog", "dataflash", "tlog", "dji_txt", "dji_dat", "film"}
ENCODINGS = {
    "marked, little end first": ("utf-16-le", b"\xff\xfe"),
    "marked, big end first": ("utf-16-be", b"\xfe\xff"),
    "little end first": ("utf-16-le", b""),
    "big end first": ("utf-16-be", b""),
}


def same_flight(one, other):
    assert list(one.tracks) == list(other.tracks)
    for name, track in one.tracks.items():
        columns = other.tracks[name].columns()
        for key, column in track.columns().items():
            if key != "offset" or offset_unit(one.source) == "line":
                np.testing.assert_array_equal(column, columns[key])
    assert str(one.clock) == str(other.clock)
    assert (one.completeness, one.source.dialect) == (other.completeness, other.source.dialect)
    assert [(i.code, i.count) for i in one.issues] == [(i.code, i.count) for i in other.issues]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format_", [one for one in FORMATS if one not in BINARY])
def test_a_text_in_utf16_is_the_same_log(format_, encoding):
    codec, mark = ENCODINGS[encoding]
    if format_ == "gpx" and not mark:
        pytest.skip("XML in UTF-16 has its mark: that is asked by the standard")
    plain = shortened(format_, 20_000).decode().lstrip()  # the toy drone's app begins with an empty line
    text = plain.replace('encoding="UTF-8"', 'encoding="UTF-16"')
    data = mark + text.encode(codec)
    assert recognise(data[: 64 << 10], "x") is Kind.LOG
    flight = read(format_, data)
    same_flight(read(format_, plain.encode()), flight)
    assert flight.source.size_bytes == len(data)


@pytest.mark.parametrize("hours", [True, False])
def test_subtitles_as_webvtt_are_the_same_film(hours):
    srt = shortened("srt", 20_000).decode()
    text = re.sub(r"(\d\d:\d\d),(\d\d\d)", r"\1.\2", srt)
    head = (
        "WEBVTT - taken out of the film\nKind: metadata\n\nNOTE\nGPS(1.0,2.0,12) of a comment\n\nSTYLE\n::cue { }\n\n"
    )
    flight = read("srt", (head + (text if hours else re.sub(r"\b00:(\d\d:\d\d\.)", r"\1", text))).encode())
    whole = read("srt", srt.encode())
    assert len(flight.track) == len(whole.track)
    np.testing.assert_array_equal(flight.track.time_ns, whole.track.time_ns)
    np.testing.assert_array_equal(flight.track.lat_deg, whole.track.lat_deg)
    assert set((flight.track.offset - whole.track.offset).tolist()) == {head.count("\n")}
    assert [(i.code, i.count) for i in flight.issues] == [(i.code, i.count) for i in whole.issues]
