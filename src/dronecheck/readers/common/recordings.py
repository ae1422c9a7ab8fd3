"""Two recordings of one flight: a DJI flight record and the controller's log of the same aircraft.

They are of one flight where both state the same take-off (`Flight.recording_keys`), or, where one states none, where
they overlap in time and place. The record's track is judged and the log bears witness: where it contradicts, both are
judged (`Flight.rivals`). Of a record that cannot be read without keys the log's track is judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from dronecheck.arrays import Floats, Ints
from dronecheck.flight import Flight, Integrity, RecordHeader, RecordingKey, Track, Vehicle
from dronecheck.geo.plane import local_offsets_m
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.position.track_choice import SourceWitness, settled

__all__ = ["LOG_TRACK", "Recording", "of_one_flight", "pairs"]

RECORDS, LOGS = ("dji_txt",), ("dji_dat",)
LOG_TRACK = "second_recording"  # the log's track, in the flight of its record
NEAR_M, NEAR_S = 100.0, 60.0
SHARED_AT_LEAST_S = 10.0
SHARED_SHARE = 0.8  # of the shorter way: a few seconds of hovering fit anywhere
OUTLINE_ROWS = 4_000
MOST_SHIFTS = 20_000  # seconds: beyond, only clocks that differ little are looked for
ALIKE_M = 0.5
SAME_CLOCK_S = 1.0  # what the clocks of a phone and of satellites differ by unremarked
LATE_END_S = 10.0
HEIGHT_APART_M, PATH_BEYOND_M = 10.0, 100.0
_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Recording:
    """What tells whether two files are recordings of one flight; columns of some fixes with times, shape (n,)."""

    format: str
    keys: tuple[RecordingKey, ...]
    header: RecordHeader | None  # of a record without a track
    is_dated: bool
    time_ns: Ints
    lat_deg: Floats
    lon_deg: Floats

    @classmethod
    def of(cls, flight: Flight) -> Recording | None:
        """Return it of a flight record or a controller's log; None for all else, and for what has neither way."""
        header = flight.header if not len(flight.track) else None
        is_log = flight.source.format in LOGS
        if not (is_log or flight.source.format in RECORDS) or not (len(flight.track) or (header and not is_log)):
            return None
        track = flight.track.where(flight.track.is_timed)[:: len(flight.track) // OUTLINE_ROWS + 1]
        return cls(
            flight.source.format, flight.recording_keys, header, flight.clock.utc_known,
            track.time_ns, track.lat_deg, track.lon_deg,
        )  # fmt: skip

    def is_of_log(self, log: Recording) -> bool:
        """Tell whether this record and that log are of one flight."""
        if self.keys and log.keys:
            return any(mine.is_of(theirs) for mine in self.keys for theirs in log.keys)
        if not (self.is_dated and log.is_dated and len(log.time_ns)):
            return False
        if self.header is not None:
            start_ns = self.header.start_ns
            if start_ns is None or not np.isfinite(self.header.lat_deg):
                return False
            times, lat, lon = (np.array([x]) for x in (start_ns, self.header.lat_deg, self.header.lon_deg))
        else:
            times, lat, lon = self.time_ns, self.lat_deg, self.lon_deg
        shared = (times >= log.time_ns[0] - NEAR_S * _S) & (times <= log.time_ns[-1] + NEAR_S * _S)
        if not shared.any():
            return False
        span_s = int(times[shared][-1] - times[shared][0]) / _S
        there = [np.interp(times[shared], log.time_ns, column) for column in (log.lat_deg, log.lon_deg)]
        apart_m = _distances_m(lat[shared], lon[shared], *there)
        return (self.header is not None or span_s >= SHARED_AT_LEAST_S) and float(np.median(apart_m)) <= NEAR_M


def pairs(recordings: Sequence[Recording | None]) -> dict[int, int]:
    """Return the number of the log of each record that has one, by the record's number."""
    logs = [(number, each) for number, each in enumerate(recordings) if each and each.format in LOGS]
    found = {}
    for number, record in enumerate(recordings):
        if record is not None and record.format in RECORDS:
            log = next((at for at, log in logs if record.is_of_log(log)), None)
            if log is not None:
                found[number] = log
    return found


def of_one_flight(flights: Sequence[Flight]) -> Flight | None:
    """Return the flight of a record and its log, given in either order; None where these two are no such pair."""
    if len(flights) != 2:
        return None
    found = pairs([Recording.of(flight) for flight in flights])
    if not found:
        return None
    (record, log), *_ = found.items()
    return _paired(flights[record], flights[log])


def _paired(record: Flight, log: Flight) -> Flight:
    by_key = any(mine.is_of(theirs) for mine in record.recording_keys for theirs in log.recording_keys)
    how = Message("the same take-off in both") if by_key else Message("the same time and place")
    return _log_judged(record, log, how) if not len(record.track) else _record_judged(record, log, how)


# ---- the log alone has a track


def _log_judged(record: Flight, log: Flight, how: Message) -> Flight:
    text = Message("the flight record cannot be read without keys: the controller's log is judged ({how})", how=how)
    issues = [Issue(Code.SECOND_RECORDING, Severity.INFO, text, file=1)]
    missing = _missing(record.header, log) if record.header is not None else []
    beyond = _beyond(record.header, log.track) if record.header is not None else []
    return replace(
        log,
        vehicle=_both(log.vehicle, record.vehicle),
        issues=(*(replace(issue, file=0) for issue in log.issues), *_of_file(record, 1), *issues, *missing, *beyond),
        more_sources=(record.source,),
        integrity=_integrity(log, record, {}),
        ends_airborne=log.ends_airborne or any(issue.offset == log.track.offset[-1] for issue in missing),
        header=None,
        unread_s=log.unread_s + _unread_s(record.header, log),
    )


def _unread_s(header: RecordHeader | None, log: Flight) -> float:
    """Return how much of the record's time the log does not cover; where clocks cannot tell, by its length."""
    if header is None or not np.isfinite(header.duration_s):
        return 0.0
    covered_s = int(log.track.time_ns[-1] - log.track.time_ns[0]) / _S
    if log.clock.utc_known and header.start_ns is not None:
        late_s = int(log.track.time_ns[0] - header.start_ns) / _S
        unread_s = max(late_s, 0.0) + max(header.duration_s - late_s - covered_s, 0.0)
    else:
        unread_s = header.duration_s - covered_s
    return unread_s if unread_s > LATE_END_S else 0.0


def _missing(header: RecordHeader, log: Flight) -> list[Issue]:
    """Say what of the record's time the log does not cover: of the flight beyond it nothing is known."""
    track = log.track
    if not log.clock.utc_known or header.start_ns is None or not np.isfinite(header.duration_s):
        return []
    late_s = int(track.time_ns[0] - header.start_ns) / _S
    short_s = header.duration_s - int(track.time_ns[-1] - header.start_ns) / _S
    found = []
    if late_s > LATE_END_S:
        text = Message("the controller's log begins {late_s:.0f} s after the flight record", late_s=late_s)
        found.append(Issue(Code.BEGINS_IN_FLIGHT, Severity.WARNING, text, int(track.offset[0]), file=0))
    if short_s > LATE_END_S:
        text = Message(
            "the controller's log ends {short_s:.0f} s before the flight record does: the rest is not known",
            short_s=short_s,
        )
        found.append(Issue(Code.ENDS_IN_FLIGHT, Severity.WARNING, text, int(track.offset[-1]), file=0))
    return found


def _beyond(header: RecordHeader, track: Track) -> list[Issue]:
    """Say where the log goes beyond what the header of its record says of the whole flight."""
    found = list[Issue]()

    def note(code: Code, text: Message, row: int) -> None:
        found.append(Issue(code, Severity.WARNING, text, int(track.offset[row]), file=0))

    if header.within_m is not None and np.isfinite(header.lat_deg):
        away_m = _distances_m(track.lat_deg, track.lon_deg, header.lat_deg, header.lon_deg)
        row = int(np.argmax(away_m))
        if away_m[row] > header.within_m + PATH_BEYOND_M:
            text = Message(
                "the controller's log goes {away_m:.0f} m from the start, the record allows {within_m:.0f} m",
                away_m=float(away_m[row]),
                within_m=header.within_m,
            )
            note(Code.RECORDINGS_DISAGREE, text, row)
    if header.below_m is not None and np.isfinite(track.alt_home_m).any():
        row = int(np.nanargmax(track.alt_home_m))
        if track.alt_home_m[row] > header.below_m + HEIGHT_APART_M:
            text = Message(
                "the controller's log rises {height_m:.0f} m above take-off, the record allows {below_m:.0f} m",
                height_m=float(track.alt_home_m[row]),
                below_m=header.below_m,
            )
            note(Code.RECORDINGS_DISAGREE, text, row)
    return found


# ---- both have a track


def _record_judged(record: Flight, log: Flight, how: Message) -> Flight:
    text = Message("a second recording of this flight: the controller's log bears witness ({how})", how=how)
    issues = [Issue(Code.SECOND_RECORDING, Severity.INFO, text, file=1)]
    clock, ahead_ns, is_timed = record.clock, 0, record.clock.utc_known and log.clock.utc_known
    if is_timed:
        ahead_ns = _ahead_ns(record.track, log.track)
        ahead_s = ahead_ns / _S
        if abs(ahead_s) > SAME_CLOCK_S:
            text = Message(
                "the clock of the flight record is {ahead_s:.1f} s off the satellites' time in the controller's log",
                ahead_s=abs(ahead_s),
            )
            severity = Severity.INFO if abs(ahead_s) <= NEAR_S else Severity.WARNING
            issues.append(Issue(Code.CLOCK_SKEW, severity, text, int(record.track.offset[0]), file=0))
            clock = replace(clock, sigma_s=max(clock.sigma_s, abs(ahead_s)))
    track = log.track.replace(time_ns=log.track.time_ns - ahead_ns, offset=log.track.offset + record.source.span)
    track = replace(track, message=f"{track.message} ({log.source.format})")
    found = _contradictions(record.track, track) if is_timed else []
    if not is_timed:
        text = Message("the two recordings have no common clock: their positions are not held against each other")
        issues.append(Issue(Code.RECORDINGS_DISAGREE, Severity.WARNING, text, file=1))
    return replace(
        record,
        tracks={**record.tracks, LOG_TRACK: track} if is_timed else record.tracks,
        clock=clock,
        vehicle=_both(record.vehicle, log.vehicle),
        issues=(*(replace(issue, file=0) for issue in record.issues), *_of_file(log, 1), *issues, *found),
        rivals=(*record.rivals, LOG_TRACK) if found else record.rivals,
        more_sources=(log.source,),
        integrity=_integrity(record, log, dict.fromkeys(log.tracks, LOG_TRACK)),
    )


def _integrity(one: Flight, other: Flight, tracks: dict[str, str]) -> Integrity | None:
    """Return what tests found of both recordings; `tracks` are the names here of the other's tracks."""
    found = other.integrity and other.integrity.in_file(1, tracks)
    return Integrity.together([one.integrity and one.integrity.in_file(0, {}), found])


def _contradictions(record: Track, log: Track) -> list[Issue]:
    """Say where the two contradict each other in place or height, on one clock."""
    if log.time_ns[-1] < record.time_ns[0] or log.time_ns[0] > record.time_ns[-1]:
        text = Message("the two recordings share no time: each was judged")
        return [Issue(Code.RECORDINGS_DISAGREE, Severity.WARNING, text, file=1)]
    places = settled(None, record, [SourceWitness(log)]).issues
    return [replace(issue, file=0) for issue in (*places, *_heights_apart(record, log))]


def _of_file(flight: Flight, number: int) -> list[Issue]:
    """Return the notes of what is not judged: what it lacks is no matter, damage is."""
    return [
        replace(issue, file=number) for issue in flight.issues if issue.severity in (Severity.DAMAGE, Severity.TAMPER)
    ]


def _both(first: Vehicle, other: Vehicle) -> Vehicle:
    return Vehicle(
        kind=first.kind or other.kind,
        model=first.model or other.model,
        firmware=first.firmware or other.firmware,
        hardware=first.hardware or other.hardware,
        serial=first.serial or other.serial,
        system=first.system if first.system is not None else other.system,
    )


def _ahead_ns(one: Track, other: Track) -> int:
    """Return by how much the clock of `other` is ahead: where the two ways lie nearest to each other.

    Of shifts that fit alike, as while both hover, the smallest; 0 where the ways are alike nowhere: that is told as a
    contradiction, by the clocks as they are.
    """
    ways = _Ways(_thinned(one), _thinned(other))
    if not len(ways.one[0]) or not len(ways.other[0]):
        return 0
    first, last = ways.other[0][0] - ways.one[0][-1], ways.other[0][-1] - ways.one[0][0]
    for begin, end in ((-NEAR_S, NEAR_S), (np.floor(first), np.ceil(last)) if last - first <= MOST_SHIFTS else (0, 0)):
        shifts = np.arange(begin, end + 1, dtype=np.float64)
        found_m = np.array([ways.apart_m(shift) for shift in shifts.tolist()])
        if float(np.min(found_m)) <= NEAR_M:
            break
    else:
        return 0
    alike = shifts[found_m <= np.min(found_m) + ALIKE_M]
    fine = float(alike[np.argmin(np.abs(alike))]) + np.arange(-15, 16, dtype=np.int64) / 10
    fine_m = np.array([ways.apart_m(shift) for shift in fine.tolist()])
    if ways.apart_m(0.0) <= np.min(fine_m) + ALIKE_M / 2:
        return 0
    return round(float(fine[np.argmin(fine_m)]) * 10) * _S // 10


@dataclass(frozen=True, slots=True)
class _Ways:
    """Two ways, each time (s), latitude and longitude."""

    one: tuple[Floats, Floats, Floats]
    other: tuple[Floats, Floats, Floats]

    def apart_m(self, ahead_s: float) -> float:
        """Return how far they are apart (mean), were the clock of the other so far ahead; infinite for too few.

        What is farther than both can be by their clocks alone counts no more than that.
        """
        (times_s, lat, lon), (other_s, other_lat, other_lon) = self.one, self.other
        at = times_s + ahead_s
        inside = (at >= other_s[0]) & (at <= other_s[-1])
        if int(inside.sum()) < max(int(SHARED_AT_LEAST_S), min(len(times_s), len(other_s)) * SHARED_SHARE):
            return float("inf")
        there = [np.interp(at[inside], other_s, column) for column in (other_lat, other_lon)]
        return float(np.minimum(_distances_m(lat[inside], lon[inside], *there), 2 * NEAR_M).mean())


def _distances_m(lat: Floats, lon: Floats, other_lat: ArrayLike, other_lon: ArrayLike) -> Floats:
    return np.hypot(*local_offsets_m(lon, lat, other_lon, other_lat))


def _thinned(track: Track) -> tuple[Floats, Floats, Floats]:
    """Return time (s), latitude and longitude once a second, of fixes with times."""
    track = track.where(track.is_timed)
    if len(track) < 2:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    times_s = track.time_ns / _S
    whole = np.arange(np.ceil(times_s[0]), np.floor(times_s[-1]) + 1, dtype=np.float64)
    return whole, np.interp(whole, times_s, track.lat_deg), np.interp(whole, times_s, track.lon_deg)


def _heights_apart(one: Track, other: Track) -> list[Issue]:
    """Say where heights above take-off at the same instants contradict each other."""
    known = np.isfinite(other.alt_home_m) & other.is_timed
    mine = np.flatnonzero(np.isfinite(one.alt_home_m) & one.is_timed)
    times = other.time_ns[known]
    if not len(times) or not len(mine):
        return []
    mine = mine[(one.time_ns[mine] >= times[0]) & (one.time_ns[mine] <= times[-1])]
    if len(mine) < 2:
        return []
    there_m = np.interp(one.time_ns[mine], times, other.alt_home_m[known])
    apart_m = np.abs(there_m - one.alt_home_m[mine])
    if float(np.median(apart_m)) <= HEIGHT_APART_M:
        return []
    row = int(mine[np.argmax(apart_m)])
    text = Message(
        "heights above take-off of the two recordings differ by {apart_m:.0f} m (median), up to {far_m:.0f} m: "
        "each was judged",
        apart_m=float(np.median(apart_m)),
        far_m=float(np.max(apart_m)),
    )
    return [
        Issue(
            Code.RECORDINGS_DISAGREE,
            Severity.WARNING,
            text,
            int(one.offset[row]),
            int(np.sum(apart_m > HEIGHT_APART_M)),
        )
    ]
