"""No room on the disk: an error in words, nothing cut short under a final name, and going on works."""

from __future__ import annotations

import os
import resource
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.audit.conftest import exported
from tests.support.scale import full_only
from tests.support.small_logs import small_logs

COMMAND = [sys.executable, "-m", "dronecheck", "audit"]


def limited(size_bytes):
    """A limit on the size of any file, as a full disk is one."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, size_bytes))


def whole(out: Path) -> None:
    """Every Parquet file under a final name can be read, and no temporary one is left."""
    assert not list(out.rglob("*.part"))
    for path in out.rglob("*.parquet"):
        pq.read_table(path)


@full_only
@pytest.mark.parametrize("size_bytes", [4_000, 60_000, 200_000])
def test_a_full_disk_is_told_and_the_audit_goes_on_when_there_is_room(tmp_path, home, audit, size_bytes):
    logs, out = tmp_path / "logs", tmp_path / "out"
    small_logs(logs, 260)
    run = [*COMMAND, "run", str(logs), "--out", str(out), "--workers", "1"]
    ran = subprocess.run(run, capture_output=True, preexec_fn=limited(size_bytes), timeout=120, check=False)
    assert ran.returncode == 2, (ran.returncode, ran.stderr)
    assert b"Traceback" not in ran.stderr and b"cannot" in ran.stderr
    assert not (out / "flights.parquet").exists()
    whole(out)
    assert subprocess.run(run, capture_output=True, timeout=120, check=False).returncode == 0
    whole(out)
    audit([logs], tmp_path / "calm")
    assert exported(out) == exported(tmp_path / "calm")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_device_is_written_to_and_never_replaced(tmp_path, audit):
    small_logs(tmp_path / "logs", 3)
    audit([tmp_path / "logs"])
    for command in ("export", "report"):
        ran = subprocess.run(
            [*COMMAND, command, str(tmp_path / "out"), "-o", "/dev/full"], capture_output=True, timeout=60, check=False
        )
        assert ran.returncode == 2 and b"No space left" in ran.stderr
        assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    ran = subprocess.run(
        [*COMMAND, "export", str(tmp_path / "out"), "-o", "/dev/stdout"], capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0 and ran.stdout.startswith(b"file,")


@full_only
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="needs the right to mount")
def test_a_small_file_system_that_fills_up(tmp_path, home, audit):
    logs, small = tmp_path / "logs", tmp_path / "small"
    small.mkdir()
    small_logs(logs, 1500)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        run = [*COMMAND, "run", str(logs), "--out", str(small / "out")]
        ran = subprocess.run(run, capture_output=True, timeout=120, check=False)
        assert ran.returncode == 2 and b"Traceback" not in ran.stderr, ran.stderr
        whole(small / "out")
        subprocess.run(["mount", "-o", "remount,size=64m", str(small)], check=True)
        assert subprocess.run(run, capture_output=True, timeout=120, check=False).returncode == 0
        audit([logs], tmp_path / "calm")
        assert exported(small / "out") == exported(tmp_path / "calm")
    finally:
        subprocess.run(["umount", str(small)], check=False)
