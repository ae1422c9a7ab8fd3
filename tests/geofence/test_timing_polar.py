"""A polar summer's daylight: one long stay above the horizon, whose errors are those of its two ends alone."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.geo.sun import sun_elevation_deg
from dronecheck.geofence.result import Place
from tests.geofence.test_timing import S, daily, force, ns

TROMSO = Place(69.65, 18.96)


@pytest.mark.parametrize(("events", "begin", "end", "sign"), [
    (("SR", "SS"), "2025-04-01T00:00Z", "2025-09-01T00:00Z", 1),
    (("SS", "SR"), "2025-10-15T00:00Z", "2026-03-01T00:00Z", -1),
])  # fmt: skip
def test_a_stay_of_weeks_is_sure_but_at_its_two_ends(events, begin, end, sign):
    found = force(daily(*events), begin=begin, end=end, place=TROMSO)
    length = found.active[:, 1] - found.active[:, 0]
    (first, last) = found.active[np.argmax(length)].tolist()
    assert last - first > 40 * 86_400 * S
    held = found.certain[(found.certain[:, 1] > first) & (found.certain[:, 0] < last)]
    reached = found.possible[(found.possible[:, 1] > first) & (found.possible[:, 0] < last)]
    ((sure_first, sure_last),), ((may_first, may_last),) = held.tolist(), reached.tolist()  # one stretch, without holes
    for early, at, late in ((may_first, first, sure_first), (sure_last, last, may_last)):
        assert early < at < late
        assert late - at >= 90 * S
        assert at - early >= 90 * S
        assert late - early < 4 * 3_600 * S
    # By the elevation itself: never on the other side of the horizon within, and beyond it soon before and after.
    inner = np.arange(sure_first, sure_last, 600 * S) / S
    up = sun_elevation_deg(inner, TROMSO.lat_deg, TROMSO.lon_deg) + 0.833
    assert (sign * up > -0.02).all()
    assert np.isclose(found.active[:, 0], ns(begin)).any() or first > ns(begin)
