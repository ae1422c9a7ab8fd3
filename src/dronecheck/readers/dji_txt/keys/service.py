"""The one place that opens a connection: the maker's service that unlocks the keys of a record.

It is asked only by `dronecheck dji-keys`, over TLS with the certificate verified, once a record. No redirect is
followed, no proxy is used, and the answer is bounded in size and in time. The user's key for the service stands in one
header and nowhere else: what the service says is cleaned of it before anybody reads it.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import re
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dronecheck.errors import UsageError
from dronecheck.readers.dji_txt.keys.keychain import FeatureKey, Keychains, feature_point, parse_keychains
from dronecheck.readers.dji_txt.keys.storage import KeyRequest
from dronecheck.safe.io import plain

__all__ = ["HOST", "ApiKey", "ApiKeyRefused", "NoKeys", "Service", "saved_form"]

HOST = "dev.dji.com"
_PATH = "/openapi/v1/flight-records/keychains"
_MOST_BYTES = 4 << 20
_WORD = re.compile(r"[\x21-\x7e]{1,512}")
_LEAST_TO_HIDE = 8  # a shorter one may stand in any text by chance
_SAID = {
    400: "it calls the request a bad one (400)",
    404: "it knows no such address any more (404)",
    429: "it was asked too often (429); run the same command again later",
}


class NoKeys(Exception):
    """The service gave no keys that can be used; the message says why."""


class ApiKeyRefused(NoKeys):
    """The service does not know the user's key: it would refuse every other record as well."""


@dataclass(frozen=True, slots=True, repr=False)
class ApiKey:
    """The user's own key for the service; never shown."""

    text: str

    def __post_init__(self) -> None:
        """Raise UsageError for what can be no key; the message does not hold it."""
        if not _WORD.fullmatch(self.text):
            raise UsageError("the key for the service must be one word of letters, digits and signs; it is not")

    def __repr__(self) -> str:
        return "ApiKey(...)"

    def hidden_in(self, text: bytes) -> bytes:
        """Return an answer without the key, should the service repeat it."""
        return text.replace(self.text.encode(), b"(your key)") if len(self.text) >= _LEAST_TO_HIDE else text


@dataclass(frozen=True, slots=True)
class Service:
    """Where keys are asked for; `loopback` is for tests and can name this machine only."""

    host: str = HOST
    port: int | None = None
    is_plain: bool = False
    wait_s: float = 30.0
    total_s: float = 90.0

    @classmethod
    def loopback(cls, address: str) -> Service:
        """Return the service at an address of this machine, such as http://127.0.0.1:8000. Raises UsageError."""
        try:
            parts = urlsplit(address)
            port, host = parts.port, parts.hostname or ""
            is_here = ipaddress.ip_address(host).is_loopback
        except ValueError:
            is_here, port, host, parts = False, None, "", urlsplit("")
        if not is_here or parts.scheme not in ("http", "https") or parts.username is not None:
            raise UsageError(
                "only an address of this machine can stand in for the service, such as http://127.0.0.1:8000"
            )
        return cls(host, port, parts.scheme == "http")

    def ask(self, request: KeyRequest, key: ApiKey) -> Keychains:
        """Return the keys for a record, whole and fitting it. Raises NoKeys, and ApiKeyRefused for the key itself."""
        exchange = _Exchange(self, request.to_json(), key)
        # Only a thread can be left behind that hangs in a look-up of the name, or is fed one byte at a time.
        worker = threading.Thread(target=exchange.run, daemon=True, name="dji-keys")
        worker.start()
        worker.join(self.total_s)
        if worker.is_alive():
            raise NoKeys(f"{self.host} did not answer in whole within {self.total_s:.0f} s")
        if exchange.trouble:
            raise NoKeys(exchange.trouble)
        body = key.hidden_in(exchange.body)
        self._refuse_status(exchange.status, body)
        if len(exchange.body) > _MOST_BYTES:
            raise NoKeys(f"{self.host} answers with more than {_MOST_BYTES >> 20} MB, which is no keychain")
        try:
            keys = parse_keychains(body, f"the answer of {self.host}")
        except UsageError as error:
            raise NoKeys(str(error)) from None
        wrong = request.unfit(keys)
        if wrong:
            raise NoKeys(f"the answer of {self.host} does not fit the record: {wrong}")
        return keys

    def _refuse_status(self, status: int, body: bytes) -> None:
        """Raise what a status other than 200 means."""
        if status == 200:
            return
        said = _message(body)
        told = f": {said}" if said else ""
        if status in (401, 403):
            raise ApiKeyRefused(
                f"{self.host} refuses your key ({status}){told}; it must be that of an app of the type Open API"
            )
        if 300 <= status < 400:
            raise NoKeys(f"{self.host} points to another address ({status}), which is not followed")
        if status >= 500:
            raise NoKeys(f"{self.host} has a fault of its own ({status}){told}; run the same command again later")
        raise NoKeys(f"{self.host} gives no keys: {_SAID.get(status, f'its answer has the status {status}')}{told}")


@dataclass(slots=True)
class _Exchange:
    """One question and its answer; `trouble` says why there is none."""

    service: Service
    content: bytes
    key: ApiKey
    status: int = 0
    body: bytes = field(default=b"", repr=False)
    trouble: str = ""

    def run(self) -> None:
        """Ask once, and keep what came; nothing is raised, as nobody would see it."""
        host = self.service.host
        try:
            self._ask()
        except ssl.SSLCertVerificationError as error:
            self.trouble = (
                f"the certificate of {host} is not valid ({plain(error.verify_message, 120)}); nothing was sent"
            )
        except TimeoutError:
            self.trouble = f"{host} did not answer within {self.service.wait_s:.0f} s"
        except http.client.IncompleteRead:
            self.trouble = f"the answer of {host} ends too early"
        except http.client.HTTPException as error:
            self.trouble = f"{host} does not answer as it should ({plain(str(error) or type(error).__name__, 120)})"
        except OSError as error:
            self.trouble = f"{host} cannot be reached ({plain(error.strerror or error, 120)})"
        except Exception as error:
            self.trouble = f"asking {host} failed ({type(error).__name__})"

    def _ask(self) -> None:
        service = self.service
        connection: http.client.HTTPConnection
        if service.is_plain:
            connection = http.client.HTTPConnection(service.host, service.port, timeout=service.wait_s)
        else:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(
                service.host, service.port, timeout=service.wait_s, context=context
            )
        try:
            headers = {"Content-Type": "application/json", "Api-Key": self.key.text}
            connection.request("POST", _PATH, body=self.content, headers=headers)
            answer = connection.getresponse()
            self.status, self.body = answer.status, _read(answer)
        finally:
            connection.close()


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Return the body, at most one byte more than may be. Raises IncompleteRead for one that is cut."""
    body = answer.read(_MOST_BYTES + 1)
    if len(body) <= _MOST_BYTES and answer.length:  # read(n) takes a cut one for whole
        raise http.client.IncompleteRead(body, answer.length)
    return body


def _message(body: bytes) -> str:
    """Return what the service says in an answer without keys; "" where that cannot be read."""
    try:
        document = json.loads(body[:_MOST_BYTES])
    except (ValueError, RecursionError):
        return ""
    result = document.get("result", document) if isinstance(document, dict) else None
    said = result.get("msg") if isinstance(result, dict) else None
    return plain(said, 200) if isinstance(said, str) else ""


def saved_form(keys: Keychains) -> bytes:
    """Return keys as a file holds them: the `data` array of the service, which other programs read, too."""
    document = [[_entry(number, key) for number, key in segment.items()] for segment in keys.segments]
    return json.dumps(document, indent=1).encode("ascii") + b"\n"


def _entry(number: int, key: FeatureKey) -> Mapping[str, str]:
    return {
        "featurePoint": feature_point(number),
        "aesKey": base64.b64encode(key.key).decode("ascii"),
        "aesIv": base64.b64encode(key.iv).decode("ascii"),
    }
