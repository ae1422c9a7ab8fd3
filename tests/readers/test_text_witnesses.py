"""Witnesses of text logs: figures of each row in SI units, at the times of the tracks, and how lines are written."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import dronecheck
from dronecheck.flight import Deferred, Flight, Witness
from dronecheck.readers import choose
from dronecheck.readers.common.clock.one_axis import counted_on
from dronecheck.safe.io import open_input

FOOT_M, MPH_MPS = 0.3048, 0.44704


def read(path: Path) -> Flight:
    """As `read_input` does before the tests of a log against itself: then witnesses are let go."""
    source = open_input(path)
    return counted_on(choose(source.head, source.name).read(source))


def written(tmp_path: Path, name: str, text: str) -> Flight:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read(path)


def of(flight: Flight, name: str) -> Witness:
    return next(one for one in flight.witnesses if one.name == name)


def test_every_figure_of_a_flight_reader_table(repo):
    path = repo / "samples" / "founding_dandong_sinuiju_flightreader.csv"
    lines = path.read_text().splitlines()[1:]
    rows = list(csv.DictReader(lines))
    flight = read(path)
    for witness, column, cell, factor in (
        ("velocity", "vel_north_mps", "OSD.xSpeed [MPH]", MPH_MPS),
        ("velocity", "vel_east_mps", "OSD.ySpeed [MPH]", MPH_MPS),
        ("velocity", "vel_down_mps", "OSD.zSpeed [MPH]", MPH_MPS),
        ("velocity", "speed_mps", "OSD.hSpeed [MPH]", MPH_MPS),
        ("gnss", "satellites", "OSD.gpsNum", 1.0),
        ("gnss", "signal_level", "OSD.gpsLevel", 1.0),
        ("battery", "remaining_percent", "BATTERY.chargeLevel", 1.0),
        ("distances", "height_home_m", "OSD.height [ft]", FOOT_M),
        ("distances", "height_amsl_m", "OSD.altitude [ft]", FOOT_M),
        ("distances", "lat_deg", "OSD.latitude", 1.0),
        ("distances", "home_lon_deg", "HOME.longitude", 1.0),
        ("clocks", "boot_s", "OSD.flyTime [s]", 1.0),
    ):
        found = of(flight, witness).column(column)
        assert found == pytest.approx([float(row[cell]) * factor for row in rows], abs=1e-9), column
    armed = [row["OSD.isMotorOn"] == "True" for row in rows]
    assert of(flight, "state").column("armed").tolist() == armed
    flying = [row["OSD.isOnGround"] != "True" for row in rows]
    assert of(flight, "state").column("flying").tolist() == flying


def test_witnesses_share_the_tracks_time_and_places(repo):
    for path in sorted((repo / "samples").glob("*.csv")):
        flight = read(path)
        for one in flight.witnesses:
            assert np.all(np.diff(one.time_ns) >= 0)
            rows = np.searchsorted(one.offset, flight.track.offset)
            assert one.offset[rows].tolist() == flight.track.offset.tolist()
            assert one.time_ns[rows].tolist() == flight.track.time_ns.tolist()


def test_witnesses_move_with_the_parts_of_a_clock_without_a_date(shared):
    flight = read(shared / "cases" / "csv" / "d04_dronelog_restart.csv")
    one = of(flight, "distances")
    assert np.all(np.diff(one.time_ns) >= 0)
    rows = np.searchsorted(one.offset, flight.track.offset)
    assert one.time_ns[rows].tolist() == flight.track.time_ns.tolist()


AIRDATA = "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),speed(mph),distance(feet),{}\n"


def test_the_form_of_lines_and_twins(tmp_path):
    head = AIRDATA.format("flycState,message,distance(m),voltage(v),zSpeed(mph)")
    rows = [
        "0,2026-05-01 10:00:00,40.1000000,124.3000000,0,0,0,GPS,hello,0,0,1",
        '100,2026-05-01 10:00:00,40.10001,124.3000100,10,2,3.28084,GPS,"a, ""b""",1,15.2,1\r',
        "200,2026-05-01 10:00:00,40.1000200,124.3000200,20,,6.56168,GPS,1.58E+14,2,15.1,1",
        "200,2026-05-01 10:00:00,40.1000200,124.3000200,20,,6.56168,GPS,1.58E+14,2,15.1,1",
        "300,44927.5,40.1000300,124.3000300,30,4,9.84252,GPS,,3,,1",
        "",
    ]
    flight = written(tmp_path, "log.csv", head + "\n".join(rows))
    text = of(flight, "text")
    assert text.offset.tolist() == [2, 3, 4, 5, 6]
    assert text.column("length").tolist() == [len(row) for row in rows[:5]]
    assert text.column("line_end").tolist() == [0, 1, 0, 0, 0]
    assert text.column("quoted").tolist() == [0, 6, 0, 0, 0]
    assert text.column("fields").tolist() == [12, 13, 12, 12, 12]
    assert text.column("decimals_lat").tolist() == [7, 5, 7, 7, 7]
    assert text.column("scientific").tolist() == [0, 0, 1, 1, 0]
    assert text.column("first_same").tolist() == [0, 1, 2, 2, 4]
    assert text.column("day_numbers").tolist() == [0, 0, 0, 0, 1]
    shown = of(flight, "distances")
    assert shown.column("home_distance_m") == pytest.approx([0, 1, 2, 2, 3], abs=1e-5)
    assert shown.column("home_distance_m_again").tolist() == [0, 1, 2, 2, 3]
    assert shown.column("speed_mps")[[0, 1, 4]] == pytest.approx([0, 2 * MPH_MPS, 4 * MPH_MPS])
    assert np.isnan(shown.column("speed_mps")[2])
    assert np.isnan(of(flight, "battery").column("voltage_v")[0])  # 0 V is no figure
    assert "vel_down_mps" not in of(flight, "velocity").values  # its sign is not known in this dialect


def test_a_unit_that_is_not_known_makes_no_witness(tmp_path):
    head = AIRDATA.format("flycState").replace("distance(feet)", "distance(furlongs)")
    text = "".join(f"{100 * i},2026-05-01 10:00:0{i},40.1,124.{i},1,1,{i},GPS\n" for i in range(5))
    assert "home_distance_m" not in of(written(tmp_path, "log.csv", head + text), "distances").values


def test_columns_are_made_when_asked_for_and_once():
    asked = []

    def made() -> np.ndarray:
        asked.append(1)
        return np.array([1.0, 2.0])

    columns = Deferred({"a": made})
    one = Witness("velocity", "row", np.array([1, 2]), np.array([1, 2]), columns)
    assert "a" in one.values and "b" not in one.values and not asked
    assert one.has("a") and one.column("a").tolist() == [1, 2] and asked == [1]
    assert np.isnan(one.column("b")).all()


def test_subtitles(tmp_path):
    cue = (
        "{n}\n00:00:0{n},000 --> 00:00:0{m},000\nF/2.8, SS 320.0, ISO 100, EV -0.7, GPS (-121.745{n}, 48.0771, 17), "
        "HOME (-121.7450, 48.0770, 15), D {d}.50m, H 20.70m, H.S {n}.20m/s, V.S 0.00m/s\n\n"
    )
    flight = written(tmp_path, "film.SRT", "".join(cue.format(n=n, m=n + 1, d=10 + n) for n in range(1, 6)))
    shown = of(flight, "distances")
    assert shown.column("home_distance_m").tolist() == [11.5, 12.5, 13.5, 14.5, 15.5]
    assert shown.column("home_lat_deg").tolist() == [48.0770] * 5
    assert shown.column("home_lon_deg").tolist() == [-121.7450] * 5
    assert shown.column("lon_deg").tolist() == pytest.approx([-121.7451, -121.7452, -121.7453, -121.7454, -121.7455])
    assert of(flight, "velocity").column("speed_mps").tolist() == [1.2, 2.2, 3.2, 4.2, 5.2]
    assert of(flight, "gnss").column("satellites").tolist() == [17] * 5
    camera = of(flight, "camera")
    assert [camera.column(name)[0] for name in ("iso", "f_number", "ev")] == [100, 2.8, -0.7]
    assert shown.time_ns.tolist() == flight.track.time_ns.tolist()


def test_bracketed_subtitles(tmp_path):
    cue = (
        '{n}\n00:00:0{n},000 --> 00:00:0{m},000\n<font size="28">FrameCnt: {n}\n2026-05-27 13:14:2{n}.911\n'
        "[iso: 200] [shutter: 1/6400.0] [fnum: 1.8] [ev: -0.7] [focal_len: 24.00] [latitude: 53.36510{n}] "
        "[longitude: 6.460719] [rel_alt: 6.000 abs_alt: -122.769] [ct: 5263] </font>\n\n"
    )
    flight = written(tmp_path, "film.SRT", "".join(cue.format(n=n, m=n + 1) for n in range(1, 6)))
    camera = of(flight, "camera")
    wanted = {"iso": 200, "shutter_per_s": 6400, "f_number": 1.8, "ev": -0.7, "focal_mm": 24, "white_balance": 5263}
    assert {name: camera.column(name)[2] for name in wanted} == wanted
    assert of(flight, "distances").column("height_unframed_m").tolist() == [-122.769] * 5
    assert of(flight, "distances").column("height_home_m").tolist() == [6.0] * 5


def test_gpx_points(tmp_path):
    point = (
        '<trkpt lat="47.{n}" lon="8.0"><ele>400</ele><time>2026-05-01T10:00:0{n}Z</time><course>{n}0</course>'
        "<speed>{n}.5</speed><sat>9</sat><hdop>0.8</hdop></trkpt>"
    )
    points = "".join(point.format(n=n) for n in range(1, 6))
    flight = written(tmp_path, "a.gpx", f'<gpx version="1.0"><trk><trkseg>{points}</trkseg></trk></gpx>')
    receiver = of(flight, "gnss")
    assert receiver.column("course_deg").tolist() == [10, 20, 30, 40, 50]
    assert receiver.column("speed_mps").tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]
    assert receiver.column("satellites").tolist() == [9] * 5
    assert receiver.column("hdop").tolist() == [0.8] * 5
    assert receiver.offset.tolist() == flight.track.offset.tolist()
    assert receiver.time_ns.tolist() == flight.track.time_ns.tolist()


def test_igc_records(tmp_path):
    lines = ["AXXX001", "HFDTE010526", "I043638FXA3940SIU4143ENL4446TRT"]
    lines += [
        f"B10000{n}4700{n}00N00800000E{'V' if n == 3 else 'A'}0050{n}0060{n}00{n}0912{n}27{n}" for n in range(1, 6)
    ]
    flight = written(tmp_path, "a.igc", "\n".join(lines) + "\n")
    receiver, engine = of(flight, "gnss"), of(flight, "engine")
    assert receiver.column("eph_m").tolist() == [1, 2, 3, 4, 5]
    assert receiver.column("satellites").tolist() == [9] * 5
    assert receiver.column("course_deg").tolist() == [271, 272, 273, 274, 275]
    assert engine.column("noise").tolist() == [121, 122, 123, 124, 125]
    assert of(flight, "barometer").column("pressure_alt_m").tolist() == [501, 502, 503, 504, 505]
    assert len(flight.track) == 4  # one record is marked V: it has no fix, and speaks nevertheless
    assert np.all(np.diff(receiver.time_ns) == 1_000_000_000)


def test_witnesses_are_let_go_when_a_log_was_assessed(repo):
    flight = dronecheck.read(repo / "samples" / "clear_dandong.csv")
    assert flight.witnesses == ()
    assert flight.integrity is not None
