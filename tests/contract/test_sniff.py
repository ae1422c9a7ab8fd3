"""Choosing a reader by content: over all readers and all real files, without naming either."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dronecheck import readers
from dronecheck.errors import UnreadableInput
from dronecheck.readers import READERS, choose, load
from dronecheck.readers.common import not_a_log as foreign
from dronecheck.safe.io import Input
from tests.support.scale import loops

MODULES = [load(name) for name in READERS]


def real_files(shared):
    return sorted(p for p in (shared / "logs").rglob("*") if p.is_file() and p.name != "MANIFEST.csv")


def test_every_real_file_has_one_reader_or_a_refusal_that_says_what_it_is(shared):
    claimed, refused = 0, {}
    for path in real_files(shared):
        head = path.read_bytes()[: 64 << 10]
        scores = sorted((m.sniff(head, path.name) for m in MODULES), reverse=True)
        assert all(0 <= s <= 100 for s in scores)
        if scores[0] > 0:
            assert scores[0] >= 80, (path.name, scores)
            assert all(s <= 20 for s in scores[1:]), (path.name, scores)
            claimed += 1
        elif head:
            with pytest.raises(UnreadableInput) as caught:
                choose(head, path.name)
            assert "\n" not in caught.value.message
            refused.setdefault(caught.value.code, []).append(path.name)
    assert claimed >= 80
    assert len(refused["git_lfs_pointer"]) == 5
    assert "jpeg" in refused
    assert not {code for code in refused if code.startswith(("dataflash", "tlog"))}


def test_content_beats_the_name(shared):
    for path in sorted((shared / "logs/ulog").glob("*.ulg"))[:3]:
        head = path.read_bytes()[: 64 << 10]
        for name in ("flight.csv", "x.txt", "", "a" * 300):
            assert choose(head, name).NAME == "ulog"


SIZES = (0, 1, 2, 7, 15, 16, 100, 300, 1000, 4096)
NAMES = ("x.csv", "x.bin", "x.tlog", "x.ulg", "DJIFlightRecord_2024-09-01_[14-55-49].txt", "x.srt", "x.gpx", "x.igc")


@pytest.mark.parametrize("part", range(4))
def test_random_blobs_belong_to_nobody(part):
    source = random.Random(20260101 + part)
    for number in range(loops(25_000, 1_000)):
        blob = source.randbytes(SIZES[number % len(SIZES)])
        name = NAMES[number % len(NAMES)]
        assert not any(m.sniff(blob, name) for m in MODULES), blob[:40]
        if number % 10 == 0:
            assert isinstance(foreign.refusal(blob, name), UnreadableInput)


@pytest.mark.parametrize("part", range(4))
def test_random_text_belongs_to_nobody(part):
    source = random.Random(part)
    alphabet = '0123456789.,;:-+ \t\r\nabcABC"$[](){}<>/'
    for number in range(loops(5_000, 200)):
        blob = "".join(source.choices(alphabet, k=SIZES[number % len(SIZES)] // 4)).encode()
        assert not any(m.sniff(blob, "x.txt") for m in MODULES), blob[:40]


def test_every_cut_of_a_head_is_sniffed_without_an_error(shared):
    for path in real_files(shared):
        head = path.read_bytes()[:3000]
        for cut in (*range(0, min(len(head), 200), 7), *range(200, len(head), 501)):
            for module in MODULES:
                assert 0 <= module.sniff(head[:cut], path.name) <= 100


def test_a_tie_names_both(monkeypatch):
    monkeypatch.setattr(readers, "load", lambda name: type("R", (), {"NAME": name, "sniff": lambda *_: 90}))
    with pytest.raises(UnreadableInput) as caught:
        choose(b"x" * 100, "x")
    assert caught.value.code == "ambiguous_format"
    for name in READERS:
        assert name in caught.value.message


def test_a_mark_of_its_own_decides_at_once(monkeypatch):
    asked = []
    marked = READERS[1]

    def sniff(name):
        asked.append(name)
        return readers.CERTAIN if name == marked else 90

    monkeypatch.setattr(readers, "load", lambda name: type("R", (), {"NAME": name, "sniff": lambda *_: sniff(name)}))
    chosen = choose(b"x" * 100, "x")
    assert (chosen.NAME, asked) == (marked, list(READERS[:2]))


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "git_lfs_pointer"),
        (b"PK\x03\x04" + bytes(100), "zip"),
        (b"\xa3\x95\x82" + bytes(50), "dataflash_headless"),
        (b"<html><body>login", "html"),
        (b'{"a": 1}' + b" " * 20, "json"),
        (b"1\n00:00:01,000 --> 00:00:02,000\nWhere is the drone?\n\n", "srt"),
        (b"a", "too_short"),
        (b"ULogEnc\x01" + bytes(range(200)), "ulog_encrypted"),
        (b"MATLAB 5.0 MAT-file, Platform: PCWIN64" + bytes(100), "matlab"),
        (b"LOGH" + bytes(range(200)), "dji_dat_encrypted"),
        (b"\x70\x00\x80\x00\x01\x04" + bytes(range(200)), "dji_assistant_log"),
        (b"H Product:Blackbox flight data recorder by Nicholas Sherlock\nH Data version:2\n", "blackbox"),
        (bytes(20_000), "blank"),
        (b"\xff" * 64, "blank"),
        (
            b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml" + bytes(900) + b"PK\x03\x04..xl/workbook.xml",
            "spreadsheet",
        ),
        (b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "spreadsheet"),
        (
            b"[Script Info]\nTitle: telemetry\n\n[Events]\nDialogue: 0,0:00:00.00,0:00:01.00,,GPS(E: 8.5, N: 47.4)\n",
            "ass",
        ),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nWhere is the drone?\n\n", "srt"),
        (
            b"5/1/2026 12:00:00 PM,FE,1E,0,1,1,18,mavlink_gps_raw_int_t,time_usec,306016000,lat,474000000\n",
            "table_of_a_log",
        ),
        ("name,age\nx,1\ny,2\n".encode("utf-16"), "unknown_table"),
        (b"name,age\nx,1\ny,2\n", "unknown_table"),
        (b"latitude,longitude,altitude(m),heading(deg),curvesize(m),rotationdir\n1,2,3,4,5,6\n", "mission_plan"),
    ],
)
def test_refusals_say_what_it_is_and_what_to_do(head, code):
    error = foreign.refusal(head, "x")
    assert error.code == code
    assert len(error.message) < 300


def test_texts_without_definitions_or_of_another_program_are_named_by_their_reader():
    fixes = b"".join(b"GPS, %d, 3, 100000000, 2417, 14, 0.80, 47.0000000, 8.0000000, 400.00\n" % i for i in range(9))
    planner = (
        b"FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns\n"
        b"FMT, 33, 47, GLOBAL_POSITION_INT, QiiiihhhH, time_boot_ms,lat,lon,alt,relative_alt,vx,vy,vz,hdg\n"
        b"GLOBAL_POSITION_INT, 0, 474000000, 85000000, 400000, 0, 300, 400, 0, 9000\n"
    )
    for data, code in ((fixes, "no_content"), (planner, "tlog_as_text")):
        with pytest.raises(UnreadableInput) as caught:
            readers.read_input(Input(Path("x.log"), data, ""))
        assert caught.value.code == code
