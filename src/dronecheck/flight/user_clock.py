"""A clock that the user gives, for logs that do not know UTC. Last resort: everything in the log comes before it."""

from __future__ import annotations

from dataclasses import replace

from dronecheck.errors import UsageError
from dronecheck.flight import Clock, ClockSource, Flight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["with_user_clock"]

USER_SIGMA_S = 1.0
_LARGEST_OFFSET_H = 14.0
_HOUR_UNKNOWN_S = 1800.0


def with_user_clock(flight: Flight, start_utc_ns: int | None, utc_offset_h: float | None) -> Flight:
    """Return the flight on UTC as the user states it; unchanged when both are None.

    `start_utc_ns` is the UTC of the first fix, for any log that does not know UTC, or knows it only by assumption.
    `utc_offset_h` is what the log's local clock is ahead of UTC, for logs with a local clock only. Raises UsageError
    when the log knows UTC already, or has no local clock to correct. A local clock whose hour is not known stays so: an
    offset settles nothing there.
    """
    if start_utc_ns is None and utc_offset_h is None:
        return flight
    if start_utc_ns is not None and utc_offset_h is not None:
        raise UsageError("--start-time and --utc-offset: give one of them")
    if flight.clock.utc_known and not (flight.clock.is_assumed and start_utc_ns is not None):
        raise UsageError(
            f"the log knows UTC (from {flight.clock.source.value}); leave --start-time and --utc-offset out"
        )
    if not len(flight.track):
        return flight
    if start_utc_ns is not None:
        if flight.clock.source is ClockSource.NONE:
            flight = _first_part_timed(flight)
        return _shifted(
            flight,
            start_utc_ns - int(flight.track.time_ns[0]),
            Message("start time as given by the user"),
            Code.UTC_UNKNOWN,
            Code.UTC_ASSUMED,
        )
    assert utc_offset_h is not None
    if abs(utc_offset_h) > _LARGEST_OFFSET_H:
        raise UsageError("--utc-offset: hours that local time is ahead of UTC, between -14 and 14")
    if flight.clock.source is ClockSource.NONE:
        raise UsageError("--utc-offset: the log has no local clock to correct; give --start-time instead")
    if flight.clock.sigma_s > _HOUR_UNKNOWN_S:
        return flight
    note = Message("local clock, {utc_offset_h:+g} h as given by the user", utc_offset_h=utc_offset_h)
    if flight.clock.source is ClockSource.FILE_NAME:
        flight = _first_part_timed(flight)
        note = Message(
            "{note}, {utc_offset_h:+g} h as given by the user", note=flight.clock.note, utc_offset_h=utc_offset_h
        )
    return _shifted(
        flight,
        round(-utc_offset_h * 3.6e12),
        note,
        Code.UTC_UNKNOWN,
        is_assumed=flight.clock.is_assumed,  # whether its dates are day/month or month/day, no offset tells
        sigma_s=flight.clock.sigma_s if flight.clock.sigma_s > USER_SIGMA_S else USER_SIGMA_S,
    )


def _first_part_timed(flight: Flight) -> Flight:
    """Return the flight without the times of later starts of its clock: when they were, the first does not tell.

    Logs are joined by their ends alone where their clocks start once, so that a joined flight has no such times.
    """
    tracks = {
        n: t.replace(is_timed=t.is_timed & (t.part == t.part[0])) if len(t) else t for n, t in flight.tracks.items()
    }
    return replace(flight, tracks=tracks)


def _shifted(
    flight: Flight,
    by_ns: int,
    note: Message,
    *settled: Code,
    is_assumed: bool = False,
    sigma_s: float = USER_SIGMA_S,
) -> Flight:
    return replace(
        flight,
        tracks={name: track.shifted(by_ns) for name, track in flight.tracks.items()},
        events=tuple(replace(event, time_ns=event.time_ns + by_ns) for event in flight.events),
        clock=Clock(
            True,
            ClockSource.USER,
            sigma_s,
            note,
            is_assumed,
            None if flight.clock.power_up_ns is None else flight.clock.power_up_ns + by_ns,
        ),
        issues=tuple(issue for issue in flight.issues if issue.code not in settled),
        others=tuple(
            other if other.clock.utc_known else _shifted(other, by_ns, note, *settled, is_assumed=is_assumed)
            for other in flight.others
        ),
        segments=tuple(
            _shifted(each, by_ns, note, *settled, is_assumed=is_assumed, sigma_s=sigma_s) for each in flight.segments
        ),
    )
