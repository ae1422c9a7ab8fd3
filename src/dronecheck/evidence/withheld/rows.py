"""The judged rows under one hash, each with a salt that only who has the log can make; and their disclosure.

    key     HMAC-SHA256("dronecheck/withheld/1", private digests of the log's files)        (HKDF, RFC 5869: extract)
    salt    HMAC-SHA256(key, "row" 00 || row, 8 bytes, big-endian || text)                  (expand)
    leaf    SHA-256(00 || salt || text)                                                     (RFC 6962)

`text` is the row as JSON in UTF-8: sorted keys, no blanks, null for what is not known. A row is a place of few
digits and could be found by trying: without its salt, 256 bits that nothing published tells, no try can be told from
any other. The private digest of a file is SHA-256 over its bytes with a prefix of its own: whoever knows SHA-256,
SHA-512 or BLAKE2b of the bytes alone knows nothing of it. That the salt depends on the text as well keeps one
that was disclosed from opening the same row of another case of the same log, judged by another clock or track.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

import msgspec

from dronecheck.errors import UsageError
from dronecheck.evidence.withheld.merkle import MerkleTree, leaf_hash, root_of_proof
from dronecheck.flight import Flight
from dronecheck.messages import Message
from dronecheck.timebase import iso_utc

__all__ = ["ROWS_SCHEMA", "SealedRows", "disclosed", "root_of", "row_faults"]

ROWS_SCHEMA = "dronecheck.rows/1"
_LABEL, _ROW, _FILE = b"dronecheck/withheld/1", b"row\0", b"file\0"
_LINE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, eq=False)
class SealedRows:
    """The rows of the primary track of a flight that was read from files, from 0."""

    flight: Flight

    def __len__(self) -> int:
        return len(self.flight.track)

    @cached_property
    def tree(self) -> MerkleTree:
        """Return the tree over all rows."""
        return MerkleTree(leaf_hash(self._salt(row, text) + text) for row, text in enumerate(self._texts(0, len(self))))

    def sealed_digest(self, sha256: str) -> str:
        """Return what stands for a file that would tell a place: hex, to be made again from log and file alone."""
        return hmac.digest(self._key, _FILE + bytes.fromhex(sha256), "sha256").hex()

    def disclosure(self, rows: Sequence[int]) -> bytes:
        """Return the JSON file that discloses rows, each with its salt and its proof.

        Raises UsageError where there is no such row.
        """
        told = []
        for row in sorted(set(rows)):
            if not 0 <= row < len(self):
                raise UsageError(Message("there is no row {row}: the track has {count}", row=row, count=len(self)))
            (text,) = self._texts(row, row + 1)
            proof = [each.hex() for each in self.tree.proof(row)]
            told.append({"row": row, "salt": self._salt(row, text).hex(), "text": text.decode(), "proof": proof})
        document = {"schema": ROWS_SCHEMA, "root": self.tree.root.hex(), "count": len(self), "rows": told}
        return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"

    @cached_property
    def _key(self) -> bytes:
        digests = [source.private_digest for source in self.flight.sources]
        if not all(digests):
            raise ValueError("rows are sealed with the log's own bytes: this flight was not read from a file")
        return hmac.digest(_LABEL, b"".join(map(bytes.fromhex, digests)), "sha256")

    def _salt(self, row: int, text: bytes) -> bytes:
        return hmac.digest(self._key, _ROW + row.to_bytes(8, "big") + text, "sha256")

    def _texts(self, begin: int, end: int) -> Iterator[bytes]:
        flight, track = self.flight, self.flight.track
        columns = {name: column[begin:end].tolist() for name, column in track.columns().items()}
        times, offsets = columns.pop("time_ns"), columns.pop("offset")
        known = flight.clock.utc_known
        for at, row in enumerate(range(begin, end)):
            file, offset = flight.in_source(offsets[at])
            is_timed = bool(track.is_timed[row])
            cells: dict[str, Any] = {name: v if isfinite(v := column[at]) else None for name, column in columns.items()}
            cells |= {
                "row": row,
                "track": flight.primary,
                "message": track.message,
                "file": file,
                "offset": offset,
                "part": int(track.part[row]),
                "time_ns": str(times[at]) if is_timed else None,  # more digits than a number of JSON keeps
                "time_utc": iso_utc(times[at], known) if is_timed else None,
            }
            yield _LINE.encode(cells).encode()


class _DisclosedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    row: int
    salt: str
    text: str
    proof: list[str]


class _DisclosedRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: str
    root: str
    count: int
    rows: list[_DisclosedRow]


def disclosed(content: bytes) -> list[dict[str, Any]]:
    """Return what the rows of a file of disclosed rows say, proven or not; nothing where it is no such file."""
    try:
        return [dict(json.loads(each.text)) for each in msgspec.json.decode(content, type=_DisclosedRows).rows]
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        return []


def root_of(content: bytes) -> str | None:
    """Return the root that a file of disclosed rows says it is under; None where it is no such file."""
    try:
        return msgspec.json.decode(content, type=_DisclosedRows).root
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def row_faults(content: bytes, root: str, count: int) -> list[Message]:
    """Return what does not hold of a file of disclosed rows, against the root and the number of rows of a case."""
    try:
        file = msgspec.json.decode(content, type=_DisclosedRows)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return [Message("no file of disclosed rows: {error}", error=str(error))]
    faults = []
    if file.schema != ROWS_SCHEMA:
        faults.append(Message("its schema is {schema}, not {known}", schema=file.schema, known=ROWS_SCHEMA))
    if (file.root, file.count) != (root, count):
        faults.append(Message("it is about other rows: root or number of rows are not those of the case"))
    if not file.rows:
        faults.append(Message("it discloses no row"))
    return faults + [
        Message("row {row} is not among the rows of the case, or not as it is written here", row=each.row)
        for each in file.rows
        if not _is_proven(each, root, count)
    ]


def _is_proven(each: _DisclosedRow, root: str, count: int) -> bool:
    salt, *path = (_bytes_of(text) for text in (each.salt, *each.proof))
    hashes = [step for step in path if step is not None]
    if salt is None or len(hashes) < len(path):
        return False
    try:
        leaf = leaf_hash(salt + each.text.encode())
    except UnicodeEncodeError:  # half a surrogate pair
        return False
    found = root_of_proof(leaf, each.row, count, hashes)
    return found is not None and found.hex() == root


def _bytes_of(text: str) -> bytes | None:
    """Return the 32 bytes that 64 small hexadecimal digits stand for; None of anything else: one way to write each."""
    return bytes.fromhex(text) if len(text) == 64 and set(text) <= _HEX else None
