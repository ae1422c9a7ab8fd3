"""Where the samples of a film's track lie, and when they begin: sample tables and fragments of ISO films.

ISO/IEC 14496-12, 8.6 to 8.8 (stts, stsz, stz2, stsc, stco, co64, tfhd, tfdt, trun). What a table claims is never
believed beyond the file: samples of one track hold no more bytes than the file does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dronecheck.arrays import Floats, Ints, repeat
from dronecheck.containers.boxes import Box, BoxWalk
from dronecheck.containers.source import Bytes, unsigned

__all__ = ["FilmSamples", "TrackHead", "chunk_runs", "read_samples", "track_heads"]

SAMPLES_AT_MOST = 2_000_000  # of one track: eighteen hours of thirty a second
SMALLEST_BYTES = 4  # of a sample, on average: a time code
_TIMESCALE_UNKNOWN = 1000


@dataclass(frozen=True, slots=True)
class TrackHead:
    """What a track says of itself; `handler` is vide, soun, meta ..., `coding` the first sample entry's kind."""

    box: Box
    number: int  # track_ID
    handler: str
    name: str
    coding: str
    timescale: int
    created_s: int  # since 1904, 0 unknown
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class FilmSamples:
    """Samples in the order of the film: bytes [offset, offset + length), begin in seconds; all of shape (n,)."""

    offset: Ints
    length: Ints
    time_s: Floats
    is_cut: bool  # the tables claim samples that the file does not hold, or more than are read

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.offset)


def track_heads(data: Bytes, walk: BoxWalk) -> list[TrackHead]:
    """Read the heads of all tracks; what is not there is empty or 0."""
    heads = []
    inside: dict[str, dict[bytes, Box]] = {box.path: {} for box in walk.of(b"trak")}
    for box in walk.boxes:
        at = box.path.find("trak[")
        if at >= 0:
            track = box.path[: box.path.find("]", at) + 1]
            inside.get(track, {}).setdefault(box.kind, box)
    for trak in walk.of(b"trak"):
        boxes = inside[trak.path]
        number, width_px, height_px = _track_header(data, boxes.get(b"tkhd"))
        created_s, timescale = _media_header(data, boxes.get(b"mdhd"))
        handler, name = _handler(data, boxes.get(b"hdlr"))
        stsd = boxes.get(b"stsd")
        coding = bytes(data[stsd.body + 12 : stsd.body + 16]).decode("latin-1") if stsd and stsd.size >= 16 else ""
        heads.append(TrackHead(trak, number, handler, name, coding, timescale, created_s, width_px, height_px))
    return heads


def _track_header(data: Bytes, box: Box | None) -> tuple[int, int, int]:
    if box is None or box.size < 84:
        return 0, 0, 0
    long = data[box.body] == 1
    width_at = box.body + (88 if long else 76)
    return (
        unsigned(data, box.body + (20 if long else 12), 4), unsigned(data, width_at, 2), unsigned(data, width_at + 4, 2)
    )  # fmt: skip


def _media_header(data: Bytes, box: Box | None) -> tuple[int, int]:
    if box is None or box.size < 20:
        return 0, _TIMESCALE_UNKNOWN
    if data[box.body] == 1:
        return unsigned(data, box.body + 4, 8), unsigned(data, box.body + 20, 4) or _TIMESCALE_UNKNOWN
    return unsigned(data, box.body + 4, 4), unsigned(data, box.body + 12, 4) or _TIMESCALE_UNKNOWN


def _handler(data: Bytes, box: Box | None) -> tuple[str, str]:
    if box is None or box.size < 12:
        return "", ""
    name = bytes(data[box.body + 24 : min(box.end, box.body + 24 + 64)])
    if name and name[0] == len(name) - 1:  # QuickTime counts the letters before them
        name = name[1:]
    handler = bytes(data[box.body + 8 : box.body + 12]).decode("latin-1")
    return handler, name.partition(b"\0")[0].decode("utf-8", "replace").strip()


def read_samples(data: Bytes, walk: BoxWalk, head: TrackHead) -> FilmSamples:
    """Return the samples of a track, from its tables and from all fragments that name it."""
    parts = [_table_samples(data, walk, head), *_fragment_samples(data, walk, head)]
    offset, length, time_s = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    claimed = len(offset)
    is_there = (offset >= 0) & (length > 0) & (offset < len(data)) & (length <= len(data) - offset)
    is_there &= np.cumsum(np.where(is_there, length, 0)) <= len(data)
    kept = np.flatnonzero(is_there)
    missing = claimed - len(kept) - int(np.count_nonzero(length == 0))
    is_cut = missing > 0 or _claimed(data, walk, head) > len(parts[0][0])
    return FilmSamples(offset[kept], length[kept], time_s[kept], is_cut)


def chunk_runs(data: Bytes, walk: BoxWalk, head: TrackHead) -> tuple[Ints, Ints]:
    """Return where the chunks of a track begin, and how many samples each holds, both of shape (n,), as is claimed.

    Sound without compression has a sample of every moment: its chunks tell where it is, one by one they would be many.
    """
    inside = {box.kind: box for box in walk.boxes if box.path.startswith(f"{head.box.path}/mdia/minf/stbl/")}
    chunks = _chunk_offsets(data, inside)
    return chunks, _samples_per_chunk(data, inside.get(b"stsc"), len(chunks), _claimed(data, walk, head))


def _claimed(data: Bytes, walk: BoxWalk, head: TrackHead) -> int:
    """Return how many samples the table of sizes claims, which may be more than are read."""
    tables = (box for box in walk.boxes if box.kind in (b"stsz", b"stz2") and box.path.startswith(head.box.path + "/"))
    return max((unsigned(data, box.body + 8, 4) for box in tables if box.size >= 12), default=0)


_Columns = tuple[Ints, Ints, Floats]
_NONE: _Columns = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))


def _table_samples(data: Bytes, walk: BoxWalk, head: TrackHead) -> _Columns:
    inside = {box.kind: box for box in walk.boxes if box.path.startswith(f"{head.box.path}/mdia/minf/stbl/")}
    length = _sizes(data, inside)
    chunks = _chunk_offsets(data, inside)
    if not len(length) or not len(chunks):
        return _NONE
    per_chunk = _samples_per_chunk(data, inside.get(b"stsc"), len(chunks), len(length))
    chunk = repeat(np.arange(len(chunks), dtype=np.int64), per_chunk)[: len(length)]
    length = length[: len(chunk)]
    before = np.concatenate([np.zeros(1, np.int64), np.cumsum(length)])
    first = np.searchsorted(chunk, np.arange(len(chunks), dtype=np.int64))  # the first sample of each chunk
    offset = chunks[chunk] + before[:-1][: len(chunk)] - before[first[chunk]]
    return offset, length, _times(data, inside.get(b"stts"), len(length), head.timescale)


def _table(data: Bytes, box: Box | None, header: int, row: str) -> tuple[int, np.ndarray]:
    """Return the claimed count and the rows that are there of a table with its count before them."""
    kind = np.dtype(row)
    if box is None or box.size < header:
        return 0, np.zeros(0, kind)
    count = unsigned(data, box.body + header - 4, 4)
    there = min(count, (box.size - header) // kind.itemsize, SAMPLES_AT_MOST)
    start = box.body + header
    return count, np.frombuffer(bytes(data[start : start + there * kind.itemsize]), kind)


def _sizes(data: Bytes, inside: dict[bytes, Box]) -> Ints:
    box = inside.get(b"stsz")
    if box is None:
        return _compact_sizes(data, inside.get(b"stz2"))
    constant = unsigned(data, box.body + 4, 4)
    count, rows = _table(data, box, 12, ">u4")
    if constant:
        return np.full(min(count, len(data) // max(constant, SMALLEST_BYTES) + 1, SAMPLES_AT_MOST), constant, np.int64)
    return rows.astype(np.int64)


def _compact_sizes(data: Bytes, box: Box | None) -> Ints:
    if box is None or box.size < 12:
        return np.zeros(0, np.int64)
    bits = data[box.body + 7]
    if bits == 16:
        return _table(data, box, 12, ">u2")[1].astype(np.int64)
    count, rows = _table(data, box, 12, "u1")
    if bits == 4:
        halves = np.frombuffer(bytes(data[box.body + 12 : box.end]), np.uint8)
        rows = np.stack([halves >> 4, halves & 15], axis=1).ravel()[:count]
    return rows.astype(np.int64)


def _chunk_offsets(data: Bytes, inside: dict[bytes, Box]) -> Ints:
    if b"co64" in inside:
        rows = _table(data, inside[b"co64"], 8, ">u8")[1]
        offsets: Ints = np.minimum(rows, len(data)).astype(np.int64)
        return offsets
    return _table(data, inside.get(b"stco"), 8, ">u4")[1].astype(np.int64)


def _samples_per_chunk(data: Bytes, box: Box | None, chunks: int, samples: int) -> Ints:
    """Return how many samples each chunk has, shape (chunks,), none of them more than there are samples."""
    rows = _table(data, box, 8, ">u4,>u4,>u4")[1]
    if not len(rows):
        return np.ones(chunks, np.int64)
    first = np.clip(rows["f0"].astype(np.int64) - 1, 0, chunks)
    order = np.searchsorted(np.maximum.accumulate(first), np.arange(chunks, dtype=np.int64), side="right") - 1
    claimed: Ints = np.minimum(rows["f1"].astype(np.int64), samples)
    per_chunk: Ints = claimed[np.maximum(order, 0)]
    room = samples - (np.cumsum(per_chunk) - per_chunk)
    kept: Ints = np.clip(per_chunk, 0, np.maximum(room, 0))
    return kept


def _times(data: Bytes, box: Box | None, count: int, timescale: int) -> Floats:
    rows = _table(data, box, 8, ">u4,>u4")[1]
    if not len(rows):
        return np.full(count, np.nan)
    run = np.minimum(rows["f0"].astype(np.int64), count)
    run = np.clip(run, 0, np.maximum(count - (np.cumsum(run) - run), 0))
    step = repeat(rows["f1"].astype(np.float64), run)
    step = np.concatenate([step, np.full(count - len(step), step[-1] if len(step) else np.nan)])
    return (np.cumsum(step) - step) / timescale


def _fragment_samples(data: Bytes, walk: BoxWalk, head: TrackHead) -> list[_Columns]:
    """Return the samples of each `trun` of this track; a fragment's data begin at its `moof` unless it says else."""
    defaults = _defaults(data, walk, head.number)
    found: list[_Columns] = []
    begin, moof, room = 0, 0, min(SAMPLES_AT_MOST, len(data) // SMALLEST_BYTES)
    fragment: _Fragment | None = None
    for box in walk.boxes:
        if box.kind == b"moof":
            moof = box.start
        elif box.kind == b"tfhd":
            fragment = _fragment(data, box, moof, defaults)
        elif fragment is None or fragment.number != head.number:
            continue
        elif box.kind == b"tfdt":
            begin = unsigned(data, box.body + 4, 8 if data[box.body : box.body + 1] == b"\1" else 4)
        elif box.kind == b"trun":
            run, begin = _run(data, box, fragment, begin, head.timescale, room)
            room -= len(run[0])
            if len(run[0]):
                found.append(run)
    return found


@dataclass(slots=True)
class _Fragment:
    number: int
    base: int
    duration: int
    size: int
    at: int  # where the next run begins that does not say so


def _defaults(data: Bytes, walk: BoxWalk, number: int) -> tuple[int, int]:
    for box in walk.of(b"trex"):
        if unsigned(data, box.body + 4, 4) == number:
            return unsigned(data, box.body + 12, 4), unsigned(data, box.body + 16, 4)
    return 0, 0


def _fragment(data: Bytes, box: Box, moof: int, defaults: tuple[int, int]) -> _Fragment:
    flags, at = unsigned(data, box.body + 1, 3), box.body + 8
    base, (duration, size) = moof, defaults
    if flags & 0x01:
        base, at = min(unsigned(data, at, 8), len(data)), at + 8
    at += 4 if flags & 0x02 else 0
    if flags & 0x08:
        duration, at = unsigned(data, at, 4), at + 4
    if flags & 0x10:
        size = unsigned(data, at, 4)
    return _Fragment(unsigned(data, box.body + 4, 4), base, duration, size, base)


def _run(data: Bytes, box: Box, fragment: _Fragment, begin: int, timescale: int, room: int) -> tuple[_Columns, int]:
    """Return the samples of one run, at most `room` of them, and when the next begins."""
    flags, at = unsigned(data, box.body + 1, 3), box.body + 8
    count = unsigned(data, box.body + 4, 4)
    if flags & 0x01:
        shift = int.from_bytes(data[at : at + 4], "big", signed=True)
        fragment.at, at = fragment.base + shift, at + 4
    at += 4 if flags & 0x04 else 0
    names = [name for name, bit in (("duration", 0x100), ("size", 0x200), ("flags", 0x400), ("shift", 0x800))
             if flags & bit]  # fmt: skip
    row = 4 * len(names)
    count = max(min(count, room, (box.end - at) // row if row else len(data) // max(fragment.size, 1)), 0)
    values = np.frombuffer(bytes(data[at : at + count * row]), ">u4").reshape(count, len(names)) if row else None

    def column(name: str, default: int) -> Ints:
        if values is None or name not in names:
            return np.full(count, default, np.int64)
        return values[:, names.index(name)].astype(np.int64)

    length, duration = column("size", fragment.size), column("duration", fragment.duration)
    offset = fragment.at + np.cumsum(length) - length
    fragment.at += int(length.sum())
    time_s = (begin + np.cumsum(duration) - duration) / timescale
    return (offset, length, time_s.astype(np.float64)), begin + int(duration.sum())
