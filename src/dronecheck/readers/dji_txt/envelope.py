"""What an encrypted DJI flight record (from version 13 on) says of its flight without keys: its header, in clear.

    @83 @87        i32 number of position records, i32 12345, without which the block is damaged
    @91            i64 start, milliseconds since 1970, UTC by the phone's or controller's clock
    @99 @107       f64 longitude, latitude (degrees) of the first position record; (0, 0): not known
    @115           f32 length of the way, kilometres: so far from the start it came at most
    @119 @123      i32 duration (ms), f32 greatest height above take-off, cut to whole metres
    @127           f32 greatest horizontal speed (m/s): a longer way than it allows is that of another flight
    @179 @211      f64[4] longitude, latitude (radians) of up to four pictures; 0: none

Measured on 27 records against exports of the same flights: place and way are exact, the height lies in [h, h + 1).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from dronecheck.dates import span_ns
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Clock, ClockSource, Completeness, Flight, RecordHeader, Source, Vehicle
from dronecheck.geo.plane import local_offsets_m
from dronecheck.issues import Code, Issue, Remedy, Severity
from dronecheck.messages import Message, several
from dronecheck.readers.dji_txt import HEADER_BYTES, NAME
from dronecheck.readers.dji_txt.events import product_name
from dronecheck.readers.dji_txt.header import Header, encrypted_details, text_of
from dronecheck.readers.dji_txt.scramble import is_intact
from dronecheck.safe.io import Input, plain

__all__ = ["header_flight"]

_FIGURES = struct.Struct("<iiqddfiff")
_FIGURES_AT, _PICTURES_AT, _PICTURES = 83, 179, 4
_BYTES = 360  # up to the aircraft's serial number
_MARK = 12345
_END = _MARK.to_bytes(4, "little")
_PICTURE = b"\xff\xd8"
_SLACK, _SLACK_M = 1.05, 50.0
_HIGHEST_M = 20_000.0
_CLOCK_SIGMA_S = 5.0  # 5.7 s beside satellite time was measured once


def header_flight(source: Input, header: Header, data: bytes, issues: Sequence[Issue] = ()) -> Flight:
    """Return an encrypted record as its header alone tells it: no track, `issues` first, then what is odd of it.

    Raises UnreadableInput where the header is damaged.
    """
    block = _intact_block(data, header)
    if block is None:
        raise UnreadableInput(
            "dji_txt_encrypted",
            f"a DJI flight record of version {header.version}, encrypted, and its header, which would tell of the "
            "flight without keys, is damaged",
        )
    facts = _HeaderFigures.of(block)
    is_closed = header.is_closed
    told, odd = _record_header(facts, is_closed=is_closed)
    noted = [*issues, *_notes(odd, None if is_closed else len(data))]
    is_whole = is_closed and (data.endswith(_END) or _END + _PICTURE in data)
    note = Message("UTC by the clock of phone or controller, as the header states it")
    known = told.start_ns is not None
    clock = (
        Clock(True, ClockSource.HEADER, _CLOCK_SIGMA_S, note)
        if known
        else Clock(False, ClockSource.NONE, math.nan, Message("the header states no time"))
    )
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, f"version {header.version}", _READER),
        tracks={},
        primary="",
        clock=clock,
        completeness=Completeness.COMPLETE if is_whole else Completeness.TRUNCATED,
        vehicle=Vehicle(model=product_name(block[271]), serial=plain(text_of(block[312:328]), 40)),
        issues=tuple(noted),
        header=told,
    )


_READER = "dronecheck.readers.dji_txt/2"


@dataclass(frozen=True, slots=True)
class _HeaderFigures:
    """The figures as they stand in the block."""

    start_ms: int
    lat_deg: float
    lon_deg: float
    distance_m: float
    duration_s: float
    height_m: float
    speed_mps: float
    pictures: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, block: bytes) -> _HeaderFigures:
        _, _, start_ms, lon, lat, way_km, ms, height_m, speed = _FIGURES.unpack_from(block, _FIGURES_AT)
        angles = struct.unpack_from(f"<{2 * _PICTURES}d", block, _PICTURES_AT)
        pairs = zip(angles[_PICTURES:], angles[:_PICTURES], strict=True)
        places = ((math.degrees(a), math.degrees(b)) for a, b in pairs if math.isfinite(a) and math.isfinite(b))
        pictures = tuple(place for place in places if _is_place(*place))
        return cls(start_ms, lat, lon, way_km * 1000.0, ms / 1000.0, height_m, speed, pictures)


def _intact_block(data: bytes, header: Header) -> bytes | None:
    """Return the details in front of the records; None where their check byte or their mark says that they are damaged.

    The mark follows the number of position records.
    """
    at = HEADER_BYTES
    length = int.from_bytes(data[at + 1 : at + 3], "little")
    stored = data[at + 3 : at + 3 + length]
    if not 1 < length == len(stored) or not is_intact(0, stored[0], stored[-1], length):
        return None
    block = encrypted_details(data, header)
    if len(block) < _BYTES or _FIGURES.unpack_from(block, _FIGURES_AT)[1] != _MARK:
        return None
    return block


def _is_place(lat_deg: float, lon_deg: float) -> bool:
    return abs(lat_deg) <= 90 and abs(lon_deg) <= 180 and (lat_deg, lon_deg) != (0.0, 0.0)


def _record_header(facts: _HeaderFigures, *, is_closed: bool) -> tuple[RecordHeader, list[Message]]:
    """Return what may be believed of the figures, and what is wrong with the others."""
    first_ns, end_ns = span_ns(NAME)
    odd = []
    start_ns = facts.start_ms * 1_000_000
    is_dated = first_ns <= start_ns < end_ns
    if not is_dated:
        odd.append(Message("it states no date that can be"))
    is_placed = _is_place(facts.lat_deg, facts.lon_deg)
    if not is_placed:
        odd.append(Message("it does not state where the flight began"))
    why = _why_unbounded(facts, is_closed=is_closed, is_placed=is_placed)
    if why:
        odd.append(why)
    is_bounded = is_placed and not why
    told = RecordHeader(
        lat_deg=facts.lat_deg if is_placed else math.nan,
        lon_deg=facts.lon_deg if is_placed else math.nan,
        start_ns=start_ns if is_dated else None,
        duration_s=facts.duration_s if facts.duration_s >= 0 else math.nan,
        within_m=facts.distance_m if is_bounded else None,
        below_m=facts.height_m + 1.0 if is_bounded else None,
        pictures=facts.pictures,
    )
    return told, odd


def _why_unbounded(facts: _HeaderFigures, *, is_closed: bool, is_placed: bool) -> Message:
    """Return why its figures do not bound where it flew; "" where they do, as far as they can be held together."""
    if not is_closed:  # they are those of an instant in flight, or of the flight before
        return Message("the app never closed the record, so its figures may be those of another instant")
    if not facts.distance_m > 0 or not math.isfinite(facts.distance_m):
        return Message("it states no distance flown")
    if not facts.distance_m <= facts.speed_mps * facts.duration_s * _SLACK + _SLACK_M:
        return Message(
            "its distance is longer than its greatest speed allows in its duration, so one is of another flight"
        )
    if not 0 <= facts.height_m <= _HIGHEST_M:
        return Message("it states no height that can be")
    if is_placed and any(_apart_m(facts, place) > facts.distance_m + _SLACK_M for place in facts.pictures):
        return Message(
            "a picture was taken farther from the start than its distance allows, so one is of another flight"
        )
    return Message("")


def _apart_m(facts: _HeaderFigures, place: tuple[float, float]) -> float:
    east_m, north_m = local_offsets_m(facts.lon_deg, facts.lat_deg, place[1], place[0])
    return math.hypot(float(east_m), float(north_m))


def _notes(odd: list[Message], open_at: int | None) -> list[Issue]:
    text = Message(
        "the track is encrypted with keys that only DJI's service gives: what is told is the header's own word"
    )
    notes = [Issue(Code.HEADER_ONLY, Severity.WARNING, text, HEADER_BYTES, remedy=Remedy.DECRYPT)]
    if odd:
        told = Message("the header does not tell all: {why}", why=several(odd))
        notes.append(Issue(Code.HEADER_DOUBTFUL, Severity.WARNING, told, HEADER_BYTES))
    if open_at is not None:
        text = Message("the app never closed this record: its end may be missing")
        notes.append(Issue(Code.TRUNCATED, Severity.DAMAGE, text, open_at))
    return notes
