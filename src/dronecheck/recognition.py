"""What a file is, by its first bytes and its name: asked before anything of it is read, or copied."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import HEAD_BYTES

__all__ = ["Kind", "recognise", "recognise_file"]


# First bytes, at an offset.
_PICTURES = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG"), (0, b"II*\0"), (0, b"MM\0*"), (8, b"WEBP"))
_PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"hevc")
_OLD_FILM_ATOMS = (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")  # QuickTime before it had `ftyp`
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_SURE_OF_ARCHIVE = 50  # pictures alone at an archive's beginning may be a KMZ's, and are more often just pictures


class Kind(StrEnum):
    """What a file is to dronecheck."""

    LOG = "log"
    ZONES = "zones"
    PICTURE = "picture"
    VIDEO = "video"
    ARCHIVE = "archive"
    UNKNOWN = "unknown"


def recognise(head: bytes, name: str) -> Kind:
    r"""Tell what a file is from its first bytes (64 KiB are enough) and its name; a log goes before zones.

    >>> import dronecheck
    >>> dronecheck.recognise(b"\xff\xd8\xff\xe1", "DJI_0001.JPG").value
    'picture'
    """
    if head[4:8] == b"ftyp":  # before logs: whether a film holds one shows when it is read
        return Kind.PICTURE if head[8:12] in _PICTURE_BRANDS else Kind.VIDEO
    if _is_log(head, name):
        return Kind.LOG
    if _is_zone_file(head, name):
        return Kind.ZONES
    if any(head[at : at + len(mark)] == mark for at, mark in _PICTURES):
        return Kind.PICTURE
    if head[4:8] in _OLD_FILM_ATOMS:
        return Kind.VIDEO
    return Kind.ARCHIVE if head.startswith(_ARCHIVES) else Kind.UNKNOWN


def recognise_file(path: Path) -> Kind:
    """Tell what a file is, reading no more than its head; one that cannot be read is unknown."""
    try:
        with path.open("rb") as file:
            return recognise(file.read(HEAD_BYTES), path.name)
    except OSError:
        return Kind.UNKNOWN


def _is_log(head: bytes, name: str) -> bool:
    from dronecheck.readers import choose

    try:
        choose(head, name)
    except UnreadableInput as error:
        return error.code == "ambiguous_format"
    return True


def _is_zone_file(head: bytes, name: str) -> bool:
    from dronecheck.airspace import choose, unwrapped_head

    head = unwrapped_head(head)
    try:
        reader = choose(head, name)
    except UnreadableInput as error:
        return error.code == "ambiguous_format"
    return not head.startswith(_ARCHIVES) or reader.sniff(head, name) >= _SURE_OF_ARCHIVE
