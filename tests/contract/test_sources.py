"""Sources of one log against each other, in every format that has several: none is believed in silence.

A flight past a zone is written with one of its sources moved to the side, so that this one alone enters the zone.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.errors import UnreadableInput
from dronecheck.flight import Flight
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.issues import Code, Severity
from dronecheck.readers import read_input
from dronecheck.safe.io import Input
from tests.readers.csv_samples import DATCON_HEADER
from tests.support.dataflash_writer import FIRST_MS, WEEK, Dataflash
from tests.support.tlog_writer import Tlog
from tests.support.ulog_writer import GLOBAL, GPS, Ulog

ROWS, STEP_S = 200, 0.2
LAT, LON, DEG_M = 47.0, 8.0, 111_195.0
EAST_MPS = 12.0
SOURCE = ZoneSource("z.geojson", "0" * 64)

Place = tuple[float, float]
Way = Callable[[int], Place]


def way(north_m: float = 0.0, rows: range = range(ROWS), lag_s: float = 0.0) -> Way:
    """East along a parallel; so far to the north in these rows, and so late."""

    def place(row: int) -> Place:
        east_deg = EAST_MPS * (row * STEP_S - lag_s) / (DEG_M * 0.682)
        return LAT + (north_m if row in rows else 0.0) / DEG_M, LON + east_deg

    return place


def dataflash(receiver: Way, other: Way) -> bytes:
    log = Dataflash()
    for row in range(ROWS):
        log.gps(10 + row * STEP_S, *receiver(row))
        log.gpa(10 + row * STEP_S, 0.7, 1.0)
        log.pos(10.02 + row * STEP_S, *other(row))
    return log.bytes


def dataflash_receivers(receiver: Way, other: Way) -> bytes:
    log = Dataflash()
    for row in range(ROWS):
        log.gps(10 + row * STEP_S, *receiver(row), I=0)
        log.gps(10 + row * STEP_S, *other(row), I=1)
        log.gpa(10 + row * STEP_S, 0.7, 1.0)
        log.gpa(10 + row * STEP_S, 0.7, 1.0, instance=1)
    return log.bytes


def dataflash_three(receiver: Way, other: Way) -> bytes:
    """Two receivers and an estimate that goes with the first."""
    log = Dataflash()
    for row in range(ROWS):
        t_s = 10 + row * STEP_S
        log.gps(t_s, *receiver(row))
        log.pos(t_s, *receiver(row))
        log.row(
            "GPS2", round(t_s * 1e6), 3, FIRST_MS + round(t_s * 1e3), WEEK, 9, 0.5, *other(row), 100, 1.0, 0.0, 0.0, 1
        )
    return log.bytes


def ulog(receiver: Way, other: Way) -> bytes:
    log = Ulog()
    log.flags()
    log.topic("vehicle_gps_position", GPS, 1)
    log.topic("vehicle_global_position", GLOBAL, 2)
    for row in range(ROWS):
        log.gps(10 + row * STEP_S, *receiver(row), eph=0.8)
        log.fused(10.02 + row * STEP_S, *other(row))
    return log.bytes


def ulog_receivers(receiver: Way, other: Way) -> bytes:
    log = Ulog()
    log.flags()
    log.topic("sensor_gps", GPS, 1)
    log.topic("sensor_gps", GPS, 9, instance=1, define=False)
    for row in range(ROWS):
        log.gps(10 + row * STEP_S, *receiver(row))
        log.gps(10 + row * STEP_S, *other(row), msg_id=9)
    return log.bytes


def tlog_with(second: Callable[[Tlog, float, Place], object]) -> Callable[[Way, Way], bytes]:
    """A tlog of a receiver and of a second source, which adds its message at a time and a place."""

    def written(receiver: Way, other: Way) -> bytes:
        log = Tlog()
        for row in range(ROWS):
            t_s = 10 + row * STEP_S
            log.beat(t_s)
            log.clock(t_s)
            log.gps(t_s, *receiver(row), h_acc=700)
            second(log, t_s, other(row))
        return log.bytes

    return written


tlog = tlog_with(lambda log, t_s, place: log.fused(t_s + 0.02, *place))
tlog_receivers = tlog_with(lambda log, t_s, place: log.gps(t_s, *place, kind="GPS2_RAW"))


def datcon(receiver: Way, other: Way) -> bytes:
    lines = [DATCON_HEADER]
    for row in range(ROWS):
        (lat, lon), (lat2, lon2) = receiver(row), other(row)
        clock = f"2018-04-01T10:00:{row * STEP_S:04.1f}"[:19] + "Z"
        lines.append(
            f"{row},{1 + row * STEP_S:.3f},{lon2:.7f},{lat2:.7f},12.0,50.0,{lon:.7f},{lat:.7f},20180401,1000,{clock},"
            "400.0,0.9,14,P-GPS,"
        )
    return "\n".join([*lines, ""]).encode()


WRITERS = {
    "a.bin": dataflash, "two.bin": dataflash_receivers, "three.bin": dataflash_three, "a.ulg": ulog,
    "two.ulg": ulog_receivers, "a.tlog": tlog, "two.tlog": tlog_receivers, "datcon.csv": datcon,
}  # fmt: skip


def read(name: str, receiver: Way, other: Way) -> Flight:
    return read_input(Input(Path(name), WRITERS[name](receiver, other), "0" * 64))


def zones_at(north_m: float, half_m: float = 40.0) -> ZoneSet:
    east_deg = EAST_MPS * ROWS * STEP_S / (DEG_M * 0.682)
    lat = LAT + north_m / DEG_M
    area = shapely.box(LON + 0.3 * east_deg, lat - half_m / DEG_M, LON + 0.7 * east_deg, lat + half_m / DEG_M)
    return ZoneSet((Zone("Z", "Z", ZoneKind.PROHIBITED, Shape(area), SOURCE),), (SOURCE,))


def conflicts(flight: Flight) -> list[Severity]:
    return [issue.severity for issue in flight.issues if issue.code is Code.POSITION_CONFLICT]


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("north_m", [100.0, 195.0, 900.0])
@pytest.mark.parametrize("is_first_moved", [True, False])
def test_what_one_source_alone_says_is_open_and_both_are_told(name, north_m, is_first_moved):
    sources = (way(north_m), way()) if is_first_moved else (way(), way(north_m))
    flight = read(name, *sources)
    assert conflicts(flight) == [Severity.WARNING]  # sources that part are no sign of an edit by themselves
    result = check(flight, zones_at(north_m))
    (finding,) = result.findings
    assert finding.verdict is result.verdict is Verdict.INCONCLUSIVE
    assert Reason.SOURCES_DISAGREE in finding.reasons
    assert Reason.SOURCES_DISAGREE in result.check_of(Topic.AIRSPACE).reasons
    assert {a.track for a in finding.alternatives} <= set(flight.tracks)
    assert {a.verdict for a in finding.alternatives} == {Verdict.VIOLATION, Verdict.CLEAR}
    inside, outside = sorted(finding.alternatives, key=lambda a: a.margin_m)
    assert inside.margin_m == pytest.approx(-40, abs=2)
    assert outside.margin_m == pytest.approx(north_m - 40, rel=0.02)
    assert {evidence.track for evidence in finding.evidence} == {inside.track}


@pytest.mark.parametrize("name", WRITERS)
def test_what_all_sources_say_is_decided(name):
    flight = read(name, way(100.0), way())
    assert check(flight, zones_at(50.0, half_m=150.0)).verdict is Verdict.VIOLATION
    assert check(flight, zones_at(5_000.0)).verdict is Verdict.CLEAR


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("other", [
    way(3.0), way(lag_s=1.0), way(lag_s=-1.2), way(60.0, range(80, 84)), way(8.0, range(50, 120)),
], ids=["3 m off", "a second late", "early", "for less than a second", "8 m off for a while"])  # fmt: skip
def test_errors_and_an_offset_in_time_are_no_conflict(name, other):
    flight = read(name, way(), other)
    assert not conflicts(flight)
    assert not flight.rivals
    assert check(flight, zones_at(0.0)).verdict is Verdict.VIOLATION


@pytest.mark.parametrize("name", WRITERS)
def test_a_conflict_for_a_few_seconds_is_one(name):
    flight = read(name, way(), way(60.0, range(80, 100)))
    (issue,) = (issue for issue in flight.issues if issue.code is Code.POSITION_CONFLICT)
    assert issue.message.values["far_m"] == pytest.approx(60, abs=1)
    assert issue.message.values["seconds"] == pytest.approx(20 * STEP_S, abs=0.5)
    assert flight.rivals


def test_a_second_start_of_the_clock_is_held_against_its_own():
    """Two boots, of which each has both sources: the times of the second are those of the first again."""
    log = Dataflash()
    for north_m in (0.0, 2_000.0):
        for row in range(ROWS):
            lat, lon = way(north_m)(row)
            log.gps(10 + row * STEP_S, lat, lon, week=0)
            log.pos(10.02 + row * STEP_S, lat, lon)
    flight = read_input(Input(Path("boots.bin"), log.bytes, "0" * 64))
    assert len(set(flight.track.part.tolist())) == 2
    assert not conflicts(flight)


def test_a_source_whose_values_are_noise_is_no_source(shared):
    """No real log has sources apart but a damaged one; in two a companion computer plays a receiver, which is said."""
    told = {}
    for path in sorted((shared / "logs").rglob("*")):
        if path.suffix.lower() in {".ulg", ".bin", ".tlog"} and path.stat().st_size < 3_000_000:
            try:
                flight = read_input(Input(path, path.read_bytes(), "0" * 64))
            except UnreadableInput:
                continue
            if flight.rivals:
                told[path.name.split("__")[-1]] = flight.rivals
    assert set(told) <= {"corrupt_unregistered_msg_id.ulg"}
