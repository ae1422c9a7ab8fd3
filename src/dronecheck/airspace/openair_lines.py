"""OpenAir text as blocks: one per zone, its records still as written, each with its line number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dronecheck.issues import Code, Issue, Severity
from dronecheck.safeio import plain

__all__ = ["Block", "Notes", "Record", "blocks", "decode", "records"]

_RECORD = re.compile(r"([A-Z]{2}(?![A-Z])|[a-z]{2}(?![a-z])|[Vv](?=\s))\s*([^\r\n]*)")
_ATTRIBUTES = frozenset({"AN", "AY", "AI", "AH", "AL", "AA", "AF", "AG", "AR", "AX"})
_OUTLINE = frozenset({"V", "DP", "DA", "DB", "DC", "DY"})
_DRAWING = frozenset({"AT", "SP", "SB"})  # where a label stands, pens and brushes: nothing of the zone
_TERRAIN = frozenset({"TO", "TC"})
_MOST_ISSUES = 1_000  # of one code; further ones are counted


@dataclass(frozen=True, slots=True)
class Record:
    """One line: its number from 1, its tag in capitals and the rest, without comments."""

    line: int
    tag: str
    text: str


@dataclass(slots=True)
class Block:
    """The records of one zone: its class, its attributes by tag, and its outline in order."""

    line: int
    classed: str
    attributes: dict[str, list[Record]] = field(default_factory=dict)
    outline: list[Record] = field(default_factory=list)
    doubt: str = ""

    def texts(self, tag: str) -> list[str]:
        """What the records of a tag say, in order, without empty ones."""
        return [record.text for record in self.attributes.get(tag, ()) if record.text]

    @property
    def name(self) -> str:
        """The first name, made safe to print."""
        return plain(next(iter(self.texts("AN")), f"zone of line {self.line}"), 120)


class Notes:
    """The issues of a file: those of one kind are counted together, and none grows without end."""

    def __init__(self) -> None:
        self._kept: dict[object, Issue] = {}
        self._of_code: dict[Code, int] = {}

    def add(
        self, code: Code, message: str, line: int, *, kind: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        """Note one thing; further ones of the same `kind` (if given) only raise the count of the first."""
        key: object = (code, kind) if kind else (code, line, message)
        kept = self._of_code.get(code, 0)
        if key not in self._kept and kept >= _MOST_ISSUES:
            key, message = (code, None), f"more than {_MOST_ISSUES:,} of this kind; the further ones are only counted"
        before = self._kept.get(key)
        if before is None:
            self._of_code[code] = kept + 1
            self._kept[key] = Issue(code, severity, message, line)
        else:
            self._kept[key] = Issue(code, severity, before.message, before.offset, before.count + 1)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """In the order of their first lines."""
        return tuple(sorted(self._kept.values(), key=lambda issue: issue.offset or 0))


def decode(data: bytes, notes: Notes) -> str:
    """The text: UTF-8 (a mark before it or not), else Windows-1252, with an issue."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        notes.add(Code.NOT_UTF8, "not UTF-8; read as Windows-1252", line, severity=Severity.INFO)
        return data.decode("cp1252", errors="replace")


def records(text: str, notes: Notes) -> Iterator[Record]:
    """The lines that are records. Lines that are neither these nor comments are issues."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped[0] == "*":
            continue
        found = _RECORD.fullmatch(stripped)
        if found is None:
            shown = plain(stripped[:60], 40)
            notes.add(Code.BAD_LINE, f"a line that is no record: {shown!r}", number, kind="line")
            continue
        tag, rest = found[1].upper(), found[2]
        yield Record(number, tag, rest if "*" not in rest else _without_comment(rest))


def _without_comment(text: str) -> str:
    """Up to a star at its beginning or after a space: a star inside a word belongs to it."""
    return re.split(r"(?:^|(?<=\s))\*", text, maxsplit=1)[0].rstrip()


def blocks(found: Iterator[Record], notes: Notes) -> Iterator[Block]:
    """The zones. Records before the first and unknown ones are issues; terrain ends a zone and is none."""
    block: Block | None = None
    terrain = False
    for record in found:
        tag = record.tag
        if tag == "AC" or (tag == "AN" and block is not None and block.outline and "AN" in block.attributes):
            yield from _finished(block, notes)
            block, terrain = _begun(record, block), False
        elif tag in _TERRAIN:
            yield from _finished(block, notes)
            block, terrain = None, True
            notes.add(Code.NO_AREA, "terrain, no airspace", record.line, kind="terrain", severity=Severity.INFO)
        elif tag in _DRAWING or (terrain and tag in _OUTLINE):
            continue
        elif block is not None and tag in _OUTLINE:
            block.outline.append(record)
        elif block is not None and tag in _ATTRIBUTES:
            block.attributes.setdefault(tag, []).append(record)
        elif tag in _OUTLINE or tag in _ATTRIBUTES:
            notes.add(Code.BAD_LINE, f"a record {tag} outside any zone", record.line, kind="outside")
        else:
            notes.add(Code.UNKNOWN_RECORDS, f"records of an unknown kind, the first {tag}", record.line, kind="tag")
    yield from _finished(block, notes)


def _begun(record: Record, before: Block | None) -> Block:
    if record.tag == "AC":
        return Block(record.line, record.text)
    return Block(
        record.line,
        before.classed if before else "",
        {"AN": [record]},
        doubt="a second name without a class: an AC line may be missing, and the class is that of the zone before",
    )


def _finished(block: Block | None, notes: Notes) -> Iterator[Block]:
    if block is None:
        return
    if block.attributes or block.outline:
        yield block
    else:
        notes.add(Code.BAD_LINE, f"an AC record ({plain(block.classed, 20)}) with nothing after it", block.line)
