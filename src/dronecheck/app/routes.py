"""What each address of the API does. Whatever a user, a page or a file did comes back as a sentence, never a trace."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

from dronecheck.app.document import front_page
from dronecheck.app.library import feeds_told, library_told
from dronecheck.app.pool import Failed
from dronecheck.app.server import AppRequest, Reply, reply_of
from dronecheck.app.session import HEAD_BYTES, Session
from dronecheck.app.shelf import FILE_AT_MOST_BYTES, TooMuch
from dronecheck.errors import UnreadableInput, UsageError
from dronecheck.safe.io import plain

__all__ = ["Routes"]

POLL_S = 20.0
JSON_AT_MOST_BYTES = 4 << 20
WHOLE_FILM_BYTES = 32 << 20
FILM_AT_MOST_BYTES = 256 << 30
_TOKEN_BYTES = 24
_BODIES = {"recognise": HEAD_BYTES, "files": FILE_AT_MOST_BYTES, "films": WHOLE_FILM_BYTES}
_KINDS = {
    "json": "application/json", "kml": "application/vnd.google-earth.kml+xml", "gpx": "application/gpx+xml",
    "geojson": "application/geo+json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf",
    "page": "text/html; charset=utf-8",
}  # fmt: skip
_WITH_ID = {
    ("DELETE", "files"), ("POST", "films"), ("DELETE", "jobs"), ("GET", "page"), ("GET", "json"), ("GET", "export"),
    ("GET", "media"), ("DELETE", "zones"), ("GET", "past"), ("DELETE", "past"),
}  # fmt: skip

Route = Callable[[AppRequest], Reply]


class NotFound(Exception):
    """There is no such address, file or row."""


class Routes:
    """The site that the server serves: the page, and the API of one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._routes: dict[tuple[str, str], Route] = {
            ("POST", "recognise"): self._recognise,
            ("GET", "files"): self._files,
            ("POST", "files"): self._take,
            ("DELETE", "files"): self._drop,
            ("POST", "films"): self._film,
            ("POST", "scrub"): self._scrub,
            ("GET", "media"): self._thumb,
            ("POST", "check"): self._check,
            ("GET", "jobs"): self._jobs,
            ("DELETE", "jobs"): self._forget,
            ("GET", "page"): self._page,
            ("GET", "json"): self._json,
            ("GET", "export"): self._export,
            ("POST", "audit"): self._audit,
            ("GET", "zones"): lambda asked: reply_of(library_told()),
            ("POST", "zones"): lambda asked: reply_of(self.session.zones(_object(asked))),
            ("DELETE", "zones"): self._remove_zones,
            ("GET", "feeds"): lambda asked: reply_of(feeds_told()),
            ("GET", "past"): self._past,
            ("POST", "past"): self._keep_past,
            ("DELETE", "past"): self._forget_past,
            ("GET", "about"): self._about,
            ("POST", "stop"): self._stop,
        }

    def needs_token(self, method: str, path: str) -> bool:
        """Tell whether an address needs the token: all but the page, in which nothing of the user's is."""
        return not (method == "GET" and path == "/")

    def most_bytes(self, method: str, path: str) -> int:
        """Return how long a body may be there."""
        parts = path.split("/")[1:]
        return _BODIES.get(parts[1], JSON_AT_MOST_BYTES) if len(parts) > 1 and parts[0] == "api" else 0

    def answer(self, asked: AppRequest) -> Reply:
        """Answer a request that passed the gate."""
        if asked.path == ("",):
            return front_page()
        self.session.seen()
        try:
            return self._route(asked)(asked)
        except (ConnectionError, TimeoutError):
            raise  # the connection is gone, and whoever asked with it
        except TooMuch as error:
            return reply_of({"error": error.why}, error.status)
        except NotFound as error:
            return reply_of({"error": str(error)}, 404)
        except KeyError:
            return reply_of({"error": "that file or row is not here any more"}, 404)
        except UsageError as error:
            return reply_of({"error": plain(self.session.worded(str(error)), 1000)}, 400)
        except UnreadableInput as error:
            return reply_of({"error": plain(error.message, 1000)}, 400)
        except Failed as error:
            return reply_of({"error": plain(f"failed; no verdict ({error})", 1000)}, 500)
        except Exception as error:
            return reply_of({"error": plain(f"dronecheck failed ({type(error).__name__}: {error})")}, 500)
        finally:
            self.session.seen()

    def _route(self, asked: AppRequest) -> Route:
        what = (asked.method, "".join(asked.path[1:2]))
        is_there = asked.path[:1] == ("api",) and what in self._routes
        if not is_there or (len(asked.path) > 2 and what not in _WITH_ID):
            raise NotFound("there is no such address")
        return self._routes[what]

    # ---- files

    def _recognise(self, asked: AppRequest) -> Reply:
        name, size = asked.query.get("name", ""), _number(asked.query.get("size", "0"))
        known = self.session.recognise(asked.all(), name)
        upload, note = "whole", known.note
        if known.kind in ("unknown", "archive"):
            upload = "no"
        elif known.kind == "film" and size > WHOLE_FILM_BYTES:
            upload = "ranges"
        elif size > FILE_AT_MOST_BYTES:
            upload = "no"
            note = f"larger than {FILE_AT_MOST_BYTES >> 30} GB; `dronecheck check` in a terminal reads it"
        elif size == 0:
            upload, note = "no", "an empty file (0 bytes); nothing was recorded or the copy failed"
        return reply_of({"kind": known.kind, "title": known.title, "note": note, "upload": upload})

    def _files(self, asked: AppRequest) -> Reply:
        from dronecheck.report.json.encode import tool_version

        settings = {"keep": self.session.past.is_on, "version": tool_version()}
        return reply_of({"files": [file.told() for file in self.session.files()], "settings": settings})

    def _take(self, asked: AppRequest) -> Reply:
        name, folder = asked.query.get("name", ""), asked.query.get("path", "")
        if not name:
            raise UsageError("a file needs its name")
        return reply_of(self.session.take(name, folder, asked.body.length, asked.body.pieces()).told())

    def _drop(self, asked: AppRequest) -> Reply:
        self.session.shelf.drop(_id(asked))
        return reply_of({})

    def _film(self, asked: AppRequest) -> Reply:
        if len(asked.path) > 2 and asked.path[2]:
            return reply_of(self.session.fill_film(asked.path[2], asked.body).told())
        size = _number(asked.query.get("size", ""))
        if not WHOLE_FILM_BYTES < size <= FILM_AT_MOST_BYTES:
            raise UsageError(f"a film of {size:,} bytes is sent whole, or not at all")
        return reply_of(self.session.begin_film(asked.query.get("name", ""), asked.query.get("path", ""), size).told())

    def _scrub(self, asked: AppRequest) -> Reply:
        return Reply(self.session.scrub(_object(asked)), "application/octet-stream")

    def _thumb(self, asked: AppRequest) -> Reply:
        number = _number(asked.path[3]) if len(asked.path) > 3 else 0
        return Reply(self.session.thumb(_id(asked), number), "image/jpeg")

    # ---- answers

    def _check(self, asked: AppRequest) -> Reply:
        return reply_of({"jobs": [job.told() for job in self.session.check(_object(asked))]})

    def _jobs(self, asked: AppRequest) -> Reply:
        since = _number(asked.query.get("since", "0"))
        return reply_of(
            self.session.jobs.since(since, POLL_S if since else 0.0)
        )  # a page that opens is not kept waiting

    def _forget(self, asked: AppRequest) -> Reply:
        self.session.jobs.forget(_id(asked))
        return reply_of({})

    def _page(self, asked: AppRequest) -> Reply:
        return Reply(self.session.export(_id(asked), "page", _radius(asked)), _KINDS["page"])

    def _json(self, asked: AppRequest) -> Reply:
        made = self.session.export(_id(asked), "json", _radius(asked), asked.query.get("file"))
        return Reply(made, _KINDS["json"])

    def _export(self, asked: AppRequest) -> Reply:
        kind = asked.query.get("as", "")
        if kind not in _KINDS:
            raise UsageError(f"{plain(kind, 20)}: no kind of file that can be made here")
        return Reply(self.session.export(_id(asked), kind, _radius(asked)), _KINDS[kind])

    def _audit(self, asked: AppRequest) -> Reply:
        return reply_of({"job": self.session.audit(_object(asked)).told()})

    # ---- what stays

    def _remove_zones(self, asked: AppRequest) -> Reply:
        edition = asked.path[3] if len(asked.path) > 3 else None
        return reply_of({"removed": self.session.remove_zones(_id(asked), edition or None)})

    def _past(self, asked: AppRequest) -> Reply:
        if len(asked.path) > 2 and asked.path[2]:
            return Reply(self.session.past.page(asked.path[2]), _KINDS["page"])
        return reply_of(self.session.past.told())

    def _keep_past(self, asked: AppRequest) -> Reply:
        self.session.past.is_on = bool(_object(asked).get("on"))
        return reply_of(self.session.past.told())

    def _forget_past(self, asked: AppRequest) -> Reply:
        self.session.past.remove(asked.path[2] if len(asked.path) > 2 and asked.path[2] else None)
        return reply_of({})

    # ---- the program

    def _about(self, asked: AppRequest) -> Reply:
        from dronecheck.app.work.about import about

        return reply_of(about())

    def _stop(self, asked: AppRequest) -> Reply:
        self.session.stopping.set()
        return reply_of({})


def _id(asked: AppRequest) -> str:
    if len(asked.path) < 3 or not asked.path[2]:
        raise NotFound("there is no such address")
    return asked.path[2]


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise UsageError(f"{plain(text, 40)}: no number")
    return int(text)


def _radius(asked: AppRequest) -> float | None:
    text = asked.query.get("hide_home_m", "")
    try:
        return float(text) if text else None
    except ValueError:
        raise UsageError(f"{plain(text, 40)}: no number of metres") from None


def _object(asked: AppRequest) -> dict[str, Any]:
    try:
        value = json.loads(asked.all() or b"{}")
    except (ValueError, RecursionError):
        raise UsageError("the body is no JSON") from None
    if not isinstance(value, dict):
        raise UsageError("the body is no JSON object")
    return value
