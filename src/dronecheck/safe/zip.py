"""ZIP archives from strangers: a bounded list of members, each unpacked alone, in memory, with bounded size.

The standard library reads them; members are stored or deflated. Refused are more members, larger ones and stronger
compression than any zone file has, encrypted members, and archives in archives, which are where bombs hide. Nothing is
ever written to disk, so that names cannot lead anywhere.
"""

from __future__ import annotations

import io
import mmap
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import HEAD_BYTES, plain

if TYPE_CHECKING:
    import zipfile

__all__ = ["ARCHIVES", "Archive", "Member", "members_in_head", "open_zip", "unpacked_head"]

ARCHIVES = (".zip", ".kmz", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst")

_MOST_MEMBERS = 4_096
_MOST_DIRECTORY_BYTES = 1 << 20
_MOST_MEMBER_BYTES = 96 << 20
_MOST_TOTAL_BYTES = 160 << 20  # of all that is unpacked from one archive
_MOST_RATIO = 100  # KML, which is mostly spaces and digits, reaches 40
_ANY_RATIO_BELOW_BYTES = 1 << 20

_LOCAL_METHOD_AT, _LOCAL_BYTES, _LOCAL_NAME_AT = 8, 30, 26  # the header before a member (PKWARE APPNOTE 6.3.10, 4.3.7)
_END_MARK, _LONGEST_END_BYTES = b"PK\x05\x06", 22 + 65_535  # the end of the list of members, and its comment
_STORED, _DEFLATED = 0, 8
_BROKEN = (ValueError, EOFError, OSError, OverflowError, RuntimeError, struct.error, zlib.error)  # beside BadZipFile


@dataclass(frozen=True, slots=True)
class Member:
    """One file in the archive; sizes are those it claims."""

    info: zipfile.ZipInfo

    @property
    def name(self) -> str:
        """Return the member's name, with the folders it is in."""
        return self.info.filename

    @property
    def size_bytes(self) -> int:
        """Return how many bytes the member claims to have, unpacked."""
        return self.info.file_size

    @property
    def suffix(self) -> str:
        """Return the end of the name from the last dot on, in lower case; "" for a folder and for what a Mac adds."""
        return _suffix(self.name)


class Archive:
    """The members of a ZIP archive."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._left_bytes = archive, _MOST_TOTAL_BYTES
        self.members = tuple(map(Member, archive.infolist()))

    def named(self, *suffixes: str) -> tuple[Member, ...]:
        """Return the members whose names end so."""
        return tuple(member for member in self.members if member.suffix in suffixes)

    def read(self, member: Member) -> bytes:
        """Return the content of a member, checked against its size and CRC. Raises UnreadableInput."""
        import zipfile

        shown = plain(member.name, 80)
        if member.info.flag_bits & 1:
            raise UnreadableInput("zip_encrypted", f"{shown} in the ZIP archive is encrypted; unpack it first")
        if member.size_bytes > min(_MOST_MEMBER_BYTES, self._left_bytes):
            raise UnreadableInput("zip_too_large", f"{shown} in the ZIP archive is larger than any zone file")
        if member.size_bytes > max(_ANY_RATIO_BELOW_BYTES, _MOST_RATIO * member.info.compress_size):
            raise UnreadableInput("zip_bomb", f"{shown} in the ZIP archive unpacks to {_MOST_RATIO} times its size")
        self._left_bytes -= member.size_bytes
        damaged = UnreadableInput("zip_damaged", f"{shown} in the ZIP archive is damaged")
        if member.info.compress_type not in (_STORED, _DEFLATED):
            raise damaged
        try:
            with self._archive.open(member.info) as packed:
                content = packed.read(member.size_bytes + 1)
        except (zipfile.BadZipFile, *_BROKEN):
            raise damaged from None
        if len(content) != member.size_bytes or zlib.crc32(content) != member.info.CRC:
            raise damaged
        return content


class _Bytes(io.RawIOBase):
    """The archive's bytes as a file, without a copy of them; until `is_open` no read is larger than a directory is."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data, self._at, self.is_open = data, 0, False

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        if self._at < 0:
            raise OSError("before the first byte")  # which zipfile expects where it looks for an end
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = len(self._data) if size < 0 else min(self._at + size, len(self._data))
        if not self.is_open and end - self._at > _MOST_DIRECTORY_BYTES:
            raise _too_many()
        found = self._data[self._at : end]
        self._at = max(self._at, end)
        return found


def open_zip(data: bytes | mmap.mmap) -> Archive:
    """Return the archive's members, none unpacked yet. Raises UnreadableInput."""
    import zipfile

    file = _Bytes(data)
    try:
        archive = zipfile.ZipFile(file)
    except NotImplementedError:
        text = "a ZIP archive in parts or of a newer kind; no zone file is one"
        raise UnreadableInput("zip_too_large", text) from None
    except (zipfile.BadZipFile, *_BROKEN):
        has_end = data.rfind(_END_MARK, max(0, len(data) - _LONGEST_END_BYTES)) >= 0
        what = "with a damaged list of its files" if has_end else "whose end is missing: cut short, or no ZIP at all"
        raise UnreadableInput("zip_damaged", f"a ZIP archive {what}") from None
    file.is_open = True
    if len(archive.infolist()) > _MOST_MEMBERS:
        raise _too_many()
    return Archive(archive)


def _too_many() -> UnreadableInput:
    return UnreadableInput("zip_too_large", f"a ZIP archive of more than {_MOST_MEMBERS} files; unpack it first")


def _suffix(path: str) -> str:
    name = path.lower()
    last = name.rpartition("/")[2]
    return "" if "__macosx/" in name or last.startswith(".") or "." not in last else "." + last.rpartition(".")[2]


def members_in_head(head: bytes) -> tuple[str, ...]:
    """Return the suffixes of the members whose headers stand in the first bytes of an archive; () when it is none."""
    if not head.startswith(b"PK\x03\x04"):
        return ()
    found, at = [], 0
    while at >= 0 and at + _LOCAL_BYTES <= len(head):
        name_bytes = int.from_bytes(head[at + _LOCAL_NAME_AT : at + _LOCAL_NAME_AT + 2], "little")
        name = head[at + _LOCAL_BYTES : at + _LOCAL_BYTES + name_bytes].decode("utf-8", "replace")
        found.append(_suffix(name))
        at = head.find(b"PK\x03\x04", at + 4)
    return tuple(found)


def unpacked_head(head: bytes, suffix: str) -> bytes:
    """Return the first bytes (at most 64 KiB) of the first member of that kind, as far as the archive's head has it."""
    at = 0
    while at >= 0 and at + _LOCAL_BYTES <= len(head):
        name_bytes, extra_bytes = struct.unpack_from("<HH", head, at + _LOCAL_NAME_AT)
        begin = at + _LOCAL_BYTES + name_bytes
        if _suffix(head[at + _LOCAL_BYTES : begin].decode("utf-8", "replace")) == suffix:
            packed = head[begin + extra_bytes :]
            method = struct.unpack_from("<H", head, at + _LOCAL_METHOD_AT)[0]
            if method != _DEFLATED:
                return packed if method == _STORED else b""
            try:
                return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, HEAD_BYTES)
            except zlib.error:
                return b""
        at = head.find(b"PK\x03\x04", at + 4)
    return b""
