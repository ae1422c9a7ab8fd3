"""Kill an audit, or its workers, at random moments, go on, and compare with an audit that nothing disturbed.

    python -m tests.chaos.kill FILES PARENT_KILLS WORKER_KILLS [SEED]

After every kill: no process of the audit is left, the ledger is whole (integrity_check), no file
under a final name is cut short. At the end the sorted exports are compared byte for byte.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.audit.conftest import exported
from tests.support.small_logs import small_logs

REPO = Path(__file__).resolve().parents[2]
LEFT_AFTER_S = 50.0
"""Five seconds on an idle machine; ten times that before it is called an orphan."""


def start(logs: Path, out: Path, workers: int = 2) -> subprocess.Popen[bytes]:
    """An audit as users start it."""
    command = [
        sys.executable,
        "-m",
        "dronecheck",
        "audit",
        "run",
        str(logs),
        "--out",
        str(out),
        "--workers",
        str(workers),
    ]
    quiet = {**os.environ, "DRONECHECK_HOME": str(out.parent / "no_library")}
    return subprocess.Popen(command, cwd=REPO, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def children(pid: int) -> list[psutil.Process]:
    """The processes of an audit, its own left out."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def workers_of(pid: int) -> list[psutil.Process]:
    """The processes that do the work (not multiprocessing's resource tracker)."""
    found = []
    for process in children(pid):
        try:
            if any("spawn_main" in word for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def check_left(left: list[psutil.Process], out: Path) -> None:
    """No orphan; the ledger is whole; every Parquet file under a final name can be read."""
    _, alive = psutil.wait_procs(left, timeout=LEFT_AFTER_S)
    assert not alive, f"still running after {LEFT_AFTER_S} s: {alive}"
    if (out / "ledger.sqlite").exists():
        base = sqlite3.connect(out / "ledger.sqlite")
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        base.close()
    import pyarrow.parquet as pq

    for path in out.rglob("[!.]*.parquet"):
        pq.read_metadata(path)


def done(out: Path) -> int:
    """Files that are done."""
    try:
        base = sqlite3.connect(f"file:{out / 'ledger.sqlite'}?mode=ro", uri=True)
        try:
            return int(base.execute("SELECT COUNT(*) FROM file WHERE status != 'waiting'").fetchone()[0])
        finally:
            base.close()
    except sqlite3.Error:
        return 0


def kill_parents(logs: Path, out: Path, kills: int, whole_s: float, dice: random.Random) -> int:
    """Start, kill -9 at a random moment, look, start again; how often it was killed before it had finished."""
    killed = 0
    for _ in range(kills):
        audit = start(logs, out)
        try:
            audit.wait(timeout=dice.uniform(0.05, whole_s))
        except subprocess.TimeoutExpired:
            killed += 1
        left = children(audit.pid)
        audit.kill()
        audit.communicate()
        check_left(left, out)
        if done(out) >= sum(1 for p in logs.rglob("*") if p.is_file()):
            reset(out)
    return killed


def reset(out: Path) -> None:
    """Begin anew: the last kill came after the end."""
    import shutil

    shutil.rmtree(out)


def kill_workers(logs: Path, out: Path, kills: int, dice: random.Random) -> int:
    """One audit whose workers are killed at random moments; how many were."""
    killed = 0
    while killed < kills:
        audit = start(logs, out)
        while audit.poll() is None and killed < kills:
            time.sleep(dice.uniform(0.05, 0.6))
            found = workers_of(audit.pid)
            if found:
                try:
                    dice.choice(found).send_signal(signal.SIGKILL)
                    killed += 1
                except psutil.Error:
                    pass
        finish(audit)
        if killed < kills:
            reset(out)
    return killed


def finish(audit: subprocess.Popen[bytes]) -> None:
    """Let it come to its end."""
    _, said = audit.communicate(timeout=600)
    assert audit.returncode == 0, (audit.returncode, said[-2000:])


def campaign(folder: Path, files: int, parent_kills: int, worker_kills: int, seed: int) -> str:
    """All of it; a line that says what was done."""
    dice = random.Random(seed)
    logs = folder / "logs"
    small_logs(logs, files)
    begun = time.monotonic()
    finish(start(logs, folder / "calm"))
    whole_s = time.monotonic() - begun
    calm = exported(folder / "calm")
    killed = kill_parents(logs, folder / "parent", parent_kills, whole_s, dice)
    finish(start(logs, folder / "parent"))
    check_left([], folder / "parent")
    assert exported(folder / "parent") == calm, "after kills of the parent the export differs"
    workers = kill_workers(logs, folder / "workers", worker_kills, dice)
    finish(start(logs, folder / "workers"))  # a file whose worker was killed twice is tried again
    assert exported(folder / "workers") == calm, "after kills of workers the export differs"
    return (
        f"{files} files, seed {seed}: parent killed {parent_kills} times ({killed} before its end), workers {workers} "
        f"times; exports equal to the undisturbed one byte for byte; undisturbed {whole_s:.1f} s"
    )


def main() -> None:
    """Run a campaign in a temporary folder."""
    files, parents, workers = (int(word) for word in sys.argv[1:4])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else 20261123
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        print(campaign(Path(folder), files, parents, workers, seed))
    print(f"{time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
