"""ZIP archives from strangers: a bounded list of members, each unpacked alone, in memory, with bounded size.

The central directory is walked (PKWARE APPNOTE 6.3.10, 4.3.12 and 4.3.16); members are stored or deflated. Refused are
more members, larger ones and stronger compression than any zone file has, encrypted members, ZIP64, and archives in
archives, which are where bombs hide. Nothing is ever written to disk, so that names cannot lead anywhere.
"""

from __future__ import annotations

import mmap
import zlib
from dataclasses import dataclass
from struct import Struct, error

from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import plain

__all__ = ["ARCHIVES", "Archive", "Member", "members_in_head", "open_zip"]

ARCHIVES = (".zip", ".kmz", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst")

_MOST_MEMBERS = 4_096
_MOST_DIRECTORY_BYTES = 1 << 20
_MOST_MEMBER_BYTES = 96 << 20
_MOST_TOTAL_BYTES = 160 << 20  # of all that is unpacked from one archive
_MOST_RATIO = 100  # KML, which is mostly spaces and digits, reaches 40
_ANY_RATIO_BELOW_BYTES = 1 << 20

_END, _ENTRY, _LOCAL = Struct("<4s4H2IH"), Struct("<4s6H3I5H2I"), Struct("<4s5H3I2H")
_LONGEST_COMMENT = 65_535
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive; sizes are those it claims."""

    name: str
    offset: int
    packed_bytes: int
    size_bytes: int
    crc32: int
    method: int
    is_encrypted: bool

    @property
    def suffix(self) -> str:
        """The end of its name from the last dot on, in lower case; "" for a folder and for what a Mac adds."""
        name = self.name.lower()
        last = name.rpartition("/")[2]
        return "" if "__macosx/" in name or last.startswith(".") or "." not in last else "." + last.rpartition(".")[2]


class Archive:
    """The members of a ZIP archive."""

    def __init__(self, data: bytes | mmap.mmap, members: tuple[Member, ...]) -> None:
        self._data, self._left_bytes = data, _MOST_TOTAL_BYTES
        self.members = members

    def named(self, *suffixes: str) -> tuple[Member, ...]:
        """The members whose names end so."""
        return tuple(member for member in self.members if member.suffix in suffixes)

    def read(self, member: Member) -> bytes:
        """The content of a member, checked against its size and CRC. Raises UnreadableInput."""
        shown = plain(member.name, 80)
        if member.is_encrypted:
            raise UnreadableInput("zip_encrypted", f"{shown} in the ZIP archive is encrypted; unpack it first")
        if member.size_bytes > min(_MOST_MEMBER_BYTES, self._left_bytes):
            raise UnreadableInput("zip_too_large", f"{shown} in the ZIP archive is larger than any zone file")
        if member.size_bytes > max(_ANY_RATIO_BELOW_BYTES, _MOST_RATIO * member.packed_bytes):
            raise UnreadableInput("zip_bomb", f"{shown} in the ZIP archive unpacks to {_MOST_RATIO} times its size")
        self._left_bytes -= member.size_bytes
        content = self._unpacked(member)
        if content is None or len(content) != member.size_bytes or zlib.crc32(content) != member.crc32:
            raise UnreadableInput("zip_damaged", f"{shown} in the ZIP archive is damaged")
        return content

    def _unpacked(self, member: Member) -> bytes | None:
        """The bytes, at most one more than the member claims; None when they cannot be unpacked."""
        try:
            signature, _, _, _, _, _, _, _, _, name_bytes, extra_bytes = _LOCAL.unpack_from(self._data, member.offset)
        except error:
            return None
        begin = member.offset + _LOCAL.size + name_bytes + extra_bytes
        packed = self._data[begin : begin + member.packed_bytes]
        if signature != b"PK\x03\x04" or len(packed) != member.packed_bytes:
            return None
        if member.method == _STORED:
            return packed
        try:
            return zlib.decompressobj(-15).decompress(packed, member.size_bytes + 1)
        except zlib.error:
            return None


def open_zip(data: bytes | mmap.mmap) -> Archive:
    """The archive's members, none unpacked yet. Raises UnreadableInput."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _LONGEST_COMMENT - _END.size))
    if at < 0 or at + _END.size > len(data):
        raise UnreadableInput("zip_damaged", "a ZIP archive whose end is missing: cut short, or no ZIP at all")
    _, disk, first_disk, _, count, directory_bytes, begin, _ = _END.unpack_from(data, at)
    if disk or first_disk or 0xFFFF in (count,) or 0xFFFFFFFF in (directory_bytes, begin):
        raise UnreadableInput("zip_too_large", "a ZIP archive in parts or of more than 4 GB; no zone file is one")
    if count > _MOST_MEMBERS or directory_bytes > _MOST_DIRECTORY_BYTES:
        raise UnreadableInput("zip_too_large", f"a ZIP archive of more than {_MOST_MEMBERS} files; unpack it first")
    if begin + directory_bytes > at:
        raise UnreadableInput("zip_damaged", "a ZIP archive with a damaged list of its files")
    return Archive(data, tuple(_members(bytes(data[begin : begin + directory_bytes]), count)))


def _members(directory: bytes, count: int) -> list[Member]:
    members, at = [], 0
    for _ in range(count):
        if at + _ENTRY.size > len(directory) or directory[at : at + 4] != b"PK\x01\x02":
            raise UnreadableInput("zip_damaged", "a ZIP archive with a damaged list of its files")
        (_, _, _, flags, method, _, _, crc32, packed_bytes, size_bytes, name_bytes, extra_bytes, comment_bytes,
         _, _, _, offset) = _ENTRY.unpack_from(directory, at)  # fmt: skip
        name = directory[at + _ENTRY.size : at + _ENTRY.size + name_bytes].decode("utf-8", "replace")
        at += _ENTRY.size + name_bytes + extra_bytes + comment_bytes
        members.append(Member(name, offset, packed_bytes, size_bytes, crc32, method, bool(flags & 1)))
    return members


def members_in_head(head: bytes) -> tuple[str, ...]:
    """The suffixes of the members whose headers stand in the first bytes of an archive; () when it is none."""
    if not head.startswith(b"PK\x03\x04"):
        return ()
    found, at = [], 0
    while at >= 0 and at + _LOCAL.size <= len(head):
        name_bytes = int.from_bytes(head[at + 26 : at + 28], "little")
        name = head[at + _LOCAL.size : at + _LOCAL.size + name_bytes].decode("utf-8", "replace")
        found.append(Member(name, 0, 0, 0, 0, 0, False).suffix)
        at = head.find(b"PK\x03\x04", at + 4)
    return tuple(found)
