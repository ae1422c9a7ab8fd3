"""The app in a process of its own, as its user starts it, and one in this process, spoken to over its socket."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import REPO

SAMPLES = REPO / "samples"


@dataclass
class App:
    """A running app: its process, port and token; `folder` is where its session's folder lies."""

    process: subprocess.Popen[str]
    folder: Path
    url: str
    port: int = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#t=([\w-]{20,})", self.url)
        assert found, self.url
        self.port, self.token = int(found[1]), found[2]

    def ask(self, method: str, path: str, body: object = None, **heads: str) -> tuple[int, bytes]:
        """One request with the token; status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, raw, {"X-Dronecheck-Token": self.token, **heads})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, body: object = None) -> dict:
        status, raw = self.ask(method, path, body)
        assert status == 200, (status, raw)
        return json.loads(raw)

    def put(self, path: Path, folder: str = "") -> dict:
        return self.put_bytes(path.name, path.read_bytes(), folder)

    def put_bytes(self, name: str, data: bytes, folder: str = "") -> dict:
        return self.json("POST", f"/api/files?name={quote(name, safe='')}&path={quote(folder, safe='')}", data)

    def check(self, *files: dict, **asked: object) -> list[dict]:
        """Check files and wait for every row of it, those of joined flights, too."""
        self.json("POST", "/api/check", {"files": [file["id"] for file in files], **asked})
        return self.rows()

    def rows(self) -> list[dict]:
        seq, quiet, jobs = 0, 0, {}
        until = time.monotonic() + 240
        while time.monotonic() < until:
            told = self.json("GET", "/api/jobs?since=0")
            jobs = {job["id"]: job for job in told["jobs"]}
            is_done = all(job["state"] not in ("queued", "running") for job in jobs.values())
            quiet = quiet + 1 if is_done and told["seq"] == seq else 0
            seq = told["seq"]
            if quiet > 15:  # the row of a joined flight comes after its logs were read
                return sorted(jobs.values(), key=lambda job: int(job["id"][1:]))
            time.sleep(0.1)
        raise AssertionError(jobs)

    def sessions(self) -> list[Path]:
        return sorted(self.folder.glob("dronecheck-app-*"))

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def start(tmp_path: Path, clean_env: dict[str, str]) -> Iterator:
    """A function that starts an app with more words on its command line."""
    begun: list[App] = []

    def call(*words: object, **more: str) -> App:
        folder = tmp_path / "tmp"
        folder.mkdir(exist_ok=True)
        env = {**clean_env, "TMPDIR": str(folder), "DRONECHECK_HOME": str(tmp_path / "home"), **more}
        argv = [sys.executable, "-m", "dronecheck", "app", "--no-browser", *map(str, words)]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
        assert process.stdout is not None
        app = App(process, folder, process.stdout.readline().strip())
        begun.append(app)
        return app

    yield call
    for app in begun:
        if app.process.poll() is None:
            app.process.terminate()
            app.process.wait(30)
        assert app.process.stdout is not None
        app.process.stdout.close()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Iterator[App]:
    """One app for all tests of a module."""
    folder = tmp_path_factory.mktemp("app")
    env = {**clean_env, "TMPDIR": str(folder), "DRONECHECK_HOME": str(folder / "home")}
    argv = [sys.executable, "-m", "dronecheck", "app", "--no-browser"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env) as process:
        assert process.stdout is not None
        made = App(process, folder, process.stdout.readline().strip())
        yield made
        assert process.poll() is None, "the app ended by itself"
        assert made.end() == 0
