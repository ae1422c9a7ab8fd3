"""A server on this machine that plays DJI's service of keys: whole answers, refusals, and every way to answer badly."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any

from tests.support.key_records import key_and_iv

Document = dict[str, Any]
Answer = Callable[["Handler", Document], None]
FAILURE = {"result": {"code": 7, "msg": "no keys today"}, "data": None}


def keys_for(document: Document) -> list[list[dict[str, str]]]:
    """Keys for what is asked, made of the locked ones."""
    return [[unlocked(entry) for entry in segment] for segment in document["keychainsArray"]]


def unlocked(entry: dict[str, str]) -> dict[str, str]:
    """One entry's key."""
    key, iv = (base64.b64encode(raw).decode() for raw in key_and_iv(base64.b64decode(entry["aesCiphertext"])))
    return {"featurePoint": entry["featurePoint"], "aesKey": key, "aesIv": iv}


@dataclass
class Seen:
    """What the server was asked: path, headers and body of each question."""

    port: int = 0
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class Handler(BaseHTTPRequestHandler):
    """Keeps the question and answers as the test wants."""

    answer: Answer
    seen: Seen

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.asked.append((self.path, dict(self.headers), body))
        type(self).answer(self, json.loads(body))

    def do_GET(self) -> None:
        self.seen.asked.append((self.path, dict(self.headers), b""))
        self.say(b"{}")

    def say(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is the command's."""


def whole(handler: Handler, document: Document) -> None:
    """Answer as the service does."""
    handler.say(json.dumps({"result": {"code": 0, "msg": "success"}, "data": keys_for(document)}).encode())


def changed(change: Callable[[list[list[dict[str, str]]]], object]) -> Answer:
    """Answer as the service does, but for a change of the keys."""

    def answer(handler: Handler, document: Document) -> None:
        data = keys_for(document)
        made = change(data)
        handler.say(json.dumps({"result": {"code": 0}, "data": data if made is None else made}).encode())

    return answer


def said(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Answer with these bytes."""
    return lambda handler, _: handler.say(body, status, **headers)


def raw(*parts: bytes) -> Answer:
    """Answer with bytes that need be no HTTP, and hang up."""

    def answer(handler: Handler, _: Document) -> None:
        for part in parts:
            handler.wfile.write(part)
        handler.close_connection = True

    return answer


def silent(handler: Handler, _: Document) -> None:
    """Answer nothing until the test is over."""
    handler.seen.stop.wait(60)


def trickling(handler: Handler, _: Document) -> None:
    """Answer one byte after the other, for ever."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while not handler.seen.stop.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        pass


@contextmanager
def played(answer: Answer, context: SSLContext | None = None) -> Iterator[Seen]:
    """Run a server that answers so; over TLS with a context."""
    seen = Seen()
    kind = type("Played", (Handler,), {"answer": staticmethod(answer), "seen": seen})
    server = _Quiet(("127.0.0.1", 0), kind)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    seen.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield seen
    finally:
        seen.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(ThreadingHTTPServer):
    """Who hangs up on this server is no news to the tests' output."""

    def handle_error(self, *_: object) -> None:
        """Do nothing."""
