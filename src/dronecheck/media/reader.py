"""Bytes of a photo or film -> a `MediaItem`: what kind it is, all that it says, and what that means."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path, PurePath

import numpy as np

from dronecheck.containers.source import Bytes
from dronecheck.dates import can_be, impossible_dates
from dronecheck.errors import UnreadableInput
from dronecheck.issues import Code, Severity
from dronecheck.media.field_of_view import field_of_view
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.film_conflicts import conflict_words, tracks_apart
from dronecheck.media.formats.chunks import read_png, read_webp
from dronecheck.media.formats.film import read_film
from dronecheck.media.formats.heif import read_heif
from dronecheck.media.formats.hidden import read_hidden
from dronecheck.media.formats.jpeg import is_jpeg, read_jpeg
from dronecheck.media.formats.tiff import kind_of_tiff, read_tiff
from dronecheck.media.meaning.clock import time_of
from dronecheck.media.meaning.device import maker_of, model_of, serials_of
from dronecheck.media.meaning.height import height_of
from dronecheck.media.meaning.optics import optics_of
from dronecheck.media.meaning.place import position_of
from dronecheck.media.meaning.pose import pose_of
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import FilmTrack, MediaItem, MediaKind
from dronecheck.media.tags.gopro import read_gpmf_fields, read_gpmf_payload
from dronecheck.media.tags.xmp import PACKET_AT_MOST_BYTES, read_xmp
from dronecheck.messages import Message
from dronecheck.safe.io import Input, open_input

__all__ = ["kind_of", "read_media"]

_STILL_BRANDS = {
    b"heic": MediaKind.HEIC, b"heix": MediaKind.HEIC, b"heim": MediaKind.HEIC, b"heis": MediaKind.HEIC,
    b"hevc": MediaKind.HEIC, b"mif1": MediaKind.HEIC, b"msf1": MediaKind.HEIC, b"avif": MediaKind.AVIF,
    b"avis": MediaKind.AVIF,
}  # fmt: skip
_SUBTITLES = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:WEBVTT|\d{1,9}\s{1,8}\d{1,3}:\d\d:\d\d[,.]\d{1,3}\s{0,8}-->)")
_FILM_BOXES = (b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof")
_SUFFIXES = {
    MediaKind.JPEG: (".jpg", ".jpeg", ".thm", ".jpe"), MediaKind.TIFF: (".tif", ".tiff"), MediaKind.DNG: (".dng",),
    MediaKind.GPR: (".gpr",), MediaKind.HEIC: (".heic", ".heif", ".hif"), MediaKind.AVIF: (".avif",),
    MediaKind.PNG: (".png",), MediaKind.WEBP: (".webp",),
    MediaKind.MP4: (".mp4", ".mov", ".lrf", ".360", ".osv", ".insv", ".lrv", ".m4v", ".3gp", ".qt", ".insp"),
    MediaKind.GPMF: (".raw", ".gpmf"), MediaKind.SUBTITLES: (".srt", ".vtt"),
}  # fmt: skip
_OTHER_KINDS = {suffix: kind for kind, suffixes in _SUFFIXES.items() for suffix in suffixes}


def read_media(source: str | Path | bytes | Input, name: str = "") -> MediaItem:
    """Read a photo or a film; `name` is what bytes are called.

    Raises UnreadableInput when the bytes are neither, UsageError when there is no such file.
    """
    if isinstance(source, str | Path):
        source = open_input(Path(source))
    if isinstance(source, Input):
        return _read(source.data, source.name, source.sha256)
    return _read(source, name, hashlib.sha256(source).hexdigest())


def kind_of(head: bytes) -> MediaKind:
    """Return what kind of footage begins with these bytes (64 are enough); DNG and GPR are TIFF by them.

    >>> kind_of(bytes.fromhex("ffd8ffe1")).value
    'jpeg'
    """
    if is_jpeg(head):
        return MediaKind.JPEG
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return MediaKind.TIFF
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return MediaKind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaKind.WEBP
    if head[4:8] == b"ftyp":
        kind = _STILL_BRANDS.get(head[8:12], MediaKind.MP4)
        return MediaKind.AVIF if kind is MediaKind.HEIC and b"avif" in head[16:64] else kind
    if head[4:8] in _FILM_BOXES:
        return MediaKind.MP4
    if head[:4] == b"DEVC":
        return MediaKind.GPMF
    return MediaKind.SUBTITLES if _SUBTITLES.match(head) else MediaKind.UNKNOWN


def _read(data: Bytes, name: str, sha256: str) -> MediaItem:
    kind = kind_of(bytes(data[:64]))
    harvest = Harvest(data)
    if kind is MediaKind.UNKNOWN and PurePath(name).suffix.lower() == ".xmp":
        read_xmp(harvest, bytes(data[: PACKET_AT_MOST_BYTES + 1]), "XMP", 0)  # what programs write beside a picture
        return _item(harvest, kind, name, sha256)
    if kind is MediaKind.UNKNOWN:
        raise UnreadableInput("no_media", "neither a photo nor a film that dronecheck knows")
    if kind is MediaKind.JPEG:
        read_jpeg(harvest, 0, len(data))
        _read_film_behind(harvest)
    elif kind is MediaKind.TIFF:
        kind = kind_of_tiff(data)
        read_tiff(harvest)
    elif kind in (MediaKind.HEIC, MediaKind.AVIF):
        read_heif(harvest)
    elif kind is MediaKind.PNG:
        read_png(harvest)
    elif kind is MediaKind.WEBP:
        read_webp(harvest)
    elif kind is MediaKind.SUBTITLES:
        harvest.add("text", None, 0, len(data))  # a log of its own: `readers.srt` reads it
    elif kind is MediaKind.GPMF:
        read_gpmf_fields(harvest, 0, len(data), "")
        read_gpmf_payload(harvest)
    else:
        read_film(harvest)
    read_hidden(harvest)
    harvest.films.sort(key=lambda film: not film.is_usable.any())  # those that decide first, in the order of the file
    harvest.films[:] = [_with_dates_that_can_be(harvest, film) for film in harvest.films]
    _note_conflicts(harvest)
    _note_extension(harvest, kind, name)
    return _item(harvest, kind, name, sha256)


def _read_film_behind(harvest: Harvest) -> None:
    """Read the film that phones append to a picture (motion photo)."""
    for one in [one for one in harvest.fields if one.path == "trailer"]:
        at = harvest.data.find(b"ftyp", one.offset, one.offset + one.length)
        if at >= one.offset + 4:
            harvest.add("trailer/film", None, at - 4, one.offset + one.length - at + 4)
            films = len(harvest.films)
            read_film(harvest, at - 4, "trailer/film")
            del harvest.films[films:]  # a film behind the picture decides nothing


def _with_dates_that_can_be(harvest: Harvest, film: FilmTrack) -> FilmTrack:
    """Return a film whose clock shows a date that no film has (not set, or weeks lost) without it."""
    if film.utc_ns is None:
        return film
    wrong = np.flatnonzero(film.is_usable & ~can_be(film.utc_ns, "film"))
    if not len(wrong):
        return film
    issue = impossible_dates(int(film.utc_ns[wrong[0]]), None, len(wrong), some=False)
    harvest.note(issue.code, issue.severity, issue.message, int(film.offset[wrong[0]]))
    return replace(film, utc_ns=None)


def _note_conflicts(harvest: Harvest) -> None:
    """Note where further tracks of a film contradict the first, at any of their samples."""
    for other in harvest.films[1:]:
        apart = tracks_apart(harvest.films[0], other)
        if apart.is_conflict:
            code, text = conflict_words(apart, other.source)
            harvest.note(code, Severity.WARNING, text, int(other.offset[apart.row]))


def _note_extension(harvest: Harvest, kind: MediaKind, name: str) -> None:
    suffix = PurePath(name).suffix.lower()
    expected = _OTHER_KINDS.get(suffix)
    if expected is None or expected is kind:
        return
    if {expected, kind} <= {MediaKind.TIFF, MediaKind.DNG, MediaKind.GPR}:
        return
    text = Message("the file's name ends in {suffix}, but it is {kind}", suffix=suffix, kind=kind.value)
    harvest.note(Code.FALSE_EXTENSION, Severity.WARNING, text, 0)


def _item(harvest: Harvest, kind: MediaKind, name: str, sha256: str) -> MediaItem:
    told = FieldsByName(harvest.fields)
    written = number_of(getattr(told.first("IFD0/Orientation"), "value", None))
    orientation = int(written) if written is not None and written in range(1, 9) else 1
    position = position_of(harvest, told)
    height, pose, time = height_of(harvest, told), pose_of(harvest, told), time_of(harvest, told, name)
    maker, model, serials = maker_of(told), model_of(told), serials_of(told)
    if kind is not MediaKind.SUBTITLES and not _says_anything(harvest):
        text = Message("nothing is left of what cameras write (a messenger removes it); the original file says more")
        harvest.note(Code.NO_METADATA, Severity.INFO, text)
    return MediaItem(
        name=name,
        bytes=len(harvest.data),
        sha256=sha256,
        kind=kind,
        maker=maker,
        model=model,
        width_px=harvest.width_px,
        height_px=harvest.height_px,
        orientation=orientation,
        duration_s=harvest.duration_s,
        serials=serials,
        time=time,
        position=position,
        height=height,
        pose=pose,
        fov=field_of_view(optics_of(harvest, told, orientation, is_film=kind is MediaKind.MP4)),
        film=harvest.films[0] if harvest.films else None,
        other_films=tuple(harvest.films[1:]),
        fields=tuple(harvest.fields),
        issues=harvest.issues,
        is_truncated=harvest.is_truncated,
    )


def _says_anything(harvest: Harvest) -> bool:
    return any(one.value not in (None, "", b"") for one in harvest.fields if not one.path.endswith("ftyp"))
