"""The one module that opens a connection for zones: asked only by `dronecheck zones fetch`.

TLS with the certificate verified, by the trust of the system; plain HTTP for this machine alone. Redirects are followed
within the same host only, no proxy is used, nothing is compressed, and an answer is bounded in size and in time.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from dronecheck.safe.io import plain

__all__ = ["Downloaded", "Downloader", "FetchFailed"]

_CHUNK = 64 << 10
_MOST_REDIRECTS = 3
_SAID = {404: "it knows no such address (404)", 429: "it was asked too often (429); try again later"}


class FetchFailed(Exception):
    """Nothing was fetched that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Downloaded:
    """The whole body of an answer, and what the server says of it."""

    body: bytes = field(repr=False)
    url: str
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class Downloader:
    """Asks some hosts and no others; `most_bytes` of one answer, `total_s` for each."""

    hosts: frozenset[str]
    most_bytes: int
    agent: str
    wait_s: float = 30.0
    total_s: float = 600.0
    progress: Callable[[int], None] = lambda done: None

    def get(self, url: str) -> Downloaded:
        """Return what an address answers. Raises FetchFailed."""
        until_s = time.monotonic() + self.total_s
        first = urlsplit(url).hostname
        for _ in range(_MOST_REDIRECTS + 1):
            parts = urlsplit(url)
            self._refuse_host(parts.scheme, parts.hostname or "")
            status, answer = self._ask(url, until_s)
            if isinstance(answer, Downloaded):
                return answer
            there = urljoin(url, answer)
            if urlsplit(there).hostname != first or urlsplit(there).scheme != parts.scheme:
                raise FetchFailed(f"{first} points to another address ({plain(there, 120)}), which is not followed")
            url = there
        raise FetchFailed(f"{first} points from address to address without end ({status})")

    def _refuse_host(self, scheme: str, host: str) -> None:
        """Raise FetchFailed for an address that is not to be asked."""
        if host not in self.hosts:
            raise FetchFailed(f"{plain(host, 80)} is not a host of this feed; it is not asked")
        if scheme != "https" and not (scheme == "http" and _is_here(host)):
            raise FetchFailed(f"{plain(host, 80)} would be asked without encryption; it is not asked")

    def _ask(self, url: str, until_s: float) -> tuple[int, Downloaded | str]:
        """Return the status, and the answer or where it points."""
        host = urlsplit(url).hostname or ""
        try:
            return self._exchange(url, host, until_s)
        except ssl.SSLCertVerificationError as error:
            raise FetchFailed(f"the certificate of {host} is not valid ({plain(error.verify_message, 120)})") from None
        except TimeoutError:
            raise FetchFailed(f"{host} did not answer within {self.wait_s:.0f} s") from None
        except http.client.IncompleteRead:
            raise FetchFailed(f"the answer of {host} ends too early") from None
        except http.client.HTTPException as error:
            said = plain(str(error) or type(error).__name__, 120)
            raise FetchFailed(f"{host} does not answer as it should ({said})") from None
        except (OSError, ValueError) as error:
            raise FetchFailed(f"{host} cannot be reached ({plain(error, 120)})") from None

    def _exchange(self, url: str, host: str, until_s: float) -> tuple[int, Downloaded | str]:
        parts = urlsplit(url)
        connection: http.client.HTTPConnection
        if parts.scheme == "http":
            connection = http.client.HTTPConnection(host, parts.port, timeout=self.wait_s)
        else:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, parts.port, timeout=self.wait_s, context=context)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers={"User-Agent": self.agent, "Accept-Encoding": "identity"})
            answer = connection.getresponse()
            if 300 <= answer.status < 400:
                return answer.status, answer.headers.get("Location", "")
            if answer.status != 200:
                why = _SAID.get(answer.status, f"its answer has the status {answer.status}")
                raise FetchFailed(f"{host} gives no zones: {why}")
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise FetchFailed(f"{host} compresses its answer though it was asked not to")
            return 200, Downloaded(self._body(answer, host, until_s), url, answer.headers.get("Last-Modified"))
        finally:
            connection.close()

    def _body(self, answer: http.client.HTTPResponse, host: str, until_s: float) -> bytes:
        """Return the whole body. Raises FetchFailed for one that is too long or too slow, IncompleteRead for a cut."""
        parts, done = [], 0
        while True:
            part = answer.read1(_CHUNK)
            if not part:
                break
            parts.append(part)
            done += len(part)
            if done > self.most_bytes:
                raise FetchFailed(f"{host} answers with more than {self.most_bytes / 1e6:.0f} MB, which is not taken")
            if time.monotonic() > until_s:
                raise FetchFailed(f"{host} did not answer in whole within {self.total_s:.0f} s")
            self.progress(done)
        if answer.length:  # less came than was promised
            raise http.client.IncompleteRead(b"", answer.length)
        return b"".join(parts)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
