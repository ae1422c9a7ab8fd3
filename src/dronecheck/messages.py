"""Sentences that keep their parts: a template in English and the values in it, so that reports can translate them.

A message is a str, the English sentence; `template` and `values` are what a catalogue needs (`report.text`). The notes
that the engine makes have their templates here: the engine holds no sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["Message", "as_message", "as_text", "both", "from_stored", "linked", "several", "stored", "told_by"]

AUTHORISATION_NOT_APPLIED = "the log does not know UTC, so no authorisation was applied"
TERRAIN_IS_SURFACE = "heights above ground are over a surface model ({names}): over trees and roofs they are too low"
BEGINS_IN_FLIGHT = "the log begins in flight: neither the take-off nor what came before it is recorded here"
OPEN_SEA = "the open sea"
OF_CITATION = "{citation}: {title}"
ONE_AND_OTHER = "{one}, {other}"
FAR_FROM_ZONES = "{territory} far from any zone"
OF_SYSTEM = "system {system}: {text}"
MOVED_DISARMED = "moved on the ground with the motors off: not flown, and not judged"
JOIN_DOUBTFUL = (
    "whether this file goes on with the flight of the file before cannot be told; "
    "judged as flights of their own: {apart}; as one flight: {one}"
)
FROM_TAKEOFF = "{answer}, with the take-off in {home}"
ANSWER_VIOLATION, ANSWER_INCONCLUSIVE, ANSWER_CLEAR = "a violation", "an open answer", "clear"
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


def both(parts: Iterable[Message]) -> Message:
    """Join what holds at once: "a and b and c"."""
    return linked("{one} and {other}", parts)


def several(parts: Iterable[Message]) -> Message:
    """Join what is said of one thing: "a; b; c"; "" of nothing."""
    return linked("{one}; {other}", parts)


def as_message(text: str) -> Message:
    """Return a text as it is where it knows its parts, else as a message without any."""
    return text if isinstance(text, Message) else Message(text)


def told_by(error: Exception) -> Message:
    """Return what an exception was raised with, with its parts: `str` of it has lost them."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Message) else Message(str(error))


def stored(value: object) -> object:
    """Return what MessagePack and JSON keep of a message, and of the numbers of numpy in it (msgspec's `enc_hook`)."""
    if isinstance(value, Message):
        return value.template, dict(value.values)
    number = getattr(value, "item", None)
    if number is not None:
        return number()
    raise NotImplementedError(type(value).__name__)


def from_stored(kind: type, value: Any) -> Any:
    """Return a message as `stored` kept it (msgspec's `dec_hook`), its values among them."""
    if kind is not Message:
        raise NotImplementedError(kind.__name__)
    return _restored(value)


def _restored(value: Any) -> Any:
    if isinstance(value, str):
        return Message(value)
    template, values = value
    return Message(template, **{n: _restored(v) if isinstance(v, list) else v for n, v in values.items()})


def linked(template: str, parts: Iterable[str]) -> Message:
    """Join parts by a template of `one` and `other`, from the left; "" of nothing."""
    told, *others = [as_message(part) for part in parts] or [Message("")]
    for part in others:
        told = Message(template, one=told, other=part)
    return told


def as_text(value: object) -> str:
    """Return a message as the plain text that files hold: the hook of msgspec's encoders. Raises TypeError."""
    if isinstance(value, Message):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written")


def _made(template: str, values: dict[str, object]) -> Message:
    return Message(template, **values)
