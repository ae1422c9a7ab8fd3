"""What would settle an open answer: one clause, or two, for each reason."""

from __future__ import annotations

from math import ceil, floor, isfinite, sqrt
from typing import TYPE_CHECKING

import numpy as np

from dronecheck.airspace.zone import Datum, Zone
from dronecheck.arrays import Floats
from dronecheck.geo.types import Interval
from dronecheck.geo.vertical.datum import VerticalDatum
from dronecheck.geofence.altitude.altitudes import HIGHEST_GROUND_M, LOWEST_GROUND_M
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.trajectory.trajectory import Trajectory

if TYPE_CHECKING:  # the height question alone needs no geometry library
    from dronecheck.geofence.altitude.altitudes import Altitudes
    from dronecheck.geofence.trajectory.region_distance import DecisiveInstant

__all__ = [
    "clock", "gap", "ground_for_limit", "margin", "pressure", "single_fix", "takeoff_height", "terrain",
    "times_unknown", "unseen", "vertical_margin",
]  # fmt: skip


def margin(moment: DecisiveInstant) -> Clause:
    """Say how good fixes or outline would have to be: margin_within_error and border_data_too_coarse."""
    distance_m = abs(moment.margin_m)
    if distance_m >= moment.band_m:
        return Clause(ClauseCode.SHAPE_LEAVES_OPEN)
    if distance_m <= moment.outline_band_m:
        answer = "not_entered" if moment.margin_m < 0 else "entered"
        return Clause.of(ClauseCode.ANSWER_NEEDS_ERROR, answer=answer, distance_m=distance_m)
    largest_m = sqrt(max(0.0, (distance_m / moment.band_sigmas) ** 2 - moment.outline_sigma_m**2))
    return Clause.of(ClauseCode.DECIDABLE_BY_SIGMA, sigma_m=largest_m)


def gap(trajectory: Trajectory, step: int, detour_m: float) -> tuple[Clause, Clause]:
    """Say below which average speed it cannot have been inside: sampling_gap beside a region."""
    gap_s, speed_mps = float(trajectory.step_s[step]), trajectory.max_speed_mps
    return (
        Clause.of(ClauseCode.GAP_ALLOWS_DETOUR, gap_s=gap_s, detour_m=detour_m, speed_mps=speed_mps,
                  reach_m=speed_mps * gap_s),
        Clause.of(ClauseCode.ENTRY_NEEDS_SPEED, speed_mps=detour_m / gap_s),
    )  # fmt: skip


def unseen(trajectory: Trajectory, row: float) -> Clause:
    """Say that only the straight way between two fixes goes through: sampling_gap across a region."""
    return Clause.of(ClauseCode.ONLY_THE_CHORD_INSIDE, gap_s=float(trajectory.step_s[int(row)]))


def single_fix(trajectory: Trajectory) -> Clause:
    """Say how long a visit must be to decide: single_fix."""
    limits = trajectory.thresholds
    return Clause.of(ClauseCode.DECIDABLE_BY_FIXES, fixes=limits.min_run_fixes, duration_s=limits.min_run_s)


def vertical_margin(signed_m: float, sigma_m: float, band_sigmas: float) -> Clause:
    """Say which height error would decide, and which it is: vertical_margin_within_error."""
    distance_m = abs(signed_m)
    return Clause.of(
        ClauseCode.DECIDABLE_BY_HEIGHT_SIGMA,
        distance_m=distance_m,
        sigma_m=distance_m / band_sigmas,
        known_sigma_m=sigma_m,
    )


def clock(answer: str, shift_s: float, known_s: float, clock_s: float) -> Clause:
    """Say how wrong the clock has to be for an answer ("clear" or "in_force"): zone_time_unknown at a change.

    `shift_s` is what must be added to the log's times; they are known to `clock_s` and, with the sun's, to `known_s`.
    """
    return Clause.of(
        ClauseCode.CLOCK_ERROR,
        answer=answer,
        direction="slow" if shift_s > 0 else "fast",
        shift_s=abs(shift_s),
        known_by="clock" if known_s <= clock_s + 1.0 else "clock_and_sun",
        known_s=known_s,
    )


def times_unknown(why: str) -> Clause:
    """Say what is missing, and who has it: zone_time_unknown without times."""
    return Clause.of(ClauseCode.TIMES_NOT_IN_FILE, why=why) if why else Clause(ClauseCode.UTC_NOT_STATED)


def terrain(
    zone: Zone, altitudes: Altitudes, stretches: tuple[Interval, ...], *, is_inside: bool
) -> tuple[Clause, ...]:
    """Say for which ground the zone was certainly not entered, or entered: no_terrain.

    Empty where a height above take-off is missing within the visit: nobody knows how high it was there. Ground that is
    nowhere on Earth is not named. `is_inside`: on the map it is inside beyond the errors.
    """
    above_m, sigma_m = _above_takeoff(altitudes, stretches)
    if not len(above_m) or not np.isfinite(above_m).all():
        return ()
    lower, upper, found = zone.lower, zone.upper, list[Clause]()
    if lower.datum is Datum.AGL and lower.value_m > 0:
        if isfinite(lower.value_m):
            found += ground_for_limit(lower.value_m, float(above_m.max()), altitudes)
    elif upper.datum is Datum.AGL:
        room_m = float(above_m.min()) - upper.value_m
        if _is_on_earth(room_m, altitudes):
            found.append(_clear_by_ground(room_m, *(("more", "above") if room_m >= 0 else ("less", "below"))))
        relief_m = floor(-(above_m + altitudes.trajectory.thresholds.band_sigmas * sigma_m).min() + upper.value_m)
        if relief_m >= 0 and is_inside and lower.datum in (Datum.AGL, Datum.GND):
            found.append(Clause.of(ClauseCode.ENTERED_BY_GROUND, level_m=relief_m))
    return tuple(found)


def _above_takeoff(altitudes: Altitudes, stretches: tuple[Interval, ...]) -> tuple[Floats, Floats]:
    """Return the heights above take-off of the fixes of a visit and beside it, and their sigma, metres."""
    rows = np.concatenate([np.arange(int(a), int(np.ceil(b)) + 1) for a, b in stretches])
    rows = rows[rows < len(altitudes.trajectory)]
    column = altitudes.above_takeoff
    return column.value_m(VerticalDatum.HOME)[rows], column.sigma_m[rows]


def _is_on_earth(level_m: float, altitudes: Altitudes) -> bool:
    """Tell whether there can be ground so far above the take-off (below it where negative)."""
    takeoff_m = altitudes.takeoff_ground_amsl_m
    lowest_m, highest_m = (takeoff_m, takeoff_m) if isfinite(takeoff_m) else (LOWEST_GROUND_M, HIGHEST_GROUND_M)
    return highest_m + level_m >= LOWEST_GROUND_M and lowest_m + level_m <= HIGHEST_GROUND_M


def ground_for_limit(limit_m: float, highest_m: float, altitudes: Altitudes) -> tuple[Clause, ...]:
    """Say which ground, seen from take-off, keeps a height above ground from ever reaching a limit, if there is any."""
    level_m = highest_m - limit_m
    if not _is_on_earth(level_m, altitudes):
        return ()
    return (_clear_by_ground(level_m, *(("more", "below") if level_m <= 0 else ("less", "above"))),)


def _clear_by_ground(level_m: float, comparison: str, side: str) -> Clause:
    return Clause.of(ClauseCode.CLEAR_BY_GROUND, comparison=comparison, level_m=abs(level_m), side=side)


def takeoff_height(zone: Zone, altitudes: Altitudes, stretches: tuple[Interval, ...]) -> tuple[Clause, ...]:
    """Say which height of the take-off clears: limits above sea or ellipsoid, and heights above take-off only.

    Empty where that height is missing for a part of the visit, or where the height of the limit is known for a part.
    """
    rows = np.concatenate([np.arange(int(a), int(np.ceil(b)) + 1) for a, b in stretches])
    rows = rows[rows < len(altitudes.trajectory)]
    above_m = altitudes.above_home.value_m(VerticalDatum.HOME)[rows]
    if not np.isfinite(above_m).all():
        return ()
    ways: dict[str, str | int] = {}
    for limit, name in ((zone.lower, "floor"), (zone.upper, "ceiling")):
        if limit.datum not in (Datum.AMSL, Datum.HAE):
            continue
        if not isfinite(limit.value_m) or altitudes.in_datum(limit.datum).column.is_known[rows].any():
            continue
        # Rounded to the side that keeps the clause true.
        level_m = floor(limit.value_m - above_m.max()) if name == "floor" else ceil(limit.value_m - above_m.min())
        ways |= {f"{name}_m": level_m, f"{name}_datum": limit.datum.value}
    if not ways:
        return ()
    missing = list[Clause]()
    if VerticalDatum.HAE not in altitudes.doubted:
        missing.append(Clause(ClauseCode.TAKEOFF_HEIGHT_WOULD_TELL))
        if altitudes.ground is None and altitudes.takeoff is not None:
            missing.append(Clause(ClauseCode.TERRAIN_WOULD_TELL))
    return Clause(ClauseCode.CLEAR_BY_TAKEOFF, ways), *missing


def pressure(zone: Zone, altitudes: Altitudes) -> Clause | None:
    """Say what narrows flight levels that are known only within the possible air pressures."""
    if Datum.FL not in (zone.lower.datum, zone.upper.datum) or altitudes.settings.qnh_hpa is not None:
        return None
    column = altitudes.in_datum(Datum.FL).column
    is_open = bool((column.is_known & (column.bound_m > 0)).any())
    return Clause(ClauseCode.PRESSURE_WOULD_NARROW) if is_open else None
