"""A log as records and the figures in them: what all edits work on, whatever the format.

A format module takes a file apart into `Editable`: records as bytes, and columns of figures in SI units with the
place of each in its record. Edits change figures, leave records out, repeat or reorder them; `Editable.encode` writes
the file again in valid form: what the format counts or sums up (checksums, sequence numbers, cue numbers) is renewed,
and a file without any edit comes out byte by byte as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Write = Callable[[bytes, float], bytes]  # the figure as it stood, the new value -> the figure as it shall stand

M_PER_DEG = 111_195.0
RECEIVER, ESTIMATE, ONLY, OTHER = "receiver", "estimate", "only", "other"
PLACES = ("lat", "lon", "north", "east")
VELOCITIES = ("v_north", "v_east", "v_down")


@dataclass
class Column:
    """Figures of one kind: `values` (n,) stand at `spans` (n, 2) of the records `rows` (n,).

    what      lat, lon (degrees), north, east (metres from a point), height (metres up), baro (metres up, by pressure),
              v_north, v_east, v_down, speed (m/s), course (degrees), clock (seconds), flag (a number)
    source    whose word it is: receiver, estimate, only (the log has one), other; of a clock: boot, gnss, host
    message   the record kind, told from the same of another instance
    """

    what: str
    source: str
    message: str
    rows: Ints
    spans: Ints
    values: Floats
    write: Write
    is_axis: bool = False  # a clock by which the record's own time is told
    given: Floats = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if len(self.given) != len(self.values):
            self.given = self.values.copy()

    def pick(self, keep: Ints, rows: Ints) -> Column:
        """Take these figures, which stand in `rows` now."""
        return replace(self, rows=rows, spans=self.spans[keep], values=self.values[keep].copy(), given=self.given[keep])


@dataclass
class Editable:
    """A log taken apart. `fixed` (n,) marks records that stay where they are: headers and definitions."""

    format: str
    records: list[bytes]
    fixed: Bools
    columns: list[Column]
    finish: Callable[[list[bytes]], bytes] = b"".join
    relabel: Callable[[Editable, Bools], Editable | None] | None = None  # gives records to a second sender
    holds: frozenset[str] = frozenset()  # what else it records: imu, attitude, baro

    @cached_property
    def axis_s(self) -> Floats:
        """The time of each record by the log's own clock, shape (n,): of the record before where it has none."""
        out = np.full(len(self.records), np.nan)
        for column in self.columns:
            if column.is_axis:
                out[column.rows] = column.values
        known = np.isfinite(out)
        if not known.any():
            return out
        last = np.maximum.accumulate(np.where(known, np.arange(len(out)), -1))
        return np.where(last >= 0, out[np.maximum(last, 0)], out[known.argmax()])

    def copy(self) -> Editable:
        """A copy whose figures may be changed."""
        return replace(self, columns=[replace(c, values=c.values.copy()) for c in self.columns])

    def take(self, order: Ints) -> Editable:
        """The log of these records in this order; a record may come twice."""
        columns = []
        for column in self.columns:
            place = np.full(len(self.records), -1, np.int64)
            place[column.rows] = np.arange(len(column.rows))
            mine = np.flatnonzero(place[order] >= 0)
            if len(np.unique(column.rows)) == len(column.rows):
                columns.append(column.pick(place[order[mine]], mine))
                continue
            which = [np.flatnonzero(column.rows == row) for row in order[mine]]
            rows = np.repeat(mine, [len(w) for w in which])
            columns.append(column.pick(np.concatenate(which), rows))
        return replace(
            self, records=[self.records[i] for i in order.tolist()], fixed=self.fixed[order], columns=columns
        )

    def of(self, *what: str, source: str | None = None) -> list[Column]:
        """The columns of these kinds, of one source if one is named."""
        return [c for c in self.columns if c.what in what and source in (None, c.source)]

    def encode(self) -> bytes:
        """The file, with what was changed written in and all that depends on it renewed."""
        changes: dict[int, list[tuple[int, int, Write, float]]] = {}
        for column in self.columns:
            for i in np.flatnonzero(np.isfinite(column.values) & (column.values != column.given)).tolist():
                begin, end = column.spans[i].tolist()
                value = float(column.values[i])
                changes.setdefault(int(column.rows[i]), []).append((begin, end, column.write, value))
        records = list(self.records)
        for row, patches in changes.items():
            record = records[row]
            for begin, end, write, value in sorted(patches, key=lambda patch: -patch[0]):
                record = record[:begin] + write(record[begin:end], value) + record[end:]
            records[row] = record
        return self.finish(records)


def without_fix(columns: list[Column]) -> list[Column]:
    """The columns with places that the receiver marks as none blotted out."""
    for fix in [column for column in columns if column.what == "fix"]:
        bad = fix.rows[fix.values < 3]
        for column in columns:
            if column.message == fix.message and column.what in ("lat", "lon"):
                gone = np.isin(column.rows, bad)
                column.values[gone] = column.given[gone] = np.nan
    return columns


def number_writer(dtype: str, scale: float) -> Write:
    """Writes a value times `scale` as a binary number, cut to what fits."""
    kind = np.dtype(dtype)
    info = np.iinfo(kind) if kind.kind in "iu" else None

    def write(_old: bytes, value: float) -> bytes:
        if info is None:
            return np.array(value * scale, kind).tobytes()
        return np.array(min(max(round(value * scale), int(info.min)), int(info.max)), kind).tobytes()

    return write


def text_writer(scale: float = 1.0) -> Write:
    """Writes a value times `scale` with as many decimals as stood there."""

    def write(old: bytes, value: float) -> bytes:
        text = old.decode("ascii", "replace").strip()
        decimals = len(text.partition(".")[2]) if "." in text else 0
        return f"{value * scale:.{decimals}f}".encode()

    return write


def binary_column(
    what: str, source: str, message: str, rows: Ints, records: list[bytes], at: int, dtype: str, scale: float,
    *, is_axis: bool = False,
) -> Column:  # fmt: skip
    """A column of binary numbers that stand at the same place of each record; stored is the value times `scale`."""
    kind = np.dtype(dtype)
    raw = b"".join(records[row][at : at + kind.itemsize] for row in rows.tolist())
    values = np.frombuffer(raw, kind).astype(np.float64) / scale
    spans = np.tile(np.array([[at, at + kind.itemsize]], np.int64), (len(rows), 1))
    return Column(what, source, message, rows, spans, values, number_writer(dtype, scale), is_axis)


def text_column(
    what: str, source: str, message: str, found: Iterable[tuple[int, int, int, float]], write: Write,
    *, is_axis: bool = False,
) -> Column:  # fmt: skip
    """A column of texts, each given as (record, begin, end, value)."""
    table = list(found)
    rows = np.array([row[0] for row in table], np.int64)
    spans = np.array([row[1:3] for row in table], np.int64).reshape(-1, 2)
    return Column(what, source, message, rows, spans, np.array([row[3] for row in table], float), write, is_axis)
