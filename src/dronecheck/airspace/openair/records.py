"""OpenAir text as blocks: one per zone, its records still as written, each with its line number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dronecheck.airspace.common.drawn_outline import TextRecord
from dronecheck.airspace.common.notes import Notes
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["Block", "blocks", "decode", "records"]

_RECORD = re.compile(r"([A-Z]{2}(?![A-Z])|[a-z]{2}(?![a-z])|[Vv](?=\s))\s*([^\r\n]*)")
_ATTRIBUTES = frozenset({"AN", "AY", "AI", "AH", "AL", "AA", "AF", "AG", "AR", "AX"})
_OUTLINE = frozenset({"V", "DP", "DA", "DB", "DC", "DY"})
_DRAWING = frozenset({"AT", "SP", "SB"})  # where a label stands, pens and brushes: nothing of the zone
_TERRAIN = frozenset({"TO", "TC"})


@dataclass(slots=True)
class Block:
    """The records of one zone: its class, its attributes by tag, and its outline in order."""

    line: int
    classed: str
    attributes: dict[str, list[TextRecord]] = field(default_factory=dict)
    outline: list[TextRecord] = field(default_factory=list)
    doubt: Message = Message("")

    def texts(self, tag: str) -> list[str]:
        """Return what the records of a tag say, in order, without empty ones."""
        return [record.text for record in self.attributes.get(tag, ()) if record.text]

    @property
    def name(self) -> str:
        """Return the last name, made safe to print: one that stands before the AC record is the last resort."""
        return plain(next(reversed(self.texts("AN")), f"zone of line {self.line}"), 120)


def decode(data: bytes, notes: Notes) -> str:
    """Decode the text: UTF-8 (a mark before it or not), else Windows-1252, with an issue."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        notes.add(Code.NOT_UTF8, Message("not UTF-8; read as Windows-1252"), number=line, severity=Severity.INFO)
        return data.decode("cp1252", errors="replace")


def records(text: str, notes: Notes) -> Iterator[TextRecord]:
    """Yield the lines that are records. Lines that are neither these nor comments are issues."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped[0] == "*":
            continue
        found = _RECORD.fullmatch(stripped)
        if found is None:
            notes.add(
                Code.ZONE_RECORD_SKIPPED,
                Message("no record of OpenAir"),
                name=Message("line {number}", number=number),
                number=number,
            )
            continue
        tag, rest = found[1].upper(), found[2]
        yield TextRecord(number, tag, rest if "*" not in rest else _without_comment(rest))


def _without_comment(text: str) -> str:
    """Return the text up to a star at its beginning or after a space: a star inside a word belongs to it."""
    return re.split(r"(?:^|(?<=\s))\*", text, maxsplit=1)[0].rstrip()


def blocks(found: Iterator[TextRecord], notes: Notes) -> Iterator[Block]:
    """Yield the zones' blocks. Records outside them and unknown ones are issues; terrain ends a zone and is none."""
    splitter = _Splitter(notes)
    for record in found:
        yield from splitter.take(record)
    yield from splitter.finish()


class _Splitter:
    """Puts records into blocks. A name after an outline begins a zone: with its AC record to come, or forgotten."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.block: Block | None = None
        self.early_name: TextRecord | None = None
        self.in_terrain = False

    def take(self, record: TextRecord) -> Iterator[Block]:
        """Put one record in its place; yields a block that it ends."""
        tag, block = record.tag, self.block
        if tag == "AC":
            yield from self._begin(Block(record.line, record.text))
            return
        if self.early_name is not None and block is not None and tag not in _DRAWING:
            yield from self._begin(Block(self.early_name.line, block.classed, doubt=_NO_CLASS))
        if tag in _TERRAIN:
            yield from self.finish()
            self.in_terrain = True
            self.notes.add(Code.NO_AREA, Message("terrain, no airspace"), number=record.line, severity=Severity.INFO)
        elif tag == "AN" and (block is None or block.outline):
            self.early_name = record
        elif tag in _OUTLINE or tag in _ATTRIBUTES:
            self._put(record)
        elif tag not in _DRAWING:
            self._skip(record, Message("a record of an unknown kind, {tag}", tag=tag))

    def _put(self, record: TextRecord) -> None:
        if self.block is None:
            if not self.in_terrain:
                self._skip(record, Message("a record {tag} outside any zone", tag=record.tag))
        elif record.tag in _OUTLINE:
            self.block.outline.append(record)
        else:
            self.block.attributes.setdefault(record.tag, []).append(record)

    def _begin(self, block: Block) -> Iterator[Block]:
        name, self.early_name = self.early_name, None
        yield from self.finish()
        self.block, self.in_terrain = block, False
        if name is not None:
            block.attributes["AN"] = [name]

    def finish(self) -> Iterator[Block]:
        """Yield the block begun so far."""
        block, self.block = self.block, None
        if self.early_name is not None:
            self._skip(self.early_name, Message("a name that belongs to no zone"))
            self.early_name = None
        if block is None:
            return
        if block.attributes or block.outline:
            yield block
        else:
            self._skip(
                TextRecord(block.line, "AC", ""),
                Message("an AC record ({classed}) with nothing after it", classed=plain(block.classed, 20)),
            )

    def _skip(self, record: TextRecord, what: Message) -> None:
        self.notes.add(
            Code.ZONE_RECORD_SKIPPED, what, name=Message("line {line}", line=record.line), number=record.line
        )


_NO_CLASS = Message("a second name without an AC record; its class is taken from the zone before")
