"""Texts of ED-269 and ED-318: names in several languages, messages with HTML in them, authorities.

| in the file | read as |
|---|---|
| "text" | itself (ED-269; Ireland in ED-318) |
| [{"text", "lang"}, ...] | the English one, else the first (ED-318) |
| {"text", "lang"} | its text (Frequentis, for an e-mail address) |
| HTML | its text |
"""

from __future__ import annotations

import html
import re

from dronecheck.safe.io import plain

__all__ = ["authority_of", "listed", "remarks_of", "text_of"]

_TAG = re.compile(r"<[^<>]{0,500}>")
_MOST_CHARS = 4_000
_REMARKS = (
    ("restrictionConditions", "conditions"),
    ("message", ""),
    ("otherReasonInfo", ""),
    ("reason", "reason"),
    ("reasons", "reason"),
    ("uSpaceClass", "U-space class"),
    ("regulationExemption", "exemption from the regulation"),
)
_CONTACTS = ("siteURL", "email", "phone")


def listed(value: object) -> list[object]:
    """Return the value as a list: one thing is a list of one, nothing is an empty one."""
    if value is None or value in ("", {}):
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: object, limit: int = 120) -> str:
    """Return one text for people; "" when there is none."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return plain(_without_html(value), limit)
    texts = [(str(t.get("lang") or "").lower(), t.get("text")) if isinstance(t, dict) else ("", t)
             for t in listed(value)[:50]]  # fmt: skip
    given = [(lang, str(text)) for lang, text in texts if isinstance(text, str | int | float) and str(text).strip()]
    chosen = next((text for lang, text in given if lang.startswith("en")), None)
    if chosen is None:
        plural = all(lang == "" for lang, _ in given)
        chosen = ", ".join(text for _, text in given) if plural else given[0][1]
    return plain(_without_html(chosen), limit)


def authority_of(value: object) -> str:
    """Return the authorities: name and service, what to ask them for, how long before, and where."""
    return plain("; ".join(filter(None, (_authority(one) for one in listed(value)[:10]))), 300)


def remarks_of(properties: dict[str, object]) -> str:
    """Return conditions, messages and reasons in one line."""
    parts = []
    for key, label in _REMARKS:
        text = text_of(properties.get(key), 600)
        if text:
            parts.append(f"{label}: {text}" if label else text)
    return plain("; ".join(dict.fromkeys(parts)), 1_200)


def _authority(one: object) -> str:
    if not isinstance(one, dict):
        return text_of(one)
    names = [text_of(one.get(key)) for key in ("name", "service")]
    purpose = text_of(one.get("purpose"), 20).lower()
    before = text_of(one.get("intervalBefore"), 20)
    contact = next(filter(None, (text_of(one.get(key)) for key in _CONTACTS)), "")
    about = " ".join(filter(None, (purpose, f"{before} before" if before else "")))
    return ": ".join(filter(None, (", ".join(dict.fromkeys(filter(None, names))), about))) + (
        f" ({contact})" if contact else ""
    )


def _without_html(text: str) -> str:
    text = text[:_MOST_CHARS]
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "&" in text:
        text = html.unescape(text)
    return " ".join(text.split())
