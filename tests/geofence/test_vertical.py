"""Floors and ceilings: every pair of height and datum by hand, climbs against the truth, bands against brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight import Event, EventKind, Home
from dronecheck.geo.outline.shape import Shape
from dronecheck.geo.vertical.geoid import bundled_geoid
from dronecheck.geofence import engine
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.altitude.limits import vertical_of
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Place, Reason, Verdict
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.takeoff import Takeoff, recorded_takeoff
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight
from tests.support.said import said
from tests.support.scale import examples

LAT, LON = 47.0, 2.0  # the middle of France
AREA = shapely.box(LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1)
SOURCE = ZoneSource("made", "0" * 64)
GND, UNL = Limit(float("nan"), Datum.GND), Limit(float("nan"), Datum.UNL)


def zone(lower=GND, upper=UNL, area=AREA):
    return Zone("z", "z", ZoneKind.PROHIBITED, Shape(area), SOURCE, lower=lower, upper=upper)


def judged(flight, made, settings=None, **options):
    return check(flight, ZoneSet((made,), (SOURCE,)), settings, **options)


class Ground:
    """Flat ground at one height."""

    def __init__(self, height_m=200.0, sigma_m=2.0):
        self.height_m, self.sigma_m = height_m, sigma_m

    sources = ()

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        return alt_amsl_m - self.ground_amsl_m(lon_deg, lat_deg)[0]

    def ground_amsl_m(self, lon_deg, lat_deg):
        return np.full(len(lon_deg), self.height_m), np.full(len(lon_deg), self.sigma_m)


def flight(count=40, home=None, dt_s=1.0, is_takeoff_logged=False, **heights):
    columns = {name: np.broadcast_to(value, count) for name, value in heights.items()}
    made = make_flight(np.full(count, LAT), LON + np.arange(count) * 1e-5, dt_s=dt_s, **columns)
    if is_takeoff_logged:
        made = replace(made, events=(Event(int(made.track.time_ns[0]), EventKind.TAKEOFF, ""),))
    return replace(made, home=home) if home else made


@pytest.fixture(autouse=True)
def take_off_as_logged(monkeypatch):
    """The logs begin 100 m high, where no take-off would be believed: it was a kilometre away."""

    def found(flight, trajectory, ground=None):
        return (
            Takeoff(0, Place(LAT + 0.01, LON), "takeoff_event")
            if flight.events
            else recorded_takeoff(flight, trajectory)
        )

    monkeypatch.setattr(engine, "recorded_takeoff", found)


# ---- the matrix. The aircraft hovers at 300 m above the sea, 100 m above ground and take-off, the day's pressure is
# such that it reads 310 m of pressure altitude. A zone begins 50 m lower (it is inside) or 50 m higher (it is not).

N_M = float(bundled_geoid().undulation_m([LON], [LAT])[0])
LOGGED = {
    "amsl": {"alt_amsl_m": 300.0, "v_sigma_m": 3.0},
    "hae": {"alt_hae_m": 300.0 + N_M, "v_sigma_m": 3.0},
    "home": {"alt_home_m": 100.0, "home": Home(LAT, LON, 200.0)},
    "takeoff": {"alt_home_m": 100.0, "is_takeoff_logged": True},
    "home only": {"alt_home_m": 100.0},
    "agl": {"alt_agl_m": 100.0, "v_sigma_m": 3.0},
    "pressure": {"pressure_alt_m": 310.0},
    "none": {},
}
HEIGHT = {Datum.AMSL: 300.0, Datum.HAE: 300.0 + N_M, Datum.AGL: 100.0, Datum.FL: 310.0, Datum.UNKNOWN: 100.0}
D = "decided"
H, F, T = Reason.HEIGHT_UNKNOWN, Reason.VERTICAL_FRAME_UNKNOWN, Reason.NO_TERRAIN
# without ground and relief | relief only | ground only | both
MATRIX = {
    ("amsl", Datum.AMSL): (D, D, D, D),
    ("amsl", Datum.HAE): (D, D, D, D),
    ("amsl", Datum.AGL): (T, T, D, D),  # relief counts from take-off, and there is no height above take-off
    ("amsl", Datum.FL): (F, F, F, F),  # 50 m is less than what an unknown QNH can do
    ("hae", Datum.AMSL): (D, D, D, D),
    ("hae", Datum.HAE): (D, D, D, D),
    ("hae", Datum.AGL): (T, T, D, D),
    ("hae", Datum.FL): (F, F, F, F),
    ("home", Datum.AMSL): (D, D, D, D),  # with the logged height of home
    ("home", Datum.HAE): (D, D, D, D),
    ("home", Datum.AGL): (T, D, D, D),
    ("home", Datum.FL): (F, F, F, F),
    ("takeoff", Datum.AMSL): (H, H, D, D),  # with the ground there
    ("takeoff", Datum.HAE): (H, H, D, D),
    ("takeoff", Datum.AGL): (T, D, D, D),
    ("takeoff", Datum.FL): (F, F, F, F),
    ("home only", Datum.AMSL): (H, H, H, H),  # the log began in the air: where its zero lies is not known
    ("home only", Datum.HAE): (H, H, H, H),
    ("home only", Datum.AGL): (T, D, H, D),
    ("home only", Datum.FL): (F, F, F, F),
    ("agl", Datum.AMSL): (H, H, H, H),
    ("agl", Datum.HAE): (H, H, H, H),
    ("agl", Datum.AGL): (D, D, D, D),
    ("agl", Datum.FL): (F, F, F, F),
    ("pressure", Datum.AMSL): (H, H, H, H),
    ("pressure", Datum.HAE): (H, H, H, H),
    ("pressure", Datum.AGL): (T, T, H, H),  # with ground it is the height that is missing
    ("pressure", Datum.FL): (D, D, D, D),
    ("none", Datum.AMSL): (H, H, H, H),
    ("none", Datum.HAE): (H, H, H, H),
    ("none", Datum.AGL): (T, T, H, H),
    ("none", Datum.FL): (F, F, F, F),
}
MATRIX |= {(logged, Datum.UNKNOWN): (F, F, F, F) for logged in LOGGED}
MATRIX |= {(logged, datum): (D, D, D, D) for logged in LOGGED for datum in (Datum.GND, Datum.UNL)}


def test_the_matrix_is_whole():
    assert set(MATRIX) == {(logged, datum) for logged in LOGGED for datum in Datum}


@pytest.mark.parametrize(("logged", "datum"), MATRIX)
def test_matrix(logged, datum):
    made = flight(**LOGGED[logged])
    if datum is Datum.GND:
        inside, outside = zone(lower=GND), zone(upper=GND)
    elif datum is Datum.UNL:
        inside, outside = zone(upper=UNL), zone(lower=UNL)
    else:
        inside = zone(lower=Limit(HEIGHT[datum] - 50.0, datum))
        outside = zone(lower=Limit(HEIGHT[datum] + 50.0, datum))
    for expected, (ground, relief_m) in zip(
        MATRIX[logged, datum], ((None, None), (None, 30.0), (Ground(), None), (Ground(), 30.0)), strict=True
    ):
        settings = Settings(relief_m=relief_m)
        into, beside = judged(made, inside, settings, ground=ground), judged(made, outside, settings, ground=ground)
        if expected is D:
            assert (into.verdict, beside.verdict) == (Verdict.VIOLATION, Verdict.CLEAR)
            continue
        for result in (into, beside):
            assert result.verdict is Verdict.INCONCLUSIVE
            assert expected in result.findings[0].reasons
            assert {H, F, T} & set(result.findings[0].reasons) == {expected}


# ---- what would settle it


@pytest.mark.parametrize(("datum", "named"), [(Datum.AMSL, "sea level"), (Datum.HAE, "the ellipsoid")])
@pytest.mark.parametrize("is_floor", [True, False])
def test_the_take_off_that_clears(datum, named, is_floor):
    """The level in the clause, put in as the ground at take-off: beyond it clear, short of it a violation."""
    climb = flight(**{**LOGGED["takeoff"], "alt_home_m": np.linspace(60.0, 100.0, 40)})
    limit = Limit(1050.04, datum)  # 3445 ft
    made = zone(lower=limit) if is_floor else zone(upper=limit)
    text = said(judged(climb, made).findings[0])
    level_m, side = (950, "below") if is_floor else (991, "above")  # never rounded to where it would not be true
    assert (
        f"clear if the take-off lay {side} {level_m} m above {named}; --takeoff-amsl M gives that height; --dem" in text
    )
    sea_m = level_m - (N_M if datum is Datum.HAE else 0.0)
    away_m = -50.0 if is_floor else 50.0
    assert judged(climb, made, ground=Ground(sea_m + away_m)).verdict is Verdict.CLEAR
    assert judged(climb, made, ground=Ground(sea_m - away_m)).verdict is Verdict.VIOLATION
    assert judged(climb, made, ground=Ground(sea_m)).verdict is Verdict.INCONCLUSIVE
    for by_m, verdict in ((away_m, Verdict.CLEAR), (-away_m, Verdict.VIOLATION), (0.0, Verdict.INCONCLUSIVE)):
        assert judged(climb, made, Settings(takeoff_amsl_m=sea_m + by_m)).verdict is verdict


def test_between_floor_and_ceiling_either_take_off_clears():
    made = zone(Limit(1000.0, Datum.AMSL), Limit(1500.0, Datum.AMSL))
    text = said(judged(flight(**LOGGED["takeoff"]), made).findings[0])
    assert "below 900 m above sea level or above 1400 m above sea level;" in text


def test_no_take_off_clears_heights_that_are_missing():
    heights = np.full(40, 100.0)
    heights[20] = np.nan
    holed = flight(**{**LOGGED["takeoff"], "alt_home_m": heights})
    assert "take-off lay" not in said(judged(holed, zone(Limit(1000.0, Datum.AMSL))).findings[0])


def test_a_flight_level_left_open_asks_for_the_pressure():
    made = zone(Limit(400.0, Datum.FL))
    assert "--qnh" in said(judged(flight(alt_amsl_m=300.0), made).findings[0])
    assert "--qnh" not in said(judged(flight(alt_amsl_m=300.0), made, Settings(qnh_hpa=1003.0)).findings[0])
    assert "--qnh" not in said(judged(flight(), made).findings[0])  # there is no height it could move


def test_ground_at_take_off_does_not_follow_from_a_doubted_height():
    """Sea and ellipsoid heights contradict each other: the barometer and the terrain still answer."""
    doubted = flight(**LOGGED["takeoff"], alt_amsl_m=300.0, alt_hae_m=300.0 + N_M + 20.0)
    made = zone(Limit(250.0, Datum.AMSL))
    assert judged(doubted, made).verdict is Verdict.INCONCLUSIVE
    assert judged(doubted, made, ground=Ground()).verdict is Verdict.VIOLATION
    assert judged(doubted, made, ground=Ground(100.0)).verdict is Verdict.CLEAR


# ---- flight levels


@pytest.mark.parametrize(
    ("floor_m", "settings", "verdict"),
    [
        (600.0, Settings(), Verdict.CLEAR),  # 300 m below: more than 250 m and the errors
        (560.0, Settings(), Verdict.INCONCLUSIVE),
        (200.0, Settings(), Verdict.INCONCLUSIVE),
        (0.0, Settings(), Verdict.VIOLATION),
        (350.0, Settings(qnh_hpa=1013.25), Verdict.CLEAR),
        (360.0, Settings(qnh_hpa=1003.0), Verdict.INCONCLUSIVE),  # reads about 385 m
        (330.0, Settings(qnh_hpa=1003.0), Verdict.VIOLATION),
        (200.0, Settings(qnh_hpa=1035.0), Verdict.CLEAR),  # reads about 121 m
    ],
)
def test_flight_levels_from_sea_heights(floor_m, settings, verdict):
    made = flight(alt_amsl_m=300.0, v_sigma_m=1.0)
    assert judged(made, zone(lower=Limit(floor_m, Datum.FL)), settings).verdict is verdict


# ---- take-off bound (DOMAIN 1.7 c): 110 m above a take-off at 50 m, ground 20 to 65 m, so 95 to 140 m above ground


@pytest.mark.parametrize(
    ("limit_m", "verdict"), [(60.0, Verdict.VIOLATION), (120.0, Verdict.INCONCLUSIVE), (165.0, Verdict.CLEAR)]
)
def test_takeoff_bound(limit_m, verdict):
    made = flight(alt_home_m=110.0)
    result = judged(made, zone(lower=Limit(limit_m, Datum.AGL)), Settings(relief_m=30.0))
    assert result.verdict is verdict
    if verdict is Verdict.INCONCLUSIVE:
        assert T in result.findings[0].reasons
        assert "nowhere" in said(result.findings[0])


def test_ground_at_takeoff_stands_in_for_a_missing_sea_height():
    climb = np.concatenate([np.linspace(0, 100, 20), np.full(20, 100.0)])
    made = flight(alt_home_m=climb, speed_mps=np.concatenate([[0.0], np.full(39, 1.0)]))
    made_zone = zone(lower=Limit(60.0, Datum.AGL), area=shapely.box(LON + 24e-5, LAT - 0.1, LON + 0.1, LAT + 0.1))
    assert judged(made, made_zone, ground=Ground()).verdict is Verdict.VIOLATION
    assert judged(made, made_zone).verdict is Verdict.INCONCLUSIVE
    assert (
        judged(made, zone(lower=Limit(60.0, Datum.AGL))).verdict is Verdict.VIOLATION
    )  # there the ground is the take-off's


# ---- a column that contradicts the geoid


@pytest.mark.parametrize(
    ("hae_m", "by_amsl", "by_hae"),
    [
        (300.0 + N_M, Verdict.VIOLATION, Verdict.VIOLATION),
        (300.0, Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),  # a copy: of which of the two?
        (300.0 - N_M, Verdict.VIOLATION, Verdict.INCONCLUSIVE),  # the sign turned round
        (315.0, Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
    ],
)
def test_a_wrong_frame_decides_nothing(hae_m, by_amsl, by_hae):
    made = flight(alt_amsl_m=300.0, alt_hae_m=hae_m, v_sigma_m=1.0, alt_home_m=100.0, home=Home(LAT, LON, 200.0))
    for datum, verdict in ((Datum.AMSL, by_amsl), (Datum.HAE, by_hae)):
        result = judged(made, zone(lower=Limit(100.0, datum)))
        assert result.verdict is verdict
        if verdict is Verdict.INCONCLUSIVE:
            assert F in result.findings[0].reasons


# ---- segments


def test_a_thin_layer_between_two_fixes_is_found():
    heights = np.repeat([100.0, 200.0], 20)
    made = flight(alt_amsl_m=heights, v_sigma_m=1.0)
    (finding,) = judged(made, zone(Limit(145.0, Datum.AMSL), Limit(155.0, Datum.AMSL))).findings
    assert finding.verdict is Verdict.VIOLATION
    start = int(made.track.time_ns[0])
    assert (finding.enter_ns - start) / 1e9 == pytest.approx(19.45)
    assert (finding.exit_ns - start) / 1e9 == pytest.approx(19.55)
    assert finding.enter_sigma_s == pytest.approx(np.hypot(1.0 / 100.0, 0.1), rel=1e-6)
    along = (finding.entry.lon_deg - LON) / 1e-5
    assert along == pytest.approx(19.45, abs=1e-3)


@pytest.mark.parametrize("row", [30, 95, 150])
def test_a_short_climb_far_from_the_outline_is_found(row):
    heights = np.full(200, 100.0)
    heights[row : row + 5] = 300.0
    wide = shapely.box(LON - 3, LAT - 3, LON + 3, LAT + 3)
    made = flight(200, alt_amsl_m=heights, v_sigma_m=3.0)
    (finding,) = judged(made, zone(Limit(200.0, Datum.AMSL), area=wide)).findings
    assert finding.verdict is Verdict.VIOLATION
    assert (finding.enter_ns - int(made.track.time_ns[0])) / 1e9 == pytest.approx(row - 0.5)


def test_hovering_at_the_ceiling_is_one_visit():
    heights = 120.0 + np.random.default_rng(3).normal(0, 1.5, 400)
    result = judged(flight(400, alt_amsl_m=heights, v_sigma_m=3.0), zone(upper=Limit(120.0, Datum.AMSL)))
    assert len(result.findings) == 1


def test_certain_height_convicts_though_other_heights_are_unknown():
    heights = np.concatenate([np.full(20, np.nan), np.full(20, 300.0)])
    result = judged(flight(alt_amsl_m=heights, v_sigma_m=3.0), zone(lower=Limit(200.0, Datum.AMSL)))
    assert result.verdict is Verdict.VIOLATION
    assert "not known well enough" in said(result.findings[0])
    low = np.concatenate([np.full(20, np.nan), np.full(20, 100.0)])
    result = judged(flight(alt_amsl_m=low, v_sigma_m=3.0), zone(lower=Limit(200.0, Datum.AMSL)))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert H in result.findings[0].reasons


@pytest.mark.parametrize("seed", range(12))
def test_simulated_climbs_cross_within_three_sigma(seed):
    random = np.random.default_rng(seed)
    sigma_m, rate_mps = random.uniform(0.5, 3.0), random.uniform(2.0, 6.0)
    floor_m, ceiling_m = 100.0, 100.0 + random.uniform(40, 120)
    time_s = np.arange(0.0, (ceiling_m + 60) / rate_mps, 1.0)
    # Up from below the floor, out through the ceiling; the height's error is common to the climb.
    heights = 40.0 + rate_mps * time_s + random.normal(0, sigma_m)
    made = flight(len(time_s), alt_amsl_m=heights, v_sigma_m=sigma_m)
    (finding,) = judged(made, zone(Limit(floor_m, Datum.AMSL), Limit(ceiling_m, Datum.AMSL))).findings
    start = int(made.track.time_ns[0])
    for at_ns, sigma_s, level_m in (
        (finding.enter_ns, finding.enter_sigma_s, floor_m), (finding.exit_ns, finding.exit_sigma_s, ceiling_m)
    ):  # fmt: skip
        truth_s = (level_m - 40.0) / rate_mps
        assert abs((at_ns - start) / 1e9 - truth_s) <= 3 * sigma_s
        assert sigma_s == pytest.approx(np.hypot(sigma_m / rate_mps, 0.1), rel=1e-3)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(st.one_of(st.floats(0, 500), st.just(float("nan"))), min_size=2, max_size=12),
    st.floats(0, 500), st.floats(0, 200),
)  # fmt: skip
def test_bands_against_dense_sampling(heights, floor_m, thickness_m):
    made = flight(len(heights), alt_amsl_m=heights, v_sigma_m=1.0)
    path = Trajectory(made.track, Thresholds())
    ceiling_m = floor_m + thickness_m
    vertical = vertical_of(zone(Limit(floor_m, Datum.AMSL), Limit(ceiling_m, Datum.AMSL)), Altitudes(path, Settings()))
    last = len(heights) - 1
    rows = np.linspace(0, last, 200 * last + 1)
    # The truth by plain interpolation, unknown beside a fix without height.
    dense = np.interp(rows, np.arange(last + 1), heights)
    margin = np.minimum(dense - floor_m, ceiling_m - dense)
    found = np.zeros(len(rows), dtype=bool)
    for begin, end in vertical.inside(0.0, float(last)):
        found |= (rows >= begin) & (rows <= end)
    fractional = rows != np.floor(rows)  # at a fix next to an unknown one, both answers are right
    clear_cut = fractional & (np.abs(margin) > 1e-6)
    assert np.array_equal(found[clear_cut], margin[clear_cut] > 0)
    assert np.all(np.isnan(vertical.signed_at(rows[fractional])) == np.isnan(margin[fractional]))
