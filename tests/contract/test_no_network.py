"""Two commands speak to the network, when told to; no other opens a connection, in whatever process it works."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.app.conftest import App
from tests.fuzz.formats import SAMPLES
from tests.support.feed_server import table_of
from tests.support.key_records import encrypted, pieces

# In every process that a command begins: what was asked of the network goes to a file. Sockets of one machine's own
# processes (AF_UNIX) are how workers are spoken to.
WATCH = """
import os, sys

def _hook(event, args):
    if event.startswith(("socket.", "http.", "urllib.", "ftplib.", "smtplib.", "ssl.")):
        if event in ("socket.__new__", "socket.connect", "socket.bind"):
            family = args[1] if event == "socket.__new__" else args[0].family
            if int(family) == 1:
                return
        with open(os.environ["NETWORK_LOG"], "a") as log:
            log.write(event + "\\n")

sys.addaudithook(_hook)
"""
RECORD = encrypted(pieces([[1, 7]]))


@pytest.fixture
def asked(tmp_path, clean_env):
    """Run commands after `dronecheck`; gives what they asked of the network."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCH)
    (tmp_path / "record.txt").write_bytes(RECORD)
    log = tmp_path / "network.log"

    def run(*lines: str, codes: tuple[int, ...] = (0, 1, 3, 4)) -> list[str]:
        path = f"{tmp_path / 'hook'}:{clean_env.get('PYTHONPATH', '')}"
        env = {**clean_env, "PYTHONPATH": path, "NETWORK_LOG": str(log), "KEY": "0123456789abcdef"}
        for line in lines:
            words = [str(SAMPLES / word[1:]) if word.startswith("@") else word for word in line.split()]
            argv = [sys.executable, "-m", "dronecheck", *words]
            done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=tmp_path, env=env, timeout=300)
            assert done.returncode in codes, (line, done.stdout, done.stderr)
        return log.read_text().split() if log.exists() else []

    return run


FLIGHT, ZONES = "@founding_dandong_sinuiju.ulg", "@restricted_zone.geojson"


@pytest.mark.parametrize(
    "lines",
    [
        [f"check {FLIGHT} --zones {ZONES} --report page.html --json out.json --export out.kml", "check record.txt"],
        [f"look --no-open {FLIGHT} {ZONES}"],
        [f"track {FLIGHT} -o track.gpx", "formats", "dji-keys record.txt --request"],
        [f"zones add {ZONES} --name plan", "zones list", "zones feeds", f"zones validate {ZONES}"],
        ["media check @photos --home CHN --report page.html", "media scrub @photos -o copies"],
        ["audit run @clear_dandong.csv record.txt --out audit --workers 2", "audit report audit -o fleet.html",
         "audit export audit -o rows.csv"],
    ],
    ids=["check", "look", "track", "zones", "media", "audit"],
)  # fmt: skip
def test_no_command_opens_a_connection(asked, lines):
    assert asked(*lines) == []


LISTENS = WATCH.replace(
    'log.write(event + "\\n")',
    'log.write(event + (" " + str(args[1][0]) if event in ("socket.bind", "socket.connect") else "") + "\\n")',
)


def test_the_page_listens_on_this_machine_and_connects_to_nothing(tmp_path, clean_env):
    """Nor does any of its workers, whatever is dropped, looked at and exported."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(LISTENS)
    log = tmp_path / "network.log"
    path = f"{tmp_path / 'hook'}:{clean_env.get('PYTHONPATH', '')}"
    env = {**clean_env, "PYTHONPATH": path, "NETWORK_LOG": str(log), "TMPDIR": str(tmp_path)}
    files = [str(SAMPLES / name) for name in ("founding_dandong_sinuiju.ulg", "restricted_zone.geojson", "photos")]
    argv = [sys.executable, "-m", "dronecheck", "app", "--no-browser", *files]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env) as process:
        app = App(process, tmp_path, process.stdout.readline().strip())
        rows = app.check(*app.json("GET", "/api/files")["files"])
        for row in rows:
            for kind in row["exports"]:
                assert app.ask("GET", f"/api/export/{row['id']}?as={kind}")[0] == 200
        for what in ("about", "zones", "feeds", "past"):
            assert app.ask("GET", f"/api/{what}")[0] == 200
        assert {row["kind"] for row in rows} == {"flight", "media"}
        assert app.end() == 0
    asked = log.read_text().splitlines()
    assert "socket.bind 127.0.0.1" in asked
    assert set(asked) <= {"socket.__new__", "socket.bind 127.0.0.1"}


def test_those_that_do_are_seen(asked, clean_env, tmp_path, monkeypatch):
    """The watch itself sees."""
    monkeypatch.setitem(clean_env, "DRONECHECK_FEEDS", str(table_of(tmp_path, "http://127.0.0.1:9")))
    line = "dji-keys record.txt --api-key-env KEY --out keys.json --service http://127.0.0.1:9"
    for each in (line, "zones fetch CH"):
        assert {"http.client.connect", "socket.__new__", "socket.connect"} <= set(asked(each, codes=(3,)))
