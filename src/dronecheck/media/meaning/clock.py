"""When a shot was taken: what proves UTC, what the camera's own clock said, and how the two go together.

A camera's clock has no zone. A time of satellites may be that of the last fix: it is held against the camera's clock,
from which it may differ by a zone, a multiple of a quarter of an hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from dronecheck.dates import can_be, impossible_dates
from dronecheck.issues import Code, Severity
from dronecheck.media.fields import FieldsByName, Harvest
from dronecheck.media.meaning.device import maker_of
from dronecheck.media.meaning.values import number_of
from dronecheck.media.model import CaptureTime, MediaField
from dronecheck.messages import Message
from dronecheck.timebase import ns_of, utc_of

__all__ = ["local_of", "time_of"]

SECOND_NS = 10**9
QUARTER_S, SLACK_S = 900, 120
ZONES_S = range(-12 * 3600, 14 * 3600 + 1, QUARTER_S)  # all that exist
STALE_SIGMA_S, UNPROVEN_SIGMA_S, UNTESTED_SIGMA_S = 86_400.0, 50_400.0, 120.0
FILE_NAME = "file name"
_SAME_S = 2.0
_CLOCKS_AT_MOST = 8  # of one directory
_FILM_EPOCH = datetime(1904, 1, 1, tzinfo=UTC)
_DATE = re.compile(
    r"\s*(\d{4})[-:./](\d{1,2})[-:./](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?\s*", re.ASCII,
)  # fmt: skip
_IN_NAME = re.compile(r"(?:DJI|MAX|YUN)_(\d{4})(\d\d)(\d\d)_?(\d\d)(\d\d)(\d\d)", re.ASCII)
_ORIGINAL = ("Exif/DateTimeOriginal", "exif:DateTimeOriginal")
_LATER = ("Exif/DateTimeDigitized", "IFD0/DateTime", "xmp:CreateDate", "photoshop:DateCreated", "tIME")
_ZONED = (
    "xmp:CreateDate", "exif:DateTimeOriginal", "photoshop:DateCreated", "com.apple.quicktime.creationdate", "©day",
)  # fmt: skip
_STATED_UTC = ("GPS/GPSDateStamp", "exif:GPSTimeStamp", "exif:GPSDateTime", "drone-dji:UTCAtExposure")
_OFFSETS = ("Exif/OffsetTime", "Exif/OffsetTimeOriginal", "Exif/OffsetTimeDigitized")
_UTC_MAKERS = ("parrot", "teal", "skydio")  # DateTimeOriginal is UTC
_YEARS = range(1990, 2200)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as written: its digits as if they were UTC, the zone if one stands there (s), and the field."""

    digits: datetime
    offset_s: int | None
    source: str
    place: int

    @property
    def utc(self) -> datetime | None:
        """Return the moment, if the zone is written."""
        return self.digits - timedelta(seconds=self.offset_s) if self.offset_s is not None else None


@dataclass(frozen=True, slots=True)
class _Proof:
    """A moment in UTC, and what proves it; `is_of_fix` if it may be that of the last fix."""

    moment: datetime
    source: str
    place: int
    sigma_s: float
    is_of_fix: bool = False
    offset_s: int | None = None


def time_of(harvest: Harvest, told: FieldsByName, name: str) -> CaptureTime | None:
    """Return when the shot was taken (of a film: when it began); None when the file says nothing of it."""
    _note_impossible(harvest, told)
    local = _local(harvest, told, name)
    proofs = [one for one in _proofs(harvest, told, local) if _can_be(harvest, one)]
    head = _film_head(told)
    if not proofs:
        if local is not None:
            return CaptureTime(None, _iso(local.digits), None, None, local.source)
        if head is not None:
            return CaptureTime(None, _iso(head.digits), None, UNPROVEN_SIGMA_S, head.source)
        return None
    worst_s = 0.0
    for other in proofs[1:]:
        apart_s = abs((other.moment - proofs[0].moment).total_seconds())
        if apart_s > _SAME_S:
            worst_s = max(worst_s, apart_s)
            text = Message("the file states several times in UTC that disagree; the first of them is told")
            harvest.note(Code.VALUES_CONFLICT, Severity.WARNING, text, other.place)
    found = _settled(harvest, proofs[0], local or head)
    return replace(found, sigma_s=max(found.sigma_s or 0.0, worst_s))


def _can_be(harvest: Harvest, proof: _Proof) -> bool:
    """Tell whether a moment may be that of a shot; one of a clock that was not set, or lost weeks, is noted."""
    utc_ns = ns_of(proof.moment)
    if can_be(np.array([utc_ns], np.int64), "photo")[0]:
        return True
    issue = impossible_dates(utc_ns, proof.place, 1, some=False)
    harvest.note(issue.code, issue.severity, issue.message, issue.offset)
    return False


def _note_impossible(harvest: Harvest, told: FieldsByName) -> None:
    """Note times of satellites, and zones, that no calendar and no country has: they are not used."""
    for one in told.every(*_STATED_UTC):
        text = str(one.value).strip().strip("\0")
        if text and not text.startswith("0000") and (found := _DATE.fullmatch(text)):
            parts = [int(part or 0) for part in found.groups()[:6]]
            if _datetime(*parts) is None or not _is_clock(told, one):
                _note_damaged(harvest, one)
    for one in told.every(*_OFFSETS, *_ZONED):
        dated = _DATE.fullmatch(str(one.value))
        zone = dated[8] if dated else str(one.value).strip()
        if zone and re.fullmatch(r"[+-]\d{2}:?\d{2}", zone) and _offset_s(zone) is None:
            _note_damaged(harvest, one)


def _is_clock(told: FieldsByName, one: MediaField) -> bool:
    """Tell whether the time of day that goes with a date of EXIF's satellites can be one, if there is one."""
    clock = told.beside(one, "GPSTimeStamp") if one.path.endswith("GPSDateStamp") else None
    parts = clock.value if clock is not None and isinstance(clock.value, tuple) else ()
    return None in map(number_of, parts) or len(parts) != 3 or _seconds(parts) is not None


def _seconds(clock: object) -> float | None:
    """Return the seconds since midnight of hours, minutes and seconds; None where no clock shows them."""
    parts = [number_of(part) for part in clock] if isinstance(clock, tuple) else []
    known = [part for part in parts if part is not None]
    if len(known) != 3 or len(parts) != 3:
        return None
    is_one = 0 <= known[0] < 24 and 0 <= known[1] < 60 and 0 <= known[2] < 61
    return known[0] * 3600 + known[1] * 60 + known[2] if is_one else None


def _note_damaged(harvest: Harvest, one: MediaField) -> None:
    text = Message("a date, a time or a zone that cannot be ({field}), not used", field=one.path)
    harvest.note(Code.CLOCK_DAMAGED, Severity.WARNING, text, one.offset)


def _settled(harvest: Harvest, proof: _Proof, local: Stamp | None) -> CaptureTime:
    """Hold a proven moment against the camera's clock: they may differ by a zone only."""
    utc_ns = ns_of(proof.moment)
    if local is None:
        sigma_s = UNTESTED_SIGMA_S if proof.is_of_fix else proof.sigma_s
        return CaptureTime(utc_ns, None, proof.offset_s, sigma_s, proof.source)
    apart_s = (local.digits - proof.moment).total_seconds()
    quarters = round(apart_s / QUARTER_S)
    if abs(apart_s - quarters * QUARTER_S) <= SLACK_S and quarters * QUARTER_S in ZONES_S:
        offset_s = proof.offset_s if proof.offset_s is not None else quarters * QUARTER_S
        return CaptureTime(utc_ns, _iso(local.digits), offset_s, proof.sigma_s, proof.source)
    text = Message("the time of the satellites is no time zone away from the camera's clock: it may be of an old fix")
    harvest.note(Code.CLOCK_SKEW, Severity.WARNING, text, proof.place)
    return CaptureTime(utc_ns, _iso(local.digits), None, max(STALE_SIGMA_S, abs(apart_s)), proof.source)


def _proofs(harvest: Harvest, told: FieldsByName, local: Stamp | None) -> Iterator[_Proof]:
    """Give every moment in UTC that the file states, the surest first."""
    for film in harvest.films:
        usable = np.flatnonzero(film.is_usable)
        if film.utc_ns is not None and len(usable):
            row = int(usable[0])
            begin_ns = int(film.utc_ns[row]) - round(float(np.nan_to_num(film.time_s[row])) * SECOND_NS)
            yield _Proof(utc_of(begin_ns), film.source, int(film.offset[row]), 1.0)
    for one in told.every("drone-dji:UTCAtExposure"):
        stamp = _stamp(one)
        if stamp is not None:
            yield _Proof(stamp.utc or stamp.digits, one.path, one.offset, 0.001)
    yield from _skydio(told)
    yield from _exif_gps(told)
    if local is not None and local.utc is not None:
        yield _Proof(local.utc, local.source, local.place, 1.0, offset_s=local.offset_s)
    elif local is not None and (maker_of(told) or "").lower().startswith(_UTC_MAKERS):
        yield _Proof(local.digits, local.source, local.place, 1.0, offset_s=0)
    for one in told.every(*_ZONED):
        stamp = _stamp(one)
        if stamp is not None and stamp.utc is not None and _is_same_clock(stamp, local):
            yield _Proof(stamp.utc, one.path, one.offset, 1.0, offset_s=stamp.offset_s)


def _is_same_clock(stamp: Stamp, local: Stamp | None) -> bool:
    """Tell whether a time with its zone is of the exposure, by the camera's clock: an editor's is not."""
    if local is None:
        return True
    return stamp.source != local.source and abs((stamp.digits - local.digits).total_seconds()) <= SLACK_S


def _skydio(told: FieldsByName) -> Iterator[_Proof]:
    """Give the time of capture: the wall clock at take-off, and the drone's own clock then and at the exposure."""
    names = ("TakeoffUclock", "CaptureUtime", "TakeoffUtime")
    fields = [told.first(f"drone-skydio:{name}") for name in names]
    values = [number_of(str(one.value)) if one is not None else None for one in fields]
    wall, capture, takeoff = values
    if wall is None or capture is None or takeoff is None or fields[0] is None:
        return
    micros = wall + capture - takeoff
    if 631_152_000e6 < micros < 7_258_118_400e6:
        yield _Proof(utc_of(round(micros) * 1000), fields[0].path, fields[0].offset, 0.1)


def _exif_gps(told: FieldsByName) -> Iterator[_Proof]:
    for one in told.every("GPS/GPSDateStamp"):
        day = _DATE.fullmatch(str(one.value))
        midnight = _datetime(int(day[1]), int(day[2]), int(day[3])) if day else None
        for clock in told.all_beside(one, "GPSTimeStamp")[:_CLOCKS_AT_MOST]:
            since_s = _seconds(clock.value)
            if midnight is not None and since_s is not None:
                yield _Proof(midnight + timedelta(seconds=since_s), one.path, one.offset, 1.0, is_of_fix=True)
    for one in told.every("exif:GPSTimeStamp", "exif:GPSDateTime"):
        stamp = _stamp(one)
        if stamp is not None and stamp.utc is not None:
            yield _Proof(stamp.utc, one.path, one.offset, 1.0, is_of_fix=True)


def _local(harvest: Harvest, told: FieldsByName, name: str) -> Stamp | None:
    """Return what the camera's clock said: the time of the exposure, else of its file, else of the file's name."""
    stamps = [stamp for one in told.every(*_ORIGINAL) if (stamp := _stamp(one, told)) is not None]
    for other in stamps[1:]:
        if abs((other.digits - stamps[0].digits).total_seconds()) > _SAME_S:
            text = Message("the file states several times of the exposure that disagree; the first of them is told")
            harvest.note(Code.VALUES_CONFLICT, Severity.WARNING, text, other.place)
    if stamps:
        return stamps[0]
    named = _IN_NAME.search(name)
    digits = _datetime(*(int(part) for part in named.groups())) if named else None
    if digits is not None:
        return Stamp(digits, None, FILE_NAME, 0)
    return next((stamp for one in told.every(*_LATER, *_ZONED) if (stamp := _stamp(one, told))), None)


def local_of(text: str) -> str | None:
    """Return the digits of a time as ISO 8601 without zone, None where there is none.

    >>> local_of("2019:10:03 09:10:11"), local_of("2022-03-24T17:37:59+08:00")
    ('2019-10-03T09:10:11', '2022-03-24T17:37:59')
    """
    stamp = _stamp(MediaField("", text, 0, 0))
    return _iso(stamp.digits) if stamp else None


def _stamp(one: MediaField, told: FieldsByName | None = None) -> Stamp | None:
    """Return the time of a field; EXIF has the zone and the fraction of a second in fields of their own."""
    found = _DATE.fullmatch(str(one.value))
    if not found or found[4] is None:
        return None
    digits = _datetime(*(int(part or 0) for part in found.groups()[:6]))
    if digits is None:
        return None
    fraction = found[7] or ""
    zone: object = found[8]
    if told is not None and not zone:
        kind = one.path.rpartition("/")[2].removeprefix("DateTime")
        if not fraction and (below := told.beside(one, f"SubSecTime{kind}")) is not None:
            fraction = re.sub(r"\D.*", "", str(below.value).strip())
        offset = told.beside(one, f"OffsetTime{kind}")
        zone = str(offset.value).strip() if offset is not None else None
    digits += timedelta(microseconds=int((fraction + "000000")[:6]))
    return Stamp(digits, _offset_s(zone), one.path, one.offset)


def _offset_s(zone: object) -> int | None:
    if zone == "Z":
        return 0
    found = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", str(zone), re.ASCII)
    if not found or int(found[3]) >= 60:
        return None
    offset_s = (1 if found[1] == "+" else -1) * (int(found[2]) * 3600 + int(found[3]) * 60)
    return offset_s if offset_s in ZONES_S else None


def _datetime(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime | None:
    """Return the digits of a date as if they were UTC; None for one that cannot be, or that no camera's clock shows."""
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC) if year in _YEARS else None
    except ValueError:
        return None


def _film_head(told: FieldsByName) -> Stamp | None:
    """Return the container's time, which is UTC by its standard and local in many cameras: it proves nothing alone."""
    for one in told.every("mvhd/creation_time"):
        seconds = number_of(one.value)
        if seconds is not None and seconds < 1 << 34:
            digits = _FILM_EPOCH + timedelta(seconds=seconds)
            if digits.year in _YEARS:
                return Stamp(digits, None, one.path, one.offset)
    return None


def _iso(digits: datetime) -> str:
    text = digits.replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text
