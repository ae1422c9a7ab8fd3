"""An audit in this process, with what its progress told, and its export read back."""

from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest

from dronecheck.audit.engine.local import Limits, LocalEngine
from dronecheck.audit.engine.worker import do
from dronecheck.audit.ledger import Ledger
from dronecheck.audit.privacy import without_private
from dronecheck.audit.progress import Silent
from dronecheck.audit.run import run_audit
from dronecheck.audit.tables.write import export_csv
from dronecheck.settings import Options


class Told(Silent):
    """Keeps the events."""

    def __init__(self):
        self.events = []

    def event(self, name, **facts):
        self.events.append({"event": name, **facts})


class Direct:
    """An engine without processes: what a worker does, done here."""

    def __init__(self, work=do):
        self.work = work

    def run(self, tasks, stop):
        for task in tasks:
            if stop.is_set():
                return
            yield task, self.work(task)


def exported(out: Path, *, private: bool = True) -> bytes:
    """The audit's CSV."""
    path = out.parent / f"{out.name}.csv"
    ledger = Ledger(out, write=False)
    try:
        export_csv(ledger, path, dict if private else without_private)
    finally:
        ledger.close()
    return path.read_bytes()


def rows(out: Path) -> list[dict[str, str]]:
    """The rows of the audit's CSV."""
    return list(csv.DictReader(exported(out).decode().splitlines()))


@pytest.fixture
def audit(tmp_path, home):
    """Run an audit; summary and events."""

    def run(places, out=None, *, engine=None, options=None, roster=None, stop=None):
        told = Told()
        summary = run_audit(
            [str(p) for p in places], out or tmp_path / "out", options or Options(), engine or Direct(), told,
            stop or threading.Event(), roster,
        )  # fmt: skip
        summary.events = told.events
        return summary

    return run


def local(workers=2, work=do, **limits):
    """The engine that users get."""
    return LocalEngine(workers, Limits(**limits), work)
