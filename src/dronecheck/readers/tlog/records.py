"""From MAVLink frames to messages: the rows of the messages used, and an account of all that was lost.

Every frame is checked, not only those used: a bit flipped in an id would otherwise hide a fix among messages that
nobody looks at.

    checksum right                                  used
    right once zeros are put back at the end        used (a relay cut them off and kept the checksum)
    right for another definition, id not used       counted: a message of a newer or private dialect
    anything else                                   damaged, counted, not used
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Ints
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.parallel_scan import cut_text, holes_text
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.stretches import Buffer, gathered
from dronecheck.readers.tlog.frames import Heads, MavlinkFrames, good, heads_of, looks_like, shortened, walk
from dronecheck.readers.tlog.messages import BESIDE, USED
from dronecheck.safe.io import HEAD_BYTES

__all__ = ["MessageLog", "MessageRecords", "load"]


TRIES = 4096
GROUND_SYSTEM = 255
HALF_ROUND = 128  # a larger step is none: messages overtook each other, or the sender began again
IN_SEQUENCE = 0.5  # share of messages in sequence below which numbers say nothing
FRAMES_AT_ONCE = 1 << 17  # bounds the memory that headers take
LATEST_STAMP_US = 1 << 60


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MessageRecords(Records):
    """The rows of one message; `time_us` are the host's stamps since 1970, 0 in raw streams."""

    sender: Ints  # system * 256 + component


@dataclass(slots=True)
class MessageLog(Account):
    """What a stream holds, as far as it is used; `rows` has every used message, possibly without rows.

    `beside` has those that bear witness, and as "" the numbers (field `seq`) of all intact messages.
    """

    stamped: bool = False  # whether the host's stamps stand before the frames
    rows: dict[str, MessageRecords] = field(default_factory=dict)
    beside: dict[str, MessageRecords] = field(default_factory=dict)
    _of: dict[tuple[str, int], MessageRecords] = field(default_factory=dict)

    def of(self, message: str, sender: int) -> MessageRecords:
        """Return the rows of a message from one sender."""
        if (message, sender) not in self._of:
            rows = self.rows[message]
            mine = rows.sender == sender
            self._of[message, sender] = rows if mine.all() else rows.pick(mine)
        return self._of[message, sender]

    def put(self, rows: MessageRecords, message: str) -> None:
        """Take these rows of a message instead of its own."""
        self.rows[message] = rows
        self._of.clear()


def load(data: Buffer) -> MessageLog:
    """Read a telemetry log or a raw MAVLink stream. Raises UnreadableInput when it is none."""
    stamp_bytes = looks_like(bytes(data[:HEAD_BYTES]), HEAD_BYTES, TRIES)
    if stamp_bytes is None:
        raise UnreadableInput("not_tlog", "no MAVLink log: its first 64 KiB hold no intact MAVLink message")
    frames = walk(data, stamp_bytes)
    if not len(frames.offsets):
        raise UnreadableInput("not_tlog", "no MAVLink log: it holds no intact MAVLink message")
    content = np.frombuffer(data, np.uint8)
    log, checksums = MessageLog(stamped=stamp_bytes > 0), _Checksums()
    tables = USED | BESIDE
    parts: dict[int, list[MessageRecords]] = {msg_id: [] for msg_id in tables}
    numbers: list[MessageRecords] = []
    for first in range(0, len(frames.offsets), FRAMES_AT_ONCE):
        offsets = frames.offsets[first : first + FRAMES_AT_ONCE]
        places = offsets + stamp_bytes
        heads = heads_of(content, places)
        intact = checksums.check(content, offsets, places, heads)
        checksums.count(content, offsets[intact], places[intact], heads.first[intact], heads.sender[intact])
        numbers.append(_numbers(log, content, offsets[intact], places[intact], heads, intact))
        for msg_id, (name, dtype) in tables.items():
            mine = np.flatnonzero(intact & (heads.msg_id == msg_id))
            values = _payloads(content, heads.payload[mine], heads.length[mine], dtype)
            stamps_us = _stamps(log, content, offsets[mine])
            rows = MessageRecords(name, offsets[mine], stamps_us, values, sender=heads.sender[mine])
            parts[msg_id].append(rows)
    for msg_id, (name, _) in tables.items():
        (log.rows if msg_id in USED else log.beside)[name] = MessageRecords.joined(parts.pop(msg_id))
    log.beside[""] = MessageRecords.joined(numbers)
    checksums.report(log)
    _report(log, frames, len(data))
    return log


@dataclass(slots=True)
class _Checksums:
    """MavlinkFrames whose checksum is not right, by what they are: the first place and how many."""

    relayed: list[int] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)
    foreign_ids: set[int] = field(default_factory=set)
    last_number: dict[int, int] = field(default_factory=dict)  # of each sender
    steps: dict[int, list[int]] = field(default_factory=dict)  # of each sender: messages, in sequence, missing, first

    def count(self, content: NDArray[np.uint8], offsets: Ints, places: Ints, first: Bools, sender: Ints) -> None:
        """Note the numbers that are not there: each sender numbers its messages from 0 to 255 and round."""
        numbers = content[places + np.where(first, 2, 4)].astype(np.int64)
        for who in np.unique(sender).tolist():
            mine = np.flatnonzero(sender == who)
            chain = np.concatenate([[self.last_number.get(who, numbers[mine[0]] - 1)], numbers[mine]])  # pyright: ignore[reportArgumentType, reportCallIssue]
            step = np.diff(chain) % 256
            missing = np.where((step > 1) & (step < HALF_ROUND), step - 1, 0)
            seen = self.steps.setdefault(who, [0, 0, 0, -1])
            seen[0], seen[1], seen[2] = (
                seen[0] + len(mine),
                seen[1] + int((step == 1).sum()),
                seen[2] + int(missing.sum()),
            )
            if seen[3] < 0 and missing.any():
                seen[3] = int(offsets[mine[np.flatnonzero(missing)[0]]])
            self.last_number[who] = int(numbers[mine[-1]])

    def check(self, content: NDArray[np.uint8], offsets: Ints, places: Ints, heads: Heads) -> Bools:
        """Tell which frames are intact; take note of the others."""
        intact, possible = good(content, places, heads)
        wrong = np.flatnonzero(~intact)
        if not len(wrong):
            return intact
        some = Heads(*(getattr(heads, name)[wrong] for name in Heads.__slots__))
        relayed = shortened(content, places[wrong], some)
        intact[wrong[relayed]] = True
        foreign = ~relayed & possible[wrong] & ~np.isin(some.msg_id, list(USED))
        self.relayed += offsets[wrong[relayed]].tolist()
        self.foreign += offsets[wrong[foreign]].tolist()
        self.foreign_ids.update(some.msg_id[foreign].tolist())
        self.bad += offsets[wrong[~relayed & ~foreign]].tolist()
        return intact

    def report(self, log: MessageLog) -> None:
        """Say what was found."""
        for who, (messages, in_sequence, missing, first) in sorted(self.steps.items()):
            # a ground station (255) sends over several links, and only some of that is recorded
            if missing and in_sequence >= IN_SEQUENCE * messages and who >> 8 != GROUND_SYSTEM:
                text = Message(
                    "of {sent:,} messages of {sender}, {missing:,} are not there by "
                    "their sequence numbers: lost on the way, not recorded, or cut out",
                    sent=messages + missing,
                    sender=f"{who >> 8}/{who & 0xFF}",
                    missing=missing,
                )
                log.note(Code.MISSING_RECORDS, Severity.INFO, text, first, missing)
        count = len(self.relayed)
        if count:
            text = Message(
                "{count} messages were shortened by a relay, which kept their checksum; they are intact", count=count
            )
            log.note(Code.UNKNOWN_RECORDS, Severity.INFO, text, self.relayed[0], count)
        count = len(self.foreign)
        if count:
            ids = sorted(self.foreign_ids)
            listed = ", ".join(map(str, ids[:8])) + (" ..." if len(ids) > 8 else "")
            text = Message(
                "{count} messages are defined otherwise than known here and were passed over (ids {listed})",
                count=count,
                listed=listed,
            )
            log.note(Code.UNKNOWN_RECORDS, Severity.INFO, text, self.foreign[0], count)
        count = len(self.bad)
        if count:
            text = Message("{count} messages have a wrong checksum and are not used", count=count)
            log.note(Code.BAD_RECORD, Severity.DAMAGE, text, self.bad[0], count)
            log.completeness = Completeness.DAMAGED


def _numbers(
    log: MessageLog, content: NDArray[np.uint8], offsets: Ints, places: Ints, heads: Heads, intact: Bools
) -> MessageRecords:
    """Return the number that each intact message has, by its sender's count."""
    values = np.zeros(len(offsets), np.dtype([("seq", "u1")]))
    values["seq"] = content[places + np.where(heads.first[intact], 2, 4)]
    return MessageRecords("MAVLink", offsets, _stamps(log, content, offsets), values, sender=heads.sender[intact])


def _stamps(log: MessageLog, content: NDArray[np.uint8], offsets: Ints) -> Ints:
    if not log.stamped or not len(offsets):
        return np.zeros(len(offsets), np.int64)
    stamps = np.ndarray((len(content) - 7,), np.dtype(">u8"), content.data, 0, (1,))[offsets]
    known: Ints = np.minimum(stamps, LATEST_STAMP_US).astype(np.int64)
    return known


def _payloads(content: NDArray[np.uint8], places: Ints, lengths: Ints, dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """Return the payloads as rows of `dtype`, with the zeros that MAVLink 2 cuts off."""
    rows = np.zeros((len(places), dtype.itemsize), np.uint8)
    for length in np.unique(lengths).tolist():
        size = min(length, dtype.itemsize)
        mine = np.flatnonzero(lengths == length)
        if size:
            rows[mine, :size] = gathered(content.data, places[mine], size)
    return rows.view(dtype).reshape(-1)


def _report(log: MessageLog, frames: MavlinkFrames, size: int) -> None:
    if frames.cut is not None:
        log.note(Code.TRUNCATED, Severity.DAMAGE, cut_text(size - frames.cut), frames.cut)
        if log.completeness is Completeness.COMPLETE:
            log.completeness = Completeness.TRUNCATED
    if frames.holes:
        text = holes_text(frames.holes)
        log.note(Code.BYTES_SKIPPED, Severity.DAMAGE, text, frames.holes[0][0], len(frames.holes))
        log.completeness = Completeness.DAMAGED
