"""Tracks as Parquet, many flights a file (a shard), and flights from them again without the log.

A shard has one row a fix: `sha256` of the log, then the columns of `dronecheck.Track` with their units as metadata.
Rows of one flight stand together in order; the ledger knows where. What a check needs beside the track (clock, home,
events, issues, trust) is kept as `facts` in the ledger: a stored flight gives the same answer as its log.
"""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from dronecheck.arrays import repeat
from dronecheck.flight import (
    Clock,
    Completeness,
    Event,
    EventKind,
    Flight,
    Home,
    HorizontalDatum,
    Integrity,
    RecordHeader,
    SigmaSource,
    Source,
    Track,
    Trust,
    Vehicle,
)
from dronecheck.issues import Issue
from dronecheck.messages import from_stored, stored
from dronecheck.report.export.track import UNITS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Shard", "facts_of", "flight_of", "without"]

MARKS = {
    "is_timed": "whether time_ns is the fix's time; else it only orders",
    "part": "number of the stretch that one start of the clock timed, from 0",
    "is_idle": "whether the log says that it stood on the ground with its motors off",
}
# No check asks for them, and there are thousands.
_NOT_KEPT = (EventKind.MESSAGE, EventKind.MODE, EventKind.PHOTO, EventKind.VIDEO)
# By name, so that a field added to Flight is missed here at once, and not dropped from stored flights in silence.
# An audit joins nothing: a file is a row. Witnesses are let go once a log was assessed.
_OTHERWISE = ("source", "tracks", "others", "more_sources", "segments", "recording_keys", "witnesses")
_AS_THEY_ARE = tuple(field.name for field in fields(Flight) if field.name not in _OTHERWISE)


class _Facts(msgspec.Struct, frozen=True, array_like=True):
    """A flight without its tracks."""

    size_bytes: int
    format: str
    dialect: str
    reader: str
    message: str
    h_sigma_source: SigmaSource
    primary: str
    clock: Clock
    completeness: Completeness
    home: Home | None
    vehicle: Vehicle
    events: tuple[Event, ...]
    issues: tuple[Issue, ...]
    datum: HorizontalDatum
    trust: Trust
    ends_airborne: bool
    rivals: dict[str, _WholeTrack]
    others: tuple[_Other, ...] = ()
    header: RecordHeader | None = None
    unread_s: float = 0.0
    integrity: Integrity | None = None


class _WholeTrack(msgspec.Struct, frozen=True, array_like=True):
    """A track that has no rows in a shard: it is kept whole with the facts."""

    message: str
    h_sigma_source: SigmaSource
    columns: dict[str, bytes]

    @classmethod
    def of(cls, track: Track) -> _WholeTrack:
        names = (*track.columns(), *MARKS)
        return cls(track.message, track.h_sigma_source, {name: getattr(track, name).tobytes() for name in names})

    def track(self) -> Track:
        types = {"time_ns": np.int64, "offset": np.int64, "part": np.int64, "is_timed": np.bool_, "is_idle": np.bool_}
        arrays: dict[str, Any] = {
            name: np.frombuffer(raw, types.get(name, np.float64)) for name, raw in self.columns.items()
        }
        return Track.build(message=self.message, h_sigma_source=self.h_sigma_source, **arrays)


class _Other(msgspec.Struct, frozen=True, array_like=True):
    """Another vehicle of the same log; without a track where it has no position."""

    facts: bytes
    track: _WholeTrack | None


_decoder = msgspec.msgpack.Decoder(_Facts, dec_hook=from_stored)


def facts_of(flight: Flight) -> bytes:
    """Encode all that a check needs of a flight beside its primary track, those that contradict it included."""
    source, track = flight.source, flight.track
    own: dict[str, Any] = {name: getattr(flight, name) for name in _AS_THEY_ARE}
    own["rivals"] = {name: _WholeTrack.of(flight.tracks[name]) for name in flight.rivals}
    own["events"] = tuple(event for event in flight.events if event.kind not in _NOT_KEPT)
    return msgspec.msgpack.encode(
        _Facts(
            size_bytes=source.size_bytes,
            format=source.format,
            dialect=source.dialect,
            reader=source.reader,
            message=track.message,
            h_sigma_source=track.h_sigma_source,
            others=tuple(_other_of(other) for other in flight.others),
            **own,
        ),
        enc_hook=stored,
    )


def _other_of(flight: Flight) -> _Other:
    return _Other(facts_of(flight), _WholeTrack.of(flight.track) if flight.primary else None)


def flight_of(path: bytes, sha256: str, facts: bytes, columns: dict[str, Any]) -> Flight:
    """Return the flight again, with the tracks that are judged; `columns` as `Shard.columns` gives them."""
    known = _decoder.decode(facts)
    track = None
    if known.primary:
        given = columns or {name: [] for name in (*Track.empty().columns(), *MARKS)}
        track = Track.build(message=known.message, h_sigma_source=known.h_sigma_source, **given)
    return _flight_of(path, sha256, known, track)


def _flight_of(path: bytes, sha256: str, known: _Facts, track: Track | None) -> Flight:
    source = Source(Path(os.fsdecode(path)), known.size_bytes, sha256, known.format, known.dialect, known.reader)
    tracks = {known.primary: track} if track is not None else {}
    tracks |= {name: kept.track() for name, kept in known.rivals.items()}
    others = tuple(
        _flight_of(path, sha256, _decoder.decode(other.facts), other.track.track() if other.track else None)
        for other in known.others
    )
    own = {name: getattr(known, name) for name in _AS_THEY_ARE}
    return Flight(source=source, tracks=tracks, **(own | {"rivals": tuple(known.rivals), "others": others}))


class Shard:
    """Tracks of several flights: collected and encoded, or opened again."""

    def __init__(self) -> None:
        self._tracks: list[tuple[str, Track]] = []
        self.rows = 0

    def add(self, sha256: str, track: Track) -> int:
        """Add a track; the row that it begins at."""
        first, self.rows = self.rows, self.rows + len(track)
        self._tracks.append((sha256, track))
        return first

    def encode(self) -> bytes:
        """Return the Parquet file; empty bytes without any row. The same tracks give the same bytes."""
        if not self.rows:
            return b""
        import pyarrow as pa

        names = [sha for sha, _ in self._tracks]
        counts = np.array([len(track) for _, track in self._tracks], dtype=np.int64)
        which = repeat(np.arange(len(names), dtype=np.int32), counts)
        arrays = [pa.DictionaryArray.from_arrays(pa.array(which), pa.array(names))]
        fields = [pa.field("sha256", arrays[0].type, metadata={"unit": "SHA-256 of the log, hex"})]
        for name in (*self._tracks[0][1].columns(), *MARKS):
            column = np.concatenate([getattr(track, name) for _, track in self._tracks])
            unknown = ~np.isfinite(column) if column.dtype == np.float64 else None
            arrays.append(pa.array(column, mask=unknown))
            fields.append(pa.field(name, arrays[-1].type, metadata={"unit": UNITS.get(name) or MARKS[name]}))
        return _encoded(pa.Table.from_arrays(arrays, schema=pa.schema(fields)))

    @staticmethod
    def columns(shard: Path | bytes) -> dict[str, Any]:
        """Return all columns of a shard but `sha256`, as arrays over all rows; NaN is unknown."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.ParquetFile(pa.BufferReader(shard) if isinstance(shard, bytes) else shard).read()
        return {
            name: table.column(name).to_numpy() if table.column(name).null_count == 0 else _with_nan(table.column(name))
            for name in table.column_names
            if name != "sha256"
        }


def without(path: Path, keep: list[tuple[int, int]]) -> bytes:
    """Return a shard with only the runs of rows (first row, count) to keep, in that order."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(path).read()
    return _encoded(pa.concat_tables([table.slice(first, count) for first, count in keep]).unify_dictionaries())


def _with_nan(column: pa.ChunkedArray) -> Any:
    return column.cast("float64").to_numpy()


def _encoded(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    floats = [f.name for f in table.schema if f.type == "double"]
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=["sha256"],  # pyright: ignore[reportArgumentType]
        column_encoding={
            **dict.fromkeys(floats, "BYTE_STREAM_SPLIT"),
            **dict.fromkeys(("time_ns", "offset"), "DELTA_BINARY_PACKED"),
        },
    )  # fmt: skip
    return bytes(sink.getvalue())
