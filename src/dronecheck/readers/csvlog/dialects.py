"""The table of CSV dialects (`dialects.toml`) as objects, and which of them a header line is.

A new dialect is one more table there and one sample; nothing here names a dialect.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dronecheck.flight import ClockSource

__all__ = ["AGAIN", "DIALECTS", "Cell", "Dialect", "dialects", "nearest", "parse_header", "recognise"]

DIALECTS = Path(__file__).with_name("dialects.toml")
WITNESSES = Path(__file__).with_name("witnesses.toml")
AGAIN = "_again"  # the same figure from another column

_CELL = re.compile(r"(.*\S)\s*[\[(]([^\[\]()]*(?:\[[^\[\]]*\])?)[\])]")
_DERIVED = (":c", ":d")  # DatCon's marks of computed and derived columns
_KNOWN_AT_LEAST, _MISSING_AT_MOST = 5, 2  # columns by which a table is taken for one that lost others
_WANTED = re.compile(r"(.*?)(?:\[(.*)\])?(?: @(\S+))?")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a header: trimmed, case-folded, its unit split off ("" when it has none)."""

    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class WantedColumn:
    """A column that a dialect looks for; `unit` None takes any, `default_unit` counts when the header has none."""

    name: str
    unit: str | None
    default_unit: str

    @property
    def written(self) -> str:
        """Return the name as a header has it, with the unit it needs."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    def find(self, header: Sequence[Cell]) -> int | None:
        """Return the index of the first header cell that is meant."""
        for index, cell in enumerate(header):
            if cell.name == self.name and (self.unit is None or cell.unit == self.unit):
                return index
        return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """One table of dialects.toml; the meaning of each entry is explained there."""

    id: str
    title: str
    requires: tuple[tuple[WantedColumn, ...], ...]
    lacks: tuple[WantedColumn, ...]
    first: str | None
    padded: bool | None
    banner: str
    footer: str
    quotes: bool
    refuse: tuple[str, str] | None
    date_order: str
    amsl: str
    wgs84: str
    operator_only: str
    unset_day: str
    optional_from: str
    held: bool
    track: str
    utc_source: ClockSource
    witnesses: str
    columns: Mapping[str, tuple[WantedColumn, ...]]

    def matches(self, header: Sequence[Cell], padded: bool, banner: str) -> bool:
        """Tell whether a header line is of this dialect."""
        if self.padded not in (None, padded) or not banner.startswith(self.banner):
            return False
        if self.first is not None and header[0].name != self.first:
            return False
        if any(wanted.find(header) is not None for wanted in self.lacks):
            return False
        return not self.missing(header)

    def missing(self, header: Sequence[Cell]) -> tuple[str, ...]:
        """Return the required columns that the header has not; alternatives as "a or b"."""
        lost = (group for group in self.requires if all(wanted.find(header) is None for wanted in group))
        return tuple(" or ".join(wanted.written for wanted in group) for group in lost)

    def locate(self, header: Sequence[Cell]) -> dict[str, list[tuple[int, str]]]:
        """Return each known column's indices in the header and units, best first; absent ones have no entry."""
        found: dict[str, list[tuple[int, str]]] = {}
        for column, alternatives in self.columns.items():
            for wanted in alternatives:
                index = wanted.find(header)
                if index is not None:
                    found.setdefault(column, []).append((index, header[index].unit or wanted.default_unit))
        return found

    def locate_witnesses(self, header: Sequence[Cell]) -> dict[tuple[str, str], tuple[int, str]]:
        """Return where the columns of witnesses are: (witness, column) -> index in the header and unit.

        A length or speed that stands there twice in two units is found twice, the second with `_again` to its name.
        """
        found: dict[tuple[str, str], tuple[int, str]] = {}
        for witness, columns in _witnesses().get(self.witnesses, {}).items():
            for column, alternatives in columns.items():
                places = [(wanted, index) for wanted in alternatives if (index := wanted.find(header)) is not None]
                if not places:
                    continue
                wanted, index = places[0]
                original = found.get((witness, column.removesuffix(AGAIN)))
                if original is not None and original[0] == index:
                    continue  # the same column: its better alternative is not there
                found[witness, column] = index, header[index].unit or wanted.default_unit
                twin = _twin(header, index) if witness == "distances" else None
                if twin is not None:
                    found.setdefault((witness, column + AGAIN), (twin, header[twin].unit))
        return found

    def widths(self, header: Sequence[Cell]) -> tuple[int, int]:
        """Return how many fields a row has at least and at most."""
        names = [cell.name for cell in header]
        optional = self.optional_from and self.optional_from in names
        return names.index(self.optional_from) if optional else len(header), len(header)


def parse_header(cells: Sequence[str]) -> list[Cell]:
    """Return header cells as compared; empty ones at the end are left out."""
    parsed = []
    for raw in cells:
        text = raw.strip().strip('"').strip().casefold()
        match = _CELL.fullmatch(text)
        name, unit = (match[1], match[2].strip()) if match else (text, "")
        parsed.append(Cell(name[:-2] if name.endswith(_DERIVED) else name, unit))
    while parsed and parsed[-1] == Cell("", ""):
        parsed.pop()
    return parsed


def recognise(cells: Sequence[str], banner: str) -> Dialect | None:
    """Return the dialect of a header line (raw cells); `banner` is the first text of the file."""
    header = parse_header(cells)
    if len(header) < 3:
        return None
    padded = sum(cell.startswith(" ") for cell in cells) * 2 > len(cells)
    return next((d for d in dialects() if d.matches(header, padded, banner.casefold())), None)


def nearest(cells: Sequence[str]) -> tuple[Dialect, tuple[str, ...]] | None:
    """Return the dialect that a header line would be but for one or two columns, and which; None where none is near."""
    header = parse_header(cells)
    names = {cell.name for cell in header}
    near: list[tuple[int, int, Dialect, tuple[str, ...]]] = []
    for dialect in dialects():
        known = len(names & {wanted.name for group in dialect.columns.values() for wanted in group})
        missing = dialect.missing(header) if known >= _KNOWN_AT_LEAST else ()
        if 0 < len(missing) <= _MISSING_AT_MOST:
            near.append((len(missing), -known, dialect, missing))
    return min(near, key=lambda one: one[:2])[2:] if near else None


@cache
def dialects() -> tuple[Dialect, ...]:
    """Return all dialects, in the order in which they are tried."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(DIALECTS.read_text(encoding="utf-8"))
    return tuple(_dialect(name, {**tables.get(table.get("like", ""), {}), **table}) for name, table in tables.items())


def _dialect(name: str, table: dict[str, Any]) -> Dialect:
    refuse = table.get("refuse")
    return Dialect(
        id=name,
        title=table["title"],
        requires=tuple(tuple(_wanted(part) for part in entry.split("|")) for entry in table["requires"]),
        lacks=tuple(_wanted(entry) for entry in table.get("lacks", ())),
        first=table.get("first"),
        padded=table.get("padded"),
        banner=table.get("banner", ""),
        footer=table.get("footer", ""),
        quotes=table.get("quotes", True),
        refuse=(refuse[0], refuse[1]) if refuse else None,
        date_order=table.get("date_order", "locale"),
        amsl=table.get("amsl", ""),
        wgs84=table.get("wgs84", ""),
        operator_only=table.get("operator_only", ""),
        unset_day=table.get("unset_day", ""),
        optional_from=table.get("optional_from", ""),
        held=table.get("held", False),
        track=table.get("track", "fused"),
        witnesses=table.get("witnesses", ""),
        utc_source=ClockSource(table.get("utc_source", ClockSource.EXPORT)),
        columns={key: tuple(_wanted(entry) for entry in value) for key, value in table.get("columns", {}).items()},
    )


def _twin(header: Sequence[Cell], index: int) -> int | None:
    """Return the index of a further cell with the same name and another unit."""
    mine = header[index]
    return next(
        (i for i, cell in enumerate(header) if cell.name == mine.name and cell.unit not in ("", mine.unit)), None
    )


@cache
def _witnesses() -> Mapping[str, Mapping[str, Mapping[str, tuple[WantedColumn, ...]]]]:
    """Return the columns of witnesses by family, witness and name."""
    families: dict[str, dict[str, dict[str, list[str]]]] = tomllib.loads(WITNESSES.read_text(encoding="utf-8"))
    return {
        family: {
            name: {column: tuple(map(_wanted, cells)) for column, cells in columns.items()}
            for name, columns in witnesses.items()
        }
        for family, witnesses in families.items()
    }


def _wanted(text: str) -> WantedColumn:
    match = _WANTED.fullmatch(text.strip())
    assert match is not None, text  # the pattern takes any text
    return WantedColumn(match[1], match[2], match[3] or "")
