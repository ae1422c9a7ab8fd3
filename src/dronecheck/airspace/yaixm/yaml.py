"""YAML as YAIXM files are written: mappings, lists and plain or quoted words by indentation, each with its line.

Only this much of YAML 1.2 is read, so that nothing can grow (aliases), name code (tags) or nest without end: block
mappings and sequences, `[a, b]` lists of words, comments, `---`. Anything else is refused with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from dronecheck.errors import UnreadableInput
from dronecheck.safe.io import plain

__all__ = ["Mapping", "Value", "parse_lines"]

_DEEPEST = 32
_MOST_LINES = 200_000
_KEY = re.compile(r"([A-Za-z_$][\w$-]{0,60})[ ]*:(?:[ ]+|$)")
_REFUSED = "&*!|>{%@`?"


@dataclass(slots=True)
class Mapping:
    """The members of a mapping and the line on which it begins."""

    line: int
    members: dict[str, Value] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A member that is a word; "" when it is absent or something else."""
        value = self.members.get(key)
        return value if isinstance(value, str) else ""

    def listed(self, key: str) -> list[Value]:
        """A member that is a list; [] when it is absent or something else."""
        value = self.members.get(key)
        return value if isinstance(value, list) else []


Value: TypeAlias = "str | list[Value] | Mapping | None"


@dataclass(slots=True)
class _Line:
    number: int
    indent: int
    text: str


def parse_lines(text: str) -> Mapping:
    """The document, a mapping. Raises UnreadableInput that names the line."""
    if text.count("\n") > _MOST_LINES:
        raise UnreadableInput("too_large", f"YAIXM of more than {_MOST_LINES:,} lines; the United Kingdom has 11,000")
    lines = [line for number, raw in enumerate(text.split("\n"), 1) if (line := _line(number, raw)) is not None]
    if not lines:
        raise UnreadableInput("not_yaixm", "no YAIXM: nothing but comments")
    parser = _Parser(lines)
    value = parser.value(lines[0].indent, 0)
    if parser.at < len(lines):
        raise _refusal(lines[parser.at], "its indentation fits nothing above it")
    if not isinstance(value, Mapping):
        raise UnreadableInput("not_yaixm", "no YAIXM: no mapping with airspace in it")
    return value


class _Parser:
    def __init__(self, lines: list[_Line]) -> None:
        self.lines, self.at = lines, 0

    def value(self, indent: int, depth: int) -> Value:
        """The mapping or list whose lines begin at `indent`."""
        if depth > _DEEPEST:
            raise _refusal(self.lines[self.at], f"nested more than {_DEEPEST} deep")
        if _is_item(self.lines[self.at].text):
            return self._items(indent, depth)
        return self._members(indent, depth)

    def _items(self, indent: int, depth: int) -> list[Value]:
        items: list[Value] = []
        while self._is_at(indent) and _is_item(self.lines[self.at].text):
            line = self.lines[self.at]
            rest = line.text[1:].lstrip(" ")
            if not rest:
                self.at += 1
                items.append(self._below(indent, depth, at_least=1))
            elif _KEY.match(rest) or _is_item(rest):  # what stands behind the dash goes on in the lines below it
                inner = indent + len(line.text) - len(rest)
                self.lines[self.at] = _Line(line.number, inner, rest)
                items.append(self.value(inner, depth + 1))
            else:
                self.at += 1
                items.append(_scalar(rest, line))
        return items

    def _members(self, indent: int, depth: int) -> Mapping:
        mapping = Mapping(self.lines[self.at].number)
        while self._is_at(indent) and not _is_item(self.lines[self.at].text):
            line = self.lines[self.at]
            key = _KEY.match(line.text)
            if key is None:
                raise _refusal(line, "neither a member nor an item")
            if key[1] in mapping.members:
                raise _refusal(line, f"{plain(key[1], 40)} stands twice in one mapping")
            rest = line.text[key.end() :]
            self.at += 1
            mapping.members[key[1]] = _scalar(rest, line) if rest else self._below(indent, depth, at_least=0)
        return mapping

    def _below(self, indent: int, depth: int, at_least: int) -> Value:
        """The value on the lines below a key or a dash: deeper, or a list at the depth of its key; None for none."""
        if self.at >= len(self.lines):
            return None
        line = self.lines[self.at]
        if line.indent > indent or (line.indent == indent and at_least == 0 and _is_item(line.text)):
            return self.value(line.indent, depth + 1)
        return None

    def _is_at(self, indent: int) -> bool:
        if self.at >= len(self.lines):
            return False
        line = self.lines[self.at]
        if line.indent > indent:
            raise _refusal(line, "its indentation fits nothing above it")
        return line.indent == indent


def _line(number: int, raw: str) -> _Line | None:
    text = _without_comment(number, raw).rstrip(" \t\r")
    stripped = text.lstrip(" ")
    if not stripped or text in ("---", "..."):
        return None
    if "\t" in stripped:
        raise UnreadableInput("not_yaixm", f"line {number}: a tab where YAML wants spaces")
    return _Line(number, len(text) - len(stripped), stripped)


def _without_comment(number: int, raw: str) -> str:
    """Up to a # at the beginning or after a space. Quotes before it, which may hold it, are refused."""
    if raw.lstrip().startswith("#"):
        return ""
    text, hash_sign, _ = raw.partition(" #")
    if hash_sign and ('"' in text or "'" in text):
        raise UnreadableInput(
            "not_yaixm", f"line {number}: quotes and # on one line; put the comment on a line of its own"
        )
    return text


def _is_item(text: str) -> bool:
    return text == "-" or text.startswith("- ")


def _scalar(text: str, line: _Line) -> Value:
    """A word as it is written: numbers and dates stay text."""
    if text[0] == "[" and text[-1] == "]":
        inner = text[1:-1].strip()
        if any(char in inner for char in "[]{}\"':#"):
            raise _refusal(line, "more than words in a list")
        return [part.strip() for part in inner.split(",")] if inner else []
    if text[0] in _REFUSED or text[0] == "[":
        raise _refusal(line, f"YAML that YAIXM has no need of ({plain(text, 20)})")
    if text[0] in "\"'":
        inner = text[1:-1].replace("''", "") if text[0] == "'" else text[1:-1]
        if len(text) < 2 or text[-1] != text[0] or text[0] in inner or "\\" in text:
            raise _refusal(line, "quotes that do not end with their line, or escapes")
        return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
    if ": " in text or text[-1] == ":":
        raise _refusal(line, "a key that is more than one word")
    return None if text in ("~", "null") else text


def _refusal(line: _Line, why: str) -> UnreadableInput:
    return UnreadableInput("not_yaixm", f"line {line.number}: {why}; write it as YAML in blocks, or as JSON")
