"""What became of files, one transaction each.

Tracks are on disk, synced, before a row names them, so a crash at any instant loses work that is then done again, and
nothing else.
"""

from __future__ import annotations

import sqlite3
import struct
from typing import Any

import msgspec

from dronecheck.audit.ledger.schema import transaction
from dronecheck.audit.tasks import Basis, Outcome

__all__ = ["Outcomes", "StoredRows", "decode_rows"]


class StoredRows(msgspec.Struct, frozen=True):
    """A log's own rows of the tables."""

    row: dict[str, Any]
    findings: list[dict[str, Any]]


decode_rows = msgspec.msgpack.Decoder(StoredRows).decode


class Outcomes:
    """The ledger's pen: outcomes of reading, and new answers of stored flights."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def enter(self, outcome: Outcome, basis: Basis, read_by: str, shard: int | None, done_utc: str) -> int:
        """Enter one file's outcome, in one transaction; return how many files are done by it (copies of it, too)."""
        with transaction(self._base):
            if outcome.sha256 is None:
                self._base.execute(
                    "UPDATE file SET status = ?, code = ?, message = ?, sha256 = NULL WHERE path = ?",
                    (outcome.status.value, outcome.code, outcome.message, outcome.path),
                )
                return 1
            self._base.execute(
                "INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (outcome.sha256, outcome.path, outcome.status.value, outcome.code, outcome.message, read_by,
                 basis.zones, basis.rest, outcome.facts, shard if outcome.rows else None, outcome.first_row,
                 outcome.rows, _encoded(outcome), outcome.result, _box(outcome),
                 outcome.zone_mark, outcome.work_s, done_utc),
            )  # fmt: skip
            self._base.execute(
                "UPDATE file SET status = 'done', sha256 = ? WHERE path = ?", (outcome.sha256, outcome.path)
            )
            copies = self._base.execute(
                "UPDATE file SET status = 'done' WHERE sha256 = ? AND status = 'waiting'", (outcome.sha256,)
            )
            return 1 + copies.rowcount

    def answer(self, outcome: Outcome, basis: Basis, done_utc: str) -> None:
        """Enter a stored flight's new answer, in one transaction."""
        with transaction(self._base):
            if not outcome.row and outcome.result:
                self._base.execute(
                    "UPDATE log SET zones = ?, rest = ?, result = ?, zone_mark = ?, done_utc = ? WHERE sha256 = ?",
                    (basis.zones, basis.rest, outcome.result, outcome.zone_mark, done_utc, outcome.sha256),
                )
                return
            self._base.execute(
                "UPDATE log SET status = ?, code = ?, message = ?, zones = ?, rest = ?, answer = ?, result = ?,"
                " zone_mark = ?, done_utc = ? WHERE sha256 = ?",
                (outcome.status.value, outcome.code, outcome.message, basis.zones, basis.rest, _encoded(outcome),
                 outcome.result, outcome.zone_mark, done_utc, outcome.sha256),
            )  # fmt: skip


def _box(outcome: Outcome) -> bytes | None:
    return struct.pack("<4d", *outcome.box) if outcome.box else None


def _encoded(outcome: Outcome) -> bytes:
    return msgspec.msgpack.encode(StoredRows(outcome.row, outcome.findings))
