"""Dask gives what the local engine gives, and a worker that dies loses nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest

from dronecheck.audit.engine.dask import DaskEngine
from dronecheck.audit.engine.local import Limits
from dronecheck.errors import UsageError
from dronecheck.settings import Options
from tests.audit.conftest import exported, rows
from tests.support.faults import do_with_faults, slowly
from tests.support.scale import full_only
from tests.support.small_logs import small_logs


def kill_a_worker(out: Path, killed: list[int]) -> None:
    """Kill one of Dask's worker processes of this one as soon as there is a first result."""
    while not any(out.rglob("*.parquet")):
        time.sleep(0.02)
    for process in psutil.Process().children(recursive=True):
        if "resource_tracker" not in " ".join(process.cmdline()):
            process.kill()
            killed.append(process.pid)
            return


@full_only
@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_even_when_a_worker_dies(audit, tmp_path, repo):
    logs = tmp_path / "logs"
    small_logs(logs, 220)
    audit([logs, repo / "samples"])
    killed: list[int] = []
    threading.Thread(target=kill_a_worker, args=(tmp_path / "dask", killed), daemon=True).start()
    summary = audit([logs, repo / "samples"], tmp_path / "dask", engine=DaskEngine("local", 2, Limits(), slowly))
    assert summary.finished and killed
    assert exported(tmp_path / "dask") == exported(tmp_path / "out")
    zones = Options(zones=(repo / "samples" / "restricted_zone.geojson",))
    again = audit([logs, repo / "samples"], tmp_path / "dask", engine=DaskEngine("local", 1, Limits()), options=zones)
    assert again.read == 0 and again.judged_again > 200
    audit([logs, repo / "samples"], options=zones)
    assert exported(tmp_path / "dask") == exported(tmp_path / "out")


@full_only
@pytest.mark.slow
def test_a_file_that_kills_workers_costs_its_row(audit, tmp_path):
    small_logs(tmp_path / "logs", 4)
    (tmp_path / "logs" / "000" / "flight_00002.csv").rename(tmp_path / "logs" / "000" / "segfault.csv")
    summary = audit([tmp_path / "logs"], engine=DaskEngine("local", 1, Limits(), do_with_faults))
    assert summary.by_status == {"ok": 3, "failed": 1}
    assert [row["code"] for row in rows(tmp_path / "out") if row["status"] == "failed"] == ["signal"]


@full_only
@pytest.mark.slow
def test_workers_that_do_not_come_back_are_replaced(audit, tmp_path, monkeypatch):
    import distributed

    async def unregister(nanny, exitcode):  # as it does where the worker died while the nanny still counts as starting
        await nanny._unregister()

    monkeypatch.setattr(distributed.Nanny, "_on_worker_exit", unregister)
    for name in ("_PATIENCE_S", "_LOOK_S"):
        monkeypatch.setattr(f"dronecheck.audit.engine.dask.{name}", 1.0)
    small_logs(tmp_path / "logs", 2)
    (tmp_path / "logs" / "000" / "flight_00001.csv").rename(tmp_path / "logs" / "000" / "segfault.csv")
    summary = audit([tmp_path / "logs"], engine=DaskEngine("local", 1, Limits(), do_with_faults))
    assert summary.by_status == {"ok": 1, "failed": 1}


def test_an_address_where_nobody_answers_is_refused(audit, tmp_path, monkeypatch):
    import distributed

    def nobody(address, timeout):
        raise OSError("Timed out trying to connect")

    monkeypatch.setattr(distributed, "Client", nobody)
    small_logs(tmp_path / "logs", 1)
    with pytest.raises(UsageError, match="no scheduler answers"):
        audit([tmp_path / "logs"], engine=DaskEngine("tcp://127.0.0.1:1", None, Limits()))
