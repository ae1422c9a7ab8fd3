"""Many logs: found, read in worker processes, judged, kept in a ledger that any interruption leaves whole.

| module | what it does |
|---|---|
| run | scan, plan, hand out, write down; goes on where an earlier run stopped |
| discover | files below folders and globs, for the ledger |
| ledger/ | SQLite: a row for every file ever seen, a row for every content, what is still to do |
| engine/ | a task done in a worker, on this machine's processes or Dask's; hashes of what an answer rests on |
| tables/ | rows of flights and findings; flights.parquet, findings.parquet, the CSV and the tracks |
| fleet/ | the fleet page, and a flight's own |
| roster, privacy | who flies which aircraft; what an export leaves out |
| progress, summary | what a run says while it works, and at its end |
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronecheck.audit.summary import Summary
    from dronecheck.settings import Options

__all__ = ["audit_logs"]


def audit_logs(
    places: Sequence[str | Path], out: str | Path, options: Options | None = None, *, workers: int | None = None
) -> Summary:
    """Audit files, folders and globs into the folder `out`, or go on with an audit that lies there.

    `workers` processes read and judge (None: one a processor). Raises UsageError.

    >>> import dronecheck
    >>> dronecheck.audit.audit_logs(["logs/"], "audit/").by_verdict         # doctest: +SKIP
    """
    import threading

    from dronecheck.audit.engine.local import Limits, LocalEngine, processors
    from dronecheck.audit.progress import Silent
    from dronecheck.audit.run import run_audit
    from dronecheck.settings import Options

    engine = LocalEngine(workers or processors(), Limits())
    asked = (options or Options()).anchored()
    return run_audit([str(place) for place in places], Path(out), asked, engine, Silent(), threading.Event())
