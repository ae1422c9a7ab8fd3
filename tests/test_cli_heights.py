"""--geoid and --qnh on the command line."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import numpy as np
import pytest

from tests.support.airdata import airdata


@pytest.fixture
def run(clean_env, tmp_path):
    def call(*args):
        command = [sys.executable, "-m", "dronecheck", "check", *map(str, args)]
        return subprocess.run(command, cwd=tmp_path, env=clean_env, capture_output=True, text=True, check=False)

    return call


@pytest.fixture
def inland(tmp_path):
    return airdata(tmp_path / "inland.csv", 47.0, 2.0, 47.01, 2.01)


def test_a_geoid_of_ones_own_is_named_by_its_hash(run, inland, tmp_path):
    import hashlib

    grid = struct.pack(">4d2i", -90.0, -180.0, 1.0, 1.0, 181, 360) + np.full(181 * 360, 40.0, ">f4").tobytes()
    (tmp_path / "own.gtx").write_bytes(grid)
    done = run(inland, "--geoid", tmp_path / "own.gtx", "--qnh", "1018", "--json", "-")
    method = json.loads(done.stdout)["method"]
    assert method["geoid_sha256"] == hashlib.sha256(grid).hexdigest()
    assert method["options"]["qnh_hpa"] == 1018
    without = json.loads(run(inland, "--json", "-").stdout)["method"]
    assert without["geoid_sha256"] is None  # no conversion was needed


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [("--geoid", "none.gtx", "no such file"), ("--qnh", "30", "hectopascals"), ("--qnh", "nan", "hectopascals")],
)
def test_mistakes_are_told(run, inland, option, value, says):
    done = run(inland, option, value)
    assert done.returncode == 2
    assert says in done.stderr
