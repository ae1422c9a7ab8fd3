"""What every report says of a log's tests against itself: the status, the statements, and what they prove."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from functools import cache

import msgspec
import pytest
from pypdf import PdfReader

import dronecheck
from dronecheck.flight import Concern, Flight, Weight
from dronecheck.flight.joined import joined
from dronecheck.geofence.engine import check
from dronecheck.geofence.settings import LANGUAGES, Settings
from dronecheck.messages import Message
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.json.document import ResultDocument
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page.write import page
from dronecheck.report.pdf.write import pdf
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import small_print, summary
from tests.conftest import REPO
from tests.support.stated import stated, with_statements

# A log is never called so, in any language.
ACCUSING = re.compile(r"forge|fake|tamper|manipulat|fraud|伪造|篡改|造假|作假|위조|조작|변조|날조", re.IGNORECASE)
FOUR = (
    stated((500, 900), severity=Weight.INFO, id="T-1"),
    stated(severity=Weight.NOTICE, concern=Concern.FORM, id="T-2"),
    stated((120, 900), (3_000, 4_000), id="T-3"),
    stated((7, 9), severity=Weight.NOTICE, concern=Concern.TIME, id="T-4"),
)


@cache
def sample(name: str = "clear_dandong.csv") -> Flight:
    return dronecheck.read(REPO / "samples" / name)


def case_of(*statements, language: str = "en", **tests: int) -> Case:
    flight = with_statements(sample(), *statements, **tests)
    return Case(flight, None, check(flight, None, Settings(language=language)))


def words_of(case: Case) -> dict[str, str]:
    """All that people read of a case, by report."""
    seen = redact(case)
    html = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page(seen), flags=re.DOTALL)
    return {
        "terminal": summary(case.flight, case.result, width=100) + small_print(case.result),
        "page": re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)),
        "json": encode(result_document(seen), indent=False).decode(),
    }


def in_pdf(case: Case) -> str:
    reader = PdfReader(io.BytesIO(pdf(redact(case))))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize(
    ("statements", "tests", "line"),
    [
        ((), {}, "Integrity: CONSISTENT (11 of 14 tests could run)"),
        (FOUR[:1], {}, "Integrity: CONSISTENT (11 of 14 tests could run)"),
        (FOUR, {}, "Integrity: ANOMALIES (3)"),
        ((), {"run": 0, "total": 6}, "Integrity: CANNOT ASSESS"),
    ],
)
def test_each_report_has_the_line_and_never_says_that_it_proves_anything(statements, tests, line):
    told = words_of(case_of(*statements, **tests))
    for name in ("terminal", "page"):
        assert line in told[name], name
    document = json.loads(told["json"])["integrity"]
    assert document["status"].replace("_", " ") in line
    assert (document["tests_run"], document["tests_total"]) == (tests.get("run", 11), tests.get("total", 14))
    assert "consistency proves nothing" in told["page"]
    assert ("That proves nothing" in told["terminal"]) is ("CONSISTENT (" in line)


def test_the_statements_are_told_gravest_first():
    told = words_of(case_of(*FOUR))
    told["pdf"] = in_pdf(case_of(*FOUR))
    for name in ("terminal", "page", "pdf"):
        places = [told[name].index(f"T-{number}") for number in (3, 2, 4)]
        assert places == sorted(places), name
        if name == "pdf":  # cells of a table have lines of their own
            assert "31.0 m/s" in told[name]
            continue
        for text in ("positions move at 31.0 m/s", "both within 5 m/s", "a receiver that catches up"):
            assert text in " ".join(told[name].split()), (name, text)
    assert "T-1" in told["page"]
    assert "T-1" in told["pdf"]
    assert "Integrity: ANOMALIES (3)" in told["pdf"]
    assert "consistency proves nothing" in told["pdf"]
    assert not ACCUSING.search(told["pdf"].replace("TAMPER", ""))
    assert "T-1" not in told["terminal"]  # for information


def test_the_terminal_names_three_and_counts_the_rest():
    shown = summary(*(lambda case: (case.flight, case.result))(case_of(*FOUR, *FOUR[1:])))
    assert sum("T-" in line for line in shown.splitlines()) == 3
    assert "... and 3 more (--json - lists all)" in shown


def test_the_document_has_all_of_each_statement_in_the_order_found():
    document = msgspec.json.decode(words_of(case_of(*FOUR))["json"], type=ResultDocument)
    given = document.integrity.statements
    assert [(each.id, each.severity.value) for each in given] == [
        ("T-1", "INFO"), ("T-2", "NOTICE"), ("T-3", "CONTRADICTION"), ("T-4", "NOTICE"),
    ]  # fmt: skip
    assert given[2].records == [120, 3_000]
    assert given[2].innocent == ["a receiver that catches up after a loss of its fix"]
    assert (given[2].observed, given[2].file) == ("positions move at 31.0 m/s, the logged speed is 4.0 m/s", None)


def test_a_statement_of_a_joined_flight_names_its_file():
    flight = sample()
    track = flight.track
    later = replace(
        flight,
        source=replace(flight.source, path=flight.source.path.with_name("later.csv")),
        tracks={flight.primary: track.shifted(int(track.time_ns[-1] - track.time_ns[0]) + 10**9)},
    )
    both = joined([with_statements(flight), with_statements(later, FOUR[2])])
    case = Case(both, None, check(both))
    (entry,) = result_document(redact(case)).integrity.statements
    assert entry.file == "later.csv"
    assert "later.csv: first at line 120" in " ".join(summary(case.flight, case.result).split())


def test_what_was_never_tested_cannot_be_assessed():
    flight = replace(sample(), integrity=None)
    case = Case(flight, None, check(flight))
    assert "Integrity: CANNOT ASSESS" in summary(flight, case.result)
    entry = result_document(redact(case)).integrity
    assert (entry.status.value, entry.tests_run, entry.tests_total) == ("CANNOT_ASSESS", 0, 0)
    assert case.result.integrity is None


def test_the_result_gives_what_was_found():
    case = case_of(*FOUR)
    assert case.result.integrity is case.flight.integrity
    assert dronecheck.check(case.flight).integrity.statements == FOUR


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_report_calls_a_log_anything_but_inconsistent(language):
    for name, text in words_of(case_of(*FOUR, language=language)).items():
        found = ACCUSING.search(text.replace("TAMPER", ""))
        assert not found, (name, found)


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_its_fixed_words_are_in_the_language(language):
    told = summary(*(lambda case: (case.flight, case.result))(case_of(*FOUR, language=language)))
    assert "Integrity" not in told
    assert "ANOMALIES" in told  # the token stands beside the word


@pytest.mark.parametrize("test", ["HOM-1", "ALT-2"])
def test_what_was_measured_at_home_is_left_out_where_home_is_hidden(test):
    told = stated((120, 900), id=test, observed=Message("the first fix is {away_m:.0f} m from home", away_m=81_234.0))
    case = case_of(told, FOUR[3])
    assert "81234" in page(redact(case))
    for text in (
        page(redact(case, Disclosure(hide_home_m=300.0))),
        encode(result_document(redact(case, Disclosure(hide_home_m=300.0))), indent=False).decode(),
    ):
        assert "81234" not in text
        assert test in text
        assert "positions move at 31.0 m/s" in text


def test_statements_leave_hidden_places_hidden():
    """A statement says how fast, how long and where in the file: what is hidden on the map is in none of it."""
    case = case_of(*FOUR)
    text = page(redact(case, Disclosure(hide_home_m=300.0)))
    lat, lon = case.flight.track.lat_deg[0], case.flight.track.lon_deg[0]
    assert "T-3" in text
    assert f"{lat:.4f}" not in text
    assert f"{lon:.4f}" not in text
