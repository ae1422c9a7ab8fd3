"""OpenAir text as blocks: one per zone, its records still as written, each with its line number.

No line is passed over where the outline may have lost a point by it. A line that is no record stays in the outline that
it stands in (or that it may be a part of), as a record without a tag, which no pen can draw; so does an outline record
that lost its line end and stands in a name or a limit. Elsewhere a stray line is told and costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dronecheck.airspace.common.drawn_outline import TextRecord, holds_outline, read_point
from dronecheck.airspace.common.notes import Notes
from dronecheck.issues import Code, Severity
from dronecheck.messages import Message
from dronecheck.safe.io import plain
from dronecheck.safe.text import utf16_of

__all__ = ["Block", "blocks", "decode", "records"]

_RECORD = re.compile(r"([A-Z]{2}(?![A-Z])|[a-z]{2}(?![a-z])|[Vv](?=\s))\s*([^\r\n]*)")
_ATTRIBUTES = frozenset({"AN", "AY", "AI", "AH", "AL", "AA", "AF", "AG", "AR", "AX"})
_OUTLINE = frozenset({"V", "DP", "DA", "DB", "DC", "DY"})
_DRAWING = frozenset({"AT", "SP", "SB"})  # where a label stands, pens and brushes: nothing of the zone
_TERRAIN = frozenset({"TO", "TC"})
_STRAY = ""  # the tag of a line that is no record of a known kind
_KNOWN = _ATTRIBUTES | _OUTLINE | _DRAWING | _TERRAIN | {"AC"}
_LIKE_OUTLINE = re.compile(  # a coordinate, a number alone, a variable, a mistyped tag
    r"\d\s*[:°]\s*\d+\s*[:'′]\s*\d|\d[\d.:]*\s*[NSEW](?![A-Z])|(?<!=)=(?!=)|^[^A-Z]*\d[^A-Z]*$|^(?:D\s*[PABCY]|V)(?![A-Z])"
    r"|^[+-]$|^(?=.{1,5}$)[^A-Z]*(?:[DPABCYVXNSEW][^A-Z]*){1,4}$",
    re.IGNORECASE,
)


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
    def has_outline(self) -> bool:
        """Tell whether an outline has begun."""
        return any(record.tag != _STRAY for record in self.outline)

    def take_strays(self) -> list[TextRecord]:
        """Return the lines before and after the outline that are no part of it, and leave them out."""
        drawn = [
            number for number, record in enumerate(self.outline) if record.tag != _STRAY or _is_like_outline(record)
        ]
        first, last = (drawn[0], drawn[-1] + 1) if drawn else (0, 0)
        strays = self.outline[:first] + self.outline[last:]
        self.outline = self.outline[first:last]
        return strays

    @property
    def name(self) -> str:
        """Return the last name, made safe to print: one that stands before the AC record is the last resort."""
        return plain(next(reversed(self.texts("AN")), f"zone of line {self.line}"), 120)


def decode(data: bytes, notes: Notes) -> str:
    """Decode the text: UTF-16, UTF-8 (a mark before it or not), else Windows-1252, with an issue."""
    utf16 = utf16_of(data)
    if utf16:
        return data.decode(utf16, "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        notes.add(Code.NOT_UTF8, Message("not UTF-8; read as Windows-1252"), number=line, severity=Severity.INFO)
        return data.decode("cp1252", errors="replace")


def records(text: str) -> Iterator[TextRecord]:
    """Yield the lines that say something: records, and without a tag those that are none of a known kind."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped[0] == "*":
            continue
        found = _RECORD.fullmatch(stripped)
        tag = found[1].upper() if found else _STRAY
        rest = found[2] if found and tag in _KNOWN else stripped
        text = rest if "*" not in rest else _without_comment(rest)
        yield TextRecord(number, tag if tag in _KNOWN else _STRAY, text)


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
            if holds_outline(record.text):
                self._put(TextRecord(record.line, _STRAY, record.text))
            return
        if self.early_name is not None and tag in _ATTRIBUTES | _OUTLINE:
            classed, doubt = (block.classed, _NO_CLASS) if block is not None else ("", _NO_CLASS_AT_ALL)
            yield from self._begin(Block(self.early_name.line, classed, doubt=doubt))
        if tag in _TERRAIN and not holds_outline(record.text):
            yield from self.finish()
            self.in_terrain = True
            self.notes.add(Code.NO_AREA, Message("terrain, no airspace"), number=record.line, severity=Severity.INFO)
        elif tag == "AN" and (self.block is None or self.block.has_outline) and not holds_outline(record.text):
            self.early_name = record
        elif self.block is None and not self.in_terrain and (tag in _OUTLINE or _is_like_outline(record)):
            yield from self._begin(Block(record.line, "", doubt=_NO_CLASS_AT_ALL))
            self._put(record)
        else:
            self._put(record)

    def _put(self, record: TextRecord) -> None:
        tag, block = record.tag, self.block
        if block is None:
            if not self.in_terrain and tag not in _DRAWING:
                what = Message("a record {tag} outside any zone", tag=tag) if tag else _what_is(record)
                self._skip(record, what)
        elif tag in _OUTLINE or tag == _STRAY:
            block.outline.append(record)
        elif tag in _TERRAIN or holds_outline(record.text if tag != "AT" else _without_point(record.text)):
            block.outline.append(TextRecord(record.line, _STRAY, f"{tag} {record.text}"))
        elif tag in _ATTRIBUTES:
            block.attributes.setdefault(tag, []).append(record)

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
        for stray in block.take_strays():
            self._skip(stray, _what_is(stray))
        if block.outline or any(block.texts(tag) for tag in block.attributes):
            yield block
        else:
            self._skip(
                TextRecord(block.line, "AC", ""),
                Message("an AC record ({classed}) with nothing after it", classed=plain(block.classed, 20)),
            )

    def _skip(self, record: TextRecord, what: Message) -> None:
        self.notes.add(
            Code.ZONE_RECORD_SKIPPED, what, name=Message("line {number}", number=record.line), number=record.line
        )


def _is_like_outline(record: TextRecord) -> bool:
    """Tell whether a stray line may be a part of an outline."""
    return record.tag == _STRAY and _LIKE_OUTLINE.search(record.text) is not None


def _what_is(stray: TextRecord) -> Message:
    found = _RECORD.fullmatch(stray.text)
    return Message("a record of an unknown kind, {tag}", tag=found[1].upper()) if found else _NO_RECORD


def _without_point(text: str) -> str:
    """Return the text of a label without its place."""
    found = read_point(text)
    return text[found[1] :] if found else text


_NO_RECORD = Message("no record of OpenAir")
_NO_CLASS = Message("a second name without an AC record; its class is taken from the zone before")
_NO_CLASS_AT_ALL = Message("a zone before the first AC record; its class is not known")
