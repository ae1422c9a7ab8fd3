"""Pictures and films that a DJI flight record tells, of the camera's records and of the app's, in every version."""

from __future__ import annotations

import struct
from datetime import timedelta

import numpy as np
import pytest

import dronecheck
from dronecheck.flight import EventKind
from dronecheck.issues import Severity
from dronecheck.readers import read
from dronecheck.timebase import utc_of
from tests.support.dji_writer import Lock, plain_records
from tests.support.media_maker import exif_of, jpeg, xmp_of

OSD, CUSTOM, CAMERA, COMPONENT = 1, 5, 25, 40
TAKES, FILMS = 0x08, 0x40


def flight_with(tmp_path, of_step, version=14):
    """The first records of the sample, with one record of the test's behind every OSD record; and where they are."""
    mixed, step, put = [], 0, []
    for record in plain_records()[:1200]:
        mixed.append(record)
        if record[0] == OSD:
            put.append(len(mixed))
            mixed.append(of_step(step))
            step += 1
    lock = Lock(version)
    path = lock.save(tmp_path / "a.txt", lock.write(mixed))
    flight = read(path)
    assert not [issue for issue in flight.issues if issue.severity is Severity.DAMAGE]
    return flight, [lock.offsets[number] for number in put]


def camera(state, room):
    return CAMERA, bytes([state]) + bytes(12) + struct.pack("<IIH", room, 3600, 0) + bytes(8)


def offsets(flight, kind):
    return [event.offset for event in flight.events if event.kind is kind]


@pytest.mark.parametrize("version", [13, 14])
def test_pictures_by_the_camera_one_each_however_it_is_shown(tmp_path, version):
    def of_step(step):
        room = 500 - (step >= 24) - (step >= 40) - (step >= 41)  # the first falls after its taking was seen
        return camera(TAKES if 20 <= step < 22 else 0, room)

    flight, at = flight_with(tmp_path, of_step, version)
    assert offsets(flight, EventKind.PHOTO) == [at[20], at[40], at[41]]
    times = [event.time_ns for event in flight.events if event.kind is EventKind.PHOTO]
    assert (times[1] - times[0]) / 1e9 == pytest.approx(20 * 0.2, abs=0.3)


def test_films_begin_and_end(tmp_path):
    flight, at = flight_with(tmp_path, lambda step: camera(FILMS if 10 <= step < 60 else 0, 500))
    told = [(event.offset, event.text) for event in flight.events if event.kind is EventKind.VIDEO]
    assert told == [(at[10], "films: yes"), (at[60], "films: no")]


def test_by_the_app_where_the_camera_says_nothing(tmp_path):
    def of_step(step):
        stamp = 1_777_000_000_000 + 200 * step
        return CUSTOM, struct.pack("<BBffQ", step in (30, 31), 50 <= step < 90, 0, 0, stamp) + b"\0"

    records = [record for record in plain_records()[:1200] if record[0] != CUSTOM]
    mixed, step, put = [], 0, []
    for record in records:
        mixed.append(record)
        if record[0] == OSD:
            put.append(len(mixed))
            mixed.append(of_step(step))
            step += 1
    lock = Lock()
    flight = read(lock.save(tmp_path / "a.txt", lock.write(mixed)))
    assert offsets(flight, EventKind.PHOTO) == [lock.offsets[put[30]]]
    assert offsets(flight, EventKind.VIDEO) == [lock.offsets[put[50]], lock.offsets[put[90]]]


def test_the_serial_number_of_the_flight_controller_where_nothing_else_has_one(tmp_path):
    records = plain_records()[:400]
    parts = [(COMPONENT, bytes([component, 0, 5]) + text) for component, text in ((1, b"CAM01"), (2, b"FC001"))]
    lock = Lock()
    data = lock.write([*parts, *records], details=bytes(400))
    assert read(lock.save(tmp_path / "a.txt", data)).vehicle.serial == "FC001"


@pytest.mark.parametrize("version", [13, 14])
@pytest.mark.parametrize(
    ("last", "wanted"), [(20, (123.4, -29.8, 0.3)), (12, None), (None, None)], ids=["fresh", "old", "zeros"]
)
def test_a_picture_tells_which_way_the_camera_looked(tmp_path, version, last, wanted):
    """Records of the gimbal in turn with the camera's; the picture is taken at step 21."""

    def of_step(step):
        if step % 2:
            return camera(TAKES if step == 21 else 0, 500)
        angles = (0, 0, 0) if last is None or step > last else (-298, 3, 1234)
        return 3, struct.pack("<3hB", *angles, 0x80) + bytes(5)

    flight, _ = flight_with(tmp_path, of_step, version)
    (event,) = [event for event in flight.events if event.kind is EventKind.PHOTO]
    assert event.camera_deg == (pytest.approx(wanted) if wanted else None)


@pytest.mark.parametrize(("yaw", "looks_there"), [(150.0, True), (330.0, False)])
def test_a_picture_without_a_direction_has_that_of_the_log(tmp_path, yaw, looks_there):
    """Taken over the Chinese bank; by its own file it may look anywhere."""

    def of_step(step):
        if step % 2:
            return camera(TAKES if step == 301 else 0, 500)
        return 3, struct.pack("<3hB", -100, 0, round(10 * yaw), 0x80) + bytes(5)

    flight, _ = flight_with(tmp_path, of_step)
    (event,) = [event for event in flight.events if event.kind is EventKind.PHOTO]
    row = int(np.searchsorted(flight.track.time_ns, event.time_ns))
    utc = utc_of(event.time_ns)
    gps = [(7, 5, [(utc.hour, 1), (utc.minute, 1), (utc.second, 1)]), (29, 2, f"{utc:%Y:%m:%d}")]
    place = float(flight.track.lat_deg[row]), float(flight.track.lon_deg[row])
    local = f"{utc + timedelta(hours=8):%Y:%m:%d %H:%M:%S}"
    more = [(0x9003, 2, local), (0x9011, 2, "+08:00"), (0xA405, 3, [24])]
    exif = exif_of(*place, gps=gps, exif=more, ifd0=[(0x10F, 2, "DJI"), (0x110, 2, "FC0000")])
    (tmp_path / "A.JPG").write_bytes(
        jpeg(
            exif=exif,
            xmp=xmp_of({"drone-dji:RelativeAltitude": f"+{flight.track.alt_home_m[row]:.1f}"}),
            size=(4000, 3000),
        )
    )

    def korea(**given):
        (answer,) = dronecheck.check_media(tmp_path / "A.JPG", settings=dronecheck.Settings(home="CHN"), **given)
        return answer, {t.relation.value for t in answer.territories if t.territory.iso_a3 == "PRK"}

    assert korea()[0].shot.item.pose is None
    answer, found = korea(logs=tmp_path / "a.txt")
    assert answer.shot.item.pose.yaw_deg == yaw
    assert ("LOOKS_INTO" in found) is looks_there
