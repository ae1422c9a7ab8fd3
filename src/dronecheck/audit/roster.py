"""The roster: which aircraft a serial number is, who flies it and where it belongs.

A CSV in UTF-8 with a header; `serial` is needed, `registration`, `pilot` and `base` are used where they are there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

from dronecheck.errors import UsageError
from dronecheck.safe.io import Input, plain

__all__ = ["Roster", "read_roster", "roster_from"]

_COLUMNS = ("registration", "pilot", "base")
_MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Roster:
    """Entries by serial number, without case and surrounding blanks."""

    entries: Mapping[str, dict[str, str]]

    def of(self, serial: str | None) -> dict[str, str]:
        """Return registration, pilot and base of a serial number; empty where the roster has none."""
        return self.entries.get(_key(serial or ""), {})


def read_roster(source: Input) -> str:
    """Return the text of a roster, read and found right. Raises UsageError that names the line."""
    name = plain(source.path)
    if source.size_bytes > _MOST_BYTES:
        raise UsageError(f"--roster {name}: larger than any roster")
    try:
        text = bytes(source.data).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"--roster {name}: no CSV in UTF-8 ({plain(error, 100)})") from None
    roster_from(text, name)
    return text


def roster_from(text: str, name: str = "roster") -> Roster:
    """Return the roster that a text is. Raises UsageError that names the line."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise UsageError(f"--roster {name}: no CSV ({plain(error, 100)})") from None
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if "serial" not in header:
        raise UsageError(f"--roster {name}: line 1 must name the columns serial,registration,pilot,base")
    entries: dict[str, dict[str, str]] = {}
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        key = _key(cells.get("serial", ""))
        if not key:
            raise UsageError(f"--roster {name}: line {number} has no serial")
        if key in entries:
            raise UsageError(f"--roster {name}: line {number} has the serial {plain(cells['serial'], 60)} again")
        entries[key] = {column: plain(cells.get(column, "")) for column in _COLUMNS}
        entries[key]["serial"] = plain(cells["serial"])
    return Roster(entries)


def _key(serial: str) -> str:
    return serial.strip().casefold()
