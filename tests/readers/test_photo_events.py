"""When a picture was taken, as each format records it: logs by the tests' own writers, MAVLink's by pymavlink."""

from pathlib import Path

import pytest
from pymavlink.dialects.v20 import all as dialect

from dronecheck.flight import EventKind, Flight
from dronecheck.readers import read_input
from dronecheck.safe.io import Input
from tests.support import dataflash_writer, tlog_writer, ulog_writer


def taken_s(data: bytes, name: str) -> list[float]:
    """Seconds from the first fix of the receiver to each picture."""
    flight: Flight = read_input(Input(Path(name), data, "0" * 64))
    first_ns = int(flight.tracks.get("gnss", flight.track).time_ns[0])
    return [round((e.time_ns - first_ns) / 1e9, 2) for e in flight.events if e.kind is EventKind.PHOTO]


CAM = (150, "QIHLLeeecccB", "TimeUS,GPSTime,GPSWeek,Lat,Lng,Alt,RelAlt,GPSAlt,Roll,Pitch,Yaw,I")


def dataflash(*rows: tuple[str, float]) -> bytes:
    log = dataflash_writer.flight()
    log.kinds |= {"CAM": CAM, "TRIG": (151, *CAM[1:])}
    for name in ("CAM", "TRIG"):
        log.define(name)
    for name, t_s in rows:
        log.row(name, round(t_s * 1e6), 0, 0, 47.0, 8.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0)
    return log.bytes


def test_dataflash_tells_the_cameras_answers_else_the_commands():
    assert taken_s(dataflash(("CAM", 11.5), ("CAM", 13.0)), "log.bin") == [1.5, 3.0]
    assert taken_s(dataflash(("TRIG", 11.0), ("TRIG", 12.5)), "log.bin") == [1.0, 2.5]
    assert taken_s(dataflash(("TRIG", 11.0), ("CAM", 11.2), ("TRIG", 12.5)), "log.bin") == [1.2]
    assert taken_s(dataflash(), "log.bin") == []


def ulog(*rows: tuple[str, float]) -> bytes:
    log = ulog_writer.flight()
    log.topic("camera_trigger", "uint64_t timestamp;uint32_t seq", 8)
    log.topic("camera_capture", "uint64_t timestamp;uint32_t seq", 9)
    for number, (name, t_s) in enumerate(rows):
        log.data(8 if name == "camera_trigger" else 9, round(t_s * 1e6), number)
    return log.bytes


def test_ulog_tells_captures_else_triggers():
    assert taken_s(ulog(("camera_capture", 12.0), ("camera_trigger", 11.9)), "log.ulg") == [2.0]
    assert taken_s(ulog(("camera_trigger", 11.5), ("camera_trigger", 14.5)), "log.ulg") == [1.5, 4.5]
    assert taken_s(ulog(("camera_trigger", 0.0)), "log.ulg") == []  # no time


@pytest.mark.parametrize("kinds", [("feedback",), ("trigger",), ("trigger", "feedback")])
def test_tlog_tells_the_cameras_answers_else_the_commands(kinds):
    log = tlog_writer.flight()
    for kind, late_s in zip(("trigger", "feedback"), (0.0, 0.2), strict=True):
        for number, t_s in enumerate((18.5, 20.0)) if kind in kinds else ():
            if kind == "trigger":
                message = dialect.MAVLink_camera_trigger_message(0, number)
            else:
                place = (470000000, 80000000, 100.0, 20.0, 0.0, 0.0, 0.0, 10.0, 0)
                message = dialect.MAVLink_camera_feedback_message(0, 1, 0, number, *place)
            log.add(t_s + late_s, message)
    late_s = 0.2 if "feedback" in kinds else 0.0
    assert taken_s(log.bytes, "log.tlog") == pytest.approx([8.5 + late_s, 10.0 + late_s], abs=0.11)


HEAD = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),"
    "altitude_above_seaLevel(feet),speed(mph),satellites,gpslevel,isPhoto,isVideo,flycState,message\n"
)


def test_the_mark_of_an_export_counts_where_it_begins():
    marks = [1, 0, 0, 1, 0, 1, 1, 0, 0, 1]  # the first stands there already; two rows in a row are one picture
    rows = [
        f"{1000 * row},2025-05-04 08:00:{row:02d},{47 + row * 1e-5:.6f},8.0,{row},100,5,15,5,{mark},0,P-GPS,\n"
        for row, mark in enumerate(marks)
    ]
    assert taken_s((HEAD + "".join(rows)).encode(), "log.csv") == [3.0, 5.0, 9.0]
