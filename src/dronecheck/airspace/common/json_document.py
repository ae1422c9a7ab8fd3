"""A JSON zone file taken apart: its top members and its features, each decoded alone when its turn comes.

A file is an object with a list of features, such a list alone, one feature or geometry alone, or a text of one of
these a line (RFC 8142; dumps of a service's answers), whose lists are joined.

Decoding feature by feature keeps memory near the file's own size, and a feature that cannot be decoded costs that
feature only. What would cost more than any real file needs is refused: the largest known (Spain) has 95 MB.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from dronecheck.airspace.common.rejects import Unusable
from dronecheck.errors import UnreadableInput
from dronecheck.messages import Message
from dronecheck.safe.io import Input, plain

__all__ = ["LISTS", "JsonDocument", "decoded", "parse"]

LISTS = ("features", "uas_zones", "areas", "noflyzones", "items")
MOST_BYTES = 192 << 20
_MOST_FEATURE_BYTES = 16 << 20
_MOST_MEMBER_BYTES = 1 << 20
_MOST_COMMAS = 24_000_000  # coordinates need one in eight bytes at most; each may cost 64 bytes of memory
_CHUNK_BYTES = 1 << 20
_MOST_LINES_BYTES, _MOST_LINES = 64 << 20, 200_000  # of a document a line

_TOP = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_OF_ALL = ("crs", "spatialReference")
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BROKEN = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True, eq=False)
class JsonDocument:
    """The members of the file's object, undecoded, and its features. `is_latin1`: it was no UTF-8."""

    members: dict[str, msgspec.Raw]
    features: list[msgspec.Raw]
    is_latin1: bool = False

    def member(self, key: str) -> object:
        """Return a top member, decoded; None when it is absent or too long to be a title or a date."""
        raw = self.members.get(key)
        try:
            return None if raw is None or len(memoryview(raw)) > _MOST_MEMBER_BYTES else msgspec.json.decode(raw)
        except _BROKEN:
            return None

    def text(self, key: str) -> str | None:
        """Return a top member that is a text, made safe to print."""
        value = self.member(key)
        return plain(value, 200) if isinstance(value, str) else None

    def first(self, count: int) -> Iterator[dict[str, object]]:
        """Yield some features spread evenly over the file, those of them that are objects."""
        for raw in self.features[:: max(1, len(self.features) // count)][: 2 * count]:
            try:
                feature = decoded(raw)
            except Unusable:
                continue
            if isinstance(feature, dict):
                yield feature


def decoded(raw: msgspec.Raw) -> object:
    """Decode one feature. Raises Unusable."""
    if len(memoryview(raw)) > _MOST_FEATURE_BYTES:
        raise Unusable(Message("larger than {most_mib} MiB", most_mib=_MOST_FEATURE_BYTES >> 20))
    try:
        return msgspec.json.decode(raw)
    except _BROKEN as error:
        raise Unusable(Message("cannot be decoded ({why})", why=_why(error))) from None


def parse(source: Input, lists: tuple[str, ...] = LISTS) -> JsonDocument:
    """Split the file: an object with one of `lists` (or in its `data`), a bare list, one Feature alone, lines of them.

    Raises UnreadableInput.
    """
    if source.size_bytes > MOST_BYTES:
        raise UnreadableInput("too_large", f"JSON of more than {MOST_BYTES >> 20} MiB; split the zone file")
    data, is_latin1 = _as_utf8(memoryview(source.data))
    if sum(bytes(data[at : at + _CHUNK_BYTES]).count(b",") for at in range(0, len(data), _CHUNK_BYTES)) > _MOST_COMMAS:
        raise UnreadableInput("too_large", "JSON of more values than any zone file needs; split it")
    try:
        return JsonDocument(*_taken_apart(data, lists), is_latin1)
    except _BROKEN as error:
        lines = _lines(data, lists)
        if lines is None:
            raise UnreadableInput("not_json_zones", f"no JSON zone file ({_why(error)})") from None
        return JsonDocument(*lines, is_latin1)


def _taken_apart(data: memoryview, lists: tuple[str, ...]) -> tuple[dict[str, msgspec.Raw], list[msgspec.Raw]]:
    """Return the members of an object and its features. Raises what decoding raises."""
    if bytes(data[:64]).lstrip().startswith(b"["):
        return {}, _LIST.decode(data)
    members = _TOP.decode(data)
    if "data" in members and not members.keys() & set(lists) and _is_object(members["data"]):
        inner = _TOP.decode(members["data"])  # of the whole answer of a service
        members = inner if inner.keys() & set(lists) else members
    found = next((members[key] for key in lists if key in members), None)
    return members, [msgspec.Raw(data)] if found is None else _LIST.decode(found)


def _lines(data: memoryview, lists: tuple[str, ...]) -> tuple[dict[str, msgspec.Raw], list[msgspec.Raw]] | None:
    """Return the members and features of a text with a document a line; None for no such text.

    A line that cannot be decoded is a feature that cannot be. Raises UnreadableInput where lines contradict each other.
    """
    text = bytes(data[: _MOST_LINES_BYTES + 1])
    if len(text) > _MOST_LINES_BYTES or text.count(b"\n") + text.count(b"\x1e") > _MOST_LINES:
        return None
    lines = [line for line in text.replace(b"\x1e", b"\n").splitlines() if line.strip()]
    if len(lines) < 2 or not all(line.lstrip().startswith((b"{", b"[")) for line in lines[:2]):
        return None
    members, features, read = dict[str, msgspec.Raw](), list[msgspec.Raw](), 0
    for line in lines:
        try:
            own, found = _taken_apart(memoryview(line), lists)
        except _BROKEN:
            features.append(msgspec.Raw(line))
            continue
        read += 1
        features += found
        if own.keys() & set(lists):
            for key in members.keys() & own.keys() & set(_OF_ALL):
                if bytes(memoryview(members[key])) != bytes(memoryview(own[key])):
                    raise UnreadableInput("unknown_crs", f"lines whose {key} differ; make a file of each")
            members = {**own, **members}
    return (members, features) if 2 * read > len(lines) else None


def _is_object(raw: msgspec.Raw) -> bool:
    return bytes(memoryview(raw)[:1]) == b"{"


def _as_utf8(data: memoryview) -> tuple[memoryview, bool]:
    """Return the text as UTF-8 without a byte order mark, and whether it was neither UTF-8 nor UTF-16."""
    head = bytes(data[:4])
    if head.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
    elif head.startswith(_UTF16) or (len(head) == 4 and 0 in (head[0], head[1])):
        name = "utf-16" if head.startswith(_UTF16) else ("utf-16-le" if head[1] == 0 else "utf-16-be")
        try:
            return memoryview(str(data, name).encode()), False
        except UnicodeError:
            raise UnreadableInput("not_json_zones", "no JSON zone file (UTF-16 that is damaged)") from None
    if _is_utf8(data):
        return data, False
    return memoryview(str(data, "latin-1").encode()), True


def _is_utf8(data: memoryview) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK_BYTES):
            decoder.decode(data[start : start + _CHUNK_BYTES], start + _CHUNK_BYTES >= len(data))
    except UnicodeDecodeError:
        return False
    return True


def _why(error: Exception) -> str:
    return Message("nested too deep") if isinstance(error, RecursionError) else plain(error, 100)
