"""Sentences laid into the lines of a terminal, Chinese and Korean letters two columns wide; colour only on request."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from unicodedata import east_asian_width

from dronecheck.geofence.result import Verdict
from dronecheck.safe.io import plain

__all__ = ["Lines", "columns"]

_ANSI = {Verdict.VIOLATION: "\x1b[1;31m", Verdict.INCONCLUSIVE: "\x1b[1;33m", Verdict.CLEAR: "\x1b[1;32m"}
_RESET = "\x1b[0m"
_LONGEST = 4_000
_HELD = "\u00a0%"  # no line begins with the sign
_UNSPACED = r"\u2e80-\ua4cf\uf900-\ufaff\uff00-\uffef"  # Chinese letters and signs; Korean has spaces
_UNITS = re.compile(rf" +|（?(?:[{_UNSPACED}]|[^ {_UNSPACED}]+)[，。；：、）,.;:)]*")  # no sign begins a line


@dataclass(frozen=True, slots=True)
class Lines:
    """Sentences laid into lines of a terminal."""

    width: int
    colour: bool

    def text(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """Return a text in lines, the first after `indent`, the others after `hanging`."""
        shown = plain(text, _LONGEST)  # names come from files: nothing of them may steer a terminal
        return [line.replace(_HELD, " %") for line in self._laid(shown.replace(" %", _HELD), indent, hanging)]

    def _laid(self, shown: str, indent: str, hanging: str | None) -> list[str]:
        hanging = indent if hanging is None else hanging
        if not shown.replace(_HELD, "").isascii():
            return _wrapped(shown, self.width, indent, hanging)
        return textwrap.wrap(
            shown, self.width, initial_indent=indent, subsequent_indent=hanging, break_on_hyphens=False
        )

    def paint(self, lines: list[str], verdict: Verdict) -> list[str]:
        """Return lines in the colour of a verdict, where there are colours."""
        return [f"{_ANSI[verdict]}{line}{_RESET}" for line in lines] if self.colour else lines


def _wrapped(text: str, width: int, indent: str, hanging: str) -> list[str]:
    """Return text in lines of so many columns, which Chinese and Korean letters take two of.

    Lines break at spaces; between Chinese letters, which have none; and within what is longer than a line.
    """
    lines, line = list[str](), indent
    for unit in _UNITS.findall(text):
        if columns(line + unit.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = hanging + unit.lstrip()
        else:
            line += unit
        while columns(line.rstrip()) > width:
            head = bisect_right(list(accumulate(map(columns, line))), width)
            lines.append(line[:head])
            line = hanging + line[head:]
    return [*lines, line.rstrip()] if line.strip() else lines


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
