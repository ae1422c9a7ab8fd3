"""What the clocks on the ground showed: the time zone of a place is that of the towns around it, and is said so."""

from __future__ import annotations

from math import isfinite

from dronecheck.borders.territories import territory_at
from dronecheck.flight import Clock, Track
from dronecheck.places import LocalTime, local_time_at
from dronecheck.report.text.words import Words
from dronecheck.timebase import utc_of

__all__ = ["local_time_line", "local_time_of"]


def local_time_of(track: Track, clock: Clock) -> LocalTime | None:
    """Return the time of day at the first fix; None where it cannot be told."""
    if not clock.utc_known or not len(track) or not track.is_timed[[0, -1]].all():
        return None
    lat, lon = float(track.lat_deg[0]), float(track.lon_deg[0])
    here = territory_at(lon, lat) if isfinite(lat) and isfinite(lon) else None
    if here is None or len(here.claimants) != 1:
        return None
    return local_time_at(lat, lon, here.claimants, int(track.time_ns[0]))


def local_time_line(time: LocalTime | None, track: Track, say: Words) -> str:
    """Return the local time of the first and the last fix, by that of the first; "" where it cannot be told."""
    if time is None:
        return ""
    begin_ns, end_ns = (int(time_ns) for time_ns in track.time_ns[[0, -1]])
    begin, end = (f"{utc_of(time_ns) + time.ahead:%H:%M}" for time_ns in (begin_ns, end_ns))
    hours, minutes = divmod(round(abs(time.ahead.total_seconds()) / 60), 60)
    ahead = f"{'-' if time.ahead.total_seconds() < 0 else '+'}{hours:02d}:{minutes:02d}"
    return say(
        "Local time {begin} to {end} ({zone}, UTC{ahead}, by the towns around).",
        begin=begin,
        end=end,
        zone=time.zone,
        ahead=ahead,
    )
