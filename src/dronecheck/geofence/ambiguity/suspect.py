"""Logs that contradict themselves: what rests on records in doubt is open, and what other records carry holds.

A contradiction is what no honest log of its kind holds (`Flight.integrity`); it says nothing of how it came there. One
about positions, times or identity leaves nothing clear, for all of a flight is what a clear answer rests on; an entry
holds where the flight without the records in doubt shows it as well. One about heights opens what the flight does not
say without these heights.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dronecheck.arrays import Bools
from dronecheck.flight import Concern, Flight, Statement
from dronecheck.geofence.ambiguity import Ambiguity, combine_alternatives, counterparts
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import (
    TOPIC_OF,
    Check,
    Finding,
    FlightAnswer,
    Reason,
    Result,
    Topic,
    Verdict,
    worst,
)

__all__ = ["is_suspect", "with_suspect"]

_OF_ALL = frozenset({Concern.POSITION, Concern.TIME, Concern.IDENTITY})
_OF_HEIGHT = frozenset({Concern.HEIGHT})
_HEIGHTS = ("alt_amsl_m", "alt_hae_m", "alt_home_m", "alt_agl_m", "pressure_alt_m", "alt_unframed_m")
_WITHOUT_RECORDS = Ambiguity(Reason.LOG_SUSPECT, "without_doubted_records")
_WITHOUT_HEIGHTS = Ambiguity(Reason.LOG_SUSPECT, "without_doubted_heights")


def is_suspect(flight: Flight) -> bool:
    """Tell whether a contradiction touches the track that is judged, in a way that a verdict may rest on."""
    return any(_touched(flight, concerns) is not None for concerns in (_OF_ALL, _OF_HEIGHT))


def with_suspect(result: Result, flight: Flight, judge: Callable[[Flight], Result]) -> Result:
    """Return an answer in which nothing rests on records in doubt.

    `result` is what the flight says with all its records; `judge` is asked what it says without some of them.
    """
    heights, records = _touched(flight, _OF_HEIGHT), _touched(flight, _OF_ALL)
    if heights is not None:
        result = _without_heights(result, flight, heights, judge)
    if records is not None:
        result = _without_records(result, flight, records, judge)
    asked = [check.verdict for check in result.checks if check.verdict is not None]
    is_touched = np.zeros(len(flight.track), dtype=np.bool_)
    for some in (heights, records):
        is_touched |= False if some is None else some
    flights = tuple(_flight(each, n, result, is_touched) for n, each in enumerate(result.flights))
    verdict = result.verdict if result.verdict is Verdict.INCONCLUSIVE else worst(asked)
    by_rules = result.by_rules.opened(Reason.LOG_SUSPECT)
    return replace(result, flight=flight, verdict=verdict, flights=flights, by_rules=by_rules)


def _touched(flight: Flight, concerns: frozenset[Concern]) -> Bools | None:
    """Tell which rows of the judged track contradictions put in doubt, shape (n,); None where none touches it."""
    found = flight.integrity.contradictions if flight.integrity is not None else ()
    found = tuple(
        each for each in found if each.concern in concerns and (not each.tracks or flight.primary in each.tracks)
    )
    is_touched = np.zeros(len(flight.track), dtype=np.bool_)
    for statement in found:
        is_touched |= _rows_of(statement, flight)
    return is_touched if is_touched.any() or (found and not len(is_touched)) else None


def _rows_of(statement: Statement, flight: Flight) -> Bools:
    """Tell which rows stand in the spans of a statement; of a span between two rows, these two."""
    file, offset = statement.file or 0, flight.track.offset
    spans = [source.span for source in flight.sources]
    base = sum(spans[:file])
    in_file = np.full(len(offset), True)
    if len(spans) > 1:
        in_file = (offset >= base) & ((offset < base + spans[file]) | (file == len(spans) - 1))
    if not statement.spans:
        return np.asarray(in_file, dtype=np.bool_)
    found = np.zeros(len(offset), dtype=np.bool_)
    for first, last in statement.spans:
        inside = in_file & (offset >= first + base) & (offset <= last + base)
        if not inside.any():
            before, after = (
                np.flatnonzero(in_file & beyond) for beyond in (offset < first + base, offset > last + base)
            )
            beside = [before[offset[before].argmax()]] if len(before) else []
            beside += [after[offset[after].argmin()]] if len(after) else []
            inside[beside] = True
        found |= inside
    return found


def _without_heights(result: Result, flight: Flight, is_touched: Bools, judge: Callable[[Flight], Result]) -> Result:
    """Open what is not said of zones and height limits where the heights in doubt are not known."""
    track = flight.track
    unknown = {name: np.where(is_touched, np.nan, getattr(track, name)) for name in _HEIGHTS}
    other = judge(replace(flight, tracks={**flight.tracks, flight.primary: track.replace(**unknown)}))

    def is_of_heights(finding: Finding) -> bool:
        return TOPIC_OF[finding.kind] is not Topic.BORDER

    mine, theirs = (list(filter(is_of_heights, one.findings)) for one in (result, other))
    kept = [finding for finding in result.findings if not is_of_heights(finding)]
    findings = (*kept, *combine_alternatives(mine, theirs, _WITHOUT_HEIGHTS))
    checks = tuple(
        check
        if check.question is Topic.BORDER or check.verdict in (None, other.check_of(check.question).verdict)
        else _opened(check, findings)
        for check in result.checks
    )
    return replace(result, findings=findings, checks=checks)


def _without_records(result: Result, flight: Flight, is_touched: Bools, judge: Callable[[Flight], Result]) -> Result:
    """Open what is clear, and what is said to be entered where only records in doubt show it."""
    entered = [finding for finding in result.findings if finding.verdict is Verdict.VIOLATION]
    is_left_out = np.zeros(len(flight.track), dtype=np.bool_)
    carried, partly = set[int](), list[Finding]()
    for finding in entered:
        rows = _rows_behind(finding, flight)
        if len(rows) and not is_touched[rows].any():
            carried.add(id(finding))
        elif not is_touched[rows].all():
            is_left_out[rows] |= is_touched[rows]
            partly.append(finding)
    if partly:
        kept = np.flatnonzero(~is_left_out)
        left = replace(flight, tracks={**flight.tracks, flight.primary: flight.track.where(kept)})
        theirs = [_in_rows(finding, kept) for finding in judge(left).findings]
        same = {id(f): counterparts(f, theirs) for f in partly}
        carried |= {id(f) for f in partly if any(other.verdict is Verdict.VIOLATION for other in same[id(f)])}
    findings = tuple(
        _doubted(finding) if finding.verdict is Verdict.VIOLATION and id(finding) not in carried else finding
        for finding in result.findings
    )
    checks = tuple(check if check.verdict is None else _opened(check, findings) for check in result.checks)
    return replace(result, findings=findings, checks=checks)


def _rows_behind(finding: Finding, flight: Flight) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the rows that a finding rests on: those inside, and those beside its ends."""
    every = [
        np.arange(max(int(np.floor(begin)), 0), min(int(np.ceil(end)), len(flight.track) - 1) + 1, dtype=np.int64)
        for begin, end in finding.rows
    ]
    return np.unique(np.concatenate(every)) if every else np.empty(0, np.int64)


def _in_rows(finding: Finding, kept: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Finding:
    """Return a finding of a flight that some rows were left out of in the rows of all."""
    numbers = np.arange(len(kept), dtype=np.int64)
    ends = np.interp(np.array(finding.rows, np.float64).reshape(-1, 2), numbers, kept)
    return replace(finding, rows=tuple((begin, end) for begin, end in ends.tolist()))


def _doubted(finding: Finding) -> Finding:
    return replace(
        finding,
        verdict=Verdict.INCONCLUSIVE,
        reasons=(*finding.reasons, Reason.LOG_SUSPECT),
        clauses=(*finding.clauses, Clause.of(ClauseCode.NOT_IF, alternative=_WITHOUT_RECORDS.alternative)),
    )


def _opened(check: Check, findings: tuple[Finding, ...]) -> Check:
    """Return an answer as open; an entry that holds holds."""
    said = [finding.verdict for finding in findings if TOPIC_OF[finding.kind] is check.question]
    if check.verdict is Verdict.VIOLATION and Verdict.VIOLATION in said:
        return check
    before = () if check.verdict is Verdict.CLEAR else check.reasons  # why it was clear is no reason any more
    reasons = tuple(dict.fromkeys((*before, Reason.LOG_SUSPECT)))
    return replace(check, verdict=Verdict.INCONCLUSIVE, reasons=reasons)


def _flight(answer: FlightAnswer, number: int, result: Result, is_touched: Bools) -> FlightAnswer:
    """Return the answer for one flight of a log, open where it is touched and nothing else holds."""
    said = [finding.verdict for finding in result.findings if finding.flight == number]
    is_open = is_touched[answer.first : answer.last + 1].any() and any(
        check.verdict is Verdict.INCONCLUSIVE for check in result.checks
    )
    if answer.verdict is Verdict.VIOLATION and Verdict.VIOLATION not in said:
        return replace(answer, verdict=Verdict.INCONCLUSIVE)
    return replace(answer, verdict=Verdict.INCONCLUSIVE) if answer.verdict is Verdict.CLEAR and is_open else answer
