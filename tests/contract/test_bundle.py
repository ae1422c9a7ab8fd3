"""The program for people without Python: built, and driven where there is neither Python nor any setting."""

from __future__ import annotations

import configparser
import shlex
import subprocess
import sys
import time

import pytest

from tests.app.conftest import App
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


def test_a_double_click_opens_the_page_with_the_files_that_were_dragged_onto_it(program, nowhere, repo, tmp_path):
    """Without a command it is the page; the browser that it opens is the one that the environment names."""
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1|$LD_LIBRARY_PATH" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    command, env = [str(program), str(repo / "samples" / SAMPLES[0])], {**nowhere, "BROWSER": str(browser)}
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, cwd=tmp_path, env=env, **quiet) as started:
        try:
            app = App(started, tmp_path, started.stdout.readline().strip())
            (file,) = app.json("GET", "/api/files")["files"]
            (row,) = app.check(file)
            assert row["verdict"] == "VIOLATION"
            for _ in range(100):
                if opened.exists():
                    break
                time.sleep(0.1)
            assert opened.read_text().strip() == f"{app.url}|"
            app.json("POST", "/api/stop", {})
            assert started.wait(60) == 0
        finally:
            started.kill()


def test_the_shortcut_starts_this_program(program, nowhere, tmp_path):
    done = subprocess.run(
        [str(program), "app", "--shortcut"], cwd=tmp_path, env=nowhere, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(tmp_path / ".local/share/applications/dronecheck.desktop", encoding="utf-8")
    assert shlex.split(entry["Desktop Entry"]["Exec"]) == [str(program), "app", "%F"]
    assert (tmp_path / ".local/share/icons/hicolor/scalable/apps/dronecheck.svg").read_text().startswith("<svg")
