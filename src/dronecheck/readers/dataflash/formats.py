"""DataFlash definitions and rows: what a FMT record says, and the values of one kind of record.

    FMT         type u8, length u8 (whole record), name[4], format[16], columns[64] (separated by commas)
    format      one character a column: bB hH iI qQ integers, g f d floats, M mode, n N Z text of 4, 16, 64 bytes,
                a 32 integers; scaled: c C e E 1/100, L 1e-7 degrees

A definition whose format does not add up to its length has a wrong byte. Which of the two is right, or which of two
definitions of one type, shows in the records themselves: at their ends must be the next header.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import zip_longest

import numpy as np

from dronecheck.messages import Message
from dronecheck.readers.common.account import Account
from dronecheck.readers.common.clock.mapping import Starts, TimeMapping
from dronecheck.readers.common.records import Records
from dronecheck.readers.common.stretches import Buffer
from dronecheck.readers.dataflash import FMT_TYPE, MARK
from dronecheck.readers.dataflash.frames import FMT_BYTES, HEADER_BYTES
from dronecheck.safe.io import plain

__all__ = ["DataflashLog", "Definition", "Definitions"]


_CODES = {
    "b": "i1", "B": "u1", "M": "u1", "h": "<i2", "H": "<u2", "c": "<i2", "C": "<u2", "i": "<i4", "I": "<u4",
    "e": "<i4", "E": "<u4", "L": "<i4", "q": "<i8", "Q": "<u8", "g": "<f2", "f": "<f4", "d": "<f8",
    "n": "S4", "N": "S16", "Z": "S64", "a": "V64",
}  # fmt: skip
_SIZES = {code: np.dtype(kind).itemsize for code, kind in _CODES.items()}
_DIVISORS = {"c": 100.0, "C": 100.0, "e": 100.0, "E": 100.0, "L": 1e7}
PROBES = 32  # records looked at to tell which length is right
PROBE_BYTES = 8 << 20  # ... within this much of the file
RECEIVER_COLUMNS = {"Status", "NSats", "HDop", "Lat", "Lng"}
EARLY_BYTES = 1 << 20
VERSIONS_AT_MOST = 8  # definitions of one type


@dataclass(slots=True)
class DataflashLog(Account):
    """What a DataFlash log holds, as far as it was asked for."""

    rows: dict[str, Records] = field(default_factory=dict)
    preamble: list[str] = field(default_factory=list)  # of a text log
    starts: Starts = field(default_factory=Starts.one)  # of the clock
    mapping: TimeMapping | None = None  # from time since boot to UTC (or to one axis), once it is known


@dataclass(frozen=True, slots=True)
class Definition:
    """One FMT record."""

    kind: int
    length: int
    name: str
    format: str
    columns: tuple[str, ...]

    @classmethod
    def parse(cls, record: bytes) -> Definition:
        """Parse the 89 bytes of the record."""
        text = [part.split(b"\0")[0].decode("latin-1") for part in (record[5:9], record[9:25], record[25:89])]
        return cls(record[3], record[4], text[0], text[1], tuple(text[2].split(",")))

    @property
    def format_length(self) -> int:
        """Return the record length that the format adds up to; 0 when it has an unknown character."""
        try:
            return HEADER_BYTES + sum([_SIZES[code] for code in self.format])
        except KeyError:
            return 0

    def flaw(self, length: int) -> Message:
        """Return why the values of records of that length cannot be read with it; "" when they can."""
        name = self.name
        if not name.isalnum() or not name.isascii():
            return Message("type {kind} has no usable name ({name!r})", kind=self.kind, name=plain(name, 20))
        if self.format_length != length:
            return Message(
                "the format {format!r} of {name} does not add up to its length ({length})",
                format=plain(self.format, 20),
                name=name,
                length=length,
            )
        # the definition of definitions itself lacks a name in old logs
        lacks_one = self.kind == FMT_TYPE and len(self.columns) < len(self.format)
        if len(self.columns) != len(self.format) and not lacks_one:
            return Message(
                "{name} has {formats} formats and {columns} column names",
                name=name,
                formats=len(self.format),
                columns=len(self.columns),
            )
        return Message("")

    def dtype(self) -> np.dtype[np.void]:
        """Return the layout of a whole record."""
        names: dict[str, tuple[str, int]] = {}
        place = HEADER_BYTES
        for column, code in zip_longest(self.columns, self.format, fillvalue=""):
            names.setdefault(column.strip(), (_CODES[code], place))
            place += _SIZES[code]
        formats, offsets = zip(*names.values(), strict=True) if names else ((), ())
        return np.dtype({"names": list(names), "formats": formats, "offsets": offsets, "itemsize": place})

    def divisors(self) -> dict[str, float]:
        """Return what the raw values of the scaled columns are divided by."""
        pairs = zip(self.columns, self.format, strict=False)
        return {column.strip(): _DIVISORS[code] for column, code in pairs if code in _DIVISORS}


class Definitions:
    """The definitions of one file; of several for one type, the one that its records bear out."""

    def __init__(self, data: Buffer) -> None:
        self.data = data
        self.flaws: dict[int, Message] = {}  # by offset of the FMT record
        self.idle: set[int] = set()  # types with a flaw that no record seems to have: without consequence
        self.used: dict[int, Definition] = {}
        self.lengths: dict[int, int] = {FMT_TYPE: FMT_BYTES}
        self._seen: dict[int, dict[Definition, int]] = {}  # by type: definition -> offset
        self._taken: set[int] = set()

    def harmful(self) -> bool:
        """Tell whether a flaw concerns records that there are."""
        kinds = {kind for kind, versions in self._seen.items() if self.flaws.keys() & set(versions.values())}
        return bool(kinds - self.idle)

    def take(self, offsets: Iterable[int]) -> bool:
        """Take the FMT records at these offsets; whether the lengths changed."""
        changed = set()
        for offset in offsets:
            if offset in self._taken:
                continue
            self._taken.add(offset)
            definition = Definition.parse(bytes(self.data[offset : offset + FMT_BYTES]))
            versions = self._seen.setdefault(definition.kind, {})
            if definition not in versions and len(versions) < VERSIONS_AT_MOST:
                versions[definition] = offset
                changed.add(definition.kind)
        before = self.lengths.copy()
        for kind in changed:
            self._choose(kind)
        return self.lengths != before

    def take_early(self) -> None:
        """Take what looks like sound FMT records in the first part of the file, wherever they lie.

        They only save a walk without them: where records of the walk say otherwise, those decide.
        """
        key = MARK + bytes([FMT_TYPE])
        place, found = self.data.find(key, 0, EARLY_BYTES), []
        while place >= 0:
            record = bytes(self.data[place : place + FMT_BYTES])
            if place not in self._taken and len(record) == FMT_BYTES:
                definition = Definition.parse(record)
                if definition.kind not in self.lengths and not definition.flaw(definition.length):
                    found.append(place)
            place = self.data.find(key, place + 1, EARLY_BYTES)
        self.take(found)

    def _choose(self, kind: int) -> None:
        """Settle the length and the definition of a type."""
        versions = self._seen[kind]
        candidates = list(dict.fromkeys(n for d in versions for n in (d.length, d.format_length) if n > HEADER_BYTES))
        if kind == FMT_TYPE:
            candidates = [FMT_BYTES]
        elif len(candidates) > 1 or any(definition.flaw(definition.length) for definition in versions):
            counts = self._borne_out(kind, candidates)
            candidates.sort(key=lambda n: -counts[n])
            (self.idle.discard if any(counts.values()) else self.idle.add)(kind)
        for offset in versions.values():
            self.flaws.pop(offset, None)
        if not candidates or candidates[0] > 255:
            self.flaws[min(versions.values())] = Message("type {kind} has no usable length", kind=kind)
            return
        length = self.lengths[kind] = candidates[0]
        for definition, offset in versions.items():
            flaw = definition.flaw(length)
            if not flaw and definition.length != length:
                self.flaws[offset] = Message(
                    "the length of {name} is {length}, not {stated}",
                    name=definition.name,
                    length=length,
                    stated=definition.length,
                )
            elif flaw:
                self.flaws[offset] = flaw
        fit = [definition for definition in versions if not definition.flaw(length)]
        if fit:
            self.used[kind] = fit[0]
            if set(fit[0].columns) >= RECEIVER_COLUMNS and not fit[0].name.startswith("GPS"):
                self.flaws[versions[fit[0]]] = Message(
                    "{name} has the columns of GPS, and is read as GPS", name=fit[0].name
                )
                self.used[kind] = replace(fit[0], name="GPS")
        else:
            self.used.pop(kind, None)

    def _borne_out(self, kind: int, candidates: list[int]) -> dict[int, int]:
        """Return how often another header follows the first records of a type, for each length."""
        counts = dict.fromkeys(candidates, 0)
        key = MARK + bytes([kind])
        place = self.data.find(key, 0, PROBE_BYTES)
        for _ in range(PROBES):
            if place < 0:
                break
            for length in candidates:
                end = place + length
                counts[length] += end == len(self.data) or self.data[end : end + 2] == MARK
            place = self.data.find(key, place + 1, PROBE_BYTES)
        return counts
