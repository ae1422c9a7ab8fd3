"""Numbers and places out of the many ways in which metadata write them."""

from __future__ import annotations

import math
import re

__all__ = ["degrees_of", "first_number", "number_of", "sign_of", "signed_degrees", "step_of"]

_NUMBER = re.compile(r"[-+]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][-+]?\d{1,2})?", re.ASCII)
_RATIONAL = re.compile(r"([-+]?\d{1,15})/([-+]?\d{1,15})", re.ASCII)
_LETTERED = re.compile(
    r"(?P<before>[NSEW])?(?P<sign>[-+])?(?P<d>\d{1,3}(?:\.\d{1,15})?)(?:,(?P<m>\d{1,2}(?:\.\d{1,15})?))?"
    r"(?:,(?P<s>\d{1,2}(?:\.\d{1,15})?))?(?P<after>[NSEW])?", re.ASCII,
)  # fmt: skip
_BRACKETED = re.compile(r"\(([^()]{1,32})\)\s*\(([^()]{1,32})\)\s*\(([^()]{1,32})\)")


def number_of(value: object) -> float | None:
    """Return the finite number that a value is: a number, or a text such as `+40.12` or `-86831/1600`; else None.

    >>> number_of("-86831/1600"), number_of("+1.5"), number_of("1/0")
    (-54.269375, 1.5, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if fraction := _RATIONAL.fullmatch(text):
        return int(fraction[1]) / int(fraction[2]) if int(fraction[2]) else None
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def first_number(*values: object) -> float | None:
    """Return the first of these that is a number."""
    return next((number for value in values if (number := number_of(value)) is not None), None)


def degrees_of(value: object) -> float | None:
    """Return the degrees of a coordinate: a number, (degrees, minutes, seconds), or XMP's `40,42.62N`; else None.

    Letters give the sign; a sign against its letter is none. Minutes of 60 and more are no coordinate, nor are seconds
    of more than 60 (rounded up).

    >>> degrees_of((40.0, 26.0, 46.5)), degrees_of("24,30.0S"), degrees_of("+40.5"), degrees_of("-46.5 N")
    (40.44625, -24.5, 40.5, None)
    """
    found = signed_degrees(value, "NSEW")
    if found is None:
        return number_of(value)
    size, signs = found
    return size * min(signs, default=1.0) if len(signs) < 2 else None


def signed_degrees(value: object, letters: str) -> tuple[float, frozenset[float]] | None:
    """Return the size of a coordinate and every sign that it states: by minus or plus, by its letter; else None.

    `letters` are those of its axis. A number in text has its sign, plus if none is written; of EXIF's numbers only a
    minus is one.

    >>> signed_degrees("-46.5 N", "NS"), signed_degrees((46.0, 30.0, 0.0), "NS")
    ((46.5, frozenset({1.0, -1.0})), (46.5, frozenset()))
    """
    if isinstance(value, int | float | tuple):
        parts = [number_of(part) for part in (value if isinstance(value, tuple) else (value,))]
        found = _joined(parts) if 1 <= len(parts) <= 3 else None
        return None if found is None else (abs(found), frozenset((-1.0,)) if found < 0 else frozenset())
    text = str(value).strip().upper().replace(" ", "")
    if bracketed := _BRACKETED.fullmatch(text):
        found = _joined([number_of(part) for part in bracketed.groups()])
        return None if found is None else (abs(found), frozenset((-1.0,)) if found < 0 else frozenset())
    written = _LETTERED.fullmatch(text)
    if not written or (written["before"] and written["after"]):
        number = number_of(value)
        return None if number is None else (abs(number), frozenset((math.copysign(1.0, number),)))
    size = _joined([number_of(part) for part in written.group("d", "m", "s") if part])
    letter = written["before"] or written["after"] or ""
    if size is None or (letter and letter not in letters) or (written["m"] and not letter):
        return None
    signs = {-1.0 if letter in "SW" else 1.0} if letter else set()
    if written["sign"] or not letter:
        signs.add(-1.0 if written["sign"] == "-" else 1.0)
    return size, frozenset(signs)


def _joined(parts: list[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or any(not 0 <= part < 60 for part in known[1:2]) or any(s > 60 for s in known[2:]):
        return None
    sign = -1.0 if math.copysign(1.0, known[0]) < 0 else 1.0
    return sign * sum(abs(part) / 60.0**power for power, part in enumerate(known))


def sign_of(reference: object, letters: str = "NSEW") -> float | None:
    """Return the sign that a reference letter means (of N, E, S, W those of the axis), None for anything else."""
    letter = str(reference).strip()[:1].upper() if reference is not None else ""
    return {"N": 1.0, "E": 1.0, "S": -1.0, "W": -1.0}[letter] if letter and letter in letters else None


def step_of(value: object) -> float:
    """Return the step in which a coordinate is printed, degrees; 0 where it is no text.

    >>> step_of("40.1234"), step_of("46,30N")
    (0.0001, 0.016666666666666666)
    """
    written = _LETTERED.fullmatch(value.strip().upper().replace(" ", "")) if isinstance(value, str) else None
    if not written:
        return 0.0
    parts = [part for part in written.group("d", "m", "s") if part]
    return float(10.0 ** -len(parts[-1].partition(".")[2]) / 60.0 ** (len(parts) - 1))
