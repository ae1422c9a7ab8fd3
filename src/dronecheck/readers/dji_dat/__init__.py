"""DJI's log of the aircraft as the controller keeps it beside the flight records (MCDat, FLYnnn.DAT)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "dji_dat"
TITLE = "DJI controller log (MCDatFlightRecords, FLY*.DAT)"
IS_TEXT = False
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".dat",)
RECORDS_ARMING = False

BUILD, BUILD_AT = b"BUILD", 16  # and behind it when the aircraft's firmware was built
RECORDS_AT, OLD_RECORDS_AT = 256, 128


def sniff(head: bytes, name: str) -> int:
    """Return 95 for the header, 85 for a run of records where they begin though the header is damaged, else 0."""
    if head[BUILD_AT : BUILD_AT + len(BUILD)] == BUILD and b"\0" in head[:OLD_RECORDS_AT]:  # else it is a text
        return 95
    if len(head) <= OLD_RECORDS_AT or (head[OLD_RECORDS_AT] != 0x55 and head[RECORDS_AT : RECORDS_AT + 1] != b"\x55"):
        return 0
    from dronecheck.readers.dji_dat.frames import begins_a_run

    return 85 if any(begins_a_run(head, at) for at in (RECORDS_AT, OLD_RECORDS_AT)) else 0


def read(source: Input) -> Flight:
    """Read a log. Raises UnreadableInput where its records are encrypted or hold no position that is known here."""
    from dronecheck.readers.dji_dat.reader import read_dji_dat

    return read_dji_dat(source)
