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
from dronecheck.geofence.result import Topic, Verdict
from dronecheck.readers import read_input
from dronecheck.report.case import Disclosure
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page import page
from dronecheck.report.privacy import redact
from dronecheck.safe.io import open_input
from dronecheck.settings import Options
from dronecheck.timebase import iso_utc
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


def test_each_vehicle_is_judged_as_a_flight_and_the_worst_is_the_logs(tmp_path):
    case = answer(stream(tmp_path), tmp_path)
    assert case.flight.vehicle.system == 1
    assert airspace(case).verdict is case.result.verdict is Verdict.VIOLATION
    (finding,) = case.result.findings
    assert (finding.verdict, finding.flight, finding.rows) == (Verdict.VIOLATION, 1, ())
    assert {entry.track for entry in finding.evidence} == {"2/fused"}
    assert case.result.check_of(Topic.BORDER).verdict is Verdict.CLEAR  # far from any, both of them
    document = json.loads(encode(result_document(redact(case)), indent=False))
    assert [(f["system"], f["verdict"], f["fixes"]) for f in document["flights"]] == [
        (1, "CLEAR", case.flight.track.__len__()), (2, "VIOLATION", 100),
    ]  # fmt: skip
    assert document["flights"][1]["start_utc"] == iso_utc(case.flight.others[0].track.time_at(0))
    assert document["findings"][0]["clauses"][0] == {"code": "of_system", "values": {"system": 2}}
    assert "2/1" in str([issue["message"] for issue in document["issues"]])


def test_the_finding_is_that_of_the_vehicle_alone(tmp_path):
    together, alone = answer(stream(tmp_path), tmp_path), answer(stream(tmp_path), tmp_path, system=2)
    (one,), (other,) = together.result.findings, alone.result.findings
    assert (one.enter_ns, one.entry, one.margin_m, one.depth_m) == (
        other.enter_ns, other.entry, other.margin_m, other.depth_m,
    )  # fmt: skip
    assert [e.offset for e in one.evidence] == [e.offset for e in other.evidence]


def test_every_report_is_written_of_a_finding_that_the_map_does_not_show(tmp_path, cli):
    path = stream(tmp_path)
    out = tmp_path / "plots"
    code, said, _ = cli(
        "check", path, "--zones", zone_file(tmp_path), "--plots", out, "--report", tmp_path / "p.html", "--export",
        tmp_path / "r.geojson",
    )  # fmt: skip
    assert code == 1
    assert "by another vehicle of the log, system 2" in " ".join(said.split())
    assert (out / "map.png").is_file()
    assert "system 2" in (tmp_path / "p.html").read_text()


def test_a_vehicle_that_knows_no_utc_has_no_instants_in_that_of_another(tmp_path):
    path = stream(tmp_path)
    flight = dronecheck.read(path)
    (other,) = flight.others
    unknown = replace(other, clock=replace(other.clock, utc_known=False))
    result = dronecheck.check(replace(flight, others=(unknown,)), load_zones([zone_file(tmp_path)]))
    assert result.findings[0].enter_ns is None
    assert result.verdict is Verdict.VIOLATION


def test_the_same_from_python(tmp_path):
    flight = dronecheck.read(stream(tmp_path))
    result = dronecheck.check(flight, load_zones([zone_file(tmp_path)]))
    assert result.check_of(Topic.AIRSPACE).verdict is Verdict.VIOLATION
    assert result.flight is flight


def test_no_issue_decides_it(tmp_path):
    flight = dronecheck.read(stream(tmp_path))
    bare = replace(flight, issues=(), others=tuple(replace(other, issues=()) for other in flight.others))
    assert dronecheck.check(bare, load_zones([zone_file(tmp_path)])).verdict is Verdict.VIOLATION


def test_one_system_is_asked_for(tmp_path):
    case = answer(stream(tmp_path), tmp_path, system=2)
    assert airspace(case).verdict is Verdict.VIOLATION
    assert case.flight.others == ()
    assert "1/1" in str([str(issue.message) for issue in case.flight.issues if issue.code == "other_vehicles"])
    document = json.loads(encode(result_document(redact(case)), indent=False))
    assert document["method"]["options"]["system"] == 2
    assert airspace(answer(stream(tmp_path), tmp_path, system=1)).verdict is Verdict.CLEAR
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
    assert airspace(answer(stream(tmp_path, beats=False), tmp_path)).verdict is Verdict.VIOLATION


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


def test_the_map_draws_the_other_vehicle_unless_places_are_hidden(tmp_path):
    case = answer(stream(tmp_path), tmp_path)
    assert 'class="beside"' in page(redact(case))
    assert redact(case, Disclosure(hide_home_m=50.0)).beside == ()
