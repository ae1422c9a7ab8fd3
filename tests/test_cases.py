"""The cases with a known right answer beside the repository: each of them, by the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.scale import full_only


@full_only
@pytest.mark.slow
def test_every_case_gives_its_right_answer(shared, clean_env):
    command = Path(sys.executable).with_name("dronecheck")
    done = subprocess.run(
        [sys.executable, shared / "cases" / "run.py"],
        env={**clean_env, "DC": str(command)}, capture_output=True, text=True, check=False, timeout=3_000,
    )  # fmt: skip
    told = re.search(r"(\d+) of (\d+) rows give their right answer", done.stdout)
    assert told is not None, done.stderr
    assert told[1] == told[2], done.stdout
    assert int(told[2]) > 100 and os.access(command, os.X_OK)
