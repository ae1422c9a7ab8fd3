"""ALT-2: the height at the take-off against the ground there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronecheck.evidence.consistency import assess
from dronecheck.evidence.consistency.heights.terrain import with_terrain
from dronecheck.flight import Event, EventKind, Flight
from tests.conftest import make_flight
from tests.evidence.flown import fly, recorded, track_of
from tests.evidence.makers import assert_sound


class Plain:
    """A plain at one height."""

    def __init__(self, height_m: float, sigma_m: float = 2.0) -> None:
        self.height_m, self.sigma_m = height_m, sigma_m

    def ground_amsl_m(self, lon_deg: np.ndarray, lat_deg: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(lon_deg), self.height_m), np.full(len(lon_deg), self.sigma_m)


def flown(height_m: float) -> Flight:
    track = track_of(fly(1, 60.0), 1)
    track = track.replace(alt_amsl_m=track.alt_home_m + height_m)
    flight = recorded({"fused": track})
    return replace(flight, events=(Event(int(track.time_ns[5]), EventKind.ARM, ""),), integrity=assess(flight))


@pytest.mark.parametrize(("ground_m", "said"), [(100.0, 0), (120.0, 0), (80.0, 0), (160.0, 1), (20.0, 1)])
def test_a_take_off_far_from_the_ground_is_unusual(ground_m, said):
    flight = flown(100.0)
    found = with_terrain(flight, Plain(ground_m))
    assert "ALT-2" in found.run and "ALT-2" in found.total
    told = [statement for statement in found.statements if statement.id == "ALT-2"]
    assert [statement.severity.value for statement in told] == ["NOTICE"] * said
    assert all(statement.records == (int(flight.track.offset[5]),) for statement in told)
    assert found.run[:-1] == flight.integrity.run and with_terrain(replace(flight, integrity=found), Plain(0)) == found


def test_what_is_not_known_is_not_run():
    flight = flown(100.0)
    for one, ground in (
        (flight, Plain(float("nan"))),
        (replace(flight, events=()), Plain(0.0)),
        (recorded({"fused": flight.track.replace(alt_amsl_m=np.full(len(flight.track), np.nan))}), Plain(0.0)),
        (make_flight([], []), Plain(0.0)),
    ):
        found = with_terrain(one, ground)
        assert "ALT-2" in found.total and "ALT-2" not in found.run
    assert with_terrain(replace(flight, events=()), Plain(0.0), takeoff_row=3).run[-1] == "ALT-2"


@given(st.floats(allow_nan=True), st.floats(allow_nan=True), st.floats(allow_nan=True), st.integers(-5, 400))
def test_odd_figures_never_raise(height, ground, sigma, row):
    track = track_of(fly(1, 60.0), 1)
    flight = recorded({"fused": track.replace(alt_amsl_m=np.full(len(track), height))})
    assert_sound(with_terrain(flight, Plain(ground, sigma), row).statements)
