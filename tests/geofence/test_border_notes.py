"""What the border check says beside its findings: home as given or recorded, how far, why it is open."""

from __future__ import annotations

import numpy as np
import pytest

from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason
from dronecheck.geofence.settings import Settings
from tests.conftest import make_flight
from tests.geofence.test_borders import BANK, FIELDS, GEOD, border, there_and_back
from tests.support.said import said

INLAND = (40.30, 124.30)


def beside(lat, lon, **options):
    return make_flight(np.full(60, lat), lon + 1e-6 * np.arange(60), dt_s=1.0, **options)


def test_home_by_the_takeoff_or_by_the_user():
    flight = there_and_back()
    assert said(border(check(flight))).startswith("home: China, the territory of the recorded take-off (")
    assert said(border(check(flight, None, Settings(home="CHN")))) == "home: China, as given"
    assert said(border(check(flight, None, Settings(home="PRK")))) == (
        "home: North Korea, as given, although the recorded take-off lies in China"
    )
    without = there_and_back(events=[], start=FIELDS, end=BANK)
    assert "although" not in said(border(check(without, None, Settings(home="CHN"))))


def test_home_unknown_says_why():
    no_takeoff = make_flight(*(np.linspace(a, b, 300) for a, b in zip(BANK, FIELDS, strict=True)), dt_s=1.0)
    found = border(check(no_takeoff))
    assert said(found).startswith(
        "home unknown: the log records no take-off; --home ISO3 tells; it may have taken off up to 15 km from its "
        "first fix (no power-up is recorded); if it took off in China, where the record begins, it crossed into North "
        "Korea: --home CHN; if it took off in North Korea ("
    )
    assert Reason.HOME_UNKNOWN in found.reasons


def test_near_borders_are_told_from_five_kilometres_on():
    """Away from the river to the north-west, the nearest border is told, closest first."""
    result = check(beside(*BANK, events=[(10, "takeoff")]))
    assert [n.zone.id for n in result.nearest][:1] == ["PRK"]
    distances = [n.distance_m for n in result.nearest]
    assert distances == sorted(distances)
    assert max(distances) <= 5_000
    far = check(beside(*INLAND, events=[(10, "takeoff")]))
    assert all(n.distance_m > 5_000 for n in far.nearest)
    assert len(far.nearest) == 1  # the nearest there is
    assert border(far).reasons == (Reason.NO_BORDER_IN_REACH,)


def test_stays_are_in_order_and_their_ends_meet():
    result = check(there_and_back())
    stays = result.territories
    assert [s.iso_a3 for s in stays] == ["CHN", "PRK", "CHN"]
    assert stays[0].exit_ns == pytest.approx(stays[1].enter_ns, abs=1e3)
    assert stays[1].exit_ns == pytest.approx(stays[2].enter_ns, abs=1e3)


def test_deep_inside_another_state_the_depth_is_the_way_to_its_border():
    """20 and 60 km south of the river's mouth it is in no five kilometres' window."""
    for lat, lon in ((39.9, 124.9), (39.5, 125.5)):
        (finding,) = check(beside(lat, lon), None, Settings(home="CHN")).findings
        assert finding.zone.id == "PRK"
        assert finding.depth_m > 5_000
        foot_m = min(GEOD.inv(lon, lat, *FIELDS[::-1])[2], 300_000.0)  # the border is nearer than any place beyond it
        assert finding.depth_m < foot_m
