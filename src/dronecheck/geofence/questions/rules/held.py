"""A rule and a path: what is held against what, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dronecheck.arrays import Bools, Floats
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.questions.answer import CheckContext
from dronecheck.geofence.questions.limits.over_limit import LimitHeld, over_rows, stretches_of
from dronecheck.geofence.questions.rules.dark import below_elevation, from_sunset
from dronecheck.geofence.questions.rules.heights import above_ground, from_surface, room
from dronecheck.geofence.questions.rules.where import WhereFlown, places_of
from dronecheck.quantities import COVERAGE_95
from dronecheck.rules import Pack, Quantity, Rule

__all__ = ["LENGTHS", "RuleHeld", "beyond_s", "held_by", "said_of"]

LENGTHS = frozenset({
    Quantity.DISTANCE_TO_SURFACE, Quantity.HEIGHT_AGL, Quantity.HEIGHT_AGL_OR_STRUCTURE, Quantity.HOME_TERRITORY,
    Quantity.BORDER_DISTANCE,
})  # fmt: skip
_HEIGHTS = frozenset({Quantity.DISTANCE_TO_SURFACE, Quantity.HEIGHT_AGL, Quantity.HEIGHT_AGL_OR_STRUCTURE})
_DARK = frozenset({Quantity.SUN_ELEVATION, Quantity.SUN_TIME})
_MOST_SPANS = 4
_ZERO_WHERE = {Quantity.HOME_TERRITORY: 0.0, Quantity.SUN_TIME: 0.0}  # rules that need no figure


@dataclass(frozen=True, slots=True, eq=False)
class RuleHeld:
    """A rule, its pack, and what it is held against; None where its paragraph names no figure."""

    pack: Pack
    rule: Rule
    held: LimitHeld | None


def held_by(pack: Pack, rule: Rule, context: CheckContext, places: WhereFlown) -> RuleHeld:
    """Hold a path against a rule. Where a paragraph names two figures, what lies between is open."""
    limits = rule.limits_si
    if limits is None:
        zero = _ZERO_WHERE.get(rule.quantity)
        if zero is None:
            return RuleHeld(pack, rule, None)
        limits = zero, zero
    held = _HELD_BY[rule.quantity](pack, (limits[0] + limits[1]) / 2, context, places)
    half = (limits[1] - limits[0]) / 2
    if half:
        held = replace(held, bound=held.bound + half, band=held.band + half)
    return RuleHeld(pack, rule, held)


def _speed(pack: Pack, limit_mps: float, context: CheckContext, places: WhereFlown) -> LimitHeld:
    speed_mps, thresholds = context.trajectory.track.speed_mps, context.settings.thresholds
    sigma, none = np.full(len(speed_mps), thresholds.speed_sigma_mps), np.zeros(len(speed_mps))
    return LimitHeld.of(limit_mps, speed_mps, sigma, none, thresholds.band_sigmas, Reason.SPEED_UNKNOWN)


def _left(pack: Pack, limit_m: float, context: CheckContext, places: WhereFlown) -> LimitHeld:
    """Hold how deep it was in another territory against none at all; at sea nobody knows where the airspace ends."""
    out_m, band_m = places.outside(pack.territories)
    inside = places.in_pack(pack.territories).certain
    out_m = np.where(inside, -np.inf, out_m)
    at_sea = ~inside & np.isneginf(out_m) | (~inside & (out_m < -band_m))
    return _of_outline(limit_m, np.where(at_sea, np.nan, out_m), band_m, context)


def _from_border(pack: Pack, limit_m: float, context: CheckContext, places: WhereFlown) -> LimitHeld:
    """Hold the distance to the nearest other territory against the least that the rule names, both negative."""
    wide = places_of(context.trajectory, context.touched, limit_m + 1_500.0)
    deep_m, band_m = wide.outside(pack.territories)
    return _of_outline(-limit_m, deep_m, band_m, context)


def _of_outline(limit_m: float, value_m: Floats, band_m: Floats, context: CheckContext) -> LimitHeld:
    far_m = 1e6  # farther than any border in sight
    kept = np.isneginf(value_m)
    value_m = np.where(np.isposinf(value_m), far_m, np.where(kept, np.nan, value_m))
    sigma_m = band_m / context.settings.thresholds.band_sigmas
    band_m = np.maximum(band_m, 1e-3)
    return LimitHeld(limit_m, value_m, sigma_m, np.zeros(len(value_m)), band_m, kept, Reason.TERRITORY_UNCERTAIN)


_HELD_BY: dict[Quantity, Callable[[Pack, float, CheckContext, WhereFlown], LimitHeld]] = {
    Quantity.DISTANCE_TO_SURFACE: lambda pack, limit, context, places: from_surface(limit, context.altitudes),
    Quantity.HEIGHT_AGL: lambda pack, limit, context, places: above_ground(limit, context.altitudes),
    Quantity.HEIGHT_AGL_OR_STRUCTURE: lambda pack, limit, context, places: above_ground(limit, context.altitudes),
    Quantity.GROUND_SPEED: _speed,
    Quantity.SUN_ELEVATION: lambda pack, limit, context, places: below_elevation(limit, context),
    Quantity.SUN_TIME: lambda pack, limit, context, places: from_sunset(limit, context),
    Quantity.HOME_TERRITORY: _left,
    Quantity.BORDER_DISTANCE: _from_border,
}


def beyond_s(held: LimitHeld, rows: Bools, context: CheckContext) -> float:
    """Return for how long the value was over the limit itself, of the rows asked, shape (n,); seconds."""
    with np.errstate(invalid="ignore"):
        over = rows & np.isfinite(held.value) & (held.value > held.limit)
    total_ns = 0
    for begin, end in stretches_of(over):
        first, last = over_rows(held, begin, end)
        total_ns += context.trajectory.time_ns_at(last) - context.trajectory.time_ns_at(first)
    return total_ns / 1e9


def said_of(rule: Rule, held: LimitHeld, rows: Bools, context: CheckContext) -> tuple[Clause, ...]:
    """Return what was measured of a rule's quantity at the rows asked, shape (n,)."""
    if rule.quantity in _DARK:
        return _said_of_dark(rule, held, rows, context)
    known = rows & np.isfinite(held.value)
    said = list[Clause]()
    top = int(np.argmax(np.where(known, held.value, -np.inf))) if known.any() else None
    error = COVERAGE_95 * float(np.hypot(held.sigma[top], held.bound[top] / np.sqrt(3.0))) if top is not None else 0.0
    value = float(held.value[top]) if top is not None else 0.0
    is_whole = bool(held.is_known[rows].all())
    if top is not None and (is_whole or value > held.limit):
        said += _greatest(rule, value, error)
    if rule.quantity in _HEIGHTS and not is_whole:
        said += room(held.limit, context.altitudes, rows)
    if top is not None and value > held.limit:
        lasted_s = beyond_s(held, rows, context)
        if rule.quantity is Quantity.GROUND_SPEED:
            said.append(
                Clause.of(ClauseCode.RULE_BEYOND_SPEED, by_mps=value - held.limit, error_mps=error, duration_s=lasted_s)
            )
        else:
            said.append(
                Clause.of(ClauseCode.RULE_BEYOND_LENGTH, by_m=value - held.limit, error_m=error, duration_s=lasted_s)
            )
    return tuple(said)


def _greatest(rule: Rule, value: float, error: float) -> list[Clause]:
    if rule.quantity is Quantity.DISTANCE_TO_SURFACE:
        return [Clause.of(ClauseCode.RULE_FROM_SURFACE, distance_m=value, error_m=error)]
    if rule.quantity in _HEIGHTS:
        return [Clause.of(ClauseCode.RULE_ABOVE_GROUND, height_m=value, error_m=error)]
    if rule.quantity is Quantity.GROUND_SPEED:
        return [Clause.of(ClauseCode.RULE_SPEED, speed_mps=value, error_mps=error)]
    if rule.quantity is Quantity.BORDER_DISTANCE:
        return [Clause.of(ClauseCode.RULE_NEAREST_BORDER, distance_m=max(-value, 0.0))]
    return [Clause.of(ClauseCode.RULE_LEFT, distance_m=value)] if value > 0 else []


def _said_of_dark(rule: Rule, held: LimitHeld, rows: Bools, context: CheckContext) -> tuple[Clause, ...]:
    track = context.trajectory.track
    with np.errstate(invalid="ignore"):
        dark = rows & (held.value > held.limit)
    spans = [(int(track.time_ns[a]), int(track.time_ns[b])) for a, b in stretches_of(dark)]
    total_s = sum(end - begin for begin, end in spans) / 1e9
    said = [Clause.of(ClauseCode.RULE_DARK, duration_s=total_s, spans_ns=tuple(spans[:_MOST_SPANS]))] if spans else []
    if rule.limit_si and rule.quantity is Quantity.SUN_TIME:
        set_ = from_sunset(0.0, context)
        with np.errstate(invalid="ignore"):
            twilight = stretches_of(rows & (set_.value > 0) & ~dark)
        lasted_s = sum(int(track.time_ns[b]) - int(track.time_ns[a]) for a, b in twilight) / 1e9
        said += [Clause.of(ClauseCode.RULE_TWILIGHT, duration_s=lasted_s)] if twilight else []
    return tuple(said) or ((Clause(ClauseCode.RULE_LIGHT),) if bool(np.isfinite(held.value[rows]).any()) else ())
