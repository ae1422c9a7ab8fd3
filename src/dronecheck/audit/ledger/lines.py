"""What the tables and pages ask of the ledger: every file with what became of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dronecheck.audit.ledger.outcomes import decode_rows

__all__ = ["FileLine", "FileLines"]


@dataclass(frozen=True, slots=True)
class FileLine:
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


class FileLines:
    """The files of a ledger, to look at."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def __iter__(self) -> Iterator[FileLine]:
        """Yield every file with what became of it, sorted by name, folder and path."""
        cursor = self._base.execute(
            "SELECT f.path, f.folder, f.name, f.bytes, f.sha256, f.status, f.code, f.message, l.path, l.status, l.code,"
            " l.message, l.read_by, IIF(l.facts IS NULL, '', substr(l.zones, 1, 16) || substr(l.rest, 1, 16)),"
            " l.answer, (SELECT g.name FROM file AS g WHERE g.path = l.path)"
            " FROM file AS f LEFT JOIN log AS l ON l.sha256 = f.sha256 AND f.status = 'done'"
            " ORDER BY f.name, f.folder, f.path"
        )
        for path, folder, name, size, sha256, status, code, message, of, *log, same in cursor:
            if of is None:
                yield FileLine(path, folder, name, size, sha256, "", status, code, message, "", "", {}, [])
                continue
            own_status, own_code, own_message, read_by, basis, answer = log
            known = decode_rows(answer)
            yield FileLine(
                path, folder, name, size, sha256, "" if of == path else same or "", own_status, own_code, own_message,
                read_by, basis, known.row, known.findings,
            )  # fmt: skip

    def serials(self) -> list[str]:
        """Return all serial numbers of logs, as they are in the rows."""
        found = self._base.execute("SELECT answer FROM log WHERE facts IS NOT NULL")
        return [serial for (answer,) in found if (serial := decode_rows(answer).row.get("serial"))]

    def path_of(self, sha256: str) -> bytes:
        """Return the path of a content: the file that was read."""
        return bytes(self._base.execute("SELECT path FROM log WHERE sha256 = ?", (sha256,)).fetchone()[0])

    def named(self, name: str) -> list[tuple[bytes, str]]:
        """Return path and content of the logs of that name, or whose SHA-256 begins so (eight digits at least)."""
        found = self._base.execute(
            "SELECT path, sha256 FROM file WHERE name = ? AND sha256 IS NOT NULL", (name,)
        ).fetchall()
        if found or len(name) < 8 or not set(name.lower()) <= set("0123456789abcdef"):
            return found
        like = (name.lower(), name.lower() + "g")
        return self._base.execute("SELECT path, sha256 FROM log WHERE sha256 >= ? AND sha256 < ?", like).fetchall()
