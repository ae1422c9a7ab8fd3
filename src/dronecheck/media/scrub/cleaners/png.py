"""PNG by a whitelist of chunks (ISO/IEC 15948, clause 11): what decodes the picture stays, all else goes."""

from __future__ import annotations

import struct
import zlib

from dronecheck.containers.source import Bytes, unsigned
from dronecheck.media.scrub.cleaners.icc_profile import clean_profile
from dronecheck.media.scrub.parts import CleanCopy, NoCopy, Part, Taken
from dronecheck.messages import Message

__all__ = ["clean_png"]

_MARK_BYTES, _CHUNKS_AT_MOST, _PROFILE_AT_MOST_BYTES = 8, 100_000, 4 << 20
_KEPT = frozenset((b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB"))
_ANIMATION = b"acTL"


def clean_png(data: Bytes, exif: bytes) -> CleanCopy:
    """Return the copy of a picture, with `exif` as its only metadata. Raises NoCopy for what is no whole picture."""
    parts: list[Part] = [bytes(data[:_MARK_BYTES])]
    notices: list[Message] = []
    at, has_picture = _MARK_BYTES, False
    for _ in range(_CHUNKS_AT_MOST):
        length, kind = unsigned(data, at, 4), bytes(data[at + 4 : at + 8])
        stop = at + 12 + length
        if len(kind) < 4 or stop > len(data) or (at == _MARK_BYTES) is not (kind == b"IHDR"):
            raise NoCopy(Message("there is no whole picture in it"))
        if kind == b"IEND":
            if not has_picture:
                break
            return CleanCopy((*parts, _chunk(b"IEND", b"")), tuple(notices))
        if kind == b"IDAT":
            if exif and not has_picture:
                parts.append(_chunk(b"eXIf", exif))
            has_picture = True
            parts += [bytes(data[at : at + 8]), Taken(at + 8, stop - 4), _checked(data, at, stop)]
        elif kind in _KEPT:
            _checked(data, at, stop)
            parts.append(bytes(data[at:stop]))
        elif kind == b"iCCP":
            parts += _profile(bytes(data[at + 8 : stop - 4]), notices)
        elif kind == _ANIMATION:
            notices.append(Message("it moves; its copy is the still picture"))
        elif not kind[0] & 0x20:
            raise NoCopy(Message("it needs a part that is not known here, and may hold anything"))
        at = stop
    raise NoCopy(Message("there is no whole picture in it"))


def _checked(data: Bytes, at: int, stop: int) -> bytes:
    """Return the check value of a chunk. Raises NoCopy where it is wrong: it could be four bytes of anything."""
    check, place = 0, at + 4
    while place < stop - 4:
        piece = bytes(data[place : min(place + (1 << 20), stop - 4)])
        check, place = zlib.crc32(piece, check), place + len(piece)
    if check != unsigned(data, stop - 4, 4):
        raise NoCopy(Message("it is damaged: a check value is wrong"))
    return struct.pack(">I", check)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _profile(body: bytes, notices: list[Message]) -> list[Part]:
    """Return the colour profile as a chunk without name, nothing where it is damaged."""
    unpacker = zlib.decompressobj()
    try:
        packed = body.partition(b"\0")[2][1:]
        profile = clean_profile(unpacker.decompress(packed, _PROFILE_AT_MOST_BYTES))
    except zlib.error:
        profile = None
    if profile is None or unpacker.unconsumed_tail:
        notices.append(Message("its colour profile is damaged and left out: colours may look different"))
        return []
    return [_chunk(b"iCCP", b"icc\0\0" + zlib.compress(profile))]
