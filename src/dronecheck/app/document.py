"""The page as it is served: with the policy that allows what it holds, and the reports that it shows, by hash alone."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from dronecheck.app.page import app_page
from dronecheck.app.server import Reply

__all__ = ["front_page"]

_REPORT = ("report/page", "page.css")
_REPORT_STYLES = ((_REPORT,), (_REPORT, ("report/page", "media.css")), (_REPORT, ("audit/fleet", "fleet.css")))
_REPORT_SCRIPTS = (("report/page", "page.js"), ("audit/fleet", "fleet.js"))


@cache
def front_page() -> Reply:
    """Return the page; a report that it shows in a frame inherits the policy, so that of reports is in it."""
    page = app_page()
    styles = [*page.style_hashes, *(_hash("".join(_read(*part) for part in parts)) for parts in _REPORT_STYLES)]
    scripts = [*page.script_hashes, *(_hash(_read(*part)) for part in _REPORT_SCRIPTS)]
    policy = (
        f"default-src 'none'; script-src {' '.join(scripts)}; style-src {' '.join(styles)}; connect-src 'self'; "
        "img-src data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
    return Reply(page.html, "text/html; charset=utf-8", policy=policy)


def _read(folder: str, name: str) -> str:
    return (files("dronecheck") / folder / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
