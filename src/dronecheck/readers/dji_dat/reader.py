"""DJI's controller log (MCDatFlightRecords/yyyy-mm-dd_hh-mm-ss_FLYnnn.DAT): what the aircraft sent by radio.

    0    u8 aircraft type (89: Matrice 350)        16   "BUILD ", the firmware's date
    242  "DJI_LOG_V3": records from 256 on, else from 128 on. Their frame is in `frames`

    type   record      rate   fields                                                    becomes
    2096   GPS         5 Hz   u32 date yyyymmdd, u32 time hhmmss (UTC), i32 longitude,  the track "gnss"; the clock
                              latitude (1e-7 deg), i32 height mm, f32 speeds north,
                              east, down (cm/s)
    2048   estimate    10 Hz  f64 longitude, latitude (rad), f32 barometric height m    the track "fused"
    2049   the same by another sensor                                                   bears witness
    13     home        5 Hz   f64 longitude, latitude (rad), f32 height dm, then text   `Flight.home`; the serial number

Heights above take-off are those of 2048 less that of the home point: both barometric. What the receiver's height is
measured from is not described: `alt_unframed_m`. About 90 more types are not read. Described by measuring eight files
of a Matrice 350 with DJI Pilot 2 against another service's export of the same flights; older aircraft write other
types in this frame, newer ones encrypt the bodies: both are refused by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.dates import can_be
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Clock, ClockSource, Completeness, Flight, Home, RecordingKey, Source, Vehicle
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.clock.mapping import Starts, TimeMapping, one_axis, satellite_mapping, starts_of
from dronecheck.readers.common.position.fixes import on_globe
from dronecheck.readers.common.position.track_choice import Sources, SourceWitness, settled
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.stretches import gathered
from dronecheck.readers.dji_dat import BUILD, BUILD_AT, NAME, OLD_RECORDS_AT, RECORDS_AT
from dronecheck.readers.dji_dat.frames import AROUND_BODY, BODY_AT, DatFrames, find_frames
from dronecheck.readers.dji_dat.names import aircraft_name
from dronecheck.readers.dji_dat.ticks import changes, lost_turns, rate_hz, to_us, unwrapped
from dronecheck.readers.dji_dat.tracks import fused_track, gnss_track
from dronecheck.readers.dji_dat.witnesses import witnesses_of
from dronecheck.safe.io import Input, plain

__all__ = ["read_dji_dat"]


_READER = "dronecheck.readers.dji_dat/1"
GPS, FUSED, OTHER_FUSED, HOME = 2096, 2048, 2049, 13
_V3, _V3_AT = b"DJI_LOG_V3", 242
_PLACE: list[tuple[str, Any]] = [("lon", "<f8"), ("lat", "<f8"), ("height", "<f4")]
_FIELDS = {
    GPS: np.dtype([("date", "<u4"), ("time", "<u4"), ("lon", "<i4"), ("lat", "<i4"), ("height", "<i4"),
                   ("north", "<f4"), ("east", "<f4"), ("down", "<f4")]),
    FUSED: np.dtype(_PLACE), OTHER_FUSED: np.dtype(_PLACE), HOME: np.dtype(_PLACE),
}  # fmt: skip
_NAMES = {GPS: "GPS", FUSED: "estimate", OTHER_FUSED: "second estimate", HOME: "home"}
_SERIAL = re.compile(rb"[0-9A-Z]{10,20}(?=\0|$)")  # of one case, of ten to twenty characters
_US = 1_000_000
_MOST_KEYS = 100
_HIGHEST_M = 20_000.0
_SMALLEST_RAD = 1e-7  # less than a metre beside 0/0


def read_dji_dat(source: Input) -> Flight:
    """Read a log. Raises UnreadableInput where its records are encrypted or hold no position that is known here."""
    with np.errstate(all="ignore"):  # a body may be any bit pattern: NaN and infinity are dealt with where it matters
        return _read(source)


def _read(source: Input) -> Flight:
    head, account = source.head, Account()
    is_v3 = head[_V3_AT : _V3_AT + len(_V3)] == _V3
    frames = find_frames(source.data, RECORDS_AT if is_v3 or len(head) <= RECORDS_AT else OLD_RECORDS_AT)
    tables = _Tables.of(source, frames, account)
    _refuse_foreign(head, frames, tables)
    _losses(frames, len(source.data), account)
    starts, clock, mapping = tables.clock(account)
    timed = _timed(tables, mapping)
    sources = _tracks(tables, timed, starts, account)
    if not sources.primary:
        account.note(Code.NO_POSITION, Severity.WARNING, Message("the log has no usable position"))
    return Flight(
        source=Source(source.path, source.size_bytes, source.sha256, NAME, "v3" if is_v3 else "", _READER),
        tracks=sources.tracks,
        primary=sources.primary,
        rivals=sources.rivals,
        clock=clock,
        completeness=account.completeness,
        home=tables.home(),
        vehicle=Vehicle(model=aircraft_name(head[0]), serial=tables.serial),
        issues=tuple(account.issues),
        recording_keys=tables.keys(),
        witnesses=witnesses_of(timed.gps, timed.fused, tables.gps.time_us, np.where(tables.is_first, tables.second, 0)),
    )


@dataclass(slots=True)
class _Tables:
    """The records that are used, `time_us` by the log's own clock, and the aircraft's serial number."""

    gps: Records
    fused: Records
    other: Records
    homes: Records  # those with a position
    serial: str
    second: Ints  # UTC of each GPS record in whole seconds, 0 where it states none
    is_first: Bools  # whether a GPS record is the first of its second

    @classmethod
    def of(cls, source: Input, frames: DatFrames, account: Account) -> _Tables:
        """Gather the records of the file; those too short for their type are noted."""
        ticks = unwrapped(frames.tick)
        rows = {kind: _rows(frames, kind, account) for kind in _FIELDS}
        values = {kind: _values(source, frames, kind, rows[kind]) for kind in _FIELDS}
        second = _seconds(values[GPS])
        stated = rows[GPS][second > 0]
        hz = rate_hz(ticks[rows[GPS]], second, changes(ticks[rows[GPS]], second))
        ticks = lost_turns(ticks, stated, second[second > 0], hz)
        is_first = changes(ticks[rows[GPS]], second)
        time_us = to_us(ticks, hz)
        found = {
            kind: Records(_NAMES[kind], frames.offset[rows[kind]], time_us[rows[kind]], values[kind])
            for kind in _FIELDS
        }
        homes = found[HOME]
        lat, lon = (np.degrees(homes.numbers(name)) for name in ("lat", "lon"))
        has_place = on_globe(lat, lon)
        serial = _serial(source, frames, rows[HOME][has_place])
        return cls(found[GPS], found[FUSED], found[OTHER_FUSED], homes.pick(has_place), serial, second, is_first)

    def home(self) -> Home | None:
        """Return the first home point; its height is barometric and left out."""
        if not len(self.homes):
            return None
        return Home(*(float(np.degrees(self.homes.numbers(name)[0])) for name in ("lat", "lon")))

    def keys(self) -> tuple[RecordingKey, ...]:
        """Return one key for each home point, in the order of the file: a few take-offs, or a home that is moved."""
        places = np.degrees(np.stack([self.homes.numbers("lat"), self.homes.numbers("lon")], axis=1))
        rows = np.column_stack([places, self.homes.numbers("height")])
        rows = rows[np.isfinite(rows).all(axis=1) & (rows[:, 2] != 0)]
        _, first = np.unique(rows, axis=0, return_index=True)
        return tuple(RecordingKey(*rows[at].tolist()) for at in np.sort(first)[:_MOST_KEYS].tolist())

    def clock(self, account: Account) -> tuple[Starts, Clock, TimeMapping | None]:
        """Return the starts of the log's clock, the clock, and the mapping to UTC; None where it is not known."""
        tables = [self.gps, self.fused, self.other]
        starts = starts_of(tables, account)
        stated = np.where(self.is_first, self.second, 0)
        is_coarse = not stated.any()
        utc_us = (self.second if is_coarse else stated) * _US
        found = satellite_mapping(account, self.gps, utc_us, starts, NAME, tables) if utc_us.any() else None
        if found is None:
            note = Message("no satellite time in the log: times count from the start of the aircraft's clock")
            account.note(Code.UTC_UNKNOWN, Severity.WARNING, note)
            return starts, Clock(False, ClockSource.NONE, float("nan"), note), one_axis(starts, tables)
        mapping, sigma_s = found
        note = Message("the satellites' seconds in {count} records", count=int((utc_us > 0).sum()))
        sigma_s = max(sigma_s, 1.0) if is_coarse else sigma_s
        return (
            starts,
            Clock(True, ClockSource.GNSS, sigma_s, note, mapping.is_assumed, mapping=mapping.facts),
            mapping,
        )

    def heights(self, rows: Records) -> Floats:
        """Return how high estimates are above the last home point before them in the file, the first for earlier."""
        if not len(self.homes):
            return np.full(len(rows), np.nan)
        at = np.maximum(np.searchsorted(self.homes.offset, rows.offset) - 1, 0)
        return rows.numbers("height") - self.homes.numbers("height")[at] / 10


def _rows(frames: DatFrames, kind: int, account: Account) -> Ints:
    """Return which of the records are of a type, and long enough for its fields."""
    rows = np.flatnonzero(frames.kind == kind)
    is_short = frames.length[rows] - AROUND_BODY < _FIELDS[kind].itemsize
    if is_short.any():
        text = Message("{table}: records too short for their type, not used", table=_NAMES[kind])
        account.note(Code.BAD_RECORD, Severity.DAMAGE, text, int(frames.offset[rows[is_short]][0]), int(is_short.sum()))
    return rows[~is_short].astype(np.int64)


def _values(source: Input, frames: DatFrames, kind: int, rows: Ints) -> Any:
    """Return the fields of these records, shape (n,)."""
    fields = _FIELDS[kind]
    bodies = gathered(source.data, frames.offset[rows] + BODY_AT, fields.itemsize)
    bodies = bodies ^ (frames.tick[rows] & 0xFF).astype(np.uint8)[:, None]
    return np.ascontiguousarray(bodies).view(fields)[:, 0]


def _seconds(rows: Any) -> Ints:
    """Return UTC in seconds since 1970 as the receiver states it, shape (n,); 0 where that is no time."""
    date, time = rows["date"].astype(np.int64), rows["time"].astype(np.int64)
    year, month, day = date // 10_000, date // 100 % 100, date % 100
    hour, minute, second = time // 10_000, time // 100 % 100, time % 100
    good = (year > 1970) & (year < 2262) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    good &= (hour < 24) & (minute < 60) & (second <= 60)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(good, day - 1, 0)
    good &= days.astype("datetime64[M]") == months
    return np.where(good, days.astype(np.int64) * 86_400 + hour * 3_600 + minute * 60 + second, 0)


def _serial(source: Input, frames: DatFrames, rows: Ints) -> str:
    """Return the aircraft's serial number: the first such text behind the fields of the first home record."""
    if not len(rows):
        return ""
    at, length, key = (int(column[rows[0]]) for column in (frames.offset, frames.length, frames.tick & 0xFF))
    body = bytes(byte ^ key for byte in source.data[at + BODY_AT : at + length - 2])
    found = _SERIAL.search(body, _FIELDS[HOME].itemsize)
    return plain(found[0].decode("ascii"), 40) if found else ""


def _refuse_foreign(head: bytes, frames: DatFrames, tables: _Tables) -> None:
    """Refuse a file whose records hold no position that is known here: of another aircraft, or encrypted.

    Raises UnreadableInput.
    """
    positions = [rows for rows in (tables.gps, tables.fused, tables.other) if len(rows)]
    if any(_is_plain(rows, tables.second) for rows in positions):
        return
    aircraft = aircraft_name(head[0]) or "an aircraft that is not known"
    where = "; check the flight record of the app (DJIFlightRecord_*.txt), or this file as CSV (CsvView, DatCon)"
    if not len(frames.offset):
        raise UnreadableInput("no_content", f"a DJI .DAT file ({aircraft}) without a whole record")
    if positions:
        raise UnreadableInput(
            "dji_dat_encrypted",
            f"a DJI .DAT file whose records are encrypted, which only DJI can read ({aircraft}); check the flight "
            "record of the app (DJIFlightRecord_*.txt)",
        )
    if head[BUILD_AT : BUILD_AT + len(BUILD)] != BUILD or len(frames.offset) < 100:
        raise UnreadableInput("no_content", f"a DJI .DAT file ({aircraft}) without any position record{where}")
    raise UnreadableInput(
        "dji_dat_layout", f"a DJI .DAT file with the records of another aircraft's firmware ({aircraft}){where}"
    )


def _is_plain(rows: Records, second: Ints) -> bool:
    """Tell whether bodies are what they should be, or are encrypted: then one in thousands looks right by chance."""
    if rows.has("date"):
        return bool((can_be(second * _US, NAME, _US) | (rows.numbers("date") == 0)).any())
    lat, lon = np.abs(rows.numbers("lat")), np.abs(rows.numbers("lon"))
    right = (lat < np.pi / 2) & (lon < np.pi) & (np.abs(rows.numbers("height")) < _HIGHEST_M)
    right &= (np.maximum(lat, lon) > _SMALLEST_RAD) | (np.maximum(lat, lon) == 0)
    return int(right.sum()) * 2 > len(rows)


def _losses(frames: DatFrames, size: int, account: Account) -> None:
    """Say which bytes are no record, and that the end is missing."""
    if frames.holes:
        lost = sum(end - begin for begin, end in frames.holes)
        text = Message(
            "{count} bytes that are no whole record, passed over: most such files lack pieces that the radio lost",
            count=lost,
        )
        account.note(Code.BYTES_SKIPPED, Severity.DAMAGE, text, frames.holes[0][0], len(frames.holes))
        account.completeness = Completeness.DAMAGED
    if frames.cut is not None:
        text = Message("the file ends inside a record: its end is missing")
        account.note(Code.TRUNCATED, Severity.DAMAGE, text, min(frames.cut, size))
        if not frames.holes:
            account.completeness = Completeness.TRUNCATED


def _timed(tables: _Tables, mapping: TimeMapping | None) -> _Tables:
    """Return the tables with the times of the mapping; those of fixes are what they state."""
    if mapping is None:
        return tables
    utc_us = np.where(tables.is_first, tables.second, 0) * _US
    own = mapping.of_fixes(tables.gps, utc_us, NAME) if mapping.is_utc else mapping.of(tables.gps)
    fused, other = (replace(rows, time_us=mapping.of(rows)) for rows in (tables.fused, tables.other))
    return replace(tables, gps=replace(tables.gps, time_us=own), fused=fused, other=other)


def _tracks(tables: _Tables, timed: _Tables, starts: Starts, account: Account) -> Sources:
    """Return the tracks, and which of them is judged."""
    gps, fused, other = timed.gps, timed.fused, timed.other
    if not len(fused):
        fused, other = other, other.pick(np.zeros(len(other), dtype=np.bool_))
    if len(fused) and not len(tables.homes):
        text = Message("no home point in the log: how high the take-off lies by pressure is not known")
        account.note(Code.HEIGHT_FRAME, Severity.WARNING, text, int(fused.offset[0]), len(fused))
    heights = [tables.heights(rows) for rows in (fused, other)]
    gnss = gnss_track(gps, (fused, heights[0]), starts, account)
    estimates = [fused_track(*pair, gnss, starts, account) for pair in ((fused, heights[0]), (other, heights[1]))]
    witnesses = [SourceWitness(track) for track in estimates[1:] if track is not None]
    sources = settled(gnss, estimates[0], witnesses)
    account.issues += sources.issues
    return sources
