"""The ledger of an audit: a row for every file ever seen, a row for every content that was read.

SQLite in WAL mode. Every outcome is one transaction; tracks are on disk, synced, before a row names them, so a crash
at any instant loses work that is then done again, and nothing else. One writer at a time (`.lock`); readers may look
on. `PRAGMA user_version` is the version of this layout.

| table | what it is |
|---|---|
| file | one row a path: size and time of change as last seen, content, and what is still to do |
| log | one row a content (SHA-256): status, facts, rows of its track in a shard, its answer and what that rests on |
| shard | one row a file of tracks |
| meta | the roster, the options, when runs began and ended |
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from dronecheck.audit.engine.tasks import Basis, FileRef, Outcome, Stored
from dronecheck.errors import UsageError
from dronecheck.geo.polyline import Box
from dronecheck.safe.io import plain

__all__ = ["LEDGER", "Found", "Ledger", "Line"]

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


class Answer(msgspec.Struct, frozen=True):
    """A log's own rows of the tables."""

    row: dict[str, Any]
    findings: list[dict[str, Any]]


_decode_answer = msgspec.msgpack.Decoder(Answer).decode


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the scan found it; `trouble` where it cannot even be looked at."""

    path: bytes
    folder: str
    name: str
    size_bytes: int
    mtime_ns: int
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One file with what became of it, for the tables."""

    path: bytes
    folder: str
    name: str
    size_bytes: int
    sha256: str | None
    same_as: str
    status: str
    code: str
    message: str
    tool_version: str
    basis: str
    row: dict[str, Any]
    findings: list[dict[str, Any]]


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
                self._lock = _locked(folder)
            self.base = sqlite3.connect(path, isolation_level=None, timeout=30.0)
            self._set_up(write)
        except sqlite3.Error as error:
            self.close()
            raise UsageError(f"the ledger {plain(path)} cannot be used: {plain(error)}") from None

    def _set_up(self, write: bool) -> None:
        layout = self.base.execute("PRAGMA user_version").fetchone()[0]
        if layout not in (0, _LAYOUT) or (layout == 0 and not write):
            raise UsageError(f"{plain(self.folder / LEDGER)} is of another version of dronecheck (layout {layout})")
        if write:
            self.base.execute("PRAGMA journal_mode = WAL")
            # Without a sync a commit survives every crash but the machine's; then the last files are done again.
            self.base.execute("PRAGMA synchronous = NORMAL")
            if layout == 0:
                self.base.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = {_LAYOUT}; COMMIT;")

    def close(self) -> None:
        """Close, and give up the lock."""
        for connection in (getattr(self, "base", None), self._lock):
            if connection is not None:
                connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing."""
        self.base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.base.execute("ROLLBACK")
            raise
        self.base.execute("COMMIT")

    # What is there.

    def meta(self, key: str) -> str | None:
        """A value that was kept."""
        found = self.base.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def keep(self, key: str, value: str) -> None:
        """Keep a value."""
        self.base.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def count(self, sql: str, *values: object) -> int:
        """The number that a query gives."""
        return int(self.base.execute(sql, values).fetchone()[0] or 0)

    def status_counts(self) -> dict[str, int]:
        """Files by status."""
        found = self.base.execute(
            "SELECT CASE file.status WHEN 'done' THEN log.status ELSE file.status END AS s, COUNT(*)"
            " FROM file LEFT JOIN log USING (sha256) GROUP BY s"
        )
        return {str(status): int(count) for status, count in found}

    # Scanning and planning.

    def see(self, found: Iterable[Found], run: int) -> None:
        """Enter what a scan found; a file that is new or has changed since then waits to be read."""
        self.base.executemany(
            "INSERT INTO file (path, folder, name, bytes, mtime_ns, seen, status, code, message)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (path) DO UPDATE SET seen = excluded.seen, folder = excluded.folder, name = excluded.name,"
            "  status = CASE WHEN bytes = excluded.bytes AND mtime_ns = excluded.mtime_ns AND status = 'done'"
            "                THEN 'done' ELSE excluded.status END,"
            "  sha256 = CASE WHEN bytes = excluded.bytes AND mtime_ns = excluded.mtime_ns THEN sha256 END,"
            "  code = excluded.code, message = excluded.message, bytes = excluded.bytes, mtime_ns = excluded.mtime_ns",
            (
                (f.path, f.folder, f.name, f.size_bytes, f.mtime_ns, run,
                 *(("unreadable", "cannot_be_opened", f.trouble) if f.trouble else ("waiting", "", "")))
                for f in found
            ),
        )  # fmt: skip

    def of_equal_size(self) -> list[tuple[bytes, int]]:
        """Path and size of the files without a hash whose size another file has, too: they may be copies."""
        return self.base.execute(
            "SELECT path, bytes FROM file WHERE sha256 IS NULL AND status = 'waiting' AND bytes > 0 AND bytes IN"
            " (SELECT bytes FROM file GROUP BY bytes HAVING COUNT(*) > 1) ORDER BY path"
        ).fetchall()

    def hashed(self, path: bytes, sha256: str) -> None:
        """Keep a hash that was found before reading."""
        self.base.execute("UPDATE file SET sha256 = ? WHERE path = ?", (sha256, path))

    def link(self, read_by: str) -> None:
        """Link files to the content that was read already, by this version of the tool."""
        self.base.execute(
            "UPDATE file SET status = 'done' WHERE status = 'waiting' AND sha256 IN"
            " (SELECT sha256 FROM log WHERE read_by = ? AND status != 'failed')", (read_by,),
        )  # fmt: skip

    def forget_failures(self, read_by: str) -> None:
        """What another version read is read again; what failed is tried again."""
        self.base.execute(
            "UPDATE file SET status = 'waiting' WHERE status = 'done' AND sha256 IN"
            " (SELECT sha256 FROM log WHERE read_by != ? OR status = 'failed')", (read_by,),
        )  # fmt: skip

    def to_read(self) -> Iterator[FileRef]:
        """The files to read, in order of their paths: of several with one content the first."""
        last = b""
        while True:
            found = self.base.execute(
                "SELECT path, bytes FROM file AS f WHERE status = 'waiting' AND path > ? AND (sha256 IS NULL OR NOT"
                " EXISTS (SELECT 1 FROM file AS g WHERE g.sha256 = f.sha256 AND g.path < f.path AND"
                " g.status = 'waiting')) ORDER BY path LIMIT 5000", (last,),
            ).fetchall()  # fmt: skip
            if not found:
                return
            yield from (FileRef(path, size) for path, size in found)
            last = found[-1][0]

    def to_judge(self, basis: Basis) -> Iterator[tuple[int | None, bool, FileRef]]:
        """Stored flights whose answer rests on something else: shard, whether only the zones differ, and the file."""
        last: tuple[int, int, str] = (-1, -1, "")
        while True:
            found = self.base.execute(
                "SELECT IFNULL(shard, 0), first_row, sha256, path, rows, facts, result, rest = ? FROM log"
                " WHERE facts IS NOT NULL AND (zones != ? OR rest != ?) AND (IFNULL(shard, 0), first_row, sha256) >"
                " (?, ?, ?) ORDER BY IFNULL(shard, 0), first_row, sha256 LIMIT 5000",
                (basis.rest, basis.zones, basis.rest, *last),
            ).fetchall()
            if not found:
                return
            for shard, first, sha256, path, rows, facts, result, same_rest in found:
                stored = Stored(sha256, facts, first, rows, result)
                yield shard or None, bool(same_rest), FileRef(path, rows * 40, 0, stored)
            last = found[-1][:3]

    def untouched(self, basis: Basis, mark: Callable[[Box | None], str]) -> int:
        """Take over, of flights whose zones alone are others now, the answers that no zone near them has changed."""
        same: list[tuple[str, str]] = []
        for sha256, box, before in self.base.execute(
            "SELECT sha256, box, zone_mark FROM log WHERE facts IS NOT NULL AND zones != ? AND rest = ?",
            (basis.zones, basis.rest),
        ):
            known = struct.unpack("<4d", box) if box else None
            if before and mark(known) == before:
                same.append((basis.zones, sha256))
        with self.transaction():
            self.base.executemany("UPDATE log SET zones = ? WHERE sha256 = ?", same)
        return len(same)

    # Outcomes.

    def new_shard(self, rows: int) -> int:
        """Enter a shard; its number."""
        return int(self.base.execute("INSERT INTO shard (rows) VALUES (?)", (rows,)).lastrowid or 0)

    def enter(self, outcome: Outcome, basis: Basis, read_by: str, shard: int | None, done_utc: str) -> int:
        """One file's outcome, in one transaction; how many files are done by it (copies of it, too)."""
        with self.transaction():
            if outcome.sha256 is None:
                self.base.execute(
                    "UPDATE file SET status = ?, code = ?, message = ?, sha256 = NULL WHERE path = ?",
                    (outcome.status.value, outcome.code, outcome.message, outcome.path),
                )
                return 1
            self.base.execute(
                "INSERT OR REPLACE INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (outcome.sha256, outcome.path, outcome.status.value, outcome.code, outcome.message, read_by,
                 basis.zones, basis.rest, outcome.facts, shard if outcome.rows else None, outcome.first_row,
                 outcome.rows, _encoded(outcome), outcome.result, _box(outcome),
                 outcome.zone_mark, outcome.work_s, done_utc),
            )  # fmt: skip
            self.base.execute(
                "UPDATE file SET status = 'done', sha256 = ? WHERE path = ?", (outcome.sha256, outcome.path)
            )
            copies = self.base.execute(
                "UPDATE file SET status = 'done' WHERE sha256 = ? AND status = 'waiting'", (outcome.sha256,)
            )
            return 1 + copies.rowcount

    def answer(self, outcome: Outcome, basis: Basis, done_utc: str) -> None:
        """A stored flight's new answer, in one transaction."""
        with self.transaction():
            if not outcome.row and outcome.result:
                self.base.execute(
                    "UPDATE log SET zones = ?, rest = ?, result = ?, zone_mark = ?, done_utc = ? WHERE sha256 = ?",
                    (basis.zones, basis.rest, outcome.result, outcome.zone_mark, done_utc, outcome.sha256),
                )
                return
            self.base.execute(
                "UPDATE log SET status = ?, code = ?, message = ?, zones = ?, rest = ?, answer = ?, result = ?,"
                " zone_mark = ?, done_utc = ? WHERE sha256 = ?",
                (outcome.status.value, outcome.code, outcome.message, basis.zones, basis.rest, _encoded(outcome),
                 outcome.result, outcome.zone_mark, done_utc, outcome.sha256),
            )  # fmt: skip

    # For the tables.

    def lines(self) -> Iterator[Line]:
        """Every file with what became of it, sorted by name, folder and path."""
        cursor = self.base.execute(
            "SELECT f.path, f.folder, f.name, f.bytes, f.sha256, f.status, f.code, f.message, l.path, l.status, l.code,"
            " l.message, l.read_by, IIF(l.facts IS NULL, '', substr(l.zones, 1, 16) || substr(l.rest, 1, 16)),"
            " l.answer, (SELECT g.name FROM file AS g WHERE g.path = l.path)"
            " FROM file AS f LEFT JOIN log AS l ON l.sha256 = f.sha256 AND f.status = 'done'"
            " ORDER BY f.name, f.folder, f.path"
        )
        for path, folder, name, size, sha256, status, code, message, of, *log, same in cursor:
            if of is None:
                yield Line(path, folder, name, size, sha256, "", status, code, message, "", "", {}, [])
                continue
            own_status, own_code, own_message, read_by, basis, answer = log
            known = _decode_answer(answer)
            yield Line(
                path, folder, name, size, sha256, "" if of == path else same or "", own_status, own_code, own_message,
                read_by, basis, known.row, known.findings,
            )  # fmt: skip

    def serials(self) -> list[str]:
        """All serial numbers of logs, as they are in the rows."""
        found = self.base.execute("SELECT answer FROM log WHERE facts IS NOT NULL")
        return [serial for (answer,) in found if (serial := _decode_answer(answer).row.get("serial"))]

    def path_of(self, sha256: str) -> bytes:
        """Where a content lies: the file that was read."""
        return bytes(self.base.execute("SELECT path FROM log WHERE sha256 = ?", (sha256,)).fetchone()[0])

    def named(self, name: str) -> list[tuple[bytes, str]]:
        """Path and content of the logs of that name, or whose SHA-256 begins so (eight digits at least)."""
        found = self.base.execute(
            "SELECT path, sha256 FROM file WHERE name = ? AND sha256 IS NOT NULL", (name,)
        ).fetchall()
        if found or len(name) < 8 or not set(name.lower()) <= set("0123456789abcdef"):
            return found
        like = (name.lower(), name.lower() + "g")
        return self.base.execute("SELECT path, sha256 FROM log WHERE sha256 >= ? AND sha256 < ?", like).fetchall()

    # Shards.

    def shards(self) -> list[tuple[int, int, int]]:
        """Number, rows, and rows that are still somebody's, of every shard."""
        return self.base.execute(
            "SELECT number, shard.rows, IFNULL(SUM(log.rows), 0) FROM shard LEFT JOIN log ON log.shard = number"
            " GROUP BY number ORDER BY number"
        ).fetchall()

    def kept_rows(self, number: int) -> list[tuple[str, int, int]]:
        """SHA-256, first row and count of every track of a shard, in order."""
        return self.base.execute(
            "SELECT sha256, first_row, rows FROM log WHERE shard = ? ORDER BY first_row", (number,)
        ).fetchall()


def _box(outcome: Outcome) -> bytes | None:
    return struct.pack("<4d", *outcome.box) if outcome.box else None


def _encoded(outcome: Outcome) -> bytes:
    return msgspec.msgpack.encode(Answer(outcome.row, outcome.findings))


def _locked(folder: Path) -> sqlite3.Connection:
    """Hold the folder's lock until the connection is closed or the process ends."""
    lock = sqlite3.connect(folder / ".lock", isolation_level=None, timeout=0.2)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        lock.close()
        raise UsageError(f"another audit is running in {plain(folder)}; wait for it, or stop it") from None
    return lock
