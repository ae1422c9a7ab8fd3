"""SRC-1: sources of one log that part. Receivers and the estimate tell of one aircraft, within their errors.

That they part is no sign of an edit by itself: estimates drift and are reset, a companion computer may feed positions.
"""

from __future__ import annotations

from dronecheck.evidence.consistency.records.silence import fell_silent, other_names, other_receivers
from dronecheck.flight import OPERATOR, Flight
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.issues import Code, Issue
from dronecheck.messages import Message

__all__ = ["sources"]

_EXPECTED = Message("receivers and the autopilot's estimate agree within their errors")
_THRESHOLD = Message("more than 10 m beyond 5 sigma of both, for longer than 1 s")  # as the readers compare them
_INNOCENT = (
    Message("the autopilot's estimate drifted, or was reset, where satellites were lost"),
    Message("a second receiver was badly placed, or a computer on board fed it"),
    Message("a part of the file is damaged"),
)


def sources(flight: Flight) -> tuple[Statement, ...] | None:
    """Return a statement for each source that contradicts another; None where the log has one source alone."""
    conflicts = [issue for issue in flight.issues if issue.code is Code.POSITION_CONFLICT]
    receivers = sum(witness.name == "gnss" for witness in flight.witnesses)
    if len(set(flight.tracks) - {OPERATOR}) < 2 and receivers < 2 and not conflicts and not flight.others:
        return None
    told = (_told(flight, issue) for issue in conflicts)
    return (*told, *fell_silent(flight), *other_names(flight), *other_receivers(flight))


def _told(flight: Flight, issue: Issue) -> Statement:
    is_rival = bool(flight.rivals)  # else the source that parts is no receiver, and not judged
    return Statement(
        id="SRC-1",
        severity=Weight.NOTICE if is_rival else Weight.INFO,
        concern=Concern.POSITION,
        observed=issue.message,
        expected=_EXPECTED,
        threshold=_THRESHOLD,
        innocent=_INNOCENT,
        records=() if issue.offset is None else (issue.offset,),
        tracks=(flight.primary, *flight.rivals) if is_rival else (),
    )
