"""The evidence table: the records that decided, each with its place in the file, its bytes, and what was read of them.

A record's bytes are those of one whole record where its length can be told from the file (`whole`), else the first 64
at its place. The notebook `investigator.ipynb` shows how such bytes are decoded by hand.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

from dronecheck.flight import Flight, Track
from dronecheck.geofence.result import Evidence
from dronecheck.readers import offset_unit
from dronecheck.report.case import Case
from dronecheck.report.export.result import text_cell
from dronecheck.report.views.files import file_names
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import iso_utc

__all__ = ["evidence_csv", "evidence_table"]

SCHEMA = "dronecheck.evidence/1"
_COLUMNS = (
    "why", "number", "track", "row", "record", "file", "file_sha256", "at", "at_is", "bytes", "whole", "hex", "text",
    "time_utc", "time_ns", "lat_deg", "lon_deg", "alt_amsl_m", "alt_hae_m", "alt_home_m", "alt_agl_m", "h_sigma_m",
    "speed_mps",
)  # fmt: skip
_FIGURES = ("lat_deg", "lon_deg", "alt_amsl_m", "alt_hae_m", "alt_home_m", "alt_agl_m", "h_sigma_m", "speed_mps")
_SOME_BYTES = 64  # of a record whose length is not known
_MOST_BYTES = 4_096  # of a line, or of an element
_MAVLINK_1, _MAVLINK_2 = 0xFE, 0xFD
_DATAFLASH_MARK, _FMT = b"\xa3\x95", 128


def evidence_table(case: Case, inputs: Sequence[Input]) -> dict[str, Any]:
    """Return the decisive records: those that findings rest on, and the first of each integrity statement.

    `inputs` are the files of the flight, as its `sources`.
    """
    flight = case.flight
    files = [
        _File(source, offset_unit(known), known.format) for source, known in zip(inputs, flight.sources, strict=True)
    ]
    rows = [*_of_findings(case, files), *_of_statements(flight, files)]
    return {"schema": SCHEMA, "columns": list(_COLUMNS), "records": rows}


def evidence_csv(table: dict[str, Any]) -> bytes:
    """Return the evidence table as CSV, for spreadsheets; unknown is empty."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in table["records"]:
        cells = (row[name] for name in _COLUMNS)
        writer.writerow(["" if c is None else text_cell(c) if isinstance(c, str) else c for c in cells])
    return sink.getvalue().encode()


def _of_findings(case: Case, files: list[_File]) -> Iterator[dict[str, Any]]:
    flight = case.flight
    names = file_names(flight)
    for number, finding in enumerate(case.result.findings, 1):
        for each in finding.evidence:
            row = {"why": f"finding: {finding.kind.value}", "number": number, "track": each.track, "row": each.row,
                   "record": plain(each.message), "file": names[each.file]}  # fmt: skip
            yield {**_blank(), **row, **files[each.file].record(each.offset), **_figures(flight, each)}


def _of_statements(flight: Flight, files: list[_File]) -> Iterator[dict[str, Any]]:
    names = file_names(flight)
    for number, statement in enumerate(flight.integrity.statements if flight.integrity else (), 1):
        file = statement.file or 0
        for offset in statement.records if file < len(files) else ():
            row = {"why": f"integrity: {statement.id}", "number": number, "file": names[file]}
            yield {**_blank(), **row, **files[file].record(offset)}


def _blank() -> dict[str, Any]:
    return dict.fromkeys(_COLUMNS)


def _figures(flight: Flight, each: Evidence) -> dict[str, Any]:
    """Return what was read of a row: time, place, heights; {} where the row is of no track at hand."""
    system, _, name = each.track.rpartition("/")
    owner = flight.of_system(int(system)) if system.isdigit() else flight
    track: Track | None = owner.tracks.get(name) if owner is not None else None
    if track is None or not 0 <= each.row < len(track):
        return {}
    figures = {column: float(getattr(track, column)[each.row]) for column in _FIGURES}
    told: dict[str, Any] = {name: value if isfinite(value) else None for name, value in figures.items()}
    time_ns = track.time_at(each.row)
    return {**told, "time_ns": time_ns, "time_utc": iso_utc(time_ns, flight.clock.utc_known)}


@dataclass
class _File:
    """One log, and how its records are found in it."""

    source: Input
    unit: str
    format: str

    def record(self, at: int) -> dict[str, Any]:
        """Return the bytes at a place, and what they are."""
        raw, whole = self._line(at) if self.unit == "line" else self._bytes_at(at)
        text = plain(raw.decode(self._encoding, "replace"), _MOST_BYTES) if self._is_text else None
        return {
            "file_sha256": self.source.sha256, "at": at, "at_is": self.unit, "bytes": len(raw), "whole": whole,
            "hex": raw.hex(), "text": text,
        }  # fmt: skip

    @property
    def _is_text(self) -> bool:
        return self.unit == "line" or self.format == "gpx"

    @cached_property
    def _encoding(self) -> str:
        from dronecheck.safe.text import utf16_of

        found = utf16_of(self.source.data)
        marked = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
        return marked.get(bytes(self.source.data[:2]), found or "utf-8")

    @cached_property
    def _line_ends(self) -> list[tuple[int, int]]:
        """Return where each line ends, and where the next one begins."""
        data = self.source.data
        end = "\n" if data.find(b"\n") >= 0 else "\r"
        return [match.span() for match in re.finditer(re.escape(end.encode(self._encoding)), data)]

    def _line(self, number: int) -> tuple[bytes, bool]:
        """Return a line, counted from 1, without its end."""
        ends = self._line_ends
        if not 1 <= number <= len(ends) + 1:
            return b"", False
        begin = ends[number - 2][1] if number > 1 else 0
        end = ends[number - 1][0] if number <= len(ends) else len(self.source.data)
        line = bytes(self.source.data[begin : min(end, begin + _MOST_BYTES)])
        return line, end - begin <= _MOST_BYTES

    def _bytes_at(self, at: int) -> tuple[bytes, bool]:
        size = self._size_at(at)
        if size is None or at + size > len(self.source.data):
            return bytes(self.source.data[at : at + _SOME_BYTES]), False
        return bytes(self.source.data[at : at + size]), True

    def _size_at(self, at: int) -> int | None:
        """Return the length of the record at a place; None where the file does not tell."""
        data = self.source.data
        head = bytes(data[at : at + 16])
        if self.format == "ulog" and len(head) >= 3:
            return 3 + int.from_bytes(head[:2], "little")
        if self.format == "tlog":
            return _mavlink_size(head)
        if self.format == "dataflash" and head[:2] == _DATAFLASH_MARK:
            return self._dataflash_sizes.get(head[2])
        if self.format == "dji_dat" and head[:1] == b"\x55":
            return int.from_bytes(head[1:3], "little") & 0x3FF
        if self.format == "gpx":
            behind = data.find(b"</trkpt>", at, at + _MOST_BYTES)
            return behind + len(b"</trkpt>") - at if behind >= 0 else None
        return None

    @cached_property
    def _dataflash_sizes(self) -> dict[int, int]:
        """Return the length of each type of record, as the FMT records at the start of the file say."""
        from dronecheck.readers.dataflash.frames import FMT_BYTES, head_definitions

        sizes = {_FMT: FMT_BYTES}
        head_definitions(self.source.data, sizes)
        return sizes


def _mavlink_size(head: bytes) -> int | None:
    """Return the length of a MAVLink frame, with the stamp of a telemetry log before it if there is one."""
    for stamp in (0, 8):  # a stamp of our days begins with a zero byte
        if len(head) < stamp + 3:
            continue
        mark, payload, flags = head[stamp : stamp + 3]
        if mark == _MAVLINK_1:
            return stamp + 8 + payload
        if mark == _MAVLINK_2:
            return stamp + 12 + payload + (13 if flags & 1 else 0)
    return None
