"""What a result says that would tell a hidden place: places, instants and distances there are taken out of it.

Distances to three borders give a place, and so does one along a known line: none below 5 km is told, and none that was
measured from a hidden place. What is taken out is None, or NaN where a number has to be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, nan

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.flight import Flight, Integrity, Track
from dronecheck.geofence.answers.by_rules import RuleAnswer
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import OF_PLACES, Check, Finding, FindingKind, Nearest, Place, Result, TerritoryVisit
from dronecheck.messages import Message
from dronecheck.report.privacy.circles import Circles
from dronecheck.rules import Quantity

__all__ = ["LEAST_TOLD_M", "Untold", "without_home_figures", "worst_sigma_m"]

LEAST_TOLD_M = 5_000.0
_OF_RULE_PLACES = frozenset({ClauseCode.RULE_LEFT, ClauseCode.RULE_NEAREST_BORDER})
_HEIGHTS_AND_SPEEDS = frozenset({
    Quantity.DISTANCE_TO_SURFACE, Quantity.HEIGHT_AGL, Quantity.HEIGHT_AGL_OR_STRUCTURE, Quantity.GROUND_SPEED,
})  # fmt: skip
_OF_DISTANCE = frozenset({
    ClauseCode.VISIT, ClauseCode.APPROACH, ClauseCode.NEEDED_TO_DECIDE, ClauseCode.ANSWER_NEEDS_ERROR,
    ClauseCode.DECIDABLE_BY_SIGMA, ClauseCode.GAP_ALLOWS_DETOUR, ClauseCode.ENTRY_NEEDS_SPEED, ClauseCode.DEPTH_IF,
    ClauseCode.HEADER_STARTED_INSIDE, ClauseCode.HEADER_PICTURE_INSIDE, ClauseCode.HEADER_MAY_REACH,
    ClauseCode.HEADER_START_NEAR, ClauseCode.HEADER_PICTURE_NEAR,
})  # fmt: skip

_AT_HOME = frozenset({"HOM-1", "ALT-2"})  # tests that measure from the home point, or the ground below the take-off


def without_home_figures(flight: Flight) -> Flight:
    """Return a flight in which no statement of integrity tells what was measured at home."""
    others = tuple(replace(other, integrity=_untold_at_home(other.integrity)) for other in flight.others)
    return replace(flight, integrity=_untold_at_home(flight.integrity), others=others)


def _untold_at_home(found: Integrity | None) -> Integrity | None:
    left_out = Message("what was measured is left out, for it would tell something of the place that is hidden")
    return found and replace(
        found,
        statements=tuple(
            replace(each, observed=left_out) if each.id in _AT_HOME else each for each in found.statements
        ),
    )


@dataclass(frozen=True, eq=False)
class Untold:
    """Takes out of a result what the hidden rows of a track, shape (n,), and the circles do not let it tell."""

    circles: Circles
    track: Track
    is_hidden: Bools

    def result(self, result: Result) -> Result:
        """Return a result as it may be told: the same verdicts, findings and stays."""
        return replace(
            result,
            checks=tuple(map(self._check, result.checks)),
            findings=tuple(map(self._finding, result.findings)),
            territories=tuple(map(self._stay, result.territories)),
            by_rules=result.by_rules.each(self._rule),
            nearest=tuple(map(self._nearest, result.nearest)),
            flights=tuple(replace(answer, takeoff=None) for answer in result.flights),
            takeoff=None,
        )

    def _finding(self, finding: Finding) -> Finding:
        ends = {
            "entry": (finding.entry, finding.enter_ns, finding.entry_sigma_m),
            "exit": (finding.exit, finding.exit_ns, finding.exit_sigma_m),
        }
        hidden = tuple(name for name, end in ends.items() if self._hides(*end))
        told = replace(finding, hidden=hidden)
        if "entry" in hidden:
            told = replace(told, entry=None, enter_ns=None, enter_sigma_s=None, entry_sigma_m=None)
        if "exit" in hidden:
            told = replace(told, exit=None, exit_ns=None, exit_sigma_s=None, exit_sigma_m=None)
        if hidden:
            told = replace(told, duration_s=None)
        if hidden or self._hides_some(finding.rows):
            told = replace(told, path_m=nan, alt_min_m=None, alt_max_m=None)
        if finding.kind is FindingKind.RULE_LIMIT:
            told = _without_rule_figures(told)
        is_far = not self._hides(finding.deepest, finding.deepest_ns) and finding.deepest is not None
        if not is_far:
            told = replace(told, deepest=None, deepest_ns=None)
        if finding.kind not in OF_PLACES or (is_far and _is_wide(finding)):
            return told
        return replace(
            told, depth_m=nan, path_m=nan, margin_m=None, band_m=None, sigma_m=None, probability=None,
            probability_upper=None, clauses=_without_distances(finding.clauses),
            alternatives=tuple(replace(each, margin_m=None) for each in finding.alternatives),
        )  # fmt: skip

    def _rule(self, answer: RuleAnswer) -> RuleAnswer:
        """Return what a rule says without how dark it was or how far from a border: a line on the map each."""
        told = replace(answer, clauses=_without_rule_places(answer.clauses))
        if self._hides(None, answer.time_ns):
            told = replace(told, time_ns=None)
        if answer.rule.quantity in _HEIGHTS_AND_SPEEDS:
            return told
        return replace(told, value=None, beyond=None, sigma=None, beyond_s=None, time_ns=None, evidence=())

    def _nearest(self, near: Nearest) -> Nearest:
        is_hidden = self._hides(near.place, near.time_ns, worst_sigma_m(self.track))
        told = replace(near, place=None, time_ns=None) if is_hidden else near
        if near.vertical or (near.distance_m >= LEAST_TOLD_M and not is_hidden and near.place is not None):
            return told
        return replace(told, distance_m=nan, band_m=None)

    def _stay(self, stay: TerritoryVisit) -> TerritoryVisit:
        enter, leave = (None if self._hides(None, at) else at for at in (stay.enter_ns, stay.exit_ns))
        return replace(stay, enter_ns=enter, exit_ns=leave)

    def _check(self, check: Check) -> Check:
        left = (clause for clause in check.clauses if clause.code is not ClauseCode.HEADER_OUTLINE_IN_REACH)
        return replace(check, clauses=tuple(map(_without_distance, left)))

    def _hides(self, place: Place | None, time_ns: int | None, sigma_m: float | None = None) -> bool:
        """Tell whether something at a place, or at an instant where the place is not known, is left out."""
        if place is not None:
            return self.circles.hides_written(place, sigma_m)
        if time_ns is None or not len(self.track):
            return False
        times = self.track.time_ns
        row = int(np.argmin(np.abs(times - time_ns)))
        beside = self.is_hidden[row]
        if len(times) > 1:
            low, high = np.minimum(times[:-1], times[1:]), np.maximum(times[:-1], times[1:])
            within = (low <= time_ns) & (time_ns <= high)
            beside = beside or (within & (self.is_hidden[:-1] | self.is_hidden[1:])).any()
        return bool(beside)

    def _hides_some(self, stretches: tuple[tuple[float, float], ...]) -> bool:
        return any(self.is_hidden[int(begin) : int(np.ceil(end)) + 1].any() for begin, end in stretches)


def _without_rule_figures(finding: Finding) -> Finding:
    """Return a finding of a rule without distances to a border, and without the spans of the dark."""
    clauses = _without_rule_places(finding.clauses)
    told = replace(finding, clauses=clauses)
    if not any(clause.code in _OF_RULE_PLACES for clause in finding.clauses):
        return told
    return replace(told, depth_m=nan, margin_m=None, band_m=None, sigma_m=None, probability=None)


def _without_rule_places(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    is_of_place = any(clause.code in _OF_RULE_PLACES for clause in clauses)
    left = [
        Clause(ClauseCode.RULE_DARK_UNTIMED) if clause.code is ClauseCode.RULE_DARK else clause
        for clause in clauses
        if clause.code not in _OF_RULE_PLACES
        and clause.code is not ClauseCode.RULE_TWILIGHT
        and not (is_of_place and clause.code is ClauseCode.RULE_BEYOND_LENGTH)
    ]
    return tuple(left)


def worst_sigma_m(track: Track) -> float | None:
    """Return the largest sigma of a track's fixes; None where none is known."""
    known = track.h_sigma_m[np.isfinite(track.h_sigma_m)]
    return float(known.max()) if len(known) else None


def _is_wide(finding: Finding) -> bool:
    """Tell whether all distances of a finding are so long that they may be told."""
    told = [finding.margin_m, finding.depth_m or None, *(each.margin_m for each in finding.alternatives)]
    lengths = [abs(length) for length in told if length is not None and isfinite(length)]
    return bool(lengths) and min(lengths) >= LEAST_TOLD_M


def _without_distances(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
    left = tuple(clause for clause in clauses if clause.code not in _OF_DISTANCE)
    return left if len(left) == len(clauses) else (Clause(ClauseCode.DISTANCES_LEFT_OUT), *left)


def _without_distance(clause: Clause) -> Clause:
    """Return what is said of the first or the last fix without how far from a border it lies."""
    if clause.values.get("distance_m") is None:
        return clause
    if clause.code is ClauseCode.ENDS_AIRBORNE:
        return Clause(ClauseCode.NO_END_RECORDED)
    if clause.code is ClauseCode.CROSSED_IF_FROM:
        return replace(clause, values={**clause.values, "distance_m": "left_out"})
    return clause
