"""The archive of a case: a ZIP file of which every byte follows from the names and contents of its members.

Members are stored, not compressed (a deflated stream hangs on the version of zlib), in the order of their names, dated
1980-01-01, without extra fields and comments. So a reader can write the archive anew from what it found in it: any bit
that differs, also in a header or between two members, was not written by a case.

    | local header, 30 bytes + name, then the content   | for each member
    | central header, 46 bytes + name                   | for each member
    | end of central directory, 22 bytes                | once

Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.messages import Message
from dronecheck.safe.io import Input, plain
from dronecheck.safe.zip import open_zip

__all__ = ["CaseArchive", "is_member_name", "pieces", "read_archive"]

Content = bytes | memoryview

_LOCAL = struct.Struct("<4s5H3I2H")  # signature, version, flags, method, time, date, crc, packed, size, name, extra
_CENTRAL = struct.Struct("<4s6H3I5H2I")  # the same with two versions; then comment, disk, attributes, offset
_END = struct.Struct("<4s4H2IH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_VERSION = 20
_UTF8_NAME = 0x0800
_FIRST_DAY = 1 << 5 | 1  # 1980-01-01, the first date that the format can say
_REGULAR_FILE = 0o100644 << 16
_MADE_ON_UNIX = 3 << 8 | _VERSION
_STORED = 0
_MOST_BYTES = (1 << 32) - 1  # without the extensions for larger archives
_MOST_MEMBERS = 4_096


@dataclass(frozen=True, slots=True)
class CaseArchive:
    """What an archive holds: contents by name, and what in it no case has (`flaws`); empty where all is as written."""

    members: Mapping[str, Content]
    flaws: tuple[Message, ...]


def is_member_name(name: str) -> bool:
    """Tell whether a member may have that name: relative, of plain parts, so that unpacking leads nowhere else."""
    parts = name.split("/")
    return (
        all(part not in ("", ".", "..") for part in parts)
        and name.isprintable()
        and not set(name) & set('\\:*?"<>|')
        and len(name.encode("utf-8", "replace")) <= 1_000
    )


def pieces(members: Mapping[str, Content]) -> Iterator[Content]:
    """Yield the bytes of the archive, piece by piece. Raises UsageError for what needs more than 4 GB."""
    directory, at = list[bytes](), 0
    for name in sorted(members):
        content, raw = members[name], name.encode()
        size, crc = len(content), zlib.crc32(content)
        if at + size > _MOST_BYTES - (1 << 20):
            raise UsageError("a case of more than 4 GB cannot be written; leave --include-input out")
        fields = (_VERSION, _UTF8_NAME, _STORED, 0, _FIRST_DAY, crc, size, size, len(raw), 0)
        directory.append(_CENTRAL.pack(_CENTRAL_MARK, _MADE_ON_UNIX, *fields, 0, 0, 0, _REGULAR_FILE, at) + raw)
        yield _LOCAL.pack(_LOCAL_MARK, *fields) + raw
        yield content
        at += _LOCAL.size + len(raw) + size
    listed = b"".join(directory)
    yield listed
    yield _END.pack(_END_MARK, 0, 0, len(members), len(members), len(listed), at, 0)


def read_archive(source: Input) -> CaseArchive:
    """Return the members of an archive from a stranger, none unpacked, and every way in which it is not as written.

    Nothing is expanded: a member that is not stored is a flaw, and members hold no more bytes than the file does.
    """
    data = memoryview(source.data)
    try:
        places = _listed(source)
    except UnreadableInput as error:
        found = _walked(data)
        return CaseArchive(found, (Message("the archive's list of members is damaged: {why}", why=error.message),))
    members, flaws, spans = dict[str, Content](), list[Message](), list[_MemberSpan]()
    left = len(data)
    for name, begin, size, is_stored in places:
        shown = plain(name, 80)
        content_at = _content_at(data, begin)
        left -= size
        if content_at is None or content_at + size > len(data) or left < 0:
            flaws.append(Message("{name}: its header is damaged, or it is cut short", name=shown))
        elif not is_stored:
            flaws.append(Message("{name} is compressed, as no case is", name=shown))
        elif name in members:
            flaws.append(Message("{name} is in the archive twice", name=shown))
        else:
            members[name] = data[content_at : content_at + size]
            spans.append(_MemberSpan(begin, content_at, content_at + size, shown))
    flaws += _unlike(data, members, spans)
    return CaseArchive(members, tuple(flaws))


@dataclass(frozen=True, slots=True, order=True)
class _MemberSpan:
    """Where a member stands: its header, its content, the byte behind it."""

    begin: int
    content_at: int
    end: int
    name: str


def _listed(source: Input) -> list[tuple[str, int, int, bool]]:
    """Return name, place, size and whether it is stored of every member that the directory lists."""
    infos = [member.info for member in open_zip(source.data).members]
    return [(info.filename, info.header_offset, info.compress_size, info.compress_type == _STORED) for info in infos]


def _content_at(data: memoryview, begin: int) -> int | None:
    """Return where the content behind a local header begins; None where no header is."""
    if begin < 0 or bytes(data[begin : begin + 4]) != _LOCAL_MARK or begin + _LOCAL.size > len(data):
        return None
    name_bytes, extra_bytes = _LOCAL.unpack_from(data, begin)[-2:]
    return begin + _LOCAL.size + int(name_bytes) + int(extra_bytes)


def _walked(data: memoryview) -> dict[str, Content]:
    """Return the members by their own headers, from the first on, as far as these follow each other."""
    members, at = dict[str, Content](), 0
    for _ in range(_MOST_MEMBERS):
        content_at = _content_at(data, at)
        if content_at is None:
            break
        size, name_bytes = _LOCAL.unpack_from(data, at)[7], _LOCAL.unpack_from(data, at)[9]
        if content_at + size > len(data):
            break
        name = bytes(data[at + _LOCAL.size : at + _LOCAL.size + name_bytes]).decode("utf-8", "replace")
        members.setdefault(name, data[content_at : content_at + size])
        at = content_at + size
    return members


def _unlike(data: memoryview, members: Mapping[str, Content], spans: list[_MemberSpan]) -> list[Message]:
    """Return where an archive differs from the one that a case of these members is; [] where every byte is the same."""
    strange = [name for name in members if not is_member_name(name)]
    if strange:
        return [Message("{name} is no name of a file in a case", name=plain(name, 80)) for name in strange]
    at = differs_at = 0
    for piece in pieces(members):
        found = data[at : at + len(piece)]
        if found != piece:
            differs_at = at + _first_difference(found, piece)
            break
        at += len(piece)
    else:
        behind = len(data) - at
        return [Message("{count} bytes behind the end of the archive", count=behind)] if behind else []
    return list(_strangers(sorted(spans))) or [_told(differs_at, spans)]


def _first_difference(found: Content, written: Content) -> int:
    step = 1 << 16  # compared at once: one by one they take long
    starts = range(0, len(found), step)
    at = next((n for n in starts if found[n : n + step] != written[n : n + step]), len(found))
    pairs = zip(found[at : at + step], written[at : at + step], strict=False)
    return next((at + n for n, (a, b) in enumerate(pairs) if a != b), len(found))


def _strangers(spans: list[_MemberSpan]) -> Iterator[Message]:
    """Yield what stands where a case has nothing: before the first member, and between two of them."""
    if spans and spans[0].begin > 0:
        yield Message("{count} bytes before the first member", count=spans[0].begin)
    for one, other in pairwise(spans):
        count = other.begin - one.end
        if count > 0:
            yield Message("{count} bytes between {one} and {other}", count=count, one=one.name, other=other.name)
        elif count < 0:
            yield Message("{one} and {other} share bytes", one=one.name, other=other.name)


def _told(at: int, spans: Iterable[_MemberSpan]) -> Message:
    for span in spans:
        if span.begin <= at < span.content_at:
            return Message("the header of {name} was changed, at byte {at}", name=span.name, at=at)
        if span.content_at <= at < span.end:
            return Message("the content of {name} was changed, at byte {at}", name=span.name, at=at)
    return Message("the list at the end of the archive was changed, at byte {at}", at=at)
