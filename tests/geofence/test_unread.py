"""Positions that stand in a log and could not be read: a border is clear only where it was looked far enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight

PLACES = {  # latitude, longitude, home
    "Nares Strait, beyond 80 degrees": (81.9, -63.5, "CAN"),  # Greenland is 40 km away
    "Kansas": (38.5, -98.0, "USA"),
    "Basel": (47.54, 7.62, "CHE"),
}


def flown(lat, lon, unread_s):
    east = np.linspace(0.0, 0.002, 60)
    return replace(make_flight(np.full(60, lat), lon + east), unread_s=unread_s)


@pytest.mark.parametrize(("place", "unread_s", "verdict"), [
    ("Nares Strait, beyond 80 degrees", 1_500.0, Verdict.INCONCLUSIVE),
    ("Kansas", 1_500.0, Verdict.CLEAR),
    ("Basel", 600.0, Verdict.INCONCLUSIVE),
])  # fmt: skip
def test_what_could_not_be_read_is_clear_only_out_of_reach_of_all_that_was_looked_for(place, unread_s, verdict):
    lat, lon, home = PLACES[place]
    border = check(flown(lat, lon, unread_s), settings=Settings(home=home)).check_of(Topic.BORDER)
    assert border.verdict is verdict
    assert (Reason.POSITIONS_UNREAD in border.reasons) is (verdict is Verdict.INCONCLUSIVE)


def test_a_territory_that_is_allowed_hides_no_third_one():
    """Three countries meet at Basel: where two are allowed, the third may have been entered."""
    lat, lon, _ = PLACES["Basel"]
    both = Settings(home="CHE", allow=frozenset({"DEU"}))
    border = check(flown(lat, lon, 600.0), settings=both).check_of(Topic.BORDER)
    assert border.verdict is Verdict.INCONCLUSIVE
