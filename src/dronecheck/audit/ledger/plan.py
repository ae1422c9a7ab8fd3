"""Scanning and planning: what files there are, which of them are to be read, and which stored flights judged again."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dronecheck.audit.ledger.schema import transaction
from dronecheck.audit.tasks import Basis, FileRef, Stored
from dronecheck.geo.types import Box

__all__ = ["Found", "WorkPlan"]


@dataclass(frozen=True, slots=True)
class Found:
    """A file as the scan found it; `trouble` where it cannot even be looked at."""

    path: bytes
    folder: str
    name: str
    size_bytes: int
    mtime_ns: int
    trouble: str = ""


class WorkPlan:
    """What is still to do, by the ledger's tables."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def see(self, found: Iterable[Found], run: int) -> None:
        """Enter what a scan found; a file that is new or has changed since then waits to be read."""
        self._base.executemany(
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
        """Return path and size of the files without a hash whose size another file has, too: they may be copies."""
        return self._base.execute(
            "SELECT path, bytes FROM file WHERE sha256 IS NULL AND status = 'waiting' AND bytes > 0 AND bytes IN"
            " (SELECT bytes FROM file GROUP BY bytes HAVING COUNT(*) > 1) ORDER BY path"
        ).fetchall()

    def hashed(self, path: bytes, sha256: str) -> None:
        """Keep a hash that was found before reading."""
        self._base.execute("UPDATE file SET sha256 = ? WHERE path = ?", (sha256, path))

    def link(self, read_by: str) -> None:
        """Link files to the content that was read already, by this version of the tool."""
        self._base.execute(
            "UPDATE file SET status = 'done' WHERE status = 'waiting' AND sha256 IN"
            " (SELECT sha256 FROM log WHERE read_by = ? AND status != 'failed')", (read_by,),
        )  # fmt: skip

    def forget_failures(self, read_by: str) -> None:
        """Forget what another version read, so that it is read again; and what failed, so that it is tried again."""
        self._base.execute(
            "UPDATE file SET status = 'waiting' WHERE status = 'done' AND sha256 IN"
            " (SELECT sha256 FROM log WHERE read_by != ? OR status = 'failed')", (read_by,),
        )  # fmt: skip

    def count_to_read(self) -> int:
        """Count the files that wait to be read."""
        return int(self._base.execute("SELECT COUNT(*) FROM file WHERE status = 'waiting'").fetchone()[0])

    def to_read(self) -> Iterator[FileRef]:
        """Yield the files to read, in order of their paths: of several with one content the first."""
        last = b""
        while True:
            found = self._base.execute(
                "SELECT path, bytes FROM file AS f WHERE status = 'waiting' AND path > ? AND (sha256 IS NULL OR NOT"
                " EXISTS (SELECT 1 FROM file AS g WHERE g.sha256 = f.sha256 AND g.path < f.path AND"
                " g.status = 'waiting')) ORDER BY path LIMIT 5000", (last,),
            ).fetchall()  # fmt: skip
            if not found:
                return
            yield from (FileRef(path, size) for path, size in found)
            last = found[-1][0]

    def count_to_judge(self, basis: Basis) -> int:
        """Count the stored flights whose answer rests on something else."""
        found = self._base.execute(
            "SELECT COUNT(*) FROM log WHERE facts IS NOT NULL AND (zones != ? OR rest != ?)", (basis.zones, basis.rest)
        )
        return int(found.fetchone()[0])

    def to_judge(self, basis: Basis) -> Iterator[tuple[int | None, bool, FileRef]]:
        """Yield stored flights whose answer rests on something else than now.

        Each is its shard, whether only the zones differ, and the file.
        """
        last: tuple[int, int, str] = (-1, -1, "")
        while True:
            found = self._base.execute(
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
        for sha256, box, before in self._base.execute(
            "SELECT sha256, box, zone_mark FROM log WHERE facts IS NOT NULL AND zones != ? AND rest = ?",
            (basis.zones, basis.rest),
        ):
            known = struct.unpack("<4d", box) if box else None
            if before and mark(known) == before:
                same.append((basis.zones, sha256))
        with transaction(self._base):
            self._base.executemany("UPDATE log SET zones = ? WHERE sha256 = ?", same)
        return len(same)
