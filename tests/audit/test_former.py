"""What an earlier version left: its audit is read again, log by log, and its audit and zone library still open.

`tests/data/former.zip` was made by a commit whose answers were others (`make former`). `tests/data/answers.json` holds
today's, so that nobody changes an answer and forgets the audits: see `tests/support/answers.py`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dronecheck.audit.engine.fingerprint import read_by
from dronecheck.cli import app
from tests.audit.conftest import exported, rows
from tests.support.answers import KEPT, answers
from tests.support.former import FORMER


@pytest.fixture
def former(tmp_path, monkeypatch):
    """The folder that the earlier version left."""
    with zipfile.ZipFile(FORMER) as packed:
        packed.extractall(tmp_path)
    monkeypatch.setenv("DRONECHECK_HOME", str(tmp_path / "home"))
    _moved(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _moved(here: Path) -> None:
    """Let the audit's paths be those of the logs as they are now, as if it had been made here."""
    base = sqlite3.connect(here / "audit" / "ledger.sqlite")
    for path, name in base.execute("SELECT path, name FROM file").fetchall():
        now, mtime_ns = os.fsencode(here / "logs" / name), (here / "logs" / name).stat().st_mtime_ns
        same = (now, str(here / "logs"), mtime_ns, path)
        base.execute("UPDATE file SET path = ?, folder = ?, mtime_ns = ? WHERE path = ?", same)
        base.execute("UPDATE log SET path = ? WHERE path = ?", (now, path))
    base.commit()
    base.close()


def run(*words: str) -> str:
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.output


def test_an_earlier_audit_opens_and_tells_its_own_answers(former):
    assert {row["file"]: row["status"] for row in rows(former / "audit")} == {
        **dict.fromkeys(["clear_dandong.csv", "founding.gpx", "founding.igc", "restricted_zone.csv"], "ok"),
        "notes.csv": "unreadable",
    }  # fmt: skip
    run("audit", "report", "audit", "--output", "fleet.html")
    assert "founding.igc" in (former / "fleet.html").read_text()


def test_each_log_of_an_earlier_audit_is_read_again(former):
    assert "5 read, 0 judged again" in run("audit", "run", "logs", "--out", "audit")
    run("audit", "run", "logs", "--out", "anew")
    assert exported(former / "audit") == exported(former / "anew")
    assert "0 read, 0 judged again" in run("audit", "run", "logs", "--out", "audit")


def test_an_earlier_zone_library_opens_and_is_asked(former):
    assert "made" in run("zones", "list")
    result = CliRunner().invoke(app, ["check", "logs/restricted_zone.csv", "--json", "-"])
    (airspace,) = (check for check in json.loads(result.stdout)["checks"] if check["question"] == "airspace")
    assert airspace["verdict"] == "VIOLATION"


def test_a_changed_answer_raises_the_audits_basis():
    """Where this fails, answers have changed: raise `_ANSWERS` (audit/engine/fingerprint.py), then `make answers`."""
    kept = json.loads(KEPT.read_text())
    assert kept["read_by"] == read_by(), "`make answers` has not been run since `_ANSWERS` was raised"
    now = answers()
    assert now.keys() == kept["answers"].keys()
    for name, answer in now.items():
        assert answer == kept["answers"][name], name
