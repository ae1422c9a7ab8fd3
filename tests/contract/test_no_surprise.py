"""Reading opens no socket, starts no process, writes nothing and evaluates nothing, whatever the bytes and the name."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import App
from tests.fuzz.formats import FORMATS, SAMPLES
from tests.support.scale import loops

WATCH = """
import importlib, json, pkgutil, random, sys
from pathlib import Path
import dronecheck.flight, dronecheck.geo, dronecheck.geofence
from dronecheck.errors import UnreadableInput
from dronecheck.readers import read
from dronecheck.airspace import load_zones
from dronecheck import check
sys.path.insert(0, {repo!r})
from tests.fuzz.damage import MUTATORS

paths, seen, armed = [Path(p) for p in json.loads(sys.argv[1])], [], False
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.remove",
             "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.utime",
             "shutil.", "exec", "compile", "ctypes.", "pickle.", "marshal.load", "urllib.", "ftplib.", "http.",
             "smtplib.", "tempfile.", "webbrowser.")

def hook(event, args):
    if not armed:
        return
    if event.startswith(FORBIDDEN):
        seen.append(event + " " + repr(args)[:200])
    if event == "open" and (set(str(args[1])) & set("wax+") or (isinstance(args[2], int) and args[2] & 3)):
        seen.append("open to write " + repr(args)[:200])

def everything(source):
    for path in paths:
        data = path.read_bytes()
        for mutator in (None, *MUTATORS[::{step}]):
            target = path
            if mutator:
                target = work / path.name
                bytes_ = mutator(source, data)
                global armed
                was, armed = armed, False
                target.write_bytes(bytes_)
                armed = was
            try:
                check(read(target), zones)
            except UnreadableInput:
                pass

work = Path(sys.argv[2])
zones = load_zones([{zones!r}])
sys.addaudithook(hook)
for package in (dronecheck.flight, dronecheck.geo, dronecheck.geofence):  # what one mutant in many needs
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
everything(random.Random(1))  # what is imported on first use is imported now
armed = True
everything(random.Random(2))
armed = False
print(json.dumps(seen))
"""


@pytest.fixture
def watch(repo: Path, tmp_path: Path):
    """Reads and checks files, whole and damaged, in a process of their own; gives what the audit hook saw."""

    def run(paths: list[Path], *extra: str) -> list[str]:
        work = tmp_path / "work"
        work.mkdir(exist_ok=True)
        code = WATCH.format(repo=str(repo), zones=str(SAMPLES / "restricted_zone.geojson"),
                            step=loops(1, 4))  # fmt: skip
        code = code.replace("armed = False\nprint", "\n".join([*extra, "armed = False", "print"]))
        argv = [sys.executable, "-c", code, json.dumps([str(p) for p in paths]), str(work)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    return run


@pytest.mark.parametrize("part", [0, 1])
def test_reading_samples_and_mutants_does_nothing_else(watch, part):
    assert watch([SAMPLES / name for name in list(FORMATS.values())[part::2]]) == []


def test_the_watch_itself_sees(watch):
    extra = ["import os", "os.system('true')", "open(work / 'x', 'w')", "eval('1 + 1')"]
    seen = watch([SAMPLES / FORMATS["igc"]], *extra)
    assert [text.split()[0] for text in seen if not text.startswith("exec")] == ["os.system", "open", "compile"]


@pytest.mark.parametrize("name", ["a:b.tlog", "bin/log.tlog", "-x.tlog", "$(touch x).tlog", "a|b.tlog", "http:/x.tlog"])
def test_a_name_is_just_a_name(tmp_path, watch, name):
    path = tmp_path / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SAMPLES / FORMATS["tlog"], path)
    assert watch([path]) == []


def test_the_page_writes_nothing_beside_what_it_is_given_and_a_check_does_not_load_it(tmp_path, clean_env):
    folder, apart = tmp_path / "flights", tmp_path / "tmp"
    shutil.copytree(SAMPLES / "photos", folder)
    apart.mkdir()
    shutil.copy(SAMPLES / "clear_dandong.csv", folder)
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()}
    env = {**clean_env, "TMPDIR": str(apart), "DRONECHECK_HOME": str(tmp_path / "home")}
    argv = [sys.executable, "-m", "dronecheck", "app", "--no-browser", str(folder)]
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(argv, text=True, env=env, cwd=folder, **said) as one:
        app = App(one, apart, one.stdout.readline().strip())
        for row in app.check(*app.json("GET", "/api/files")["files"]):
            app.ask("GET", f"/api/page/{row['id']}")
        assert app.end() == 0
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.iterdir()} == before
    assert list(apart.iterdir()) == []
    assert not (tmp_path / "home").exists()
    code = "import sys; from dronecheck.cli import run; sys.argv = ['d', 'check', 'clear_dandong.csv']; run()\n"
    code += "print(sorted(m for m in sys.modules if m.startswith(('dronecheck.app', 'http.server', 'socketserver'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, env=env, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
