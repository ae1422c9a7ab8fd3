"""An audit for the gates of other tools: SARIF 2.1.0 for code scanning, JUnit XML for continuous integration.

Both hold what is not clear, and say nothing of what should follow: the exit code is `--fail-on`'s. A verdict that is
open is a warning in SARIF; JUnit knows none, and has it as a test that was skipped, with the reason.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from dronecheck.audit.ledger import Ledger
from dronecheck.audit.privacy import Row
from dronecheck.audit.tables.write import flights_of, roster_of
from dronecheck.report.json.encode import tool_version
from dronecheck.safe.io import plain, written_whole

__all__ = ["RESULT_RULES", "write_junit", "write_sarif"]

_SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RESULT_RULES = {  # what a result is about, by its id
    "border_crossing": "a territory other than the home was entered",
    "zone_entry": "a zone was entered while in force",
    "altitude_limit": "a height limit was exceeded",
    "rule_limit": "a limit of a rule that was named was exceeded",
    "open": "a question cannot be answered by the log",
    "unreadable": "the log cannot be read",
    "failed": "the check failed; no verdict",
}
_LEVELS = {"VIOLATION": "error", "INCONCLUSIVE": "warning"}
_LONGEST = 1_000
_NOT_IN_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # beside what `plain` has made visible
Change = Callable[[Row], Row]


def write_sarif(ledger: Ledger, path: Path, change: Change) -> int:
    """Write each finding, open verdict and file without a verdict as a SARIF result; how many. Raises UsageError.

    `change` takes out of a row what is not to leave the audit (`privacy`).
    """
    results = [result for flight, visits in _changed(ledger, change) for result in _results(flight, visits)]
    driver = {
        "name": "dronecheck",
        "version": tool_version(),
        "rules": [{"id": name, "shortDescription": {"text": text}} for name, text in RESULT_RULES.items()],
    }
    document = {
        "$schema": _SARIF,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    _write(path, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
    return len(results)


def write_junit(ledger: Ledger, path: Path, change: Change) -> int:
    """Write each log as a test case of JUnit XML; how many. Raises UsageError.

    A violation is a failure, a log without a verdict an error; an open verdict or a log without a flight is skipped.
    """
    suite = ElementTree.Element("testsuite", name="dronecheck")
    counts: Counter[str] = Counter()
    for flight, visits in _changed(ledger, change):
        if flight["status"] == "not_a_log":
            continue
        case = ElementTree.SubElement(suite, "testcase", name=_text(flight["file"]), classname="dronecheck")
        outcome = _outcome(flight)
        counts["tests"] += 1
        if outcome is None:
            continue
        tag, kind, message = outcome
        counts[tag] += 1
        attributes = {"message": message} if tag == "skipped" else {"message": message, "type": kind}
        told = ElementTree.SubElement(case, tag, attributes)
        told.text = "\n".join(_said(visit) for visit in visits) or None
    suite.attrib |= {
        "tests": str(counts["tests"]), "failures": str(counts["failure"]), "errors": str(counts["error"]),
        "skipped": str(counts["skipped"]),
    }  # fmt: skip
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    _write(path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")
    return counts["tests"]


def _changed(ledger: Ledger, change: Change) -> Iterator[tuple[Row, list[Row]]]:
    for flight, visits in flights_of(ledger, roster_of(ledger)):
        yield change(flight), [change(visit) for visit in visits]


def _results(flight: Row, visits: list[Row]) -> Iterator[dict[str, Any]]:
    if flight["status"] in ("unreadable", "failed"):
        yield _result(flight["status"], "error", flight.get("message") or flight.get("code"), flight, 0)
    if flight["status"] != "ok":
        return
    told = [visit for visit in visits if visit["finding_verdict"] in _LEVELS]
    for visit in told:
        verdict = visit["finding_verdict"]
        rule = visit["kind"] if verdict == "VIOLATION" else "open"
        yield _result(rule, _LEVELS[verdict], _said(visit), flight, visit["number"])
    if flight["verdict"] in _LEVELS and all(visit["finding_verdict"] != flight["verdict"] for visit in told):
        yield _result("open", _LEVELS[flight["verdict"]], f"CANNOT TELL: {flight['cause']}", flight, 0)


def _result(rule: str, level: str, message: object, flight: Row, number: int) -> dict[str, Any]:
    place = {"physicalLocation": {"artifactLocation": {"uri": quote(_text(flight["file"]))}}}
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": _text(message)},
        "locations": [place],
        "partialFingerprints": {"finding/v1": f"{flight.get('sha256') or ''}:{rule}:{number}"},
    }


def _outcome(flight: Row) -> tuple[str, str, str] | None:
    """Return tag, type and message of a test case that is not passed."""
    status, verdict = flight["status"], flight.get("verdict")
    if status in ("unreadable", "failed", "waiting"):
        return "error", _text(flight.get("code") or status), _text(flight.get("message") or status)
    if status != "ok":
        return "skipped", "", _text(flight.get("message") or flight.get("code") or status)
    if verdict == "VIOLATION":
        return "failure", "VIOLATION", f"VIOLATION: {_text(flight['cause'])}"
    if verdict == "INCONCLUSIVE":
        return "skipped", "", f"CANNOT TELL: {_text(flight['cause'])}"
    return None


def _said(visit: Row) -> str:
    """Return a finding in a line: verdict, what, where, when, how deep."""
    parts = [
        f"{visit['finding_verdict']}: {str(visit['kind']).replace('_', ' ')} {visit.get('zone_name') or ''}".strip()
    ]
    times = [visit.get(name) for name in ("enter_utc", "exit_utc")]
    parts += [f"{times[0] or 'before the log'} to {times[1] or 'after the log'}"] if any(times) else []
    parts += [f"{visit['depth_m']:.0f} m deep"] if visit.get("depth_m") else []
    return _text(", ".join(parts))


def _text(value: object) -> str:
    return plain(value, _LONGEST).translate(_NOT_IN_XML)


def _write(path: Path, data: bytes) -> None:
    with written_whole(path) as temporary:
        temporary.write_bytes(data)
