"""What a long audit shows while it runs: a bar on a terminal, events as JSON lines for programs, else nothing."""

from __future__ import annotations

import json
import sys
import time
from typing import IO, Any, Protocol

__all__ = ["Bar", "Events", "Progress", "Silent"]


class Progress(Protocol):
    """Told of everything; shows what suits."""

    def event(self, name: str, **facts: Any) -> None:
        """Tell that something happened: `scan`, `start`, `file`, `stopped`, `finish`."""

    def advance(self, done: int, total: int, failed: int) -> None:
        """Tell that so many files of this run are done."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class Silent:
    """Shows nothing."""

    def event(self, name: str, **facts: Any) -> None:
        """Do nothing."""

    def advance(self, done: int, total: int, failed: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Events:
    """NDJSON: one object a line, `event` first; `progress` at most once a second."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._begun, self._told = stream, time.monotonic(), 0.0

    def event(self, name: str, **facts: Any) -> None:
        """Write one line."""
        self._stream.write(json.dumps({"event": name, **facts}, ensure_ascii=True) + "\n")
        self._stream.flush()

    def advance(self, done: int, total: int, failed: int) -> None:
        """Write a line a second, and the last."""
        now = time.monotonic()
        if now - self._told < 1.0 and done < total:
            return
        self._told = now
        elapsed = now - self._begun
        rate = done / elapsed if elapsed > 0 else 0.0
        left_s = round((total - done) / rate, 1) if rate else None
        rate = round(rate, 1)
        self.event("progress", done=done, total=total, failed=failed, files_per_s=rate, remaining_s=left_s)

    def close(self) -> None:
        """Do nothing."""


class Bar:
    """A bar on a terminal with the rate and the time that is left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Rich

        self._rich = Rich(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True), TextColumn("{task.fields[failed]}"),
            console=Console(file=sys.stderr), transient=True,
        )  # fmt: skip
        self._task = self._rich.add_task("looking for files", total=None, rate="", failed="")
        self._begun = time.monotonic()
        self._rich.start()

    def event(self, name: str, **facts: Any) -> None:
        """Change the bar's own words with what is done."""
        if name in ("scan", "hash", "start", "tables"):
            words = {"scan": "looking for files", "hash": "looking for copies", "start": "audit", "tables": "tables"}
            self._rich.update(self._task, description=words[name])
            self._begun = time.monotonic()

    def advance(self, done: int, total: int, failed: int) -> None:
        """Move the bar."""
        elapsed = time.monotonic() - self._begun
        rate = f"{done / elapsed:,.0f} files/s" if elapsed > 1 else ""
        told = f"{failed} failed" if failed else ""
        self._rich.update(self._task, completed=done, total=total, rate=rate, failed=told)

    def close(self) -> None:
        """Take the bar away."""
        self._rich.stop()
