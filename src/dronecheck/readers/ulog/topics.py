"""From ULog records to topics: definitions, subscriptions, and the rows of the topics asked for.

    file header         magic 55 4C 6F 67 01 12 35, version u8, microseconds since boot u64
    'B' flag bits       compatible[8], incompatible[8] (bit 0: data appended after a crash), 3 offsets u64 of that data
    'F' format          see `formats`
    'A' subscription    instance u8, id u16, topic
    'D' data            id u16, the topic's fields without the padding at its end
    'I' information     key length u8, "type key", value
    'L', 'C' text       level u8, (tag u16,) microseconds u64, text
    'O' dropout         milliseconds u16 that the logger lost

A row belongs to the last subscription of its id before it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from dronecheck.arrays import Ints
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message, several, told_by
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.clock.mapping import Starts
from dronecheck.readers.common.parallel_scan import cut_text, holes_text
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.stretches import Buffer, gathered
from dronecheck.readers.ulog import MAGIC
from dronecheck.readers.ulog.formats import BASIC_BYTES, Formats
from dronecheck.readers.ulog.frames import DATA, HEADER_BYTES, Grammar, UlogFrames, definitions, walk
from dronecheck.safe.io import plain

__all__ = ["LoggedText", "TopicLog", "TopicRecords", "load"]


FILE_HEADER_BYTES = 16
FLAGS = struct.Struct("<8s8s3Q")
HEAD = np.dtype({"names": ["size", "id"], "formats": ["<u2", "<u2"], "offsets": [0, 3]})  # of a data record
MESSAGES_AT_MOST = 1000
SUBSCRIPTIONS_AT_MOST = 100  # of one id
BAD_AT_MOST = 1000
INFORMATION = frozenset(("sys_name", "sys_uuid", "ver_hw", "ver_sw", "ver_sw_release"))
MESSAGE_CHARS_AT_MOST = 300
WALKS_AT_MOST = 3
YEAR_2100_US = 4_102_444_800_000_000  # simulators count microseconds since 1970 instead of boot


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TopicRecords(Records):
    """The rows of one instance of a topic; `time_us` counts since boot."""

    instance: int


@dataclass(frozen=True, slots=True)
class LoggedText:
    """A text that the autopilot logged."""

    time_us: int
    text: str
    offset: int
    level: int = 6  # as the Linux kernel's, from 0 (emergency) to 7 (debug)


@dataclass(slots=True)
class TopicLog(Account):
    """What a ULog file holds, as far as it was asked for."""

    info: dict[str, str | int] = field(default_factory=dict)
    rows: dict[str, list[TopicRecords]] = field(default_factory=dict)
    messages: list[LoggedText] = field(default_factory=list)
    starts: Starts = field(default_factory=Starts.one)  # of the clock

    def first(self, topic: str) -> TopicRecords | None:
        """Return the rows of a topic's lowest instance, by ascending time; None when there are none."""
        rows = min(self.rows.get(topic, ()), key=lambda rows: rows.instance, default=None)
        return rows.ascending() if rows else None


@dataclass(frozen=True, slots=True)
class _Subscription:
    offset: int
    instance: int
    topic: str


def load(data: Buffer, topics: frozenset[str]) -> TopicLog:
    """Read a ULog file; only the rows of `topics` are kept. Raises UnreadableInput."""
    if len(data) < FILE_HEADER_BYTES:
        raise UnreadableInput("too_short", f"only {len(data)} bytes of a ULog file; nothing was recorded")
    if data[: len(MAGIC)] != MAGIC:
        raise UnreadableInput("not_ulog", "no ULog file: it does not begin with the ULog magic")
    return _Loader(data, topics).run()


class _Loader:
    def __init__(self, data: Buffer, topics: frozenset[str]) -> None:
        self.data, self.topics = data, topics
        self.log = TopicLog()
        self.formats = Formats()
        self.subscriptions: dict[int, dict[int, _Subscription]] = {}  # by id, by offset
        self.bad: dict[int, Message] = {}  # definitions that cannot be used, by offset
        self.renamed: set[str] = set()  # keys of information that the file states twice, and differently

    def run(self) -> TopicLog:
        head, place = definitions(self.data, FILE_HEADER_BYTES, len(self.data))
        sections = self._sections(place)
        self._define(self._records(head))
        for _ in range(WALKS_AT_MOST):
            grammar = self._grammar()
            frames = _join(walk(self.data, start, end, grammar) for start, end in sections)
            kinds = np.frombuffer(self.data, np.uint8)[frames.offsets + 2]
            others = frames.offsets[kinds != DATA].tolist()
            self._define(self._records(others))
            # A definition that comes late is simply used; what is damaged is read again with its help.
            if not frames.holes or self._grammar().data_sizes == grammar.data_sizes:
                break
        if not len(self.formats):
            raise UnreadableInput("no_content", "a ULog file without records of a flight; nothing was recorded")
        unknown, misfits = self._collect(frames.offsets[kinds == DATA], self._odd_data(frames))
        self._texts(others)
        self._report(frames, unknown, misfits)
        return self.log

    def _records(self, offsets: Iterable[int]) -> Iterator[tuple[int, str, bytes]]:
        """Yield offset, kind and payload."""
        for offset in offsets:
            body = offset + HEADER_BYTES
            size = int.from_bytes(self.data[offset : offset + 2], "little")
            yield offset, chr(self.data[offset + 2]), self.data[body : body + size]

    # ---- definitions

    def _sections(self, first: int) -> list[tuple[int, int]]:
        """Return the spans of records: the log itself, then what was appended after a crash."""
        end = len(self.data)
        place = FILE_HEADER_BYTES + HEADER_BYTES
        if first < place + FLAGS.size or self.data[place - 1] != ord("B"):
            return [(first, end)]
        _, incompatible, *offsets = FLAGS.unpack_from(self.data, place)
        if incompatible[0] & 0xFE or any(incompatible[1:]):
            text = f"a ULog file with features that this version does not know (flags {incompatible.hex()})"
            raise UnreadableInput("ulog_incompatible", text)
        offsets = [offset for offset in offsets if offset] if incompatible[0] else []
        inside = sorted({offset for offset in offsets if first <= offset < end})
        if [offset for offset in offsets if offset < end] != inside:
            self.bad[FILE_HEADER_BYTES] = Message("the offsets of appended data are not in order")
        beyond = [offset for offset in offsets if offset > end]
        if beyond:
            text = Message(
                "the file ends before the appended data that its header promises at byte {offset:,}", offset=beyond[0]
            )
            self._truncated(text, end)
        if inside:
            self.log.note(
                Code.APPENDED_DATA, Severity.INFO, Message("data was appended after a crash"), inside[0], len(inside)
            )
        return list(pairwise([first, *inside, end]))

    def _define(self, records: Iterable[tuple[int, str, bytes]]) -> None:
        """Take formats, subscriptions and information from these records."""
        for offset, kind, body in records:
            try:
                if kind == "F":
                    self.formats.add(body.decode())
                elif kind == "A":
                    self._subscribe(_Subscription(offset, body[0], body[3:].decode()), body)
                elif kind == "I":
                    self._information(offset, body)
            except ValueError as error:
                is_text = isinstance(error, UnicodeDecodeError)
                self._bad(offset, Message("text that is not UTF-8") if is_text else told_by(error))

    def _bad(self, offset: int, why: Message) -> None:
        if len(self.bad) < BAD_AT_MOST:
            self.bad.setdefault(offset, why)

    def _subscribe(self, sub: _Subscription, body: bytes) -> None:
        subs = self.subscriptions.setdefault(int.from_bytes(body[1:3], "little"), {})
        if len(subs) >= SUBSCRIPTIONS_AT_MOST and sub.offset not in subs:
            raise ValueError(
                Message(
                    "more than {subscriptions_at_most} subscriptions of one id",
                    subscriptions_at_most=SUBSCRIPTIONS_AT_MOST,
                )
            )
        subs[sub.offset] = sub

    def _information(self, offset: int, body: bytes) -> None:
        kind, _, key = body[1 : 1 + body[0]].decode().partition(" ")
        if key not in INFORMATION:
            return
        value = body[1 + body[0] :]
        told: str | int
        if kind.startswith("char"):
            told = plain(value.decode("utf-8", "replace").rstrip("\0"), 100)
        elif BASIC_BYTES.get(kind) == len(value) and "int" in kind:
            told = int.from_bytes(value, "little")
        else:
            return
        if self.log.info.setdefault(key, told) != told and key not in self.renamed:
            self.renamed.add(key)
            text = Message("the file states its {key} anew, as another one", key=key)
            self.log.note(Code.IDENTITY_CHANGES, Severity.WARNING, text, offset)

    def _grammar(self) -> Grammar:
        sizes: dict[int, int] = {}
        wanted = set()
        for msg_id, subs in self.subscriptions.items():
            for sub in subs.values():
                size = self.formats.size(sub.topic)
                if size is not None:
                    sizes.setdefault(msg_id, size + 2)
                if sub.topic in self.topics:
                    wanted.add(msg_id)
        return Grammar(sizes, wanted)

    # ---- rows

    def _odd_data(self, frames: UlogFrames) -> Ints:
        """Return data records of another size than their id's first subscription says."""
        return np.array([at for at in frames.odd if self.data[at + 2] == DATA], np.int64)

    def _collect(self, offsets: Ints, odd: Ints) -> tuple[list[int], list[int]]:
        """Put data records into the rows of their topics; gives those without subscription, and of a wrong size."""
        if len(odd):
            offsets = np.sort(np.append(offsets, odd))
        heads = gathered(self.data, offsets, HEAD.itemsize).view(HEAD).reshape(-1)
        unknown: list[int] = []
        misfits: list[int] = []
        parts: dict[tuple[str, int], list[TopicRecords]] = {}
        order = np.argsort(heads["id"], kind="stable")
        ids, starts = np.unique(heads["id"][order], return_index=True)
        for msg_id, mine in zip(ids.tolist(), np.split(order, starts[1:]), strict=False):
            places, sizes = offsets[mine], heads["size"][mine]
            subs = sorted(self.subscriptions.get(msg_id, {}).values(), key=lambda sub: sub.offset)
            borders = [0, *np.searchsorted(places, [sub.offset for sub in subs]).tolist(), len(places)]
            unknown += places[: borders[1]].tolist() if subs else places.tolist()
            for sub, first, last in zip(subs, borders[1:], borders[2:], strict=False):
                dtype = self.formats.dtype(sub.topic) if last > first else None
                if dtype is None:
                    if last > first:
                        self._bad(
                            sub.offset, Message("topic {topic!r} has no usable format", topic=plain(sub.topic, 40))
                        )
                    continue
                fits = sizes[first:last] == dtype.itemsize + 2
                misfits += places[first:last][~fits].tolist()
                if sub.topic in self.topics and fits.any():
                    rows = self._rows(sub, places[first:last][fits], dtype)
                    parts.setdefault((sub.topic, sub.instance), []).append(rows)
        for (topic, _), found in parts.items():
            self.log.rows.setdefault(topic, []).append(_merge(found))
        return unknown, misfits

    def _rows(self, sub: _Subscription, offsets: Ints, dtype: np.dtype[np.void]) -> TopicRecords:
        values = gathered(self.data, offsets + (HEADER_BYTES + 2), dtype.itemsize).view(dtype).reshape(-1)
        time_us = np.zeros(len(offsets), np.int64)
        if "timestamp" in (dtype.names or ()) and dtype["timestamp"] == np.uint64:
            time_us = np.minimum(values["timestamp"], np.uint64(2**62)).astype(np.int64)
        return TopicRecords(sub.topic, offsets, time_us, values, instance=sub.instance)

    def _texts(self, offsets: list[int]) -> None:
        lost_ms = []
        count = 0
        for offset, kind, body in self._records(offsets):
            if kind == "O":
                lost_ms.append((offset, int.from_bytes(body, "little")))
            if kind not in "LC":
                continue
            skip = 3 if kind == "C" else 1
            time_us = int.from_bytes(body[skip : skip + 8], "little")
            count += time_us < YEAR_2100_US
            if time_us < YEAR_2100_US and count <= MESSAGES_AT_MOST:
                text = plain(body[skip + 8 :].decode("utf-8", "replace").strip(), MESSAGE_CHARS_AT_MOST)
                self.log.messages.append(LoggedText(time_us, text, offset, body[0] - ord("0")))
        if count > MESSAGES_AT_MOST:
            last = self.log.messages[-1]
            self.log.messages.append(replace(last, text=f"({count - MESSAGES_AT_MOST} more messages are not listed)"))
        if lost_ms:
            total = sum(ms for _, ms in lost_ms)
            text = Message(
                "the logger itself lost data {times} times, {total} ms in all", times=len(lost_ms), total=total
            )
            self.log.note(Code.LOG_DROPOUT, Severity.WARNING, text, lost_ms[0][0], len(lost_ms))

    # ---- damage

    def _truncated(self, text: Message, offset: int) -> None:
        self.log.note(Code.TRUNCATED, Severity.DAMAGE, text, offset)
        self.log.completeness = Completeness.TRUNCATED

    def _report(self, frames: UlogFrames, unknown: list[int], misfits: list[int]) -> None:
        log = self.log
        if frames.cut is not None:
            self._truncated(cut_text(len(self.data) - frames.cut), frames.cut)
        if frames.holes:
            text = holes_text(frames.holes)
            log.note(Code.BYTES_SKIPPED, Severity.DAMAGE, text, frames.holes[0][0], len(frames.holes))
        strange = [at for at in frames.odd if self.data[at + 2] != DATA]
        lost_id = Message("{count} data records of an id without subscription were passed over", count=len(unknown))
        lost_size = Message(
            "{count} data records do not have the size of their format and were passed over", count=len(misfits)
        )
        why = several(list(dict.fromkeys(self.bad.values()))[:5])
        damage = (
            (Code.UNKNOWN_RECORDS, unknown, lost_id),
            (Code.BAD_RECORD, misfits, lost_size),
            (Code.BAD_DEFINITION, list(self.bad), Message("definitions that cannot be used: {why}", why=why)),
        )
        for code, places, text in damage:
            if places:
                log.note(code, Severity.DAMAGE, text, min(places), len(places))
        if strange:
            text = Message("{count} records of a kind unknown to this version were passed over", count=len(strange))
            log.note(Code.UNKNOWN_RECORDS, Severity.WARNING, text, strange[0], len(strange))
        if frames.holes or unknown or misfits or self.bad:
            log.completeness = Completeness.DAMAGED


def _join(parts: Iterable[UlogFrames]) -> UlogFrames:
    """Join the accounts of all sections; a record cut off by the section behind it is a hole."""
    whole = UlogFrames(np.zeros(0, np.int64))
    for part in parts:
        if whole.cut is not None:
            whole.holes.append((whole.cut, whole.end))
        whole.offsets = np.append(whole.offsets, part.offsets)
        whole.holes += part.holes
        whole.odd += part.odd
        whole.cut, whole.end = part.cut, part.end
    return whole


def _merge(parts: list[TopicRecords]) -> TopicRecords:
    """Merge several subscriptions of a topic into one table; of different formats the one with most rows."""
    dtype = max(parts, key=len).values.dtype
    same = [part for part in parts if part.values.dtype == dtype]
    return TopicRecords.joined(same)
