"""What a Placemark says of itself in texts, in the properties of dronecheck's own profile.

| found in | read as |
|---|---|
| ExtendedData with properties of a profile that is known | these, as in GeoJSON |
| "Upper limit: 2000 FT ALT", "Lower limit: SFC" in description or ExtendedData | floor and ceiling |
| "up to 50 m AGL" there, a property that names a height, or drawn heights, and no limit | both limits are unknown |
| "Restriction Forbidden" in a table (Slovenia) | prohibited |
| "Class: D" there, the designator (EG D001) or a word (CTR, FRZ) in the name, the folder's name | `common.meanings` |

ALT is NATS's word for above mean sea level. A number without a datum is no limit: KML has no convention for it.
"""

from __future__ import annotations

import html
import re

from dronecheck.airspace.common.meanings import meaning_of
from dronecheck.airspace.common.properties import OWN
from dronecheck.airspace.common.publishers import Foreign, translated
from dronecheck.airspace.common.publishers.texts import (
    heights_in,
    lines_of,
    put_limits,
    put_unknown,
    said,
    sentence_of_heights,
)
from dronecheck.airspace.common.schedule_text import with_schedule
from dronecheck.airspace.kml.placemarks import Placemark
from dronecheck.airspace.schedule import Schedule
from dronecheck.messages import Message, several
from dronecheck.safe.io import plain

__all__ = ["FOLDERS", "plain_text", "properties_of"]

FOLDERS = {
    "TMA": "TMA", "CTA": "CTA", "CTR": "CTR", "ATZ": "ATZ", "MATZ": "MATZ", "AWY": "AWY", "FIR": "FIR", "UIR": "UIR",
    "TMZ": "TMZ", "OTHER:TMZ": "TMZ", "RMZ": "RMZ", "OTHER:RMZ": "RMZ", "PROHIBITED": "P", "RESTRICTED": "R",
    "FRZ": "R", "DANGER": "Q", "D_OTHER": "Q",
}  # fmt: skip
_WORDS = re.compile(r"\b(TMA|CTA|CTR|MATZ|ATZ|TMZ|RMZ|FRZ)\b")
_DESIGNATOR = re.compile(r"\b[A-Z]{2}[ -]?([PRD])[A-Z]?[ -]?\d")
_TYPE_OF_LETTER = {"P": "P", "R": "R", "D": "Q"}
_LARGE = re.compile(r"[ _-]*(?:AREAS?|ZONES?|AIRSPACES?)$")

_NEW_LINE = re.compile(r"<(?:br|/?p|/?tr|/?div|/?li|/?table|/?h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_END_TAG = re.compile(r"</(?:td|tr|table|html)>", re.IGNORECASE)
_TABLE = re.compile(r"<t[dr]\b", re.IGNORECASE)
_NO_TEXT = re.compile(r"<(script|style)\b.{0,20000}?</\1>", re.IGNORECASE | re.DOTALL)
_NO_NAME = re.compile(r"(?:placemark|[\d.\s]*)", re.IGNORECASE)
_CALLED = re.compile(r"^(?:Naziv|Subject|Ime|Obmo[cč]je|Zone|Name) (.+)$", re.IGNORECASE | re.MULTILINE)
_FORBIDDEN = re.compile(r"^(?:UAS[ _])?Restri\w*:? (?:Forbidden|Prohibited)$", re.IGNORECASE | re.MULTILINE)
_CLASS = re.compile(r"\W*([A-G])\b", re.IGNORECASE)


def properties_of(mark: Placemark) -> Foreign:
    """Return the Placemark's properties: those of a known profile, else those that its texts say."""
    data = with_schedule({key: value for key, value in mark.data.items() if key})
    text = plain_text(mark.description)
    name = _name(" ".join(mark.name.split()), text)
    known = {"name": name, **data} if name else data
    foreign = translated(known)
    if foreign.is_published or foreign.unusable or data.keys() & (OWN - {"id", "name"}):
        return foreign
    own: dict[str, object] = {"name": name or None, "remarks": "; ".join(text.split("\n"))}
    values = said("\n".join([text, lines_of(data.items())]))
    heights = "not stated" if _has_heights(mark) else sentence_of_heights(text) or heights_in(data.items())
    if heights:
        put_unknown(own, heights)
    doubts = put_limits(own, values)
    unknown = _put_meaning(own, mark, name, values.get("class", []), text)
    schedule = None
    if mark.span:
        schedule = Schedule(
            (),
            plain(Message("a time to show it, {span}, which need not be its validity", span=", ".join(mark.span)), 200),
        )
    return Foreign(own, schedule=schedule, unknown_class=unknown, doubt=several(doubts))


def plain_text(description: str) -> str:
    """Return HTML without its tags: lines of words. Tables of Slovenia's hold their like once more, as a text."""
    text = description
    for _ in range(2):
        text = " ".join(text.split()) if _TABLE.search(text) else text  # where lines end, its rows say
        text = html.unescape(_TAG.sub(" ", _NEW_LINE.sub("\n", _NO_TEXT.sub(" ", text))))
        if not _END_TAG.search(text):
            break
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _name(name: str, text: str) -> str:
    """Return the Placemark's name, or what its table calls it where the name is a number or the word Placemark."""
    if not _NO_NAME.fullmatch(name):
        return name
    found = _CALLED.search(text)
    return found[1] if found and not _NO_NAME.fullmatch(found[1]) else name


def _put_meaning(own: dict[str, object], mark: Placemark, name: str, classes: list[str], text: str) -> str:
    """Put kind and effect into `own`; return what no table has."""
    classed = next((found[1].upper() for found in map(_CLASS.match, classes) if found), "")
    upper = name.upper()
    designator, word = _DESIGNATOR.search(upper), _WORDS.search(upper)
    types = [_TYPE_OF_LETTER[designator[1]]] if designator else []
    types += [FOLDERS[folder] for folder in map(_folder, reversed(mark.folders)) if folder in FOLDERS][:1]
    types += [FOLDERS[word[1]]] if word and not types else []
    types += ["P"] if _FORBIDDEN.search(text) else []
    if not types and not classed:
        return Message("what it restricts")
    meaning, is_known = meaning_of(classed, *types)
    own["kind"], own["effect"] = meaning.kind.value, meaning.effect.value if meaning.effect else None
    return "" if is_known else " ".join((classed, *types))


def _folder(name: str) -> str:
    return _LARGE.sub("", name.strip().upper())


def _has_heights(mark: Placemark) -> bool:
    rings = [face.rings[0] for face in mark.faces if face.rings and face.mode != "clampToGround"]
    return any((ring[:, 2] != 0).any() for ring in rings)
