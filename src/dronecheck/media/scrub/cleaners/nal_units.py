"""What a coder writes beside the picture in H.264 and H.265: messages of users and makers (SEI), and filling.

ITU-T H.264 and H.265, 7.3 and annex D. Each is overwritten in place by filling of the same length, which decoders pass
over: so that every table still finds its sample.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dronecheck.containers.source import Bytes, unsigned

__all__ = ["NalCoding", "clean_setup", "has_letters", "patches_of_sample"]

_AVC_SEI, _HEVC_SEI = frozenset((6,)), frozenset((39, 40))
# Kinds that show no picture and set nothing up: unspecified ones, filling, marks.
_MARKS_AVC, _MARKS_HEVC = frozenset((9, 10, 11)), frozenset((35, 36, 37))  # of one byte at most
_AVC_IDLE = frozenset((0, *_MARKS_AVC, 12, 16, 17, 18, *range(22, 32)))
_HEVC_IDLE = frozenset((*range(10, 16), *range(22, 32), *_MARKS_HEVC, 38, *range(41, 62)))  # 62 and 63 are Dolby's
_FILLER_PAYLOAD = 3
# The messages that decoders need, by kind, and how long each may be; all others may be anything.
_LONGEST = {0: 32, 1: 16, 6: 8, 19: 24, 45: 24, 47: 16, 129: 16, 130: 24, 132: 56, 137: 24, 144: 4, 147: 1, 148: 8}
_UNIT_AT_MOST_BYTES, _UNITS_AT_MOST = 4 << 20, 100_000
_LETTERS, _LETTERS_OF_TEXT = re.compile(rb"[\x20-\x7e]{32,}"), 10
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class NalCoding:
    """How samples are made of units: H.265 or H.264, and the bytes of the length before each."""

    is_hevc: bool
    length_bytes: int


def clean_setup(data: Bytes, kind: bytes, start: int, end: int) -> tuple[NalCoding, bytes] | None:
    """Return how a decoder's setup (`avcC`, `hvcC`) codes samples, and the setup without what is no part of it.

    None for a setup that is damaged.
    """
    out = bytearray(data[start:end])
    walked = _walk_hevc(out) if kind == b"hvcC" else _walk_avc(out)
    if walked is None:
        return None
    coding, stop = walked
    out[stop:] = bytes(len(out) - stop)
    return coding, bytes(out)


def _walk_avc(out: bytearray) -> tuple[NalCoding, int] | None:
    if len(out) < 7 or out[0] != 1:
        return None
    at = 5
    for mask in (0x1F, 0xFF):
        count, at = out[at] & mask if at < len(out) else 0, at + 1
        for _ in range(count):
            at += 2 + unsigned(bytes(out), at, 2)
    if at + 4 <= len(out) and out[at] >= 0xFC and min(out[at + 1], out[at + 2]) >= 0xF8:  # of the high profiles
        count, at = out[at + 3], at + 4
        for _ in range(count):
            at += 2 + unsigned(bytes(out), at, 2)
    return (NalCoding(False, (out[4] & 3) + 1), at) if at <= len(out) else None


def _walk_hevc(out: bytearray) -> tuple[NalCoding, int] | None:
    if len(out) < 23 or out[0] != 1:
        return None
    coding, at = NalCoding(True, (out[21] & 3) + 1), 23
    for _ in range(out[22]):
        kind, count, at = out[at] & 63 if at < len(out) else 0, unsigned(bytes(out), at + 1, 2), at + 3
        for _ in range(count):
            size = unsigned(bytes(out), at, 2)
            if at + 2 + size > len(out):
                return None
            if kind in _HEVC_SEI | _HEVC_IDLE:
                out[at + 2 : at + 2 + size] = _cleaned(bytes(out[at + 2 : at + 2 + size]), coding)
            at += 2 + size
    return (coding, at) if at <= len(out) else None


def patches_of_sample(data: Bytes, start: int, end: int, coding: NalCoding) -> Iterator[tuple[int, bytes]] | None:
    """Return what is to be written over units of a sample in [start, end); None where no units fill it."""
    units, at = list[tuple[int, int]](), start
    while at + coding.length_bytes < end and len(units) < _UNITS_AT_MOST:
        begin = at + coding.length_bytes
        at = begin + unsigned(data, at, coding.length_bytes)
        if at > end or at == begin:
            return None
        units.append((begin, at))
    if at != end:
        return None
    return _patches(data, units, coding)


def _patches(data: Bytes, units: list[tuple[int, int]], coding: NalCoding) -> Iterator[tuple[int, bytes]]:
    for begin, stop in units:
        kind = data[begin] >> 1 & 63 if coding.is_hevc else data[begin] & 31
        if kind in ((_HEVC_SEI | _HEVC_IDLE) if coding.is_hevc else (_AVC_SEI | _AVC_IDLE)):
            unit = bytes(data[begin : min(stop, begin + _UNIT_AT_MOST_BYTES)])
            clean = _cleaned(unit, coding) if len(unit) == stop - begin else _filling(stop - begin, unit, coding)
            if clean != unit:
                yield begin, clean


def _cleaned(unit: bytes, coding: NalCoding) -> bytes:
    """Return a unit without the messages that may be anything, of the same length; else filling in its place."""
    head = 2 if coding.is_hevc else 1
    kind = unit[0] >> 1 & 63 if coding.is_hevc else unit[0] & 31
    is_messages = kind in (_HEVC_SEI if coding.is_hevc else _AVC_SEI)
    messages = _messages(_unescaped(unit[head:])) if is_messages and len(unit) > head else None
    if kind in (_MARKS_HEVC if coding.is_hevc else _MARKS_AVC) and len(unit) <= head + 1:
        return unit
    kept = [one for one in messages or () if len(one[1]) <= _LONGEST.get(one[0], -1)]
    if not kept:
        return _filling(len(unit), unit, coding)
    body = b"".join(map(_coded, kept))
    whole = unit[:head] + _escaped(body) + b"\x80"
    if len(whole) < len(unit):
        whole = unit[:head] + _escaped(_filling_messages(len(unit) - len(whole)) + body) + b"\x80"
    return whole if len(whole) == len(unit) else _filling(len(unit), unit, coding)


def _filling(size: int, unit: bytes, coding: NalCoding) -> bytes:
    """Return filling of a length: what decoders pass over."""
    head = bytes((38 << 1, unit[1] if len(unit) > 1 and unit[1] else 1)) if coding.is_hevc else b"\x0c"
    return (head + b"\xff" * (size - len(head) - 1) + b"\x80")[:size]


def _filling_messages(room: int) -> bytes:
    """Return messages of filling that take so many bytes: one, or two where one cannot be so long; none of one byte."""
    widths = range(1, room)
    payload = next((room - 1 - width for width in widths if (room - 1 - width) // 255 + 1 == width), None)
    if payload is not None:
        return _coded((_FILLER_PAYLOAD, b"\xff" * payload))
    return bytes((_FILLER_PAYLOAD, 0)) + _filling_messages(room - 2) if room > 3 else b""


def _coded(message: tuple[int, bytes]) -> bytes:
    kind, payload = message
    return b"\xff" * (kind // 255) + bytes((kind % 255,)) + b"\xff" * (len(payload) // 255) + bytes(
        (len(payload) % 255,)
    ) + payload  # fmt: skip


def _messages(body: bytes) -> list[tuple[int, bytes]] | None:
    """Return the messages of a unit by kind; None where they do not fill it."""
    found: list[tuple[int, bytes]] = []
    at, body = 0, body.rstrip(b"\0")
    if body[-1:] != b"\x80":
        return None
    body = body[:-1]
    while at < len(body):
        numbers = []
        for _ in range(2):
            value = 0
            while at < len(body) and body[at] == 255:
                value, at = value + 255, at + 1
            value, at = value + (body[at] if at < len(body) else 0), at + 1
            numbers.append(value)
        if at + numbers[1] > len(body) or len(found) > 1_000:
            return None
        found.append((numbers[0], body[at : at + numbers[1]]))
        at += numbers[1]
    return found


def _unescaped(raw: bytes) -> bytes:
    return re.sub(rb"\x00\x00\x03(?=[\x00-\x03]|\Z)", b"\0\0", raw)


def _escaped(raw: bytes) -> bytes:
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", raw)


def has_letters(data: Bytes, start: int, end: int, gone: Sequence[tuple[int, int]] = ()) -> bool:
    """Tell whether a text of 32 letters and more stands in coded data, outside what is overwritten.

    Chance writes no such row; silence in sound does, of few letters. `gone` are the spans of what is overwritten, in
    order and apart.
    """
    for at in range(start, end, _PIECE_BYTES):
        for found in _LETTERS.finditer(bytes(data[at : min(at + _PIECE_BYTES + 31, end)])):
            before = bisect_right(gone, (at + found.start(), end)) - 1
            is_gone = before >= 0 and at + found.end() <= gone[before][1]
            if not is_gone and len(set(found[0])) >= _LETTERS_OF_TEXT:
                return True
    return False
