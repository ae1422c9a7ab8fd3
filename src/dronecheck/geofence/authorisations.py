"""Leave to be in a zone or territory, from a table of the user's own, and what it does to a finding.

| column | meaning |
|---|---|
| zone | a zone's id, or a territory's ISO 3166-1 alpha-3 code |
| from, to | UTC: a day (the last one included) or an ISO 8601 time (the end not included); empty is open |
| reference | what the report names: the permit's number |
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

from dronecheck.errors import UsageError
from dronecheck.geofence.clauses import Clause, ClauseCode
from dronecheck.geofence.result import Finding, FindingKind, Reason, Verdict
from dronecheck.geofence.settings import Authorisation
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.safe.io import Input, plain
from dronecheck.timebase import moment_ns

__all__ = ["authorised", "read_authorisations"]

_COLUMNS = ("zone", "from", "to", "reference")
_EVER = 1 << 63
_MOST_BYTES = 16 << 20

Span = tuple[int, int]


def read_authorisations(source: Input) -> tuple[Authorisation, ...]:
    """Read the table's lines (CSV in UTF-8 with a header). Raises UsageError that names the line."""
    name = plain(source.name)
    if source.size_bytes > _MOST_BYTES:
        raise UsageError(f"{name}: larger than any list of authorisations")
    try:
        text = bytes(source.data).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name}: no CSV in UTF-8 ({plain(error, 100)})") from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if sorted(header) != sorted(_COLUMNS):
        raise UsageError(f"{name}: line 1 must name the columns {','.join(_COLUMNS)}")
    return tuple(
        _line(dict(zip(header, row, strict=False)), len(row) == len(header), f"{name}: line {number}")
        for number, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row)
    )


def _line(cells: dict[str, str], whole: bool, where: str) -> Authorisation:
    if not whole:
        raise UsageError(f"{where}: needs {len(_COLUMNS)} cells ({','.join(_COLUMNS)})")
    zone, begin, end, reference = (cells[column].strip() for column in _COLUMNS)
    if not zone or not reference:
        raise UsageError(f"{where}: {'zone' if not zone else 'reference'} is empty")
    times: list[int | None] = []
    for column, text in (("from", begin), ("to", end)):
        try:
            times.append(moment_ns(text, end_of_day=column == "to") if text else None)
        except ValueError:
            wanted = "use 2026-05-01 or 2026-05-01T08:30Z"
            raise UsageError(f"{where}: {column} {plain(text, 40)!r} is no date or time; {wanted}") from None
    if times[0] is not None and times[1] is not None and times[0] >= times[1]:
        raise UsageError(f"{where}: it ends before it begins")
    return Authorisation(zone, times[0], times[1], plain(reference, 120))


def authorised(finding: Finding, given: Sequence[Authorisation], trajectory: Trajectory) -> Finding:
    """Return the finding as the authorisations leave it.

    It is CLEAR when all of its time is covered, else says what is not.
    """
    mine = [a for a in given if _is_about(a, finding)]
    if not mine or finding.verdict is Verdict.CLEAR or not finding.rows:
        return finding
    begin, end = trajectory.time_ns_at(finding.rows[0][0]), trajectory.time_ns_at(finding.rows[-1][1])
    spans = [(-_EVER if a.from_ns is None else a.from_ns, _EVER if a.to_ns is None else a.to_ns) for a in mine]
    useful = [(a, span) for a, span in zip(mine, spans, strict=True) if span[0] <= end and span[1] > begin]
    if not useful:
        references = _references(mine)
        return _with(finding, Clause.of(ClauseCode.AUTHORISED_AT_OTHER_TIMES, references=references))
    references = _references([a for a, _ in useful])
    left = _uncovered((begin, end), [span for _, span in useful])
    if left:
        part = Clause.of(ClauseCode.AUTHORISED_IN_PART, references=references, uncovered_ns=tuple(left))
        return _with(finding, part)
    return replace(
        _with(finding, Clause.of(ClauseCode.AUTHORISED_WHOLLY, references=references)),
        verdict=Verdict.CLEAR,
        reasons=(Reason.AUTHORISED, *finding.reasons),
        authorisation=references,
    )


def _with(finding: Finding, clause: Clause) -> Finding:
    return replace(finding, clauses=(*finding.clauses, clause))


def _is_about(authorisation: Authorisation, finding: Finding) -> bool:
    if finding.zone is None:
        return False
    if finding.kind is FindingKind.BORDER_CROSSING:
        return authorisation.zone.upper() == finding.zone.id
    return authorisation.zone == finding.zone.id


def _references(given: Sequence[Authorisation]) -> str:
    return " and ".join(dict.fromkeys(a.reference for a in given))


def _uncovered(whole: Span, spans: list[Span]) -> list[Span]:
    """Return the parts of a closed time interval that no span covers."""
    left: list[Span] = []
    reached = whole[0]
    for begin, end in sorted(spans):
        if begin > reached:
            left.append((reached, min(begin, whole[1])))
        reached = max(reached, end)
        if reached > whole[1]:
            return left
    return [*left, (min(reached, whole[1]), whole[1])]
