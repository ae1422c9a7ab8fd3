"""The nearest other territory, also where it is far: against GEOS in PROJ's plane, and what the answer says of it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from dronecheck.borders.nearest import nearest_territory
from dronecheck.borders.territories import territories_near, territory_at
from dronecheck.geo.plane import LocalPlane
from dronecheck.geofence.clauses import ClauseCode
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Topic, Verdict
from dronecheck.geofence.settings import Settings
from dronecheck.readers import read
from dronecheck.report.case import Case, Disclosure
from dronecheck.report.privacy import redact
from dronecheck.report.terminal.check import summary
from tests.conftest import make_flight
from tests.support.airdata import airdata
from tests.support.scale import loops

MUNICH, KANSAS, OCEAN, POLE = (11.30, 47.90), (-98.5, 38.5), (-30.0, 30.0), (20.0, 84.0)
WITHIN_M = 100_000.0


def path_at(lon, lat, rng, rows=200):
    """A walk of a few kilometres."""
    return np.cumsum(rng.normal(0, 0.001, (rows, 2)), axis=0) + np.array([lon, lat])


def flight_at(place, **more):
    path = path_at(*place, np.random.default_rng(3))
    return make_flight(path[:, 1], path[:, 0], dt_s=20.0, alt_home_m=np.linspace(0, 50, 200), **more)


def by_geos(path, own):
    """The distance in an azimuthal-equidistant plane, edges divided every 0.01 degrees; None beyond its window."""
    middle = path.mean(axis=0)
    plane = LocalPlane(*middle)
    pad_lon = 1.3 / np.cos(np.radians(min(abs(middle[1]) + 1.3, 85)))
    land = territories_near(middle[0] - pad_lon, middle[1] - 1.3, middle[0] + pad_lon, middle[1] + 1.3)
    points = shapely.MultiPoint(plane.forward(path))
    away_m = {
        territory: points.distance(shapely.transform(shapely.segmentize(polygon, 0.01), plane.forward))
        for territory, polygon in land.regions()
        if territory not in own
    }
    return min(away_m.items(), key=lambda item: item[1], default=(None, np.inf))


@pytest.mark.parametrize("seed", range(loops(60, 15)))
def test_the_nearest_territory_is_that_of_geos(seed):
    rng = np.random.default_rng(20261130 + seed)
    lon, lat = next(
        place
        for place in zip(rng.uniform(-180, 180, 500), rng.uniform(-60, 75, 500), strict=True)
        if territory_at(*place) is not None
    )
    path = path_at(lon, lat, rng)
    own = {territory_at(*point) for point in path}
    found = nearest_territory(path, WITHIN_M, lambda territory: territory not in own)
    territory, distance_m = by_geos(path, own)
    if found is None:
        assert distance_m > 0.998 * WITHIN_M
        return
    assert found.distance_m == pytest.approx(distance_m, rel=2e-3, abs=2.0)
    if found.territory != territory:  # where three meet, two are as near
        assert found.distance_m == pytest.approx(distance_m, rel=1e-3)


def test_across_the_antimeridian_it_is_the_same():
    """Fiji: Taveuni lies on the line; Tonga and Wallis and Futuna are within the reach, in either frame."""
    rng = np.random.default_rng(1)
    path = path_at(179.98, -16.8, rng)
    own = {territory_at(*point) for point in path}
    far = [nearest_territory(path + np.array([turn, 0.0]), 400_000.0, lambda t: t not in own) for turn in (0.0, -360.0)]
    assert far[0] is not None
    assert far[0] == far[1]


def border(result):
    return result.check_of(Topic.BORDER)


def codes(result):
    return [clause.code for clause in border(result).clauses]


def test_a_flight_far_from_others_names_the_nearest_and_how_far():
    flight = flight_at(MUNICH)
    result = check(flight)
    assert border(result).verdict is Verdict.CLEAR
    (near,) = result.nearest
    assert near.zone.name == "Austria"
    path = np.column_stack([flight.track.lon_deg, flight.track.lat_deg])
    assert near.distance_m == pytest.approx(by_geos(path, {territory_at(*MUNICH)})[1], rel=2e-3)
    row = int(np.searchsorted(flight.track.time_ns, near.time_ns))
    assert (near.place.lon_deg, near.place.lat_deg) == pytest.approx(tuple(path[row]))
    assert f"{near.distance_m / 1000:.1f} km from Austria" in summary(flight, result)


def test_where_none_is_within_the_search_that_is_said():
    for place in (KANSAS, OCEAN):
        result = check(flight_at(place))
        assert not result.nearest
        assert ClauseCode.NO_TERRITORY_WITHIN in codes(result)
        assert ClauseCode.NO_BORDER_WITHIN not in codes(result)
        assert "no other territory within 100 km" in " ".join(summary(flight_at(place), result).split())


def test_near_a_pole_nothing_is_claimed_that_was_not_looked_for():
    result = check(flight_at(POLE))
    assert not result.nearest
    assert ClauseCode.NO_TERRITORY_WITHIN not in codes(result)


def test_of_two_flights_in_one_log_none_speaks_for_the_other(tmp_path):
    """Kansas, then Bavaria a day later: not all of it lies in one, and Austria is within 100 km of the second."""
    tables = [airdata(tmp_path / f"{n}.csv", *ends) for n, ends in enumerate(((38.5, -98.5, 38.504, -98.5),
              (47.9, 11.3, 47.904, 11.3)))]  # fmt: skip
    (_, *one), (_, *other) = (path.read_text().splitlines() for path in tables)
    head = tables[0].read_text().splitlines()[0]
    days = [*one, *(line.replace("2026-05-01", "2026-05-02") for line in other)]
    both = tmp_path / "both.csv"
    both.write_text("\n".join([head, *days, ""]))
    result = check(read(both))
    assert len(result.flights) == 2
    assert [visit.iso_a3 for visit in result.territories] == ["USA", "DEU"]
    assert [near.zone.id for near in result.nearest] == ["AUT"]
    assert not {ClauseCode.ALL_IN_ONE_TERRITORY, ClauseCode.NO_TERRITORY_WITHIN} & set(codes(result))


def test_home_is_no_other_territory():
    """Over Austria with leave, from Germany: the nearest is neither."""
    flight = flight_at((12.6, 47.3))
    result = check(flight, settings=Settings(home="DEU", allow=frozenset({"AUT"})))
    assert not {"AUT", "DEU"} & {near.zone.id for near in result.nearest if near.distance_m > 5_000}


def test_what_is_hidden_names_no_place_and_beyond_five_kilometres_the_distance():
    """The nearest point lies around home: neither it nor how far it is from a border may be told."""
    flight = flight_at(MUNICH)
    result = check(flight)
    row = int(np.searchsorted(flight.track.time_ns, result.nearest[0].time_ns))
    landed = make_flight(
        np.append(flight.track.lat_deg, np.full(50, flight.track.lat_deg[row])),
        np.append(flight.track.lon_deg, np.full(50, flight.track.lon_deg[row])),
        dt_s=20.0,
        alt_home_m=np.append(np.linspace(0, 50, 200), np.linspace(50, 0, 50)),
    )
    seen = redact(Case(landed, None, check(landed)), Disclosure(hide_home_m=200.0))
    (near,) = seen.told.nearest
    assert near.place is None
    assert not np.isfinite(near.distance_m)
