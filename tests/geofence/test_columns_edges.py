"""Each way to a height in each frame, one fix a way, worked out by hand: value, sigma, slack, and why it is missing."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.airspace.zone import Datum
from dronecheck.flight import Home
from dronecheck.geo.vertical.datum import VerticalDatum, pressure_from_amsl_m
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.result import Place, Reason
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight

NAN = float("nan")
TAKEOFF = Place(47.0, 2.0)


def path_of(**columns):
    count = len(next(iter(columns.values())))
    return Trajectory(make_flight(np.full(count, 47.0), 2.0 + 1e-4 * np.arange(count), **columns).track, Thresholds())


class Undulation:
    """A geoid that lies higher towards the east."""

    sigma_m = 0.6

    def undulation_m(self, lon_deg, lat_deg):
        return 40.0 + 1e4 * (np.asarray(lon_deg) - 2.0)


class Slope:
    """Ground that falls to the east, unknown from `unknown_from` on; its own sigma grows."""

    sources = ()

    def __init__(self, unknown_from=np.inf):
        self.unknown_from, self.asked = unknown_from, []

    def ground_amsl_m(self, lon_deg, lat_deg):
        row = np.round((lon_deg - 2.0) * 1e4)
        known = row < self.unknown_from
        return np.where(known, 200.0 - 10 * row, np.nan), np.where(known, 3.0 + row, np.nan)

    def closest_surface_m(self, lon_deg, lat_deg, alt_amsl_m):
        self.asked.append((float(lon_deg[0]), float(lat_deg[0]), float(alt_amsl_m[0])))
        return np.array([12.5])


def never():
    raise AssertionError("no conversion needs the geoid here")


def check(answer, values, sigmas, slacks=0.0):
    column = answer.column
    assert column.value_m(column.frame) == pytest.approx(values, nan_ok=True)
    known = np.isfinite(values)
    assert column.sigma_m[known] == pytest.approx(np.asarray(sigmas)[known])
    assert column.bound_m[known] == pytest.approx(np.broadcast_to(slacks, len(values))[known])


def test_amsl_by_three_ways():
    path = path_of(
        alt_amsl_m=[500.0, 510.0, NAN, NAN, NAN, NAN], v_sigma_m=[2.0, NAN, 3.0, NAN, NAN, NAN],
        alt_hae_m=[999.0, NAN, 600.0, 620.0, NAN, NAN], alt_home_m=[50.0, 50.0, 50.0, 50.0, 100.0, NAN],
    )  # fmt: skip
    heights = Altitudes(path, Settings(), home=Home(47.0, 2.0, 430.0), geoid=Undulation)
    home_sigma_m = np.hypot(np.hypot(2.0, 0.035 * 100), 8.0)
    check(heights.in_datum(Datum.AMSL), [500, 510, 600 - 42, 620 - 43, 530, NAN],
          [2, 8, np.hypot(3, 0.6), np.hypot(8, 0.6), home_sigma_m, NAN])  # fmt: skip
    assert heights.in_datum(Datum.AMSL).why is Reason.HEIGHT_UNKNOWN


def test_the_geoid_is_asked_only_where_it_tells_more():
    path = path_of(alt_amsl_m=[500.0, NAN], alt_hae_m=[545.0, NAN])
    heights = Altitudes(path, Settings(), geoid=never)
    check(heights.in_datum(Datum.AMSL), [500, NAN], [8, NAN])
    check(heights.in_datum(Datum.HAE), [545, NAN], [8, NAN])
    path = path_of(alt_hae_m=[545.0, 546.0])
    check(Altitudes(path, Settings()).in_datum(Datum.AMSL), [NAN, NAN], [NAN, NAN])  # no geoid at all


def test_without_a_height_of_home_above_home_is_not_above_the_sea():
    path = path_of(alt_home_m=[50.0, 60.0])
    for home in (None, Home(47.0, 2.0)):
        check(Altitudes(path, Settings(), home=home).in_datum(Datum.AMSL), [NAN, NAN], [NAN, NAN])
    heights = Altitudes(path, Settings())
    assert heights.above_home.value_m(VerticalDatum.HOME) == pytest.approx([50, 60])
    assert heights.above_home.sigma_m == pytest.approx(np.hypot(2.0, 0.035 * np.array([50, 60])))
    below = Altitudes(path_of(alt_home_m=[-100.0]), Settings()).above_home
    assert below.sigma_m == pytest.approx([np.hypot(2.0, 3.5)])


def test_hae_by_two_ways():
    path = path_of(alt_amsl_m=[500.0, 510.0, NAN], alt_hae_m=[545.0, NAN, NAN], v_sigma_m=[2.0, 3.0, 3.0])
    heights = Altitudes(path, Settings(), geoid=Undulation)
    check(heights.in_datum(Datum.HAE), [545, 510 + 41, NAN], [2, np.hypot(3, 0.6), NAN])
    assert heights.in_datum(Datum.HAE).why is Reason.HEIGHT_UNKNOWN


def test_a_doubted_frame_is_unknown_and_so_is_what_follows_from_it():
    path = path_of(alt_amsl_m=[500.0, NAN], alt_hae_m=[NAN, 545.0], alt_home_m=[50.0, 50.0])
    home = Home(47.0, 2.0, 430.0)
    for doubted, amsl, hae in (
        (VerticalDatum.AMSL, [NAN, 545 - 41], [NAN, 545]),
        (VerticalDatum.HAE, [500, 480], [NAN, NAN]),
        (None, [500, 504], [540, 545]),
    ):
        heights = Altitudes(
            path, Settings(), home=home, geoid=Undulation, doubted=frozenset([doubted] if doubted else [])
        )
        for datum, frame, expected in ((Datum.AMSL, VerticalDatum.AMSL, amsl), (Datum.HAE, VerticalDatum.HAE, hae)):
            answer = heights.in_datum(datum)
            why = Reason.VERTICAL_FRAME_UNKNOWN if frame is doubted else Reason.HEIGHT_UNKNOWN
            assert answer.why is why
            if doubted is not VerticalDatum.AMSL or datum is Datum.AMSL:
                assert answer.column.value_m(frame) == pytest.approx(expected, nan_ok=True)


def test_above_ground_by_four_ways():
    path = path_of(
        alt_agl_m=[30.0, NAN, NAN, NAN, NAN], alt_amsl_m=[NAN, 250.0, NAN, NAN, NAN],
        v_sigma_m=[3.0, 6.0, NAN, NAN, NAN], alt_home_m=[NAN, 70.0, 100.0, 100.0, NAN],
    )  # fmt: skip
    heights = Altitudes(path, Settings(relief_m=80.0), takeoff=TAKEOFF, ground=Slope(unknown_from=3))
    baro_m = np.hypot(2.0, 3.5)
    check(heights.in_datum(Datum.AGL), [30, 250 - 190, 100 + 200 - 180, 100, NAN],
          [5, np.hypot(6, 4), np.hypot(baro_m, np.hypot(5.0, 3.0)), baro_m, NAN], [0, 0, 0, 80, 0])  # fmt: skip
    assert heights.in_datum(Datum.AGL).why is Reason.NO_TERRAIN


def test_above_ground_without_terrain_or_relief():
    path = path_of(alt_agl_m=[30.0, NAN, NAN, NAN], alt_amsl_m=np.full(4, 250.0), alt_home_m=np.full(4, 70.0))
    heights = Altitudes(path, Settings(), takeoff=TAKEOFF)
    over_takeoff = np.hypot(
        np.hypot(2, 0.035 * 70), 4
    )  # the third fix is 15.2 m from it, known to 1.5 m; the fourth 22.8
    check(heights.in_datum(Datum.AGL), [30, 70, 70, NAN], [np.hypot(8, 4), over_takeoff, over_takeoff, NAN])
    assert heights.in_datum(Datum.AGL).why is Reason.NO_TERRAIN
    assert heights.highest_above_ground() is None
    no_takeoff = Altitudes(path_of(alt_home_m=[70.0, 70.0]), Settings(), ground=Slope())
    check(no_takeoff.in_datum(Datum.AGL), [NAN, NAN], [NAN, NAN])
    assert no_takeoff.in_datum(Datum.AGL).why is Reason.HEIGHT_UNKNOWN  # the ground is known


def test_why_a_height_above_ground_is_missing():
    amsl = {"alt_amsl_m": [250.0, 250.0]}
    assert Altitudes(path_of(**amsl), Settings(), ground=Slope(1)).in_datum(Datum.AGL).why is Reason.NO_TERRAIN
    doubted = Altitudes(path_of(**amsl), Settings(), ground=Slope(), doubted=frozenset([VerticalDatum.AMSL]))
    assert doubted.in_datum(Datum.AGL).why is Reason.VERTICAL_FRAME_UNKNOWN
    # Known within the stated relief only, above ground that is known: a height to hold against it is what is missing.
    stated = Altitudes(path_of(alt_home_m=[70.0]), Settings(relief_m=50.0), ground=Slope())
    assert stated.in_datum(Datum.AGL).column.bound_m == pytest.approx([50])
    assert stated.in_datum(Datum.AGL).why is Reason.HEIGHT_UNKNOWN


def test_pressure_heights_by_three_ways():
    columns = {"pressure_alt_m": [300.0, NAN, NAN], "alt_amsl_m": [1.0, 1000.0, -200.0], "v_sigma_m": [1.0, 4.0, NAN]}
    path = path_of(**columns)
    check(Altitudes(path, Settings()).in_datum(Datum.FL), [300, 1000, -200], [10, np.hypot(4, 35), np.hypot(8, 7)],
          [0, 250, 250])  # fmt: skip
    told = Altitudes(path, Settings(qnh_hpa=1000.0)).in_datum(Datum.FL)
    by_qnh = pressure_from_amsl_m(np.array([1000.0, -200.0]), 1000.0)
    assert by_qnh[0] == pytest.approx(1110, abs=5)  # about 8.3 m a hectopascal
    check(told, [300, *by_qnh], [10, np.sqrt(16 + 35**2 + 100), np.sqrt(64 + 49 + 100)])
    assert told.why is Reason.VERTICAL_FRAME_UNKNOWN
    check(Altitudes(path_of(pressure_alt_m=[3.0]), Settings(), geoid=never).in_datum(Datum.FL), [3], [10])


def test_where_the_height_above_ground_is_most():
    """The highest above the sea is another row, and one where the ground is unknown does not count."""
    path = path_of(alt_amsl_m=[300.0, 290.0, 300.0, 270.0, 900.0])
    ground = Slope(unknown_from=4)
    row, agl_m, closest_m = Altitudes(path, Settings(), ground=ground).highest_above_ground()
    assert (row, agl_m, closest_m) == (2, pytest.approx(120), 12.5)
    ((lon, lat, alt),) = ground.asked
    assert (lon, lat, alt) == (pytest.approx(2.0002), 47.0, pytest.approx(300.0))
    assert Altitudes(path, Settings(), ground=Slope(unknown_from=0)).highest_above_ground() is None
