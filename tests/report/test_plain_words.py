"""What people read holds no word of our own workshop: terminal and page over samples, real logs and cases."""

from __future__ import annotations

import re
from functools import cache

import pytest

from dronecheck.flight import ClockSource, Completeness, SigmaSource
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.result import FindingKind, Reason
from dronecheck.issues import Code, Remedy, Severity
from dronecheck.report.case import answer
from dronecheck.report.page.write import page
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from dronecheck.settings import Options
from tests.conftest import REPO, SHARED
from tests.report.test_html import Skeleton
from tests.support.scale import FULL

FORBIDDEN = (
    r"\bfused\b", r"\bgnss\b", r"decidable", r"before the log starts", r"after the log ends", r"record border",
    r"needed to decide", r"\b(?:WARNING|DAMAGE|TAMPER|INFO)\b", r"\b(?:openair|feature)-[0-9a-f]{8}",
    r"\bNone\b", r"\bnan\b", r"\bTrue\b|\bFalse\b", r"[{}]",
)  # fmt: skip
CODES = frozenset(
    code.value
    for kind in (Code, Reason, ClauseCode, Remedy, SigmaSource, ClockSource, Completeness, FindingKind)
    for code in kind
    if "_" in code.value
)
SAMPLES = sorted(
    path
    for path in (REPO / "samples").iterdir()
    if path.suffix in (".ulg", ".bin", ".log", ".tlog", ".csv", ".SRT", ".gpx", ".igc", ".txt", ".DAT", ".MP4")
)
ZONES = REPO / "samples" / "zones" / "fictitious.openair.txt"


def real_logs():
    """Every log and every case at hand; one in seven where the tests are quick."""
    folders = (SHARED / "logs", SHARED / "cases")
    found = [path for folder in folders if folder.is_dir() for path in sorted(folder.rglob("*")) if path.is_file()]
    logs = [path for path in found if path.suffix not in (".csv", ".py", ".md") or path.parent.name != folders[1].name]
    logs = [path for path in logs if path.name not in ("MANIFEST.csv", "CASES.csv", "run.py", "README.md")]
    return logs if FULL else logs[::7]


@cache
def told(path, zones=None):
    """The terminal and what is seen of the page, without the words that are the file's own."""
    asked = Options(zones=(zones,) if zones else (), max_height_m=100.0)
    case = answer(path, asked.setup())
    seen = redact(case)
    terminal = summary(seen.whole, seen.told, logged=seen.logged, shown=seen.flight.track, width=100)
    html = "".join(Skeleton(page(seen)).read)
    own = {path.name, path.stem, *(event.text for event in case.flight.events)}
    texts = []
    for text in (" ".join(terminal.split()), " ".join(html.split())):
        for word in sorted(filter(None, (" ".join(one.split()) for one in own)), key=len, reverse=True):
            text = text.replace(word, " ")
        texts.append(text)
    return texts


def faults(text):
    words = {found[0] for found in re.finditer(r"[A-Za-z]+(?:_[A-Za-z0-9]+)+", text)} & CODES
    patterns = [found[0] for pattern in FORBIDDEN for found in [re.search(pattern, text)] if found]
    return sorted(words), patterns


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_told_in_plain_words(path):
    for text in told(path):
        assert faults(text) == ([], [])
    for text in told(path, ZONES):
        assert faults(text) == ([], [])


def test_real_logs_and_cases_are_told_in_plain_words():
    logs = real_logs()
    if not logs:
        pytest.skip("../shared is not there")
    from dronecheck.errors import UnreadableInput, UsageError

    read, found = 0, {}
    for path in logs:
        if path.stat().st_size > 8_000_000:
            continue
        try:
            texts = told(path)
        except (UnreadableInput, UsageError):
            continue
        read += 1
        found[path.name] = [faults(text) for text in texts if faults(text) != ([], [])]
    assert {name: each for name, each in found.items() if each} == {}
    assert read >= len(logs) // 3


def test_the_list_finds_what_it_forbids():
    assert faults("WARNING utc_unknown: fused rows 1 to 2; decidable beyond 3 m") == (
        ["utc_unknown"],
        ["fused", "decidable", "WARNING"],
    )
    assert {severity.value for severity in Severity} == {"INFO", "WARNING", "DAMAGE", "TAMPER"}
