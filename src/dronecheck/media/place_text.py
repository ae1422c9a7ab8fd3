"""Places in free text: coordinates in the ways in which people and programs write them, and links to maps.

Decimal pairs, degrees and minutes, ISO 6709, `geo:` (RFC 5870), MGRS, UTM, plus codes, what3words, addresses of maps. A
name of a place is none of these: it is told by the field that it stands in.
"""

from __future__ import annotations

import re

__all__ = ["has_place"]

_LOOKED_AT_CHARS = 1 << 16
_DEC = r"[-+]?\d{1,3}\.\d{3,15}"
_PLUS = "[23456789CFGHJMPQRVWX]"
_NUMBERS = re.compile(
    rf"(?<![\d.]){_DEC}(?:\s{{0,3}}°?\s?[NSEW]?\s{{0,3}}[,;/| ]\s{{0,3}}[-+]?\d{{1,5}}(?:\.\d{{1,15}})?){{1,8}}"
)
_FIGURE = re.compile(r"[-+]?\d{1,5}(?:\.\d{1,15})?")
_FORMS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"(?:^|[^a-z])(?:gps[ _]?)?(?:lat(?:itude)?|lon|lng|long|longt?i?tude)[a-z_]{0,8}[\"'\])]{0,2}"
         r"\s{0,3}[:=]?\s{0,3}[\"'(\[]{0,2}[-+]?\d{1,3}[.,]\d{3,}", re.IGNORECASE),
        (r"(?<!\d)\d{1,3},\d{4,15}°?\s{0,2}[NSEW]?\s{0,2}[;/ |]\s{0,2}-?\d{1,3},\d{4,15}(?!\d)", 0),
        # degrees, minutes, seconds, with a letter behind or before them
        (r"(?<!\d)\d{1,3}(?:\.\d{2,15})?\s?(?:°|º|˚|deg\b|d\b)\s{0,2}(?:\d{1,2}(?:\.\d{1,15})?\s?(?:['′’m]|min)?\s{0,2})?"
         r"(?:\d{1,2}(?:\.\d{1,15})?\s?(?:[\"″”s]|'')?)?\s{0,2}[NSEW](?![a-zA-Z])", 0),
        (r"(?<![A-Za-z])[NS]\s{0,2}\d{1,2}\s?[°º ]\s{0,2}\d{1,2}(?:\.\d{1,15})?[^A-Za-z]{0,20}[EW]\s{0,2}\d{1,3}", 0),
        (r"(?<![A-Za-z\d])[NS]\s?\d{1,2}\.\d{3,15}[^A-Za-z]{0,5}[EW]\s?\d{1,3}\.\d{3,15}", 0),
        (r"(?<!\d)\d{1,3}\.\d{3,15}\s?°?\s?[NS][^A-Za-z\d]{0,5}\d{1,3}\.\d{3,15}\s?°?\s?[EW](?![a-zA-Z])", 0),
        (r"(?<!\d)\d{1,3},\d{1,2}(?:\.\d{1,15}|,\d{1,2}(?:\.\d{1,15})?)\s?[NSEW](?![a-zA-Z])", 0),
        # ISO 6709
        (r"(?<![\d.])[+-]\d{2}(?:\d{2}){0,2}(?:\.\d{1,12})?[+-]\d{3}(?:\d{2}){0,2}(?:\.\d{1,12})?(?:[+-][\d.]{1,12})?"
         r"(?:CRS\w{1,12})?/", 0),
        (r"(?<![\d.])[+-]\d{2,6}\.\d{2,12}[+-]\d{3,7}\.\d{2,12}", 0),
        (r"\bgeo:[-+]?\d{1,3}(?:\.\d+)?,[-+]?\d", re.IGNORECASE),
        (r"maps\.app\.goo\.gl|goo\.gl/maps|google\.[a-z.]{2,8}/maps|maps\.google\.|maps\.apple\.com|openstreetmap\.org|"
         r"//osm\.org|amap\.com|map\.baidu\.com|map\.qq\.com|yandex\.[a-z.]{2,6}/maps|bing\.com/maps|what3words\.com|w3w\.co|"
         r"plus\.codes|waze\.com|map\.kakao\.com|map\.naver\.com|2gis\.|wego\.here\.com|mapy\.c(?:z|om)|foursquare\.com/v/",
         re.IGNORECASE),
        (r"(?<![:\w/])///[a-z]{2,20}\.[a-z]{2,20}\.[a-z]{2,20}(?![\w.])", 0),
        (rf"(?<![\w+/=])(?:{_PLUS}{{8}}|{_PLUS}{{4}})\+{_PLUS}{{2,3}}(?![\w+/=])", 0),
        # MGRS and UTM
        (r"(?<![A-Za-z0-9])\d{1,2}[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(?:\d{3,5}\s\d{3,5}|\d{8}|\d{10})(?![A-Za-z0-9])", 0),
        (r"(?<![A-Za-z0-9])\d{1,2}\s?[C-HJ-NP-X]\s{1,3}\d{6}(?:\.\d{1,3})?\s?m?\s?E?[\s,;]{1,3}\d{6,7}(?!\d)", 0),
    )
)  # fmt: skip


def has_place(text: str) -> bool:
    """Tell whether a text holds a place.

    >>> has_place("at 40.11712, 124.39031"), has_place("geo:40.1,124.4"), has_place("0.3127 0.3290")
    (True, True, False)
    """
    text = text[:_LOOKED_AT_CHARS]
    return any(_is_pair(found[0]) for found in _NUMBERS.finditer(text)) or any(form.search(text) for form in _FORMS)


def _is_pair(run: str) -> bool:
    """Tell whether a row of numbers begins with latitude and longitude, or the other way round; a height may follow.

    Longer rows are tables of a lens or a colour, and so are pairs near zero.
    """
    figures = _FIGURE.findall(run)
    decimals = [len(figure.partition(".")[2]) for figure in figures[:2]]
    if len(figures) not in (2, 3) or min(decimals) < 3 or max(decimals) < 4:
        return False
    one, other = (abs(float(figure)) for figure in figures[:2])
    return min(one, other) <= 90 and max(one, other) <= 180 and max(one, other) > 2
