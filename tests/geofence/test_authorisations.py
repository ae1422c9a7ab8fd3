"""Authorisations: what is wholly covered is clear and says by what; the rest keeps its verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.airspace.zone import Incomplete, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.authorisation_file import read_authorisations
from dronecheck.errors import UsageError
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.authorisations import _uncovered
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import FindingKind, Reason, Topic, Verdict
from dronecheck.geofence.settings import Authorisation, Settings
from dronecheck.issues import Code
from dronecheck.report.columns import authorisation_of
from dronecheck.report.text.headline import finding_title
from dronecheck.report.text.words import words
from dronecheck.safe.io import Input
from tests.conftest import make_flight
from tests.support.said import said

START = int(datetime(2026, 5, 1, 12, tzinfo=UTC).timestamp()) * 10**9
S = 10**9


def zones():
    import shapely

    box = shapely.box(2.0, 46.9, 2.1, 47.1)
    return ZoneSet((Zone("Z1", "a zone", ZoneKind.PROHIBITED, Shape(box), ZoneSource("f", "0" * 64)),), ())


def through(**kwargs):
    """Ten minutes eastward at 20 m/s; in the zone from about minute 2 to minute 8.3."""
    lon = 2.0 + (np.arange(600) - 120) * 20.0 / 76_057
    return make_flight(np.full(600, 47.0), lon, dt_s=1.0, start_ns=START, **kwargs)


def leave(*rows):
    return Settings(authorisations=tuple(Authorisation(*row) for row in rows))


def entry(result):
    (found,) = (f for f in result.findings if f.kind is FindingKind.ZONE_ENTRY)
    return found


def test_wholly_covered_is_clear_and_stays_in_the_report():
    plain = check(through(), zones())
    assert plain.verdict is Verdict.VIOLATION
    result = check(through(), zones(), leave(("Z1", START + 100 * S, START + 520 * S, "PERMIT 7")))
    found = entry(result)
    assert (result.verdict, found.verdict) == (Verdict.CLEAR, Verdict.CLEAR)
    assert found.reasons[0] is Reason.AUTHORISED
    assert found.authorised_by == ("PERMIT 7",)
    assert "covered by PERMIT 7" in said(found)
    assert (found.enter_ns, found.depth_m) == (entry(plain).enter_ns, entry(plain).depth_m)


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        ([(100, 300)], ["12:05:00 UTC to 2026-05-01 12:08:"]),
        ([(200, 520)], ["12:02:00 UTC to 2026-05-01 12:03:20"]),
        ([(100, 300), (310, 520)], ["12:05:00 UTC to 2026-05-01 12:05:10"]),
        ([(200, 300)], ["12:02:00", "12:05:00 UTC to 2026-05-01 12:08"]),
    ],
)
def test_partly_covered_stays_a_violation_and_names_what_is_left(rows, left):
    given_rows = [("Z1", START + a * S, START + b * S, f"R{a}") for a, b in rows]
    result = check(through(), zones(), leave(*given_rows))
    found = entry(result)
    assert (result.verdict, found.verdict, found.authorised_by) == (Verdict.VIOLATION, Verdict.VIOLATION, ())
    text = said(found)[said(found).index("in part only") :]
    assert all(words in text for words in left)


def test_several_that_meet_cover_together_and_open_ends_are_open():
    rows = [("Z1", START + 100 * S, START + 300 * S, "A"), ("Z1", START + 300 * S, None, "B")]
    assert entry(check(through(), zones(), leave(*rows))).authorised_by == ("A", "B")
    assert entry(check(through(), zones(), leave(("Z1", None, None, "C")))).verdict is Verdict.CLEAR


def test_at_another_time_or_of_another_zone_it_changes_nothing():
    other_day = check(through(), zones(), leave(("Z1", START + 1000 * S, None, "LATE")))
    assert other_day.verdict is Verdict.VIOLATION
    assert "LATE holds at other times" in said(entry(other_day))
    assert entry(check(through(), zones(), leave(("z1", None, None, "X")))).verdict is Verdict.VIOLATION


def test_without_utc_none_is_applied_and_that_is_said():
    made = through()
    made = replace(made, clock=replace(made.clock, utc_known=False))
    result = check(made, zones(), leave(("Z1", None, None, "PERMIT 7")))
    assert entry(result).verdict is Verdict.VIOLATION
    assert Code.AUTHORISATION_NOT_APPLIED in {issue.code for issue in result.issues}


def test_a_border_is_authorised_by_its_code():
    lat = 40.1200 - np.arange(400) * 8.0 / 111_000
    made = make_flight(lat, np.full(400, 124.3950), dt_s=1.0, start_ns=START, events=[(0, "takeoff")])
    settings = Settings(home="CHN")
    assert check(made, settings=settings).verdict is Verdict.VIOLATION
    result = check(
        made, settings=replace(settings, authorisations=(Authorisation("prk", None, START + 900 * S, "VISA 1"),))
    )
    assert result.verdict is Verdict.CLEAR
    assert [f.authorised_by for f in result.findings] == [("VISA 1",)]
    assert next(c for c in result.checks if c.question is Topic.BORDER).verdict is Verdict.CLEAR
    assert [t.iso_a3 for t in result.territories] == ["CHN", "PRK"]


def test_what_else_leaves_the_question_open_still_does():
    unreadable = replace(zones(), skipped=1, incomplete=(Incomplete.UNREADABLE,))
    result = check(through(), unreadable, leave(("Z1", None, None, "PERMIT 7")))
    assert result.verdict is Verdict.INCONCLUSIVE


@given(st.integers(0, 30), st.integers(0, 30), st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 20)), max_size=5))
def test_what_is_left_over_is_what_no_authorisation_holds_instant_by_instant(begin, length, rows):
    end, spans = begin + length, [(a, a + n) for a, n in rows]
    left = _uncovered((begin, end), spans)
    bare = [t for t in range(begin, end + 1) if not any(a <= t < b for a, b in spans)]
    assert bool(left) == bool(bare)
    assert all(any(a <= t <= b for a, b in left) for t in bare)


def table(text):
    raw = text.encode() if isinstance(text, str) else text
    return read_authorisations(Input(Path("leave.csv"), raw, "0" * 64))


def test_the_table_as_people_write_it():
    rows = table(
        "\ufeffReference,Zone,FROM,to\r\n"
        '"Permit 7, rev. 2",Z1,2026-05-01,2026-05-01\r\n'
        "\r\n"
        "V,PRK,2026-05-01T08:00+02:00,\r\n"
    )
    day = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp()) * 10**9
    assert rows == (
        Authorisation("Z1", day, day + 86_400 * S, "Permit 7, rev. 2"),  # the last day is included
        Authorisation("PRK", day + 6 * 3600 * S, None, "V"),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1"),
        ("zone,from,to\nZ1,,\n", "line 1"),
        ("zone,from,to,reference\nZ1,,,R\nZ1,,\n", "line 3"),
        ("zone,from,to,reference\n,,,R\n", "line 2: zone is empty"),
        ("zone,from,to,reference\nZ1,,,\n", "line 2: reference is empty"),
        ("zone,from,to,reference\nZ1,1 May,,R\n", "line 2: from"),
        ("zone,from,to,reference\nZ1,20260501,,R\n", "line 2: from"),
        ("zone,from,to,reference\nZ1,2026-05-02,2026-05-01,R\n", "line 2: it ends before"),
        ("zone,from,to,reference\nZ1,,9999-12-31,R\n", "line 2: to"),
        (b"zone,from,to,reference\n\xff,,,R\n", "UTF-8"),
    ],
)
def test_a_bad_line_is_the_users_and_is_named(text, says):
    with pytest.raises(UsageError, match=says):
        table(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_usage_error(raw):
    try:
        rows = table(b"zone,from,to,reference\n" + raw)
    except UsageError as error:
        assert str(error)
    else:
        assert all(row.zone and row.reference for row in rows)


def test_reports_join_the_references_and_name_the_option():
    result = check(through(), zones(), leave(("Z1", None, None, "A"), ("Z1", None, None, "B")))
    found = entry(result)
    assert authorisation_of(found) == "A and B"
    assert "authorised by A and B" in finding_title(found)
    assert finding_title(found, words("zh")).endswith("由A和B授权")
    assert authorisation_of(replace(found, reasons=(Reason.ALLOWED,), authorised_by=("PRK",))) == "--allow PRK"
    assert authorisation_of(replace(found, authorised_by=())) is None
