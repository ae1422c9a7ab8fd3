"""A server on this machine that plays the hosts of official feeds: whole answers, and every way to answer badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

Answer = Callable[["FeedHandler"], None]


def ed269(count: int = 8, lon: float = 8.3, lat: float = 47.0, title: str = "zones created on 2026-07-01") -> bytes:
    """Return an ED-269 file of some square zones side by side."""
    features = [
        {
            "identifier": f"Z{n}", "country": "CHE", "name": f"Zone {n}", "type": "COMMON", "restriction": "PROHIBITED",
            "reason": ["AIR_TRAFFIC"], "applicability": [{"permanent": "YES"}],
            "zoneAuthority": [{"name": "Office", "purpose": "AUTHORIZATION"}],
            "geometry": [{
                "uomDimensions": "M", "lowerLimit": 0, "lowerVerticalReference": "AGL", "upperLimit": 120,
                "upperVerticalReference": "AGL",
                "horizontalProjection": {"type": "Polygon", "coordinates": [square(lon + 0.02 * n, lat)]},
            }],
        }
        for n in range(count)
    ]  # fmt: skip
    return json.dumps({"title": title, "features": features}).encode()


def square(lon: float, lat: float) -> list[list[float]]:
    """Return a closed ring about a kilometre wide."""
    return [[lon + x, lat + y] for x, y in ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0.01), (0, 0))]


@dataclass
class Asked:
    """What the server was asked: each path with its query."""

    port: int = 0
    paths: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class FeedHandler(BaseHTTPRequestHandler):
    """Answers each path as the test wants."""

    answers: dict[str, Answer]
    asked: Asked

    def do_GET(self) -> None:
        self.asked.paths.append(self.path)
        type(self).answers[self.path.partition("?")[0]](self)

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        given = {"Content-Length": str(len(body)), **{name.replace("_", "-"): text for name, text in headers.items()}}
        for name, text in given.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def feed_server(answers: dict[str, Answer]) -> Iterator[Asked]:
    """Run the server; a request that still waits at the end is let go."""
    asked = Asked()
    handler = type("Handler", (FeedHandler,), {"answers": answers, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        asked.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield asked
        finally:
            asked.stop.set()
            server.shutdown()
            thread.join()


ROW = """
[[feed]]
id = "{id}"
covers = {covers}
lies_in = ["CHE"]
title = "zones"
authority = "Office"
format = "ED-269"
kind = "{kind}"
url = "{address}{path}"
page = "https://example.org/"
licence = "CC0"
max_mb = 1
{more}
"""


def table_of(folder: Path, address: str, *, kind: str = "file", path: str = "/zones", covers: str = '["CHE"]',
             more: str = "", code: str = "CH") -> Path:  # fmt: skip
    """Write a table with one feed."""
    row = ROW.format(id=code, covers=covers, kind=kind, address=address, path=path, more=more)
    table = folder / "feeds.toml"
    table.write_text(f'schema = "dronecheck.feeds/1"\n{row}')
    return table
