"""The height-limit question: height above take-off (--max-height) and above ground (--max-agl) against a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dronecheck.airspace.zone import Datum
from dronecheck.arrays import Bools
from dronecheck.geo.vertical.datum import HeightColumn, VerticalDatum
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.answers import breakeven
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import Answer, CheckContext, summarise
from dronecheck.geofence.questions.limits.over_limit import LimitHeld, finding_over, stretches_of
from dronecheck.geofence.result import Check, Finding, FindingKind, Reason, Status, Topic, Verdict
from dronecheck.geofence.settings import Settings

__all__ = ["HeightQuestion"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One limit, what it is above, and the heights it is held against, metres."""

    above: str
    held: LimitHeld


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
    height_m = column.value_m(column.frame)
    held = LimitHeld.of(limit_m, height_m, column.sigma_m, column.bound_m, settings.thresholds.band_sigmas, why)
    return _Asked(above, replace(held, kept=kept & ~(height_m > limit_m)))


def _judged(altitudes: Altitudes, asked: _Asked) -> tuple[Check, list[Finding]]:
    """Return one limit's answer."""
    held = asked.held
    height, known = held.value, np.isfinite(held.value)
    if not held.is_known.any():
        missing = (Clause.of(ClauseCode.NO_HEIGHT, above=asked.above), *_room(altitudes, asked))
        return Check(Topic.HEIGHT, Status.CHECKED, Verdict.INCONCLUSIVE, (held.why,), missing), []
    status = Status.CHECKED if held.is_known.all() else Status.PARTLY
    findings = [_finding(altitudes, asked, begin, end) for begin, end in stretches_of(held.may_be_over)]
    said = list[Clause]()
    if known.any():
        said.append(Clause.of(ClauseCode.HIGHEST, height_m=float(np.nanmax(height)), above=asked.above,
                              limit_m=held.limit, everywhere=bool(known.all())))  # fmt: skip
    if (held.kept & ~known).any():
        said.append(Clause.of(ClauseCode.BELOW_ON_ANY_GROUND, limit_m=held.limit))
    answers = [(f.verdict, f.reasons) for f in findings]
    if status is Status.PARTLY:
        said += _room(altitudes, asked)
        answers.append((Verdict.INCONCLUSIVE, (held.why,)))
    verdict, reasons = summarise(answers)
    return Check(Topic.HEIGHT, status, verdict, tuple(reasons) or (Reason.CLEAR_BEYOND_ERROR,), tuple(said)), findings


def _room(altitudes: Altitudes, asked: _Asked) -> tuple[Clause, ...]:
    """Say which ground would keep to a limit above ground, where only the height above take-off is known."""
    top_m = altitudes.above_takeoff.value_m(VerticalDatum.HOME)
    if asked.above != "ground" or not len(top_m) or not np.isfinite(top_m).all():
        return ()
    return breakeven.ground_for_limit(asked.held.limit, float(top_m.max()), altitudes)


def _above_ground(altitudes: Altitudes) -> tuple[Clause, ...]:
    """Say two quantities that rules do not all mean alike: straight down, and to the closest point of the surface."""
    found = altitudes.highest_above_ground()
    if found is None:
        return ()
    _, agl_m, closest_m = found
    closest = closest_m if np.isfinite(closest_m) else None
    return (Clause.of(ClauseCode.HIGHEST_ABOVE_GROUND, height_m=agl_m, closest_m=closest),)


def _finding(altitudes: Altitudes, asked: _Asked, begin: int, end: int) -> Finding:
    """Return the finding of an interval within the guard band of the limit or above it; entered where it is above."""
    held, trajectory = asked.held, altitudes.trajectory
    found, top = finding_over(FindingKind.ALTITUDE_LIMIT, held, trajectory, begin, end)
    highest_m = float(held.value[begin : end + 1].max())
    said = [Clause.of(ClauseCode.HEIGHT_AND_LIMIT, height_m=highest_m, above=asked.above, limit_m=held.limit)]
    reason = Reason.ABOVE_LIMIT_BEYOND_ERROR
    if found.verdict is Verdict.INCONCLUSIVE:
        reason, margin_m = Reason.VERTICAL_MARGIN_WITHIN_ERROR, held.limit - float(held.value[top])
        if held.bound[top] > 0 and abs(margin_m) >= held.band[top] - held.bound[top]:
            reason = held.why
            said += _room(altitudes, asked)
        else:
            k = trajectory.thresholds.band_sigmas
            said.append(breakeven.vertical_margin(margin_m, float(held.sigma[top]), k))
    return replace(found, reasons=(reason,), clauses=tuple(said))
