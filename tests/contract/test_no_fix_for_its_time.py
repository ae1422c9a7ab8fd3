"""No position is left out for its time: whatever the clock does, an entry in the second half is never CLEAR.

A flight of two halves, of which the second enters a zone, is written in each format; then its times are repeated,
blanked, frozen, reversed, shuffled or set back, or two files are joined. Every position is still there.
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from dronecheck.airspace.zone import Zone, ZoneKind, ZoneSet, ZoneSource
from dronecheck.flight.user_clock import with_user_clock
from dronecheck.geo.outline.shape import Shape
from dronecheck.geofence.engine import check
from dronecheck.geofence.result import Reason, Topic, Verdict
from dronecheck.issues import Code, Severity
from dronecheck.readers import read_input
from dronecheck.report.case import Case
from dronecheck.report.export.result import write_result
from dronecheck.report.export.track import write_track
from dronecheck.report.figures import write_plots
from dronecheck.report.json.encode import encode, result_document
from dronecheck.report.page import page
from dronecheck.report.privacy import redact
from dronecheck.safe.io import Input
from tests.conftest import make_flight
from tests.support.airdata import HEADER
from tests.support.dat_writer import DatFile
from tests.support.dataflash_writer import Dataflash
from tests.support.scale import loops
from tests.support.tlog_writer import Tlog
from tests.support.ulog_writer import GPS, Ulog

sys.path.insert(0, str(Path(__file__).parents[2] / "samples"))  # its scripts write what no app here can
_dji_txt = import_module("_dji_txt")

ROWS, HALF = 120, 60
LAT, LON, STEP_DEG = 47.0, 8.0, 2e-4  # 15 m a second
START = datetime(2026, 5, 1, 10, tzinfo=UTC)
SOURCE = ZoneSource("z.geojson", "0" * 64)
AREA = Shape(shapely.box(LON + 80 * STEP_DEG, LAT - 0.01, LON + 100 * STEP_DEG, LAT + 0.01))
ZONES = ZoneSet((Zone("Z", "Z", ZoneKind.PROHIBITED, AREA, SOURCE),), (SOURCE,))

Times = list[float | None]  # seconds, a row each
Places = list[tuple[float, float]]


def _shuffled(times: Times) -> Times:
    return random.Random(20261129).sample(times, len(times))


SECOND = [float(row) for row in range(HALF, ROWS)]
MISHAPS: dict[str, Times] = {
    "as flown": [float(row) for row in range(ROWS)],
    "each time thrice": [float(row // 3) for row in range(ROWS)],
    "whole tens of seconds": [float(row // 10 * 10) for row in range(ROWS)],
    "one time": [5.0] * ROWS,
    "frozen from half on": [float(min(row, HALF)) for row in range(ROWS)],
    "starts again": [float(row % HALF) for row in range(ROWS)],
    "set back": [float(row if row < HALF else row - 10_000) for row in range(ROWS)],
    "second half reversed": [*map(float, range(HALF)), *reversed(SECOND)],
    "second half shuffled": [*map(float, range(HALF)), *_shuffled(list(SECOND))],
    "all shuffled": _shuffled([float(row) for row in range(ROWS)]),
    "halves exchanged": [float((row + HALF) % ROWS) for row in range(ROWS)],
    "every other jumps ahead": [float(row + 5_000 * (row % 2)) for row in range(ROWS)],
    "second half without": [float(row) if row < HALF else None for row in range(ROWS)],
    "the zone without": [None if 75 <= row < 105 else float(row) for row in range(ROWS)],
}
PLACES = [(LAT, LON + row * STEP_DEG) for row in range(ROWS)]


def stamp(time_s: float | None) -> str:
    return "" if time_s is None else f"{START + timedelta(seconds=time_s):%Y-%m-%dT%H:%M:%SZ}"


def gpx(times: Times, places: Places) -> tuple[str, bytes]:
    points = "".join(
        f'<trkpt lat="{lat}" lon="{lon:.6f}">{f"<time>{stamp(t)}</time>" if t is not None else ""}</trkpt>'
        for t, (lat, lon) in zip(times, places, strict=True)
    )
    head = '<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    return "a.gpx", f"{head}{points}</trkseg></trk></gpx>".encode()


def csv(times: Times, places: Places) -> tuple[str, bytes]:
    lines = [
        f"{'' if t is None else round(t * 1000)},{stamp(t).replace('T', ' ').rstrip('Z')},{lat},{lon:.6f},50,15,15,5"
        for t, (lat, lon) in zip(times, places, strict=True)
    ]
    return "a.csv", "\n".join([HEADER, *lines, ""]).encode()


def srt(times: Times, places: Places) -> tuple[str, bytes]:
    def cue(row: int, t: float | None, lat: float, lon: float) -> str:
        film = "no time" if t is None else f"{t // 3600:02.0f}:{t // 60 % 60:02.0f}:{t % 60:02.0f},000"
        place = f"[latitude: {lat}] [longitude: {lon:.6f}] [rel_alt: 50.000 abs_alt: 450.000]"
        return f"{row + 1}\n{film} --> 23:59:59,000\n{place}\n\n"

    cues = (cue(row, t, *place) for row, (t, place) in enumerate(zip(times, places, strict=True)))
    return "a.srt", "".join(cues).encode()


def igc(times: Times, places: Places) -> tuple[str, bytes]:
    rows = [
        f"B{START + timedelta(seconds=t or 0):%H%M%S}{int(lat):02d}{lat % 1 * 60_000:05.0f}N"
        f"{8:03d}{(lon - 8) * 60_000:05.0f}EA0050000550"
        for t, (lat, lon) in zip(times, places, strict=True)
    ]
    return "a.igc", "\r\n".join(["AXXX001", "HFDTE010526", "HFDTM100GPSDATUM:WGS-1984", *rows, ""]).encode()


def zll(times: Times, places: Places) -> tuple[str, bytes]:
    blocks = [
        f"--------- {START + timedelta(seconds=t or 0):%Y:%m:%d %H:%M:%S}.0  ---------\n"
        f" ----GPS卫星数:12, 精度:70.000000\n飞机坐标:(Lat:{lat:.6f},Lon:{lon:.6f}）\n飞行高度:50m \n\n\n"
        for t, (lat, lon) in zip(times, places, strict=True)
    ]
    return "a.txt", ("\n" + "".join(blocks)).encode()


def ulog(times: Times, places: Places) -> tuple[str, bytes]:
    log = Ulog()
    log.flags()
    log.topic("vehicle_gps_position", GPS, 1)
    for t, place in zip(times, places, strict=True):
        log.gps(0 if t is None else t + 20_000, *place, utc=0)
    return "a.ulg", log.bytes


def dataflash(times: Times, places: Places) -> tuple[str, bytes]:
    log = Dataflash()
    for t, place in zip(times, places, strict=True):
        log.gps(0 if t is None else t + 20_000, *place, week=0)
    return "a.bin", log.bytes


def tlog(times: Times, places: Places) -> tuple[str, bytes]:
    log = Tlog()
    log.beat(20_000)
    for t, place in zip(times, places, strict=True):
        log.gps(20_000 if t is None else t + 20_000, *place)
    return "a.tlog", bytes(log.bytes)


def dji_txt(times: Times, places: Places) -> tuple[str, bytes]:
    """Flight time and the phone's stamp both tell the time."""
    rows = [
        SimpleNamespace(
            number=row, time=START + timedelta(seconds=t + 20_000), elapsed_s=(t + 20_000) % 6_000, lat_deg=lat,
            lon_deg=lon, height_m=50.0, north_mps=0.0, east_mps=15.0, down_mps=0.0, speed_mps=15.0, distance_m=0.0,
            satellites=15, level=5, on_ground=False, battery_percent=80, home_lat_deg=LAT, home_lon_deg=LON,
        )
        for row, (t, (lat, lon)) in enumerate(zip(times, places, strict=True))
    ]  # fmt: skip
    return "a.txt", _dji_txt.record(rows)


def dji_dat(times: Times, places: Places) -> tuple[str, bytes]:
    log = DatFile()
    for t, place in zip(times, places, strict=True):
        log.gps(20_000 if t is None else t + 20_000, *place, at=None)
    return "a.DAT", log.bytes


WRITERS = {made.__name__: made for made in (gpx, csv, srt, igc, zll, ulog, dataflash, tlog, dji_txt, dji_dat)}
# A format whose every record has a time of its own cannot leave it out.
NEVER_BLANK = ("igc", "zll", "tlog", "dji_txt")


def read(name: str, data: bytes):
    return read_input(Input(Path(name), data, "0" * 64))


def answer(flight):
    return check(flight, ZONES).check_of(Topic.AIRSPACE).verdict


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("format_", WRITERS)
def test_an_entry_is_never_clear_whatever_the_times_are(format_, mishap):
    times = MISHAPS[mishap]
    if format_ in NEVER_BLANK and None in times:
        pytest.skip("each record of this format has a time")
    if format_ in ("srt", "csv") and any(t is not None and t < 0 for t in times):
        times = [None if t is None else t + 10_000 for t in times]  # a stopwatch has no sign
    flight = read(*WRITERS[format_](times, PLACES))
    assert answer(flight) is not Verdict.CLEAR
    assert len(flight.track) == ROWS, list(flight.issues)


@pytest.mark.parametrize("format_", ["srt", "ulog", "dataflash", "tlog", "zll", "csv", "dji_txt"])
def test_a_file_joined_of_two_holds_both_flights(format_):
    """Two files one behind the other, each with the same times; only the second enters the zone."""
    times = MISHAPS["as flown"]
    name, inside = WRITERS[format_](times, PLACES)
    _, outside = WRITERS[format_](times, [(lat - 0.05, lon) for lat, lon in PLACES])
    assert answer(read(name, inside)) is Verdict.VIOLATION
    assert answer(read(name, outside)) is Verdict.CLEAR
    joined = read(name, outside + inside)
    assert answer(joined) is not Verdict.CLEAR
    is_damaged = any(issue.severity is Severity.DAMAGE for issue in joined.issues)  # a head amid the records
    assert len(joined.track) >= 2 * ROWS - is_damaged


@pytest.mark.parametrize("format_", WRITERS)
def test_a_stray_fix_is_told_and_leaves_clear_and_more_than_two_rows_do_not(format_):
    """Out into the zone and back, 5 km in a second; where the reader merges rows at one place, they count as well."""
    outside = [(lat - 0.05, lon) for lat, lon in PLACES]
    for rows in (1, 2, 3, 5):
        places = [*outside[:60], *[PLACES[90]] * rows, *outside[60 + rows :]]
        flight = read(*WRITERS[format_](MISHAPS["as flown"], places))
        said = {issue.code for issue in flight.issues}
        result = check(flight, ZONES).check_of(Topic.AIRSPACE)
        if rows <= 2:
            assert (result.verdict, Code.STRAY_FIX in said) == (Verdict.CLEAR, True), rows
        else:
            assert (result.verdict, Code.IMPOSSIBLE_JUMP in said) == (Verdict.INCONCLUSIVE, True), rows
            assert Reason.LOG_SUSPECT in result.reasons


def test_what_starts_again_without_a_date_counts_on_and_a_start_time_dates_the_first_alone():
    name, data = srt(MISHAPS["starts again"], PLACES)
    flight = read(name, data)
    assert flight.track.part.tolist() == [0] * HALF + [1] * HALF
    assert (np.diff(flight.track.time_ns) > 0).all()
    dated = with_user_clock(flight, round(START.timestamp()) * 10**9, None)
    assert dated.track.is_timed.tolist() == [True] * HALF + [False] * HALF
    (found,) = (one for one in check(dated, ZONES).findings if one.verdict is Verdict.VIOLATION)
    assert (found.enter_ns, found.duration_s, found.flight) == (None, None, 1)


@pytest.mark.parametrize("mishap", list(MISHAPS)[:: loops(1, 4)])
def test_all_reports_can_be_made_and_state_no_time_that_nobody_knows(mishap, tmp_path):
    flight = read(*gpx(MISHAPS[mishap], PLACES))
    case = Case(flight, ZONES, check(flight, ZONES))
    seen = redact(case)
    document = json.loads(encode(result_document(seen), indent=False))
    assert len(document["flights"]) == int(flight.track.part[-1]) + 1
    for entry in document["findings"]:
        assert entry["enter_utc"] is None or flight.track.is_timed[entry["evidence"][0]["row"]]
    assert "<svg" in page(seen)
    assert write_plots(seen, tmp_path)
    write_track(flight, tmp_path / "track.csv")
    rows = (tmp_path / "track.csv").read_text().splitlines()[1:]
    assert [bool(row.split(",")[0]) for row in rows] == flight.track.is_timed.tolist()
    for suffix in (".geojson", ".kml", ".gpx", ".gpkg"):
        write_result(seen, tmp_path / f"out{suffix}")
        write_track(flight, tmp_path / f"track{suffix}")


@pytest.mark.parametrize("fixes", [1, 2])
def test_a_part_of_a_fix_or_two_accuses_nobody_and_clears_nobody(fixes):
    """What stands for the unknown time before and behind a part is no fix."""
    beside, inside = [LON] * 60, [LON + 90 * STEP_DEG] * fixes
    flight = make_flight([LAT] * (120 + fixes), [*beside, *inside, *beside], dt_s=0.2)
    track = flight.track.replace(part=[0] * 60 + [1] * fixes + [2] * 60)
    result = check(replace(flight, tracks={flight.primary: track}), ZONES)
    assert result.check_of(Topic.AIRSPACE).verdict is Verdict.INCONCLUSIVE
    assert {one.verdict for one in result.flights} == {result.verdict} == {Verdict.INCONCLUSIVE}
