"""The lines of an IGC file as columns: dates carried over midnight, extensions cut out, damage counted."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.dates import LAST_YEAR, impossible_dates, span_ns
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Completeness
from dronecheck.issues import Code, Issue, Severity
from dronecheck.messages import Message
from dronecheck.readers.igc import BASE, NAME

__all__ = ["FixRecords", "read_records"]


BASE_CHARS = 35
LINE_AT_MOST_CHARS = 1000
EXTENSIONS_AT_MOST = 50
DAY_S, HALF_DAY_S = 86_400, 43_200
ODD_LENGTHS = 0.1  # share of fix records of other lengths above which lengths say nothing

_DATE = re.compile(r"H[FOPS]DTE(?:DATE)?:?\s*(\d\d)(\d\d)(\d\d)", re.ASCII)
_HEADER = re.compile(r"H[FOPS]([A-Z]{3})([^:]*):?(.*)", re.ASCII)
_EVENT = re.compile(r"E([01]\d|2[0-3])([0-5]\d)([0-5]\d)(.*)", re.ASCII)
_EXTENSION = re.compile(r"(\d\d)(\d\d)([A-Z0-9]{3})", re.ASCII)
_KINDS = frozenset("ABCDEFGHIJKLMNOP")
_FACTS = frozenset(("GTY", "FTY", "RFW"))
_FIGURES = ("FXA", "VXA", "SIU", "GSP", "TDS", "LAD", "LOD", "ENL", "TRT")


@dataclass(slots=True)
class FixRecords:
    """All B records in file order, columns of shape (n,); what the header says; damage.

    `time_ns` counts from 1970 (of the first day from its midnight, when not `dated`). `extra` holds the figures of
    the extensions by their three letters, NaN where absent, and `widths` their digits.
    """

    line: Ints
    time_ns: Ints
    lat_deg: Floats
    lon_deg: Floats
    valid: Bools
    gnss_height_m: Floats
    pressure_height_m: Floats  # in the standard atmosphere; 0 where the recorder has no sensor
    extra: Mapping[str, Floats]
    widths: Mapping[str, int]
    header: Mapping[str, str]
    recorder: str
    datum: str
    height_datum: str
    dated: bool
    events: list[tuple[int, str, int]]
    signature_line: int
    completeness: Completeness
    issues: list[Issue]


def read_records(text: str) -> FixRecords:
    """Read all lines. Raises UnreadableInput when no line is a fix."""
    reader = _LineReader()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines[:-1], 1):
        reader.take(number, line)
    reader.take_last(len(lines), lines[-1])
    return reader.records()


@dataclass(slots=True)
class _Day:
    """Midnight before the fixes now read, in seconds since 1970, and the time of day of the last one."""

    midnight_s: int = 0
    last_s: int | None = None

    def at(self, time_of_day_s: int) -> int:
        """Return seconds since 1970; a clock that falls by more than half a day has passed midnight."""
        if self.last_s is not None and abs(time_of_day_s - self.last_s) > HALF_DAY_S:
            self.midnight_s += DAY_S if time_of_day_s < self.last_s else -DAY_S
        self.last_s = time_of_day_s
        return self.midnight_s + time_of_day_s


@dataclass(slots=True)
class _LineReader:
    day: _Day = field(default_factory=_Day)
    dated: bool = False
    undated_before: bool = False  # fixes stand before the first date
    odd_dates: list[tuple[int, int]] = field(default_factory=list)  # that cannot be, in ns since 1970, and their lines
    recorder: str = ""
    datum: str = ""
    height_datum: str = ""
    header: dict[str, str] = field(default_factory=dict)
    places: dict[str, slice] = field(default_factory=dict)
    events: list[tuple[int, str, int]] = field(default_factory=list)
    signature_line: int = 0
    bad: list[int] = field(default_factory=list)  # first line that could not be read, and how many
    cut_line: int = 0
    lengths: dict[int, list[int]] = field(default_factory=dict)  # of fix records: first line, and how many
    line: array[int] = field(default_factory=lambda: array("q"))
    time_ns: array[int] = field(default_factory=lambda: array("q"))
    valid: array[int] = field(default_factory=lambda: array("B"))
    figures: array[float] = field(default_factory=lambda: array("d"))  # lat, lon, two heights, extensions; by rows

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        kind = line[:1]
        if kind == "B":
            if not self._fix(number, line):
                self._is_bad(number)
        elif kind == "H":
            self._head(number, line)
        elif kind == "I":
            self._extensions(number, line)
        elif kind == "A" and not self.recorder:
            self.recorder = line[1:LINE_AT_MOST_CHARS].strip()
        elif kind == "E":
            self._event(number, line)
        elif kind == "G":
            self.signature_line = self.signature_line or number
        elif line.strip() and kind not in _KINDS:
            self._is_bad(number)

    def take_last(self, number: int, line: str) -> None:
        """Read what follows the last line end: a fix there may be cut short."""
        if line.startswith("B"):
            whole = max((place.stop for place in self.places.values()), default=BASE_CHARS)
            if len(line) < whole or not self._fix(number, line):
                self.cut_line = number
        else:
            self.take(number, line)

    def _is_bad(self, number: int) -> None:
        self.bad = [self.bad[0] if self.bad else number, (self.bad[1] if self.bad else 0) + 1]

    def _fix(self, number: int, line: str) -> bool:
        found = BASE.match(line)
        if found is None:
            return False
        seen = self.lengths.setdefault(len(line.rstrip()), [number, 0])
        seen[1] += 1
        hour, minute, second, lat, lat_minutes, south, lon, lon_minutes, west, validity, pressure, height = (
            found.groups()
        )
        time_s = self.day.at(int(hour) * 3600 + int(minute) * 60 + int(second))
        self.undated_before |= not self.dated
        extra = [_figure(line[self.places[name]]) if name in self.places else np.nan for name in _FIGURES]
        fraction_s, finer_lat, finer_lon = (self._fraction(name, extra) for name in ("TDS", "LAD", "LOD"))
        lat_deg = int(lat) + (int(lat_minutes) + finer_lat) / 60_000
        lon_deg = int(lon) + (int(lon_minutes) + finer_lon) / 60_000
        self.line.append(number)
        self.time_ns.append(time_s * 1_000_000_000 + round(fraction_s * 1e9))
        self.valid.append(validity == "A")
        self.figures.extend(
            (
                -lat_deg if south == "S" else lat_deg,
                -lon_deg if west == "W" else lon_deg,
                int(height),
                int(pressure),
                *extra,
            )
        )
        return True

    def _fraction(self, name: str, extra: list[float]) -> float:
        """Return further decimals, 0 <= fraction < 1, where an extension has them."""
        value = extra[_FIGURES.index(name)]
        place = self.places.get(name)
        return value / 10 ** (place.stop - place.start) if place and value == value else 0.0

    def _head(self, number: int, line: str) -> None:
        date = _DATE.match(line)
        if date:
            self._date(number, *(int(part) for part in date.groups()))
            return
        found = _HEADER.match(line[:LINE_AT_MOST_CHARS])
        if found is None:
            return
        name, long_name, text = found[1], found[2], found[3].strip()
        if name in _FACTS:
            self.header.setdefault(name, text)
        elif name == "DTM":
            self.datum = self.datum or f"{long_name}:{text}".strip(": ")
        elif name == "ALG":
            self.height_datum = self.height_datum or text

    def _date(self, number: int, day: int, month: int, year: int) -> None:
        century = 2000 if 2000 + year <= LAST_YEAR else 1900
        try:
            midnight_s = int(datetime(century + year, month, day, tzinfo=UTC).timestamp())
        except ValueError:
            return
        first_ns, end_ns = span_ns(NAME)
        if not first_ns <= midnight_s * 1_000_000_000 < end_ns:
            self.odd_dates.append((midnight_s * 1_000_000_000, number))
            return
        self.day = _Day(midnight_s)
        self.dated = True

    def _extensions(self, number: int, line: str) -> None:
        """Read where in B records the extensions stand, columns from 1."""
        for first, last, name in _EXTENSION.findall(line[3 : 3 + 7 * EXTENSIONS_AT_MOST]):
            if name in _FIGURES and BASE_CHARS < int(first) <= int(last):
                self.places[name] = slice(int(first) - 1, int(last))

    def _event(self, number: int, line: str) -> None:
        found = _EVENT.match(line[:LINE_AT_MOST_CHARS])
        if found is None:
            self._is_bad(number)
            return
        time_of_day_s = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
        # a copy: an event does not move the clock of the fixes
        time_s = _Day(self.day.midnight_s, self.day.last_s).at(time_of_day_s)
        self.events.append((time_s * 1_000_000_000, found[4].strip(), number))

    def records(self) -> FixRecords:
        """Return all that was read."""
        if not len(self.line):
            raise UnreadableInput(
                "no_track", "an IGC file without a fix record; nothing was recorded, or it was cut off"
            )
        issues = []
        if self.odd_dates:
            issues.append(impossible_dates(*self.odd_dates[0], len(self.odd_dates), some=self.dated))
        if self.bad:
            text = Message("lines that are no readable record, not used")
            issues.append(Issue(Code.BAD_LINE, Severity.DAMAGE, text, *self.bad))
        if self.cut_line:
            text = Message("the last record is cut short: dropped")
            issues.append(Issue(Code.LINE_CUT_SHORT, Severity.DAMAGE, text, self.cut_line))
        usual = max(self.lengths.values(), key=lambda seen: seen[1])
        others = sorted(seen for seen in self.lengths.values() if seen is not usual)
        if others and sum(count for _, count in others) <= ODD_LENGTHS * len(self.line):
            text = Message("fix records longer or shorter than the others: characters came in or were lost")
            issues.append(Issue(Code.BAD_RECORD, Severity.WARNING, text, others[0][0], sum(n for _, n in others)))
        completeness = Completeness.TRUNCATED if self.cut_line else Completeness.COMPLETE
        table = np.array(self.figures, dtype=np.float64).reshape(len(self.line), -1)
        return FixRecords(
            line=np.array(self.line, dtype=np.int64),
            time_ns=np.array(self.time_ns, dtype=np.int64),
            lat_deg=table[:, 0],
            lon_deg=table[:, 1],
            valid=np.array(self.valid, dtype=np.bool_),
            gnss_height_m=table[:, 2],
            pressure_height_m=table[:, 3],
            extra={name: table[:, 4 + i] for i, name in enumerate(_FIGURES)},
            widths={name: place.stop - place.start for name, place in self.places.items()},
            header=self.header,
            recorder=self.recorder,
            datum=self.datum,
            height_datum=self.height_datum,
            dated=self.dated and not self.undated_before,
            events=self.events,
            signature_line=self.signature_line,
            completeness=Completeness.DAMAGED if self.bad else completeness,
            issues=issues,
        )


def _figure(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else np.nan
