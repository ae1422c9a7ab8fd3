"""GNS-3: marks of a simulator. A simulated log is no forgery, and no flight: who shows it as one must be told."""

from __future__ import annotations

from dronecheck.flight import Flight
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["simulator"]

_EXPECTED = Message("a log of a real flight names no simulator and does not begin where simulators do")
_THRESHOLD = Message("one mark of a simulator")
_TOLD = Message("the log says that it comes from a simulator")
_INNOCENT = (
    Message("it is the log of a simulated flight, and says so"),
    Message("a real flight at a place that simulators use"),
)


def simulator(flight: Flight) -> tuple[Statement, ...]:
    """Return a statement for each mark of a simulator that was found while reading."""
    found = [issue for issue in flight.issues if issue.code is Code.SIMULATED]
    if not found and not flight.trust.is_simulated:
        return ()
    marks = [(issue.message, issue.offset) for issue in found] or [(_TOLD, None)]
    return tuple(
        Statement(
            id="GNS-3",
            severity=Weight.INFO,
            concern=Concern.IDENTITY,
            observed=message,
            expected=_EXPECTED,
            threshold=_THRESHOLD,
            innocent=_INNOCENT if flight.trust.looks_simulated else _INNOCENT[:1],
            records=() if offset is None else (offset,),
        )
        for message, offset in marks
    )
