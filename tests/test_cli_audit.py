"""`dronecheck audit` as users meet it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from dronecheck.audit.progress import Silent
from dronecheck.audit.run import run_audit
from dronecheck.settings import Options
from tests.audit.conftest import Direct
from tests.support.small_logs import small_logs

SAMPLES = ("founding_dandong_sinuiju.ulg", "clear_dandong.csv", "bank_hugging_dandong.ulg", "restricted_zone.csv")


def five_logs(folder, repo):
    folder.mkdir()
    for name in SAMPLES:
        shutil.copy(repo / "samples" / name, folder / name)
    (folder / "broken.ulg").write_bytes(b"ULog\x01\x12\x35\x01" + bytes(8))
    return folder


@pytest.fixture
def logs(tmp_path, repo):
    return five_logs(tmp_path / "logs", repo)


@pytest.fixture(scope="module")
def audited(tmp_path_factory, repo):
    """Five logs and their audit, for tests that change neither: a run on it has nothing left to read."""
    folder = tmp_path_factory.mktemp("audited")
    logs = five_logs(folder / "logs", repo)
    run_audit([str(logs)], folder / "out", Options(), Direct(), Silent(), threading.Event())
    return logs, folder / "out"


def test_run_tells_what_it_found(cli, logs, tmp_path):
    code, out, err = cli("audit", "run", logs, "--out", tmp_path / "out", "--workers", "1")
    assert code == 0 and err == ""
    assert "5 files: 4 flights checked, 1 unreadable" in out
    assert "verdicts: 1 violation, 1 cannot tell, 2 clear" in out
    code, out, _ = cli("audit", "run", logs, "--out", tmp_path / "out", "--workers", "1")
    assert code == 0 and "this run: 0 read" in out


@pytest.mark.parametrize(
    ("wanted", "code"),
    [("violation", 1), ("inconclusive", 4), ("unreadable", 3), ("failed", 0), ("inconclusive,violation", 1),
     ("unreadable,inconclusive", 4)],
)  # fmt: skip
def test_fail_on_is_asked_for(cli, audited, wanted, code):
    logs, out = audited
    assert cli("audit", "run", logs, "--out", out, "--workers", "1", "--fail-on", wanted)[0] == code


def test_progress_as_json_lines(cli, logs, tmp_path):
    code, out, err = cli("audit", "run", logs, "--out", tmp_path / "out", "--workers", "1", "--progress", "json")
    assert code == 0 and err == ""
    events = [json.loads(line) for line in out.splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "scan" and names[-1] == "finish" and names.count("file") == 5
    assert events[-1]["verdicts"] == {"VIOLATION": 1, "INCONCLUSIVE": 1, "CLEAR": 2}
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["done"] == progress[-1]["total"] == 5


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--workers", "0"], "--workers"),
        (["--fail-on", "everything"], "--fail-on everything"),
        (["--progress", "xml"], "--progress xml"),
        (["--max-height", "-3"], "--max-height"),
        (["--home", "XXX"], "no such territory"),
        (["--zones", "missing.geojson"], "missing.geojson"),
        (["--memory-limit", "5"], "--memory-limit"),
    ],
)
def test_mistakes_are_told_before_any_work(cli, logs, tmp_path, options, says):
    code, out, err = cli("audit", "run", logs, "--out", tmp_path / "out", *options)
    assert code == 2 and says in err and out == ""
    assert not (tmp_path / "out" / "flights.parquet").exists()


def test_the_roster_joins_serial_numbers(cli, tmp_path, repo):
    import dronecheck

    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copy(repo / "samples" / "founding_dandong_sinuiju_airdata.csv", logs)
    shutil.copy(repo / "samples" / "founding_dandong_sinuiju.igc", logs)
    serial = dronecheck.read(logs / "founding_dandong_sinuiju.igc").vehicle.serial
    roster = tmp_path / "roster.csv"
    roster.write_text(f"serial,registration,pilot,base\n {serial.lower()} ,D-0001,Kim,North\nother,D-0002,Li,South\n")
    code, out, _ = cli("audit", "run", logs, "--out", tmp_path / "out", "--roster", roster)
    assert code == 0 and "1 roster entries have no log: other" in out
    cli("audit", "export", tmp_path / "out", "-o", tmp_path / "all.csv", "--include-private")
    cli("audit", "export", tmp_path / "out", "-o", tmp_path / "some.csv")
    rows = {r["file"]: r for r in csv.DictReader((tmp_path / "all.csv").read_text().splitlines())}
    known = rows["founding_dandong_sinuiju.igc"]
    assert (known["registration"], known["pilot"], known["base"]) == ("D-0001", "Kim", "North")
    rows = {r["file"]: r for r in csv.DictReader((tmp_path / "some.csv").read_text().splitlines())}
    known = rows["founding_dandong_sinuiju.igc"]
    assert (known["registration"], known["pilot"], known["serial"], known["folder"]) == ("D-0001", "", "", "")
    code, _, err = cli(
        "audit", "run", logs, "--out", tmp_path / "out", "--roster", logs / "founding_dandong_sinuiju_airdata.csv"
    )
    assert code == 2 and "serial,registration,pilot,base" in err


def test_pseudonyms_hide_names_and_are_the_same_every_time(cli, tmp_path, repo):
    logs = tmp_path / "Kim Min-jun"
    logs.mkdir()
    shutil.copy(repo / "samples" / "founding_dandong_sinuiju.igc", logs / "Kim at noon.igc")
    import dronecheck

    serial = dronecheck.read(logs / "Kim at noon.igc").vehicle.serial
    roster, key = tmp_path / "roster.csv", tmp_path / "key"
    roster.write_text(f"serial,registration,pilot,base\n{serial},D-0001,Kim,North\n")
    key.write_bytes(bytes(range(32)))
    cli("audit", "run", logs, "--out", tmp_path / "out", "--roster", roster)
    texts = []
    for number in (1, 2):
        assert cli("audit", "export", tmp_path / "out", "-o", tmp_path / f"{number}.csv", "--pseudonymise", key)[0] == 0
        texts.append((tmp_path / f"{number}.csv").read_text())
    assert texts[0] == texts[1]
    code, *_ = cli("audit", "report", tmp_path / "out", "-o", tmp_path / "p.html", "--pseudonymise", key, "--by-pilot")
    assert code == 0
    for text in (texts[0], (tmp_path / "p.html").read_text()):
        for name in ("Kim", "D-0001", serial, "noon"):
            assert name not in text, name
    key.write_bytes(b"short")
    assert cli("audit", "export", tmp_path / "out", "-o", tmp_path / "3.csv", "--pseudonymise", key)[0] == 2


def test_a_flights_own_page_is_made_on_demand(cli, logs, tmp_path):
    cli("audit", "run", logs, "--out", tmp_path / "out")
    page = tmp_path / "flight.html"
    code, out, _ = cli("audit", "report", tmp_path / "out", "--flight", "founding_dandong_sinuiju.ulg", "-o", page)
    assert code == 0 and "wrote" in out and "ENTERED" in page.read_text()
    assert cli("audit", "report", tmp_path / "out", "--flight", "nobody.ulg", "-o", page)[0] == 2
    (logs / "founding_dandong_sinuiju.ulg").write_bytes((logs / "bank_hugging_dandong.ulg").read_bytes())
    code, _, err = cli("audit", "report", tmp_path / "out", "--flight", "founding_dandong_sinuiju.ulg", "-o", page)
    assert code == 2 and "not the one that was audited" in err


def test_the_fleet_page_links_the_pages_it_made(cli, audited, tmp_path):
    logs, folder = audited
    code, out, _ = cli("audit", "report", folder, "-o", tmp_path / "fleet.html", "--with-flights", "10")
    assert code == 0 and "wrote 2 pages" in out
    pages = list((tmp_path / "fleet_flights").iterdir())
    text = (tmp_path / "fleet.html").read_text()
    assert len(pages) == 2 and all(f"fleet_flights/{page.name}" in text for page in pages)
    assert str(logs) not in text


def test_a_folder_without_an_audit_is_refused(cli, tmp_path):
    for command in ("export", "report"):
        code, _, err = cli("audit", command, tmp_path, "-o", tmp_path / "x.csv")
        assert code == 2 and "holds no audit" in err


@pytest.mark.slow
def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(tmp_path, clean_env, repo):
    logs, out = tmp_path / "logs", tmp_path / "out"
    small_logs(logs, 200)
    command = [sys.executable, "-m", "dronecheck", "audit", "run", str(logs), "--out", str(out), "--workers", "1"]
    audit = subprocess.Popen(
        command, cwd=repo, env=clean_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 600
    while not list((out / "tracks").rglob("*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(audit.pid, signal.SIGINT)  # as a terminal does: the workers, too
    said, complained = audit.communicate(timeout=300)
    assert audit.returncode == 130, (audit.returncode, complained)
    assert b"stopped:" in said and b"run the same command again" in said and complained == b""
    again = subprocess.run(command, cwd=repo, env=clean_env, capture_output=True, timeout=1_200, check=True)
    assert b"200 files" in again.stdout
    assert b"200 read" not in again.stdout
