"""PNG (ISO/IEC 15948) and WebP (RFC 9649): chunks, before the picture and behind it."""

from __future__ import annotations

import re
import zlib

from dronecheck.containers.source import unsigned
from dronecheck.media.fields import Harvest
from dronecheck.media.formats.jpeg import note_claims, read_exif_block
from dronecheck.media.tags.xmp import read_xmp

__all__ = ["read_png", "read_webp"]

_CHUNKS_AT_MOST = 100_000
_PICTURE_CHUNKS = frozenset(
    (b"IDAT", b"IEND", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"hIST",
     b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT")
)  # fmt: skip
_PICTURE_PARTS = frozenset((b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_UNPACKED_AT_MOST_BYTES = 16 << 20
_PROFILE = re.compile(r"\s*(?:exif|app1|xmp|iptc|generic)\s+\d{1,9}\s+([0-9a-fA-F\s]*)", re.ASCII)


def read_png(harvest: Harvest) -> None:
    """Add what the chunks say; the picture itself is passed over."""
    data, at, seen, room = harvest.data, 8, dict[str, int](), [_UNPACKED_AT_MOST_BYTES]
    for _ in range(_CHUNKS_AT_MOST):
        if at + 8 > len(data):
            if at < len(data) or at == 8:
                harvest.cut_at(at)
            return
        length, kind = unsigned(data, at, 4), bytes(data[at + 4 : at + 8])
        body, stop = at + 8, at + 8 + length
        if stop > len(data):
            harvest.cut_at(at)
            stop = len(data)
        name = kind.decode("latin-1")
        number = seen.get(name, 0)
        seen[name] = number + 1
        _read_chunk(harvest, kind, body, stop, name + (f"[{number}]" if number else ""), room)
        at = body + length + 4
        if kind == b"IEND":
            if at < len(data):
                harvest.add("trailer", None, at, len(data) - at)
            return
    harvest.capped_at(at)


def _read_chunk(harvest: Harvest, kind: bytes, body: int, stop: int, path: str, room: list[int]) -> None:
    data = harvest.data
    if kind == b"IHDR" and stop - body >= 8:
        harvest.width_px, harvest.height_px = unsigned(data, body, 4), unsigned(data, body + 4, 4)
    elif kind == b"eXIf":
        read_exif_block(harvest, body, stop, f"{path}/EXIF")
    elif kind == b"tIME" and stop - body >= 7:
        year, rest = unsigned(data, body, 2), data[body + 2 : body + 7]
        text = "{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}".format(year, *rest)
        harvest.add(path, text, body, 7)
    elif kind == b"caBX":
        harvest.add(path, None, body, stop - body)
        note_claims(harvest, body)
    elif kind in (b"tEXt", b"zTXt", b"iTXt"):
        _read_text(harvest, kind, body, stop, path, room)
    elif kind not in _PICTURE_CHUNKS and stop > body:
        harvest.add(path, None, body, stop - body)


def _read_text(harvest: Harvest, kind: bytes, body: int, stop: int, path: str, room: list[int]) -> None:
    """Read a text: its keyword, then the value, which may be packed; `room` is what all may unpack to, bytes."""
    raw = bytes(harvest.data[body : min(stop, body + _UNPACKED_AT_MOST_BYTES)])
    keyword, zero, value = raw.partition(b"\0")
    if not zero:
        harvest.broken_at(body)
        return
    is_packed = kind == b"zTXt"
    if kind == b"zTXt":
        value = value[1:]
    elif kind == b"iTXt":
        is_packed = value[:1] == b"\1"
        value = value[2:].partition(b"\0")[2].partition(b"\0")[2]
    begin = stop - len(value)
    if is_packed:
        unpacked = _unpacked(value, room[0])
        if unpacked is None:
            harvest.capped_at(body)
            return
        room[0] -= len(unpacked)
        value = unpacked
    name = keyword.decode("latin-1")
    text = value.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")
    if name == "XML:com.adobe.xmp":
        read_xmp(harvest, value, f"{path}/XMP", begin)
        return
    harvest.add(f"{path}/{name}", text, begin, stop - begin)
    profile = _PROFILE.match(text)
    if name.startswith("Raw profile type") and profile:
        _read_profile(harvest, bytes.fromhex(_even(profile[1])), f"{path}/{name}", begin)


def _even(digits: str) -> str:
    digits = re.sub(r"\s+", "", digits)
    return digits[: len(digits) // 2 * 2]


def _read_profile(harvest: Harvest, profile: bytes, path: str, place: int) -> None:
    """Read metadata that stand in hex digits; what it says is placed at the text that holds it."""
    inner = Harvest(profile)
    start = 6 if profile.startswith(b"Exif\0\0") else 0
    if profile[start : start + 2] in (b"II", b"MM"):
        read_exif_block(inner, start, len(profile), f"{path}/EXIF")
    elif b"<x:xmpmeta" in profile:
        read_xmp(inner, profile[profile.find(b"<x:xmpmeta") :], f"{path}/XMP", 0)
    harvest.absorb(inner, place)


def _unpacked(value: bytes, room: int) -> bytes | None:
    """Return packed bytes unpacked, None when they are no such thing or more than there is room for."""
    unpacker = zlib.decompressobj()
    try:
        out = unpacker.decompress(value, room) if room > 0 else b""
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail or room <= 0 else out


def read_webp(harvest: Harvest) -> None:
    """Add what the chunks say."""
    data, at = harvest.data, 12
    for _ in range(_CHUNKS_AT_MOST):
        if at + 8 > len(data):
            return
        kind, length = bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8], "little")
        body, stop = at + 8, min(at + 8 + length, len(data))
        if at + 8 + length > len(data):
            harvest.cut_at(at)
        if kind == b"VP8X" and length >= 10:
            harvest.width_px = int.from_bytes(data[body + 4 : body + 7], "little") + 1
            harvest.height_px = int.from_bytes(data[body + 7 : body + 10], "little") + 1
        elif kind == b"EXIF":
            start = body + (6 if data[body : body + 6] == b"Exif\0\0" else 0)
            read_exif_block(harvest, start, stop, "EXIF")
        elif kind == b"XMP ":
            read_xmp(harvest, bytes(data[body:stop]), "XMP", body)
        elif kind not in _PICTURE_PARTS:
            harvest.add(kind.decode("latin-1"), None, body, stop - body)
            if kind == b"C2PA":
                note_claims(harvest, body)
        at += 8 + length + length % 2
    harvest.capped_at(at)
