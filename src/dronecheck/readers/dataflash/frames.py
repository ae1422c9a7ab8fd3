"""The framing of DataFlash: where each record begins, what was lost, and the proof that nothing else was.

    record      A3 95, type u8, then as many bytes as the FMT record of that type says; no checksum, no size
    sound       A3 95 and a defined type, and the record fits into the file
    unknown     A3 95 and a type without definition, with a place to resume at most 255 bytes on: passed over
    hole        anything else: the record before it is given up as well, since its end is not confirmed (bytes deleted
                or zeroed within it show only there), and reading resumes at the first sound header that another A3 95
                follows (or that ends where the file or its padding does)
    padding     the file ends in bytes 00 or FF alone; a record that may have been lost in them is cut
    cut         the file ends inside a record

The rules read one record after the other. To be fast, they are walked in many lanes in lock step (one gather a step
for all lanes); a lane that meets anything but a sound header follows the same rules by itself and goes on. A lane
counts only if the walk before it arrives exactly at its start (a sound header: so the record before is confirmed);
where it does not, the walk goes on one record at a time until it meets the start of another lane. What comes out is
therefore what the sequential walk gives, however many lanes there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dronecheck.arrays import Bools, Ints
from dronecheck.readers.common.stretches import Buffer
from dronecheck.readers.dataflash import FMT_TYPE, MARK

__all__ = ["FMT_BYTES", "HEADER_BYTES", "DataflashFrames", "head_definitions", "walk"]

MARK_WORD = 0x95A3
HEADER_BYTES = 3
FMT_BYTES = 89
RECORD_BYTES_AT_MOST = 255
WORD = 4
LANE_BYTES = 2048
LANES_AT_MOST = 8192
SEARCH_BYTES = 320  # how far behind its border a lane looks for its start
SEARCH_LANES = 512  # lanes that look for their starts at once: bounds the memory
CHUNK_BYTES = 1 << 16
HEAD_RECORDS = 400


@dataclass(slots=True)
class DataflashFrames:
    """What a walk found: offsets of the kept records (ascending), and the damage."""

    offsets: Ints
    holes: list[tuple[int, int]] = field(default_factory=list)  # [from, to) that is no record
    unknown: list[int] = field(default_factory=list)  # records of a type without definition
    cut: int | None = None  # the record that the end of the file cuts off


def head_definitions(data: Buffer, lengths: dict[int, int]) -> list[int]:
    """Return FMT records in the first few hundred records, as far as those can be walked.

    They are a start for the table of lengths.

    `lengths` is extended while walking, by what the FMT records say.
    """
    offsets, place, since, end = [], 0, 0, len(data)
    while place + HEADER_BYTES <= end and since < HEAD_RECORDS:
        kind = data[place + 2]
        length = lengths.get(kind, 0)
        if data[place : place + 2] != MARK or not length or place + length > end:
            break
        since += 1
        if kind == FMT_TYPE:
            offsets.append(place)
            lengths.setdefault(data[place + 3], data[place + 4])
            since = 0
        place += length
    return offsets


def walk(data: Buffer, lengths: dict[int, int], wanted: set[int], lanes: int | None = None) -> DataflashFrames:
    """Walk all records, as the rules above read them one after the other; the offsets of `wanted` types are kept.

    `lengths` are whole record lengths by type (3 to 255). `lanes` only changes the speed; 0 walks without lanes.
    """
    return _DataflashWalk(data, lengths, wanted).run(lanes)


@dataclass(slots=True)
class _LaneFindings:
    """What one lane (or the walk between lanes) found besides sound records of its own."""

    kept: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    holes: list[tuple[int, int]] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    cut: int | None = None


class _DataflashWalk:
    def __init__(self, data: Buffer, lengths: dict[int, int], wanted: set[int]) -> None:
        self.data, self.end = data, len(data)
        self.length = [0] * 256
        for kind, length in lengths.items():
            self.length[kind] = length
        self.keep = [kind in wanted for kind in range(256)]
        self.lengths = np.array(self.length, np.int64)
        self.keeps = np.array(self.keep, np.bool_)
        self.bytes = np.frombuffer(data, np.uint8)
        self.last_word = self.end - WORD
        # every 4 bytes of the file as one number, overlapping; only ever indexed, never copied whole
        count = max(self.last_word + 1, 0)
        self.words = np.ndarray((count,), np.dtype("<u4"), data, 0, (1,)) if count else np.zeros(0, np.uint32)
        self.filling, self.pad = self._padding()
        self.resumes: dict[int, Ints] = {}  # chunk -> places in it where reading may resume

    def _padding(self) -> tuple[int, int]:
        """Return where the run of 00 or FF at the end begins (it may reach into the last record), and its byte."""
        pad = self.data[self.end - 1] if self.end else -1
        place = self.end
        while pad in (0x00, 0xFF) and place > 0:
            first = max(place - CHUNK_BYTES, 0)
            other = np.flatnonzero(self.bytes[first:place] != pad)
            if len(other):
                return first + int(other[-1]) + 1, pad
            place = first
        return (place if pad in (0x00, 0xFF) else self.end), pad

    # ---- many headers at once

    def _look(self, places: Ints) -> tuple[Ints, Bools, Ints]:
        """Return end, soundness and type of the headers at `places` (each at most `last_word`)."""
        head = self.words[places]
        kind = ((head >> 16) & 0xFF).astype(np.int64)
        length = self.lengths[kind]
        ends = places + length
        sound = ((head & 0xFFFF) == MARK_WORD) & (length > 0) & (ends <= self.end)
        return ends, sound, kind

    def _linked(self, places: Ints) -> Bools:
        """Tell which places are sound headers whose record is followed by A3 95, the end or the padding."""
        ends, sound, _ = self._look(places)
        last = ends >= min(self.end, self.filling)
        inside = sound & (ends <= self.last_word)
        head = self.words[np.where(inside, ends, 0)]
        followed = inside & ((head & 0xFFFF) == MARK_WORD)
        linked: Bools = followed | (sound & last)
        return linked

    def _resume(self, after: int) -> int:
        """Return the first place behind `after` where reading may resume; the end if there is none."""
        for chunk in range((after + 1) // CHUNK_BYTES, self.last_word // CHUNK_BYTES + 1):
            places = self.resumes.get(chunk)
            if places is None:
                first = chunk * CHUNK_BYTES
                stop = min(first + CHUNK_BYTES, self.last_word + 1)
                places = np.flatnonzero((self.words[first:stop] & 0xFFFF) == MARK_WORD) + first
                places = self.resumes[chunk] = places[self._linked(places)]
            index = int(np.searchsorted(places, after, "right"))
            if index < len(places):
                return int(places[index])
        return self.end

    def _lane_starts(self, lanes: int) -> Ints:
        """Return place 0, and about `lanes` that look like headers followed by headers; a guess, proven later."""
        borders = np.linspace(0, self.end, lanes + 1).astype(np.int64)[1:-1]
        borders = borders[borders + SEARCH_BYTES <= self.last_word]
        starts = [np.zeros(1, np.int64)]
        for first in range(0, len(borders), SEARCH_LANES):
            some = borders[first : first + SEARCH_LANES]
            stretch = self.words[some[:, None] + np.arange(SEARCH_BYTES, dtype=np.int64)]
            lane, step = np.nonzero((stretch & 0xFFFF) == MARK_WORD)
            places = some[lane] + step
            good = self._linked(places)
            _, index = np.unique(lane[good], return_index=True)
            starts.append(places[good][index])
        return np.unique(np.concatenate(starts))

    def _lock_step(self, starts: Ints, found: dict[int, _LaneFindings]) -> tuple[list[Ints], Ints, Ints]:
        """Walk from all starts at once, each up to the next start.

        Gives the offsets of kept records, and for each lane the place where it ended and the record that ends there
        (-1: none). What a lane met besides goes into `found`.
        """
        stops = np.append(starts[1:], self.end)
        ends, lasts = starts.copy(), np.full_like(starts, -1)
        kept: list[Ints] = []
        lane, at, stop, before = np.arange(len(starts), dtype=np.intp), starts, stops, lasts.copy()
        while len(at):
            near_end = at > self.last_word
            following, sound, kind = self._look(np.minimum(at, self.last_word) if near_end.any() else at)
            sound &= ~near_end
            keep = self.keeps[kind] & sound
            if keep.any():
                kept.append(at[keep])
            if sound.all():
                before, at = at, following
            else:
                before, at = np.where(sound, at, before), np.where(sound, following, at)
                for row in np.flatnonzero(~sound).tolist():
                    mine = found.setdefault(int(lane[row]), _LaneFindings())
                    at[row], before[row] = self._step(int(at[row]), int(before[row]), mine)
            go = at < stop
            if not go.all():
                done = lane[~go]
                ends[done], lasts[done] = at[~go], before[~go]
                lane, at, stop, before = lane[go], at[go], stop[go], before[go]
        return kept, ends, lasts

    # ---- one record at a time

    def _sound(self, place: int) -> int:
        """Return the end of the sound record at `place`; 0 when there is none."""
        if self.data[place : place + 2] != MARK or place + HEADER_BYTES > self.end:
            return 0
        length = self.length[self.data[place + 2]]
        return place + length if length and place + length <= self.end else 0

    def _step(self, place: int, before: int, found: _LaneFindings) -> tuple[int, int]:
        """Take one step of the rules from `place`, behind the record `before` (-1: none); give the next such pair."""
        following = self._sound(place)
        if following:
            if self.keep[self.data[place + 2]]:
                found.kept.append(place)
            return following, place
        if place >= self.filling:
            if before >= 0 and self.data[place - 1] == self.pad:
                found.given_up.append(before)
                found.cut = before
            return self.end, -1
        head = self.data[place : place + HEADER_BYTES]
        if head[:2] == MARK[: len(head)] and (len(head) < HEADER_BYTES or self.length[head[2]]):
            found.cut = place
            return self.end, -1
        if head[:2] == MARK:
            resumed = self._resume(place)
            if resumed - place <= RECORD_BYTES_AT_MOST:
                found.unknown.append(place)
                return resumed, -1
            found.holes.append((place, resumed))
            return resumed, -1
        first = place if before < 0 else before
        if before >= 0:
            found.given_up.append(before)
        resumed = self._resume(first)
        found.holes.append((first, resumed))
        return resumed, -1

    def _between(self, place: int, before: int, starts: list[int], index: int, found: _LaneFindings) -> tuple[int, int]:
        """Walk from `place` until a lane's start, from the one `index` on, or the end; gives place and index."""
        while place < self.end:
            while index < len(starts) and starts[index] < place:
                index += 1
            if index < len(starts) and starts[index] == place:
                break
            place, before = self._step(place, before, found)
        return place, index

    # ---- together

    def run(self, lanes: int | None) -> DataflashFrames:
        if self.end <= WORD:
            lanes = 0
        if lanes is None:
            lanes = min(self.end // LANE_BYTES, LANES_AT_MOST)
        walked = _LaneFindings()
        if not lanes:
            self._between(0, -1, [], 0, walked)
            return self._frames(np.zeros(0, np.int64), [walked])
        starts = self._lane_starts(lanes)
        met: dict[int, _LaneFindings] = {}
        kept, ends, lasts = self._lock_step(starts, met)
        in_lanes = np.concatenate([np.zeros(0, np.int64), *kept])
        start_list, end_list, last_list = starts.tolist(), ends.tolist(), lasts.tolist()
        counts = np.zeros(len(starts), np.bool_)
        place, index = 0, 0
        while place < self.end:
            # `place` is the start of lane `index`
            counts[index] = True
            place, before = end_list[index], last_list[index]
            index += 1
            if not (index < len(start_list) and place == start_list[index]):
                place, index = self._between(place, before, start_list, index, walked)
        in_lanes = in_lanes[counts[np.searchsorted(starts, in_lanes, "right") - 1]]
        return self._frames(in_lanes, [walked, *(found for lane, found in met.items() if counts[lane])])

    def _frames(self, in_lanes: Ints, parts: list[_LaneFindings]) -> DataflashFrames:
        kept = [place for part in parts for place in part.kept]
        given_up = np.array([place for part in parts for place in part.given_up], np.int64)
        offsets = np.sort(np.concatenate([in_lanes, np.array(kept, np.int64)]))
        offsets = offsets[~np.isin(offsets, given_up)] if len(given_up) else offsets
        holes = sorted(hole for part in parts for hole in part.holes)
        unknown = sorted(place for part in parts for place in part.unknown)
        cut = next((part.cut for part in parts if part.cut is not None), None)
        return DataflashFrames(offsets, holes, unknown, cut)
