"""The page about keys of DJI records: its commands run as written, but for the host, which a server here plays."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from dronecheck.readers.dji_txt.keys.keychain import parse_keychains
from tests.support.key_records import encrypted, pieces
from tests.support.key_service import played, whole

API_KEY = "sdk0123456789abcdefSECRET"
RECORDS = ("DJIFlightRecord.txt", "DJIFlightRecord_1.txt", "DJIFlightRecord_2.txt")
SERVICE = "https://dev.dji.com"


@pytest.fixture(scope="module")
def page(repo):
    return (repo / "docs" / "dji-keys.md").read_text(encoding="utf-8")


@pytest.fixture
def place(tmp_path, monkeypatch):
    for at, name in enumerate(RECORDS):
        (tmp_path / name).write_bytes(encrypted(pieces([list(range(1, 8 + at))])))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DJI_API_KEY", API_KEY)
    return tmp_path


def test_its_commands_run(page, place, cli):
    lines = re.findall(r"^\$ dronecheck (.*)$", page, re.MULTILINE)
    assert len(lines) == 2
    with played(whole) as seen:
        for line in lines:
            code, told, err = cli(*shlex.split(line), "--service", seen.address)
            assert (code, err) == (0, ""), line
    assert len(seen.asked) == 3
    assert {path.name for path in (place / "keys").iterdir()} == {
        "DJIFlightRecord_1.keychains.json",
        "DJIFlightRecord_2.keychains.json",
    }
    shown = page.partition("$ dronecheck")[2].splitlines()[1]
    assert re.sub(r"[\d,]+", "N", shown) == re.sub(r"[\d,]+", "N", told.splitlines()[0]).replace(
        "N.N.N.N", "dev.dji.com"
    ).replace("N records", "N record")


def test_what_it_says_for_curl_runs(page, place):
    bash, curl = shutil.which("bash"), shutil.which("curl")
    if not bash or not curl:
        pytest.skip("bash and curl are not here")
    block = next(part for part in re.findall(r"```bash\n(.*?)```", page, re.DOTALL) if "curl" in part)
    (place / "bin").mkdir()
    tool = place / "bin" / "dronecheck"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dronecheck "$@"\n')
    tool.chmod(0o700)
    with played(whole) as seen:
        script = block.replace(SERVICE, seen.address).replace("--proto =https", "--noproxy '*'")
        env = {**os.environ, "PATH": f"{place / 'bin'}:{os.environ['PATH']}"}
        done = subprocess.run([bash, "-ec", script], capture_output=True, text=True, check=False, env=env, timeout=120)
    assert done.returncode == 0, done.stderr
    ((path, headers, body),) = seen.asked
    assert headers["Api-Key"] == API_KEY and headers["Content-Type"] == "application/json"
    assert path == "/openapi/v1/flight-records/keychains"
    assert body == (place / "request.json").read_bytes()
    keys = parse_keychains((place / "DJIFlightRecord.keychains.json").read_bytes(), "keys.json")
    assert set(keys.segments[0]) == set(range(1, 8))


def test_every_outcome_on_the_page_is_said_by_the_code(page, repo):
    """The words of the first column stand in the source, apart from what is filled in."""
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(repo / "src/dronecheck/readers/dji_txt/keys").glob("*.py"),
                     repo / "src/dronecheck/readers/dji_txt/keys/keychain.py", repo / "src/dronecheck/cli/dji_keys.py"]
    )  # fmt: skip
    flat = re.sub(r'"\s*\n\s*f?"', "", source)
    rows = re.findall(r"^\| ([^|]+) \| [0-9]", page, re.MULTILINE)
    assert len(rows) >= 12
    for words in rows:
        for phrase in re.split(r", (?=no key for|the service|a fault|did not|cannot be|its key|do not open)|; ", words):
            plain = re.split(r" \(|\.\.\.|Camera_12|: code| Base_1", phrase)[0].strip().removesuffix(" is not valid")
            assert plain in flat, plain
