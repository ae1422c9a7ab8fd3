"""The ledger of an audit: a row for every file ever seen, a row for every content that was read.

One writer at a time (`.lock`); readers may look on. A crash at any instant loses work that is then done again, and
nothing else.

| module | what it does |
|---|---|
| schema | the tables, their version, the lock, transactions |
| plan | the scan's files; what is to read, what to judge again |
| outcomes | what became of a file |
| shards | the files of tracks |
| lines | every file with what became of it, for tables and pages |
"""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

from dronecheck.audit.ledger.lines import FileLine, FileLines
from dronecheck.audit.ledger.outcomes import Outcomes
from dronecheck.audit.ledger.plan import Found, WorkPlan
from dronecheck.audit.ledger.schema import LEDGER, lock, set_up, transaction
from dronecheck.audit.ledger.shards import ShardIndex
from dronecheck.errors import UsageError
from dronecheck.safe.io import plain

__all__ = ["LEDGER", "FileLine", "Found", "Ledger"]


class Ledger:
    """An open ledger. `write` takes the lock: a second writer is refused with UsageError."""

    def __init__(self, folder: Path, *, write: bool) -> None:
        self.folder = folder
        self._lock: sqlite3.Connection | None = None
        path = folder / LEDGER
        if not write and not path.is_file():
            raise UsageError(f"{plain(folder)} holds no audit: there is no {LEDGER}; dronecheck audit run makes it")
        try:
            if write:
                self._lock = lock(folder)
            self.base = sqlite3.connect(path, isolation_level=None, timeout=30.0)
            set_up(self.base, path, write=write)
        except sqlite3.Error as error:
            self.close()
            raise UsageError(f"the ledger {plain(path)} cannot be used: {plain(error)}") from None
        self.plan = WorkPlan(self.base)
        self.outcomes = Outcomes(self.base)
        self.shards = ShardIndex(self.base)
        self.lines = FileLines(self.base)

    def close(self) -> None:
        """Close, and give up the lock."""
        for connection in (getattr(self, "base", None), self._lock):
            if connection is not None:
                connection.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Do all of a block or nothing."""
        return transaction(self.base)

    def checkpoint(self) -> None:
        """Bring everything into the ledger's own file, and empty its log."""
        self.base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def meta(self, key: str) -> str | None:
        """Return a value that was kept."""
        found = self.base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def keep(self, key: str, value: str) -> None:
        """Keep a value."""
        self.base.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def status_counts(self) -> dict[str, int]:
        """Return the number of files by status."""
        found = self.base.execute(
            "SELECT CASE file.status WHEN 'done' THEN log.status ELSE file.status END AS s, COUNT(*)"
            " FROM file LEFT JOIN log USING (sha256) GROUP BY s"
        )
        return {str(status): int(count) for status, count in found}
