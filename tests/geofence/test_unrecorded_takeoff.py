"""A record without its take-off comforts nobody: where another territory lies in reach, its border answer is open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from dronecheck.borders.territories import territory_at
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.issues import Code
from dronecheck.readers import read
from dronecheck.report.text.headline import headline
from tests.conftest import make_flight
from tests.support.scale import full_only, loops

GEOD = Geod(ellps="WGS84")
SINUIJU, DANDONG, INLAND = (40.0950, 124.4050), (40.1300, 124.3800), (40.9, 123.2)
KANSAS = (38.5, -98.5)


def clip(place, rows=120, *, height_m=100.0, speed_mps=8.0, utc=True, **columns):
    """East in the air, from a place."""
    east_deg = np.arange(rows) * speed_mps / (111_195 * np.cos(np.radians(place[0])))
    columns = {"alt_home_m": np.full(rows, height_m), "speed_mps": np.full(rows, speed_mps), **columns}
    return make_flight(np.full(rows, place[0]), place[1] + east_deg, dt_s=1.0, utc=utc, **columns)


def border(result):
    return result.check_of(Topic.BORDER)


def values(result, code):
    return [clause.values for clause in border(result).clauses if clause.code is code]


def test_a_clip_on_the_other_side_cannot_be_cleared_and_says_what_would_tell():
    result = check(clip(SINUIJU))
    assert border(result).verdict is result.verdict is Verdict.INCONCLUSIVE
    assert border(result).reasons == (Reason.HOME_UNKNOWN,)
    (crossed,) = values(result, ClauseCode.CROSSED_IF_FROM)
    (harmless,) = values(result, ClauseCode.NOT_CROSSED_IF_FROM)
    assert (crossed["territory"], crossed["into"], crossed["home"]) == ("China", "North Korea", "CHN")
    assert (harmless["territory"], harmless["home"]) == ("North Korea", "PRK")
    text = headline(result)
    assert "North Korea" in text
    assert "if it took off in China" in text
    assert Code.BEGINS_IN_FLIGHT in {issue.code for issue in result.issues}


@pytest.mark.parametrize(("home", "verdict"), [("CHN", Verdict.VIOLATION), ("PRK", Verdict.CLEAR)])
def test_the_home_that_the_answer_asks_for_settles_it_as_it_says(home, verdict):
    assert border(check(clip(SINUIJU), settings=Settings(home=home))).verdict is verdict


def test_what_is_allowed_matters_no_more():
    assert border(check(clip(SINUIJU), settings=Settings(allow=frozenset({"PRK"})))).verdict is Verdict.CLEAR
    assert border(check(clip(SINUIJU), settings=Settings(allow=frozenset({"CHN"})))).verdict is Verdict.INCONCLUSIVE


def test_far_from_all_others_it_stays_clear_and_says_where():
    result = check(clip(KANSAS))
    assert border(result).verdict is Verdict.CLEAR
    assert headline(result).startswith("No border crossed: all of it in United States.")


def test_a_window_with_a_border_beyond_reach_still_names_the_territory():
    """Bavaria, 42 km from Austria: the cells around hold Austrian ground, none of it in reach."""
    result = check(clip((47.9, 11.3)))
    assert border(result).verdict is Verdict.CLEAR
    assert [visit.iso_a3 for visit in result.territories] == ["DEU"]
    assert "Germany" in headline(result)


@pytest.mark.parametrize(("height_m", "speed_mps", "verdict"), [
    (0.0, 0.0, Verdict.CLEAR), (3.0, 0.5, Verdict.CLEAR), (30.0, 0.0, Verdict.INCONCLUSIVE),
    (0.0, 9.0, Verdict.INCONCLUSIVE), (np.nan, 0.0, Verdict.INCONCLUSIVE), (np.nan, 9.0, Verdict.INCONCLUSIVE),
])  # fmt: skip
def test_only_a_start_shown_to_be_on_the_ground_needs_no_take_off_before(height_m, speed_mps, verdict):
    assert border(check(clip(DANDONG, height_m=height_m, speed_mps=speed_mps))).verdict is verdict


def test_a_recorded_take_off_is_home_and_nothing_is_asked():
    rise = np.concatenate([np.zeros(10), np.linspace(0, 60, 110)])
    still = np.where(np.arange(120) < 10, 0.0, 8.0)
    east = np.cumsum(still) / (111_195 * 0.765)
    flown = make_flight(
        np.full(120, DANDONG[0]), DANDONG[1] + east, dt_s=1.0, alt_home_m=rise, speed_mps=still
    )  # fmt: skip
    result = check(flown)
    assert border(result).verdict is Verdict.CLEAR
    assert result.home_territory == "CHN"
    assert Code.BEGINS_IN_FLIGHT not in {issue.code for issue in result.issues}


def reach_of(flight):
    (within,) = values(check(flight), ClauseCode.TAKEOFF_WITHIN)
    return within["reach_m"], within["since_s"]


@pytest.mark.parametrize(("since_s", "speed_mps", "reach_m"), [
    (10.0, 8.0, 3_000.0), (200.0, 8.0, 7_800.0), (200.0, 50.0, 13_000.0), (9_000.0, 8.0, 15_000.0),
    (None, 8.0, 15_000.0),
])  # fmt: skip
def test_the_reach_is_that_of_the_time_since_power_up(since_s, speed_mps, reach_m):
    flight = clip(SINUIJU, speed_mps=speed_mps)
    power_up_ns = None if since_s is None else int(flight.track.time_ns[0] - since_s * 1e9)
    flight = replace(flight, clock=replace(flight.clock, power_up_ns=power_up_ns))
    assert reach_of(flight) == (pytest.approx(reach_m), since_s)


def test_beyond_the_reach_of_a_fresh_power_up_it_is_clear():
    far = clip((40.1600, 124.3200))  # more than 3 km, less than 15 km from North Korea
    assert border(check(far)).verdict is Verdict.INCONCLUSIVE
    fresh = replace(far, clock=replace(far.clock, power_up_ns=int(far.track.time_ns[0] - 10**10)))
    assert border(check(fresh)).verdict is Verdict.CLEAR


def test_a_stopwatch_that_ran_before_says_that_it_began_in_flight():
    hover = clip(DANDONG, height_m=np.nan, speed_mps=0.0)
    for ran_s, said in ((None, False), (3.0, False), (39.9, True)):
        flight = replace(hover, clock=replace(hover.clock, elapsed_s=ran_s))
        codes = {issue.code for issue in check(flight).issues}
        assert (Code.BEGINS_IN_FLIGHT in codes) == said


def test_a_crossing_that_the_record_shows_is_a_fact_without_a_home():
    """Narva to Ivangorod and on, far beyond the errors on both sides."""
    lat = np.full(900, 59.30)
    lon = np.linspace(27.90, 28.55, 900)
    assert [territory_at(x, 59.30).iso_a3 for x in (lon[0], lon[-1])] == ["EST", "RUS"]
    flight = make_flight(lat, lon, dt_s=4.0, alt_home_m=np.full(900, 80.0), speed_mps=np.full(900, 10.0))
    result = check(flight)
    assert border(result).verdict is Verdict.INCONCLUSIVE
    text = headline(result)
    assert text.startswith("Border crossed: Estonia to Russia ")
    assert "which side is home is not recorded" in text
    assert "WAS IN" not in text


@pytest.fixture(scope="module")
def founding():
    return read(Path(__file__).parents[2] / "samples/founding_dandong_sinuiju.ulg")


@full_only
@pytest.mark.parametrize("seed", range(loops(3, 1)))
def test_the_founding_flight_cut_anywhere_is_never_clear_for_a_part_over_the_other_side(founding, seed):
    """200 cuts (begin, end, both, gaps): CLEAR only where no fix is in North Korea, or the take-off is there."""
    rng = np.random.default_rng(20261129 + seed)
    rows = len(founding.track)
    over = np.array([
        territory_at(lon, lat).iso_a3 == "PRK"
        for lon, lat in zip(founding.track.lon_deg, founding.track.lat_deg, strict=True)
    ])  # fmt: skip
    verdicts: dict[tuple[str, bool], list[Verdict]] = {}
    for number in range(200):
        a, b = np.sort(rng.choice(rows - 20, 2, replace=False))
        kind = ("begin", "end", "both", "gap")[number % 4]
        kept = {
            "begin": np.arange(a, rows), "end": np.arange(0, a + 20), "both": np.arange(a, b + 20),
            "gap": np.r_[0 : a + 10, b + 10 : rows],
        }[kind]  # fmt: skip
        part = founding.track.where(kept)
        events = tuple(e for e in founding.events if part.time_ns[0] <= e.time_ns <= part.time_ns[-1])
        cut = replace(founding, tracks={founding.primary: part}, events=events)
        result = check(cut)
        verdicts.setdefault((kind, bool(over[kept].any())), []).append(border(result).verdict)
        if over[kept].any() and result.takeoff is None:
            assert border(result).verdict is not Verdict.CLEAR, (kind, a, b)
    for key, found in sorted(verdicts.items()):
        print(key, {verdict.value: found.count(verdict) for verdict in Verdict})  # the table, with -s
    assert {kind for kind, _ in verdicts} == {"begin", "end", "both", "gap"}
