"""Past checks: answers kept on this computer, only while somebody asks for it; each can be looked at and removed."""

from __future__ import annotations

import json
import secrets
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from dronecheck.app.jobs import Job
from dronecheck.safe.data_files import library_folder
from dronecheck.safe.io import plain

__all__ = ["PastChecks"]

_ABOUT, _PAGE, _DOCUMENT = "about.json", "page.html", "result.json"


class PastChecks:
    """A folder of answers in the user's data folder, which only its owner may look into."""

    def __init__(self, *, is_on: bool = False) -> None:
        self.is_on = is_on
        self.folder = library_folder() / "past-checks"

    def told(self) -> dict[str, object]:
        """Return whether answers are kept, where, and those that are there, the newest first."""
        return {"on": self.is_on, "folder": plain(self.folder), "checks": self._all()}

    def keep(self, job: Job, page: bytes) -> None:
        """Keep an answer with its page."""
        if not self.is_on:
            return
        moment = datetime.now(UTC)
        row = job.row
        about = {
            "id": f"{moment:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}", "date": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "name": job.name, "sha256": row.sha256, "verdict": row.verdict, "headline": row.headline,
        }  # fmt: skip
        folder = self.folder / str(about["id"])
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(mode=0o700)
        for name, raw in (
            (_PAGE, page),
            (_DOCUMENT, row.document or b""),
            (_ABOUT, json.dumps(about, ensure_ascii=False).encode("utf-8", "replace")),  # last: then it is whole
        ):
            path = folder / name
            path.touch(mode=0o600)
            path.write_bytes(raw)

    def page(self, id_: str) -> bytes:
        """Return the page of a past check. Raises KeyError."""
        return (self._folder_of(id_) / _PAGE).read_bytes()

    def remove(self, id_: str | None) -> None:
        """Remove a past check, or all. Raises KeyError."""
        for folder in [self._folder_of(id_)] if id_ else self._folders():
            shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # holds more
            self.folder.rmdir()

    def _folder_of(self, id_: str) -> Path:
        return {folder.name: folder for folder in self._folders()}[id_]

    def _folders(self) -> list[Path]:
        try:
            return sorted((path for path in self.folder.iterdir() if path.is_dir()), reverse=True)
        except OSError:
            return []

    def _all(self) -> list[dict[str, object]]:
        found = []
        for folder in self._folders():
            with suppress(OSError, ValueError):
                about = json.loads((folder / _ABOUT).read_bytes())
                found.append({**about, "id": folder.name})
        return found
