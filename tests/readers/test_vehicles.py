"""Several vehicles in one log: one is judged, and what the others did is never left out in silence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import dronecheck
from dronecheck.airspace import load_zones
from dronecheck.audit.engine.worker import _answer
from dronecheck.audit.tables.columns import no_flight
from dronecheck.errors import UnreadableInput
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.readers import read_input
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.privacy import redact
from dronecheck.safe.io import open_input
from dronecheck.settings import Options
from tests.support.tlog_writer import GCS, Tlog

LAT, LON = 47.0, 8.0
TRACKER = 5


def zone_file(folder, lon=LON + 0.01):
    ring = [[lon, LAT - 0.01], [lon + 0.02, LAT - 0.01], [lon + 0.02, LAT + 0.01], [lon, LAT + 0.01]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Z", "type": "prohibited"},
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }
    path = folder / "zone.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def stream(folder, *, both=True, other_kind=2, beats=True):
    """System 1 hovers; system 2 flies east at 15 m/s, into the zone after 50 s."""
    log = Tlog()
    for second in range(100):
        t = 10.0 + second
        log.beat(t)
        log.clock(t + 0.01)
        log.gps(t + 0.02, LAT, LON, vel=0)
        log.fused(t + 0.03, LAT, LON, vx=0, vy=0)
        log.gps(t + 0.5, LAT, LON, vel=0)
        if both:
            if beats:
                log.beat(t + 0.04, kind=other_kind, system=2)
            log.clock(t + 0.05, system=2)
            log.gps(t + 0.06, LAT, LON + second * 0.0002, vel=1500, system=2)
            log.fused(t + 0.07, LAT, LON + second * 0.0002, vx=0, vy=1500, system=2)
    path = folder / "two.tlog"
    path.write_bytes(log.bytes)
    return path


def answer(path, folder, **options):
    return dronecheck.answer(path, Options(zones=(zone_file(folder),), **options).setup())


def airspace(case):
    return case.result.check_of(Topic.AIRSPACE)


def test_the_second_vehicles_entry_leaves_nothing_clear(tmp_path):
    case = answer(stream(tmp_path), tmp_path)
    assert case.flight.vehicle.system == 1
    check = airspace(case)
    assert (check.verdict, check.reasons) == (Verdict.INCONCLUSIVE, (Reason.OTHER_VEHICLE,))
    assert case.result.verdict is Verdict.INCONCLUSIVE
    assert case.result.findings == ()
    assert case.result.check_of(Topic.BORDER).verdict is Verdict.CLEAR  # far from any, both of them
    document = json.loads(encode(result_document(redact(case)), indent=False))
    assert document["method"]["options"]["system"] == 1
    assert "2/1" in str([issue["message"] for issue in document["issues"]])


def test_the_same_from_python(tmp_path):
    flight = dronecheck.read(stream(tmp_path))
    result = dronecheck.check(flight, load_zones([zone_file(tmp_path)]))
    assert result.check_of(Topic.AIRSPACE).reasons == (Reason.OTHER_VEHICLE,)
    assert result.flight is flight


def test_no_issue_decides_it(tmp_path):
    flight = dronecheck.read(stream(tmp_path))
    bare = replace(flight, issues=(), others=tuple(replace(other, issues=()) for other in flight.others))
    assert dronecheck.check(bare, load_zones([zone_file(tmp_path)])).verdict is Verdict.INCONCLUSIVE


def test_one_system_is_asked_for(tmp_path):
    case = answer(stream(tmp_path), tmp_path, system=2)
    assert airspace(case).verdict is Verdict.VIOLATION
    assert [other.vehicle.system for other in case.flight.others] == [1]
    assert "1/1" in str([str(issue.message) for issue in case.flight.issues if issue.code == "other_vehicles"])
    assert airspace(answer(stream(tmp_path), tmp_path, system=1)).verdict is Verdict.INCONCLUSIVE
    with pytest.raises(UnreadableInput, match="holds 1, 2"):
        answer(stream(tmp_path), tmp_path, system=3)


def test_where_no_vehicle_comes_near_all_is_clear(tmp_path):
    far = Options(zones=(zone_file(tmp_path, LON + 1.0),)).setup()
    assert airspace(dronecheck.answer(stream(tmp_path), far)).verdict is Verdict.CLEAR


@pytest.mark.parametrize("kind", [TRACKER, GCS])
def test_trackers_and_ground_stations_are_no_vehicles(tmp_path, kind):
    flight = dronecheck.read(stream(tmp_path, other_kind=kind))
    assert flight.others == ()
    assert airspace(answer(stream(tmp_path, other_kind=kind), tmp_path)).verdict is Verdict.CLEAR


def test_a_sender_of_positions_without_a_heartbeat_may_be_a_vehicle(tmp_path):
    assert airspace(answer(stream(tmp_path, beats=False), tmp_path)).reasons == (Reason.OTHER_VEHICLE,)


def test_an_audit_judges_those_that_have_the_system_and_the_rest_as_they_are(tmp_path):
    setup = Options(zones=(zone_file(tmp_path),), system=2).setup()
    both = read_input(open_input(stream(tmp_path)))
    assert _answer(both, setup, {})[2].check_of(Topic.AIRSPACE).verdict is Verdict.VIOLATION
    case = answer(stream(tmp_path), tmp_path)  # the judged one hovers: another flew
    assert no_flight(case.flight, case.result) == ""
    one = read_input(open_input(stream(tmp_path, both=False)))
    assert _answer(one, setup, {})[2].check_of(Topic.AIRSPACE).verdict is Verdict.CLEAR


def test_a_track_of_one_system_is_written(tmp_path, cli):
    out = tmp_path / "track.csv"
    assert cli("track", stream(tmp_path), "-o", out, "--system", "2")[0] == 0
    rows = out.read_text().splitlines()
    assert len(rows) == 101
    assert rows[-1].split(",")[3] == repr(round(LON + 99 * 0.0002, 7))
