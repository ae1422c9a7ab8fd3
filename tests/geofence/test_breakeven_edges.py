"""The ground that would settle a limit above ground, by less than a metre above or below take-off."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.airspace.zone import Datum, Limit
from dronecheck.geofence.altitude.altitudes import Altitudes
from dronecheck.geofence.answers.breakeven import terrain
from dronecheck.geofence.settings import Settings, Thresholds
from dronecheck.geofence.trajectory.trajectory import Trajectory
from dronecheck.report.text.words import TERMINAL, words
from tests.geofence.test_timed_zones import eastward, zone


@pytest.mark.parametrize(("height_m", "limits", "text"), [
    (120.5, {"upper": 120.0}, "more than 0.5 m above"), (119.5, {"upper": 120.0}, "less than 0.5 m below"),
    (99.5, {"lower": 100.0}, "more than 0.5 m below"), (100.5, {"lower": 100.0}, "less than 0.5 m above"),
])  # fmt: skip
def test_the_ground_that_settles_it_by_half_a_metre(height_m, limits, text):
    heights = np.full(121, 500.0 if "lower" not in limits else 0.0)
    heights[40:60] = height_m
    path = Trajectory(eastward(alt_home_m=heights).track, Thresholds())
    made = zone(**{side: Limit(value, Datum.AGL) for side, value in limits.items()})
    altitudes = Altitudes(path, Settings())
    (clause,) = terrain(made, altitudes, ((40.0, 59.0),), is_inside=False)
    assert words("en", TERMINAL).clause(clause) == f"clear if the ground is nowhere {text} take-off"
    # A part between fixes takes in the fixes on both sides of it.
    assert terrain(made, altitudes, ((40.5, 44.5), (50.2, 58.7)), is_inside=False) == (clause,)
