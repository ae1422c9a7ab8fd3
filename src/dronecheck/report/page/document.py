"""Write what every page of ours is: one HTML document with one style and one script, each allowed by its hash alone."""

from __future__ import annotations

import base64
import hashlib

from dronecheck.safe.html import Markup, render

__all__ = ["document"]


def document(template: str, language: str, style: Markup, script: Markup, **values: object) -> str:
    """Return the document of a template that extends `report/page/document.html.j2`, filled with values.

    With `has_images` among them the page may hold pictures, within itself and from nowhere else.
    """
    text = render(
        template,
        language=language,
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        **{"has_images": False, **values},
    )
    return f"<!DOCTYPE html>\n{text}\n"


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
