"""The layout of the ledger's file, its lock and its transactions: SQLite in WAL mode.

| table | what it is |
|---|---|
| file | one row a path: size and time of change as last seen, content, and what is still to do |
| log | one row a content (SHA-256): status, facts, rows of its track in a shard, its answer and what that rests on |
| shard | one row a file of tracks |
| meta | the roster, the options, when runs began and ended |

`PRAGMA user_version` is the version of this layout.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dronecheck.errors import UsageError
from dronecheck.safe.io import plain

__all__ = ["LEDGER", "lock", "set_up", "transaction"]

LEDGER = "ledger.sqlite"
_LAYOUT = 1
_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE file (
  path BLOB PRIMARY KEY, folder TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'waiting',  -- waiting, done (see its content), or unreadable without a content
  sha256 TEXT, code TEXT NOT NULL DEFAULT '', message TEXT NOT NULL DEFAULT '', seen INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX file_sha256 ON file (sha256);
CREATE INDEX file_bytes ON file (bytes);
CREATE INDEX file_name ON file (name, folder);
CREATE INDEX file_waiting ON file (path) WHERE status = 'waiting';
CREATE TABLE log (
  sha256 TEXT PRIMARY KEY, path BLOB NOT NULL, status TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
  read_by TEXT NOT NULL, zones TEXT NOT NULL, rest TEXT NOT NULL, facts BLOB, shard INTEGER, first_row INTEGER,
  rows INTEGER, answer BLOB NOT NULL, result BLOB NOT NULL, box BLOB, zone_mark TEXT NOT NULL, work_s REAL NOT NULL,
  done_utc TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX log_shard ON log (shard, first_row);
CREATE TABLE shard (number INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
"""


def set_up(base: sqlite3.Connection, path: Path, *, write: bool) -> None:
    """Check the layout of the ledger at `path`, or make it in a new one. Raises UsageError for another layout."""
    layout = base.execute("PRAGMA user_version").fetchone()[0]
    if layout not in (0, _LAYOUT) or (layout == 0 and not write):
        raise UsageError(f"{plain(path)} is of another version of dronecheck (layout {layout})")
    if write:
        base.execute("PRAGMA journal_mode = WAL")
        # Without a sync a commit survives every crash but the machine's; then the last files are done again.
        base.execute("PRAGMA synchronous = NORMAL")
        if layout == 0:
            base.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT;")


@contextmanager
def transaction(base: sqlite3.Connection) -> Iterator[None]:
    """Do all of a block or nothing."""
    base.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        base.execute("ROLLBACK")
        raise
    base.execute("COMMIT")


def lock(folder: Path) -> sqlite3.Connection:
    """Hold the folder's lock until the connection is closed or the process ends. Raises UsageError where it is held."""
    held = sqlite3.connect(folder / ".lock", isolation_level=None, timeout=0.2)
    try:
        held.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        held.close()
        raise UsageError(f"another audit is running in {plain(folder)}; wait for it, or stop it") from None
    return held
