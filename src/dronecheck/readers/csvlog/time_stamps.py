"""Time stamps as CSV exports write them -> nanoseconds since 1970, many at a time.

Stamps of one shape (the same characters but for the digits) have their numbers in the same places: one match of the
pattern serves them all. Shapes that need more (a numeric zone, digits without separators) are read one by one. Halves
of the day in other languages, before or after the clock, are written as AM or PM first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dronecheck.arrays import Ints

__all__ = ["STAMP", "UNSET", "Stamps", "stamp_ns"]


UNSET = np.iinfo(np.int64).min
YEARS = range(1900, 2200)  # nanoseconds since 1970 fit 64 bits; which dates can be, the clock decides
SECOND_NS = 1_000_000_000
_SHAPE_CHARS = 40
_ZERO, _NINE = ord("0"), ord("9")

STAMP = re.compile(
    r"(\d{1,4})[-/.]\s?(\d{1,2})[-/.]\s?(\d{1,4})\.?[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*"
    r"(?:([ap])\.?\s?m\.?)?\s*(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})[T ](\d{2}:\d{2}:\d{2})[:.](\d{3})", re.ASCII)
_INTEGERS = re.compile(r"(\d{4})(\d{2})(\d{2}) (\d{1,2})(\d{2})(\d{2})$", re.ASCII)

# The halves of the day as the languages of Windows and of phones write them (Unicode CLDR, dayPeriods).
_AM = (
    "오전", "上午", "午前", "πμ", "π.μ.", "ص", "ق.ظ.", "ق.ظ", "पूर्वाह्न", "முற்பகல்", "ก่อนเที่ยง", "לפנה״צ", 'לפנה"צ',
    "пр.об.", "дп", "öö", "sa", "de.", "fm", "dop.", "p.d.", "ү.ө.",
)  # fmt: skip
_PM = (
    "오후", "下午", "午後", "μμ", "μ.μ.", "م", "ب.ظ.", "ب.ظ", "अपराह्न", "பிற்பகல்", "หลังเที่ยง", "אחה״צ", 'אחה"צ',
    "сл.об.", "пп", "ös", "ch", "du.", "em", "odp.", "m.d.", "ү.х.",
)  # fmt: skip
_HALVES = {unicodedata.normalize("NFKC", word): half for half, words in (("AM", _AM), ("PM", _PM)) for word in words}
_HALF = "|".join(map(re.escape, sorted(_HALVES, key=len, reverse=True)))
_HALF_OF_DAY = re.compile(
    rf"(?<!\w)(?P<before>{_HALF})\s*(?P<clock>\d{{1,2}}:[\d:.,]*)|(?<=[\d\s])(?P<after>{_HALF})(?!\w)", re.IGNORECASE
)
_DATE_WORDS = re.compile(r"(\d)\s*[年月년월]\s*")
_DAY_WORDS = re.compile(r"(\d)\s*[日일]")
_CLOCK_IN_DOTS = re.compile(r"(?<=[T ])(\d{1,2})\.(\d{2})\.(\d{2})(?!\d)", re.ASCII)  # 12.00.00, as in Finland
_USUAL_CHARS = frozenset("0123456789-/.,:+ TZAPMapmUCGutcgz")


@dataclass(slots=True)
class _StampShape:
    """Rows whose stamps look alike; `match` is that of one of them, `digits` the characters minus "0" (rows, chars)."""

    rows: Ints
    match: re.Match[str]
    digits: NDArray[np.uint8]

    def number(self, group: int) -> Ints:
        """Return the number in a group of the pattern, for each row."""
        first, end = self.match.span(group)
        value = np.zeros(len(self.rows), dtype=np.int64)
        for at in range(first, end):
            value = value * 10 + self.digits[:, at]
        return value


class Stamps:
    """The stamps of all rows, matched; what they mean depends on the order of day and month.

    Stamps without seconds count only where none has any: elsewhere they are cut short.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        texts = _usual(texts)
        self._count = len(texts)
        self._shapes: list[_StampShape] = []
        self._single: dict[str, re.Match[str] | None] = {}
        self._single_rows: list[tuple[int, str]] = []
        for rows, chars in _shapes(texts):
            text = texts[int(rows[0])]
            match = STAMP.fullmatch(text) if len(chars) else None
            if match and not (match[9] and match[9][0] in "+-"):
                self._shapes.append(_StampShape(rows, match, chars - np.uint8(_ZERO)))
            elif match or not len(chars) or text[:8].isdecimal():
                self._single_rows += [(row, texts[row]) for row in rows.tolist()]  # pyright: ignore[reportAttributeAccessIssue]
        self._single = {text: _stamp(text) for text in {text for _, text in self._single_rows}}
        self.has_seconds = any(match[6] for match in self._matches()) or next(self._matches(), None) is None
        if self.has_seconds:
            self._shapes = [shape for shape in self._shapes if shape.match[6]]
            self._single = {text: match for text, match in self._single.items() if match and match[6]}

    def _matches(self) -> Iterator[re.Match[str]]:
        yield from (shape.match for shape in self._shapes)
        yield from (match for match in self._single.values() if match)

    @property
    def whole_seconds(self) -> bool:
        """Tell whether no stamp has a fraction of a second."""
        return not any(match[7] for match in self._matches())

    @property
    def says_half(self) -> bool:
        """Tell whether stamps say which half of the day they mean."""
        return any(match[8] for match in self._matches())

    @property
    def dotted(self) -> bool:
        """Tell whether the parts of the date stand between dots."""
        return "." in next((match[0] for match in self._matches()), "")[:3]

    @property
    def pairs(self) -> set[tuple[int, int]]:
        """Return the first two numbers of all dates that do not begin with the year."""
        pairs = {(int(m[1]), int(m[2])) for m in self._single.values() if m and len(m[1]) <= 2}
        for shape in self._shapes:
            if len(shape.match[1]) <= 2:
                both = np.unique(shape.number(1) * 100 + shape.number(2)).tolist()
                pairs |= {divmod(value, 100) for value in both}
        return pairs

    def read(self, day_first: bool) -> tuple[Ints, bool]:
        """Return nanoseconds since 1970 of each row (UNSET where it has no stamp), and whether all name their zone."""
        time_ns = np.full(self._count, UNSET, dtype=np.int64)
        zoned = True
        for shape in self._shapes:
            time_ns[shape.rows] = _read_shape(shape, day_first)
            zoned &= shape.match[9] is not None or not np.any(time_ns[shape.rows] != UNSET)
        known = {text: stamp_ns(match, day_first) for text, match in self._single.items() if match}
        for row, text in self._single_rows:
            if text in known:
                time_ns[row] = known[text][0]
        zoned &= all(zone for ns, zone in known.values() if ns != UNSET)
        return time_ns, zoned and next(self._matches(), None) is not None


def _usual(texts: Sequence[str]) -> Sequence[str]:
    """Return stamps in the characters that the patterns know; the same where they already are."""
    written = "".join(texts)
    if set(written) <= _USUAL_CHARS and ":" in written:
        return texts
    return [_in_usual_words(text) if len(text) <= 2 * _SHAPE_CHARS else text for text in texts]


def _in_usual_words(text: str) -> str:
    """Return a stamp with AM or PM behind its clock, for whatever word says so: 2026-05-01 오후 12:00:00."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)  # spaces that do not break, wide digits
        text = _DAY_WORDS.sub(r"\1 ", _DATE_WORDS.sub(r"\1-", text))
    if ":" not in text:
        text = _CLOCK_IN_DOTS.sub(r"\1:\2:\3", text)
    return _HALF_OF_DAY.sub(_half_behind, text)


def _half_behind(match: re.Match[str]) -> str:
    half = _HALVES[(match["before"] or match["after"]).casefold()]
    return f"{match['clock']} {half} " if match["before"] else half


def _shapes(texts: Sequence[str]) -> Iterator[tuple[Ints, NDArray[np.uint8]]]:
    """Yield rows of one shape and their characters (rows, chars); without characters where they are not plain."""
    plain = [text if len(text) <= _SHAPE_CHARS and text.isascii() and "\0" not in text else "" for text in texts]
    rows = np.flatnonzero([not short and bool(text) for short, text in zip(plain, texts, strict=True)])
    if len(rows):
        yield rows.astype(np.int64), np.empty((0, 0), dtype=np.uint8)
    packed = np.array(plain, dtype=f"S{_SHAPE_CHARS}")
    chars = packed.view(np.uint8).reshape(-1, _SHAPE_CHARS)
    shapes = np.where((chars >= _ZERO) & (chars <= _NINE), np.uint8(_ZERO), chars).view(packed.dtype).ravel()
    order = np.argsort(shapes, kind="stable")
    if not len(texts):
        return
    new = np.concatenate(([True], shapes[order][1:] != shapes[order][:-1]))
    starts = np.flatnonzero(new).tolist()
    for first, end in zip(starts, [*starts[1:], len(texts)], strict=True):
        rows = order[first:end].astype(np.int64)
        if plain[int(rows[0])]:
            yield rows, chars[rows]


def _read_shape(shape: _StampShape, day_first: bool) -> Ints:
    """Return the same as `stamp_ns` for all rows of a shape, whose zone is UTC or none."""
    match = shape.match
    first, second, third = (shape.number(group) for group in (1, 2, 3))
    # Up to four digits each: the three parts as one number, to look up each day once.
    days, which = np.unique((first * 10_000 + second) * 10_000 + third, return_inverse=True)
    width = [len(match[group]) for group in (1, 2, 3)]
    day_s = np.array([_day_of(int(day), width, day_first) for day in days], dtype=np.int64)[which]
    hour, minute = (shape.number(group) for group in (4, 5))
    second_of_minute = shape.number(6) if match[6] else np.zeros_like(minute)
    if match[8]:
        hour = np.where(hour <= 12, hour % 12 + (12 if match[8] in "pP" else 0), hour)
    good = (day_s != UNSET) & (hour <= 23) & (minute <= 59) & (second_of_minute <= 60)
    time_ns = (np.where(good, day_s, 0) + 3600 * hour + 60 * minute + second_of_minute) * SECOND_NS
    if match[7]:
        time_ns += shape.number(7) * 10 ** (9 - len(match[7]))
    return np.where(good, time_ns, UNSET)


def _day_of(parts: int, width: Sequence[int], day_first: bool) -> int:
    head, third = divmod(parts, 10_000)
    first, second = divmod(head, 10_000)
    texts = (str(value).zfill(digits) for value, digits in zip((first, second, third), width, strict=True))
    day_s = _day_s(*texts, day_first)
    return UNSET if day_s is None else day_s


def _stamp(text: str) -> re.Match[str] | None:
    """Return a time stamp's parts; 20210419 09:31:07:123 (Yuneec) or 20210419 93107 (DatCon) is spread out first."""
    if text[:8].isdecimal():
        text = _COMPACT.sub(r"\1-\2-\3 \4.\5", _INTEGERS.sub(r"\1-\2-\3 \4:\5:\6", text))
    return STAMP.fullmatch(text)


def stamp_ns(match: re.Match[str], day_first: bool) -> tuple[int, bool]:
    """Return nanoseconds since 1970 of a time stamp (UNSET when it is none), and whether it names its zone."""
    first, second, third, hours, minutes, seconds, fraction, half, zone = match.groups()
    day_s = _day_s(first, second, third, day_first)
    hour, minute, second_of_minute = int(hours), int(minutes), int(seconds or 0)
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in "pP" else 0)
    if day_s is None or hour > 23 or minute > 59 or second_of_minute > 60:
        return UNSET, False
    time_s = day_s + 3600 * hour + 60 * minute + second_of_minute - (_zone_s(zone) if zone else 0)
    return time_s * SECOND_NS + (int(fraction.ljust(9, "0")) if fraction else 0), zone is not None


@lru_cache(maxsize=1024)
def _day_s(first: str, second: str, third: str, day_first: bool) -> int | None:
    """Return seconds since 1970 at the start of a day; None for no day."""
    if len(first) == 4:
        year, month, day = int(first), int(second), int(third)
    else:
        year = int(third) + (2000 if len(third) <= 2 else 0)
        month, day = (int(second), int(first)) if day_first else (int(first), int(second))
    try:
        start = datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
    return int(start.timestamp()) if year in YEARS else None


def _zone_s(zone: str) -> int:
    """Return seconds east of Greenwich of a zone like Z, UTC, +08:00 or -05."""
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset_s = 3600 * int(digits[:2]) + 60 * int(digits[2:])
    return -offset_s if zone[0] == "-" else offset_s
