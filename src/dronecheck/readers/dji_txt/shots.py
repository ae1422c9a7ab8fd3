"""When a DJI flight record says that pictures were taken, and when films began and ended.

The camera's own records (kind 25) go before the app's (CUSTOM), which some aircraft write alone:

     3    i16 @0 @2 @4 pitch, roll, yaw of the gimbal (0.1 degrees, yaw from north); all zero: none
    25    @0 bits 3-5 taking a picture, bits 6-7 filming, @13 u32 pictures that the card still has room for
    5     @0 not 0 while a picture is taken, @1 not 0 while it films
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import pairwise

from dronecheck.readers.dji_txt.records import DjiRecord

__all__ = ["CAMERA", "CAMERA_BYTES", "GIMBAL", "GIMBAL_BYTES", "Looked", "looked", "photos", "recordings"]

CAMERA, CAMERA_BYTES = 25, 17
GIMBAL, GIMBAL_BYTES = 3, 6
Looked = tuple[int, tuple[float, float, float]]  # a record's offset; yaw from north, pitch, roll in degrees
_ROOM = slice(13, 17)


def photos(custom: Sequence[DjiRecord], camera: Sequence[DjiRecord]) -> list[int]:
    """Return the offset of each record at which a picture was taken; one going on at the first record is none."""
    by_camera = _photos_of_camera(camera)
    if by_camera:
        return by_camera
    return [now.offset for before, now in pairwise(custom) if now.payload[0] and not before.payload[0]]


def _photos_of_camera(camera: Sequence[DjiRecord]) -> list[int]:
    """Return a place for each picture: where its taking begins, or the room falls by one and no beginning was seen."""
    found: list[int] = []
    begun = 0  # pictures that the room does not show yet
    for before, now in pairwise(camera):
        takes = bool(now.payload[0] & 0x38) and not before.payload[0] & 0x38
        falls = _room(before) - _room(now) == 1
        if takes:
            begun += 1
        if takes or (falls and not begun):
            found.append(now.offset)
        if falls and begun:
            begun -= 1
    return found


def _room(record: DjiRecord) -> int:
    return int.from_bytes(record.payload[_ROOM], "little")


def recordings(custom: Sequence[DjiRecord], camera: Sequence[DjiRecord]) -> list[tuple[int, bool]]:
    """Return where films begin (True) and end, by offset; one going on at the first record does not begin."""
    by_camera = _changes([(record.offset, bool(record.payload[0] & 0xC0)) for record in camera])
    return by_camera or _changes([(record.offset, record.payload[1] != 0) for record in custom])


def _changes(states: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    return [now for before, now in pairwise(states) if now[1] != before[1]]


def looked(gimbal: Sequence[DjiRecord]) -> list[Looked]:
    """Return which way the camera looked, by offset; records of zeros alone, or of angles that cannot be, are none."""
    found = []
    for record in gimbal:
        pitch, roll, yaw = struct.unpack_from("<3h", record.payload)
        if (pitch or roll or yaw) and abs(pitch) <= 1800 and abs(roll) <= 1800 and abs(yaw) <= 3600:
            found.append((record.offset, (yaw / 10, pitch / 10, roll / 10)))
    return found
