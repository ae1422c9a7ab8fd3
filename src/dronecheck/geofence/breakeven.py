"""What would settle an open answer: one short clause for each reason."""

from __future__ import annotations

from math import ceil, floor, isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.airspace.zone import Datum, Zone
from dronecheck.geo.polyline import Interval
from dronecheck.geo.vertical.datum import Frame
from dronecheck.geofence.quantities import duration, metres
from dronecheck.geofence.trajectory.trajectory import Path

if TYPE_CHECKING:  # the height question alone needs no geometry library
    from dronecheck.geofence.altitude.altitudes import Heights
    from dronecheck.geofence.trajectory.visits import Instant

__all__ = [
    "clock", "gap", "ground_for_limit", "margin", "pressure", "single_fix", "takeoff_height", "terrain",
    "times_unknown", "unseen", "vertical_margin",
]  # fmt: skip


def margin(moment: Instant) -> str:
    """For margin_within_error and border_data_too_coarse: how good the fixes or the outline would have to be."""
    distance_m = abs(moment.margin_m)
    if distance_m >= moment.band_m:
        return "the region's shape leaves it open: narrower than the errors here, or on more than one side"
    if distance_m <= moment.outline_band_m:
        answer = "not entered" if moment.margin_m < 0 else "entered"
        return f"{answer} only if fixes and outline together are wrong by more than {metres(distance_m)}"
    largest_m = sqrt(max(0.0, (distance_m / moment.band_sigmas) ** 2 - moment.outline_sigma_m**2))
    return f"decidable with a fix sigma below {metres(largest_m)}"


def gap(path: Path, step: int, detour_m: float) -> str:
    """For sampling_gap beside a region: the average speed below which it cannot have been inside."""
    dt_s = float(path.step_s[step])
    return (
        f"no fix for {duration(dt_s)}, and a way of {metres(detour_m)} over the outline fits in that time at "
        f"{path.max_speed_mps:.0f} m/s (reach {metres(path.max_speed_mps * dt_s)}); it could have entered only above "
        f"{detour_m / dt_s:.1f} m/s"
    )


def unseen(path: Path, row: float) -> str:
    """For sampling_gap across a region: no fix inside, the straight way between two fixes alone goes through."""
    return f"the straight way leads through it, but there was no fix for {duration(float(path.step_s[int(row)]))}"


def single_fix(path: Path) -> str:
    """For single_fix: how long a stay decides."""
    limits = path.thresholds
    return f"decidable with {limits.min_run_fixes} fixes or {limits.min_run_s:g} s inside"


def vertical_margin(signed_m: float, band_sigmas: float) -> str:
    """For vertical_margin_within_error: the height error that would decide."""
    return f"{metres(abs(signed_m))} from the limit in height: decidable with a height sigma below " + metres(
        abs(signed_m) / band_sigmas
    )


def clock(answer: str, shift_s: float, known_s: float, clock_s: float) -> str:
    """For zone_time_unknown at an instant of change: how wrong the clock has to be for the other answer.

    `shift_s` is what must be added to the log's times; they are known to `clock_s` and, with the sun's, to `known_s`.
    """
    side = "slow" if shift_s > 0 else "fast"
    what = "its time is" if known_s <= clock_s + 1.0 else "its time and the sun's together are"
    return f"{answer} the clock was more than {duration(abs(shift_s))} {side} ({what} known to {duration(known_s)})"


def times_unknown(why: str) -> str:
    """For zone_time_unknown without times: what is missing, and who has it."""
    if not why:
        return "the log does not state UTC; --start-time gives it"
    return f"its times cannot be told from the file ({why}); the notice or authority that publishes them would tell"


def terrain(zone: Zone, path: Path, stretches: tuple[Interval, ...]) -> str | None:
    """For no_terrain: the ground for which the zone was certainly not entered.

    None where a height above take-off is missing within the stay: nobody knows how high it was there.
    """
    rows = np.concatenate([np.arange(int(a), int(np.ceil(b)) + 1) for a, b in stretches])
    heights = path.track.alt_home_m[rows[rows < len(path)]]
    if not len(heights) or not np.isfinite(heights).all():
        return None
    if zone.lower.datum is Datum.AGL and zone.lower.value_m > 0:
        return ground_for_limit(zone.lower.value_m, float(heights.max())) if np.isfinite(zone.lower.value_m) else None
    if zone.upper.datum is Datum.AGL:
        room_m = float(heights.min()) - zone.upper.value_m
        return f"clear if the ground is nowhere {_above(room_m)} take-off"
    return None


def ground_for_limit(limit_m: float, highest_m: float) -> str:
    """For a height above ground never to reach a limit: the ground that keeps it so, seen from take-off."""
    return f"clear if the ground is nowhere {_above_or_below(highest_m - limit_m)} take-off"


def takeoff_height(zone: Zone, heights: Heights, stretches: tuple[Interval, ...]) -> str | None:
    """For limits above sea or ellipsoid and a log that knows only its height above take-off: which take-off clears.

    None where that height is missing for a part of the stay, or where the height of the limit is known for a part.
    """
    rows = np.concatenate([np.arange(int(a), int(np.ceil(b)) + 1) for a, b in stretches])
    rows = rows[rows < len(heights.path)]
    above_m = heights.above_home.value_m(Frame.HOME)[rows]
    if not np.isfinite(above_m).all():
        return None
    ways: list[str] = []
    for limit, is_floor in ((zone.lower, True), (zone.upper, False)):
        named = {Datum.AMSL: "sea level", Datum.HAE: "the ellipsoid"}.get(limit.datum)
        if not named or not isfinite(limit.value_m) or heights.in_datum(limit.datum).column.is_known[rows].any():
            continue
        # Rounded to the side that keeps the clause true.
        level_m = floor(limit.value_m - above_m.max()) if is_floor else ceil(limit.value_m - above_m.min())
        ways.append(f"{'below' if is_floor else 'above'} {level_m} m above {named}")
    if not ways:
        return None
    can_be_given = heights.ground is None and heights.takeoff is not None and Frame.HAE not in heights.doubted
    missing = "; --dem gives the ground there" if can_be_given else ""
    return f"clear if the take-off lay {' or '.join(ways)}{missing}"


def pressure(zone: Zone, heights: Heights) -> str | None:
    """For flight levels known only within the possible air pressures: what narrows it."""
    if Datum.FL not in (zone.lower.datum, zone.upper.datum) or heights.rules.qnh_hpa is not None:
        return None
    column = heights.in_datum(Datum.FL).column
    is_open = bool((column.is_known & (column.slack_m > 0)).any())
    return "the day's air pressure at sea level (--qnh) narrows it" if is_open else None


def _above(level_m: float) -> str:
    return f"more than {metres(level_m)} above" if level_m >= 0 else f"less than {metres(-level_m)} below"


def _above_or_below(level_m: float) -> str:
    return f"more than {metres(-level_m)} below" if level_m <= 0 else f"less than {metres(level_m)} above"
