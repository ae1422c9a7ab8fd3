"""Numbers and places out of the many ways in which metadata write them."""

from __future__ import annotations

import math
import re

__all__ = ["degrees_of", "first_number", "number_of", "sign_of", "step_of"]

_NUMBER = re.compile(r"[-+]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][-+]?\d{1,2})?", re.ASCII)
_RATIONAL = re.compile(r"([-+]?\d{1,15})/([-+]?\d{1,15})", re.ASCII)
_PARTS = re.compile(
    r"(\d{1,3}(?:\.\d{1,15})?)(?:,(\d{1,2}(?:\.\d{1,15})?))?(?:,(\d{1,2}(?:\.\d{1,15})?))?([NSEW])", re.ASCII
)
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

    Letters give the sign. Minutes of 60 and more are no coordinate, nor are seconds of more than 60 (rounded up).

    >>> degrees_of((40.0, 26.0, 46.5)), degrees_of("24,30.0S"), degrees_of("+40.5")
    (40.44625, -24.5, 40.5)
    """
    if isinstance(value, tuple):
        parts = [number_of(part) for part in value]
        return _joined(parts) if 1 <= len(parts) <= 3 else None
    if isinstance(value, str):
        text = value.strip()
        if bracketed := _BRACKETED.fullmatch(text):
            return _joined([number_of(part) for part in bracketed.groups()])
        if written := _PARTS.fullmatch(text.replace(" ", "")):
            found = _joined([number_of(part) for part in written.groups()[:3] if part])
            return None if found is None else -found if written[4] in "SW" else found
    return number_of(value)


def _joined(parts: list[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or any(not 0 <= part < 60 for part in known[1:2]) or any(s > 60 for s in known[2:]):
        return None
    sign = -1.0 if math.copysign(1.0, known[0]) < 0 else 1.0
    return sign * sum(abs(part) / 60.0**power for power, part in enumerate(known))


def sign_of(reference: object) -> float | None:
    """Return the sign that a reference letter means (N, E, S, W), None for anything else."""
    letter = str(reference).strip()[:1].upper() if reference is not None else ""
    return {"N": 1.0, "E": 1.0, "S": -1.0, "W": -1.0}.get(letter)


def step_of(value: object) -> float:
    """Return the step in which a coordinate is printed, degrees; 0 where it is not printed as decimal degrees."""
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return 0.0
    return float(10.0 ** -len(value.strip().partition(".")[2]))
