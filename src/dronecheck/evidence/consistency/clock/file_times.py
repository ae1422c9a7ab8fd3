"""TIM-3: the time at which a file was last changed against the last instant it records. Only where a case asks."""

from __future__ import annotations

from dronecheck.flight import Concern, Flight, Statement, Weight
from dronecheck.messages import Message

__all__ = ["file_times"]

ID = "TIM-3"
EARLIER_S = 2.0  # FAT keeps every second second
ZONES_S = 14 * 3600.0
QUARTER_S, AFTER_S = 900.0, 120.0


def file_times(flight: Flight, mtime_ns: int) -> tuple[Statement, ...]:
    """Hold the time of a file's last change (ns since 1970) against the last fix; nothing where no UTC is known.

    Copying sets it anew: a later time says nothing. An earlier one by a whole number of quarter hours is a file system
    that keeps local time.
    """
    times = flight.track.time_ns[flight.track.is_timed]
    if not len(times) or not flight.clock.utc_known:
        return ()
    early_s = (int(times.max()) - mtime_ns) / 1e9
    if early_s <= EARLIER_S:
        return ()
    over_s = -early_s % QUARTER_S
    is_zone = early_s <= ZONES_S + EARLIER_S and (over_s <= AFTER_S or over_s >= QUARTER_S - EARLIER_S)
    observed = Message("the file was last changed {early_s} before the last instant that it records", early_s=early_s)
    statement = Statement(
        ID, Weight.INFO if is_zone else Weight.NOTICE, Concern.TIME, observed,
        Message("a file that was last changed when its recording ended, or later"),
        Message("{least_s:g} s", least_s=EARLIER_S),
        (
            Message("a file system that keeps local time"),
            Message("a computer or card whose clock was not set"),
            Message("a program that set the file's time"),
        ),
    )  # fmt: skip
    return (statement,)
