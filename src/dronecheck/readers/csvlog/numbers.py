"""Cells of a CSV column -> numbers in SI units, and on/off states."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Bools, Floats

__all__ = ["parse_numbers", "scale_of", "states"]


# unit of a header -> factor to metres, metres per second, seconds, volts, amperes or hundredths
_SCALES = {
    "length": {
        **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
        **dict.fromkeys(("ft", "feet", "foot"), 0.3048),
        **dict.fromkeys(("km", "kilometers"), 1000.0),
    },
    "speed": {
        **dict.fromkeys(("m/s", "mps", "ms", "meters/sec", "m/sec"), 1.0),
        **dict.fromkeys(("mph", "mi/h"), 0.44704),
        **dict.fromkeys(("km/h", "kmh", "kph", "kmph"), 1 / 3.6),
        **dict.fromkeys(("kn", "kt", "kts", "knot", "knots"), 1852 / 3600),
        **dict.fromkeys(("ft/s", "fts", "fps", "feet/s"), 0.3048),
    },
    "time": {
        **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
        **dict.fromkeys(("ms", "millisecond", "milliseconds", "msec"), 1e-3),
    },
    "voltage": {"v": 1.0, "mv": 1e-3},
    "current": {"a": 1.0, "ma": 1e-3},
    "percent": {"": 1.0, "%": 1.0, "percent": 1.0, "fraction": 100.0},
}  # fmt: skip

_NO_VALUE = frozenset(("", "n/a", "na", "null", "none", "nan", "no data", "-", "--", "unknown"))
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?|[+-]?inf(?:inity)?", re.ASCII | re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?", re.ASCII)

_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d*,(?:\d{1,2}|\d{4,})|0\d*,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3})+,\d+)", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*|(?<=,\d{3},\d{3}))", re.ASCII)

_ON = frozenset(("true", "1", "1.0", "yes", "on"))
_OFF = frozenset(("false", "0", "0.0", "no", "off"))


def scale_of(kind: str, unit: str) -> float | None:
    """Return the factor from a header's unit to the SI unit of a kind; None for an unknown unit.

    The kinds are length, speed, time, voltage, current and percent.
    """
    return _SCALES[kind].get(unit)


def parse_numbers(cells: Sequence[str], *, decimal_comma: bool) -> tuple[Floats, Bools]:
    """Return the cells as numbers (NaN where there is none), and which cells hold text that is no number.

    `decimal_comma` says what commas are in the file; a column whose own cells prove the other is read its own way.
    """
    joined = "".join(cells)
    if joined.isascii() and "_" not in joined:  # float() also takes "1_0" and the digits of other scripts
        values = _plain_numbers(cells)
        if values is not None:
            return values, np.zeros(len(cells), dtype=np.bool_)
    decimal_comma = _comma_is_decimal(cells, decimal_comma)
    values = np.array([_number(cell, decimal_comma) for cell in cells], dtype=np.float64)
    gaps = np.flatnonzero(np.isnan(values)).tolist()
    unreadable = np.zeros(len(cells), dtype=np.bool_)
    unreadable[gaps] = [cells[i].strip(" \t\r\0").casefold() not in _NO_VALUE for i in gaps]
    return values, unreadable


def _plain_numbers(cells: Sequence[str]) -> Floats | None:
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        pass
    try:
        return np.array([float(cell or "nan") for cell in cells], dtype=np.float64)
    except ValueError:
        return None


def _comma_is_decimal(cells: Sequence[str], presumed: bool) -> bool:
    for cell in cells:
        text = cell.strip(" \t\r")
        if "," in text:
            if _DECIMAL_COMMA.fullmatch(text):
                return True
            if _COMMA_GROUPS.fullmatch(text):
                return False
    return presumed


def _number(cell: str, decimal_comma: bool) -> float:
    if not cell:
        return np.nan
    text = cell.strip(" \t\r")
    if "," in text:
        if decimal_comma:
            text = text.replace(".", "").replace(",", ".")
        elif _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
    return float(text) if _NUMBER.fullmatch(text) else np.nan


def states(cells: Sequence[str]) -> NDArray[np.int8]:
    """Return the cells as states: 1 on, 0 off, -1 unknown."""
    known = {cell: _state(cell) for cell in set(cells)}
    return np.array([known[cell] for cell in cells], dtype=np.int8)


def _state(cell: str) -> int:
    text = cell.strip().casefold()
    return 1 if text in _ON else 0 if text in _OFF else -1
