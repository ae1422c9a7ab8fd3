"""The server: sockets of this machine alone, a bound on threads, time-outs, bodies as long as they say, plain answers.

The standard library's: one user, no framework. A refusal closes its connection, because what follows on it was read by
nobody.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from dronecheck.app.gate import Refused, refusal, stated_length

__all__ = ["AppRequest", "AppServer", "Body", "Reply", "Site", "reply_of"]

SOCKET_TIMEOUT_S = 20.0
MOST_CONNECTIONS = 256
_PIECE_BYTES = 1 << 18
_LINGER_S, _LINGER_BYTES = 0.5, 4 << 20
_ALWAYS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; `policy` is the Content-Security-Policy."""

    body: bytes
    kind: str = "application/json"
    status: int = 200
    policy: str = _NOTHING


def reply_of(value: object, status: int = 200) -> Reply:
    """Return a value as JSON."""
    return Reply(json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace"), status=status)


class Body(Protocol):
    """The body of a request, read in pieces: it is never in memory as a whole."""

    length: int

    def pieces(self) -> Iterator[bytes]:
        """Yield it. Raises ConnectionError where it ends early."""
        ...


@dataclass(frozen=True, slots=True)
class AppRequest:
    """A request that passed the gate; `path` are the parts of its address, decoded."""

    method: str
    path: tuple[str, ...]
    query: dict[str, str]
    body: Body

    def all(self) -> bytes:
        """Return the body as a whole, for those that are small by their limit."""
        return b"".join(self.body.pieces())


class Site(Protocol):
    """What is served."""

    token: str

    def needs_token(self, method: str, path: str) -> bool:
        """Tell whether an address needs the token."""
        ...

    def most_bytes(self, method: str, path: str) -> int:
        """Return how long a body may be there."""
        ...

    def answer(self, asked: AppRequest) -> Reply:
        """Answer; nothing is raised for what a user or a file did."""
        ...


@dataclass(slots=True)
class _Incoming:
    """A body still on the wire."""

    length: int
    read: Callable[[int], bytes]
    begin: Callable[[], None]
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.length

    def pieces(self) -> Iterator[bytes]:
        """Yield it in pieces. Raises ConnectionError where it ends early."""
        self.begin()
        while self.left:
            piece = self.read(min(self.left, _PIECE_BYTES))
            if not piece:
                raise ConnectionError("the upload was cut")
            self.left -= len(piece)
            yield piece


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = SOCKET_TIMEOUT_S
    server: AppServer
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Serve one request; a connection that only waited, or was cut, is left without a word."""
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _serve(self) -> None:
        heads = list(self.headers.items())
        site = self.server.site
        parts = urlsplit(self.path)
        refused = refusal(
            self.command, heads, port=self.server.port, token=site.token,
            needs_token=site.needs_token(self.command, parts.path),
        )  # fmt: skip
        if refused is not None:
            return self._refuse(refused)
        length = stated_length(self.command, heads, site.most_bytes(self.command, parts.path))
        if isinstance(length, Refused):
            return self._refuse(length)
        self.server.trust(self.connection)
        body = _Incoming(length, self.rfile.read1, self._go_on)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=20))
        path = tuple(unquote(part) for part in parts.path.split("/")[1:])
        reply = site.answer(AppRequest(self.command, path, query, body))
        if body.left:  # what was not read would be taken for the next request
            self.close_connection = True
        self._send(reply)
        return None

    do_GET = do_POST = do_DELETE = do_HEAD = do_OPTIONS = do_PUT = do_PATCH = do_TRACE = do_CONNECT = _serve

    def handle_expect_100(self) -> bool:
        """Wait for the gate: only a body that is going to be read is asked for."""
        return True

    def _go_on(self) -> None:
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what the standard library could not parse."""
        self.requestline = getattr(self, "requestline", "")
        self.command = getattr(self, "command", None) or "GET"
        self._refuse(Refused(int(code), message or "refused"))

    def _refuse(self, refused: Refused) -> None:
        self.close_connection = True
        self._send(reply_of({"error": refused.why}, refused.status))

    def _send(self, reply: Reply) -> None:
        self.request_version = self.protocol_version  # who asks in the words of HTTP/0.9 is answered in ours
        self.send_response_only(reply.status)
        for name, value in {**_ALWAYS, "Content-Security-Policy": reply.policy}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: addresses hold names of files."""


class AppServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1 from the moment it is made; `port` 0 takes any that is free.

    Raises OSError where the port is taken.
    """

    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # elsewhere it would let another program listen beside us
    request_queue_size = 128

    def __init__(self, site: Site, port: int = 0) -> None:
        self.site = site
        self._lock = threading.Lock()
        self._open: dict[socket.socket, bool] = {}  # whether it has passed the gate, the oldest first
        super().__init__(("127.0.0.1", port), _Handler)
        self.port = int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind without asking any name server for a name, alone on the port."""
        exclusive = getattr(socket, "SO_EXCLUSIVEADDRUSE", None)
        if exclusive is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, exclusive, 1)
        if self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def trust(self, connection: socket.socket) -> None:
        """Note that a connection has passed the gate: it gives way to no newer one."""
        with self._lock:
            if connection in self._open:
                self._open[connection] = True

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread; where there are too many the oldest that has shown nothing gives way."""
        with self._lock:
            strangers = [one for one, passed in self._open.items() if not passed]
            gives_way = strangers[0] if len(self._open) >= MOST_CONNECTIONS and strangers else None
            is_full = len(self._open) >= MOST_CONNECTIONS and gives_way is None
            if gives_way is not None:
                del self._open[gives_way]
            if not is_full:
                self._open[request] = False
        if gives_way is not None:
            with suppress(OSError):
                gives_way.shutdown(socket.SHUT_RDWR)  # its thread ends at the next read
        if is_full:
            self.close_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; what is still coming is read a while, so that the answer is not lost to a reset."""
        with self._lock:
            self._open.pop(request, None)
        with suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            request.settimeout(_LINGER_S)
            left = _LINGER_BYTES
            while left > 0 and (piece := request.recv(65_536)):
                left -= len(piece)
        self.close_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a connection that breaks is no news, and an address holds names of files."""
