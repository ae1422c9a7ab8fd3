"""Every real log through the command line with the options that reach farthest: an answer or one line, and a page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from dronecheck import Case, Settings, check
from dronecheck.report.page import page
from dronecheck.report.privacy import redact
from tests.conftest import SHARED, make_flight
from tests.support.scale import is_tried

FOLDERS = sorted(p.name for p in (SHARED / "logs").iterdir() if p.is_dir()) if SHARED.is_dir() else ["none"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_log_has_an_answer_and_a_page(shared, folder, tmp_path, cli):
    for log in sorted(p for p in (shared / "logs" / folder).rglob("*") if p.is_file() and is_tried(p)):
        out, told = tmp_path / "page.html", tmp_path / "result.json"
        out.unlink(missing_ok=True)
        words = ["check", log, "--report", out, "--json", told, "--max-agl", "120", "--max-height", "120"]
        code, said, _ = cli(*words)
        assert code in (0, 1, 3, 4), (log.name, code)
        document = json.loads(told.read_bytes())
        if code == 3:
            assert document["verdict"] is None and document["error"]["message"]
            continue
        assert out.stat().st_size < 1_500_000
        assert not re.search(r"\bnan\b|\bNone\b|\binf\b", said), (log.name, said)
        text = out.read_text(encoding="utf-8")
        assert not re.search(r'(?:\bd|\b[xy][12]?)="[^"]*(?:nan|inf)', text), log.name


def test_a_flight_in_one_place_has_a_page():
    hovering = make_flight(np.full(50, 40.1), np.full(50, 124.39), alt_home_m=np.full(50, 20.0))
    text = page(redact(Case(hovering, None, check(hovering))))
    assert "<svg" in text


def test_a_limit_above_ground_without_any_position_is_open():
    result = check(make_flight([], []), settings=Settings(max_agl_m=120.0))
    assert result.verdict.value == "INCONCLUSIVE"


def test_the_folder_has_its_logs(shared):
    assert sum(1 for p in Path(shared / "logs").rglob("*") if p.is_file()) > 100
