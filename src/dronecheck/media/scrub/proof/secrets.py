"""What of a file must not be found in its copy: places, serials, names and dates, in every encoding known.

Whatever the readers tell is collected; what they do not know is gone by the whitelist. The values themselves are never
part of a result.
"""

from __future__ import annotations

import base64
import math
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import numpy as np

from dronecheck.arrays import Floats
from dronecheck.containers.source import Bytes
from dronecheck.media.model import MediaField, MediaItem
from dronecheck.media.scrub.parts import NoCopy
from dronecheck.messages import Message

__all__ = ["SecretForm", "SecretKind", "secret_forms"]

_FORMS_AT_MOST = 400_000
# Of a film's track, evenly taken with both ends: more patterns of four bytes would be found by chance alone.
_TRACK_PLACES_AT_MOST, _SHORT_PLACES_AT_MOST = 1_024, 64
_EXACT_PLACES_AT_MOST = 16  # written as degrees, minutes and seconds, too
_SHORTEST = 4  # bytes that are looked for at all
_SHORTEST_TEXT = 6
_TEXT_AT_MOST = 64
_EPOCH_1904_S = 2_082_844_800
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-:/._ ]?(0[1-9]|1[0-2])[-:/._ ]?(0[1-9]|[12]\d|3[01])(?!\d)", re.ASCII)
_AXIS = re.compile(r"lat|lon|xyz|gps5|gps9|iso6709|place|location|coordinate", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d{1,3}\.\d{3,}", re.ASCII)
_MINUTES = re.compile(r"(\d{1,3}),\s?(\d{1,2}(?:\.\d+)?)(?:,\s?(\d{1,2}(?:\.\d+)?))?\s?[NSEW]", re.ASCII)
_OF_SOMEBODY = re.compile(
    r"serial|uuid|guid|owner|artist|author|creator|by-?line|copyright|operator|person|name|documentid|instanceid|"
    r"droneid|flightid|sensor_id|selfdata|casn|gumi|muid|contact|email|city|sublocation|keywords|region|title|description|comment|caption|subject",
    re.IGNORECASE,
)
_DENOMINATORS = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)


class SecretKind(StrEnum):
    """What a secret tells."""

    PLACE = "place"
    SERIAL = "serial"
    NAME = "name"  # of a person, a device, a file: every text that the file tells
    TIME = "time"


@dataclass(frozen=True, slots=True)
class SecretForm:
    """One secret in one encoding. `is_sought_in_picture` if finding it within picture or sound is no coincidence."""

    kind: SecretKind
    form: str
    pattern: bytes
    is_sought_in_picture: bool


def secret_forms(item: MediaItem, data: Bytes, kept: bytes = b"") -> list[SecretForm]:
    """Return every secret of a file in every encoding, each once; `kept` is a time as it stays in the copy.

    Raises NoCopy when there are more than can be searched for.
    """
    found: dict[bytes, SecretForm] = {}
    for one in _all_forms(item, data):
        is_trivial = len(one.pattern) < _SHORTEST or sum(byte != 0 for byte in one.pattern) < 2
        if is_trivial or len(set(one.pattern)) < 2 or one.pattern in kept:
            continue
        known = found.get(one.pattern)
        if known is None or (one.is_sought_in_picture and not known.is_sought_in_picture):
            found[one.pattern] = one
        if len(found) > _FORMS_AT_MOST:
            raise NoCopy(Message("it holds more secrets than can be searched for"))
    return list(found.values())


def _all_forms(item: MediaItem, data: Bytes) -> Iterator[SecretForm]:
    for serial in item.serials:
        yield from _text_forms(SecretKind.SERIAL, serial, is_sought=True)
        if re.fullmatch(r"(?:[0-9a-f]{2}){6,}", serial):
            yield _form(SecretKind.SERIAL, "bytes", bytes.fromhex(serial))
    places = list(_places_told(item))
    for number, value in enumerate(dict.fromkeys(places)):
        yield from _degree_forms(value)
        if number < _EXACT_PLACES_AT_MOST:
            yield from _sexagesimal_forms(value)
    yield from _track_forms(item)
    yield from _time_forms(item)
    for one in item.fields:
        yield from _field_forms(one, data)


def _form(kind: SecretKind, form: str, pattern: bytes) -> SecretForm:
    return SecretForm(kind, form, pattern, len(pattern) >= _SHORTEST_TEXT)


# ---- places


def _places_told(item: MediaItem) -> Iterator[float]:
    """Give every coordinate that fields tell, degrees."""
    if item.position is not None:
        yield from (item.position.lat_deg, item.position.lon_deg)
    for one in item.fields:
        if _AXIS.search(one.path.rpartition("/")[2]):
            yield from _degrees_in(one.value)


def _degrees_in(value: object) -> Iterator[float]:
    if isinstance(value, str):
        for degrees, minutes, seconds in _MINUTES.findall(value[:4096]):
            yield int(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
        yield from (float(text) for text in _NUMBER.findall(value[:4096]))
    elif isinstance(value, float):
        yield value
    elif isinstance(value, tuple) and value and all(isinstance(part, int | float) for part in value):
        if len(value) == 3:
            yield value[0] + value[1] / 60 + value[2] / 3600
        else:
            yield from (float(part) for part in value[:9])


def _track_forms(item: MediaItem) -> Iterator[SecretForm]:
    """Give the coordinates of a film's track: every one to three decimals, some of them in all encodings."""
    for column in (item.film.lat_deg, item.film.lon_deg) if item.film is not None else ():
        known = np.unique(column[np.isfinite(column)])
        for text in {f"{value:.3f}" for value in np.abs(known).tolist()}:
            yield from _spellings(SecretKind.PLACE, "degrees", text)
        for value in _evenly(known, _TRACK_PLACES_AT_MOST):
            yield from (one for one in _degree_forms(value) if len(one.pattern) > _SHORTEST)
        for value in _evenly(known, _SHORT_PLACES_AT_MOST):
            yield from _degree_forms(value)


def _evenly(values: Floats, most: int) -> list[float]:
    chosen = np.linspace(0, len(values) - 1, min(len(values), most)).astype(np.int64)
    picked: list[float] = values[chosen].tolist()
    return picked


def _degree_forms(value: float) -> Iterator[SecretForm]:
    """Give a coordinate as text to three decimals, as doubles and floats in degrees and radians, and as integers."""
    if not math.isfinite(value) or not 1e-6 <= abs(value) <= 360:
        return
    for text in {f"{abs(value):.3f}", f"{math.floor(abs(value) * 1000) / 1000:.3f}"}:
        yield from _spellings(SecretKind.PLACE, "degrees", text)
    for unit, number in (("degrees", value), ("radians", math.radians(value))):
        for signed in (number, -number):
            for near in {signed, signed * (1 - 2.0**-50), signed * (1 + 2.0**-50)}:
                yield _form(SecretKind.PLACE, f"{unit}, float64", struct.pack(">d", near)[:7])
                yield _form(SecretKind.PLACE, f"{unit}, float64", struct.pack("<d", near)[1:])
            yield _form(SecretKind.PLACE, f"{unit}, float32", struct.pack(">f", signed))
            yield _form(SecretKind.PLACE, f"{unit}, float32", struct.pack("<f", signed))
    for scale in (1e7, 1 << 20, 1 << 22, 1 << 16):
        for whole in {round(value * scale), math.floor(value * scale)}:
            if abs(whole) < 1 << 31 and sum(byte not in (0, 255) for byte in struct.pack(">i", whole)) >= 3:
                yield _form(SecretKind.PLACE, "fixed point, int32", struct.pack(">i", whole))
                yield _form(SecretKind.PLACE, "fixed point, int32", struct.pack("<i", whole))


def _sexagesimal_forms(value: float) -> Iterator[SecretForm]:
    """Give a coordinate as degrees, minutes and seconds: texts, and the rationals of EXIF."""
    if not math.isfinite(value) or not 1e-6 <= abs(value) <= 360:
        return
    degrees, rest = divmod(abs(value), 1.0)
    minutes, rest = divmod(rest * 60, 1.0)
    d, m, s = int(degrees), int(minutes), rest * 60
    exact = minutes + rest
    texts = {
        f"{d},{exact:.2f}", f"{d},{math.floor(exact * 100) / 100:.2f}", f"{d:02d}{exact:06.3f}", f"{d},{m},{s:.1f}",
        f"{d:02d}{m:02d}{s:04.1f}", f"{d} deg {m}' {int(s)}", f"{d}° {m}' {int(s)}", f"{d}°{m}'{int(s)}",
        f"({d}) ({m}) ({int(s)}", f"{d}/1,{m}/1", f"{d}/1, {m}/1", f"{d}/1 {m}/1",
    }  # fmt: skip
    for text in texts:
        yield from _spellings(SecretKind.PLACE, "degrees, minutes, seconds", text)
    for order in "<>":
        for below in _DENOMINATORS:
            for above in {round(s * below), math.floor(s * below)}:
                if above < 1 << 32 and above > 255:
                    raw = struct.pack(f"{order}IIIIII", d, 1, m, 1, above, below)
                    yield _form(SecretKind.PLACE, "EXIF rationals", raw)


# ---- times


def _time_forms(item: MediaItem) -> Iterator[SecretForm]:
    moments = set()
    if item.time is not None and item.time.utc_ns is not None:
        moments.add(item.time.utc_ns // 10**9)
    for one in item.fields:
        if one.path.endswith("/creation_time") and isinstance(one.value, int):
            moments.add(one.value - _EPOCH_1904_S)
    for moment in moments:
        if not 0 < moment < 1 << 33:
            continue
        for seconds in (moment, moment + _EPOCH_1904_S):
            if seconds < 1 << 32:
                yield SecretForm(SecretKind.TIME, "seconds, int32", struct.pack(">I", seconds), False)
                yield SecretForm(SecretKind.TIME, "seconds, int32", struct.pack("<I", seconds), False)
        yield from _date_forms(datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d"))


def _date_forms(text: str) -> Iterator[SecretForm]:
    for parts in _DATE.findall(text):
        for joint in (":", "-", "", "/"):
            yield from _spellings(SecretKind.TIME, "date", joint.join(parts))


# ---- texts, and bytes as they stand in the source


def _field_forms(one: MediaField, data: Bytes) -> Iterator[SecretForm]:
    """Give a field's value as text, the dates in it, and its bytes as the source has them."""
    name = one.path.rpartition("/")[2]
    if one.value is None or name in ("ftyp", "timed"):
        return
    texts = (one.value,) if isinstance(one.value, str) else one.value if isinstance(one.value, tuple) else ()
    for text in texts:
        if isinstance(text, str):
            yield from _date_forms(text[:4096])
            is_sought = bool(_OF_SOMEBODY.search(name)) and len(text.strip()) >= 8
            yield from _text_forms(SecretKind.NAME, text, is_sought=is_sought)
    if isinstance(one.value, str):  # may be decoded or joined: its bytes are not where it says
        return
    raw = bytes(data[one.offset : one.offset + min(one.length, 48)])
    if len(raw) >= _SHORTEST_TEXT and sum(byte != 0 for byte in raw) >= 5 and len(set(raw)) >= 4:
        kind = SecretKind.PLACE if _AXIS.search(name) else SecretKind.NAME
        yield SecretForm(kind, "as the source writes it", raw, False)


def _text_forms(kind: SecretKind, text: str, *, is_sought: bool) -> Iterator[SecretForm]:
    text = text.strip()[:_TEXT_AT_MOST]
    if len(text) < _SHORTEST_TEXT or len(set(text)) < 4:
        return
    for one in _spellings(kind, "text", text):
        yield SecretForm(kind, one.form, one.pattern, is_sought)
    raw = text.encode("utf-8", "replace")
    for shift in range(3):  # base64 writes three bytes as four letters: only whole groups are the same everywhere
        whole = (len(raw) - shift) // 3 * 3
        if whole >= _SHORTEST_TEXT:
            yield SecretForm(kind, "base64", base64.b64encode(raw[shift : shift + whole]), is_sought)


def _spellings(kind: SecretKind, form: str, text: str) -> Iterable[SecretForm]:
    """Return a text as its bytes in UTF-8 and in UTF-16 of both byte orders."""
    return (
        _form(kind, f"{form}, text" if form != "text" else form, text.encode("utf-8", "replace")),
        _form(kind, f"{form}, UTF-16", text.encode("utf-16-le", "replace")),
        _form(kind, f"{form}, UTF-16", text.encode("utf-16-be", "replace")),
    )
