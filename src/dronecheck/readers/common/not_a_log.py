"""Files that are not (yet) read: say what each is and what to do, in one line."""

from __future__ import annotations

from dronecheck.errors import UnreadableInput
from dronecheck.readers.common.text import as_utf8
from dronecheck.safe.io import plain

__all__ = ["OTHER_THINGS", "UNKNOWN", "refusal"]

# Codes of refusals, here and in the readers, that say what a file is instead of a log; with any other code it may be a
# log that is damaged.
OTHER_THINGS = frozenset(
    {"ass", "executable", "geotag_list", "heic", "html", "jpeg", "json", "kml", "mission_plan", "pdf", "png", "srt"}
    | {"video", "xml"}
)
UNKNOWN = ("unknown_format", "unknown_table")  # codes that say nothing of what a file is

# names of members of an archive
_WORKBOOKS = (b"xl/workbook", b"xl/worksheets", b"xl/_rels", b"xl/styles", b"opendocument.spreadsheet")

_NOT_YET = "is not read by this version; `dronecheck formats` lists what is"

# where DJI's apps keep what can be read instead
_DJI_RECORDS = (
    "check the app's DJIFlightRecord_*.txt (Android/data/dji.go.v5/files/FlightRecord, "
    "DJI/com.dji.industry.pilot/FlightRecord; iOS: DJI Fly/FlightRecords)"
)

# (first bytes, code, what it is and what to do)
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"version https://git-lfs", "git_lfs_pointer",
     "a Git LFS pointer, not the log itself; run `git lfs pull` where it came from and check the real file"),
    (b"\xa3\x95", "dataflash_headless",
     "an ArduPilot DataFlash log without the definitions at its beginning; copy it again from the vehicle"),
    (b"ULogEnc", "ulog_encrypted",
     "an encrypted PX4 log (ULogEnc); decrypt it with its private key (PX4's decrypt_ulog.py) and check the .ulg"),
    (b"LOGH", "dji_dat_encrypted",
     f"a DJI aircraft's own log (LOGH), encrypted so that only DJI can read it; {_DJI_RECORDS}"),
    (b"\x70\x00\x80\x00\x01\x04", "dji_assistant_log",
     f"a log for DJI's service (fc_log.log, *.log.txt of DJI Assistant): encrypted, no flight record; {_DJI_RECORDS}"),
    (b"MATLAB ", "matlab", "a MATLAB file (.mat) made from a log; check the log itself (.bin, .ulg, .tlog)"),
    (b"H Product:Blackbox", "blackbox",
     "a Blackbox log (Betaflight, INAV), which is not read; export its track as GPX (blackbox_decode)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "spreadsheet",
     "an Excel workbook of the old kind (.xls), or another Office file; save the table as CSV"),
    (b"PK\x03\x04", "zip", "a ZIP archive; unpack it and check the log inside"),
    (b"\x1f\x8b", "gzip", "a gzip file; unpack it (gunzip) and check the log inside"),
    (b"\x28\xb5\x2f\xfd", "zstd", "a Zstandard file; unpack it (unzstd) and check the log inside"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "a 7-Zip archive; unpack it and check the log inside"),
    (b"\xff\xd8\xff", "jpeg", "a JPEG picture, not a flight log; export the flight's log as CSV"),
    (b"\x89PNG", "png", "a PNG picture, not a flight log"),
    (b"%PDF", "pdf", "a PDF document, not a flight log"),
    (b"SQLite format 3", "sqlite", "an SQLite database, not a flight log; export the flight as CSV"),
    (b"\x7fELF", "executable", "a program, not a flight log"),
    (b"MZ", "executable", "a program, not a flight log"),
)  # fmt: skip


def refusal(head: bytes, name: str) -> UnreadableInput:
    """Return the error for an input that no reader claims, as precise as its first bytes (at most 64 KiB) allow."""
    if head.startswith(b"PK") and any(mark in head for mark in _WORKBOOKS):
        return UnreadableInput("spreadsheet", "an Excel workbook or another spreadsheet; save its table as CSV")
    for magic, code, what in _MAGIC:
        if head.startswith(magic):
            return UnreadableInput(code, what)
    if head[:1] in (b"\0", b"\xff") and head.count(head[0]) == len(head):
        what = "zeros" if head[0] == 0 else "FF bytes"
        text = f"nothing but {what} in its first {len(head):,} bytes: the card was never written there, or is erased"
        return UnreadableInput("blank", f"{text}; copy it again from the vehicle")
    if head[4:8] == b"ftyp":  # a film's is read
        return UnreadableInput("heic", "a picture (HEIC, AVIF), not a flight log; export the flight's log as CSV")
    if len(head) < 16:
        return UnreadableInput("too_short", f"only {len(head)} bytes; no flight log is that short")
    return _text_refusal(head, name)


def _text_refusal(head: bytes, name: str) -> UnreadableInput:
    head = bytes(as_utf8(head))
    text = head[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if b"<kml" in text:
        return UnreadableInput("kml", "a KML file: a drawing; export the flight's own log, or its track as GPX")
    if text.startswith(b"<?xml"):
        return UnreadableInput("xml", f"an XML file, which {_NOT_YET}")
    if b"$gprmc," in text or b"$gngga," in text or b"$gpgga," in text:
        return UnreadableInput("nmea", f"the sentences of a satellite receiver (NMEA 0183), which {_NOT_YET}")
    if text.startswith((b"<!doctype html", b"<html")):
        return UnreadableInput("html", "a web page, not a flight log; perhaps a download that needed a login")
    if text.startswith(b"[script info]"):
        what = "subtitles (.ASS), as Autel cameras write them" if b"gps(" in text else "subtitles (.ASS)"
        return UnreadableInput("ass", f"{what}: not read by this version; export the flight's own log from the app")
    if text.startswith((b"{", b"[")):
        return UnreadableInput("json", f"a JSON file, which {_NOT_YET}")
    if text.startswith((b"1\n00:", b"1\r\n00:")):
        return UnreadableInput("srt", "subtitles without a camera's telemetry; no flight log")
    if text.startswith(b"webvtt"):
        return UnreadableInput("srt", "subtitles (WebVTT) without a camera's telemetry; no flight log")
    first = text.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    printable = all(byte in b"\t\r\n" or byte >= 32 for byte in head[:4096])
    if printable and "latitude,longitude" in first and "curvesize" in first:
        return UnreadableInput("mission_plan", "a Litchi mission: a plan, not a log of what was flown")
    if printable and ",mavlink_" in first:
        return UnreadableInput(
            "table_of_a_log", "a telemetry log that Mission Planner wrote as CSV; check the .tlog itself"
        )
    if printable and ("," in first or ";" in first or "\t" in first):
        return UnreadableInput(
            "unknown_table", f"a text table of an unknown layout (it begins {plain(first, 60)!r}); {_ADVICE}"
        )
    return UnreadableInput("unknown_format", f"no flight log format known to dronecheck; {_ADVICE}")


_ADVICE = "`dronecheck formats` lists what is read"
