"""An audit for other tools' gates: SARIF and JUnit hold what the tables hold, whatever names and messages there are."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from dronecheck.audit.tables.gates import RESULT_RULES
from dronecheck.geofence.result import FindingKind

SAMPLES = ("founding_dandong_sinuiju.ulg", "clear_dandong.csv", "bank_hugging_dandong.ulg", "restricted_zone.csv")
HOSTILE = "a b%20c#<x>&\u202e\u540d.csv"


@pytest.fixture
def gates(cli, repo, tmp_path):
    """Audit five logs, one broken, one with a hostile name; exit code, the SARIF document and the JUnit tree."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in SAMPLES:
        shutil.copy(repo / "samples" / name, logs / name)
    shutil.copy(repo / "samples" / SAMPLES[1], logs / HOSTILE)
    with (logs / HOSTILE).open("a") as opened:
        opened.write("\n")  # no copy of the other
    (logs / "broken.ulg").write_bytes(b"ULog\x01\x12\x35\x01" + bytes(8))
    sarif, junit = tmp_path / "out.sarif", tmp_path / "out.xml"

    def call(*more):
        code, out, err = cli("audit", "run", logs, "--out", tmp_path / "audit", "--workers", "1", "--sarif", sarif,
                             "--junit", junit, *more)  # fmt: skip
        assert err == ""
        assert f"wrote {sarif}" in out.replace("\n", "")
        return code, json.loads(sarif.read_text("utf-8")), ElementTree.fromstring(junit.read_bytes())

    return call


def test_each_thing_that_is_not_clear_is_a_result_of_its_level(gates, repo):
    code, sarif, _ = gates()
    assert code == 0  # gates are --fail-on's
    (run,) = sarif["runs"]
    assert sarif["version"] == "2.1.0"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == set(RESULT_RULES)
    told = {(unquote(r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]), r["level"], r["ruleId"])
            for r in run["results"]}  # fmt: skip
    assert (SAMPLES[0], "error", "border_crossing") in told
    assert (SAMPLES[2], "warning", "open") in told
    assert ("broken.ulg", "error", "unreadable") in told
    assert {name for name, _, _ in told} == {SAMPLES[0], SAMPLES[2], "broken.ulg"}
    assert {r["ruleId"] for r in run["results"]} <= set(RESULT_RULES)
    assert all(r["message"]["text"] for r in run["results"])
    marks = [r["partialFingerprints"]["finding/v1"] for r in run["results"]]
    assert len(set(marks)) == len(marks)


def test_each_file_is_a_test_case(gates):
    code, _, root = gates("--fail-on", "violation")
    assert code == 1
    (suite,) = root
    cases = {case.get("name"): [each.tag for each in case] for case in suite}
    assert len(cases) == 6
    assert cases[SAMPLES[0]] == ["failure"]
    assert cases[SAMPLES[2]] == ["skipped"]
    assert cases["broken.ulg"] == ["error"]
    assert cases[SAMPLES[1]] == cases[SAMPLES[3]] == []
    counts = Counter(tag for tags in cases.values() for tag in tags)
    assert {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": 6, "failures": counts["failure"], "errors": counts["error"], "skipped": counts["skipped"],
    }  # fmt: skip
    (failure,) = suite.iter("failure")
    assert "North Korea" in failure.get("message")
    assert "VIOLATION: border crossing North Korea" in failure.text


def test_the_same_audit_gives_the_same_bytes_and_nothing_private(gates, tmp_path):
    gates()
    before = [(tmp_path / name).read_bytes() for name in ("out.sarif", "out.xml")]
    gates()
    assert [(tmp_path / name).read_bytes() for name in ("out.sarif", "out.xml")] == before
    assert all(str(tmp_path).encode() not in data for data in before)


def test_every_kind_of_finding_is_a_rule():
    assert {kind.value for kind in FindingKind} <= set(RESULT_RULES)
