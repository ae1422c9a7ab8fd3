"""The height-limit question: height above take-off (--max-height) and above ground (--max-agl) against a limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dronecheck.airspace.zone import Datum
from dronecheck.arrays import Bools, Floats
from dronecheck.geo.vertical.datum import HeightColumn, VerticalDatum
from dronecheck.geofence import breakeven
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer, CheckContext, summarise
from dronecheck.geofence.result import Check, Evidence, Finding, FindingKind, Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.geofence.trajectory.probability import probability_inside
from dronecheck.geofence.trajectory.trajectory import Trajectory

__all__ = ["HeightQuestion"]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """One limit and the heights it is held against, each (n,): metres, sigma, and an error bound without sigma."""

    limit_m: float
    above: str
    height_m: Floats
    sigma_m: Floats
    bound_m: Floats
    band_m: Floats  # the guard band, the bound included
    kept: Bools  # where it is below the limit for certain, whatever ground there is on Earth
    why: Reason  # of heights that are missing, or known within a bound only


class HeightQuestion:
    """Was it higher than allowed: one finding for each interval above a limit."""

    def ask(self, context: CheckContext) -> Answer:
        """Answer the height question by the limits of the settings; without any it is not checked."""
        settings, altitudes = context.settings, context.altitudes
        asked: list[_Asked] = []
        if settings.max_height_m is not None:
            column = altitudes.above_home
            kept = np.zeros(len(column), dtype=np.bool_)
            asked.append(_asked(settings, settings.max_height_m, "takeoff", column, kept, Reason.HEIGHT_UNKNOWN))
        if settings.max_agl_m is not None:
            answer, bounds = altitudes.in_datum(Datum.AGL), altitudes.on_any_ground
            most_m = bounds.value_m(bounds.frame) + bounds.bound_m + settings.thresholds.band_sigmas * bounds.sigma_m
            kept = most_m < settings.max_agl_m
            asked.append(_asked(settings, settings.max_agl_m, "ground", answer.column, kept, answer.why))
        if not asked:
            said = (Clause(ClauseCode.NO_HEIGHT_LIMIT), *_above_ground(altitudes))
            return Answer(Check(Topic.HEIGHT, Status.NOT_CHECKED, None, (Reason.NO_HEIGHT_LIMIT,), said))
        judged = [_judged(altitudes, limit) for limit in asked]
        checks = [check for check, _ in judged]
        verdict, reasons = summarise((check.verdict, check.reasons) for check in checks if check.verdict is not None)
        partly = any(check.status is Status.PARTLY for check in checks)
        said = (*(clause for check in checks for clause in check.clauses), *_above_ground(altitudes))
        check = Check(Topic.HEIGHT, Status.PARTLY if partly else Status.CHECKED, verdict, tuple(reasons), said)
        return Answer(check, tuple(finding for _, findings in judged for finding in findings))


def _asked(settings: Settings, limit_m: float, above: str, column: HeightColumn, kept: Bools, why: Reason) -> _Asked:
    band_m = settings.thresholds.band_sigmas * column.sigma_m + column.bound_m
    height_m = column.value_m(column.frame)
    return _Asked(limit_m, above, height_m, column.sigma_m, column.bound_m, band_m, kept & ~(height_m > limit_m), why)


def _judged(altitudes: Altitudes, asked: _Asked) -> tuple[Check, list[Finding]]:
    """Return one limit's answer."""
    height, known = asked.height_m, np.isfinite(asked.height_m)
    if not (known | asked.kept).any():
        missing = (Clause.of(ClauseCode.NO_HEIGHT, above=asked.above), *_room(altitudes, asked))
        return Check(Topic.HEIGHT, Status.CHECKED, Verdict.INCONCLUSIVE, (asked.why,), missing), []
    status = Status.CHECKED if (known | asked.kept).all() else Status.PARTLY
    findings = [
        _finding(altitudes, asked, begin, end)
        for begin, end in _stretches(known & (height > asked.limit_m - asked.band_m) & ~asked.kept)
    ]
    said = list[Clause]()
    if known.any():
        said.append(Clause.of(ClauseCode.HIGHEST, height_m=float(np.nanmax(height)), above=asked.above,
                              limit_m=asked.limit_m, everywhere=bool(known.all())))  # fmt: skip
    if (asked.kept & ~known).any():
        said.append(Clause.of(ClauseCode.BELOW_ON_ANY_GROUND, limit_m=asked.limit_m))
    answers = [(f.verdict, f.reasons) for f in findings]
    if status is Status.PARTLY:
        said += _room(altitudes, asked)
        answers.append((Verdict.INCONCLUSIVE, (asked.why,)))
    verdict, reasons = summarise(answers)
    return Check(Topic.HEIGHT, status, verdict, tuple(reasons) or (Reason.CLEAR_BEYOND_ERROR,), tuple(said)), findings


def _room(altitudes: Altitudes, asked: _Asked) -> tuple[Clause, ...]:
    """Say which ground would keep to a limit above ground, where only the height above take-off is known."""
    top_m = altitudes.above_takeoff.value_m(VerticalDatum.HOME)
    if asked.above != "ground" or not len(top_m) or not np.isfinite(top_m).all():
        return ()
    return breakeven.ground_for_limit(asked.limit_m, float(top_m.max()), altitudes)


def _above_ground(altitudes: Altitudes) -> tuple[Clause, ...]:
    """Say two quantities that rules do not all mean alike: straight down, and to the closest point of the surface."""
    found = altitudes.highest_above_ground()
    if found is None:
        return ()
    _, agl_m, closest_m = found
    closest = closest_m if np.isfinite(closest_m) else None
    return (Clause.of(ClauseCode.HIGHEST_ABOVE_GROUND, height_m=agl_m, closest_m=closest),)


def _stretches(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))


def _finding(altitudes: Altitudes, asked: _Asked, begin: int, end: int) -> Finding:
    """Return the finding of an interval within the guard band of the limit or above it; entered where it is above."""
    trajectory, limit_m, height = altitudes.trajectory, asked.limit_m, asked.height_m
    inside = slice(begin, end + 1)
    top = begin + int(np.argmax((height[inside] - limit_m) / asked.band_m[inside]))
    margin_m = float(limit_m - height[top])
    sigma_m = float(np.hypot(asked.sigma_m[top], asked.bound_m[top] / np.sqrt(3.0)))  # anywhere within the bound
    amsl = trajectory.track.alt_amsl_m[inside]
    amsl = amsl[np.isfinite(amsl)]
    decided = -margin_m >= asked.band_m[top] and end > begin
    above = begin + np.flatnonzero(height[inside] > limit_m)
    first, last = float(begin), float(end)
    if len(above):
        first, last = _level_row(height, limit_m, int(above[0]) - 1), _level_row(height, limit_m, int(above[-1]))
    said = [
        Clause.of(ClauseCode.HEIGHT_AND_LIMIT, height_m=float(height[inside].max()), above=asked.above, limit_m=limit_m)
    ]
    reason, verdict = Reason.ABOVE_LIMIT_BEYOND_ERROR, Verdict.VIOLATION
    if not decided:
        reason, verdict = Reason.VERTICAL_MARGIN_WITHIN_ERROR, Verdict.INCONCLUSIVE
        if asked.bound_m[top] > 0 and abs(margin_m) >= asked.band_m[top] - asked.bound_m[top]:
            reason = asked.why
            said += _room(altitudes, asked)
        else:
            k = trajectory.thresholds.band_sigmas
            said.append(breakeven.vertical_margin(margin_m, float(asked.sigma_m[top]), k))
    enter_s, exit_s = (_passing_sigma_s(trajectory, height, asked.sigma_m, row) for row in (first, last))
    return Finding(
        kind=FindingKind.ALTITUDE_LIMIT,
        verdict=verdict,
        zone=None,
        reasons=(reason,),
        clauses=tuple(said),
        enter_ns=trajectory.time_ns_at(first) if first > 0 else None,
        exit_ns=trajectory.time_ns_at(last) if last < len(trajectory) - 1 else None,
        enter_sigma_s=None if enter_s is None else float(np.hypot(enter_s, trajectory.clock_sigma_s)),
        exit_sigma_s=None if exit_s is None else float(np.hypot(exit_s, trajectory.clock_sigma_s)),
        entry=trajectory.place_at(first) if first > 0 else None,
        exit=trajectory.place_at(last) if last < len(trajectory) - 1 else None,
        entry_sigma_m=trajectory.place_sigma_m(first, enter_s) if first > 0 else None,
        exit_sigma_m=trajectory.place_sigma_m(last, exit_s) if last < len(trajectory) - 1 else None,
        duration_s=(trajectory.time_ns_at(last) - trajectory.time_ns_at(first)) / 1e9,
        path_m=trajectory.length_between_m(first, last),
        depth_m=max(0.0, -margin_m),
        margin_m=margin_m,
        sigma_m=sigma_m,
        band_m=float(asked.band_m[top]),
        probability=probability_inside(margin_m, sigma_m),
        alt_min_m=float(amsl.min()) if len(amsl) else None,
        alt_max_m=float(amsl.max()) if len(amsl) else None,
        deepest_ns=trajectory.time_ns_at(float(top)),
        deepest=trajectory.place_at(float(top)),
        evidence=tuple(
            Evidence(trajectory.track_name, row, int(trajectory.track.offset[row]), trajectory.track.message)
            for row in dict.fromkeys((begin, top, end))
        ),
        rows=((first, last),),
    )


def _passing_sigma_s(trajectory: Trajectory, height: Floats, sigma: Floats, row: float) -> float | None:
    """Return the sigma (s) of the instant a level was passed; None where it is not known.

    It is the height's sigma over the climb rate, without the clock's own.
    """
    step = int(row)
    if row <= 0 or step >= len(height) - 1 or not trajectory.step_s[step] > 0:
        return None
    rate_mps = abs(height[step + 1] - height[step]) / trajectory.step_s[step]
    if not rate_mps > 0:
        return None
    return float(min(sigma[step] / rate_mps, trajectory.duration_s))


def _level_row(height: Floats, limit_m: float, row: int) -> float:
    """Return the fractional row from `row` to the next where the height passes the limit; the nearer end otherwise."""
    if row < 0 or row >= len(height) - 1:
        return float(min(max(row, 0), len(height) - 1))
    step = height[row + 1] - height[row]
    if not np.isfinite(step) or step == 0:
        return float(row + (height[row] <= limit_m))
    return row + float(np.clip((limit_m - height[row]) / step, 0.0, 1.0))
