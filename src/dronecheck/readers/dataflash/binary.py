"""From the records of a binary DataFlash log to the rows asked for, and an account of what was lost."""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, several
from dronecheck.readers.common.parallel_scan import cut_text, holes_text
from dronecheck.readers.common.records import UNTIMED_US, Records
from dronecheck.readers.common.stretches import Buffer, gathered
from dronecheck.readers.dataflash import FMT_TYPE
from dronecheck.readers.dataflash.formats import DataflashLog, Definition, Definitions
from dronecheck.readers.dataflash.frames import DataflashFrames, head_definitions, walk

__all__ = ["load_binary"]

WALKS_AT_MOST = 4


def load_binary(data: Buffer, names: frozenset[str]) -> DataflashLog:
    """Read a binary log; only the rows of the records in `names` are kept. Raises UnreadableInput."""
    definitions = Definitions(data)
    definitions.take(head_definitions(data, {FMT_TYPE: definitions.lengths[FMT_TYPE]}))
    definitions.take_early()
    for _ in range(WALKS_AT_MOST):
        wanted = {kind for kind, definition in definitions.used.items() if definition.name in names} | {FMT_TYPE}
        frames = walk(data, definitions.lengths, wanted)
        types = np.frombuffer(data, np.uint8)[frames.offsets + 2]
        # A definition that comes late changes what is a record: the whole is walked again with its help.
        if not definitions.take(frames.offsets[types == FMT_TYPE].tolist()):
            break
    if not definitions.used:
        raise UnreadableInput("no_content", "a DataFlash log without usable definitions of records; nothing to read")
    log = DataflashLog()
    for kind in sorted(wanted & definitions.used.keys(), key=lambda kind: kind == FMT_TYPE):
        definition = definitions.used[kind]
        if definition.name in names and definition.name not in log.rows:
            log.rows[definition.name] = _rows(data, definition, frames.offsets[types == kind])
    _report(log, data, frames, definitions)
    return log


def _rows(data: Buffer, definition: Definition, offsets: Ints) -> Records:
    dtype = definition.dtype()
    values = gathered(data, offsets, dtype.itemsize).view(dtype).reshape(-1)
    untimed = np.full(len(offsets), UNTIMED_US, np.int64)
    return Records(definition.name, offsets, untimed, values, definition.divisors())


def _report(log: DataflashLog, data: Buffer, frames: DataflashFrames, definitions: Definitions) -> None:
    if frames.cut is not None:
        log.note(Code.TRUNCATED, Severity.DAMAGE, cut_text(len(data) - frames.cut), frames.cut)
        log.completeness = Completeness.TRUNCATED
    if frames.holes:
        text = holes_text(frames.holes)
        log.note(Code.BYTES_SKIPPED, Severity.DAMAGE, text, frames.holes[0][0], len(frames.holes))
    if frames.unknown:
        kinds = sorted({data[place + 2] for place in frames.unknown})
        listed = ", ".join(map(str, kinds[:5])) + (" ..." if len(kinds) > 5 else "")
        text = Message(
            "{count} records of types without definition were passed over (types {listed})",
            count=len(frames.unknown),
            listed=listed,
        )
        log.note(Code.UNKNOWN_RECORDS, Severity.DAMAGE, text, frames.unknown[0], len(frames.unknown))
    if definitions.flaws:
        why = several(dict.fromkeys(list(definitions.flaws.values())[:5]))
        text = Message("definitions that contradict themselves: {why}", why=why)
        severity = Severity.DAMAGE if definitions.harmful() else Severity.INFO
        log.note(Code.BAD_DEFINITION, severity, text, min(definitions.flaws), len(definitions.flaws))
    if frames.holes or frames.unknown or definitions.harmful():
        log.completeness = Completeness.DAMAGED
