"""What texts of no known publisher say of floor and ceiling: read where nothing can be mistaken, else unknown.

| found in a text, or as a property and its value | read as |
|---|---|
| "Upper limit: 2000 FT ALT", "floor: SFC", "ceiling: FL100" | that limit, as in OpenAir; ALT: sea level |
| a number without a datum, two values for one limit | unknown: such texts have no convention |
| one limit without the other | the other is unknown |
| any other property or text that speaks of heights (`MinAlt`, `height: 60`, "up to 50 m AGL") | both limits unknown |

What says nothing of heights leaves the zone from the ground up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dronecheck.airspace.common.limit_text import read_limit
from dronecheck.airspace.common.publishers.foreign import Properties
from dronecheck.airspace.zone import Datum
from dronecheck.messages import Message
from dronecheck.safe.io import plain

__all__ = ["heights_in", "lines_of", "put_limits", "put_unknown", "said", "sentence_of_heights"]

_KEY = re.compile(
    r"\b(?:(?P<side>upper|lower)[ _-]?(?:vertical )?(?:limit|level|altitude|ceiling)\b ?(?:[:=]|- )?"
    r"|(?P<word>upper|lower|ceiling|floor|top|base|class) ?[:=])",
    re.IGNORECASE,
)
_SIDES = {"upper": "upper", "ceiling": "upper", "top": "upper", "lower": "lower", "floor": "lower", "base": "lower"}
_LONGEST_VALUE = 60
_EQUIVALENT = re.compile(r"[\d\s.,]*(?:m|ft|km)?(?: ?(?:amsl|agl|msl))?", re.IGNORECASE)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_OF_HEIGHTS = frozenset(
    [
        "upper",
        "lower",
        "floor",
        "ceiling",
        "altitude",
        "altitudes",
        "alt",
        "height",
        "heights",
        "elevation",
        "agl",
        "amsl",
        "msl",
        "asfc",
        "fl",
        "flightlevel",
        "limit",
        "limits",
        "limite",
        "limites",
        "plancher",
        "plafond",
        "hauteur",
        "hoehe",
        "höhe",
        "untergrenze",
        "obergrenze",
        "altura",
        "altitud",
        "quota",
        "hoogte",
        "višina",
        "visina",
        "højde",
        "høyde",
        "höjd",
        "korkeus",
        "wysokość",
    ]
)
_WHOLE = frozenset({"top", "base", "bottom", "max", "min"})
_CHARACTERS = ("高度", "限高", "고도")
_SENTENCE = re.compile(
    r"\bFL ?\d{2,3}\b"
    r"|\d ?(?:m|ft|feet|met(?:er|re)s?)\b\.? ?(?:\(?above\b|AGL|AMSL|MSL|ASFC|GND|SFC)"
    r"|\b(?:height|altitude|hauteur|altura|höhe|višina|visina)\b[^\n]{0,60}\d",
    re.IGNORECASE,
)
_LONGEST_TEXT = 20_000
_WORDS_BEFORE = 24


def said(text: str) -> dict[str, list[str]]:
    """Return what stands behind the keys for upper, lower and class, up to the next key or the end of the line."""
    found = list(_KEY.finditer(text))
    values: dict[str, list[str]] = {}
    for number, key in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        value = text[key.end() : min(end, key.end() + 4 * _LONGEST_VALUE)].partition("\n")[0].strip(" ,;.|")
        word = (key["side"] or key["word"]).lower()
        values.setdefault(_SIDES.get(word, word), []).append(value)
    return values


def put_limits(own: Properties, values: dict[str, list[str]]) -> list[Message]:
    """Put what `said` found into `own`; return what is doubtful about it. Nothing said puts nothing."""
    if not (values.get("lower") or values.get("upper")):
        return []
    doubts = []
    for side in ("lower", "upper"):
        given = list(dict.fromkeys(values.get(side, [])))
        reading = read_limit(re.sub(r"\bALT\b", "MSL", given[0].upper())) if given else None
        if reading is None or len(given) > 1 or reading.assumed or reading.limit.datum is Datum.UNKNOWN:
            own[f"{side}_m"], own[f"{side}_datum"] = _shown(given), "UNKNOWN"
            continue
        own[f"{side}_m"], own[f"{side}_datum"] = reading.limit.value_m, reading.limit.datum.value
        if not _EQUIVALENT.fullmatch(reading.condition):
            doubts.append(Message("{condition!r} beside its limits", condition=plain(reading.condition, 60)))
    return doubts


def put_unknown(own: Properties, heights: str) -> None:
    """Put two unknown limits into `own`, with the words that speak of them."""
    for side in ("lower", "upper"):
        own[f"{side}_m"], own[f"{side}_datum"] = plain(heights, _LONGEST_VALUE), "UNKNOWN"


def heights_in(properties: Iterable[tuple[str, object]]) -> str:
    """Return the first property that speaks of heights, with its value; "" where none does."""
    for key, value in properties:
        if value is None or value == "" or isinstance(value, bool):
            continue
        if _names_a_height(str(key)):
            return f"{key}: {_words(value)}"
        sentence = sentence_of_heights(value) if isinstance(value, str) else ""
        if sentence:
            return f"{key}: {sentence}"
    return ""


def sentence_of_heights(text: str) -> str:
    """Return the words of a text that speak of a height, with some before them in their line; "" where none do."""
    found = _SENTENCE.search(text[:_LONGEST_TEXT])
    if not found:
        return ""
    before = text[max(0, found.start() - _WORDS_BEFORE) : found.start()].rpartition("\n")[2]
    return f"{before.partition(' ')[2]}{found[0]}"


def lines_of(properties: Iterable[tuple[str, object]]) -> str:
    """Return properties as lines of key and value, for `said`; a value of several parts as its parts."""
    return "\n".join(f"{key}: {_words(value)}" for key, value in properties if value is not None)


def _words(value: object) -> str:
    parts = value.values() if isinstance(value, dict) else [value]
    return " ".join(" ".join(str(part).split()) for part in parts)


def _names_a_height(key: str) -> bool:
    words = [word.lower() for word in _WORD.findall(key)]
    if "name" in words:
        return False  # alt_name, lower_name
    whole = "".join(words)
    return whole in _WHOLE or not _OF_HEIGHTS.isdisjoint(words) or any(c in key for c in _CHARACTERS)


def _shown(given: list[str]) -> str:
    return plain(" / ".join(given[:2]), _LONGEST_VALUE) if given else "not stated"
