"""Where the coded data of a JPEG scan end (ITU-T T.81, F.2): what stands behind them is no picture.

Only the lengths of codes are followed, no picture is made. Several codes are taken at once, by a table of all windows
of 16 bits. Sequential Huffman coding only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dronecheck.containers.source import Bytes, unsigned

__all__ = ["JpegTables", "ends_of_scan", "has_text"]

_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_WINDOW, _ENTRIES = 16, 1 << 16
_SEQUENTIAL = (0xC0, 0xC1)
_BLOCK = 64
_LONGEST_BYTES = 96 << 20
_RUN = re.compile(rb"[\x20-\x7e]{24,}|[\x20-\x7e]{6,23}\Z")

_END, _NO_CODE = 256, 100
_STRETCH_BYTES, _MARGIN_BYTES = 1 << 16, 1 << 13  # the blocks of a unit are shorter than the margin

Lengths = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class _Codes:
    """Of each window of 16 bits: how many bits its symbols take, and how many coefficients they are.

    256 more coefficients if the block ends with them, 100 where there is no such code.
    """

    single_bits: Lengths
    single_steps: Lengths
    bits: Lengths  # of all symbols that lie wholly in the window, up to the end of the block
    steps: Lengths
    dc_bits: Lengths


@dataclass(slots=True)
class JpegTables:
    """What precedes a scan: the frame, the Huffman tables and the restart interval."""

    frame: int = 0
    width: int = 0
    height: int = 0
    sampling: dict[int, tuple[int, int]] = field(default_factory=dict)  # by component
    codes: dict[int, _Codes] = field(default_factory=dict)  # by class and number
    interval: int = 0

    def read(self, marker: int, body: bytes) -> int:
        """Take a segment's tables; return how many of its bytes they are, -1 where they are damaged."""
        if marker == 0xC4:
            return self._huffman(body)
        if marker == 0xDD:
            self.interval = unsigned(body, 0, 2)
            return 2
        if marker == 0xDB:
            return _quantisation(body)
        if marker in (0xCC, 0xDC):  # conditioning, lines
            return len(body) if marker == 0xCC else 2
        count = body[5] if len(body) > 5 else 0
        self.frame, self.height, self.width = marker, unsigned(body, 1, 2), unsigned(body, 3, 2)
        rows = [body[6 + 3 * number : 9 + 3 * number] for number in range(count)]
        if not count or any(len(row) < 3 for row in rows):
            return -1
        self.sampling = {row[0]: (row[1] >> 4, row[1] & 15) for row in rows}
        return 6 + 3 * count

    def _huffman(self, body: bytes) -> int:
        at = 0
        while at + 17 <= len(body) and body[at] & 0xE0 == 0:
            counts = body[at + 1 : at + 17]
            stop = at + 17 + sum(counts)
            if stop > len(body) or sum(counts) > 256:
                return -1
            self.codes[body[at]] = _codes_of(counts, body[at + 17 : stop])
            at = stop
        return at


def _quantisation(body: bytes) -> int:
    at = 0
    while at < len(body) and body[at] & 0xEC == 0:
        size = 65 if body[at] < 16 else 129
        if at + size > len(body):
            return -1
        at += size
    return at


def _codes_of(counts: bytes, symbols: bytes) -> _Codes:
    bits, steps = np.zeros(_ENTRIES, np.int64), np.zeros(_ENTRIES, np.int64)
    is_end, dc = np.zeros(_ENTRIES, np.bool_), np.zeros(_ENTRIES, np.int64)
    code = number = 0
    for length, count in enumerate(counts, 1):
        for _ in range(count):
            span = slice(code << (_WINDOW - length), (code + 1) << (_WINDOW - length))
            run, size = symbols[number] >> 4, symbols[number] & 15
            is_end[span] = size == 0 and run != 15
            bits[span], steps[span] = length + size, run + 1
            dc[span] = length + symbols[number]
            code, number = code + 1, number + 1
        code <<= 1
    steps[is_end] = 0
    all_bits, all_steps, all_end = _several(bits, steps, is_end)
    return _Codes(bits, _marked(bits, steps, is_end), all_bits, _marked(bits, all_steps, all_end), dc)


def _marked(bits: Lengths, steps: Lengths, is_end: NDArray[np.bool_]) -> Lengths:
    return np.where(bits == 0, _NO_CODE, steps + _END * is_end)


def _several(bits: Lengths, steps: Lengths, is_end: NDArray[np.bool_]) -> tuple[Lengths, Lengths, NDArray[np.bool_]]:
    """Return, of each window, all symbols that lie wholly in it, up to the end of the block."""
    windows = np.arange(_ENTRIES, dtype=np.int64)
    all_bits, all_steps, all_end = bits.copy(), steps.copy(), is_end.copy()
    for _ in range(_WINDOW):
        following = (windows << np.minimum(all_bits, _WINDOW)) & (_ENTRIES - 1)
        more = (all_bits > 0) & ~all_end & (bits[following] > 0) & (all_bits + bits[following] <= _WINDOW)
        if not more.any():
            break
        all_end |= more & is_end[following]
        all_steps += np.where(more, steps[following], 0)
        all_bits += np.where(more, bits[following], 0)
    return all_bits, all_steps, all_end


def ends_of_scan(data: Bytes, head: bytes, start: int, end: int, tables: JpegTables) -> list[tuple[int, int]] | None:
    """Return the spans [start, end) of a scan that hold coded data, restart marks with them; None if it cannot be told.

    `head` is the content of the scan's own segment.
    """
    plan = _plan(head, tables)
    if plan is None or end - start > _LONGEST_BYTES:
        return None
    units, blocks = plan
    coded = bytes(data[start:end])
    marks = [found.start() for found in _RESTART.finditer(coded)] if tables.interval else []
    begins, stops = [0, *(mark + 2 for mark in marks)], [*marks, len(coded)]
    spans: list[tuple[int, int]] = []
    for begin, stop in zip(begins, stops, strict=True):
        count = min(units, tables.interval or units)
        if not count:
            break
        used = _used(coded[begin:stop], blocks, count)
        if used is None:
            return None
        units -= count
        first = begin - 2 if begin else 0
        if spans and spans[-1][1] == start + first:
            spans[-1] = (spans[-1][0], start + begin + used)
        else:
            spans.append((start + first, start + begin + used))
    return spans if not units else None


def _plan(head: bytes, tables: JpegTables) -> tuple[int, list[tuple[_Codes, _Codes]]] | None:
    """Return how many units a scan has, and the tables of the blocks of one."""
    count = head[0] if head else 0
    rows = [head[1 + 2 * number : 3 + 2 * number] for number in range(count)]
    sizes = tables.sampling.values()
    if tables.frame not in _SEQUENTIAL or not tables.height or not count or not all(len(row) == 2 for row in rows):
        return None
    if any(row[0] not in tables.sampling for row in rows) or any(not h or not v for h, v in sizes):
        return None
    widest, tallest = (max(size[side] for size in sizes) for side in (0, 1))
    blocks = []
    for row in rows:
        dc, ac = tables.codes.get(row[1] >> 4), tables.codes.get(0x10 | row[1] & 15)
        if dc is None or ac is None:
            return None
        h, v = tables.sampling[row[0]] if count > 1 else (1, 1)
        blocks += [(dc, ac)] * (h * v)
    if count > 1:
        return -(-tables.width // (8 * widest)) * -(-tables.height // (8 * tallest)), blocks
    h, v = tables.sampling[rows[0][0]]
    across, down = -(-tables.width * h // widest), -(-tables.height * v // tallest)
    return -(-across // 8) * -(-down // 8), blocks


class _CodedStretch:
    """A part of the coded data: what each window of 16 bits holds, one at every bit."""

    def __init__(self, plain: NDArray[np.uint32], start: int) -> None:
        part = plain[start : start + _STRETCH_BYTES + _MARGIN_BYTES + 3]
        words = part[:-2] << np.uint32(16) | part[1:-1] << np.uint32(8) | part[2:]
        shifts = np.arange(8, 0, -1, dtype=np.uint32)
        self.windows = (words[:, np.newaxis] >> shifts & np.uint32(0xFFFF)).ravel()
        self.known: dict[int, tuple[memoryview, ...]] = {}

    def of(self, codes: _Codes) -> tuple[memoryview, ...]:
        """Return bits and coefficients of all symbols and of the first, and bits of DC's, at every bit."""
        found = self.known.get(id(codes))
        if found is None:
            columns = (codes.bits, codes.steps, codes.single_bits, codes.single_steps, codes.dc_bits)
            found = tuple(column.astype(np.uint16)[self.windows].data for column in columns)
            self.known[id(codes)] = found
        return found


def _used(coded: bytes, blocks: Sequence[tuple[_Codes, _Codes]], units: int) -> int | None:
    """Return how many bytes the codes of so many units take, stuffed zeros counted; None where they end too early."""
    plain = coded.replace(b"\xff\x00", b"\xff")
    padded = np.frombuffer(plain + b"\xff" * (_MARGIN_BYTES + 3), np.uint8).astype(np.uint32)
    last, start, at, left = 8 * len(plain), 0, 0, units
    while left:
        stretch = _CodedStretch(padded, start)
        views = [(stretch.of(dc)[4], *stretch.of(ac)[:4]) for dc, ac in blocks]
        stop = min(8 * _STRETCH_BYTES, last - 8 * start)
        while left and at < stop:
            for view in views:
                at = _behind_block(view, at)
                if at < 0 or at > last - 8 * start or at > 8 * (_STRETCH_BYTES + _MARGIN_BYTES // 2):
                    return None
            left -= 1
        if left and 8 * start + at >= last:
            return None
        start, at = start + at // 8, at % 8
    used = start + -(-at // 8)
    return len(coded) if used == len(plain) else _stuffed(coded, used)


def _behind_block(view: tuple[memoryview, ...], at: int) -> int:
    """Return where the codes of one block end that begin at a bit, -1 where there is none."""
    dc_bits, bits, steps, single_bits, single_steps = view
    if not dc_bits[at]:
        return -1
    at += dc_bits[at]
    step = 1
    while step < _BLOCK:
        ahead = step + steps[at]
        if ahead <= _BLOCK:
            at += bits[at]
            step = ahead
        elif _END < ahead < _END + _BLOCK:
            return int(at + bits[at])
        else:  # all that the window holds would reach into the next block
            ahead = step + single_steps[at]
            at += single_bits[at]
            if _END < ahead < _END + _BLOCK:
                return int(at)
            if ahead > _BLOCK:
                return -1
            step = ahead
    return int(at)


def _stuffed(coded: bytes, used: int) -> int:
    """Return how many bytes of a stuffed text so many plain ones are."""
    low, high = used, min(2 * used, len(coded))
    while low < high:
        middle = (low + high) // 2
        pairs = coded.count(b"\xff\x00", 0, middle)
        if middle - pairs < used or (coded[middle - 1 : middle + 1] == b"\xff\x00"):
            low = middle + 1
        else:
            high = middle
    return low


def has_text(coded: bytes) -> bool:
    """Tell whether a text stands in or behind coded data that cannot be followed: more letters than chance writes."""
    return any(len(set(found[0])) >= (10 if len(found[0]) >= 24 else 4) for found in _RUN.finditer(coded))
