"""When two territories share all there is, and which error their common outline has."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dronecheck.borders.territories import territories_near
from dronecheck.geofence.questions.nearby_territories import NearbyTerritories
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight


def land(lat, lon, pad_m=6_000.0):
    return NearbyTerritories(Trajectory(make_flight([lat, lat + 1e-4], [lon, lon]).track, Thresholds()), pad_m)


def sharing(*windows):
    made = land(51.0, 10.0)
    made._windows = {k: SimpleNamespace(territories=t, has_gaps=gaps) for k, (t, gaps) in enumerate(windows)}
    return made.is_shared_by_two


def test_two_share_all_only_without_gaps_and_in_every_window():
    one, two, three = (territory(c) for c in ("CHN", "PRK", "RUS"))
    assert sharing(((one, two), False))
    assert sharing(((one, two), False), ((one, two), False))
    assert not sharing(((one, two), True))  # what is not the one may be the open sea
    assert not sharing(((one, two), False), ((one, two), True))
    assert not sharing(((one, two, three), False))
    assert not sharing(((one, two), False), ((one,), False))
    assert not sharing(((one, two), False), ((two, three), False))
    assert not sharing(((one,), False))


def territory(iso):
    places = {"CHN": (124.39, 40.13), "PRK": (124.42, 40.09), "RUS": (37.6, 55.75)}
    lon, lat = places[iso]
    return territories_near(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01).territory_at(lon, lat)


def test_one_territory_or_the_open_sea():
    only, uniform = land(51.0, 10.0).only
    assert (only.iso_a3, uniform) == ("DEU", True)
    assert land(30.0, -40.0).only == (None, True)
    assert land(40.10, 124.39).only == (None, False)


def test_the_error_is_that_of_the_stretch_between_the_two():
    made = land(40.1175, 124.3923)
    window = next(iter(made._windows.values()))
    china, korea = territory("CHN"), territory("PRK")
    # Walk south from the Chinese bank until the territory changes: a point of the outline to a metre.
    lats = np.arange(40.1275, 40.05, -1e-5)
    owner = [window.territory_at(124.3923, float(lat)) for lat in lats]
    at = next(k for k, t in enumerate(owner) if t != owner[0])
    assert {owner[at - 1], owner[at]} == {china, korea}
    want = window.accuracy(124.3923, float(lats[at]), china, korea)
    foot = np.array([[124.3923, lats[at]], [np.nan, np.nan], [124.3923, lats[at]]])
    for side in (china, korea):
        sigma, p95 = made.error_of(side)(foot)
        assert sigma.tolist() == pytest.approx([want.sigma_m, 0.0, want.sigma_m])
        assert p95.tolist() == pytest.approx([want.p95_m, 0.0, want.p95_m])
