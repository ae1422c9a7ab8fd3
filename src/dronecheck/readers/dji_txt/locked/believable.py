"""What records of an encrypted file cannot say: a wrong key, vector or bit leaves noise that padding does not show.

Noise in one block of 16 bytes leaves the others right: each block with figures is held to what can be.
"""

from __future__ import annotations

import numpy as np

from dronecheck.arrays import Bools, Floats, Ints
from dronecheck.readers.dji_txt.locked.aes import Bytes

__all__ = ["believable", "is_rare", "middle_of"]

_OSD, _HOME, _CUSTOM, _APP_GPS = 1, 2, 5, 14
_UNKNOWN_HOMES_RAD = (100.0, 800_000.0)  # in both coordinates, before the first fix
_NEAR_RAD = 0.05  # 300 km: no flight of one record is longer
_LEAST_RAD, _LEAST_DEG = 1e-9, 1e-7  # nearer to zero, and not zero itself, is no place that anything measured
_FIRST_MS, _END_MS = 1_262_304_000_000, 4_102_444_800_000  # 2010 to 2100
_NEAR_MS = 86_400_000  # from the middle of all stamps of the file
_ANGLE_AT_MOST, _SPEED_AT_MOST = 1800, 1500  # tenths of a degree, of a metre a second
_SATELLITES_AT_MOST = 64
_FLY_TIME_STEP = 100  # tenths of a second between neighbours
_SAME_IN_MOST = 0.98  # of the records: then a byte stays the same in a file


def believable(kind: int, plain: Bytes, size: Ints, others: Floats) -> Bools | None:
    """Tell which records can be: `plain` are their first four blocks, (n, 64), `size` their lengths, (n,).

    `others` is the middle of the aircraft's places, (longitude, latitude) in radians, NaN where it is not known. None
    for a kind whose figures tell nothing.
    """
    with np.errstate(all="ignore"):
        if kind == _OSD:
            return _osd(plain, size, others)
        if kind == _HOME:
            return _home(_doubles(plain), others)
        if kind == _CUSTOM:
            return _custom(plain)
        if kind == _APP_GPS:
            pairs = _doubles(plain)
            is_small = (np.abs(pairs) < _LEAST_DEG) & (pairs != 0)
            return np.asarray((np.abs(pairs) <= 180).all(axis=1) & ~is_small.any(axis=1), dtype=np.bool_)
    return None


def middle_of(plain: Bytes) -> Floats:
    """Return the middle of the places of position records, (longitude, latitude) in radians; NaN where none has one."""
    with np.errstate(all="ignore"):
        pairs = _doubles(plain)
        pairs = pairs[_can_be(pairs) & (pairs != 0).any(axis=1)]
    if not len(pairs):
        return np.full(2, np.nan)
    return np.asarray(np.sort(pairs, axis=0)[len(pairs) // 2], dtype=np.float64)


def _doubles(plain: Bytes) -> Floats:
    return np.ascontiguousarray(plain[:, :16]).view("<f8").astype(np.float64)


def _can_be(pairs: Floats) -> Bools:
    """Tell which pairs (longitude, latitude), radians, are a place or both zero, (n,)."""
    lon, lat = np.abs(pairs).T
    is_small = ((np.abs(pairs) < _LEAST_RAD) & (pairs != 0)).any(axis=1)
    return np.asarray((lon <= np.pi) & (lat <= np.pi / 2) & ~is_small, dtype=np.bool_)


def _near(pairs: Floats, middle: Floats) -> Bools:
    """Tell which pairs lie near the middle, or are the zeros that stand for no place."""
    apart = np.abs(pairs - middle)
    apart[:, 0] = np.minimum(apart[:, 0], 2 * np.pi - apart[:, 0])  # across the date line
    is_zero = (pairs == 0).all(axis=1)
    return np.asarray((np.isnan(middle).any() | (apart <= _NEAR_RAD).all(axis=1)) | is_zero, dtype=np.bool_)


def _home(pairs: Floats, middle: Floats) -> Bools:
    is_unknown = (pairs[:, 0] == pairs[:, 1]) & np.isin(pairs[:, 0], _UNKNOWN_HOMES_RAD)
    return np.asarray(is_unknown | (_can_be(pairs) & _near(pairs, middle)), dtype=np.bool_)


def _osd(plain: Bytes, size: Ints, middle: Floats) -> Bools:
    pairs = _doubles(plain)
    shorts = np.ascontiguousarray(plain[:, 16:32]).view("<i2").astype(np.int64)
    moves = (np.abs(shorts[:, 1:4]) <= _SPEED_AT_MOST).all(axis=1)
    turns = (np.abs(shorts[:, 4:7]) <= _ANGLE_AT_MOST).all(axis=1)
    is_odd = is_rare(size) | _is_noise(plain)
    return np.asarray(_can_be(pairs) & _near(pairs, middle) & moves & turns & ~is_odd, dtype=np.bool_)


def _is_noise(plain: Bytes) -> Bools:
    """Tell where bytes 32 to 47 are noise, by two of three: satellites, flight time, a byte that stays the same."""
    fly_time = np.ascontiguousarray(plain[:, 42:44]).view("<u2").astype(np.int64)[:, 0]
    steps = np.abs(np.diff(fly_time)) > _FLY_TIME_STEP
    jumps = np.concatenate(([True], steps)) & np.concatenate((steps, [True]))
    many = plain[:, 36] > _SATELLITES_AT_MOST
    return np.asarray(jumps.astype(np.int64) + is_rare(plain[:, 47].astype(np.int64)) + many >= 2, dtype=np.bool_)


def _custom(plain: Bytes) -> Bools:
    """Hold stamps to the middle of all; a clock that was never set shows a year that noise does not."""
    millis = np.ascontiguousarray(plain[:, 10:18]).view("<u8")[:, 0]
    can_be = (millis >= _FIRST_MS) & (millis < _END_MS)
    if not can_be.any():
        return np.ones(len(plain), dtype=np.bool_)
    stamps = np.where(can_be, millis, 0).astype(np.int64)
    middle = int(np.sort(stamps[can_be])[int(can_be.sum()) // 2])
    return np.asarray((can_be & (np.abs(stamps - middle) <= _NEAR_MS)) | (millis < _FIRST_MS), dtype=np.bool_)


def is_rare(values: Ints) -> Bools:
    """Tell which values are another one than nearly all, (n,); none where nearly all are not the same."""
    found, counts = np.unique(values, return_counts=True)
    if not len(found) or counts.max() < _SAME_IN_MOST * len(values):
        return np.zeros(len(values), dtype=np.bool_)
    return np.asarray(values != found[counts.argmax()], dtype=np.bool_)
