"""A log that contradicts itself: nothing is clear by it, and only what the untouched records carry is entered.

The oracle is the same flight without the records in doubt, and the rows that lie in the zone by plain arithmetic.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

import dronecheck
from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Concern, Flight, Weight
from dronecheck.flight.joined import joined
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check, check_airspace_again
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight
from tests.support.stated import stated, with_statements

SOURCE = ZoneSource("z.geojson", "0" * 64)
LAT, LON, DEG_M = 47.0, 2.0, 111_195.0
V, Q, C = Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR
ROWS, STEP_M = 100, 20.0  # the flight: east at 10 m/s, a fix each 2 s, from 1,000 m west of the middle
INSIDE = range(41, 60)  # rows within 200 m of the middle, by -1000 + 20 row
WHOLE = ()


def zone(half_m: float = 200.0, south_m: float = -200.0, **limits: Limit) -> ZoneSet:
    box = np.array([-half_m, south_m, half_m, south_m + 400.0]) / DEG_M / np.array([0.682, 1, 0.682, 1])
    shape = Shape(shapely.box(*(box + np.array([LON, LAT] * 2))))
    return ZoneSet((Zone("Z", "Z", ZoneKind.PROHIBITED, shape, SOURCE, **limits),), (SOURCE,))


FAR = zone(south_m=2_000.0)


def flown(rows: int = ROWS, **columns: np.ndarray) -> Flight:
    """The offset of a row is 100 times its number."""
    return make_flight(
        np.full(rows, LAT), LON + (-1000 + STEP_M * np.arange(rows)) / DEG_M / 0.682, dt_s=2.0, **columns
    )


def of_rows(first: int, last: int, **more: object):
    return stated((100 * first, 100 * last), **more)


def airspace(result) -> Verdict:
    return result.check_of(Topic.AIRSPACE).verdict


@pytest.mark.parametrize("concern", [Concern.POSITION, Concern.TIME, Concern.IDENTITY])
@pytest.mark.parametrize("spans", [WHOLE, ((0, 300),), ((9_000, 9_100),), ((9_110, 9_120),)])
def test_a_contradiction_anywhere_leaves_nothing_clear(concern, spans):
    settings = Settings(max_height_m=120.0)
    flight = flown(alt_home_m=np.full(ROWS, 50.0))
    before = check(flight, FAR, settings)
    assert [one.verdict for one in before.checks] == [C, C, C]
    result = check(with_statements(flight, stated(*spans, concern=concern)), FAR, settings)
    assert [(one.verdict, one.reasons) for one in result.checks] == [(Q, (Reason.LOG_SUSPECT,))] * 3
    assert (result.verdict, [one.verdict for one in result.flights]) == (Q, [Q])
    assert result.flight.integrity is result.integrity is not None


@pytest.mark.parametrize("severity", [Weight.INFO, Weight.NOTICE])
@pytest.mark.parametrize("concern", Concern)
def test_what_is_no_contradiction_changes_no_answer(severity, concern):
    flight = flown(alt_amsl_m=np.full(ROWS, 50.0))
    for zones in (zone(), FAR, zone(lower=Limit(500.0, Datum.AMSL))):
        result = check(with_statements(flight, stated(severity=severity, concern=concern)), zones)
        assert same(result, check(flight, zones))


def test_how_a_file_is_written_changes_no_answer():
    flight = with_statements(flown(), stated(concern=Concern.FORM))
    for zones in (zone(), FAR):
        assert same(check(flight, zones), check(flown(), zones))


def test_a_contradiction_of_a_track_that_is_not_judged_changes_nothing():
    flight = with_statements(flown(), stated(tracks=("fused",)))
    assert same(check(flight, zone()), check(flown(), zone()))
    assert airspace(check(with_statements(flown(), stated(tracks=("fused", "gnss"))), zone())) is Q


@pytest.mark.parametrize(
    ("first", "last", "verdict"),
    [
        (0, 30, V),  # elsewhere
        (70, 99, V),
        (45, 47, V),  # inside, and others inside go on
        (36, 45, V),
        (41, 59, Q),  # all that is inside
        (30, 70, Q),
        (0, 99, Q),
        (41, 57, V),  # two fixes are left well inside
    ],
)
def test_an_entry_holds_where_the_untouched_rows_carry_it(first, last, verdict):
    """Rows deeper than any error are those more than 10 m inside: a fix each 20 m, 1.5 m good."""
    flight = with_statements(flown(), of_rows(first, last))
    result = check(flight, zone())
    assert airspace(result) is verdict
    (finding,) = result.findings
    assert finding.verdict is verdict
    assert (Reason.LOG_SUSPECT in finding.reasons) is (verdict is Q)
    assert (Reason.LOG_SUSPECT in result.check_of(Topic.AIRSPACE).reasons) is (verdict is Q)
    left = [row for row in INSIDE if not first <= row <= last]
    assert bool(left) is (verdict is V)
    assert result.check_of(Topic.BORDER).verdict is Q
    assert result.verdict is verdict
    assert [one.verdict for one in result.flights] == [verdict]


def test_the_whole_file_in_doubt_carries_nothing():
    result = check(with_statements(flown(), stated()), zone())
    assert (result.verdict, airspace(result)) == (Q, Q)


def test_an_answer_that_is_open_stays_so_and_says_both_reasons():
    flight = make_flight([LAT] * 40, LON + np.linspace(-0.02, 0.02, 40), dt_s=2.0, sigma_m=60.0)
    near = zone(south_m=5.0)
    before = check(flight, near).check_of(Topic.AIRSPACE)
    assert before.verdict is Q
    after = check(with_statements(flight, stated()), near).check_of(Topic.AIRSPACE)
    assert (after.verdict, after.reasons) == (Q, (*before.reasons, Reason.LOG_SUSPECT))


# ---- heights


HIGH = flown(alt_amsl_m=np.full(ROWS, 200.0), v_sigma_m=np.full(ROWS, 2.0))
CEILING, FLOOR = zone(upper=Limit(100.0, Datum.AMSL)), zone(lower=Limit(100.0, Datum.AMSL))


@pytest.mark.parametrize(
    ("zones", "before", "after"),
    [
        (FAR, C, C),  # no height in it
        (zone(), V, V),  # from the ground up, without an end
        (CEILING, C, Q),  # above it, by the heights
        (FLOOR, V, Q),
        (zone(south_m=2_000.0, upper=Limit(100.0, Datum.AMSL)), C, C),
    ],
)
def test_heights_in_doubt_open_what_rests_on_heights(zones, before, after):
    assert airspace(check(HIGH, zones)) is before
    result = check(with_statements(HIGH, stated(concern=Concern.HEIGHT)), zones)
    assert airspace(result) is after
    assert (Reason.LOG_SUSPECT in result.check_of(Topic.AIRSPACE).reasons) is (before is not after)
    assert result.check_of(Topic.BORDER) == check(HIGH, zones).check_of(Topic.BORDER)
    assert result.verdict is after


def test_heights_in_doubt_beside_a_zone_change_nothing_of_it():
    elsewhere = with_statements(HIGH, of_rows(0, 20, concern=Concern.HEIGHT))
    assert airspace(check(elsewhere, CEILING)) is C
    assert airspace(check(elsewhere, FLOOR)) is V
    some = with_statements(HIGH, of_rows(45, 50, concern=Concern.HEIGHT))
    assert airspace(check(some, CEILING)) is Q
    assert airspace(check(some, FLOOR)) is V


@pytest.mark.parametrize(("height_m", "before"), [(50.0, C), (200.0, V)])
def test_heights_in_doubt_open_a_height_limit(height_m, before):
    flight = flown(alt_home_m=np.full(ROWS, height_m))
    settings = Settings(max_height_m=120.0)
    assert check(flight, None, settings).check_of(Topic.HEIGHT).verdict is before
    result = check(with_statements(flight, stated(concern=Concern.HEIGHT)), None, settings)
    assert (result.check_of(Topic.HEIGHT).verdict, result.verdict) == (Q, Q)
    assert Reason.LOG_SUSPECT in result.check_of(Topic.HEIGHT).reasons
    assert result.check_of(Topic.BORDER).verdict is C


# ---- every way of judging


def test_zones_asked_again_are_asked_of_a_log_in_doubt():
    flight = with_statements(flown(), of_rows(41, 59))
    before = check(flight, FAR)
    again = check_airspace_again(flight, before, zone())
    assert same(again, check(flight, zone()))
    assert airspace(again) is Q


def test_positions_unread_are_told_beside():
    flight = with_statements(replace(flown(), unread_s=30.0), stated())
    result = check(flight, FAR)
    assert result.verdict is Q
    assert result.flight is flight
    assert set(result.check_of(Topic.AIRSPACE).reasons) == {Reason.POSITIONS_UNREAD, Reason.LOG_SUSPECT}


def test_of_two_sources_the_one_in_doubt_decides_nothing():
    flight = flown()
    two = replace(flight, tracks={"gnss": flight.track, "fused": flight.track}, rivals=("fused",))
    assert airspace(check(two, zone())) is V
    for name in ("gnss", "fused"):
        assert airspace(check(with_statements(two, stated(tracks=(name,))), zone())) is Q


def test_of_several_flights_in_a_log_the_one_in_doubt_is_open():
    one = flown().track
    both = one.replace(part=np.repeat([0, 1], [50, 50]))
    flight = replace(flown(), tracks={"gnss": both})
    farther = zone(south_m=8_000.0)
    assert [each.verdict for each in check(flight, farther).flights] == [C, C]
    result = check(with_statements(flight, of_rows(60, 70)), farther)
    assert [each.verdict for each in result.flights] == [C, Q]
    assert result.verdict is Q


def test_of_several_vehicles_the_one_in_doubt_is_open():
    def vehicle(number: int, flight: Flight) -> Flight:
        return replace(flight, vehicle=replace(flight.vehicle, system=number))

    suspect = with_statements(vehicle(2, flown()), stated())
    flight = replace(with_statements(vehicle(1, flown())), others=(suspect,))
    result = check(flight, FAR)
    assert [each.verdict for each in result.flights] == [C, Q]
    assert result.verdict is Q
    (statement,) = result.integrity.statements
    assert statement.observed.startswith("system 2: ")


def test_of_joined_files_the_one_in_doubt_is_open_and_its_offsets_are_its_own():
    first, second = flown(60), flown(100)
    track = second.track[60:]
    second = replace(second, tracks={"gnss": track.replace(offset=track.offset - 6_000)})
    for number, verdict in ((0, Q), (1, V)):
        files = [with_statements(first), with_statements(second)]
        files[number] = with_statements(files[number], of_rows(0, 39) if number else of_rows(41, 59))
        flight = joined(files)
        assert [each.file for each in flight.integrity.statements] == [number]
        result = check(flight, zone())
        assert airspace(result) is verdict, number
        assert result.check_of(Topic.BORDER).verdict is Q
        assert [each.file for each in result.integrity.statements] == [number]


def test_a_sample_that_crossed_and_is_in_doubt_where_it_was_inside():
    flight = dronecheck.read("samples/founding_dandong_sinuiju.ulg")
    before = check(flight)
    (finding,) = before.findings
    rows = [round(row) for row in finding.rows[0]]
    first, last = (int(flight.track.offset[row]) for row in rows)
    assert check(with_statements(flight, stated((first, last)))).verdict is Q
    assert check(with_statements(flight, stated((0, first - 1)))).verdict is V
    assert check(with_statements(flight, stated((0, (first + last) // 2)))).verdict is V


@pytest.mark.parametrize("name", ["clear_dandong.csv", "founding_dandong_sinuiju.bin", "bank_hugging_dandong.ulg"])
def test_without_a_contradiction_all_is_as_before(name):
    flight = dronecheck.read(Path("samples") / name)
    tested = with_statements(flight, stated(severity=Weight.NOTICE))
    assert same(check(tested), check(replace(flight, integrity=None)))


def same(one, other) -> bool:
    return replace(one, flight=None) == replace(other, flight=None)
