"""Sentences that keep their parts: a template in English and the values in it, so that reports can translate them.

A message is a str, the English sentence; `template` and `values` are what a catalogue needs (`report.text`). The notes
that the engine makes have their templates here: the engine holds no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["Message", "as_text"]

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


def as_text(value: object) -> str:
    """Return a message as the plain text that files hold: the hook of msgspec's encoders. Raises TypeError."""
    if isinstance(value, Message):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written")


def _made(template: str, values: dict[str, object]) -> Message:
    return Message(template, **values)
