"""The framing of MAVLink streams: where each record begins, what was lost, and the proof that nothing else was.

    record      microseconds since 1970 u64, big-endian (not in raw streams), then a MAVLink 1 or 2 frame (see `crc`)
    sound       a magic byte, no unknown incompatible flag, an end inside the file, and a stamp before the year 2112
                (any stamp, where the frame is good and of a known id: only the host's clock is wrong)
    good        sound, and the checksum is right (with any definition if the id is unknown)
    hole        a place where no sound record begins: the record before it is given up as well unless it is good (its
                length may be what is damaged), and reading resumes at the first good record of a known id
    cut         the file ends inside a record, and no record follows

The rules read one record after the other. To be fast, they are walked in many lanes in lock step (two gathers a step
for all lanes). Each lane starts at a place that looks like a record; a lane that does not land exactly on the next
lane's start is walked again from where it went wrong, one record at a time, until it meets a lane's start. What a
lane found counts only if the sequential walk passes through its start, so the result is that of the sequential walk.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Ints
from dronecheck.readers.common.parallel_scan import joined, spans_walked_again
from dronecheck.readers.common.stretches import Buffer, gathered
from dronecheck.readers.tlog import MAGIC_1, MAGIC_2
from dronecheck.readers.tlog.crc import Sums, crc_of, definition_byte, length_changed, zero_behind
from dronecheck.readers.tlog.messages import CRC_EXTRA, LONGEST, UNKNOWN

__all__ = ["RAW", "STAMPED", "Heads", "MavlinkFrames", "good", "heads_of", "looks_like", "shortened", "walk"]

STAMPED, RAW = 8, 0  # bytes of the stamp
BARE_1, BARE_2, SIGNATURE = 8, 12, 13  # bytes of a frame without payload, and of a signature
SIGNED = 1  # the only incompatible flag there is
WORD = 8  # bytes gathered from a frame: all of a bare frame 1, a frame 2 up to the low byte of its id
LATE_STAMP = 0xF0  # bits of a stamp's second byte that, like all of the first, no stamp before 2112 sets
LANE_BYTES, SHORT_LANE_BYTES = 16_000, 4096  # of a file long enough for that, and of others
LANES_AT_ONCE = 2048
SEARCH_BYTES = 320  # how far behind its border a lane looks for its start: more than the longest record
CHUNK_BYTES = 1 << 16
SHORTENED_AT_MOST = 1 << 15

_MAGICS = re.compile(b"[\xfd\xfe]")


@dataclass(slots=True)
class MavlinkFrames:
    """What a walk found: offsets of the records (ascending; of the stamp, where there is one), and the damage."""

    offsets: Ints
    holes: list[tuple[int, int]] = field(default_factory=list)  # [from, to) that is no record
    cut: int | None = None  # the record that the end of the file cuts off


@dataclass(frozen=True, slots=True)
class Heads:
    """The headers of sound frames; `payload` is where the payload begins."""

    first: NDArray[np.bool_]  # a frame of MAVLink 1
    msg_id: Ints
    sender: Ints  # system * 256 + component
    length: Ints
    payload: Ints


def heads_of(content: NDArray[np.uint8], frames: Ints) -> Heads:
    """Return the headers of the sound frames that begin at `frames`."""
    words = np.ndarray((len(content) - WORD + 1,), np.dtype("<u8"), content.data, 0, (1,))
    head = words[frames].view(np.int64)
    first = (head & 0xFF) == MAGIC_1
    id_1 = (head >> 40) & 0xFF
    id_2 = (head >> 56) & 0xFF
    second = np.flatnonzero(~first)
    at = frames[second]
    id_2[second] |= content[at + 8].astype(np.int64) << 8 | content[at + 9].astype(np.int64) << 16
    sender = np.where(first, head >> 24, head >> 40) & 0xFFFF
    sender = (sender & 0xFF) << 8 | sender >> 8
    payload = frames + np.where(first, BARE_1 - 2, BARE_2 - 2)
    return Heads(first, np.where(first, id_1, id_2), sender, (head >> 8) & 0xFF, payload)


def good(content: NDArray[np.uint8], frames: Ints, heads: Heads) -> tuple[Bools, Bools]:
    """Tell whether the checksum is right by the known definition, and whether it could be by any."""
    ends = heads.payload + heads.length
    sums = crc_of(content, frames + 1, ends - frames - 1)
    received: Sums = content[ends].astype(np.uint16) | content[ends + 1].astype(np.uint16) << np.uint16(8)
    byte = definition_byte(sums, received)
    expected = CRC_EXTRA[np.minimum(heads.msg_id, len(CRC_EXTRA) - 1)]
    return byte == expected, byte >= 0


def shortened(content: NDArray[np.uint8], frames: Ints, heads: Heads) -> Bools:
    """Tell which frames are right once zeros are put back at the end of their payload.

    Some relays cut those zeros off and forget the checksum. At most `SHORTENED_AT_MOST` frames are tried.
    """
    right = np.zeros(len(frames), np.bool_)
    known_id = np.minimum(heads.msg_id, len(LONGEST) - 1)
    longest = np.where(CRC_EXTRA[known_id] == UNKNOWN, 0, LONGEST[known_id])
    rows = np.flatnonzero(~heads.first & (heads.length < longest))[:SHORTENED_AT_MOST]
    if not len(rows):
        return right
    length, longest, ends = heads.length[rows], longest[rows], heads.payload[rows] + heads.length[rows]
    received = content[ends].astype(np.uint16) | content[ends + 1].astype(np.uint16) << np.uint16(8)
    expected = CRC_EXTRA[known_id[rows]]
    sums = crc_of(content, frames[rows] + 1, length + (BARE_2 - 3))
    for more in range(1, int((longest - length).max()) + 1):
        go = np.flatnonzero((length + more <= longest) & ~right[rows])
        rows, length, longest = rows[go], length[go], longest[go]
        received, expected, sums = received[go], expected[go], zero_behind(sums[go])
        as_sent = sums ^ length_changed()[length + more, length ^ (length + more)]
        right[rows] = definition_byte(as_sent, received) == expected
    return right


def walk(data: Buffer, stamp_bytes: int, lanes: int | None = None) -> MavlinkFrames:
    """Walk all records of a stream, as the rules above read them one after the other.

    `lanes` only changes the speed; 0 walks without lanes.
    """
    return _MavlinkWalk(data, stamp_bytes).run(lanes)


def looks_like(head: bytes, at_most: int = 2048, tries: int = 96) -> int | None:
    """Return STAMPED, RAW or None, by a good record at the very start, or else two in a row among the first bytes."""
    for found in islice(_MAGICS.finditer(head, 0, at_most), tries):
        at = found.start()
        for stamp in (STAMPED, RAW):
            if at < stamp:
                continue
            steps = _MavlinkWalk(head[: at + 1024], stamp)
            end = steps.good_end(at - stamp)
            if not end:
                continue
            if (at == stamp and (stamp or end == len(head))) or steps.good_end(end):
                return stamp
    return None


@cache
def _bare_lengths(stamp_bytes: int) -> Ints:
    """Return the length of a record without payload by magic and the byte of the incompatible flags; 0: no frame."""
    bare = np.zeros(1 << 16, np.int64)
    bare[MAGIC_1::256] = stamp_bytes + BARE_1
    bare[MAGIC_2] = stamp_bytes + BARE_2
    bare[MAGIC_2 | SIGNED << 8] = stamp_bytes + BARE_2 + SIGNATURE
    return bare


class _MavlinkWalk:
    def __init__(self, data: Buffer, stamp_bytes: int) -> None:
        self.data, self.stamp, self.end = data, stamp_bytes, len(data)
        self.bytes = np.frombuffer(data, np.uint8)
        self.last = self.end - WORD - stamp_bytes  # the last place where a whole header may begin
        self.magics, self.lengths, self.flags = (self.bytes[stamp_bytes + at :] for at in range(3))
        self.bare = _bare_lengths(stamp_bytes)
        self.resumes: dict[int, list[int]] = {}  # chunk -> places in it where reading may resume
        self.found: list[int] = []
        self.holes: list[tuple[int, int]] = []
        self.cut: int | None = None

    # ---- many headers at once

    def _look(self, places: Ints, any_stamp: bool = False) -> tuple[Ints, Bools]:
        """Return end and soundness of the headers at `places` (each at most `last`)."""
        # Byte by byte: picking unaligned words is slower, and so are all operations on wide numbers.
        magic, flags = self.magics[places], self.flags[places]
        second = magic == MAGIC_2
        sound = magic == MAGIC_1
        sound |= second & (flags <= SIGNED)
        bare = np.add(second.view(np.uint8) * np.uint8(BARE_2 - BARE_1), np.uint8(self.stamp + BARE_1))
        bare += (second & (flags == SIGNED)).view(np.uint8) * np.uint8(SIGNATURE)
        ends = places + (self.lengths[places] + bare.astype(np.uint16))
        sound &= ends <= self.end
        if self.stamp and not any_stamp:
            sound &= (self.bytes[places] | self.bytes[1:][places] & np.uint8(LATE_STAMP)) == 0
        return ends, sound

    def _resumable(self, first: int, stop: int) -> Ints:
        """Return the places from `first` to before `stop` where a good record of a known id begins."""
        magic = self.bytes[first + self.stamp : max(stop, first) + self.stamp]
        places = np.flatnonzero((magic == MAGIC_1) | (magic == MAGIC_2)) + first
        places = places[self._look(places, any_stamp=True)[1]]
        heads = heads_of(self.bytes, places + self.stamp) if len(places) else None
        if heads is None:
            return places
        msg_id = np.minimum(heads.msg_id, len(CRC_EXTRA) - 1)
        known = (CRC_EXTRA[msg_id] != UNKNOWN) & (heads.length <= LONGEST[msg_id])
        places = places[known]
        frames = places + self.stamp
        right: Ints = places[good(self.bytes, frames, heads_of(self.bytes, frames))[0]]
        return right

    def _resume(self, after: int) -> int:
        """Return the first place behind `after` where reading may resume; the end if there is none."""
        for chunk in range((after + 1) // CHUNK_BYTES, self.end // CHUNK_BYTES + 1):
            places = self._good_places(chunk)
            index = bisect_right(places, after)
            if index < len(places):
                return places[index]
        return self.end

    def _good_places(self, chunk: int) -> list[int]:
        places = self.resumes.get(chunk)
        if places is None:
            stop = min((chunk + 1) * CHUNK_BYTES, self.last + 1)
            places = self.resumes[chunk] = self._resumable(chunk * CHUNK_BYTES, stop).tolist()
        return places

    def _lane_starts(self, borders: Ints) -> Ints:
        """Return for about each border a place behind it that looks like a record; a guess, proven later."""
        borders = borders[borders + SEARCH_BYTES <= self.last]
        if not len(borders):
            return borders
        magic = gathered(self.data, borders + self.stamp, SEARCH_BYTES).reshape(-1)
        found = np.flatnonzero((magic == MAGIC_1) | (magic == MAGIC_2))
        places = borders[found // SEARCH_BYTES] + found % SEARCH_BYTES
        ends, sound = self._look(places)
        linked = sound & (ends <= self.last)
        places, ends = places[linked], ends[linked]
        places = places[self._look(ends)[1]]
        _, first = np.unique(np.searchsorted(borders, places, "right"), return_index=True)
        return places[first]

    def _in_lanes(self, lanes: int) -> tuple[Ints, Ints, Ints, Ints]:
        """Return the starts of about `lanes` lanes and what walking them gives (`_lock_step`), some lanes at a time."""
        borders = np.linspace(0, self.end, lanes + 1).astype(np.int64)[:-1]
        empty = np.zeros(0, np.int64)
        found = [self._lane_starts(borders[i : i + LANES_AT_ONCE]) for i in range(0, lanes, LANES_AT_ONCE)]
        starts = np.unique(np.concatenate([empty, *found]))
        stops = np.append(starts[1:], self.last + 1)[: len(starts)]
        parts = [
            self._lock_step(starts[i : i + LANES_AT_ONCE], stops[i : i + LANES_AT_ONCE])
            for i in range(0, len(starts), LANES_AT_ONCE)
        ]
        parts.append((empty, empty, empty))
        records, ends, before = (np.concatenate(column) for column in zip(*parts, strict=True))
        return starts, records, ends, before

    def _lock_step(self, starts: Ints, stops: Ints) -> tuple[Ints, Ints, Ints]:
        """Walk from all starts at once, each up to its stop (the next start).

        Gives the offsets of the records, ascending, and for each lane the place where it ended and the record
        before that place (-1: none).
        """
        ends, before = starts.copy(), np.full_like(starts, -1)
        kept: list[tuple[Ints, Ints]] = []  # lanes and their records, one item a step
        counts = np.zeros(len(starts), np.int64)
        lane, at, previous = np.arange(len(starts), dtype=np.intp), starts, before.copy()
        while len(at):
            following, sound = self._look(at)
            go = sound & (following < stops)
            if go.all():
                kept.append((lane, at))
            else:
                over, stalled = sound & ~go, ~sound
                kept.append((lane[sound], at[sound]))
                counts[lane[~go]] = len(kept) - stalled[~go]
                ends[lane[over]], before[lane[over]] = following[over], at[over]
                ends[lane[stalled]], before[lane[stalled]] = at[stalled], previous[stalled]
                lane, stops, following, at = lane[go], stops[go], following[go], at[go]
            previous, at = at, following
        first = np.cumsum(counts) - counts
        records = np.empty(int(counts.sum()), np.int64)
        for step, (lanes, places) in enumerate(kept):
            records[first[lanes] + step] = places
        return records, ends, before

    # ---- one header at a time

    def _bare(self, place: int) -> int:
        """Return the length of the record at `place` without its payload; 0 when there is no header."""
        if place + self.stamp + WORD > self.end:
            return 0
        at = place + self.stamp
        return int(self.bare[self.data[at] | self.data[at + 2] << 8])

    def _following(self, place: int) -> int:
        """Return the end of the sound record at `place`; 0 when there is none."""
        bare = self._bare(place)
        end: int = place + bare + self.data[place + self.stamp + 1] if bare else 0
        if end > self.end or (end and self._is_late(place) and not self._resumes_at(place)):
            return 0
        return end

    def _is_late(self, place: int) -> bool:
        """Tell whether no host's clock can show the stamp of the record at `place`."""
        return bool(self.stamp and (self.data[place] or self.data[place + 1] & LATE_STAMP))

    def _resumes_at(self, place: int) -> bool:
        places = self._good_places(place // CHUNK_BYTES)
        index = bisect_left(places, place)
        return index < len(places) and places[index] == place

    def _is_good(self, place: int) -> bool:
        if self._resumes_at(place):
            return True
        frames = np.array([place + self.stamp], np.int64)
        heads = heads_of(self.bytes, frames)
        if heads.msg_id[0] < len(CRC_EXTRA) and CRC_EXTRA[heads.msg_id[0]] != UNKNOWN:
            return False
        return bool(good(self.bytes, frames, heads)[1][0])

    def good_end(self, place: int) -> int:
        """Return the end of the record at `place` when it is sound, of a known id, and its checksum right; else 0."""
        following = self._following(place)
        return following if following and len(self._resumable(place, place + 1)) else 0

    def _cut_here(self, place: int) -> bool:
        """Tell whether the file may end inside a record at `place`."""
        return place + self.stamp + WORD > self.end or (bool(self._bare(place)) and not self._is_late(place))

    def _step_by_step(self, place: int, before: int, starts: list[int], index: int) -> tuple[int, int]:
        """Walk from `place` (behind the record `before`, -1 if none) until a lane's start or the end.

        `index` is that of the first start not behind `place`; gives the place and the index reached.
        """
        held = before  # the last record, not confirmed yet
        while place < self.end:
            while index < len(starts) and starts[index] < place:
                index += 1
            if index < len(starts) and starts[index] == place:
                break
            following = self._following(place)
            if following:
                self._note(held)
                held, place = place, following
                continue
            first = place if held < 0 or self._is_good(held) else held
            resumed = self._resume(first)
            if resumed == self.end and self._cut_here(place):
                self.cut = place
                place = self.end
                break
            if first == place:
                self._note(held)
            self.holes.append((first, resumed))
            place, held = resumed, -1
        self._note(held)
        return place, index

    def _note(self, place: int) -> None:
        if place >= 0:
            self.found.append(place)

    # ---- together

    def run(self, lanes: int | None) -> MavlinkFrames:
        if lanes is None:
            lanes = max(min(self.end // SHORT_LANE_BYTES, LANES_AT_ONCE), self.end // LANE_BYTES)
        starts, in_lanes, ends, before = self._in_lanes(lanes)
        again = spans_walked_again(0, self.end, starts, ends, before, self._step_by_step)
        return MavlinkFrames(joined(in_lanes, again, self.found), self.holes, self.cut)
