"""Signatures: a DSSE envelope with an in-toto statement over the files of a case, signed with Ed25519.

DSSE: https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md; the statement:
https://github.com/in-toto/attestation/blob/v1.0/spec/v1.0/statement.md; Ed25519: RFC 8032, the same bytes each time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from dronecheck.evidence.bundle.keys import key_id

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = [
    "ENVELOPE",
    "PAYLOAD_TYPE",
    "Envelope",
    "InTotoStatement",
    "Subject",
    "is_signed_by",
    "open_envelope",
    "pae",
    "seal",
]

ENVELOPE = "envelope.dsse.json"  # the member that holds the signature; the only one that it does not cover
PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://dronecheck.invalid/analysis/v1"  # a name of its own, at no address (RFC 2606)


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature; `keyid` is the SHA-256 of the public key (SubjectPublicKeyInfo, DER), a hint alone."""

    keyid: str
    sig: str


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What was signed, as base64, and the signatures."""

    payload: str
    payload_type: str
    signatures: tuple[Signature, ...]


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that the statement is about."""

    name: str
    digest: dict[str, str]


class InTotoStatement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """An in-toto statement, version 1: all other files of the case, and as predicate what they were made of."""

    type_: str = msgspec.field(name="_type", default=STATEMENT_TYPE)
    subject: tuple[Subject, ...]
    predicate_type: str = PREDICATE_TYPE
    predicate: dict[str, Any]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed: DSSE's pre-authentication encoding of a type and a body."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def seal(digests: Mapping[str, str], predicate: dict[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Return the envelope as JSON: a statement about files by their SHA-256 (hex, by name), signed."""
    subjects = tuple(Subject(name, {"sha256": digests[name]}) for name in sorted(digests))
    statement = InTotoStatement(subject=subjects, predicate=predicate)
    payload = msgspec.json.encode(statement, order="deterministic")
    signature = Signature(key_id(key.public_key()), _base64(key.sign(pae(PAYLOAD_TYPE, payload))))
    return _written(Envelope(_base64(payload), PAYLOAD_TYPE, (signature,)))


def open_envelope(raw: bytes) -> tuple[Envelope, InTotoStatement]:
    """Return an envelope and the statement in it, of whoever signed it. Raises ValueError where a case has none such.

    An envelope that says the same in other bytes (spaces, base64 of another form, further fields) is refused.
    """
    envelope = msgspec.json.decode(raw, type=Envelope)
    if _written(envelope) != raw:
        raise ValueError("not written as a case writes it")
    if envelope.payload_type != PAYLOAD_TYPE:
        raise ValueError("of another type of payload")
    if not envelope.signatures:
        raise ValueError("without a signature")
    payload, *_ = [_bytes(text) for text in (envelope.payload, *(each.sig for each in envelope.signatures))]
    statement = msgspec.json.decode(payload, type=InTotoStatement)
    if statement.type_ != STATEMENT_TYPE:
        raise ValueError("not an in-toto statement, version 1")
    if statement.predicate_type != PREDICATE_TYPE:
        raise ValueError("about something else than an analysis by dronecheck")
    return envelope, statement


def is_signed_by(envelope: Envelope, key: Ed25519PublicKey) -> bool:
    """Tell whether one of the signatures of an envelope that was opened is of that key."""
    from cryptography.exceptions import InvalidSignature

    signed = pae(envelope.payload_type, _bytes(envelope.payload))
    for each in envelope.signatures:
        try:
            key.verify(_bytes(each.sig), signed)
        except InvalidSignature:
            continue
        return True
    return False


def _written(envelope: Envelope) -> bytes:
    return msgspec.json.format(msgspec.json.encode(envelope, order="deterministic"), indent=2) + b"\n"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    """Decode base64 in its one canonical form. Raises ValueError for any other."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("base64 that is none") from None
    if _base64(raw) != text:
        raise ValueError("base64 of another form")
    return raw
