"""What a Placemark says of itself in texts, in the properties of dronecheck's own profile.

| found in | read as |
|---|---|
| ExtendedData with properties of a profile that is known | these, as in GeoJSON |
| "Upper limit: 2000 FT ALT", "Lower limit: SFC" in description or ExtendedData | floor and ceiling |
| "Class: D" there, the designator (EG D001) or a word (CTR, FRZ) in the name, the folder's name | `common.meanings` |

ALT is NATS's word for above mean sea level. A number without a datum is no limit: KML has no convention for it.
"""

from __future__ import annotations

import html
import re

from dronecheck.airspace.common.limit_text import read_limit
from dronecheck.airspace.common.meanings import meaning_of
from dronecheck.airspace.common.properties import OWN
from dronecheck.airspace.common.publishers import Foreign, translated
from dronecheck.airspace.common.schedule_text import with_schedule
from dronecheck.airspace.kml.placemarks import Placemark
from dronecheck.airspace.schedule import Schedule
from dronecheck.airspace.zone import Datum
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

_KEY = re.compile(
    r"\b(?:(?P<side>upper|lower)[ _-]?(?:vertical )?(?:limit|level|altitude)\b ?(?:[:=]|- )?"
    r"|(?P<word>upper|lower|ceiling|floor|top|base|class) ?[:=])",
    re.IGNORECASE,
)
_SIDES = {"upper": "upper", "ceiling": "upper", "top": "upper", "lower": "lower", "floor": "lower", "base": "lower"}
_LONGEST_VALUE = 60
_NEW_LINE = re.compile(r"<(?:br|/?p|/?tr|/?div|/?li|/?table|/?h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_EQUIVALENT = re.compile(r"[\d\s.,]*(?:m|ft|km)?(?: ?(?:amsl|agl|msl))?", re.IGNORECASE)
_CLASS = re.compile(r"\W*([A-G])\b", re.IGNORECASE)


def properties_of(mark: Placemark) -> Foreign:
    """Return the Placemark's properties: those of a known profile, else those that its texts say."""
    data = with_schedule({key: value for key, value in mark.data.items() if key})
    name = " ".join(mark.name.split())
    known = {"name": name, **data} if name else data
    if data.keys() & (OWN - {"id", "name"}):
        return Foreign(known)
    foreign = translated(known)
    if foreign.properties is not known:
        return foreign
    text = plain_text(mark.description)
    lines = [text, *(f"{key}: {value}" for key, value in data.items())]
    own: dict[str, object] = {"name": name or None, "remarks": "; ".join(text.split("\n"))}
    said = _said("\n".join(lines))
    doubts = _put_limits(own, said, has_heights=_has_heights(mark))
    unknown = _put_meaning(own, mark, name, said.get("class", []))
    schedule = None
    if mark.span:
        schedule = Schedule(
            (),
            plain(Message("a time to show it, {span}, which need not be its validity", span=", ".join(mark.span)), 200),
        )
    return Foreign(own, schedule=schedule, unknown_class=unknown, doubt=several(doubts))


def plain_text(description: str) -> str:
    """Return HTML without its tags: lines of words."""
    text = html.unescape(_TAG.sub(" ", _NEW_LINE.sub("\n", description)))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _said(text: str) -> dict[str, list[str]]:
    """Return what stands behind the keys for upper, lower and class, up to the next key or the end of the line."""
    found = list(_KEY.finditer(text))
    said: dict[str, list[str]] = {}
    for number, key in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        value = text[key.end() : min(end, key.end() + 4 * _LONGEST_VALUE)].partition("\n")[0].strip(" ,;.|")
        word = (key["side"] or key["word"]).lower()
        said.setdefault(_SIDES.get(word, word), []).append(value)
    return said


def _put_limits(own: dict[str, object], said: dict[str, list[str]], *, has_heights: bool) -> list[Message]:
    """Put floor and ceiling into `own`; return what is doubtful about them.

    Drawn heights are no limits, and not the ground.
    """
    doubts = []
    for side in ("lower", "upper"):
        values = list(dict.fromkeys(said.get(side, [])))
        if not values:
            if has_heights or said.get("lower") or said.get("upper"):
                own[f"{side}_m"], own[f"{side}_datum"] = "not stated", "UNKNOWN"
            continue
        reading = read_limit(re.sub(r"\bALT\b", "MSL", values[0].upper()))
        if len(values) > 1 or reading.assumed or reading.limit.datum is Datum.UNKNOWN:
            own[f"{side}_m"], own[f"{side}_datum"] = plain(" / ".join(values[:2]), _LONGEST_VALUE), "UNKNOWN"
            continue
        own[f"{side}_m"], own[f"{side}_datum"] = reading.limit.value_m, reading.limit.datum.value
        if not _EQUIVALENT.fullmatch(reading.condition):
            doubts.append(Message("{condition!r} beside its limits", condition=plain(reading.condition, 60)))
    return doubts


def _put_meaning(own: dict[str, object], mark: Placemark, name: str, classes: list[str]) -> str:
    """Put kind and effect into `own`; return what no table has."""
    classed = next((found[1].upper() for found in map(_CLASS.match, classes) if found), "")
    upper = name.upper()
    designator, word = _DESIGNATOR.search(upper), _WORDS.search(upper)
    types = [_TYPE_OF_LETTER[designator[1]]] if designator else []
    types += [FOLDERS[folder] for folder in map(_folder, reversed(mark.folders)) if folder in FOLDERS][:1]
    types += [FOLDERS[word[1]]] if word and not types else []
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
