"""The program for people without Python: built, and driven where there is neither Python nor any setting."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.scale import full_only

pytestmark = [full_only, pytest.mark.slow]
SAMPLES = ("founding_dandong_sinuiju.ulg", "clear_dandong.csv", "founding_dandong_sinuiju.tlog", "restricted_zone.csv")


@pytest.fixture(scope="module")
def program(repo, tmp_path_factory, clean_env):
    out = tmp_path_factory.mktemp("bundle")
    spec = repo / "packaging" / "dronecheck.spec"
    where = ["--distpath", str(out / "dist"), "--workpath", str(out / "build")]
    build = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR", *where, str(spec)]
    done = subprocess.run(build, cwd=out, env=clean_env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return out / "dist" / "dronecheck" / "dronecheck"


@pytest.fixture
def nowhere(tmp_path):
    """An environment that knows neither this Python nor this tree."""
    return {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize("name", SAMPLES)
def test_it_answers_like_the_checkout(program, nowhere, repo, tmp_path, clean_env, name):
    asked = ["check", str(repo / "samples" / name), "--zones", str(repo / "samples" / "restricted_zone.geojson")]
    frozen, here = (
        subprocess.run([*command, *asked, "--json", "-"], cwd=tmp_path, env=env, capture_output=True, check=False)
        for command, env in (([str(program)], nowhere), ([sys.executable, "-m", "dronecheck"], clean_env))
    )
    assert frozen.stdout
    assert (frozen.returncode, frozen.stdout) == (here.returncode, here.stdout), frozen.stderr


def test_its_page_tables_and_languages_are_inside(program, nowhere, repo, tmp_path):
    page = tmp_path / "page.html"
    asked = ["check", str(repo / "samples" / SAMPLES[0]), "--report", str(page), "--lang", "zh"]
    done = subprocess.run(
        [str(program), *asked], cwd=tmp_path, env=nowhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert 'lang="zh' in page.read_text(encoding="utf-8")


def test_an_audit_finds_its_workers_in_it(program, nowhere, repo, tmp_path):
    asked = ["audit", "run", str(repo / "samples" / SAMPLES[1]), "--out", str(tmp_path / "fleet"), "--workers", "1"]
    done = subprocess.run(
        [str(program), *asked], cwd=tmp_path, env=nowhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
