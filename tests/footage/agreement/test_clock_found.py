"""The camera's clock is found where it can be, with an honest interval, and nowhere else."""

import json
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dronecheck.footage.agreement import AgreementVerdict, agreements
from tests.conftest import SHARED
from tests.footage.agreement.shoots import START, Way, flight_of, hovering, photo, survey, wandering

SEEDS = st.integers(0, 2**32 - 1)
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MANY = settings(SLOW, max_examples=150)


def verdicts(found):
    return {one.verdict for one in found}


def zone_error(draw):
    """UTC minus the camera's clock: any zone, and a clock that goes up to two minutes wrong."""
    return -900.0 * int(draw.integers(-48, 57)) + draw.uniform(-120, 120)


def shoot(way, draw, offset_s, count, **more):
    return [photo(way, t, offset_s, draw=draw, **more) for t in np.sort(draw.uniform(20, 860, count))]


# ---- the published vector


def test_the_offset_of_the_vector_is_recovered():
    path = SHARED / "vectors" / "domain_vectors.json"
    if not path.exists():
        pytest.skip("needs ../shared/vectors")
    vector = json.loads(path.read_text())["photo_time_offset"]
    time_s = np.arange(0.0, 121.0)
    east_m = np.where(time_s < 60, 5 * time_s, 300.0)
    way = Way(time_s, east_m, np.where(time_s < 60, 0.0, 8 * (time_s - 60)))
    offset_s = vector["expected_offset_s"]
    items = []
    for one in vector["photos"]:
        item = photo(way, one["exif_t"] + offset_s, offset_s, noise_m=0)
        assert item.time.local == (START + timedelta(seconds=one["exif_t"])).replace(tzinfo=None).isoformat()
        assert way.at(one["exif_t"] + offset_s) == pytest.approx((one["east"], one["north"]))
        items.append(item)
    found = agreements(items, [flight_of(way, noise_m=0)])
    assert verdicts(found) == {AgreementVerdict.AGREES}
    for one in found:
        assert one.delta_s == pytest.approx(offset_s, abs=1e-5)
        assert one.delta_interval_s[0] <= offset_s <= one.delta_interval_s[1]
        assert one.miss_m == pytest.approx(0, abs=1e-3)


# ---- the truth within the interval


def within(found, offset_s):
    told = [one for one in found if one.delta_s is not None]
    return [one.delta_interval_s[0] <= offset_s <= one.delta_interval_s[1] for one in told[:1]]


def test_the_interval_holds_the_truth_and_is_narrow():
    inside, widths = [], []
    for seed in range(120):
        draw = np.random.default_rng(seed)
        way = wandering(draw) if seed % 2 else survey(turned_deg=draw.uniform(0, 360))
        offset_s = zone_error(draw)
        items = shoot(way, draw, offset_s, int(draw.integers(5, 60)), whole=bool(seed % 3))
        found = agreements(items, [flight_of(way, draw=draw)])
        inside += within(found, offset_s)
        widths += [np.ptp(one.delta_interval_s) for one in found[:1] if one.delta_s is not None]
    assert len(inside) >= 114
    assert np.mean(inside) >= 0.95
    assert np.median(widths) < 4.0


@MANY
@given(SEEDS, st.booleans())
def test_a_shoot_agrees_with_its_own_log(seed, is_survey):
    draw = np.random.default_rng(seed)
    way = survey(turned_deg=draw.uniform(0, 360)) if is_survey else wandering(draw)
    offset_s = zone_error(draw)
    items = shoot(way, draw, offset_s, int(draw.integers(8, 50)))
    found = agreements(items, [flight_of(way, draw=draw)])
    agreeing = [one for one in found if one.verdict is AgreementVerdict.AGREES]
    assert len(agreeing) >= 0.9 * len(found)  # a repeated turn may leave few places; noise of 3 sigma is noise
    assert all(abs(one.delta_s - offset_s) < 4 for one in agreeing)


# ---- never of another flight


@MANY
@given(SEEDS, st.sampled_from(["wandering", "survey", "mixed"]), st.integers(1, 60))
def test_a_shoot_flown_elsewhere_never_agrees(seed, kind, count):
    draw = np.random.default_rng(seed)
    turned_deg = draw.uniform(0, 360)
    if kind == "survey":  # over the same field, by other lines
        mine = survey(turned_deg=turned_deg)
        other = survey(turned_deg=turned_deg + draw.uniform(5, 85), apart_m=draw.uniform(15, 35))
    else:
        mine = wandering(draw)
        other = wandering(draw) if kind == "wandering" else survey(turned_deg=turned_deg)
    items = shoot(other, draw, zone_error(draw), count)
    found = agreements(items, [flight_of(mine, draw=draw)])
    assert AgreementVerdict.AGREES not in verdicts(found)


@MANY
@given(SEEDS)
def test_a_shoot_of_another_day_is_not_covered(seed):
    draw = np.random.default_rng(seed)
    way = wandering(draw)
    days = int(draw.choice([-9, -2, 2, 30]))
    items = shoot(way, draw, 0.0, 20, start=START + timedelta(days=days))
    assert verdicts(agreements(items, [flight_of(way, draw=draw)])) == {AgreementVerdict.NOT_COVERED}


@MANY
@given(SEEDS, st.floats(100, 40_000), st.booleans())
def test_a_shoot_at_another_proven_time_never_agrees(seed, later_s, is_earlier):
    draw = np.random.default_rng(seed)
    way = wandering(draw)
    start = START + timedelta(seconds=-later_s if is_earlier else later_s)
    items = shoot(way, draw, -28_800.0, 12, start=start, with_utc=True)
    moved = [np.hypot(*(np.array(way.at(s)) - np.array(way.at(s + later_s)))) for s in range(900)]
    found = agreements(items, [flight_of(way, draw=draw)])
    wrong = [one for one in found if one.verdict is AgreementVerdict.AGREES]
    assert len(wrong) <= 12 * np.mean(np.array(moved) < 25) + 3  # where it stood or came by again, the place does agree
    if later_s > 2000:
        assert verdicts(found) == {AgreementVerdict.NOT_COVERED}


# ---- what cannot be told


@MANY
@given(SEEDS, st.integers(1, 40))
def test_a_hover_has_no_clock(seed, count):
    draw = np.random.default_rng(seed)
    way = hovering(draw)
    found = agreements(shoot(way, draw, zone_error(draw), count), [flight_of(way, draw=draw)])
    assert verdicts(found) == {AgreementVerdict.NO_CLOCK}
    assert all(one.miss_m < 20 and one.delta_s is None for one in found)


@pytest.mark.parametrize("count", [1, 2])
def test_one_photo_or_two_have_no_clock_and_the_track_passes_within_metres(count):
    draw = np.random.default_rng(4)
    way = wandering(draw)
    found = agreements(shoot(way, draw, 3600.0, count), [flight_of(way, draw=draw)])
    assert verdicts(found) == {AgreementVerdict.NO_CLOCK}
    assert all(one.miss_m < 15 for one in found)


def test_the_same_lap_a_quarter_of_an_hour_later_is_ambiguous():
    draw = np.random.default_rng(7)
    lap = wandering(draw, seconds=900)
    n = len(lap.time_s)
    twice = Way(np.arange(2 * n) * 0.2, np.tile(lap.east_m, 2), np.tile(lap.north_m, 2))
    items = shoot(lap, draw, -28_800.0, 12)
    found = agreements(items, [flight_of(twice, draw=draw, noise_m=0.2)])
    assert verdicts(found) == {AgreementVerdict.AMBIGUOUS}
    assert found[0].delta_s is None
    low, high = found[0].delta_interval_s
    assert low - 1.5 <= -28_800.0 <= high + 1.5
    assert low - 1.5 <= -28_800.0 + 900 <= high + 1.5
    # the photo events of the log settle it
    times = [t.time.local for t in items]
    assert len(set(times)) == 12
    events = [(np.datetime64(t) - np.datetime64("2026-05-04T14:30:00")) / np.timedelta64(1, "s") + 0.4 for t in times]
    settled = agreements(items, [flight_of(twice, draw=draw, noise_m=0.2, event_s=events)])
    assert verdicts(settled) == {AgreementVerdict.AGREES}
    assert settled[0].delta_interval_s[0] <= -28_800.0 <= settled[0].delta_interval_s[1]


def test_a_clock_that_is_no_zone_is_a_false_time():
    draw = np.random.default_rng(8)
    way = wandering(draw)
    found = agreements(shoot(way, draw, 3600.0 + 450.0, 20), [flight_of(way, draw=draw)])
    assert verdicts(found) == {AgreementVerdict.WRONG_TIME}


def test_a_log_without_utc_leaves_no_clock():
    draw = np.random.default_rng(9)
    way = wandering(draw)
    flight = flight_of(way, draw=draw)
    from dataclasses import replace

    unknown = replace(flight, clock=replace(flight.clock, utc_known=False))
    assert verdicts(agreements(shoot(way, draw, 0.0, 10), [unknown])) == {AgreementVerdict.NO_CLOCK}


def test_a_log_whose_zone_is_assumed_tells_no_utc_of_the_camera():
    draw = np.random.default_rng(10)
    way = wandering(draw)
    found = agreements(shoot(way, draw, 7200.0, 20, with_utc=True), [flight_of(way, draw=draw, is_assumed=True)])
    assert verdicts(found) == {AgreementVerdict.AGREES}
    assert all(one.delta_s is None and one.time_ns is None for one in found)


# ---- photo events


@settings(SLOW, max_examples=60)
@given(SEEDS, st.booleans())
def test_events_find_the_clock_though_a_third_of_both_lists_is_lost(seed, is_hover):
    draw = np.random.default_rng(seed)
    way = hovering(draw) if is_hover else wandering(draw)
    offset_s = zone_error(draw)
    taken = np.cumsum(draw.uniform(3, 40, 40))
    taken = taken[taken < 880]
    events = [t + draw.uniform(0, 0.9) for t in taken if draw.random() > 0.3]
    items = [photo(way, t, offset_s, draw=draw, with_place=False) for t in taken if draw.random() > 0.3]
    found = agreements(items, [flight_of(way, draw=draw, event_s=events)])
    told = [one for one in found if one.delta_s is not None]
    assert verdicts(found) <= {AgreementVerdict.AGREES, AgreementVerdict.NO_CLOCK, AgreementVerdict.AMBIGUOUS}
    assert all(one.delta_interval_s[0] - 0.5 <= offset_s <= one.delta_interval_s[1] + 0.5 for one in told)


def test_events_find_the_clock_of_most_shoots():
    agreeing = inside = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        way, offset_s = hovering(draw), zone_error(draw)
        taken = np.cumsum(draw.uniform(3, 40, 40))
        taken = taken[taken < 880]
        events = [t + draw.uniform(0, 0.9) for t in taken if draw.random() > 0.3]
        items = [photo(way, t, offset_s, draw=draw, with_place=False) for t in taken if draw.random() > 0.3]
        found = agreements(items, [flight_of(way, draw=draw, event_s=events)])
        agreeing += verdicts(found) == {AgreementVerdict.AGREES}
        inside += all(within(found, offset_s))
    assert agreeing >= 34
    assert inside >= 38


@settings(SLOW, max_examples=60)
@given(SEEDS, st.booleans())
def test_events_of_another_shoot_prove_nothing(seed, is_regular):
    draw = np.random.default_rng(seed)
    way = wandering(draw)
    events = np.cumsum(draw.uniform(3, 40, 40)) if not is_regular else np.arange(50, 450, 2.0)
    taken = np.cumsum(draw.uniform(3, 40, 40)) if not is_regular else np.arange(200, 700, 2.0)
    items = [photo(way, t, zone_error(draw), draw=draw, with_place=False) for t in taken if t < 880]
    items = [photo(way, t, -3600.0, draw=draw, with_place=False) for t in taken if t < 880] if is_regular else items
    found = agreements(items, [flight_of(way, draw=draw, event_s=events[events < 880])])
    assert AgreementVerdict.AGREES not in verdicts(found)


def test_places_moved_by_a_forger_disagree_with_the_clock_of_the_events():
    draw = np.random.default_rng(11)
    way = wandering(draw)
    taken = np.cumsum(draw.uniform(5, 40, 30))
    taken = taken[taken < 860]
    items = [photo(way, t, 3600.0, draw=draw, moved_m=(4000.0, 1000.0)) for t in taken]
    found = agreements(items, [flight_of(way, draw=draw, event_s=taken + 0.3)])
    assert verdicts(found) == {AgreementVerdict.WRONG_POSITION}
    assert all(3500 < one.miss_m < 4800 for one in found)
