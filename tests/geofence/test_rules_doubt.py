"""Rules where a log is several flights, holds several sources, or is in doubt: nothing open reads as kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dronecheck.flight import HorizontalDatum, Track
from dronecheck.geofence.answers.by_rules import RuleOutcome, RuleStatus, by_alternatives, of_all
from dronecheck.geofence.answers.reasons import Reason
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Topic, Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight
from tests.geofence.test_rules import CHINA, GERMANY, flown, of_rule, rules_check

NAMED = Settings(rule_packs=("eu-open",))


def at(agl_m, place=GERMANY):
    return flown(place, {"alt_agl_m": agl_m, "v_sigma_m": 1.0})


def joined_parts(first, second):
    """One log whose clock starts again between two flights."""
    one, other = first.track, second.track
    columns = {name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in
               ("lat_deg", "lon_deg", "alt_agl_m", "v_sigma_m", "h_sigma_m", "speed_mps")}  # fmt: skip
    track = Track.build(
        time_ns=np.concatenate([one.time_ns, one.time_ns[-1] + 10**12 + (other.time_ns - other.time_ns[0])]),
        offset=np.arange(len(one) + len(other)) * 100, message="fix",
        part=np.repeat([0, 1], [len(one), len(other)]), **columns,
    )  # fmt: skip
    return replace(first, tracks={"gnss": track})


def test_of_several_flights_the_worst_answer_is_the_logs_and_its_rows_are_those_of_all():
    flight = joined_parts(at(50.0, CHINA), at(180.0, CHINA))
    result = check(flight)
    assert len(result.flights) == 2
    answer = of_rule(result, "china-height")
    assert answer.outcome is RuleOutcome.EXCEEDED
    assert answer.evidence[0].row >= 60
    assert flight.track.alt_agl_m[answer.evidence[0].row] == 180.0
    kept = check(joined_parts(at(50.0, CHINA), at(60.0, CHINA)))
    assert of_rule(kept, "china-height").outcome is RuleOutcome.WITHIN


def test_one_flight_that_cannot_be_told_leaves_the_whole_log_open():
    result = check(joined_parts(at(50.0), at(np.nan)), settings=NAMED)
    assert of_rule(result, "eu-open-height").outcome is RuleOutcome.OPEN
    assert of_rule(result, "eu-open-height").status is RuleStatus.PARTLY
    assert rules_check(result).verdict is Verdict.INCONCLUSIVE


def test_positions_that_were_not_read_leave_nothing_kept():
    assert check(at(50.0), settings=NAMED).verdict is Verdict.CLEAR
    result = check(replace(at(50.0), unread_s=30.0), settings=NAMED)
    assert rules_check(result).verdict is Verdict.INCONCLUSIVE
    assert of_rule(result, "eu-open-height").outcome is RuleOutcome.OPEN
    assert Reason.POSITIONS_UNREAD in of_rule(result, "eu-open-height").reasons


def test_sources_that_contradict_each_other_are_open_where_rules_differ():
    flight = at(50.0)
    other = flight.track.replace(alt_agl_m=np.full(60, 300.0), lat_deg=flight.track.lat_deg + 0.001)
    both = replace(flight, tracks={**flight.tracks, "gnss2": other}, rivals=("gnss2",))
    result = check(both)
    answer = of_rule(result, "eu-open-height")
    assert answer.outcome is RuleOutcome.OPEN
    named = check(both, settings=NAMED)
    assert named.verdict is not Verdict.CLEAR


def test_positions_of_an_unproven_datum_are_held_by_both_readings():
    flight = replace(at(50.0, CHINA), datum=HorizontalDatum.UNPROVEN)
    assert of_rule(check(flight), "china-height").outcome is RuleOutcome.WITHIN
    high = replace(at(180.0, CHINA), datum=HorizontalDatum.UNPROVEN)
    assert of_rule(check(high), "china-height").outcome is RuleOutcome.EXCEEDED


def test_a_log_of_nothing_that_was_flown_is_not_clear_by_a_named_pack():
    still = make_flight(np.full(9, 51.0), np.full(9, 10.0), is_idle=np.full(9, True), alt_agl_m=np.zeros(9))
    result = check(still, settings=NAMED)
    assert (result.verdict, rules_check(result).verdict) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)


def test_alternatives_that_differ_are_open_and_flights_that_differ_have_the_worst():
    low, high = check(at(50.0, CHINA)).by_rules, check(at(180.0, CHINA)).by_rules
    assert {a.outcome for a in by_alternatives([low, high], Reason.DATUM_UNKNOWN).answers} == {RuleOutcome.OPEN}
    assert {a.outcome for a in of_all([low, high]).answers} == {RuleOutcome.EXCEEDED}
    assert check(at(50.0, CHINA)).topics == (Topic.BORDER, Topic.AIRSPACE, Topic.HEIGHT)
