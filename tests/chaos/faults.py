"""A thousand files, twenty of which kill, hang or swell their worker: twenty rows say so, the others are done.

python -m tests.chaos.faults [FILES] [OF_EACH]
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from dronecheck.audit.engine.local import Limits, LocalEngine
from dronecheck.audit.progress import Silent
from dronecheck.audit.run import run_audit
from dronecheck.settings import Options
from tests.audit.conftest import rows
from tests.support.faults import FAULTS, do_with_faults
from tests.support.small_logs import small_logs

KINDS = ("segfault", "kill", "loop", "memory")


def campaign(folder: Path, files: int, of_each: int) -> str:
    """All of it; a line that says what came out."""
    paths = small_logs(folder / "logs", files)
    names = [f"{kind}_{number}" for kind in KINDS for number in range(of_each)]
    for name, path in zip(names, paths[:: files // len(names)], strict=False):
        path.rename(path.with_name(f"{name}.csv"))
    begun = time.monotonic()
    engine = LocalEngine(2, Limits(time_s=5.0, memory_mb=1500), do_with_faults)
    summary = run_audit(
        [str(folder / "logs")], folder / "out", Options(library=False), engine, Silent(), threading.Event()
    )
    failed = {Path(r["file"]).stem: r["code"] for r in rows(folder / "out") if r["status"] == "failed"}
    assert failed == {name: FAULTS[name.split("_")[0]] for name in names}, failed
    assert summary.by_status == {"ok": files - len(names), "failed": len(names)}
    return f"{summary.by_status}, {dict(Counter(failed.values()))}, {time.monotonic() - begun:.0f} s"


def main() -> None:
    """Run a campaign in a temporary folder."""
    given = [int(word) for word in sys.argv[1:3]]
    files, of_each = (*given, *(1000, 5)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        print(campaign(Path(folder), files, of_each))


if __name__ == "__main__":
    main()
