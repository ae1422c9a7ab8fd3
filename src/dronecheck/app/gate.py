"""Whether a request may pass: a pure function of its head, decided before a byte of its body is read.

A page of another origin can make a browser send requests here, and can point a name of its own at 127.0.0.1. So the
Host has to be ours, the Origin and the browser's own word on it (Fetch metadata) too, and all but the empty page needs
the token, which only the address that this program printed holds, and which only a header carries.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["METHODS", "TOKEN_HEADER", "Refused", "origins", "refusal", "stated_length"]

TOKEN_HEADER = "X-Dronecheck-Token"
METHODS = ("GET", "POST", "DELETE")
_OWN_SITE = ("same-origin", "none")
_LONGEST_DIGITS = 18

Heads = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request is refused: a status of HTTP, and a sentence."""

    status: int
    why: str


def origins(port: int) -> dict[str, str]:
    """Return by Host the Origin that pages of this server have."""
    return {host: f"http://{host}" for host in (f"127.0.0.1:{port}", f"localhost:{port}")}


def refusal(method: str, heads: Heads, *, port: int, token: str, needs_token: bool) -> Refused | None:
    """Return why a request is refused, None where it may pass.

    `heads` are names and values as they came; `needs_token` is false for the page without anything of the user's.
    """
    hosts, known = _of("Host", heads), origins(port)
    if len(hosts) != 1 or hosts[0].lower() not in known:
        return Refused(421, "this address is not the one that dronecheck printed")
    if method not in METHODS:
        return Refused(405, "only GET, POST and DELETE")
    sent_from = _of("Origin", heads)
    if sent_from and sent_from != [known[hosts[0].lower()]]:
        return Refused(403, "asked by a page of another origin")
    sites = _of("Sec-Fetch-Site", heads)
    if sites and (len(sites) > 1 or sites[0] not in _OWN_SITE):
        return Refused(403, "asked by a page of another site")
    if needs_token:
        tokens = _of(TOKEN_HEADER, heads)
        if len(tokens) != 1 or not hmac.compare_digest(tokens[0].encode("utf-8", "replace"), token.encode()):
            return Refused(401, "the token is missing or wrong; open the address that dronecheck printed")
    return None


def stated_length(method: str, heads: Heads, most_bytes: int) -> int | Refused:
    """Return how many bytes the body has, by its one Content-Length; a body of any other kind is refused."""
    lengths = _of("Content-Length", heads)
    if _of("Transfer-Encoding", heads):
        return Refused(411, "a body needs its Content-Length; no Transfer-Encoding is taken")
    if not lengths:
        return Refused(411, "a body needs its Content-Length") if method == "POST" else 0
    digits = lengths[0].strip()
    if len(lengths) > 1 or not (digits.isascii() and digits.isdigit()) or len(digits) > _LONGEST_DIGITS:
        return Refused(400, "the Content-Length is no single number")
    length = int(digits)
    if length > most_bytes:
        return Refused(413, f"{length:,} bytes are more than the {most_bytes:,} that are taken here")
    if length and method != "POST":
        return Refused(400, f"a {method} has no body")
    return length


def _of(name: str, heads: Heads) -> list[str]:
    return [value.strip(" \t") for key, value in heads if key.strip().lower() == name.lower()]
