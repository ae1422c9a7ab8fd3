"""Which files of tracks there are, and whose rows lie in them."""

from __future__ import annotations

import sqlite3

from dronecheck.audit.ledger.schema import transaction

__all__ = ["ShardIndex"]


class ShardIndex:
    """The files of tracks by number."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def new(self, rows: int) -> int:
        """Enter a shard of so many rows; return its number."""
        return int(self._base.execute("INSERT INTO shard (rows) VALUES (?)", (rows,)).lastrowid or 0)

    def counts(self) -> list[tuple[int, int, int]]:
        """Return number, rows, and rows that are still somebody's, of every shard."""
        return self._base.execute(
            "SELECT number, shard.rows, IFNULL(SUM(log.rows), 0) FROM shard LEFT JOIN log ON log.shard = number"
            " GROUP BY number ORDER BY number"
        ).fetchall()

    def kept(self, number: int) -> list[tuple[str, int, int]]:
        """Return SHA-256, first row and count of every track of a shard, in order."""
        return self._base.execute(
            "SELECT sha256, first_row, rows FROM log WHERE shard = ? ORDER BY first_row", (number,)
        ).fetchall()

    def move(self, kept: list[tuple[str, int, int]], to: int) -> None:
        """Say that the kept tracks (see `kept`) lie one after another in the shard `to`, in one transaction."""
        begin = 0
        with transaction(self._base):
            for sha256, _, count in kept:
                self._base.execute("UPDATE log SET shard = ?, first_row = ? WHERE sha256 = ?", (to, begin, sha256))
                begin += count

    def drop(self, number: int) -> None:
        """Forget a shard."""
        self._base.execute("DELETE FROM shard WHERE number = ?", (number,))
