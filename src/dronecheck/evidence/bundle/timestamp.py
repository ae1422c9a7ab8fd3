"""Time stamps (RFC 3161): a request that says nothing but a digest, and answers that are verified without a network.

The request goes to an authority by whatever way its user chooses: dronecheck never sends it.

    TimeStampReq ::= SEQUENCE { version 1, messageImprint { sha256, digest }, certReq TRUE }      section 2.4.1
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dronecheck.errors import UsageError
from dronecheck.safe.extras import require
from dronecheck.safe.io import plain

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["TimeStamp", "read_certificates", "read_stamp", "require_stamps", "stamp_request", "why_not_signed"]

_SHA256_OID = bytes.fromhex("0609608648016503040201")  # 2.16.840.1.101.3.4.2.1
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """What an answer says: the digest (SHA-256, hex) that was there at a time, UTC. Who says so is another matter."""

    sha256: str
    at: datetime
    answer: Any  # rfc3161_client.TimeStampResponse


def stamp_request(sha256: str) -> bytes:
    """Return the request for a stamp on a digest (SHA-256, hex), in DER; with no nonce: the same bytes each time."""
    algorithm = _der(0x30, _SHA256_OID + b"\x05\x00")
    imprint = _der(0x30, algorithm + _der(0x04, bytes.fromhex(sha256)))
    return _der(0x30, b"\x02\x01\x01" + imprint + b"\x01\x01\xff")


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 128  # the short form of a length
    return bytes((tag, len(content))) + content


def require_stamps(what: str) -> None:
    """Refuse `what` where the package that verifies stamps is not installed. Raises UsageError."""
    require("rfc3161_client", "sign", what)


def read_stamp(path: Path) -> TimeStamp:
    """Read an authority's answer. Raises UsageError for what cannot be opened, ValueError for what grants no stamp."""
    require_stamps("--tsr")
    import rfc3161_client
    from cryptography import x509

    raw = _bytes_of(path, "--tsr")
    try:
        answer = rfc3161_client.decode_timestamp_response(_in_order(raw))
        if answer.status not in (0, 1):  # granted, granted with modifications
            raise ValueError("the authority refused the request")
        told = answer.tst_info
        imprint, at = told.message_imprint, told.gen_time
        algorithm, digest = imprint.hash_algorithm, imprint.message
    except ValueError as error:
        raise ValueError(plain(error, 120)) from None
    if algorithm != x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1"):
        raise ValueError("a stamp on another digest than SHA-256")
    return TimeStamp(digest.hex(), at.astimezone(UTC), answer)


def why_not_signed(stamp: TimeStamp, trusted: list[Certificate]) -> str:
    """Return why a stamp is not signed by an authority of these certificates; "" where it is.

    Certificates of the stamp need to hold at its time, not today. Those that issued themselves are roots.
    """
    import rfc3161_client

    roots = [each for each in trusted if each.issuer == each.subject] or trusted
    between = [each for each in trusted if each not in roots]
    verifier = rfc3161_client.VerifierBuilder(roots=roots, intermediates=between).build()
    try:
        verifier.verify(stamp.answer, bytes.fromhex(stamp.sha256))
    except (rfc3161_client.VerificationError, ValueError) as error:
        return plain(error, 160)
    return ""


def read_certificates(path: Path) -> list[Certificate]:
    """Read the certificates of a time stamp authority, PEM or DER. Raises UsageError."""
    require_stamps("--tsa-cert")
    from cryptography import x509

    raw = _bytes_of(path, "--tsa-cert")
    try:
        return x509.load_pem_x509_certificates(raw) if b"-----BEGIN" in raw else [x509.load_der_x509_certificate(raw)]
    except ValueError:
        raise UsageError(f"--tsa-cert {plain(path)}: no certificate in PEM or DER") from None


def _in_order(answer: bytes) -> bytes:
    """Return an answer with its certificates in the order of DER, which OpenSSL and those who use it do not keep.

    No signature covers their order. What is no answer is returned as it is.

        TimeStampResp { status, token { type, [0] SignedData { version, digests, content, [0] certificates, ... } } }
    """
    try:
        (response,) = _elements(answer, 0, len(answer))
        _, token = _elements(answer, *response[1:])
        _, explicit = _elements(answer, *token[1:])
        (signed_data,) = _elements(answer, *explicit[1:])
        begin, end = next(each[1:] for each in _elements(answer, *signed_data[1:]) if answer[each[0]] == 0xA0)
        certificates = sorted(answer[at:behind] for at, _, behind in _elements(answer, begin, end))
    except (IndexError, ValueError, StopIteration):
        return answer
    return answer[:begin] + b"".join(certificates) + answer[end:]


def _elements(raw: bytes, at: int, end: int) -> list[tuple[int, int, int]]:
    """Return where the elements of a stretch of DER begin, where their contents do, and where they end."""
    found = []
    while at < end:
        length, content_at = raw[at + 1], at + 2
        if length >= 0x80:
            content_at += length & 0x7F
            length = int.from_bytes(raw[at + 2 : content_at], "big")
        if content_at + length > end:
            raise ValueError("an element beyond its end")
        found.append((at, content_at, content_at + length))
        at = content_at + length
    return found


def _bytes_of(path: Path, option: str) -> bytes:
    try:
        with path.open("rb") as handle:
            return handle.read(_MOST_BYTES)
    except OSError as error:
        raise UsageError(f"{option} {plain(path)}: {plain(error.strerror or error)}") from None
