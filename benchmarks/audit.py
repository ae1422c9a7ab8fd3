"""The audit of a simulated fleet: answers against the truth, and what it costs, as ratios in one run.

    python benchmarks/audit.py [FILES] [--large N] [--fleet DIR]

1. FILES small logs (2 % damaged): every file has its row, the answers against the truth, files a second with one and
   with two workers, the workers' memory from first to last task.
2. The same audit under changed zones: how much faster than the first.
3. N logs of 1 to 3 MB: the audit with one worker beside the bare work (the same reading, checking and encoding in a
   plain loop, without processes, ledger and limits).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from dronecheck.audit.discover import find
from dronecheck.audit.engine.fingerprint import basis_of
from dronecheck.audit.engine.local import Limits, LocalEngine
from dronecheck.audit.engine.worker import do
from dronecheck.audit.ledger import Ledger
from dronecheck.audit.progress import Silent
from dronecheck.audit.run import BYTES_A_TASK, FILES_A_TASK, run_audit
from dronecheck.audit.tables.write import export_csv
from dronecheck.audit.tasks import FileRef, Task, TaskKind
from dronecheck.settings import Options

REPO = Path(__file__).resolve().parents[1]


class Told(Silent):
    """Keeps each worker's memory, task by task."""

    def __init__(self) -> None:
        self.memory_mb: dict[str, list[float]] = defaultdict(list)

    def event(self, name: str, **facts: Any) -> None:
        if name == "task":
            self.memory_mb[facts["worker"]].append(facts["peak_memory_mb"])


def audit(logs: Path, out: Path, options: Options, workers: int, **limits: Any) -> tuple[float, Told]:
    """Seconds that an audit takes, its memory told."""
    told = Told()
    begun = time.perf_counter()
    engine = LocalEngine(workers, Limits(**limits))
    summary = run_audit([str(logs)], out, options, engine, told, threading.Event())
    assert summary.finished
    return time.perf_counter() - begun, told


def bare(logs: Path, options: Options) -> float:
    """Seconds for the same work in a plain loop; what a process needs to load is loaded before."""
    files = [FileRef(found.path, found.size_bytes) for found in find([str(logs)], Path("/nowhere"))]
    basis = basis_of(options)
    do(Task(TaskKind.READ, tuple(files[:1]), options, basis))
    begun = time.perf_counter()
    batch: list[FileRef] = []
    for file in [*files, None]:
        size = sum(f.size_bytes for f in batch)
        if batch and (file is None or len(batch) == FILES_A_TASK or size + file.size_bytes > BYTES_A_TASK):
            do(Task(TaskKind.READ, tuple(batch), options, basis))
            batch = []
        if file is not None:
            batch.append(file)
    return time.perf_counter() - begun


def fleet(folder: Path, count: int, size: str) -> Path:
    """A fleet, made if it is not there."""
    if not (folder / "truth.csv").exists():
        maker = [sys.executable, str(REPO / "samples" / "make_fleet.py"), str(count), "--out", str(folder)]
        subprocess.run([*maker, "--size", size, "--workers", "2"], check=True)
    return folder


def small(folder: Path) -> None:
    """Points 1 and 2."""
    from fleet_score import score

    logs, files = folder / "logs", sum(1 for p in (folder / "logs").rglob("*") if p.is_file())
    first, second = (Options(zones=(folder / name,)) for name in ("zones.geojson", "zones_changed.geojson"))
    with tempfile.TemporaryDirectory() as scratch:
        one_s, _ = audit(logs, Path(scratch) / "one", first, 1)
        out = Path(scratch) / "two"
        two_s, told = audit(logs, out, first, 2)
        ledger = Ledger(out, write=False)
        export_csv(ledger, Path(scratch) / "audit.csv", dict)
        ledger.close()
        lines, wrong = score(folder, Path(scratch) / "audit.csv")
        again_s, _ = audit(logs, out, second, 2)
        still_s, _ = audit(logs, out, second, 2)
        one_moved = Path(scratch) / "zones.geojson"
        edition = json.loads((folder / "zones_changed.geojson").read_text(encoding="utf-8"))
        ring = edition["features"][1]["geometry"]["coordinates"][0]
        ring[:] = [[lon, lat + 0.004] for lon, lat in ring]
        one_moved.write_text(json.dumps(edition), encoding="utf-8")
        one_zone_s, _ = audit(logs, out, Options(zones=(one_moved,)), 2)
    print("\n".join(lines))
    print(f"{wrong} wrong")
    print(
        f"{files:,} files: {files / one_s:.0f} a second with 1 worker, {files / two_s:.0f} with 2: {one_s / two_s:.2f}x"
    )
    for worker, memory in told.memory_mb.items():
        middle = memory[len(memory) // 2]
        print(f"worker {worker}: {memory[0]:.0f} MB after a task, {middle:.0f} half-way, {memory[-1]:.0f} at the end")
    print(f"a quarter of the zones moved: {two_s / again_s:.1f}x faster than the first audit")
    print(f"one zone of twelve moved: {two_s / one_zone_s:.1f}x; nothing changed: {two_s / still_s:.0f}x")


def large(folder: Path) -> None:
    """Point 3."""
    options = Options(zones=(folder / "zones.geojson",))
    logs = folder / "logs"
    sizes = sorted(p.stat().st_size for p in logs.rglob("*") if p.is_file())
    ratios = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as scratch:
            audit_s, _ = audit(logs, Path(scratch) / "out", options, 1)
        ratios.append(audit_s / bare(logs, options))
    middle = sizes[len(sizes) // 2] / 1e6
    print(
        f"{len(sizes)} logs of {middle:.1f} MB (median): an audit with 1 worker takes {sorted(ratios)[1]:.3f} of the "
        f"bare work (three runs: {', '.join(f'{r:.3f}' for r in ratios)})"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Audit a simulated fleet and measure.")
    parser.add_argument("files", type=int, nargs="?", default=10_000)
    parser.add_argument("--large", type=int, default=200)
    parser.add_argument("--fleet", type=Path, help="a folder to keep the fleets in (default: a temporary one)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        keep = asked.fleet or Path(scratch)
        small(fleet(keep / f"small_{asked.files}", asked.files, "small"))
        if asked.large:
            large(fleet(keep / f"large_{asked.large}", asked.large, "large"))


if __name__ == "__main__":
    main()
