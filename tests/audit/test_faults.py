"""Files that kill, hang or swell a worker cost their own row and nothing else."""

from __future__ import annotations

from dronecheck.audit.run import FILES_A_TASK
from tests.audit.conftest import local, rows
from tests.support.faults import FAULTS, do_with_faults
from tests.support.growth import hang_guard
from tests.support.scale import full_only
from tests.support.small_logs import small_logs


def with_faults(folder, good, of_each):
    """Good logs, and among them some that bring a worker to grief."""
    paths = small_logs(folder, good + of_each * len(FAULTS))
    names = [f"{fault}_{number}" for fault in FAULTS for number in range(of_each)]
    step = len(paths) // len(names)
    for name, path in zip(names, paths[:: step or 1], strict=False):
        path.rename(path.with_name(f"{name}.csv"))
    return names


@full_only
def test_bad_files_cost_their_own_rows(audit, tmp_path):
    bad = with_faults(tmp_path / "logs", 2 * FILES_A_TASK, 1)
    engine = local(2, do_with_faults, time_s=15.0, memory_mb=1500)
    with hang_guard(1_200.0, waiting=True):
        summary = audit([tmp_path / "logs"], engine=engine)
    assert summary.finished
    found = {row["file"].split("/")[-1].removesuffix(".csv"): row for row in rows(tmp_path / "out")}
    failed = {name: row for name, row in found.items() if row["status"] == "failed"}
    assert sorted(failed) == sorted(bad)
    assert {name: row["code"] for name, row in failed.items()} == {name: FAULTS[name.split("_")[0]] for name in bad}
    assert "SIGSEGV" in failed["segfault_0"]["message"] and "SIGKILL" in failed["kill_0"]["message"]
    assert summary.by_status == {"ok": 2 * FILES_A_TASK, "failed": len(bad)}
    again = audit([tmp_path / "logs"], engine=local(2))
    assert again.read == len(bad) and again.by_status == {"ok": 2 * FILES_A_TASK + len(bad)}


def test_a_pool_that_breaks_is_made_anew(audit, tmp_path, monkeypatch):
    """A worker that is killed while it holds what all share breaks the pool of pebble: no task is lost with it."""
    from pebble import ProcessPool

    small_logs(tmp_path / "logs", 5 * FILES_A_TASK)
    real, calls = ProcessPool.schedule, []

    def schedule(self, *args, **more):
        calls.append(1)
        if len(calls) in (3, 4, 9):
            raise RuntimeError("Unexpected error within the Pool")
        return real(self, *args, **more)

    monkeypatch.setattr(ProcessPool, "schedule", schedule)
    summary = audit([tmp_path / "logs"], engine=local(1))
    assert summary.by_status == {"ok": 5 * FILES_A_TASK}


def test_a_pool_that_breaks_for_ever_ends(audit, tmp_path, monkeypatch):
    from pebble import ProcessPool

    small_logs(tmp_path / "logs", 2)

    def schedule(self, *args, **more):
        raise RuntimeError("Unexpected error within the Pool")

    monkeypatch.setattr(ProcessPool, "schedule", schedule)
    assert audit([tmp_path / "logs"], engine=local(1)).by_status == {"failed": 2}
