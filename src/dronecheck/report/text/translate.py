"""Reports in other languages: English sentences are the keys of a catalogue, with places for figures and names.

A key's placeholders, the same in the translation: `{n}` a number, `{q}` a quantity with its unit, `{k}` a word or two
without commas and brackets, `{r}` anything, left as it is (names), `{a}` anything, itself translated. A text without an
entry is taken apart at its sentences, then at its semicolons; what still has none stays English. So the English text is
always complete, and machines read the JSON, which is never translated.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files

__all__ = ["LANGUAGES", "Words", "words"]

LANGUAGES = ("en", "zh", "ko")
_LONGEST = 1_000  # longer texts are somebody's long name; matching them would not be linear
_PLACES = {
    "n": r"[-−+±]?\d+(?:[.,]\d+)*",
    "q": r"[-−]?\d+(?:[.,]\d+)* (?:m|km|s|min|h)(?: \d+ (?:s|min))?",
    "k": r"[^(),;]*",
    "r": r".+?",
    "a": r".+?",
}
_PLACE = re.compile(r"\{([a-z])(\d?)\}")

Words = Callable[[str], str]


@cache
def words(language: str) -> Words:
    """The translator of a language; English is the text itself."""
    if language == "en":
        return _same
    import tomllib

    raw = files("dronecheck.report").joinpath("catalogues", f"{language}.toml").read_text("utf-8")
    catalogue: dict[str, dict[str, str]] = tomllib.loads(raw)
    entries, marks = catalogue["words"], catalogue["marks"]
    plain = {key: value for key, value in entries.items() if "{" not in key}
    # The most literal text first: "CANNOT TELL whether it entered {r}." before "{r}."
    patterns = sorted((k for k in entries if "{" in k), key=lambda k: -len(_PLACE.sub("", k)))
    shaped = [(_pattern(key), entries[key]) for key in patterns]

    @cache
    def translate(text: str) -> str:
        if len(text) > _LONGEST:
            return text
        if (entry := plain.get(" ".join(text.split()))) is not None:
            return entry
        for pattern, value in shaped:
            if found := pattern.fullmatch(text):
                return _filled(value, found, translate)
        return _by_parts(text, translate, marks)

    return translate


def _same(text: str) -> str:
    return text


def _pattern(key: str) -> re.Pattern[str]:
    parts = _PLACE.split(key)
    text = re.escape(parts[0])
    for kind, number, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        text += f"(?P<{kind}{number or 0}>{_PLACES[kind]})" + re.escape(literal)
    return re.compile(text.replace(r"\ ", " +"), re.DOTALL)


def _filled(value: str, found: re.Match[str], translate: Words) -> str:
    def place(match: re.Match[str]) -> str:
        text = found[f"{match[1]}{match[2] or 0}"]
        return translate(text) if match[1] == "a" else text

    return _PLACE.sub(place, value)


def _by_parts(text: str, translate: Words, marks: dict[str, str]) -> str:
    """Sentence by sentence, then clause by clause; a part without an entry stays as it is."""
    for between, mark in ((r"(?<=[.!]) +", "sentence"), ("; ", "clause")):
        parts = re.split(between, text.removesuffix(".") if mark == "clause" else text)
        if len(parts) > 1:
            told = [translate(part) for part in parts]
            if told == parts:
                return text
            return marks[mark].join(told) + (marks["stop"] if mark == "clause" and text.endswith(".") else "")
    if text.endswith(".") and (body := translate(text[:-1])) != text[:-1]:
        return body + marks["stop"]
    return text
