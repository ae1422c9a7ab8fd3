"""Flights against the library: the edition of the day, and nothing unknown called clear."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from dronecheck.airspace import load_zones
from dronecheck.airspace.library.for_flight import zones_for
from dronecheck.airspace.library.store import Library
from dronecheck.airspace.zone import Incomplete
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Status, Topic, Verdict
from dronecheck.issues import Code
from dronecheck.readers import read
from tests.airspace.test_library import added, write_zones
from tests.conftest import make_flight

INSIDE, ELSEWHERE, FAR = (2.0, 47.0), (2.3, 47.0), (30.0, 10.0)  # zones; the flight is in the first


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def flight(start="2026-03-01T12:00", minutes=10, **kwargs):
    count = 61
    lat, lon = np.full(count, 47.05), 2.05 + 1e-5 * np.arange(count)
    start_ns = int(day(start).timestamp()) * 10**9
    return make_flight(lat, lon, dt_s=minutes * 60 / (count - 1), start_ns=start_ns, **kwargs)


def airspace(result):
    return next(c for c in result.checks if c.question is Topic.AIRSPACE)


@pytest.fixture
def add(home, tmp_path):
    library = Library()

    def one(where, begin=None, end=None, name="X", **members):
        path = write_zones(tmp_path / f"{name}.geojson", where, note=f"{begin} {end} {name}", **members)
        return added(
            library, path, name, valid_from=begin and day(begin), valid_to=end and day(end)
        )  # fmt: skip

    return one


def the_facts_say_what_the_issues_say(zones):
    codes = {issue.code for issue in zones.issues}
    skipped = sum(issue.count for issue in zones.issues if issue.code is Code.ZONE_SKIPPED)
    expected = [Incomplete.UNREADABLE] if skipped or Code.LIBRARY_DAMAGED in codes else []
    expected += [Incomplete.NO_EDITION] if Code.NO_EDITION_IN_FORCE in codes else []
    assert (zones.skipped, list(zones.incomplete)) == (skipped, expected)


def judged(made):
    zones = zones_for(made, Library())
    if zones is not None:
        the_facts_say_what_the_issues_say(zones)
    result = check(made, zones)
    return airspace(result), result, {issue.code for issue in result.issues}


def test_an_empty_library_is_as_none(home):
    assert zones_for(flight(), Library()) is None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2025-12-31T12:00", Reason.NO_EDITION_IN_FORCE),
        ("2026-01-01T00:00", Reason.INSIDE_BEYOND_ERROR),  # the zone is here in January
        ("2026-01-31T23:00", Reason.INSIDE_BEYOND_ERROR),
        ("2026-02-01T00:00", Reason.CLEAR_BEYOND_ERROR),  # and elsewhere in February
        ("2026-03-01T00:00", Reason.NO_EDITION_IN_FORCE),
    ],
)
def test_the_edition_of_the_flights_day_decides(add, start, expected):
    january = add(INSIDE, "2026-01-01", "2026-02-01")
    february = add(ELSEWHERE, "2026-02-01", "2026-03-01")
    answer, result, _ = judged(flight(start))
    assert answer.reasons == (expected,)
    used = {"2026-01": january, "2026-02": february}.get(start[:7])
    assert [(s.sha256, s.edition) for s in result.zone_sources[1:]] == (
        [(used.manifest.sha256, used.label)] if used else []
    )


def test_a_source_without_an_edition_for_the_day_leaves_the_question_open(add):
    add(ELSEWHERE, "2026-01-01", "2026-02-01", "OLD")
    add(ELSEWHERE, "2026-01-01", "2027-01-01", "CURRENT")
    answer, result, codes = judged(flight())
    assert (answer.verdict, answer.status) == (Verdict.INCONCLUSIVE, Status.PARTLY)
    assert answer.reasons == (Reason.NO_EDITION_IN_FORCE,)
    assert Code.NO_EDITION_IN_FORCE in codes
    assert [s.name for s in result.zone_sources[1:]] == ["CURRENT"]


def test_a_violation_stands_beside_a_source_without_edition(add):
    add(INSIDE, "2026-01-01", "2027-01-01", "CURRENT")
    add(ELSEWHERE, "2026-01-01", "2026-02-01", "OLD")
    assert judged(flight())[0].verdict is Verdict.VIOLATION


def test_sources_about_another_part_of_the_world_are_not_asked(add):
    add(FAR, "2020-01-01", "2021-01-01")
    answer, result, _ = judged(flight())
    assert (answer.status, answer.reasons) == (Status.NOT_CHECKED, (Reason.NOT_COVERED,))
    assert len(result.zone_sources) == 1


def test_across_the_antimeridian_a_source_is_found(add):
    add((179.8, 0.0), "2026-01-01", "2027-01-01")
    made = make_flight([0.05] * 20, [-179.9] * 20, dt_s=1, start_ns=int(day("2026-03-01").timestamp()) * 10**9)
    assert len(zones_for(made, Library()).zones) == 1


def test_undated_editions_are_used_with_a_warning(add):
    add(INSIDE)
    answer, _, codes = judged(flight())
    assert answer.verdict is Verdict.VIOLATION
    assert Code.EDITION_UNDATED in codes


def test_over_midnight_both_editions_are_judged_each_in_its_time(add):
    add(ELSEWHERE, "2026-01-01", "2026-03-01")
    add(INSIDE, "2026-03-01", "2026-04-01")
    answer, result, codes = judged(flight("2026-02-28T23:50", minutes=20))
    assert answer.verdict is Verdict.VIOLATION
    assert Code.EDITION_CHANGES in codes
    assert len(result.zone_sources) == 3
    # The day before, at the same place, only the edition without the zone holds.
    assert judged(flight("2026-02-27T23:50", minutes=20))[0].verdict is Verdict.CLEAR


@pytest.mark.parametrize(
    ("start", "enters_after_min", "verdict"),
    [
        ("2026-02-28T23:50", 12, Verdict.CLEAR),  # two minutes after midnight the zone is gone
        ("2026-02-28T23:50", 8, Verdict.VIOLATION),
        ("2026-02-27T23:50", 12, Verdict.VIOLATION),  # a day earlier it holds all the while
    ],
)
def test_a_zone_that_is_repealed_at_midnight_is_entered_before_it_only(add, start, enters_after_min, verdict):
    add(INSIDE, "2026-01-01", "2026-03-01")
    add(ELSEWHERE, "2026-03-01", "2026-04-01")
    seconds = np.arange(20 * 60)
    lon = 2.0 + (seconds - enters_after_min * 60) * 5.0 / 76_000  # eastward at 5 m/s over the zone's edge at 2 degrees
    made = make_flight(np.full(len(lon), 47.05), lon, dt_s=1.0, start_ns=int(day(start).timestamp()) * 10**9)
    assert judged(made)[0].verdict is verdict


def test_without_utc_only_what_all_editions_say_holds(add):
    made = replace(flight(), clock=replace(flight().clock, utc_known=False))
    add(INSIDE, "2026-01-01", "2026-02-01")
    answer, _, codes = judged(made)
    assert answer.verdict is Verdict.VIOLATION  # one edition: nothing contradicts it
    assert Code.EDITION_UNKNOWN in codes
    add((1.99, 47.0), "2026-02-01", "2026-03-01")  # another outline of the same zone Z0, around the flight, too
    assert judged(made)[0].verdict is Verdict.VIOLATION
    add(ELSEWHERE, "2026-03-01", "2026-04-01")
    answer, result, codes = judged(made)
    assert answer.verdict is Verdict.INCONCLUSIVE
    assert Reason.EDITION_UNKNOWN in answer.reasons
    assert Code.EDITION_UNKNOWN in codes
    assert len(result.zone_sources) == 4


def test_a_date_of_two_readings_is_no_day_to_choose_an_edition_by(add):
    made = replace(flight(), clock=replace(flight().clock, is_assumed=True))  # 1 March, or 3 January
    add(INSIDE, "2026-01-01", "2026-02-01")
    add(ELSEWHERE, "2026-02-01", "2026-04-01")
    assert judged(flight())[0].verdict is Verdict.CLEAR
    answer, _, codes = judged(made)
    assert (answer.verdict, Code.EDITION_UNKNOWN in codes) == (Verdict.INCONCLUSIVE, True)
    assert Reason.EDITION_UNKNOWN in answer.reasons


def test_without_utc_editions_that_all_leave_it_clear_are_clear(add):
    made = replace(flight(), clock=replace(flight().clock, utc_known=False))
    add(ELSEWHERE, "2026-01-01", "2026-02-01")
    add((2.4, 47.0), "2026-02-01", "2026-03-01")
    answer, result, _ = judged(made)
    assert answer.verdict is Verdict.CLEAR
    assert len({near.zone for near in result.nearest}) == len(result.nearest)


@pytest.mark.parametrize("harm", ["manifest.json", "original", "index"])
def test_damage_is_never_clear(add, harm):
    edition = add(ELSEWHERE, "2026-01-01", "2027-01-01")
    (edition.folder / harm).write_bytes(b"x")
    if harm == "index":
        (edition.folder / "original").write_bytes(b"x")
    answer, _, codes = judged(flight())
    assert (answer.verdict, answer.reasons) == (Verdict.INCONCLUSIVE, (Reason.ZONE_UNREADABLE,))
    assert Code.LIBRARY_DAMAGED in codes


def test_files_given_and_the_library_are_judged_together(add, tmp_path):
    add(ELSEWHERE, "2026-01-01", "2027-01-01")
    given = load_zones([write_zones(tmp_path / "mine.geojson", INSIDE)])
    zones = zones_for(flight(), Library(), given)
    assert [source.name for source in zones.sources] == ["mine.geojson", "X"]
    assert airspace(check(flight(), zones)).verdict is Verdict.VIOLATION


@pytest.mark.parametrize(
    "sample",
    ["founding_dandong_sinuiju.ulg", "founding_dandong_sinuiju.bin", "restricted_zone.csv", "clear_dandong.csv"],
)
def test_sample_flights_get_the_same_answer_from_the_library_as_from_the_file(home, repo, tmp_path, sample):
    made = read(repo / "samples" / sample)
    lon, lat = float(made.track.lon_deg[0]), float(made.track.lat_deg[0])
    around = write_zones(
        tmp_path / "a", (lon + 0.002, lat - 0.002, 0.02), (lon - 0.01, lat - 0.01, 0.03), (lon + 0.3, lat)
    )
    for path in (around, repo / "samples" / "restricted_zone.geojson"):
        direct = check(made, load_zones([path]))
        library = Library(tmp_path / f"library of {path.name}")
        added(library, path, path.name)
        kept = check(made, zones_for(made, library))
        assert len(direct.findings) > 0 or path != around
        assert repr(kept.findings) == repr(direct.findings)
        assert repr(kept.nearest) == repr(direct.nearest)
        assert [(c.verdict, c.reasons) for c in kept.checks] == [(c.verdict, c.reasons) for c in direct.checks]


def test_a_feature_that_an_edition_lost_is_a_fact_of_the_zones_for_a_flight(home, tmp_path):
    path = write_zones(tmp_path / "x.geojson", INSIDE)
    data = path.read_text().replace('"features": [', '"features": [{"type": "Feature", "geometry": null}, ', 1)
    path.write_text(data)
    added(Library(), path, "X")
    zones = zones_for(flight(), Library())
    assert zones.skipped == 1
    the_facts_say_what_the_issues_say(zones)
    given = load_zones(path)
    both = zones_for(flight(), Library(), given)
    assert (both.skipped, both.incomplete) == (2, (Incomplete.UNREADABLE,))
