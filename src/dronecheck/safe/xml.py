"""XML from strangers: no entities, bounded depth and text, linear time, and byte offsets.

A document that declares entities (which can grow without bound, or name other files), or has one from a document type
elsewhere, is refused. Nothing outside the bytes is ever read.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol
from xml.parsers import expat

from dronecheck.errors import UnreadableInput

__all__ = ["Stop", "Walker", "walk_xml"]

CHUNK_BYTES = 1 << 20
UNFINISHED_AT_MOST_BYTES = 4 << 20  # the parser scans an unfinished tag again with every chunk
DEPTH_AT_MOST = 64
TEXT_AT_MOST_CHARS = 1 << 16  # of one element

_CUT = frozenset(("no element found", "unclosed token", "partial character", "unclosed CDATA section"))


class Walker(Protocol):
    """What is told of a document. Names come without their namespace prefix, unless they are asked for as written."""

    def start(self, name: str, attributes: Mapping[str, str], offset: int) -> None:
        """Take the beginning of an element at that byte."""

    def end(self, name: str, text: str, offset: int) -> None:
        """Take the end of an element; `text` is its own text from its last child on."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the document could not be read any further: its byte, why, and whether it just ends there."""

    offset: int
    why: str
    cut: bool


def walk_xml(
    data: bytes | mmap.mmap,
    walker: Walker,
    start: int = 0,
    prefix: bytes = b"",
    text_at_most_chars: int = TEXT_AT_MOST_CHARS,
    *,
    names_as_written: bool = False,
) -> Stop | None:
    """Tell `walker` of all elements of `prefix` and the bytes from `start` on; None when the document is whole.

    `prefix` opens the elements that a part of a document lacks; offsets are those of `data`. An element's text ends
    soon after `text_at_most_chars`. Raises UnreadableInput for declared entities, unbounded nesting, and an encoding
    that is not known.
    """
    return _Walk(walker, start - len(prefix), text_at_most_chars, names_as_written).run(data, start, prefix)


class _Walk:
    def __init__(self, walker: Walker, shift: int, text_at_most_chars: int, names_as_written: bool) -> None:
        self.walker, self.shift, self.text_at_most_chars = walker, shift, text_at_most_chars
        self.names_as_written = names_as_written
        self.depth = self.chars = 0
        self.text: list[str] = []
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse  # one of a document type that was not fetched

    def run(self, data: bytes | mmap.mmap, start: int, prefix: bytes) -> Stop | None:
        try:
            self.parser.Parse(prefix, False)
            for place in range(start, len(data), CHUNK_BYTES):
                self.parser.Parse(data[place : place + CHUNK_BYTES], False)
                begun = max(self.parser.CurrentByteIndex + self.shift, 0)
                if place - begun > UNFINISHED_AT_MOST_BYTES:
                    return Stop(begun, "a tag or comment without an end", False)
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            return Stop(max(self.parser.ErrorByteIndex + self.shift, 0), why, why in _CUT)
        except (LookupError, ValueError) as error:
            raise UnreadableInput("xml", "an XML file in an encoding that is not known; save it as UTF-8") from error
        return None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH_AT_MOST:
            raise UnreadableInput("xml_too_deep", f"XML nested more than {DEPTH_AT_MOST} deep: no log or zones")
        self._forget()
        self.walker.start(self._name(name), attributes, self.parser.CurrentByteIndex + self.shift)

    def _end(self, name: str) -> None:
        self.depth -= 1
        text = "".join(self.text)
        self._forget()
        self.walker.end(self._name(name), text, self.parser.CurrentByteIndex + self.shift)

    def _name(self, name: str) -> str:
        return name if self.names_as_written else name.rpartition(":")[2]

    def _characters(self, text: str) -> None:
        if self.chars < self.text_at_most_chars:
            self.text.append(text)
            self.chars += len(text)

    def _forget(self) -> None:
        self.text.clear()
        self.chars = 0

    def _refuse(self, *_: object) -> NoReturn:
        raise UnreadableInput("xml_entities", "an XML document with entities of its own; no log or zone file has any")
