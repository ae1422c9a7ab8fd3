"""The page of `dronecheck app`: one HTML document, put together from the files of this folder.

Style, words and scripts stand in the document itself, so that the policy sent with it can name each by its hash and
allow nothing else. `script/` is plain JavaScript without a build step; `script/http-engine.js` alone knows of a server,
and another script that gives `createEngine()` can stand in its place (docs/app.md, "Another engine").
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files

__all__ = ["LANGUAGES", "AppPage", "app_page"]

LANGUAGES = ("en", "zh", "ko")
ENGINE = "http-engine.js"
SCRIPTS = ("say.js", "make.js", "intake.js", "session.js", "queue.js", "result.js", "zones.js", "screens.js", "app.js")


@dataclass(frozen=True, slots=True)
class AppPage:
    """The document in UTF-8, and what a Content-Security-Policy lists for it (`'sha256-...'`, quotes included)."""

    html: bytes
    script_hashes: tuple[str, ...]
    style_hashes: tuple[str, ...]


def app_page(engine: str | None = None) -> AppPage:
    """Return the page, the same for everyone: nothing of the user's is in it.

    `engine` is the text of the script that gives `createEngine()`; None is the one that talks to the local server.
    """
    style = _text("app.css")
    scripts = [_text(f"script/{ENGINE}") if engine is None else engine, *(_text(f"script/{name}") for name in SCRIPTS)]
    script = "\n".join(scripts)
    words = json.dumps({code: json.loads(_text(f"words/{code}.json")) for code in LANGUAGES}, ensure_ascii=False)
    words = words.replace("<", "\\u003c")  # no tag in a word ends the element
    document = _text("index.html")
    for mark, text in (("/*style*/", style), ("/*words*/", words), ("/*script*/", script)):
        before, found, after = document.partition(mark)
        assert found, mark
        document = before + text + after
    return AppPage(document.encode(), (_hash(script),), (_hash(style),))


def _text(name: str) -> str:
    return (files(__name__) / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
