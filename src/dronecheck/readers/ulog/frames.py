"""The framing of ULog: where each record begins, what was lost, and the proof that nothing else was.

    record      u16 payload size, u8 kind, payload (little-endian); no checksum and no start mark
    sound       strong: 'D' of a subscribed id with exactly that topic's size
                weak:   any other known kind within its size bounds, and 'D' of an id not subscribed (yet)
    odd         'D' of a subscribed id with another size, or an unknown kind of at most 10,000 bytes: believed only
                when at most 16 of them lead to a sound header
    hole        a place that is neither: the record before it is given up as well, since its end is not confirmed
                (bytes deleted or zeroed within it show only there), and reading resumes at the first chain of
                records weighing 4 or more (strong 2, weak 1, the exact end of the section 2)
    cut         the section ends inside a record

The rules read one record after the other. To be fast, they are walked in many lanes in lock step (one gather a step
for all lanes). Each lane starts at a plausible strong header; a lane that does not land exactly on the next lane's
start is walked again from where it went wrong, one record at a time, until it meets a lane's start. What a lane
found counts only if the sequential walk passes through its start, so the result is that of the sequential walk.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from dronecheck.arrays import Bools, Ints
from dronecheck.readers.common.parallel_scan import joined, spans_walked_again
from dronecheck.readers.common.stretches import Buffer, gathered

__all__ = ["DATA", "HEADER_BYTES", "Grammar", "UlogFrames", "definitions", "walk"]

HEADER_BYTES = 3
DATA = ord("D")
ANY = 0xFFFF
# kind -> smallest and largest payload, and whether the reader looks into it
KINDS: dict[int, tuple[int, int, bool]] = {
    ord("B"): (40, 300, True),
    ord("F"): (3, ANY, True),
    ord("I"): (3, ANY, True),
    ord("M"): (4, ANY, False),
    ord("P"): (6, 300, False),
    ord("Q"): (7, 300, False),
    ord("A"): (4, 300, True),
    ord("R"): (2, 2, True),
    ord("L"): (9, 4096, True),
    ord("C"): (11, 4096, True),
    ord("S"): (8, 8, False),
    ord("O"): (2, 2, True),
}
ODD_BYTES_AT_MOST = 10_000
ODD_RUN_AT_MOST = 16
ENOUGH_WEIGHT = 4
WORD = 8  # bytes gathered a step: size, kind, id and three more
LANE_BYTES = 1024
LANES_AT_MOST = 8192
SEARCH_BYTES = 128  # how far behind its border a lane looks for its start
CHUNK_BYTES = 1 << 16

_HEADER = struct.Struct("<HB")
_ID = struct.Struct("<H")


class Grammar:
    """What a sound header is: payload sizes of the subscribed ids, and which records to keep."""

    def __init__(self, data_sizes: Mapping[int, int], wanted: Iterable[int]) -> None:
        self.data_sizes = dict(data_sizes)
        slots = (1 << 16) + 256  # one a data id, one a kind
        self.lowest = np.full(slots, 2, np.int64)
        self.span = np.full(slots, ANY - 2, np.uint64)
        self.weight = np.ones(slots, np.int64)
        self.keep = np.ones(slots, np.bool_)  # data of ids unknown so far is kept: its subscription may come late
        self.lowest[1 << 16 :] = 1 << 20
        self.span[1 << 16 :] = 0
        for kind, (low, high, keep) in KINDS.items():
            slot = (1 << 16) + kind
            self.lowest[slot], self.span[slot], self.keep[slot] = low, high - low, keep
        ids = np.fromiter(self.data_sizes, np.int64, len(self.data_sizes))
        self.lowest[ids] = np.fromiter(self.data_sizes.values(), np.int64, len(ids))
        self.span[ids] = 0
        self.weight[ids] = 2
        self.keep[ids] = False
        self.keep[list(wanted)] = True
        self.exact = np.full(1 << 16, -1, np.int64)  # by id: the first three bytes of its records, as a number
        self.exact[ids] = self.lowest[ids] | DATA << 16
        self.advance = self.lowest[: 1 << 16] + HEADER_BYTES
        self.known_kind = np.zeros(256, np.bool_)
        self.known_kind[[*KINDS, DATA]] = True


@dataclass(slots=True)
class UlogFrames:
    """What a walk found: offsets of the kept records (ascending), and the damage."""

    offsets: Ints
    end: int = 0
    holes: list[tuple[int, int]] = field(default_factory=list)  # [from, to) that is no record
    odd: list[int] = field(default_factory=list)  # records of an unknown kind or with a wrong size
    cut: int | None = None  # the record that the end of the section cuts off


def definitions(data: Buffer, start: int, end: int) -> tuple[list[int], int]:
    """Return the kept records from `start` up to the first data record (or whatever is not sound), and that place."""
    offsets = []
    place = start
    while place + HEADER_BYTES <= end:
        size, kind = _HEADER.unpack_from(data, place)
        low, high, keep = KINDS.get(kind, (1, 0, False))
        if not low <= size <= high or place + HEADER_BYTES + size > end:
            break
        if keep:
            offsets.append(place)
        place += HEADER_BYTES + size
    return offsets, place


def walk(data: Buffer, start: int, end: int, grammar: Grammar, lanes: int | None = None) -> UlogFrames:
    """Walk all records of a section, as the rules above read them one after the other.

    `lanes` only changes the speed; 0 walks without lanes.
    """
    return _UlogWalk(data, start, end, grammar).run(lanes)


class _UlogWalk:
    def __init__(self, data: Buffer, start: int, end: int, grammar: Grammar) -> None:
        self.data, self.start, self.end, self.grammar = data, start, end, grammar
        self.bytes = np.frombuffer(data, np.uint8)
        self.last_word = end - WORD
        count = max(len(data) - WORD + 1, 0)
        # every 8 bytes of the file as one number, overlapping; only ever indexed, never copied whole
        self.words = np.ndarray((count,), np.dtype("<u8"), data, 0, (1,)) if count else np.zeros(0, np.uint64)
        self.resumes: dict[int, Ints] = {}  # chunk -> places in it where reading may resume
        self.found: list[int] = []
        self.holes: list[tuple[int, int]] = []
        self.odd: list[int] = []
        self.cut: int | None = None

    # ---- many headers at once

    def _look(self, places: Ints) -> tuple[Ints, Bools, Ints]:
        """Return end, soundness and grammar slot of the headers at `places` (each at most `last_word`)."""
        head = self.words[places].view(np.int64)
        size = head & 0xFFFF
        kind = (head >> 16) & 0xFF
        slot = np.where(kind == DATA, (head >> 24) & 0xFFFF, kind + (1 << 16))
        ends = places + (size + HEADER_BYTES)
        sound = (size - self.grammar.lowest[slot]).view(np.uint64) <= self.grammar.span[slot]
        sound &= ends <= self.end
        return ends, sound, slot

    def _may_resume(self, places: Ints) -> Bools:
        """Tell where a chain of records weighing enough begins."""
        weight = np.zeros(len(places), np.int64)
        rows, at = np.arange(len(places), dtype=np.intp), places
        for _ in range(ENOUGH_WEIGHT):
            inside = at <= self.last_word
            rows, at = rows[inside], at[inside]
            ends, sound, slot = self._look(at)
            rows, at = rows[sound], ends[sound]
            weight[rows] += self.grammar.weight[slot[sound]] + 2 * (at == self.end)
        return weight >= ENOUGH_WEIGHT

    def _resume(self, after: int) -> int:
        """Return the first place behind `after` where reading may resume; the end if there is none."""
        for chunk in range((after + 1) // CHUNK_BYTES, self.end // CHUNK_BYTES + 1):
            places = self.resumes.get(chunk)
            if places is None:
                first = max(chunk * CHUNK_BYTES, self.start)
                stop = min((chunk + 1) * CHUNK_BYTES, self.last_word + 1)
                kinds = self.bytes[first + 2 : max(stop, first) + 2]
                places = np.flatnonzero(self.grammar.known_kind[kinds]) + first
                places = self.resumes[chunk] = places[self._may_resume(places)]
            index = int(np.searchsorted(places, after, "right"))
            if index < len(places):
                return int(places[index])
        return self.end

    def _lane_starts(self, lanes: int) -> Ints:
        """Return about `lanes` places that look like strong headers; a guess, proven later."""
        borders = np.linspace(self.start, self.end, lanes + 1).astype(np.int64)[:-1]
        borders = borders[borders + SEARCH_BYTES <= self.last_word]
        if not len(borders):
            return borders
        kinds = gathered(self.data, borders + 2, SEARCH_BYTES).reshape(-1)
        found = np.flatnonzero(kinds == DATA)
        places = borders[found // SEARCH_BYTES] + found % SEARCH_BYTES
        ends, sound, slot = self._look(places)
        places, ends = (a[sound & (self.grammar.weight[slot] == 2)] for a in (places, ends))
        linked = ends <= self.last_word
        places, ends = places[linked], ends[linked]
        places = places[self._look(ends)[1]]
        _, first = np.unique(np.searchsorted(borders, places, "right"), return_index=True)
        return np.unique(places[first])

    def _lock_step(self, starts: Ints) -> tuple[Ints, Ints, Ints]:
        """Walk from all starts at once, each up to the next start.

        Gives the offsets of kept records, and for each lane the place where it ended and the record before that
        place (-1: none).
        """
        grammar = self.grammar
        stops = np.append(starts[1:], self.last_word + 1)
        ends, before = starts.copy(), np.full_like(starts, -1)
        kept: list[Ints] = []
        lane, at, previous = np.arange(len(starts), dtype=np.intp), starts, before.copy()
        while len(at):
            # The common case in few operations: a data record of a subscribed id with its exact size.
            head = self.words[at].view(np.int64)
            ident = (head >> 24) & 0xFFFF
            sound = (head & 0xFFFFFF) == grammar.exact.take(ident)
            keep = grammar.keep.take(ident)
            following = at + grammar.advance.take(ident)
            if not sound.all():
                rest = np.flatnonzero(~sound)
                following[rest], sound[rest], slot = self._look(at[rest])
                keep[rest] = grammar.keep[slot]
            go = following < stops
            go &= sound
            if not go.all():
                sound &= following <= self.end
                keep &= sound
                over, stalled = sound & ~go, ~sound
                ends[lane[over]], before[lane[over]] = following[over], at[over]
                ends[lane[stalled]], before[lane[stalled]] = at[stalled], previous[stalled]
                if keep.any():
                    kept.append(at[keep])
                lane, stops, at, following = lane[go], stops[go], at[go], following[go]
            elif keep.any():
                kept.append(at[keep])
            previous, at = at, following
        return np.concatenate([np.zeros(0, np.int64), *kept]), ends, before

    # ---- one header at a time

    def _weight(self, place: int) -> int:
        """Return 2 for a strong header, 1 for a weak one, 0 for none; whether the record fits is not asked."""
        size, kind = _HEADER.unpack_from(self.data, place)
        if kind != DATA:
            low, high, _ = KINDS.get(kind, (1, 0, False))
            return int(low <= size <= high)
        if size < 2:
            return 0
        if place + HEADER_BYTES + 2 > self.end:
            return 1
        expected = self.grammar.data_sizes.get(_ID.unpack_from(self.data, place + HEADER_BYTES)[0])
        return 1 if expected is None else 2 * (expected == size)

    def _following(self, place: int) -> int:
        """Return the end of the sound record at `place`; 0 when there is none."""
        if place + HEADER_BYTES > self.end or not self._weight(place):
            return 0
        end: int = place + HEADER_BYTES + _HEADER.unpack_from(self.data, place)[0]
        return end if end <= self.end else 0

    def _odd_run(self, place: int) -> list[int]:
        """Return the odd records from `place` on that lead to a sound header, [] if they do not.

        The last item is the end.
        """
        run = [place]
        while len(run) <= ODD_RUN_AT_MOST:
            size, kind = _HEADER.unpack_from(self.data, place)
            low = 2 if kind == DATA else 1
            place += HEADER_BYTES + size
            if kind == 0 or not low <= size <= ODD_BYTES_AT_MOST or place > self.end:
                return []
            run.append(place)
            if place + HEADER_BYTES > self.end or self._weight(place):
                return run
        return []

    def _cut_here(self, place: int) -> bool:
        """Tell whether the section ends inside the record at `place`."""
        if place + HEADER_BYTES > self.end:
            return True
        size, kind = _HEADER.unpack_from(self.data, place)
        if place + HEADER_BYTES + size <= self.end:
            return False
        weight = self._weight(place)
        return weight == 2 or ((weight == 1 or kind == DATA) and self._resume(place) == self.end)

    def _step_by_step(self, place: int, before: int, starts: list[int], index: int) -> tuple[int, int]:
        """Walk from `place` (behind the record `before`, -1 if none) until a lane's start or the end.

        `index` is that of the first start not behind `place`; gives the place and the index reached.
        """
        keep = self.grammar.keep
        held = before  # the last record, not confirmed yet
        while place < self.end:
            while index < len(starts) and starts[index] < place:
                index += 1
            if index < len(starts) and starts[index] == place:
                break
            following = self._following(place)
            if following:
                self._note(held, keep)
                held, place = place, following
            elif self._cut_here(place):
                self.cut = place
                place = self.end
            elif run := self._odd_run(place):
                self._note(held, keep)
                self.odd += run[:-1]
                held, place = -1, run[-1]
            else:
                first = place if held < 0 else held
                place, held = self._resume(first), -1
                self.holes.append((first, place))
        self._note(held, keep)
        return place, index

    def _note(self, place: int, keep: Bools) -> None:
        """Take a confirmed record if it is one to keep."""
        if place < 0:
            return
        _, kind = _HEADER.unpack_from(self.data, place)
        slot = _ID.unpack_from(self.data, place + HEADER_BYTES)[0] if kind == DATA else (1 << 16) + kind
        if keep[slot]:
            self.found.append(place)

    # ---- together

    def run(self, lanes: int | None) -> UlogFrames:
        if lanes is None:
            lanes = min((self.end - self.start) // LANE_BYTES, LANES_AT_MOST)
        starts = self._lane_starts(lanes) if lanes else np.zeros(0, np.int64)
        in_lanes, ends, before = self._lock_step(starts)
        again = spans_walked_again(self.start, self.end, starts, ends, before, self._step_by_step)
        return UlogFrames(joined(np.sort(in_lanes), again, self.found), self.end, self.holes, self.odd, self.cut)
