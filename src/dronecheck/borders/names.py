"""What people call a territory: its code, its name in the languages of the reports, or another that is in use."""

from __future__ import annotations

from difflib import get_close_matches
from unicodedata import category, normalize

from dronecheck.borders.territories import is_known, known_codes, territory_names
from dronecheck.errors import UsageError

__all__ = ["code_of"]

_MOST_OFFERED = 6
# Names in everyday use that CLDR, which the table of names is from, writes otherwise. A part of a State stands for it.
_ALSO = {
    "uk": "GBR", "great britain": "GBR", "britain": "GBR", "england": "GBR", "scotland": "GBR", "wales": "GBR",
    "america": "USA", "united states of america": "USA", "us of a": "USA",
    "dprk": "PRK", "rok": "KOR", "republic of korea": "KOR", "prc": "CHN", "mainland china": "CHN",
    "people s republic of china": "CHN", "roc": "TWN", "russian federation": "RUS", "uae": "ARE", "emirates": "ARE",
    "holland": "NLD", "the netherlands": "NLD", "czech republic": "CZE", "turkey": "TUR", "burma": "MMR",
    "swaziland": "SWZ", "macedonia": "MKD", "ivory coast": "CIV", "east timor": "TLS", "cape verde": "CPV",
    "vatican": "VAT", "drc": "COD", "bosnia": "BIH", "hong kong": "HKG", "macau": "MAC", "macao": "MAC",
    "palestine": "PSE", "viet nam": "VNM", "the gambia": "GMB", "the bahamas": "BHS",
    "朝鲜民主主义人民共和国": "PRK", "北朝鲜": "PRK", "南韩": "KOR", "南朝鲜": "KOR", "大韩民国": "KOR",
    "中华人民共和国": "CHN", "조선민주주의인민공화국": "PRK", "조선": "PRK", "한국": "KOR", "남한": "KOR",
}  # fmt: skip


def code_of(text: str) -> str:
    """Return the alpha-3 code that is meant by a code or a name. Raises UsageError, with the territories it may mean.

    A code that there is not comes back as it is: whoever judges by it refuses it with examples.

    >>> code_of("China"), code_of("uk"), code_of("prk")
    ('CHN', 'GBR', 'PRK')
    """
    code, name = text.strip().upper(), _plain(text)
    if is_known(code):
        return code
    exact = _ALSO.get(name) or next((code for code, names in _spelt() if name in names), None)
    if exact:
        return exact
    if len(name) < 3 and name.isascii():
        return code  # of two letters: a code of another list, in which CH is no China
    words = set(name.split())
    found = [code for code, names in _spelt() if any(words <= set(one.split()) for one in names)]
    if not found:
        near = get_close_matches(name, [one for _, names in _spelt() for one in names], n=3, cutoff=0.75)
        found = [code for code, names in _spelt() if any(one in names for one in near)]
        if not found:
            return code
    offered = ", ".join(f"{one} ({territory_names(one)['en']})" for one in found[:_MOST_OFFERED])
    more = "..." if len(found) > _MOST_OFFERED else ""
    raise UsageError(f"{' '.join(text.split())[:40]}: which territory is meant? Give one of {offered}{more}")


def _spelt() -> list[tuple[str, list[str]]]:
    return [(code, [_plain(name) for name in territory_names(code).values()]) for code in known_codes()]


def _plain(text: str) -> str:
    """Return letters and digits in small, without accents, words parted by single spaces."""
    letters = (char for char in normalize("NFKD", text.casefold()) if category(char) != "Mn")
    return " ".join(normalize("NFC", "".join(char if char.isalnum() else " " for char in letters)).split())
