"""Films that hold the way of their camera, sample by sample: DJI's `djmd` track, GoPro's GPMF, and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.flight import Flight
    from dronecheck.safe.io import Input

NAME = "film"
TITLE = "Films with the camera's way in a track of their own (.MP4, .MOV: DJI, GoPro)"
IS_TEXT = False
OFFSETS = "byte"
TEXT_DIALECTS: frozenset[str] = frozenset()
SUFFIXES = (".mp4", ".mov")
RECORDS_ARMING = False

_PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ")


def sniff(head: bytes, name: str) -> int:
    """Return 90 for a film by its first box, else 0; whether it holds a track of positions, its end may say first."""
    return 90 if head[4:8] == b"ftyp" and head[8:12] not in _PICTURE_BRANDS else 0


def read(source: Input) -> Flight:
    """Read the way of a film's camera. Raises UnreadableInput for a film without one."""
    from dronecheck.readers.film.reader import read_film_log

    return read_film_log(source)
