"""Positions behind a jump that nothing flies accuse nobody, unless something else in the log carries them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.geofence.settings import Thresholds
from dronecheck.geofence.trajectory.jumps import Jumps
from dronecheck.geofence.trajectory.trajectory import Trajectory
from tests.conftest import make_flight

ROWS, LAT, LON = 300, 47.0, 2.0
SOURCE = ZoneSource("z.geojson", "0" * 64)
NORTH_DEG = 0.2  # 22 km
THERE = ZoneSet(
    (Zone("Z", "Z", ZoneKind.PROHIBITED, Shape(shapely.box(LON - 1, LAT + 0.15, LON + 1, LAT + 0.25)), SOURCE),),
    (SOURCE,),
)
HERE = ZoneSet(
    (Zone("Z", "Z", ZoneKind.PROHIBITED, Shape(shapely.box(LON - 1, LAT - 0.05, LON + 1, LAT + 0.05)), SOURCE),),
    (SOURCE,),
)
V, Q, C = Verdict.VIOLATION, Verdict.INCONCLUSIVE, Verdict.CLEAR


def flight(*runs: tuple[int, bool], **columns):
    """Runs of fixes, each here or 22 km to the north, east at 4 m/s."""
    north = np.concatenate([np.full(count, there) for count, there in runs])
    lat = LAT + NORTH_DEG * north
    return make_flight(lat, LON + np.arange(len(lat)) * 1e-5, events=[(0, "takeoff")], **columns)


def airspace(given, zones):
    return check(given, zones).check_of(Topic.AIRSPACE)


@pytest.mark.parametrize("runs", [
    ((100, False), (200, True)), ((200, False), (100, True)), ((100, True), (200, False)), ((200, True), (100, False)),
], ids=["goes and stays", "stays less", "begins there", "begins there for longer"])  # fmt: skip
@pytest.mark.parametrize("zones", [HERE, THERE], ids=["zone here", "zone there"])
def test_neither_side_of_a_jump_is_believed_however_many_fixes_it_has(runs, zones):
    found = airspace(flight(*runs), zones)
    assert found.verdict is Q
    assert Reason.LOG_SUSPECT in found.reasons


@pytest.mark.parametrize(("away", "there"), [(1, C), (2, C), (3, Q), (60, Q)])
def test_where_it_goes_on_where_it_was_the_excursion_alone_is_doubted(away, there):
    given = flight((100, False), (away, True), (199, False))
    assert airspace(given, HERE).verdict is V
    assert airspace(given, THERE).verdict in (Q, there)  # what is not read away is open
    assert airspace(given, THERE).verdict is not V


def test_two_fixes_astray_at_the_beginning_part_nothing():
    assert airspace(flight((2, True), (298, False)), HERE).verdict is V
    assert airspace(flight((3, True), (297, False)), HERE).verdict is Q


def test_another_source_carries_what_it_has_at_the_same_place():
    runs = ((100, True), (200, False))
    jumps = flight(*runs)
    steady = flight((300, False)).track.replace(h_sigma_m=np.full(300, 1.0))
    carried = replace(jumps, tracks={**jumps.tracks, "fused": steady})
    assert airspace(carried, HERE).verdict is V
    assert airspace(carried, THERE).verdict is Q
    # one that jumps as well carries nothing, nor one that is silent at the jump, nor one elsewhere
    for other in (
        jumps.track,
        steady.where(np.r_[0:90, 130:300]),
        steady.replace(lat_deg=steady.lat_deg + 0.01),
    ):
        told = replace(jumps, tracks={**jumps.tracks, "fused": other})
        assert airspace(told, HERE).verdict is Q


def test_odometry_carries_a_step_that_the_logged_speed_explains():
    lat = LAT + np.where(np.arange(ROWS) < 150, 0.0, 600 / 111_195)
    lon = LON + np.arange(ROWS) * 1e-5
    slow = make_flight(lat, lon, dt_s=2.0, events=[(0, "takeoff")], speed_mps=np.full(ROWS, 5.0))
    fast = make_flight(lat, lon, dt_s=2.0, events=[(0, "takeoff")], speed_mps=np.full(ROWS, 250.0))
    assert [Trajectory(f.track, Thresholds()).is_jump.sum() for f in (slow, fast)] == [1, 1]
    assert [Jumps(Trajectory(f.track, Thresholds()), []).is_doubted(0) for f in (slow, fast)] == [True, False]


def test_no_entry_point_is_told_at_a_jump():
    (finding,) = check(flight((100, False), (200, True)), THERE).findings
    assert (finding.entry, finding.enter_ns) == (None, None)


def test_without_jumps_nothing_is_doubted():
    path = Trajectory(flight((300, False)).track, Thresholds())
    assert not any(path.is_doubted(row) for row in (0, 150, 299))
