"""STR-1: what the frames, checks, numbers and lines of a file say of its wholeness.

The readers found it (`Flight.issues`); here it is told as evidence, with its innocent causes. A file that is broken or
has holes is no edited file: cards fill up, batteries fall out, radio links fade.
"""

from __future__ import annotations

from dronecheck.evidence.consistency.stretches import RECORDS_AT_MOST
from dronecheck.flight import Flight
from dronecheck.flight.integrity import Concern, Statement, Weight
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message

__all__ = ["framing"]

_POWER = Message("the power was cut, or the aircraft crashed, while the log was written")
_CARD = Message("the memory card was slow, full or failing")
_RADIO = Message("the radio link lost messages")
_COPY = Message("the file was copied or recovered incompletely")
_VERSION = Message("the firmware or the exporting program writes something newer or odd")
_EDITOR = Message("a text editor or a spreadsheet saved the file")

_WHOLE = Message("an unbroken row of records from the first byte to the last")
_NUMBERED = Message("record numbers that rise by one without a gap")
_ANY = Message("one or more")

# what a whole file has instead, and what else may have caused it
_CAUSES: dict[Code, tuple[Message, tuple[Message, ...]]] = {
    Code.TRUNCATED: (Message("an end at the end of a record"), (_POWER, _COPY)),
    Code.BYTES_SKIPPED: (_WHOLE, (_CARD, _COPY, _RADIO)),
    Code.UNKNOWN_RECORDS: (Message("records of kinds that the file defines"), (_VERSION, _COPY)),
    Code.BAD_DEFINITION: (Message("definitions that fit their records"), (_VERSION,)),
    Code.BAD_RECORD: (Message("records that fit their definitions"), (_VERSION, _CARD)),
    Code.LOG_DROPOUT: (Message("a logger that lost nothing"), (_CARD,)),
    Code.NUL_BYTES: (Message("text without NUL bytes"), (_POWER, _CARD, _COPY)),
    Code.MISSING_RECORDS: (_NUMBERED, (_RADIO, Message("the ground station did not record all"))),
    Code.LINE_CUT_SHORT: (Message("a last line that is whole"), (_POWER, _COPY)),
    Code.NO_LINE_END: (Message("a last line with a line end"), (_EDITOR, _COPY)),
    Code.BAD_LINE: (Message("lines of one form"), (_EDITOR, _VERSION, _CARD)),
    Code.APPENDED_DATA: (Message("a log written in one go"), (_POWER,)),
}


def framing(flight: Flight) -> tuple[Statement, ...]:
    """Return a statement for each way in which the file is not whole."""
    return tuple(_told(issue) for issue in flight.issues if issue.code in _CAUSES)


def _told(issue: Issue) -> Statement:
    expected, innocent = _CAUSES[issue.code]
    # no logger writes records that it did not announce; a frame of a kind that only the reader does not know is usual
    is_odd = issue.code is Code.UNKNOWN_RECORDS and issue.severity is Severity.DAMAGE
    return Statement(
        id="STR-1",
        severity=Weight.NOTICE if is_odd else Weight.INFO,
        concern=Concern.FORM,
        observed=issue.message,
        expected=expected,
        threshold=_ANY,
        innocent=innocent,
        records=() if issue.offset is None else (issue.offset,)[:RECORDS_AT_MOST],
        spans=() if issue.offset is None else ((issue.offset, issue.offset),),
    )
