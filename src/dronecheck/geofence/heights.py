"""The height-limit question (--max-height): height above take-off against a limit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dronecheck.geo.frames import Frame
from dronecheck.geofence import breakeven
from dronecheck.geofence.columns import Heights
from dronecheck.geofence.findings import (
    Check,
    Evidence,
    Finding,
    FindingKind,
    Question,
    Reason,
    Rules,
    Status,
    Verdict,
)
from dronecheck.geofence.path import Path
from dronecheck.geofence.probability import probability_inside

__all__ = ["check_max_height"]

Floats = NDArray[np.float64]


def check_max_height(heights: Heights, rules: Rules, track_name: str) -> tuple[Check, list[Finding]]:
    """The --max-height question: one finding per stretch above the limit."""
    path, limit_m = heights.path, rules.max_height_m
    if limit_m is None:
        note = f"no --max-height given{_above_ground(heights)}"
        return Check(Question.HEIGHT, Status.NOT_CHECKED, None, (Reason.NO_HEIGHT_LIMIT,), note), []
    height, sigma = heights.above_home.value_m(Frame.HOME), heights.above_home.sigma_m
    if not np.isfinite(height).any():
        note = "the log has no height above take-off"
        return Check(Question.HEIGHT, Status.CHECKED, Verdict.INCONCLUSIVE, (Reason.HEIGHT_UNKNOWN,), note), []
    known = np.isfinite(height)
    status = Status.CHECKED if known.all() else Status.PARTLY
    band = rules.thresholds.band_sigmas * sigma
    findings = [
        _finding(path, track_name, limit_m, height, sigma, band, begin, end)
        for begin, end in _stretches(known & (height > limit_m - band))
    ]
    top = int(np.nanargmax(height))
    note = f"highest {height[top]:.0f} m above take-off, limit {limit_m:g} m{_above_ground(heights)}"
    if findings:
        verdict = min((f.verdict for f in findings), key=list(Verdict).index)
        reasons = tuple(dict.fromkeys(r for f in findings if f.verdict is verdict for r in f.reasons))
    elif status is Status.CHECKED:
        verdict, reasons = Verdict.CLEAR, (Reason.CLEAR_BEYOND_ERROR,)
    else:
        verdict, reasons = Verdict.INCONCLUSIVE, (Reason.HEIGHT_UNKNOWN,)
    return Check(Question.HEIGHT, status, verdict, reasons, note), findings


def _above_ground(heights: Heights) -> str:
    """Two quantities that rules do not all mean alike: straight down, and to the closest point of the surface."""
    found = heights.highest_above_ground()
    if found is None:
        return ""
    _, agl_m, closest_m = found
    closest = f", {closest_m:.0f} m from the closest point of the surface" if np.isfinite(closest_m) else ""
    return f"; by the terrain given at most {agl_m:.0f} m above the ground below{closest}"


def _stretches(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))


def _finding(
    path: Path, track: str, limit_m: float, height: Floats, sigma: Floats, band: Floats, begin: int, end: int
) -> Finding:
    """One stretch within the band of the limit or above it; it counts as entered where it is above."""
    inside = slice(begin, end + 1)
    top = begin + int(np.argmax((height[inside] - limit_m) / band[inside]))
    margin_m = float(limit_m - height[top])
    amsl = path.track.alt_amsl_m[inside]
    amsl = amsl[np.isfinite(amsl)]
    decided = -margin_m >= band[top] and end > begin
    above = begin + np.flatnonzero(height[inside] > limit_m)
    first, last = float(begin), float(end)
    if len(above):
        first, last = _level_row(height, limit_m, int(above[0]) - 1), _level_row(height, limit_m, int(above[-1]))
    open_ = "" if decided else f"; {breakeven.vertical_margin(margin_m, path.thresholds.band_sigmas)}"
    verdict = Verdict.VIOLATION if decided else Verdict.INCONCLUSIVE
    return Finding(
        kind=FindingKind.ALTITUDE_LIMIT,
        verdict=verdict,
        zone=None,
        reasons=(Reason.ABOVE_LIMIT_BEYOND_ERROR if decided else Reason.VERTICAL_MARGIN_WITHIN_ERROR,),
        explanation=f"{height[inside].max():.1f} m above take-off, limit {limit_m:g} m (height above take-off, "
        f"not above ground){open_}",
        enter_ns=path.time_ns_at(first) if first > 0 else None,
        exit_ns=path.time_ns_at(last) if last < len(path) - 1 else None,
        enter_sigma_s=_crossing_sigma_s(path, height, sigma, first),
        exit_sigma_s=_crossing_sigma_s(path, height, sigma, last),
        entry=path.place_at(first) if first > 0 else None,
        exit=path.place_at(last) if last < len(path) - 1 else None,
        duration_s=(path.time_ns_at(last) - path.time_ns_at(first)) / 1e9,
        path_m=path.length_between_m(first, last),
        depth_m=max(0.0, -margin_m),
        margin_m=margin_m,
        sigma_m=float(sigma[top]),
        band_m=float(band[top]),
        probability=probability_inside(margin_m, float(sigma[top])),
        alt_min_m=float(amsl.min()) if len(amsl) else None,
        alt_max_m=float(amsl.max()) if len(amsl) else None,
        deepest_ns=path.time_ns_at(float(top)),
        deepest=path.place_at(float(top)),
        evidence=tuple(
            Evidence(track, row, int(path.track.offset[row]), path.track.message)
            for row in dict.fromkeys((begin, top, end))
        ),
        rows=((first, last),),
    )


def _crossing_sigma_s(path: Path, height: Floats, sigma: Floats, row: float) -> float | None:
    """Of the instant a level was passed: the height's sigma over the climb rate, with the clock's own added."""
    step = int(row)
    if row <= 0 or step >= len(height) - 1 or not path.step_s[step] > 0:
        return None
    rate_mps = abs(height[step + 1] - height[step]) / path.step_s[step]
    if not rate_mps > 0:
        return None
    return float(np.hypot(sigma[step] / rate_mps, path.clock_sigma_s))


def _level_row(height: Floats, limit_m: float, row: int) -> float:
    """The fractional row between `row` and the next where the height passes the limit; the nearer end otherwise."""
    if row < 0 or row >= len(height) - 1:
        return float(min(max(row, 0), len(height) - 1))
    step = height[row + 1] - height[row]
    if not np.isfinite(step) or step == 0:
        return float(row + (height[row] <= limit_m))
    return row + float(np.clip((limit_m - height[row]) / step, 0.0, 1.0))
