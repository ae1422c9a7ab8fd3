"""Sentences that keep their parts: a template in English and the values in it, so that reports can translate them.

A message is a str, the English sentence; `template` and `values` are what a catalogue needs (`report.text`). The notes
that the engine makes have their templates here: the engine holds no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

__all__ = ["Message", "both", "joined", "told_by"]

AUTHORISATION_NOT_APPLIED = "the log does not know UTC, so no authorisation was applied"
TERRAIN_IS_SURFACE = "heights above ground are over a surface model ({names}): over trees and roofs they are too low"
IMPOSSIBLE_JUMP = "faster than {speed_mps:g} m/s between two fixes; the way between them is not counted as flown"
_MAY_BE_GCJ02 = (
    "in or near mainland China, and nothing in this log proves that its positions are WGS 84: they may be GCJ-02, "
    "as Chinese maps use, {apart_m} off; both readings were judged, and "
)
GCJ02_AGREES, GCJ02_DIFFERS = f"{_MAY_BE_GCJ02}they agree", f"{_MAY_BE_GCJ02}they differ"
_HEIGHTS_DIFFER = (
    "heights above the ellipsoid and above the sea differ by {difference_m:.1f} m, the geoid here says "
    "{undulation_m:.1f} m: "
)
HEIGHTS_COPIED = (
    f"{_HEIGHTS_DIFFER}they are the same height twice, as simulators and receivers without a geoid write; "
    "which of the two it is cannot be told, and neither is used"
)
GEOID_SIGN_FLIPPED = (
    f"{_HEIGHTS_DIFFER}the geoid was added with the wrong sign; the height above the ellipsoid is not used"
)
HEIGHTS_INCONSISTENT = f"{_HEIGHTS_DIFFER}which of them is wrong cannot be told; neither is used"


class Message(str):
    """An English sentence that knows its template and values.

    >>> told = Message("{count} rows without a fix, not used", count=3)
    >>> told, told.template
    ('3 rows without a fix, not used', '{count} rows without a fix, not used')
    """

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Message:
        """Fill the template in English; a value of length or time (`_m`, `_s`) without a format reads as people do."""
        from dronecheck.quantities import filled

        made = super().__new__(cls, filled(template, values) if values else template)
        made.template, made.values = template, MappingProxyType(values)
        return made

    def __reduce__(self) -> tuple[object, tuple[str, dict[str, object]]]:
        """Pickle by template and values: messages travel between the processes of an audit."""
        return _made, (self.template, dict(self.values))


def both(parts: Sequence[str]) -> str:
    """Join what holds at once: "a and b and c"."""
    return _linked("{one} and {other}", parts)


def joined(parts: Sequence[str]) -> str:
    """Join sentences on one thing: "a; b; c"."""
    return _linked("{one}; {other}", parts)


def told_by(error: Exception) -> str:
    """Return what an exception was raised with, with its parts: `str` of it has lost them."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Message) else str(error)


def _linked(template: str, parts: Sequence[str]) -> str:
    linked = parts[0] if parts else ""
    for part in parts[1:]:
        linked = Message(template, one=linked, other=part)
    return linked


def _made(template: str, values: dict[str, object]) -> Message:
    return Message(template, **values)
