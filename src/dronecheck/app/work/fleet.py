"""An audit of all that was dropped, in a process of its own with workers of its own: rows, fleet page, CSV."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from dronecheck.app.work.told import ToldRow
from dronecheck.errors import UsageError
from dronecheck.geofence.result import Status, Topic, Verdict
from dronecheck.settings import Options

__all__ = ["CSV", "PAGE", "FleetAsk", "audit"]

PAGE, CSV = "fleet.html", "rows.csv"
_MOST_MEMORY_MB = 8192
_ASKED = (Topic.BORDER, Topic.AIRSPACE, Topic.HEIGHT)


@dataclass(frozen=True, slots=True)
class FleetAsk:
    """The logs of an audit as they lie in a folder made for them, and where the audit is written."""

    logs: Path
    out: Path
    options: Options


class _Sent:
    """Progress that goes to whoever shows it."""

    def __init__(self, send: Callable[[object], None]) -> None:
        self._send = send

    def event(self, name: str, **facts: Any) -> None:
        """Do nothing: what is shown is how far it is."""

    def advance(self, done: int, total: int, failed: int) -> None:
        """Tell how far it is, 0 to 1."""
        self._send(done / max(total, 1))

    def close(self) -> None:
        """Do nothing."""


def audit(ask: FleetAsk, told: Connection, parent: int) -> None:
    """Run the audit: how far it is goes through `told`, at the end its row."""
    from dronecheck.audit.engine.local import prepare_worker

    prepare_worker(_MOST_MEMORY_MB, parent)
    try:
        row = _audited(ask, told.send)
    except UsageError as error:
        row = ToldRow(error=str(error))
    told.send(row)
    told.close()


def _audited(ask: FleetAsk, send: Callable[[object], None]) -> ToldRow:
    from dronecheck.audit.engine.local import Limits, LocalEngine, processors
    from dronecheck.audit.fleet.reporting import write_fleet_page
    from dronecheck.audit.ledger import Ledger
    from dronecheck.audit.privacy import without_private
    from dronecheck.audit.run import run_audit
    from dronecheck.audit.tables.write import export_csv, flights_of, roster_of
    from dronecheck.report.text.headline import VERDICT_WORDS
    from dronecheck.report.text.words import words

    engine = LocalEngine(processors(), Limits())
    summary = run_audit([str(ask.logs)], ask.out, ask.options, engine, _Sent(send), threading.Event())
    ledger = Ledger(ask.out, write=False)
    try:
        write_fleet_page(
            ledger,
            ask.out / PAGE,
            without_private,
            by_pilot=False,
            with_flights=0,
            include_private=False,
            name="",
            units=ask.options.units,
        )
        export_csv(ledger, ask.out / CSV, without_private)
        flown = [flight for flight, _ in flights_of(ledger, roster_of(ledger)) if flight["status"] == "ok"]
    finally:
        ledger.close()
    say = words(ask.options.language)
    counts = {verdict: summary.by_verdict.get(verdict.value, 0) for verdict in VERDICT_WORDS}
    parts = [f"{say(VERDICT_WORDS[verdict])}: {count}" for verdict, count in counts.items() if count]
    unread = summary.by_status.get("unreadable", 0) + summary.by_status.get("failed", 0)
    parts += [f"{say('could not be read')}: {unread}"] if unread else []
    worst = next((verdict for verdict, count in counts.items() if count), Verdict.INCONCLUSIVE if unread else None)
    left = [(topic, sum(flight[topic.value] == Status.NOT_CHECKED.value for flight in flown)) for topic in _ASKED]
    return ToldRow(
        not_checked=tuple(
            say.sentence(f"{say(topic.value.capitalize())}: {say('NOT CHECKED')} ({count} / {len(flown)})")
            for topic, count in left
            if count
        ),
        verdict=worst.value if worst else None,
        answer=say(VERDICT_WORDS[worst]) if worst else "",
        headline=say.listed(parts),
    )
