"""A ceiling that nothing reaches changes nothing: the answer is that of the same zone without one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dronecheck.airspace.zone import Datum, Limit, Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from tests.conftest import make_flight
from tests.support.scale import examples

SOURCE = ZoneSource("made.geojson", "0" * 64, None, None, 0.0)
M_PER_DEG = 111_320.0


@settings(max_examples=examples(40))
@given(
    width_m=st.floats(4, 60),
    speed_mps=st.floats(3, 25),
    sigma_m=st.floats(0.5, 3),
    tilt=st.floats(-1, 1),
    offset=st.floats(0, 1),
)
def test_a_corridor_crossed_between_two_fixes(width_m, speed_mps, sigma_m, tilt, offset):
    """North over a corridor that runs east, at one fix a second: its deepest point lies between the fixes."""
    half_deg = width_m / 2 / M_PER_DEG
    north_deg = (np.arange(60) - 30 + offset) * speed_mps / M_PER_DEG
    flight = make_flight(
        -36.5 + north_deg, -61.5 + tilt * north_deg, dt_s=1.0, sigma_m=sigma_m,
        alt_amsl_m=np.full(60, 100.0), v_sigma_m=np.full(60, 2.0),
    )  # fmt: skip
    corridor = Shape(shapely.box(-61.6, -36.5 - half_deg, -61.4, -36.5 + half_deg))

    def answers(upper):
        zones = ZoneSet((Zone("C", "C", ZoneKind.RESTRICTED, corridor, SOURCE, upper=upper),), (SOURCE,))
        found = check(flight, zones).findings
        return [(f.verdict, f.reasons, round(f.probability, 3)) for f in found], [f.margin_m for f in found]

    told, margins_m = answers(Limit(20_000.0, Datum.AMSL))
    unlimited, unlimited_m = answers(Limit(0.0, Datum.UNL))
    assert told == unlimited
    # Which of several instants, as good within a twentieth, decides may differ: by less than the errors of two fixes.
    assert margins_m == pytest.approx(unlimited_m, abs=2 * sigma_m)
