"""GNS-3: marks of a simulator. A simulated log is no forgery, and no flight: who shows it as one must be told."""

from __future__ import annotations

from dronecheck.flight import Flight, Witness
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.issues import Code
from dronecheck.messages import Message

__all__ = ["simulator"]

_EXPECTED = Message("a log of a real flight names no simulator and does not begin where simulators do")
_THRESHOLD = Message("one mark of a simulator")
_TOLD = Message("the log says that it comes from a simulator")
_NO_DILUTION = Message("the receiver has fixes and a dilution of precision of 0, as simulators write")
FIX = 3.0
_INNOCENT = (
    Message("it is the log of a simulated flight, and says so"),
    Message("a real flight at a place that simulators use, or a receiver that leaves out what simulators do"),
)


def _has_no_dilution(witness: Witness) -> bool:
    """Tell whether a receiver with fixes says that its dilution of precision is 0, which no sky gives."""
    fixes = witness.column("fix_type") >= FIX
    return bool(fixes.any()) and bool((witness.column("hdop")[fixes] == 0).all())


def simulator(flight: Flight) -> tuple[Statement, ...]:
    """Return a statement for each mark of a simulator."""
    marks: list[tuple[Message, int | None]] = [
        (issue.message, issue.offset) for issue in flight.issues if issue.code is Code.SIMULATED
    ]
    if flight.trust.is_simulated and not marks:
        marks.append((_TOLD, None))
    marks += [(_NO_DILUTION, int(w.offset[0])) for w in flight.witnesses if w.name == "gnss" and _has_no_dilution(w)]
    return tuple(
        Statement(
            id="GNS-3",
            severity=Weight.INFO,
            concern=Concern.IDENTITY,
            observed=message,
            expected=_EXPECTED,
            threshold=_THRESHOLD,
            innocent=_INNOCENT[:1] if flight.trust.is_simulated else _INNOCENT,
            records=() if offset is None else (offset,),
        )
        for message, offset in marks
    )
